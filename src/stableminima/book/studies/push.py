r"""A test of almost-sure stability that can fail: networks pushed off their minimum, on both sides of its edge.

A trained network is an exact minimum of the loss whose labels are its own outputs. The linearisation says from which
step size on single runs of SGD leave it (:meth:`~stableminima.stability.linearization.Linearization.almost_sure_edge`).
Here every parameter is pushed by 1e-9, and real, non-linear SGD is run a little below and a little above that step:
below the errors must shrink, above they must grow. Book: chapter 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...batches import Sampling
from ...checks import Array
from ...datasets.tasks import digit_pair
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...networks import ShallowReLU, random_network
from ...stability.linearization import Linearization
from ...training.sweep.job import SweepJob
from ...training.sweep.sweep import train_jobs
from .mnist import PROTOCOL, grid

LAWS: tuple[Sampling, ...] = ("iid", "reshuffled")
SIDES = {"below": 0.97, "above": 1.03}  # of the lower and of the upper end of the bracket
SMALL = 1e-7  # a loss up to which the error counts as small


def pushed(net: ShallowReLU, rng: np.random.Generator, size: float = 1e-9) -> ShallowReLU:
    """The network with every parameter moved by ``size`` times a standard normal number."""
    return ShallowReLU(*(part + size * rng.normal(size=np.shape(part)) for part in (net.W, net.b, net.v, net.c)))  # type: ignore[arg-type]


def error_growth(history: Array, steps_per_epoch: int) -> float:
    """Growth rate of the error a step: slope of half the log of the loss, over the last two thirds of what is small."""
    small = history[: np.argmax(history > SMALL) or None]
    later = np.log(small[len(small) // 3 :])
    return float(np.polyfit(np.arange(len(later)), later, 1)[0] / (2 * steps_per_epoch))


def push(
    net: ShallowReLU,
    X: Array,
    step_size: float,
    batch_size: int,
    sampling: Sampling,
    seed: int = 0,
    pushes: int = 3,
    epochs: int = 60,
) -> dict[str, Any]:
    """Push a network off its minimum on both sides of its almost-sure edge, and see where it goes.

    Args:
        net: the network, a minimum for its own outputs as labels.
        X: inputs, ``(n, d)``.
        step_size: the unit of the edge.
        batch_size: B.
        sampling: the law of the batches.
        seed: of pushes and batches.
        pushes: runs on either side.
        epochs: length of a run.

    Returns:
        ``low`` and ``high``, the bracket of the edge in units of ``step_size``; ``below`` and ``above``, the growth
        rates a step of the runs on either side; ``expected``, the Lyapunov exponent above, with ``expected_error``.

    Book: chapter 4, "A test of almost-sure stability that can fail".
    """
    minimum = Linearization.of(net, X)
    edge, rng = minimum.almost_sure_edge(step_size, batch_size, sampling, seed), np.random.default_rng(seed)
    steps = {"below": SIDES["below"] * edge.low * step_size, "above": SIDES["above"] * edge.high * step_size}
    jobs = [
        SweepJob(pushed(net, rng), X, net(X), step, batch_size, 1000 * (seed + 1) + i, sampling)
        for step in steps.values()
        for i in range(pushes)
    ]
    runs = train_jobs(jobs, tolerance=1e-30, max_epochs=epochs, precision="float64", workers=1).runs
    rates = [error_growth(run.history, -(-len(X) // batch_size)) for run in runs]
    expected = minimum.lyapunov_exponent(steps["above"], batch_size, sampling, 6400, seed)
    return {
        "low": edge.low, "high": edge.high, "below": rates[:pushes], "above": rates[pushes:],
        "expected": float(expected.value), "expected_error": float(expected.standard_error),
    }  # fmt: skip


def pushed_run(configuration: Configuration) -> Result:
    """Repeat a run of ``mnist-35``, and push its network off its minimum under both laws of the batches."""
    s = {**PROTOCOL, **configuration}
    first, second = s["digits"]
    task = digit_pair(first, second, s["n"], s["n_validation"], s["seed"], s["dataset"])
    start = random_network(task.X.shape[1], s["width"], s["seed"], s["scale"])
    job = SweepJob(start, task.X, task.y, s["step_size"], s["batch_size"], s["seed"], s["sampling"])
    run = train_jobs([job], s["tolerance"], s["hold"], s["max_epochs"], precision=s["precision"], workers=1).runs[0]
    result: dict[str, Any] = {"status": run.status, "epochs": run.epochs}
    if run.status != "converged":
        return result
    for law in LAWS:
        told = push(run.network, task.X, s["step_size"], s["batch_size"], law, s["seed"])
        result |= {f"{law}_{name}": value for name, value in told.items()}
    return result


MNIST_PUSH = Study(
    "mnist-push",
    "Digits 3 and 5: networks pushed off their minimum on both sides of their almost-sure edge.",
    pushed_run,
    grid(seed=range(5), step_size=(0.06, 0.1, 0.16, 0.2, 0.25)),
    "5 minutes on two cores",
    {"epochs": 0.3}
    | {f"{law}_{end}": 0.08 for law in LAWS for end in ("low", "high")}
    | {f"{law}_{name}": 0.5 for law in LAWS for name in ("above", "expected")}
    | {f"{law}_{name}": 1.0 for law in LAWS for name in ("below", "expected_error")},
    ("mnist",),
)
