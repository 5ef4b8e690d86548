# ---
# jupyter:
#   jupytext:
#     default_lexer: ipython3
#     formats: md:myst,py:percent
#     notebook_metadata_filter: jupytext,kernelspec
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
# # Problem set 4: smooth functions and what they cost
#
# Chapter 6 of *Stable Minima*.
#
# **Prerequisites.** The chapter *Sobolev approximation*, with the data weight and the stability norm of *The multivariate bound*; integrals over the sphere, the
# Fourier transform of a derivative, variance, Cauchy–Schwarz. Notation is the book's: $\alpha(u,t)$ is the ridge density of $f$, $S^{d-1}$ the unit sphere,
# $\|f\|_{\mathcal R}=\int_{S^{d-1}}\int_{\mathbb R}|\alpha|\,dt\,du$ the norm, and $A$ the same integral over $|t|<R$.
#
# **After this set you can**
#
# - compute what a function costs, and how that changes with its shape;
# - say exactly how large the error of a drawn network is, and draw a better one;
# - bracket the step sizes at which a target is stable, and test by an experiment which of its networks training finds.
#
# **How it works.** Fill in the functions and the places that say "your answer". `grader.check` runs the tests that you may see; more are run when
# the set is marked, with other inputs. In marking, the notebook is run from top to bottom, and a cell is stopped after thirty seconds, a test after ten.
# Integrals may be done by computation; where nothing else is said, three correct digits are enough.

# %%
import matplotlib.pyplot as plt
import numpy as np

from stableminima import (random_network, sharpness, stability_norm, train_together,
                          univariate_weight)
from stableminima.datasets import uniform_ball
from stableminima.functions import (Gaussian, Mixture, gaussian_ridge_density, ridge_network,
                                    sphere_area)
from stableminima.networks import with_labels


# %% [markdown] question="squeezed_norm" points=6 by_hand=3 minutes=45 needs=["03-neurons-to-functions#the-radon-transform-from-zero", "03-neurons-to-functions#sec-mv-gaussian", "06-sobolev-approximation#the-bump-in-every-dimension"]
# ## Squeezed bumps
#
# Let $M$ be an invertible matrix and $f_M(x)=f(Mx)$, with $f$ a Schwartz function on $\mathbb R^d$, $d\ge2$.
#
# (a) Show that $\|f_M\|_{\mathcal R}=\int_{S^{d-1}}\int_{\mathbb R}|\alpha(u,t)|\,\|M^{\mathsf T}u\|\,dt\,du$, where $\alpha$ belongs to $f$. (You may use that the even ridge
# density of a function is unique, and that the map $u\mapsto u'=Bu/\|Bu\|$ of the sphere has $du'=|\det B|\,\|Bu\|^{-d}du$.)
#
# (b) Deduce that among all bumps $e^{-\frac12x^{\mathsf T}\Sigma^{-1}x}$ with the same $\det\Sigma$ the round one is the cheapest.
#
# (c) Write `squeezed_norm`, which returns $\|f\|_{\mathcal R}$ of such a bump for $d=2$ or $3$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) In $f(x)=\int\!\!\int\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du$ plus an affine function put $Mx$ for $x$. With $B=M^{\mathsf T}$, $u'=Bu/\|Bu\|$ and $t'=t/\|Bu\|$ we have $u\cdot Mx-t=\|Bu\|(u'\cdot x-t')$, so each neuron keeps its hyperplane in the new
# coordinates and its amplitude is multiplied by $\|Bu\|$. The change of variables $(u,t)\to(u',t')$ is a bijection that commutes with $(u,t)\to(-u,-t)$, so the result is an even density for $f_M$, and its mass is the stated integral: the measure $\alpha\,dt\,du$ is carried along and multiplied by $\|Bu\|$, whatever the Jacobian.
#
# (b) For the round bump $f$ the density depends on $t$ alone, and $e^{-\frac12x^{\mathsf T}\Sigma^{-1}x}=f(Mx)$ with $M=\Sigma^{-1/2}$; hence its norm is $\|f\|_{\mathcal R}\,\mathbb E\|Mu\|$ with $u$ uniform on the sphere. Integrating $du'$ over the sphere gives $|\det M|\,\mathbb E\|Mu\|^{-d}=1$. By Jensen for the convex function $z\mapsto z^{-d}$,
# $(\mathbb E\|Mu\|)^{-d}\le\mathbb E\|Mu\|^{-d}=|\det M|^{-1}$, so $\mathbb E\|Mu\|\ge|\det M|^{1/d}$, with equality if $\|Mu\|$ is constant. The right side is the value of the round bump with the same determinant.
#
# **Rubric.** 1 point: the substitution and the factor $\|M^{\mathsf T}u\|$ on the amplitude, with evenness or uniqueness mentioned. 1 point: the norm of the bump is that of the round one times a mean over the sphere. 1 point: an argument for (b) (Jensen with the Jacobian, or another).

# %% tags=["answer"]
def squeezed_norm(covariance):
    """The norm of exp(-x' C^-1 x / 2).

    covariance: C, symmetric positive definite, (2, 2) or (3, 3).  Returns a number.
    """
    # BEGIN SOLUTION
    C = np.asarray(covariance, dtype=float)
    d = len(C)
    t = np.sinh(np.linspace(0, 7.5, 20_001))
    round_norm = 2 * sphere_area(d) * np.trapezoid(np.abs(gaussian_ridge_density(d, t)), t)
    turn = np.pi * np.arange(400) / 200
    u = np.column_stack([np.cos(turn), np.sin(turn)])
    weight = np.full(400, 1 / 400)
    if d == 3:  # the height on the sphere is uniform
        z, share = np.polynomial.legendre.leggauss(60)
        circles = np.sqrt(1 - z**2)[:, None, None] * u
        heights = np.broadcast_to(z[:, None, None], (60, 400, 1))
        u, weight = np.concatenate([circles, heights], axis=2).reshape(-1, 3), np.repeat(share / 2, 400) / 400
    return round_norm * weight @ np.sqrt(((u @ np.linalg.inv(C)) * u).sum(axis=1))
    # END SOLUTION


# %% [markdown] question="wave_norm" instead_of="squeezed_norm" points=6 by_hand=3 minutes=45
# ## What a wave costs
#
# In space, $d=3$, let $f(x)=\cos(\omega\cdot x)\,e^{-\frac12\|x\|^2}$: a wave of frequency $\kappa=\|\omega\|$ under a bump.
#
# (a) Compute its ridge density. (What is the integral of $e^{i\omega\cdot x}e^{-\frac12\|x\|^2}$ over the plane $u\cdot x=t$? The result is short in terms of
# $\operatorname{He}_4(z)=z^4-6z^2+3$ at a *complex* place.)
#
# (b) The density has four derivatives in it, and each of them brings down a factor of $\kappa$. Show that the norm is nevertheless of the order $\kappa^2$: $\|f\|_{\mathcal R}/\kappa^2\to2\sqrt{2/\pi}$ as $\kappa\to\infty$.
# Where have the two powers gone? Compute the same limit on the line, where $\|f\|_{\mathcal R}=\int|f''|$, and compare.
#
# (c) Write `wave_norm`, which returns $\|f\|_{\mathcal R}$ in space.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Write $\omega=pu+\omega_\perp$ with $p=\omega\cdot u$. The plane is $tu+z$, $z\perp u$, and the integral factorises: $e^{ipt-\frac12t^2}\int e^{i\omega_\perp\cdot z-\frac12\|z\|^2}dz=2\pi e^{-\frac12\|\omega_\perp\|^2}e^{ipt-\frac12t^2}$; $Rf$ is its real part. As $e^{ipt-\frac12t^2}=e^{-\frac12p^2}e^{-\frac12(t-ip)^2}$, four derivatives multiply it by $\operatorname{He}_4(t-ip)$. With $c_3=1/(8\pi^2)$,
# $\alpha(u,t)=-c_3\partial_t^4Rf=-\frac1{4\pi}e^{-\frac12(\kappa^2-p^2)-\frac12t^2}\operatorname{Re}\{\operatorname{He}_4(t-ip)\,e^{ipt}\}$.
#
# (b) The density depends on $p=\kappa z$ and $t$, where $z$ is the height of $u$ along $\omega$, uniform on $[-1,1]$; so $\|f\|_{\mathcal R}=4\pi\int_0^1\int|\alpha|\,dt\,dz$. Put $z=1-\frac s{\kappa^2}$: then $\kappa^2-p^2=2s-s^2/\kappa^2$, which lies between $s$ and $2s$ and tends to $2s$, $dz=ds/\kappa^2$, and $\operatorname{He}_4(t-ip)=\kappa^4(1+o(1))$ for fixed $s$ and $t$, and at most a constant times $\kappa^4(1+t^4)$ for $\kappa\ge1$. Hence, with a dominating function $C(1+t^4)e^{-\frac12s-\frac12t^2}$,
# $\kappa^{-2}\|f\|_{\mathcal R}=\int_0^{\kappa^2}\!\!\int e^{-s-\frac12t^2}\bigl|\cos pt\bigr|\,dt\,ds+o(1)$, and $|\cos pt|$ with $p\to\infty$ oscillates ever faster around its mean $\frac2\pi$ (Riemann–Lebesgue for the mean-free part). The limit is $\frac2\pi\sqrt{2\pi}\int_0^\infty e^{-s}ds=2\sqrt{2/\pi}$. Two powers of $\kappa$ are lost because only directions within about $1/\kappa$ of $\pm\omega$ take part, a share of about $\kappa^{-2}$ of the sphere. On the line $f''=-\kappa^2\cos(\kappa x)e^{-\frac12x^2}+O(\kappa)$ in $L^1$, and the limit is $\frac2\pi\sqrt{2\pi}$ again: a wave costs what it costs across its crests.
#
# **Rubric.** 1 point: the Radon transform and the density, with the factor $e^{-\frac12\|\omega_\perp\|^2}$. 1 point: the share $\kappa^{-2}$ of the directions, by a substitution or in words with the exponent right. 1 point: the mean of $|\cos|$, the limit $2\sqrt{2/\pi}$ and the same number on the line.

# %% tags=["answer"]
def wave_norm(frequency):
    """The norm of cos(w . x) exp(-|x|^2 / 2) in space.

    frequency: |w|, a number from 0 to 12.  Returns a number.
    """
    # BEGIN SOLUTION
    z, share = np.polynomial.legendre.leggauss(400)
    z, share = (z + 1) / 2, share / 2
    t = np.linspace(-10, 10, 8001)
    total = 0.0
    for p, part in zip(frequency * z, share, strict=True):
        place = t - 1j * p
        wave = (place**4 - 6 * place**2 + 3) * np.exp(1j * p * t)
        size = np.exp(-(frequency**2 - p**2 + t**2) / 2)
        total += part * np.trapezoid(np.abs(size * wave.real), t)
    return total
    # END SOLUTION


# %% [markdown] question="cap_norm" points=6 by_hand=3 minutes=50 needs=["03-neurons-to-functions#the-radon-transform-from-zero", "03-neurons-to-functions#the-laplacian-of-a-neuron", "06-sobolev-approximation#the-norm-in-terms-of-derivatives"]
# ## Corners in space
#
# Theorems with derivatives are about what *suffices*. In space, $d=3$, we can see what is needed. Let $f(x)=\varphi(\|x\|)$, continue $\varphi$ to an even function on the line and put $h(t)=t\,\varphi(t)$.
#
# (a) For a radial Schwartz function show that $\alpha(u,t)=\frac1{4\pi}h'''(t)$ and so $\|f\|_{\mathcal R}=\int_{\mathbb R}|h'''(t)|\,dt$.
#
# For functions that are less smooth we read the integral as the total variation of $h''$ on the line: a jump of $h''$ counts with its height, and the norm is infinite if $h''$
# has unbounded variation or $h'$ has a jump.
#
# (b) The cone $\|x\|$ has no fourth derivatives that are integrable near the origin. Show directly, without (a), that it is nevertheless an average of neurons of total amplitude $4$, and compare with $h''$.
#
# (c) Write `cap_norm`, which returns $\|f\|_{\mathcal R}$ for the cap $f(x)=\max(1-\|x\|^2,0)^k$ and any real $k>0$, and infinity where it is infinite. Which of these caps have finite norm, and which of them
# have four integrable derivatives? (Answer in a sentence beside (a) and (b).)

# %% [markdown] tags=["solution"]
# **Model answer.** (a) The plane $u\cdot x=t$ meets the function in $Rf(t)=2\pi\int_0^\infty\varphi(\sqrt{t^2+\rho^2})\,\rho\,d\rho=2\pi\int_{|t|}^\infty\varphi(r)\,r\,dr$, so $\partial_tRf=-2\pi t\varphi(t)=-2\pi h(t)$. For $d=3$, $\alpha=-c_3\partial_t^4Rf=2\pi c_3h'''$ with $c_3=1/(8\pi^2)$, that is $\frac1{4\pi}h'''$. The sphere has area $4\pi$.
#
# (b) By Archimedes $u\cdot x$ is uniform on $[-\|x\|,\|x\|]$ for $u$ uniform on the sphere, so $\mathbb E|u\cdot x|=\frac12\|x\|$ and $\|x\|=2\,\mathbb E|u\cdot x|=2\,\mathbb E[\sigma(u\cdot x)+\sigma(-u\cdot x)]=4\,\mathbb E\,\sigma(u\cdot x)$: amplitude $4$ in all. In (a), $h=t|t|$ and $h''=2\operatorname{sgn}t$ jumps by $4$.
#
# (c) Inside, $h=t(1-t^2)^k$ and $h''=-2kt(1-t^2)^{k-2}(3-(2k+1)t^2)$; near $t=1$ it behaves like $(1-t)^{k-2}$. It has bounded variation if and only if $k\ge2$ (for $k=2$ it jumps by $8$ at $\pm1$). The fourth derivatives of $f$ behave like $(1-\|x\|)^{k-4}$ near the sphere, unless $k$ is a small integer, and are integrable for $k>3$ ($k=3$: they contain a surface measure). For $2\le k\le3$ the norm is finite although the theorem does not apply.
#
# **Rubric.** 1 point: the Radon transform and the constant $\frac1{4\pi}$. 1 point: the cone, with total amplitude 4. 1 point: finite for $k\ge2$ and four integrable derivatives for $k>3$, with the local behaviour at the sphere.

# %% tags=["answer"]
def cap_norm(power):
    """The norm of max(1 - |x|^2, 0)^k in space.

    power: k > 0.  Returns a number or np.inf.
    """
    # BEGIN SOLUTION
    k = power
    if k < 2:
        return np.inf
    t = 1 - np.geomspace(1, 1e-12, 100_001)
    t = np.append(t, 1.0)
    second = -2 * k * t * (1 - t**2) ** (k - 2) * (3 - (2 * k + 1) * t**2)
    return 2 * (np.abs(np.diff(second)).sum() + abs(second[-1]))
    # END SOLUTION


# %% [markdown] question="rounded_norm" instead_of="cap_norm" points=6 by_hand=3 minutes=50
# ## Rounding a tip
#
# In space, $d=3$, a radial function $f(x)=\varphi(\|x\|)$ has the ridge density $\alpha(u,t)=\frac1{4\pi}h'''(t)$, where $h(t)=t\,\varphi(|t|)$ is continued to an odd function. So $\|f\|_{\mathcal R}$ is the total variation of $h''$ on the line: a jump of $h''$
# counts with its height, and the norm is infinite if $h'$ has a jump. (You may use all this.) The cone $\|x\|$ has $h=t|t|$ and the norm 4. One might think that it becomes cheaper when its tip is rounded.
#
# (a) Compute the norms of $\max(\|x\|,1)$ and of Huber's function, which is $\frac12\|x\|^2+\frac12$ for $\|x\|\le1$ and $\|x\|$ beyond. Both are convex. Which neurons of the second fold downwards all the same?
#
# (b) Show that, among the continuous radial functions that equal $\|x\|$ for $\|x\|\ge1$, the cone is the *only* one whose norm is at most 4. So every rounding makes it dearer. (Compare $\int_0^1t\,h''(t)\,dt$ with its largest possible value.)
#
# (c) Write `rounded_norm`, which returns the norm of the function that is $\sum_kc_k\|x\|^{2k}$ for $\|x\|\le1$ and $\|x\|$ beyond, and infinity where it is infinite.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) For $\max(\|x\|,1)$, $h=t$ up to $t=1$ and $t^2$ beyond; $h'$ jumps from $1$ to $2$, and the norm is infinite: a crease that is curved needs infinitely many neurons of no small amplitude. For Huber's function $h=\frac12(t^3+t)$ and $t^2$: $h'$ is continuous ($h'(1)=2$ on both sides), $h''=3t$ rises from $-3$ to $3$ and falls to $2$ at $t=1$, likewise at $-1$.
# The norm is $6+1+1=8$. Negative are the jumps at $|t|=1$: the neurons whose planes touch the unit sphere fold downwards. Convexity says that all *sums* of folds across a point bend upwards, $D_v^2f=\int\!\int\alpha\,(u\cdot v)^2\delta(u\cdot x-t)\ge0$, and not each fold by itself.
#
# (b) As $f$ is continuous, $h(0)=0$, and $h$ is odd. Let the variation of $h''$ be at most 4. Since $h''=2$ for $t>1$ and $-2$ for $t<-1$, it is at least 4, and equal only if $h''$ does not decrease; so $h''\le2$. As $h'$ has no jump, $h(1)=1$ and $h'(1)=2$, and by parts $\int_0^1t\,h''\,dt=h'(1)-h(1)=1$. But $\int_0^1t\cdot2\,dt=1$: so $h''=2$ almost everywhere on $(0,1)$, and with the values at $1$, $h=t^2$ there. That is the cone.
#
# (c) Inside, $h''=\sum_k2k(2k+1)c_kt^{2k-1}$. The norm is finite if and only if $\sum c_k=1$ and $\sum2kc_k=1$ (then $h(1)=1$ and $h'(1)=2$), and it is the variation of the polynomial on $[-1,1]$ plus $2\,|2-h''(1)|$.
#
# **Rubric.** 1 point: infinite and 8, and the planes that touch the sphere. 1 point: equality in the variation makes $h''$ monotone, hence at most 2. 1 point: the integral, and that it leaves the cone alone.

# %% tags=["answer"]
def rounded_norm(coefficients):
    """The norm of c_0 + c_1 r^2 + c_2 r^4 + ... for r <= 1, continued by r = |x|, in space.

    coefficients: (c_0, c_1, ...), (k,); conditions on them are met up to rounding.  Returns a number or np.inf.
    """
    # BEGIN SOLUTION
    c = np.asarray(coefficients, dtype=float)
    k = np.arange(len(c))
    if abs(c.sum() - 1) > 1e-9 or abs(2 * k @ c - 1) > 1e-9:
        return np.inf
    t = np.linspace(0, 1, 20_001)
    second = t[:, None] ** np.abs(2 * k - 1) @ (2 * k * (2 * k + 1) * c)
    return 2 * (np.abs(np.diff(second)).sum() + abs(2 - second[-1]))
    # END SOLUTION


# %% [markdown] question="drawing_errors" points=6 by_hand=2 minutes=50 needs=["06-sobolev-approximation#from-infinitely-many-neurons-to-finitely-many", "06-sobolev-approximation#how-wide"]
# ## A better drawing
#
# Maurey's argument bounds the error of a drawn network. Here we compute it, and then make it as small as drawing permits. The inputs are $x_1,\dots,x_n$ in the ball of radius $R$. Draw $k$ independent neurons $(u_i,t_i)$ with a
# density $p>0$ on $S^{d-1}\times(0,R)$ and give them the amplitudes $a_i=2\alpha(u_i,t_i)/(k\,p(u_i,t_i))$; bias and linear part are those of the chapter. Write $h(x)=f(x)-f(0)-\nabla f(0)\cdot x$ and
# $m(u,t)=\frac1n\sum_j\sigma(u\cdot x_j-t)^2$.
#
# (a) Show that $k\,\mathbb E\,\frac1n\sum_j(f_k(x_j)-f(x_j))^2=\int\!\!\int\frac{4\alpha^2m}p\,dt\,du-\frac1n\sum_jh(x_j)^2$, and find the density $p$ for which it is smallest. ($p$ may vanish where $m$ does: why is there no harm?)
#
# (b) Let $d=1$. Write `drawing_errors`, which returns the left side of (a) for the chapter's $p=2|\alpha|/A$ and for the best $p$. Everything is determined by $f''$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $f_k(x_j)-f(x_j)$ is the mean of $k$ independent copies of $Y_j=\frac{2\alpha}p\sigma(u\cdot x_j-t)$ minus its expectation, which is $h(x_j)$ by the identity on the ball. Its variance is $\frac1k(\mathbb EY_j^2-h(x_j)^2)$ with $\mathbb EY_j^2=\int\!\int\frac{4\alpha^2}p\sigma(u\cdot x_j-t)^2$. Average over $j$.
# By Cauchy–Schwarz $\bigl(\int\!\int2|\alpha|\sqrt m\bigr)^2\le\int\!\int\frac{4\alpha^2m}p\cdot\int\!\int p$, with equality if $p$ is proportional to $|\alpha|\sqrt m$. Where $m=0$ a neuron is off on all samples, so leaving it out changes no $Y_j$.
#
# (b) $\alpha(\pm1,t)=\frac12f''(\pm t)$. The neuron with its knot at $s>0$ opens to the right, at $s<0$ to the left; with $m(s)$ the mean of $(x_j-s)_+^2$ or of $(s-x_j)_+^2$ accordingly, the two integrals are $A\int_{-R}^R|f''|m\,ds$, $A=\int_{-R}^R|f''|$, and $\bigl(\int_{-R}^R|f''|\sqrt m\,ds\bigr)^2$. Finally $h(x)=\int_0^xf''(s)(x-s)\,ds$.
#
# **Rubric.** 1 point: the variance, with its mean subtracted. 1 point: the best density with a proof, and why it may vanish.

# %% tags=["answer"]
def drawing_errors(fold, x, radius):
    """k times the mean square error of a drawn network in one dimension: for p = 2|alpha|/A, and for the best p.

    fold: the function f'', takes and returns arrays.  x: the inputs, (n,), in [-R, R].  radius: R.  Returns (2,).
    """
    # BEGIN SOLUTION
    cells = 20_000
    x = np.asarray(x, dtype=float)
    s = radius * ((np.arange(cells) + 0.5) / cells * 2 - 1)
    ds = 2 * radius / cells
    m = np.zeros(cells)
    h2 = 0.0
    for each in x:
        hidden = np.maximum(np.sign(s) * (each - s), 0)
        m += hidden**2 / len(x)
        h2 += (fold(s) @ hidden * ds) ** 2 / len(x)
    size = np.abs(fold(s))
    return np.array([size.sum() * (size @ m) * ds**2, (size @ np.sqrt(m) * ds) ** 2]) - h2
    # END SOLUTION


# %% [markdown] question="strata_errors" instead_of="drawing_errors" points=6 by_hand=2 minutes=50
# ## Drawing with less luck
#
# Independent draws leave clumps and gaps. Let $d=1$, let $x_1,\dots,x_n$ lie in $[-R,R]$, $h(x)=f(x)-f(0)-f'(0)\,x$, and $A=\int_{-R}^R|f''|>0$. Neurons look away from the origin: one whose knot is at $s$ has at $x$ the value $(x-s)_+$ if $s>0$ and $(s-x)_+$ if $s<0$, written $\sigma_s(x)$, so that $h(x)=\int_{-R}^Rf''(s)\,\sigma_s(x)\,ds$. Cut $[-R,R]$
# into $k$ neighbouring intervals $I_1,\dots,I_k$ (the *strata*), each with the share $A/k$ of $\int|f''|$, and draw *one* knot $s_i$ in each, with a density proportional to $|f''|$, independently; the amplitude is $\frac Ak\operatorname{sgn}f''(s_i)$. Bias and linear part are those of the chapter.
#
# (a) Show that the drawn network has the mean $f$, and that
#
# $$
# \mathbb E\,\frac1n\sum_j(f_k(x_j)-f(x_j))^2=\frac1n\sum_j\Bigl\{\frac Ak\int_{-R}^R|f''|\,\sigma_s(x_j)^2\,ds-\sum_{i\le k}\Bigl(\int_{I_i}f''\sigma_s(x_j)\,ds\Bigr)^2\Bigr\} ,
# $$
#
# and that this is never more than with $k$ independent draws from $|f''|/A$.
#
# (b) Let $f''\ge\mu>0$ on $[-R,R]$. Show that the mean square error is at most a constant times $k^{-2}$, and at most a constant times $k^{-3}$ if the origin is the end of a stratum. What is special at the origin? (Independent draws have $k^{-1}$.)
#
# (c) Write `strata_errors`, which returns the mean square error with $k$ independent draws and with one draw in each of $k$ strata.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) In stratum $i$ the density is $\frac kA|f''|$, so its neuron has the mean $\int_{I_i}\frac kA|f''|\cdot\frac Ak\operatorname{sgn}f''\,\sigma_s(x)\,ds=\int_{I_i}f''\sigma_s(x)\,ds$; the sum over $i$ is $h(x)$. The neurons are independent, so variances add up: $\mathbb E[\,\cdot\,]^2$ in stratum $i$ is $\frac kA\int_{I_i}|f''|\frac{A^2}{k^2}\sigma_s^2=\frac Ak\int_{I_i}|f''|\sigma_s^2$, minus the square of the mean. Summing gives the formula.
# With $k$ independent draws the second term is $\frac1kh(x_j)^2=\frac1k\bigl(\sum_im_i\bigr)^2$, $m_i=\int_{I_i}f''\sigma_s(x_j)\,ds$, and by Cauchy–Schwarz $\frac1k(\sum m_i)^2\le\sum m_i^2$.
#
# (b) The variance of a variable with values in an interval of length $\ell$ is at most $\frac14\ell^2$. Stratum $i$ has length $\delta_i\le\frac A{k\mu}$, since $\frac Ak=\int_{I_i}f''\ge\mu\delta_i$. On one side of the origin $s\mapsto\sigma_s(x)$ has slope at most 1, so the neuron's part, $\frac Ak\sigma_s(x)$, varies over a length of at most $\frac Ak\delta_i$, and its variance is at most $\frac{A^4}{4\mu^2k^4}$; $k$ of them add up to $O(k^{-3})$. At the origin $\sigma_s(x)$ jumps: for $x>0$ from $0$ (left-looking) to $x$ (right-looking).
# A stratum with the origin inside has a variance of up to $\frac14\bigl(\frac AkR\bigr)^2$ for its one neuron, and a bound of the order $k^{-2}$ is all that remains.
#
# **Rubric.** 1 point: the formula, and Cauchy–Schwarz. 1 point: the rates, with the length of a stratum and the jump at the origin.

# %% tags=["answer"]
def strata_errors(fold, x, radius, k):
    """The mean square errors of k neurons in one dimension: drawn independently, and one in each stratum.

    fold: the function f'', takes and returns arrays.  x: the inputs, (n,), in [-R, R].  radius: R.
    k: how many neurons, at most 50.  Returns (2,).
    """
    # BEGIN SOLUTION
    cells = 40_000
    x = np.asarray(x, dtype=float)
    s = radius * ((np.arange(cells) + 0.5) / cells * 2 - 1)
    share = fold(s) * 2 * radius / cells
    mass = np.abs(share)
    A = mass.sum()
    stratum = np.minimum((k * (np.cumsum(mass) - mass / 2) / A).astype(int), k - 1)
    errors = np.zeros(2)
    for each in x:
        value = np.maximum(np.sign(s) * (each - s), 0)
        second = A / k * (mass @ value**2)
        means = np.bincount(stratum, weights=share * value, minlength=k)
        errors += second - means.sum() ** 2 / k, second - means @ means
    return errors / len(x)
    # END SOLUTION


# %% [markdown] question="step_window" points=5 by_hand=2 minutes=40 needs=["02-univariate-bound#univariate-weight", "03-multivariate-bound#the-theorem", "06-sobolev-approximation#flat-at-every-width"]
# ## Between safe and hopeless
#
# Let $f$ be twice continuously differentiable on the line and $x_1,\dots,x_n$ a sample with $\max_j|x_j|=R$. Wide networks drawn for $f$ are stable for all step sizes up to about $\eta_{\text{safe}}=2/\bar\Lambda$, where
#
# $$\bar\Lambda=1+2\sqrt{1+R^2}\,\Bigl\{\int_{-R}^R|f''(s)|\,(R-|s|)\,ds+R\,|f'(0)|\Bigr\},$$
#
# the bound of the chapter for a wide network. On the other hand interpolating networks that are close to $f$ have, in every parametrisation, a sharpness of at least nearly $1+2S_g(f)$ with $S_g(f)=\int|f''|\,g$, so beyond
# $\eta_{\text{hopeless}}=2/(1+2S_g(f))$ none of them is stable for gradient descent.
#
# (a) Show from the definition of $g$ that $\eta_{\text{safe}}\le\eta_{\text{hopeless}}$ for every sample, and that $\bar\Lambda-1\ge4\cdot2S_g(f)$ if at most half of the samples lie on either side of the origin.
#
# (b) Write `step_window`, which returns the two step sizes.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Let $t\ge0$ and $P=P(X>t)$. Then $g(t)\le g^+(t)=\mathbb E[(X-t)_+]\sqrt{P^2+\mathbb E[X1_{X>t}]^2}$. Here $\mathbb E(X-t)_+\le P\,(R-t)$ and $|\mathbb E[X1_{X>t}]|\le PR$, so $g(t)\le P^2(R-|t|)\sqrt{1+R^2}$; for $t<0$ the same holds with $g^-$ and $P=P(X<t)$. As $P\le1$,
# $2S_g\le2\sqrt{1+R^2}\int|f''|(R-|t|)\,dt\le\bar\Lambda-1$ ($g=0$ beyond $R$). If at most half of the samples lie on either side, $P\le\frac12$ and a factor $\frac14$ is gained.
#
# **Rubric.** 1 point: the two factors of $g$ bounded on the side that looks away from the origin. 1 point: the conclusion, with the square of $P$ for the factor 4.

# %% tags=["answer"]
def step_window(fold, slope, x):
    """The step sizes (safe, hopeless) for a function of one variable.

    fold: the function f'', takes and returns arrays.  slope: f'(0).  x: the sample, (n,).  Returns (2,).
    """
    # BEGIN SOLUTION
    R = np.abs(x).max()
    s, ds = np.linspace(-R, R, 20_001, retstep=True)
    size = np.abs(fold(s))
    ceiling = 1 + 2 * np.hypot(1, R) * (np.trapezoid(size * (R - np.abs(s)), dx=ds) + R * abs(slope))
    return np.array([2 / ceiling, 2 / (1 + 2 * np.trapezoid(size * univariate_weight(x, s), dx=ds))])
    # END SOLUTION


# %% [markdown] question="batch_steps" instead_of="step_window" points=5 by_hand=2 minutes=40
# ## Batches of one
#
# Let $f$ be twice continuously differentiable on the line and $x_1,\dots,x_n$ a sample. Interpolating networks that are close to $f$ have, in every parametrisation, a sharpness of at least nearly $1+2S_g(f)$, $S_g(f)=\int|f''|g$; beyond $2/(1+2S_g)$ none of them is stable for gradient descent.
# With batches of one sample the linear step must not expand for any of the batches, which is the case if and only if $\max_j\|\nabla_\theta f(x_j)\|^2\le2/\eta$. Expectations are over the sample, $X$ is a random sample, and
#
# $$
# G(s)=\min\{G^+(s),G^-(s)\},\qquad G^+(s)=\sqrt{\mathbb E[(X-s)_+^2]\;\mathbb E[(1+X^2)1_{X>s}]},
# $$
#
# $G^-$ its mirror image.
#
# (a) Show that a network with neurons of amplitude $a_i$ and knots $s_i$ has, in every parametrisation, $\max_j\|\nabla_\theta f(x_j)\|^2\ge1+2\sum_i|a_i|\,G(s_i)$. (So beyond $2/(1+2S_G(f))$, $S_G(f)=\int|f''|\,G$, no network close to $f$ is stable for batches of one. The maximum is at least the mean.)
#
# (b) Show that $g(s)\le P\,G(s)$, where $P$ is the share of the samples on the side on which $G(s)$ is attained. How much dearer does a knot become that only the outermost sample sees?
#
# (c) Write `batch_steps`, which returns the two step sizes: beyond the first no network close to $f$ is stable for gradient descent, beyond the second none for batches of one.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) The maximum over $j$ is at least the mean. The derivative by the output bias gives 1. A neuron that opens to the right at $s$, with input weight $w$ and output weight $v$, $|a|=|vw|$, adds $\mathbb E[w^2(X-s)_+^2]$ by $v$ and $v^2\,\mathbb E[(1+X^2)1_{X>s}]$ by its weight and bias; the geometric mean of the two is $|a|\,G^+(s)$, and so their sum is at least $2|a|\,G^+(s)\ge2|a|\,G(s)$.
# One that opens to the left adds at least $2|a|\,G^-(s)$.
#
# (b) Let $P=P(X>s)$. By Cauchy–Schwarz $\mathbb E[(X-s)_+]^2=\mathbb E[(X-s)_+1_{X>s}]^2\le P\,\mathbb E[(X-s)_+^2]$ and $P^2+\mathbb E[X1_{X>s}]^2\le P^2+P\,\mathbb E[X^21_{X>s}]=P\,\mathbb E[(1+X^2)1_{X>s}]$. The product of the roots is $g^+(s)\le P\,G^+(s)$, likewise on the left; so on the side on which $G$ is attained $g\le g^\pm\le P\,G$. If one sample $x$ lies beyond $s$, both inequalities are equalities:
# $G^+=\frac1n(x-s)\sqrt{1+x^2}=n\,g^+$. The knot becomes $n$ times as dear: the full batch dilutes that sample's gradient, a batch of one does not.
#
# **Rubric.** 1 point: mean below the maximum, and the geometric mean for each neuron. 1 point: Cauchy–Schwarz in both factors, and the factor $n$.

# %% tags=["answer"]
def batch_steps(fold, x):
    """The step sizes beyond which no network close to f is stable: for gradient descent, for batches of one.

    fold: the function f'', takes and returns arrays.  x: the sample, (n,).  Returns (2,).
    """
    # BEGIN SOLUTION
    x = np.asarray(x, dtype=float)
    s = np.linspace(x.min(), x.max(), 20_001)
    size = np.abs(fold(s))
    sides = []
    for side in (1, -1):
        reach, weight = np.zeros(len(s)), np.zeros(len(s))
        for each in x:
            on = side * (each - s) > 0
            reach += on * (each - s) ** 2 / len(x)
            weight += on * (1 + each**2) / len(x)
        sides.append(np.sqrt(reach * weight))
    norms = [np.trapezoid(size * g, s) for g in (univariate_weight(x, s), np.minimum(*sides))]
    return 2 / (1 + 2 * np.array(norms))
    # END SOLUTION


# %% [markdown] question="fold_outside" points=6 by_hand=3 minutes=45 needs=["03-neurons-to-functions#the-radon-transform-from-zero", "03-neurons-to-functions#the-laplacian-of-a-neuron", "06-sobolev-approximation#the-trouble-with-even-dimensions"]
# ## Neurons where the function is zero
#
# Let $f$ be smooth and zero outside the unit disc or ball, and approximate it on a larger ball, $R>1$. Are there neurons whose hyperplanes miss the support of $f$ altogether?
#
# (a) Show that for odd $d$ there are none: $\alpha(u,t)=0$ for $|t|>1$.
#
# (b) Show that for $d=2$ and $t>1$
#
# $$\alpha(u,t)=-\frac3{2\pi^2}\int_{\mathbb R^2}\frac{f(x)}{(t-u\cdot x)^4}\,dx .$$
#
# (The chapter writes $|\partial|$ as an integral of second differences.) In which direction do the outer neurons of a non-negative function fold?
#
# (c) Write `fold_outside`, which computes $\alpha(u,t)$ in the plane.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $(-\partial_t^2)^{(d+1)/2}$ is a differential operator, and $Rf(u,\cdot)$ vanishes for $|t|>1$; so do its derivatives.
#
# (b) On the Fourier side $|s|^3=|s|\cdot s^2$ and $s^2$ belongs to $-\partial_t^2$; so $\alpha=-c_2|\partial|^3Rf=c_2|\partial|q$ with $q=\partial_t^2Rf(u,\cdot)$ and $c_2=\frac1{4\pi}$. For $t>1$, $q$ vanishes at $t$, and the formula of the chapter becomes $|\partial|q(t)=-\frac1\pi\int_0^\infty\frac{q(t-\tau)+q(t+\tau)}{\tau^2}d\tau=-\frac1\pi\int\frac{q(s)}{(t-s)^2}ds$.
# Two integrations by parts (all boundary terms vanish) turn this into $-\frac6\pi\int\frac{Rf(u,s)}{(t-s)^4}ds$, and $\int Rf(u,s)\,k(s)\,ds=\int f(x)\,k(u\cdot x)\,dx$ gives $-\frac{6}{4\pi^2}\int f(x)(t-u\cdot x)^{-4}dx$. For $f\ge0$ all outer neurons fold downwards.
#
# **Rubric.** 1 point: (a). 1 point: $|\partial|$ off the support, with its sign. 1 point: two integrations by parts, the constant, and the passage to $f$; the direction of the folds.

# %% tags=["answer"]
def fold_outside(function, u, t):
    """The ridge density of a function that is zero outside the unit disc, on a line that misses the disc.

    function: takes points (n, 2), returns (n,).  u: a unit vector, (2,).  t: a number, t > 1.  Returns a number.
    """
    # BEGIN SOLUTION
    r, share = np.polynomial.legendre.leggauss(100)
    r, share = (r + 1) / 2, share / 2
    turn = np.pi * np.arange(200) / 100
    circle = np.column_stack([np.cos(turn), np.sin(turn)])
    X = (r[:, None, None] * circle).reshape(-1, 2)
    area = np.repeat(r * share, 200) * np.pi / 100
    return -3 / (2 * np.pi**2) * area @ (function(X) / (t - X @ np.asarray(u)) ** 4)
    # END SOLUTION


# %% [markdown] question="fold_inside" instead_of="fold_outside" points=6 by_hand=3 minutes=45
# ## Neurons across a plateau
#
# Let $f$ be a Schwartz function that is constant on the ball of radius $\rho$. Are there neurons whose hyperplanes cut that ball? Recall $\Delta f(x)=\int_{S^{d-1}}\alpha(u,u\cdot x)\,du$.
#
# (a) Show that for a *radial* $f$ there are none, $\alpha(u,t)=0$ for $|t|<\rho$, if $d=2$ or $d=3$. (In the plane you may use (b).)
#
# (b) Let $d=2$ and $f$ radial; then $\alpha$ depends on $t$ alone. Write $\Delta f=\psi(r)$ at distance $r$ from the origin, and show for $t>0$
#
# $$
# \alpha(t)=\frac1{2\pi}\,\frac d{dt}\int_0^t\frac{r\,\psi(r)}{\sqrt{t^2-r^2}}\,dr .
# $$
#
# So the density at $t$ is made of what $f$ does *within* distance $t$ of the origin, although its definition integrates over lines that never come closer than $t$. (What is $\int_r^t\frac{2s\,ds}{\sqrt{(t^2-s^2)(s^2-r^2)}}$?)
#
# (c) Give a function in the plane or in space that is *not* radial and almost zero on a ball around the origin, which neurons cut all the same. At which step does your argument for (a) fail? Then write `fold_inside`, which computes $\alpha(t)$ in the plane.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) As $f$ is radial, $\alpha(u,t)=\alpha(t)$, which is even and continuous. With $r=\|x\|$ and $z=u\cdot x/r$: in space $z$ is uniform on $[-1,1]$, and $\psi(r)=4\pi\int_0^1\alpha(rz)\,dz=\frac{4\pi}r\int_0^r\alpha(s)\,ds$. If $\psi=0$ for $r<\rho$, then $\int_0^r\alpha=0$ there, and by differentiation $\alpha=0$. In the plane this is (b) with $\psi=0$ up to $t<\rho$.
#
# (b) In the plane $\psi(r)=\int_0^{2\pi}\alpha(r\cos\theta)\,d\theta=4\int_0^r\frac{\alpha(s)}{\sqrt{r^2-s^2}}ds$. Multiply by $r/\sqrt{t^2-r^2}$, integrate over $0<r<t$ and exchange the integrals: $\int_0^t\frac{r\psi(r)}{\sqrt{t^2-r^2}}dr=4\int_0^t\alpha(s)\int_s^t\frac{r\,dr}{\sqrt{(t^2-r^2)(r^2-s^2)}}\,ds$. With $r^2=s^2+(t^2-s^2)\sin^2\theta$ the inner integral is $\int_0^{\pi/2}d\theta=\frac\pi2$ for all $s$. So the right side is $2\pi\int_0^t\alpha(s)\,ds$; differentiate.
#
# (c) A narrow bump at a point $x_0\ne0$, almost zero near the origin: its density is that of the bump at the origin, shifted, $\alpha(u,t)=\alpha_0(t-u\cdot x_0)$, and for $u\perp x_0$ it is $\alpha_0(0)\ne0$ at $t=0$. The vanishing Laplacian says that the *sum* of the folds of all hyperplanes through $x$ is zero. Only if $f$ is radial are the folds at the same distance from the origin equal, so that these sums determine each of them.
#
# **Rubric.** 1 point: the Laplacian as an integral over the directions, and space. 1 point: Abel's integral inverted in the plane. 1 point: an example, and that the folds through a point only have to add up to zero.

# %% tags=["answer"]
def fold_inside(laplacian, t):
    """The ridge density at offset t of a radial function in the plane.

    laplacian: psi, the Laplacian of f as a function of the distance from the origin, takes and returns arrays;
    it may not be asked beyond the distance t (1 % more is allowed).  t: a number > 0.  Returns a number.
    """
    # BEGIN SOLUTION
    z, share = np.polynomial.legendre.leggauss(400)
    sine, share = np.sin(np.pi * (z + 1) / 4), share * np.pi / 4
    step = 1e-4 * t
    inner = [end * share @ (sine * laplacian(end * sine)) for end in (t - step, t + step)]
    return (inner[1] - inner[0]) / (2 * step) / (2 * np.pi)
    # END SOLUTION


# %% [markdown] question="norm_estimate" points=4 minutes=30 needs=["06-sobolev-approximation#from-infinitely-many-neurons-to-finitely-many"]
# ## A norm with an error bar
#
# In high dimension the norm $A=\int_{S^{d-1}}\int_{|t|<R}|\alpha|\,dt\,du$ can only be estimated by drawing. An estimate without an error bar is half an answer.
#
# Write `norm_estimate`, which draws points $(u,t)$ and returns an unbiased estimate of $A$ together with its standard error: an estimate, from the same draws, of the standard deviation of the estimate. Draw as you like, for example
# uniformly. The function comes with `function.dim` ($d$) and `function.ridge_density(u, t)`, which takes directions $(k,d)$ and offsets $(k,)$ and returns $(k,)$. Try
#
#     norm_estimate(Gaussian(np.zeros(3)), 2.0, 10_000, np.random.default_rng(0))
#
# with different seeds: how often should the truth lie within two standard errors?

# %% tags=["answer"]
def norm_estimate(function, radius, samples, rng):
    """The norm on the ball of radius R by Monte Carlo, and its standard error.

    samples: how many points to draw.  rng: a numpy random generator.  Returns a pair of numbers.
    """
    # BEGIN SOLUTION
    u = rng.normal(size=(samples, function.dim))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    t = rng.uniform(-radius, radius, samples)
    values = 2 * radius * sphere_area(function.dim) * np.abs(function.ridge_density(u, t))
    return values.mean(), values.std(ddof=1) / np.sqrt(samples)
    # END SOLUTION


# %% [markdown] question="share_estimate" instead_of="norm_estimate" points=4 minutes=30
# ## Up or down, with an error bar
#
# Which share of the norm on the ball folds upwards? That is $\varrho=A_+/A$ with $A=\int_{S^{d-1}}\int_{|t|<R}|\alpha|\,dt\,du$ and $A_+$ the same integral of $\max(\alpha,0)$. In high dimension both can only be estimated by drawing, and a ratio of two estimates from the *same* draws has an error of its own: both vary, and they vary together.
#
# Write `share_estimate`, which draws points $(u,t)$ and returns an estimate of $\varrho$ together with its standard error, that is, an estimate, from the same draws, of the standard deviation of the estimate, correct to leading order for many draws. Draw as you like, for example
# uniformly. The function comes with `function.dim` ($d$) and `function.ridge_density(u, t)`, which takes directions $(k,d)$ and offsets $(k,)$ and returns $(k,)$. (How far is $\hat\varrho$ from $\varrho$, to first order, if the two means are off by a little? Is the answer of the plain formula for a mean of zeros and ones too small or too large?) Try
#
#     share_estimate(Gaussian(np.zeros(3)), 2.0, 10_000, np.random.default_rng(0))
#
# with different seeds: how often should the truth lie within two standard errors?

# %% tags=["answer"]
def share_estimate(function, radius, samples, rng):
    """The share of the norm on the ball of radius R that folds upwards, by Monte Carlo, and its standard error.

    samples: how many points to draw.  rng: a numpy random generator.  Returns a pair of numbers.
    """
    # BEGIN SOLUTION
    u = rng.normal(size=(samples, function.dim))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    alpha = function.ridge_density(u, rng.uniform(0, radius, samples))
    size, up = np.abs(alpha), np.maximum(alpha, 0)
    share = up.sum() / size.sum()
    return share, (up - share * size).std() / size.mean() / np.sqrt(samples)
    # END SOLUTION


# %% [markdown] question="built_or_found" points=7 by_hand=7 minutes=60 needs=["03-multivariate-bound#the-theorem", "06-sobolev-approximation#flat-at-every-width", "06-sobolev-approximation#sec-sob-exact"]
# ## An experiment: built and found
#
# The chapter *builds* flat networks for smooth functions and is silent about whether training *finds* them. Let us ask. `target` is a bump; `built()` is a drawn network whose output layer was changed by the least amount that
# gives it the labels of the sample; `found` trains networks from random starts with a given step size. Compare the networks that are found with the one that is built, in sharpness, in stability norm and in their error away from the sample, for at least three step sizes,
# the largest of them close to the largest at which the built network is stable. (You may choose another target, sample or width.)
#
# 1. *Before you run anything*, write down what you expect of the three quantities as the step size grows, and why. Which of them does a theorem of the book bound, and by how much?
# 2. Run it. State everything that is needed to repeat it.
# 3. Make one figure with labelled axes that shows the answer, with the built network in it.
# 4. Say what you see, what would have falsified your prediction, and what your experiment cannot tell.

# %%
R, target = 2.0, Gaussian([0.0, 0.0])
X, fresh = uniform_ball(20, 2, R, seed=1), uniform_ball(500, 2, R, seed=2)
y = target(X)


def built():
    """A drawn network of width 256 with the labels of the sample."""
    return with_labels(ridge_network(target, 256, R), X, y)


def found(step_size, seeds=(0, 1, 2), width=40):
    """Gradient descent from random starts: one TrainingRun each, with .network, .loss and .status."""
    starts = [random_network(2, width, seed=seed) for seed in seeds]
    return train_together(starts, X, y, step_size, tolerance=1e-6, max_steps=6000, warmup=200)


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* The built network has a sharpness near 2, whatever the step. For a found minimum the book bounds the sharpness by $2/\eta$ and the norm by $\frac1\eta-\frac12$. Random starts have no reason to be flat, so at small steps we expect found networks to be much sharper than the built one and of larger norm, and at large steps to be pressed
# down to the line $2/\eta$ and so, at $\eta\approx1$, to the sharpness of the built one. The error away from the sample is bounded by no theorem; if roughness costs accuracy it should fall with the norm.

# %% tags=["solution"]
def measures(net):
    return sharpness(net, X), stability_norm(net, X), np.sqrt(np.mean((net(fresh) - target(fresh)) ** 2))


steps = np.array([0.1, 0.3, 0.9])
runs = {step: found(step) for step in steps}
print("largest losses:", {step: f"{max(run.loss for run in runs[step]):.0e}" for step in runs})
values = np.array([[measures(run.network) for run in runs[step]] for step in steps])
fig, axes = plt.subplots(1, 3, figsize=(7.5, 2.4), layout="constrained")
bounds = 2 / steps, 1 / steps - 0.5, None
names = "sharpness", "stability norm", "rms error on fresh inputs"
for k, (axis, bound, name) in enumerate(zip(axes, bounds, names, strict=True)):
    axis.loglog(steps, values[:, :, k], "o")
    axis.axhline(measures(built())[k], color="black", label="built")
    if bound is not None:
        axis.loglog(steps, bound, "k--", label="bound")
    axis.set(xlabel="step size", ylabel=name)
axes[0].legend();

# %% [markdown] tags=["solution"]
# *What we see.* At small steps found networks are far sharper than the built one. Their sharpness stays below $2/\eta$ and touches it at the largest step, where they are as flat as the built one; their stability norm falls as well, further below its bound, and ends below that of the built network. No run has reached the tolerance $10^{-6}$, so none of them is exactly a minimum. The error on fresh inputs
# does *not* fall: it is about ten times that of the built network, which knows the function and not only twenty values of it. *Falsified by* a converged run above $2/\eta$, or by sharpness that does not depend on the step. *Not shown:* other targets and starts, what longer training would do, and that flatness helps or hurts away from the sample.
#
# **Rubric.** 2 points: a prediction with reasons before the run, and which quantities are bounded ($2/\eta$, $\frac1\eta-\frac12$, and no bound for the error). 2 points: three step sizes and three starts at least, losses or statuses reported. 1 point: one figure with labelled axes, the built network and the bound in it. 2 points: the reading agrees with the figure, runs that did not converge are treated as such; what
# would have falsified the prediction; a limitation.

# %% [markdown] question="pushed_out" instead_of="built_or_found" points=7 by_hand=7 minutes=60
# ## An experiment: pushed out of a minimum
#
# A network that was *built* for a smooth function and has the labels of the sample is a minimum. If the step size is beyond its threshold, it is not stable, and a tiny push grows. Where does gradient descent go then? To a flatter network of the same function, to another function, or to infinity? And what becomes of the error away from the sample?
# `built()` is such a network for a narrow bump; `pushed` changes all of its parameters by about a thousandth and runs gradient descent from there, with a step of `times` its threshold $2/\lambda_{\max}$. Compare where it ends with the network that was built, in sharpness, in stability norm and in the error away from the sample, for at least four values of `times`, one of them below 1
# and one above 2. (You may choose another target, sample or width.)
#
# 1. *Before you run anything*, write down what you expect of the three quantities as `times` grows, and why. Which of them does a theorem of the book bound, and by how much? Up to which value of `times` could the function stay as it is, if only the scales of the neurons changed?
# 2. Run it. State everything that is needed to repeat it.
# 3. Make one figure with labelled axes that shows the answer, with the built network in it.
# 4. Say what you see, what would have falsified your prediction, and what your experiment cannot tell.

# %%
R, target = 2.0, Gaussian([0.0, 0.0], 0.25 * np.eye(2))
X, fresh = uniform_ball(20, 2, R, seed=1), uniform_ball(500, 2, R, seed=2)
y = target(X)


def built():
    """A drawn network of width 256 with the labels of the sample."""
    return with_labels(ridge_network(target, 256, R), X, y)


def pushed(times, seeds=(0, 1, 2), size=1e-3, steps=4000):
    """Gradient descent from the built network, a little changed: one TrainingRun each, with .network, .loss, .status."""
    net, starts = built(), []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        parts = [np.asarray(part) for part in (net.W, net.b, net.v, net.c)]
        starts.append(type(net)(*(part * (1 + size * rng.normal(size=part.shape)) for part in parts)))
    return train_together(starts, X, y, times * 2 / sharpness(net, X), tolerance=1e-10, max_steps=steps)


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* Below the threshold the push is forgotten along directions of positive curvature, and the network stays where it is. Beyond it, gradient descent cannot stay, nor converge to any other minimum whose sharpness exceeds $2/\eta=\lambda_{\max}/\text{times}$. If it converges, its sharpness is at most that, and the stability norm at most $\frac1\eta-\frac12$. In the best parametrisation the function that was built has a sharpness of at least $1+2S_g$:
# up to $\text{times}=\lambda_{\max}/(1+2S_g)$ a change of scales might be enough, beyond it the function has to change where the sample sees it bend. Nothing says that it diverges: flatter interpolating networks exist. No theorem bounds the error; but the built network knows the function, and a flatter one can only know less: it should grow.

# %% tags=["solution"]
def measures(net):
    return sharpness(net, X), stability_norm(net, X), np.sqrt(np.mean((net(fresh) - target(fresh)) ** 2))


before = np.array(measures(built()))
print(f"scales alone could do up to {before[0] / (1 + 2 * before[1]):.2f} times the threshold")
times = np.array([0.9, 1.1, 1.5, 2.5])
after = {each: pushed(each) for each in times}
for each in times:
    print(f"{each} times: {[(run.status, f'{run.loss:.0e}') for run in after[each]]}")
values = np.array([[measures(run.network) for run in after[each]] for each in times])
fig, axes = plt.subplots(1, 3, figsize=(7.5, 2.4), layout="constrained")
bounds = before[0] / times, before[0] / (2 * times) - 0.5, None
names = "sharpness", "stability norm", "rms error on fresh inputs"
for k, (axis, bound, name) in enumerate(zip(axes, bounds, names, strict=True)):
    axis.plot(times, values[:, :, k], "o")
    axis.axhline(before[k], color="black", label="built")
    if bound is not None:
        axis.plot(times, bound, "k--", label="bound")
    axis.set(xlabel="step size over threshold", ylabel=name)
axes[0].legend();

# %% [markdown] tags=["solution"]
# *What we see.* Below the threshold nothing changes. A tenth above it, the network leaves and settles again, well below $2/\eta$ and not just below it, with a stability norm that has fallen too: the function has changed although scales alone would almost have done. At larger steps sharpness and norm fall further, to well below their bounds, and the error on fresh inputs grows from about a hundredth of the height of the bump to a tenth of it and more. Only the runs up to 1.1 have converged;
# at 1.5 the loss is small and at 2.5 it is not, so those are not minima, and the theorems say nothing of them yet. No run has diverged. *Falsified by* a converged run above $2/\eta$, or by an error that falls. *Not shown:* whether the largest step finds a minimum in the end, other targets and pushes, and how much of the loss of accuracy is due to twenty samples being few.
#
# **Rubric.** 2 points: a prediction with reasons before the run, which quantities are bounded ($2/\eta$, $\frac1\eta-\frac12$, and no bound for the error), and the value up to which scales might do. 2 points: four step sizes and three starts at least, one below the threshold, losses or statuses reported. 1 point: one figure with labelled axes, the built network and the bound in it. 2 points: the reading agrees with the figure, runs that did not converge are treated as such; what
# would have falsified the prediction; a limitation.
