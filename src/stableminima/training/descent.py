r"""Gradient descent and SGD exactly as stated: the readable reference.

Loss :math:`L=\frac1{2n}\sum_j(f(x_j)-y_j)^2`, all parameters trained, output bias included. Book: chapters 1 to 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from ..batches import Sampling, check_batch_size, epoch_batches
from ..checks import (
    Array,
    finite_array,
    input_points,
    momentum_share,
    positive_number,
    random_generator,
    whole_number,
)
from ..networks import ShallowReLU, shallow
from .stopping import HOLD, MAX_EPOCHS, TOLERANCE, Status, StoppingRule, blow_up_level

THREADS_FROM = 3e7  # multiplications a matrix product must have before a second thread saves more than it costs

Observer = Callable[[int, ShallowReLU], None]


@dataclass(frozen=True, eq=False)
class TrainingRun:
    """What a training run ended with.

    Only ``"converged"`` is a minimum: ``"unfinished"`` ran out of epochs, ``"diverged"`` blew up, and in
    ``"collapsed"`` every neuron is off on every sample, so that only the output bias still moves.

    Args:
        network: the network at the end; of a run that diverged, the one before the epoch in which it did.
        epochs: how many were made.
        loss: of that network on all samples, :func:`mean_square_loss`.
        status: how it ended, by :class:`stableminima.training.stopping.StoppingRule`.
        history: the loss after each epoch, ``(epochs,)``.

    Book: chapter 1, "Experiment: the edge of stability".
    """

    network: ShallowReLU
    epochs: int
    loss: float
    status: Status
    history: Array = field(repr=False)


def mean_square_loss(net: ShallowReLU, X: ArrayLike, y: ArrayLike) -> float:
    r"""The loss of the book, :math:`\frac1{2n}\sum_j(f(x_j)-y_j)^2` (with the ½ that torch's ``MSELoss`` lacks).

    Args:
        net: the network.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.

    Returns:
        The loss, in units of y².

    Raises:
        ValueError: a deep network, shapes that do not fit, NaN or infinity.

    Book: chapter 1, "The dynamics near a minimum".

    >>> mean_square_loss(ShallowReLU([[1.0]], [0.0], [1.0], 0.0), [[1.0], [2.0]], [0.0, 0.0])
    1.25
    """
    X = input_points(X, shallow(net).dim)
    return float(np.mean((net(X) - finite_array(y, "y", (len(X),))) ** 2) / 2)


def train_sgd(
    net: ShallowReLU,
    X: ArrayLike,
    y: ArrayLike,
    step_size: float,
    batch_size: int | None = None,
    tolerance: float = TOLERANCE,
    hold: int = HOLD,
    max_epochs: int = MAX_EPOCHS,
    seed: int | np.random.Generator = 0,
    *,
    sampling: Sampling = "reshuffled",
    momentum: float = 0.0,
    warmup: int = 0,
    observe: Observer | None = None,
    observe_every: int = 1,
) -> TrainingRun:
    r"""Train one network by :math:`\theta\leftarrow\theta-\eta\nabla L_B(\theta)` in weight space.

    With momentum β, :math:`u\leftarrow\beta u+\nabla L_B(\theta)`, :math:`\theta\leftarrow\theta-\eta u`: the heavy
    ball, as in ``torch.optim.SGD(momentum=β)``.

    Stops by the :class:`stableminima.training.stopping.StoppingRule` of all trainers, with its defaults. One epoch is
    ⌈n/B⌉ steps; full-batch gradient descent makes one step an epoch. A neuron exactly at its kink has derivative 0, as
    in PyTorch. The loss is half of torch's ``MSELoss``: a learning rate there is twice as large a step size here.

    Args:
        net: the start; it is not changed.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        step_size: η > 0.
        batch_size: B; ``None`` is full-batch gradient descent.
        tolerance: the loss to reach, in units of y².
        hold: for how many consecutive epochs.
        max_epochs: give up (``"unfinished"``) after so many.
        seed: of the order of the batches: a number, or a generator, which moves on.
        sampling: ``"reshuffled"`` epochs or ``"iid"`` batches (:func:`stableminima.batches.epoch_batches`).
        momentum: β, at least 0 and below 1.
        warmup: over the first so many epochs the step grows linearly to η; they do not count towards ``hold``.
        observe: called as ``observe(epoch, network)`` before training (epoch 0), every ``observe_every`` epochs and
            at the end.
        observe_every: see ``observe``.

    Returns:
        The network, and how the run went.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the data.

    Book: chapter 1, "Experiment: the edge of stability".

    >>> off = ShallowReLU([[1.0]], [0.0], [1.0], 0.0)
    >>> run = train_sgd(off, [[-1.0]], [1.0], step_size=0.5)  # its neuron is off there: only c moves, by η
    >>> run.status, run.network.c
    ('collapsed', 0.5)
    """
    X = input_points(X, shallow(net).dim)
    y = finite_array(y, "y", (len(X),))
    batch_size = check_batch_size(batch_size, len(X))
    beta = momentum_share(momentum)
    step_size, observe_every = positive_number(step_size, "step_size"), whole_number(observe_every, "observe_every", 1)
    rule = StoppingRule(tolerance, hold, max_epochs, warmup)
    epochs = epoch_batches(len(X), batch_size, sampling, random_generator(seed))
    threads = 1 if batch_size * net.W.size < THREADS_FROM else None
    parameters = [net.W.copy(), net.b.copy(), net.v.copy(), np.array(net.c)]
    velocity = [np.zeros_like(part) for part in parameters]
    blow_up = blow_up_level(mean_square_loss(net, X, y))
    history: list[float] = []
    held, status = 0, None
    if observe is not None:
        observe(0, net)
    with threadpool_limits(threads, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        while status is None:
            before = [part.copy() for part in parameters]
            eta = step_size * rule.share(len(history))
            if beta:
                _momentum_epoch(parameters, velocity, X, y, next(epochs), eta, beta)
            else:
                _epoch(parameters, X, y, next(epochs), eta)
            loss, living = _state(parameters, X, y)
            living = living or (beta > 0 and _returns(parameters, velocity, X, step_size * beta / (1 - beta)))
            history.append(loss)
            held, status = rule.judge(loss, living, len(history), held, blow_up)
            if status == "diverged":
                parameters = before
            if observe is not None and (status or len(history) % observe_every == 0):
                observe(len(history), _network(parameters))
    final = _network(parameters)
    return TrainingRun(final, len(history), mean_square_loss(final, X, y), status, np.array(history))


def _epoch(parameters: list[Array], X: Array, y: Array, batches: Iterable[np.ndarray], eta: float) -> None:
    """One step for each batch, in place."""
    W, b, v, c = parameters
    for batch in batches:
        Xb = X[batch]
        Z = Xb @ W.T + b
        hidden = np.maximum(Z, 0.0)
        residual = (hidden @ v + c - y[batch]) / len(batch)
        back = (Z > 0) * np.outer(residual, v)
        W -= eta * back.T @ Xb
        b -= eta * back.sum(axis=0)
        v -= eta * residual @ hidden
        c -= eta * residual.sum()


def _momentum_epoch(
    parameters: list[Array],
    velocity: list[Array],
    X: Array,
    y: Array,
    batches: Iterable[np.ndarray],
    eta: float,
    beta: float,
) -> None:
    """One step of the heavy ball for each batch, in place."""
    for batch in batches:
        W, b, v, c = parameters
        Z = X[batch] @ W.T + b
        hidden = np.maximum(Z, 0.0)
        residual = (hidden @ v + c - y[batch]) / len(batch)
        back = (Z > 0) * np.outer(residual, v)
        slopes = (back.T @ X[batch], back.sum(axis=0), residual @ hidden, residual.sum())
        for part, speed, slope in zip(parameters, velocity, slopes, strict=True):
            speed *= beta
            speed += slope
            part -= eta * speed


def _returns(parameters: list[Array], velocity: list[Array], X: Array, way: float) -> bool:
    """Whether neurons that are all off may be on again where their velocity carries them, ``way`` times it at most."""
    (W, b, _, _), (speed, shift, _, _) = parameters, velocity
    return bool((X @ (W - way * speed).T + b - way * shift > 0).any())


def _state(parameters: list[Array], X: Array, y: Array) -> tuple[float, bool]:
    """The loss on all samples, and whether any neuron is on at one of them."""
    W, b, v, c = parameters
    hidden = np.maximum(X @ W.T + b, 0.0)
    return float(np.mean((hidden @ v + c - y) ** 2) / 2), bool(hidden.any())


def _network(parameters: list[Array]) -> ShallowReLU:
    W, b, v, c = parameters
    return ShallowReLU(W, b, v, float(c))
