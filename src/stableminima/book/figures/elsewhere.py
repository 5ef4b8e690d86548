"""The pictures of the page on the edge elsewhere: functions from runs to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ...checks import Array
from .style import BLUE, GREEN, INK, RED, panels

COLORS = (BLUE, GREEN, RED)


def plot_along_training(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Figure:
    """Batch Sharpness along training, η BS/2: a panel a batch size, a line a run, β by colour; dotted, the plateaus."""
    fig, axes = panels(len(runs), height=2.1, sharey=True)
    for ax, (title, chosen) in zip(axes, runs.items(), strict=True):
        momenta = sorted({run["momentum"] for run in chosen})
        for momentum, color in zip(momenta, COLORS, strict=True):
            for level in {1 - momentum, 1 + momentum}:
                ax.axhline(level, color=color, linestyle=":", linewidth=1.0)
            for k, run in enumerate(run for run in chosen if run["momentum"] == momentum):
                path = run["path_batch_sharpness"]
                ax.plot(run["every"] * np.arange(1, len(path) + 1), path, color=color, linewidth=1.2,
                        marker="o", markersize=2.5, label=None if k else rf"$\beta={momentum:g}$")  # fmt: skip
        ax.set(title=title, yscale="log", ylim=(5e-4, 3), ylabel=r"$\eta\,\mathrm{BS}/2$")
    axes[-1].set_xlabel("step of training")
    axes[0].legend(loc="lower right", ncol=3)
    return fig


def plot_other_data(runs: Mapping[str, Sequence[Mapping[str, Any]]], batches: Sequence[Any], n: int) -> Figure:
    """η over the mean-square threshold at the end against η, a panel a data set, the batch size by colour.

    Filled: converged. Open: still training when the study ended it. Crosses: lost.
    """
    fig, axes = panels(2, 2, height=2.3, sharex=True, sharey=True)
    for ax, (title, chosen) in zip(np.ravel(axes), runs.items(), strict=True):
        for shift, (batch, color) in enumerate(zip(batches, COLORS, strict=True)):
            for run in (run for run in chosen if run["batch_size"] == batch):
                place = run["step_size"] * 1.12 ** (shift - 1)
                if run["status"] in ("converged", "unfinished"):
                    full = run["status"] == "converged"
                    ax.plot(place, run["step_size"] * run["lambda_sgd"] / 2, "o", color=color, markersize=4,
                            markerfacecolor=color if full else "none")  # fmt: skip
                else:
                    ax.plot(place, 0.03, "x", color=color, markersize=4)
            ax.plot([], [], "o", color=color, markersize=4, label=f"$B={batch or n}$")
        ax.axhline(1, color=INK, linestyle="--", linewidth=1.0)
        ax.set(title=title, xscale="log", ylim=(0, 1.25))
        steps = sorted({run["step_size"] for run in chosen})
        ax.set_xticks(steps, [f"{step:.3g}" for step in steps])
        ax.minorticks_off()
    for ax in axes[-1]:
        ax.set_xlabel(r"step size $\eta$")
    for ax in axes[:, 0]:
        ax.set_ylabel(r"$\eta/\eta_{\mathrm{ms}}$")
    axes[0, 0].legend(loc="lower right")
    return fig


def plot_single_batches(paths: Mapping[int, Sequence[Mapping[str, Array]]]) -> Figure:
    """Along training: the share of batches beyond their own edge, and the worst batch found; a line a seed."""
    fig, axes = panels(1, 2, height=2.6)
    for (batch, told), color in zip(paths.items(), cycle(COLORS), strict=False):
        for k, path in enumerate(told):
            axes[0].plot(path["epoch"], path["share"], color=color, linewidth=1.2)
            axes[1].plot(path["epoch"], path["worst"], color=color, linewidth=1.2, label=None if k else f"$B={batch}$")
    axes[0].set(xlabel="epoch", ylabel="share of batches beyond", ylim=(-0.03, 1.03))
    axes[1].axhline(1, color=INK, linestyle="--", linewidth=1.0)
    axes[1].set(xlabel="epoch", ylabel=r"worst batch, $\eta\lambda_{\max}(H_b)/2$", ylim=(0, None))
    axes[1].legend(loc="upper right")
    return fig
