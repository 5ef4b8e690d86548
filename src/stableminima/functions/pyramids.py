r"""The pyramid :math:`\varphi(x)=[1-\|x\|_1]_+`, exactly, with two hidden layers or (inside a ball) with one.

Book: chapter 5.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from ..checks import Array, finite_array, input_points, positive_number, whole_number
from ..networks import DeepReLU, ShallowReLU


def pyramid(X: ArrayLike) -> Array:
    r"""The pyramid :math:`\varphi(x)=[1-\|x\|_1]_+`.

    Args:
        X: points, ``(n, d)``.

    Returns:
        Values, ``(n,)``.

    Raises:
        ValueError: ``X`` is no array of points, or holds NaN or infinity.

    Source: Ongie et al. 2020 for a function whose norm is infinite in the limit of infinite width. Book: chapter 5.

    >>> pyramid([[0.0, 0.0], [0.25, -0.25], [1.0, 1.0]])
    array([1. , 0.5, 0. ])
    """
    return np.maximum(1.0 - np.abs(input_points(X)).sum(axis=1), 0.0)


def pyramid_network(dim: int, a: float = 1.0, s: float = 1.0) -> DeepReLU:
    r"""The pyramid with two hidden layers and 2d + 1 units, exact for every x:

    .. math:: \varphi(x)=\frac1s\,\sigma\Bigl(s-\frac sa\sum_{j}\bigl[\sigma(ax_j)+\sigma(-ax_j)\bigr]\Bigr).

    Args:
        dim: number of inputs d ≥ 2.
        a: positive scale of the first layer; the function does not depend on it, its sharpness does
            (:func:`pyramid_sharpness`, :func:`flattest_pyramid`).
        s: positive scale of the second layer, likewise.

    Returns:
        The network, with layers of 2d and 1 units.

    Raises:
        ValueError: an argument out of range.

    Source: ours. Book: chapter 5, "One more layer: flat".

    >>> pyramid_network(2, a=3.0, s=0.5)([[0.25, -0.25]])
    array([0.5])
    """
    d, a, s = whole_number(dim, "dim", 2), positive_number(a, "a"), positive_number(s, "s")
    first = a * np.vstack([np.eye(d), -np.eye(d)])
    return DeepReLU(
        (first, np.full((1, 2 * d), -s / a), np.array([[1 / s]])), (np.zeros(2 * d), np.array([s]), np.zeros(1))
    )


def shallow_pyramid(dim: int) -> ShallowReLU:
    r"""A network with one hidden layer that is the pyramid for :math:`\|x\|\le1/\sqrt{d-1}`, and nowhere near beyond:

    .. math:: 1-\sum_j\bigl[\sigma(x_j)+\sigma(-x_j)\bigr]+\sum_{\varsigma\in\{\pm1\}^d}\sigma(\varsigma\cdot x-1).

    Args:
        dim: number of inputs d, from 2 to 16.

    Returns:
        The network, of 2d + 2ᵈ neurons.

    Raises:
        ValueError: ``dim`` out of range.

    Source: ours. Book: chapter 5, "The hypothesis is sharp".

    >>> shallow_pyramid(2)([[0.25, -0.25], [1.5, 0.0]])  # the second is too far out, it ought to be 0
    array([0.5, 0.5])
    """
    d = whole_number(dim, "dim", 2)
    if d > 16:
        raise ValueError(f"dim must be at most 16 (the network has 2^dim neurons), got {dim}; take fewer inputs")
    signs = np.array(list(product([1.0, -1.0], repeat=d)))
    W = np.vstack([np.eye(d), -np.eye(d), signs])
    outer = np.repeat([0.0, 1.0], [2 * d, len(signs)])
    return ShallowReLU(W, -outer, 2 * outer - 1, 1.0)


def ball_moments(dim: int, radius: float) -> Array:
    r""":math:`(P(r<1),\mathbb E[r1(r<1)],\mathbb E[r^21(r<1)])`, :math:`r=\|X\|_1`, X uniform on a ball of radius ≥ 1.

    With :math:`q=2^d/(d!\,|B_R|)` they are :math:`q,\ qd/(d+1),\ qd/(d+2)`.

    Args:
        dim: number of inputs d ≥ 2.
        radius: R ≥ 1 of the ball.

    Returns:
        The three moments, ``(3,)``.

    Raises:
        ValueError: an argument out of range.

    Source: ours. Book: chapter 5, "One more layer: flat".

    >>> (np.pi * ball_moments(2, 1.0)).round(12)  # the square has the area 2
    array([2.        , 1.33333333, 1.        ])
    """
    d, radius = whole_number(dim, "dim", 2), positive_number(radius, "radius")
    if radius < 1:
        raise ValueError(f"radius must be at least 1, so that the ball holds the pyramid, got {radius:g}")
    q = np.exp(d * np.log(2 / radius / np.sqrt(np.pi)) + gammaln(d / 2 + 1) - gammaln(d + 1))
    return q * np.array([1.0, d / (d + 1), d / (d + 2)])


def pyramid_sharpness(dim: int, a: float, s: float, moments: ArrayLike) -> float:
    r"""Population sharpness of :func:`pyramid_network` for inputs symmetric in every sign and permutation of axes.

    The largest eigenvalue of the 4×4 matrix of second moments of

    .. math:: 1,\quad 1_{r<1}\sqrt{\tfrac1{s^2}+\tfrac d{2a^2}},\quad 1_{r<1}\,s\,(1-r),\quad
              1_{r<1}\,r\,\sqrt{\tfrac1{2d}\bigl(\tfrac{a^2}{s^2}+\tfrac1{a^2}\bigr)},\qquad r=\|X\|_1 .

    Args:
        dim: number of inputs d ≥ 2.
        a: positive scale of the first layer.
        s: positive scale of the second layer.
        moments: P, E[r·], E[r²·] on r < 1, ``(3,)``, as :func:`ball_moments` gives them.

    Returns:
        The sharpness, at least 1.

    Raises:
        ValueError: an argument out of range.

    Source: ours. Book: chapter 5, "One more layer: flat".

    >>> pyramid_sharpness(2, 1.0, 1.0, [0.0, 0.0, 0.0])  # no data where a unit is on: the output bias alone
    1.0
    """
    d, a, s = whole_number(dim, "dim", 2), positive_number(a, "a"), positive_number(s, "s")
    moments = finite_array(moments, "moments", (3,))
    share = float(moments[0])
    return 1.0 + share**2 * _excess(d, a, s, share, moments / share) if share > 0 else 1.0


def _excess(d: int, a: float, s: float, share: float, moments: Array) -> float:
    r""":math:`(\lambda-1)/P(r<1)^2`, to full relative accuracy however close to 1 λ is; moments given :math:`r<1`.

    With the matrix :math:`\begin{pmatrix}1&pb^{\mathsf T}\\pb&pD\end{pmatrix}`, p the share of the inputs below the
    pyramid, :math:`y=(\lambda-1)/p^2` is the largest root of :math:`y=b^{\mathsf T}((1+p^2y)I-pD)^{-1}b`. The
    difference of the two sides is concave and increasing there, so that Newton's steps from its left rise to it.
    """
    p, r, rr = moments
    scale = np.array([np.sqrt(1 / s**2 + d / (2 * a**2)), s, np.sqrt((a**2 / s**2 + 1 / a**2) / (2 * d))])
    inner = np.array([[p, p - r, r], [p - r, p - 2 * r + rr, r - rr], [r, r - rr, rr]])
    values, vectors = np.linalg.eigh(scale[:, None] * inner * scale)
    gap, push = 1 - share * values, (vectors.T @ (scale * inner[0])) ** 2
    root = np.sqrt(gap**2 + 4 * share**2 * push)  # of each eigenvalue alone: y (gap + p² y) = push
    y = float(np.where(gap > 0, 2 * push / (gap + root), (root - gap) / max(2 * share**2, 1e-300)).max())
    for _ in range(60):
        below = np.maximum(gap + share**2 * y, 1e-300)
        step = (np.sum(push / below) - y) / (1 + share**2 * np.sum(push / below**2))
        y += float(step)
        if abs(step) <= 1e-15 * y:
            break
    return y


def flattest_pyramid(dim: int, moments: ArrayLike) -> tuple[float, float, float]:
    r"""The parametrisation of the pyramid with the smallest population sharpness.

    The sharpness is convex in (log a, log s), so that a search finds the minimum, and by symmetry no rescaling of
    single neurons does better. What is minimised is the sharpness minus 1: in many dimensions, where hardly any input
    lies below the pyramid, the sharpness itself is 1 to all digits for every a and s.

    Args:
        dim: number of inputs d ≥ 2.
        moments: as for :func:`pyramid_sharpness`, ``(3,)``.

    Returns:
        The scales a and s, and the sharpness (rounded to 1 from about d = 15 on).

    Raises:
        ValueError: an argument out of range, or no input below the pyramid: then all scales are equally flat.

    Source: ours. Book: chapter 5, "One more layer: flat".

    >>> a, s, flattest = flattest_pyramid(2, ball_moments(2, 1.5))
    >>> flattest < pyramid_sharpness(2, 1.1 * a, s, ball_moments(2, 1.5))
    True
    """
    from scipy.optimize import minimize  # slow to import, and needed here only

    d, moments = whole_number(dim, "dim", 2), finite_array(moments, "moments", (3,))
    share = float(moments[0])
    if share <= 0:
        raise ValueError(
            f"moments must begin with a positive share of inputs below the pyramid, got {share:g}; "
            "without any the sharpness is 1 whatever the scales"
        )
    precise: Any = {"xatol": 1e-9, "fatol": 1e-14, "maxiter": 2000}

    def objective(logs: Array) -> float:
        a, s = np.exp(logs)
        return float(np.log(_excess(d, float(a), float(s), share, moments / share)))

    found = minimize(objective, np.array([0.5, 0.5]), method="Nelder-Mead", options=precise)
    a, s = np.exp(found.x)
    return float(a), float(s), pyramid_sharpness(d, float(a), float(s), moments)
