r"""Known minimum-norm interpolants: what weight decay ought to find, exactly.

The norm of a function on the ball :math:`\|x\|\le R` is the least path norm of its (finite or infinite) networks,

.. math:: [f]=\min\Bigl\{\|\nu\|\;:\;f(x)=c+\int\sigma(u\cdot x-t)\,d\nu(u,t),\ |t|\le R\Bigr\},

with free biases and a free constant. A *radial bump* is 1 at the origin and 0 outside the unit ball. Book: chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike
from scipy.special import betainc, gammaln

from ..checks import Array, finite_array, frozen, input_points, positive_number, random_generator, whole_number
from ..networks import ShallowReLU

EXCHANGES = 50  # Remez exchanges at most: convergence is quadratic, and fewer than ten are usual
SETTLED = 1e-13  # how far the two bounds on the error may differ: the rounding of a few hundred terms of size 1
RESOLVED = 1e-10  # an error below this is known to fewer than three digits, and so would be a norm made of it
CLOSE = 0.8  # of the bounds of the programme: lower over value is at least 0.9 on every grid that serves
RADII = 40  # constraints of the programme for any dimension, closest at the rim, where the bump bends most


def radial_neuron(dim: int, r: ArrayLike, kink: ArrayLike) -> Array:
    r"""The mean of :math:`\sigma(u\cdot x-b)` over all directions u, at :math:`\|x\|=r`, for kinks :math:`b\ge0`:

    .. math:: K_d(r,b)=r\Bigl[\frac{\kappa_d}{d-1}(1-\tau^2)^{\frac{d-1}2}-\frac\tau2I_{1-\tau^2}\bigl(\tfrac{d-1}2,
              \tfrac12\bigr)\Bigr],\quad\tau=\frac br<1,\quad\kappa_d=\frac{\Gamma(d/2)}{\sqrt\pi\,\Gamma((d-1)/2)},

    zero for :math:`r\le b`; :math:`K_1=\frac12(r-b)_+`.

    Args:
        dim: number of inputs d ≥ 1.
        r: distances from the origin, ≥ 0, an array of any shape.
        kink: distances b ≥ 0 of the hyperplanes, an array; broadcast with ``r``.

    Returns:
        K_d(r, b), of the common shape.

    Raises:
        ValueError: negative distances, NaN or infinity, ``dim`` is not a whole number ≥ 1.

    Source: ours. Book: chapter 8, "A bump in many dimensions".

    >>> float(radial_neuron(3, 1.0, 0.0))  # the mean of the positive part of one coordinate on the sphere
    0.25
    """
    dim = whole_number(dim, "dim", 1)
    r, kink = np.broadcast_arrays(finite_array(r, "r"), finite_array(kink, "kink"))
    if min(r.min(initial=0.0), kink.min(initial=0.0)) < 0:
        raise ValueError("r and kink must not be negative: they are distances from the origin; pass absolute values")
    if dim == 1:
        return np.maximum(r - kink, 0.0) / 2
    tau = np.divide(kink, r, out=np.ones(r.shape), where=r > kink)
    rest, density = 1 - tau**2, np.exp(gammaln(dim / 2) - gammaln((dim - 1) / 2)) / np.sqrt(np.pi)
    return r * (density * rest ** ((dim - 1) / 2) / (dim - 1) - tau / 2 * betainc((dim - 1) / 2, 0.5, rest))


@dataclass(frozen=True, eq=False)
class RadialFunction:
    r"""A radial function as a superposition of spheres of neurons: :math:`f(r)=c+\sum_ia_iK_d(r,b_i)`.

    Args:
        dim: d.
        constant: c.
        kinks: b, ``(m,)``, distances from the origin at which the profile bends.
        amplitudes: a, ``(m,)``.

    Book: chapter 8, "A bump in many dimensions".

    >>> cone = RadialFunction(1, 1.0, np.array([0.0, 1.0]), np.array([-2.0, 2.0]))
    >>> cone.norm, cone.profile([0.0, 0.5, 2.0]).tolist()
    (4.0, [1.0, 0.5, 0.0])
    """

    dim: int
    constant: float
    kinks: Array
    amplitudes: Array

    @property
    def norm(self) -> float:
        r"""The norm :math:`\sum|a_i|` of this way of writing the function."""
        return float(np.abs(self.amplitudes).sum())

    def profile(self, r: ArrayLike) -> Array:
        """Values at distances from the origin.

        Args:
            r: distances, an array of any shape.

        Returns:
            The values, an array of the same shape.

        Raises:
            ValueError: a negative distance, NaN or infinity.
        """
        r = finite_array(r, "r")
        return self.constant + radial_neuron(self.dim, r[..., None], self.kinks) @ self.amplitudes

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``: ``(n, d)`` to ``(n,)``."""
        return self.profile(np.linalg.norm(input_points(X, self.dim), axis=1))


# ------------------------------------------------------------------------------------------------ the bump, d odd


@dataclass(frozen=True, eq=False)
class Alternation:
    """The best approximation of ``|s|`` by even polynomials: its ``error`` and the points where it alternates.

    ``lower`` is what the error at those points alone proves (de la Vallée Poussin): no polynomial does better.
    """

    error: float
    lower: float
    points: Array


def best_even_approximation(degree: int, inner: float = 0.0) -> Alternation:
    r"""Approximate :math:`|s|` on :math:`\epsilon\le|s|\le1` uniformly by even polynomials of at most this degree.

    Remez exchange in the Chebyshev basis of :math:`q=s^2`; the error is within 1e-13 of the best possible.

    Args:
        degree: even, 0 or more; the best polynomial of degree+1 is the same one.
        inner: ε, from 0 to below 1.

    Returns:
        The error, the bound that proves it, and the points ``(degree/2 + 2,)`` where it alternates.

    Raises:
        ValueError: an odd degree, ε out of range, or an error too small for double precision (a high degree, ε near 1).

    Source: Remez's algorithm. Book: chapter 8, "A bump in many dimensions".

    >>> best = best_even_approximation(2)  # |s| ≈ s² + 1/8
    >>> round(best.error, 12), best.points.round(12).tolist()
    (0.125, [0.0, 0.5, 1.0])
    """
    degree = whole_number(degree, "degree", 0)
    if degree % 2 or not 0 <= inner < 1:
        raise ValueError(f"degree must be even and inner in [0, 1), got {degree} and {inner}; drop the odd power")
    from scipy.optimize import brentq  # a fifth of a second that only this function needs

    m, half = degree // 2, (1 - inner**2) / 2

    def place(s: Any) -> Any:  # of one number or of many
        return (s**2 - inner**2) / half - 1

    def slope(s: Any, derivative: Array) -> Any:
        return 1 - chebyshev.chebval(place(s), derivative) * 2 * s / half

    grid = np.sqrt(inner**2 + half * (1 - np.cos(np.linspace(0, np.pi, 40 * (m + 2) + 1))))
    points = np.sqrt(inner**2 + half * (1 - np.cos(np.pi * np.arange(m + 2) / (m + 1))))
    for _ in range(EXCHANGES):
        basis = np.column_stack([chebyshev.chebvander(place(points), m), (-1.0) ** np.arange(m + 2)])
        *coefficients, level = np.linalg.solve(basis, points)
        derivative = chebyshev.chebder(coefficients) if m else np.zeros(1)
        turns = np.flatnonzero(np.diff(np.sign(slope(grid, derivative))) != 0)
        between = [brentq(slope, grid[j], grid[j + 1], args=(derivative,), xtol=1e-15) for j in turns]
        points = np.array([inner, *between, 1.0])
        error = np.abs(points - chebyshev.chebval(place(points), coefficients)).max()
        if len(points) != m + 2 or error < RESOLVED:
            raise ValueError(
                f"the best approximation of degree {degree} on [{inner:g}, 1] is better than double precision "
                "resolves; take a lower degree or a smaller inner"
            )
        if error - abs(level) < SETTLED:
            return Alternation(float(error), abs(float(level)), frozen(points))
    raise ValueError(f"the exchange did not settle for degree {degree} and inner {inner:g}; take a lower degree")


@dataclass(frozen=True, eq=False)
class RadialBump(RadialFunction):
    r"""The minimum-norm bump :math:`f^*(r)=1+\sum_ia_iK_d(r,b_i)`: 1 at 0 (on ``inner``), 0 outside the unit ball.

    Kinks and amplitudes are ``((d+3)/2,)``; the norm is :math:`N_d`. Made by :func:`radial_bump`.
    """

    inner: float

    def network(self, width: int, seed: int = 0) -> ShallowReLU:
        r"""A finite network drawn from the bump's measure: ``width`` m neurons of amplitude :math:`\pm N_d/m`."""
        width, rng = whole_number(width, "width", 1), random_generator(seed)
        kind = rng.choice(len(self.kinks), width, p=np.abs(self.amplitudes) / self.norm)
        directions = rng.normal(size=(width, self.dim))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        return ShallowReLU(directions, -self.kinks[kind], np.sign(self.amplitudes[kind]) * self.norm / width, 1.0)

    @property
    def edge(self) -> float:
        r"""The constant A in :math:`f^*(r)\approx A(1-r)^{(d+1)/2}` as r rises to 1."""
        d, last = self.dim, abs(float(self.amplitudes[-1]))
        if d == 1:
            return last / 2
        density = np.exp(gammaln(d / 2) - gammaln((d - 1) / 2)) / np.sqrt(np.pi)
        return float(last * density * 2 ** ((d - 3) / 2) * 4 / (d**2 - 1))

    def edge_shift(self, penalty: float) -> float:
        r"""By how much the family :math:`f^*(sr)` shrinks at best: :math:`\delta=1-s` to leading order in λ,

        .. math:: \delta^{d+1}=\frac{4\lambda N_d}{A^2},

        where half of the weight of the samples lies outside the ball, with density 1 of the radii at 1 (as in
        :func:`stableminima.datasets.bump_sample` with R = 2); A is :attr:`edge`.

        Args:
            penalty: λ > 0, the factor of the norm in the regularised objective.

        Returns:
            δ, positive.

        Raises:
            ValueError: λ is not positive.

        Source: ours. Book: chapter 8, "The edge law".
        """
        return float((4 * positive_number(penalty, "penalty") * self.norm / self.edge**2) ** (1 / (self.dim + 1)))


def radial_bump(dim: int, inner: float = 0.0) -> RadialBump:
    r"""The bump of least norm in odd dimension d, which is :math:`N_d=2/E_{d-1}(|s|)`.

    Kinks are the alternation points; the amplitudes solve :math:`\sum_ia_iT_j(q_i)=0` for :math:`j\le(d-1)/2` and
    :math:`\sum_ia_ib_i=2`. With ``inner`` ε > 0 the bump is 1 on the whole ball of radius ε.

    Args:
        dim: number of inputs d, odd.
        inner: ε, from 0 to below 1.

    Returns:
        The bump.

    Raises:
        ValueError: an even dimension (use :func:`least_radial_norm`), ``inner`` outside [0, 1), or so close to 1 that
            the norm is beyond double precision (about 10¹⁰).

    Source: ours. Book: chapter 8, "A bump in many dimensions".

    >>> bump = radial_bump(3)
    >>> bump.kinks.round(12).tolist(), bump.amplitudes.round(12).tolist(), round(bump.norm, 12)
    ([0.0, 0.5, 1.0], [-6.0, 8.0, -2.0], 16.0)
    """
    dim = whole_number(dim, "dim", 1)
    if dim % 2 == 0:
        raise ValueError(f"dim must be odd, got {dim}; in even dimension use least_radial_norm")
    points = best_even_approximation(dim - 1, inner).points
    place = 2 * (points**2 - inner**2) / (1 - inner**2) - 1
    moments = np.vstack([chebyshev.chebvander(place, (dim - 1) // 2).T, points])
    amplitudes = np.linalg.solve(moments, 2 * np.eye(len(points))[-1])
    return RadialBump(dim, 1.0, frozen(points), frozen(amplitudes), float(inner))


# ------------------------------------------------------------------------------------------------ every dimension


def least_radial_norm(dim: int, radius: float = 2.0, kinks: int = 1001) -> tuple[float, float]:
    r"""The least norm of a bump on the ball of radius R by a linear programme, in any dimension: (lower, value).

    .. math:: \min\sum_b|a_b|\quad\text{over}\quad1+\sum_ba_bK_d(r_i,b)=0,\qquad r_i=1+(R-1)(i/(p-1))^2,\ 0\le i<p=40.

    Fewer radii than all make ``value`` smaller, a grid of kinks makes it larger. ``lower`` is a point of the
    dual programme, divided by its largest value on a kink grid ten times as fine: a lower bound up to that grid.

    Args:
        dim: d ≥ 1.
        radius: R > 1, where the data end.
        kinks: size of the grid of kinks on [0, R].

    Returns:
        The lower bound and the value, which the norm lies between, up to the grids.

    Raises:
        ValueError: an argument out of range, a programme that fails, or bounds that lie far apart (a coarse grid).

    Source: ours. Book: chapter 8, "A bump in many dimensions".

    >>> round(least_radial_norm(1)[1], 6)  # the tent
    4.0
    """
    dim, radius = whole_number(dim, "dim", 1), positive_number(radius, "radius")
    kinks = whole_number(kinks, "kinks", 2)
    if radius <= 1:
        raise ValueError(f"radius must be above 1, the radius of the bump, got {radius}; 2 is usual")
    from scipy.optimize import linprog

    r = (1 + (radius - 1) * np.linspace(0, 1, RADII) ** 2)[:, None]
    columns = radial_neuron(dim, r, np.linspace(0, radius, kinks))
    strict: Any = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    found = linprog(np.ones(2 * kinks), A_eq=np.hstack([columns, -columns]), b_eq=-np.ones(RADII), options=strict)
    if found.status != 0 or found.fun is None:
        raise ValueError(f"the linear programme failed ({found.message}); ask for fewer kinks")
    dual = found.eqlin.marginals
    highest = np.abs(dual @ radial_neuron(dim, r, np.linspace(0, radius, 10 * kinks))).max()
    lower, value = float(-dual.sum() / highest), float(found.fun)
    if lower < CLOSE * value:
        raise ValueError(f"the bounds {lower:.4g} and {value:.4g} lie far apart; ask for more kinks than {kinks}")
    return lower, value
