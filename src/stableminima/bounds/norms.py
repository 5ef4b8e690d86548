"""Norms of the function that a shallow network computes. Book: chapters 2, 3 and 8."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import Array, finite_array, input_points, positive_number
from ..networks import Neurons, ShallowReLU, shallow
from .weights import data_weight

MERGE_TOLERANCE = 1e-12  # hyperplanes closer than this, relative to the size of (u, t), are the same


def merged_neurons(net: ShallowReLU) -> Neurons:
    r"""One neuron for each distinct hyperplane :math:`\{u\cdot x=t\}`, with the sum of the amplitudes on it.

    :math:`(u,t)` and :math:`(-u,-t)` are the same hyperplane and, since :math:`\sigma(z)=z+\sigma(-z)`, the same
    non-linearity: their amplitudes add. What remains is a property of the function (up to the orientation chosen and an
    affine function). Neurons with zero amplitude are left out.

    Args:
        net: a shallow network.

    Returns:
        Amplitudes ``(m,)``, directions ``(m, d)`` and offsets ``(m,)`` of the m ≤ k hyperplanes.

    Raises:
        ValueError: another network.

    Source: ours. Book: chapter 3, "The data weight and the stability norm".

    >>> twice = ShallowReLU(W=[[1.0], [-2.0]], b=[-3.0, 6.0], v=[1.0, 2.0], c=0.0)  # one knot, at 3
    >>> merged_neurons(twice).amplitude
    array([5.])
    """
    neurons = shallow(net).neurons()
    first, amplitude = merge_hyperplanes(neurons)
    return Neurons(amplitude, neurons.direction[first], neurons.offset[first])


def merge_hyperplanes(neurons: Neurons) -> tuple[NDArray[np.intp], Array]:
    """One neuron of each distinct hyperplane, as indices, and the sums of the amplitudes."""
    used: NDArray[np.intp] = np.flatnonzero(neurons.amplitude)
    plane = np.column_stack([neurons.direction[used], neurons.offset[used]])
    scale = np.abs(plane).max(axis=1, initial=0.0)  # a norm would square, and overflow at |t| > 1e154
    functional = np.random.default_rng(0).normal(size=plane.shape[1])  # a generic one tells hyperplanes apart
    key, near = plane @ functional, MERGE_TOLERANCE * scale
    reach = near * np.abs(functional).sum()
    side, key = np.where(key < 0, -1.0, 1.0), np.abs(key)
    order = np.argsort(key)
    if (np.diff(key[order]) > reach[order[1:]]).all():
        return used, neurons.amplitude[used]
    plane *= side[:, None]
    group = np.arange(len(used))
    for position, i in enumerate(order):
        for j in order[:position][::-1]:
            if key[i] - key[j] > reach[i]:
                break
            if np.abs(plane[i] - plane[j]).max() <= near[i]:
                group[i] = group[j]
                break
    first, index = np.unique(group, return_inverse=True)
    sums = np.bincount(index, weights=neurons.amplitude[used], minlength=len(first))
    return used[first], sums.astype(np.float64, copy=False)


def weighted_sum(amplitude: Array, weight: Array) -> float:
    """Σ|a|g, in which a neuron of weight zero counts zero however large its amplitude (never 0·∞)."""
    return float(np.abs(amplitude[weight > 0]) @ weight[weight > 0])


def stability_norm(net: ShallowReLU, X: ArrayLike) -> float:
    r"""The stability norm :math:`S_g(f)=\sum|a_i|g(u_i,t_i)` over distinct hyperplanes (:func:`merged_neurons`).

    A property of the function, not of its parameters: unchanged by rescaling, splitting, permuting or flipping
    neurons (the affine remainder of a flip has norm 0) and by neurons that never or always fire on ``X``. At a
    linearly stable interpolating minimum it is at most :math:`1/\eta-1/2`. Where a sample lies exactly on a hyperplane
    g jumps, and rounding decides on which side it counts.

    Args:
        net: a shallow network; it need not be trained.
        X: the sample, ``(n, d)``.

    Returns:
        S_g, in the unit of the sharpness: its bound is that of ½(λ − 1).

    Raises:
        ValueError: another network; ``X`` does not fit it, or holds NaN or infinity.

    Source: Nacson et al. 2023. Book: chapters 2 and 3.

    >>> kink = ShallowReLU(W=[[1.0]], b=[-2.0], v=[3.0], c=0.0)  # amplitude 3, and g(2) = 1/√8
    >>> round(stability_norm(kink, [1.0, 3.0]), 6)
    1.06066
    """
    X = input_points(X, shallow(net).dim)
    a, u, t = merged_neurons(net)
    return weighted_sum(a, data_weight(X, u, t)) if len(a) else 0.0


def path_norm(net: ShallowReLU) -> float:
    r"""The plain path norm :math:`\sum_i|a_i|=\sum_i|v_i|\|w_i\|`, over the neurons as they are.

    Args:
        net: a shallow network.

    Returns:
        The norm; no data and no biases enter.

    Raises:
        ValueError: another network.

    Source: classical. Book: chapter 3, "The data weight and the stability norm".

    >>> path_norm(ShallowReLU(W=[[3.0, 4.0]], b=[1.0], v=[2.0], c=0.0))
    10.0
    """
    return float(np.abs(shallow(net).neurons().amplitude).sum())


def second_derivative(net: ShallowReLU) -> tuple[Array, Array]:
    r"""The measure :math:`f''=\sum_i a_i\,\delta_{\tau_i}` of a network on the line: ``(knots, masses)``.

    A knot :math:`\tau_i=-b_i/w_i` is where the slope of f jumps, by :math:`a_i=v_i|w_i|`.

    Args:
        net: a shallow network with one input.

    Returns:
        Knots and masses, ``(m,)`` each: neurons on one knot are merged, and the knots are sorted.

    Raises:
        ValueError: another network, or more inputs.

    Source: Mulayoff et al. 2021. Book: chapter 2.

    >>> tent = ShallowReLU(W=[[1.0], [-1.0], [1.0]], b=[1.0, 0.0, -1.0], v=[1.0, -2.0, 1.0], c=0.0)
    >>> knots, masses = second_derivative(tent)
    >>> knots.tolist(), masses.tolist()
    ([-1.0, 0.0, 1.0], [1.0, -2.0, 1.0])
    """
    if shallow(net).dim != 1:
        raise ValueError(f"the second derivative is a measure on the line, so net must have one input, got {net.dim}")
    mass, direction, offset = merged_neurons(net)
    knot = direction[:, 0] * offset
    order = np.argsort(knot)
    return knot[order] + 0.0, mass[order]


def line_norm(net: ShallowReLU, radius: float) -> float:
    r"""The norm :math:`[f]` of a network of one variable on :math:`[-R,R]`, at most its path norm:

    .. math:: [f]=\max\bigl(V,\tfrac12(V+|S|)\bigr),\quad V=\mathrm{TV}(f'),\quad S=f'(-R)+f'(R).

    Args:
        net: a shallow network with one input.
        radius: R > 0.

    Returns:
        The norm.

    Raises:
        ValueError: another network, more inputs, R is not positive.

    On the whole line no neuron is on everywhere, and the formula is :math:`\max(V,|S|)` (Savarese et al. 2019); here
    one whose knot is at −R counts twice in S, hence the half. The two differ where :math:`|S|>V`.

    Source: ours. Book: chapter 8, "On the line".

    >>> tent = ShallowReLU(W=[[1.0], [1.0], [1.0]], b=[1.0, 0.0, -1.0], v=[1.0, -2.0, 1.0], c=0.0)
    >>> line_norm(tent, 2.0)
    4.0
    >>> line_norm(ShallowReLU(W=[[1.0]], b=[2.0], v=[1.0], c=-2.0), 2.0)  # f(x) = x: 2 on the whole line
    1.0
    """
    radius = positive_number(radius, "radius")
    knots, masses = second_derivative(net)
    variation = float(np.abs(masses[np.abs(knots) < radius]).sum())
    on = net.W * np.array([-radius, radius]) + net.b[:, None]
    moving_in = (on > 0) | ((on == 0) & (net.W * [1.0, -1.0] > 0))  # the one-sided slope from inside
    slopes = float(((net.v * net.W[:, 0])[:, None] * moving_in).sum())
    return max(variation, (variation + abs(slopes)) / 2)


def cheapest_bends(x: ArrayLike, y: ArrayLike, knots: ArrayLike, cost: ArrayLike) -> tuple[float, Array]:
    r"""The interpolant on the line whose bends cost least, with knots on a grid.

    .. math:: \min\sum_\tau\gamma_\tau|m_\tau|\quad\text{over}\quad f(x)=\alpha+\beta x+\sum_\tau m_\tau(x-\tau)_+,
              \ f(x_j)=y_j .

    ``cost`` 1 is weight decay with free biases (if slopes are free, as for :math:`f'(-R)+f'(R)=0`),
    :math:`\sqrt{1+\tau^2}` with penalised biases, and the data weight g the stability norm.

    Args:
        x: inputs, ``(n,)``.
        y: values there, ``(n,)``.
        knots: grid, ``(m,)``.
        cost: γ ≥ 0 of a unit bend at each knot, ``(m,)``.

    Returns:
        The least cost, and the masses of its bends, ``(m,)``.

    Raises:
        ValueError: shapes that do not fit, a negative cost, knots with which no function interpolates.

    Source: ours. Book: chapter 8, "The bridge".

    >>> cheapest_bends([-1, 0, 1], [0, 1, 0], knots=[0.0], cost=[3.0])
    (6.0, array([-2.]))
    """
    x = finite_array(x, "x", (None,))
    y, knots = finite_array(y, "y", x.shape), finite_array(knots, "knots", (None,))
    cost = finite_array(cost, "cost", knots.shape)
    if not (cost >= 0).all():
        raise ValueError(f"cost must be at least 0, its smallest entry is {cost.min()}; pass prices of bends")
    from scipy.optimize import linprog  # slow to import, and needed here only

    bends, m = np.maximum(x[:, None] - knots, 0.0), len(knots)
    found = linprog(
        np.concatenate([cost, cost, [0.0, 0.0]]),
        A_eq=np.column_stack([bends, -bends, np.ones(len(x)), x]),
        b_eq=y,
        bounds=[(0, None)] * (2 * m) + [(None, None)] * 2,
    )
    if found.status != 0 or found.x is None or found.fun is None:
        raise ValueError(f"no function with these knots interpolates ({found.message}); refine knots")
    return float(found.fun), found.x[:m] - found.x[m : 2 * m]


def weight_decay_value(net: ShallowReLU) -> float:
    r"""What weight decay makes small, :math:`\tfrac12\sum_i(v_i^2+\|w_i\|^2)`.

    It is at least the path norm, and equal to it if :math:`|v_i|=\|w_i\|` for every neuron; biases are free.

    Args:
        net: a shallow network.

    Returns:
        The value.

    Raises:
        ValueError: another network.

    Source: classical. Book: chapter 8, "The norm".

    >>> weight_decay_value(ShallowReLU(W=[[3.0, 4.0]], b=[1.0], v=[2.0], c=0.0))  # the path norm is 10
    14.5
    """
    return float((shallow(net).v ** 2).sum() + (net.W**2).sum()) / 2
