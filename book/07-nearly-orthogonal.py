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
# (nearly-orthogonal)=
# # Nearly-orthogonal data
#
# So far the step size decided which minimum gradient descent could stay at. With the logistic loss there is no minimum: the loss tends to zero, the weights to infinity, and the curvature dies out on the way. What is selected, then, is a *direction*. For inputs that are nearly orthogonal to each other we compute it, with its constants, follow training to times beyond $t=10^{180}$ to see that the constants are right, and ask what a large step still does.
#
# After this chapter you can
#
# - predict margins, norm, loss and stable rank of a network from its activation pattern and one linear system, $Ku=1$;
# - follow gradient descent on the logistic loss to $t=10^{187}$ in a few thousand steps, and say by how much the shortcut is off;
# - say when the layer becomes of rank one, when it does not, and why a ReLU network here is not the one of largest margin.
#
# **You need:** gradient descent and the sharpness ({ref}`linear-stability`), for the comparisons {ref}`mnist-tightness`, and the symbols in {doc}`the notation table <notation>`. In this chapter $m$ is the number of neurons of *one class*, and $u$ a vector with one entry per sample.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima import digit_pair
from stableminima.book.claims import claim
from stableminima.book.figures import nearly_orthogonal as draw
from stableminima.book.figures.style import use_house_style
from stableminima.datasets import append_coordinates, mixture, orthogonal_inputs
from stableminima.margins import (SignedNetwork, asymptotics, descend_logistic, leaky_stable_rank,
                                  logistic_sharpness, near_orthogonality, rank_one_excess,
                                  relu_stable_rank, signed_network, stable_rank, step_for_gain)

use_house_style()

# %% [markdown]
# ## Two fates of a layer
#
# Ten random inputs in 784 dimensions, a hundred neurons for each class, small random weights. We train twice, with a leaky ReLU of slope 0.3 and with the ReLU, and look at the *stable rank* $\|W\|_F^2/\|W\|_2^2$ of the trained layer: it is 1 if one direction carries everything, and as large as the rank if all directions carry the same.

# %%
n, d, m = 10, 784, 100
X, y = mixture(n, d, mean=0.0, noise=1 / np.sqrt(d), seed=1)

def train(slope, X, y, steps, gain=0.15, scale=1e-2, seed=0, records=60):
    net = signed_network(X.shape[1], m, slope, scale, seed)
    run = descend_logistic(net, X, y, step_for_gain(net, X, y, gain), steps, clock="loss", records=records)
    return run, asymptotics(X, y, run.mean_pattern)

leaky, relu = train(0.3, X, y, 3000), train(0.0, X, y, 3000)

# %% mystnb={"figure": {"name": "fig-nod-ranks", "caption": "Stable rank of the whole layer and of the neurons of each class, against time. Dotted, the limits that this chapter predicts."}, "image": {"alt": "Two panels with a time axis that reaches ten to the 200th. Above, leaky ReLU, the two classes fall to 1 and the whole matrix settles at 1.3. Below, ReLU, the two classes stay between 1.3 and 1.7, and the whole matrix rises to 2.8. All curves end on their dotted lines."}}
draw.plot_ranks({"leaky ReLU, slope 0.3": leaky, "ReLU": relu})
plt.show()

# %% [markdown]
# In {numref}`fig-nod-ranks` the leaky network ends with one direction per class, and the ReLU network does not; both end on dotted lines that were computed, not fitted. Time, counted in steps of the size with which the run began, reaches 10 to the power {glue:text}`far` for the leaky network and goes beyond the right edge, $10^{200}$, for the other; how, is told below.
#
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`kou2023implicit` study gradient descent on two-layer ReLU and leaky ReLU networks when the inputs are *nearly orthogonal*, $\|x_i\|^2\ge C\,n\,\max_{k\ne i}|\langle x_i,x_k\rangle|$. They state, in their abstract: for leaky ReLU the stable rank of the weights converges to 1; for ReLU it is bounded by a constant; and all training points reach the same normalised margin.
#
# We could not read the full text. *From memory*, and so only indicative: the model below (second layer fixed, logistic loss, full batches, Gaussian start), that the stable-rank statement is made for each class of neurons, loss of the order of $1/t$ and norm of the order of $\log t$, a constant of about 2 for the ReLU and orthogonal data; experiments with $x=y\mu+\xi$, $n=10$, $d=784$, noise 0.25, $m=100$, $\eta=0.1$, 200 epochs and several slopes, and with MNIST, width 1000 and several initial variances.
# ```
#
# ## The model
#
# $$
# \begin{aligned}
# f(W;x)&=\frac1m\sum_{r\le m}\sigma(\langle w_{+,r},x\rangle)-\frac1m\sum_{r\le m}\sigma(\langle w_{-,r},x\rangle),\\
# L(W)&=\frac1n\sum_{i\le n}\log\bigl(1+e^{-z_i}\bigr),\qquad z_i=y_if(W;x_i),
# \end{aligned}
# $$ (eq-nod-model)
#
# with $\sigma(z)=\max(z,\gamma z)$, $0\le\gamma\le1$ ($\gamma=0$ is the ReLU), labels $y_i=\pm1$ and $w_{j,r}(0)\sim N(0,\sigma_0^2I)$. Only $W\in\mathbb R^{2m\times d}$ is trained; its halves $W_+$ and $W_-$ are the *blocks*. We write $g_i=1/(1+e^{z_i})$ for the size of the loss's slope on sample $i$, and $D_{jri}\in\{\gamma,1\}$ for the slope of neuron $(j,r)$ there, $j=\pm1$. Gradient descent is
#
# $$
# w_{j,r}\leftarrow w_{j,r}+\frac{\eta j}{nm}\sum_ig_iy_iD_{jri}\,x_i .
# $$ (eq-nod-gd)
#
# The loss is $L$ with *mean*, as everywhere in this book. How orthogonal are our inputs?

# %%
claim("nod-orthogonal", "the largest $C$ with which ten Gaussian inputs in 784 dimensions are nearly orthogonal",
      near_orthogonality(X), at_least=0.9, at_most=1.4, source="definition of near-orthogonality")

# %% [markdown]
# Not very: $n\max|\langle x_i,x_k\rangle|$ is as large as $\|x_i\|^2$. Theorems ask for more (a large $C$); the experiments do not.
#
# ## Exact asymptotics
#
# Suppose that from some time on no neuron switches on a sample: the *pattern* $D$ is frozen. Then the network is linear in its weights along the path. With the matrices $A_i\in\mathbb R^{2m\times d}$, row $(j,r)$ equal to $\frac{j y_i}mD_{jri}x_i$, we have $z_i=\langle A_i,W\rangle$, and a step is $W\leftarrow W+\frac\eta n\sum_ig_iA_i$. Everything is in the kernel
#
# $$
# \begin{aligned}
# K_{ik}&=\langle A_i,A_k\rangle=\frac{y_iy_k}{m^2}\langle x_i,x_k\rangle\sum_{j,r}D_{jri}D_{jrk},\\
# u&=K^{-1}\mathbf1 .
# \end{aligned}
# $$ (eq-nod-kernel)
#
# Why $u$? If the slopes $g_i$ keep fixed proportions, $g\approx s(t)\,a$, the margins grow in proportion to $Ka$; for all of them to grow alike $Ka$ has to be constant, so $a\propto u$. And $g_i>0$, so that $u>0$ is needed.
#
# ```{prf:lemma} Near-orthogonality makes $u$ positive
# :label: lem-nod-positive
#
# If $K_{kk}>0$ for all $k$ and $\kappa=\max_i\sum_{k\ne i}|K_{ik}|/K_{kk}<\frac12$, then $K$ is positive definite and $K_{ii}u_i\ge\frac{1-2\kappa}{1-\kappa}>0$. If the inputs are not zero and $\|x_i\|^2\ge Cn\max_{k\ne i}|\langle x_i,x_k\rangle|$ with $C\ge2$, this is so for the pattern of a leaky ReLU at which every neuron has the sign of its class on every sample ($D_{jri}=1$ if $j=y_i$, $\gamma$ otherwise), and for every pattern of the ReLU under which each sample activates some neuron.
# ```
#
# ```{prf:proof}
# $K\operatorname{diag}(K_{kk})^{-1}=I+E$, where the rows of $|E|$ add up to at most $\kappa$; it is similar to $\operatorname{diag}(K_{kk})^{-1/2}K\operatorname{diag}(K_{kk})^{-1/2}$, whose eigenvalues are therefore at least $1-\kappa$. With $U_i=K_{ii}u_i$, $Ku=\mathbf1$ reads $U_i=1-\sum_{k\ne i}\frac{K_{ik}}{K_{kk}}U_k$. So $\|U\|_\infty\le1+\kappa\|U\|_\infty$, i.e. $\|U\|_\infty\le\frac1{1-\kappa}$, and $U_i\ge1-\frac\kappa{1-\kappa}$.
#
# For both kinds of pattern $\sum_{j,r}D_{jri}D_{jrk}\le\sum_{j,r}D_{jrk}^2$: for the leaky one the two sums are $m(1+\gamma^2)$ or $2m\gamma$, and $m(1+\gamma^2)$; for the ReLU, numbers of neurons active on both, and on $x_k$. So $|K_{ik}|/K_{kk}\le|\langle x_i,x_k\rangle|/\|x_k\|^2\le\frac1{Cn}$, and $\kappa\le\frac{n-1}{Cn}<\frac12$.
# ```
#
# Diagonal dominance, $\kappa<1$, is not enough; Exercise {ref}`dominance <ex-nod-dominance>` has a counterexample. For data that are not so orthogonal $u$ may have negative entries, and then another vector takes its place: let $\hat a$ be the minimiser of $\frac12a^{\mathsf T}Ka-\mathbf1^{\mathsf T}a$ over $a\ge0$. It is characterised by $\hat a\ge0$, $K\hat a\ge\mathbf1$ and $(K\hat a)_i=1$ where $\hat a_i>0$; if $u>0$, then $\hat a=u$.
#
# ```{prf:theorem} Constant steps, frozen pattern
# :label: thm-nod-constant
#
# Let the pattern be $D$ from some step on, $K$ positive definite, $L(W_t)\to0$, and $(K\hat a)_i>1$ wherever $\hat a_i=0$. Put $W_\infty=\sum_i\hat a_iA_i$, that is, $\frac jm\sum_iD_{jri}\hat a_iy_ix_i$ in row $(j,r)$. Then
#
# 1. $W_t-W_\infty\log t$ is bounded. Hence $z_i/\log t\to(K\hat a)_i$, $\|W_t\|_F/\log t\to\sqrt{\mathbf1^{\mathsf T}\hat a}$, and the normalised margin $\min_iz_i/\|W_t\|_F\to1/\sqrt{\mathbf1^{\mathsf T}\hat a}$. No $V$ has $\min_i\langle A_i,V\rangle>\|V\|_F/\sqrt{\mathbf1^{\mathsf T}\hat a}$: it is the largest margin *in the frozen features*.
# 2. If $u>0$, then $W_t-W_\infty\log t$ converges and, for every $i$,
#
# $$
# \begin{gathered}
# z_i=\log t+\log\frac\eta{n\,u_i}+o(1),\\
# t\,L(W_t)\to\frac{\mathbf1^{\mathsf T}u}\eta .
# \end{gathered}
# $$ (eq-nod-margins)
#
# So the gaps $z_i-z_k$ tend to $\log(u_k/u_i)$, and all normalised margins to one value, like $1/\log t$.
# ```
#
# ```{prf:proof}
# *An explicit path that is almost gradient descent.* Let $I=\{i:\hat a_i>0\}$. As $K_{II}$ is invertible, there is $B$ in the span of the $A_i$, $i\in I$, with $e^{-\langle A_i,B\rangle}=n\hat a_i/\eta$ for $i\in I$. Let $W^\perp$ be the part of $W_t$ orthogonal to all $A_i$; no step changes it. Put $V_t=W_\infty\log t+B+W^\perp$. Since $\langle A_i,W_\infty\rangle=(K\hat a)_i$, its margins are $\log\frac{\eta t}{n\hat a_i}$ for $i\in I$, and $(1+\delta_i)\log t+O(1)$ with $\delta_i>0$ otherwise. Let $\Phi(W)=W+\frac\eta n\sum_ig(\langle A_i,W\rangle)A_i$ with $g(z)=1/(1+e^z)=e^{-z}+O(e^{-2z})$. Then $\frac\eta ng$ is $\frac{\hat a_i}t+O(t^{-2})$ on $I$ and $O(t^{-1-\delta_i})$ elsewhere, so $\Phi(V_t)=V_t+\frac1tW_\infty+O(t^{-1-\delta})$ with $\delta=\min(1,\min\delta_i)$; and $V_{t+1}=V_t+\log(1+\frac1t)W_\infty$. Hence $\|V_{t+1}-\Phi(V_t)\|_F\le r_t$ with $r_t=O(t^{-1-\delta})$, which is summable.
#
# *A step is not an expansion.* Let $\Delta_i=\langle A_i,W-V\rangle$ and $G_i=g(\langle A_i,W\rangle)-g(\langle A_i,V\rangle)$. Since $g$ falls, $\Delta_iG_i\le0$; since $|g'(z)|\le e^{-z}$, $|G_i|\le e^{-Z}|\Delta_i|$ if all margins of $W$ and $V$ are at least $Z$. Therefore
#
# $$
# \begin{aligned}
# &\|\Phi(W)-\Phi(V)\|_F^2-\|W-V\|_F^2\\
# &\quad=\frac{2\eta}n\sum_i\Delta_iG_i+\frac{\eta^2}{n^2}G^{\mathsf T}KG\\
# &\quad\le-\frac\eta n\Bigl(2-\frac{\eta}n\lambda_{\max}(K)e^{-Z}\Bigr)\sum_i|\Delta_iG_i| ,
# \end{aligned}
# $$ (eq-nod-contract)
#
# and the bracket is at least 1 once $Z$ is large. Both sets of margins tend to infinity ($L\to0$), so from some step on $e_t=\|W_t-V_t\|_F$ satisfies $e_{t+1}\le\|\Phi(W_t)-\Phi(V_t)\|_F+r_t\le e_t+r_t$: it is bounded.
#
# *Consequences.* The limits in 1 follow, with $\|W_\infty\|_F^2=\hat a^{\mathsf T}K\hat a=\mathbf1^{\mathsf T}\hat a$. If $\langle A_i,V\rangle\ge\mu$ for all $i$, then $\mu\,\mathbf1^{\mathsf T}\hat a\le\langle W_\infty,V\rangle\le\sqrt{\mathbf1^{\mathsf T}\hat a}\,\|V\|_F$.
#
# *If $u>0$,* then $I$ is everything, $r_t=O(t^{-2})$, $W_t-V_t$ lies in the span of the $A_i$, and $\sum_i\Delta_i^2\ge\lambda_{\min}(K)\,e_t^2$. All margins of both are $\log t+O(1)$, where $|g'|\ge c/t$. So {eq}`eq-nod-contract` gives $\|\Phi(W_t)-\Phi(V_t)\|_F\le(1-\frac{c'}t)e_t$ for some $0<c'<1$, and $e_{t+1}\le(1-\frac{c'}t)e_t+O(t^{-2})$. Multiplied by $t^{c'}$ this makes $t^{c'}e_t$ grow by at most $O(t^{c'-2})$ a step, up to a factor $1+O(t^{-2})$, so it stays bounded, and $e_t=O(t^{-c'})\to0$. The margins are those of $V_t$ up to $o(1)$, and $tL=\frac tn\sum_ie^{-z_i}(1+o(1))\to\sum_i\frac{u_i}\eta$.
# ```
#
# ```{prf:remark} Species that compete
# :label: rem-nod-lotka
#
# For the gradient *flow* on $\frac1n\sum e^{-z_i}$ put $p_i=\frac{\eta t}ne^{-z_i}$ and $\tau=\log t$. Then $p_i'=p_i\bigl(1-(Kp)_i\bigr)$: the Lotka–Volterra equations, each sample a species with food for itself that competes with its neighbours, and $u$ is their equilibrium (Exercise {ref}`species <ex-nod-species>`). The proof above needs neither the flow nor the exponential *loss*: it compares the discrete path on the logistic loss with an explicit one, and of the loss it uses that $g$ falls, $|g'|\le e^{-z}$ and $g=e^{-z}+O(e^{-2z})$.
# ```
#
# We check it on the leaky network with $\eta=100$ and 20 000 ordinary steps.

# %% tags=["nbval-check-output"]
eta, start = 100.0, signed_network(d, m, 0.3)
slow = descend_logistic(start, X, y, eta, 20_000)
limit = asymptotics(X, y, slow.network().pattern(X))
t = np.exp(slow.log_time)[:, None]
off = np.abs(slow.margins[1:] - np.log(eta * t[1:] / (n * limit.u))).max(axis=1)
for k in (-33, -17, -1):
    print(f"t = {t[k, 0]:6.0f}   largest error of a predicted margin {off[k]:.3f}")

# %%
claim("nod-constant", "largest error of a predicted margin after 20 000 constant steps", off[-1], at_most=0.006,
      source="constant steps, frozen pattern")
claim("nod-constant-loss", "$t\\,L$ over $\\mathbf{1}^T u/\\eta$ at that time",
      t[-1, 0] * np.exp(slow.log_loss[-1]) * eta / limit.u.sum(), equals=1.0, tol=0.005)
kappa = (np.abs(limit.kernel) / np.diag(limit.kernel)).sum(axis=1).max() - 1
claim("nod-dominance", "$\\kappa$ of this pattern: small enough for the lemma, although $C<2$", kappa, at_most=0.5)
claim("nod-positive", "smallest $K_{ii}u_i$ over the lemma's bound $(1-2\\kappa)/(1-\\kappa)$",
      (np.diag(limit.kernel) * limit.u).min() / ((1 - 2 * kappa) / (1 - kappa)), at_least=1.0)

# %% [markdown]
# (fast-clock)=
# ## The fast clock
#
# Margins become equal like $1/\log t$. At $t=10^6$ their spread is still some per cent, and no patience gets further with constant steps: to divide it by ten takes $t^{10}$. But $W_t$ moves by about $W_\infty/t$ a step; let us take longer ones. *Loss-normalised* gradient descent uses
#
# $$
# \eta_k=\eta\,\frac{L_0}{L_k},\qquad T_k=\sum_{l<k}\frac{L_0}{L_l} ,
# $$ (eq-nod-clock)
#
# and $T_k$ is the number of constant steps that the first $k$ stand for. What is lost?
#
# ```{prf:theorem} Loss-normalised steps
# :label: thm-nod-fast
#
# Let the pattern be frozen, $K$ positive definite, $L\to0$, and $h=\eta L_0$ with $h\max_iK_{ii}<1$. Then $q_i=e^{-z_i}/\sum_ke^{-z_k}$, the share of sample $i$ in the loss, converges to $q^*=\hat a/\mathbf1^{\mathsf T}\hat a$, the minimiser of $F(q)=\frac12q^{\mathsf T}Kq$ over the simplex, and the margins grow by $h(Kq^*)_i$ a step in the limit. If $u>0$, all grow by $c=h/\mathbf1^{\mathsf T}u$, the gaps tend to the *same* $\log(u_k/u_i)$ as with constant steps, for every such $h$, and
#
# $$
# T_kL_k\to\frac{\mathbf1^{\mathsf T}u}\eta\cdot\frac c{e^c-1} .
# $$ (eq-nod-lead)
# ```
#
# ```{prf:proof}
# A step is $z\leftarrow z+hK\tilde q$, $\tilde q_i=g_i/(nL)=q_i(1+O(L))$, because $g_i=e^{-z_i}(1+O(e^{-z_i}))$ and likewise for the loss. So $q_i\leftarrow q_ie^{-h(Kq+\varepsilon)_i}/\text{norm}$ with $|\varepsilon_i|=O(L)$: the exponentiated-gradient method for $F$. Let $M=\max K_{ii}$; as $K$ is positive definite, $|K_{ik}|\le M$.
#
# *The loss falls geometrically.* $S=\sum e^{-z_i}$ is multiplied by $\sum_iq_ie^{-x_i}$, $x_i=h(K\tilde q)_i$, and $|x_i|\le1$ eventually. There $e^{-x}\le1-x+(e-2)x^2$; moreover $(Kq)_i^2\le K_{ii}\,q^{\mathsf T}Kq$ (Cauchy–Schwarz). So the factor is at most $1-h\bigl(1-(e-2)hM\bigr)q^{\mathsf T}Kq+O(L)\le1-\frac h4\cdot\frac{\lambda_{\min}(K)}n+O(L)$, and $\sum_kL_k<\infty$.
#
# *Mirror descent.* Write $q$, $q'$ for consecutive ones and $\mathrm{KL}(p,q)=\sum p_i\log\frac{p_i}{q_i}$. From the form of $q'$, for every $p$ in the simplex, $h\langle Kq+\varepsilon,q'-p\rangle=\mathrm{KL}(p,q)-\mathrm{KL}(p,q')-\mathrm{KL}(q',q)$. By Pinsker's inequality $F(q')\le F(q)+\langle Kq,q'-q\rangle+\frac M2\|q'-q\|_1^2\le F(q)+\langle Kq,q'-q\rangle+M\,\mathrm{KL}(q',q)$, and $F(q)\le F(q^*)+\langle Kq,q-q^*\rangle$ by convexity. Added up, with $p=q^*$,
#
# $$
# \begin{aligned}
# h\{F(q')-F(q^*)\}\le{}&\mathrm{KL}(q^*,q)-\mathrm{KL}(q^*,q')\\
# &-(1-hM)\,\mathrm{KL}(q',q)+2h\|\varepsilon\|_\infty .
# \end{aligned}
# $$
#
# Summed over all steps the right-hand side is bounded. So $F(q)\to F(q^*)$, and since $F$ is strictly convex, $q\to q^*$. The conditions that characterise $q^*$ are those of $\hat a$ up to the factor $q^{*\mathsf T}Kq^*=1/\mathbf1^{\mathsf T}\hat a$.
#
# *If $u>0$,* $q^*=u/\mathbf1^{\mathsf T}u$ and $Kq^*=\mathbf1/\mathbf1^{\mathsf T}u$; and $z_i-z_k=\log(q_k/q_i)$. Since $L_k/L_l\to e^{-c(k-l)}$, $T_kL_k/L_0=\sum_{l<k}L_k/L_l\to\sum_{s\ge1}e^{-cs}=\frac1{e^c-1}$ (the terms are dominated by a geometric sequence), and $L_0=\frac h\eta=\frac{c\,\mathbf1^{\mathsf T}u}\eta$.
# ```
#
# The only trace of the shortcut is {eq}`eq-nod-lead`: at equal time, its margins are ahead by $\log\frac{e^c-1}c\approx\frac c2$, once and for all. The condition $hM<1$ is what the proof asks for; what the method needs near its fixed point is $h\lambda_{\max}(K\operatorname{diag}q^*)<2$, which for nearly orthogonal data is about $n$ times weaker, and we choose $h$ by that. A step costs $O(mn^2)$ in place of $O(mnd)$, since $W=W_0+CX$ and only the coefficients $C$ and the pre-activations change; and nothing overflows, since losses and weights $g_i$ are kept as logarithms.

# %%
fast = descend_logistic(start, X, y, eta, 300, clock="loss", records=300)
fast_at = np.array([np.interp(slow.log_time[1:], fast.log_time[1:], z) for z in fast.margins[1:].T]).T
claim("nod-clock", "constant against loss-normalised steps at equal time, largest difference relative to the largest margin",
      (np.abs(slow.margins[1:] - fast_at).max(axis=1) / slow.margins[1:].max(axis=1)).max(), at_most=0.012)

# %% mystnb={"figure": {"name": "fig-nod-clock", "caption": "Margins of the ten samples by 20 000 constant steps (dots) and by 300 loss-normalised ones (lines)."}, "image": {"alt": "Ten nearly parallel curves that rise with the logarithm of the time; rows of dots lie on them."}}
draw.plot_clock(slow, fast)
plt.show()

# %% [markdown]
# Now the whole journey: the leaky network of the beginning.

# %% mystnb={"figure": {"name": "fig-nod-margins", "caption": "Leaky ReLU. Above: margins less their mean; dots are the predicted gaps. Below: normalised margins, and the limit that they share."}, "image": {"alt": "Above, ten coloured curves that spread out until about time one thousand and then stay level, each towards its dot. Below, the ten curves run together as the time grows and join the dashed line."}}
draw.plot_margins(*leaky)
plt.show()

# %%
run, limit = leaky
z, log_t = run.margins[-1], run.log_time[-1]
c = step_for_gain(run.start, X, y, 0.15) * np.exp(run.log_loss[0]) / limit.u.sum()
tL = np.exp(log_t + run.log_loss[-1]) * step_for_gain(run.start, X, y, 0.15) / limit.u.sum()
norms = [np.linalg.norm(run.network(k).W) for k in (-2, -1)]
gap = np.log(limit.u.max() / limit.u.min())

# %%
claim("nod-far", "the time that 3000 steps reached, as a power of ten", log_t / np.log(10), at_least=180)
claim("nod-gaps", "largest error of a predicted gap at that time", np.abs(z - z.mean() - limit.gaps).max(), at_most=1e-10,
      source="loss-normalised steps")
claim("nod-lead", "$T\\,L$ over $\\mathbf{1}^T u/\\eta\\cdot c/(e^c-1)$", tL * np.expm1(c) / c, equals=1.0, tol=1e-9,
      source="loss-normalised steps")
claim("nod-norm", "growth of the norm per unit of $\\log t$ over $\\sqrt{\\mathbf{1}^T u}$",
      (norms[1] - norms[0]) / (log_t - run.log_time[-2]) / limit.norm_slope, equals=1.0, tol=1e-4)
claim("nod-equal", "relative spread $(\\max z-\\min z)/\\max z$ of the margins over $\\log(u_{max}/u_{min})/\\log t$",
      np.ptp(z) / z.max() * log_t / gap, equals=1.0, tol=0.01)


# %% [markdown]
# After 3000 steps the clock shows 10 to the power {glue:text}`far`. The gaps agree with the linear system to rounding, and $tL$ is {glue:text}`tl` of its limit for constant steps, as {eq}`eq-nod-lead` says. The relative spread is down to {glue:text}`spread-law`; at $t=10^6$ it is {glue:text}`spread-million` by the same law.
#
# ### Scrub the clock
#
# A smaller network of the same kind, six neurons a class and six inputs, followed in your browser by the same loss-normalised steps. Drag
# the time, first to {state}`where people stop <clock#t=5>`, then to {state}`the end <clock#t=190>`; and see what becomes of the theorem when
# the inputs are {state}`too much alike <clock#t=190&overlap=0.9>`, so that $u$ is not positive.
#
# ```{explorable} clock
# In the online book, and with JavaScript, the time can be dragged here from 1 to 10 to the power 190: the margins of six inputs become equal, and the stable ranks of both classes fall.
# ```
#
# ## Leaky ReLU: one direction per class
#
# Does the pattern freeze? For a leaky ReLU every sample always pulls every neuron, and if its own pull beats the others', all neurons of a class end up on the right side of it. For sufficiently orthogonal data this can be proved from the start, with constants.
#
# ```{prf:theorem} Leaky ReLU, from the start
# :label: thm-nod-leaky
#
# Let $0<\gamma\le1$, $R_0\le\|x_i\|\le R$, $p=\max_{i\ne k}|\langle x_i,x_k\rangle|$ and
#
# $$
# \begin{gathered}
# np<\frac{\gamma^3R_0^4}{8eR^2},\\
# \eta\le\frac{nm\log2}{2(R^2+2np)},\qquad|z_i(0)|\le1 .
# \end{gathered}
# $$ (eq-nod-hypothesis)
#
# Then the losses stay comparable, $g_k/g_i\le8eR^2/(\gamma R_0)^2$ at all times; after finitely many steps $D_{jri}=1$ if $j=y_i$ and $D_{jri}=\gamma$ if not, for ever; $L\to0$; $u>0$; and all conclusions of {prf:ref}`thm-nod-constant` hold.
# ```
#
# ```{prf:proof}
# Let $G_{ik}=\langle x_i,x_k\rangle$ and $\beta=\frac{2\eta}{nm}$. Since $\sigma(a')-\sigma(a)=\tilde D(a'-a)$ with $\tilde D\in[\gamma,1]$, a step {eq}`eq-nod-gd` changes $z_i$ by $\beta\sum_kg_ky_iy_kG_{ik}\theta_{ik}$ with $\theta_{ik}=\frac1{2m}\sum_{j,r}\tilde D_{jri}D_{jrk}\in[\gamma^2,1]$, switching or not.
#
# *Margins stay above $-1$.* If $z_i\le0$, then $g_i\ge\frac12$ and the change is at least $\beta(\frac12\gamma^2R_0^2-np)\ge0$. If $z_i>0$, it is at least $-\beta np\ge-\log2$.
#
# *They stay together:* $z_\mu-z_\nu\le M+\log2$ for all $\mu,\nu$, with $M=1+\log\frac{4R^2}{\gamma^2R_0^2}>2$. True at the start. Suppose it is true now. A pair with $z_\mu-z_\nu\le M$ grows apart by at most $\beta(R^2+2np)\le\log2$. A pair with $z_\mu-z_\nu>M$ does not grow apart: by $z_\nu\ge-1$,
#
# $$
# \frac{g_\nu}{g_\mu}=\frac{1+e^{z_\mu}}{1+e^{z_\nu}}\ge\tfrac12e^{z_\mu-\max(z_\nu,0)}\ge\tfrac12e^{M-1}=\frac{2R^2}{\gamma^2R_0^2} ;
# $$
#
# all $z_k\ge z_\mu-M-\log2>z_\nu-\log2$, so $g_k\le2g_\nu$; and so $z_\mu-z_\nu$ changes by at most $\beta(R^2g_\mu+2p\sum_kg_k-\gamma^2R_0^2g_\nu)\le\beta g_\nu(\frac12\gamma^2R_0^2+4np-\gamma^2R_0^2)\le0$, as $np\le\frac18\gamma^2R_0^2$.
#
# *Signs.* Hence $g_k/g_i\le e^{M+\log2}=8eR^2/(\gamma R_0)^2$. For each neuron $jy_i\langle w_{j,r},x_i\rangle$ changes by
#
# $$
# \begin{aligned}
# &\frac\eta{nm}\Bigl(D_{jri}g_iG_{ii}+\sum_{k\ne i}y_iy_kD_{jrk}g_kG_{ik}\Bigr)\\
# &\quad\ge\frac{\eta}{nm}\,g_i\Bigl(\gamma R_0^2-np\,\frac{8eR^2}{\gamma^2R_0^2}\Bigr),
# \end{aligned}
# $$ (eq-nod-pull)
#
# where the bracket is a positive constant. If $\sum_tg_i$ were finite for one $i$, it would be for all, $W$ and the margins would converge, and $g_i\not\to0$: a contradiction. So $jy_i\langle w_{j,r},x_i\rangle\to\infty$ for all $j,r,i$. From some time on all signs are those stated, and $z_i\to\infty$. Finally $np/R_0^2<\frac1{8e}$, and {prf:ref}`lem-nod-positive` (with $\kappa\le np/R_0^2$) gives $K\succ0$ and $u>0$.
# ```
#
# The hypothesis is nearly-orthogonality with $C=8e\gamma^{-3}$ (equal lengths), a constant that nobody should call sharp: ten Gaussian inputs, whose $C$ grows like $\sqrt d$, would need about {glue:text}`dimension` dimensions at slope 0.3. Along a *given* run one can check {eq}`eq-nod-pull` itself: where $\gamma\|x_i\|^2g_i>\sum_{k\ne i}|G_{ik}|g_k$ at all times, signs freeze. For slope 0.5 that is so in 784 dimensions; for 0.3, the slope of the figures, it is not, and the signs freeze all the same.

# %%
def smallest_pull(slope):
    """Own pull over the others', at the worst sample and step of a run."""
    margins, G = train(slope, X, y, 3000, records=3000)[0].margins, np.abs(X @ X.T)
    weights = np.exp(margins.min(axis=1, keepdims=True) - margins) / (1 + np.exp(-margins))
    return (slope * np.diag(G) * weights / (weights @ (G - np.diag(np.diag(G))))).min()

claim("nod-pull", "slope 0.5: own pull over the others' at worst, along the run", smallest_pull(0.5), at_least=1.0,
      source="eq. for the pull of a sample")
claim("nod-no-pull", "slope 0.3: the same, which decides nothing", smallest_pull(0.3), at_most=1.0)
claim("nod-signs", "slope 0.3: and yet all neurons end with the sign of their class",
      np.array_equal(run.network().pattern(X) == 1, np.repeat([1.0, -1.0], m)[:, None] * y > 0))

# %% [markdown]
# From then on all neurons of a class receive the *same* update, and the layer can be read off.
#
# ```{prf:theorem} Rank one, and how fast
# :label: thm-nod-rank-one
#
# Let the pattern be frozen with $D_{jri}$ independent of $r$. Split the block into its mean row and the rest, $W_j=\mathbf1\bar w_j^{\mathsf T}+N_j$. Then $N_j$ no longer changes. If $\|b_j\|\to\infty$, $b_j=\sqrt m\,\bar w_j$, and $\hat b_j=b_j/\|b_j\|$ converges, then
#
# $$
# \frac{\|W_j\|_F^2}{\|W_j\|_2^2}-1=\frac{\|N_j(I-\hat b_j\hat b_j^{\mathsf T})\|_F^2+o(1)}{\|b_j\|^2} .
# $$ (eq-nod-excess)
#
# Under {prf:ref}`thm-nod-constant`, if $W_{\infty,j}\ne0$, $\|b_j\|\sim\|W_{\infty,j}\|_F\log t$; with Gaussian initial weights, $m\ge2$ and $d>n$, the stable rank of that class is then, with probability one, $1+\Theta(1/\log^2t)$. Under {prf:ref}`thm-nod-leaky` both $W_{\infty,\pm}\ne0$.
# ```
#
# ```{prf:proof}
# The update {eq}`eq-nod-gd` has equal rows. Since $\mathbf1^{\mathsf T}N=0$, $W^{\mathsf T}W=bb^{\mathsf T}+N^{\mathsf T}N$ and $\|W\|_F^2=\|b\|^2+\|N\|_F^2$. First-order perturbation of the simple eigenvalue $\|b\|^2$, which is far from the rest, gives $\|W\|_2^2=\|b\|^2+\|N\hat b\|^2+O(\|N\|^4/\|b\|^2)$. So the excess is $(\|N\|_F^2-\|N\hat b\|^2)/\|b\|^2+O(\|b\|^{-4})$. Its numerator converges, to a positive number unless all rows of $N$ are multiples of $\lim\hat b$. With Gaussian weights they are not, with probability one if $m\ge2$ and $d>n$: the components of $N_j$ orthogonal to the inputs are never changed, and $\lim\hat b$ lies in the span of the inputs.
#
# Under {prf:ref}`thm-nod-leaky` let $v_\pm$ be the rows of $W_{\infty,\pm}$ and $s_\pm=\sum_{y_i=\pm1}u_ix_i$, so that $mv_+=s_+-\gamma s_-$ and $mv_-=s_--\gamma s_+$. If $v_+=0$, then $s_+=\gamma s_-$ and $mv_-=(1-\gamma^2)s_-$. Every sample of class $+$ has margin $z_i/\log t\to1$, and $z_i=\langle v_+,x_i\rangle-\gamma\langle v_-,x_i\rangle$ to first order in $\log t$; so $\sum_{y_i=1}u_i=-\gamma\langle v_-,s_+\rangle=-\frac{\gamma^2(1-\gamma^2)}m\|s_-\|^2\le0$, and as $u>0$ there is no such sample. Then $s_+=0=\gamma s_-$ and $W_\infty=0$, which is impossible. Likewise for $v_-$.
# ```
#
# For the layer as a whole, two directions remain: $v_+$ and $v_-$, the rows of $W_\infty$, with $v_j=\frac jm\sum_iD_{ji}u_iy_ix_i$.
#
# ```{prf:corollary} The whole matrix
# :label: cor-nod-whole
#
# Let $0<\gamma\le1$, $u>0$, and the pattern be frozen at $D_{jri}=1$ for $j=y_i$ and $\gamma$ for $j\ne y_i$, with the hypotheses of {prf:ref}`thm-nod-constant`. The stable rank of $W$ tends to $(\|v_+\|^2+\|v_-\|^2)/\lambda_{\max}$, where $\lambda_{\max}$ is the largest eigenvalue of the Gram matrix of $v_+,v_-$. For orthogonal inputs of equal length, half of them in each class, this is $\dfrac{2(1+\gamma^2)}{(1+\gamma)^2}$.
# ```
#
# ```{prf:proof}
# $W_\infty$ has $m$ rows $v_+$ and $m$ rows $v_-$. With $s_\pm=\sum_{y_i=\pm1}u_ix_i$: $mv_+=s_+-\gamma s_-$ and $mv_-=s_--\gamma s_+$. In the orthogonal case $K_{ii}=(1+\gamma^2)\|x_i\|^2/m$, $u$ is constant, $s_\pm$ are orthogonal and of equal length $s$, and the Gram matrix is $\frac{s^2}{m^2}\begin{pmatrix}1+\gamma^2&-2\gamma\\-2\gamma&1+\gamma^2\end{pmatrix}$ with eigenvalues $\frac{s^2}{m^2}(1\pm\gamma)^2$.
# ```
#
# The larger $\gamma$, the closer the layer is to one direction $s_+-s_-$ with opposite signs in the two classes, as in a linear network ($\gamma=1$).

# %%
blocks = [run.network(k).blocks[0] for k in range(len(run.steps))]
excess = np.array([rank_one_excess(block) for block in blocks])
scale = np.linalg.norm(limit.direction[:m]) ** 2
N = blocks[-1] - blocks[-1].mean(axis=0)

# %% mystnb={"figure": {"name": "fig-nod-excess", "caption": "Stable rank of the leaky neurons of one class, less 1, against time, with both sides of the theorem and its final rate."}, "image": {"alt": "Dots on a red curve on logarithmic axes. They fall steeply at first, from 0.2, and then follow a dotted straight line of slope minus two to ten to the minus seven."}}
draw.plot_excess(run, excess, ((N**2).sum() - ((N @ limit.direction[0]) ** 2).sum() * m / scale) / scale)
plt.show()

# %%
late = run.steps > 1500
steep = np.polyfit(np.log(run.log_time[late]), np.log(excess[late]), 1)[0]
before = blocks[np.argmax(late)]
now = [(stable_rank(block) - 1) / rank_one_excess(block) for block in run.network().blocks]
claim("nod-excess", "stable rank less 1 over its asymptotic expression at the end, the block that is further off",
      max(now, key=lambda ratio: abs(ratio - 1)), equals=1.0, tol=1e-4, source="rank one, and how fast")
claim("nod-rate", "slope of $\\log(\\text{stable rank}-1)$ against $\\log\\log t$ over the last half of the steps", steep,
      equals=-2.0, tol=0.1, source="rank one, and how fast")
claim("nod-conserved", "relative change of $N_+$ over the last half of the steps",
      np.abs(before - before.mean(axis=0) - N).max() / np.abs(N).max(), at_most=1e-8)


# %% [markdown]
# ## ReLU: bounded, not one
#
# For $\gamma=0$ a neuron that is off on a sample feels nothing of it. On exactly orthogonal data that decides everything at the start.
#
# ```{prf:theorem} ReLU, orthogonal inputs
# :label: thm-nod-relu
#
# Let the $x_i$ be orthogonal and non-zero, $\gamma=0$, $\eta>0$, and let $\alpha_i>0$ be the fraction of the neurons of class $y_i$ that are active on $x_i$ at the start, $\alpha_{ik}$ the fraction active on both. Then $L\to0$, the pattern freezes after finitely many steps at $D_{jri}=1$ where $j=y_i$ and $\langle w_{j,r}(0),x_i\rangle>0$, and $0$ elsewhere, and $u_i=m/(\alpha_i\|x_i\|^2)$. With $c_i=1/\|x_i\|$ the stable rank of $W_j$ tends to
#
# $$
# \frac{\sum_ic_i^2/\alpha_i}{\lambda_{\max}\bigl(\bigl[c_ic_k\,\alpha_{ik}/(\alpha_i\alpha_k)\bigr]_{ik}\bigr)}\ \le\ \frac1{\min\alpha_i}
# $$ (eq-nod-relu)
#
# ($i,k$ in class $j$, $\alpha_{ii}=\alpha_i$).
#
# As $m\to\infty$ with Gaussian initial weights, it tends to $2\sum c^2/\lambda_{\max}(\operatorname{diag}c^2+cc^{\mathsf T})<2$, which for $n_j$ inputs of equal length is $\dfrac{2n_j}{n_j+1}$.
# ```
#
# ```{prf:proof}
# By {eq}`eq-nod-gd`, $\langle w_{j,r},x_i\rangle$ changes by $\frac{\eta}{nm}jy_ig_iD_{jri}\|x_i\|^2$: only sample $i$ moves it, and only if it is positive. If it is positive and $j=y_i$, it grows and stays positive. If it is not positive, it stays as it is. If it is positive and $j\ne y_i$, it falls by $\frac{\eta}{nm}g_i\|x_i\|^2$ a step until it is not. Now $\sum_tg_i=\infty$: otherwise $z_i$, which depends on these products only, would stay bounded, and $g_i\not\to0$. So wrong neurons are off after finitely many steps, and $z_i\to\infty$. The kernel is diagonal, $K_{ii}=\alpha_i\|x_i\|^2/m$.
#
# The rows of $W_\infty$ in class $j$ are $\sum_iD_{jri}\frac{x_i}{\alpha_i\|x_i\|^2}$. In the orthonormal basis $x_i/\|x_i\|$ the block is $\bigl(D_{jri}c_i/\alpha_i\bigr)_{r,i}$, and its Gram matrix divided by $m$ is the one in {eq}`eq-nod-relu`, with trace $\sum c_i^2/\alpha_i$. Its largest eigenvalue is at least $\sum c_i^2$: apply the transposed block to $\mathbf1/\sqrt m$, which gives $\sqrt m\,c$. That is the inequality. For orthogonal inputs the events $\langle w,x_i\rangle>0$ are independent, so $\alpha_i\to\frac12$, $\alpha_{ik}\to\frac14$ for $i\ne k$, and the matrix tends to $\operatorname{diag}c^2+cc^{\mathsf T}$, whose form at $c$ exceeds $\|c\|^4$. For equal lengths its largest eigenvalue is $c^2(1+n_j)$.
# ```
#
# ```{prf:proposition} Not the largest margin
# :label: prop-nod-margin
#
# On orthogonal inputs, none of them zero, the largest normalised margin of any $W$ is $\bigl(\frac m{1+\gamma^2}\sum\|x_i\|^{-2}\bigr)^{-1/2}$. Gradient descent attains it in the limit if $\gamma>0$, with any step size $\eta>0$ and from any start. For the ReLU, with $\alpha_i>0$ as in {prf:ref}`thm-nod-relu`, it attains only $\bigl(m\sum\frac1{\alpha_i\|x_i\|^2}\bigr)^{-1/2}$: with $\alpha_i=\alpha$ for all $i$, a fraction $\sqrt\alpha\approx\sqrt{1/2}$ of the best.
# ```
#
# ```{prf:proof}
# Let all $z_i\ge1$ and $s_{jr}=\langle w_{j,r},x_i\rangle$. As $\sigma(s)\le|s|$ and $-\sigma(s)\le\gamma|s|$, $m\le\sum_r|s_{y_ir}|+\gamma\sum_r|s_{-y_ir}|\le\sqrt{m(1+\gamma^2)}\,\bigl(\sum_{j,r}s_{jr}^2\bigr)^{1/2}$. So $\sum_{j,r}\langle w_{j,r},x_i\rangle^2/\|x_i\|^2\ge\frac m{(1+\gamma^2)\|x_i\|^2}$, and by orthogonality the sum over $i$ is at most $\|W\|_F^2$. Equality holds for the rows $w_{j,r}=\frac1{1+\gamma^2}\sum_i\bigl(1[j=y_i]-\gamma1[j\ne y_i]\bigr)x_i/\|x_i\|^2$. By {prf:ref}`thm-nod-constant` gradient descent reaches $(\mathbf1^{\mathsf T}u)^{-1/2}$. For $\gamma>0$ and orthogonal inputs $jy_i\langle w_{j,r},x_i\rangle$ grows by $\frac\eta{nm}D_{jri}g_i\|x_i\|^2\ge\frac{\eta\gamma}{nm}g_i\|x_i\|^2$ a step, and $\sum_tg_i=\infty$, since otherwise $z_i$ would stay bounded and $g_i\not\to0$. So all signs freeze as in {prf:ref}`thm-nod-leaky`, $L\to0$, $K$ is diagonal, and $u_i=\frac m{(1+\gamma^2)\|x_i\|^2}$. For the ReLU see {prf:ref}`thm-nod-relu`.
# ```
#
# The reason is visible: half of the neurons of the class are off on $x_i$ and could carry it too; no gradient tells them.

# %%
def orthogonal_run(slope, size, width=400, steps=1500):
    X = orthogonal_inputs(2 * size, 784, seed=1)
    y = np.repeat([1.0, -1.0], size)
    net = signed_network(784, width, slope, seed=size)
    return X, y, descend_logistic(net, X, y, step_for_gain(net, X, y, 0.2), steps, clock="loss", records=2)

leaky_end = {g: stable_rank(orthogonal_run(g, 5, 100, 2200)[2].network().W) for g in (0.1, 0.3, 0.6, 0.9)}
relu_end = {k: orthogonal_run(0.0, k) for k in (2, 5, 10, 20)}
measured = {k: [stable_rank(block) for block in end.network().blocks] for k, (_, _, end) in relu_end.items()}
exact = {k: asymptotics(*run[:2], run[2].mean_pattern).block_ranks for k, run in relu_end.items()}

# %% mystnb={"figure": {"name": "fig-nod-forms", "caption": "Orthogonal inputs of equal length: stable ranks after training (dots) and the closed forms (lines). Right, the two classes of networks with $m=400$."}, "image": {"alt": "Left, a curve that falls from 2 at slope 0 to 1 at slope 1 with four dots on it. Right, a curve that rises from 1 towards 2 with the class size, and pairs of dots close to it."}}
draw.plot_closed_forms(leaky_end, measured)
plt.show()

# %% tags=["nbval-check-output"]
for g, value in leaky_end.items():
    print(f"leaky, slope {g}:  whole matrix {value:.3f}   formula {leaky_stable_rank(g):.3f}")
for k, pair in measured.items():
    print(f"ReLU, {k:2d} a class:  one class  {np.mean(pair):.2f}    formula {relu_stable_rank(np.ones(k)):.2f}")

# %%
share = {}
for k, (Z, labels, end) in relu_end.items():
    final = end.network()
    reached = (labels * final(Z)).min() / np.linalg.norm(final.W)
    share[k] = reached * np.sqrt(400 * len(Z))
claim("nod-leaky-whole", "whole leaky matrix, four slopes: largest difference from $2(1+\\gamma^2)/(1+\\gamma)^2$",
      max(abs(value - leaky_stable_rank(g)) for g, value in leaky_end.items()), at_most=1e-3, source="the whole matrix")
claim("nod-relu-exact", "ReLU classes: largest difference from the limit for the network's own $\\alpha_i$, $\\alpha_{ik}$",
      max(np.abs(np.subtract(measured[k], exact[k])).max() for k in exact), at_most=5e-4, source="ReLU, orthogonal inputs")
claim("nod-relu-wide", "and from $2n_j/(n_j+1)$, the limit for wide networks",
      max(np.abs(np.array(pair) - relu_stable_rank(np.ones(k))).max() for k, pair in measured.items()), at_most=0.08)
claim("nod-margin", "normalised margin of the ReLU networks over the largest possible, mean of four",
      np.mean(list(share.values())), equals=np.sqrt(0.5), tol=0.015, source="not the largest margin")

# %% [markdown]
# In the *whole* matrix the two classes of a ReLU network use orthogonal directions, so its stable rank on such data tends to $(\|W_+\|_F^2+\|W_-\|_F^2)/\max(\|W_+\|_2^2,\|W_-\|_2^2)$: about twice that of a class if the classes are alike, and below 4 for wide networks. "Bounded by a constant" leaves room for that.
#
# ### Neurons that hover
#
# Off orthogonality a wrong-class ReLU neuron need not stay off. Where a sample pushes it below its kink and its neighbours of the other class lift it above, it hovers at $\langle w_{j,r},x_i\rangle\approx0$ and goes on switching, and the pattern does not freeze. What counts then is its *average*.
#
# ```{prf:proposition} Averaged patterns
# :label: prop-nod-hover
#
# Run loss-normalised gradient descent, $k$ steps, $k\to\infty$. Suppose that $L\to0$, that $q$ converges to some $q^*>0$, that each pair of neuron and sample either keeps its slope from some step on, or has $\langle w_{j,r},x_i\rangle=o(k)$, and that the averages $\bar D_{jri}$ of the slopes over the steps exist. If $\bar K$, the kernel {eq}`eq-nod-kernel` of $\bar D$, is invertible, then $q^*\propto\bar K^{-1}\mathbf1$: the gaps tend to $\log(\bar u_k/\bar u_i)$ with $\bar u=\bar K^{-1}\mathbf1$.
# ```
#
# ```{prf:proof}
# In $k$ steps $w_{j,r}$ moves by $\frac{hj}{m}\sum_l\sum_{i}q_iy_iD_{jri}x_i$ (up to terms that vanish relative to $k$, since $\tilde q\to q^*$ as $L\to0$), so $\frac1kw_{j,r}\to\frac{hj}m\sum_iq^*_iy_i\bar D_{jri}x_i$. The output adds $\sigma(\langle w_{j,r},x_i\rangle)$, which over $k$ tends to $\bar D_{jri}\lim\frac1k\langle w_{j,r},x_i\rangle$: for a pair that keeps its slope because $D=\bar D$, for one that hovers because the limit is $0$. So $\frac1kz_i\to h(\bar Kq^*)_i$. As $q^*>0$, differences $z_i-z_k$ stay bounded, and all entries of $\bar Kq^*$ are equal.
# ```
#
# This is a consistency statement, not a proof of convergence. It can be tested: the ReLU run of the beginning, with the average over its last quarter.

# %%
hover, averaged = relu
snapshot = asymptotics(X, y, hover.network().pattern(X))
gaps = hover.margins[-1] - hover.margins[-1].mean()
pairs = (hover.mean_pattern > 0.01) & (hover.mean_pattern < 0.99)
claim("nod-hover", "ReLU: largest error of a gap predicted from the averaged pattern", np.abs(gaps - averaged.gaps).max(),
      at_most=0.01, source="averaged patterns")
claim("nod-hover-snapshot", "and from the pattern at the last step", np.abs(gaps - snapshot.gaps).max(), at_least=0.02)

# %% [markdown]
# {glue:text}`hovering` of all pairs hover, and they matter: the pattern of a single step misses the gaps, the averaged one does not.
#
# ## Experiment: several slopes, 200 epochs and for ever
#
# **Question.** What does one see in the 200 epochs of the paper's experiment, as we remember it, and what would one see later? The length of $\mu$ and $\sigma_0$ are our choice: $\|\mu\|=2.5$, $\sigma_0=10^{-3}$. **Prediction.** Stable ranks order by slope, ReLU above all. The blocks of leaky networks tend to 1, but the whole matrix to the number of {prf:ref}`cor-nod-whole`, which for inputs with a common mean is smaller than for orthogonal ones. *Falsified by* another order, or by a whole matrix that goes on falling to 1.

# %%
slopes = (0.0, 0.1, 0.3, 0.5, 0.8)
Xm, ym = mixture(n, d, mean=2.5, noise=0.25, seed=0)
short = {g: descend_logistic(signed_network(d, m, g, 1e-3), Xm, ym, 0.1, 200, records=40) for g in slopes}
long = {g: train(g, Xm, ym, 2000, scale=1e-3, records=40) for g in slopes}

# %% mystnb={"figure": {"name": "fig-nod-slopes", "caption": "Stable rank of the whole matrix for five slopes, in the first 200 epochs with $\\eta=0.1$ (above) and later (below; the axis ends at $t=10^{200}$)."}, "image": {"alt": "Above, five curves that fall from about 90 within a few dozen epochs and level off in the order of their slopes, ReLU highest. Below, they settle at five different levels between 1 and 1.5."}}
draw.plot_slopes_of_activation(short, {g: pair[0] for g, pair in long.items()})
plt.show()

# %% tags=["nbval-check-output"]
print("slope   200 epochs   past 10^190   predicted   a class")
early = {g: stable_rank(short[g].network().W) for g in slopes}
late = {g: stable_rank(long[g][0].network().W) for g in slopes}
for g in slopes:
    block = max(map(stable_rank, long[g][0].network().blocks))
    print(f"{g:4.1f}      {early[g]:.2f}         {late[g]:.2f}        {long[g][1].whole_rank:.2f}       {block:.2f}")

# %%
claim("nod-order", "stable rank after 200 epochs, smallest ratio of one slope's to the next one's",
      min(early[a] / early[b] for a, b in itertools.pairwise(slopes)), at_least=1.01)
claim("nod-late", "whole matrix at the end over its predicted limit, largest deviation",
      max(abs(late[g] / long[g][1].whole_rank - 1) for g in slopes), at_most=0.01, source="the whole matrix")


# %% [markdown]
# **What we see.** Two hundred epochs show the order of the limits, and nearly their values. None of the five tends to 1: it is the block of a class that becomes of rank one, here even for the ReLU, since the common mean ends by switching on all neurons of a class.
#
# ## Experiment: real digits
#
# Digits are not nearly orthogonal, centred ones neither ($C$ well below 1). **Question.** Do margins still become equal? **Prediction**, from {prf:ref}`thm-nod-constant` and {prf:ref}`prop-nod-hover`: if and only if $u>0$ for the (averaged) pattern; otherwise $1-\min z_i/\max z_i$ tends to the spread of $K\hat a$, which can be computed (an extrapolation where pairs hover and $u\not>0$). And there is a **repair**: give each sample a coordinate of its own, orthogonal to all others, with a share $s$ of its squared length. Inner products of different samples shrink by $1-s$, and for $s$ near 1 everything above applies. *Falsified by* margins that become equal with some $u_i<0$, or that stay apart with $u>0$.

# %%
def digits(size, seed):
    task = digit_pair(3, 5, size, seed=seed, dataset="auto")
    return task.X - task.X.mean(axis=0), task.y, task.dataset

study = {}
for size, seed in [(size, seed) for size in (10, 20, 40) for seed in range(3)]:
    Z, labels, used = digits(size, seed)
    for s in (0.0, 0.5, 0.9):
        study[size, seed, s] = train(0.3, append_coordinates(Z, s), labels, 1600, seed=seed, records=33)
print(f"{used}: {Z.shape[1]} pixels, near-orthogonality C = {near_orthogonality(Z):.2f} for n = 40")

# %% [markdown]
# If this line says `digits`, MNIST could not be had on the machine that built the page, and the section ran on the 8×8 digits of scikit-learn. The checked lines below hold for both; the table, the figure and the sentences about them describe MNIST.

# %% mystnb={"figure": {"name": "fig-nod-digits", "caption": "Spread $1-\\min z_i/\\max z_i$ of the margins on digits 3 and 5, first seed; dotted, where it is predicted to stop."}, "image": {"alt": "Three panels for ten, twenty and forty samples. The green curve, share 0.9, falls all the way in each. Curves that have a dotted line of their colour level off on it; the others keep falling."}}
draw.plot_spreads({f"$n={size}$": {f"share {s:g}": study[size, 0, s] for s in (0.0, 0.5, 0.9)} for size in (10, 20, 40)})
plt.show()


# %% tags=["nbval-check-output", "needs-mnist"]
def rates(run):
    """Growth of the margins per unit of log t at the end."""
    return (run.margins[-1] - run.margins[-3]) / (run.log_time[-1] - run.log_time[-3])

print(" n  share   u > 0   predicted spread   spread of the rates   limit of the rank of a class")
for size in (10, 20, 40):
    for s in (0.0, 0.5, 0.9):
        group = [study[size, seed, s] for seed in range(3)]
        limits, growth = [pair[1].spread for pair in group], [1 - rates(run).min() / rates(run).max() for run, _ in group]
        rank = max(max(limit.block_ranks) for _, limit in group)
        print(f"{size}   {s:.1f}    {sum(limit.equal_margins for _, limit in group)} of 3   {min(limits):.2f} to {max(limits):.2f}"
              f"       {min(growth):.2f} to {max(growth):.2f}            {rank:.1f}")

# %%
spread = {key: 1 - rates(run).min() / rates(run).max() for key, (run, _) in study.items()}
equal = {key: limit.equal_margins for key, (_, limit) in study.items()}
far_from = {key: near_orthogonality(study[key][0].X) for key in study if key[2] < 0.9 and equal[key]}
claim("nod-digits", "spread of the growth rates of margins against its prediction, largest difference of 27 runs",
      max(abs(spread[key] - study[key][1].spread) for key in study), at_most=0.01, source="averaged patterns")
claim("nod-digits-equal", "largest spread of the rates where $u>0$", max(spread[k] for k in study if equal[k]), at_most=0.005)
claim("nod-digits-unequal", "smallest where some $u_i<0$", min(spread[k] for k in study if not equal[k]), at_least=0.02)
claim("nod-repair", "share 0.9: all nine have $u>0$", all(equal[key] for key in study if key[2] == 0.9))
claim("nod-repair-rank", "share 0.9: largest limit of the stable rank of a class, less 1",
      max(max(study[k][1].block_ranks) for k in study if k[2] == 0.9) - 1, at_most=0.01)

# %% [markdown]
# **What we see.** The criterion $u>0$ decides, in all 27 runs; and where it fails, the margins stay as far apart as $\hat a$ says. Near-orthogonality is far from necessary for equal margins: of the 18 runs with a share below 0.9, {glue:text}`equal-count` have $u>0$, with $C$ from {glue:text}`equal-c`. It matters more for the *rank*: on unrepaired MNIST images neurons of one class may freeze in different patterns, and then a class need not become of rank one even if the margins become equal (the last column is computed from the pattern at the end).
#
# ## Large steps and initial scales
#
# In {ref}`mnist-tightness` the step size decided how sharp a minimum could be, and the sharpness went up to $2/\eta$. **Question.** What does a large step do here?
#
# **Predictions.**
#
# 1. *No edge of stability.* By {eq}`eq-nod-margins` $g_i\approx nu_i/(\eta t)$ at late times, and the Hessian has the eigenvalues of $\frac1n\,S^{1/2}KS^{1/2}$ with $S=\operatorname{diag}g_i(1-g_i)$. So $\frac12\eta\lambda_{\max}(\nabla^2L)\approx\frac1{2t}\lambda_{\max}(U^{1/2}KU^{1/2})$, $U=\operatorname{diag}u$: after $t$ steps the distance from the edge is the same for *every* step size.
# 2. *The limit forgets the step, leaky networks first of all.* Their frozen pattern is given by the labels, and $W_\infty$ does not contain $\eta$.
# 3. *But a large step slows the approach to rank one.* The first step is made with the pattern of the start, which is random. It moves row $r$ by $\frac{\eta j}{2nm}\sum_iy_iD_{jri}x_i$ with independent $D_{jri}\in\{\gamma,1\}$ of variance $\frac14(1-\gamma)^2$ (orthogonal inputs; $g_i\approx\frac12$). If that step is already decisive, all later rows are equal, and with classes of equal size, where the covariance with $W(0)$ cancels, $\mathbb E\|N_j\|_F^2$ is as in {eq}`eq-nod-memory`. What the stable rank remembers, by {eq}`eq-nod-excess`, is the longer of the start and of the first step. A larger $\eta$ makes the layer of *higher* rank at equal $t$, in contrast with what "large steps find simple solutions" suggests.
# 4. *ReLU:* on orthogonal data the limit does not depend on $\eta$ ({prf:ref}`thm-nod-relu`). On other data we have no theorem.
#
# $$
# \begin{gathered}
# \mathbb E\|N_j\|_F^2=(m-1)\Bigl\{\sigma_0^2d+\rho^2\sum_i\|x_i\|^2\Bigr\},\\
# \rho=\frac{\eta(1-\gamma)}{4nm} .
# \end{gathered}
# $$ (eq-nod-memory)
#
# This is one formula for the step and the initial scale.
#
# *Falsified by* a sharpness that stays near $2/\eta$; limits that depend on $\eta$ in 2; $\|N\|^2$ that does not grow like $\eta^2$.

# %%
etas = np.array([10.0, 30, 100, 300, 1000, 3000, 10_000])
scales = (1e-3, 1e-2, 1e-1)
after = {(s, e): descend_logistic(signed_network(d, m, 0.3, s), X, y, e, 200, records=2).network() for s in scales for e in etas}

def deviation(net):
    return ((net.blocks[0] - net.blocks[0].mean(axis=0)) ** 2).sum()

memory = {s: (etas, np.array([deviation(after[s, e]) for e in etas]),
              (m - 1) * (s**2 * d + (0.7 * etas / (4 * n * m)) ** 2 * (X**2).sum())) for s in scales}
rank = np.array([stable_rank(after[1e-2, e].blocks[0]) for e in etas]) - 1
edge = np.array([e * logistic_sharpness(after[1e-2, e], X, y) / 2 for e in etas])

# %% mystnb={"figure": {"name": "fig-nod-steps", "caption": "Leaky ReLU, 200 constant steps. Left: what the rows of a class remember, for three initial scales, and the prediction (lines). Right: initial scale $0.01$."}, "image": {"alt": "Left, three curves that are level and then rise with slope two, dots on them; the smaller the initial scale the earlier they rise. Right, the stable rank minus one falls and then rises again with the step size, while the distance from the edge of stability becomes level at 0.003."}}
draw.plot_large_steps(memory, (etas, rank), (etas, edge))
plt.show()


# %%
def limit_after(net, X, y):
    run = descend_logistic(net, X, y, step_for_gain(net, X, y, 0.15), 800, clock="loss", records=2)
    return asymptotics(X, y, run.mean_pattern)

leaky_limits = [limit_after(after[1e-2, e], X, y).whole_rank for e in etas[[0, 3, 6]]]
root = np.sqrt(limit.u)
claim("nod-edge", "$\\eta\\lambda_{max}/2$ after 200 steps over its prediction, largest deviation, $\\eta\\ge100$",
      np.abs(edge[2:] * 400 / np.linalg.eigvalsh(root[:, None] * limit.kernel * root)[-1] - 1).max(), at_most=0.15)
claim("nod-memory", "$\\|N_+\\|^2$ over its prediction, three initial scales, seven steps: largest deviation",
      max(np.abs(measured / predicted - 1).max() for _, measured, predicted in memory.values()), at_most=0.15,
      source="what the rows remember")
claim("nod-rank-falls", "stable rank less 1 at $\\eta=10$ over its smallest", rank[0] / rank.min(), at_least=10)
claim("nod-rank-rises", "and at $\\eta=10^4$ over its smallest", rank[-1] / rank.min(), at_least=10)
claim("nod-start-edge", "$\\eta\\lambda_{max}/2$ at the start for $\\eta=10^4$: beyond the edge",
      1e4 * logistic_sharpness(signed_network(d, m, 0.3, 1e-2), X, y) / 2, at_least=1)
claim("nod-forget", "leaky: difference of the limits of the stable rank for $\\eta=10,300,10^4$", np.ptp(leaky_limits), at_most=1e-9)


# %% [markdown]
# **What we see** ({numref}`fig-nod-steps`). Prediction 2 holds. Prediction 1 holds for $\eta\ge100$; with smaller steps $t=200$ is not yet late. Even $\eta=10^4$, which began beyond the edge of stability, is as far below it after 200 steps as every other $\eta\ge100$: the loss flattens faster than the weights move. Of prediction 3 the formula for $\|N\|^2$ holds, and its last sentence fails: the rank first *falls* with $\eta$, at this initial scale until about $\eta=300$, and only then rises. We had forgotten the denominator of {eq}`eq-nod-excess`. While the start dominates $\|N_j\|$, a larger step only lengthens $b_j$, which grows like $\log(\eta t)$; once $\rho^2\sum\|x_i\|^2$ exceeds $\sigma_0^2d$, what the first step leaves behind wins.
#
# Now the ReLU, on six draws of Gaussian and one of orthogonal inputs.

# %%
def relu_limits(X, y, seed):
    net = signed_network(d, m, 0.0, seed=seed)
    return [limit_after(descend_logistic(net, X, y, e, 50, records=2).network(), X, y) for e in (1.0, 1e4)]

gauss = [relu_limits(*mixture(n, d, 0.0, 1 / np.sqrt(d), seed), seed) for seed in range(6)]
ortho = relu_limits(orthogonal_inputs(n, d), y, 0)
drop = [small.whole_rank - large.whole_rank for small, large in gauss]
gain = [small.norm_slope / large.norm_slope for small, large in gauss]

# %%
own = [np.mean([pair[j].kernel.diagonal() for pair in gauss]) for j in (0, 1)]
claim("nod-relu-orthogonal", "ReLU, orthogonal: limit of the whole matrix at $\\eta=1$ less that at $10^4$",
      abs(ortho[0].whole_rank - ortho[1].whole_rank), at_most=1e-9, source="ReLU, orthogonal inputs")
claim("nod-relu-step", "ReLU, Gaussian: the same, smallest of six draws", min(drop), at_least=0.02)
claim("nod-relu-gain", "and the limit of the normalised margin at $\\eta=10^4$ over that at 1, smallest of six", min(gain),
      at_least=1.01)
claim("nod-relu-wake", "mean of $K_{ii}$, which counts active neurons, at $\\eta=10^4$ over that at 1", own[1] / own[0],
      at_least=1.02)

# %% [markdown]
# **What we see.** On orthogonal data the ReLU's limit is the same to rounding. On Gaussian inputs the step *does* leave a trace, through the pattern: a large step wakes neurons that were off, since it throws a neuron by the sum of *all* its samples, far beyond its initial position. In all six draws the large step ends with a lower stable rank (by {glue:text}`relu-drop`) and a larger margin (by {glue:text}`relu-gain`). So this is what remains here of the step size's influence: not a ceiling on sharpness, as in chapters 1 to 4, but a choice of pattern, made in the first few steps.
#
# ```{admonition} Beyond the paper
# :class: beyond
#
# Derived here, without having read the paper, so that some of it may be there: all constants of {prf:ref}`thm-nod-constant` and its proof for discrete steps, without the flow; {prf:ref}`thm-nod-fast` with its lead; {prf:ref}`thm-nod-leaky` with its constants; the law {eq}`eq-nod-excess`; the limits $2(1+\gamma^2)/(1+\gamma)^2$ and $2n_j/(n_j+1)$; the averaged pattern; the limit of the margins where $u\not>0$; and what large steps do. Not new: that gradient descent on the logistic loss tends, in linear models, to a direction of maximum margin, with $W_t-W_\infty\log t$ bounded ({cite:t}`soudry2018implicit`, from memory), and steps that grow as the loss falls ({cite:t}`nacson2019convergence` and {cite:t}`lyu2020gradient`, from memory).
# ```

# %% tags=["remove-cell"]
glue("far", f"{log_t / np.log(10):.0f}", display=False)
glue("tl", f"{tL:.3f}", display=False)
glue("spread-law", f"{100 * gap / log_t:.2f} %", display=False)
glue("spread-million", f"{100 * gap / np.log(1e6):.1f} %", display=False)
glue("dimension", f"{d * (8 * np.e / 0.3**3 / near_orthogonality(X)) ** 2:.0e}", display=False)
thousand = slow.margins[np.argmin(np.abs(slow.log_time - np.log(1000)))]
glue("spread-thousand", f"{100 * (1 - thousand.min() / thousand.max()):.0f} %", display=False)
glue("hovering", f"{100 * pairs.mean():.1f} %", display=False)
glue("equal-count", str(len(far_from)), display=False)
glue("equal-c", f"{min(far_from.values()):.2f} to {max(far_from.values()):.2f}", display=False)
glue("relu-drop", f"{min(drop):.2f} to {max(drop):.2f}", display=False)
glue("relu-gain", f"{100 * (min(gain) - 1):.0f} % to {100 * (max(gain) - 1):.0f} %", display=False)

# %% [markdown]
# ## Summary
#
# 1. Once the pattern is frozen, everything is in $u=K^{-1}\mathbf1$: if $u>0$, $z_i=\log t+\log\frac{\eta}{nu_i}+o(1)$, $tL\to\mathbf1^{\mathsf T}u/\eta$ and $\|W\|/\log t\to\sqrt{\mathbf1^{\mathsf T}u}$; if not, $\hat a$ takes its place and margins stay apart.
# 2. Loss-normalised steps have the same limits and a constant lead $\log\frac{e^c-1}c$; 3000 of them stand for more than $10^{180}$ constant ones.
# 3. Leaky ReLU, if all neurons of a class end with the same pattern (proved for sufficiently orthogonal data): each class tends to rank one, like $1/\log^2t$ with a known constant; the whole matrix does not, but to $2(1+\gamma^2)/(1+\gamma)^2$ on balanced orthogonal data.
# 4. ReLU, orthogonal inputs: the stable rank of a class tends to a limit below $1/\min\alpha_i$, in wide networks to $2n_j/(n_j+1)$ (equal lengths), at about $\sqrt{1/2}$ of the largest margin.
# 5. A large step finds no flatter place here: the limit forgets it, except through the pattern of ReLU neurons, and a step so large that it outweighs the start makes the way to rank one longer.
#
# ## Exercises
#
# ```{exercise} Species that compete
# :label: ex-nod-species
#
# Let $K$ be positive definite, $u=K^{-1}\mathbf1>0$, and $p_i'=p_i(1-(Kp)_i)$ with $p_i(0)>0$. Derive this system from the flow $\dot z=\frac\eta nKe^{-z}$ with $p_i=\frac{\eta t}ne^{-z_i}$, $\tau=\log t$. With $V=\sum_i\bigl(p_i-u_i-u_i\log\frac{p_i}{u_i}\bigr)$ show that $V'=-(p-u)^{\mathsf T}K(p-u)$, and conclude $p\to u$.
# ```
#
# ```{solution} ex-nod-species
# :class: dropdown
# :label: sol-nod-species
#
# $p_i'=t\dot p_i=p_i-p_it\dot z_i=p_i-p_i\,\frac{\eta t}n(Ke^{-z})_i=p_i(1-(Kp)_i)$. Then $V'=\sum(p_i-u_i)\frac{p_i'}{p_i}=(p-u)^{\mathsf T}(\mathbf1-Kp)=-(p-u)^{\mathsf T}K(p-u)$, as $\mathbf1=Ku$. Each summand of $V$ is non-negative, zero only at $p_i=u_i$, and tends to infinity as $p_i\to0$ or $\infty$. So $p$ stays in a compact set of positive vectors, where the right-hand side is smooth. As $\int_0^\infty(p-u)^{\mathsf T}K(p-u)\,d\tau\le V(0)$ is finite and the integrand is uniformly continuous in $\tau$, it tends to zero, and $p\to u$.
# ```
#
# ```{exercise-start} Dominance is not enough
# :label: ex-nod-dominance
# ```
# Show that $K=\begin{pmatrix}1&-0.8&0.19\\-0.8&1&0.19\\0.19&0.19&1\end{pmatrix}$ is diagonally dominant and that $u_3<0$. What happens to the margins? Check with a network: three inputs with this Gram matrix, all labels $+1$, slope 1.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-nod-dominance
# :class: dropdown
# :label: sol-nod-dominance
# ```
# The rows off the diagonal add up to 0.99 and 0.38. By symmetry $u=(v,v,w)$ with $0.2v+0.19w=1$ and $0.38v+w=1$: $v=\frac{0.81}{0.1278}\approx6.34$, $w=1-0.38v\approx-1.41$. The third sample is learnt through the other two: $\hat a=(5,5,0)$, $(K\hat a)_3=1.9>1$, so its margin grows 1.9 times as fast. With slope 1 every pattern is constant and the kernel is $2G/m$, $G$ the Gram matrix.

# %%
K = np.array([[1, -0.8, 0.19], [-0.8, 1, 0.19], [0.19, 0.19, 1]])
three, ones = np.linalg.cholesky(K), np.ones(3)
net = signed_network(3, 5, 1.0)
run3 = descend_logistic(net, three, ones, step_for_gain(net, three, ones, 0.2), 6000, clock="loss", records=9)
claim("nod-ex-dominance", "smallest entry of $u=K^{-1}\\mathbf{1}$", np.linalg.solve(K, ones).min(), equals=-0.18 / 0.1278, tol=1e-9)
claim("nod-ex-faster", "growth of the third margin over that of the others",
      np.divide(*np.diff(run3.margins[-2:], axis=0)[0, [2, 0]]), equals=1.9, tol=1e-3)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise-start} The slowest rate
# :label: ex-nod-rate
# ```
# Linearise the flow of {prf:ref}`rem-nod-lotka` at $u$: the deviations $e_i$ of the margins obey $\frac{de}{d\tau}=-K\operatorname{diag}(u)\,e$. Show that all eigenvalues are positive reals, that 1 is one of them with eigenvector $\mathbf1$, and say what this one stands for. Which rate in $t$ do you expect of the *gaps*? Compute it for the leaky network.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-nod-rate
# :class: dropdown
# :label: sol-nod-rate
# ```
# With $p_i=u_ie^{-e_i}$, $e_i'=-p_i'/p_i=(Kp)_i-1\approx-(K\operatorname{diag}(u)e)_i$. The matrix is similar to the positive definite $U^{1/2}KU^{1/2}$, and $Ku=\mathbf1$ says that $\mathbf1$ is an eigenvector to 1. It is a shift of time: $\log(t+s)-\log t\approx s/t$ for all margins. Gaps feel the other eigenvalues: the smallest, $\nu$, gives $t^{-\nu}$. For nearly orthogonal data all are near 1. (A loss-normalised step multiplies this deviation by $1-c\nu$ and $t$ by $e^c$, so it shows the exponent $-\frac1c\log(1-c\nu)$, which tends to $\nu$ as $c\to0$.)

# %%
nu = np.sort(np.linalg.eigvals(limit.kernel * limit.u).real)
path = descend_logistic(signed_network(d, m, 0.3), X, y, 100.0, 1000, clock="loss", records=1000)
c = 100 * np.exp(path.log_loss[0]) / limit.u.sum()
error = np.abs(path.margins - path.margins.mean(axis=1, keepdims=True) - limit.gaps).max(axis=1)
window = (path.log_time > 18) & (error > 1e-11)
rate = -np.polyfit(path.log_time[window], np.log(error[window]), 1)[0]
claim("nod-ex-one", "distance of the eigenvalue nearest to 1", np.abs(nu - 1).min(), at_most=1e-9)
claim("nod-ex-rate", "measured exponent over $-\\log(1-c\\nu)/c$", rate / (-np.log1p(-c * nu[0]) / c), equals=1.0, tol=0.02)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} One long input
# :label: ex-nod-long
#
# A ReLU class has $n_j\ge3$ orthogonal inputs, $n_j-1$ of length 1 and one of length $\ell$. Find the limit of its stable rank (wide network) as $\ell\to\infty$ and as $\ell\to0$. In which of the two does the block become of rank one?
# ```
#
# ```{solution} ex-nod-long
# :class: dropdown
# :label: sol-nod-long
#
# With $c=(1,\dots,1,1/\ell)$: as $\ell\to\infty$ the last entry disappears, and the limit is $\frac{2(n_j-1)}{n_j}$: an input that is learnt without effort leaves no trace in the weights. As $\ell\to0$, dividing $c$ by its last entry leaves $c=(0,\dots,0,1)$: the ratio is $2\cdot1/(1+1)=1$. The hard input takes all the weight, and the block, of the rows that are on there, is of rank one.
# ```
#
# ```{exercise-start} Rescue the margin
# :label: ex-nod-rescue
# ```
# By {prf:ref}`prop-nod-margin` a ReLU network trained on orthogonal inputs reaches about $\sqrt{1/2}$ of the largest margin. Add to all weights of class $j$ one vector such that every neuron is on on every sample of its class, and train on. What margin does it reach? Predict with $\alpha_i$, then check.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-nod-rescue
# :class: dropdown
# :label: sol-nod-rescue
# ```
# Take a multiple of $\sum_{y_i=j}x_i$. Then $\alpha_i=1$, and {prf:ref}`prop-nod-margin` promises the largest margin. Patterns, not step sizes, decide here.

# %%
Z, labels, _ = relu_end[5]
start = signed_network(784, 100, 0.0)
push = np.repeat([(labels > 0) @ Z, (labels < 0) @ Z], 100, axis=0)
woken = SignedNetwork(start.W + 0.1 * push, 0.0)
rescued = descend_logistic(woken, Z, labels, step_for_gain(woken, Z, labels, 0.2), 1500, clock="loss", records=2).network()
claim("nod-ex-rescue", "normalised margin over the largest possible, all neurons awake",
      (labels * rescued(Z)).min() / np.linalg.norm(rescued.W) * np.sqrt(100 * len(Z)), equals=1.0, tol=0.01)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## Notes and references
#
# The problem, the model and the three results on stable ranks and margins are those of {cite:t}`kou2023implicit`; we know them from the abstract and from memory, and our constants and hypotheses need not be theirs. The digits are those of {cite:t}`lecun1998gradient`.
#
# What is not proved here: convergence of the pattern for a leaky ReLU beyond {eq}`eq-nod-hypothesis`; anything but a consistency statement for ReLU networks on data that are not orthogonal, a bound on their stable rank included, which the paper states; and {eq}`eq-nod-memory` when the first step is not decisive. The reader should also remember what times like $10^{180}$ mean: they show that constants are right, not what a trained network looks like. After a thousand constant steps with $\eta=100$ the margins still differ by {glue:text}`spread-thousand`, and the rank of the layer depends on where it started.
