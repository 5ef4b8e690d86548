"""The dynamics linearised at a minimum: single paths, their mean square, their Lyapunov exponent.

In the span of the gradients a point has r coordinates, and the gradients themselves are the rows of
:attr:`~stableminima.stability.kernel.Span.coordinates`; a batch of samples takes c rows a sample. Book: chapter 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from ..batches import Sampling, batch_stream, repeat_probability
from ..checks import Array, DidNotConverge, random_generator
from .kernel import Span

OVERFLOW = 1e300  # a squared distance beyond this goes on as infinity


@dataclass(frozen=True, eq=False)
class Estimate:
    """A Monte-Carlo value with its standard error (both ``(m,)`` arrays if ``m`` step sizes were given)."""

    value: float | Array
    standard_error: float | Array


def sample_path(
    span: Span, outputs: int, eta: float, batch_size: int, sampling: Sampling, steps: int, seed: int, momentum: float
) -> Array:
    """:meth:`Linearization.path <stableminima.stability.linearization.Linearization.path>`, in coordinates."""
    F = span.by_sample(outputs)
    n, _, r = F.shape
    rng = random_generator(seed)
    delta: Array = span.vectors.T @ rng.normal(size=len(span.vectors))  # G^{-1/2} of it in the gradients: no eigenbasis
    delta /= np.linalg.norm(delta)
    before = delta
    path = np.empty(steps + 1)
    path[0] = delta @ delta
    for t, batch in enumerate(batch_stream(n, batch_size, sampling, rng, steps), start=1):
        rows = F[batch].reshape(-1, r)
        gradient = eta / len(batch) * (rows @ delta) @ rows
        delta, before = delta + momentum * (delta - before) - gradient, delta
        path[t] = delta @ delta
        if path[t] > OVERFLOW:
            path[t:] = np.inf
            break
    return path


def second_moment_path(span: Span, outputs: int, eta: float, batch_size: int, steps: int) -> Array:
    """:meth:`Linearization.mean_square_path
    <stableminima.stability.linearization.Linearization.mean_square_path>`, in coordinates."""
    n = len(span.vectors) // outputs
    p = repeat_probability(n, batch_size)
    h = span.gamma / n
    M = np.eye(len(h)) / len(h)
    path = np.ones(steps + 1)
    for t in range(1, steps + 1):
        noise = sample_noise(span.coordinates, M, outputs)
        M = M - eta * np.add.outer(h, h) * M + eta**2 * ((1 - p) * np.outer(h, h) * M + p / n * noise)
        path[t] = np.trace(M)
        if path[t] > OVERFLOW:
            path[t:] = np.inf
            break
    return path


def sample_noise(F: Array, M: Array, outputs: int) -> Array:
    r""":math:`\sum_iF_i^{\mathsf T}(F_iMF_i^{\mathsf T})F_i` over the samples, whose c rows each are :math:`F_i`."""
    if outputs == 1:
        return (F.T * np.einsum("ja,ab,jb->j", F, M, F, optimize=True)) @ F
    blocks = F.reshape(-1, outputs, F.shape[1])
    inner = blocks @ M @ blocks.transpose(0, 2, 1)
    return F.T @ (inner @ blocks).reshape(F.shape)


def path_exponent(
    span: Span,
    outputs: int,
    step_size: Array,
    batch_size: int,
    sampling: Sampling,
    steps: int,
    seed: int,
    slow_start: bool = True,
    momentum: float = 0.0,
) -> Estimate:
    """:meth:`Linearization.lyapunov_exponent
    <stableminima.stability.linearization.Linearization.lyapunov_exponent>`, in coordinates.

    A random start needs about 1/(η(λ₂−λ₁)) steps, λ₁ < λ₂ the smallest eigenvalues, until only the slowest direction
    is left of it: often far more than ``steps``. So where the exponent comes out negative, ``slow_start`` follows a
    second path on the same batches that begins in that direction. The exponent is the largest rate that any start has
    in the limit, and the faster-growing of the two paths gives it.
    """
    F, eta = span.by_sample(outputs), np.atleast_1d(step_size)
    if batch_size == len(F):
        value = _deterministic_exponent(span.gamma / len(F), eta, momentum)
        error = np.zeros(len(eta))
    else:
        with threadpool_limits(1, user_api="blas"):  # the products are small: threads would wait for each other
            value, error = _batch_means(_log_growth(F, eta, batch_size, sampling, steps, seed, None, momentum))
            shrinks = np.flatnonzero((value < 0) & np.isfinite(value))
            if slow_start and len(shrinks):
                slow = np.eye(F.shape[2], 1)  # the coordinates of the span go from its smallest eigenvalue up
                again = _batch_means(_log_growth(F, eta[shrinks], batch_size, sampling, steps, seed, slow, momentum))
                larger = again[0] > value[shrinks]
                value[shrinks[larger]], error[shrinks[larger]] = again[0][larger], again[1][larger]
    if np.isnan(value).any():
        raise DidNotConverge(f"the linearised path overflowed; lower step_size, the largest is {eta.max():.3g}")
    return Estimate(value, error) if np.ndim(step_size) else Estimate(float(value[0]), float(error[0]))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def _log_growth(
    F: Array,
    eta: Array,
    batch_size: int,
    sampling: Sampling,
    steps: int,
    seed: int,
    start: Array | None = None,
    momentum: float = 0.0,
    every: int = 64,
) -> Array:
    """Mean log-growth a step in each of the ``steps // every`` renormalisation intervals, ``(intervals, m)``.

    From a random direction, or from ``start``, ``(r, 1)``, at rest; on the same batches either way. With momentum what
    grows is the pair of a point and the one before it.
    """
    n, _, r = F.shape
    rng = random_generator(seed)
    anywhere = rng.normal(size=(r, 1))
    delta = (anywhere if start is None else start) * np.ones(len(eta))
    delta /= np.linalg.norm(delta, axis=0)
    before = delta.copy()
    if sampling == "reshuffled":  # whole epochs
        per_epoch = -(-n // batch_size)
        every = per_epoch * max(1, round(every / per_epoch))
    intervals = steps // every
    if intervals < 32:
        raise ValueError(f"steps must be at least {32 * every} for a standard error, got {steps}")
    growth, grown = np.empty((intervals, len(eta))), np.zeros(len(eta))
    most = np.log1p(
        2 * momentum + eta.max() * (F**2).sum(axis=(1, 2)).max()
    )  # no step multiplies by more than exp(most)
    often = max(1, int(min(every, 300 / most)))  # the squares in the norm must not overflow in between
    for t, batch in enumerate(batch_stream(n, batch_size, sampling, rng, intervals * every), start=1):
        rows = F[batch].reshape(-1, r)
        gradient = rows.T @ ((rows @ delta) * (eta / len(batch)))
        if momentum:
            delta, before = (1 + momentum) * delta - momentum * before - gradient, delta
        else:
            delta -= gradient
        if t % often == 0 or t % every == 0:
            norm = np.linalg.norm(delta, axis=0)
            if momentum:
                norm = np.hypot(norm, np.linalg.norm(before, axis=0))
            norm[np.isinf(norm)] = np.nan  # even one step overflows, and so will the value
            grown += np.log(norm)
            scale = np.where(norm == 0, 1.0, norm)
            delta /= scale
            before = before / scale
        if t % every == 0:
            growth[t // every - 1] = grown / every
            grown[:] = 0.0
    return growth


def _deterministic_exponent(h: Array, eta: Array, momentum: float) -> Array:
    """On full batches: the log of the largest modulus of a root of z² − (1+β−ηh)z + β, over the eigenvalues h."""
    m = 1 + momentum - np.outer(eta, h)
    root = np.sqrt(m.astype(complex) ** 2 - 4 * momentum)
    with np.errstate(divide="ignore"):
        return np.log(np.maximum(np.abs(m + root), np.abs(m - root)).max(axis=1) / 2)


def _batch_means(growth: Array, groups: int = 16) -> tuple[Array, Array]:
    """Mean and standard error of a correlated series, from the spread of ``groups`` long block means."""
    kept = growth[len(growth) // 10 :]
    kept = kept[len(kept) % groups :]
    annihilated = np.isneginf(growth).any(axis=0)  # the error hit exactly zero and stays there
    blocks = np.where(annihilated, 0.0, kept).reshape(groups, -1, growth.shape[1]).mean(axis=1)
    value = np.where(annihilated, -np.inf, blocks.mean(axis=0))
    return value, np.where(annihilated, 0.0, blocks.std(axis=0, ddof=1) / np.sqrt(groups))
