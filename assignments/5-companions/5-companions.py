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
# # Problem set 5: directions and norms
#
# Chapters 7 and 8 of *Stable Minima*.
#
# **Prerequisites.** The chapters *Nearly-orthogonal data* and *Minimum-norm interpolation*; linear systems with positive definite matrices, singular values, total variation,
# best approximation by polynomials of degree one. Notation is that of the two chapters: $m$ is the number of neurons of one class in the first three questions, $z_i$ the margins, $K$ the kernel of
# a frozen pattern and $u=K^{-1}\mathbf1$; $[f]$ is the homogeneous norm, in which biases cost nothing.
#
# **After this set you can**
#
# - predict margins and stable ranks in situations that the chapter does not treat, and say where its sufficient conditions stop being true;
# - find minimum-norm interpolants and prove that they are, on the line and in space;
# - say what a penalty on the weights means for the function, and test by an experiment whether noise can stand in for it.
#
# **How it works.** Fill in the functions and the places that say "your answer". `grader.check` runs the tests that you may see; more are run when
# the set is marked, with other inputs. In marking, the notebook is run from top to bottom, and a cell is stopped after thirty seconds, a test after ten.

# %%
import matplotlib.pyplot as plt
import numpy as np

from stableminima import ShallowReLU, path_norm
from stableminima.stability import squared_gradients


# %% [markdown] question="equalising_weights" points=6 by_hand=3 minutes=45 needs=["07-nearly-orthogonal#the-model", "07-nearly-orthogonal#exact-asymptotics", "07-nearly-orthogonal#fast-clock"]
# ## Samples that count more
#
# Give the samples weights $\omega_i>0$ in the loss: $L=\frac1n\sum_i\omega_i\log(1+e^{-z_i})$. The network is the leaky one of the chapter with slope $0<\gamma\le1$, and its pattern is frozen at $D_{jri}=1$ if $j=y_i$ and
# $\gamma$ otherwise. The inputs are such that $K$ is positive definite and $u>0$. Use, as in the chapter's remark on competing species, gradient flow and the exponential tail, $\dot z=\frac\eta nK(\omega e^{-z})$ (the product $\omega e^{-z}$ entry by entry).
#
# (a) Compute $K_{ik}$ from $\langle x_i,x_k\rangle$, the labels, $\gamma$ and $m$.
#
# (b) Show that $z_i=\log t+\log\frac{\eta\,\omega_i}{n\,u_i}+o(1)$. You may use that $p'=p\,(1-Kp)$ tends to $u$ from every positive start. Do the weights change the direction in which the network goes to infinity?
#
# (c) By (b) weights can make all margins equal, not like $1/\log t$ but up to $o(1)$. Write `equalising_weights`, which returns them, scaled to have mean one.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $\sum_{j,r}D_{jri}D_{jrk}$ is $m(1+\gamma^2)$ if $y_i=y_k$ and $2m\gamma$ if not, so $K_{ik}=\frac1m\langle x_i,x_k\rangle(1+\gamma^2)$ for equal labels and $-\frac{2\gamma}m\langle x_i,x_k\rangle$ for different ones.
#
# (b) With $p_i=\frac{\eta t}n\omega_ie^{-z_i}$ and $\tau=\log t$, $p_i'=t\dot p_i=p_i-p_i\,t\dot z_i=p_i\bigl(1-(Kp)_i\bigr)$: the weights have disappeared from the equation, $p\to u$, and solving for $z_i$ gives the claim. The direction is $\lim W/\log t=\sum_iu_iA_i$; it does not depend on $\omega$. Weights shift margins by constants, which are lost after division by $\log t$.
#
# (c) $\omega_i=nu_i/\sum_ku_k$.
#
# **Rubric.** 1 point: both cases of $K$, with the sign and the factor 2. 1 point: the change of variables, with the weights gone. 1 point: margins, and that the direction is unchanged.

# %% tags=["answer"]
def equalising_weights(X, y, slope):
    """The weights of the samples that make all margins equal in the end.

    X: inputs, (n, d).  y: labels +1 and -1, (n,).  slope: gamma, 0 < gamma <= 1.  Returns (n,), positive, with mean 1.
    """
    # BEGIN SOLUTION
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    same = np.equal.outer(y, y)
    K = np.outer(y, y) * (X @ X.T) * np.where(same, 1 + slope**2, 2 * slope)
    u = np.linalg.solve(K, np.ones(len(y)))
    return u / u.mean()
    # END SOLUTION


# %% [markdown] question="least_dominant" points=5 by_hand=2 minutes=40 needs=["07-nearly-orthogonal#exact-asymptotics"]
# ## One half is the right number
#
# The chapter shows $u=K^{-1}\mathbf1>0$ if $q=\max_i\sum_{k\ne i}|K_{ik}|/K_{kk}<\frac12$, and that $q<1$ does not suffice. What happens in between?
#
# (a) Show that for two samples $q<1$ is enough.
#
# (b) Let $q>\frac12$. Find a symmetric, positive definite matrix with unit diagonal and this $q$ (or a smaller one) for which $u$ has a negative entry. So the number $\frac12$ cannot be improved for all $n$. (One sample that all others help, while these hinder each other, is a good place to look. How many others do you need?)
#
# (c) Write `least_dominant`, which returns such a matrix for a given $q$ in $(\frac12,1)$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) With unit diagonal (rescale: $U_i=K_{ii}u_i$) the system $U_1+e_{12}U_2=1$, $U_2+e_{21}U_1=1$ with $|e_{12}|,|e_{21}|\le q<1$ has $U_1=\frac{1-e_{12}}{1-e_{12}e_{21}}>0$, and likewise $U_2$.
#
# (b) Take one sample $0$ and $N\ge2$ others, $K_{0k}=\frac qN$, and $K_{kl}=-\frac{q-q/N}{N-1}=-\frac qN$ for $k\ne l$ among the others. All rows off the diagonal add up to $q$ in absolute value; as $q<1$ the matrix is strictly diagonally dominant with positive diagonal, hence positive definite. By symmetry $u=(w,v,\dots,v)$ with $w+qv=1$ and
# $v(1-q+\frac qN)+\frac qNw=1$. So $v=\frac{1-q/N}{(1-q)(1+q/N)}$, and $w=1-qv<0$ if and only if $N>\frac q{2q-1}$: about $\frac1{2(2q-1)}$ others near $q=\frac12$.
#
# **Rubric.** 1 point: (a), with unequal diagonal entries or a word on rescaling. 1 point: a construction for every $q>\frac12$ with a proof that it is positive definite and has a negative entry.

# %% tags=["answer"]
def least_dominant(q):
    """A matrix for which the row sums of |K_ik|, k other than i, are at most q and K^-1 1 has a negative entry.

    q: a number, 1/2 < q < 1.  Returns (n, n), symmetric, positive definite, with unit diagonal; n may depend on q.
    """
    # BEGIN SOLUTION
    others = max(2, int(q / (2 * q - 1)) + 1)
    K = np.full((others + 1, others + 1), -q / others)
    K[0], K[:, 0] = q / others, q / others
    np.fill_diagonal(K, 1.0)
    return K
    # END SOLUTION


# %% [markdown] question="whole_rank" points=5 by_hand=2 minutes=40 needs=["07-nearly-orthogonal#leaky-relu-one-direction-per-class", "07-nearly-orthogonal#relu-bounded-not-one"]
# ## The rank of the whole layer
#
# ReLU, exactly orthogonal inputs of lengths $\|x_i\|$, a wide network ($m\to\infty$). Suppose that at the start every neuron of class $j$ is active on each sample of class $j$ with probability $p$, independently of everything else ($p=\frac12$ for Gaussian weights; a common shift of the weights makes it larger).
#
# (a) Find the limit, as $t\to\infty$ and then $m\to\infty$, of the stable rank of the *whole* matrix $W$, both classes together.
#
# (b) Show that it is at most $2/p$. Can it be close to $1$?
#
# (c) Write `whole_rank`, which returns the limit.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) In the theorem of the chapter $\alpha_i\to p$ and $\alpha_{ik}\to p^2$. In the orthonormal basis $x_i/\|x_i\|$ the Gram matrix of block $j$, divided by $m$ (and a factor that both classes share), tends to $M_j=c\,c^{\mathsf T}+(\frac1p-1)\operatorname{diag}c^2$ over the samples of class $j$, $c_i=1/\|x_i\|$. Samples of the two classes are orthogonal to each other, and so are the row spaces of the blocks: in
# the basis $x_i/\|x_i\|$ the Gram matrix $W^{\mathsf T}W$ is block diagonal, its trace is the sum and its largest eigenvalue the larger of the two. The limit is $\frac1p\sum_ic_i^2\big/\max_j\lambda_{\max}(M_j)$, the sum over all samples.
#
# (b) $\lambda_{\max}(M_j)\ge c^{\mathsf T}M_jc/\|c\|^2\ge\|c\|^2$ over class $j$, so each class contributes at most $\frac1p$ to the quotient. It is close to $1$ if one class has a single input that is much shorter than all others: then its $c$ dominates, $M_j\approx\frac1pc^2$, and the numerator is the same.
#
# **Rubric.** 1 point: the two blocks, orthogonal to each other, trace added and the larger eigenvalue taken. 1 point: the bound, with an example near 1.

# %% tags=["answer"]
def whole_rank(lengths, labels, active):
    """The limit of the stable rank of the whole layer.

    lengths: of the inputs, (n,), positive.  labels: +1 and -1, (n,), both occur.  active: p, 0 < p <= 1.  Returns a number.
    """
    # BEGIN SOLUTION
    c, labels = 1 / np.asarray(lengths, dtype=float), np.asarray(labels)
    top = 0.0
    for sign in (1, -1):
        part = c[labels == sign]
        M = np.outer(part, part) + (1 / active - 1) * np.diag(part**2)
        top = max(top, np.linalg.eigvalsh(M)[-1])
    return (c**2).sum() / active / top
    # END SOLUTION


# %% [markdown] question="least_line_norm" points=5 by_hand=2 minutes=40 needs=["08-minimum-norm#the-norm", "08-minimum-norm#on-the-line"]
# ## Connect the dots
#
# Samples $(x_i,y_i)$ on the line, $n\ge2$ different places in $(-R,R)$. By the chapter $[f]=\max\{V,\frac12(V+|S|)\}$, where $V$ is the total variation of $f'$ on $(-R,R)$ and $S=f'(-R)+f'(R)$.
#
# (a) Show that the function that connects neighbouring samples by straight lines, and continues the first and the last line to the ends, is a minimum-norm interpolant. (On the gap $k$ the average of $f'$ is the slope $s_k$. Compare averages over different gaps by looking at *the same* relative place in each.)
#
# (b) Write `least_line_norm`, which returns the least norm.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Let $f$ interpolate, order the samples, and let $\xi_k(\theta)=x_k+\theta(x_{k+1}-x_k)$, $0<\theta<1$. Then $s_k=\int_0^1f'(\xi_k(\theta))\,d\theta$. For (almost) every $\theta$, $-R<\xi_1<\dots<\xi_{n-1}<R$, so
# $|f'(-R)-f'(\xi_1)|+\sum_k|f'(\xi_{k+1})-f'(\xi_k)|+|f'(\xi_{n-1})-f'(R)|\le V$. Integrate over $\theta$ and put the absolute values outside: $V\ge V_0+\delta_-+\delta_+$ with $V_0=\sum|s_{k+1}-s_k|$, $\delta_-=|f'(-R)-s_1|$, $\delta_+=|f'(R)-s_{n-1}|$. Moreover $|S|\ge|s_1+s_{n-1}|-\delta_--\delta_+$. Adding, $V+|S|\ge V_0+|s_1+s_{n-1}|$; and
# $V\ge V_0$. Both terms of the maximum are at least those of the connected dots.
#
# **Rubric.** 1 point: $V\ge V_0$, with an argument for averages. 1 point: the term with $|S|$: what a change of the end slopes gains there it costs in $V$.

# %% tags=["answer"]
def least_line_norm(x, y):
    """The least norm of a function through the samples.

    x: different places, (n,), in any order, n >= 2.  y: labels, (n,).  Returns a number.
    """
    # BEGIN SOLUTION
    order = np.argsort(x)
    slopes = np.diff(np.asarray(y, dtype=float)[order]) / np.diff(np.asarray(x, dtype=float)[order])
    variation = np.abs(np.diff(slopes)).sum()
    return max(variation, (variation + abs(slopes[0] + slopes[-1])) / 2)
    # END SOLUTION


# %% [markdown] question="price_of_a_neuron" points=5 by_hand=2 minutes=35 needs=["08-minimum-norm#the-norm"]
# ## Other decays
#
# Weight decay charges $\frac\lambda2(v^2+\|w\|^2)$ for a neuron. Suppose we charge $\frac{\lambda_1}\rho|v|^\rho+\frac{\lambda_2}r\|w\|^r$ instead, with positive numbers $\lambda_1,\lambda_2,\rho,r$ and free biases.
#
# (a) A neuron can be rescaled without changing the function. Find the least price of a neuron of amplitude $|a|=|v|\,\|w\|$.
#
# (b) When is it cheaper to split a neuron into two on the same hyperplane, when to merge two of the same sign, and when does it make no difference? What is the least price of the function of a finite network when the width is unlimited and splitting pays?
#
# (c) Write `price_of_a_neuron`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Put $|v|=\alpha$, $\|w\|=|a|/\alpha$. The price $\frac{\lambda_1}\rho\alpha^\rho+\frac{\lambda_2}r(|a|/\alpha)^r$ is convex in $\log\alpha$, and its derivative vanishes where $\lambda_1|v|^\rho=\lambda_2\|w\|^r=:M$. Then $|a|=M^s\lambda_1^{-1/\rho}\lambda_2^{-1/r}$ with $s=\frac1\rho+\frac1r$, and the price is
# $sM=s\,\bigl(|a|\,\lambda_1^{1/\rho}\lambda_2^{1/r}\bigr)^{1/s}$. For $\rho=r=2$ it is $\sqrt{\lambda_1\lambda_2}\,|a|$.
#
# (b) It is a constant times $|a|^{1/s}$. For $s>1$ this is strictly concave and merging pays; for $s=1$ only the sum counts; for $s<1$ it is strictly convex, and $k$ equal parts cost $k\,(|a|/k)^{1/s}\to0$: the least price of every finite network is $0$ as an infimum, and the penalty says nothing about the function.
#
# **Rubric.** 1 point: the balance and the price. 1 point: the three cases, with the infimum 0.

# %% tags=["answer"]
def price_of_a_neuron(amplitude, outer, inner, rho, r):
    """The least price of a neuron of this amplitude.

    amplitude: a, any sign.  outer, inner: lambda_1 of the output weight and lambda_2 of the input weights.
    rho, r: their exponents.  Returns a number.
    """
    # BEGIN SOLUTION
    s = 1 / rho + 1 / r
    return s * (abs(amplitude) * outer ** (1 / rho) * inner ** (1 / r)) ** (1 / s)
    # END SOLUTION


# %% [markdown] question="shell_bump" points=7 by_hand=3 minutes=60 needs=["08-minimum-norm#the-norm", "08-minimum-norm#norm-bump"]
# ## A label on a sphere
#
# In space, $d=3$, let the labels be $1$ on the sphere $\|x\|=\rho$, $0<\rho<1$, and $0$ for $1\le\|x\|\le R$. What happens inside the sphere is free.
#
# (a) Follow the proof of the chapter's theorem on the bump, and show that the least norm is $N=1/E$, where $E$ is the error of the best approximation, uniform over $0\le q\le1$, of
# $\varphi(q)=\tfrac12\mathbb E|\rho u_1-\sqrt q|$ by polynomials of degree one in $q$. ($u$ is uniform on the sphere; in space $u_1$ is uniform on $[-1,1]$.)
#
# (b) Compute $\varphi$ and show that $N=\dfrac{8(2-\rho)}{(1-\rho)^2}$. For comparison: a bump that is $1$ on the whole ball of radius $\rho$ costs $16(1+\rho)/(1-\rho)^2$.
#
# (c) Write `shell_bump`, which returns the radial minimum-norm interpolant as a constant $c$, kinks $b_i\ge0$ and amplitudes $a_i$:
#
# $$f(x)=c+\sum_ia_i\,\mathbb E_u\,\sigma(u\cdot x-b_i),\qquad[f]=\sum_i|a_i| .$$
#
# How large is $f$ in the centre?

# %% [markdown] tags=["solution"]
# **Model answer.** (a) As in the chapter some minimiser is an average of one even profile, $f(x)=\mathbb E_ug(u\cdot x)$, of norm $\|g''\|$. In space $rf(r)=\int_0^rg$; this vanishes for $1\le r\le R$ if and only if $g=0$ there and $\int_0^1g=0$. With $\mu=g''$, even on $[-1,1]$: $\int d\mu=0$, $g(s)=\frac12\int|s-t|\,d\mu(t)$, and two integrations by parts turn $\int g=0$ into $\int t^2d\mu=0$.
# The label is $1=\mathbb E\,g(\rho u_1)=\int\frac12\mathbb E|\rho u_1-t|\,d\mu(t)=\int\varphi(t^2)\,d\mu$ ($\varphi$ is even in $t$ because $u_1$ is symmetric). For every $p$ of degree one, $1=\int(\varphi-p)(t^2)\,d\mu\le\|\varphi-p\|_\infty\|\mu\|$, so $\|\mu\|\ge1/E$; the measure on the three points where the best error alternates, which annihilates $1$ and $q$, attains it.
#
# (b) For $t\le\rho$, $\frac12\mathbb E|\rho u_1-t|=\frac{t^2+\rho^2}{4\rho}$, for $t\ge\rho$ it is $\frac t2$. So $\varphi=\frac{q+\rho^2}{4\rho}$ up to $q=\rho^2$ and $\frac12\sqrt q$ beyond: concave, with a continuous derivative. The chord from $\varphi(0)=\frac\rho4$ to $\varphi(1)=\frac12$ has slope $k=\frac{2-\rho}4$, less than $\frac1{4\rho}$; the parallel tangent touches where $\frac1{4\sqrt q}=k$,
# $\sqrt q=b=\frac1{2-\rho}>\rho$. There $\varphi$ exceeds the chord by $\frac b2-\frac\rho4-kb^2=\frac{1}{4(2-\rho)}-\frac\rho4=\frac{(1-\rho)^2}{4(2-\rho)}$, and $E$ is half of that.
#
# (c) Kinks $0,b,1$, and $\sum a_i=0$, $\sum a_ib_i^2=0$ (the mass of $\mu$ at $\pm b_i$ is $a_i/2$ each, at $0$ it is $a_0$; in the average over $u$ neurons $u$ and $-u$ are equally likely). So $a=a_1\,(-(1-b^2),1,-b^2)$, $\sum|a_i|=2a_1=N$. For $r\ge1$ the sum is $\sum a_i\frac{(r-b_i)^2}{4r}=-\frac12\sum a_ib_i$, so $c=\frac12\sum a_ib_i=\frac12a_1b(1-b)$; this is $f(0)=\frac2{(1-\rho)(2-\rho)}$, above the label.
#
# **Rubric.** 1 point: the two moment conditions and the label as an integral against $\mu$. 1 point: duality, both directions. 1 point: $\varphi$ and its best line.

# %% tags=["answer"]
def shell_bump(rho):
    """The minimum-norm function that is 1 on the sphere of radius rho and 0 from radius 1 on, in space.

    rho: 0 < rho < 1.  Returns c, kinks (k,), amplitudes (k,).
    """
    # BEGIN SOLUTION
    b = 1 / (2 - rho)
    kinks = np.array([0.0, b, 1.0])
    amplitudes = 4 * (2 - rho) / (1 - rho) ** 2 * np.array([b**2 - 1, 1.0, -(b**2)])
    return amplitudes @ kinks / 2, kinks, amplitudes
    # END SOLUTION


# %% [markdown] question="noisy_labels" points=7 by_hand=7 minutes=60 needs=["01-linear-stability#the-nn-kernel", "08-minimum-norm#the-norm", "08-minimum-norm#on-the-line"]
# ## An experiment: can noise stand in for decay?
#
# The minimum-norm interpolant of the five samples below is the tent, of norm 4. Weight decay finds it. Now use no decay, but add fresh noise to the labels at every step of gradient descent: $y_i\pm\sigma$, signs by tossing coins. Does that lower a norm, and which?
#
# `train` runs gradient descent with label noise of size $\sigma$ and weight decay $\lambda$ (on weights, not on biases) from several starts and returns the networks at six times; the last quarter of the steps is without noise or decay, so that the final networks interpolate.
# Two quantities to follow: `path_norm(net)`, which is at least $[f]$, and `squared_gradients(net, x).mean()`, the trace of the tangent kernel over $n$, which bounds the sharpness. Compare no noise, noise (two sizes at least) and decay.
#
# 1. *Before you run anything*, write down what you expect and why. (A small random push at a minimum is forgotten along directions of positive curvature and kept along flat ones. Where on the flat set does the noise push less?)
# 2. Run it. State everything that is needed to repeat it.
# 3. Make one figure with labelled axes that shows the answer.
# 4. Say what you see, what would have falsified your prediction, and what your experiment cannot tell.

# %%
x, y = np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 0.0, 0.0])


def train(noise, decay, steps=12_000, starts=3, width=30, step_size=0.05, seed=0):
    """Gradient descent with label noise and weight decay; returns a list of (step, networks)."""
    rng = np.random.default_rng(seed)
    w, b, v = rng.normal(size=(starts, width)), rng.uniform(-2, 2, (starts, width)), rng.normal(size=(starts, width))
    v, c, snapshots = 0.4 * v, np.zeros((starts, 1)), []
    for step in range(steps + 1):
        if step % (steps // 6) == 0 and step:
            nets = [ShallowReLU(w[k][:, None], b[k], v[k], c[k, 0]) for k in range(starts)]
            snapshots.append((step, nets))
        if step == 3 * steps // 4:
            noise, decay = 0.0, 0.0
        z = w[:, :, None] * x + b[:, :, None]
        hidden = np.maximum(z, 0)
        labels = y + noise * rng.choice([-1.0, 1.0], size=(starts, len(y)))
        r = ((v[:, None, :] @ hidden)[:, 0] + c - labels) / len(y)
        back = (z > 0) * r[:, None, :]
        to_v = (hidden @ r[:, :, None])[:, :, 0]
        to_w, to_b = v * (back @ x), v * back.sum(axis=2)
        v, w = v - step_size * (to_v + decay * v), w - step_size * (to_w + decay * w)
        b, c = b - step_size * to_b, c - step_size * r.sum(axis=1, keepdims=True)
    return snapshots


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* Near a minimum that interpolates, a step with label noise moves the parameters by $\frac\eta n\sum_i\pm\sigma\varphi_i$, $\varphi_i=\nabla_\theta f(x_i)$: a random kick of mean square $\frac{\eta^2\sigma^2}{n^2}\sum\|\varphi_i\|^2$. The kicks are small where $\frac1n\sum\|\varphi_i\|^2$ is small, and we expect a slow drift along the set of minima towards a smaller trace. At the best scale of each neuron the trace is $1+\frac2n\sum_i|a_i|\sqrt{\cdot}\,$: amplitudes with weights that depend on the data, so the path norm should fall too,
# but not to the tent's 4, since kinks that few samples see are cheap. Decay lowers the path norm towards 4 and the trace only as a by-product. More noise should be faster.

# %% tags=["solution"]
settings = {"neither": (0.0, 0.0), "noise 0.15": (0.15, 0.0), "noise 0.3": (0.3, 0.0), "decay 0.001": (0.0, 1e-3)}
fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.6), layout="constrained")
for name, (noise, decay) in settings.items():
    run = train(noise, decay, steps=6000)
    at = [step for step, _ in run]
    axes[0].plot(at, [np.mean([path_norm(net) for net in nets]) for _, nets in run], "o-", label=name)
    axes[1].plot(at, [np.mean([squared_gradients(net, x).mean() for net in nets]) for _, nets in run], "o-")
    misses = [np.mean((net(x[:, None]) - y) ** 2) / 2 for net in run[-1][1]]
    print(f"{name:12s} largest loss at the end {max(misses):.0e}")
axes[0].axhline(4, color="black", linewidth=1)
for axis, label in zip(axes, ("path norm", "mean squared gradient"), strict=True):
    axis.set(xlabel="step", ylabel=label)
axes[0].legend(fontsize=7);

# %% [markdown] tags=["solution"]
# *What we see.* Without noise or decay nothing moves once the loss is zero. With noise both quantities fall, faster with more noise. Decay lowers the path norm towards the line at 4. Where decay and the larger noise have brought the path norm equally far, the noise has the much smaller squared gradient: that is what it lowers first. *Falsified by* a trace that stays or grows under noise, or by noise that works as well when it is made
# smaller. *Not shown:* where the drift ends (the runs are short and the drift slow), the order in which the two quantities are minimised, or anything about noise from mini-batches, which dies out at an interpolating minimum while label noise does not.
#
# **Rubric.** 2 points: a prediction with a reason, before the run, that names the quantity which noise lowers. 2 points: no noise, two sizes of noise and decay, three starts, final losses reported. 1 point: one figure with labelled axes and the line 4. 2 points: the reading agrees with the figure; what would have falsified the prediction; a limitation. No point is lost for a prediction that turned out wrong.
