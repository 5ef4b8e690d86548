r"""Many networks at once: step sizes × seeds × batch sizes × data sets as one program.

Every job is a network of its own with the iterates of :func:`stableminima.train_sgd`, computed in function space by
the compiled epochs of :mod:`stableminima.function_space`, one thread a job. What a job returns does not depend on the
other jobs, on the number of threads or on interruptions. Book: chapter 4, "The sweep".
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from .batches import Sampling, check_batch_size, check_sampling, epoch_order
from .networks import (
    Array,
    ShallowReLU,
    finite_array,
    input_points,
    positive_number,
    save_npz,
    shallow,
    whole_number,
)
from .training import Status, TrainingRun, mean_square_loss

REFRESH = 64  # epochs after which the pre-activations are computed afresh from the weights
SAVE_EVERY = 10.0  # seconds between two checkpoints of a job

Precision = Literal["float32", "float64"]


@dataclass(frozen=True, eq=False)
class SweepJob:
    """One network to train: the arguments of :func:`stableminima.train_sgd` that may differ within a sweep."""

    net: ShallowReLU
    X: Array = field(repr=False)
    y: Array = field(repr=False)
    step_size: float
    batch_size: int | None = None
    seed: int = 0
    sampling: Sampling = "reshuffled"


@dataclass(frozen=True, eq=False)
class SweepResult:
    """``runs``: one :class:`stableminima.TrainingRun` a job, in order. ``drift``: for each job, the largest difference
    :math:`|f(x_j)|` ever seen between the engine's state and its weights, ``(m,)``. ``seconds``: wall clock.
    ``interrupted``: Ctrl-C was pressed, and what had not finished is ``"unfinished"``.
    """

    runs: tuple[TrainingRun, ...]
    drift: Array
    seconds: float
    interrupted: bool = False


@dataclass(frozen=True)
class _Rule:
    """What all jobs of a sweep share."""

    tolerance: float
    hold: int
    max_epochs: int
    warmup: int
    precision: str


@dataclass(eq=False)
class _State:
    """Where a job stands, between two chunks of epochs: with the job itself, all that the next chunk depends on."""

    gains: Array  # (k, n): W = W₀ − gains X, b = b₀ − gains 1
    v: Array
    c: float
    generator: np.random.Generator
    history: list[float] = field(default_factory=list)
    held: int = 0
    drift: float = 0.0
    status: Status | None = None

    def network(self, start: ShallowReLU, X: Array) -> ShallowReLU:
        return ShallowReLU(start.W - self.gains @ X, start.b - self.gains.sum(axis=1), self.v, self.c)


class _Worker:
    """A job with what its epochs need: the Gram matrix, its first pre-activations and the state."""

    def __init__(self, job: SweepJob, rule: _Rule, checkpoint: Path | None):
        self.job, self.rule, self.checkpoint = job, rule, checkpoint
        self.K = job.X @ job.X.T + 1
        self.Z0 = job.net.W @ job.X.T + job.net.b[:, None]
        self.blow_up = 1e6 * max(1.0, mean_square_loss(job.net, job.X, job.y))
        shape = (job.net.width, len(job.X))
        self.state = _State(np.zeros(shape), job.net.v.copy(), job.net.c, np.random.default_rng(job.seed))
        self.saved = time.monotonic()
        if checkpoint is not None and checkpoint.exists():
            self.state = _load_state(checkpoint, self._fingerprint())

    def run(self, stop: Event) -> tuple[TrainingRun, float]:
        while self.state.status is None and not stop.is_set():
            self._chunk()
            if self.checkpoint is not None and (self.state.status or time.monotonic() - self.saved > SAVE_EVERY):
                self.save()
        if self.checkpoint is not None and self.state.status is None:
            self.save()
        net = self.state.network(self.job.net, self.job.X)
        loss = mean_square_loss(net, self.job.X, self.job.y)
        history = np.array(self.state.history)
        return TrainingRun(net, len(history), loss, self.state.status or "unfinished", history), self.state.drift

    @property
    def progress(self) -> float:
        """Between 0 and 1: half of it is earned by reaching the tolerance, half by staying there."""
        state, rule = self.state, self.rule
        if state.status is not None or not state.history:
            return float(state.status is not None)
        descent = np.log(self.blow_up / max(state.history[-1], rule.tolerance)) / np.log(self.blow_up / rule.tolerance)
        return 0.5 * min(1.0, float(descent)) + 0.5 * state.held / rule.hold

    def _chunk(self) -> None:
        """At most :data:`REFRESH` epochs from exact pre-activations, then the books are brought up to date."""
        from .function_space import COLLAPSED, CONVERGED, DIVERGED, run_epochs  # numba is slow to import

        state, rule, job = self.state, self.rule, self.job
        n, kind = len(job.X), np.dtype(rule.precision)
        batch_size, done = check_batch_size(job.batch_size, n), len(state.history)
        count = min(REFRESH, rule.max_epochs - done)
        orders = np.array([epoch_order(n, batch_size, job.sampling, state.generator) for _ in range(count)])
        steps = job.step_size * np.minimum(1.0, (done + 1 + np.arange(count)) / (rule.warmup + 1))
        exact = self.Z0 - state.gains @ self.K
        K, y = self.K.astype(kind), job.y.astype(kind)

        def epochs(count: int) -> tuple[tuple[int, int, int], tuple[Array, ...], Array]:
            Z, gains, losses = exact.astype(kind), np.zeros(exact.shape, kind), np.empty(count)
            v, c = state.v.astype(kind), np.array([state.c], kind)
            alive = np.flatnonzero((Z > 0).any(axis=1))
            counts_from = max(0, rule.warmup - done)
            ends = (rule.tolerance, rule.hold, self.blow_up, counts_from)
            orders_now, steps_now = orders[:count], steps[:count]
            told = run_epochs(Z, gains, v, c, K, y, orders_now, batch_size, steps_now, alive, losses, ends, state.held)
            return told, (Z, gains, v, c), losses

        (made, held, code), (Z, gains, v, c), losses = epochs(count)
        state.history.extend(losses[:made].tolist())
        if code == DIVERGED:  # the network is the one before the epoch in which it blew up
            _, (Z, gains, v, c), _ = epochs(made - 1)
        state.gains = state.gains + gains
        state.v, state.c, state.held = v.astype(np.float64), float(c[0]), held
        exact = self.Z0 - state.gains @ self.K
        output = state.v @ np.maximum(exact, 0.0) + state.c
        state.drift = max(state.drift, float(np.abs(output - (v @ np.maximum(Z, 0) + c)).max()))
        if code == CONVERGED:  # only if the weights themselves say so
            below = mean_square_loss(state.network(job.net, job.X), job.X, job.y) < rule.tolerance
            state.status, state.held = ("converged", held) if below else (None, 0)
        elif code in (DIVERGED, COLLAPSED):
            state.status = "diverged" if code == DIVERGED else "collapsed"
        if state.status is None and len(state.history) >= rule.max_epochs:
            state.status = "unfinished"

    def _fingerprint(self) -> str:
        job, digest = self.job, hashlib.sha256()
        for array in (job.net.W, job.net.b, job.net.v, job.X, job.y):
            digest.update(np.ascontiguousarray(array).tobytes())
        rest = (job.net.c, job.step_size, job.batch_size, job.seed, job.sampling)
        digest.update(repr((rest, replace(self.rule, max_epochs=1), REFRESH)).encode())
        return digest.hexdigest()

    def save(self) -> None:
        """Write the state beside the checkpoint, then rename."""
        state, self.saved = self.state, time.monotonic()
        book = {"held": state.held, "drift": state.drift, "status": state.status, "fingerprint": self._fingerprint()}
        book["generator"] = state.generator.bit_generator.state
        arrays = {"gains": state.gains, "v": state.v, "c": state.c, "history": np.array(state.history)}
        save_npz(self.checkpoint, book=json.dumps(book), **arrays)


def _load_state(path: Path, fingerprint: str) -> _State:
    """The state of a job that was interrupted, or one line that says why it cannot be had."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            book = json.loads(str(archive["book"]))
            arrays = {name: archive[name] for name in ("gains", "v", "c", "history")}
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise ValueError(f"checkpoint {path} is damaged ({error}); delete that file and its job starts anew") from error
    if book["fingerprint"] != fingerprint:
        raise ValueError(f"checkpoint {path} belongs to another sweep; choose another folder or delete it")
    generator = np.random.default_rng()
    generator.bit_generator.state = book["generator"]
    status = None if book["status"] == "unfinished" else book["status"]  # more epochs may be allowed now
    state = _State(arrays["gains"], arrays["v"], float(arrays["c"]), generator, arrays["history"].tolist())
    state.held, state.drift, state.status = book["held"], book["drift"], status
    return state


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
) -> SweepResult:
    """Train many networks, each with the iterates of :func:`stableminima.train_sgd`, and return them in order.

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

    Ctrl-C ends the sweep: what is finished is kept, the rest is returned as ``"unfinished"``.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the data, a checkpoint of another sweep.

    Book: chapter 4, "The sweep".
    """
    if not len(jobs):
        raise ValueError("jobs is empty; pass at least one SweepJob")
    if precision not in ("float32", "float64"):
        raise ValueError(f"precision must be 'float32' or 'float64', got {precision!r}")
    rule = _Rule(
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
    started, stop, active = time.monotonic(), Event(), {}
    ended: dict[int, tuple[TrainingRun, float]] = {}

    def work(index: int) -> tuple[TrainingRun, float]:
        path = None if checkpoint is None else Path(checkpoint) / f"job-{index:05d}.npz"
        active[index] = worker = _Worker(jobs[index], rule, path)
        return worker.run(stop)

    def collect(futures: dict[Future, int], bar: tqdm) -> None:
        while futures:
            for future in wait(futures, timeout=0.25, return_when=FIRST_COMPLETED).done:
                index = futures.pop(future)
                ended[index] = future.result()
                active.pop(index)
                if on_done is not None and not stop.is_set():
                    on_done(index, ended[index][0])
            bar.n = round(len(ended) + sum(worker.progress for worker in list(active.values())), 2)
            bar.refresh()

    bar = tqdm(total=len(jobs), unit="network", disable=not progress, smoothing=0)
    with bar, threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(work, index): index for index in range(len(jobs))}
        try:
            collect(futures, bar)
        except BaseException as error:
            stop.set()
            if not isinstance(error, KeyboardInterrupt):
                for future in futures:
                    future.cancel()
                raise
            collect(futures, bar)
    runs, drift = zip(*(ended[index] for index in range(len(jobs))), strict=True)
    return SweepResult(runs, np.array(drift), time.monotonic() - started, stop.is_set())


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

    Arguments as :func:`stableminima.train_sgd` and, by keyword, as :func:`train_jobs`, which also takes many starts,
    data sets, batch sizes and seeds.

    Book: chapter 4, "The sweep".
    """
    steps = finite_array(np.atleast_1d(np.asarray(step_sizes, dtype=float)), "step_sizes", (None,))
    jobs = [SweepJob(net, X, y, float(eta), batch_size, seed, sampling) for eta in steps]
    return train_jobs(jobs, tolerance, hold, max_epochs, **options)
