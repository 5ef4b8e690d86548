"""The dynamics linearised at a minimum: single paths, their mean square, their Lyapunov exponent. Book: chapter 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from ..batches import Sampling, batch_stream, check_batch_size, check_sampling, repeat_probability
from ..checks import Array, positive_number, step_sizes, whole_number
from .kernel import DidNotConverge, Network, spectral_factor, tangent_kernel


@dataclass(frozen=True, eq=False)
class Estimate:
    """A Monte-Carlo value with its standard error (both ``(m,)`` arrays if ``m`` step sizes were given)."""

    value: float | Array
    standard_error: float | Array


def linearized_sgd(
    net: Network,
    X: ArrayLike,
    step_size: float,
    batch_size: int | None = None,
    steps: int = 1000,
    seed: int = 0,
    sampling: Sampling = "iid",
) -> Array:
    r"""One path of :math:`\|\theta_t-\theta^*\|^2`, ``(steps+1,)``, along SGD linearised at an interpolating minimum.

    .. math:: \theta_{t+1}-\theta^*=(I-\eta H_{B_t})(\theta_t-\theta^*),\qquad
              H_B=\tfrac1{|B|}\sum_{j\in B}\nabla f(x_j)\nabla f(x_j)^{\mathsf T}.

    The start is a uniformly random unit vector in the span of the n gradients (the orthogonal complement never
    moves), so the path begins at 1. Coordinates in that span make each step :math:`O(n|B|)`. A path that passes
    1e300 goes on as infinity. Book: chapter 1, "The dynamics near a minimum".
    """
    G = tangent_kernel(net, X)
    n = len(G)
    batch_size = check_batch_size(batch_size, n)
    eta, steps = positive_number(step_size, "step_size"), whole_number(steps, "steps", 0)
    F = spectral_factor(G)[2]
    rng = np.random.default_rng(seed)
    delta = rng.normal(size=F.shape[1])
    delta /= np.linalg.norm(delta)
    path = np.empty(steps + 1)
    path[0] = delta @ delta
    for t, batch in enumerate(batch_stream(n, batch_size, sampling, rng, steps), start=1):
        rows = F[batch]
        delta = delta - eta / len(batch) * (rows @ delta) @ rows
        path[t] = delta @ delta
        if path[t] > 1e300:  # the rest would overflow
            path[t:] = np.inf
            break
    return path


def mean_square_path(
    net: Network, X: ArrayLike, step_size: float, batch_size: int | None = None, steps: int = 1000
) -> Array:
    r"""The exact :math:`\mathbb E\|\theta_t-\theta^*\|^2`, ``(steps+1,)``; :func:`linearized_sgd` draws single paths.

    The second moment :math:`M=\mathbb E[(\theta-\theta^*)(\theta-\theta^*)^{\mathsf T}]` obeys, for independent
    batches,

    .. math:: M\leftarrow M-\eta(HM+MH)+\eta^2\bigl[(1-p)HMH+\tfrac pn\textstyle\sum_iH_iMH_i\bigr].

    It contracts below :func:`sgd_threshold` and grows above it, whatever single paths do. Past 1e300 it
    goes on as infinity.

    Source: the recursion of Mulayoff & Michaeli 2024. Book: chapter 1, "Three thresholds".
    """
    G = tangent_kernel(net, X)
    n = len(G)
    p = repeat_probability(n, check_batch_size(batch_size, n))
    eta, steps = positive_number(step_size, "step_size"), whole_number(steps, "steps", 0)
    gamma, _, F = spectral_factor(G)
    h = gamma / n
    M = np.eye(len(gamma)) / len(gamma)
    path = np.ones(steps + 1)
    for t in range(1, steps + 1):
        noise = (F.T * np.einsum("ja,ab,jb->j", F, M, F, optimize=True)) @ F
        M = M - eta * np.add.outer(h, h) * M + eta**2 * ((1 - p) * np.outer(h, h) * M + p / n * noise)
        path[t] = np.trace(M)
        if path[t] > 1e300:  # the rest would overflow
            path[t:] = np.inf
            break
    return path


def lyapunov_exponent(
    net: Network,
    X: ArrayLike,
    step_size: float | ArrayLike,
    batch_size: int | None = None,
    sampling: Sampling = "iid",
    steps: int = 20_000,
    seed: int = 0,
) -> Estimate:
    r"""Top Lyapunov exponent :math:`\lim_t\frac1t\log\|\theta_t-\theta^*\|` of the linearised dynamics, per step.

    Negative: almost every run converges to the minimum, even where the mean square grows. Positive: almost every run
    leaves. Only the sign has a meaning for stability: while negative, the value is the rate of the slowest direction,
    about :math:`-\eta\lambda_{\min}`. Estimated from one long path, renormalised every 64 steps, the first tenth
    dropped, with its standard error by the method of batch means; exact, with standard error 0, on full batches,
    where it is :math:`\max_i\log|1-\eta\lambda_i|` over the non-zero eigenvalues of H.

    Args:
        net: the network at the minimum.
        X: inputs ``(n, d)``.
        step_size: one step size, or ``(m,)`` of them run on the same batches.
        batch_size: B; ``None`` is the full batch.
        sampling: ``"iid"`` batches or ``"reshuffled"`` epochs (:func:`stableminima.batches.epoch_batches`).
        steps: length of the path.
        seed: of the start and of the batches.

    Raises:
        ValueError: an argument out of range, fewer steps than a standard error needs.
        DidNotConverge: a step so large that a single one overflows.

    Source: the notion is Chemnitz & Engel's; computation ours. Book: chapter 1, "Three thresholds".
    """
    G = tangent_kernel(net, X)
    n = len(G)
    batch_size = check_batch_size(batch_size, n)
    check_sampling(sampling)
    eta, steps = np.atleast_1d(step_sizes(step_size)), whole_number(steps, "steps", 1)
    gamma, _, F = spectral_factor(G)
    if batch_size == n:
        with np.errstate(divide="ignore"):
            value, error = np.log(np.abs(1 - np.outer(eta, gamma / n))).max(axis=1), np.zeros(len(eta))
    else:
        with threadpool_limits(1, user_api="blas"):  # the products are small: threads would wait for each other
            growth = _log_growth(F, eta, batch_size, sampling, steps, np.random.default_rng(seed))
        value, error = _batch_means(growth)
    if np.isnan(value).any():
        raise DidNotConverge(f"the linearised path overflowed; lower step_size, the largest is {eta.max():.3g}")
    return Estimate(value, error) if np.ndim(step_size) else Estimate(float(value[0]), float(error[0]))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def _log_growth(
    F: Array, eta: Array, batch_size: int, sampling: Sampling, steps: int, rng: np.random.Generator, every: int = 64
) -> Array:
    """Mean log-growth a step in each of the ``steps // every`` renormalisation intervals, ``(intervals, m)``."""
    n, r = F.shape
    delta = rng.normal(size=(r, 1)) * np.ones(len(eta))
    delta /= np.linalg.norm(delta, axis=0)
    if sampling == "reshuffled":  # whole epochs
        per_epoch = -(-n // batch_size)
        every = per_epoch * max(1, round(every / per_epoch))
    intervals = steps // every
    if intervals < 32:
        raise ValueError(f"steps must be at least {32 * every} for a standard error, got {steps}")
    growth, grown = np.empty((intervals, len(eta))), np.zeros(len(eta))
    most = np.log1p(eta.max() * (F**2).sum(axis=1).max())  # no step multiplies by more than its exponential
    often = max(1, int(min(every, 300 / most)))  # the squares in the norm must not overflow in between
    for t, batch in enumerate(batch_stream(n, batch_size, sampling, rng, intervals * every), start=1):
        rows = F[batch]
        delta -= rows.T @ ((rows @ delta) * (eta / len(batch)))
        if t % often == 0 or t % every == 0:
            norm = np.linalg.norm(delta, axis=0)
            norm[np.isinf(norm)] = np.nan  # even one step overflows, and so will the value
            grown += np.log(norm)
            delta /= np.where(norm == 0, 1.0, norm)
        if t % every == 0:
            growth[t // every - 1] = grown / every
            grown[:] = 0.0
    return growth


def _batch_means(growth: Array, groups: int = 16) -> tuple[Array, Array]:
    """Mean and standard error of a correlated series, from the spread of ``groups`` long block means."""
    kept = growth[len(growth) // 10 :]
    kept = kept[len(kept) % groups :]
    annihilated = np.isneginf(growth).any(axis=0)  # the error hit exactly zero and stays there
    blocks = np.where(annihilated, 0.0, kept).reshape(groups, -1, growth.shape[1]).mean(axis=1)
    value = np.where(annihilated, -np.inf, blocks.mean(axis=0))
    return value, np.where(annihilated, 0.0, blocks.std(axis=0, ddof=1) / np.sqrt(groups))
