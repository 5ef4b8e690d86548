"""The pictures of chapter 7, nearly orthogonal data: times up to 10^190 on an axis of log log t."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from ...checks import Array
from ...margins.limits import Asymptotics, leaky_stable_rank, relu_stable_rank, stable_rank
from ...margins.logistic_descent import Descent
from .style import BLUE, CYCLE, GREEN, INK, MUTED, RED, panels, step_colors

DECADES = (1, 3, 10, 30, 100)  # ticks
LAST = 250.0  # decade at which the axis of time ends
TIME = r"time $t$ (axis of $\log\log t$)"
EPOCHS = r"epochs (axis of their $\log\log$)"


def _time_axis(ax: Axes) -> None:
    """Powers of ten, spaced by the logarithm of the exponent."""
    ax.set(xscale="log", xlim=(0.5, LAST), xticks=DECADES, xticklabels=[f"$10^{{{k}}}$" for k in DECADES])
    ax.minorticks_off()


def _decades(run: Descent) -> tuple[Array, NDArray[np.intp]]:
    """log10 of the time at the records with t ≥ 3, and which they are."""
    kept = np.flatnonzero(run.log_time > np.log(3))
    return run.log_time[kept] / np.log(10), kept


def ranks(run: Descent) -> dict[str, Array]:
    """Stable ranks of the whole matrix and of the blocks at all records."""
    nets = [run.network(k) for k in range(len(run.steps))]
    blocks = np.array([[stable_rank(block) for block in net.blocks] for net in nets])
    return {"whole": np.array([stable_rank(net.W) for net in nets]), "$W_+$": blocks[:, 0], "$W_-$": blocks[:, 1]}


def plot_ranks(runs: Mapping[str, tuple[Descent, Asymptotics]]) -> Figure:
    """Stable ranks against time, one panel a run, with their predicted limits dashed."""
    fig, axes = panels(len(runs), height=2.35, sharex=True)
    for ax, (name, (run, limit)) in zip(np.atleast_1d(axes), runs.items(), strict=True):
        x, kept = _decades(run)
        predicted = (limit.whole_rank, *limit.block_ranks)
        for (label, values), level, color, line in zip(
            ranks(run).items(), predicted, (INK, BLUE, RED), ("-", "-", "--"), strict=True
        ):
            ax.plot(x, values[kept], line, color=color, label=label)
            ax.axhline(level, color=color, linestyle=":", linewidth=1.2)
        ax.set(title=name, ylabel="stable rank", ylim=(0.9, 3.2))
        _time_axis(ax)
    np.atleast_1d(axes)[0].legend(ncols=3)
    np.atleast_1d(axes)[-1].set_xlabel(TIME)
    return fig


def plot_margins(run: Descent, limit: Asymptotics) -> Figure:
    """Above, margins less their mean, with the predicted gaps; below, normalised margins with their common limit."""
    fig, (top, bottom) = panels(2, height=2.3, sharex=True)
    x, kept = _decades(run)
    z = run.margins[kept]
    norms = np.array([np.linalg.norm(run.network(k).W) for k in kept])
    shade = dict(zip(np.argsort(limit.u).tolist(), step_colors(range(len(limit.u))), strict=True))
    for i in range(z.shape[1]):
        top.plot(x, z[:, i] - z.mean(axis=1), color=shade[i], linewidth=1.3)
        bottom.plot(x, z[:, i] / norms, color=shade[i], linewidth=1.3)
        top.plot(x[-1], limit.gaps[i], "o", color=shade[i], markersize=4, clip_on=False, zorder=4)
    bottom.axhline(1 / limit.norm_slope, color=MUTED, linestyle="--")
    top.set(ylabel=r"$z_i-\bar z$")
    bottom.set(ylabel=r"$z_i/\|W\|_F$", xlabel=TIME)
    bottom.annotate(r"$1/\sqrt{1^\top u}$", (0.98, 1 / limit.norm_slope), xycoords=("axes fraction", "data"),
                    xytext=(0, 5), textcoords="offset points", ha="right", color=MUTED)  # fmt: skip
    for ax in (top, bottom):
        _time_axis(ax)
    return fig


def plot_clock(slow: Descent, fast: Descent) -> Figure:
    """Margins of constant steps (dots) and of loss-normalised steps (lines) against the time they stand for."""
    fig, ax = panels(1, height=2.6)
    for i, color in enumerate(step_colors(range(fast.margins.shape[1]))):
        ax.plot(fast.log_time / np.log(10), fast.margins[:, i], color=color, linewidth=1.0)
        ax.plot(slow.log_time / np.log(10), slow.margins[:, i], "o", color=color, markersize=2.5)
    ax.set(xlim=(0, slow.log_time[-1] / np.log(10) + 0.3), xlabel=r"$\log_{10}t$", ylabel="margins $z_i$")
    ax.set_ylim(0, 1.1 * slow.margins[-1].max())
    return fig


def plot_excess(run: Descent, excess: ArrayLike, norm: float) -> Figure:
    """Stable rank less 1 of the block W₊ against log t, the law computed from the weights, and a slope of −2."""
    fig, ax = panels(1, height=2.6)
    kept = np.flatnonzero(run.log_time > np.log(3))
    x = run.log_time[kept]
    ax.plot(x, ranks(run)["$W_+$"][kept] - 1, "o", color=BLUE, markersize=3.5, label="measured")
    ax.plot(x, np.asarray(excess)[kept], color=RED, label=r"$\|N(I-\hat b\hat b^\top)\|_F^2/\|b\|^2$")
    ax.plot(x, norm / x**2, ":", color=INK, label=r"$\propto1/\log^2t$")
    ax.set(xscale="log", yscale="log", xlabel=r"$\log t$", ylabel="stable rank of $W_+$, less 1")
    ax.legend()
    return fig


def plot_closed_forms(leaky: Mapping[float, float], relu: Mapping[int, Sequence[float]]) -> Figure:
    """Orthogonal inputs: the whole matrix against the slope (left), a ReLU block against its class size (right)."""
    fig, (left, right) = panels(1, 2, height=2.6, sharey=True)
    grid = np.linspace(0, 1, 101)
    left.plot(grid, [leaky_stable_rank(g) for g in grid], color=MUTED, label=r"$2(1+\gamma^2)/(1+\gamma)^2$")
    left.plot(list(leaky), list(leaky.values()), "o", color=BLUE)
    left.set(xlabel=r"slope $\gamma$", ylabel="stable rank", title="leaky, whole matrix")
    sizes = np.arange(1, max(relu) + 4)
    right.plot(sizes, [relu_stable_rank(np.ones(k)) for k in sizes], color=MUTED, label="$2n_j/(n_j+1)$")
    for size, values in relu.items():
        right.plot([size] * len(values), values, "o", color=RED, markersize=4.5)
    right.set(xlabel="$n_j$", title="ReLU, one class", ylim=(0.95, 2.05))
    left.legend(loc="upper right")
    right.legend(loc="lower right")
    return fig


def plot_slopes_of_activation(epochs: Mapping[float, Descent], later: Mapping[float, Descent]) -> Figure:
    """Stable rank of the whole matrix for several slopes γ: the first epochs (above), and the same runs continued."""
    fig, (top, bottom) = panels(2, height=2.3)
    for (slope, run), color in zip(epochs.items(), step_colors(list(epochs)), strict=True):
        name = "ReLU" if slope == 0 else rf"$\gamma={slope:g}$"
        top.plot(run.steps[1:], ranks(run)["whole"][1:], color=color, label=name)
        x, kept = _decades(later[slope])
        bottom.plot(x, ranks(later[slope])["whole"][kept], color=color)
    top.set(xscale="log", yscale="log", xlabel="epoch", ylabel="stable rank")
    bottom.set(xlabel=EPOCHS, ylabel="stable rank", ylim=(0.97, 1.55))
    _time_axis(bottom)
    fig.legend(*top.get_legend_handles_labels(), loc="outside upper center", ncols=len(epochs))
    return fig


def plot_turning(paths: Mapping[str, tuple[Descent, Asymptotics]]) -> Figure:
    """The rows of W in the plane, one panel a network: where they start (dots), how they go, and where they point."""
    fig, axes = panels(1, len(paths), height=3.5)
    for ax, (name, (run, limit)) in zip(np.atleast_1d(axes), paths.items(), strict=True):
        rows = run.start.W + run.coefficients @ run.X
        m, reach = run.start.width, 1.05 * np.abs(rows).max()
        for r, vote in enumerate(run.start.signs):
            color = BLUE if vote > 0 else RED
            ax.plot(*rows[:, r].T, color=color, linewidth=1.4)
            ax.plot(*rows[0, r], "o", color=color, markersize=4.5)
            if np.abs(rows[-1, r] - rows[0, r]).max() > 0.1:
                ax.annotate("", rows[-1, r], rows[-3, r], arrowprops={"arrowstyle": "-|>", "color": color})
        for block, color in ((limit.direction[:m], BLUE), (limit.direction[m:], RED)):
            for v in np.unique(block.round(12), axis=0):
                if np.any(v):
                    ax.plot(*np.outer([0, 2 * reach / np.linalg.norm(v)], v).T, ":", color=color, linewidth=1.2)
        for x, label in zip(run.X, ("$x_1$", "$x_2$"), strict=True):
            tip = 0.6 * reach * x
            ax.annotate("", tip, (0, 0), arrowprops={"arrowstyle": "->", "color": MUTED, "linewidth": 1.6})
            ax.annotate(label, tip, xytext=(5, 5), textcoords="offset points", color=MUTED)
        low = 1.1 * rows.min(axis=(0, 1))
        ax.set(title=name, xlim=(low[0], reach), ylim=(low[1], reach), aspect="equal", xticks=[], yticks=[])
        ax.axis("off")
    return fig


def plot_digit_ranks(runs: Mapping[str, Mapping[str, tuple[Descent, Asymptotics]]]) -> Figure:
    """Stable rank of a class, less 1 (the larger of the two), against time, one panel a data set."""
    return _curves(runs, lambda run: np.maximum(*(ranks(run)[name] for name in ("$W_+$", "$W_-$"))) - 1,
                   "rank of a class, less 1", lambda limit: None, (1e-5, 300))  # fmt: skip


def _curves(
    runs: Mapping[str, Mapping[str, tuple[Descent, Asymptotics]]],
    value: Callable[[Descent], Array],
    name: str,
    level: Callable[[Asymptotics], float | None],
    limits: tuple[float, float],
) -> Figure:
    """A quantity against time on logarithmic axes, one panel a data set, dotted where it is predicted to stop."""
    fig, axes = panels(1, len(runs), height=2.7, sharey=True)
    for ax, (title, family) in zip(np.atleast_1d(axes), runs.items(), strict=True):
        for (label, (run, limit)), color in zip(family.items(), CYCLE, strict=False):
            x, kept = _decades(run)
            ax.plot(x, value(run)[kept], color=color, label=label)
            if (stop := level(limit)) is not None:
                ax.axhline(stop, color=color, linestyle=":", linewidth=1.2)
        ax.set(title=title, yscale="log", ylim=limits)
        _time_axis(ax)
        ax.set(xlim=(0.5, 60), xticks=[1, 10, 30], xticklabels=["$10$", "$10^{10}$", "$10^{30}$"])
    middle = np.atleast_1d(axes)[len(runs) // 2]
    middle.set_xlabel(TIME)
    np.atleast_1d(axes)[0].set_ylabel(name)
    fig.legend(*np.atleast_1d(axes)[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return fig


def plot_large_steps(deviation: Mapping[float, tuple[Array, Array, Array]], excess: Array, edge: Array) -> Figure:
    """Left: deviation of the rows (step sizes, measured, predicted) by initial scale; right, after training."""
    fig, (left, right) = panels(1, 2, height=2.9)
    for (scale, (steps, measured, predicted)), color in zip(deviation.items(), (GREEN, BLUE, RED), strict=False):
        left.plot(steps, predicted, color=color, linewidth=1.1)
        left.plot(steps, measured, "o", color=color, markersize=4.5, label=rf"$\sigma_0=10^{{{np.log10(scale):.0f}}}$")
    left.set(xscale="log", yscale="log", xlabel=r"step size $\eta$", title=r"$\|N\|_F^2$ of $W_+$")
    right.plot(*excess, "o-", color=BLUE, markersize=4, label="stable rank of $W_+$, less 1")
    right.plot(*edge, "s-", color=MUTED, markersize=4, label=r"$\frac{1}{2}\eta\lambda_{\max}(\nabla^2L)$")
    right.set(xscale="log", yscale="log", xlabel=r"step size $\eta$", title="after 200 steps", ylim=(None, 60))
    left.legend()
    right.legend(loc="upper right")
    return fig
