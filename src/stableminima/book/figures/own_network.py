"""The pictures of the appendix "Your own network"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ...checks import Array
from ...training.tracking import SharpnessTracker
from .style import BLUE, ORANGE, panels, step_colors


def plot_returns(runs: Mapping[tuple[str, float], Sequence[Array]]) -> Figure:
    """Distances from a minimum along runs of torch, by kind of batch (one panel each) and factor on the threshold."""
    kinds = list(dict.fromkeys(kind for kind, _ in runs))
    figure, axes = panels(1, len(kinds), height=2.6, sharey=True)
    for ax, kind in zip(np.ravel(axes), kinds, strict=True):
        for (name, factor), paths in runs.items():
            if name != kind:
                continue
            for place, path in enumerate(paths):
                color, label = (BLUE, "below") if factor < 1 else (ORANGE, "above")
                ax.semilogy(path, color=color, linewidth=1, label=f"{factor:g} · {label}" if place == 0 else None)
        ax.set(title=kind, xlabel="step", ylim=(1e-7, 1e3))
        ax.legend(loc="upper left")
    np.ravel(axes)[0].set_ylabel("distance from the minimum")
    return figure


def plot_tracked(tracked: Mapping[float, SharpnessTracker]) -> Figure:
    """Sharpness along training for several learning rates, with 2/η of each."""
    figure, ax = panels(1, height=2.8)
    for (rate, tracker), color in zip(tracked.items(), step_colors(list(tracked)), strict=True):
        ax.plot(tracker["step"], tracker["sharpness"], color=color, label=rf"$\eta={rate:g}$")
        ax.plot(tracker["step"], tracker["edge"], color=color, linestyle="--", linewidth=0.9)
    ax.set(xlabel="step", ylabel="sharpness", ylim=(0, None))
    ax.legend(loc="lower right", ncols=len(tracked))
    return figure
