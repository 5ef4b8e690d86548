"""The data weight g of a hyperplane: over a sample, on the line, and for whole populations. Book: chapters 2 and 3."""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, gamma, ndtr

from ..checks import Array, finite_array, input_points, positive_number, real_array, unit_rows, whole_number
from ..stability.kernel import scratch


class Activation(NamedTuple):
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
        """The one-sided data weight, E[z₊] Q."""
        return self.mean_output * self.gradient_norm


def activation_of(X: Array, Z: Array) -> Activation:
    """The activation of the half-spaces where the signed distances ``Z`` ``(n, m)`` are positive."""
    return activation_means(X, np.maximum(Z, 0.0), (Z > 0).astype(np.float64))


def activation_means(X: Array, hidden: Array, active: Array) -> Activation:
    """The activation from z₊ and the mask, both ``(n, m)``."""
    return Activation(active.mean(axis=0), hidden.mean(axis=0), active.T @ X / len(X))


def opposite_activation(X: Array, Z: Array, activation: Activation) -> Activation:
    """The activation of −Z, without a second product: what is neither above nor on the hyperplane is below."""
    on = Z == 0
    mean_input = X.mean(axis=0) - activation.mean_input - (on.T.astype(np.float64) @ X / len(X) if on.any() else 0.0)
    below = np.negative(Z, out=scratch("below", Z.shape))
    return Activation((Z < 0).mean(axis=0), np.maximum(below, 0.0, out=below).mean(axis=0), mean_input)


def half_spaces(X: ArrayLike, direction: ArrayLike, offset: ArrayLike) -> tuple[Array, Array]:
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

    Returns:
        g̃, ``(m,)``, in the unit of the inputs (and of its square, far from the origin).

    Raises:
        ValueError: directions that are not of length 1, NaN or infinity, shapes that do not fit.

    Source: Nacson et al. 2023, as restated by Liang et al. 2025. Book: chapters 2 and 3.

    >>> one_sided_weight([[1.0], [3.0]], [[1.0]], [2.0])  # one point in two fires, at distance 1
    array([0.79056942])
    """
    return activation_of(*half_spaces(X, direction, offset)).weight


def data_weight(X: ArrayLike, direction: ArrayLike, offset: ArrayLike) -> Array:
    r"""The data weight :math:`g(u,t)=\min(\tilde g(u,t),\tilde g(-u,-t))`, ``(m,)``: a property of the hyperplane.

    Zero where no sample, or every sample, lies on one side.

    Args:
        X: the sample, ``(n, d)``.
        direction: unit vectors u, ``(m, d)``.
        offset: offsets t, ``(m,)``.

    Returns:
        g, ``(m,)``.

    Raises:
        ValueError: directions that are not of length 1, NaN or infinity, shapes that do not fit.

    Source: Nacson et al. 2023. Book: chapter 3, "The data weight and the stability norm".

    >>> data_weight([[1.0], [3.0]], [[1.0]], [2.0])  # the other point, nearer to the origin, is the cheaper one
    array([0.35355339])
    """
    X, Z = half_spaces(X, direction, offset)
    activation = activation_of(X, Z)
    return np.minimum(activation.weight, opposite_activation(X, Z, activation).weight)


# -------------------------------------------------------------------------------------------------------- d = 1


def univariate_weight(x: ArrayLike, offset: ArrayLike) -> Array:
    r"""The data weight of the sample ``x`` at ``offset``, in one dimension, ``(m,)``:

    .. math:: g(t)=\min(g^-(t),g^+(t)),\qquad g^+(t)=P(X>t)^2\,\mathbb E[X-t\,|\,X>t]\sqrt{1+\mathbb E[X\,|\,X>t]^2},

    :math:`g^-` its mirror image. Closed form over the sorted sample, O((n+m) log n); the case d = 1 of
    :func:`data_weight`, and written without conditional expectations it has no 0/0.

    Args:
        x: the sample, ``(n,)``.
        offset: where to evaluate, ``(m,)``: positions t of knots.

    Returns:
        g, ``(m,)``.

    Raises:
        ValueError: no sample, NaN or infinity.

    Source: Mulayoff et al. 2021. Book: chapter 2.

    >>> univariate_weight([1.0, 3.0], [0.0, 2.0, 4.0])
    array([0.        , 0.35355339, 0.        ])
    """
    x = np.sort(input_points(x, 1, "x")[:, 0])
    t = finite_array(np.atleast_1d(real_array(offset, "offset")), "offset", (None,))
    n, total = len(x), np.concatenate([[0.0], np.cumsum(x)])

    below = np.searchsorted(x, t, side="left")
    above = np.searchsorted(x, t, side="right")
    left = _one_side(below / n, total[below] / n, t, -1.0)
    right = _one_side((n - above) / n, (total[-1] - total[above]) / n, t, 1.0)
    return np.minimum(left, right)


def _one_side(probability: Array, mean: Array, t: Array, sign: float) -> Array:
    """g̃ from P(side) and E[X 1(side)]; the mean excess is sign·(E[X1] − tP)."""
    return np.maximum(sign * (mean - t * probability), 0.0) * np.hypot(probability, mean)


# ------------------------------------------------------------------------------------------------- whole populations

Law = Literal["gaussian", "ball", "uniform", "laplace"]


class Tail(NamedTuple):
    """Of Z = u·X and t ≥ 0, entry by entry: the density at t, P(Z > t) and E[Z 1(Z > t)]."""

    density: Array
    probability: Array
    mean: Array


def tail_of(law: Law, dim: int, t: Array) -> Tail:
    """The tail at t ≥ 0 of a projection of one of the four laws in ``dim`` dimensions."""
    if law not in get_args(Law):
        raise ValueError(f"law must be one of {get_args(Law)}, got {law!r}")
    if law in ("uniform", "laplace") and dim != 1:
        raise ValueError(f"law {law!r} is one of the line, dim must be 1, got {dim}; take gaussian or ball")
    if law == "gaussian":
        density = np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)
        return Tail(density, ndtr(-t), density)
    if law == "laplace":
        probability = np.exp(-np.sqrt(2) * t) / 2
        return Tail(np.sqrt(2) * probability, probability, (t + np.sqrt(0.5)) * probability)
    if law == "uniform":  # the ball of the line, of variance 1
        density, probability, mean = tail_of("ball", 1, t / np.sqrt(3))
        return Tail(density / np.sqrt(3), probability, np.sqrt(3) * mean)
    inside = np.maximum(1 - t**2, 0.0)
    density = gamma(dim / 2 + 1) / (np.sqrt(np.pi) * gamma((dim + 1) / 2)) * inside ** ((dim - 1) / 2)
    return Tail(density * (t < 1), betainc((dim + 1) / 2, 0.5, inside) / 2, density * inside / (dim + 1))


def population_weight(law: Law, offset: ArrayLike, dim: int = 1, scale: float = 1.0) -> Array:
    r"""The data weight of a whole isotropic population in place of a sample:

    .. math:: g(t)=\mathbb E[(Z-t)_+]\sqrt{P(Z>t)^2+\mathbb E[Z\,1(Z>t)]^2}\quad\text{at }|t|,\qquad Z=u\cdot X.

    With P and :math:`E=\mathbb E[Z1(Z>t)]` it is :math:`(E-tP)\sqrt{P^2+E^2}`. For t ≥ 0: Gaussian
    :math:`P=1-\Phi(t),\ E=\varphi(t)`, whatever ``dim``; unit ball
    :math:`P=\frac12I_{1-t^2}(\frac{d+1}2,\frac12)`, :math:`E=p_d(1-t^2)^{(d+1)/2}/(d+1)` with
    :math:`p_d=\Gamma(\frac d2+1)/(\sqrt\pi\,\Gamma(\frac{d+1}2))`, so that :math:`g\sim C_d(1-|t|)^{d+2}` at the
    boundary; uniform on :math:`[-\sqrt3,\sqrt3]` :math:`P=(\sqrt3-t)_+/2\sqrt3,\ E=(3-t^2)_+/4\sqrt3`; Laplace
    :math:`P=\frac12e^{-\sqrt2t},\ E=(t+1/\sqrt2)P`.

    Args:
        law: ``"gaussian"``, N(0, I); ``"ball"``, uniform on the unit ball; on the line also ``"uniform"`` and
            ``"laplace"``, of variance 1.
        offset: where to evaluate, ``(m,)`` or one number, in the unit of the inputs.
        dim: number of inputs d; 1 for ``"uniform"`` and ``"laplace"``.
        scale: s > 0, by which the inputs are multiplied: N(0, s²I), the ball of radius s.

    Returns:
        g, ``(m,)``.

    Raises:
        ValueError: another law, a law of the line in more dimensions, a scale that is not positive.

    Source: the laws of the line of Mulayoff et al. 2021; closed forms ours. Book: chapter 2, and chapter 3, "What the
    dimension does".

    >>> population_weight("laplace", [0.0]).round(12), population_weight("ball", 0.0, dim=3).round(12)
    (array([0.21650635]), array([0.10012504]))
    """
    t = np.abs(finite_array(np.atleast_1d(real_array(offset, "offset")), "offset", (None,)))
    dim, scale = whole_number(dim, "dim", 1), positive_number(scale, "scale")
    _, probability, mean = tail_of(law, dim, t / scale)
    return _one_side(probability, scale * mean, t, 1.0)


def isotropic_weight(law: Law, dim: int, offset: ArrayLike, scale: float = 1.0) -> Array:
    r"""The data weight of a whole isotropic population: :func:`population_weight` with the dimension first.

    Args:
        law: as there.
        dim: number of inputs d.
        offset: where to evaluate, ``(m,)`` or one number.
        scale: s > 0, by which the inputs are multiplied.

    Returns:
        g, ``(m,)``.

    Raises:
        ValueError: as :func:`population_weight`.

    Source: closed forms ours. Book: chapter 3, "What the dimension does".

    >>> bool(isotropic_weight("ball", 1, 0.5, np.sqrt(3)) == population_weight("uniform", 0.5))
    True
    """
    return population_weight(law, offset, dim, scale)
