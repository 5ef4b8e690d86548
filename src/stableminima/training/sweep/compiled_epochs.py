r"""SGD on a shallow network in function space: the compiled epochs behind :mod:`stableminima.training.sweep.sweep`.

A step of SGD changes the weights of neuron i along the inputs of the batch, so its pre-activations
:math:`z_i(x)=w_i\cdot x+b_i` on *all* samples change along rows of the Gram matrix :math:`K=XX^{\mathsf T}+1`:

.. math:: z_i\leftarrow z_i-\frac\eta B\,v_i\sum_{j\in b}r_j\,1[z_{ij}>0]\,K_j,\qquad
          v_i\leftarrow v_i-\frac\eta B\sum_{j\in b}r_j\,(z_{ij})_+,\qquad c\leftarrow c-\frac\eta B\sum_{j\in b}r_j .

The iterates are those of SGD on the weights. A step costs 2knB flops in place of 4kdB, and about half of that, since
only the samples on which a neuron is on move it; the loss on all samples comes for free; a neuron that is off on every
sample never comes back and leaves the loop. Book: chapter 4, "SGD without weights".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...checks import Array
from ..stopping import GOING, verdict

DENSE_FROM = 96  # samples in a batch from which a dense product beats the sparse one: the rows of K leave the cache

# One compiled unit: parts that were compiled on their own could be rounded differently by the next process.
_part = njit(inline="always")


def compiled(function: Callable) -> Callable:
    """Compiled, once for all processes; anew by each where nothing may be written (a shared installation, no home).

    NaN and infinity keep their meaning (they tell that a run diverged); sums may be reordered and contracted.
    """
    numba = partial(njit, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp", "nsz"})
    try:
        return numba(cache=True)(function)
    except RuntimeError:  # there is no place for a cache
        return numba()(function)


_verdict = _part(verdict)


@_part
def _subtract_rows(z, K, rows, weights, count):
    """z ← z − Σ weights[j] K[rows[j]]; ``rows`` and ``weights`` are padded with three zeros."""
    j = 0
    while j + 8 <= count:
        k0, k1, k2, k3 = K[rows[j]], K[rows[j + 1]], K[rows[j + 2]], K[rows[j + 3]]
        k4, k5, k6, k7 = K[rows[j + 4]], K[rows[j + 5]], K[rows[j + 6]], K[rows[j + 7]]
        g0, g1, g2, g3 = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        g4, g5, g6, g7 = weights[j + 4], weights[j + 5], weights[j + 6], weights[j + 7]
        for p in range(len(z)):
            z[p] -= (g0 * k0[p] + g1 * k1[p] + g2 * k2[p] + g3 * k3[p]) + (
                g4 * k4[p] + g5 * k5[p] + g6 * k6[p] + g7 * k7[p]
            )
        j += 8
    while j < count:
        k0, k1, k2, k3 = K[rows[j]], K[rows[j + 1]], K[rows[j + 2]], K[rows[j + 3]]
        g0, g1, g2, g3 = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        for p in range(len(z)):
            z[p] -= g0 * k0[p] + g1 * k1[p] + g2 * k2[p] + g3 * k3[p]
        j += 4


@_part
def _dense_step(Z, C, v, K, batch, r, hidden, alive):
    """The update of all living neurons by one matrix product, for large batches."""
    rows = np.empty((len(batch), K.shape[1]), K.dtype)
    G = np.empty((len(alive), len(batch)), K.dtype)
    for j in range(len(batch)):
        rows[j] = K[batch[j]]
    for q in range(len(alive)):
        i = alive[q]
        change = v.dtype.type(0)
        for j in range(len(batch)):
            G[q, j] = r[j] * v[i] if hidden[q, j] > 0 else 0
            C[i, batch[j]] += G[q, j]
            change += r[j] * hidden[q, j]
        v[i] -= change
    P = np.dot(G, rows)
    for q in range(len(alive)):
        Z[alive[q]] -= P[q]


@_part
def _sparse_step(Z, C, v, K, batch, r, hidden, alive, rows, weights):
    """The update of each living neuron from the samples of the batch on which it is on."""
    zero = v.dtype.type(0)
    for q in range(len(alive)):
        i = alive[q]
        change, count = zero, 0
        for j in range(len(batch)):
            change += r[j] * hidden[q, j]
            weights[count] = r[j] * v[i]
            rows[count] = batch[j]
            count += hidden[q, j] > 0
        v[i] -= change
        for j in range(count):
            C[i, rows[j]] += weights[j]
        for j in range(count, count + 3):
            rows[j], weights[j] = batch[0], zero
        _subtract_rows(Z[i], K, rows, weights, count)


@_part
def _evaluate(Z, v, c, y, f, alive):
    """The loss on all samples, and how many of the neurons in ``alive`` still are (they move to its front)."""
    zero = v.dtype.type(0)
    f[:] = c[0]
    living = 0
    for i in alive:
        z, vi, top = Z[i], v[i], zero
        for p in range(len(f)):
            positive = max(z[p], zero)
            f[p] += vi * positive
            top = max(top, positive)
        if top > 0:
            alive[living] = i
            living += 1
    loss = 0.0
    for p in range(len(f)):
        loss += (np.float64(f[p]) - np.float64(y[p])) ** 2
    return loss / (2 * len(f)), living


@compiled
def run_epochs(
    Z: Array,
    C: Array,
    v: Array,
    c: Array,
    K: Array,
    y: Array,
    orders: NDArray[np.intp],
    batch_size: int,
    steps: Array,
    alive: NDArray[np.intp],
    losses: Array,
    rule: tuple[float, int, float, int],
    held: int,
) -> tuple[int, int, int]:
    """Whole epochs of SGD in place, until one of them ends the run: ``(epochs done, held, end)``.

    Args:
        Z: pre-activations ``(k, n)``; like all of the next five of one precision.
        C: ``(k, n)``, gains Σ η/B v r 1[z > 0]: W has moved by −C X, b by −C 1.
        v: second-layer weights ``(k,)``.
        c: output bias ``(1,)``.
        K: Gram matrix ``(n, n)``.
        y: labels ``(n,)``.
        orders: the samples of each epoch, one row an epoch, cut into batches of ``batch_size`` (the last may be short).
        batch_size: B.
        steps: η of each epoch.
        alive: neurons not known to be off on every sample.
        losses: filled with the loss after each epoch, in float64.
        rule: ``(tolerance, hold, blow_up, first)``; the epochs before ``first`` do not count towards ``hold``.
        held: for how many epochs the loss has been below the tolerance.

    Returns:
        The epochs made; for how many of them the loss has been low; how the run ends
        (:func:`stableminima.training.stopping.verdict`).
    """
    f = np.empty(len(y), Z.dtype)
    r = np.empty(batch_size, Z.dtype)
    rows = np.zeros(batch_size + 3, np.int64)
    weights = np.zeros(batch_size + 3, Z.dtype)
    hidden = np.empty((len(alive), batch_size), Z.dtype)
    tolerance, hold, blow_up, first = rule
    zero = v.dtype.type(0)
    for epoch in range(len(orders)):
        eta = Z.dtype.type(steps[epoch])
        for start in range(0, orders.shape[1], batch_size):
            batch = orders[epoch, start : start + batch_size]
            size = len(batch)
            f[:size] = c[0]
            for q in range(len(alive)):
                z, vi = Z[alive[q]], v[alive[q]]
                for j in range(size):
                    positive = max(z[batch[j]], zero)
                    hidden[q, j] = positive
                    f[j] += vi * positive
            total = zero
            for j in range(size):
                r[j] = eta * (f[j] - y[batch[j]]) / size
                total += r[j]
            c[0] -= total
            if size < DENSE_FROM:
                _sparse_step(Z, C, v, K, batch, r, hidden, alive, rows, weights)
            else:
                _dense_step(Z, C, v, K, batch, r, hidden, alive)
        loss, living = _evaluate(Z, v, c, y, f, alive)
        alive = alive[:living]
        losses[epoch] = loss
        held, end = _verdict(loss, living > 0, epoch >= first, held, tolerance, hold, blow_up)
        if end != GOING:
            return epoch + 1, held, end
    return len(orders), held, GOING
