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
# (multivariate-bound)=
# # The multivariate bound
#
# ```{twenty-minutes} neurons-as-hyperplanes def-mv-weight fig-mv-sinograms def-mv-norm the-theorem fig-mv-toy fig-mv-chain prop-mv-needles fig-mv-shattering
# ```
#
# In $d$ dimensions each neuron folds the function along a hyperplane. Gradient descent with step size $\eta$ can stay at an interpolating
# network only if the folds, each weighted by how it cuts the data, add up to at most $1/\eta-\tfrac12$. We prove this, measure every slack
# in it on trained networks, and then ask what the bound is worth when the dimension is high: there it leaves room for networks that memorise noise, and
# training with a large step uses that room.
#
# After this page you can
#
# - compute the stability norm of a network and the chain of bounds above it, and name each slack;
# - say what changes when the loss is not zero;
# - say which functions the bound does *not* forbid in high dimension, and build one.
#
# Two pages continue it: {ref}`neurons-to-functions` removes the neurons from the statement, and {ref}`data-geometry` asks how the shape of the data changes it.
#
# **You need:** linear stability and the tangent kernel ({ref}`linear-stability`), the constant-vector argument in one dimension
# ({ref}`univariate-bound`), and the symbols in {doc}`the notation table <notation>`.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue
from scipy.special import gamma

from stableminima import (
    ShallowReLU,
    bound_chain,
    data_weight,
    hessian_sharpness,
    merged_neurons,
    one_sided_weight,
    path_norm,
    random_network,
    sgd_threshold,
    sharpness,
    stability_norm,
    train_sgd,
)
from stableminima.book.claims import claim
from stableminima.book.figures import multivariate_bound as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds import hessian_ceiling, isotropic_weight
from stableminima.training import train_together

use_house_style()
SEED = 0  # shifts every random draw of this page


# %% [markdown]
# ## Neurons as hyperplanes
#
# We write a network with one hidden layer in the form that shows what the function knows of its parameters:
#
# $$
# \begin{gathered}
# f(x)=\sum_{i=1}^k v_i\,\sigma(w_i\cdot x+b_i)+c=\sum_{i=1}^k a_i\,\sigma(u_i\cdot x-t_i)+c,\\
# a_i=v_i\|w_i\|,\qquad u_i=\frac{w_i}{\|w_i\|},\qquad t_i=-\frac{b_i}{\|w_i\|}.
# \end{gathered}
# $$
#
# Neuron $i$ is zero on one side of the hyperplane $\{u_i\cdot x=t_i\}$ and linear on the other. Crossing the hyperplane, the gradient of
# $f$ jumps by $a_iu_i$. Between hyperplanes $f$ is affine. (A neuron with $w_i=0$ is a constant; we count it to $c$.)
#
# Let us see one. A few points are spread evenly over a disc like the seeds of a sunflower and scaled to covariance $I$; the labels are
# $y=|x_1|-|x_2|$. The settings of this experiment, and of its repetition further down, stand here once.

# %%
class Toy(NamedTuple):
    samples: int = 16
    width: int = 40
    scale: float = 1.5  # the first weights are N(0, scale²/fan-in)
    step_size: float = 0.3  # of the first picture
    step_sizes: tuple = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)  # of the repetition
    warmup: int = 500
    max_steps: int = 25_000
    first_steps: int = 40_000  # of the first picture
    seeds: int = 20
    later: int = 40  # steps after the end, over which the sharpness is averaged

toy = Toy()


# %%
def sunflower(n):
    i = np.arange(n) + 0.5
    angle = i * np.pi * (3 - np.sqrt(5))
    X = np.sqrt(i / n)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    X -= X.mean(axis=0)
    return X @ np.linalg.inv(np.linalg.cholesky(X.T @ X / n)).T

X = sunflower(toy.samples)
y = np.abs(X[:, 0]) - np.abs(X[:, 1])

# %% [markdown]
# Full-batch gradient descent with $\eta=$ {glue:text}`toy-eta` trains all parameters of {glue:text}`toy-width` neurons on {glue:text}`toy-n` samples. We keep every fiftieth network on the way.

# %%
start = random_network(2, toy.width, seed=SEED, scale=toy.scale)
snapshots = []
run = train_sgd(start, X, y, step_size=toy.step_size, max_epochs=toy.first_steps,
                warmup=toy.warmup, observe_every=50,
                observe=lambda epoch, net: snapshots.append(net))
net = run.network
glue("first-status", f"{run.status} after {run.epochs} steps", display=False)
glue("toy-eta", f"{toy.step_size:g}", display=False)
glue("toy-n", toy.samples, display=False)
glue("toy-width", toy.width, display=False)

# %% mystnb={"figure": {"name": "fig-mv-first", "caption": "A trained network on the plane, the one with the first seed. Colours are its values, circles the samples in the colour of their labels; each line is the hyperplane of one neuron, drawn with width $|a_i|g(u_i,t_i)$."}, "image": {"alt": "A saddle-shaped function on a square. Orange to the left and right, purple above and below, with sixteen samples. About a dozen lines pass near the centre, the thickest nearly vertical and nearly horizontal."}}
draw.plot_predictors({rf"$\eta={toy.step_size:g}$": net}, X, y)
plt.show()

# %% tags=["remove-cell"]
a, u, t = merged_neurons(net)
w = np.sort(np.abs(a) * data_weight(X, u, t))[::-1]
half = np.searchsorted(np.cumsum(w), w.sum() / 2) + 1
glue("first-half", str(half), display=False)
glue("first-folds", str(len(w)), display=False)

# %% [markdown]
# The run of {numref}`fig-mv-first` {glue:text}`first-status`. The {glue:text}`first-half` heaviest of its {glue:text}`first-folds` hyperplanes carry half of the weight. The width of a line involves a factor $g$ that we now define: how a hyperplane
# cuts the *data*.
#
# ## The data weight and the stability norm
#
# $X$ is uniform on the $n$ inputs; $\mathbb P$ and $\mathbb E$ are over $X$.
#
# ```{prf:definition} Data weight
# :label: def-mv-weight
#
# For a unit vector $u\in S^{d-1}$ and $t\in\mathbb R$,
#
# $$
# \begin{gathered}
# \tilde g(u,t)=\mathbb E\bigl[(u\cdot X-t)_+\bigr]\sqrt{\mathbb P(u\cdot X>t)^2+\bigl\|\mathbb E[X\,1(u\cdot X>t)]\bigr\|^2},\\
# g(u,t)=\min\bigl(\tilde g(u,t),\,\tilde g(-u,-t)\bigr).
# \end{gathered}
# $$
# ```
#
# The first factor is the mean output of the neuron $\sigma(u\cdot x-t)$, the second the length of the mean gradient of its output by its own
# weights and bias. Both refer to the half-space in which it fires. The pairs $(u,t)$ and $(-u,-t)$ describe the same hyperplane seen from its
# two sides, and $g$ takes the cheaper one: it is a function of the hyperplane. It vanishes if and only if no sample lies strictly on one of the sides.
# Where the firing half-space has positive probability, $\tilde g=\mathbb P(\cdot)^2\,\mathbb E[u\cdot X-t\mid\cdot\,]\sqrt{1+\|\mathbb E[X\mid\cdot\,]\|^2}$: the weight is **quadratic
# in the part of the data on which the neuron fires**. That exponent will decide what high dimension does.
#
# The hyperplanes of the plane form a strip, angle by offset. A line is a point of the strip; a sample $x$ is the curve
# $t=u\cdot x$ of all lines through it. {numref}`fig-mv-sinograms` shows $g$ on this strip, the picture that tomography calls a *sinogram*.

# %% mystnb={"figure": {"name": "fig-mv-sinograms", "caption": "Left, three samples of the plane; right, the data weight $g$ of every line, by the angle of its normal and its offset. The blue line on the left is the blue dot on the right, and the red point on the left is the red curve on the right."}, "image": {"alt": "Three rows. One cluster: g is a strong horizontal band around offset zero. Two clusters: g is strong only for lines that separate the clusters, and nearly zero where the normal is perpendicular to the axis through both. A ring: a broader band than for the cluster. The red sample traces a cosine curve along the upper edge of the band."}}
rng = np.random.default_rng(SEED + 1)
many = 150
angle = rng.uniform(0, 2 * np.pi, many)
noise = rng.normal(size=(many, 2))
side = np.where(np.arange(many) < many // 2, 1.0, -1.0)[:, None]
samples = {
    "one cluster": noise,
    "two clusters": 0.45 * noise + side * [1.3, 0.5],
    "a ring": 1.5 * np.column_stack([np.cos(angle), np.sin(angle)]) + 0.1 * noise,
}
draw.plot_sinograms(samples)
plt.show()

# %% [markdown]
# A fold through the middle of a cluster is expensive, and cheap at the rim. A fold that *separates* the two clusters is expensive as well, although it touches no sample: it
# has half the data on each side. A fold along the line that joins the clusters is cheap, since the data are thin across that line.
#
# Turn a line over the same samples and follow it in the sinogram. A line that passes through the red sample is a point of the
# red curve; a line turned by $\pi$ is itself with $t$ reversed, so the strip's left and right edges are one edge, glued with a twist.
#
# ```{explorable} sinogram
# In the online book, and with JavaScript, a line can be turned here over the three samples of the figure above, and its
# weight g read off the sinogram.
# ```
#
# ```{prf:definition} Stability norm
# :label: def-mv-norm
#
# Sum the amplitudes $a_i$ of all neurons with the same hyperplane, $(u,t)$ and $(-u,-t)$ counting as the same. For the resulting distinct hyperplanes,
#
# $$S_g(f)=\sum_i|a_i|\,g(u_i,t_i).$$
# ```
#
# Adding amplitudes across orientations is right because $\sigma(z)=z+\sigma(-z)$: two neurons that face each other across a hyperplane make the same
# fold, up to an affine function.
#
# ```{prf:proposition} The norm belongs to the function
# :label: prop-mv-function
#
# Two networks have the same stability norm
#
# 1. if they agree on $\mathbb R^d$, whatever the sample;
# 2. if they agree on the convex hull $K$ of the sample, and $K$ has interior points.
#
# In particular $S_g$ does not change when neurons are rescaled, split, permuted, or flipped with the affine correction made elsewhere, and neurons with $g=0$ contribute nothing whatever their amplitude.
# ```
#
# ```{prf:proof}
# Let $H_1,\dots,H_m$ be all the distinct hyperplanes that occur in either network. Only those with $g>0$ matter. Such an $H_j$ has samples strictly on both sides, so it meets $K$, and in case 2 it crosses the interior of $K$. Put $O=\mathbb R^d$ in case 1, and let $O$ be the interior of $K$ in case 2. On $H_j\cap O$ choose a point $p$ that lies on no other $H_l$; such a point exists because $H_j\cap H_l$ is
# empty or has dimension $d-2$, and finitely many of these do not cover an open piece of $H_j$. In a small ball around $p$, inside $O$, every neuron is affine except those on $H_j$. Let $u_j$ be the
# chosen normal. A neuron $a\,\sigma(\pm(u_j\cdot x-t_j))$ has gradient jump $a\,u_j$ from the side $u_j\cdot x<t_j$ to the other, with either sign: for the plus sign the gradient goes
# from $0$ to $au_j$, for the minus sign from $-au_j$ to $0$. So $\nabla f$ jumps at $p$ by $u_j$ times the summed amplitude on $H_j$. The jump is determined by the function on $O$; hence so are
# all non-zero summed amplitudes on hyperplanes with $g>0$, and $S_g$ is a function of those.
# ```
#
# If the samples lie in a lower-dimensional plane, agreement on their hull is not enough, and images do: a pixel at the border of a digit is black in every image. Two neurons with amplitudes $1$ and $-1$ whose weights differ in such a pixel alone cancel on every image, but not on $\mathbb R^d$: they lie on two hyperplanes, each with a price.

# %%
flat = np.column_stack([X, np.zeros(len(X))])  # a third pixel, black in every image
pair = ShallowReLU([[1, 0, 0], [1, 0, 1]], [0.1, 0.1], [1, -1], 0.0)
claim(
    "mv-black-pixel",
    "two neurons that differ in a black pixel: largest value on the images",
    np.abs(pair(flat)).max(),
    equals=0.0,
    tol=1e-12,
    source="the norm belongs to the function",
)
claim(
    "mv-black-pixel-norm",
    "stability norm of two neurons that cancel on every image, where the zero "
    "function has norm 0",
    stability_norm(pair, flat),
    at_least=0.1,
)

# %% [markdown]
# So on images $S_g$ belongs to the function on $\mathbb R^d$. What can be said of its values on images alone is the norm of {prf:ref}`prop-geo-subspace`, for the plane in which they lie.
#
# We disguise the trained network in every one of these ways at once and compare. Every neuron is split into $\frac32$ and $-\frac12$ of itself, and one of the two parts is flipped: now two neurons of opposite sign face each other across each hyperplane, and a sum that did not merge them would be twice too large. The affine corrections of the flips are one affine function, carried by a neuron that is on for all samples.

# %%
rng = np.random.default_rng(SEED)
plain = net.rescaled(rng.uniform(0.1, 10, net.width))
W, b, v = plain.W, plain.b, plain.v
flip = rng.random(net.width) < 0.5  # which of the two parts is turned round
part = np.where(flip, 1.5, -0.5)  # what of a·σ(z) is turned: aσ(z) = aσ(−z) + a·z
p, q = (part * v) @ W, (part * v) @ b  # what the flips leave behind: p·x + q
shift = 1 + np.abs(X @ p).max()
dead = np.array([[1.0, 0.0]])
disguised = ShallowReLU(
    np.vstack([-W, W, p[None], dead])[::-1],
    np.concatenate([-b, b, [shift], [-100.0]])[::-1],
    np.concatenate([part * v, (1 - part) * v, [1.0], [1e6]])[::-1],
    net.c + q - shift,
)

# %%
inside = np.vstack(
    [X, rng.dirichlet(np.ones(len(X)), 500) @ X]
)  # samples, points of their hull
claim(
    "mv-same-function",
    "rescaled, split, half of it flipped, reordered, with a dead neuron: "
    "change of the function on the hull of the samples",
    np.abs(disguised(inside) - net(inside)).max(),
    at_most=1e-9,
)
claim(
    "mv-norm-invariant",
    "rescaled, split, half of it flipped, reordered, with a dead neuron: relative "
    "change of the stability norm",
    stability_norm(disguised, X) / stability_norm(net, X) - 1,
    equals=0.0,
    tol=1e-9,
    source="the norm belongs to the function",
)

# %% [markdown]
# ## The theorem
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`nacson2023implicit` bound a data-weighted norm of the functions at which (S)GD is linearly stable. We could read the abstract, not the body: the statement below is our reading of it,
# in the form in which {cite:t}`liang2025stable` restate it. The proof, the named slacks and the examples of equality are ours.
# ```
#
# Recall from {ref}`linear-stability`: $\Phi=[\nabla_\theta f(x_1)\,\cdots\,\nabla_\theta f(x_n)]$; at an interpolating minimum $\nabla^2L=\Phi\Phi^{\mathsf T}/n$; and a linearly stable minimum
# of SGD with independent batches, or of GD, has $\lambda_{\max}(\nabla^2L)\le2/\eta$.
#
# ```{prf:theorem} Stability bounds the norm
# :label: thm-mv-bound
#
# Let $\lambda_{\max}$ be the largest eigenvalue of $\Phi\Phi^{\mathsf T}/n$. For **every** shallow ReLU network and every sample, with $1_i=1(w_i\cdot X+b_i>0)$, $z_i^+=\sigma(w_i\cdot X+b_i)$ and
# $Q_i^2=(\mathbb E1_i)^2+\|\mathbb E[X1_i]\|^2$,
#
# $$
# \begin{aligned}
# \lambda_{\max}\ &\ge\ \|\mathbb E\nabla_\theta f\|^2=1+\sum_i\bigl\{\mathbb E[z_i^+]^2+v_i^2Q_i^2\bigr\}\\
# &\ge\ 1+2\sum_i|a_i|\,\tilde g(u_i,t_i)\ \ge\ 1+2\,S_g(f).
# \end{aligned}
# $$ (eq-mv-chain)
#
# Consequently, if $f$ interpolates, no neuron switches on a sample, and the minimum is linearly stable for the step size $\eta$, then
#
# $$
# S_g(f)\ \le\ \frac1\eta-\frac12 .
# $$ (eq-mv-bound)
# ```
#
# ```{prf:proof}
# *First inequality.* $\Phi\Phi^{\mathsf T}/n$ and $G/n=\Phi^{\mathsf T}\Phi/n$ have the same largest eigenvalue. Test the second with the constant unit vector $e=(1,\dots,1)/\sqrt n$:
# $e^{\mathsf T}Ge/n=\|\Phi e\|^2/n=\bigl\|\tfrac1n\sum_j\nabla_\theta f(x_j)\bigr\|^2=\|\mathbb E\nabla_\theta f\|^2$.
#
# *The equality.* The partial derivatives of $f(X)$ are $1$ by $c$; $z_i^+$ by $v_i$; $v_i1_iX$ by $w_i$; $v_i1_i$ by $b_i$. Take means and add the squares.
#
# *Second inequality.* For each $i$ with $w_i\ne0$, $\mathbb E[z_i^+]^2+v_i^2Q_i^2\ge2|v_i|\,\mathbb E[z_i^+]\,Q_i$. Since $z_i^+=\|w_i\|(u_i\cdot X-t_i)_+$, the right side is
# $2|a_i|\,\mathbb E[(u_i\cdot X-t_i)_+]\,Q_i=2|a_i|\tilde g(u_i,t_i)$. Terms with $w_i=0$ are not negative and are dropped.
#
# *Third inequality.* $\tilde g\ge g$, and $g$ has the same value on all neurons of one hyperplane, so that $\sum|a_i|g$ over the neurons is at least $S_g$, by the triangle inequality for the summed amplitudes.
#
# *Consequence.* Where no neuron switches on a sample, $L$ is smooth near $\theta$; where in addition all residuals vanish, its Hessian is $\Phi\Phi^{\mathsf T}/n$. Stability gives $1+2S_g\le\lambda_{\max}\le2/\eta$.
# ```
#
# The condition that no neuron switches on a sample is not a formality. Gradient descent pins knots to samples ({ref}`knots-on-a-sample`, {ref}`univariate-pinned`), so its runs are *on their
# way* to minima that violate it. Every link of {eq}`eq-mv-chain` holds at each iterate all the same; what the experiments test is the last step, from the step size to $\lambda_{\max}$.
#
# The chain is one call. Each number is at most the next.

# %%
chain = bound_chain(net, X, toy.step_size)
for name, value in chain.links:
    print(f"{name:16s} {value:.2f}")

# %% [markdown]
# ### Three slacks, and a gauge
#
# Between the norm and $\frac12(\lambda_{\max}-1)$, which we call half the sharpness for short, there are three gaps, and each has a meaning: (i) the top eigenvector of the kernel is not constant; (ii) the layers are not balanced (AM–GM); (iii) a neuron faces the expensive side of its hyperplane.
# The second depends on the parametrisation only, and can be closed.
#
# ```{prf:proposition} The gauge
# :label: prop-mv-gauge
#
# Suppose that every neuron that fires on some sample has $v_i\ne0$ and $w_i\ne0$ (otherwise delete it or count it to $c$). Among all rescalings of the neurons, $(w_i,b_i,v_i)\to(\alpha_iw_i,\alpha_ib_i,v_i/\alpha_i)$ with $\alpha_i>0$, the length of the mean gradient is smallest, and slack (ii) is zero, exactly when $\alpha_i^2=|v_i|Q_i/\mathbb E[z_i^+]$
# for every neuron that fires; that is, when $\|w_i\|^2=|a_i|\,Q_i/\mathbb E[(u_i\cdot X-t_i)_+]$.
# ```
#
# ```{prf:proof}
# A rescaling turns the $i$-th term into $\alpha_i^2\mathbb E[z_i^+]^2+\alpha_i^{-2}v_i^2Q_i^2$, which is at least $2|v_i|\mathbb E[z_i^+]Q_i$ with equality where the two summands agree. There $\alpha_i^4\mathbb E[z_i^+]^2=v_i^2Q_i^2$. The new weight has
# $\|\alpha_iw_i\|^2=\alpha_i^2\|w_i\|^2=|v_i|\|w_i\|Q_i\cdot\|w_i\|/\mathbb E[z_i^+]$, the last formula.
# ```

# %%
balanced = bound_chain(net.balanced(X), X)
glue("balanced-half", f"{balanced.sharpness_level:.2f}", display=False)
glue("trained-half", f"{chain.sharpness_level:.2f}", display=False)
claim(
    "mv-gauge",
    "in the balanced gauge, mean gradient minus one-sided sum",
    balanced.gradient_level - balanced.one_sided,
    equals=0.0,
    tol=1e-9,
    source="the gauge",
)

# %% [markdown]
# Balancing lowers $\frac12(\lambda_{\max}-1)$ from {glue:text}`trained-half` to {glue:text}`balanced-half`: if no neuron switches, the same function is linearly stable for a larger step. This run did not find the flattest parametrisation of its function; nor, as we shall see, do its siblings as a rule.
#
# Can all the slacks vanish? Yes, in every dimension; the constants $\tfrac12$ and $2$ cannot be improved.
#
# ```{prf:example} Equality in every dimension
# :label: ex-mv-equality
#
# Take the $2d$ samples $\pm e_j$ and $f(x)=a\sum_j\{\sigma(x_j-\tfrac12)+\sigma(-x_j-\tfrac12)\}$. Each of the $2d$ neurons fires on one sample, at height $\tfrac12$, so that $\tilde g=\frac1{2d}\cdot\frac12\cdot\frac{\sqrt2}{2d}$; seen from the other side
# its weight is larger. In the balanced gauge a neuron adds $2\cdot|a|\cdot\tfrac12\cdot\sqrt2=\sqrt2\,|a|$ to one diagonal entry of $G$, and nothing elsewhere. Thus $G=\mathbf 1\mathbf 1^{\mathsf T}+\sqrt2|a|I$, its top eigenvector *is* constant, and $\lambda_{\max}=1+\frac{\sqrt2|a|}{2d}=1+2S_g$.
# ```

# %% tags=["nbval-check-output"]
AMPLITUDE, DIMS = 3, (1, 3, 10)
for d in DIMS:
    corners = np.vstack([np.eye(d), -np.eye(d)])
    net_d = ShallowReLU(
        corners, np.full(2 * d, -0.5), np.full(2 * d, float(AMPLITUDE)), 0.0
    ).balanced(corners)
    tight = bound_chain(net_d, corners)
    print(
        f"d = {d:2d}:  S_g = {tight.stability_norm:.6f}   (λ_max − 1)/2 = {tight.sharpness_level:.6f}"
    )

# %%
claim(
    "mv-equality",
    f"largest minus smallest link of the chain, $d={d}$",
    tight.sharpness_level - tight.stability_norm,
    equals=0.0,
    tol=1e-9,
    source="equality in every dimension",
)
claim(
    "mv-equality-value",
    f"stability norm in the example of equality, for $a={AMPLITUDE}$ and $d={d}$, "
    "minus $a\\sqrt2/4d$",
    tight.stability_norm - AMPLITUDE * np.sqrt(2) / (4 * d),
    equals=0.0,
    tol=1e-9,
    source="equality in every dimension",
)


# %% [markdown]
# ## Away from zero loss
#
# The chain {eq}`eq-mv-chain` never used interpolation: it is about $\Phi\Phi^{\mathsf T}/n$, the Gauss–Newton part of the Hessian. What training obeys, however, is the *full* Hessian
# $\nabla^2L=\Phi\Phi^{\mathsf T}/n+\frac1n\sum_jr_j\nabla^2f(x_j)$ with residuals $r_j=f(x_j)-y_j$. The two are close when the loss is small.
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`liang2025stable`, without interpolation: $S_g(f)\le\tfrac12\lambda_{\max}(\nabla^2L)-\tfrac12+(R+1)\sqrt{2L}$ for inputs in a ball of radius $R$, where $L$ is twice differentiable. We prove it with a smaller constant.
# ```
#
# ```{prf:proposition} The bound with residuals
# :label: prop-mv-residual
#
# Let $R=\max_j\|x_j\|$, and suppose that no neuron switches on a sample. Then
#
# $$
# \begin{aligned}
# S_g(f)\ &\le\ \tfrac12\bigl(\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)-1\bigr)\\
# &\le\ \tfrac12\bigl(\lambda_{\max}(\nabla^2L)-1\bigr)+\tfrac12\sqrt{1+R^2}\,\sqrt{2L}.
# \end{aligned}
# $$ (eq-mv-residual)
# ```
#
# ```{prf:proof}
# The first inequality is {eq}`eq-mv-chain`. By {prf:ref}`prop-residual` the two top eigenvalues differ by at most $\sqrt{1+R^2}\sqrt{2L}$; before its last step, Jensen's inequality, that proof has the sum over the samples $\frac1n\sum_j|r_j|\sqrt{1+\|x_j\|^2}$. Subtract $1$ and halve. Since $\sqrt{1+R^2}\le1+R$, our term is at most half of $(R+1)\sqrt{2L}$.
# ```
#
# How much of the term does training use? We divide the drop of the sharpness, from its Gauss–Newton part to the full Hessian, by what the term allows for, $\sqrt{1+R^2}\sqrt{2L}$, for every fiftieth network of the run above while it has a loss to speak of.

# %%
def residual_use(net, X, y):
    allowed = hessian_ceiling(net, X, y) - (hessian_sharpness(net, X, y) - 1) / 2
    return (sharpness(net, X) - hessian_sharpness(net, X, y)) / 2 / allowed

early = [each for each in snapshots if np.abs(each(X) - y).max() > 1e-3]  # else 0/0
use = [residual_use(each, X, y) for each in early]
claim(
    "mv-residual",
    "part of the residual term used, largest over the networks of the run",
    max(use),
    at_most=1.0,
    source="the bound with residuals",
)
glue("use-run", f"{max(use):.1%}", display=False)

# %% [markdown]
# In the run it uses {glue:text}`use-run` of the term at most. Is the constant right all the same? Take one neuron and one sample $x$, with a label one above the output, and large balanced weights: the bound is then attained as nearly as we like. We move the sample outwards, so that $R$ matters.

# %%
attained = []
for R in (0.5, 1.0, 4.0):
    x, gain = np.array([[R]]), 50.0  # w = (50R, 50) and v = |w|: balanced layers
    heavy = ShallowReLU([[gain * R]], [gain], [gain * np.hypot(1, R)], 0.0)
    attained.append(residual_use(heavy, x, heavy(x) + 1))
claim(
    "mv-residual-sharp",
    "part of the term $\\frac12\\sqrt{1+R^2}\\sqrt{2L}$ in the library's ceiling "
    "that "
    "one heavy neuron leaves unused, largest of $R=\\frac12,1,4$",
    1 - min(attained),
    at_most=0.01,
    source="the bound with residuals",
)
claim(
    "mv-residual-sharp-not-more",
    "part of the term $\\frac12\\sqrt{1+R^2}\\sqrt{2L}$ in the library's ceiling "
    "that "
    "one heavy neuron leaves unused, least of $R=\\frac12,1,4$",
    1 - max(attained),
    at_least=0.0,
    source="the bound with residuals",
)

# %% [markdown]
# ## The toy experiment
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`nacson2023implicit` train "single hidden-layer ReLU network with k = 40 neurons" by full-batch gradient descent with several step sizes until the loss is below $10^{-8}$. Data, dimension, step sizes and initialisation are unknown to us.
# ```
#
# **Our choice:** the sunflower points, the labels $|x_1|-|x_2|$, the step sizes, weights $N(0,1.5^2/\text{fan-in})$, biases zero, a linear warm-up of the step, {glue:text}`toy-seeds` seeds.
#
# **Question.** Does the function change with the step size the way the bound says? **Theory:** $\frac12(\lambda_{\max}-1)$ ends at most at $1/\eta-\frac12$ unless a neuron switches on a sample, and $S_g$ below both. **What theory does not say** is whether $S_g$ falls as $\eta$ grows, whether it falls by fewer folds or by cheaper ones, and how close it comes to its ceiling.

# %%
seeds = range(SEED, SEED + toy.seeds)
starts = [
    random_network(2, toy.width, seed=seed, scale=toy.scale) for seed in seeds
]
runs, minima, chains = {}, {}, {}
for eta in toy.step_sizes:
    runs[eta] = train_together(
        starts, X, y, eta, max_steps=toy.max_steps, warmup=toy.warmup
    )
    minima[eta] = [run.network for run in runs[eta] if run.status == "converged"]
    chains[eta] = [bound_chain(net, X, eta) for net in minima[eta]]

# %% mystnb={"figure": {"name": "fig-mv-toy", "caption": "Four step sizes from the same start, the first that converged with all four. Colours are the values of the predictor, circles the samples, lines the hyperplanes with width $|a_i|g(u_i,t_i)$."}, "image": {"alt": "Four panels with the same saddle pattern. At step size 0.1 some twenty hyperplanes of all directions cross near the centre, several thick. At 0.2 fewer, at 0.4 and 0.6 about ten, in two bundles: nearly vertical and nearly horizontal lines."}}
four = [
    toy.step_sizes[i]
    for i in np.linspace(0, len(toy.step_sizes) - 1, 4).astype(int)
]
done = [
    sum(runs[e][j].status == "converged" for e in four) for j in range(toy.seeds)
]
same = int(np.argmax(done))  # the first start that converges with all of them
draw.plot_predictors({rf"$\eta={e:g}$": runs[e][same].network for e in four}, X, y)
plt.show()

# %% mystnb={"figure": {"name": "fig-mv-chain", "caption": "The chain of bounds at the minima found with six step sizes. Line, the median over the seeds; band, from the smallest to the largest. Above, the values; below, as parts of the ceiling $1/\\eta-\\tfrac12$."}, "image": {"alt": "Five falling curves against the step size. Half the sharpness follows the dashed ceiling closely from 0.3 on. The mean gradient lies below it at about 0.8 of the ceiling. Stability norm and one-sided sum nearly coincide and rise from a quarter of the ceiling at step 0.1 to three quarters at 0.6."}}
draw.plot_chain(toy.step_sizes, list(chains.values()))
plt.show()


# %% [markdown]
# The hypothesis of the theorem, that no neuron switches on a sample, we can look at: forty steps more for every converged run, counting how often a neuron turns on or off at a sample.

# %%
def go_on(nets, eta, steps=toy.later):
    """So many more steps: changes of the patterns, and the mean sharpness · η/2."""
    count, edge = np.zeros(len(nets)), np.zeros(len(nets))
    for _ in range(steps):
        moved = train_together(nets, X, y, eta, tolerance=1e-300, max_steps=1)
        after = [run.network for run in moved]
        count += [
            np.sum(a.pattern(X) != b.pattern(X))
            for a, b in zip(nets, after, strict=True)
        ]
        edge += [sharpness(net, X) * eta / 2 / steps for net in after]
        nets = after
    return count, edge

later = {eta: go_on(minima[eta], eta) for eta in toy.step_sizes}

# %%
every = [chain for group in chains.values() for chain in group]
frozen = np.concatenate([count for count, _ in later.values()]) == 0
mean_edge = np.concatenate([edge for _, edge in later.values()])
edge = np.array([chain.sharpness_level / chain.ceiling for chain in every])
norm = {
    eta: np.median([chain.stability_norm for chain in group])
    for eta, group in chains.items()
}

def folds(net):
    a, u, t = merged_neurons(net)
    w = np.abs(a) * data_weight(X, u, t)
    return w.sum() ** 2 / (w @ w)

least, most = toy.step_sizes[0], toy.step_sizes[-1]
fold = {eta: [folds(net) for net in minima[eta]] for eta in (least, most)}
few, many = np.median(fold[most]), np.median(fold[least])
target = ShallowReLU(
    [[1, 0], [-1, 0], [0, 1], [0, -1]], np.zeros(4), [1, 1, -1, -1], 0.0
)
flatter = [
    bound_chain(net.balanced(X), X).sharpness_level / chain.sharpness_level
    for eta in toy.step_sizes
    for net, chain in zip(minima[eta], chains[eta], strict=True)
]

# %%
counts = {
    "converged": len(every),
    "runs": toy.seeds * len(toy.step_sizes),
    "seeds": toy.seeds,
    "above": np.sum(edge > 1),
    "frozen": frozen.sum(),
    "many": many,
    "few": few,
}
sizes = {
    "small": norm[least],
    "large": norm[most],
    "target": stability_norm(target, X),
    "worst": edge.max(),
    "mean": mean_edge[edge > 1].max(initial=0),
    "flatter": np.median(flatter),
}
gap = [
    (
        c.gradient_level - c.one_sided,
        c.one_sided - c.stability_norm,
        c.sharpness_level - c.stability_norm,
    )
    for c in chains[least]
]
for key, part in (("gauge", 0), ("side", 1)):
    glue(
        f"slack-{key}",
        f"{np.median([row[part] / row[2] for row in gap]):.0%}",
        display=False,
    )
for key, value in (counts | sizes).items():
    glue(
        f"toy-{key}",
        f"{value:.0f}" if key in counts else f"{value:.3f}",
        display=False,
    )
glue("toy-least", f"{least:g}", display=False)
glue("toy-most", f"{most:g}", display=False)

# %%
claim(
    "mv-toy-chain",
    "a check of the code: the unconditional links of the chain hold in every "
    "converged run",
    all(bound_chain(net, X).holds for nets in minima.values() for net in nets),
    equals=True,
    source="stability bounds the norm",
)
claim(
    "mv-toy-frozen",
    "largest $\\frac12(\\lambda_{\\max}-1)/(1/\\eta-\\frac12)$ over the converged "
    "runs in which no "
    "neuron switches on a sample",
    edge[frozen].max(initial=0.0),
    at_most=1.0,
    source="linear stability",
)
claim(
    "mv-toy-switching",
    f"mean of the sharpness over {spelled(toy.later)} steps, over $2/\\eta$, largest "
    "of all converged runs, switching or not",
    mean_edge.max(),
    at_most=1.01,
)
claim(
    "mv-toy-ceiling",
    "largest $S_g/(1/\\eta-1/2)$ over all converged runs, switching or not",
    max(c.stability_norm / c.ceiling for c in every),
    at_most=1.0,
    source="stability bounds the norm",
)

# %%
claim(
    "mv-toy-edge",
    "converged runs whose sharpness ends at 0.95 of its ceiling or more, of those "
    "with the longest step",
    np.mean([c.sharpness_level / c.ceiling >= 0.95 for c in chains[most]]),
    at_least=0.9,
)
claim(
    "mv-toy-other",
    "median norm at the longest step over that of the function that made the "
    "labels",
    norm[most] / stability_norm(target, X),
    at_most=1.0,
)
claim(
    "mv-toy-falls",
    "largest stability norm at the longest step over the least at the shortest",
    max((c.stability_norm for c in chains[most]), default=np.nan)
    / min((c.stability_norm for c in chains[least]), default=np.nan),
    at_most=1.0,
)
claim(
    "mv-toy-folds",
    "median effective number of folds at the longest step over that at the "
    "shortest",
    few / many,
    at_most=1.0,
)
claim(
    "mv-gauge-flatter",
    "half the sharpness in the balanced gauge over the same as trained, median of "
    "all "
    "converged runs",
    np.median(flatter),
    at_most=0.75,
)

# %% [markdown]
# **What we see.** {glue:text}`toy-converged` of {glue:text}`toy-runs` runs converged; the others are still unfinished and enter nothing. The links up to $\frac12(\lambda_{\max}-1)$ hold in all of them, as they must. The last link, the one that is tested, fails in {glue:text}`toy-above` runs, by a factor of at most {glue:text}`toy-worst`. They are runs for which the hypothesis fails: knots lie on samples, and neurons turn on and off there, step after step, so that the sharpness jumps to and fro about $2/\eta$. Its mean over the forty steps is at most {glue:text}`toy-mean` of $2/\eta$ in these runs. Knots on samples are common, and a run whose neurons switch need not be above its ceiling. In the {glue:text}`toy-frozen` runs in which nothing switches, the sharpness is below it without exception.
#
# $S_g$ stays below the ceiling in all runs. The median norm falls from {glue:text}`toy-small` at $\eta=$ {glue:text}`toy-least` to {glue:text}`toy-large` at $\eta=$ {glue:text}`toy-most`; no seed at the longest step has a norm as large as any at the shortest. The folds concentrate: counting them by $(\sum w_i)^2/\sum w_i^2$ with $w_i=|a_i|g(u_i,t_i)$, the median network has {glue:text}`toy-many` of them at the shortest step and {glue:text}`toy-few` at the longest. The function $|x_1|-|x_2|$ that made the labels has norm {glue:text}`toy-target`: at the longest step training finds *another* function through the same points, with a smaller norm.
#
# Of the three slacks at the shortest step the layers' imbalance (ii) takes {glue:text}`slack-gauge` of the gap between norm and half the sharpness (median over the seeds) and orientation (iii) {glue:text}`slack-side`. Balanced, half the sharpness is {glue:text}`toy-flatter` of what it is as trained, in the median over all runs.
#
# **What would have falsified it.** A run that converges, in which no neuron switches, and whose sharpness is above $2/\eta$; or a norm that does not care about $\eta$.
#
# ## What the dimension does
#
# The bound charges a fold by $g$. In high dimension most hyperplanes that meet the data cut off very little of it, and $g$ is quadratic in what they cut off.
#
# ```{prf:proposition} Uniform ball
# :label: prop-mv-ball
#
# For $X$ uniform on the unit ball of $\mathbb R^d$, as $t\to1$,
#
# $$
# g(u,t)\ \sim\ C_d\,(1-|t|)^{d+2},\qquad C_d=\frac{\sqrt2\,p_d^2\,2^{d+2}}{(d+1)^2(d+3)},\qquad p_d=\frac{\Gamma(\frac d2+1)}{\sqrt\pi\,\Gamma(\frac{d+1}2)} .
# $$
# ```
#
# ```{prf:proof}
# $X$ has a law in place of a sample; $g$, $S_g$ and the chain {eq}`eq-mv-chain` are defined and proved word for word, with $\mathbb E[\nabla_\theta f\,\nabla_\theta f^{\mathsf T}]$ in place of $\Phi\Phi^{\mathsf T}/n$ (test it along $\mathbb E\nabla_\theta f$).
#
# $Z=u\cdot X$ has the density $p_d(1-s^2)^{(d-1)/2}$ on $[-1,1]$. Put $\epsilon=1-t$ and $m=\frac{d+1}2$. Near $s=1$, $1-s^2\sim2(1-s)$, so that $\mathbb P(Z>t)\sim p_d2^{m-1}\epsilon^m/m$. Integrating the tail, $\mathbb E(Z-t)_+=\int_t^1\mathbb P(Z>s)\,ds\sim p_d2^{m-1}\epsilon^{m+1}/(m(m+1))$.
# By symmetry $\mathbb E[X1(Z>t)]=u\,\mathbb E[Z1(Z>t)]$, and $Z\to1$ on this event: $\mathbb E[Z1(Z>t)]\sim\mathbb P(Z>t)$. Hence $\tilde g\sim\sqrt2\,p_d^2\,2^{2m-2}\epsilon^{2m+1}/(m^2(m+1))$. With $2m+1=d+2$ and $m^2(m+1)=(d+1)^2(d+3)/8$ this is the statement. The side $u\cdot x>t$ is the cheaper one: for $t\ge0$ passing to the opposite side enlarges $\mathbb E(\cdot)_+$ and $\mathbb P$, and leaves $\mathbb E[X1]$ unchanged up to sign.
# ```

# %% mystnb={"figure": {"name": "fig-mv-ball", "caption": "The data weight of the uniform ball. Above, relative to its value at the centre; below, near the boundary in logarithmic coordinates, dotted the power $(1-t)^{d+2}$."}, "image": {"alt": "Above, four tents with peak at zero, narrower as the dimension grows from 1 to 10. Below, four nearly straight lines in logarithmic axes, steeper with the dimension; each follows its dotted power law, down to ten to the minus thirty for dimension 10."}}
draw.plot_ball_weight([1, 2, 5, 10])
plt.show()


# %% tags=["nbval-check-output"]
def boundary_law(d):
    p = gamma(d / 2 + 1) / (np.sqrt(np.pi) * gamma((d + 1) / 2))
    return np.sqrt(2) * p**2 * 2 ** (d + 2) / ((d + 1) ** 2 * (d + 3))

RIM, ratio = 1e-4, {}  # distance from the boundary
for d in (1, 2, 5, 10):
    near, nearer = isotropic_weight("ball", d, [1 - RIM, 1 - RIM / 2])
    ratio[d] = near / RIM ** (d + 2) / boundary_law(d)
    print(
        f"d = {d:2d}:  exponent {np.log2(near / nearer):.3f}   constant over C_d {ratio[d]:.3f}"
    )

# %%
claim(
    "mv-ball",
    f"$g/(C_d(1-t)^{{d+2}})$ at distance $10^{{{np.log10(RIM):.0f}}}$ from the "
    f"boundary, minus 1, worst of $d={','.join(map(str, ratio))}$",
    max(abs(value - 1) for value in ratio.values()),
    at_most=0.01,
    source="uniform ball",
)


# %% [markdown]
# ### Neurons that fire rarely are free
#
# Push this to the end: a neuron for each sample, firing on that sample alone. We call them needles. They need that every sample can be cut off by a hyperplane, in other words that it is a vertex of the convex hull. On a sphere that is always so. How many samples are vertices when the data are not on a sphere is the question of {ref}`data-geometry`.
#
# ```{admonition} In the paper
# :class: paper
#
# An appendix of {cite:t}`liang2026geometry` is called "Flat interpolating two-layer ReLU networks on the unit sphere". It comes before our needles. We could read the abstract and the table of contents, which say that on the sphere gradient descent below the edge favours memorisation; the construction below, its constants and its thresholds were found without it.
# ```
#
# ```{prf:proposition} Needles
# :label: prop-mv-needles
#
# Let the samples be distinct, and every $x_j$ a vertex of their convex hull. For **any** labels there is an interpolating network with at most $n$ neurons, none of which switches on a sample, such that with $D_j=|y_j|\sqrt{1+\|x_j\|^2}$
#
# $$
# S_g(f)\le\frac1{n^2}\sum_jD_j,\qquad 1+\frac2{n^2}\sum_jD_j\ \le\ \lambda_{\max}\ \le\ 1+\frac2n\max_jD_j .
# $$
#
# It is linearly stable for gradient descent with every $\eta\le2/(1+\frac2n\max_jD_j)$, which tends to $2$ as $n\to\infty$ if labels and inputs are bounded.
# ```
#
# ```{prf:proof}
# Choose $(u_j,t_j)$ with $\zeta_j=u_j\cdot x_j-t_j>0$ and $u_j\cdot x_l<t_j$ for $l\ne j$. Let $f=\sum_j\frac{y_j}{\zeta_j}\sigma(u_j\cdot x-t_j)$; then $f(x_j)=y_j$ (samples with $y_j=0$ need no neuron). Neuron $j$ has $\tilde g=\frac{\zeta_j}n\cdot\frac{\sqrt{1+\|x_j\|^2}}n$, and $|a_j|=|y_j|/\zeta_j$; this gives the bound on $S_g$.
# Neuron $j$ contributes to the kernel only at the entry $(j,j)$, namely $z_j^2+v_j^2(1+\|x_j\|^2)$ with $v_jz_j=y_j$. In the gauge that makes the two parts equal this is $2D_j$. So $G=\mathbf1\mathbf1^{\mathsf T}+2\operatorname{diag}(D_j)$. The largest eigenvalue of $G/n$ is at most $1+\frac2n\max_jD_j$, and at least the value at the constant unit vector.
# Stability of gradient descent is $\lambda_{\max}\le2/\eta$.
# ```
#
# Unlike {prf:ref}`thm-mv-bound`, this is a *sufficient* condition: the flat network exists. We fit pure noise on the sphere in ten dimensions. The hyperplane $x_j\cdot x=t_j$ half way to the next neighbour isolates sample $j$. The table shows the largest mean-square stable step of SGD for four batch sizes.

# %% tags=["nbval-check-output"]
class Needles(NamedTuple):
    dim: int = 10
    sizes: tuple = (32, 64, 128)
    batches: tuple = (1, 4, 16)  # beside the full batch


NEEDLES = Needles()

def needles(n, d=NEEDLES.dim):
    rng = np.random.default_rng(SEED + n)
    X = rng.normal(size=(n, d))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    y = rng.uniform(-2, 2, size=n)  # labels without any signal
    t = (1 + np.max(X @ X.T - 2 * np.eye(n), axis=1)) / 2
    return ShallowReLU(X, -t, y / (1 - t), 0.0).balanced(X), X, y

ratios, batches = [], ", ".join(map(str, NEEDLES.batches))
for n in NEEDLES.sizes:
    needle, S, noise_labels = needles(n)
    thresholds = "  ".join(
        f"{sgd_threshold(needle, S, B):.2f}" for B in (*NEEDLES.batches, n)
    )
    ratios.append(
        sgd_threshold(needle, S, 1)
        * (1 + 2 * np.sqrt(2) * np.abs(noise_labels).max())
        / 2
    )
    print(
        f"n = {n:3d}:  S_g = {stability_norm(needle, S):.3f}   B = {batches}, n:  {thresholds}"
    )

# %%
D = np.sqrt(2) * np.abs(noise_labels)
glue("needle-path", f"{path_norm(needle):.0f}", display=False)
claim(
    "mv-needle-norm",
    "stability norm of the needles minus $n^{-2}\\sum D_j$",
    stability_norm(needle, S) - D.sum() / n**2,
    equals=0.0,
    tol=1e-9,
    source="needles",
)

# %%
low, high = 1 + 2 * D.sum() / n**2, 1 + 2 * D.max() / n
claim(
    "mv-needle-sharpness",
    "position of their sharpness between the two bounds (0 lower, 1 upper)",
    (sharpness(needle, S) - low) / (high - low),
    at_least=0.0,
    at_most=1.0,
    source="needles",
)
claim(
    "mv-needle-sgd",
    "largest stable step of SGD with $B=1$ over $2/\\max\\|\\nabla "
    "f(x_j)\\|^2=2/(1+2\\max D_j)$, "
    f"the largest ratio for {', '.join(map(str, NEEDLES.sizes[:-1]))} and "
    f"{NEEDLES.sizes[-1]} samples",
    max(ratios),
    at_least=1.0,
    at_most=1.2,
)


# %% [markdown]
# ```{admonition} Beyond the paper
# :class: beyond
#
# The network has path norm {glue:text}`needle-path` and fits noise, and yet gradient descent would stay there with a step close to 2, the largest that any network tolerates. Full-batch stability does not protect against memorisation once every sample can be cut off. **Small batches notice a needle**: with $B=1$ the exact mean-square threshold of
# {ref}`three-thresholds` stays within a fifth of $2/\max_j\|\nabla f(x_j)\|^2$ from 32 to 128 samples, because the average over the sample, which hides a needle, is no longer taken in one step. The table shows the threshold growing about in proportion to $B$ until it meets that of gradient descent.
# ```
#
# ## Neural shattering
#
# Needles exist. Does training find anything like them?
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`liang2025stable` call it *neural shattering*: $x$ uniform in the unit ball, $d=10$, $n=512$, width 2048, a linear target with noise $\sigma=1$. With $\eta=0.9$ and no weight decay the sharpness oscillates about 2.2 and every neuron fires on at most 10 % of the data; with $\eta=0.01$ and weight decay 0.1 it does not happen.
# ```
#
# **Question.** Does the contrast appear at a size that runs in seconds, over several seeds, and what makes it? The published pair differs in three things: the step, the decay, and the elapsed time (step times number of steps). We add runs that change one at a time. **Scaled down:** the width. **Kept:** $d$, $n$, noise, a linear target, both step sizes, the decay. **Our choice**, as the source's is unknown to us: the target $x_1$, the number of steps, a warm-up, weights $N(0,1/\text{fan-in})$, biases zero, decay on all parameters but the output bias. **What theory says:** the norm obeys {eq}`eq-mv-residual`. Where the hyperplanes go it does not say.

# %%
class Shatter(NamedTuple):
    dim: int = 10
    samples: int = 512
    fresh: int = 4000  # points on which the error is measured
    width: int = 512
    noise: float = 1.0
    large: float = 0.9  # step sizes
    small: float = 0.01
    decay: float = 0.1
    steps: int = 1500
    warmup: int = 100
    seeds: int = 5
    rarely: float = 0.1  # part of the samples on which a neuron fires

world = Shatter()
large, small, decay = world.large, world.small, world.decay
arms = {  # step size, weight decay, and how many times as long it trains
    "large step": (large, 0.0, 1), "large step, decay": (large, decay, 1),
    "small step, decay": (small, decay, 1), "small step": (small, 0.0, 1),
    "a third of the step": (large / 3, 0.0, 3),  # at equal elapsed time
}


# %%
def ball(n, rng):
    x = rng.normal(size=(n, world.dim))
    return (
        x * (rng.random(n) ** (1 / world.dim) / np.linalg.norm(x, axis=1))[:, None]
    )

def shatter(seed, eta, decay, longer):
    rng = np.random.default_rng(seed)
    B, fresh = ball(world.samples, rng), ball(world.fresh, rng)
    labels = B[:, 0] + world.noise * rng.normal(size=len(B))  # the target is x₁
    start = [random_network(world.dim, world.width, seed=seed)]
    shared = {"weight_decay": decay, "penalise": "neurons"}
    (run,) = train_together(
        start,
        B,
        labels,
        eta,
        max_steps=longer * world.steps,
        warmup=world.warmup,
        **shared,
    )
    (later,) = train_together([run.network], B, labels, eta, max_steps=1, **shared)
    end = run.network
    return {
        "status": run.status,
        "fires": end.pattern(B).mean(axis=0),
        "loss": run.loss / (np.var(labels) / 2),  # 1 is the best constant
        "error": np.mean((end(fresh) - fresh[:, 0]) ** 2) / np.var(fresh[:, 0]),
        "sharp": [
            hessian_sharpness(net, B, labels) for net in (end, later.network)
        ],
        "norm": stability_norm(end, B),
        "ceiling": hessian_ceiling(end, B, labels),
        "path": path_norm(end),
    }


# %%
ended = {
    arm: [shatter(SEED + s, *settings) for s in range(world.seeds)]
    for arm, settings in arms.items()
}
print("                      fires on   rarely    loss   error   sharpness")
for arm, each in ended.items():
    fires = np.median([np.median(e["fires"]) for e in each])
    rare = np.median([np.mean(e["fires"] <= world.rarely) for e in each])
    loss, error = (np.median([e[key] for e in each]) for key in ("loss", "error"))
    sharp = np.median([np.mean(e["sharp"]) for e in each])
    print(
        f"{arm:20s}  {fires:8.2f}  {rare:7.2f}  {loss:6.2f}  {error:6.2f}  {sharp:10.2f}"
    )

# %% [markdown]
# Medians over {glue:text}`sh-seeds` seeds. *Fires on* is the part of the samples on which the median neuron fires, *rarely* the part of the neurons that fire on at most a tenth of the samples; *loss* and *error* (on fresh points, without noise) are parts of those of the best constant; the sharpness is the mean of two consecutive steps. Of the {glue:text}`sh-all` runs {glue:text}`sh-unfinished` are unfinished, cut off while they still move.

# %% mystnb={"figure": {"name": "fig-mv-shattering", "caption": "On which part of the samples each neuron fires, after training with a large step (above) and with a small step and weight decay (below), the first seed of each. Dashed, 10 %."}, "image": {"alt": "Two histograms. Above, nearly all neurons fire on less than a fifth of the samples, most on less than a tenth. Below, the neurons fire on about half of the samples."}}
shown = ("large step", "small step, decay")
draw.plot_shattering({arm: ended[arm][0]["fires"] for arm in shown})
plt.show()


# %%
def over(arm, of):
    return np.array([of(each) for each in ended[arm]])

def firing(each):
    return np.median(each["fires"])

glue("sh-seeds", world.seeds, display=False)
status = [each["status"] for arm in ended.values() for each in arm]
glue("sh-all", len(status), display=False)
glue("sh-unfinished", status.count("unfinished"), display=False)
large, small = arms["large step"], arms["small step, decay"]
glue(
    "sh-times", f"{large[0] * large[2] / (small[0] * small[2]):.0f}", display=False
)
glue("sh-elapsed", f"{small[0] * small[2] * world.steps:.0f}", display=False)
glue(
    "sh-path",
    f"{np.median(over('large step', lambda e: e['path'])):.0f}",
    display=False,
)
glue(
    "sh-path-small",
    f"{np.median(over('small step, decay', lambda e: e['path'])):.0f}",
    display=False,
)
glue(
    "sh-share",
    f"{np.median(over('large step', lambda e: e['norm'] / e['ceiling'])):.2f}",
    display=False,
)
claim(
    "mv-shatter-fires",
    "part of the samples on which the median neuron fires, large step without "
    "decay, "
    "largest of the seeds",
    over("large step", firing).max(),
    at_most=0.15,
)
claim(
    "mv-shatter-not",
    "part of the samples on which the median neuron fires, with decay or a small "
    "step or both, least of all seeds",
    min(
        over(arm, firing).min()
        for arm in ("large step, decay", "small step, decay", "small step")
    ),
    at_least=0.4,
)
claim(
    "mv-shatter-step",
    "part of the samples on which the median neuron fires at a third of the step "
    "and "
    "equal elapsed time, least of the seeds, "
    "over the largest at the large step",
    over("a third of the step", firing).min() / over("large step", firing).max(),
    at_least=1.5,
)

# %%
claim(
    "mv-shatter-edge",
    "mean sharpness of two consecutive steps over $2/\\eta$ at the large step, "
    "largest distance from 1 over the seeds",
    np.abs(
        over("large step", lambda e: np.mean(e["sharp"])) * large[0] / 2 - 1
    ).max(),
    at_most=0.1,
)
claim(
    "mv-shatter-error",
    "error on fresh points at the large step over that of the best constant, "
    "least of the seeds",
    over("large step", lambda e: e["error"]).min(),
    at_least=2,
)
claim(
    "mv-shatter-noise",
    "training loss at the large step over that of the best constant, largest of "
    "the seeds",
    over("large step", lambda e: e["loss"]).max(),
    at_most=0.4,
)
claim(
    "mv-shatter-idle",
    "training loss at the large step with decay over that of the best constant, "
    "least of the seeds",
    over("large step, decay", lambda e: e["loss"]).min(),
    at_least=0.9,
)
claim(
    "mv-shatter-bound",
    "stability norm over its ceiling with residuals, largest of all runs",
    max(over(arm, lambda e: e["norm"] / e["ceiling"]).max() for arm in ended),
    at_most=1.0,
    source="the bound with residuals",
)

# %% [markdown]
# **What we see.** Only the large step *without* decay shatters, in every seed: its sharpness is at $2/\eta$, much of the noise is fitted, and the error on fresh points is several times that of a constant. It is not the elapsed time: at a third of the step and equal time neurons fire on several times as many samples, though as much noise is fitted and the error is as bad. So shattering is not what makes the error; it is where a large step leaves room for it. At the large step the stability norm takes {glue:text}`sh-share` of its ceiling, while the path norm has grown to {glue:text}`sh-path` (against {glue:text}`sh-path-small`): the folds are large and hidden where $g$ is small.
#
# With decay the large step ends *at* a constant, its amplitudes gone. This decay is too strong for this target; the small step with decay is better than a constant only because it stops after an elapsed time of {glue:text}`sh-elapsed`, before decay has won. In our setting the published contrast is one of two runs that differ in elapsed time by a factor of {glue:text}`sh-times`. **What would have falsified shattering:** neurons that still fire on half of the data at the large step, in some seed.
#
# ## Summary
#
# 1. At a stable interpolating network $\sum|a_i|g(u_i,t_i)\le1/\eta-\frac12$; the chain behind it holds for every network, its slacks have names, and equality occurs in every dimension.
# 2. The norm belongs to the function on $\mathbb R^d$; on the data alone only if their hull has interior.
# 3. Away from zero loss the full Hessian bounds the norm with the extra term $\frac12\sqrt{1+R^2}\sqrt{2L}$, whose constant is right, and of which training uses little.
# 4. Converged runs above $2/\eta$ are runs whose neurons switch on samples; where nothing switches there are none.
# 5. Neurons that fire rarely are almost free, and high dimension is full of them: needles interpolate noise and are stable up to steps of almost 2 with full batches, in our examples only up to far smaller ones with $B=1$. Training at a large step without decay goes there.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise-start} The ball in three dimensions
# :label: ex-mv-ball
# ```
# Derive $\mathbb P(Z>t)$, $\mathbb E(Z-t)_+$ and $\mathbb E[Z1(Z>t)]$ in closed form for the uniform ball with $d=3$ and $t\ge0$, hence $g$. Check the exponent $d+2$ and the constant $C_3$. Compare with the library.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mv-ball
# :class: dropdown
# :label: sol-mv-ball
# ```
# The density is $\frac34(1-s^2)$. So $\mathbb P(Z>t)=\frac34\int_t^1(1-s^2)ds=\frac14(1-t)^2(2+t)$ and $\mathbb E[Z1]=\frac34\int_t^1s(1-s^2)ds=\frac3{16}(1-t^2)^2$. Integrating $\mathbb P(Z>s)$ with $x=1-s$, $\mathbb E(Z-t)_+=\frac14\int_0^{1-t}x^2(3-x)dx=\frac1{16}(1-t)^3(3+t)$. Then
#
# $$
# g(t)=\tfrac1{16}(1-t)^3(3+t)\cdot(1-t)^2\sqrt{\tfrac{(2+t)^2}{16}+\tfrac{9(1+t)^4}{256}}.
# $$
#
# The exponent is $5=d+2$; at $t=1$ the other factors are $\frac14\sqrt{\frac9{16}+\frac9{16}}=\frac{3\sqrt2}{16}$. With $p_3=\frac34$, $C_3=\sqrt2\cdot\frac9{16}\cdot32/(16\cdot6)=\frac{3\sqrt2}{16}$. ✓

# %%
t = np.array([0.0, 0.3, 0.9])
by_hand = (
    (1 - t) ** 5
    * (3 + t)
    / 16
    * np.sqrt((2 + t) ** 2 / 16 + 9 * (1 + t) ** 4 / 256)
)
claim(
    "mv-ex-ball",
    "closed form for $d=3$ against the library, largest difference",
    np.abs(by_hand - isotropic_weight("ball", 3, t)).max(),
    at_most=1e-12,
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} Norm zero
# :label: ex-mv-zero
# ```
# Which functions have $S_g(f)=0$? Show that $n\le d+1$ affinely independent samples with any labels can be interpolated with norm zero, and build the network with *one* neuron for $n=11$, $d=10$. Is it stable for every step size?
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mv-zero
# :class: dropdown
# :label: sol-mv-zero
# ```
# $S_g=0$ means that every hyperplane with non-zero amplitude has $g=0$: no sample lies strictly on one of its sides. It then does not meet the interior of the convex hull, each neuron is affine on the hull, and so is $f$. Conversely a function that is affine on the hull, $p\cdot x+q$, is the network $\sigma(p\cdot x+s)+q-s$ with $s>\max_j|p\cdot x_j|$, whose hyperplane misses the hull. On affinely independent samples
# an affine function takes any values. It is not stable for every step: norm zero leaves {eq}`eq-mv-bound` silent, but the mean gradient of an always-on neuron is not zero. The bound is necessary, not sufficient.

# %%
rng = np.random.default_rng(SEED + 2)
A, values = rng.normal(size=(11, 10)), rng.normal(size=11)
*slope, constant = np.linalg.solve(np.column_stack([A, np.ones(11)]), values)
shift = 1 + np.abs(A @ slope).max()
affine = ShallowReLU([slope], [shift], [1.0], constant - shift)

# %%
claim(
    "mv-ex-zero",
    "one neuron interpolates: largest residual plus stability norm",
    np.abs(affine(A) - values).max() + stability_norm(affine, A),
    at_most=1e-9,
)
claim(
    "mv-ex-zero-unstable",
    "sharpness of a neuron of norm zero that interpolates, in the balanced gauge",
    sharpness(affine.balanced(A), A),
    at_least=1.5,
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} Orienting neurons
# :label: ex-mv-orient
# ```
# The one-sided sum $\sum|a_i|\tilde g(u_i,t_i)$ depends on the side each neuron faces. Among the networks trained with the shortest step take the one with the largest slack (iii). Turn every neuron that faces the expensive side, and give the affine remainder to one always-on neuron. What happens to the sum over the neurons that cut the data, and what does the always-on neuron pay?
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mv-orient
# :class: dropdown
# :label: sol-mv-orient
# ```
# $a\,\sigma(z)=a\,\sigma(-z)+a\,z$: a flip costs the affine function $a(u\cdot x-t)$. After the flips every cutting neuron has $\tilde g=g$, and their sum is $\sum|a_i|g$, which equals $S_g$ as no two hyperplanes of a trained network coincide. The always-on neuron has $g=0$ and does not enter $S_g$; its one-sided weight is not zero. So the one-sided bound can be made tight neuron by neuron, not always for the whole network: only if the affine remainders cancel.

# %%
slack = [chain.one_sided / chain.stability_norm for chain in chains[least]]
first = minima[least][int(np.argmax(slack))]
a, u, t = first.neurons()
turn = one_sided_weight(X, u, t) > data_weight(X, u, t) + 1e-12
sign = np.where(turn, -1.0, 1.0)
p, q = a[turn] @ u[turn], -(a[turn] @ t[turn])
shift = 1e-6 - (X @ p).min()

# %%
cutting = ShallowReLU(sign[:, None] * u, -sign * t, a, 0.0)
turned = ShallowReLU(
    np.vstack([cutting.W, p]),
    np.append(cutting.b, shift),
    np.append(a, 1.0),
    first.c + q - shift,
)
for name, each in (
    ("as trained", first),
    ("turned, cutting", cutting),
    ("turned, all", turned),
):
    print(f"one-sided sum, {name}: {bound_chain(each, X).one_sided:.3f}")
claim(
    "mv-ex-orient",
    "one-sided sum of the turned cutting neurons over the stability norm, minus 1",
    bound_chain(cutting, X).one_sided / stability_norm(first, X) - 1,
    equals=0.0,
    tol=1e-6,
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} A sharper residual term
# :label: ex-mv-residual
#
# Show that in {prf:ref}`prop-mv-residual` the term $\frac12\sqrt{1+R^2}\sqrt{2L}$ may be replaced by $\frac1{2n}\sum_j|r_j|\sqrt{1+\|x_j\|^2}$. The term is a worst case: find one sample and one neuron for which the residual *raises* the top eigenvalue of the Hessian above that of its Gauss–Newton part.
# ```
#
# ```{solution} ex-mv-residual
# :class: dropdown
# :label: sol-mv-residual
#
# In the proof of {prf:ref}`prop-residual` each $\|\nabla^2f(x_j)\|\le\sqrt{1+\|x_j\|^2}$, so the two top eigenvalues differ by at most $\frac1n\sum_j|r_j|\sqrt{1+\|x_j\|^2}$: the first claim. For the second, take one sample $x=1$ and one neuron $w=v=1$, $b=c=0$, label $y<1$, so $r=1-y>0$. In the coordinates $(w,b,v,c)$, $\Phi\Phi^{\mathsf T}/n$ is the $4\times4$ matrix of ones with top eigenvector $e=\frac12(1,1,1,1)$ and $\lambda=4$, and $r\nabla^2f$ has the entry $r$ at $(w,v)$ and $(b,v)$. So
# $e^{\mathsf T}\nabla^2L\,e=4+\frac14\cdot4r=4+r>4$: here an output above its label raises the sharpness. For small $r<0$ it falls, by $|r|$ to first order (it passes 4 again at $r=-\frac83$, where the determinant of the matrix minus $4I$ vanishes). The point is not a minimum, as $\partial L/\partial c=r$.
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |:--|:--|:--|
# | A stable interpolating minimum has a bounded data-weighted norm, {prf:ref}`thm-mv-bound`, {prf:ref}`prop-mv-gauge` | {cite:t}`mulayoff2021implicit` for $d=1$, also at non-differentiable minima; {cite:t}`nacson2023implicit` for every $d$; restated by {cite:t}`liang2025stable` | the proof as a chain with three named slacks, the gauge, equality in every dimension |
# | The norm belongs to the function, {prf:ref}`prop-mv-function` | neurons on one hyperplane merging is folklore | the two cases, and the black pixel that separates them |
# | The bound without interpolation, {prf:ref}`prop-mv-residual` | {cite:t}`qiao2024stable` for $d=1$ and noisy labels, {cite:t}`liang2025stable` for every $d$ | half of the constant or less, attained |
# | Runs above the edge | {cite:t}`mulayoff2021implicit` treat minima that are not differentiable; {cite:t}`mulayoff2026nonlinear` oscillations that linear stability does not see | that in this experiment they are the runs with switching neurons, and only those |
# | $g$ decays like a power at the boundary of a ball, {prf:ref}`prop-mv-ball` | neurons that fire near the boundary are the construction of {cite:t}`liang2025stable` | the constant $C_d$ |
# | Flat networks that interpolate anything on the sphere, {prf:ref}`prop-mv-needles` | an appendix of {cite:t}`liang2026geometry` (title and abstract read) | two-sided sharpness, every sample in convex position, thresholds of SGD by batch size |
# | Neural shattering | {cite:t}`liang2025stable` | seeds, and controls that separate step, decay and elapsed time |
#
# We searched for these among the works cited here and their neighbours on arXiv, by abstract; of {cite:t}`nacson2023implicit` we read the abstract and the experimental settings.
#
# ## Notes and references
#
# Exact mean-square thresholds are from {cite:t}`mulayoff2024exact`. Linear stability is a statement about expectations under independent batches; a single run at the edge of stability can be above it, as the toy experiment shows, where neurons switch.
