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
# (momentum)=
# # Noise and momentum at the edge
#
# ```{twenty-minutes} fig-mom-balls prop-mom-one thm-mom fig-mom-map fig-mom-single prop-mom-bs fig-mom-edges
# ```
#
# Momentum lets gradient descent take steps up to twice as long. Add noise, and the same momentum may shorten the longest stable step tenfold. This chapter finds the exact threshold between the two, proves it with a theorem on analytic functions from 1925, and then looks at where training ends: of the quantities that are said to sit at the edge, one does at the longest step that trains, for every batch size and every momentum that we tried.
#
# After this chapter you can
#
# - say why momentum helps gradient descent and harms small batches, and compute the best momentum of a noise level;
# - prove and compute the exact mean-square threshold of SGD with momentum, from a matrix of the size of the sample;
# - tell what Batch Sharpness measures, and test on runs of your own which quantity sits at its edge.
#
# **You need:** {ref}`linear-stability` and {ref}`three-thresholds` (the linearised dynamics, the mean-square threshold), positive semi-definite matrices and the Schur product theorem, power series on the unit disc. Symbols are in {doc}`the notation table <notation>`.

# %%
from typing import NamedTuple

import numpy as np
from IPython.display import Markdown, display
from myst_nb import glue

from stableminima import Linearization, random_network, train_sgd
from stableminima.book.claims import claim
from stableminima.book.figures import momentum as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.datasets import digit_pair
from stableminima.experiments import load_record

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# ## A ball, and a ball that is shaken
#
# The heavy ball with step size $\eta$ and momentum $0\le\beta<1$ is
#
# $$
# \theta_{t+1}=\theta_t-\eta\nabla L_{\mathcal B_t}(\theta_t)+\beta(\theta_t-\theta_{t-1}),
# $$
#
# which is `torch.optim.SGD(lr=η, momentum=β)`. On the parabola $\tfrac12\lambda\theta^2$ it reads $\theta_{t+1}=(1+\beta-\eta\lambda)\theta_t-\beta\theta_{t-1}$. Its roots $z^2-(1+\beta-\eta\lambda)z+\beta=0$ have product $\beta<1$; they leave the unit disc when one of them reaches $-1$, at $\eta\lambda=2(1+\beta)$. So momentum lets the step be up to twice as long: the next jump is held back by the speed of the last, which points the other way.
#
# Now shake it. A kick of size one does not end with the step in which it comes. It goes on with the speed, and has moved the ball by $1/(1-\beta)$ when the speed is spent. Momentum adds up the kicks of many steps, and noise that would be harmless is no longer so. Below, one parameter and two samples, whose gradients are $\phi_1,\phi_2$; the step is the same for both curves of a panel.

# %%
calm_net = Linearization.from_features([[1.0], [1.0]])  # both pull alike
noisy_net = Linearization.from_features([[0.2], [1.4]])  # the same sharpness


class Balls(NamedTuple):
    too_long: float = 2.6  # step of the panel without noise, times the sharpness
    short: float = 0.75  # of the panel with noise
    momentum: float = 0.9
    steps: int = 120


BALLS = Balls()
calm, noisy = ({b: net.path(step, 1, BALLS.steps, SEED, momentum=b)
                for b in (0.0, BALLS.momentum)}
               for net, step in ((calm_net, BALLS.too_long),
                                 (noisy_net, BALLS.short)))

# %% mystnb={"figure": {"name": "fig-mom-balls", "caption": "Distance to the minimum, with and without momentum. Without noise and with a step longer than $2/\\lambda$, momentum keeps the ball. With noise and a shorter step, it throws the ball out."}, "image": {"alt": "Two panels of paths on a logarithmic scale. Left, a long step without noise; the path without momentum climbs, the one with momentum falls. Right, a shorter step with noise; the path without momentum falls, the one with momentum climbs."}}
draw.plot_two_balls(calm, noisy, [rf"no noise, $\eta\lambda={BALLS.too_long:g}$",
                                   rf"noise, $\eta\lambda={BALLS.short:g}$"]);

# %% [markdown]
# With one parameter everything can be solved. Let $\lambda=\frac1n\sum_j\phi_j^2$ be the curvature, $p=\frac{n-B}{B(n-1)}$ the noise weight of chapter 1, and
#
# $$
# s=\frac{p\operatorname{Var}_j(\phi_j^2)}{\lambda^2}
# $$
#
# the variance of a batch's curvature in units of $\lambda^2$.
#
# ```{prf:proposition} One parameter
# :label: prop-mom-one
#
# The mean square $\mathbb E\,\delta_t^2$ tends to zero if and only if
#
# $$
# \eta<\eta^*=\frac2\lambda\cdot\frac{1-\beta^2}{(1-\beta)+(1+\beta)s}.
# $$ (eq-mom-one)
#
# Momentum lengthens the stable step for some $\beta$ if and only if $s<1$. For $0<s<1$ the best momentum is $\beta=\frac{1-\sqrt s}{1+\sqrt s}$, and it reaches $\eta^*=\frac2\lambda\cdot\frac{2}{(1+\sqrt s)^2}$.
# ```
#
# ```{prf:proof}
# Formula {eq}`eq-mom-one` is {prf:ref}`thm-mom` below for one eigenvalue. For the rest, the last factor, as a function of $\beta$, has the slope $(1-s)/(1+s)^2$ at $0$, and its slope vanishes where $(1-s)(1+\beta^2)=2\beta(1+s)$. For $s<1$ its root in $(0,1)$ is the one stated; for $s\ge1$ there is none there and it falls. At the root, $1-\beta^2=4\sqrt s/(1+\sqrt s)^2$ and the denominator is $2\sqrt s$.
# ```

# %%
momenta = np.linspace(0, 0.995, 200)
ratios = (0.0, 0.01, 0.1, 0.5, 1.0, 4.0)
one_parameter = {s: (1 - momenta**2) / (1 - momenta + (1 + momenta) * s)
                 for s in ratios}
root = np.sqrt(np.geomspace(1e-4, 1, 80))
best = (1 - root) / (1 + root), 2 / (1 + root) ** 2

# %% mystnb={"figure": {"name": "fig-mom-one", "caption": "The exact threshold of one parameter against the momentum, for several noise levels $s$. Without noise it is $1+\\beta$; with much noise, proportional to $1-\\beta$. Each noise level below one has a best momentum."}, "image": {"alt": "Six curves that begin between one and a fifth at momentum zero. The one without noise rises to two. Those with little noise rise, reach a maximum on a dotted line and fall to zero. Those with much noise only fall."}}
draw.plot_best_momentum(momenta, one_parameter, best);

# %%
rng = np.random.default_rng(SEED + 1)
PROBLEMS, formula_error = 50, 0.0
for _ in range(PROBLEMS):
    n, beta = int(rng.integers(2, 30)), rng.uniform(0, 0.98)
    B, phi = int(rng.integers(1, n)), rng.normal(size=n)
    curvature = np.mean(phi**2)
    s = (n - B) / (B * (n - 1)) * np.var(phi**2) / curvature**2
    formula = 2 / curvature * (1 - beta**2) / (1 - beta + (1 + beta) * s)
    found = Linearization.from_features(phi[:, None]).sgd_threshold(B, momentum=beta)
    formula_error = max(formula_error, abs(found / formula - 1))
claim("mom-one", f"relative difference of the library's threshold and the formula for one parameter, {PROBLEMS} random problems",
      formula_error, at_most=1e-8, source="Proposition 9.1")

# %% [markdown]
# (exact-momentum)=
# ## The exact threshold
#
# We return to a network at an interpolating minimum: gradients $\phi_j\in\mathbb R^P$ of the $n$ samples, $H_j=\phi_j\phi_j^{\mathsf T}$, $H=\frac1n\sum_jH_j$ with eigenvalues $0<\lambda_1\le\dots\le\lambda_q$ on the span of the gradients, to which we restrict everything. Batches of $B$ samples are drawn without replacement and independently across steps. The linearised dynamics is
#
# $$
# \delta_{t+1}=\bigl((1+\beta)I-\eta H_{\mathcal B_t}\bigr)\delta_t-\beta\,\delta_{t-1}.
# $$
#
# Two ingredients decide. The *noise*: at second moment $A=\mathbb E\,\delta_t\delta_t^{\mathsf T}$ the batches shake with covariance $\eta^2N(A)$,
#
# $$
# N(A)=\mathbb E\,(H_{\mathcal B}-H)A(H_{\mathcal B}-H)=p\Bigl(\frac1n\sum_jH_jAH_j-HAH\Bigr).
# $$
#
# And the *response*: how far a kick carries. A kick in the direction of an eigenvector is followed by the sequence $g_{k+1}=(1+\beta-\eta\lambda)g_k-\beta g_{k-1}$, $g_0=1$, $g_{-1}=0$, which we write $g_k(\lambda)$. Kicks of covariance $Q$ in every step build up the covariance $\sum_kg_k(\lambda_a)g_k(\lambda_b)Q_{ab}$ in the eigenbasis. Put
#
# $$
# F_{ab}(\eta)=\eta^2\sum_{k\ge0}g_k(\lambda_a)\,g_k(\lambda_b)
# =\frac{\eta}{(1-\beta)(\lambda_a+\lambda_b)-\eta\,\dfrac{(1+\beta^2)\lambda_a\lambda_b-\beta(\lambda_a^2+\lambda_b^2)}{1-\beta^2}} .
# $$ (eq-mom-response)
#
# ```{prf:theorem} The mean-square threshold with momentum
# :label: thm-mom
#
# Let $\rho(\eta)$ be the spectral radius of the map $A\mapsto F(\eta)\circ N(A)$ on symmetric $q\times q$ matrices, $\circ$ the entrywise product, for $0<\eta<\eta_{\mathrm{end}}=2(1+\beta)/\lambda_{\max}$. Then $\rho$ is a non-decreasing function of $\eta$, and the mean square $\mathbb E\|\delta_t\|^2$ tends to zero from every pair $\delta_0,\delta_{-1}$ if and only if $\eta<\eta_{\mathrm{end}}$ and $\rho(\eta)<1$. So there is one threshold
#
# $$
# \eta^*=\sup\{\eta<\eta_{\mathrm{end}}:\rho(\eta)<1\}.
# $$
# ```
#
# For $\beta=0$ this is the threshold of chapter 1; for $B=n$ there is no noise and $\eta^*=\eta_{\mathrm{end}}$. With one eigenvalue, $F=\eta/(2(1-\beta)\lambda-\eta\lambda^2\frac{1-\beta}{1+\beta})$ and $N=s\lambda^2$ give {eq}`eq-mom-one`.
#
# Before the proof, a picture of why $\rho$ grows. The response turns out to be an average over an ellipse,
#
# $$
# F_{ab}(\eta)=\frac1{2\pi}\int_0^{2\pi}\frac{d\omega}{(\lambda_a-\zeta)(\lambda_b-\bar\zeta)},\qquad
# \zeta=\frac{1+\beta+u+\beta/u}{\eta},\quad u=e^{i\omega},
# $$ (eq-mom-ellipse)
#
# which passes through $0$, has the half-axes $(1\pm\beta)/\eta$, and encloses the spectrum as long as $\eta<\eta_{\mathrm{end}}$. A longer step shrinks the ellipse towards $0$, and it comes closer to the eigenvalues.

# %% mystnb={"figure": {"name": "fig-mom-ellipse", "caption": "The ellipses of three step sizes ($\\beta=0.5$) and a spectrum. Each lies within the one before; the last touches the largest eigenvalue, where the mean is lost."}, "image": {"alt": "Three nested ellipses in the complex plane that all touch the imaginary axis at zero; within them some eigenvalues on the real axis. The smallest ellipse ends at the largest eigenvalue."}}
draw.plot_ellipses(np.array([0.05, 0.15, 0.3, 0.55, 1.0]), 0.5, (0.4, 0.65, 1.0));

# %% [markdown]
# ````{prf:proof}
# *Splitting off the noise.* The pair $\sigma_t=(\delta_t,\delta_{t-1})$ obeys $\sigma_{t+1}=M_{\mathcal B_t}\sigma_t$ with $M_{\mathcal B}=\bar M-\eta J(H_{\mathcal B}-H)J^{\mathsf T}$, where $J=(I,0)^{\mathsf T}$ and $\bar M$ is the step with $H$ in place of $H_{\mathcal B}$. Since $H_{\mathcal B}-H$ has mean zero, $\Sigma_t=\mathbb E\,\sigma_t\sigma_t^{\mathsf T}$ obeys $\Sigma_{t+1}=(D+R)\Sigma_t$ with
#
# $$
# D(\Sigma)=\bar M\Sigma\bar M^{\mathsf T},\qquad R(\Sigma)=\eta^2J\,N(J^{\mathsf T}\Sigma J)\,J^{\mathsf T},
# $$
#
# both of which map positive semi-definite matrices to such. If $\eta\ge\eta_{\mathrm{end}}$, already the mean does not contract. Let $\eta<\eta_{\mathrm{end}}$: then $D$ has spectral radius below one.
#
# *Two positive maps.* We claim: $D+R$ has spectral radius below one if and only if $(1-D)^{-1}R=\sum_kD^kR$ has. Both are positive, so by the theorem of Kreĭn and Rutman the spectral radius of each is an eigenvalue with a positive semi-definite eigenmatrix. If $(1-D)^{-1}R\Sigma=\rho\Sigma$ with $\rho\ge1$, then $\Sigma-D\Sigma=R\Sigma/\rho\succeq0$ and $(D+R)\Sigma=\Sigma+(\rho-1)(\Sigma-D\Sigma)\succeq\Sigma$, so that $(D+R)^t\Sigma\succeq\Sigma$ does not tend to zero. If $(D+R)\Sigma=\mu\Sigma$ with $\mu\ge1$, then $R\Sigma=\mu\Sigma-D\Sigma\succeq(1-D)\Sigma$, and applying the positive map $(1-D)^{-1}$ gives $(1-D)^{-1}R\Sigma\succeq\Sigma$, so that its radius is at least one.
#
# *Down to $q\times q$.* $R$ sees of $\Sigma$ only the block $A=J^{\mathsf T}\Sigma J$. The non-zero spectrum of $(1-D)^{-1}R$ is therefore that of $A\mapsto J^{\mathsf T}(1-D)^{-1}(\eta^2JN(A)J^{\mathsf T})J=\eta^2\sum_kG_kN(A)G_k$ with $G_k=J^{\mathsf T}\bar M^kJ=g_k(H)$. In the eigenbasis of $H$ this is $F\circ N(A)$.
#
# *The closed form.* Write $S=\sum_kg_k(\lambda_a)g_k(\lambda_b)$, $m_a=1+\beta-\eta\lambda_a$, and $U=\sum_kg_{k+1}(\lambda_a)g_k(\lambda_b)$, $V=\sum_kg_k(\lambda_a)g_{k+1}(\lambda_b)$. The recursion gives $U=m_aS-\beta V$ and $V=m_bS-\beta U$, hence $U=\frac{m_a-\beta m_b}{1-\beta^2}S$, $V=\frac{m_b-\beta m_a}{1-\beta^2}S$; and multiplying both recursions, $S-1=m_am_bS-\beta m_aU-\beta m_bV+\beta^2S$. So $1/S=1-\beta^2-m_am_b+\beta\,\frac{m_a^2+m_b^2-2\beta m_am_b}{1-\beta^2}$, and inserting $m_a$ and $m_b$ gives {eq}`eq-mom-response`.
#
# *The ellipse.* $\sum_kg_k(\lambda)z^k=1/((1-z)(1-\beta z)+\eta\lambda z)$, a power series that converges beyond $|z|=1$. By Parseval's identity on $z=-\bar u=-1/u$, where $(1-z)(1-\beta z)/z=-(1+\beta+u+\beta/u)=-\eta\zeta$, we get {eq}`eq-mom-ellipse`.
#
# *Monotonicity.* Let $\eta<\eta'<\eta_{\mathrm{end}}$, $v\in\mathbb R^q$ and $\varphi(\zeta)=\sum_av_a/(\lambda_a-\zeta)$. By {eq}`eq-mom-ellipse`, $v^{\mathsf T}F(\eta)v$ is the mean of $|\varphi(\zeta_\eta(u))|^2$ over $|u|=1$, where $\zeta_\eta(u)=(1+\beta+u+\beta/u)/\eta$ maps $|u|>1$, infinity to infinity, conformally onto the outside of the ellipse $E_\eta$. As $E_\eta$ is convex and passes through $0$, the smaller ellipse $E_{\eta'}=\frac{\eta}{\eta'}E_\eta$ lies within it. Hence $w(u)=\zeta_{\eta'}^{-1}(\zeta_\eta(u))$ is analytic from $|u|>1$ into $|u|>1$ and fixes infinity, and $\varphi(\zeta_\eta(u))=\psi(w(u))$ with $\psi=\varphi\circ\zeta_{\eta'}$, which is analytic in $|u|>1$, infinity included, because the eigenvalues lie inside $E_{\eta'}$. Littlewood's subordination theorem says that the mean of $|\psi\circ w|^2$ over a circle $|u|=r>1$ is at most that of $|\psi|^2$; let $r\to1$, both functions being continuous up to $|u|=1$. So $F(\eta')-F(\eta)\succeq0$. By Schur's product theorem $F(\eta')\circ N(A)\succeq F(\eta)\circ N(A)$ for every $A\succeq0$, and the spectral radius of a positive map does not fall when the map grows.
# ````
#
# The theorem is also the algorithm. $F^{1/2}\circ N(F^{1/2}\circ\,\cdot\,)$ is symmetric, because all entries of $F$ are positive (the series converges, so the denominator has no zero below $\eta_{\mathrm{end}}$, and at small $\eta$ it is positive); and one application costs two products of $q\times q$ matrices, as in chapter 1. Newton's method on $\eta/\rho(\eta)=\eta$, safe because $\rho$ is monotone, needs three to nine eigenvalues on the networks below. We check it against what it replaces, the $(2q)^2\times(2q)^2$ matrix $\mathbb E\,M_{\mathcal B}\otimes M_{\mathcal B}$ with all batches written out.

# %%
from itertools import combinations


def enumerated_radius(phi, B, beta, eta):
    """Spectral radius of E[M⊗M], every batch written out."""
    n, q = phi.shape
    batches = list(combinations(range(n), B))
    total = 0.0
    for batch in batches:
        H = phi[list(batch)].T @ phi[list(batch)] / B
        M = np.block([[(1 + beta) * np.eye(q) - eta * H, -beta * np.eye(q)],
                      [np.eye(q), np.zeros((q, q))]])
        total = total + np.kron(M, M) / len(batches)
    return np.abs(np.linalg.eigvals(total)).max()


# %% tags=["nbval-check-output"]
NEAR = 0.001  # how far from the threshold, relative to it
below, above, problems = [], [], 0
for beta in (0.0, 0.3, 0.6, 0.9, 0.95):
    for n in (3, 4, 5):
        for B in range(1, n):
            phi = rng.normal(size=(n, 3)) * rng.exponential(size=3)
            star = Linearization.from_features(phi).sgd_threshold(B, momentum=beta)
            below.append(enumerated_radius(phi, B, beta, (1 - NEAR) * star))
            above.append(enumerated_radius(phi, B, beta, (1 + NEAR) * star))
            problems += 1
print(f"{problems} random problems: radius below 1 at {1 - NEAR:g} of the threshold in {sum(np.array(below) < 1)}, "
      f"above 1 at {1 + NEAR:g} of it in {sum(np.array(above) > 1)}")
claim("mom-below", f"one minus the radius of the enumerated second-moment matrix at {1 - NEAR:g} of the threshold, least of {problems} problems",
      1 - max(below), at_least=1e-8, source="Theorem 9.1")
claim("mom-above", f"radius of the enumerated second-moment matrix at {1 + NEAR:g} of the threshold, minus one, least of {problems} problems",
      min(above) - 1, at_least=1e-8, source="Theorem 9.1")


# %% [markdown]
# ## The map of a trained network
#
# How do batch size and momentum trade on a real minimum? We train {glue:text}`networks` networks on two of the bundled digits by SGD, and compute the thresholds.

# %%
class Trained(NamedTuple):
    digits: tuple = (3, 5)
    samples: int = 128
    width: int = 60
    step_size: float = 0.15
    batch_size: int = 8
    tolerance: float = 1e-6
    max_epochs: int = 4000
    networks: int = 3
    batch_sizes: tuple = (1, 2, 4, 8, 16, 32)  # whose thresholds we compute
    half: float = 0.5  # a momentum that helps some batch sizes and harms others
    large: float = 0.9  # one that the table shows; both on the grid


TRAINED = Trained()


def minimum_of(seed):
    """A minimum for two digits, found by SGD."""
    task = digit_pair(*TRAINED.digits, TRAINED.samples, 0, seed, "digits")
    start = random_network(task.X.shape[1], TRAINED.width, seed)
    run = train_sgd(start, task.X, task.y, TRAINED.step_size, TRAINED.batch_size,
                    TRAINED.tolerance, max_epochs=TRAINED.max_epochs, seed=seed)
    return run.status, Linearization.of(run.network, task.X)


statuses, minima = zip(*(minimum_of(SEED + k) for k in range(TRAINED.networks)),
                       strict=True)
grid = np.append(np.linspace(0, 0.9, 10), [0.95, 0.98])
batch_sizes = TRAINED.batch_sizes
thresholds = [{B: np.array([m.sgd_threshold(B, momentum=b) for b in grid])
               for B in batch_sizes} for m in minima]


# %% [markdown]
# The top direction alone gives a bound. With $v$ the top eigenvector, $\rho(\eta)\ge F_{qq}(\eta)\,v^{\mathsf T}N(vv^{\mathsf T})v$, because the radius of a symmetric map is at least its Rayleigh quotient. So $\eta^*$ is at most the threshold {eq}`eq-mom-one` of one parameter with $\lambda=\lambda_{\max}$ and $s=p\operatorname{Var}_j\langle v,\phi_j\rangle^2/\lambda_{\max}^2$.

# %%
def top_direction(minimum, B):
    """Noise level of the top direction, and its bound for each momentum."""
    n, top = minimum.samples, minimum.sharpness
    pull = (minimum.span.coordinates[:, -1]) ** 2
    s = (n - B) / (B * (n - 1)) * pull.var() / top**2
    return s, 2 / top * (1 - grid**2) / (1 - grid + (1 + grid) * s)


bounds = [{B: top_direction(m, B)[1] for B in batch_sizes} for m in minima]
noise = {B: np.median([top_direction(m, B)[0] for m in minima]) for B in batch_sizes}
unit = minima[0].sharpness / 2

# %% mystnb={"figure": {"name": "fig-mom-map", "caption": "Exact thresholds of a trained network (the first of three) against the momentum, in units of $2/\\lambda_{\\max}$. Thin horizontal lines are the values without momentum, dotted curves the bound by the top direction. Where a curve is above its thin line, momentum helps."}, "image": {"alt": "Seven curves. That of the full batch rises in a straight line from one to two. Those of batches of 32, 16, 8 and, slightly, 4 rise with the momentum, reach a maximum and fall to zero; those of 2 and 1 only fall."}}
draw.plot_map(grid, {B: unit * v for B, v in thresholds[0].items()}, {B: unit * v for B, v in bounds[0].items()});

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
rows = ["| batch size | noise $s$ | best momentum of the grid "
        f"| longest step there, over that without | at momentum {TRAINED.large:g} |", "|---|---|---|---|---|"]
for B in batch_sizes:
    relative = np.median([t[B] / t[B][0] for t in thresholds], axis=0)
    place = int(np.argmax(relative))
    rows.append(f"| {B} | {noise[B]:.2g} | {grid[place]:.2g} | {relative[place]:.2f} "
                f"| {relative[np.argmin(np.abs(grid - TRAINED.large))]:.2f} |")
display(Markdown("\n".join(rows)))

# %% [markdown]
# The table gives medians over the {glue:text}`networks` networks. Small batches have no use for momentum: their thresholds fall about as $1-\beta$. From some batch size on, moderate momentum lengthens the step, and too much of it harms again. For batches of 16 and 32 and moderate momentum the top direction alone nearly decides. For small batches or much momentum it does not: at batches of one its noise level, far below $1$, promises help, and there is none. The noise of the other directions is what the $q\times q$ map adds.

# %%
worst_bound = max(np.max(t[B] / b[B]) for t, b in zip(thresholds, bounds, strict=True)
                  for B in batch_sizes)
half = np.argmin(np.abs(grid - TRAINED.half))
least, most = batch_sizes[0], batch_sizes[-1]
of_most, of_least = f"batches of {spelled(most)}", f"batches of {spelled(least)}"
with_half = f"momentum {grid[half]:g}"
three = f"{spelled(TRAINED.networks)} networks"
claim("mom-top", f"largest ratio of a threshold to its bound by the top direction, {three}, {spelled(len(batch_sizes))} batch sizes",
      worst_bound, at_most=1 + 1e-9, source="Theorem 9.1")
share = {(B, k): np.median([t[B][k] / b[B][k] for t, b in zip(thresholds, bounds, strict=True)])
         for B in (least, most) for k in (0, half)}
claim("mom-top-decides", f"threshold over its bound by the top direction, {of_most}, {with_half}, median of {three}",
      share[most, half], at_least=0.9)
claim("mom-top-misses", f"threshold over its bound by the top direction, {of_least}, no momentum, median of {three}",
      share[least, 0], at_most=0.7)
helps = [t[most][half] / t[most][0] for t in thresholds]
harms = [t[least][half] / t[least][0] for t in thresholds]
claim("mom-helps", f"factor by which {with_half} lengthens the stable step at {of_most}, least of {three}",
      min(helps), at_least=1.1)
claim("mom-harms", f"factor by which {with_half} changes the stable step at {of_least}, largest of {three}", max(harms), at_most=0.8)
claim("mom-minima", f"share of the {spelled(TRAINED.networks)} training runs that converged",
      np.mean([s == "converged" for s in statuses]), equals=1)


# %% [markdown]
# ## Single runs
#
# Mean square is not what a single run feels ({ref}`three-thresholds`). With momentum the pair $(\delta_t,\delta_{t-1})$ has a Lyapunov exponent of its own, and where it is negative almost every run contracts, though the mean square may grow. We look at batches of {glue:text}`single-batch` on the {glue:text}`networks` networks, with $\beta=$ {glue:text}`single-momentum`: {glue:text}`single-runs` runs of each network for each step, in units of its own mean-square threshold, on both sides of both thresholds. The almost-sure edge lies {glue:text}`edges-apart` above the mean-square threshold.

# %%
class Single(NamedTuple):
    runs: int = 16
    length: int = 3000  # steps
    batch_size: int = 2
    momentum: float = 0.5
    factors: tuple = (0.6, 0.8, 0.95, 1.05, 1.3, 1.6, 2.0)  # of the threshold
    below: float = 0.95  # one of them
    beyond: float = 1.2  # of the almost-sure edge


SINGLE = Single()
squares = [m.sgd_threshold(SINGLE.batch_size, momentum=SINGLE.momentum)
           for m in minima]
sure = [m.almost_sure_edge(eta, SINGLE.batch_size, seed=SEED,
                           momentum=SINGLE.momentum)
        for m, eta in zip(minima, squares, strict=True)]
steps = np.array(SINGLE.factors)


def share_that_grew(minimum, eta, beta):
    """Of several runs, the share that is farther away at the end."""
    ends = [minimum.path(eta, SINGLE.batch_size, SINGLE.length, SEED + k,
                         momentum=beta)[-1] for k in range(SINGLE.runs)]
    return np.mean(np.array(ends) > 1)


grown, without = (np.array([[share_that_grew(m, s * eta, beta) for s in steps]
                            for m, eta in zip(minima, squares, strict=True)])
                  for beta in (SINGLE.momentum, 0.0))

# %% mystnb={"figure": {"name": "fig-mom-single", "caption": "Share of the linearised runs of three networks (sixteen each) that are farther from the minimum after 3000 steps than at their start, batches of two, with momentum 0.5 and without. Vertical lines are medians of the three."}, "image": {"alt": "Two rising curves against the step size with three vertical lines. The runs with momentum all shrink below the mean-square threshold and all grow above the almost-sure edge; those without momentum turn later."}}
marks = {"mean square": 1.0, "almost sure": np.median([e.edge for e in sure]),
         r"mean square, $\beta=0$": np.median([m.sgd_threshold(SINGLE.batch_size) / eta
                                        for m, eta in zip(minima, squares, strict=True)])}
draw.plot_shares(steps, {rf"$\beta={SINGLE.momentum:g}$": grown.mean(axis=0), r"$\beta=0$": without.mean(axis=0)}, marks);

# %%
below = grown[:, np.argmin(np.abs(steps - SINGLE.below))]
claim("mom-single-below", f"share of runs that grew at {SINGLE.below:g} of the mean-square threshold, momentum {SINGLE.momentum:g}, largest of {three}", below.max(), at_most=0.1)
beyond = [g for row, e in zip(grown, sure, strict=True) for g, eta in zip(row, steps, strict=True)
          if eta > SINGLE.beyond * e.edge]
claim("mom-single-above", f"least share of runs that grew at steps beyond {SINGLE.beyond:g} of the almost-sure edge, {three}", min(beyond, default=np.nan), at_least=0.9)
claim("mom-edges", f"almost-sure edge over the mean-square threshold, momentum {SINGLE.momentum:g}, plus two standard errors, least of {three}",
      min(e.edge + 2 * e.error for e in sure), at_least=1)
apart = sorted(100 * (e.edge - 1) for e in sure)
listed = ", ".join(f"{percent:.0f}" for percent in apart[:-1]) + f" and {apart[-1]:.0f}"
glue("edges-apart", f"{listed} % (± {100 * max(e.error for e in sure):.0f} %)", display=False)
for name, value in (("batch", SINGLE.batch_size), ("momentum", SINGLE.momentum),
                    ("runs", SINGLE.runs)):
    glue(f"single-{name}", spelled(value), display=False)
glue("networks", spelled(TRAINED.networks), display=False)

# %% [markdown]
# ## Batch Sharpness
#
# Along training the residuals $r_j=f(x_j)-y_j$ do not vanish, and a batch has a gradient. {cite:t}`andreyev2024edge` find that the quantity which stabilises at $2/\eta$ under SGD is *Batch Sharpness*, the expected curvature of a batch's loss along that batch's own gradient,
#
# $$
# \mathrm{BS}_B=\mathbb E_{\mathcal B}\frac{\nabla L_{\mathcal B}^{\mathsf T}H_{\mathcal B}\nabla L_{\mathcal B}}{\|\nabla L_{\mathcal B}\|^2}
# =\mathbb E_{\mathcal B}\,\frac{1}{B}\,\frac{\|G_{bb}r_b\|^2}{r_b^{\mathsf T}G_{bb}r_b},
# $$
#
# the second form being ours, for the Gauss–Newton part of $H_{\mathcal B}$: with the block $G_{bb}$ of the tangent kernel it is a matrix of the size of the batch. With momentum, {cite:t}`andreyev2026momentum` report two plateaus, $2(1-\beta)/\eta$ for small batches and $2(1+\beta)/\eta$ for large ones (we have read the two abstracts).
#
# ```{prf:proposition} Two corners of Batch Sharpness
# :label: prop-mom-bs
#
# If no $r_j\phi_j$ vanishes, $\mathrm{BS}_1=\frac1n\sum_j\|\phi_j\|^2=\operatorname{tr}H$, whatever the residuals are. If $\sum_jr_j\phi_j\ne0$, $\mathrm{BS}_n\le\lambda_{\max}$, with equality if and only if this sum is a top eigenvector of $H$.
# ```
#
# ```{prf:proof}
# For one sample the gradient is $r_j\phi_j$ and the curvature along it is $\|\phi_j\|^2$. For the whole batch it is a Rayleigh quotient of $H$ at $\sum_jr_j\phi_j$.
# ```
#
# So at batches of one it is the trace of $H$, and at full batches the sharpness, once training oscillates along the top eigenvector. In between it depends on the residuals, which {prf:ref}`thm-mom` does not know.

# %%
r = np.random.default_rng(SEED + 5).normal(size=TRAINED.samples)
singles = [m.batch_sharpness(r, 1, draws=4000, seed=SEED) for m in minima]
claim("mom-bs-one", f"Batch Sharpness at batches of one against the trace, in standard errors, largest of {three}",
      max(abs(b.value - m.spectrum.sum()) / b.standard_error for b, m in zip(singles, minima, strict=True)),
      at_most=4.5, source="Proposition 9.2")
claim("mom-bs-all", f"Batch Sharpness of the whole sample over the sharpness, largest of {three}",
      max(m.batch_sharpness(r).value / m.sharpness for m in minima), at_most=1, source="Proposition 9.2")


# %% [markdown]
# (what-sits-at-the-edge)=
# ## What sits at its edge?
#
# The recorded study `momentum` trains the same kind of network with batches of 2, 8, 32 and all 128 samples, momenta 0, 0.5 and 0.9, step sizes that are equal in $\eta/(1-\beta)$ (four times as long at the full batch), three seeds, and independent or reshuffled batches, with a warm-up of 100 epochs. Every 100 epochs it measures three quantities in units of their edges: $\eta\lambda_{\max}/(2(1+\beta))$; $\eta/\eta^*$ with the exact threshold at the present network; and $\eta\,\mathrm{BS}/2$.
#
# Theory suggests this much, and no more: a *full-batch* run that converges has $\eta\lambda_{\max}\le2(1+\beta)$. With batches the mean may be unstable while almost every run contracts ({ref}`three-thresholds`), and single runs may pass $\eta^*$, which is a statement about averages, by as much as the almost-sure edge allows. That training drives itself *to* an edge is an observation, made for gradient descent by {cite:t}`cohen2021gradient`. Which edge, no theorem says.
#
# Of each seed, batch size and momentum we take the run with the longest step that still trained, and the median of each quantity over the second half of its epochs.

# %%
class Recorded(NamedTuple):  # what the study varies
    samples: int = 128
    batches: tuple = (2, 8, 32, None)  # the last, the full batch
    momenta: tuple = (0.0, 0.5, 0.9)
    seeds: int = 3


RECORDED = Recorded()
record = load_record("momentum")


def trained(run):
    return run["status"] in ("converged", "unfinished")


def at_the_longest_step(sampling):
    """Of each seed, batch size and momentum, the longest step that trained."""
    longest = {}
    for run in record:
        if run["sampling"] == sampling and trained(run):
            key = run["batch_size"], run["momentum"], run["seed"]
            if key not in longest or run["step_size"] > longest[key]["step_size"]:
                longest[key] = run
    return list(longest.values())


edge_runs = at_the_longest_step("iid")
lost = {seed: [run for run in record if run["seed"] == seed and not trained(run)]
        for seed in range(RECORDED.seeds)}
early = [sum(run["epochs"] <= run["warmup"] for run in runs) for runs in lost.values()]
dead = sum(run["status"] == "collapsed" for runs in lost.values() for run in runs)
glue("runs-lost", ", ".join(str(len(runs)) for runs in lost.values()), display=False)
glue("runs-lost-early", ", ".join(map(str, early)), display=False)
claim("mom-lost", "share of the failed runs of a seed that lost every neuron, all seeds together",
      dead / sum(map(len, lost.values())), equals=1)
short = [min(run["median_mean_square"] for run in record if trained(run) and run["seed"] == seed)
         for seed in range(RECORDED.seeds)]
glue("square-short", f"{min(short):.2f} to {max(short):.2f}", display=False)
NAMES = {"mean_edge": r"sharpness, $\eta\lambda_{\max}/(2(1+\beta))$",
         "mean_square": r"mean square, $\eta/\eta^*$",
         "batch_sharpness": r"Batch Sharpness, $\eta\,\mathrm{BS}/2$"}
points = [{name: run[f"median_{name}"] for name in NAMES}
          | {"batch": str(run["batch_size"] or RECORDED.samples),
             "momentum": run["momentum"]}
          for run in edge_runs]

# %% mystnb={"figure": {"name": "fig-mom-edges", "caption": "Three quantities at the longest step that trains, one point a run (three seeds), independent batches. Dashed, the edge; dotted, the two plateaus $1\\mp\\beta$ of Batch Sharpness in the colour of their momentum."}, "image": {"alt": "Three panels on a logarithmic scale. In the first, sharpness in units of its edge runs from a twentieth to one. In the second, all but one point of the mean-square quantity lie between 0.79 and 1.04, one at 0.64. In the third, Batch Sharpness runs from a tenth to two."}}
sizes = [str(batch or RECORDED.samples) for batch in RECORDED.batches]
draw.plot_edges(points, sizes, NAMES);


# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
def triple(group):
    return " | ".join(f"{np.median([run[f'median_{name}'] for run in group]):.2f}" for name in NAMES)


def table_of(runs):
    rows = ["| batch | momentum | step | sharpness | mean square | Batch Sharpness | in units of $1-\\beta$ | of $1+\\beta$ |",
            "|---|---|---|---|---|---|---|---|"]
    for batch in RECORDED.batches:
        for beta in RECORDED.momenta:
            group = [run for run in runs if (run["batch_size"], run["momentum"]) == (batch, beta)]
            if group:
                sharp = np.median([run["median_batch_sharpness"] for run in group])
                rows.append(f"| {batch or RECORDED.samples} | {beta:g} | {np.median([run['step_size'] for run in group]):g} | {triple(group)} | "
                            f"{sharp / (1 - beta):.2f} | {sharp / (1 + beta):.2f} |")
    return "\n".join(rows)


display(Markdown(table_of(edge_runs)))


# %% [markdown]
# The second panel is the answer. In units of the exact threshold the medians lie between {glue:text}`square-least` and {glue:text}`square-most` for all batch sizes and momenta, while the sharpness in units of *its* edge ranges over more than a decade, and Batch Sharpness over the whole way between its plateaus. (At the full batch the first two panels are the same number.) Both plateaus are there: at the full batch $1+\beta$, at batches of two within half of $1-\beta$. But batches of 8 with momentum, and of 32 with momentum $0.9$, sit on neither, and the two numbers do not say where.

# %%
def medians(runs, name):
    """The median over seeds, for each batch size and momentum."""
    groups = {}
    for run in runs:
        key = run["batch_size"], run["momentum"]
        groups.setdefault(key, []).append(run[f"median_{name}"])
    return {key: np.median(values) for key, values in groups.items()}


# %%
square_at, mean_at, sharp_at = (medians(edge_runs, name) for name in
                                ("mean_square", "mean_edge", "batch_sharpness"))
glue("square-least", f"{min(square_at.values()):.2f}", display=False)
glue("square-most", f"{max(square_at.values()):.2f}", display=False)
claim("mom-square-low", "least median over seeds of η over the mean-square threshold, all batch sizes and momenta at the longest step",
      min(square_at.values()), at_least=0.75)
claim("mom-square-high", "largest median over seeds of η over the mean-square threshold, all batch sizes and momenta at the longest step", max(square_at.values()), at_most=1.1)
claim("mom-mean-spread", "largest over smallest median of the sharpness in units of its edge, all batch sizes and momenta at the longest step",
      max(mean_at.values()) / min(mean_at.values()), at_least=5)
few, many, big = RECORDED.batches[0], RECORDED.batches[-2], RECORDED.momenta[-1]
of_momenta = f"{spelled(len(RECORDED.momenta))} momenta"
whole = [sharp_at[None, b] / (1 + b) for b in RECORDED.momenta if (None, b) in sharp_at]
claim("mom-plateau-high", f"Batch Sharpness over the plateau 2(1+β)/η at the full batch, least of {of_momenta}", min(whole), at_least=0.85)
claim("mom-plateau-high-most", f"Batch Sharpness over the plateau 2(1+β)/η at the full batch, largest of {of_momenta}", max(whole), at_most=1.1)
small = [sharp_at[few, b] / (1 - b) for b in RECORDED.momenta if (few, b) in sharp_at]
claim("mom-plateau-low", f"Batch Sharpness over the plateau 2(1−β)/η at batches of {spelled(few)}, largest of {of_momenta}", max(small), at_most=2)
claim("mom-plateau-low-least", f"Batch Sharpness over the plateau 2(1−β)/η at batches of {spelled(few)}, least of {of_momenta}", min(small), at_least=0.7)
there = f"Batch Sharpness at batches of {many} and momentum {big:g}"
claim("mom-between", f"{there}, in units of the lower plateau", sharp_at[many, big] / (1 - big), at_least=3)
claim("mom-between-high", f"{there}, in units of the upper plateau", sharp_at[many, big] / (1 + big), at_most=0.7)

# %% [markdown]
# **How far may single runs go?** For runs that converged with independent batches we computed the almost-sure edge at the end.

# %%
ended = [run for run in record if run["status"] == "converged" and run["edge"]]
by_seed = [[run for run in ended if run["seed"] == seed] for seed in range(RECORDED.seeds)]
past = [[run["end_mean_square"] > 1 for run in runs] for runs in by_seed]
glue("converged-iid", ", ".join(str(len(runs)) for runs in by_seed), display=False)
glue("beyond-square", ", ".join(str(sum(share)) for share in past), display=False)
claim("mom-sure", "least almost-sure edge in units of the step, all converged runs with independent batches",
      min(run["edge"] for run in ended), at_least=1)
claim("mom-sure-square", f"share of a seed's converged runs with independent batches that end beyond the mean-square threshold, largest of {spelled(RECORDED.seeds)} seeds",
      max(np.mean(share) for share in past), at_most=0.25)

# %% [markdown]
# Of the three seeds {glue:text}`converged-iid` did (batches smaller than the sample). All end inside the almost-sure edge, as runs that stay must; {glue:text}`beyond-square` of them end beyond the mean-square threshold. The two edges lie so close together here that the data cannot tell which of them training meets.
#
# **Reshuffled epochs.** The theory is for independent batches. The runs with reshuffled epochs look the same here; their batches are 64, 16 and 4 to an epoch.

# %% mystnb={"markdown_format": "myst"} tags=["hide-input"]
shuffled = at_the_longest_step("reshuffled")
display(Markdown(table_of(shuffled)))

# %%
reshuffled_square = medians(shuffled, "mean_square")
claim("mom-reshuffled", "largest median of η over the threshold for independent batches, runs with reshuffled epochs",
      max(reshuffled_square.values()), at_most=1.25)
claim("mom-reshuffled-low", "least median of η over the threshold for independent batches, runs with reshuffled epochs", min(reshuffled_square.values()), at_least=0.7)


# %% [markdown]
# What this does *not* show. The networks are small, the loss quadratic, the steps on a grid with ratio two, so that the longest step that trains may be up to twice too short for its edge; at batches of 32 with momentum $0.9$ even the longest step of the grid still trained. Of the 126 runs of each seed {glue:text}`runs-lost` failed; all of these lost every neuron, {glue:text}`runs-lost-early` of them during the warm-up: which step is the longest that trains is decided by dying neurons, and is not itself an effect of $\eta^*$. At shorter steps runs end below the threshold, each seed's lowest at {glue:text}`square-short` of it.
#
# ## Summary
#
# - Without noise momentum lengthens the longest stable step by $1+\beta$; where noise decides it shortens it by about $1-\beta$. With one parameter the turn is at $s=1$, and the best momentum is $(1-\sqrt s)/(1+\sqrt s)$.
# - The exact mean-square threshold with momentum is where a positive map on $q\times q$ matrices has radius one; the radius grows with the step because ellipses shrink (Littlewood's subordination).
# - In our recorded runs, at the longest step that trained, the median of $\eta/\eta^*$ over seeds is {glue:text}`square-least` to {glue:text}`square-most` for every batch size and momentum; the sharpness and Batch Sharpness spread over more than a decade. Both plateaus of Batch Sharpness appear at their ends: the full batch, and batches of two.
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | $2(1+\beta)/\lambda_{\max}$ for the heavy ball | classical | |
# | mean-square threshold without momentum | {cite:t}`mulayoff2024exact` | n×n form (chapter 1) |
# | with momentum, {prf:ref}`thm-mom`, for one parameter {prf:ref}`prop-mom-one` | on least squares, as the momentum LMS algorithm: bounds on its parameters, {cite:t}`tugay1989properties`; the mean of the weights, {cite:t}`roy1990analysis` (abstracts read); that plateaus agree with linear stability thresholds is said in the abstract of {cite:t}`andreyev2026momentum` | necessary and sufficient threshold for batches without replacement, monotone in $\eta$; n×n form and algorithm |
# | $(1-D)^{-1}R$ in place of $D+R$ | the mean-square small-gain criterion of control theory (from memory) | |
# | Batch Sharpness and its plateaus | {cite:t}`andreyev2024edge`, {cite:t}`andreyev2026momentum` (abstracts read) | kernel form, {prf:ref}`prop-mom-bs`, comparison with the exact threshold |
# | mean of a subordinate function | Littlewood 1925, a textbook theorem | its use here |
# | Lyapunov exponents decide for single runs | {cite:t}`ziyin2023probabilistic`, {cite:t}`chemnitz2024characterizing` | computation with momentum |
# | one unstable batch can spoil the nonlinear mean | {cite:t}`mulayoff2026nonlinear` (abstract read) | how many there are, in {doc}`09-elsewhere` |
#
# We looked for an exact threshold with momentum in public web copies of arXiv, in November 2026, by two or three searches, and found none; that is no proof that there is none.
#
# ## Check yourself
#
# ```{self-check}
# ```
#
# ## Exercises
#
# ```{exercise} Which sign?
# :label: ex-mom-sign
#
# Show from {prf:ref}`prop-mom-one` that for $s\ll1$ the longest stable step is, at its best momentum, almost twice $2/\lambda$, and that at $s=0.1$ it is only $1.15$ times $2/\lambda$.
# ```
#
# ```{solution} ex-mom-sign
# :class: dropdown
# :label: sol-mom-sign
#
# $2/(1+\sqrt s)^2\to2$ as $s\to0$. Without momentum the threshold is $\frac2\lambda\cdot\frac1{1+s}$. At $s=0.1$ the best is $2/(1+\sqrt{0.1})^2=1.154$ in units of $2/\lambda$; without momentum it is $0.909$.
# ```
#
# ```{exercise} The noise end
# :label: ex-mom-noise
#
# Let $\beta$ be fixed and multiply the noise $N\ne0$ by a large number $c$. Show that $\eta^*$ tends to zero like $1/c$, and that its limit ratio to the threshold without momentum is exactly $1-\beta$, for any spectrum.
# ```
#
# ```{solution} ex-mom-noise
# :class: dropdown
# :label: sol-mom-noise
#
# As $\eta\to0$, $F_{ab}(\eta)=\frac{\eta}{(1-\beta)(\lambda_a+\lambda_b)}(1+O(\eta))$ uniformly in $a,b$. With noise $cN$ the radius is $\frac{c\,\eta}{1-\beta}r(1+O(\eta))$, $r$ the radius of $A\mapsto N(A)_{ab}/(\lambda_a+\lambda_b)$. It is one at $\eta=\frac{1-\beta}{cr}(1+O(1/c))$, and $r$ does not know $\beta$.
# ```
#
# ```{exercise} Adam at the edge
# :label: ex-mom-adam
#
# Near a minimum, freeze Adam's second-moment estimate at a positive diagonal matrix $V$, and let its first moment be $m\leftarrow\beta m+(1-\beta)\nabla L$, $\theta\leftarrow\theta-\eta V^{-1/2}m$. Show that full-batch Adam is stable in the mean if and only if $\eta\,\lambda_{\max}(V^{-1/2}H)<2(1+\beta)/(1-\beta)$, and check it on twenty random problems and as many random $V$.
# ```
#
# ```{solution-start} ex-mom-adam
# :class: dropdown
# :label: sol-mom-adam
# ```
#
# In the coordinates $V^{1/4}\theta$ the iteration is the heavy ball with $H$ replaced by the symmetric matrix $V^{-1/4}HV^{-1/4}$, which has the eigenvalues of $V^{-1/2}H$, and $\eta$ by $(1-\beta)\eta$. So $(1-\beta)\eta\lambda_{\max}<2(1+\beta)$. For $\beta=0.9$ that is $38$ in place of $2$.

# %%
def adam_growth(H, scale, eta, beta, rng, steps=6000):
    """Log-growth a step of frozen Adam from a random start."""
    theta, m, t = rng.normal(size=len(H)), np.zeros(len(H)), 0
    while t < steps and 1e-100 < np.abs(theta).max() < 1e100:
        m = beta * m + (1 - beta) * H @ theta
        theta, t = theta - eta * scale * m, t + 1
    return np.log(np.linalg.norm(theta)) / t


class Frozen(NamedTuple):
    problems: int = 20
    samples: int = 12
    parameters: int = 8
    near: float = 0.01  # how far from the edge, relative to it


FROZEN = Frozen()
grown_below, grown_above = [], []
for seed in range(FROZEN.problems):
    rng = np.random.default_rng([SEED, 9, seed])
    phi = rng.normal(size=(FROZEN.samples, FROZEN.parameters))
    scale = rng.exponential(size=FROZEN.parameters) ** -0.5
    H, beta = phi.T @ phi / FROZEN.samples, rng.uniform(0.5, 0.95)
    top = np.linalg.eigvals(scale[:, None] * H).real.max()
    edge = 2 * (1 + beta) / (1 - beta) / top
    grown_below.append(adam_growth(H, scale, (1 - FROZEN.near) * edge, beta, rng))
    grown_above.append(adam_growth(H, scale, (1 + FROZEN.near) * edge, beta, rng))
claim("mom-adam-below", f"log-growth a step of frozen Adam at {1 - FROZEN.near:g} of the preconditioned edge, largest of {FROZEN.problems} problems", max(grown_below), at_most=0)
claim("mom-adam-above", f"log-growth a step of frozen Adam at {1 + FROZEN.near:g} of the preconditioned edge, least of {FROZEN.problems} problems", min(grown_above), at_least=1e-4)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## Notes and references
#
# The heavy ball is Polyak's. Positive maps and the theorem of Kreĭn and Rutman are in books on matrix analysis; Littlewood's subordination theorem in books on Hardy spaces.
