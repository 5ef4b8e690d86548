r"""Noise and momentum at the edge: what sits at its edge *along* training, and where training ends. Book: chapter 9.

Two digits of the bundled 8×8 images, a network of 60 neurons; batch sizes, momenta, step sizes, both laws of the
batches, three seeds. The step sizes are equal in η/(1−β), the length of the step that a steady gradient makes.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from ...checks import Array, DidNotConverge
from ...datasets.tasks import BinaryTask, digit_pair
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...networks import ShallowReLU, random_network
from ...stability.linearization import Linearization
from ...training.descent import train_sgd

SETTING: dict[str, Any] = {
    "digits": (3, 5),
    "n": 128,
    "width": 60,
    "warmup": 100,
    "max_epochs": 2000,
    "tolerance": 1e-8,
    "every": 100,
    "draws": 64,
}
BATCHES, MOMENTA = (2, 8, 32, None), (0.0, 0.5, 0.9)
LENGTHS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # η/(1−β); of full batches four times as long
QUANTITIES = ("mean_edge", "mean_square", "batch_sharpness")


def quantities(net: ShallowReLU, task: BinaryTask, c: Configuration, seed: int) -> dict[str, float]:
    r"""Three quantities in units of their edges, at one network.

    ``mean_edge`` :math:`\eta\lambda_{\max}/(2(1+\beta))`; ``mean_square`` η over the exact threshold of the batch size
    and momentum; ``batch_sharpness`` η/2 times Batch Sharpness, whose plateaus are said to be 1−β and 1+β.
    """
    minimum, eta = Linearization.of(net, task.X), c["step_size"]
    residuals = net(task.X) - task.y
    return {
        "mean_edge": eta * minimum.sharpness / (2 * (1 + c["momentum"])),
        "mean_square": eta / minimum.sgd_threshold(c["batch_size"], momentum=c["momentum"]),
        "batch_sharpness": eta * float(minimum.batch_sharpness(residuals, c["batch_size"], c["draws"], seed).value) / 2,
    }


def run(configuration: Configuration) -> Result:
    """Train one network and follow :func:`quantities`.

    ``status``, ``epochs`` and ``loss`` of the run; each quantity at its end (``end_…``), and its quartiles over the
    snapshots in the second half of the epochs after the warm-up (``low_…``, ``median_…``, ``high_…``); ``edge``, where
    single runs begin to leave the last network in units of η, for converged runs with independent batches, and its
    standard error.
    """
    c = SETTING | dict(configuration)
    first, second = c["digits"]
    task = digit_pair(first, second, c["n"], 0, c["seed"], "digits")
    start = random_network(task.X.shape[1], c["width"], c["seed"])
    seen: list[dict[str, float]] = []

    def look(epoch: int, net: ShallowReLU) -> None:
        if epoch >= c["warmup"]:
            with suppress(DidNotConverge):  # no residual is left, or nothing is finite any more
                seen.append(quantities(net, task, c, epoch))

    ended = train_sgd(
        start, task.X, task.y, c["step_size"], c["batch_size"], c["tolerance"], 1, c["max_epochs"], c["seed"],
        sampling=c["sampling"], momentum=c["momentum"], warmup=c["warmup"], observe=look, observe_every=c["every"],
    )  # fmt: skip
    result: dict[str, Any] = {"status": ended.status, "epochs": ended.epochs, "loss": ended.loss}
    if ended.status in ("diverged", "collapsed") or not seen:
        return result
    later = seen[len(seen) // 2 :]
    for name in QUANTITIES:
        values: Array = np.array([told[name] for told in later])
        result |= {f"end_{name}": seen[-1][name]}
        result |= dict(
            zip((f"low_{name}", f"median_{name}", f"high_{name}"), np.quantile(values, (0.25, 0.5, 0.75)), strict=True)
        )
    if ended.status == "converged" and c["sampling"] == "iid" and c["batch_size"] is not None:
        try:
            found = Linearization.of(ended.network, task.X).almost_sure_edge(
                c["step_size"], c["batch_size"], "iid", c["seed"], momentum=c["momentum"]
            )
            result |= {"edge": found.edge, "edge_error": found.error}
        except DidNotConverge as error:
            result |= {"difficulty": str(error)}
    return result


MOMENTUM = Study(
    "momentum",
    "Two bundled digits, four batch sizes, three momenta, six lengths of the step, both laws, three seeds.",
    run,
    tuple(
        SETTING | {"seed": seed, "sampling": sampling, "batch_size": batch, "momentum": beta,
                   "step_size": round((length if batch else 4 * length) * (1 - beta), 6)}
        for seed in range(3)
        for sampling in ("iid", "reshuffled")
        for batch in BATCHES
        for beta in MOMENTA
        for length in LENGTHS
        if not (batch is None and sampling == "reshuffled")
    ),
    expected="20 minutes on two cores",
    tolerances={"epochs": 0.3, "loss": None, "edge": 0.2, "edge_error": None}
    | {f"{when}_{name}": 0.3 for when in ("end", "low", "median", "high") for name in QUANTITIES},
    data=("digits",),
)  # fmt: skip
