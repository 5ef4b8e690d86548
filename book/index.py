# ---
# jupyter:
#   jupytext:
#     default_lexer: ipython3
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
# (stable-minima)=
# # Stable Minima
#
# *An executable book on what the step size of gradient descent says about the function that a shallow ReLU network has learned.*
#
# ```{eight-runs}
# **A long step cannot rest in a rough function.** Gradient descent cannot stay in a valley that is too sharp for its step. For a
# shallow ReLU network that is a limit on the *function*: the longer the step, the less it can bend between its
# samples.
#
# Drag the step size. Every curve passes through the six samples; only the step differs, and it grows to its value slowly.
# ```
#
# ## What you have just seen

# %% tags=["hide-input"] mystnb={"figure": {"name": "fig-overview", "caption": "One network, one start, six samples, and gradient descent with eight step sizes $\\eta$, to which the step grows over the first 3000 epochs. Above, three of the functions it ends at; all pass through the samples. Below, the sharpness of each minimum presses against the ceiling that its step size sets, and the roughness of the function, $S_g$, far below its ceiling, falls as well."}, "image": {"alt": "Above, three curves through six points; the one trained with the smallest step has several bumps between the points, the one with the largest step is nearly made of straight lines. Below, on logarithmic axes, a dashed ceiling falls with the step size, the sharpness lies just beneath it, and the stability norm falls as well."}}
import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima import (
    ShallowReLU,
    bound_chain,
    random_network,
    sharpness,
    train_sgd,
)
from stableminima.book.claims import claim
from stableminima.book.figures.style import plot_overview, use_house_style
from stableminima.training import train_together

SEED = 0  # shifts every random draw of this page
use_house_style()

x = np.array([-1.6, -1.0, -0.35, 0.3, 0.95, 1.6])
y = np.array([-0.5, 0.2, 0.6, 0.1, -0.5, 0.1])


def rough_start(seed):
    net = random_network(dim=1, width=60, seed=seed, scale=3.5)
    knots = np.random.default_rng(seed).uniform(-1.6, 1.6, net.width)
    return ShallowReLU(net.W, -knots * net.W[:, 0], net.v, 0.0)


start = rough_start(SEED + 11)
steps = [0.01, 0.02, 0.035, 0.05, 0.07, 0.1, 0.14, 0.2]
runs = {
    eta: train_sgd(start, x, y, eta, hold=1000, max_epochs=20_000, warmup=3000)
    for eta in steps
}
chains = {eta: bound_chain(run.network, x, eta) for eta, run in runs.items()}
shown = [steps[0], steps[3], steps[-1]]

plot_overview(
    x,
    y,
    {eta: runs[eta].network for eta in shown},
    {eta: chains[eta] for eta in steps},
)
plt.show()

# %% tags=["remove-input", "nbval-check-output"]
starts = [rough_start(SEED + k) for k in range(10)]


def over_starts(warmup):
    """Ten other starts, all step sizes: a list of runs for every start."""
    found = train_together(
        [net for net in starts for _ in steps],
        x,
        y,
        np.tile(steps, len(starts)),
        hold=1000,
        max_steps=20_000,
        warmup=warmup,
    )
    return [found[i : i + len(steps)] for i in range(0, len(found), len(steps))]


slowly, at_once = over_starts(3000), over_starts(0)
pairs = [
    (run, eta)
    for row in [list(runs.values()), *slowly]
    for run, eta in zip(row, steps, strict=True)
]
links = [(run.status, bound_chain(run.network, x, eta)) for run, eta in pairs]
claim(
    "overview-chain-holds",
    r"six samples, eleven starts, eight step sizes: roughness $S_g$ over its ceiling "
    r"$1/\eta-1/2$, largest of the runs that converged",
    max(
        chain.stability_norm / chain.ceiling
        for status, chain in links
        if status == "converged"
    ),
    at_most=1,
    source="Mulayoff et al. (2021)",
)
near_edge = np.array(
    [
        [
            eta * sharpness(run.network, x) / 2
            for run, eta in zip(row, steps, strict=True)
        ]
        for row in slowly
    ]
)
claim(
    "overview-edge",
    r"Ten starts: $\eta\lambda_{\max}/2$ at the end, median over the starts, at "
    r"the step size where it is least",
    np.median(near_edge, axis=0).min(),
    at_least=0.8,
    source="Experiment",
)
falls = [
    bound_chain(row[0].network, x).stability_norm
    / bound_chain(row[-1].network, x).stability_norm
    for row in slowly
]
claim(
    "overview-fold",
    "Ten starts: the roughness falls from the smallest step to the largest "
    "(median factor)",
    np.median(falls),
    at_least=3,
    source="Experiment",
)
for name, eta in (("small", steps[0]), ("large", steps[-1])):
    glue(f"norm_{name}", f"{chains[eta].stability_norm:.2f}", display=False)
glue(
    "fold",
    f"{chains[steps[0]].stability_norm / chains[steps[-1]].stability_norm:.0f}",
    display=False,
)
glue("fold_low", f"{min(falls):.0f}", display=False)
glue("fold_high", f"{max(falls):.0f}", display=False)
glue(
    "settled",
    f"{sum(run.status == 'converged' for row in slowly for run in row)}",
    display=False,
)
glue(
    "settled_at_once",
    f"{sum(run.status == 'converged' for row in at_once for run in row)}",
    display=False,
)
glue(
    "blown_up",
    f"{sum(run.status == 'diverged' for row in at_once for run in row)}",
    display=False,
)
glue("tried", f"{len(starts) * len(steps)}", display=False)

# %% [markdown]
# Gradient descent with step size $\eta$ can stay only at minima whose sharpness, the largest eigenvalue of the Hessian of
# the loss, is at most $2/\eta$. For a shallow ReLU network that bounds a weighted norm of the *function*, which does not
# know its parameters: $S_g(f)\le 1/\eta-1/2$. So a larger step allows less, and in {numref}`fig-overview` training ends in less:
# the norm falls {glue:text}`fold`-fold, from {glue:text}`norm_small` to {glue:text}`norm_large`. From ten other starts it falls by
# factors between {glue:text}`fold_low` and {glue:text}`fold_high`.
#
# That the step grows slowly matters: so grown, {glue:text}`settled` of the {glue:text}`tried` runs from the ten starts come to
# rest in a minimum; with the full step from the first epoch {glue:text}`blown_up` diverge and {glue:text}`settled_at_once` come
# to rest ({ref}`why <univariate-warmup>`).
#
# On the line the result is that of {cite:t}`mulayoff2021implicit`, in many dimensions of {cite:t}`nacson2023implicit`, for
# whose experiments no code was released. This book derives it again, computes every quantity in it, repeats its experiments as far
# as we could learn them, and goes on from there.
#
# (try-it)=
# ## Try it
#
# Two networks of this kind, trained in your browser: one rough start of sixty neurons, one set of six samples, two step
# sizes (here the step is there at once). Press *Run*. The short step can rest wherever the sharpness is below $2/\eta$ = 50, and stays nearly as rough as it began.
# The long step cannot: at its 25 the same start is too sharp, the loss leaps, and where it settles the function is smoother. In the
# second picture the dashed lines are $2/\eta$; read on the right-hand scale they are the ceilings $1/\eta-1/2$ that $S_g$ has to
# end below. The hatched part of the slider is the end of the road: for a step beyond it these samples have no stable minimum
# that interpolates without a knot on a sample. How the numbers are related is chapter 2's subject, {doc}`02-univariate-bound`.
#
# ```{explorable} training
# :state: eta=0.04&second=0.08
# In the online book, and with JavaScript, a network trains here: a step size to drag, samples to move, and the
# function, its sharpness and the bound to watch.
# ```
#
# ## The chapters
#
# {doc}`01-linear-stability`
# : Why a step size admits some minima and not others. From a parabola to stochastic gradients; three notions of stability,
#   their exact thresholds, and a minimum at which they disagree. Sharpness climbing to $2/\eta$ on real digits. SGD's thresholds have a page of
#   their own, {doc}`01-three-thresholds`.
#
# {doc}`02-univariate-bound`
# : In one dimension the bound is a short calculation with three slacks, each of which has a name and can be measured. What
#   a step size does to the kinks of a function; {doc}`02-longer-steps` triples it, and asks how long a step the data can bear.
#
# {doc}`03-multivariate-bound`
# : The same bound in any dimension, where neurons are hyperplanes and the weight of the data is a picture of its own. {doc}`03-neurons-to-functions`
#   makes the sum over neurons an integral over all hyperplanes, and one of the Laplacian; {doc}`03-data-geometry` finds the functions
#   that large steps do not forbid.
#
# {doc}`04-mnist-tightness`
# : Is the bound tight where people train? The stated experiment on MNIST, live and in full, and several hundred recorded runs that
#   vary what the source leaves open: digits, seeds, scale, sample and batch size, the law of the batches. {doc}`04-engine` says how
#   they are run.
#
# {doc}`05-depth-separation`
# : A crease of a shallow network runs on for ever, that of a pyramid stops. What a stable shallow network must pay for it
#   ({doc}`05-what-a-crease-costs`, to the constant), and a deep network that does not pay.
#
# {doc}`06-sobolev-approximation`
# : Smooth functions have flat networks: from a ridge density to finitely many neurons, with a sharpness that does not grow with
#   their number.
#
# {doc}`07-nearly-orthogonal`
# : Classification with inputs that are nearly orthogonal, where no step is too long and training never ends: which direction the
#   weights turn to, how many directions remain, and what decides it. Exact limits, and a clock that reaches them. {doc}`07-slopes-and-digits`
#   looks for them on images, {doc}`07-large-steps` for what a large step leaves.
#
# {doc}`08-minimum-norm`
# : What weight decay looks for: interpolants of least norm, some of them known exactly. {doc}`08-optimisers` says what training finds,
#   with decay and without; {doc}`08-bridge` sets the norm beside the bound, the same sum over neurons with the weight of the data.
#
# {doc}`09-momentum`
# : Momentum lets gradient descent take longer steps, and with noise shorter ones: the exact threshold, and where training ends. {doc}`09-elsewhere`
#   looks for the same with two hidden layers and on four other data sets, and at single batches.
#
# ### What builds on what
#
# ```{chapter-map}
# ```
#
# ## How to read
#
# Text, proofs and pictures stand on their own: no code need be read, and the code with the figures tells the same story. Two
# kinds of boxes say whose words you read.
#
# ```{admonition} In the paper
# :class: paper
#
# What a cited source states. We could read only part of some sources; where we rely on a later paper's account, the box
# says so.
# ```
#
# ```{admonition} Beyond the paper
# :class: beyond
#
# What this book proves, computes or finds that the source does not state.
# ```
#
# A line with a green tick is a **claim**: a statement that was checked, on the value shown, when this page was made. If one
# had failed there would be no page. All of them are in {doc}`the ledger <ledger>`. Measured numbers in the text come from the same
# run as the figures, but for a few round ones. Symbols are collected in {doc}`the table of notation <notation>`, functions in {doc}`the API <api>`.
#
# You need linear algebra (eigenvalues of symmetric matrices), a first course in probability, and to have trained a neural
# network once.
#
# ## How to run
#
# In a copy of the project's folder, with Python 3.11 or newer, `make book` (or `python make.py book`) builds these pages on your
# machine and `make test` checks them. {doc}`How long each chapter takes <status>` is measured at every build. To experiment,
# `make notebooks` writes every page as an executed notebook; or change the library under `src/` and build again: what depends on the
# change is executed anew.
#
# ## How to teach from it
#
# Each chapter opens with what a student can do after it, and closes with exercises, by hand and by code. Claims
# make good seminar questions: ask what would have made one fail, change a constant, and see. Beside them there are five problem
# sets that grade themselves; {doc}`students` says how to work on one.
#
# % instructors
#
# Every exercise has a worked solution here; `make student` builds the book without them. How to give the sets, two plans of a
# course, and the mistakes to expect are in {doc}`teaching`.
#
# % end instructors
#
# (cite-this)=
# ## How to cite
#
# ```{cite-this}
# ```
