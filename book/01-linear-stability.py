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
# (linear-stability)=
# # Linear stability
#
# ```{twenty-minutes} a-parabola the-dynamics-near-a-minimum prop-hessian the-lemma fig-two-parametrisations fig-edge fig-knots
# ```
#
# A minimum that gradient descent could stay at when it takes short steps may throw it out when it takes long ones. This chapter finds the
# step size at which that happens, $2/\lambda_{\max}$, and the small matrix from which it is computed. It is the one fact about optimisation on which the rest of the book is built.
#
# After this chapter you can
#
# - say for which step sizes a minimum of the training loss is stable, prove it, and say what the proof assumes;
# - compute that step size for a network with many thousand parameters from a matrix of the size of the sample;
# - say what the theorem does not cover: reshuffled batches, minima with a knot on a sample, and where training goes.
#
# What the noise of SGD adds is on a page of its own, {ref}`three-thresholds`.
#
# **You need:** linear algebra up to eigenvalues of symmetric matrices (with Weyl's inequality: two symmetric matrices whose difference has norm $s$ have top eigenvalues that differ by at most $s$), the chain rule, and expectations with Jensen's inequality.
# Symbols are collected in {doc}`the notation table <notation>`.

# %%
import time
from typing import NamedTuple

import numpy as np
import torch
from myst_nb import glue

from stableminima import (
    Linearization,
    ShallowReLU,
    gd_threshold,
    hessian_sharpness,
    mean_square_loss,
    random_network,
    sharpness,
    tangent_features,
    tangent_kernel,
    train_sgd,
    train_together,
)
from stableminima.book.claims import claim
from stableminima.book.figures import linear_stability as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.datasets import digit_pair

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# ## A parabola
#
# Gradient descent on $L(\theta)=\tfrac12\lambda\theta^2$ with step size $\eta$ does
#
# $$
# \theta_{t+1}=\theta_t-\eta\lambda\theta_t=(1-\eta\lambda)\,\theta_t .
# $$
#
# Each step multiplies the error by the same number. As $\eta$ grows from zero that number falls from $1$ through $0$ to $-1$, and
# beyond. A negative factor is harmless as long as its size is below one: the iterate jumps across the minimum and lands closer than it
# was. At $\eta=2/\lambda$ it lands exactly as far away on the other side; past that, every jump is longer than the one before.

# %% mystnb={"figure": {"name": "fig-parabola", "caption": "Gradient descent on a parabola, started at the larger dot, with three step sizes. The error is multiplied by $1-\\eta\\lambda$ a step."}, "image": {"alt": "Three small parabolas with the iterates of gradient descent. For eta lambda 0.5 they slide down one side to the bottom. For 1.9 they jump from side to side and come down slowly. For 2.05 they jump from side to side and climb."}}
draw.plot_parabola([0.5, 1.9, 2.05]);

# %% [markdown]
# The gradient vanishes at the minimum whatever the step size. What changes at $2/\lambda$ in {numref}`fig-parabola` is what happens to a
# small error. A steep minimum cannot be held with a long step.
#
# In several dimensions, $L(\theta)=\tfrac12(\theta-\theta^*)^{\mathsf T}H(\theta-\theta^*)$ with a symmetric, positive semi-definite
# matrix $H$. In an eigenbasis of $H$ gradient descent is one such recursion for each eigenvalue, and they do not interact. The first to
# become unstable belongs to the largest eigenvalue, $\lambda_{\max}(H)$, which we call the **sharpness**.

# %% tags=["nbval-check-output"]
curvatures, steps = np.array([10.0, 3.0, 0.5]), 20
for product in (1.0, 1.9, 2.0, 2.1):
    error = np.ones(len(curvatures))
    for _ in range(steps):
        error = error - product / max(curvatures) * curvatures * error
    print(
        f"step = {product:.1f}/sharpness   error after {steps} steps:",
        np.round(error, 3),
    )

# %% [markdown]
# Only the first coordinate notices that the step has become too long. The two others would welcome a longer step at all of these: one step size
# must serve all directions, and the sharpest one decides which are allowed.
#
# ## The dynamics near a minimum
#
# The networks of this book are mostly *shallow ReLU networks*,
#
# $$
# f_\theta(x)=\sum_{i=1}^kv_i\,\sigma(w_i\cdot x+b_i)+c,\qquad\sigma(z)=\max(z,0),
# $$
#
# with $k$ neurons and the parameters $\theta=(w_i,b_i,v_i,c)$, all of which are trained. Neuron $i$ is *on* at $x$ if its pre-activation $w_i\cdot x+b_i$ is positive. Our losses are averages over samples: with inputs $x_1,\dots,x_n$ and labels $y_j$,
#
# $$
# L(\theta)=\frac1n\sum_{j=1}^n \ell_j(\theta),\qquad \ell_j(\theta)=\tfrac12\,r_j(\theta)^2,\qquad r_j(\theta)=f_\theta(x_j)-y_j ,
# $$
#
# and $L_{\mathcal B}=\frac1{|\mathcal B|}\sum_{j\in\mathcal B}\ell_j$ is the loss on a batch $\mathcal B$. Stochastic gradient descent (SGD) draws a batch $\mathcal B_t$ of $B$ samples at each step
# and moves to $\theta_{t+1}=\theta_t-\eta\nabla L_{\mathcal B_t}(\theta_t)$. Unless we say otherwise the batches are uniformly random sets, drawn
# without replacement *inside* a batch and **independently from one step to the next**. Gradient descent (GD) is the case $B=n$.
#
# ```{prf:definition} Linearised dynamics
# :label: def-linearised
#
# Let $\theta^*$ be a local minimiser of $L$ at which every $\theta\mapsto f_\theta(x_j)$, and hence every $\ell_j$, is twice differentiable; we call it a *differentiable minimum*. Write
# $g_{\mathcal B}=\nabla L_{\mathcal B}(\theta^*)$, $H_{\mathcal B}=\nabla^2L_{\mathcal B}(\theta^*)$ and $H=\nabla^2L(\theta^*)$. The linearised dynamics at $\theta^*$ are
#
# $$
# \delta_{t+1}=\delta_t-\eta\,(g_{\mathcal B_t}+H_{\mathcal B_t}\delta_t),\qquad \delta_t=\theta_t-\theta^* .
# $$ (eq-linearised)
#
# The minimum *interpolates* if $r_j(\theta^*)=0$ for all $j$. Then every $g_{\mathcal B}$ vanishes and $\delta_{t+1}=(I-\eta H_{\mathcal B_t})\delta_t$.
# ```
#
# At an interpolating minimum the noise of SGD is *multiplicative*: it is proportional to the error and disappears with it. So it is possible to stay
# there for ever, and to ask whether small errors die out.
#
# ```{prf:definition} Linear stability
# :label: def-stable
#
# Let $\varepsilon>0$, and fix an algorithm: GD, or SGD with a batch size and a law of its batches. A differentiable minimum $\theta^*$ is *$\varepsilon$-linearly stable* for it and the step size $\eta$ if the linearised dynamics, from every
# start with $\|\delta_0\|\le\varepsilon$, satisfy $\limsup_{t\to\infty}\mathbb E\|\delta_t\|\le\varepsilon$. It is *linearly stable* if it is so for every $\varepsilon$; and when no algorithm is named, we mean GD.
# ```
#
# For GD, and for SGD at an interpolating minimum, $\delta_t$ is a linear function of $\delta_0$. Then one $\varepsilon$ is as good as another: if the condition holds for one it holds for all.
#
# ```{admonition} In the paper
# :class: paper
# This notion is that of {cite:t}`mulayoff2021implicit`, which {cite:t}`nacson2023implicit` build on; we spell out the limit superior.
# ```
#
# ### Why the Hessian is $\Phi\Phi^{\mathsf T}/n$
#
# Stack the parameter gradients of the outputs, $\phi_j=\nabla_\theta f_\theta(x_j)$, as columns of
# $\Phi=[\phi_1\,\cdots\,\phi_n]$, a matrix with one row a parameter and one column a sample.
#
# ```{prf:proposition} The Hessian at interpolation
# :label: prop-hessian
#
# Where every $\theta\mapsto f_\theta(x_j)$ is twice differentiable,
#
# $$
# \nabla^2L(\theta)=\frac1n\Phi\Phi^{\mathsf T}+\frac1n\sum_{j=1}^n r_j(\theta)\,\nabla^2_\theta f_\theta(x_j).
# $$ (eq-full-hessian)
#
# At an interpolating minimum the second term vanishes: $H=\Phi\Phi^{\mathsf T}/n$ and $H_{\mathcal B}=\frac1{|\mathcal B|}\sum_{j\in\mathcal B}\phi_j\phi_j^{\mathsf T}$.
# For a shallow ReLU network the hypothesis holds at every $\theta$ for which no neuron switches on a sample, that is,
# $w_i\cdot x_j+b_i\ne0$ for all $i,j$.
# ```
#
# ```{prf:proof}
# The chain rule gives $\nabla\ell_j=r_j\phi_j$, since $\nabla r_j=\phi_j$. The product rule gives $\nabla^2\ell_j=\phi_j\phi_j^{\mathsf T}+r_j\nabla^2_\theta f_\theta(x_j)$. Average over $j$
# and note that $\sum_j\phi_j\phi_j^{\mathsf T}=\Phi\Phi^{\mathsf T}$. If all $r_j=0$, the second term is zero. Finally, if no $w_i\cdot x_j+b_i$ is zero then their signs do not change in a
# neighbourhood of $\theta$, and there $f_\theta(x_j)=\sum_{i:\,w_i\cdot x_j+b_i>0}v_i(w_i\cdot x_j+b_i)+c$ is a polynomial in $\theta$.
# ```
#
# The matrix $\Phi\Phi^{\mathsf T}/n$ exists for every network and every sample, labels or not. We call its largest eigenvalue the sharpness, and it *is* the top of
# the Hessian at any minimum that interpolates. A network always interpolates its own outputs, so we can test the proposition anywhere, against
# automatic differentiation of the loss itself; and, with other labels, the formula with its residual term.

# %%
rng = np.random.default_rng(SEED)
small, points = random_network(2, 4, seed=SEED + 1), rng.normal(size=(6, 2))
Phi = tangent_features(small, points).T


def full_hessian(net, X, y):
    """The Hessian of the loss by automatic differentiation."""
    module, X, y = net.to_torch(), torch.from_numpy(X), torch.from_numpy(y)
    names, values = zip(*module.named_parameters(), strict=True)

    def loss(*parameters):
        f = torch.func.functional_call(
            module, dict(zip(names, parameters, strict=True)), X
        )
        return ((f.ravel() - y) ** 2).mean() / 2

    blocks = torch.autograd.functional.hessian(loss, values)
    sizes = [value.numel() for value in values]
    return np.block(
        [
            [b.reshape(m, k).numpy() for b, k in zip(row, sizes, strict=True)]
            for row, m in zip(blocks, sizes, strict=True)
        ]
    )


# %%
claim(
    "hessian-at-interpolation",
    "$\\Phi\\Phi^{\\mathsf T}/n$ is the Hessian of the loss where all residuals "
    "vanish: largest difference of two entries",
    np.abs(
        full_hessian(small, points, small(points)) - Phi @ Phi.T / len(points)
    ).max(),
    at_most=1e-12,
    source="Proposition 1.1",
)
others = small(points) + rng.normal(size=len(points))
top = np.linalg.eigvalsh(full_hessian(small, points, others))[-1]
claim("hessian-with-residuals",
      "with residuals, the library's sharpness of the full Hessian over the top "
      "eigenvalue of the Hessian by automatic differentiation",
      hessian_sharpness(small, points, others) / top, equals=1.0, tol=1e-8,
      source="Proposition 1.1")

# %% [markdown]
# How wrong is $\Phi\Phi^{\mathsf T}/n$ away from a minimum? For a shallow network the residual term is small as soon as the loss is.
#
# ```{prf:proposition} The residual term
# :label: prop-residual
#
# For a shallow ReLU network none of whose neurons switches on a sample, and inputs with $\|x_j\|\le R$,
#
# $$
# \bigl|\lambda_{\max}(\nabla^2L)-\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)\bigr|\le\sqrt{1+R^2}\,\sqrt{2L}.
# $$
# ```
#
# ```{prf:proof}
# By {eq}`eq-full-hessian` and Weyl's inequality the left-hand side is at most the operator norm of $\frac1n\sum_jr_j\nabla^2f(x_j)$. In $f(x)=\sum_iv_i1_i(w_i\cdot x+b_i)+c$, with $1_i$ the
# indicator that neuron $i$ is on, the only second derivatives that do not vanish are those by $v_i$ and $(w_i,b_i)$. For a direction with parts $\dot v_i$ and $\dot\omega_i=(\dot w_i,\dot b_i)$,
# the quadratic form is therefore $2\sum_i\dot v_i1_i\,(x,1)\cdot\dot\omega_i$, and
#
# $$
# \Bigl|2\sum_i\dot v_i1_i\,(x,1)\cdot\dot\omega_i\Bigr|\le2\sqrt{1+R^2}\,\sum_i|\dot v_i|\,\|\dot\omega_i\|\le\sqrt{1+R^2}\,\sum_i\bigl(\dot v_i^2+\|\dot\omega_i\|^2\bigr).
# $$
#
# So each $\|\nabla^2f(x_j)\|\le\sqrt{1+R^2}$. The norm of the average is at most $\sqrt{1+R^2}$ times $\frac1n\sum_j|r_j|$, and by Jensen $\frac1n\sum_j|r_j|\le\bigl(\frac1n\sum_jr_j^2\bigr)^{1/2}=\sqrt{2L}$.
# ```
#
# The constant cannot be improved: one neuron on one sample, with $(w,b)=v\,(x,1)/\|(x,1)\|$ and a large $v$, comes as close to it as we like.

# %%
place, size = 0.6, 30.0
spot, length = np.array([[place]]), np.hypot(place, 1.0)
lone = ShallowReLU(W=[[size * place / length]], b=[size / length], v=[size], c=0.0)
far = hessian_sharpness(lone, spot, lone(spot) - 1.0) - sharpness(lone, spot)
claim("residual-term-is-sharp",
      "one neuron, one sample, residual 1: shift of the top eigenvalue over its "
      "bound $\\sqrt{1+R^2}\\sqrt{2L}$",
      far / length, at_least=0.99, at_most=1.0, source="Proposition 1.2")


# %% [markdown]
# (the-lemma)=
# ## The lemma
#
# ```{prf:lemma} A stable minimum is flat
# :label: lem-flat
#
# Let $\theta^*$ be a differentiable minimum and let the batches of SGD be independent across steps and unbiased: $\mathbb E L_{\mathcal B_t}=L$. If $\theta^*$ is $\varepsilon$-linearly stable for it, for some $\varepsilon>0$, then
#
# $$
# \lambda_{\max}\bigl(\nabla^2L(\theta^*)\bigr)\le\frac2\eta .
# $$ (eq-flat)
# ```
#
# ```{prf:proof}
# Let $u$ be a unit eigenvector of $H$ for $\lambda=\lambda_{\max}(H)$, and start at $\delta_0=\varepsilon u$. There are finitely many possible batches, so $\delta_t$ takes finitely many values and all expectations below exist.
#
# *The mean of SGD is GD.* $\delta_t$ is a function of $\mathcal B_0,\dots,\mathcal B_{t-1}$, so it is independent of $\mathcal B_t$, and $\mathbb E[H_{\mathcal B_t}\delta_t]=\mathbb E[H_{\mathcal B_t}]\,\mathbb E[\delta_t]=H\,\mathbb E\delta_t$. Moreover
# $\mathbb E g_{\mathcal B_t}=\nabla L(\theta^*)=0$, because $\theta^*$ is a minimiser. Taking expectations in {eq}`eq-linearised` gives $\mathbb E\delta_{t+1}=(I-\eta H)\,\mathbb E\delta_t$, hence
# $\mathbb E\delta_t=(I-\eta H)^t\,\varepsilon u=(1-\eta\lambda)^t\,\varepsilon u$.
#
# *Jensen.* The norm is convex, so $\mathbb E\|\delta_t\|\ge\|\mathbb E\delta_t\|=|1-\eta\lambda|^t\,\varepsilon$. If $\lambda>2/\eta$ then $|1-\eta\lambda|>1$ and the right-hand side tends to infinity, which contradicts
# $\limsup\mathbb E\|\delta_t\|\le\varepsilon$.
# ```
#
# For gradient descent there is no expectation to lose anything in, and the converse holds.
#
# ```{prf:proposition} Gradient descent: the converse
# :label: prop-gd
#
# For full batches, a differentiable minimum is $\varepsilon$-linearly stable for every $\varepsilon>0$ if and only if $\lambda_{\max}(H)\le2/\eta$. If $\lambda_{\max}(H)<2/\eta$, then $\delta_t$ converges to the
# orthogonal projection of $\delta_0$ onto the kernel of $H$.
# ```
#
# ```{prf:proof}
# "Only if" is {prf:ref}`lem-flat`. For "if", $\delta_t=(I-\eta H)^t\delta_0$. The Hessian at a local minimiser is positive semi-definite, so its eigenvalues lie in $[0,2/\eta]$, those of $I-\eta H$ in $[-1,1]$,
# and $\|\delta_t\|\le\|\delta_0\|\le\varepsilon$. If moreover all eigenvalues of $H$ are below $2/\eta$, then $|1-\eta\lambda_i|<1$ for $\lambda_i>0$: those components vanish in the limit, and the components with
# $\lambda_i=0$ never move.
# ```
#
# Two borderline cases hide in these lines. Along the kernel of $H$ nothing is attracted: GD converges to *a* point near $\theta^*$, in general not to $\theta^*$. And if an eigenvalue equals $2/\eta$ exactly, its component flips its sign at
# every step for ever; this counts as stable here, though nothing converges.
#
# ### From the linearised dynamics to gradient descent itself
#
# Near a minimum of a network there are others: there are more parameters than samples, and the labels can be fitted in a whole family of ways. So gradient descent, pushed off a minimum, returns to the family and not to the point. That it does return is not only true of the linearisation.
#
# ```{prf:proposition} Gradient descent returns
# :label: prop-returns
#
# Let $\theta^*$ be an interpolating minimum of a shallow ReLU network with no neuron that switches on a sample. Let the gradients $\phi_1,\dots,\phi_n$ span a space of the same dimension at all points near $\theta^*$ (for instance, because they are linearly independent at $\theta^*$), and let $\lambda_{\max}(H)<2/\eta$. Then every neighbourhood of $\theta^*$ contains a smaller one from which gradient descent converges to an interpolating minimum, without leaving the first.
# ```
#
# ```{prf:proof}
# Write $r=(r_1,\dots,r_n)$, and let $P$ be the orthogonal projection of $\mathbb R^n$ onto the range of $\Phi^{\mathsf T}$, so that $\Phi=\Phi P$. By continuity there are a ball $U$ around $\theta^*$, inside the given neighbourhood, an $s>0$ and a $\bar\lambda<2/\eta$ such that in $U$ no sample changes its side of a knot, $\|\nabla^2L\|\le\bar\lambda$, and $\|\Phi z\|\ge s\|Pz\|$ for all $z\in\mathbb R^n$: as the rank of $\Phi$ is constant, its smallest singular value that is not zero stays away from zero.
#
# If the gradients are independent, $P$ is the identity. In any case $\|Pr\|\ge\frac12\|r\|$ in $U$, if $U$ is small enough. For the vectors of outputs $(f(x_1),\dots,f(x_n))$ of the networks in $U$ form a smooth surface in $\mathbb R^n$, by the theorem on maps of constant rank. Its tangent space is the range of $\Phi^{\mathsf T}$, and it contains $y$, the outputs at $\theta^*$. So $r$, which joins two points of the surface, is tangent up to an error of order $\|r\|^2$. As $\nabla L=\frac1n\Phi r$ and $\|r\|^2=2nL$, in $U$
#
# $$
# \|\nabla L\|^2\ge\frac{s^2}{4n^2}\,\|r\|^2=2m\,L,\qquad m=\frac{s^2}{4n} .
# $$
#
# As long as the iterates stay in $U$, Taylor's formula gives $L(\theta_{t+1})\le L(\theta_t)-\eta(1-\frac12\eta\bar\lambda)\|\nabla L(\theta_t)\|^2\le q\,L(\theta_t)$ with $q=1-2m\eta(1-\frac12\eta\bar\lambda)<1$. In $U$ moreover $\|\nabla L\|\le C\sqrt L$ for some $C$, so the whole way is at most $\eta C\sqrt{L(\theta_0)}\,\sum_tq^{t/2}$. From a start close enough to $\theta^*$ the loss $L(\theta_0)$ is so small that this, and the distance of the start, are less than half the radius of $U$ each. Then the iterates never leave $U$, they converge, and the loss at their limit is zero.
# ```
#
# This is the standard argument with an inequality of Polyak and Łojasiewicz. (The segment from $\theta_t$ to $\theta_{t+1}$ lies in $U$, since balls are convex.) Beyond $2/\lambda_{\max}$ errors grow, until the linearisation no longer describes them; what happens then is decided by higher derivatives.
#
# ```{admonition} In the paper
# :class: paper
# That the linearised dynamics may mislead, since gradient descent may oscillate stably near a linearly *unstable* minimum and converge once the step decays, was known; {cite:t}`mulayoff2026nonlinear` derive an exact criterion for such oscillations in several dimensions, which depends on higher derivatives. For SGD, {cite:t}`chemnitz2024characterizing` prove that the sign of a Lyapunov exponent decides whether it can accumulate at a minimum. (We read the abstracts.)
# ```
#
# We measure both sides: {glue:text}`line-starts` networks, their own outputs as labels, a tiny push, and real gradient descent. The push must be small against the distance to the nearest knot, for there the linearisation ends. (The networks come from short runs of gradient descent on {glue:text}`line-width` neurons that did not finish; as their labels are their own outputs, that does not matter. The gradients of the {glue:text}`line-samples` samples are dependent where several samples lie between the same two knots; but the dimension of their span ({glue:text}`span`) is the same all around each network, as the proposition asks.)

# %%
class Line(NamedTuple):
    samples: int = 8
    width: int = 12
    starts: int = 10
    step_size: float = 0.05
    max_steps: int = 8000
    beyond: float = 0.05  # how far on either side of the threshold
    grows: int = 51  # epochs
    shrinks: int = 500
    stretch: float = 1.9  # of the first layer
    length: float = 1.5  # of the step that separates two, in units of 1/sharpness
    epochs: int = 3000


LINE = Line()
SAMPLES, WIDTH, STARTS = LINE.samples, LINE.width, LINE.starts
x = np.linspace(-1, 1, SAMPLES)
starts = [random_network(1, WIDTH, SEED + 3 + s, scale=2.0) for s in range(STARTS)]
runs = train_together(starts, x, np.cos(np.pi * x), LINE.step_size,
                      max_steps=LINE.max_steps)
nets = [run.network.balanced(x) for run in runs]
flat, y = nets[0], nets[0](x)


def push(net, seed=0, size=1e-8):
    """The network with noise on every parameter, too little to move a knot far."""
    rng, parts = np.random.default_rng(SEED + seed), (net.W, net.b, net.v, net.c)
    size = min(size, 1e-4 * np.abs(net.preactivations(x)).min())
    return ShallowReLU(*(p + size * rng.normal(size=np.shape(p)) for p in parts))


# %%
def loss_after_push(net, eta, epochs):
    run = train_sgd(push(net), x, net(x), eta, tolerance=1e-30, max_epochs=epochs)
    return run.history


above, below = 1 + LINE.beyond, 1 - LINE.beyond
escapes = [loss_after_push(net, above * gd_threshold(net, x), LINE.grows)
           for net in nets]
returns = [loss_after_push(net, below * gd_threshold(net, x), LINE.shrinks)
           for net in nets]
growth, percent = (1 + 2 * LINE.beyond) ** 2, f"{100 * LINE.beyond:g} %"
ten = f"{spelled(STARTS)} networks"
claim("lemma-growth-rate",
      f"at a step {percent} beyond $2/\\lambda_{{\\max}}$ the loss of real networks "
      f"grows by $(1-\\eta\\lambda_{{\\max}})^2={growth:.4g}$ a step: largest "
      f"deviation among {ten}",
      max(abs(loss[LINE.grows - 1] / loss[LINE.grows - 2] - growth)
          for loss in escapes), at_most=0.01,
      source="Lemma 1.1")
claim(
    "returns-below",
    f"{percent} below $2/\\lambda_{{\\max}}$ the loss of real networks shrinks: "
    f"largest ratio of loss after {LINE.shrinks} steps to loss after the first, "
    f"among {ten}",
    max(loss[-1] / loss[0] for loss in returns),
    at_most=1.0,
    source="Proposition 1.4",
)
around = [np.linalg.matrix_rank(tangent_features(push(net, s), x))
          for net in nets for s in range(1, 6)]
spans = np.array([np.linalg.matrix_rank(tangent_features(net, x)) for net in nets])
for name in ("starts", "width", "samples"):
    glue(f"line-{name}", spelled(getattr(LINE, name)), display=False)
glue("span", f"{spans.min()} to {spans.max()}", display=False)
claim("returns-constant-rank",
      "the gradients span as many dimensions at five points around a network as at "
      f"it, as Proposition 1.4 asks: largest difference, {ten}",
      np.abs(np.reshape(around, (-1, 5)) - spans[:, None]).max(), equals=0)

# %% [markdown]
# ### A minimum that breaks the lemma
#
# Where was the independence of the batches used? In one equality, $\mathbb E[H_{\mathcal B_t}\delta_t]=H\,\mathbb E\delta_t$. Most training code does not draw independent batches: it reshuffles the samples and goes through
# them once an epoch. That is enough to make the lemma false.
#
# Take one parameter and two samples, $\ell_1=\tfrac12\theta^2$ and $\ell_2=\tfrac12\cdot10\,\theta^2$, batches of one sample, and $\eta=1$. The sharpness of the average, 5.5, exceeds $2/\eta$ by far. But a step on the first sample
# multiplies the error by $1-\eta=0$, and every reshuffled epoch contains that step. With independent batches the first sample is missed in $t$ steps with probability $2^{-t}$, and then the error has grown to $9^t$: its expectation is $4.5^t$, as the lemma demands.

# %%
two = Linearization.from_features(np.sqrt([[1.0], [10.0]]))  # two gradients
RUNS, MANY, THREE = 20, 4000, 3  # reshuffled; independent, and for so many steps
epoch = [two.path(1.0, 1, 2, SEED + s, "reshuffled")[-1] for s in range(RUNS)]
claim("reshuffling-breaks-the-lemma",
      "two samples, at a step of 2.75 times $2/\\lambda_{\\max}$: largest squared "
      f"error after one reshuffled epoch, in {spelled(RUNS)} runs",
      max(epoch), equals=0.0)
claim(
    "reshuffled-sharpness",
    "sharpness over $2/\\eta$ in the example with two samples",
    two.sharpness / 2,
    equals=2.75,
    tol=1e-12,
    source="Lemma 1.1 does not apply",
)
errors = np.sqrt([two.path(1.0, 1, THREE, SEED + s)[-1] for s in range(MANY)])
claim(
    "independent-batches-obey-the-lemma",
    "two samples, independent batches: distance of the mean size of the error "
    f"after {spelled(THREE)} steps from $4.5^{THREE}$, in standard errors of {MANY} "
    "runs",
    abs(errors.mean() - 4.5**THREE) / (errors.std() / np.sqrt(len(errors))),
    at_most=4.0,
    source="Lemma 1.1",
)


# %% [markdown]
# So {prf:ref}`lem-flat` is a statement about independent batches and about expectations. What it says of one run with reshuffled epochs has to be measured, and we will measure it, in {ref}`three-thresholds` and in every later chapter.
#
# ## The n×n kernel
#
# The Hessian has as many rows as there are parameters, and a network on small images has a hundred thousand of them. We never form it. The non-zero eigenvalues of $\Phi\Phi^{\mathsf T}$ are those of
#
# $$
# G=\Phi^{\mathsf T}\Phi,\qquad G_{jl}=\nabla_\theta f(x_j)\cdot\nabla_\theta f(x_l),
# $$
#
# the **tangent kernel**, whose size is the number of samples. Hence $\lambda_{\max}(H)=\lambda_{\max}(G)/n$. For a shallow network $G$ has a closed form. With $z^+_{ij}=\sigma(w_i\cdot x_j+b_i)$ and
# $1_{ij}$ the indicator that neuron $i$ is on at $x_j$, the derivatives of $f(x_j)$ are
#
# $$
# \frac{\partial f}{\partial w_i}=v_i1_{ij}\,x_j,\qquad \frac{\partial f}{\partial b_i}=v_i1_{ij},\qquad \frac{\partial f}{\partial v_i}=z^+_{ij},\qquad \frac{\partial f}{\partial c}=1 .
# $$
#
# Multiplying the gradients at $x_j$ and $x_l$ and adding up,
#
# $$
# G_{jl}=1+\sum_iz^+_{ij}z^+_{il}+(x_j\cdot x_l+1)\sum_iv_i^2\,1_{ij}1_{il}.
# $$ (eq-kernel)
#
# With the pre-activations these are four products of matrices, $O(n^2(d+k)+nkd)$ operations, and $\Phi$ never appears. The leading $1$ comes from the output bias, and it makes $\lambda_{\max}(H)\ge1$ for *every* network: test $G/n$ with the constant unit vector. No minimum with an output bias tolerates a step beyond $2$.

# %%
def autograd_gradient(module, point):
    module.zero_grad()
    module(torch.from_numpy(point[None])).sum().backward()
    parts = [part.grad.ravel() for part in module.parameters()]
    return torch.cat(parts).numpy().copy()


jacobian = np.stack([autograd_gradient(small.to_torch(), each) for each in points])
claim(
    "kernel-against-autograd",
    "closed-form tangent kernel against automatic differentiation: largest "
    "difference of two entries",
    np.abs(jacobian @ jacobian.T - tangent_kernel(small, points)).max(),
    at_most=1e-10,
)


# %% [markdown]
# At the size of a small MNIST experiment, the kernel takes the place of a much larger feature matrix.

# %%
class Size(NamedTuple):
    pixels: int = 784
    width: int = 200
    images: int = 512


SIZE = Size()
large = random_network(SIZE.pixels, SIZE.width, seed=SEED)
many = rng.uniform(size=(SIZE.images, SIZE.pixels))
began = time.perf_counter()
sharpness(large, many)
glue(
    "kernel-milliseconds",
    f"{1e3 * (time.perf_counter() - began):.0f}",
    display=False,
)
parameters_of = SIZE.width * (SIZE.pixels + 2)
for name in SIZE._fields:
    glue(f"size-{name}", spelled(getattr(SIZE, name)), display=False)
glue("phi-megabytes", f"{parameters_of * SIZE.images * 8 / 1e6:.0f}", display=False)

# %% [markdown]
# The sharpness of a network with {glue:text}`size-width` neurons on {glue:text}`size-images` images of {glue:text}`size-pixels` pixels took {glue:text}`kernel-milliseconds` ms on the machine that built this page; $\Phi$ alone would take {glue:text}`phi-megabytes` MB.
#
# ## A function has many parametrisations
#
# Sharpness belongs to the parameters. What we want to know about is the *function*. A shallow ReLU network does not change if we multiply $(w_i,b_i)$ by $\alpha_i>0$ and divide $v_i$ by it, since $\sigma(\alpha z)=\alpha\sigma(z)$. Its gradients do change, and with them the sharpness.
#
# ```{prf:definition} Stable function
# :label: def-stable-function
#
# A function is *stable* for the step size $\eta$ on the sample if **some** parametrisation of it by the network is a linearly stable minimum of the loss with the labels $y_j=f(x_j)$, for GD unless another algorithm is named.
# ```
#
# ```{admonition} In the paper
# :class: paper
# This is how {cite:t}`mulayoff2021implicit` pass from parameters to functions. It is the right quantifier for a statement of the form "SGD can only find functions with …": if no parametrisation is stable, there is no place where SGD could stop with this function. By {prf:ref}`lem-flat` and {prf:ref}`prop-gd`, a function that is stable for SGD with independent batches is stable for GD, so what later chapters exclude for GD is excluded for both.
# ```
#
# We take the function `flat` from above and write it in two ways: once with the layers balanced, once with the first layer multiplied by a factor and the second divided by it. One step size lies between their thresholds. We push both a little and run real gradient descent; and the same with the nine other networks.

# %%
STRETCH, LENGTH = LINE.stretch, LINE.length
grid = np.linspace(-1, 1, 201)


def two_parametrisations(net):
    sharp = net.rescaled(np.full(net.width, STRETCH))
    step = LENGTH / sharpness(net, x)
    stays, leaves = (
        train_sgd(push(each), x, net(x), step, tolerance=1e-28,
                  max_epochs=LINE.epochs)
        for each in (net, sharp)
    )
    growth = (1 - step * sharpness(sharp, x)) ** 2
    early = np.argmax(leaves.history > 1e6 * leaves.history[0])  # no knot is met yet
    return {
        "same": np.abs(net(grid) - sharp(grid)).max(),
        "stays": stays.loss / stays.history[0],
        "grows": leaves.history[early] / leaves.history[early - 1] / growth,
        "moved": np.abs(leaves.network(grid) - net(grid)).max(),
        "edge": sharpness(leaves.network, x) * step / 2,
        "runs": (stays, leaves),
        "growth": growth,
        "step": step,
        "sharp": sharpness(sharp, x),
    }


pairs = [two_parametrisations(net) for net in nets]
stays, leaves = pairs[0]["runs"]

# %% tags=["hide-input"]
glue("flat-sharpness", f"{sharpness(flat, x):.2f}", display=False)
glue("stretch", f"{STRETCH:g}", display=False)
glue("sharp-sharpness", f"{pairs[0]['sharp']:.1f}", display=False)
glue("between", f"{2 / pairs[0]['step']:.2f}", display=False)
glue("after-sharpness", f"{sharpness(leaves.network, x):.2f}", display=False)
glue("after-status", leaves.status, display=False)
glue("after-steps", str(leaves.epochs), display=False)
glue("moved-least", f"{min(pair['moved'] for pair in pairs):.2f}", display=False)

# %% mystnb={"figure": {"name": "fig-two-parametrisations", "caption": "One function in two parametrisations, with noise of size $10^{-8}$ or less added to every parameter, and trained by gradient descent with the same step size (the first of ten networks). Above, the loss; below, the function at the beginning and what became of it."}, "image": {"alt": "Above, two curves of the loss against the step. The balanced parametrisation falls. The rescaled one grows along a dotted straight line until the loss is of order one, then falls again. Below, two curves through the same samples; the red one is visibly different between them."}}
histories = {"balanced": stays.history, "first layer stretched": leaves.history}
growth = pairs[0]["growth"]
draw.plot_two_parametrisations(histories, growth, x, y, flat, leaves.network);

# %% [markdown]
# The balanced parametrisation has sharpness {glue:text}`flat-sharpness`, the one stretched by {glue:text}`stretch` has {glue:text}`sharp-sharpness`, and $2/\eta$ is {glue:text}`between`. The first returns to its minimum. The second leaves it at the rate that the lemma predicts (dotted in {numref}`fig-two-parametrisations`), jumps far away, and is found after {glue:text}`after-steps` steps ("{glue:text}`after-status`") at a network of sharpness {glue:text}`after-sharpness`, which is a *different function*. Instability of one parametrisation says nothing about the function; but GD that was thrown out did not look for a flatter description of the same function, it took another. In all ten cases it did: somewhere in $[-1,1]$ the new function differs by at least {glue:text}`moved-least`.

# %%
claim("same-function",
      "the two parametrisations are one function: largest difference on a grid, "
      f"{ten}",
      max(pair["same"] for pair in pairs), at_most=1e-12)
claim("stable-parametrisation-returns",
      f"final over initial loss of the stable one, the largest of {spelled(STARTS)}",
      max(pair["stays"] for pair in pairs), at_most=1e-2, source="Proposition 1.4")
claim(
    "unstable-parametrisation-growth",
    "growth of the loss of the unstable one over $(1-\\eta\\lambda_{\\max})^2$: "
    f"largest deviation from one, of {spelled(STARTS)}",
    max(abs(pair["grows"] - 1) for pair in pairs),
    at_most=0.02,
    source="Lemma 1.1",
)
claim("unstable-ends-flatter",
      "sharpness over $2/\\eta$ of the networks at which the unstable ones are "
      f"found after {LINE.epochs} steps, the largest of {spelled(STARTS)}",
      max(pair["edge"] for pair in pairs), at_most=1.02)
claim("unstable-takes-another-function",
      f"smallest change, over {ten}, of the function of the one that was "
      "thrown out",
      min(pair["moved"] for pair in pairs), at_least=0.02)


# %% [markdown]
# ## Experiment: the edge of stability
#
# **Question.** {prf:ref}`prop-gd` says where GD can *stop*. Does it say anything about where it *goes*?
#
# **What theory says.** Run GD from one start with several step sizes. If the minimum reached with a short step is sharper than $2/\eta$, then a run with the step $\eta$ should not end there, but at a minimum of sharpness at most $2/\eta$. (Linear instability does not forbid it: an exceptional start could land on the minimum exactly. And the minima must be differentiable, on which more below.) How it gets there the theory does not say.
#
# **What is known.** {cite:t}`cohen2021gradient` observed it: in training, the sharpness rises to $2/\eta$ and stays there. We ask how exactly, how often, and which of it is due to the step.
#
# **Run.** Real handwritten digits, a network of {glue:text}`neurons` neurons, full batches, {glue:text}`starts-words` starts. While it trains we record the sharpness, which {eq}`eq-kernel` makes cheap enough to compute along the way.

# %%
class Images(NamedTuple):
    steps: tuple = (0.03, 0.06, 0.12, 0.24)  # at least three, from the shortest
    images: int = 128
    neurons: int = 50
    epochs: int = 3000
    starts: int = 5
    every: int = 10  # steps from one record to the next
    last: int = 500  # steps over which the sharpness is averaged
    further: int = 20  # steps after the end, in which neurons switch


STEPS, IMAGES, NEURONS, EPOCHS, RUNS, EVERY, LAST, FURTHER = Images()
task = digit_pair(3, 5, n_train=IMAGES, n_validation=0, seed=SEED, dataset="auto")
begin = [random_network(task.X.shape[1], NEURONS, SEED + s) for s in range(RUNS)]


def descend(start, eta, full=False):
    """Gradient descent; records step, sharpness, loss, if asked full sharpness."""
    rows = []

    def record(epoch, net):
        more = [hessian_sharpness(net, task.X, task.y)] if full else []
        loss = mean_square_loss(net, task.X, task.y)
        rows.append([epoch, sharpness(net, task.X), loss, *more])

    every = 5 * EVERY if full else EVERY
    run = train_sgd(start, task.X, task.y, eta, max_epochs=EPOCHS,
                    observe=record, observe_every=every)
    return run, np.array(rows)


# %%
digits = {(s, eta): descend(begin[s], eta) for s in range(RUNS) for eta in STEPS}
shortest, middle, longest = min(STEPS), sorted(STEPS)[-2], max(STEPS)
last = LAST // EVERY  # records
scatter = {key: run[1][-last:, 1] * key[1] / 2 for key, run in digits.items()}
ends = {key: ratio.mean() for key, ratio in scatter.items()}
steep = [digits[s, shortest][1][-1, 1] for s in range(RUNS)]  # ends of the shortest

# %%
print(len(task.X), "images of", task.image_shape, "pixels, data set:", task.dataset)
names = ("step", "2/step", "loss", "ratio", "least", "largest", "unfinished")
print("".join(f"{name:>12s}" for name in names))
for eta in STEPS:
    ratios = [ends[s, eta] for s in range(RUNS)]
    unfinished = sum(digits[s, eta][0].status != "converged" for s in range(RUNS))
    loss = digits[0, eta][0].loss
    print(f"{eta:12.2f}{2 / eta:12.1f}{loss:12.0e}{ratios[0]:12.3f}"
          f"{min(ratios):12.3f}{max(ratios):12.3f}{unfinished:12d}")

# %% tags=["hide-input"]
record = digits[0, longest][1]
swing, distance = record[:, 1] * longest / 2, np.abs(record[:, 1] * longest / 2 - 1)
calm = record[np.flatnonzero(distance > 0.05)[-1] + 1 :, 0]
glue("longest", f"{longest:g}", display=False)
unfinished = sum(digits[s, longest][0].status != "converged" for s in range(RUNS))
glue("longest-unfinished", f"{unfinished}", display=False)
glue("starts", f"{RUNS}", display=False)
for name, value in (("starts-words", RUNS), ("neurons", NEURONS), ("last", LAST),
                    ("epochs", EPOCHS), ("further", FURTHER)):
    glue(name, spelled(value), display=False)
glue("longest-start", f"{swing[0]:.2f}", display=False)
glue("longest-high", f"{swing[:20].max():.1f}", display=False)
glue("longest-low", f"{swing[:20].min():.1f}", display=False)
glue(
    "longest-settled",
    f"{calm[0]:.0f}" if len(calm) else "the last",
    display=False,
)
glue("sharpness-shortest", f"{steep[0]:.1f}", display=False)
glue("steep-low", f"{min(steep):.0f}", display=False)
glue("steep-high", f"{max(steep):.0f}", display=False)
glue("shortest-loss", f"{digits[0, shortest][0].loss:.0e}", display=False)
glue("middle", f"{middle:g}", display=False)
glue("ratio-low", f"{scatter[0, middle].min():.3f}", display=False)
glue("ratio-high", f"{scatter[0, middle].max():.3f}", display=False)

# %% mystnb={"figure": {"name": "fig-edge", "caption": "Gradient descent on handwritten digits with four step sizes from one start, the first of five. Dashed, in the colour of the step size, is $2/\\eta$. An open circle ends a run that has not converged."}, "image": {"alt": "Above, the sharpness against the step on a logarithmic scale. For the two middle step sizes it rises to its dashed line at two over eta and then stays at it with small oscillations; for the longest it starts above its line, swings widely around it and comes to rest on it only after some hundred steps; for the smallest step size it remains below its line. Below, the losses fall by several orders of magnitude, the larger steps with spikes."}}
settled = {eta: digits[0, eta][0].status == "converged" for eta in STEPS}
draw.plot_edge({eta: digits[0, eta][1] for eta in STEPS}, settled);

# %% [markdown]
# **What we see** on MNIST. (Where it cannot be had the line above the table says `digits`: this page then ran on 8×8 images, on which no run converges in {glue:text}`epochs` steps, and the claims on the edge are not made.) In the table, "ratio" is the sharpness over $2/\eta$, averaged over the last {glue:text}`last` steps: of the first start, whose loss stands beside it, and the least and the largest of the five; "unfinished" counts those whose loss did not reach $10^{-8}$ in {glue:text}`epochs` steps. With the shortest step the sharpness ends at {glue:text}`sharpness-shortest` (between {glue:text}`steep-low` and {glue:text}`steep-high` over the starts), which is more than $2/\eta$ for each of the three others, though that run has not converged either: its loss is {glue:text}`shortest-loss`. None of the others goes to such a place. {numref}`fig-edge` shows what they do instead. With the two middle steps the sharpness rises to its dashed line and stays at it, while the loss falls by many orders of magnitude, in waves. The longest step is too long for the start itself, whose ratio is {glue:text}`longest-start`: the sharpness swings between {glue:text}`longest-low` and {glue:text}`longest-high` times the line within the first 200 steps (recorded every ten), and stays within 5 % of it only from step {glue:text}`longest-settled` on. This is the *edge of stability*. The step size steers the network long before there is a minimum to be stable at.
#
# Over {glue:text}`starts-words` starts all runs that converged agree, to within two per cent; of the longest step {glue:text}`longest-unfinished` of {glue:text}`starts` have not, and their ratios scatter more. What would have falsified the expectation is a run that comes to rest, with vanishing loss, at a sharpness well above $2/\eta$.
#
# **Read with care.** The theory bounds the sharpness *at a minimum*, and a run that was stopped at a loss of $10^{-8}$ is not at one. Along its last {glue:text}`last` steps the ratio of sharpness to $2/\eta$ scatters between {glue:text}`ratio-low` and {glue:text}`ratio-high` for $\eta={}${glue:text}`middle`. A value slightly above one read off such a run violates no theorem.
# Part of the scatter is the oscillation across the valley; another part comes from knots that keep switching, and has its own section: {ref}`knots-on-a-sample`.

# %%
done = {key for key, (run, _) in digits.items() if run.status == "converged"}
bound = {(s, eta) for s, eta in digits if steep[s] > 2 / eta}  # theory applies
if task.dataset != "digits":  # on which no run converges in so few steps
    claim("edge-steeper-available",
          "with the shortest step the sharpness ends above the $2/\\eta$ of the "
          f"next one: smallest quotient over {spelled(RUNS)} starts",
          min(steep) * sorted(STEPS)[1] / 2, at_least=1.0)
    claim("edge-losses",
          "share of the runs on MNIST that converge, among those whose $2/\\eta$ "
          "lies below the sharpness that the shortest step reaches",
          len(done & bound) / max(1, len(bound)), at_least=0.6)
    claim("edge-reached",
          "converged runs end at the edge where the shortest step ends beyond it: "
          f"sharpness over $2/\\eta$, averaged over the last {LAST} steps, largest "
          "distance from one",
          max((abs(ends[key] - 1) for key in done & bound), default=np.nan), at_most=0.02)
    claim("edge-not-exceeded",
          "no converged run, of any step size, ends beyond the edge, up to the "
          "scatter: largest value of sharpness over $2/\\eta$",
          max((ends[key] for key in done), default=np.nan), at_most=1.02,
          source="Proposition 1.3")
    claim("edge-not-forced",
          "where $2/\\eta$ is far away nothing drives the sharpness there: largest "
          f"sharpness over $2/\\eta$ for the shortest step, over {spelled(RUNS)} starts",
          max(ends[s, shortest] for s in range(RUNS)), at_most=0.98)

# %% [markdown]
# How good was $\Phi\Phi^{\mathsf T}/n$ while the loss was not yet zero? We repeat one run and compute the top of the full Hessian along it, by Lanczos iteration on Hessian–vector products.

# %% mystnb={"figure": {"name": "fig-gauss-newton", "caption": "Distance between the top eigenvalues of the full Hessian and of its Gauss\u2013Newton part along training, with the bound of Proposition 1.2."}, "image": {"alt": "Two falling curves on a logarithmic scale. The difference of the two sharpnesses stays more than a factor of ten below the dashed bound and falls with it."}}
_, record = descend(begin[0], middle, full=True)
difference = np.abs(record[:, 3] - record[:, 1])
radius = np.linalg.norm(task.X, axis=1).max()
bound = np.sqrt(1 + radius**2) * np.sqrt(2 * record[:, 2])
draw.plot_gauss_newton(record[:, 0], difference, bound);

# %%
claim("residual-term",
      "sharpness of the whole Hessian minus that of its Gauss–Newton part, over "
      "the bound on the residual term, largest along training",
      (difference / bound).max(), at_most=1.0, source="Proposition 1.2")

# %% [markdown]
# (knots-on-a-sample)=
# ## Knots on a sample
#
# The theory of this chapter asks for a *differentiable* minimum: no neuron may switch exactly on a sample. That sounds like a condition which fails with probability zero. It is not. We look at all pre-activations $z_{ij}=w_i\cdot x_j+b_i$ of the networks that GD found on the digits.

# %% mystnb={"figure": {"name": "fig-knots", "caption": "Sizes of the pre-activations of all pairs of a neuron and a sample at the end of two of the runs from the first start."}, "image": {"alt": "Two histograms on a logarithmic axis. Most pairs lie around size 0.3, with a tail to the left. Apart from them, five or more orders of magnitude further to the left, there is a second small heap."}}
nets = {eta: digits[0, eta][0].network for eta in (shortest, middle)}
values = {f"step size {eta:g}": net.preactivations(task.X) for eta, net in nets.items()}
draw.plot_preactivations(values);


# %% [markdown]
# There is a second heap. Some knots sit on samples, as closely as the remaining loss allows, and they are held there.
#
# ```{prf:proposition} A trap for knots
# :label: prop-trap
#
# In full-batch gradient descent on a shallow network, the pre-activation of neuron $i$ at sample $j$ changes in one step by exactly $z_{ij}\mapsto z_{ij}+\rho-\kappa\,1_{z_{ij}>0}$, where
#
# $$
# \kappa=\frac\eta n\,r_jv_i\,(\|x_j\|^2+1),\qquad \rho=-\frac\eta n\sum_{l\ne j}r_lv_i1_{il}\,(x_l\cdot x_j+1).
# $$
#
# If $\kappa$ and $\rho$ stay constant with $0<\rho<\kappa$, then outside the interval $(\rho-\kappa,\rho]$ $z_{ij}$ moves towards it by at least $\min(\rho,\kappa-\rho)$ a step, and once inside it never leaves.
# ```
#
# ```{prf:proof}
# The gradient of $L$ by $(w_i,b_i)$ is $\frac1n\sum_lr_lv_i1_{il}(x_l,1)$, and $z_{ij}$ is linear in $(w_i,b_i)$ with coefficients $(x_j,1)$; split off the term $l=j$. Now let $0<\rho<\kappa$. If $z>0$ the step takes it to $z-(\kappa-\rho)$, which is smaller than $z$ and larger than $\rho-\kappa$. If $z\le0$ the step takes it to $z+\rho$, which is larger than $z$ and at most $\rho$. So $z>\rho$ falls, and $z\le\rho-\kappa$ rises, by the amounts stated,
# and from $(\rho-\kappa,\rho]$ both cases lead back into it.
# ```
#
# In training $\kappa$ and $\rho$ change slowly; the proposition describes the steps over which they hardly do. The length of the trap is $\kappa$, proportional to the residual $r_j$. As training proceeds the two shrink together and the knot is pinned to the sample. On one side of it the sample itself pushes it away, on the other side the remaining samples push it back: a control engineer would call this a sliding mode. The condition needs $r_jv_i>0$, and that can be checked.

# %%
def last_steps(key, count=FURTHER):
    """The networks along ``count`` further steps of a run."""
    nets, net = [], digits[key][0].network
    train_sgd(net, task.X, task.y, key[1], tolerance=1e-30, max_epochs=count,
              observe=lambda _, net: nets.append(net))
    return nets


def switching_pairs(key):
    """How many pairs switch, how many with r v > 0, and that share of all pairs."""
    nets = last_steps(key)
    patterns = np.array([net.pattern(task.X) for net in nets])
    switching = (patterns != patterns[0]).any(axis=0)
    pushed_away = np.outer(nets[0](task.X) - task.y, nets[0].v) > 0
    return switching.sum(), pushed_away[switching].sum(), pushed_away.mean()


counts = {eta: np.array([switching_pairs((s, eta)) for s in range(RUNS)])
          for eta in (shortest, middle)}
share = {eta: each[:, 1].sum() / each[:, 0].sum() for eta, each in counts.items()}

# %% tags=["hide-input"]
glue(
    "switching",
    f"{counts[shortest][:, 0].min():.0f} to {counts[shortest][:, 0].max():.0f}",
    display=False,
)
glue("pairs", f"{IMAGES * NEURONS}", display=False)
glue("shortest", f"{shortest:g}", display=False)
glue("trapped-middle", f"{100 * share[middle]:.0f} %", display=False)
five, twenty = spelled(RUNS), f"{spelled(FURTHER)} steps"
claim("knots-on-samples",
      f"pairs of a neuron and a sample that switch on or off within {twenty} "
      f"at the end of a run with the shortest step: the smallest count of {five}",
      counts[shortest][:, 0].min(), at_least=10)
claim("knots-are-trapped",
      "share of the pairs that switch, at the end of the runs with the shortest "
      "step, with $r_jv_i>0$, which is necessary for the trap",
      share[shortest], at_least=0.9, source="Proposition 1.5")
claim("trap-sign-of-all-pairs",
      f"share of all pairs of a neuron and a sample with $r_jv_i>0$, mean of {five} "
      "runs",
      counts[shortest][:, 2].mean(), at_least=0.4, at_most=0.6)

# %% [markdown]
# In the runs with $\eta={}${glue:text}`shortest`, {glue:text}`switching` of {glue:text}`pairs` pairs switch within {glue:text}`further` steps, at a loss where nothing visible moves any more, and nearly all of them have the sign of the trap. At the edge of stability pairs switch as well, but only {glue:text}`trapped-middle` of them have that sign; there, we guess, many are carried to and fro by the oscillation. So gradient descent, with short steps as with long ones, *is on its way to minima that are not differentiable*: these knots come to lie on the samples as the residuals vanish. What becomes of the sharpness there? Every switch exchanges one matrix $\Phi$ for another.

# %%
spreads = [
    np.array([sharpness(net, task.X) for net in last_steps((s, middle))])
    * middle
    / 2
    for s in range(RUNS)
]
glue("spread-low", f"{spreads[0].min():.3f}", display=False)
glue("spread-high", f"{spreads[0].max():.3f}", display=False)
claim("sharpness-across-patterns",
      f"largest over smallest sharpness along {twenty} at the end of a run at "
      f"the edge, the largest of {five} runs",
      max(spread.max() / spread.min() for spread in spreads), at_most=1.05)


# %% [markdown]
# Along twenty consecutive steps at the end of the first run with $\eta={}${glue:text}`middle`, the ratio of sharpness to $2/\eta$ reads between {glue:text}`spread-low` and {glue:text}`spread-high`, although the weights hardly move. This is the other part of the scatter. When this book says "the sharpness of a trained network" it means that of the pattern at the last iterate,
# with a neuron at its kink counted as off. Where no pre-activation is exactly zero, that network *is* a differentiable minimum for its own outputs as labels, and its threshold is that of this pattern. The claim bounds how much another pattern would have changed it.
#
# ### A minimum sharper than the lemma allows
#
# At a minimum with a knot on a sample {prf:ref}`lem-flat` is not only unproved but can be false, even for gradient descent. In one dimension let $L(\theta)=\frac12\lambda_+\theta^2$ for $\theta\ge0$ and $\frac12\lambda_-\theta^2$ for $\theta\le0$, both positive. A step multiplies by $1-\eta\lambda_\pm$ according to the side.
#
# - If $\eta\lambda_->1$ and $\eta\lambda_+>1$, the iterate changes sides at every step and two steps multiply it by $(\eta\lambda_+-1)(\eta\lambda_--1)$. It stays bounded if and only if this is at most one: one side may be sharper than $2/\eta$ if the other makes up for it.
# - If $\eta\lambda_-\le1$, an iterate on the left stays there and shrinks, and one on the right either does the same or is thrown to the left. The minimum is stable **however sharp the right side is**.
#
# A network can do this, too. One neuron, four samples: the knot lies on the first sample, the second and third are on, the fourth is off. The labels are the network's own outputs.

# %%
class Knot(NamedTuple):
    radius: float = 1e-6  # ε
    pushes: int = 200  # errors of that size
    steps: int = 400
    product: float = 1.5  # of the step and the sharpness of the flat side
    beyond: float = 2.05  # the same, where the flat side is left


RADIUS, PUSHES, KNOT_STEPS, PRODUCT, BEYOND = Knot()
four = np.array([-10.0, -0.5, 0.5, -12.0])
knotted = ShallowReLU(W=[[0.1]], b=[1.0], v=[1.0], c=0.0)
beside = ShallowReLU(W=[[0.1]], b=[1.001], v=[1.0], c=0.0)  # the knot has passed it
off, on = sharpness(knotted, four), sharpness(beside, four)


def parameters(net):
    return np.array([net.W[0, 0], net.b[0], net.v[0], net.c])


def pushed_and_trained(net, eta, steps=KNOT_STEPS):
    """Errors of size ε in random directions; what real GD makes of them, in ε."""
    errors = np.random.default_rng(SEED + 5).normal(size=(PUSHES, 4))
    errors /= np.linalg.norm(errors, axis=1, keepdims=True)
    nets = [ShallowReLU([[w]], [b], [v], c)
            for w, b, v, c in parameters(net) + RADIUS * errors]
    runs = train_together(nets, four, net(four), eta, tolerance=1e-300, max_steps=steps)
    ends = np.array([parameters(run.network) for run in runs])
    return errors, (ends - parameters(net)) / RADIUS


# %%
eta = PRODUCT / off
before, after = pushed_and_trained(knotted, eta)
same = np.array([0.1, 1.0, -1.0, 0.0]) / np.linalg.norm([0.1, 1.0, -1.0])
held = np.linalg.norm(after, axis=1)
lost, smooth = (np.linalg.norm(pushed_and_trained(net, step)[1], axis=1)
                for net, step in ((knotted, BEYOND / off), (beside, eta)))
glue("knot-on", f"{eta * on:.1f}", display=False)
glue("knot-worst", f"{held.max():.3f}", display=False)
claim("knot-sharper-side",
      "with the sample counted as on, the sharpness of the four-sample network "
      "over $2/\\eta$",
      eta * on / 2, at_least=10)
claim("knot-holds",
      f"errors of size ε in {PUSHES} random directions, after {KNOT_STEPS} steps of real "
      "gradient descent: largest distance in units of ε",
      held.max(), at_most=1.0, source="Lemma 1.1 does not apply")
claim("knot-keeps-the-function",
      f"what remains of errors at the four-sample network after {KNOT_STEPS} steps is their "
      "part along $(w,b,v)\\propto(0.1,1,-1)$, which does not change the "
      "function: largest distance from it in units of ε",
      np.abs(after - np.outer(before @ same, same)).max(), at_most=1e-3)
claim("knot-off-side-decides",
      f"errors of size ε, {KNOT_STEPS} steps {100 * (BEYOND / 2 - 1):.3g} % beyond 2 over the sharpness of the flat "
      "side: median distance",
      np.median(lost), at_least=100)
claim("knot-needed",
      "errors of size ε, at the step that is held, if the knot lies beside the "
      "sample, on the sharp side: smallest distance",
      smooth.min(), at_least=10, source="Lemma 1.1")

# %% [markdown]
# At this step $\eta\lambda_{\max}$ is 1.5 if the first sample counts as off, and {glue:text}`knot-on` if it counts as on. An error that switches the sample on is thrown across the knot, by many times its size, and dies out on the other side, where the sample is off. What never dies is the part of the error along which the function does not change, $(w,b,v)\propto(0.1,1,-1)$; it keeps its size, and so all errors end within ε, the largest at {glue:text}`knot-worst` ε. This is what $\varepsilon$-stability asks for, and of real gradient descent. Raise the bias by a thousandth, so that the knot lies on the other side of the sample, and the minimum becomes differentiable, has sharpness {glue:text}`knot-on`$/\eta$, and throws every error out.
#
# ```{admonition} In the paper
# :class: paper
# Minima at which the loss is not differentiable are treated by {cite:t}`mulayoff2021implicit`, whose abstract names them as common in ReLU networks; for their theorem there they ask for a stronger notion of stability, which we have not reproduced. With the hinge loss, local minima of ReLU networks are not differentiable unless the loss is flat around them ({cite:t}`laurent2017multilinear`, abstract).
# ```
#
# ```{admonition} Beyond the paper
# :class: beyond
# The two examples show that with the plain notion of {prf:ref}`def-stable` nothing remains of the lemma at such a minimum, not even for gradient descent on a network: only the flat side counts. They, the trap, and the counts above are ours.
# ```
#
# ## Summary
#
# - A small error at an interpolating minimum is multiplied by $I-\eta H_{\mathcal B}$ a step. The linearised gradient descent stays if and only if $\lambda_{\max}(H)\le2/\eta$, and that of SGD with independent batches, in expectation, only if so.
# - Gradient descent itself returns to a nearby interpolating minimum if $\lambda_{\max}(H)<2/\eta$ and the gradients of the samples are independent, or span a space of constant dimension around it.
# - At interpolation $H=\Phi\Phi^{\mathsf T}/n$, and everything can be computed from the $n\times n$ tangent kernel, which has a closed form.
# - Sharpness is a property of parameters; a function is stable if some parametrisation of it is.
# - On real digits, from {glue:text}`starts-words` starts, gradient descent ends at sharpness $2/\eta$ when shorter steps end at a sharper place. It also pins knots to samples, so that its minima are not quite differentiable; and there the lemma can fail.
#
# **Change one number** and run the page again: `SEED`; the `steps`, `images`, `neurons` and `starts` of `Images` (with far fewer `epochs` its first claim stops you, because the losses have not fallen); the `samples`, the `width` and the `stretch` of `Line`, the small networks. Every experiment of the book has such a named tuple at its top, and the cells below it follow.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise-start} Momentum
# :label: ex-stability-momentum
# ```
#
# The heavy-ball method is $\theta_{t+1}=\theta_t-\eta\nabla L(\theta_t)+\beta(\theta_t-\theta_{t-1})$ with $0\le\beta<1$. Show that on the parabola with curvature $\lambda>0$ its errors die out if and only if $\eta<2(1+\beta)/\lambda$. Momentum *relaxes* the bound: by how much for $\beta=0.9$? Check by code.
#
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-stability-momentum
# :label: sol-stability-momentum
# :class: dropdown
# ```
#
# The errors satisfy $\delta_{t+1}=(1+\beta-\eta\lambda)\delta_t-\beta\delta_{t-1}$, so they die out if and only if both roots of $q(\zeta)=\zeta^2-s\zeta+\beta$, $s=1+\beta-\eta\lambda$, lie inside the unit circle. The product of the roots is $\beta<1$.
#
# If they are complex they are conjugate, so both have modulus $\sqrt\beta<1$; this happens for $s^2<4\beta$. If they are real, they have the same sign or one vanishes, and both lie in $(-1,1)$ if and only if $q(1)>0$ and $q(-1)>0$: the product being below one, at least one root lies in $(-1,1)$, and the other lies in it exactly if $q$ is positive at both ends. In the complex case $q>0$
# everywhere, so the criterion is the same in all cases: $q(1)=1-s+\beta=\eta\lambda>0$, which holds, and $q(-1)=1+s+\beta=2(1+\beta)-\eta\lambda>0$. For $\beta=0.9$ the threshold is $3.8/\lambda$, nearly twice that of gradient descent.

# %%
beta, below, above = 0.9, 1.98, 2.02
def radius_of(product):
    return np.abs(np.roots([1, -(1 + beta - product), beta])).max()


claim("momentum-threshold",
      "spectral radius of heavy-ball momentum at $\\eta\\lambda=2(1+\\beta)$",
      radius_of(2 * (1 + beta)), equals=1.0, tol=1e-9)
claim(
    "momentum-below",
    f"spectral radius of heavy-ball momentum at $\\eta\\lambda={below}(1+\\beta)$",
    radius_of(below * (1 + beta)),
    at_most=0.9999,
)
claim(
    "momentum-above",
    f"spectral radius of heavy-ball momentum at $\\eta\\lambda={above}(1+\\beta)$",
    radius_of(above * (1 + beta)),
    at_least=1.01,
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} A factor of two
# :label: ex-stability-mse
# ```
#
# PyTorch's `MSELoss` is $\frac1n\sum_jr_j^2$, without the ½ of this book. What does the lemma say for it in terms of our $\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)$? Confirm it by the growth of the loss of the network `flat` under a PyTorch optimiser.
#
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-stability-mse
# :label: sol-stability-mse
# :class: dropdown
# ```
#
# The loss is $2L$, its Hessian at interpolation $2\Phi\Phi^{\mathsf T}/n$, so stability requires $\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)\le1/\eta$. A step $\eta$ with `MSELoss` is a step $2\eta$ here: whoever compares a learning rate from code with $2/\eta$ from a paper should look for the ½ first.

# %%
model, eta = push(flat).to_torch(), (1 + LINE.beyond) / sharpness(flat, x)
optimiser = torch.optim.SGD(model.parameters(), lr=eta)
losses = []
for _ in range(60):
    optimiser.zero_grad()
    value = torch.nn.functional.mse_loss(
        model(torch.tensor(x[:, None])), torch.tensor(y[:, None])
    )
    value.backward()
    optimiser.step()
    losses.append(value.item())
claim("mse-loss-halves-the-threshold",
      f"growth a step of torch's loss at $\\eta={1 + LINE.beyond:g}/\\lambda_{{\\max}}$: "
      f"${1 + 2 * LINE.beyond:g}^2$",
      losses[-1] / losses[-2], equals=round((1 + 2 * LINE.beyond) ** 2, 9),
      tol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} Any function can be made unstable
# :label: ex-stability-rescale
# ```
#
# Let a shallow network have at least one neuron that is on at some sample. Show that for every step size it has a parametrisation that is not stable. Why is {prf:ref}`def-stable-function` stated with "some" and not with "every"? Plot or tabulate the sharpness of `flat.rescaled` against the scale.
#
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-stability-rescale
# :label: sol-stability-rescale
# :class: dropdown
# ```
#
# Rescale only that neuron, $i$, by $\alpha$. In {eq}`eq-kernel` its $z^+_{ij}$ is multiplied by $\alpha$, so with $x_j$ the sample at which it is on, $\lambda_{\max}(H)\ge\frac1n\operatorname{tr}(G)/n\ge\frac1{n^2}\alpha^2(z^+_{ij})^2\to\infty$ as $\alpha\to\infty$. For any $\eta$ a large $\alpha$ gives $\lambda_{\max}>2/\eta$. With "every" no function except a network without active neurons would be stable, at
# any step size, and the notion would be empty. (If $v_i\ne0$, letting $\alpha\to0$ works as well, through $v_i^2/\alpha^2$.)

# %% tags=["nbval-check-output"]
symmetric = ShallowReLU(W=[[1.0], [-1.0]], b=[0.5, 0.5], v=[1.0, 1.0], c=0.0)
for scale in (0.1, 0.5, 1.0, 2.0, 10.0):
    rescaled = symmetric.rescaled([scale, scale])
    value = sharpness(rescaled, [-1.0, 0.2, 1.0])
    print(f"scale {scale:5.1f}   sharpness {value:8.3f}")

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | Linear stability, the lemma, passing from parameters to functions ({prf:ref}`lem-flat`, {prf:ref}`prop-gd`) | {cite:t}`mulayoff2021implicit`; on which minima a step and a batch size can reach, {cite:t}`wu2018sgd` | the converse for GD written out; the counterexample with reshuffled epochs |
# | $H=\Phi\Phi^{\mathsf T}/n$ at interpolation, the tangent kernel ({prf:ref}`prop-hessian`, {prf:ref}`prop-residual`) | folklore | the bound on the residual term for shallow networks, with the best constant |
# | Gradient descent near a manifold of minima ({prf:ref}`prop-returns`) | a standard argument; {cite:t}`mulayoff2026nonlinear` on what linearisation misses, {cite:t}`chemnitz2024characterizing` for SGD | the short proof with the kernel's smallest eigenvalue |
# | The edge of stability | {cite:t}`cohen2021gradient` | measured over starts, with the runs that did not settle counted apart |
# | Non-differentiable minima ({prf:ref}`prop-trap`) | {cite:t}`mulayoff2021implicit` | the trap that makes them; a network on which the lemma fails there |
#
# The other road from stability to smooth functions, through the product of first layer and inputs, is that of {cite:t}`ma2021linear`. We searched for the statements of the last column in the abstracts of these papers and by keywords (reshuffling and stability thresholds, knots on samples, non-differentiable minima) in a store of public pages, and did not find them; that is no proof that they are new.
#
# ## Notes and references
#
# The main paper of this book, {cite:t}`nacson2023implicit`, builds on the notion of {prf:ref}`def-stable`. Of {cite:t}`wu2018sgd` and the papers of 2021 and later in the table we read the abstracts. The digits are those of {cite:t}`lecun1998gradient` or, where they cannot be had, the 8×8 digits that ship with scikit-learn.
