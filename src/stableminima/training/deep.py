"""Full-batch gradient descent and SGD of deep networks. Book: chapter 5, "The training contrast"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from ..batches import Sampling, batch_stream, check_batch_size
from ..checks import Array, finite_array, input_points, positive_number, random_generator, whole_number
from ..networks import DeepReLU, ShallowReLU
from .stopping import StoppingRule

Layers = list[tuple[Array, Array]]  # weight (in, out) and bias (out,) of each affine map


def random_layers(widths: Sequence[int], seed: int | np.random.Generator = 0) -> Layers:
    r"""Weights :math:`N(0,2/\text{fan-in})` before a ReLU, :math:`N(0,1/\text{fan-in})` in the last layer; biases 0.

    Args:
        widths: numbers of inputs, of the neurons of each hidden layer, and of outputs.
        seed: of the weights: a number, or a generator, which moves on.

    Returns:
        Weight ``(in, out)`` and bias ``(out,)`` of each affine map: what :func:`train_deep` takes.

    Raises:
        ValueError: fewer than two widths, a width below 1.

    Book: chapter 5, "The training contrast".

    >>> [weight.shape for weight, bias in random_layers([2, 16, 16, 1])]
    [(2, 16), (16, 16), (16, 1)]
    """
    sizes = [whole_number(width, "widths", 1) for width in widths]
    if len(sizes) < 2:
        raise ValueError(
            f"widths must name inputs and outputs at least, got {list(widths)}; pass for example [2, 16, 1]"
        )
    rng, pairs = random_generator(seed), list(pairwise(sizes))
    gain = [2.0] * (len(pairs) - 1) + [1.0]
    return [(rng.normal(0, np.sqrt(g / i), (i, o)), np.zeros(o)) for g, (i, o) in zip(gain, pairs, strict=True)]


def layers_of(net: ShallowReLU | DeepReLU) -> Layers:
    """The parameters of a network in the form that :func:`train_deep` takes.

    Args:
        net: the network.

    Returns:
        Copies of weight ``(in, out)`` and bias ``(out,)`` of each affine map.

    Raises:
        ValueError: something else than a network of the book.

    Book: chapter 5, "On both sides of the threshold".
    """
    if not isinstance(net, ShallowReLU | DeepReLU):
        raise ValueError(f"net must be a ShallowReLU or DeepReLU, got {type(net).__name__}; from_torch makes one")
    return [(weight.T.copy(), bias.copy()) for weight, bias in net.layers]


def network_of(layers: Layers) -> ShallowReLU | DeepReLU:
    """The network with these layers, the inverse of :func:`layers_of`.

    Args:
        layers: weight ``(in, out)`` and bias ``(out,)`` of each affine map; one output.

    Returns:
        A :class:`ShallowReLU` of one hidden layer, a :class:`DeepReLU` of more.

    Raises:
        ValueError: shapes that do not fit together, NaN or infinity.

    Book: chapter 5, "The training contrast".
    """
    if len(layers) == 2:
        (W, b), (v, c) = layers
        return ShallowReLU(W.T, b, v[:, 0], float(c[0]))
    return DeepReLU(tuple(weight.T for weight, _ in layers), tuple(bias for _, bias in layers))


def train_deep(
    layers: Layers,
    X: ArrayLike,
    y: ArrayLike,
    step_size: float,
    steps: int,
    warmup: int = 0,
    batch_size: int | None = None,
    seed: int | np.random.Generator = 0,
    sampling: Sampling = "iid",
) -> tuple[Layers, Array]:
    r"""Gradient descent or SGD on a network of any depth, for a fixed number of steps.

    The loss is :math:`\frac1{2n}\sum_j(f(x_j)-y_j)^2` (of the batch, if ``batch_size`` is given), half of torch's
    ``MSELoss``. A neuron at its kink is off.

    Args:
        layers: the start, weight ``(in, out)`` and bias ``(out,)`` of each affine map (:func:`layers_of`,
            :func:`random_layers`); it is not changed.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        step_size: η > 0.
        steps: how many.
        warmup: over the first so many steps the step grows linearly to η.
        batch_size: B; ``None`` is full-batch gradient descent.
        seed: of the batches: a number, or a generator, which moves on.
        sampling: ``"iid"`` batches, or ``"reshuffled"`` epochs (:func:`stableminima.batches.batch_stream`).

    Returns:
        The final layers, and the loss before each step, ``(steps,)``. A run that blows up ends with an infinite or
        undefined loss.

    Raises:
        ValueError: an argument out of range, layers that do not fit together or to the data, NaN or infinity.

    Book: chapter 5, "On both sides of the threshold".
    """
    net = network_of(layers)
    X = input_points(X, net.dim)
    y = finite_array(y, "y", (len(X),))
    step_size, steps = positive_number(step_size, "step_size"), whole_number(steps, "steps", 1)
    rule = StoppingRule(warmup=warmup)
    batches = batch_stream(len(X), check_batch_size(batch_size, len(X)), sampling, random_generator(seed), steps)
    layers, losses = layers_of(net), np.full(steps, np.inf)
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        for step, batch in enumerate(batches):
            x, label = (X, y) if batch_size is None else (X[batch], y[batch])
            losses[step] = _step(layers, x, label[:, None], step_size * rule.share(step))
            if not np.isfinite(losses[step]):
                break
    return layers, losses


def _step(layers: Layers, x: Array, label: Array, eta: float) -> float:
    """One step of gradient descent, in place, unless the loss is not finite; the loss before it."""
    inputs = [x]
    for weight, bias in layers[:-1]:
        h = inputs[-1] @ weight
        h += bias
        inputs.append(np.maximum(h, 0.0, out=h))
    delta = (inputs[-1] @ layers[-1][0] + layers[-1][1] - label) / len(x)
    loss = float(np.vdot(delta, delta) * len(x) / 2)
    if not np.isfinite(loss):
        return loss
    for level in reversed(range(len(layers))):
        (weight, bias), h = layers[level], inputs[level]
        by_weight, by_bias = h.T @ delta, delta.sum(axis=0)
        if level:
            delta = (delta @ weight.T) * (h > 0)
        weight -= eta * by_weight
        bias -= eta * by_bias
    return loss
