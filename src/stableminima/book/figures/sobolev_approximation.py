"""The pictures of chapter 6, Sobolev approximation: functions from data to a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from scipy.special import dawsn

from ...checks import Array
from ...functions.sampling import SmoothFunction
from ...networks import Neurons, ShallowReLU
from .style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    RED,
    draw_on_map,
    draw_segments_on_map,
    hyperplane_segments,
    panels,
    step_colors,
)

Planar = Callable[[Array], Array]  # points (n, 2) to values (n,)


NODES = 121  # a side, of the grids on which functions are drawn
NARROW = 66  # neurons, up to which hyperplanes are drawn: 64 and the pair of the linear part
UPWARD, DOWNWARD = BLUE, RED  # folds, as in chapter 5


def _square(radius: float) -> tuple[Array, Array]:
    axis = np.linspace(-radius, radius, NODES)
    return axis, np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)


def _draw_disc(ax: Axes, function: Planar, radius: float, levels: Array, cmap: str) -> None:
    axis, grid = _square(radius)
    values = np.full(len(grid), np.nan)
    inside = (grid**2).sum(axis=1) <= radius**2
    values[inside] = function(grid[inside])
    shade = ax.contourf(axis, axis, values.reshape(NODES, NODES), levels, cmap=cmap, extend="both")
    shade.set_rasterized(True)
    ax.add_patch(Circle((0, 0), radius, fill=False, color=MUTED, linewidth=0.8))
    shade.set_clip_path(ax.patches[-1])
    ax.set(xlim=(-radius, radius), ylim=(-radius, radius), aspect="equal")
    ax.grid(False)


def _draw_hyperplanes(ax: Axes, net: ShallowReLU, radius: float) -> None:
    a, u, t = net.neurons()
    colors = [UPWARD if amplitude > 0 else DOWNWARD for amplitude in a]
    draw_segments_on_map(ax, hyperplane_segments(u, t, radius), 0.6, colors)


def plot_planar(functions: Mapping[str, Planar], radius: float, peak: float, cmap: str = "PuOr_r") -> Figure:
    """Functions on the disc, three panels a row; narrow networks with their hyperplanes, blue convex, red concave."""
    rows = -(-len(functions) // 3)
    fig, axes = panels(rows, min(3, len(functions)), height=1.95, squeeze=False, sharex=True, sharey=True)
    levels = np.linspace(-peak, peak, 25) if cmap == "PuOr_r" else np.linspace(0, peak, 17)
    for ax, (title, function) in zip(axes.ravel(), functions.items(), strict=False):
        _draw_disc(ax, function, radius, levels, cmap)
        if isinstance(function, ShallowReLU) and function.width <= NARROW:
            _draw_hyperplanes(ax, function, radius)
        ax.set_title(title, fontsize="small")
    for ax in axes[-1]:
        ax.set_xlabel("$x_1$")
    for ax in axes[:, 0]:
        ax.set_ylabel("$x_2$")
    for ax in axes.ravel()[len(functions) :]:
        ax.set_axis_off()
    ticks = np.linspace(levels[0], peak, 5)
    fig.colorbar(axes[0, 0].collections[0], ax=axes, shrink=0.75, pad=0.02, ticks=ticks, label="value")
    return fig


def plot_drawing(function: SmoothFunction, radius: float, drawings: Mapping[str, Neurons]) -> Figure:
    """A ridge density over angle and offset, and one panel for each way of drawing neurons from its absolute value."""
    fig, axes = panels(len(drawings), 1, height=2.3, sharex=True, squeeze=False)
    theta, t = np.linspace(0, 2 * np.pi, 241), np.linspace(0, radius, 121)
    u = np.column_stack([np.cos(theta), np.sin(theta)])[:, None, :]
    alpha = function.ridge_density(u, t)
    peak = np.abs(alpha).max()
    for ax, (name, (a, directions, offset)) in zip(axes.ravel(), drawings.items(), strict=True):
        image = ax.pcolormesh(
            theta, t, alpha.T, cmap="PuOr_r", vmin=-peak, vmax=peak, shading="gouraud", rasterized=True
        )
        angle = np.arctan2(directions[:, 1], directions[:, 0]) % (2 * np.pi)
        for part, mark, color in ((a > 0, "+", UPWARD), (a < 0, "o", DOWNWARD)):
            draw_on_map(ax, angle[part], offset[part], mark, color=color, markersize=3.5, fillstyle="none",
                        markeredgewidth=0.8)  # fmt: skip
        ax.set(ylabel="offset $t$", title=name, ylim=(0, radius), xlim=(0, 2 * np.pi))
        ax.set(xticks=[0, np.pi, 2 * np.pi], xticklabels=["0", r"$\pi$", r"$2\pi$"])
        ax.grid(False)
        fig.colorbar(image, ax=ax, label=r"$\alpha$", pad=0.02)
    axes[-1, 0].set_xlabel("angle of the normal $u$")
    return fig


def plot_hilbert(widths: Sequence[float]) -> Figure:
    """Gaussian bumps of mass one, and the sizes of their Hilbert transforms, which share one tail 1/(πt)."""
    fig, (left, right) = panels(1, 2, height=2.7)
    t = np.linspace(-0.6, 0.6, 1201)
    far = np.geomspace(3e-3, 1, 300)
    for width, color in zip(widths, step_colors(widths), strict=True):
        left.plot(t, np.exp(-(t**2) / (2 * width**2)) / np.sqrt(2 * np.pi) / width, color=color)
        transform = np.sqrt(2) / (np.pi * width) * dawsn(far / (np.sqrt(2) * width))
        right.plot(far, transform, color=color, label=rf"$\varepsilon={width:g}$")
    right.plot(far, 1 / (np.pi * far), ":", color=INK, label=r"$1/\pi t$")
    left.set(xlabel="$t$", title=r"$\gamma_\varepsilon$, mass 1", ylim=(0, None))
    right.set(xlabel="$t$", title=r"$\mathcal{H}\gamma_\varepsilon$", xscale="log", yscale="log")
    fig.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return fig


def plot_norms(dims: Sequence[int], norms: Sequence[float]) -> Figure:
    """The norm of the Gaussian bump over its dimension, and the limit 4/√π."""
    fig, ax = panels(1, 1, height=2.6)
    ax.plot(dims, np.asarray(norms) / np.asarray(dims), "o-", color=BLUE)
    ax.axhline(4 / np.sqrt(np.pi), color=MUTED, linestyle="--")
    ax.annotate(r"$4/\sqrt{\pi}$", (dims[0], 4 / np.sqrt(np.pi)), va="bottom", ha="left", color=MUTED)
    ax.set(xlabel="dimension $d$", ylabel=r"$\|f\|_{\mathcal{R}}/d$", xscale="log", xticks=dims, xticklabels=dims)
    ax.minorticks_off()
    return fig


def plot_errors(widths: Array, errors: Mapping[int, Mapping[str, Array]], bounds: Mapping[int, float]) -> Figure:
    """Root-mean-square error against width in several dimensions, both ways of drawing, with Maurey's bound."""
    fig, axes = panels(2, 2, height=2.2, sharex=True, sharey=True)
    styles = {"mc": ("independent", RED, "o-"), "qmc": ("quasi-Monte Carlo", BLUE, "s-")}
    for ax, (dim, by_method) in zip(axes.ravel(), errors.items(), strict=True):
        ax.plot(widths, bounds[dim] / np.sqrt(widths), "--", color=MUTED, label=r"$AR/\sqrt{k}$")
        for method, values in by_method.items():
            name, color, line = styles[method]
            ax.plot(widths, values, line, color=color, markersize=3.5, label=name)
        ax.set(xscale="log", yscale="log", title=f"$d={dim}$", xticks=[100, 1000, 10000])
    for ax in axes[-1]:
        ax.set_xlabel("width $k$")
    for ax in axes[:, 0]:
        ax.set_ylabel("rms error")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return fig


def plot_flatness(widths: Array, sharpness: Mapping[str, Array], lower: float, upper: float) -> Figure:
    """Sharpness against width in several parametrisations of the same functions; below, all but the first, enlarged."""
    fig, (top, bottom) = panels(2, 1, height=2.5, sharex=True)
    curves = list(zip(sharpness.items(), (RED, ORANGE, BLUE, GREEN), "o^sD", strict=False))
    for ax, shown in ((top, curves), (bottom, curves[1:])):
        for (name, values), color, mark in shown:
            ax.plot(widths, values, marker=mark, markersize=4, color=color, label=name)
        ax.axhline(lower, color=INK, linestyle="--", linewidth=1.2)
        ax.set(xscale="log", ylabel=r"sharpness $\lambda_{\max}$")
    top.axhline(upper, color=INK, linestyle="--", linewidth=1.2)
    above = {"xytext": (0, 3), "textcoords": "offset points", "fontsize": "small"}
    top.annotate("upper bound, every width", (widths[0], upper), **above)
    bottom.annotate("lower bound", (widths[0], lower), **above)
    top.set(yscale="log", ylim=(1.2, None))
    bottom.set(xlabel="width $k$", ylim=(lower - 0.03, None))
    fig.legend(*top.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return fig


def plot_crease(
    slices: Mapping[float, tuple[Array, Array]], rows: Mapping[float, tuple[float, float]], **labels: Any
) -> Figure:
    """Cross-sections of networks for ever less smooth pyramids; and √(λ−1) against log(1/ε), with half the norm's."""
    fig, (top, bottom) = panels(2, 1, height=2.6)
    for (scale, (x, values)), color in zip(slices.items(), step_colors(list(slices)[::-1])[::-1], strict=True):
        top.plot(x, values, color=color, label=rf"$\varepsilon={scale:g}$")
    top.set(xlabel="$x_1$ (with $x_2=0$)", ylabel="network")
    top.legend()
    scales = np.array(list(rows))
    sharpness, norm = np.array(list(rows.values())).T
    bottom.plot(np.log(1 / scales), np.sqrt(sharpness - 1), "o-", color=RED, label=r"$\sqrt{\lambda_{\max}-1}$")
    bottom.plot(np.log(1 / scales), np.sqrt(2 * norm), "s-", color=BLUE, label=r"$\sqrt{2S_g}$")
    bottom.set(xlabel=r"$\ln(1/\varepsilon)$", ylim=(0, None), **labels)
    bottom.legend()
    return fig
