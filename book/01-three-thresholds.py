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
# (three-thresholds)=
# # SGD's three thresholds
#
# ```{twenty-minutes} what-to-ask-of-a-random-product one-parameter-two-samples thm-mean-square def-lyapunov prop-order fig-thresholds fig-paths
# ```
#
# {prf:ref}`lem-flat` needs only the mean of the noise. What SGD adds to gradient descent shows in the rest of it: the step size up to which a minimum is stable has three different answers, depending on what we ask to stay small. We compute all three exactly enough to tell them apart on a network.
#
# After this page you can
#
# - tell apart stability in the mean, in mean square and almost surely, and exhibit a network on which they disagree;
# - compute the mean-square threshold exactly from the tangent kernel, and estimate it from the norms of the gradients;
# - say what a single run feels, and why an average over hundreds of runs may hide the mean.
#
# **You need:** {ref}`linear-stability` (the linearised dynamics, the lemma, the tangent kernel), traces and the Frobenius norm of symmetric matrices, and the law of large numbers. Two theorems on products of random matrices, of Furstenberg and Kesten and of Oseledets, are quoted; one check uses Kronecker products.

# %%
from typing import NamedTuple

import numpy as np
from myst_nb import glue

from stableminima import (Linearization, ShallowReLU, gd_threshold, linearized_sgd,
                          lyapunov_exponent, mean_square_loss, mean_square_path,
                          random_network, sgd_threshold, tangent_features,
                          tangent_kernel, train_sgd)
from stableminima.book.claims import claim
from stableminima.book.figures import linear_stability as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.datasets import digit_pair

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# ## What to ask of a random product
#
# SGD multiplies the error by *random* matrices. Whether a random product "stays bounded" depends on what we ask for. We fix an interpolating differentiable minimum $\theta^*$ of a network $f_\theta$ on $n$ samples, with the parameter gradients $\phi_j=\nabla_\theta f_\theta(x_j)$ as columns of $\Phi$, and independent batches $\mathcal B_t$ of $B$ samples. The error $\delta_t=\theta_t-\theta^*$ of the linearised dynamics obeys
#
# $$
# \delta_{t+1}=(I-\eta H_{\mathcal B_t})\,\delta_t,\qquad H_{\mathcal B}=\frac1B\sum_{j\in\mathcal B}H_j,\qquad H_j=\phi_j\phi_j^{\mathsf T},\qquad H=\frac1n\sum_{j=1}^nH_j .
# $$
#
# The part of $\delta_t$ orthogonal to all gradients $\phi_j$ never moves. We therefore look at the span $\mathcal R$ of the gradients only, on which $H$ is positive definite; $q$ is its dimension. A step size is stable
#
# - **in the mean**, if $\|\mathbb E\delta_t\|$ stays bounded from every start in $\mathcal R$;
# - **in mean square**, if $\mathbb E\|\delta_t\|^2$ stays bounded from every start in $\mathcal R$;
# - **almost surely**, if with probability one $\delta_t\to0$ exponentially fast from every start in $\mathcal R$.
#
# Between the first two lies boundedness of $\mathbb E\|\delta_t\|$. It follows from the stability of {prf:ref}`def-stable`, and differs from it at most where the growth rate of $\mathbb E\|\delta_t\|$ is exactly one: below that rate $\mathbb E\|\delta_t\|\to0$ on $\mathcal R$, above it it is unbounded.
#
# ### One parameter, two samples
#
# Everything can be computed in the scalar example with two samples, of curvatures $1$ and $10$: a step multiplies the error by $1-\eta h$ with $h\in\{1,10\}$ at equal odds. A long path is multiplied by about $e^{t\,\mathbb E\log|1-\eta h|}$, by the law of large numbers for the logarithms. So the four growth factors a step are
#
# $$
# |1-\eta\,\mathbb Eh|,\qquad \mathbb E|1-\eta h|,\qquad \bigl(\mathbb E(1-\eta h)^2\bigr)^{1/2},\qquad e^{\mathbb E\log|1-\eta h|} .
# $$

# %%
curvature = np.array([1.0, 10.0])


def growth_factors(eta):
    factor = np.abs(1 - np.multiply.outer(eta, curvature))
    return {
        "mean": np.abs(1 - eta * curvature.mean()),
        "mean norm": factor.mean(axis=-1),
        "mean square": np.sqrt((factor**2).mean(axis=-1)),
        "almost sure": np.sqrt(factor.prod(axis=-1)),
    }


root = np.sqrt(41.0)
stable = {  # by hand, for curvatures 1 and 10
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
    print(
        f"{eta:7.3f} "
        + "".join(f"{factor:13.3f}" for factor in growth_factors(eta).values())
    )

# %% [markdown]
# Read the rows. At $0.225$ a typical run contracts although the mean norm grows: runs that meet the second sample more often than usual become rarer and rarer, and carry the expectation. At $0.3$ the *mean* contracts and almost no run does: the signs cancel. At $1.05$ it is the other way round, almost every run contracts and the mean does not.

# %%
GRID = 100_000
many = np.linspace(0, 1.25, GRID + 1)[1:]
for name, intervals in stable.items():
    inside = np.any(
        [(low < many) & (many <= high) for low, high in intervals], axis=0
    )
    claim(
        "scalar-" + name.replace(" ", "-"),
        f"growth a step, {name}, is at most one exactly on the set computed by "
        f"hand: share of {spelled(GRID)} step sizes that agree",
        np.mean((growth_factors(many)[name] <= 1) == inside),
        at_least=0.9999,
    )


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
# ## Mean square, exactly
#
# Write $M_t=\mathbb E[\delta_t\delta_t^{\mathsf T}]$, a symmetric positive semi-definite $q\times q$ matrix, with $\operatorname{tr}M_t=\mathbb E\|\delta_t\|^2$. As $\delta_t$ is independent of $\mathcal B_t$, it obeys a *linear* recursion, $M_{t+1}=T_\eta M_t$ with
#
# $$
# \begin{gathered}
# T_\eta M=\mathbb E\bigl[(I-\eta H_{\mathcal B})M(I-\eta H_{\mathcal B})\bigr]=M-2\eta\,CM+\eta^2DM,\\
# CM=\tfrac12(HM+MH),\qquad DM=\mathbb E[H_{\mathcal B}MH_{\mathcal B}].
# \end{gathered}
# $$ (eq-second-moment)
#
# ```{prf:lemma} The noise of a batch
# :label: lem-batch
#
# For batches of $B$ samples out of $n\ge2$ without replacement,
#
# $$
# DM=(1-p)\,HMH+\frac pn\sum_{i=1}^nH_iMH_i,\qquad p=\frac{n-B}{B(n-1)} .
# $$
# ```
#
# ```{prf:proof}
# We have $H_{\mathcal B}MH_{\mathcal B}=B^{-2}\sum_{i,j\in\mathcal B}H_iMH_j$. A given $i$ is in the batch with probability $B/n$, a given pair $i\ne j$ with probability $\frac{B(B-1)}{n(n-1)}$, and
#
# $$
# \sum_{i\ne j}H_iMH_j=n^2HMH-\sum_iH_iMH_i .
# $$
#
# So the coefficient of $HMH$ is $\frac{n(B-1)}{B(n-1)}=1-p$. That of $\sum_iH_iMH_i$ is $\frac1{Bn}\bigl(1-\frac{B-1}{n-1}\bigr)$, which equals $\frac1{Bn}\cdot\frac{n-B}{n-1}=\frac pn$.
# ```
#
# ```{prf:theorem} The mean-square threshold
# :label: thm-mean-square
#
# Let $\mu=\max\langle M,DM\rangle/\langle M,CM\rangle$ over the non-zero symmetric $q\times q$ matrices, with $\langle M,N\rangle=\operatorname{tr}(MN)$; that is, $\mu=\lambda_{\max}(C^{-1}D)$ on $\mathcal R$. SGD is stable in mean square if and only if
#
# $$
# \eta\le\eta_{\mathrm{ms}}:=\frac2\mu .
# $$
#
# Below $\eta_{\mathrm{ms}}$, $\mathbb E\|\delta_t\|^2\to0$ exponentially fast from every start in $\mathcal R$; above it, $\mathbb E\|\delta_t\|^2$ grows exponentially fast from every start outside a proper subspace of $\mathcal R$. The maximum is attained at a positive semi-definite $M$.
# ```
#
# ```{prf:proof}
# *Everything is symmetric.* For the inner product $\langle\cdot,\cdot\rangle$ on symmetric matrices, $C$ is symmetric and positive definite: in an eigenbasis of $H$ with eigenvalues $\lambda_a$ it multiplies the entry $(a,b)$ by $\frac12(\lambda_a+\lambda_b)>0$. $D$ is symmetric, since $\operatorname{tr}(N H_{\mathcal B}MH_{\mathcal B})=\operatorname{tr}(M H_{\mathcal B}NH_{\mathcal B})$. Hence so is $T_\eta=I-2\eta C+\eta^2D$.
#
# *$T=T_\eta$ is positive*: it maps positive semi-definite matrices to such, because each $(I-\eta H_{\mathcal B})M(I-\eta H_{\mathcal B})$ is one.
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
# *Below and at the threshold.* $\|M_t\|\le\rho^t\|M_0\|$ in the Frobenius norm, because $T$ is symmetric, so that $\mathbb E\|\delta_t\|^2=\operatorname{tr}M_t\le\sqrt q\,\|M_t\|$ is at most $\sqrt q\,\rho^t\|\delta_0\|^2$, with $\rho<1$ for $\eta<2/\mu$ and $\rho=1$ for $\eta=2/\mu$.
#
# *Above.* Let $X\ne0$ be positive semi-definite with $TX=\rho X$, $\rho>1$. Then $\langle X,M_t\rangle=\langle T^tX,M_0\rangle=\rho^t\,\delta_0^{\mathsf T}X\delta_0$, and $\langle X,M_t\rangle\le\|X\|_{\mathrm{op}}\operatorname{tr}M_t$. So $\mathbb E\|\delta_t\|^2$ grows at least like $\rho^t$ unless $X\delta_0=0$.
# ```
#
# ```{admonition} In the paper
# :class: paper
# The exact threshold $2/\lambda_{\max}(C^\dagger D)$, its monotonicity in $B$, and the reading of $D$ as a mixture (a full-batch step with weight $1-p$, a single-sample step with weight $p$) are theorems of {cite:t}`mulayoff2024exact`, who also give simple necessary conditions that depend on $B$. As matrices $C=\frac12(H\oplus H)$ and $D=(1-p)H\otimes H+\frac pn\sum_iH_i\otimes H_i$ have the square of the number of parameters as their order. An operator view of the step sizes that least squares allows with $B=1$ goes back to {cite:t}`defossez2015averaged`. (We read the abstracts.) The proof above, which needs no theorem on positive operators, is our write-up.
# ```
#
# The next proposition turns the eigenvalue problem into one for $n\times n$ matrices in which one application costs two matrix products.
#
# ```{prf:proposition} The n×n form
# :label: prop-n-by-n
#
# Let $G=V\Gamma V^{\mathsf T}$ with the positive eigenvalues $\gamma_1,\dots,\gamma_q$ of the tangent kernel on the diagonal of $\Gamma$, and $\Theta_{ab}=\frac{2\gamma_a\gamma_b}{\gamma_a+\gamma_b}$. Then $\mu$ is the largest eigenvalue of
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
# $\sqrt{\gamma_a\gamma_b}$, and multiply by $n\,\Theta_{ab}$.
# ```
#
# `sgd_threshold` is this proposition. We check it against the definition, with Kronecker products of that order, on a network small enough for that; and the second moment {eq}`eq-second-moment`, which is `mean_square_path`, against the average of many paths.

# %%
class Tiny(NamedTuple):
    width: int = 3
    samples: int = 5
    batches: tuple = (1, 2, 4)
    factor: float = 0.8  # of the threshold of the middle one
    steps: int = 10
    paths: int = 2000


TINY = Tiny()
tiny = random_network(dim=2, width=TINY.width, seed=SEED)
few = np.random.default_rng(SEED + 3).normal(size=(TINY.samples, 2))
features = tangent_features(tiny, few)
H = features.T @ features / len(few)
C = (np.kron(H, np.eye(len(H))) + np.kron(np.eye(len(H)), H)) / 2
noise = sum(np.kron(np.outer(f, f), np.outer(f, f)) for f in features) / len(few)


def kronecker_threshold(B):
    p = (len(few) - B) / (B * (len(few) - 1))
    D = (1 - p) * np.kron(H, H) + p * noise
    return 2 / np.linalg.eigvals(np.linalg.pinv(C, hermitian=True) @ D).real.max()


# %%
for B in TINY.batches:
    claim(
        f"mean-square-threshold-{B}",
        f"threshold of the $n\\times n$ form over that of the Kronecker form, "
        f"$B={B}$",
        sgd_threshold(tiny, few, B) / kronecker_threshold(B),
        equals=1.0,
        tol=1e-9,
        source="Proposition 1.6",
    )
B = TINY.batches[1]
eta = TINY.factor * sgd_threshold(tiny, few, B)
final = np.array([linearized_sgd(tiny, few, eta, B, TINY.steps, SEED + s)[-1]
                  for s in range(TINY.paths)])
exact = mean_square_path(tiny, few, eta, batch_size=B, steps=TINY.steps)[-1]
claim("second-moment-simulated",
      f"average of {TINY.paths} paths against the exact second moment, in standard "
      "errors",
      abs(final.mean() - exact) / (final.std() / np.sqrt(len(final))), at_most=4.0)


# %% [markdown]
# (between-sharpness-and-gradient)=
# ### Between sharpness and the largest gradient
#
# The threshold lies between quantities that are easier to read.
#
# ```{prf:proposition} Two lower and two upper ends
# :label: prop-sandwich
#
# With $u$ the unit top eigenvector of $H$, $\lambda_{\max}=\lambda_{\max}(H)$, $K=\max_j\|\phi_j\|^2$ and the variance over the samples $i$,
#
# $$
# \begin{aligned}
# \mu&\ge\lambda_{\max}+p\,\frac{\operatorname{Var}_i(u^{\mathsf T}H_iu)}{\lambda_{\max}},\\
# \mu&\ge(1-p)\,\frac{\operatorname{tr}H^2}{\operatorname{tr}H}+p\,\frac{\sum_i\|\phi_i\|^4}{\sum_i\|\phi_i\|^2},\\
# \mu&\le(1-p)\,\lambda_{\max}+p\,K\ \le\ K .
# \end{aligned}
# $$ (eq-sandwich)
# ```
#
# ```{prf:proof}
# *Below.* Put two matrices into the quotient. For $M=uu^{\mathsf T}$, $\langle M,CM\rangle=\lambda_{\max}$ and, as the mean of $u^{\mathsf T}H_iu$ is $\lambda_{\max}$,
#
# $$
# \langle M,DM\rangle=(1-p)\lambda_{\max}^2+\frac pn\sum_i(u^{\mathsf T}H_iu)^2=\lambda_{\max}^2+p\operatorname{Var}_i(u^{\mathsf T}H_iu).
# $$
#
# For $M=I$, $\langle M,CM\rangle=\operatorname{tr}H=\frac1n\sum_i\|\phi_i\|^2$ and $\langle M,DM\rangle=(1-p)\operatorname{tr}H^2+\frac pn\sum_i\|\phi_i\|^4$.
#
# *Above.* Note $\langle M,CM\rangle=\operatorname{tr}(HM^2)=\frac1n\sum_i\|M\phi_i\|^2$. By Cauchy–Schwarz
#
# $$
# \begin{aligned}
# \langle M,H_iMH_i\rangle&=(\phi_i^{\mathsf T}M\phi_i)^2\le K\|M\phi_i\|^2,\\
# \langle M,HMH\rangle&=\frac1n\sum_i\phi_i^{\mathsf T}MHM\phi_i\le\lambda_{\max}\,\frac1n\sum_i\|M\phi_i\|^2 .
# \end{aligned}
# $$
#
# Add them with the weights $p/n$ and $1-p$. Finally $\lambda_{\max}\le\operatorname{tr}H=\frac1n\sum_i\|\phi_i\|^2\le K$.
# ```
#
# So the noise costs much if a few samples carry the sharpest direction. That all samples press equally on it is not enough for it to cost nothing: the noise acts in the other directions too ({ref}`an exercise <ex-stability-no-noise>` says when it is free). Both sides close at $B=n$. The last end does not know $B$: a step of $2/K$ is stable for SGD with *every* batch size, and indeed no batch whatever expands an error then, since $\|H_{\mathcal B}\|\le K$. `sgd_threshold_bounds` computes the larger of the first two and the third, the inner ends, as step sizes.
#
# ```{admonition} In the paper
# :class: paper
# Conditions of this form are known. {cite:t}`ma2018power` derive explicit batch and step sizes for SGD on quadratic losses, with a critical batch size beyond which larger batches no longer help; the condition $\eta\le2/((1-p)\lambda_{\max}+pK)$ is theirs in the form in which a reader told us of it (we read the abstract). Necessary conditions in $B$ are in {cite:t}`mulayoff2024exact`, and $\eta\le2/\operatorname{tr}H$ for $B=1$ follows from $M=I$ as in {cite:t}`defossez2015averaged`. The three-line proofs are our write-up; we claim nothing else of the proposition.
# ```
#
# ## Almost surely
#
# One run does not see expectations. What it sees is the growth rate of a product of random matrices.
#
# ```{prf:definition} Lyapunov exponent
# :label: def-lyapunov
#
# The *top Lyapunov exponent* of a step size is
#
# $$
# \Lambda(\eta)=\lim_{t\to\infty}\frac1t\log\bigl\|(I-\eta H_{\mathcal B_{t-1}})\cdots(I-\eta H_{\mathcal B_0})\bigr\|,
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
# That the sign of a Lyapunov exponent decides whether SGD, not only its linearisation, can accumulate at a minimum is proved by {cite:t}`chemnitz2024characterizing`; {cite:t}`ziyin2023probabilistic` take convergence in probability as the notion of stability, with phase boundaries given by Lyapunov exponents. {cite:t}`mulayoff2026nonlinear` show that the nonlinear SGD can diverge in expectation if a single batch is unstable, and is stable in expectation if all are. (We read the abstracts.)
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
# For $\eta<\eta_{\mathrm{ms}}$ take a $\rho<1$ with $\mathbb E\|\delta_t\|^2\le\sqrt q\,\rho^t\|\delta_0\|^2$. Then $\mathbb E\sum_t\rho^{-t/2}\|\delta_t\|^2\le\sqrt q\,\|\delta_0\|^2\sum_t\rho^{t/2}<\infty$, so the sum is finite with probability one and its terms are bounded: $\limsup\frac1t\log\|\delta_t\|\le\frac14\log\rho<0$. Applied to a basis of starts, this bounds the norm of the product.
# The scalar example is the counterexample in both directions: in it $\eta=0.3$ is stable in the mean and $\Lambda>0$, and $\eta=1.05$ has $\Lambda<0$ and is not stable in the mean.
# ```
#
# Only the *sign* of $\Lambda$ says something about stability: while it is negative, its size is the rate of the slowest direction, about $-\eta\lambda_{\min}$ with $\lambda_{\min}$ the smallest eigenvalue of $H$ on $\mathcal R$.
#
# ## The three as functions of the batch size
#
# **Question.** How far apart are the three thresholds at a minimum of a real network, and does the batch size matter?
#
# **What theory says.** At $B=n$ all agree ($p=0$). The mean-square threshold grows with $B$ and lies between the ends of {prf:ref}`prop-sandwich`; and $\eta_{\mathrm{ms}}\le\eta_{\mathrm{as}}$. How far apart they are it does not say. **Prediction.** They separate more if the samples differ in how strongly they pull; the control is the same images, starts and steps with equal exposure.
#
# **Run.** Two kinds of minima. The first is found by GD on plain digits, as in {ref}`linear-stability`. The others are trained on small digit images that were exposed differently: each image is multiplied by a random positive factor, as photographs of one scene with different shutters would be. Bright images have large gradients. Of these we take ten, with other images, factors and starts; figures show the first. As labels we take the trained networks' own outputs, so that each is an interpolating minimum.

# %%
class Plain(NamedTuple):
    images: int = 128
    width: int = 50
    step: float = 0.12  # of the training
    epochs: int = 3000
    path: int = 6000  # steps of a path that estimates an exponent


class Exposed(NamedTuple):
    images: int = 32  # even
    spread: float = 0.5
    step: float = 0.04
    epochs: int = 20_000
    draws: int = 10
    path: int = 25_000


PLAIN, (EXPOSED, SPREAD, EXPOSED_STEP, EPOCHS, DRAWS, PATH) = Plain(), Exposed()


def powers_of_two(n):
    return [2**k for k in range(n.bit_length()) if 2**k < n] + [n]


def exposed_minimum(draw, spread=SPREAD):
    digits = digit_pair(3, 5, EXPOSED, n_validation=0, seed=draw, dataset="digits")
    exposure = np.exp(spread * np.random.default_rng(draw + 4).normal(size=EXPOSED))
    X = digits.X * exposure[:, None]
    start = random_network(X.shape[1], PLAIN.width, seed=draw)
    run = train_sgd(start, X, digits.y, step_size=EXPOSED_STEP, max_epochs=EPOCHS)
    return run, X


def almost_sure(one, B, law="iid", steps=PATH):
    return one.almost_sure_threshold(B, law, steps, SEED, grid=60)


def thresholds(one, sizes, steps):
    return {
        "mean": [one.gd_threshold for _ in sizes],
        "mean square": [one.sgd_threshold(B) for B in sizes],
        "bounds": [one.sgd_threshold_bounds(B) for B in sizes],
        "iid": [almost_sure(one, B, "iid", steps) for B in sizes],
        "reshuffled": [almost_sure(one, B, "reshuffled", steps) for B in sizes],
    }


# %%
task = digit_pair(3, 5, PLAIN.images, n_validation=0, seed=SEED, dataset="auto")
start = random_network(task.X.shape[1], PLAIN.width, seed=SEED)
plain = train_sgd(start, task.X, task.y, PLAIN.step, max_epochs=PLAIN.epochs)
minima = [exposed_minimum(draw) for draw in range(SEED, SEED + DRAWS)]
here = [Linearization.of(run.network, X) for run, X in minima]
equal = [exposed_minimum(draw, spread=0.0) for draw in range(SEED, SEED + DRAWS)]
control = [Linearization.of(run.network, X) for run, X in equal]
title = "digits, differently exposed"
sizes = {"digits": powers_of_two(PLAIN.images), title: powers_of_two(EXPOSED)}
on_plain = Linearization.of(plain.network, task.X)
found = {"digits": thresholds(on_plain, sizes["digits"], PLAIN.path),
         title: thresholds(here[0], sizes[title], PATH)}
converged = sum(run.status == "converged" for run, _ in minima)
print(f"plain ({task.dataset}): {plain.status}; exposed: {converged} of {DRAWS} "
      f"converged, largest loss {max(run.loss for run, _ in minima):.0e}")

# %% mystnb={"figure": {"name": "fig-thresholds", "caption": "Stability thresholds of two minima against the batch size, in units of $2/\\lambda_{\\max}$. Vertical bars are the brackets within which the Lyapunov exponent changes its sign. Shaded, between the inner two ends of the proposition; dotted, the end that does not know the batch size."}, "image": {"alt": "Two panels. In both a horizontal line at one for the mean, and rising curves for mean square and almost sure that meet it at the full batch. On the plain digits they lie close together. On the differently exposed digits the almost-sure curves lie well above the mean-square one at small batch sizes and both far below the mean. A shaded band around the mean-square curve narrows towards the full batch; far below it at larger batches lies a dotted horizontal line."}}
draw.plot_thresholds(found, sizes);

# %%
half = EXPOSED // 2
mean = np.array([one.gd_threshold for one in here])
square = np.array([one.sgd_threshold(1) for one in here])
single = [almost_sure(one, 1, steps=2 * PATH) for one in here]
reshuffled = [almost_sure(one, half, "reshuffled") for one in here]
low = np.array([bracket.low for bracket in single])
high = np.array([bracket.high for bracket in single])
beyond = np.array([bracket.low for bracket in reshuffled]) / mean
ratio = mean / square
equal_ratio = np.array([one.gd_threshold / one.sgd_threshold(1) for one in control])
bands = [one.sgd_threshold_bounds(B) for one in here for B in (1, half)]

# %% tags=["hide-input"]
unit = found["digits"]["mean"][0]
unit = unit / found["digits"]["mean square"][0]
glue("plain-factor", f"{unit:.1f}", display=False)
glue("exposed-ms", f"{square[0] / mean[0]:.2f}", display=False)
glue("exposed-as-low", f"{low[0] / mean[0]:.2f}", display=False)
glue("exposed-as-high", f"{high[0] / mean[0]:.2f}", display=False)
glue("equal-low", f"{equal_ratio.min():.1f}", display=False)
glue("equal-high", f"{equal_ratio.max():.1f}", display=False)
glue("gap-low", f"{ratio.min():.1f}", display=False)
glue("gap-high", f"{ratio.max():.1f}", display=False)
glue("as-low", f"{100 * (low / square - 1).min():.0f} %", display=False)
glue("as-high", f"{100 * (low / square - 1).max():.0f} %", display=False)
glue("beyond-low", f"{100 * (beyond.min() - 1):.0f} %", display=False)
glue("beyond-high", f"{100 * (beyond.max() - 1):.0f} %", display=False)
glue("band", f"{max(band.high / band.low for band in bands):.1f}", display=False)

# %% [markdown]
# **What we see.** In both panels of {numref}`fig-thresholds` everything meets at the full batch and spreads towards small ones. On the plain digits single samples cost a factor of {glue:text}`plain-factor`, and it hardly matters which of the two finer notions we take. On the exposed digits it does: at $B=1$ the mean-square threshold is {glue:text}`exposed-ms` of $2/\lambda_{\max}$,
# and single runs contract up to somewhere between {glue:text}`exposed-as-low` and {glue:text}`exposed-as-high` of it. Over the {glue:text}`draws` draws the mean threshold is {glue:text}`gap-low` to {glue:text}`gap-high` times the mean-square one; with equal exposure it is {glue:text}`equal-low` to {glue:text}`equal-high` times, so that it is the exposure that separates them. And the almost-sure threshold exceeds the mean-square one by at least {glue:text}`as-low` to {glue:text}`as-high` (by the lower ends of its brackets). The two inner ends of {prf:ref}`prop-sandwich` differ by a factor of {glue:text}`band` at most, at $B=1$ and at half the sample, so that sharpness, gradient norms and $B$ give a rule of thumb. Reshuffling helps further. For batches of half the sample the reshuffled threshold even exceeds $2/\lambda_{\max}$ in all {glue:text}`draws` draws, by {glue:text}`beyond-low` to {glue:text}`beyond-high`: such a run can sit at a minimum that is *sharper than $2/\eta$*.

# %%
claim("thresholds-disagree-mean",
      f"mean over mean-square threshold at $B=1$, exposed digits, smallest of {spelled(DRAWS)} "
      "draws",
      ratio.min(), at_least=2.0)
claim("exposure-separates",
      "mean over mean-square threshold at $B=1$: its ratio on exposed digits to "
      f"that of the control with equal exposure, smallest of {spelled(DRAWS)} draws",
      (ratio / equal_ratio).min(), at_least=1.0)
claim("thresholds-disagree-almost-sure",
      "lower end of the almost-sure bracket over the mean-square threshold at "
      f"$B=1$, exposed digits, smallest of {spelled(DRAWS)} draws",
      (low / square).min(), at_least=1.0, source="Proposition 1.8")
claim("reshuffled-beyond-the-lemma",
      "lower end of the reshuffled almost-sure bracket over $2/\\lambda_{\\max}$ "
      f"for batches of half the sample, smallest of {spelled(DRAWS)} draws: single runs "
      "contract at a minimum sharper than $2/\\eta$",
      beyond.min(), at_least=1.0)
exact = {name: np.array(case["mean square"]) for name, case in found.items()}
claim(
    "threshold-grows-with-batch",
    "smallest increase of the mean-square threshold from one batch size of the "
    "figure to the next, relative",
    min((np.diff(each) / each[:-1]).min() for each in exact.values()),
    at_least=0.0,
    source="Mulayoff & Michaeli 2024",
)
pairs = [(bound, value) for case in found.values()
         for bound, value in zip(case["bounds"], case["mean square"], strict=True)]
pairs += list(zip(bands[::2], square, strict=True))
claim("thresholds-between-the-ends",
      f"share of the mean-square thresholds, of the figure and of the {spelled(DRAWS)} minima "
      "at $B=1$, that lie between the inner ends",
      np.mean([bound.low <= value * (1 + 1e-9) and value <= bound.high * (1 + 1e-9)
               for bound, value in pairs]), equals=1.0, source="Proposition 1.7")
rates = [one.lyapunov_exponent(eta / 2, 1, seed=SEED).value
         for one, eta in zip(here, square, strict=True)]
slowest = -square / 2 * [one.spectrum[-1] for one in here]
claim("exponent-of-the-slowest",
      "at half the mean-square threshold the exponent is $-\\eta\\lambda_{\\min}$ "
      f"for $B=1$: largest relative deviation at {spelled(DRAWS)} minima",
      np.abs(np.divide(rates, slowest) - 1).max(), at_most=0.15)


# %% [markdown]
# And the lemma itself, which is about expectations? With reshuffled epochs of two batches we average the map of the second moment over hundreds of permutations, at a step beyond $2/\lambda_{\max}$; the second moment shrinks if the eigenvalues of this map are below one.

# %%
class Reshuffled(NamedTuple):
    permutations: int = 300
    beyond: float = 1.005  # times 2/λ_max


PERMUTATIONS, BARELY = Reshuffled()


def reshuffled_growth(each, eta, permutations=PERMUTATIONS):
    """The spectral radius of the second moment's map, from so many permutations."""
    F = np.linalg.cholesky(each.kernel)  # its rows are the gradients
    rng = np.random.default_rng(SEED)
    n, maps = len(F), []
    for _ in range(permutations):
        A = np.eye(n)
        for batch in rng.permutation(n).reshape(2, -1):
            A = A - eta / len(batch) * F[batch].T @ (F[batch] @ A)
        maps.append(A.ravel())
    flat = np.array(maps)  # M ↦ mean of A M Aᵀ is the mean of A ⊗ A
    second = (flat.T @ flat / permutations).reshape(n, n, n, n)
    second = second.transpose(0, 2, 1, 3).reshape(n * n, n * n)
    return np.abs(np.linalg.eigvals(second)).max()


shrinks = [reshuffled_growth(each, BARELY * each.gd_threshold) for each in here]
percent = f"{100 * (BARELY - 1):.2g}".replace("0.5", "half a")
claim("lemma-fails-reshuffled",
      f"spectral radius of the second moment's map of an epoch, {percent} per cent "
      f"beyond $2/\\lambda_{{\\max}}$, over reshuffled epochs from {PERMUTATIONS} "
      "permutations, "
      f"largest of {spelled(DRAWS)} draws: on real networks too the lemma fails without "
      "independence",
      max(shrinks), at_most=0.9999)


# %% [markdown]
# The scalar counterexample to the lemma was no freak.
#
# ### On both sides of each threshold
#
# A little below a threshold something contracts, a little above it the same thing grows. We take the exposed digits with batches of four and look at the mean, at the exact second moment and at single runs, each on both sides of its own threshold.

# %%
class Sides(NamedTuple):
    batch_size: int = 4
    horizon: int = 400
    runs: int = 20
    near: float = 0.03  # from a threshold, in the exact senses
    far: float = 0.15  # single runs


B, HORIZON, RUNS, NEAR, FAR = Sides()
SIDES = {"below": (1 - NEAR, 1 - FAR), "above": (1 + NEAR, 1 + FAR)}
near, far = (f"{100 * off:g} %" for off in (NEAR, FAR))


def both_sides(each):
    edge = almost_sure(each, B)
    ends = {"below": edge.low, "above": edge.high}
    means, squares, singles = {}, {}, {}
    for side, (near, far) in SIDES.items():
        means[side] = each.path(near * each.gd_threshold, None, HORIZON, SEED)
        step = near * each.sgd_threshold(B)
        squares[side] = each.mean_square_path(step, B, HORIZON)
        step = far * ends[side]
        paths = [each.path(step, B, HORIZON, SEED + s) for s in range(RUNS)]
        singles[side] = np.array(paths)
    return means, squares, singles


rows = [both_sides(each) for each in here]

# %% mystnb={"figure": {"name": "fig-both-sides", "caption": "Squared distance to the minimum in three senses, below and above the threshold of that sense, on the first of the differently exposed samples with $B=4$. The mean is $\\|\\mathbb E\\delta_t\\|^2$, the mean square $\\mathbb E\\|\\delta_t\\|^2$."}, "image": {"alt": "Three panels. In each the blue curves, below the threshold, fall, and the red curves, above it, grow after a short initial fall. The third panel shows twenty runs a side."}}
titles = (f"mean, {near} below and above", f"mean square, {near} below and above",
          f"single runs, {far} below and above")
draw.plot_both_sides(dict(zip(titles, rows[0], strict=True)));


# %%
def last_growth(path):
    return path[-1] / path[-2]


means, squares, singles = ([row[k] for row in rows] for k in range(3))
ten, all_runs = spelled(DRAWS), spelled(DRAWS * RUNS)
claim("runs-above-grow",
      f"share of {all_runs} single linearised runs that grew in {HORIZON} steps, {far} above the "
      f"almost-sure bracket, at {spelled(DRAWS)} minima",
      np.mean([each["above"][:, -1] > 1 for each in singles]), at_least=0.9,
      source="Definition 1.4")
claim("runs-below-shrink",
      f"share of {all_runs} single linearised runs that shrank in {HORIZON} steps, {far} below "
      f"the almost-sure bracket, at {spelled(DRAWS)} minima",
      np.mean([each["below"][:, -1] < 1 for each in singles]), at_least=0.9,
      source="Definition 1.4")
claim("mean-both-sides",
      f"growth a step of the squared mean {near} above its threshold, "
      f"$(1-\\eta\\lambda_{{\\max}})^2={1 + 2 * NEAR:g}^2$: largest deviation at {ten} "
      "minima",
      max(abs(last_growth(each["above"]) - (1 + 2 * NEAR) ** 2) for each in means),
      at_most=1e-3)
claim("mean-below",
      f"squared distance of the mean after {HORIZON} steps {near} below the mean threshold, "
      f"from 1 at the start, largest at {spelled(DRAWS)} minima",
      max(each["below"][-1] for each in means), at_most=1.0)
claim("square-above",
      f"growth a step of the second moment {near} above its threshold, smallest at "
      f"{spelled(DRAWS)} minima",
      min(last_growth(each["above"]) for each in squares), at_least=1.0,
      source="Theorem 1.1")
claim("square-below",
      f"growth a step of the second moment {near} below its threshold, largest at {spelled(DRAWS)} "
      "minima",
      max(last_growth(each["below"]) for each in squares), at_most=1.0,
      source="Theorem 1.1")


# %% [markdown]
# ### Growing in mean square, shrinking in nearly every run
#
# Between the mean-square and the almost-sure threshold the two descriptions contradict each other as openly as they can. We go half-way from $\eta_{\mathrm{ms}}$ to the lower end of the bracket of $\eta_{\mathrm{as}}$, with single samples, and follow {glue:text}`many` independent runs of the linearised dynamics at the first of the {glue:text}`draws` minima, {glue:text}`fewer` at each of the others.

# %%
class Between(NamedTuple):
    steps: int = 600
    many: int = 400  # linearised runs at the first minimum
    fewer: int = 100  # at the others
    real: int = 10  # real runs at each
    epochs: int = 40


LONG, MANY, FEWER, REAL, REAL_EPOCHS = Between()
between = (square + low) / 2
clouds, moments = [], []
for each, eta in zip(here, between, strict=True):
    count = FEWER if clouds else MANY
    paths = [each.path(eta, 1, LONG, SEED + s) for s in range(count)]
    clouds.append(np.array(paths))
    moments.append(each.mean_square_path(eta, 1, LONG))
grown = np.array([np.mean(cloud[:, -1] > 1) for cloud in clouds])

# %% tags=["hide-input"]
for name, value in (("draws", DRAWS), ("many", MANY), ("fewer", FEWER),
                    ("long", LONG)):
    glue(name, spelled(value), display=False)
glue("far", far, display=False)
glue("between-ms", f"{between[0] / square[0]:.2f}", display=False)
glue("paths-grown", f"{100 * grown[0]:.1f} %", display=False)
glue("paths-most", f"{100 * grown.max():.0f} %", display=False)
glue("paths-median", f"{np.median(clouds[0][:, -1]):.2f}", display=False)
glue("exact-power", f"{np.log10(moments[0][-1]):.0f}", display=False)

# %% mystnb={"figure": {"name": "fig-paths", "caption": "400 runs of the linearised dynamics between the mean-square threshold and the almost-sure one, $B=1$, at the first of ten minima, and the exact second moment of the very same random variable."}, "image": {"alt": "Squared distance to the minimum against the step, logarithmic. A green band with all four hundred runs drifts downwards, their average with it. A blue curve, the exact expectation, follows the average for a few dozen steps and then rises on a straight line to many orders of magnitude above all runs."}}
draw.plot_paths(clouds[0], moments[0]);


# %% [markdown]
# At {glue:text}`between-ms` times the mean-square threshold {glue:text}`paths-grown` of the runs are, after {glue:text}`long` steps, farther away than they began, the median of the squared distance has fallen from 1 to {glue:text}`paths-median`, and its expectation is of the order of 10 to the power {glue:text}`exact-power`. Nothing is wrong: the expectation is carried by runs so rare that four hundred do not contain one. The average of the runs in
# {numref}`fig-paths` follows the exact curve only as long as the paths are still alike. At the other minima at most {glue:text}`paths-most` of the runs have grown, while the expectation grows at every one of them.
#
# Does the network itself behave like its linearisation? We push the trained networks a little and run true SGD with single samples, at the same step sizes and then {glue:text}`far` beyond the almost-sure bracket.

# %%
def push(net, seed, size=1e-8):
    rng = np.random.default_rng(SEED + seed)
    parts = net.W, net.b, net.v, net.c
    return ShallowReLU(*(p + size * rng.normal(size=np.shape(p)) for p in parts))


def real_sgd(net, X, eta, seed):
    """Final over initial loss of true SGD from near the minimum."""
    start, y = push(net, seed), net(X)
    run = train_sgd(start, X, y, eta, batch_size=1, tolerance=1e-30,
                    max_epochs=REAL_EPOCHS, seed=SEED + seed, sampling="iid")
    return run.loss / mean_square_loss(start, X, y)


inside, outside = (np.array([[real_sgd(run.network, X, eta, s) for s in range(REAL)]
                             for (run, X), eta in zip(minima, step, strict=True)])
                   for step in (between, (1 + FAR) * high))

# %%
claim("paths-mostly-shrink",
      "half-way from the mean-square to the almost-sure threshold, $B=1$: share "
      f"of the linearised runs that are farther away after {LONG} steps, largest at "
      f"{spelled(DRAWS)} minima",
      grown.max(), at_most=0.15)
claim("moments-grow",
      "half-way from the mean-square to the almost-sure threshold, $B=1$: growth "
      f"a step of the exact mean square, smallest at {spelled(DRAWS)} minima",
      min(last_growth(moment) for moment in moments), at_least=1.0,
      source="Theorem 1.1")
claim("sgd-stays-beyond-mean-square",
      f"half-way from the mean-square to the almost-sure threshold: share of {spelled(DRAWS * REAL)} "
      f"real SGD runs, {spelled(REAL)} at each of {spelled(DRAWS)} minima, whose loss shrinks",
      np.mean(inside < 1), at_least=0.8)
claim("sgd-leaves-beyond-almost-sure",
      f"{far} beyond the almost-sure bracket: share of {spelled(DRAWS * REAL)} real SGD runs, {spelled(REAL)} at "
      f"each of {spelled(DRAWS)} minima, whose loss grows",
      np.mean(outside > 1), at_least=0.8)
glue("stay-share", f"{100 * np.mean(inside < 1):.0f} %", display=False)
glue("leave-share", f"{100 * np.mean(outside > 1):.0f} %", display=False)

# %% [markdown]
# It does: {glue:text}`stay-share` of the runs stay in the first case, {glue:text}`leave-share` leave in the second. What would have falsified the theory's reading of single runs is the reverse, runs that are thrown out between $\eta_{\mathrm{ms}}$ and $\eta_{\mathrm{as}}$ as reliably as beyond $\eta_{\mathrm{as}}$.
#
# These are thresholds of one fixed minimum. Where SGD *trains* is another question: {cite:t}`andreyev2024edge` find that what stabilises at $2/\eta$ is not $\lambda_{\max}$ but the curvature of the batch losses along their own gradients, and {cite:t}`andreyev2026momentum` how momentum moves that level. {ref}`mnist-tightness` measures which of the three thresholds our runs obey.
#
# ## Summary
#
# - For SGD there are three thresholds: in mean square (exact, smallest), almost surely (what single runs feel) and in the mean (the lemma's). They agree for full batches and separate as batches get smaller, the more the samples differ in their pull.
# - The mean-square one is the top eigenvalue of a problem of $n\times n$ matrices. With $p=\frac{n-B}{B(n-1)}$ it is at least $2/((1-p)\lambda_{\max}+p\max_j\|\nabla f(x_j)\|^2)$, and at most 2 over the larger lower end of {prf:ref}`prop-sandwich`.
# - Between the mean-square and the almost-sure threshold the expectation explodes while nearly every run converges, in the linearised dynamics and in real networks, at {glue:text}`draws` minima.
# - Reshuffled epochs have a threshold of their own, which may lie beyond $2/\lambda_{\max}$.
#
# **Change one number** and run the page again: `SEED`; the `spread` of the exposures in `Exposed` (a wide one needs a shorter `step`) and the number of its `images`; the `batch_size` of `Sides` and its `horizon`. That reshuffled epochs contract beyond $2/\lambda_{\max}$ is a finding at these minima and no theorem.
#
# ## Exercises
#
# ```{exercise} Larger batches are more stable
# :label: ex-stability-monotone
#
# Show that $\eta_{\mathrm{ms}}$ does not decrease when the batch size grows (a result of {cite:t}`mulayoff2024exact`). (See it first, {state}`with three samples of eight
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
claim(
    "no-noise",
    "mean-square over mean threshold when all gradients agree, smallest over $B$",
    min(sgd_threshold(level, line, B) for B in range(1, 7))
    / gd_threshold(level, line),
    equals=1.0,
    tol=1e-10,
)

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
even, pair = (
    ShallowReLU(W=[[1.0], [-1.0]], b=[0.5, 0.5], v=[0.7, 0.7], c=0.0),
    np.array([-0.3, 0.3]),
)
kernel = tangent_kernel(even, pair)
for sampling, factor in (("iid", 0.5), ("reshuffled", 0.75)):
    estimate = lyapunov_exponent(
        even, pair, 1 / kernel[0, 0], 1, sampling, seed=SEED + 1
    )
    exact = factor * np.log(kernel[0, 1] / kernel[0, 0])
    claim(
        f"kaczmarz-{sampling}",
        f"distance of the estimated from the exact exponent in standard errors, "
        f"{sampling}",
        abs(estimate.value - exact) / estimate.standard_error,
        at_most=4.0,
    )

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | The mean-square threshold, its growth with $B$, the mixture ({prf:ref}`lem-batch`, {prf:ref}`thm-mean-square`, {prf:ref}`prop-n-by-n`) | {cite:t}`mulayoff2024exact`; an operator view for $B=1$: {cite:t}`defossez2015averaged` | a short proof; the form with $n\times n$ matrices, which makes it computable for networks |
# | Explicit sufficient and necessary step sizes ({prf:ref}`prop-sandwich`) | {cite:t}`ma2018power`, {cite:t}`mulayoff2024exact` | the four ends drawn beside the exact value |
# | Almost-sure stability by a Lyapunov exponent ({prf:ref}`prop-order`) | {cite:t}`chemnitz2024characterizing`, {cite:t}`ziyin2023probabilistic` | brackets of the threshold for networks; that mean and almost-sure stability do not imply one another |
# | The gap between expectation and single runs | folklore of random products | measured at ten minima, linearised and real |
# | Reshuffled epochs | – | the counterexample; thresholds and second moments of reshuffled epochs on networks |
# | Which curvature settles at $2/\eta$ in training | {cite:t}`andreyev2024edge`, {cite:t}`andreyev2026momentum` | – |
#
# We searched for the statements of the last column in the abstracts of the papers named here and, by a few keywords (mean-square stability of SGD, Lyapunov exponent, reshuffling), in a store of public pages, and did not find them.
#
# ## Notes and references
#
# The exact mean-square threshold is a theorem of {cite:t}`mulayoff2024exact`; the randomised projections of the last exercise are Kaczmarz's method. On dynamical stability and the selection of minima by batch size see {cite:t}`wu2018sgd`. Of all these we read the abstracts. The figure and its claims use the 8×8 digits that ship with scikit-learn and, for the plain ones, {cite:t}`lecun1998gradient`.
