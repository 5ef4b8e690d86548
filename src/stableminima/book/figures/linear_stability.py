"""The pictures of chapter 1, linear stability: functions from data to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ...checks import Array
from ...networks import ShallowReLU
from ...stability.thresholds import Bracket
from .style import BLUE, GREEN, INK, MUTED, ORANGE, PINK, RED, WIDTH, fill, panels, step_colors


def plot_parabola(products: Sequence[float]) -> Figure:
    r"""Gradient descent on :math:`\frac12\theta^2`, one small panel for each value of ηλ."""
    fig, axes = panels(1, len(products), height=2.3, sharey=True)
    grid, start, steps = np.linspace(-1.6, 1.6, 201), 0.8, 12
    for ax, product in zip(axes, products, strict=True):
        theta = start * (1.0 - product) ** np.arange(steps + 1)
        ax.plot(grid, grid**2 / 2, color=MUTED, linewidth=1.2)
        ax.plot(theta, theta**2 / 2, "-", color=BLUE if product <= 2 else RED, linewidth=1.0)
        ax.plot(theta, theta**2 / 2, "o", color=BLUE if product <= 2 else RED, markersize=3.5)
        ax.plot(start, start**2 / 2, "o", color=INK, markersize=5)
        ax.set(title=rf"$\eta\lambda = {product:g}$", xlabel=r"$\theta$", xlim=(-1.6, 1.6), ylim=(-0.05, 1.1))
    axes[0].set_ylabel(r"loss $L(\theta)$")
    return fig


def plot_two_parametrisations(
    histories: Mapping[str, Array], growth: float, x: Array, y: Array, before: ShallowReLU, after: ShallowReLU
) -> Figure:
    """Loss after a small perturbation of two parametrisations of one function; below, what the unstable one became."""
    fig, (top, bottom) = panels(2, height=2.5)
    for (name, history), color in zip(histories.items(), (BLUE, RED), strict=True):
        top.semilogy(np.arange(1, len(history) + 1), history, color=color, label=name)
    start = histories[list(histories)[1]][0]
    t = np.arange(1, 2 + int(np.log(1e-1 / start) / np.log(growth)))
    top.semilogy(t, start * growth ** (t - 1), ":", color=INK, label=r"growth $(1-\eta\lambda_{\max})^2$ a step")
    top.set(xlabel="step of gradient descent", ylabel="loss", xscale="log")
    top.legend(loc="center right")
    grid = np.linspace(x.min() - 0.1, x.max() + 0.1, 400)
    bottom.plot(grid, before(grid[:, None]), color=BLUE, label="the function of both, and of the stable one at the end")
    bottom.plot(grid, after(grid[:, None]), color=RED, label="what the unstable one became")
    bottom.plot(x, y, "o", color=INK, markersize=4, label="samples")
    low, high = bottom.get_ylim()
    bottom.set(xlabel="$x$", ylabel="$f(x)$", ylim=(low, high + 0.55 * (high - low)))
    bottom.legend(loc="upper left")
    return fig


def plot_edge(records: Mapping[float, Array], converged: Mapping[float, bool] | None = None) -> Figure:
    """Sharpness and loss along gradient descent; a record has columns step, sharpness, loss.

    A run that is said not to have converged ends in an open circle.
    """
    fig, (top, bottom) = panels(2, height=2.7, sharex=True)
    for (eta, record), color in zip(records.items(), step_colors(list(records)), strict=True):
        step, sharp, loss = record.T
        top.plot(step, sharp, color=color, linewidth=1.3, label=rf"$\eta={eta:g}$")
        top.axhline(2 / eta, color=color, linestyle="--", linewidth=1.0)
        bottom.plot(step, loss, color=color, linewidth=1.1)
        if converged is not None and not converged[eta]:
            for ax, end in ((top, sharp[-1]), (bottom, loss[-1])):
                ax.plot(step[-1], end, "o", color=color, markerfacecolor="white", markersize=5, clip_on=False)
    top.set(ylabel=r"sharpness $\lambda_{\max}(\Phi\Phi^{\mathsf{T}}/n)$", yscale="log")
    ticks = [5, 10, 20, 40, 80]
    top.set_yticks(ticks, [str(tick) for tick in ticks])
    top.minorticks_off()
    top.legend(loc="lower right", ncol=2)
    bottom.set(xlabel="step of gradient descent", ylabel="loss", yscale="log")
    return fig


def plot_gauss_newton(step: Array, difference: Array, bound: Array) -> Figure:
    """How far the top of the full Hessian is from that of its Gauss–Newton part, under the bound by the residuals."""
    fig, ax = plt.subplots(figsize=(WIDTH, 2.7))
    ax.semilogy(step, bound, "--", color=RED, label=r"bound $\sqrt{1+R^2}\sqrt{2L}$")
    ax.semilogy(
        step, difference, color=BLUE, label=r"$|\lambda_{\max}(\nabla^2L)-\lambda_{\max}(\Phi\Phi^{\mathsf{T}}/n)|$"
    )
    ax.set(xlabel="step of gradient descent", ylabel="curvature")
    ax.legend(loc="upper right")
    return fig


def plot_growth_factors(
    step_sizes: Array, factors: Mapping[str, Array], intervals: Mapping[str, Sequence[tuple[float, float]]]
) -> Figure:
    """Growth a step in several senses, and under it the stable step sizes of each sense as bars."""
    fig, (top, bottom) = panels(2, height=2.3, sharex=True, height_ratios=[1.7, 1])
    colors = dict(zip(factors, (RED, ORANGE, BLUE, GREEN), strict=True))
    for name, factor in factors.items():
        top.plot(step_sizes, factor, color=colors[name], label=name)
    top.axhline(1.0, color=INK, linewidth=0.8)
    top.set(ylabel="growth a step", ylim=(0, 2.6))
    top.legend(loc="upper right")
    for row, (name, bars) in enumerate(list(intervals.items())[::-1]):
        for low, high in bars:
            bottom.plot([low, high], [row, row], color=colors[name], linewidth=6, solid_capstyle="butt")
    bottom.set(xlabel=r"step size $\eta$", ylim=(-0.6, len(intervals) - 0.4))
    bottom.set_yticks(range(len(intervals)), list(intervals)[::-1])
    bottom.grid(axis="y", visible=False)
    return fig


def _bracket_line(
    ax: plt.Axes, batch_sizes: ArrayLike, brackets: Sequence[Bracket], unit: float, color: str, label: str, marker: str
) -> None:
    middle = np.array([bracket.middle for bracket in brackets]) / unit
    spread = np.abs(np.array([(bracket.low, bracket.high) for bracket in brackets]).T / unit - middle)
    ax.errorbar(
        batch_sizes, middle, spread, color=color, marker=marker, markersize=4, capsize=2.5, linewidth=1.3, label=label
    )


def plot_thresholds(minima: Mapping[str, Mapping[str, Sequence]], batch_sizes: Mapping[str, Sequence[int]]) -> Figure:
    """The thresholds of several minima against the batch size, each in units of its 2/λ_max; one panel a minimum.

    The first batch size is 1, where the lower of the explicit bounds is the one that does not know the batch size.
    """
    fig, axes = panels(len(minima), height=2.7)
    for ax, (name, found) in zip(np.atleast_1d(axes), minima.items(), strict=True):
        sizes = batch_sizes[name]
        unit = found["mean"][0]
        ax.plot(sizes, np.asarray(found["mean"]) / unit, color=RED, label=r"mean, $2/\lambda_{\max}(H)$")
        low, high = (np.array([getattr(bound, end) for bound in found["bounds"]]) / unit for end in ("low", "high"))
        fill(ax, sizes, low, high, BLUE, 0.15, label="mean square, explicit bounds")
        ax.axhline(low[0], color=MUTED, linestyle=":", linewidth=1.2, label=r"$2/\max_j\|\nabla f(x_j)\|^2$")
        _bracket_line(ax, sizes, found["iid"], unit, GREEN, "almost sure, independent batches", "o")
        _bracket_line(ax, sizes, found["reshuffled"], unit, PINK, "almost sure, reshuffled epochs", "s")
        ax.plot(sizes, np.asarray(found["mean square"]) / unit, ".-", color=BLUE, label="mean square, exact")
        ax.set(title=name, ylabel=r"$\eta\,/\,(2/\lambda_{\max})$", xscale="log", ylim=(0, 1.35))
        ax.set_xticks(sizes, [str(size) for size in sizes])
        ax.minorticks_off()
    lines = np.atleast_1d(axes)[0].get_legend_handles_labels()
    fig.legend(*lines, loc="outside lower center", ncol=2)
    np.atleast_1d(axes)[-1].set_xlabel("batch size $B$")
    return fig


def plot_both_sides(rows: Mapping[str, Mapping[str, Array]]) -> Figure:
    """One panel a threshold: squared distances ``(steps,)`` or ``(paths, steps)`` below it (blue) and above."""
    fig, axes = panels(len(rows), height=2.0, sharex=True)
    for ax, (title, sides) in zip(axes, rows.items(), strict=True):
        for (name, values), color in zip(sides.items(), (BLUE, RED), strict=True):
            values = np.atleast_2d(values)
            ax.semilogy(values.T, color=color, linewidth=1.8 if len(values) == 1 else 0.5)
            ax.plot([], [], color=color, label=name)
        ax.set(title=title, ylabel=r"$\|\theta_t-\theta^*\|^2$")
        ax.legend(loc="upper left")
    axes[-1].set_xlabel("step $t$")
    return fig


def plot_paths(paths: Array, exact: Array) -> Figure:
    """Quantiles of many paths, their average, and the exact expectation, which the average cannot show."""
    fig, ax = plt.subplots(figsize=(WIDTH, 3.4))
    t = np.arange(paths.shape[1])
    bands = np.quantile(paths, [0.0, 0.05, 0.5, 0.95, 1.0], axis=0)
    fill(ax, t, bands[0], bands[4], GREEN, 0.18, label=f"all {len(paths)} paths")
    fill(ax, t, bands[1], bands[3], GREEN, 0.35, label="nine in ten")
    ax.semilogy(t, bands[2], color=GREEN, label="median path")
    ax.semilogy(t, paths.mean(axis=0), color=ORANGE, label="average of the paths")
    ax.semilogy(t, exact, color=BLUE, label=r"exact $\mathbb{E}\|\theta_t-\theta^*\|^2$")
    ax.set(xlabel="step $t$", ylabel=r"$\|\theta_t-\theta^*\|^2$")
    ax.legend(loc="upper left")
    return fig


def plot_preactivations(values: Mapping[str, Array]) -> Figure:
    """Histograms of the sizes of all pre-activations w·x + b: a heap near zero means knots on samples."""
    fig, axes = panels(len(values), height=1.9, sharex=True)
    for ax, (name, Z), color in zip(axes, values.items(), (BLUE, RED, GREEN), strict=False):
        size = np.log10(np.maximum(np.abs(np.ravel(Z)), 1e-16))
        ax.hist(size, bins=np.arange(np.floor(size.min()), 2, 0.2), color=color)
        ax.set(title=name, ylabel="pairs", yscale="log")
    axes[-1].set_xlabel(r"$\log_{10}|w_i\cdot x_j+b_i|$")
    return fig
