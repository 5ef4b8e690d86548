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
# A minimum that gradient descent could stay at when it takes short steps may throw it out when it takes long ones. This chapter finds the
# step size at which that happens: $2/\lambda_{\max}$ for gradient descent, and three different answers for stochastic gradient descent,
# depending on what we ask to stay small. It is the one fact about optimisation on which the rest of the book is built.
#
# After this chapter you can
#
# - say for which step sizes a minimum of the training loss is stable, prove it, and say what the proof assumes;
# - compute that step size for a network with many thousand parameters from a matrix of the size of the sample;
# - tell apart stability in the mean, in mean square and almost surely, and exhibit a network on which they disagree.
#
# **You need:** linear algebra up to eigenvalues of symmetric matrices, the chain rule, and expectations. Symbols are collected in
# {doc}`the notation table <notation>`.

# %%
import time

import numpy as np
import torch
from myst_nb import glue

from stableminima import (ShallowReLU, almost_sure_threshold, gd_threshold, hessian_sharpness,
                          linearized_sgd, lyapunov_exponent, mean_square_loss,
                          mean_square_path, random_network, sgd_threshold, sharpness,
                          tangent_features, tangent_kernel, train_sgd)
from stableminima.book.claims import claim
from stableminima.book.figures import linear_stability as draw
from stableminima.book.figures.style import use_house_style
from stableminima.datasets import digit_pair

use_house_style()

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
H = np.diag([10.0, 3.0, 0.5])
for product in (1.0, 1.9, 2.0, 2.1):
    error = np.ones(3)
    for _ in range(20):
        error = error - product / 10.0 * H @ error
    print(f"step = {product:.1f}/sharpness   error after 20 steps:", np.round(error, 3))

# %% [markdown]
# Only the first coordinate notices that the step has become too long. The third one hardly moves at any of these steps: one step size
# must serve all directions, and the sharpest one decides which are allowed.
#
# ## The dynamics near a minimum
#
# Our losses are averages over samples. With inputs $x_1,\dots,x_n$, labels $y_j$ and a network $f_\theta$, we write
#
# $$
# L(\theta)=\frac1n\sum_{j=1}^n \ell_j(\theta),\qquad \ell_j(\theta)=\tfrac12\,r_j(\theta)^2,\qquad r_j(\theta)=f_\theta(x_j)-y_j ,
# $$
#
# and $L_B=\frac1{|B|}\sum_{j\in B}\ell_j$ for the loss on a batch $B$. Stochastic gradient descent (SGD) draws a batch $B_t$ at each step
# and moves to $\theta_{t+1}=\theta_t-\eta\nabla L_{B_t}(\theta_t)$. Unless we say otherwise the batches are uniformly random sets of $B$ samples, drawn
# without replacement *inside* a batch and **independently from one step to the next**. Gradient descent (GD) is the case $B=n$.
#
# ```{prf:definition} Linearised dynamics
# :label: def-linearised
#
# Let $\theta^*$ be a local minimiser of $L$ at which every $\theta\mapsto f_\theta(x_j)$, and hence every $\ell_j$, is twice differentiable; we call it a *differentiable minimum*. Write
# $g_B=\nabla L_B(\theta^*)$, $H_B=\nabla^2L_B(\theta^*)$ and $H=\nabla^2L(\theta^*)$. The linearised dynamics at $\theta^*$ are
#
# $$
# \delta_{t+1}=\delta_t-\eta\,(g_{B_t}+H_{B_t}\delta_t),\qquad \delta_t=\theta_t-\theta^* .
# $$ (eq-linearised)
#
# The minimum *interpolates* if $r_j(\theta^*)=0$ for all $j$. Then every $g_B$ vanishes and $\delta_{t+1}=(I-\eta H_{B_t})\delta_t$.
# ```
#
# At an interpolating minimum the noise of SGD is *multiplicative*: it is proportional to the error and disappears with it. So it is possible to stay
# there for ever, and to ask whether small errors die out.
#
# ```{prf:definition} Linear stability
# :label: def-stable
#
# Let $\varepsilon>0$. A differentiable minimum $\theta^*$ is *$\varepsilon$-linearly stable* for the step size $\eta$ if the linearised dynamics, from every
# start with $\|\delta_0\|\le\varepsilon$, satisfy $\limsup_{t\to\infty}\mathbb E\|\delta_t\|\le\varepsilon$.
# ```
#
# ```{admonition} In the paper
# :class: paper
# This notion is that of {cite:t}`mulayoff2021implicit`, which {cite:t}`nacson2023implicit` build on; we spell out the limit superior.
# ```
#
# ### Why the Hessian is $\Phi\Phi^{\mathsf T}/n$
#
# Stack the parameter gradients of the outputs, $\phi_j=\nabla_\theta f_\theta(x_j)$, as columns of
# $\Phi=[\phi_1\,\cdots\,\phi_n]$, a $p\times n$ matrix.
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
# At an interpolating minimum the second term vanishes: $H=\Phi\Phi^{\mathsf T}/n$ and $H_B=\frac1{|B|}\sum_{j\in B}\phi_j\phi_j^{\mathsf T}$.
# For a shallow ReLU network the hypothesis holds at every $\theta$ for which no neuron switches on a sample, that is,
# $w_i\cdot x_j+b_i\ne0$ for all $i,j$.
# ```
#
# ```{prf:proof}
# The chain rule gives $\nabla\ell_j=r_j\phi_j$, since $\nabla r_j=\phi_j$. The product rule gives $\nabla^2\ell_j=\phi_j\phi_j^{\mathsf T}+r_j\nabla^2_\theta f_\theta(x_j)$. Average over $j$
# and note that $\sum_j\phi_j\phi_j^{\mathsf T}=\Phi\Phi^{\mathsf T}$. If all $r_j=0$, the second term is zero. Finally, if no $w_i\cdot x_j+b_i$ is zero then their signs do not change in a
# neighbourhood of $\theta$, and there $f_\theta(x_j)=\sum_{i:\,w_i\cdot x_j+b_i>0}v_i(w_i\cdot x_j+b_i)+c$ is a polynomial in $\theta$. $\square$
# ```
#
# The matrix $\Phi\Phi^{\mathsf T}/n$ exists for every network and every sample, labels or not. We call its largest eigenvalue the sharpness, and it *is* the top of
# the Hessian at any minimum that interpolates. A network always interpolates its own outputs, so we can test the proposition anywhere, against
# automatic differentiation of the loss itself.

# %%
rng = np.random.default_rng(0)
small, points = random_network(dim=2, width=4, seed=1), rng.normal(size=(6, 2))
Phi = tangent_features(small, points).T
module, inputs = small.to_torch(), torch.from_numpy(points)
labels = module(inputs).detach()


def loss(*parameters):
    names = [name for name, _ in module.named_parameters()]
    output = torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), inputs)
    return ((output - labels) ** 2).mean() / 2


# %%
blocks = torch.autograd.functional.hessian(loss, tuple(module.parameters()))
sizes = [parameter.numel() for parameter in module.parameters()]
full = np.block([[b.reshape(m, k).numpy() for b, k in zip(row, sizes, strict=True)]
                 for row, m in zip(blocks, sizes, strict=True)])
claim("hessian-at-interpolation",
      "$\\Phi\\Phi^{\\mathsf T}/n$ is the Hessian of the loss where all residuals vanish: "
      "largest difference of two entries",
      np.abs(full - Phi @ Phi.T / 6).max(), at_most=1e-12, source="Proposition 1.1")

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
# So each $\|\nabla^2f(x_j)\|\le\sqrt{1+R^2}$. The norm of the average is at most $\sqrt{1+R^2}$ times $\frac1n\sum_j|r_j|$, and by Jensen $\frac1n\sum_j|r_j|\le\bigl(\frac1n\sum_jr_j^2\bigr)^{1/2}=\sqrt{2L}$. $\square$
# ```
#
# (the-lemma)=
# ## The lemma
#
# ```{prf:lemma} A stable minimum is flat
# :label: lem-flat
#
# Let $\theta^*$ be a differentiable minimum and let the batches be independent across steps and unbiased: $\mathbb E L_{B_t}=L$. If $\theta^*$ is $\varepsilon$-linearly stable for some $\varepsilon>0$, then
#
# $$
# \lambda_{\max}\bigl(\nabla^2L(\theta^*)\bigr)\le\frac2\eta .
# $$ (eq-flat)
# ```
#
# ```{prf:proof}
# Let $v$ be a unit eigenvector of $H$ for $\lambda=\lambda_{\max}(H)$, and start at $\delta_0=\varepsilon v$. There are finitely many possible batches, so $\delta_t$ takes finitely many values and all expectations below exist.
#
# *The mean of SGD is GD.* $\delta_t$ is a function of $B_0,\dots,B_{t-1}$, so it is independent of $B_t$, and $\mathbb E[H_{B_t}\delta_t]=\mathbb E[H_{B_t}]\,\mathbb E[\delta_t]=H\,\mathbb E\delta_t$. Moreover
# $\mathbb E g_{B_t}=\nabla L(\theta^*)=0$, because $\theta^*$ is a minimiser. Taking expectations in {eq}`eq-linearised` gives $\mathbb E\delta_{t+1}=(I-\eta H)\,\mathbb E\delta_t$, hence
# $\mathbb E\delta_t=(I-\eta H)^t\,\varepsilon v=(1-\eta\lambda)^t\,\varepsilon v$.
#
# *Jensen.* The norm is convex, so $\mathbb E\|\delta_t\|\ge\|\mathbb E\delta_t\|=|1-\eta\lambda|^t\,\varepsilon$. If $\lambda>2/\eta$ then $|1-\eta\lambda|>1$ and the right-hand side tends to infinity, which contradicts
# $\limsup\mathbb E\|\delta_t\|\le\varepsilon$. $\square$
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
# $\lambda_i=0$ never move. $\square$
# ```
#
# Two borderline cases hide in these lines. Along the kernel of $H$ nothing is attracted: GD converges to *a* point near $\theta^*$, in general not to $\theta^*$. And if an eigenvalue equals $2/\eta$ exactly, its component flips its sign at
# every step for ever; this counts as stable here, though nothing converges.
#
# A threshold that is exact in the linearised dynamics says something about the network itself, as long as the error is small. We measure it: a network, its own outputs as labels, a tiny push, and real gradient descent.

# %%
x = np.linspace(-1, 1, 8)
start = random_network(1, 12, seed=3, scale=2.0)
flat = train_sgd(start, x, np.cos(np.pi * x), step_size=0.05, max_epochs=8000).network.balanced(x)
y = flat(x)


def push(net, seed=0, size=1e-8):
    """The network with a little Gaussian noise on every parameter."""
    rng = np.random.default_rng(seed)
    parts = net.W, net.b, net.v, net.c
    return ShallowReLU(*(part + size * rng.normal(size=np.shape(part)) for part in parts))


# %%
too_long = 1.05 * gd_threshold(flat, x)
escape = train_sgd(push(flat), x, y, too_long, tolerance=1e-30, max_epochs=60).history
claim("lemma-growth-rate",
      "at a step 5 % beyond $2/\\lambda_{\\max}$ the loss of the real network grows by "
      "$(1-\\eta\\lambda_{\\max})^2=1.21$ a step",
      escape[50] / escape[49], equals=1.1**2, tol=0.01, source="Lemma 1.1")

# %% [markdown]
# ### A minimum that breaks the lemma
#
# Where was the independence of the batches used? In one equality, $\mathbb E[H_{B_t}\delta_t]=H\,\mathbb E\delta_t$. Most training code does not draw independent batches: it reshuffles the samples and goes through
# them once an epoch. That is enough to make the lemma false.
#
# Take one parameter and two samples, $\ell_1=\tfrac12\theta^2$ and $\ell_2=\tfrac12\cdot10\,\theta^2$, batches of one sample, and $\eta=1$. Here $H_1=1$, $H_2=10$, and the sharpness of the average exceeds $2/\eta$ by far. But a step on the first sample
# multiplies the error by $1-\eta H_1=0$, and every reshuffled epoch contains that step.

# %% tags=["nbval-check-output"]
curvature = np.array([1.0, 10.0])
print("sharpness", curvature.mean(), "  2/step", 2.0)
for order in ([0, 1], [1, 0]):
    error = np.cumprod(np.abs(1 - curvature[order])).astype(int).tolist()
    print("samples in the order", order, "  size of the error", [1, *error])
after_epoch = abs(np.prod(1 - curvature))

# %%
claim("reshuffling-breaks-the-lemma",
      "reshuffled epochs end exactly at the minimum, whose sharpness is 2.75 times $2/\\eta$: "
      "error after an epoch",
      after_epoch, equals=0.0)
claim("reshuffled-sharpness",
      "sharpness over $2/\\eta$ in this example",
      curvature.mean() / 2, equals=2.75, source="Lemma 1.1 does not apply")


# %% [markdown]
# So {prf:ref}`lem-flat` is a statement about independent batches and about expectations. What it says of one run with reshuffled epochs has to be measured, and we will measure it, here and in every later chapter.
#
# ## The n×n kernel
#
# The Hessian has $p^2$ entries, and a network on small images has a hundred thousand parameters. We never form it. The non-zero eigenvalues of $\Phi\Phi^{\mathsf T}$ are those of
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
# These are three products of matrices, $O(n^2(d+k))$ operations, and $\Phi$ never appears. The leading $1$ comes from the output bias, and it makes $\lambda_{\max}(H)\ge1$ for *every* network: test $G/n$ with the constant unit vector. No minimum with an output bias tolerates a step beyond $2$.

# %%
def autograd_gradient(module, point):
    module.zero_grad()
    module(torch.from_numpy(point[None])).sum().backward()
    return torch.cat([parameter.grad.ravel() for parameter in module.parameters()]).numpy().copy()


jacobian = np.stack([autograd_gradient(module, point) for point in points])
claim("kernel-against-autograd",
      "closed-form tangent kernel against automatic differentiation: largest difference of two "
      "entries",
      np.abs(jacobian @ jacobian.T - tangent_kernel(small, points)).max(), at_most=1e-10)

# %% [markdown]
# At the size of a small MNIST experiment, the kernel takes the place of a much larger feature matrix.

# %%
large, many = random_network(dim=784, width=200, seed=0), rng.uniform(size=(512, 784))
began = time.perf_counter()
sharpness(large, many)
glue("kernel-milliseconds", f"{1e3 * (time.perf_counter() - began):.0f}", display=False)
glue("phi-megabytes", f"{200 * 786 * 512 * 8 / 1e6:.0f}", display=False)

# %% [markdown]
# The sharpness of a network with 200 neurons on 512 images of 784 pixels took {glue:text}`kernel-milliseconds` ms on the machine that built this page; $\Phi$ alone would take {glue:text}`phi-megabytes` MB.
#
# ## A function has many parametrisations
#
# Sharpness belongs to the parameters. What we want to know about is the *function*. A shallow ReLU network does not change if we multiply $(w_i,b_i)$ by $\alpha_i>0$ and divide $v_i$ by it, since $\sigma(\alpha z)=\alpha\sigma(z)$. Its gradients do change, and with them the sharpness.
#
# ```{prf:definition} Stable function
# :label: def-stable-function
#
# A function is *stable* for the step size $\eta$ on the sample if **some** parametrisation of it by the network is a linearly stable minimum of the loss with the labels $y_j=f(x_j)$.
# ```
#
# ```{admonition} In the paper
# :class: paper
# This is how {cite:t}`mulayoff2021implicit` pass from parameters to functions. It is the right quantifier for a statement of the form "SGD can only find functions with …": if no parametrisation is stable, there is no place where SGD could stop with this function.
# ```
#
# We take the function found above and write it in two ways: once with the layers balanced, once with the first layer twice as large and the second half as large. One step size lies between their thresholds. We push both a little and run real gradient descent.

# %%
sharp = flat.rescaled(np.full(flat.width, 2.0))
grid = np.linspace(-1, 1, 201)
step = 1.5 / sharpness(flat, x)
stays = train_sgd(push(flat), x, y, step, tolerance=1e-20, max_epochs=3000)
leaves = train_sgd(push(sharp), x, y, step, tolerance=1e-20, max_epochs=3000)
growth = (1 - step * sharpness(sharp, x)) ** 2

# %% tags=["hide-input"]
glue("flat-sharpness", f"{sharpness(flat, x):.2f}", display=False)
glue("sharp-sharpness", f"{sharpness(sharp, x):.2f}", display=False)
glue("between", f"{2 / step:.2f}", display=False)
glue("after-sharpness", f"{sharpness(leaves.network, x):.2f}", display=False)
glue("after-steps", str(leaves.epochs), display=False)

# %% mystnb={"figure": {"name": "fig-two-parametrisations", "caption": "One function in two parametrisations, with noise of size $10^{-8}$ added to every parameter, and trained by gradient descent with the same step size. Above, the loss; below, the function at the beginning and what became of it."}, "image": {"alt": "Above, two curves of the loss against the step. The balanced parametrisation falls. The rescaled one grows along a dotted straight line until the loss is larger than one, then falls again. Below, two curves through the same samples; the red one is visibly different between them."}}
histories = {"balanced": stays.history, "first layer doubled": leaves.history}
draw.plot_two_parametrisations(histories, growth, x, y, flat, leaves.network);

# %% [markdown]
# The balanced parametrisation has sharpness {glue:text}`flat-sharpness`, the rescaled one {glue:text}`sharp-sharpness`, and $2/\eta$ is {glue:text}`between`. The first returns to its minimum. The second leaves it at the rate that the lemma predicts (dotted in {numref}`fig-two-parametrisations`), jumps far away, and is found after {glue:text}`after-steps` steps, not yet at a minimum, at a network of sharpness {glue:text}`after-sharpness`, which is a *different function*. Instability of one parametrisation says nothing about the function; but GD that was thrown out did not look for a flatter description of the same function, it took another.

# %%
claim("same-function",
      "the two parametrisations are one function: largest difference on a grid",
      np.abs(flat(grid) - sharp(grid)).max(), at_most=1e-12)
claim("unstable-parametrisation-growth",
      "growth of the loss of the unstable one, over $(1-\\eta\\lambda_{\\max})^2$",
      leaves.history[13] / leaves.history[12] / growth, equals=1.0, tol=0.02, source="Lemma 1.1")
claim("stable-parametrisation-returns",
      "final over initial loss of the stable one",
      stays.loss / stays.history[0], at_most=1e-2, source="Proposition 1.3")
claim("unstable-ends-flatter",
      "sharpness over $2/\\eta$ of the network at which the unstable one ended",
      sharpness(leaves.network, x) * step / 2, at_most=1.0)

# %% [markdown]
# ## Experiment: the edge of stability
#
# **Question.** {prf:ref}`prop-gd` says where GD can *stop*. Does it say anything about where it *goes*?
#
# **Prediction.** Run GD from one start with several step sizes. If the minimum reached with a short step is sharper than $2/\eta$, then we expect the run with the step $\eta$ not to end there, but at sharpness at most $2/\eta$. (Linear instability does not forbid it: an exceptional start could land on the minimum exactly. And the minima must be differentiable, on which more below.) How it gets there the theory does not say.
#
# **Run.** Real handwritten digits, a network of 50 neurons, full batches. While it trains we record the sharpness, which {eq}`eq-kernel` makes cheap enough to compute along the way.

# %%
task = digit_pair(3, 5, n_train=128, n_validation=0, seed=0, dataset="auto")
start = random_network(dim=task.X.shape[1], width=50, seed=0)
print(len(task.X), "images of", task.image_shape, "pixels, data set:", task.dataset)


# %%
def descend(eta, full_hessian=False):
    """Gradient descent with records of step, sharpness, loss and, on request, full sharpness."""
    rows = []

    def record(epoch, net):
        whole = [hessian_sharpness(net, task.X, task.y)] if full_hessian else []
        rows.append([epoch, sharpness(net, task.X), mean_square_loss(net, task.X, task.y), *whole])

    every = 50 if full_hessian else 10
    run = train_sgd(start, task.X, task.y, eta, max_epochs=3000, observe=record, observe_every=every)
    return run, np.array(rows)


# %%
steps = (0.03, 0.06, 0.12, 0.24)
runs = {eta: descend(eta) for eta in steps}
# ratio: the sharpness over 2/step along the last 500 steps
for eta, (run, record) in runs.items():
    ratio = record[-50:, 1] * eta / 2
    print(f"step {eta:.2f}   2/step {2 / eta:4.1f}   {run.status:10s}   loss {run.loss:.0e}   "
          f"ratio {ratio.min():.3f} to {ratio.max():.3f}")
    glue(f"ratio-low-{eta}", f"{ratio.min():.3f}", display=False)
    glue(f"ratio-high-{eta}", f"{ratio.max():.3f}", display=False)
glue("sharpness-shortest", f"{runs[0.03][1][-1, 1]:.1f}", display=False)

# %% mystnb={"figure": {"name": "fig-edge", "caption": "Gradient descent on handwritten digits with four step sizes from one start. Dashed, in the colour of the step size, is $2/\\eta$."}, "image": {"alt": "Above, the sharpness against the step on a logarithmic scale. For the three larger step sizes it moves to its dashed line at two over eta and then stays at it with small oscillations; for the smallest step size it remains below its line. Below, the losses fall by several orders of magnitude, the larger steps with spikes."}}
draw.plot_edge({eta: record for eta, (_, record) in runs.items()});

# %% [markdown]
# **What we see** on MNIST. (Where it cannot be had the cell above says `digits`: this page then ran on 8×8 images, on which the losses fall more slowly and only the two longest steps reach their lines.) With the shortest step the sharpness ends at {glue:text}`sharpness-shortest`; that is more than $2/\eta$ for each of the three others. So they cannot go there, and {numref}`fig-edge` shows what they do in its place: their sharpness meets its dashed line early, from below or (for the longest step, whose line lies under the sharpness of the start) from above, and then it stays at that line while the loss falls by many orders of magnitude, in waves. This is the *edge of stability*. The step size steers the network long before there is a minimum to be stable at.
#
# **What would have falsified the prediction.** A run that comes to rest, with vanishing loss, at a sharpness well above $2/\eta$.
#
# **Read with care.** The theory bounds the sharpness *at a minimum*, and a run that was stopped at a loss of $10^{-8}$ is not at one. Along its last 500 steps the ratio of sharpness to $2/\eta$ scatters between {glue:text}`ratio-low-0.12` and {glue:text}`ratio-high-0.12` for $\eta=0.12$. A value slightly above one read off such a run violates no theorem.
# Part of the scatter is the oscillation across the valley; another part comes from knots that keep switching, and has its own section: {ref}`knots-on-a-sample`.

# %%
ends = {eta: record[-50:, 1].mean() * eta / 2 for eta, (_, record) in runs.items()}
claim("edge-reached",
      "the two longest steps end at the edge: the smaller value of sharpness over $2/\\eta$, "
      "averaged over the last 500 steps",
      min(ends[0.12], ends[0.24]), at_least=0.9)
claim("edge-not-exceeded",
      "no step size ends beyond it, up to the scatter: the largest such value",
      max(ends.values()), at_most=1.02, source="Proposition 1.3")
claim("edge-not-forced",
      "where $2/\\eta$ is far away nothing drives the sharpness there: the same for the shortest "
      "step",
      ends[0.03], at_most=0.9)

# %% [markdown]
# How good was $\Phi\Phi^{\mathsf T}/n$ while the loss was not yet zero? We repeat one run and compute the top of the full Hessian along it, by Lanczos iteration on Hessian–vector products.

# %% mystnb={"figure": {"name": "fig-gauss-newton", "caption": "Distance between the top eigenvalues of the full Hessian and of its Gauss\u2013Newton part along training, with the bound of Proposition 1.2."}, "image": {"alt": "Two falling curves on a logarithmic scale. The difference of the two sharpnesses stays more than a factor of ten below the dashed bound and falls with it."}}
_, record = descend(0.12, full_hessian=True)
difference = np.abs(record[:, 3] - record[:, 1])
radius = np.linalg.norm(task.X, axis=1).max()
bound = np.sqrt(1 + radius**2) * np.sqrt(2 * record[:, 2])
draw.plot_gauss_newton(record[:, 0], difference, bound);

# %%
claim("residual-term",
      "difference of the two sharpnesses over its bound, largest value along training",
      (difference / bound).max(), at_most=1.0, source="Proposition 1.2")


# %% [markdown]
# (three-thresholds)=
# ## Three thresholds
#
# SGD multiplies the error by *random* matrices. Whether a random product "stays bounded" depends on what we ask for. We fix an interpolating differentiable minimum and independent batches, so $\delta_{t+1}=(I-\eta H_{B_t})\delta_t$ with $H_B=\frac1{|B|}\sum_{j\in B}\phi_j\phi_j^{\mathsf T}$.
# The part of $\delta_t$ orthogonal to all gradients $\phi_j$ never moves. We therefore look at the span $\mathcal R$ of the gradients only, on which $H$ is positive definite; $r$ is its dimension. A step size is stable
#
# - **in the mean**, if $\|\mathbb E\delta_t\|$ stays bounded from every start in $\mathcal R$;
# - **in mean square**, if $\mathbb E\|\delta_t\|^2$ stays bounded from every start in $\mathcal R$;
# - **almost surely**, if with probability one $\delta_t\to0$ exponentially fast from every start in $\mathcal R$.
#
# Between the first two lies boundedness of $\mathbb E\|\delta_t\|$. It follows from the stability of {prf:ref}`def-stable`, and differs from it at most where the growth rate of $\mathbb E\|\delta_t\|$ is exactly one: below that rate $\mathbb E\|\delta_t\|\to0$ on $\mathcal R$, above it it is unbounded.
#
# ### One parameter, two samples
#
# Everything can be computed in the scalar example, $H_i\in\{1,10\}$ with equal probability. A step multiplies the error by $1-\eta H_i$, and a long path by about $e^{t\,\mathbb E\log|1-\eta H|}$, by the law of large numbers for the logarithms. So the four growth factors a step are
#
# $$
# |1-\eta\,\mathbb EH|,\qquad \mathbb E|1-\eta H|,\qquad \bigl(\mathbb E(1-\eta H)^2\bigr)^{1/2},\qquad e^{\mathbb E\log|1-\eta H|} .
# $$

# %%
def growth_factors(eta):
    factor = np.abs(1 - np.multiply.outer(eta, curvature))
    return {
        "mean": np.abs(1 - eta * curvature.mean()),
        "mean norm": factor.mean(axis=-1),
        "mean square": np.sqrt((factor**2).mean(axis=-1)),
        "almost sure": np.sqrt(factor.prod(axis=-1)),
    }


root = np.sqrt(41.0)
stable = {
    "mean": [(0, 4 / 11)],
    "mean norm": [(0, 2 / 9)],
    "mean square": [(0, 22 / 101)],
    "almost sure": [(0, (11 - root) / 20), ((11 + root) / 20, 11 / 10)],
}

# %% mystnb={"figure": {"name": "fig-scalar", "caption": "Growth a step in four senses in the example with curvatures 1 and 10, and the step sizes at which each is at most one."}, "image": {"alt": "Above, four curves against the step size, which cross the level one at different places; the almost-sure curve dips below one a second time near step size one. Below, four horizontal bars. Mean square and mean norm end near 0.22, almost sure near 0.23 with a second bar from 0.87 to 1.1, mean near 0.36."}}
eta = np.linspace(0.001, 1.25, 1000)
draw.plot_growth_factors(eta, growth_factors(eta), stable);

# %% tags=["nbval-check-output"]
print("   step " + "".join(f"{name:>13s}" for name in stable))
for eta in (0.21, 0.22, 0.225, 0.3, 0.4, 0.95, 1.05, 1.15):
    print(f"{eta:7.3f} " + "".join(f"{factor:13.3f}" for factor in growth_factors(eta).values()))

# %% [markdown]
# Read the rows. At $0.225$ a typical run contracts although the mean norm grows: runs that meet the second sample more often than usual become rarer and rarer, and carry the expectation. At $0.3$ the *mean* contracts and almost no run does: the signs cancel. At $1.05$ it is the other way round, almost every run contracts and the mean does not.

# %%
for name, edges in stable.items():
    worst = max(abs(growth_factors(edge)[name] - 1) for interval in edges for edge in interval)
    claim("scalar-" + name.replace(" ", "-"),
          f"growth a step, {name}, is one at every end of the stable set: largest deviation",
          worst, at_most=1e-12)

# %% [markdown]
# The almost-sure set is not an interval. And since each reshuffled epoch multiplies the error by exactly $(1-\eta)(1-10\eta)$, in this example reshuffled epochs are stable precisely where independent batches are almost surely stable.
#
# Choose the two curvatures, the batch and the step yourself. For a batch of $B$ of eight samples, half with each curvature, the four
# factors are again exact. Try {state}`the step at which the mean grows and the runs die <noise#eta=0.92&low=1&high=10&batch=1>`, and
# {state}`all samples <noise#eta=0.3&low=1&high=10&batch=8>`, for which the four agree.
#
# ```{explorable} noise
# In the online book, and with JavaScript, two curvatures, a batch and a step can be chosen here: the four growth factors, where each is below one, and thirty runs.
# ```
#
# ### Mean square, exactly
#
# Write $M_t=\mathbb E[\delta_t\delta_t^{\mathsf T}]$, a symmetric positive semi-definite $r\times r$ matrix, with $\operatorname{tr}M_t=\mathbb E\|\delta_t\|^2$. As $\delta_t$ is independent of $B_t$, it obeys a *linear* recursion, $M_{t+1}=T_\eta M_t$ with
#
# $$
# \begin{gathered}
# T_\eta M=\mathbb E\bigl[(I-\eta H_B)M(I-\eta H_B)\bigr]=M-2\eta\,CM+\eta^2DM,\\
# CM=\tfrac12(HM+MH),\qquad DM=\mathbb E[H_BMH_B].
# \end{gathered}
# $$ (eq-second-moment)
#
# ```{prf:lemma} The noise of a batch
# :label: lem-batch
#
# For batches of $B$ samples out of $n\ge2$ without replacement, and $H_i=\phi_i\phi_i^{\mathsf T}$,
#
# $$
# DM=(1-p)\,HMH+\frac pn\sum_{i=1}^nH_iMH_i,\qquad p=\frac{n-B}{B(n-1)} .
# $$
# ```
#
# ```{prf:proof}
# We have $H_BMH_B=B^{-2}\sum_{i,j\in B}H_iMH_j$. A given $i$ is in the batch with probability $B/n$, a given pair $i\ne j$ with probability $\frac{B(B-1)}{n(n-1)}$, and
#
# $$
# \sum_{i\ne j}H_iMH_j=n^2HMH-\sum_iH_iMH_i .
# $$
#
# So the coefficient of $HMH$ is $\frac{n(B-1)}{B(n-1)}=1-p$. That of $\sum_iH_iMH_i$ is $\frac1{Bn}\bigl(1-\frac{B-1}{n-1}\bigr)$, which equals $\frac1{Bn}\cdot\frac{n-B}{n-1}=\frac pn$. $\square$
# ```
#
# ```{prf:theorem} The mean-square threshold
# :label: thm-mean-square
#
# Let $\mu=\max\langle M,DM\rangle/\langle M,CM\rangle$ over the non-zero symmetric $r\times r$ matrices, with $\langle M,N\rangle=\operatorname{tr}(MN)$; that is, $\mu=\lambda_{\max}(C^{-1}D)$ on $\mathcal R$. SGD is stable in mean square if and only if
#
# $$
# \eta\le\eta_{\mathrm{ms}}:=\frac2\mu .
# $$
#
# Below $\eta_{\mathrm{ms}}$, $\mathbb E\|\delta_t\|^2\to0$ exponentially fast from every start in $\mathcal R$; above it, $\mathbb E\|\delta_t\|^2$ grows exponentially fast from every start outside a proper subspace of $\mathcal R$. The maximum is attained at a positive semi-definite $M$.
# ```
#
# ```{prf:proof}
# *Everything is symmetric.* For the inner product $\langle\cdot,\cdot\rangle$ on symmetric matrices, $C$ is symmetric and positive definite: in an eigenbasis of $H$ it multiplies the entry $(a,b)$ by $\frac12(h_a+h_b)>0$. $D$ is symmetric, since $\operatorname{tr}(N H_BMH_B)=\operatorname{tr}(M H_BNH_B)$. Hence so is $T_\eta=I-2\eta C+\eta^2D$.
#
# *$T=T_\eta$ is positive*: it maps positive semi-definite matrices to such, because each $(I-\eta H_B)M(I-\eta H_B)$ is one.
#
# *The eigenvalue of $T$ that is largest in size is its largest one, and it has a positive semi-definite eigenmatrix.* Split a symmetric $X=X_+-X_-$ into its positive and negative parts and put $|X|=X_++X_-$, which has the same Frobenius norm. Then
#
# $$
# \begin{aligned}
# \langle|X|,T|X|\rangle-\langle X,TX\rangle&=4\langle X_+,TX_-\rangle\ge0,\\
# \langle|X|,T|X|\rangle+\langle X,TX\rangle&=2\langle X_+,TX_+\rangle+2\langle X_-,TX_-\rangle\ge0,
# \end{aligned}
# $$
#
# since the trace of a product of two positive semi-definite matrices is not negative. So $|\langle X,TX\rangle|\le\langle|X|,T|X|\rangle$: the spectral radius $\rho$ of the symmetric $T$, which is the maximum of the left-hand side over $\|X\|=1$, is attained by the right-hand side at a positive semi-definite matrix. A maximiser of the Rayleigh quotient is an eigenmatrix, and $\rho=\lambda_{\max}(T)$.
#
# *The threshold.* $\lambda_{\max}(T_\eta)\le1$ means that $I-T_\eta=\eta(2C-\eta D)$ is positive semi-definite, that is $\eta\langle M,DM\rangle\le2\langle M,CM\rangle$ for all $M$, that is $\eta\mu\le2$; and the same with strict inequalities. At $\eta=2/\mu$ there is equality for an $M$ with $T_\eta M=M$, which can be chosen
# positive semi-definite, and for it $DM=\mu\,CM$.
#
# *Below and at the threshold.* $\|M_t\|\le\rho^t\|M_0\|$ in the Frobenius norm, because $T$ is symmetric, so that $\mathbb E\|\delta_t\|^2=\operatorname{tr}M_t\le\sqrt r\,\|M_t\|$ is at most $\sqrt r\,\rho^t\|\delta_0\|^2$, with $\rho<1$ for $\eta<2/\mu$ and $\rho=1$ for $\eta=2/\mu$.
#
# *Above.* Let $X\ne0$ be positive semi-definite with $TX=\rho X$, $\rho>1$. Then $\langle X,M_t\rangle=\langle T^tX,M_0\rangle=\rho^t\,\delta_0^{\mathsf T}X\delta_0$, and $\langle X,M_t\rangle\le\|X\|_{\mathrm{op}}\operatorname{tr}M_t$. So $\mathbb E\|\delta_t\|^2$ grows at least like $\rho^t$ unless $X\delta_0=0$. $\square$
# ```
#
# ```{admonition} In the paper
# :class: paper
# The exact threshold $2/\lambda_{\max}(C^\dagger D)$ is a theorem of {cite:t}`mulayoff2024exact`, with $C=\frac12(H\oplus H)$ and $D=(1-p)H\otimes H+\frac pn\sum_iH_i\otimes H_i$ as matrices whose order is the square of the number of parameters. They call the quantity impractical to compute for a network. The proof above, which needs no theorem on positive operators, is ours.
# ```
#
# ```{admonition} Beyond the paper
# :class: beyond
# It is practical. The next proposition turns the eigenvalue problem into one for $n\times n$ matrices in which one application costs two matrix products.
# ```
#
# ```{prf:proposition} The n×n form
# :label: prop-n-by-n
#
# Let $G=V\Gamma V^{\mathsf T}$ with the positive eigenvalues $\gamma_1,\dots,\gamma_r$ of the tangent kernel on the diagonal of $\Gamma$, and $\Theta_{ab}=\frac{2\gamma_a\gamma_b}{\gamma_a+\gamma_b}$. Then $\mu$ is the largest eigenvalue of
#
# $$
# N\mapsto\frac1n\,\Theta\circ\Bigl[(1-p)\,N+p\,n\,V^{\mathsf T}\operatorname{diag}\bigl(VNV^{\mathsf T}\bigr)V\Bigr],
# $$
#
# where $\circ$ is the entrywise product and $\operatorname{diag}$ keeps the diagonal of a matrix.
# ```
#
# ```{prf:proof}
# The columns of $U=\Phi V\Gamma^{-1/2}$ are an orthonormal basis of $\mathcal R$, since $U^{\mathsf T}U=\Gamma^{-1/2}V^{\mathsf T}GV\Gamma^{-1/2}=I$. In it $H$ becomes $U^{\mathsf T}\frac{\Phi\Phi^{\mathsf T}}nU=\Gamma/n$, and $\phi_i$ becomes $U^{\mathsf T}\phi_i=\Gamma^{-1/2}V^{\mathsf T}Ge_i=\Gamma^{1/2}V^{\mathsf T}e_i$. Write $M$ in this basis as $M=\Gamma^{-1/2}N\Gamma^{-1/2}$.
# Then $\phi_i^{\mathsf T}M\phi_i=(VNV^{\mathsf T})_{ii}$, so $DM=\Gamma^{1/2}\bigl[\frac{1-p}{n^2}N+\frac pnV^{\mathsf T}\operatorname{diag}(VNV^{\mathsf T})V\bigr]\Gamma^{1/2}$, and $CM$ has entries $\frac{\gamma_a+\gamma_b}{2n}\cdot\frac{N_{ab}}{\sqrt{\gamma_a\gamma_b}}$. Divide the entry $(a,b)$ of $DM=\mu CM$ by
# $\sqrt{\gamma_a\gamma_b}$, and multiply by $n\,\Theta_{ab}$. $\square$
# ```
#
# `sgd_threshold` is this proposition. We check it against the definition, with Kronecker products of that order, on a network small enough for that.

# %%
tiny, few = random_network(dim=2, width=3, seed=0), np.random.default_rng(3).normal(size=(5, 2))
features = tangent_features(tiny, few)
H = features.T @ features / 5
identity = np.eye(len(H))
C = (np.kron(H, identity) + np.kron(identity, H)) / 2
noise = sum(np.kron(np.outer(f, f), np.outer(f, f)) for f in features) / 5
for B in (1, 2, 4):
    p = (5 - B) / (B * 4)
    D = (1 - p) * np.kron(H, H) + p * noise
    brute = 2 / np.linalg.eigvals(np.linalg.pinv(C, hermitian=True) @ D).real.max()
    claim(f"mean-square-threshold-{B}",
          f"threshold of the $n\\times n$ form over that of the Kronecker form, $B={B}$",
          sgd_threshold(tiny, few, B) / brute, equals=1.0, tol=1e-9, source="Proposition 1.4")

# %% [markdown]
# The second moment itself, {eq}`eq-second-moment`, is `mean_square_path`. It should be the average of many paths, and turn from contraction to growth at the threshold.

# %%
eta = 0.8 * sgd_threshold(tiny, few, 2)
final = np.array([linearized_sgd(tiny, few, eta, 2, 10, seed)[-1] for seed in range(2000)])
exact = mean_square_path(tiny, few, eta, batch_size=2, steps=10)[-1]
claim("second-moment-simulated",
      "average of 2000 paths against the exact second moment, in standard errors",
      abs(final.mean() - exact) / (final.std() / np.sqrt(2000)), at_most=4.0)

# %%
threshold = sgd_threshold(tiny, few, 2)
below, above = (mean_square_path(tiny, few, c * threshold, 2, steps=2000) for c in (0.99, 1.01))
claim("mean-square-contracts",
      "growth of the second moment a step, 1 % below the threshold",
      below[-1] / below[-2], at_most=0.999, source="Theorem 1.1")
claim("mean-square-grows",
      "the same 1 % above it",
      above[-1] / above[-2], at_least=1.001, source="Theorem 1.1")

# %% [markdown]
# The threshold lies between two quantities that are easier to read.
#
# ```{prf:proposition} Between sharpness and the largest gradient
# :label: prop-sandwich
#
# With $v_1$ the unit top eigenvector of $H$ and the variance over the samples $i$,
#
# $$
# \lambda_{\max}(H)\ \le\ \lambda_{\max}(H)+p\,\frac{\operatorname{Var}_i\bigl(v_1^{\mathsf T}H_iv_1\bigr)}{\lambda_{\max}(H)}\ \le\ \mu\ \le\ \max_j\|\nabla_\theta f(x_j)\|^2 .
# $$
# ```
#
# ```{prf:proof}
# Put $M=v_1v_1^{\mathsf T}$ into the quotient. Then $\langle M,CM\rangle=\lambda_{\max}$ and, as the mean of $v_1^{\mathsf T}H_iv_1$ is $\lambda_{\max}$,
#
# $$
# \langle M,DM\rangle=(1-p)\lambda_{\max}^2+\frac pn\sum_i(v_1^{\mathsf T}H_iv_1)^2=\lambda_{\max}^2+p\operatorname{Var}_i(v_1^{\mathsf T}H_iv_1).
# $$
#
# For the last inequality let $K=\max_j\|\phi_j\|^2$ and note $\langle M,CM\rangle=\operatorname{tr}(HM^2)=\frac1n\sum_i\|M\phi_i\|^2$. By Cauchy–Schwarz
#
# $$
# \begin{aligned}
# \langle M,H_iMH_i\rangle&=(\phi_i^{\mathsf T}M\phi_i)^2\le K\|M\phi_i\|^2,\\
# \langle M,HMH\rangle&=\frac1n\sum_i\phi_i^{\mathsf T}MHM\phi_i\le\lambda_{\max}\,\frac1n\sum_i\|M\phi_i\|^2,
# \end{aligned}
# $$
#
# and $\lambda_{\max}\le\operatorname{tr}H=\frac1n\sum_i\|\phi_i\|^2\le K$. The weights $1-p$ and $p$ add up to one. $\square$
# ```
#
# So the noise costs much if a few samples carry the sharpest direction. That all samples press equally on it is not enough for it to cost nothing: the noise acts in the other directions too ({ref}`an exercise <ex-stability-no-noise>` says when it is free). The right-hand end does not know $B$: a step of $2/\max_j\|\nabla f(x_j)\|^2$ is stable in mean square for SGD with *every* batch size.
#
# ### Almost surely
#
# One run does not see expectations. What it sees is the growth rate of a product of random matrices.
#
# ```{prf:definition} Lyapunov exponent
# :label: def-lyapunov
#
# The *top Lyapunov exponent* of a step size is
#
# $$
# \Lambda(\eta)=\lim_{t\to\infty}\frac1t\log\bigl\|(I-\eta H_{B_{t-1}})\cdots(I-\eta H_{B_0})\bigr\|,
# $$
#
# the matrices restricted to $\mathcal R$.
# ```
#
# The limit exists and is the same number (or $-\infty$) with probability one, by the theorem of Furstenberg and Kesten on products of independent, identically distributed matrices. If $\Lambda<0$, almost every run converges, from every start. If $\Lambda>0$, then by Oseledets' theorem almost every run grows at the rate $\Lambda$ from almost every start. If
# $\Lambda=0$ nothing is decided. We write $\eta_{\mathrm{as}}$ for the first step size at which $\Lambda$ stops being negative. For reshuffled epochs the same holds with one factor an epoch, and $\Lambda$ is counted a step.
#
# ```{admonition} In the paper
# :class: paper
# That the sign of a Lyapunov exponent characterises which minima SGD can find is the point of {cite:t}`chemnitz2024characterizing` (we read the abstract). What follows is ours.
# ```
#
# ```{prf:proposition} Which implies which
# :label: prop-order
#
# For independent batches, stability in mean square implies that $\mathbb E\|\delta_t\|$ is bounded, and this implies stability in the mean, which holds exactly for $\eta\le2/\lambda_{\max}(H)$. Every $\eta<\eta_{\mathrm{ms}}$ has $\Lambda(\eta)<0$. Stability in the mean and almost sure stability do not imply one another.
# ```
#
# ```{prf:proof}
# The first two implications are Jensen's inequality, $\|\mathbb E\delta_t\|\le\mathbb E\|\delta_t\|\le(\mathbb E\|\delta_t\|^2)^{1/2}$. The third statement is $\mathbb E\delta_t=(I-\eta H)^t\delta_0$ from the proof of {prf:ref}`lem-flat`, with all eigenvalues of $H$ on $\mathcal R$ positive.
# For $\eta<\eta_{\mathrm{ms}}$ take a $\rho<1$ with $\mathbb E\|\delta_t\|^2\le\sqrt r\,\rho^t\|\delta_0\|^2$. Then $\mathbb E\sum_t\rho^{-t/2}\|\delta_t\|^2\le\sqrt r\,\|\delta_0\|^2\sum_t\rho^{t/2}<\infty$, so the sum is finite with probability one and its terms are bounded: $\limsup\frac1t\log\|\delta_t\|\le\frac14\log\rho<0$. Applied to a basis of starts, this bounds the norm of the product.
# The scalar example is the counterexample in both directions: in it $\eta=0.3$ is stable in the mean and $\Lambda>0$, and $\eta=1.05$ has $\Lambda<0$ and is not stable in the mean. $\square$
# ```
#
# Only the *sign* of $\Lambda$ says something about stability: while it is negative, its size is the rate of the slowest direction, about $-\eta\lambda_{\min}$.
#
# ### The three as functions of the batch size
#
# **Question.** How far apart are the three thresholds at a minimum of a real network, and does the batch size matter?
#
# **Prediction.** At $B=n$ all agree ($p=0$). They separate as $B$ falls, more so if the samples differ in how strongly they pull ({prf:ref}`prop-sandwich`), with $\eta_{\mathrm{ms}}$ the smallest.
#
# **Run.** Two minima. The first is the one that GD found above with $\eta=0.12$. The second is trained on small digit images that were exposed differently: each image is multiplied by a random positive factor, as photographs of one scene with different shutters would be. Bright images have large gradients. (This draw of the factors shows a wide gap; other seeds give wider and narrower ones.)

# %%
digits = digit_pair(3, 5, n_train=32, n_validation=0, seed=0, dataset="digits")
exposure = np.exp(0.5 * np.random.default_rng(4).normal(size=32))
X = digits.X * exposure[:, None]
run = train_sgd(random_network(64, 50, seed=0), X, digits.y, step_size=0.04, max_epochs=20_000)
net = run.network
print(run.status, f"after {run.epochs} epochs at loss {run.loss:.1e}")


# %%
def thresholds(net, X, sizes, steps):
    return {
        "mean": [gd_threshold(net, X) for _ in sizes],
        "mean square": [sgd_threshold(net, X, B) for B in sizes],
        "almost sure": [almost_sure_threshold(net, X, B, "iid", steps, grid=60) for B in sizes],
        "reshuffled": [almost_sure_threshold(net, X, B, "reshuffled", steps, grid=60) for B in sizes],
    }


# %%
trained, exposed = runs[0.12][0].network, "digits, differently exposed"
sizes = {"digits": [1, 2, 4, 8, 16, 32, 64, 128], exposed: [1, 2, 4, 8, 16, 32]}
found = {
    "digits": thresholds(trained, task.X, sizes["digits"], steps=6000),
    exposed: thresholds(net, X, sizes[exposed], steps=25_000),
}

# %% mystnb={"figure": {"name": "fig-thresholds", "caption": "Stability thresholds of two minima against the batch size, in units of $2/\\lambda_{\\max}$. Vertical bars are the brackets within which the Lyapunov exponent changes its sign."}, "image": {"alt": "Two panels. In both a horizontal line at one for the mean, and rising curves for mean square and almost sure that meet it at the full batch. On the plain digits they lie close together. On the differently exposed digits the almost-sure curves lie well above the mean-square one at small batch sizes and both far below the mean."}}
draw.plot_thresholds(found, sizes);

# %% [markdown]
# **What we see.** In both panels of {numref}`fig-thresholds` everything meets at the full batch and spreads towards small ones. On the plain digits single samples cost a factor of {glue:text}`plain-factor`, and it hardly matters which of the two finer notions we take. On the exposed digits it does: at $B=1$ the mean-square threshold is {glue:text}`exposed-ms` of $2/\lambda_{\max}$,
# and single runs contract up to somewhere between {glue:text}`exposed-as-low` and {glue:text}`exposed-as-high` of it. Reshuffling helps further. For some batch sizes the reshuffled threshold even exceeds $2/\lambda_{\max}$ (by {glue:text}`reshuffled-excess` for the lower end of its bracket at best): such a run can sit at a minimum that is *sharper than $2/\eta$*.

# %%
case = found[exposed]
mean, mean_square, almost_sure = case["mean"][0], np.array(case["mean square"]), case["almost sure"]
reshuffled = max(bracket.low for bracket in case["reshuffled"]) / mean
plain = found["digits"]

# %% tags=["hide-input"]
glue("plain-factor", f"{plain['mean'][0] / plain['mean square'][0]:.1f}", display=False)
glue("exposed-ms", f"{mean_square[0] / mean:.2f}", display=False)
glue("exposed-as-low", f"{almost_sure[0].low / mean:.2f}", display=False)
glue("exposed-as-high", f"{almost_sure[0].high / mean:.2f}", display=False)
glue("reshuffled-excess", f"{100 * (reshuffled - 1):.0f} %", display=False)

# %%
claim("thresholds-disagree-mean",
      "mean over mean-square threshold at $B=1$",
      mean / mean_square[0], at_least=2.0)
claim("thresholds-disagree-almost-sure",
      "lower end of the almost-sure bracket over the mean-square threshold at $B=1$",
      almost_sure[0].low / mean_square[0], at_least=1.1, source="Proposition 1.6")
claim("reshuffled-beyond-the-lemma",
      "largest lower end of the reshuffled almost-sure brackets over $2/\\lambda_{\\max}$: single "
      "reshuffled runs contract at a minimum sharper than $2/\\eta$",
      reshuffled, at_least=1.0)
claim("threshold-grows-with-batch",
      "smallest increase of the mean-square threshold from one batch size to the next, relative",
      np.diff(mean_square).min() / mean, at_least=0.0)
norms = np.diag(tangent_kernel(net, X))
claim("largest-gradient",
      "$\\mu/\\max_j\\|\\nabla f(x_j)\\|^2$ at $B=1$",
      2 / mean_square[0] / norms.max(), at_most=1.0, source="Proposition 1.5")

# %% [markdown]
# And the lemma itself, which is about expectations? With reshuffled epochs of two batches of 16 we average the second moment over a thousand permutations, at a step beyond $2/\lambda_{\max}$.

# %%
F, rng = np.linalg.cholesky(tangent_kernel(net, X)), np.random.default_rng(0)  # rows: the gradients


def reshuffled_epoch(eta, B=16):
    A = np.eye(len(F))
    for batch in rng.permutation(len(F)).reshape(-1, B):
        A = A - eta / B * F[batch].T @ (F[batch] @ A)
    return A


epochs, M = np.stack([reshuffled_epoch(1.04 * mean) for _ in range(1000)]), np.eye(len(F))
for _ in range(60):
    before, M = M, np.mean(epochs @ M @ epochs.transpose(0, 2, 1), axis=0)
claim("lemma-fails-reshuffled",
      "growth of the second moment an epoch at 1.04 times $2/\\lambda_{\\max}$, over epochs drawn from "
      "1000 permutations: on a real network too the lemma fails without independence",
      np.trace(M) / np.trace(before), at_most=0.999)

# %% [markdown]
# The scalar counterexample to the lemma was no freak.
#
# ### On both sides of each threshold
#
# A threshold is a prediction: a little below it something contracts, a little above it the same thing grows. We take the exposed digits with batches of four and look at the mean, at the exact second moment and at single runs, each on both sides of its own threshold.

# %%
B, horizon = 4, 400
as_low, as_high = almost_sure[2].low, almost_sure[2].high
sides = {"below": (0.97, 0.85 * as_low), "above": (1.03, 1.15 * as_high)}
means = {side: linearized_sgd(net, X, c * mean, None, horizon) for side, (c, _) in sides.items()}
squares = {side: mean_square_path(net, X, c * mean_square[2], B, horizon)
           for side, (c, _) in sides.items()}
singles = {side: np.array([linearized_sgd(net, X, eta, B, horizon, seed) for seed in range(20)])
           for side, (_, eta) in sides.items()}

# %% mystnb={"figure": {"name": "fig-both-sides", "caption": "Squared distance to the minimum in three senses, below and above the threshold of that sense, on the differently exposed digits with $B=4$. The mean is $\\|\\mathbb E\\delta_t\\|^2$, the mean square $\\mathbb E\\|\\delta_t\\|^2$."}, "image": {"alt": "Three panels. In each the blue curves, below the threshold, fall, and the red curves, above it, grow after a short initial fall. The third panel shows twenty runs a side."}}
draw.plot_both_sides({"mean, 3 % below and above": means, "mean square, 3 % below and above": squares,
                      "single runs, 15 % below and above": singles});

# %%
grew = np.mean(singles["above"][:, -1] > 1)
fell = np.mean(singles["below"][:, -1] < 1)
claim("runs-above-grow",
      "share of twenty runs that grew, above the almost-sure threshold",
      grew, at_least=0.9, source="Definition 1.4")
claim("runs-below-shrink",
      "share of twenty runs that shrank, below it",
      fell, at_least=0.9, source="Definition 1.4")
claim("mean-both-sides",
      "per-step growth of the mean above its threshold: $(1-\\eta\\lambda_{\\max})^2=1.06^2$",
      means["above"][-1] / means["above"][-2], equals=1.06**2, tol=1e-3)
claim("mean-below", "the same 3 % below it", means["below"][-1] / means["below"][-2], at_most=0.9999)
claim("square-above", "growth a step of the second moment, 3 % above its threshold",
      squares["above"][-1] / squares["above"][-2], at_least=1.01)
claim("square-below", "the same 3 % below it", squares["below"][-1] / squares["below"][-2], at_most=0.9999)

# %% [markdown]
# ### Growing in mean square, shrinking in nearly every run
#
# Between the mean-square and the almost-sure threshold the two descriptions contradict each other as openly as they can. We go 10 % beyond $\eta_{\mathrm{ms}}$ with single samples, and follow 400 independent runs of the linearised dynamics.

# %%
beyond = 1.1 * mean_square[0]
paths = np.array([linearized_sgd(net, X, beyond, 1, 600, seed) for seed in range(400)])
exact = mean_square_path(net, X, beyond, 1, 600)
glue("paths-grown", f"{np.mean(paths[:, -1] > 1):.1%}".replace("%", " %"), display=False)
glue("paths-median", f"{np.median(paths[:, -1]):.2f}", display=False)
glue("exact-power", f"{np.log10(exact[-1]):.0f}", display=False)

# %% mystnb={"figure": {"name": "fig-paths", "caption": "400 runs of the linearised dynamics at 1.1 times the mean-square threshold, $B=1$, and the exact second moment of the very same random variable."}, "image": {"alt": "Squared distance to the minimum against the step, logarithmic. A green band with all four hundred runs drifts downwards, their average with it. A blue curve, the exact expectation, follows the average for a few dozen steps and then rises on a straight line to astronomically large values."}}
draw.plot_paths(paths, exact);


# %% [markdown]
# After 600 steps {glue:text}`paths-grown` of the runs are farther away than they began, the median of the squared distance has fallen from 1 to {glue:text}`paths-median`, and its expectation is of the order of 10 to the power {glue:text}`exact-power`. Nothing is wrong: the expectation is carried by runs so rare that four hundred do not contain one. The average of the runs in
# {numref}`fig-paths` follows the exact curve only as long as the paths are still alike.
#
# Does the network itself behave like its linearisation? We push the trained network a little and run true SGD with single samples, at the same step size and then beyond the almost-sure threshold.

# %%
def real_sgd(eta, seed):
    return train_sgd(push(net, seed), X, net(X), eta, batch_size=1, tolerance=1e-30, max_epochs=40,
                     seed=seed, sampling="iid")


inside = [real_sgd(beyond, seed) for seed in range(20)]
outside = [real_sgd(2 * almost_sure[0].high, seed) for seed in range(20)]
shrunk = [run.loss / mean_square_loss(push(net, seed), X, net(X)) for seed, run in enumerate(inside)]
claim("sgd-stays-beyond-mean-square",
      "largest ratio of final to initial loss of twenty real SGD runs 10 % beyond the mean-square threshold",
      max(shrunk), at_most=1.0)
claim("sgd-leaves-beyond-almost-sure",
      "smallest loss of twenty real SGD runs at twice the almost-sure threshold",
      min(run.loss for run in outside), at_least=1e-6)

# %% [markdown]
# **What would have falsified this.** A run that settles where its own step size has a positive exponent; or runs that are thrown out between $\eta_{\mathrm{ms}}$ and $\eta_{\mathrm{as}}$ as reliably as beyond $\eta_{\mathrm{as}}$.
#
# (knots-on-a-sample)=
# ## Knots on a sample
#
# The theory of this chapter asks for a *differentiable* minimum: no neuron may switch exactly on a sample. That sounds like a condition which fails with probability zero. It is not. We look at all pre-activations $z_{ij}=w_i\cdot x_j+b_i$ of the networks that GD found on the digits.

# %% mystnb={"figure": {"name": "fig-knots", "caption": "Sizes of the pre-activations of all pairs of a neuron and a sample at the end of two of the runs."}, "image": {"alt": "Two histograms on a logarithmic axis. Most pairs lie around size 0.3, with a tail to the left. Apart from them, five or more orders of magnitude further to the left, there is a second small heap."}}
nets = {f"step size {eta:g}": runs[eta][0].network for eta in (0.03, 0.12)}
draw.plot_preactivations({name: found.preactivations(task.X) for name, found in nets.items()});


# %% [markdown]
# There is a second heap. Some knots sit on samples, as closely as the remaining loss allows, and they are held there.
#
# ```{prf:proposition} A trap for knots
# :label: prop-trap
#
# In full-batch gradient descent on a shallow network, the pre-activation of neuron $i$ at sample $j$ changes in one step by exactly $z_{ij}\mapsto z_{ij}+b-a\,1_{z_{ij}>0}$, where
#
# $$
# a=\frac\eta n\,r_jv_i\,(\|x_j\|^2+1),\qquad b=-\frac\eta n\sum_{l\ne j}r_lv_i1_{il}\,(x_l\cdot x_j+1).
# $$
#
# If $a$ and $b$ stay constant with $0<b<a$, then outside the interval $(b-a,b]$ $z_{ij}$ moves towards it by at least $\min(b,a-b)$ a step, and once inside it never leaves.
# ```
#
# ```{prf:proof}
# The gradient of $L$ by $(w_i,b_i)$ is $\frac1n\sum_lr_lv_i1_{il}(x_l,1)$, and $z_{ij}$ is linear in $(w_i,b_i)$ with coefficients $(x_j,1)$; split off the term $l=j$. Now let $0<b<a$. If $z>0$ the step takes it to $z-(a-b)$, which is smaller than $z$ and larger than $b-a$. If $z\le0$ the step takes it to $z+b$, which is larger than $z$ and at most $b$. So $z>b$ falls, and $z\le b-a$ rises, by the amounts stated,
# and from $(b-a,b]$ both cases lead back into it. $\square$
# ```
#
# In training $a$ and $b$ change slowly; the proposition describes the steps over which they hardly do. The length of the trap is $a$, proportional to the residual $r_j$. As training proceeds $a$ and $b$ shrink together and the knot is pinned to the sample. On one side of it the sample itself pushes it away, on the other side the remaining samples push it back: a control engineer would call this a sliding mode. The condition needs $r_jv_i>0$, and that can be checked.

# %%
def last_steps(eta, count=20):
    """The networks along ``count`` further steps of a run."""
    nets = []
    train_sgd(runs[eta][0].network, task.X, task.y, eta, tolerance=1e-30, max_epochs=count,
              observe=lambda _, net: nets.append(net))
    return nets


# %%
nets = last_steps(0.03)
patterns = np.array([net.pattern(task.X) for net in nets])
switching = (patterns != patterns[0]).any(axis=0)
pushed_away = np.outer(nets[0](task.X) - task.y, nets[0].v) > 0
glue("switching", f"{switching.sum()}", display=False)
glue("pairs", f"{switching.size}", display=False)
claim("knots-on-samples",
      "pairs of a neuron and a sample that switch on or off within twenty steps near the end of "
      "the shortest-step run",
      switching.sum(), at_least=5)
claim("knots-are-trapped",
      "share of them with $r_jv_i>0$, which is necessary for the trap",
      pushed_away[switching].mean(), at_least=0.9, source="Proposition 1.7")
claim("trap-sign-of-all-pairs", "the same share among all pairs", pushed_away.mean(), at_least=0.4, at_most=0.6)

# %% [markdown]
# In the run with $\eta=0.03$, {glue:text}`switching` of {glue:text}`pairs` pairs switch within twenty steps, at a loss where nothing visible moves any more. So gradient descent, with short steps as with long ones, *is on its way to minima that are not differentiable*: these knots come to lie on the samples as the residuals vanish. What becomes of the sharpness there? Every switch exchanges one matrix $\Phi$ for another.

# %%
spread = np.array([sharpness(net, task.X) for net in last_steps(0.12)]) * 0.12 / 2
glue("spread-low", f"{spread.min():.3f}", display=False)
glue("spread-high", f"{spread.max():.3f}", display=False)
exposed_steps = []
_ = train_sgd(net, X, digits.y, 0.04, tolerance=1e-30, max_epochs=20,
              observe=lambda _, net: exposed_steps.append(sgd_threshold(net, X, 1)))

# %%
claim("sharpness-across-patterns",
      "largest over smallest sharpness along twenty steps at the end of the run with $\\eta=0.12$",
      spread.max() / spread.min(), at_most=1.05)
claim("threshold-across-patterns",
      "largest over smallest mean-square threshold along twenty steps at the exposed minimum, "
      "$B=1$",
      max(exposed_steps) / min(exposed_steps), at_most=1.1)

# %% [markdown]
# Along twenty consecutive steps at the end of the run with $\eta=0.12$, the ratio of sharpness to $2/\eta$ reads between {glue:text}`spread-low` and {glue:text}`spread-high`, although the weights hardly move. This is the other part of the scatter. When this book says "the sharpness of a trained network" it means that of the pattern at the last iterate,
# with a neuron at its kink counted as off. Where no pre-activation is exactly zero, that network *is* a differentiable minimum for its own outputs as labels, and all thresholds above are those of that pattern. The claims bound how much another pattern would have changed them.
#
# ```{admonition} Beyond the paper
# :class: beyond
# At a minimum with a knot on a sample {prf:ref}`lem-flat` is not only unproved but can be false, even for gradient descent. In one dimension let $L(\theta)=\frac12\lambda_+\theta^2$ for $\theta\ge0$ and $\frac12\lambda_-\theta^2$ for $\theta\le0$, both positive. A step multiplies by $1-\eta\lambda_\pm$ according to the side.
#
# - If $\eta\lambda_->1$ and $\eta\lambda_+>1$, the iterate changes sides at every step and two steps multiply it by $(\eta\lambda_+-1)(\eta\lambda_--1)$. It stays bounded if and only if this is at most one: one side may be sharper than $2/\eta$ if the other makes up for it.
# - If $\eta\lambda_-\le1$, an iterate on the left stays there and shrinks, and one on the right either does the same or is thrown to the left. The minimum is stable **however sharp the right side is**.
#
# A bound for such minima needs a stronger notion of stability. {cite:t}`mulayoff2021implicit` have a version of their theorem for minima that they call strongly stable; we have not reproduced it.
# ```

# %% tags=["nbval-check-output"]
for left, right in ((1.4, 3.0), (1.6, 3.0), (0.5, 100.0)):
    theta = 1.0
    for _ in range(60):
        theta -= (right if theta > 0 else left) * theta
    print(f"step x curvature: left {left}, right {right:5.1f}   error after 60 steps {abs(theta):.1e}")

# %% [markdown]
# ## Summary
#
# - A small error at an interpolating minimum is multiplied by $I-\eta H_B$ a step; gradient descent stays if and only if $\lambda_{\max}(H)\le2/\eta$, and SGD with independent batches, in expectation, only if so.
# - At interpolation $H=\Phi\Phi^{\mathsf T}/n$, and everything can be computed from the $n\times n$ tangent kernel, which has a closed form.
# - Sharpness is a property of parameters; a function is stable if some parametrisation of it is.
# - On real digits gradient descent ends at sharpness $2/\eta$ when shorter steps end at a sharper place; and it pins knots to samples, so that its minima are not quite differentiable.
# - For SGD there are three thresholds: in mean square (exact, smallest), almost surely (what single runs feel) and in the mean (the lemma's). They differ, and reshuffled epochs have one of their own.
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
# The errors satisfy $\delta_{t+1}=(1+\beta-\eta\lambda)\delta_t-\beta\delta_{t-1}$, so they die out if and only if both roots of $q(z)=z^2-sz+\beta$, $s=1+\beta-\eta\lambda$, lie inside the unit circle. The product of the roots is $\beta<1$.
#
# If they are complex they are conjugate, so both have modulus $\sqrt\beta<1$; this happens for $s^2<4\beta$. If they are real, they have the same sign or one vanishes, and both lie in $(-1,1)$ if and only if $q(1)>0$ and $q(-1)>0$: the product being below one, at least one root lies in $(-1,1)$, and the other lies in it exactly if $q$ is positive at both ends. In the complex case $q>0$
# everywhere, so the criterion is the same in all cases: $q(1)=1-s+\beta=\eta\lambda>0$, which holds, and $q(-1)=1+s+\beta=2(1+\beta)-\eta\lambda>0$. For $\beta=0.9$ the threshold is $3.8/\lambda$, nearly twice that of gradient descent.

# %%
beta = 0.9


def radius_of(product):
    return np.abs(np.roots([1, -(1 + beta - product), beta])).max()


claim("momentum-threshold",
      "spectral radius of heavy-ball momentum at $\\eta\\lambda=2(1+\\beta)$",
      radius_of(2 * (1 + beta)), equals=1.0, tol=1e-9)
claim("momentum-below", "the same 1 % below it", radius_of(1.98 * (1 + beta)), at_most=0.9999)
claim("momentum-above", "the same 1 % beyond it", radius_of(2.02 * (1 + beta)), at_least=1.01)

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
model, eta = push(flat).to_torch(), 1.05 / sharpness(flat, x)
optimiser = torch.optim.SGD(model.parameters(), lr=eta)
losses = []
for _ in range(60):
    optimiser.zero_grad()
    value = torch.nn.functional.mse_loss(model(torch.tensor(x[:, None])), torch.tensor(y[:, None]))
    value.backward()
    optimiser.step()
    losses.append(value.item())
claim("mse-loss-halves-the-threshold",
      "growth a step of torch's loss at $\\eta=1.05/\\lambda_{\\max}$: $1.1^2$",
      losses[-1] / losses[-2], equals=1.1**2, tol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Larger batches are more stable
# :label: ex-stability-monotone
#
# Show that $\eta_{\mathrm{ms}}$ does not decrease when the batch size grows. (See it first, {state}`with three samples of eight
# <noise#eta=0.3&low=1&high=10&batch=3>`: which of the other thresholds move?)
# ```
#
# ```{solution} ex-stability-monotone
# :label: sol-stability-monotone
# :class: dropdown
#
# By {prf:ref}`lem-batch`, $\langle M,DM\rangle=\langle M,HMH\rangle+p\,Q(M)$ with
#
# $$
# Q(M)=\frac1n\sum_i(\phi_i^{\mathsf T}M\phi_i)^2-\frac1{n^2}\sum_{i,j}(\phi_i^{\mathsf T}M\phi_j)^2 .
# $$
#
# Let $M$ be positive semi-definite. Then $(\phi_i^{\mathsf T}M\phi_j)^2\le(\phi_i^{\mathsf T}M\phi_i)(\phi_j^{\mathsf T}M\phi_j)$ by Cauchy–Schwarz, so the double sum is at most $\bigl(\frac1n\sum_i\phi_i^{\mathsf T}M\phi_i\bigr)^2$, which is at most $\frac1n\sum_i(\phi_i^{\mathsf T}M\phi_i)^2$ by Jensen. Hence $Q(M)\ge0$: for
# each positive semi-definite $M$ the quotient $\langle M,DM\rangle/\langle M,CM\rangle$ does not decrease with $p$. By {prf:ref}`thm-mean-square` its maximum $\mu$ is attained at such an $M$ for every $p$, so $\mu$ does not decrease with $p$ either. And $p=\frac{n-B}{B(n-1)}$ falls as $B$ grows. (For an $M$ that is not positive semi-definite, $Q$ can be negative: the theorem's last sentence is needed.)
# ```
#
# ```{exercise-start} When noise costs nothing
# :label: ex-stability-no-noise
# ```
#
# (a) Show that at $B=1$ the mean-square and the mean thresholds coincide if and only if all gradients $\phi_j$ are equal up to their sign. Hint: put $M=I$ into the quotient. (b) Then they coincide for every $B$. (c) Design distinct samples and a network with at least one active neuron for which this happens, and check.
#
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-stability-no-noise
# :label: sol-stability-no-noise
# :class: dropdown
# ```
#
# (a) At $B=1$, $p=1$ and $\langle I,DI\rangle/\langle I,CI\rangle=\sum_i\|\phi_i\|^4/\sum_i\|\phi_i\|^2\ge\frac1n\sum_i\|\phi_i\|^2=\operatorname{tr}H\ge\lambda_{\max}(H)$. So $\mu=\lambda_{\max}(H)$ forces both to be equalities: the first means that all norms are equal, the second that $H$ has rank one, so all $\phi_i$ are multiples of one vector. Together: $\phi_i=\pm\phi$. With an output bias,
# whose derivative is $1$, the sign is $+$.
# (b) If $\phi_i=\pm\phi$, then $\max_j\|\phi_j\|^2=\|\phi\|^2=\lambda_{\max}(H)$ and {prf:ref}`prop-sandwich` closes, for every $B$.
# (c) The derivative by $w_i$ is $v_i1_{ij}x_j$. It must not depend on $j$, so $v_i=0$ for the active neurons; and $z_{ij}^+$ must not either, so the samples lie on a hyperplane parallel to the kink (in the plane, a line). Orthonormal gradients, by contrast, are the worst case (always $\|\phi_i\|^2\le n\lambda_{\max}$, so $\mu\le n\lambda_{\max}$): every eigenvalue of $H$ is $1/n$, while $\mu=1$ at $B=1$.

# %%
level = ShallowReLU(W=[[1.0, 0.0]], b=[0.5], v=[0.0], c=1.0)
line = np.column_stack([np.ones(6), np.arange(6.0)])
claim("no-noise",
      "mean-square over mean threshold when all gradients agree, smallest over $B$",
      min(sgd_threshold(level, line, B) for B in range(1, 7)) / gd_threshold(level, line),
      equals=1.0, tol=1e-10)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} An exponent by hand
# :label: ex-stability-kaczmarz
# ```
#
# Two samples whose gradients have equal length and enclose the angle $\vartheta$ with $0<\cos\vartheta<1$; $B=1$ and $\eta=1/\|\phi\|^2$. Compute the Lyapunov exponent for independent batches and for reshuffled epochs. Then check `lyapunov_exponent` on a network.
#
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-stability-kaczmarz
# :label: sol-stability-kaczmarz
# :class: dropdown
# ```
#
# At this step size $I-\eta\phi_i\phi_i^{\mathsf T}$ is the orthogonal projection onto the line orthogonal to $\phi_i$ (in the plane of the two gradients). After a step the error lies on the line of the sample used last. Using the same sample again changes nothing; using the other one multiplies the length by the cosine of the angle between the two lines, which is $\cos\vartheta=G_{12}/G_{11}$. Independent batches
# switch with probability ½, so $\Lambda=\frac12\log\cos\vartheta$. An epoch of two reshuffled samples contains one switch, and a further one at its beginning with probability ½: $\frac32$ in two steps, so $\Lambda=\frac34\log\cos\vartheta$. Reshuffling is faster by half. (This is the randomised Kaczmarz method for two equations.)

# %%
even, pair = ShallowReLU(W=[[1.0], [-1.0]], b=[0.5, 0.5], v=[0.7, 0.7], c=0.0), np.array([-0.3, 0.3])
kernel = tangent_kernel(even, pair)
for sampling, factor in (("iid", 0.5), ("reshuffled", 0.75)):
    estimate = lyapunov_exponent(even, pair, 1 / kernel[0, 0], 1, sampling, seed=1)
    exact = factor * np.log(kernel[0, 1] / kernel[0, 0])
    claim(f"kaczmarz-{sampling}",
          f"distance of the estimated from the exact exponent in standard errors, {sampling}",
          abs(estimate.value - exact) / estimate.standard_error, at_most=4.0)

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
    print(f"scale {scale:5.1f}   sharpness {sharpness(rescaled, [-1.0, 0.2, 1.0]):8.3f}")

# %% [markdown]
# ```{solution-end}
# ```
#
# ## Notes and references
#
# Linear stability in the sense of {prf:ref}`def-stable`, the lemma, and the passage to functions are taken from {cite:t}`mulayoff2021implicit`; on dynamical stability and the selection of minima see also {cite:t}`wu2018sgd` (not read by us). The main paper of this book, {cite:t}`nacson2023implicit`, of which we could read only the abstract and the start of the introduction, builds on it. The exact mean-square threshold is a theorem of
# {cite:t}`mulayoff2024exact`; the almost-sure notion is that of {cite:t}`chemnitz2024characterizing`. The phrase "edge of stability" is from the title of {cite:t}`cohen2021gradient`. The digits are those of {cite:t}`lecun1998gradient` or, where they cannot be had, the 8×8 digits that ship with scikit-learn.
#
# The short proof of {prf:ref}`thm-mean-square`, the $n\times n$ form, the upper end in {prf:ref}`prop-sandwich`, the bound in {prf:ref}`prop-residual`, the counterexamples and all experiments of this chapter are ours.
