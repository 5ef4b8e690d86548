"""The pictures of chapter 3, the multivariate bound: functions from data to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ...bounds.chain import BoundChain
from ...bounds.laplacian import PrimalWeight
from ...bounds.norms import merged_neurons
from ...bounds.weights import data_weight, isotropic_weight
from ...checks import Array
from ...functions.gaussian import Gaussian, gaussian_ridge_density
from ...networks import ShallowReLU
from .style import (
    BLUE,
    GREEN,
    INK,
    LINKS,
    MUTED,
    ORANGE,
    RED,
    draw_band,
    draw_on_map,
    draw_segments_on_map,
    fill,
    hyperplane_segments,
    panels,
)

FAR = 20.0  # beyond every panel: lines are drawn as far and cut off by the axes
WIDEST = 20.0  # line width of a hyperplane that carries a norm of one


def _draw_predictor(ax: Axes, net: ShallowReLU, X: Array, y: Array, reach: float, levels: Array) -> None:
    """Filled contours of the function, its hyperplanes, as wide as they weigh, and the samples, coloured by label."""
    axis = np.linspace(-reach, reach, 141)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    shade = ax.contourf(axis, axis, net(grid).reshape(141, 141), levels, cmap="PuOr_r", extend="both", alpha=0.75)
    shade.set_rasterized(True)
    a, u, t = merged_neurons(net)
    weight = np.abs(a) * data_weight(X, u, t)
    kept = weight > 1e-3 * weight.max()
    draw_segments_on_map(ax, hyperplane_segments(u[kept], t[kept], FAR), WIDEST * weight[kept], INK)
    draw_on_map(ax, X[:, 0], X[:, 1], "o", color=INK, fillstyle="none", markeredgewidth=1.0, markersize=5.8)
    shades: dict[str, Any] = {"cmap": "PuOr_r", "vmin": levels[0], "vmax": levels[-1]}
    ax.scatter(X[:, 0], X[:, 1], c=y, edgecolors=INK, linewidths=1.0, s=34, zorder=3, **shades)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.grid(False)


def plot_predictors(nets: Mapping[str, ShallowReLU], X: Array, y: Array) -> Figure:
    """One panel a network, two in a row: predictor, samples, and hyperplanes drawn with a width of :math:`|a|g`."""
    rows = -(-len(nets) // 2)
    fig, axes = panels(
        rows, min(2, len(nets)), height=2.45 if len(nets) > 1 else 4.2, squeeze=False, sharex=True, sharey=True
    )
    reach = 1.15 * np.abs(X).max()
    levels = np.linspace(-1.05, 1.05, 15) * np.abs(y).max()
    for ax, (title, net) in zip(axes.ravel(), nets.items(), strict=False):
        _draw_predictor(ax, net, X, y, reach, levels)
        ax.set_title(title)
    for ax in axes[-1]:
        ax.set_xlabel("$x_1$")
    for ax in axes[:, 0]:
        ax.set_ylabel("$x_2$")
    scale = fig.colorbar(axes[0, 0].collections[0], ax=axes, shrink=0.7, ticks=[-1, 0, 1], pad=0.02)
    scale.set_label("$f(x)$")
    return fig


def plot_sinograms(samples: Mapping[str, Array]) -> Figure:
    """A row for each sample: the points, one point and one line marked; the weight g with the same curve and dot."""
    fig, axes = panels(len(samples), 2, height=2.35, width_ratios=[1, 1.35])
    angle, offset = 0.7, 0.5  # of the line that is marked
    for (left, right), (name, X) in zip(axes, samples.items(), strict=True):
        reach = 1.05 * np.linalg.norm(X, axis=1).max()
        theta, t = np.linspace(0, np.pi, 181), np.linspace(-reach, reach, 161)
        u = np.repeat(np.column_stack([np.cos(theta), np.sin(theta)]), len(t), axis=0)
        g = data_weight(X, u, np.tile(t, len(theta))).reshape(len(theta), len(t))
        marked = X[np.argmax(X @ [1.0, 0.35])]
        left.plot(*X.T, "o", color=MUTED, markersize=2.5)
        left.plot(*marked, "o", color=RED, markersize=6)
        direction = np.array([[np.cos(angle), np.sin(angle)]])
        left.add_collection(LineCollection(hyperplane_segments(direction, np.array([offset]), FAR), colors=BLUE))
        left.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", title=name, ylabel="$x_2$")
        image = right.pcolormesh(theta, t, g.T, cmap="Greys", shading="gouraud", rasterized=True)
        draw_on_map(right, theta, marked @ [np.cos(theta), np.sin(theta)], color=RED, linewidth=1.4)
        draw_on_map(right, angle, offset, "o", color=BLUE, markersize=6)
        right.set(
            ylabel="offset $t$",
            xticks=[0, np.pi / 2, np.pi],
            xticklabels=["0", r"$\pi/2$", r"$\pi$"],
            ylim=(-reach, reach),
        )
        right.grid(False)
        fig.colorbar(image, ax=right, label="$g$", pad=0.02)
    axes[-1, 0].set_xlabel("$x_1$")
    axes[-1, 1].set_xlabel("angle of the normal $u$")
    return fig


def plot_chain(step_sizes: Sequence[float], chains: Sequence[Sequence[BoundChain]]) -> Figure:
    """The links of the chain against η: median over the runs, and a band from the least to the largest."""
    fig, (top, bottom) = panels(2, height=2.9, sharex=True)
    ceiling = 1 / np.asarray(step_sizes) - 0.5
    for name, link in LINKS.items():
        values = [np.array([getattr(chain, name) for chain in at]) for at in chains]
        draw_band(top, step_sizes, values, markersize=4, **link.style)
        draw_band(bottom, step_sizes, [v / c for v, c in zip(values, ceiling, strict=True)], markersize=4, **link.style)
    top.set(yscale="log", ylabel="value", yticks=[0.5, 1, 2, 5, 10], yticklabels=["0.5", "1", "2", "5", "10"])
    top.minorticks_off()
    bottom.set(xlabel=r"step size $\eta$", ylabel="part of the ceiling", ylim=(0, 1.08))
    fig.legend(*top.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


def _draw_slice(profile: Axes, spectrum: Axes, axis: Array, along: Array, offset: float) -> None:
    """Rf at one angle, with the marked line's point, and the size of its Fourier transform."""
    profile.plot(axis, along, color=GREEN)
    profile.plot(offset, np.interp(offset, axis, along), "o", color=BLUE)
    profile.set(xlabel="offset $t$", ylabel="$Rf(u,t)$", title="at one angle")
    frequency = np.fft.fftshift(np.fft.fftfreq(1024, axis[1] - axis[0])) * 2 * np.pi
    transform = np.abs(np.fft.fftshift(np.fft.fft(along, 1024))) * (axis[1] - axis[0])
    shown = np.abs(frequency) < 6
    spectrum.plot(frequency[shown], transform[shown], color=GREEN)
    spectrum.set(xlabel="frequency $s$", ylabel=r"$|\hat f(su)|$", title="its Fourier transform: a slice")


def plot_radon(function: Gaussian, more: Gaussian) -> Figure:
    """A function with one line; its Radon transform with that line's point; the profile at its angle, transformed."""
    fig, axes = panels(2, 2, height=2.7, width_ratios=[1, 1.15])
    (image, sinogram), (profile, spectrum) = axes
    reach, angle, offset = 3.5, 0.5, 0.9  # of the picture, and of the line that is marked
    axis = np.linspace(-reach, reach, 121)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    image.pcolormesh(
        axis, axis, (function(grid) + more(grid)).reshape(121, 121), cmap="Greys", shading="gouraud", rasterized=True
    )
    direction = np.array([[np.cos(angle), np.sin(angle)]])
    draw_segments_on_map(image, hyperplane_segments(direction, np.array([offset]), FAR), 1.8, BLUE)
    image.set(
        xlim=(-reach, reach),
        ylim=(-reach, reach),
        aspect="equal",
        xlabel="$x_1$",
        ylabel="$x_2$",
        title="$f$ and one line",
    )
    theta = np.linspace(0, np.pi, 121)
    u = np.column_stack([np.cos(theta), np.sin(theta)])[:, None, :]
    values = function.radon(u, axis) + more.radon(u, axis)
    sinogram.pcolormesh(theta, axis, values.T, cmap="Greys", shading="gouraud", rasterized=True)
    draw_on_map(sinogram, [angle, angle], [-reach, reach], color=GREEN, linewidth=1.4)
    draw_on_map(sinogram, angle, offset, "o", color=BLUE)
    sinogram.set(
        xlabel="angle of $u$", ylabel="offset $t$", xticks=[0, np.pi], xticklabels=["0", r"$\pi$"], title="$Rf(u,t)$"
    )
    along = function.radon(direction, axis) + more.radon(direction, axis)
    _draw_slice(profile, spectrum, axis, along, offset)
    for ax in (image, sinogram):
        ax.grid(False)
    return fig


def plot_densities(dims: Sequence[int]) -> Figure:
    """The ridge density of the standard Gaussian in several dimensions, scaled to have height one at its peak."""
    fig, axes = panels(2, 2, height=1.9, sharex=True)
    t = np.linspace(-5, 5, 801)
    for ax, dim in zip(axes.ravel(), dims, strict=True):
        alpha = gaussian_ridge_density(dim, t)
        fill(ax, t, 0.0, np.maximum(alpha, 0), ORANGE, 0.5)
        fill(ax, t, 0.0, np.minimum(alpha, 0), BLUE, 0.5)
        ax.plot(t, alpha, color=INK, linewidth=1.2)
        ax.set_title(f"$d={dim}$")
    for ax in axes[-1]:
        ax.set_xlabel("offset $t$")
    for ax in axes[:, 0]:
        ax.set_ylabel(r"$\alpha(t)$")
    return fig


def plot_primal(samples: Mapping[str, tuple[Array, PrimalWeight]]) -> Figure:
    """The samples, and under them the largest density ρ whose line integrals stay below g."""
    fig, axes = panels(1, len(samples), height=3.3, sharey=True)
    for ax, (name, (X, rho)) in zip(np.atleast_1d(axes), samples.items(), strict=True):
        shown = np.ma.masked_less_equal(rho.density.T, 0)
        peak = rho.density.max()
        image = ax.imshow(
            shown, origin="lower", extent=rho.extent, cmap="YlOrBr", norm="log", vmin=peak / 300, vmax=peak
        )
        draw_on_map(ax, X[:, 0], X[:, 1], "o", color=INK, markersize=1.6, markeredgewidth=0)
        ax.set(
            title=f"{name}:\ncovers {rho.coverage:.2f} of $g$\n(at most {rho.cap:.2f})", xlabel="$x_1$", aspect="equal"
        )
        ax.set(xlim=(-3.3, 3.3), ylim=(-3.0, 3.0))
        ax.grid(False)
        fig.colorbar(image, ax=ax, label=r"$\rho$", orientation="horizontal", pad=0.02)
    np.atleast_1d(axes)[0].set_ylabel("$x_2$")
    return fig


def plot_ball_weight(dims: Sequence[int]) -> Figure:
    """The weight of the uniform ball: across the ball, and near its boundary, logarithmic, with the power d + 2."""
    fig, (top, bottom) = panels(2, height=2.7)
    gap = np.geomspace(1e-3, 1, 200)
    for dim, color in zip(dims, (BLUE, GREEN, ORANGE, RED), strict=False):
        t = np.linspace(-1, 1, 401)
        top.plot(
            t, isotropic_weight("ball", dim, t) / isotropic_weight("ball", dim, 0.0), color=color, label=f"$d={dim}$"
        )
        g = isotropic_weight("ball", dim, 1 - gap)
        bottom.loglog(gap, g, color=color)
        near = gap < 0.1
        bottom.loglog(gap[near], g[0] * (gap[near] / gap[0]) ** (dim + 2), ":", color=INK, linewidth=1.4)
    top.set(xlabel="offset $t$", ylabel="$g(t)/g(0)$")
    top.legend()
    bottom.set(xlabel="distance to the boundary $1-t$", ylabel="$g(t)$", ylim=(1e-32, 1))
    bottom.plot([], [], ":", color=INK, label="$(1-t)^{d+2}$")
    bottom.legend()
    return fig


def plot_shattering(fractions: Mapping[str, ArrayLike]) -> Figure:
    """Histograms of the part of the samples on which each neuron fires, one panel a training."""
    fig, axes = panels(len(fractions), height=2.0, sharex=True)
    for ax, (name, values), color in zip(np.atleast_1d(axes), fractions.items(), (RED, BLUE), strict=False):
        ax.hist(np.asarray(values), bins=np.linspace(0, 1, 51), color=color)
        ax.axvline(0.1, color=INK, linestyle="--", linewidth=1.2)
        ax.set(ylabel="neurons", title=name)
    axes[-1].set_xlabel("part of the samples on which a neuron fires")
    return fig
