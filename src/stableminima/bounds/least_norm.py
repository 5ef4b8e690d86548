r"""The least stability norm of *any* shallow network that stays within δ of given values on a sample, or the least δ.

For a fixed split of the sample by a hyperplane, both the values of a neuron and its weighted cost are linear in (w, b).
Hence only hyperplanes through d of the points matter, and the least norm is a linear programme with one column for each
of them; columns are generated as its dual asks for them, and the dual bounds the minimum from below. Book: chapter 5.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, input_points, positive_number, whole_number
from ..networks import ShallowReLU

CHUNK = 20_000  # lines that are treated at once: with 500 samples 80 MB
GENERIC = 1e-10  # a point counts as lying on a line if it is closer than this, relative to the size of the sample


@dataclass(frozen=True, eq=False)
class LeastNorm:
    r"""Bounds on the least norm (:func:`least_norm`) or the least error (:func:`least_error`), and a network between.

    ``lower``: no shallow network has less (a feasible point of the dual programme, checked against every line);
    ``upper``: what ``network`` has once its knots are moved off the samples by arbitrarily little; ``columns``: lines
    that were used, of ``lines`` in all; ``certified``: whether the bounds agree to the tolerance that was asked for.
    """

    lower: float
    upper: float
    network: ShallowReLU
    columns: int
    lines: int
    certified: bool


@dataclass(frozen=True, eq=False)
class _Lines:
    """Every line through two samples: ``u·x = t``, oriented to its cheaper side, and its cost."""

    direction: Array
    offset: Array
    cost: Array


def _lines(X: Array) -> _Lines:
    """All lines through two samples but those that leave all others on one side."""
    _, first, copies = np.unique(X, axis=0, return_index=True, return_counts=True)
    if copies.max() > 1:
        twice = np.flatnonzero((X[first[copies.argmax()]] == X).all(axis=1))
        raise ValueError(f"X must hold different points, but rows {twice[0]} and {twice[1]} are equal; leave one out")
    pairs = np.array(list(combinations(range(len(X)), 2)))
    along = X[pairs[:, 1]] - X[pairs[:, 0]]
    direction = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    offset = (direction * X[pairs[:, 0]]).sum(axis=1)
    parts = [_cost(X, direction[k : k + CHUNK], offset[k : k + CHUNK], pairs[k : k + CHUNK])
             for k in range(0, len(pairs), CHUNK)]  # fmt: skip
    sign, cost = (np.concatenate(part) for part in zip(*parts, strict=True))
    kept = cost > 0  # an edge of the hull has all samples on one side: free, and affine on the sample
    return _Lines((sign[:, None] * direction)[kept], (sign * offset)[kept], cost[kept])


def _cost(X: Array, direction: Array, offset: Array, pairs: Array) -> tuple[Array, Array]:
    """The cheaper side (±1) and its cost, the two points on the line counted where they cost least."""
    n, rows = len(X), np.arange(len(pairs))
    Z = X @ direction.T - offset
    Z[pairs[:, 0], rows] = Z[pairs[:, 1], rows] = 0.0
    if (np.abs(Z) < GENERIC * np.abs(X).max()).sum() > 2 * len(pairs):
        raise ValueError("X must be in general position, but three of its points lie on one line; move them a little")
    best, side = np.full(len(pairs), np.inf), np.ones(len(pairs))
    for sign in (1.0, -1.0):
        on = (sign * Z > 0).astype(np.float64)
        count, total, mean = on.sum(axis=0), on.T @ X, np.maximum(sign * Z, 0.0).mean(axis=0)
        for first in (0, 1):
            for second in (0, 1):
                number = count + first + second
                place = total + first * X[pairs[:, 0]] + second * X[pairs[:, 1]]
                cost = mean * np.sqrt(number**2 + (place**2).sum(axis=1)) / n
                better = cost < best
                best, side = np.where(better, cost, best), np.where(better, sign, side)
    return side, best


def least_norm(
    X: ArrayLike, y: ArrayLike, within: float, tolerance: float = 1e-3, start: int = 1000, add: int = 1000
) -> LeastNorm:
    r"""The infimum of :math:`S_g(f)` over all shallow networks with :math:`|f(x_j)-y_j|\le\delta` on a plane sample.

    .. math:: \min\sum_i|a_i|\,g_i\quad\text{over}\quad\Bigl|\sum_ia_i\sigma(u_i\cdot x_j-t_i)+p\cdot x_j+q-y_j\Bigr|
              \le\delta,

    one column for every line through two samples (why that is enough: chapter 5, "The least norm is a linear
    programme"); g is the data weight of the sample, for the cheapest way of counting the points on the line.

    Args:
        X: the sample, ``(n, 2)``, no three points on a line.
        y: values, ``(n,)``.
        within: δ > 0.
        tolerance: stop when upper and lower bound differ by less than this, relative.
        start: columns to begin with.
        add: columns to add in each round at most.

    Returns:
        Bounds on the least norm, and a network between them.

    Raises:
        ValueError: three points on a line, or arguments out of range.

    Source: ours. Book: chapter 5, "The least norm is a linear programme".

    >>> X = np.array([[0.0, 0.0], [1.0, 0.1], [-0.9, 0.2], [0.1, -1.0], [0.2, 1.1]])
    >>> least_norm(X, X @ [1.0, 2.0], within=1e-6).upper < 1e-9  # an affine function costs nothing
    True
    """
    X, y, lines = _checked(X, y)
    within = positive_number(within, "within")

    def solve(used: Array) -> _Solution | None:
        return _least_norm_on(X, y, within, lines, used)

    def bound(dual: Array, top: float) -> float:  # dual/max(1, top) is feasible
        return float(dual @ y - within * np.abs(dual).sum()) / max(1.0, top)

    return _generate(X, lines, solve, bound, tolerance, start, add)


def least_error(
    X: ArrayLike, y: ArrayLike, norm: float, tolerance: float = 1e-3, start: int = 1000, add: int = 1000
) -> LeastNorm:
    r"""The infimum of :math:`\max_j|f(x_j)-y_j|` over all shallow networks with :math:`S_g(f)\le` ``norm``.

    The programme of :func:`least_norm` with objective and constraint exchanged. With ``norm`` :math:`=1/\eta-1/2` it is
    an error that no shallow network goes below which is, with its own values as labels, a linearly stable minimum for
    the step size η and has no knot on a sample; whatever its width, and however it was trained.

    Args:
        X: the sample, ``(n, 2)``, no three points on a line.
        y: values, ``(n,)``.
        norm: the largest norm that is allowed, positive.
        tolerance: stop when upper and lower bound differ by less than this, relative.
        start: columns to begin with.
        add: columns to add in each round at most.

    Returns:
        Bounds on the least error, and a network between them.

    Raises:
        ValueError: three points on a line, two equal points, or arguments out of range.

    Source: ours. Book: chapter 5, "The least norm is a linear programme".

    >>> X = np.array([[0.0, 0.0], [1.0, 0.1], [-0.9, 0.2], [0.1, -1.0], [0.2, 1.1]])
    >>> spike = np.array([1.0, 0.0, 0.0, 0.0, 0.0])
    >>> price = least_norm(X, spike, within=0.1).upper
    >>> round(least_error(X, spike, price).upper, 3)
    0.1
    """
    X, y, lines = _checked(X, y)
    norm = positive_number(norm, "norm")

    def solve(used: Array) -> _Solution | None:
        return _least_error_on(X, y, norm, lines, used)

    def bound(dual: Array, top: float) -> float:
        mass = np.abs(dual).sum()
        return float(dual @ y - norm * top) / mass if mass > 0 else 0.0

    return _generate(X, lines, solve, bound, tolerance, start, add)


@dataclass(frozen=True, eq=False)
class _Solution:
    """Of the programme on some columns: its value, amplitudes, affine part, dual point, and what columns may charge."""

    value: float
    amplitude: Array
    affine: Array
    dual: Array
    price: float


def _checked(X: ArrayLike, y: ArrayLike) -> tuple[Array, Array, _Lines]:
    X = input_points(X, 2)
    y = finite_array(y, "y", (len(X),))
    if len(X) < 4:
        raise ValueError(f"X must hold at least four points, got {len(X)}; fewer lie on an affine function")
    return X, y, _lines(X)


def _generate(
    X: Array,
    lines: _Lines,
    solve: Callable[[Array], _Solution | None],
    bound: Callable[[Array, float], float],
    tolerance: float,
    start: int,
    add: int,
) -> LeastNorm:
    """Solve on some columns, add those that the dual point asks for, until it asks for none or the bounds meet."""
    tolerance = positive_number(tolerance, "tolerance")
    start, add = whole_number(start, "start", 1), whole_number(add, "add", 1)
    used = np.zeros(len(lines.cost), dtype=bool)
    more, lower = np.random.default_rng(0).permutation(len(used)), 0.0
    used[more[:start]] = True
    while True:
        found = solve(used)
        if found is None:  # too few columns to come within δ
            start *= 2
            used[more[:start]] = True
            continue
        price = np.abs(_apply(X, lines, found.dual)) / lines.cost
        lower = max(lower, bound(found.dual, float(price.max())))
        new = np.flatnonzero((price > found.price * (1 + 1e-9)) & ~used)
        done = found.value - lower <= tolerance * max(found.value, 1e-12)
        if done or not len(new):
            network = _network(X, lines, used, found.amplitude, found.affine)
            return LeastNorm(lower, found.value, network, int(used.sum()), len(used), done)
        used[new[np.argsort(-price[new])[:add]]] = True


def _apply(X: Array, lines: _Lines, dual: Array) -> Array:
    """Σ_j dual_j σ(u·x_j − t) for every line."""
    cuts = [slice(k, k + CHUNK) for k in range(0, len(lines.cost), CHUNK)]
    return np.concatenate([dual @ np.maximum(X @ lines.direction[c].T - lines.offset[c], 0.0) for c in cuts])


def _least_norm_on(X: Array, y: Array, within: float, lines: _Lines, used: Array) -> _Solution | None:
    """The least norm within δ on the ``used`` columns; None if they cannot come so close."""
    A = np.maximum(X @ lines.direction[used].T - lines.offset[used], 0.0)
    free, k, n = np.column_stack([X, np.ones(len(X))]), int(used.sum()), len(X)
    cost = lines.cost[used]
    found = _programme(
        np.concatenate([np.ones(2 * k), np.zeros(3 + n)]),
        A_eq=np.hstack([A / cost, -A / cost, free, np.eye(n)]),
        b_eq=y,
        bounds=[(0, None)] * (2 * k) + [(None, None)] * 3 + [(-within, within)] * n,
    )
    if found is None:
        return None
    return _solution(found, k, cost, _blind(found.eqlin.marginals, free), 1.0)


def _least_error_on(X: Array, y: Array, norm: float, lines: _Lines, used: Array) -> _Solution:
    """The least error with a norm of at most ``norm`` on the ``used`` columns."""
    A = np.maximum(X @ lines.direction[used].T - lines.offset[used], 0.0)
    free, k, n = np.column_stack([X, np.ones(len(X))]), int(used.sum()), len(X)
    cost = lines.cost[used]
    values, error = np.hstack([A / cost, -A / cost, free]), np.ones((n, 1))
    budget = np.concatenate([np.ones(2 * k), np.zeros(4)])
    found = _programme(
        np.concatenate([np.zeros(2 * k + 3), [1.0]]),
        A_ub=np.vstack([np.hstack([values, -error]), np.hstack([-values, -error]), budget]),
        b_ub=np.concatenate([y, -y, [norm]]),
        bounds=[(0, None)] * (2 * k) + [(None, None)] * 3 + [(0, None)],
    )
    above, below, price = -found.ineqlin.marginals[:n], -found.ineqlin.marginals[n : 2 * n], found.ineqlin.marginals[-1]
    return _solution(found, k, cost, _blind(below - above, free), -float(price))


def _programme(objective: Array, **constraints: Any) -> Any:
    """The solution of a linear programme; None if there is none."""
    from scipy.optimize import linprog  # slow to import, and needed here only

    for method in ("highs", "highs-ipm"):  # the simplex method now and then gives up on a programme with tiny slacks
        found = linprog(objective, method=method, **constraints)
        if found.status == 2:
            return None
        if found.status == 0 and found.x is not None and found.fun is not None:
            return found
    raise ValueError(f"the linear programme failed, a larger within may help: {found.message}")


def _blind(dual: Array, free: Array) -> Array:
    """The dual point, made exactly blind to affine functions."""
    return dual - free @ np.linalg.lstsq(free, dual, rcond=None)[0]


def _solution(found: Any, k: int, cost: Array, dual: Array, price: float) -> _Solution:
    return _Solution(
        float(found.fun), (found.x[:k] - found.x[k : 2 * k]) / cost, found.x[2 * k : 2 * k + 3], dual, price
    )


def _network(X: Array, lines: _Lines, used: Array, amplitude: Array, affine: Array) -> ShallowReLU:
    """The neurons with non-zero amplitude, and one that is on for all samples and carries the affine part."""
    kept = np.flatnonzero(used)[np.abs(amplitude) > 1e-9]
    slope, shift = affine[:2], 1 + np.linalg.norm(affine[:2]) * np.linalg.norm(X, axis=1).max()
    return ShallowReLU(
        np.vstack([lines.direction[kept], slope]),
        np.append(-lines.offset[kept], shift),
        np.append(amplitude[np.abs(amplitude) > 1e-9], 1.0),
        affine[2] - shift,
    )
