"""The step sizes at which a minimum is lost: in mean square, and almost surely. Book: chapter 1, "Three thresholds"."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from ..batches import Sampling, check_batch_size, repeat_probability
from ..checks import Array, input_points
from ..networks import ShallowReLU
from .curvature import gd_threshold, top_eigenvalue
from .kernel import DidNotConverge, Network, spectral_factor, tangent_kernel
from .paths import lyapunov_exponent


@dataclass(frozen=True)
class Bracket:
    """``high``: first step size of a grid with a positive exponent; ``low``: the last below it with a negative one."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Geometric mean of the two ends."""
        return float(np.sqrt(self.low * self.high))


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
    p = repeat_probability(n, check_batch_size(batch_size, n))
    if p == 0:
        return 2.0 * n / top_eigenvalue(G)
    gamma, V, _ = spectral_factor(G)
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


def almost_sure_edge(
    net: ShallowReLU, X: Array, step_size: float, batch_size: int, sampling: Sampling, seed: int, points: int = 13
) -> dict[str, float]:
    """Where single runs linearised at the fixed network begin to leave it, in units of the step size η.

    A coarse scan (:func:`almost_sure_threshold`) says where to look; a fine one, of ``points`` step sizes, finds the
    first that, with its neighbour above, has a significantly positive exponent (two standard errors), ``as_high``; the
    last below it with a significantly negative one, ``as_low``; and between them the zero of the exponent by linear
    interpolation, ``as_edge``, with the standard error ``as_error`` that the exponent's has for it. ``exponent`` and
    ``exponent_error`` are those at η itself. On full batches all of this is exact: 2/(η λ_max).
    """
    mean = gd_threshold(net, X)
    if batch_size == len(X):
        edge = mean / step_size
        return _edge(lyapunov_exponent(net, X, step_size).value, 0.0, edge, edge, edge, 0.0)
    least = 32 * max(64, -(-len(X) // batch_size))  # steps, for a standard error of whole epochs
    low, high = _coarse(net, X, batch_size, sampling, 2 * least, seed)
    for attempt in range(8):
        grid = np.append(np.geomspace(low, high, points), step_size)
        scan = lyapunov_exponent(net, X, grid, batch_size, sampling, 4 * least, seed + 1 + attempt)
        *value, exponent = scan.value
        *error, exponent_error = scan.standard_error
        value, error, ratio = np.array(value), np.array(error), grid[:-1] / step_size
        grows = value > 2 * error
        both = grows[:-1] & grows[1:]
        if value[0] > 0:  # the coarse scan was misled by its short paths
            low, high = 0.8 * low, 1.05 * low
        elif not both.any() and high < 4 * mean:
            low, high = 0.95 * high, 1.25 * high
        else:
            break
    else:
        raise DidNotConverge(f"no edge of almost-sure stability was found near {low:.3g}; raise the steps")
    if not both.any():
        return _edge(exponent, exponent_error, ratio[-1], np.inf, np.inf, np.nan)
    first = int(np.argmax(both))
    negative = np.flatnonzero(value[:first] < -2 * error[:first])
    below = int(np.flatnonzero(value[:first] <= 0)[-1])
    rise = (ratio[below + 1] - ratio[below]) / (value[below + 1] - value[below])
    edge = ratio[below] - value[below] * rise
    low = ratio[negative[-1]] if len(negative) else ratio[0]
    return _edge(exponent, exponent_error, low, ratio[first], edge, error[below + 1] * rise)


def _coarse(net: ShallowReLU, X: Array, batch_size: int, sampling: Sampling, steps: int, seed: int) -> tuple:
    """A bracket of the almost-sure threshold, a little too wide."""
    bracket = almost_sure_threshold(net, X, batch_size, sampling, steps, seed, grid=16)
    high = bracket.high if np.isfinite(bracket.high) else 4 * gd_threshold(net, X)
    return bracket.low, 1.05 * high


def _edge(*values: float) -> dict[str, float]:
    names = ("exponent", "exponent_error", "as_low", "as_high", "as_edge", "as_error")
    return dict(zip(names, values, strict=True))
