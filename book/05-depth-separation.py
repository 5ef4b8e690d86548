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
# (depth-separation)=
# # Depth separation: a crease cannot stop
#
# ```{twenty-minutes} a-pyramid-and-its-creases def-depth-form lem-depth-crease thm-depth-main cor-depth-step fig-depth-sinogram prop-depth-flat fig-depth-contrast
# ```
#
# Every fold of a shallow network runs along a whole hyperplane, from one end of the space to the other. A pyramid has folds that *stop*. We prove that stable shallow networks therefore cannot come close to it unless the step size goes to zero, say how the price grows with the accuracy, and build the pyramid with one more hidden layer, where it is exact and almost as flat as a minimum can be.
#
# After this chapter you can
#
# - prove that a function is out of reach of stable shallow networks, and say for which data this is so and for which it is not;
# - bound the norm, or the error, of *all* shallow networks on a sample, by a linear programme with a certificate;
# - tell a run of training that has come to rest from one that flips between two functions.
#
# **You need:** the stability norm, the bound and the ridge density ({ref}`multivariate-bound`), the thresholds of gradient descent and SGD ({ref}`linear-stability`, {ref}`three-thresholds`), and {doc}`the notation table <notation>`.

# %%
from itertools import product
from typing import NamedTuple
import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima import (ShallowReLU, gd_threshold, lyapunov_exponent,
                          random_network, sgd_threshold, sharpness, stability_norm)
from stableminima.book.claims import claim
from stableminima.book.figures import depth_separation as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds import isotropic_weight, least_error, least_norm
from stableminima.datasets import disc, uniform_ball
from stableminima.experiments import load_record
from stableminima.functions import blurred_pyramid as blurred
from stableminima.functions import (ball_moments, flattest_pyramid, pyramid,
                                    pyramid_network, pyramid_sharpness,
                                    shallow_pyramid)
from stableminima.training import layers_of, network_of, train_deep

SEED = 0  # shifts every random draw of this page
use_house_style()

def down(value, unit=0.01):  # for a bound from below
    return np.floor(value / unit + 1e-9) * unit

def up(value, unit=0.01):  # for a bound from above
    return np.ceil(value / unit - 1e-9) * unit


# %% [markdown]
# ## A pyramid and its creases
#
# The function of this chapter is the pyramid over the cross-polytope,
#
# $$
# \varphi(x)=\bigl[1-\|x\|_1\bigr]_+=\sigma\Bigl(1-\sum_{j=1}^d|x_j|\Bigr),\qquad d\ge2 .
# $$
#
# For $d=2$ its graph is a tent with a square base, four *tips* $\pm e_1,\pm e_2$ and one *apex* over the origin. It is folded along two kinds of segments: convex folds along the four edges of the base, concave ones from the apex to the tips. All of them end at the tips.
#
# Here is what a shallow network makes of this: of all that come within $\delta=$ {glue:text}`flower-within` of the pyramid on {glue:text}`flower-samples` points of a disc, one with the least stability norm, found by a {ref}`linear programme <sec-depth-lp>`.

# %% mystnb={"figure": {"name": "fig-depth-creases", "caption": "Left, the pyramid; its convex folds (blue) and concave folds (vermilion) are segments. Right, a shallow network that is within 0.02 of it on the dots; its folds, in the same colours, are lines."}, "image": {"alt": "Left, a purple square standing on a corner, strongest in the centre, with its four edges and two diagonals drawn as segments. Right, a similar square, crossed by some fifty straight lines in bundles, blue along the edges and vermilion along the diagonals, which all run on through the whole picture."}}
class Flower(NamedTuple):
    samples: int = 90
    radius: float = 1.8
    within: float = 0.02  # of the pyramid, on the samples


FLOWER = Flower()
i = np.arange(FLOWER.samples) + 0.5  # like the seeds of a sunflower
angle = i * np.pi * (3 - np.sqrt(5))
radius = FLOWER.radius * np.sqrt(i / FLOWER.samples)
X = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
cheapest = least_norm(X, pyramid(X), FLOWER.within).network
draw.plot_creases(cheapest, X)
plt.show()


# %% [markdown]
# Its convex folds along an edge go on beyond the edge's end; there others must cancel them, which go on in turn. The network pays for every line, over its whole length.
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`nacson2023implicit` state in their abstract that some function cannot be approximated well by stable shallow networks unless the step size vanishes, while a stable network with two hidden layers realises it. We could read no more; the pyramid is **our choice**. {ref}`A table at the end <sec-depth-known>` says what was known before and what we add.
# ```
#
# ## A crease cannot stop
#
# ### The lemma
#
# The lemma is about networks and about limits of networks.
#
# ```{prf:definition} Shallow form
# :label: def-depth-form
#
# Let $B\subset\mathbb R^d$ be an open ball. A function $f$ is of *finite shallow form on $B$* if there are an affine function $\ell$ and a finite signed Borel measure $\mu$ with compact support in $S^{d-1}\times\mathbb R$ such that
# $f(x)=\int\sigma(u\cdot x-t)\,d\mu(u,t)+\ell(x)$ for all $x\in B$.
# ```
#
# How strongly is $f$ folded across a hyperplane $\Pi=\{n\cdot x=t_0\}$ (with $\|n\|=1$) at a point $x$ of it? Compare with the two neighbours at distance $h$:
#
# $$
# J_hf(x)=\frac{f(x+hn)+f(x-hn)-2f(x)}h .
# $$ (eq-depth-bend)
#
# We call $J_h$ the *bend* at width $h$. A *patch* of $\Pi$ is a non-empty, bounded, relatively open subset of $\Pi$; its mean is with respect to the $(d-1)$-dimensional measure.
#
# ```{prf:lemma} A crease has the same strength everywhere
# :label: lem-depth-crease
#
# Let $f$ be of finite shallow form on $B$, with measure $\mu$, and $A$ a patch of $\Pi$ whose closure lies in $B$. Then
#
# $$
# \lim_{h\to0}\ \operatorname*{mean}_{x\in A}\,J_hf(x)=\mu\bigl(\{(n,t_0),(-n,-t_0)\}\bigr).
# $$
#
# Two patches of the same hyperplane in $B$ have the same limit.
# ```
#
# ```{prf:proof}
# For small $h$ the points $x\pm hn$, $x\in A$, lie in $B$. Affine functions have $J_h=0$. For one neuron put $y=u\cdot x-t$ and $\kappa=u\cdot n$; then
#
# $$
# \begin{aligned}
# J_h\,\sigma(u\cdot x-t)&=\frac{\sigma(y+h\kappa)+\sigma(y-h\kappa)-2\sigma(y)}h\\
# &=\Bigl(|\kappa|-\frac{|y|}h\Bigr)_+ ,
# \end{aligned}
# $$ (eq-depth-hat)
#
# because $\sigma(y+q)+\sigma(y-q)-2\sigma(y)=(|q|-|y|)_+$. So $0\le J_h\le1$, and $J_h=0$ as soon as $h\le|y|$. There are two cases.
#
# *The hyperplane of the neuron is $\Pi$*, that is, $(u,t)=\pm(n,t_0)$. Then $y=0$ on all of $\Pi$ and $|\kappa|=1$: $J_h=1$ on $A$ for every $h$.
#
# *It is not $\Pi$.* Then $\{x\in\Pi:u\cdot x=t\}$ is empty or an affine subspace of dimension $d-2$, a null set of $\Pi$. Off it $J_h\to0$, and by bounded convergence $\operatorname{mean}_AJ_h\to0$.
#
# The function $(x,u,t)\mapsto J_h\sigma(u\cdot x-t)$ is continuous and bounded by $1$, so by Fubini $\operatorname{mean}_AJ_hf=\int\operatorname{mean}_A[J_h\sigma(u\cdot x-t)]\,d\mu(u,t)$. The integrand lies in $[0,1]$ and converges pointwise to the indicator of $\{(n,t_0),(-n,-t_0)\}$; $|\mu|$ is finite; dominated convergence gives the claim.
# ```
#
# The pyramid violates this. Take for $\Pi$ the line through the edge from $e_1$ to $e_2$, and two patches: one inside the edge, one beyond the tip $e_1$. {numref}`fig-depth-bends` shows the mean bend over both, for the pyramid and for shallow networks that fit it on a sample.

# %%
class Bends(NamedTuple):
    samples: int = 150
    radius: float = 2.0
    within: float = 0.01
    draws: int = 10
    wide: float = 0.2  # the width at which we compare; and half of it
    least: float = 1e-3


BENDS = Bends()
tip = np.array([1.0, 0.0])
along = np.array([-1.0, 1.0]) / np.sqrt(2)
normal = np.array([1.0, 1.0]) / np.sqrt(2)

def mean_bend(f, side, widths):  # over a patch on the edge (side 1) or beyond it
    A = tip + side * np.linspace(0.3, 0.5, 400)[:, None] * along
    return np.array([np.mean(f(A + h * normal) + f(A - h * normal) - 2 * f(A)) / h
                     for h in widths])

widths = np.geomspace(BENDS.least, BENDS.wide, 40)
samples = [disc(BENDS.samples, BENDS.radius, SEED + k) for k in range(BENDS.draws)]
fits = [least_norm(S, pyramid(S), BENDS.within).network for S in samples]
bends = {f"{name}, {place}": np.median([mean_bend(f, side, widths) for f in group],
                                       axis=0)
         for place, side in (("on the edge", 1), ("beyond", -1))
         for name, group in (("pyramid", [pyramid]), ("networks", fits))}

# %% mystnb={"figure": {"name": "fig-depth-bends", "caption": "Mean bend {eq}`eq-depth-bend` across the line through an edge of the pyramid, over a patch on the edge and one beyond its end, against the width at which one looks; for the networks the median of ten samples. As the width shrinks, a network's two patches must agree; the pyramid's do not."}, "image": {"alt": "Four curves against the width on a logarithmic axis. The pyramid is constant at 1.41 on the edge and 0 beyond. At width 0.2 the networks, in the median of ten, bend more on the edge than beyond; both their curves fall to zero as the width shrinks."}}
draw.plot_bends(widths, bends)
plt.show()

# %% [markdown]
# In the median of {glue:text}`bends-draws` samples the networks bend {glue:text}`bends-wide` times as much on the edge as beyond it at width {glue:text}`width-wide`, {glue:text}`bends-half` times at {glue:text}`width-half`, though single samples differ; at $0.02$ little is left of either. We test the lemma itself with two neurons *on* $\Pi$, of amplitudes $0.8$ and $0.3$, facing each other among thirty others.

# %%
FOLDS, TINY = (0.8, 0.3), 1e-6  # amplitudes of two neurons on one line; a width

def with_crease(seed):
    others = random_network(2, 30, seed)
    return ShallowReLU(np.vstack([others.W, 2 * normal, -normal]),
                       np.append(others.b, [-np.sqrt(2), np.sqrt(0.5)]),
                       np.append(others.v, [FOLDS[0] / 2, FOLDS[1]]), 0.0)

crease = np.array([mean_bend(with_crease(seed), side, [TINY])[0]
                   for seed in range(SEED, SEED + BENDS.draws) for side in (1, -1)])
on, beyond = (bends[f"networks, {place}"] for place in ("on the edge", "beyond"))
claim("depth-bends-median",
      f"networks' bend at width {BENDS.wide:g} on the edge over that beyond it, "
      f"medians of {spelled(BENDS.draws)} samples",
      on[-1] / beyond[-1], at_least=2)
for name, width in (("wide", BENDS.wide), ("half", BENDS.wide / 2)):
    at = np.abs(widths - width).argmin()
    glue(f"bends-{name}", f"{on[at] / beyond[at]:.1f}", display=False)
    glue(f"width-{name}", f"{width:g}", display=False)
glue("bends-draws", spelled(BENDS.draws), display=False)
claim("depth-lemma", "mean bends at width $10^{-6}$ on two patches of a line with "
      f"neurons of amplitudes {FOLDS[0]:g} and {FOLDS[1]:g}: largest distance from "
      f"{sum(FOLDS):g}, {BENDS.draws} networks",
      np.abs(crease - sum(FOLDS)).max(), at_most=1e-3,
      source="a crease has the same strength everywhere")
claim("depth-pyramid-bends",
      "the pyramid's bend on the edge minus that beyond it is $\\sqrt2$",
      bends["pyramid, on the edge"][0] - bends["pyramid, beyond"][0],
      equals=np.sqrt(2), tol=1e-9)


# %% [markdown]
# ### The theorem
#
# In the cross-polytope $\{\|x\|_1\le1\}$ two facets meet in a face of dimension $d-2$: a tip for $d=2$, an edge of the octahedron for $d=3$.
#
# ```{prf:theorem} A crease cannot stop
# :label: thm-depth-main
#
# Let $z$ lie in the relative interior of a $(d-2)$-dimensional face of the cross-polytope and let $B$ be an open ball around $z$. Let $f_1,f_2,\dots$ be shallow ReLU networks of any widths with $f_k\to\varphi$ in $L^1(B)$, and $S_{g_k}(f_k)$ their stability norms with data weights $g_k$. If there is a constant $g_0>0$ such that
# $g_k(u,t)\ge g_0$ for all $k$ and all hyperplanes $\{u\cdot x=t\}$ that meet $B$, then
#
# $$
# S_{g_k}(f_k)\longrightarrow\infty .
# $$
# ```
#
# ```{prf:proof}
# Let $r$ be the radius of $B$. Suppose that the claim is false: along a subsequence, to which we pass, $S_{g_k}(f_k)\le S_0$.
#
# *Step 1: split.* The hyperplane $\{u\cdot x=t\}$ meets $B$ if and only if $|u\cdot z-t|<r$. Write $f_k$ as a sum over distinct hyperplanes, all neurons of one hyperplane turned to one side with $\sigma(-y)=\sigma(y)-y$ and merged; this leaves an affine remainder. A neuron whose hyperplane misses the connected set $B$ has a constant sign on it and is affine there. Collect these, the remainders, and the constants ($c$ and neurons with $w=0$) in one function $\ell_k$, affine on $B$:
#
# $$
# \begin{gathered}
# f_k=N_k+\ell_k\ \text{ on }B,\\
# N_k(x)=\int\sigma(u\cdot x-t)\,d\mu_k(u,t),\qquad\mu_k=\sum_ia_i\delta_{(u_i,t_i)},
# \end{gathered}
# $$
#
# the sum over the merged neurons whose hyperplanes meet $B$. The total variation is bounded: $\|\mu_k\|=\sum_i|a_i|\le\frac1{g_0}\sum_i|a_i|g_k(u_i,t_i)\le S_0/g_0$.
#
# *Step 2: the neurons converge.* All $\mu_k$ live on the compact set $\mathcal K=\{(u,t):|u\cdot z-t|\le r\}$. By Banach–Alaoglu, the continuous functions on $\mathcal K$ being separable, a subsequence converges weakly-\* to a measure $\mu$ on $\mathcal K$ with $\|\mu\|\le S_0/g_0$. For fixed $x$ the function $(u,t)\mapsto\sigma(u\cdot x-t)$ is continuous on $\mathcal K$; therefore $N_k(x)\to N(x):=\int\sigma(u\cdot x-t)\,d\mu(u,t)$ for every $x\in B$. As $|u\cdot x-t|\le2r$ for $x\in B$ and $(u,t)\in\mathcal K$, $|N_k|\le2rS_0/g_0$ on $B$, and by bounded convergence $N_k\to N$ in $L^1(B)$.
#
# *Step 3: so does the affine part.* $\ell_k=f_k-N_k\to\varphi-N$ in $L^1(B)$. The affine functions are a finite-dimensional, hence closed, subspace of $L^1(B)$, so that $\varphi-N=\ell$ almost everywhere on $B$ with $\ell$ affine. Both sides are continuous: $\varphi=N+\ell$ on all of $B$, and $\varphi$ is of finite shallow form on $B$.
#
# *Step 4: it is not.* The face of $z$ is the convex hull of $\varsigma_je_j$, $j\ne m$, for one index $m$ and signs $\varsigma_j$; so $z_m=0$, $\varsigma_jz_j>0$ for $j\ne m$, and $\sum_{j\ne m}\varsigma_jz_j=1$. Put $\varsigma_m=1$ and let $\Pi=\{\varsigma\cdot x=1\}$, the hyperplane of one of the two facets that meet along the face; $z\in\Pi$, and $n=\varsigma/\sqrt d$. In a smaller ball $B'$ around $z$ all $\varsigma_jx_j$, $j\ne m$, are positive, so that there
# $\varphi(x)=\sigma\bigl(1-\varsigma\cdot x+x_m-|x_m|\bigr)$.
#
# - Where $x_m>0$ this is $\sigma(1-\varsigma\cdot x)$. At a point of $\Pi\cap B'$ with $x_m>0$, and for small $h$, $\varphi(x\pm hn)=\sigma(\mp h\sqrt d)$ and $\varphi(x)=0$: the bend is $J_h\varphi(x)=\sqrt d$.
# - At a point of $\Pi\cap B'$ with $x_m<0$ the argument of $\sigma$ is $2x_m<0$; it stays negative nearby, so that $\varphi=0$ there and $J_h\varphi(x)=0$ for small $h$.
#
# As $\Pi$ contains $z$ and is not $\{x_m=0\}$, both kinds of points fill patches of $\Pi$ in $B'$ on which "small $h$" can be chosen uniformly. The means of $J_h\varphi$ over them tend to $\sqrt d$ and to $0$, against {prf:ref}`lem-depth-crease`.
# ```
#
# Of the pyramid only this is used, that a fold ends in $B$. How fast the norms grow is the subject of {ref}`a later section <sec-depth-price>`.
#
# ### Which data, which step sizes
#
# The hypothesis $g_k\ge g_0$ holds as soon as the data surround $B$.
#
# ```{prf:lemma} Data that surround a ball weigh its hyperplanes
# :label: lem-depth-data
#
# Let $\mathbb E\|X\|<\infty$, and let the closed ball $\bar B$ with centre $z$ and radius $r$ lie in the interior of the convex hull of the support of $X$. Then there is $m_0>0$ with $g(u,t)\ge m_0^2$ for every hyperplane that meets $\bar B$. For independent samples of $X$, almost surely, the weights $g_n$ of the first $n$ samples satisfy $g_n(u,t)\ge m_0^2/4$ for all these hyperplanes as soon as $n$ is large enough.
# ```
#
# ```{prf:proof}
# Let $m(u,t)=\mathbb E\min\{1,(u\cdot X-t)_+\}$. Both $\mathbb P(u\cdot X>t)$ and $\mathbb E(u\cdot X-t)_+$ are at least $m(u,t)$, hence $\tilde g\ge m^2$. By dominated convergence $m$ is continuous. It is positive for every hyperplane that meets $\bar B$: otherwise $u\cdot X\le t$ almost surely, the convex hull of the support would lie in the half-space $\{u\cdot x\le t\}$, and no point of its interior would lie on $\{u\cdot x=t\}$. On the compact set
# $\mathcal K=\{|u\cdot z-t|\le r\}$, $m\ge m_0>0$. As $\mathcal K$ contains $(-u,-t)$ with $(u,t)$, $g\ge m_0^2$ on $\mathcal K$.
#
# For samples, $(u,t)\mapsto\min\{1,(u\cdot x-t)_+\}$ is Lipschitz with constant $1+\|x\|$. The empirical means $m_n$ converge to $m$ at the points of any finite net of $\mathcal K$, and $\frac1n\sum\|x_j\|$ converges, almost surely, by the law of large numbers; so $m_n\to m$ uniformly on $\mathcal K$, and eventually $m_n\ge m_0/2$.
# ```
#
# ```{prf:corollary} The step size must vanish
# :label: cor-depth-step
#
# Let $f_k\to\varphi$ in $L^1(B)$ be as in {prf:ref}`thm-depth-main`, trained on inputs of norm at most $R$ whose weights are $g_k\ge g_0$ on the hyperplanes that meet $B$. Suppose that $f_k$ is a minimum at which no neuron switches on a sample, that its loss is at most $L_0$, and that it is linearly stable for gradient descent with step size $\eta_k$. Then $\eta_k\to0$.
# ```
#
# ```{prf:proof}
# By {eq}`eq-mv-residual` and $\lambda_{\max}(\nabla^2L)\le2/\eta_k$ (the lemma of {ref}`linear-stability`, whose inequality needs no interpolation for gradient descent), $S_{g_k}(f_k)\le\frac1{\eta_k}-\frac12+\frac12\sqrt{1+R^2}\sqrt{2L_0}$. The left side tends to infinity.
# ```
#
# Closeness in $L^1(B)$ cannot be checked on a sample; but if the samples fill $B$, fitting them is enough.
#
# ```{prf:corollary} From the samples alone
# :label: cor-depth-sample
#
# Let $z$ be as in {prf:ref}`thm-depth-main`, $\mathbb E\|X\|<\infty$, and let the support of $X$ contain an open ball $B$ around $z$. Almost surely: if for each $n$ the shallow network $f_n$ has $f_n(x_j)=\varphi(x_j)$ for the first $n$ independent samples $x_j$ of $X$, then $S_{g_n}(f_n)\to\infty$. If moreover $f_n$ is, for these labels, a minimum that is linearly stable for the step size $\eta_n$, and no neuron switches on a sample, then $\eta_n\to0$.
# ```
#
# ```{prf:proof}
# Let $B'$ be the ball around $z$ of half the radius; its closure lies in the interior of the hull of the support, and {prf:ref}`lem-depth-data` applies to it. Almost surely the samples are dense in $B'$ and $g_n\ge g_0$ eventually. Suppose $S_{g_n}(f_n)\le S_0$ for infinitely many $n$; let $n$ run through these. Split $f_n=N_n+\ell_n$ on $B'$ as in Step 1. Each $N_n$ is Lipschitz with constant $S_0/g_0$ and bounded on $B'$, so that besides $\mu_n\to\mu$ weakly-\* we may assume $N_n\to N$ uniformly on $B'$ (Arzelà–Ascoli). Choose $d+1$ affinely independent samples
# in $B'$. There $\ell_n=\varphi-N_n$, which converges; so the affine functions $\ell_n$ converge, uniformly on $B'$, to an affine $\ell$. At every sample $x_j\in B'$, $N(x_j)+\ell(x_j)=\lim_n f_n(x_j)=\varphi(x_j)$, since $x_j$ is fitted for all $n\ge j$. The samples are dense and both sides continuous: $\varphi=N+\ell$ on $B'$, which Step 4 excludes. The last sentence is {eq}`eq-mv-bound`.
# ```
#
# ### The hypothesis is sharp
#
# The theorem needs data around a point of a $(d-2)$-face. Such points have at least the norm $1/\sqrt{d-1}$, that of $(1,\dots,1,0)/(d-1)$.
#
# ```{prf:proposition} Up to the critical ball the pyramid is shallow
# :label: prop-depth-critical
#
# For $\|x\|\le1/\sqrt{d-1}$,
#
# $$
# \varphi(x)=1-\sum_{j=1}^d\bigl[\sigma(x_j)+\sigma(-x_j)\bigr]+\sum_{\varsigma\in\{\pm1\}^d}\sigma(\varsigma\cdot x-1),
# $$ (eq-depth-shallow)
#
# a shallow network with $2d+2^d$ neurons, which can be written with $d+2^d$. In every larger ball around the origin the pyramid is not of finite shallow form.
# ```
#
# ```{prf:proof}
# Let $\|x\|\le1/\sqrt{d-1}$. At most one sign vector has $\varsigma\cdot x>1$: if $\varsigma\ne\varsigma'$ both had, then $\frac{\varsigma+\varsigma'}2\cdot x>1$; but this vector has at most $d-1$ entries $\pm1$, the others $0$, so by Cauchy–Schwarz the product is at most $\sqrt{d-1}\,\|x\|\le1$. Hence the last sum is $\sigma(\max_\varsigma\varsigma\cdot x-1)=\sigma(\|x\|_1-1)$, and
# $1-\|x\|_1+\sigma(\|x\|_1-1)=\sigma(1-\|x\|_1)$. Turn the $d$ neurons $\sigma(-x_j)$ and the one of the corner $(-1,\dots,-1)$ round, with $\sigma(-y)=\sigma(y)-y$: the affine functions that this leaves, $1$, $\sum_jx_j$ and $-1-\sum_jx_j$, cancel. What is left has $d+2^d$ neurons and no output bias,
#
# $$
# -2\sum_j\sigma(x_j)+\sum_{\varsigma\ne(-1,\dots,-1)}\sigma(\varsigma\cdot x-1)+\sigma\Bigl(1+\sum_jx_j\Bigr),
# $$ (eq-depth-fewest)
#
# and {ref}`an exercise <ex-depth-count>` shows that fewer do not suffice. A larger open ball contains the point $z=(1,\dots,1,0)/(d-1)$ and a ball around it; Step 4 of the proof above shows that $\varphi$ is not of finite shallow form there.
# ```
#
# All experiments below use discs that reach beyond the tips.

# %% tags=["nbval-check-output"]
def fewest(d):  # the network with d + 2^d neurons and no output bias
    signs = np.array(list(product([1, -1], repeat=d)))  # the last is (-1, …, -1)
    signs[-1] *= -1
    corner_bias = np.append(np.full(2**d - 1, -1.0), 1.0)
    return ShallowReLU(np.vstack([np.eye(d), signs]),
                       np.append(np.zeros(d), corner_bias),
                       np.repeat([-2.0, 1.0], [d, 2**d]), 0.0)

DIMS = (2, 3, 6)
error, few_error, beyond_error = {}, {}, {}
for d in DIMS:
    x = uniform_ball(4000, d, 1 / np.sqrt(d - 1), SEED)
    error[d], few_error[d] = (np.abs(net(x) - pyramid(x)).max()
                              for net in (shallow_pyramid(d), fewest(d)))
    beyond_error[d] = np.abs(shallow_pyramid(d)(1.5 * x) - pyramid(1.5 * x)).max()
    print(f"d = {d}: {shallow_pyramid(d).width:3d} or {fewest(d).width:2d} neurons"
          f" up to radius {1 / np.sqrt(d - 1):.3f}")

# %%
claim("depth-critical",
      "largest error of the shallow pyramid with $2d+2^d$ and with $d+2^d$ "
      f"neurons in the critical ball, $d={','.join(map(str, DIMS))}$",
      max(*error.values(), *few_error.values()), at_most=1e-13,
      source="up to the critical ball")
claim("depth-critical-beyond",
      "largest error of the shallow pyramid in a ball half as large again as the "
      f"critical one, the least over $d={','.join(map(str, DIMS))}$",
      min(beyond_error.values()), at_least=0.1, source="up to the critical ball")

# %% [markdown]
# (sec-depth-price)=
# ## What accuracy costs
#
# How fast does the norm diverge? A smooth function has a *ridge density* $\alpha(u,t)$, the amplitude that it spends on each hyperplane, and its norm is $\iint|\alpha|g$ ({prf:ref}`thm-mv-density`). So blur the pyramid a little:
#
# $$
# \varphi_\varepsilon(x)=\mathbb E\,\varphi(x+\varepsilon Z),\qquad Z\sim N(0,I_d).
# $$
#
# As $\varphi$ is 1-Lipschitz in each coordinate, $|\varphi_\varepsilon-\varphi|\le\varepsilon\,\mathbb E\|Z\|_1=\varepsilon d\sqrt{2/\pi}$. In the plane the density $\alpha_\varepsilon$ of $\varphi_\varepsilon$ tends to ({ref}`depth-cost`, in every dimension)
#
# $$
# \alpha(u,t)=-\frac1{\pi^2(t^2-u_1^2)(t^2-u_2^2)} .
# $$ (eq-depth-plane-density)

# %% mystnb={"figure": {"name": "fig-depth-sinogram", "caption": "Ridge density of the pyramid in the plane, over all lines. It has a pole wherever a line passes through a tip (thin curves), negative on the purple side and positive on the orange one. Where two of these curves meet, the line passes through two tips and contains a crease; these are the four edges and the two axes."}, "image": {"alt": "Sinogram, angle from 0 to pi against offset. Four cosine curves cross each other; between them the density changes sign, orange and purple. Green dots mark the crossings at offset plus and minus 0.71, orange squares those at offset zero."}}
draw.plot_pyramid_sinogram()
plt.show()


class Disc(NamedTuple):
    radius: float = 1.5
    points: int = 1500
    draws: int = 10


DISC = Disc()
R, d = DISC.radius, 2  # from here on
constant = blurred.rate_constant(2, lambda t: isotropic_weight("ball", 2, t, R))
glue("flower-within", f"{FLOWER.within:g}", display=False)
glue("flower-samples", str(FLOWER.samples), display=False)
glue("disc-radius", f"{R:g}", display=False)
glue("rate-weighted", f"{constant:.4f}", display=False)


# %% [markdown]
# A pole $1/t$ is not integrable, but a small blur makes it cost $\ln(1/\varepsilon)$. Where two poles meet, on the lines that contain a crease with an end, the residues blow up as well, and the price becomes $\ln^2(1/\varepsilon)$. No network does better, to first order:
#
# ```{prf:theorem} The exact cost in the plane
# :label: thm-depth-exact
#
# Let the inputs lie in a disc of radius $R>1$ around the origin, $g$ be continuous, and $g\ge g_0>0$ on all lines that meet small discs around the four tips. Let $N(\delta)$ be the infimum of $S_g(f)$ over all shallow networks with $|f-\varphi|\le\delta$ on the disc of radius $R$. Then
#
# $$
# \begin{gathered}
# \lim_{\delta\to0}\frac{N(\delta)}{\ln^2(1/\delta)}=C,\\
# C=\frac{2\sqrt2}{\pi^2}\sum_{4\text{ edge lines}}g\\
# {}+\frac4{\pi^2}\sum_{2\text{ axes}}g ,
# \end{gathered}
# $$ (eq-depth-constant)
#
# and $\iint_{|t|\le R}|\alpha_\varepsilon|\,g\,dt\,du=C\ln^2(1/\varepsilon)\,(1+o(1))$ for the blurred pyramid.
# ```
#
# Proof and computed norms are on a page of their own, {ref}`depth-cost`. For inputs uniform on the disc of radius {glue:text}`disc-radius` the constant is only {glue:text}`rate-weighted`: the price is real but low.
#
# In the online book, drag the blur. On the left is what passes through each point, $\int|\alpha_\varepsilon(u,u\cdot x)|\,du$: the creases of all neurons. On the right the same with signs, $\int\alpha_\varepsilon(u,u\cdot x)\,du$, the Laplacian of the blurred pyramid up to a factor.
#
# ```{explorable} pyramid
# In the online book, and with JavaScript, the blur of the pyramid can be dragged here: its creases continue in the shallow network and stop in the deep one, and the shallow network's largest stable step falls.
# ```
#
# (sec-depth-lp)=
# ## The least norm is a linear programme
#
# For a given sample and a given $\delta$ the least norm of *any* shallow network can be computed, with a certificate.
#
# ```{prf:proposition} Finitely many lines are enough
# :label: prop-depth-lp
#
# Let $x_1,\dots,x_n$ be $n\ge4$ points of the plane, no three on a line, $y_j$ values, and $\delta>0$. The infimum of $S_g(f)$ over all shallow networks $f$ that have no knot on a sample and satisfy $|f(x_j)-y_j|\le\delta$ is the minimum of the linear programme
#
# $$
# \begin{gathered}
# \min\sum_i|a_i|\,g_i\quad\text{subject to}\\
# \Bigl|\sum_ia_i\,\sigma(u_i\cdot x_j-t_i)+p\cdot x_j+q-y_j\Bigr|\le\delta ,
# \end{gathered}
# $$ (eq-depth-lp)
#
# with one column for each of the $n(n-1)/2$ lines through two samples; $g_i$ is the smallest of the data weights that the line takes when it is moved off its two samples, by arbitrarily little, in the four possible ways.
# ```
#
# ```{prf:proof}
# Merge the neurons of each hyperplane and turn each to its cheaper side; the affine remainder costs nothing (as a function it has norm zero, see {ref}`multivariate-bound`). A neuron with parameters $(w,b)$, $|v|=1$, that fires on the samples $j\in F$ costs
#
# $$
# \begin{gathered}
# \tfrac1n\sum_{j\in F}(w\cdot x_j+b)\,Q(F),\\
# Q(F)=\tfrac1n\Bigl(|F|^2+\bigl\|\sum_{j\in F}x_j\bigr\|^2\Bigr)^{1/2},
# \end{gathered}
# $$
#
# which is **linear** in $(w,b)$ as long as $F$ does not change; and so are its values $\sigma(w\cdot x_j+b)$ on the samples. The parameters that belong to $F$ form the closed cone $\{(w,b):w\cdot x_j+b\ge0\ (j\in F),\ \le0\ (j\notin F)\}$ in $\mathbb R^3$, pointed because the samples are not on a line. So $(w,b)$ is a sum of vectors on extreme rays of the cone, with the same values on the samples in total and the same cost in total, where on the rays the cost is still counted with $Q(F)$. On an extreme ray two of the linear functions $w\cdot x_j+b$ vanish; then $w\ne0$ and the line
# passes through two samples. Counting it with the best of the sets $F$ that differ by these two samples can only lower the cost. Hence the programme is at most the norm. Conversely, moving every line of a solution off its samples in its best way changes the values and the cost by arbitrarily little; a slightly smaller $\delta$ absorbs the former, as the minimum is a convex and therefore continuous function of $\delta>0$.
# ```
#
# The library generates columns as the dual programme asks for them. When it stops, a dual point that violates none of *all* the columns bounds the least norm from below; the two bounds are the certificate, for this sample and its own weight $g$. Nothing is said between the samples. With objective and constraint exchanged, `least_error` gives the least $\delta$ that a norm can buy.
#
# A certificate can be tested without knowing the answer: the least norm of the *values of a network* is at most the network's norm. A bound that is too high, or a line that is charged too much, would be caught on a single neuron.

# %%
class Priced(NamedTuple):
    samples: int = 24
    draws: int = 20


PRICED = Priced()

def priced(seed):  # least norm of the values of one neuron, over its own norm
    X, u = disc(PRICED.samples, 2.0, seed), uniform_ball(1, 2, 1.0, seed + 1)[0]
    neuron = ShallowReLU([u], [0.1], [1.0], 0.0)
    found = least_norm(X, neuron(X), within=1e-5, start=20, add=5)
    return found.upper / stability_norm(neuron, X)

claim("depth-lp-neuron",
      f"least norm of the values of one neuron on {PRICED.samples} samples over "
      f"the norm of the neuron, largest of {PRICED.draws}",
      max(map(priced, range(SEED, SEED + PRICED.draws))), at_most=1 + 1e-5,
      source="finitely many lines are enough")


# %% [markdown]
# **Question.** How does the least norm grow with the number of samples and with the accuracy? (That it tends to $N(\delta)$ as $n\to\infty$ we have not proved.)

# %%
class Fits(NamedTuple):
    sizes: tuple = (16, 32, 64, 128)  # the growth is from the second to the last
    large: int = 256  # one larger sample
    deltas: tuple = (0.1, 0.01, 0.001)
    fine: float = 0.01  # the accuracy that the text quotes, one of these
    radius: float = 2.0
    draws: int = 10


FITS = Fits()
SIZES, FINE, REACH = FITS.sizes, FITS.fine, FITS.radius

def least(n, delta, seed):
    X = disc(n, REACH, seed)
    return least_norm(X, pyramid(X), delta)

least_of = {delta: [[least(n, delta, SEED + k).upper for k in range(FITS.draws)]
                    for n in SIZES] for delta in FITS.deltas}
largest_case = least(FITS.large, FINE, SEED)

# %% mystnb={"figure": {"name": "fig-depth-least", "caption": "Least stability norm of any shallow network within $\\delta$ of the pyramid on $n$ points of a disc of radius 2, by linear programming (medians over ten samples; bands, from the smallest to the largest)."}, "image": {"alt": "Three rising curves with bands against n from 16 to 128, ordered by accuracy; those of the two finest accuracies nearly coincide."}}
draw.plot_least_norm(SIZES, least_of)
plt.show()

# %%
affordable = blurred.mollified_norm(
    2, FINE / (2 * np.sqrt(2 / np.pi)), lambda t: isotropic_weight("ball", 2, t, REACH))
growth = np.array(least_of[FINE][-1]) / np.array(least_of[FINE][1])
ratio = (f"least norm at {SIZES[-1]} points over that at {SIZES[1]}, "
         f"$\\delta={FINE:g}$: ")
drawn = f"{spelled(FITS.draws)} samples"
claim("depth-lp-grows", ratio + f"the median over {drawn}", np.median(growth),
      at_least=1.5)
claim("depth-lp-always", ratio + f"the smallest over {drawn}", growth.min(),
      at_least=1.0)
for key, value in {"from": SIZES[1], "to": SIZES[-1], "large": FITS.large}.items():
    glue(f"lp-{key}", f"{value}", display=False)
glue("lp-delta", f"{FINE:g}", display=False)
for key in ("lines", "columns"):
    glue(f"lp-{key}", f"{getattr(largest_case, key)}", display=False)
glue("lp-value", f"{largest_case.upper:.2f}", display=False)
glue("lp-affordable", f"{affordable:.2f}", display=False)
glue("lp-step", f"{up(1 / (largest_case.lower + 0.5)):.2f}", display=False)
glue("lp-growth", f"{growth.min():.1f} to {growth.max():.1f}", display=False)

# %% [markdown]
# **What we see.** From {glue:text}`lp-from` points to {glue:text}`lp-to` the least norm at $\delta={}${glue:text}`lp-delta` grows by a factor of {glue:text}`lp-growth`; at the two smallest $\delta$ the sample limits the cost. On one sample of {glue:text}`lp-large` points ({glue:text}`lp-lines` lines, of which {glue:text}`lp-columns` were generated) the least norm is {glue:text}`lp-value`. So no shallow network, of any width and however trained, that comes so near to the pyramid on these points and has no knot on any of them is a linearly stable minimum, with its own values as labels, for $\eta>{}${glue:text}`lp-step`. The norm is far below {glue:text}`lp-affordable`, that of the blurred pyramid of this accuracy for the uniform law; a sample sees little of the tips, which may be why. **What would have falsified it:** a network with a smaller norm; the check above looks for one.
#
# ## One more layer: flat
#
# A second hidden layer can *stop* the folds of the first:
#
# $$
# \varphi(x)=\frac1s\,\sigma\Bigl(s-\frac sa\sum_{j=1}^d\bigl[\sigma(ax_j)+\sigma(-ax_j)\bigr]\Bigr)
# $$ (eq-depth-deep)
#
# for any $a,s>0$, with $2d+1$ hidden units. The scales $a$ and $s$ do not change the function, but the sharpness; all weights and biases are trained, also those that are zero here.
#
# ```{prf:proposition} The sharpness of the deep pyramid
# :label: prop-depth-flat
#
# Let the law of $X$ be invariant under changes of sign and permutations of the coordinates, without mass on the coordinate hyperplanes and on $\{\|x\|_1=1\}$, and write $r=\|X\|_1$. The largest eigenvalue $\lambda(a,s)$ of $\mathbb E[\nabla_\theta f\,\nabla_\theta f^{\mathsf T}]$ at {eq}`eq-depth-deep` is that of the $4\times4$ matrix of second moments of
#
# $$
# \begin{gathered}
# 1,\qquad1_{r<1}\,s\,(1-r),\qquad1_{r<1}\sqrt{\frac1{s^2}+\frac d{2a^2}},\\
# 1_{r<1}\,r\,\sqrt{\frac1{2d}\Bigl(\frac{a^2}{s^2}+\frac1{a^2}\Bigr)} .
# \end{gathered}
# $$
#
# It depends on the law only through $\mathbb P(r<1)$, $\mathbb E[r1_{r<1}]$ and $\mathbb E[r^21_{r<1}]$; for the uniform law on a ball $B_R$ of radius $R\ge1$ these are $q$, $\frac d{d+1}q$, $\frac d{d+2}q$ with $q=2^d/(d!\,|B_R|)$. It is a convex function of $(\ln a,\ln s)$, and no rescaling of single hidden units makes the largest eigenvalue smaller than $\min\lambda(a,s)$.
# ```
#
# ```{prf:proof}
# *The kernel.* For $r>1$ only the output bias has a non-zero derivative. For $r<1$ the derivatives of $f$ are: $1$ by the output bias; $s\varphi=s(1-r)$ by the output weight; $\frac1s$ by the second bias; $\frac as|x_j|$ by the second-layer weight of whichever of the two units of coordinate $j$ fires; $-\frac1ax$ and $-\frac1a$ by the input weights and the bias of that unit. With $\chi_j=1(x_jx_j'>0)$ the kernel $k(x,x')=\nabla f(x)\cdot\nabla f(x')$ is
#
# $$
# \begin{aligned}
# 1+1_{r<1}1_{r'<1}\Bigl\{&s^2(1-r)(1-r')+\frac1{s^2}\\
# &+\frac{a^2}{s^2}\sum_j\chi_j|x_jx_j'|+\frac{1+x\cdot x'}{a^2}\sum_j\chi_j\Bigr\}.
# \end{aligned}
# $$
#
# *The top eigenfunction is symmetric.* On $r,r'<1$, $|x\cdot x'|<1$, so that $k\ge1$ everywhere. $\lambda$ is the top eigenvalue of the integral operator of $k$. If $h$ is a top eigenfunction then so is $|h|$, as $\langle|h|,k|h|\rangle\ge\langle h,kh\rangle$; and $|h|=\frac1\lambda k|h|\ge\frac1\lambda\mathbb E|h|>0$. The kernel is unchanged when $x$ and $x'$ are transformed by the same change of signs or permutation; averaging $|h|$ over this group gives an eigenfunction, positive and hence not zero, that is invariant. So $\lambda$ is also the top
# eigenvalue of the kernel averaged over transformations of $x'$ alone. A random sign turns $\chi_j$ into $\frac12$ and $x_jx_j'\chi_j$ into $\frac12|x_jx_j'|$, and $x_ix_i'\chi_j$ into $0$ for $i\ne j$; a random permutation turns $\sum_j|x_jx_j'|$ into $\frac1drr'$. What comes out is
#
# $$
# \begin{aligned}
# 1+1_{r<1}1_{r'<1}\Bigl\{&s^2(1-r)(1-r')+\frac1{s^2}+\frac d{2a^2}\\
# &+\frac1{2d}\Bigl(\frac{a^2}{s^2}+\frac1{a^2}\Bigr)rr'\Bigr\},
# \end{aligned}
# $$
#
# the sum of the products of the four functions, whose non-zero eigenvalues are those of their second moment matrix. For the uniform law, $r$ given $r<1$ has the density $d\,r^{d-1}$.
#
# *Convexity.* Rescale the first-layer unit $i$ by $a_i$ and the second by $s$. Every term of the kernel is then a positive semi-definite kernel times $s^2$, $s^{-2}$, $a_i^2s^{-2}$ or $a_i^{-2}$: an exponential of a linear function of $(\ln a_i,\ln s)$. So $\langle h,kh\rangle$ is convex in these variables for every $h$, and so is its supremum over unit $h$. The group permutes the $\ln a_i$ of the units transitively and leaves the supremum unchanged; averaging any choice of $(\ln a_i,\ln s)$ over the group gives one with equal $a_i$, and by convexity the supremum does not grow.
# ```
#
# On large samples the sharpness is close to $\lambda(a,s)$: it does not grow with $n$, while the least norm of shallow networks does. As a network with an output bias has sharpness at least $1$, no interpolating minimum is stable beyond $\eta=2$; the pyramid comes close.

# %% tags=["nbval-check-output"]
flattest = {}
for dim, radius in ((d, R), (d, 2.0), (3, R)):
    moments = ball_moments(dim, radius)
    a, s, best = flattest[dim, radius] = flattest_pyramid(dim, moments)
    plain_scales = pyramid_sharpness(dim, 1, 1, moments)
    print(f"d = {dim}, R = {radius}:  λ(1, 1) = {plain_scales:.3f}   least"
          f" λ({a:.2f}, {s:.2f}) = {best:.3f}"
          f"   stable for η ≤ {down(2 / best):.2f}")

# %%
moments = ball_moments(d, R)
a, s, best = flattest_pyramid(d, moments)
deep = pyramid_network(d, a, s)
crowds = [disc(DISC.points, R, SEED + k) for k in range(DISC.draws)]
seen = np.array([sharpness(deep, X) for X in crowds]) / best
slopes = [(pyramid_sharpness(d, a * np.exp(h), s * np.exp(k), moments)
           - pyramid_sharpness(d, a * np.exp(-h), s * np.exp(-k), moments)) / 2e-4
          for h, k in ((1e-4, 0), (0, 1e-4))]
claim("depth-exact",
      f"largest error of the deep pyramid on {sum(map(len, crowds))} points",
      max(np.abs(deep(X) - pyramid(X)).max() for X in crowds), at_most=1e-14)
if R == 1.5:  # for which we know the number
    claim("depth-flat",
          "least sharpness of the deep pyramid for the disc of radius 1.5",
          best, equals=1.10533, tol=1e-5,
          source="the sharpness of the deep pyramid")
claim("depth-flat-least",
      "slopes of $\\lambda$ in $\\ln a$ and $\\ln s$ at the flattest deep "
      "pyramid, the larger",
      max(map(abs, slopes)), at_most=1e-6)
claim("depth-flat-sample",
      f"sharpness on a sample of {DISC.points} points over $\\lambda(a,s)$, the "
      f"farthest from 1 of {spelled(DISC.draws)} samples",
      seen[np.abs(seen - 1).argmax()], equals=1.0, tol=0.05,
      source="the sharpness of the deep pyramid")
for place, (_, _, value) in enumerate(flattest.values()):
    glue(f"stable-{place}", f"{down(2 / value):.2f}", display=False)

# %% mystnb={"figure": {"name": "fig-depth-flat", "caption": "Population sharpness of the deep pyramid over its two scales, for inputs uniform on the disc of radius 1.5. All parametrisations are the same function."}, "image": {"alt": "Contour lines around a minimum near a = 2.5 and s = 1.9, marked by a star at value 1.105; the point a = s = 1 lies on the way out, near the line 1.3."}}
draw.plot_flatness(d, moments, (a, s))
plt.show()


# %% [markdown]
# ### On both sides of the threshold
#
# **Question.** Does gradient descent stay at this minimum up to $\eta=2/\lambda_{\max}$, and leave it beyond? And SGD with batches of {glue:text}`sides-batch`, whose mean-square threshold $\eta_{\mathrm{ms}}$ ({ref}`three-thresholds`) is well below?
#
# **What theory says.** Below its threshold each returns; beyond $2/\lambda_{\max}$ gradient descent leaves. Between $\eta_{\mathrm{ms}}$ and $2/\lambda_{\max}$ the mean square of SGD grows, but the sign of the Lyapunov exponent of the linearised dynamics decides about a *single* run. So we take {glue:text}`sides-below`, {glue:text}`sides-between` and {glue:text}`sides-above` times $\eta_{\mathrm{ms}}$, all below $2/\lambda_{\max}$, on {glue:text}`sides-draws` samples, each with its own normal noise on the parameters of the flattest pyramid.

# %%
class Sides(NamedTuple):
    samples: int = 500
    noise: float = 1e-3  # on every parameter of the pyramid
    batch_size: int = 2
    steps: int = 2000  # of gradient descent
    sgd_steps: int = 15_000
    gd_factors: tuple = (0.98, 1.02)  # of its threshold: below, above
    sgd_factors: tuple = (0.9, 1.05, 1.3)  # below, between, above
    draws: int = 10


SIDES = Sides()
BATCH = SIDES.batch_size
BELOW, BETWEEN, ABOVE = SIDES.sgd_factors
seeds = [SEED + 6 + k for k in range(SIDES.draws)]  # of sample, noise and batches
drawn = [disc(SIDES.samples, R, seed) for seed in seeds]
edge = np.array([gd_threshold(deep, X) for X in drawn])
edge_sgd = np.array([sgd_threshold(deep, X, BATCH) for X in drawn])

def disturbed(seed):
    rng = np.random.default_rng(seed)
    return [
        tuple(part + SIDES.noise * rng.normal(size=part.shape) for part in layer)
        for layer in layers_of(deep)]

def descend(X, seed, eta, batch=None):  # losses on the way, and on X at last
    steps = SIDES.sgd_steps if batch else SIDES.steps
    layers, losses = train_deep(disturbed(seed), X, pyramid(X), eta, steps,
                                batch_size=batch, seed=seed)
    return losses, np.mean((network_of(layers)(X) - pyramid(X)) ** 2) / 2


# %%
def all_runs(thresholds, batch=None):
    return [descend(X, seed, eta, batch)
            for X, seed, eta in zip(drawn, seeds, thresholds, strict=True)]

gd_runs = {r: all_runs(r * edge) for r in SIDES.gd_factors}
sgd_runs = {r: all_runs(r * edge_sgd, BATCH) for r in SIDES.sgd_factors}
BEYOND = np.array([BETWEEN, ABOVE])  # η_ms: below it the exponent is negative
exponent = np.array([lyapunov_exponent(deep, X, BEYOND * eta, BATCH, seed=SEED).value
                     for X, eta in zip(drawn, edge_sgd, strict=True)])

# %% mystnb={"figure": {"name": "fig-depth-descents", "caption": "Loss of the disturbed deep pyramid under gradient descent, and under SGD with batches of two (the mean over a hundred batches), below and above their thresholds, on the first of ten samples. The two upper curves of SGD have steps between the mean-square threshold and $2/\\lambda_{\\max}$."}, "image": {"alt": "Five curves of the loss against the step. Those of gradient descent at 0.98 and of SGD at 0.9 fall from about 1e-6 far down; that of SGD at 1.05 rises to 1e-3 before it falls, to 1e-8 at the end; those of gradient descent at 1.02 and SGD at 1.3 rise to between 1e-2 and 1 and stay."}}
draw.plot_descents({f"GD, {r} of $2/\\lambda_{{\\max}}$": runs[0][0]
                    for r, runs in gd_runs.items()}
                   | {f"SGD, {r} of $\\eta_{{\\mathrm{{ms}}}}$":
                      draw.smoothed(runs[0][0]) for r, runs in sgd_runs.items()})
plt.show()

# %% tags=["nbval-check-output"]
print("η/η_ms  η over 2/λ_max   Lyapunov exponent  runs back"
      "  median and largest peak of the loss")
signs = dict(zip(BEYOND, exponent.T, strict=True))
for r, runs in sgd_runs.items():
    back, peak = sum(loss < 1e-8 for _, loss in runs), [ls.max() for ls, _ in runs]
    share, sign = r * edge_sgd / edge, "negative"
    if r in signs:
        sign = f"{signs[r].min():.4f} to {signs[r].max():.4f}"
    print(f"{r:6.2f}    {share.min():.2f} to {share.max():.2f}  {sign:>18s}"
          f"  {back:3d} of {len(runs)}  {np.median(peak):.0e} and {max(peak):.0e}")

# %%
low, middle, high = (np.array([loss for _, loss in runs])
                     for runs in sgd_runs.values())
stay, leave = (np.array([loss for _, loss in runs]) for runs in gd_runs.values())
ten = f"{spelled(SIDES.draws)} samples"
for key, value in {"batch": BATCH, "below": BELOW, "between": BETWEEN,
                   "above": ABOVE, "draws": SIDES.draws}.items():
    glue(f"sides-{key}", spelled(value), display=False)
claim("depth-gd-below",
      "disturbed deep pyramid, gradient descent a little below "
      f"$2/\\lambda_{{\\max}}$: largest final loss on {ten}",
      stay.max(), at_most=1e-10)
claim("depth-gd-above",
      "disturbed deep pyramid, gradient descent a little above "
      f"$2/\\lambda_{{\\max}}$: smallest final loss on {ten}",
      leave.min(), at_least=1e-4)
claim("depth-sgd-below",
      f"disturbed deep pyramid, SGD with $B={BATCH}$ below its mean-square "
      f"threshold: largest final loss on {ten}",
      low.max(), at_most=1e-8)
claim("depth-sgd-exponent",
      f"share of {ten} on which the Lyapunov exponent is negative at {BETWEEN:g} "
      f"and positive at {ABOVE:g} times the mean-square threshold",
      np.mean((exponent[:, 0] < 0) & (exponent[:, 1] > 0)), at_least=0.9)
claim("depth-sgd-between",
      f"disturbed deep pyramid, SGD at {BETWEEN:g} times the mean-square threshold: "
      f"share of {ten} on which the run returns",
      np.mean(middle < 1e-8), at_least=0.7)
claim("depth-sgd-above",
      f"disturbed deep pyramid, SGD at {ABOVE:g} times the mean-square threshold: "
      f"smallest final loss on {ten}",
      high.min(), at_least=1e-4)
claim("depth-sgd-under-gd",
      f"the deep pyramid: {ABOVE:g} times the mean-square threshold with $B={BATCH}$ "
      f"over $2/\\lambda_{{\\max}}$, the largest of {ten}",
      (ABOVE * edge_sgd / edge).max(), at_most=0.98)
peak = max(losses.max() for losses, _ in sgd_runs[BETWEEN])
glue("sgd-back", f"{np.sum(middle < 1e-8)} of {len(middle)}", display=False)
glue("sgd-peak", f"{peak:.1g}", display=False)
for name, values in {"gd": edge, "sgd": edge_sgd}.items():
    glue(f"edge-{name}", f"{values.min():.3f} to {values.max():.3f}", display=False)


# %% [markdown]
# On these samples $2/\lambda_{\max}$ is {glue:text}`edge-gd` and $\eta_{\mathrm{ms}}$ is {glue:text}`edge-sgd`. A little above $\eta_{\mathrm{ms}}$ single runs come back all the same, as the negative exponents say ({glue:text}`sgd-back` by the end). Excursions on the way, to a batch loss of {glue:text}`sgd-peak` at the farthest, fit a growing mean square; one that leaves the region where linearisation holds need not end. At $1.3\,\eta_{\mathrm{ms}}$ all ten leave, at a step at which gradient descent would return. **What would have falsified it:** a run below its threshold that leaves, or most runs against the sign of the exponent.
#
# ## The training contrast
#
# **Question.** The same data, the same gradient descent: how does the error depend on the step size, for one hidden layer and for two? **What theory says.** A shallow network that is, with its own values as labels, a linearly stable minimum for $\eta$ has $S_g\le\frac1\eta-\frac12$; on the training sample none is nearer to the pyramid than `least_error` of that norm. For deep ones we know nothing of the kind.
#
# **Settings.** 500 points, uniform on the disc of radius 2, labels $\varphi(x_j)$. Shallow networks of width 200 and deep ones of widths 16–16, weights $N(0,2/\text{fan-in})$ before a ReLU and $N(0,1/\text{fan-in})$ in the last layer, biases zero, all of it **our choice**. For both: full batches, five step sizes, 30 000 steps, a linear warm-up over the first 2000; six starts each. We measure the largest error on the samples, where theory speaks, and at 20 000 random points of the disc of radius 1.8, which lies inside their hull.
#
# At a large step gradient descent need not come to rest. So every run is measured in **two consecutive steps**, and watched for 64 more. It is *at rest* if in one step no value on the sample moves by more than $5\cdot10^{-4}$; has *period two* if it moves more and is back, to a tenth of that, after two; is *no better than a constant* if both losses are at least 0.95 of that of the best constant. As a larger step travels further, all is measured at the end and at *equal time*, when $\sum\eta$ is what the smallest step size has at its end. `python -m stableminima reproduce depth` repeats the study in eleven minutes of one core.

# %%
class Contrast(NamedTuple):  # what of the recorded study we show
    samples: int = 500
    radius: float = 2.0
    shallow: tuple = (200,)  # widths of the hidden layers
    deep: tuple = (16, 16)
    others: tuple = (16, 64)  # other shallow ones
    long: tuple = (0.8, 1.2, 1.6)  # the steps for which theory says something
    fit: float = 0.4  # the step of the runs that start from a fit
    kept: float = 0.26  # remains at the longest if a residual lifts the ceiling


CONTRAST = Contrast()
record = load_record("depth")
ended = record.where(status=lambda status: status != "diverged")
shallow = ended.where(hidden=list(CONTRAST.shallow), start=None)
deep_runs = ended.where(hidden=list(CONTRAST.deep), start=None)
STEP_SIZES = np.unique(record["step_size"])
X = disc(CONTRAST.samples, CONTRAST.radius)  # of the study, whatever the seed here
floor = {eta: least_error(X, pyramid(X), 1 / eta - 1 / 2) for eta in CONTRAST.long}
KEPT, longest = CONTRAST.kept, CONTRAST.long[-1]
raised = 1 / longest - 1 / 2 + np.sqrt(1 + (X**2).sum(axis=1).max()) / 2 * KEPT
kept = least_error(X, pyramid(X), raised)

# %% mystnb={"figure": {"name": "fig-depth-contrast", "caption": "Above, largest error on the samples at the end of training, in two consecutive steps, joined by a line: filled, at rest; open, period two; cross, no better than a constant. Thick bars: no shallow network of any width that is a stable minimum for this step size, with its own values as labels, and has no knot on a sample is below. Below, the stability norms of the shallow networks in the same two steps, and the ceiling of stable minima (norm zero, every neuron dead, at the lower edge)."}, "image": {"alt": "Above: shallow errors rise from about 0.1 at step sizes 0.2 and 0.4 over 0.31 to 0.39 at 0.8 to 0.5 to 0.9 at 1.2 and 1.6, with open marks or crosses, but one, the bars below them at 0.16, 0.31 and 0.42; deep errors fall from 0.02 to 0.1 to 0.01 to 0.05, most of them filled. Below: pairs of shallow norms straddle the falling ceiling at 1.2 and 1.6."}}
draw.plot_contrast(shallow, deep_runs, {eta: f.lower for eta, f in floor.items()})
plt.show()

# %% mystnb={"figure": {"name": "fig-depth-profiles", "caption": "The functions of the first start (seed 0 of the study) on the axis $x_2=0$, in two consecutive steps (solid, dashed)."}, "image": {"alt": "Three panels with the triangular profile of the pyramid in grey. At step size 0.2 both networks follow it. At 0.8 the deep one does; the shallow one jumps between two flattened curves, one above the other. At 1.6 the deep one follows, the shallow one is a flat line near zero."}}
draw.plot_profiles(record, [STEP_SIZES[0], CONTRAST.long[0], longest])
plt.show()


# %%
def phases(part, column, eta):  # the better and the worse of two consecutive steps
    runs = part.where(step_size=eta)
    both = np.array([runs[column], runs[column.replace("error", "next_error")]])
    return np.median(both.min(axis=0)), np.median(both.max(axis=0))

def counts(part, eta):
    found = list(part.where(step_size=eta)["status"])
    return ", ".join(f"{found.count(word)} {word}"
                     for word in ("rest", "period two", "moving", "constant")
                     if word in found)


# %% tags=["nbval-check-output"]
print("network  step  error at the end  at equal time  how the six runs end")
for kind, part in (("shallow", shallow), ("deep", deep_runs)):
    for eta in STEP_SIZES:
        end, early = (phases(part, f"{when}error", eta) for when in ("", "early_"))
        print(f"{kind:7s}  {eta:4.1f}  {end[0]:11.2f}–{end[1]:.2f}"
              f"  {early[0]:8.2f}–{early[1]:.2f}  {counts(part, eta)}")

# %%
small, large = STEP_SIZES[[0, -1]]
both = np.array([shallow["norm"], shallow["next_norm"]])
ceiling = 1 / shallow["step_size"] - 1 / 2
alone = shallow.where(step_size=large)
best_constant = np.var(pyramid(X)) / 2
other = ended.where(start=CONTRAST.fit)
samples_error = {eta: np.array([part["sample_error"], part["next_sample_error"]])
                 for eta in floor for part in [shallow.where(step_size=eta)]}
typical = {eta: errors.mean(axis=0) for eta, errors in samples_error.items()}
share = {eta: f.lower / np.median(typical[eta]) for eta, f in floor.items()}
last = shallow.where(step_size=list(CONTRAST.long[-2:]))

def clusters(eta):  # the errors, mean of the two phases, below and above the widest gap
    ordered = np.sort(typical[eta])
    cut = np.diff(ordered).argmax() + 1
    return " and ".join(f"{part[0]:.2f} to {part[-1]:.2f}"
                        for part in (ordered[:cut], ordered[cut:]))


# %%
claim("depth-shallow-worse",
      f"shallow: median error of the better phase at $\\eta={large:g}$ over that of "
      f"the worse at ${small:g}$, at equal time",
      phases(shallow, "early_error", large)[0]
      / phases(shallow, "early_error", small)[1],
      at_least=4)
claim("depth-deep-better",
      f"deep: median error of the worse phase at ${large:g}$ over that of the better "
      f"at ${small:g}$, after equally many steps",
      phases(deep_runs, "error", large)[1] / phases(deep_runs, "error", small)[0],
      at_most=0.6)
claim("depth-deep-same-time",
      f"deep: median error of the worse phase at ${large:g}$ over that of the better "
      f"at ${small:g}$, at equal time",
      phases(deep_runs, "early_error", large)[1]
      / phases(deep_runs, "early_error", small)[0], at_most=1.1)
claim("depth-flips",
      f"shallow runs at steps up to {CONTRAST.long[0]:g} that have period two, share",
      np.mean(shallow.where(step_size=lambda eta: eta <= CONTRAST.long[0])["status"]
              == "period two"),
      equals=1.0, tol=1e-9)
claim("depth-no-better",
      f"loss of the best shallow run at $\\eta={large:g}$, the better of two steps, over "
      "that of the best constant",
      np.minimum(alone["loss"], alone["next_loss"]).min() / best_constant,
      at_least=0.96)
claim("depth-above-floor",
      "smallest error on the samples of a shallow run, either phase, over what no "
      f"stable one can be below, $\\eta\\ge{CONTRAST.long[0]:g}$",
      min(samples_error[eta].min() / f.lower for eta, f in floor.items()),
      at_least=1.0)

# %%
claim("depth-floor-kept",
      f"least error on the samples for the ceiling that a residual of {KEPT:g} raises, "
      f"over {KEPT:g}, $\\eta={longest:g}$",
      kept.lower / KEPT, at_least=1.0)
claim("depth-mean-norm",
      "largest mean of $S_g$ over two consecutive steps, over $1/\\eta-1/2$, all "
      "shallow runs",
      (both.mean(axis=0) / ceiling).max(), at_most=1.0)
claim("depth-start",
      f"shallow runs that start from a fit at $\\eta={CONTRAST.fit:g}$: smallest error of "
      "either phase over what no stable network can be below",
      min(run[column] / floor[run["step_size"]].lower
          for run in other for column in ("sample_error", "next_sample_error")),
      at_least=1.0)

# %%
jumping = alone["jump"] > 0.01
over = both > ceiling
narrow = ended.where(hidden=[[width] for width in CONTRAST.others], step_size=large)
narrow = np.concatenate([narrow["error"], narrow["next_error"]])
again = other.where(step_size=large)
again = np.median(np.sort([again["error"], again["next_error"]], axis=0), axis=1)
flips = np.sum(shallow["status"] == "period two") + jumping.sum()
moves = shallow.where(step_size=CONTRAST.long[0])["jump"].min()
for name, value in {
    "runs": len(shallow) + len(deep_runs), "shallow": len(shallow), "flips": flips,
    "rest": np.sum(deep_runs["status"] == "rest"), "jump": f"{down(moves):.2f}",
    "deep-jump": f"{up(deep_runs['jump'].max()):.2f}",
    "jumping": jumping.sum(), "still": (~jumping).sum(),
    "over": over.any(axis=0).sum(), "over-twice": over.all(axis=0).sum(),
    "widths": f"{narrow.min():.2f} to {narrow.max():.2f}",
    "start": " and ".join(f"{error:.2f}" for error in again),
    "floor": ", ".join(f"{down(f.lower):.2f}" for f in floor.values()),
    "kept": f"{KEPT:g}",
    "kept-share": f"{100 * KEPT / np.median(typical[longest]):.0f}",
    "dead": np.sum(last["norm"] == 0), "last": len(last),
    "clusters-1": clusters(CONTRAST.long[-2]), "clusters-2": clusters(longest),
    "share": " to ".join(f"{100 * end(share.values()):.0f}" for end in (min, max)),
    "shallow-loss": f"{down(shallow['loss'].min(), 1e-5):.1e}",
    "deep-loss": f"{up(deep_runs['loss'].max(), 1e-5):.1e}",
}.items():
    glue(f"contrast-{name}", f"{value}", display=False)
for kind, part in (("shallow", shallow), ("deep", deep_runs)):
    for key, eta in (("small", small), ("large", large)):
        for column in ("error", "early_error"):
            ends = [f"{error:.2f}" for error in phases(part, column, eta)]
            name = f"{kind}-{key}" + "-early" * (column == "early_error")
            glue(name, "–".join(dict.fromkeys(ends)), display=False)

# %% [markdown]
# **What we see.** *Shallow networks get worse*: the median error (better–worse phase) rises from {glue:text}`shallow-small` to {glue:text}`shallow-large`, at equal time from {glue:text}`shallow-small-early` to {glue:text}`shallow-large-early`. *Deep networks get better over equally many steps*, from {glue:text}`deep-small` to {glue:text}`deep-large`; at equal time they stay about level, {glue:text}`deep-small-early` and {glue:text}`deep-large-early`.
#
# *But most of the shallow runs are at no minimum.* {glue:text}`contrast-flips` of {glue:text}`contrast-shallow` flip between two functions, at $\eta=0.8$ by {glue:text}`contrast-jump` or more (median over 64 steps); a snapshot of one shows the parity of the step. Of the deep runs {glue:text}`contrast-rest` are at rest, and the others move by at most {glue:text}`contrast-deep-jump`. At the two largest steps the medians hide two clusters: the errors on the samples, mean of the two phases, are {glue:text}`contrast-clusters-1` at $\eta=1.2$ and {glue:text}`contrast-clusters-2` at $1.6$, and {glue:text}`contrast-dead` of these {glue:text}`contrast-last` networks have died. At $\eta=1.6$ no shallow network beats the loss of the best constant by more than 4 %: {glue:text}`contrast-still` are practically constant, {glue:text}`contrast-jumping` jump between two functions that are both worse than it. Neither width nor a good start helps: at $\eta=1.6$ networks of width 16 and 64 end with errors of {glue:text}`contrast-widths`, and runs that begin with the fit of $\eta=0.4$ lose it, with {glue:text}`contrast-start` in the two phases.
#
# *Why do they get worse?* No shallow network that is a stable minimum with its own values as labels (and has no knot on a sample) is nearer to the pyramid on these samples than {glue:text}`contrast-floor` for $\eta=0.8,1.2,1.6$: {glue:text}`contrast-share` % of the runs' median error (mean of the two phases). For the labels at hand a residual $\delta$ raises the ceiling by $\frac12\sqrt{1+R^2}\,\delta$ ({eq}`eq-mv-residual`, with $R$ the largest norm of an input): at $\eta=1.6$ every stable minimum for them is off by {glue:text}`contrast-kept` or more, {glue:text}`contrast-kept-share` % of the median. The flipping runs are no minima; on them neither forces anything. A good fit must be lost, its norm being above the ceiling; whether gradient descent could stay near the floor we have not tried. That the rest is the price of the oscillation is a **guess**.
#
# *The ceiling is one for minima with zero loss*, and these have losses of {glue:text}`contrast-shallow-loss` and more (the deep ones {glue:text}`contrast-deep-loss` and less). In {glue:text}`contrast-over` runs one phase has a norm above $\frac1\eta-\frac12$, in {glue:text}`contrast-over-twice` both; the mean of the two is below it in every run. **What would have falsified the contrast:** a shallow network that fits at a large step, or deep ones that fail where shallow ones do.
#
# ## Summary
#
# 1. A fold of a function of finite shallow form has the same strength along its whole hyperplane. The pyramid's folds end at the $(d-2)$-faces; so shallow networks that approach it there, with data all around, have stability norms tending to infinity, and stable step sizes tending to zero.
# 2. Data must reach such a point: within radius $1/\sqrt{d-1}$ the pyramid *is* a shallow network, with exactly $d+2^d$ neurons.
# 3. In the plane the cost of accuracy $\delta$ is $C\ln^2(1/\delta)$ to first order, with a known constant; on a given sample a linear programme computes it, which alone has force at the accuracies of practice.
# 4. With two hidden layers the pyramid is exact with $2d+1$ units, and at its flattest scales stable for steps up to {glue:text}`stable-0`, {glue:text}`stable-1` and {glue:text}`stable-2` in our three examples, where 2 is the limit.
# 5. On this data set larger steps make shallow networks worse and deep ones not. {glue:text}`contrast-flips` of {glue:text}`contrast-shallow` shallow runs flip between two functions and do not come to rest; at the three largest steps the best stable shallow networks (for their own values) would make about half of their error.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise-start} Flat in every dimension
# :label: ex-depth-dimension
# ```
# Compute the flattest sharpness of the deep pyramid for inputs uniform on the ball of radius $1.5$ and $d=2,3,4,6$. Why does it tend to $1$?
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-depth-dimension
# :class: dropdown
# :label: sol-depth-dimension
# ```
# The cross-polytope fills the part $q=2^d/(d!|B_R|)$ of the ball, which falls faster than exponentially, and all entries of the matrix but the first are multiples of $q$. With almost no data under the pyramid there is nothing to be sharp about: in high dimension all labels of a sample of moderate size are zero.

# %% tags=["nbval-check-output"]
for d in (2, 3, 4, 6):
    share = ball_moments(d, R)[0]
    least_sharpness = flattest_pyramid(d, ball_moments(d, R))[2]
    print(f"d = {d:2d}:  inputs under the pyramid {share:.1e}"
          f"   least sharpness 1 + {least_sharpness - 1:.1e}")

# %% [markdown]
# ```{solution-end}
# ```
#
# (sec-depth-known)=
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | Some function is out of reach of stable shallow networks, not of stable ones with two hidden layers ({prf:ref}`cor-depth-step`, {prf:ref}`cor-depth-sample`) | {cite:t}`nacson2023implicit`, abstract | that the pyramid is one, with proofs |
# | A crease cannot stop ({prf:ref}`lem-depth-crease`, {prf:ref}`thm-depth-main`) | close to {cite:t}`e2022representation`, abstract: by a structure theorem, functions with a curved or fractal singular set have no finite path norm; a depth separation is announced by {cite:t}`ongie2020function`, abstract | a short proof by the bend; the data weight in place of the path norm; samples ({prf:ref}`cor-depth-sample`) |
# | The exact count in the critical ball; the cost $C\ln^2\frac1\delta$; the flattest deep pyramid ({prf:ref}`prop-depth-critical`, {prf:ref}`thm-depth-exact`, {prf:ref}`prop-depth-flat`) | not seen elsewhere by us | all three |
# | Data that surround a ball weigh its hyperplanes ({prf:ref}`lem-depth-data`) | elementary | stated for samples, as {prf:ref}`cor-depth-sample` needs it |
# | The least norm as a linear programme ({prf:ref}`prop-depth-lp`) | column generation is standard | finitely many lines suffice; the data weight; the certificate |
# | A Lyapunov exponent decides about SGD at a minimum | {cite:t}`chemnitz2024characterizing`, abstract | a deep network between the thresholds |
#
# ("Not seen": not in these abstracts, nor in a search of public pages that was not thorough.)
#
# ## Notes and references
#
# The exact cost is proved for $d=2$ only. The proof of the linear programme works in $\mathbb R^d$ with hyperplanes through $d$ samples, too many in practice. With infinitely many units training is a convex problem, which can be solved if the step of adding one unit can ({cite:t}`bach2017breaking`, abstract); here finitely many lines suffice. The training contrast was studied on one data set: it is no law.
