r"""The training contrast of chapter 5: one data set, the same gradient descent, a shallow and a deep network.

Labels are the pyramid's on points of a disc that reaches beyond its tips. Both kinds of network run through the same
loop: the same step sizes, warm-up and number of steps, no other stopping. At a large step gradient descent does not
come to rest, so that everything is measured in two consecutive steps. Book: chapter 5, "The training contrast".
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
from ...training.deep import Layers, network_of, random_layers, train_deep

PROFILE = np.linspace(-1.5, 1.5, 61)  # where the first seed's functions are kept, on the axis x₂ = 0
STEP_SIZES = (0.2, 0.4, 0.8, 1.2, 1.6)
LOOK = 64  # further steps over which a run is watched
REST = 1e-3  # f is at rest if, in one step, it moves by no more than this share of half the labels' range
RETURNS = 0.1  # it has period two if it comes back, in two steps, to within this share of what it moves in one
CONSTANT = 0.95  # "no better than a constant": the loss is at least this share of the best constant's


def measure(net: ShallowReLU | DeepReLU, X: Array, y: Array, probe: Array) -> dict[str, float]:
    """Largest error on ``probe`` and on the sample, loss, sharpness; of a shallow network also norm and ceiling."""
    found = {
        "error": float(np.abs(net(probe) - pyramid(probe)).max()),
        "sample_error": float(np.abs(net(X) - y).max()),
        "loss": float(np.mean((net(X) - y) ** 2) / 2),
        "sharpness": sharpness(net, X),
    }
    if isinstance(net, ShallowReLU):
        found["norm"] = stability_norm(net, X)
        found["hessian_sharpness"] = hessian_sharpness(net, X, y)
        found["hessian_ceiling"] = hessian_ceiling(net, X, y)
    return found


def state(layers: Layers, X: Array, y: Array, probe: Array, step_size: float) -> Result:
    """What a run is doing: measured in two consecutive steps, how far it jumps between them, and its status.

    ``next_…`` is :func:`measure` one step later. ``jump`` is the median over the next :data:`LOOK` steps of the largest
    change of f at a sample in one step, ``return`` that in two. ``status`` says ``"constant"`` if in both steps the
    loss is no better than that of the best constant, else ``"rest"``, ``"period two"`` or ``"moving"``.
    """
    later, values = layers, [network_of(layers)(X)]
    nets = [network_of(layers)]
    for _ in range(LOOK):
        later, _ = train_deep(later, X, y, step_size, 1)
        nets.append(network_of(later))
        values.append(nets[-1](X))
    f = np.array(values)
    jump, back = (float(np.median(np.abs(f[lag:] - f[:-lag]).max(axis=1))) for lag in (1, 2))
    now, then = (measure(net, X, y, probe) for net in nets[:2])
    if min(now["loss"], then["loss"]) >= CONSTANT * np.var(y) / 2:
        status = "constant"
    elif jump <= REST * np.ptp(y) / 2:
        status = "rest"
    else:
        status = "period two" if back <= RETURNS * jump else "moving"
    return {"status": status, "jump": jump, "return": back, **now, **{f"next_{k}": v for k, v in then.items()}}


def contrast(configuration: Configuration) -> Result:
    r"""Train one network with one step size, and measure it at the end and at *equal time*.

    The error is the largest on a disc of nine tenths of the radius, which lies in the hull of the samples. A larger
    step also travels further: ``early_…`` is what :func:`state` finds after as many steps as make the sum of the step
    sizes what the smallest step size reaches at the end. A run with a ``start`` does not begin at random weights but
    where a run with that step size has ended. The status is ``"diverged"`` or what :func:`state` says.
    """
    c = configuration
    X, probe = disc(c["samples"], c["radius"]), disc(20_000, 0.9 * c["radius"], seed=1)
    y = pyramid(X)
    half = c["warmup"] / 2  # the warm-up counts half
    early = round((c["steps"] - half) * min(STEP_SIZES) / c["step_size"] + half)
    layers = random_layers([2, *c["hidden"], 1], c["seed"])
    if c["start"] is not None:
        layers, _ = train_deep(layers, X, y, c["start"], c["steps"], warmup=c["warmup"])
    layers, losses = train_deep(layers, X, y, c["step_size"], early, warmup=c["warmup"])
    if not np.isfinite(losses[-1]):
        return {"status": "diverged", "early_steps": early}
    result = {f"early_{name}": value for name, value in state(layers, X, y, probe, c["step_size"]).items()}
    if early < c["steps"]:
        layers, losses = train_deep(layers, X, y, c["step_size"], c["steps"] - early)
        if not np.isfinite(losses[-1]):
            return {"status": "diverged", "early_steps": early}
    result = {**state(layers, X, y, probe, c["step_size"]), "early_steps": early, **result}
    if c["seed"] == 0:
        axis = np.column_stack([PROFILE, 0 * PROFILE])
        result["profile"] = network_of(layers)(axis)
        result["next_profile"] = network_of(train_deep(layers, X, y, c["step_size"], 1)[0])(axis)
    return result


SETTINGS = {"samples": 500, "radius": 2.0, "steps": 30_000, "warmup": 2000}
SHALLOW, DEEP = [200], [16, 16]
MEASURED = ("error", "sample_error", "sharpness", "norm", "hessian_sharpness", "hessian_ceiling", "jump")

DEPTH = Study(
    "depth",
    "The pyramid on 500 points of a disc, learnt by shallow and by deep networks with five step sizes.",
    contrast,
    (
        *({"seed": seed, "step_size": eta, "hidden": hidden, "start": None, **SETTINGS}
          for seed in range(6) for eta in STEP_SIZES[::-1] for hidden in (DEEP, SHALLOW)),
        *({"seed": seed, "step_size": eta, "hidden": SHALLOW, "start": 0.4, **SETTINGS}  # a fit, and then larger steps
          for seed in range(3) for eta in (1.6, 1.2, 0.8)),
        *({"seed": seed, "step_size": eta, "hidden": [width], "start": None, **SETTINGS}  # other widths
          for seed in range(3) for eta in (1.6, 0.8) for width in (16, 64)),
    ),
    expected="eleven minutes of one core",
    tolerances={
        **{f"{when}{which}{name}": 0.5 if "error" in name or name == "jump" else 0.3
           for when in ("", "early_") for which in ("", "next_") for name in MEASURED},
        **{f"{when}{name}": None
           for when in ("", "early_")
           for name in ("loss", "next_loss", "profile", "next_profile", "return", "status")},
    },
)  # fmt: skip
