"""The pictures of chapter 2, the univariate bound: functions from data to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike, NDArray

from ...bounds.chain import BoundChain
from ...bounds.norms import second_derivative
from ...bounds.weights import Law, population_weight, univariate_weight
from ...checks import Array
from ...networks import ShallowReLU
from ...stability import sharpness
from ...training.descent import TrainingRun
from .style import BLUE, GREEN, INK, LINKS, MUTED, ORANGE, RED, SKY, draw_band, panels, stack_slacks, step_colors

Mask = NDArray[np.bool_]


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
    ax.legend(loc="lower left")
    return fig


def plot_edge(steps: Sequence[float], start: Array, end: Array, converged: Mask) -> Figure:
    """ηλ/2 of every draw and step size, ``(draws, steps)``: a cross at the start, a circle at the end."""
    fig, ax = panels(1, height=3.6)
    draws = len(start)
    place = np.arange(len(steps)) + np.linspace(-0.3, 0.3, draws)[:, None]
    ax.vlines(place, np.minimum(start, end), np.maximum(start, end), color=MUTED, linewidth=0.8)
    ax.plot(place.ravel(), start.ravel(), "x", color=MUTED, markersize=4, label="start")
    ax.plot(place[converged], end[converged], "o", color=RED, markersize=4, label="end, converged")
    ax.plot(
        place[~converged], end[~converged], "o", color=RED, markersize=4, fillstyle="none", label="end, not converged"
    )
    ax.axhline(1.0, color=INK, linestyle="--", linewidth=1.2)
    ax.set_xticks(range(len(steps)), [f"{eta:g}" for eta in steps])
    ax.set(yscale="log", xlabel=r"step size $\eta$", ylabel=r"$\eta\lambda_{\max}/2$")
    ax.legend(loc="upper left")
    return fig


def plot_slacks(
    steps: Sequence[float], chains: Sequence[Mapping[float, BoundChain]], converged: Mask, counts: Mapping[str, Array]
) -> Figure:
    """How the ceiling is spent, as stacked shares: means over the runs that converged, ``(draws, steps)``.

    Below, counts of that shape: their medians and ranges over all draws.
    """
    fig, (top, bottom) = panels(2, height=2.6)
    shares = {
        name: np.array([[getattr(c, name) / c.ceiling for c in row.values()] for row in chains]) for name in LINKS
    }
    whole = np.where(converged.any(axis=0), converged.sum(axis=0), np.nan)
    stack_slacks(top, {name: (values * converged).sum(axis=0) / whole for name, values in shares.items()})
    bars = np.arange(len(steps))
    ticks = [f"{eta:g}" for eta in steps]
    top.set_xticks(bars, ticks)
    top.set(ylabel=r"share of $1/\eta-1/2$", ylim=(0, 1.02))
    top.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    for (name, values), color, marker in zip(counts.items(), (BLUE, INK, ORANGE), "osD", strict=True):
        draw_band(bottom, bars, values.T, color=color, marker=marker, markersize=4, label=name)
    bottom.set_xticks(bars, ticks)
    bottom.set(xlabel=r"step size $\eta$", ylabel="number", ylim=(0, None))
    bottom.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return fig


FATES = {"converged": GREEN, "unfinished": SKY, "collapsed": MUTED, "diverged": RED}


def plot_warmups(
    steps: Sequence[float], status: Mapping[int, Array], edges: Mapping[int, Array], alive: Mapping[int, Array]
) -> Figure:
    """How runs end for each length of the warm-up; below, of those that did not diverge, ηλ/2 and living neurons.

    All arrays are ``(draws, steps)``.
    """
    fig, (top, middle, bottom) = panels(3, height=2.2, sharex=True)
    place, width = np.arange(len(steps)), 0.8 / len(status)
    for k, (length, ends) in enumerate(status.items()):
        x, below = place + (k - (len(status) - 1) / 2) * width, np.zeros(len(steps))
        for fate, color in FATES.items():
            number = (ends == fate).sum(axis=0)
            if (ends == fate).any():
                top.bar(x, number, width * 0.9, bottom=below, color=color, label=fate)
            below = below + number
        for at in x[:1]:
            top.text(at, len(ends) + 0.2, str(length), ha="center", va="bottom", fontsize="small", rotation=90)
    seen = dict(zip(*reversed(top.get_legend_handles_labels()), strict=True))
    top.set(ylabel="runs")
    top.legend(seen.values(), seen.keys(), loc="lower center", bbox_to_anchor=(0.5, 1.12), ncols=len(seen))
    for (length, ends), color, marker in zip(status.items(), (RED, ORANGE, BLUE), "Dso", strict=False):
        for ax, values in ((middle, edges[length]), (bottom, alive[length])):
            groups = [column[fates != "diverged"] for column, fates in zip(values.T, ends.T, strict=True)]
            some = [k for k, group in enumerate(groups) if len(group) > 1]
            draw_band(ax, np.array(some), [groups[k] for k in some], color=color, marker=marker, markersize=4,
                      label=f"warm-up {length}")  # fmt: skip
    middle.axhline(1.0, color=INK, linestyle="--", linewidth=1.2)
    middle.set(yscale="log", ylabel=r"$\eta\lambda_{\max}/2$")
    middle.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(status))
    bottom.set_xticks(place, [f"{eta:g}" for eta in steps])
    bottom.set(xlabel=r"step size $\eta$", ylabel="living neurons", ylim=(0, None))
    return fig


Paths = tuple[Sequence[Sequence[tuple[int, ShallowReLU]]], Sequence[ArrayLike]]


def plot_tripling(ways: Mapping[str, Paths], draws: Sequence[Any], steps: Array) -> Figure:
    """Loss and η·sharpness after the step was tripled, in each way; epoch 0 is the minimum that was left.

    A way is the networks looked at, with their epochs, and the loss after every epoch, a list of each over the draws.
    """
    fig, (top, bottom) = panels(2, height=2.4, sharex=True)
    for (name, (paths, histories)), color in zip(ways.items(), (RED, BLUE), strict=True):
        for one, path, history, eta in zip(draws, paths, histories, steps, strict=True):
            loss = np.asarray(history)
            top.plot(1 + np.arange(1, len(loss) + 1), loss, color=color, linewidth=0.9)
            sharp = [eta * sharpness(net, one.X) for _, net in path]
            bottom.plot([1 + epoch for epoch, _ in path], sharp, color=color, linewidth=0.9)
        bottom.lines[-1].set_label(name)
    top.set(xscale="log", yscale="log", ylabel="loss")
    bottom.axhline(2.0, color=INK, linestyle="--", linewidth=1.2)
    edge = r"edge: $3\eta\,\lambda_{\max}=2$"
    bottom.text(0.02, 1.94, edge, transform=bottom.get_yaxis_transform(), ha="left", va="top", fontsize="small")
    bottom.set(xlabel="1 + epochs since the step was tripled", ylabel=r"$3\eta\,\lambda_{\max}$", ylim=(0, None))
    bottom.legend(loc="lower left")
    return fig


def plot_before_after(one: Any, stages: Sequence[Sequence[TrainingRun]], shown: int, norms: Array) -> Figure:
    """One draw's function before the step was tripled, after it grew and after it jumped; below, all stability norms.

    ``stages`` are the runs of these three, ``norms`` is ``(3, draws)``.
    """
    fig, (top, bottom) = panels(2, height=2.5)
    x, y = one.x, one.y
    names = ("before", "after the step grew", "after it jumped")
    for runs, name, color in zip(stages, names, (MUTED, BLUE, RED), strict=True):
        _draw_function(top, runs[shown].network, x, y, color)
        top.lines[-2].set_label(name)
    top.set(xlabel="$x$", ylabel="$f$", ylim=(y.min() - 0.3 * np.ptp(y), y.max() + 0.5 * np.ptp(y)))
    top.legend(loc="lower center", bbox_to_anchor=(0.5, 0.98), ncols=3)
    bottom.plot([0, 1, 2], norms, "-", color=MUTED, linewidth=1.0)
    for place, (runs, values, color) in enumerate(zip(stages, norms, (MUTED, BLUE, RED), strict=True)):
        for run, value in zip(runs, values, strict=True):
            bottom.plot(place, value, "o", color=color, fillstyle="full" if run.status == "converged" else "none")
    bottom.set_xticks([0, 1, 2], names)
    bottom.set(ylabel="$S_g$", xlim=(-0.4, 2.4), ylim=(0, None))
    return fig


def plot_step_limit(shares: ArrayLike, losses: Array, converged: Mask, tolerance: float) -> Figure:
    """The loss of every draw, ``(draws, shares)``, against its step in units of its limit; open, not converged."""
    fig, ax = panels(1, height=3.0)
    x = np.broadcast_to(shares, losses.shape) + np.linspace(-0.012, 0.012, len(losses))[:, None]
    ax.plot(x[converged], losses[converged], "o", color=BLUE, markersize=4.5, label="converged")
    ax.plot(x[~converged], losses[~converged], "o", color=BLUE, markersize=4.5, fillstyle="none", label="not converged")
    right = np.max(shares) + 0.04
    ax.axvspan(1.0, right, facecolor=(RED, 0.08), edgecolor=RED, linestyle="--", linewidth=1.4)
    ax.axhline(tolerance, color=MUTED, linestyle=":", linewidth=1.2)
    ax.annotate("no stable\ninterpolation", (1.0, 0.06), xycoords=("data", "axes fraction"), xytext=(6, 0),
                textcoords="offset points", fontsize="small")  # fmt: skip
    ax.set(yscale="log", xlabel="step size, in units of the limit", ylabel="loss after training", xlim=(None, right))
    ax.legend(loc="upper left")
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
        ax.plot(*cloud, ".", color=MUTED, markersize=2.5)
        _draw_function(ax, after, x, y, color)
        ax.lines[-2].set(linestyle="--", linewidth=1.2)
        _draw_function(ax, last, x, y, color)
        ax.set(title=title, ylabel=labels[1])
    axes[-1].set_xlabel(labels[0])
    return fig
