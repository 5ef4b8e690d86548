"""Many small networks at once, as one stacked program. Book: chapters 2 and 8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, repeat
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from ..batches import weighted_batches
from ..checks import Array, finite_array, input_points, random_generator, real_array, unit_interval, whole_number
from ..networks import ShallowReLU, shallow
from .descent import TrainingRun, mean_square_loss
from .optimizers import Optimizer, Update
from .stopping import HOLD, MAX_EPOCHS, TOLERANCE, StoppingRule, blow_up_level

Penalised = Literal["weights", "neurons", "all"]  # which parameters have weight decay: w and v; b as well; c as well
Batch = tuple[slice | NDArray[np.intp], Array | None]  # the samples of a step and their weights, None if all alike

EVERYTHING: Batch = (slice(None), None)


def train_together(
    nets: Sequence[ShallowReLU],
    X: ArrayLike,
    y: ArrayLike,
    step_size: ArrayLike,
    tolerance: float = TOLERANCE,
    max_steps: int = MAX_EPOCHS,
    *,
    hold: int = HOLD,
    warmup: int = 0,
    weight_decay: ArrayLike = 0.0,
    penalise: Penalised = "weights",
) -> list[TrainingRun]:
    r"""Full-batch gradient descent on many networks of one shape at once, each with the iterates of :func:`train_sgd`.

    A run stops by the :class:`stableminima.training.stopping.StoppingRule` of ``train_sgd``, with the same defaults.

    Args:
        nets: the starts, m networks of the same width and input dimension; they are not changed.
        X: inputs ``(n, d)``, or ``(m, n, d)``, where each network has a sample of its own.
        y: labels ``(n,)``, or ``(m, n)``.
        step_size: one η for all, or ``(m,)``.
        tolerance: the loss to reach, in units of y².
        max_steps: give up (``"unfinished"``) after so many steps, which are epochs here.
        hold: for how many consecutive steps the loss must be below the tolerance.
        warmup: over the first so many steps the step grows linearly to η; they do not count towards ``hold``.
        weight_decay: λ ≥ 0, one for all or ``(m,)``; adds :math:`\frac\lambda2\sum_i(\|w_i\|^2+v_i^2)` to the loss
            that is descended, not to the one that is reported.
        penalise: ``"weights"`` as in this formula, ``"neurons"`` with the :math:`b_i^2`, ``"all"`` with :math:`c^2`
            besides, which is what PyTorch's ``weight_decay`` does.

    Returns:
        One run a network, in order.

    Raises:
        ValueError: an argument out of range, networks of different shapes, NaN or infinity in the data.

    Book: chapter 2, "Trained networks at many step sizes", and chapter 3, "The toy experiment".
    """
    rule = StoppingRule(tolerance, hold, whole_number(max_steps, "max_steps", 1), warmup)
    stack = _Stack(nets, X, y, "sgd", weight_decay, penalise)
    eta, m = _positive_each(step_size, "step_size", len(nets)), len(nets)
    blow_up = [blow_up_level(mean_square_loss(net, *stack.sample(j))) for j, net in enumerate(nets)]
    histories: list[list[float]] = [[] for _ in nets]
    runs: dict[int, TrainingRun] = {}
    running, held = np.arange(m), [0] * m
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        _, gradient = stack.gradient()
        for step in count(1):
            before = [part.copy() for part in stack.parts]
            stack.update(gradient, eta[running] * rule.share(step - 1))
            error, gradient = stack.gradient()
            losses = np.mean(error[:, :, 0] ** 2, axis=1) / 2
            going = np.ones(len(running), bool)
            for place, (j, loss, on) in enumerate(
                zip(running.tolist(), losses.tolist(), stack.living(gradient), strict=True)
            ):
                histories[j].append(loss)
                held[j], status = rule.judge(loss, on, step, held[j], blow_up[j])
                if status is not None:
                    net = _network(before if status == "diverged" else stack.parts, place)
                    loss = mean_square_loss(net, *stack.sample(place))
                    runs[j] = TrainingRun(net, step, loss, status, np.array(histories[j]))
                    going[place] = False
            if not going.any():
                return [runs[j] for j in range(m)]
            if not going.all():
                running, gradient = running[going], [part[going] for part in gradient]
                stack.keep(going)
    raise AssertionError("a run ends at max_steps at the latest")


def train_decayed(
    nets: Sequence[ShallowReLU],
    X: ArrayLike,
    y: ArrayLike,
    step_size: ArrayLike,
    weight_decay: ArrayLike = 0.0,
    *,
    steps: int,
    optimizer: Optimizer = "sgd",
    batch_size: int | None = None,
    sample_weight: ArrayLike | None = None,
    penalise: Penalised = "weights",
    cooldown: float = 0.4,
    seed: int | np.random.Generator = 0,
) -> list[ShallowReLU]:
    r"""Train networks of one shape at once with weight decay, for a fixed number of steps.

    Args:
        nets: the starts, m of them; they are not changed.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        step_size: one η for all, or ``(m,)``; constant, then falling linearly to 0 over the last ``cooldown`` of steps.
        weight_decay: λ ≥ 0, one for all or ``(m,)``: adds :math:`\frac\lambda2\sum_i(\|w_i\|^2+v_i^2)` to the loss.
        steps: how many.
        optimizer: ``"sgd"``; ``"momentum"`` 0.9; ``"adam"`` (0.9, 0.999, 1e-8), the gradient of the penalty added to
            that of the loss; ``"adamw"``, the weights multiplied by 1 − ηλ instead. The updates are PyTorch's.
        batch_size: number of independent draws from the weighted sample a step
            (:func:`stableminima.batches.weighted_batches`); all samples if omitted.
        sample_weight: ω ≥ 0, ``(n,)``, scaled to sum 1; equal if omitted.
        penalise: ``"weights"`` as in the formula, ``"neurons"`` with the :math:`b_i^2`, ``"all"`` with :math:`c^2`
            besides, which is what PyTorch's ``weight_decay`` does.
        cooldown: share of the steps in which the rate falls, in [0, 1].
        seed: of the batches, which are the same for all networks: a number, or a generator, which moves on.

    Returns:
        The networks after the last step, in order.

    Raises:
        ValueError: an argument out of range, networks of different shapes, or a network that diverged.

    Book: chapter 8, "Four optimisers".
    """
    stack = _Stack(nets, X, y, optimizer, weight_decay, penalise)
    eta, steps = _positive_each(step_size, "step_size", len(nets)), whole_number(steps, "steps", 1)
    fall = max(1.0, unit_interval(cooldown, "cooldown") * steps)
    batches = _batches(stack.X1.shape[1], sample_weight, batch_size, seed)
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        for left in range(steps, 0, -1):
            _, gradient = stack.gradient(*next(batches))
            stack.update(gradient, eta * min(1.0, left / fall))
    lost = [j for j in range(len(nets)) if not all(np.isfinite(part[j]).all() for part in stack.parts)]
    if lost:
        raise ValueError(f"networks {lost} diverged with step_size = {step_size!r}; choose a smaller one")
    return [_network(stack.parts, j) for j in range(len(nets))]


class _Stack:
    """m networks of one shape and their samples.

    ``parts`` are W ``(m, d+1, k)`` with b in its last row, v ``(m, k, 1)`` and c ``(m, 1, 1)``; ``X1`` is
    ``(1, n, d+1)`` and ``y`` is ``(1, n)`` where all share them, else ``(m, …)``.
    """

    def __init__(
        self,
        nets: Sequence[ShallowReLU],
        X: ArrayLike,
        y: ArrayLike,
        optimizer: Optimizer,
        weight_decay: ArrayLike,
        penalise: Penalised,
    ) -> None:
        shapes = {shallow(net).W.shape for net in nets}
        if len(shapes) != 1:
            raise ValueError(f"nets must be one or more networks of the same shape, got shapes {sorted(shapes)}")
        for value, name, kind in ((optimizer, "optimizer", Optimizer), (penalise, "penalise", Penalised)):
            if value not in get_args(kind):
                raise ValueError(f"{name} must be one of {get_args(kind)}, got {value!r}")
        own = real_array(X, "X").ndim == 3  # a sample for each network
        inputs = finite_array(X, "X", (len(nets), None, nets[0].dim)) if own else input_points(X, nets[0].dim)[None]
        self.X1 = np.concatenate([inputs, np.ones((*inputs.shape[:2], 1))], axis=2)
        self.y = finite_array(y, "y", inputs.shape[:2] if own else inputs.shape[1:2]).reshape(inputs.shape[:2])
        self.parts = [
            np.stack([np.vstack([net.W.T, net.b]) for net in nets]),
            np.stack([net.v for net in nets])[:, :, None],
            np.array([net.c for net in nets])[:, None, None],
        ]
        decay = _one_each(weight_decay, "weight_decay", len(nets))
        shrink = [np.broadcast_to(decay, part.shape).copy() for part in self.parts]
        if penalise != "all":
            shrink[2][:] = 0.0
        if penalise == "weights":
            shrink[0][:, -1] = 0.0
        self.update = Update(optimizer, self.parts, shrink)

    def gradient(
        self, batch: slice | NDArray[np.intp] = slice(None), share: Array | None = None
    ) -> tuple[Array, list[Array]]:
        """The errors f − y ``(m, B, 1)``, and the gradient of the (weighted) loss by each part."""
        (W, v, c), X1 = self.parts, self.X1[:, batch]
        hidden = X1 @ W
        np.maximum(hidden, 0.0, out=hidden)
        error = hidden @ v + c - self.y[:, batch, None]
        residual = error / X1.shape[1] if share is None else error * share[:, None]
        by_v = hidden.transpose(0, 2, 1) @ residual
        by_W = X1.transpose(0, 2, 1) @ np.multiply(hidden > 0, residual, out=hidden)
        by_W *= v.transpose(0, 2, 1)
        return error, [by_W, by_v, residual.sum(axis=1, keepdims=True)]

    def living(self, gradient: list[Array]) -> list[bool]:
        """Whether a neuron of each network is on at any sample: certainly so where its output weights would move."""
        moving: list[bool] = np.any(gradient[1] != 0, axis=(1, 2)).tolist()
        return [
            on or bool((self.X1[j % len(self.X1)] @ W > 0).any())
            for j, (on, W) in enumerate(zip(moving, self.parts[0], strict=True))
        ]

    def sample(self, place: int) -> tuple[Array, Array]:
        """Inputs and labels of a network."""
        place %= len(self.X1)
        return self.X1[place, :, :-1], self.y[place]

    def keep(self, going: NDArray[np.bool_]) -> None:
        """Go on with some of the networks, ``(m,)``."""
        self.update.keep(going)
        if len(self.X1) == len(going):
            self.X1, self.y = self.X1[going], self.y[going]


def _network(parts: list[Array], place: int) -> ShallowReLU:
    W, v, c = (part[place] for part in parts)
    return ShallowReLU(W[:-1].T, W[-1], v[:, 0], float(c[0, 0]))


def _one_each(value: ArrayLike, name: str, size: int) -> Array:
    """``value``, which must not be negative, as ``(size, 1, 1)``."""
    numbers = real_array(value, name)
    if not (numbers >= 0).all() or np.isinf(numbers).any():
        raise ValueError(
            f"{name} must not be negative, NaN or infinite, got {value!r}; pass one number, or one a network"
        )
    return finite_array(np.full(size, numbers) if numbers.size == 1 else numbers, name, (size,))[:, None, None]


def _positive_each(value: ArrayLike, name: str, size: int) -> Array:
    numbers = _one_each(value, name, size)
    if not numbers.all():
        raise ValueError(f"{name} must be positive, got {value!r}; pass one number such as 0.1, or one a network")
    return numbers


def _batches(
    n: int, sample_weight: ArrayLike | None, batch_size: int | None, seed: int | np.random.Generator
) -> Iterator[Batch]:
    """Without end: everything, with its weights, or equal draws in proportion to them."""
    weight = finite_array(np.ones(n) if sample_weight is None else sample_weight, "sample_weight", (n,))
    if not (weight >= 0).all() or not weight.any():
        raise ValueError("sample_weight must be at least 0 and not all 0; pass the share of each sample")
    if batch_size is not None:
        size = whole_number(batch_size, "batch_size", 1)
        return ((batch, None) for batch in weighted_batches(weight / weight.sum(), size, random_generator(seed)))
    return repeat(EVERYTHING if sample_weight is None else (slice(None), weight / weight.sum()))
