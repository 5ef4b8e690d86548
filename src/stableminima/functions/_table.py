r"""From samples of a function to a table of its ridge density: what :func:`stableminima.functions.ridges_of` computes.

The slice theorem: the Fourier transform of :math:`t\mapsto Rf(u,t)` is the transform of f along the ray through u.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..checks import Array
from .radon import inversion_constant

Spectrum = NDArray[np.complex128]

PAD = 10  # table cells beyond each edge: the memory of a spline fades by a factor of about four a cell
PADDING = {1: 8, 2: 4, 3: 3}  # the samples are padded with zeros to so many sides: f̂ gets smooth enough for splines
FINE = 4  # offsets of the table to a sample, so that its cubic spline loses less than the samples did


def direction_grid(dim: int, angles: int) -> Array:
    """Directions in the order of the table: ±1, around the circle, or polar angle by polar angle around the sphere."""
    if dim == 1:
        return np.array([[1.0], [-1.0]])
    turn = 2 * np.pi * np.arange(angles) / angles
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    if dim == 2:
        return circle
    polar = (np.arange(angles // 2)[:, None, None] + 0.5) * np.pi / (angles // 2)
    return np.concatenate([np.cos(polar) * np.ones((1, angles, 1)), np.sin(polar) * circle], axis=-1).reshape(-1, 3)


def direction_weights(dim: int, angles: int) -> Array:
    """The share of the sphere that each direction of :func:`direction_grid` stands for; their sum is its area."""
    if dim == 1:
        return np.ones(2)
    if dim == 2:
        return np.full(angles, 2 * np.pi / angles)
    band = np.sin((np.arange(angles // 2) + 0.5) * np.pi / (angles // 2))
    return np.repeat(4 * np.pi / angles * band / band.sum(), angles)


def rays_of(values: Array, step: float, directions: Array) -> tuple[Spectrum, Array]:
    """The slice theorem: f̂ on rays, one a direction, and the frequencies s ≥ 0 below the edge π/step of the grid."""
    from scipy.ndimage import map_coordinates

    n, d = values.shape[0], values.ndim
    padded = PADDING[d] * n
    spectrum = np.zeros((padded,) * d)
    middle = slice((padded - n) // 2, (padded - n) // 2 + n)
    spectrum[(middle,) * d] = values
    origin = [-(middle.start + n // 2)] * d  # x = 0 becomes index 0, so that f̂ has no needless oscillation
    spectrum = np.fft.fftn(np.roll(spectrum, origin, axis=tuple(range(d)))) * step**d
    s = 2 * np.pi / (8 * n * step) * np.arange(4 * n)
    rays = (directions[:, None, :] * s[:, None] * (padded * step / (2 * np.pi))).reshape(-1, d).T
    return map_coordinates(spectrum, rays, order=5, mode="grid-wrap").reshape(len(directions), -1), s


def profiles_of(hat: Spectrum, s: Array, dim: int, blur: float = 0.0) -> tuple[Array, float]:
    """Rows α(u, ·), t = 0 first and t < 0 at the end, and their spacing: f̂ on rays times s^{d+1}, blurred, and back."""
    period = 2 * np.pi / s[1]
    cells = 2 * len(s) * FINE
    filtered = hat * (s ** (dim + 1) * np.exp(-((blur * s) ** 2) / 2))
    return -inversion_constant(dim) * cells / period * np.fft.irfft(filtered, cells), period / cells


def wrapped(alpha: Array, dim: int, angles: int) -> Array:
    """The table continued around the circle, and for d = 3 over the poles, by PAD cells."""
    around = np.arange(-PAD, angles + PAD) % angles
    if dim == 2:
        return alpha[around]
    alpha = alpha.reshape(angles // 2, angles, -1)
    beyond = np.roll(alpha, angles // 2, axis=1)  # past a pole the azimuth turns by half
    return np.concatenate([beyond[PAD - 1 :: -1], alpha, beyond[: -PAD - 1 : -1]])[:, around]
