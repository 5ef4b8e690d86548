r"""The bump under weight decay, exactly, and how to measure it in a network.

The minimiser over radial functions of
:math:`\tfrac12\sum_i\omega_i(f(x_i)-y_i)^2+\lambda[f]`, and the rescaling of a bump. Book: chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve

from ..checks import Array, finite_array, frozen, positive_number, whole_number
from ..networks import ShallowReLU, shallow
from .bump import RadialBump, RadialFunction, radial_neuron

ROUNDS = 60  # of the interior-point method at most; twenty are usual
GAP = 1e-6  # of the objective, relative to λ, at which it stops
INSIDE = 0.995  # the part of the way to the boundary that a step goes: Mehrotra's choice
LARGEST_SCALE = 1.2  # of a fitted bump: decay makes a bump wider (s < 1), beyond 1 there is only noise

# ------------------------------------------------------------------------------------ the exact minimiser, radial


@dataclass(frozen=True, eq=False)
class RadialFit(RadialFunction):
    """A regularised minimiser; ``gap`` bounds how far its objective is from the least one, relative to λ."""

    gap: float


def radial_lasso(
    dim: int, r: ArrayLike, y: ArrayLike, sample_weight: ArrayLike, penalty: float, kinks: ArrayLike
) -> RadialFit:
    r"""The exact regularised minimiser for radial data, on a grid of kinks, by an interior-point method:

    .. math:: \min_{c,a}\ \tfrac12\sum_i\omega_i\Bigl(c+\sum_ba_bK_d(r_i,b)-y_i\Bigr)^2+\lambda\sum_b|a_b|.

    Args:
        dim: number of inputs d.
        r: distances of the samples from the origin, ``(n,)``.
        y: their labels, ``(n,)``.
        sample_weight: their weights ω ≥ 0, ``(n,)``, scaled to sum 1.
        penalty: λ > 0.
        kinks: grid of kinks, ``(m,)``.

    Returns:
        The minimiser, and by how much its objective may exceed the least one.

    Raises:
        ValueError: shapes that do not fit, weights that are negative or all zero, λ is not positive, or so small that
            the promised gap of 1e-6 is beyond double precision (below about 1e-11).

    Source: ours; Mehrotra's predictor and corrector. Book: chapter 8, "The edge law".

    >>> fit = radial_lasso(1, [0.0, 1.0, 2.0], [1.0, 0.0, 0.0], [1, 1, 1], 1e-9, np.linspace(0, 2, 21))
    >>> round(fit.norm, 3), fit.gap < 1e-5  # nearly no penalty: the tent
    (4.0, True)
    """
    r, kinks = finite_array(r, "r", (None,)), finite_array(kinks, "kinks", (None,))
    y, weight = finite_array(y, "y", r.shape), finite_array(sample_weight, "sample_weight", r.shape)
    if not (weight >= 0).all() or not weight.any():
        raise ValueError("sample_weight must be at least 0 and not all 0; pass the share of each sample")
    weight, penalty = weight / weight.sum(), positive_number(penalty, "penalty")
    columns = radial_neuron(dim, r[:, None], kinks)
    mean, level, root = weight @ columns, float(weight @ y), np.sqrt(weight)
    A = root[:, None] * (columns - mean)  # the best constant is eliminated
    A = np.hstack([A, -A])
    try:
        x, gap = _positive_quadratic(A.T @ A / penalty, 1 - A.T @ (root * (y - level)) / penalty)
    except np.linalg.LinAlgError:
        gap = np.inf
    if not gap < GAP:
        raise ValueError(
            f"the interior-point method stopped at a gap of {gap:.1g} instead of {GAP:g}: penalty = {penalty:g} is too "
            "small for double precision; take a larger one, or fewer kinks"
        )
    amplitude = x[: len(kinks)] - x[len(kinks) :]
    return RadialFit(dim, level - float(mean @ amplitude), frozen(kinks), frozen(amplitude), gap)


def _longest_step(v: Array, dv: Array) -> float:
    """The largest part of the step dv, up to 1, that keeps v > 0 well positive."""
    return min(1.0, INSIDE / max(1e-300, float((-dv / v).max())))


def _positive_quadratic(Q: Array, g: Array) -> tuple[Array, float]:
    """Minimise ½xᵀQx + gᵀx over x ≥ 0: Mehrotra's predictor and corrector; the duality gap comes with it."""
    x, z = np.ones(len(g)), np.ones(len(g))
    for _ in range(ROUNDS):
        residual, mu = Q @ x + g - z, x @ z / len(x)
        if mu * len(x) + np.abs(residual) @ x < GAP:
            break
        factor = cho_factor(Q + np.diag(z / x), lower=True)
        dx = cho_solve(factor, -residual - z)
        dz = -z - z / x * dx
        ahead = (x + _longest_step(x, dx) * dx) @ (z + _longest_step(z, dz) * dz) / len(x)
        target = x * z + dx * dz - (ahead / mu) ** 3 * mu
        dx = cho_solve(factor, -residual - target / x)
        dz = -(target + z * dx) / x
        step = min(_longest_step(x, dx), _longest_step(z, dz))
        x, z = x + step * dx, z + step * dz
    return x, float(x @ z + np.abs(Q @ x + g - z) @ x)


# ------------------------------------------------------------------------------------------------ reading networks


@dataclass(frozen=True)
class ScaleFit:
    r"""The multiple of a rescaled bump closest to given values: :math:`\alpha f^*(sr)`; ``error`` is the rms."""

    scale: float
    height: float
    error: float


def fitted_scale(bump: RadialBump, r: ArrayLike, values: ArrayLike) -> ScaleFit:
    r"""Fit a multiple of a rescaled bump, :math:`\alpha f^*(sr)`, in least squares, 0 < s ≤ 1.2.

    Args:
        bump: :math:`f^*`.
        r: distances from the origin, ``(n,)``.
        values: what is to be fitted there, ``(n,)``.

    Returns:
        The scale s, the height α, and the root-mean-square error.

    Raises:
        ValueError: shapes that do not fit, NaN or infinity.

    Source: ours. Book: chapter 8, "The edge law".

    >>> from stableminima.functions import radial_bump
    >>> r = np.linspace(0, 2, 50)
    >>> fit = fitted_scale(radial_bump(3), r, 0.9 * radial_bump(3).profile(0.5 * r))
    >>> round(fit.scale, 4), round(fit.height, 4)
    (0.5, 0.9)
    """
    r, values = finite_array(r, "r", (None,)), finite_array(values, "values", (None,))
    if len(r) != len(values):
        raise ValueError(f"values must have shape {r.shape}, got {values.shape}; pass one value a distance")

    def at(scale: float) -> ScaleFit:
        shape = bump.profile(scale * r)
        height = float(shape @ values / (shape @ shape))
        return ScaleFit(float(scale), height, float(np.sqrt(np.mean((values - height * shape) ** 2))))

    from scipy.optimize import minimize_scalar

    grid = np.linspace(0, LARGEST_SCALE, 121)[1:]
    first = grid[np.argmin([at(s).error for s in grid])]
    found = minimize_scalar(lambda s: at(s).error, bounds=(first - grid[0], first + grid[0]), method="bounded")
    return at(found.x)


def radial_profile(net: ShallowReLU, r: ArrayLike, directions: int = 200) -> tuple[Array, Array]:
    """What a network is over random directions, at each distance from the origin.

    Args:
        net: a shallow network.
        r: distances, ``(n,)``.
        directions: how many, the same at all distances.

    Returns:
        Means and standard deviations, ``(n,)`` each.

    Raises:
        ValueError: a network with more layers, NaN or infinity.

    Source: ours. Book: chapter 8, "Four optimisers".

    >>> mean, spread = radial_profile(ShallowReLU([[1.0], [-1.0]], [0.0, 0.0], [1.0, 1.0], 0.0), [0.5, 2.0])
    >>> mean.tolist(), spread.tolist()
    ([0.5, 2.0], [0.0, 0.0])
    """
    r, directions = finite_array(r, "r", (None,)), whole_number(directions, "directions", 2)
    u = np.random.default_rng([0, 2]).normal(size=(directions, shallow(net).dim))  # not those of the samples
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    values = net((r[:, None, None] * u).reshape(-1, net.dim)).reshape(len(r), directions)
    return values.mean(axis=1), values.std(axis=1)
