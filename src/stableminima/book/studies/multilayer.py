r"""Batch Sharpness of a multilayer network in torch, by the published definitions. Book: chapter 9, "A deeper network".

As in the code of Andreyev & Beneventano (2024), read and not copied: two hidden layers of ReLU neurons, Kaiming weights
times 0.2, biases 0, squared loss without the factor ½, a fresh permutation every epoch, batches of 4 of 64 images, a
run stopped at a loss of 1e-5. Other than there: 8×8 digits of two classes with labels ∓1 in place of CIFAR-10, 256
neurons a layer, momentum, more batch sizes, step sizes from a pilot of some twenty runs of one seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...batches import batch_stream
from ...checks import DidNotConverge
from ...datasets.tasks import digit_pair
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...stability.linearization import Linearization
from ...stability.momentum import batch_sharpness

if TYPE_CHECKING:
    import torch

SETTING: dict[str, Any] = {
    "digits": (3, 5),
    "n": 64,
    "width": 256,
    "scale": 0.2,
    "stop_loss": 1e-5,
    "max_steps": 4000,
    "every": 200,
    "draws": 256,
}
STEP_SIZES = {  # batch size, momentum; from the pilot
    (4, 0.0): (0.07, 0.1, 0.14),
    (4, 0.5): (0.05, 0.07, 0.1),
    (4, 0.9): (0.014, 0.02, 0.028),
    (16, 0.0): (0.1, 0.14, 0.2),
    (16, 0.5): (0.1, 0.14, 0.2),
    (16, 0.9): (0.04, 0.06, 0.08),
    (None, 0.0): (0.1, 0.2, 0.3),
    (None, 0.5): (0.1, 0.2, 0.3),
    (None, 0.9): (0.05, 0.1, 0.14),
}
QUANTITIES = ("mean_edge", "mean_square", "batch_sharpness")
COMPARED = 16  # batches on which the Hessian of the loss is compared with its Gauss–Newton part


def multilayer(inputs: int, width: int, scale: float, seed: int) -> torch.nn.Sequential:
    """Two hidden layers of ReLU neurons and one output: Kaiming weights times ``scale``, biases 0."""
    import torch

    nn, generator = torch.nn, torch.Generator().manual_seed(seed)
    net = nn.Sequential(
        nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1), nn.Flatten(0)
    )
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear):
                layer.weight.normal_(0, scale * np.sqrt(2 / layer.in_features), generator=generator)
                layer.bias.zero_()
    return net


def directional_curvature(net: torch.nn.Module, X: torch.Tensor, y: torch.Tensor, batch: NDArray[np.intp]) -> float:
    r"""Published Batch Sharpness of one batch: :math:`g^{\mathsf T}Hg/\|g\|^2`, H the whole Hessian of its loss."""
    import torch

    params = list(net.parameters())
    loss = ((net(X[batch]) - y[batch]) ** 2).mean()
    grads = torch.autograd.grad(loss, params, create_graph=True)
    fixed = [g.detach() for g in grads]
    product = torch.autograd.grad(_dot(grads, fixed), params)
    return float(_dot(product, fixed) / _dot(fixed, fixed))


def _dot(left: Sequence[torch.Tensor], right: Sequence[torch.Tensor]) -> torch.Tensor:
    import torch

    return torch.stack([(a * b).sum() for a, b in zip(left, right, strict=True)]).sum()


def quantities(net: torch.nn.Module, X: torch.Tensor, y: torch.Tensor, c: Configuration, seed: int) -> dict[str, float]:
    r"""What chapter 9 follows, in units of its edges, and the whole Hessian beside the Gauss–Newton part.

    ``mean_edge``, ``mean_square``, ``batch_sharpness`` as in :mod:`stableminima.book.studies.momentum`;
    ``hessian_ratio``, published Batch Sharpness over that of the Gauss–Newton part, on the same 16 batches.
    """
    import torch

    minimum, eta, beta, B = Linearization.of(net, X, loss="mse"), c["step_size"], c["momentum"], c["batch_size"]
    with torch.no_grad():
        r = (net(X) - y).double().numpy()
    size, draws = B or len(r), COMPARED if B else 1
    batches: list[Any] = list(batch_stream(len(r), size, "iid", np.random.default_rng(seed), draws))
    whole = np.mean([directional_curvature(net, X, y, batch) for batch in batches])
    return {
        "mean_edge": eta * minimum.sharpness / (2 * (1 + beta)),
        "mean_square": eta / minimum.sgd_threshold(B, momentum=beta),
        "batch_sharpness": eta * minimum.batch_sharpness(r, B, c["draws"], seed).value / 2,
        "hessian_ratio": float(whole / (2 * batch_sharpness(minimum.kernel, r, batches).value)),
    }


def run(configuration: Configuration) -> Result:
    """Train one multilayer network and follow :func:`quantities`.

    ``status`` (``converged``, ``unfinished``, ``collapsed``: a layer is off, ``diverged``), ``steps`` and ``loss``;
    of each quantity the value at the end (``end_…``), the median over the second half of the snapshots (``median_…``)
    and all of them (``path_…``); ``hessian_ratio``, its median over the second half.
    """
    import torch

    torch.set_num_threads(1)
    c = SETTING | dict(configuration)
    first, second = c["digits"]
    task = digit_pair(first, second, c["n"], 0, c["seed"], "digits")
    X = torch.tensor((task.X - task.X.mean()) / task.X.std(), dtype=torch.float32)
    y = torch.tensor(task.y, dtype=torch.float32)
    net = multilayer(X.shape[1], c["width"], c["scale"], c["seed"])
    optimizer = torch.optim.SGD(net.parameters(), lr=c["step_size"], momentum=c["momentum"])
    rng = np.random.default_rng(c["seed"])
    seen: list[dict[str, float]] = []
    status, loss, step = "unfinished", np.nan, 0
    batches = batch_stream(len(y), c["batch_size"] or len(y), "reshuffled", rng, c["max_steps"])
    for step, batch in enumerate(batches, 1):
        optimizer.zero_grad()
        ((net(X[batch]) - y[batch]) ** 2).mean().backward()
        optimizer.step()
        if step % c["every"]:
            continue
        with torch.no_grad():
            outputs = net(X)
            loss = float(((outputs - y) ** 2).mean())
        if not loss < 1e3:
            status = "diverged"
            break
        if bool((outputs == outputs[0]).all()):
            status = "collapsed"  # every neuron of a layer is off, at every sample
            break
        with suppress(DidNotConverge):  # no residual is left
            seen.append(quantities(net, X, y, c, step))
        if loss < c["stop_loss"]:
            status = "converged"
            break
    result: dict[str, Any] = {"status": status, "steps": step, "loss": loss if np.isfinite(loss) else None}
    if status in ("diverged", "collapsed") or not seen:
        return result
    later = seen[len(seen) // 2 :]
    for name in QUANTITIES:
        result |= {f"end_{name}": seen[-1][name], f"median_{name}": float(np.median([told[name] for told in later]))}
        result |= {f"path_{name}": [round(told[name], 4) for told in seen]}
    return result | {"hessian_ratio": float(np.median([told["hessian_ratio"] for told in later]))}


MULTILAYER = Study(
    "multilayer",
    "Two bundled digits, two hidden layers in torch: three batch sizes, three momenta, three steps, three seeds.",
    run,
    tuple(
        SETTING | {"seed": seed, "batch_size": batch, "momentum": beta, "step_size": step}
        for seed in range(3)
        for (batch, beta), steps in STEP_SIZES.items()
        for step in steps
    ),
    "8 minutes on one core",
    {"steps": None, "loss": None, "hessian_ratio": 0.1}
    | {f"{when}_{name}": 0.3 for when in ("end", "median") for name in QUANTITIES}
    | {f"path_{name}": None for name in QUANTITIES},
    ("digits",),
)
