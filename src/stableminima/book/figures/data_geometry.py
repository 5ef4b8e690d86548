"""The pictures of the page "The geometry of the data": functions from data to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ...checks import Array
from .style import BLUE, GREEN, INK, MUTED, ORANGE, RED, panels

COLOURS = (RED, ORANGE, GREEN, BLUE)


def plot_clouds(clouds: Mapping[str, tuple[Array, NDArray[np.bool_]]]) -> Figure:
    """Samples of the disc, a panel each; those that a line can cut off from all others (a mask) are marked."""
    fig, axes = panels(2, 2, height=2.5, sharex=True, sharey=True)
    angle = np.linspace(0, 2 * np.pi, 241)
    for ax, (name, (X, vertex)) in zip(axes.ravel(), clouds.items(), strict=True):
        ax.plot(np.cos(angle), np.sin(angle), color=MUTED, linewidth=0.8)
        ax.plot(*X[~vertex].T, "o", color=MUTED, markersize=2)
        ax.plot(*X[vertex].T, "o", color=RED, markersize=3.5)
        ax.set(title=f"{name}: {vertex.sum()} of {len(X)}", aspect="equal", xticks=[], yticks=[])
        ax.grid(False)
    return fig


def plot_vertices(sizes: Sequence[int], counts: Mapping[str, tuple[Array, float]]) -> Figure:
    """Numbers of vertices ``(seeds, sizes)`` against the sample size, and the predicted power through the last mean."""
    fig, ax = panels(1, height=3.2)
    n = np.asarray(sizes, dtype=float)
    for (name, (found, power)), color in zip(counts.items(), COLOURS, strict=False):
        mean = found.mean(axis=0)
        ax.loglog(n, mean[-1] * (n / n[-1]) ** power, ":", color=INK, linewidth=1.2)
        ax.loglog(n, found.T, ".", color=color, markersize=2.5)
        ax.loglog(n, mean, "o-", color=color, markersize=4, linewidth=1, label=name)
    ax.set(xlabel="samples $n$", ylabel="samples that can be cut off")
    ax.legend()
    return fig


def plot_fitted(ratios: Mapping[str, Array]) -> Figure:
    """A row a training: for each seed the mean squared residual at the samples that can be cut off over the rest."""
    fig, ax = panels(1, height=2.4)
    for row, (values, color) in enumerate(zip(ratios.values(), COLOURS, strict=False)):
        ax.semilogx(values, np.full(len(values), -row), "o", color=color, markersize=5)
        ax.plot(np.median(values), -row, "|", color=INK, markersize=18)
    ax.axvline(1, color=INK, linestyle="--", linewidth=1.2)
    ax.set(
        yticks=-np.arange(len(ratios)),
        yticklabels=list(ratios),
        ylim=(-len(ratios) + 0.5, 0.5),
        xticks=[0.25, 0.5, 1, 2, 4],
        xticklabels=["¼", "½", "1", "2", "4"],
        xlabel="squared residual, vertices over the others",
    )
    ax.minorticks_off()
    return fig
