r"""The bump in 31 dimensions, learnt from ten thousand points: by how much do three optimisers rescale it?

Dimension, number of points, start and optimisers are those that a summary of Park, Pelakh and Wojtowytsch 2023
reports; radii, width, batches, step sizes and number of steps are ours. Book: chapter 8, "Thirty-one dimensions".
"""

from __future__ import annotations

import numpy as np

from ...bounds.norms import path_norm, weight_decay_value
from ...datasets.synthetic import bump_sample
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...functions.bump import radial_bump
from ...functions.regularised_bump import fitted_scale, radial_profile
from ...networks import xavier_network
from ...training.together import train_decayed

RADII = np.linspace(0, 2, 101)  # where the profiles are fitted
STEP_SIZES = {"sgd": 0.4, "momentum": 0.05, "adam": 0.001}


def rescaling(configuration: Configuration) -> Result:
    r"""Train one network and fit :math:`\alpha f^*(sr)` to its radial mean.

    ``scale`` s and ``height`` α with the rms ``error`` of the fit; ``spread``, the largest standard deviation over
    directions; ``path_norm`` and ``weight_decay``; ``test_loss`` on 4000 new points. ``profile`` of the first seed.
    """
    c = configuration
    X, y, weight = bump_sample(c["dim"], c["samples"], c["seed"])
    (net,) = train_decayed(
        [xavier_network(c["dim"], c["width"], c["seed"])],
        X,
        y,
        c["step_size"],
        c["decay"],
        steps=c["steps"],
        optimizer=c["optimizer"],
        batch_size=c["batch_size"],
        sample_weight=weight,
        seed=c["seed"],
    )
    mean, spread = radial_profile(net, RADII)
    fit = fitted_scale(radial_bump(c["dim"]), RADII, mean)
    X_new, y_new, weight_new = bump_sample(c["dim"], 4000, c["seed"] + 1000)
    result = {
        "scale": fit.scale,
        "height": fit.height,
        "error": fit.error,
        "spread": float(spread.max()),
        "path_norm": path_norm(net),
        "weight_decay": weight_decay_value(net),
        "loss": float(weight @ (net(X) - y) ** 2 / 2),
        "test_loss": float(weight_new @ (net(X_new) - y_new) ** 2 / 2),
    }
    return result | {"profile": mean} if c["seed"] == 0 else result


BUMP_31 = Study(
    "bump-31",
    "The bump in 31 dimensions on 10 000 points, three optimisers, with and without weight decay.",
    rescaling,
    tuple(
        {"seed": seed, "optimizer": optimizer, "decay": decay, "step_size": step_size, "dim": 31, "samples": 10_000,
         "width": 300, "steps": 30_000, "batch_size": 128}
        for seed in range(2)
        for optimizer, step_size in STEP_SIZES.items()
        for decay in (0.0, 1e-5)
    ),
    expected="four minutes of one core",
    tolerances={"loss": None, "test_loss": 0.3, "profile": None, "scale": 0.1, "height": 0.1, "error": 0.5,
                "spread": 0.5, "path_norm": 0.1, "weight_decay": 0.1},
)  # fmt: skip
