r"""Two layers with a fixed second one on nearly orthogonal inputs: training, and its exact asymptotics.

Here the loss has no minimum: margins grow like log t for ever, and what is compared with theory are margins, norms and
stable ranks at times such as t = 10^190. Two things make that possible: weights are stored as :math:`W=W_0+CX`, so that
a step costs O(m n²), and :func:`descend_logistic` can divide its step by the loss. Book: chapter 7.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, positive_number, whole_number
from .signed import SignedNetwork, labelled_sample, pattern_kernel, signed

Clock = Literal["constant", "loss"]


@dataclass(frozen=True, eq=False)
class Descent:
    r"""What :func:`descend_logistic` saw at its recorded steps (the first is the start, the last the end).

    ``log_time`` ``(r,)``: log of the number t of constant steps that the path so far stands for (−∞ at the start);
    ``log_loss`` ``(r,)``; ``margins`` ``(r, n)``: :math:`z_i=y_if(x_i)`; ``coefficients`` ``(r, 2m, n)``: C in
    :math:`W=W_0+CX`; ``mean_pattern`` ``(2m, n)``: the slopes :math:`D_{jri}`, averaged over the last quarter of the
    steps, so that a neuron that hovers at its kink counts by the part of the time in which it is on. Two numbers say
    whether the theorems apply: ``unrest``, the largest range over that quarter of a sample's share
    :math:`q_i=e^{-z_i}/\sum_ke^{-z_k}` in the loss, which tends to zero if the shares converge; and ``edge``,
    :math:`\frac12\eta_k\lambda_{\max}(\frac1nK\mathrm{diag}\,g)` at the last step, with the kernel of the mean pattern:
    above 1 a loss-normalised step is too long for its own fixed point. ``step_size`` is η, that of the first step.
    """

    start: SignedNetwork
    X: Array
    steps: Array
    log_time: Array
    log_loss: Array
    margins: Array
    coefficients: Array
    mean_pattern: Array
    unrest: float
    edge: float
    step_size: float

    @property
    def h(self) -> float:
        r""":math:`h=\eta L_0`: what a loss-normalised step multiplies :math:`K\tilde q` by."""
        return self.step_size * math.exp(self.log_loss[0])

    def network(self, record: int = -1) -> SignedNetwork:
        """The network at a recorded step."""
        return SignedNetwork(self.start.W + self.coefficients[record] @ self.X, self.start.slope)


def log_logistic_loss(margins: ArrayLike) -> float:
    r"""The log of the loss, :math:`\log\frac1n\sum_i\log(1+e^{-z_i})`, exact also where :math:`e^{-z}` underflows.

    Args:
        margins: :math:`z_i=y_if(x_i)`, ``(n,)``.

    Returns:
        log L.

    Raises:
        ValueError: no vector, NaN or infinity.

    Source: ours. Book: chapter 7, "The fast clock".

    >>> log_logistic_loss([2000.0, 2000.0])
    -2000.0
    """
    z = finite_array(margins, "margins", (None,))
    return _log_mean(np.where(z > 36, -z, np.log(np.logaddexp(0, -np.minimum(z, 36)))))


def _log_mean(logs: Array) -> float:
    top = logs.max()
    return float(top + np.log(np.exp(logs - top).mean()))


def step_for_gain(net: SignedNetwork, X: ArrayLike, y: ArrayLike, gain: float = 0.1) -> float:
    r"""The step size with which ``clock="loss"`` raises margins by about ``gain`` a step.

    It is :math:`n\,\text{gain}/(\bar KL_0)`, :math:`\bar K=(1+\gamma^2)\overline{\|x\|^2}/m`, half of it for the
    ReLU: about the mean of :math:`K_{ii}`.

    Args:
        net: the start, whose loss is L₀.
        X: inputs, ``(n, d)``.
        y: labels ±1, ``(n,)``.
        gain: by how much margins are to rise in a step. Where neurons hover at their kinks the path depends on it, and
            the limits are sharp only for small ones, 0.02 or 0.04.

    Returns:
        η.

    Raises:
        ValueError: another network, labels other than ±1, shapes that do not fit, a gain that is not positive.

    Source: ours. Book: chapter 7, "The fast clock".

    >>> net = SignedNetwork([[0.0], [0.0]], slope=1.0)  # L₀ = log 2, mean K = 2
    >>> round(step_for_gain(net, [[1.0]], [1], gain=0.1) * math.log(2), 12)
    0.05
    """
    X, y = labelled_sample(X, y, signed(net).dim)
    own = (1 + net.slope**2) * (X**2).sum(axis=1).mean() / net.width * (1.0 if net.slope else 0.5)
    return float(len(X) * positive_number(gain, "gain") / own / math.exp(log_logistic_loss(y * net(X))))


def descend_logistic(
    net: SignedNetwork,
    X: ArrayLike,
    y: ArrayLike,
    step_size: float,
    steps: int,
    clock: Clock = "constant",
    records: int = 60,
) -> Descent:
    r"""Gradient descent on :math:`L=\frac1n\sum_i\log(1+e^{-y_if(x_i)})`, all rows of W trained.

    Args:
        net: the start.
        X: inputs, ``(n, d)``.
        y: labels ±1, ``(n,)``.
        step_size: η.
        steps: number of steps.
        clock: ``"constant"``, or ``"loss"`` for :math:`\eta_k=\eta L_0/L_k`, the same path in fewer steps: the
            time of a step is then :math:`L_0/L_k`.
        records: about how many steps to record, geometrically spaced; all of them if there are no more.

    Returns:
        What was seen at the recorded steps, and the mean pattern at the end.

    Raises:
        ValueError: another network, labels other than ±1, shapes that do not fit, a number that is not positive.

    Warns:
        RuntimeWarning: loss-normalised steps that are too long for their fixed point (``edge`` above 1): the limits of
            :func:`asymptotics` are not those of this path.

    A step costs O(m n²): with :math:`P=WX^\top` it is :math:`P\leftarrow P+\Delta C\,XX^\top`,
    :math:`\Delta C_{jri}=\frac{\eta_k}{nm}\,jy_i\,D_{jri}\,g_i`, :math:`g_i=1/(1+e^{z_i})`.

    Source: ours; the model of Kou, Chen and Gu 2023. Book: chapter 7, "The fast clock".

    >>> run = descend_logistic(SignedNetwork([[1.0], [-1.0]], slope=0.0), [[2.0]], [1], 0.1, steps=1)
    >>> run.margins.round(4).tolist()  # 2, and after a step 2 + 0.4/(1 + e²)
    [[2.0], [2.0477]]
    """
    X, y = labelled_sample(X, y, signed(net).dim)
    if clock not in ("constant", "loss"):
        raise ValueError(f'clock must be "constant" or "loss", got {clock!r}')
    log_eta, steps = math.log(positive_number(step_size, "step_size")), whole_number(steps, "steps", 1)
    wanted = _records(steps, whole_number(records, "records", 2))
    G, P, C = X @ X.T, net.W @ X.T, np.zeros((len(net.W), len(X)))
    vote, sign = net.signs / net.width, net.signs[:, None] * y / (len(X) * net.width)
    log_t, first, on = -np.inf, None, np.zeros_like(C)
    rows: list[tuple[int, float, float, Array, Array]] = []
    late = steps - max(1, steps // 4)
    low, high = np.ones(len(X)), np.zeros(len(X))
    for k in range(steps + 1):
        D = np.where(P > 0, 1.0, net.slope)
        z = y * (vote @ (D * P))
        log_loss = log_logistic_loss(z)
        first = log_loss if first is None else first
        if k in wanted:
            rows.append((k, log_t, log_loss, z, C.copy()))
        if k == steps:
            break
        if k >= late:
            shares = _shares(z)
            on, low, high = on + D, np.minimum(low, shares), np.maximum(high, shares)
        log_duration = first - log_loss if clock == "loss" else 0.0
        push = np.exp(log_eta + log_duration - np.logaddexp(0, z))
        delta = sign * D * push
        C, P, log_t = C + delta, P + delta @ G, np.logaddexp(log_t, log_duration)
    seen, times, losses, margins, coefficients = (np.array(column) for column in zip(*rows, strict=True))
    mean_pattern, unrest = on / (steps - late), float((high - low).max())
    edge = _edge(pattern_kernel(X, y, mean_pattern), push / len(X))
    if clock == "loss" and edge > 1:
        warnings.warn(
            f"step_size must be smaller than {step_size:.3g} for this path to tend to the limits of asymptotics: half "
            f"the last step times the curvature is {edge:.2g}, above the edge of stability, 1",
            RuntimeWarning,
            stacklevel=2,
        )
    return Descent(net, X, seen, times, losses, margins, coefficients, mean_pattern, unrest, edge, math.exp(log_eta))


def _shares(z: Array) -> Array:
    """The shares of the samples in an exponential loss."""
    q = np.exp(z.min() - z)
    return q / q.sum()


def _edge(K: Array, push: Array) -> float:
    """Half the largest eigenvalue of K diag(push)."""
    root = np.sqrt(push)
    return float(np.linalg.eigvalsh(root[:, None] * K * root)[-1] / 2)


def _records(steps: int, records: int) -> set[int]:
    """The steps that are recorded: the first, the last, and others at equal ratios."""
    if records >= steps:
        return set(range(steps + 1))
    return {0, steps} | set(np.rint(np.geomspace(1, steps, records - 1)).astype(int).tolist())
