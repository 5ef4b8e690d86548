r"""From a stable step size to the function: the data weight, the stability norm and the chain of bounds.

.. math::

    S_g(f)=\sum_i|a_i|\,g(u_i,t_i)\le\sum_i|a_i|\,\tilde g(u_i,t_i)\le\tfrac12\bigl(\|\mathbb E\nabla f\|^2-1\bigr)
    \le\tfrac12(\lambda_{\max}-1)\le\tfrac1\eta-\tfrac12.

All but the last step hold for *every* network; the last one is linear stability. Book: chapters 2 (d = 1) and 3.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from .networks import (
    Array,
    Neurons,
    ShallowReLU,
    finite_array,
    input_points,
    positive_number,
    real_array,
    shallow,
    unit_rows,
)
from .stability import hessian_sharpness, scratch, shallow_sharpness

MERGE_TOLERANCE = 1e-12  # hyperplanes closer than this, relative to the size of (u, t), are the same


class _Activation(NamedTuple):
    """Over the sample, for each of m half-spaces: P(z > 0), E[z₊] and E[X 1(z > 0)], the last ``(m, d)``."""

    probability: Array
    mean_output: Array
    mean_input: Array

    @property
    def gradient_norm(self) -> Array:
        """Q = √(P² + ‖E[X1]‖²), the norm of the mean gradient by (w, b) at v = 1."""
        return np.sqrt(self.probability**2 + np.einsum("ij,ij->i", self.mean_input, self.mean_input))

    @property
    def weight(self) -> Array:
        return self.mean_output * self.gradient_norm


def _activation(X: Array, Z: Array) -> _Activation:
    return _means(X, np.maximum(Z, 0.0), (Z > 0).astype(np.float64))


def _means(X: Array, hidden: Array, active: Array) -> _Activation:
    """The activation from z₊ and the mask, both ``(n, m)``."""
    return _Activation(active.mean(axis=0), hidden.mean(axis=0), active.T @ X / len(X))


def _opposite(X: Array, Z: Array, activation: _Activation) -> _Activation:
    """The activation of −Z, without a second product: what is neither above nor on the hyperplane is below."""
    on = Z == 0
    mean_input = X.mean(axis=0) - activation.mean_input - (on.T.astype(np.float64) @ X / len(X) if on.any() else 0.0)
    below = np.negative(Z, out=scratch("below", Z.shape))
    return _Activation((Z < 0).mean(axis=0), np.maximum(below, 0.0, out=below).mean(axis=0), mean_input)


def _half_spaces(X: ArrayLike, direction: ArrayLike, offset: ArrayLike) -> tuple[Array, Array]:
    """Validated ``X`` and the signed distances ``u·x − t`` as ``(n, m)``."""
    X = input_points(X)
    direction = finite_array(np.atleast_2d(real_array(direction, "direction")), "direction", (None, X.shape[1]))
    offset = finite_array(np.atleast_1d(real_array(offset, "offset")), "offset", (len(direction),))
    return X, X @ unit_rows(direction).T - offset


def one_sided_weight(X: ArrayLike, direction: ArrayLike, offset: ArrayLike) -> Array:
    r"""The one-sided data weight over the sample ``X``, ``(m,)``:

    .. math:: \tilde g(u,t)=\mathbb E[(u\cdot X-t)_+]\,\sqrt{P(u\cdot X>t)^2+\|\mathbb E[X\,1(u\cdot X>t)]\|^2}.

    Args:
        X: the sample, ``(n, d)``.
        direction: unit vectors u, ``(m, d)``.
        offset: offsets t, ``(m,)``.

    Source: Nacson et al. 2023, as restated by Liang et al. 2025. Book: chapters 2 and 3.

    >>> one_sided_weight([[1.0], [3.0]], [[1.0]], [2.0])  # one point in two fires, at distance 1
    array([0.79056942])
    """
    return _activation(*_half_spaces(X, direction, offset)).weight


def data_weight(X: ArrayLike, direction: ArrayLike, offset: ArrayLike) -> Array:
    r"""The data weight :math:`g(u,t)=\min(\tilde g(u,t),\tilde g(-u,-t))`, ``(m,)``: a property of the hyperplane.

    Zero where no sample, or every sample, lies on one side. Arguments as :func:`one_sided_weight`.

    Source: Nacson et al. 2023. Book: chapter 3, "The data weight and the stability norm".
    """
    X, Z = _half_spaces(X, direction, offset)
    activation = _activation(X, Z)
    return np.minimum(activation.weight, _opposite(X, Z, activation).weight)


def merged_neurons(net: ShallowReLU) -> Neurons:
    r"""One neuron for each distinct hyperplane :math:`\{u\cdot x=t\}`, with the sum of the amplitudes on it.

    :math:`(u,t)` and :math:`(-u,-t)` are the same hyperplane and, since :math:`\sigma(z)=z+\sigma(-z)`, the same
    non-linearity: their amplitudes add. What remains is a property of the function (up to the orientation chosen and an
    affine function). Neurons with zero amplitude are left out.
    """
    neurons = shallow(net).neurons()
    first, amplitude = _merge(neurons)
    return Neurons(amplitude, neurons.direction[first], neurons.offset[first])


def _merge(neurons: Neurons) -> tuple[NDArray[np.intp], Array]:
    """One neuron of each distinct hyperplane, as indices, and the sums of the amplitudes."""
    used = np.flatnonzero(neurons.amplitude)
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
    return used[first], np.bincount(index, weights=neurons.amplitude[used], minlength=len(first))


def _weighted_sum(amplitude: Array, weight: Array) -> float:
    """Σ|a|g, in which a neuron of weight zero counts zero however large its amplitude (never 0·∞)."""
    return float(np.abs(amplitude[weight > 0]) @ weight[weight > 0])


def stability_norm(net: ShallowReLU, X: ArrayLike) -> float:
    r"""The stability norm :math:`S_g(f)=\sum|a_i|g(u_i,t_i)` over distinct hyperplanes (:func:`merged_neurons`).

    A property of the function, not of its parameters: unchanged by rescaling, splitting, permuting or flipping
    neurons (the affine remainder of a flip has norm 0) and by neurons that never or always fire on ``X``. At a
    linearly stable interpolating minimum it is at most :math:`1/\eta-1/2`. Where a sample lies exactly on a hyperplane
    g jumps, and rounding decides on which side it counts.

    Source: Nacson et al. 2023. Book: chapters 2 and 3.
    """
    X = input_points(X, shallow(net).dim)
    a, u, t = merged_neurons(net)
    return _weighted_sum(a, data_weight(X, u, t)) if len(a) else 0.0


def path_norm(net: ShallowReLU) -> float:
    r"""The plain path norm :math:`\sum_i|a_i|=\sum_i|v_i|\|w_i\|`, over the neurons as they are.

    Book: chapter 3, "The data weight and the stability norm".
    """
    return float(np.abs(shallow(net).neurons().amplitude).sum())


@dataclass(frozen=True)
class BoundChain:
    r"""Five numbers, each at most the next. Their differences are the slacks of the bound, from right to left:

    stability (``ceiling − half_sharpness``), (i) the top eigenvector is not constant (``half_sharpness −
    mean_gradient``), (ii) AM–GM (``mean_gradient − one_sided``), (iii) the better orientation (``one_sided −
    stability_norm``).
    """

    stability_norm: float
    one_sided: float
    mean_gradient: float
    half_sharpness: float
    ceiling: float | None

    @property
    def links(self) -> tuple[tuple[str, float], ...]:
        """``(name, value)`` in increasing order; without the ceiling if no step size was given."""
        names = ("stability_norm", "one_sided", "mean_gradient", "half_sharpness", "ceiling")
        return tuple((name, getattr(self, name)) for name in names if getattr(self, name) is not None)

    @property
    def holds(self) -> bool:
        """Whether each number is at most the next (up to 1e-9 relative). Only the last step can fail, off stability."""
        values = [value for _, value in self.links]
        return all(a <= b + 1e-9 * max(1.0, abs(b)) for a, b in itertools.pairwise(values))


def bound_chain(net: ShallowReLU, X: ArrayLike, step_size: float | None = None) -> BoundChain:
    r"""The chain of lower bounds on the sharpness, evaluated on a network and a sample:

    .. math:: S_g\le\sum_i|a_i|\tilde g(u_i,t_i)\le\tfrac12(\|\mathbb E\nabla f\|^2-1)
              \le\tfrac12(\lambda_{\max}-1)\le\tfrac1\eta-\tfrac12,

    .. math:: \|\mathbb E\nabla f\|^2
              =1+\sum_i\bigl\{\mathbb E[z_i^+]^2+v_i^2\bigl(P_i^2+\|\mathbb E[X1_i]\|^2\bigr)\bigr\}.

    Args:
        net: any shallow network; the chain up to ``half_sharpness`` needs no training and no interpolation.
        X: the sample, ``(n, d)``.
        step_size: η; gives the ceiling 1/η − 1/2, which holds where a stable interpolating minimum was reached.

    Where a sample lies exactly on a hyperplane g jumps, and rounding decides on which side it counts.

    Source: Nacson et al. 2023, as restated by Liang et al. 2025. Book: chapters 2 and 3.
    """
    ceiling = None if step_size is None else 1 / positive_number(step_size, "step_size") - 1 / 2
    X = input_points(X, shallow(net).dim)
    neurons = net.neurons()
    seen = X.any(axis=0)  # a pixel that is black in every image only costs time
    X, W = (X, net.W) if seen.all() else (X[:, seen], net.W[:, seen])
    shape = (len(X), net.width)
    Z = np.matmul(X, W.T, out=scratch("Z", shape))
    Z += net.b
    hidden = np.maximum(Z, 0.0, out=scratch("hidden", shape))
    active = np.greater(Z, 0.0, out=scratch("active", shape))
    activation = _means(X, hidden, active)
    z, Q = activation.mean_output, activation.gradient_norm
    first, amplitude = _merge(neurons)
    length = np.abs(neurons.amplitude[first] / net.v[first])  # ‖w‖, by which weights of (w, b) exceed those of (u, t)
    weight = np.minimum(activation.weight, _opposite(X, Z, activation).weight)[first] / length
    return BoundChain(
        stability_norm=_weighted_sum(amplitude, weight),
        one_sided=float((np.abs(net.v) * z * Q)[net.W.any(axis=1)].sum()),
        mean_gradient=float((z**2 + (net.v * Q) ** 2).sum()) / 2,
        half_sharpness=(shallow_sharpness(X, hidden, np.multiply(active, net.v, out=active)) - 1) / 2,
        ceiling=ceiling,
    )


def hessian_ceiling(net: ShallowReLU, X: ArrayLike, y: ArrayLike) -> float:
    r"""What the *full* loss Hessian allows where the residuals are not zero, an upper bound on ``half_sharpness``:

    .. math:: \tfrac12\bigl(\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)-1\bigr)\ \le\
              \tfrac12\bigl(\lambda_{\max}(\nabla^2L)-1\bigr)+\tfrac12\sqrt{1+R^2}\,\sqrt{2L},\qquad R=\max_j\|x_j\|,

    at parameters where no neuron switches on a sample.

    Source: Liang et al. 2025, with :math:`(R+1)\sqrt{2L}`; the smaller constant is ours. Book: chapter 3.
    """
    X = input_points(X, shallow(net).dim)
    residual = net(X) - finite_array(y, "y", (len(X),))
    radius = np.linalg.norm(X, axis=1).max()
    return float((hessian_sharpness(net, X, y) - 1) / 2 + np.sqrt((1 + radius**2) * np.mean(residual**2)) / 2)


# -------------------------------------------------------------------------------------------------------- d = 1


def univariate_weight(x: ArrayLike, points: ArrayLike) -> Array:
    r"""The data weight of the sample ``x`` at ``points``, in one dimension, ``(m,)``:

    .. math:: g(t)=\min(g^-(t),g^+(t)),\qquad g^+(t)=P(X>t)^2\,\mathbb E[X-t\,|\,X>t]\sqrt{1+\mathbb E[X\,|\,X>t]^2},

    :math:`g^-` its mirror image. Closed form over the sorted sample, O((n+m) log n); the case d = 1 of
    :func:`data_weight`, and written without conditional expectations it has no 0/0.

    Args:
        x: the sample, ``(n,)``.
        points: where to evaluate, ``(m,)``.

    Source: Mulayoff et al. 2021. Book: chapter 2.

    >>> univariate_weight([1.0, 3.0], [0.0, 2.0, 4.0])
    array([0.        , 0.35355339, 0.        ])
    """
    x = np.sort(input_points(x, 1, "x")[:, 0])
    points = finite_array(np.atleast_1d(real_array(points, "points")), "points", (None,))
    n, total = len(x), np.concatenate([[0.0], np.cumsum(x)])

    below = np.searchsorted(x, points, side="left")
    above = np.searchsorted(x, points, side="right")
    left = _one_side(below / n, total[below] / n, points, -1.0)
    right = _one_side((n - above) / n, (total[-1] - total[above]) / n, points, 1.0)
    return np.minimum(left, right)


def _one_side(probability: ArrayLike, mean: ArrayLike, points: Array, sign: float) -> Array:
    """g̃ from P(side) and E[X 1(side)]; the mean excess is sign·(E[X1] − tP)."""
    return np.maximum(sign * (mean - points * probability), 0.0) * np.hypot(probability, mean)


def second_derivative(net: ShallowReLU) -> tuple[Array, Array]:
    r"""The measure :math:`f''=\sum_i a_i\,\delta_{\tau_i}` of a network on the line: ``(knots, masses)``.

    A knot :math:`\tau_i=-b_i/w_i` is where the slope of f jumps, by :math:`a_i=v_i|w_i|`. Both arrays are ``(m,)``:
    neurons on one knot are merged, and the knots are sorted. Book: chapter 2.

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


Law = Literal["uniform", "gaussian", "laplace"]


def population_weight(law: Law, points: ArrayLike) -> Array:
    r"""The weight g of a whole population of mean 0 and variance 1 in place of a sample, ``(m,)``.

    With :math:`P=P(X>t)` and :math:`E=\mathbb E[X\,1(X>t)]`, :math:`g^+(t)=(E-tP)\sqrt{P^2+E^2}`; all three laws are
    even, so :math:`g(t)=g^+(|t|)`. For t ≥ 0: Gaussian :math:`P=1-\Phi(t),\ E=\varphi(t)`; uniform on
    :math:`[-\sqrt3,\sqrt3]` :math:`P=(\sqrt3-t)_+/2\sqrt3,\ E=(3-t^2)_+/4\sqrt3`; Laplace
    :math:`P=\frac12e^{-\sqrt2t},\ E=(t+1/\sqrt2)P`.

    Source: the three laws of Mulayoff et al. 2021; closed forms ours. Book: chapter 2.
    """
    t = np.abs(finite_array(np.atleast_1d(real_array(points, "points")), "points", (None,)))
    if law == "gaussian":
        probability, mean = ndtr(-t), np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)
    elif law == "uniform":
        probability = np.maximum(np.sqrt(3) - t, 0.0) / (2 * np.sqrt(3))
        mean = np.maximum(3 - t**2, 0.0) / (4 * np.sqrt(3))
    elif law == "laplace":
        probability = np.exp(-np.sqrt(2) * t) / 2
        mean = (t + np.sqrt(0.5)) * probability
    else:
        raise ValueError(f"law must be one of {get_args(Law)}, got {law!r}")
    return _one_side(probability, mean, t, 1.0)
