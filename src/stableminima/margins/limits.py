"""What training tends to: ranks, margins and the exact asymptotics of a frozen pattern. Book: chapter 7."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..checks import Array, finite_array, input_points, unit_interval
from .signed import labelled_sample, pattern_kernel


def near_orthogonality(X: ArrayLike) -> float:
    r"""The largest C with :math:`\|x_i\|^2\ge Cn\max_{k\ne i}|x_i\cdot x_k|` for all i.

    Args:
        X: inputs, ``(n, d)``.

    Returns:
        C; infinite if all inputs are orthogonal.

    Raises:
        ValueError: ``X`` is no array of points, or holds NaN or infinity.

    Source: the condition of Kou, Chen and Gu 2023. Book: chapter 7, "The model".

    >>> near_orthogonality([[1.0, 0.0], [0.125, 1.0]])
    4.0
    """
    X = input_points(X)
    G = X @ X.T
    off = np.abs(G - np.diag(np.diag(G))).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(off > 0, np.diag(G) / (len(X) * off), np.inf).min())


# ---------------------------------------------------------------------------------------------------- asymptotics


def stable_rank(W: ArrayLike) -> float:
    r"""The stable rank :math:`\|W\|_F^2/\|W\|_2^2`, between 1 and the rank.

    Args:
        W: any matrix that is not zero, ``(m, d)``.

    Returns:
        The stable rank.

    Raises:
        ValueError: W is zero, no matrix, or holds NaN or infinity.

    Source: classical. Book: chapter 7, "Two fates of a layer".

    >>> stable_rank([[3.0, 0.0], [0.0, 1.0]])
    1.1111111111111112
    """
    matrix = finite_array(W, "W", (None, None))
    size = np.abs(matrix).max(initial=0.0)
    if size == 0:
        raise ValueError("W must not be zero: its stable rank is 0/0")
    matrix = matrix / size
    gram = matrix @ matrix.T if len(matrix) <= matrix.shape[1] else matrix.T @ matrix
    return float(np.trace(gram) / np.linalg.eigvalsh(gram)[-1])


def rank_one_excess(block: ArrayLike) -> float:
    r"""By how much a block's stable rank exceeds 1 when its mean row dominates.

    .. math:: \|N(I-\hat b\hat b^\top)\|_F^2/\|b\|^2

    :math:`N` are the deviations of the rows from their mean and :math:`b=\sqrt m` times it; the relative error is
    :math:`O(\|N\|^2/\|b\|^2)`.

    Args:
        block: the weights of the neurons of one class, ``(m, d)``.

    Returns:
        The excess, ≥ 0.

    Raises:
        ValueError: the mean row is zero; no matrix, NaN or infinity.

    Source: ours. Book: chapter 7, "Leaky ReLU: one direction per class".

    >>> rank_one_excess([[1.0, 0.1], [1.0, -0.1]])  # deviations of 0.02 in all, over 2
    0.010000000000000002
    """
    block = finite_array(block, "block", (None, None))
    mean = block.mean(axis=0)
    b2 = len(block) * (mean**2).sum()
    if b2 == 0:
        raise ValueError("block must have rows whose mean is not zero")
    N = block - mean
    return float(((N**2).sum() - ((N @ mean) ** 2).sum() / (mean**2).sum()) / b2)


@dataclass(frozen=True, eq=False)
class Asymptotics:
    r"""Gradient descent on the logistic loss with a frozen pattern, t → ∞.

    ``kernel`` K ``(n, n)``; ``u`` :math:`=K^{-1}1`; ``weights`` :math:`\hat a`, the minimiser of
    :math:`\frac12a^\top Ka-1^\top a` over :math:`a\ge0`, which is u if u > 0; ``direction`` :math:`W_\infty`,
    ``(2m, d)``, the limit of W / log t.
    """

    kernel: Array
    u: Array
    weights: Array
    direction: Array

    @property
    def equal_margins(self) -> bool:
        """Whether u > 0, so that all normalised margins converge to one value."""
        return bool((self.u > 0).all())

    @property
    def growth(self) -> Array:
        r"""Limits of :math:`z_i/\log t`, ``(n,)``: :math:`K\hat a`; all 1 if u > 0."""
        return self.kernel @ self.weights

    @property
    def spread(self) -> float:
        r"""Limit of :math:`1-\min_iz_i/\max_iz_i`; 0 if u > 0."""
        return float(1 - self.growth.min() / self.growth.max())

    @property
    def gaps(self) -> Array:
        r"""Limits of :math:`z_i-\bar z`, ``(n,)``, for u > 0 (otherwise NaN): :math:`-\log u_i` less its mean."""
        logs = np.log(self.u) if self.equal_margins else np.full(len(self.u), np.nan)
        return logs.mean() - logs

    @property
    def norm_slope(self) -> float:
        r"""Limit of :math:`\|W\|_F/\log t`: :math:`\sqrt{1^\top\hat a}`; the normalised margin tends to its inverse."""
        return math.sqrt(self.weights.sum())

    @property
    def whole_rank(self) -> float:
        """Limit of the stable rank of the whole matrix."""
        return stable_rank(self.direction)

    @property
    def block_ranks(self) -> tuple[float, float]:
        """Limits of the stable ranks of the two blocks."""
        m = len(self.direction) // 2
        return stable_rank(self.direction[:m]), stable_rank(self.direction[m:])


def asymptotics(X: ArrayLike, y: ArrayLike, pattern: ArrayLike) -> Asymptotics:
    r"""The limits of margins, norm and weights for a pattern that no longer changes.

    Args:
        X: inputs, ``(n, d)``.
        y: labels ±1, ``(n,)``.
        pattern: slopes :math:`D_{jri}` of every neuron at every input, ``(2m, n)``: those of
            :meth:`SignedNetwork.pattern`, or their means over time where a neuron hovers at its kink.

    Returns:
        The limits.

    Raises:
        ValueError: K is not positive definite to rounding (the message says why), shapes that do not fit, an odd
            number of rows.

    Source: ours. Book: chapter 7, "Exact asymptotics".

    >>> limit = asymptotics([[2.0, 0.0], [0.0, 1.0]], [1, -1], [[1.0, 0.0], [0.0, 1.0]])
    >>> limit.u, round(limit.norm_slope**2, 12)
    (array([0.25, 1.  ]), 1.25)
    """
    X, y = labelled_sample(X, y)
    K = pattern_kernel(X, y, pattern)
    spectrum = np.linalg.eigvalsh(K)
    if spectrum[0] <= 1e-13 * spectrum[-1]:
        raise ValueError(
            f"K must be positive definite, but has the eigenvalue {spectrum[0]:.1g} beside {spectrum[-1]:.1g}; "
            f"{_remedy(X, np.diag(K))}"
        )
    R = np.linalg.cholesky(K).T
    half = np.linalg.solve(R.T, np.ones(len(X)))
    u = np.linalg.solve(R, half)
    weights = u if (u > 0).all() else _non_negative(R, half)
    D = np.asarray(pattern, dtype=np.float64)
    m = len(D) // 2
    return Asymptotics(K, u, weights, np.repeat([1.0, -1.0], m)[:, None] / m * (D * (weights * y)) @ X)


def _remedy(X: NDArray[np.floating], own: NDArray[np.floating]) -> str:
    """What to do about a kernel that is singular."""
    if (own == 0).any():
        return f"sample {int(np.argmin(own))} is zero or seen by no neuron: take more neurons, another start or a leak"
    n = len(X)
    if len(np.unique(X, axis=0)) < n:
        return "remove repeated inputs"
    rank = int(np.linalg.matrix_rank(X))
    if rank < n:
        return (
            f"the {n} inputs span only {rank} dimensions and the pattern does not tell them apart: take at most {rank}"
            " of them, or give each a coordinate of its own (append_coordinates)"
        )
    return "the pattern does not tell the inputs apart: take more neurons"


def _non_negative(R: NDArray[np.floating], half: NDArray[np.floating]) -> Array:
    """The a ≥ 0 with the least ‖Ra − half‖."""
    from scipy.optimize import nnls

    return nnls(R, half, maxiter=100 * R.shape[1])[0]


# ---------------------------------------------------------------------------------- closed forms, orthogonal inputs


def leaky_stable_rank(slope: float) -> float:
    r"""Limit of the whole matrix, orthogonal inputs of equal length, half a class: :math:`2(1+\gamma^2)/(1+\gamma)^2`.

    Args:
        slope: γ of the leaky ReLU, from 0 to 1.

    Returns:
        The stable rank.

    Raises:
        ValueError: γ outside [0, 1].

    Source: ours. Book: chapter 7, "Leaky ReLU: one direction per class".

    >>> leaky_stable_rank(1.0)
    1.0
    """
    slope = unit_interval(slope, "slope")
    return 2 * (1 + slope**2) / (1 + slope) ** 2


def relu_stable_rank(lengths: ArrayLike) -> float:
    r"""Limit of a ReLU block, m → ∞, orthogonal inputs of its class: :math:`2\sum\zeta_i^2/\lambda_{\max}`.

    :math:`\lambda_{\max}` is that of :math:`\mathrm{diag}(\zeta_i^2)+\zeta\zeta^\top`, :math:`\zeta_i=1/\|x_i\|`; for
    :math:`n_j` equal lengths it is :math:`2n_j/(n_j+1)`. Below 2 in any case.

    Args:
        lengths: norms of the inputs of one class, ``(n_j,)``, positive.

    Returns:
        The stable rank of the block.

    Raises:
        ValueError: no lengths, or lengths that are not positive.

    Source: ours. Book: chapter 7, "ReLU: bounded, not one".

    >>> round(relu_stable_rank([1.0, 1.0, 1.0]), 12)
    1.5
    >>> round(relu_stable_rank([1.0, 1.0, 1e6]), 6)  # the long input is learnt without effort, and leaves two
    1.333333
    """
    lengths = finite_array(lengths, "lengths", (None,))
    if len(lengths) == 0 or not (lengths > 0).all():
        raise ValueError(f"lengths must be positive, got {lengths}; pass the norms of the inputs of one class")
    zeta = lengths.min() / lengths
    return float(2 * (zeta**2).sum() / np.linalg.eigvalsh(np.diag(zeta**2) + np.outer(zeta, zeta))[-1])
