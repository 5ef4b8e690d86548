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
# (norm-optimisers)=
# # What optimisers find
#
# ```{twenty-minutes} four-optimisers fig-norm-tents thirty-one-dimensions
# ```
#
# Weight decay *looks for* the minimum-norm interpolant ({ref}`minimum-norm`). What do the optimisers that people use find, with decay and without? We train on the bump, whose exact regularised minimiser is known, vary the start, collect three traps, and end in the setting of the one figure that we know of the paper.
#
# After this page you can
#
# - say which optimisers find the regularised minimiser, and how long that takes;
# - tell what weight decay does from what training does by itself;
# - give the right parameters the right decay.
#
# **You need:** {ref}`minimum-norm`, with the edge law.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Markdown
from myst_nb import glue

from stableminima import path_norm
from stableminima.book.claims import claim
from stableminima.book.figures import minimum_norm as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds import weight_decay_value
from stableminima.datasets import bump_sample
from stableminima.experiments import load_record
from stableminima.functions import (
    fitted_scale, radial_bump, radial_lasso, radial_profile)
from stableminima.networks import xavier_network
from stableminima.training import train_decayed

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# The exact minimisers are those of {ref}`norm-edge`, for radii uniform on $[1,2]$ and half of the weight at the origin. A network is read by its mean over 200 directions, to which we fit $\alpha f^*_d(\gamma r)$.

# %% tags=["nbval-check-output"]
nodes, gauss = np.polynomial.legendre.leggauss(120)
q, gauss = (nodes + 1) / 2, gauss / 2
radii, shares = np.append(0, 1 + q**2), np.append(0.5, gauss * q)
labels = np.eye(len(radii))[0]
fine, grid = np.linspace(0, 2, 101), np.linspace(0, 2, 301)
bump3 = radial_bump(3)

def exact_fit(d, lam):
    return radial_lasso(d, radii, labels, shares, lam, grid)

for lam in (1e-4, 1e-3):
    fit = exact_fit(3, lam)
    print(f"d = 3, decay {lam:g}: norm {fit.norm:.2f},",
          f"scale {fitted_scale(bump3, fine, fit.profile(fine)).scale:.3f}")


# %% [markdown]
# ## Four optimisers
#
# Which of gradient descent, SGD, momentum and Adam find the bump, its scale and its norm? With decay theory says: the exact regularised bump, once training is long against $1/(\eta\lambda)$. Without, theory is silent. We train in $d=3$ with {glue:text}`space-samples` points outside, {glue:text}`space-width` neurons, Xavier's start and {glue:text}`space-steps` steps, rates falling over the last 40 %; {glue:text}`space-decays` values of $\lambda$, and {glue:text}`space-draws` draws of sample and start.

# %%
class Space(NamedTuple):
    samples: int = 200
    many: int = 5000  # samples, for comparison
    width: int = 100
    steps: int = 8000
    decays: tuple = (0.0, 1e-4, 1e-3)
    draws: int = 3
    batch_size: int = 64


SPACE = Space()
LAMS3, STRONG = SPACE.decays, SPACE.decays[-1]
sgd = f"SGD, batch {SPACE.batch_size}"
OPTIMISERS = {
    "GD": {"step_size": 0.4},
    sgd: {"step_size": 0.4, "batch_size": SPACE.batch_size},
    "momentum": {"step_size": 0.05, "optimizer": "momentum"},
    "Adam": {"step_size": 5e-3, "optimizer": "adam"},
    "AdamW": {"step_size": 5e-3, "optimizer": "adamw"}}

def train_bump(n, draw_number, lams, how):
    X, y, share = bump_sample(3, n, draw_number)
    start = [xavier_network(3, SPACE.width, draw_number)] * len(lams)
    return train_decayed(start, X, y, weight_decay=lams, steps=SPACE.steps,
                         sample_weight=share, seed=draw_number, **how)

found = {name: [train_bump(SPACE.samples, SEED + j, LAMS3, how)
                for j in range(SPACE.draws)] for name, how in OPTIMISERS.items()}
means = {name: [[radial_profile(net, fine)[0] for net in nets] for nets in rows]
         for name, rows in found.items()}

# %% mystnb={"figure": {"name": "fig-norm-profiles", "caption": "What each optimiser finds in three dimensions, in the first of three draws, with the exact minimiser for the same $\\lambda$ and the minimum-norm bump."}, "image": {"alt": "Three panels of curves that fall from one to zero with distance. The trained curves reach farther out than the dotted minimum-norm bump. With decay all but AdamW follow the dashed exact minimiser, which is wider for the larger decay; AdamW stays close to its curve without decay."}}
exact3 = {lam: exact_fit(3, lam) for lam in LAMS3[1:]}
draw.plot_profiles(
    fine,
    {lam: {name: means[name][0][k] for name in found}
     for k, lam in enumerate(LAMS3)},
    {lam: (fine, fit.profile(fine)) for lam, fit in exact3.items()},
    bump3.profile(fine))
plt.show()


# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
def array_of(measure):
    """A number for each draw and λ, by optimiser."""
    return {name: np.array([[measure(net) for net in nets] for nets in rows])
            for name, rows in found.items()}

path, value = array_of(path_norm), array_of(weight_decay_value)
fitted = {name: np.array([[(fit.scale, fit.error) for fit in
                           (fitted_scale(bump3, fine, mean) for mean in row)]
                          for row in rows]) for name, rows in means.items()}
scale3 = {name: fit[..., 0] for name, fit in fitted.items()}
ideal = {lam: fitted_scale(bump3, fine, fit.profile(fine)).scale
         for lam, fit in exact3.items()}

def entry(*numbers):
    return "{:.2f} / {:.1f} / {:.1f}".format(*numbers)

parts = (scale3, path, value)
rows = {name: [entry(*(np.median(part[name][:, k]) for part in parts))
               for k in range(len(LAMS3))] for name in found}
rows["*exact*"] = [entry(1, 16, 16), *(entry(ideal[lam], fit.norm, fit.norm)
                                       for lam, fit in exact3.items())]
Markdown(draw.table(
    ["$\\gamma$ / path norm / decay value, medians",
     *(draw.decay_label(lam) for lam in LAMS3)], rows))

# %%
coupled = [name for name in found if name != "AdamW"]
with_many = np.array([
    path_norm(train_bump(SPACE.many, SEED + j, [STRONG], OPTIMISERS[sgd])[0])
    for j in range(SPACE.draws)])
strong = np.array([path[name][:, -1] for name in coupled])
X3, y3, share3 = bump_sample(3, SPACE.samples, SEED)
three = f"{spelled(SPACE.draws)} draws"
for name in ("samples", "many", "width", "steps", "draws"):
    glue(f"space-{name}", spelled(getattr(SPACE, name)), display=False)
glue("space-decays", spelled(len(LAMS3)), display=False)
errors = found[sgd][0][0](X3) - y3
glue("path-exact", f"{exact3[STRONG].norm:.1f}", display=False)
glue("path-many", f"{np.median(with_many):.1f}", display=False)
glue("path-low", f"{strong.min():.1f}", display=False)
glue("path-high", f"{strong.max():.1f}", display=False)
glue("tip-error", draw.scientific(abs(errors[0])), display=False)
glue("rest-loss", draw.scientific(share3 @ errors**2 / 2), display=False)
for name, key in (("Adam", "adam"), ("AdamW", "adamw")):
    for k, tag in ((0, "none"), (-1, "large")):
        middle = np.median(path[name][:, k])
        glue(f"path-{key}-{tag}", f"{middle:.1f}", display=False)
unbalanced = {name: (value[name] / path[name])[:, 0] for name in coupled}
kept = {name: path[name][:, -1] / path[name][:, 0] for name in ("AdamW", "Adam")}
strongly = "at " + draw.decay_label(STRONG)
glue("strong", draw.scientific(STRONG), display=False)
claim("norm-optimisers-scale", f"GD, SGD, momentum and Adam {strongly}, {three}: largest relative difference of the scale from the exact one",
      max(np.abs(scale3[name][:, -1] / ideal[STRONG] - 1).max()
          for name in coupled),
      at_most=0.1, source="experiment")
claim("norm-optimisers-shape", f"{spelled(len(found))} optimisers at $\\lambda=0$: median over {three} of the rms distance from a rescaled $f^*_3$ of height 1, the largest",
      max(np.median(fit[:, 0, 1]) for fit in fitted.values()), at_most=0.05,
      source="experiment")
claim("norm-optimisers-balance", f"decay value over path norm at $\\lambda=0$: Adam's less the largest of gradient descent, SGD and momentum, the least of {three}",
      (unbalanced["Adam"] - np.max([unbalanced[name] for name in coupled[:-1]],
                                   axis=0)).min(),
      at_least=0.0, source="experiment")
claim("norm-optimisers-adamw", f"path norm {strongly} over that at $\\lambda=0$: AdamW's least less Adam's largest, {three}",
      kept["AdamW"].min() - kept["Adam"].max(),
      at_least=0.2, source="experiment")
claim("norm-optimisers-samples", f"path norm {strongly} over the exact one: SGD on {SPACE.many} samples less SGD on {SPACE.samples}, the least of {three}",
      ((with_many - path[sgd][:, -1]) / exact3[STRONG].norm).min(), at_least=0.0,
      source="experiment")


# %% [markdown]
# At λ = {glue:text}`strong` gradient descent, SGD, momentum and Adam have the scale of the exact minimiser to a tenth ({numref}`fig-norm-profiles`). Their path norms, {glue:text}`path-low` to {glue:text}`path-high`, stay below its {glue:text}`path-exact`: {glue:text}`space-samples` samples ask less of a network than all radii do, and with {glue:text}`space-many` samples SGD reaches {glue:text}`path-many`. Without decay all four make a rescaled bump *by themselves*, Adam the dearest (a median of {glue:text}`path-adam-none`) and the least balanced, the others far below the 16 of the minimum-norm interpolant: the samples do not ask for it. The tip is fitted (SGD's error there is {glue:text}`tip-error` in the first draw), and the stretched edge costs a loss of {glue:text}`rest-loss`, which {glue:text}`space-steps` steps do not remove.
#
# ### Initialisation
#
# On the line everything is cheap, so we vary the size of the start: Xavier's with spread kinks, times {glue:text}`line-sizes`, {glue:text}`line-starts` starts each. The step of gradient descent is divided by half of the square of the size, if that is above 1, since the sharpness grows with the square.

# %%
class Line(NamedTuple):
    sizes: tuple = (1, 3, 6)  # of the start
    decay: float = 1e-3
    starts: int = 3
    width: int = 100
    outer: int = 10  # samples on each side
    patience: int = 10  # times as many steps


LINE = Line()
SIZES1, LAMS1, STARTS1 = LINE.sizes, (0.0, LINE.decay), LINE.starts
METHODS = {"GD": ("sgd", 0.2, 12_000), "momentum": ("momentum", 0.02, 12_000),
           "Adam": ("adam", 2e-3, 20_000)}
outer = np.linspace(1, 2, LINE.outer)
xt = np.concatenate([[0], outer, -outer])
yt = np.eye(len(xt))[0]
share_t = np.append(0.5, np.full(len(xt) - 1, 0.5 / (len(xt) - 1)))
settings = [(lam, size) for lam in LAMS1 for size in SIZES1 for _ in range(STARTS1)]
begin = [xavier_network(1, LINE.width, SEED + k % STARTS1, size, 2.0)
         for k, (_, size) in enumerate(settings)]
tents = {}
for name, (optimizer, eta, steps) in METHODS.items():
    etas = [eta if name == "Adam" else eta / max(1, size**2 / 2)
            for _, size in settings]
    nets = train_decayed(begin, xt, yt, etas, [lam for lam, _ in settings],
                         steps=steps, optimizer=optimizer, sample_weight=share_t)
    for setting, net in zip(settings, nets, strict=True):
        tents.setdefault((name, *setting), []).append(net)
exact_tent = radial_lasso(1, np.abs(xt), yt, share_t, LINE.decay, grid)

optimizer, eta, steps = METHODS["GD"]
slow = eta / max(1, SIZES1[-1] ** 2 / 2)
patient = train_decayed(begin[-STARTS1:], xt, yt, slow, LINE.decay,
                        steps=LINE.patience * steps, optimizer=optimizer,
                        sample_weight=share_t)

# %% mystnb={"figure": {"name": "fig-norm-tents", "caption": "The tent learnt by Adam from three sizes of the start (the first of three starts), without decay and with $\\lambda=10^{-3}$."}, "image": {"alt": "Left, without decay, the function from the smallest start is close to the tent, the others overshoot and wiggle between the samples. Right, with decay, all three lie on one dashed curve, a tent with slightly wider base."}}
line = np.linspace(-2, 2, 801)
titles = {draw.decay_label(lam): lam for lam in LAMS1}
draw.plot_tents(
    {title: {f"start × {size}": tents["Adam", lam, size][0] for size in SIZES1}
     for title, lam in titles.items()},
    {title: (line, tent.profile(np.abs(line)))
     for title, tent in zip(titles, (radial_bump(1), exact_tent), strict=True)})
plt.show()

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
cost = {key: np.array([path_norm(net) for net in nets])
        for key, nets in tents.items()}
keys = [(lam, size) for lam in LAMS1 for size in SIZES1]
rows = {name: [f"{np.median(cost[name, *key]):.2f}" for key in keys]
        for name in METHODS}
rows["*exact*"] = ["4.00"] * len(SIZES1) + [f"{exact_tent.norm:.2f}"] * len(SIZES1)
heads = [f"{title}, × {size}" for title in titles for size in SIZES1]
Markdown(draw.table(["path norm, median", *heads], rows))

# %%
small, big = SIZES1[0], SIZES1[-1]
fold, each = f"{spelled(big)}fold", spelled(STARTS1)
glue("line-sizes", ", ".join(map(spelled, SIZES1[:-1])) + f" and {spelled(big)}",
     display=False)
glue("line-starts", each, display=False)
glue("line-patience", spelled(LINE.patience), display=False)
ratio = cost["GD", 0.0, big] / cost["GD", 0.0, small]
waited = np.array([path_norm(net) for net in patient])
glue("tent-early", f"{np.median(cost['GD', LINE.decay, big]):.0f}", display=False)
glue("tent-waited", f"{np.median(waited):.0f}", display=False)
glue("tent-clock", f"{slow * LINE.decay * steps:.2f}", display=False)
glue("tent-ratio", f"{np.median(ratio):.0f}", display=False)
glue("tent-exact", f"{exact_tent.norm:.2f}", display=False)
claim("norm-tent-adam", f"the tent, path norm of Adam with decay: largest difference from the exact minimiser over {spelled(STARTS1 * len(SIZES1))} starts of {spelled(len(SIZES1))} sizes",
      max(np.abs(cost["Adam", LINE.decay, size] - exact_tent.norm).max()
          for size in SIZES1),
      at_most=0.01, source="experiment")
claim("norm-tent-start", f"the tent, path norm without decay, gradient descent: {fold} start over small start, the least of {each}",
      ratio.min(), at_least=5, source="experiment")
claim("norm-tent-slow", f"the tent, path norm with decay from the {fold} start, gradient descent: the least of {each} over the exact one (not there yet)",
      cost["GD", LINE.decay, big].min() / exact_tent.norm, at_least=2,
      source="experiment")
claim("norm-tent-patient", f"control: the same after {spelled(LINE.patience)} times as many steps, path norm over that before, the largest of {each}",
      (waited / cost["GD", LINE.decay, big]).max(), at_most=0.5, source="experiment")


# %% [markdown]
# Without decay, the start decides: a small one leads near the tent, from a large one every optimiser ends far away, gradient descent at {glue:text}`tent-ratio` times the price of the small start. With decay the goal is one and the same, {glue:text}`tent-exact`, but only Adam has arrived from everywhere. In gradient descent decay moves weights by a factor $e^{-\eta\lambda}$ a step, and with the small step that a large start needs $\eta\lambda$ times the number of steps is {glue:text}`tent-clock`. Time is what is missing: after {glue:text}`line-patience` times as many steps its path norm is down from {glue:text}`tent-early` to {glue:text}`tent-waited` (medians).
#
# (norm-traps)=
# ### Three traps
#
# **Biases.** PyTorch's `weight_decay` applies to every parameter it is given. {numref}`fig-norm-preferences` showed the consequence: another penalty, another interpolant. `train_decayed` makes PyTorch's updates; its tests compare them with `torch.optim` number by number. To leave biases free in PyTorch, give the optimiser two parameter groups.
#
# **Decoupling.** Adam divides the gradient of loss *and penalty* by its running size. AdamW takes the penalty out and multiplies weights by $1-\eta\lambda$; relative to Adam's steps, which are of size $\eta$ whatever the gradient, a λ of {glue:text}`strong` is then nothing: its fixed points balance $\lambda\theta$ against a *normalised* gradient, not the gradient. In the table its path norm goes from {glue:text}`path-adamw-none` without to {glue:text}`path-adamw-large` with decay, where Adam's goes from {glue:text}`path-adam-none` to {glue:text}`path-adam-large`. {prf:ref}`thm-norm-convergence` is about the coupled penalty.
#
# **One half.** `MSELoss` lacks the ½ of our loss, which halves the $\lambda$ that one thinks one has ({ref}`exercise <ex-norm-mse>`).
#
# ## Thirty-one dimensions
#
# Finally the setting of the reported figure, as far as we know it (a summary has a factor $1/3.5$, or $1/3.8$ with a decay of $10^{-5}$): $d=31$, $10^4$ samples, Xavier's start, three optimisers. Radii, width (300), batches (128), rates and 30 000 steps are ours, and two seeds; a recorded study, which `python -m stableminima reproduce bump-31` repeats.

# %% mystnb={"markdown_format": "myst"}
class Recorded(NamedTuple):  # what the study varies
    dim: int = 31
    decay: float = 1e-5
    optimisers: tuple = ("sgd", "momentum", "adam")
    seeds: int = 2


RECORDED = Recorded()
record, REPORTED = load_record("bump-31"), RECORDED.decay
NAMES31, DECAYS31 = RECORDED.optimisers, (0.0, REPORTED)
picked = {(name, lam): record.where(optimizer=name, decay=lam)
          for name in NAMES31 for lam in DECAYS31}
columns = {"stretch $1/\\gamma$": ("scale", -1, 2),
           "path norm": ("path_norm", 1, 0),
           "decay value": ("weight_decay", 1, 0)}
rows = {title: [" / ".join(f"{x:.{digits}f}" for x in part[column] ** power)
                for part in picked.values()]
        for title, (column, power, digits) in columns.items()}
titles31 = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam"}
Markdown(draw.table([f"{spelled(RECORDED.seeds)} seeds", *(
    f"{titles31[name]}{tail}" for name in NAMES31
    for tail in ("", ", " + draw.decay_label(REPORTED)))], rows))

# %%
exact31 = exact_fit(RECORDED.dim, REPORTED).profile(fine)
stretch31 = 1 / fitted_scale(radial_bump(RECORDED.dim), fine, exact31).scale
where = f"{RECORDED.dim} dimensions"
glue("factor-31", f"{stretch31:.1f}", display=False)
stretch = {lam: np.concatenate([1 / picked[name, lam]["scale"] for name in NAMES31])
           for lam in DECAYS31}
for lam, tag in zip(DECAYS31, ("none", "decay"), strict=True):
    glue(f"factor-{tag}-low", f"{stretch[lam].min():.1f}", display=False)
    glue(f"factor-{tag}-high", f"{stretch[lam].max():.1f}", display=False)
ratio = np.divide(*(picked[name, 0.0]["weight_decay"].mean()
                    for name in ("adam", "momentum")))
one = picked["sgd", REPORTED]
clock = 0.8 * one["steps"][0] * REPORTED * one["step_size"][0]  # the rate falls
glue("clock-31", f"{clock:.1f}", display=False)
every = np.concatenate(list(stretch.values()))
glue("factor-all-low", f"{every.min():.1f}", display=False)
glue("factor-all-high", f"{every.max():.1f}", display=False)
glue("adam-ratio", f"{ratio:.1f}", display=False)
claim("norm-31-decay", f"{where}, {draw.decay_label(REPORTED)}: largest difference of a trained $1/\\gamma$ from the exact one, {spelled(len(NAMES31))} optimisers, {spelled(RECORDED.seeds)} seeds",
      np.abs(stretch[REPORTED] - stretch31).max(), at_most=0.8,
      source="recorded study")
claim("norm-31-pairs", f"{where}: $1/\\gamma$ with decay minus without, smallest of {spelled(len(NAMES31) * RECORDED.seeds)} pairs",
      (stretch[REPORTED] - stretch[0.0]).min(), at_least=0.0,
      source="recorded study")
claim("norm-31-adam", f"{where}: decay value of Adam's network over that of momentum's, $\\lambda=0$",
      ratio, at_least=1.8, source="recorded study")

# %% [markdown]
# With decay the factors lie between {glue:text}`factor-decay-low` and {glue:text}`factor-decay-high`, without between {glue:text}`factor-none-low` and {glue:text}`factor-none-high`; the exact minimiser for $\lambda=10^{-5}$ and our radii has {glue:text}`factor-31`, the reported numbers are 3.8 and 3.5. The two may agree by luck: with another law of the data {ref}`the exact factor would be almost twice as large <norm-edge>`. All are far from 1, but these runs do not confirm the exact minimiser: $\lambda\sum\eta$ is only {glue:text}`clock-31` for SGD and similar for momentum, so decay has hardly acted; nearly all of the stretch is there without it, and the decayed runs lie *beyond* the exact factor. Training alone makes a stretch of the same size, and nothing in this chapter predicts that. The decay value of Adam's network is {glue:text}`adam-ratio` times that of momentum's, where the summary says about ten times the others; settings that we do not know may explain it.
#
# ## Summary
#
# - With coupled decay gradient descent, SGD, momentum and Adam find the scale of the exact regularised minimiser, once $\eta\lambda$ times the number of steps is large; AdamW's decay is another thing.
# - Without decay all of them make a stretched bump by training alone; on the line the size of the start decides what it costs.
# - In 31 dimensions our networks are stretched somewhat more than the reported ones ({glue:text}`factor-all-low` to {glue:text}`factor-all-high` against 3.5 and 3.8), with or without decay. What decides the scale without decay is open.
#
# ## Exercises
#
# ```{exercise} A conservation law
# :label: ex-norm-balance
#
# Show that gradient flow without decay conserves $v_i^2-\|w_i\|^2-b_i^2$ for every neuron, and that with decay $\lambda$ on the weights the difference $v_i^2-\|w_i\|^2$ of a bias-free network decays like $e^{-2\lambda t}$. After how many steps of size $\eta$ is a network balanced? Why may Adam end unbalanced?
# ```
#
# ```{solution} ex-norm-balance
# :class: dropdown
# :label: sol-norm-balance
#
# $L$ depends on neuron $i$ through $v_i\sigma(w_i\cdot x+b_i)$, which is homogeneous of degree one in $(w_i,b_i)$ and in $v_i$: $v_i\partial_{v_i}L=w_i\cdot\partial_{w_i}L+b_i\partial_{b_i}L$ (Euler's identity for both). Under $\dot\theta=-\nabla L$, $\frac d{dt}\frac12(v_i^2-\|w_i\|^2-b_i^2)=-v_i\partial_{v_i}L+w_i\cdot\partial_{w_i}L+b_i\partial_{b_i}L=0$. Decay adds $-\lambda v_i^2+\lambda\|w_i\|^2$ to the right side: without biases the difference has the derivative $-2\lambda$ times itself. So balance needs $\eta\lambda\cdot\text{steps}\gg1$. Adam rescales each coordinate by its own factor, for which Euler's identity is of no use.
# ```
#
# ```{exercise-start} The missing half
# :label: ex-norm-mse
# ```
# With PyTorch's `MSELoss` and `weight_decay=`$\lambda$ in an optimiser that adds $\lambda\theta$ to the gradient, which $\lambda$ of our objective {eq}`eq-norm-objective` is minimised? Predict from the edge law by which factor $1-\gamma$ changes in $d=3$, and test it on the exact minimiser for $\lambda=10^{-6}$.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-norm-mse
# :class: dropdown
# :label: sol-norm-mse
# ```
# It minimises $2L+\frac\lambda2\|\theta\|^2=2(L+\frac{\lambda/2}2\|\theta\|^2)$: our objective with $\lambda/2$, provided that `weight_decay` is given to the parameter group of the weights alone. By the edge law $1-\gamma$ is multiplied by $2^{-1/4}\approx0.84$.

# %%
shift = [1 - fitted_scale(bump3, fine, exact_fit(3, lam).profile(fine)).scale
         for lam in (5e-7, 1e-6)]
claim("norm-ex-mse", "exact bump, $d=3$, $\\lambda=10^{-6}$: $1-\\gamma$ with half the decay over $1-\\gamma$",
      shift[0] / shift[1], equals=2**-0.25, tol=0.05)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | Optimisers find rescaled bumps, with and without decay | {cite:t}`park2023minimum`: the question from the abstract, one figure from a summary | the comparison with the exact regularised minimiser, over draws; the line, where the start decides |
# | Gradient flow keeps layers balanced; Adam and AdamW differ in their decay | common knowledge | measured decay values beside path norms |
# | Dimension 31 | {cite:t}`park2023minimum`, from a summary | our runs, and that most of the stretch is there without decay |
