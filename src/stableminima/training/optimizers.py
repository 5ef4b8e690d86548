"""The update rules that people use, as PyTorch defines them. Book: chapter 8, "Four optimisers"."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..checks import Array

Optimizer = Literal["sgd", "momentum", "adam", "adamw"]

MOMENTUM = 0.9  # PyTorch's defaults for Adam, and what nearly everyone gives to SGD
FIRST, SECOND, FLOOR = 0.1, 0.001, 1e-8  # Adam's: 1 − β₁, 1 − β₂ and ε


class Update:
    """One step of an optimiser on a stack of networks, in place; ``shrink`` holds the penalty on every parameter."""

    def __init__(self, optimizer: Optimizer, parts: list[Array], shrink: list[Array]) -> None:
        self.optimizer, self.parts, self.shrink, self.count = optimizer, parts, shrink, 0
        self.first, self.second = ([np.zeros_like(part) for part in parts] for _ in range(2))

    def __call__(self, gradient: list[Array], eta: Array) -> None:
        self.count += 1
        for part, g, lam, m, s in zip(self.parts, gradient, self.shrink, self.first, self.second, strict=True):
            if self.optimizer == "adamw":
                part *= 1 - eta * lam
            else:
                g += lam * part
            if self.optimizer == "sgd":
                part -= eta * g
            elif self.optimizer == "momentum":
                m *= MOMENTUM
                m += g
                part -= eta * m
            else:
                m += FIRST * (g - m)
                s += SECOND * (g * g - s)
                size = np.sqrt(s / (1 - (1 - SECOND) ** self.count)) + FLOOR
                part -= eta / (1 - (1 - FIRST) ** self.count) * m / size

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Go on with some of the networks, ``(m,)``."""
        for arrays in (self.parts, self.shrink, self.first, self.second):
            arrays[:] = [array[chosen] for array in arrays]
