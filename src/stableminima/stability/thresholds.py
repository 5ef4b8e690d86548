"""The step sizes at which a minimum is lost, in mean square and almost surely, from the kernel's spectrum.

Book: chapter 1, "Three thresholds".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from ..batches import repeat_probability
from ..checks import Array, DidNotConverge
from .kernel import Span
from .paths import Estimate

ATTEMPTS = 8  # windows of the fine scan; each moves by a quarter or less, so that the edge cannot be jumped over


@dataclass(frozen=True)
class Bracket:
    """Two step sizes with a threshold between them.

    Of the almost-sure threshold ``high`` is the first step size of a grid with a positive exponent, ``low`` the last
    below it with a negative one; of the mean-square threshold they are explicit bounds.
    """

    low: float
    high: float

    @property
    def middle(self) -> float:
        """Geometric mean of the two ends."""
        return float(np.sqrt(self.low * self.high))


@dataclass(frozen=True)
class AlmostSureEdge:
    """Where single runs begin to leave, in units of the step size η at which ``exponent`` was estimated.

    ``high``: the first step that, with its neighbour above, has an exponent two standard errors above zero; ``low``:
    the last below it two standard errors below zero; ``edge``: the zero between them, by linear interpolation, with
    standard error ``error``. ``high`` and ``edge`` are infinite, ``error`` NaN, if no step up to four times the mean
    threshold has a positive exponent.
    """

    exponent: float
    exponent_error: float
    low: float
    high: float
    edge: float
    error: float


def mean_square_threshold(span: Span, outputs: int, batch_size: int, max_iterations: int) -> float:
    r"""The mean-square threshold :math:`2/\lambda_{\max}(C^\dagger D)` as the top of an operator on r×r matrices.

    In the eigenbasis of :math:`G=V\Gamma V^{\mathsf T}`, with :math:`L_{ab}=2\gamma_a\gamma_b/(\gamma_a+\gamma_b)`,

    .. math:: T\mapsto\tfrac1n\,L^{1/2}\circ
              \bigl[(1-p)M+p\,n\,V^{\mathsf T}\operatorname{blocks}(VMV^{\mathsf T})V\bigr],\quad M=L^{1/2}\circ T,

    where "blocks" keeps the c×c blocks on the diagonal, one a sample: two matrix products an application.
    """
    gamma, V = span.gamma, span.vectors
    n, r = len(V) // outputs, len(gamma)
    p = repeat_probability(n, batch_size)
    root = np.sqrt(2.0 * np.outer(gamma, gamma) / np.add.outer(gamma, gamma))

    def noise(M: Array) -> Array:
        if outputs == 1:
            return (V.T * ((V @ M) * V).sum(axis=1)) @ V
        blocks = V.reshape(n, outputs, r)
        inner = (V @ M).reshape(n, outputs, r) @ blocks.transpose(0, 2, 1)
        return V.T @ (inner @ blocks).reshape(V.shape)

    def apply(flat: Array) -> Array:
        M = root * flat.reshape(r, r)
        return (root * ((1 - p) * M + p * n * noise(M))).ravel() / n

    if r == 1:
        return float(2.0 / apply(np.ones(1))[0])
    start = 1e-3 * np.eye(r)
    start[-1, -1] += 1.0
    operator = LinearOperator((r * r, r * r), matvec=apply, dtype=np.float64)
    try:
        krylov = min(r * r, 12)
        value = eigsh(operator, 1, which="LA", v0=start.ravel(), tol=1e-11, ncv=krylov, maxiter=max_iterations)[0]
    except ArpackError as error:
        raise DidNotConverge(f"the mean-square threshold at n = {n} did not converge; raise max_iterations") from error
    return float(2.0 / value[0])


def first_growing_step(eta: Array, exponent: Estimate) -> Bracket:
    """The bracket of :meth:`~stableminima.stability.linearization.Linearization.almost_sure_threshold` on a grid whose
    first step is known to be stable."""
    value, error = np.asarray(exponent.value), np.asarray(exponent.standard_error)
    grows = value > 2 * error
    if grows[0]:
        raise DidNotConverge(
            f"the exponent is positive already at {eta[0]:.3g}, where the mean square contracts; raise steps"
        )
    first = int(np.argmax(grows)) if grows.any() else len(eta)
    shrinks = value < -2 * error
    shrinks[0] = True
    last = int(np.flatnonzero(shrinks[:first])[-1])
    return Bracket(float(eta[last]), float(eta[first]) if first < len(eta) else np.inf)


def interpolated_edge(
    scan: Callable[[Array, int], Estimate], step_size: float, low: float, high: float, highest: float, points: int
) -> AlmostSureEdge:
    """The edge within ``[low, high]``, a window that a short scan has found and that is moved where it was misled."""
    for attempt in range(ATTEMPTS):
        grid = np.append(np.geomspace(low, high, points), step_size)
        found = scan(grid, attempt)
        values, errors = np.asarray(found.value), np.asarray(found.standard_error)
        (value, exponent), (error, exponent_error) = (values[:-1], values[-1]), (errors[:-1], errors[-1])
        ratio = grid[:-1] / step_size
        grows = value > 2 * error
        both = grows[:-1] & grows[1:]
        if value[0] > 0:  # the coarse scan was misled by its short paths
            low, high = 0.8 * low, 1.05 * low
        elif not both.any() and high < highest:
            low, high = 0.95 * high, 1.25 * high
        else:
            break
    else:
        raise DidNotConverge(f"no edge of almost-sure stability was found near {low:.3g}; raise the steps")
    if not both.any():
        return AlmostSureEdge(*map(float, (exponent, exponent_error, ratio[-1], np.inf, np.inf, np.nan)))
    first = int(np.argmax(both))
    negative = np.flatnonzero(value[:first] < -2 * error[:first])
    below = int(np.flatnonzero(value[:first] <= 0)[-1])
    rise = (ratio[below + 1] - ratio[below]) / (value[below + 1] - value[below])
    edge = ratio[below] - value[below] * rise
    low = ratio[negative[-1]] if len(negative) else ratio[0]
    return AlmostSureEdge(*map(float, (exponent, exponent_error, low, ratio[first], edge, error[below + 1] * rise)))
