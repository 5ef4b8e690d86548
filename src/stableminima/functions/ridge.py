r"""Smooth functions that know their ridge density: mixtures, your own density, or one computed from a callable.

A *ridge function* here is anything with ``dim``, ``__call__``, ``gradient`` and ``ridge_density``, such as
:class:`stableminima.functions.radon.Gaussian`. For these,

.. math:: f(x)=f(0)+\nabla f(0)\cdot x+2\int_{S^{d-1}}\int_0^R\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du
          \qquad(\|x\|\le R),

and :func:`stableminima.functions.sampling.ridge_network` turns the integral into neurons. Book: chapter 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, frozen, input_points, positive_number, unit_rows, whole_number
from .radon import Gaussian, angular_gaussian, inversion_constant, rebuild

Function = Callable[[Array], Array]
Density = Callable[[Array, Array], Array]
DirectionSampler = Callable[[Array], tuple[Array, Array]]

PAD = 10  # table cells beyond each edge: the memory of a spline fades by a factor of about four a cell
DIFFERENCE = 1e-3  # step of numerical gradients: fourth order, 1e-12 for a function of size 1, as large as its rounding
NODES = {1: 512, 2: 160, 3: 56}  # samples a side, by dimension: some seconds and less than a gigabyte
ANGLES = {1: 2, 2: 400, 3: 80}  # directions around the circle, by dimension
PADDING = {1: 8, 2: 4, 3: 3}  # the samples are padded with zeros to so many sides: f̂ gets smooth enough for splines
FINE = 4  # offsets of the table to a sample, so that its cubic spline loses less than the samples did
PROBES = 6  # points at which the table is asked to rebuild the function


def numerical_gradient(function: Function, X: ArrayLike) -> Array:
    """Gradients ``(n, d)`` at the rows of ``X`` by central differences of fourth order.

    >>> numerical_gradient(lambda X: np.sin(X[:, 0]) * X[:, 1], [[0.0, 2.0]]).round(9)
    array([[2., 0.]])
    """
    X = input_points(X)

    def difference(h: Array) -> Array:
        return function(X + h) - function(X - h)

    shifts = DIFFERENCE * np.eye(X.shape[1])
    return np.column_stack([(8 * difference(h) - difference(2 * h)) / (12 * DIFFERENCE) for h in shifts])


@dataclass(frozen=True, eq=False)
class Mixture:
    r"""The linear combination :math:`f=\sum_jw_jf_j` of Gaussians; weights may be negative.

    Args:
        parts: m functions :class:`stableminima.functions.radon.Gaussian` of one dimension.
        weights: ``(m,)``; all 1 if omitted.

    >>> ricker = Mixture([Gaussian([0.0]), Gaussian([0.0], [[4.0]])], [2.0, -1.0])
    >>> ricker([0.0])
    array([1.])
    """

    parts: Sequence[Gaussian]
    weights: Array | None = None

    def __post_init__(self) -> None:
        parts = tuple(self.parts)
        if not parts or len({part.dim for part in parts}) != 1:
            raise ValueError(f"parts must be Gaussians of one dimension, got dimensions {[p.dim for p in parts]}")
        weights = np.ones(len(parts)) if self.weights is None else self.weights
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "weights", frozen(finite_array(weights, "weights", (len(parts),))))

    @property
    def dim(self) -> int:
        """Number of inputs, d."""
        return self.parts[0].dim

    def _sum(self, values: Callable[[Gaussian], Array]) -> Array:
        return sum(w * values(part) for w, part in zip(self.weights, self.parts, strict=True))

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``, ``(n,)``."""
        return self._sum(lambda part: part(X))

    def gradient(self, X: ArrayLike) -> Array:
        """Gradients at the rows of ``X``, ``(n, d)``."""
        return self._sum(lambda part: part.gradient(X))

    def ridge_density(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """The ridge density α at unit directions ``(…, d)`` and offsets ``(…)``."""
        return self._sum(lambda part: part.ridge_density(direction, offset))

    def direction_sampler(self, z: Array) -> tuple[Array, Array]:
        """Directions from uniform ones, and their density: :func:`angular_gaussian` in proportion to the weights."""
        return angular_gaussian(z, [part.covariance for part in self.parts], np.abs(self.weights) + 1e-12)


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
        """Gradients at the rows of ``X``, ``(n, d)``: by differences, except ``slope`` at the origin."""
        X = input_points(X, self.dim)
        slopes = numerical_gradient(self.function, X)
        return slopes if self.slope is None else np.where(X.any(axis=1, keepdims=True), slopes, self.slope)

    def ridge_density(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """The ridge density α at unit directions ``(…, d)`` and offsets ``(…)``."""
        u, t = finite_array(direction, "direction"), finite_array(offset, "offset")
        shape = np.broadcast_shapes(u.shape[:-1], t.shape)
        u, t = np.broadcast_to(u, (*shape, self.dim)), np.broadcast_to(t, shape)
        return self.density(u.reshape(-1, self.dim), t.ravel()).reshape(shape)


# ------------------------------------------------------------------------------------ densities computed from samples


@dataclass(frozen=True, eq=False)
class NumericalDensity:
    """A smooth function of one, two or three variables with a tabulated ridge density; see :func:`ridges_of`.

    ``error`` is the largest difference between the function and what its density rebuilds, at points drawn in the
    ball of radius ``reach``: it contains every approximation that was made.
    """

    function: Function
    dim: int
    reach: float
    error: float
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


def _direction_grid(dim: int, angles: int) -> Array:
    if dim == 1:
        return np.array([[1.0], [-1.0]])
    turn = 2 * np.pi * np.arange(angles) / angles
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    if dim == 2:
        return circle
    polar = (np.arange(angles // 2)[:, None, None] + 0.5) * np.pi / (angles // 2)
    return np.concatenate([np.cos(polar) * np.ones((1, angles, 1)), np.sin(polar) * circle], axis=-1).reshape(-1, 3)


def _profiles(values: Array, step: float, directions: Array) -> tuple[Array, float]:
    """Rows α(u, ·) on offsets from −PAD·spacing upwards, by the slice theorem: f̂ on rays, times s^{d+1}, and back."""
    from scipy.ndimage import map_coordinates

    n, d = values.shape[0], values.ndim
    padded = PADDING[d] * n
    spectrum = np.zeros((padded,) * d)
    middle = slice((padded - n) // 2, (padded - n) // 2 + n)
    spectrum[(middle,) * d] = values
    origin = [-(middle.start + n // 2)] * d  # x = 0 becomes index 0, so that f̂ has no needless oscillation
    spectrum = np.fft.fftn(np.roll(spectrum, origin, axis=tuple(range(d)))) * step**d
    period = 8 * n * step
    s = 2 * np.pi / period * np.arange(4 * n)
    rays = (directions[:, None, :] * s[:, None] * (padded * step / (2 * np.pi))).reshape(-1, d).T
    hat = map_coordinates(spectrum, rays, order=5, mode="grid-wrap").reshape(len(directions), -1)
    spacing = step / FINE
    profile = -inversion_constant(d) / spacing * np.fft.irfft(hat * s ** (d + 1), 8 * n * FINE)
    return np.roll(profile, PAD, axis=1), spacing


def ridges_of(
    function: Function, dim: int, reach: float, nodes: int | None = None, angles: int | None = None
) -> NumericalDensity:
    r"""The ridge density of your own smooth function of 1, 2 or 3 variables, with an error estimate.

    Samples f on a grid, transforms it, reads the transform along rays (the slice theorem), and returns
    :math:`\alpha(u,t)=-\frac{c_d}{2\pi}\int|s|^{d+1}\hat f(su)\,e^{ist}\,ds` as a spline on directions × offsets.

    Args:
        function: takes points ``(n, dim)``, returns ``(n,)``; it must have died out at distance ``reach``.
        dim: 1, 2 or 3.
        reach: half the side of the cube that is sampled; the network's radius may be as large.
        nodes: samples a side; 512, 160 and 56 for d = 1, 2, 3 if omitted.
        angles: directions around the circle; 400 and 80 for d = 2, 3 if omitted.

    Raises:
        ValueError: another ``dim``, or a function that is not small on the surface of the cube.

    Book: chapter 6, "A function of your own".
    """
    dim, reach = whole_number(dim, "dim", 1), positive_number(reach, "reach")
    if dim > 3:
        raise ValueError(f"dim must be 1, 2 or 3, got {dim}; supply the density yourself (KnownDensity)")
    from scipy.ndimage import spline_filter

    nodes = whole_number(NODES[dim] if nodes is None else nodes, "nodes", 16)
    angles = 2 * (whole_number(ANGLES[dim] if angles is None else angles, "angles", 2) // 2)
    step = 2 * reach / nodes
    axis = step * (np.arange(nodes) - nodes // 2)
    grid = np.stack(np.meshgrid(*[axis] * dim, indexing="ij"), axis=-1)
    values = finite_array(function(grid.reshape(-1, dim)), "function(grid)", (nodes**dim,)).reshape((nodes,) * dim)
    rim = max(np.abs(values.take([0, -1], axis=axis)).max() for axis in range(dim))
    if rim > 1e-3 * np.abs(values).max():
        raise ValueError(f"function must have died out at distance {reach:g}, it is {rim:.2g} there; raise reach")
    alpha, spacing = _profiles(values, step, _direction_grid(dim, angles))
    alpha = alpha[:, : int(np.ceil(reach / spacing)) + 1 + 2 * PAD]
    if dim == 1:
        table = np.stack([spline_filter(row, order=3, mode="mirror") for row in alpha])
    else:
        table = spline_filter(_wrapped(alpha, dim, angles), order=3, mode="mirror")
    draft = NumericalDensity(function, dim, reach, np.nan, frozen(table), angles, spacing)
    return NumericalDensity(function, dim, reach, _rebuild_error(draft, nodes), draft._table, angles, spacing)


def _wrapped(alpha: Array, dim: int, angles: int) -> Array:
    """The table continued around the circle, and for d = 3 over the poles, by PAD cells."""
    around = np.arange(-PAD, angles + PAD) % angles
    if dim == 2:
        return alpha[around]
    alpha = alpha.reshape(angles // 2, angles, -1)
    beyond = np.roll(alpha, angles // 2, axis=1)  # past a pole the azimuth turns by half
    return np.concatenate([beyond[PAD - 1 :: -1], alpha, beyond[: -PAD - 1 : -1]])[:, around]


def _rebuild_error(draft: NumericalDensity, nodes: int) -> float:
    """The largest difference between the function and what its table rebuilds, at points drawn in the ball."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(PROBES, draft.dim))
    X *= draft.reach * rng.random((PROBES, 1)) ** (1 / draft.dim) / np.linalg.norm(X, axis=1, keepdims=True)
    return float(max(abs(rebuild(draft, x, nodes // 2) - draft(x[None])[0]) for x in X))
