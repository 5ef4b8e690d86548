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
# - compute what a function costs when it is squeezed, has corners, or vanishes outside a ball;
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
