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
# (performance)=
# # Performance
#
# What the book costs, beside what the same work costs elsewhere. The numbers on this page are *recorded*: one run of
# `python benchmarks/performance.py` on one machine, in which our function and its peer take turns. Building the
# page reads the record and measures nothing.

# %%
from IPython.display import Markdown
from myst_nb import glue

from stableminima import claim
from stableminima.book.figures.performance import (comparison_table, exponent_table,
                                                   machine_line, plot_costs)
from stableminima.book.figures.style import use_house_style
from stableminima.experiments import load_record

use_house_style()
rows = {run["row"]: run for run in load_record("performance").runs}
Markdown(machine_line(load_record("performance")))

# %% [markdown]
# (performance-sweep)=
# ## The sweep
#
# The work is the stated protocol of chapter 4: twelve networks of 200 neurons on 512 images of 784 pixels, batches of 16,
# until the loss has been below $10^{-8}$ for 2000 consecutive epochs. The arithmetic limit is what a step in function space
# would take if its $2knB$ multiplications and additions ran at the speed of a large float32 matrix product.

# %% mystnb={"markdown_format": "myst"}
Markdown(comparison_table(rows, ["whole protocol", "arithmetic limit", "DataLoader loop", "indexing loop",
                                 "indexing loop, momentum", "torch.func.vmap", "our torch program", "train_sgd (float64)"]))

# %% [markdown]
# The peers were timed over their first epochs, because their step costs the same from the first to the last. Ours becomes
# cheaper while a run goes on: a neuron that is off on every sample never comes back, and only the samples on which a neuron
# is on move it. That is how the compiled epochs come near a limit that counts every product.
#
# A compiled route or a batched torch program? We wrote both and measured. The compiled one is faster on a processor, 160
# lines long, and trains networks of different shapes side by side, so it is the default; the torch program stays for GPUs
# (`device="cuda"`), and as an independent second implementation in the tests.

# %%
whole, limit = rows["whole protocol"]["rate"], rows["arithmetic limit"]["rate"]
claim("sweep-beats-the-loop", "rate of the sweep over the rate of the DataLoader loop",
      whole / rows["DataLoader loop"]["rate"], at_least=15, source="performance record")
claim("sweep-near-the-limit", "rate of the sweep over the arithmetic limit",
      whole / limit, at_least=0.5, source="performance record")

# %% [markdown]
# ## How the cost grows
#
# Seconds for 64 epochs of one network on one core while one size changes and the others stay at $n = 512$, $d = 784$,
# $k = 200$, $B = 16$. One epoch takes $n/B$ steps of $2knB$ operations, so we expect, once these dominate, the exponents 2 in
# $n$, 0 in $d$, 1 in $k$, 0 in $B$, and 1 in the number of networks. Over the sizes measured the exponent in $n$ is smaller: what a step does
# with its batch alone does not grow with $n$.

# %% mystnb={"figure": {"name": "fig-performance-cost", "caption": "Time for 64 epochs against one size at a time, relative to the smallest. The dashed lines have slopes 1 and 2."}, "image": {"alt": "Log-log lines of relative time. The line for n rises steepest, with a slope between one and two, those for k and for the number of networks with slope about one, those for d and B are nearly flat or fall."}}
plot_costs(rows);

# %% tags=["nbval-check-output"]
print(exponent_table(rows))

# %% [markdown]
# ## The quantities

# %% mystnb={"markdown_format": "myst"}
Markdown(comparison_table(rows, ["sharpness: curvlinops Hessian", "sharpness: curvlinops GGN", "sharpness: all eigenvalues",
                                 "exact SGD threshold", "bound chain"]))

# %% [markdown]
# The sharpness is that of a trained network with {glue:text}`parameters` parameters on 512 samples. All routes agree to the accuracy in the
# table; ours works on the $512 \times 512$ tangent kernel and never sees a parameter-sized vector.

# %%
peer, chain = rows["sharpness: curvlinops Hessian"], rows["bound chain"]
claim("sharpness-same-value", "relative difference of the two values of the sharpness", peer["difference"], at_most=1e-8,
      source="performance record")
claim("sharpness-beats-products", "time of Lanczos on Hessian-vector products over time of the closed-form kernel",
      peer["ratio"], at_least=50, source="performance record")
claim("threshold-under-a-second", "seconds for the exact mean-square threshold at $n=512$",
      rows["exact SGD threshold"]["ours"], at_most=1.0, source="performance record")
claim("chain-in-20-ms", "milliseconds for the bound chain at $n=512$, $d=784$, $k=200$, in the median",
      1000 * chain["ours"], at_most=20, source="performance record")
glue("parameters", f"{peer['parameters']}", display=False)
glue("chain-low", f"{1000 * chain['low']:.0f}", display=False)
glue("chain-high", f"{1000 * chain['high']:.0f}", display=False)

# %% [markdown]
# Small matrix products on two virtual cores scatter widely, which the ranges show: 201 calls of the bound chain at $n=512$, $d=784$, $k=200$ took
# between {glue:text}`chain-low` and {glue:text}`chain-high` ms. Half of that time goes into the tangent kernel, which is three matrix products.
