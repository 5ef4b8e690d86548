"""Points of a cube and what becomes of them: neurons are drawn by inversion, coordinate by coordinate."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import betaincinv

from ..checks import Array

Method = Literal["qmc", "mc"]


def cube_points(k: int, dims: int, method: Method, seed: int) -> Array:
    """``(k, dims)`` points of the open unit cube: scrambled Sobol points (the first k of a power of two) or random."""
    if method == "mc":
        return np.random.default_rng(seed).random((k, dims))
    from scipy.stats import qmc  # a third of a second: as much as the rest of the package

    points = qmc.Sobol(dims, scramble=True, rng=seed).random_base2(int(np.ceil(np.log2(k))))[:k]
    return np.clip(points, 1e-12, 1 - 1e-12)


def draw_linear(height: Array, q: Array) -> tuple[Array, Array, Array]:
    """Draw from piecewise linear densities on [0, 1] by inversion: points, densities there, and masses, ``(k,)``.

    ``height`` holds the densities, up to a factor, at equally spaced nodes: ``(k, m + 1)``; ``q`` lies in (0, 1).
    """
    row, m = np.arange(len(height)), height.shape[1] - 1
    cumulative = np.cumsum((height[:, 1:] + height[:, :-1]) / (2 * m), axis=1)
    total = cumulative[:, -1]
    cell = np.minimum((cumulative < (q * total)[:, None]).sum(axis=1), m - 1)
    low, high = height[row, cell], height[row, cell + 1]
    need = (q * total - cumulative[row, cell]) * m + (low + high) / 2  # = ∫ over the part of the cell that is passed
    z = np.clip(2 * need / (low + np.sqrt(np.maximum(low**2 + 2 * (high - low) * need, 0))), 0, 1)
    return (cell + z) / m, (low + (high - low) * z) / total, total


def circle(share: Array) -> Array:
    """Unit vectors at these shares of a turn, begun off the axes, where densities in closed form may be 0/0."""
    turn = 2 * np.pi * share + 0.001
    return np.column_stack([np.cos(turn), np.sin(turn)])


def uniform_directions(q: Array) -> Array:
    """Cube points ``(k, d−1)`` to the sphere in d ≥ 2 dimensions, keeping volumes: heights are Beta distributed."""
    if q.shape[1] == 1:
        return circle(q[:, 0])
    height = 2 * betaincinv(q.shape[1] / 2, q.shape[1] / 2, q[:, :1]) - 1
    return np.hstack([height, np.sqrt(1 - height**2) * uniform_directions(q[:, 1:])])
