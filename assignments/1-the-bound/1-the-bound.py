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
# # Problem set 1: stability and the bound
#
# Chapters 1 to 3 of *Stable Minima*.
#
# **Prerequisites.** The chapters *Linear stability*, *The univariate bound* and *The multivariate bound*; eigenvalues, expectations, and the
# divergence theorem for one question. The conventions are those of the book: the loss is $\frac1{2n}\sum_j(f(x_j)-y_j)^2$ and all parameters are
# trained, the output bias included.
#
# **After this set you can**
#
# - repeat the argument from a training rule to a bound on the function for rules that the book does not treat;
# - compute with the data weight exactly, knot by knot, and say how it depends on the units of the data;
# - read a network as a measure on lines, and plan, run and judge an experiment about its minima.
#
# **How it works.** Fill in the functions and the places that say "your answer". `grader.check` runs the tests that you may see; more are run when
# the set is marked, with other inputs. In marking, the notebook is run from top to bottom, and a cell is stopped after thirty seconds, a test after ten.

# %%
import matplotlib.pyplot as plt
import numpy as np

from stableminima import (ShallowReLU, bound_chain, data_weight, random_network, sharpness,
                          stability_norm, train_together)


# %% [markdown] question="noise_floor" points=5 by_hand=2 minutes=30 needs=["01-linear-stability#the-dynamics-near-a-minimum", "01-three-thresholds#what-to-ask-of-a-random-product"]
# ## How far the noise throws
#
# At a minimum that interpolates, the noise of SGD dies out with the error. Here is the smallest minimum that does not interpolate: one parameter
# $\theta$ and losses $\ell_j(\theta)=\frac12h_j\theta^2+g_j\theta$ with $\frac1n\sum_jg_j=0$ and $\frac1n\sum_jh_j>0$. SGD draws one sample a step, uniformly and
# independently of the past, so that near (and far from) the minimum $0$
#
# $$\delta_{t+1}=(1-\eta h_J)\,\delta_t-\eta g_J .$$
#
# (a) Show that $\mathbb E\,\delta_t^2$ converges from every start if $\frac1n\sum_j(1-\eta h_j)^2<1$, and find the limit. Why does the covariance of $h_J$ and $g_J$ not matter in
# the limit?
#
# (b) Write `noise_floor`, which returns that limit, and infinity if $\frac1n\sum_j(1-\eta h_j)^2\ge1$.

# %% [markdown] tags=["solution"]
# **Model answer.** $J$ is independent of $\delta_t$, so $m_t=\mathbb E\delta_t$ obeys $m_{t+1}=(1-\eta\bar h)m_t-\eta\bar g=(1-\eta\bar h)m_t$ with $\bar g=0$. By Jensen $(1-\eta\bar h)^2\le\mathbb E(1-\eta h_J)^2=:q<1$, hence $m_t\to0$.
# Squaring, $s_t=\mathbb E\delta_t^2$ obeys $s_{t+1}=q\,s_t-2\eta\,\mathbb E[(1-\eta h_J)g_J]\,m_t+\eta^2\,\mathbb Eg_J^2$. The middle term vanishes in the limit whatever the covariance is, because $m_t\to0$; and since $q<1$,
# $s_t\to\eta^2\,\mathbb Eg^2/(1-q)=\eta\,\mathbb Eg^2/(2\bar h-\eta\,\mathbb Eh^2)$.
#
# **Rubric.** 1 point: the recursion of the mean, and that it contracts (Jensen, or an equivalent). 1 point: the recursion of the square with its middle term, and the
# limit. No point is lost for writing variance for $\mathbb Eg^2$, as $\bar g=0$.

# %% tags=["answer"]
def noise_floor(curvatures, slopes, step_size):
    """The limit of the mean square error.

    curvatures, slopes: the h_j and g_j, (n,), the slopes with mean zero.  step_size: eta > 0.  Returns a number.
    """
    # BEGIN SOLUTION
    h, g = np.asarray(curvatures), np.asarray(slopes)
    shrink = np.mean((1 - step_size * h) ** 2)
    return step_size**2 * np.mean(g**2) / (1 - shrink) if shrink < 1 else np.inf
    # END SOLUTION


# %% [markdown] question="averaged_floor" instead_of="noise_floor" points=5 by_hand=2 minutes=30
# ## What an average of two forgets
#
# At a minimum that interpolates, the noise of SGD dies out with the error. Here is the smallest minimum that does not interpolate: one parameter
# $\theta$ and losses $\ell_j(\theta)=\frac12h_j\theta^2+g_j\theta$ with $\frac1n\sum_jg_j=0$ and $\bar h=\frac1n\sum_jh_j>0$. SGD draws one sample a step, uniformly and
# independently of the past, so that the distance to the minimum $0$ obeys
#
# $$\delta_{t+1}=(1-\eta h_J)\,\delta_t-\eta g_J .$$
#
# You may use that $\mathbb E\,\delta_t\to0$ and $\mathbb E\,\delta_t^2\to s=\eta\,\frac1n\sum_jg_j^2\big/\bigl(2\bar h-\eta\,\frac1n\sum_jh_j^2\bigr)$ from every start if $\frac1n\sum_j(1-\eta h_j)^2<1$.
#
# (a) Show that the mean square of the average of two neighbouring iterates, $\mathbb E\bigl(\frac12(\delta_t+\delta_{t+1})\bigr)^2$, converges to $(1-\frac12\eta\bar h)\,s$. For which
# step sizes does averaging gain much, and for which next to nothing?
#
# (b) Write `averaged_floor`, which returns that limit, and infinity if $\frac1n\sum_j(1-\eta h_j)^2\ge1$.

# %% [markdown] tags=["solution"]
# **Model answer.** Multiply the recursion by $\delta_t$. The sample $J$ is independent of $\delta_t$, so $\mathbb E\,\delta_t\delta_{t+1}=(1-\eta\bar h)\,\mathbb E\,\delta_t^2-\eta\bar g\,\mathbb E\,\delta_t=(1-\eta\bar h)\,\mathbb E\,\delta_t^2\to(1-\eta\bar h)s$, as $\bar g=0$.
# Hence $\frac14\mathbb E(\delta_t+\delta_{t+1})^2\to\frac14\bigl(2s+2(1-\eta\bar h)s\bigr)=(1-\frac12\eta\bar h)s$. The gain is the factor $1-\frac12\eta\bar h$: next to nothing for $\eta\bar h\ll1$, where neighbours are almost the same, and large near $\eta\bar h=2$, where
# they are on opposite sides (which needs curvatures that differ little: by Jensen $\frac1n\sum_j(1-\eta h_j)^2<1$ gives $\eta\bar h<2$ only).
#
# **Rubric.** 1 point: the product of neighbours, with independence and $\bar g=0$. 1 point: the limit, and the factor read for small and for large $\eta\bar h$.

# %% tags=["answer"]
def averaged_floor(curvatures, slopes, step_size):
    """The limit of the mean square of the average of two neighbouring iterates.

    curvatures, slopes: the h_j and g_j, (n,), the slopes with mean zero.  step_size: eta > 0.  Returns a number.
    """
    # BEGIN SOLUTION
    h, g = np.asarray(curvatures), np.asarray(slopes)
    shrink = np.mean((1 - step_size * h) ** 2)
    one = step_size**2 * np.mean(g**2) / (1 - shrink) if shrink < 1 else np.inf
    return (1 - step_size * h.mean() / 2) * one if shrink < 1 else np.inf
    # END SOLUTION


# %% [markdown] question="batch_floor" instead_of="noise_floor" points=5 by_hand=2 minutes=30
# ## How far a batch throws
#
# At a minimum that interpolates, the noise of SGD dies out with the error. Here is the smallest minimum that does not interpolate: one parameter
# $\theta$ and losses $\ell_j(\theta)=\frac12h_j\theta^2+g_j\theta$, $j=1,\dots,n$, with $\frac1n\sum_jg_j=0$ and $\bar h=\frac1n\sum_jh_j>0$. Each step draws a batch $\mathcal B$ of $B$ *different* samples, all such batches equally likely,
# independently of the past; with $h_{\mathcal B}$ and $g_{\mathcal B}$ the means over the batch,
#
# $$\delta_{t+1}=(1-\eta h_{\mathcal B})\,\delta_t-\eta g_{\mathcal B} .$$
#
# You may use that the mean of $B$ different numbers out of $z_1,\dots,z_n$, $n\ge2$, has variance $\frac{n-B}{(n-1)B}\,\frac1n\sum_j(z_j-\bar z)^2$.
#
# (a) Let $q=\mathbb E(1-\eta h_{\mathcal B})^2$. Show that $\mathbb E\,\delta_t^2$ converges from every start if $q<1$, and find the limit, with all expectations written out as sums over the samples. What happens for $B=n$, and why?
#
# (b) Write `batch_floor`, which returns that limit, and infinity if $q\ge1$.

# %% [markdown] tags=["solution"]
# **Model answer.** The batch is independent of $\delta_t$. The mean obeys $m_{t+1}=(1-\eta\bar h)m_t$, and $(1-\eta\bar h)^2\le q<1$ by Jensen, so $m_t\to0$. The square obeys $s_{t+1}=q\,s_t-2\eta\,\mathbb E[(1-\eta h_{\mathcal B})g_{\mathcal B}]\,m_t+\eta^2\,\mathbb E g_{\mathcal B}^2$, so $s_t\to\eta^2\,\mathbb Eg_{\mathcal B}^2/(1-q)$.
# With $\gamma=\frac{n-B}{(n-1)B}$ we have $\mathbb E g_{\mathcal B}^2=\gamma\,\frac1n\sum_jg_j^2$ and $q=(1-\eta\bar h)^2+\eta^2\gamma\,\frac1n\sum_j(h_j-\bar h)^2$. For $B=n$ there is no noise: $\gamma=0$, and gradient descent converges to the minimum, limit 0, if $|1-\eta\bar h|<1$.
#
# **Rubric.** 1 point: both recursions, and why the mean contracts. 1 point: the limit with $\gamma$ in both places, and the case $B=n$.

# %% tags=["answer"]
def batch_floor(curvatures, slopes, step_size, batch_size):
    """The limit of the mean square error for batches of different samples.

    curvatures, slopes: the h_j and g_j, (n,), n >= 2, the slopes with mean zero.  step_size: eta > 0.
    batch_size: B, a whole number from 1 to n.  Returns a number.
    """
    # BEGIN SOLUTION
    h, g = np.asarray(curvatures), np.asarray(slopes)
    gamma = (len(h) - batch_size) / ((len(h) - 1) * batch_size)
    shrink = (1 - step_size * h.mean()) ** 2 + step_size**2 * gamma * h.var()
    return step_size**2 * gamma * np.mean(g**2) / (1 - shrink) if shrink < 1 else np.inf
    # END SOLUTION


# %% [markdown] question="stale_ceiling" points=6 by_hand=3 minutes=45 needs=["01-linear-stability#the-lemma", "03-multivariate-bound#the-theorem"]
# ## Stale gradients
#
# Machines that work in parallel often step along a gradient that was computed at an older iterate: $\theta_{t+1}=\theta_t-\eta\nabla L(\theta_{t-k})$ with a delay of $k\ge0$ steps.
# Such a rule is stable at a minimum if the errors of its linearisation die out from every start, in every direction of positive curvature.
#
# (a) Let $k=1$. Show that the errors die out if and only if $\eta\lambda_{\max}<1$, and deduce a bound on the stability norm of an interpolating network, no neuron of
# which switches on a sample, at a minimum that is stable for this rule.
#
# (b) Write `stale_ceiling`, which returns the right-hand side of that bound for any delay: the least upper bound on $S_g$ that the argument gives. (You may find the threshold
# of $\eta\lambda$ by computation; four correct digits are enough.)

# %% [markdown] tags=["solution"]
# **Model answer.** In an eigendirection of the Hessian, $\delta_{t+1}=\delta_t-x\,\delta_{t-k}$ with $x=\eta\lambda$. For $k=1$ the errors die out if and only if both roots of $z^2-z+x$ have modulus below one. For $0<x\le\frac14$ the roots
# $\frac12(1\pm\sqrt{1-4x})$ lie in $(0,1)$. For $x>\frac14$ they are conjugate with product $x$, so their modulus is $\sqrt x$, below one exactly for $x<1$. The worst direction has $x=\eta\lambda_{\max}$. At an interpolating minimum at which no neuron switches on a sample the Hessian is
# $\Phi\Phi^{\mathsf T}/n$ and $1+2S_g\le\lambda_{\max}<1/\eta$, so $S_g<\frac1{2\eta}-\frac12$. For any $k$ the threshold is $x_k=2\sin\frac\pi{2(2k+1)}$: the first root that reaches the circle does it at $z=e^{i\phi}$ with $z^k(z-1)=-x$, which gives $\phi=\pi/(2k+1)$ and $x=2\sin(\phi/2)$. The bound is $\frac12(x_k/\eta-1)$.
#
# **Rubric.** 1 point: the recursion and its polynomial. 1 point: both cases of the roots, with "if and only if". 1 point: the passage to $S_g$, with the ½ from the output bias.

# %% tags=["answer"]
def stale_ceiling(step_size, delay):
    """The bound on the stability norm for gradients that are ``delay`` steps old.

    step_size: eta > 0.  delay: a whole number, 0 for gradient descent.  Returns a number.
    """
    # BEGIN SOLUTION
    threshold = 2 * np.sin(np.pi / (2 * (2 * delay + 1)))
    return (threshold / step_size - 1) / 2
    # END SOLUTION


# %% [markdown] question="mean_ceiling" instead_of="stale_ceiling" points=6 by_hand=3 minutes=45
# ## The mean of the last gradients
#
# To calm a training, somebody steps along the mean of the last $m\ge1$ gradients: $\theta_{t+1}=\theta_t-\frac\eta m\sum_{i=0}^{m-1}\nabla L(\theta_{t-i})$.
# Such a rule is stable at a minimum if the errors of its linearisation die out from every start, in every direction of positive curvature.
#
# (a) Let $m=2$. Show that the errors die out if and only if $\eta\lambda_{\max}<2$: the mean of two gradients allows exactly the steps of gradient descent. Deduce a bound on the stability norm of an interpolating network,
# no neuron of which switches on a sample, at a minimum that is stable for this rule.
#
# (b) Write `mean_ceiling`, which returns the right-hand side of that bound for any $m$: the least upper bound on $S_g$ that the argument gives. (You may find the threshold
# of $\eta\lambda$ by computation; four correct digits are enough.)

# %% [markdown] tags=["solution"]
# **Model answer.** In an eigendirection of the Hessian, $\delta_{t+1}=\delta_t-\frac xm\sum_{i<m}\delta_{t-i}$ with $x=\eta\lambda>0$. For $m=2$ the errors die out if and only if both roots of $z^2-(1-\frac x2)z+\frac x2$ have modulus below one. Their product is $\frac x2$. If they are conjugate, their modulus is $\sqrt{x/2}$, below one exactly for $x<2$.
# They are real where $(1-\frac x2)^2\ge2x$, that is, for $x\le6-4\sqrt2<1$ or $x\ge6+4\sqrt2>2$. In the first case sum and product are positive, so both roots are positive and smaller than their sum $1-\frac x2<1$. In the second the product exceeds one: unstable. So $x<2$ in all cases, and the worst direction has $x=\eta\lambda_{\max}$.
# At an interpolating minimum at which no neuron switches on a sample the Hessian is $\Phi\Phi^{\mathsf T}/n$ and $1+2S_g\le\lambda_{\max}<2/\eta$, so $S_g<\frac1\eta-\frac12$. For any $m$ multiply the polynomial by $z-1$: $(z-1)^2z^{m-1}=-\frac xm(z^m-1)$. With $z=e^{i\phi}$ this is $4\sin^2\frac\phi2\,e^{im\phi/2}=2i\frac xm\sin\frac{m\phi}2$, so that $m\phi/2$ is an odd multiple of $\frac\pi2$;
# the first crossing is at $\phi=\pi/m$ and $x_m=2m\sin^2\frac\pi{2m}$. (All crossings are outward: there $\frac{dz}z=\frac{dx}x\big/\bigl(\frac m2-i\cot\frac\phi2\bigr)$, whose real part is positive for $dx>0$.) The bound is $\frac12(x_m/\eta-1)$.
#
# **Rubric.** 1 point: the recursion and its polynomial. 1 point: all cases of the roots, with "if and only if". 1 point: the passage to $S_g$, with the ½ from the output bias.

# %% tags=["answer"]
def mean_ceiling(step_size, number):
    """The bound on the stability norm for steps along the mean of the last gradients.

    step_size: eta > 0.  number: m, a whole number, 1 for gradient descent.  Returns a number.
    """
    # BEGIN SOLUTION
    threshold = 2 * number * np.sin(np.pi / (2 * number)) ** 2
    return (threshold / step_size - 1) / 2
    # END SOLUTION


# %% [markdown] question="ahead_ceiling" instead_of="stale_ceiling" points=6 by_hand=3 minutes=45
# ## Gradients guessed ahead
#
# The last two gradients show where the next may be. Somebody steps along the guess: $\theta_{t+1}=\theta_t-\eta\bigl(\nabla L(\theta_t)+m\,(\nabla L(\theta_t)-\nabla L(\theta_{t-1}))\bigr)$ with a number $m\ge0$.
# Such a rule is stable at a minimum if the errors of its linearisation die out from every start, in every direction of positive curvature.
#
# (a) Let $m=1$. Show that the errors die out if and only if $\eta\lambda_{\max}<\frac23$, and deduce a bound on the stability norm of an interpolating network, no neuron of
# which switches on a sample, at a minimum that is stable for this rule.
#
# (b) Write `ahead_ceiling`, which returns the right-hand side of that bound for any $m\ge0$: the least upper bound on $S_g$ that the argument gives. (You may find the threshold
# of $\eta\lambda$ by computation; four correct digits are enough.)

# %% [markdown] tags=["solution"]
# **Model answer.** In an eigendirection of the Hessian, $\delta_{t+1}=\delta_t-x\bigl((1+m)\delta_t-m\,\delta_{t-1}\bigr)$ with $x=\eta\lambda>0$, and the errors die out if and only if both roots of $p(z)=z^2-(1-(1+m)x)z-mx$ have modulus below one. For $m>0$ we have $p(0)=-mx<0$: the roots are real, one negative, one positive.
# Since $p(1)=x>0$, the positive one is below 1. The negative one is above $-1$ if and only if $p(-1)=2-(1+2m)x>0$. For $m=1$ this is $x<\frac23$, in general $x<\frac2{1+2m}$ (also for $m=0$, gradient descent). The worst direction has $x=\eta\lambda_{\max}$. At an interpolating minimum at which no neuron switches on a sample the Hessian is
# $\Phi\Phi^{\mathsf T}/n$ and $1+2S_g\le\lambda_{\max}<\frac2{3\eta}$, so $S_g<\frac1{3\eta}-\frac12$; in general $S_g<\frac1{(1+2m)\eta}-\frac12$.
#
# **Rubric.** 1 point: the recursion and its polynomial. 1 point: both roots, with "if and only if". 1 point: the passage to $S_g$, with the ½ from the output bias.

# %% tags=["answer"]
def ahead_ceiling(step_size, ahead):
    """The bound on the stability norm for steps along gradients that are guessed ahead.

    step_size: eta > 0.  ahead: m >= 0, 0 for gradient descent.  Returns a number.
    """
    # BEGIN SOLUTION
    return 1 / ((1 + 2 * ahead) * step_size) - 0.5
    # END SOLUTION


# %% [markdown] question="largest_curvature" points=7 by_hand=2 minutes=50 needs=["02-univariate-bound#univariate-chain", "02-univariate-bound#univariate-weight"]
# ## How convex can it be?
#
# For a function of one variable that is twice continuously differentiable, $S_g(f)=\int|f''|\,g$, where $g=\min(g^+,g^-)$ is the weight of the sample $x_1,\dots,x_n$: the
# limit of the norms of finer and finer networks. Suppose that $S_g(f)\le\frac1\eta-\frac12$ and that $f''\ge\kappa$ on $[\min_jx_j,\max_jx_j]$.
#
# (a) Show that $\kappa\le\bigl(\frac1\eta-\frac12\bigr)\big/\int g$, and that no smaller bound holds for all such functions.
#
# (b) Show that between two neighbouring samples $g^+$ and $g^-$ are affine functions of $t$. (So the integral can be computed exactly; mind that the smaller of two affine functions
# need not be affine.)
#
# (c) Write `largest_curvature`, which returns the bound of (a).

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $g$ vanishes outside the range, so $\frac1\eta-\frac12\ge\int|f''|g\ge\kappa\int g$. Equality holds for the parabola $f=\frac12\kappa x^2$ with $\kappa$ at the bound. (b) Between neighbouring samples the set $\{j:x_j>t\}$ does not change, so $P(X>t)$ and $\mathbb E[X1_{X>t}]$ are constant and
# $\mathbb E[(X-t)_+]=\mathbb E[X1_{X>t}]-t\,P(X>t)$ is affine in $t$; likewise on the left.
#
# **Rubric.** 1 point: the inequality and an example of equality. 1 point: which factors are constant between samples and which is affine.

# %% tags=["answer"]
def largest_curvature(x, step_size):
    """The largest curvature that a function with S_g <= 1/eta - 1/2 can have on the whole range of the sample.

    x: the sample, (n,), in any order, at least two different numbers.  step_size: eta, 0 < eta < 2.  Returns a number.
    """
    # BEGIN SOLUTION
    x = np.sort(np.asarray(x, dtype=float))
    n, integral = len(x), 0.0
    for k in range(1, n):  # k samples on the left of the gap, n - k on its right
        left, right = x[:k], x[k:]
        low, high = x[k - 1], x[k]
        sides = []
        for part, distance in ((right, lambda t, p=right: (p - t).sum() / n), (left, lambda t, p=left: (t - p).sum() / n)):
            norm = np.hypot(len(part) / n, part.sum() / n)
            sides.append((norm * distance(low), norm * distance(high)))
        (a0, a1), (b0, b1) = sides
        s = (a0 - b0) / (a0 - b0 + b1 - a1) if (a0 - b0) * (a1 - b1) < 0 else 0.5  # where the two cross
        middle = min(a0 + s * (a1 - a0), b0 + s * (b1 - b0))
        ends = min(a0, b0), min(a1, b1)
        integral += (high - low) * (s * (ends[0] + middle) + (1 - s) * (middle + ends[1])) / 2
    return (1 / step_size - 0.5) / integral
    # END SOLUTION


# %% [markdown] question="turns" instead_of="largest_curvature" points=7 by_hand=2 minutes=50
# ## How sharply can it turn?
#
# For a function of one variable that is twice continuously differentiable, $S_g(f)=\int|f''|\,g$, where $g=\min(g^+,g^-)$ is the weight of the sample $x_1,\dots,x_n$: the
# limit of the norms of finer and finer networks. Let $l<r$ be two neighbouring values of the sample, and let the slope of $f$ change by $D=f'(r)-f'(l)$ between them. Suppose that $S_g(f)\le\frac1\eta-\frac12$.
#
# (a) Show that $|D|\le\bigl(\frac1\eta-\frac12\bigr)\big/\inf_{l<t<r}g(t)$, and that no smaller bound holds for all such functions. (If the infimum is 0, there is no bound at all.)
#
# (b) Show that $g$ is concave on $(l,r)$, so that its infimum is one of the two limits at the ends. In which gaps is there no bound?
#
# (c) Write `turns`, which returns the bound of (a) for every gap. (Mind that $P(X>t)$ jumps at a sample: it is the limits from inside of the gap that count.)

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $\frac1\eta-\frac12\ge\int_l^r|f''|g\ge\inf g\int_l^r|f''|\ge\inf g\cdot|D|$. For the converse let $f''\ge0$ be a bump of integral $D$ on a short interval around a point of the gap at which $g$ is within $\epsilon$ of its infimum, and zero elsewhere: $S_g(f)\le D(\inf g+2\epsilon)$ if the interval is short enough ($g$ is continuous in the gap), so every $D$ with $D(\inf g+2\epsilon)\le\frac1\eta-\frac12$ occurs.
# (b) Between neighbouring samples the set $\{j:x_j>t\}$ does not change, so $P(X>t)$ and $\mathbb E[X1_{X>t}]$ are constant and $\mathbb E[(X-t)_+]=\mathbb E[X1_{X>t}]-t\,P(X>t)$ is affine in $t$; likewise on the left. The smaller of two affine functions is concave, and a concave function on an interval is at least the smaller of its limits at the ends. In the first gap $g^-\to0$ at $l$, in the last $g^+\to0$ at $r$: no bound there. In every other gap both limits are positive.
#
# **Rubric.** 1 point: the inequality, and functions that come arbitrarily near. 1 point: affine, hence concave; the two outer gaps.

# %% tags=["answer"]
def turns(x, step_size):
    """For each gap the largest change of slope of a function with S_g <= 1/eta - 1/2.

    x: the sample, (n,), in any order, at least two different numbers.  step_size: eta, 0 < eta < 2.
    Returns (k - 1,) for k different numbers, in the order of the gaps from left to right; np.inf where there is no bound.
    """
    # BEGIN SOLUTION
    x = np.sort(np.asarray(x, dtype=float))
    bounds = []
    for k in range(1, len(x)):  # k samples on the left of the gap
        low, high = x[k - 1], x[k]
        if low == high:
            continue
        lowest = np.inf
        for part in (x[:k], x[k:]):
            norm = np.hypot(len(part), part.sum()) / len(x)
            lowest = min([lowest, *(norm * np.abs(part - end).sum() / len(x) for end in (low, high))])
        bounds.append((1 / step_size - 0.5) / lowest if lowest > 0 else np.inf)
    return np.array(bounds)
    # END SOLUTION


# %% [markdown] question="distance" points=6 by_hand=3 minutes=40 needs=["03-multivariate-bound#neurons-as-hyperplanes", "03-multivariate-bound#the-theorem"]
# ## Two stable minima
#
# Two people train networks on the same sample with the same step size and end at different interpolating minima $f$ and $h$, both stable (no neuron
# switches on a sample). How different can the two functions be?
#
# (a) Show that $S_g(f-h)\le\frac2\eta-1$. Show also that if $S_g(f-h)=0$ then the two functions agree on the whole convex hull of the sample, provided that it has interior points.
#
# (b) Write `distance`, which returns $S_g(f-h)$.

# %% [markdown] tags=["solution"]
# **Model answer.** $f-h$ is the shallow network that has the neurons of both, those of $h$ with the sign of $v$ changed, and the output bias $c_f-c_h$. On each distinct hyperplane the summed amplitude is that of $f$ minus that of $h$ (zero where one has none), so
# $S_g(f-h)\le S_g(f)+S_g(h)\le2(\frac1\eta-\frac12)$. If $S_g(f-h)=0$, every hyperplane with a non-zero summed amplitude has $g=0$, hence does not meet the interior of the hull: $f-h$ is affine on the hull. Both interpolate, so the affine function vanishes at all samples; they span the space affinely since the hull has interior points; so it is zero.
#
# **Rubric.** 1 point: the difference is a network, amplitudes subtract on each hyperplane. 1 point: triangle inequality and the bound. 1 point: affine on the hull, and zero because both interpolate.

# %% tags=["answer"]
def distance(first, second, X):
    """The stability norm of the difference of two networks.

    first, second: ShallowReLU with the same input dimension d.  X: the sample, (n, d).  Returns a number.
    """
    # BEGIN SOLUTION
    W, b = np.vstack([first.W, second.W]), np.concatenate([first.b, second.b])
    return stability_norm(ShallowReLU(W, b, np.concatenate([first.v, -second.v]), first.c - second.c), X)
    # END SOLUTION


# %% [markdown] question="smoothest_mixture" instead_of="distance" points=6 by_hand=3 minutes=40
# ## Between two stable minima
#
# Two people train networks on the same sample with the same step size and end at different interpolating minima $f$ and $h$, both stable (no neuron
# switches on a sample). Both functions are right on the sample, so each mixture $m_s=(1-s)f+sh$ with $0\le s\le1$ is, too.
#
# (a) Show that every mixture obeys the same bound $S_g(m_s)\le\frac1\eta-\frac12$. Show that $s\mapsto S_g(m_s)$ is convex and piecewise linear, and that its least value is taken at $s=0$, at $s=1$, or where the summed amplitude
# of a hyperplane that both networks have is zero. Does the bound show that $m_s$ is stable?
#
# (b) Write `smoothest_mixture`, which returns the least value of $S_g(m_s)$ over $0\le s\le1$.

# %% [markdown] tags=["solution"]
# **Model answer.** $m_s$ is the shallow network that has the neurons of $f$ with $(1-s)v$ and those of $h$ with $sv$. On each distinct hyperplane $k$ its summed amplitude is $(1-s)a_k+s\,b_k$ (with zero where one network has none), so $S_g(m_s)=\sum_kg_k\,|(1-s)a_k+s\,b_k|$: a sum of absolute values of affine functions of $s$, convex and piecewise linear. By convexity $S_g(m_s)\le(1-s)S_g(f)+s\,S_g(h)\le\frac1\eta-\frac12$.
# A convex piecewise linear function on $[0,1]$ has its least value at an end or at a break, and the breaks are where $(1-s)a_k+s\,b_k=0$ with $0<s<1$, which needs $a_k$ and $b_k$ of opposite signs: both networks have the hyperplane. The bound is necessary for stability, not sufficient; whether $m_s$ can be written as a stable minimum it does not say.
#
# **Rubric.** 1 point: the mixture as a network, amplitudes mix on each hyperplane. 1 point: convexity, and the bound. 1 point: where the breaks are, and "necessary only".

# %% tags=["answer"]
def smoothest_mixture(first, second, X):
    """The least stability norm of the mixtures (1 - s) f + s h, 0 <= s <= 1, of two networks.

    first, second: ShallowReLU with the same input dimension d.  X: the sample, (n, d).  Returns a number.
    """
    # BEGIN SOLUTION
    W, b = np.vstack([first.W, second.W]), np.concatenate([first.b, second.b])

    def norm(s):
        v = np.concatenate([(1 - s) * first.v, s * second.v])
        return stability_norm(ShallowReLU(W, b, v, (1 - s) * first.c + s * second.c), X)

    low, high = 0.0, 1.0
    for _ in range(80):  # of a convex function the best third but one can be left out
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, right) if norm(left) <= norm(right) else (left, high)
    return min(norm(0.0), norm(1.0), norm((low + high) / 2))
    # END SOLUTION


# %% [markdown] question="coarsest_units" points=6 by_hand=2 minutes=40 needs=["03-multivariate-bound#the-data-weight-and-the-stability-norm", "03-multivariate-bound#the-theorem"]
# ## Metres or millimetres
#
# The same data can be given in other units: inputs $sx_j$ in place of $x_j$, with a number $s>0$, and the same labels. The function $f$ is then $f_s(x)=f(x/s)$. The bound changes.
#
# (a) Show that the stability norm of $f_s$ on the sample $sx_1,\dots,sx_n$ does not decrease as $s$ grows. Which of its limits, $s\to0$ and $s\to\infty$, is always finite, and when is the other?
#
# (b) Write `coarsest_units`, which returns the largest $s$ for which the bound for step size $\eta$ still allows $f_s$. It returns `np.inf` if all $s$ are allowed and `0.0` if none is.

# %% [markdown] tags=["solution"]
# **Model answer.** $f_s$ has the neurons $(w_i/s,b_i,v_i)$: amplitudes $a_i/s$, the same directions, offsets $st_i$. Samples and hyperplanes are scaled together, so the same samples fire and $\tilde g_s=s\,\mathbb E[(u\cdot X-t)_+]\sqrt{P^2+s^2\|\mathbb E[X1]\|^2}$, where $P$ and $\mathbb E$ are those of the original sample. The factor $s$ cancels against $a_i/s$, so that
# $\frac{|a_i|}s\tilde g_s=|a_i|\,\mathbb E[(u\cdot X-t)_+]\sqrt{P^2+s^2\|\mathbb E[X1]\|^2}$ does not decrease; nor does the smaller of the two orientations, nor the sum. As $s\to0$ the limit is $\sum|a_i|\min$ of $P\,\mathbb E[(u\cdot X-t)_+]$ over the two sides: finite. As $s\to\infty$ a term stays bounded exactly if one side of its hyperplane has no samples, or samples with sum zero; the sum grows without bound unless this is so for every neuron (with merged mass $a_i\ne0$).
#
# **Rubric.** 1 point: amplitude and weight in the new units, and that the factor $s$ cancels. 1 point: monotone after the minimum over the sides, and the limit at 0.

# %% tags=["answer"]
def coarsest_units(net, X, step_size):
    """The largest factor s for which the stability norm of f(x/s) on the sample s X is at most 1/eta - 1/2.

    net: a ShallowReLU.  X: the sample, (n, d).  step_size: eta, 0 < eta < 2.  Returns a number, 0.0 or np.inf.
    """
    # BEGIN SOLUTION
    X, ceiling = np.asarray(X, dtype=float), 1 / step_size - 0.5

    def allowed(s):
        return stability_norm(ShallowReLU(net.W / s, net.b, net.v, net.c), s * X) <= ceiling

    low, high = 1e-9, 1e9
    if allowed(high):
        return np.inf
    if not allowed(low):
        return 0.0
    for _ in range(200):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if allowed(middle) else (low, middle)
    return low
    # END SOLUTION


# %% [markdown] question="fewest_blanks" instead_of="coarsest_units" points=6 by_hand=2 minutes=40
# ## Blank images
#
# Data often contain blanks: $k$ more samples at the origin, with the label that the function $f$ has there. The function is the same. The bound changes, because the weight does.
#
# (a) Let a hyperplane not contain the origin, and let $\tilde g$ be the weight that belongs to the side *without* the origin. Show that $k$ blanks multiply it by $\bigl(\frac n{n+k}\bigr)^2$, and deduce that the bound allows every network, at any step size $\eta<2$, if there are
# enough blanks (none of its hyperplanes contains the origin). Why does this not mean that blanks make a training smoother?
#
# (b) Write `fewest_blanks`, which returns the smallest $k\ge0$ for which the bound for step size $\eta$ allows $f$ on the sample with $k$ blanks.

# %% [markdown] tags=["solution"]
# **Model answer.** Let $u\cdot x>t$ with $t>0$ be the side without the origin (otherwise turn $u$ round). A blank does not fire, so $P$, $\mathbb E[(u\cdot X-t)_+]$ and $\mathbb E[X1]$ keep their sums and are divided by $n+k$ in place of $n$: each gets the factor $\frac n{n+k}$, and $\tilde g=\mathbb E[(u\cdot X-t)_+]\sqrt{P^2+\|\mathbb E[X1]\|^2}$ its square. The weight $g$ is the smaller of those of the two sides, so at most this one, and
# $S_g\le\bigl(\frac n{n+k}\bigr)^2\sum_i|a_i|\tilde g_i\to0$ as $k\to\infty$: below $\frac1\eta-\frac12>0$ for large $k$. On the contrary: the bound gets weaker. Folds that few samples see cost little, so a function that was too rough for the step is no longer excluded.
#
# **Rubric.** 1 point: each of the factors gets $\frac n{n+k}$ on the side without the origin. 1 point: the minimum over the sides, the conclusion, and that a weaker bound allows rougher functions.

# %% tags=["answer"]
def fewest_blanks(net, X, step_size):
    """The smallest number of samples at the origin to be added so that the stability norm is at most 1/eta - 1/2.

    net: a ShallowReLU, none of whose hyperplanes contains the origin.  X: the sample, (n, d), not at the origin.
    step_size: eta, 0 < eta < 2.  Returns a whole number.
    """
    # BEGIN SOLUTION
    X, k = np.asarray(X, dtype=float), 0
    while stability_norm(net, np.vstack([X, np.zeros((k, X.shape[1]))])) > 1 / step_size - 0.5:
        k += 1
    return k
    # END SOLUTION


# %% [markdown] question="bending" points=6 by_hand=2 minutes=40 needs=["03-multivariate-bound#neurons-as-hyperplanes", "03-neurons-to-functions#the-laplacian-of-a-neuron"]
# ## The bending inside a disc
#
# In the plane the Laplacian of a shallow network is a measure on lines: across the line $\{u_i\cdot x=t_i\}$ the gradient jumps by $a_iu_i$.
#
# (a) Let $D$ be the disc with centre $p$ and radius $r$. Show that $\int_D\Delta f=\sum_ia_i\ell_i$, where $\ell_i$ is the length of the chord that line $i$ cuts out of $D$, and that this equals $\int_{\partial D}\nabla f\cdot n$.
#
# (b) Write `bending`, which returns $\int_D\Delta f$.

# %% [markdown] tags=["solution"]
# **Model answer.** It is enough to treat one neuron $a\,\sigma(u\cdot x-t)$. Its gradient is $au$ on the part $D^+=\{x\in D:u\cdot x>t\}$ and $0$ on the rest. The boundary of $D^+$ is an arc of the circle and the chord, on which the outer normal is $-u$. The constant field $au$ has flux zero out of $D^+$: flux through the arc $-\,a\ell=0$. The flux of $\nabla f$ out of $D$ is that through the arc, $a\ell$. On the other hand, $\Delta f$ is the derivative along $u$ of the jump, that is, $a$ times length on the line: $\int_D\Delta f=a\ell$. If the line misses the disc both are zero ($\ell=0$).
#
# **Rubric.** 1 point: the jump gives $a_i$ times length. 1 point: the flux, with the sign of the chord's normal (or the divergence theorem for distributions, stated).

# %% tags=["answer"]
def bending(net, centre, radius):
    """The integral of the Laplacian of a network over a disc.

    net: a ShallowReLU with two inputs.  centre: the point p, (2,).  radius: r > 0.  Returns a number.
    """
    # BEGIN SOLUTION
    a, u, t = net.neurons()
    gap = u @ np.asarray(centre, dtype=float) - t
    return float(a @ (2 * np.sqrt(np.maximum(radius**2 - gap**2, 0.0))))
    # END SOLUTION


# %% [markdown] question="circle_excess" instead_of="bending" points=6 by_hand=2 minutes=40
# ## The mean over a circle
#
# In the plane a shallow network bends on lines $\{u_i\cdot x=t_i\}$ only. How far its mean over a circle is from its value at the centre tells how much it bends inside.
#
# (a) Let $C$ be the circle with centre $p$ and radius $r$, and let line $i$ have the distance $d_i$ from $p$. Show that the mean of $f$ over $C$ is
#
# $$f(p)+\frac1\pi\sum_{d_i<r}a_i\Bigl(\sqrt{r^2-d_i^2}-d_i\arccos\frac{d_i}r\Bigr).$$
#
# (Treat one neuron, with $p$ on the side where it is zero, first.)
#
# (b) Write `circle_excess`, which returns the mean over the circle minus the value at the centre.

# %% [markdown] tags=["solution"]
# **Model answer.** The output bias has mean and value $c$. Take one neuron $a\,\sigma(u\cdot x-t)$ and $\delta=t-u\cdot p\ge0$, so that $d=\delta$ and the neuron is zero at $p$. On the circle $u\cdot x-t=r\cos\phi-\delta$, with $\phi$ the angle from $u$. If $\delta\ge r$ the neuron is zero on $C$. Otherwise it fires for $|\phi|<\phi_0=\arccos(\delta/r)$ and its mean is
# $\frac a{2\pi}\int_{-\phi_0}^{\phi_0}(r\cos\phi-\delta)\,d\phi=\frac a\pi(r\sin\phi_0-\delta\phi_0)$, which is the formula, as $r\sin\phi_0=\sqrt{r^2-\delta^2}$. If $\delta<0$ write $\sigma(z)=z+\sigma(-z)$: the affine part has its value at the centre as mean, and the neuron with $-u,-t$ has $\delta$ positive, the same line, the same $a$ and the value 0 at $p$.
#
# **Rubric.** 1 point: the integral over the arc. 1 point: the other side (by $\sigma(z)=z+\sigma(-z)$, or a second integral), and lines that miss the circle.

# %% tags=["answer"]
def circle_excess(net, centre, radius):
    """The mean of a network over a circle minus its value at the centre.

    net: a ShallowReLU with two inputs.  centre: the point p, (2,).  radius: r > 0.  Returns a number.
    """
    # BEGIN SOLUTION
    a, u, t = net.neurons()
    gap = np.minimum(np.abs(u @ np.asarray(centre, dtype=float) - t), radius)
    return float(a @ (np.sqrt(radius**2 - gap**2) - gap * np.arccos(gap / radius)) / np.pi)
    # END SOLUTION


# %% [markdown] question="memory" points=8 by_hand=8 minutes=60 needs=["01-linear-stability#experiment-the-edge-of-stability", "02-univariate-bound#univariate-chain", "02-univariate-bound#univariate-sweep"]
# ## An experiment: does a minimum remember the longest step?
#
# Raise the step size of gradient descent at a minimum and it must leave for a smoother one. What happens when the step is lowered again: does the function become rough again, or does
# the minimum remember the longest step that it has ever lived with?
#
# `train_at` continues full-batch gradient descent from several networks at a given step size, until the loss is below $10^{-7}$ (or 6000 steps are over). Choose a sample, labels and starts of your own (or use the
# ones given), and a schedule of step sizes that goes up and comes down again. Do it for at least three starts.
#
# 1. *Before you run anything*, write down what you expect of the sharpness and of the stability norm on the way up and on the way down, and why.
# 2. Run it. State everything that is needed to repeat it.
# 3. Make one figure with labelled axes that shows the answer.
# 4. Say what you see, what would have falsified your prediction, and what your experiment cannot tell.

# %%
x = np.array([-1.5, -0.6, 0.1, 0.7, 1.4])
y = np.array([0.2, -0.2, 0.2, -0.1, 0.2])


def start(seed, width=40):
    """A network whose knots are spread over the sample."""
    rng = np.random.default_rng(seed)
    w, knots = rng.normal(size=width), rng.uniform(-2, 2, width)
    return ShallowReLU(w[:, None], -w * knots, rng.normal(size=width) / 2, 0.0)


def train_at(nets, step_size):
    """Continue gradient descent from each network on (x, y); one TrainingRun each, with .network, .loss and .status."""
    return train_together(nets, x[:, None], y, step_size, tolerance=1e-7, max_steps=6000, warmup=200)


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* On the way up the sharpness is at most $2/\eta$, so as soon as $2/\eta$ falls below the sharpness of the present minimum, gradient descent must leave it; the norm obeys $S_g\le1/\eta-\frac12$ and should fall. On the way down every minimum already reached is stable for all smaller steps, and its gradient is zero: gradient descent has no reason to move. Sharpness and norm should stay where they were, far below $2/\eta$, which rises as the step falls.

# %% tags=["solution"]
schedule = [0.05, 0.2, 0.5, 0.2, 0.05]
nets, measured = [start(seed) for seed in range(3)], []
for step_size in schedule:
    runs = train_at(nets, step_size)
    nets = [run.network for run in runs]
    measured.append([(sharpness(net, x), stability_norm(net, x)) for net in nets])
    print(f"step {step_size}: largest loss {max(run.loss for run in runs):.0e}")
fig, axes = plt.subplots(1, 2, figsize=(7, 2.6))
for axis, values in zip(axes, np.transpose(measured, (2, 0, 1)), strict=True):
    axis.plot(range(len(schedule)), values, "o-")
for axis, name in zip(axes, ("sharpness", "stability norm"), strict=True):
    axis.set(xlabel="step size, in the order of training", ylabel=name)
    axis.set_xticks(range(len(schedule)), schedule)
axes[0].plot(range(len(schedule)), 2 / np.array(schedule), "k--");

# %% [markdown] tags=["solution"]
# *What we see.* The sharpness falls to the dashed line $2/\eta$ where that forces it to, and stays there on the way down, with the norm. *Falsified by* a norm that rises again on the way down by more than the tolerance of the loss explains. *Not shown:* anything about SGD, whose noise moves along flat directions even at a minimum
# that interpolates only approximately, or about starts of another scale.
#
# **Rubric.** 2 points: a prediction with a reason, written before the run, for both quantities and both ways. 2 points: at least three starts, everything stated that a repetition needs, loss reported. 2 points: one figure, axes labelled, the bound drawn in. 2 points: the reading agrees with the figure; something that would have falsified the prediction; a limitation.

# %% [markdown] question="size_of_start" instead_of="memory" points=8 by_hand=8 minutes=60
# ## An experiment: does a long step forget the size of the start?
#
# Multiply all parameters at the start by a number, and gradient descent begins at another function, with another sharpness. Does the minimum at which it ends show how large the start was? Does the answer depend on the step size?
#
# `train_at` runs full-batch gradient descent from several networks at a given step size, until the loss is below $10^{-7}$ (or 6000 steps are over), and `start` makes a network of a given size. Choose a sample and labels of your own (or use the
# ones given), at least three sizes, two step sizes, one short and one long, and three seeds for each.
#
# 1. *Before you run anything*, write down what you expect of the sharpness and of the stability norm at the end, as functions of the size, for either step size, and why.
# 2. Run it. State everything that is needed to repeat it, and what became of runs that did not converge.
# 3. Make one figure with labelled axes that shows the answer.
# 4. Say what you see, what would have falsified your prediction, and what your experiment cannot tell.

# %%
x = np.array([-1.5, -0.6, 0.1, 0.7, 1.4])
y = np.array([0.2, -0.2, 0.2, -0.1, 0.2])


def start(seed, size, width=40):
    """A network whose knots are spread over the sample; ``size`` multiplies all parameters."""
    rng = np.random.default_rng(seed)
    w, knots = rng.normal(size=width), rng.uniform(-2, 2, width)
    return ShallowReLU(size * w[:, None], -size * w * knots, size * rng.normal(size=width) / 2, 0.0)


def train_at(nets, step_size):
    """Gradient descent from each network on (x, y); one TrainingRun each, with .network, .loss and .status."""
    return train_together(nets, x[:, None], y, step_size, tolerance=1e-7, max_steps=6000, warmup=200)


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* The sharpness at the start grows like the square of the size. With a short step, as long as $2/\eta$ is above it, gradient descent finds a minimum near the start: sharpness and norm at the end should grow with the size, the sharpness almost like that of the start. With a long step $2/\eta$ is below the sharpness of all but the smallest starts: whatever the size, the sharpness at the end is at most $2/\eta$ and
# $S_g\le1/\eta-\frac12$, so the curves should be cut off there. For very large starts, training may not converge within the steps allowed, or neurons may die on the way.

# %% tags=["solution"]
sizes, steps, seeds = [0.5, 1.0, 1.5, 2.0], [0.02, 0.3], range(3)
fig, axes = plt.subplots(1, 2, figsize=(7, 2.6), layout="constrained")
for step_size, colour in zip(steps, ("C0", "C1"), strict=True):
    measured = np.full((len(sizes), len(seeds), 2), np.nan)
    for k, size in enumerate(sizes):
        for j, run in enumerate(train_at([start(seed, size) for seed in seeds], step_size)):
            if run.loss < 1e-3:
                measured[k, j] = sharpness(run.network, x), stability_norm(run.network, x)
            if run.loss > 1.1e-7:
                print(f"step {step_size}, size {size}, seed {j}: {run.status}, loss {run.loss:.0e}")
    for axis, values, ceiling in zip(axes, np.moveaxis(measured, 2, 0), (2 / step_size, 1 / step_size - 0.5), strict=True):
        axis.plot(sizes, values, "o-", color=colour)
        axis.axhline(ceiling, color=colour, linestyle="--")
for axis, name in zip(axes, ("sharpness", "stability norm"), strict=True):
    axis.set(xlabel="size of the start", ylabel=name, yscale="log")

# %% [markdown] tags=["solution"]
# *What we see.* With the short step (blue) the sharpness grows with the size, about as its square, until it meets the dashed line $2/\eta$; the norm grows too. With the long one (orange) the sharpness is at or below its line for all sizes, and the norm shows little of the size; its bound is far above it and is not what holds it. Runs that stopped with a loss above $10^{-3}$ are not in the figure and are listed.
# *Falsified by* a converged run above its dashed line, or by sharpness that grows with the size at the long step. *Not shown:* anything about SGD, about starts whose layers have different sizes, or about the runs that did not converge, which are the large starts at the long step: what is left may be a selection.
#
# **Rubric.** 2 points: a prediction with a reason, written before the run, for both quantities and both step sizes. 2 points: at least three sizes, two steps and three seeds, everything stated that a repetition needs, runs that did not converge reported. 2 points: one figure, axes labelled, the bounds drawn in. 2 points: the reading agrees with the figure; something that would have falsified the prediction; a limitation.
