r"""The primal form of the bound: a density ρ on the input space whose Radon transform stays below the data weight.

For :math:`\rho\ge0` with :math:`R\rho\le g`, :math:`\int|\Delta f|\,\rho\le S_g(f)`: the Laplacian of the predictor
is small where the data are. Closed forms for isotropic inputs, a linear programme for a plane sample. Book: chapter 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, input_points, positive_number, real_array, unit_rows, whole_number
from ..networks import ShallowReLU
from .norms import merged_neurons
from .weights import Law, data_weight, tail_of

EXCESS = 0.01  # by how much a line may be violated before the density is scaled down, relative to its weight
START, ADD = 1500, 1000  # lines that the programme begins with, and that it adds at most in a round

# --------------------------------------------------------------------------------------------------- isotropic inputs


def isotropic_primal_weight(law: Law, dim: int, radius: ArrayLike) -> Array:
    r"""The density ρ(r) on the plane or in space whose Radon transform is exactly the data weight of a population:

    .. math:: \rho(r)=-\frac1\pi\int_r^\infty\frac{g'(t)\,dt}{\sqrt{t^2-r^2}}\quad(d=2),\qquad
              \rho(r)=-\frac{g'(r)}{2\pi r}\quad(d=3).

    Infinite at r = 0, like a logarithm for d = 2 and like 1/r for d = 3. Substituting t = r cosh θ (d = 2) removes the
    singularity of the integrand and a Gauss rule does the rest.

    Args:
        law: ``"gaussian"``, N(0, I), or ``"ball"``, uniform on the unit ball.
        dim: number of inputs d, 2 or 3.
        radius: distances r > 0 from the origin, ``(m,)`` or one number.

    Returns:
        ρ, ``(m,)``.

    Raises:
        ValueError: another law or dimension, a radius that is not positive.

    Source: ours. Book: chapter 3, "The Laplacian form".
    """
    r = finite_array(np.atleast_1d(real_array(radius, "radius")), "radius", (None,))
    if (r <= 0).any():
        raise ValueError(f"radius must be positive (ρ is infinite at 0), got {r.min()}")

    def slope(t: Array) -> Array:
        density, probability, mean = tail_of(law, dim, t)
        length = np.hypot(probability, mean)
        change = (mean - t * probability) * density * (probability + t * mean)
        return -probability * length - np.divide(change, length, out=np.zeros_like(t), where=length > 0)

    if dim == 3:
        return -slope(r) / (2 * np.pi * r)
    if dim != 2:
        raise ValueError(f"dim must be 2 or 3, got {dim}")
    end = np.arccosh(np.maximum((1.0 if law == "ball" else 40.0) / r, 1.0))
    node, weight = leggauss(200)
    theta = np.outer(end, (node + 1) / 2)
    return -(slope(r[:, None] * np.cosh(theta)) @ weight) * end / 2 / np.pi


# --------------------------------------------------------------------------------------------------- the primal weight


@dataclass(frozen=True, eq=False)
class PrimalWeight:
    r"""A density ρ ≥ 0 on the plane, constant on square pixels, with :math:`R\rho\le g` on every line that was checked.

    ``density`` ``(p, p)``, first index along x₁; ``corner`` ``(2,)``, lower left; ``pixel``, the side of a pixel;
    ``checked``, the number of lines; ``coverage`` :math:`\int\rho/\overline{\int g\,dt}` (the bar is the mean over
    directions), the part of the weight that ρ accounts for; ``cap`` :math:`\min_u\int g\,dt/\overline{\int g\,dt}`, the
    most that any ρ can cover.
    """

    density: Array
    corner: Array
    pixel: float
    checked: int
    coverage: float
    cap: float

    @property
    def mass(self) -> float:
        """∫ρ."""
        return float(self.density.sum() * self.pixel**2)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """``(left, right, bottom, top)``, for drawing ``density.T`` with the origin below."""
        side = self.pixel * len(self.density)
        x, y = self.corner
        return x, x + side, y, y + side

    def radon(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """Exact Radon transform, ``(m,)``, at unit directions ``(m, 2)`` and offsets ``(m,)``: chords times density."""
        index = np.argwhere(self.density > 0)
        centers = self.corner + (index + 0.5) * self.pixel
        return chord_lengths(direction, offset, centers, self.pixel) @ self.density[tuple(index.T)]


def chord_lengths(direction: ArrayLike, offset: ArrayLike, centers: ArrayLike, side: float) -> Array:
    """Length of the line {u·x = t} inside each of several squares: a trapezoid in t.

    Args:
        direction: unit vectors u, ``(m, 2)``.
        offset: offsets t, ``(m,)``.
        centers: centres of the squares, ``(p, 2)``.
        side: length of their sides, along the axes.

    Returns:
        Lengths, ``(m, p)``.

    Raises:
        ValueError: directions that are not of length 1, NaN or infinity, shapes that do not fit.

    Source: ours. Book: chapter 3, "The Laplacian form".

    >>> chord_lengths([[1.0, 0.0]], [0.0], [[0.0, 0.0], [3.0, 0.0]], 2.0)
    array([[2., 0.]])
    """
    u = unit_rows(finite_array(np.atleast_2d(real_array(direction, "direction")), "direction", (None, 2)))
    t = finite_array(np.atleast_1d(real_array(offset, "offset")), "offset", (len(u),))
    shadow = positive_number(side, "side") * np.abs(u)
    short, long = shadow.min(axis=1, keepdims=True), shadow.max(axis=1, keepdims=True)
    outside = (short + long) / 2 - np.abs(t[:, None] - u @ finite_array(centers, "centers", (None, 2)).T)
    return side**2 / long * np.clip(outside / np.maximum(short, 1e-300), 0.0, 1.0)


def line_grid(X: ArrayLike, angles: int, offsets: int) -> tuple[Array, Array]:
    """A grid of lines across a plane sample.

    Offsets reach as far as the sample does from the centre of its bounding box, the same range for all angles.

    Args:
        X: the sample, ``(n, 2)``.
        angles: number of directions, over half a turn.
        offsets: number of offsets for each.

    Returns:
        Directions ``(angles·offsets, 2)`` and offsets ``(angles·offsets,)``, angle by angle.

    Raises:
        ValueError: a sample that is not of the plane, counts below 1.

    Source: ours. Book: chapter 3, "The Laplacian form".

    >>> u, t = line_grid([[-1.0, 0.0], [1.0, 0.0]], angles=1, offsets=2)
    >>> u.round(12).tolist(), t.round(12).tolist()
    ([[0.0, 1.0], [0.0, 1.0]], [-0.5, 0.5])
    """
    X = input_points(X, 2)
    angles, offsets = whole_number(angles, "angles", 1), whole_number(offsets, "offsets", 1)
    center = (X.min(axis=0) + X.max(axis=0)) / 2
    reach = np.linalg.norm(X - center, axis=1).max()
    angle = (np.arange(angles) + 0.5) * np.pi / angles
    u = np.repeat(np.column_stack([np.cos(angle), np.sin(angle)]), offsets, axis=0)
    t = np.tile(reach * (2 * (np.arange(offsets) + 0.5) / offsets - 1), angles)
    return u, t + u @ center


def _pixels_in_hull(X: Array, cells: int) -> tuple[Array, Array, Array, float]:
    """``(mask (p, p), centers (m, 2), corner (2,), side)`` of the pixels inside the convex hull of the sample."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        half_planes = ConvexHull(X).equations
    except QhullError as error:
        raise ValueError("X must contain three points that are not on one line; on a line use d = 1") from error
    low, high = X.min(axis=0), X.max(axis=0)
    side = float((high - low).max()) / cells
    corner = (low + high) / 2 - cells * side / 2
    index = np.stack(np.meshgrid(np.arange(cells), np.arange(cells), indexing="ij"), axis=-1)
    centers = corner + (index + 0.5) * side
    depth = centers @ half_planes[:, :2].T + half_planes[:, 2] + side / 2 * np.abs(half_planes[:, :2]).sum(axis=1)
    inside = (depth <= 0).all(axis=-1)
    if not inside.any():
        raise ValueError(f"no pixel of side {side:.3g} fits into the hull of X; raise cells (got {cells}) or whiten X")
    return inside, centers[inside], corner, side


def primal_weight(
    X: ArrayLike,
    net: ShallowReLU | None = None,
    cells: int = 20,
    angles: int = 120,
    offsets: int = 160,
) -> PrimalWeight:
    r"""The largest ρ ≥ 0 with :math:`R\rho\le g` over a plane sample: the linear programme :math:`\max\int\rho`.

    ρ is constant on the pixels of a ``cells`` × ``cells`` grid that lie inside the convex hull (outside it g = 0). The
    constraints, exact chord lengths, stand for a grid of lines and for the network's own hyperplanes. HiGHS solves on a
    subset; the most violated lines are added until none is violated by more than a hundredth; ρ is then divided by
    the last excess, so that every checked line satisfies :math:`R\rho\le g`. Between them it may be exceeded.

    Args:
        X: the sample, ``(n, 2)``.
        net: a network whose hyperplanes are to be among the checked lines.
        cells: pixels a side.
        angles: directions of the grid of lines, as :func:`line_grid`.
        offsets: offsets of the grid of lines.

    Returns:
        The density, and what it covers.

    Raises:
        ValueError: points on one line, a grid without a pixel in the hull, counts below 1.

    Source: ours. Book: chapter 3, "The Laplacian form".
    """
    X, cells = input_points(X, 2), whole_number(cells, "cells", 1)
    inside, centers, corner, side = _pixels_in_hull(X, cells)
    u, t = line_grid(X, angles, offsets)
    g = data_weight(X, u, t)
    width = 2 * np.linalg.norm(X - (X.min(axis=0) + X.max(axis=0)) / 2, axis=1).max()
    by_direction = g.reshape(angles, offsets).mean(axis=1) * width
    if net is not None:
        _, own_u, own_t = merged_neurons(net)
        u, t = np.concatenate([u, own_u]), np.concatenate([t, own_t])
        g = np.concatenate([g, data_weight(X, own_u, own_t)])
    ratio = chord_lengths(u, t, centers, side)
    crossing = ratio.any(axis=1)
    ratio = ratio[crossing] / g[crossing, None]  # a line through the interior of the hull has g > 0
    rho = _largest_density(ratio)
    density = np.zeros(inside.shape)
    density[inside] = rho
    coverage = rho.sum() * side**2 / by_direction.mean()
    return PrimalWeight(density, corner, side, len(u), float(coverage), float(by_direction.min() / by_direction.mean()))


def _largest_density(ratio: Array) -> Array:
    """max Σρ over ρ ≥ 0 with ``ratio`` @ ρ ≤ 1, by adding the most violated rows to a random subset of them."""
    from scipy.optimize import linprog

    used = np.zeros(len(ratio), dtype=bool)
    used[np.random.default_rng(0).permutation(len(ratio))[:START]] = True
    while True:
        solution = linprog(-np.ones(ratio.shape[1]), ratio[used], np.ones(used.sum()), method="highs-ipm")
        if solution.status != 0 or solution.x is None:
            raise ValueError(f"the linear programme for the primal weight failed: {solution.message}")
        excess = ratio @ solution.x
        worst = np.argsort(-excess)[:ADD]
        new = worst[(excess[worst] > 1 + EXCESS / 4) & ~used[worst]]
        if excess.max() <= 1 + EXCESS or not len(new):
            return np.maximum(solution.x, 0.0) / max(1.0, excess.max())
        used[new] = True


def laplacian_integral(net: ShallowReLU, weight: PrimalWeight) -> float:
    r"""How much of the bending is where the data are, :math:`\int|\Delta f|\rho=\sum_i|a_i|\,(R\rho)(u_i,t_i)`.

    Args:
        net: a shallow network of two inputs.
        weight: ρ.

    Returns:
        The integral, over the distinct hyperplanes of the network; at most its stability norm if :math:`R\rho\le g` on
        them.

    Raises:
        ValueError: another network, or more inputs.

    Source: ours. Book: chapter 3, "The Laplacian form".

    >>> pixel = PrimalWeight(np.ones((1, 1)), np.array([-1.0, -1.0]), 2.0, checked=0, coverage=1.0, cap=1.0)
    >>> laplacian_integral(ShallowReLU([[1.0, 0.0]], [0.0], [3.0], 0.0), pixel)  # amplitude 3, a chord of length 2
    6.0
    """
    a, u, t = merged_neurons(net)
    return float(np.abs(a) @ weight.radon(u, t)) if len(a) else 0.0
