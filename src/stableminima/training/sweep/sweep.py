r"""Many networks at once: step sizes × seeds × batch sizes × data sets as one program.

Every job is a network of its own with the iterates of :func:`stableminima.training.descent.train_sgd`, computed in
function space by the compiled epochs of :mod:`stableminima.training.sweep.compiled_epochs`, one thread a job. What a
job returns does not depend on the other jobs, on the number of threads or on interruptions.
Book: chapter 4, "SGD without weights".
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from ...batches import Sampling, check_batch_size, check_sampling, epoch_order
from ...checks import (
    Array,
    finite_array,
    input_points,
    momentum_share,
    positive_number,
    random_generator,
    real_array,
    whole_number,
)
from ...networks import ShallowReLU, shallow
from ..descent import TrainingRun
from ..stopping import HOLD, MAX_EPOCHS, TOLERANCE, StoppingRule
from .job import Progress, SweepJob
from .torch_epochs import stacked

Precision = Literal["float32", "float64"]
OnDone = Callable[[int, TrainingRun], None]

LOOK_EVERY = 0.25  # seconds between two looks at what has ended: often enough for a bar and for Ctrl-C


@dataclass(frozen=True, eq=False)
class SweepResult:
    """What a sweep ended with.

    Args:
        runs: one :class:`stableminima.training.descent.TrainingRun` a job, in order.
        drift: for each job, the largest difference of :math:`f(x_j)` ever seen between the engine's state and its
            weights, ``(m,)``.
        seconds: wall clock.
        interrupted: Ctrl-C was pressed, and what had not finished is ``"unfinished"``.

    Book: chapter 4, "SGD without weights".
    """

    runs: tuple[TrainingRun, ...]
    drift: Array
    seconds: float
    interrupted: bool = False


def _checked(job: SweepJob) -> SweepJob:
    X = input_points(job.X, shallow(job.net).dim)
    check_sampling(job.sampling)
    random_generator(job.seed)
    return replace(
        job,
        X=X,
        y=finite_array(job.y, "y", (len(X),)),
        step_size=positive_number(job.step_size, "step_size"),
        batch_size=check_batch_size(job.batch_size, len(X)),
        momentum=momentum_share(job.momentum),
    )


class _Pool:
    """The jobs of a sweep on their way: which are at work, and what the others have come to."""

    def __init__(self, jobs: Sequence[SweepJob], rule: StoppingRule, precision: Precision, device: str | None):
        self.jobs, self.rule, self.precision, self.device = jobs, rule, precision, device
        self.stop = Event()
        self.active: dict[int, Progress] = {}
        self.ended: dict[int, tuple[TrainingRun, float]] = {}

    def work(self, group: Sequence[int], folder: Path | None) -> None:
        """Train some of the jobs to their end, chunk by chunk."""
        for index in group:
            path = None if folder is None else folder / f"job-{index:05d}.npz"
            self.active[index] = Progress(self.jobs[index], self.rule, self.precision, path)
        running = [self.active[index] for index in group if self.active[index].state.status is None]
        while running and not self.stop.is_set():
            count = min(job.room for job in running)
            chunks = [job.prepare(count) for job in running]
            if self.device is None:
                told = [job.compiled(chunk) for job, chunk in zip(running, chunks, strict=True)]
            else:
                told = stacked(running, chunks, self.device)
            for job, chunk, tale in zip(running, chunks, told, strict=True):
                job.settle(chunk, tale)
            running = [job for job in running if job.state.status is None]

    def collect(self, pending: dict[Future[None], list[int]], bar: tqdm, on_done: OnDone | None) -> None:
        """Wait for the threads, take what has ended, and keep the bar moving."""
        while pending:
            for future in wait(pending, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED).done:
                pending.pop(future)
                future.result()
            waiting = {index for group in pending.values() for index in group}
            for index, job in list(self.active.items()):
                if job.state.status is not None or index not in waiting:
                    self.ended[index] = job.end()
                    del self.active[index]
                    if on_done is not None and not self.stop.is_set():
                        on_done(index, self.ended[index][0])
            bar.n = round(len(self.ended) + sum(job.share for job in list(self.active.values())), 2)
            bar.refresh()


def train_jobs(
    jobs: Sequence[SweepJob],
    tolerance: float = TOLERANCE,
    hold: int = HOLD,
    max_epochs: int = MAX_EPOCHS,
    *,
    warmup: int = 0,
    precision: Precision = "float32",
    workers: int | None = None,
    progress: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    on_done: OnDone | None = None,
    device: str | None = None,
) -> SweepResult:
    """Train many networks, in order, each with the iterates of :func:`stableminima.training.descent.train_sgd`.

    A run stops by the :class:`stableminima.training.stopping.StoppingRule` of ``train_sgd``, with the same defaults.
    Between refreshes the engine works in ``precision``; every 64 epochs, and at the end, its pre-activations are
    recomputed in float64 from the weights, and a run has converged only if the loss of the weights it returns, in
    float64, is below ``tolerance``.

    Args:
        jobs: the networks, with data, step size, batch size, seed, batch law and momentum of their own.
        tolerance: the loss to reach, in units of y².
        hold: for how many consecutive epochs.
        max_epochs: give up after so many.
        warmup: over the first so many epochs the step grows linearly to η; they do not count towards ``hold``.
        precision: of the epochs. Training at the edge of stability is chaotic: other roundings, other networks.
        workers: threads, one a core if ``None``.
        progress: show a bar with the networks finished, the rate and the time left.
        checkpoint: a folder for the states of the jobs; the same call with the same folder goes on from there.
        on_done: called as ``on_done(index, run)`` when a job ends, in the calling thread.
        device: ``None`` for the compiled epochs; otherwise a device of torch, such as ``"cuda"``: jobs of one shape
            become one batched program there, with the same iterates.

    Ctrl-C ends the sweep: what is finished is kept, the rest is returned as ``"unfinished"``.

    Returns:
        One run a job, in order.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the data, a checkpoint of another sweep.

    Book: chapter 4, "SGD without weights".
    """
    if not len(jobs):
        raise ValueError("jobs is empty; pass at least one SweepJob")
    if precision not in get_args(Precision):
        raise ValueError(f"precision must be 'float32' or 'float64', got {precision!r}")
    rule = StoppingRule(tolerance, hold, max_epochs, warmup)
    workers = whole_number(workers, "workers", 1) if workers is not None else os.cpu_count() or 1
    at_work = _Pool([_checked(job) for job in jobs], rule, precision, device)
    folder = None if checkpoint is None else Path(checkpoint)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    bar = tqdm(total=len(jobs), unit="network", disable=not progress, smoothing=0)
    with bar, threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as threads:
        pending = {threads.submit(at_work.work, group, folder): group for group in _groups(at_work.jobs, device)}
        try:
            at_work.collect(pending, bar, on_done)
        except KeyboardInterrupt:
            at_work.stop.set()
            at_work.collect(pending, bar, on_done)
        except BaseException:
            at_work.stop.set()
            raise
    runs, drift = zip(*(at_work.ended[index] for index in range(len(jobs))), strict=True)
    return SweepResult(runs, np.array(drift), time.monotonic() - started, at_work.stop.is_set())


def _groups(jobs: Sequence[SweepJob], device: str | None) -> list[list[int]]:
    """The jobs that are trained together: each for itself, or on a device all those of one shape."""
    if device is None:
        return [[index] for index in range(len(jobs))]
    alike: dict[tuple, list[int]] = {}
    for index, job in enumerate(jobs):
        size = check_batch_size(job.batch_size, len(job.X))
        length = len(epoch_order(len(job.X), size, job.sampling, np.random.default_rng(0)))
        alike.setdefault((job.net.width, len(job.X), size, length, job.momentum > 0), []).append(index)
    return list(alike.values())


def train_sweep(
    net: ShallowReLU,
    X: ArrayLike,
    y: ArrayLike,
    step_sizes: ArrayLike,
    batch_size: int | None = None,
    tolerance: float = TOLERANCE,
    hold: int = HOLD,
    max_epochs: int = MAX_EPOCHS,
    seed: int | np.random.Generator = 0,
    *,
    sampling: Sampling = "reshuffled",
    momentum: float = 0.0,
    **options: Any,
) -> SweepResult:
    """Train one start at many step sizes, with the same batches in the same order: ``runs[i]`` is ``step_sizes[i]``.

    Stopping rule and defaults are those of :func:`stableminima.training.descent.train_sgd`; by keyword it takes what
    :func:`train_jobs` takes besides, which also trains many starts, data sets, batch sizes and seeds.

    Args:
        net: the start.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        step_sizes: the η, ``(m,)``.
        batch_size: B; ``None`` is full-batch gradient descent.
        tolerance: the loss to reach, in units of y².
        hold: for how many consecutive epochs.
        max_epochs: give up after so many.
        seed: of the order of the batches: a number, or a generator, whose state is copied.
        sampling: ``"reshuffled"`` epochs or ``"iid"`` batches.
        momentum: β of the heavy ball, at least 0 and below 1.
        **options: ``warmup``, ``precision``, ``workers``, ``progress``, ``checkpoint``, ``on_done``, ``device``.

    Returns:
        One run a step size, in order.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the data, a checkpoint of another sweep.

    Book: chapter 4, "SGD without weights".
    """
    steps = finite_array(np.atleast_1d(real_array(step_sizes, "step_sizes")), "step_sizes", (None,))
    X = input_points(X, shallow(net).dim)
    y = finite_array(y, "y", (len(X),))
    jobs = [SweepJob(net, X, y, float(eta), batch_size, seed, sampling, momentum) for eta in steps]
    return train_jobs(jobs, tolerance, hold, max_epochs, **options)
