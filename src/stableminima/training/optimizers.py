"""The update rules that people use. Book: chapter 8."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..checks import Array

Optimizer = Literal["sgd", "momentum", "adam", "adamw"]


class Update:
    """One step of an optimiser, in place; ``shrink`` holds λ for every parameter."""

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
                m *= 0.9
                m += g
                part -= eta * m
            else:
                m += 0.1 * (g - m)
                s += 0.001 * (g * g - s)
                size = np.sqrt(s / (1 - 0.999**self.count)) + 1e-8
                part -= eta / (1 - 0.9**self.count) * m / size
