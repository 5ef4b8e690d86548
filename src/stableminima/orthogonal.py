r"""Two layers with a fixed second one on nearly orthogonal inputs: training, and its exact asymptotics.

Here the loss has no minimum: margins grow like log t for ever, and what is compared with theory are margins, norms and
stable ranks at times such as t = 10^190. Two things make that possible: weights are stored as :math:`W=W_0+CX`, so that
a step costs O(m n²), and :func:`descend` can divide its step by the loss. Book: chapter 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import nnls

from .networks import Array, finite_array, frozen, input_points, positive_number, whole_number

Clock = Literal["constant", "loss"]


# ------------------------------------------------------------------------------------------------------ the model


@dataclass(frozen=True, eq=False)
class SignedNetwork:
    r"""Neurons that vote for one class each.

    .. math:: f(x)=\frac1m\sum_r\sigma(w_{+,r}\cdot x)-\frac1m\sum_r\sigma(w_{-,r}\cdot x)

    Args:
        W: the trained weights, ``(2m, d)``; the first m rows vote for +1, the others for −1.
        slope: γ in :math:`\sigma(z)=\max(z,\gamma z)`, in [0, 1]; 0 is the ReLU.

    Raises:
        ValueError: an odd number of rows, NaN or infinity, a slope outside [0, 1].

    Source: the model of Kou, Chen and Gu 2023, from memory. Book: chapter 7, "The model".

    >>> SignedNetwork([[1.0, 0.0], [0.0, 1.0]], slope=0.5)([[2.0, 3.0], [2.0, -3.0]])
    array([-1. ,  3.5])
    """

    W: Array
    slope: float

    def __post_init__(self) -> None:
        W = finite_array(self.W, "W", (None, None))
        if len(W) % 2 or 0 in W.shape:
            raise ValueError(f"W must have an even number of rows, half of them for each class, got shape {W.shape}")
        object.__setattr__(self, "W", frozen(W))
        object.__setattr__(self, "slope", _unit_interval(self.slope, "slope"))

    def __repr__(self) -> str:
        return f"SignedNetwork(width={self.width}, dim={self.dim}, slope={self.slope:g})"

    @property
    def width(self) -> int:
        """Neurons of one class, m."""
        return len(self.W) // 2

    @property
    def dim(self) -> int:
        """Number of inputs, d."""
        return self.W.shape[1]

    @property
    def signs(self) -> Array:
        """The votes j, ``(2m,)``: +1 for the first half of the rows, −1 for the rest."""
        return np.repeat([1.0, -1.0], self.width)

    @property
    def blocks(self) -> tuple[Array, Array]:
        """The weights of the two classes, ``W_plus`` and ``W_minus``, each ``(m, d)``."""
        return self.W[: self.width], self.W[self.width :]

    def pattern(self, X: ArrayLike) -> Array:
        """Slopes :math:`D_{jri}` of every neuron at every input, 1 or γ: ``(2m, n)``."""
        return np.where(input_points(X, self.dim) @ self.W.T > 0, 1.0, self.slope).T

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``: ``(n, d)`` to ``(n,)``."""
        Z = input_points(X, self.dim) @ self.W.T
        return np.where(Z > 0, Z, self.slope * Z) @ self.signs / self.width


def signed_network(dim: int, width: int, slope: float, scale: float = 1e-2, seed: int = 0) -> SignedNetwork:
    """A start for training: ``width`` neurons a class with independent weights N(0, scale²)."""
    dim, width = whole_number(dim, "dim", 1), whole_number(width, "width", 1)
    W = positive_number(scale, "scale") * np.random.default_rng(seed).normal(size=(2 * width, dim))
    return SignedNetwork(W, slope)


def _unit_interval(value: float, name: str) -> float:
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be in [0, 1], got {value!r}; pass a number such as 0.3")
    return float(value)


def _sample(X: ArrayLike, y: ArrayLike, dim: int | None = None) -> tuple[Array, Array]:
    X = input_points(X, dim)
    y = finite_array(y, "y", (len(X),))
    if not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError(f"y must be -1 or 1, got {sorted(set(y))[:4]}; code the two classes that way")
    return X, y


# ------------------------------------------------------------------------------------------------------- the data


def near_orthogonality(X: ArrayLike) -> float:
    r"""The largest C with :math:`\|x_i\|^2\ge Cn\max_{k\ne i}|x_i\cdot x_k|` for all i; infinite if all are orthogonal.

    Source: the condition of Kou, Chen and Gu 2023. Book: chapter 7, "Nearly orthogonal".

    >>> near_orthogonality([[1.0, 0.0], [0.125, 1.0]])
    4.0
    """
    X = input_points(X)
    G = X @ X.T
    off = np.abs(G - np.diag(np.diag(G))).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(off > 0, np.diag(G) / (len(X) * off), np.inf).min())


def mixture(n: int, dim: int, mean: float, noise: float, seed: int = 0) -> tuple[Array, Array]:
    r"""Inputs :math:`x=y\mu+\xi`, ``(n, dim)``, and labels ±1 in turn: μ of length ``mean``, ξ ~ N(0, noise² I)."""
    n, dim = whole_number(n, "n", 2), whole_number(dim, "dim", 1)
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
    X = positive_number(noise, "noise") * rng.normal(size=(n, dim))
    X[:, 0] += y * float(finite_array(mean, "mean", ()))
    return X, y


def orthogonal_inputs(n: int, dim: int, lengths: ArrayLike = 1.0, seed: int = 0) -> Array:
    """``n`` orthogonal inputs of the given lengths in random directions, ``(n, dim)``; needs ``n`` ≤ ``dim``."""
    n = whole_number(n, "n", 1)
    dim = whole_number(dim, "dim", n)
    lengths = np.broadcast_to(finite_array(lengths, "lengths"), (n,))
    Q, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, n)))
    return lengths[:, None] * Q.T


def append_coordinates(X: ArrayLike, share: float) -> Array:
    r"""Give every sample a coordinate of its own with this share of its squared length, ``(n, d)`` to ``(n, d + n)``.

    :math:`x_i\mapsto(\sqrt{1-s}\,x_i,\ \sqrt s\,\|x_i\|e_i)`: lengths stay, inner products shrink by 1 − s.
    """
    X, share = input_points(X), _unit_interval(share, "share")
    own = np.diag(np.linalg.norm(X, axis=1))
    return np.hstack([math.sqrt(1 - share) * X, math.sqrt(share) * own])


# ------------------------------------------------------------------------------------------------------- training


@dataclass(frozen=True, eq=False)
class Descent:
    r"""What :func:`descend` saw at its recorded steps (the first is the start, the last the end).

    ``log_time`` ``(r,)``: log of the number t of constant steps that the path so far stands for (−∞ at the start);
    ``log_loss`` ``(r,)``; ``margins`` ``(r, n)``: :math:`z_i=y_if(x_i)`; ``coefficients`` ``(r, 2m, n)``: C in
    :math:`W=W_0+CX`; ``mean_pattern`` ``(2m, n)``: the slopes :math:`D_{jri}`, averaged over the last quarter of the
    steps, so that a neuron that hovers at its kink counts by the part of the time in which it is on.
    """

    start: SignedNetwork
    X: Array
    steps: Array
    log_time: Array
    log_loss: Array
    margins: Array
    coefficients: Array
    mean_pattern: Array

    def network(self, record: int = -1) -> SignedNetwork:
        """The network at a recorded step."""
        return SignedNetwork(self.start.W + self.coefficients[record] @ self.X, self.start.slope)


def log_logistic_loss(margins: ArrayLike) -> float:
    r""":math:`\log\frac1n\sum_i\log(1+e^{-z_i})`, exact also where :math:`e^{-z}` underflows.

    >>> log_logistic_loss([2000.0, 2000.0])
    -2000.0
    """
    z = finite_array(margins, "margins", (None,))
    return _log_mean(np.where(z > 36, -z, np.log(np.logaddexp(0, -np.minimum(z, 36)))))


def _log_mean(logs: Array) -> float:
    top = logs.max()
    return float(top + np.log(np.exp(logs - top).mean()))


def step_for_gain(net: SignedNetwork, X: ArrayLike, y: ArrayLike, gain: float = 0.1) -> float:
    r"""The step size with which ``clock="loss"`` raises margins by about ``gain`` a step: n · gain / (κ L₀).

    :math:`\kappa=(1+\gamma^2)\overline{\|x\|^2}/m`, half of it for the ReLU; ``gain`` from 0.02 to 0.3 works well.
    """
    X, y = _sample(X, y, net.dim)
    kappa = (1 + net.slope**2) * (X**2).sum(axis=1).mean() / net.width * (1.0 if net.slope else 0.5)
    return len(X) * positive_number(gain, "gain") / kappa / math.exp(log_logistic_loss(y * net(X)))


def descend(
    net: SignedNetwork,
    X: ArrayLike,
    y: ArrayLike,
    step_size: float,
    steps: int,
    clock: Clock = "constant",
    records: int = 60,
) -> Descent:
    r"""Gradient descent on :math:`L=\frac1n\sum_i\log(1+e^{-y_if(x_i)})`, all rows of W trained.

    Args:
        net: the start.
        X, y: inputs ``(n, d)`` and labels ±1, ``(n,)``.
        step_size: η.
        steps: number of steps.
        clock: ``"constant"``, or ``"loss"`` for :math:`\eta_k=\eta L_0/L_k`, the same path in fewer steps: the
            time of a step is then :math:`L_0/L_k`.
        records: about how many steps to record, geometrically spaced; all of them if there are no more.

    Raises:
        ValueError: labels other than ±1, shapes that do not fit, a number that is not positive.

    A step costs O(m n²): with :math:`P=WX^\top` it is :math:`P\leftarrow P+\Delta C\,XX^\top`,
    :math:`\Delta C_{jri}=\frac{\eta_k}{nm}\,jy_i\,D_{jri}\,g_i`, :math:`g_i=1/(1+e^{z_i})`. Book: chapter 7, "The fast
    clock".
    """
    X, y = _sample(X, y, net.dim)
    if clock not in ("constant", "loss"):
        raise ValueError(f'clock must be "constant" or "loss", got {clock!r}')
    log_eta, steps = math.log(positive_number(step_size, "step_size")), whole_number(steps, "steps", 1)
    wanted = _records(steps, whole_number(records, "records", 2))
    G, P, C = X @ X.T, net.W @ X.T, np.zeros((len(net.W), len(X)))
    vote, sign = net.signs / net.width, net.signs[:, None] * y / (len(X) * net.width)
    log_t, first, rows, on = -np.inf, None, [], np.zeros_like(C)
    late = steps - max(1, steps // 4)
    for k in range(steps + 1):
        D = np.where(P > 0, 1.0, net.slope)
        z = y * (vote @ (D * P))
        log_loss = log_logistic_loss(z)
        first = log_loss if first is None else first
        if k in wanted:
            rows.append((k, log_t, log_loss, z, C.copy()))
        if k == steps:
            break
        on += D if k >= late else 0.0
        log_duration = first - log_loss if clock == "loss" else 0.0
        delta = sign * D * np.exp(log_eta + log_duration - np.logaddexp(0, z))
        C, P, log_t = C + delta, P + delta @ G, np.logaddexp(log_t, log_duration)
    return Descent(net, X, *(np.array(column) for column in zip(*rows, strict=True)), on / (steps - late))


def _records(steps: int, records: int) -> set[int]:
    if records >= steps:
        return set(range(steps + 1))
    return {0, steps} | set(np.rint(np.geomspace(1, steps, records - 1)).astype(int).tolist())


# ---------------------------------------------------------------------------------------------------- asymptotics


def stable_rank(W: ArrayLike) -> float:
    r""":math:`\|W\|_F^2/\|W\|_2^2`, between 1 and the rank. ``W`` is any non-zero matrix.

    >>> stable_rank([[3.0, 0.0], [0.0, 1.0]])
    1.1111111111111112
    """
    W = finite_array(W, "W", (None, None))
    size = np.abs(W).max(initial=0.0)
    if size == 0:
        raise ValueError("W must not be zero: its stable rank is 0/0")
    W = W / size
    gram = W @ W.T if len(W) <= W.shape[1] else W.T @ W
    return float(np.trace(gram) / np.linalg.eigvalsh(gram)[-1])


def rank_one_excess(block: ArrayLike) -> float:
    r"""By how much a block's stable rank exceeds 1 when its mean row dominates.

    .. math:: \|N(I-\hat b\hat b^\top)\|_F^2/\|b\|^2

    :math:`N` are the deviations of the rows from their mean and :math:`b=\sqrt m` times it; the relative error is
    :math:`O(\|N\|^2/\|b\|^2)`. Book: chapter 7, "Leaky ReLU".
    """
    block = finite_array(block, "block", (None, None))
    mean = block.mean(axis=0)
    b2 = len(block) * (mean**2).sum()
    if b2 == 0:
        raise ValueError("block must have rows whose mean is not zero")
    N = block - mean
    return float(((N**2).sum() - ((N @ mean) ** 2).sum() / (mean**2).sum()) / b2)


def pattern_kernel(X: ArrayLike, y: ArrayLike, pattern: ArrayLike) -> Array:
    r""":math:`K_{ik}=y_iy_k\,x_i\cdot x_k\;m^{-2}\sum_{j,r}D_{jri}D_{jrk}`, ``(n, n)``, for a pattern ``(2m, n)``."""
    X, y = _sample(X, y)
    D = finite_array(pattern, "pattern", (None, len(X)))
    return np.outer(y, y) * (X @ X.T) * (D.T @ D) * (2 / len(D)) ** 2


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
    def slopes(self) -> Array:
        r"""Limits of :math:`z_i/\log t`, ``(n,)``: :math:`K\hat a`; all 1 if u > 0."""
        return self.kernel @ self.weights

    @property
    def spread(self) -> float:
        r"""Limit of :math:`1-\min_iz_i/\max_iz_i`; 0 if u > 0."""
        return float(1 - self.slopes.min() / self.slopes.max())

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
    r"""The limits of margins, norm and weights for a pattern ``(2m, n)`` that no longer changes.

    Raises:
        ValueError: K is not positive definite to rounding, shapes that do not fit.

    Book: chapter 7, "Exact asymptotics".

    >>> limit = asymptotics([[2.0, 0.0], [0.0, 1.0]], [1, -1], [[1.0, 0.0], [0.0, 1.0]])
    >>> limit.u, round(limit.norm_slope**2, 12)
    (array([0.25, 1.  ]), 1.25)
    """
    X, y = _sample(X, y)
    K = pattern_kernel(X, y, pattern)
    spectrum = np.linalg.eigvalsh(K)
    if spectrum[0] <= 1e-13 * spectrum[-1]:
        raise ValueError(
            f"K must be positive definite, but has the eigenvalue {spectrum[0]:.1g}; remove repeated inputs"
        )
    R = np.linalg.cholesky(K).T
    half = np.linalg.solve(R.T, np.ones(len(X)))
    u = np.linalg.solve(R, half)
    weights = u if (u > 0).all() else nnls(R, half, maxiter=100 * len(X))[0]
    D = np.asarray(pattern, dtype=np.float64)
    m = len(D) // 2
    return Asymptotics(K, u, weights, np.repeat([1.0, -1.0], m)[:, None] / m * (D * (weights * y)) @ X)


def logistic_sharpness(net: SignedNetwork, X: ArrayLike, y: ArrayLike) -> float:
    r"""The largest eigenvalue of the loss's Hessian: :math:`\lambda_{\max}(S^{1/2}KS^{1/2})/n`.

    :math:`S` is diagonal with :math:`g_i(1-g_i)`, K is the kernel of the present pattern; exact where no neuron
    switches on a sample.
    """
    X, y = _sample(X, y, net.dim)
    decay = np.exp(-np.abs(y * net(X)))
    root = np.sqrt(decay) / (1 + decay)
    K = pattern_kernel(X, y, net.pattern(X))
    return float(np.linalg.eigvalsh(root[:, None] * K * root)[-1] / len(X))


# ---------------------------------------------------------------------------------- closed forms, orthogonal inputs


def leaky_stable_rank(slope: float) -> float:
    r"""Limit of the whole matrix, orthogonal inputs of equal length, half a class: :math:`2(1+\gamma^2)/(1+\gamma)^2`.

    >>> leaky_stable_rank(1.0)
    1.0
    """
    slope = _unit_interval(slope, "slope")
    return 2 * (1 + slope**2) / (1 + slope) ** 2


def relu_stable_rank(lengths: ArrayLike) -> float:
    r"""Limit of a ReLU block, m → ∞, orthogonal inputs of its class: :math:`2\sum c^2/\lambda_{\max}(\Delta)`.

    :math:`\Delta=\mathrm{diag}(c^2)+cc^\top`, :math:`c_i=1/\|x_i\|`; for :math:`n_j` equal lengths it is
    :math:`2n_j/(n_j+1)`. Below 2 in any case.

    >>> round(relu_stable_rank([1.0, 1.0, 1.0]), 12)
    1.5
    """
    lengths = finite_array(lengths, "lengths", (None,))
    if len(lengths) == 0 or not (lengths > 0).all():
        raise ValueError(f"lengths must be positive, got {lengths}; pass the norms of the inputs of one class")
    c = lengths.min() / lengths
    return float(2 * (c**2).sum() / np.linalg.eigvalsh(np.diag(c**2) + np.outer(c, c))[-1])
