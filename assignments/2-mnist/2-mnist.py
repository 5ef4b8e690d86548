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
# # Problem set 2: how tight is the bound, and for which run?
#
# On chapter 4, *Tightness on MNIST*. No question needs MNIST; where images are needed, the small digits of scikit-learn serve.
#
# **Prerequisites.** Chapter 1 from *Three thresholds* on, the chain of bounds of chapter 3, and chapter 4. Linear algebra: eigenvalues of symmetric matrices, Cauchy–Schwarz, the pseudo-inverse. NumPy.
#
# **After this set you can**
#
# - run a variant of SGD without weights, and say what its weights would be or do;
# - compute when SGD is stable in mean square, for several ways to choose the batches, by hand in small cases and by program in others;
# - say what a stopping rule proves, and how much of the sharpness a cheap bound sees.
#
# **How it works.** Fill in the functions and the places that say "your answer". `grader.check` runs the tests that you may see; more are run when
# the set is marked, with other inputs. In marking, the notebook is run from top to bottom, and a cell is stopped after thirty seconds, a test after ten.

# %%
import itertools

import matplotlib.pyplot as plt
import numpy as np

from stableminima import (bound_chain, digit_pair, random_network, sharpness, tangent_kernel,
                          train_sweep)


# %% [markdown] question="decayed_step" points=6 by_hand=2 minutes=40 needs=["04-engine#function-space", "04-engine#knots-in-training"]
# ## Weight decay without weights
#
# SGD with weight decay $\mu\ge0$ shrinks the weights and the hidden biases in every step, but not the output bias: with $L_b$ the loss $\frac1{2B}\sum_{j\in b}r_j^2$ on a batch $b$ of $B$ samples, it does
#
# $$
# (W,b,v)\leftarrow(W,b,v)-\eta\bigl(\nabla L_b+\mu\,(W,b,v)\bigr),\qquad c\leftarrow c-\eta\,\partial_cL_b ,
# $$
#
# all gradients taken before the step.
#
# (a) Write this step in function space: what becomes of $Z$ ($z_{ij}=w_i\cdot x_j+b_i$), of $v$ and of $c$? Let $0<\eta\mu<1$. Is it still true that a neuron that is off on every sample is never on again?
#
# (b) Many programs leave the hidden biases $b_i$ out of the decay, too. What must then be kept besides $Z$, $v$ and $c$, and which matrices are needed?
#
# (c) Write `decayed_step` for the rule of (a). It must not use inputs or weights: only $K=XX^{\mathsf T}+\mathbf1\mathbf1^{\mathsf T}$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) With $\Gamma_{ij}=\frac\eta Br_jv_i1[z_{ij}>0]$ for $j\in b$ and $0$ otherwise, the step is $w_i\leftarrow(1-\eta\mu)w_i-\sum_j\Gamma_{ij}x_j$, $b_i\leftarrow(1-\eta\mu)b_i-\sum_j\Gamma_{ij}$. As $z_{il}$ is linear in $(w_i,b_i)$,
#
# $$
# Z\leftarrow(1-\eta\mu)Z-\Gamma K,\qquad v_i\leftarrow(1-\eta\mu)v_i-\tfrac\eta B\sum_{j\in b}r_j(z_{ij})_+,\qquad c\leftarrow c-\tfrac\eta B\sum_{j\in b}r_j .
# $$
#
# A neuron that is off everywhere has $\Gamma_{ij}=0$, and its $z_{ij}\le0$ are multiplied by $1-\eta\mu>0$: it stays off. (It is no longer left as it is: its parameters shrink to zero.)
#
# (b) Split $z_{ij}=y_{ij}+b_i$ with $y_{ij}=w_i\cdot x_j$. Then $Y\leftarrow(1-\eta\mu)Y-\Gamma XX^{\mathsf T}$ and $b\leftarrow b-\Gamma\mathbf1$: the vector $b$ must be kept, and the Gram matrix is needed without the ones. (Now a dead neuron need not stay dead: its $Y$ shrinks and its $b$ does not.)
#
# **Rubric.** 1 point: the update of $Z$ with its reason, and that the dead stay dead, because a factor $1-\eta\mu>0$ keeps the sign. 1 point: (b), with $b$ kept and $XX^{\mathsf T}$ in the place of $K$.

# %% tags=["answer"]
def decayed_step(Z, v, c, K, y, batch, step_size, decay):
    """One step of SGD with weight decay, in function space.

    Z: pre-activations of k neurons on n samples, (k, n).  v: output weights, (k,).  c: output bias, a number.
    K: X Xᵀ + 1, (n, n).  y: labels, (n,).  batch: the indices of the samples of the batch, (B,).
    Returns the new (Z, v, c) and leaves its arguments as they are.
    """
    # BEGIN SOLUTION
    Z, batch = np.asarray(Z, float), np.asarray(batch)
    hidden = np.maximum(Z[:, batch], 0)
    pull = step_size / len(batch) * (v @ hidden + c - y[batch])
    gamma = np.outer(v, pull) * (hidden > 0)
    shrink = 1 - step_size * decay
    return shrink * Z - gamma @ K[batch], shrink * v - hidden @ pull, c - pull.sum()
    # END SOLUTION


# %% [markdown] question="ascended_step" instead_of="decayed_step" points=6 by_hand=2 minutes=40
# ## Uphill first, without weights
#
# Sharpness-aware minimisation takes the gradient of each step at a point a little uphill: with $\theta=(W,b,v,c)$, $L_b$ the loss $\frac1{2B}\sum_{j\in b}r_j^2$ on a batch $b$ of $B$ samples, and a radius $\rho>0$,
#
# $$
# \theta'=\theta+\rho\,\frac{\nabla L_b(\theta)}{\|\nabla L_b(\theta)\|},\qquad\theta\leftarrow\theta-\eta\,\nabla L_b(\theta'),
# $$
#
# and no step at all where $\nabla L_b(\theta)=0$.
#
# (a) Write this step in function space: what are $Z'$ ($z'_{ij}=w'_i\cdot x_j+b'_i$), $v'$, $c'$ and the new $Z$, $v$, $c$? How does one get the length of the gradient without weights? Is it still true that a neuron that is off on every sample is never changed again? And is a neuron dead that is off on every sample at $\theta'$?
#
# (b) Many programs leave the hidden biases $b_i$ out of the ascent (they are neither moved by it nor part of $\|\nabla L_b(\theta)\|$), but not out of the descent. Which matrices are needed then, and must anything be kept besides $Z$, $v$ and $c$?
#
# (c) Write `ascended_step` for the rule of (a). It must not use inputs or weights: only $K=XX^{\mathsf T}+\mathbf1\mathbf1^{\mathsf T}$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Let $G_{ij}=\frac1Br_jv_i1[z_{ij}>0]$ for $j\in b$ and $0$ otherwise. The gradient is $\sum_jG_{ij}x_j$ by $w_i$, $\sum_jG_{ij}$ by $b_i$, $p_i=\frac1B\sum_{j\in b}r_j(z_{ij})_+$ by $v_i$ and $q=\frac1B\sum_{j\in b}r_j$ by $c$. As $\|\sum_jG_{ij}x_j\|^2+(\sum_jG_{ij})^2=(GKG^{\mathsf T})_{ii}$, its length $N$ has $N^2=\operatorname{tr}(GKG^{\mathsf T})+\|p\|^2+q^2$. Then
#
# $$
# \begin{gathered}
# Z'=Z+\tfrac\rho NGK,\qquad v'=v+\tfrac\rho Np,\qquad c'=c+\tfrac\rho Nq,\\
# Z\leftarrow Z-\eta\,G'K,\qquad v\leftarrow v-\eta\,p',\qquad c\leftarrow c-\eta\,q',
# \end{gathered}
# $$
#
# where $G',p',q'$ are $G,p,q$ with $Z',v',c'$ in the place of $Z,v,c$. If neuron $i$ is off everywhere, its row of $G$ and $p_i$ are zero, so that $z'_{ij}=z_{ij}\le0$; then its row of $G'$ and $p'_i$ are zero, too: it is never changed again. A neuron that is off only at $\theta'$ is not changed by *this* step; but it is on somewhere at $\theta$, and the next batch may move it.
#
# (b) $z'_{ij}=w'_i\cdot x_j+b_i$: the ascent is $Z'=Z+\frac\rho NG\,XX^{\mathsf T}$, with $N^2=\operatorname{tr}(G\,XX^{\mathsf T}G^{\mathsf T})+\|p\|^2+q^2$; the descent moves $b$ and has $K$. So $XX^{\mathsf T}$ is needed, from which $K$ follows. Nothing more is kept: $\theta'$ is made from $\theta$ and forgotten, and the bias of the unit enters $z'$ only within $z$.
#
# **Rubric.** 1 point: both moves with $K$, the length through $GKG^{\mathsf T}$, and that the dead stay dead as their rows vanish at $\theta$ and at $\theta'$. 1 point: (b), $XX^{\mathsf T}$ in the ascent and its length, $K$ in the descent, and nothing kept.

# %% tags=["answer"]
def ascended_step(Z, v, c, K, y, batch, step_size, radius):
    """One step of sharpness-aware minimisation, in function space.

    Z: pre-activations of k neurons on n samples, (k, n).  v: output weights, (k,).  c: output bias, a number.
    K: X Xᵀ + 1, (n, n).  y: labels, (n,).  batch: the indices of the samples of the batch, (B,).
    radius: ρ.  Returns the new (Z, v, c) and leaves its arguments as they are.
    """
    # BEGIN SOLUTION
    Z, v, batch = np.asarray(Z, float), np.asarray(v, float), np.asarray(batch)

    def gradient(Z, v, c):
        hidden = np.maximum(Z[:, batch], 0)
        residual = (v @ hidden + c - y[batch]) / len(batch)
        return np.outer(v, residual) * (hidden > 0), hidden @ residual, residual.sum()

    G, p, q = gradient(Z, v, c)
    length = np.sqrt(np.sum((G @ K[np.ix_(batch, batch)]) * G) + p @ p + q**2)
    if length == 0:
        return Z, v, c
    up = radius / length
    G, p, q = gradient(Z + up * G @ K[batch], v + up * p, c + up * q)
    return Z - step_size * G @ K[batch], v - step_size * p, c - step_size * q
    # END SOLUTION


# %% [markdown] question="weights_of" points=5 by_hand=2 minutes=35 needs=["04-engine#function-space"]
# ## The weights, from the state
#
# A run of SGD (without decay) started at the hidden weights $W_0$ and biases $b_0$ and was carried out in function space. Afterwards only the pre-activations $Z$ on the $n$ samples are left; nobody has kept the sum $C$ of the matrices $\Gamma$.
#
# (a) Let $A=[X\ \mathbf1]$, $n\times(d+1)$, and let $\Delta$ be the $k\times(d+1)$ matrix of the changes $[W-W_0\ \ b-b_0]$. Show that each row of $\Delta$ lies in the row space of $A$, and conclude that $Z$, $W_0$, $b_0$ and $X$ determine $W$ and $b$, *whatever* the rank of $A$ is.
#
# (b) Suppose that $Z$ is known up to an error $E$, a $k\times n$ matrix. How wrong can $[W\ \ b]$ be in the Frobenius norm? How wrong can the pre-activations on the sample be that one computes from these $W$ and $b$? Say in a sentence what this means for a program that works in single precision.
#
# (c) Write `weights_of`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $W-W_0=-CX$ and $b-b_0=-C\mathbf1$ (chapter 4, *SGD without weights*), that is $\Delta=-CA$: every row is a combination of rows of $A$. Let $Z_0=W_0X^{\mathsf T}+b_0\mathbf1^{\mathsf T}$. Then $Z-Z_0=\Delta A^{\mathsf T}$, row by row $A\,\delta=\zeta$. This has exactly one solution in the row space of $A$, since two of them differ by a vector that lies both in the row space and in the null space of $A$. It is the solution of least length, $\delta=A^+\zeta$:
#
# $$
# [W\ \ b]=[W_0\ \ b_0]+(Z-Z_0)(A^+)^{\mathsf T}.
# $$
#
# (b) The error is $E(A^+)^{\mathsf T}$, at most $\|E\|_F/\sigma$ with the smallest *non-zero* singular value $\sigma$ of $A$, which is attained. The pre-activations computed from it are wrong by $E(A^+)^{\mathsf T}A^{\mathsf T}=E(AA^+)^{\mathsf T}$. $AA^+$ is an orthogonal projection: at most $\|E\|_F$. So rounding in $Z$ can do harm to the weights, and with them to the function off the sample, by a factor $1/\sigma$, but not on the sample. (The book's engine keeps $C$.)
#
# **Rubric.** 1 point: row space, uniqueness, formula (a proof by "$A$ has full rank" gets none). 1 point: both bounds and a sensible sentence.

# %% tags=["answer"]
def weights_of(Z, W0, b0, X):
    """The hidden weights (k, d) and biases (k,) of a run of SGD that began at W0 (k, d), b0 (k,).

    Z: the pre-activations now, (k, n).  X: the inputs, (n, d).
    """
    # BEGIN SOLUTION
    A = np.column_stack([X, np.ones(len(X))])
    start = np.column_stack([W0, b0])
    now = start + (Z - start @ A.T) @ np.linalg.pinv(A).T
    return now[:, :-1], now[:, -1]
    # END SOLUTION


# %% [markdown] question="off_sample" instead_of="weights_of" points=5 by_hand=2 minutes=35
# ## A new image, without weights
#
# A run of SGD (without decay) was carried out in function space. What is left are the pre-activations $Z_0$ and $Z$ on the $n$ samples, $k\times n$, at its start and at its end. What does the network say at an input $x^*$ that is not in the sample? Let $K=XX^{\mathsf T}+\mathbf1\mathbf1^{\mathsf T}$, $k^*$ the vector of the numbers $x_j\cdot x^*+1$, and $z_0^*$ the pre-activations at $x^*$ of the network with which the run began.
#
# (a) Show that *whatever* the rank of $K$ is, the pre-activations at $x^*$ are $z^*=z_0^*+(Z-Z_0)K^+k^*$.
#
# (b) Two runs from different starts, with other batches and other steps, end with the same $Z$ on the samples. At which inputs $x^*$ must their pre-activations agree, whatever the starts were? Give the set, and show that it cannot be enlarged. What does this say of a pixel that is black in all $n$ images?
#
# (c) Write `off_sample` for several new inputs. It must not use inputs or weights. As $K$ may be singular, let eigenvalues of $K$ below $10^{-10}$ times the largest count as zero.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Let $A=[X\ \mathbf1]$ and $a=(x^*,1)$, so that $K=AA^{\mathsf T}$ and $k^*=Aa$. With the sum $C$ of all $\Gamma$ the parameters $[w_i\ b_i]$ change by the rows of $-CA$ (chapter 4, *SGD without weights*): $Z-Z_0=-CAA^{\mathsf T}=-CK$ and $z^*-z_0^*=-CAa=-Ck^*$. Now $k^*$ lies in the range of $A$, which is that of $AA^{\mathsf T}=K$, and $KK^+$ is the orthogonal projection onto it. So $(Z-Z_0)K^+k^*=-CKK^+k^*=-Ck^*$.
#
# (b) In the affine hull of the samples. If $x^*=\sum_j\gamma_jx_j$ with $\sum_j\gamma_j=1$, that is $a=A^{\mathsf T}\gamma$, then $z^*=[W\ b]A^{\mathsf T}\gamma=Z\gamma$, which knows nothing of the start. Otherwise $a=A^{\mathsf T}\gamma+a_\perp$ with $a_\perp\ne0$ orthogonal to all rows of $A$. Adding a multiple $\epsilon a_\perp$ to the $[w_i\ b_i]$ of the start changes $Z_0$ by $\epsilon Aa_\perp=0$: the run in function space is the same, $Z$ too, but $z_i^*$ changes by $\epsilon\|a_\perp\|^2$. A black pixel: an image with $t$ in this pixel is outside of the affine hull, and $z_i^*$ has the summand $t$ times the weight of the pixel *at the start*. Training has never touched it.
#
# **Rubric.** 1 point: (a), with the range of $K$ (a proof with $K^{-1}$ gets none). 1 point: (b), the affine hull, both directions, and the pixel.

# %% tags=["answer"]
def off_sample(Z, Z0, K, start, cross):
    """The pre-activations at m new inputs, (k, m).

    Z, Z0: on the samples, now and at the start, (k, n).  K: X Xᵀ + 1, (n, n).
    start: those of the start at the new inputs, (k, m).  cross: x_j · x* + 1, (n, m).
    """
    # BEGIN SOLUTION
    return start + (Z - Z0) @ np.linalg.pinv(K, rcond=1e-10, hermitian=True) @ cross
    # END SOLUTION


# %% [markdown] question="mean_square_threshold" points=6 by_hand=3 minutes=45 needs=["01-three-thresholds#mean-square-exactly"]
# ## Two gradients, one at a time
#
# An interpolating minimum with $n=2$ samples, gradients $\phi_1,\phi_2\ne0$, and SGD with independent batches of $B=1$. Let $\eta_{\mathrm{ms}}=2/\mu$ be its mean-square threshold (chapter 1).
#
# (a) Compute $\mu$ by hand from the definitions $CM=\frac12(HM+MH)$ and $DM=\frac12\sum_i\phi_i\phi_i^{\mathsf T}M\phi_i\phi_i^{\mathsf T}$ if $\phi_2=q\,\phi_1$ for a number $q$.
#
# (b) The same if $\phi_1\perp\phi_2$. What is $\eta_{\mathrm{ms}}$ here, as a multiple of the threshold $2/\lambda_{\max}(H)$ of gradient descent?
#
# (c) Let $\|\phi_1\|=\|\phi_2\|$, at an angle $\vartheta$ with $0<\vartheta<\pi$. Show that $\eta_{\mathrm{ms}}$ does not depend on $\vartheta$. Between which numbers does $\eta_{\mathrm{ms}}\lambda_{\max}(H)/2$ vary? (In the plane, take $\phi_{1,2}=(\alpha,\pm\beta)$ and write $C$ and $D$ in the three entries of $M$.)
#
# (d) Write `mean_square_threshold` for any number of samples and any batch size: batches of $B$ different samples, all equally likely, independent of each other. It is meant for $n\le6$ samples, so that you may build all batches and matrices of order $p^2$, with no formula for the noise of a batch.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) On the span of $\phi_1$ everything is a number. With $h=\|\phi_1\|^2$ the two curvatures are $h$ and $q^2h$, $C=\frac h2(1+q^2)$ and $D=\frac{h^2}2(1+q^4)$: $\mu=h\,\frac{1+q^4}{1+q^2}$.
#
# (b) In the basis $\phi_i/\|\phi_i\|$, with $h_i=\|\phi_i\|^2$, $H=\frac12\operatorname{diag}(h_1,h_2)$. $D$ takes the off-diagonal entries of $M$ to $0$ and $m_{ii}$ to $\frac12h_i^2m_{ii}$; $C$ takes $m_{ii}$ to $\frac12h_im_{ii}$. So the eigenvalues of $C^{-1}D$ are $h_1,h_2,0$ and $\mu=\max(h_1,h_2)$, whereas $\lambda_{\max}=\frac12\max(h_1,h_2)$: $\eta_{\mathrm{ms}}$ is half the threshold of gradient descent.
#
# (c) $H=\operatorname{diag}(\alpha^2,\beta^2)$ and $\phi_i^{\mathsf T}M\phi_i=s\pm2\alpha\beta m_{12}$ with $s=\alpha^2m_{11}+\beta^2m_{22}$. So
# $DM=s\operatorname{diag}(\alpha^2,\beta^2)+2\alpha^2\beta^2m_{12}\begin{pmatrix}0&1\\1&0\end{pmatrix}$, and $CM$ has the entries $\alpha^2m_{11}$, $\beta^2m_{22}$, $\frac12(\alpha^2+\beta^2)m_{12}$. On diagonal $M$, $C^{-1}DM=s\,I$, with the eigenvalues $\alpha^2+\beta^2$ (at $M=I$) and $0$; on off-diagonal ones it is $4\alpha^2\beta^2/(\alpha^2+\beta^2)\le\alpha^2+\beta^2$. So $\mu=\alpha^2+\beta^2=\|\phi_1\|^2$ and $\eta_{\mathrm{ms}}=2/\|\phi_1\|^2$ for every angle. As
# $\lambda_{\max}(H)=\max(\alpha^2,\beta^2)=\frac12\|\phi_1\|^2(1+|\cos\vartheta|)$, the quotient is $\frac12(1+|\cos\vartheta|)$: from $\frac12$ (orthogonal) up to, but not including, $1$ (parallel).
#
# **Rubric.** 1 point for each of (a), (b), (c). In (b), "the off-diagonal entries go to zero" must be said; in (c) the off-diagonal eigenvalue must be compared.

# %% tags=["answer"]
def mean_square_threshold(gradients, batch_size):
    """The largest step size at which SGD is stable in mean square.

    gradients: (n, p), row i is φ_i; the rows span the whole space of p dimensions.  batch_size: from 1 to n.
    """
    # BEGIN SOLUTION
    F = np.asarray(gradients, float)
    batches = [list(batch) for batch in itertools.combinations(range(len(F)), batch_size)]
    curvatures = [F[batch].T @ F[batch] / batch_size for batch in batches]
    H, one = np.mean(curvatures, axis=0), np.eye(F.shape[1])
    C = (np.kron(H, one) + np.kron(one, H)) / 2
    D = np.mean([np.kron(h, h) for h in curvatures], axis=0)
    return 2 / np.linalg.eigvals(np.linalg.solve(C, D)).real.max()
    # END SOLUTION


# %% [markdown] question="weighted_threshold" instead_of="mean_square_threshold" points=6 by_hand=3 minutes=45
# ## Which samples to draw more often
#
# An interpolating minimum with gradients $\phi_1,\dots,\phi_n\ne0$, and SGD with one sample a step, drawn independently: sample $i$ with probability $p_i>0$, $\sum_ip_i=1$. So that the mean step is that of gradient descent, the step with sample $i$ follows $\frac1{np_i}r_i\phi_i$; its curvature is $\frac1{np_i}\phi_i\phi_i^{\mathsf T}$. Let $h_i=\|\phi_i\|^2$ and, as in chapter 1, $CM=\frac12(HM+MH)$, $DM$ the mean of $H_iMH_i$ over the draws with these $H_i$, and $\eta_{\mathrm{ms}}=2/\lambda_{\max}(C^{-1}D)$.
#
# (a) Write down $D$. Compute $\eta_{\mathrm{ms}}$ for pairwise orthogonal gradients and any $p$. Which $p$ makes it largest, how large is it then, and how large for $p_i=\frac1n$?
#
# (b) Show that for *any* gradients and any $p$, $\eta_{\mathrm{ms}}\le2/\operatorname{tr}H$. (Put one matrix into the quotient.)
#
# (c) Show that $p_i=h_i/\sum_jh_j$ attains this bound, for any gradients. Between which numbers does the ratio of this threshold to that of gradient descent lie?
#
# (d) Write `weighted_threshold` for any probabilities.

# %% [markdown] tags=["solution"]
# **Model answer.** (a)
#
# $$
# DM=\sum_ip_i\,\frac{\phi_i\phi_i^{\mathsf T}M\phi_i\phi_i^{\mathsf T}}{n^2p_i^2}=\frac1{n^2}\sum_i\frac{\phi_i^{\mathsf T}M\phi_i}{p_i}\,\phi_i\phi_i^{\mathsf T}.
# $$
#
# In the basis $\phi_i/\sqrt{h_i}$, $H=\frac1n\operatorname{diag}(h_i)$; $D$ takes off-diagonal entries to $0$ and $m_{ii}$ to $\frac{h_i^2}{n^2p_i}m_{ii}$, $C$ takes $m_{ii}$ to $\frac{h_i}nm_{ii}$: $\mu=\max_i\frac{h_i}{np_i}$. As $h_i\le n\mu\,p_i$ adds up to $\sum h_i\le n\mu$, $\mu\ge\frac1n\sum h_i=\operatorname{tr}H$, with equality for $p_i$ proportional to $h_i$. So at best $\eta_{\mathrm{ms}}=2/\operatorname{tr}H$, and $2/\max h_i$ with equal probabilities.
#
# (b) With $M=I$: $\langle I,CI\rangle=\operatorname{tr}H=\frac1n\sum h_i$, and by Cauchy–Schwarz
#
# $$
# \langle I,DI\rangle=\frac1{n^2}\sum_i\frac{h_i^2}{p_i}=\frac1{n^2}\sum_i\frac{h_i^2}{p_i}\sum_ip_i\ge\Bigl(\frac1n\sum_ih_i\Bigr)^2 .
# $$
#
# So $\mu\ge\operatorname{tr}H$.
#
# (c) Now $p_i=h_i/(n\operatorname{tr}H)$. For symmetric $M$, $(\phi_i^{\mathsf T}M\phi_i)^2\le h_i\|M\phi_i\|^2$, hence
#
# $$
# \langle M,DM\rangle=\frac1{n^2}\sum_i\frac{(\phi_i^{\mathsf T}M\phi_i)^2}{p_i}\le\frac{\operatorname{tr}H}n\sum_i\|M\phi_i\|^2=\operatorname{tr}H\cdot\operatorname{tr}(HM^2)=\operatorname{tr}H\,\langle M,CM\rangle :
# $$
#
# $\mu\le\operatorname{tr}H$, and with (b) equality. The ratio to $2/\lambda_{\max}(H)$ is $\lambda_{\max}(H)/\operatorname{tr}H$: at most $1$ (all gradients parallel), and at least one over the rank of $H$ (all non-zero eigenvalues equal).
#
# **Rubric.** 1 point: (a), $D$ and both thresholds; "the off-diagonal entries go to zero" must be said. 1 point: (b), $M=I$ with Cauchy–Schwarz. 1 point: (c), the bound for every $M$, and the ratio.

# %% tags=["answer"]
def weighted_threshold(gradients, probabilities):
    """The largest step size at which SGD with one sample a step, drawn with these probabilities, is mean-square stable.

    gradients: (n, p), row i is φ_i; the rows span the whole space of p dimensions.  probabilities: (n,), positive.
    """
    # BEGIN SOLUTION
    F, chances = np.asarray(gradients, float), np.asarray(probabilities, float)
    curvatures = [np.outer(phi, phi) / (len(F) * chance) for phi, chance in zip(F, chances, strict=True)]
    H, one = F.T @ F / len(F), np.eye(F.shape[1])
    C = (np.kron(H, one) + np.kron(one, H)) / 2
    D = sum(chance * np.kron(h, h) for chance, h in zip(chances, curvatures, strict=True))
    return 2 / np.linalg.eigvals(np.linalg.solve(C, D)).real.max()
    # END SOLUTION


# %% [markdown] question="coin_threshold" instead_of="mean_square_threshold" points=6 by_hand=3 minutes=45
# ## Batches by the toss of a coin
#
# An interpolating minimum with gradients $\phi_1,\dots,\phi_n$ of $n\ge2$ samples. In each step every sample enters the batch $b$ with probability $q$, $0<q\le1$, independently of the others and of other steps; the step follows $\frac1{qn}\sum_{j\in b}r_j\phi_j$, so that the curvature of a batch is
#
# $$
# H_b=\frac1{qn}\sum_{j\in b}H_j,\qquad H_j=\phi_j\phi_j^{\mathsf T},\qquad\mathbb E\,H_b=H .
# $$
#
# An empty batch makes no step. As in chapter 1, $CM=\frac12(HM+MH)$, $DM=\mathbb E[H_bMH_b]$ on symmetric matrices.
#
# (a) Show that $DM=HMH+\frac{1-q}{q\,n^2}\sum_jH_jMH_j$. What of the batches does the theorem *The mean-square threshold* use, so that $\eta_{\mathrm{ms}}=2/\lambda_{\max}(C^{-1}D)$ here, too?
#
# (b) Compute $\eta_{\mathrm{ms}}$ for pairwise orthogonal gradients, as a multiple of the threshold $2/\lambda_{\max}(H)$ of gradient descent. Then for $n=2$, $q=\frac12$ and $\phi_2=s\,\phi_1$: compare with batches of exactly one sample.
#
# (c) Show that for any gradients and $1\le B\le n$ the coin with $q=B/n$ has a threshold that is at most that of batches of exactly $B$ different samples. Can they be equal for $B<n$?
#
# (d) Write `coin_threshold`.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Let $\varepsilon_j\in\{0,1\}$ say whether $j\in b$. $\mathbb E\,\varepsilon_i\varepsilon_j$ is $q^2$ for $i\ne j$ and $q$ for $i=j$. So
#
# $$
# DM=\frac1{q^2n^2}\sum_{i,j}\mathbb E[\varepsilon_i\varepsilon_j]H_iMH_j=\frac1{n^2}\sum_{i,j}H_iMH_j+\frac{q-q^2}{q^2n^2}\sum_jH_jMH_j .
# $$
#
# The proof uses that the $H_b$ are symmetric, that their mean is $H$, and that they are drawn independently and from the same law in each step; nothing of the number of samples in them.
#
# (b) In the basis $\phi_i/\|\phi_i\|$, with $h_i=\|\phi_i\|^2$: $H=\frac1n\operatorname{diag}(h_i)$. $C$ multiplies $m_{ij}$ by $\frac{h_i+h_j}{2n}$; $D$ multiplies $m_{ij}$, $i\ne j$, by $h_ih_j/n^2$ and $m_{ii}$ by $\frac{h_i^2}{n^2}(1+\frac{1-q}q)=\frac{h_i^2}{qn^2}$. The quotients are $\frac{2h_ih_j}{n(h_i+h_j)}\le\frac1n\max h$ and $\frac{h_i}{qn}$. So $\mu=\lambda_{\max}(H)/q$: the threshold is $q$ times that of gradient descent. Parallel gradients, $h=\|\phi_1\|^2$: everything is a number, $H=\frac h2(1+s^2)$ and $D=H^2+\frac{h^2}4(1+s^4)$, so that
#
# $$
# \mu=\frac DH=h\,\frac{(1+s^2)^2+1+s^4}{2(1+s^2)}=h\,\frac{1+s^2+s^4}{1+s^2}.
# $$
#
# With exactly one sample $H$ is the same and $D=\frac{h^2}2(1+s^4)$: $\mu=h\frac{1+s^4}{1+s^2}$, smaller by $h\frac{s^2}{1+s^2}$. The coin is less stable, though its batches are as large on average.
#
# (c) For $q=B/n$, $\frac{1-q}{q}=\frac{n-B}B=p\,(n-1)$ with the $p$ of *The noise of a batch*. With $\Sigma=\sum_jH_jMH_j$, the $D$ of the coin minus that of exact batches is
#
# $$
# \Bigl[HMH+\frac{p(n-1)}{n^2}\Sigma\Bigr]-\Bigl[(1-p)HMH+\frac pn\Sigma\Bigr]=p\Bigl[HMH-\frac1{n^2}\Sigma\Bigr]=\frac p{n^2}\sum_{i\ne j}H_iMH_j .
# $$
#
# The inner product with $M$ is $\frac p{n^2}\sum_{i\ne j}(\phi_i^{\mathsf T}M\phi_j)^2\ge0$. So $\langle M,DM\rangle/\langle M,CM\rangle$ is at least as large for the coin, for every $M$, and so is its maximum. They can be equal: for orthogonal gradients $M=\phi_i\phi_i^{\mathsf T}$ with the longest $\phi_i$ makes the sum vanish, and it attains the maximum of the coin in (b).
#
# **Rubric.** 1 point: (a), with what the theorem uses. 1 point: (b), both cases; the off-diagonal quotients must be compared. 1 point: (c), the difference as a sum of squares, and a case of equality.

# %% tags=["answer"]
def coin_threshold(gradients, probability):
    """The largest step size at which SGD is stable in mean square, if each sample enters a batch by a coin of its own.

    gradients: (n, p), row i is φ_i; the rows span the whole space of p dimensions.  probability: q, 0 < q ≤ 1.
    """
    # BEGIN SOLUTION
    F = np.asarray(gradients, float)
    curvatures = [np.outer(phi, phi) for phi in F]
    H, one = np.mean(curvatures, axis=0), np.eye(F.shape[1])
    C = (np.kron(H, one) + np.kron(one, H)) / 2
    noise = np.mean([np.kron(h, h) for h in curvatures], axis=0) / len(F)
    D = np.kron(H, H) + (1 - probability) / probability * noise
    return 2 / np.linalg.eigvals(np.linalg.solve(C, D)).real.max()
    # END SOLUTION


# %% [markdown] question="epoch_growth" points=7 by_hand=4 minutes=50 needs=["01-three-thresholds#mean-square-exactly", "04-mnist-tightness#mnist-which"]
# ## Reshuffling, for two samples
#
# In the recorded runs of chapter 4, some with reshuffled epochs converge beyond the mean-square threshold of independent batches. For two samples one can prove that reshuffling never does harm.
#
# Interpolating minimum, $B=1$, $P_i=I-\eta\,\phi_i\phi_i^{\mathsf T}$. Let $\mathcal A_iM=P_iMP_i$ on symmetric matrices with $\langle M,N\rangle=\operatorname{tr}(MN)$, and let $M=\mathbb E[\delta\delta^{\mathsf T}]$ be the second moment of the error at the beginning of an epoch. The *growth over an epoch* is the size of the eigenvalue that is largest in size, of the linear map that takes $M$ to the second moment after the epoch. An epoch has $n$ steps: with independent batches each uses a sample drawn afresh; with reshuffling the $n$ samples come in an order drawn uniformly, independently for each epoch.
#
# (a) One parameter, any $n$, curvatures $h_i=\phi_i^2$. Compute both growths and show that the one with reshuffling is at most the other. When are they equal?
#
# (b) Now $n=2$ and any number of parameters. Let $T^2$ and $R$ be the two maps, with $T=\frac12(\mathcal A_1+\mathcal A_2)$. Show that $\mathcal A_i$ is symmetric, write down $R$, and show $T^2-R=\frac14(\mathcal A_1-\mathcal A_2)^2$.
#
# (c) Conclude that for two samples, at every step size, the growth with reshuffling is at most that with independent batches. (Why is the eigenvalue of $R$ that is largest in size its largest one? Chapter 1 has the argument.) Does this say that every reshuffled run converges where independent batches are stable in mean square?
#
# (d) Write `epoch_growth` for any $n\le4$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) A step with sample $i$ multiplies $\delta^2$ by $(1-\eta h_i)^2$. Independent: $\bigl(\frac1n\sum_i(1-\eta h_i)^2\bigr)^n$. Reshuffled: every order gives the same product, $\prod_i(1-\eta h_i)^2$. This is the AM–GM inequality for the numbers $(1-\eta h_i)^2$; equality exactly if all $|1-\eta h_i|$ are equal.
#
# (b) $\langle N,\mathcal A_iM\rangle=\operatorname{tr}(NP_iMP_i)=\operatorname{tr}(P_iNP_iM)=\langle\mathcal A_iN,M\rangle$, as $P_i$ is symmetric. The order "first 1, then 2" maps $M$ to $P_2P_1MP_1P_2=\mathcal A_2\mathcal A_1M$, so $R=\frac12(\mathcal A_1\mathcal A_2+\mathcal A_2\mathcal A_1)$, which is symmetric too. And $4T^2=\mathcal A_1^2+\mathcal A_2^2+2R$, so that $4(T^2-R)=\mathcal A_1^2+\mathcal A_2^2-2R=(\mathcal A_1-\mathcal A_2)^2$.
#
# (c) $R$ maps positive semi-definite matrices to such and is symmetric; by the argument of the theorem *The mean-square threshold*, its spectral radius is $\lambda_{\max}(R)$. The square of a symmetric map is positive semi-definite, so $\lambda_{\max}(R)=\max_{\|M\|=1}\langle M,RM\rangle\le\max_{\|M\|=1}\langle M,T^2M\rangle=\lambda_{\max}(T^2)$, the growth with independent batches. If that growth is below one, so is the one with reshuffling; then $\mathbb E\|\delta\|^2$ tends to zero exponentially fast, and by Borel–Cantelli (or summing, as in chapter 1) almost every reshuffled run of the *linearised* dynamics converges. At growth exactly one nothing follows, and nothing is said of the non-linear run far from the minimum.
#
# **Rubric.** 1 point: (a) with the case of equality. 1 point: (b). 1 point: the spectral radius of $R$ is its largest eigenvalue, with a reason. 1 point: the comparison and the answer to the last question, with one limitation named.

# %% tags=["answer"]
def epoch_growth(gradients, step_size):
    """The growth of the second moment over an epoch of n steps with B = 1: (independent, reshuffled).

    gradients: (n, p), row i is φ_i; the rows span the whole space of p dimensions.
    """
    # BEGIN SOLUTION
    F = np.asarray(gradients, float)
    n, p = F.shape
    steps = [np.eye(p) - step_size * np.outer(phi, phi) for phi in F]
    one_step = np.mean([np.kron(P, P) for P in steps], axis=0)
    orders = [np.linalg.multi_dot(order) if n > 1 else order[0] for order in itertools.permutations(steps)]
    shuffled = np.mean([np.kron(Q, Q) for Q in orders], axis=0)
    one_step, epoch = (np.abs(np.linalg.eigvals(A)).max() for A in (one_step, shuffled))
    return one_step**n, epoch
    # END SOLUTION


# %% [markdown] question="order_growth" instead_of="epoch_growth" points=7 by_hand=4 minutes=50
# ## The same order again, or there and back
#
# Reshuffling draws a new order for each epoch. One may also keep one order for ever, or go through the samples there and back. For two samples the three can be compared.
#
# Interpolating minimum, $B=1$, $P_i=I-\eta\,\phi_i\phi_i^{\mathsf T}$, and $Q=P_n\cdots P_2P_1$. Let $M=\mathbb E[\delta\delta^{\mathsf T}]$ be the second moment of the error at the beginning of an epoch of $n$ steps. The *growth over an epoch* is the size of the eigenvalue that is largest in size, of the linear map that takes a symmetric $M$ to the second moment after the epoch. *Fixed*: every epoch has the order $1,2,\dots,n$. *Swinging*: epochs have the orders $1,\dots,n$ and $n,\dots,1$ in turn; its growth is the square root of that over two epochs. *Reshuffled*: the order is drawn uniformly, independently for each epoch. Let $\rho(Q)$ be the largest size of an eigenvalue of $Q$, which may be complex, and $\|Q\|$ the largest singular value.
#
# (a) Show that the growth of the fixed order is $\rho(Q)^2$, and that of swinging is $\|Q\|^2$. Which is the smaller?
#
# (b) Let $n=2$ and $\mathcal A_iM=P_iMP_i$, on symmetric matrices with $\langle M,N\rangle=\operatorname{tr}(MN)$. Write down the map $R$ of a reshuffled epoch, show $\langle M,RM\rangle=\langle M,QMQ^{\mathsf T}\rangle$, and conclude that at every step size
#
# $$
# \text{fixed}\ \le\ \text{reshuffled}\ \le\ \text{swinging}.
# $$
#
# (c) Let $n=2$, $\|\phi_1\|=\|\phi_2\|$ at an angle $\vartheta$ with $0<\vartheta<\frac\pi2$, and $\eta=1/\|\phi_1\|^2$. Compute the three growths, and that over two steps with independent samples. Where does it lie?
#
# (d) Write `order_growth` for any $n$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) With a fixed order $\delta$ becomes $Q\delta$, so $M$ becomes $QMQ^{\mathsf T}$. On all matrices this is $Q\otimes Q$, whose eigenvalues are the products of two eigenvalues of $Q$: none is larger in size than $\rho(Q)^2$. And it is attained at a symmetric one: let $Qx=\lambda x$ with $|\lambda|=\rho(Q)$; then $Q\,xx^*Q^{\mathsf T}=|\lambda|^2xx^*$, and the real part of $xx^*$ is symmetric, has the trace $\|x\|^2\ne0$, and is an eigenmatrix with $\rho(Q)^2$. Swinging: the epoch back has the product $P_1\cdots P_n=Q^{\mathsf T}$, as the $P_i$ are symmetric. Two epochs are $Q^{\mathsf T}Q$, symmetric with $\rho=\|Q\|^2$; its growth is $\|Q\|^4$, the square root $\|Q\|^2$. As $\rho(Q)\le\|Q\|$, the fixed order grows at most as fast, for every $n$.
#
# (b) The order 1, 2 gives $M\mapsto P_2P_1MP_1P_2=\mathcal A_2\mathcal A_1M=QMQ^{\mathsf T}$, the other one $\mathcal A_1\mathcal A_2M$; $R=\frac12(\mathcal A_1\mathcal A_2+\mathcal A_2\mathcal A_1)$. Each $\mathcal A_i$ is symmetric, since $\operatorname{tr}(NP_iMP_i)=\operatorname{tr}(P_iNP_iM)$. So $\langle M,\mathcal A_1\mathcal A_2M\rangle=\langle\mathcal A_2\mathcal A_1M,M\rangle$: both halves of $\langle M,RM\rangle$ are $\langle M,QMQ^{\mathsf T}\rangle$. As $R$ is symmetric, its growth is the maximum of $|\langle M,RM\rangle|$ over $\|M\|=1$. *From below*: at the eigenmatrix of (a), divided by its length, the value is $\rho(Q)^2$. *From above*: $|\langle M,QMQ^{\mathsf T}\rangle|\le\|M\|\,\|QMQ^{\mathsf T}\|\le\|Q\|^2\|M\|^2$ in the Frobenius norm.
#
# (c) In the plane of the gradients (what is orthogonal to it is not moved, and is left out) $P_i=e_ie_i^{\mathsf T}$ with unit vectors $e_i\perp\phi_i$. Write $c=\cos\vartheta=|e_1\cdot e_2|$ and $E_i=e_ie_i^{\mathsf T}$, $\langle E_1,E_2\rangle=c^2$. $Q=(e_1\cdot e_2)\,e_2e_1^{\mathsf T}$ has $\rho(Q)=c^2$, $\|Q\|=c$: fixed $c^4$, swinging $c^2$. $\mathcal A_iM=\langle E_i,M\rangle E_i$, so that $RM=\frac{c^2}2(\langle E_2,M\rangle E_1+\langle E_1,M\rangle E_2)$. On $E_1\pm E_2$ it is $\pm\frac{c^2}2(1\pm c^2)$: reshuffled $\frac{c^2}2(1+c^2)$. Independent: $\frac12(\mathcal A_1+\mathcal A_2)$ has the eigenvalue $\frac12(1+c^2)$ at $E_1+E_2$ and $\frac12(1-c^2)$ at $E_1-E_2$; over two steps $\frac14(1+c^2)^2$. This is larger than all three, as $c<\frac12(1+c^2)$.
#
# **Rubric.** 1 point: (a), both growths, with complex eigenvalues dealt with. 1 point: $R$ and the identity, from the symmetry of $\mathcal A_i$. 1 point: both inequalities. 1 point: the four numbers of (c) and their order.

# %% tags=["answer"]
def order_growth(gradients, step_size):
    """The growth of the second moment over an epoch of n steps with B = 1: (fixed, swinging).

    gradients: (n, p), row i is φ_i, in the order of the epoch; the rows span the whole space of p dimensions.
    """
    # BEGIN SOLUTION
    F = np.asarray(gradients, float)
    Q = np.eye(F.shape[1])
    for phi in F:
        Q = Q - step_size * np.outer(phi, phi @ Q)
    return np.abs(np.linalg.eigvals(Q)).max() ** 2, np.linalg.norm(Q, 2) ** 2
    # END SOLUTION


# %% [markdown] question="stopping_epoch" points=5 by_hand=2 minutes=30 needs=["01-three-thresholds#almost-surely", "04-mnist-tightness#the-protocol", "04-mnist-tightness#mnist-flicker"]
# ## What a stopping rule proves
#
# The rule of chapter 4: a run has converged as soon as the loss on all samples, measured after each epoch, has been *below* the tolerance for `hold` consecutive epochs. With a warm-up, the epochs of the warm-up do not count.
#
# (a) Write `stopping_epoch`. Epochs are counted from one: `history[0]` is the loss after the first epoch.
#
# (b) An exercise of the chapter bounds the Lyapunov exponent of a run that survives. For full batches one can say more. Let gradient descent, linearised at an interpolating minimum, have $\eta\lambda_{\max}=2q$ with $q>1$, and let $\ell$ be the part of the loss that belongs to a top eigenvector when the $N$ epochs begin in which the loss is below $\tau$. (The loss is $\frac12\delta^{\mathsf T}H\delta$, and $\ell$ is measured after the first of these epochs.) Which $q$ are excluded? Give the number for $N=2000$, $\tau=10^{-8}$, $\ell=10^{-14}$, and say why a record may nevertheless contain converged runs of gradient descent with $\lambda_{\max}\eta/2=1.01$.

# %% [markdown] tags=["solution"]
# **Model answer.** (b) An epoch is one step and multiplies the error along the eigenvector by $1-2q$, hence its part of the loss by $(2q-1)^2$. The parts of the other eigenvectors are not negative. So the loss after the last of the $N$ epochs is at least $\ell(2q-1)^{2(N-1)}$, and this is below $\tau$:
#
# $$
# q<\tfrac12\Bigl[1+(\tau/\ell)^{1/(2(N-1))}\Bigr].
# $$
#
# With the numbers, $(10^6)^{1/3998}=e^{0.0034556}=1.0034616$: $q\ge1.00173$ is excluded. *A larger $\lambda_{\max}$ in a record* is that of the network with which the run stopped. It need not be the sharpness during the last 2000 epochs: away from a minimum at rest the sharpness itself oscillates, and the linearisation at the last network does not describe the epochs before.
#
# **Rubric.** 1 point: the inequality, with the other directions dealt with (an exponent $N$ in the place of $N-1$ is fine if the text says what is counted). 1 point: the number, and a reason that questions the hypothesis "one fixed minimum, linearised".

# %% tags=["answer"]
def stopping_epoch(history, tolerance, hold, warmup=0):
    """The number of epochs after which the run has converged, or None if it never does.

    history: the loss after each epoch.  warmup: so many first epochs do not count.
    """
    # BEGIN SOLUTION
    held = 0
    for epoch, loss in enumerate(history, start=1):
        held = held + 1 if loss < tolerance and epoch > warmup else 0
        if held >= hold:
            return epoch
    return None
    # END SOLUTION


# %% [markdown] question="plateau_epoch" instead_of="stopping_epoch" points=5 by_hand=2 minutes=30
# ## What a plateau proves
#
# Many programs stop not when the loss is low but when it no longer falls. Take this rule. The loss on all samples is measured after each epoch. The first one is the *reference*. An epoch whose loss is *below* $(1-\gamma)$ times the reference becomes the new reference; the run stops as soon as `patience` epochs in a row have set no new one. With a warm-up, its epochs do not count, and the first epoch after it is the first reference.
#
# (a) Write `plateau_epoch`. Epochs are counted from one: `history[0]` is the loss after the first epoch.
#
# (b) Let gradient descent, linearised at an interpolating minimum, be stable ($\eta\lambda\le2$ for all eigenvalues $\lambda$ of $H$), and stop by this rule with patience $N$. The loss is $\frac12\delta^{\mathsf T}H\delta$. Let $q_\lambda=(1-\eta\lambda)^2$, and for a number $s<1$ let $p_s$ be the part of the loss at the reference that belongs to eigenvectors with $q_\lambda^N\le s$. Show that $p_s\le\gamma/(1-s)$. Where does at least half of the loss lie, then? Give the intervals of $\eta\lambda$ for $N=100$ and $\gamma=0.01$, and say what the rule proves of the *size* of the loss. A run of the record stopped by it: is it at a minimum, and is $2/\eta$ its sharpness?

# %% [markdown] tags=["solution"]
# **Model answer.** (b) An epoch is a step; the part of the loss of an eigenvector is multiplied by $q_\lambda\le1$. Let $p_\lambda$ be the parts at the reference, $\sum p_\lambda=1$. $N$ epochs later the loss was still not below $1-\gamma$ times the reference:
#
# $$
# 1-\gamma\ \le\ \sum_\lambda p_\lambda q_\lambda^N\ \le\ p_s\,s+(1-p_s),\qquad\text{hence}\qquad p_s\le\frac\gamma{1-s}.
# $$
#
# With $s=1-2\gamma$, $p_s\le\frac12$: at least half of the loss lies in eigenvectors with $|1-\eta\lambda|>(1-2\gamma)^{1/2N}$. With the numbers, $0.98^{1/200}=e^{-0.00010101}=0.999899$: either $\eta\lambda<1.0101\cdot10^{-4}$ or $\eta\lambda>2-1.0101\cdot10^{-4}$. (If the reference loss is zero there is nothing to prove.) Of the size of the loss nothing is proved: one direction with $\eta\lambda=10^{-4}$ may hold any amount of it, and the run stops. So it need not be near a minimum; the flat end of the spectrum is the usual reason. If the other end is the reason, the sharpness is within about $0.005\,\%$ of $2/\eta$, but the rule does not tell the two apart, and away from a minimum, or with batches, the premises fail.
#
# **Rubric.** 1 point: the inequality, with $q_\lambda\le1$ used. 1 point: both intervals with numbers, and that the rule says nothing of the size of the loss and cannot tell the two ends apart.

# %% tags=["answer"]
def plateau_epoch(history, patience, gain, warmup=0):
    """The number of epochs after which the run has stopped, or None if it never does.

    history: the loss after each epoch.  gain: γ.  warmup: so many first epochs do not count.
    """
    # BEGIN SOLUTION
    reference, since = None, None
    for epoch, loss in enumerate(history, start=1):
        if epoch <= warmup:
            continue
        if reference is None or loss < (1 - gain) * reference:
            reference, since = loss, epoch
        if epoch - since >= patience:
            return epoch
    return None
    # END SOLUTION


# %% [markdown] question="squeeze" points=6 by_hand=3 minutes=45 needs=["01-linear-stability#the-nn-kernel", "03-multivariate-bound#three-slacks-and-a-gauge", "04-mnist-tightness#where-the-slack-goes"]
# ## Why one test vector is nearly enough
#
# Slack (i) of the chain, which is lost by testing $G/n$ with the constant vector only, is a few per cent on images. Let all inputs have non-negative entries, like pixels, and let $A=G/n$ with the tangent kernel $G$ of a shallow network. Put $u_m=A^m\mathbf1$ for $m=0,1,2,\dots$ and
#
# $$
# \rho_m=\frac{u_m^{\mathsf T}Au_m}{u_m^{\mathsf T}u_m},\qquad\kappa_m=\max_j\frac{(Au_m)_j}{(u_m)_j}.
# $$
#
# (a) Show that all entries of $G$ are at least one. What is $\rho_0$ in the language of the chain?
#
# (b) Show $\rho_0\le\rho_1\le\rho_2\le\dots\le\lambda_{\max}(A)$. (Write them with the numbers $s_i=\mathbf1^{\mathsf T}A^i\mathbf1$.)
#
# (c) Show $\lambda_{\max}(A)\le\kappa_m$ and $\kappa_{m+1}\le\kappa_m$. So slack (i) is at most $\frac12(\kappa_0-\rho_0)$: half of what the largest row sum of $A$ exceeds the mean one by.
#
# (d) Write `squeeze`. It must work for several hundred steps. Then try it on `kernel` from the next cell, of an untrained network on digits: after how many steps do the two bounds differ by less than one per mille?

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $G_{jl}=1+\sum_iz^+_{ij}z^+_{il}+(x_j\cdot x_l+1)\sum_iv_i^21_{ij}1_{il}$; as $x_j\cdot x_l\ge0$ no term is negative and the first is one. $\rho_0=\mathbf1^{\mathsf T}G\mathbf1/n^2=\|\mathbb E\nabla f\|^2$, of which the chain has $\frac12(\rho_0-1)$.
#
# (b) $\rho_m=s_{2m+1}/s_{2m}$. $A$ is positive semi-definite, with eigenvalues $\lambda_a$ and coefficients $c_a$ of $\mathbf1$: $s_i=\sum_a\lambda_a^ic_a^2>0$, and by Cauchy–Schwarz $s_i^2\le s_{i-1}s_{i+1}$, that is $s_i/s_{i-1}\le s_{i+1}/s_i$. Two such steps lead from $\rho_m$ to $\rho_{m+1}$. A Rayleigh quotient is at most $\lambda_{\max}$.
#
# (c) $u_m>0$. Let $v$ be a top eigenvector and $\beta$ the largest of the quotients $|v_j|/(u_m)_j$, attained at $j$, so that $|v|\le\beta u_m$ entry by entry. As $A\ge0$, $\lambda_{\max}|v_j|=|(Av)_j|\le(A|v|)_j\le\beta(Au_m)_j\le\beta\kappa_m(u_m)_j=\kappa_m|v_j|$, and $|v_j|>0$. Further $Au_m\le\kappa_mu_m$ entry by entry, and $A\ge0$ may be applied to both sides: $Au_{m+1}\le\kappa_mu_{m+1}$, which is $\kappa_{m+1}\le\kappa_m$.
#
# (d) On this kernel two steps are enough, and $\rho_0$ alone is about one per cent below $\lambda_{\max}$.
#
# **Rubric.** 1 point each for (a) and (b), in (b) with positivity of $A$ used; 1 point for both statements of (c).

# %%
digits = digit_pair(3, 5, n_train=100, n_validation=0, seed=0, dataset="digits")
kernel = tangent_kernel(random_network(dim=64, width=60, seed=0), digits.X)
print(f"a kernel of {len(kernel)} images, sharpness {np.linalg.eigvalsh(kernel)[-1] / len(kernel):.4f}")


# %% tags=["answer"]
def squeeze(G, steps):
    """The bounds (ρ_0, …, ρ_steps) and (κ_0, …, κ_steps) on the largest eigenvalue of G / n, two arrays.

    G: (n, n), symmetric, positive semi-definite, with positive entries.
    """
    # BEGIN SOLUTION
    A = np.asarray(G, float) / len(G)
    u, lower, upper = np.ones(len(A)), [], []
    for _ in range(steps + 1):
        image = A @ u
        lower.append(u @ image / (u @ u))
        upper.append((image / u).max())
        u = image / image.max()
    return np.array(lower), np.array(upper)
    # END SOLUTION


# %% [markdown] question="part_bounds" instead_of="squeeze" points=6 by_hand=3 minutes=45
# ## What parts of the sample know
#
# Let $\Phi=[\phi_1\cdots\phi_n]$ be the gradients of a network on $n$ samples, $G=\Phi^{\mathsf T}\Phi$, and $\lambda=\lambda_{\max}(G/n)$. The samples are divided into parts $b$ of $|b|$ samples each, which need not be equally large. Let $\lambda_b$ be the largest eigenvalue of $\frac1{|b|}\sum_{j\in b}\phi_j\phi_j^{\mathsf T}$ and $\bar\phi_b=\frac1{|b|}\sum_{j\in b}\phi_j$, the mean gradient of the part. Put
#
# $$
# \upsilon=\sum_b\frac{|b|}n\,\lambda_b,\qquad\omega=\lambda_{\max}(E),\qquad E_{bc}=\frac{\sqrt{|b||c|}}n\;\bar\phi_b\cdot\bar\phi_c .
# $$
#
# (a) Show $\|\mathbb E\nabla f\|^2\le\omega\le\lambda\le\upsilon$, where the first is what the chain tests with the constant vector. (Which test vectors of $G/n$ belong to $\omega$?)
#
# (b) What are $\omega$ and $\upsilon$ if there is one part, and if each sample is a part of its own? Show that neither of them falls when parts are divided further.
#
# (c) Two classes with equally many samples, one part for each class. Compute $\omega$ from $\alpha=\|\bar\phi_1\|^2$, $\beta=\|\bar\phi_2\|^2$ and $\gamma=\bar\phi_1\cdot\bar\phi_2$. When does it gain nothing over the constant vector?
#
# (d) Write `part_bounds`, from the kernel alone. Then try it on `digit_kernel` from the next cell, of an untrained network: how much of slack (i) do two parts, one for each digit, explain?

# %% [markdown] tags=["solution"]
# **Model answer.** (a) Let $e_b$ be $1/\sqrt{|b|}$ on $b$ and $0$ elsewhere: orthonormal vectors with $e_b^{\mathsf T}\frac Gne_c=\frac1n\sqrt{|b||c|}\,\bar\phi_b\cdot\bar\phi_c=E_{bc}$. So $\omega$ is the largest value of the quadratic form of $G/n$ at unit vectors that are constant on the parts. The constant one is among them, with the value $\|\mathbb E\nabla f\|^2$, and all unit vectors give $\lambda$. As $G/n$ and $H=\frac1n\Phi\Phi^{\mathsf T}$ have the same largest eigenvalue and $H=\sum_b\frac{|b|}nH_b$ with $H_b=\frac1{|b|}\sum_{j\in b}\phi_j\phi_j^{\mathsf T}$, a top unit eigenvector $q$ of $H$ has $\lambda=\sum_b\frac{|b|}nq^{\mathsf T}H_bq\le\upsilon$.
#
# (b) One part: $\omega=\|\mathbb E\nabla f\|^2$, $\upsilon=\lambda$. Single samples: $\omega=\lambda$, $\upsilon=\frac1n\sum_j\|\phi_j\|^2$. If parts are divided, the vectors that are constant on the new parts contain the old ones: $\omega$ does not fall. And (a), applied to the part $b$ itself and its pieces $b'$, says $\lambda_b\le\sum_{b'}\frac{|b'|}{|b|}\lambda_{b'}$; with the weights $\frac{|b|}n$, $\upsilon$ does not fall. So few parts are good above, many below.
#
# (c) $E=\frac12\begin{pmatrix}\alpha&\gamma\\\gamma&\beta\end{pmatrix}$, $\omega=\frac14\bigl[\alpha+\beta+\sqrt{(\alpha-\beta)^2+4\gamma^2}\bigr]$; the constant vector gives $\frac14[\alpha+\beta+2\gamma]$. They are equal if and only if $\sqrt{(\alpha-\beta)^2+4\gamma^2}=2\gamma$, that is $\alpha=\beta$ and $\gamma\ge0$.
#
# (d) About two per cent of it: the mean gradients of the two digits are nearly equally long and $\gamma>0$, so that slack (i) is made within the classes.
#
# **Rubric.** 1 point: (a), with the test vectors and $H$ as a mean of the $H_b$. 1 point: (b), the four values and both monotonicities. 1 point: (c), with the condition in both directions.

# %%
both_digits = digit_pair(3, 5, n_train=100, n_validation=0, seed=0, dataset="digits")
digit_kernel = tangent_kernel(random_network(dim=64, width=60, seed=0), both_digits.X)


# %% tags=["answer"]
def part_bounds(G, labels):
    """The bounds (ω, υ) on the largest eigenvalue of G / n.

    G: (n, n), symmetric, positive semi-definite.  labels: (n,); samples with the same label make a part.
    """
    # BEGIN SOLUTION
    G, labels = np.asarray(G, float), np.asarray(labels)
    parts = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    tests = np.stack([(labels == label) / np.sqrt(np.sum(labels == label)) for label in np.unique(labels)])
    lower = np.linalg.eigvalsh(tests @ G @ tests.T)[-1] / len(G)
    return lower, sum(np.linalg.eigvalsh(G[np.ix_(part, part)])[-1] for part in parts) / len(G)
    # END SOLUTION


# %% tags=["solution"]
top = np.linalg.eigvalsh(digit_kernel)[-1] / len(digit_kernel)
print(f"constant vector {digit_kernel.mean() / top:.5f}, bounds", *np.round(np.divide(part_bounds(digit_kernel, both_digits.y), top), 5))

# %% [markdown] question="trace_bounds" instead_of="squeeze" points=6 by_hand=3 minutes=45
# ## What traces know of the sharpness
#
# Slack (i) of the chain needs $\lambda_{\max}$ of $A=G/n$, where $G$ is the tangent kernel of a network on $n$ samples, with any inputs. Traces are easier to come by. Put $t_0=n$, $t_m=\operatorname{tr}A^m$ for $m=1,2,\dots$, and
#
# $$
# \alpha_m=\frac{t_{m+1}}{t_m}\quad(m=0,1,\dots),\qquad\beta_m=t_m^{1/m}\quad(m=1,2,\dots).
# $$
#
# (a) Write $t_1$ and $t_2$ with the gradients $\phi_j$. What is $\alpha_0$ in terms of the $\|\phi_j\|^2$, and what does $\alpha_1=\beta_1$ say of the kernel?
#
# (b) Show $\alpha_0\le\alpha_1\le\dots\le\lambda_{\max}(A)\le\dots\le\beta_2\le\beta_1$. Both sequences tend to $\lambda_{\max}$; by how much per cent is $\beta_m$ too large, about, if the largest eigenvalue is $k$-fold and $m$ large?
#
# (c) Suppose that only $n$, $t_1$ and $t_2$ are known. Show that
#
# $$
# \lambda_{\max}(A)\ \le\ \frac1n\Bigl[t_1+\sqrt{(n-1)(n\,t_2-t_1^2)}\Bigr],
# $$
#
# and that for some spectra with these traces there is equality. Is this better than $\beta_2$?
#
# (d) Write `trace_bounds`. It must work for several hundred steps. Then try it on `kernel_of_digits` from the next cell, of an untrained network: after how many steps are $\alpha$ and $\beta$ within one per mille of $\lambda_{\max}$?

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $G_{ij}=\phi_i\cdot\phi_j$, so $t_1=\frac1n\sum_j\|\phi_j\|^2$ and $t_2=\frac1{n^2}\sum_{i,j}(\phi_i\cdot\phi_j)^2$. $\alpha_0=\frac1{n^2}\sum_j\|\phi_j\|^2$, the mean eigenvalue. $\alpha_1=\beta_1$ means $t_2=t_1^2$, that is $(\sum\lambda_a)^2=\sum\lambda_a^2$ for eigenvalues $\lambda_a\ge0$: all products of two vanish, and the kernel has rank one.
#
# (b) $t_m=\sum_a\lambda_a^m$ (with $0^0=1$). By Cauchy–Schwarz $t_{m+1}^2=\bigl(\sum\lambda_a^{m/2}\lambda_a^{(m+2)/2}\bigr)^2\le t_mt_{m+2}$: $\alpha_m\le\alpha_{m+1}$. $t_{m+1}\le\lambda_{\max}t_m$, so $\alpha_m\le\lambda_{\max}$. $\lambda_{\max}^m\le t_m$, so $\lambda_{\max}\le\beta_m$. And with $\lambda_a\le\beta_m$, $t_{m+1}=\sum\lambda_a^m\lambda_a\le\beta_m\,t_m=\beta_m^{m+1}$, which is $\beta_{m+1}\le\beta_m$. If $\lambda_{\max}$ is $k$-fold, $t_m=\lambda_{\max}^m(k+o(1))$ and $\beta_m/\lambda_{\max}=k^{1/m}(1+o(\frac1m))$: about $\frac{100\ln k}m$ per cent too large; for $k=1$ exponentially little. The lower bounds come near exponentially fast for every $k$.
#
# (c) Let $\lambda=\lambda_{\max}$. The other $n-1$ eigenvalues have the sum $t_1-\lambda$ and the sum of squares $t_2-\lambda^2$. By Cauchy–Schwarz $(t_1-\lambda)^2\le(n-1)(t_2-\lambda^2)$, that is $n\lambda^2-2t_1\lambda+t_1^2-(n-1)t_2\le0$: $\lambda$ is at most the larger root, which is the bound. Equality if the others are equal (one eigenvalue $\lambda$, $n-1$ times $\mu\le\lambda$). It is never worse than $\beta_2$: at $\lambda=\sqrt{t_2}$ the quadratic is $(t_1-\sqrt{t_2})^2\ge0$, and $\sqrt{t_2}\ge t_2/t_1\ge t_1/n$ lies to the right of its vertex, so that $\sqrt{t_2}$ is at least the larger root.
#
# (d) $\beta_3$ and $\alpha_4$ are. With $S_m$ the sum of $(\lambda_a/\lambda_{\max})^m$ over the other eigenvalues, $k=1$, $\alpha_m/\lambda_{\max}\approx1-S_m$ and $\beta_m/\lambda_{\max}\approx1+S_m/m$: here the upper bounds are the better ones. ($\alpha_0$ is less than a fiftieth of $\lambda_{\max}$.)
#
# **Rubric.** 1 point: (a), with rank one. 1 point: (b), both chains, the logarithm of $k$ over $m$. 1 point: (c), the inequality, a case of equality, and the comparison.

# %%
digit_images = digit_pair(3, 5, n_train=100, n_validation=0, seed=0, dataset="digits").X
kernel_of_digits = tangent_kernel(random_network(dim=64, width=60, seed=0), digit_images)


# %% tags=["answer"]
def trace_bounds(G, steps):
    """The bounds (α_0, …, α_steps) and (β_1, …, β_(steps+1)) on the largest eigenvalue of G / n, two arrays.

    G: (n, n), symmetric, positive semi-definite, not zero.
    """
    # BEGIN SOLUTION
    A = np.asarray(G, float) / len(G)
    power, trace, log_scale, lower, upper = np.eye(len(A)), float(len(A)), 0.0, [], []
    for m in range(1, steps + 2):
        image = A @ power
        lower.append(np.trace(image) / trace)
        upper.append(np.exp((np.log(np.trace(image)) + log_scale) / m))
        log_scale += np.log(np.trace(image))
        power, trace = image / np.trace(image), 1.0
    return np.array(lower), np.array(upper)
    # END SOLUTION


# %% tags=["solution"]
top = np.linalg.eigvalsh(kernel_of_digits)[-1] / len(kernel_of_digits)
for name, bounds in zip(("α", "β"), trace_bounds(kernel_of_digits, 4), strict=True):
    print(name, "over the largest eigenvalue:", np.round(bounds / top, 5))

# %% [markdown] question="label_noise" points=5 by_hand=5 minutes=60 needs=["03-multivariate-bound#three-slacks-and-a-gauge", "04-mnist-tightness#the-protocol", "04-mnist-tightness#mnist-which"]
# ## Open experiment: labels that lie
#
# The ceiling $1/\eta-\frac12$ knows the step size and nothing of the labels. What happens if a part of the labels of two digits is flipped at random? Study, on the small digits, how the networks that SGD finds depend on the part of labels flipped (from none to one fifth or more) and on the step size: at least one of the links of the chain, and whether runs converge.
#
# Write down *before* running what you expect and what would prove you wrong. Use several seeds. Report the runs that did not converge as such. A call of `runs_with` takes about a second; keep every cell of yours below ten.

# %%
task = digit_pair(3, 5, n_train=80, n_validation=0, seed=0, dataset="digits")


def with_flips(part, seed):
    """The labels ±1 with the sign of a part of them changed."""
    y = task.y.copy()
    chosen = np.random.default_rng(seed).permutation(len(y))[: round(part * len(y))]
    y[chosen] *= -1
    return y


def runs_with(part, step_sizes, seed=0):
    """One trained network for each step size; each has .status, .network, .epochs and .loss."""
    start = random_network(dim=64, width=40, seed=seed)
    rule = {"tolerance": 1e-5, "hold": 20, "max_epochs": 3000, "seed": seed}
    return train_sweep(start, task.X, with_flips(part, seed), step_sizes, batch_size=16, **rule).runs


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* A function that fits flipped labels has to bend more, so that its stability norm is larger at the same step size; the ceiling does not move, so the norm uses up more of it, and since the whole chain is pushed up, the sharpness comes closer to $2/\eta$. At the largest steps fewer runs should converge. *Falsified by* a norm that falls as labels are flipped, or by a converged run whose norm is above the ceiling.

# %% tags=["solution"]
parts, step_sizes, seeds = [0.0, 0.1, 0.2], [0.1, 0.2, 0.3, 0.4], range(2)
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for part in parts:
    norm, edge = np.full((2, len(seeds), len(step_sizes)), np.nan)
    for seed in seeds:
        for place, (eta, run) in enumerate(zip(step_sizes, runs_with(part, step_sizes, seed), strict=True)):
            if run.status == "converged":
                chain = bound_chain(run.network, task.X, eta)
                norm[seed, place], edge[seed, place] = chain.stability_norm / chain.ceiling, eta * sharpness(run.network, task.X) / 2
    print(f"{part:4.0%} flipped: converged for each step size", np.isfinite(norm).sum(axis=0), "of", len(seeds))
    (line,) = left.plot(step_sizes, norm[0], "o-", label=f"{part:.0%} flipped")
    left.plot(step_sizes, norm[1], "o--", color=line.get_color())
    right.plot(step_sizes, edge[0], "o-", step_sizes, edge[1], "o--", color=line.get_color())
left.set(xlabel=r"step size $\eta$", ylabel="stability norm / ceiling", ylim=(0, 1))
right.set(xlabel=r"step size $\eta$", ylabel=r"$\eta\,\lambda_{\max}/2$")
left.legend()
plt.show()

# %% [markdown] tags=["solution"]
# *Reading.* With one label in ten flipped, the norm uses up about twice as much of the ceiling at the small steps as with clean labels, and somewhat more at the large ones; twice as many flips change little more. The sharpness is at $2/\eta$ already at the smallest step, where that of clean labels is well below. In some converged runs it ends a few per cent above: these are reshuffled epochs, for which chapter 4 found the same, and no theorem is violated. At $\eta=0.4$ the runs with clean labels converge and those with flipped ones do not. The norm stays below the ceiling in all converged runs, with room to spare, so that nothing here says that it is the bound that keeps a network from fitting noise. *Limits:* one pair of digits, 80 images, two seeds; and runs that did not converge are left out, so that the last points compare different sets of runs.
#
# **Rubric.** 1 point: a prediction with a reason, and what would falsify it, both before the run. 1 point: at least three parts, two step sizes and two seeds. 1 point: a figure with labelled axes that answers the question. 1 point: a reading that says what was found, also if the prediction failed. 1 point: runs that did not converge counted and not mixed with the others, and one limitation named.

# %% [markdown] question="more_neurons" instead_of="label_noise" points=5 by_hand=5 minutes=60
# ## Open experiment: more neurons, the same ceiling
#
# The ceiling $1/\eta-\frac12$ knows the step size and nothing of the number of neurons. What do more neurons change? Study, on the small digits, how the networks that SGD finds depend on the width $k$ (by a factor of eight or more) and on the step size: at least one of the links of the chain, whether runs converge, and how many neurons are on for some image in the end.
#
# Write down *before* running what you expect and what would prove you wrong. Use several seeds. Report the runs that did not converge as such. A call of `runs_of_width` takes about a second; keep every cell of yours below ten.

# %%
images = digit_pair(3, 5, n_train=80, n_validation=0, seed=0, dataset="digits")


def runs_of_width(width, step_sizes, seed=0):
    """One trained network for each step size; each has .status, .network, .epochs and .loss."""
    start = random_network(dim=64, width=width, seed=seed)
    rule = {"tolerance": 1e-5, "hold": 20, "max_epochs": 6000, "seed": seed}
    return train_sweep(start, images.X, images.y, step_sizes, batch_size=16, **rule).runs


def neurons_alive(net):
    """How many neurons are on for some image."""
    return int(net.pattern(images.X).any(axis=0).sum())


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* The stability norm belongs to the function, and the ceiling does not know $k$: if the width matters little for the function that is found, the part of the ceiling that is used up depends on $\eta$ and hardly on $k$. More neurons make it easier to fit, so wide networks should converge in fewer epochs. Long steps kill neurons; of a wide network they should leave no larger a part than of a narrow one. *Falsified by* a norm that grows or falls with $k$ by as much as it does with $\eta$, or by a converged run whose norm is above the ceiling.

# %% tags=["solution"]
widths, eta_list, starts = [20, 40, 80, 160], [0.1, 0.2, 0.3, 0.4], range(2)
used, alive, epochs = np.full((3, len(eta_list), len(starts), len(widths)), np.nan)
for (seed, k), _ in np.ndenumerate(used[0]):
    for place, (eta, run) in enumerate(zip(eta_list, runs_of_width(widths[k], eta_list, seed), strict=True)):
        if run.status == "converged":
            chain = bound_chain(run.network, images.X, eta)
            used[place, seed, k] = chain.stability_norm / chain.ceiling
            alive[place, seed, k], epochs[place, seed, k] = neurons_alive(run.network), run.epochs
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for place, eta in enumerate(eta_list):
    print(f"η = {eta}: converged at each width", np.isfinite(used[place]).sum(axis=0), "of", len(starts),
          "  fewest epochs", *(f"{least:.0f}" for least in np.fmin.reduce(epochs[place])))
    for seed, style in zip(starts, ("o-", "s--"), strict=True):
        left.semilogx(widths, used[place, seed], style, color=f"C{place}", label=rf"$\eta={eta}$" if seed == 0 else None)
        right.loglog(widths, alive[place, seed], style, color=f"C{place}")
left.set(xlabel="neurons $k$", ylabel="stability norm / ceiling", ylim=(0, 1))
right.set(xlabel="neurons $k$", ylabel="neurons on for some image")
for axes in (left, right):
    axes.set_xticks(widths, widths)
    axes.minorticks_off()
left.legend()
plt.show()

# %% [markdown] tags=["solution"]
# *Reading.* Eight times as many neurons raise the part of the ceiling that the norm uses up by more than a half at $\eta=0.1$, by a quarter at $0.2$ and hardly at $0.3$; from $\eta=0.1$ to $0.3$ it grows more than twofold at every width. So the step decides, and the width matters a little, at the small steps. Wide networks converge in fewer epochs at the two smaller steps, as expected. What we had expected of the neurons that are left is wrong. At $\eta=0.1$ about four in five survive, two in three at the narrowest; at $\eta=0.3$ at least half of $20$ or $40$ do, but less than half of $160$, and at $0.4$ a width of $160$ ends with $13$ and with $31$, one of $40$ with $21$ and with $25$. Long steps leave about the same *number* of neurons rather than the same part of them; when they die, the first epochs would tell. *Limits:* one pair of digits, 80 images, two starts; at $\eta=0.4$ no run of width $20$ and one of two of width $80$ converged, so that this column compares different sets of runs. And the widths share no start: a seed draws another network for each $k$.
#
# **Rubric.** 1 point: a prediction with a reason, and what would falsify it, both before the run. 1 point: at least three widths, two step sizes and two seeds. 1 point: a figure with labelled axes that answers the question. 1 point: a reading that says what was found, also if the prediction failed. 1 point: runs that did not converge counted and not mixed with the others, and one limitation named.
