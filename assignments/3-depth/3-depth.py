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
# # Problem set 3: folds that end
#
# On chapter 5, *Depth separation*. The functions of this set are the pyramid and relatives of it, such as the pyramid with its top cut off.
#
# **Prerequisites.** Chapter 3 (stability norm, merging of neurons), chapter 5; tangent features and sharpness from chapter 1. A little measure theory helps but is not needed. NumPy.
#
# **After this set you can**
#
# - build a piecewise linear function with two hidden layers, and say on which sets one hidden layer is enough;
# - read the strength of a fold, and what nearly parallel lines pretend, off second differences;
# - say what a step size can afford, and which data make a function hard.
#
# **How it works.** Fill in the functions and the places that say "your answer". `grader.check` runs the tests that you may see; more are run when
# the set is marked, with other inputs. In marking, the notebook is run from top to bottom, and a cell is stopped after thirty seconds, a test after ten.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np

from stableminima import (DeepReLU, ShallowReLU, pyramid, stability_norm, tangent_features,
                          tangent_kernel)
from stableminima.bounds import isotropic_weight, least_norm
from stableminima.functions import mollified_norm


# %% [markdown] question="frustum_network" points=5 by_hand=2 minutes=30 needs=["05-depth-separation#the-lemma", "05-depth-separation#one-more-layer-flat"]
# ## Cutting off the top
#
# For $0<h<1$ the *frustum* in $d\ge2$ dimensions is the pyramid with its top cut off at height $h$,
#
# $$
# \chi(x)=\min\bigl\{h,\ [1-\|x\|_1]_+\bigr\}.
# $$
#
# (a) Find a network with two hidden layers and $2d+2$ hidden units that is $\chi$ everywhere, and show that it is. Can $\chi$ be written with a *single* unit in the second hidden layer (linear output with bias, any number of units in the first layer)? Hint: as functions of $x$, what do such networks look like where they are not constant?
#
# (b) Write `frustum_network`. A `DeepReLU(weights, biases)` takes two tuples, one matrix `(width out, width in)` and one vector for each affine map; the last matrix has one row.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) With $s=\|x\|_1=\sum_j[\sigma(x_j)+\sigma(-x_j)]$,
#
# $$
# \chi=\sigma(1-s)-\sigma(1-h-s).
# $$
#
# If $s\ge1$ both terms vanish; if $1-h\le s\le1$ only the first does not, and $\chi=1-s\in[0,h]$; if $s\le1-h$ the difference is $h$. The first hidden layer has the $2d$ units $\sigma(\pm x_j)$, the second the two.
#
# One unit is not enough: such a network is $c+v\,\sigma(N(x))$ with a shallow $N$ and $v\ne0$. Let $v>0$. All values are at least $c$, so $c\le0$. If $c<0$ then $N>0$ everywhere and $\chi=c+vN$ is shallow; that is excluded by the lemma of chapter 5, for the fold of $\{\varsigma\cdot x=1\}$ ends at a face of dimension $d-2$. If $c=0$ then $N=\chi/v$ wherever $\chi>0$, on the open set $\|x\|_1<1$. But $\chi$ has folds there that end: that of $\{\varsigma\cdot x=1-h\}$ ends at the points of $\|x\|_1=1-h$ with one $x_m=0$. So $N$ is not shallow on a ball around such a point. If $v<0$, all values are at most $c$, so $c\ge h$; $c>h$ is excluded as $c<0$ was, and $c=h$ makes $N=(h-\chi)/|v|$ on $\|x\|_1>1-h$, where the folds that end at $\|x\|_1=1$ contradict the lemma.
#
# **Rubric.** 1 point: formula with the three cases. 1 point: one unit is impossible, by the lemma applied to a fold that ends inside $\{\chi>0\}$. (The remark that a ReLU cuts off at one level only is not enough: $N$ may itself be flat somewhere.)

# %% tags=["answer"]
def frustum_network(dim, height):
    """A DeepReLU with two hidden layers of 2 dim and 2 units that is min(height, [1 − ‖x‖₁]₊)."""
    # BEGIN SOLUTION
    first = np.vstack([np.eye(dim), -np.eye(dim)])
    return DeepReLU(
        (first, -np.ones((2, 2 * dim)), np.array([[1.0, -1.0]])), (np.zeros(2 * dim), np.array([1.0, 1 - height]), np.zeros(1))
    )
    # END SOLUTION


# %% [markdown] question="hill_network" instead_of="frustum_network" points=5 by_hand=2 minutes=30
# ## A hill over a cube
#
# For $m>0$ the *hill* in $d$ dimensions is $1$ on the cube $\|x\|_\infty\le m$ and falls with the distance from it, measured along the axes,
#
# $$
# \psi(x)=\bigl[1-D(x)\bigr]_+,\qquad D(x)=\sum_{j=1}^d(|x_j|-m)_+ .
# $$
#
# (a) Find a network with two hidden layers and $2d+1$ hidden units that is $\psi$ everywhere, and show that it is. Find a shallow network with $2d$ hidden units that is $\psi$ where $D\le1$. For which $d\ge1$ is $\psi$ on all of $\mathbb R^d$ a shallow network? Where it is not, name a hyperplane, two patches of it, and the two bends.
#
# (b) Write `hill_network`. A `DeepReLU(weights, biases)` takes two tuples, one matrix `(width out, width in)` and one vector for each affine map; the last matrix has one row.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $(|y|-m)_+=\sigma(y-m)+\sigma(-y-m)$ for $m>0$, as only one of the two can be positive and it is $|y|-m$. So
#
# $$
# \psi=\sigma\Bigl(1-\sum_j\bigl[\sigma(x_j-m)+\sigma(-x_j-m)\bigr]\Bigr):
# $$
#
# $2d$ units in the first layer, one in the second. Where $D\le1$ the outer $\sigma$ does nothing, and $1-\sum_j[\sigma(x_j-m)+\sigma(-x_j-m)]$ is a shallow network with $2d$ units.
#
# For $d=1$ it is shallow everywhere: $\psi(y)=1-\sigma(y-m)-\sigma(-y-m)+\sigma(y-m-1)+\sigma(-y-m-1)$. For $d\ge2$ it is not. Take $\Pi=\{x_1=m\}$, $n=e_1$, and let $D'=\sum_{j\ge2}(|x_j|-m)_+$. At points of $\Pi$ with $D'<1$, $\psi(x\pm he_1)=1-D'-(\pm h)_+$ for small $h$: the bend is $-1$. At points with $D'>1$, $\psi=0$ nearby: the bend is $0$. Both sets contain patches of $\Pi$, and by the lemma *A crease has the same strength everywhere* a shallow network has the same limit on both.
#
# **Rubric.** 1 point: the deep network with its reason, and the shallow one where $D\le1$. 1 point: shallow for $d=1$, with the four neurons; not for $d\ge2$, with the hyperplane, two patches and two bends.

# %% tags=["answer"]
def hill_network(dim, margin):
    """A DeepReLU with two hidden layers of 2 dim units and 1 unit that is [1 − Σ (|x_j| − margin)₊]₊."""
    # BEGIN SOLUTION
    first = np.vstack([np.eye(dim), -np.eye(dim)])
    return DeepReLU(
        (first, -np.ones((1, 2 * dim)), np.ones((1, 1))), (np.full(2 * dim, -margin), np.ones(1), np.zeros(1))
    )
    # END SOLUTION


# %% [markdown] question="shallow_frustum" points=6 by_hand=3 minutes=45 needs=["03-multivariate-bound#the-data-weight-and-the-stability-norm", "05-depth-separation#the-lemma"]
# ## How far a shallow network can follow
#
# For $0<h<1$ and $d\ge2$ the *frustum* $\chi(x)=\min\{h,[1-\|x\|_1]_+\}$ is the pyramid with its top cut off at height $h$. Let $m=1-h$, the size of the flat top, and $\rho=m/\sqrt{d-1}$.
#
# (a) Find a shallow network with $2^{d+1}$ neurons that is $\chi$ for $\|x\|\le\rho$, and prove it. (How many sign vectors $\varsigma$ can have $\varsigma\cdot x>m$ at a time?)
#
# (b) Show that in no larger open ball around the origin $\chi$ is of finite shallow form. You may use the lemma *A crease has the same strength everywhere*: name the hyperplane, the two patches and the two bends.
#
# (c) Let $d=2$ and the data be uniform on the disc of radius $\rho=m$, with $m\le1/\sqrt2$. Which neurons cost nothing? Show that the stability norm of your network is $4\sqrt2\,g$ with the data weight $g$ of a line at distance $m/\sqrt2$ from the centre, and that it tends to zero like $m$ as $m\to0$, although the folds stay as sharp as those of the pyramid.
#
# (d) Write `shallow_frustum`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $\chi=h-\sigma(s-m)+\sigma(s-1)$ with $s=\|x\|_1=\max_\varsigma\varsigma\cdot x$, since $\min(h,[1-s]_+)$ is $h$ for $s\le m$, $h-(s-m)=1-s$ for $m\le s\le1$, and $0$ beyond. If two different sign vectors had $\varsigma\cdot x>m$, so would their mean, which has at most $d-1$ entries $\pm1$ and otherwise zeros; by Cauchy–Schwarz $m<\sqrt{d-1}\,\|x\|\le m$, a contradiction. So at most one does, and $\sigma(s-m)=\sum_\varsigma\sigma(\varsigma\cdot x-m)$. As $1>m$ the same holds with $1$ in the place of $m$. Hence
#
# $$
# \chi(x)=h-\sum_{\varsigma\in\{\pm1\}^d}\bigl[\sigma(\varsigma\cdot x-m)-\sigma(\varsigma\cdot x-1)\bigr]\qquad(\|x\|\le\rho).
# $$
#
# (b) A larger open ball contains $z=\frac m{d-1}(1,\dots,1,0)$ and a small ball $B'$ around it in which $x_j>0$ for $j<d$. Let $P=\{\varsigma\cdot x=m\}$ with $\varsigma=(1,\dots,1)$, $n=\varsigma/\sqrt d$; $z\in P$. In $B'$, $s=\varsigma\cdot x+|x_d|-x_d$, and for a small ball $s<1$, so that $\chi=\min(h,1-s)$. Where $x_d>0$, $s=\varsigma\cdot x$ and across $P$ the function goes from $h$ to the slope $-\sqrt d$: the bend is $-\sqrt d$. Near points of $P$ with $x_d<0$, $s=m+2|x_d|>m$ and $\chi=1-\varsigma\cdot x+2x_d$ is affine: the bend is $0$. Both kinds of points fill patches of $P$ in $B'$, and the two limits differ.
#
# (c) The lines $\varsigma\cdot x=1$ are at distance $1/\sqrt2\ge m$ from the centre and have no data beyond them: $g=0$. The four lines $\varsigma\cdot x=m$ are different, at distance $m/\sqrt2$, and carry the amplitude $-\|\varsigma\|=-\sqrt2$ each: $S_g=4\sqrt2\,g$. Write $X=mU$ with $U$ uniform on the unit disc. $P=P(u\cdot U>\frac1{\sqrt2})$ does not depend on $m$, whereas $\mathbb E(u\cdot X-t)_+$ and $\mathbb E[X1]$ are $m$ times what they are for $U$. So, on the cheaper side, which is the outer one,
# $g=m\,\mathbb E(u\cdot U-\tfrac1{\sqrt2})_+\sqrt{P^2+m^2\|\mathbb E[U1]\|^2}$, that is $m$ times a positive number to first order. The amplitudes, which are jumps of the slope, do not change with $m$; a fold is cheap because the data do not reach far beyond it.
#
# **Rubric.** 1 point: (a). 1 point: (b), with both bends. 1 point: (c), the free neurons, $4\sqrt2\,g$, and the scaling of $g$.

# %% tags=["answer"]
def shallow_frustum(dim, height):
    """A ShallowReLU with 2^(dim+1) neurons that is min(height, [1 − ‖x‖₁]₊) for ‖x‖ ≤ (1 − height) / √(dim − 1)."""
    # BEGIN SOLUTION
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=dim)))
    one = np.ones(len(signs))
    return ShallowReLU(np.vstack([signs, signs]), np.append((height - 1) * one, -one), np.append(-one, one), height)
    # END SOLUTION


# %% [markdown] question="shallow_hill" instead_of="shallow_frustum" points=6 by_hand=3 minutes=45
# ## How far a shallow network can follow a hill
#
# For $d\ge2$ and $m>0$ the *hill* $\psi(x)=[1-D(x)]_+$, $D(x)=\sum_j(|x_j|-m)_+$, is $1$ on the cube $\|x\|_\infty\le m$ and falls off around it. How large a cube $\|x\|_\infty\le\ell$ can a shallow network follow it on?
#
# (a) Find a shallow network with $2d+2^d$ neurons that is $\psi$ for $\|x\|_\infty\le m+\frac1{d-1}$, and prove it. On which cube are $2d$ of them enough? (Where $D>1$ in the larger cube, can one $|x_j|$ be below $m$?)
#
# (b) Show that in no larger open cube $\psi$ is of finite shallow form. You may use the lemma *A crease has the same strength everywhere*: name the hyperplane, the two patches and the two bends.
#
# (c) Let $X$ be uniform on the cube $\|x\|_\infty\le\ell$ with $\ell=m+\frac1d$. Which neurons cost nothing? Compute the stability norm of your network in closed form. How does it behave for fixed $m$ as $d\to\infty$, and why, although the number of folds grows and they stay as sharp as they were?
#
# (d) Write `shallow_hill`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) For $\|x\|_\infty\le m+\frac1{d-1}$,
#
# $$
# \psi(x)=1-\sum_j\bigl[\sigma(x_j-m)+\sigma(-x_j-m)\bigr]+\sum_{\varsigma\in\{\pm1\}^d}\sigma(\varsigma\cdot x-dm-1).
# $$
#
# The first sum is $D$, as $(|y|-m)_+=\sigma(y-m)+\sigma(-y-m)$. The second must be $\sigma(D-1)$. Let $\varsigma\cdot x>dm+1$. Then $1<\sum_j(\varsigma_jx_j-m)$, where each summand is at most $(|x_j|-m)_+\le\frac1{d-1}$; were one of them not positive, the others would have a sum of at most $1$. So all $\varsigma_jx_j>m$: $\varsigma$ is the vector of the signs of $x$, and $\varsigma\cdot x-dm=D$. Hence at most one term is positive, and it is $D-1$. Conversely, if $D>1$ then all $|x_j|>m$, again because $d-1$ summands give at most $1$, and the term of the signs of $x$ is $D-1$. For $\ell\le m+\frac1d$, $D\le d\,(\ell-m)\le1$, and the first $2d$ neurons are enough. (If $\ell>m+\frac1d$ they are not: in the corners $D>1$.)
#
# (b) A larger open cube contains $z$ with $z_1=m$ and all other $z_j=m+\frac1{d-1}$, where $D=1$, and a small ball $B'$ around it. Let $\Pi=\{x_1=m\}$, $n=e_1$, and $D'=\sum_{j\ge2}(x_j-m)$, $D'=1$ at $z$. At points of $\Pi\cap B'$ with $D'<1$ the function goes from $1-D'$ to $1-D'-(x_1-m)$: the bend is $-1$. At points with $D'>1$ it is $0$ nearby, and so is the bend. Both kinds of points fill patches of $\Pi$ in $B'$, and the two limits differ.
#
# (c) The corners' neurons $\varsigma\cdot x-dm-1$ are at most $d\ell-dm-1=0$ on the data: they cost nothing. The other $2d$ are of amplitude $-1$ on different hyperplanes, all of the same weight by symmetry. For $x_1$, uniform on $[-\ell,\ell]$, with $\ell-m=\frac1d$,
#
# $$
# \mathbb P(x_1>m)=\frac1{2d\ell},\qquad\mathbb E(x_1-m)_+=\frac1{4d^2\ell},\qquad\mathbb E[X1(x_1>m)]=\frac{\ell^2-m^2}{4\ell}e_1=\frac{2m+1/d}{4d\ell}e_1 .
# $$
#
# The other side has the larger probability and mean distance and, as $\mathbb EX=0$, the same $\|\mathbb E[X1]\|$: this is the cheaper side. So
#
# $$
# S=2d\cdot\frac1{4d^2\ell}\sqrt{\Bigl(\frac1{2d\ell}\Bigr)^2+\Bigl(\frac{2m+1/d}{4d\ell}\Bigr)^2}=\frac{\sqrt{4+(2m+\frac1d)^2}}{8\,d^2\ell^2}.
# $$
#
# For fixed $m$ it falls like $\frac{\sqrt{1+m^2}}{4m^2}\,d^{-2}$: a neuron fires on the part $\frac1{2d\ell}$ of the data only, and the weight is quadratic in that, and the data reach only $\frac1d$ beyond its fold; $2d$ folds do not make up for $d^{-3}$.
#
# **Rubric.** 1 point: (a), with the reason why at most one corner's neuron fires. 1 point: (b), with both bends. 1 point: (c), the free neurons, the closed form, and $d^{-2}$.

# %% tags=["answer"]
def shallow_hill(dim, margin):
    """A ShallowReLU with 2 dim + 2^dim neurons that is [1 − Σ (|x_j| − margin)₊]₊ for |x_j| ≤ margin + 1 / (dim − 1)."""
    # BEGIN SOLUTION
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=dim)))
    sides = np.vstack([np.eye(dim), -np.eye(dim)])
    biases = np.append(np.full(2 * dim, -margin), np.full(len(signs), -dim * margin - 1))
    return ShallowReLU(np.vstack([sides, signs]), biases, np.repeat([-1.0, 1.0], [2 * dim, len(signs)]), 1.0)
    # END SOLUTION


# %% [markdown] question="mean_bend" points=5 by_hand=2 minutes=35 needs=["05-depth-separation#the-lemma", "05-depth-separation#sec-depth-price"]
# ## What a slanted line pretends
#
# In the plane let $A$ be a segment of length $L$ on a line $P$ with unit normal $n$, and $J_wf(x)=[f(x+wn)+f(x-wn)-2f(x)]/w$ the bend at width $w$. The lemma of chapter 5 says that a neuron whose line is not $P$ is invisible as $w\to0$. At a finite width it is not.
#
# (a) Let $f=\sigma(u\cdot x-t)$, $\|u\|=1$, and let its line cross $P$ under the angle $\theta\in(0,\frac\pi2]$. Which $t$ (that is, which crossing point) makes the mean of $J_wf$ over $A$ largest, and how large is it? Two cases: $2w\cot\theta\le L$ and $>L$. Start from $J_wf=(|\kappa|-|z|/w)_+$ with $z=u\cdot x-t$ and $\kappa=u\cdot n$, from the proof of that lemma.
#
# (b) A shallow network imitates at width $w$ a fold that ends: its mean bend is $1$ over a segment $A$ and $0$ over an equally long segment beyond the end. All of its lines cross $P$ at angles of at least $\theta$. How large must the sum of its $|a_i|$ be? What becomes of this lower bound for $w\to0$, and what for $\theta\to0$?
#
# (c) Write `mean_bend`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Let $p$ be the position along $P$, and the line cross at $p_0$. Then $|\kappa|=\cos\theta$, and along $P$ $z=\pm\sin\theta\,(p-p_0)$. The bend is a tent in $p$ of height $\cos\theta$ and half-width $w\cot\theta$ around $p_0$. The mean over $A$ is largest if $p_0$ is the middle of $A$. If the tent fits, $2w\cot\theta\le L$, it is the area over $L$:
#
# $$
# \frac{w\cos^2\theta}{L\sin\theta};\qquad\text{otherwise}\qquad\frac2L\int_0^{L/2}\Bigl(\cos\theta-\frac{p\sin\theta}w\Bigr)dp=\cos\theta-\frac{L\sin\theta}{4w}.
# $$
#
# (b) Write $F(\theta)$ for this maximum. It decreases in $\theta$ (the integrand does, at every $p$). The difference of the means over the two segments is $1$; a neuron contributes to it at most $|a_i|F(\theta)$ in size, as both means are between $0$ and $F(\theta)$. So $\sum|a_i|\ge1/F(\theta)$. For $w\to0$, $F=\frac{w\cos^2\theta}{L\sin\theta}\to0$: the bound grows like $1/w$. For $\theta\to0$, $F\to1$: lines that are nearly parallel to $P$ cost no more than the fold itself, as far as this bound can tell; it gives nothing more than $\sum|a_i|\ge1$. The logarithms of chapter 5 come from using all widths at once.
#
# **Rubric.** 1 point: (a), both cases, with the reason for the middle. 1 point: (b), with the bound and both limits. ($2F$ in the place of $F$ for the difference loses nothing if the limits are right.)

# %% tags=["answer"]
def mean_bend(angle, length, width):
    """The largest mean of J_w over a segment of a line, for one neuron of amplitude 1.

    angle: between the neuron's line and the segment, in (0, π/2].  length: of the segment.  width: w.
    """
    # BEGIN SOLUTION
    if 2 * width * np.cos(angle) <= length * np.sin(angle):
        return width * np.cos(angle) ** 2 / (length * np.sin(angle))
    return np.cos(angle) - length * np.sin(angle) / (4 * width)
    # END SOLUTION


# %% [markdown] question="mean_bend_on_disc" instead_of="mean_bend" points=5 by_hand=2 minutes=35
# ## What a slanted plane pretends
#
# In space let $A$ be a disc of radius $\rho$ in a plane $P$ with unit normal $n$, and $J_wf(x)=[f(x+wn)+f(x-wn)-2f(x)]/w$ the bend at width $w$. The lemma of chapter 5 says that a neuron whose plane is not $P$ is invisible as $w\to0$. At a finite width it is not.
#
# (a) Let $f=\sigma(u\cdot x-t)$, $\|u\|=1$, and let its plane meet $P$ under the angle $\theta\in(0,\frac\pi2]$. For which $t$ is the mean of $J_wf$ over $A$ largest? Write this largest mean $F(\theta)$ as an integral over the distance from a line, and compute it for $w\cot\theta\ge\rho$. What is it to first order as $w\to0$ at a fixed $\theta$? Start from $J_wf=(|\kappa|-|z|/w)_+$ with $z=u\cdot x-t$ and $\kappa=u\cdot n$, from the proof of that lemma.
#
# (b) A neuron of amplitude $1$ *passes for* a fold of strength $\frac34$ if its mean bend over $A$ is at least $\frac34$. Show that for $w\ll\rho$ its angle must be at most about $\frac{3\pi}{16}\frac w\rho$, wherever it is placed. The normals of a network are drawn uniformly from all directions: which part of its neurons has such an angle, to first order? By which factor does this part change if one looks at half the width, in space, and by which in the plane, with a segment in the place of the disc?
#
# (c) Write `mean_bend_on_disc`, in closed form or by a quadrature that is right to six digits.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $|\kappa|=\cos\theta$. On $P$, $z=\pm\sin\theta\,(p-p_0)$, where $p$ is the coordinate orthogonal to the line in which the planes meet and $p_0$ its place, measured from the centre of $A$. So $J_w$ is a tent in $p$ of height $\cos\theta$ and half-width $w\cot\theta$ around $p_0$. The chords of the disc give $p$ the density $\frac{2\sqrt{\rho^2-p^2}}{\pi\rho^2}$, which is even and falls with $|p|$. Shifting the tent from the middle exchanges, for every level, an interval around $0$ for an equally long one around $p_0$, which has no more mass; so $p_0=0$ is best, that is, the planes meet along a diameter. With $c=\min(\rho,w\cot\theta)$,
#
# $$
# F(\theta)=\frac4{\pi\rho^2}\int_0^c\Bigl(\cos\theta-\frac{p\sin\theta}w\Bigr)\sqrt{\rho^2-p^2}\,dp .
# $$
#
# For $w\cot\theta\ge\rho$, $c=\rho$; with $\int_0^\rho\sqrt{\rho^2-p^2}\,dp=\frac{\pi\rho^2}4$ and $\int_0^\rho p\sqrt{\rho^2-p^2}\,dp=\frac{\rho^3}3$,
#
# $$
# F(\theta)=\cos\theta-\frac{4\rho\sin\theta}{3\pi w}.
# $$
#
# For $w\to0$ the root is $\rho$ all over the tent, whose half has the area $\frac12w\cos\theta\cot\theta$: $F\approx\frac{2w\cos^2\theta}{\pi\rho\sin\theta}$. (In general, with $\int_0^c\sqrt{\rho^2-p^2}\,dp=\frac12(c\sqrt{\rho^2-c^2}+\rho^2\arcsin\frac c\rho)$ and $\int_0^cp\sqrt{\rho^2-p^2}\,dp=\frac13(\rho^3-(\rho^2-c^2)^{3/2})$ it is elementary.)
#
# (b) Its mean bend is at most $F(\theta)$, which falls with $\theta$, as the integrand $(\cos\theta-p\sin\theta/w)_+$ does. Put $\theta=\tau w/\rho$ with a fixed $\tau$. If $\tau<1$ then $w\cot\theta\ge\rho$ for small $w/\rho$, and $F\to1-\frac{4\tau}{3\pi}$, which is $\frac34$ at $\tau=\frac{3\pi}{16}=0.589<1$. So $\theta_*\approx\frac{3\pi}{16}\frac w\rho$. The directions with an angle of at most $\theta_*$ to $\pm n$ fill the part $1-\cos\theta_*\approx\frac12\theta_*^2=\frac{9\pi^2}{512}\frac{w^2}{\rho^2}$ of the sphere. At half the width it is a quarter. In the plane directions within $\theta_*$ of $\pm n$ are the part $\frac2\pi\theta_*$ of the circle, and $\theta_*$ is proportional to $w$ as well: a half. The more dimensions, the rarer the neurons that can pretend.
#
# **Rubric.** 1 point: (a), the place with a reason, the integral, the case $w\cot\theta\ge\rho$ and the limit. 1 point: (b), the angle with $F$ as an upper bound, the part of the sphere, and the two factors.

# %% tags=["answer"]
def mean_bend_on_disc(angle, radius, width):
    """The largest mean of J_w over a disc in a plane of space, for one neuron of amplitude 1.

    angle: between the neuron's plane and that of the disc, in (0, π/2].  radius: of the disc.  width: w.
    """
    # BEGIN SOLUTION
    c = min(radius, width / np.tan(angle))
    chords = (c * np.sqrt(radius**2 - c**2) + radius**2 * np.arcsin(c / radius)) / 2
    moments = (radius**3 - (radius**2 - c**2) ** 1.5) / 3
    return 4 / (np.pi * radius**2) * (np.cos(angle) * chords - np.sin(angle) / width * moments)
    # END SOLUTION


# %% [markdown] question="affordable_blur" points=5 by_hand=2 minutes=35 needs=["03-multivariate-bound#the-theorem", "03-multivariate-bound#three-slacks-and-a-gauge", "05-depth-separation#sec-depth-price"]
# ## What a step size can afford
#
# The pyramid in the plane, inputs uniform on a disc of radius $R>1$. The blurred pyramid $\varphi_\varepsilon$ has $|\varphi_\varepsilon-\varphi|\le2\sqrt{2/\pi}\,\varepsilon$ and a norm $N_\varepsilon$ that `blurred_norm` in the next cell computes in a few tenths of a second.
#
# (a) Write `affordable_blur`, which returns the smallest $\varepsilon$ whose norm is within the ceiling of a step size, for any norm that falls as $\varepsilon$ grows. A number as small as $10^{-8}$ must be right to six digits, too. (With the real norm, ask for fewer digits or be patient.)
#
# (b) With $N_\varepsilon=C\ln^2(1/\varepsilon)(1+o(1))$ show that $\ln(1/\varepsilon)\sim1/\sqrt{C\eta}$ as $\eta\to0$. To gain one more decimal in $\varepsilon$ when $\ln(1/\varepsilon)=10$ already: by which factor must $\eta$ be smaller, to first order? Check by program whether the first order is any good there.
#
# (c) A fellow student says: "So at this step size there is a stable shallow network within $\delta$ of the pyramid." Name two reasons why this does not follow.

# %% [markdown] tags=["solution"]
# **Model answer.** (b) $C\ln^2(1/\varepsilon)(1+o(1))=1/\eta-\frac12$, so $\ln(1/\varepsilon)=(C\eta)^{-1/2}(1+o(1))$. With $x=\ln(1/\varepsilon)$, $1/\eta\sim Cx^2$: from $x=10$ to $10+\ln10$ a factor $1.230^2\approx1.51$. By program, for $R=1.5$: $N_{e^{-10}}$ and $N_{e^{-10}/10}$ give a factor of about $1.49$: the first order is good there.
#
# (c) The bound is necessary for stability and not sufficient: a function of small stability norm may have only sharp parametrisations ($\bar g/\tilde g$ can be as large as $n$, chapter 3). $N_\varepsilon$ is the norm of a *function*, not of a network of finite width, and its weight $g$ is that of the population and not of a sample. Stability, too, is not attraction: training need not find it. And a stable minimum is one for labels that it interpolates, its own and not $\varphi(x_j)$. (Any two.)
#
# **Rubric.** 1 point: (b), asymptotics and factor. 1 point: (c), two reasons.

# %%
def blurred_norm(scale, radius=1.5):
    """The norm of the pyramid blurred at a scale in [1e-9, 0.3], for inputs uniform on a disc."""
    return mollified_norm(2, scale, lambda t: isotropic_weight("ball", 2, t, radius))


# %% tags=["solution"]
factor = (blurred_norm(np.exp(-10.0) / 10) + 0.5) / (blurred_norm(np.exp(-10.0)) + 0.5)
print(f"first order {(1 + np.log(10) / 10) ** 2:.2f}, by program {factor:.2f}")


# %% tags=["answer"]
def affordable_blur(step_size, norm):
    """The smallest ε in [1e-9, 0.3] with norm(ε) ≤ 1/η − 1/2, to 1e-6 relative; None if norm(0.3) is above that.

    norm: a function of one number that is continuous and decreases, such as blurred_norm.
    """
    # BEGIN SOLUTION
    ceiling, low, high = 1 / step_size - 0.5, np.log(1e-9), np.log(0.3)
    if norm(0.3) > ceiling:
        return None
    if norm(1e-9) <= ceiling:
        return 1e-9
    while high - low > 1e-7:
        middle = (low + high) / 2
        low, high = (middle, high) if norm(np.exp(middle)) > ceiling else (low, middle)
    return np.exp(high)
    # END SOLUTION


# %% [markdown] question="blurred_price" instead_of="affordable_blur" points=5 by_hand=2 minutes=35
# ## Blur, and folds that never end
#
# Chapter 5 blurs the pyramid, and its price grows like $\ln^2(1/\varepsilon)$ as the blur $\varepsilon$ shrinks. Here is what blur does to a shallow network whose hyperplanes are parallel, $f(x)=\sum_ia_i\,\sigma(u\cdot x-t_i)$ with $\|u\|=1$ and different $t_i$:
#
# $$
# f_\varepsilon(x)=\mathbb E\,f(x+\varepsilon Z),\qquad Z\sim N(0,I_d).
# $$
#
# Let $g(t)$ be the data weight of $\{u\cdot x=t\}$, continuous and bounded, and $N_\varepsilon=\int|\alpha_\varepsilon(t)|\,g(t)\,dt$ the norm of $f_\varepsilon$, where $\alpha_\varepsilon$ is its ridge density in the direction $u$, $f_\varepsilon(x)=\int\sigma(u\cdot x-t)\,\alpha_\varepsilon(t)\,dt$.
#
# (a) Write `blurred_price`, which computes $N_\varepsilon$.
#
# (b) Find $\alpha_\varepsilon$. With $\zeta\sim N(0,1)$, show $N_\varepsilon\le\sum_i|a_i|\,\mathbb E\,g(t_i+\varepsilon\zeta)$; when is there equality for every $g$? Show $N_\varepsilon\to S_g(f)$ as $\varepsilon\to0$: no price grows here. Can $N_\varepsilon$ be larger than $S_g(f)$?
#
# (c) A *cliff* has $a=(\frac1w,-\frac1w)$ at $t_0$ and $t_0+w$. Compute $\lim_{w\to0}N_\varepsilon$, and its first order as $\varepsilon\to0$. To gain one more decimal in $\varepsilon$ when $\ln(1/\varepsilon)=10$ already: by which factor must a ceiling $\frac1\eta-\frac12$ be higher for a jump, and by which for the pyramid, to first order?

# %% [markdown] tags=["solution"]
# **Model answer.** (b) $u\cdot Z$ has the law of $\zeta$, and so has $-\zeta$: $\mathbb E\,\sigma(u\cdot x-t_i+\varepsilon\zeta)=\int\sigma(u\cdot x-t)\,p_\varepsilon(t-t_i)\,dt$ with the density $p_\varepsilon$ of $\varepsilon\zeta$. So $\alpha_\varepsilon(t)=\sum_ia_ip_\varepsilon(t-t_i)$, and $|\alpha_\varepsilon|\le\sum_i|a_i|p_\varepsilon(t-t_i)$ gives the inequality. Equality for every $g$ means equality at every $t$: all $a_i$ have the same sign. *Limit*: $\mathbb Eg(t_i+\varepsilon\zeta)\to g(t_i)$ by bounded convergence, so that $\limsup N_\varepsilon\le\sum|a_i|g(t_i)=S_g(f)$. From below, integrate only over disjoint intervals $|t-t_i|\le r$: there the other terms tend to zero uniformly, and $\int_{|t-t_i|\le r}|\alpha_\varepsilon|g\to|a_i|g(t_i)$. It can be larger: a fold at the rim of the data has $g(t_1)=0$ and costs nothing, but blurred it costs $|a_1|\,\mathbb Eg(t_1+\varepsilon\zeta)>0$.
#
# (c) $\alpha_\varepsilon=\frac1w[p_\varepsilon(t-t_0)-p_\varepsilon(t-t_0-w)]\to-p_\varepsilon'(t-t_0)=\frac{t-t_0}{\varepsilon^2}p_\varepsilon(t-t_0)$ (in $L^1$, as $p_\varepsilon'$ is integrable and translation is continuous there). So $N_\varepsilon\to\frac1\varepsilon\mathbb E\bigl[|\zeta|\,g(t_0+\varepsilon\zeta)\bigr]\approx\sqrt{2/\pi}\;g(t_0)/\varepsilon$. A jump: by a factor of $10$. The pyramid: from $x=10$ to $10+\ln10$, $1.230^2\approx1.51$.
#
# **Rubric.** 1 point: (b), density, inequality, equality, limit, and a case where blur makes dearer. 1 point: (c), the limit with $\sqrt{2/\pi}$, and both factors.

# %% tags=["answer"]
def blurred_price(amplitudes, offsets, scale, weight):
    """N_ε, to 1e-4 relative.

    amplitudes, offsets: the numbers a_i and t_i, (k,).  scale: ε > 0, at least 1e-4 of the range of the offsets.
    weight: g, a function of an array of offsets.
    """
    # BEGIN SOLUTION
    a, places, step = np.asarray(amplitudes, float), np.asarray(offsets, float), scale / 20
    t = np.arange(places.min() - 8 * scale, places.max() + 8 * scale, step)
    density = sum(one * np.exp(-(((t - place) / scale) ** 2) / 2) for one, place in zip(a, places, strict=True))
    return step * np.sum(np.abs(density) * weight(t)) / (scale * np.sqrt(2 * np.pi))
    # END SOLUTION


# %% [markdown] question="cliff_place" instead_of="affordable_blur" points=5 by_hand=2 minutes=35
# ## Where a cliff may stand
#
# Inputs uniform on the ball of radius $R$ in $d$ dimensions; the data weight of a hyperplane at distance $t$ from the centre is $g(t)$, continuous, decreasing on $[0,R]$ and zero beyond. A *cliff* of width $w$ at distance $r$ from the rim is
#
# $$
# f(x)=\frac{\sigma(u\cdot x-t)-\sigma(u\cdot x-t-w)}w,\qquad\|u\|=1,\quad t=R-r,\quad0<r\le R,
# $$
#
# which rises from $0$ to $1$. It is allowed by a step size $\eta$ if its stability norm is at most $1/\eta-\frac12$.
#
# (a) Write `cliff_place`, which returns the largest $r$ at which a cliff is allowed, for any such weight. A number as small as $10^{-7}R$ must be right to six digits, too.
#
# (b) By chapter 3, $g(R-r)=Cr^{d+2}(1+o(1))$ as $r\to0$, with $C>0$. Show that at a fixed $\eta<2$ the $r$ of (a) goes to zero with $w$ like $\bigl[(\frac1\eta-\frac12)\frac w{2C}\bigr]^{1/(d+2)}$. A cliff is to be ten times as steep: by which factor must $r$ be smaller in the plane, and by which for $d=98$? Is any cliff so steep that no step size below 2 allows it anywhere?
#
# (c) Could another shallow network make the same cliff more cheaply? Let $f$ be one, and $x(s)=y+su$ a segment, $0\le s\le w$, with $\|u\|=1$, such that $f(x(s))$ is constant near $s=0$ and near $s=w$ and rises by $1$ in between. Show that the amplitudes of the hyperplanes that cut the segment (merged, one $a_i$ for each) have $\sum|a_i|\ge2/w$. Why must $f$ be flat at both ends for this, and how does this price compare with that of the pyramid?

# %% [markdown] tags=["solution"]
# **Model answer.** (b) The norm is $[g(t)+g(t+w)]/w$, two hyperplanes with the amplitudes $\pm\frac1w$, and decreases with $t$. With the ceiling $c=\frac1\eta-\frac12>0$, $r$ is the solution of $g(R-r)+g(R-r+w)=cw$ (for small $w$, as $g(0)>0$). So $g(R-r)\ge\frac12cw$ and $g(R-r)\le cw\to0$, hence $r\to0$ and $r$ is at least of the order $w^{1/(d+2)}$, which is much larger than $w$. Therefore $g(R-r+w)\sim C(r-w)^{d+2}\sim Cr^{d+2}$, and $2Cr^{d+2}\sim cw$. A tenth of the width: $10^{-1/4}=0.56$ in the plane, $10^{-1/100}=0.98$ for $d=98$. No: every cliff is allowed close enough to the rim, and in high dimension it need hardly move; there most data lie near the sphere, but a cap that a hyperplane cuts off there contains hardly any of them.
#
# (c) $h(s)=f(x(s))$ is piecewise linear. Its slope jumps only where a hyperplane cuts the segment, by $a_i|u_i\cdot u|$, in size at most $|a_i|$; so the slope varies by at most $\sum|a_i|$ in all. It is $0$ at both ends, and its mean is $\frac1w$: somewhere it is at least $\frac1w$. From $0$ up to $\frac1w$ and back to $0$ it varies by $\frac2w$. (If these hyperplanes have weights of at least $g_0$, $S_g(f)\ge2g_0/w$: the cliff of the question is optimal up to the variation of $g$ over its width.) Without flat ends $f=u\cdot x/w$ rises as steeply, is affine, and costs nothing. A cliff costs $1/w$; the pyramid at accuracy $\delta$ only $\ln^2(1/\delta)$: ending a fold is far cheaper than making a jump.
#
# **Rubric.** 1 point: (b), with $r\gg w$ for the second hyperplane, the two factors, "no". 1 point: (c), the variation of the slope, and the affine function.

# %%
def disc_weight(t, radius=1.5):
    """The data weight of a line at distance t from the centre, for inputs uniform on a disc; a number."""
    return isotropic_weight("ball", 2, t, radius).item()


# %% tags=["answer"]
def cliff_place(step_size, width, weight, radius):
    """The largest r in (0, radius] with [g(R − r) + g(R − r + w)] / w ≤ 1/η − 1/2, to 1e-6 relative.

    weight: g, a function of one number that is continuous, decreases on [0, radius] and is zero beyond.
    You may assume that r is at least 1e-8 radius.
    """
    # BEGIN SOLUTION
    def allowed(r):
        return weight(radius - r) + weight(radius - r + width) <= (1 / step_size - 0.5) * width

    if allowed(radius):
        return radius
    low, high = np.log(1e-9 * radius), np.log(radius)
    while high - low > 1e-8:
        middle = (low + high) / 2
        low, high = (middle, high) if allowed(np.exp(middle)) else (low, middle)
    return np.exp(low)
    # END SOLUTION


# %% tags=["solution"]
places = [cliff_place(0.5, width, disc_weight, 1.5) for width in (1e-5, 1e-6, 1e-7)]
print("ten times as steep:", *(f"{after / before:.3f}" for before, after in itertools.pairwise(places)))


# %% [markdown] question="kernel_parts" points=6 by_hand=2 minutes=45 needs=["01-linear-stability#the-nn-kernel", "01-linear-stability#a-function-has-many-parametrisations", "05-depth-separation#one-more-layer-flat"]
# ## One scale between two layers
#
# A network with two hidden layers, weights $A_1,A_2,A_3$ and biases $\beta_1,\beta_2,\beta_3$. For $\alpha>0$, $(\alpha A_1,\alpha\beta_1)$ and $A_2/\alpha$ (with $\beta_2$, $A_3$, $\beta_3$ as they are) give the same function.
#
# (a) Show that the tangent kernel of the rescaled network is $G(\alpha)=K_0+\alpha^{-2}K_1+\alpha^2K_2$ with positive semi-definite matrices that do not depend on $\alpha$. Which parameters' derivatives make which of the three?
#
# (b) Show that the sharpness is a convex function of $\ln\alpha$. Find, for $K_1\mathbf1\ne0\ne K_2\mathbf1$, the scale $\alpha_0$ at which the mean gradient $\|\mathbb E\nabla f\|^2$ is smallest, and its value there. Is $\alpha_0$ also the flattest scale?
#
# (c) Write `kernel_parts` with `tangent_features`, whose columns are ordered layer by layer, in each layer the weights, row by row, before the biases; and `balancing_scale`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) With $h_1=\sigma(A_1x+\beta_1)$, $f=A_3\sigma(A_2h_1+\beta_2)+\beta_3$; $\delta_l$ is the derivative of $f$ by the argument of layer $l$'s affine map's output. Rescaling multiplies $h_1$ by $\alpha$ and leaves $A_2h_1$ alone. So $\delta_2,\delta_3,h_2$ are unchanged, and $\delta_1=1[\cdot]A_2^{\mathsf T}\delta_2$ is divided by $\alpha$. Derivatives by $A_1$ and $\beta_1$, $\delta_1x^{\mathsf T}$ and $\delta_1$: divided by $\alpha$, they make $\alpha^{-2}K_1$. By $A_2$, $\delta_2h_1^{\mathsf T}$: multiplied by $\alpha$, $\alpha^2K_2$. By $\beta_2$, $A_3$, $\beta_3$: unchanged, $K_0$. Each is a Gram matrix.
#
# (b) For a unit vector $q$, $q^{\mathsf T}G(\alpha)q/n$ is a sum of exponentials of linear functions of $\ln\alpha$ with coefficients that are not negative, hence convex; the sharpness is the supremum over $q$. For $q=\mathbf1/\sqrt n$, with $k_i=\mathbf1^{\mathsf T}K_i\mathbf1/n^2$ ($k_1,k_2>0$, as $\mathbf1^{\mathsf T}K\mathbf1=0$ only if $K\mathbf1=0$), it is $k_0+\alpha^{-2}k_1+\alpha^2k_2\ge k_0+2\sqrt{k_1k_2}$, with equality at $\alpha_0^4=k_1/k_2$. In general it is not the flattest scale: the top eigenvector is not constant and changes with $\alpha$.
#
# **Rubric.** 1 point: (a), with $\beta_2$ in $K_0$ and a reason. 1 point: (b), convexity, $\alpha_0$, "no".

# %% tags=["answer"]
def kernel_parts(net, X):
    """(K_0, K_1, K_2), each (n, n), for a DeepReLU with two hidden layers: G(α) = K_0 + K_1 / α² + K_2 α²."""
    # BEGIN SOLUTION
    features = tangent_features(net, X)
    sizes = [part.size for weight, bias in net.layers for part in (weight, bias)]
    W1, b1, W2, *rest = np.split(features, np.cumsum(sizes)[:-1], axis=1)
    groups = (rest, [W1, b1], [W2])
    return tuple(sum(part @ part.T for part in group) for group in groups)
    # END SOLUTION


# %% tags=["answer"]
def balancing_scale(net, X):
    """The scale α_0 at which the norm of the mean gradient is smallest."""
    # BEGIN SOLUTION
    _, first, second = kernel_parts(net, X)
    return (first.sum() / second.sum()) ** 0.25
    # END SOLUTION


# %% [markdown] question="kernel_terms" instead_of="kernel_parts" points=6 by_hand=2 minutes=45
# ## Two scales between three layers
#
# A network with two hidden layers, weights $A_1,A_2,A_3$ and biases $\beta_1,\beta_2,\beta_3$. For $a,s>0$ the parameters $(aA_1,a\beta_1)$, $(\frac saA_2,s\beta_2)$, $(\frac1sA_3,\beta_3)$ give the same function.
#
# (a) Show that the tangent kernel of the rescaled network is
#
# $$
# G(a,s)=K_0+a^{-2}K_1+a^2s^{-2}K_2+s^{-2}K_3+s^2K_4
# $$
#
# with positive semi-definite matrices that do not depend on $a$ and $s$. Which parameters' derivatives make which of the five? Which one do you know without computing?
#
# (b) Show that the sharpness is a convex function of $(\ln a,\ln s)$. Let $k_i=\mathbf1^{\mathsf T}K_i\mathbf1/n^2$ with $k_1,k_2,k_4>0$. Show that there is exactly one pair of scales at which the mean gradient $\|\mathbb E\nabla f\|^2$ is smallest, and which parts of the mean gradient are then equally long. Give $a$ in terms of $s$, and an equation for $s$ alone that has one positive solution.
#
# (c) Write `kernel_terms` with `tangent_features`, whose columns are ordered layer by layer, in each layer the weights, row by row, before the biases; and `balancing_scales`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) With $h_1=\sigma(A_1x+\beta_1)$, $h_2=\sigma(A_2h_1+\beta_2)$, $f=A_3h_2+\beta_3$; $\delta_l$ is the derivative of $f$ by the pre-activation of hidden layer $l$. Rescaled, $h_1$ is multiplied by $a$ and $h_2$ by $s$. $\delta_2=1[\cdot]A_3^{\mathsf T}$ is divided by $s$, and $\delta_1=1[\cdot]A_2^{\mathsf T}\delta_2$ multiplied by $\frac sa\cdot\frac1s=\frac1a$. Derivatives by $A_1,\beta_1$, that is $\delta_1x^{\mathsf T},\delta_1$: divided by $a$, they make $a^{-2}K_1$. By $A_2$, $\delta_2h_1^{\mathsf T}$: times $\frac as$, $a^2s^{-2}K_2$. By $\beta_2$, $\delta_2$: divided by $s$, $s^{-2}K_3$. By $A_3$, $h_2$: times $s$, $s^2K_4$. By $\beta_3$: $1$, so that $K_0=\mathbf1\mathbf1^{\mathsf T}$. Each is a Gram matrix.
#
# (b) For a unit vector $q$, $q^{\mathsf T}G(a,s)q/n$ is a sum of exponentials of linear functions of $(\ln a,\ln s)$ with coefficients that are not negative: convex; the sharpness is the supremum over $q$. For $q=\mathbf1/\sqrt n$ it is $M=k_0+k_1a^{-2}+k_2a^2s^{-2}+k_3s^{-2}+k_4s^2$. The exponents of the terms with $k_1,k_2,k_4>0$ are $(-2,0)$, $(2,-2)$, $(0,2)$ in $(\ln a,\ln s)$. They span the plane, so that $M$ is strictly convex; and their sum is zero, so that in every direction at least one grows: $M\to\infty$ far out. So there is exactly one minimum. There both derivatives vanish:
#
# $$
# k_1a^{-2}=k_2a^2s^{-2},\qquad k_2a^2s^{-2}+k_3s^{-2}=k_4s^2 .
# $$
#
# The mean gradients by $(A_1,\beta_1)$ and by $A_2$ are equally long, and so are those by $(A_2,\beta_2)$ and by $A_3$. The first equation is $a^2=s\sqrt{k_1/k_2}$; put into the second, $k_4s^4-\sqrt{k_1k_2}\,s-k_3=0$. Divided by $s^2$ the left side increases from $-\infty$ to $\infty$: one positive solution.
#
# **Rubric.** 1 point: (a), with $\beta_2$ apart from $A_2$, and $K_0$. 1 point: (b), convexity, existence and uniqueness, the two balances and the equation.

# %% tags=["answer"]
def kernel_terms(net, X):
    """(K_0, …, K_4), each (n, n), for a DeepReLU with two hidden layers, in the order of the question."""
    # BEGIN SOLUTION
    features = tangent_features(net, X)
    sizes = [part.size for weight, bias in net.layers for part in (weight, bias)]
    W1, b1, W2, b2, W3, b3 = (part @ part.T for part in np.split(features, np.cumsum(sizes)[:-1], axis=1))
    return b3, W1 + b1, W2, b2, W3
    # END SOLUTION


# %% tags=["answer"]
def balancing_scales(net, X):
    """The scales (a, s) at which the norm of the mean gradient is smallest."""
    # BEGIN SOLUTION
    _, k1, k2, k3, k4 = (term.mean() for term in kernel_terms(net, X))
    roots = np.roots([k4, 0, 0, -np.sqrt(k1 * k2), -k3])
    s = max(root.real for root in roots if abs(root.imag) < 1e-9 * abs(root))
    return np.sqrt(s * np.sqrt(k1 / k2)), s
    # END SOLUTION


# %% [markdown] question="axis_norm" points=7 by_hand=3 minutes=50 needs=["03-multivariate-bound#the-data-weight-and-the-stability-norm", "05-depth-separation#the-theorem", "05-depth-separation#which-data-which-step-sizes"]
# ## Data on the axes
#
# The theorem of chapter 5 needs functions that are close to the pyramid on a whole ball around a tip. Suppose that the data meet the tips, but only along the axes: $X=\pm s\,e_j$ with $j$ uniform in $1,\dots,d$, the sign uniform, and $s$ uniform on $[0,\ell]$, $\ell>1$, all independent.
#
# (a) Find a shallow network with *three* neurons, whatever $d\ge2$, that is the pyramid at all these points. (On the axes, what is $\|x\|_1$ as a function of $x_1+\dots+x_d$?)
#
# (b) The hull of the support contains a ball around every point of $\|x\|_1<\ell$, so that *Data that surround a ball weigh its hyperplanes* applies. Which hypothesis of *A crease cannot stop*, and which of *From the samples alone*, is missing?
#
# (c) Compute the stability norm of your network for this law of $X$ in closed form, each of the three hyperplanes at its cheaper side. What is its limit for $d\to\infty$?
#
# (d) Write `axis_network` and `axis_norm`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) On the axes at most one entry is not zero, so $\|x\|_1=|\tau|$ with $\tau=x_1+\dots+x_d$, and $\varphi=[1-|\tau|]_+=\sigma(\tau+1)-2\sigma(\tau)+\sigma(\tau-1)$.
#
# (b) In the theorem, $f_k\to\varphi$ in $L^1(B)$: off the axes the network is $[1-|\tau|]_+$, which is not $\varphi$. In the corollary, the support must contain a ball around the tip.
#
# (c) The amplitudes are $\sqrt d\,(1,-2,1)$, $u=\mathbf1/\sqrt d$, offsets $\tau=-1,0,1$ over $\sqrt d$. $\tau$ has the law of $\pm s$. For $0\le r\le\ell$
#
# $$
# \begin{gathered}
# P(\tau>r)=\frac{\ell-r}{2\ell},\qquad\mathbb E(\tau-r)_+=\frac{(\ell-r)^2}{4\ell},\\
# \mathbb E[X1(\tau>r)]=\frac1d\cdot\frac{\ell^2-r^2}{4\ell}\,\mathbf1,\qquad\text{of length }\frac{\ell^2-r^2}{4\ell\sqrt d},
# \end{gathered}
# $$
#
# and $\mathbb E(u\cdot X-t)_+=\mathbb E(\tau-r)_+/\sqrt d$. The other side of the hyperplane has the larger probability and the larger mean distance, and, as $\mathbb EX=0$, the same $\|\mathbb E[X1]\|$; so this is the cheaper side for $r\ge0$ (at $r=0$ they are equal), and by symmetry $r=-1$ costs as much as $r=1$. The factors $\sqrt d$ cancel:
#
# $$
# S=2\,q(0)+2\,q(1),\qquad q(r)=\frac{(\ell-r)^2}{4\ell}\sqrt{\Bigl(\frac{\ell-r}{2\ell}\Bigr)^2+\frac1d\Bigl(\frac{\ell^2-r^2}{4\ell}\Bigr)^2}.
# $$
#
# For $d\to\infty$ it falls to $\frac{\ell^3+(\ell-1)^3}{4\ell^2}$: a fixed number, not zero, and the network has three neurons. So, whatever the number of samples, the stability norm forbids no step size below $1/(S+\frac12)$.
#
# **Rubric.** 1 point: (a) and (b). 2 points: (c); one of them for amplitudes, weights and the cheaper side, one for the result and its limit.

# %% tags=["answer"]
def axis_network(dim):
    """A ShallowReLU with three neurons that is the pyramid at all points of the axes."""
    # BEGIN SOLUTION
    return ShallowReLU(np.ones((3, dim)), [1.0, 0.0, -1.0], [1.0, -2.0, 1.0], 0.0)
    # END SOLUTION


# %% tags=["answer"]
def axis_norm(dim, length):
    """Its stability norm for the law of X (not for a sample)."""
    # BEGIN SOLUTION
    def cost(r):
        slope = (length**2 - r**2) / (4 * length * np.sqrt(dim))
        return (length - r) ** 2 / (4 * length) * np.hypot((length - r) / (2 * length), slope)

    return 2 * cost(0) + 2 * cost(1)
    # END SOLUTION


# %% [markdown] question="diagonal_norm" instead_of="axis_norm" points=7 by_hand=3 minutes=50
# ## Data on the diagonals
#
# The theorem of chapter 5 needs functions that are close to the pyramid on a whole ball around a tip. Suppose that the data surround the tips, but lie on the diagonals only: $X=s\,\varsigma$ with $\varsigma$ uniform in $\{\pm1\}^d$, $d\ge2$, and $s$ uniform on $[0,\ell]$, $\ell>1$, independent.
#
# (a) Find a shallow network with *three* neurons, whatever $d$, that is the pyramid at all these points. (How many coordinates does one need there to know $\|x\|_1$?) The hull of the support contains a ball around every tip, so that *Data that surround a ball weigh its hyperplanes* applies. Which hypothesis of *A crease cannot stop*, and which of *From the samples alone*, is missing?
#
# (b) Compute the stability norm of your network for this law of $X$ in closed form, each of the three hyperplanes at its cheaper side. How does it grow with $d$?
#
# (c) Does another network do it more cheaply? Show that every shallow network that is the pyramid at all these points has, for this law, a stability norm of at least $d\,\ell/12$. For this, let $a_i$ be the amplitudes of its hyperplanes *through the origin*, one for each, and $u_i$ their normals. Compare slopes along the diagonals at $s=0$ to see $\sum_i|a_i|\,\mathbb E|u_i\cdot\varsigma|\ge2d$, and show $g(u,0)\ge\frac\ell{24}\,\mathbb E|u\cdot\varsigma|$; you may use that $\mathbb E(u\cdot\varsigma)^4\le3$ for unit vectors $u$.
#
# (d) Write `diagonal_network` and `diagonal_norm`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) On the diagonals all $|x_j|$ are equal: $\|x\|_1=d\,|x_1|$, and $\varphi=[1-d|x_1|]_+=\sigma(dx_1+1)-2\sigma(dx_1)+\sigma(dx_1-1)$. In the theorem, $f_k\to\varphi$ in $L^1(B)$: off the diagonals the network is $[1-d|x_1|]_+$, which is not $\varphi$. In the corollary, the support must contain a ball around the tip.
#
# (b) The amplitudes are $d\,(1,-2,1)$, $u=e_1$, offsets $-\frac1d,0,\frac1d$. $x_1$ is uniform on $[-\ell,\ell]$, and the other coordinates have mean zero whatever $x_1$ is. For $0\le r\le\ell$
#
# $$
# \mathbb P(x_1>r)=\frac{\ell-r}{2\ell},\qquad\mathbb E(x_1-r)_+=\frac{(\ell-r)^2}{4\ell},\qquad\mathbb E[X1(x_1>r)]=\frac{\ell^2-r^2}{4\ell}\,e_1 .
# $$
#
# The other side of the hyperplane has the larger probability and mean distance and, as $\mathbb EX=0$, the same $\|\mathbb E[X1]\|$; so for $r\ge0$ this is the cheaper side, and by symmetry $-r$ costs as much. Hence
#
# $$
# S=2d\,q(0)+2d\,q(\tfrac1d),\qquad q(r)=\frac{(\ell-r)^2}{4\ell}\sqrt{\Bigl(\frac{\ell-r}{2\ell}\Bigr)^2+\Bigl(\frac{\ell^2-r^2}{4\ell}\Bigr)^2}.
# $$
#
# As $d\to\infty$, $S/d\to4q(0)=\frac\ell4\sqrt{4+\ell^2}$: it grows linearly.
#
# (c) Along the line $s\varsigma$ the pyramid is $1-d|s|$ near $s=0$: its slope jumps by $-2d$. A hyperplane that misses the origin does not fold the network there; one through the origin makes its slope jump by $a_i|u_i\cdot\varsigma|$. So $\sum_ia_i|u_i\cdot\varsigma|=-2d$ for every $\varsigma$, and the mean over $\varsigma$ gives $\sum_i|a_i|\,\mathbb E|u_i\cdot\varsigma|\ge2d$. Now $\mathbb E(u\cdot X)_+=\frac12\mathbb E|u\cdot X|=\frac\ell4\mathbb E|u\cdot\varsigma|$. With $Y=u\cdot\varsigma$, $\mathbb EY^2=1$, Cauchy–Schwarz gives $1=(\mathbb E[Y^21(Y\ne0)])^2\le\mathbb EY^4\;\mathbb P(Y\ne0)$, hence $\mathbb P(Y\ne0)\ge\frac13$ and $\mathbb P(u\cdot X>0)\ge\frac16$. The law of $X$ is symmetric, so that both sides cost the same: $g(u,0)\ge\mathbb E(u\cdot X)_+\mathbb P(u\cdot X>0)\ge\frac\ell{24}\mathbb E|u\cdot\varsigma|$. Together, $S_g\ge\sum_i|a_i|g(u_i,0)\ge\frac\ell{24}\cdot2d=\frac{d\ell}{12}$. So three neurons are within a factor of about $3\sqrt{4+\ell^2}$ of the best for large $d$, and here it is the apex that costs.
#
# **Rubric.** 1 point: (a), with both hypotheses. 1 point: (b), amplitudes $d(1,-2,1)$, the cheaper side, the closed form and its growth. 1 point: (c), the jumps averaged over the diagonals, and the bound of $g$ with a reason for $\mathbb P(u\cdot X>0)\ge\frac16$.

# %% tags=["answer"]
def diagonal_network(dim):
    """A ShallowReLU with three neurons that is the pyramid at all points of the diagonals."""
    # BEGIN SOLUTION
    return ShallowReLU(dim * np.tile(np.eye(dim)[0], (3, 1)), [1.0, 0.0, -1.0], [1.0, -2.0, 1.0], 0.0)
    # END SOLUTION


# %% tags=["answer"]
def diagonal_norm(dim, length):
    """Its stability norm for the law of X (not for a sample)."""
    # BEGIN SOLUTION
    def cost(r):
        slope = (length**2 - r**2) / (4 * length)
        return (length - r) ** 2 / (4 * length) * np.hypot((length - r) / (2 * length), slope)

    return 2 * dim * (cost(0) + cost(1 / dim))
    # END SOLUTION


# %% [markdown] question="where_the_cost_sits" points=5 by_hand=5 minutes=60 needs=["05-depth-separation#which-data-which-step-sizes", "05-depth-separation#sec-depth-lp"]
# ## Open experiment: where does the cost sit?
#
# Around every point but the tips the pyramid in the plane is locally shallow, around a tip it is not. Does the least norm of a shallow network on a *sample* know this? Put most of the samples into a small disc around a place of your choice: a tip, the middle of an edge, the apex, a place on an axis. How does the least stability norm behave as the number of samples grows and as the accuracy $\delta$ gets finer?
#
# Write down *before* running what you expect at which place, with a reason from chapter 5, and what would prove you wrong. `least_norm(X, y, within).upper` is the least norm, a second or less for a hundred points; keep every cell below thirty seconds.

# %%
def samples_around(place, number, seed=0, radius=0.45):
    """`number` points in a disc around a place, and half as many on a circle of radius 1.6, (n, 2)."""
    rng, ring = np.random.default_rng(seed), number // 2
    far = 2 * np.pi * (np.arange(ring) + 0.5 * rng.random(ring)) / ring
    r, angle = radius * np.sqrt(rng.random(number)), 2 * np.pi * rng.random(number)
    near = np.array(place) + np.column_stack([r * np.cos(angle), r * np.sin(angle)])
    return np.vstack([1.6 * np.column_stack([np.cos(far), np.sin(far)]), near])


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* Around the middle of an edge and around the apex there is a shallow network, with one and with two folds, that is exact on the disc; with the ring it may cost a little more, but nothing drives the cost up with $n$ or $1/\delta$. Around a tip the corollary *From the samples alone* says that the norm of exact fits tends to infinity with $n$, like the square of a logarithm. So the curve of the tip should rise, the others flatten. The *level* of the curves says little: it depends on how much data lie on either side of the folds. *Falsified by* a tip that does not rise more than the edge and the apex.

# %% tags=["solution"]
places, numbers = {"tip": (1.0, 0.0), "edge": (0.5, 0.5), "apex": (0.0, 0.0)}, [16, 32, 64]
figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
for name, place in places.items():
    costs = np.empty((2, len(numbers)))
    for (seed, k), _ in np.ndenumerate(costs):
        X = samples_around(place, numbers[k], seed)
        costs[seed, k] = least_norm(X, pyramid(X), within=0.001).upper
    axes.plot(numbers, (costs / costs[:, :1]).T, "o-", color={"tip": "C3", "edge": "C0", "apex": "C2"}[name], label=name)
    print(f"{name:5s} least norm, mean of two seeds:", costs.mean(axis=0).round(3))
axes.set(xlabel="samples in the disc", ylabel="least norm / its first value")
handles, labels = axes.get_legend_handles_labels()
axes.legend(handles[::2], labels[::2])
plt.show()


# %% [markdown] tags=["solution"]
# *Reading.* With four times as many samples the least norm around the tip grows by a factor of 1.5 for one seed and of 2 for the other; around the edge the seeds scatter and neither has grown in the end. Around the apex it grows, too, more slowly, which we had not expected; perhaps because the ring asks the network to be zero far out, which an exact network for the apex alone is not, and because few samples do not pin down both folds. A ring of other radius would tell. Sixty-four samples are far from a limit: the study shows a difference between the places, and no logarithm. *Next*: keep the ring fixed, larger $n$, and $\delta$ from $0.1$ to $0.001$ at fixed $n$.
#
# **Rubric.** 1 point: a prediction with a reason from the chapter, and what would falsify it, both before the run. 1 point: a tip and at least one other place, three or more sizes or accuracies, two seeds. 1 point: a figure with labelled axes that answers the question. 1 point: a reading of what was found, also if the prediction failed; levels and growth not confused. 1 point: one limitation (the sample resolves only so much, the ring, few seeds) and what would be done next.

# %% [markdown] question="can_a_sample_tell" instead_of="where_the_cost_sits" points=5 by_hand=5 minutes=60
# ## Open experiment: can a sample tell?
#
# The pyramid in the plane has no shallow network, the *saddle* $|x_1|-|x_2|$ has one with two folds that never end, and the *bowl* $\frac12\|x\|^2$ has none with finitely many folds but is smooth. Does the least norm of a shallow network on a *sample* know the difference? Take these three functions, or others of your choice with folds that end, that do not, and without folds, on samples of a disc. How does the least stability norm behave as the number of samples grows and as the accuracy $\delta$ gets finer?
#
# Write down *before* running what you expect of which function, with a reason from chapter 5, and what would prove you wrong. `least_norm(X, y, within).upper` is the least norm, a second or less for a hundred points; keep every cell below thirty seconds.

# %%
def samples_of_disc(number, seed=0, radius=1.6):
    """`number` points, uniform on a disc, (n, 2)."""
    rng = np.random.default_rng(seed)
    r, angle = radius * np.sqrt(rng.random(number)), 2 * np.pi * rng.random(number)
    return np.column_stack([r * np.cos(angle), r * np.sin(angle)])


def saddle(X):
    """|x_1| − |x_2|, (n,)."""
    return np.abs(X[:, 0]) - np.abs(X[:, 1])


def bowl(X):
    """Half the squared distance from the origin, (n,)."""
    return (X**2).sum(axis=1) / 2


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* The saddle is a network: whatever the sample, the least norm is at most that of its two folds, which for large samples tends to a number. The bowl is smooth; smooth functions have a finite norm, an integral over the lines, so its curve should flatten, too. For the pyramid the corollary *From the samples alone* says that the norm of exact fits tends to infinity with $n$; by the chapter it does so like the square of a logarithm in $1/\delta$. So the curves of saddle and bowl should flatten and that of the pyramid rise on. *Falsified by* a pyramid that flattens as they do, or by the others rising as it does.

# %% tags=["solution"]
functions, numbers = {"pyramid": pyramid, "saddle": saddle, "bowl": bowl}, [16, 32, 64, 96]
two_folds = ShallowReLU(np.vstack([np.eye(2), -np.eye(2)]), np.zeros(4), [1.0, -1.0, 1.0, -1.0], 0.0)
figure, axes = plt.subplots(figsize=(5, 3.2), layout="constrained")
for (name, function), color in zip(functions.items(), ("C3", "C0", "C2"), strict=True):
    costs = np.empty((2, len(numbers)))
    for (seed, k), _ in np.ndenumerate(costs):
        X = samples_of_disc(numbers[k], seed)
        costs[seed, k] = least_norm(X, function(X), within=0.001).upper
    axes.plot(numbers, costs.T, "o-", color=color, label=name)
    print(f"{name:7s} least norm, two seeds:", *costs.round(3), " last over second:", (costs[:, -1] / costs[:, 1]).round(2))
own = [[stability_norm(two_folds, samples_of_disc(number, seed)) for number in numbers] for seed in range(2)]
axes.plot(numbers, np.transpose(own), "--", color="C0", label="saddle, its own network")
print("saddle, norm of its own network:", *np.round(own, 3))
axes.set(xlabel="samples", ylabel="least norm")
handles, labels = axes.get_legend_handles_labels()
axes.legend(handles[::2], labels[::2])
plt.show()

# %% [markdown] tags=["solution"]
# *Reading.* From 32 to 96 samples the least norm grows by a factor of 1.7 and 2.0 for the pyramid, of 1.5 and 1.8 for the saddle and of 1.4 for the bowl. The order is as expected, but at these sizes *all* rise, and two seeds do not tell pyramid from saddle: by what we had set ourselves, the prediction has failed. For the saddle we know why it rises and that it will end: its least norm is half of what its own two folds cost at 16 samples and 95 % of it at 96, so that there is hardly any room left; what that limit is depends on the sample (at 64 the two dashed lines are 0.48 and 0.82). For the pyramid there is no such line. A rising curve on small samples thus says that the sample does not yet pin the function down, not that no network exists. *Next*: samples of several hundred points, where the saddle must flatten, with five or more seeds; the bowl against the norm of its integral over the lines.
#
# **Rubric.** 1 point: a prediction with a reason from the chapter, and what would falsify it, both before the run. 1 point: a function with folds that end and at least one other, three or more sizes or accuracies, two seeds. 1 point: a figure with labelled axes that answers the question. 1 point: a reading of what was found, also if the prediction failed; that a curve still rises is not confused with divergence. 1 point: one limitation (the sample resolves only so much, few seeds, one disc) and what would be done next.
