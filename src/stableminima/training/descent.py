r"""Gradient descent and SGD exactly as stated: the readable reference.

Loss :math:`L=\frac1{2n}\sum_j(f(x_j)-y_j)^2`, all parameters trained, output bias included. Book: chapters 1 to 4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from ..batches import Sampling, check_batch_size, epoch_batches
from ..checks import Array, finite_array, input_points, positive_number, whole_number
from ..networks import ShallowReLU, shallow

THREADS_FROM = 3e7  # multiplications a matrix product must have before a second thread saves more than it costs

Status = Literal["converged", "unfinished", "diverged", "collapsed"]
Observer = Callable[[int, ShallowReLU], None]


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What a training run ended with.

    ``network``; ``epochs`` done; ``loss`` of that network on all samples; ``status``; ``history``, the loss after each
    epoch, ``(epochs,)``. Only ``"converged"`` is a minimum: ``"unfinished"`` ran out of epochs, ``"diverged"`` blew up
    (the network is the one before the epoch in which it did), and in ``"collapsed"`` every neuron is off on every
    sample, so that only the output bias still moves.
    """

    network: ShallowReLU
    epochs: int
    loss: float
    status: Status
    history: Array = field(repr=False)


def mean_square_loss(net: ShallowReLU, X: ArrayLike, y: ArrayLike) -> float:
    r""":math:`\frac1{2n}\sum_j(f(x_j)-y_j)^2` (with the ½ that torch's ``MSELoss`` lacks)."""
    X = input_points(X, shallow(net).dim)
    return float(np.mean((net(X) - finite_array(y, "y", (len(X),))) ** 2) / 2)


def train_sgd(
    net: ShallowReLU,
    X: ArrayLike,
    y: ArrayLike,
    step_size: float,
    batch_size: int | None = None,
    tolerance: float = 1e-8,
    hold: int = 1,
    max_epochs: int = 10_000,
    seed: int = 0,
    *,
    sampling: Sampling = "reshuffled",
    warmup: int = 0,
    observe: Observer | None = None,
    observe_every: int = 1,
) -> TrainingRun:
    r"""Train one network by :math:`\theta\leftarrow\theta-\eta\nabla L_B(\theta)` in weight space.

    Stops when the loss on all samples, measured after each epoch, has been below ``tolerance`` for ``hold`` consecutive
    epochs. One epoch is ⌈n/B⌉ steps; full-batch gradient descent makes one step an epoch. A neuron exactly at its
    kink has derivative 0, as in PyTorch.

    Args:
        net: the start; it is not changed.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        step_size: η > 0.
        batch_size: B; ``None`` is full-batch gradient descent.
        tolerance: the loss to reach.
        hold: for how many consecutive epochs.
        max_epochs: give up (``"unfinished"``) after so many.
        seed: of the order of the batches.
        sampling: ``"reshuffled"`` epochs or ``"iid"`` batches (:func:`stableminima.batches.epoch_batches`).
        warmup: over the first so many epochs the step grows linearly to η; they do not count towards ``hold``.
        observe: called as ``observe(epoch, network)`` before training (epoch 0), every ``observe_every`` epochs and
        at the end. observe_every: see ``observe``.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the data.

    Book: chapter 1, "Experiment: the edge of stability".
    """
    X = input_points(X, shallow(net).dim)
    n = len(X)
    y = finite_array(y, "y", (n,))
    batch_size = check_batch_size(batch_size, n)
    step_size, tolerance = positive_number(step_size, "step_size"), positive_number(tolerance, "tolerance")
    hold, max_epochs = whole_number(hold, "hold", 1), whole_number(max_epochs, "max_epochs", 1)
    warmup, observe_every = whole_number(warmup, "warmup", 0), whole_number(observe_every, "observe_every", 1)

    W, b, v, c = net.W.copy(), net.b.copy(), net.v.copy(), net.c
    epochs = epoch_batches(n, batch_size, sampling, np.random.default_rng(seed))
    history: list[float] = []
    held, status = 0, "unfinished"
    blow_up = 1e6 * max(1.0, mean_square_loss(net, X, y))
    if observe is not None:
        observe(0, net)
    threads = 1 if batch_size * W.size < THREADS_FROM else None
    with threadpool_limits(threads, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        while len(history) < max_epochs and status == "unfinished":
            before = W.copy(), b.copy(), v.copy(), c
            eta = step_size * min(1.0, (len(history) + 1) / (warmup + 1))
            for batch in next(epochs):
                Xb = X[batch]
                Z = Xb @ W.T + b
                hidden = np.maximum(Z, 0.0)
                residual = (hidden @ v + c - y[batch]) / len(batch)
                back = (Z > 0) * np.outer(residual, v)
                W -= eta * back.T @ Xb
                b -= eta * back.sum(axis=0)
                v -= eta * residual @ hidden
                c -= eta * residual.sum()
            hidden = np.maximum(X @ W.T + b, 0.0)
            loss = float(np.mean((hidden @ v + c - y) ** 2) / 2)
            history.append(loss)
            held = held + 1 if loss < tolerance and len(history) > warmup else 0
            if not loss < blow_up:
                status, (W, b, v, c) = "diverged", before
            elif held >= hold:
                status = "converged"
            elif loss >= tolerance and not hidden.any():
                status = "collapsed"
            done = status != "unfinished" or len(history) == max_epochs
            if observe is not None and (done or len(history) % observe_every == 0):
                observe(len(history), ShallowReLU(W, b, v, c))
    final = ShallowReLU(W, b, v, c)
    return TrainingRun(final, len(history), mean_square_loss(final, X, y), status, np.array(history))
