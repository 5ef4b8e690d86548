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


# %% [markdown] question="heavy_margins" instead_of="equalising_weights" points=6 by_hand=3 minutes=45
# ## A loss with a heavy tail
#
# The margins of the chapter become equal because the loss has an exponential tail. Take instead a loss that falls like a power, $\ell'(z)=-z^{-(p+1)}$ for $z>0$, with a number $p>0$. The pattern is frozen, so that $z_i=\langle A_i,W\rangle$, $K_{ik}=\langle A_i,A_k\rangle$ is positive definite, and we use gradient flow in suitable units of time:
#
# $$
# \dot W=\sum_iz_i^{-(p+1)}A_i,\qquad\dot z=K\,z^{-(p+1)}
# $$
#
# (the power entry by entry). At time $1$ all margins are positive, and $W$ is in the span of the $A_i$.
#
# (a) Let the inputs be orthogonal, so that $K$ is diagonal. Solve for $z_i$. What becomes of the ratio of two margins?
#
# (b) Put $V=t^{-1/(p+2)}W$ and $\tau=\log t$. Show that $V$ follows the gradient flow, in the time $\tau$, of the function $E(V)=\sum_i\frac1p\langle A_i,V\rangle^{-p}+\frac1{2(p+2)}\|V\|^2$, and conclude that $z_i\,t^{-1/(p+2)}$ converges to numbers $\zeta_i>0$ that do not depend on the start.
# Which equation do they solve? Compare with the role of $u>0$ for the exponential tail, and with $p\to\infty$.
#
# (c) Write `heavy_margins`, which returns $\zeta$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $\frac d{dt}z_i^{p+2}=(p+2)\,z_i^{p+1}\dot z_i=(p+2)K_{ii}$, so $z_i^{p+2}=(p+2)K_{ii}\,t+\text{const}$, and $z_i/z_k\to(K_{ii}/K_{kk})^{1/(p+2)}$: longer inputs keep larger margins for ever.
#
# (b) With $y_i=\langle A_i,V\rangle=t^{-1/(p+2)}z_i$, $\frac{dV}{d\tau}=t\,\frac d{dt}\bigl(t^{-1/(p+2)}W\bigr)=t^{1-1/(p+2)}\sum z_i^{-(p+1)}A_i-\frac V{p+2}=\sum y_i^{-(p+1)}A_i-\frac V{p+2}$, because the powers of $t$ are $1-\frac1{p+2}-\frac{p+1}{p+2}=0$. This is $-\nabla E(V)$. On the convex set where all $y_i>0$, $E$ is strongly convex (a sum of convex functions and $\frac1{2(p+2)}\|V\|^2$); it tends to infinity at the boundary and far out,
# so the flow, along which $E$ falls, stays in a compact part of the set and converges to the only minimiser $V_*$, whatever the start. There $V_*=(p+2)\sum y_i^{-(p+1)}A_i$, and multiplying by $A_i$, $\zeta=(p+2)\,K\zeta^{-(p+1)}$.
# With $a=\zeta^{-(p+1)}$ it reads $Ka=\frac1{p+2}a^{-1/(p+1)}$: every sample pulls in the end, $a_i>0$, for *every* positive definite $K$; no condition like $u>0$ is needed. As $p\to\infty$ the right-hand side becomes the same for all $i$ as long as the $a_i$ keep their proportions, the equation of $u$; if $u$ has negative entries, then some $a_i$ tend to zero relative to others instead.
#
# **Rubric.** 1 point: the diagonal case, with the ratio. 1 point: the rescaled flow is that of $E$. 1 point: $E$ is strictly convex, so one limit; its equation; no condition on $u$.

# %% tags=["answer"]
def heavy_margins(K, p):
    """The limits of z_i t^(-1/(p + 2)).

    K: the kernel, (n, n), symmetric, positive definite.  p: the power of the loss, from 0.5 to 8.  Returns (n,).
    """
    # BEGIN SOLUTION
    K = np.asarray(K, dtype=float)
    n, power = len(K), 1 / (p + 1)

    def value(a):  # its gradient is K a - a^-power / (p + 2)
        return a @ K @ a / 2 - (a ** (1 - power)).sum() / (1 - power) / (p + 2)

    a = np.ones(n)
    for _ in range(200):
        slope = K @ a - a**-power / (p + 2)
        move = -np.linalg.solve(K + np.diag(power * a ** (-power - 1)) / (p + 2), slope)
        length = 1.0
        while (a + length * move).min() <= 0 or value(a + length * move) > value(a) + 0.1 * length * slope @ move:
            length /= 2
            if length < 1e-9:
                break
        if length < 1e-9:
            break
        a = a + length * move
    return a**-power
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


# %% [markdown] question="least_helpful" instead_of="least_dominant" points=5 by_hand=2 minutes=40
# ## Friends and rivals
#
# By the chapter $u=K^{-1}\mathbf1>0$ if $q=\max_i\sum_{k\ne i}|K_{ik}|/K_{kk}<\frac12$, whatever the signs of $K_{ik}$. Two samples with $K_{ik}>0$ help each other, with $K_{ik}<0$ they hinder each other. What if all do the same? Let $K$ be symmetric and positive definite with unit diagonal.
#
# (a) Show that $u>0$, however large $q$ is, if no two samples help each other: $K_{ik}\le0$ for $i\ne k$. (Where is $\frac12a^{\mathsf T}Ka-\mathbf1^{\mathsf T}a$ least? What happens there if $a$ is replaced by $|a|$?)
#
# (b) Show that $u>0$ if no two samples hinder each other, $K_{ik}\ge0$, and $q<1$. (Multiply $(I+E)u=\mathbf1$ by $I-E$.) Show that the number $1$ cannot be improved: for every $q>1$ there is such a matrix, with this $q$ or a smaller one, for which $u$ has a negative entry.
#
# (c) Write `least_helpful`, which returns such a matrix for a given $q>1$.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $J(a)=\frac12a^{\mathsf T}Ka-\mathbf1^{\mathsf T}a$ is strictly convex and least at $u$ alone. For off-diagonal entries $K_{ik}\le0$, $K_{ik}|a_i||a_k|\le K_{ik}a_ia_k$, so $|a|^{\mathsf T}K|a|\le a^{\mathsf T}Ka$, and $\mathbf1^{\mathsf T}|a|\ge\mathbf1^{\mathsf T}a$: $J(|u|)\le J(u)$. Hence $|u|=u$, $u\ge0$. No entry is zero: $u_i=1+\sum_{k\ne i}|K_{ik}|u_k\ge1$.
#
# (b) Write $K=I+E$, $E\ge0$ with rows that add up to at most $q<1$. Then $(I-E^2)u=(I-E)\mathbf1\ge(1-q)\mathbf1>0$, and $(I-E^2)^{-1}=\sum_jE^{2j}\ge I$ entry by entry, so $u\ge(1-q)\mathbf1>0$. Not beyond 1: take one sample $0$ and $N$ others with $K_{0k}=c$ and zero among the others. The matrix is positive definite if $Nc^2<1$ (its eigenvalues are $1$ and $1\pm c\sqrt N$).
# By symmetry $u=(w,v,\dots,v)$ with $w+Ncv=1$, $v+cw=1$, so $w=\frac{1-Nc}{1-Nc^2}$, which is negative if $Nc>1$. With $c=q/N$ the rows add up to $q$ and to $q/N<q$, and $Nc^2=q^2/N<1$ for $N>q^2$. The sample that has many friends is learnt without a pull of its own.
#
# **Rubric.** 1 point: (a), by the comparison with $|u|$ or by M-matrices with a proof. 1 point: (b), the product with $I-E$ and a construction for every $q>1$ with a proof that it is positive definite.

# %% tags=["answer"]
def least_helpful(q):
    """A matrix without negative entries whose rows, off the diagonal, add up to at most q, and K^-1 1 is not positive.

    q: a number, 1 < q < 3.  Returns (n, n), symmetric, positive definite, with unit diagonal; n may depend on q.
    """
    # BEGIN SOLUTION
    others = int(q**2) + 1
    K = np.eye(others + 1)
    K[0, 1:] = K[1:, 0] = q / others
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


# %% [markdown] question="leaky_rank" instead_of="whole_rank" points=5 by_hand=2 minutes=40
# ## Unequal classes
#
# Leaky ReLU of slope $0<\gamma<1$, exactly orthogonal inputs of lengths $\|x_i\|$, labels $y_i=\pm1$ of which both occur. By the chapter the pattern freezes at $D_{jri}=1$ for $j=y_i$ and $\gamma$ for $j\ne y_i$, and for two classes that are alike the stable rank of the *whole* layer tends to $2(1+\gamma^2)/(1+\gamma)^2$.
#
# (a) Find the limit for any lengths and any two classes. On which two numbers does it depend, besides $\gamma$?
#
# (b) Show that classes that are alike have the largest limit, and that it comes as close to $1$ as we like for other classes. Which class decides the direction in the end, and why is it not always the one with more samples?
#
# (c) Write `leaky_rank`, which returns the limit.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $K_{ii}=(1+\gamma^2)\|x_i\|^2/m$, so $u_i=m/\{(1+\gamma^2)\|x_i\|^2\}$, and $s_\pm=\sum_{y_i=\pm1}u_ix_i$ are orthogonal with squared lengths proportional to $p=\sum_{y_i=1}\|x_i\|^{-2}$ and $q=\sum_{y_i=-1}\|x_i\|^{-2}$. All rows of a class are equal, $mv_+=s_+-\gamma s_-$ and $mv_-=s_--\gamma s_+$. The Gram matrix of the two rows is, up to a factor,
# $\begin{pmatrix}p+\gamma^2q&-\gamma(p+q)\\-\gamma(p+q)&q+\gamma^2p\end{pmatrix}$, of trace $T=(1+\gamma^2)(p+q)$ and determinant $D=pq\,(1-\gamma^2)^2$ (the terms with $\gamma^2p^2$ and $\gamma^2q^2$ cancel). The limit is $T/\lambda_{\max}$ with $\lambda_{\max}=\frac12\bigl(T+\sqrt{T^2-4D}\bigr)$, that is $2\big/\bigl(1+\sqrt{1-4D/T^2}\bigr)$.
#
# (b) It increases with $D/T^2=\frac{(1-\gamma^2)^2}{(1+\gamma^2)^2}\cdot\frac{pq}{(p+q)^2}$, which is largest for $p=q$, where the root is $\frac{2\gamma}{1+\gamma^2}$ and the limit $\frac{2(1+\gamma^2)}{(1+\gamma)^2}$. If $p/q\to0$ or $\infty$, then $D/T^2\to0$ and the limit tends to $1$: one direction, that of $s_+$ or of $s_-$, carries both classes of neurons. What counts is $\sum\|x_i\|^{-2}$: a class with one very short input outweighs many long ones, because short inputs need large weights.
#
# **Rubric.** 1 point: the two rows and their Gram matrix, with $u_i\propto\|x_i\|^{-2}$. 1 point: monotone in $pq/(p+q)^2$, the largest value at $p=q$, the limit $1$, and that short inputs decide.

# %% tags=["answer"]
def leaky_rank(lengths, labels, slope):
    """The limit of the stable rank of the whole layer.

    lengths: of the inputs, (n,), positive.  labels: +1 and -1, (n,), both occur.  slope: gamma, 0 < gamma < 1.
    Returns a number.
    """
    # BEGIN SOLUTION
    size, labels = 1 / np.asarray(lengths, dtype=float) ** 2, np.asarray(labels)
    p, q = size[labels == 1].sum(), size[labels == -1].sum()
    trace, determinant = (1 + slope**2) * (p + q), p * q * (1 - slope**2) ** 2
    return 2 / (1 + np.sqrt(1 - 4 * determinant / trace**2))
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


# %% [markdown] question="room_between" instead_of="least_line_norm" points=5 by_hand=2 minutes=40
# ## What the norm leaves open
#
# Samples $(x_i,y_i)$ on the line, $-R<x_1<\dots<x_n<R$, $n\ge2$; $s_k$ is the slope of the chord over the gap $k$ from $x_k$ to $x_{k+1}$. By the chapter $[f]=\max\{V,\frac12(V+|S|)\}$, where $V$ is the total variation of $f'$ on $(-R,R)$ and $S=f'(-R)+f'(R)$. Every interpolant has $V\ge V_0=\sum_k|s_{k+1}-s_k|$, for its slope has the mean $s_k$ on the gap $k$:
#
# $$
# V\ge\sum_k|f'(\xi_{k+1}(\theta))-f'(\xi_k(\theta))|\quad\text{for almost all }0<\theta<1,\qquad\xi_k(\theta)=x_k+\theta\,(x_{k+1}-x_k),
# $$
#
# and the mean over $\theta$ of the right side is at least $V_0$. Suppose $|s_1+s_{n-1}|\le V_0$, so that straight lines between the samples, continued to both ends, have the least norm $V_0$. Which values can *another* minimum-norm interpolant take at a point $x_0$?
#
# (a) Let $f$ be a minimum-norm interpolant. Show that on each gap $f'$ is constant, or else $s_{k-1}<s_k<s_{k+1}$ (or both signs reversed) and $f$ is convex (concave) on the gap and its two neighbours. (When is the inequality above an equality for almost all $\theta$?) Show that on the first and the last gap, and beyond, nothing is left open.
#
# (b) Deduce the lowest and the highest value of minimum-norm interpolants at $x_0$, write `room_between`, which returns both, and say why they are attained.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) A minimiser has $V\le[f]=V_0$, so $V=V_0$, and both inequalities are equalities: for almost all $\theta$ the points $\xi_1(\theta)<\dots<\xi_{n-1}(\theta)$ use up the whole variation of $f'$, and for each $k$ the difference $f'(\xi_{k+1}(\theta))-f'(\xi_k(\theta))$ does not change its sign with $\theta$; it has that of its mean, $s_{k+1}-s_k$. So $f'$ is monotone between $\xi_k(\theta)$ and $\xi_{k+1}(\theta)$, rising if $s_k<s_{k+1}$, falling if $s_k>s_{k+1}$, constant if they are equal, and constant before $\xi_1(\theta)$ and after $\xi_{n-1}(\theta)$.
# As $\theta\to0$ and $\theta\to1$, these hold on the union of the gaps $k$ and $k+1$, on the first gap with all that is before it and on the last with all that is behind it. On an inner gap $k$ two such statements meet: if $s_k$ is not strictly between its neighbours, $f'$ both rises and falls, or is constant, and so constant. If $s_{k-1}<s_k<s_{k+1}$, $f'$ rises on the three gaps, and $f$ is convex there.
#
# (b) On a gap on which $f'$ is constant only the chord is possible. If $s_{k-1}<s_k<s_{k+1}$, the convex $f$ lies below its chord and above the neighbouring chords continued into the gap: the room is from the larger of these two to the chord. (Concave: from the chord to the smaller of the two.) The chord is attained. So is the other end: let $f'$ be $s_{k-1}$ up to the place where the two lines meet, which lies inside the gap because $s_k$ is a mean of $s_{k-1}$ and $s_{k+1}$, and $s_{k+1}$ from there on; $V$, $S$ and the samples are the same.
# All between are averages of the two.
#
# **Rubric.** 1 point: equality, with the monotone pieces and the ends. 1 point: the two bounds and a function that attains the second.

# %% tags=["answer"]
def room_between(x, y, place):
    """The lowest and the highest value of minimum-norm interpolants at a place.

    x: increasing, (n,), n >= 2; |s_1 + s_(n-1)| is at most the sum of |s_(k+1) - s_k|.  y: labels, (n,).
    place: x_0, a number from x_1 to x_n.  Returns (2,).
    """
    # BEGIN SOLUTION
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    s = np.diff(y) / np.diff(x)
    k = min(max(int(np.searchsorted(x, place)) - 1, 0), len(s) - 1)
    chord = y[k] + s[k] * (place - x[k])
    if not 0 < k < len(s) - 1 or (s[k] - s[k - 1]) * (s[k + 1] - s[k]) <= 0:
        return np.array([chord, chord])
    lines = [y[k] + s[k - 1] * (place - x[k]), y[k + 1] + s[k + 1] * (place - x[k + 1])]
    return np.array([max(lines), chord] if s[k] < s[k + 1] else [chord, min(lines)])
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


# %% [markdown] question="shared_price" instead_of="price_of_a_neuron" points=5 by_hand=2 minutes=35
# ## One layer, two outputs
#
# A network with $o$ outputs, $f(x)=\sum_iv_i\,\sigma(w_i\cdot x+b_i)+Bx+c$, has an output *vector* $v_i\in\mathbb R^o$ for each neuron. Weight decay charges $\frac12(\|v_i\|^2+\|w_i\|^2)$ for a neuron; biases and the affine part $Bx+c$ are free.
#
# (a) Find the least price of a neuron over its rescalings, and the least price of the function of a finite network, over all finite networks that make it. (When two neurons share a hyperplane, they may look the same way or opposite ways. What does the function know of a hyperplane?)
#
# (b) The outputs could also be made by $o$ networks of their own, each with its own hidden layer. Show that this costs at least as much, and at most $\sqrt o$ times as much. For which functions is either bound attained?
#
# (c) Write `shared_price`, which returns the least price of the function of a given network, with one layer for all outputs and with a layer for each.

# %% [markdown] tags=["solution"]
# **Model answer.** (a) $\frac12(\|v\|^2+\|w\|^2)\ge\|v\|\|w\|$ with equality for equal norms, and $v\to v/\alpha$, $w,b\to\alpha w,\alpha b$ changes nothing in the function: the least price is $\|v\|\|w\|$. Across a hyperplane $H$ with unit normal $u$ the derivative of $f$ along $u$ jumps by the vector $\kappa_H=\sum v_i\|w_i\|$, the sum over all neurons on $H$, whichever way they look: for one that looks along $-u$ the slope in the direction $u$ rises from $-v\|w\|$ to $0$.
# The function determines $\kappa_H$, so a network that makes it pays at least $\sum\|v_i\|\|w_i\|\ge\|\kappa_H\|$ on each hyperplane. And this suffices: as $\sigma(-z)=\sigma(z)-z$, neurons on $H$ can all be turned the same way, at the cost of a free affine function, and merged into one. The least price is $\sum_H\|\kappa_H\|$.
#
# (b) Alone, output $l$ costs $\sum_H|\kappa_{H,l}|$, all together $\sum_H\|\kappa_H\|_1$, and $\|\kappa\|\le\|\kappa\|_1\le\sqrt o\,\|\kappa\|$. The left inequality is an equality if each hyperplane serves one output only: then there is nothing to share. The right one is an equality if on each hyperplane all outputs fold by the same amount, up to signs.
#
# **Rubric.** 1 point: $\|v\|\|w\|$, and hyperplane by hyperplane with both directions merged, because the function knows the jump. 1 point: both inequalities, with the cases of equality.

# %% tags=["answer"]
def shared_price(W, b, V):
    """The least prices of the function x -> V' relu(W x + b): with one layer for all outputs, with one for each.

    W: (k, d), rows not zero.  b: (k,).  V: (k, o).  Neurons may share hyperplanes, up to rounding.  Returns (2,).
    """
    # BEGIN SOLUTION
    W, b, V = (np.asarray(part, dtype=float) for part in (W, b, V))
    size = np.linalg.norm(W, axis=1)
    planes = np.column_stack([W, b]) / size[:, None]
    folds, known = [], []
    for plane, fold in zip(planes, V * size[:, None], strict=True):
        for k, other in enumerate(known):
            if min(np.abs(plane - other).max(), np.abs(plane + other).max()) < 1e-8:
                folds[k] = folds[k] + fold
                break
        else:
            known.append(plane)
            folds.append(fold)
    folds = np.array(folds)
    return np.array([np.linalg.norm(folds, axis=1).sum(), np.abs(folds).sum()])
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


# %% [markdown] question="raised_cone" instead_of="shell_bump" points=7 by_hand=3 minutes=60
# ## Lifting the tip of a cone
#
# In space, $d=3$, let the labels be $\|x\|$ for $1\le\|x\|\le R$ and a number $h$ at the origin. For $h=0$ the cone $\|x\|$ is an interpolant, and its norm is 4. What does another height of the tip cost?
#
# (a) Follow the proof of the chapter's theorem on the bump. It is enough to look at averages over all directions of a single even function, $f(x)=\mathbb E_u\,g(u\cdot x)$, and $\|g''\|$ is what they cost. Show that the least norm is the least $\|\mu\|$ over even measures $\mu$ on $[-1,1]$ with
#
# $$
# \int d\mu=4,\qquad\int t^2\,d\mu=0,\qquad\int|t|\,d\mu=2h .
# $$
#
# (b) Deduce that for every polynomial $p$ of degree two with $|p|\le1$ on $[0,1]$ the least norm is at least $4\,p(0)+2h\,p'(0)$, and that it is
#
# $$
# N(h)=4+16\,|h|\ \ (h\le0),\qquad4+\frac{2h^2}{1-h}\ \ (0\le h\le\tfrac23),\qquad16h-4\ \ (h\ge\tfrac23).
# $$
#
# (On $0\le h\le\frac23$ try the parabola that is $1$ at $m=\frac h{2-h}$, its maximum, and $-1$ at $1$.) So to round the tip costs next to nothing, to push it down costs at once.
#
# (c) Write `raised_cone`, which returns the radial minimum-norm interpolant as a constant $c$, kinks $b_i\ge0$ and amplitudes $a_i$:
#
# $$
# f(x)=c+\sum_ia_i\,\mathbb E_u\,\sigma(u\cdot x-b_i),\qquad[f]=\sum_i|a_i| .
# $$

# %% [markdown] tags=["solution"]
# **Model answer.** (a) In space $rf(r)=\int_0^rg$. This is $r^2$ for $1\le r\le R$ if and only if $g(s)=2s$ there and $\int_0^1g=1$. So $\mu=g''$ lives on $[-1,1]$, and $g'$ rises from $-2$ to $2$: $\int d\mu=4$. An even $g$ is $c'+\frac12\int|s-t|\,d\mu(t)$; at $s=1$, $2=c'+\frac12\int(1-t)\,d\mu=c'+2$, so $c'=0$ and the label at the origin is $h=g(0)=\frac12\int|t|\,d\mu$.
# As $\int_{-1}^1|s-t|\,ds=1+t^2$, $\int_{-1}^1g=2$ says $\int(1+t^2)\,d\mu=4$, that is $\int t^2d\mu=0$. Conversely such a $\mu$ gives an interpolant.
#
# (b) With $p(\tau)=\lambda_0+\lambda_1\tau+\lambda_2\tau^2$, $4p(0)+2h\,p'(0)=4\lambda_0+2h\lambda_1=\int p(|t|)\,d\mu\le\|\mu\|$. *Lower bounds.* $p=1-8\tau+8\tau^2$ is Chebyshev's polynomial on $[0,1]$: $4-16h$, the value for $h\le0$; $-p$ gives $16h-4$. For $0\le h\le\frac23$, $m=\frac h{2-h}\in[0,\frac12]$ and $p=1-2\frac{(\tau-m)^2}{(1-m)^2}$ is at most $1$ and at least $-1$ on $[0,1]$, as $m\le1-m$; $p(0)=1-\frac{2m^2}{(1-m)^2}$ and $p'(0)=\frac{4m}{(1-m)^2}$.
# With $\frac m{1-m}=\frac h{2(1-h)}$ the bound is $4-8\frac{m^2}{(1-m)^2}+8h\frac m{(1-m)^2}=4+\frac{2h^2}{1-h}$. *They are attained* by masses $a_i$ at the points $b_i=|t|$ where $|p|=1$ (half of $a_i$ at either sign), that solve $\sum a_i=4$, $\sum a_ib_i^2=0$, $\sum a_ib_i=2h$. At $0,\frac12,1$: $a=(4-6h,\,8h,\,-2h)$, with the signs of $p$ for $h\le0$ and those of $-p$ for $h\ge\frac23$.
# At $m$ and $1$: $a=\bigl(\frac4{1-m^2},-\frac{4m^2}{1-m^2}\bigr)$, which satisfies the third equation because $\frac{4m}{1+m}=2h$.
#
# (c) In the average over $u$ the profile with masses $\frac12a_i$ at $\pm b_i$ is $c+\sum a_i\sigma(u\cdot x-b_i)$. All $b_i\ge0$, so at the origin only $c$ is left: $c=h$. (For $r\ge1$ the sum is $\sum a_i\frac{(r-b_i)^2}{4r}=r-h$, as it should be.)
#
# **Rubric.** 1 point: the three conditions. 1 point: the lower bound, and the three polynomials. 1 point: measures that attain it, signs included.

# %% tags=["answer"]
def raised_cone(height):
    """The minimum-norm function that is |x| from radius 1 on and has a given value at the origin, in space.

    height: h, a number.  Returns c, kinks (k,), amplitudes (k,).
    """
    # BEGIN SOLUTION
    if 0 <= height <= 2 / 3:
        m = height / (2 - height)
        return height, np.array([m, 1.0]), np.array([4.0, -4 * m**2]) / (1 - m**2)
    return height, np.array([0.0, 0.5, 1.0]), np.array([4 - 6 * height, 8 * height, -2 * height])
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

# %% [markdown] question="dropped_neurons" instead_of="noisy_labels" points=7 by_hand=7 minutes=60
# ## An experiment: can leaving out stand in for decay?
#
# The minimum-norm interpolant of the five samples below is the tent, of norm 4. Weight decay finds it. Now use no decay, but leave out neurons: at every step of gradient descent each neuron is left out with probability $\delta$, independently, and the others count $\frac1{1-\delta}$ times. Does that lower a norm, and which?
#
# `train` runs gradient descent with neurons left out at the rate $\delta$ and weight decay $\lambda$ (on weights, not on biases) from several starts and returns the networks at six times; in the last quarter of the steps nothing is left out and nothing decays, so that the final networks interpolate. Larger widths start with smaller weights, so that the path norm at the start is about the same.
# Two quantities to follow: `path_norm(net)`, which is at least $[f]$, and `leave_out_cost(net)`, $D=\sum_jv_j^2\,\frac1n\sum_i\sigma(z_{ij})^2$, where $z_{ij}$ is what neuron $j$ receives of sample $i$. Compare nothing, leaving out (two rates at least) and decay, and at least two widths.
#
# 1. *Before you run anything*, compute the mean of the loss over what is left out, at fixed weights; then write down what you expect and why. (What does it pay to do with one large neuron? What becomes of $D$ when the width is doubled?)
# 2. Run it. State everything that is needed to repeat it.
# 3. Make one figure with labelled axes that shows the answer.
# 4. Say what you see, what would have falsified your prediction, and what your experiment cannot tell.

# %%
x, y = np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), np.array([0.0, 0.0, 1.0, 0.0, 0.0])


def leave_out_cost(net):
    """Sum of v_j^2 times the mean square of what neuron j gives on the samples."""
    return net.v**2 @ (np.maximum(net.preactivations(x[:, None]), 0) ** 2).mean(axis=0)


def train(rate, decay, steps=12_000, starts=3, width=120, step_size=0.05, seed=0):
    """Gradient descent with neurons left out and weight decay; returns a list of (step, networks)."""
    rng = np.random.default_rng(seed)
    w, b, v = rng.normal(size=(starts, width)), rng.uniform(-2, 2, (starts, width)), rng.normal(size=(starts, width))
    w, b, v = (np.sqrt(30 / width) * part for part in (w, b, 0.4 * v))
    c, snapshots = np.zeros((starts, 1)), []
    for step in range(steps + 1):
        if step % (steps // 6) == 0 and step:
            nets = [ShallowReLU(w[k][:, None], b[k], v[k], c[k, 0]) for k in range(starts)]
            snapshots.append((step, nets))
        if step == 3 * steps // 4:
            rate, decay = 0.0, 0.0
        kept = ((rng.random((starts, width)) >= rate) / (1 - rate))[:, :, None]
        z = w[:, :, None] * x + b[:, :, None]
        hidden = kept * np.maximum(z, 0)
        r = ((v[:, None, :] @ hidden)[:, 0] + c - y) / len(y)
        back = kept * (z > 0) * r[:, None, :]
        to_v = (hidden @ r[:, :, None])[:, :, 0]
        to_w, to_b = v * (back @ x), v * back.sum(axis=2)
        v, w = v - step_size * (to_v + decay * v), w - step_size * (to_w + decay * w)
        b, c = b - step_size * to_b, c - step_size * r.sum(axis=1, keepdims=True)
    return snapshots


# %% [markdown] tags=["solution"]
# **Model answer.** *Prediction.* With neurons left out the output at sample $i$ is $\sum_jv_j\sigma(z_{ij})\epsilon_j+c$, where the $\epsilon_j$ are independent, of mean $1$ and variance $\frac\delta{1-\delta}$. So the mean of the loss is the loss of the whole network plus $\frac12\frac\delta{1-\delta}D$. Like decay this is a penalty, and it does not change when a neuron is rescaled: neuron $j$ pays $a_j^2$ times a mean that depends on its place.
# But it pays the *square* of its amplitude: $k$ equal parts pay $1/k$ of it. We expect the function to be spread over many neurons, and the path norm to be lowered only indirectly, because less amplitude is less to be left out. Decay charges amplitudes themselves and has no opinion on their number: it should reach the same path norm with fewer neurons and a far larger $D$. If an amplitude is spread over four times as many neurons, $D$ is four times smaller: with the width the penalty disappears, and decay's does not. While neurons are left out the loss cannot vanish.

# %% tags=["solution"]
settings = {"neither": (0.0, 0.0), "left out 0.1": (0.1, 0.0), "left out 0.3": (0.3, 0.0), "decay 0.003": (0.0, 3e-3)}
fig, axes = plt.subplots(1, 2, figsize=(7.5, 2.6), layout="constrained")
for color, (name, (rate, decay)) in enumerate(settings.items()):
    for width, style in ((30, ":"), (120, "-")):
        run = train(rate, decay, steps=6000, width=width)
        at, style = [step for step, _ in run], {"linestyle": style, "color": f"C{color}", "marker": "."}
        axes[0].plot(at, [np.mean([path_norm(net) for net in nets]) for _, nets in run], label=name, **style)
        axes[1].semilogy(at, [np.mean([leave_out_cost(net) for net in nets]) for _, nets in run], **style)
        misses = [np.mean((net(x[:, None]) - y) ** 2) / 2 for net in run[-1][1]]
        print(f"{name:12s} width {width:3d}   largest loss at the end {max(misses):.0e}")
axes[0].axhline(4, color="black", linewidth=1)
for axis, label in zip(axes, ("path norm", "cost of leaving out, D"), strict=True):
    axis.set(xlabel="step (dotted: width 30)", ylabel=label)
axes[0].legend(*(part[::2] for part in axes[0].get_legend_handles_labels()), fontsize=7, loc=(0.55, 0.48));

# %% [markdown] tags=["solution"]
# *What we see.* Without either nothing moves once the loss is zero. With neurons left out the path norm is below what the labels need as long as it lasts (the loss does not vanish: the function is shrunk), and grows when it ends. At width 120 it ends near that of decay, above the line at 4, with either rate; but $D$ is then several times smaller than under decay: the same amplitude on many more neurons.
# At the end $D$ is three to ten times smaller at four times the width, in all runs; but the starts have most of that already, and it decides nothing. While neurons are left out, the path norm is larger at the larger width, as it should be if the penalty disappears. *Falsified by* a $D$ under leaving out that is not below that of decay at the same path norm. *Not shown:* other rates and step sizes; whether larger widths take away the effect on the path norm altogether; what the last quarter adds, in which the function has to grow again (at width 30 and rate 0.3 the loss is not small at the end).
#
# **Rubric.** 2 points: the mean of the loss, with $D$, and a prediction before the run that follows from its squares. 2 points: nothing, two rates and decay, two widths, three starts, final losses reported. 1 point: one figure with labelled axes and the line 4. 2 points: the reading agrees with the figure; what would have falsified the prediction; a limitation. No point is lost for a prediction that turned out wrong.
