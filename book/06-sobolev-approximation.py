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
# (sobolev-approximation)=
# # Sobolev approximation: smooth functions have flat networks
#
# ```{twenty-minutes} more-neurons-no-sharper from-infinitely-many-neurons-to-finitely-many thm-sob-norm thm-sob-maurey thm-sob-flat cor-sob-main fig-sob-flatness thm-sob-exact fig-sob-crease
# ```
#
# A step size forbids functions. Which ones does it allow? Every function with enough derivatives is within reach: shallow networks approximate it as well as we like, and their sharpness stays below a number $\Lambda$ that depends on the function and the ball alone. So one step size, $2/\Lambda$, serves them all, with batches of any size. The labels are those of the network at first; in {ref}`sec-sob-exact` we prove that on a fixed sample they may be exactly those of the function.
#
# After this chapter you can
#
# - turn a smooth function into a network of any width, flat by construction, and say beforehand how sharp it can be;
# - tell, from samples of your own function, whether it has a flat network at all;
# - bound the cost of a function by its derivatives, and say what is proved in even dimension and what is not;
# - choose the scale of each neuron so that the same function becomes as flat as the bound allows.
#
# **You need:** the tangent kernel and linear stability ({ref}`linear-stability`), the stability norm, ridge densities and the Radon transform
# ({ref}`multivariate-bound`), for the last section the pyramid of {ref}`depth-separation`, and the symbols in {doc}`the notation table <notation>`.

# %%
import warnings
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue
from scipy.special import dawsn

from stableminima import (ShallowReLU, data_weight, gd_threshold, linearized_sgd,
                          sharpness, stability_norm)
from stableminima.book.claims import claim
from stableminima.book.figures import sobolev_approximation as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.datasets import load_small_digits, uniform_ball
from stableminima.functions import (
    Gaussian, KnownDensity, Mixture, MollifiedPyramid, drawing_error,
    gaussian_ridge_density, in_gauge, inversion_constant, mollified_norm, norm_of,
    pyramid, rebuild, ridge_network, ridge_neurons, ridge_norm, ridges_of,
    sharpness_bound, sharpness_ceiling, sphere_area, sphere_rule)
from stableminima.networks import with_labels
from stableminima.stability import squared_gradients

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# ## More neurons, no sharper
#
# Two hills and a hollow: we approximate this function of the plane on the disc of radius $R=$ {glue:text}`radius` by networks of growing width, made by a recipe that we shall derive, and measure the sharpness at {glue:text}`points` inputs.

# %%
landscape = Mixture([Gaussian([0.8, 0.4], 0.35 * np.eye(2)),
                     Gaussian([-0.8, 0.6], [[0.5, 0.15], [0.15, 0.3]]),
                     Gaussian([-0.1, -0.9], 0.4 * np.eye(2))], [1.0, -1.0, 0.8])


class Ball(NamedTuple):
    radius: float = 2.0
    points: int = 300  # inputs at which we measure
    widths: tuple = (16, 64, 256, 1024, 4096)
    fine: int = 256  # from this width on the sharpness should stand still
    drawings: int = 10  # over which statements are made


BALL = Ball()
R, DRAWINGS = BALL.radius, range(SEED, SEED + BALL.drawings)
X = uniform_ball(BALL.points, 2, R, seed=SEED + 1)
grown = {k: [ridge_network(landscape, k, R, seed=seed) for seed in DRAWINGS]
         for k in BALL.widths}

def rms(net, function, points):
    return np.sqrt(np.mean((net(points) - function(points)) ** 2))


# %% mystnb={"figure": {"name": "fig-sob-growing", "caption": "A smooth function and its networks, the first of ten drawings. The lines are the hyperplanes of the two narrow ones, blue where the network folds upwards, red where downwards."}, "image": {"alt": "Six discs. The first shows an orange hill to the right, a purple hollow to the left, a smaller hill below. With 16 neurons the network is a crude patchwork of facets, with 64 the hills appear, from 256 on the picture can hardly be told from the function."}}
titles = {f"$k={k}$, $\\lambda={sharpness(nets[0], X):.2f}$": nets[0]
          for k, nets in grown.items()}
draw.plot_planar({"the function": landscape} | titles, R, 1.2)
plt.show()

# %% tags=["nbval-check-output"]
flat = {k: [sharpness(net, X) for net in nets] for k, nets in grown.items()}
for k, nets in grown.items():
    error = [rms(net, landscape, X) for net in nets]
    print(f"k = {k:4d}   rms error {min(error):.3f} to {max(error):.3f}"
          f"   sharpness {min(flat[k]):.2f} to {max(flat[k]):.2f}")
middle, widest, ten = BALL.fine, BALL.widths[-1], spelled(BALL.drawings)
glue("radius", f"{R:g}", display=False)
glue("points", spelled(BALL.points), display=False)
glue("drawings", ten, display=False)
glue("fine", spelled(middle), display=False)
glue("finer", spelled(widest), display=False)
claim("sob-first-error",
      f"rms error of {widest} neurons for the landscape of height 1, worst of {ten}",
      max(error), at_most=0.05)
claim("sob-first-flat",
      f"relative change of the sharpness from {middle} to {widest} neurons, "
      f"worst of {ten}",
      max(abs(wide / narrow - 1)
          for narrow, wide in zip(flat[middle], flat[widest], strict=True)),
      at_most=0.05)

# %% [markdown]
# From {glue:text}`fine` neurons to {glue:text}`finer` the error falls below a twentieth of the height of a hill, and the sharpness changes by less than a twentieth of itself, in each of {glue:text}`drawings` drawings. The folds of a fine network are many and each is slight. For which functions is this so?
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`nacson2023implicit` state, in their abstract, that sufficiently smooth functions, in a Sobolev sense, are approximated arbitrarily well by shallow networks that are stable solutions of gradient descent. {cite:t}`ongie2020function` show that functions in $W^{m,1}$, $m\ge d+1$, have bounded norm ($W^{m,1}$: the functions whose derivatives up to order $m$ are integrable). We could not read the former's proof; construction and proofs below are our own ({ref}`what was known <sec-sob-known>`).
# ```
#
# ## From infinitely many neurons to finitely many
#
# In {ref}`multivariate-bound` a smooth function was rebuilt from its ridge density $\alpha=-c_dR(-\Delta)^{(d+1)/2}f$, $c_d=1/(2(2\pi)^{d-1})$. There, {prf:ref}`thm-mv-density` is proved for Schwartz functions. As $\alpha(-u,-t)=\alpha(u,t)$, opposite directions contribute the same; and for $\|x\|\le R$ the inner integral may run over $0<t<R$ with $\sigma(u\cdot x-t)$ in place of $u\cdot x-t$. So
#
# $$
# f(x)=f(0)+\nabla f(0)\cdot x+2\int_{S^{d-1}}\int_0^R\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du .
# $$ (eq-sob-identity)
#
# This is a network with infinitely many infinitely small neurons. As $t>0$, all are off at the origin, and the affine part is Taylor's. What the function costs is the total fold.
#
# ```{prf:definition} The norm of a smooth function
# :label: def-sob-norm
#
# $$
# \|f\|_{\mathcal R}=\int_{S^{d-1}}\int_{\mathbb R}|\alpha(u,t)|\,dt\,du,
# $$
#
# and on the ball $A=A_R(f)$, the same integral over $|t|<R$; so $A\le\|f\|_{\mathcal R}$.
# ```
#
# This is $S_g$ with $g=1$. For a finite network, *draw* neurons from $|\alpha|$.
#
# ```{prf:algorithm} Drawing a network
# :label: alg-sob-draw
#
# **Input** $f$, width $k$, radius $R$. **Output** a network on the ball $\|x\|\le R$.
#
# 1. Draw $(u_i,t_i)$, $i\le k$, with density $2|\alpha(u,t)|/A$ on $S^{d-1}\times(0,R)$.
# 2. Put $a_i=\frac Ak\operatorname{sgn}\alpha(u_i,t_i)$ and $c=f(0)$.
# 3. If $\nabla f(0)\ne0$, add two neurons on one hyperplane: $a=\pm\|\nabla f(0)\|$, $u=\pm\nabla f(0)/\|\nabla f(0)\|$, $t=0$. Together they are $\nabla f(0)\cdot x$.
# ```
#
# (If $A=0$, $f$ is affine on the ball, and only $c$ and step 3 remain.) As $\alpha$ is even, $0<t<R$ carries half of $A$, and the density is normalised; the mean of $a_i\sigma(u_i\cdot x-t_i)$ is the integral in {eq}`eq-sob-identity`, with its factor 2, divided by $k$. The library draws from a piecewise linear *fit* $p$ of $2|\alpha|/A$ and sets $a_i=2\alpha/(kp)$: no bias, but amplitudes that are not exactly equal, and $\sum|a_i|$ is an estimate of $A$.
#
# {numref}`fig-sob-drawing` draws {glue:text}`fine` neurons for the landscape, independently and with a scrambled Sobol sequence, which spreads them more evenly (*quasi-Monte Carlo*).

# %% mystnb={"figure": {"name": "fig-sob-drawing", "caption": "The ridge density of the landscape on the half of the sinogram with $t>0$, and 256 neurons drawn from its absolute value (blue crosses fold upwards, red circles downwards), the first of ten drawings."}, "image": {"alt": "Two panels with the same wavy orange and purple bands. Above, the marks are scattered with clumps and gaps; below, they follow the bands with even spacing."}}
kinds = {"independent": "mc", "quasi-Monte Carlo": "qmc"}
drawn = {name: ridge_neurons(landscape, BALL.fine, R, kind, SEED)
         for name, kind in kinds.items()}
draw.plot_drawing(landscape, R, drawn)
plt.show()

# %% [markdown]
# ### For which functions the identity holds
#
# The identity extends from Schwartz functions to whatever they approximate in a norm that controls both sides.
#
# ```{prf:lemma} The identity for Sobolev functions
# :label: lem-sob-extension
#
# Suppose that for some $m\ge d+1$ the norm $\|f\|_{\mathcal R}$ is at most a constant times $\|f\|_{W^{m,1}}$ for all Schwartz functions. Then $\alpha$ extends continuously to $f\in W^{m,1}(\mathbb R^d)$, such an $f$ is continuously differentiable, and {eq}`eq-sob-identity` holds for it whenever $\|x\|\le R$.
# ```
#
# ```{prf:proof}
# For a Schwartz function $h$, $h(x)=\int_{y\le x}\partial_1\cdots\partial_dh(y)\,dy$ (coordinate by coordinate), so $\sup|h|\le\|h\|_{W^{d,1}}$. With $h=f$ and $h=\partial_jf$, $\sup|f|+\sup\|\nabla f\|$ is at most a constant times $\|f\|_{W^{d+1,1}}$.
# Schwartz functions are dense in $W^{m,1}$. If $f_n\to f$ there, then $f_n$ and $\nabla f_n$ converge uniformly, so $f\in C^1$ and the left side and the Taylor part of {eq}`eq-sob-identity` converge; and $\alpha_n$ is a Cauchy sequence in $L^1(S^{d-1}\times\mathbb R)$, whose limit we call $\alpha$; it is even, and does not depend on the sequence. On $0<t<R$ the function $\sigma(u\cdot x-t)$ is at most $R$, so the integrals converge too.
# ```
#
# We check it on correlated bumps off the origin, in dimensions two to five.

# %%
rebuilt = {}
for d, order in ((2, 40), (3, 32), (4, 16), (5, 12)):
    rng = np.random.default_rng(SEED + d)
    lean = Gaussian(0.3 * rng.uniform(-1, 1, d), np.eye(d) + 0.2)
    pair = Mixture([lean, Gaussian(np.zeros(d), 1.5 * np.eye(d))], [1.0, -0.7])
    x = 0.8 * rng.uniform(-1, 1, d)
    rebuilt[d] = abs(rebuild(pair, x, order) - pair(x[None])[0])
claim("sob-identity",
      "largest error of a value rebuilt from the density of two bumps, $d=2,3,4,5$",
      max(rebuilt.values()), at_most=1e-6, source="the identity (6.1)")

# %% [markdown]
# ## The bump in every dimension
#
# For $f(x)=e^{-\|x\|^2/2}$ chapter 3 has {ref}`closed forms <sec-mv-gaussian>` for odd $d$ and for $d=2$. One for all $d$ is a characteristic function.
#
# ```{prf:proposition} Density of the bump
# :label: prop-sob-bump
#
# Let $\kappa_d=\pi^{d/2}/\Gamma(\frac d2+1)$ be the volume of the unit ball and $\chi$ the length of a standard normal vector in $d+2$ dimensions. Then, with Kummer's function ${}_1F_1$,
#
# $$
# \begin{gathered}
# \alpha(t)=-\frac1{\kappa_d}\,\mathbb E\cos(t\chi)=-\frac1{\kappa_d}\,{}_1F_1\Bigl(\frac d2+1;\frac12;-\frac{t^2}2\Bigr),\\
# \|f\|_{\mathcal R}=d\int_{\mathbb R}\bigl|\mathbb E\cos(t\chi)\bigr|\,dt .
# \end{gathered}
# $$ (eq-sob-bump)
#
# Moreover $\|f\|_{\mathcal R}/d\to4/\sqrt\pi$ as $d\to\infty$.
# ```
#
# ```{prf:proof}
# $\hat f(su)=(2\pi)^{d/2}e^{-s^2/2}$, so $\alpha(t)=-\frac{c_d}{2\pi}\int|s|^{d+1}\hat f(su)e^{ist}ds$ is a negative multiple of $\int_0^\infty s^{d+1}e^{-s^2/2}\cos(st)\,ds$, and $s^{d+1}e^{-s^2/2}$ is, up to a factor, the density of $\chi$. At $t=0$ the integral is $2^{d/2}\Gamma(\frac d2+1)$, and the factor in front of it, $\frac{c_d}\pi(2\pi)^{d/2}=(2\pi)^{-d/2}$ (since $c_d=\frac12(2\pi)^{1-d}$), makes $\alpha(0)=-1/\kappa_d$. Expanding the cosine with $\mathbb E\chi^{2j}=2^j(\frac d2+1)_j$ and $(2j)!=4^jj!\,(\frac12)_j$ gives Kummer's series. As $|S^{d-1}|=d\,\kappa_d$, the norm follows.
#
# *The limit.* Let $p$ be the density of $\chi$. Since, at $s>0$, $(\log p)''=-1-\frac{d+1}{s^2}$ and $p''=\{(\log p)'^2+(\log p)''\}p$, and $\mathbb E(\log p)'^2=-\mathbb E(\log p)''$ by parts, $\int|p''|\le2\,\mathbb E\bigl(1+\frac{d+1}{\chi^2}\bigr)=2\bigl(1+\frac{d+1}d\bigr)\le6$ for $d\ge1$, using $\mathbb E\chi^{-2}=1/d$. Since $p$ and $p'$ vanish at $0$, two integrations by parts give $|\mathbb E\cos(t\chi)|\le\min(1,6/t^2)$. By the central limit theorem $\chi-\sqrt{d+2}\to N(0,\frac12)$ in law, so $\mathbb E\cos(t\chi)-\cos(t\sqrt{d+2})\,e^{-t^2/4}\to0$ for each $t$, and in $L^1$ by domination. Finally $\int|\cos(t\sqrt{d+2})|e^{-t^2/4}dt\to\frac2\pi\int e^{-t^2/4}dt=\frac2\pi\cdot2\sqrt\pi$, because $|\cos|$ has mean $\frac2\pi$ over its period and oscillates ever faster.
# ```

# %% mystnb={"figure": {"name": "fig-sob-norms", "caption": "The norm of the Gaussian bump, divided by the dimension, and its limit."}, "image": {"alt": "A curve with dots that falls from 2.43 in dimension 1 quickly at first, then slowly towards a dashed line at 2.26."}}
t = np.sinh(np.linspace(0, 7.5, 20_001))
dims = [1, 2, 3, 4, 5, 7, 10, 15, 20]
mass = {d: np.trapezoid(np.abs(gaussian_ridge_density(d, t)), t) for d in dims}
norms = {d: 2 * sphere_area(d) * mass[d] for d in dims}
draw.plot_norms(dims, list(norms.values()))
plt.show()

# %% [markdown]
# We compare {eq}`eq-sob-bump` with a route that knows no formula of $\alpha$: `norm_of` ({ref}`sec-sob-own`) samples $f$ on a grid and transforms twice.

# %% tags=["nbval-check-output"]
bump = {d: Gaussian(np.zeros(d)) for d in (1, 2, 3, 4, 5, 10)}
sampled = {d: norm_of(bump[d], d, reach=6.0).norm for d in (1, 2, 3)}
print(" d  norm of the bump  from samples")
for d in (1, 2, 3, 5, 10):
    grid = f"{sampled[d]:.3f}" if d in sampled else "  –"
    print(f"{d:2d}  {norms[d]:16.4f}  {grid:>12}")
claim("sob-norms",
      "norm of the bump from samples on a grid over that from its density, less "
      "1: largest size for $d=1,2,3$",
      max(abs(sampled[d] / norms[d] - 1) for d in sampled), at_most=5e-4,
      source="density of the bump")
claim("sob-norm-limit",
      "norm of the bump over $d$ at $d=20$, over the limit $4/\\sqrt\\pi$",
      norms[20] / 20 * np.sqrt(np.pi) / 4, equals=1.0, tol=0.02,
      source="density of the bump")


# %% [markdown]
# For large $d$ the bump's cost grows in proportion to the dimension and, at each $d$, to $1/\text{width}$ (Exercise {ref}`narrow bumps <ex-sob-narrow>`).
#
# ## The norm in terms of derivatives
#
# The density has $d+1$ derivatives in it. Write $D_u=u\cdot\nabla$ for the derivative along $u$, and recall that $\partial_t^mRf(u,\cdot)=R(D_u^mf)(u,\cdot)$ (both have the Fourier transform $(is)^m\hat f(su)$) and $\|Rh(u,\cdot)\|_{L^1(\mathbb R)}\le\|h\|_{L^1(\mathbb R^d)}$ (Fubini).
#
# ```{prf:theorem} Sobolev bounds
# :label: thm-sob-norm
#
# Let $f$ be a Schwartz function, or, by continuity, in $W^{d+1,1}$ for odd and in $W^{d+2,1}$ for even $d$. For odd $d$, with equality for the bump,
#
# $$
# \|f\|_{\mathcal R}\le c_d\int_{S^{d-1}}\|D_u^{d+1}f\|_1\,du ,
# $$
#
# and for even $d$
#
# $$
# \|f\|_{\mathcal R}\le\frac{4c_d}\pi\int_{S^{d-1}}\sqrt{\|D_u^df\|_1\|D_u^{d+2}f\|_1}\;du .
# $$
#
# So {eq}`eq-sob-identity` holds, with finite norm, for all these functions.
# ```
#
# ```{prf:proof}
# *Odd $d$.* $(-\partial_t^2)^{(d+1)/2}$ is $\pm\partial_t^{d+1}$, so $|\alpha|=c_d|R(D_u^{d+1}f)|$; integrate. For the bump $D_u^{d+1}f=\mathrm{He}_{d+1}(u\cdot x)f(x)$ has one sign on each hyperplane $u\cdot x=t$, and Fubini is an equality.
#
# *Even $d$.* Put $h=\partial_t^dRf(u,\cdot)=R(D_u^df)(u,\cdot)$. Now $|s|^{d+1}=|s|\cdot|s|^d$ and $|\alpha|=c_d\bigl||\partial|h\bigr|$, where $|\partial|$ multiplies the Fourier transform by $|s|$. From $\int_0^\infty\frac{1-\cos(s\tau)}{\tau^2}d\tau=\frac{\pi|s|}2$,
#
# $$
# |\partial|h(t)=\frac1\pi\int_0^\infty\frac{2h(t)-h(t-\tau)-h(t+\tau)}{\tau^2}\,d\tau .
# $$ (eq-sob-lambda)
#
# The numerator has $L^1$ norm at most $4\|h\|_1$ and at most $\tau^2\|h''\|_1$ (it is $-\int_{-\tau}^{\tau}(\tau-|\zeta|)h''(t+\zeta)\,d\zeta$). Split at $\tau_0=2\sqrt{\|h\|_1/\|h''\|_1}$:
#
# $$
# \||\partial|h\|_1\le\frac1\pi\Bigl(\tau_0\|h''\|_1+\frac{4\|h\|_1}{\tau_0}\Bigr)=\frac4\pi\sqrt{\|h\|_1\|h''\|_1}\, ,
# $$
#
# and $\|h\|_1\le\|D_u^df\|_1$, $\|h''\|_1\le\|D_u^{d+2}f\|_1$. Both bounds are at most a constant times $\|f\|_{W^{m,1}}$; {prf:ref}`lem-sob-extension` applies, and both sides are continuous in that norm.
# ```
#
# We compute both sides from samples alone, the left by `norm_of`, the right by differentiating $f$ along $u$ on the Fourier side, for the bump and for two functions that are not Gaussian, one of which oscillates.

# %% tags=["nbval-check-output"]
def bump_of(P):
    return np.exp(-(P**2).sum(axis=1) / 2)

def derivative_masses(f, d, orders, reach=6.5, directions=6):
    """∫‖D_u^m f‖₁ du, for a pair of orders m that of the geometric mean."""
    nodes = {2: 256, 3: 56}[d]
    step = 2 * reach / nodes
    axis = step * (np.arange(nodes) - nodes // 2)
    grid = np.stack(np.meshgrid(*[axis] * d, indexing="ij"), axis=-1)
    hat = np.fft.fftn(f(grid.reshape(-1, d)).reshape(grid.shape[:-1]))
    s = 2 * np.pi * np.fft.fftfreq(nodes, step)
    frequency = np.stack(np.meshgrid(*[s] * d, indexing="ij"), axis=-1)
    total = 0.0
    for u, share in zip(*sphere_rule(d, directions), strict=True):
        along = [np.fft.ifftn((1j * frequency @ u) ** m * hat).real for m in orders]
        mass = [np.abs(part).sum() * step**d for part in along]
        total += share * np.prod(mass) ** (1 / len(mass))
    return total

shapes = {"the bump": bump_of,
          "exp(-x₁⁴-…)": lambda P: np.exp(-(P**4).sum(axis=1)),
          "a wave packet": lambda P: np.cos(2 * P[:, 0]) * bump_of(P)}
ratio = {}
print("d  function       bound over norm")
for d, orders, factor in ((2, (2, 4), 4 / np.pi), (3, (4,), 1.0)):
    for name, f in shapes.items():
        bound = factor * inversion_constant(d) * derivative_masses(f, d, orders)
        ratio[d, name] = bound / norm_of(f, d, reach=6.0).norm
        print(f"{d}  {name:13s}  {ratio[d, name]:15.3f}")
claim("sob-odd-equality",
      "the bound in dimension 3 over the norm of the bump, from samples",
      ratio[3, "the bump"], equals=1.0, tol=2e-3, source="Sobolev bounds")
claim("sob-sobolev-bound",
      "the Sobolev bound over the norm, smallest of three functions in dimension "
      "2 and 3",
      min(ratio.values()), at_least=0.999, source="Sobolev bounds")

# %% [markdown]
# ### The trouble with even dimensions
#
# With only $d+1$ derivatives the second bound on the numerator in {eq}`eq-sob-lambda` would be $2\tau\|h'\|_1$, and $\int d\tau/\tau$ diverges at $0$: a logarithm short. In a single direction this cannot be repaired: there $|\partial|h=\mathcal Hh'$ with the Hilbert transform $\mathcal Hh(t)=\frac1\pi\,\mathrm{p.v.}\!\int\frac{h(r)}{t-r}dr$, which is **not bounded on $L^1$**: a Gaussian $\gamma_\varepsilon$ of mass one and width $\varepsilon$ has a transform with the tail $1/\pi t$ for $t\gg\varepsilon$ ({numref}`fig-sob-hilbert`), so that $\int_{-1}^1|\mathcal H\gamma_\varepsilon|$ grows like $\frac2\pi\ln\frac1\varepsilon$. What the integral over all directions might repair, our proof does not use.

# %% mystnb={"figure": {"name": "fig-sob-hilbert", "caption": "Gaussian bumps of mass one (left) and their Hilbert transforms (right)."}, "image": {"alt": "Left, three bumps of falling width and rising height. Right, on logarithmic axes, three curves that rise in proportion to t, bend over at their width and all join the dotted line 1/\u03c0t."}}
draw.plot_hilbert([0.01, 0.03, 0.1])
plt.show()

# %%
far = np.geomspace(1e-7, 1, 20_001)

def transform_mass(eps):
    transform = np.sqrt(2) / (np.pi * eps) * dawsn(far / (np.sqrt(2) * eps))
    return 2 * np.trapezoid(transform, far)

claim("sob-hilbert",
      "growth of $\\int_{-1}^1|\\mathcal H\\gamma_\\varepsilon|$ when "
      "$\\varepsilon$ falls from $10^{-3}$ to $10^{-4}$, over $\\frac2\\pi\\ln10$",
      (transform_mass(1e-4) - transform_mass(1e-3)) / (2 / np.pi * np.log(10)),
      equals=1.0, tol=1e-3)


# %% [markdown]
# For even $d$ we prove $W^{d+2,1}$, and a little more (Exercise {ref}`a little less than one derivative <ex-sob-dini>`), but **not** the endpoint $W^{d+1,1}$, which the statement of {cite:t}`ongie2020function` quoted above includes.
#
# ## How wide?
#
# ```{prf:theorem} Maurey's argument
# :label: thm-sob-maurey
#
# Let $f\in W^{d+1,1}$ ($d$ odd) or $f\in W^{d+2,1}$ ($d$ even), and $k\ge1$. The independent network of {prf:ref}`alg-sob-draw` satisfies $\mathbb E|f_k(x)-f(x)|^2\le A^2R^2/k$ for every $\|x\|\le R$. Consequently, for every probability law of $X$ on the ball there is a network with $k$ neurons (and two for the linear part) with
#
# $$
# \bigl(\mathbb E|f_k(X)-f(X)|^2\bigr)^{1/2}\le\frac{AR}{\sqrt k}\, .
# $$
# ```
#
# ```{prf:proof}
# $f_k(x)-f(x)$ is the mean of $k$ independent variables $A\operatorname{sgn}\alpha\;\sigma(u_i\cdot x-t_i)$, minus their expectation. Each has size at most $AR$, since $0\le\sigma(u_i\cdot x-t_i)\le R$; so the variance of the mean is at most $A^2R^2/k$. Average over $X$ and exchange the expectations: some drawing does at least as well as the mean drawing.
# ```
#
# The dimension is in $A$ only. Quasi-Monte Carlo points integrate smooth functions faster; our integrand has a kink, and we have no theorem. **Question.** What do they gain here?
#
# And how far is a network from its function, if $A$ is uncertain? The first and the second $k/2$ neurons are two drawings $f'$, $f''$ whose mean is $f_k$, and for independent neurons $\mathbb E|\frac12(f'-f'')(x)|^2=\mathbb E|f_k(x)-f(x)|^2$: both are the variance of one neuron's part over $k$. `drawing_error` is the root mean square of $\frac12(f'-f'')$.

# %%
class Bumps(NamedTuple):
    dims: tuple = (1, 2, 3, 5)
    even: tuple = (1, 2, 3)  # where quasi-Monte Carlo should be faster
    widths: tuple = (64, 256, 1024, 4096, 16_384)
    drawings: int = 3


BUMPS = Bumps()
widths = np.array(BUMPS.widths)
inputs = {d: uniform_ball(BALL.points, d, R, seed=SEED + 1) for d in bump}
methods, repeats = ("mc", "qmc"), range(SEED, SEED + BUMPS.drawings)

def misses(d, k, method):
    nets = [ridge_network(bump[d], k, R, method, seed) for seed in repeats]
    return [np.sqrt(np.mean(np.square(parts))) for parts in (
        [rms(net, bump[d], inputs[d]) for net in nets],
        [drawing_error(net, inputs[d]) for net in nets])]

both = {d: {m: np.array([misses(d, k, m) for k in widths]).T for m in methods}
        for d in BUMPS.dims}
errors = {d: {m: both[d][m][0] for m in methods} for d in both}
halves = {m: np.concatenate([both[d][m][1] / both[d][m][0] for d in both])
          for m in methods}

# %% mystnb={"figure": {"name": "fig-sob-errors", "caption": "Error of networks for the bump on the ball of radius 2, root mean square over 300 inputs and three drawings."}, "image": {"alt": "Four panels, dimensions 1, 2, 3 and 5, logarithmic axes. The red curves fall in parallel to the dashed bound and below it. The blue curves fall about twice as steeply in dimensions 1 to 3 and less so in dimension 5."}}
maurey = {d: ridge_norm(bump[d], R) * R for d in errors}
draw.plot_errors(widths, errors, maurey)
plt.show()

# %%
slopes = {m: {d: np.polyfit(np.log(widths), np.log(errors[d][m]), 1)[0]
              for d in errors} for m in methods}
dims, smooth = (",".join(map(str, each)) for each in (BUMPS.dims, BUMPS.even))
claim("sob-mc-slope",
      "slope of the error of independent drawing against the width, mean over "
      f"$d={dims}$",
      np.mean(list(slopes["mc"].values())), equals=-0.5, tol=0.1,
      source="Maurey's argument")
claim("sob-maurey", "largest error of independent drawing over $AR/\\sqrt k$",
      max((errors[d]["mc"] * np.sqrt(widths)).max() / maurey[d] for d in errors),
      at_most=1.0, source="Maurey's argument")
claim("sob-qmc-slope", f"slope of quasi-Monte Carlo, mean over $d={smooth}$",
      np.mean([slopes["qmc"][d] for d in BUMPS.even]), at_least=-1.2, at_most=-0.8)
claim("sob-halves",
      "error estimated from half drawings over the error, independent neurons, "
      f"median of {spelled(len(BUMPS.dims))} dimensions and "
      f"{spelled(len(widths))} widths: within a factor of two",
      np.median(halves["mc"]), at_least=0.5, at_most=2.0)


# %% [markdown]
# **What we see.** {numref}`fig-sob-errors`: quasi-Monte Carlo gains about half a power in dimensions 1 to 3, less in 5. At $k=2^{14}$ it has reached {glue:text}`best-1`, {glue:text}`best-2`, {glue:text}`best-3` and {glue:text}`best-5` in dimensions 1, 2, 3 and 5. The half drawings estimate the error of independent neurons well, and overestimate that of Sobol points, which are spread more evenly together than in halves, by {glue:text}`halves-qmc` in the median.
#
# ## Flat at every width
#
# Each neuron has one freedom left, its scale: nothing to the function, everything to the sharpness.
#
# ```{prf:theorem} Flat at every width
# :label: thm-sob-flat
#
# Let $f_k$ come from {prf:ref}`alg-sob-draw`, with the scales $\|w_i\|^2=|a_i|\sqrt{1+R^2}/(R-t_i)$, also for the pair of the linear part. Then wherever $f_k$ is differentiable in its parameters and $\|x\|\le R$,
#
# $$
# \begin{gathered}
# \|\nabla_\theta f_k(x)\|^2\le1+2\sqrt{1+R^2}\,N_k\le\Lambda(f),\\
# N_k=\sum_{i\le k}|a_i|(R-t_i)+R\,\|\nabla f(0)\|,\\
# \Lambda(f):=1+2R\sqrt{1+R^2}\,\bigl(A+\|\nabla f(0)\|\bigr).
# \end{gathered}
# $$ (eq-sob-flat)
#
# Consequently, for every sample in the ball on which no neuron switches, with the labels $y_j=f_k(x_j)$, and every step size $\eta\le2/\Lambda(f)$: $\lambda_{\max}(\nabla^2L)\le\Lambda(f)\le2/\eta$, and no step of the linearised SGD increases the distance to $f_k$'s parameters, for **every** sequence of batches of any sizes, drawn by whatever rule.
# ```
#
# ```{prf:proof}
# The derivatives of $f_k(x)$ are $1$ by $c$; and for each neuron that is on, $z_i=\|w_i\|(u_i\cdot x-t_i)$ by $v_i$, $v_ix$ by $w_i$, $v_i$ by $b_i$. With $u_i\cdot x\le R$ and $v_i^2=a_i^2/\|w_i\|^2$ the neuron adds at most
#
# $$
# \|w_i\|^2(R-t_i)^2+\frac{a_i^2}{\|w_i\|^2}(1+R^2)\ \ge\ 2|a_i|(R-t_i)\sqrt{1+R^2},
# $$
#
# and the stated scale is the one with equality. Of the two neurons with $t=0$ and opposite $u$ at most one is on at any $x$. Finally $R-t_i\le R$ and $\sum|a_i|=A$. (For the library's amplitudes, the first inequality of {eq}`eq-sob-flat` holds as it stands and the second with $\sum|a_i|$ for $A$.)
#
# At the minimum, a batch $B$ has as its Hessian $H_B$ the average over $j\in B$ of the matrices $\nabla_\theta f_k(x_j)\nabla_\theta f_k(x_j)^{\mathsf T}$. Their norms are $\|\nabla_\theta f_k(x_j)\|^2\le\Lambda$, so that $0\preceq H_B\preceq\Lambda I\preceq\frac2\eta I$ ($\preceq$: the difference is positive semi-definite). Hence $-I\preceq I-\eta H_B\preceq I$: the linear step is not an expansion. The full batch gives the statement on $\lambda_{\max}$.
# ```
#
# ```{prf:corollary} Smooth functions have stable networks
# :label: cor-sob-main
#
# Let $f\in W^{d+1,1}(\mathbb R^d)$ with $d$ odd, or $f\in W^{d+2,1}(\mathbb R^d)$ with $d$ even. Take any probability law on the ball $\|x\|\le R$ and any finite sample in it, no point of which satisfies $\nabla f(0)\cdot x=0$ if $\nabla f(0)\ne0$. For every $\delta>0$ there is a network of at most $(AR/\delta)^2+3$ neurons, within $\delta$ of $f$ in mean square, that is stable on this sample in the sense of {prf:ref}`thm-sob-flat` for every $\eta\le2/\Lambda(f)$. The step size depends neither on $\delta$ nor on the law, the sample or the batches.
# ```
#
# ```{prf:proof}
# {prf:ref}`thm-sob-norm` makes $A$ finite. With $k=\lceil(AR/\delta)^2\rceil$ the mean over the drawings of the mean square error is at most $\delta^2$, so with positive probability the error is. With probability one no drawn hyperplane meets the sample, since $(u_i,t_i)$ has a density. Some drawing has both properties. The hyperplane of the linear part misses the sample by assumption.
# ```
#
# (If a sample does lie on $\nabla f(0)\cdot x=0$, replace the pair by a constant and one neuron that is on in the whole ball, with $t=-R'$, $R'>R$: for $R'$ near $R$ it adds twice as much.)
#
# ```{admonition} Beyond the paper
# :class: beyond
#
# Neither the 1 nor the factor of $\|\nabla f(0)\|$ can be lowered: for a linear function $A=0$, and at $x=R\,\nabla f(0)/\|\nabla f(0)\|$ both inequalities of {eq}`eq-sob-flat` are equalities. And stability holds not in expectation, but step by step for every choice of batches, reshuffled epochs included.
# ```
#
# ### The gauge matters
#
# The same function, four parametrisations: first-layer weights of length one; *balanced* layers, $\|w_i\|=|v_i|$; the gauge of {prf:ref}`thm-sob-flat`; and the one that minimises the mean gradient on the sample ({ref}`multivariate-bound`). The first must grow in proportion to $k$: to the lower bound $\|\mathbb E\nabla_\theta f\|^2$ of {eq}`eq-mv-chain` each neuron adds $\mathbb E[(u_i\cdot X-t_i)_+]^2$ at least, however small its amplitude.

# %%
def unit_weights(net):
    a, u, t = net.neurons()
    return ShallowReLU(u, -t, a, net.c)

gauges = {
    "$\\|w_i\\|=1$": unit_weights,
    "balanced layers": lambda net: in_gauge(net.neurons(), net.c, R, "balanced"),
    "gauge of the theorem": lambda net: net,
    "gauge of the sample": lambda net: net.balanced(X),
}
nets = [ridge_network(bump[2], k, R, seed=SEED) for k in widths]
gauge_sharpness = {name: np.array([sharpness(turn(net), X) for net in nets])
                   for name, turn in gauges.items()}

# %% mystnb={"figure": {"name": "fig-sob-flatness", "caption": "Sharpness of networks for the bump of the plane, at 300 inputs, in four parametrisations, with the lower bound $1+2S_g$ and the upper bound $\\Lambda(f)$; below, three of them enlarged. One drawing; the sharpness of others differs by less than 0.02 in the lower panel."}, "image": {"alt": "Above, on logarithmic axes, one line rises in proportion to the width and passes the upper bound, near 37, while three lines run level near 2. Below, these three enlarged, all level, balanced layers at the top, then the gauge of the theorem, then the gauge of the sample, and the lower bound under them."}}
lower = 1 + 2 * stability_norm(nets[-1], X)
draw.plot_flatness(widths, gauge_sharpness, lower, sharpness_bound(bump[2], R))
plt.show()

# %%
unit, layers, theorem, sample = gauge_sharpness.values()
claim("sob-gauge-unit",
      "growth of the sharpness of the bump's network with $\\|w_i\\|=1$ over that "
      "of its width, last two widths",
      unit[-1] / unit[-2] / (widths[-1] / widths[-2]), equals=1.0, tol=0.05)
claim("sob-gauge-order",
      "sharpness of the bump's network in balanced layers over that in the "
      "theorem's gauge",
      layers[-1] / theorem[-1], at_least=1.05)
a, u, t = nets[-1].neurons()
worst_of_each = ((np.linalg.norm(nets[-1].W, axis=1) * (R - t)) ** 2
                 + (1 + R**2) * nets[-1].v ** 2)
claim("sob-gauge-least",
      "what the neurons add to the squared gradient at their worst points, in the "
      "theorem's gauge, over the least of all gauges, "
      "$2\\sqrt{1+R^2}\\sum|a_i|(R-t_i)$",
      worst_of_each.sum() / (2 * np.hypot(1, R) * np.abs(a) @ (R - t)),
      equals=1.0, tol=1e-9, source="flat at every width")

plane = KnownDensity(lambda P: P @ [0.6, 0.8], lambda u, t: np.zeros(len(t)), 2,
                     slope=[0.6, 0.8])
steepest = squared_gradients(ridge_network(plane, 8, R), [[0.6 * R, 0.8 * R]])[0]
claim("sob-linear",
      "distance from 1 of both bounds over the largest squared gradient, $f$ "
      "linear",
      max(abs(bound(plane, R) / steepest - 1)
          for bound in (sharpness_ceiling, sharpness_bound)),
      at_most=1e-9, source="flat at every width")

# %% [markdown]
# The bump in more dimensions: sharpness at three widths, between $1+2S_g$, a lower bound for every parametrisation, and $\Lambda(f)$, known before any network is built. So is "mean", the middle expression of {eq}`eq-sob-flat` with the sum in $N_k$ replaced by its mean over the drawing, $\int\!\int_{|t|<R}|\alpha|(R-|t|)$, to which the bound of a wide network is close.

# %% tags=["nbval-check-output"]
rows, narrow_to_wide = {}, BUMPS.widths[::2]
for d in BUMPS.dims:
    trio = [ridge_network(bump[d], k, R, seed=SEED) for k in narrow_to_wide]
    values = [sharpness(net, inputs[d]) for net in trio]
    floor = 1 + 2 * stability_norm(trio[1], inputs[d])
    above = sharpness_ceiling(bump[d], R), sharpness_bound(bump[d], R)
    rows[d] = floor, *values, *above
    print(f"d = {d}:  1+2S_g {floor:.2f}   "
          + "".join(f"k={k} {value:.2f}   "
                    for k, value in zip(narrow_to_wide, values, strict=True))
          + f"mean {above[0]:.1f}   bound {above[1]:.1f}")
inner = {d: row[1:-2] for d, row in rows.items()}
spread = max(np.ptp(values) / values[1] for values in inner.values())
claim("sob-flat",
      f"largest relative change of the bump's sharpness from $k={narrow_to_wide[0]}$ "
      f"to ${narrow_to_wide[-1]}$, $d={dims}$",
      spread, at_most=0.05)
claim("sob-between",
      "the bump's sharpness lies between its bounds in all "
      f"{spelled(sum(map(len, inner.values())))} cases",
      all(row[0] <= value <= row[-1]
          for row in rows.values() for value in row[1:-2]),
      equals=True, source="flat at every width")

# %% [markdown]
# The bound is about the worst point of the ball; $\lambda_{\max}$ is at most the mean of $\|\nabla_\theta f_k(x_j)\|^2$ over the sample. As $k\to\infty$ the entries of the tangent kernel, means over the drawn neurons, converge by the law of large numbers: the sharpness has a limit, seen here at $k=64$ already.
#
# Two hills and a hollow on the line: choose the width and the step. {state}`From 16 neurons <width#width=16>` to {state}`4096 <width#width=4096>` the error falls and the sharpness stands still; what moves it is {state}`narrower hills <width#width=4096&hill=0.25>`. {state}`A step too long <width#width=4096&eta=0.5>` is too long at every width.
#
# ```{explorable} width
# In the online book, and with JavaScript, the width of a network and its step can be chosen here: the error falls with the width, the sharpness and the largest stable step stand still.
# ```
#
# ### Every batch
#
# We run the linearised dynamics with single samples at the largest step that the proof allows, with the *measured* maximum of $\|\nabla_\theta f_k(x_j)\|^2$ in place of $\Lambda$, from ten random starts, and at twice that step.

# %%
small, few = ridge_network(landscape, BALL.fine, R, seed=SEED), X[:100]
worst = squared_gradients(small, few).max()

def largest_factor(eta, steps, seed):  # of the squared distance, in one step
    distance = linearized_sgd(small, few, eta, batch_size=1, steps=steps, seed=seed)
    return (distance[1:] / distance[:-1]).max()

claim("sob-every-batch",
      "largest factor of the squared distance in one step of the linearised SGD, "
      f"single samples, $\\eta=2/\\max\\|\\nabla f\\|^2$, {ten} starts",
      max(largest_factor(2 / worst, 1000, seed) for seed in DRAWINGS),
      at_most=1 + 1e-12, source="flat at every width")
claim("sob-not-every-batch",
      "linearised SGD, single samples: the largest factor of the squared distance "
      f"in one step at $\\eta=4/\\max\\|\\nabla f\\|^2$, least of {ten} starts",
      min(largest_factor(4 / worst, 200, seed) for seed in DRAWINGS), at_least=1.01)


# %% [markdown]
# (sec-sob-exact)=
# ## Exact labels
#
# So far the labels were $y_j=f_k(x_j)$, which change with $k$. A reader with data has $f(x_j)$. Change the output layer $(v,c)$ by the least amount, in Euclidean length, that makes $f_k(x_j)=f(x_j)$: $n$ equations for more than $k$ unknowns; the hidden layer stays. If some $v_i$ had to change much, the network would no longer be flat. On a fixed sample it is, and at the same step size.
#
# ```{prf:theorem} Exact labels at the same step
# :label: thm-sob-exact
#
# Let $f$ be as in {prf:ref}`thm-sob-maurey`, $A>0$, and $x_1,\dots,x_n$ any sample in the ball, no point of which satisfies $\nabla f(0)\cdot x=0$ if $\nabla f(0)\ne0$. Draw $f_k$ independently, in the gauge of {prf:ref}`thm-sob-flat`, and let $f_k^*$ be the network whose output layer is corrected as above. There is a number $Q$, which depends on $f$, $R$ and the sample alone, such that for every $k\ge Q^2$, with probability at least $\frac12$, $f_k^*$ exists, no output weight has changed by more than the share $\rho=Q/\sqrt k$ of its size, and
#
# $$
# |f_k^*(x)-f_k(x)|\le\rho\,\bigl\{R\,(A+\|\nabla f(0)\|)+1\bigr\}\qquad(\|x\|\le R).
# $$
#
# Moreover, with a probability that tends to 1 as $k\to\infty$, $\|\nabla_\theta f_k^*(x)\|^2\le\Lambda(f)$ on the ball, off the hyperplanes. So for the labels $y_j=f(x_j)$ there are, for all large $k$, networks that interpolate them, are stable at the step $\eta=2/\Lambda(f)$ for every sequence of batches, as in {prf:ref}`thm-sob-flat`, and tend to $f$ in mean square.
# ```
#
# ```{prf:proof}
# *The equations.* Write $\sigma_{ij}=\sigma(u_i\cdot x_j-t_i)\le R-t_i$ and $r_j=f(x_j)-f_k(x_j)$. The change of $v_i$ is $\sum_jz_j\|w_i\|\sigma_{ij}$ and that of $c$ is $\sum_jz_j$, where $G_kz=r$ and $G_k$ is the part of the tangent kernel that belongs to the output layer,
#
# $$
# (G_k)_{jl}=1+p_{jl}+\frac1k\sum_{i\le k}A\sqrt{1+R^2}\,\frac{\sigma_{ij}\sigma_{il}}{R-t_i}\, ,
# $$ (eq-sob-output)
#
# with $p_{jl}$ the part of the linear pair, which is not random. The terms of the sum are independent and lie in $[0,AR\sqrt{1+R^2}]$. Let $G=\mathbb EG_k$. Then $\mathbb E\|G_k-G\|^2\le n^2A^2R^2(1+R^2)/k$, in the Frobenius norm, and $\mathbb E\|r\|^2\le nA^2R^2/k$ by {prf:ref}`thm-sob-maurey`.
#
# *They can be solved.* If $Gz=0$, then $0=z^{\mathsf T}Gz$, a sum of squares, so $\sum_jz_j=0$, $\sum_jz_j\,\nabla f(0)\cdot x_j=0$, and $\sum_jz_j\sigma(u\cdot x_j-t)=0$ for $|\alpha|$-almost all $(u,t)$. With probability one, then, $G_kz=0$ and $\sum_jz_jf_k(x_j)=0$; and $\sum_jz_jf(x_j)=0$ by {eq}`eq-sob-identity`. Hence $r$ is orthogonal to the null space of $G$: all happens in its range, where $G\succeq\mu$ with the smallest positive eigenvalue $\mu$, which exists as $G_{jj}\ge1$.
#
# *The change is small.* Let $Q=4nAR\sqrt{1+R^2}/\mu$ and $k\ge Q^2$. By Markov's inequality $\|G_k-G\|\le\frac\mu2$ but with probability $Q^2/4k\le\frac14$, and $\|r\|^2\le4nA^2R^2/k$ but with probability $\frac14$. If both hold, $G_k\succeq\frac\mu2$ on the range and $\|z\|\le2\|r\|/\mu$. In our gauge $\|w_i\|/|v_i|=\sqrt{1+R^2}/(R-t_i)$, so the relative change of $v_i$ is
#
# $$
# \frac{\|w_i\|}{|v_i|}\Bigl|\sum_jz_j\sigma_{ij}\Bigr|\le\sqrt{1+R^2}\sum_j|z_j|\le\sqrt{1+R^2}\,\sqrt n\,\frac{2\|r\|}\mu\le\frac Q{\sqrt k}=\rho ,
# $$
#
# for the pair too ($t=0$). The function changes by at most $\rho\sum_i|a_i|\sigma(u_i\cdot x-t_i)\le\rho AR$, plus $\rho R\|\nabla f(0)\|$ from the pair, of which at most one neuron is on, plus $|\sum_jz_j|\le\rho$ from $c$.
#
# *The sharpness.* A neuron whose $v_i$ grows by the factor $1+\rho$ at most adds to $\|\nabla_\theta f_k^*(x)\|^2$ at most $(1+\rho)^2$ times its part of {eq}`eq-sob-flat`. So the bound is $1+2\sqrt{1+R^2}\,(1+\rho)^2\{A\,\overline{(R-t)}+R\,\|\nabla f(0)\|\}$ with the mean $\overline{(R-t)}$ over the neurons. That mean tends to $R-\mathbb E\,t<R$ in probability, and so does $\rho$ to 0: Markov's inequality may be used with a constant as large as we like in place of 4. As $A>0$, the bound ends up below $\Lambda(f)$, and the last step of {prf:ref}`thm-sob-flat` applies; the hyperplanes miss the sample with probability one; and $f_k\to f$ in mean square.
# ```
#
# How large is $\rho$ in fact? We fit {glue:text}`exact-samples` exact labels of the landscape, and of the bump in dimensions 3 and 5, with independent neurons: the median $\rho$ of {glue:text}`drawings` drawings, the largest relative change of the sharpness, and the squared gradient at 300 points of the ball.

# %% tags=["nbval-check-output"]
class Exact(NamedTuple):
    samples: int = 30
    widths: tuple = (1024, 4096, 16_384)


EXACT = Exact()
FITTED, wider = {2: landscape, 3: bump[3], 5: bump[5]}, EXACT.widths
change, shift, room, left_over = {}, {}, [], []
for d, f in FITTED.items():
    points, ball = inputs[d][:EXACT.samples], inputs[d]
    limit = sharpness_bound(f, R)
    for k in wider:
        pairs = [(net, with_labels(net, points, f(points))) for net in
                 (ridge_network(f, k, R, "mc", seed) for seed in DRAWINGS)]
        change[d, k] = np.median([np.abs(new.v / old.v - 1).max()
                                  for old, new in pairs])
        shift[d, k] = max(abs(sharpness(new, points) / sharpness(old, points) - 1)
                          for old, new in pairs)
        room += [squared_gradients(new, ball).max() / limit for _, new in pairs]
        left_over += [np.abs(new(points) - f(points)).max() for _, new in pairs]
    print(f"d = {d}:  "
          + "".join(f"ρ for k={k} {change[d, k]:.2f}   " for k in wider)
          + f"sharpness changes by {shift[d, wider[-1]]:.3f}")
rate = {d: np.polyfit(np.log(wider), np.log([change[d, k] for k in wider]), 1)[0]
        for d in FITTED}
networks = f"{spelled(len(room))} networks"
glue("exact-samples", str(EXACT.samples), display=False)
glue("exact-first", spelled(wider[0]), display=False)
claim("sob-exact",
      f"largest residual at the {EXACT.samples} exact labels, "
      f"{spelled(len(FITTED))} functions, {networks}",
      max(left_over), at_most=1e-10)
claim("sob-exact-rate",
      "largest distance of the slope of $\\rho$ against the width from $-\\frac12$",
      max(abs(value + 0.5) for value in rate.values()), at_most=0.15,
      source="exact labels at the same step")
claim("sob-exact-step",
      f"largest $\\|\\nabla_\\theta f_k^*\\|^2$ at {spelled(BALL.points)} points of "
      f"the ball over $\\Lambda(f)$, {networks}",
      max(room), at_most=1.0, source="exact labels at the same step")


# %% [markdown]
# $\rho$ falls at the rate of the theorem, and at those points the squared gradient stays far below $\Lambda(f)$ already at {glue:text}`exact-first` neurons. The theorem's $Q$ is very pessimistic: it multiplies worst cases, and $\mu$ is tiny where samples lie close together. On the line a few thousand neurons may leave no hyperplane between three neighbours of a large sample; then `with_labels` refuses, and a wider network will do.
#
# (sec-sob-own)=
# ## A function of your own
#
# For a callable without a formula for its density, `ridges_of` computes one in up to three dimensions: sample on a grid, transform, read the transform along rays (the slice theorem), multiply by $|s|^{d+1}$, transform back. Its `error`, the largest miss when it rebuilds the function at eight points, is the quality of that density; it says nothing of a network's error, which is that of the drawing, nor of the norm.
#
# ### Has your function a flat network?
#
# A grid computes finite numbers also for a function of infinite norm; they give it away by growing with the resolution. Let $f_\varepsilon(x)=\mathbb Ef(x+\varepsilon Z)$, $Z$ standard normal: $f$ seen through a blur.
#
# ```{prf:proposition} Blurring
# :label: prop-sob-blur
#
# Let $f\in L^1(\mathbb R^d)$. Then $\|f_\varepsilon\|_{\mathcal R}$ is finite for every $\varepsilon>0$ and does not decrease as $\varepsilon$ falls. If $f$ is as in {prf:ref}`thm-sob-norm`, it tends to $\|f\|_{\mathcal R}$ as $\varepsilon\to0$. Conversely, if the norms stay bounded, $f$ is on the ball an affine function plus $\int\sigma(u\cdot x-t)\,d\nu$ with a finite measure $\nu$, which need not have a density: the folds of the tent are three points.
# ```
#
# ```{prf:proof}
# The derivatives of $f_\varepsilon$ are convolutions of $f$ with those of a Gaussian, so all are integrable, and {prf:ref}`thm-sob-norm` makes the norm finite. For almost every $u$, on the ray through $u$, the transform of $f_\varepsilon$ is $\hat f(su)e^{-\varepsilon^2s^2/2}$; so for $\varepsilon'>\varepsilon$ the density of $f_{\varepsilon'}$ is, in $t$, the convolution of that of $f_\varepsilon$ with a normal density of variance $\varepsilon'^2-\varepsilon^2$, which does not increase $\int|\cdot|dt$. If $\alpha$ itself is integrable, its convolutions with ever narrower normal densities tend to it in $L^1$.
#
# *The converse.* Densities $\alpha_\varepsilon$ of bounded mass have, along a sequence $\varepsilon\to0$, a weak-* limit on $S^{d-1}\times[-R,R]$; $\sigma$ is continuous, so the integrals converge for each $x$ in the ball, boundedly, and with $f_\varepsilon\to f$ in $L^1$ so do the affine parts.
# ```
#
# So watch the norm while the blur is halved. If it converges like $A-\|f_\varepsilon\|_{\mathcal R}\sim\varepsilon^\beta$, each halving adds $2^{-\beta}<1$ times what the last one did. If it grows like $\varepsilon^{-\beta}$, the ratio is $2^\beta>1$; for the pyramid's $\ln^2\frac1\varepsilon$ it tends to 1, from above. `norm_of` blurs by 5.6, 2.8 and 1.4 steps of its grid and calls the norm infinite when the ratio is at least 0.9, unless the spectrum has died out before the grid's edge: then the samples hold all of $f$, and the norm is computed without blur. A norm that converges more slowly than $\varepsilon^{0.15}$ is called infinite, wrongly, as for $(1-\|x\|^2)_+^{1.6}$. `ridges_of` asks it, and warns, also where the spectrum has not fallen to half of its peak at the grid's edge, as for the tent, whose finite norm has no density that a table could hold.
#
# A family with a known answer is $(1-\|x\|^2)_+^p$ in the plane. Integrating over chords, $Rf(u,t)$ is a multiple of $(1-t^2)_+^{p+1/2}$; three derivatives leave $|1-|t||^{p-5/2}$ at $|t|=1$. The norm is finite exactly for $p>\frac32$, and halving the blur adds $2^{3/2-p}$ times as much each time.

# %% tags=["nbval-check-output"]
def squared(P):
    return (P**2).sum(axis=1)

def power(p):
    return lambda P: np.maximum(1 - squared(P), 0) ** p

class Own(NamedTuple):
    nodes: int = 160  # of the grid, in each direction
    reach: float = 1.5
    disc: float = 1.5
    points: int = 400
    few: int = 4096  # neurons
    many: int = 16_384


OWN = Own()
zoo = {"Gaussian of width .2": lambda P: np.exp(-squared(P) / 0.08),
       "(1 - r²)³": power(3), "(1 - r²)²": power(2),
       "the pyramid": pyramid,
       "cone 1 - r": lambda P: np.maximum(1 - np.sqrt(squared(P)), 0),
       "1 - r²": power(1), "disc": lambda P: (squared(P) < 1) * 1.0,
       "spike of width .02": lambda P: np.exp(-squared(P) / 0.0008)}
reports = {name: norm_of(f, 2, reach=OWN.reach, nodes=OWN.nodes)
           for name, f in zoo.items()}
print("blurred by            ",
      "  ".join(f"{blur:.3f}" for blur in reports["disc"].blurs),
      "  ratio  edge   verdict", sep="")
for name, seen in reports.items():
    print(f"{name:22s}", "  ".join(f"{norm:5.1f}" for norm in seen.norms),
          f"  {seen.ratio:5.2f}  {seen.edge:.0e}",
          "  finite" if seen.finite else "  it grows!", sep="")

# %% [markdown]
# The first three have norms; the pyramid, the cone, the paraboloid's rim and the disc have none. The last is smooth, but hardly wider than a step of this grid ({glue:text}`grid-step`): a grid twice as fine settles it.

# %%
finer = {"reach": OWN.reach, "nodes": 2 * OWN.nodes}
spike = norm_of(zoo["spike of width .02"], 2, **finer)
tip = norm_of(pyramid, 2, **finer)
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    creased = ridges_of(pyramid, 2, reach=OWN.reach)
print(said[0].message)
finite = {name for name, seen in reports.items() if seen.finite}
claim("sob-verdicts",
      "of the eight functions the three of finite norm, and only they, are called "
      "finite; on a finer grid the spike is, too, and the pyramid is not",
      finite == set(list(zoo)[:3]) and spike.finite and not tip.finite)
claim("sob-ratio",
      "ratio of successive increments for $(1-r^2)_+^p$ minus $2^{3/2-p}$, "
      "largest size for $p=2,3$",
      max(abs(reports[name].ratio - 2 ** (1.5 - p))
          for name, p in (("(1 - r²)³", 3), ("(1 - r²)²", 2))), at_most=0.08)
claim("sob-blurred-pyramid",
      "blurred norms of the pyramid from samples over those from its density in "
      "closed form, less 1, largest size of three",
      max(abs(norm / mollified_norm(2, blur) - 1) for norm, blur in
          zip(creased.norm.norms, creased.norm.blurs, strict=True)),
      at_most=0.02)
claim("sob-spike",
      "norm of the spike of width 0.02 on the finer grid over 50 times the bump's",
      spike.norm * 0.02 / norms[2], equals=1.0, tol=1e-3)

# %% [markdown]
# Whoever draws a network all the same has a density that rebuilds the pyramid well, and a network that fails; its half drawings say so.

# %% tags=["nbval-check-output"]
disc, FEW, MANY = OWN.disc, OWN.few, OWN.many
Y = uniform_ball(OWN.points, 2, disc, seed=SEED + 2)
fields = {"the pyramid": creased,
          "(1 - r²)³": ridges_of(power(3), 2, reach=OWN.reach)}
true_error, guessed = {}, {}
for name, field in fields.items():
    nets = [ridge_network(field, FEW, disc, seed=seed) for seed in DRAWINGS]
    true_error[name] = np.median([rms(net, field, Y) for net in nets])
    guessed[name] = np.median([drawing_error(net, Y) for net in nets])
    print(f"{name:12s}  error of the density {field.error:.0e}   of {FEW} neurons "
          f"{true_error[name]:.3f}   from half drawings {guessed[name]:.3f}")
claim("sob-creased-network",
      f"rms error of {FEW} neurons for the pyramid over the error of its density, "
      f"median of {ten}",
      true_error["the pyramid"] / creased.error, at_least=20)
claim("sob-creased-halves",
      "the estimate from half drawings over that rms error, median over median",
      guessed["the pyramid"] / true_error["the pyramid"], at_least=0.5, at_most=3)

# %% [markdown]
# ### A digit
#
# Now nobody's formula: a handwritten digit of the set that comes with scikit-learn, eight by eight pixels, each a grain of ink, blurred to a smooth density.

# %%
images, labels = load_small_digits()
three = images[labels == 3][0] / 16
row, column = np.nonzero(three)
grains = np.column_stack([(column - 3.5) / 3.5, (3.5 - row) / 3.5])

def digit(blur):
    parts = [Gaussian(grain, blur**2 * np.eye(2)) for grain in grains]
    weights = three[row, column] * (2 / 7) ** 2 / (2 * np.pi * blur**2)
    return Mixture(parts, weights)

class Digit(NamedTuple):
    blurs: tuple = (0.15, 0.2, 0.3, 0.5)  # sharp to soft


blurs = Digit().blurs
SHARP, MIDDLE, SOFT = blurs[0], blurs[1], blurs[-1]
own = {blur: ridges_of(digit(blur).__call__, 2, reach=1 + 5.5 * blur)
       for blur in blurs}
shown = {blur: digit(blur)(Y) for blur in blurs}
height = {blur: digit(blur)(grains).max() for blur in blurs}

def all_drawings(blur, k):
    """Networks, the best first, and their errors over the height of the digit."""
    nets = [ridge_network(own[blur], k, disc, seed=seed) for seed in DRAWINGS]
    error = [np.sqrt(np.mean((net(Y) - shown[blur]) ** 2)) / height[blur]
             for net in nets]
    return [nets[i] for i in np.argsort(error)], np.sort(error)

cases = [(MIDDLE, FEW // 16), (MIDDLE, FEW // 4), (SHARP, MANY)]
cases += [(blur, FEW) for blur in blurs]
held = {case: all_drawings(*case) for case in cases}

# %% mystnb={"figure": {"name": "fig-sob-digit", "caption": "A digit held by flat networks. Above, more and more neurons for one digit; below, 4096 neurons for more and more blur, with the largest step size at which gradient descent can stay. Each is the median of ten drawings by its error."}, "image": {"alt": "Six discs with a handwritten three. With 256 neurons a rough three on a blotched ground, with 1024 a better and with 4096 a clean one. Below, a three with faint blotches, a soft one and an oval cloud, while the step size grows."}}
MEDIAN = len(DRAWINGS) // 2
steps = {blur: [gd_threshold(net, Y) for net in held[blur, FEW][0]]
         for blur in blurs}
more = {f"blur {MIDDLE}, $k={k}$": held[MIDDLE, k][0][MEDIAN]
        for k in (FEW // 16, FEW // 4, FEW)}
softer = {f"blur {b}, $\\eta\\leq{steps[b][MEDIAN]:.2f}$": held[b, FEW][0][MEDIAN]
          for b in (SHARP, blurs[-2], SOFT)}
draw.plot_planar(more | softer, disc, 0.8, cmap="Greys")
plt.show()

# %% tags=["nbval-check-output"]
print("blur  neurons  least error  median  largest, over the height")
for (blur, k), (_, error) in held.items():
    print(f"{blur:.2f}  {k:7d}  {error[0]:11.3f}  {np.median(error):6.3f}  {error[-1]:7.3f}")
rng = np.random.default_rng(SEED + 3)
turn, offset = rng.uniform(0, 2 * np.pi, 500), rng.uniform(0, disc, 500)
u = np.column_stack([np.cos(turn), np.sin(turn)])
known = digit(SHARP).ridge_density(u, offset)
density_error = np.abs(own[SHARP].ridge_density(u, offset) - known).max()
claim("sob-own-density",
      "computed density of the digit against its closed form, relative to the "
      "largest value",
      density_error / np.abs(known).max(), at_most=1e-4)
claim("sob-digit",
      f"rms error of {MANY} neurons for the digit blurred by {SHARP} over its "
      f"height, worst of {ten}", held[SHARP, MANY][1][-1], at_most=0.1)
claim("sob-digit-width",
      f"median error for that digit with {MANY} neurons over that with {FEW}: it "
      "falls by a third",
      np.median(held[SHARP, MANY][1]) / np.median(held[SHARP, FEW][1]),
      at_most=2 / 3)
claim("sob-digit-step",
      f"largest stable step for the digit blurred by {SOFT} over that for {SHARP}, "
      f"least of all pairs of {ten} drawings",
      min(steps[SOFT]) / max(steps[SHARP]), at_least=5)


# %% [markdown]
# The step size hardly depends on the drawing: {glue:text}`digit-sharp-step` for the sharp digit, {glue:text}`digit-soft-step` for the soft one. The error does: for the sharp digit it is anything from {glue:text}`digit-best` to {glue:text}`digit-worst` of the height among {glue:text}`drawings` drawings; Maurey's bound grows with the norm, which is {glue:text}`digit-norm` there and {glue:text}`digit-soft-norm` for the soft one. **In these networks detail costs step size, and takes many neurons.**
#
# ## Back to the pyramid
#
# The pyramid $\varphi(x)=[1-\|x\|_1]_+$ of {ref}`depth-separation` has infinite norm: no step size suffices for all accuracies. Its blurred version $\varphi_\varepsilon$ is smooth, with a density in closed form, and {prf:ref}`thm-depth-exact` gives $S_g(\varphi_\varepsilon)=C\ln^2\frac1\varepsilon\,(1+o(1))$ for a continuous weight $g$ on a disc, with the $C$ of {eq}`eq-depth-constant`.
#
# **Question.** What happens to the admissible step size as $\varepsilon\to0$? **What theory says.** The sharpness of a network is at least $1+2S_g$, and $S_g(f_k)$ is close to $S_g(\varphi_\varepsilon)$; so $\sqrt{\lambda_{\max}-1}$ grows at least like $\sqrt{2C}\ln\frac1\varepsilon$, with the weight of {glue:text}`own-points` inputs in $C$ (continuous near the six lines of $C$, which pass no sample), and, as $A$ grows like $\ln^2\frac1\varepsilon$ too, at most like a larger multiple of it. We take {glue:text}`many` neurons for every $\varepsilon$, and {glue:text}`crease-drawings` drawings.

# %%
class Crease(NamedTuple):
    scales: tuple = (0.4, 0.2, 0.1, 0.05, 0.025, 0.0125)  # of the blur
    order: int = 200  # of the quadrature
    cells: int = 256
    drawings: int = 3


CREASE = Crease()
scales = CREASE.scales
targets = {scale: MollifiedPyramid(2, scale, CREASE.order) for scale in scales}
blurred = {scale: [ridge_network(target, MANY, disc, seed=SEED + s,
                                 cells=CREASE.cells)
                   for s in range(CREASE.drawings)]
           for scale, target in targets.items()}
exact = {scale: target(Y) for scale, target in targets.items()}
step = {scale: [gd_threshold(net, Y) for net in nets]
        for scale, nets in blurred.items()}
crease = {scale: (2 / step[scale][0], stability_norm(nets[0], Y))
          for scale, nets in blurred.items()}
miss = {scale: [np.sqrt(np.mean((net(Y) - exact[scale]) ** 2)) for net in nets]
        for scale, nets in blurred.items()}

# %% mystnb={"figure": {"name": "fig-sob-crease", "caption": "Above, cross-sections of stable networks for the blurred pyramid. Below, the square roots of sharpness minus one and of twice the stability norm, at 400 inputs in the disc of radius 1.5; the first of three drawings."}, "image": {"alt": "Above, four tents, from a low rounded one to one with a sharp tip and sharp feet. Below, two nearly straight lines that rise with the logarithm of one over epsilon, the sharpness above the norm."}}
x = np.linspace(-disc, disc, 401)
line = np.column_stack([x, np.zeros(401)])
slices = {scale: (x, blurred[scale][0](line)) for scale in scales[:4]}
draw.plot_crease(slices, crease)
plt.show()

# %% tags=["nbval-check-output"]
for scale in scales:
    print(f"ε = {scale:<6g}  sharpness {crease[scale][0]:5.2f}   largest step "
          f"{step[scale][0]:.2f}   S_g {crease[scale][1]:.2f}   "
          f"rms error {min(miss[scale]):.3f} to {max(miss[scale]):.3f}")
root = np.sqrt([crease[scale][0] - 1 for scale in scales])
pieces = np.diff(root) / np.diff(np.log(1 / np.array(scales)))
corner = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) / np.sqrt(2)
C = (2 * np.sqrt(2) * data_weight(Y, corner, np.full(4, np.sqrt(0.5))).sum()
     + 4 * data_weight(Y, np.eye(2), np.zeros(2)).sum()) / np.pi**2
coarse, fine = scales[-2:]
grown_norm = np.sqrt(2 * crease[fine][1]) - np.sqrt(2 * crease[coarse][1])
claim("sob-crease-step",
      f"largest step for the pyramid blurred by {fine} over that for {scales[0]}, "
      f"worst of {spelled(CREASE.drawings)} drawings",
      max(step[fine]) / min(step[scales[0]]), at_most=0.2)
claim("sob-crease-floor",
      "smallest $(\\lambda_{\\max}-1)/2S_g$ of the blurred pyramids",
      min((s - 1) / 2 / g for s, g in crease.values()), at_least=1.0)
claim("sob-crease-log", "growth of $\\sqrt{\\lambda_{\\max}-1}$ per unit of "
      "$\\ln(1/\\varepsilon)$: last piece over first", pieces[-1] / pieces[0],
      at_least=0.6, at_most=1.1)
claim("sob-crease-rate",
      "growth of $\\sqrt{2S_g}$ over that of $\\sqrt{2C}\\ln(1/\\varepsilon)$, "
      "last piece",
      grown_norm / (np.sqrt(2 * C) * np.log(coarse / fine)),
      at_least=0.8, at_most=1.2)
claim("sob-crease-follow",
      f"rms distance of {MANY} neurons from their blurred pyramid, worst of all "
      f"blurs and {spelled(CREASE.drawings)} drawings",
      max(max(m) for m in miss.values()), at_most=0.05)

# %% [markdown]
# **What we see.** The lines in {numref}`fig-sob-crease` are nearly straight: over this range the step falls like $1/\ln^2(1/\varepsilon)$, from {glue:text}`step-soft` at $\varepsilon=${glue:text}`blur-soft` to {glue:text}`step-sharp` at {glue:text}`blur-sharp`, whatever the drawing. **What would have falsified it:** a sharpness that saturates, or one that grows like a power of $1/\varepsilon$.

# %% tags=["remove-cell"]
for d in errors:
    glue(f"best-{d}", f"{errors[d]['qmc'][-1]:.1e}", display=False)
glue("halves-qmc", f"a factor {np.median(halves['qmc']):.1f}", display=False)
glue("grid-step", f"{2 * OWN.reach / OWN.nodes:.3f}", display=False)
for name, blur in (("sharp", SHARP), ("soft", SOFT)):
    low, high = (f"{edge(steps[blur]):.2f}" for edge in (min, max))
    both_ends = low if low == high else f"{low} to {high}"
    glue(f"digit-{name}-step", both_ends, display=False)
for name, i in (("best", 0), ("worst", -1)):
    glue(f"digit-{name}", f"{held[SHARP, FEW][1][i]:.3f}", display=False)
for name, number in (("own-points", OWN.points), ("many", MANY),
                     ("crease-drawings", CREASE.drawings)):
    glue(name, spelled(number), display=False)
glue("digit-norm", f"{ridge_norm(own[SHARP], disc):.0f}", display=False)
glue("digit-soft-norm", f"{ridge_norm(own[SOFT], disc):.1f}", display=False)
for name, scale in (("soft", scales[0]), ("sharp", fine)):
    glue(f"blur-{name}", f"{scale:g}", display=False)
glue("step-soft", f"{np.median(step[scales[0]]):.2f}", display=False)
glue("step-sharp", f"{np.median(step[fine]):.2f}", display=False)

# %% [markdown]
# ## Summary
#
# 1. On a ball a smooth function is Taylor's affine part plus neurons $(u,t)$, $0<t<R$, with density $2\alpha$; $k$ of them, drawn from $|\alpha|$, miss it by at most $AR/\sqrt k$ in root mean square.
# 2. $\|f\|_{\mathcal R}$ is finite for $W^{d+1,1}$ in odd and for $W^{d+2,1}$ in even dimension, with explicit constants.
# 3. In the right gauge $\|\nabla_\theta f_k(x)\|^2\le\Lambda(f)=1+2R\sqrt{1+R^2}(A+\|\nabla f(0)\|)$ on the ball, for every width: the network is stable at $2/\Lambda(f)$ on any sample off its knots and for any batches. With unit input weights its sharpness grows in proportion to the width.
# 4. On a fixed sample the labels may be exactly $f(x_j)$: the output layer changes by a share $O(1/\sqrt k)$, and the step size stays.
# 5. Blur your function and halve the blur: if the norms stay bounded, $f$ is an integral of neurons of finite total fold, if not it has no finite norm; three blurs suggest which.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise-start} Balanced layers
# :label: ex-sob-balanced
# ```
# Bound $\|\nabla_\theta f_k(x)\|^2$ on the ball for balanced layers, $\|w_i\|=|v_i|$, and $\nabla f(0)=0$. By what factor can the bound exceed that of the best gauge for one neuron? Compute both sums for the bump in the plane.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-sob-balanced
# :class: dropdown
# :label: sol-sob-balanced
# ```
# With $\|w_i\|^2=v_i^2=|a_i|$ the bound is $1+\sum|a_i|\{(R-t_i)^2+1+R^2\}$. Against $2|a_i|(R-t_i)\sqrt{1+R^2}$ the ratio is $\frac12(q+\frac1q)$ with $q=(R-t_i)/\sqrt{1+R^2}\in(0,1)$: always at least 1, and unbounded as $t_i\to R$. Balanced layers do not use that a neuron near the rim never fires strongly.

# %%
a, u, t = ridge_neurons(bump[2], FEW, R, seed=SEED)
balanced_sum = 1 + np.abs(a) @ ((R - t) ** 2 + 1 + R**2)
best_sum = 1 + 2 * np.hypot(1, R) * np.abs(a) @ (R - t)
print(f"balanced {balanced_sum:.2f}, best {best_sum:.2f}")
claim("sob-ex-balanced",
      "bound for the bump in balanced layers over the bound in the best gauge",
      balanced_sum / best_sum, at_least=1.1, at_most=2.0)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} Narrow bumps
# :label: ex-sob-narrow
# ```
# For $f_\ell(x)=f(x/\ell)$ show $\|f_\ell\|_{\mathcal R}=\|f\|_{\mathcal R}/\ell$ in every dimension. So what step size does {prf:ref}`thm-sob-flat` grant a bump of width $\ell$ in the ball of radius 1? Check the scaling with the library for $d=3$.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-sob-narrow
# :class: dropdown
# :label: sol-sob-narrow
# ```
# $f_\ell=\int\!\int\alpha(u,t)\,\sigma(u\cdot x/\ell-t)+\dots=\int\!\int\alpha(u,t)\,\frac1\ell\sigma(u\cdot x-\ell t)$, so $\alpha_\ell(u,t)=\ell^{-2}\alpha(u,t/\ell)$, and integrating $|\alpha_\ell|$ over $t$ gives one power back: $\frac1\ell$. The step is $2/\Lambda\ge2/(1+2\sqrt2\,\|f\|_{\mathcal R}/\ell)$, with $\|f\|_{\mathcal R}\approx\frac4{\sqrt\pi}d$ about $0.31\,\ell/d$ for small $\ell/d$.

# %%
narrow = {width: ridge_norm(Gaussian(np.zeros(3), width**2 * np.eye(3)), 10 * width)
          for width in (1.0, 0.1)}
claim("sob-ex-narrow", "norm of a bump of width 0.1 over that of width 1, $d=3$",
      narrow[0.1] / narrow[1.0], equals=10.0, tol=1e-6)


# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} A little less than one derivative
# :label: ex-sob-dini
#
# Let $d$ be even, $f$ a Schwartz function, and $\omega(\tau)=\sup_u\|D_u^{d+1}f(\cdot+\tau u)-D_u^{d+1}f\|_{L^1}$. Show that $\|f\|_{\mathcal R}\le\frac{c_d|S^{d-1}|}\pi\bigl\{\int_0^1\omega(\tau)\frac{d\tau}\tau+4\sup_u\|D_u^df\|_{L^1}\bigr\}$. For $f\in W^{d+1,1}$, is $\omega(\tau)=O(\tau^\beta)$ with a small $\beta>0$ enough for a finite norm?
# ```
#
# ```{solution} ex-sob-dini
# :class: dropdown
# :label: sol-sob-dini
#
# With $h=R(D_u^df)(u,\cdot)$ we have $h'=R(D_u^{d+1}f)(u,\cdot)$, and the shift of $h'$ by $\tau$ is the Radon transform of the shift of $D_u^{d+1}f$ by $\tau u$. The second difference is $h(t+\tau)+h(t-\tau)-2h(t)=\int_0^\tau\{h'(t+\zeta)-h'(t+\zeta-\tau)\}d\zeta$, so its $L^1$ norm is at most $\tau\,\omega(\tau)$. In {eq}`eq-sob-lambda` the part $\tau<1$ is at most $\frac1\pi\int_0^1\omega(\tau)\frac{d\tau}\tau$ and the part $\tau>1$ at most $\frac4\pi\|D_u^df\|_1$. Integrate over $u$. Yes: $\int_0^1\tau^{\beta-1}d\tau=1/\beta$ is finite, and smoothing $f$ (convolve with a bump, which does not raise $\omega$, and cut off far out) gives Schwartz functions whose differences have norms that tend to zero, by dominated convergence under $\int\omega\frac{d\tau}\tau$.
# ```
#
# ```{exercise-start} Bring your own density
# :label: ex-sob-own
# ```
# The Laplacian commutes with all this: show that the density of $\Delta f$ is $\partial_t^2\alpha$. Write down the density of $\Delta e^{-\|x\|^2/2}$ for $d=3$ and let the library build a network from function and density. How much sharper is it than that of the bump?
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-sob-own
# :class: dropdown
# :label: sol-sob-own
# ```
# $R\Delta f=\partial_t^2Rf$ by the slice theorem, and $(-\partial_t^2)^{(d+1)/2}$ commutes with $\partial_t^2$. For $d=3$, $\alpha=-\frac1{4\pi}\mathrm{He}_4(t)e^{-t^2/2}$, and differentiating $\mathrm{He}_me^{-t^2/2}$ raises $m$ by one with a minus sign: twice gives $-\frac1{4\pi}\mathrm{He}_6(t)e^{-t^2/2}$.

# %%
def hermite_six(u, t):
    sixth = np.polynomial.hermite_e.hermeval(t, [0] * 6 + [1])
    return -sixth * np.exp(-(t**2) / 2) / (4 * np.pi)

laplace = KnownDensity(lambda P: (squared(P) - 3) * np.exp(-squared(P) / 2),
                       hermite_six, dim=3)
hats = [ridge_network(laplace, FEW, R, seed=seed) for seed in DRAWINGS]
claim("sob-ex-own",
      f"rms error of {FEW} neurons for the Laplacian of the bump, whose values "
      f"range over 3, worst of {ten} drawings",
      max(rms(net, laplace, inputs[3]) for net in hats), at_most=0.1)
claim("sob-ex-own-sharp",
      "sharpness minus one of the network for the Laplacian, over that for the "
      "bump",
      (sharpness(hats[0], inputs[3]) - 1) / (inner[3][-1] - 1), at_least=3)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} In one dimension
# :label: ex-sob-line
#
# Let $d=1$. Show that $\|f\|_{\mathcal R}=\|f''\|_{L^1}$ and write down {prf:ref}`cor-sob-main`. Give a function with $f''\notin L^1$ but $f'$ bounded, and say which theorem of the book shows that no fixed step size suffices for it.
# ```
#
# ```{solution} ex-sob-line
# :class: dropdown
# :label: sol-sob-line
#
# $c_1=\frac12$ and $S^0$ has two points: $\alpha(\pm1,t)=\frac12f''(\pm t)$, so that the sum over both signs of $\int|\alpha|$ is $\|f''\|_1$. Every $f$ with $f''\in L^1(-R,R)$ (continue it to $W^{2,1}(\mathbb R)$; only $|t|<R$ counts) is within $\delta$ of networks that are, on a sample that avoids the origin if $f'(0)\ne0$, stable at $\eta=2/(1+2R\sqrt{1+R^2}(\int_{-R}^R|f''|+|f'(0)|))$. A function with infinitely many teeth, for instance $f'=\sin(1/x)$, has bounded $f'$ and $\int|f''|=\infty$ near $0$. The theorem is {prf:ref}`thm-mv-bound` with $g\ge g_0>0$ on some $(-r,r)$. If networks $f_k\to f$ uniformly there, then $\int f_k\psi''\to\int f\psi''=\int f''\psi$ for every smooth $\psi$ supported in $\epsilon<|x|<r$; and $|\psi|\le g_0$ makes $|\int f_k\psi''|=|\sum_ia_i\psi(u_it_i)|\le S_g(f_k)$ (sum over distinct knots). Hence $\liminf S_g(f_k)\ge g_0\int_{\epsilon<|x|<r}|f''|$ for each $\epsilon$, which is as large as we like, and $\frac1\eta-\frac12$ would have to be larger still.
# ```
#
# (sec-sob-known)=
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | smooth functions have stable shallow networks ({prf:ref}`thm-sob-flat`, {prf:ref}`cor-sob-main`, {prf:ref}`thm-sob-exact`) | {cite:t}`nacson2023implicit`, abstract | a construction with an explicit step; every sequence of batches; exact labels on a fixed sample |
# | the norm is that of $R(-\Delta)^{(d+1)/2}f$ in $L^1$, finite on $W^{m,1}$, $m\ge d+1$ ({prf:ref}`thm-sob-norm`, {prf:ref}`lem-sob-extension`) | {cite:t}`ongie2020function`, abstract; $d=1$: {cite:t}`savarese2019infinite` | constants; for even $d$ our proof needs one derivative more |
# | the norm of single functions ({prf:ref}`prop-sob-bump`) | {cite:t}`ongie2020function` announce several, we do not know which | the bump's as a characteristic function, its limit $4/\sqrt\pi$ |
# | from stability to smoothness in the input | {cite:t}`ma2021linear` | the converse direction |
# | the norm of a blurred function, and its limit ({prf:ref}`prop-sob-blur`) | mollifiers and weak limits of measures, textbook | their use for a test |
# | no finite norm with curved or fractal creases | {cite:t}`e2022representation` | a test on samples, `norm_of` |
# | error $AR/\sqrt k$ ({prf:ref}`thm-sob-maurey`) | Maurey's argument | its use here; measured rates of quasi-Monte Carlo |
# | norms in the Radon domain as regularisers | {cite:t}`parhi2021banach` | the gauge that makes the norm bound the sharpness |
# | if all batches are linearly stable, so is SGD, in expectation | {cite:t}`mulayoff2026nonlinear` | networks for which all batches are |
#
# We searched a store of public pages for the R-norm, Radon transforms and Sobolev spaces of shallow networks, and read abstracts; what we add we have not seen elsewhere. Better rates than Maurey's in Sobolev spaces, through the Radon transform: {cite:t}`mao2024approximation`, abstract.
#
# ## Notes and references
#
# {prf:ref}`cor-sob-main` and {prf:ref}`thm-sob-exact` give *existence* of flat networks, and do not say whether training finds them. Linear stability is about a neighbourhood in which no neuron switches on a sample; for wide networks it is small. A grid cannot prove a norm infinite; `norm_of` reports a trend over two halvings.
