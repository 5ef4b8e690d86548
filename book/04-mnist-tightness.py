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
# (mnist-tightness)=
# # Tightness on MNIST
#
# ```{twenty-minutes} the-question-and-what-theory-suggests fig-mnist-chain fig-mnist-pixels fig-mnist-thresholds fig-mnist-push prop-mnist-edges fig-mnist-slacks fig-mnist-validation
# ```
#
# A bound is worth as much as it is tight. We train on photographs of digits, by the published protocol and by many variants of it, and ask three things: do the minima that SGD finds obey the bound, how much of it do they use up, and which of the three notions of stability do single runs obey? The answers turn out to depend on choices that the published protocol does not mention or that one takes for details: how the pixels are coded, how many batches make an epoch, and how training is warmed up.
#
# After this chapter you can
#
# - repeat the published settings, as far as they are known, in about a minute, and name the choices that are not;
# - take a trained network apart into the links of the chain, and say where the slack sits;
# - tell stability in the mean, in mean square and almost surely apart in trained networks, say which of them runs obey, and put the last one to a test that could fail.
#
# **You need:** the three thresholds of {ref}`three-thresholds`, the chain of bounds and its named slacks from {ref}`multivariate-bound`, and the symbols in {doc}`the notation table <notation>`. How the networks are trained so fast is the subject of {ref}`mnist-engine`.

# %%
import os
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima import (Linearization, ShallowReLU, SweepJob, bound_chain,
                          digit_pair,
                          mean_square_loss, one_sided_weight, random_network,
                          sharpness,
                          stability_norm, train_jobs, train_sweep)
from stableminima.book.claims import claim
from stableminima.book.figures import mnist_tightness as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.experiments import key_of, load_record

use_house_style()
SEED = 0  # shifts every random draw of this page


# %% [markdown]
# ## The question, and what theory suggests
#
# At an interpolating minimum that is linearly stable for SGD with independent batches, and at which no neuron switches on a sample, {prf:ref}`thm-mv-bound` says
#
# $$
# \begin{aligned}
# S_g(f)&\le\sum_i|a_i|\,\tilde g(u_i,t_i)\le\tfrac12\bigl(\|\mathbb E\nabla f\|^2-1\bigr)\\
# &\le\tfrac12(\lambda_{\max}-1)\le\frac1\eta-\frac12 .
# \end{aligned}
# $$ (eq-mnist-chain)
#
# Only the last link involves the step size, and only that one can fail in an experiment. It has hypotheses that training does not respect: epochs are reshuffled, so that the batches are not independent; one run is not an expectation; and knots sit on samples ({ref}`knots-on-a-sample`). Theory suggests four things, and for each we say what would contradict it. (They are not predictions: we had seen trained networks before we wrote them down.)
#
# 1. **The norm stays below the ceiling**, $S_g\le1/\eta-\frac12$, in every run that converges. *Contradicted by* one run above it.
# 2. **The sharpness rises to $2/\eta$ and not beyond it**, wherever the step is long enough to matter. *Contradicted by* a sharpness that ends far from $2/\eta$, or above it.
# 3. **SGD notices its noise:** the exact mean-square quantity $\lambda_{\max}(C^\dagger D)$ of {prf:ref}`thm-mean-square`, which is larger than $\lambda_{\max}$, is closer to $2/\eta$, from below. *Contradicted by* a run that converges where it exceeds $2/\eta$.
# 4. **Single runs obey almost-sure stability:** the Lyapunov exponent of the final network at its own step size is negative. *Contradicted by* a run that converges where it is positive.
#
# Each of 2, 3 and 4 is contradicted somewhere below; the interest is in where.
#
# ## The protocol
#
# `````{admonition} In the paper
# :class: paper
#
# {cite:t}`nacson2023implicit`: binary classification on MNIST {cite:p}`lecun1998gradient`, one hidden layer of $k=200$ neurons, quadratic loss, SGD with batches of $B=16$, run until the loss stays below $10^{-8}$ for 2000 consecutive epochs; 4000 validation images from the remaining samples of each class.
# `````
#
# The sources that we could read do not say which digits, how many training images, how pixels and labels are coded, which step sizes, or how the weights are initialised. **Our choice:** digits 3 and 5, $n=512$ images (half of each), pixels scaled to $[0,1]$, labels $\pm1$, weights $N(0,1/\text{fan-in})$ and biases zero, reshuffled epochs, one start and one order of batches for all step sizes, arithmetic in single precision.
# What cannot be checked against the source can be varied; we keep the labels, the width and the zero biases only.

# %%
class Protocol(NamedTuple):
    digits: tuple = (3, 5)
    samples: int = 512
    width: int = 200
    batch_size: int = 16
    steps: tuple = (0.02, 0.04, 0.06, 0.1, 0.16, 0.2, 0.25, 0.3)
    tolerance: float = 1e-8
    hold: int = 2000
    seeds: int = 5
    long: float = 0.2  # of the steps, to be compared with the smallest
    rising: float = 0.06  # from here on the sharpness should be at its edge
    lost: tuple = (0.4, 0.5)  # steps that are too long for raw pixels
    lost_seeds: int = 3
    lost_epochs: int = 300
    validation: int = 8000  # images


protocol = Protocol()
eta_list, B = protocol.steps, protocol.batch_size
task = digit_pair(*protocol.digits, protocol.samples, protocol.validation,
                  seed=SEED, dataset="auto")
X, y, n = task.X, task.y, len(task.X)
start = random_network(X.shape[1], protocol.width, seed=SEED)
print(f"{task.dataset}: {n} images of {task.image_shape} pixels")

# %% [markdown]
# If this line says `digits`, MNIST could not be had on the machine that built the page, and the live parts ran on smaller images. The recorded studies are of MNIST in either case.

# %%
sweep = train_sweep(start, X, y, eta_list, B, protocol.tolerance, protocol.hold,
                    seed=SEED)
nets = {eta: run.network for eta, run in zip(eta_list, sweep.runs, strict=True)
        if run.status == "converged"}

# %% tags=["remove-cell"]
glue("sweep-seconds", f"{sweep.seconds:.0f}", display=False)
glue("sweep-steps",
     f"{sum(run.epochs for run in sweep.runs) * -(-n // B) / 1e6:.1f} million",
     display=False)
glue("sweep-cores", str(os.cpu_count()), display=False)
glue("sweep-converged", str(len(nets)), display=False)
glue("sweep-all", str(len(eta_list)), display=False)
glue("affine-rank",
     str(int(np.linalg.matrix_rank(np.column_stack([X, np.ones(n)])))),
     display=False)

# %% [markdown]
# That took {glue:text}`sweep-seconds` seconds on {glue:text}`sweep-cores` cores, for {glue:text}`sweep-steps` steps of SGD. {glue:text}`sweep-converged` of the {glue:text}`sweep-all` networks converged; the others are not minima, and nothing is said of them until {ref}`mnist-collapse`.
#
# ## With these pixels, the sharpness follows the step size

# %% mystnb={"figure": {"name": "fig-mnist-chain", "caption": "The links of the chain against the ceiling, for the networks of one sweep that converged, from the first of the five seeds of the record; grey is forbidden to stable minima. Large steps are on the left."}, "image": {"alt": "Four rising curves below the diagonal on logarithmic axes. The sharpness and the mean gradient run close to the diagonal and bend away from it on the right. The one-sided sum lies lower, about half way. The stability norm is lowest, rises at first and becomes flat at about four."}}
chains = {eta: bound_chain(net, X, eta) for eta, net in nets.items()}
draw.plot_links(list(chains), list(chains.values()))
plt.show()

# %% tags=["hide-input"]
middle = [eta for eta in chains if eta >= protocol.rising]
share = {name: [getattr(chains[eta], name) / chains[eta].ceiling for eta in chains]
         for name in ("stability_norm", "one_sided", "sharpness_level")}
glue("live-norm", f"{100 * max(share['stability_norm']):.0f} %", display=False)
glue("live-one", f"{100 * max(share['one_sided']):.0f} %", display=False)
edge = np.array([sharpness(nets[eta], X) * eta / 2 for eta in middle])
glue("live-edge", f"{100 * edge.min():.0f} to {100 * edge.max():.0f} %",
     display=False)
claim("mnist-live-interpolates",
      "largest loss of the networks that converged, evaluated from their weights "
      "in double precision",
      max(mean_square_loss(net, X, y) for net in nets.values()),
      at_most=protocol.tolerance, source="the stopping rule")
if task.dataset == "mnist":
    claim("mnist-live-slope",
          "raw pixels, one sweep: $\\lambda_{\\max}\\eta/2$ over the steps of at "
          f"least {protocol.rising:g} that converged, "
          "least value", edge.min(), at_least=0.85)
claim("mnist-live-norm", "one sweep: stability norm over its ceiling, the largest",
      max(share["stability_norm"]), at_most=1.0,
      source="stability bounds the norm")
claim("mnist-live-links",
      "one sweep: the links of the chain that need no assumption hold on all networks "
      "that converged",
      all(bound_chain(net, X).holds for net in nets.values()))


# %% [markdown]
# At small steps the sharpness of training saturates before it reaches $2/\eta$; from $\eta=0.06$ on it is {glue:text}`live-edge` of it ({numref}`fig-mnist-chain`), and {glue:text}`raw-edge` from the five seeds of the record. The stability norm uses up at most {glue:text}`live-norm` of the ceiling, the one-sided sum up to {glue:text}`live-one`. We will see where the rest goes.
#
# What does the ceiling forbid? The stability norm belongs to the *function on* $\mathbb R^{784}$. On the images alone it is not determined: some pixels are black in all of them, so that two neurons of opposite amplitudes that differ in one such pixel add nothing to the outputs on any image, but something to the norm. And there is a more drastic freedom. An affine function has norm zero, and {glue:text}`affine-rank` of the 512 vectors $(x_j,1)$ are linearly independent: whatever the labels, an affine function fits all or nearly all of them ({ref}`an exercise <ex-mnist-affine>` builds it).
# So on a sample like ours {eq}`eq-mnist-chain` rules out hardly any *values on the images*. It limits what a stable network does where its hyperplanes divide the images; a hyperplane with all images on one side costs nothing, whatever is beyond it. That interpolation costs sharpness is another matter, which the norm does not see.
#
# (mnist-pixels)=
# ## The pixels decide
#
# The step size decides how sharp the final network is *with these pixels*. Two usual preprocessings, with everything else as above: *centred*, every pixel minus its mean over the images, and *standardised*, one mean and one standard deviation for all pixels together. (SGD's own quantities in the table below, *mean square* and *batch sharpness*, are those of {ref}`mnist-which`; all are in units of $2/\eta$.)

# %% mystnb={"figure": {"name": "fig-mnist-pixels", "caption": "Half the sharpness (squares) and the stability norm (dots), in per cent of the ceiling, for three ways to code the pixels; digits 3 and 5, $B=16$, bands from the least to the largest of the seeds that converged (five with raw pixels, three otherwise)."}, "image": {"alt": "Three panels. With raw pixels the sharpness rises to over 90 per cent of the ceiling at step size 0.06 and stays there. With centred pixels it rises slowly, to about 75 per cent at step size 0.6, where training ends; the norm is not far below it. With standardised pixels it rises, falls and rises again and the norm stays below 40 per cent."}}
class Recorded(NamedTuple):  # of the recorded studies, whatever this page trains
    digits: tuple = (3, 5)
    samples: int = 512
    batch_size: int = 16
    batch_sizes: tuple = (4, 16, 64)
    hold: int = 2000
    seeds: int = 5
    rising: float = 0.06  # from here on the sharpness of raw pixels is at its edge
    noisy: float = 0.1  # from here on the mean-square quantities are compared
    shown: tuple = (0.02, 0.06, 0.1, 0.2, 0.3)  # steps with raw pixels in the table
    tight: float = 0.3  # with centred pixels: from here on the norm is tight
    longest: float = 0.5  # the longest steps with centred pixels
    few: int = 8  # batches an epoch, where reshuffling breaks the lemma
    many: int = 32  # where it does not


recorded_with = Recorded()
five_seeds = f"{spelled(recorded_with.seeds)} seeds"
with_16 = f"$B={recorded_with.batch_size}$"
raw = load_record("mnist-35").where(batch_size=recorded_with.batch_size)
pixels = load_record("mnist-pixels")
coded = {"raw": raw}
coded |= {name: pixels.where(pixels=name) for name in ("centred", "standardised")}
draw.plot_pixels({name: record.where(status="converged") for name,
                  record in coded.items()})
plt.show()

# %% tags=["nbval-check-output"]
print("pixels        step size  converged  lambda eta/2  mean square  "
      "batch sharpness  norm/sharpness")
for name, record in coded.items():
    for eta, runs in record.groups("step_size").items():
        good = runs.where(status="converged")
        if not len(good) or (name == "raw" and eta not in recorded_with.shown):
            continue
        row = f"{name:14s}{eta:9g}{len(good):9d}/{len(runs)}"
        row += f"{np.median(good['lambda_max']) * eta / 2:14.2f}"
        row += f"{np.median(good['lambda_sgd']) * eta / 2:13.2f}"
        row += f"{np.median(good['batch_sharpness']) * eta / 2:17.2f}"
        tight = np.median(good["stability_norm"] / good["sharpness_level"])
        print(f"{row}{tight:16.2f}")

# %% tags=["hide-input"]
centred, standard = (coded[name].where(status="converged")
                     for name in list(coded)[1:])
in_step = {name: centred[name] * centred["step_size"] / 2
           for name in ("lambda_max", "lambda_sgd")}
longest = centred["step_size"] >= recorded_with.longest
high = centred["step_size"] >= recorded_with.tight
fair = centred["step_size"] >= recorded_with.noisy
between = [eta for eta in np.unique(centred["step_size"])
           if recorded_with.tight <= eta <= recorded_with.longest]
place = 1 / np.sqrt(centred["as_low"] * centred["as_high"])[longest]
ratios = {name: (centred[name] / centred["sharpness_level"])
          for name in ("stability_norm", "gradient_level")}
claim("mnist-centred-edge",
      "centred pixels: $\\lambda_{\\max}\\eta/2$, the largest over all runs that "
      "converged",
      in_step["lambda_max"].max(), at_most=0.85,
      source="what theory suggests of the sharpness, contradicted")
claim("mnist-centred-square",
      f"centred pixels, $\\eta\\ge{recorded_with.longest:g}$: "
      "$\\lambda_{\\max}(C^\\dagger D)\\eta/2$, "
      "least value",
      in_step["lambda_sgd"][longest].min(), at_least=0.88,
      source="what theory suggests of SGD's noise, not contradicted")
claim("mnist-centred-converges",
      f"centred pixels, no warm-up: part of the runs with $\\eta$ from {between[0]:g} "
      f"to {between[-1]:g} that converge",
      np.mean(coded["centred"].where(step_size=between)["status"] == "converged"),
      at_least=1.0)
drawn = [digit_pair(*protocol.digits, protocol.samples, protocol.validation,
                    seed=SEED + s, dataset="auto") for s in range(protocol.seeds)]
begun = [random_network(X.shape[1], protocol.width, seed=SEED + s)
         for s in range(protocol.seeds)]


def jobs_of(*steps, seeds=range(protocol.seeds)):
    """The protocol, raw pixels, from several seeds."""
    return [SweepJob(begun[s], drawn[s].X, drawn[s].y, step, B, SEED + s)
            for s in seeds for step in steps]


long = train_jobs(jobs_of(*protocol.lost, seeds=range(protocol.lost_seeds)),
                  max_epochs=protocol.lost_epochs).runs
lost = [run.status in ("collapsed", "diverged") for run in long]
glue("raw-lost", "all" if all(lost) else str(sum(lost)), display=False)
if task.dataset == "mnist":
    claim("mnist-raw-lost",
          f"raw pixels, no warm-up, $\\eta={protocol.lost[0]:g}$ and "
          f"{protocol.lost[-1]:g}, {spelled(protocol.lost_seeds)} seeds: part of the "
          f"runs that collapse or diverge within {protocol.lost_epochs} epochs",
          np.mean(lost), at_least=0.8)
claim("mnist-centred-tight",
      f"centred pixels, $\\eta\\ge{recorded_with.tight:g}$: stability norm over half "
      "the sharpness, least value",
      ratios["stability_norm"][high].min(), at_least=0.8)
claim("mnist-centred-gradient",
      f"centred pixels, $\\eta\\ge{recorded_with.noisy:g}$: mean gradient over half "
      "the sharpness, least value",
      ratios["gradient_level"][fair].min(), at_least=0.9)
early = {name: [sharpness(net, images) for net in begun] for name, images in
         (("raw", X), ("centred", X - X.mean(axis=0)),
          ("standardised", (X - X.mean()) / X.std()))}
if task.dataset == "mnist":
    claim("mnist-centred-start",
          f"sharpness of {spelled(protocol.seeds)} random starts: least ratio of raw "
          "to centred pixels",
          (np.array(early["raw"]) / early["centred"]).min(), at_least=4)
settled = raw.where(status="converged",
                    step_size=lambda eta: eta >= recorded_with.rising)
settled = settled["lambda_max"] * settled["step_size"] / 2
claim("mnist-raw-edge",
      f"raw pixels, {with_16}, $\\eta\\ge{recorded_with.rising:g}$: "
      f"$\\lambda_{{\\max}}\\eta/2$, least of all runs of {five_seeds} that converged",
      settled.min(), at_least=0.85)

# %% tags=["remove-cell"]
calm = centred.where(step_size=min(centred["step_size"]))


def span(values, form="{:.0f} %", factor=100):
    """Least and largest value, as text."""
    ends = [form.format(factor * end(values)) for end in (np.min, np.max)]
    return " to ".join([ends[0].removesuffix(" %"), ends[1]])


glue("raw-edge", span(settled), display=False)
glue("centred-most", f"{100 * in_step['lambda_max'].max():.0f} %", display=False)
glue("centred-square", span(in_step["lambda_sgd"][longest]), display=False)
glue("centred-place", span(place), display=False)
glue("centred-natural", span(calm["lambda_max"], "{:.1f}", 1), display=False)
glue("centred-calm", f"{min(centred['step_size']):g}", display=False)
short_of = {name: (1 - centred[name] / centred["ceiling"])[high]
            for name in ("sharpness_level", "stability_norm")}
glue("centred-last", span(short_of["sharpness_level"] / short_of["stability_norm"]),
     display=False)
top = standard.where(step_size=max(standard["step_size"]))
glue("standard-most", span(top["lambda_max"] * top["step_size"] / 2), display=False)
glue("standard-dead", span(top["dead"], "{:.0f}", 1), display=False)
for name, values in early.items():
    glue(f"start-{name}", f"{np.median(values):.3g}", display=False)

# %% [markdown]
# **With centred pixels $\lambda_{\max}$ does not come to $2/\eta$** ({numref}`fig-mnist-pixels`). It grows with the step, to at most {glue:text}`centred-most` of $2/\eta$; beyond, training diverges in its first epoch. That is not to say that it ends far from the edges of SGD: at $\eta\ge0.5$ the mean-square quantity, which counts the noise, is at {glue:text}`centred-square` of $2/\eta$, and the step at {glue:text}`centred-place` of the almost-sure edge. So the *second* suggestion fails here and the third does not: at equal sharpness, centred pixels are noisier.
# Plain SGD converges from all three seeds at steps of 0.3 to 0.5; with raw pixels two of five do at 0.3, and of six runs at 0.4 and 0.5 {glue:text}`raw-lost` are lost; with other seeds nearly all, not always all. Why? Raw images have a large common part, along which a random network is already sharp: the start has sharpness {glue:text}`start-raw` with raw pixels, {glue:text}`start-centred` with centred and {glue:text}`start-standardised` with standardised ones. And where the step is short enough not to matter ($\eta=$ {glue:text}`centred-calm`), training with centred pixels ends at {glue:text}`centred-natural`. That this is the reason is our guess.
#
# The bound gains: with centred pixels and $\eta\ge0.3$ the norm is over four fifths of half the sharpness, and {glue:text}`centred-last` of what is missing to the ceiling is missing in the last link. With standardised pixels the sharpness first follows the step, falls between $\eta=0.01$ and 0.02, where $2/\eta$ falls below the sharpness of the start, and rises again, to {glue:text}`standard-most` of $2/\eta$ at 0.08, with {glue:text}`standard-dead` of 200 neurons dead. Whatever the paper did to its pixels was a decision about its figure.
#
# Everything that follows is with raw pixels, unless it says otherwise.
#
# (mnist-record)=
# ## The recorded studies
#
# One sweep is an anecdote. The studies vary one thing after the other: four batch sizes, five draws (of images, start and batches), reshuffled epochs and independent batches, 45 pairs of digits, two other initial scales, two other numbers of images, warm-ups, and the pixels. Every run is recorded: what was asked, what came out, and by which code. `python -m stableminima reproduce mnist-35` repeats the first study, says which columns differ by how much and which are not compared; {doc}`reproducing` lists them all, and `sweep` (with `--pixels`, `--warmup`) makes others.

# %% tags=["nbval-check-output"]
studies = {name: load_record(f"mnist-{name}") for name in ("35", "sampling",
                                                           "pairs", "scale", "size",
                                                           "warmup")}


def together():
    """All runs of the studies; what two studies share counts once."""
    runs = {key_of(run.configuration): run for study in studies.values()
            for run in study.runs}
    return replace(studies["35"], runs=tuple(runs.values()))


every = together()  # with raw pixels
done = every.where(status="converged")
studies |= {"warmup-length": load_record("mnist-warmup-length"), "pixels": pixels}
recorded = together()  # all
found = recorded.where(status="converged")
print("study           runs   converged  collapsed  unfinished  diverged")
for name, study in studies.items():
    counts = [int((study["status"] == s).sum()) for s in ("converged", "collapsed",
                                                          "unfinished", "diverged")]
    print(f"{name:14s}{len(study):6d}  ",
          "".join(f"{count:10d} " for count in counts))
named = [study.provenance[run.provenance].get("revision")
         for study in studies.values() for run in study.runs]
glue("named-commit", f"{sum(map(bool, named))} of {len(named)}", display=False)

# %% [markdown]
# *Unfinished* is what had not converged after 60 000 epochs; *collapsed* and *diverged* are explained in {ref}`mnist-collapse`. None of the three is a minimum, and none enters what follows.
#
# Each run carries a hash of the code that made it, and {glue:text}`named-commit` the commit in which that code stands; where it is not named, you cannot look up what made the run.
#
# A record answers questions. This is the first thing that theory suggests, and the unconditional links, over all of it:

# %%
order = ["stability_norm", "one_sided", "gradient_level", "sharpness_level"]
of_ceiling = {name: found[name] / found["ceiling"] for name in order}
claim("mnist-norm",
      "stability norm over the ceiling $1/\\eta-\\frac12$, the largest over all "
      "recorded runs that converged",
      of_ceiling["stability_norm"].max(), at_most=1.0,
      source="stability bounds the norm")
claim("mnist-links",
      "least ratio of a link of the chain to the one before it, over all recorded "
      "runs that converged",
      min((found[b] / found[a]).min() for a, b in pairwise(order)),
      at_least=1 - 1e-9, source="the chain")
claim("mnist-edge",
      "half the sharpness, $\\frac12(\\lambda_{\\max}-1)$, over the ceiling, the "
      "largest over all recorded runs that converged",
      of_ceiling["sharpness_level"].max(), at_least=1.0, at_most=1.04)

# %% tags=["remove-cell"]
glue("all-runs", str(len(recorded)), display=False)
glue("all-done", str(len(found)), display=False)
for name, short in (("stability_norm", "norm"), ("one_sided", "one")):
    glue(f"all-{short}", f"{100 * of_ceiling[name].max():.0f} %", display=False)
glue("all-edge", f"{100 * of_ceiling['sharpness_level'].max():.1f} %",
     display=False)


# %% [markdown]
# **The norm stays below the ceiling** in all {glue:text}`all-done` runs that converged, of {glue:text}`all-runs`: it reaches {glue:text}`all-norm`, the one-sided sum {glue:text}`all-one`. The sharpness does *not* always stay below $2/\eta$; half of it reaches {glue:text}`all-edge` of the ceiling. The next section says where.
#
# The runs that reached a minimum, to question: choose axes and colours, point at a run to see its chain, draw a box around some and ask
# where they lose most. A start: {state}`smaller batches end flatter <study#across=step_size&up=stability_norm&colour=batch_size&study=mnist-35>`,
# and {state}`centred and standardised pixels <study#across=step_size&up=sharpness_level&colour=pixels&study=mnist-pixels>`.
#
# ```{explorable} study
# In the online book, and with JavaScript, the recorded runs can be questioned here: axes, colours and studies to choose, a run to point at, and its chain of bounds.
# ```
#
# (mnist-which)=
# ## Which stability does a run obey?
#
# For every final network we computed its sharpness; the exact mean-square quantity, from the $n\times n$ form of {prf:ref}`prop-n-by-n`; and the step size $\eta_{\mathrm{as}}$ at which the Lyapunov exponent of the network, held fixed, turns positive under the batch law that the run was trained with. Each is put in units of its own edge, so that one is the edge. ({ref}`Whose questions these are <mnist-known>` stands at the end.)

# %% tags=["hide-input"]
def brackets(record):
    """The bracket of $\\eta_{as}/\\eta$, narrowed by the exponent at $\\eta$."""
    low, high = record["as_low"].astype(float), record["as_high"].astype(float)
    stable = record["exponent"] < -2 * record["exponent_error"]
    return np.where(stable & (high > 1), np.maximum(low, 1.0), low), high


noisy = done.where(batch_size=lambda B: B is not None,
                   lambda_sgd=lambda value: value is not None)
full = done.where(batch_size=None)
size, half = noisy["batch_size"].astype(int), noisy["step_size"] / 2
per_epoch = -(-noisy["n"] // size)
mean, mean_square = noisy["lambda_max"] * half, noisy["lambda_sgd"] * half
low, high = brackets(noisy)
place = 1 / np.sqrt(low * high)  # step size in units of the almost-sure edge
certainty = noisy["exponent"] / noisy["exponent_error"]
iid = noisy["sampling"] == "iid"
start_of = np.array([str((r["digits"], r["seed"], r["n"],
                          r["scale"])) for r in noisy.runs])
kinds = {(law, m, b,
          k): (iid == (law == "iid"))
         & (per_epoch == m) & (size == b) & (noisy["n"] == k)
         for law in ("iid", "reshuffled")
         for m, b, k in sorted({*zip(per_epoch, size, noisy["n"], strict=True)})}
kinds = {key: chosen for key, chosen in kinds.items() if chosen.any()}

# %% [markdown]
# This is the whole of it, for all SGD runs that converged; the paragraphs below read the table.

# %% tags=["nbval-check-output"]
print("law         n/B    B  runs  starts  sharp   most   >1"
      "  square   most   >1   edge")
for (law, m, b, _), chosen in kinds.items():
    a, q = mean[chosen], mean_square[chosen]
    starts = len({*start_of[chosen]})
    row = f"{law:10s}{m:5d}{b:5d}{chosen.sum():6d}{starts:8d}"
    for values in (a, q):
        above = (values > 1).sum()
        row += f"{np.median(values):7.3f}{values.max():7.3f}{above:5d} "
    print(row + f"{np.median(place[chosen]):6.3f}")

# %% [markdown]
# (*sharp*: median of $\eta\lambda_{\max}/2$, its largest value, and how many runs exceed one; *square*: the same of the mean-square quantity; *edge*: median of $\eta/\eta_{\mathrm{as}}$. *starts*: different draws of digits, images, weights and batches. Runs that share one, at several step sizes, are not independent observations.)

# %% mystnb={"figure": {"name": "fig-mnist-thresholds", "caption": "Three stabilities of the networks that SGD found on the digits 3 and 5, each in units of its own edge. Bands run from the least to the largest of the seeds (five, or three with independent batches of 4 and 64), green bars are the brackets of every single run."}, "image": {"alt": "One panel for each batch size and law of the batches. With full batches and with B 64 all three quantities lie at one from the second or third step size on, within about five per cent. With B 16 the sharpness rises to about 0.94, the mean-square quantity to one or slightly above, and the almost-sure bars lie between 0.9 and one. With B 4 the sharpness rises from below 0.4 to about a half, the two others from a half to nearly one."}}
panels = {}
for law, record in {"iid": studies["sampling"],
                    "reshuffled": studies["35"]}.items():
    groups = record.where(status="converged").groups("batch_size")
    for b, group in sorted(groups.items(), key=lambda item: item[0] or n):
        ends = zip(group.runs, *brackets(group), strict=True)
        narrowed = [replace(run, result={**run.result, "as_low": a, "as_high": z})
                    for run, a, z in ends]
        panels[f"$B={b or 'n'}$, {law}"] = replace(group, runs=tuple(narrowed))
draw.plot_thresholds(panels)
plt.show()

# %% tags=["hide-input"]
claim("mnist-iid-mean",
      "independent batches: $\\lambda_{\\max}\\eta/2$, the largest over all runs "
      "that converged",
      mean[iid].max(), at_most=1.001)
claim("mnist-iid-mean-few",
      "independent batches: part of the runs that converged with "
      "$\\lambda_{\\max}\\eta/2>1$",
      (mean > 1)[iid].mean(), at_most=0.02)
claim("mnist-iid-mean-square",
      "independent batches: $\\lambda_{\\max}(C^\\dagger D)\\eta/2$, the largest",
      mean_square[iid].max(), at_least=1.0, at_most=1.02)
FEW, MANY, SEEDS = recorded_with.few, recorded_with.many, range(recorded_with.seeds)
biggest = recorded_with.samples // FEW  # the batch size
eight = per_epoch == FEW
large = ~iid & eight & (size == biggest)
claim("mnist-not-mean",
      f"reshuffled epochs of {FEW} batches, $B={biggest}$: part of a seed's runs that "
      f"converged with $\\lambda_{{\\max}}\\eta/2>1$, least of {five_seeds}",
      min((mean > 1)[large & (noisy["seed"] == s)].mean() for s in SEEDS),
      at_least=0.8,
      source="where reshuffling breaks the lemma")
claim("mnist-mean-many",
      f"reshuffled epochs of {MANY} and more batches: $\\lambda_{{\\max}}\\eta/2$, the "
      "largest over all runs that converged",
      mean[~iid & (per_epoch >= MANY)].max(), at_most=0.99,
      source="where reshuffling does not break the lemma")
usual = ~iid & (per_epoch == MANY)
claim("mnist-not-mean-square",
      f"reshuffled epochs of {MANY} batches, {with_16}: part of the starts with a run "
      "where $\\lambda_{\\max}(C^\\dagger D)\\eta/2>1.01$",
      len({*start_of[usual & (mean_square > 1.01)]}) / len({*start_of[usual]}),
      at_least=0.65)
claim("mnist-almost-sure",
      "Lyapunov exponent over its standard error at the run's own step size, the "
      "largest over all SGD "
      "runs that converged: none is significantly positive", certainty.max(),
      at_most=2.0, source="survival, nearly a tautology")
sixteen = (size == recorded_with.batch_size) & (noisy["n"] == recorded_with.samples)
sixteen &= (noisy["scale"] == 1) & (noisy["step_size"] >= recorded_with.noisy)
sixteen &= np.array([tuple(run["digits"]) == recorded_with.digits
                     and run["warmup"] is None for run in noisy.runs])
pair = "digits {} and {}".format(*recorded_with.digits)
part = (mean_square - mean) / (1 - mean)
by_seed = {law: np.array([np.median(part[sixteen & chosen & (noisy["seed"] == s)])
                          for s in SEEDS])
           for law, chosen in (("iid", iid), ("shuffled", ~iid))}
claim("mnist-gap",
      f"{pair}, {with_16}, independent batches, $\\eta\\ge{recorded_with.noisy:g}$: "
      "part of the gap between $\\lambda_{\\max}$ and "
      "$2/\\eta$ that the mean-square quantity closes, median over the steps, "
      f"least of {five_seeds}",
      by_seed["iid"].min(), at_least=0.5)
claim("mnist-gap-above",
      "the same part of the gap between $\\lambda_{\\max}$ and $2/\\eta$ "
      f"({with_16}, independent batches, $\\eta\\ge{recorded_with.noisy:g}$), largest "
      f"of {five_seeds}",
      by_seed["iid"].max(), at_most=1.0)
for law, values in by_seed.items():
    glue(f"closed-{law}", f"{100 * values.min():.0f} to {100 * values.max():.0f} %",
         display=False)
for law, chosen in (("iid", iid), ("shuffled", ~iid)):
    glue(f"{law}-runs", str(int(chosen.sum())), display=False)
    for name, values in (("mean", mean), ("ms", mean_square)):
        glue(f"{law}-{name}-above", str(int((values[chosen] > 1).sum())),
             display=False)
        glue(f"{law}-{name}-most", f"{values[chosen].max():.4f}", display=False)
glue("eight-64",
     f"{int((mean > 1)[large].sum())} of {int(large.sum())}", display=False)
glue("square-starts",
     f"{len({*start_of[usual & (mean_square > 1)]})} of {len({*start_of[usual]})}",
     display=False)
glue("eight-16",
     f"{int((mean > 1)[~iid & eight & (size == recorded_with.batch_size)].sum())} of "
     f"{int((~iid & eight & (size == recorded_with.batch_size)).sum())}", display=False)
glue("many", str(int((~iid & (per_epoch >= MANY)).sum())), display=False)
glue("many-most", f"{mean[~iid & (per_epoch >= MANY)].max():.3f}", display=False)
glue("sgd-runs", str(len(noisy)), display=False)
glue("z-clear", str(int((certainty < -2).sum())), display=False)
glue("z-worst", f"{certainty.max():.1f}".replace("-", "−"), display=False)

# %% [markdown]
# **Independent batches come first**, since the theory is about them. The sharpness ends above $2/\eta$ in {glue:text}`iid-mean-above` of {glue:text}`iid-runs` runs, and by little (at most {glue:text}`iid-mean-most` times $2/\eta$); an earlier record of the same runs, which differed in rounding only, had none. {prf:ref}`lem-flat` is about the mean of many runs; it nearly describes single ones. With $B=16$ it stops some per cent short, and the mean-square quantity, which sees the noise of SGD, closes {glue:text}`closed-iid` of that gap (medians of the five seeds on digits 3 and 5, $\eta\ge0.1$). It is not quite where runs stop: {glue:text}`iid-ms-above` runs end above it, up to {glue:text}`iid-ms-most`, most of them with $B=64$.
#
# **With reshuffled epochs, few and large batches are the exception.** With 32 or more, as in the published protocol and in most training, the sharpness stays below $2/\eta$ in all {glue:text}`many` runs (at most {glue:text}`many-most`). With 8 it exceeds $2/\eta$ in {glue:text}`eight-64` runs with $B=64$ and in {glue:text}`eight-16` with $B=16$ (on $n=128$ images). No theorem is violated, since the lemma needs independence. The mean-square quantity of *independent* batches is not defined for these runs; with $B=16$ and 32 batches some run of {glue:text}`square-starts` starts exceeds it, up to {glue:text}`shuffled-ms-most` over all. Is it the law that does it, or the networks that training finds under it? Hold a network fixed and change the law alone: for 32 batches the study `mnist-push` (below) did, with 25 networks of five seeds; for 8 we do it here, with five.

# %% tags=["hide-input"]
both = (protocol.steps[0], protocol.long)  # for later too
if task.dataset != "mnist":
    both = (protocol.long / 2, protocol.long)  # 0.02 would take very long
more = jobs_of(*both, seeds=range(1, protocol.seeds))  # the first seed is trained
five = {(job.seed - SEED, job.step_size): run.network
        for job, run in zip(more, train_jobs(more, protocol.tolerance,
                                             protocol.hold).runs, strict=True)
        if run.status == "converged"}
five |= {(0, step): nets[step] for step in both if step in nets}

# %% tags=["hide-input"]
push = load_record("mnist-push").where(status="converged")
middle = {law: np.sqrt(push[f"{law}_low"] * push[f"{law}_high"])
          for law in ("iid", "reshuffled")}  # of each bracket
sharp_at = {(run["seed"], run["step_size"]): run["lambda_max"]
            for run in raw.where(status="converged").runs}
to_edge = np.array([run["step_size"] * sharp_at[run["seed"], run["step_size"]] / 2
                    for run in push.runs])
edge = {(MANY, law): values * to_edge for law, values in middle.items()}
for law in ("iid", "reshuffled"):
    here = []
    for (s, step), net in five.items():
        if step == both[1]:
            minimum = Linearization.of(net, drawn[s].X)
            bracket = minimum.almost_sure_edge(step, n // FEW, law, SEED + s)
            here.append(bracket.edge * step / minimum.gd_threshold)
    edge[FEW, law] = np.array(here)
print("almost-sure edge in units of 2/lambda_max")
print("batches  law         networks  median   least    most")
for (m, law), values in edge.items():
    print(f"{m:7d}  {law:10s}{len(values):10d}{np.median(values):8.3f}"
          f"{values.min():8.3f}{values.max():8.3f}")
shift = {m: edge[m, "reshuffled"] / edge[m, "iid"] - 1 for m in (FEW, MANY)}
of_seed = [shift[MANY][push["seed"] == s] for s in SEEDS]
claim("mnist-law-alone",
      f"the law of the batches alone changed, {MANY} batches: by how much reshuffling "
      f"raises the almost-sure edge, median of a seed's {spelled(len(of_seed[0]))} "
      f"networks, least of {five_seeds}",
      min(map(np.median, of_seed)),
      at_least=0.002)
at_long = push["step_size"] == both[1]
noisier = np.median(edge[MANY, "iid"][at_long]) if at_long.any() else np.nan
if task.dataset == "mnist":
    claim("mnist-law-few",
          f"the law of the batches alone changed, {FEW} batches: by how much "
          "reshuffling raises the almost-sure edge, median of the networks of "
          f"{spelled(protocol.seeds)} seeds",
          np.median(shift[FEW]), at_least=0.001)
    claim("mnist-noise-alone",
          f"independent batches, $\\eta={both[1]:g}$: median almost-sure edge with "
          f"{MANY} batches over that with {FEW}, in units of $2/\\lambda_{{\\max}}$",
          noisier / np.median(edge[FEW, "iid"]), at_most=0.99)
glue("shift-up", f"{int((shift[MANY] > 0).sum())} of {len(push)}", display=False)
glue("many-batches", str(MANY), display=False)
glue("few-batches", str(FEW), display=False)
glue("shift-few-up", f"{int((shift[FEW] > 0).sum())} of {len(shift[FEW])}",
     display=False)
for m, name in ((FEW, "few"), (MANY, "many")):
    glue(f"edge-{name}", f"{np.median(edge[m, 'iid']):.3f}", display=False)
    glue(f"shift-{name}", f"{100 * np.median(shift[m]):.1f}", display=False)

# %% [markdown]
# Reshuffling moves the edge of one and the same network *up*, in {glue:text}`shift-up` networks with {glue:text}`many-batches` batches and {glue:text}`shift-few-up` with {glue:text}`few-batches`, by {glue:text}`shift-many` and {glue:text}`shift-few` per cent in the median. And small batches, at the same $n$, are noisier, which moves it *down*: with independent batches it lies at {glue:text}`edge-few` of $2/\lambda_{\max}$ with 8 batches an epoch and at {glue:text}`edge-many` with 32. With few, large batches the reshuffled edge comes to lie at $2/\lambda_{\max}$ or a little beyond; with many, small ones the second effect outweighs the first. $n/B$ alone does not tell the two apart: $n=128$ with $B=16$ has eight batches too, and exceptions are rare there.
#
# **How close to the edge do runs end?** At equal steps, on the digits 3 and 5 with reshuffled epochs:

# %% tags=["nbval-check-output"]
at_steps = (0.1, 0.12, 0.16, 0.2)
print("eta/eta_as, median of the seeds that converged (their number)")
print("   B" + "".join(f"{eta:>12g}" for eta in at_steps))
ends = {}
for b in recorded_with.batch_sizes:
    record = studies["35"].where(status="converged", batch_size=b)
    low, high = brackets(record)
    for eta in at_steps:
        ends[b, eta] = (1 / np.sqrt(low * high))[record["step_size"] == eta]
    print(f"{b:4d}" + "".join(f"{np.median(ends[b, eta]):8.2f} "
                              f"({len(ends[b, eta])})" for eta in at_steps))
least, most = recorded_with.batch_sizes[0], recorded_with.batch_sizes[-1]
claim("mnist-place",
      f"reshuffled, {pair}: median of $\\eta/\\eta_{{as}}$, smallest "
      f"difference between $B={most}$ and $B={least}$ at equal steps",
      min(np.median(ends[most, eta]) - np.median(ends[least, eta])
          for eta in at_steps),
      at_least=0.03)

# %% [markdown]
# (Brackets are up to three or four per cent wide, so that the second digit is uncertain.) With $B=64$ runs end at the edge at every step; with $B=4$ they end well inside at the shorter ones, and come closer as the step grows. Smaller batches take training to flatter regions long before stability would ask for it. Stability bounds, it does not explain.

# %%
times = (30, 60, 100, 140, 200)
one = [step for step in nets if step >= protocol.rising][:2][-1]  # of those trained
watched = np.array([[(now.sharpness * one / 2,
                      now.batch_sharpness(run.network(job.X) - job.y, B,
                                          seed=SEED).value * one / 2)
                     for job, run in zip(jobs_of(one), train_jobs(jobs_of(one),
                                         protocol.tolerance, protocol.hold,
                                         max_epochs=epochs).runs, strict=True)
                     for now in [Linearization.of(run.network, job.X)]]
                    for epochs in times])  # time, seed, quantity
print(f"step size {one:g}, {spelled(protocol.seeds)} seeds")
print("epochs  lambda eta/2   batch sharpness, seed by seed")
for epochs, (sharp, batch) in zip(times, watched.transpose(0, 2, 1), strict=True):
    print(f"{epochs:6d}  {sharp.min():.2f} to {sharp.max():.2f}    "
          + "".join(f"{value:6.2f}" for value in batch))

# %% tags=["hide-input"]
length = studies["warmup-length"].where(status="converged")
at_end = length["batch_sharpness"] * length["step_size"] / 2
moved = np.ptp(watched[1:], axis=0)
if task.dataset == "mnist":
    claim("mnist-batch-wanders",
          f"batch sharpness between epochs {times[1]} and {times[-1]}: how far it "
          "moves over how far $\\lambda_{\\max}$ does, least of "
          f"{spelled(protocol.seeds)} seeds",
          (moved[:, 1] / moved[:, 0]).min(), at_least=2)
    claim("mnist-batch-most",
          f"batch sharpness times $\\eta/2$, the largest at {spelled(len(times))} times "
          f"of {spelled(protocol.seeds)} runs",
          watched[..., 1].max(), at_least=1.0, at_most=1.3)
claim("mnist-batch-end",
      "batch sharpness times $\\eta/2$ of the final networks with warm-up, the "
      "largest",
      at_end.max(), at_least=1.0, at_most=1.3)
glue("batch-path", span(watched[..., 1], "{:.2f}", 1), display=False)
glue("batch-end", span(at_end, "{:.2f}", 1), display=False)
glue("batch-runs", str(len(at_end)), display=False)

# %% [markdown]
# Beside the three stands the *batch sharpness* of {cite:t}`andreyev2024edge`, the curvature that a batch's loss has along the batch's own gradient, averaged over batches. Its authors find that it settles at $2/\eta$. Here it comes there, and does not settle: at these times of five runs it wanders from {glue:text}`batch-path` while $\lambda_{\max}$ hardly moves, and the {glue:text}`batch-runs` final networks with warm-up scatter as widely ({glue:text}`batch-end`). It depends on the residuals of the moment, and of a final network it says less than the three others.
#
# ### A test of almost-sure stability that can fail
#
# At its own step the exponent of the final network is negative by more than two standard errors in {glue:text}`z-clear` of {glue:text}`sgd-runs` SGD runs that converged, and never positive by as much (the largest is {glue:text}`z-worst` standard errors). That is nearly a tautology. To survive 2000 epochs of 32 batches is to survive 64 000 steps, during which an exponent of $10^{-3}$ would multiply an error by $e^{64}$: whoever stays has no positive exponent, *if* the linearisation, with knots on samples and patterns taken as fixed, is right about real runs. That can be tested.
# We take a trained network as the minimum of the loss with its own outputs as labels; push all its parameters by $10^{-9}$; and run real, non-linear SGD a little below and a little above the edge that the linearisation gives. The errors should shrink on one side and grow on the other. Once, by hand:

# %%
from stableminima.book.studies.push import error_growth, pushed

net, eta = nets[one], one  # the first seed
bracket = Linearization.of(net, X).almost_sure_edge(eta, B, "reshuffled", SEED)
rng = np.random.default_rng(SEED + 1)
for step in (0.97 * bracket.low * eta, 1.03 * bracket.high * eta):
    jobs = [SweepJob(pushed(net, rng), X, net(X), step, B,
                     SEED + seed) for seed in range(2)]
    away = train_jobs(jobs, tolerance=1e-30, max_epochs=60,
                      precision="float64").runs
    rates = [error_growth(run.history, -(-n // B)) for run in away]
    print(f"step {step / eta:.3f} eta, edge {bracket.low:.3f} to",
          f"{bracket.high:.3f}: growth a step",
          "  ".join(f"{rate:+.4f}" for rate in rates))

# %% [markdown]
# The study `mnist-push` did this with networks of five seeds and five step sizes, under both laws of the batches, three pushes on either side:

# %% mystnb={"figure": {"name": "fig-mnist-push", "caption": "How fast the error of real runs grows a step after a small push, 3 per cent below and 3 per cent above the bracket of the almost-sure edge; each dot is a run, of the networks of five seeds. Bars, two standard errors about the Lyapunov exponent above the edge, mean over the networks."}, "image": {"alt": "Two panels, one a law. For each of five step sizes of training blue dots lie slightly below zero, and red dots far above it, scattered about a bar."}}
draw.plot_pushes(push)
plt.show()

# %% tags=["hide-input"]
sides = {(law, side): np.concatenate([run[f"{law}_{side}"] for run in push.runs])
         for law in ("iid", "reshuffled") for side in ("below", "above")}
for law in ("iid", "reshuffled"):
    claim(f"mnist-push-below-{law}",
          f"real runs after a push, {law} batches, 3 % below the almost-sure edge: "
          "part whose "
          "error shrinks, over all networks", np.mean(sides[law, "below"] < 0),
          at_least=1.0, source="almost-sure stability")
    claim(f"mnist-push-above-{law}",
          f"real runs after a push, {law} batches, 3 % above the almost-sure edge: "
          "part whose "
          "error grows, over all networks", np.mean(sides[law, "above"] > 0),
          at_least=1.0, source="almost-sure stability")
    mean_rate = np.array([np.mean(run[f"{law}_above"]) for run in push.runs])
    expected = np.array([run[f"{law}_expected"] for run in push.runs])
    claim(f"mnist-push-rate-{law}",
          f"{law} batches, above the edge: growth of real runs over the Lyapunov "
          "exponent, "
          "median over the networks", np.median(mean_rate / expected), at_least=0.8,
          at_most=1.25)
    claim(f"mnist-push-factor-{law}",
          f"{law} batches: the same, largest factor by which a network is off",
          np.exp(np.abs(np.log(mean_rate / expected)).max()), at_most=2.0)
    glue(f"push-span-{law}", span(mean_rate / expected, "{:.2f}", 1), display=False)
    glue(f"push-rate-{law}", f"{np.median(mean_rate / expected):.2f}",
         display=False)
    for side, sign in (("below", -1), ("above", 1)):
        rates = sides[law, side]
        glue(f"push-{side}-{law}",
             f"{int((sign * rates > 0).sum())} of {len(rates)}", display=False)
glue("push-nets", str(len(push)), display=False)

# %% [markdown]
# Below the edge the error shrinks in {glue:text}`push-below-iid` runs with independent and {glue:text}`push-below-reshuffled` with reshuffled batches; above it it grows in {glue:text}`push-above-iid` and {glue:text}`push-above-reshuffled` ({numref}`fig-mnist-push`; {glue:text}`push-nets` networks). It grows at about the rate that the exponent says: the quotient is {glue:text}`push-rate-iid` and {glue:text}`push-rate-reshuffled` in the median, and {glue:text}`push-span-iid` and {glue:text}`push-span-reshuffled` for single networks. (Below the edge the rate is that of the slowest direction, whose size means nothing for stability.)
#
# (mnist-flicker)=
# ### Full batches: the sharpness oscillates, and a snapshot misleads
#
# For gradient descent the exponent of the last network is *positive* in {glue:text}`gd-above` of {glue:text}`gd-runs` runs that converged: there the fourth suggestion fails, as written. These runs hover at $2/\eta$, and the network with which a run stops is a snapshot of an oscillation. So we continued *every* full-batch run of the study for 256 steps in double precision, and looked at each step. As a control the same descent, from the sharpest network of the window, with the pattern of active neurons frozen and the weights moving.

# %% tags=["nbval-check-output"]
flicker = load_record("mnist-flicker").where(status="converged")
survival = 4 * np.log(10) / recorded_with.hold  # excluded by that many steps
rate = {name: np.log(flicker[f"{name}_factor"]) for name in ("path", "short",
                                                             "frozen")}
print("step size  runs  eta lambda/2   least    most  above 1  switching"
      "  growth*1e3  frozen*1e3")
for eta in np.unique(flicker["step_size"]):
    at = flicker["step_size"] == eta
    seen = flicker.where(step_size=float(eta))
    print(f"{eta:9g}{len(seen):6d}{seen['edge_mean'].mean():14.4f}{seen['edge_least'].min():8.4f}"
          f"{seen['edge_most'].max():8.4f}{100 * seen['above'].mean():7.0f} %"
          f"{seen['switched'].mean():11.0f}{1e3 * np.median(rate['path'][at]):12.2f}"
          f"{1e3 * np.median(rate['frozen'][at]):9.2f}")

# %% tags=["hide-input"]
hover = flicker["edge_most"] > 1
claim("mnist-full-mean",
      "gradient descent, all runs that reach the edge: mean of "
      "$\\eta\\lambda_{\\max}/2$ over 256 successive steps, "
      "largest distance from one", np.abs(flicker["edge_mean"][hover] - 1).max(),
      at_most=0.005)
claim("mnist-frozen-too-large",
      "gradient descent at the edge, pattern frozen at the sharpest network: growth "
      "of an error a step over the largest that survival allows, median of the runs", np.median(rate["frozen"][hover]) / survival,
      at_least=1.0)
claim("mnist-path-small",
      "gradient descent at the edge, as it runs, 256 steps: growth of an error a "
      "step over the largest that survival allows, largest of all runs", rate["path"][hover].max() / survival, at_most=0.5)
claim("mnist-path-below-frozen",
      "gradient descent at the edge: part of the runs in which freezing the pattern "
      "makes the error of the next 64 steps grow faster",
      np.mean(rate["frozen"][hover] > rate["short"][hover]), at_least=0.95)
claim("mnist-switching",
      "gradient descent at the edge: activations that switch at a step, on average, "
      "median over the runs",
      np.median(flicker["switched"][hover]), at_least=50)
glue("gd-runs", str(len(full)), display=False)
glue("gd-above", str(int((full["exponent"] > 0).sum())), display=False)
glue("hover-runs", str(int(hover.sum())), display=False)
glue("hover-mean",
     f"{flicker['edge_mean'][hover].min():.4f} to "
     f"{flicker['edge_mean'][hover].max():.4f}", display=False)
glue("hover-range",
     f"{flicker['edge_least'][hover].min():.3f} to "
     f"{flicker['edge_most'][hover].max():.3f}", display=False)
glue("hover-path",
     f"{1e3 * rate['path'][hover].min():.1f} to "
     f"{1e3 * rate['path'][hover].max():.1f}".replace("-", "−"), display=False)
glue("hover-frozen", f"{1e3 * np.median(rate['frozen'][hover]):.1f}", display=False)
glue("hover-short",
     f"{1e3 * np.median(rate['short'][hover]):.1f}".replace("-", "−"),
     display=False)
glue("hover-switched", f"{np.median(flicker['switched'][hover]):.0f}",
     display=False)
glue("survival", f"{1e3 * survival:.1f}", display=False)

# %% [markdown]
# In the {glue:text}`hover-runs` runs that reach the edge $\eta\lambda_{\max}/2$ averages {glue:text}`hover-mean` over the window, and stays within {glue:text}`hover-range`: so "positive" is a property of the moment. With the pattern frozen at the sharpest moment the error would grow by {glue:text}`hover-frozen` $\cdot10^{-3}$ a step in the median (largest singular value of the product of 64 steps), more than the {glue:text}`survival` $\cdot10^{-3}$ that surviving 2000 steps permits ({ref}`the exercise <ex-mnist-survive>`).
# Along the true run it is {glue:text}`hover-short` $\cdot10^{-3}$ over the same 64 steps, and {glue:text}`hover-path` $\cdot10^{-3}$ over all 256. The difference is made by the pattern alone: in the median run {glue:text}`hover-switched` pairs of a neuron and an image, whose knots lie within the oscillation, switch at a step. A knot on a sample smooths the edge of stability: on one side of it the neuron adds curvature, on the other it does not, and the run feels both.
#
# ### Why the noise moves the two edges apart
#
# How can a run be stable beyond $2/\lambda_{\max}$, and beyond the mean-square threshold even more? Already in one dimension noise moves the two edges in opposite directions, by the same amount.
#
# ```{prf:proposition} Two edges
# :label: prop-mnist-edges
#
# Let $\delta_{t+1}=(1-\eta h_t)\delta_t$ with independent, identically distributed $h_t=\lambda(1+s\xi_t)$, where $\lambda>0$, $\mathbb E\xi=0$, $\mathbb E\xi^2=1$ and $|\xi|\le M$. Then
#
# $$
# \eta_{\mathrm{ms}}=\frac2\lambda\cdot\frac1{1+s^2},\qquad\eta_{\mathrm{as}}=\frac2\lambda\,\bigl(1+s^2+O(s^3)\bigr)\quad(s\to0).
# $$
# ```
#
# ```{prf:proof}
# Put $x=\eta\lambda$. *Mean square.* $\mathbb E(1-\eta h)^2=(1-x)^2+x^2s^2\le1$ if and only if $x(1+s^2)\le2$.
#
# *Almost surely.* By the law of large numbers $\Lambda=\mathbb E\log|1-x-xs\xi|$. For $x<2/(1+s^2)$ Jensen's inequality gives $\Lambda\le\frac12\log\mathbb E(1-\eta h)^2<0$. For $|x-2|\le\frac12$ write $q=x/(x-1)\in[\frac53,3]$, so that
#
# $$
# \Lambda(x)=\log(x-1)+\mathbb E\log(1+qs\xi)=\log(x-1)-\tfrac12q^2s^2+O(s^3),
# $$
#
# by Taylor's formula with $|qs\xi|\le3Ms$, for small $s$, the error being uniform in $x$. At $x=2+2s^2+Cs^3$ we have $\log(x-1)=2s^2+Cs^3+O(s^4)$ and $\frac12q^2s^2=2s^2+O(s^4)$, so $\Lambda=Cs^3+O(s^3)$ with a constant in the last term that does not depend on $C$: negative for $C$ negative and large enough in size, positive for $C$ positive and large enough. Finally $\Lambda$ increases on $|x-2|\le\frac12$ for small $s$, as
# $\Lambda'(x)=\frac1{x-1}+\mathbb E\frac{q's\xi}{1+qs\xi}\ge\frac23-O(s)$. So $\Lambda<0$ before the zero at $x=2+2s^2+O(s^3)$ and $\Lambda>0$ just after it.
# ```
#
# The logarithm is concave: among factors of equal mean, those that scatter have the smaller logarithm on average and the larger square.
#
# In many dimensions noise does another thing, it throws error from one direction into others, and that costs stability. Which effect wins is a matter of measurement: the upper end of the bracket lies beyond the mean-square threshold with independent batches, as {prf:ref}`prop-order` demands; with $B=4$ it lies before $2/\lambda_{\max}$.

# %% tags=["hide-input"]
low, high = brackets(noisy)
claim("mnist-as-after-ms",
      "independent batches: upper end of the almost-sure bracket over the "
      "mean-square threshold, least value",
      (high * mean_square)[iid].min(), at_least=1.0, source="which implies which")
claim("mnist-as-beyond-mean",
      f"reshuffled epochs, $B={biggest}$ ({FEW} batches): part of the runs whose "
      "almost-sure "
      "bracket begins beyond "
      "$2/\\lambda_{\\max}$", (low * mean > 1)[large].mean(),
      at_least=0.75, source="two edges")
claim("mnist-as-before-mean",
      f"$B={least}$: part of the runs whose bracket ends before "
      "$2/\\lambda_{\\max}$",
      (high * mean < 1)[size == least].mean(), at_least=0.9)

# %% [markdown]
# ## Where the slack goes

# %% mystnb={"figure": {"name": "fig-mnist-slacks", "caption": "How the ceiling $1/\\eta-\\frac12$ is used up. Above, digits 3 and 5 with $B=16$, mean over the seeds that converged (five; two at 0.3); below, mean over the pairs of digits that converged (45; 27 at 0.3), one seed each."}, "image": {"alt": "Stacked bars for each step size. Blue, the stability norm, grows from less than ten per cent to four fifths for the digits 3 and 5, and to three fifths over all pairs. The orientation slack above it is about a quarter at small steps; it shrinks to nothing for 3 and 5 and to a sixth over all pairs. The slack of unbalanced neurons is a quarter to two fifths at small steps and a tenth at the largest. The slack for not being the constant vector is a thin strip, and the last one, short of the edge, is large at the smallest steps only."}}
plain = raw.where(status="converged")
pairs = studies["pairs"].where(status="converged")
cases = {pair: plain, "all pairs of digits": pairs}
draw.plot_slacks(cases)
plt.show()


# %% [markdown]
# Four slacks separate the stability norm from the ceiling in {numref}`fig-mnist-slacks`; three of them were named after {prf:ref}`thm-mv-bound`.
#
# - **(0)** The run stops short of the edge. Little at all but the smallest steps (with raw pixels and $B=16$; with $B=4$ it is half of the ceiling).
# - **(i)** The top eigenvector of the kernel is not the constant vector. At most {glue:text}`slack-vector` at every step size. One may think that this is because pixels are not negative, so that all gradients have a common part; the control says no: with centred pixels the mean gradient is as close to half the sharpness ({ref}`mnist-pixels`).
# - **(ii)** The neurons are not balanced: $\mathbb E[z^+]^2$ and $v^2Q^2$ differ, and AM–GM loses the difference. This is a matter of parametrisation.
# - **(iii)** The neurons face the expensive side of their hyperplanes.
#
# The last one explains why the norm is so far below the one-sided sum at small steps, and so close to it at large ones. {numref}`fig-mnist-neurons` takes it apart, neuron by neuron.

# %% mystnb={"figure": {"name": "fig-mnist-neurons", "caption": "The neurons of two networks of the first seed, at the smallest step and at the longest that converged, by the part of the images on which they fire, and their terms in the one-sided sum (each from its own side) and in the stability norm (from the cheaper one)."}, "image": {"alt": "Two panels. At the smallest step the neurons spread over the whole axis, and those that fire on more than half of the images have long vertical lines from their upper to their lower dot. At the large step nearly all neurons fire on less than a third of the images, where the two dots coincide."}}
def sides_of(net, images):
    """Of neurons that switch: where they fire, own weight, the cheaper side's."""
    a, u, t = net.neurons()
    own, other = (np.abs(a) * one_sided_weight(images, s * u, s * t)
                  for s in (1, -1))
    fires = net.pattern(images).mean(axis=0)
    cuts = (fires > 0) & (fires < 1)
    return fires[cuts], own[cuts], np.minimum(own, other)[cuts]


draw.plot_neurons({rf"$\eta={eta:g}$": sides_of(nets[eta], X)
                   for eta in (min(nets), max(nets))})
plt.show()

# %% tags=["hide-input"]
fires_on = {step: [] for step in both}
expensive = []
for (s, step), net in five.items():
    fires, own, cheap = sides_of(net, drawn[s].X)
    fires_on[step].append(np.median(fires))
    if step == both[0]:
        expensive.append((own - cheap)[fires > 0.5].sum() / (own - cheap).sum())
if task.dataset == "mnist":
    claim("mnist-orientation",
          "smallest step: part of slack (iii) that is due to neurons that fire on "
          f"more than half of the images, least of {spelled(protocol.seeds)} seeds",
          min(expensive), at_least=0.95)
    claim("mnist-turning",
          "median part of the images on which a neuron fires: smallest step, least "
          f"of {spelled(protocol.seeds)} seeds, over $\\eta={both[1]:g}$, largest",
          min(fires_on[both[0]]) / max(fires_on[both[1]]), at_least=2)
gap = {name: np.array([np.mean([1 - r[lower] / r[upper]
                                for r in plain.runs if r["step_size"] == eta])
                       for eta in np.unique(plain["step_size"])])
       for name,
       (lower, upper) in {"i": ("gradient_level", "sharpness_level"),
                          "iii": ("stability_norm", "one_sided")}.items()}
claim("mnist-slack-vector",
      f"{pair}, {with_16}: part of half the sharpness lost to slack (i), mean "
      "over the seeds, largest over "
      "the steps", gap["i"].max(), at_most=0.09)
glue("slack-vector", f"{100 * gap['i'].max():.0f} %", display=False)
claim("mnist-slack-sides",
      f"{pair}, {with_16}: part of the one-sided sum lost to slack (iii), mean "
      "over the seeds, longest step "
      "over smallest", gap["iii"][-1] / gap["iii"][0], at_most=0.05)

# %% [markdown]
# The weight $\tilde g$ is quadratic in the part of the data on which the neuron fires, so a neuron that fires on 90 % of the images can pay a hundred times what its hyperplane is worth seen from the other side. The function does not see this difference, the *parametrisation* does: it is in the mean gradient, hence in the sharpness. At the smallest step the median neuron fires
# on {glue:text}`fires-small` of the images (five seeds), at $\eta=0.2$ on {glue:text}`fires-large`. A guess at the reason: a long step presses on the sharpness, and turning a neuron round lowers the sharpness and leaves the function alone.

# %% tags=["remove-cell"]
glue("fires-small", span(fires_on[both[0]]), display=False)
glue("fires-large", span(fires_on[both[1]]), display=False)

# %% [markdown]
# (mnist-collapse)=
# ## Where training collapses, and how far a warm-up leads

# %% mystnb={"figure": {"name": "fig-mnist-statuses", "caption": "How many of the runs on the digits 3 and 5 converged, by batch size and step size."}, "image": {"alt": "A table of fractions. All runs converge up to step size 0.16. With B 4 two of five do at 0.2 and none beyond; with B 16 two of five do at 0.3, with full batches four of five, and with B 64 all of them."}}
draw.plot_statuses(studies["35"])
plt.show()

# %% [markdown]
# At long steps some runs have no result, and for $B=4$ in the end none has ({numref}`fig-mnist-statuses`): after {glue:text}`collapse-epochs` epochs every neuron is off, by {prf:ref}`cor-mnist-dead` for ever. Then only the output bias moves, and the loss is that of the best constant. These runs are recorded as *collapsed*; two blow up in their first epoch and are recorded as *diverged*. Of the four *unfinished* ones three have a single living neuron and the loss of a constant too; the fourth is with full batches. They are not minima, and nothing is claimed of them.
#
# Is it the bound that forbids those step sizes? The bound is about where one can stay, the collapse about how one gets there; so a *warm-up*, in which the step grows linearly over the first epochs, should find minima at steps at which plain SGD collapses. That it does is known ({cite:t}`kalra2024warmup`, {cite:t}`gilmer2022curvature`); the question is how far, and what it does to the norm.

# %% tags=["nbval-check-output"]
short = studies["warmup"].where(digits=[3, 5],
                                step_size=[0.1, 0.2, 0.25, 0.3, 0.35])
lengths = {0: [raw],
           100: [short, studies["warmup-length"].where(warmup=100)],
           **{w: [studies["warmup-length"].where(warmup=w)] for w in (300, 1000,
                                                                      3000)}}
long_steps = (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6)
print("converged, of five seeds; norm in % of the ceiling, least to largest")
print("step size    no warm-up     100 epochs     300 epochs    1000 epochs    "
      "3000 epochs")
found_at = {}
for eta in long_steps:
    row = f"{eta:9g}"
    for w, records in lengths.items():
        here = [run for record in records
                for run in record.runs if run["step_size"] == eta]
        good = [100 * run["stability_norm"] / run["ceiling"]
                for run in here if run["status"] == "converged"]
        found_at[w, eta] = len(good), len(here)
        cell = f"{len(good)}/{len(here)}" if here else "–"
        cell += f" {min(good):3.0f}–{max(good):.0f}" if good else ""
        row += f"{cell:>15s}"
    print(row)

# %% tags=["hide-input"]
ok = length  # runs with a warm-up that converged
gone = studies["35"].where(status="collapsed")["epochs"]
glue("collapse-epochs", span(gone, "{:.0f}", 1), display=False)
claim("mnist-warm-longer",
      "warm-up of 1000 epochs: part of five seeds that converge at $\\eta=0.45$, "
      "where 100 epochs do for none",
      found_at[1000, 0.45][0] / 5, at_least=0.8)
claim("mnist-warm-short",
      "warm-up of 100 epochs: seeds that converge at $\\eta=0.45$ or 0.5",
      found_at[100, 0.45][0] + found_at[100, 0.5][0],
      at_most=0)
claim("mnist-warm-end",
      "runs of all warm-ups, of 100 to 3000 epochs, that converge at $\\eta=0.6$",
      sum(found_at[w, 0.6][0] for w in (100, 300, 1000, 3000)),
      at_most=0)
claim("mnist-warm-tight",
      "with warm-up and $\\eta\\ge0.4$: stability norm over the ceiling, least "
      "value over the runs that converged",
      (ok["stability_norm"] / ok["ceiling"]).min(), at_least=0.75)
late = ok.where(step_size=[0.45, 0.5])
claim("mnist-warm-tightest", "and with $\\eta\\ge0.45$",
      (late["stability_norm"] / late["ceiling"]).min(), at_least=0.87)
glue("warm-late", span(late["stability_norm"] / late["ceiling"]), display=False)
warm = studies["warmup"].where(digits=[3, 5], status="converged")
cold = raw.where(status="converged")
share_of = {name: {(r["step_size"],
                    r["seed"]): 100 * r["stability_norm"] / r["ceiling"]
                   for r in record.runs}
            for name, record in (("cold", cold), ("warm", warm))}
paired = {eta: np.mean([share_of["warm"][key] - share_of["cold"][key]
                        for key in share_of["cold"].keys() & share_of["warm"].keys()
                        if key[0] == eta]) for eta in (0.1, 0.2, 0.25, 0.3)}
claim("mnist-warm-share",
      "equal steps, paired by seed: what a warm-up of 100 epochs adds to the "
      "norm's share of the ceiling, in points, "
      "largest size over four steps", max(map(abs, paired.values())), at_most=10)
for eta, value in paired.items():
    glue(f"paired-{eta:g}", f"{value:+.1f}".replace("-", "−"), display=False)
glue("warm-sharp", span(ok["lambda_max"] * ok["step_size"] / 2), display=False)
glue("warm-low", f"{100 * (ok['stability_norm'] / ok['ceiling']).min():.0f}",
     display=False)
glue("warm-high", f"{100 * (ok['stability_norm'] / ok['ceiling']).max():.0f} %",
     display=False)
glue("warm-dead", f"{np.median(ok['dead']):.0f}", display=False)
glue("warm-dead-most", f"{int(ok['dead'].max())}", display=False)
for w in (300, 1000, 3000):
    for eta in (0.45, 0.5):
        glue(f"warm-{w}-{eta:g}", f"{found_at[w, eta][0]} of {found_at[w, eta][1]}",
             display=False)

# %% [markdown]
# ```{admonition} Beyond the paper
# :class: beyond
#
# A warm-up leads far beyond the steps at which plain SGD collapses, and its *length* decides how far. With 100 epochs SGD converges up to $\eta=0.4$; with 1000 it converges at $0.45$ from {glue:text}`warm-1000-0.45` seeds and at $0.5$ from {glue:text}`warm-1000-0.5`; longer is not better (3000 epochs: {glue:text}`warm-3000-0.45` and {glue:text}`warm-3000-0.5`). At $0.6$ no length that we tried helps. There the bound on the *function* is nearly attained: the stability norm is {glue:text}`warm-low` to {glue:text}`warm-high` of $1/\eta-\frac12$ from $\eta=0.4$ on, {glue:text}`warm-late` at 0.45 and 0.5; in the median {glue:text}`warm-dead` of 200 neurons are dead (at most {glue:text}`warm-dead-most`).
# ```
#
# The large share is due to the long step, not to the warm-up as such. At *equal* steps, paired by seed, a warm-up of 100 epochs changes it by {glue:text}`paired-0.1`, {glue:text}`paired-0.2`, {glue:text}`paired-0.25` and {glue:text}`paired-0.3` points at $\eta=0.1$, $0.2$, $0.25$ and $0.3$ (two seeds at the last). The step sets the share; the warm-up lets training reach the steps at which it is large. The sharpness is at its edge there as at the shorter steps: {glue:text}`warm-sharp` of $2/\eta$.
#
# ## Does the conclusion survive?
#
# We vary what else the source leaves open: the digits ({numref}`fig-mnist-pairs`), then the initial scale, the number of images and the batch law ({numref}`fig-mnist-variants`). Pixels are raw throughout.

# %% mystnb={"figure": {"name": "fig-mnist-pairs", "caption": "All pairs of digits, $B=16$, one seed each. Each dot is one run (45 pairs, 27 of which converged at 0.3), lines join medians."}, "image": {"alt": "Three clouds of dots at four step sizes. The sharpness lies between 60 and 100 per cent of the ceiling, the one-sided sum between 40 and 90 and rising with the step, the stability norm between 10 and 80 and rising."}}
draw.plot_pairs(pairs)
plt.show()

# %% mystnb={"figure": {"name": "fig-mnist-variants", "caption": "Digits 3 and 5, $B=16$; bands from the least to the largest of the runs that converged, of three to five seeds."}, "image": {"alt": "Six panels with three curves each. In five of them the sharpness rises from between 50 and 65 per cent of the ceiling to 90 or more, with 128 images a little past 100 at the last step, the one-sided sum from between 20 and 30 to between 70 and 85, the stability norm from ten or less to between 58 and 80. From doubled weights the sharpness first falls, to one half at step size 0.04, and reaches 90 per cent at 0.16; the norm ends at 43."}}
variants = {
    "as above": plain,
    "independent batches": studies["sampling"].where(
        batch_size=recorded_with.batch_size),
    "weights halved": studies["scale"].where(scale=0.5),
    "weights doubled": studies["scale"].where(scale=2.0),
    "$n=128$": studies["size"].where(n=128),
    "$n=1024$": studies["size"].where(n=1024),
}
variants = {name: record.where(status="converged") for name,
            record in variants.items()}
draw.plot_variants(variants)
plt.show()

# %% tags=["nbval-check-output"]
variants["all pairs"] = pairs
print("in % of the ceiling          runs   sharpness   one-sided   norm (steps of "
      "0.1 to 0.25)")
for name, record in variants.items():
    at = record.where(step_size=lambda eta: 0.1 <= eta <= 0.25)
    low, middle, high = (100 * reduce(np.array([at[c] / at["ceiling"]
                                                for c in order[::-1]]), axis=1)
                         for reduce in (np.min, np.median, np.max))
    print(f"{name:26s}{len(at):7d}   " + "   ".join(f"{low[i]:3.0f} to "
                                                    f"{high[i]:3.0f}"
                                                    for i in (0, 2, 3)))

# %% tags=["hide-input"]
wide = done.where(step_size=lambda eta: eta >= recorded_with.noisy,
                  batch_size=recorded_with.batch_size)
edge = wide["sharpness_level"] / wide["ceiling"]
cluster = np.array([str((r["digits"], r["seed"], r["n"], r["scale"],
                         r["sampling"])) for r in wide.runs])
medians = np.array([np.median(edge[cluster == c]) for c in np.unique(cluster)])
by_pair = pairs.groups("digits")
fall = [g["stability_norm"][-1] / g["stability_norm"][0]
        for g in by_pair.values() if len(g) > 1]
claim("mnist-survives-edge",
      "raw pixels, $B=16$, all digits, scales, sizes and laws, $\\eta\\ge0.1$: "
      "half the sharpness over the "
      "ceiling, median of the runs of a start, least over all starts",
      medians.min(), at_least=0.8)
claim("mnist-survives-median",
      "raw pixels, $B=16$, all digits, scales, sizes and laws, $\\eta\\ge0.1$: "
      "half the sharpness over the ceiling, median of the runs of a start, median "
      "over the starts",
      np.median(medians), at_least=0.85)
glue("survive-starts", str(len(medians)), display=False)
glue("survive-median", f"{100 * np.median(medians):.0f} %", display=False)
claim("mnist-survives-falls",
      "part of the pairs of digits on which the largest step that converges has a "
      "smaller norm than the "
      "smallest", np.mean(np.array(fall) < 1), at_least=1.0)


# %% [markdown]
# Over {glue:text}`survive-starts` starts, half the sharpness is {glue:text}`survive-median` of the ceiling in the median at the steps from 0.1 on; the norm lies below by a factor that shrinks as the step grows; and no norm is above. What varies is where the long steps begin: from doubled weights the sharpness reaches the edge last, after most of the neurons have died, and fewer runs converge. All this is with raw pixels: centring them changes more than everything else that we varied ({ref}`mnist-pixels`).
#
# ## What the step size buys

# %%
def gains(record, most):
    """Whether the longest step up to ``most`` beats the shortest: loss, accuracy."""
    keys = [key for key in ("digits", "batch_size", "sampling",
                            "seed") if key in record.columns]
    better, draws = [], []
    for group in record.groups(*keys).values():
        seen = {r["step_size"]: r for r in group.runs}
        long = [e for e in seen if 0.1 <= e <= most]
        short = [e for e in seen if e <= 0.05]
        if long and short:
            a, b = seen[max(long)], seen[min(short)]
            right = a["val_accuracy"] > b["val_accuracy"]
            better.append((a["val_loss"] < b["val_loss"], right))
            draws.append(str((a["digits"], a["seed"])))
    return np.array(better), np.array(draws)


# %% mystnb={"figure": {"name": "fig-mnist-validation", "caption": "Validation error and loss of the networks that converged on the digits 3 and 5 (8000 images); mean over the seeds and band between the extremes."}, "image": {"alt": "Error and loss fall with the step size for every batch size, the loss by about a fifth. At the longest steps both turn up again, except for full batches."}}
draw.plot_validation(studies["35"].where(status="converged"))
plt.show()

# %% tags=["hide-input"]
plainly = every.where(status="converged", n=recorded_with.samples, scale=1.0,
                      warmup=None)
LONG, ANY = 0.2, 9.0  # the longest step that is compared
won, series = {}, {}
for most in (LONG, ANY):
    won[most], series[most] = gains(plainly, most)
of_draw = np.array([won[LONG][series[LONG] == d, 1].mean()
                    for d in {*series[LONG]}])
claim("mnist-validation",
      "series of runs (digits, batch size, law, seed) in which the validation loss "
      f"at the longest step up to {LONG:g} is "
      "below that at the shortest: part", won[LONG][:, 0].mean(), at_least=0.95)
claim("mnist-validation-accuracy",
      "and in which the validation accuracy is better: part", won[LONG][:, 1].mean(),
      at_least=0.7, at_most=0.9)
for name, value in (("loss", won[LONG][:, 0]), ("accuracy", won[LONG][:, 1]),
                    ("longest", won[ANY][:, 0])):
    glue(f"better-{name}", f"{100 * value.mean():.0f} %", display=False)
glue("better-count", str(len(won[LONG])), display=False)
glue("better-starts", str(len(of_draw)), display=False)
glue("better-draws", str(int((of_draw > 0.5).sum())), display=False)

# %% [markdown]
# The longer step, up to 0.2, has the smaller validation *loss* in {glue:text}`better-loss` of {glue:text}`better-count` series, the better *accuracy* in {glue:text}`better-accuracy`; the longest step at which a series converges has the smaller loss in {glue:text}`better-longest` ({numref}`fig-mnist-validation` shows the digits 3 and 5). The series come from {glue:text}`better-starts` draws of digits and seed, most pairs of digits with one seed; in {glue:text}`better-draws` of them the accuracy is better in most of a draw's series. Longer steps have smaller norms *and* better validation, and an experiment that varies one number cannot tell cause from company.
#
# ## Summary
#
# 1. In all runs that converged the stability norm lies below $1/\eta-\frac12$. With raw pixels the sharpness follows $2/\eta$ except at the smallest steps (with $B=4$ it stays at about half of it); with centred pixels it does not come to $2/\eta$, but the mean-square quantity comes close.
# 2. Single runs of SGD obey almost-sure stability, and pushed networks leave where it says, at about the rate that it says. With independent batches they also keep to $2/\eta$; with reshuffled epochs they do so when an epoch has many batches, and not when it has eight large ones: reshuffling moves the edge up, small batches move it down.
# 3. Gradient descent hovers at $2/\eta$: one network is a snapshot of an oscillation, and its linearisation, with the pattern frozen, expands where the run does not.
# 4. The norm is far below the one-sided sum because neurons face the expensive side of their hyperplanes; at long steps they do not.
# 5. Plain SGD collapses at step sizes that the bound allows. A warm-up, long enough, reaches longer steps, and there the bound on the function is nearly attained.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise-start} Both edges, exactly
# :label: ex-mnist-edges
# ```
# Let $h=\lambda(1\pm s)$ with equal probability. Compute $\eta_{\mathrm{as}}$ and $\eta_{\mathrm{ms}}$ in closed form for $s<\frac12$, and compare with {prf:ref}`prop-mnist-edges`.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mnist-edges
# :label: sol-mnist-edges
# :class: dropdown
# ```
# With $x=\eta\lambda$, $\Lambda=\frac12\log\bigl|(1-x(1+s))(1-x(1-s))\bigr|=\frac12\log|(1-x)^2-x^2s^2|$. It vanishes where $(1-x)^2-x^2s^2=\pm1$. The plus sign gives $x=2/(1-s^2)$. The minus sign gives $x^2(1-s^2)-2x+2=0$, with discriminant $4-8(1-s^2)<0$ for $s^2<\frac12$: no solution. So $\eta_{\mathrm{as}}=\frac2\lambda\frac1{1-s^2}$, against $\eta_{\mathrm{ms}}=\frac2\lambda\frac1{1+s^2}$: mirror images in the sign of $s^2$, and $1/(1-s^2)=1+s^2+O(s^4)$.

# %%
s = 0.1
def exponent(x):
    return np.log(np.abs((1 - x) ** 2 - (x * s) ** 2)) / 2

claim("mnist-ex-edges",
      "curvatures $\\lambda(1\\pm s)$: exponent at the closed form $2/(1-s^2)$",
      exponent(2 / (1 - s**2)), equals=0.0, tol=1e-12)
claim("mnist-ex-edges-sign",
      "curvatures $\\lambda(1\\pm s)$: the exponent changes its sign at $2/(1-s^2)$",
      exponent(1.999 / (1 - s**2)) < 0 < exponent(2.001 / (1 - s**2)))

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} What surviving proves
# :label: ex-mnist-survive
# ```
# A run of $T$ steps stays near a fixed minimum, and its error $\delta$ on the sample obeys $\|\delta_T\|\ge\frac1{10}e^{\Lambda T}\|\delta_0\|$. The loss stays below $10^{-8}$ for 2000 epochs and is at least $10^{-14}$ at their beginning. Bound $\Lambda$. For which batch sizes does this exclude positive exponents as large as those that we found for full batches?
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mnist-survive
# :label: sol-mnist-survive
# :class: dropdown
# ```
# The error is proportional to the square root of the loss, so it grows at most by $\sqrt{10^{-8}/10^{-14}}=10^3$. So $e^{\Lambda T}\le10^4$ and $\Lambda\le4\ln10/T$ with $T=2000\lceil n/B\rceil$.

# %% tags=["nbval-check-output"]
whole_batch = recorded_with.samples
limits = {b: survival / -(-whole_batch // b)
          for b in (*recorded_with.batch_sizes, whole_batch)}
print("  ".join(f"B={b}: {1e3 * limit:.3f}e-3" for b, limit in limits.items()))
grown = rate["frozen"][flicker["edge_most"] > 1]
claim("mnist-ex-survive",
      "growth with the pattern frozen, median over the full-batch runs at the "
      f"edge, over what survival excludes for {with_16}",
      np.median(grown) / limits[recorded_with.batch_size], at_least=1.0)
claim("mnist-ex-survive-gd",
      "part of the full-batch runs at the edge in which the growth with the pattern "
      "frozen exceeds what survival excludes for $B=n$",
      np.mean(grown > limits[whole_batch]), at_least=0.75)

# %% [markdown]
# For the smaller batches survival excludes such rates by far; for full batches it excludes most of those that a frozen pattern would have. That these runs survived shows that the premise, a linearised run with one fixed pattern, does not hold there: see {ref}`what such runs feel <mnist-flicker>`.
#
# ```{solution-end}
# ```
#
# ```{exercise-start} The norm does not forbid long steps
# :label: ex-mnist-affine
# ```
# Show that images $x_1,\dots,x_m$ that are affinely independent can be fitted with stability norm zero, whatever the labels. So {eq}`eq-mnist-chain` never forbids a step size below 2 on such a sample. How many of our images are affinely independent? Build the network for the first quarter of them, and compute for which step sizes *it* is stable.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mnist-affine
# :label: sol-mnist-affine
# :class: dropdown
# ```
# There is an affine function with the given values. It is one neuron that is on everywhere, with a correction of the output bias; its hyperplane has no image on one side and $g=0$. Its sharpness is another matter: the bound is necessary, and by far not sufficient. (The images may be dependent; the least-squares solution then leaves a residual, and the claim shows that here it does not.)

# %%
m = min(n // 4, X.shape[1] // 2)  # the rank of (x, 1) is printed in the text
few, labels = X[:m], y[:m]
slope, constant = np.split(np.linalg.lstsq(np.column_stack([few, np.ones(m)]),
                                           labels)[0], [-1])
shift = 1 + np.abs(few @ slope).max()
affine = ShallowReLU([slope], [shift], [1.0], constant[0] - shift).balanced(few)
claim("mnist-ex-affine",
      "largest residual of the affine interpolant plus its stability norm",
      np.abs(affine(few) - labels).max() + stability_norm(affine, few),
      at_most=1e-8)
claim("mnist-ex-affine-step",
      "largest step size at which the affine interpolant is stable for gradient "
      "descent",
      2 / sharpness(affine, few), at_most=1.0)

# %% [markdown]
# ```{solution-end}
# ```
#
# (mnist-known)=
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | The chain {eq}`eq-mnist-chain`, and that trained networks obey it | {cite:t}`nacson2023implicit` (theorem and experiment) | all links, measured on over seven hundred networks; which choices decide how much is used up, pixels above all; what the bound does not forbid |
# | The mean-square threshold of SGD; $\lambda_{\max}$ of trained networks against it | {cite:t}`mulayoff2024exact` | its exact value at $n=512$, from the $n\times n$ form, for every run |
# | Gradient descent hovers at $2/\eta$ | {cite:t}`cohen2021gradient`; that linearised dynamics may mislead there, {cite:t}`mulayoff2026nonlinear` (abstract read) | all full-batch runs step by step, and the frozen-pattern control |
# | Mini-batch SGD has $\lambda_{\max}$ below $2/\eta$, lower for smaller batches; batch sharpness is what stabilises | {cite:t}`andreyev2024edge` (abstract read) | both beside the mean-square and the almost-sure edge, at the end of training; a table by batches an epoch, and a control that tells the law of the batches from their noise |
# | Lyapunov exponents decide what SGD can find | {cite:t}`ziyin2023probabilistic`, {cite:t}`chemnitz2024characterizing` (abstracts read) | brackets of the edge for every run, and the push test; {prf:ref}`prop-mnist-edges` in this form |
# | A warm-up tolerates longer steps | {cite:t}`kalra2024warmup`, {cite:t}`gilmer2022curvature` (abstracts read) | its length against the step, and what it does to the norm at equal steps |
#
# We looked for earlier measurements of the effect of centring on the edge of stability in stored web pages and found none; that does not prove that there are none.
#
# ## Notes and references
#
# The experiment is that of {cite:t}`nacson2023implicit`, as far as its settings are public; the data are from {cite:t}`lecun1998gradient`.
#
# *Read with care.* The exponents are finite-time estimates, with standard errors from batch means, on the linearisation at the last network. A bracket is where we resolved the change of sign, no more. Batch sharpness is computed with the Gauss–Newton part of the Hessian only. All networks have one hidden layer of 200 neurons, all labels are $\pm1$. Runs that share a start are not independent, and most pairs of digits have one seed.
