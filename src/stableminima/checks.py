"""Values in, clear errors out: every public function asks here, once.

A message names the argument, the value and the remedy.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


class DidNotConverge(ValueError):
    """An iteration stopped before its result could be trusted; no number is returned."""


def real_array(value: ArrayLike, name: str) -> Array:
    """``value`` as a float64 array of any shape, or a ``ValueError`` naming it: no text, nothing complex or ragged."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "buifO":
            raise TypeError(f"its entries are {array.dtype}")
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numeric, got {type(value).__name__}: {error}; pass real numbers") from error


def positive_number(value: float, name: str) -> float:
    """``value`` as a float, or a ``ValueError`` naming it."""
    value = float(value) if isinstance(value, np.floating) else value  # single precision overflows in the comparison
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < value <= sys.float_info.max:
        raise ValueError(f"{name} must be positive and finite, got {value!r}; pass one number such as 0.1")
    return float(value)


def whole_number(value: int, name: str, least: int) -> int:
    """``value`` as an int, ``least`` or more, or a ``ValueError`` naming it."""
    if not isinstance(value, Real) or isinstance(value, bool) or value // 1 != value or value < least:
        raise ValueError(f"{name} must be at least {least} and whole, got {value!r}; pass an integer")
    return int(value)


def finite_array(value: ArrayLike, name: str, shape: tuple[int | None, ...] | None = None) -> Array:
    """``value`` as a float64 array of the shape (``None`` matches anything), or a ``ValueError`` naming it."""
    array = real_array(value, name)
    shape = array.shape if shape is None else shape
    fits = array.ndim == len(shape) and all(w in (None, g) for w, g in zip(shape, array.shape, strict=True))
    if not fits:
        wanted = "(" + ", ".join("any" if s is None else str(s) for s in shape) + ("," if len(shape) == 1 else "") + ")"
        raise ValueError(f"{name} must have shape {wanted}, got {array.shape}; reshape it first")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains {(~np.isfinite(array)).sum()} NaN or infinite entries; remove them first")
    return array


def input_points(X: ArrayLike, dim: int | None = None, name: str = "X") -> Array:
    """``X`` as an ``(n, d)`` array with ``n ≥ 1``; an ``(n,)`` array is read as ``n`` points on the line (d = 1)."""
    X = real_array(X, name)
    if X.ndim == 1 and dim in (None, 1):
        X = X[:, None]
    X = finite_array(X, name, (None, dim))
    if 0 in X.shape:
        raise ValueError(f"{name} must hold at least one point of at least one coordinate, got shape {X.shape}")
    return X


def unit_rows(direction: Array) -> Array:
    """``direction`` itself, or a ``ValueError`` if not all vectors along its last axis have length 1."""
    length = np.ravel(np.linalg.norm(direction, axis=-1))
    if (np.abs(length - 1) > 1e-8).any():
        worst = int(np.argmax(np.abs(length - 1)))
        raise ValueError(f"direction must have unit rows, row {worst} has length {length[worst]:.6g}; divide by it")
    return direction


def frozen(array: Array) -> Array:
    """A read-only copy."""
    array = np.array(array, dtype=np.float64)
    array.setflags(write=False)
    return array


def by_constructor(self: Any) -> tuple[type, tuple]:
    """``__reduce__`` of a frozen dataclass: copies are made by its constructor, so that arrays stay read-only."""
    return type(self), tuple(getattr(self, item.name) for item in fields(self))


def unit_interval(value: float, name: str) -> float:
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be in [0, 1], got {value!r}; pass a number such as 0.3")
    return float(value)


def momentum_share(value: float) -> float:
    """β of the heavy ball: a number, at least 0 and below 1."""
    value = float(real_array(value, "momentum"))
    if not 0 <= value < 1:
        raise ValueError(f"momentum must be at least 0 and below 1, got {value!r}")
    return value


def step_sizes(step_size: ArrayLike) -> Array:
    steps = real_array(step_size, "step_size")
    if not (np.isfinite(steps).all() and (steps > 0).all()):
        raise ValueError(
            f"step_size must be positive and finite, got {step_size!r}; pass one number such as 0.1, or several"
        )
    return steps


def is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def random_generator(seed: int | np.random.Generator, name: str = "seed") -> np.random.Generator:
    """``seed`` itself if it is a generator (it moves on), or the one of that number, or a ``ValueError`` naming it."""
    if isinstance(seed, np.random.Generator):
        return seed
    try:
        return np.random.default_rng(whole_number(seed, name, 0))
    except ValueError:
        raise ValueError(
            f"{name} must be a whole number, at least 0, or a numpy.random.Generator, got {seed!r}"
        ) from None
