"""Synthetic inputs, and the samples of chapters 5, 7 and 8."""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, input_points, positive_number, unit_interval, whole_number

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # in a notebook, tqdm complains of missing widgets as soon as pooch imports it


def uniform_ball(n: int, dim: int, radius: float = 1.0, seed: int = 0) -> Array:
    """``n`` points uniform in the ball of the given radius, ``(n, dim)``: Gaussian directions, radii r = R·U^(1/d)."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n, dim))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return radius * rng.random((n, 1)) ** (1 / dim) * directions


def ring(n: int, radius: float = 1.0, noise: float = 0.1, seed: int = 0) -> Array:
    """``n`` points near a circle in the plane, ``(n, 2)``: uniform angles, Gaussian noise of the given deviation."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)]) + noise * rng.normal(size=(n, 2))


def clusters(n: int, centers: Array, deviation: float = 0.3, seed: int = 0) -> Array:
    """``n`` points in Gaussian clusters of equal weight around ``centers`` ``(m, dim)``, in turn: ``(n, dim)``."""
    centers = np.asarray(centers, dtype=np.float64)
    noise = np.random.default_rng(seed).normal(size=(n, centers.shape[1]))
    return centers[np.arange(n) % len(centers)] + deviation * noise


def disc(samples: int, radius: float, seed: int = 0) -> Array:
    """Points drawn uniformly from a disc around the origin, ``(samples, 2)``.

    >>> bool(np.linalg.norm(disc(100, 2.0), axis=1).max() < 2)
    True
    """
    samples, radius = whole_number(samples, "samples", 1), positive_number(radius, "radius")
    rng = np.random.default_rng(seed)
    r, angle = radius * np.sqrt(rng.random(samples)), 2 * np.pi * rng.random(samples)
    return np.column_stack([r * np.cos(angle), r * np.sin(angle)])


def mixture(n: int, dim: int, mean: float, noise: float, seed: int = 0) -> tuple[Array, Array]:
    r"""Inputs :math:`x=y\mu+\xi`, ``(n, dim)``, and labels ±1 in turn: μ of length ``mean``, ξ ~ N(0, noise² I)."""
    n, dim = whole_number(n, "n", 2), whole_number(dim, "dim", 1)
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
    X = positive_number(noise, "noise") * rng.normal(size=(n, dim))
    X[:, 0] += y * float(finite_array(mean, "mean", ()))
    return X, y


def orthogonal_inputs(n: int, dim: int, lengths: ArrayLike = 1.0, seed: int = 0) -> Array:
    """``n`` orthogonal inputs of the given lengths in random directions, ``(n, dim)``; needs ``n`` ≤ ``dim``."""
    n = whole_number(n, "n", 1)
    dim = whole_number(dim, "dim", n)
    lengths = np.broadcast_to(finite_array(lengths, "lengths"), (n,))
    Q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, n)))
    return lengths[:, None] * Q.T


def append_coordinates(X: ArrayLike, share: float) -> Array:
    r"""Give every sample a coordinate of its own with this share of its squared length, ``(n, d)`` to ``(n, d + n)``.

    :math:`x_i\mapsto(\sqrt{1-s}\,x_i,\ \sqrt s\,\|x_i\|e_i)`: lengths stay, inner products shrink by 1 − s.
    """
    X, share = input_points(X), unit_interval(share, "share")
    own = np.diag(np.linalg.norm(X, axis=1))
    return np.hstack([math.sqrt(1 - share) * X, math.sqrt(share) * own])


def bump_sample(dim: int, n: int, seed: int = 0) -> tuple[Array, Array, Array]:
    r"""Data of the bump: the origin with label 1, and n points with label 0 at distances spread evenly over [1, 2].

    Returns ``X`` ``(n+1, d)``, ``y`` ``(n+1,)`` and the shares of the samples in the loss ``(n+1,)``: the origin and
    the others together have ½ each. Directions are independent and uniform, distances stratified.
    The random stream is not that of a network with the same seed.
    """
    dim, n, rng = whole_number(dim, "dim", 1), whole_number(n, "n", 1), np.random.default_rng([seed, 1])
    outside = rng.normal(size=(n, dim))
    outside *= ((1 + (np.arange(n) + rng.random(n)) / n) / np.linalg.norm(outside, axis=1))[:, None]
    share = np.concatenate([[0.5], np.full(n, 0.5 / n)])
    return np.vstack([np.zeros(dim), outside]), np.eye(n + 1)[0], share
