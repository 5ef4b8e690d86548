"""Networks of PyTorch, to and from lists of affine maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .checks import Array

if TYPE_CHECKING:
    import torch


def sequential_from_layers(layers: Sequence[tuple[Array, Array]]) -> torch.nn.Sequential:
    import torch  # torch takes a second to import and most of the book does not need it

    modules: list[torch.nn.Module] = []
    for weight, bias in layers:
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.copy()))
            linear.bias.copy_(torch.from_numpy(bias.copy()))
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


def layers_from_sequential(module: torch.nn.Sequential) -> list[tuple[Array, Array]]:
    import torch

    if not isinstance(module, torch.nn.Sequential):
        raise ValueError(f"module must be a torch.nn.Sequential, got {type(module).__name__}; wrap its layers in one")
    linear, between = list(module)[0::2], list(module)[1::2]
    alternating = all(isinstance(m, torch.nn.Linear) for m in linear) and all(
        isinstance(m, torch.nn.ReLU) for m in between
    )
    if not alternating or len(linear) != len(between) + 1:
        raise ValueError(f"module must alternate Linear and ReLU and end with Linear, got {module}")
    as_numpy = lambda tensor: tensor.detach().cpu().double().numpy()  # noqa: E731
    return [(as_numpy(m.weight), np.zeros(m.out_features) if m.bias is None else as_numpy(m.bias)) for m in linear]
