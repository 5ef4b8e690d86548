r"""The pyramid on the sinogram: its ridge density, mollified in closed form, and what the norm of that costs.

With :math:`K_j=u_j^{d-3}/\prod_{k\ne j}(u_j^2-u_k^2)` the density of :math:`\varphi(x)=[1-\|x\|_1]_+` sits where a
hyperplane passes through a vertex :math:`\pm e_j` of the cross-polytope:

.. math::

    \alpha=\frac{(-1)^{(d-1)/2}}{2\pi^{d-1}}\sum_jK_j\,[\delta(t-u_j)+\delta(t+u_j)]\quad(d\text{ odd}),\qquad
    \alpha=\frac{(-1)^{d/2}\,t^{d-2}}{\pi^d\prod_j(t^2-u_j^2)}\quad(d\text{ even, principal value}).

A Gaussian of width ε in x is one in t, so that :math:`\varphi_\varepsilon` has δ replaced by a Gaussian and 1/t by
Dawson's function. Book: chapter 5, "The pyramid on the sinogram" and "The exact cost in the plane".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike
from scipy.special import dawsn, ndtr

from ..checks import Array, finite_array, input_points, positive_number, unit_rows, whole_number
from ._sector import composite, sector, segments

Weight = Callable[[Array], Array]  # an isotropic data weight g(|t|)


def vertex_weights(direction: ArrayLike) -> Array:
    r"""The masses of the pyramid's ridge density, :math:`K_j=u_j^{d-3}/\prod_{k\ne j}(u_j^2-u_k^2)`.

    Args:
        direction: unit vectors u, ``(…, d)``, all :math:`|u_j|` different.

    Returns:
        K, ``(…, d)``; infinite or NaN where two :math:`|u_j|` are equal.

    Raises:
        ValueError: directions that are not of length 1, NaN or infinity.

    Source: ours. Book: chapter 5, "What a crease costs".

    >>> vertex_weights([0.6, 0.8]).round(4)
    array([-5.9524,  4.4643])
    """
    u = unit_rows(finite_array(direction, "direction"))
    d = u.shape[-1]
    gaps = u[..., :, None] ** 2 - u[..., None, :] ** 2 + np.eye(d)
    return u ** float(d - 3) / gaps.prod(axis=-1)


def pyramid_density(direction: ArrayLike, offset: ArrayLike) -> Array:
    r"""The pyramid's ridge density for even d, :math:`(-1)^{d/2}\pi^{-d}t^{d-2}/\prod_j(t^2-u_j^2)`, off its poles.

    Args:
        direction: unit vectors u, ``(…, d)``, d even.
        offset: offsets t, ``(…)``, none of them equal to some ±u_j.

    For odd d the density is a sum of point masses (:func:`vertex_weights`).

    Returns:
        α, of the common shape of ``direction[..., 0]`` and ``offset``.

    Raises:
        ValueError: odd d, directions that are not of length 1, NaN or infinity.

    Source: ours. Book: chapter 5, "What a crease costs".

    >>> float((np.pi**2 * pyramid_density([0.6, 0.8], 1.0)).round(6))  # −1/(0.64 · 0.36)
    -4.340278
    """
    u, t = unit_rows(finite_array(direction, "direction")), finite_array(offset, "offset")
    d = u.shape[-1]
    if d % 2:
        raise ValueError(f"direction must have an even number of entries, got {d}; for odd d use mollified_density")
    return (-1) ** (d // 2) / np.pi**d * t ** (d - 2) / (t[..., None] ** 2 - u**2).prod(axis=-1)


def mollified_density(direction: ArrayLike, offset: ArrayLike, scale: float) -> Array:
    r"""Ridge density of :math:`\varphi_\varepsilon(x)=\mathbb E\,\varphi(x+\varepsilon Z)`, Z standard normal.

    .. math:: \frac{(-1)^{(d-1)/2}}{2\pi^{d-1}}\sum_jK_j[\gamma_\varepsilon(t-u_j)+\gamma_\varepsilon(t+u_j)],\qquad
              \frac{(-1)^{d/2}}{2\pi^d}\sum_jK_j[k_\varepsilon(t-u_j)-k_\varepsilon(t+u_j)]

    for odd and even d; :math:`\gamma_\varepsilon` the normal density,
    :math:`k_\varepsilon(t)=\frac{\sqrt2}\varepsilon\mathrm{Daw}(\frac t{\sqrt2\varepsilon})`.

    Args:
        direction: unit vectors u, ``(…, d)``, entries of different sizes.
        offset: offsets t, ``(…)``.
        scale: ε > 0, in the unit of the inputs.

    Returns:
        α, of the common shape of ``direction[..., 0]`` and ``offset``.

    Raises:
        ValueError: directions that are not of length 1, NaN or infinity, ε is not positive.

    Source: ours. Book: chapter 5, "The exact cost in the plane".

    >>> far = mollified_density([0.6, 0.8], 3.0, 1e-3) / pyramid_density([0.6, 0.8], 3.0)
    >>> bool(abs(far - 1) < 1e-5)  # off the poles the blur does not matter
    True
    """
    u, t = unit_rows(finite_array(direction, "direction")), finite_array(offset, "offset")
    return _mollified(u, vertex_weights(u), t, positive_number(scale, "scale"))


def _mollified(u: Array, K: Array, t: Array, scale: float) -> Array:
    """:func:`mollified_density` for valid arguments whose vertex weights K are known."""
    d = u.shape[-1]
    total = np.zeros(np.broadcast_shapes(u.shape[:-1], t.shape))
    for j in range(d):
        left, right = (t - u[..., j]) / scale, (t + u[..., j]) / scale
        if d % 2:
            pair = (np.exp(-(left**2) / 2) + np.exp(-(right**2) / 2)) / np.sqrt(2 * np.pi)
        else:
            pair = np.sqrt(2) * (dawsn(left / np.sqrt(2)) - dawsn(right / np.sqrt(2)))
        total += K[..., j] * pair
    return (-1) ** (d // 2) / (2 * np.pi ** (d - d % 2) * scale) * total


@dataclass(frozen=True)
class MollifiedPyramid:
    r"""The pyramid blurred by a Gaussian, :math:`\varphi_\varepsilon(x)=\mathbb E\,\varphi(x+\varepsilon Z)`, d ≥ 2.

    Args:
        dim: number of inputs d ≥ 2.
        scale: ε > 0, in the unit of the inputs.
        order: nodes of the Gauss rule in each coordinate but one; 0 takes as many as the blur needs, 4/ε and at least
            40. With fewer than 2/ε values are wrong: a rule that is coarser than the blur steps over it.

    Raises:
        ValueError: an argument out of range, or a blur so small that its rule would have more than ten million nodes.

    Its values do not use its density: one coordinate is integrated in closed form (a blurred tent), the others by Gauss
    rules on the ``order``\ :sup:`d−1` points of each orthant; :func:`stableminima.functions.radon.rebuild` compares
    the two.

    Source: ours. Book: chapter 5, "The exact cost in the plane", and chapter 6, "Back to the pyramid".

    >>> round(float(MollifiedPyramid(2, 0.02)([[0.3, 0.3]])[0]), 6)  # no crease within 14 ε
    0.4
    """

    dim: int
    scale: float
    order: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "dim", whole_number(self.dim, "dim", 2))
        object.__setattr__(self, "scale", positive_number(self.scale, "scale"))
        order = whole_number(self.order, "order", 0) or max(40, int(np.ceil(4 / self.scale)))
        object.__setattr__(self, "order", whole_number(order, "order", 2))
        if self.order ** (self.dim - 1) > 10_000_000:
            raise ValueError(
                f"scale must be larger for dim={self.dim}: {self.scale:g} needs {self.order}^{self.dim - 1} nodes; "
                "blur more, or pass an order of at least 2/scale"
            )

    def _integrate(self, X: Array, tent: Callable[[Array, Array], Array]) -> Array:
        """∫ Πγ(x_j − y_j) tent(x_d; 1 − |y|₁) dy over |y|₁ < 1 in the first d − 1 coordinates."""
        node, weight = (part / 2 for part in leggauss(self.order))
        node = node + 0.5
        points, weights, room = np.zeros((1, 0)), np.ones(1), np.ones(1)
        for _ in range(self.dim - 1):  # the next coordinate takes a part of what the earlier ones have left
            points = np.column_stack([np.repeat(points, len(node), axis=0), np.outer(room, node).ravel()])
            weights, room = np.outer(weights * room, weight).ravel(), np.outer(room, 1 - node).ravel()
        value = np.zeros(len(X))
        for sign in product([1.0, -1.0], repeat=self.dim - 1):
            z = (X[:, None, :-1] - sign * points) / self.scale
            density = np.exp(-(z**2).sum(axis=-1) / 2) / (np.sqrt(2 * np.pi) * self.scale) ** (self.dim - 1)
            value += (density * tent(X[:, -1:], room)) @ weights
        return value

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``: ``(n, d)`` to ``(n,)``."""

        def ramp(z: Array) -> Array:
            z = z / self.scale
            return self.scale * (z * ndtr(z) + np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi))

        def tent(x: Array, c: Array) -> Array:
            return ramp(x + c) - 2 * ramp(x) + ramp(x - c)

        return self._integrate(input_points(X, self.dim), tent)

    def gradient(self, X: ArrayLike) -> Array:
        """Gradients at points.

        Args:
            X: points, ``(n, d)``.

        Returns:
            The gradients, ``(n, d)``.

        Raises:
            ValueError: ``X`` does not fit the dimension, or holds NaN or infinity.
        """

        def step(x: Array, c: Array) -> Array:
            return ndtr((x + c) / self.scale) - 2 * ndtr(x / self.scale) + ndtr((x - c) / self.scale)

        X = input_points(X, self.dim)
        return np.column_stack([self._integrate(np.roll(X, -j - 1, axis=1), step) for j in range(self.dim)])

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
        return mollified_density(direction, offset, self.scale)


# ----------------------------------------------------------------------------------------------- the norm and its rate


def rate_constant(dim: int, weight: Weight | None = None) -> float:
    r"""The constant C in :math:`\iint|\alpha_\varepsilon|g=C\ln^2(1/\varepsilon)+O(\ln)`, for d = 2 and 3:

    .. math:: \frac{2\sqrt2}{\pi^2}\sum_{\text{4 edges}}g+\frac4{\pi^2}\sum_{\text{2 axes}}g,\qquad
              \frac{3\sqrt3}{\pi^2}\sum_{\text{8 faces}}g+\frac8{\pi^2}\sum_{\text{3 planes}}g .

    Args:
        dim: number of inputs d, 2 or 3.
        weight: g as a function of :math:`|t|` (isotropic inputs); 1 if omitted. Faces have :math:`t=1/\sqrt d`,
            axes t = 0.

    Returns:
        C.

    Raises:
        ValueError: another ``dim``.

    Source: ours. Book: chapter 5, "The exact cost in the plane"; for d = 3 found by computation, not proved there.

    >>> round(rate_constant(2), 6), round(rate_constant(3), 5)
    (1.956888, 6.64355)
    """
    if dim not in (2, 3):
        raise ValueError(f"dim must be 2 or 3, got {dim!r}; the constant is not known beyond")
    face, axis = (1.0, 1.0) if weight is None else (float(weight(np.array([t]))[0]) for t in (dim**-0.5, 0.0))
    if dim == 2:
        return float(8 * np.sqrt(2) * face + 8 * axis) / np.pi**2
    return float(24 * np.sqrt(3) * face + 24 * axis) / np.pi**2


def mollified_norm(dim: int, scale: float, weight: Weight | None = None) -> float:
    r"""The norm :math:`\int_{S^{d-1}}\int_{\mathbb R}|\alpha_\varepsilon(u,t)|\,g(|t|)\,dt\,du` for d = 2 and 3.

    One sector of directions stands for all (8 for d = 2, 48 for d = 3); the rules are graded towards the directions at
    which two poles meet, and towards the poles. Better than four digits for d = 2 and three for d = 3.

    Args:
        dim: number of inputs d, 2 or 3.
        scale: ε, between 1e-9 and 0.3, in the unit of the inputs.
        weight: g as a function of :math:`|t|`, isotropic; 1 if omitted.

    Returns:
        The norm.

    Raises:
        ValueError: another ``dim``, or ε out of range.

    Source: ours. Book: chapter 5, "The exact cost in the plane".

    >>> fine, finer = (mollified_norm(2, np.exp(-x)) for x in (10.0, 12.0))  # C ln² + O(ln)
    >>> 1 < (finer - fine) / (rate_constant(2) * (12**2 - 10**2)) < 1.2
    True
    """
    scale = positive_number(scale, "scale")
    if dim not in (2, 3) or not 1e-9 <= scale <= 0.3:
        raise ValueError(f"dim must be 2 or 3 and scale in [1e-9, 0.3], got dim={dim!r}, scale={scale:g}")
    u, area = sector(dim, scale)
    K, total = vertex_weights(u), 0.0
    for low, high, grade, panels in segments(u, scale):
        node, part = composite(panels, 6)
        reach = np.arcsinh((high - low) / scale)  # graded: t = low + ε sinh ξ, or mirrored
        xi = reach * node[:, None]
        far, slope = scale * np.sinh(xi), scale * np.cosh(xi) * reach * part[:, None]
        t = low + far if grade > 0 else high - far
        value = np.abs(_mollified(u, K, t, scale)) * slope
        total += float((value if weight is None else value * weight(t.ravel()).reshape(t.shape)).sum(axis=0) @ area)
    return 2 * total
