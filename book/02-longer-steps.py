# ---
# jupyter:
#   jupytext:
#     default_lexer: ipython3
#     formats: md:myst,py:percent
#     notebook_metadata_filter: jupytext,kernelspec,mystnb,myst
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# (longer-steps)=
# # Longer steps
#
# ```{twenty-minutes} univariate-tripling thm-step-limit fig-step-limit fig-diabetes
# ```
#
# What becomes of a network when the step is made three times as long? And how long a step can a data set bear at all?
# {prf:ref}`thm-univariate` bounds a function; minimised over all functions through the samples, it bounds the step. We
# triple the step in two ways, find with a small linear programme a step beyond which no network of any width has a stable
# minimum that interpolates without a knot on a sample, watch training fail there, and try it on patients.
#
# After this page you can
#
# - say what a jump of the step does to a network, and what the length of the step alone does;
# - compute, from the samples alone, a step size beyond which no interpolating minimum *without a knot on a sample* is
#   stable, whatever the width;
# - say what such a theorem leaves open, and read two consecutive iterates where a run does not settle.
#
# You need the three slacks of {ref}`univariate-chain`. Symbols are collected in {ref}`notation`.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue
from scipy.optimize import linprog
from sklearn.datasets import load_diabetes

from stableminima import (ShallowReLU, bound_chain, gd_threshold, one_sided_weight,
                          sharpness, stability_norm, tangent_kernel, train_sgd)
from stableminima.book.claims import claim
from stableminima.book.figures import univariate_bound as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds.neurons import neuron_counts
from stableminima.training import train_together
from stableminima.training.diagnosis import diagnose

SEED = 0  # shifts every random draw of this page
use_house_style()


# %% [markdown]
# Samples and starts are the draws of {ref}`univariate-picture`.

# %%
class Sample(NamedTuple):
    samples: int = 12
    width: int = 100
    draws: int = 10


SAMPLES, WIDTH, DRAWS = Sample()


class Draw(NamedTuple):
    x: np.ndarray
    y: np.ndarray
    start: ShallowReLU

    @property
    def X(self):
        return self.x[:, None]


def rough_start(rng, reach=1.7, output_scale=6.0):
    w, knot = rng.normal(size=WIDTH), rng.uniform(-reach, reach, WIDTH)
    v = rng.normal(0, output_scale / np.sqrt(WIDTH), WIDTH)
    return ShallowReLU(w[:, None], -w * knot, v, 0.0)


def experiment(seed):
    rng = np.random.default_rng(seed)
    half = np.linspace(0.55, 1.7, SAMPLES // 2)
    x = np.concatenate([-half[::-1], half]) + rng.uniform(
        -0.03, 0.03, 2 * len(half)
    )
    x = (x - x.mean()) / x.std()
    return Draw(x, np.sin(2.6 * np.abs(x)) / 2 + x / 10, rough_start(rng))


draws = [experiment(seed) for seed in range(SEED, SEED + DRAWS)]
SHOWN = 0  # the draw that pictures of single networks show


# %% [markdown]
# (univariate-tripling)=
# ## Tripling the step near a minimum
#
# {cite:t}`mulayoff2021implicit` show a run whose step size is tripled near a minimum: the loss jumps, and training ends
# in a smoother function. **Question.** Does it happen from every start, and is it the jump that does it? **Theory.** If
# $3\eta\lambda_{\max}>2$ the minimum is no longer stable and has to be left; a stable minimum where the run ends has $S_g$ below the new ceiling and a
# sharpness of at most $2/(3\eta)$. **Prediction.** {ref}`univariate-warmup` suggests that a jump does more than it must: it
# should end well below the new edge with many neurons dead, and a step that *grows* to $3\eta$ at the edge, with few.
#
# We start with $\eta=1/\lambda_{\max}$ of the initial network, so that the first minimum is well inside its stable range
# and $3\eta\lambda_{\max}\approx3$. (From a minimum at the edge it would be 6.) "Near" the minimum is here a loss of $10^{-5}$.

# %%
class Tripling(NamedTuple):
    start: float = 1.0  # step in units of 1/sharpness of the start
    near: float = 1e-5  # loss that is near a minimum
    look: int = 3000  # epochs that we watch
    long: int = 60_000  # epochs
    warmup: int = 2000


START, NEAR_LOSS, LOOK, LONG, WARMUP = Tripling()
etas = START / np.array([sharpness(one.start, one.X) for one in draws])
data = np.array([one.X for one in draws]), np.array([one.y for one in draws])
near = train_together([one.start for one in draws], *data, etas, NEAR_LOSS, LONG)
seen = set(np.unique(np.geomspace(1, LOOK, 80).astype(int)))


def watch(one, run, eta, warmup):
    """The first epochs with 3η: some networks, and the loss of every epoch."""
    path = [(0, run.network)]

    def keep(epoch, net):
        if epoch in seen:
            path.append((epoch, net))

    first = train_sgd(run.network, one.X, one.y, 3 * eta, tolerance=1e-300,
                      max_epochs=LOOK, warmup=warmup, observe=keep)
    return path, first.history


def leave(warmup):
    """Train on with 3η: watch the first epochs of each draw, then go to the end."""
    triples = zip(draws, near, etas, strict=True)
    paths, losses = zip(*(watch(*three, warmup) for three in triples), strict=True)
    last = [path[-1][1] for path in paths]
    ends = train_together(last, *data, 3 * etas, max_steps=LONG)
    return paths, losses, ends


jump, ramp = leave(warmup=0), leave(warmup=WARMUP)

# %% mystnb={"figure": {"name": "fig-tripling", "caption": "Ten starts. The step jumps to $3\\eta$ (orange), or grows to it over 2000 epochs (blue). Above, the loss; below, the sharpness times the new step size, with the edge of stability."}, "image": {"alt": "Two families of ten curves. After a jump the loss rises by seven orders of magnitude within a few epochs and falls again slowly, and the sharpness times the step drops from three to about one. With a growing step the loss rises less and later, and the product falls from three to the edge at two."}}
draw.plot_tripling({"jump": jump[:2], "growing step": ramp[:2]}, draws, 3 * etas)
plt.show()


# %%
def share(one, eta, run):
    """S_g over its ceiling."""
    return stability_norm(run.network, one.X) / (1 / eta - 0.5)


def measures(runs_of):
    """A row for each draw: S_g, 3ηλ/2, dead neurons, S_g over its ceiling."""
    rows = zip(draws, runs_of, 3 * etas, strict=True)
    return np.array([(stability_norm(run.network, one.X),
                      eta * sharpness(run.network, one.X) / 2,
                      neuron_counts(run.network, one.X).dead, share(one, eta, run))
                     for one, run, eta in rows])


old, new, grown = (measures(runs_of) for runs_of in (near, jump[2], ramp[2]))
rows = zip(old, new, grown, jump[2], ramp[2], strict=True)
print("draw  before: S_g    jump          S_g   edge  dead    growing       S_g"
      "   edge  dead")
for i, (a, b, c, jumped, grew) in enumerate(rows):
    print(f"{i:4d}  {a[0]:11.2f}    {jumped.status:10s}  {b[0]:5.2f}  {b[1]:5.2f}"
          f"  {b[2]:4.0f}    {grew.status:10s}  {c[0]:5.2f}  {c[1]:5.2f}"
          f"  {c[2]:4.0f}")

# %%
control = train_together(
    [run.network for run in near],
    *data,
    etas,
    tolerance=1e-300,
    max_steps=LONG // 4,
)
both = [
    (row, run)
    for rows, runs_of in ((new, jump[2]), (grown, ramp[2]))
    for row, run in zip(rows, runs_of, strict=True)
    if run.status == "converged"
]
claim(
    "univariate-tripling-jump",
    "after a jump the loss rises at least by this factor (least of the draws)",
    min(
        history.max() / run.loss for history, run in zip(jump[1], near, strict=True)
    ),
    at_least=1000,
    source="Experiment",
)
claim(
    "univariate-tripling-smoother",
    "every run ends smoother, after a jump and with a growing step: "
    "$S_g$ after over before (largest of all)",
    max((new / old)[:, 0].max(), (grown / old)[:, 0].max()),
    at_most=1,
    source="Experiment",
)
claim(
    "univariate-tripling-by-jump",
    "tripled at once, a run ends smoother than with a growing step (share of "
    "draws)",
    np.mean(new[:, 0] < grown[:, 0]),
    at_least=0.8,
    source="Experiment",
)
claim(
    "univariate-tripling-flatter",
    r"tripled at once, runs end well below the new edge: $3\eta\lambda_{\max}/2$ "
    r"(median)",
    np.median(new[:, 1]),
    at_most=0.75,
    source="Experiment",
)
claim(
    "univariate-tripling-ramp",
    r"tripled by a growing step, runs end near the new edge: "
    r"$3\eta\lambda_{\max}/2$ (median)",
    np.median(grown[:, 1]),
    at_least=0.85,
    source="Experiment",
)
claim(
    "univariate-tripling-dead",
    "a jump leaves more dead neurons than a growing step (share of draws)",
    np.mean(new[:, 2] > grown[:, 2]),
    at_least=0.8,
    source="Experiment",
)
claim(
    "univariate-tripling-bound",
    "after tripling, where the run converged, $S_g$ over the new ceiling (largest)",
    max((row[3] for row, _ in both), default=0),
    at_most=1,
    source="The univariate bound",
)
claim(
    "univariate-tripling-control",
    "not tripled, the old step for further epochs: $S_g$ after over before "
    "(smallest)",
    min(
        stability_norm(run.network, one.X) / a[0]
        for one, run, a in zip(draws, control, old, strict=True)
    ),
    at_least=0.97,
    source="Experiment",
)

# %% mystnb={"figure": {"name": "fig-before-after", "caption": "Above, the function of one draw before its step was tripled, after a jump, and after the step grew. Below, the stability norm of all ten; open circles, runs that did not converge."}, "image": {"alt": "Above, three functions through the same samples; the one after the jump is the smoothest in the gap. Below, ten lines that fall from before to the growing step and on to the jump."}}
draw.plot_before_after(draws[SHOWN], (near, ramp[2], jump[2]), SHOWN,
                       np.array([old[:, 0], grown[:, 0], new[:, 0]]))
plt.show()

# %% tags=["remove-cell"]
glue(
    "tripled-done",
    str(sum(run.status == "converged" for run in jump[2])),
    display=False,
)
glue(
    "grown-done",
    str(sum(run.status == "converged" for run in ramp[2])),
    display=False,
)
for name, rows, runs_of in (("jump", new, jump[2]), ("ramp", grown, ramp[2])):
    settled = [run.status == "converged" for run in runs_of]
    fallen = 1 - (rows / old)[:, 0]
    glue(f"drop-{name}", f"{100 * np.median(fallen):.0f} %", display=False)
    glue(f"triple-edge-{name}", f"{np.median(rows[:, 1]):.2f}", display=False)
    glue(f"triple-dead-{name}", f"{np.median(rows[:, 2]):.0f}", display=False)
    glue(
        f"triple-share-{name}",
        f"{100 * np.median(rows[settled, 3]):.0f} %",
        display=False,
    )
glue("draw-count", str(DRAWS), display=False)
glue("long", f"{LONG:,}".replace(",", " "), display=False)
glue("triple-dead-before", f"{np.median(old[:, 2]):.0f}", display=False)


# %% [markdown]
# From every draw the run ends smoother: after a jump the stability norm has fallen by {glue:text}`drop-jump`, with a growing
# step by {glue:text}`drop-ramp` (medians). But the two are not the same thing. The growing step ends at
# {glue:text}`triple-edge-ramp` of the new edge with {glue:text}`triple-dead-ramp` dead neurons, against
# {glue:text}`triple-dead-before` before: as flat as it must be. The jump ends at {glue:text}`triple-edge-jump` of the edge
# with {glue:text}`triple-dead-jump` dead neurons, flatter than any theorem asks. {glue:text}`grown-done` and
# {glue:text}`tripled-done` of the {glue:text}`draw-count` runs converged in {glue:text}`long` epochs, and the theorem speaks of these: they
# spend {glue:text}`triple-share-ramp` and {glue:text}`triple-share-jump` of the new ceiling (medians). Why most
# jumped runs take longer we do not know: those that converged have as many dead neurons as the others. Training on with the old
# step changes nothing.
#
# (univariate-limit)=
# ## A step too large for the data
#
# If every function through the samples is too rough for a step, no minimum is stable. We minimise the one-sided sum of
# {prf:ref}`lem-gauge`, which counts slope too; on the line its infimum over networks of every width is a small linear
# programme.
#
# ```{prf:theorem} The largest step the data can bear
# :label: thm-step-limit
#
# Let $x_1<\dots<x_n$. For $1\le j\le n$ let $F_j=\{x_j,\dots,x_n\}$, and let $\mathcal C^+$ be the set of pairs
#
# $$
# z=(x-t)\,1_{F_j}\in\mathbb R^n,\qquad\kappa=\mathbb E[z]\,\sqrt{P(F_j)^2+\mathbb E[X1_{F_j}]^2},
# $$
#
# for both $t\in\{x_{j-1},x_j\}$ (if $j=1$, for $t=x_1$ alone). Let $\mathcal C^-$ be the same for $-x_n<\dots<-x_1$, and
#
# $$
# M(y)=\min_{\alpha,c}\sum|\alpha_z|\,\kappa_z\quad\text{subject to}\quad\sum\alpha_zz+c\,\mathbf 1=y,
# $$
#
# both sums over the pairs of $\mathcal C^+$ and $\mathcal C^-$. Every shallow network, of any width, that interpolates
# $y$ without a neuron switching on a sample has $\lambda_{\max}\ge1+2M(y)$. So no such minimum is linearly stable for a step size $\eta>1/(M(y)+\frac12)$.
# ```
#
# ```{prf:proof}
# By {prf:ref}`lem-constant-vector` and {prf:ref}`lem-gauge`, $\lambda_{\max}\ge1+2\sum_i|a_i|\tilde g_i$. We turn the
# neurons into a feasible point of the programme whose value is at most $\sum_i|a_i|\tilde g_i$. Neurons with $w_i=0$
# and neurons that are off on all samples are constants on the data. Let a neuron open to the right with knot $\tau$ and
# see $F_j$. If $j\ge2$, then $\tau=(1-\vartheta)x_{j-1}+\vartheta x_j$ with $0<\vartheta<1$. On the samples,
# $\sigma(x-\tau)=(x-\tau)1_{F_j}$ is affine in $\tau$ and so is
# $\tilde g=\mathbb E[(X-\tau)1_{F_j}]\sqrt{P(F_j)^2+\mathbb E[X1_{F_j}]^2}$, because the root depends on $F_j$ only.
# Hence $a$ times the neuron is $(1-\vartheta)a$ times the column with $t=x_{j-1}$ plus $\vartheta a$ times that with
# $t=x_j$, at the same cost. If $j=1$, then $\tau<x_1$ and $\sigma(x-\tau)=(x-x_1)+(x_1-\tau)$ on the samples: the
# column with $t=x_1$, which costs less than the neuron, and a constant, which is free. Neurons opening to the left are
# the same after $x\to-x$. The last statement is $\lambda_{\max}\le2/\eta$ at a stable minimum.
# ```

# %%
def step_limit(x, y):
    """1/(M(y) + 1/2): no interpolating minimum is stable at a longer step."""
    columns, costs = [], []
    for u in (x, -x):
        for t in u:
            for seen in (u > t, u >= t):
                columns.append((u - t) * seen)
                costs.append(
                    columns[-1].mean() * np.hypot(seen.mean(), (u * seen).mean())
                )
    free = np.ones((len(x), 1))
    equations = np.hstack(
        [np.transpose(columns), -np.transpose(columns), free, -free]
    )
    programme = linprog(costs + costs + [0, 0], A_eq=equations, b_eq=y)
    return 1 / (programme.fun + 0.5)


# %% [markdown]
# We compute it for the {glue:text}`draw-count` draws.

# %% tags=["nbval-check-output"]
limits = np.array([step_limit(one.x, one.y) for one in draws])
x, y = draws[0].x, draws[0].y
print(f"no stable interpolation beyond, first draw:  {limits[0]:.4f}")
print(f"with labels twice as large:                  {step_limit(x, 2 * y):.4f}")
print(
    f"{f'least and largest of the {spelled(DRAWS)}:':45s}{limits.min():.4f} "
    f"{limits.max():.4f}"
)


# %% [markdown]
# **Prediction.** Beyond the limit no minimum of zero loss without a knot on a sample is stable, at any width; so from
# our starts we expect the loss to stay away from zero. (The theorem does not exclude a start that interpolates already,
# nor minima with knots on samples, and gradient descent does pin knots to samples.) Below the limit it is silent. We train
# each draw at steps that are set shares of *its own* limit, reached over a warm-up of {glue:text}`limit-warmup` epochs.

# %%
class Limit(NamedTuple):
    shares: tuple = (0.7, 0.8, 0.85, 0.9, 0.95, 1.05, 1.15)  # of the limit
    safe: float = 0.8  # up to here most runs should converge
    max_epochs: int = 60_000
    tolerance: float = 1e-8


SHARES, SAFE, MAX_EPOCHS, TOLERANCE = Limit()


def trained_at(shares, limits, draws, max_steps):
    """[i][j]: draw i at the step shares[j] times its limit; and the step."""
    pairs = [
        (one, share * limit)
        for one, limit in zip(draws, limits, strict=True)
        for share in shares
    ]
    runs = train_together([one.start for one, _ in pairs],
                          np.array([one.X for one, _ in pairs]),
                          np.array([one.y for one, _ in pairs]),
                          [eta for _, eta in pairs], TOLERANCE, max_steps,
                          warmup=WARMUP)
    rows = len(shares)
    return [runs[i : i + rows] for i in range(0, len(runs), rows)]


def next_one(one, eta, net):
    """The network after one further step of gradient descent."""
    return train_together([net], one.X, one.y, eta, 1e-300, max_steps=1)[0].network


def period_two(one, eta, net):
    """Whether f moves in a step, and comes back in two."""
    return diagnose(net, one.X, one.y, eta).period_two


ends = trained_at(SHARES, limits, draws, MAX_EPOCHS)
losses = np.array([[run.loss for run in row] for row in ends])
done = np.array([[run.status == "converged" for run in row] for row in ends])

# %% mystnb={"figure": {"name": "fig-step-limit", "caption": "The loss at which gradient descent stops, after 60 000 epochs at the latest, for ten draws (side by side at each step) whose steps are shares of the limit computed from their samples. Open: the budget ended first. Dotted: the tolerance."}, "image": {"alt": "Up to 0.85 of the limit eight of ten dots are filled and lie on the dotted line of the tolerance. At 0.9 and 0.95 all but one are open, from half a decade to four above it. Beyond the limit, in the shaded region, all are open and lie higher still."}}
draw.plot_step_limit(SHARES, losses, done, TOLERANCE)
plt.show()

# %%
shares = np.array(SHARES)
rate = done.mean(axis=0)
own = [(one, run) for one, row in zip(draws, ends, strict=True) for run in row]
beyond = " and ".join(f"{100 * (s - 1):.0f}" for s in SHARES if s > 1)
claim(
    "univariate-limit-below",
    "no trained network undercuts $M$ of its own values at the samples: one-sided "
    "sum over it (least)",
    min(
        bound_chain(run.network, one.X).one_sided
        / (1 / step_limit(one.x, run.network(one.X)) - 0.5)
        for one, run in own
    ),
    at_least=1,
    tol=1e-6,
    source="The largest step the data can bear",
)
claim(
    "univariate-limit-none",
    f"{spelled(DRAWS)} draws, steps {beyond} % beyond the limit of each: runs that "
    "converge (number)",
    done[:, shares > 1].sum(),
    equals=0,
    source="Experiment",
)
lowest = min(
    run.history[WARMUP:].min()
    for row in ends
    for run, s in zip(row, SHARES, strict=True)
    if s > 1
)
claim(
    "univariate-limit-loss",
    "beyond the limit the loss stays away from zero: least over all later epochs",
    lowest,
    at_least=100 * TOLERANCE,
    source="Experiment",
)
claim(
    "univariate-limit-sharp",
    f"of the runs at {SAFE:g} of the limit and below, most converge (share)",
    rate[shares <= SAFE].mean(),
    at_least=0.5,
    source="Experiment",
)

# %% tags=["remove-cell"]
last = max((s for s, r in zip(SHARES, rate, strict=True) if r >= 0.5), default=0)
two = np.array(
    [
        [
            period_two(one, s * limit, run.network)
            for run, s in zip(row, SHARES, strict=True)
        ]
        for one, row, limit in zip(draws, ends, limits, strict=True)
    ]
)
glue("two-beyond", str(two[:, shares > 1].sum()), display=False)
glue("beyond-of", str(two[:, shares > 1].size), display=False)
decade = int(np.floor(np.log10(lowest)))  # the least loss, rounded down
glue("beyond-loss", f"{int(lowest / 10.0**decade)}e{decade}", display=False)
glue("limit-warmup", str(WARMUP), display=False)
glue("limit-epochs", f"{MAX_EPOCHS:,}".replace(",", " "), display=False)
glue("limit-low", f"{limits.min():.2f}", display=False)
glue("limit-high", f"{limits.max():.2f}", display=False)
glue("reached", f"{100 * last:.0f} %", display=False)
near = [k for k, s in enumerate(SHARES) if last < s < 1]
short = shares <= last
stuck = ~done[:, short].any(axis=1)  # draws that converge at none of these
glue("stuck", str(stuck.sum()), display=False)
stuck_loss = losses[stuck][:, short].max(initial=0)
decade = int(np.floor(np.log10(stuck_loss or 1)))  # rounded up
digit = np.ceil(stuck_loss / 10.0**decade)
glue("stuck-loss", f"{digit:.0f}e{decade}", display=False)
glue("between", str(done[:, near].sum()), display=False)
glue("between-of", str(done[:, near].size), display=False)
glue(
    "between-loss",
    f"{np.median(losses[:, near]):.0e}".replace("e-0", "e-"),
    display=False,
)

# %% [markdown]
# Beyond the limit, which is between {glue:text}`limit-low` and {glue:text}`limit-high` here, no run converges, and the loss
# stays above {glue:text}`beyond-loss`: {glue:text}`two-beyond` of {glue:text}`beyond-of` end in jumping to and fro between two
# functions. Up to {glue:text}`reached` of the limit at least half of the draws converge. In between it is
# {glue:text}`between` of {glue:text}`between-of`; the losses of all {glue:text}`between-of` have the median {glue:text}`between-loss` after {glue:text}`limit-epochs`
# epochs, and whether the others would get there we cannot say. {glue:text}`stuck` draws converge at none of the shorter steps: they stop
# at losses of {glue:text}`stuck-loss` or less, as in {ref}`univariate-sweep`, and the length of the step is not to blame. That the last
# stretch is hard is no wonder: the programme gives away slack (i), and gradient descent need not find the flattest network. On
# these draws the limit is thus missed by less than a fifth; on the patients below, at {glue:text}`bmi-near` of theirs,
# {glue:text}`bmi-near-done` of {glue:text}`clinic-count` runs converge.
#
# (univariate-diabetes)=
# ## A real regression
#
# The diabetes data that ship with scikit-learn hold {glue:text}`patients` patients. We predict the progression of the
# disease after a year from the body mass index. Many patients share an index, so that nothing can interpolate all of
# them; we keep {glue:text}`kept`, nearest to as many values of the index which are nearly equally spaced, and measure the index in standard
# deviations of the ten, the progression in units of 200. The spacing is jittered and, of patients with the same index, one is
# drawn, so that there are {glue:text}`draw-count` draws of {glue:text}`kept` patients, each with a start and a limit of its own.

# %%
patients = load_diabetes(scaled=False)
bmi = patients.data[:, patients.feature_names.index("bmi")]
progression = (patients.target - patients.target.mean()) / 200


class Clinic(NamedTuple):
    patients: int = 10
    shares: tuple = (0.1, 0.4, 0.8, 1.2, 1.6)  # of the limit
    ago: int = 20_000  # epochs before the end, for a comparison


PATIENTS, BMI_SHARES, AGO = Clinic()


def clinic(seed):
    """Ten patients with a start, and the others with an index between theirs."""
    rng = np.random.default_rng(seed)
    ten = []
    for value in np.linspace(19, 38, PATIENTS) + rng.uniform(-0.5, 0.5, PATIENTS):
        gap = np.abs(bmi - value)
        ten.append(rng.choice(np.flatnonzero(gap == gap.min())))
    rest = np.setdiff1d(
        np.flatnonzero((bmi >= bmi[ten].min()) & (bmi <= bmi[ten].max())), ten
    )
    x, others = (
        (bmi[who] - bmi[ten].mean()) / bmi[ten].std() for who in (ten, rest)
    )
    return Draw(x, progression[ten], rough_start(rng)), (others, progression[rest])


clinics, others = zip(
    *(clinic(seed) for seed in range(SEED, SEED + DRAWS)), strict=True
)
bmi_limits = np.array([step_limit(one.x, one.y) for one in clinics])

# %% [markdown]
# **Prediction.** Below the limit nothing forbids zero loss; above it we expect the loss to stay away from zero, and
# there the step size should *regularise*: a network that may not follow the noise should do better on the patients it
# never saw.

# %%
bmi_ends = trained_at(BMI_SHARES, bmi_limits, clinics, MAX_EPOCHS)


def judge(one, rest, eta, run):
    """Loss; period two; errors of this iterate, the next, and their mean."""
    new = next_one(one, eta, run.network)
    (x_rest, y_rest) = rest
    f, g = run.network(x_rest[:, None]), new(x_rest[:, None])
    errors = [np.mean((values - y_rest) ** 2) for values in (f, g, (f + g) / 2)]
    return run.loss, period_two(one, eta, run.network), *errors


judged = np.array([[judge(one, rest, share * limit, run)
                    for share, run in zip(BMI_SHARES, row, strict=True)]
                   for one, rest, limit, row
                   in zip(clinics, others, bmi_limits, bmi_ends, strict=True)])
converged = np.array([[run.status == "converged" for run in row]
                      for row in bmi_ends])
print(f"{'error on other patients (medians)':>81}\n"
      "share of limit  converged  period two  loss      better of two  worse"
      "  their mean")
for k, (loss, period, a, b, mean) in enumerate(judged.transpose(1, 2, 0)):
    print(f"{BMI_SHARES[k]:14.1f} {converged[:, k].sum():10d}"
          f" {int(period.sum()):11d}  {np.median(loss):.0e}"
          f" {np.median(np.minimum(a, b)):15.3f} {np.median(np.maximum(a, b)):6.3f}"
          f" {np.median(mean):11.3f}")

# %% [markdown]
# Below the limit {glue:text}`bmi-done` of {glue:text}`bmi-below` runs converge. Of the {glue:text}`bmi-open` others, on either side of it,
# {glue:text}`bmi-two` have a **period of two** when the budget of {glue:text}`limit-epochs` epochs ends: gradient descent jumps to and fro
# between two functions, at $\eta\lambda_{\max}\approx2$. Beyond the limit their loss stays where it is; below it, it may still fall,
# slowly. That gradient descent can oscillate stably near a
# minimum that is linearly unstable is analysed by {cite:t}`mulayoff2026nonlinear`. For us it has a practical side. There are *two* networks, one of them worse than the other,
# and which one we hold depends on whether the number of epochs was even or odd; so we look at both, and at the mean of the
# two functions.

# %% mystnb={"figure": {"name": "fig-diabetes", "caption": "Progression of diabetes against body mass index (both rescaled), one draw: ten patients to be fitted (large dots), the others (small dots, not used), and networks trained at three steps; in each panel, two consecutive iterates."}, "image": {"alt": "Three panels. With the shortest step the function runs through or close to all ten large dots with violent swings. With the longest, beyond the limit, two iterates are visibly apart, one above the other everywhere and farthest at the ends; both are smoother and miss the dots."}}
BMI_SHOWN = 0
one, rest = clinics[BMI_SHOWN], others[BMI_SHOWN]
pairs = {}
for k in (0, len(BMI_SHARES) // 2, -1):
    net, eta = bmi_ends[BMI_SHOWN][k].network, BMI_SHARES[k] * bmi_limits[BMI_SHOWN]
    pairs[f"{BMI_SHARES[k]:g} of the limit"] = (
        net,
        next_one(one, eta, net),
    )
draw.plot_regression(pairs, one.x, one.y, rest, ("body mass index", "progression"))
plt.show()


# %% [markdown]
# In the lowest panel the two functions have a difference of one sign, larger at the ends than in the middle. The step is too
# large for the top eigenvector, which has one sign, and so the whole function is thrown up and down. On all runs with a period of
# two the cosine of the difference with the top eigenvector is {glue:text}`cosine-top` (median), and with the constant vector of
# {prf:ref}`lem-constant-vector`, a rough picture of it, {glue:text}`cosine-constant`.

# %%
def directions(one, eta, net):
    """Cosines of the next jump with the top eigenvector and 1; whether one sign."""
    new = next_one(one, eta, net)
    difference = new(one.X) - net(one.X)
    difference /= np.linalg.norm(difference)
    top = np.linalg.eigh(tangent_kernel(new, one.X))[1][:, -1]
    constant = abs(difference.sum()) / np.sqrt(len(difference))
    one_sign = abs(np.sign(difference).sum()) == len(difference)
    return abs(difference @ top), constant, one_sign


cosines = np.array(
    [
        directions(one, s * limit, run.network)
        for one, limit, row in zip(clinics, bmi_limits, bmi_ends, strict=True)
        for s, run in zip(BMI_SHARES, row, strict=True)
        if period_two(one, s * limit, run.network)
    ]
).reshape(-1, 3)
ten = f"{spelled(PATIENTS)} patients"
far = np.array(BMI_SHARES) > 1
gain = judged[:, -1, 4] / judged[:, 0, 4]
lines = np.array(
    [
        np.mean((np.polyval(np.polyfit(one.x, one.y, 1), rest[0]) - rest[1]) ** 2)
        for one, rest in zip(clinics, others, strict=True)
    ]
)
claim(
    "univariate-diabetes-oscillation",
    f"{ten}, runs with a period of two: the difference of two iterates "
    "points along the top eigenvector (cosine, median)",
    np.median(cosines[:, 0]),
    at_least=0.95,
    source="Experiment",
)
claim(
    "univariate-diabetes-constant",
    f"{ten}, runs with a period of two: cosine of the difference of two "
    "iterates with the constant vector (median)",
    np.median(cosines[:, 1]),
    at_least=0.8,
    source="Experiment",
)
claim(
    "univariate-diabetes-one-sign",
    f"{ten}, runs with a period of two: at all {spelled(PATIENTS)} the difference of two "
    "iterates has one sign (share of runs)",
    cosines[:, 2].mean(),
    at_least=0.9,
    source="Experiment",
)
claim(
    "univariate-diabetes-stays",
    f"{ten}, steps beyond their limit: loss at the end over that "
    f"{AGO} epochs before, means of two epochs (least)",
    min(
        run.history[-2:].mean() / run.history[-AGO - 2 : -AGO].mean()
        for row in bmi_ends
        for run, beyond in zip(row, far, strict=True)
        if beyond
    ),
    at_least=0.8,
    source="Experiment",
)
products = [
    s * limit * sharpness(run.network, one.X)
    for one, limit, row in zip(clinics, bmi_limits, bmi_ends, strict=True)
    for s, run in zip(BMI_SHARES, row, strict=True)
    if period_two(one, s * limit, run.network)
]
for which, of in (("least", min), ("largest", max)):
    claim(
        f"univariate-diabetes-two-{which}",
        f"{ten}, runs with a period of two: "
        rf"$\eta\lambda_{{\max}}$ ({which})",
        of(products, default=np.nan),
        at_least=1.8,
        at_most=2.3,
        source="Experiment",
    )
claim(
    "univariate-diabetes-limit",
    f"{ten}, steps beyond their limit: runs that converge (number)",
    converged[:, far].sum(),
    equals=0,
    source="Experiment",
)
claim(
    "univariate-diabetes-bound",
    f"{ten}, where training interpolates: $S_g$ over the ceiling (largest)",
    max(
        (
            stability_norm(run.network, one.X) / (1 / (s * limit) - 0.5)
            for one, limit, row in zip(clinics, bmi_limits, bmi_ends, strict=True)
            for s, run in zip(BMI_SHARES, row, strict=True)
            if run.status == "converged"
        ),
        default=0,
    ),
    at_most=1,
    source="The univariate bound",
)
claim(
    "univariate-diabetes-others",
    "error on patients not used, mean of two iterates: longest step over shortest "
    "(median of the draws)",
    np.median(gain),
    at_most=0.95,
    source="Experiment",
)

# %% tags=["remove-cell"]
glue("patients", str(len(bmi)), display=False)
glue("kept", spelled(PATIENTS), display=False)
glue("bmi-low", f"{bmi_limits.min():.2f}", display=False)
glue("bmi-high", f"{bmi_limits.max():.2f}", display=False)
below = np.array(BMI_SHARES) < 1
glue("bmi-done", str(converged[:, below].sum()), display=False)
glue("bmi-below", str(converged[:, below].size), display=False)
glue("bmi-open", str((~converged).sum()), display=False)
glue("bmi-two", str(int(judged[:, :, 1][~converged].sum())), display=False)
glue("bmi-near", f"{max(s for s in BMI_SHARES if s < 1):g}", display=False)
glue("bmi-near-done", str(converged[:, below.sum() - 1].sum()), display=False)
glue("cosine-top", f"{np.median(cosines[:, 0]):.3f}", display=False)
glue("cosine-constant", f"{np.median(cosines[:, 1]):.2f}", display=False)
glue("rest-small", f"{np.median(judged[:, 0, 4]):.3f}", display=False)
glue("rest-large", f"{np.median(judged[:, -1, 4]):.3f}", display=False)
glue("rest-line", f"{np.median(lines):.3f}", display=False)
glue("rest-better", str((gain < 1).sum()), display=False)
glue("line-better", str((lines < judged[:, -1, 4]).sum()), display=False)
glue("clinic-count", str(DRAWS), display=False)

# %% [markdown]
# So: {glue:text}`kept` noisy labels force rough functions, and the limits are low, {glue:text}`bmi-low` to {glue:text}`bmi-high`. The longer
# the step the better the mean of two iterates does on patients that the network never saw: {glue:text}`rest-large` at 1.6 times
# the limit against {glue:text}`rest-small` at a tenth (medians; better in {glue:text}`rest-better` of {glue:text}`clinic-count`
# draws). It is no miracle: a straight line through the same {glue:text}`kept` patients has {glue:text}`rest-line` and is better than the
# network with the longest step in {glue:text}`line-better` draws.
#
# ## Summary
#
# - Tripling the step near a minimum leaves a smoother function from every draw; a jump of the step does more than its length,
#   and leaves more dead neurons.
# - The samples alone, by a linear programme, name a step size beyond which no interpolating minimum without a knot on a
#   sample is stable, at any width.
# - On draws of toy data training never interpolated beyond it, and from half of the draws it did up to
#   {glue:text}`reached` of it.
# - A run that does not settle may jump between two functions, along the top eigenvector, which has one sign; look at two consecutive iterates.
# - On {glue:text}`kept` patients a longer step does better on the others, and a straight line better still.
#
# ## Exercises
#
# ```{exercise} The price of a slope
# :label: ex-univariate-slope
#
# Let $y_j=\beta x_j+\gamma$. Then $f(x)=\beta x+\gamma$ interpolates and $S_g(f)=0$. Show that nevertheless every
# interpolating network whose knots lie outside $[x_1,x_n]$, or whose bends cancel on it, has
#
# $$
# \lambda_{\max}\ge1+2|\beta|\inf_t\bigl(g^+(t)+g^-(t)\bigr),
# $$
#
# where the infimum is over all $t$ that are not samples (and no neuron switches on a sample). For the inputs of the first draw
# and $\beta=1$, compare with $M(y)$ of {prf:ref}`thm-step-limit`, and explain the difference.
# ```
#
# ```{solution-start} ex-univariate-slope
# :label: sol-univariate-slope
# :class: dropdown
# ```
#
# Let $p(t)$ and $q(t)$ be the sums of the amplitudes of the neurons that open to the right and to the left at $t$, and
# $\kappa=\inf_t(g^++g^-)(t)$. On $(x_1,x_n)$ the function is $\beta x+\gamma$, so $p(t)+q(t)=0$ at every knot there,
# and $\beta$ is the slope to the right of the last of them: $\beta=\sum_{t<x_n}p(t)-\sum_{t>x_n}q(t)$, where the
# second sum counts the left-opening neurons that are on everywhere. So
#
# $$
# \begin{aligned}
# \sum_i|a_i|\tilde g_i\ &\ge\ \sum_{x_1<t<x_n}|p(t)|\bigl(g^+(t)+g^-(t)\bigr)\\
# &\quad+\sum_{t<x_1}|p(t)|g^+(t)+\sum_{t>x_n}|q(t)|g^-(t)\ \ge\ \kappa|\beta|,
# \end{aligned}
# $$
#
# because $g^-(t)=0$ for $t<x_1$ and $g^+(t)=0$ for $t>x_n$, so that these weights too are values of $g^++g^-$.
# Now use {prf:ref}`lem-constant-vector` and {prf:ref}`lem-gauge`. Between samples $g^++g^-$ is affine, so its infimum
# is a limit at a sample, from one side.
#
# The programme for the labels $y=x$ finds a little less. It may also bend: a neuron opening to the right immediately
# after a sample $x_j$ and one opening to the left immediately before it see neither $x_j$, interpolate, and cost
# $g^+(x_j)+g^-(x_j)$, which, with the strict inequalities of {prf:ref}`def-univariate-weight`, is below both limits.

# %%
x, X = draws[0].x, draws[0].X


def both(t):
    return sum(
        one_sided_weight(X, np.full((len(t), 1), s), s * t) for s in (1.0, -1.0)
    )


price = min(both(x - 1e-9).min(), both(x + 1e-9).min())
programme = 1 / step_limit(x, x) - 0.5
claim(
    "ex-univariate-slope-price",
    "price of slope 1 for a straight line, over $M(x)$",
    price / programme,
    at_least=1,
    at_most=1.1,
    source="Exercise",
)
claim(
    "ex-univariate-slope-bent",
    "slope 1, bent by two neurons on either side of a sample: price over $M(x)$",
    both(x).min() / programme,
    equals=1,
    tol=1e-6,
    source="Exercise",
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Flip a neuron
# :label: ex-univariate-flip
#
# Show that $\sigma(z)=z+\sigma(-z)$ lets us replace any neuron by one that opens to the other side, plus an affine
# function; that $S_g$ does not change; and by code that the one-sided sum does. Which of the three slacks move?
# ```
#
# ```{solution-start} ex-univariate-flip
# :label: sol-univariate-flip
# :class: dropdown
# ```
#
# $v\,\sigma(wx+b)=v\,\sigma(-wx-b)+v(wx+b)$. The first term has the same knot and the same mass $v|w|$; the second has
# no knot. So $f''$ is unchanged and with it $S_g$. To stay a ReLU network, write $vwx=vw\,\sigma(x+R)-vwR$ on the
# samples, with one always-on neuron and $R>\max_j|x_j|$; its knot lies outside the data, where $g=0$, and the constants
# go to $c$. The one-sided sum changes by $|a|$ times the difference of the two one-sided weights, plus the price of the
# affine neuron. So slack (iii) moves; and because the new neurons have other gradients, (ii) and (i) move as well. Only
# (ii) can be taken back, by balancing.

# %%
network = ends[0][0].network  # the first draw at the shortest share of its limit
W, b, v, c = network.W, network.b, network.v, network.c
m, R = WIDTH // 2, 2 * np.abs(x).max()
slope = v[:m] @ W[:m, 0]
flipped = ShallowReLU(np.vstack([-W[:m], W[m:], [[1.0]]]),
                      np.concatenate([-b[:m], b[m:], [R]]), np.append(v, slope),
                      c + v[:m] @ b[:m] - slope * R)
claim(
    "ex-univariate-flip-same",
    "half of the neurons flipped: change of the function on the samples",
    np.abs(flipped(X) - network(X)).max(),
    at_most=1e-10,
    source="Exercise",
)
claim(
    "ex-univariate-flip-norm",
    "half of the neurons flipped: change of the stability norm",
    stability_norm(flipped, X) - stability_norm(network, X),
    equals=0,
    tol=1e-10,
    source="Exercise",
)
claim(
    "ex-univariate-flip-one-sided",
    "half of the neurons flipped: the one-sided sum grows by the factor",
    bound_chain(flipped, X).one_sided / bound_chain(network, X).one_sided,
    at_least=1.05,
    source="Exercise",
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} How large a step for a tent?
# :label: ex-univariate-tent
#
# Let the inputs be $-2,-1,-\frac12,\frac12,1,2$ and $f(x)=(1-\frac23|x|)_+$, a tent with its foot at $\pm\frac32$. By
# hand: $S_g(f)$, and the largest step at which {prf:ref}`thm-univariate` admits $f$. By code: a step at which $f$ *is*
# stable. ({state}`These six samples <training#eta=0.05&x=-2,-1,-0.5,0.5,1,2&y=0,0.333,0.667,0.667,0.333,0>` in the explorable:
# where does their road end?)
# ```
#
# ```{solution-start} ex-univariate-tent
# :label: sol-univariate-tent
# :class: dropdown
# ```
#
# The knots are $-\frac32,0,\frac32$ with masses $\frac23,-\frac43,\frac23$. At 0: $P=\frac12$,
# $\mathbb E[X_+]=\mathbb E[X1_{X>0}]=\frac16(\frac12+1+2)=\frac7{12}$, so
# $g(0)=\frac7{12}\sqrt{\frac14+\frac{49}{144}}=\frac{7\sqrt{85}}{144}$. At $\frac32$ one sample is to the right: by
# {prf:ref}`prop-univariate-edge` $g(\frac32)=\frac12\sqrt5/36$. So
# $S_g=\frac43\cdot\frac{7\sqrt{85}}{144}+2\cdot\frac23\cdot\frac{\sqrt5}{72}$, and $\eta\le1/(S_g+\frac12)$.
#
# For the other direction we need a parametrisation. Split the apex into both orientations,
# $-\frac43\sigma(x)=-\frac23\sigma(x)-\frac23\sigma(-x)-\frac23x$: then
# $f(x)=1-\frac23\sigma(x)-\frac23\sigma(-x)+\frac23\sigma(x-\frac32)+\frac23\sigma(-x-\frac32)$, without any affine
# part, so that slack (iii) is zero. Balanced, slack (ii) is zero as well. Gradient descent is stable there for every
# step up to `gd_threshold`; what separates it from the bound by hand is slack (i).

# %%
inputs = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])[:, None]
opening, outer = [[1.0], [-1.0], [1.0], [-1.0]], [-2 / 3, -2 / 3, 2 / 3, 2 / 3]
tent = ShallowReLU(opening, [0.0, 0.0, -1.5, -1.5], outer, 1.0).balanced(inputs)
by_hand = 1 / (28 * np.sqrt(85) / 432 + np.sqrt(5) / 54 + 0.5)
claim(
    "ex-univariate-tent-hand",
    "the bound by hand, from the program",
    1 / (stability_norm(tent, inputs) + 0.5),
    equals=by_hand,
    tol=1e-12,
    source="Exercise",
)
claim(
    "ex-univariate-tent-stable",
    "the tent is stable up to this fraction of the bound by hand",
    gd_threshold(tent, inputs) / by_hand,
    at_least=0.8,
    at_most=1,
    source="Exercise",
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | Tripling the step near a minimum leaves a smoother function | {cite:t}`mulayoff2021implicit`, one run | ten draws, and a growing step as control |
# | A stable minimum has $\lambda_{\max}\le2/\eta$; on the line that bounds the function ({prf:ref}`thm-step-limit`) | {cite:t}`mulayoff2021implicit` | minimised over all interpolants: a linear programme, exact for the one-sided sum |
# | Gradient descent can oscillate stably near a linearly unstable minimum | {cite:t}`mulayoff2026nonlinear` | on the line it does so along the top eigenvector, which has one sign |
# | Stable minima cannot fit noise too closely, with rates | {cite:t}`qiao2024stable` | ten patients, not a rate |
#
# We searched stored public pages and code for a linear programme that bounds the step, and found none.
