r"""From a ridge density to a finite network, and what its sharpness is known to be before it is built.

Neurons are drawn from :math:`|\alpha|` on :math:`0<t<R`, more exactly from a piecewise linear fit p of it, and get the
amplitudes :math:`a_i=2\alpha/(kp)`: dividing by what was drawn from leaves no bias. Book: chapter 6.
"""

from __future__ import annotations

import warnings
from typing import Literal, Protocol

import numpy as np

from ..checks import Array, positive_number, whole_number
from ..networks import Neurons, ShallowReLU
from ._drawing import Method, circle, cube_points, draw_linear, uniform_directions
from .flatness import standard_error
from .gaussian import Gaussian, angular_gaussian
from .radon import RidgeFunction, sphere_area

Gauge = Literal["optimal", "balanced"]
ANGLES = 1024  # directions at which the mass of a planar density is tabulated
PROBES = 32  # points at which a network of at least as many neurons is compared with its function
SUSPECT = 4  # standard errors of independent drawing: a network that misses by more is one of another function


class SmoothFunction(RidgeFunction, Protocol):
    """A ridge function that knows its dimension: of :mod:`stableminima.functions.gaussian`, ``.ridge``, or your own."""

    dim: int


# ----------------------------------------------------------------------------------------------------- drawing neurons


def ridge_neurons(
    function: SmoothFunction, width: int, radius: float, method: Method = "qmc", seed: int = 0, cells: int = 128
) -> Neurons:
    r"""Neurons :math:`(a_i,u_i,t_i)`, :math:`0<t_i<R`, drawn from the absolute value of a ridge density:

    .. math:: \mathbb E\sum_ia_i\,\sigma(u_i\cdot x-t_i)=2\int_S\int_0^R\alpha\,\sigma(u\cdot x-t)\,dt\,du;

    :math:`\sum|a_i|` estimates the norm on :math:`|t|<R` without bias, too.

    Args:
        function: as for :func:`ridge_network`.
        width: k, neurons that are drawn; a power of two is best for ``"qmc"``.
        radius: R of the ball that holds the inputs.
        method: ``"qmc"``, scrambled Sobol points, or ``"mc"``, independent neurons.
        seed: of the drawing.
        cells: of the piecewise linear fit of :math:`|\alpha(u,\cdot)|` that offsets are drawn from.

    Returns:
        Amplitudes ``(k,)``, directions ``(k, d)`` and offsets ``(k,)``.

    Raises:
        ValueError: an argument out of range.

    Source: ours. Book: chapter 6, "From infinitely many neurons to finitely many".

    >>> a, _, t = ridge_neurons(Gaussian([0.0]), 512, 1.0)  # α = f″/2, both sides of 0
    >>> round(float(a.sum()), 3), bool((t < 1).all())
    (-1.213, True)
    """
    k, radius = whole_number(width, "width", 1), positive_number(radius, "radius")
    cells = whole_number(cells, "cells", 2)
    if method not in ("qmc", "mc"):
        raise ValueError(f'method must be "qmc" or "mc", got {method!r}')
    d = whole_number(smooth(function).dim, "function.dim", 1)
    q = cube_points(k, d, method, seed)
    u, u_density, z = _draw_directions(function, q, radius, cells)
    t, t_density = np.empty(k), np.empty(k)
    for part in np.array_split(np.arange(k), -(-k * cells // 2**17)):  # tables that stay in the cache
        height = _fold_profile(function, u[part], radius, cells)
        t[part], t_density[part], _ = draw_linear(height, z[part])
    t *= radius
    amplitude = 2 * sphere_area(d) * radius / k * function.ridge_density(u, t) / (u_density * t_density)
    return Neurons(amplitude, u, t)


def smooth(function: SmoothFunction) -> SmoothFunction:
    """``function`` itself, or a ``ValueError`` where it does not know its density."""
    lacking = [name for name in ("dim", "gradient", "ridge_density") if not hasattr(function, name)]
    if lacking:
        raise ValueError(
            f"function must know its {', '.join(lacking)}, got {type(function).__name__}; "
            "for a plain function f of d ≤ 3 variables pass ridges_of(f, d, reach), beyond that KnownDensity(f, α, d)"
        )
    return function


def _fold_profile(function: SmoothFunction, u: Array, radius: float, cells: int) -> Array:
    """``|α(u, ·)|`` at the ends of ``cells`` cells of 0 ≤ t ≤ R, a row for each direction, and nowhere zero."""
    t = radius * np.linspace(0, 1, cells + 1)
    height = np.abs(function.ridge_density(u[:, None, :], t))
    return height + 1e-3 * height.mean(axis=1, keepdims=True) + np.finfo(float).tiny


def _draw_directions(function: SmoothFunction, q: Array, radius: float, cells: int) -> tuple[Array, Array, Array]:
    """Directions ``(k, d)``, their density relative to the uniform law, and the coordinate left for the offset."""
    k, d = q.shape
    if d == 1:
        mass = _fold_profile(function, np.array([[1.0], [-1.0]]), radius, cells).mean(axis=1)
        right = mass[0] / mass.sum()
        up = q[:, 0] < right
        left_over = np.where(up, q[:, 0] / right, (q[:, 0] - right) / (1 - right))
        return np.where(up, 1.0, -1.0)[:, None], 2 * np.where(up, right, 1 - right), left_over
    if d == 2:
        mass = _fold_profile(function, circle(np.arange(ANGLES) / ANGLES), radius, cells).mean(axis=1)
        mass = np.append(mass, mass[0]) + 1e-3 * mass.mean()
        share, density, _ = draw_linear(np.broadcast_to(mass, (k, ANGLES + 1)), q[:, 0])
        return circle(share), density, q[:, 1]
    z = uniform_directions(q[:, :-1])
    if isinstance(function, Gaussian):
        return *angular_gaussian(z, [function.covariance], [1.0]), q[:, -1]
    sampler = getattr(function, "direction_sampler", None)
    u, density = (z, np.ones(k)) if sampler is None else sampler(z)
    return u, density, q[:, -1]


# --------------------------------------------------------------------------------------------------------- the network


def ridge_network(
    function: SmoothFunction,
    width: int,
    radius: float,
    method: Method = "qmc",
    seed: int = 0,
    gauge: Gauge = "optimal",
    *,
    cells: int = 128,
) -> ShallowReLU:
    r"""A flat network for a smooth function on the ball :math:`\|x\|\le R`:

    .. math:: f_k(x)=f(0)+\nabla f(0)\cdot x+\sum_{i\le k}a_i\,\sigma(u_i\cdot x-t_i).

    The output bias is f(0); where :math:`\nabla f(0)\ne0`, two more neurons carry the linear part. A neuron drawn
    from :math:`|\alpha|` itself has :math:`|a_i|=A/k`, A the norm on :math:`|t|<R`.

    Args:
        function: with ``dim``, values, ``gradient`` and ``ridge_density``, such as a
            :class:`~stableminima.functions.gaussian.Gaussian` or an object of :mod:`stableminima.functions.ridge`.
        width: k, neurons that are drawn; a power of two is best for ``"qmc"``.
        radius: R of the ball that holds the inputs.
        method: ``"qmc"``, scrambled Sobol points, or ``"mc"``, independent neurons.
        seed: of the drawing.
        gauge: ``"optimal"``, :math:`\|w_i\|^2=|a_i|\sqrt{1+R^2}/(R-t_i)`, which minimises the bound on the sharpness;
            ``"balanced"``, :math:`\|w_i\|=|v_i|`.
        cells: of the piecewise linear fit of :math:`|\alpha(u,\cdot)|` that offsets are drawn from.

    Returns:
        The network, of ``width`` neurons, and two more where f has a slope at the origin.

    Raises:
        ValueError: an argument out of range, or a function that does not know its density.

    Warns:
        UserWarning: the network misses the function by over four standard errors of independent drawing: density and
            function do not belong together.

    Source: construction ours. Book: chapter 6, "From infinitely many neurons to finitely many".

    >>> net = ridge_network(Gaussian([0.0, 0.0]), 1024, 2.0)
    >>> bool(abs(net([[0.5, -0.5]])[0] - np.exp(-0.25)) < 0.01)
    True
    """
    a, u, t = ridge_neurons(function, width, radius, method, seed, cells)
    origin = np.zeros((1, u.shape[1]))
    slope = function.gradient(origin)[0]
    size = np.linalg.norm(slope)
    if size > 1e-12:
        a, t = np.append(a, [size, -size]), np.append(t, [0.0, 0.0])
        u = np.vstack([u, slope / size, -slope / size])
    net = in_gauge(Neurons(a, u, t), float(function(origin)[0]), radius, gauge)
    if width >= PROBES:
        _compare(net, function, radius)
    return net


def _compare(net: ShallowReLU, function: SmoothFunction, radius: float) -> None:
    """Warn where a network misses its function by more than its drawing explains."""
    z = np.random.default_rng(0).normal(size=(PROBES, net.dim))
    X = 0.9 * radius * z / np.linalg.norm(z, axis=1, keepdims=True)  # near the rim: every neuron has been on
    values, guess = function(X), standard_error(net, X)
    miss = np.sqrt(np.mean((net(X) - values) ** 2))
    if miss > SUSPECT * guess + 1e-3 * np.abs(values).max():
        warnings.warn(
            f"the network misses the function by {miss:.2g} near the rim, of which its drawing explains {guess:.1g}: "
            "ridge_density belongs to another function, or the function's own values are inaccurate",
            stacklevel=3,
        )


def in_gauge(neurons: Neurons, c: float, radius: float, gauge: Gauge = "optimal") -> ShallowReLU:
    r"""The network with these neurons and output bias c, parametrised as ``gauge`` says.

    Neurons of amplitude 0 and, in the optimal gauge, neurons that are off on the whole ball (:math:`t\ge R`), get
    the weight zero.

    Args:
        neurons: amplitudes ``(k,)``, directions ``(k, d)``, offsets ``(k,)``.
        c: the output bias.
        radius: R of the ball that holds the inputs.
        gauge: ``"optimal"`` or ``"balanced"``, as for :func:`ridge_network`.

    Returns:
        The network, of k neurons.

    Raises:
        ValueError: another gauge.

    Source: ours. Book: chapter 6, "Flat at every width".

    >>> in_gauge(Neurons(np.array([4.0]), np.array([[1.0]]), np.array([0.0])), 0.0, 1.0, "balanced").W
    array([[2.]])
    """
    a, u, t = neurons
    if gauge not in ("optimal", "balanced"):
        raise ValueError(f'gauge must be "optimal" or "balanced", got {gauge!r}')
    room = np.maximum(radius - t, 0.0)
    squared = np.abs(a) if gauge == "balanced" else np.where(room > 0, np.abs(a) * np.hypot(1, radius), 0.0)
    length = np.sqrt(squared / np.where(room > 0, room, 1.0)) if gauge == "optimal" else np.sqrt(squared)
    v = np.divide(a, length, out=np.zeros_like(a), where=length > 0)
    return ShallowReLU(length[:, None] * u, -length * t, v, c)


# ---------------------------------------------------------------------------------------------------------- the bounds


def ridge_norm(function: SmoothFunction, radius: float, neurons: int = 2**14, cells: int = 128) -> float:
    r"""The norm on the ball, :math:`A=\int_S\int_{|t|<R}|\alpha(u,t)|\,dt\,du`, by quasi-Monte Carlo.

    Args:
        function: as for :func:`ridge_network`.
        radius: R of the ball.
        neurons: how many are drawn; a power of two is best.
        cells: of the piecewise linear fit that offsets are drawn from.

    Returns:
        A.

    Raises:
        ValueError: an argument out of range.

    Source: ours. Book: chapter 6, "Flat at every width".

    >>> round(ridge_norm(Gaussian([0.0]), 1.0), 4)  # 2/√e
    1.2131
    """
    return float(np.abs(ridge_neurons(function, neurons, radius, cells=cells).amplitude).sum())


def _slope(function: SmoothFunction) -> float:
    return float(np.linalg.norm(function.gradient(np.zeros((1, function.dim)))[0]))


def sharpness_ceiling(function: SmoothFunction, radius: float, neurons: int = 2**14) -> float:
    r"""What bounds :math:`\|\nabla_\theta f_k(x)\|^2` on the ball, whatever the width, in the optimal gauge:

    .. math:: 1+2\sqrt{1+R^2}\Bigl(\int_S\int_{|t|<R}|\alpha|\,(R-|t|)\,dt\,du+R\,\|\nabla f(0)\|\Bigr).

    This is the mean over the drawing of the sum that the network has; :func:`sharpness_bound` holds for every drawing.

    Args:
        function: as for :func:`ridge_network`.
        radius: R of the ball.
        neurons: how many are drawn for the integral; a power of two is best.

    Returns:
        The bound, at least 1.

    Raises:
        ValueError: an argument out of range.

    Source: ours. Book: chapter 6, "Flat at every width".

    >>> bump = Gaussian([0.0, 0.0])
    >>> 1 < sharpness_ceiling(bump, 2.0, 2**10) < sharpness_bound(bump, 2.0, 2**10)
    True
    """
    a, _, t = ridge_neurons(function, neurons, radius)
    return float(1 + 2 * np.hypot(1, radius) * (np.abs(a) @ (radius - t) + radius * _slope(function)))


def sharpness_bound(function: SmoothFunction, radius: float, neurons: int = 2**14) -> float:
    r"""The a-priori bound :math:`1+2R\sqrt{1+R^2}\,(A+\|\nabla f(0)\|)` on the sharpness, for every width and sample.

    Args:
        function: as for :func:`ridge_network`.
        radius: R of the ball.
        neurons: how many are drawn for the norm A; a power of two is best.

    Returns:
        The bound, at least 1.

    Raises:
        ValueError: an argument out of range.

    Source: ours. Book: chapter 6, "Flat at every width".

    >>> round(sharpness_bound(Gaussian([0.0]), 1.0), 3)  # 1 + 2√2 · 2/√e
    4.431
    """
    norm = ridge_norm(function, radius, neurons)
    return float(1 + 2 * radius * np.hypot(1, radius) * (norm + _slope(function)))
