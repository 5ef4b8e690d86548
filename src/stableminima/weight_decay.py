r"""Weight decay: the exact regularised bump, and training with the optimisers that people use.

.. math:: \tfrac12\sum_i\omega_i(f(x_i)-y_i)^2+\tfrac\lambda2\sum_k(a_k^2+\|w_k\|^2),

biases free (unless asked otherwise), output bias always free. Book: chapter 8.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize_scalar
from threadpoolctl import threadpool_limits

from .interpolants import RadialBump, radial_neuron
from .networks import (
    Array,
    ShallowReLU,
    finite_array,
    frozen,
    input_points,
    positive_number,
    real_array,
    shallow,
    whole_number,
)

Optimizer = Literal["sgd", "momentum", "adam", "adamw"]
Penalised = Literal["weights", "all"]

# ------------------------------------------------------------------------------------ the exact minimiser, radial


@dataclass(frozen=True, eq=False)
class RadialFit:
    """A radial function on a grid of kinks: ``constant``, ``kinks`` and ``amplitudes``, ``(m,)``, in dimension ``dim``.

    ``gap`` bounds how far its objective is from the least one, relative to λ.
    """

    dim: int
    constant: float
    kinks: Array
    amplitudes: Array
    gap: float

    @property
    def norm(self) -> float:
        """The sum of absolute amplitudes."""
        return float(np.abs(self.amplitudes).sum())

    def profile(self, r: ArrayLike) -> Array:
        """Values at distances ``r`` from the origin, of the same shape."""
        r = finite_array(r, "r")
        return self.constant + radial_neuron(self.dim, r[..., None], self.kinks) @ self.amplitudes


def radial_lasso(
    dim: int, r: ArrayLike, y: ArrayLike, sample_weight: ArrayLike, penalty: float, kinks: ArrayLike
) -> RadialFit:
    r"""The exact regularised minimiser for radial data, on a grid of kinks, by an interior-point method:

    .. math:: \min_{c,a}\ \tfrac12\sum_i\omega_i\Bigl(c+\sum_ba_bK_d(r_i,b)-y_i\Bigr)^2+\lambda\sum_b|a_b|.

    Args:
        dim: d.
        r, y, sample_weight: distances, labels and weights ω ≥ 0 of the samples, ``(n,)``; ω is scaled to sum 1.
        penalty: λ > 0.
        kinks: grid of kinks, ``(m,)``.

    Book: chapter 8, "The edge law".
    """
    r, kinks = finite_array(r, "r", (None,)), finite_array(kinks, "kinks", (None,))
    y, weight = finite_array(y, "y", r.shape), finite_array(sample_weight, "sample_weight", r.shape)
    if not (weight >= 0).all() or not weight.any():
        raise ValueError("sample_weight must be at least 0 and not all 0; pass the share of each sample")
    weight, penalty = weight / weight.sum(), positive_number(penalty, "penalty")
    columns = radial_neuron(dim, r[:, None], kinks)
    mean, level, root = weight @ columns, float(weight @ y), np.sqrt(weight)
    A = root[:, None] * (columns - mean)  # the best constant is eliminated
    A = np.hstack([A, -A])
    x, gap = _positive_quadratic(A.T @ A / penalty, 1 - A.T @ (root * (y - level)) / penalty)
    amplitude = x[: len(kinks)] - x[len(kinks) :]
    return RadialFit(dim, level - float(mean @ amplitude), frozen(kinks), frozen(amplitude), gap)


def _positive_quadratic(Q: Array, g: Array, tolerance: float = 1e-6, rounds: int = 60) -> tuple[Array, float]:
    """Minimise ½xᵀQx + gᵀx over x ≥ 0: Mehrotra's predictor and corrector; the duality gap comes with it."""
    x, z = np.ones(len(g)), np.ones(len(g))
    longest = lambda v, dv: min(1.0, 0.995 / max(1e-300, float((-dv / v).max())))  # noqa: E731
    for _ in range(rounds):
        residual, mu = Q @ x + g - z, x @ z / len(x)
        if mu * len(x) + np.abs(residual) @ x < tolerance:
            break
        factor = cho_factor(Q + np.diag(z / x), lower=True)
        dx = cho_solve(factor, -residual - z)
        dz = -z - z / x * dx
        ahead = (x + longest(x, dx) * dx) @ (z + longest(z, dz) * dz) / len(x)
        target = x * z + dx * dz - (ahead / mu) ** 3 * mu
        dx = cho_solve(factor, -residual - target / x)
        dz = -(target + z * dx) / x
        step = min(longest(x, dx), longest(z, dz))
        x, z = x + step * dx, z + step * dz
    return x, float(x @ z + np.abs(Q @ x + g - z) @ x)


# ------------------------------------------------------------------------------------------------ reading networks


@dataclass(frozen=True)
class ScaleFit:
    r"""The multiple of a rescaled bump closest to given values: :math:`\alpha f^*(sr)`; ``error`` is the rms."""

    scale: float
    height: float
    error: float


def fitted_scale(bump: RadialBump, r: ArrayLike, values: ArrayLike, largest: float = 1.2) -> ScaleFit:
    r"""Fit :math:`\alpha f^*(sr)` to values ``(n,)`` at distances ``r`` ``(n,)`` in least squares, 0 < s ≤ largest."""
    r, values = finite_array(r, "r", (None,)), finite_array(values, "values", (None,))
    largest = positive_number(largest, "largest")
    if len(r) != len(values):
        raise ValueError(f"values must have shape {r.shape}, got {values.shape}; pass one value a distance")

    def at(scale: float) -> ScaleFit:
        shape = bump.profile(scale * r)
        height = float(shape @ values / (shape @ shape))
        return ScaleFit(float(scale), height, float(np.sqrt(np.mean((values - height * shape) ** 2))))

    grid = np.linspace(0, largest, 121)[1:]
    first = grid[np.argmin([at(s).error for s in grid])]
    found = minimize_scalar(lambda s: at(s).error, bounds=(first - grid[0], first + grid[0]), method="bounded")
    return at(found.x)


def radial_profile(net: ShallowReLU, r: ArrayLike, directions: int = 200, seed: int = 0) -> tuple[Array, Array]:
    """Mean and standard deviation of a network over random directions at each distance ``r`` ``(n,)``: two ``(n,)``."""
    r, directions = finite_array(r, "r", (None,)), whole_number(directions, "directions", 2)
    u = np.random.default_rng([seed, 2]).normal(size=(directions, shallow(net).dim))  # not those of the samples
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    values = net((r[:, None, None] * u).reshape(-1, net.dim)).reshape(len(r), directions)
    return values.mean(axis=1), values.std(axis=1)


# ------------------------------------------------------------------------------------------------------- training


def xavier_network(dim: int, width: int, seed: int = 0, scale: float = 1.0, reach: float = 0.0) -> ShallowReLU:
    r"""Xavier's uniform start: entries of W and v from :math:`U(-l,l)`, :math:`l^2=6/(\text{fan in}+\text{fan out})`.

    ``scale`` multiplies all weights. Hyperplanes pass through the origin (biases zero), or with ``reach`` > 0 at
    distances drawn from U(−reach, reach), which is our variant. Book: chapter 8, "Four optimisers".
    """
    dim, width, scale = whole_number(dim, "dim", 1), whole_number(width, "width", 1), positive_number(scale, "scale")
    rng, inner, outer = np.random.default_rng(seed), np.sqrt(6 / (dim + width)), np.sqrt(6 / (width + 1))
    W = scale * rng.uniform(-inner, inner, (width, dim))
    v = scale * rng.uniform(-outer, outer, width)
    reach = positive_number(reach, "reach") if reach else 0.0
    return ShallowReLU(W, -np.linalg.norm(W, axis=1) * rng.uniform(-reach, reach, width), v, 0.0)


def weight_decay_value(net: ShallowReLU) -> float:
    r""":math:`\tfrac12\sum_k(a_k^2+\|w_k\|^2)`, at least the path norm, and equal to it if :math:`|a_k|=\|w_k\|`.

    >>> weight_decay_value(ShallowReLU(W=[[3.0, 4.0]], b=[1.0], v=[2.0], c=0.0))  # the path norm is 10
    14.5
    """
    return float((shallow(net).v ** 2).sum() + (net.W**2).sum()) / 2


def train_decayed(
    nets: Sequence[ShallowReLU],
    X: ArrayLike,
    y: ArrayLike,
    step_size: ArrayLike,
    decay: ArrayLike = 0.0,
    *,
    steps: int,
    optimizer: Optimizer = "sgd",
    batch_size: int | None = None,
    sample_weight: ArrayLike | None = None,
    penalise: Penalised = "weights",
    cooldown: float = 0.4,
    seed: int = 0,
) -> list[ShallowReLU]:
    r"""Train networks of one shape at once with weight decay, for a fixed number of steps.

    Args:
        nets: the starts, m of them; they are not changed.
        X, y: inputs ``(n, d)`` and labels ``(n,)``.
        step_size: one for all, or ``(m,)``; constant, then falling linearly to 0 over the last ``cooldown`` of steps.
        decay: λ ≥ 0, one for all or ``(m,)``.
        steps: how many.
        optimizer: ``"sgd"``; ``"momentum"`` 0.9; ``"adam"`` (0.9, 0.999, 1e-8), the gradient of the penalty added to
            that of the loss; ``"adamw"``, the weights multiplied by 1 − ηλ instead. The updates are PyTorch's.
        batch_size: number of independent draws from the weighted sample a step; all samples if omitted.
        sample_weight: ω ≥ 0, ``(n,)``, scaled to sum 1; equal if omitted.
        penalise: ``"weights"``, or ``"all"``: both biases as well, which is what PyTorch's ``weight_decay`` does.
        cooldown: share of the steps in which the rate falls.
        seed: of the batches, which are the same for all networks.

    Raises:
        ValueError: an argument out of range, networks of different shapes, or a network that diverged.

    Book: chapter 8, "Four optimisers".
    """
    if not len(nets) or len({shallow(net).W.shape for net in nets}) != 1:
        raise ValueError(f"nets must be one or more networks of the same shape, got {[net.W.shape for net in nets]}")
    X, steps = input_points(X, nets[0].dim), whole_number(steps, "steps", 1)
    y = finite_array(y, "y", (len(X),))
    eta, lam = (_one_each(value, name, len(nets)) for value, name in ((step_size, "step_size"), (decay, "decay")))
    if not (eta > 0).all() or not (lam >= 0).all() or not 0 <= cooldown <= 1:
        raise ValueError(f"need step_size > 0, decay ≥ 0, cooldown in [0, 1]; got {step_size}, {decay}, {cooldown}")
    for value, name, kind in ((optimizer, "optimizer", Optimizer), (penalise, "penalise", Penalised)):
        if value not in get_args(kind):
            raise ValueError(f"{name} must be one of {get_args(kind)}, got {value!r}")
    weight = finite_array(np.ones(len(X)) if sample_weight is None else sample_weight, "sample_weight", (len(X),))
    if not (weight >= 0).all() or not weight.any():
        raise ValueError("sample_weight must be at least 0 and not all 0; pass the share of each sample")

    X1 = np.column_stack([X, np.ones(len(X))])
    parts = [
        np.stack([np.vstack([net.W.T, net.b]) for net in nets]),  # (m, d+1, k), the hidden bias in the last row
        np.stack([net.v for net in nets])[:, :, None],
        np.array([net.c for net in nets])[:, None, None],
    ]
    shrink = [np.broadcast_to(lam, part.shape).copy() for part in parts]
    if penalise == "weights":
        shrink[0][:, -1] = shrink[2][:] = 0.0
    update = _Update(optimizer, parts, shrink)
    fall = max(1.0, cooldown * steps)
    with threadpool_limits(1, user_api="blas"), np.errstate(over="ignore", invalid="ignore"):
        for step, (batch, share) in zip(range(steps), _batches(weight / weight.sum(), batch_size, seed), strict=False):
            gradient = _gradient(parts, X1[batch], y[batch], share)
            update(gradient, eta * min(1.0, (steps - step) / fall))
    lost = [j for j in range(len(nets)) if not all(np.isfinite(part[j]).all() for part in parts)]
    if lost:
        raise ValueError(f"networks {lost} diverged with step_size = {step_size}; choose a smaller one")
    return [ShallowReLU(W[:-1].T, W[-1], v[:, 0], float(c[0, 0])) for W, v, c in zip(*parts, strict=True)]


def _one_each(value: ArrayLike, name: str, count: int) -> Array:
    value = real_array(value, name)
    return finite_array(np.full(count, value) if value.size == 1 else value, name, (count,))[:, None, None]


def _batches(share: Array, batch_size: int | None, seed: int) -> Iterator[tuple[slice | Array, Array]]:
    """Endless (indices, weights): everything, or independent draws in proportion to ``share``."""
    if batch_size is None:
        while True:
            yield slice(None), share
    batch_size, rng = whole_number(batch_size, "batch_size", 1), np.random.default_rng(seed)
    equal = np.full(batch_size, 1 / batch_size)
    while True:
        yield from ((batch, equal) for batch in rng.choice(len(share), (256, batch_size), p=share))


def _gradient(parts: Sequence[Array], X1: Array, y: Array, share: Array) -> list[Array]:
    """Of the weighted loss, by each part, for all networks at once."""
    W, v, c = parts
    hidden = X1 @ W
    np.maximum(hidden, 0.0, out=hidden)
    residual = (hidden @ v + c - y[:, None]) * share[:, None]
    by_v = hidden.transpose(0, 2, 1) @ residual
    by_W = X1.T @ np.multiply(hidden > 0, residual, out=hidden)
    by_W *= v.transpose(0, 2, 1)
    return [by_W, by_v, residual.sum(axis=1, keepdims=True)]


class _Update:
    """One step of an optimiser, in place; ``shrink`` holds λ for every parameter."""

    def __init__(self, optimizer: Optimizer, parts: list[Array], shrink: list[Array]) -> None:
        self.optimizer, self.parts, self.shrink, self.count = optimizer, parts, shrink, 0
        self.first, self.second = ([np.zeros_like(part) for part in parts] for _ in range(2))

    def __call__(self, gradient: list[Array], eta: Array) -> None:
        self.count += 1
        for part, g, lam, m, s in zip(self.parts, gradient, self.shrink, self.first, self.second, strict=True):
            if self.optimizer == "adamw":
                part *= 1 - eta * lam
            else:
                g += lam * part
            if self.optimizer == "sgd":
                part -= eta * g
            elif self.optimizer == "momentum":
                m *= 0.9
                m += g
                part -= eta * m
            else:
                m += 0.1 * (g - m)
                s += 0.001 * (g * g - s)
                size = np.sqrt(s / (1 - 0.999**self.count)) + 1e-8
                part -= eta / (1 - 0.9**self.count) * m / size
