"""Synthetic inputs, and the samples of chapters 5, 7 and 8."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, input_points, positive_number, random_generator, unit_interval, whole_number

Seed = int | np.random.Generator


def uniform_ball(n: int, dim: int, radius: float = 1.0, seed: Seed = 0) -> Array:
    """Points uniform in the ball around the origin: Gaussian directions, radii r = R·U^(1/d).

    Args:
        n: number of points.
        dim: d, number of coordinates.
        radius: R > 0.
        seed: a number, or a generator, which moves on.

    Returns:
        The points ``(n, dim)``.

    Raises:
        ValueError: an argument out of range.

    Book: chapter 6, "Flat at every width".

    >>> bool(np.linalg.norm(uniform_ball(100, 3, 2.0), axis=1).max() < 2)
    True
    """
    n, dim, radius = whole_number(n, "n", 1), whole_number(dim, "dim", 1), positive_number(radius, "radius")
    rng = random_generator(seed)
    directions = rng.normal(size=(n, dim))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return _at_uniform_radii(rng.random((n, 1)), radius, directions)


def disc(n: int, radius: float = 1.0, seed: Seed = 0) -> Array:
    """Points uniform in a disc around the origin: :func:`uniform_ball` in the plane, from another random stream.

    Uniform angles are what recorded runs have drawn, so they stay.

    Args:
        n: number of points.
        radius: R > 0.
        seed: a number, or a generator, which moves on.

    Returns:
        The points ``(n, 2)``.

    Raises:
        ValueError: an argument out of range.

    Book: chapter 5, "The training contrast".

    >>> bool(np.linalg.norm(disc(100, 2.0), axis=1).max() < 2)
    True
    """
    n, radius, rng = whole_number(n, "n", 1), positive_number(radius, "radius"), random_generator(seed)
    uniform, angle = rng.random((n, 1)), 2 * np.pi * rng.random(n)
    return _at_uniform_radii(uniform, radius, _on_circle(angle))


def _at_uniform_radii(uniform: Array, radius: float, directions: Array) -> Array:
    """Uniform in a ball, from numbers ``(n, 1)`` uniform in [0, 1] and directions ``(n, d)`` uniform on the sphere."""
    return radius * uniform ** (1 / directions.shape[1]) * directions


def _on_circle(angle: Array) -> Array:
    return np.column_stack([np.cos(angle), np.sin(angle)])


def ring(n: int, radius: float = 1.0, noise: float = 0.1, seed: Seed = 0) -> Array:
    """Points near a circle in the plane: uniform angles, Gaussian noise.

    Args:
        n: number of points.
        radius: of the circle, positive.
        noise: standard deviation of each coordinate, at least 0.
        seed: a number, or a generator, which moves on.

    Returns:
        The points ``(n, 2)``.

    Raises:
        ValueError: an argument out of range.

    >>> bool(np.allclose(np.linalg.norm(ring(5, 3.0, noise=0.0), axis=1), 3))
    True

    Book: the page "The library".
    """
    n, radius, rng = whole_number(n, "n", 1), positive_number(radius, "radius"), random_generator(seed)
    noise = _not_negative(noise, "noise")
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius * _on_circle(angle) + noise * rng.normal(size=(n, 2))


def clusters(n: int, centers: ArrayLike, deviation: float = 0.3, seed: Seed = 0) -> Array:
    """Points in Gaussian clusters of equal weight around the centres, in turn.

    Args:
        n: number of points.
        centers: ``(m, dim)``.
        deviation: standard deviation of each coordinate, at least 0.
        seed: a number, or a generator, which moves on.

    Returns:
        The points ``(n, dim)``.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the centres.

    >>> clusters(3, [[0.0, 1.0], [5.0, 5.0]], deviation=0.0)
    array([[0., 1.],
           [5., 5.],
           [0., 1.]])

    Book: the page "The library".
    """
    n, deviation = whole_number(n, "n", 1), _not_negative(deviation, "deviation")
    middle = input_points(centers, name="centers")
    noise = random_generator(seed).normal(size=(n, middle.shape[1]))
    return middle[np.arange(n) % len(middle)] + deviation * noise


def mixture(n: int, dim: int, mean: float, noise: float, seed: Seed = 0) -> tuple[Array, Array]:
    r"""Inputs :math:`x=y\mu+\xi` with labels ±1 in turn: :math:`\mu` along :math:`e_1`, :math:`\xi\sim N(0,\sigma^2I)`.

    Args:
        n: number of samples, at least 2.
        dim: d, number of coordinates.
        mean: length of μ.
        noise: σ > 0.
        seed: a number, or a generator, which moves on.

    Returns:
        Inputs ``(n, dim)`` and labels ``(n,)``.

    Raises:
        ValueError: an argument out of range.

    Book: chapter 7, "The model".

    >>> X, y = mixture(4, 3, mean=100.0, noise=1.0)
    >>> y, (X[:, 0].round(-2) == 100 * y).all()
    (array([ 1., -1.,  1., -1.]), np.True_)
    """
    n, dim = whole_number(n, "n", 2), whole_number(dim, "dim", 1)
    rng = random_generator(seed)
    y = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
    X = positive_number(noise, "noise") * rng.normal(size=(n, dim))
    X[:, 0] += y * float(finite_array(mean, "mean", ()))
    return X, y


def orthogonal_inputs(n: int, dim: int, lengths: ArrayLike = 1.0, seed: Seed = 0) -> Array:
    """Orthogonal inputs of the given lengths in random directions.

    Args:
        n: number of inputs.
        dim: d ≥ n, number of coordinates.
        lengths: one for all, or ``(n,)``.
        seed: a number, or a generator, which moves on.

    Returns:
        The inputs ``(n, dim)``.

    Raises:
        ValueError: more inputs than coordinates, an argument out of range.

    Book: chapter 7, "The model".

    >>> X = orthogonal_inputs(3, 5, lengths=2.0)
    >>> bool(np.allclose(X @ X.T, 4 * np.eye(3)))
    True
    """
    n = whole_number(n, "n", 1)
    dim, given = whole_number(dim, "dim", n), finite_array(lengths, "lengths")
    if given.shape not in ((), (1,), (n,)):
        raise ValueError(f"lengths must be one number or {n} of them, got shape {given.shape}")
    Q, _ = np.linalg.qr(random_generator(seed).normal(size=(dim, n)))
    return np.broadcast_to(given, (n,))[:, None] * Q.T


def append_coordinates(X: ArrayLike, share: float) -> Array:
    r"""Give every sample a coordinate of its own with a share s of its squared length.

    :math:`x_i\mapsto(\sqrt{1-s}\,x_i,\ \sqrt s\,\|x_i\|e_i)`: lengths stay, inner products shrink by 1 − s.

    Args:
        X: inputs ``(n, d)``.
        share: s in [0, 1].

    Returns:
        The inputs ``(n, d + n)``.

    Raises:
        ValueError: an argument out of range, NaN or infinity.

    Book: chapter 7, "The model".

    >>> append_coordinates([[1.0], [1.0]], 1.0)
    array([[0., 1., 0.],
           [0., 0., 1.]])
    """
    X, share = input_points(X), unit_interval(share, "share")
    own = np.diag(np.linalg.norm(X, axis=1))
    return np.hstack([math.sqrt(1 - share) * X, math.sqrt(share) * own])


def bump_sample(dim: int, n: int, seed: Seed = 0) -> tuple[Array, Array, Array]:
    r"""Data of the bump: the origin with label 1, and points with label 0 at distances spread evenly over [1, 2].

    Directions are independent and uniform, distances stratified. The random stream of a number is not that of a
    network with the same seed.

    Args:
        dim: d, number of coordinates.
        n: number of points outside.
        seed: a number, or a generator, which moves on.

    Returns:
        Inputs ``(n+1, dim)``, labels ``(n+1,)``, and the shares of the samples in the loss ``(n+1,)``: the origin and
        the others together have ½ each.

    Raises:
        ValueError: an argument out of range.

    Book: chapter 8, "Thirty-one dimensions".

    >>> bump_sample(2, 4)[2]
    array([0.5  , 0.125, 0.125, 0.125, 0.125])
    """
    dim, n = whole_number(dim, "dim", 1), whole_number(n, "n", 1)
    random_generator(seed)
    rng = seed if isinstance(seed, np.random.Generator) else np.random.default_rng([seed, 1])
    outside = rng.normal(size=(n, dim))
    outside *= ((1 + (np.arange(n) + rng.random(n)) / n) / np.linalg.norm(outside, axis=1))[:, None]
    share = np.concatenate([[0.5], np.full(n, 0.5 / n)])
    return np.vstack([np.zeros(dim), outside]), np.eye(n + 1)[0], share


def _not_negative(value: float, name: str) -> float:
    return 0.0 if value == 0 else positive_number(value, name)
