r"""Smooth functions that know their ridge density: one that you supply, or one that is computed.

A *ridge function* here is anything with ``dim``, ``__call__``, ``gradient`` and ``ridge_density``, such as
:class:`stableminima.functions.gaussian.Gaussian`. For these,

.. math:: f(x)=f(0)+\nabla f(0)\cdot x+2\int_{S^{d-1}}\int_0^R\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du
          \qquad(\|x\|\le R),

and :func:`stableminima.functions.sampling.ridge_network` turns the integral into neurons. Book: chapter 6.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, frozen, input_points, unit_rows, whole_number
from ._table import PAD, wrapped
from .flatness import NormReport, grid_of, sampled_density
from .radon import rebuild

Function = Callable[[Array], Array]
Density = Callable[[Array, Array], Array]
DirectionSampler = Callable[[Array], tuple[Array, Array]]

DIFFERENCE = 1e-3  # step of numerical gradients: fourth order, 1e-12 for a function of size 1, as large as its rounding
ROUGH_WARNING = (
    "the samples do not hold all of this function: its folds lie on hyperplanes or are finer than the grid, "
    "and the table's density is rough; blur it by 1.4 steps of the grid"
)
PROBES = 8  # points at which the table is asked to rebuild the function


def numerical_gradient(function: Function, X: ArrayLike) -> Array:
    """Gradients at the rows of ``X`` by central differences of fourth order, with a step of a thousandth.

    Args:
        function: takes points ``(n, d)``, returns ``(n,)``; smooth, and of scale one in the unit of the inputs.
        X: points, ``(n, d)``.

    Returns:
        Gradients, ``(n, d)``.

    Raises:
        ValueError: ``X`` is no array of points, or holds NaN or infinity.

    Source: classical. Book: chapter 6, "A function of your own".

    >>> numerical_gradient(lambda X: np.sin(X[:, 0]) * X[:, 1], [[0.0, 2.0]]).round(9)
    array([[2., 0.]])
    """
    X = input_points(X)

    def difference(h: Array) -> Array:
        return function(X + h) - function(X - h)

    shifts = DIFFERENCE * np.eye(X.shape[1])
    return np.column_stack([(8 * difference(h) - difference(2 * h)) / (12 * DIFFERENCE) for h in shifts])


@dataclass(frozen=True, eq=False)
class KnownDensity:
    r"""A function with the ridge density that you supply.

    Args:
        function: takes points ``(n, d)``, returns ``(n,)``.
        density: takes unit directions ``(m, d)`` and offsets ``(m,)``, returns α, ``(m,)``; even,
            :math:`\alpha(-u,-t)=\alpha(u,t)`.
        dim: d.
        slope: :math:`\nabla f(0)`, ``(d,)``; by central differences if omitted.
        direction_sampler: optional: maps uniform unit vectors ``(k, d)`` to directions ``(k, d)`` and their density
            relative to the uniform law, ``(k,)``; used for d ≥ 3. A good one makes the network better, none makes it
            wrong. No bound on α is needed: offsets are drawn from a fit of it.

    Raises:
        ValueError: ``dim`` is not a whole number ≥ 1, a slope of another shape.

    Source: ours. Book: chapter 6, "A function of your own".

    >>> line = KnownDensity(lambda X: np.exp(-(X[:, 0] ** 2) / 2), lambda u, t: (t**2 - 1) * np.exp(-(t**2) / 2) / 2, 1)
    >>> line.ridge_density([[1.0], [-1.0]], 0.0).tolist()
    [-0.5, -0.5]
    """

    function: Function
    density: Density
    dim: int
    slope: Array | None = None
    direction_sampler: DirectionSampler | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "dim", whole_number(self.dim, "dim", 1))
        if self.slope is not None:
            object.__setattr__(self, "slope", frozen(finite_array(self.slope, "slope", (self.dim,))))

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``, ``(n,)``."""
        return self.function(input_points(X, self.dim))

    def gradient(self, X: ArrayLike) -> Array:
        """Gradients at points: by differences, except ``slope`` at the origin.

        Args:
            X: points, ``(n, d)``.

        Returns:
            The gradients, ``(n, d)``.

        Raises:
            ValueError: ``X`` does not fit the dimension, or holds NaN or infinity.
        """
        X = input_points(X, self.dim)
        slopes = numerical_gradient(self.function, X)
        return slopes if self.slope is None else np.where(X.any(axis=1, keepdims=True), slopes, self.slope)

    def ridge_density(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """The ridge density α of the function.

        Args:
            direction: unit vectors u, ``(…, d)``.
            offset: offsets t, ``(…)``.

        Returns:
            The values, ``(…)``.

        Raises:
            ValueError: directions that are not of length 1, shapes that do not fit, NaN or infinity.
        """
        u, t = finite_array(direction, "direction"), finite_array(offset, "offset")
        shape = np.broadcast_shapes(u.shape[:-1], t.shape)
        u, t = np.broadcast_to(u, (*shape, self.dim)), np.broadcast_to(t, shape)
        return self.density(u.reshape(-1, self.dim), t.ravel()).reshape(shape)


# ------------------------------------------------------------------------------------ densities computed from samples


@dataclass(frozen=True, eq=False)
class NumericalDensity:
    r"""A smooth function of one, two or three variables with a tabulated ridge density; see :func:`ridges_of`.

    ``error`` is the largest difference between the function and what its table rebuilds, at eight points drawn in the
    ball of radius ``reach``: the quality of the *density*. It knows nothing of the network that you draw, whose error
    is of the order of A R/√k at worst and estimated by :func:`~stableminima.functions.drawing_error`; and nothing of
    the norm: a function without a flat network is rebuilt just as well. ``norm`` says what the grid sees of that.
    """

    function: Function
    dim: int
    reach: float
    error: float
    norm: NormReport
    _table: Array = field(repr=False)
    _angles: int = field(repr=False)
    _spacing: float = field(repr=False)

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``, ``(n,)``."""
        return self.function(input_points(X, self.dim))

    def gradient(self, X: ArrayLike) -> Array:
        """Gradients at the rows of ``X``, ``(n, d)``, by central differences."""
        return numerical_gradient(self.function, input_points(X, self.dim))

    def ridge_density(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """The ridge density α at unit directions ``(…, d)`` and offsets ``(…)`` up to ``reach``."""
        u, t = unit_rows(finite_array(direction, "direction")), finite_array(offset, "offset")
        if (np.abs(t) > self.reach * (1 + 1e-9)).any():
            raise ValueError(f"offset must be at most reach = {self.reach:g}, got {np.abs(t).max():g}; raise reach")
        u = np.where((t < 0)[..., None], -u, u)  # α is even
        u, t = np.broadcast_arrays(u, np.abs(t)[..., None])
        t = t[..., 0] / self._spacing + PAD
        if self.dim == 1:
            return np.where(u[..., 0] > 0, *(self._look_up(t, row=row) for row in (0, 1)))
        turn = np.arctan2(u[..., -1], u[..., -2]) % (2 * np.pi) / (2 * np.pi) * self._angles + PAD
        if self.dim == 2:
            return self._look_up(turn, t)
        polar = np.arccos(np.clip(u[..., 0], -1, 1)) / np.pi * (self._angles // 2) - 0.5 + PAD
        return self._look_up(polar, turn, t)

    def _look_up(self, *position: Array, row: int | None = None) -> Array:
        from scipy.ndimage import map_coordinates  # slow to import, and needed for tables only

        table = self._table if row is None else self._table[row]
        return map_coordinates(table, np.stack(position), order=3, prefilter=False, mode="mirror")


def ridges_of(
    function: Function, dim: int, reach: float, nodes: int | None = None, angles: int | None = None
) -> NumericalDensity:
    r"""The ridge density of your own smooth function of 1, 2 or 3 variables; it warns where the norm looks infinite.

    Samples f on a grid, transforms it, reads the transform along rays (the slice theorem), and returns
    :math:`\alpha(u,t)=-\frac{c_d}{2\pi}\int|s|^{d+1}\hat f(su)\,e^{ist}\,ds` as a spline on directions × offsets.

    Args:
        function: takes points ``(n, dim)``, returns ``(n,)``; it must have died out at distance ``reach``.
        dim: 1, 2 or 3.
        reach: half the side of the cube that is sampled; the network's radius may be as large.
        nodes: samples a side; 512, 160 and 56 for d = 1, 2, 3 if omitted.
        angles: directions around the circle; 400 and 80 for d = 2, 3 if omitted.

    Returns:
        The function with its density up to the offset ``reach``, the error of that, and a report on its norm.

    Raises:
        ValueError: another ``dim``, or a function that is not small on the surface of the cube.

    Warns:
        UserWarning: the norm grows with the resolution (:func:`norm_of`): a crease, or details finer than the grid; or
            it is finite, but the density is hardly a function, as for the tent, whose folds lie on three points.

    Source: ours, by the slice theorem. Book: chapter 6, "A function of your own".

    >>> bump = ridges_of(lambda X: np.exp(-(X[:, 0] ** 2) / 2), dim=1, reach=6.0)
    >>> bump.error < 1e-6, round(float(bump.ridge_density([[1.0]], [0.0])[0]), 5)
    (True, -0.5)
    """
    alpha, spacing, report = sampled_density(function, dim, reach, nodes, angles)
    if not report.finite:
        warnings.warn(str(report), stacklevel=2)
    elif report.rough:
        warnings.warn(ROUGH_WARNING, stacklevel=2)
    from scipy.ndimage import spline_filter

    nodes, angles = grid_of(dim, nodes, angles)
    alpha = np.roll(alpha, PAD, axis=1)[:, : int(np.ceil(reach / spacing)) + 1 + 2 * PAD]
    if dim == 1:
        table = np.stack([spline_filter(row, order=3, mode="mirror") for row in alpha])
    else:
        table = spline_filter(wrapped(alpha, dim, angles), order=3, mode="mirror")
    draft = NumericalDensity(function, dim, reach, np.nan, report, frozen(table), angles, spacing)
    return replace(draft, error=_rebuild_error(draft, nodes))


def _rebuild_error(draft: NumericalDensity, nodes: int) -> float:
    """The largest difference between the function and what its table rebuilds, at points drawn in the ball."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(PROBES, draft.dim))
    X *= draft.reach * rng.random((PROBES, 1)) ** (1 / draft.dim) / np.linalg.norm(X, axis=1, keepdims=True)
    return float(max(abs(rebuild(draft, x, nodes // 2) - draft(x[None])[0]) for x in X))
