"""Tables and the figure of the appendix "Performance", from the record of ``benchmarks/performance.py``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from ...experiments.records import Record, Run
from .style import CYCLE, MUTED

COSTS = ("n", "d", "k", "B", "networks")
PEERS = {
    "whole protocol": "**the sweep**, whole protocol",
    "arithmetic limit": "arithmetic limit",
    "DataLoader loop": "`DataLoader`, autograd, `torch.optim.SGD`",
    "indexing loop": "the same without `DataLoader`",
    "indexing loop, momentum": "the same with `SGD(momentum=0.9)`, over it the sweep with momentum",
    "torch.func.vmap": "`torch.func.vmap` over the networks",
    "our torch program": "our batched torch program",
    "train_sgd (float64)": "`train_sgd`, the readable reference, float64",
    "sharpness: curvlinops Hessian": "sharpness; peer: curvlinops, Hessian products and Lanczos",
    "sharpness: curvlinops GGN": "sharpness; peer: curvlinops, Gauss–Newton products and Lanczos",
    "sharpness: all eigenvalues": "sharpness; peer: all eigenvalues of the same kernel",
    "exact SGD threshold": "exact mean-square threshold of SGD",
    "bound chain": "the whole bound chain",
}


def machine_line(record: Record) -> str:
    """Where and with what the record was made, as Markdown."""
    made = record.provenance[record.runs[0].provenance]
    versions = ", ".join(f"{name} {made[name]}" for name in ("python", "numpy", "scipy", "numba") if name in made)
    gpu = next((run["device"] for run in record.runs if run["device"] != "none"), None)
    return (
        f"Measured on {made.get('date')}: {made['processor']}, {made['cores']} cores, {made['platform']}, "
        f"{'GPU ' + gpu if gpu else 'no GPU'}; {versions}. Repeat it with `{record.command}`."
    )


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{float(f'{value:.3g}'):,.10g}"


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{_number(seconds)} s" if seconds >= 1 else f"{_number(1000 * seconds)} ms"


def comparison_table(rows: Mapping[str, Run], names: Sequence[str]) -> str:
    """A Markdown table: rates where the rows have them, times elsewhere; ratios with their range over the pairs."""
    chosen = [name for name in names if name in rows]
    rates = rows[chosen[0]]["rate"] is not None
    head = "| program | steps per second | ours over it |" if rates else "| compared with | ours | peer | ratio |"
    lines = [head, "|---" * (head.count("|") - 1) + "|"]
    for name in chosen:
        row = rows[name]
        span = f" ({_number(row['low'])} to {_number(row['high'])})" if row["ratio"] else ""
        ratio = f"{_number(row['ratio'])}{span}"
        if rates:
            over = _number(rows["whole protocol"]["rate"] / row["rate"]) if name == "arithmetic limit" else ratio
            lines.append(f"| {PEERS[name]} | {_number(row['rate'])} | {'–' if name == 'whole protocol' else over} |")
        else:
            lines.append(f"| {PEERS[name]} | {_time(row['ours'])} | {_time(row['theirs'])} | {ratio} |")
    return "\n".join(lines)


def exponent_table(rows: Mapping[str, Run]) -> str:
    """The fitted exponents, one line a size."""
    return "\n".join(f"time ~ {name:<8} ^ {rows[f'cost with {name}']['exponent']:5.2f}" for name in COSTS)


def plot_costs(rows: Mapping[str, Run]) -> Figure:
    """Relative time against relative size, a line for each of the five sizes."""
    figure, ax = plt.subplots(figsize=(5.6, 3.6))
    for name, color, marker in zip(COSTS, CYCLE, "osd^v", strict=False):
        row = rows[f"cost with {name}"]
        size, time = np.array(row["values"], float), np.array(row["times"])
        label = f"{name} (from {row['values'][0]})"
        ax.loglog(size / size[0], time / time[0], marker=marker, color=color, label=label)
    ends = np.array([1.0, 8.0])
    for slope in (1, 2):
        ax.loglog(ends, ends**slope, ls="--", lw=1, color=MUTED)
        ax.annotate(
            f"slope {slope}", (8, 8**slope), xytext=(4, -2), textcoords="offset points", color=MUTED, fontsize="small"
        )
    ax.set_xlabel("size, relative to the smallest")
    ax.set_ylabel("time, relative")
    ax.legend(frameon=False)
    return figure
