r"""Linear stability of gradient descent and of SGD at a minimum, computed from the n×n tangent kernel.

At an interpolating minimum the loss :math:`L=\frac1{2n}\sum_j(f(x_j)-y_j)^2` has the Hessian
:math:`H=\Phi\Phi^{\mathsf T}/n`, :math:`\Phi=[\nabla_\theta f(x_1)\,\dots\,\nabla_\theta f(x_n)]`. Its non-zero
eigenvalues are those of :math:`G/n`, :math:`G=\Phi^{\mathsf T}\Phi`, so nothing here is ever of the size of the
parameter vector. Book: chapter 1.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from .batches import Sampling, batch_stream, check_batch_size, check_sampling
from .networks import (
    Array,
    DeepReLU,
    ShallowReLU,
    finite_array,
    input_points,
    positive_number,
    real_array,
    shallow,
    whole_number,
)

Network = ShallowReLU | DeepReLU
RANK_TOLERANCE = 1e-12  # directions of G below this fraction of its largest eigenvalue count as its null space
SCRATCH_LIMIT = 2**22  # entries of the largest array that a thread keeps for its next call (32 MiB)
DENSE_BELOW = 48  # order of a matrix from which an iterative eigenvalue is cheaper than all of them


class DidNotConverge(ValueError):
    """An iteration stopped before its result could be trusted; no number is returned."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """A Monte-Carlo value with its standard error (both ``(m,)`` arrays if ``m`` step sizes were given)."""

    value: float | Array
    standard_error: float | Array


@dataclass(frozen=True)
class Bracket:
    """``high``: first step size of a grid with a positive exponent; ``low``: the last below it with a negative one."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Geometric mean of the two ends."""
        return float(np.sqrt(self.low * self.high))


# ---------------------------------------------------------------------------------------------- the tangent kernel


def _backpropagate(net: Network, X: Array) -> list[tuple[Array, Array]]:
    """Per layer ``(h, delta)``: its input ``(n, width_in)`` and ∂f/∂(its output), ``(n, width_out)``."""
    inputs, masks = [X], []
    for weight, bias in net.layers[:-1]:
        z = inputs[-1] @ weight.T + bias
        masks.append(z > 0)
        inputs.append(np.maximum(z, 0.0))
    deltas = [np.ones((len(X), 1))]
    for (weight, _), mask in zip(net.layers[:0:-1], reversed(masks), strict=True):
        deltas.insert(0, (deltas[0] @ weight) * mask)
    return list(zip(inputs, deltas, strict=True))


def tangent_features(net: Network, X: ArrayLike) -> Array:
    r"""Parameter gradients of the network output, ``(n, p)``: row j is :math:`\nabla_\theta f(x_j)`.

    Parameters are ordered layer by layer, weights (row by row) before biases: for :class:`ShallowReLU` that is
    ``W, b, v, c``. A neuron exactly at its kink counts as off, as in PyTorch. This is the readable definition, meant
    for small networks and tests; everything else uses :func:`tangent_kernel`. Book: chapter 1, "The n×n kernel".
    """
    X = input_points(X, net.dim)
    blocks = []
    for h, delta in _backpropagate(net, X):
        blocks += [(delta[:, :, None] * h[:, None, :]).reshape(len(X), -1), delta]
    return np.concatenate(blocks, axis=1)


def tangent_kernel(net: Network, X: ArrayLike) -> Array:
    r"""The tangent kernel :math:`G_{jl}=\nabla_\theta f(x_j)\cdot\nabla_\theta f(x_l)`, ``(n, n)``.

    For a shallow network, with :math:`z^+_{ij}=\sigma(w_i\cdot x_j+b_i)` and :math:`1_{ij}` its derivative,

    .. math:: G_{jl}=1+\sum_i z^+_{ij}z^+_{il}+(x_j\cdot x_l+1)\sum_i v_i^2\,1_{ij}1_{il};

    in general the sum over layers of :math:`(\delta_j\cdot\delta_l)(h_j\cdot h_l+1)`. Costs :math:`O(n^2(d+k))` and
    never builds the ``(n, p)`` feature matrix. Book: chapter 1, "The n×n kernel".

    Raises:
        ValueError: ``X`` does not fit the network, or holds NaN or infinity.
    """
    X = input_points(X, net.dim)
    with np.errstate(over="ignore", invalid="ignore"):
        return _kernel(_backpropagate(net, X))


class _Scratch(threading.local):
    """Arrays that a thread uses again: fresh memory of this size costs as much as the arithmetic that fills it."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def __call__(self, name: str, shape: tuple[int, ...]) -> Array:
        if self.arrays.get(name, np.empty(0)).shape != shape:
            self.arrays.pop(name, None)
            array = np.empty(shape)
            if array.size > SCRATCH_LIMIT:
                return array
            self.arrays[name] = array
        return self.arrays[name]


scratch = _Scratch()


def _gram(A: Array, out: Array) -> Array:
    """A Aᵀ by blocks, half of the off-diagonal work saved; BLAS's own symmetric product does not use a second core."""
    half = len(A) // 2
    a, b = A[:half], A[half:]
    np.matmul(a, a.T, out=out[:half, :half])
    np.matmul(b, b.T, out=out[half:, half:])
    out[half:, :half] = np.matmul(a, b.T, out=out[:half, half:]).T
    return out


def _kernel(layers: list[tuple[Array, Array]], G: Array | None = None) -> Array:
    """The tangent kernel, into ``G`` if given, from what :func:`_backpropagate` returns."""
    *hidden, (h, _) = layers
    G = _gram(h, np.empty((len(h), len(h))) if G is None else G)
    G += 1.0  # the last layer is linear: its delta is 1
    layer, product = scratch("layer", G.shape), scratch("product", G.shape)
    for h, delta in hidden:
        _gram(h, layer)
        layer += 1.0
        layer *= _gram(delta, product)
        G += layer
    return G


def shallow_sharpness(X: Array, hidden: Array, delta: Array) -> float:
    """:func:`sharpness` of a shallow network whose hidden layer on ``X``, and v times its mask, are known already."""
    with np.errstate(over="ignore", invalid="ignore"):
        G = _kernel([(X, delta), (hidden, delta)], scratch("kernel", (len(X), len(X))))
        G /= len(X)
    return _top_eigenvalue(G)


def _finite(A: Array) -> Array:
    if not np.isfinite(A).all():
        raise DidNotConverge("the tangent kernel overflowed: the weights are too large; rescale or balance the network")
    return A


def _top_eigenvalue(A: Array) -> float:
    """Largest eigenvalue of a symmetric positive semi-definite matrix, certified to 1e-10 relative.

    A Rayleigh quotient λ never exceeds it. If λ² is more than half of ‖A‖²_F, no second eigenvalue can be as large;
    otherwise a Cholesky factorisation of λ(1+1e-10)I − A proves that none is larger. Where Lanczos misses it the full
    spectrum decides.
    """
    _finite(A)
    try:
        if len(A) >= DENSE_BELOW:
            start = np.random.default_rng(0).normal(size=len(A))
            value, vector = eigsh(A, k=1, which="LA", v0=A @ start, ncv=8)  # one eigenvalue mostly dominates
            vector = vector[:, 0] / np.linalg.norm(vector)
            image = A @ vector
            value = vector @ image
            found = np.linalg.norm(image - value * vector) <= 1e-10 * value  # then λ is close to *an* eigenvalue
            if found and value**2 > 0.5001 * np.vdot(A, A):
                return float(value)
            scipy.linalg.cholesky(value * (1 + 1e-10) * np.eye(len(A)) - A, check_finite=False, overwrite_a=True)
            return float(value)
    except (ArpackError, np.linalg.LinAlgError):
        pass
    try:
        return float(scipy.linalg.eigvalsh(A)[-1])
    except np.linalg.LinAlgError as error:
        raise DidNotConverge(f"no eigenvalue of the {A.shape} tangent kernel could be computed: {error}") from error


def sharpness(net: Network, X: ArrayLike) -> float:
    r"""Sharpness :math:`\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)=\lambda_{\max}(G)/n`, correct to 1e-10 relative.

    At an interpolating minimum it is the largest eigenvalue of the loss Hessian; elsewhere it is its Gauss–Newton part
    (see :func:`hessian_sharpness` for the whole). It is at least 1, because the output bias is a parameter.

    Raises:
        DidNotConverge: the kernel is not finite or no eigenvalue solver converges; never a wrong number.

    >>> sharpness(ShallowReLU(W=[[1.0]], b=[0.0], v=[1.0], c=0.0), [[1.0]])  # 1 + z² + v²(x² + 1)
    4.0
    """
    X = input_points(X, net.dim)
    with np.errstate(over="ignore", invalid="ignore"):
        G = _kernel(_backpropagate(net, X), scratch("kernel", (len(X), len(X))))
        G /= len(X)
    return _top_eigenvalue(G)


@np.errstate(over="ignore", invalid="ignore")
def hessian_sharpness(net: ShallowReLU, X: ArrayLike, y: ArrayLike, max_iterations: int = 2000) -> float:
    r"""Largest eigenvalue of the full loss Hessian :math:`\Phi\Phi^{\mathsf T}/n+\frac1n\sum_j r_j\nabla^2f(x_j)`.

    The residual term, :math:`r_j=f(x_j)-y_j`, couples only :math:`v_i` with :math:`(w_i,b_i)`, through
    :math:`\frac1n\sum_jr_j1_{ij}(x_j,1)`; the Hessian is applied, never formed, and Lanczos finds its top.

    Args:
        net: a shallow network.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.
        max_iterations: Lanczos restarts allowed.

    Book: chapter 1, "The dynamics near a minimum", and chapter 3, "Away from zero loss".

    Raises:
        DidNotConverge: the Hessian overflows, or the eigenvalue could not be found to 1e-10 relative.
    """
    X = input_points(X, shallow(net).dim)
    n, (k, d) = len(X), net.W.shape
    y = finite_array(y, "y", (n,))
    X1 = np.column_stack([X, np.ones(n)])
    Z = X1 @ np.column_stack([net.W, net.b]).T
    active, output = (Z > 0).astype(np.float64), np.maximum(Z, 0.0)
    residual = output @ net.v + net.c - y
    coupling = (active * residual[:, None]).T @ X1 / n

    def apply(flat: Array) -> Array:
        flat = flat.ravel()
        dW, dv, dc = flat[: k * (d + 1)].reshape(k, d + 1), flat[k * (d + 1) : -1], flat[-1]
        change = ((active * (X1 @ dW.T)) @ net.v + output @ dv + dc) / n
        hW = net.v[:, None] * ((active * change[:, None]).T @ X1) + coupling * dv[:, None]
        hv = output.T @ change + (coupling * dW).sum(axis=1)
        return np.concatenate([hW.ravel(), hv, [change.sum()]])

    p = k * (d + 2) + 1
    start = _finite(apply(np.random.default_rng(0).normal(size=p)))
    if p < DENSE_BELOW:
        return float(scipy.linalg.eigvalsh(_finite(np.column_stack([apply(e) for e in np.eye(p)])))[-1])
    operator = LinearOperator((p, p), matvec=apply, dtype=np.float64)
    try:
        value, _vector = eigsh(operator, k=1, which="LA", v0=start, maxiter=max_iterations, tol=1e-13)
    except ArpackError as error:
        raise DidNotConverge(
            f"Lanczos did not find the top of the {p}×{p} Hessian in {max_iterations} restarts; raise max_iterations"
        ) from error
    return float(value[0])


# ---------------------------------------------------------------------------------------------- stability thresholds


def gd_threshold(net: Network, X: ArrayLike) -> float:
    r"""The largest linearly stable step of gradient descent, :math:`2/\lambda_{\max}` (:func:`sharpness`).

    Source: Mulayoff et al. 2021. Book: chapter 1, "The lemma".
    """
    return 2.0 / sharpness(net, X)


def _spectral_factor(G: Array) -> tuple[Array, Array, Array]:
    """``(gamma, V, F)``: G = V diag(gamma) Vᵀ = F Fᵀ on its range; isometrically, the rows of F are the gradients."""
    gamma, V = scipy.linalg.eigh(_finite(G))
    keep = gamma > RANK_TOLERANCE * gamma[-1]
    gamma, V = gamma[keep], V[:, keep]
    return gamma, V, V * np.sqrt(gamma)


def _repeat_probability(n: int, batch_size: int) -> float:
    """p = (n−B)/(B(n−1)): the weight of the noise in E[H_B ⊗ H_B] = (1−p) H⊗H + (p/n) Σ H_i⊗H_i."""
    return 0.0 if batch_size == n else (n - batch_size) / (batch_size * (n - 1))


def sgd_threshold(net: Network, X: ArrayLike, batch_size: int, max_iterations: int = 300) -> float:
    r"""The exact mean-square stability threshold of SGD, :math:`\eta^*_{\mathrm{var}}=2/\lambda_{\max}(C^\dagger D)`.

    :math:`C=\frac12(H\oplus H)`, :math:`D=(1-p)H\otimes H+\frac pn\sum_iH_i\otimes H_i`,
    :math:`p=\frac{n-B}{B(n-1)}`, for batches drawn without replacement and independently across steps. In the
    eigenbasis of :math:`G=V\Gamma V^{\mathsf T}` this problem on P×P matrices (P parameters) is the largest eigenvalue
    of

    .. math:: T\mapsto\tfrac1n\,L^{1/2}\circ\bigl[(1-p)M+p\,n\,V^{\mathsf T}\operatorname{diag}(VMV^{\mathsf T})V\bigr],
              \quad M=L^{1/2}\circ T,\quad L_{ab}=\tfrac{2\gamma_a\gamma_b}{\gamma_a+\gamma_b},

    a symmetric operator on n×n matrices: two matrix products an application. Not decreasing in ``batch_size``; equal to
    :func:`gd_threshold` at ``batch_size = n``.

    Source: Mulayoff & Michaeli 2024 (threshold); the n×n form is ours. Book: chapter 1, "Three thresholds".

    Raises:
        DidNotConverge: the eigenvalue could not be found to 1e-10 relative within ``max_iterations`` restarts.
    """
    G = tangent_kernel(net, X)
    n = len(G)
    p = _repeat_probability(n, check_batch_size(batch_size, n))
    if p == 0:
        return 2.0 * n / _top_eigenvalue(G)
    gamma, V, _ = _spectral_factor(G)
    r = len(gamma)
    root = np.sqrt(2.0 * np.outer(gamma, gamma) / np.add.outer(gamma, gamma))

    def apply(flat: Array) -> Array:
        M = root * flat.reshape(r, r)
        diagonal = ((V @ M) * V).sum(axis=1)
        return (root * ((1 - p) * M + p * n * (V.T * diagonal) @ V)).ravel() / n

    start = 1e-3 * np.eye(r)
    start[-1, -1] += 1.0
    if r == 1:
        return float(2.0 / apply(np.ones(1))[0])
    operator = LinearOperator((r * r, r * r), matvec=apply, dtype=np.float64)
    try:
        krylov = min(r * r, 12)
        value = eigsh(operator, 1, which="LA", v0=start.ravel(), tol=1e-11, ncv=krylov, maxiter=max_iterations)[0]
    except ArpackError as error:
        raise DidNotConverge(f"the mean-square threshold at n = {n} did not converge; raise max_iterations") from error
    return float(2.0 / value[0])


# ---------------------------------------------------------------------------------------------- linearised dynamics


def _check_step_size(step_size: ArrayLike) -> Array:
    steps = real_array(step_size, "step_size")
    if not (np.isfinite(steps).all() and (steps > 0).all()):
        raise ValueError(
            f"step_size must be positive and finite, got {step_size}; pass one number such as 0.1, or an array of them"
        )
    return steps


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
    F = _spectral_factor(G)[2]
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
    p = _repeat_probability(n, check_batch_size(batch_size, n))
    eta, steps = positive_number(step_size, "step_size"), whole_number(steps, "steps", 0)
    gamma, _, F = _spectral_factor(G)
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
    eta, steps = np.atleast_1d(_check_step_size(step_size)), whole_number(steps, "steps", 1)
    gamma, _, F = _spectral_factor(G)
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


def almost_sure_threshold(
    net: Network,
    X: ArrayLike,
    batch_size: int | None = None,
    sampling: Sampling = "iid",
    steps: int = 20_000,
    seed: int = 0,
    grid: int = 25,
) -> Bracket:
    r"""The first step size at which single runs leave the minimum: where :func:`lyapunov_exponent` turns positive.

    Scans ``grid`` step sizes, geometrically from half the mean-square threshold to four times the mean one, all on
    the same batches. ``high`` is the first with an exponent that is significantly (two standard errors) positive,
    infinite if there is none; ``low`` the last below it that is significantly negative. The first step of the grid
    needs no estimate: the mean square contracts there. On full batches the bracket closes on
    :math:`2/\lambda_{\max}`.

    The set of almost surely stable steps need not be an interval (chapter 1 has an example): this is its first edge.

    Source: the notion is Chemnitz & Engel's; computation ours. Book: chapter 1, "Three thresholds".
    """
    n = len(input_points(X, net.dim))
    batch_size = check_batch_size(batch_size, n)
    mean = gd_threshold(net, X)
    if batch_size == n:
        return Bracket(mean, mean)
    eta = np.geomspace(0.5 * sgd_threshold(net, X, batch_size), 4.0 * mean, grid)
    exponent = lyapunov_exponent(net, X, eta, batch_size, sampling, steps, seed)
    grows = exponent.value > 2 * exponent.standard_error
    if grows[0]:
        raise DidNotConverge(
            f"the exponent is positive already at {eta[0]:.3g}, where the mean square contracts; raise steps"
        )
    first = int(np.argmax(grows)) if grows.any() else len(eta)
    shrinks = exponent.value < -2 * exponent.standard_error
    shrinks[0] = True
    last = int(np.flatnonzero(shrinks[:first])[-1])
    return Bracket(float(eta[last]), float(eta[first]) if first < len(eta) else np.inf)
