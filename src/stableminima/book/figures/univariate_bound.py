"""The pictures of chapter 2, the univariate bound: functions from data to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike

from ...bounds.chain import BoundChain
from ...bounds.norms import second_derivative
from ...bounds.weights import Law, population_weight, univariate_weight
from ...checks import Array
from ...networks import ShallowReLU
from ...training.descent import TrainingRun
from .style import BLUE, CEILING, GREEN, INK, LINKS, MUTED, RED, panels, stack_slacks, step_colors


def _draw_function(ax: Axes, net: ShallowReLU, x: Array, y: Array, color: object) -> None:
    """The function between the outer samples (and a little beyond), with the samples on it."""
    reach = 0.08 * np.ptp(x)
    grid = np.linspace(x.min() - reach, x.max() + reach, 1001)
    ax.plot(grid, net(grid), color=color, linewidth=1.6)
    ax.plot(x, y, "o", color=INK, markersize=4)


def _draw_weighted_knots(ax: Axes, net: ShallowReLU, x: Array, color: object) -> None:
    """A stem at every knot, as high as its share |a|g(τ) of the stability norm; ticks at the samples."""
    knots, masses = second_derivative(net)
    share = np.abs(masses) * univariate_weight(x, knots)
    shown = share > 0
    ax.vlines(knots[shown], 0.0, share[shown], color=color, linewidth=1.3)
    ax.plot(x, np.zeros_like(x), "|", color=INK, markersize=7)


def _fit_grid(
    nets: Sequence[ShallowReLU], titles: Sequence[str], x: Array, y: Array, columns: int, height: float
) -> Figure:
    """Function above, weighted knots below, once for each network; all panels of a kind share their axes."""
    rows = -(-len(nets) // columns)
    fig, axes = panels(2 * rows, columns, height=height / 2, sharex=True, gridspec_kw={"height_ratios": [5, 3] * rows})
    axes = np.reshape(axes, (2 * rows, columns))
    highest = max(
        (np.abs(a) * univariate_weight(x, t)).max(initial=0.0) for t, a in (second_derivative(net) for net in nets)
    )
    reach = 0.12 * np.ptp(y)
    for i, (net, title, color) in enumerate(zip(nets, titles, step_colors(range(len(nets))), strict=True)):
        top, bottom = axes[2 * (i // columns), i % columns], axes[2 * (i // columns) + 1, i % columns]
        _draw_function(top, net, x, y, color)
        _draw_weighted_knots(bottom, net, x, color)
        top.set(title=title, ylim=(y.min() - 3 * reach, y.max() + 3 * reach))
        bottom.set_ylim(-0.08 * highest, 1.05 * highest)
        if i % columns == 0:
            top.set_ylabel("$f$")
            bottom.set_ylabel(r"$|f''|\,g$")
        else:
            top.tick_params(labelleft=False)
            bottom.tick_params(labelleft=False)
    for ax in axes[-1]:
        ax.set_xlabel("$x$")
    return fig


def plot_two_fits(nets: Mapping[str, ShallowReLU], x: Array, y: Array) -> Figure:
    """Two or three networks through the same samples: the function, and below it each knot's share of the norm."""
    return _fit_grid(list(nets.values()), list(nets), x, y, columns=1, height=2.6)


def plot_gallery(runs: Mapping[float, TrainingRun], x: Array, y: Array) -> Figure:
    """One small panel a step size: the function and its weighted knots; runs that did not converge say so."""
    titles = [
        rf"$\eta={eta:g}$" + ("" if run.status == "converged" else f" ({run.status})") for eta, run in runs.items()
    ]
    return _fit_grid([run.network for run in runs.values()], titles, x, y, columns=2, height=2.0)


def plot_constant_vector(net: ShallowReLU, X: Array, top: Array) -> Figure:
    """The network on its samples, and below the top eigenvector of the kernel beside the constant one."""
    x = X[:, 0]
    fig, (above, below) = panels(2, height=1.7, sharex=True)
    _draw_function(above, net, x, net(X), BLUE)
    above.set_ylabel("$f$")
    below.axhline(1 / np.sqrt(len(x)), color=MUTED, linestyle="--", label=r"constant vector $1/\sqrt{n}$")
    below.plot(x, top * np.sign(top.sum()), "o", color=RED, label="top eigenvector of $G/n$")
    below.set(xlabel="sample $x_j$", ylabel="component", ylim=(0, None))
    below.legend(loc="best")
    return fig


def plot_weights(samples: Mapping[Law, Sequence[ArrayLike]]) -> Figure:
    """The population weight of each law (thick) and the weights of several samples from it (thin)."""
    fig, axes = panels(len(samples), height=1.75, sharex=True, sharey=True)
    t = np.linspace(-3.2, 3.2, 641)
    for ax, (law, draws), color in zip(axes, samples.items(), (BLUE, GREEN, RED), strict=True):
        for draw in draws:
            ax.plot(t, univariate_weight(draw, t), color=MUTED, linewidth=0.8)
        ax.plot(t, population_weight(law, t), color=color, linewidth=2.4)
        ax.set_title(law.capitalize() if law != "laplace" else "Laplace")
        ax.set_ylabel("$g(t)$")
    axes[-1].set_xlabel("position $t$ of a knot (standard deviations)")
    return fig


def plot_chain(chains: Mapping[float, BoundChain], converged: Sequence[bool]) -> Figure:
    """The five numbers of the chain against the step size; open circles are runs that did not converge."""
    fig, ax = panels(1, height=4.2)
    steps = np.array(list(chains))
    done = np.array(converged)
    for name, link in LINKS.items():
        values = np.array([getattr(chain, name) for chain in chains.values()])
        ax.plot(steps, values, markevery=done, markersize=4.5, **link.style)
        ax.plot(steps[~done], values[~done], link.marker, color=link.color, markersize=5.5, fillstyle="none")
    ax.set(xscale="log", yscale="log", xlabel=r"step size $\eta$", ylabel="the chain of bounds")
    ax.set_xticks(steps, [f"{s:g}" for s in steps])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend(loc="lower left", fontsize=8.5)
    return fig


def plot_slacks(chains: Mapping[float, BoundChain], effective_knots: Array) -> Figure:
    """How the ceiling is spent, as stacked shares; below, the effective number of knots of several seeds."""
    fig, (top, bottom) = panels(2, height=2.6)
    ceiling = np.array([getattr(chain, CEILING) for chain in chains.values()])
    stack_slacks(top, {name: np.array([getattr(c, name) for c in chains.values()]) / ceiling for name in LINKS})
    bars = np.arange(len(chains))
    ticks = [f"{eta:g}" for eta in chains]
    top.set_xticks(bars, ticks)
    top.set(ylabel=r"share of $1/\eta-1/2$", ylim=(0, 1.02))
    top.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=8.5)
    bottom.plot(bars, effective_knots.T, "o", color=MUTED, markersize=3.5)
    bottom.plot(bars, effective_knots.mean(axis=0), "o-", color=BLUE)
    bottom.set_xticks(bars, ticks)
    bottom.set(xlabel=r"step size $\eta$", ylabel="effective knots", ylim=(0, None))
    return fig


def plot_tripling(
    epochs: Sequence[ArrayLike], losses: Sequence[ArrayLike], sharpnesses: Sequence[ArrayLike], steps: Array
) -> Figure:
    """Loss and η·sharpness after the step was tripled, one line a seed; epoch 0 is the minimum that was left."""
    fig, (top, bottom) = panels(2, height=2.4, sharex=True)
    for t, loss, sharpness, eta, color in zip(
        epochs, losses, sharpnesses, steps, step_colors(range(len(steps))), strict=True
    ):
        top.plot(np.asarray(t) + 1, loss, color=color, linewidth=1.2)
        bottom.plot(np.asarray(t) + 1, eta * np.asarray(sharpness), color=color, linewidth=1.2)
    top.set(xscale="log", yscale="log", ylabel="loss")
    bottom.axhline(2.0, color=INK, linestyle="--", linewidth=1.2)
    edge = r"edge: $3\eta\,\lambda_{\max}=2$"
    bottom.text(0.98, 2.06, edge, transform=bottom.get_yaxis_transform(), ha="right", fontsize=9)
    bottom.set(xlabel="1 + epochs since the step was tripled", ylabel=r"$3\eta\,\lambda_{\max}$", ylim=(0, None))
    return fig


def plot_before_after(
    before: Array, after: Array, first: ShallowReLU, second: ShallowReLU, x: Array, y: Array
) -> Figure:
    """One seed's function before and after the step was tripled, and the stability norms of all seeds."""
    fig, (top, bottom) = panels(2, height=2.5)
    _draw_function(top, first, x, y, BLUE)
    _draw_function(top, second, x, y, RED)
    top.lines[0].set_label(r"at the minimum for $\eta$")
    top.lines[2].set_label(r"after training with $3\eta$")
    top.set(xlabel="$x$", ylabel="$f$", ylim=(y.min() - 0.3 * np.ptp(y), y.max() + 0.5 * np.ptp(y)))
    top.legend(loc="lower center", bbox_to_anchor=(0.5, 0.98), ncols=2)
    for old, new in zip(before, after, strict=True):
        bottom.plot([0, 1], [old, new], "-", color=MUTED, linewidth=1.0)
    bottom.plot(np.zeros(len(before)), before, "o", color=BLUE)
    bottom.plot(np.ones(len(after)), after, "o", color=RED)
    bottom.set_xticks([0, 1], [r"before", r"after"])
    bottom.set(ylabel="$S_g$", xlim=(-0.4, 1.4), ylim=(0, None))
    return fig


def plot_step_limit(steps: ArrayLike, losses: ArrayLike, limit: float, tolerance: float) -> Figure:
    """The loss at the end of training against the step size, and the step beyond which nothing can interpolate."""
    fig, ax = panels(1, height=2.9)
    ax.semilogy(steps, losses, "o-", color=BLUE, markersize=4.5)
    ax.axvline(limit, color=RED, linestyle="--", linewidth=1.4)
    ax.axvspan(limit, 1.04 * np.max(steps), color=RED, alpha=0.08, linewidth=0)
    ax.axhline(tolerance, color=MUTED, linestyle=":", linewidth=1.2)
    ax.annotate("no stable\ninterpolation", (limit, 0.06), xycoords=("data", "axes fraction"), xytext=(6, 0),
                textcoords="offset points", color=RED, fontsize=9)  # fmt: skip
    ax.set(xlabel=r"step size $\eta$", ylabel="loss after training", xlim=(None, 1.04 * np.max(steps)))
    return fig


def plot_regression(
    pairs: Mapping[str, tuple[ShallowReLU, ShallowReLU]],
    x: Array,
    y: Array,
    cloud: tuple[Array, Array],
    labels: tuple[str, str],
) -> Figure:
    """Two consecutive iterates through the thinned samples, one panel a step size, over the cloud of the data set."""
    fig, axes = panels(len(pairs), height=2.2, sharex=True, sharey=True)
    for ax, (title, (last, after)), color in zip(axes, pairs.items(), step_colors(range(len(pairs))), strict=True):
        ax.plot(*cloud, ".", color=MUTED, markersize=2.5, alpha=0.6)
        _draw_function(ax, after, x, y, color)
        ax.lines[-2].set(linestyle="--", linewidth=1.2)
        _draw_function(ax, last, x, y, color)
        ax.set(title=title, ylabel=labels[1])
    axes[-1].set_xlabel(labels[0])
    return fig
