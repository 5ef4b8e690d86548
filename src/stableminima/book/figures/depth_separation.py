"""The pictures of chapter 5, depth separation: functions from data to a figure."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ...bounds.norms import merged_neurons
from ...checks import Array
from ...experiments.records import Record, Run
from ...functions.blurred_pyramid import pyramid_density
from ...functions.pyramids import pyramid, pyramid_sharpness
from ...networks import ShallowReLU
from ..studies.depth import DEEP, PROFILE, SHALLOW
from .style import (
    BLUE,
    CEILING,
    GREEN,
    INK,
    LINKS,
    MUTED,
    ORANGE,
    PINK,
    RED,
    draw_band,
    draw_on_map,
    draw_segments_on_map,
    hyperplane_segments,
    panels,
)


def _contours(ax: Axes, values: Array, axis: Array) -> None:
    levels = np.linspace(-0.05, 1.05, 12)
    shade = ax.contourf(axis, axis, values.reshape(len(axis), -1), levels, cmap="Purples", alpha=0.85, extend="both")
    shade.set_rasterized(True)
    ax.set(xlim=axis[[0, -1]], ylim=axis[[0, -1]], aspect="equal", xlabel="$x_1$")
    ax.grid(False)


def plot_creases(net: ShallowReLU, X: Array) -> Figure:
    """Left the pyramid and its creases, which end; right a shallow network near it on ``X``, whose creases do not."""
    fig, (left, right) = panels(1, 2, height=3.0, sharey=True)
    axis = np.linspace(-1.3, 1.3, 161)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    _contours(left, pyramid(grid), axis)
    tips = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    draw_on_map(left, *tips.T, color=BLUE, linewidth=1.8)
    draw_on_map(left, [-1, 1], [0, 0], color=RED, linewidth=1.8)
    draw_on_map(left, [0, 0], [-1, 1], color=RED, linewidth=1.8)
    left.set(ylabel="$x_2$", title="the pyramid")
    _contours(right, net(grid), axis)
    a, u, t = merged_neurons(net)
    inside = np.abs(t) < 2
    lines = hyperplane_segments(u[inside], t[inside], 4.0)
    colors = np.where(a[inside] > 0, BLUE, RED)
    draw_segments_on_map(right, lines, 0.4 + 1.5 * np.minimum(np.abs(a[inside]), 1), colors)
    draw_on_map(right, X[:, 0], X[:, 1], "o", color=ORANGE, markeredgecolor=INK, markersize=3.5)
    right.set_title("a shallow network")
    return fig


def plot_pyramid_sinogram() -> Figure:
    """The ridge density for d = 2 over angle and offset, logarithmic with sign; its poles and where they meet."""
    fig, ax = panels(1, height=3.4)
    theta, t = np.linspace(0, np.pi, 401) + 1e-4, np.linspace(-1.4, 1.4, 401) + 1e-4
    u = np.column_stack([np.cos(theta), np.sin(theta)])
    alpha = pyramid_density(u[:, None, :], t[None, :])
    image = ax.pcolormesh(theta, t, alpha.T, cmap="PuOr_r", norm=SymLogNorm(0.03, vmin=-30, vmax=30), shading="gouraud",
                          rasterized=True)  # fmt: skip
    for j, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        draw_on_map(ax, theta, sign * u[:, j], color=INK, linewidth=0.7, zorder=2)
    edges = [(k * np.pi / 4, s / np.sqrt(2)) for k in (1, 3) for s in (1, -1)]
    mark: dict[str, Any] = {"markersize": 7, "markeredgecolor": INK}
    draw_on_map(ax, [x for x, _ in edges], [y for _, y in edges], "o", color=GREEN, label="the four edges", **mark)
    draw_on_map(ax, [0, np.pi / 2, np.pi], [0, 0, 0], "s", color=ORANGE, label="the two axes", **mark)
    ax.set(xlabel="angle of the normal $u$", ylabel="offset $t$", xlim=(0, np.pi), ylim=(-1.4, 1.4),
           xticks=np.arange(5) * np.pi / 4,
           xticklabels=["0", r"$\pi/4$", r"$\pi/2$", r"$3\pi/4$", r"$\pi$"])  # fmt: skip
    ax.grid(False)
    fig.legend(loc="outside upper center", ncols=2)
    fig.colorbar(image, ax=ax, label=r"$\alpha(u,t)$", ticks=[-10, -1, -0.1, 0, 0.1, 1, 10], pad=0.02)
    return fig


def plot_bends(widths: Array, bends: Mapping[str, Array]) -> Figure:
    """Mean bends over patches of one line against the width at which one looks."""
    fig, ax = panels(1, height=3.0)
    styles = ((INK, "-"), (BLUE, "-"), (INK, "--"), (BLUE, "--"))
    for (label, values), (color, line) in zip(bends.items(), styles, strict=True):
        ax.plot(widths, values, line, color=color, label=label)
    ax.set(xscale="log", xlabel="width $h$", ylabel="mean bend")
    fig.legend(loc="outside upper center", ncols=2)
    return fig


def plot_rates(logs: Mapping[str, Array], ratios: Mapping[str, Array]) -> Figure:
    """√(norm/C) against ln(1/ε): straight lines of slope one."""
    fig, ax = panels(1, height=3.2)
    for (label, values), color, marker in zip(ratios.items(), (BLUE, GREEN, RED), "os^", strict=False):
        ax.plot(logs[label], values, marker, color=color, markersize=5, label=label)
        ax.plot(logs[label], logs[label] + values[-1] - logs[label][-1], "--", color=color, linewidth=1.2)
    ax.set(xlabel=r"$\ln(1/\varepsilon)$", ylabel="(norm$/C)^{1/2}$")
    ax.legend()
    return fig


def plot_least_norm(sizes: Sequence[int], values: Mapping[float, Sequence[Sequence[float]]]) -> Figure:
    """The least norm against the number of samples, one curve an accuracy δ, a band over samples of that size."""
    fig, ax = panels(1, height=3.0)
    for (delta, rows), color in zip(values.items(), itertools.cycle((ORANGE, GREEN, BLUE, PINK)), strict=False):
        draw_band(ax, sizes, [np.array(row) for row in rows], color=color, marker="o", label=rf"$\delta={delta:g}$")
    ax.set(xscale="log", xlabel="samples $n$", ylabel="least $S_g$ of any shallow network", ylim=(0, None))
    ax.set_xticks(sizes, [str(n) for n in sizes])
    ax.minorticks_off()
    ax.legend()
    return fig


def plot_flatness(dim: int, moments: Array, best: tuple[float, float]) -> Figure:
    """The sharpness of the deep pyramid over its two scales, with the plain and the flattest parametrisation."""
    fig, ax = panels(1, height=3.2)
    a, s = np.geomspace(0.6, 8, 60), np.geomspace(0.6, 6, 60)
    values = np.array([[pyramid_sharpness(dim, x, y, moments) for x in a] for y in s])
    lines = ax.contour(a, s, values, [1.11, 1.13, 1.16, 1.2, 1.3, 1.5, 2, 3], colors=INK, linewidths=1.0)
    ax.clabel(lines, fmt="%g", fontsize="small")
    ax.plot(1, 1, "o", color=RED, markersize=7, label="$a=s=1$")
    ax.plot(*best, "*", color=BLUE, markersize=12, label="flattest")
    ax.set(xscale="log", yscale="log", xlabel="first scale $a$", ylabel="second scale $s$")
    ax.set_xticks([1, 2, 4, 8], ["1", "2", "4", "8"])
    ax.set_yticks([1, 2, 4], ["1", "2", "4"])
    ax.minorticks_off()
    ax.grid(False)
    fig.legend(loc="outside upper center", ncols=2)
    return fig


def smoothed(losses: Array, width: int = 100) -> Array:
    """Means over ``width`` steps, each repeated so often: the losses of single batches jump too much to be drawn."""
    whole = losses[: len(losses) // width * width].reshape(-1, width)
    return np.repeat(whole.mean(axis=1), width)


def plot_descents(losses: Mapping[str, Array]) -> Figure:
    """Training loss against the step, logarithmic: runs that return to the minimum and runs that leave it."""
    fig, ax = panels(1, height=2.9)
    styles = itertools.cycle(((BLUE, "-"), (RED, "-"), (GREEN, "--"), (ORANGE, "--"), (PINK, "--")))
    for k, ((label, loss), (color, line)) in enumerate(zip(losses.items(), styles, strict=False)):
        step = np.arange(len(loss)) + 1
        ax.plot(step, np.maximum(loss, 1e-20), line, color=color, linewidth=1.5, label=label, zorder=9 - k)
    ax.set(xscale="log", yscale="log", xlabel="step", ylabel="loss")
    fig.legend(loc="outside upper center", ncols=2)
    return fig


def _status(run: Run) -> str:
    """``"constant"``, ``"moving"`` (period two, or on the way) or ``"rest"``."""
    return {"period two": "moving"}.get(run["status"], run["status"])


def _pairs(ax: Axes, runs: Record, column: str, shift: float, color: str, least: float = 0.0) -> None:
    """A quantity in two consecutive steps, joined; the mark says what the run is doing."""
    marks = {"rest": ("o", color), "moving": ("o", "none"), "constant": ("x", color)}
    for eta, group in runs.groups("step_size").items():
        places = eta + shift + 0.013 * (np.arange(len(group)) - (len(group) - 1) / 2)
        for place, run in zip(places, group, strict=True):
            pair = np.maximum([run[column], run[f"next_{column}"]], least)
            mark, face = marks[_status(run)]
            ax.plot([place] * 2, pair, color=color, linewidth=1.0)
            ax.plot([place] * 2, pair, mark, color=color, markerfacecolor=face, markersize=4, markeredgewidth=1.2)


def plot_contrast(shallow: Record, deep: Record, floor: Mapping[float, float]) -> Figure:
    """Largest error on the samples against η in two consecutive steps, with a floor; below, norms and the ceiling."""
    fig, (top, bottom) = panels(2, height=2.9, sharex=True)
    for runs, shift, color in ((shallow, -0.045, RED), (deep, 0.045, BLUE)):
        _pairs(top, runs, "sample_error", shift, color)
    for step, value in floor.items():
        top.plot([step - 0.09, step], [value] * 2, color=INK, linewidth=3.5, solid_capstyle="butt")
    top.set(ylabel="largest error on the samples", yscale="log")
    eta, least = np.unique(shallow["step_size"]), 0.007
    _pairs(bottom, shallow, "norm", 0.0, RED, least)
    fine = np.linspace(eta[0], eta[-1], 200)
    bottom.plot(fine, 1 / fine - 0.5, **LINKS[CEILING].style)
    bottom.set(xlabel=r"step size $\eta$", ylabel="stability norm", yscale="log", ylim=(least * 0.9, None), xticks=eta)
    bottom.legend(loc="lower left")
    entries = [
        Line2D([], [], color=RED, label="shallow"),
        Line2D([], [], color=BLUE, label="deep"),
        Line2D([], [], color=INK, linewidth=3.5, label="no stable shallow one below"),
        Line2D([], [], color=INK, linestyle="", marker="o", markersize=4, label="at rest"),
        Line2D([], [], color=INK, linestyle="", marker="o", markersize=4, markerfacecolor="none", label="period two"),
        Line2D([], [], color=INK, linestyle="", marker="x", markersize=4, label="no better than a constant"),
    ]
    fig.legend(handles=entries, loc="outside upper center", ncols=2)
    return fig


def plot_profiles(record: Record, step_sizes: Sequence[float]) -> Figure:
    """The trained functions of the first seed on the axis x₂ = 0, in two consecutive steps, with the pyramid."""
    fig, axes = panels(1, len(step_sizes), height=2.7, sharey=True)
    for ax, eta in zip(np.atleast_1d(axes), step_sizes, strict=True):
        ax.plot(PROFILE, np.maximum(1 - np.abs(PROFILE), 0), color=MUTED, linewidth=3.5, label="pyramid")
        for hidden, name, color in ((SHALLOW, "shallow", RED), (DEEP, "deep", BLUE)):
            (run,) = record.where(hidden=hidden, step_size=eta, seed=0, start=None).runs
            ax.plot(PROFILE, run.result["profile"], color=color, label=name)
            ax.plot(PROFILE, run.result["next_profile"], "--", color=color, linewidth=1.2)
        ax.set(xlabel="$x_1$ (at $x_2=0$)", title=rf"$\eta={eta:g}$")
    np.atleast_1d(axes)[0].set_ylabel("$f$")
    fig.legend(*np.atleast_1d(axes)[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return fig
