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
# (univariate-bound)=
# # The univariate bound
#
# ```{twenty-minutes} univariate-picture univariate-chain thm-univariate univariate-weight univariate-sweep fig-univariate-slacks fig-univariate-warmup
# ```
#
# A large step of gradient descent cannot rest in a sharp minimum. On the line, for a network with one hidden layer, we
# turn that sentence into a statement about the *function*: $\int|f''|\,g\le\frac1\eta-\frac12$, with a weight $g$ that
# the inputs alone decide. We prove it in a page, name each place where it gives something away, and measure all of them
# on networks trained from ten starts; how the step was brought to its value turns out to decide what training finds.
#
# After this chapter you can
#
# - prove the bound from one test vector, and say which of its three slacks a given network pays;
# - read off the weight $g$ of a sample which bends of a function are dear and which are free;
# - tell a run that tests the theorem from one that does not: unfinished, above the edge, at rest without interpolating,
#   or half dead after a leap of the loss.
#
# We need {ref}`linear-stability`: the tangent kernel, the loss Hessian at an interpolating minimum, and why a stable
# minimum has $\lambda_{\max}\le2/\eta$. Symbols are collected in {ref}`notation`.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima import (ShallowReLU, bound_chain, gd_threshold, population_weight,
                          random_network, sharpness, stability_norm, tangent_kernel,
                          univariate_weight)
from stableminima.book.claims import claim
from stableminima.book.figures import univariate_bound as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds import second_derivative
from stableminima.bounds.neurons import neuron_counts
from stableminima.stability import hessian_sharpness
from stableminima.training import mean_square_loss, train_together
from stableminima.training.diagnosis import diagnose

SEED = 0  # shifts every random draw of this page
use_house_style()


# %% [markdown]
# (univariate-picture)=
# ## Two networks through the same points
#
# A handful of samples stand in two groups with a gap between them. Every interpolating function agrees on the samples; in
# the gap, nothing but the way it was found tells one from another. What a single run shows may be its own luck, so every
# experiment of this page is made on {glue:text}`draw-count` *draws*: each has samples of its own, jittered, and a start of its own.

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


def experiment(seed, reach=1.7, output_scale=6.0):
    rng = np.random.default_rng(seed)
    half = np.linspace(0.55, reach, SAMPLES // 2)
    x = np.concatenate([-half[::-1], half]) + rng.uniform(
        -0.03, 0.03, 2 * len(half)
    )
    x = (x - x.mean()) / x.std()
    w, knot = rng.normal(size=WIDTH), rng.uniform(-reach, reach, WIDTH)
    v = rng.normal(0, output_scale / np.sqrt(WIDTH), WIDTH)
    y = np.sin(2.6 * np.abs(x)) / 2 + x / 10
    return Draw(x, y, ShallowReLU(w[:, None], -w * knot, v, 0.0))


draws = [experiment(seed) for seed in range(SEED, SEED + DRAWS)]


# %% [markdown]
# The knots of the hidden neurons start spread over the samples and the output weights start large, so that the initial
# function is rough. Both are *our choice*: with zero biases all knots start at one place, and with small output weights
# the tangent kernel of so few points is so ill-conditioned that reaching a loss of $10^{-8}$ takes more steps than a page
# can spend.
#
# We train each start by full-batch gradient descent with several step sizes, until the loss is below $10^{-8}$. That
# stopping rule and full batches are those of the toy experiment that {cite:t}`nacson2023implicit` describe (with 40
# neurons); data, start, step sizes, and the warm-up are ours. The **warm-up** is no detail: over the first {glue:text}`warmup` epochs
# the step grows linearly to its value. {ref}`Without it most of these runs diverge <univariate-warmup>`.
# (`train_together` makes the iterates of the readable `train_sgd`, for many networks at once.)

# %%
class Sweep(NamedTuple):
    steps: tuple = (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)  # rising
    warmup: int = 2000
    max_epochs: int = 30_000
    tolerance: float = 1e-8


STEPS, WARMUP, MAX_EPOCHS, TOLERANCE = Sweep()


def sweep(steps, **how):
    """All draws and steps at once; sweep(steps)[i][eta] is a run of draw i."""
    pairs = [(one, eta) for one in draws for eta in steps]
    done = iter(train_together([one.start for one, _ in pairs],
                               np.array([one.X for one, _ in pairs]),
                               np.array([one.y for one, _ in pairs]),
                               [eta for _, eta in pairs], TOLERANCE, **how))
    return [{eta: next(done) for eta in steps} for _ in draws]


def table(value, swept):
    """value(draw, eta, run), a row for each draw, a column for each step size."""
    return np.array([[value(one, eta, run) for eta, run in runs.items()]
                     for one, runs in zip(draws, swept, strict=True)])


swept = sweep(STEPS, warmup=WARMUP, max_steps=MAX_EPOCHS)
chains = [{eta: bound_chain(run.network, one.X, eta) for eta, run in runs.items()}
          for one, runs in zip(draws, swept, strict=True)]
done = table(lambda one, eta, run: run.status == "converged", swept)
SHOWN = int(done.sum(axis=1).argmax())
x, y, _ = draws[SHOWN]
X, runs = draws[SHOWN].X, swept[SHOWN]
small, large = STEPS[0], STEPS[-1]

# %% [markdown]
# Pictures of single networks show the draw with the most converged runs; numbers are about all of them.

# %% tags=["remove-cell"]
for name, eta in (("small", small), ("large", large)):
    chain = chains[SHOWN][eta]
    glue(f"eta-{name}", f"{eta:g}", display=False)
    glue(f"norm-{name}", f"{chain.stability_norm:.2f}", display=False)
    glue(f"sharp-{name}", f"{chain.sharpness:.1f}", display=False)
glue("draw-count", str(len(draws)), display=False)
glue("warmup", str(WARMUP), display=False)
glue("width", str(WIDTH), display=False)

# %% mystnb={"figure": {"name": "fig-two-steps", "caption": "One start, one sample, two step sizes. Under each function, a stem at every knot, as high as the mass $|a|$ of $f''$ there times the weight $g$; the ticks are the samples."}, "image": {"alt": "Two networks interpolate points in two groups. The one trained with the small step wiggles and dips in the gap between the groups and has many tall stems there. The one trained with the large step crosses the gap almost straight and its stems are hardly visible."}}
draw.plot_two_fits(
    {rf"$\eta={eta:g}$": runs[eta].network for eta in (small, large)}, x, y
)
plt.show()

# %% [markdown]
# Both functions in {numref}`fig-two-steps` fit. With $\eta=$ {glue:text}`eta-large` the function crosses the gap almost
# straight; with $\eta=$ {glue:text}`eta-small` it keeps the roughness of the start. The sharpness is
# {glue:text}`sharp-large` for the large step and {glue:text}`sharp-small` for the small one: with the large step
# gradient descent could not have stayed at the other minimum. This chapter says what that has to do with the stems,
# whose heights add up to {glue:text}`norm-large` and {glue:text}`norm-small`.
#
# (univariate-chain)=
# ## One test vector, three slacks
#
# The network is $f(x)=\sum_{i\le k}v_i\,\sigma(w_ix+b_i)+c$ with $\sigma(z)=\max(z,0)$. All parameters
# $\theta=(w,b,v,c)$ are trained on $L=\frac1{2n}\sum_j(f(x_j)-y_j)^2$. We write $X$ for a sample drawn at random from
# $x_1,\dots,x_n$, so that $\mathbb E$ and $P$ are averages over the data,
# $\Phi=[\nabla_\theta f(x_1)\,\cdots\,\nabla_\theta f(x_n)]$, and $G=\Phi^{\mathsf T}\Phi$ for the $n\times n$ tangent
# kernel.
#
# A neuron with $w_i\ne0$ bends $f$ at its **knot** $\tau_i=-b_i/w_i$. Since
# $\sigma(w_ix+b_i)=|w_i|\,\sigma(s_i(x-\tau_i))$ with $s_i=\operatorname{sign}w_i$,
#
# $$
# \begin{aligned}
# f(x)&=\sum_{w_i\ne0} a_i\,\sigma\bigl(s_i(x-\tau_i)\bigr)+c',\qquad a_i=v_i|w_i|,\\
# f''&=\sum_{w_i\ne0} a_i\,\delta_{\tau_i},\qquad c'=c+\sum_{w_i=0}v_i\sigma(b_i).
# \end{aligned}
# $$ (eq-knots)
#
# Whether the neuron opens to the right ($s_i=1$) or to the left ($s_i=-1$), the slope of $f$ jumps by $a_i$ at
# $\tau_i$: this is what $f''$, a measure, records. A neuron with $w_i=0$ is a constant and has no knot.
#
# ```{prf:definition} The weight of the data
# :label: def-univariate-weight
#
# $$
# \begin{aligned}
# g^+(t)&=\mathbb E[(X-t)_+]\,\sqrt{P(X>t)^2+\mathbb E[X\,1_{X>t}]^2},\\
# g^-(t)&=\mathbb E[(t-X)_+]\,\sqrt{P(X<t)^2+\mathbb E[X\,1_{X<t}]^2},
# \end{aligned}
# $$
#
# and $g=\min(g^+,g^-)$. A neuron opening to the right at $t$ sees the samples on its right and has the one-sided weight
# $g^+(t)$; one opening to the left has $g^-(t)$. We write $\tilde g_i$ for the one of the two that belongs to neuron
# $i$.
# ```
#
# Where $P(X>t)>0$, this is $g^+(t)=P(X>t)^2\,\mathbb E[X-t\mid X>t]\sqrt{1+\mathbb E[X\mid X>t]^2}$, the form in which
# {cite:t}`mulayoff2021implicit` give it; ours has no $0/0$.
#
# ### Slack (i): the constant vector
#
# ```{prf:lemma} The constant vector
# :label: lem-constant-vector
#
# For every network and every sample at which $\nabla_\theta f$ is defined,
# $\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)\ \ge\ \|\mathbb E\nabla_\theta f(X)\|^2$, with equality if and only if the
# constant vector is an eigenvector of $G$ to its largest eigenvalue.
# ```
#
# ```{prf:proof}
# $\Phi\Phi^{\mathsf T}$ and $G=\Phi^{\mathsf T}\Phi$ have the same largest eigenvalue. It is at least the Rayleigh
# quotient of $G$ at the unit vector $e=(1,\dots,1)/\sqrt n$, so
# $\lambda_{\max}(G/n)\ge e^{\mathsf T}Ge/n=\|\Phi e\|^2/n=\bigl\|\tfrac1n\sum_j\nabla_\theta f(x_j)\bigr\|^2$. A
# Rayleigh quotient of a symmetric matrix attains the largest eigenvalue exactly at its eigenvectors.
# ```
#
# Why this vector? The top eigenvector says which combination of residuals the network learns fastest. For kernels with
# non-negative entries it has one sign (Perron–Frobenius), and the constant is the one vector of that kind that knows
# nothing about the data.

# %%
middle = STEPS[len(STEPS) // 2]
network = runs[middle].network
eigenvalues, eigenvectors = np.linalg.eigh(tangent_kernel(network, X) / len(x))
overlap = abs(eigenvectors[:, -1].sum()) / np.sqrt(len(x))
mean_gradient = (
    1 + 2 * bound_chain(network, X).gradient_level
)  # ‖E∇f‖², summed neuron by neuron

# %%
claim(
    "univariate-mean-gradient",
    r"$\|\mathbb E\nabla f\|^2$ summed neuron by neuron, over $\mathbf "
    r"1^{\mathsf T}G\mathbf 1/n^2$",
    mean_gradient / tangent_kernel(network, X).mean(),
    equals=1,
    tol=1e-10,
    source="The mean gradient and AM–GM",
)
claim(
    "univariate-constant-vector",
    r"one trained network, its $n\times n$ kernel diagonalised: largest "
    r"eigenvalue of $G/n$ over "
    r"$\|\mathbb E\nabla f\|^2$",
    eigenvalues[-1] / mean_gradient,
    at_least=1,
    source="The constant vector",
)
claim(
    "univariate-sharpness-is-top",
    "one trained network: largest eigenvalue of $G/n$ over the sharpness in the "
    "chain of bounds",
    eigenvalues[-1] / bound_chain(network, X).sharpness,
    equals=1,
    tol=1e-9,
    source="The constant vector",
)
glue("overlap", f"{overlap:.3f}", display=False)
glue("eta-middle", f"{middle:g}", display=False)

# %% mystnb={"figure": {"name": "fig-constant-vector", "caption": "A network of the sweep (the middle step size) and, sample by sample, the top eigenvector of its tangent kernel beside the constant vector that replaces it in {prf:ref}`lem-constant-vector`."}, "image": {"alt": "Above, the function on its samples. Below, the components of the top eigenvector, all positive, scattered around the dashed line of the constant vector."}}
draw.plot_constant_vector(network, X, eigenvectors[:, -1])
plt.show()

# %% [markdown]
# The cosine of the angle between the two vectors of {numref}`fig-constant-vector` is {glue:text}`overlap`. What the
# lemma loses is slack (i).
#
# ### Slack (ii): the gauge
#
# ```{prf:lemma} The mean gradient and AM–GM
# :label: lem-gauge
#
# Let $z_i=\sigma(w_iX+b_i)$, $1_i=1_{w_iX+b_i>0}$, $Q_i=\sqrt{P(1_i=1)^2+\mathbb E[X1_i]^2}$. Then
#
# $$
# \|\mathbb E\nabla_\theta f(X)\|^2=1+\sum_i\bigl(\mathbb E[z_i]^2+v_i^2Q_i^2\bigr)\ \ge\ 1+2\sum_i|a_i|\,\tilde g_i .
# $$
#
# (Neurons with $w_i=0$ have $a_i=0$ and no $\tilde g_i$; they are left out of the last sum.) If no $w_i$ is zero,
# equality holds if and only if $\mathbb E[z_i]=|v_i|Q_i$ for every $i$. If moreover each neuron with $v_i=0$ is off on
# all samples, a rescaling $(w_i,b_i,v_i)\to(\alpha_iw_i,\alpha_ib_i,v_i/\alpha_i)$, $\alpha_i>0$, which leaves $f$
# unchanged, achieves it.
# ```
#
# ```{prf:proof}
# The derivatives of $f(X)$ by $c,\,v_i,\,w_i,\,b_i$ are $1,\ z_i,\ v_iX1_i,\ v_i1_i$. Their means squared add up to
# $1+\sum_i(\mathbb E[z_i]^2+v_i^2\mathbb E[X1_i]^2+v_i^2P(1_i=1)^2)$, the equality. For $w_i\neq0$ we have
# $\mathbb E[z_i]=|w_i|\,\mathbb E[(s_i(X-\tau_i))_+]$, and $1_i$ is the indicator of the side of $\tau_i$ that the
# neuron sees; hence $2\,\mathbb E[z_i]\,|v_i|Q_i=2|a_i|\tilde g_i$ and the inequality is $p^2+q^2\ge2pq$, with equality
# if and only if $p=q$. For $w_i=0$ the term is at least 0.
#
# For the last claim take $\alpha_i^2=|v_i|Q_i/\mathbb E[z_i]$ where $v_i\ne0$ and $\mathbb E[z_i]>0$. Then $Q_i>0$,
# because $P(1_i=1)>0$; and $\alpha_i\,\mathbb E[z_i]=|v_i|Q_i/\alpha_i$. If $\mathbb E[z_i]=0$ the neuron is off on all
# samples, $Q_i=0$, and there is nothing to do.
# ```
#
# The left side depends on the parameters, the right side on the neurons as functions only. What lies between is slack
# (ii): the price of an unfortunate *gauge*, in which a neuron's in-weights and out-weights are out of proportion.
# `balanced` is the gauge of the proof.

# %%
balanced = bound_chain(network.balanced(X), X)
claim(
    "univariate-balanced-gauge",
    "in the balanced gauge the AM–GM step is an equality (difference)",
    balanced.gradient_level - balanced.one_sided,
    equals=0,
    tol=1e-12,
    source="The mean gradient and AM–GM",
)

# %% [markdown]
# ### Slack (iii): the orientation
#
# A neuron opening to the right at $\tau$ and one opening to the left differ by an affine function:
# $\sigma(z)=z+\sigma(-z)$. The measure $f''$ does not know which of them was used, so we take the cheaper.
#
# ```{prf:lemma} Orientation and merging
# :label: lem-orientation
#
# $\displaystyle\sum_i|a_i|\,\tilde g_i\ \ge\ \int|f''|\,g\ =:\ S_g(f)$.
# ```
#
# ```{prf:proof}
# The mass of the measure $|f''|$ at a point $t$ is $|\sum_{i:\tau_i=t}a_i|\le\sum_{i:\tau_i=t}|a_i|$, the triangle
# inequality over the neurons that share the knot. Multiply by $g(t)$, use $g(\tau_i)\le\tilde g_i$ and sum over the
# knots.
# ```
#
# Both halves are used: $g=\min(g^+,g^-)$ takes the cheaper side, and masses at one knot are added *before* the modulus is
# taken. Split a neuron in two at its own knot, one of them with the wrong sign: the function and $S_g$ stay, the one-sided
# sum grows.

# %%
FACTOR = 3  # of one of the two; the other gets what is left


def split(net, factor=FACTOR):
    """The same function: two neurons for one, on its knot, of opposite signs."""
    v = np.concatenate([factor * net.v, (1 - factor) * net.v])
    return ShallowReLU(np.tile(net.W, (2, 1)), np.tile(net.b, 2), v, net.c)


whole, halves = bound_chain(network, X), bound_chain(split(network), X)
claim(
    "univariate-merging",
    "every neuron split in two of opposite signs on the same knot: $S_g$ after "
    "over before",
    halves.stability_norm / whole.stability_norm,
    equals=1,
    tol=1e-9,
    source="Orientation and merging",
)
claim(
    "univariate-merging-one-sided",
    "every neuron split in two of opposite signs on the same knot: the one-sided "
    f"sum is multiplied by ${FACTOR}+{FACTOR - 1}$",
    halves.one_sided / whole.one_sided,
    equals=2 * FACTOR - 1,
    tol=1e-9,
    source="The mean gradient and AM–GM",
)


# %% [markdown]
# ### The theorem
#
# ```{prf:theorem} The univariate bound
# :label: thm-univariate
#
# Let $\theta$ be parameters of a shallow univariate ReLU network at which
#
# 1. the network interpolates: $f(x_j)=y_j$ for all $j$;
# 2. no neuron switches on a sample: $w_ix_j+b_i\ne0$ for all $i,j$;
# 3. the minimum is linearly stable for gradient descent with step size $\eta$, or for SGD with step size $\eta$ whose
#    batches are independent across steps and unbiased ($\mathbb EL_B=L$).
#
# Then $\displaystyle\int|f''|\,g\ \le\ \frac1\eta-\frac12$.
# ```
#
# ```{prf:proof}
# By 2, each $w_ix_j+b_i$ keeps its sign in a neighbourhood of $\theta$, so there each $f(x_j)$ is a polynomial in the
# parameters and $L$ is twice differentiable. By 1, $L$ attains its least value 0, and the residuals that multiply
# $\nabla^2f(x_j)$ in the Hessian vanish:
# $\nabla^2L=\frac1n\sum_j\nabla f(x_j)\nabla f(x_j)^{\mathsf T}=\Phi\Phi^{\mathsf T}/n$. By 3 and {prf:ref}`lem-flat`, its largest eigenvalue is at most $2/\eta$. With {prf:ref}`lem-constant-vector`,
# {prf:ref}`lem-gauge` and {prf:ref}`lem-orientation`,
#
# $$
# 1+2S_g(f)\ \le\ 1+2\sum_i|a_i|\,\tilde g_i\ \le\ \|\mathbb E\nabla f\|^2\ \le\ \lambda_{\max}(\nabla^2L)\ \le\ \frac2\eta .
# $$ (eq-univariate-chain)
# ```
#
# The left end depends on $f$ alone. So the bound holds for a *function* as soon as some parametrisation of it is
# stable.
#
# ```{admonition} In the paper
# :class: paper
#
# The bound $\int|f''|\,g\le1/\eta-1/2$ on the line, with this $g$, is the theorem of {cite:t}`mulayoff2021implicit`.
# {cite:t}`nacson2023implicit` carry it to many dimensions ({ref}`the next chapter <multivariate-bound>`), and
# {cite:t}`liang2025stable` restate the lower bound on the sharpness behind it. The proof is our write-up: we have read the
# main text of 2021, not its appendix, and since $2|a_i|\tilde g_i$ *is* the mean gradient after AM–GM, it can hardly be
# another. Naming and measuring the three slacks is ours.
# ```
#
# All steps but the last hold for *every* network, trained or not, with $\Phi\Phi^{\mathsf T}/n$ in place of the
# Hessian. We try them on networks that nobody trained.

# %%
def random_chain(seed):
    rng = np.random.default_rng(seed)
    net = random_network(
        dim=1, width=int(rng.integers(1, 30)), seed=seed, scale=2.0
    )
    net = ShallowReLU(net.W, rng.normal(size=net.width), net.v, rng.normal())
    return bound_chain(
        net, rng.normal(rng.normal(), 1.0, (int(rng.integers(2, 20)), 1))
    )


CHAINS = 300
gaps = [
    np.diff([value for _, value in random_chain(seed).links]).min()
    for seed in range(SEED, SEED + CHAINS)
]
claim(
    "univariate-chain-random",
    f"on {CHAINS} random networks and samples no link of the chain is out of order "
    "(worst gap)",
    min(gaps),
    at_least=0,
    tol=1e-9,
    source="The univariate bound, all but its last step",
)

# %% [markdown]
# ```{prf:remark} What the bound does not see
# :label: rem-unseen
#
# The 1 in {eq}`eq-univariate-chain` is the output bias: $\partial f/\partial c=1$ at every sample. A neuron that is *off
# on all samples* contributes to none of the numbers, however large its weights; its knot lies where $g=0$. A neuron
# that is *on at all samples* is, for the data, an affine function. Its knot also lies where $g=0$, so $S_g$ ignores it,
# but it does enter $\|\mathbb E\nabla f\|^2$ and the sharpness: the slope of $f$ is not free, only not counted. It is
# part of slack (iii), and {ref}`an exercise <ex-univariate-slope>` gives its price.
# ```
#
# ### Away from interpolation
#
# A run that ends with a loss above zero is not covered by the theorem. The following is.
#
# ```{prf:proposition} Without interpolation
# :label: prop-univariate-residual
#
# Let $|x_j|\le R$ for all $j$ and let no neuron switch on a sample. Then
#
# $$
# S_g(f)\ \le\ \tfrac12\bigl(\lambda_{\max}(\nabla^2L)-1\bigr)+\tfrac12\sqrt{1+R^2}\,\sqrt{2L}.
# $$
#
# If moreover the parameters are a minimum that is linearly stable for step size $\eta$ in the sense of
# {prf:ref}`lem-flat`, then
#
# $$
# S_g(f)\ \le\ \tfrac1\eta-\tfrac12+\tfrac12\sqrt{1+R^2}\,\sqrt{2L}.
# $$
# ```
#
# ```{prf:proof}
# By the three lemmas $1+2S_g(f)\le\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)$, and by {prf:ref}`prop-residual` this exceeds
# $\lambda_{\max}(\nabla^2L)$ by at most $\sqrt{1+R^2}\sqrt{2L}$. The second statement is
# $\lambda_{\max}(\nabla^2L)\le2/\eta$, {prf:ref}`lem-flat`, which asks for a differentiable minimum and not for
# interpolation.
# ```
#
# {cite:t}`liang2025stable` state the first inequality with $(R+1)\sqrt{2L}$ as its last term; the constant here is
# ours. {cite:t}`qiao2024stable` have a bound of this kind for noisy labels, with what it implies for generalisation. The
# constant cannot be smaller, for $S_g$ either: take $n-1$ samples at 1 and one at $-1$, one balanced neuron that opens to the right
# at $1-n^{-2}$ and has height $h$ on the cluster, and labels above $f$ there by a fixed amount. As $h\to\infty$ with $h/n\to0$ the
# ratio of the excess, $S_g-\frac12(\lambda_{\max}(\nabla^2L)-1)$, to the last term tends to 1: on the cluster $\nabla f$ is, but for
# the output bias, an eigenvector of the residual part of the Hessian, to its least eigenvalue.

# %%
n, height, gap = 2000, 30.0, 2.0  # samples; of the neuron; residual
many = np.append(np.ones(n - 1), -1.0)[:, None]
steep = ShallowReLU([[1.0]], [1 / n**2 - 1], [height * n**2], 0.0).balanced(many)
labels = steep(many) + gap * (many[:, 0] > 0)
half_sharpness = (hessian_sharpness(steep, many, labels) - 1) / 2
excess = stability_norm(steep, many) - half_sharpness
allowed = np.sqrt(1 + 1) * np.sqrt(np.mean((labels - steep(many)) ** 2)) / 2
claim(
    "univariate-residual-attained",
    f"{n - 1} samples at 1, one at $-1$, one neuron of height {height:g}, residuals "
    f"of {gap:g}: "
    r"$S_g-\frac12(\lambda_{\max}(\nabla^2L)-1)$ over what the loss allows",
    excess / allowed,
    at_least=0.95,
    at_most=1,
    source="Without interpolation",
)


# %% [markdown]
# (univariate-weight)=
# ## The weight: which bends are dear
#
# Before the experiments we look at $g$. It depends on the inputs only, and it says what a bend costs: a knot of mass
# $a$ at $t$ costs $|a|\,g(t)$ out of a budget of $1/\eta-1/2$. We compare samples of size 20 with the populations they
# come from: three laws of mean 0 and variance 1, as {cite:t}`mulayoff2021implicit` do.

# %%
def sample_of(law, n, seed):
    rng = np.random.default_rng(seed)
    if law == "uniform":
        return rng.uniform(-np.sqrt(3), np.sqrt(3), n)
    return (
        rng.normal(size=n)
        if law == "gaussian"
        else rng.laplace(scale=np.sqrt(0.5), size=n)
    )


class Laws(NamedTuple):
    names: tuple = ("uniform", "gaussian", "laplace")
    sizes: tuple = (20, 200, 2000)
    samples: int = 20


LAWS = Laws()
laws = LAWS.names

# %% mystnb={"figure": {"name": "fig-univariate-weight", "caption": "The weight $g$ of three populations (thick) and of six samples of size 20 from each (thin)."}, "image": {"alt": "Three panels, uniform, Gaussian and Laplace. Each thick curve is a hump centred at zero that falls to zero in the tails, the Laplace one most pointed. Thin curves of samples of size twenty scatter around it and reach exactly zero at their outermost samples."}}
draw.plot_weights({law: [sample_of(law, LAWS.sizes[0], SEED + k) for k in range(6)]
                   for law in laws})
plt.show()


# %% [markdown]
# Three things are visible in {numref}`fig-univariate-weight`. Bends in the middle of the data are dear, because a knot
# there moves many samples whichever way it opens. Towards the edges $g$ falls to zero. And samples of size 20 scatter
# widely around their population; a hundred times as many come {glue:text}`closer-low` to {glue:text}`closer-high`
# times closer:

# %% tags=["nbval-check-output"]
def distance(law, n, seed):
    grid = np.linspace(-3, 3, 301)
    return np.abs(
        univariate_weight(sample_of(law, n, seed), grid)
        - population_weight(law, grid)
    ).max()


print(
    f"sup |g_n - g|, mean of {LAWS.samples} samples\n     n"
    + "".join(f"{law:>11}" for law in laws)
)
far_from = {}
for n in LAWS.sizes:
    far_from[n] = np.array([
        np.mean([distance(law, n, SEED + k) for k in range(LAWS.samples)])
        for law in laws
    ])
    print(f"{n:6d}" + "".join(f"{mean:11.3f}" for mean in far_from[n]))

# %% tags=["remove-cell"]
closer = far_from[LAWS.sizes[0]] / far_from[LAWS.sizes[-1]]
glue("closer-low", f"{closer.min():.0f}", display=False)
glue("closer-high", f"{closer.max():.0f}", display=False)


# %% [markdown]
# ### Where the weight vanishes
#
# Outside the samples $g=0$: a knot beyond all of them bends nothing that is measured. This permits everything outside,
# and it permits something inside too.
#
# ```{prf:proposition} The edge of a sample
# :label: prop-univariate-edge
#
# Let $x_1<\dots<x_n$ and let $t$ lie in the gap with exactly $m$ samples to its right, $\bar x_m$ their mean. Then
# $g^+(t)=(m/n)^2(\bar x_m-t)\sqrt{1+\bar x_m^2}$. In particular, between the last two samples
# $g(t)\le g^+(t)=(x_n-t)\sqrt{1+x_n^2}/n^2$. If a function is affine on $[x_{n-2},t]$ and on $[t,x_n]$ for some
# $t\in(x_{n-1},x_n)$, and misses the continuation of its first piece by $\delta$ at $x_n$, this knot costs at most
#
# $$
# |\delta|\,\sqrt{1+x_n^2}\,/\,n^2,
# $$
#
# wherever in the gap it is and however steep the last piece. Inside, if $f$ passes through three points over
# $x_j-r,x_j,x_j+r$ and misses at $x_j$ the chord of the outer two by $h>0$, then
# $\int|f''|\,g\ge\frac{2h}r\min_{|t-x_j|\le r}g(t)$.
# ```
#
# ```{prf:proof}
# $P(X>t)=m/n$, $\mathbb E[X1_{X>t}]=m\bar x_m/n$ and $\mathbb E[(X-t)_+]=\frac mn(\bar x_m-t)$; multiply. For $m=1$,
# $\bar x_m=x_n$. The jump $a$ of the slope satisfies $a(x_n-t)=\delta$, so
# $|a|g(t)\le|a|(x_n-t)\sqrt{1+x_n^2}/n^2=|\delta|\sqrt{1+x_n^2}/n^2$. For the last
# inequality let $\Lambda(t)=(1-|t-x_j|/r)_+$. Then $\int f''\Lambda=\frac1r\bigl(f(x_j+r)-2f(x_j)+f(x_j-r)\bigr)$ has
# modulus $2h/r$, and $0\le\Lambda\le1$ vanishes outside $[x_j-r,x_j+r]$.
# ```
#
# So an outlier at the edge of the data is interpolated at a price of order $1/n^2$, by a cliff if need be, while the
# same outlier inside has a price that grows without bound as the spike that reaches it is made narrower. Both prices, for
# equally spaced samples on $[-\sqrt3,\sqrt3]$ and a deviation of 1: a cliff whose knot is at distance $r$ from the last
# sample, and a spike of masses $\frac1r,-\frac2r,\frac1r$ on $[-r,r]$ (its middle knot is a limit case, on a sample).

# %% tags=["nbval-check-output"]
class Cliffs(NamedTuple):
    samples: int = 21  # equally spaced; odd
    widths: tuple = (0.1, 0.01, 0.001)  # each a tenth of the one before


CLIFFS = Cliffs()
spaced = np.linspace(-np.sqrt(3), np.sqrt(3), CLIFFS.samples)
prices = {}
print("     r    cliff at the last sample    spike at the middle one")
for r in CLIFFS.widths:
    at_edge, *around = univariate_weight(spaced, [spaced[-1] - r, -r, 0.0, r])
    prices[r] = at_edge / r, np.dot([1, 2, 1], around) / r
    print(f"{r:6.3f} {prices[r][0]:20.5f} {prices[r][1]:25.1f}")
cliffs, spikes = np.transpose(list(prices.values()))
formula = np.sqrt(1 + spaced[-1] ** 2) / len(spaced) ** 2
less, least = CLIFFS.widths[-2:]
claim(
    "univariate-edge-price",
    rf"{spelled(len(cliffs))} cliffs of different steepness cost $\sqrt{{1+x_n^2}}/n^2$: largest "
    r"relative difference",
    np.abs(cliffs / formula - 1).max(),
    at_most=1e-9,
    source="The edge of a sample",
)
claim(
    "univariate-spike-price",
    f"a spike of height 1 at the middle one of {len(spaced)} equally spaced samples: "
    f"its price on $[-r,r]$ with $r={least:g}$ over that with $r={less:g}$",
    spikes[-1] / spikes[-2],
    equals=round(less / least, 9),
    tol=0.1,
    source="The edge of a sample",
)

# %% [markdown]
# For populations the edge is softer but of the same kind: at distance $s$ from the end of the uniform law
# $g\sim s^3/12$ ({ref}`an exercise <ex-univariate-uniform>`), and far out in the Gaussian law
# $g(t)\sim\varphi(t)^2/t^2$. With a large step the middle of the data is fitted by bends of small total mass; the edges are
# hardly controlled at all.
#
# (univariate-sweep)=
# ## Trained networks at many step sizes
#
# **Question.** How much of the budget $1/\eta-1/2$ do trained networks spend on their bends, and where does the rest
# go? **Theory.** At a stable minimum that interpolates, $S_g$ is below the ceiling; and every network obeys the chain up to
# its sharpness. **Prediction.** Our step grows slowly. It overtakes $2/\lambda_{\max}$ of the start at some epoch, and from
# then on the network has to become flatter as fast as the step grows, but no faster: so we expect
# $\lambda_{\max}\approx2/\eta$ at the end (the *edge of stability* of {cite:t}`cohen2021gradient`, reached from above).
# Where $2/\eta$ is above the sharpness of the start nothing drives it there, and we expect it to stay where it is. About the
# three slacks we predict nothing.
#
# First the chain of one draw, from left to right (`lam` is $\lambda_{\max}$):

# %%
widths = (7, 11, 11, 11, 9)
print("  eta  status      epochs    S_g  one-sided  mean-grad  (lam-1)/2  ceiling")
for eta, chain in chains[SHOWN].items():
    print(f"{eta:5.2f}  {runs[eta].status:11s} {runs[eta].epochs:5d}"
          + "".join(f"{value:{width}.3f}" for (_, value), width
                    in zip(chain.links, widths, strict=True)))

# %% mystnb={"figure": {"name": "fig-univariate-gallery", "caption": "The networks of one draw. Above, the function through the samples; below, the weighted knots, all on one scale."}, "image": {"alt": "Eight small panels in order of the step size. The functions in the gap become smoother from panel to panel and the stems of the weighted knots shrink from tall to nearly invisible."}}
draw.plot_gallery(runs, x, y)
plt.show()

# %% mystnb={"figure": {"name": "fig-univariate-chain", "caption": "The chain of bounds for the networks of one draw: each curve but the last two is below the next; the sharpness may exceed the ceiling slightly. Open circles: runs that did not converge."}, "image": {"alt": "Five curves against the step size on logarithmic axes. The ceiling falls with the step and half the sharpness minus one follows it closely except at the smallest step; the mean gradient lies slightly under them; the one-sided sum and the stability norm lie further below at small steps and approach at large steps."}}
draw.plot_chain(chains[SHOWN], done[SHOWN])
plt.show()

# %% [markdown]
# Now all draws. We set $\eta\lambda_{\max}/2$ of the *start* beside that of the end; 1 is the edge.

# %%
at_start = table(lambda one, eta, _: eta * sharpness(one.start, one.X) / 2, swept)
at_end = table(lambda one, eta, run: eta * sharpness(run.network, one.X) / 2, swept)
driven = at_start > 1  # the step overtakes 2/λ of the start while it grows

# %% mystnb={"figure": {"name": "fig-univariate-edge", "caption": "Sharpness in units of the edge, $\\eta\\lambda_{\\max}/2$, at the start (crosses) and at the end, for every draw and step size. Filled, runs that converged; open, runs that did not. Where the start is below the line the run stays where it is."}, "image": {"alt": "For each of eight step sizes ten vertical lines lead from a cross, the start, to a circle, the end. For the smallest step crosses and circles coincide, spread from a half to one. For all others the crosses are above one, up to fifty, and the circles lie on the line at one or slightly below it."}}
draw.plot_edge(STEPS, at_start, at_end, done)
plt.show()

# %%
still = (at_end / at_start)[~driven]
by_step = [
    np.median(at_end[driven[:, k], k])
    for k in range(len(STEPS))
    if driven[:, k].any()
]
claim(
    "univariate-sweep-edge",
    r"where the start is beyond the edge, the run ends near it: median of "
    r"$\eta\lambda_{\max}/2$ over the draws, at the step size where it is least",
    min(by_step),
    at_least=0.9,
    source="Experiment",
)
claim(
    "univariate-sweep-edge-worst",
    r"where the start is beyond the edge: $\eta\lambda_{\max}/2$ of the run that "
    r"ends farthest below it",
    at_end[driven].min(),
    at_least=0.7,
    source="Experiment",
)
claim(
    "univariate-sweep-edge-above",
    r"of all runs of the sweep, the one that ends farthest above the edge: "
    r"$\eta\lambda_{\max}/2$",
    at_end.max(),
    at_most=1.02,
    source="Experiment",
)
claim(
    "univariate-sweep-still",
    "where the start is below the edge, the sharpness stays: "
    "largest relative change",
    np.abs(still - 1).max(initial=0),
    at_most=0.1,
    source="Experiment",
)

# %% tags=["remove-cell"]
glue(
    "moved-still", f"{100 * np.abs(still - 1).max(initial=0):.0f} %", display=False
)
glue("start-low", f"{at_start[:, 0].min():.2f}", display=False)
glue("start-high", f"{at_start[:, 0].max():.2f}", display=False)
glue("edge-median", f"{np.median(at_end[driven]):.2f}", display=False)
glue("start-most", f"{at_start.max():.0f}", display=False)
glue("edge-worst", f"{at_end[driven].min():.2f}", display=False)
beyond = np.array(STEPS)[driven.any(axis=0)]
glue("step-fold", f"{beyond.max() / beyond.min():.0f}", display=False)
glue("done-count", str(done.sum()), display=False)
glue("swept-count", str(done.size), display=False)


# %% [markdown]
# **What we see.** Both predictions hold. With the smallest step ($\eta=$ {glue:text}`eta-small`) the *start* has
# $\eta\lambda_{\max}/2$ between {glue:text}`start-low` and {glue:text}`start-high`, and where that is below 1 the sharpness
# changes by at most {glue:text}`moved-still`: such a network ends near the edge if it began there, and for no other reason.
# Where the start is beyond the edge the runs end at {glue:text}`edge-median` of it in the median, and at
# {glue:text}`edge-worst` in the worst case, though their step sizes differ {glue:text}`step-fold`-fold.
#
# ### Which runs are minima
#
# {glue:text}`done-count` of the {glue:text}`swept-count` runs reached the tolerance, and {prf:ref}`thm-univariate` speaks of
# no others. The others are of three kinds. Some are slow; some jump to and fro at the edge ({ref}`longer-steps`); and some are
# *at rest*, at a loss of {glue:text}`resting-loss` or less. In the runs at rest the knots have left the
# two outermost gaps on one side, so that the last three samples lie on one affine piece, and their residuals are those of the best straight line through three points, in proportion $1:-2:1$ for
# equal distances: a local minimum which does not interpolate. {prf:ref}`prop-univariate-residual` covers them. How do we tell
# that a run is at rest? Then the vector $\rho$ of the residuals has $\Phi\rho=0$, with $\rho\ne0$, so the kernel $G$ must be singular and
# $\rho$ lie where it does not see.

# %%
def residual(one, run):
    return run.network(one.X) - one.y


def at_rest(one, run):
    """Whether the residual lies where the kernel does not see it."""
    values, vectors = np.linalg.eigh(tangent_kernel(run.network, one.X))
    blind = vectors[:, values < 1e-10 * values[-1]]
    r = residual(one, run)
    return np.linalg.norm(blind.T @ r) > 0.99 * np.linalg.norm(r)


def share(one, eta, run):
    """S_g over what is allowed at this step and this loss."""
    excess = np.sqrt((1 + np.abs(one.x).max() ** 2) * 2 * run.loss) / 2
    return stability_norm(run.network, one.X) / (1 / eta - 0.5 + excess)


def to_and_fro(one, eta, run):
    return diagnose(run.network, one.X, one.y, eta).period_two


resting = table(lambda one, _, run: at_rest(one, run), swept) & ~done
jumping = table(to_and_fro, swept) & ~done & ~resting
shares = table(share, swept)
fall = np.array([row[small].stability_norm / row[large].stability_norm
                 for row in chains])
left = [residual(draws[i], swept[i][STEPS[k]]) for i, k in np.argwhere(resting)]
outer = [max(np.sum(r[:3] ** 2), np.sum(r[-3:] ** 2)) / np.sum(r**2) for r in left]

# %%
claim(
    "univariate-sweep-bound",
    "in every run that converged the stability norm is below its ceiling (largest "
    "ratio)",
    shares[done].max(initial=0),
    at_most=1,
    source="The univariate bound",
)
claim(
    "univariate-sweep-residual",
    "in every run at rest without interpolating the stability norm is below what "
    "its loss allows (largest ratio)",
    shares[resting].max(initial=0),
    at_most=1,
    source="Without interpolation",
)
claim(
    "univariate-sweep-outer",
    "in runs at rest without interpolating, the share of the squared residual on "
    "the three outermost samples of one side (median)",
    np.median(outer or [1.0]),
    at_least=0.9,
    source="Experiment",
)
for k, name in enumerate(
    ("orientation (iii)", "gauge (ii)", "constant vector (i)")
):
    claim(
        f"univariate-sweep-link-{k}",
        f"all trained networks, {name}: lower over upper side (largest)",
        max(
            c.links[k][1] / c.links[k + 1][1]
            for row in chains
            for c in row.values()
        ),
        at_most=1 + 1e-9,
        source="The chain of the univariate bound",
    )
claim(
    "univariate-sweep-smoother",
    "the stability norm falls from the smallest to the largest step by the factor "
    "(least of all draws)",
    fall.min(),
    at_least=2,
    source="Experiment",
)

# %% tags=["remove-cell"]
glue("resting-count", str(resting.sum()), display=False)
glue("slow-count", str((~done & ~resting & ~jumping).sum()), display=False)
glue("jumping-count", str(jumping.sum()), display=False)
most = table(lambda one, eta, run: run.loss, swept)[resting].max(initial=0)
decade = int(np.floor(np.log10(most or 1)))  # their largest loss, rounded up
glue("resting-loss", f"{np.ceil(most / 10.0**decade):.0f}e{decade}", display=False)
glue("small-open", str((~done[:, 0]).sum()), display=False)
glue("fall-median", f"{np.median(fall):.0f}", display=False)
for name, k in (("small", 0), ("large", -1)):
    glue(f"share-{name}", f"{100 * np.median(shares[:, k]):.0f} %", display=False)

# %% [markdown]
# So {glue:text}`resting-count` runs are at rest without interpolating, {glue:text}`jumping-count` jump to and fro, and
# {glue:text}`slow-count` are slow. For a network
# of your own, `diagnose` trains on for some epochs and says what the theorem wants to know:

# %%
print(diagnose(runs[large].network, X, y, large, tolerance=1.001 * TOLERANCE))


# %% [markdown]
# The stability norm falls {glue:text}`fall-median`-fold from the smallest step to the largest (median over all draws;
# {glue:text}`small-open` of their runs with the smallest step did not converge). It is far from the
# ceiling for small steps ({glue:text}`share-small` of it in the median) and much nearer for large ones
# ({glue:text}`share-large`): the bound is a statement about *large* steps. A network with $S_g$ above
# $\frac12(\lambda_{\max}-1)$ would have falsified the chain; a held run with $S_g$ above the ceiling, the theorem or one of
# its hypotheses.
#
# ### Where the budget goes
#
# And do fewer knots remain? We count *effective* knots: masses $a_1,\dots,a_m$ inside the data count as
# $(\sum|a_i|)^2/\sum a_i^2$, which is $m$ when all are equal and 1 when one dominates. Beside them we count the neurons
# that are off on all samples, *dead*, and those that are on at all, which are affine functions.

# %%
def effective_knots(one, net):
    knots, masses = second_derivative(net)
    inside = np.abs(masses[univariate_weight(one.x, knots) > 0])
    return inside.sum() ** 2 / (inside**2).sum()


def census(one, net):
    counts = neuron_counts(net, one.X)
    return effective_knots(one, net), counts.dead, counts.always_on


names = ("effective knots", "dead", "always on")
ends = table(lambda one, _, run: census(one, run.network), swept)
begins = np.array([census(one, one.start) for one in draws])

# %% mystnb={"figure": {"name": "fig-univariate-slacks", "caption": "Above, how the ceiling $1/\\eta-1/2$ is spent, on average over the runs that converged: on the bends (blue), on the three slacks, and (0) on stopping short of the edge. Below, medians of all draws with bands from the least to the largest: effective knots, dead and always-on neurons, out of 100."}, "image": {"alt": "Stacked bars for eight step sizes. At the smallest step slacks (ii), (iii) and (0) take most of the bar and the blue share is a sliver; at the largest step the blue share is half, slack (iii) has nearly vanished. Below, the effective knots and the always-on neurons fall as the step grows while dead neurons rise to more than a third."}}
counts = dict(zip(names, np.moveaxis(ends, 2, 0), strict=True))
draw.plot_slacks(STEPS, chains, done, counts)
plt.show()

# %%
links = np.array([[[value for _, value in c.links] for c in row.values()]
                  for row in chains])
slack = np.diff(links, axis=2)[:, :, :3]  # (iii), (ii), (i)
over = slack / links[:, :, 4:]
claim(
    "univariate-slack-one",
    "slack (i) over the largest slack, median over all runs",
    np.median(slack[:, :, 2] / slack.max(axis=2)),
    at_most=0.5,
    source="Experiment",
)
claim(
    "univariate-slack-orientation",
    "slack (iii) takes a smaller share of the ceiling at the largest step than at "
    "the smallest: share of draws",
    np.mean(over[:, -1, 0] < over[:, 0, 0]),
    at_least=0.9,
    source="Experiment",
)
claim(
    "univariate-knots",
    "fewer effective knots remain with the largest step than with the smallest: "
    "share of draws",
    np.mean(ends[:, -1, 0] < ends[:, 0, 0]),
    at_least=0.9,
    source="Experiment",
)
claim(
    "univariate-dead",
    "dead neurons at the largest step, of all (median)",
    np.median(ends[:, -1, 1]) / WIDTH,
    at_least=0.2,
    source="Experiment",
)


# %% tags=["remove-cell"]
def percent(value):
    return f"{100 * value:.0f} %"


for name, k in (("small", 0), ("large", -1)):
    for slack_name, j in (("side", 0), ("gauge", 1)):
        glue(
            f"{slack_name}-{name}", percent(np.median(over[:, k, j])), display=False
        )
    glue(f"knots-{name}", f"{np.median(ends[:, k, 0]):.0f}", display=False)
    glue(f"dead-{name}", f"{np.median(ends[:, k, 1]):.0f}", display=False)
    at = np.array(
        [
            -net.b / net.W[:, 0]
            for net in (list(row.values())[k].network for row in swept)
        ]
    )
    begin = np.array([-one.start.b / one.start.W[:, 0] for one in draws])
    met = (np.diff(np.sort(at, axis=1), axis=1) < 1e-4).sum(axis=1)
    glue(f"met-{name}", f"{np.median(met):.0f}", display=False)
    glue(f"travel-{name}", f"{np.median(np.abs(at - begin)):.2f}", display=False)
glue("dead-start", f"{np.median(begins[:, 1]):.0f}", display=False)
glue("gauge-squeezed", str((over[:, -1, 1] < over[:, 0, 1]).sum()), display=False)
glue("one-largest", str((slack.argmax(axis=2) == 2).sum()), display=False)


# %% [markdown]
# With the smallest step nothing forces the network into a good orientation, which takes {glue:text}`side-small` of the
# ceiling (median over the draws), or into a good gauge, {glue:text}`gauge-small`. With the largest the orientation costs
# {glue:text}`side-large`. The gauge, which could be improved without touching the function, still costs
# {glue:text}`gauge-large`, less than with the small step in {glue:text}`gauge-squeezed` of {glue:text}`draw-count` draws. Slack (i) is the largest of the three in {glue:text}`one-largest` of
# {glue:text}`swept-count` runs.
#
# ```{admonition} Beyond the paper
# :class: beyond
#
# One may expect large steps to merge knots. Some knots do meet, at samples, where they are pinned
# ({ref}`univariate-pinned`), but with the small step as with the large: {glue:text}`met-small` and
# {glue:text}`met-large` neighbouring knots come within $10^{-4}$ of each other (medians). What changes with the step is
# how the masses are shared, {glue:text}`knots-small` against {glue:text}`knots-large` effective knots, and how many neurons
# are left: {glue:text}`dead-start` of the {glue:text}`width` are dead at the start, {glue:text}`dead-small` after training with the
# smallest step and {glue:text}`dead-large` with the largest. The knots also travel further, by {glue:text}`travel-small`
# and {glue:text}`travel-large` in the median.
# ```
#
# (univariate-warmup)=
# ### The warm-up decides
#
# Everything so far was made with a step that grew over {glue:text}`warmup` epochs. The start is up to {glue:text}`start-most` times beyond
# the edge. What if the step grows over {glue:text}`warmup-short` epochs, or is there at once?

# %%
class Warmups(NamedTuple):
    none: int = 0
    short: int = 200
    far: float = 5  # times beyond the edge


*WARMUPS, FAR = Warmups()
by_warmup = {length: sweep(STEPS, warmup=length, max_steps=MAX_EPOCHS)
             for length in WARMUPS} | {WARMUP: swept}


# %% tags=["remove-cell"]
def by_length(value):
    return {length: table(value, trained) for length, trained in by_warmup.items()}


status = by_length(lambda one, eta, run: run.status)
alive = by_length(
    lambda one, eta, run: WIDTH - neuron_counts(run.network, one.X).dead
)
edges = by_length(lambda one, eta, run: eta * sharpness(run.network, one.X) / 2)
leap = by_length(
    lambda one, eta, run: (
        run.history.max() / mean_square_loss(one.start, one.X, one.y)
    )
)

# %% mystnb={"figure": {"name": "fig-univariate-warmup", "caption": "The same draws and step sizes with a warm-up of 0, 200 and 2000 epochs. Above, how the runs end (collapsed: no neuron is on). Middle and below, of the runs that did not diverge: $\\eta\\lambda_{\\max}/2$ at the end and the neurons that are on at one sample at least (medians, and bands from the least to the largest)."}, "image": {"alt": "Three groups of bars. Without warm-up nearly all runs from the fourth step size on diverge; with 200 epochs hardly any does, but most are unfinished; with 2000 most converge. In the middle, the median ratio to the edge is near one for 2000 epochs only. Below, 60 to 90 neurons live after 2000 epochs, and around ten after 200 at the largest steps."}}
draw.plot_warmups(STEPS, status, edges, alive)
plt.show()

# %%
far = at_start > FAR
claim(
    "univariate-warmup-diverged",
    f"without warm-up, runs whose start is more than {spelled(FAR)} times beyond the "
    "edge diverge (share)",
    np.mean(status[0][far] == "diverged"),
    at_least=0.9,
    source="Experiment",
)
claim(
    "univariate-warmup-none",
    "with the long warm-up no run diverges (number)",
    (status[WARMUP] == "diverged").sum(),
    equals=0,
    source="Experiment",
)
claim(
    "univariate-warmup-alive",
    f"living neurons at the largest step, medians: warm-up of {WARMUPS[-1]} over "
    f"{WARMUP}",
    np.median(alive[WARMUPS[-1]][:, -1]) / np.median(alive[WARMUP][:, -1]),
    at_most=0.5,
    source="Experiment",
)
claim(
    "univariate-warmup-converged",
    f"runs with a start beyond the edge that converge: warm-up of {WARMUPS[-1]} "
    f"over {WARMUP}",
    (driven & (status[WARMUPS[-1]] == "converged")).sum()
    / max(1, (driven & done).sum()),
    at_most=0.5,
    source="Experiment",
)
briefly = table(share, by_warmup[WARMUPS[-1]])
claim(
    "univariate-warmup-bound",
    f"with a warm-up of {WARMUPS[-1]}, in every run that converged: the stability "
    "norm over its ceiling (largest)",
    briefly[status[WARMUPS[-1]] == "converged"].max(initial=0),
    at_most=1,
    source="The univariate bound",
)

# %% tags=["remove-cell"]
short = WARMUPS[-1]
heights = np.log10([leap[length][driven] for length in (short, WARMUP)]).ravel()
lives = np.array([alive[length][driven] for length in (short, WARMUP)]).ravel()
glue("leap-short", f"{np.median(leap[short][far]):.0f}", display=False)
glue("leap-long", f"{np.median(leap[WARMUP][far]):.1f}", display=False)
glue("leap-corr", f"{np.corrcoef(heights, lives)[0, 1]:.2f}", display=False)


def within(values):
    """Deviations from the mean of all runs with the same warm-up and step size."""
    return np.concatenate([
        column[on] - column[on].mean()
        for length in (short, WARMUP)
        for column, on in zip(values[length].T, driven.T, strict=True)
        if on.any()
    ])


alike = within({length: np.log10(leap[length]) for length in leap}), within(alive)
glue("leap-within", f"{np.corrcoef(*alike)[0, 1]:.2f}", display=False)
glue("warmup-short", str(short), display=False)
unfinished = ~np.isin(status[short], ("converged", "diverged", "collapsed"))
rest_short = unfinished & table(
    lambda one, eta, run: run.status != "diverged" and at_rest(one, run),
    by_warmup[short],
)
glue("unfinished-short", str(unfinished.sum()), display=False)
glue("rest-short", str(rest_short.sum()), display=False)
glue("far-count", str(far.sum()), display=False)
glue("far-done", str((status[short][far] == "converged").sum()), display=False)
glue("diverged-none", str((status[0] == "diverged").sum()), display=False)
glue("converged-short", str((status[short] == "converged").sum()), display=False)
glue("alive-short", f"{np.median(alive[short][:, -1]):.0f}", display=False)
glue("alive-long", f"{np.median(alive[WARMUP][:, -1]):.0f}", display=False)
glue("edge-short", f"{np.median(edges[short][far]):.2f}", display=False)
glue("edge-long", f"{np.median(edges[WARMUP][far]):.2f}", display=False)


# %% [markdown]
# Without a warm-up {glue:text}`diverged-none` of {glue:text}`swept-count` runs diverge. With {glue:text}`warmup-short` epochs the runs
# that converge obey the theorem, but the picture is another one: {glue:text}`converged-short` runs reach the tolerance instead of
# {glue:text}`done-count`, and of the {glue:text}`unfinished-short` unfinished ones {glue:text}`rest-short` are at rest without interpolating;
# where the start is more than five times beyond the edge, the runs end at {glue:text}`edge-short` of
# the edge instead of {glue:text}`edge-long` (medians; {glue:text}`far-done` of these {glue:text}`far-count` converged); and with the largest step {glue:text}`alive-short` of {glue:text}`width` neurons are
# left, instead of {glue:text}`alive-long`. So "training ends at the edge" is a statement about a slowly growing step, not
# about the step. The reason seems to be the leap of the loss. With the short warm-up it rises to {glue:text}`leap-short` times that
# of the start (median of the same runs), with the long one to {glue:text}`leap-long` times, and over both together the higher the
# leap, the fewer neurons live (correlation {glue:text}`leap-corr` with the logarithm of its height; within one step size and warm-up only
# {glue:text}`leap-within`). That a leap throws
# neurons off all samples, from where no gradient brings them back, is our explanation; we have not tested it by a control.
# On larger networks {cite:t}`gilmer2022curvature` and {cite:t}`kalra2024warmup` describe the same use of a warm-up: to let
# training leave the sharp regions before the step is long.
#
# (univariate-violation)=
# ### A run above the edge
#
# "Converged" means that the loss was below $10^{-8}$ once. Is that a stable minimum? We take the networks trained with
# $\eta=$ {glue:text}`eta-middle` that converged and go on with a step three per cent above $2/\lambda_{\max}$, so that they
# sit above the edge by construction. The trainer calls them converged at once. And if the loss has to *stay* below
# $10^{-8}$ for {glue:text}`hold` epochs?

# %%
class Held(NamedTuple):
    epochs: int = 3000
    push: float = 1.03  # times the step of the edge


HOLD, PUSH = Held()


def held(which, etas):
    """Those runs, held for HOLD epochs, and η·λ/2 at the end."""
    chosen = [(draws[i], swept[i][STEPS[k]].network) for i, k in which]
    longer = train_together([net for _, net in chosen],
                            np.array([one.X for one, _ in chosen]),
                            np.array([one.y for one, _ in chosen]), etas, TOLERANCE,
                            hold=HOLD, max_steps=2 * MAX_EPOCHS)
    edge = [eta * sharpness(run.network, one.X) / 2
            for (one, _), run, eta in zip(chosen, longer, etas, strict=True)]
    return longer, np.array(edge)


which = [(i, len(STEPS) // 2) for i in range(DRAWS) if done[i, len(STEPS) // 2]]
pushed, pushed_edge = held(
    which, [PUSH * STEPS[k] / at_end[i, k] for i, k in which]
)
everything = list(zip(*np.nonzero(done), strict=True))
kept, kept_edge = held(everything, [STEPS[k] for _, k in everything])
still_low = np.array(
    [run.epochs == HOLD for run in kept]
)  # low from the first epoch to the last

# %%
rest = [run.status == "converged" for run in pushed]
above = f"{100 * (PUSH - 1):.0f} % above"
claim(
    "univariate-violation-held",
    rf"pushed {above} the edge and held for {HOLD} epochs, runs end below it: "
    r"largest $\eta\lambda_{\max}/2$",
    max(pushed_edge[rest], default=np.nan),
    at_most=1,
    source="Experiment",
)
claim(
    "univariate-violation-leap",
    f"pushed {above} the edge, the loss rises above the tolerance by the factor "
    "(least)",
    min((run.history.max() for run in pushed), default=np.inf) / TOLERANCE,
    at_least=100,
    source="Experiment",
)
claim(
    "univariate-held-edge",
    rf"every converged run of the sweep, held for {HOLD} epochs with its own step: "
    r"largest $\eta\lambda_{\max}/2$",
    kept_edge[[run.status == "converged" for run in kept]].max(initial=0),
    at_most=1 + np.log(1e12) / HOLD / 2,
    source="Experiment",
)

# %% tags=["remove-cell"]
glue("hold", str(HOLD), display=False)
glue("excess", f"{1 + np.log(1e12) / HOLD / 2:.3f}", display=False)
glue("pushed-count", str(len(pushed)), display=False)
glue("pushed-rest", str(sum(rest)), display=False)
glue("pushed-edge", f"{np.median(pushed_edge):.2f}", display=False)
glue(
    "pushed-leap",
    f"{np.median([run.history.max() for run in pushed]):.2g}",
    display=False,
)
above = still_low & (kept_edge > 1)
glue("above-count", str(above.sum()), display=False)
glue("above-most", f"{kept_edge[still_low].max(initial=0):.4f}", display=False)

# %% [markdown]
# The theorem was never in danger: it speaks of *stable* minima, and its bound on $S_g$ has room to spare. But $\lambda_{\max}\le2/\eta$
# fails at the moment at which such a run stops: the error along the top eigenvector grows by 6 % a step and is merely still
# small. Held to its word, gradient descent leaves; the loss climbs to {glue:text}`pushed-leap` (median), and
# {glue:text}`pushed-rest` of {glue:text}`pushed-count` runs come to rest again, at {glue:text}`pushed-edge` of the edge. This is
# what the rule "below $10^{-8}$ *for 2000 consecutive epochs*", which {cite:t}`nacson2023implicit` use on MNIST, is good for.
#
# How far above the edge can a run be and pass? An error that grows by the factor $\eta\lambda_{\max}-1=1+\varepsilon$ needs
# $\ln(10^{12})/\varepsilon$ epochs from rounding, $10^{-16}$, to the tolerance, $10^{-4}$ in $f$. So {glue:text}`hold` epochs let
# {glue:text}`excess` times the edge pass. That occurs: of the sweep's runs, {glue:text}`above-count` stay below the
# tolerance all this time at $\eta\lambda_{\max}/2>1$, at {glue:text}`above-most` or less.
#
# (univariate-pinned)=
# ### Knots on samples
#
# Condition 2 of {prf:ref}`thm-univariate` asks that no neuron switches on a sample. But gradient descent pins knots to
# samples ({ref}`knots-on-a-sample`), and at a minimum with a knot exactly on a sample the step from stability to
# $\lambda_{\max}\le2/\eta$ has no proof and can fail: a network may rest on the flat side of a knot whose other side is
# steep, as that section shows with one neuron and four samples. So we count the knots within $10^{-4}$ of a sample in the networks that converged, move all knots of a network by
# that much to either side, and see what changes.

# %%
NEAR = 1e-4  # distance of a knot from a sample
near = f"$10^{{{np.log10(NEAR):.0f}}}$"


def moved(net, shift):
    return ShallowReLU(net.W, net.b - shift * net.W[:, 0], net.v, net.c)


def worst_change(quantity, one, net):
    return max(
        abs(quantity(moved(net, shift), one.X) / quantity(net, one.X) - 1)
        for shift in (-NEAR, NEAR)
    )


found = [
    (one, run.network)
    for one, runs_of in zip(draws, swept, strict=True)
    for run in runs_of.values()
    if run.status == "converged"
]
pinned = np.array(
    [(np.abs(one.X + net.b / net.W[:, 0]) < NEAR).sum() for one, net in found]
)
change = {
    quantity: np.array([worst_change(quantity, one, net) for one, net in found])
    for quantity in (sharpness, stability_norm)
}
claim(
    "univariate-pinned",
    f"networks with a knot within {near} of a sample (share)",
    np.mean(pinned > 0),
    at_least=0.5,
    source="Experiment",
)
claim(
    "univariate-pinned-sharpness",
    f"moving all knots by {near} changes the sharpness of every network by less "
    "than a tenth (largest)",
    change[sharpness].max(initial=0),
    at_most=0.1,
    source="Experiment",
)
claim(
    "univariate-pinned-norm",
    f"moving all knots by {near} changes the stability norm of every network by "
    "less than a tenth (largest)",
    change[stability_norm].max(initial=0),
    at_most=0.1,
    source="Experiment",
)

# %% tags=["remove-cell"]
glue("pinned-few", str(pinned.min(initial=WIDTH)), display=False)
glue("pinned-median", f"{np.median(pinned):.0f}", display=False)
glue("pinned-many", str(pinned.max(initial=0)), display=False)
for quantity, name in ((sharpness, "sharpness"), (stability_norm, "norm")):
    largest = change[quantity].max(initial=0)
    glue(f"change-{name}", f"{100 * largest:.1f} %", display=False)

# %% [markdown]
# A network has between {glue:text}`pinned-few` and {glue:text}`pinned-many` such knots out of {glue:text}`width`, in the median
# {glue:text}`pinned-median`. (`diagnose` counts those within about $10^{-6}$ only.) Moving all of them left or right changes the sharpness by
# {glue:text}`change-sharpness` at most and the stability norm by {glue:text}`change-norm`. All links of the chain but the
# last hold on either side; the last is measured here, not implied.
#
# (univariate-try-it)=
# ## Try it
#
# An experiment in your browser, with six samples, a gap, and a start that is rougher than any minimum it leads to: run
# to a minimum, triple the step, and compare ({ref}`univariate-tripling`). Here the step grows over 300 steps, which is gentle enough to leave even from the
# edge. The right-hand scale of the second picture is $\frac12(\lambda-1)$ of the left, so that one dashed line is $2/\eta$ for
# the sharpness and $1/\eta-\frac12$ for $S_g$. Some things to look for: which stems vanish, and where $g$ is large there; a
# {state}`batch of one <training#eta=0.05&batch=1>` that ends flatter than all samples together; a
# {state}`knot on a sample <training#eta=0.05&then=7960:0.8:300&run=22980>`, which a step carries across and the next one back
# ({ref}`univariate-pinned`); and what becomes of the network {state}`past the end of the road
# <training#eta=0.05&then=7960:1.35:300&run=8290>`, the hatched part of the slider ({ref}`univariate-limit` says why).
#
# ```{explorable} training
# In the online book, and with JavaScript, a network trains here: a step size to drag, samples to move, and the
# function, its sharpness and the bound to watch.
# ```
#
# (univariate-tightness)=
# ## Beyond: can the bound be attained?
#
# Each slack can be closed. A network in the balanced gauge has no slack (ii); if each neuron opens to the cheaper side,
# none in (iii); slack (i) vanishes if every row of $G$ has the same sum and the constant vector is on top. All three at
# once:
#
# ```{prf:proposition} The bound is attained
# :label: prop-univariate-tight
#
# Let $n=2$, $x_1=-1$, $x_2=1$, $0<t<1$, $h>0$ and $f(x)=\frac h{1-t}\bigl[\sigma(x-t)+\sigma(-x-t)\bigr]+c$, in the
# balanced gauge. Then $S_g(f)=\frac12(\lambda_{\max}-1)=h/\sqrt2$. For each $\eta\in(0,2)$, the choice
# $h=\sqrt2(\frac1\eta-\frac12)$ gives an interpolating minimum (of the labels $y_1=y_2=h+c$) that is linearly stable
# for gradient descent with step size $\eta$ and has $\int|f''|\,g=\frac1\eta-\frac12$.
# ```
#
# ```{prf:proof}
# Each neuron is on at one sample, at distance $1-t$ from its knot, with output $z$ there. Let $v$ be its outer weight.
# Then $G_{12}=1$ and $G_{11}=G_{22}=1+2v^2+z^2$ (the derivatives by $w,b$ are $\pm v,v$), so $(1,1)$ is the top
# eigenvector and $\lambda_{\max}(G/2)=1+v^2+z^2/2$. Balance means $\mathbb E[z]=z/2=|v|Q$ with $Q^2=\frac14+\frac14$,
# that is $z^2=2v^2$; with $vz=h$ this gives $v^2=h/\sqrt2$ and $\lambda_{\max}=1+2v^2=1+\sqrt2h$. On the other side,
# $g(t)=g^+(t)=\frac{1-t}2\cdot\frac1{\sqrt2}$, because $g^-(t)$ has $\frac{1+t}2$ in place of $\frac{1-t}2$; the same
# at $-t$ by symmetry, so $S_g=2\cdot\frac h{1-t}\cdot\frac{1-t}{2\sqrt2}=h/\sqrt2$. With the given $h$,
# $\lambda_{\max}=2/\eta$; the linearised iteration multiplies each error component by $1-\eta\lambda\in[-1,1]$ and is
# stable.
# ```

# %%
height, knot, ends = 2.0, 0.3, np.array([[-1.0], [1.0]])
tight = ShallowReLU(
    [[1.0], [-1.0]], [-knot, -knot], 2 * [height / (1 - knot)], 0.0
).balanced(ends)
chain = bound_chain(tight, ends, step_size=gd_threshold(tight, ends))
claim(
    "univariate-tight",
    "two samples, two neurons: the ceiling minus the stability norm",
    chain.ceiling - chain.stability_norm,
    equals=0,
    tol=1e-12,
    source="Proposition, the bound is attained",
)

# %% [markdown]
# So neither the constant $\frac12$ nor the factor in front of $\int|f''|\,g$ can be improved.
#
# ## Summary
#
# - One Rayleigh quotient, at the constant vector, gives $1+2\int|f''|\,g\le\lambda_{\max}$ for every shallow network on
#   the line; stability turns it into $\int|f''|\,g\le1/\eta-1/2$.
# - Three slacks separate the two sides: (i) the eigenvector, (ii) the gauge, (iii) the orientation. With large steps (iii)
#   nearly vanishes; all three vanish in an explicit example, so the constants are right.
# - The weight $g$ is large in the middle of the data and vanishes at their edges, where a cliff costs $O(1/n^2)$.
# - A step that grows slowly ends at the edge of stability from every start beyond it; a start below the edge
#   stays where it is. A step that grows fast, or jumps, overshoots: it ends well below
#   the edge ({glue:text}`edge-short` in the median) with few living neurons, or diverges.
# - A loss below the tolerance is not yet a stable minimum; a run at rest is not yet an interpolating one.
# - {ref}`longer-steps` triples the step, and asks how long a step the data can bear.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise} The weight of the uniform law
# :label: ex-univariate-uniform
#
# Let $X$ be uniform on $[-\sqrt3,\sqrt3]$. Compute $g$, its value at 0, and its behaviour at distance $s$ from the
# edge.
# ```
#
# ```{solution-start} ex-univariate-uniform
# :label: sol-univariate-uniform
# :class: dropdown
# ```
#
# For $t\ge0$ put $s=\sqrt3-t$. The density is $1/2\sqrt3$, so $P(X>t)=s/2\sqrt3$, $\mathbb E[(X-t)_+]=s^2/4\sqrt3$, and
# $\mathbb E[X\mid X>t]=(t+\sqrt3)/2=\sqrt3-s/2$. Hence
#
# $$
# g^+(t)=\frac{s^2}{4\sqrt3}\cdot\frac s{2\sqrt3}\sqrt{1+(\sqrt3-s/2)^2}=\frac{s^3}{24}\sqrt{1+(\sqrt3-s/2)^2}.
# $$
#
# The law is even, so $g^-(t)=g^+(-t)$, which has the larger $s=\sqrt3+t$. The derivative of $\log g^+$ by $s$ is
# $3/s-\frac12(\sqrt3-s/2)/(1+(\sqrt3-s/2)^2)\ge\frac3{2\sqrt3}-\frac14>0$ for $0<s\le2\sqrt3$, because
# $|p|/(1+p^2)\le\frac12$: $g^+$ grows with $s$, and $g(t)=g^+(t)$ for $t\ge0$. At 0, $s=\sqrt3$:
# $g(0)=\frac{\sqrt3}8\sqrt{1+\frac34}$. At the edge, $s\to0$: $g\sim\frac{s^3}{24}\cdot2=s^3/12$.

# %%
claim(
    "ex-univariate-uniform-centre",
    "g(0) of the uniform law",
    population_weight("uniform", 0.0)[0],
    equals=np.sqrt(3) / 8 * np.sqrt(7 / 4),
    tol=1e-12,
    source="Exercise",
)
claim(
    "ex-univariate-uniform-edge",
    "uniform law, at distance $s=10^{-3}$ from its end: $g$ over $s^3/12$",
    12 * population_weight("uniform", np.sqrt(3) - 1e-3)[0] / 1e-9,
    equals=1,
    tol=1e-3,
    source="Exercise",
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} How many knots?
# :label: ex-univariate-knots
#
# Does the bound limit the *number* of knots of a function that is stable for $\eta$? What does it limit?
# ```
#
# ```{solution} ex-univariate-knots
# :label: sol-univariate-knots
# :class: dropdown
#
# It does not: split a knot of mass $a$ at $\tau$ into $m$ knots of mass $a/m$ close by, where $g$ is about the same.
# The sum $\sum|a_i|g(\tau_i)$ hardly changes while the number grows without limit, and outside the data knots are free
# altogether. It limits mass. On a set where $g\ge g_0>0$ the total jump of the slope is at most
# $(\frac1\eta-\frac12)/g_0$, and so at most $(\frac1\eta-\frac12)/(g_0a_0)$ knots there have mass $a_0$ or more. On an
# interval with $g\ge g_0$ the slope of $f$ therefore varies by no more than $(\frac1\eta-\frac12)/g_0$.
# ```
#
# ```{exercise} Other conventions
# :label: ex-univariate-conventions
#
# How does the ceiling change if the loss is $\frac1n\sum_j(f(x_j)-y_j)^2$, as in `torch.nn.MSELoss`? If the output bias
# $c$ is not trained? If both?
# ```
#
# ```{solution-start} ex-univariate-conventions
# :label: sol-univariate-conventions
# :class: dropdown
# ```
#
# Without the ½ the Hessian is $2\Phi\Phi^{\mathsf T}/n$, and stability says $2(1+2S_g)\le2/\eta$: the ceiling is
# $\frac1{2\eta}-\frac12$. Without a trained output bias the row of ones leaves $\Phi$, $\|\mathbb E\nabla f\|^2$ loses
# its 1, and $2S_g\le2/\eta$: the ceiling is $\frac1\eta$. With both changes it is $\frac1{2\eta}$. We check the second
# on a network: removing the bias takes the matrix of ones from $G$.

# %%
kernel = tangent_kernel(network, X)
without_bias = np.linalg.eigvalsh(kernel - 1)[-1] / len(x)
claim(
    "ex-univariate-no-bias",
    "without a trained output bias 2 S_g stays below the largest eigenvalue "
    "(ratio)",
    2 * stability_norm(network, X) / without_bias,
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
# | $\int\lvert f''\rvert\,g\le1/\eta-1/2$, the weight $g$, its picture for three laws ({prf:ref}`thm-univariate`, {prf:ref}`lem-constant-vector`, {prf:ref}`lem-gauge`, {prf:ref}`lem-orientation`) | {cite:t}`mulayoff2021implicit`, for SGD, with an account of non-differentiable minima | a write-up of a proof; three slacks, named and measured; knots on samples counted |
# | $1+2S_g\le\lambda_{\max}$ for every network; a form for a loss above zero ({prf:ref}`prop-univariate-residual`) | {cite:t}`liang2025stable`, with $(R+1)\sqrt{2L}$; {cite:t}`qiao2024stable` for noisy labels, with rates | the constant $\sqrt{1+R^2}$, which cannot be smaller |
# | The bound is attained; prices of a cliff, a spike, a slope; $g$ of three populations in closed form ({prf:ref}`prop-univariate-tight`, {prf:ref}`prop-univariate-edge`) | not found stated | examples and proofs |
# | Stability bounds the smoothness of the learned function in other ways | {cite:t}`ma2021linear`: Sobolev seminorms, through the first layer | – |
# | Training at a constant step hovers at $2/\eta$ | {cite:t}`cohen2021gradient` | here the edge is reached from above: starts beside ends, over ten draws |
# | Warm-up lets training leave sharp regions before the step is long | {cite:t}`gilmer2022curvature`; {cite:t}`kalra2024warmup`, who measure the catapults of the loss | what it decides on the line: distance to the edge, living neurons, convergence |
# | Local minima at which a group of outer samples is fitted by a line | that ReLU networks have bad local minima is well known; we cite no one | how often: the count above |
#
# We searched stored public pages and code for the proof of the 2021 theorem, and did not find it.
#
# ## Notes and references
#
# Of {cite:t}`mulayoff2021implicit` we read the main text. Of {cite:t}`nacson2023implicit` we could read the abstract,
# the start of the introduction and a reproducibility sheet; the protocol of the toy experiment (40 neurons, full
# batches, stop at a loss of $10^{-8}$) is from there, its data and step sizes are not known to us, nor whether there was
# a warm-up.
#
# The test vector in {prf:ref}`lem-constant-vector` is a choice. Any unit vector gives a weight of its own by the same
# AM–GM step; we do not pursue which is best. A minimum with a knot on a sample is not twice differentiable and is excluded
# here; {cite:t}`mulayoff2021implicit` extend stability to such minima.
