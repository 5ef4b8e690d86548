"""The house style and the plots that chapters share.

Figures are SVG with a transparent background and mid-dark ink: the site turns them for its dark theme, and they are 5.6
inches wide so that their text is still readable at the width of a phone. Colours are Okabe and Ito's, told apart by
colour-blind readers, and darkened until each has a contrast of 3:1 with the page in both themes; curves that belong to
a series of step sizes take theirs from :func:`step_colors`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .bounds import BoundChain
from .networks import Array, ShallowReLU

WIDTH = 5.6  # inches
INK, MUTED = "#333333", "#6e6e6e"
BLUE, ORANGE, GREEN, PINK, SKY, RED = "#0072b2", "#b87a00", "#008a64", "#c0649a", "#2b8cc4", "#d55e00"
CYCLE = (BLUE, RED, GREEN, PINK, ORANGE, SKY)

STYLE: dict[str, Any] = {
    "figure.figsize": (WIDTH, 3.4),
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.transparent": True,
    "axes.facecolor": "none",
    "legend.facecolor": "none",
    "legend.framealpha": 0.0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "font.size": 10.5,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 10.5,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": MUTED,
    "grid.alpha": 0.25,
    "grid.linewidth": 0.6,
    "lines.linewidth": 1.8,
    "axes.prop_cycle": mpl.cycler(color=CYCLE),
    "image.cmap": "cividis",
    "svg.fonttype": "path",
    "svg.hashsalt": "stable minima",
}


BOUND_LINKS = (
    ("ceiling", r"ceiling $1/\eta-1/2$"),
    ("half_sharpness", r"sharpness, $\frac{1}{2}(\lambda_{\max}-1)$"),
    ("stability_norm", r"stability norm $S_g$ of the function"),
)


def use_house_style() -> None:
    """Draw every later figure in the book's style; in a notebook, as SVG."""
    mpl.rcParams.update(STYLE)
    try:
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    if get_ipython() is not None:
        set_matplotlib_formats("svg", metadata={"Date": None}, bbox_inches=None, dpi=160)  # dpi: of what is rasterized


def panels(rows: int, columns: int = 1, height: float = 2.6, **options: Any) -> tuple[Figure, Any]:
    """A figure of the house width with ``rows`` × ``columns`` panels, each row ``height`` inches high."""
    return plt.subplots(rows, columns, figsize=(WIDTH, rows * height), **options)


def step_colors(step_sizes: Sequence[float]) -> list[Any]:
    """One colour a step size, dark blue (small) to orange (large), readable on white and after inversion."""
    ramp = mpl.colors.LinearSegmentedColormap.from_list("steps", ["#08306b", BLUE, GREEN, ORANGE, RED])
    rank = np.argsort(np.argsort(step_sizes)) / max(1, len(step_sizes) - 1)
    return [ramp(r) for r in rank]


def mark_line(ax: Axes, x: float, label: str, color: str = MUTED, level: float = 0.97) -> None:
    """A vertical dashed line at ``x`` with its name written along it, at ``level`` of the axis height."""
    ax.axvline(x, color=color, linestyle="--", linewidth=1.2)
    ax.annotate(
        label,
        (x, level),
        xycoords=("data", "axes fraction"),
        rotation=90,
        va="top",
        ha="right",
        fontsize=9,
        color=color,
    )


def plot_overview(
    x: Array, y: Array, networks: Mapping[float, ShallowReLU], chains: Mapping[float, BoundChain]
) -> Figure:
    """The book in one figure: functions found with a few step sizes, and the bound against all step sizes tried."""
    fig, (top, bottom) = panels(2, height=2.9)
    grid = np.linspace(x.min() - 0.15, x.max() + 0.15, 1001)
    for (eta, net), color in zip(networks.items(), step_colors(list(networks)), strict=True):
        top.plot(grid, net(grid), color=color, label=rf"$\eta={eta:g}$")
    top.plot(x, y, "o", color=INK, markersize=5, zorder=3)
    top.set(xlabel="input $x$", ylabel="$f(x)$")
    top.legend(loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=len(networks))

    eta = np.array(list(chains))
    values = {name: np.array([getattr(chain, name) for chain in chains.values()]) for name, _ in BOUND_LINKS}
    for (name, label), color, line in zip(BOUND_LINKS, (INK, RED, BLUE), ("--", "o-", "o-"), strict=True):
        bottom.plot(eta, values[name], line, color=color, markersize=4, label=label)
    bottom.fill_between(eta, values["ceiling"], values["ceiling"].max() * 2, color=MUTED, alpha=0.2, linewidth=0)
    bottom.annotate("no stable minimum", (eta[-2], values["ceiling"][0] * 0.75), ha="right", color=MUTED, fontsize=9)
    bottom.set(xscale="log", yscale="log", xlabel=r"step size $\eta$", ylim=(None, values["ceiling"].max() * 1.5))
    bottom.legend(loc="lower left")
    return fig
