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
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from ...batches import Sampling, check_batch_size, check_sampling, epoch_order
from ...checks import Array, finite_array, input_points, positive_number, real_array, whole_number
from ...networks import ShallowReLU, shallow
from ..descent import TrainingRun
from .job import Progress, Rule, SweepJob
from .torch_epochs import stacked

Precision = Literal["float32", "float64"]


@dataclass(frozen=True, eq=False)
class SweepResult:
    """``runs``: one :class:`stableminima.training.descent.TrainingRun` a job, in order. ``drift``: for each job, the
    largest difference :math:`|f(x_j)|` ever seen between the engine's state and its weights, ``(m,)``. ``seconds``:
    wall clock. ``interrupted``: Ctrl-C was pressed, and what had not finished is ``"unfinished"``.
    """

    runs: tuple[TrainingRun, ...]
    drift: Array
    seconds: float
    interrupted: bool = False


def _checked(job: SweepJob) -> SweepJob:
    X = input_points(job.X, shallow(job.net).dim)
    check_sampling(job.sampling)
    return replace(
        job,
        X=X,
        y=finite_array(job.y, "y", (len(X),)),
        step_size=positive_number(job.step_size, "step_size"),
        batch_size=check_batch_size(job.batch_size, len(X)),
        seed=whole_number(job.seed, "seed", 0),
    )


def train_jobs(
    jobs: Sequence[SweepJob],
    tolerance: float = 1e-8,
    hold: int = 2000,
    max_epochs: int = 100_000,
    *,
    warmup: int = 0,
    precision: Precision = "float32",
    workers: int | None = None,
    progress: bool = False,
    checkpoint: str | os.PathLike[str] | None = None,
    on_done: Callable[[int, TrainingRun], None] | None = None,
    device: str | None = None,
) -> SweepResult:
    """Train many networks, in order, each with the iterates of :func:`stableminima.training.descent.train_sgd`.

    A run stops as ``train_sgd`` does. Between refreshes the engine works in ``precision``; every 64 epochs, and at the
    end, its pre-activations are recomputed in float64 from the weights, and a run has converged only if the loss of the
    weights it returns, in float64, is below ``tolerance``.

    Args:
        jobs: the networks, with data, step size, batch size, seed and batch law of their own.
        tolerance: the loss to reach. hold: for how many consecutive epochs. max_epochs: give up after so many.
        warmup: over the first so many epochs the step grows linearly to η; they do not count towards ``hold``.
        precision: of the epochs. Training at the edge of stability is chaotic: other roundings, other networks.
        workers: threads, one a core if ``None``.
        progress: show a bar with the networks finished, the rate and the time left.
        checkpoint: a folder for the states of the jobs; the same call with the same folder goes on from there.
        on_done: called as ``on_done(index, run)`` when a job ends, in the calling thread.
        device: ``None`` for the compiled epochs; otherwise a device of torch, such as ``"cuda"``: jobs of one shape
            become one batched program there, with the same iterates.

    Ctrl-C ends the sweep: what is finished is kept, the rest is returned as ``"unfinished"``.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the data, a checkpoint of another sweep.

    Book: chapter 4, "SGD without weights".
    """
    if not len(jobs):
        raise ValueError("jobs is empty; pass at least one SweepJob")
    if precision not in ("float32", "float64"):
        raise ValueError(f"precision must be 'float32' or 'float64', got {precision!r}")
    rule = Rule(
        positive_number(tolerance, "tolerance"),
        whole_number(hold, "hold", 1),
        whole_number(max_epochs, "max_epochs", 1),
        whole_number(warmup, "warmup", 0),
        precision,
    )
    workers = whole_number(workers, "workers", 1) if workers is not None else os.cpu_count() or 1
    jobs = [_checked(job) for job in jobs]
    if checkpoint is not None:
        Path(checkpoint).mkdir(parents=True, exist_ok=True)
    started, stop = time.monotonic(), Event()
    active: dict[int, Progress] = {}
    ended: dict[int, tuple[TrainingRun, float]] = {}

    def work(group: Sequence[int]) -> None:
        """Train some of the jobs to their end, chunk by chunk."""
        for index in group:
            path = None if checkpoint is None else Path(checkpoint) / f"job-{index:05d}.npz"
            active[index] = Progress(jobs[index], rule, path)
        running = [active[index] for index in group if active[index].state.status is None]
        while running and not stop.is_set():
            count = min(job.room for job in running)
            chunks = [job.prepare(count) for job in running]
            told = [running[0].compiled(chunks[0])] if device is None else stacked(running, chunks, device)
            for job, chunk, tale in zip(running, chunks, told, strict=True):
                job.settle(chunk, tale)
            running = [job for job in running if job.state.status is None]

    def collect(pending: dict[Future, Sequence[int]], bar: tqdm) -> None:
        """Wait for the pool, take what has ended, and keep the bar moving."""
        while pending:
            finished = wait(pending, timeout=0.25, return_when=FIRST_COMPLETED).done
            for future in finished:
                pending.pop(future)
                future.result()
            waiting = {index for group in pending.values() for index in group}
            for index, job in list(active.items()):
                if job.state.status is not None or index not in waiting:
                    ended[index] = job.end()
                    del active[index]
                    if on_done is not None and not stop.is_set():
                        on_done(index, ended[index][0])
            bar.n = round(len(ended) + sum(job.share for job in list(active.values())), 2)
            bar.refresh()

    bar = tqdm(total=len(jobs), unit="network", disable=not progress, smoothing=0)
    with bar, threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        pending = {pool.submit(work, group): group for group in _groups(jobs, device)}
        try:
            collect(pending, bar)
        except KeyboardInterrupt:
            stop.set()
            collect(pending, bar)
        except BaseException:
            stop.set()
            raise
    runs, drift = zip(*(ended[index] for index in range(len(jobs))), strict=True)
    return SweepResult(runs, np.array(drift), time.monotonic() - started, stop.is_set())


def _groups(jobs: Sequence[SweepJob], device: str | None) -> list[list[int]]:
    """The jobs that are trained together: each for itself, or on a device all those of one shape."""
    if device is None:
        return [[index] for index in range(len(jobs))]
    alike: dict[tuple, list[int]] = {}
    for index, job in enumerate(jobs):
        length = len(epoch_order(len(job.X), job.batch_size, job.sampling, np.random.default_rng(0)))
        alike.setdefault((job.net.width, len(job.X), job.batch_size, length), []).append(index)
    return list(alike.values())


def train_sweep(
    net: ShallowReLU,
    X: ArrayLike,
    y: ArrayLike,
    step_sizes: ArrayLike,
    batch_size: int | None = None,
    tolerance: float = 1e-8,
    hold: int = 2000,
    max_epochs: int = 100_000,
    seed: int = 0,
    *,
    sampling: Sampling = "reshuffled",
    **options: object,
) -> SweepResult:
    """Train one start at many step sizes, with the same batches in the same order: ``runs[i]`` is ``step_sizes[i]``.

    Arguments as :func:`stableminima.training.descent.train_sgd` and, by keyword, as :func:`train_jobs`, which also
    takes many starts, data sets, batch sizes and seeds.

    Book: chapter 4, "SGD without weights".
    """
    steps = finite_array(np.atleast_1d(real_array(step_sizes, "step_sizes")), "step_sizes", (None,))
    jobs = [SweepJob(net, X, y, float(eta), batch_size, seed, sampling) for eta in steps]
    return train_jobs(jobs, tolerance, hold, max_epochs, **options)
