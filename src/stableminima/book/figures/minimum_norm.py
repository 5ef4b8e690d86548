"""The pictures of chapter 8, minimum-norm interpolation: functions from data to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...checks import Array
from ...functions.bump import RadialBump
from ...networks import ShallowReLU
from .style import BLUE, GREEN, INK, MUTED, ORANGE, PINK, RED, SKY, draw_band, fill, panels, step_colors

Curves = Mapping[str, Array]
Flags = NDArray[np.bool_]
BERNSTEIN = 0.2801694990  # lim 2n·E_{2n}(|s|): Bernstein 1914, to ten digits by Varga and Carpenter 1985
EXACT = {"color": INK, "linestyle": "--", "linewidth": 1.2, "zorder": 4}
OPTIMISER_COLORS = (ORANGE, SKY, GREEN, BLUE, RED, PINK)


def table(header: Sequence[str], rows: Mapping[str, Sequence[str]]) -> str:
    """A table in Markdown: a header, then a name and its entries a row."""
    lines = [header, ["---"] * len(header), *([name, *entries] for name, entries in rows.items())]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def scientific(value: float) -> str:
    """A positive number to one digit, for a sentence: ``3·10⁻⁵``."""
    digit, exponent = f"{value:.0e}".split("e")
    power = "10" + str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return power if digit == "1" else f"{digit}·{power}"


def decay_label(decay: float) -> str:
    """A weight decay as a formula: ``$\\lambda=10^{-3}$``."""
    return rf"$\lambda=10^{{{round(np.log10(decay))}}}$" if decay else r"$\lambda=0$"


def plot_preferences(
    families: Mapping[str, Sequence[ShallowReLU]], x: Array, y: Array, unsettled: Sequence[ShallowReLU] = ()
) -> Figure:
    """A panel for each way of training: all functions that it found, those that are no minimum dotted, the samples."""
    fig, axes = panels(1, len(families), height=2.6, sharex=True, sharey=True)
    grid = np.linspace(x.min() - 0.1, x.max() + 0.1, 601)
    for ax, (name, nets), color in zip(axes, families.items(), (BLUE, GREEN, RED), strict=False):
        for net in nets:
            ax.plot(grid, net(grid), ":" if net in unsettled else "-", color=color, linewidth=0.8)
        ax.plot(x, y, "o", color=INK, markersize=4.5, zorder=3)
        ax.set_title(name, fontsize="small")
        ax.set_xlabel("$x$")
    axes[0].set(ylabel="$f(x)$", ylim=(-0.15, None))
    return fig


def plot_joint_limit(
    sizes: Array, exact: Mapping[float, Array], trained: Mapping[float, Array], few: tuple[Array, Array], norm: float
) -> Figure:
    """Left, path norms when n, m and λ go together, the limit 4 dashed; right, of six neurons as λ falls alone.

    ``exact``: power of the law of λ to ``(sizes, draws)``; ``trained`` to the first sizes; ``few``: the λ and
    ``(samples, λ)``, with the norm of the bump in three dimensions dashed.
    """
    fig, (left, right) = panels(1, 2, height=2.9)
    for (power, paths), color, name in zip(
        exact.items(), (BLUE, RED), (r"$\lambda\propto m^{-1/2}$", r"$\lambda\propto m^{-2}$"), strict=True
    ):
        draw_band(left, sizes, paths, color=color, linewidth=1.2, label=f"{name}, exact")
        adam = trained[power]
        left.plot(sizes[: len(adam)], adam, "o", color=color, markersize=5, fillstyle="none", label=f"{name}, Adam")
    left.set(xscale="log", xlabel="neurons $m$ (samples $m-1$)", ylabel="path norm", ylim=(None, 4.3))
    left.set_xticks(sizes, [f"{m}" for m in sizes])
    left.minorticks_off()
    left.set_title("the tent, more neurons than samples", fontsize="small")
    lams, paths = few
    for row in paths:
        right.plot(lams, row, "o-", color=ORANGE, markersize=4, linewidth=1)
    right.set(xscale="log", xlabel=r"$\lambda$ (falling to the right)", ylim=(0, None))
    right.invert_xaxis()
    right.set_title("the bump in space, six neurons", fontsize="small")
    for ax, level in ((left, 4.0), (right, norm)):
        ax.axhline(level, **EXACT)
        ax.annotate(f"$N={level:g}$", (0.03, level), xycoords=("axes fraction", "data"), xytext=(0, 3),
                    textcoords="offset points", fontsize="small", color=INK)  # fmt: skip
    fig.legend(*left.get_legend_handles_labels(), loc="outside lower left", ncols=2)
    return fig


def plot_tents(rows: Mapping[str, Mapping[str, ShallowReLU]], exact: Mapping[str, tuple[Array, Array]]) -> Figure:
    """A panel for each weight decay: the functions from starts of several sizes, and the exact minimiser, dashed."""
    fig, axes = panels(1, len(rows), height=2.7, sharey=True)
    grid = np.linspace(-2, 2, 801)
    for ax, (title, nets) in zip(axes, rows.items(), strict=True):
        for (name, net), color in zip(nets.items(), (BLUE, GREEN, RED), strict=False):
            ax.plot(grid, net(grid), color=color, linewidth=1.4, label=name)
        ax.plot(*exact[title], **EXACT, label="exact")
        ax.set(title=title, xlabel="$x$")
    axes[0].set_ylabel("$f(x)$")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return fig


def plot_bumps(bumps: Sequence[RadialBump], norms: Mapping[int, float]) -> Figure:
    """Profiles of the bumps of several odd dimensions; and the norm over d − 1, with its limit."""
    fig, (left, right) = panels(1, 2, height=2.8)
    r = np.linspace(0, 1.1, 401)
    for bump, color in zip(bumps, step_colors([b.dim for b in bumps]), strict=True):
        left.plot(r, bump.profile(r), color=color, label=f"$d={bump.dim}$")
    left.set(xlabel="distance $r$", ylabel=r"$f^*_d(r)$")
    left.legend()
    dims = [d for d in norms if d > 1]
    right.plot(dims, [norms[d] / (d - 1) for d in dims], "o", color=BLUE, markersize=4.5, fillstyle="none")
    limit = 2 / BERNSTEIN
    right.axhline(limit, color=MUTED, linestyle="--", linewidth=1.2)
    right.annotate(f"{limit:.2f}", (31, limit - 0.02), va="top", ha="right", color=INK, fontsize="small")
    right.set(xlabel="dimension $d$ (odd)", ylabel="$N_d/(d-1)$", ylim=(6.9, None))
    return fig


def plot_approximation(dims: Sequence[int], bumps: Sequence[RadialBump], errors: Sequence[float]) -> Figure:
    """The error of the best polynomial for ``|s|`` in two dimensions; it alternates where the bump has its kinks."""
    fig, axes = panels(1, len(dims), height=2.3, sharey=True)
    s = np.linspace(-1, 1, 1001)
    for ax, dim, bump, error in zip(axes, dims, bumps, errors, strict=True):
        levels = bump.kinks + error * (-1.0) ** np.arange(len(bump.kinks))  # what the polynomial is at the kinks
        even = np.polynomial.Polynomial.fit(bump.kinks**2, levels, len(bump.kinks) - 2)
        ax.plot(s, (np.abs(s) - even(s**2)) / error, color=BLUE)
        mirrored = np.concatenate([-bump.kinks, bump.kinks])
        ax.plot(mirrored, (np.abs(mirrored) - even(mirrored**2)) / error, "o", color=RED, markersize=4.5)
        ax.axhline(1, color=MUTED, linestyle="--", linewidth=1)
        ax.axhline(-1, color=MUTED, linestyle="--", linewidth=1)
        ax.set(title=f"$d={dim}$, degree {dim - 1}", xlabel="$s$")
    axes[0].set_ylabel(r"$(|s|-p(s))/E$")
    return fig


def plot_profiles(
    r: Array, trained: Mapping[float, Curves], exact: Mapping[float, tuple[Array, Array]], limit: Array
) -> Figure:
    """A panel for each λ: radial means of the trained networks, the exact minimiser, dashed, and the limit, dotted."""
    fig, axes = panels(1, len(trained), height=2.9, sharey=True)
    for ax, (decay, curves) in zip(axes, trained.items(), strict=True):
        for (name, values), color in zip(curves.items(), OPTIMISER_COLORS, strict=False):
            ax.plot(r, values, color=color, linewidth=1.4, label=name)
        if decay in exact:
            ax.plot(*exact[decay], **EXACT, label=r"exact for $\lambda$")
        ax.plot(r, limit, ":", color=INK, linewidth=1.4, label=r"$f^*_3$")
        ax.set(title=decay_label(decay), xlabel="distance $r$")
    axes[0].set_ylabel("mean over directions")
    handles, labels = axes[-1].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside upper center", ncols=3)
    return fig


def plot_edge_law(
    penalties: Array,
    shifts: Mapping[int, Array],
    predicted: Mapping[int, Array],
    readings: Mapping[tuple[str, str], tuple[float, float]],
) -> Figure:
    """1 − γ against λ in several dimensions, lines for the leading order, marks for single readings."""
    fig, ax = panels(1, 1, height=3.4)
    for (dim, values), color in zip(shifts.items(), step_colors(list(shifts)), strict=True):
        ax.plot(penalties, values, "o", color=color, markersize=4, label=f"$d={dim}$")
        ax.plot(penalties, predicted[dim], color=color, linewidth=1)
    for (name, mark), place in readings.items():
        ax.plot(*place, mark, color=INK, markersize=8, markeredgewidth=1.6, label=name)
    ax.set(xscale="log", yscale="log", xlabel=r"$\lambda$", ylabel=r"$1-\gamma$", ylim=(0.004, 1.3))
    fig.legend(loc="outside upper left", ncols=3)
    return fig


def plot_stable_values(
    step_sizes: Array, values: Array, settled: Flags, curve: tuple[Array, Array], levels: Mapping[str, float]
) -> Figure:
    """f(0) of trained networks against the step size, the region that no stable network reaches, and weight decay's.

    A run that has not settled is a cross.
    """
    fig, ax = panels(1, 1, height=3.0)
    fill(ax, *curve, -0.1, MUTED)
    ax.annotate("not stable", (curve[0][-1] * 0.97, 0.3), ha="right", color=INK, fontsize="small")
    ax.plot(step_sizes[settled], values[settled], "o", color=RED, markersize=4, fillstyle="none",
            label="gradient descent, no decay")  # fmt: skip
    if not settled.all():
        ax.plot(step_sizes[~settled], values[~settled], "x", color=MUTED, markersize=5, label="has not settled")
    for (name, value), color in zip(levels.items(), (GREEN, BLUE), strict=False):
        ax.axhline(value, color=color, linestyle="--", linewidth=1.4, label=name)
    ax.set(xscale="log", xlabel=r"step size $\eta$", ylabel="$f(0)$", ylim=(-0.05, 1.08))
    ticks = sorted(set(step_sizes.tolist()))
    ax.set_xticks(ticks, [f"{t:g}" for t in ticks])
    ax.minorticks_off()
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 0.08))
    return fig


def plot_bridge(
    families: Mapping[str, tuple[Array, Array, Flags]], shares: Mapping[str, Array], weights: Array
) -> Figure:
    """Both norms over those of the smallest step, a point a data set, the median large; below, where amplitude sits.

    ``families``: the ratios of the path norm, of S_g, and whether the run has settled, ``(data sets,)`` each; runs
    that have not are open and count in no median. ``shares``: medians of the share of the path norm up to ``weights``.
    """
    fig, (top, bottom) = panels(2, 1, height=2.9)
    colors = (SKY, ORANGE, RED, BLUE, PINK)
    for (name, (path, stability, settled)), color in zip(families.items(), colors, strict=False):
        mark = "^" if "lambda" in name else "o"
        top.plot(path[settled], stability[settled], mark, color=color, markersize=3.5)
        top.plot(path[~settled], stability[~settled], mark, color=color, markersize=3.5, fillstyle="none")
        top.plot(np.median(path[settled]), np.median(stability[settled]), mark, color=color, markersize=9,
                 markeredgecolor=INK, label=name)  # fmt: skip
    top.plot(1, 1, "+", color=INK, markersize=10)
    top.set(xlabel="path norm, over that of the smallest step", ylabel="$S_g$, likewise")
    top.legend(loc="upper left")
    for (name, share), color, line in zip(shares.items(), (MUTED, RED, PINK), ("-", "-", "--"), strict=False):
        bottom.plot(weights, share, color=color, linestyle=line, label=name)
    bottom.set(xscale="log", xlabel="data weight $g$", ylabel="share of path norm", ylim=(0, 1))
    bottom.legend(loc="upper left")
    return fig
