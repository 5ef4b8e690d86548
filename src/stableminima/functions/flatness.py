r"""Has a function a finite norm, so that flat networks for it exist? A look at its samples, with the limits of a grid.

Blurring by ε averages translates of :math:`\alpha(u,\cdot)`, so that :math:`\|f_\varepsilon\|_{\mathcal R}`
grows as ε falls, to the norm if that is finite, and without end if it is not. Book: chapter 6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, frozen, input_points, positive_number, whole_number
from ..networks import ShallowReLU, shallow
from ._table import direction_grid, direction_weights, profiles_of, rays_of

NODES = {1: 512, 2: 160, 3: 56}  # samples a side, by dimension: some seconds and less than a gigabyte
ANGLES = {1: 2, 2: 400, 3: 80}  # directions around the circle, by dimension
BLURS = (5.6, 2.8, 1.4)  # widths, in steps of the grid; at 1.4 steps a Gaussian leaves 6e-5 of the grid's edge
EDGE = 1e-3  # what may be left of the spectrum at the grid's edge, relative to its peak, before the norm is in doubt
ROUGH = 0.5  # what is left there of folds on hyperplanes is 1: their density is a measure, which no table holds
GROWTH = 0.9  # a halved blur may raise the norm by so much of what the last halving raised it by
SETTLED = 1e-3  # a share of the norm that is next to nothing

WARNING = "the norm grows with the resolution"


@dataclass(frozen=True, eq=False)
class NormReport:
    r"""What a grid can see of the norm :math:`\|f\|_{\mathcal R}`; see :func:`norm_of`.

    Args:
        norm: of the trigonometric polynomial through the samples, the norm of f where :attr:`resolved`; where
            :attr:`rough`, that at the smallest blur.
        blurs: three widths ε, each half of the last, ``(3,)``.
        norms: those of f blurred by them, ``(3,)``; not decreasing.
        edge: the largest :math:`|s|^{d+1}|\hat f|` in the last tenth of the grid's frequencies, over the largest of
            all; 0 for a function whose details the grid holds.
    """

    norm: float
    blurs: Array
    norms: Array
    edge: float

    @property
    def resolved(self) -> bool:
        """Whether the spectrum ends before the grid's does."""
        return self.edge < EDGE

    @property
    def rough(self) -> bool:
        """Whether the spectrum has hardly fallen at the grid's edge: folds on hyperplanes, or finer than the grid."""
        return self.edge >= ROUGH

    @property
    def ratio(self) -> float:
        """What the last halving of the blur added to the norm, over what the one before added; 0 if next to nothing."""
        steps = np.diff(self.norms)
        return float(steps[1] / steps[0]) if steps[1] > SETTLED * self.norms[-1] and steps[0] > 0 else 0.0

    @property
    def finite(self) -> bool:
        """Whether the norm is finite as far as the grid can see: resolved, or what is added falls geometrically."""
        return self.resolved or self.ratio < GROWTH

    def __str__(self) -> str:
        seen = ", ".join(f"{norm:.4g} at blur {blur:.2g}" for norm, blur in zip(self.norms, self.blurs, strict=True))
        if self.finite:
            return f"norm {self.norm:.4g}" if self.resolved else f"the norm converges: {seen}"
        return (
            f"{WARNING}: {seen}, and each halving adds {self.ratio:.2f} times what the last one did; "
            "this function may have no flat network, or details finer than the grid: raise nodes to tell"
        )


def norm_of(
    function: Callable[[Array], Array], dim: int, reach: float, nodes: int | None = None, angles: int | None = None
) -> NormReport:
    r"""The norm :math:`\|f\|_{\mathcal R}` of your own function, or the news that it grows with the resolution.

    Blurred by ε, a function of finite norm has a norm that rises to its own as ε falls; that of a function with a
    crease, the pyramid, rises without end, like :math:`\ln^2\frac1\varepsilon`. Three blurs, of 5.6, 2.8 and 1.4 steps
    of the grid, tell the two apart, unless the norm converges more slowly than :math:`\varepsilon^{0.15}`: where each
    halving adds at least 0.9 times what the last one added, and the spectrum has not ended at the edge of the grid, the
    norm is called infinite. No finite grid *proves* it.

    Args:
        function: takes points ``(n, dim)``, returns ``(n,)``; it must have died out at distance ``reach``.
        dim: 1, 2 or 3.
        reach: half the side of the cube that is sampled.
        nodes: samples a side; 512, 160 and 56 for d = 1, 2, 3 if omitted.
        angles: directions around the circle; 400 and 80 for d = 2, 3 if omitted.

    Returns:
        The report; ``print`` it.

    Raises:
        ValueError: another ``dim``, or a function that is not small on the surface of the cube.

    Source: ours. Book: chapter 6, "Has your function a flat network?".

    >>> print(norm_of(lambda X: np.exp(-(X[:, 0] ** 2) / 2), dim=1, reach=6.0))  # 4/√e
    norm 2.426
    >>> norm_of(lambda X: np.maximum(1 - abs(X).sum(axis=1), 0), dim=2, reach=1.5).finite  # the pyramid
    False
    """
    _, _, report = sampled_density(function, dim, reach, nodes, angles)
    return report


def sampled_density(
    function: Callable[[Array], Array], dim: int, reach: float, nodes: int | None, angles: int | None
) -> tuple[Array, float, NormReport]:
    """Rows α(u, ·) from t = 0 on, periodic, their spacing, and what they say of the norm."""
    dim, reach = whole_number(dim, "dim", 1), positive_number(reach, "reach")
    if dim > 3:
        raise ValueError(f"dim must be 1, 2 or 3, got {dim}; supply the density yourself (KnownDensity)")
    nodes, angles = grid_of(dim, nodes, angles)
    step = 2 * reach / nodes
    axis = step * (np.arange(nodes) - nodes // 2)
    grid = np.stack(np.meshgrid(*[axis] * dim, indexing="ij"), axis=-1)
    values = finite_array(function(grid.reshape(-1, dim)), "function(grid)", (nodes**dim,)).reshape((nodes,) * dim)
    rim = max(np.abs(values.take([0, -1], axis=axis)).max() for axis in range(dim))
    if rim > 1e-3 * np.abs(values).max():
        raise ValueError(f"function must have died out at distance {reach:g}, it is {rim:.2g} there; raise reach")
    hat, s = rays_of(values, step, direction_grid(dim, angles))
    share = direction_weights(dim, angles)
    alpha, spacing = profiles_of(hat, s, dim)

    def norm(profile: Array) -> float:
        return float(share @ np.abs(profile).sum(axis=1)) * spacing

    blurs = step * np.array(BLURS)
    norms = np.array([norm(profiles_of(hat, s, dim, blur)[0]) for blur in blurs])
    size = np.abs(hat).max(axis=0) * s ** (dim + 1)
    edge = float(size[int(0.9 * len(s)) :].max() / max(size.max(), np.finfo(float).tiny))
    size_of_all = norm(alpha) if edge < ROUGH else float(norms[-1])
    return alpha, spacing, NormReport(size_of_all, frozen(blurs), frozen(norms), edge)


def grid_of(dim: int, nodes: int | None, angles: int | None) -> tuple[int, int]:
    """Samples a side and directions around the circle, the latter even."""
    nodes = whole_number(NODES[dim] if nodes is None else nodes, "nodes", 16)
    return nodes, 2 * (whole_number(ANGLES[dim] if angles is None else angles, "angles", 2) // 2)


# ------------------------------------------------------------------------------------------- the error of the drawing


def drawing_error(net: ShallowReLU, X: ArrayLike) -> float:
    r"""How far a drawn network is from its function, estimated from the network alone: the spread of two half drawings.

    The k drawn neurons are two drawings of k/2, whose networks g and h have the mean f_k; the estimate is the root mean
    square of :math:`\frac12(g-h)` at the inputs. For independent neurons its square is, on average over the drawing,
    exactly the mean square error. Scrambled Sobol points are spread more evenly together than in halves: for them it
    tends to be too large.

    Args:
        net: from :func:`~stableminima.functions.ridge_network`, with at least two drawn neurons.
        X: inputs in its ball, ``(n, d)``.

    Returns:
        The estimate.

    Raises:
        ValueError: one neuron only, or ``X`` does not fit the network.

    Source: classical (half samples). Book: chapter 6, "How wide?".

    >>> from stableminima.functions import Gaussian, ridge_network
    >>> net, x = ridge_network(Gaussian([0.0]), 1024, 2.0, "mc"), [[0.5], [1.0]]
    >>> bool(drawing_error(net, x) < 0.1)
    True
    """
    X = input_points(X, shallow(net).dim)
    drawn = net.width - 2 * has_linear_pair(net)
    if drawn < 2:
        raise ValueError(f"net must have at least two drawn neurons, got {drawn}")
    half = drawn // 2
    parts = [np.maximum(X @ net.W[i].T + net.b[i], 0) @ net.v[i] for i in (slice(half), slice(half, 2 * half))]
    return float(np.sqrt(np.mean((parts[0] - parts[1]) ** 2)))


def standard_error(net: ShallowReLU, X: Array) -> float:
    """The same for independent neurons, from the variance of what single ones contribute: less noisy, k - 1 parts."""
    drawn = net.width - 2 * has_linear_pair(net)
    part = np.maximum(X @ net.W[:drawn].T + net.b[:drawn], 0) * net.v[:drawn]
    return float(np.sqrt(drawn * part.var(axis=1).mean()))


def has_linear_pair(net: ShallowReLU) -> bool:
    """Whether the last two neurons share one hyperplane through the origin: the linear part; drawn ones have t > 0."""
    return net.width > 2 and not net.b[-2:].any() and net.W[-1].any() and bool((net.W[-1] == -net.W[-2]).all())
