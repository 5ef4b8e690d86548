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
# (nearly-orthogonal)=
# # Nearly-orthogonal data
#
# ```{twenty-minutes} two-fates-of-a-layer the-model fig-nod-turning thm-nod-constant thm-nod-fast fig-nod-clock thm-nod-rank-one thm-nod-relu fig-nod-forms
# ```
#
# So far the step size decided which minimum gradient descent could stay at. With the logistic loss there is no minimum: the loss tends to zero, the weights to infinity, and the curvature dies out on the way. What is selected, then, is a *direction*. For inputs that are nearly orthogonal to each other we compute it, constants included, and check them at times beyond $t=10^{180}$.
#
# After this chapter you can
#
# - predict margins, norm, loss and stable rank of a network from its activation pattern and one linear system, $Ku=1$;
# - follow gradient descent on the logistic loss to such times in {glue:text}`steps` steps, and say by how much the shortcut is off;
# - say when a class of neurons becomes of rank one, and why a ReLU network here is not the one of largest margin.
#
# **You need:** gradient descent and the sharpness ({ref}`linear-stability`), for the comparisons {ref}`mnist-tightness`, and the symbols in {doc}`the notation table <notation>`. In this chapter $m$ is the number of neurons of *one class*, and $u$ a vector with one entry per sample. Two pages belong to it: {ref}`the paper's experiments, slopes and real digits <nod-experiments>`, and {ref}`what a large step does <large-logistic-steps>`.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima.book.claims import claim
from stableminima.book.figures import nearly_orthogonal as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.datasets import mixture, orthogonal_inputs
from stableminima.margins import (SignedNetwork, asymptotics, descend_logistic,
                                  leaky_stable_rank, near_orthogonality,
                                  rank_one_excess, relu_stable_rank, signed_network,
                                  stable_rank, step_for_gain)

SEED = 0  # shifts every random draw of this page

use_house_style()


# %% [markdown]
# ## Two fates of a layer
#
# Take {glue:text}`inputs` random inputs in {glue:text}`dim` dimensions, {glue:text}`neurons` neurons for each class, small random weights. We train twice, with a leaky ReLU of slope {glue:text}`slope` and with the ReLU, and look at the *stable rank* $\|W\|_F^2/\|W\|_2^2$ of the trained layer: it is 1 if one direction carries everything, and as large as the rank if all directions carry the same. Data and start are random, so we do it for {glue:text}`draws` draws of both.

# %%
class Setting(NamedTuple):
    inputs: int = 10
    dim: int = 784
    neurons: int = 100  # of one class
    slope: float = 0.3  # of the leaky ReLU
    scale: float = 0.01  # of the start
    gain: float = 0.03  # what a step adds to a margin, about
    steps: int = 16_000
    draws: int = 10  # of data and start
    pulled: int = 1500  # steps along which the pull of a sample is watched
    steep: float = 0.5  # a second slope, for that
    one: float = 1.1  # up to here a stable rank passes for one

P = Setting()
ten = f"{spelled(P.draws)} draws"

def train(slope, X, y, seed, gain=P.gain, steps=P.steps, records=60):
    net = signed_network(X.shape[1], P.neurons, slope, P.scale, SEED + seed)
    eta = step_for_gain(net, X, y, gain)
    run = descend_logistic(net, X, y, eta, steps, clock="loss", records=records)
    return run, asymptotics(X, y, run.mean_pattern)

samples = [
    mixture(
        P.inputs, P.dim, mean=0.0, noise=1 / np.sqrt(P.dim), seed=SEED + 100 + k
    )
    for k in range(P.draws)
]
leaky = [train(P.slope, *sample, k) for k, sample in enumerate(samples)]
relu = [train(0.0, *sample, k) for k, sample in enumerate(samples)]

# %% mystnb={"figure": {"name": "fig-nod-ranks", "caption": "Stable rank of the whole layer (the colour of the axes) and of the neurons of each class (blue and red), first of the ten draws. Dotted, in the same colours, the limits that this chapter predicts. Equal steps on the axis are equal steps of $\\log\\log t$."}, "image": {"alt": "Two panels with a time axis that reaches beyond ten to the 200th. Above, leaky ReLU, the two classes fall to 1 and the whole matrix settles at about 1.3. Below, ReLU, the two classes stay between 1 and 2, and the whole matrix ends above both. All curves end on their dotted lines."}}
draw.plot_ranks({f"leaky ReLU, slope {P.slope:g}": leaky[0], "ReLU": relu[0]})
plt.show()


# %%
def final_ranks(run):
    net = run.network()
    return np.array([stable_rank(net.W), *map(stable_rank, net.blocks)])

def predicted(limit):
    return np.array([limit.whole_rank, *limit.block_ranks])

ends = {"leaky": leaky, "relu": relu}
missed = {
    name: max(
        np.abs(final_ranks(run) / predicted(limit) - 1).max() for run, limit in runs
    )
    for name, runs in ends.items()
}

claim(
    "nod-ranks-leaky",
    f"leaky ReLU: largest relative distance of a final stable rank (whole layer, classes) from its limit, {ten}",
    missed["leaky"],
    at_most=0.01,
)
claim(
    "nod-ranks-relu",
    f"ReLU: largest relative distance of a final stable rank (whole layer, classes) from its limit, {ten}",
    missed["relu"],
    at_most=0.01,
)
claim(
    "nod-one",
    f"leaky: largest stable rank of a class, less 1, {ten}",
    max(final_ranks(run)[1:].max() for run, _ in leaky) - 1,
    at_most=1e-5,
)
claim(
    "nod-not-one",
    f"ReLU: draws of the {spelled(P.draws)} in which some class ends above {P.one:g}",
    sum(final_ranks(run)[1:].max() > P.one for run, _ in relu),
    at_least=round(0.8 * P.draws),
)


# %% [markdown]
# In {numref}`fig-nod-ranks` the leaky network ends with one direction per class, and the ReLU network does not; both end on dotted lines that were computed, not fitted. The leaky level is a property of the data; the ReLU's also depends on the start and on the step size, as we shall see. Time is counted in steps of the size with which the run began, $\eta=$ {glue:text}`eta` ({glue:text}`eta-ratio` times the 0.1 that we remember from the paper), and reaches ten to the power {glue:text}`far` by a shortcut explained below. After a thousand of these steps the ranks are close to their limits; the margins are not:

# %%
def at(run, values, power):
    """A recorded quantity at t = 10^power, interpolated in log t."""
    return np.interp(power * np.log(10), run.log_time[1:], values[1:])

(first, _), (first_relu, _) = leaky[0], relu[0]
z, whole, whole_relu = first.margins, draw.ranks(first), draw.ranks(first_relu)
spread = 1 - z.min(axis=1) / z.max(axis=1)
powers = (1, 3, 5, 20, 180)

# %% tags=["nbval-check-output"]
print("t         spread of margins  rank of W+, less 1  whole layer  ReLU, whole layer")
for p in powers:
    print(f"{f'10^{p}':10s}{at(first, spread, p):13.4f}      {at(first, whole['$W_+$'] - 1, p):15.7f}"
          f"     {at(first, whole['whole'], p):9.2f}    {at(first_relu, whole_relu['whole'], p):13.2f}")

# %% [markdown]
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`kou2023implicit` study gradient descent on two-layer ReLU and leaky ReLU networks when the inputs are *nearly orthogonal*. They state, in their abstract: for leaky ReLU the stable rank of the weights converges to 1; for ReLU it is bounded by a constant; all training points reach the same normalised margin; with experiments on synthetic and real data.
#
# We could not read the full text. *From memory*, and so only indicative: the condition, $\|x_i\|^2\ge C\,n\,\max_{k\ne i}|\langle x_i,x_k\rangle|$ up to factors of $\gamma$ and of the lengths, which is what we call near-orthogonality with $C$; the model below; stable ranks of each class of neurons; loss of the order of $1/t$ and norm of the order of $\log t$; a constant of about 2 for the ReLU and orthogonal data; experiments with $x=y\mu+\xi$, $n=10$, $d=784$, noise 0.25, $m=100$, $\eta=0.1$, 200 epochs and several slopes, and with MNIST, width 1000 and several initial variances.
# ```
#
# ## The model
#
# $$
# \begin{aligned}
# f(W;x)&=\frac1m\sum_{r\le m}\sigma(\langle w_{+,r},x\rangle)-\frac1m\sum_{r\le m}\sigma(\langle w_{-,r},x\rangle),\\
# L(W)&=\frac1n\sum_{i\le n}\log\bigl(1+e^{-z_i}\bigr),\qquad z_i=y_if(W;x_i),
# \end{aligned}
# $$ (eq-nod-model)
#
# with $\sigma(z)=\max(z,\gamma z)$, $0\le\gamma\le1$ ($\gamma=0$ is the ReLU), labels $y_i=\pm1$ and independent Gaussian $w_{j,r}(0)$ of standard deviation $\sigma_0$. Only $W\in\mathbb R^{2m\times d}$ is trained; its halves $W_+$ and $W_-$ are the *blocks*. We write $g_i=1/(1+e^{z_i})$ for the *pull* of sample $i$, the size of the loss's derivative there, and $D_{jri}\in\{\gamma,1\}$ for the slope of neuron $(j,r)$ at it, $j=\pm1$. Gradient descent is
#
# $$
# w_{j,r}\leftarrow w_{j,r}+\frac{\eta j}{nm}\sum_ig_iy_iD_{jri}\,x_i .
# $$ (eq-nod-gd)
#
# How orthogonal are our inputs?

# %%
C = [near_orthogonality(X) for X, _ in samples]
claim("nod-orthogonal", f"the largest $C$ with which Gaussian inputs are nearly orthogonal, best of {ten}",
      max(C), at_most=2.0, source="definition of near-orthogonality")

# %% [markdown]
# Not very: $n\max|\langle x_i,x_k\rangle|$ is about as large as $\|x_i\|^2$. Theorems ask for $C\ge2$ or much more; the experiments do not.
#
# ## Why rows turn
#
# By {eq}`eq-nod-gd` a row moves along a sum of inputs, in which input $i$ counts with its pull and with the neuron's slope there ({numref}`fig-nod-turning`). With a leaky ReLU every input moves every neuron, and if the inputs are orthogonal enough, sooner or later all neurons of a class are on the same side of it: blue ones on that of $x_1$, which is of their class, and on the far side of $x_2$, which is not. From then on all rows of the class receive the *same* sum, and what they were at the start is outgrown. A ReLU neuron that is off on an input does not hear of it: it follows the inputs that it was born to see, and several directions remain.

# %%
angles = np.deg2rad([20.0, 75, 130, 215, 300])
start = 1.2 * np.column_stack([np.cos(angles), np.sin(angles)])
Z = np.diag([1.0, 0.8])  # two inputs, the rows

paths = {}
for name, labels, slope in (
    ("leaky ReLU, an input of each class", [1.0, -1.0], P.slope),
    ("ReLU, both of one class", [1.0, 1.0], 0.0),
):
    net = SignedNetwork(np.vstack([start, start[:, ::-1]]), slope)
    eta = step_for_gain(net, Z, labels, P.gain)
    run = descend_logistic(net, Z, labels, eta, 240, clock="loss", records=240)
    paths[name] = run, asymptotics(Z, labels, run.mean_pattern)

# %% mystnb={"figure": {"name": "fig-nod-turning", "caption": "How the rows of $W$ move in the plane. Dots: five neurons of class $+$ (blue) and five of class $-$ (red) at the start; curves: their way; dotted: where theory says that they point in the end. Left, both inputs pull every row. Right, both inputs are of class $+$, and a row hears only of those that it is on for."}, "image": {"alt": "Two panels with two grey arrows, the inputs. Left, five blue curves start in all directions, turn and become parallel to one dotted line between x1 and minus x2; five red ones to another. Right, blue curves follow three dotted lines: along x1, along x2, and between them; one dot stays where it is; red curves shrink."}}
draw.plot_turning(paths)
plt.show()


# %% [markdown]
# Two questions are left: *which* sum, that is, in what proportion the pulls $g_i$ end; and *whether* the pattern freezes.
#
# ## Exact asymptotics
#
# Suppose that from some time on no neuron switches on a sample: the *pattern* $D$ is frozen. Then the network is linear in its weights along the path. With the matrices $A_i\in\mathbb R^{2m\times d}$, row $(j,r)$ equal to $\frac{j y_i}mD_{jri}x_i$, we have $z_i=\langle A_i,W\rangle$, and a step is $W\leftarrow W+\frac\eta n\sum_ig_iA_i$. Everything is in the kernel
#
# $$
# \begin{aligned}
# K_{ik}&=\langle A_i,A_k\rangle=\frac{y_iy_k}{m^2}\langle x_i,x_k\rangle\sum_{j,r}D_{jri}D_{jrk},\\
# u&=K^{-1}\mathbf1 .
# \end{aligned}
# $$ (eq-nod-kernel)
#
# Why $u$? If the pulls keep fixed proportions, $g\propto a$, the margins grow in proportion to $Ka$; for all of them to grow alike $Ka$ has to be constant, so $a\propto u$. And $g_i>0$, so that $u>0$ is needed.
#
# ```{prf:lemma} Near-orthogonality makes $u$ positive
# :label: lem-nod-positive
#
# If $K_{kk}>0$ for all $k$ and $\kappa=\max_i\sum_{k\ne i}|K_{ik}|/K_{kk}<\frac12$, then $K$ is positive definite and $K_{ii}u_i\ge\frac{1-2\kappa}{1-\kappa}>0$. If the inputs are not zero and $\|x_i\|^2\ge Cn\max_{k\ne i}|\langle x_i,x_k\rangle|$ with $C\ge2$, this is so for the pattern of a leaky ReLU at which every neuron has the sign of its class on every sample ($D_{jri}=1$ if $j=y_i$, $\gamma$ otherwise), and for every pattern of the ReLU under which each sample activates some neuron.
# ```
# ```{prf:proof}
# $K\operatorname{diag}(K_{kk})^{-1}=I+E$, where the rows of $|E|$ add up to at most $\kappa$; it is similar to $\operatorname{diag}(K_{kk})^{-1/2}K\operatorname{diag}(K_{kk})^{-1/2}$, whose eigenvalues are therefore at least $1-\kappa$. With $U_i=K_{ii}u_i$, $Ku=\mathbf1$ reads $U_i=1-\sum_{k\ne i}\frac{K_{ik}}{K_{kk}}U_k$. So $\|U\|_\infty\le1+\kappa\|U\|_\infty$, i.e. $\|U\|_\infty\le\frac1{1-\kappa}$, and $U_i\ge1-\frac\kappa{1-\kappa}$.
#
# For both kinds of pattern $\sum_{j,r}D_{jri}D_{jrk}\le\sum_{j,r}D_{jrk}^2$: for the leaky one the two sums are $m(1+\gamma^2)$ or $2m\gamma$, and $m(1+\gamma^2)$; for the ReLU, numbers of neurons active on both, and on $x_k$. So $|K_{ik}|/K_{kk}\le|\langle x_i,x_k\rangle|/\|x_k\|^2\le\frac1{Cn}$, and $\kappa\le\frac{n-1}{Cn}<\frac12$.
# ```
#
# Diagonal dominance, $\kappa<1$, is not enough; Exercise {ref}`dominance <ex-nod-dominance>` has a counterexample. For data that are not so orthogonal $u$ may have negative entries, and then another vector takes its place: let $\hat a$ be the minimiser of $\frac12a^{\mathsf T}Ka-\mathbf1^{\mathsf T}a$ over $a\ge0$. It is characterised by $\hat a\ge0$, $K\hat a\ge\mathbf1$ and $(K\hat a)_i=1$ where $\hat a_i>0$; if $u>0$, then $\hat a=u$.
#
# ```{prf:theorem} Constant steps, frozen pattern
# :label: thm-nod-constant
#
# Let the pattern be $D$ from some step on, $K$ positive definite, $L(W_t)\to0$, and $(K\hat a)_i>1$ wherever $\hat a_i=0$. Put $W_\infty=\sum_i\hat a_iA_i$, that is, $\frac jm\sum_iD_{jri}\hat a_iy_ix_i$ in row $(j,r)$. Then
#
# 1. $W_t-W_\infty\log t$ is bounded. Hence $z_i/\log t\to(K\hat a)_i$, $\|W_t\|_F/\log t\to\sqrt{\mathbf1^{\mathsf T}\hat a}$, and the normalised margin $\min_iz_i/\|W_t\|_F\to1/\sqrt{\mathbf1^{\mathsf T}\hat a}$. No $V$ has $\min_i\langle A_i,V\rangle>\|V\|_F/\sqrt{\mathbf1^{\mathsf T}\hat a}$: it is the largest margin *in the frozen features*.
# 2. If $u>0$, then $W_t-W_\infty\log t$ converges and, for every $i$,
#
# $$
# \begin{gathered}
# z_i=\log t+\log\frac\eta{n\,u_i}+o(1),\\
# t\,L(W_t)\to\frac{\mathbf1^{\mathsf T}u}\eta .
# \end{gathered}
# $$ (eq-nod-margins)
#
# So the gaps $z_i-z_k$ tend to $\log(u_k/u_i)$, and all normalised margins to one value, like $1/\log t$.
# ```
#
# The proof has three parts: an explicit path that almost obeys gradient descent; two paths do not move apart; so the true one stays near the explicit one.
#
# ```{prf:proof}
# *An explicit path that is almost gradient descent.* Let $\mathcal A=\{i:\hat a_i>0\}$. The part of $K$ with rows and columns in $\mathcal A$ is invertible, so there is $B$ in the span of the $A_i$, $i\in\mathcal A$, with $e^{-\langle A_i,B\rangle}=n\hat a_i/\eta$ for $i\in\mathcal A$. Let $W^\perp$ be the part of $W_t$ orthogonal to all $A_i$; no step changes it. Put $V_t=W_\infty\log t+B+W^\perp$. Since $\langle A_i,W_\infty\rangle=(K\hat a)_i$, its margins are $\log\frac{\eta t}{n\hat a_i}$ for $i\in\mathcal A$, and $(1+\delta_i)\log t+O(1)$ with $\delta_i>0$ otherwise. Let $\mathcal S(W)=W+\frac\eta n\sum_ig(\langle A_i,W\rangle)A_i$ with $g(z)=1/(1+e^z)=e^{-z}+O(e^{-2z})$. Then $\frac\eta ng$ is $\frac{\hat a_i}t+O(t^{-2})$ on $\mathcal A$ and $O(t^{-1-\delta_i})$ elsewhere, so $\mathcal S(V_t)=V_t+\frac1tW_\infty+O(t^{-1-\delta})$ with $\delta=\min(1,\min\delta_i)$; and $V_{t+1}=V_t+\log(1+\frac1t)W_\infty$. Hence $\|V_{t+1}-\mathcal S(V_t)\|_F\le r_t$ with $r_t=O(t^{-1-\delta})$, which is summable.
#
# *A step is not an expansion.* Let $\Delta_i=\langle A_i,W-V\rangle$ and $\Gamma_i=g(\langle A_i,W\rangle)-g(\langle A_i,V\rangle)$. Since $g$ falls, $\Delta_i\Gamma_i\le0$; since $|g'(z)|\le e^{-z}$, $|\Gamma_i|\le e^{-Z}|\Delta_i|$ if all margins of $W$ and $V$ are at least $Z$. Therefore
#
# $$
# \begin{aligned}
# &\|\mathcal S(W)-\mathcal S(V)\|_F^2-\|W-V\|_F^2\\
# &\quad=\frac{2\eta}n\sum_i\Delta_i\Gamma_i+\frac{\eta^2}{n^2}\Gamma^{\mathsf T}K\Gamma\\
# &\quad\le-\frac\eta n\Bigl(2-\frac{\eta}n\lambda_{\max}(K)e^{-Z}\Bigr)\sum_i|\Delta_i\Gamma_i| ,
# \end{aligned}
# $$ (eq-nod-contract)
#
# and the bracket is at least 1 once $Z$ is large. Both sets of margins tend to infinity ($L\to0$), so from some step on $e_t=\|W_t-V_t\|_F$ satisfies $e_{t+1}\le\|\mathcal S(W_t)-\mathcal S(V_t)\|_F+r_t\le e_t+r_t$: it is bounded.
#
# *Consequences.* The limits in 1 follow, with $\|W_\infty\|_F^2=\hat a^{\mathsf T}K\hat a=\mathbf1^{\mathsf T}\hat a$. If $\langle A_i,V\rangle\ge1$ for all $i$, then $\mathbf1^{\mathsf T}\hat a\le\langle W_\infty,V\rangle\le\sqrt{\mathbf1^{\mathsf T}\hat a}\,\|V\|_F$, so the margin of $V$ over its norm is at most $1/\sqrt{\mathbf1^{\mathsf T}\hat a}$.
#
# *If $u>0$,* then $\mathcal A$ is everything, $r_t=O(t^{-2})$, $W_t-V_t$ lies in the span of the $A_i$, and $\sum_i\Delta_i^2\ge\lambda_{\min}(K)\,e_t^2$. All margins of both are $\log t+O(1)$, where $|g'|$ is at least a constant times $\frac1t$. So {eq}`eq-nod-contract` gives $\|\mathcal S(W_t)-\mathcal S(V_t)\|_F\le(1-\frac{\beta}t)e_t$ for some $0<\beta<1$, and $e_{t+1}\le(1-\frac{\beta}t)e_t+O(t^{-2})$. Multiplied by $t^{\beta}$ this makes $t^{\beta}e_t$ grow by at most $O(t^{\beta-2})$ a step, up to a factor $1+O(t^{-2})$, so it stays bounded, and $e_t=O(t^{-\beta})\to0$. The margins are those of $V_t$ up to $o(1)$, and $tL=\frac tn\sum_ie^{-z_i}(1+o(1))\to\sum_i\frac{u_i}\eta$.
# ```
#
# ```{prf:remark} Species that compete
# :label: rem-nod-lotka
#
# For the gradient *flow* on $\frac1n\sum e^{-z_i}$ put $p_i=\frac{\eta t}ne^{-z_i}$ and $\tau=\log t$. Then $p_i'=p_i\bigl(1-(Kp)_i\bigr)$: the Lotka–Volterra equations, each sample a species that competes with its neighbours, and $u$ is their equilibrium (Exercise {ref}`species <ex-nod-species>`). The proof above needs neither the flow nor the exponential *loss*: of the loss it uses that $g$ falls, $|g'|\le e^{-z}$ and $g=e^{-z}+O(e^{-2z})$, and for part 2 also that $|g'|$ is at least a constant times $e^{-z}$.
# ```
#
# We check it on the {glue:text}`draws` leaky networks with $\eta=$ {glue:text}`slow-eta` and {glue:text}`slow-steps` ordinary steps.

# %%
class Slow(NamedTuple):
    eta: float = 100.0
    steps: int = 20_000  # constant ones
    fast: int = 300  # loss-normalised ones
    seen: tuple = (100, 1000)  # times that the table shows, beside the last

S = Slow()
glue("slow-eta", f"{S.eta:g}", display=False)
glue("slow-steps", spelled(S.steps), display=False)
slow = [
    descend_logistic(run.start, *sample, S.eta, S.steps)
    for (run, _), sample in zip(leaky, samples, strict=True)
]
limits = [
    asymptotics(*sample, run.network().pattern(sample[0]))
    for run, sample in zip(slow, samples, strict=True)
]

def margin_error(run, limit):
    """Largest error of a predicted margin, at the recorded times."""
    t = np.exp(run.log_time[1:])[:, None]
    return np.abs(run.margins[1:] - np.log(S.eta * t / (P.inputs * limit.u))).max(
        axis=1
    )

off = np.array([margin_error(run, limit) for run, limit in zip(slow, limits, strict=True)])
late = [
    np.argmin(np.abs(slow[0].log_time[1:] - np.log(t)))
    for t in (*S.seen, S.steps)
]

# %% tags=["nbval-check-output"]
for k in late:
    print(f"t = {np.exp(slow[0].log_time[1 + k]):6.0f}   largest error of a predicted margin, median of {ten} "
          f"{np.median(off[:, k]):.4f}   worst {off[:, k].max():.4f}")

# %%
claim("nod-constant", f"largest error of a predicted margin after {spelled(S.steps)} constant steps, worst of {ten}",
      off[:, -1].max(), at_most=0.02, source="constant steps, frozen pattern")
claim("nod-constant-falls", f"largest error of a predicted margin after {spelled(S.steps)} constant steps over that at $t={S.seen[0]}$, worst of {ten}",
      (off[:, -1] / off[:, late[0]]).max(), at_most=0.1, source="constant steps, frozen pattern")
claim("nod-constant-loss", f"$t\\,L$ over $\\mathbf{{1}}^T u/\\eta$ at that time, furthest from 1 of {ten}",
      max((S.steps * np.exp(run.log_loss[-1]) * S.eta / limit.u.sum() for run, limit in zip(slow, limits, strict=True)),
          key=lambda ratio: abs(ratio - 1)), equals=1.0, tol=0.02)
kappa = [(np.abs(one.kernel) / np.diag(one.kernel)).sum(axis=1).max() - 1 for one in limits]
claim("nod-dominance", f"off-diagonal row sum $\\kappa$ of the kernels of {spelled(P.draws)} frozen patterns, largest: below the lemma's $\\frac12$",
      max(kappa), at_most=0.5)
claim("nod-positive", f"smallest $K_{{ii}}u_i$ over the lemma's bound $(1-2\\kappa)/(1-\\kappa)$, {ten}",
      min((np.diag(one.kernel) * one.u).min() / ((1 - 2 * k) / (1 - k)) for one, k in zip(limits, kappa, strict=True)), at_least=1.0)

# %% [markdown]
# (fast-clock)=
# ## The fast clock
#
# Margins become equal like $1/\log t$: to divide their spread by ten takes $t^{10}$ constant steps. But $W_t$ moves by about $W_\infty/t$ a step; let us take longer ones. *Loss-normalised* gradient descent uses
#
# $$
# \eta_k=\eta\,\frac{L_0}{L_k},\qquad T_k=\sum_{l<k}\frac{L_0}{L_l} ,
# $$ (eq-nod-clock)
#
# and $T_k$ is the number of constant steps that the first $k$ stand for. What is lost?
#
# ```{prf:theorem} Loss-normalised steps
# :label: thm-nod-fast
#
# Let the pattern be frozen, $K$ positive definite, $L\to0$, and $h=\eta L_0$ with $hM<1$, $M=\max_iK_{ii}$. Then $q_i=e^{-z_i}/\sum_ke^{-z_k}$, the share of sample $i$ in the loss, converges to $q^*=\hat a/\mathbf1^{\mathsf T}\hat a$, the minimiser of $F(q)=\frac12q^{\mathsf T}Kq$ over the simplex, and the margins grow by $h(Kq^*)_i$ a step in the limit. If $u>0$, all grow by $c=h/\mathbf1^{\mathsf T}u$, the gaps tend to the *same* $\log(u_k/u_i)$ as with constant steps, for every such $h$, and
#
# $$
# T_kL_k\to\frac{\mathbf1^{\mathsf T}u}\eta\cdot\frac c{e^c-1} .
# $$ (eq-nod-lead)
# ```
#
# ```{prf:proof}
# A step is $z\leftarrow z+hK\tilde q$, $\tilde q_i=g_i/(nL)=q_i(1+O(L))$, because $g_i=e^{-z_i}(1+O(e^{-z_i}))$ and likewise for the loss. So $q_i\leftarrow q_ie^{-h(Kq+\varepsilon)_i}/\text{norm}$ with $|\varepsilon_i|=O(L)$: the exponentiated-gradient method for $F$. As $K$ is positive definite, $|K_{ik}|\le M$.
#
# *The loss falls geometrically.* $S=\sum e^{-z_i}$ is multiplied by $\sum_iq_ie^{-\xi_i}$, $\xi_i=h(K\tilde q)_i$, and $|\xi_i|\le1$ eventually. There $e^{-\xi}\le1-\xi+(e-2)\xi^2$; moreover $(Kq)_i^2\le K_{ii}\,q^{\mathsf T}Kq$ (Cauchy–Schwarz). So the factor is at most $1-h\bigl(1-(e-2)hM\bigr)q^{\mathsf T}Kq+O(L)\le1-\frac h4\cdot\frac{\lambda_{\min}(K)}n+O(L)$, and $\sum_kL_k<\infty$.
#
# *Mirror descent.* Write $q$, $q'$ for consecutive ones and $\mathrm{KL}(q',q)=\sum q'_i\log\frac{q'_i}{q_i}$. From the form of $q'$, $h\langle Kq+\varepsilon,q'-q^*\rangle=\mathrm{KL}(q^*,q)-\mathrm{KL}(q^*,q')-\mathrm{KL}(q',q)$. By Pinsker's inequality $F(q')\le F(q)+\langle Kq,q'-q\rangle+\frac M2\|q'-q\|_1^2\le F(q)+\langle Kq,q'-q\rangle+M\,\mathrm{KL}(q',q)$, and $F(q)\le F(q^*)+\langle Kq,q-q^*\rangle$ by convexity. Added up,
#
# $$
# \begin{aligned}
# h\{F(q')-F(q^*)\}\le{}&\mathrm{KL}(q^*,q)-\mathrm{KL}(q^*,q')\\
# &-(1-hM)\,\mathrm{KL}(q',q)+2h\|\varepsilon\|_\infty .
# \end{aligned}
# $$
#
# Summed over all steps the right-hand side is bounded. So $F(q)\to F(q^*)$, and since $F$ is strictly convex, $q\to q^*$. The conditions that characterise $q^*$ are those of $\hat a$ up to the factor $q^{*\mathsf T}Kq^*=1/\mathbf1^{\mathsf T}\hat a$.
#
# *If $u>0$,* $q^*=u/\mathbf1^{\mathsf T}u$ and $Kq^*=\mathbf1/\mathbf1^{\mathsf T}u$; and $z_i-z_k=\log(q_k/q_i)$. Since $L_k/L_l\to e^{-c(k-l)}$, $T_kL_k/L_0=\sum_{l<k}L_k/L_l\to\sum_{s\ge1}e^{-cs}=\frac1{e^c-1}$ (the terms are dominated by a geometric sequence), and $L_0=\frac h\eta=\frac{c\,\mathbf1^{\mathsf T}u}\eta$.
# ```
#
# As long as the pattern is frozen, the only trace of the shortcut is {eq}`eq-nod-lead`: at equal time, its margins are ahead by $\log\frac{e^c-1}c\approx\frac c2$, once and for all. (Where neurons go on switching there is another, which vanishes with $h$: {ref}`neurons-that-hover`.) The runs of the beginning and those with $\eta=100$ obey $hM<1$. Those on orthogonal inputs below ($hM$ up to {glue:text}`hm-orthogonal`) and the longer steps of the next page do not, and reach the limits nevertheless: near its fixed point the method needs only $h\lambda_{\max}(K\operatorname{diag}q^*)<2$, for nearly orthogonal data about $2n$ times weaker, beyond which `descend_logistic` warns. Losses and pulls are kept as logarithms, so that nothing overflows.

# %%
fast = [
    descend_logistic(
        run.start, *sample, S.eta, S.fast, clock="loss", records=S.fast
    )
    for (run, _), sample in zip(leaky, samples, strict=True)
]

def clock_error(slow, fast):
    """Largest difference of margins at equal time, relative to the largest margin."""
    there = [
        np.interp(slow.log_time[1:], fast.log_time[1:], z)
        for z in fast.margins[1:].T
    ]
    apart = np.abs(slow.margins[1:] - np.transpose(there)).max(axis=1)
    return (apart / slow.margins[1:].max(axis=1)).max()

obey = [*leaky, *relu, *zip(fast, limits, strict=True)]
own = [run.h * np.diag(limit.kernel).max() for run, limit in obey]

# %%
claim(
    "nod-clock",
    f"constant against loss-normalised steps at equal time: largest difference relative to the largest margin, {ten}",
    max(clock_error(*pair) for pair in zip(slow, fast, strict=True)),
    at_most=0.02,
)
claim(
    "nod-hm",
    f"$h\\max_iK_{{ii}}$, largest of {spelled(len(own))} runs (the beginning; $\\eta={S.eta:g}$): inside the hypothesis",
    max(own),
    at_most=1.0,
    source="loss-normalised steps",
)

# %% mystnb={"figure": {"name": "fig-nod-clock", "caption": "Margins of the ten samples by 20 000 constant steps (dots) and by 300 loss-normalised ones (lines), one colour a sample, first draw."}, "image": {"alt": "Ten nearly parallel curves that rise with the logarithm of the time; rows of dots lie on them."}}
draw.plot_clock(slow[0], fast[0])
plt.show()

# %% [markdown]
# Now the leaky networks of the beginning, to their end.

# %% mystnb={"figure": {"name": "fig-nod-margins", "caption": "Leaky ReLU, first draw, one colour a sample. Above: margins less their mean; dots are the predicted gaps. Below: normalised margins, and the limit that they share."}, "image": {"alt": "Above, ten coloured curves that spread out until about time one thousand and then stay level, each towards its dot. Below, the ten curves run together as the time grows and join the dashed line."}}
draw.plot_margins(*leaky[0])
plt.show()


# %%
def against_theory(run, limit):
    """Error of the gaps; T·L, growth of the norm and spread over their predictions."""
    z, log_t = run.margins[-1], run.log_time[-1]
    c = run.h / limit.u.sum()
    lead = (
        np.exp(log_t + run.log_loss[-1])
        * run.step_size
        / limit.u.sum()
        * np.expm1(c)
        / c
    )
    norms = [np.linalg.norm(run.network(k).W) for k in (-2, -1)]
    slope = (norms[1] - norms[0]) / (log_t - run.log_time[-2]) / limit.norm_slope
    spread = np.ptp(z) / z.max() * log_t / np.log(limit.u.max() / limit.u.min())
    return np.abs(z - z.mean() - limit.gaps).max(), lead, slope, spread

gaps, lead, norm, equal = np.transpose([against_theory(*pair) for pair in leaky])

def furthest(ratios):
    return max(ratios, key=lambda ratio: abs(ratio - 1))


# %%
claim(
    "nod-far",
    f"the time that a run reached, as a power of ten, smallest of {ten}",
    min(run.log_time[-1] for run, _ in leaky) / np.log(10),
    at_least=180,
)
claim(
    "nod-gaps",
    f"largest error of a predicted gap at that time, worst of {ten}",
    gaps.max(),
    at_most=1e-9,
    source="loss-normalised steps",
)
claim(
    "nod-lead",
    f"$T\\,L$ over $\\mathbf{{1}}^T u/\\eta\\cdot c/(e^c-1)$, furthest from 1 of {ten}",
    furthest(lead),
    equals=1.0,
    tol=1e-9,
    source="loss-normalised steps",
)
claim(
    "nod-norm",
    f"growth of the norm per unit of $\\log t$ over $\\sqrt{{\\mathbf{{1}}^T u}}$, furthest from 1 of {ten}",
    furthest(norm),
    equals=1.0,
    tol=1e-3,
)
claim(
    "nod-equal",
    "relative spread $(\\max z-\\min z)/\\max z$ of the margins over $\\log(u_{max}/u_{min})/\\log t$, furthest from 1 of ten",
    furthest(equal),
    equals=1.0,
    tol=0.02,
)


# %% [markdown]
# The gaps agree with the linear system to rounding, and so does {eq}`eq-nod-lead`. The relative spread is down to {glue:text}`spread-law`; at $t=10^6$ it is {glue:text}`spread-million` by the same law.
#
# ### Scrub the clock
#
# A smaller network, six neurons a class and six inputs, followed in your browser by the same steps. Drag
# the time, first to {state}`where people stop <clock#t=5>`, then to {state}`the end <clock#t=190>`; and see what becomes of the theorem when
# the inputs are {state}`too much alike <clock#t=190&overlap=0.9>`, so that $u$ is not positive.
#
# ```{explorable} clock
# In the online book, and with JavaScript, the time can be dragged here from 1 to 10 to the power 190: the margins of six inputs become equal, and the stable ranks of both classes fall.
# ```
#
# ## Leaky ReLU: one direction per class
#
# Does the pattern freeze? For a leaky ReLU every sample always pulls every neuron. With $G_{ik}=\langle x_i,x_k\rangle$, a step {eq}`eq-nod-gd` changes $jy_i\langle w_{j,r},x_i\rangle$ by
#
# $$
# \begin{aligned}
# &\frac\eta{nm}\Bigl(D_{jri}g_iG_{ii}+\sum_{k\ne i}y_iy_kD_{jrk}g_kG_{ik}\Bigr)\\
# &\quad\ge\frac{\eta}{nm}\Bigl(\gamma g_iG_{ii}-\sum_{k\ne i}g_k|G_{ik}|\Bigr) .
# \end{aligned}
# $$ (eq-nod-pull)
#
# If a sample's own pull exceeds the others' by a fixed factor above 1 at all times, all neurons of a class end up on the right side of it: $jy_i\langle w_{j,r},x_i\rangle$ then grows by at least a constant times $g_i$ a step, and $\sum_tg_i=\infty$ (the others' pulls being below $g_i$'s, $z_i$ would otherwise stay bounded, and $g_i\not\to0$). For sufficiently orthogonal data this can be proved from the start, with constants:
#
# ````{admonition} Theorem and proof: leaky ReLU, from the start
# :class: dropdown
#
# ```{prf:theorem} Leaky ReLU, from the start
# :label: thm-nod-leaky
#
# Let $0<\gamma\le1$, $R_0\le\|x_i\|\le R$, $\omega=\max_{i\ne k}|\langle x_i,x_k\rangle|$ and
#
# $$
# \begin{gathered}
# n\omega<\frac{\gamma^3R_0^4}{8eR^2},\\
# \eta\le\frac{nm\log2}{2(R^2+2n\omega)},\qquad|z_i(0)|\le1 .
# \end{gathered}
# $$ (eq-nod-hypothesis)
#
# Then the losses stay comparable, $g_k/g_i\le8eR^2/(\gamma R_0)^2$ at all times; after finitely many steps $D_{jri}=1$ if $j=y_i$ and $D_{jri}=\gamma$ if not, for ever; $L\to0$; $u>0$; and all conclusions of {prf:ref}`thm-nod-constant` hold.
# ```
#
# ```{prf:proof}
# Let $\eta'=\frac{2\eta}{nm}$. Since $\sigma(a')-\sigma(a)=\tilde D(a'-a)$ with $\tilde D\in[\gamma,1]$, a step {eq}`eq-nod-gd` changes $z_i$ by $\eta'\sum_kg_ky_iy_kG_{ik}\theta_{ik}$ with $\theta_{ik}=\frac1{2m}\sum_{j,r}\tilde D_{jri}D_{jrk}\in[\gamma^2,1]$, switching or not.
#
# *Margins stay above $-1$.* If $z_i\le0$, then $g_i\ge\frac12$ and the change is at least $\eta'(\frac12\gamma^2R_0^2-n\omega)\ge0$. If $z_i>0$, it is at least $-\eta' n\omega\ge-\log2$.
#
# *They stay together:* $z_l-z_i\le \Lambda+\log2$ for all $l,i$, with $\Lambda=1+\log\frac{4R^2}{\gamma^2R_0^2}>2$. True at the start. Suppose it is true now. A pair with $z_l-z_i\le\Lambda$ grows apart by at most $\eta'(R^2+2n\omega)\le\log2$. A pair with $z_l-z_i>\Lambda$ does not grow apart: by $z_i\ge-1$,
#
# $$
# \frac{g_i}{g_l}=\frac{1+e^{z_l}}{1+e^{z_i}}\ge\tfrac12e^{z_l-\max(z_i,0)}\ge\tfrac12e^{\Lambda-1}=\frac{2R^2}{\gamma^2R_0^2} ;
# $$
#
# all $z_k\ge z_l-\Lambda-\log2>z_i-\log2$, so $g_k\le2g_i$; and so $z_l-z_i$ changes by at most $\eta'(R^2g_l+2\omega\sum_kg_k-\gamma^2R_0^2g_i)\le\eta' g_i(\frac12\gamma^2R_0^2+4n\omega-\gamma^2R_0^2)\le0$, as $n\omega\le\frac18\gamma^2R_0^2$.
#
# *Signs.* Hence $g_k/g_i\le e^{\Lambda+\log2}=8eR^2/(\gamma R_0)^2$. So the right-hand side of {eq}`eq-nod-pull` is at least $\frac\eta{nm}g_i\bigl(\gamma R_0^2-n\omega\frac{8eR^2}{\gamma^2R_0^2}\bigr)$, where the bracket is a positive constant. If $\sum_tg_i$ were finite for one $i$, it would be for all, $W$ and the margins would converge, and $g_i\not\to0$: a contradiction. So $jy_i\langle w_{j,r},x_i\rangle\to\infty$ for all $j,r,i$. From some time on all signs are those stated, and $z_i\to\infty$. Finally $n\omega/R_0^2<\frac1{8e}$, and {prf:ref}`lem-nod-positive` (with $\kappa\le n\omega/R_0^2$) gives $K\succ0$ and $u>0$.
# ```
# ````
#
# The hypothesis is near-orthogonality with $C=8e\gamma^{-3}$ (equal lengths), far from sharp: {glue:text}`inputs` Gaussian inputs, whose $C$ grows like $\sqrt d$, would need about {glue:text}`dimension` dimensions at slope {glue:text}`slope`. Along a *given* run one can compare the two sides of {eq}`eq-nod-pull`.

# %%
def smallest_pull(slope, k, steps=P.pulled):
    """Own pull over the others', at the worst sample and step of a run."""
    X, y = samples[k]
    run, _ = train(slope, X, y, k, steps=steps, records=steps)
    G = np.abs(X @ X.T)
    g = np.exp(run.margins.min(axis=1, keepdims=True) - run.margins)
    g /= 1 + np.exp(-run.margins)  # up to a factor for each step
    return (slope * np.diag(G) * g / (g @ (G - np.diag(np.diag(G))))).min()

pulls = {
    slope: [smallest_pull(slope, k) for k in range(P.draws)]
    for slope in (P.slope, P.steep)
}

def right_side(run, y):
    """Whether all neurons have the sign of their class on every sample."""
    votes = run.start.signs[:, None] * y
    return np.array_equal(run.network().pattern(run.X) == 1, votes > 0)

signs = [right_side(run, y) for (run, _), (_, y) in zip(leaky, samples, strict=True)]

# %%
claim(
    "nod-pull",
    f"slope {P.steep:g}: draws of {spelled(P.draws)} in which every sample's own pull exceeds the others' in all of {P.pulled} steps",
    sum(pull > 1 for pull in pulls[P.steep]),
    at_least=round(0.6 * P.draws),
    source="eq. for the pull of a sample",
)
claim(
    "nod-no-pull",
    f"slope {P.slope:g}: draws of {spelled(P.draws)} in which a sample's own pull exceeds the others' in {P.pulled} steps, which decides nothing",
    sum(pull > 1 for pull in pulls[P.slope]),
    at_most=round(0.2 * P.draws),
)
claim(
    "nod-signs",
    f"leaky, slope {P.slope:g}: draws of {spelled(P.draws)} in which all neurons end with the sign of their class on every sample",
    sum(signs),
    equals=P.draws,
)


# %% [markdown]
# For slope 0.5 the pull decides in 784 dimensions, in most draws; for 0.3, the slope of the figures, it does not, and the signs freeze all the same.
#
# From then on all neurons of a class receive the *same* update, and all rows of $W_{\infty,\pm}$ are equal to one vector $v_\pm$:
#
# $$
# mv_+=s_+-\gamma s_-,\qquad mv_-=s_--\gamma s_+,\qquad s_\pm=\sum_{y_i=\pm1}u_ix_i .
# $$ (eq-nod-two)
#
# ```{prf:theorem} Rank one, and how fast
# :label: thm-nod-rank-one
#
# Let the pattern be frozen with $D_{jri}$ independent of $r$. Split the block into its mean row and the rest, $W_j=\mathbf1\bar w_j^{\mathsf T}+N_j$. Then $N_j$ no longer changes. If $\|b_j\|\to\infty$, $b_j=\sqrt m\,\bar w_j$, and $\hat b_j=b_j/\|b_j\|$ converges, then
#
# $$
# \frac{\|W_j\|_F^2}{\|W_j\|_2^2}-1=\frac{\|N_j(I-\hat b_j\hat b_j^{\mathsf T})\|_F^2+o(1)}{\|b_j\|^2} .
# $$ (eq-nod-excess)
#
# Under {prf:ref}`thm-nod-constant`, if $W_{\infty,j}\ne0$, $\|b_j\|\sim\|W_{\infty,j}\|_F\log t$; with Gaussian initial weights, $m\ge2$ and $d>n$, the stable rank of that class is then, with probability one, $1+\Theta(1/\log^2t)$. Under {prf:ref}`thm-nod-leaky` both $W_{\infty,\pm}\ne0$.
# ```
#
# ```{prf:proof}
# The update {eq}`eq-nod-gd` has equal rows. As $\mathbf1^{\mathsf T}N=0$, $W^{\mathsf T}W=bb^{\mathsf T}+N^{\mathsf T}N$ and $\|W\|_F^2=\|b\|^2+\|N\|_F^2$. First-order perturbation of the simple eigenvalue $\|b\|^2$, which is far from the rest, gives $\|W\|_2^2=\|b\|^2+\|N\hat b\|^2+O(\|N\|^4/\|b\|^2)$. So the excess is $(\|N\|_F^2-\|N\hat b\|^2)/\|b\|^2+O(\|b\|^{-4})$. Its numerator converges, to a positive number unless all rows of $N$ are multiples of $\lim\hat b$. With Gaussian weights they are not, with probability one if $m\ge2$ and $d>n$: the components of $N_j$ orthogonal to the inputs are never changed, and $\lim\hat b$ lies in the span of the inputs.
#
# Under {prf:ref}`thm-nod-leaky` the rows of $W_{\infty,\pm}$ are $v_\pm$ of {eq}`eq-nod-two`. If $v_+=0$, then $s_+=\gamma s_-$ and $mv_-=(1-\gamma^2)s_-$. Every sample of class $+$ has margin $z_i/\log t\to1$, and $z_i=\langle v_+,x_i\rangle-\gamma\langle v_-,x_i\rangle$ to first order in $\log t$; so $\sum_{y_i=1}u_i=-\gamma\langle v_-,s_+\rangle=-\frac{\gamma^2(1-\gamma^2)}m\|s_-\|^2\le0$, and as $u>0$ there is no such sample. Then $s_+=0=\gamma s_-$ and $W_\infty=0$, which is impossible. Likewise for $v_-$.
# ```
#
# For the layer as a whole, two directions remain.
#
# ```{prf:corollary} The whole matrix
# :label: cor-nod-whole
#
# Let $0<\gamma\le1$, $u>0$, and the pattern be frozen at $D_{jri}=1$ for $j=y_i$ and $\gamma$ for $j\ne y_i$, with the hypotheses of {prf:ref}`thm-nod-constant`. The stable rank of $W$ tends to $(\|v_+\|^2+\|v_-\|^2)/\lambda_{\max}$, where $\lambda_{\max}$ is the largest eigenvalue of the Gram matrix of the two rows {eq}`eq-nod-two`. For orthogonal inputs of equal length, half of them in each class, this is $\dfrac{2(1+\gamma^2)}{(1+\gamma)^2}$.
# ```
#
# ```{prf:proof}
# $W_\infty$ has $m$ rows $v_+$ and $m$ rows $v_-$. In the orthogonal case $K_{ii}=(1+\gamma^2)\|x_i\|^2/m$, $u$ is constant, $s_\pm$ are orthogonal and of equal length, and the Gram matrix is $\frac{\|s_+\|^2}{m^2}\begin{pmatrix}1+\gamma^2&-2\gamma\\-2\gamma&1+\gamma^2\end{pmatrix}$ with eigenvalues $\frac{\|s_+\|^2}{m^2}(1\pm\gamma)^2$.
# ```
#
# The larger $\gamma$, the closer the layer is to one direction $s_+-s_-$ with opposite signs in the two classes, as in a linear network ($\gamma=1$).

# %%
def last_decay(run, direction):
    """The numerator of the theorem over the growth of the mean row: excess · log² t."""
    block = run.network().blocks[0]
    N = block - block.mean(axis=0)
    mean = direction[0] * np.sqrt(P.neurons)
    along = ((N @ mean) ** 2).sum() / (mean @ mean)
    return ((N**2).sum() - along) / (mean @ mean)

run, limit = leaky[0]
excess = [rank_one_excess(run.network(k).blocks[0]) for k in range(len(run.steps))]

# %% mystnb={"figure": {"name": "fig-nod-excess", "caption": "Stable rank of the leaky neurons of class $+$, less 1, against $\\log t$, first draw, with both sides of the theorem and its final rate."}, "image": {"alt": "Dots on a red curve on logarithmic axes. They fall steeply at first, from 0.2, and then follow a dotted straight line of slope minus two to ten to the minus seven."}}
draw.plot_excess(run, excess, last_decay(run, limit.direction))
plt.show()


# %%
def late_decay(run):
    """Slope of log(rank − 1) in log log t, and relative change of N, last half of the steps."""
    kept = np.flatnonzero(run.steps > run.steps[-1] / 2)
    blocks = [run.network(k).blocks[0] for k in kept]
    slope = np.polyfit(np.log(run.log_time[kept]), [np.log(stable_rank(b) - 1) for b in blocks], 1)[0]
    N, before = (b - b.mean(axis=0) for b in (blocks[-1], blocks[0]))
    return slope, np.abs(before - N).max() / np.abs(N).max()

steep, moved = np.transpose([late_decay(run) for run, _ in leaky])

claim(
    "nod-excess",
    f"stable rank less 1 over its asymptotic expression at the end, the class furthest off in {ten}",
    furthest([(stable_rank(b) - 1) / rank_one_excess(b) for run, _ in leaky for b in run.network().blocks]),
    equals=1.0,
    tol=1e-4,
    source="rank one, and how fast",
)
claim(
    "nod-rate",
    "slope of $\\log(\\text{stable rank}-1)$ against $\\log\\log t$ over the last half of the steps, furthest from $-2$ of ten",
    max(steep, key=lambda s: abs(s + 2)),
    equals=-2.0,
    tol=0.1,
    source="rank one, and how fast",
)
claim(
    "nod-conserved",
    f"relative change of $N_+$ over the last half of the steps, largest of {ten}",
    moved.max(),
    at_most=1e-8,
)


# %% [markdown]
# ## ReLU: bounded, not one
#
# For $\gamma=0$ a neuron that is off on a sample feels nothing of it. On exactly orthogonal data that decides everything at the start.
#
# ```{prf:theorem} ReLU, orthogonal inputs
# :label: thm-nod-relu
#
# Let the $x_i$ be orthogonal and non-zero, $\gamma=0$, $\eta>0$, and let $\alpha_i>0$ be the fraction of the neurons of class $y_i$ that are active on $x_i$ at the start, $\alpha_{ik}$ the fraction active on both. Then $L\to0$, the pattern freezes after finitely many steps at $D_{jri}=1$ where $j=y_i$ and $\langle w_{j,r}(0),x_i\rangle>0$, and $0$ elsewhere, and $u_i=m/(\alpha_i\|x_i\|^2)$. With $\zeta_i=1/\|x_i\|$ the stable rank of $W_j$, if class $j$ has a sample, tends to
#
# $$
# \frac{\sum_i\zeta_i^2/\alpha_i}{\lambda_{\max}\bigl(\bigl[\zeta_i\zeta_k\,\alpha_{ik}/(\alpha_i\alpha_k)\bigr]_{ik}\bigr)}\ \le\ \frac1{\min\alpha_i}
# $$ (eq-nod-relu)
#
# ($i,k$ in class $j$, $\alpha_{ii}=\alpha_i$).
#
# As $m\to\infty$ with Gaussian initial weights, this limit tends, almost surely, to $2\sum_i\zeta_i^2/\lambda_{\max}(\operatorname{diag}(\zeta_i^2)+\zeta\zeta^{\mathsf T})<2$, which for $n_j$ inputs of equal length is $\dfrac{2n_j}{n_j+1}$.
# ```
#
# ```{prf:proof}
# By {eq}`eq-nod-gd`, $\langle w_{j,r},x_i\rangle$ changes by $\frac{\eta}{nm}jy_ig_iD_{jri}\|x_i\|^2$: only sample $i$ moves it, and only if it is positive. If it is positive and $j=y_i$, it grows and stays positive. If it is not positive, it stays as it is. If it is positive and $j\ne y_i$, it falls by $\frac{\eta}{nm}g_i\|x_i\|^2$ a step until it is not. Now $\sum_tg_i=\infty$: otherwise $z_i$, which depends on these products only, would stay bounded, and $g_i\not\to0$. So wrong neurons are off after finitely many steps, and $z_i\to\infty$. The kernel is diagonal, $K_{ii}=\alpha_i\|x_i\|^2/m$.
#
# The rows of $W_\infty$ in class $j$ are $\sum_iD_{jri}\frac{x_i}{\alpha_i\|x_i\|^2}$. In the orthonormal basis $x_i/\|x_i\|$ the block is $\bigl(D_{jri}\zeta_i/\alpha_i\bigr)_{r,i}$, and its Gram matrix divided by $m$ is the one in {eq}`eq-nod-relu`, with trace $\sum_i\zeta_i^2/\alpha_i$. Its largest eigenvalue is at least $\sum_i\zeta_i^2$: apply the transposed block to $\mathbf1/\sqrt m$, which gives $\sqrt m\,\zeta$. That is the inequality. For orthogonal inputs the events $\langle w,x_i\rangle>0$ are independent, so, almost surely by the law of large numbers, $\alpha_i\to\frac12$, $\alpha_{ik}\to\frac14$ for $i\ne k$, and the matrix tends to $\operatorname{diag}(\zeta_i^2)+\zeta\zeta^{\mathsf T}$, whose form at $\zeta$ exceeds $\|\zeta\|^4$. For equal lengths its largest eigenvalue is $\zeta_1^2(1+n_j)$.
# ```
#
# ```{prf:proposition} Not the largest margin
# :label: prop-nod-margin
#
# On orthogonal inputs, none of them zero, the largest normalised margin of any $W$ is $\bigl(\frac m{1+\gamma^2}\sum\|x_i\|^{-2}\bigr)^{-1/2}$. Gradient descent attains it in the limit if $\gamma>0$, with any step size $\eta>0$ and from any start. For the ReLU, with $\alpha_i>0$ as in {prf:ref}`thm-nod-relu`, it attains only $\bigl(m\sum\frac1{\alpha_i\|x_i\|^2}\bigr)^{-1/2}$: with $\alpha_i=\alpha$ for all $i$, a fraction $\sqrt\alpha\approx\sqrt{1/2}$ of the best.
# ```
#
# ```{prf:proof}
# Let all $z_i\ge1$ and $\psi_{jr}=\langle w_{j,r},x_i\rangle$. As $\sigma(\psi)\le|\psi|$ and $-\sigma(\psi)\le\gamma|\psi|$, $m\le\sum_r|\psi_{y_ir}|+\gamma\sum_r|\psi_{-y_ir}|\le\sqrt{m(1+\gamma^2)}\,\bigl(\sum_{j,r}\psi_{jr}^2\bigr)^{1/2}$. So $\sum_{j,r}\langle w_{j,r},x_i\rangle^2/\|x_i\|^2\ge\frac m{(1+\gamma^2)\|x_i\|^2}$, and by orthogonality the sum over $i$ is at most $\|W\|_F^2$. Equality holds for the rows $w_{j,r}=\frac1{1+\gamma^2}\sum_i\bigl(1[j=y_i]-\gamma1[j\ne y_i]\bigr)x_i/\|x_i\|^2$. By {prf:ref}`thm-nod-constant` gradient descent reaches $(\mathbf1^{\mathsf T}u)^{-1/2}$. For $\gamma>0$ and orthogonal inputs $jy_i\langle w_{j,r},x_i\rangle$ grows by $\frac\eta{nm}D_{jri}g_i\|x_i\|^2\ge\frac{\eta\gamma}{nm}g_i\|x_i\|^2$ a step, and $\sum_tg_i=\infty$, since otherwise $z_i$ would stay bounded and $g_i\not\to0$. So all signs freeze as in {prf:ref}`thm-nod-leaky`, $L\to0$, $K$ is diagonal, and $u_i=\frac m{(1+\gamma^2)\|x_i\|^2}$. For the ReLU see {prf:ref}`thm-nod-relu`.
# ```
#
# Half of the neurons of the class are off on $x_i$ and could carry it too; no gradient tells them.

# %%
class Orthogonal(NamedTuple):
    sizes: tuple = (2, 5, 10, 20)  # of a class
    slopes: tuple = (0.1, 0.3, 0.6, 0.9)
    middle: int = 5  # one of the sizes
    wide: int = 400  # neurons of one class
    draws: int = 5
    gain: float = 0.2
    steps: int = 2200  # leaky
    relu_steps: int = 1000

SETTING = Orthogonal()

def orthogonal_run(slope, size, width, steps, seed=0):
    Z = orthogonal_inputs(2 * size, P.dim, seed=SEED + 200 + seed)
    labels = np.repeat([1.0, -1.0], size)
    net = signed_network(P.dim, width, slope, P.scale, SEED + seed)
    eta = step_for_gain(net, Z, labels, SETTING.gain)
    run = descend_logistic(net, Z, labels, eta, steps, clock="loss", records=2)
    return run, asymptotics(Z, labels, run.mean_pattern), labels

leaky_end = {
    g: stable_rank(
        orthogonal_run(g, SETTING.middle, P.neurons, SETTING.steps)[0].network().W
    )
    for g in SETTING.slopes
}
relu_end = {
    k: [
        orthogonal_run(0.0, k, SETTING.wide, SETTING.relu_steps, seed)
        for seed in range(SETTING.draws)
    ]
    for k in SETTING.sizes
}
networks = spelled(SETTING.draws * len(SETTING.sizes))
measured = {
    k: [list(map(stable_rank, run.network().blocks)) for run, _, _ in ends]
    for k, ends in relu_end.items()
}

# %% mystnb={"figure": {"name": "fig-nod-forms", "caption": "Orthogonal inputs of equal length: stable ranks after training (dots) and the closed forms (lines). Left, one network for each slope. Right, both classes of five networks with $m=400$ for each class size."}, "image": {"alt": "Left, a curve that falls from 2 at slope 0 to 1 at slope 1 with four dots on it. Right, a curve that rises from 1 towards 2 with the class size, and clusters of dots close to it."}}
draw.plot_closed_forms(leaky_end, {k: np.ravel(pairs) for k, pairs in measured.items()})
plt.show()

# %% tags=["nbval-check-output"]
print("network             matrix     measured  formula")
for g, value in leaky_end.items():
    print(f"leaky, slope {g}    whole      {value:8.3f}{leaky_stable_rank(g):9.3f}")
for k, pairs in measured.items():
    row = f"{np.mean(pairs):8.2f}{relu_stable_rank(np.ones(k)):9.2f}"
    print(f"ReLU, {k:2d} a class    one class  {row}")


# %%
def margin_share(run, labels):
    final = run.network()
    reached = (labels * final(run.X)).min() / np.linalg.norm(final.W)
    return reached * np.sqrt(final.width * len(labels))

claim(
    "nod-leaky-whole",
    f"whole leaky matrix, {spelled(len(SETTING.slopes))} slopes: largest difference from $2(1+\\gamma^2)/(1+\\gamma)^2$",
    max(abs(value - leaky_stable_rank(g)) for g, value in leaky_end.items()),
    at_most=1e-3,
    source="the whole matrix",
)
claim(
    "nod-relu-exact",
    f"ReLU classes: largest difference from the limit for the network's own $\\alpha_i$, $\\alpha_{{ik}}$, {networks} networks",
    max(
        np.abs(np.subtract(pair, limit.block_ranks)).max()
        for k in SETTING.sizes
        for pair, (_, limit, _) in zip(measured[k], relu_end[k], strict=True)
    ),
    at_most=2e-3,
    source="ReLU, orthogonal inputs",
)
claim(
    "nod-relu-wide",
    f"ReLU, orthogonal, $m={SETTING.wide}$: mean rank of {spelled(2 * SETTING.draws)} classes, largest distance from $2n_j/(n_j+1)$, {spelled(len(SETTING.sizes))} sizes",
    max(abs(np.mean(pairs) - relu_stable_rank(np.ones(k))) for k, pairs in measured.items()),
    at_most=0.04,
)
claim(
    "nod-margin",
    f"normalised margin of the ReLU networks over the largest possible, mean of {networks}",
    np.mean([margin_share(run, labels) for ends in relu_end.values() for run, _, labels in ends]),
    equals=np.sqrt(0.5),
    tol=0.015,
    source="not the largest margin",
)

# %% [markdown]
# In the *whole* matrix the two classes of a ReLU network use orthogonal directions, so its stable rank on such data is about twice that of a class if the classes are alike, and below 4 for wide networks; "bounded by a constant" leaves room for that. Off orthogonality a wrong-class neuron need not stay off: it may {ref}`hover at its kink <neurons-that-hover>`.

# %% tags=["remove-cell"]
log_t, limit = leaky[0][0].log_time[-1], leaky[0][1]
gap = np.log(limit.u.max() / limit.u.min())
glue("eta", f"{leaky[0][0].step_size:.0f}", display=False)
glue("eta-ratio", f"{10 * round(leaky[0][0].step_size)}", display=False)
longer = [pair[:2] for ends in relu_end.values() for pair in ends]
hm = max(run.h * np.diag(one.kernel).max() for run, one in longer)
glue("hm-orthogonal", f"{hm:.0f}", display=False)
glue("steps", spelled(P.steps), display=False)
for name in ("inputs", "dim", "neurons", "slope", "draws"):
    glue(name, spelled(getattr(P, name)), display=False)
glue("far", f"{log_t / np.log(10):.0f}", display=False)
glue("spread-law", f"{100 * gap / log_t:.2f} %", display=False)
glue("spread-million", f"{100 * gap / np.log(1e6):.1f} %", display=False)
glue("dimension", f"{P.dim * (8 * np.e / P.slope**3 / np.median(C)) ** 2 / 1e6:.0f} million", display=False)


# %% [markdown]
# ```{admonition} Beyond the paper
# :class: beyond
#
# Derived here, without having read the paper, so that some of it may be there: the constants of all five theorems, for discrete steps and a frozen pattern. What others have shown before us is in the table at the end.
# ```
#
# ## Summary
#
# 1. Once the pattern is frozen, everything is in $u=K^{-1}\mathbf1$: if $u>0$, $z_i=\log t+\log\frac{\eta}{nu_i}+o(1)$, $tL\to\mathbf1^{\mathsf T}u/\eta$ and $\|W\|/\log t\to\sqrt{\mathbf1^{\mathsf T}u}$; if not, $\hat a$ takes its place and margins stay apart.
# 2. Loss-normalised steps have the same limits and a constant lead $\log\frac{e^c-1}c$; {glue:text}`steps` of them stand for more than $10^{180}$ constant ones.
# 3. Leaky ReLU, if all neurons of a class end with the same pattern (proved for sufficiently orthogonal data): each class tends to rank one, like $1/\log^2t$ with a known constant; the whole matrix does not, but to $2(1+\gamma^2)/(1+\gamma)^2$ on balanced orthogonal data.
# 4. ReLU, orthogonal inputs: the stable rank of a class tends to a limit of at most $1/\min\alpha_i$, in wide networks to $2n_j/(n_j+1)$ (equal lengths), at about $\sqrt{1/2}$ of the largest margin.
# 5. What the paper's experiments show, slopes and real digits, is {ref}`on the next page <nod-experiments>`; what a large step does, {ref}`on the one after <large-logistic-steps>`.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise} Species that compete
# :label: ex-nod-species
#
# Let $K$ be positive definite, $u=K^{-1}\mathbf1>0$, and $p_i'=p_i(1-(Kp)_i)$ with $p_i(0)>0$. Derive this system from the flow $\dot z=\frac\eta nKe^{-z}$ with $p_i=\frac{\eta t}ne^{-z_i}$, $\tau=\log t$. With $H=\sum_i\bigl(p_i-u_i-u_i\log\frac{p_i}{u_i}\bigr)$ show that $H'=-(p-u)^{\mathsf T}K(p-u)$, and conclude $p\to u$.
# ```
#
# ```{solution} ex-nod-species
# :class: dropdown
# :label: sol-nod-species
#
# $p_i'=t\dot p_i=p_i-p_it\dot z_i=p_i-p_i\,\frac{\eta t}n(Ke^{-z})_i=p_i(1-(Kp)_i)$. Then $H'=\sum(p_i-u_i)\frac{p_i'}{p_i}=(p-u)^{\mathsf T}(\mathbf1-Kp)=-(p-u)^{\mathsf T}K(p-u)$, as $\mathbf1=Ku$. Each summand of $H$ is non-negative, zero only at $p_i=u_i$, and tends to infinity as $p_i\to0$ or $\infty$. So $p$ stays in a compact set of positive vectors, where the right-hand side is smooth. As $\int_0^\infty(p-u)^{\mathsf T}K(p-u)\,d\tau\le H(0)$ is finite and the integrand is uniformly continuous in $\tau$, it tends to zero, and $p\to u$.
# ```
#
# ```{exercise-start} The slowest rate
# :label: ex-nod-rate
# ```
# Linearise the flow of {prf:ref}`rem-nod-lotka` at $u$: the deviations $\epsilon_i$ of the margins obey $\frac{d\epsilon}{d\tau}=-K\operatorname{diag}(u)\,\epsilon$. Show that all eigenvalues are positive reals, that 1 is one of them with eigenvector $\mathbf1$, and say what this one stands for. Which rate in $t$ do you expect of the *gaps*? Compute it for the leaky network.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-nod-rate
# :class: dropdown
# :label: sol-nod-rate
# ```
# With $p_i=u_ie^{-\epsilon_i}$, $\epsilon_i'=-p_i'/p_i=(Kp)_i-1\approx-(K\operatorname{diag}(u)\epsilon)_i$. The matrix is similar to the positive definite $\operatorname{diag}(u)^{1/2}K\operatorname{diag}(u)^{1/2}$, and $Ku=\mathbf1$ says that $\mathbf1$ is an eigenvector to 1. It is a shift of time: $\log(t+s)-\log t\approx s/t$ for all margins. Gaps feel the other eigenvalues: the smallest of these, $\nu$, gives $t^{-\nu}$ if it is below 1; if not, corrections of order $1/t$, of the discrete steps and of the logistic loss, may count more. For nearly orthogonal data all are near 1. (A loss-normalised step multiplies this deviation by $1-c\nu$ and $t$ by $e^c$, so it shows the exponent $-\frac1c\log(1-c\nu)$, which tends to $\nu$ as $c\to0$.)

# %%
def measured_over_predicted(k):
    limit, start = limits[k], leaky[k][0].start
    path = descend_logistic(
        start, *samples[k], S.eta, 1000, clock="loss", records=1000
    )
    error = np.abs(
        path.margins - path.margins.mean(axis=1, keepdims=True) - limit.gaps
    ).max(axis=1)
    window = (path.log_time > 18) & (error > 1e-11)
    rate = -np.polyfit(path.log_time[window], np.log(error[window]), 1)[0]
    c, nu = (
        path.h / limit.u.sum(),
        np.linalg.eigvals(limit.kernel * limit.u).real.min(),
    )
    return rate / (-np.log1p(-c * nu) / c)

nu = np.linalg.eigvals(limits[0].kernel * limits[0].u).real
claim("nod-ex-one", "distance of the eigenvalue nearest to 1", np.abs(nu - 1).min(), at_most=1e-9)
claim("nod-ex-rate", f"measured exponent over $-\\log(1-c\\nu)/c$, median of {ten}",
      np.median([measured_over_predicted(k) for k in range(P.draws)]), equals=1.0, tol=0.03)


# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} One long input
# :label: ex-nod-long
# ```
# A ReLU class has $n_j\ge3$ orthogonal inputs, $n_j-1$ of length 1 and one of length $\ell$. Find the limit of its stable rank (wide network) as $\ell\to\infty$ and as $\ell\to0$. In which of the two does the block become of rank one? Check with networks.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-nod-long
# :class: dropdown
# :label: sol-nod-long
# ```
# With $\zeta=(1,\dots,1,1/\ell)$: as $\ell\to\infty$ the last entry disappears, and the limit is $\frac{2(n_j-1)}{n_j}$: an input that is learnt without effort leaves no trace in the weights. As $\ell\to0$, dividing $\zeta$ by its last entry leaves $\zeta=(0,\dots,0,1)$: the ratio is $2\cdot1/(1+1)=1$. The hard input takes all the weight, and the block, of the rows that are on there, is of rank one.

# %%
def one_long(length, width=1000):
    lengths = [1.0, 1, 1, length]
    Z = orthogonal_inputs(4, 20, lengths, seed=SEED + 1)
    net = signed_network(20, width, 0.0, P.scale, SEED + 2)
    limit = asymptotics(
        Z, np.ones(4), np.vstack([net.pattern(Z)[:width], np.zeros((width, 4))])
    )
    return stable_rank(limit.direction[:width]), relu_stable_rank(lengths)

long, short, odd = one_long(100.0), one_long(0.01), one_long(3.0)

claim(
    "nod-ex-long-long",
    "three inputs of length 1 and one of 100: stable rank of a wide class",
    long[0],
    equals=1.5,
    tol=0.08,
)
claim("nod-ex-long-short", "three inputs of length 1 and one of 0.01: stable rank of a wide class", short[0], equals=1.0, tol=0.01)
claim(
    "nod-ex-long-formula",
    "three inputs of length 1 and one of 100, 0.01 or 3: wide class over the closed form, furthest from 1",
    furthest([found / formula for found, formula in (long, short, odd)]),
    equals=1.0,
    tol=0.05,
    source="ReLU, orthogonal inputs",
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} Rescue the margin
# :label: ex-nod-rescue
# ```
# By {prf:ref}`prop-nod-margin` a ReLU network trained on orthogonal inputs reaches about $\sqrt{1/2}$ of the largest margin. Add to all weights of class $j$ one vector such that every neuron is on on every sample of its class, and train on. What margin does it reach? Predict with $\alpha_i$, then check.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-nod-rescue
# :class: dropdown
# :label: sol-nod-rescue
# ```
# Take a multiple of $\sum_{y_i=j}x_i$. Then $\alpha_i=1$, and {prf:ref}`prop-nod-margin` promises the largest margin. Patterns, not step sizes, decide here.

# %%
first, _, labels = relu_end[SETTING.middle][0]
Z, net = first.X, first.start
push = np.repeat([(labels > 0) @ Z, (labels < 0) @ Z], net.width, axis=0)
woken = SignedNetwork(net.W + 0.1 * push, 0.0)
eta = step_for_gain(woken, Z, labels, SETTING.gain)
rescued = descend_logistic(woken, Z, labels, eta, 1500, clock="loss", records=2)
claim("nod-ex-rescue", "normalised margin over the largest possible, all neurons awake", margin_share(rescued, labels),
      equals=1.0, tol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# We searched the stored web pages and papers (abstracts, and openings of main texts) for "nearly orthogonal", "leaky ReLU", "stable rank", "margin", "loss-normalised" and "mirror descent" with gradient descent on the logistic loss. What is said of a source in the middle column is in its abstract, unless marked.
#
# | Statement | Known from | What we add |
# |---|---|---|
# | Leaky ReLU: stable rank tends to 1; ReLU: it stays bounded; margins become equal ({prf:ref}`thm-nod-leaky`, {prf:ref}`thm-nod-rank-one`, {prf:ref}`cor-nod-whole`, {prf:ref}`thm-nod-relu`) | {cite:t}`kou2023implicit`, gradient descent, nearly orthogonal data. Before: {cite:t}`frei2023implicit`, nearly orthogonal data, leaky ReLU: the gradient flow tends to rank at most two and to a largest margin in parameter space; one step of gradient descent from a small start reduces the rank drastically | constants: {prf:ref}`thm-nod-rank-one` (the rate $1/\log^2t$ and its factor), {prf:ref}`cor-nod-whole` (the two directions and their stable rank), {prf:ref}`thm-nod-relu`, the sufficient condition of {prf:ref}`thm-nod-leaky` |
# | Near-orthogonality makes $u$ positive ({prf:ref}`lem-nod-positive`) | diagonal dominance, textbook; near-orthogonality is the assumption of {cite:t}`kou2023implicit` | the bound $\kappa<\frac12$ for both kinds of pattern |
# | $W_t-W_\infty\log t$ is bounded, and tends to a largest margin ({prf:ref}`thm-nod-constant`) | {cite:t}`soudry2018implicit` for linear models; that its limit solves $\eta e^{-z}\propto$ multipliers, which are our constants in part 2, is there too (from memory) | the kernel of a frozen pattern, and a proof by comparing two discrete paths, without the flow |
# | Gradient descent is mirror descent on the shares of the samples; longer steps are faster ({prf:ref}`thm-nod-fast`) | {cite:t}`ji2021characterizing`; steps that grow as the loss falls also {cite:t}`nacson2019convergence`, {cite:t}`lyu2020gradient` (from memory) | the lead {eq}`eq-nod-lead`, the equal limits, and the use as a clock |
# | A ReLU network need not reach the largest margin ({prf:ref}`prop-nod-margin`) | {cite:t}`vardi2022margin`: limits of the flow need not even be local optima | the factor $\sqrt\alpha$ on orthogonal data |
# | Directions converge for leaky ReLU networks beyond nearly orthogonal data | {cite:t}`hashimoto2026directional`, gradient descent, mixtures | nothing: our theorem needs a frozen pattern |
#
# ## Notes and references
#
# The problem, the model and the three results on stable ranks and margins are those of {cite:t}`kou2023implicit`; our constants and hypotheses need not be theirs.
#
# Not proved here: convergence of the pattern for a leaky ReLU beyond {eq}`eq-nod-hypothesis`; anything but a {prf:ref}`consistency statement <prop-nod-hover>` for ReLU networks on data that are not orthogonal, a bound on their stable rank included, which the paper states. And times like $10^{180}$ show that constants are right, not what a trained network looks like.
