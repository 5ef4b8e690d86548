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
# (large-logistic-steps)=
# # Large steps and initial scales
#
# ```{twenty-minutes} no-lasting-edge-of-stability what-the-rows-remember relu-a-choice-of-pattern
# ```
#
# In {ref}`mnist-tightness` the step size decided how sharp a minimum could be, and the sharpness went up to $2/\eta$. In {ref}`nearly-orthogonal` there is no minimum, only a direction, and the exact limits hardly mention $\eta$. What does a large step do here?
#
# After this page you can
#
# - say why there is no lasting edge of stability with the logistic loss, and how far from it a run is after $t$ steps;
# - compute what the rows of a class remember of their start and of the first step;
# - say what of the step size survives for ever: a pattern of ReLU neurons, chosen in the first step.
#
# **You need:** {ref}`nearly-orthogonal`, whose symbols and results we use.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima.book.claims import claim
from stableminima.book.figures import nearly_orthogonal as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.datasets import mixture, orthogonal_inputs
from stableminima.margins import (asymptotics, descend_logistic, logistic_sharpness,
                                  signed_network, stable_rank, step_for_gain)

SEED = 0  # shifts every random draw of this page

use_house_style()


# %% [markdown]
# ## No lasting edge of stability
#
# By {eq}`eq-nod-margins` the pulls are $g_i\approx nu_i/(\eta t)$ at late times, and the Hessian has the eigenvalues of $\frac1n\,S^{1/2}KS^{1/2}$ with $S=\operatorname{diag}g_i(1-g_i)$. So
#
# $$
# \tfrac12\eta\lambda_{\max}(\nabla^2L)\approx\frac1{2t}\lambda_{\max}\bigl(U^{1/2}KU^{1/2}\bigr),\qquad U=\operatorname{diag}u :
# $$ (eq-nod-edge)
#
# after $t$ steps the distance from the edge is the same for *every* step size, once $t$ is late. A run that begins beyond the edge of stability does not stay there, since the loss flattens faster than the weights move. That much is known (the table at the end says from whom); what we add is the constant. This is theory; the experiment below tests when "late" begins.
#
# ## What the rows remember
#
# For leaky networks the frozen pattern is given by the labels, and $W_\infty$ does not contain $\eta$: the *limit* forgets the step. But the way to it need not. By {prf:ref}`thm-nod-rank-one` the stable rank of a class exceeds 1 by what the rows do *not* have in common, $N_j$, over the length of what they have, $b_j$. Rows differ at the start, and after the first step, which is made with the pattern of the start, a random one. It moves row $r$ by $\frac{\eta j}{2nm}\sum_iy_iD_{jri}x_i$ (as $g_i\approx\frac12$) with independent $D_{jri}\in\{\gamma,1\}$ of variance $\frac14(1-\gamma)^2$ (orthogonal inputs). If that step is already decisive, all later moves of the rows are equal, and with classes of equal size and inputs of equal length, where the covariance with $W(0)$ cancels,
#
# $$
# \begin{gathered}
# \mathbb E\|N_j\|_F^2=(m-1)\Bigl\{\sigma_0^2d+\rho^2\sum_i\|x_i\|^2\Bigr\},\\
# \rho=\frac{\eta(1-\gamma)}{4nm} .
# \end{gathered}
# $$ (eq-nod-memory)
#
# This is one formula for the step and the initial scale: the rows remember the longer of the two. When we first wrote this page we concluded that a larger step makes the layer of higher rank at equal $t$, in contrast with what "large steps find simple solutions" suggests. The experiment decides.

# %%
class Setting(NamedTuple):
    inputs: int = 10
    dim: int = 784
    neurons: int = 100  # of one class
    slope: float = 0.3  # of the leaky ReLU
    scales: tuple = (1e-3, 1e-2, 1e-1)  # of the start
    etas: tuple = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0)
    late: float = 100.0  # from here on t = 200 is late
    steps: int = 200
    draws: int = 10

P = Setting()
MIDDLE = P.scales[1]
ten, after_steps = f"{spelled(P.draws)} draws", f"after {P.steps} steps"
grid = f"{spelled(len(P.scales))} scales, {spelled(len(P.etas))} steps"

def data(k, dim=P.dim):
    return mixture(
        P.inputs, dim, mean=0.0, noise=1 / np.sqrt(dim), seed=SEED + 100 + k
    )

def after(X, y, k, scale, eta):
    """The leaky network after constant steps."""
    start = signed_network(P.dim, P.neurons, P.slope, scale, SEED + k)
    return descend_logistic(start, X, y, eta, P.steps, records=2).network()

def unlike(net):
    """‖N₊‖²: what the rows of class + do not have in common."""
    block = net.blocks[0]
    return ((block - block.mean(axis=0)) ** 2).sum()

nets = [
    {
        (scale, eta): after(*data(k), k, scale, eta)
        for scale in P.scales
        for eta in P.etas
    }
    for k in range(P.draws)
]

# %%
etas = np.array(P.etas)

def memory(scale, X):
    """The two sides of the formula: start, first step."""
    rho = etas * (1 - P.slope) / (4 * P.inputs * P.neurons)
    return (P.neurons - 1) * (scale**2 * P.dim + rho**2 * (X**2).sum())

def limit_after(net, X, y, gain=0.04, steps=2500):
    """The limits if training goes on with short steps."""
    run = descend_logistic(
        net, X, y, step_for_gain(net, X, y, gain), steps, clock="loss", records=2
    )
    return asymptotics(X, y, run.mean_pattern)

found = {
    s: np.array([[unlike(net[s, e]) for e in etas] for net in nets])
    for s in P.scales
}
theory = {
    s: np.array([memory(s, data(k)[0]) for k in range(P.draws)]) for s in P.scales
}
excess = np.array(
    [[stable_rank(net[MIDDLE, e].blocks[0]) - 1 for e in etas] for net in nets]
)
edge = np.array(
    [
        [e * logistic_sharpness(net[MIDDLE, e], *data(k)) / 2 for e in etas]
        for k, net in enumerate(nets)
    ]
)

# %% mystnb={"figure": {"name": "fig-nod-steps", "caption": "Leaky ReLU, 200 constant steps, first of ten draws. Left: what the rows of a class remember (dots), for three initial scales, and the formula (lines). Right: initial scale $0.01$."}, "image": {"alt": "Left, three curves that are level and then rise with slope two, dots on them; the smaller the initial scale the earlier they rise. Right, the stable rank minus one falls and then rises again with the step size, while the distance from the edge of stability becomes level at 0.003."}}
draw.plot_large_steps({s: (etas, found[s][0], theory[s][0]) for s in P.scales}, (etas, excess[0]), (etas, edge[0]))
plt.show()

# %%
late = etas >= P.late
leaky_limits = [
    [limit_after(net[MIDDLE, e], *data(k)) for e in (etas[0], etas[-1])]
    for k, net in enumerate(nets)
]

def predicted_edge(limit):
    root = np.sqrt(limit.u)
    return np.linalg.eigvalsh(root[:, None] * limit.kernel * root)[-1] / (
        2 * P.steps
    )

ratio = [
    row[late] / predicted_edge(limit) for row, (limit, _) in zip(edge, leaky_limits, strict=True)
]
beyond = [
    etas[-1]
    * logistic_sharpness(
        signed_network(P.dim, P.neurons, P.slope, MIDDLE, SEED + k), *data(k)
    )
    / 2
    for k in range(P.draws)
]

claim(
    "nod-start-edge",
    f"$\\eta\\lambda_{{max}}/2$ at the start for the largest step, smallest of {ten}: beyond the edge",
    min(beyond),
    at_least=1,
)
claim(
    "nod-edge",
    f"$\\eta\\lambda_{{max}}/2$ {after_steps} over its prediction, $\\eta\\ge{P.late:g}$, largest deviation of {ten}",
    np.abs(np.array(ratio) - 1).max(),
    at_most=0.25,
    source="no lasting edge of stability",
)
claim(
    "nod-memory",
    f"$\\|N_+\\|^2$ over its mean, {grid}, {ten}: largest deviation",
    max(np.abs(found[s] / theory[s] - 1).max() for s in P.scales),
    at_most=0.2,
    source="what the rows remember",
)
claim(
    "nod-memory-mean",
    f"$\\|N_+\\|^2$ over its mean, averaged over {ten}, {grid}: largest deviation",
    max(np.abs((found[s] / theory[s]).mean(axis=0) - 1).max() for s in P.scales),
    at_most=0.1,
    source="what the rows remember",
)
claim(
    "nod-rank-falls",
    f"stable rank less 1 at the shortest step over its smallest, smallest of {ten}",
    (excess[:, 0] / excess.min(axis=1)).min(),
    at_least=10,
)
claim(
    "nod-rank-rises",
    f"stable rank less 1 at the longest step over its smallest, smallest of {ten}",
    (excess[:, -1] / excess.min(axis=1)).min(),
    at_least=10,
)
u_equal = P.neurons / (1 + P.slope**2)
size = np.log(etas * P.steps / (P.inputs * u_equal)) ** 2  # of b, up to a factor
best = etas[(theory[MIDDLE].mean(axis=0) / size).argmin()]
claim(
    "nod-first-step-best",
    f"draws of {spelled(P.draws)} whose stable rank {after_steps} is lowest at the one of {spelled(len(P.etas))} steps that the exercise foresees",
    (etas[excess.argmin(axis=1)] == best).sum(),
    at_least=round(0.8 * P.draws),
)
claim(
    "nod-forget",
    f"leaky: difference of the limits of the stable rank for the shortest and the longest step, largest of {ten}",
    max(abs(a.whole_rank - b.whole_rank) for a, b in leaky_limits),
    at_most=1e-9,
)


# %% [markdown]
# **What we see** ({numref}`fig-nod-steps`). Formula {eq}`eq-nod-edge` holds for $\eta\ge100$; with smaller steps $t=200$ is not yet late. Even the largest step, which began beyond the edge of stability, is as far below it after {glue:text}`steps` steps as every other $\eta\ge$ {glue:text}`late`. Formula {eq}`eq-nod-memory` holds at all three scales, and our conclusion from it fails: the rank first *falls* with $\eta$, at this initial scale until about $\eta=300$, and only then rises. We had forgotten the denominator of {eq}`eq-nod-excess`. While the start dominates $\|N_j\|$, a larger step only lengthens $b_j$, which grows like $\log(\eta t)$; once $\rho^2\sum\|x_i\|^2$ exceeds $\sigma_0^2d$, what the first step leaves behind wins.
#
# {cite:t}`frei2023implicit` found that a small start matters, and that from there a single step reduces the rank drastically. The formula says how small: $\sigma_0^2d\ll\rho^2\sum_i\|x_i\|^2$ makes the first step win over the start, and the stable rank that this step leaves in a wide class is then $1+\frac{(n-1)(1-\gamma)^2}{n(1+\gamma)^2+(1-\gamma)^2}$ for orthogonal inputs of equal length, whatever $\eta$ and $\sigma_0$.
#
# ## ReLU: a choice of pattern
#
# On orthogonal data the ReLU's limit does not depend on $\eta$ ({prf:ref}`thm-nod-relu`). On other data we have no theorem. We compare {glue:text}`relu-steps` steps of size {glue:text}`relu-small` with as many of size {glue:text}`relu-large`, each followed by short steps to the end, on {glue:text}`relu-draws` draws of Gaussian inputs; then with *one* step of size {glue:text}`relu-large` only; and with fewer neurons and fewer dimensions.

# %%
class Relu(NamedTuple):
    small: float = 1.0
    large: float = 1e4
    steps: int = 50
    draws: int = 30
    narrow: int = 10  # neurons of one class
    flat: int = 50  # dimensions

R = Relu()

def start_of(k, dim, width):
    return signed_network(dim, width, 0.0, MIDDLE, SEED + k)

def limit_of(net, X, y, eta, steps=R.steps):
    return limit_after(
        descend_logistic(net, X, y, eta, steps, records=2).network(), X, y
    )

def compare(k, dim, width):
    """Whole rank and margin in the limit: small steps, large ones, one large one."""
    X, y = data(k, dim)
    net = start_of(k, dim, width)
    limits = [
        limit_of(net, X, y, R.small),
        limit_of(net, X, y, R.large),
        limit_of(net, X, y, R.large, 1),
    ]
    own = [
        limit.kernel.diagonal().mean() for limit in limits
    ]  # counts active neurons
    return (
        [limit.whole_rank for limit in limits],
        [1 / limit.norm_slope for limit in limits],
        own,
    )

CASES = {
    (P.dim, P.neurons): "as before",
    (P.dim, R.narrow): f"{R.narrow} neurons a class",
    (R.flat, P.neurons): f"{R.flat} dimensions",
}
ranks, margins, awake = {}, {}, {}
for case in CASES:
    ranks[case], margins[case], awake[case] = np.transpose(
        [compare(k, *case) for k in range(R.draws)], (1, 0, 2)
    )
Z, labels = orthogonal_inputs(P.inputs, P.dim, seed=SEED + 1), data(0)[1]
ortho = [
    limit_of(start_of(0, P.dim, P.neurons), Z, labels, eta)
    for eta in (R.small, R.large)
]

# %% tags=["nbval-check-output"]
print("                        stable rank, small less large     margin, large over small")
print("                      mean    draws above 0   smallest    mean    draws above 1")
for case, name in CASES.items():
    drop, gain = ranks[case][:, 0] - ranks[case][:, 1], margins[case][:, 1] / margins[case][:, 0]
    print(
        f"{name:20s}  {drop.mean():.2f}    {(drop > 0).sum():2d} of {R.draws}        {drop.min():5.2f}      {gain.mean():.3f}    {(gain > 1).sum():2d} of {R.draws}"
    )

# %%
first = next(iter(CASES))
drop, gain = ranks[first][:, 0] - ranks[first][:, 1], margins[first][:, 1] / margins[first][:, 0]
few = P.dim, R.narrow
narrow = ranks[few][:, 0] - ranks[few][:, 1]
narrow_gains = (margins[few][:, 1] > margins[few][:, 0]).sum()
thirty, narrowly = spelled(R.draws), f"{spelled(R.narrow)} neurons a class"
woken = awake[first][:, 1] / awake[first][:, 0]
claim(
    "nod-relu-orthogonal",
    "ReLU, orthogonal: limit of the whole matrix for small steps less that for large ones",
    abs(ortho[0].whole_rank - ortho[1].whole_rank),
    at_most=1e-9,
    source="ReLU, orthogonal inputs",
)
claim(
    "nod-relu-step",
    f"ReLU, Gaussian: limit of the whole rank for small steps less that for large ones, mean of {thirty} draws",
    drop.mean(),
    at_least=0.08,
)
claim(
    "nod-relu-step-share",
    f"draws of {thirty} in which the large step ends with the lower stable rank",
    (drop > 0).sum(),
    at_least=round(0.8 * R.draws),
)
claim(
    "nod-relu-gain",
    f"limit of the normalised margin for large steps over that for small ones, mean of {thirty}",
    gain.mean(),
    at_least=1.02,
)
claim(
    "nod-relu-narrow",
    f"{narrowly}: draws of {thirty} in which the large step ends with the higher stable rank",
    (narrow < 0).sum(),
    at_least=round(0.1 * R.draws),
)
claim(
    "nod-relu-wake",
    f"mean of $K_{{ii}}$, which counts active neurons, for large steps over small ones, mean of {thirty}",
    woken.mean(),
    at_least=1.04,
)
claim(
    "nod-relu-wake-drop",
    f"correlation of the waking (mean $K_{{ii}}$, large steps over small) with the fall of the stable rank, {thirty} draws",
    np.corrcoef(woken, drop)[0, 1],
    at_least=0.7,
)
claim(
    "nod-relu-narrow-margin",
    f"{narrowly}: draws of {thirty} in which the large step ends with the larger margin",
    narrow_gains,
    at_least=round(0.6 * R.draws),
)
claim(
    "nod-relu-one-step",
    f"control: one large step and then short ones, change of the rank over that of {spelled(R.steps)} large ones, mean over mean",
    (ranks[first][:, 0] - ranks[first][:, 2]).mean() / drop.mean(),
    equals=1.0,
    tol=0.1,
)
claim(
    "nod-relu-one-step-margin",
    f"control: one large step and then short ones, gain of the margin over that of {spelled(R.steps)} large ones, mean over mean",
    ((margins[first][:, 2] / margins[first][:, 0]).mean() - 1) / (gain.mean() - 1),
    equals=1.0,
    tol=0.15,
)

# %% [markdown]
# **What we see.** On orthogonal data the ReLU's limit is the same to rounding. On Gaussian inputs the step *does* leave a trace, through the pattern: a large step wakes neurons that were off, since it throws a neuron by the sum of *all* its samples, far beyond its initial position. The more neurons wake in a draw, the more the rank falls (correlation {glue:text}`wake-drop`). On average the large step ends with a stable rank lower by {glue:text}`relu-drop` and a margin larger by {glue:text}`relu-gain`, and in {glue:text}`relu-share` of {glue:text}`relu-draws` draws with a lower rank. With {glue:text}`narrow` neurons a class the rank falls in {glue:text}`narrow-falls` of {glue:text}`relu-draws` draws and rises in {glue:text}`narrow-reversed`, by up to {glue:text}`narrow-worst` (mean fall {glue:text}`narrow-mean`, with a standard error of {glue:text}`narrow-error`), while the margin still gains in {glue:text}`narrow-gains`. In the wide layer this is decided at once: one large step, followed by short ones, has on average the effect of fifty, on the rank and on the margin.
#
# So this is what remains here of the step size's influence: not a ceiling on sharpness, as in chapters 1 to 4, but a choice of pattern, made in the first step.

# %% tags=["remove-cell"]
for name, value in (("steps", P.steps), ("late", P.late), ("relu-draws", R.draws),
                    ("relu-steps", R.steps), ("relu-small", R.small),
                    ("relu-large", R.large), ("narrow", R.narrow)):
    glue(name, spelled(value), display=False)
glue("relu-drop", f"{drop.mean():.2f}", display=False)
glue("relu-gain", f"{100 * (gain.mean() - 1):.0f} %", display=False)
glue("relu-share", str((drop > 0).sum()), display=False)
error = narrow.std(ddof=1) / np.sqrt(R.draws)
glue("narrow-mean", f"{narrow.mean():.2f}", display=False)
glue("narrow-error", f"{error:.2f}", display=False)
glue("narrow-falls", str((narrow > 0).sum()), display=False)
glue("narrow-gains", str(narrow_gains), display=False)
glue("wake-drop", f"{np.corrcoef(woken, drop)[0, 1]:.2f}", display=False)
glue("narrow-reversed", str((narrow < 0).sum()), display=False)
glue("narrow-worst", f"{-narrow.min():.2f}", display=False)


# %% [markdown]
# ## Summary
#
# 1. No lasting edge of stability: after $t$ steps $\frac12\eta\lambda_{\max}$ is about a constant over $t$, the same for all step sizes.
# 2. A leaky network's limit forgets the step and the start. On the way the rows remember the longer of the start and of the first step, and the rank at a given time is lowest in between.
# 3. A ReLU network's limit remembers the first step by its pattern. In a wide layer a large one wakes neurons, and ends on average with a lower stable rank and a larger margin; with {glue:text}`narrow` neurons a class the margin still gains in most draws, while the rank falls about as often as it rises.
#
# ## Exercises
#
# ```{exercise} The best first step
# :label: ex-nod-first-step
#
# Take {eq}`eq-nod-memory` and, with equal $u_i=u\approx\frac m{1+\gamma^2}$, $\|b_j\|\approx\|W_{\infty,j}\|_F\log\frac{\eta t}{nu}$. Show that the excess of the stable rank at a fixed late $t$ falls with $\eta$ as long as $\rho^2\sum\|x_i\|^2\ll\sigma_0^2d$ and rises like $\eta^2/\log^2\eta$ when it is the other way round. Where is the minimum, roughly, for $n=10$, $m=100$, $d=784$, $\gamma=0.3$, $\sigma_0=0.01$, $\|x_i\|=1$ and $t=200$?
# ```
#
# ```{solution} ex-nod-first-step
# :class: dropdown
# :label: sol-nod-first-step
#
# The excess is about $(m-1)\{\sigma_0^2d+\rho^2\sum\|x_i\|^2\}/\bigl(\|W_{\infty,j}\|_F^2\log^2\frac{\eta t}{nu}\bigr)$. In the first case the numerator is constant and the denominator grows; in the second the numerator grows like $\eta^2$. The logarithmic derivative by $\log\eta$ is $\frac{2\rho^2\sum\|x_i\|^2}{\sigma_0^2d+\rho^2\sum\|x_i\|^2}-\frac2{\log(\eta t/nu)}$, which vanishes at $\rho^2\sum\|x_i\|^2=\sigma_0^2d/\bigl(\log\frac{\eta t}{nu}-1\bigr)$. With $\rho=1.75\cdot10^{-4}\eta$, $\sum\|x_i\|^2=10$, $\sigma_0^2d=0.0784$ and $u\approx92$ the logarithm there is about 4.1, and the minimum is at $\eta\approx286$: at the step 300 of the figure.
# ```
#
# ```{exercise-start} As flat as can be
# :label: ex-nod-flattest
# ```
# Let $u>0$. Show that the matrix in {eq}`eq-nod-edge` has the eigenvalue 1 whatever the data, so that at late times $\frac12\eta\lambda_{\max}$ is never below $\frac1{2t}$, and that 1 is its largest if $K$ has no negative entry. For which labels is that so with inputs $x=y\mu+\xi$ and a long $\mu$? Check with leaky networks, and compare with a common mean, $x=\mu+\xi$.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-nod-flattest
# :class: dropdown
# :label: sol-nod-flattest
# ```
# $U^{1/2}KU^{1/2}$ is similar to $KU$, and $KU\mathbf1=Ku=\mathbf1$. If $K\ge0$ entrywise, the rows of $KU\ge0$ add up to 1, so that its norm as a map of the maximum norm is 1, and no eigenvalue is larger. $K_{ik}$ has the sign of $y_iy_k\langle x_i,x_k\rangle$, and for $x=y\mu+\xi$ this product is about $\|\mu\|^2>0$ for all labels: after $t$ steps such a run is at $\frac1{2t}$, which depends on nothing else. With a common mean the entries between the classes are negative, and 1 need not be the largest.

# %%
def times_edge(k, common, eta=P.late):
    """t·η·λ_max, which should be 1, or above."""
    X, y = mixture(
        P.inputs, P.dim, mean=0.5, noise=1 / np.sqrt(P.dim), seed=SEED + 500 + k
    )
    X = X * y[:, None] if common else X
    net = after(X, y, k, MIDDLE, eta)
    return P.steps * eta * logistic_sharpness(net, X, y)

own, shared = (
    np.array([times_edge(k, common) for k in range(P.draws)])
    for common in (False, True)
)
claim(
    "nod-ex-flattest",
    f"$x=y\\mu+\\xi$, leaky: $t\\eta\\lambda_{{max}}$ {after_steps}, largest distance from 1 of {ten}",
    np.abs(own - 1).max(),
    at_most=0.03,
    source="no lasting edge of stability",
)
claim(
    "nod-ex-flattest-common",
    f"$x=\\mu+\\xi$, leaky: $t\\eta\\lambda_{{max}}$ {after_steps}, smallest of {ten}",
    shared.min(),
    at_least=2,
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | A small start matters, and from there one step of gradient descent makes the rank small | {cite:t}`frei2023implicit` (abstract), leaky ReLU, nearly orthogonal data | the formula {eq}`eq-nod-memory` for what start and step leave, and the minimum between them |
# | Several initial scales, real and synthetic data | {cite:t}`kou2023implicit` (experiments; from memory) | the step size as the other variable |
# | With a logistic loss the edge of stability does not last | {cite:t}`wu2023implicit` and {cite:t}`wu2024large` (abstracts; logistic regression: the loss tends to zero with any constant step; the oscillation ends after $O(\eta)$ steps, and a large step is then faster); {cite:t}`cai2024large` (abstract; two-layer networks: below a threshold of the loss it falls at every step, and the margin grows; with slopes bounded away from zero and separable data that phase is reached) | the constant of {eq}`eq-nod-edge` |
# | The step size and the ReLU's pattern | we searched for "large learning rate", "logistic loss" and "edge of stability" only in abstracts, so some of it may be known | the choice of pattern in the first step, with its control |
#
# ## Notes and references
#
# {eq}`eq-nod-memory` is not proved where the first step is not decisive, and the ReLU's part is an experiment on one kind of data. An earlier version of it used draws in which some rows of the start were multiples of the inputs (one random stream for both); with independent ones the tendency is the same, and single draws differ.
