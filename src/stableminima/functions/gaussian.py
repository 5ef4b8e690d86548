r"""Gaussians and their mixtures, of which everything is known in closed form. Book: chapters 3 and 6."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.hermite_e import hermeval
from numpy.typing import ArrayLike
from scipy.special import dawsn, hyp1f1

from ..checks import Array, finite_array, frozen, input_points, real_array, unit_rows, whole_number
from .radon import sphere_area


def gaussian_ridge_density(dim: int, offset: ArrayLike) -> Array:
    r"""Ridge density of :math:`e^{-\|x\|^2/2}` at offset t (it does not depend on u). For odd d, and for d = 2,

    .. math:: \alpha(t)=-(-1)^{\frac{d+1}2}\frac{\mathrm{He}_{d+1}(t)\,e^{-t^2/2}}{2(2\pi)^{(d-1)/2}},\qquad
              \alpha(t)=\frac1{\pi\sqrt2}\,\partial_t^3\,\mathrm{Daw}\bigl(t/\sqrt2\bigr),

    and for every d, with the volume :math:`\kappa_d` of the unit ball and Kummer's function M,
    :math:`\alpha(t)=-\kappa_d^{-1}M(\frac d2+1;\frac12;-\frac{t^2}2)`.

    Args:
        dim: number of inputs d ≥ 1.
        offset: offsets t, an array of any shape.

    Returns:
        α(t), of the shape of ``offset``.

    Raises:
        ValueError: ``dim`` is not a whole number ≥ 1; NaN or infinity.

    Source: closed forms ours. Book: chapter 3, "The Gaussian", and chapter 6, "The bump in every dimension".

    >>> gaussian_ridge_density(1, [0.0, 1.0])  # f″/2
    array([-0.5,  0. ])
    """
    t, dim = finite_array(offset, "offset"), whole_number(dim, "dim", 1)
    if dim % 2 == 1:
        he = hermeval(t, [0] * (dim + 1) + [1])
        return -((-1) ** ((dim + 1) // 2)) * he * np.exp(-(t**2) / 2) / (2 * (2 * np.pi) ** ((dim - 1) / 2))
    if dim == 2:
        s = t / np.sqrt(2)
        return (4 * s**2 - 4 + (12 * s - 8 * s**3) * dawsn(s)) / (4 * np.pi)
    kummer = np.asarray(hyp1f1(dim / 2 + 1, 0.5, -(t**2) / 2), dtype=np.float64)
    return -dim / sphere_area(dim) * kummer  # the unit ball has volume area/dim


@dataclass(frozen=True, eq=False)
class Gaussian:
    r"""The function :math:`f(x)=\exp(-\frac12(x-m)^{\mathsf T}\Sigma^{-1}(x-m))` with everything known in closed form.

    Args:
        mean: m, ``(d,)``.
        covariance: Σ, ``(d, d)``, symmetric positive definite; the identity if omitted.

    With :math:`s=(t-u\cdot m)/\sigma_u`, :math:`\sigma_u^2=u^{\mathsf T}\Sigma u`:
    :math:`Rf=(2\pi)^{(d-1)/2}\sqrt{\det\Sigma}\,\sigma_u^{-1}e^{-s^2/2}` and
    :math:`\alpha=\sqrt{\det\Sigma}\,\sigma_u^{-(d+2)}\alpha_0(s)`, α₀ from :func:`gaussian_ridge_density`.

    Raises:
        ValueError: shapes that do not fit together, a covariance that is not positive definite.

    Source: closed forms ours. Book: chapter 3, "The Gaussian".

    >>> Gaussian([1.0, 0.0], [[4.0, 0.0], [0.0, 1.0]])([[3.0, 0.0]]).round(12)  # exp(−1/2)
    array([0.60653066])
    """

    mean: Array
    covariance: Array = None  # type: ignore[assignment]  # the identity, as soon as the dimension is known

    def __post_init__(self) -> None:
        mean = finite_array(np.atleast_1d(real_array(self.mean, "mean")), "mean", (None,))
        d, given = len(mean), self.covariance
        covariance = finite_array(np.eye(d) if given is None else given, "covariance", (d, d))
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
        """Gradients at points.

        Args:
            X: points, ``(n, d)``.

        Returns:
            The gradients, ``(n, d)``.

        Raises:
            ValueError: ``X`` does not fit the dimension, or holds NaN or infinity.
        """
        X = input_points(X, self.dim)
        return -self(X)[:, None] * np.linalg.solve(self.covariance, (X - self.mean).T).T

    def _along(self, direction: ArrayLike, offset: ArrayLike) -> tuple[Array, Array, float]:
        """The standardised offsets s, the standard deviations σ_u, and √det Σ."""
        u = unit_rows(finite_array(direction, "direction"))
        width = np.sqrt(((u @ self.covariance) * u).sum(axis=-1))
        return (finite_array(offset, "offset") - u @ self.mean) / width, width, np.sqrt(np.linalg.det(self.covariance))

    def radon(self, direction: ArrayLike, offset: ArrayLike) -> Array:
        """The Radon transform of the function.

        Args:
            direction: unit vectors u, ``(…, d)``.
            offset: offsets t, ``(…)``.

        Returns:
            The values, ``(…)``.

        Raises:
            ValueError: directions that are not of length 1, shapes that do not fit, NaN or infinity.
        """
        s, width, volume = self._along(direction, offset)
        return (2 * np.pi) ** ((self.dim - 1) / 2) * volume / width * np.exp(-(s**2) / 2)

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
        shares: non-negative numbers, ``(m,)``, one a covariance; only their ratios count.

    Returns:
        Directions ``(k, d)`` and densities ``(k,)``.

    Source: ours. Book: chapter 6, "From infinitely many neurons to finitely many".

    >>> u, density = angular_gaussian(np.eye(2), [np.eye(2)], [1.0])  # round: nothing moves
    >>> u.tolist(), density.tolist()
    ([[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0])
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


@dataclass(frozen=True, eq=False)
class Mixture:
    r"""The linear combination :math:`f=\sum_jw_jf_j` of Gaussians; weights may be negative.

    Args:
        parts: m functions :class:`stableminima.functions.gaussian.Gaussian` of one dimension.
        weights: ``(m,)``; all 1 if omitted.

    Raises:
        ValueError: no parts, parts of different dimensions, weights that are not as many.

    Source: ours. Book: chapter 6, "From infinitely many neurons to finitely many".

    >>> ricker = Mixture([Gaussian([0.0]), Gaussian([0.0], [[4.0]])], [2.0, -1.0])
    >>> ricker([0.0])
    array([1.])
    """

    parts: Sequence[Gaussian]
    weights: Array = None  # type: ignore[assignment]  # ones, as soon as the parts are counted

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
        """Gradients at points.

        Args:
            X: points, ``(n, d)``.

        Returns:
            The gradients, ``(n, d)``.

        Raises:
            ValueError: ``X`` does not fit the dimension, or holds NaN or infinity.
        """
        return self._sum(lambda part: part.gradient(X))

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
        return self._sum(lambda part: part.ridge_density(direction, offset))

    def direction_sampler(self, z: Array) -> tuple[Array, Array]:
        """Directions from uniform ones, and their density: :func:`angular_gaussian` in proportion to the weights.

        Args:
            z: directions, uniform on the sphere, ``(k, d)``.

        Returns:
            The directions, ``(k, d)``, and the density with which they were drawn, ``(k,)``.
        """
        return angular_gaussian(z, [part.covariance for part in self.parts], np.abs(self.weights) + 1e-12)
