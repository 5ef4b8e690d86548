"""The pictures of chapter 9, noise and momentum at the edge: functions from data to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ...checks import Array
from .style import BLUE, CYCLE, GREEN, INK, MUTED, RED, WIDTH, panels


def plot_two_balls(calm: Mapping[float, Array], noisy: Mapping[float, Array], titles: Sequence[str]) -> Figure:
    """Distance to the minimum along a path, without and with momentum; one panel without noise, one with."""
    fig, axes = panels(1, 2, height=2.6, sharey=True)
    for ax, paths, title in zip(axes, (calm, noisy), titles, strict=True):
        for (momentum, path), color in zip(paths.items(), (BLUE, RED), strict=True):
            ax.semilogy(np.sqrt(path), color=color, label=rf"$\beta={momentum:g}$")
        ax.set(title=title, xlabel="step", ylim=(1e-6, 1e6))
        ax.legend(loc="upper left")
    axes[0].set_ylabel("distance to the minimum")
    return fig


def plot_best_momentum(momenta: Array, thresholds: Mapping[float, Array], best: tuple[Array, Array]) -> Figure:
    """The threshold of one parameter in units of 2/λ against β, a curve for each noise ratio s, and the best β."""
    fig, ax = plt.subplots(figsize=(WIDTH, 3.1))
    for (noise, values), color in zip(thresholds.items(), CYCLE, strict=False):
        ax.plot(momenta, values, color=color, label=f"$s={noise:g}$")
    ax.plot(*best, ":", color=INK, label=r"best $\beta$ of each $s$")
    ax.set(xlabel=r"momentum $\beta$", ylabel=r"threshold $\eta^*\lambda/2$", ylim=(0, 2.05), xlim=(0, 1.5))
    ax.legend(loc="upper right")
    return fig


def plot_ellipses(spectrum: Array, momentum: float, shares: Sequence[float]) -> Figure:
    """The ellipses of three step sizes, in units of the end of stability in the mean, and the spectrum inside."""
    fig, ax = plt.subplots(figsize=(WIDTH, 2.6))
    angle = np.linspace(0, 2 * np.pi, 400)
    for share, color in zip(shares, (BLUE, GREEN, RED), strict=True):
        step = share * 2 * (1 + momentum) / spectrum.max()
        across = (1 + momentum) / step * (1 + np.cos(angle))
        ax.plot(across, (1 - momentum) / step * np.sin(angle), color=color, label=rf"${share:g}\,\eta_{{\rm end}}$")
    ax.plot(spectrum, 0 * spectrum, "o", color=INK, markersize=4, label=r"eigenvalues $\lambda_a$")
    ax.axhline(0, color=MUTED, linewidth=0.6)
    ax.set(xlabel=r"Re $\zeta$", ylabel=r"Im $\zeta$")
    fig.legend(loc="outside upper left", ncols=4)
    return fig


def plot_map(momenta: Array, thresholds: Mapping[int, Array], above: Mapping[int, Array]) -> Figure:
    r"""Thresholds of a trained network in units of 2/λ_max against β; dotted, the bound by its top direction."""
    fig, ax = plt.subplots(figsize=(WIDTH, 3.4))
    for (batch, values), color in zip(thresholds.items(), CYCLE, strict=False):
        ax.plot(momenta, values, color=color, label=f"$B={batch}$")
        ax.plot(momenta, above[batch], ":", color=color, linewidth=1.2)
        ax.plot([0, 1], [values[0]] * 2, color=color, linewidth=0.6)
    ax.plot(momenta, 1 + momenta, "--", color=INK, linewidth=1.2, label="full batch")
    ax.set(xlabel=r"momentum $\beta$", ylabel=r"threshold $\eta^*\lambda_{\max}/2$", xlim=(0, 1), ylim=(0, 2.05))
    ax.legend(loc="upper left", ncol=2)
    return fig


def plot_shares(steps: Array, shares: Mapping[str, Array], marks: Mapping[str, float]) -> Figure:
    """The share of single runs that grew against the step, with the thresholds as vertical lines."""
    fig, ax = plt.subplots(figsize=(WIDTH, 2.7))
    for (name, values), color in zip(shares.items(), (BLUE, RED), strict=True):
        ax.semilogx(steps, values, "o-", color=color, markersize=4, label=name)
    for (name, place), line in zip(marks.items(), ("--", ":", "-."), strict=True):
        ax.axvline(place, color=INK, linestyle=line, linewidth=1.1, label=name)
    ax.set(xlabel=r"step size $\eta$", ylabel="share of runs that grew", ylim=(-0.03, 1.03))
    ax.set_xticks(steps, [f"{step:.2g}" for step in steps], fontsize="small")
    ax.minorticks_off()
    ax.legend(loc="upper left")
    return fig


def plot_edges(rows: Sequence[Mapping], batches: Sequence[str], names: Mapping[str, str]) -> Figure:
    """Three quantities in units of their supposed edges: a point a run, by batch size; β by colour."""
    fig, axes = panels(len(names), height=2.0, sharex=True)
    momenta = sorted({row["momentum"] for row in rows})
    for ax, (quantity, title) in zip(axes, names.items(), strict=True):
        for shift, (momentum, color) in enumerate(zip(momenta, (BLUE, GREEN, RED), strict=True)):
            chosen = [row for row in rows if row["momentum"] == momentum]
            place = np.array([batches.index(row["batch"]) for row in chosen]) + 0.22 * (shift - 1)
            ax.plot(place, [row[quantity] for row in chosen], "o", color=color, markersize=4,
                    label=rf"$\beta={momentum:g}$")  # fmt: skip
            if quantity == "batch_sharpness":
                for level in {1 - momentum, 1 + momentum}:
                    ax.axhline(level, color=color, linestyle=":", linewidth=1.0)
        if quantity != "batch_sharpness":
            ax.axhline(1, color=INK, linestyle="--", linewidth=1.0)
        ax.set_xticks(range(len(batches)), batches)
        lowest = min(row[quantity] for row in rows)
        ax.set(title=title, yscale="log", ylim=(min(0.03, 0.7 * lowest), 2.6))
    axes[-1].set_xlabel("batch size")
    axes[0].legend(loc="best")
    return fig
