"""The 2/η picture on other data: the bundled sets of scikit-learn, standardised. Book: chapter 9, "Other data".

Networks of 100 neurons on 128 samples of each of four sets, SGD with independent batches through the compiled sweep;
then the quantities of chapter 4 at their ends, and single batches beyond their own edge.
"""

from __future__ import annotations

from typing import Any

from ...datasets.bundled import bundled_task
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...networks import random_network
from ...stability.linearization import Linearization
from ...stability.single_batches import single_batches
from ...training.sweep.job import SweepJob
from ...training.sweep.sweep import train_jobs
from .mnist import TOLERANCES, measure

SETTING: dict[str, Any] = {
    "n": 128,
    "width": 100,
    "sampling": "iid",
    "tolerance": 1e-7,
    "hold": 100,
    "max_epochs": 10_000,
    "warmup": 100,
    "precision": "float32",
}
SETS = ("digits", "wine", "breast cancer", "diabetes")
BATCHES, STEP_SIZES = (4, 16, None), (0.0625, 0.125, 0.25, 0.5, 1.0)


def run(configuration: Configuration) -> Result:
    """Train one network on a bundled set and measure it (:func:`stableminima.book.studies.mnist.measure`).

    Besides, of single batches (:func:`stableminima.stability.single_batches.single_batches`): ``batch_share``,
    ``batch_median`` and ``batch_worst``.
    """
    c = SETTING | dict(configuration)
    task = bundled_task(c["data"], c["n"], c["seed"])
    start = random_network(task.X.shape[1], c["width"], c["seed"])
    job = SweepJob(start, task.X, task.y, c["step_size"], c["batch_size"], c["seed"], c["sampling"])
    rule = (c["tolerance"], c["hold"], c["max_epochs"])
    sweep = train_jobs([job], *rule, precision=c["precision"], warmup=c["warmup"], workers=1)
    if sweep.interrupted:
        raise KeyboardInterrupt
    ended = sweep.runs[0]
    result = measure(ended, task, job)
    if ended.status in ("diverged", "collapsed"):
        return result
    found = single_batches(Linearization.of(ended.network, task.X), c["step_size"], c["batch_size"], seed=c["seed"])
    return result | {"batch_share": found.share, "batch_median": found.median, "batch_worst": found.worst}


OTHER_DATA = Study(
    "other-data",
    "The bundled sets of scikit-learn, standardised: five step sizes, three batch sizes, three seeds.",
    run,
    tuple(
        SETTING | {"data": data, "seed": seed, "batch_size": batch, "step_size": step}
        for seed in range(3)
        for data in SETS
        for batch in BATCHES
        for step in STEP_SIZES
    ),
    "10 minutes on one core",
    TOLERANCES | {"batch_share": None, "batch_median": 0.05, "batch_worst": 0.05},
    SETS,
)
