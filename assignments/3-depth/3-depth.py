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
# On chapter 5, *Depth separation*. The function of this set is not the pyramid but the pyramid with its top cut off.
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


# %% [markdown] question="shallow_frustum" points=6 by_hand=3 minutes=45 needs=["03-multivariate-bound#the-data-weight-and-the-stability-norm", "05-depth-separation#the-lemma"]
# ## How far a shallow network can follow
#
# Let $m=1-h$, the size of the flat top, and $\rho=m/\sqrt{d-1}$.
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
