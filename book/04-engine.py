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
# (mnist-engine)=
# # The engine, and knots on samples
#
# ```{twenty-minutes} prop-mnist-function-space cor-mnist-dead fig-mnist-chaos fig-mnist-amplifier fig-mnist-knots
# ```
#
# Chapter 4 trains hundreds of networks. This page opens the machine: why SGD can be run without weights, exactly; for how long two programs agree, and what drives them apart when they do not; and what happens to neurons that die or come to rest with their knot on a sample.
#
# After this page you can
#
# - write SGD for a shallow network as a recursion in the $k\times n$ pre-activations, and say why the dead stay dead;
# - tell which part of the Hessian makes a training chaotic, by a control and not by a guess;
# - count knots on samples, and say what single precision can resolve.
#
# **You need:** {ref}`mnist-tightness` for the experiment, and the trap at a sample from {ref}`knots-on-a-sample`.

# %%
from dataclasses import replace
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue

from stableminima import (Linearization, SweepJob, digit_pair, load_record,
                          random_network, stability_norm, train_jobs, train_sgd,
                          train_sweep)
from stableminima.batches import epoch_batches
from stableminima.book.claims import claim
from stableminima.book.figures import mnist_tightness as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# (function-space)=
# ## SGD without weights
#
# A sweep like that of {ref}`mnist-tightness` takes a DataLoader and automatic differentiation many minutes ({doc}`performance <performance>` has the measurements). The shortcut is not an approximation. A step of SGD moves the incoming weights of a neuron along the *inputs of the batch*. So what a neuron does on the sample can be updated from inner products of inputs, which are known beforehand.
#
# ```{prf:proposition} SGD in function space
# :label: prop-mnist-function-space
#
# Let $Z\in\mathbb R^{k\times n}$, $z_{ij}=w_i\cdot x_j+b_i$, be the pre-activations of a shallow ReLU network on all samples and $K=XX^{\mathsf T}+\mathbf1\mathbf1^{\mathsf T}$. A step of SGD on the batch $\mathcal B$ of size $B$, with residuals $r_j=\sum_iv_i(z_{ij})_++c-y_j$, is
#
# $$
# \begin{gathered}
# \Gamma_{ij}=\tfrac\eta B\,r_j\,v_i\,1[z_{ij}>0]\ \text{ for }j\in\mathcal B,\qquad\Gamma_{ij}=0\ \text{ otherwise},\\
# Z\leftarrow Z-\Gamma K,\qquad v_i\leftarrow v_i-\tfrac\eta B\sum_{j\in\mathcal B}r_j(z_{ij})_+,\qquad c\leftarrow c-\tfrac\eta B\sum_{j\in\mathcal B}r_j ,
# \end{gathered}
# $$
#
# all right-hand sides taken before the step. After any number of steps $W=W_0-CX$ and $b=b_0-C\mathbf1$, where $C=\sum_t\Gamma^{(t)}$ is the sum of the matrices $\Gamma$ of all steps.
# ```
#
# ```{prf:proof}
# The loss on the batch is $\frac1{2B}\sum_{j\in\mathcal B}r_j^2$. Its derivative by $w_i$ is $\frac1B\sum_{j\in\mathcal B}r_jv_i1[z_{ij}>0]\,x_j$, by $b_i$ the same without $x_j$, by $v_i$ it is $\frac1B\sum_{j\in\mathcal B}r_j(z_{ij})_+$, and by $c$ it is $\frac1B\sum_{j\in\mathcal B}r_j$. So a step is $w_i\leftarrow w_i-\sum_j\Gamma_{ij}x_j$ and $b_i\leftarrow b_i-\sum_j\Gamma_{ij}$.
# Hence $z_{il}=w_i\cdot x_l+b_i$ changes by $-\sum_j\Gamma_{ij}(x_j\cdot x_l+1)=-(\Gamma K)_{il}$. Everything on the right-hand sides is a function of $Z,v,c$ and the labels: the weights have dropped out, and the recursion for $(Z,v,c)$ is closed. Adding up the changes of $w_i$ and $b_i$ gives the last statement.
# ```
#
# ```{prf:corollary} The dead stay dead
# :label: cor-mnist-dead
#
# A neuron that is off on every sample is never changed again by SGD with any batches.
# ```
#
# ```{prf:proof}
# Its row of $\Gamma$ is zero, whatever the batch, and so is the change of $v_i$, since $(z_{ij})_+=0$ for all $j$. So its weights and its $z_{ij}$ stay as they are, and the next step finds it off again.
# ```
#
# In weight space a step costs about $4kdB$ multiplications and additions, forwards and backwards, and here $2knB$; with $d=784$ and $n=512$ that is three times less. Only the samples on which a neuron is on move it, so that the factor is cut once more by the part of the pairs of a neuron and an image at which it is on ({glue:text}`on-small` at the end of the trainings below with $\eta=$ {glue:text}`knots-small`, {glue:text}`on-large` with {glue:text}`knots-large`); by the corollary dead neurons leave the loop. Moreover the loss on *all* samples, which the stopping rule asks for after every epoch, is a by-product. The rest is a program that keeps $K$ in the cache of the processor, one network a core.
#
# Momentum $\beta$ costs one more matrix. At a constant step, the point $\varphi=\theta-\frac{\eta\beta}{1-\beta}m$, where the ball would come to rest if no gradient acted any more, moves by gradients alone, $\varphi\leftarrow\varphi-\frac\eta{1-\beta}\nabla L_B(\theta)$, and so does $\beta^{-t}m$: the engine adds the same combination of rows of $K$ to the pre-activations of both. In place of the corollary, a neuron that is off on every sample at $\theta$ and at $\varphi$ never comes back, because without gradients $\theta$ runs along the segment between them.

# %% tags=["nbval-check-output"]
k, d, n, B = 200, 784, 512, 16
print(f"multiplications and additions a step, in millions: with weights {4e-6 * k * d * B:.1f},",
      f"without {2e-6 * k * n * B:.1f}")


# %% [markdown]
# ## For how long do two programs agree?
#
# Equal iterates means equal up to rounding. We compare the engine with `train_sgd`, which does the obvious thing in weight space, in double precision; first where training is calm, then with labels three times as large and a step five times as long.

# %%
class Toy(NamedTuple):
    """A small regression, and how it is trained."""
    scale: float  # of the labels
    step_size: float
    samples: int = 120
    width: int = 24
    batch_size: int = 8

    def drawn(self, seed):
        rng = np.random.default_rng(SEED + 100 * seed)
        points = rng.normal(size=(self.samples, 6))
        values = np.sin(2 * points[:, 0]) + 0.5 * np.abs(points[:, 1])
        return random_network(6, self.width,
                              seed=SEED + seed), points, self.scale * values


class Race(NamedTuple):
    """From how many starts, and how long, the two programs run."""
    starts: int = 5
    candidates: int = 12  # of which those count that are not lost
    epochs: tuple = (1, 5, 10, 20, 40, 60, 80, 100, 150, 200, 300, 400)
    early: int = 2  # how many of these epochs agree even in violent training
    followed: int = 250  # epochs along which a small difference is carried


calm, violent = Toy(scale=1, step_size=0.05), Toy(scale=3, step_size=0.25)
race = Race()
epochs = list(race.epochs)


def stays(toy, seed):
    """Whether the run from this start is still there at the last of the epochs."""
    run = train_sgd(*toy.drawn(seed), toy.step_size, toy.batch_size, 1e-30,
                    max_epochs=max(epochs), seed=SEED)
    return run.status != "diverged"


starts = [seed for seed in range(race.candidates) if stays(violent, seed)]
starts = starts[:race.starts]
glue("race-epochs", str(max(epochs)), display=False)
glue("violent-starts", str(len(starts)), display=False)
glue("violent-lost", str(starts[-1] + 1 - len(starts)), display=False)


# %% [markdown]
# Some of the violent runs blow up altogether; we keep the first {glue:text}`violent-starts` that do not ({glue:text}`violent-lost` did on the way).

# %%
def trail(toy, net, points, labels):
    """The networks along SGD in weight space, one for each number of epochs."""
    seen = {}
    train_sgd(net, points, labels, toy.step_size, toy.batch_size, 1e-30,
              max_epochs=max(epochs),
              seed=SEED, observe=lambda t, now: seen.update({t: now}))
    return [seen[t] for t in epochs]


def engine(toy, net, points, labels):
    """The same from the engine, which is started anew for each."""
    rule = {"tolerance": 1e-30, "precision": "float64", "seed": SEED}
    return [train_sweep(net, points, labels, [toy.step_size], toy.batch_size,
                        max_epochs=t,
                        **rule).runs[0].network for t in epochs]


def gaps(some, others):
    """Largest difference of a weight, epoch by epoch."""
    return np.array([max(np.abs(a.W - b.W).max(), np.abs(a.b - b.b).max(),
                         np.abs(a.v - b.v).max())
                     for a, b in zip(some, others, strict=True)])


# %%
apart, reference = {}, {}
for name, toy in (("calm", calm), ("violent", violent)):
    for seed in starts:
        net, points, labels = toy.drawn(seed)
        weights = reference[name, seed] = trail(toy, net, points, labels)
        nudged = trail(toy, replace(net, v=net.v * (1 + 4e-16)), points, labels)
        program = engine(toy, net, points, labels)
        apart[name, seed] = gaps(weights, program), gaps(weights, nudged)

# %% mystnb={"figure": {"name": "fig-mnist-chaos", "caption": "Difference of two trainings that would be equal in exact arithmetic, or that differ by one rounding of the output weights at the start; the first of the five starts."}, "image": {"alt": "Four curves on a logarithmic scale. The two calm ones stay below ten to the minus thirteen. The two violent ones rise together, with pauses, by many powers of ten within some hundred epochs."}}
draw.plot_gaps({f"{name}: {pair}": (epochs, apart[name, starts[0]][i])
                for name in ("calm", "violent")
                for i, pair in enumerate(("engine against reference",
                                          "start nudged by one rounding"))})
plt.show()

# %% tags=["hide-input"]
five, each = f"{spelled(len(starts))} starts", -(-calm.samples // calm.batch_size)
first = epochs[race.early - 1]
wild = np.array([apart["violent", seed] for seed in starts])  # start, pair, time
grown = np.log10(wild[:, :, -1] / wild[:, :, 0])
claim("mnist-engine-exact",
      "where training is calm: largest difference of a weight between the "
      "function-space engine and the reference in weight space, over "
      f"{max(epochs)} epochs ({max(epochs) * each} steps) of {five}",
      max(apart["calm", seed][0].max() for seed in starts),
      at_most=1e-10, source="SGD in function space")
claim("mnist-engine-hard",
      "where training is violent: largest difference of a weight between the "
      f"function-space engine and the reference, over the first {first} epochs "
      f"({first * -(-violent.samples // violent.batch_size)} steps) of {five}",
      wild[:, 0, :race.early].max(), at_most=1e-10)
claim("mnist-engine-twin",
      f"where training is violent: growth over {max(epochs)} epochs of the difference "
      "between the engine and the "
      "reference over that between two references, one nudged by one rounding at "
      f"the start, as a power of ten, median size over {five}",
      np.median(np.abs(grown[:, 0] - grown[:, 1])), at_most=1.5)
claim("mnist-engine-grown",
      f"where training is violent: growth over {max(epochs)} epochs of the difference "
      f"between engine and reference, in powers of ten, median over {five}",
      np.median(grown[:, 0]), at_least=5)
for i, name in enumerate(("program", "twin")):
    glue(f"apart-{name}",
         f"{grown[:, i].min():.0f} to {grown[:, i].max():.0f}", display=False)


# %% [markdown]
# Where training is calm the two agree to rounding over all {glue:text}`race-epochs` epochs ({numref}`fig-mnist-chaos`). Where it is violent they agree at first, and then their difference grows, by {glue:text}`apart-program` powers of ten within 400 epochs of the five starts; so does the difference of the reference from *itself* when its output weights are changed in the sixteenth digit ({glue:text}`apart-twin`). No program can follow such a run to the last digit. What can be reproduced, and what the record is compared by, are properties of the final networks: the norm, the sharpness, the error.
#
# ```{admonition} A trap
# :class: warning
# In single precision the pre-activations that the engine updates drift away from those of the weights, and near a loss of $10^{-8}$ that matters: an engine that believes itself stops too early. Ours recomputes $Z$ from the weights in double precision every 64 epochs, and a run has converged only if the loss of the *weights that it returns*, in double precision, is below the tolerance.
# ```
#
# ### What amplifies a difference?
#
# The first suspect is the step: is it longer than $2/\lambda_{\max}$, or than $2/\lambda_{\max}$ of single batches? A small difference $\delta$ of parameters moves with the run by $\delta\leftarrow(I-\eta\nabla^2L_{\mathcal B})\delta$, and the Hessian of a batch has two parts,
#
# $$
# \nabla^2L_{\mathcal B}=\frac1B\sum_{j\in\mathcal B}\nabla f(x_j)\nabla f(x_j)^{\mathsf T}+\frac1B\sum_{j\in\mathcal B}r_j\nabla^2f(x_j).
# $$
#
# The first, the Gauss–Newton part, is the one whose eigenvalues are compared with $2/\eta$ everywhere in this book; the second vanishes at interpolating minima. The control is to carry a $\delta$ along the *same* run with the second part left out.

# %%
def carried(toy, seed, epochs, residual_part):
    """log10 of the length of a small difference, epoch by epoch along SGD."""
    net, points, labels = toy.drawn(seed)
    rng = np.random.default_rng(SEED + 50 + seed)
    batches = epoch_batches(toy.samples, toy.batch_size, "reshuffled",
                            np.random.default_rng(SEED))
    W, b, v, c = net.W, net.b, net.v, net.c
    delta, length = [rng.normal(size=np.shape(part))
                     for part in (W, b, v, c)], [0.0]
    for _ in range(epochs):
        for batch in next(batches):
            X, rate = points[batch], toy.step_size / len(batch)
            on = X @ W.T + b > 0
            hidden = (X @ W.T + b) * on
            r, (dW, db, dv, dc) = hidden @ v + c - labels[batch], delta
            dz = (X @ dW.T + db) * on
            df = hidden @ dv + dz @ v + dc  # how the outputs differ
            back = (df[:, None] * v + residual_part * r[:, None] * dv) * on
            dv_change = hidden.T @ df + residual_part * dz.T @ r
            delta = [dW - rate * back.T @ X, db - rate * back.sum(0),
                     dv - rate * dv_change, dc - rate * df.sum()]
            step = rate * r[:, None] * v * on
            W, b = W - step.T @ X, b - step.sum(0)
            v, c = v - rate * hidden.T @ r, c - rate * r.sum()
        size = np.sqrt(sum((np.asarray(part) ** 2).sum() for part in delta))
        delta = [part / size for part in delta]
        length.append(length[-1] + np.log10(size))
    loss = np.mean((np.maximum(points @ W.T + b, 0) @ v + c - labels) ** 2) / 2
    return np.array(length[1:]) - length[1], loss


# %%
whole, losses = zip(
    *(carried(violent, seed, race.followed, 1.0) for seed in starts), strict=True)
first_part = [carried(violent, seed, race.followed, 0.0)[0] for seed in starts]
quiet = [carried(calm, seed, race.followed, 1.0)[0] for seed in starts]

# %% mystnb={"figure": {"name": "fig-mnist-amplifier", "caption": "Growth of a small difference along training, from five starts each. Red, violent training; blue, the same runs with the residual part of the Hessian left out; green, calm training."}, "image": {"alt": "Five red curves climb by four to twenty powers of ten within 250 epochs. Five blue and five green curves stay within about one power of ten of zero."}}
draw.plot_growth({"violent, whole Hessian": whole,
                  "violent, Gauss–Newton part": first_part,
                  "calm, whole Hessian": quiet})
plt.show()

# %% tags=["hide-input"]
end = {name: np.array([curve[-1] for curve in curves])
       for name,
       curves in (("whole", whole), ("part", first_part), ("calm", quiet))}
claim("mnist-engine-chaos",
      "violent training, whole Hessian: powers of ten by which a small difference "
      "of parameters grows "
      f"from the first to the {race.followed}th epoch, median over {five}",
      np.median(end["whole"]), at_least=4)
claim("mnist-engine-residual",
      "violent training without the residual part of the Hessian: powers of ten by "
      f"which a small difference of parameters grows, largest over {five}",
      end["part"].max(), at_most=2)
claim("mnist-engine-calm",
      "calm training, whole Hessian: powers of ten by which a small difference of "
      f"parameters grows, largest over {five}",
      end["calm"].max(), at_most=1.5)
for name, values in end.items():
    glue(f"grown-{name}",
         f"{values.min():.1f} to {values.max():.1f}".replace("-", "−"),
         display=False)
half, rng = violent.step_size / 2, np.random.default_rng(SEED + 9)
draws = [rng.choice(violent.samples, violent.batch_size,
                    replace=False) for _ in range(50)]
mean, batch, alone = [], [], []
for seed in starts:  # along the violent runs, at the epochs of the first figure
    _, points, labels = violent.drawn(seed)
    for now in reference["violent", seed]:
        seen = Linearization.of(now, points)
        mean.append(half * seen.sharpness)
        batch.append(half * seen.batch_sharpness(now(points) - labels,
                                                 violent.batch_size,
                                                 seed=SEED).value)
        alone += [half * np.linalg.eigvalsh(seen.kernel[np.ix_(b, b)])[-1] / len(b)
                  for b in draws]
glue("violent-mean", f"{max(mean):.2f}", display=False)
glue("violent-batch", f"{max(batch):.2f}", display=False)
glue("violent-alone", f"{100 * np.mean(np.array(alone) > 1):.0f} %", display=False)
glue("violent-loss", f"{np.median(losses):.1f}", display=False)


# %% [markdown]
# The suspect is innocent ({numref}`fig-mnist-amplifier`). Along the five violent runs $\eta\lambda_{\max}/2$ is at most {glue:text}`violent-mean` at the epochs of {numref}`fig-mnist-chaos`, and the batch sharpness, in the same units, at most {glue:text}`violent-batch`; {glue:text}`violent-alone` of the single batches that we drew go beyond. And they do not matter. Over the five starts the difference grows by {glue:text}`grown-whole` powers of ten with the whole Hessian, and by {glue:text}`grown-part` with the Gauss–Newton part alone. So it is not an overlong step that makes these runs chaotic, neither one longer than $2/\lambda_{\max}$ nor one longer than that of single batches: without the residual part next to nothing grows. What amplifies is the curvature that comes with large residuals (the loss after 250 epochs is still {glue:text}`violent-loss` in the median; these runs are *not* on their way to a minimum). It has negative eigenvalues as large as its positive ones, as it couples $v_i$ with $(w_i,b_i)$ and nothing with itself, and along negative curvature errors grow with every step size.
# Near an interpolating minimum it is absent, and there the criteria of chapter 4 decide.
#
# (knots-in-training)=
# ## Dead neurons, and knots on samples
#
# We train on MNIST by the protocol of {ref}`mnist-tightness`, in single and in double precision, at a small and at a long step, from {glue:text}`seeds` seeds.

# %%
class Protocol(NamedTuple):
    digits: tuple = (3, 5)
    samples: int = 512
    width: int = 200
    batch_size: int = 16
    steps: tuple = (0.02, 0.2)  # a small one and a long one
    tolerance: float = 1e-8
    hold: int = 2000
    seeds: int = 3
    near: float = 1e-6  # distance of a knot from an image, over the farthest
    pinned: float = 1e-12


protocol = Protocol()
drawn = [digit_pair(*protocol.digits, protocol.samples, seed=SEED + s,
                    dataset="auto") for s in range(protocol.seeds)]
jobs = [SweepJob(random_network(task.X.shape[1], protocol.width, seed=SEED + s),
                 task.X, task.y, eta, protocol.batch_size, SEED + s)
        for eta in protocol.steps for s, task in enumerate(drawn)]
single = train_jobs(jobs, protocol.tolerance, protocol.hold, precision="float32")
claim("mnist-drift",
      "largest difference of outputs between the engine's state in single "
      "precision and its weights, over all runs",
      single.drift.max(), at_most=1e-4)

# %%
double = train_jobs(jobs, protocol.tolerance, protocol.hold, precision="float64")

# %% mystnb={"figure": {"name": "fig-mnist-counts", "caption": "Neurons that are off on all images, and neurons whose knot passes within $10^{-6}$ of an image (relative to the farthest one); mean over the seeds and band between the extremes."}, "image": {"alt": "Two panels. Dead neurons appear from step size 0.1 on and rise steeply, first for small batches. Knots close to a sample are frequent at small steps, up to three fifths of the neurons. For full batches they remain at two fifths up to step size 0.12 and fall to a tenth then; with small batches they disappear as the step grows."}}
draw.plot_counts(load_record("mnist-35").where(status="converged"))
plt.show()


# %% [markdown]
# Chapter 1 explained why gradient descent pins knots to samples: between a sample that pushes the knot away and the others that push it back there is a trap, whose width is proportional to the residual. {numref}`fig-mnist-counts` counts such neurons under SGD. But is one part in a million the right threshold in single precision? The networks that we trained in double precision can tell, because their residuals are far smaller, and with them the traps.

# %% mystnb={"figure": {"name": "fig-mnist-knots", "caption": "Distance from the hyperplane of each neuron to the nearest image, relative to the farthest, for the same training in single and in double precision; the first of the three seeds. Dashed, the threshold used in the record."}, "image": {"alt": "Four histograms on a logarithmic axis. In double precision at the smallest step there is a second heap around ten to the minus fifteen, and a thin scatter between it and the first one. In single precision the second heap stands near ten to the minus seven, at the threshold, close to the first. At the larger step only a few neurons are far to the left."}}
def distances(place, run):
    """To the nearest image over that to the farthest, neuron by neuron."""
    net, X = run.network, jobs[place].X
    Z = np.abs(net.preactivations(X))
    return (Z.min(axis=0) / Z.max(axis=0))[net.pattern(X).any(axis=0)]


knots = {(eta, name): [distances(place, sweep.runs[place])
                       for place, job in enumerate(jobs) if job.step_size == eta]
         for eta in protocol.steps
         for name, sweep in (("single", single), ("double", double))}
draw.plot_distances({rf"$\eta={eta:g}$, {name} precision": values[0]
                     for (eta, name), values in knots.items()},
                    threshold=protocol.near)
plt.show()

# %% tags=["hide-input"]
size = dict(zip(protocol.steps, ("small", "large"), strict=True))
pinned = {}
for (eta, name), values in knots.items():
    near = [int((v < protocol.near).sum()) for v in values]
    pinned[eta, name] = [int((v < protocol.pinned).sum()) for v in values]
    for word, counts in (("near", near), ("pinned", pinned[eta, name])):
        glue(f"{size[eta]}-{name}-{word}", f"{min(counts)} to {max(counts)}",
             display=False)
for eta, word in size.items():
    on = [run.network.pattern(job.X).mean() for job, run in zip(jobs, double.runs,
                                                          strict=True)
          if job.step_size == eta]
    glue(f"on-{word}", f"{100 * np.mean(on):.0f} %", display=False)
    glue(f"knots-{word}", f"{eta:g}", display=False)
if drawn[0].dataset == "mnist":  # else residuals are larger
    claim("mnist-pinned",
          "double precision, smallest step: neurons with a knot within "
          f"$10^{{{np.log10(protocol.pinned):.0f}}}$ of an image, least of "
          f"{spelled(protocol.seeds)} seeds",
          min(pinned[protocol.steps[0], "double"]), at_least=20)
settled = [(job.X, a.network, b.network)
           for job, a, b in zip(jobs, single.runs, double.runs, strict=True)
           if {a.status, b.status} == {"converged"}]
apart = [abs(stability_norm(a, X) / stability_norm(b, X) - 1)
         for X, a, b in settled]
claim("mnist-precision",
      "stability norm in single over double precision, largest departure from one "
      "over the runs that converged", max(apart), at_most=0.02)
glue("seeds", spelled(protocol.seeds), display=False)
glue("precision", f"{100 * max(apart):.1f} %", display=False)


# %% [markdown]
# In double precision the answer is clear ({numref}`fig-mnist-knots`; on MNIST): there is a second heap, {glue:text}`small-double-pinned` neurons at $\eta=$ {glue:text}`knots-small` with a knot within $10^{-12}$ of an image (three seeds), and a thin scatter between the two. SGD with $B=16$ does pin knots. Single precision cannot resolve this: it shows {glue:text}`small-single-near` neurons below the threshold and does not tell which of them are pinned. At $\eta=$ {glue:text}`knots-large` the counts below $10^{-6}$ are {glue:text}`large-single-near` in single and {glue:text}`large-double-near` in double precision, of which {glue:text}`large-double-pinned` are pinned. So read {numref}`fig-mnist-counts` as a count of knots *close* to samples.
#
# The theory assumes that there are none. That the exponents of chapter 4, computed as if a pinned neuron were either on or off, still describe what runs do is not a theorem; pushed networks of SGD confirm it, and for full batches it is not true ({ref}`mnist-which`). The norm does not mind: between the two precisions it differs by at most {glue:text}`precision`.
#
# ## Summary
#
# 1. SGD for a shallow network is a recursion in its pre-activations on the sample; weights are not needed, and neurons that are off everywhere never return.
# 2. Two programs agree to rounding where training is calm. Where it is violent they part exponentially, and the control shows what drives them apart: the residual part of the Hessian, not a step beyond the edge.
# 3. SGD pins knots to samples, as gradient descent does. Single precision cannot tell a pinned knot from a near one; the norm does not mind.
#
# ## Exercises
#
# ```{exercise} Momentum
# :label: ex-mnist-momentum
#
# SGD with momentum moves $m\leftarrow\beta m+\nabla L_B(\theta)$, $\theta\leftarrow\theta-\eta m$. Write it in function space. What must be kept besides $Z$, $v$, $c$, and does {prf:ref}`cor-mnist-dead` still hold?
# ```
#
# ```{solution} ex-mnist-momentum
# :label: sol-mnist-momentum
# :class: dropdown
#
# The momenta of $(w_i,b_i)$ are combinations of the vectors $(x_j,1)$ with coefficients $\mu_{ij}$, starting from zero, and $\mu\leftarrow\beta\mu+\frac1B\bigl(r_jv_i1[z_{ij}>0]\bigr)$, the second term for $j\in\mathcal B$ only. Then $Z\leftarrow Z-\eta\,\mu K$: one more $k\times n$ matrix is kept, and the product is with a matrix that is no longer zero outside the batch, so that a step costs $2kn^2$. Keeping $M=\mu K$ in the place of $\mu$, with $M\leftarrow\beta M+(\text{new columns})K$,
# brings it back to $2knB$. The momenta of $v$ and $c$ are kept as they are. The corollary fails: a neuron that dies still has momentum. It goes on in the direction of its last step, by $\beta/(1-\beta)$ times its length in all, and comes back if an image whose pre-activation rose in that step is reached.
# ```
#
# ```{exercise-start} Near by chance
# :label: ex-mnist-chance
# ```
# Are 10 knots within $10^{-6}$ of a sample many? Estimate how many there would be if the signed distances of a neuron to the $n$ images had a smooth density near zero, from the number of pairs within $10^{-2}$.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mnist-chance
# :label: sol-mnist-chance
# :class: dropdown
# ```
# With a smooth density the number of pairs (neuron, image) within $\epsilon$ is proportional to $\epsilon$. So we expect $10^{-4}$ times the number within $10^{-2}$.

# %%
def over_chance(job, run):
    Z = np.abs(run.network.preactivations(job.X))
    relative = Z / Z.max(axis=0)
    expected = protocol.near / 1e-2 * (relative < 1e-2).sum()
    return (relative < protocol.near).sum() / expected


claim("mnist-ex-chance",
      "double precision, smallest step: pairs of a neuron and an image within "
      f"$10^{{{np.log10(protocol.near):.0f}}}$ over the number expected by chance, "
      f"least of {spelled(protocol.seeds)} seeds",
      min(over_chance(*pair) for pair in
          zip(jobs[:protocol.seeds], double.runs[:protocol.seeds], strict=True)),
      at_least=10)

# %% [markdown]
# ```{solution-end}
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |---|---|---|
# | The updates of a neuron's weights lie in the span of the inputs | folklore of linear models and kernel methods | the closed recursion in $(Z,v,c)$ for shallow ReLU networks, batch by batch, and its use ({prf:ref}`prop-mnist-function-space`); we searched documentation, code and web pages for it and found no use of it, which does not prove that there is none |
# | Full-batch training hovers at $2/\lambda_{\max}$, mini-batches at a batch sharpness of $2/\eta$ | {cite:t}`cohen2021gradient`, {cite:t}`andreyev2024edge` (abstract read) | a control which shows that in our violent runs, far from interpolation, neither explains the growth of differences |
# | A neuron that is off on every sample gets no gradient ({prf:ref}`cor-mnist-dead`) | well known; we cite no one | read off the recursion, for every sequence of batches |
# | Knots of neurons come to rest on samples | {ref}`knots-on-a-sample` | the count under SGD, and what single precision can resolve |
#
# ## Notes and references
#
# The data are from {cite:t}`lecun1998gradient`. *Read with care.* The control carries a first-order difference; the two programs differ by finite roundings, which may also cross a knot. The growth of both agrees in order of magnitude only.
