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
# (norm-bridge)=
# # The bridge
#
# ```{twenty-minutes} prop-norm-four fig-norm-roof fig-norm-bridge
# ```
#
# The two regularisers of the book side by side. At a stable interpolating minimum $S_g(f)=\sum|a_i|\,g(u_i,t_i)\le\frac1\eta-\frac12$; with weight decay $\sum|a_i|$ is as small as the data allow. The same sum, with and without the data weight. On the line we compute what each of them prefers, and can drag the data; in the plane we train on ten data sets, and find less than we expected.
#
# After this page you can
#
# - price a bend on the line for a step size, for weight decay, and for weight decay on the biases too;
# - bound what a stable network does between samples;
# - say what a step size and weight decay do alike, and in what they differ.
#
# **You need:** the stability norm ({ref}`univariate-bound`; in the plane {ref}`multivariate-bound`), and {ref}`minimum-norm` up to its section on the line.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima import data_weight, stability_norm, univariate_weight
from stableminima.book.claims import claim
from stableminima.book.figures import minimum_norm as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds import cheapest_bends
from stableminima.datasets import uniform_ball
from stableminima.networks import xavier_network
from stableminima.training import train_decayed, train_together

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# ## Three prices of a bend
#
# A network on the line that bends at $\tau$ by $a$ pays $|a|$ under weight decay, $|a|\sqrt{1+\tau^2}$ if the biases decay too, and $|a|\,g(\tau)$ under a step size, which does not make $S_g$ small but bounds it. {numref}`fig-norm-preferences` showed three ways to go through four samples of $|x|$. Weight decay is indifferent to where the bends are, and penalised biases pull them to the origin ({ref}`minimum-norm`). What does the step do?
#
# ```{prf:proposition} What a step size says about four points
# :label: prop-norm-four
#
# For the samples $(\pm1,1)$, $(\pm2,2)$ let $g_0=g(0)=\frac{3\sqrt{13}}{16}$ and $g_1=g(1^+)=\frac{\sqrt5}{16}$. Every network through them with no knot on a sample has
#
# $$
# S_g(f)\ge2g_0(1-f(0))+2g_1f(0),
# $$
#
# and for $0\le f(0)\le1$ the right-hand side cannot be improved. So at a stable interpolating minimum with no knot on a sample $f(0)\ge\dfrac{2g_0+\frac12-\frac1\eta}{2g_0-2g_1}$, and $|x|$ itself is out of reach for $\eta>1/(2g_0+\frac12)\approx0.54$.
# ```
#
# ```{prf:proof}
# Let $\phi$ be the hat on $[-1,1]$ and $\psi_\pm$ the hats on $[0,2]$ and $[-2,0]$, all of height 1. Testing $f''=\sum a_i\delta_{\tau_i}$ with a hat gives a second difference: $\sum a_i\phi(\tau_i)=f(1)-2f(0)+f(-1)=2(1-f(0))$ and $\sum a_i\psi_+(\tau_i)=f(2)-2f(1)+f(0)=f(0)$, likewise $\psi_-$. So if $\Psi=g_0\phi+g_1(\psi_++\psi_-)$ satisfies $|\Psi|\le g$, then $S_g\ge\sum a_i\Psi(\tau_i)=2g_0(1-f(0))+2g_1f(0)$. Indeed, for $0\le\tau<1$ two samples lie to the right, $g(\tau)=(\frac34-\frac\tau2)\frac{\sqrt{13}}4$, which is $g_0$ at 0 and falls with slope $-\frac{\sqrt{13}}8=-\frac23g_0$, while $\Psi$ falls from $g_0$ with slope $-(g_0-g_1)\approx-0.79g_0$: below. For $1<\tau<2$, $g(\tau)=\frac{2-\tau}4\cdot\frac{\sqrt5}4=g_1(2-\tau)=\Psi(\tau)$. Equality is approached by a kink at 0 with mass $2(1-f(0))$ and kinks just outside $\pm1$ of mass about $f(0)$.
# ```

# %% tags=["nbval-check-output"]
x4 = np.array([-2.0, -1.0, 1.0, 2.0])
y4, X4 = np.abs(x4), x4[:, None]
g0, g1 = 3 * np.sqrt(13) / 16, np.sqrt(5) / 16
knots = np.linspace(-2, 2, 401)
prices = univariate_weight(x4, knots + 1e-9 * np.sign(knots))  # off the samples
heights = np.array([0.0, 0.5, 1.0])
least = [cheapest_bends(np.append(x4, 0.0), np.append(y4, height), knots, prices)[0]
         for height in heights]
print("least S_g for f(0) = 0, 1/2, 1:", np.round(least, 4))

# %%
claim("bridge-bound", "four points of $|x|$, least stability norm for $f(0)=0,\\frac12,1$: largest difference from the linear formula",
      np.abs(least - 2 * (g0 + (g1 - g0) * heights)).max(), at_most=1e-6,
      source="Proposition, four points")


# %% [markdown]
# We train from {glue:text}`four-starts` starts with {glue:text}`four-steps` step sizes, each after a warm-up of {glue:text}`four-warmup` steps, and with weight decay of both kinds for comparison.

# %%
class Four(NamedTuple):
    steps: tuple = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
    starts: int = 8
    width: int = 40
    warmup: int = 1000
    decay: float = 1e-3
    rate: float = 2e-3  # of Adam, with decay
    decay_steps: int = 20_000

    def begin(self, reach):
        """The starts, with kinks up to the reach of the data."""
        return [xavier_network(1, self.width, SEED + j, scale=1.5, reach=reach)
                for j in range(self.starts)]


FOUR = Four()
starts = FOUR.begin(reach=x4.max())
etas = np.repeat(FOUR.steps, FOUR.starts)
runs = train_together(starts * len(FOUR.steps), X4, y4, etas, tolerance=1e-10,
                      warmup=FOUR.warmup)

def at_zero(nets):
    return np.array([net([[0.0]])[0] for net in nets])

top = at_zero([run.network for run in runs])
settled = np.array([run.status == "converged" for run in runs])
levels = {
    name: at_zero(train_decayed(starts, X4, y4, FOUR.rate, FOUR.decay,
                                penalise=penalise, optimizer="adam",
                                steps=FOUR.decay_steps))
    for name, penalise in (("decay on everything", "all"),
                           ("decay on the weights, median", "weights"))}


# %% mystnb={"figure": {"name": "fig-norm-roof", "caption": "The value in the middle of four samples of $|x|$ against the step size, from eight starts (a run that has not settled would be a cross). No stable minimum reaches the grey region."}, "image": {"alt": "Dots scatter between 0.5 and 1 for small step sizes and gather close to 1 at step size one. A grey region rises from zero at step size 0.54 to 0.8 at one; all dots are above. Dashed lines mark decay on everything near zero and the median of decay on the weights near 0.8."}}
def lowest(eta):
    return (2 * g0 + 0.5 - 1 / eta) / (2 * g0 - 2 * g1)

sweep = np.linspace(0.5, max(FOUR.steps), 60)
draw.plot_stable_values(
    etas, top, settled, (sweep, lowest(sweep)),
    {name: np.median(values) for name, values in levels.items()})
plt.show()

# %%
groups = top.reshape(len(FOUR.steps), FOUR.starts)
eight = spelled(FOUR.starts)
glue("four-starts", eight, display=False)
glue("four-steps", spelled(len(FOUR.steps)), display=False)
glue("four-warmup", spelled(FOUR.warmup), display=False)
glue("roof-low", f"{groups[-1].min():.2f}", display=False)
glue("roof-slow", f"{np.ptp(groups[0]):.2f}", display=False)
glue("roof-fast", f"{np.ptp(groups[-1]):.2f}", display=False)
claim("bridge-four-settled", f"four points of $|x|$: runs that converge, of {len(runs)}",
      settled.sum(), equals=len(runs))
claim("bridge-allowed", "four points of $|x|$: least distance of $f(0)$ above its bound, converged runs",
      (top - lowest(etas))[settled].min(), at_least=0.0,
      source="Proposition, four points")
claim("bridge-gather", f"four points of $|x|$: range of $f(0)$ over {eight} starts, the largest step over the smallest",
      np.ptp(groups[-1]) / np.ptp(groups[0]), at_most=0.5)


# %% [markdown]
# The preference of the large step in {numref}`fig-norm-roof` is to *move kinks outwards*, from the middle, where many samples see them, towards the edge, where few do: $|x|$ becomes a roof, and with the largest step all {glue:text}`four-starts` starts end above {glue:text}`roof-low`, a range of {glue:text}`roof-fast` where the smallest step leaves {glue:text}`roof-slow`.
#
# ## Drag the points
#
# On the line both least norms are small linear programmes, and a page can train fast enough to compare. The four points of $|x|$ are moved in a little; {state}`a tent <line#x=-1.6,-0.8,0,0.8,1.6&y=0,0,1,0,0>` and
# {state}`an outlier <line#x=-1.6,-0.9,-0.2,0.5,1.2&y=0,0,0,0,1.2>` leave less freedom.
#
# ```{explorable} line
# In the online book, and with JavaScript, points on the line can be dragged here: the function of least norm through them, that of least stability norm, and what weight decay and a large step find.
# ```
#
# ## In the plane
#
# A kink between the last two samples can be made as sharp as one likes at a constant price ({ref}`exercise <ex-norm-cliff>`); in the plane hyperplanes may cut off a few samples anywhere around, and there $g$ is small. Does a large step move amplitude to such places, as it does on the line? We train {glue:text}`plane-points` points of a disc with random labels $\pm1$, {glue:text}`plane-sets` data sets and starts, with {glue:text}`plane-steps` step sizes and {glue:text}`plane-decays` weight decays.

# %%
class Plane(NamedTuple):
    points: int = 8
    width: int = 100
    sets: int = 10
    steps: tuple = (0.02, 0.1, 0.3, 0.5)
    large: int = 2  # place of the step that is compared with the first
    max_steps: int = 30_000
    warmup: int = 2000
    decays: tuple = (1e-4, 1e-3)
    rate: float = 3e-3  # of Adam, with decay
    decay_steps: int = 10_000
    hidden: float = 0.01  # data weight up to which a place is hidden


PLANE = Plane()
STEPS, LAMS, LARGE, HIDDEN = PLANE.steps, PLANE.decays, PLANE.large, PLANE.hidden
cuts = np.geomspace(1e-3, 1, 61)

def measures(net, X):
    """Path norm, stability norm, and shares of the path norm up to some weights."""
    a, u, t = net.neurons()
    g, a = data_weight(X, u, t), np.abs(a)
    below = [a[g <= cut].sum() for cut in (HIDDEN, *cuts)]
    return np.concatenate([[a.sum(), stability_norm(net, X)], below / a.sum()])

done, table, halfway = np.zeros((PLANE.sets, len(STEPS)), bool), [], []
for j in range(PLANE.sets):
    X = uniform_ball(PLANE.points, 2, 2.0, seed=SEED + j)
    y = np.random.default_rng([SEED + j, 7]).choice([-1.0, 1.0], PLANE.points)
    start = [xavier_network(2, PLANE.width, SEED + j, scale=2.0, reach=2.0)]
    walked = train_together(start * len(STEPS), X, y, STEPS, tolerance=1e-6,
                            max_steps=PLANE.max_steps, warmup=PLANE.warmup)
    shrunk, shorter = (
        train_decayed(start * len(LAMS), X, y, PLANE.rate, LAMS, steps=steps,
                      optimizer="adam")
        for steps in (PLANE.decay_steps, PLANE.decay_steps // 2))
    halfway.append([measures(net, X)[0] for net in shorter])
    done[j] = [run.status == "converged" for run in walked]
    nets = [*(run.network for run in walked), *shrunk]
    table.append([measures(net, X) for net in nets])
table = np.array(table)  # data set, way of training, measure
done = np.column_stack([done, np.ones((PLANE.sets, len(LAMS)), bool)])
paths, stability, hidden = table[..., 0], table[..., 1], table[..., 2]

# %% mystnb={"figure": {"name": "fig-norm-bridge", "caption": "Above, both norms over those of the network with the smallest step (plus), a small mark for each of ten data sets, a large one for the median. Runs that have not converged are open and count in no median. Below, the share of the path norm on neurons whose data weight is at most $g$, median of the sets where both steps have converged."}, "image": {"alt": "Above, three groups of circles lie below the plus, the lower the larger the step, at path norms from 0.7 to 1.3; two groups of triangles lie left and low. Below, three rising curves; those of the steps start at a tenth to a fifth for the smallest weights, that of weight decay starts at zero."}}
names = [*(rf"$\eta={eta:g}$" for eta in STEPS), *map(draw.decay_label, LAMS)]
both = done & done[:, :1]
pair = both[:, LARGE]  # the data sets where both runs that we compare have converged
relative = {
    name: (paths[:, k] / paths[:, 0], stability[:, k] / stability[:, 0], both[:, k])
    for k, name in enumerate(names) if k}
shares = {names[k]: np.median(table[pair, k, 3:], axis=0) for k in (0, LARGE, -1)}
draw.plot_bridge(relative, shares, cuts)
plt.show()

# %%
slow, fast, decay = names[0], names[LARGE], names[-1]
drop = (stability[:, LARGE] / stability[:, 0])[pair]
thin = (paths[:, LARGE] / paths[:, 0])[pair]
spread = (hidden[:, LARGE] - hidden[:, 0])[pair]
settling = np.array(halfway)[:, -1] / paths[:, -1]
lighter = (paths[:, -1] < paths[:, LARGE])[pair]
lower = (stability[:, -1] < stability[:, LARGE])[pair]
fewer = (hidden[:, -1] < hidden[:, LARGE])[pair]
glue("bridge-fewer", f"{fewer.sum()}", display=False)
glue("bridge-settling", f"{abs(np.median(settling) - 1):.0%}", display=False)

def ranged(values):
    low, middle, high = values.min(), np.median(values), values.max()
    return f"{middle:.2f} (from {low:.2f} to {high:.2f})"

glue("eta-slow", f"{STEPS[0]:g}", display=False)
glue("eta-fast", f"{STEPS[LARGE]:g}", display=False)
glue("bridge-cut", f"{HIDDEN:g}", display=False)
glue("decay-strong", draw.scientific(LAMS[-1]), display=False)
ten, of_all = spelled(PLANE.sets), PLANE.sets * len(STEPS)
for name, value in (("points", PLANE.points), ("sets", PLANE.sets),
                    ("steps", len(STEPS)), ("decays", len(LAMS)),
                    ("runs", of_all), ("limit", PLANE.max_steps)):
    glue(f"plane-{name}", spelled(value), display=False)
glue("bridge-pairs", f"{pair.sum()}", display=False)
glue("bridge-lost", f"{(~done).sum()}", display=False)
glue("bridge-drop", ranged(drop), display=False)
glue("bridge-thin", ranged(thin), display=False)
glue("bridge-spread", ranged(spread), display=False)
glue("bridge-decay-path", ranged((paths[:, -1] / paths[:, 0])[pair]), display=False)
glue("bridge-lower", f"{lower.sum()}", display=False)
glue("hidden-slow", f"{np.median(hidden[pair, 0]):.0%}", display=False)
glue("hidden-step", f"{np.median(hidden[pair, LARGE]):.0%}", display=False)
glue("hidden-decay", f"{np.median(hidden[pair, -1]):.1%}", display=False)
ceilings = 1 / np.array(STEPS) - 0.5
claim("bridge-settled", f"{ten} data sets in the plane, {spelled(len(STEPS))} steps: runs that converge, of {of_all}",
      done[:, :len(STEPS)].sum(), at_least=round(0.6 * of_all), source="experiment")
claim("bridge-ceiling", "plane, converged runs: largest $S_g$ over $\\frac1\\eta-\\frac12$",
      (stability[:, :len(STEPS)] / ceilings)[done[:, :len(STEPS)]].max(),
      at_most=1.0,
      source="chapter 3")
claim("bridge-step", f"plane: median over data sets of $S_g$ at {fast} over that at {slow}",
      np.median(drop), at_most=1.0, source="experiment")
claim("bridge-thin", f"plane: median over data sets of the path norm at {fast} over that at {slow}",
      np.median(thin), at_most=1.0, source="experiment")
claim("bridge-step-most", f"plane: share of the data sets where $S_g$ is smaller at {fast} than at {slow}",
      np.mean(drop < 1), at_least=0.5, source="experiment")
claim("bridge-decay-settled", f"plane: path norm at {decay} after half as many steps over that at the end, median of {ten}",
      np.median(settling), equals=1.0, tol=0.1,
      source="experiment")
claim("bridge-decay", f"plane: share of the data sets where the path norm is smaller at {decay} than at {fast}",
      lighter.mean(), at_least=0.8, source="experiment")
claim("bridge-hidden", f"plane: share of the data sets where less of the path norm is at $g\\le{HIDDEN}$ at {decay} than at {fast}",
      fewer.mean(), at_least=0.8, source="experiment")
claim("bridge-hidden-step", f"plane: share of the path norm at $g\\le{HIDDEN}$, {fast} minus {slow}, median over data sets",
      np.median(spread), at_most=0.0, source="experiment")
claim("bridge-hidden-size", f"plane: share of the path norm at $g\\le{HIDDEN}$, median at {fast} minus median at {decay}",
      np.median(hidden[pair, LARGE]) - np.median(hidden[pair, -1]), at_least=0.05,
      source="experiment")
claim("bridge-decay-stable", f"plane: share of the data sets where $S_g$ is smaller at {decay} than at {fast}",
      lower.mean(), at_least=0.4, source="experiment")


# %% [markdown]
# **What we see** ({numref}`fig-norm-bridge`; {glue:text}`bridge-lost` of {glue:text}`plane-runs` runs did not converge in {glue:text}`plane-limit` steps, and we compare on the {glue:text}`bridge-pairs` data sets where both runs did). From η = {glue:text}`eta-slow` to {glue:text}`eta-fast` the stability norm falls to {glue:text}`bridge-drop` of its value in the data sets of this page (the median moves with the draw), and every converged run obeys its ceiling ({ref}`claim <claim-bridge-ceiling>`). But the path norm falls too, to {glue:text}`bridge-thin`: the larger step makes networks that are smaller in both senses. And it does not fill hidden places: the share of the path norm where $g$ is at most {glue:text}`bridge-cut` changes by {glue:text}`bridge-spread`, more often a fall than a rise.
#
# Weight decay ({glue:text}`decay-strong`) lowers the path norm much further, to {glue:text}`bridge-decay-path`, as it should (half as many steps end within {glue:text}`bridge-settling` of that, in the median). It ends with the smaller $S_g$ as well in {glue:text}`bridge-lower` of these data sets: $g$ is bounded, and a step size, which *bounds* $S_g$, does not minimise it. In one thing the two differ, in {glue:text}`bridge-fewer` of them. Where the data hardly see a neuron, a step tolerates it: {glue:text}`hidden-slow` of the path norm with the small step, {glue:text}`hidden-step` with the larger. Weight decay removes it, to {glue:text}`hidden-decay`.
#
# An earlier version of this page said that the large step *moves* amplitude to hidden places and lets it grow there. That came from one data set with sixteen points and two starts, whose runs at the largest step had not converged; over data sets it is not so.
#
# ## Summary
#
# - A step size prices bends by $g$, weight decay by 1, weight decay on biases by $\sqrt{1+\tau^2}$. On four points of $|x|$ they make a roof, nothing definite, and $|x|$.
# - On the line a large step moves kinks to where few samples see them, and the bound of {prf:ref}`prop-norm-four` says how far.
# - In the plane, over {glue:text}`plane-sets` data sets, a larger step lowers $S_g$ in most, and the path norm; weight decay lowers the path norm more, and often $S_g$ as well. What a step tolerates and weight decay removes are neurons that the data hardly see.
#
# ## Exercises
#
# ```{exercise} A cliff that stability does not see
# :label: ex-norm-cliff
#
# Samples $x_1<\dots<x_n$, $n\ge3$, on the line with labels $0,\dots,0,1$. For $x_{n-1}<\tau<x_n$ let $f(x)=\sigma(x-\tau)/(x_n-\tau)$. Compute path norm and stability norm. What happens as $\tau\to x_n$? What does weight decay choose? ({state}`Such samples <line#x=-1.6,-0.9,-0.2,0.5,1.2&y=0,0,0,0,1.2>` to drag.)
# ```
#
# ```{solution} ex-norm-cliff
# :class: dropdown
# :label: sol-norm-cliff
#
# The amplitude is $a=1/(x_n-\tau)$, the path norm, and it tends to infinity. One sample lies to the right: $\tilde g(\tau)=\frac{x_n-\tau}n\cdot\frac1n\sqrt{1+x_n^2}$. Hence $S_g\le a\,\tilde g=\sqrt{1+x_n^2}/n^2$ for all $\tau$: the stability norm stays bounded, while the slope explodes. Gradient descent with a given step may keep any of these cliffs; weight decay chooses the gentlest, $\tau=x_{n-1}$, $a=1/(x_n-x_{n-1})$. So no bound on $S_g$ controls the Lipschitz constant between the last samples.
# ```
#
# ```{exercise-start} Other units
# :label: ex-norm-units
# ```
# Measure inputs and labels in other units: $(\pm s,s)$, $(\pm2s,2s)$. Show that {prf:ref}`prop-norm-four` holds with $g_0=\frac{3s}8\sqrt{1+\frac94s^2}$, $g_1=\frac s{16}\sqrt{1+4s^2}$ and $f(0)/s$ in place of $f(0)$. From which $s$ on is $|x|$ out of reach for $\eta=1$? What do the two weight decays say of the units? Train at $s=\frac12$ and compare with {numref}`fig-norm-roof`.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-norm-units
# :class: dropdown
# :label: sol-norm-units
# ```
# Hats on $[-s,s]$ and so on have $\sum a_i\phi(\tau_i)=2(1-f(0)/s)$ and $\sum a_i\psi_\pm(\tau_i)=f(0)/s$: second differences divided by $s$. On $[0,s)$, $g(\tau)=\frac14(\frac32s-\tau)\sqrt{1+\frac94s^2}$ falls with slope $-\frac2{3s}g_0$ and $\Psi$ with $-\frac1s(g_0-g_1)$, which is steeper, since $g_1\le\frac13g_0$: $1+4s^2\le4(1+\frac94s^2)$. On $(s,2s)$ both are $g_1(2-\tau/s)$. $|x|$ has $S_g=2g_0$, and $2g_0=\frac12$ where $\frac94s^4+s^2=\frac49$: $s^2=\frac29(\sqrt5-1)$, $s\approx0.524$. Decay on the weights has no opinion in any units. With penalised biases $|x|$ is the only minimiser in all. A step forbids the less, the smaller $s$: as $s\to0$ every shape costs less and less, and none is out of reach for $\eta<2$.

# %%
def least_at(s, height):
    """The least stability norm with f(0) = height · s."""
    x = s * np.append(x4, 0.0)
    where = s * (knots + 1e-9 * np.sign(knots))
    return cheapest_bends(x, np.append(s * y4, s * height), s * knots,
                          univariate_weight(s * x4, where))[0]

def by_formula(s, height):
    first = 3 * s / 8 * np.sqrt(1 + 9 * s**2 / 4)
    return 2 * first * (1 - height) + s / 8 * np.sqrt(1 + 4 * s**2) * height

claim("bridge-ex-units", "four points in units $s=\\frac14,\\frac12,1,2$, three heights: largest relative difference of the least stability norm from the formula",
      max(abs(least_at(s, h) / by_formula(s, h) - 1)
          for s in (0.25, 0.5, 1.0, 2.0) for h in heights), at_most=1e-6)
half = FOUR.begin(reach=x4.max() / 2)
small = train_together(half, X4 / 2, y4 / 2, 1.0, tolerance=1e-10,
                       warmup=FOUR.warmup)
claim("bridge-ex-units-settled", f"$s=\\frac12$, $\\eta=1$: runs of {eight} that converge",
      sum(run.status == "converged" for run in small), equals=FOUR.starts)
claim("bridge-ex-units-low", f"$s=\\frac12$, $\\eta=1$: median of $f(0)/s$ over {eight} starts, below the bound that holds at $s=1$",
      2 * np.median(at_zero([run.network for run in small])), at_most=lowest(1.0))

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | $S_g\le\frac1\eta-\frac12$ at a stable minimum; on the line a weighted variation of $f'$, smoother for larger steps | {cite:t}`mulayoff2021implicit`, {cite:t}`nacson2023implicit` | – |
# | Weight decay: variation of $f'$; with penalised biases weighted by $\sqrt{1+\tau^2}$ | {cite:t}`savarese2019infinite`, {cite:t}`boursier2023penalising` | the three prices side by side |
# | Small weight near the rim allows functions that stability does not control | {cite:t}`liang2025stable` (neural shattering) | the cliff of the exercise, on the line |
# | What a stable network does between four points | not found by us (searched: titles and abstracts on stable minima) | {prf:ref}`prop-norm-four` |
# | Step size against weight decay on the same data | not found by us | the experiments of this page |
