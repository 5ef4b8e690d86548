"""Plausible wrong answers to problem set 1, and the marks that they must lose."""

from itertools import pairwise

import numpy as np

from stableminima import (
    ShallowReLU,
    bound_chain,
    data_weight,
    one_sided_weight,
    population_weight,
    stability_norm,
    univariate_weight,
)
from stableminima.book.grading import wrong


@wrong("noise_floor", loses=2, mistake="squares the mean curvature instead of averaging the squares")
def noise_floor(curvatures, slopes, step_size):
    h, g = np.mean(curvatures), np.asarray(slopes)
    shrink = (1 - step_size * h) ** 2
    return step_size**2 * np.mean(g**2) / (1 - shrink) if shrink < 1 else np.inf


@wrong("noise_floor", loses=1, mistake="takes the fixed point without asking whether it attracts")
def noise_floor(curvatures, slopes, step_size):
    h, g = np.asarray(curvatures), np.asarray(slopes)
    return step_size * np.mean(g**2) / (2 * h.mean() - step_size * np.mean(h**2))


@wrong("stale_ceiling", loses=3, mistake="a missing ½: reads 1 + 2 S_g as 1 + S_g")
def stale_ceiling(step_size, delay):
    return 2 * np.sin(np.pi / (4 * delay + 2)) / step_size - 1


@wrong(
    "stale_ceiling", loses=1, mistake="divides the threshold by the delay plus one, which is right for one step only"
)
def stale_ceiling(step_size, delay):
    return (2 / (delay + 1) / step_size - 1) / 2


@wrong("largest_curvature", loses=5, mistake="the weight of a population in place of the sample's")
def largest_curvature(x, step_size):
    return curvature(x, step_size, lambda x, t: population_weight("uniform", t))


@wrong("largest_curvature", loses=1, mistake="centres the sample first, as if the weight did not change")
def largest_curvature(x, step_size):
    return curvature(np.asarray(x) - np.mean(x), step_size, univariate_weight)


@wrong("largest_curvature", loses=5, mistake="a wrong orientation: the weight of right-opening neurons only")
def largest_curvature(x, step_size):
    return curvature(x, step_size, lambda x, t: one_sided_weight(x[:, None], np.ones((len(t), 1)), t))


@wrong("largest_curvature", loses=2, mistake="takes the samples in the order in which they come")
def largest_curvature(x, step_size):
    return curvature(x, step_size, univariate_weight, order=lambda x: x)


def curvature(x, step_size, weight, order=np.sort):
    x, integral = order(np.asarray(x, dtype=float)), 0.0
    for low, high in pairwise(x):
        t = low + (high - low) * (np.arange(1000) + 0.5) / 1000
        integral += abs(high - low) * weight(x, t).mean()
    return (1 / step_size - 0.5) / max(integral, 1e-300)


@wrong("distance", loses=2, mistake="unmerged neurons: adds |a| g over the neurons of both networks")
def distance(first, second, X):
    total = 0.0
    for net in (first, second):
        a, u, t = net.neurons()
        total += np.abs(a) @ data_weight(X, u, t)
    return total


@wrong("distance", loses=2, mistake="the difference of the norms in place of the norm of the difference")
def distance(first, second, X):
    return abs(stability_norm(first, X) - stability_norm(second, X))


@wrong("coarsest_units", loses=3, mistake="the one-sided sum of the neurons as they are, in place of the norm")
def coarsest_units(net, X, step_size):
    def norm(s):
        return bound_chain(ShallowReLU(net.W / s, net.b, net.v, net.c), s * np.asarray(X)).one_sided

    return largest_factor(norm, 1 / step_size - 0.5)


@wrong("coarsest_units", loses=3, mistake="forgets the ½ of the ceiling")
def coarsest_units(net, X, step_size):
    def norm(s):
        return stability_norm(ShallowReLU(net.W / s, net.b, net.v, net.c), s * np.asarray(X))

    return largest_factor(norm, 1 / step_size)


def largest_factor(norm, ceiling):
    factors = np.geomspace(1e-6, 1e6, 49)
    if norm(factors[-1]) <= ceiling:
        return np.inf
    if norm(factors[0]) > ceiling:
        return 0.0
    low, high = factors[0], factors[-1]
    for _ in range(100):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if norm(middle) <= ceiling else (low, middle)
    return low


@wrong("bending", loses=3, mistake="absolute amplitudes: folds up and folds down do not cancel")
def bending(net, centre, radius):
    a, u, t = net.neurons()
    gap = u @ np.asarray(centre) - t
    return float(np.abs(a) @ (2 * np.sqrt(np.maximum(radius**2 - gap**2, 0.0))))


@wrong("bending", loses=4, mistake="half the chord")
def bending(net, centre, radius):
    a, u, t = net.neurons()
    gap = u @ np.asarray(centre) - t
    return float(a @ np.sqrt(np.maximum(radius**2 - gap**2, 0.0)))


@wrong("bending", loses=2, mistake="does not normalise the weights: takes w for u and v for a")
def bending(net, centre, radius):
    gap = net.W @ np.asarray(centre) + net.b
    return float(net.v @ (2 * np.sqrt(np.maximum(radius**2 - gap**2, 0.0))))
