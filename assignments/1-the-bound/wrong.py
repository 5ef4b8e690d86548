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


# --- the alternatives --------------------------------------------------------------------------------------------


def floor(h, g, step_size):
    shrink = np.mean((1 - step_size * np.asarray(h)) ** 2)
    return step_size**2 * np.mean(np.square(g)) / (1 - shrink) if shrink < 1 else np.inf


@wrong("averaged_floor", loses=2, mistake="takes neighbours to be independent: half of the mean square")
def averaged_floor(curvatures, slopes, step_size):
    return floor(curvatures, slopes, step_size) / 2


@wrong("averaged_floor", loses=3, mistake="takes neighbours to be equal: the mean square itself")
def averaged_floor(curvatures, slopes, step_size):
    return floor(curvatures, slopes, step_size)


@wrong("averaged_floor", loses=1, mistake="takes the limit without asking whether there is one")
def averaged_floor(curvatures, slopes, step_size):
    h, g = np.asarray(curvatures), np.asarray(slopes)
    single = step_size * np.mean(g**2) / (2 * h.mean() - step_size * np.mean(h**2))
    return (1 - step_size * h.mean() / 2) * single


def batch_limit(h, g, step_size, noise, slope_noise):
    shrink = (1 - step_size * np.mean(h)) ** 2 + step_size**2 * noise * np.var(h)
    return step_size**2 * slope_noise * np.mean(np.square(g)) / (1 - shrink) if shrink < 1 else np.inf


@wrong("batch_floor", loses=3, mistake="batches drawn with replacement")
def batch_floor(curvatures, slopes, step_size, batch_size):
    return batch_limit(curvatures, slopes, step_size, 1 / batch_size, 1 / batch_size)


@wrong("batch_floor", loses=1, mistake="the batch calms the slopes but not the curvatures")
def batch_floor(curvatures, slopes, step_size, batch_size):
    n = len(curvatures)
    return batch_limit(curvatures, slopes, step_size, 1.0, (n - batch_size) / (n - 1) / batch_size)


@wrong("mean_ceiling", loses=3, mistake="a missing ½: reads 1 + 2 S_g as 1 + S_g")
def mean_ceiling(step_size, number):
    return 2 * number * np.sin(np.pi / (2 * number)) ** 2 / step_size - 1


@wrong("mean_ceiling", loses=1, mistake="takes the mean of any number of gradients to change nothing")
def mean_ceiling(step_size, number):
    return 1 / step_size - 0.5


@wrong("ahead_ceiling", loses=1, mistake="takes the threshold of m = 1 for all m above 0")
def ahead_ceiling(step_size, ahead):
    return 1 / ((3 if ahead else 1) * step_size) - 0.5


@wrong("ahead_ceiling", loses=2, mistake="counts the guess once: 2/(1 + m) in place of 2/(1 + 2m)")
def ahead_ceiling(step_size, ahead):
    return 1 / ((1 + ahead) * step_size) - 0.5


def gap_weights(x, places):
    x = np.sort(np.asarray(x, dtype=float))
    return [univariate_weight(x, low + (high - low) * places) for low, high in pairwise(np.unique(x))]


@wrong("turns", loses=5, mistake="the weight in the middle of the gap, where it is not least")
def turns(x, step_size):
    return np.array([(1 / step_size - 0.5) / g[0] for g in gap_weights(x, np.array([0.5]))])


@wrong("turns", loses=4, mistake="only the left ends are looked at, and the last gap")
def turns(x, step_size):
    inner = [(1 / step_size - 0.5) / g[0] for g in gap_weights(x, np.array([1e-9]))]
    return np.array([np.inf, *inner[1:-1], np.inf])


@wrong("turns", loses=1, mistake="takes repeated samples once")
def turns(x, step_size):
    least = [(1 / step_size - 0.5) / g.min() for g in gap_weights(np.unique(x), np.array([1e-9, 1 - 1e-9]))]
    return np.array([np.inf, *least[1:-1], np.inf])


def mixture_norm(first, second, X, s):
    v = np.concatenate([(1 - s) * first.v, s * second.v])
    net = ShallowReLU(np.vstack([first.W, second.W]), np.concatenate([first.b, second.b]), v, 0.0)
    return stability_norm(net, X)


@wrong("smoothest_mixture", loses=2, mistake="takes the lower of the two ends")
def smoothest_mixture(first, second, X):
    return min(stability_norm(first, X), stability_norm(second, X))


@wrong("smoothest_mixture", loses=3, mistake="takes the mixture in the middle")
def smoothest_mixture(first, second, X):
    return mixture_norm(first, second, X, 0.5)


@wrong("smoothest_mixture", loses=1, mistake="tries thirteen mixtures: the least value is between two of them")
def smoothest_mixture(first, second, X):
    return min(mixture_norm(first, second, X, s) for s in np.linspace(0, 1, 13))


@wrong("fewest_blanks", loses=3, mistake="multiplies the norm by (n/(n+k))², as if the other side never had the weight")
def fewest_blanks(net, X, step_size):
    n, k = len(X), 0
    while (n / (n + k)) ** 2 * stability_norm(net, X) > 1 / step_size - 0.5:
        k += 1
    return k


@wrong("fewest_blanks", loses=4, mistake="a factor n/(n+k), not its square, in the way back from the limit")
def fewest_blanks(net, X, step_size):
    n, k = len(X), 0
    while n / (n + k) * stability_norm(net, X) > 1 / step_size - 0.5:
        k += 1
    return k


def excess(a, gap, radius):
    gap = np.minimum(gap, radius)
    return float(a @ (np.sqrt(np.maximum(radius**2 - gap**2, 0.0)) - gap * np.arccos(gap / radius)) / np.pi)


@wrong("circle_excess", loses=3, mistake="forgets that a neuron may fire at the centre: a signed distance")
def circle_excess(net, centre, radius):
    a, u, t = net.neurons()
    return excess(a, np.maximum(t - u @ np.asarray(centre), -radius), radius)


@wrong("circle_excess", loses=2, mistake="does not normalise the weights: takes w for u and v for a")
def circle_excess(net, centre, radius):
    return excess(net.v, np.abs(net.W @ np.asarray(centre) + net.b), radius)


@wrong("circle_excess", loses=3, mistake="absolute amplitudes: folds up and folds down do not cancel")
def circle_excess(net, centre, radius):
    a, u, t = net.neurons()
    return excess(np.abs(a), np.abs(u @ np.asarray(centre) - t), radius)


@wrong("circle_excess", loses=4, mistake="the mean over the half of the circle where the neuron fires: twice as much")
def circle_excess(net, centre, radius):
    a, u, t = net.neurons()
    return 2 * excess(a, np.abs(u @ np.asarray(centre) - t), radius)
