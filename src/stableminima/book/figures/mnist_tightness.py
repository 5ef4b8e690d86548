"""The pictures of chapter 4, tightness on MNIST: functions from runs and records to a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...checks import Array
from ...experiments.records import Record
from .style import (
    BLUE,
    CEILING,
    GRADIENT,
    GREEN,
    INK,
    LINKS,
    MUTED,
    NORM,
    ORANGE,
    RED,
    SHARPNESS,
    SKY,
    draw_band,
    fill,
    panels,
    stack_slacks,
)

BATCH_COLORS = (RED, ORANGE, GREEN, BLUE)


def _log_steps(ax: Axes, step_sizes: Array, ticks: Sequence[float] = (0.02, 0.05, 0.1, 0.2, 0.3)) -> None:
    ax.set(xscale="log", xlabel=r"step size $\eta$", xlim=(0.9 * min(step_sizes), 1.1 * max(step_sizes)))
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()


def _band(ax: Axes, record: Record, values: Array, color: str, label: str | None = None, marker: str = "o") -> None:
    """Mean over the runs at each step size, with a band from the least to the largest."""
    eta = record["step_size"]
    at = np.unique(eta)
    groups = [values[eta == e] for e in at]
    draw_band(ax, at, groups, np.mean, color=color, label=label, marker=marker, markersize=3.5)


# ------------------------------------------------------------------------------------------------------ the sweep


def plot_gaps(gaps: Mapping[str, tuple[Array, Array]]) -> Figure:
    """The difference of two trainings against the number of epochs, one curve a pair of trainings."""
    fig, ax = panels(1, height=3.2)
    for (name, (epochs, gap)), color, line in zip(
        gaps.items(), (BLUE, SKY, RED, ORANGE), ("-", ":", "-", ":"), strict=False
    ):
        ax.semilogy(epochs, np.maximum(gap, 1e-17), line, color=color, label=name)
    ax.set(xlabel="epochs", ylabel="difference of weights", ylim=(3e-18, 30))
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=1)
    return fig


def plot_growth(curves: Mapping[str, Sequence[Array]]) -> Figure:
    """Powers of ten by which a small difference has grown, epoch by epoch; one colour a kind, one curve a start."""
    fig, ax = panels(1, height=3.2)
    for (name, group), color in zip(curves.items(), (RED, BLUE, GREEN), strict=False):
        for place, curve in enumerate(group):
            label = name if place == 0 else None
            ax.plot(1 + np.arange(len(curve)), curve, color=color, linewidth=1.2, label=label)
    ax.set(xlabel="epochs", ylabel="growth, powers of ten")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


def plot_links(step_sizes: Sequence[float], chains: Sequence[Any]) -> Figure:
    """Every link of the chain of bounds against its ceiling 1/η − ½, both logarithmic; the diagonal is equality."""
    fig, ax = panels(1, height=3.9)
    ceiling = 1 / np.asarray(step_sizes) - 0.5
    edge = np.array([0.85 * ceiling.min(), 1.15 * ceiling.max()])
    ax.plot(edge, edge, **LINKS[CEILING].style)
    for name in reversed([name for name in LINKS if name != CEILING]):
        ax.plot(ceiling, [getattr(chain, name) for chain in chains], markersize=4, **LINKS[name].style)
    fill(ax, edge, edge, 2 * edge.max(), MUTED)
    ticks = [1, 2, 5, 10, 20, 50]
    ax.set(xscale="log", yscale="log", xlim=edge, ylim=(None, edge.max()))
    ax.set(xlabel=r"ceiling $1/\eta-\frac{1}{2}$ (large steps on the left)", ylabel="value")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(ticks, [str(tick) for tick in ticks])
        axis.set_ticks([], minor=True)
    ax.set(xlim=edge)
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


def plot_validation(record: Record) -> Figure:
    """Validation error and loss against η for each batch size: mean over the seeds and band between the extremes."""
    fig, axes = panels(2, height=2.5, sharex=True)
    for (size, group), color in zip(_sizes(record), BATCH_COLORS, strict=False):
        _band(axes[0], group, 100 * (1 - group["val_accuracy"]), color, f"$B={size}$")
        _band(axes[1], group, group["val_loss"], color)
    axes[0].set(ylabel="validation error [%]")
    axes[1].set(ylabel="validation loss")
    _log_steps(axes[1], record["step_size"])
    axes[0].set_xlabel("")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return fig


def _sizes(record: Record) -> list[tuple[str, Record]]:
    """The record cut by batch size, in increasing order; the full batch is called n."""
    cut = record.groups("batch_size")
    order = sorted(cut, key=lambda size: np.inf if size is None else size)
    return [("n" if size is None else str(size), cut[size]) for size in order]


def plot_pixels(records: Mapping[str, Record]) -> Figure:
    """Half the sharpness and the norm in per cent of the ceiling against η, one panel a coding of the pixels."""
    fig, axes = panels(1, len(records), height=2.6, sharey=True)
    for ax, (title, record) in zip(axes, records.items(), strict=True):
        ax.axhline(100, color=INK, linestyle="--", linewidth=1.2)
        for name in (SHARPNESS, NORM):
            link = LINKS[name]
            _band(ax, record, 100 * record[name] / record[CEILING], link.color, link.name, marker=link.marker)
        eta = record["step_size"]
        ticks = [tick for tick in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if eta.min() <= tick <= eta.max()]
        _log_steps(ax, eta, ticks[:: 1 + (len(ticks) > 5)])
        ax.set_title(title)
    axes[0].set(ylabel="% of the ceiling", ylim=(0, 112))
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


# -------------------------------------------------------------------------------------------------- three thresholds

THRESHOLDS = {
    "lambda_max": (r"$\lambda_{\max}\,\eta/2$", RED),
    "lambda_sgd": (r"$\lambda_{\max}(C^\dagger D)\,\eta/2$", BLUE),
}


def _common_steps(axes: np.ndarray, records: Mapping[str, Record]) -> None:
    """One axis of step sizes for a grid of panels, one panel a record; panels left over are hidden."""
    for ax in axes.ravel()[len(records) :]:
        ax.set_visible(False)
    everything = np.concatenate([record["step_size"] for record in records.values()])
    for ax in axes.ravel():
        _log_steps(ax, everything, (0.02, 0.05, 0.1, 0.3))
        ax.set_xlabel("")
        ax.tick_params(labelbottom=True)
    for ax in axes[-1]:
        ax.set_xlabel(r"step size $\eta$")


def plot_thresholds(records: Mapping[str, Record]) -> Figure:
    """For each title the two quantities of 2/η, and η/η_as with its brackets as bars; one is the edge of each."""
    rows = -(-len(records) // 2)
    fig, axes = panels(rows, 2, height=2.0, sharex=True, squeeze=False)
    for ax, (title, record) in zip(axes.ravel(), records.items(), strict=False):
        ax.axhline(1, color=INK, linestyle="--", linewidth=1.2)
        for column, (label, color) in THRESHOLDS.items():
            _band(ax, record, record[column] * record["step_size"] / 2, color, label)
        low, high = 1 / record["as_high"], 1 / record["as_low"]
        ax.vlines(record["step_size"], low, high, color=GREEN, linewidth=1.6)
        ax.plot(record["step_size"], np.sqrt(low * high), "_", color=GREEN, markersize=4, label=r"$\eta/\eta_{\rm as}$")
        ax.set_title(title)
    _common_steps(axes, records)
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return fig


def plot_pushes(record: Record) -> Figure:
    """How fast real runs leave after a push, on either side of the almost-sure edge, a panel a law."""
    fig, axes = panels(1, 2, height=2.6, sharey=True)
    etas = sorted({run["step_size"] for run in record.runs})
    for ax, law in zip(axes, ("iid", "reshuffled"), strict=True):
        for side, color in (("below", BLUE), ("above", RED)):
            dots = [(etas.index(run["step_size"]), rate) for run in record.runs for rate in run[f"{law}_{side}"]]
            place, rates = np.array(dots).T
            ax.plot(place, 1e3 * rates, "o", color=color, markersize=3, label=f"{side} the edge")
        groups = [record.where(step_size=eta) for eta in etas]
        means = [1e3 * np.mean(group[f"{law}_expected"]) for group in groups]
        errors = [2e3 * np.sqrt(np.mean(group[f"{law}_expected_error"] ** 2)) for group in groups]
        ax.errorbar(range(len(etas)), means, errors, fmt="_", color=INK, markersize=12, label="Lyapunov exponent")
        ax.axhline(0, color=INK, linewidth=1)
        ax.set_xticks(range(len(etas)), [f"{eta:g}" for eta in etas])
        ax.set(xlabel=r"step size $\eta$ of training", title=law)
    axes[0].set(ylabel=r"growth a step, $10^{-3}$")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=3)
    return fig


# ---------------------------------------------------------------------------------------------------------- slacks


def plot_slacks(records: Mapping[str, Record]) -> Figure:
    """How the ceiling is used up, in per cent and as a mean over the runs at each step size; one panel a record."""
    fig, axes = panels(len(records), height=2.5, squeeze=False)
    for ax, (title, record) in zip(axes[:, 0], records.items(), strict=True):
        eta = np.unique(record["step_size"])
        parts = {name: record[name] / record[CEILING] for name in LINKS}
        means = {name: [100 * np.mean(part[record["step_size"] == e]) for e in eta] for name, part in parts.items()}
        stack_slacks(ax, {name: np.array(mean) for name, mean in means.items()})
        ax.axhline(100, color=INK, linestyle="--", linewidth=1.2)
        ax.set_xticks(range(len(eta)), [f"{e:g}" for e in eta], fontsize="small")
        ax.set(ylabel="% of the ceiling", title=title)
        ax.grid(False, axis="x")
    axes[-1, 0].set_xlabel(r"step size $\eta$")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


def plot_neurons(nets: Mapping[str, tuple[Array, Array, Array]]) -> Figure:
    """Each neuron: on which part of the data it fires, and what it weighs from its own and from its cheaper side."""
    fig, axes = panels(len(nets), height=2.4, sharex=True)
    for ax, (title, (fires, own, cheap)) in zip(np.atleast_1d(axes), nets.items(), strict=True):
        ax.vlines(fires, cheap, own, color=MUTED, linewidth=0.6)
        ax.plot(fires, own, "o", color=RED, markersize=3.5, label=r"own side, $|a|\tilde g$")
        ax.plot(fires, cheap, "o", color=BLUE, markersize=3.5, label="cheaper side, $|a|g$")
        ax.set(yscale="log", ylabel="weight", title=title, ylim=(1e-5, 3 * own.max()))
    axes[-1].set(xlabel="part of the images on which the neuron fires", xlim=(-0.02, 1.02))
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


# --------------------------------------------------------------------------------------------------------- neurons


def plot_counts(record: Record) -> Figure:
    """Dead and pinned neurons against η for each batch size, in per cent of all."""
    fig, axes = panels(2, height=2.4, sharex=True)
    for (size, group), color in zip(_sizes(record), BATCH_COLORS, strict=False):
        for ax, column in zip(axes, ("dead", "pinned"), strict=True):
            _band(ax, group, 100 * group[column] / group["width"], color, f"$B={size}$")
    axes[0].set(ylabel="dead [%]")
    axes[1].set(ylabel="knot on a sample [%]")
    _log_steps(axes[1], record["step_size"])
    axes[0].set_xlabel("")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return fig


def plot_distances(distances: Mapping[str, Array], threshold: float) -> Figure:
    """Histograms of the distance of each neuron's knot to the nearest sample, one panel a training."""
    fig, axes = panels(len(distances), height=1.7, sharex=True)
    bins = np.geomspace(1e-17, 1, 69)
    for ax, (title, values), color in zip(axes, distances.items(), (ORANGE, BLUE, RED, GREEN), strict=False):
        ax.hist(np.maximum(values, 1.1e-17), bins=bins, color=color)
        ax.axvline(threshold, color=INK, linestyle="--", linewidth=1.2)
        ax.set(xscale="log", ylabel="neurons", title=title)
    axes[-1].set(xlabel="distance to the nearest sample, relative to the farthest")
    return fig


def plot_statuses(record: Record) -> Figure:
    """How the runs ended, by batch size and step size: the part that converged, as a shade, with the numbers."""
    sizes, etas = _sizes(record), np.unique(record["step_size"])
    fig, ax = panels(1, height=0.6 + 0.42 * len(sizes))
    share = np.full((len(sizes), len(etas)), np.nan)
    for row, (_, group) in enumerate(sizes):
        for column, eta in enumerate(etas):
            runs = group.where(step_size=float(eta))
            if not len(runs):
                continue
            good = int((runs["status"] == "converged").sum())
            share[row, column] = good / len(runs)
            ax.text(column + 0.5, row + 0.5, f"{good}/{len(runs)}", ha="center", va="center", fontsize="small")
    ax.pcolormesh(share, cmap="RdYlBu", vmin=-0.6, vmax=1.6, alpha=0.6)
    ax.set_xticks(np.arange(len(etas)) + 0.5, [f"{eta:g}" for eta in etas], fontsize="small")
    ax.set_yticks(np.arange(len(sizes)) + 0.5, [f"$B={size}$" for size, _ in sizes])
    ax.invert_yaxis()
    ax.set(xlabel=r"step size $\eta$")
    ax.grid(False)
    return fig


# ------------------------------------------------------------------------------------------------- the wider study

SURVIVAL = [name for name in reversed(LINKS) if name not in (CEILING, GRADIENT)]  # three of five can be told apart


def plot_pairs(record: Record) -> Figure:
    """Every pair of digits at every step size: three links in per cent of the ceiling, and lines through medians."""
    fig, ax = panels(1, height=3.4)
    eta = np.unique(record["step_size"])
    rng = np.random.default_rng(0)
    for name, shift in zip(SURVIVAL, (-0.22, 0.0, 0.22), strict=True):
        share, link = 100 * record[name] / record[CEILING], LINKS[name]
        place = np.searchsorted(eta, record["step_size"]) + shift
        jitter = rng.uniform(-0.08, 0.08, len(place))
        ax.plot(place + jitter, share, link.marker, color=link.color, markersize=3)
        middle = [np.median(share[record["step_size"] == e]) for e in eta]
        ax.plot(np.arange(len(eta)) + shift, middle, color=link.color, linewidth=1.2, label=link.name)
    ax.axhline(100, color=INK, linestyle="--", linewidth=1.2)
    ax.set_xticks(range(len(eta)), [f"{e:g}" for e in eta])
    ax.set(xlabel=r"step size $\eta$", ylabel="% of the ceiling", ylim=(0, 108))
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig


def plot_variants(records: Mapping[str, Record]) -> Figure:
    """Three links in per cent of the ceiling against η, one panel a variant of the protocol."""
    rows = -(-len(records) // 2)
    fig, axes = panels(rows, 2, height=2.0, sharex=True, sharey=True, squeeze=False)
    for ax, (title, record) in zip(axes.ravel(), records.items(), strict=False):
        ax.axhline(100, color=INK, linestyle="--", linewidth=1.2)
        for name in SURVIVAL:
            link = LINKS[name]
            _band(ax, record, 100 * record[name] / record[CEILING], link.color, link.name, marker=link.marker)
        ax.set_title(title)
    _common_steps(axes, records)
    for ax in axes[:, 0]:
        ax.set_ylabel("% of the ceiling")
    axes[0, 0].set_ylim(0, 112)
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper left", ncols=2)
    return fig
