r"""Single batches beyond their own edge: :math:`\eta\lambda_{\max}(H_b)>2`. Book: chapter 9, "A single batch".

The loss of a batch b of B samples has the Hessian :math:`H_b=\frac1B\sum_{j\in b}\nabla f_j\nabla f_j^{\mathsf T}` at
an interpolating minimum, whose top eigenvalue is that of the block :math:`G_{bb}/B` of the tangent kernel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..batches import batch_stream, check_batch_size
from ..checks import Array, positive_number, whole_number
from .linearization import Linearization

ROUNDS = 100  # of the search; each raises the eigenvalue or ends it


@dataclass(frozen=True)
class SingleBatches:
    r"""What single batches of a minimum see of a step size, in units of their edge 2.

    Args:
        share: part of the batches, of those drawn, with :math:`\eta\lambda_{\max}(H_b)>2`.
        median: the median of :math:`\eta\lambda_{\max}(H_b)/2` over the batches drawn.
        worst: the largest :math:`\eta\lambda_{\max}(H_b)/2` found by the search: a lower bound of the largest there
            is, and equal to it for B = 1 and B = n.
    """

    share: float
    median: float
    worst: float


def batch_tops(kernel: Array, batches: Array) -> Array:
    """The top eigenvalues of the Hessians of batches, ``(m,)``.

    Args:
        kernel: G of one output, ``(n, n)``.
        batches: indices, ``(m, B)``.

    Returns:
        The eigenvalues.
    """
    blocks = kernel[batches[:, :, None], batches[:, None, :]] / batches.shape[1]
    return np.linalg.eigvalsh(blocks)[:, -1]


def worst_batch(kernel: Array, batch_size: int) -> float:
    r"""The largest top eigenvalue of a batch that a search finds.

    :math:`\max_b\lambda_{\max}(H_b)=\max_{\|v\|=1}\frac1B\sum_{j\in b(v)}\langle v,\nabla f_j\rangle^2`, b(v) the B
    samples that pull v the most. From the gradient of every sample in turn: the best batch of a direction, the top
    direction of the batch, and so on; the value rises until it stays.

    Args:
        kernel: G of one output, ``(n, n)``.
        batch_size: B.

    Returns:
        The eigenvalue: a lower bound of the maximum over all batches, exact for B = 1 and B = n.

    Source: the book's own. Book: chapter 9, "A single batch".

    >>> float(worst_batch(np.diag([1.0, 4.0, 9.0]), 2))
    4.5
    """
    n, largest, seen = len(kernel), 0.0, set()
    for start in range(n):
        pull, value = kernel[start], -1.0
        for _ in range(ROUNDS):
            batch = np.sort(np.argpartition(-np.abs(pull), batch_size - 1)[:batch_size])
            values, vectors = np.linalg.eigh(kernel[np.ix_(batch, batch)])
            if values[-1] <= value * (1 + 1e-12):
                break
            value, key = values[-1], batch.tobytes()
            if key in seen:
                break  # from here on it goes as it went before
            seen.add(key)
            pull = kernel[:, batch] @ vectors[:, -1]
        largest = max(largest, value)
    return float(largest / batch_size)


def single_batches(
    minimum: Linearization, step_size: float, batch_size: int | None, draws: int = 1024, seed: int = 0
) -> SingleBatches:
    r"""Look for batches whose own step is beyond their own edge.

    If no batch is, :math:`I-\eta H_b` never lengthens a vector, and the mean square does not grow; one that is need
    not spoil the mean square of the linearised dynamics.

    Args:
        minimum: of a model with one output.
        step_size: η.
        batch_size: B; ``None`` is the full batch.
        draws: independent batches that are looked at besides the search for the worst.
        seed: of these.

    Returns:
        Share, median and worst.

    Raises:
        ValueError: an argument out of range, a model with several outputs.

    Source: the question is Mulayoff & Stich's (2026); the search is ours. Book: chapter 9, "A single batch".

    >>> found = single_batches(Linearization.from_features([[1.0, 0.0], [0.0, 2.0]]), 0.6, 1)
    >>> round(found.worst, 12)
    1.2
    """
    if minimum.outputs != 1:
        raise ValueError(f"minimum must be of a model with one output, got {minimum.outputs}; take one output alone")
    B, eta = check_batch_size(batch_size, minimum.samples), positive_number(step_size, "step_size")
    draws = 1 if minimum.samples == B else whole_number(draws, "draws", 1)
    batches = np.array(list(batch_stream(minimum.samples, B, "iid", np.random.default_rng(seed), draws)))
    scale = eta * minimum.loss_factor / 2
    tops = scale * batch_tops(minimum.kernel, batches)
    worst = max(scale * worst_batch(minimum.kernel, B), tops.max())
    return SingleBatches(float(np.mean(tops > 1)), float(np.median(tops)), float(worst))
