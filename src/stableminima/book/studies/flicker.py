r"""The end of gradient descent, step by step: how far the sharpness oscillates about 2/η, and what errors feel of it.

A recorded run ends with one network, one snapshot of an oscillation. Here every full-batch run of ``mnist-35`` is
continued for some hundred steps, in double precision, and watched: :math:`\eta\lambda_{\max}/2` at every step, how many
activations switch, and the growth of an error along the run, which is the norm of a product of different matrices.
The control is the same descent with the pattern of active neurons held fixed. Book: chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...checks import Array
from ...datasets.tasks import digit_pair
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...networks import ShallowReLU, random_network
from ...stability.curvature import top_eigenvalue
from ...training.sweep.job import SweepJob
from ...training.sweep.sweep import train_jobs
from .mnist import PROTOCOL, STEP_SIZES, grid

STEPS = 256  # watched along the run, which is the eighth part of the epochs that it has stayed
CONTROL = 64  # steps of the control


@dataclass
class Descent:
    """Gradient descent on all samples in function space, in double precision; its pattern may be frozen.

    Args:
        Z: pre-activations on the samples, ``(k, n)``.
        v: output weights, ``(k,)``.
        c: output bias.
        K: inner products of the samples, plus one, ``(n, n)``.
        y: labels, ``(n,)``.
        frozen: which neurons count as on at which samples, ``(k, n)``; ``None``: those that are.
    """

    Z: Array
    v: Array
    c: float
    K: Array
    y: Array
    frozen: Array | None = None

    @classmethod
    def of(cls, net: ShallowReLU, X: Array, y: Array) -> Descent:
        """At a network."""
        return cls(net.preactivations(X).T.copy(), net.v.copy(), float(net.c), X @ X.T + 1, y)

    @property
    def on(self) -> Array:
        """1 where a neuron is on at a sample, otherwise 0, ``(k, n)``."""
        return (self.Z > 0).astype(float) if self.frozen is None else self.frozen

    def kernel(self) -> Array:
        """The tangent kernel, ``(n, n)``, with the pattern that counts."""
        on = self.on
        hidden, mask = self.Z * on, self.v[:, None] * on
        return hidden.T @ hidden + (mask.T @ mask) * self.K + 1

    def step(self, step_size: float) -> None:
        """One step of gradient descent."""
        on, rate = self.on, step_size / len(self.y)
        hidden = self.Z * on
        residual = self.v @ hidden + self.c - self.y
        change = (rate * self.v[:, None] * on * residual) @ self.K
        self.v, self.c = self.v - rate * hidden @ residual, self.c - rate * residual.sum()
        self.Z = self.Z - change

    def stopped(self) -> Descent:
        """A copy whose pattern stays what it is now."""
        return Descent(self.Z, self.v, self.c, self.K, self.y, self.on)


def factor(descent: Descent, step_size: float, steps: int) -> float:
    r"""By which an error grows at most at a step, on average over ``steps`` steps; the descent moves on.

    .. math:: \Bigl\|\prod_{t<T}\bigl(I-\tfrac\eta nG_t\bigr)\Bigr\|^{1/T}

    with the spectral norm and the tangent kernels :math:`G_t` of the networks along the way.
    """
    growth = np.eye(len(descent.y))
    for _ in range(steps):
        growth -= step_size / len(growth) * (descent.kernel() @ growth)
        descent.step(step_size)
    return float(np.linalg.norm(growth, 2) ** (1 / steps))


def watch(descent: Descent, step_size: float, steps: int = STEPS, control: int = CONTROL) -> Result:
    r"""What :math:`\eta\lambda_{\max}/2`, the pattern and an error do over the next steps of gradient descent.

    Args:
        descent: the iterate to begin with; it moves on.
        step_size: η.
        steps: how many to watch.
        control: how many from the sharpest network, with and without frozen pattern.

    Returns:
        ``edge_mean``, ``edge_least``, ``edge_most``: of :math:`\eta\lambda_{\max}/2` over the steps; ``above``, the
        part of the steps at which it exceeds one; ``switched``, activations that switch at a step, on average;
        ``path_factor`` over all steps (:func:`factor`), ``short_factor`` over the first ``control`` steps from the
        sharpest network; ``frozen_factor``, over as many with the pattern of that network frozen, its weights moving.
    """
    n, edge, switched, states = len(descent.y), [], 0, []
    growth = np.eye(n)
    for _ in range(steps):
        states.append((descent.Z, descent.v, descent.c))
        before, G = descent.on, descent.kernel()
        edge.append(step_size * top_eigenvalue(G / n) / 2)
        growth -= step_size / n * (G @ growth)
        descent.step(step_size)
        switched += int(np.count_nonzero(before != descent.on))
    sharpest = Descent(*states[int(np.argmax(edge))], descent.K, descent.y)
    still = sharpest.stopped()
    return {
        "edge_mean": np.mean(edge),
        "edge_least": np.min(edge),
        "edge_most": np.max(edge),
        "above": np.mean(np.array(edge) > 1),
        "switched": switched / steps,
        "path_factor": float(np.linalg.norm(growth, 2) ** (1 / steps)),
        "short_factor": factor(sharpest, step_size, control),
        "frozen_factor": factor(still, step_size, control),
    }


def flicker(configuration: Configuration) -> Result:
    """Repeat a full-batch run of ``mnist-35``, and watch its end (:func:`watch`)."""
    s = {**PROTOCOL, **configuration}
    first, second = s["digits"]
    task = digit_pair(first, second, s["n"], s["n_validation"], s["seed"], s["dataset"])
    start = random_network(task.X.shape[1], s["width"], s["seed"], s["scale"])
    job = SweepJob(start, task.X, task.y, s["step_size"], None, s["seed"])
    run = train_jobs([job], s["tolerance"], s["hold"], s["max_epochs"], precision=s["precision"], workers=1).runs[0]
    result: dict[str, Any] = {"status": run.status, "epochs": run.epochs, "loss": run.loss}
    return result | dict(watch(Descent.of(run.network, task.X, task.y), s["step_size"]))


MNIST_FLICKER = Study(
    "mnist-flicker",
    "Digits 3 and 5, gradient descent: the last oscillations of all full-batch runs of mnist-35.",
    flicker,
    grid(batch_size=[None], seed=range(5), step_size=STEP_SIZES),
    "20 minutes on two cores",
    {  # relative; a factor a step of 1.001 is e² over 2000 steps
        "epochs": 0.3,
        "loss": None,  # a snapshot of the oscillation: it falls by a factor of ten within some steps
        "edge_mean": 0.005,
        "edge_least": 0.05,
        "edge_most": 0.05,
        "above": 0.5,
        "switched": 1.0,
        "path_factor": 0.003,
        "short_factor": 0.01,
        "frozen_factor": 0.02,
    },
    ("mnist",),
)
