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
# (neurons-to-functions)=
# # From neurons to functions
#
# ```{twenty-minutes} the-radon-transform-from-zero prop-mv-delta thm-mv-density prop-mv-laplacian fig-mv-primal
# ```
#
# The stability norm is a sum over neurons. A general function has no neurons, but it has a *density* on the set of all hyperplanes, and a Laplacian. On this page the
# bound loses its neurons: first it becomes an integral over all hyperplanes, then an integral of the Laplacian over the input space.
#
# After this page you can
#
# - pass between neurons, ridge densities and Laplacians, constants included;
# - put a function together again from its Radon transform, and tell a wrong constant from a right one;
# - say for which data the Laplacian of a stable network is controlled where the data are, and for which it is not.
#
# **You need:** the stability norm and its sinogram ({ref}`multivariate-bound`), the Fourier transform, and the symbols in {doc}`the notation table <notation>`.

# %%
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from myst_nb import glue
from scipy.special import ndtr

from stableminima import (
    ShallowReLU,
    bound_chain,
    data_weight,
    random_network,
    stability_norm,
)
from stableminima.book.claims import claim
from stableminima.book.figures import multivariate_bound as draw
from stableminima.book.figures.style import use_house_style
from stableminima.book.words import spelled
from stableminima.bounds import isotropic_weight, laplacian, merged_neurons
from stableminima.functions import Gaussian, gaussian_ridge_density, radon
from stableminima.training import train_together

use_house_style()
SEED = 0  # shifts every random draw of this page

# %% [markdown]
# ## The Radon transform from zero
#
# A line of a picture, and what a ray along it meets: {numref}`fig-mv-radon` shows it for all lines at once. Choose a hyperplane and integrate the function over it; do this for all hyperplanes.

# %% mystnb={"figure": {"name": "fig-mv-radon", "caption": "A function of the plane and its Radon transform. The integral over the blue line is the value at the blue dot; the green profile is one column of the transform, and its Fourier transform is the slice of $\\hat f$ along $u$."}, "image": {"alt": "Four panels. A round and an elongated bump with one line through the round one; the sinogram with two wavy bands that cross; the profile at one angle with two humps; its Fourier transform, a central peak with two side lobes."}}
round_bump, long_bump = (
    Gaussian([1.0, 0.5], 0.25 * np.eye(2)),
    Gaussian([-1.0, -0.3], [[0.6, 0.3], [0.3, 0.3]]),
)
draw.plot_radon(round_bump, long_bump)
plt.show()

# %% [markdown]
# ```{prf:definition} Radon transform
# :label: def-mv-radon
#
# For $f$ smooth and rapidly decreasing on $\mathbb R^d$ (a Schwartz function), $u\in S^{d-1}$, $t\in\mathbb R$,
#
# $$
# Rf(u,t)=\int_{u\cdot x=t}f(x)\,dS(x).
# $$
# ```
#
# In one dimension a hyperplane is a point and $Rf(u,t)=f(ut)$. In the plane $R f$ is what a scanner measures: the mass that a ray meets. By Fubini, for any continuous $h$ of one variable that grows at most like a power,
#
# $$
# \int_{\mathbb R^d}f(x)\,h(u\cdot x)\,dx=\int_{\mathbb R}Rf(u,t)\,h(t)\,dt .
# $$ (eq-mv-fubini)
#
# Two choices of $h$ give all we need. With $h(t)=e^{-ist}$:
#
# ```{prf:proposition} Slice theorem
# :label: prop-mv-slice
#
# With $\hat f(\xi)=\int f(x)e^{-i\xi\cdot x}dx$, the one-dimensional Fourier transform of $t\mapsto Rf(u,t)$ is the slice $s\mapsto\hat f(su)$. Consequently $R(\Delta f)=\partial_t^2Rf$.
# ```
#
# ```{prf:proof}
# Put $h(t)=e^{-ist}$ in {eq}`eq-mv-fubini`: the left side is $\hat f(su)$. Apply this to $\Delta f$, whose Fourier transform is $-\|\xi\|^2\hat f(\xi)$: the slice of $\Delta f$ is $-s^2\hat f(su)$, the Fourier transform of $\partial_t^2Rf(u,\cdot)$.
# ```
#
# We check the slice theorem on the long bump, for one direction: the numerical Fourier transform of its Radon transform against $\hat f$ in closed form.

# %%
u, s = np.array([0.6, 0.8]), np.array([0.0, 1.0, 3.0])
t, dt = np.linspace(-9, 9, 1801, retstep=True)
slice_of_radon = np.exp(-1j * np.outer(s, t)) @ long_bump.radon(u, t) * dt
m, C = long_bump.mean, long_bump.covariance
f_hat = (
    2
    * np.pi
    * np.sqrt(np.linalg.det(C))
    * np.exp(-(s**2) * (u @ C @ u) / 2 - 1j * s * (u @ m))
)
claim(
    "mv-slice",
    "Fourier transform of $Rf(u,\\cdot)$ minus the slice $\\hat f(su)$, largest "
    "difference",
    np.abs(slice_of_radon - f_hat).max(),
    at_most=1e-9,
    source="slice theorem",
)

# %% [markdown]
# ## The Laplacian of a neuron
#
# With $h=\sigma(\cdot-t)$ in {eq}`eq-mv-fubini` a neuron turns into a delta.
#
# ```{prf:proposition} A neuron's Laplacian is its hyperplane
# :label: prop-mv-delta
#
# For every smooth test function $\psi$ with compact support, $\displaystyle\int\sigma(u\cdot x-t)\,\Delta\psi(x)\,dx=R\psi(u,t)$. That is, $\Delta\,\sigma(u\cdot x-t)$ is the surface measure of $\{u\cdot x=t\}$, and for a network
# $\Delta f=\sum_ia_i\,\delta_{\{u_i\cdot x=t_i\}}$.
# ```
#
# ```{prf:proof}
# By {eq}`eq-mv-fubini` for $\Delta\psi$ and the slice theorem, the left side is $\int\sigma(s-t)\,\partial_s^2R\psi(u,s)\,ds$. Integrate by parts twice; $R\psi(u,\cdot)$ has compact support and $\sigma(\cdot-t)''=\delta_t$. What remains is $R\psi(u,t)$.
# ```
#
# We test it on the long bump, with a neuron that cuts it.

# %%
u, offset = np.array([0.6, 0.8]), -0.4
depth, weight = (4.5 * part for part in np.polynomial.legendre.leggauss(120))
along, step = np.linspace(-9, 9, 241, retstep=True)
P = (
    (offset + depth + 4.5)[:, None, None] * u
    + along[:, None] * np.array([-0.8, 0.6])
).reshape(-1, 2)
D = np.linalg.solve(C, (P - m).T)
laplace = long_bump(P) * ((D**2).sum(axis=0) - np.trace(np.linalg.inv(C)))
left_side = laplace.reshape(120, 241).sum(axis=1) * step @ ((depth + 4.5) * weight)
claim(
    "mv-delta",
    "$\\int\\sigma(u\\cdot x-t)\\Delta\\psi$ minus $R\\psi(u,t)$, $\\psi$ the "
    "long bump",
    left_side - long_bump.radon(u, offset),
    equals=0.0,
    tol=1e-9,
    source="a neuron's Laplacian",
)

# %% [markdown]
# So the neurons of a function are read off its Laplacian. For a smooth function we want a density $\alpha(u,t)$ with $\Delta f(x)=\int_{S^{d-1}}\alpha(u,u\cdot x)\,du$, the sum over all hyperplanes through $x$, and there is an explicit one.
#
# ```{prf:theorem} Ridge density
# :label: thm-mv-density
#
# Let $f$ be a Schwartz function on $\mathbb R^d$ and
#
# $$
# \alpha=-c_d\,R(-\Delta)^{(d+1)/2}f=-c_d\,(-\partial_t^2)^{(d+1)/2}Rf,\qquad c_d=\frac1{2(2\pi)^{d-1}},
# $$ (eq-mv-density)
#
# where the power is the multiplication of the Fourier transform by $|s|^{d+1}$, and $c_d$ is the constant of *filtered back-projection*, by which scanners compute. Then $\alpha(-u,-t)=\alpha(u,t)$, and for every $x$
#
# $$
# \begin{aligned}
# f(x)&=f(0)+\nabla f(0)\cdot x+2\int_{u\cdot x>0}\int_0^{u\cdot x}\alpha(u,t)\,(u\cdot x-t)\,dt\,du ,\\
# \Delta f(x)&=\int_{S^{d-1}}\alpha(u,u\cdot x)\,du .
# \end{aligned}
# $$ (eq-mv-rebuild)
# ```
#
# ```{prf:proof}
# By the slice theorem, $\alpha(u,t)=-\frac{c_d}{2\pi}\int|s|^{d+1}\hat f(su)e^{ist}ds$. Replacing $(u,t,s)$ by $(-u,-t,-s)$ changes nothing: $\alpha$ is even.
#
# Start from Fourier inversion, with the affine part removed,
#
# $$
# f(x)-f(0)-\nabla f(0)\cdot x=(2\pi)^{-d}\int\hat f(\xi)\bigl(e^{i\xi\cdot x}-1-i\xi\cdot x\bigr)d\xi ,
# $$
#
# and write $\xi=su$ in polar coordinates with $s\in\mathbb R$, so that every $\xi$ is met twice: $d\xi=\frac12|s|^{d-1}ds\,du$. Taylor's formula with integral remainder gives, for every real $z$, $e^{isz}-1-isz=-s^2\int_0^z(z-t)e^{ist}dt$. With $z=u\cdot x$ the right side becomes
#
# $$
# \int_{S^{d-1}}\int_0^{u\cdot x}(u\cdot x-t)\Bigl\{-\frac{1}{2(2\pi)^d}\int|s|^{d+1}\hat f(su)e^{ist}ds\Bigr\}dt\,du ,
# $$
#
# where Fubini is allowed because $|s|^{d+1}\hat f(su)$ is integrable. The braces hold $\alpha(u,t)$, since $c_d/2\pi=1/(2(2\pi)^d)$; this is where $c_d$ comes from. Directions with $u\cdot x<0$ contribute the same as their opposites, by evenness; hence the factor $2$ over half the sphere. The same inversion for $\Delta f$, $-(2\pi)^{-d}\int\|\xi\|^2\hat f(\xi)e^{i\xi\cdot x}d\xi$ in these coordinates, is the second formula.
# ```
#
# For $\|x\|\le r_0$ the inner integral is $\int_0^{r_0}\alpha\,\sigma(u\cdot x-t)\,dt$, and {eq}`eq-mv-rebuild` exhibits $f$ as a network with a continuum of neurons:
# $f(x)=\int_{S^{d-1}}\int_{-r_0}^{r_0}\alpha(u,t)\,\sigma(u\cdot x-t)\,dt\,du$ plus an affine function. Each hyperplane occurs twice, as $(u,t)$ and $(-u,-t)$; a single neuron is the measure $\frac a2(\delta_{(u,t)}+\delta_{(-u,-t)})$.
#
# For odd $d$ the power in {eq}`eq-mv-density` is a derivative, $\alpha=-(-1)^{(d+1)/2}c_d\,\partial_t^{d+1}Rf$; for $d=1$ this is $\alpha=\frac12f''$. For even $d$ it involves a Hilbert transform and $\alpha$ is not local.
#
# (sec-mv-gaussian)=
# ## The Gaussian
#
# For $f(x)=e^{-\|x\|^2/2}$, $Rf=(2\pi)^{(d-1)/2}e^{-t^2/2}$. Hence, with the Hermite polynomials $\mathrm{He}$ and Dawson's function $\mathrm{Daw}(t)=e^{-t^2}\int_0^te^{s^2}ds$,
#
# $$
# \alpha(t)=-(-1)^{\frac{d+1}2}\frac{\mathrm{He}_{d+1}(t)\,e^{-t^2/2}}{2(2\pi)^{(d-1)/2}}\quad(d\text{ odd}),\qquad
# \alpha(t)=\frac1{\pi\sqrt2}\,\partial_t^3\,\mathrm{Daw}\Bigl(\frac t{\sqrt2}\Bigr)\quad(d=2).
# $$

# %% mystnb={"figure": {"name": "fig-mv-densities", "caption": "Ridge density of the Gaussian bump $e^{-\\|x\\|^2/2}$ in dimensions 1, 2, 3 and 5, by offset. Orange, convex folds; blue, concave folds."}, "image": {"alt": "Four panels of even curves. In dimension 1: negative at the centre with two positive side lobes. In dimension 2: the same with slower tails. In dimension 3: negative centre, positive lobes, small negative outer lobes. In dimension 5: one oscillation more."}}
draw.plot_densities([1, 2, 3, 5])
plt.show()


# %% [markdown]
# Now the test that catches a wrong constant. The function is a shifted and correlated Gaussian, so that $\alpha$ depends on the direction. All that we use of it is its Radon transform on a grid of offsets, as a scanner would record it. The library's `filtered_density` multiplies its Fourier transform by $-c_d|s|^{d+1}$; we read $\alpha$ at $t=u\cdot x$ and add over the directions, as {eq}`eq-mv-rebuild` says. The result must be the Laplacian at $x$, which we know.

# %%
def scanned_laplacian(bump, x, order, reach=14.0, offsets=561):
    """Δf(x) from Rf on a grid of offsets around u·x, for a rule on the sphere."""
    u, weight = radon.sphere_rule(len(x), order)
    grid, spacing = np.linspace(-reach, reach, offsets, retstep=True)
    profile = bump.radon(u[:, None, :], (u @ x)[:, None] + grid)
    return (
        weight @ radon.filtered_density(profile, spacing, len(x))[:, offsets // 2]
    )


# %% tags=["nbval-check-output"]
errors, values = {}, {}
for d, order in ((1, 1), (2, 40), (3, 16), (5, 6)):
    S = np.eye(d) + 0.2 * np.ones((d, d))
    bump, x = (
        Gaussian(0.3 * np.cos(np.arange(d)), S),
        0.3 * np.sin(1.0 + np.arange(d)),
    )
    D = np.linalg.solve(S, x - bump.mean)
    true = bump(x[None])[0] * (D @ D - np.trace(np.linalg.inv(S)))
    scanned, c = scanned_laplacian(bump, x, order), radon.inversion_constant(d)
    errors[d] = abs(scanned / true - 1)
    values[d] = abs(radon.rebuild(bump, x, max(order, 14)) - bump(x[None])[0])
    print(
        f"d = {d}:  c_d = {c:.7f}   Δf(x) = {true:.4f}   from the scan = {scanned:.4f}"
    )

# %%
dims = ",".join(map(str, errors))
claim(
    "mv-rebuild",
    "largest relative error of the Laplacian rebuilt from the Radon transform "
    "with the library's $c_d$, "
    f"$d={dims}$",
    max(errors.values()),
    at_most=1e-4,
    source="ridge density",
)
claim(
    "mv-rebuild-value",
    "largest error of the value rebuilt from the closed form of the density, "
    f"$d={dims}$",
    max(values.values()),
    at_most=1e-6,
    source="ridge density",
)

# %% [markdown]
# A constant that is wrong by one part in a thousand fails the first claim.
#
# Integrating $|\alpha|$ over directions and offsets gives the norm with $g=1$, the total folding of the bump. It is finite, and grows with the dimension over these four.

# %% tags=["nbval-check-output"]
t = np.sinh(np.linspace(0, 7.5, 40_001))
density = {d: np.abs(gaussian_ridge_density(d, t)) for d in (1, 2, 3, 5)}
folding = {
    d: 2 * radon.sphere_area(d) * np.trapezoid(alpha, t)
    for d, alpha in density.items()
}
print(
    "\n".join(
        f"d = {d}:  total folding {value:.4f}" for d, value in folding.items()
    )
)

# %%
claim(
    "mv-folding-line",
    "total folding for $d=1$ minus $\\int|f''|=4/\\sqrt e$",
    folding[1] - 4 / np.sqrt(np.e),
    equals=0.0,
    tol=1e-5,
)
zeros = np.polynomial.hermite_e.hermegauss(6)[0]
fifth = np.abs(np.polynomial.hermite_e.hermeval(zeros, [0] * 5 + [1])) * np.exp(
    -(zeros**2) / 2
)
claim(
    "mv-folding",
    "total folding for $d=5$ minus the sum over the zeros of the Hermite "
    "polynomial "
    "$\\mathrm{He}_6$",
    folding[5] - radon.sphere_area(5) * fifth.sum() / (2 * np.pi) ** 2,
    equals=0.0,
    tol=2e-5,
)


# %% [markdown]
# ## The norm as an integral over the sinogram
#
# For a network the ridge density is a measure, $\sum_i\frac{a_i}2(\delta_{(u_i,t_i)}+\delta_{(-u_i,-t_i)})$, and $g$ is even, so that
#
# $$
# S_g(f)=\int_{S^{d-1}}\int_{\mathbb R}|\alpha(u,t)|\,g(u,t)\,dt\,du ,
# $$ (eq-mv-integral)
#
# is an identity. For a Schwartz function we take it as the *definition* of $S_g(f)$. The bound {eq}`eq-mv-bound` has been proved for networks; for them it says that the integral is at most $1/\eta-\tfrac12$. The smooth case tells us what norm fine networks for $f$ can have, as we now see. The data enter through $g$ only, the function through $\alpha$ only. The form $\alpha\propto R(-\Delta)^{(d+1)/2}f$ is in {cite:t}`ongie2020function` and {cite:t}`liang2025stable`.
#
# We turn the smooth bump into a network by cutting the sinogram into cells, one neuron a cell with amplitude $2\alpha\,dt\,d\theta$ on $0<t<r_0$, and compute its norm twice: with the network and with the integral, on different grids.

# %%
class Rays(NamedTuple):
    samples: int = 100
    angles: int = 90  # times offsets: the neurons
    offsets: int = 80


RAYS = Rays()
cloud = np.random.default_rng(SEED + 5).normal(size=(RAYS.samples, 2))
bump, reach = (
    Gaussian([0.0, 0.0], 0.5 * np.eye(2)),
    np.linalg.norm(cloud, axis=1).max(),
)

def sinogram_cells(angles, offsets):
    angle = 2 * np.pi * np.arange(angles) / angles
    t = reach * (np.arange(offsets) + 0.5) / offsets
    u = np.repeat(np.column_stack([np.cos(angle), np.sin(angle)]), offsets, axis=0)
    return u, np.tile(t, angles), 2 * np.pi * reach / (angles * offsets)


# %%
u, t, cell = sinogram_cells(RAYS.angles, RAYS.offsets)
ridges = ShallowReLU(
    u, -t, 2 * bump.ridge_density(u, t) * cell, bump([[0.0, 0.0]])[0]
)
u, t, cell = sinogram_cells(157, 231)  # another grid, and finer
integral = (
    2 * np.sum(np.abs(bump.ridge_density(u, t)) * data_weight(cloud, u, t)) * cell
)

# %%
neurons = f"{ridges.width} neurons"
claim(
    "mv-ridges-function",
    f"{neurons} read off the density: largest error on the cloud",
    np.abs(ridges(cloud) - bump(cloud)).max(),
    at_most=2e-3,
    source="ridge density",
)
claim(
    "mv-ridges-norm",
    f"stability norm of {neurons} over the integral of the sinogram, minus 1 (a "
    "check "
    "of the factor 2 and of the quadrature)",
    stability_norm(ridges, cloud) / integral - 1,
    equals=0.0,
    tol=5e-3,
    source="the norm as an integral",
)

# %% [markdown]
# ## The Laplacian form
#
# Hyperplanes are hard to see in high dimension; points are not. Can the bound be written as an integral over the *input* space? For this we look for a density on the inputs whose Radon transform stays below $g$.
#
# ```{prf:proposition} Laplacian form
# :label: prop-mv-laplacian
#
# Let $\rho\ge0$ on $\mathbb R^d$ be Borel measurable and satisfy $R\rho\le g$ on the hyperplanes of $f$. Then, with $|\Delta f|$ the total variation of the measure $\Delta f$,
#
# $$
# \int|\Delta f|\,\rho=\sum_i|a_i|\,R\rho(u_i,t_i)\ \le\ S_g(f)\ \le\ \frac1\eta-\frac12 ,
# $$
#
# the sum over distinct hyperplanes, the last inequality for stable interpolating networks as in {prf:ref}`thm-mv-bound`.
# ```
#
# ```{prf:proof}
# By {prf:ref}`prop-mv-delta`, $\Delta f=\sum_ia_i\delta_{H_i}$ with distinct $H_i$. Two distinct hyperplanes meet in a set without surface measure, so the total variation is $\sum_i|a_i|\delta_{H_i}$. Integrate $\rho$ against it: $\int\rho\,d\delta_{H_i}=R\rho(u_i,t_i)\le g(u_i,t_i)$.
# ```
#
# ```{admonition} In the paper
# :class: paper
#
# The abstract of {cite:t}`nacson2023implicit` announces that "a similar result applies" to the Laplacian of the predictor. We have not read it; the form above is ours.
# ```
#
# In what follows $X$ may also have a law with finite second moments; $g$, $S_g$ and the chain are then defined and proved word for word.
#
# For isotropic data nothing is lost. If $X$ has a rotation-invariant law, then $g(u,t)=\tilde g(u,|t|)$ depends on $|t|$ only and decreases in it: for $t\ge0$ passing from the side $u\cdot x>t$ to the opposite one enlarges $\mathbb E(\cdot)_+$ and $P$, and leaves $\mathbb E[X1]$ unchanged up to sign.
#
# ```{prf:proposition} Isotropic data, by Abel's inversion
# :label: prop-mv-isotropic
#
# Let $g=g(|t|)$ be decreasing on $t>0$, continuously differentiable there, and decay rapidly (or vanish beyond some $t$). Then $R\rho=g$ for
#
# $$
# d=2:\quad\rho(r)=-\frac1\pi\int_r^\infty\frac{g'(t)}{\sqrt{t^2-r^2}}\,dt ,\qquad\qquad d=3:\quad\rho(r)=-\frac{g'(r)}{2\pi r},
# $$
#
# and $\rho\ge0$. (For $d=2$ this is Abel's inversion.) For such data $\int|\Delta f|\rho=S_g(f)$ for every network in these dimensions.
# ```
#
# ```{prf:proof}
# For $d=3$, the plane at distance $t$ in polar coordinates, $r^2=t^2+s^2$: $R\rho(t)=2\pi\int_0^\infty\rho\,s\,ds=2\pi\int_t^\infty\rho(r)\,r\,dr=-\int_t^\infty g'(r)dr=g(t)$.
#
# For $d=2$, $R\rho(t)=2\int_t^\infty\rho(r)\frac{r\,dr}{\sqrt{r^2-t^2}}$. Insert $\rho$ and exchange the integrals (all signs agree):
# $-\frac2\pi\int_t^\infty g'(q)\Bigl\{\int_t^q\frac{r\,dr}{\sqrt{r^2-t^2}\sqrt{q^2-r^2}}\Bigr\}dq$. With $r^2=t^2+(q^2-t^2)\sin^2\phi$ the braces are $\int_0^{\pi/2}d\phi=\frac\pi2$, and $-\int_t^\infty g'=g(t)$.
# ```
#
# For standard Gaussian inputs, $g(t)=(\varphi-t\bar\Phi)\sqrt{\bar\Phi^2+\varphi^2}$ at $|t|$, with $\varphi$ the Gaussian density and $\bar\Phi$ its tail. We integrate $\rho$ over lines and over planes and compare with $g$.

# %% tags=["nbval-check-output"]
node, weight = np.polynomial.legendre.leggauss(400)
s, ds, gap = 4.5 * (node + 1), 4.5 * weight, 0.0
for t in (0.2, 0.6, 1.2):
    rho2, rho3 = (
        laplacian.isotropic_primal_weight("gaussian", d, np.hypot(t, s))
        for d in (2, 3)
    )
    line, plane = 2 * rho2 @ ds, 2 * np.pi * (rho3 * s) @ ds
    g = isotropic_weight("gaussian", 2, t)[0]
    gap = max(gap, abs(line - g), abs(plane - g))
    print(
        f"t = {t}:  over lines {line:.8f}   over planes {plane:.8f}   g = {g:.8f}"
    )

# %%
claim(
    "mv-radial",
    "closed-form $\\rho$, $d=2$ and $3$: largest difference between $R\\rho$ and "
    "$g$",
    gap,
    at_most=1e-9,
    source="isotropic data",
)


# %% [markdown]
# ### Why anisotropic data lose
#
# ```{prf:proposition} Obstruction, the zeroth Helgason–Ludwig condition
# :label: prop-mv-obstruction
#
# If $\rho\ge0$ and $R\rho\le g$ everywhere, then
#
# $$
# \int\rho\ \le\ \min_{u\in S^{d-1}}\int_{\mathbb R}g(u,t)\,dt .
# $$
#
# In particular $R\rho=g$ is possible only if $\int g(u,t)\,dt$ is the same for every direction, the first of the conditions of Helgason and Ludwig for a function to be a Radon transform.
# ```
#
# ```{prf:proof}
# By Fubini the hyperplanes orthogonal to $u$ fill the space: $\int_{\mathbb R}R\rho(u,t)\,dt=\int\rho$, for every $u$. Compare with $g$ and take the least favourable direction. Equality $R\rho=g$ makes $\int g(u,t)dt$ equal to $\int\rho$ for all $u$.
# ```
#
# One thin direction of the data has small $\int g(u,t)\,dt$ and limits $\rho$ for all directions. We call $\int\rho$ divided by the mean of $\int g(u,t)\,dt$ over directions the **coverage** of $\rho$; the proposition caps it by $\min/\text{mean}$.
#
# How close to the cap can one come? For a sample in the plane this is a linear programme: $\rho$ constant on pixels, maximise $\int\rho$ subject to $R\rho\le g$, where $R\rho$ on a line is the sum of exact chord lengths times densities. Pixels that are not inside the convex hull of the data get nothing: lines that miss the interior of the hull have $g=0$ (a pixel that sticks out is dropped whole).
# {numref}`fig-mv-primal` shows the largest $\rho$ for a correlated cloud, and for the same cloud after whitening (an affine map to covariance $I$).

# %%
class Clouds(NamedTuple):
    clouds: int = 5
    samples: int = 100


clouds, cloud_size = Clouds()

def correlated(seed, n=cloud_size):
    rng = np.random.default_rng(seed)
    raw = rng.normal(size=(n, 2)) @ np.array([[1.2, 0.3], [0.0, 0.35]])
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(raw.T @ raw / n)).T
    return {"as measured": raw, "whitened": white}

primal = [
    {
        name: (Z, laplacian.primal_weight(Z))
        for name, Z in correlated(SEED + s).items()
    }
    for s in range(clouds)
]
cover = {name: [each[name][1].coverage for each in primal] for name in primal[0]}
share = [each["whitened"][1].coverage / each["whitened"][1].cap for each in primal]
for name, values in cover.items():
    glue(
        f"coverage {name}", f"{min(values):.2f} to {max(values):.2f}", display=False
    )
glue("clouds", clouds, display=False)

# %% mystnb={"figure": {"name": "fig-mv-primal", "caption": "The largest density $\\rho$ with $R\\rho\\le g$ (logarithmic colours) under the samples that define $g$, for the first seed. Left, a correlated cloud; right, the same cloud whitened."}, "image": {"alt": "Left: a flat elongated cloud of points with a few small coloured pixels along it; the title says that it covers less than a tenth of g. Right: a round cloud with a strong centre that fades outwards; the title says that it covers about three quarters of g."}}
draw.plot_primal(primal[0])
plt.show()

# %% [markdown]
# Over {glue:text}`clouds` such clouds $\rho$ covers {glue:text}`coverage as measured` of $g$ as measured, and {glue:text}`coverage whitened` whitened. So, if the Laplacian is what you want to control, whiten before you train: the bound then holds for the function of the whitened inputs. (Whether whitening helps in any other respect these clouds do not say.)

# %%
claim(
    "mv-whiten",
    "coverage of the whitened cloud over that of the cloud as measured, least of "
    "the clouds",
    min(
        w / r for w, r in zip(cover["whitened"], cover["as measured"], strict=True)
    ),
    at_least=2,
)
claim(
    "mv-coverage",
    "coverage over its cap, whitened, least of the clouds: how near the programme "
    "comes to the obstruction",
    min(share),
    at_least=0.6,
    source="obstruction",
)
claim(
    "mv-coverage-cap",
    "coverage over its cap, largest of the clouds",
    max(share),
    at_most=1.0,
    source="obstruction",
)


# %% [markdown]
# The theorem needs $R\rho\le g$ only on the hyperplanes of the network at hand. We train a network on sixteen whitened points, add its hyperplanes to the constraints of the programme, and evaluate the whole chain. Without them $R\rho$ would exceed $g$ on some of them: the lines that the programme checks by itself are a grid.

# %%
class Trained(NamedTuple):
    samples: int = 16
    width: int = 40
    scale: float = 1.5
    step_size: float = 0.4
    warmup: int = 500
    max_steps: int = 25_000
    seeds: int = 5


TRAINED = Trained()
rng = np.random.default_rng(SEED + 7)
X = rng.normal(size=(TRAINED.samples, 2))
X = (X - X.mean(axis=0)) @ np.linalg.inv(
    np.linalg.cholesky(np.cov(X.T, bias=True))
).T
y = np.abs(X[:, 0]) - np.abs(X[:, 1])
starts = [
    random_network(2, TRAINED.width, seed=SEED + s, scale=TRAINED.scale)
    for s in range(TRAINED.seeds)
]
runs = train_together(
    starts,
    X,
    y,
    TRAINED.step_size,
    max_steps=TRAINED.max_steps,
    warmup=TRAINED.warmup,
)
minima = [run.network for run in runs if run.status == "converged"]

# %%
chains, grid_only = [], laplacian.primal_weight(X)
for net in minima:
    rho = laplacian.primal_weight(X, net)
    _, u, t = merged_neurons(net)
    g = data_weight(X, u, t)
    crossed = g > 1e-12
    excess = [
        np.max(each.radon(u, t)[crossed] / g[crossed]) for each in (rho, grid_only)
    ]
    bent = laplacian.laplacian_integral(net, rho)
    chains.append(
        (
            bent,
            stability_norm(net, X),
            bound_chain(net, X).sharpness_level,
            *excess,
            rho.coverage,
        )
    )
table = np.array(chains)
for key, column in (("lap", 0), ("lap-norm", 1), ("lap-half", 2), ("lap-cover", 5)):
    glue(key, f"{np.median(table[:, column]):.2f}", display=False)
glue("lap-runs", len(minima), display=False)

# %%
claim(
    "mv-laplacian",
    "$\\int|\\Delta f|\\rho$ over the stability norm, largest of the networks",
    (table[:, 0] / table[:, 1]).max(),
    at_most=1.0,
    source="Laplacian form",
)
claim(
    "mv-laplacian-much",
    "$\\int|\\Delta f|\\rho$ over the stability norm, least of the networks",
    (table[:, 0] / table[:, 1]).min(),
    at_least=0.2,
)
claim(
    "mv-laplacian-lines",
    "largest $R\\rho/g$ on the networks' own hyperplanes, minus 1",
    table[:, 3].max() - 1,
    at_most=1e-9,
    source="Laplacian form",
)
claim(
    "mv-laplacian-grid",
    "largest $R\\rho/g$ on the networks' own hyperplanes, minus 1, for a $\\rho$ "
    "that was "
    "computed without them, largest of the "
    "networks",
    table[:, 4].max() - 1,
    at_least=0.001,
)

# %% [markdown]
# For the {glue:text}`lap-runs` networks that converged at $\eta=0.4$, in the median: $\int|\Delta f|\rho$ = {glue:text}`lap` ≤ $S_g$ = {glue:text}`lap-norm` ≤ ½(λ−1) = {glue:text}`lap-half`, with coverage {glue:text}`lap-cover`.
#
# ## Summary
#
# 1. The Laplacian of a neuron is the surface measure of its hyperplane, times its amplitude.
# 2. A function is a density on the sinogram, $\alpha=-c_dR(-\Delta)^{(d+1)/2}f$ with the constant of filtered back-projection, and $S_g=\iint|\alpha|g$ (for networks a theorem, for smooth functions the definition).
# 3. For $\rho$ with $R\rho\le g$ the Laplacian obeys $\int|\Delta f|\rho\le1/\eta-\frac12$ at stable interpolating networks. Nothing is lost for isotropic data (Abel), and much when a direction is thin (Helgason–Ludwig), until the data are whitened.
#
# ## Exercises
#
# ```{exercise} The Gaussian in three dimensions
# :label: ex-mv-gaussian
#
# Derive the ridge density of $e^{-\|x\|^2/2}$ for $d=3$ by hand, and verify that it rebuilds $\Delta f(0)=-3$ through $\Delta f(x)=\int_{S^2}\alpha(u,u\cdot x)\,du$.
# ```
#
# ```{solution} ex-mv-gaussian
# :class: dropdown
# :label: sol-mv-gaussian
#
# $Rf(u,t)=e^{-t^2/2}\int_{\mathbb R^2}e^{-|z|^2/2}dz=2\pi e^{-t^2/2}$. Here $(d+1)/2=2$ and $\alpha=-c_3\,\partial_t^4Rf=-\frac1{8\pi^2}\cdot2\pi\,(t^4-6t^2+3)e^{-t^2/2}=-\frac1{4\pi}(t^4-6t^2+3)e^{-t^2/2}$. At $x=0$: $4\pi\,\alpha(0)=-3$, and $\Delta e^{-\|x\|^2/2}=(\|x\|^2-3)e^{-\|x\|^2/2}$ is $-3$ there. A wrong $c_3$ would show.
# ```
#
# ```{exercise-start} How much a thin direction costs
# :label: ex-mv-cap
# ```
# For $X\sim N(0,\Sigma)$ show that along an eigenvector of $\Sigma$ with standard deviation $s$, $\int g(u,t)\,dt=s^2J(s)$ with $J(s)=2\int_0^\infty(\varphi-r\bar\Phi)\sqrt{\bar\Phi^2+s^2\varphi^2}\,dr$. Conclude that for $\Sigma=\operatorname{diag}(1,\epsilon^2)$ the coverage of any $\rho$ is $O(\epsilon^2)$, and compute the ratio of the two axes for $\epsilon=0.3$.
# ```{exercise-end}
# ```
#
# ```{solution-start} ex-mv-cap
# :class: dropdown
# :label: sol-mv-cap
# ```
# $Z=u\cdot X\sim N(0,s^2)$. With $r=t/s\ge0$: $\mathbb E(Z-t)_+=s(\varphi-r\bar\Phi)(r)$, $\mathbb P(Z>t)=\bar\Phi(r)$, and $\mathbb E[X1(Z>t)]=\frac{\Sigma u}{s}\varphi(r)$ by Gaussian regression, of length $s\,\varphi(r)$ for an eigenvector. The side with less mass is cheaper, so $g(u,t)=s(\varphi-r\bar\Phi)\sqrt{\bar\Phi^2+s^2\varphi^2}$ at $r=|t|/s$, and $dt=s\,dr$.
# $J$ increases with $s$ and is positive at $0$; the minimum over $u$ is at most $\epsilon^2J(\epsilon)$, while the mean over $u$ stays above a positive constant.

# %%
THIN = 0.3  # width of the thin direction
r = np.linspace(0, 8, 8001)
phi, tail = np.exp(-(r**2) / 2) / np.sqrt(2 * np.pi), ndtr(-r)
wide, thin = (
    2 * s**2 * np.trapezoid((phi - r * tail) * np.hypot(tail, s * phi), r)
    for s in (1.0, THIN)
)
claim(
    "mv-ex-cap",
    f"weight of a direction {spelled(10 * THIN)} tenths as wide, below "
    f"$\\epsilon^2={THIN**2:.2g}$ of the other",
    thin / wide,
    at_least=0.05,
    at_most=round(THIN**2, 9),
)

# %% [markdown]
# ```{solution-end}
# ```
#
# ```{exercise} Which constant would a wrong one be?
# :label: ex-mv-constant
#
# A friend writes the ridge density with $1/(2\pi)^{d-1}$, counting each hyperplane once. Which formula of this page is then wrong by a factor of two, and how would you write the other formulas so that the friend is right?
# ```
#
# ```{solution} ex-mv-constant
# :class: dropdown
# :label: sol-mv-constant
#
# With $\alpha'=2\alpha$ the sum over all hyperplanes through $x$, each once, is $\Delta f(x)=\frac12\int_{S^{d-1}}\alpha'(u,u\cdot x)\,du$, and $S_g=\frac12\iint|\alpha'|g$. On the space of hyperplanes, the sphere modulo $(u,t)\sim(-u,-t)$, the measure is half of $du\,dt$, and the friend has no factors there: a neuron is then the measure $a\,\delta$ of one point. Both are right; a mixture of the two is wrong by two.
# ```
#
# ## What is known, by whom, and what we add
#
# | Statement | Known from | What we add |
# |:--|:--|:--|
# | Slice theorem, $R\Delta=\partial_t^2R$, {prf:ref}`prop-mv-slice` | textbooks of tomography | – |
# | $c_d=1/(2(2\pi)^{d-1})$, {prf:ref}`thm-mv-density` | filtered back-projection, textbook; as a norm of networks {cite:t}`ongie2020function` (abstract read), in the representer theorem of {cite:t}`parhi2021banach`, with a data weight {cite:t}`liang2025stable` | the form with the affine part at the origin, pointwise checks from scanned data in $d=1,2,3,5$ |
# | A neuron's Laplacian is a hyperplane, {prf:ref}`prop-mv-delta` | well known; it is what makes the Radon transform appear in {cite:t}`ongie2020function` | – |
# | $S_g=\iint\lvert\alpha\rvert g$, {eq}`eq-mv-integral` | {cite:t}`liang2025stable` | fine networks from cells of the sinogram, with their norm |
# | Laplacian form, {prf:ref}`prop-mv-laplacian` | announced in {cite:t}`nacson2023implicit` | the statement with $R\rho\le g$ on the network's hyperplanes only, and its proof |
# | Isotropic data, {prf:ref}`prop-mv-isotropic` | Abel's inversion | that the weight of isotropic data is one to which it applies |
# | Obstruction, {prf:ref}`prop-mv-obstruction` | the zeroth Helgason–Ludwig condition | coverage, the linear programme, what whitening changes |
#
# ## Notes and references
#
# The function-space view of shallow networks is that of {cite:t}`ongie2020function`, of which we read the abstract. The linear programme certifies $R\rho\le g$ on the lines that it checks, among them the network's own, which is all that {prf:ref}`prop-mv-laplacian` needs; between them it may be exceeded.
