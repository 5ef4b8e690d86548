"""Full-batch gradient descent and SGD of deep networks. Book: chapter 5, "The training contrast"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from ..checks import Array
from ..networks import DeepReLU, ShallowReLU

Layers = list[tuple[Array, Array]]  # weight (in, out) and bias (out,) of each affine map


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
