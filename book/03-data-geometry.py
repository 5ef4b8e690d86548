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
# (data-geometry)=
# # The geometry of the data
#
# ```{twenty-minutes} fig-geo-clouds prop-geo-dimension prop-geo-price thm-geo-vertices fig-geo-vertices prop-geo-memory fig-geo-fitted
# ```
#
# A needle, a neuron that fires on a single sample, is almost free. It needs a sample that a hyperplane can cut off from all others, a vertex of their convex hull. How many there are
# is a matter of the shape of the data: all of them on a sphere, few in a disc. {numref}`fig-geo-clouds` shows four clouds.
#
# After this page you can
#
# - write down the data weight of inputs that concentrate towards a sphere, and of inputs on low-dimensional pieces;
# - say what a needle costs, and how many there are;
# - say what part of the labels a network can memorise at a stable point, and find digits on that scale.
#
# **You need:** the data weight and the needles of {ref}`multivariate-bound`, and the symbols in {doc}`the notation table <notation>`.

# %%
from fractions import Fraction
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue
from scipy.optimize import linprog
from scipy.spatial import ConvexHull
from scipy.special import betainc, gammaln

from stableminima import (
    ShallowReLU,
    data_weight,
    hessian_sharpness,
    random_network,
    stability_norm,
)
from stableminima.book.claims import claim
from stableminima.book.figures import data_geometry as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds import isotropic_weight
from stableminima.datasets import load_mnist, load_small_digits, mnist_available
from stableminima.stability import tangent_features
from stableminima.training import train_together

use_house_style()
SEED = 0  # shifts every random draw of this page


# %% [markdown]
# The clouds have a direction that is uniform on the sphere and a radius of their own: $X$ has a density proportional to $(1-\|x\|^2)^{a-1}$ on the unit ball, $a>0$. For $a=1$ it is the uniform ball; as $a\to0$ all mass goes to the sphere, which we call $a=0$; for large $a$ it goes inside. Then $\|X\|^2$ has a beta law, which makes sampling one line.

# %%
def cloud(n, d, a, rng):
    """Density ∝ (1−|x|²)^(a−1) in the unit ball; the sphere for a = 0."""
    x = rng.normal(size=(n, d))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x * np.sqrt(rng.beta(d / 2, a, size=(n, 1))) if a else x

def vertices(X):
    """Which samples are vertices of the convex hull, in few dimensions."""
    mask = np.zeros(len(X), bool)
    mask[ConvexHull(X).vertices] = True
    return mask


# %% mystnb={"figure": {"name": "fig-geo-clouds", "caption": "Samples of the disc, more and more inside. Red, those that one line can cut off from all others (first seed)."}, "image": {"alt": "Four round clouds of points. On the circle all points are red. With a = 1/4 most points are near the rim and about a quarter are red. In the uniform disc and in the cloud with a = 4 only the ten to twenty outermost points are red."}}
rng = np.random.default_rng(SEED)
shown = {f"$a={a:g}$": cloud(200, 2, a, rng) for a in (0, 0.25, 1, 4)}
draw.plot_clouds({name: (X, vertices(X)) for name, X in shown.items()})
plt.show()


# %% [markdown]
# ```{admonition} In the paper
# :class: paper
#
# {cite:t}`liang2026geometry` is about this question. From its abstract: for two-layer ReLU networks trained below the edge of stability, and data on a mixture of low-dimensional balls, there are generalisation bounds "that provably adapt to the intrinsic dimension"; for a family of isotropic distributions that concentrate more or less towards the sphere, rates "deteriorate as the mass concentrates toward the sphere"; data that are harder to *shatter* make gradient descent find shared patterns. We read the abstract, the table of contents and summaries (which call the family Beta-radial), not the proofs. The principle is theirs. What follows is about the weight $g$ and about needles, with proofs of our own.
# ```
#
# ## Concentrating towards the sphere
#
# ```{prf:proposition} Effective dimension
# :label: prop-geo-dimension
#
# For $X$ with density proportional to $(1-\|x\|^2)^{a-1}$ in the unit ball of $\mathbb R^d$, $d\ge2$, or uniform on the sphere ($a=0$), every projection $u\cdot X$ has the density $p\,(1-s^2)^{m-1}$ on $[-1,1]$ with
#
# $$
# m=a+\tfrac{d-1}2,\qquad p=\frac{\Gamma(m+\frac12)}{\sqrt\pi\,\Gamma(m)} .
# $$
#
# The data weight depends on $d+2a$ only. Where $d+2a-2$ is a positive integer it is that of the uniform ball of this dimension; and in all cases, near the boundary,
# $g\sim\frac{\sqrt2\,p^2\,4^{m-1}}{m^2(m+1)}\,(1-|t|)^{d+2a}$.
# ```
#
# ```{prf:proof}
# The slice $\{u\cdot x=s\}$ of the ball is a ball of dimension $d-1$ and radius $\sqrt{1-s^2}$. The density integrates over it to a constant times $(1-s^2)^{a-1+(d-1)/2}$, by scaling. On the sphere the slice is a sphere of dimension $d-2$ and radius $\sqrt{1-s^2}$, and $dS=(1-s^2)^{-1/2}ds$ times its measure: $(1-s^2)^{(d-2)/2-1/2}$, which is the case $a=0$. The constant $p$ is that of a beta law.
#
# By isotropy $\mathbb E[X\,1(u\cdot X>t)]=u\,\mathbb E[Z\,1(Z>t)]$ with $Z=u\cdot X$. So $\tilde g$ is a function of the law of $Z$, that is, of $m$. The uniform ball of dimension $D$ has $a=1$ and $m=\frac{D+1}2$ (for $D=1$ it is the interval); equal $m$ means $D=d+2a-2$. The asymptotics of {prf:ref}`prop-mv-ball` use nothing but the density of $Z$: with $2m+1=d+2a$ they are the last statement.
# ```
#
# For the sphere in space, $D=1$: its projection is uniform on an interval. That is Archimedes' theorem on the sphere and the cylinder, and the proposition continues it to all $d$ and $a$. With $\mathbb P(Z>t)=\frac12I_{1-t^2}(m,\frac12)$ and $\mathbb E[Z\,1(Z>t)]=\frac p{2m}(1-t^2)^m$, the weight is in closed form.

# %%
def projected_weight(m, t):
    """g at offset t ≥ 0, if projections have the density p(1−s²)^(m−1)."""
    p = np.exp(gammaln(m + 0.5) - gammaln(m)) / np.sqrt(np.pi)
    P, E = betainc(m, 0.5, 1 - t**2) / 2, p * (1 - t**2) ** m / (2 * m)
    return (E - t * P) * np.hypot(P, E)

class Weights(NamedTuple):
    points: int = 200_000
    offsets: tuple = (0.0, 0.25, 0.5)
    clouds: tuple = ((3, 0), (3, 0.25), (5, 4), (10, 0))  # d, a
    near: float = 1e-4  # distance from the boundary
    dims: tuple = (2, 5, 10)
    shapes: tuple = (0, 0.5, 1, 3)  # a


def fraction(a):
    """A shape as a formula."""
    top, bottom = Fraction(a).numerator, Fraction(a).denominator
    return f"{top}" if bottom == 1 else f"\\frac{top}{bottom}"

WEIGHTS = Weights()
t, drawn = np.array(WEIGHTS.offsets), {}
for d, a in WEIGHTS.clouds:
    X = cloud(WEIGHTS.points, d, a, np.random.default_rng(SEED + 10 * d))
    sampled = data_weight(X, np.tile(np.eye(d)[0], (len(t), 1)), t)
    drawn[d, a] = np.abs(sampled / projected_weight(a + (d - 1) / 2, t) - 1).max()
    if (d, a) == (3, 0):
        archimedes = np.abs(sampled / isotropic_weight("ball", 1, t) - 1).max()
gap = WEIGHTS.near * np.array([1, 2])
powers = {
    (d, a): np.log2(np.divide(*projected_weight(a + (d - 1) / 2, 1 - gap)[::-1]))
    for d in WEIGHTS.dims
    for a in WEIGHTS.shapes
}

# %%
points, offsets = spelled(WEIGHTS.points), f"{spelled(len(t))} offsets"
shapes = ",".join(map(fraction, WEIGHTS.shapes))
claim(
    "geo-archimedes",
    f"weight of {points} points of the sphere in space over that of the interval, "
    f"minus 1, worst of {offsets}",
    archimedes,
    at_most=0.05,
    source="effective dimension",
)
claim(
    "geo-weight",
    f"weight of {points} points over the closed form, minus 1, worst of "
    f"{spelled(len(drawn))} clouds and {offsets}",
    max(drawn.values()),
    at_most=0.1,
    source="effective dimension",
)
claim(
    "geo-exponent",
    f"local exponent at distance $10^{{{np.log10(WEIGHTS.near):.0f}}}$ from the "
    f"boundary minus $d+2a$, worst of $d={','.join(map(str, WEIGHTS.dims))}$ and "
    f"$a={shapes}$",
    max(abs(power - d - 2 * a) for (d, a), power in powers.items()),
    at_most=0.01,
    source="effective dimension",
)


# %% [markdown]
# So concentrating *raises* the weight near the boundary: from the power $d+2$ of the uniform ball to $d$ on the sphere. Read alone, that says that the sphere protects better. It does not, and to see why one has to ask what a hyperplane is used for.
#
# ## The price of a needle
#
# ```{prf:proposition} The price of a needle
# :label: prop-geo-price
#
# Let the projections of $X$ have the density $p(1-s^2)^{m-1}$ as above. A neuron that fires on a cap of mass $q$ and has height $h$ at the tip of the cap contributes, with its amplitude $A$, $|A|g\sim\frac{\sqrt2}{m+1}\,h\,q^2$ to the stability norm, as $q\to0$.
# ```
#
# ```{prf:proof}
# Let $\epsilon$ be the depth of the cap. The amplitude is $A=h/\epsilon$. By the asymptotics in the proof of {prf:ref}`prop-mv-ball`, with $q=\mathbb P(Z>1-\epsilon)\sim p2^{m-1}\epsilon^m/m$, the mean output is $\mathbb E(Z-t)_+\sim q\,\epsilon/(m+1)$ and the length of the mean gradient $\sqrt2\,q$. Multiply.
# ```
#
# Of the geometry only the factor $m+1=\frac{d+1}2+a$ is left, and it is the same for all caps of one mass in a cloud. On a sample the price of a needle is exact, $|A|\tilde g=|h|\sqrt{1+\|x_j\|^2}/n^2$ (proof of {prf:ref}`prop-mv-needles`): *between $1$ and $\sqrt2$ times $|h|/n^2$ in the unit ball, for every needle of every cloud*. What differs is how many there are.
#
# ## How many needles
#
# A needle for the sample $x_j$ alone exists if and only if $x_j$ is a vertex of the convex hull.
#
# ```{prf:theorem} The number of vertices
# :label: thm-geo-vertices
#
# Let $V_n$ be the number of vertices of the convex hull of $n$ independent points with density proportional to $(1-\|x\|^2)^{a-1}$ in the unit ball of $\mathbb R^d$, $d\ge2$, $a>0$. There are constants $0<c<C$, which depend on $d$ and $a$ only, with
#
# $$
# c\,n^\kappa\ \le\ \mathbb E V_n\ \le\ C\,n^\kappa\quad\text{for all large }n,\qquad\kappa=\frac{d-1}{d-1+2a}=1-\frac am .
# $$
#
# On the sphere $V_n=n$.
# ```
#
# ```{prf:proof}
# *From below.* Let $\cos\theta=1-\epsilon$. A point of the cap $\{u\cdot x>1-\epsilon\}$ makes an angle less than $\theta$ with $u$; so caps whose directions are $2\theta$ apart are disjoint. There are $N\ge c_1\theta^{-(d-1)}\ge c_2\epsilon^{-(d-1)/2}$ such directions (take as many as fit: then the balls of angle $2\theta$ around them cover the sphere). By {prf:ref}`prop-geo-dimension` each cap has mass $q\ge c_3\epsilon^m$. Choose $\epsilon=(c_3n)^{-1/m}$, so that $nq\ge1$: a cap holds a sample with probability $1-(1-q)^n\ge1-1/e$. If it does, the sample that is farthest along $u$ lies in it, and is, almost surely, a vertex. Disjoint caps have different vertices, so $\mathbb EV_n\ge(1-\frac1e)N\ge c\,n^{(d-1)/2m}$, and $2m=d-1+2a$.
#
# *From above.* Cover all directions by cones $C_1,\dots,C_K$ of half-angle 30°. Every half-space $\{v\cdot z>0\}$ contains one of them (that whose axis is within 30° of $v$), without its apex. If $x$ is a vertex of the sample, there is a half-space with $x$ on its boundary and no sample inside.
#
# Let $\|x\|=1-h$ with $h\le\frac12$; turn $x$ to $(0,1-h)$, and use the affine coordinates $y$ with $(\sqrt h\,y',\,1-h\,y_d)$ for the points of space, so that $x$ is $y=(0,1)$. Affine maps keep half-spaces; so one of the pieces $(0,1)+\{z\in C_k:\|z\|\le\frac14\}$ contains no sample. On a piece $|y'|\le\frac14$ and $\frac34\le y_d\le\frac54$, and $1-\|\cdot\|^2=h(2y_d-|y'|^2-hy_d^2)$ lies between $\frac h2$ and $\frac{5h}2$. So the piece lies in the ball, the density there is at least $c_4h^{a-1}$, the volume is a constant times $h^{(d-1)/2+1}$: its mass is at least $c_5h^m$. For $h>\frac12$ the pieces $x+\{z\in C_k:\|z\|\le\frac18\}$ have mass at least $c_6$, as the density is bounded below on $\|x\|\le\frac58$. In both cases the mass is at least $c_7\min(h,\tfrac12)^m$, and $x$ is a vertex with probability at most $K\exp(-c_7(n-1)\min(h,\frac12)^m)$.
#
# The density of $h$ is at most $c_8h^{a-1}$ for $h\le\frac12$. Hence
#
# $$
# \mathbb EV_n\le nK\Bigl\{\int_0^\infty c_8h^{a-1}e^{-c_7(n-1)h^m}dh+e^{-c_7(n-1)2^{-m}}\Bigr\} .
# $$
#
# The integral is a constant times $(n-1)^{-a/m}$, and the last term is smaller.
# ```
#
# For $a=1$ the power $\frac{d-1}{d+1}$ is the classical one for the uniform ball. We count.

# %%
class Vertices(NamedTuple):
    sizes: tuple = (1000, 8000, 64_000)
    seeds: int = 10
    dim: int = 3
    outer: float = 0.25  # a of the three clouds
    ball: float = 1
    inner: float = 4


sizes, seeds, d, *shapes = Vertices()
outer, ball, inner = shapes
counts = {}
for a in shapes:
    found = [
        [
            vertices(cloud(n, d, a, np.random.default_rng([SEED + s, n]))).sum()
            for n in sizes
        ]
        for s in range(seeds)
    ]
    counts[a] = np.array(found), (d - 1) / (d - 1 + 2 * a)
slopes = {
    a: np.log(found[:, -1] / found[:, -2]) / np.log(sizes[-1] / sizes[-2])
    for a, (found, _) in counts.items()
}

# %% mystnb={"figure": {"name": "fig-geo-vertices", "caption": "Vertices of the convex hull of samples in three dimensions, ten seeds (dots) and their mean. Dotted, the power of the theorem through the last mean."}, "image": {"alt": "Three rising lines in logarithmic axes. For a = 1/4 steep, with thousands of vertices; for a = 1 less; for a = 4 nearly flat, with about a hundred. Dotted lines beside them have nearly the same slopes."}}
draw.plot_vertices(sizes, {f"$a={a:g}$": value for a, value in counts.items()})
plt.show()

# %%
slope_of = ("slope of the number of vertices between "
            f"{spelled(sizes[-2])} and {spelled(sizes[-1])} points in space minus "
            "$\\kappa$")
claim(
    "geo-vertices",
    f"{slope_of}, mean over the seeds, the worse of $a={fraction(outer)}$ and "
    f"${fraction(ball)}$",
    max(abs(slopes[a].mean() - counts[a][1]) for a in (outer, ball)),
    at_most=0.05,
    source="the number of vertices",
)
claim(
    "geo-vertices-inside",
    f"{slope_of} at $a={fraction(inner)}$, where it converges slowly, from above",
    slopes[inner].mean() - counts[inner][1],
    at_least=0.0,
    at_most=0.15,
    source="the number of vertices",
)
claim(
    "geo-vertices-order",
    f"vertices at $a={fraction(outer)}$ over those at $a={fraction(ball)}$, and at "
    f"{ball:g} over those at {inner:g}, with {spelled(sizes[-1])} points, "
    "least over the seeds",
    min(
        (counts[outer][0] / counts[ball][0])[:, -1].min(),
        (counts[ball][0] / counts[inner][0])[:, -1].min(),
    ),
    at_least=2,
)
for name, a in zip(("0.25", "1", "4"), shapes, strict=True):
    glue(f"slope {name}", f"{slopes[a].mean():.2f}", display=False)
    glue(f"kappa {name}", f"{counts[a][1]:.2f}", display=False)


# %% [markdown]
# The slopes are {glue:text}`slope 0.25`, {glue:text}`slope 1` and {glue:text}`slope 4` where the theorem says {glue:text}`kappa 0.25`, {glue:text}`kappa 1` and {glue:text}`kappa 4`; the last converges slowly.
#
# ## What can be memorised at a stable point
#
# Needles on the vertices, and nothing else, give more than a function: they give a local minimum of the loss.
#
# ```{prf:proposition} A stable point that memorises the vertices
# :label: prop-geo-memory
#
# Let the samples be distinct, $V$ the set of those that are vertices, the labels arbitrary, and $c$ the mean label of the others (any number if there are none). The network $f=c+\sum_{j\in V}\frac{y_j-c}{\zeta_j}\sigma(u_j\cdot x-t_j)$, each neuron firing on $x_j$ alone with $\zeta_j=u_j\cdot x_j-t_j$, fits the labels on $V$ and is $c$ on all other samples. In the gauge of {prf:ref}`prop-mv-needles` it is a local minimum of the loss, its Hessian is positive semi-definite with
#
# $$
# \lambda_{\max}(\nabla^2L)\le1+\frac2n\max_{j\in V}D_j,\qquad D_j=|y_j-c|\sqrt{1+\|x_j\|^2},
# $$
#
# and $S_g(f)\le\frac1{n^2}\sum_{j\in V}D_j$. Gradient descent is linearly stable there for every $\eta\le2/(1+\frac2n\max_VD_j)$.
# ```
#
# ```{prf:proof}
# (Samples of $V$ with $y_j=c$ need no neuron.) The residuals $r_j$ vanish on $V$, and off $V$ they are $c-y_j$, with sum zero. It is a local minimum: near it no neuron fires off $V$, so $f$ is one constant there and $L\ge\frac1{2n}\sum_{j\notin V}(y_j-c)^2$, the value at the point. In $\nabla^2L=\Phi\Phi^{\mathsf T}/n+\frac1n\sum_jr_j\nabla^2f(x_j)$ the last sum vanishes: $r_j=0$ on $V$, and off $V$ no neuron fires, so $\nabla^2f(x_j)=0$. What is left is positive semi-definite, and {prf:ref}`prop-mv-needles` computes it, also from below: $\Phi^{\mathsf T}\Phi=\mathbf1\mathbf1^{\mathsf T}+2\operatorname{diag}(D_j)$, with $D_j=0$ off $V$.
# ```
#
# Thus the part of the labels that can be memorised at a step close to 2, by needles, is the part of vertices: everything on a sphere, and of order $n^{-2a/(d-1+2a)}$ of the sample inside. (A neuron may fire on several samples, so more can be fitted. That this is the *most* a stable point can memorise we do not claim.)

# %%
def memory(X, y):
    """The network of the proposition, directions from the facets at each vertex."""
    hull, W, b, v = ConvexHull(X), [], [], []
    c = y[~vertices(X)].mean() if not vertices(X).all() else 0.0
    for j in hull.vertices:
        u = hull.equations[(hull.simplices == j).any(axis=1), :-1].sum(axis=0)
        u /= np.linalg.norm(u)
        z = X @ u
        t = (z[j] + np.delete(z, j).max()) / 2
        W, b, v = [*W, u], [*b, -t], [*v, (y[j] - c) / (z[j] - t)]
    return ShallowReLU(W, b, v, c).balanced(X)

class Needles(NamedTuple):
    samples: int = 150
    noises: int = 10


NEEDLES = Needles()
stationary, position, price = [], [], []
for s in range(NEEDLES.noises):
    rng = np.random.default_rng(SEED + 40 + s)
    X, y = cloud(NEEDLES.samples, 3, 1.0, rng), rng.normal(size=NEEDLES.samples)
    V, net = vertices(X), memory(X, y)
    residual, D = net(X) - y, np.abs(y - net.c) * np.sqrt(1 + (X**2).sum(axis=1))
    stationary.append(np.abs(tangent_features(net, X).T @ residual / len(X)).max())
    low, high = 1 + 2 * D[V].sum() / len(X) ** 2, 1 + 2 * D[V].max() / len(X)
    position.append((hessian_sharpness(net, X, y) - low) / (high - low))
    price.append(stability_norm(net, X) / (D[V].sum() / len(X) ** 2))

# %%
ten = spelled(NEEDLES.noises)
claim(
    "geo-stationary",
    f"{ten} noises on the ball in space, needles on the vertices: largest entry of "
    "the gradient",
    max(stationary),
    at_most=1e-9,
    source="a stable point that memorises the vertices",
)
claim(
    "geo-stable",
    f"needles on the vertices, {ten} noises: the full Hessian's top eigenvalue "
    f"between $1+2n^{{-2}}\\sum_VD_j$ (0) and its bound (1), least of the {ten}",
    min(position),
    at_least=0.0,
    source="a stable point that memorises the vertices",
)
claim(
    "geo-stable-bound",
    f"needles on the vertices, {ten} noises: the full Hessian's top eigenvalue "
    f"between $1+2n^{{-2}}\\sum_VD_j$ (0) and its bound (1), largest of the {ten}",
    max(position),
    at_most=1.0,
    source="a stable point that memorises the vertices",
)
claim(
    "geo-price",
    f"needles on the vertices, {ten} noises: stability norm over "
    f"$n^{{-2}}\\sum_VD_j$, minus 1, largest of the {ten}",
    max(price) - 1,
    at_most=1e-9,
    source="a stable point that memorises the vertices",
)


# %% [markdown]
# ## Mixtures of low-dimensional balls
#
# Data in a space of pixels lie near sets of a much smaller dimension. If they lie in one subspace, the surrounding space is not seen at all.
#
# ```{prf:proposition} One subspace
# :label: prop-geo-subspace
#
# Let $X=Q\xi$, where $Q$ is a $d\times m_0$ matrix with orthonormal columns. A hyperplane $(u,t)$ with $s=\|Q^{\mathsf T}u\|>0$ cuts the data as the hyperplane $(Q^{\mathsf T}u/s,\,t/s)$ cuts $\xi$, and $g_X(u,t)=s\,g_\xi(Q^{\mathsf T}u/s,\,t/s)$. Hence $S_{g_\xi}(f\circ Q)\le S_{g_X}(f)$, with equality unless hyperplanes of $f$ with amplitudes of opposite signs meet the subspace in the same set. At a stable interpolating network, the function on the subspace has norm at most $\frac1\eta-\frac12$ there, for the weight of $\xi$: if the law of $\xi$ is uniform in a ball (in place of a sample), with the exponent $m_0+2$.
# ```
#
# ```{prf:proof}
# $u\cdot X-t=s\,(\frac{Q^{\mathsf T}u}s\cdot\xi-\frac ts)$, so the half-spaces are the same and $\mathbb E(\cdot)_+$ has the factor $s$; and $\|\mathbb E[Q\xi1]\|=\|\mathbb E[\xi1]\|$. On the subspace the neuron $A_i\,\sigma(u\cdot x-t)$ is $A_is\,\sigma(\frac{Q^{\mathsf T}u}s\cdot\xi-\frac ts)$, and $|A_is|\,g_\xi=|A_i|\,g_X$. Neurons that are different hyperplanes of $\mathbb R^d$ may be one hyperplane of $\mathbb R^{m_0}$; then the amplitudes add, and the norm falls if they have opposite signs. (That is the black pixel of {ref}`multivariate-bound`.)
# ```
#
# ```{prf:proposition} Several subspaces
# :label: prop-geo-mixture
#
# Let each sample lie in one of the linearly independent subspaces $L_1,\dots,L_K$ (their dimensions $m_k$ add up to that of their sum), and let the origin lie in the convex hull of each group and not be a sample. Then a sample is a vertex of the whole if and only if it is a vertex of its own group. If $m_k\ge2$ and the $n_k$ points of a group are uniform in the unit ball of $L_k$, there are of order $\sum_kn_k^{(m_k-1)/(m_k+1)}$ vertices on average, whatever $d$ is.
# ```
#
# ```{prf:proof}
# A vertex of the whole is one of any subset that contains it. Conversely let $x\in L_k$ be a vertex of its group: a functional $\ell$ on $L_k$ is larger at $x$ than at the other samples of the group. The origin is an average of samples of the group and not $x$ alone, so $\ell(x)>0$. Independence allows to extend $\ell$ to a functional that is $0$ on all other $L_l$. It is larger at $x$ than at all other samples. The last sentence is {prf:ref}`thm-geo-vertices` with $a=1$, $d=m_k$, for each group. (The origin is in the hull of a group except with a probability that is exponentially small in $n_k$.)
# ```
#
# We ask a linear programme for a hyperplane that cuts off a sample, in {glue:text}`cut dim` dimensions: for the uniform ball, and for {glue:text}`cut balls` balls of dimension {glue:text}`cut sub`.

# %%
class Subspaces(NamedTuple):
    samples: int = 240
    dim: int = 12
    balls: int = 4
    sub: int = 3  # dimension of each; a ball per subspace must fit into dim
    seeds: int = 5
    every: int = 4  # of the samples, that many-th is asked


SUB = Subspaces()

def can_be_cut_off(X, j):
    """Is there u with u·x_j > u·x_l for all other l? By a linear programme."""
    others = np.delete(X, j, axis=0)
    found = linprog(
        np.zeros(X.shape[1]),
        others - X[j],
        -np.ones(len(others)),
        bounds=(None, None),
    )
    return found.status == 0

def mixture(n, d, K, m, rng):
    frame = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return [
        cloud(n // K, m, 1.0, rng) @ frame[:, k * m : (k + 1) * m].T
        for k in range(K)
    ], frame

disagree, shares = 0, {"a ball": [], "four balls": []}
for s in range(SUB.seeds):
    rng = np.random.default_rng(SEED + 60 + s)
    groups, frame = mixture(SUB.samples, SUB.dim, SUB.balls, SUB.sub, rng)
    X = np.vstack(groups)
    pieces = [frame[:, k * SUB.sub : (k + 1) * SUB.sub] for k in range(SUB.balls)]
    own = np.concatenate(
        [vertices(g @ piece) for g, piece in zip(groups, pieces, strict=True)]
    )
    asked = range(0, len(X), SUB.every)
    cut = np.array([can_be_cut_off(X, j) for j in asked])
    disagree += np.sum(cut != own[asked])
    shares["four balls"].append(own.mean())
    B = cloud(SUB.samples, SUB.dim, 1.0, rng)
    shares["a ball"].append(
        np.mean([can_be_cut_off(B, j) for j in range(0, len(B), SUB.every)])
    )

# %% tags=["nbval-check-output"]
claim(
    "geo-mixture",
    f"samples of the mixture for which the linear programme in {SUB.dim} dimensions "
    f"and the hulls of the groups in {SUB.sub} disagree, of {SUB.seeds * len(asked)}",
    disagree,
    equals=0,
    source="several subspaces",
)
claim(
    "geo-mixture-share",
    "part of the mixture that can be cut off, largest of the seeds",
    max(shares["four balls"]),
    at_most=0.75,
)
claim(
    "geo-ball-share",
    f"part of the ball in {SUB.dim} dimensions that can be cut off, least of the seeds",
    min(shares["a ball"]),
    at_least=0.95,
)
for name, values in shares.items():
    glue(f"cut {name}", f"{np.mean(values):.0%}", display=False)
for name in ("samples", "dim", "balls", "sub"):
    glue(f"cut {name}", spelled(getattr(SUB, name)), display=False)


# %% [markdown]
# With {glue:text}`cut samples` points in {glue:text}`cut dim` dimensions {glue:text}`cut a ball` of the samples of the ball can be cut off, and {glue:text}`cut four balls` of those of the mixture.
#
# ## Does training find it?
#
# **Question.** At a large step, does training fit the labels of vertices rather than those of other samples? **What theory says:** such a stable point exists. Whether training goes there it does not say. **Data:** labels $\pm1$ by a coin; clouds in four dimensions, scaled to $\mathbb E\|x\|^2=1$, so that no law has larger inputs than another. **Controls:** the same starts and data with a small step, at equal elapsed time and at equal loss. They are needed, because vertices are longer vectors than the others, and longer inputs have larger gradients at every step; and because a run that has come further has fitted more of everything.

# %%
class Coins(NamedTuple):
    samples: int = 100
    dim: int = 4
    width: int = 100
    time: float = 1800  # sum of the step sizes
    warmup: int = 100
    large: float = 0.9  # step sizes
    small: float = 0.15
    ball: float = 1  # a of the clouds
    inner: float = 4
    seeds: int = 10


COINS = Coins()

def coin(seed, a, eta, until=None):
    """Trained on coin labels for a time, or until the loss falls below a value."""
    n, d, rng = COINS.samples, COINS.dim, np.random.default_rng(seed)
    X = cloud(n, d, a, rng) * np.sqrt((d + 2 * a) / d)  # E|x|² = 1
    y = rng.choice([-1.0, 1.0], n)
    start = [random_network(d, COINS.width, seed=seed)]
    stop = {} if until is None else {"tolerance": until, "hold": 1}
    (run,) = train_together(start, X, y, eta, max_steps=int(COINS.time / eta),
                            warmup=COINS.warmup, **stop)
    square, V = (run.network(X) - y) ** 2, vertices(X)
    return {
        "status": run.status,
        "half": square.mean() / 2,  # what training calls the loss
        "loss": square.mean() / np.var(y),
        "vertices": V.mean(),
        "ratio": square[V].mean() / square[~V].mean() if not V.all() else np.nan,
    }

clouds = {"ball": COINS.ball, "inner": COINS.inner, "sphere": 0}
ended = {
    (step, name): [coin(SEED + 80 + s, a, eta) for s in range(COINS.seeds)]
    for step, eta in (("large", COINS.large), ("small", COINS.small))
    for name, a in clouds.items()
}
same_loss = [
    coin(SEED + 80 + s, COINS.ball, COINS.small, until=each["half"])
    for s, each in enumerate(ended["large", "ball"])
]
rows = {
    f"large step, $a={COINS.inner:g}$": ended["large", "inner"],
    f"large step, $a={COINS.ball:g}$": ended["large", "ball"],
    f"small step, $a={COINS.ball:g}$, equal time": ended["small", "ball"],
    f"small step, $a={COINS.ball:g}$, equal loss": same_loss,
}
ratio = {
    row: np.array([each["ratio"] for each in runs]) for row, runs in rows.items()
}
loss = {
    arm: np.median([each["loss"] for each in runs]) for arm, runs in ended.items()
}

# %% mystnb={"figure": {"name": "fig-geo-fitted", "caption": "Mean squared residual at the vertices over that at the other samples, at the end of training on coin labels; ten seeds each, and their median. Left of the dashed line the labels of vertices are fitted better."}, "image": {"alt": "Four rows of ten dots. With the large step nearly all dots are left of one. With the small step they are around one or to its right at equal time, and left of one at equal loss."}}
draw.plot_fitted(ratio)
plt.show()

# %%
_, large, small, same = ratio.values()
of_ten = f"median of {spelled(COINS.seeds)} seeds"
inside = f"$a={COINS.inner:g}$"
claim(
    "geo-training",
    "squared residual at the vertices of the uniform ball over that at other "
    f"samples, large step, {of_ten}",
    np.median(large),
    at_most=1.0,
)
claim(
    "geo-training-control",
    "squared residual at the vertices of the uniform ball over that at other "
    "samples: its value with the large step over that with the small one, same "
    f"start and data, equal time, {of_ten}",
    np.median(large / small),
    at_most=1.0,
)
claim(
    "geo-training-same-loss",
    "squared residual at the vertices of the uniform ball over that at other "
    f"samples, small step, at the loss at which the large step ends, {of_ten}",
    np.median(same),
    at_most=1.0,
)
claim(
    "geo-training-sphere",
    f"median training loss on the sphere over that at {inside}, large step",
    loss["large", "sphere"] / loss["large", "inner"],
    at_most=1.0,
)
claim(
    "geo-training-sphere-control",
    f"median training loss on the sphere over that at {inside}: its value with the "
    "large step over that with the small one, equal time",
    loss["large", "sphere"]
    / loss["large", "inner"]
    / (loss["small", "sphere"] / loss["small", "inner"]),
    at_most=1.0,
)
status = [each["status"] for arm in ended.values() for each in arm]
glue("unfinished", f"{status.count('unfinished')} of {len(status)}", display=False)
glue("loss sphere", f"{loss['large', 'sphere']:.2f}", display=False)
glue("loss inside", f"{loss['large', 'inner']:.2f}", display=False)
glue("small sphere", f"{loss['small', 'sphere']:.2f}", display=False)
glue("small inside", f"{loss['small', 'inner']:.2f}", display=False)
glue("coin seeds", spelled(COINS.seeds), display=False)
glue("ratio below", f"{np.sum(large < 1)}", display=False)
glue("ratio lower", f"{np.sum(large < small)}", display=False)
glue("ratio lower same", f"{np.sum(large < same)}", display=False)
glue("ratio same", f"{np.median(same):.2f}", display=False)
glue("ratio large", f"{np.median(large):.2f}", display=False)
glue("ratio small", f"{np.median(small):.2f}", display=False)


# %% [markdown]
# ({glue:text}`unfinished` runs at equal time are cut off unfinished, so these are points on the way.) At equal time the ratio is, in the median over {glue:text}`coin seeds` seeds, {glue:text}`ratio large` with the large step and {glue:text}`ratio small` with the small one; it is below one in {glue:text}`ratio below` of the ten at the large step, and lower than at the small step in {glue:text}`ratio lower`. But at either step the labels of vertices are fitted first: at the loss at which the large step ends, the ratio with the small step is {glue:text}`ratio same`. The small step goes on, and fits the others too. That the large step *prefers* vertices these runs do not show. On the sphere, where every label can have a needle, the large step leaves {glue:text}`loss sphere` of the variance of the labels; inside, at $a=4$, it leaves {glue:text}`loss inside`. At equal time the small step leaves {glue:text}`small sphere` and {glue:text}`small inside`, so the sphere is not merely easier to fit at any step. **What would have shown a preference:** a ratio that is lower with the large step at equal loss. It is lower in {glue:text}`ratio lower same` of the ten.
#
# ## Digits on this scale
#
# Where are real digits in this family? Two numbers can be read off a sample. *The part that can be cut off*, from below: in the direction of $x_j$ itself, measured from the mean, is $x_j$ the farthest? And *the exponent*: if the mass near the tip of that cap grows like $\epsilon^m$, then the $k$ nearest gaps $\epsilon_1<\epsilon_2<\dots$ below $x_j$ give Hill's estimate $\hat m=k/\sum_{i\le k}\ln(\epsilon_{k+1}/\epsilon_i)$. A single sample is not the tip of the population, so the estimate is biased; we calibrate it with balls of known dimension and the same number of samples.

# %%
class Digits(NamedTuple):
    samples: int = 1500
    asked: int = 200  # of the digits of a sample
    near: int = 20  # neighbours that estimate the exponent
    balls: tuple = (3, 5, 10, 15, 20, 30)  # dimensions to compare with
    seeds: int = 10


n, ASKED, NEAR, BALLS, SEEDS = Digits()

def reading(Z, asked=ASKED, k=NEAR):
    """(part that its own direction cuts off, median estimate of m) for a sample."""
    Z = Z - Z.mean(axis=0)
    U = Z[:asked] / np.linalg.norm(Z[:asked], axis=1, keepdims=True)
    gaps = np.sum(U * Z[:asked], axis=1)[:, None] - U @ Z.T
    gaps = np.sort(np.where(np.eye(asked, len(Z)) == 1, np.inf, gaps), axis=1)
    cut = gaps[:, 0] > 0
    near = gaps[cut, : k + 1]
    return cut.mean(), np.median(
        k / np.log(near[:, -1:] / near[:, :-1]).sum(axis=1)
    )

images = load_mnist("train")[0] if mnist_available() else load_small_digits()[0]
pixels = images.reshape(len(images), -1) / images.max()
read = {"digits": [], **{D: [] for D in BALLS}}
for s in range(SEEDS):
    rng = np.random.default_rng(SEED + 100 + s)
    read["digits"].append(reading(pixels[rng.permutation(len(pixels))[:n]]))
    for D in list(read)[1:]:
        read[D].append(reading(cloud(n, D, 1.0, rng)))
read = {name: np.array(values) for name, values in read.items()}

# %%
middle = {name: np.median(values[:, 1]) for name, values in read.items()}
balls = [name for name in read if name != "digits"]
like = np.interp(read["digits"][:, 1], [middle[D] for D in balls], balls)
for name, values in read.items():
    label = "the digits" if name == "digits" else f"ball, D = {name}"
    print(
        f"{label:12s}  cut off {values[:, 0].mean():.2f}   exponent {middle[name]:.1f}"
    )
glue("digits-cut", f"{read['digits'][:, 0].min():.0%}", display=False)
glue("digits-like", f"{like.min():.0f} to {like.max():.0f}", display=False)
glue("digits-pixels", pixels.shape[1], display=False)
glue("digits-n", n, display=False)
glue("digits-asked", ASKED, display=False)
ten = f"{spelled(SEEDS)} samples"
glue("digits-seeds", spelled(SEEDS), display=False)
claim(
    "geo-digits-cut",
    f"part of the digits that can be cut off by their own direction, least of {ten}",
    read["digits"][:, 0].min(),
    at_least=0.75,
)
claim(
    "geo-digits-exponent",
    f"dimension of the ball that has the digits' exponent, largest of {ten}",
    like.max(),
    at_most=20,
)
claim(
    "geo-digits-low",
    f"dimension of the ball that has the digits' exponent, least of {ten}",
    like.min(),
    at_least=5,
)
claim(
    "geo-digits-monotone",
    "estimated exponent grows with the dimension of the ball",
    bool(np.all(np.diff([middle[D] for D in balls]) > 0)),
)


# %% [markdown]
# The digits have {glue:text}`digits-pixels` pixels. By the exponent they are like a ball of dimension {glue:text}`digits-like`; so it is not the surrounding dimension that $g$ sees. In each of {glue:text}`digits-seeds` samples of {glue:text}`digits-n` digits, at least {glue:text}`digits-cut` of the {glue:text}`digits-asked` asked can be cut off by a hyperplane across their own direction, about as many as in such a ball. (The first reading is saturated from $D=15$ on and does not contradict the second.) So needles are possible for nearly every image, and stay so for long: in a ball of dimension $D$ the part of vertices falls like $n^{-2/(D+1)}$ only, and once it falls like this power, halving it takes $2^{(D+1)/2}$ times as many images, with $D=14$ nearly two hundred times. That digits are learnt and not memorised this page does not explain: a needle is possible everywhere, but labels that follow a pattern do not need it.
#
# ## Summary
#
# 1. For isotropic inputs with density $(1-\|x\|^2)^{a-1}$ the data weight depends on $d+2a$ only, and is that of the uniform ball of dimension $d+2a-2$ where this is a positive integer; concentrating towards the sphere lowers the exponent from $d+2$ to $d$.
# 2. A needle of height $h$ costs between $|h|/n^2$ and $\sqrt2|h|/n^2$. What the geometry decides is how many there are: $n^{(d-1)/(d-1+2a)}$ of $n$.
# 3. Noise on the vertices can be memorised at a local minimum that is stable for steps close to 2.
# 4. In a subspace the surrounding dimension is not seen; in independent subspaces vertices are counted group by group.
# 5. Training on coin labels fits vertices better at first, with either step; at equal time the large step is still there, and the small step is not.
#
# ## Exercises
#
# ```{exercise} Other radial laws
# :label: ex-geo-radial
#
# Let $X=\varrho U$ with $U$ uniform on the sphere and an independent radius with $\mathbb P(\varrho>1-h)\sim c\,h^a$ as $h\to0$, $a>0$. Show that $\mathbb P(u\cdot X>1-\epsilon)$ is of order $\epsilon^{a+(d-1)/2}$, so that $g$ has the exponent $d+2a$ again.
# ```
#
# ```{solution} ex-geo-radial
# :class: dropdown
# :label: sol-geo-radial
#
# For a fixed radius $1-h$ with $h<\epsilon$ the event is $u\cdot U>\frac{1-\epsilon}{1-h}=1-(\epsilon-h)(1+O(\epsilon))$, of probability $\sim c'(\epsilon-h)^{(d-1)/2}$ by {prf:ref}`prop-geo-dimension` with $a=0$. Integrate over $h$, by parts: $\int_0^\epsilon c'(\epsilon-h)^{(d-1)/2}d(c\,h^a)=cc'a\,\mathrm B(a,\tfrac{d+1}2)\,\epsilon^{a+(d-1)/2}$ to leading order. With $m=a+\frac{d-1}2$, integrating the tail gives $\mathbb E(Z-t)_+\sim\mathbb P\,\epsilon/(m+1)$, the gradient has length $\sim\sqrt2\,\mathbb P$, and $g$ is of order $\epsilon^{2m+1}$.
# ```
#
# ```{exercise} Gaussian inputs
# :label: ex-geo-gaussian
#
# $N(0,I/(2a))$ is the limit of the family for $a\to\infty$, scaled: $(1-\|x\|^2)^{a-1}\approx e^{-a\|x\|^2}$. What becomes of $\kappa$? How many vertices do you expect of $n$ Gaussian points in the plane: a power of $n$, or less? Count.
# ```
#
# ```{solution-start} ex-geo-gaussian
# :class: dropdown
# :label: sol-geo-gaussian
# ```
# $\kappa\to0$: less than every power. (It is of order $\sqrt{\ln n}$ in the plane, which we quote from the textbooks.) Doubling $\ln n$ should multiply the number by about $\sqrt2$.

# %%
class Plane(NamedTuple):
    few: int = 300
    many: int = 90_000
    seeds: int = 40


PLANE = Plane()

def gaussian_vertices(n):
    return np.mean(
        [
            vertices(np.random.default_rng([SEED + s, n]).normal(size=(n, 2))).sum()
            for s in range(PLANE.seeds)
        ]
    )

claim(
    "geo-ex-gaussian",
    f"mean number of vertices of {spelled(PLANE.many)} Gaussian points in the plane "
    f"over that of {PLANE.few}, {spelled(PLANE.seeds)} seeds",
    gaussian_vertices(PLANE.many) / gaussian_vertices(PLANE.few),
    at_least=1.2,
    at_most=1.7,
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} A needle on several samples
# :label: ex-geo-several
#
# On a sphere in the plane, $n$ equally spaced points, labels $+1$ on $k$ neighbours and $0$ elsewhere. Compare the price of one neuron that fires on the $k$ points, and is 1 at the middle one, with that of $k$ needles of height 1. Which is cheaper in $S_g$ for large $n$ and fixed odd $k$, and why is that no contradiction to "needles are cheap"?
# ```
#
# ```{solution} ex-geo-several
# :class: dropdown
# :label: sol-geo-several
#
# Here $d=2$, $a=0$, $m=\frac12$, and by {prf:ref}`prop-geo-price` a cap of mass $q=k/n$ of the continuum would cost $\frac{\sqrt2}{m+1}\frac{k^2}{n^2}$. For fixed $k$ let the threshold lie $\tau$ spacings from the middle, $\frac{k-1}2<\tau\le\frac{k+1}2$. The heights are $1-i^2/\tau^2$ for $|i|\le\frac{k-1}2$, up to terms that vanish for large $n$, and the length of the mean gradient is $\sqrt2k/n$; so the neuron costs $\frac{\sqrt2k}{n^2}\sum_{|i|\le(k-1)/2}(1-i^2/\tau^2)$. Each needle has the price $\frac{\sqrt2}{n^2}$, together $\frac{\sqrt2k}{n^2}$. So for $k\ge3$ needles are cheaper, by that sum: about $k/(m+1)=2k/3$ for large $k$, between 1 and 2.5 for $k=3$. And they fit all $k$ labels, where the single neuron is below 1 at the sides. The norm is quadratic in the mass on which a neuron fires, so it *rewards* firing rarely. "Cheap" was said of the sum over all samples, $\frac1{n^2}\sum D_j$, which tends to 0.
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |:--|:--|:--|
# | Geometry decides what networks below the edge learn; families on balls and towards the sphere | {cite:t}`liang2026geometry` (abstract read), with generalisation bounds; for one dimension {cite:t}`qiao2024stable` bound what is fitted of the noise | nothing on generalisation |
# | Projections, {prf:ref}`prop-geo-dimension` | Archimedes for $d=3$; projections of beta laws, textbook | that $g$ depends on $d+2a$ only, the constant |
# | Price of a needle, {prf:ref}`prop-geo-price` | not found by us | the statement |
# | Number of vertices, {prf:ref}`thm-geo-vertices` | the hulls are *random beta polytopes*: numbers of facets exactly in {cite:t}`kabluchko2017expected` (abstract read), who name Affentranger (1991) for asymptotic formulae; uniform disc: {cite:t}`renyi1963konvexe`, $n^{1/3}$ (abstract read) | a short proof of the order of growth, read as the number of needles |
# | Flat networks that memorise, {prf:ref}`prop-geo-memory` | on the sphere an appendix of {cite:t}`liang2026geometry`, "Flat interpolating two-layer ReLU networks on the unit sphere" (title read) | vertices of any sample; a local minimum without interpolation, with its Hessian |
# | Low-dimensional balls, {prf:ref}`prop-geo-subspace`, {prf:ref}`prop-geo-mixture` | adaptation to intrinsic dimension: {cite:t}`liang2026geometry` | norm of the restriction; vertices group by group |
# | Vertices are fitted first | that boundary neurons are used: {cite:t}`liang2025stable` | seeds, controls at equal time and at equal loss |
# | Digits | – | two readings, calibrated |
#
# We searched stored copies of arXiv pages and of pages about papers: for data geometry and the edge of stability, for radial laws and shattering, and for the vertices of beta polytopes. The rows name what we found.
#
# ## Notes and references
#
# The theorem on vertices is about averages; that the numbers concentrate is seen in {numref}`fig-geo-vertices`, not proved. The exponent of digits comes from twenty neighbours of each of {glue:text}`digits-asked` images, in the directions of the images themselves; other directions would read otherwise.
