"""Full-batch gradient descent of many small networks at once, as one stacked program. Book: chapters 2 and 8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from ..checks import Array, finite_array, input_points, positive_number, real_array, whole_number
from ..networks import ShallowReLU, shallow
from .descent import TrainingRun
from .optimizers import Optimizer, Update


def train_together(
    nets: Sequence[ShallowReLU],
    X: ArrayLike,
    y: ArrayLike,
    step_size: ArrayLike,
    tolerance: float = 1e-8,
    max_steps: int = 20_000,
    *,
    warmup: int = 0,
    weight_decay: float = 0.0,
) -> list[TrainingRun]:
    r"""Full-batch gradient descent on many networks of one shape at once, each with the iterates of :func:`train_sgd`.

    Args:
        nets: the starts, m networks of the same width and input dimension; they are not changed.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        step_size: one η for all, or ``(m,)``.
        tolerance: a run stops when its loss is below this.
        max_steps: give up (``"unfinished"``) after so many steps.
        warmup: over the first so many steps the step grows linearly to η; no run converges before their end.
        weight_decay: μ; adds :math:`\frac\mu2\sum_i(\|w_i\|^2+b_i^2+v_i^2)` to the loss that is descended, not
            to the one that is reported.

    Book: chapter 2, "Trained networks at many step sizes", and chapter 3, "The toy experiment".
    """
    if not len(nets) or len({shallow(net).W.shape for net in nets}) != 1:
        raise ValueError(f"nets must be one or more networks of the same shape, got {[net.W.shape for net in nets]}")
    X = input_points(X, nets[0].dim)
    n, m = len(X), len(nets)
    y = finite_array(y, "y", (n,))[:, None]
    eta = real_array(step_size, "step_size")
    eta = finite_array(np.full(m, eta) if eta.size == 1 else eta, "step_size", (m,))[:, None, None]
    if not (eta > 0).all():
        raise ValueError(f"step_size must be positive, got {step_size}")
    tolerance = positive_number(tolerance, "tolerance")
    max_steps, warmup = whole_number(max_steps, "max_steps", 0), whole_number(warmup, "warmup", 0)
    if weight_decay != 0:
        weight_decay = positive_number(weight_decay, "weight_decay")
    X1 = np.column_stack([X, np.ones(n)])
    W = np.stack([np.column_stack([net.W, net.b]).T for net in nets])  # (m, d+1, k), the hidden bias in the last row
    v = np.stack([net.v for net in nets])[:, :, None]
    c = np.array([net.c for net in nets])[:, None, None]
    running, history = np.arange(m), np.full((m, max_steps + 1), np.nan)
    runs: list[TrainingRun | None] = [None] * m
    before = W, v, c
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(max_steps + 1):
            hidden = np.maximum(X1 @ W, 0.0)
            residual = (hidden @ v + c - y) / n
            loss = (residual[:, :, 0] ** 2).sum(axis=1) * n / 2
            history[running, step] = loss
            blown = ~(loss < 1e6 * np.maximum(1.0, history[running, 0]))
            low = (loss < tolerance) & (step > warmup or warmup == 0)
            done = low | blown | (step == max_steps)
            for j in np.flatnonzero(done):
                status = "diverged" if blown[j] else "unfinished" if hidden[j].any() else "collapsed"
                status = "converged" if low[j] else status
                W_j, v_j, c_j = (part[j] for part in (before if blown[j] else (W, v, c)))
                net = ShallowReLU(W_j[:-1].T, W_j[-1], v_j[:, 0], c_j[0, 0])
                final = history[running[j], step - 1 if blown[j] else step]
                runs[running[j]] = TrainingRun(
                    net, step, float(final), status, history[running[j], 1 : step + 1].copy()
                )
            if done.all():
                break
            if done.any():
                state = (W, v, c, eta, running, hidden, residual)
                W, v, c, eta, running, hidden, residual = (part[~done] for part in state)
            back = X1.T @ np.where(hidden > 0, residual, 0.0) * v.transpose(0, 2, 1)
            now = eta * min(1.0, (step + 1) / (warmup + 1))
            shrink = 1 - now * weight_decay
            before = W, v, c
            W, v, c = (
                shrink * W - now * back,
                shrink * v - now * (hidden.transpose(0, 2, 1) @ residual),
                c - now * residual.sum(axis=1, keepdims=True),
            )
    return runs


Penalised = Literal["weights", "all"]


def train_decayed(
    nets: Sequence[ShallowReLU],
    X: ArrayLike,
    y: ArrayLike,
    step_size: ArrayLike,
    decay: ArrayLike = 0.0,
    *,
    steps: int,
    optimizer: Optimizer = "sgd",
    batch_size: int | None = None,
    sample_weight: ArrayLike | None = None,
    penalise: Penalised = "weights",
    cooldown: float = 0.4,
    seed: int = 0,
) -> list[ShallowReLU]:
    r"""Train networks of one shape at once with weight decay, for a fixed number of steps.

    Args:
        nets: the starts, m of them; they are not changed.
        X, y: inputs ``(n, d)`` and labels ``(n,)``.
        step_size: one for all, or ``(m,)``; constant, then falling linearly to 0 over the last ``cooldown`` of steps.
        decay: λ ≥ 0, one for all or ``(m,)``.
        steps: how many.
        optimizer: ``"sgd"``; ``"momentum"`` 0.9; ``"adam"`` (0.9, 0.999, 1e-8), the gradient of the penalty added to
            that of the loss; ``"adamw"``, the weights multiplied by 1 − ηλ instead. The updates are PyTorch's.
        batch_size: number of independent draws from the weighted sample a step; all samples if omitted.
        sample_weight: ω ≥ 0, ``(n,)``, scaled to sum 1; equal if omitted.
        penalise: ``"weights"``, or ``"all"``: both biases as well, which is what PyTorch's ``weight_decay`` does.
        cooldown: share of the steps in which the rate falls.
        seed: of the batches, which are the same for all networks.

    Raises:
        ValueError: an argument out of range, networks of different shapes, or a network that diverged.

    Book: chapter 8, "Four optimisers".
    """
    if not len(nets) or len({shallow(net).W.shape for net in nets}) != 1:
        raise ValueError(f"nets must be one or more networks of the same shape, got {[net.W.shape for net in nets]}")
    X, steps = input_points(X, nets[0].dim), whole_number(steps, "steps", 1)
    y = finite_array(y, "y", (len(X),))
    eta, lam = (_one_each(value, name, len(nets)) for value, name in ((step_size, "step_size"), (decay, "decay")))
    if not (eta > 0).all() or not (lam >= 0).all() or not 0 <= cooldown <= 1:
        raise ValueError(f"need step_size > 0, decay ≥ 0, cooldown in [0, 1]; got {step_size}, {decay}, {cooldown}")
    for value, name, kind in ((optimizer, "optimizer", Optimizer), (penalise, "penalise", Penalised)):
        if value not in get_args(kind):
            raise ValueError(f"{name} must be one of {get_args(kind)}, got {value!r}")
    weight = finite_array(np.ones(len(X)) if sample_weight is None else sample_weight, "sample_weight", (len(X),))
    if not (weight >= 0).all() or not weight.any():
        raise ValueError("sample_weight must be at least 0 and not all 0; pass the share of each sample")

    X1 = np.column_stack([X, np.ones(len(X))])
    parts = [
        np.stack([np.vstack([net.W.T, net.b]) for net in nets]),  # (m, d+1, k), the hidden bias in the last row
        np.stack([net.v for net in nets])[:, :, None],
        np.array([net.c for net in nets])[:, None, None],
    ]
    shrink = [np.broadcast_to(lam, part.shape).copy() for part in parts]
    if penalise == "weights":
        shrink[0][:, -1] = shrink[2][:] = 0.0
    update = Update(optimizer, parts, shrink)
    fall = max(1.0, cooldown * steps)
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        for step, (batch, share) in zip(range(steps), _batches(weight / weight.sum(), batch_size, seed), strict=False):
            gradient = _gradient(parts, X1[batch], y[batch], share)
            update(gradient, eta * min(1.0, (steps - step) / fall))
    lost = [j for j in range(len(nets)) if not all(np.isfinite(part[j]).all() for part in parts)]
    if lost:
        raise ValueError(f"networks {lost} diverged with step_size = {step_size}; choose a smaller one")
    return [ShallowReLU(W[:-1].T, W[-1], v[:, 0], float(c[0, 0])) for W, v, c in zip(*parts, strict=True)]


def _one_each(value: ArrayLike, name: str, count: int) -> Array:
    value = real_array(value, name)
    return finite_array(np.full(count, value) if value.size == 1 else value, name, (count,))[:, None, None]


def _batches(share: Array, batch_size: int | None, seed: int) -> Iterator[tuple[slice | Array, Array]]:
    """Endless (indices, weights): everything, or independent draws in proportion to ``share``."""
    if batch_size is None:
        while True:
            yield slice(None), share
    batch_size, rng = whole_number(batch_size, "batch_size", 1), np.random.default_rng(seed)
    equal = np.full(batch_size, 1 / batch_size)
    while True:
        yield from ((batch, equal) for batch in rng.choice(len(share), (256, batch_size), p=share))


def _gradient(parts: Sequence[Array], X1: Array, y: Array, share: Array) -> list[Array]:
    """Of the weighted loss, by each part, for all networks at once."""
    W, v, c = parts
    hidden = X1 @ W
    np.maximum(hidden, 0.0, out=hidden)
    residual = (hidden @ v + c - y[:, None]) * share[:, None]
    by_v = hidden.transpose(0, 2, 1) @ residual
    by_W = X1.T @ np.multiply(hidden > 0, residual, out=hidden)
    by_W *= v.transpose(0, 2, 1)
    return [by_W, by_v, residual.sum(axis=1, keepdims=True)]
