"""The house style and the plots that chapters share.

Figures are SVG with a transparent background and mid-dark ink: the site turns them for its dark theme, and they are 5.6
inches wide so that their text, in the two typefaces of the pages, is still readable at the width of a phone; small text
is ``"small"``, nothing is smaller. Colours are Okabe and Ito's, told apart by colour-blind readers, and darkened until
each has a contrast of 3:1 with the page in both themes; curves that belong to a series of step sizes take theirs from
:func:`step_colors`. Lines and markers are opaque; what is pale, as bands and regions are, has an opaque outline
(:func:`fill`); what is drawn on a colour map has a white rim (:func:`draw_on_map`); words are in ink.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ...bounds.chain import BoundChain
from ...checks import Array
from ...networks import ShallowReLU

WIDTH = 5.6  # inches
TYPEFACE = Path(__file__).with_name("fonts") / "source-serif-4-latin-400-normal.ttf"  # that of the pages
INK, MUTED = "#333333", "#6e6e6e"
RIM = 1.6  # points, of white around what is drawn on a colour map
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
    "legend.fontsize": "small",
    "font.family": ["Source Serif 4", "DejaVu Serif"],  # the second has what the first lacks
    "font.size": 11.7,  # an index of small text is then 9 pixels high
    "mathtext.fontset": "cm",  # as MathJax sets the formulas of the pages
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.labelsize": "medium",
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
    "axes.prop_cycle": cycler(color=CYCLE),
    "image.cmap": "cividis",
    "svg.fonttype": "path",
    "svg.hashsalt": "stable minima",
}


# ------------------------------------------------------------------------------------- the chain of bounds, everywhere


class Link(NamedTuple):
    """One of the five numbers of the chain as every picture of the book shows it: name, colour, marker and line."""

    name: str
    color: str
    marker: str
    line: str = "-"

    @property
    def plain(self) -> str:
        """The name without its formula, for the explorables."""
        return self.name.partition(" $")[0]

    @property
    def style(self) -> dict[str, Any]:
        """What ``Axes.plot`` is told."""
        return {"color": self.color, "marker": self.marker, "linestyle": self.line, "label": self.name}


# In increasing order, by the fields of BoundChain. The explorables get their names and colours from here.
LINKS = {
    "stability_norm": Link("stability norm $S_g$", BLUE, "o"),
    "one_sided": Link(r"one-sided sum $\sum|a_i|\,\tilde g_i$", SKY, "D"),
    "gradient_level": Link(r"mean gradient $\frac{1}{2}(\|\mathbb{E}\nabla f\|^2-1)$", GREEN, "^"),
    "sharpness_level": Link(r"sharpness $\frac{1}{2}(\lambda_{\max}-1)$", RED, "s"),
    "ceiling": Link(r"ceiling $1/\eta-\frac{1}{2}$", INK, "", "--"),
}
NORM, ONE_SIDED, GRADIENT, SHARPNESS, CEILING = LINKS

# What lies between a link and the next: (lower, upper, name, colour). The names are the headings of chapter 2; the
# colour is that of the upper link, except that a bar as dark as the ceiling's line would be all that one sees.
SLACKS = tuple(
    (lower, upper, name, MUTED if upper == CEILING else LINKS[upper].color)
    for (lower, upper), name in zip(
        itertools.pairwise(LINKS),
        ("(iii) orientation", "(ii) gauge", "(i) constant vector", "(0) short of the edge"),
        strict=True,
    )
)


def stack_slacks(ax: Axes, shares: Mapping[str, Array]) -> None:
    """Bars at 0, 1, …: the stability norm, and on it the slacks, from ``shares`` of the links in any unit.

    A link that lies below the one before it (a ceiling that was passed) gets no bar.
    """
    place = np.arange(len(shares[NORM]))
    ax.bar(place, shares[NORM], color=LINKS[NORM].color, width=0.8, label=LINKS[NORM].name)
    for lower, upper, name, color in SLACKS:
        height = np.maximum(shares[upper] - shares[lower], 0.0)
        ax.bar(place, height, bottom=shares[lower], color=color, width=0.8, label=name)


# ------------------------------------------------------------------------------------------- figures and their parts


def use_house_style() -> None:
    """Draw every later figure in the book's style, whatever the user's matplotlibrc says; in a notebook, as SVG."""
    font_manager.fontManager.addfont(TYPEFACE)
    plt.rcdefaults()
    plt.style.use(STYLE)
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


def fill(
    ax: Axes, x: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, strength: float = 0.2, label: str | None = None
) -> None:
    """A pale area between two curves, with an outline as strong as a line of its colour."""
    pale = mpl.colors.to_rgba(color, strength)
    ax.fill_between(x, low, high, facecolor=pale, edgecolor=color, linewidth=0.7, label=label)


def draw_on_map(ax: Axes, x: ArrayLike, y: ArrayLike, mark: str = "-", **style: Any) -> None:
    """``ax.plot`` over a colour map: a white rim tells lines and markers from every colour that may lie beside them."""
    (top,) = ax.plot(x, y, mark, zorder=style.pop("zorder", 3), **style)
    ends: dict[str, Any] = {
        "fillstyle": top.get_fillstyle(),
        "marker": top.get_marker(),
        "markersize": top.get_markersize(),
    }
    ax.plot(x, y, color="white", linestyle=top.get_linestyle(), linewidth=top.get_linewidth() + RIM,
            markeredgewidth=top.get_markeredgewidth() + RIM, zorder=top.get_zorder() - 0.1, **ends)  # fmt: skip


def draw_segments_on_map(ax: Axes, segments: Sequence[Array], widths: ArrayLike, colors: Any) -> None:
    """Segments with the same rim, a narrower one around those that are thin."""
    rims = widths + np.minimum(RIM, 1.5 * np.asarray(widths))
    ax.add_collection(LineCollection(segments, linewidths=rims, colors="white", zorder=1.9))
    ax.add_collection(LineCollection(segments, linewidths=widths, colors=colors, zorder=2))


def draw_band(
    ax: Axes, x: ArrayLike, groups: Iterable[Array], middle: Callable[[Array], Any] = np.median, **style: Any
) -> None:
    """The middle of the values that belong to each x as a line, and a band from the least to the largest."""
    low, line, high = np.array([(values.min(), middle(values), values.max()) for values in groups]).T
    ax.plot(x, line, **style)
    fill(ax, x, low, high, style["color"])


def step_colors(step_sizes: Sequence[float]) -> list[Any]:
    """One colour a step size, dark blue (small) to orange (large), readable on white and after inversion."""
    ramp = mpl.colors.LinearSegmentedColormap.from_list("steps", ["#08306b", BLUE, GREEN, ORANGE, RED])
    rank = np.argsort(np.argsort(step_sizes)) / max(1, len(step_sizes) - 1)
    return [ramp(r) for r in rank]


def hyperplane_segments(direction: Array, offset: Array, radius: float) -> list[Array]:
    """The lines ``{u·x = t}`` in the plane within the disc of this radius: both ends, ``(2, 2)``, of each.

    Lines that miss the disc shrink to a point.
    """
    foot, along = offset[:, None] * direction, np.column_stack([-direction[:, 1], direction[:, 0]])
    half = np.sqrt(np.maximum(radius**2 - offset**2, 0.0))[:, None] * along
    return list(np.stack([foot - half, foot + half], axis=1))


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

    steps = np.array(list(chains))
    values = {name: np.array([getattr(chain, name) for chain in chains.values()]) for name in LINKS}
    for name in (CEILING, SHARPNESS, NORM):
        bottom.plot(steps, values[name], markersize=4, **LINKS[name].style)
    highest = values[CEILING].max()
    fill(bottom, steps, values[CEILING], highest * 2, MUTED)
    bottom.annotate("no stable minimum", (steps[-2], highest * 0.75), ha="right", fontsize="small")
    bottom.set(xscale="log", yscale="log", xlabel=r"step size $\eta$", ylim=(values[NORM].min() / 9, highest * 1.5))
    bottom.legend(loc="lower left")
    return fig
