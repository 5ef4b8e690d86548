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
# (own-network)=
# # Your own network
#
# Everything that the book says about stability is about the gradients of a network at $n$ samples, so it can be asked of *any* network: with other activations, without biases, with frozen layers, with convolutions, with several outputs. One object does it, `Linearization`; one call, `report`, prints all of it.
#
# ```{admonition} Before you compare with your learning rate
# :class: warning
# The book's loss is $\frac1{2n}\sum_j\|f(x_j)-y_j\|^2$. Torch's `MSELoss` is the mean over samples *and* outputs: its Hessian is $2/c$ times as large for $c$ outputs, twice for one. If you train with `MSELoss`, say `loss="mse"`, and every number below is in units of *your* learning rate. Without it, a network with one output that was trained at learning rate 0.1 would be held against the ceiling $1/0.1-\frac12=9.5$, where its own is $1/0.2-\frac12=4.5$.
# ```

# %%
import numpy as np
import torch
from myst_nb import glue
from torch import nn

from stableminima import Linearization, ShallowReLU, SharpnessTracker, report
from stableminima.book.claims import claim
from stableminima.book.figures import own_network as draw
from stableminima.book.figures.style import use_house_style
from stableminima.datasets import load_small_digits

use_house_style()
torch.set_num_threads(1)  # small layers: a second thread costs more than it saves

# %% [markdown]
# ## Ten lines
#
# Train as you always do, then ask. Here are two of the bundled 8×8 digits, a network of 40 neurons, and full-batch gradient descent in torch.

# %%
images, labels = load_small_digits()
chosen = np.flatnonzero((labels == 3) | (labels == 5))[:120]
X, y = images[chosen].reshape(-1, 64) / 16, np.where(labels[chosen] == 5, 1.0, -1.0)

torch.manual_seed(0)
module = nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, 1)).double()
optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
for _ in range(2500):
    optimizer.zero_grad()
    nn.MSELoss()(module(torch.tensor(X))[:, 0], torch.tensor(y)).backward()
    optimizer.step()

told = report(module, X, y, step_size=0.05, loss="mse")
told

# %% tags=["remove-cell"]
glue("own-share", f"{100 * told.sharpness * told.step_size / 2:.0f}", display=False)
glue("own-loss", f"{told.loss:.1g}", display=False)

# %% [markdown]
# The middle column is what was found, the right one what it means for your step size. After this run the loss is {glue:text}`own-loss` and the sharpness is at {glue:text}`own-share` % of the edge $2/\eta$. The lower half is there because this network is one of the book's: one hidden layer of ReLU, everything trained. For it the sharpness bounds the function ({ref}`multivariate-bound`): each line is at most the next, and the right column is the slack between them.
#
# What it stands on does not interpolate yet, and the report says so: the largest residual, and what the residuals contribute to the full Hessian. In a terminal, for a network saved with `net.save("net.npz")` and data in `data.npz` (arrays `X` and `y`):
#
#     python -m stableminima report net.npz data.npz --step-size 0.1 --batch-size 16
#
# ## What holds for which network
#
# | | any torch module | shallow ReLU, all trained |
# |---|---|---|
# | sharpness, 2/η, full Hessian | yes | yes, in closed form |
# | thresholds in the mean, in mean square, almost surely | yes, for a quadratic loss | yes, in closed form |
# | from the step size to the function: the chain of bounds | no: it is a theorem about this architecture | yes |
# | dead, always-on, pinned neurons | no | yes |
#
# Three hypotheses to keep in mind. The thresholds are statements about an *interpolating* minimum: the report prints the largest residual, and how far the full Hessian is from the part that the thresholds use. The loss is quadratic. And the network has to be differentiable where it stands: a neuron pinned to a sample, or a max-pool at a tie, has a different linearization on either side.
#
# ## Six networks that are not the book's
#
# The same three lines, whatever the architecture. Only parameters that require a gradient count, as they do for your optimizer; a module in single precision is evaluated in double; nothing in it is changed.

# %%
three = np.flatnonzero(labels < 3)[:120]
few, many = X, images[three][:, None] / 16  # (120, 64) and (120, 1, 8, 8)


def frozen_below(module):
    """The module with its first layer frozen."""
    for parameter in module[0].parameters():
        parameter.requires_grad_(False)
    return module


torch.manual_seed(1)
zoo = {
    "without biases": (nn.Sequential(nn.Linear(64, 40, bias=False), nn.ReLU(), nn.Linear(40, 1, bias=False)), few),
    "first layer frozen": (frozen_below(nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, 1))), few),
    "leaky ReLU": (nn.Sequential(nn.Linear(64, 40), nn.LeakyReLU(0.2), nn.Linear(40, 1)), few),
    "tanh, three layers": (
        nn.Sequential(nn.Linear(64, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1)),
        few,
    ),
    "three outputs": (nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, 3)), few),
    "convolutions": (
        nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(36, 3)),
        many,
    ),
}
minima = {name: Linearization.of(module, inputs, loss="mse") for name, (module, inputs) in zoo.items()}

# %% tags=["nbval-check-output"]
print("network               outputs   λ_max   mean  B=16   B=1")
for name, minimum in minima.items():
    steps = (minimum.gd_threshold, minimum.sgd_threshold(16), minimum.sgd_threshold(1))
    print(f"{name:<20} {minimum.outputs:>8} {minimum.sharpness:>7.3f}  " + "  ".join(f"{s:.3f}" for s in steps))


# %% [markdown]
# The three columns on the right are learning rates for `MSELoss`: the largest that is stable in the mean, and in mean square with batches of 16 and of 1. With several outputs a batch still draws *samples*, $H_j=\sum_o\nabla f_o(x_j)\nabla f_o(x_j)^{\mathsf T}$ is of rank $c$, and the $n\times n$ form of the threshold ({ref}`three-thresholds`) carries over with $c\times c$ blocks in place of the diagonal.
#
# Are these numbers right? They come from one kernel; the sharpness can be had from torch alone, by differentiating the loss twice. At labels that the network reproduces, that is its whole Hessian.

# %%
def top_of_the_hessian(module, inputs, steps=300):
    """λ_max of the MSE loss at its own outputs as labels, by power iteration on double backward passes."""
    module, inputs = module.double(), torch.tensor(inputs)
    trained = [p for p in module.parameters() if p.requires_grad]
    loss = nn.MSELoss()(module(inputs), module(inputs).detach())
    gradient = torch.autograd.grad(loss, trained, create_graph=True)
    direction = [torch.randn_like(p) for p in trained]
    for _ in range(steps):
        image = torch.autograd.grad(gradient, trained, direction, retain_graph=True)
        value = torch.sqrt(sum((part**2).sum() for part in image))
        direction = [part / value for part in image]
    return value.item()


errors = [abs(top_of_the_hessian(*zoo[name]) / minimum.sharpness - 1) for name, minimum in minima.items()]
claim("own-autograd", "six architectures: sharpness against power iteration on torch's own Hessian, largest relative difference",
      max(errors), at_most=1e-6)

# %% [markdown]
# ### Why a network without biases is refused elsewhere
#
# `ShallowReLU.from_torch` takes a torch network into the book's closed forms, in which every bias is trained. A network that has none is another model, with fewer directions in which to be unstable:

# %%
bare, inputs = zoo["without biases"]
try:
    ShallowReLU.from_torch(bare)
except ValueError as error:
    print(error)

# %%
W, v = (p.detach().double().numpy() for p in bare.parameters())
padded = ShallowReLU(W, np.zeros(40), v[0], 0.0)  # the same function, with biases that happen to be zero
excess = Linearization.of(padded, inputs, loss="mse").sharpness / minima["without biases"].sharpness
claim("own-padded", "filling the missing biases with zeros, and counting them as trained, overstates the sharpness by the factor",
      excess, at_least=1.05)


# %% [markdown]
# ## Does the threshold decide?
#
# Take the convolutional network, let its own outputs be the labels, so that it stands in an interpolating minimum, push every parameter off by about $10^{-6}$, and let torch train it. What follows is `torch.optim.SGD` on `MSELoss`, with no knowledge of any kernel; two numbers should decide whether it comes back. On full batches that is $2/\lambda_{\max}$; with batches of 8 it is the edge of *almost-sure* stability, the step at which single runs begin to leave ({ref}`three-thresholds`), which `almost_sure_edge` estimates.

# %%
def distances(module, inputs, step_size, batch_size, steps, seed):
    """‖θ − θ*‖ of torch's SGD after a small push, at labels that the module reproduces, (steps+1,)."""
    start = [p.detach().clone() for p in module.parameters()]
    data, generator = torch.tensor(inputs), torch.Generator().manual_seed(seed)
    target = module(data).detach()
    with torch.no_grad():
        for p in module.parameters():
            p += 1e-6 * torch.randn(p.shape, generator=generator, dtype=p.dtype)
    optimizer, path = torch.optim.SGD(module.parameters(), lr=step_size), []
    for _ in range(steps + 1):
        squares = [((p - q) ** 2).sum() for p, q in zip(module.parameters(), start, strict=True)]
        path.append(torch.sqrt(sum(squares)).item())
        batch = torch.randperm(len(data), generator=generator)[:batch_size]
        optimizer.zero_grad()
        nn.MSELoss()(module(data[batch]), target[batch]).backward()
        optimizer.step()
    with torch.no_grad():
        for p, q in zip(module.parameters(), start, strict=True):
            p.copy_(q)
    return np.array(path)


network, minimum = zoo["convolutions"][0].double(), minima["convolutions"]
edge = minimum.almost_sure_edge(minimum.gd_threshold, batch_size=8, sampling="iid")
thresholds = {"full batch": (120, minimum.gd_threshold), "B = 8": (8, edge.edge * minimum.gd_threshold)}
runs = {
    (name, factor): [distances(network, many, factor * step, size, 700, seed) for seed in range(5 if size < 120 else 1)]
    for name, (size, step) in thresholds.items()
    for factor in (0.93, 1.07)
}

# %% mystnb={"figure": {"name": "fig-own-edge", "caption": "Torch's own SGD on the convolutional network, pushed off a minimum by $10^{-6}$ a parameter, at 0.93 (below) and 1.07 (above) times the threshold that `Linearization` computes: $2/\\lambda_{\\max}$ for full batches on the left, the almost-sure edge for five runs with batches of 8 on the right. The plateau is where runs have left the neighbourhood that a linearization describes.\n"}, "image": {"alt": "Two panels of distance against steps on a logarithmic axis. In each, the curves at 0.93 of the threshold fall or stay level, and those at 1.07 rise by several orders of magnitude.\n"}}
draw.plot_returns(runs);

# %%
growth = {key: [np.log10(path[-1] / path[50]) for path in paths] for key, paths in runs.items()}
claim("own-below", "7 % below the threshold, full batches and five runs with B = 8: powers of ten by which the farthest run has grown",
      max(max(growth[name, 0.93]) for name in thresholds), at_most=0.0)
claim("own-above", "7 % above the threshold, full batches and five runs with B = 8: powers of ten by which the slowest run has grown",
      min(min(growth[name, 1.07]) for name in thresholds), at_least=1.0)

# %% [markdown]
# ## Watch it while it trains
#
# `SharpnessTracker` is one more line in your loop: every so many steps it notes the loss, the sharpness, and $2/\eta$ of the learning rate that the optimizer has at that moment.

# %%
target = np.eye(3)[labels[three]]


def trained(learning_rate, steps=900):
    """The convolutional network after full-batch gradient descent from one start, and what the tracker saw."""
    torch.manual_seed(2)
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(36, 3))
    module = module.double()
    optimizer = torch.optim.SGD(module.parameters(), lr=learning_rate)
    tracker = SharpnessTracker(module, many, target, every=30, loss="mse")
    for _ in range(steps):
        optimizer.zero_grad()
        nn.MSELoss()(module(torch.tensor(many)), torch.tensor(target)).backward()
        optimizer.step()
        tracker.step(optimizer)
    return tracker


tracked = {rate: trained(rate) for rate in (0.15, 0.25, 0.4)}

# %% mystnb={"figure": {"name": "fig-own-tracked", "caption": "A small convolutional network on the digits 0, 1 and 2, one start, three learning rates. The sharpness (lines) climbs to $2/\\eta$ (dashed, same colour), overshoots and settles there; at the smallest rate it has not arrived. The largest rate ends at the flattest point.\n"}, "image": {"alt": "Sharpness against steps for three learning rates, each with a dashed horizontal line at two over the learning rate; the curves for the two larger rates overshoot their lines and settle on them, the curve for the smallest is still rising below its line.\n"}}
draw.plot_tracked(tracked);

# %%
ends = [tracker["sharpness"][-7:].max() / tracker["edge"][-1] for tracker in tracked.values()]
claim("own-tracked", "one start, three learning rates: largest sharpness over the last 200 steps, in units of 2/η", max(ends), at_most=1.1)

# %% [markdown]
# Nothing in chapter 1 promises this for a network that has not settled; that gradient descent drives the sharpness *up* to this level and holds it there is the *edge of stability* that {cite:t}`cohen2021gradient` observed, and {ref}`linear-stability` says which part of it is a theorem.
#
# ## From other libraries
#
# From JAX, or from anything that can differentiate, hand over the gradients, `(n, p)` or `(n, c, p)`, or their Gram matrix:
#
#     minimum = Linearization.from_features(jacobian)         # row j is the gradient of f at sample j
#     minimum = Linearization.from_kernel(kernel, outputs=3)  # (3n, 3n), sample by sample
#     minimum.sharpness, minimum.sgd_threshold(16), minimum.almost_sure_threshold(16)
#
# The kernel is dense: up to 8192 rows (samples times outputs) fit; beyond that, ask about a random subset of the samples. A module whose samples see each other has no gradient sample by sample: call `module.eval()` where there is batch normalization or dropout. What the class offers is in {doc}`the library <api>`.
