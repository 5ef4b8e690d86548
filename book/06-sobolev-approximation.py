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
# A step size forbids functions. Which ones does it allow? We show that every function with enough derivatives is within reach: shallow
# networks approximate it as well as we like, and their sharpness stays below a number that depends on the function and the ball alone,
# not on the width, the sample or the accuracy. So one step size serves them all, with batches of any size.
#
# After this chapter you can
#
# - turn a smooth function into a network of any width, flat by construction, and say beforehand how sharp it can be;
# - bound the cost of a function by its derivatives, and say what is proved in even dimension and what is not;
# - choose the scale of each neuron so that the same function becomes as flat as the bound allows.
#
# **You need:** the tangent kernel and linear stability ({ref}`linear-stability`), the stability norm, ridge densities and the Radon transform
# ({ref}`multivariate-bound`), for the last section the pyramid of {ref}`depth-separation`, and the symbols in {doc}`the notation table <notation>`.

# %%
import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue
from scipy.special import dawsn

from stableminima import (ShallowReLU, data_weight, gd_threshold, linearized_sgd, path_norm,
                          sharpness, stability_norm, tangent_kernel, train_sgd)
from stableminima.book.claims import claim
from stableminima.book.figures import sobolev_approximation as draw
from stableminima.book.figures.style import use_house_style
from stableminima.datasets import load_small_digits, uniform_ball
from stableminima.functions import (Gaussian, KnownDensity, Mixture, MollifiedPyramid,
                                    gaussian_ridge_density, in_gauge, inversion_constant,
                                    pyramid, rebuild, ridge_network, ridge_neurons, ridge_norm,
                                    ridges_of, sharpness_bound, sharpness_ceiling, sphere_area)
from stableminima.networks import with_labels
from stableminima.stability import squared_gradients

use_house_style()

# %% [markdown]
# ## More neurons, no sharper
#
# Here is a smooth function of the plane: two hills and a hollow. We approximate it on the disc of radius $R=2$ by networks of growing width,
# each made by a recipe that we shall derive, and measure the sharpness at 300 inputs.

# %%
landscape = Mixture([Gaussian([0.8, 0.4], 0.35 * np.eye(2)), Gaussian([-0.8, 0.6], [[0.5, 0.15], [0.15, 0.3]]),
                     Gaussian([-0.1, -0.9], 0.4 * np.eye(2))], [1.0, -1.0, 0.8])
R = 2.0
X = uniform_ball(300, 2, R, seed=1)
grown = {k: ridge_network(landscape, k, R) for k in (16, 64, 256, 1024, 4096)}

# %% mystnb={"figure": {"name": "fig-sob-growing", "caption": "A smooth function and its networks. Lines are hyperplanes of the two narrow ones, red where the network folds upwards, blue where downwards."}, "image": {"alt": "Six discs. The first shows an orange hill to the right, a purple hollow to the left, a smaller hill below. With 16 neurons the network is a crude patchwork of facets, with 64 the hills appear, from 256 on the picture can hardly be told from the function."}}
titles = {f"$k={k}$, $\\lambda={sharpness(net, X):.2f}$": net for k, net in grown.items()}
draw.plot_planar({"the function": landscape} | titles, R, 1.2)
plt.show()

# %% tags=["nbval-check-output"]
flat = {k: sharpness(net, X) for k, net in grown.items()}
for k, net in grown.items():
    error = np.sqrt(np.mean((net(X) - landscape(X)) ** 2))
    print(f"k = {k:4d}   rms error {error:.3f}   sharpness {flat[k]:.2f}")
claim("sob-first-error", "rms error of the widest network", error, at_most=0.02)
claim("sob-first-flat", "sharpness at width 4096 over that at width 64", flat[4096] / flat[64], equals=1.0, tol=0.03)

# %% [markdown]
# The error falls to about a hundredth of the height of a hill, and the sharpness in {numref}`fig-sob-growing` changes by a few per cent only. A fine network is not a sharp one:
# its folds are many and each is slight. Why, and for which functions?
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`nacson2023implicit` state, in their abstract, that sufficiently smooth functions, in a Sobolev sense, are approximated arbitrarily well by shallow networks that are stable solutions of gradient descent. {cite:t}`ongie2020function` show that functions in $W^{s,1}$, $s\ge d+1$, have bounded norm ($W^{s,1}$: the functions whose derivatives up to order $s$ are integrable). We could not read the former's proof; the construction, all constants and all proofs below are ours.
# ```
#
# ## From infinitely many neurons to finitely many
#
# In {ref}`multivariate-bound` a smooth function was rebuilt from its ridge density $\alpha=-c_dR(-\Delta)^{(d+1)/2}f$, $c_d=1/(2(2\pi)^{d-1})$ ({prf:ref}`thm-mv-density`): for a Schwartz function and $\|x\|\le R$,
#
# $$
# f(x)=f(0)+\nabla f(0)\cdot x+2\int_{S^{d-1}}\int_0^R\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du .
# $$ (eq-sob-identity)
#
# ```{prf:proof}
# (In short.) Let $z=u\cdot x$. Fourier inversion in polar coordinates $\xi=su$, $s\in\mathbb R$, $d\xi=\frac12|s|^{d-1}ds\,du$, makes the left side minus Taylor's part equal to
# $\frac1{2(2\pi)^d}\int_{S^{d-1}}\int|s|^{d-1}\hat f(su)(e^{isz}-1-isz)\,ds\,du$. By $e^{isz}-1-isz=-s^2\int_0^z(z-t)e^{ist}dt$, Fubini, and $\alpha(u,t)=-\frac{c_d}{2\pi}\int|s|^{d+1}\hat f(su)e^{ist}ds$ with $\frac{c_d}{2\pi}=\frac1{2(2\pi)^d}$, this is $\int_{S^{d-1}}\int_0^z\alpha(u,t)(z-t)\,dt\,du$. As $\alpha(-u,-t)=\alpha(u,t)$, opposite directions contribute the same: twice the part with $z>0$ remains. There $z\le R$, and the inner integral is $\int_0^R\alpha\,\sigma(z-t)\,dt$; for $z\le0$ the latter vanishes.
# ```
#
# This is a network with infinitely many infinitely small neurons. Because $t>0$, all of them are off at the origin, and the affine part is explicit: it is Taylor's. What the function costs is the total fold.
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
# This is $S_g$ with $g=1$. To make a finite network, *draw* neurons from $|\alpha|$.
#
# ```{prf:algorithm} Drawing a network
# :label: alg-sob-draw
#
# **Input** $f$, width $k$, radius $R$. **Output** a network on the ball $\|x\|\le R$.
#
# 1. Draw $(u_i,t_i)$, $i\le k$, with density $2|\alpha(u,t)|/A$ on $S^{d-1}\times(0,R)$.
# 2. Put $a_i=\frac Ak\operatorname{sgn}\alpha(u_i,t_i)$ and $c=f(0)$.
# 3. If $s=\|\nabla f(0)\|\ne0$, add two neurons on one hyperplane: $a=\pm s$, $u=\pm\nabla f(0)/s$, $t=0$. Together they are $\nabla f(0)\cdot x$.
# ```
#
# (If $A=0$, $f$ is affine on the ball, and only $c$ and step 3 remain.) The density is normalised because $\alpha$ is even, so that $0<t<R$ carries half of $A$; and the mean of $a_i\sigma(u_i\cdot x-t_i)$ is the integral in {eq}`eq-sob-identity` divided by $k$. The library draws from a density $p$ that is a piecewise linear *fit* of $2|\alpha|/A$ in $t$ (and in the angle, for $d=2$; for $d\ge3$ directions are uniform, or suited to the covariances of Gaussians) and sets $a_i=2\alpha/(kp)$. Dividing by what was drawn from leaves no bias; the amplitudes are then not exactly equal, and $\sum|a_i|$ is an estimate of $A$.
#
# {numref}`fig-sob-drawing` draws 256 neurons for the landscape: independently, and with a scrambled Sobol sequence, which spreads them more evenly (*quasi-Monte Carlo*).

# %% mystnb={"figure": {"name": "fig-sob-drawing", "caption": "The ridge density of the landscape on the half of the sinogram with $t>0$, and 256 neurons drawn from its absolute value (crosses fold upwards, circles downwards)."}, "image": {"alt": "Two panels with the same wavy orange and purple bands. Above, the marks are scattered with clumps and gaps; below, they follow the bands with even spacing."}}
kinds = {"independent": "mc", "quasi-Monte Carlo": "qmc"}
draw.plot_drawing(landscape, R, {name: ridge_neurons(landscape, 256, R, kind) for name, kind in kinds.items()})
plt.show()

# %% [markdown]
# ### For which functions the identity holds
#
# The identity {eq}`eq-sob-identity` is proved for Schwartz functions. It extends to whatever they approximate in a norm that controls both sides.
#
# ```{prf:lemma} The identity for Sobolev functions
# :label: lem-sob-extension
#
# Suppose that for some $m\ge d+1$ there is a constant with $\|f\|_{\mathcal R}\le C\|f\|_{W^{m,1}}$ for all Schwartz functions. Then $\alpha$ extends continuously to $f\in W^{m,1}(\mathbb R^d)$, such an $f$ is continuously differentiable, and {eq}`eq-sob-identity` holds for it whenever $\|x\|\le R$.
# ```
#
# ```{prf:proof}
# For a Schwartz function $h$, $h(x)=\int_{y\le x}\partial_1\cdots\partial_dh(y)\,dy$ (coordinate by coordinate), so $\sup|h|\le\|h\|_{W^{d,1}}$. With $h=f$ and $h=\partial_jf$, $\sup|f|+\sup\|\nabla f\|\le C'\|f\|_{W^{d+1,1}}$.
# Schwartz functions are dense in $W^{m,1}$. If $f_n\to f$ there, then $f_n$ and $\nabla f_n$ converge uniformly, so $f\in C^1$ and the left side and the Taylor part of {eq}`eq-sob-identity` converge; and $\alpha_n$ is a Cauchy sequence in $L^1(S^{d-1}\times\mathbb R)$, whose limit we call $\alpha$; it is even, and does not depend on the sequence. On $0<t<R$ the function $\sigma(u\cdot x-t)$ is at most $R$, so the integrals converge too.
# ```
#
# We check the identity where everything is in play: correlated bumps off the origin, in dimensions two to five.

# %%
rebuilt = {}
for d, order in ((2, 40), (3, 32), (4, 16), (5, 12)):
    pair = Mixture([Gaussian(0.3 * np.cos(np.arange(d)), np.eye(d) + 0.2), Gaussian(np.zeros(d), 1.5 * np.eye(d))],
                   [1.0, -0.7])
    x = 0.8 * np.sin(1.0 + np.arange(d))
    rebuilt[d] = abs(rebuild(pair, x, order) - pair(x[None])[0])
claim("sob-identity", "largest error of a value rebuilt from the density, $d=2,3,4,5$", max(rebuilt.values()),
      at_most=1e-6, source="eq. for f on the ball")

# %% [markdown]
# ## The bump in every dimension
#
# For $f(x)=e^{-\|x\|^2/2}$ chapter 3 has {ref}`closed forms <sec-mv-gaussian>` for odd $d$ and for $d=2$. There is one for all, and it is a characteristic function.
#
# ```{prf:proposition} Density of the bump
# :label: prop-sob-bump
#
# Let $\kappa_d=\pi^{d/2}/\Gamma(\frac d2+1)$ be the volume of the unit ball and $\chi$ the length of a standard normal vector in $d+2$ dimensions. Then, with Kummer's function $M$,
#
# $$
# \begin{gathered}
# \alpha(t)=-\frac1{\kappa_d}\,\mathbb E\cos(t\chi)=-\frac1{\kappa_d}\,M\Bigl(\frac d2+1;\frac12;-\frac{t^2}2\Bigr),\\
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
# *The limit.* Let $p$ be the density of $\chi$ and $m=d+2$. Since $(\log p)''=-1-\frac{d+1}{s^2}$ and $p''=\{(\log p)'^2+(\log p)''\}p$, and $\mathbb E(\log p)'^2=-\mathbb E(\log p)''$ by parts, $\int|p''|\le2\,\mathbb E\bigl(1+\frac{d+1}{\chi^2}\bigr)=2\bigl(1+\frac{d+1}d\bigr)\le6$ for $d\ge1$, using $\mathbb E\chi^{-2}=1/d$. Since $p$ and $p'$ vanish at $0$, two integrations by parts give $|\mathbb E\cos(t\chi)|\le\min(1,6/t^2)$. By the central limit theorem $\chi-\sqrt m\to N(0,\frac12)$ in law, so $\mathbb E\cos(t\chi)-\cos(t\sqrt m)\,e^{-t^2/4}\to0$ for each $t$, and in $L^1$ by domination. Finally $\int|\cos(t\sqrt m)|e^{-t^2/4}dt\to\frac2\pi\int e^{-t^2/4}dt=\frac2\pi\cdot2\sqrt\pi$, because $|\cos|$ has mean $\frac2\pi$ over its period and oscillates ever faster.
# ```

# %%
t = np.sinh(np.linspace(0, 7.5, 20_001))
dims = [1, 2, 3, 4, 5, 7, 10, 15, 20]
norms = {d: 2 * sphere_area(d) * np.trapezoid(np.abs(gaussian_ridge_density(d, t)), t) for d in dims}

# %% mystnb={"figure": {"name": "fig-sob-norms", "caption": "The norm of the Gaussian bump, divided by the dimension, and its limit."}, "image": {"alt": "A curve with dots that falls from 2.43 in dimension 1 quickly at first, then slowly towards a dashed line at 2.26."}}
draw.plot_norms(dims, list(norms.values()))
plt.show()

# %% tags=["nbval-check-output"]
for d in (1, 2, 3, 5, 10):
    print(f"d = {d:2d}:  norm of the bump {norms[d]:.4f}")
known = {1: 4 / np.sqrt(np.e), 2: 4.76856, 3: 7.02006, 5: 11.54352}
claim("sob-norms", "largest difference of the norms from $4/\\sqrt e$, 4.76856, 7.02006, 11.54352 for $d=1,2,3,5$",
      max(abs(norms[d] - value) for d, value in known.items()), at_most=3e-5, source="density of the bump")
claim("sob-norm-limit", "norm over $d$ at $d=20$ over the limit $4/\\sqrt\\pi$", norms[20] / 20 * np.sqrt(np.pi) / 4,
      equals=1.0, tol=0.02, source="density of the bump")

# %% [markdown]
# For large $d$ the bump's cost grows only in proportion to the dimension. *Narrowness* costs in proportion to $1/\text{width}$, as Exercise {ref}`narrow bumps <ex-sob-narrow>` shows.
#
# ## The norm in terms of derivatives
#
# When is $\|f\|_{\mathcal R}$ finite? The density has $d+1$ derivatives in it. Write $D_u=u\cdot\nabla$ for the derivative along $u$, and recall that $\partial_t^mRf(u,\cdot)=R(D_u^mf)(u,\cdot)$ (both have the Fourier transform $(is)^m\hat f(su)$) and $\|Rh(u,\cdot)\|_{L^1(\mathbb R)}\le\|h\|_{L^1(\mathbb R^d)}$ (Fubini).
#
# ```{prf:theorem} Sobolev bounds
# :label: thm-sob-norm
#
# Let $f$ be a Schwartz function. For odd $d$, with equality for the bump,
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
# Hence {eq}`eq-sob-identity` holds, with finite norm, for all $f\in W^{d+1,1}$ if $d$ is odd and all $f\in W^{d+2,1}$ if $d$ is even.
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
# The numerator has $L^1$ norm at most $4\|h\|_1$ and at most $\tau^2\|h''\|_1$ (it is $-\int_{-\tau}^{\tau}(\tau-|r|)h''(t+r)\,dr$). Split at $\tau_0=2\sqrt{\|h\|_1/\|h''\|_1}$:
#
# $$
# \||\partial|h\|_1\le\frac1\pi\Bigl(\tau_0\|h''\|_1+\frac{4\|h\|_1}{\tau_0}\Bigr)=\frac4\pi\sqrt{\|h\|_1\|h''\|_1}\, ,
# $$
#
# and $\|h\|_1\le\|D_u^df\|_1$, $\|h''\|_1\le\|D_u^{d+2}f\|_1$. Both bounds are at most a constant times $\|f\|_{W^{m,1}}$, and {prf:ref}`lem-sob-extension` applies.
# ```
#
# For the bump the derivatives are Hermite polynomials, and both statements reduce to one integral each.

# %%
s, ds = np.linspace(-12, 12, 48_001, retstep=True)

def hermite_mass(m):  # ‖D_u^m f‖ in L¹, without the factor (2π)^((d-1)/2) of the other directions
    return np.abs(np.polynomial.hermite_e.hermeval(s, [0] * m + [1]) * np.exp(-(s**2) / 2)).sum() * ds

odd = {d: inversion_constant(d) * sphere_area(d) * (2 * np.pi) ** ((d - 1) / 2) * hermite_mass(d + 1) for d in (3, 5)}
even = {d: 4 / np.pi * inversion_constant(d) * sphere_area(d) * (2 * np.pi) ** ((d - 1) / 2)
        * np.sqrt(hermite_mass(d) * hermite_mass(d + 2)) for d in (2, 4, 10)}
claim("sob-odd-equality", "the odd bound over the norm of the bump, less 1, largest size for $d=3,5$",
      max(abs(odd[d] / norms[d] - 1) for d in odd), at_most=1e-4, source="Sobolev bounds")
claim("sob-even-bound", "the even bound over the norm of the bump, smallest of $d=2,4,10$",
      min(even[d] / norms[d] for d in even), at_least=1.0, at_most=1.6, source="Sobolev bounds")

# %% [markdown]
# ### The trouble with even dimensions
#
# With only $d+1$ derivatives the second bound on the numerator in {eq}`eq-sob-lambda` would be $2\tau\|h'\|_1$, and $\int d\tau/\tau$ diverges at $0$. It is a logarithm short, and not by clumsiness: $|\partial|h=Hh'$ with the Hilbert transform $H\varphi(t)=\frac1\pi\,\mathrm{p.v.}\!\int\frac{\varphi(s)}{t-s}ds$, which is **not bounded on $L^1$**. A bump $\varphi_w$ of mass one and width $w$ has a transform with the tail $1/\pi t$ for $t\gg w$ ({numref}`fig-sob-hilbert`), whatever $w$ is, so that $\int_{-1}^1|H\varphi_w|$ grows like $\frac2\pi\ln\frac1w$ while $\|\varphi_w\|_1=1$. This is the trouble in *one* direction $u$; what the integral over all directions might repair, our proof does not use.

# %% mystnb={"figure": {"name": "fig-sob-hilbert", "caption": "Gaussian bumps of mass one (left) and their Hilbert transforms (right)."}, "image": {"alt": "Left, three bumps of falling width and rising height. Right, on logarithmic axes, three curves that rise in proportion to t, bend over at their width and all join the dotted line 1/\u03c0t."}}
draw.plot_hilbert([0.01, 0.03, 0.1])
plt.show()

# %%
far = np.geomspace(1e-7, 1, 20_001)
mass = {w: 2 * np.trapezoid(np.sqrt(2) / (np.pi * w) * dawsn(far / (np.sqrt(2) * w)), far) for w in (1e-3, 1e-4)}
claim("sob-hilbert", "growth of $\\int_{-1}^1|H\\varphi_w|$ per factor ten in $w$, over $\\frac2\\pi\\ln10$",
      (mass[1e-4] - mass[1e-3]) / (2 / np.pi * np.log(10)), equals=1.0, tol=1e-3)

# %% [markdown]
# What is proved here for even $d$ is $W^{d+2,1}$, and a little more: by {eq}`eq-sob-lambda` it is enough that the second differences of the $d$-th derivatives are integrable against $d\tau/\tau^2$ (the Besov space $B^{d+1}_{1,1}$; Exercise {ref}`a little less than one derivative <ex-sob-dini>`). The endpoint $W^{d+1,1}$ for even $d$ is **not** proved here; the statement of {cite:t}`ongie2020function` quoted above includes it.
#
# **A way around.** Where the Hilbert transform is unwelcome, add a dimension: $F(x,y)=f(x)\psi(y)$ with a fixed Schwartz function $\psi$, $\psi(0)=1$, lives in the odd dimension $d+1$, where $\alpha$ is local. Draw a network for $F$ and set $y=0$: drop the last column of $W$. A neuron $(u,t)$ keeps the share $\|(u_1,\dots,u_d)\|$ of its amplitude.

# %%
bump = {d: Gaussian(np.zeros(d)) for d in (1, 2, 3, 4, 5, 10)}
raised = ridge_network(bump[3], 2**14, R)
lowered = ShallowReLU(raised.W[:, :2], raised.b, raised.v, raised.c)
direct = ridge_network(bump[2], 2**14, R)
lift_error = np.sqrt(np.mean((lowered(X) - bump[2](X)) ** 2))
claim("sob-lift-error", "rms error of the bump of the plane, drawn in three dimensions", lift_error, at_most=1e-3)
claim("sob-lift-cost", "its path norm over that of the direct drawing", path_norm(lowered) / path_norm(direct),
      at_least=1.1, at_most=1.3)

# %% [markdown]
# The detour costs {glue:text}`lift-cost` times the norm and avoids $H$; it does not lower the number of derivatives, since $F$ needs $d+2$ of them in odd dimension $d+1$.
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
# The rate has no dimension in it; the dimension is in $A$. **Question.** Does it hold, and can we do better? **Prediction.** Independent drawing: slope $-\frac12$. Quasi-Monte Carlo points integrate smooth functions faster, with less gain in higher dimension; our integrand has a kink, and we have no theorem for it.

# %%
widths = 2 ** np.arange(6, 15, 2)
inputs = {d: uniform_ball(300, d, R, seed=1) for d in bump}

def rms(d, k, method):
    misses = [ridge_network(bump[d], k, R, method, seed)(inputs[d]) - bump[d](inputs[d]) for seed in range(3)]
    return np.sqrt(np.mean(np.square(misses)))

errors = {d: {m: np.array([rms(d, k, m) for k in widths]) for m in ("mc", "qmc")} for d in (1, 2, 3, 5)}

# %% mystnb={"figure": {"name": "fig-sob-errors", "caption": "Error of networks for the bump on the ball of radius 2, root mean square over 300 inputs and three drawings."}, "image": {"alt": "Four panels, dimensions 1, 2, 3 and 5, logarithmic axes. The red curves fall in parallel to the dashed bound and below it. The blue curves fall about twice as steeply in dimensions 1 to 3 and less so in dimension 5."}}
maurey = {d: ridge_norm(bump[d], R) * R for d in errors}
draw.plot_errors(widths, errors, maurey)
plt.show()

# %%
slopes = {m: {d: np.polyfit(np.log(widths), np.log(errors[d][m]), 1)[0] for d in errors} for m in ("mc", "qmc")}
claim("sob-mc-slope", "slope of independent drawing, mean over $d=1,2,3,5$", np.mean(list(slopes["mc"].values())),
      equals=-0.5, tol=0.06, source="Maurey's argument")
claim("sob-maurey", "largest error of independent drawing over $AR/\\sqrt k$",
      max((errors[d]["mc"] * np.sqrt(widths)).max() / maurey[d] for d in errors), at_most=1.0)
claim("sob-qmc-slope", "slope of quasi-Monte Carlo, mean over $d=1,2,3$", np.mean([slopes["qmc"][d] for d in (1, 2, 3)]),
      at_least=-1.1, at_most=-0.9)
claim("sob-qmc-slope-5", "the same for $d=5$", slopes["qmc"][5], at_least=-0.95, at_most=-0.65)


# %% [markdown]
# **What we see.** {numref}`fig-sob-errors` confirms both. At $k=2^{14}$ quasi-Monte Carlo has reached {glue:text}`best-1`, {glue:text}`best-2`, {glue:text}`best-3` and {glue:text}`best-5` in dimensions 1, 2, 3 and 5. **What would have falsified it:** a red curve above the dashed line by more than its scatter, or a slope of $-\frac12$ that flattens as the dimension grows.
#
# ## Flat at every width
#
# Now the sharpness. Each neuron has one freedom left, its scale; it costs nothing in the function and decides everything here.
#
# ```{prf:theorem} Flat at every width
# :label: thm-sob-flat
#
# Let $f_k$ come from {prf:ref}`alg-sob-draw`, with the scales $\|w_i\|^2=|a_i|\sqrt{1+R^2}/(R-t_i)$, also for the pair of the linear part. Then wherever $f_k$ is differentiable in its parameters and $\|x\|\le R$,
#
# $$
# \begin{aligned}
# \|\nabla_\theta f_k(x)\|^2&\le1+2\sqrt{1+R^2}\,\Bigl\{\sum_{i\le k}|a_i|(R-t_i)+R\,\|\nabla f(0)\|\Bigr\}\\
# &\le\Lambda(f):=1+2R\sqrt{1+R^2}\,\bigl(A+\|\nabla f(0)\|\bigr).
# \end{aligned}
# $$ (eq-sob-flat)
#
# Consequently, for every sample in the ball on which no neuron switches, with the labels $y_j=f_k(x_j)$, and every step size $\eta\le2/\Lambda(f)$: $\lambda_{\max}(\nabla^2L)\le\Lambda(f)\le2/\eta$, and no step of the linearised SGD increases the distance to $f_k$'s parameters, for **every** sequence of batches of any sizes, drawn by whatever rule.
# ```
#
# ```{prf:proof}
# The derivatives of $f(x)$ are $1$ by $c$; and for each neuron that is on, $z_i=\|w_i\|(u_i\cdot x-t_i)$ by $v_i$, $v_ix$ by $w_i$, $v_i$ by $b_i$. With $u_i\cdot x\le R$ and $v_i^2=a_i^2/\|w_i\|^2$ the neuron adds at most
#
# $$
# \|w_i\|^2(R-t_i)^2+\frac{a_i^2}{\|w_i\|^2}(1+R^2)\ \ge\ 2|a_i|(R-t_i)\sqrt{1+R^2},
# $$
#
# and the stated scale is the one with equality. Of the two neurons with $t=0$ and opposite $u$ at most one is on at any $x$. Finally $R-t_i\le R$ and $\sum|a_i|=A$. (For the library's amplitudes, the first line of {eq}`eq-sob-flat` holds as it stands and the second with $\sum|a_i|$ for $A$.)
#
# At the minimum, batch $b$ has the Hessian $H_b=\frac1{|b|}\sum_{j\in b}\varphi_j\varphi_j^{\mathsf T}$ with $\varphi_j=\nabla_\theta f_k(x_j)$. As an average of matrices of norm $\|\varphi_j\|^2\le\Lambda$ it satisfies $0\preceq H_b\preceq\Lambda I\preceq\frac2\eta I$. Hence $-I\preceq I-\eta H_b\preceq I$: the linear step is not an expansion. The full batch gives the statement on $\lambda_{\max}$.
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
# (If a sample does lie on $\nabla f(0)\cdot x=0$, for instance at the origin, replace the pair by one neuron that is on in the whole ball, with $t=-R'$, $R'>R$, and a constant. In its gauge it adds $2(R+R')\sqrt{1+R^2}\,\|\nabla f(0)\|$ in place of $2R\sqrt{1+R^2}\,\|\nabla f(0)\|$: for $R'$ near $R$, twice as much.)
#
# ```{admonition} Beyond the paper
# :class: beyond
#
# Stability here is stronger than in the definition: not in expectation and not only for independent batches, but step by step for every choice of batches, reshuffled epochs included. The bound is pointwise in $x$, so it is indifferent to the sample.
# ```
#
# ### The gauge matters
#
# The same function, three parametrisations: all first-layer weights of length one; *balanced* layers, $\|w_i\|=|v_i|$; and the gauge of {prf:ref}`thm-sob-flat`. As a fourth we rescale for the sample at hand, with the gauge that minimises the mean gradient ({ref}`multivariate-bound`). We expect the first to grow in proportion to $k$: to the lower bound $\|\mathbb E\nabla_\theta f\|^2$ of {eq}`eq-mv-chain` each neuron adds $\mathbb E[(u_i\cdot X-t_i)_+]^2$ at least, however small its amplitude is.

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
nets = [ridge_network(bump[2], k, R) for k in widths]
gauge_sharpness = {
    name: np.array([sharpness(turn(net), X) for net in nets]) for name, turn in gauges.items()
}

# %% mystnb={"figure": {"name": "fig-sob-flatness", "caption": "Sharpness of networks for the bump of the plane, at 300 inputs, in four parametrisations, with the lower bound $1+2S_g$ and the upper bound $\\Lambda(f)$; below, three of them enlarged."}, "image": {"alt": "Above, on logarithmic axes, one line rises in proportion to the width and passes the upper bound, near 37, while three lines run level near 2. Below, these three enlarged, all level, balanced layers at the top, then the gauge of the theorem, then the gauge of the sample, and the lower bound under them."}}
lower = 1 + 2 * stability_norm(nets[-1], X)
draw.plot_flatness(widths, gauge_sharpness, lower, sharpness_bound(bump[2], R))
plt.show()

# %% [markdown]
# In the enlarged part the gauge of the theorem gains a little on balanced layers, and the gauge of the sample a little more.

# %%
unit, layers, theorem, sample = gauge_sharpness.values()
claim("sob-gauge-unit", "with $\\|w_i\\|=1$: growth of the sharpness from $k=2^{12}$ to $2^{14}$", unit[-1] / unit[-2],
      at_least=3.8, at_most=4.2)
claim("sob-gauge-order", "sharpness in balanced layers over the theorem's gauge", layers[-1] / theorem[-1], at_least=1.05)
claim("sob-gauge-sample", "theorem's gauge over the gauge of the sample", theorem[-1] / sample[-1], at_least=1.0,
      at_most=1.1)

# %% [markdown]
# The next table has the bump in more dimensions: sharpness at three widths, between $1+2S_g$, a lower bound for every parametrisation, and $\Lambda(f)$, which is known before any network is built. So is the column "mean", the middle expression of {eq}`eq-sob-flat` with the sum replaced by its mean over the drawing, $\int\!\int_{|t|<R}|\alpha|(R-|t|)$; the bound of a wide network is close to it.

# %% tags=["nbval-check-output"]
rows = {}
for d in (1, 2, 3, 5):
    trio = [ridge_network(bump[d], k, R) for k in (64, 1024, 16384)]
    values = [sharpness(net, inputs[d]) for net in trio]
    floor = 1 + 2 * stability_norm(trio[1], inputs[d])
    rows[d] = floor, *values, sharpness_ceiling(bump[d], R), sharpness_bound(bump[d], R)
    print(f"d = {d}:  1+2S_g {floor:.2f} | k=64 {values[0]:.2f}  k=1024 {values[1]:.2f}  k=16384 {values[2]:.2f} | "
          f"mean {rows[d][4]:.1f}  bound {rows[d][5]:.1f}")

# %%
spread = max((max(row[1:4]) - min(row[1:4])) / row[2] for row in rows.values())
claim("sob-flat", "largest relative change of the sharpness from $k=64$ to $16384$, $d=1,2,3,5$", spread, at_most=0.02)
claim("sob-between", "the sharpness lies between its bounds in all twelve cases",
      all(row[0] <= value <= row[5] for row in rows.values() for value in row[1:4]), equals=True, source="flat at every width")

# %% [markdown]
# Why is the limit so much flatter than the bound? {eq}`eq-sob-flat` is about the worst point of the ball, whatever the data; $\lambda_{\max}$ averages over the sample, being at most the mean of $\|\nabla_\theta f_k(x_j)\|^2$ (the trace of $G/n$). As $k\to\infty$ the sums over neurons become integrals: $S_g(f_k)=\sum|a_i|g(u_i,t_i)\to\int\!\int|\alpha|g$ by the law of large numbers, and each entry of the tangent kernel converges likewise. The sharpness of the function in this gauge has a limit, and we see it at $k=64$ already.
#
# ### Every batch
#
# The theorem speaks about the linearised dynamics with any batches. We run it with single samples at the largest step it allows, with the *measured* maximum of $\|\nabla_\theta f_k(x_j)\|^2$ in place of $\Lambda$, from a random start.

# %%
small, few = ridge_network(landscape, 256, R), X[:100]
worst = squared_gradients(small, few).max()
distance = linearized_sgd(small, few, 2 / worst, batch_size=1, steps=2000, seed=0)
beyond = linearized_sgd(small, few, 4 / worst, batch_size=1, steps=200, seed=0)
claim("sob-every-batch", "largest factor of the squared distance in one step, single samples, $\\eta=2/\\max\\|\\nabla f\\|^2$",
      (distance[1:] / distance[:-1]).max(), at_most=1 + 1e-12, source="flat at every width")
claim("sob-not-every-batch", "the same at twice that step: some steps expand", (beyond[1:] / beyond[:-1]).max(),
      at_least=1.001)


# %% [markdown]
# ## At the edge
#
# $\lambda_{\max}\le2/\eta$ is the condition for gradient descent to stay. Let us watch it decide. We take networks of width 1024, set the labels a hair off the function along the top eigenvector $q$ of the tangent kernel, $y=f_k+10^{-6}q$, and start at $f_k$. To first order the residual then evolves as $r\leftarrow(I-\eta G/n)\,r$, stays along $q$, and is multiplied by $1-\eta\lambda$ in each step. **Prediction:** the loss is multiplied by $(1-\eta\lambda)^2$, that is .9604, 1.0404 and 1.21 for $\eta=.99$, $1.01$ and $1.05$ times $2/\lambda$, in every dimension.

# %%
def loss_near_minimum(d, factor, steps=40):
    net, points = ridge_network(bump[d], 1024, R), inputs[d]
    top = np.linalg.eigh(tangent_kernel(net, points))[1][:, -1]
    y = net(points) + 1e-6 * top
    return train_sgd(net, points, y, factor * gd_threshold(net, points), tolerance=1e-30, max_epochs=steps).history

factors = (0.99, 1.01, 1.05)
predicted = {factor: (1 - 2 * factor) ** 2 for factor in factors}
losses = {d: {factor: loss_near_minimum(d, factor) for factor in factors} for d in (1, 2, 3, 5)}

# %% mystnb={"figure": {"name": "fig-sob-edge", "caption": "Gradient descent at a network for the bump, $d=3$, just below and just above $2/\\lambda$. Dots, the loss; lines, the prediction."}, "image": {"alt": "Three rows of dots on three straight lines on a logarithmic scale. One falls by a factor of five in forty steps, one rises by about the same, one rises by a factor of nearly two thousand."}}
draw.plot_edge(losses[3], predicted)
plt.show()

# %% tags=["nbval-check-output"]
ratios = {f: np.array([(h[f][-1] / h[f][0]) ** (1 / 39) for h in losses.values()]) for f in factors}
for factor in factors:
    print(f"η = {factor:.2f}·2/λ:  loss per step {ratios[factor].min():.4f} to {ratios[factor].max():.4f},  predicted {predicted[factor]:.4f}")
claim("sob-edge", "loss per step minus $(1-\\eta\\lambda)^2$, largest of three step sizes and four dimensions",
      max(np.abs(ratios[f] - predicted[f]).max() for f in factors), at_most=1e-4)

# %% [markdown]
# ## Exact labels
#
# The network has the labels $f_k(x_j)$, not $f(x_j)$. If these are wanted, or any labels close by, change the output layer by the least amount that fits: $n$ equations for $k+1$ unknowns. The hidden layer does not move, so the hyperplanes stay; the sharpness must be measured again. (There must be enough hyperplanes between the samples: on the line, three samples without a knot between them get labels on a straight line. We take 100 samples.)

# %% tags=["nbval-check-output"]
corrected = {}
for d in (1, 2, 3, 5):
    before, points = ridge_network(bump[d], 4096, R), inputs[d][:100]
    after = with_labels(before, points, bump[d](points))
    corrected[d] = np.abs(after(points) - bump[d](points)).max(), sharpness(before, points), sharpness(after, points)
    print(f"d = {d}:  residual below 1e-12: {corrected[d][0] < 1e-12}   sharpness {corrected[d][1]:.2f} to {corrected[d][2]:.2f}")
claim("sob-exact", "largest residual after the correction, $d=1,2,3,5$", max(row[0] for row in corrected.values()),
      at_most=1e-12)
claim("sob-exact-flat", "largest change of the sharpness by it", max(abs(row[2] - row[1]) for row in corrected.values()),
      at_most=0.02)

# %% [markdown]
# (sec-sob-own)=
# ## A function of your own
#
# For a function that comes as a callable, without a formula for its density, `ridges_of` computes one in up to three dimensions: sample on a grid, transform, read the transform along rays (the slice theorem), multiply by $|s|^{d+1}$, transform back. It then rebuilds the function at random points from what it computed, and reports the largest miss.
#
# The example is a handwritten digit of the set that comes with scikit-learn: eight by eight pixels, each a grain of ink, blurred to a smooth density.

# %%
images, labels = load_small_digits()
three = images[labels == 3][0] / 16
row, column = np.nonzero(three)
grains = np.column_stack([(column - 3.5) / 3.5, (3.5 - row) / 3.5])

def digit(blur):
    parts = [Gaussian(grain, blur**2 * np.eye(2)) for grain in grains]
    return Mixture(parts, three[row, column] * (2 / 7) ** 2 / (2 * np.pi * blur**2))

blurs, disc = (0.15, 0.2, 0.3, 0.5), 1.5
own = {blur: ridges_of(digit(blur).__call__, 2, reach=1 + 5.5 * blur) for blur in blurs}
held = {blur: ridge_network(own[blur], 4096, disc) for blur in blurs}
Y = uniform_ball(400, 2, disc, seed=2)

# %% mystnb={"figure": {"name": "fig-sob-digit", "caption": "A digit held by flat networks. Above, more and more neurons for one digit; below, 4096 neurons for more and more blur, with the largest step size at which gradient descent can stay."}, "image": {"alt": "Six discs with a handwritten three. With 256 neurons a rough three on a blotched ground, with 1024 and 4096 a clean one. Below, a crisp three, a soft one and an oval cloud, while the step size grows."}}
drawn = {f"blur 0.2, $k={k}$": ridge_network(own[0.2], k, disc) for k in (256, 1024, 4096)}
softer = {f"blur {b}, $\\eta\\leq{gd_threshold(held[b], Y):.2f}$": held[b] for b in (0.15, 0.3, 0.5)}
draw.plot_planar(drawn | softer, disc, 0.8, cmap="Greys")
plt.show()

# %%
rng = np.random.default_rng(3)
turn, offset = rng.uniform(0, 2 * np.pi, 500), rng.uniform(0, disc, 500)
u = np.column_stack([np.cos(turn), np.sin(turn)])
known = digit(0.15).ridge_density(u, offset)
density_error = np.abs(own[0.15].ridge_density(u, offset) - known).max() / np.abs(known).max()
steps = {blur: gd_threshold(held[blur], Y) for blur in blurs}
digit_error = np.sqrt(np.mean((held[0.15](Y) - digit(0.15)(Y)) ** 2))
claim("sob-own-density", "computed density of the digit against its closed form, relative to the largest value",
      density_error, at_most=1e-4)
claim("sob-own-error", "the error that the library reports for it: value rebuilt minus value", own[0.15].error, at_most=1e-4)
claim("sob-digit", "rms error of 4096 neurons over the height of the digit", digit_error / digit(0.15)(grains).max(),
      at_most=0.05)
claim("sob-digit-step", "largest stable step for the digit blurred by 0.5 over that blurred by 0.15",
      steps[0.5] / steps[0.15], at_least=5)

# %% [markdown]
# The network for the sharp digit tolerates step sizes up to {glue:text}`digit-sharp-step`, the one for the soft digit up to {glue:text}`digit-soft-step`. **A large step size buys smoothness; detail needs a small one.** The last section makes that quantitative where it hurts most.
#
# ## Back to the pyramid
#
# In {ref}`depth-separation` the pyramid $\varphi(x)=[1-\|x\|_1]_+$ had infinite norm: no step size suffices for all accuracies. But its blurred version $\varphi_\varepsilon(x)=\mathbb E\varphi(x+\varepsilon Z)$, $Z$ standard normal, is smooth, so this chapter applies to it; its density is known in closed form, and for a continuous weight $g$ on a disc, {prf:ref}`thm-depth-exact` gives $S_g(\varphi_\varepsilon)=C\ln^2\frac1\varepsilon\,(1+o(1))$, where $C=\frac{2\sqrt2}{\pi^2}\sum g+\frac4{\pi^2}\sum g$, the first sum over the lines of the four edges, the second over the two axes. With $g=1$ it says that $A$, and with it $\Lambda(\varphi_\varepsilon)$, grows like $\ln^2\frac1\varepsilon$ too: there are networks for $\varphi_\varepsilon$ that are stable at steps of the order of $1/\ln^2\frac1\varepsilon$.
#
# **Question.** What happens to the admissible step size as $\varepsilon\to0$? **Prediction.** The sharpness of a network is at least $1+2S_g$, and $S_g(f_k)$ is close to $S_g(\varphi_\varepsilon)$; so, with the weight of 400 inputs in $C$, we expect $\sqrt{\lambda_{\max}-1}$ to grow at least like $\sqrt{2C}\ln\frac1\varepsilon$, and the step to fall to zero, but slowly. As $A$ grows, so does the width that a given accuracy needs; we take $2^{14}$ neurons for every $\varepsilon$.

# %%
scales = [0.4, 0.2, 0.1, 0.05, 0.025, 0.0125]
blurred = {scale: ridge_network(MollifiedPyramid(2, scale), 2**14, disc, cells=256) for scale in scales}
step = {scale: gd_threshold(net, Y) for scale, net in blurred.items()}
crease = {scale: (2 / step[scale], stability_norm(net, Y)) for scale, net in blurred.items()}
exact = {scale: MollifiedPyramid(2, scale, order=200)(Y) for scale in scales}
miss = {scale: np.sqrt(np.mean((net(Y) - exact[scale]) ** 2)) for scale, net in blurred.items()}

# %% mystnb={"figure": {"name": "fig-sob-crease", "caption": "Above, cross-sections of stable networks for the blurred pyramid. Below, the square roots of sharpness minus one and of twice the stability norm, at 400 inputs in the disc of radius 1.5."}, "image": {"alt": "Above, four tents, from a low rounded one to one with a sharp tip and sharp feet. Below, two nearly straight lines that rise with the logarithm of one over epsilon, the sharpness above the norm."}}
x = np.linspace(-disc, disc, 401)
line = np.column_stack([x, np.zeros(401)])
draw.plot_crease({scale: (x, blurred[scale](line)) for scale in (0.4, 0.2, 0.1, 0.05)}, crease)
plt.show()

# %% tags=["nbval-check-output"]
for scale in scales:
    print(f"ε = {scale:<6g}  sharpness {2 / step[scale]:5.2f}   largest step {step[scale]:.2f}   "
          f"S_g {crease[scale][1]:.2f}   rms error {miss[scale]:.3f}")

# %%
root = np.sqrt([crease[scale][0] - 1 for scale in scales])
pieces = np.diff(root) / np.diff(np.log(1 / np.array(scales)))
corner = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) / np.sqrt(2)
C = (2 * np.sqrt(2) * data_weight(Y, corner, np.full(4, np.sqrt(0.5))).sum()
     + 4 * data_weight(Y, np.eye(2), np.zeros(2)).sum()) / np.pi**2
grown_norm = np.sqrt(2 * crease[0.0125][1]) - np.sqrt(2 * crease[0.025][1])
claim("sob-crease-step", "the largest step at $\\varepsilon=0.0125$ over that at $0.4$", step[0.0125] / step[0.4], at_most=0.2)
claim("sob-crease-floor", "smallest $(\\lambda_{\\max}-1)/2S_g$", min((s - 1) / 2 / g for s, g in crease.values()), at_least=1.0)
claim("sob-crease-log", "growth of $\\sqrt{\\lambda_{\\max}-1}$ per unit of $\\ln(1/\\varepsilon)$: last piece over first",
      pieces[-1] / pieces[0], at_least=0.6, at_most=1.1)
claim("sob-crease-rate", "growth of $\\sqrt{2S_g}$ over $\\sqrt{2C}\\ln2$ when $\\varepsilon$ is halved to 0.0125",
      grown_norm / (np.sqrt(2 * C) * np.log(2)), at_least=0.85, at_most=1.1)
claim("sob-crease-follow", "largest rms distance of the six networks from their blurred pyramids", max(miss.values()),
      at_most=0.015)
claim("sob-crease-close", "at $\\varepsilon=0.1$: rms distance of the network from the pyramid itself",
      np.sqrt(np.mean((blurred[0.1](Y) - pyramid(Y)) ** 2)), at_most=0.03)

# %% [markdown]
# **What we see.** The lines in {numref}`fig-sob-crease` are nearly straight: halving $\varepsilon$ adds a constant to $\sqrt{\lambda_{\max}-1}$, so over this range the step falls like $1/\ln^2(1/\varepsilon)$: from {glue:text}`step-soft` at $\varepsilon=0.4$ to {glue:text}`step-sharp` at $0.0125$. By {prf:ref}`thm-depth-exact` no networks have a smaller norm to leading order: for a continuous weight, positive around the tips, the least norm within accuracy $\delta$ on the disc is $C\ln^2\frac1\delta\,(1+o(1))$, with this same $C$. **What would have falsified it:** a sharpness that saturates, or one that grows like a power of $1/\varepsilon$.

# %% tags=["remove-cell"]
glue("lift-cost", f"{path_norm(lowered) / path_norm(direct):.2f}", display=False)
for d in errors:
    glue(f"best-{d}", f"{errors[d]['qmc'][-1]:.1e}", display=False)
glue("digit-sharp-step", f"{steps[0.15]:.2f}", display=False)
glue("digit-soft-step", f"{steps[0.5]:.2f}", display=False)
glue("step-soft", f"{step[0.4]:.2f}", display=False)
glue("step-sharp", f"{step[0.0125]:.2f}", display=False)

# %% [markdown]
# ## Summary
#
# 1. On a ball a smooth function is Taylor's affine part plus neurons $(u,t)$, $0<t<R$, with density $2\alpha$; drawing $k$ of them from $|\alpha|$ gives, on average over the drawing, a root mean square error of at most $AR/\sqrt k$.
# 2. $\|f\|_{\mathcal R}$ is finite for $W^{d+1,1}$ in odd and for $W^{d+2,1}$ in even dimension, with explicit constants; the endpoint in even dimension stays open here, because the Hilbert transform is unbounded on $L^1$.
# 3. In the right gauge $\|\nabla_\theta f_k(x)\|^2\le1+2R\sqrt{1+R^2}(A+\|\nabla f(0)\|)$ on the ball, for every width: the network is stable at $2$ over that for any sample off its knots and any batches.
# 4. The gauge is not a detail: with unit input weights the same functions become sharper in proportion to the width.
# 5. For the Gaussian bump the norm is about $\frac4{\sqrt\pi}d$; for the pyramid of the plane blurred by $\varepsilon$ the stability norm is $C\ln^2\frac1\varepsilon$ to leading order: smoothness is what a step size buys.
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
# With $\|w_i\|^2=v_i^2=|a_i|$ a neuron adds at most $|a_i|\{(R-t_i)^2+1+R^2\}$, so the bound is $1+\sum|a_i|\{(R-t_i)^2+1+R^2\}$. Against $2|a_i|(R-t_i)\sqrt{1+R^2}$ the ratio is $\frac12(q+\frac1q)$ with $q=(R-t_i)/\sqrt{1+R^2}\in(0,1)$: always at least 1, and unbounded as $t_i\to R$. A neuron near the rim hardly ever fires strongly, and balanced layers do not use that.

# %%
a, u, t = ridge_neurons(bump[2], 4096, R)
balanced_sum = 1 + np.abs(a) @ ((R - t) ** 2 + 1 + R**2)
best_sum = 1 + 2 * np.hypot(1, R) * np.abs(a) @ (R - t)
print(f"balanced {balanced_sum:.2f}, best {best_sum:.2f}")
claim("sob-ex-balanced", "bound in balanced layers over the bound in the best gauge", balanced_sum / best_sum,
      at_least=1.1, at_most=2.0)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} Narrow bumps
# :label: ex-sob-narrow
# ```
# For $f_s(x)=f(x/s)$ show $\|f_s\|_{\mathcal R}=\|f\|_{\mathcal R}/s$ in every dimension. So what step size does {prf:ref}`thm-sob-flat` grant a bump of width $s$ in the ball of radius 1? Check the scaling with the library for $d=3$.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-sob-narrow
# :class: dropdown
# :label: sol-sob-narrow
# ```
# $f_s=\int\!\int\alpha(u,t)\,\sigma(u\cdot x/s-t)+\dots=\int\!\int\alpha(u,t)\,\frac1s\sigma(u\cdot x-st)$, so $\alpha_s(u,t)=s^{-2}\alpha(u,t/s)$, and integrating $|\alpha_s|$ over $t$ gives one power back: $\frac1s$. The step is $2/\Lambda\ge2/(1+2\sqrt2\,\|f\|_{\mathcal R}/s)$, of the order of $s$: it vanishes with the width, but only linearly, and with $\|f\|_{\mathcal R}\approx\frac4{\sqrt\pi}d$ it is about $0.31\,s/d$ for small $s/d$.

# %%
narrow = {s: ridge_norm(Gaussian(np.zeros(3), s**2 * np.eye(3)), 10 * s) for s in (1.0, 0.1)}
claim("sob-ex-narrow", "norm of a bump of width 0.1 over that of width 1, $d=3$", narrow[0.1] / narrow[1.0],
      equals=10.0, tol=1e-6)
claim("sob-ex-narrow-one", "and the latter against the table", narrow[1.0], equals=7.02006, tol=1e-3)

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
# With $h=R(D_u^df)(u,\cdot)$ we have $h'=R(D_u^{d+1}f)(u,\cdot)$, and the shift of $h'$ by $\tau$ is the Radon transform of the shift of $D_u^{d+1}f$ by $\tau u$. The second difference is $h(t+\tau)+h(t-\tau)-2h(t)=\int_0^\tau\{h'(t+r)-h'(t+r-\tau)\}dr$, so its $L^1$ norm is at most $\tau\,\omega(\tau)$. In {eq}`eq-sob-lambda` the part $\tau<1$ is at most $\frac1\pi\int_0^1\omega(\tau)\frac{d\tau}\tau$ and the part $\tau>1$ at most $\frac4\pi\|D_u^df\|_1$. Integrate over $u$. Yes: $\int_0^1\tau^{\beta-1}d\tau=1/\beta$ is finite, and smoothing $f$ (convolve with a bump, which does not raise $\omega$, and cut off far out) gives Schwartz functions whose differences have norms that tend to zero, by dominated convergence under $\int\omega\frac{d\tau}\tau$. This proof misses the endpoint only by the borderline $\beta=0$.
# ```
#
# ```{exercise-start} Bring your own density
# :label: ex-sob-own
# ```
# The Laplacian commutes with all this: show that the density of $\Delta f$ is $\partial_t^2\alpha$. Write down the density of $\Delta e^{-\|x\|^2/2}$ for $d=3$ and let the library build a network for it from the function and the density alone. How much sharper is the network than that of the bump?
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-sob-own
# :class: dropdown
# :label: sol-sob-own
# ```
# $R\Delta f=\partial_t^2Rf$ by the slice theorem, and $(-\partial_t^2)^{(d+1)/2}$ commutes with $\partial_t^2$. For $d=3$, $\alpha=-\frac1{4\pi}\mathrm{He}_4(t)e^{-t^2/2}$, and differentiating $\mathrm{He}_me^{-t^2/2}$ raises $m$ by one with a minus sign: twice gives $-\frac1{4\pi}\mathrm{He}_6(t)e^{-t^2/2}$.

# %%
laplace = KnownDensity(
    lambda P: ((P**2).sum(axis=1) - 3) * np.exp(-(P**2).sum(axis=1) / 2),
    lambda u, t: -np.polynomial.hermite_e.hermeval(t, [0] * 6 + [1]) * np.exp(-(t**2) / 2) / (4 * np.pi), dim=3)
hat = ridge_network(laplace, 4096, R)
hat_error = np.sqrt(np.mean((hat(inputs[3]) - laplace(inputs[3])) ** 2))
claim("sob-ex-own", "rms error of 4096 neurons for the Laplacian of the bump (its values range over 3)", hat_error, at_most=0.05)
claim("sob-ex-own-sharp", "its sharpness minus one, over that of the bump",
      (sharpness(hat, inputs[3]) - 1) / (rows[3][3] - 1), at_least=3)

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
# ## Notes and references
#
# That smooth functions have stable networks is a theorem of {cite:t}`nacson2023implicit`; we know its statement from the abstract only, and the norm's finiteness on Sobolev spaces from {cite:t}`ongie2020function`. The drawing argument is Maurey's, well known in approximation theory. Ours are: the construction and its gauge with the bound {eq}`eq-sob-flat`, stability under every sequence of batches, the explicit Sobolev constants with the square-root bound in even dimension, the density {eq}`eq-sob-bump` and its limit, and the experiments. Quasi-Monte Carlo rates are measured, not proved.
#
# The corollary gives *existence* of flat networks with small error, and says nothing about whether training finds them. Linear stability is a statement about a neighbourhood in which no neuron switches on a sample; for wide networks that neighbourhood is small.
