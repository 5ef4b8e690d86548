r"""The compiled epochs of :mod:`stableminima.training.sweep.compiled_epochs` for SGD with momentum.

The velocity m of the heavy ball moves every weight at every step, so every pre-activation, in or out of the batch. But
where the ball would come to rest if no gradient acted any more, :math:`\varphi=\theta-a\,m` with
:math:`a=\eta\beta/(1-\beta)`, only gradients move:

.. math:: m\leftarrow\beta m+g,\qquad \varphi\leftarrow\varphi-\frac{\eta}{1-\beta}\,g,\qquad \theta=\varphi+a\,m .

So the pre-activations of φ change by the rows of the Gram matrix that plain SGD would add, and those of m, kept as a
number :math:`s=\beta^t` times an array, by the same rows over s: one combination of rows, added twice. Those of θ are
needed on the next batch only. While no gradient acts, θ runs straight to φ; so a neuron that is off on every sample,
both at θ and at φ, never comes back. Book: chapter 4, "SGD without weights".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...checks import Array
from ..stopping import GOING
from .compiled_epochs import DENSE_FROM, _part, _verdict, compiled

LEAST = 2.0**-20  # of s: below it the arrays are multiplied by s, and s is 1 again
NOTHING = 1e-30  # what is smaller in a velocity is 0: numbers near the end of the exponents cost a hundred cycles


@_part
def _subtract_and_add(z, p, K, rows, weights, count, pull, push):
    """With the sum D = Σ weights[j] K[rows[j]]: z ← z − pull D, p ← p + push D; rows padded as for plain SGD."""
    j = 0
    while j + 8 <= count:
        k0, k1, k2, k3 = K[rows[j]], K[rows[j + 1]], K[rows[j + 2]], K[rows[j + 3]]
        k4, k5, k6, k7 = K[rows[j + 4]], K[rows[j + 5]], K[rows[j + 6]], K[rows[j + 7]]
        g0, g1, g2, g3 = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        g4, g5, g6, g7 = weights[j + 4], weights[j + 5], weights[j + 6], weights[j + 7]
        for x in range(len(z)):
            total = (g0 * k0[x] + g1 * k1[x] + g2 * k2[x] + g3 * k3[x]) + (
                g4 * k4[x] + g5 * k5[x] + g6 * k6[x] + g7 * k7[x]
            )
            z[x] -= pull * total
            p[x] += push * total
        j += 8
    while j < count:
        k0, k1, k2, k3 = K[rows[j]], K[rows[j + 1]], K[rows[j + 2]], K[rows[j + 3]]
        g0, g1, g2, g3 = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        for x in range(len(z)):
            total = g0 * k0[x] + g1 * k1[x] + g2 * k2[x] + g3 * k3[x]
            z[x] -= pull * total
            p[x] += push * total
        j += 4


@_part
def _dense_momentum(Z, v, P, mv, K, batch, r, hidden, now, alive, slopes, pull, push):
    """The update of all living neurons by one matrix product, for large batches."""
    rows = np.empty((len(batch), K.shape[1]), K.dtype)
    G = np.empty((len(alive), len(batch)), K.dtype)
    for j in range(len(batch)):
        rows[j] = K[batch[j]]
    for q in range(len(alive)):
        i = alive[q]
        change = v.dtype.type(0)
        for j in range(len(batch)):
            G[q, j] = r[j] * now[q] if hidden[q, j] > 0 else 0
            slopes[i, j] = G[q, j]
            change += r[j] * hidden[q, j]
        v[i] -= pull * change
        mv[i] += push * change
    D = np.dot(G, rows)
    for q in range(len(alive)):
        z, p, d = Z[alive[q]], P[alive[q]], D[q]
        for x in range(len(z)):
            z[x] -= pull * d[x]
            p[x] += push * d[x]


@_part
def _sparse_momentum(Z, v, P, mv, K, batch, r, hidden, now, alive, slopes, rows, weights, pull, push):
    """The update of each living neuron from the samples of the batch on which it is on."""
    zero = v.dtype.type(0)
    for q in range(len(alive)):
        i = alive[q]
        change, count = zero, 0
        for j in range(len(batch)):
            change += r[j] * hidden[q, j]
            weights[count] = r[j] * now[q]
            rows[count] = batch[j]
            count += hidden[q, j] > 0
        v[i] -= pull * change
        mv[i] += push * change
        for j in range(len(batch)):
            slopes[i, j] = r[j] * now[q] if hidden[q, j] > 0 else zero
        for j in range(count, count + 3):
            rows[j], weights[j] = batch[0], zero
        _subtract_and_add(Z[i], P[i], K, rows, weights, count, pull, push)


@_part
def _carried(Z, C, v, c, P, M, mv, mc, share):
    """Move all parameters by ``share`` times the velocity: from θ to φ, back, or from one φ to the next."""
    for here, speed, sign in ((Z, P, share), (C, M, -share)):
        for i in range(len(here)):
            a, b = here[i], speed[i]
            for x in range(len(a)):
                a[x] += sign * b[x]
    for i in range(len(v)):
        v[i] += share * mv[i]
    c[0] += share * mc[0]


@_part
def _renormalised(P, M, mv, mc, scale):
    """Multiply the velocity by its scale."""
    for part in (P.ravel(), M.ravel(), mv, mc):
        for x in range(len(part)):
            value = part[x] * scale
            part[x] = 0 if abs(value) < NOTHING else value


@_part
def _evaluate_momentum(Z, v, c, P, mv, mc, y, f, alive, carry, rest):
    """The loss on all samples at θ, and how many of the neurons in ``alive`` are on, or will be, at any of them."""
    zero = v.dtype.type(0)
    f[:] = c[0] + carry * mc[0]
    living = 0
    for i in alive:
        z, p, vi, top = Z[i], P[i], v[i] + carry * mv[i], zero
        for x in range(len(f)):
            positive = max(z[x] + carry * p[x], zero)
            f[x] += vi * positive
            top = max(top, positive, z[x] + rest * p[x])
        if top > 0:
            alive[living] = i
            living += 1
    loss = 0.0
    for x in range(len(f)):
        loss += (np.float64(f[x]) - np.float64(y[x])) ** 2
    return loss / (2 * len(f)), living


@compiled
def run_momentum_epochs(
    Z: Array,
    C: Array,
    v: Array,
    c: Array,
    P: Array,
    M: Array,
    mv: Array,
    mc: Array,
    K: Array,
    y: Array,
    orders: NDArray[np.intp],
    batch_size: int,
    steps: Array,
    beta: float,
    way: float,
    alive: NDArray[np.intp],
    losses: Array,
    rule: tuple[float, int, float, int],
    held: int,
) -> tuple[int, int, int]:
    """Whole epochs of the heavy ball in place, until one of them ends the run: ``(epochs done, held, end)``.

    Args:
        Z: pre-activations ``(k, n)``; like all of the next nine of one precision.
        C: ``(n, k)``, zeros; filled with the gains: W moves by −Cᵀ X, b by −Cᵀ 1. Its rows are the samples, so that a
            batch touches few of them.
        v: second-layer weights ``(k,)``.
        c: output bias ``(1,)``.
        P: pre-activations of the velocity ``(k, n)``, Mᵀ K.
        M: ``(n, k)``: the velocity of W is Mᵀ X, that of b is Mᵀ 1.
        mv: velocity of v ``(k,)``.
        mc: velocity of c ``(1,)``.
        K: Gram matrix ``(n, n)``.
        y: labels ``(n,)``.
        orders: the samples of each epoch, one row an epoch, cut into batches of ``batch_size`` (the last may be short).
        batch_size: B.
        steps: η of each epoch.
        beta: β, above 0 and below 1.
        way: how far a velocity can carry from now on, in its own units: the longest η times β/(1−β).
        alive: neurons not known to be off on every sample for good.
        losses: filled with the loss after each epoch, in float64.
        rule: ``(tolerance, hold, blow_up, first)``; the epochs before ``first`` do not count towards ``hold``.
        held: for how many epochs the loss has been below the tolerance.

    Returns:
        The epochs made; for how many of them the loss has been low; how the run ends
        (:func:`stableminima.training.stopping.verdict`).
    """
    f = np.empty(len(y), Z.dtype)
    r = np.empty(batch_size, Z.dtype)
    now = np.empty(len(alive), Z.dtype)
    rows = np.zeros(batch_size + 3, np.int64)
    weights = np.zeros(batch_size + 3, Z.dtype)
    hidden = np.empty((len(alive), batch_size), Z.dtype)
    slopes = np.zeros((len(v), batch_size), Z.dtype)  # of the gains
    tolerance, hold, blow_up, first = rule
    kind, zero = Z.dtype.type, v.dtype.type(0)
    ahead, scale, made, end = 0.0, 1.0, 0, GOING  # Z, C, v, c are those of θ − ahead·velocity; the velocity is scale·M
    while made < len(orders) and end == GOING:
        eta = steps[made]
        change, ahead = ahead - eta * beta / (1 - beta), eta * beta / (1 - beta)
        if change != 0:
            _carried(Z, C, v, c, P, M, mv, mc, kind(change * scale))
        for start in range(0, orders.shape[1], batch_size):
            batch = orders[made, start : start + batch_size]
            size, carry = len(batch), kind(ahead * scale)
            f[:size] = c[0] + carry * mc[0]
            for q in range(len(alive)):
                z, p, vi = Z[alive[q]], P[alive[q]], v[alive[q]] + carry * mv[alive[q]]
                now[q] = vi
                for j in range(size):
                    positive = max(z[batch[j]] + carry * p[batch[j]], zero)
                    hidden[q, j] = positive
                    f[j] += vi * positive
            total = zero
            for j in range(size):
                r[j] = (f[j] - y[batch[j]]) / size
                total += r[j]
            scale *= beta
            if scale < LEAST:
                _renormalised(P, M, mv, mc, kind(scale))
                scale = 1.0
            pull, push = kind(eta / (1 - beta)), kind(1 / scale)
            c[0] -= pull * total
            mc[0] += push * total
            if size < DENSE_FROM:
                _sparse_momentum(Z, v, P, mv, K, batch, r, hidden, now, alive, slopes, rows, weights, pull, push)
            else:
                _dense_momentum(Z, v, P, mv, K, batch, r, hidden, now, alive, slopes, pull, push)
            for j in range(size):
                gain, m = C[batch[j]], M[batch[j]]
                for i in range(len(gain)):
                    gain[i] += pull * slopes[i, j]
                    m[i] += push * slopes[i, j]
        carry, rest = kind(ahead * scale), kind((ahead - way) * scale)
        loss, living = _evaluate_momentum(Z, v, c, P, mv, mc, y, f, alive, carry, rest)
        alive = alive[:living]
        slopes[:] = 0
        losses[made] = loss
        held, end = _verdict(loss, living > 0, made >= first, held, tolerance, hold, blow_up)
        made += 1
    _carried(Z, C, v, c, P, M, mv, mc, kind(ahead * scale))
    _renormalised(P, M, mv, mc, kind(scale))
    return made, held, end
