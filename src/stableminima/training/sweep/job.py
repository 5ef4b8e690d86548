"""One job of a sweep: how far it has come, how it goes on, and how it survives an interruption.

Between two chunks of epochs all that a job depends on is its :class:`State`; the pre-activations are computed afresh
from it, in float64, so that rounding does not pile up and an interrupted job goes on as if nothing had happened.
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...batches import Sampling, check_batch_size, epoch_order
from ...checks import Array, random_generator
from ...files import save_npz
from ...networks import ShallowReLU
from ..descent import TrainingRun, mean_square_loss
from ..stopping import DIVERGED, ENDS, Status, StoppingRule, blow_up_level

REFRESH = 64  # epochs after which the pre-activations are computed afresh from the weights
SAVE_EVERY = 10.0  # seconds between two checkpoints of a job


@dataclass(frozen=True, eq=False)
class SweepJob:
    """One network to train: what may differ between the runs of a sweep.

    Args:
        net: the start.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        step_size: η > 0.
        batch_size: B; ``None`` is full-batch gradient descent.
        seed: of the order of the batches: a number, or a generator, whose state is copied.
        sampling: ``"reshuffled"`` epochs or ``"iid"`` batches.
        momentum: β of the heavy ball, at least 0 and below 1.

    The arguments are those of :func:`stableminima.training.descent.train_sgd`.

    Book: chapter 4, "SGD without weights".
    """

    net: ShallowReLU
    X: Array = field(repr=False)
    y: Array = field(repr=False)
    step_size: float
    batch_size: int | None = None
    seed: int | np.random.Generator = 0
    sampling: Sampling = "reshuffled"
    momentum: float = 0.0


class Velocity(NamedTuple):
    """The velocity m of the heavy ball, from rest: m ← β m + gradient of the batch, θ ← θ − η m."""

    gains: Array  # (k, n): that of W is gains X, that of b is gains 1
    v: Array
    c: Array  # (1,)


@dataclass(eq=False)
class State:
    """Where a job stands, between two chunks of epochs: with the job itself, all that the next chunk depends on."""

    gains: Array  # (k, n): W = W₀ − gains X, b = b₀ − gains 1
    v: Array
    c: float
    generator: np.random.Generator
    velocity: Velocity | None = None  # of a job with momentum
    history: list[float] = field(default_factory=list)
    held: int = 0
    drift: float = 0.0
    status: Status | None = None

    def network(self, start: ShallowReLU, X: Array) -> ShallowReLU:
        return ShallowReLU(start.W - self.gains @ X, start.b - self.gains.sum(axis=1), self.v, self.c)


class Chunk(NamedTuple):
    """Epochs to be made, in the engine's precision."""

    Z: Array
    v: Array
    c: Array
    orders: NDArray[np.intp]
    steps: Array
    counts_from: int
    before: Mapping[str, Any]  # the generator's state before the batches were drawn
    velocity: Velocity | None = None
    P: Array | None = None  # pre-activations of the velocity


class Told(NamedTuple):
    """What an engine says of the epochs that it made."""

    Z: Array
    gains: Array
    v: Array
    c: Array
    losses: Array
    held: int
    status: Status | None
    velocity: Velocity | None = None


class Progress:
    """A job with what its epochs need: the Gram matrix, its first pre-activations and the state."""

    def __init__(self, job: SweepJob, rule: StoppingRule, precision: str, checkpoint: Path | None):
        self.job, self.rule, self.precision, self.checkpoint = job, rule, precision, checkpoint
        self.batch_size = check_batch_size(job.batch_size, len(job.X))
        self.K = job.X @ job.X.T + 1
        self.Z0 = job.net.W @ job.X.T + job.net.b[:, None]
        self.blow_up = blow_up_level(mean_square_loss(job.net, job.X, job.y))
        shape = (job.net.width, len(job.X))
        generator = copy.deepcopy(random_generator(job.seed))  # runs must not disturb each other's batches
        rest = Velocity(np.zeros(shape), np.zeros(job.net.width), np.zeros(1)) if job.momentum else None
        self.state = State(np.zeros(shape), job.net.v.copy(), job.net.c, generator, rest)
        self.fingerprint = self._fingerprint()
        self.saved = time.monotonic()
        if checkpoint is not None and checkpoint.exists():
            self.state = load_state(checkpoint, self.fingerprint)

    @property
    def share(self) -> float:
        """Between 0 and 1: half of it is earned by reaching the tolerance, half by staying there."""
        state, rule = self.state, self.rule
        if state.status is not None or not state.history:
            return float(state.status is not None)
        descent = np.log(self.blow_up / max(state.history[-1], rule.tolerance)) / np.log(self.blow_up / rule.tolerance)
        return 0.5 * min(1.0, float(descent)) + 0.5 * state.held / rule.hold

    @property
    def way(self) -> float:
        """How far a velocity can carry a parameter, in units of the velocity, if no gradient acts any more."""
        return self.job.step_size * self.job.momentum / (1 - self.job.momentum)

    @property
    def room(self) -> int:
        """How many epochs the next chunk may have."""
        return min(REFRESH, self.rule.max_epochs - len(self.state.history))

    def draw(self, count: int) -> NDArray[np.intp]:
        """The samples of the next epochs."""
        n, sampling, generator = len(self.job.X), self.job.sampling, self.state.generator
        return np.array([epoch_order(n, self.batch_size, sampling, generator) for _ in range(count)])

    def prepare(self, count: int) -> Chunk:
        """The next epochs: their batches, and pre-activations fresh from the weights."""
        state, rule = self.state, self.rule
        done, kind = len(state.history), np.dtype(self.precision)
        before = state.generator.bit_generator.state
        orders = self.draw(count)
        steps = self.job.step_size * np.array([rule.share(done + epoch) for epoch in range(count)])
        Z = (self.Z0 - state.gains @ self.K).astype(kind)
        v, c, first = state.v.astype(kind), np.array([state.c], kind), max(0, rule.warmup - done)
        if state.velocity is None:
            return Chunk(Z, v, c, orders, steps, first, before)
        velocity = Velocity(*(part.astype(kind) for part in state.velocity))
        return Chunk(Z, v, c, orders, steps, first, before, velocity, velocity.gains @ self.K.astype(kind))

    def compiled(self, chunk: Chunk) -> Told:
        """The chunk by the compiled epochs."""
        from .compiled_epochs import run_epochs  # numba is slow to import
        from .momentum_epochs import run_momentum_epochs

        rule, kind = self.rule, chunk.Z.dtype
        ends = (rule.tolerance, rule.hold, self.blow_up, chunk.counts_from)
        K, y = self.K.astype(kind), self.job.y.astype(kind)

        def epochs(count: int) -> tuple[int, Told]:
            Z, v, c, losses = chunk.Z.copy(), chunk.v.copy(), chunk.c.copy(), np.empty(count)
            work = K, y, chunk.orders[:count], self.batch_size, chunk.steps[:count]
            if chunk.velocity is None or chunk.P is None:
                gains, velocity, alive = np.zeros_like(Z), None, np.flatnonzero((Z > 0).any(axis=1))
                made, held, end = run_epochs(Z, gains, v, c, *work, alive, losses, ends, self.state.held)
            else:
                alive = np.flatnonzero(((Z > 0) | (Z - self.way * chunk.P > 0)).any(axis=1))
                by_sample, P, force = np.zeros(Z.T.shape, kind), chunk.P.copy(), (self.job.momentum, self.way)
                m, mv, mc = chunk.velocity.gains.T.copy(), chunk.velocity.v.copy(), chunk.velocity.c.copy()
                made, held, end = run_momentum_epochs(
                    Z, by_sample, v, c, P, m, mv, mc, *work, *force, alive, losses, ends, self.state.held
                )
                gains, velocity = by_sample.T.copy(), Velocity(m.T.copy(), mv, mc)
            return end, Told(Z, gains, v, c, losses[:made], held, ENDS[end], velocity)

        end, told = epochs(len(chunk.orders))
        if end == DIVERGED:  # the network is the one before the epoch in which it blew up
            _, before = epochs(len(told.losses) - 1)
            return before._replace(losses=told.losses, held=told.held, status=told.status)
        return told

    def settle(self, chunk: Chunk, told: Told) -> None:
        """Bring the books up to date after a chunk."""
        state, rule = self.state, self.rule
        state.history.extend(told.losses.tolist())
        state.gains = state.gains + told.gains
        state.v, state.c, state.held = told.v.astype(np.float64), float(told.c[0]), told.held
        state.velocity = told.velocity and Velocity(*(part.astype(np.float64) for part in told.velocity))
        output = state.v @ np.maximum(self.Z0 - state.gains @ self.K, 0.0) + state.c
        believed = told.v @ np.maximum(told.Z, 0) + told.c
        state.drift = max(state.drift, float(np.abs(output - believed).max()))
        status = told.status
        if status == "converged" and not self.weights_loss() < rule.tolerance:  # the weights themselves must say so
            status, state.held = None, 0
            state.generator.bit_generator.state = chunk.before
            self.draw(len(told.losses))
        if status is None and len(state.history) >= rule.max_epochs:
            status = "unfinished"
        state.status = status  # last: from now on another thread may take the result
        if state.status is not None or time.monotonic() - self.saved > SAVE_EVERY:
            self.save()

    def weights_loss(self) -> float:
        """The loss of the weights, in float64 and from scratch."""
        return mean_square_loss(self.state.network(self.job.net, self.job.X), self.job.X, self.job.y)

    def end(self) -> tuple[TrainingRun, float]:
        """What the job has come to, saved if it is to go on later."""
        state = self.state
        if state.status is None:
            self.save()
        net, history = state.network(self.job.net, self.job.X), np.array(state.history)
        return TrainingRun(net, len(history), self.weights_loss(), state.status or "unfinished", history), state.drift

    def _fingerprint(self) -> str:
        job, digest = self.job, hashlib.sha256()
        for array in (job.net.W, job.net.b, job.net.v, job.X, job.y):
            digest.update(np.ascontiguousarray(array).tobytes())
        settings = (job.net.c, job.step_size, job.batch_size, self.state.generator.bit_generator.state, job.sampling)
        digest.update(repr((settings, replace(self.rule, max_epochs=1), self.precision, REFRESH)).encode())
        if job.momentum:
            digest.update(repr(job.momentum).encode())
        return digest.hexdigest()

    def save(self) -> None:
        """Write the state to the checkpoint, if there is to be one."""
        if self.checkpoint is None:
            return
        state, self.saved = self.state, time.monotonic()
        book = {
            "held": state.held,
            "drift": state.drift,
            "status": state.status,
            "fingerprint": self.fingerprint,
            "generator": state.generator.bit_generator.state,
        }
        arrays = {"gains": state.gains, "v": state.v, "c": np.array(state.c), "history": np.array(state.history)}
        if state.velocity is not None:
            arrays |= {f"velocity_{name}": part for name, part in state.velocity._asdict().items()}
        save_npz(self.checkpoint, book=json.dumps(book), **arrays)


def load_state(path: Path, fingerprint: str) -> State:
    """The state of a job that was interrupted, or one line that says why it cannot be had."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            book = json.loads(str(archive["book"]))
            arrays = {name: archive[name] for name in ("gains", "v", "c", "history")}
            speeds = [archive[f"velocity_{name}"] for name in Velocity._fields if f"velocity_{name}" in archive]
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise ValueError(f"checkpoint {path} is damaged ({error}); delete that file and its job starts anew") from error
    if book["fingerprint"] != fingerprint:
        raise ValueError(f"checkpoint {path} belongs to another sweep; choose another folder or delete it")
    generator = np.random.Generator(getattr(np.random, book["generator"]["bit_generator"])())
    generator.bit_generator.state = book["generator"]
    status = None if book["status"] == "unfinished" else book["status"]  # more epochs may be allowed now
    velocity = Velocity(*speeds) if speeds else None
    state = State(arrays["gains"], arrays["v"], float(arrays["c"]), generator, velocity, arrays["history"].tolist())
    state.held, state.drift, state.status = book["held"], book["drift"], status
    return state
