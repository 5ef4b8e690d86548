r"""Runs of gradient descent whose frozen linearisation expands: what they feel instead. Book: chapter 4.

Freeze the pattern of active neurons at the end of a run and the error grows by :math:`|1-\eta\lambda_{\max}|` a step.
But knots lie so close to samples that neurons switch on and off at every step, and what multiplies the error along the
run is a product of different matrices: :func:`path_exponent`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...checks import Array
from ...datasets.tasks import digit_pair
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...networks import ShallowReLU, random_network
from ...stability.kernel import tangent_kernel
from ...stability.questions import sharpness
from ...training.descent import train_sgd
from ...training.sweep.job import SweepJob
from ...training.sweep.sweep import train_jobs
from .mnist import PROTOCOL, grid

RUNS = [(0.25, 1), (0.06, 1), (0.06, 2), (0.04, 2), (0.06, 3)]  # (η, seed): the largest frozen exponents of mnist-35
STEPS = 8


def path_exponent(net: ShallowReLU, X: Array, y: Array, step_size: float, steps: int = STEPS) -> tuple[float, float]:
    r"""The growth rate along full-batch gradient descent itself, and how many activations switch at a step.

    .. math:: \frac1T\log\rho\Bigl(\prod_{t<T}\bigl(I-\tfrac\eta nG_t\bigr)\Bigr),

    with the spectral radius ρ and the tangent kernels :math:`G_t` of ``steps`` successive networks, from ``net`` on, in
    double precision. Where no neuron switches and the residuals are zero it is the largest
    :math:`\log|1-\eta\lambda_i|` over the eigenvalues of :math:`G/n`.
    """
    growth, switched = np.eye(len(X)), 0
    for _ in range(steps):
        growth = growth - step_size / len(X) * (tangent_kernel(net, X) @ growth)
        active = net.pattern(X)
        net = train_sgd(net, X, y, step_size, max_epochs=1).network
        switched += int(np.count_nonzero(active != net.pattern(X)))
    return float(np.log(np.abs(np.linalg.eigvals(growth)).max()) / steps), switched / steps


def flicker(configuration: Configuration) -> Result:
    """Repeat a full-batch run of ``mnist-35``; its exponent with the pattern frozen, and along eight further steps."""
    s = {**PROTOCOL, **configuration}
    first, second = s["digits"]
    task = digit_pair(first, second, s["n"], s["n_validation"], s["seed"], s["dataset"])
    start = random_network(task.X.shape[1], s["width"], s["seed"], s["scale"])
    job = SweepJob(start, task.X, task.y, s["step_size"], None, s["seed"])
    run = train_jobs([job], s["tolerance"], s["hold"], s["max_epochs"], precision=s["precision"], workers=1).runs[0]
    path, switched = path_exponent(run.network, task.X, task.y, s["step_size"])
    frozen = np.log(abs(1 - s["step_size"] * sharpness(run.network, task.X)))
    result: dict[str, Any] = {"status": run.status, "epochs": run.epochs, "loss": run.loss}
    return result | {"frozen_exponent": frozen, "path_exponent": path, "switched": switched}


MNIST_FLICKER = Study(
    "mnist-flicker",
    "Digits 3 and 5, gradient descent: the five runs whose frozen linearisation expands most.",
    flicker,
    tuple(grid(batch_size=[None], step_size=[eta], seed=[seed])[0] for eta, seed in RUNS),
    "2 minutes on two cores",
    {"epochs": 0.3, "loss": None, "frozen_exponent": None, "path_exponent": None, "switched": None},
    ("mnist",),
)
