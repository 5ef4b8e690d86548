"""Networks of PyTorch, to and from lists of affine maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .checks import Array

if TYPE_CHECKING:
    import torch


def sequential_from_layers(layers: Sequence[tuple[Array, Array]]) -> torch.nn.Sequential:
    """Linear layers in float64 with ReLU between them."""
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
    """The affine maps ``(weight, bias)`` of alternating ``Linear`` and ``ReLU``; a ``ValueError`` for anything else."""
    import torch

    if not isinstance(module, torch.nn.Sequential):
        raise ValueError(f"module must be a torch.nn.Sequential, got {type(module).__name__}; wrap its layers in one")
    linear, between = list(module)[0::2], list(module)[1::2]
    alternating = all(isinstance(m, torch.nn.Linear) for m in linear) and all(
        isinstance(m, torch.nn.ReLU) for m in between
    )
    if not alternating or len(linear) != len(between) + 1:
        raise ValueError(f"module must alternate Linear and ReLU and end with Linear, got {module}")
    return [_trained(layer, f"module[{2 * place}]") for place, layer in enumerate(linear)]


def _numpy(tensor: torch.Tensor) -> Array:
    return tensor.detach().cpu().double().numpy()


def _trained(layer: Any, name: str) -> tuple[Array, Array]:
    """The networks of the book train all their parameters; a module that does not has another sharpness."""
    remedy = "ask Linearization.of(module, X), which counts what the module really trains"
    if layer.bias is None:
        raise ValueError(f"{name} has no bias, which the networks of this package train; {remedy}")
    for kind, parameter in layer.named_parameters():
        if not parameter.requires_grad:
            raise ValueError(
                f"{name}.{kind} does not require a gradient, and here every parameter counts as trained; {remedy}"
            )
    return _numpy(layer.weight), _numpy(layer.bias)
