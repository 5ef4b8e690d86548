r"""From neurons to function space: the ridge density of a function and the Radon transform.

A function is a superposition of ridges plus an affine function,
:math:`f(x)=\int_{S^{d-1}}\int_{\mathbb R}\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du+\ell(x)`, with the even ridge density

.. math:: \alpha=-c_d\,R(-\Delta)^{(d+1)/2}f,\qquad c_d=\frac1{2(2\pi)^{d-1}},\qquad Rf(u,t)=\int_{u\cdot x=t}f,

and its stability norm is :math:`S_g(f)=\iint|\alpha|\,g`. On :math:`S^0=\{\pm1\}` the integral over directions is a
sum; every hyperplane appears twice, as (u, t) and as (−u, −t). Book: chapter 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.special import gamma, roots_gegenbauer

from ..checks import Array, finite_array, real_array, unit_rows, whole_number


def inversion_constant(dim: int) -> float:
    r"""The constant :math:`c_d=1/(2(2\pi)^{d-1})` of the filtered back-projection.

    Args:
        dim: number of inputs d ≥ 1.

    Returns:
        c_d.

    Raises:
        ValueError: ``dim`` is not a whole number ≥ 1.

    Source: classical. Book: chapter 3, "The Radon transform from zero".

    >>> [round(inversion_constant(d) * 4 * np.pi, 6) for d in (1, 2)]
    [6.283185, 1.0]
    """
    dim = whole_number(dim, "dim", 1)
    return 1 / (2 * (2 * np.pi) ** (dim - 1))


def sphere_area(dim: int) -> float:
    r"""Surface of the unit sphere :math:`S^{d-1}`, :math:`2\pi^{d/2}/\Gamma(d/2)`: 2, 2π, 4π, …

    Args:
        dim: number of inputs d ≥ 1.

    Returns:
        The area.

    Raises:
        ValueError: ``dim`` is not a whole number ≥ 1.

    Source: classical. Book: chapter 3, "The Radon transform from zero".

    >>> round(sphere_area(3) / np.pi, 12)
    4.0
    """
    dim = whole_number(dim, "dim", 1)
    return float(2 * np.pi ** (dim / 2) / gamma(dim / 2))


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
        reach: distance, in the unit of the inputs, from the point of each hyperplane that is nearest to the origin,
            beyond which the function is 0.
        nodes: points a side.

    Returns:
        The integrals, ``(m,)``.

    Raises:
        ValueError: directions that are not of length 1, NaN or infinity, shapes that do not fit.

    Source: classical. Book: chapter 3, "The Radon transform from zero".

    >>> bump = lambda X: np.exp(-(X**2).sum(axis=1) / 2)
    >>> round(float(radon_transform(bump, [[0.6, 0.8]], [0.0])[0]), 6)  # √(2π)
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

    Args:
        profile: Rf(u, ·), ``(…, m)``.
        spacing: distance of two offsets.
        dim: number of inputs d.

    Returns:
        α(u, ·) at the same offsets, ``(…, m)``.

    Raises:
        ValueError: NaN or infinity, ``dim`` is not a whole number ≥ 1.

    Source: classical. Book: chapter 3, "The Gaussian".

    >>> t = np.linspace(-9, 9, 181)  # in one dimension Rf = f, and α = f″/2
    >>> bool(abs(filtered_density(np.exp(-(t**2) / 2), 0.1, 1)[90] + 0.5) < 1e-9)
    True
    """
    profile, dim = finite_array(profile, "profile"), whole_number(dim, "dim", 1)
    n = profile.shape[-1]
    frequency = 2 * np.pi * np.fft.rfftfreq(8 * n, spacing)
    spectrum = np.fft.rfft(profile, 8 * n) * frequency ** (dim + 1)
    return -inversion_constant(dim) * np.fft.irfft(spectrum, 8 * n)[..., :n]


# ------------------------------------------------------------------------------------------- rebuilding the function


class RidgeFunction(Protocol):
    """A function with a known ridge density, such as :class:`~stableminima.functions.gaussian.Gaussian`."""

    def __call__(self, X: ArrayLike) -> Array: ...

    def gradient(self, X: ArrayLike) -> Array: ...

    def ridge_density(self, direction: ArrayLike, offset: ArrayLike) -> Array: ...


def sphere_rule(dim: int, order: int) -> tuple[Array, Array]:
    """Points and weights on the unit sphere, exact for polynomials of degree < 2·``order``.

    Args:
        dim: number of inputs d ≥ 1.
        order: of the Gauss rules, nodes in each of d − 1 angles.

    Returns:
        Points ``(m, d)`` and weights ``(m,)``, whose sum is the area of the sphere.

    Raises:
        ValueError: ``dim`` or ``order`` is not a whole number ≥ 1.

    Source: classical. Book: chapter 3, "The Gaussian".

    >>> points, weights = sphere_rule(3, 4)
    >>> round(float(weights @ points[:, 0] ** 2 / np.pi), 12)  # a third of 4π
    1.333333333333
    """
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

    Args:
        function: values, gradient and ridge density, such as :class:`~stableminima.functions.gaussian.Gaussian`.
        x: the point, ``(d,)``.
        order: of the rules; smooth densities need few nodes.

    Returns:
        f(x).

    Raises:
        ValueError: NaN or infinity, ``x`` is not a vector.

    Source: the inversion formula as in Liang et al. 2025, the reduction to half of the sphere ours. Book: chapter 3,
    "The Gaussian".

    >>> from stableminima.functions import Gaussian
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
