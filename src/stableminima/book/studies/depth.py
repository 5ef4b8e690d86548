r"""The training contrast of chapter 5: one data set, the same gradient descent, a shallow and a deep network.

Labels are the pyramid's on points of a disc that reaches beyond its tips. Both kinds of network run through the same
loop: the same step sizes, warm-up and number of steps, no other stopping. Book: chapter 5, "The training contrast".
"""

from __future__ import annotations

import numpy as np

from ...bounds.chain import hessian_ceiling
from ...bounds.norms import stability_norm
from ...checks import Array
from ...datasets.synthetic import disc
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...functions.pyramids import pyramid
from ...networks import DeepReLU, ShallowReLU
from ...stability.curvature import hessian_sharpness
from ...stability.questions import sharpness
from ...training.deep import network_of, random_layers, train_deep

PROFILE = np.linspace(-1.5, 1.5, 61)  # where the first seed's functions are kept, on the axis x₂ = 0
STEP_SIZES = (0.2, 0.4, 0.8, 1.2, 1.6)


def measure(net: ShallowReLU | DeepReLU, X: Array, y: Array, probe: Array) -> dict[str, float]:
    """Largest error on ``probe``, loss, sharpness; of a shallow network also its norm and the ceiling on it."""
    found = {
        "error": float(np.abs(net(probe) - pyramid(probe)).max()),
        "loss": float(np.mean((net(X) - y) ** 2) / 2),
        "sharpness": sharpness(net, X),
    }
    if isinstance(net, ShallowReLU):
        found["norm"] = stability_norm(net, X)
        found["hessian_sharpness"] = hessian_sharpness(net, X, y)
        found["hessian_ceiling"] = hessian_ceiling(net, X, y)
    return found


def contrast(configuration: Configuration) -> Result:
    r"""Train one network with one step size, and measure it at the end and at *equal time*.

    The error is the largest on a disc of nine tenths of the radius, which lies in the hull of the samples. A larger
    step also travels further: ``early_…`` is what :func:`measure` finds after as many steps as make the sum of the step
    sizes what the smallest step size reaches at the end. ``status`` is ``"diverged"`` or ``"finished"``.
    """
    c = configuration
    X, probe = disc(c["samples"], c["radius"]), disc(20_000, 0.9 * c["radius"], seed=1)
    y = pyramid(X)
    half = c["warmup"] / 2  # the warm-up counts half
    early = round((c["steps"] - half) * min(STEP_SIZES) / c["step_size"] + half)
    layers, losses = train_deep(
        random_layers([2, *c["hidden"], 1], c["seed"]), X, y, c["step_size"], early, warmup=c["warmup"]
    )
    if not np.isfinite(losses[-1]):
        return {"status": "diverged", "early_steps": early}
    result = {"status": "finished", "early_steps": early}
    result |= {f"early_{name}": value for name, value in measure(network_of(layers), X, y, probe).items()}
    if early < c["steps"]:
        layers, losses = train_deep(layers, X, y, c["step_size"], c["steps"] - early)
        if not np.isfinite(losses[-1]):
            return {"status": "diverged", "early_steps": early}
    net = network_of(layers)
    result |= measure(net, X, y, probe)
    if c["seed"] == 0:
        result["profile"] = net(np.column_stack([PROFILE, 0 * PROFILE]))
    return result


DEPTH = Study(
    "depth",
    "The pyramid on 500 points of a disc, learnt by shallow and by deep networks with five step sizes.",
    contrast,
    tuple(
        {"seed": seed, "step_size": eta, "hidden": hidden, "samples": 500, "radius": 2.0, "steps": 30_000,
         "warmup": 2000}
        for seed in range(6)
        for eta in STEP_SIZES[::-1]
        for hidden in ([16, 16], [200])
    ),
    expected="a quarter of an hour of one core",
    tolerances={
        "loss": None, "early_loss": None, "profile": None, "error": 0.5, "early_error": 0.5, "sharpness": 0.3,
        "early_sharpness": 0.3, "norm": 0.3, "early_norm": 0.3, "hessian_sharpness": 0.3,
        "early_hessian_sharpness": 0.3, "hessian_ceiling": 0.3, "early_hessian_ceiling": 0.3,
    },
)  # fmt: skip
