r"""SGD with momentum at a minimum: the exact mean-square threshold, single paths, and Batch Sharpness.

The heavy ball :math:`\theta_{t+1}=\theta_t-\eta\nabla L_{B_t}(\theta_t)+\beta(\theta_t-\theta_{t-1})` (torch's
``SGD(momentum=β)``) answers to white noise in the direction of an eigenvalue h of the Hessian with

.. math:: x_{t+1}=(1+\beta-\eta h)x_t-\beta x_{t-1}+\text{noise},

and the covariance that noise of covariance Q builds up is, in the eigenbasis, :math:`F_{ab}(\eta)Q_{ab}/\eta^2` with

.. math:: F_{ab}(\eta)=\frac{\eta}{(1-\beta)(h_a+h_b)-\eta q_{ab}},\qquad
          q_{ab}=\frac{(1+\beta^2)h_ah_b-\beta(h_a^2+h_b^2)}{1-\beta^2}.

At second moment A the noise of the batches has covariance :math:`\eta^2N(A)`,
:math:`N(A)=p\bigl(\tfrac1n\sum_iH_iAH_i-HAH\bigr)`. So the mean square contracts as long as the positive map
:math:`A\mapsto F(\eta)\circ N(A)` has a spectral radius below one, which grows with η. Book: chapter 9.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from ..batches import repeat_probability
from ..checks import Array, DidNotConverge
from .kernel import Span
from .paths import OVERFLOW, Estimate, sample_noise

NEWTON_STEPS = 50
ACCURACY = 1e-11  # relative, of the threshold
NO_NOISE = 1e-12  # a radius as small as this is rounding
NEAR_END = 1 - 1e-9  # of the step at which the mean itself is lost


def response(h: Array, eta: float, momentum: float) -> Array:
    r"""The matrix :math:`F(\eta)` of the module's first lines, ``(r, r)``; all its entries are positive."""
    rise, bend = _parts(h, momentum)
    return eta / (rise - eta * bend)


def _parts(h: Array, momentum: float) -> tuple[Array, Array]:
    """(1−β)(h_a+h_b), and q."""
    squares = np.add.outer(h**2, h**2)
    bend = ((1 + momentum**2) * np.outer(h, h) - momentum * squares) / (1 - momentum**2)
    return (1 - momentum) * np.add.outer(h, h), bend


def momentum_threshold(span: Span, outputs: int, batch_size: int, momentum: float, max_iterations: int) -> float:
    r"""The step at which the radius ρ(η) of :math:`F(\eta)\circ N` is 1, by Newton's method on η/ρ(η) = η.

    ρ is not decreasing (chapter 9 proves it), so a step that is too long is known as such and the search is safe.
    """
    n = len(span.vectors) // outputs
    h, p = span.gamma / n, repeat_probability(n, batch_size)
    end = 2 * (1 + momentum) / h[-1]
    rise, bend = _parts(h, momentum)
    low, high, eta = 0.0, end, 0.5 * (1 - momentum) * end / (1 + momentum)
    start = 1e-3 * np.eye(len(h))
    start[-1, -1] += 1.0
    for _ in range(NEWTON_STEPS):
        F = eta / (rise - eta * bend)
        radius, start = _radius(span.coordinates, h, p, outputs, F, start, max_iterations)
        if radius <= 1 and eta >= NEAR_END * end:
            return float(end)  # the noise never throws out what the mean keeps
        low, high = (eta, high) if radius < 1 else (low, eta)
        slope = radius * float(np.sum(rise / (eta * (rise - eta * bend)) * start**2))  # of ρ, by perturbation
        change = 1 / radius - eta * slope / radius**2 - 1 if radius > NO_NOISE else 0.0
        step = eta - (eta / radius - eta) / change if change < 0 else np.inf
        if abs(step - eta) <= ACCURACY * eta:
            return float(min(step, end))
        eta = step if low < step < high else (low + high) / 2 if high < end else (low + 3 * high) / 4
    raise DidNotConverge(f"the threshold with momentum {momentum:g} was not found within {NEWTON_STEPS} steps")


def _radius(
    F: Array, h: Array, p: float, outputs: int, weight: Array, start: Array, max_iterations: int
) -> tuple[float, Array]:
    """The spectral radius of A ↦ weight∘N(A) and the eigenmatrix of its symmetric form, of norm 1."""
    root, r = np.sqrt(weight), len(h)
    mean, samples = np.outer(h, h), len(F) // outputs

    def apply(flat: Array) -> Array:
        A = root * flat.reshape(r, r)
        return (root * (p * (sample_noise(F, A, outputs) / samples - mean * A))).ravel()

    if r == 1:
        return max(float(apply(np.ones(1))[0]), NO_NOISE), np.ones((1, 1))
    operator = LinearOperator((r * r, r * r), matvec=apply, dtype=np.float64)
    try:
        krylov = min(r * r, 12)
        values, vectors = eigsh(
            operator, 1, which="LA", v0=start.ravel(), tol=1e-13, ncv=krylov, maxiter=max_iterations
        )
    except ArpackError as error:
        raise DidNotConverge("the threshold with momentum did not converge; raise max_iterations") from error
    return max(float(values[0]), NO_NOISE), vectors[:, 0].reshape(r, r)


def momentum_moment_path(span: Span, outputs: int, eta: float, batch_size: int, momentum: float, steps: int) -> Array:
    r"""The exact mean square from a start at rest: moments of :math:`(x_t,x_{t-1})`, A, C and the last A."""
    n = len(span.vectors) // outputs
    h, p = span.gamma / n, repeat_probability(n, batch_size)
    M, mean = 1 + momentum - eta * h, np.outer(h, h)
    A = np.eye(len(h)) / len(h)
    C, last = A.copy(), A
    path = np.ones(steps + 1)
    for t in range(1, steps + 1):
        noise = p * (sample_noise(span.coordinates, A, outputs) / n - mean * A)
        cross = M[:, None] * C
        A, C, last = (
            np.outer(M, M) * A + eta**2 * noise - momentum * (cross + cross.T) + momentum**2 * last,
            M[:, None] * A - momentum * C.T,
            A,
        )
        path[t] = np.trace(A)
        if path[t] > OVERFLOW:
            path[t:] = np.inf
            break
    return path


def batch_sharpness(G: Array, residuals: Array, batches: Sequence[Array]) -> Estimate:
    r"""The mean over batches of :math:`\frac1B\|G_{bb}r_b\|^2/(r_b^{\mathsf T}G_{bb}r_b)`, with its standard error.

    That is the curvature of the batch's loss (its Gauss–Newton part) along its own gradient
    :math:`\frac1B\sum_{j\in b}r_j\nabla f(x_j)`; a batch whose gradient vanishes has none and is left out.
    """
    values = []
    for batch in batches:
        block, r = G[np.ix_(batch, batch)], residuals[batch]
        pull = block @ r
        if (power := r @ pull) > 0:
            values.append(pull @ pull / power / len(batch))
    if not values:
        raise DidNotConverge("no batch has a gradient: the residuals vanish, and Batch Sharpness with them")
    error = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return Estimate(float(np.mean(values)), float(error))
