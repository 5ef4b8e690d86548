r"""From neurons to function space: the ridge density of a function and the Radon transform.

A function is a superposition of ridges plus an affine function,
:math:`f(x)=\int_{S^{d-1}}\int_{\mathbb R}\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du+\ell(x)`, with the even ridge density

.. math:: \alpha=-c_d\,R(-\Delta)^{(d+1)/2}f,\qquad c_d=\frac1{2(2\pi)^{d-1}},\qquad Rf(u,t)=\int_{u\cdot x=t}f,

and its stability norm is :math:`S_g(f)=\iint|\alpha|\,g`. On :math:`S^0=\{\pm1\}` the integral over directions is a
sum; every hyperplane appears twice, as (u, t) and as (−u, −t). Book: chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.polynomial.hermite_e import hermeval
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.special import dawsn, gamma, hyp1f1, roots_gegenbauer

from ..checks import Array, finite_array, frozen, input_points, real_array, unit_rows, whole_number


def inversion_constant(dim: int) -> float:
    r"""The constant :math:`c_d=1/(2(2\pi)^{d-1})` of the filtered back-projection in dimension ``dim``.

    >>> [round(inversion_constant(d) * 4 * np.pi, 6) for d in (1, 2)]
    [6.283185, 1.0]
    """
    dim = whole_number(dim, "dim", 1)
    return 1 / (2 * (2 * np.pi) ** (dim - 1))


def sphere_area(dim: int) -> float:
    r"""Surface of the unit sphere :math:`S^{d-1}`, :math:`2\pi^{d/2}/\Gamma(d/2)`: 2, 2π, 4π, …"""
    dim = whole_number(dim, "dim", 1)
    return float(2 * np.pi ** (dim / 2) / gamma(dim / 2))


# ------------------------------------------------------------------------------------------------- Gaussian functions


def gaussian_ridge_density(dim: int, offset: ArrayLike) -> Array:
    r"""Ridge density of :math:`e^{-\|x\|^2/2}` at offset t (it does not depend on u). For odd d, and for d = 2,

    .. math:: \alpha(t)=-(-1)^{\frac{d+1}2}\frac{\mathrm{He}_{d+1}(t)\,e^{-t^2/2}}{2(2\pi)^{(d-1)/2}},\qquad
              \alpha(t)=\frac1{\pi\sqrt2}\,\partial_t^3\,\mathrm{Daw}\bigl(t/\sqrt2\bigr),

    and for every d, with the volume :math:`\kappa_d` of the unit ball and Kummer's function M,
    :math:`\alpha(t)=-\kappa_d^{-1}M(\frac d2+1;\frac12;-\frac{t^2}2)`.

    Source: closed forms ours. Book: chapter 3, "The Gaussian", and chapter 6, "The bump in every dimension".
    """
    t, dim = finite_array(offset, "offset"), whole_number(dim, "dim", 1)
    if dim % 2 == 1:
        he = hermeval(t, [0] * (dim + 1) + [1])
        return -((-1) ** ((dim + 1) // 2)) * he * np.exp(-(t**2) / 2) / (2 * (2 * np.pi) ** ((dim - 1) / 2))
    if dim == 2:
        s = t / np.sqrt(2)
        return (4 * s**2 - 4 + (12 * s - 8 * s**3) * dawsn(s)) / (4 * np.pi)
    return -dim / sphere_area(dim) * hyp1f1(dim / 2 + 1, 0.5, -(t**2) / 2)  # the unit ball has volume area/dim


@dataclass(frozen=True, eq=False)
class Gaussian:
    r"""The function :math:`f(x)=\exp(-\frac12(x-m)^{\mathsf T}\Sigma^{-1}(x-m))` with everything known in closed form.

    Args:
        mean: m, ``(d,)``.
        covariance: Σ, ``(d, d)``, symmetric positive definite; the identity if omitted.

    With :math:`s=(t-u\cdot m)/\sigma_u`, :math:`\sigma_u^2=u^{\mathsf T}\Sigma u`:
    :math:`Rf=(2\pi)^{(d-1)/2}\sqrt{\det\Sigma}\,\sigma_u^{-1}e^{-s^2/2}` and
    :math:`\alpha=\sqrt{\det\Sigma}\,\sigma_u^{-(d+2)}\alpha_0(s)`, α₀ from :func:`gaussian_ridge_density`.
    """

    mean: Array
    covariance: Array | None = None

    def __post_init__(self) -> None:
        mean = finite_array(np.atleast_1d(real_array(self.mean, "mean")), "mean", (None,))
        d = len(mean)
        covariance = finite_array(np.eye(d) if self.covariance is None else self.covariance, "covariance", (d, d))
        if not np.allclose(covariance, covariance.T) or np.linalg.eigvalsh(covariance)[0] <= 0:
            raise ValueError(f"covariance must be symmetric positive definite, got {covariance.tolist()}")
        object.__setattr__(self, "mean", frozen(mean))
        object.__setattr__(self, "covariance", frozen(covariance))

    @property
    def dim(self) -> int:
        """Number of inputs, d."""
        return len(self.mean)

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``: ``(n, d)`` to ``(n,)``."""
        D = input_points(X, self.dim) - self.mean
        return np.exp(-(D * np.linalg.solve(self.covariance, D.T).T).sum(axis=1) / 2)

    def gradient(self, X: ArrayLike) -> Array:
        """Gradients at the rows of ``X``, ``(n, d)``."""
        X = input_points(X, self.dim)
        return -self(X)[:, None] * np.linalg.solve(self.covariance, (X - self.mean).T).T

    def _along(self, direction: ArrayLike, offset: ArrayLike) -> tuple[Array, Array, float]:
        u = unit_rows(finite_array(direction, "direction"))
        width = np.sqrt(((u @ self.covariance) * u).sum(axis=-1))
        return (finite_array(offset, "offset") - u @ self.mean) / width, width, np.sqrt(np.linalg.det(self.covariance))

    def radon(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """The Radon transform at unit directions ``(…, d)`` and offsets ``(…)``."""
        s, width, volume = self._along(direction, offset)
        return (2 * np.pi) ** ((self.dim - 1) / 2) * volume / width * np.exp(-(s**2) / 2)

    def ridge_density(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """The ridge density α at unit directions ``(…, d)`` and offsets ``(…)``."""
        s, width, volume = self._along(direction, offset)
        return volume / width ** (self.dim + 2) * gaussian_ridge_density(self.dim, s)


def angular_gaussian(z: Array, covariances: Sequence[Array], shares: ArrayLike) -> tuple[Array, Array]:
    r"""Directions concentrated where Gaussians of these covariances fold most, and their density.

    A share of the rows of ``z``, uniform on the sphere, goes to each covariance :math:`\Sigma=LL^{\mathsf T}` and
    becomes :math:`u=L^{-\mathsf T}z/\|L^{-\mathsf T}z\|`; relative to the uniform law u has density
    :math:`\sqrt{\det\Sigma}\,(u^{\mathsf T}\Sigma u)^{-d/2}`, averaged over the shares.

    Args:
        z: unit vectors, ``(k, d)``.
        covariances: matrices ``(d, d)``.
        shares: non-negative numbers, one a covariance; only their ratios count.

    Returns:
        directions ``(k, d)`` and densities ``(k,)``.
    """
    k, d = z.shape
    cuts = np.round(np.cumsum(shares) / np.sum(shares) * k).astype(int)
    u = np.empty_like(z)
    density = np.zeros(k)
    for covariance, start, stop in zip(covariances, np.append(0, cuts[:-1]), cuts, strict=True):
        u[start:stop] = np.linalg.solve(np.linalg.cholesky(covariance).T, z[start:stop].T).T
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    for covariance, count in zip(covariances, np.diff(cuts, prepend=0), strict=True):
        volume = np.sqrt(np.linalg.det(covariance))
        density += count / k * volume * ((u @ covariance) * u).sum(axis=1) ** (-d / 2)
    return u, density


# ------------------------------------------------------------------------------------------ numerical Radon transform


def radon_transform(
    function: Callable[[Array], Array], direction: ArrayLike, offset: ArrayLike, reach: float = 9.0, nodes: int = 48
) -> Array:
    r"""Numerical Radon transform :math:`\int_{u\cdot x=t}f`, ``(m,)``, of a smooth function that is 0 beyond ``reach``.

    The trapezoidal rule on ``nodes`` points a side of each hyperplane, exponentially accurate for such functions.
    Meant for checking closed forms: it costs :math:`\mathrm{nodes}^{d-1}` values a hyperplane.

    Args:
        function: takes points ``(n, d)``, returns ``(n,)``.
        direction: unit vectors u, ``(m, d)``.
        offset: offsets t, ``(m,)``.

    >>> round(float(radon_transform(Gaussian([0.0, 0.0]), [[0.6, 0.8]], [0.0])[0]), 6)  # √(2π)
    2.506628
    """
    direction = unit_rows(finite_array(np.atleast_2d(real_array(direction, "direction")), "direction", (None, None)))
    offset = finite_array(np.atleast_1d(real_array(offset, "offset")), "offset", (len(direction),))
    d = direction.shape[1]
    axis, step = np.linspace(-reach, reach, nodes, retstep=True)
    flat = np.stack(np.meshgrid(*[axis] * (d - 1), [0.0], indexing="ij"), axis=-1).reshape(-1, d)[:, :-1]
    sums = [function(t * u + flat @ _tangent_basis(u)).sum() for u, t in zip(direction, offset, strict=True)]
    return step ** (d - 1) * np.array(sums)


def _tangent_basis(u: Array) -> Array:
    """An orthonormal basis of the complement of the unit vector ``u``, ``(d−1, d)``."""
    return np.linalg.svd(u[None, :])[2][1:]


def filtered_density(profile: ArrayLike, spacing: float, dim: int) -> Array:
    r"""Ridge density from samples of :math:`t\mapsto Rf(u,t)`, by FFT: :math:`\alpha=-c_d(-\partial_t^2)^{(d+1)/2}Rf`.

    One formula for odd d (a derivative) and even d (a derivative and a Hilbert transform): multiplication by
    :math:`|s|^{d+1}` on the Fourier side. The last axis of ``profile`` is t, equally spaced; Rf must have died out at
    both ends. For even d the density has tails :math:`\sim t^{-(d+2)}`, which the period of the FFT folds back: the
    profile is padded with zeros to eight times its length.
    """
    profile, dim = finite_array(profile, "profile"), whole_number(dim, "dim", 1)
    n = profile.shape[-1]
    frequency = 2 * np.pi * np.fft.rfftfreq(8 * n, spacing)
    spectrum = np.fft.rfft(profile, 8 * n) * frequency ** (dim + 1)
    return -inversion_constant(dim) * np.fft.irfft(spectrum, 8 * n)[..., :n]


# ------------------------------------------------------------------------------------------- rebuilding the function


class RidgeFunction(Protocol):
    """A function with a known ridge density, such as :class:`Gaussian`."""

    def __call__(self, X: ArrayLike) -> Array: ...

    def gradient(self, X: ArrayLike) -> Array: ...

    def ridge_density(self, direction: ArrayLike, offset: ArrayLike) -> Array: ...


def sphere_rule(dim: int, order: int) -> tuple[Array, Array]:
    """Points ``(m, dim)`` and weights ``(m,)`` on the unit sphere, exact for polynomials of degree < 2·``order``."""
    dim, order = whole_number(dim, "dim", 1), whole_number(order, "order", 1)
    if dim == 1:
        return np.array([[1.0], [-1.0]]), np.ones(2)
    if dim == 2:
        angle = np.arange(2 * order) * np.pi / order
        return np.column_stack([np.cos(angle), np.sin(angle)]), np.full(2 * order, np.pi / order)
    points, weights = sphere_rule(dim - 1, order)
    height, height_weight = leggauss(order) if dim == 3 else roots_gegenbauer(order, (dim - 2) / 2)
    radius = np.sqrt(1 - height**2)
    stacked = np.column_stack([np.repeat(height, len(points)), np.kron(radius[:, None], points)])
    return stacked, np.outer(height_weight, weights).ravel()


def rebuild(function: RidgeFunction, x: ArrayLike, order: int = 24) -> float:
    r"""The value at one point, put together from the ridge density and the value and gradient at the origin:

    .. math:: f(x)=f(0)+\nabla f(0)\cdot x+2\int_{u\cdot x>0}\int_0^{u\cdot x}\alpha(u,t)\,(u\cdot x-t)\,dt\,du .

    Gauss rules of the given ``order`` in t and in the angle to x, a product rule in the remaining directions.

    >>> bump = Gaussian([0.0, 0.0, 0.0])
    >>> abs(rebuild(bump, [1.0, 0.5, -0.5]) - bump([[1.0, 0.5, -0.5]])[0]) < 1e-12
    np.True_
    """
    x = finite_array(x, "x", (None,))
    d, radius, origin = len(x), np.linalg.norm(x), np.zeros((1, len(x)))
    value = float(function(origin)[0] + function.gradient(origin)[0] @ x)
    if radius == 0:
        return value
    e = x / radius
    node, weight = (part / 2 for part in leggauss(order))
    node = node + 0.5  # Gauss–Legendre on [0, 1]
    if d == 1:
        cosine, area, directions = np.ones(1), np.ones(1), e[None, None, :]
    else:
        angle = node * np.pi / 2
        cosine, around, around_weight = np.sin(angle), *sphere_rule(d - 1, order)
        area = (np.outer(weight * np.pi / 2 * np.cos(angle) ** (d - 2), around_weight)).ravel()
        around = around @ _tangent_basis(e)
        directions = cosine[:, None, None] * e + np.sqrt(1 - cosine**2)[:, None, None] * around
        cosine = np.repeat(cosine, len(around))
    directions = directions.reshape(-1, d)
    for z, w in zip(node, weight, strict=True):
        reach = radius * cosine
        value += 2 * w * (1 - z) * (area * reach**2) @ function.ridge_density(directions, z * reach)
    return float(value)
