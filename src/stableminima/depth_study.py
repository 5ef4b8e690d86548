r"""The training contrast of chapter 5: one data set, the same gradient descent, a shallow and a deep network.

Labels are the pyramid's on points of a disc that reaches beyond its tips. Both kinds of network run through the same
loop: the same step sizes, warm-up and number of steps, no other stopping. Book: chapter 5, "The training contrast".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from .bounds import hessian_ceiling, stability_norm
from .constructions import pyramid
from .experiments import Configuration, Result, Study
from .networks import Array, DeepReLU, ShallowReLU, positive_number, whole_number
from .stability import hessian_sharpness, sharpness

Layers = list[tuple[Array, Array]]  # weight (in, out) and bias (out,) of each affine map

PROFILE = np.linspace(-1.5, 1.5, 61)  # where the first seed's functions are kept, on the axis x₂ = 0
STEP_SIZES = (0.2, 0.4, 0.8, 1.2, 1.6)


def disc(samples: int, radius: float, seed: int = 0) -> Array:
    """Points drawn uniformly from a disc around the origin, ``(samples, 2)``.

    >>> bool(np.linalg.norm(disc(100, 2.0), axis=1).max() < 2)
    True
    """
    samples, radius = whole_number(samples, "samples", 1), positive_number(radius, "radius")
    rng = np.random.default_rng(seed)
    r, angle = radius * np.sqrt(rng.random(samples)), 2 * np.pi * rng.random(samples)
    return np.column_stack([r * np.cos(angle), r * np.sin(angle)])


def random_layers(widths: Sequence[int], seed: int) -> Layers:
    r"""Weights :math:`N(0,2/\text{fan-in})` before a ReLU, :math:`N(0,1/\text{fan-in})` in the last layer; biases 0."""
    rng = np.random.default_rng(seed)
    pairs = list(pairwise(widths))
    gain = [2.0] * (len(pairs) - 1) + [1.0]
    return [(rng.normal(0, np.sqrt(g / i), (i, o)), np.zeros(o)) for g, (i, o) in zip(gain, pairs, strict=True)]


def layers_of(net: ShallowReLU | DeepReLU) -> Layers:
    """The parameters of a network in the form that :func:`descend` takes."""
    return [(weight.T.copy(), bias.copy()) for weight, bias in net.layers]


def network_of(layers: Layers) -> ShallowReLU | DeepReLU:
    """The network with these layers; one hidden layer makes a :class:`ShallowReLU`."""
    if len(layers) == 2:
        (W, b), (v, c) = layers
        return ShallowReLU(W.T, b, v[:, 0], float(c[0]))
    return DeepReLU(tuple(weight.T for weight, _ in layers), tuple(bias for _, bias in layers))


def descend(
    layers: Layers,
    X: Array,
    y: Array,
    step_size: float,
    steps: int,
    warmup: int = 0,
    batch_size: int | None = None,
    seed: int = 0,
) -> tuple[Layers, Array]:
    r"""Gradient descent on a network of any depth: the final layers, and the loss before each step ``(steps,)``.

    The loss is :math:`\frac1{2n}\sum_j(f(x_j)-y_j)^2` (of the batch, if ``batch_size`` is given: independent draws
    without repetition inside a batch). Over the first ``warmup`` steps η grows linearly. A neuron at its kink is off.
    A run that blows up ends with an infinite or undefined loss. Book: chapter 5, "On both sides of the threshold".
    """
    layers, losses = [(weight.copy(), bias.copy()) for weight, bias in layers], np.full(steps, np.inf)
    rng, everything = np.random.default_rng(seed), (X, y[:, None])
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps):
            x, label = everything
            if batch_size is not None:
                batch = rng.choice(len(X), batch_size, replace=False)
                x, label = x[batch], label[batch]
            inputs = [x]
            for weight, bias in layers[:-1]:
                h = inputs[-1] @ weight
                h += bias
                inputs.append(np.maximum(h, 0.0, out=h))
            delta = (inputs[-1] @ layers[-1][0] + layers[-1][1] - label) / len(x)
            losses[step] = np.vdot(delta, delta) * len(x) / 2
            if not np.isfinite(losses[step]):
                break
            eta = step_size * min(1.0, (step + 1) / (warmup + 1))
            for level in reversed(range(len(layers))):
                (weight, bias), h = layers[level], inputs[level]
                change = h.T @ delta, delta.sum(axis=0)
                if level:
                    delta = (delta @ weight.T) * (h > 0)
                weight -= eta * change[0]
                bias -= eta * change[1]
    return layers, losses


def measure(net: ShallowReLU | DeepReLU, X: Array, y: Array, probe: Array) -> dict[str, float]:
    """Largest error on ``probe``, loss, sharpness; of a shallow network also its norm and the ceiling on it."""
    found = {
        "error": float(np.abs(net(probe) - pyramid(probe)).max()),
        "loss": float(np.mean((net(X) - y) ** 2) / 2),
        "sharpness": sharpness(net, X),
    }
    if isinstance(net, ShallowReLU):
        found["norm"] = stability_norm(net, X)
        found["hessian_sharpness"] = hessian_sharpness(net, X, y)
        found["hessian_ceiling"] = hessian_ceiling(net, X, y)
    return found


def contrast(configuration: Configuration) -> Result:
    r"""Train one network with one step size, and measure it at the end and at *equal time*.

    The error is the largest on a disc of nine tenths of the radius, which lies in the hull of the samples. A larger
    step also travels further: ``early_…`` is what :func:`measure` finds after as many steps as make the sum of the step
    sizes what the smallest step size reaches at the end. ``status`` is ``"diverged"`` or ``"finished"``.
    """
    c = configuration
    X, probe = disc(c["samples"], c["radius"]), disc(20_000, 0.9 * c["radius"], seed=1)
    y = pyramid(X)
    half = c["warmup"] / 2  # the warm-up counts half
    early = round((c["steps"] - half) * min(STEP_SIZES) / c["step_size"] + half)
    layers, losses = descend(
        random_layers([2, *c["hidden"], 1], c["seed"]), X, y, c["step_size"], early, warmup=c["warmup"]
    )
    if not np.isfinite(losses[-1]):
        return {"status": "diverged", "early_steps": early}
    result = {"status": "finished", "early_steps": early}
    result |= {f"early_{name}": value for name, value in measure(network_of(layers), X, y, probe).items()}
    if early < c["steps"]:
        layers, losses = descend(layers, X, y, c["step_size"], c["steps"] - early)
        if not np.isfinite(losses[-1]):
            return {"status": "diverged", "early_steps": early}
    net = network_of(layers)
    result |= measure(net, X, y, probe)
    if c["seed"] == 0:
        result["profile"] = net(np.column_stack([PROFILE, 0 * PROFILE]))
    return result


DEPTH = Study(
    "depth",
    "The pyramid on 500 points of a disc, learnt by shallow and by deep networks with five step sizes.",
    contrast,
    tuple(
        {"seed": seed, "step_size": eta, "hidden": hidden, "samples": 500, "radius": 2.0, "steps": 30_000,
         "warmup": 2000}
        for seed in range(6)
        for eta in STEP_SIZES[::-1]
        for hidden in ([16, 16], [200])
    ),
    expected="a quarter of an hour of one core",
    tolerances={
        "loss": None, "early_loss": None, "profile": None, "error": 0.5, "early_error": 0.5, "sharpness": 0.3,
        "early_sharpness": 0.3, "norm": 0.3, "early_norm": 0.3, "hessian_sharpness": 0.3,
        "early_hessian_sharpness": 0.3, "hessian_ceiling": 0.3, "early_hessian_ceiling": 0.3,
    },
)  # fmt: skip
