r"""From a ridge density to a finite network, and what its sharpness is known to be before it is built.

Neurons are drawn from :math:`|\alpha|` on :math:`0<t<R`, more exactly from a piecewise linear fit p of it, and get the
amplitudes :math:`a_i=2\alpha/(kp)`: dividing by what was drawn from leaves no bias. Book: chapter 6.
"""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from scipy.special import betaincinv

from ..checks import Array, positive_number, whole_number
from ..networks import Neurons, ShallowReLU
from .radon import Gaussian, RidgeFunction, angular_gaussian, sphere_area

Method = Literal["qmc", "mc"]
Gauge = Literal["optimal", "balanced"]
ANGLES = 1024  # directions at which the mass of a planar density is tabulated


class SmoothFunction(RidgeFunction, Protocol):
    """A ridge function that knows its dimension: a :class:`~stableminima.functions.radon.Gaussian`, or an object of
    :mod:`stableminima.functions.ridge`.
    """

    dim: int


# ----------------------------------------------------------------------------------------------------- drawing neurons


def ridge_neurons(
    function: SmoothFunction, width: int, radius: float, method: Method = "qmc", seed: int = 0, cells: int = 128
) -> Neurons:
    r"""Neurons :math:`(a_i,u_i,t_i)`, :math:`0<t_i<R`, with :math:`\sum_ia_i\sigma(u_i\cdot x-t_i)\approx
    2\int_S\int_0^R\alpha\,\sigma(u\cdot x-t)\,dt\,du`, unbiased; :math:`\sum|a_i|` estimates the norm on
    :math:`|t|<R` likewise. Arguments as :func:`ridge_network`.
    """
    k, radius = whole_number(width, "width", 1), positive_number(radius, "radius")
    cells = whole_number(cells, "cells", 2)
    if method not in ("qmc", "mc"):
        raise ValueError(f'method must be "qmc" or "mc", got {method!r}')
    d = whole_number(function.dim, "function.dim", 1)
    q = _cube_points(k, d, method, seed)
    u, u_density, z = _draw_directions(function, q, radius, cells)
    t, t_density = np.empty(k), np.empty(k)
    for part in np.array_split(np.arange(k), -(-k * cells // 2**17)):  # tables that stay in the cache
        height = _fold_profile(function, u[part], radius, cells)
        t[part], t_density[part], _ = _draw_linear(height, z[part])
    t *= radius
    amplitude = 2 * sphere_area(d) * radius / k * function.ridge_density(u, t) / (u_density * t_density)
    return Neurons(amplitude, u, t)


def _cube_points(k: int, dims: int, method: Method, seed: int) -> Array:
    """``(k, dims)`` points of the open unit cube: scrambled Sobol points (the first k of a power of two) or random."""
    if method == "mc":
        return np.random.default_rng(seed).random((k, dims))
    from scipy.stats import qmc  # a third of a second: as much as the rest of the package

    points = qmc.Sobol(dims, scramble=True, rng=seed).random_base2(int(np.ceil(np.log2(k))))[:k]
    return np.clip(points, 1e-12, 1 - 1e-12)


def _fold_profile(function: SmoothFunction, u: Array, radius: float, cells: int) -> Array:
    """``|α(u, ·)|`` at the ends of ``cells`` cells of 0 ≤ t ≤ R, a row for each direction, and nowhere zero."""
    t = radius * np.linspace(0, 1, cells + 1)
    height = np.abs(function.ridge_density(u[:, None, :], t))
    return height + 1e-3 * height.mean(axis=1, keepdims=True) + np.finfo(float).tiny


def _draw_linear(height: Array, q: Array) -> tuple[Array, Array, Array]:
    """Draw from piecewise linear densities on [0, 1] by inversion: points, densities there, and masses, ``(k,)``.

    ``height`` holds the densities, up to a factor, at equally spaced nodes: ``(k, m + 1)``; ``q`` lies in (0, 1).
    """
    row, m = np.arange(len(height)), height.shape[1] - 1
    cumulative = np.cumsum((height[:, 1:] + height[:, :-1]) / (2 * m), axis=1)
    total = cumulative[:, -1]
    cell = np.minimum((cumulative < (q * total)[:, None]).sum(axis=1), m - 1)
    low, high = height[row, cell], height[row, cell + 1]
    need = (q * total - cumulative[row, cell]) * m + (low + high) / 2  # = ∫ over the part of the cell that is passed
    z = np.clip(2 * need / (low + np.sqrt(np.maximum(low**2 + 2 * (high - low) * need, 0))), 0, 1)
    return (cell + z) / m, (low + (high - low) * z) / total, total


def _draw_directions(function: SmoothFunction, q: Array, radius: float, cells: int) -> tuple[Array, Array, Array]:
    """Directions ``(k, d)``, their density relative to the uniform law, and the coordinate left for the offset."""
    k, d = q.shape
    if d == 1:
        mass = _fold_profile(function, np.array([[1.0], [-1.0]]), radius, cells).mean(axis=1)
        right = mass[0] / mass.sum()
        up = q[:, 0] < right
        left_over = np.where(up, q[:, 0] / right, (q[:, 0] - right) / (1 - right))
        return np.where(up, 1.0, -1.0)[:, None], 2 * np.where(up, right, 1 - right), left_over
    if d == 2:
        mass = _fold_profile(function, _circle(np.arange(ANGLES) / ANGLES), radius, cells).mean(axis=1)
        mass = np.append(mass, mass[0]) + 1e-3 * mass.mean()
        share, density, _ = _draw_linear(np.broadcast_to(mass, (k, ANGLES + 1)), q[:, 0])
        return _circle(share), density, q[:, 1]
    z = _uniform_directions(q[:, :-1])
    if isinstance(function, Gaussian):
        return *angular_gaussian(z, [function.covariance], [1.0]), q[:, -1]
    sampler = getattr(function, "direction_sampler", None)
    u, density = (z, np.ones(k)) if sampler is None else sampler(z)
    return u, density, q[:, -1]


def _circle(share: Array) -> Array:
    """Unit vectors at these shares of a turn, begun off the axes, where densities in closed form may be 0/0."""
    turn = 2 * np.pi * share + 0.001
    return np.column_stack([np.cos(turn), np.sin(turn)])


def _uniform_directions(q: Array) -> Array:
    """Cube points ``(k, d−1)`` to the sphere in d ≥ 2 dimensions, keeping volumes: heights are Beta distributed."""
    if q.shape[1] == 1:
        return _circle(q[:, 0])
    height = 2 * betaincinv(q.shape[1] / 2, q.shape[1] / 2, q[:, :1]) - 1
    return np.hstack([height, np.sqrt(1 - height**2) * _uniform_directions(q[:, 1:])])


# --------------------------------------------------------------------------------------------------------- the network


def ridge_network(
    function: SmoothFunction,
    width: int,
    radius: float,
    method: Method = "qmc",
    seed: int = 0,
    gauge: Gauge = "optimal",
    *,
    cells: int = 128,
) -> ShallowReLU:
    r"""A flat network for a smooth function on the ball :math:`\|x\|\le R`:

    .. math:: f_k(x)=f(0)+\nabla f(0)\cdot x+\sum_{i\le k}a_i\,\sigma(u_i\cdot x-t_i).

    The output bias is f(0); where :math:`\nabla f(0)\ne0`, two more neurons carry the linear part. A neuron drawn
    from :math:`|\alpha|` itself has :math:`|a_i|=A/k`, A the norm on :math:`|t|<R`.

    Args:
        function: with ``dim``, values, ``gradient`` and ``ridge_density``, such as a
            :class:`~stableminima.functions.radon.Gaussian` or an object of :mod:`stableminima.functions.ridge`.
        width: k, neurons that are drawn; a power of two is best for ``"qmc"``.
        radius: R of the ball that holds the inputs.
        method: ``"qmc"``, scrambled Sobol points, or ``"mc"``, independent neurons.
        seed: of the drawing.
        gauge: ``"optimal"``, :math:`\|w_i\|^2=|a_i|\sqrt{1+R^2}/(R-t_i)`, which minimises the bound on the sharpness;
            ``"balanced"``, :math:`\|w_i\|=|v_i|`.
        cells: of the piecewise linear fit of :math:`|\alpha(u,\cdot)|` that offsets are drawn from.

    Raises:
        ValueError: an argument out of range.

    Source: construction ours. Book: chapter 6, "From infinitely many neurons to finitely many".

    >>> net = ridge_network(Gaussian([0.0, 0.0]), 1024, 2.0)
    >>> bool(abs(net([[0.5, -0.5]])[0] - np.exp(-0.25)) < 0.01)
    True
    """
    a, u, t = ridge_neurons(function, width, radius, method, seed, cells)
    origin = np.zeros((1, u.shape[1]))
    slope = function.gradient(origin)[0]
    size = np.linalg.norm(slope)
    if size > 1e-12:
        a, t = np.append(a, [size, -size]), np.append(t, [0.0, 0.0])
        u = np.vstack([u, slope / size, -slope / size])
    return in_gauge(Neurons(a, u, t), float(function(origin)[0]), radius, gauge)


def in_gauge(neurons: Neurons, c: float, radius: float, gauge: Gauge = "optimal") -> ShallowReLU:
    r"""The network with these neurons and output bias c, parametrised as ``gauge`` says; see :func:`ridge_network`.

    Neurons of amplitude 0 and, in the optimal gauge, neurons that are off on the whole ball (:math:`t\ge R`), get
    the weight zero.
    """
    a, u, t = neurons
    if gauge not in ("optimal", "balanced"):
        raise ValueError(f'gauge must be "optimal" or "balanced", got {gauge!r}')
    room = np.maximum(radius - t, 0.0)
    squared = np.abs(a) if gauge == "balanced" else np.where(room > 0, np.abs(a) * np.hypot(1, radius), 0.0)
    length = np.sqrt(squared / np.where(room > 0, room, 1.0)) if gauge == "optimal" else np.sqrt(squared)
    v = np.divide(a, length, out=np.zeros_like(a), where=length > 0)
    return ShallowReLU(length[:, None] * u, -length * t, v, c)


# ---------------------------------------------------------------------------------------------------------- the bounds


def ridge_norm(function: SmoothFunction, radius: float, neurons: int = 2**14, cells: int = 128) -> float:
    r"""The norm on the ball, :math:`A=\int_S\int_{|t|<R}|\alpha(u,t)|\,dt\,du`, by quasi-Monte Carlo.

    >>> round(ridge_norm(Gaussian([0.0]), 1.0), 4)  # 2/√e
    1.2131
    """
    return float(np.abs(ridge_neurons(function, neurons, radius, cells=cells).amplitude).sum())


def sharpness_ceiling(function: SmoothFunction, radius: float, neurons: int = 2**14) -> float:
    r"""What bounds :math:`\|\nabla_\theta f_k(x)\|^2` on the ball, whatever the width, in the optimal gauge:

    .. math:: 1+2\sqrt{1+R^2}\Bigl(\int_S\int_{|t|<R}|\alpha|\,(R-|t|)\,dt\,du+R\,\|\nabla f(0)\|\Bigr).

    This is the mean over the drawing of the sum that the network has; :func:`sharpness_bound` holds for every drawing.
    """
    a, u, t = ridge_neurons(function, neurons, radius)
    slope = np.linalg.norm(function.gradient(np.zeros((1, u.shape[1])))[0])
    return float(1 + 2 * np.hypot(1, radius) * (np.abs(a) @ (radius - t) + radius * slope))


def sharpness_bound(function: SmoothFunction, radius: float, neurons: int = 2**14) -> float:
    r"""The a-priori bound :math:`1+2R\sqrt{1+R^2}\,(A+\|\nabla f(0)\|)` on the sharpness, for every width and sample.

    Book: chapter 6, "Flat at every width".
    """
    norm = ridge_norm(function, radius, neurons)
    slope = np.linalg.norm(function.gradient(np.zeros((1, function.dim)))[0])
    return float(1 + 2 * radius * np.hypot(1, radius) * (norm + slope))
