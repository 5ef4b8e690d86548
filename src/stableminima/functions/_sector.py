"""Where the ridge density of the pyramid is summed: rules graded towards its poles and their crossings."""

from __future__ import annotations

import numpy as np
from numpy.polynomial.legendre import leggauss

from ..checks import Array


def composite(panels: int, order: int) -> tuple[Array, Array]:
    """Gauss–Legendre on equal panels of [0, 1]."""
    node, weight = leggauss(order)
    return ((np.arange(panels)[:, None] + (node + 1) / 2) / panels).ravel(), np.tile(weight / 2 / panels, panels)


def graded(first: float, ends: str, order: int) -> tuple[Array, Array]:
    """A rule on [0, 1] whose panels double away from 0 or from both ends, the first of length ``first``."""
    steps = np.concatenate([[0.0], np.geomspace(first, 0.5, max(2, int(np.ceil(np.log2(0.5 / first)))))])
    edges = np.concatenate([steps, 1 - steps[-2::-1]]) if ends == "both" else np.concatenate([steps, [1.0]])
    node, weight = leggauss(order)
    width = np.diff(edges)
    return (edges[:-1, None] + np.outer(width, (node + 1) / 2)).ravel(), np.outer(width, weight / 2).ravel()


def sector(dim: int, scale: float) -> tuple[Array, Array]:
    """Directions with u₁ > u₂ > … > 0, ``(m, dim)``, and their weights, times the number of such sectors."""
    if dim == 2:
        node, weight = graded(scale / 2, "both", 16)
        angle = np.pi / 4 * node
        return np.column_stack([np.cos(angle), np.sin(angle)]), 8 * np.pi / 4 * weight
    (y, wy), (gap, wz) = graded(scale / 2, "both", 5), graded(scale / 2, "zero", 5)
    y, z = (part.ravel() for part in np.meshgrid(y, 1 - gap, indexing="ij"))
    u = np.column_stack([np.ones_like(y), y, y * z])
    length = np.linalg.norm(u, axis=1)
    return u / length[:, None], 48 * np.outer(wy, wz).ravel() * y / length**3


def segments(u: Array, scale: float) -> list[tuple[Array, Array, int, int]]:
    """Pieces of t > 0 for each direction: ``(low, high, +1 or −1 for the end with the pole, panels)``."""
    poles = u[:, ::-1].T  # increasing
    middle = (poles[1:] + poles[:-1]) / 2
    below, above = [0 * poles[0], *middle], [*middle, poles[-1] + (60.0 if len(poles) == 2 else 9 * scale)]
    panels, near = (80, np.inf) if len(poles) == 2 else (3, 9 * scale)  # Gaussians have no tails to follow
    return [
        piece
        for pole, low, high in zip(poles, below, above, strict=True)
        for piece in (
            (np.maximum(low, pole - near), pole, -1, panels),
            (pole, np.minimum(high, pole + near), 1, panels),
        )
    ]
