"""The checks of problem set 1.  Public ones are given to students; names in ``true_`` know answers and stay here."""

from itertools import pairwise

import numpy as np

from stableminima import ShallowReLU, random_network, stability_norm, univariate_weight
from stableminima.book.grading import check, close, holds

# --- how far the noise throws ------------------------------------------------------------------------------------


@check("noise_floor", points=1, public=True)
def equal_curvatures(noise_floor):
    hint = "with curvature 1 and step 1 the old error is forgotten at each step, and the new one is -g"
    close(noise_floor([1.0, 1.0], [0.5, -0.5], 1.0), 0.25, hint)


@check(
    "noise_floor",
    points=1,
    tries="seven random curvatures and slopes, with a step that is stable",
    cause="a square of a mean for a mean of squares, or the covariance of h and g left in the limit",
)
def different_curvatures(noise_floor, rng):
    h, g = rng.uniform(0.5, 2, 7), rng.normal(size=7)
    close(noise_floor(h, g - g.mean(), 0.3), true_second_moment(h, g - g.mean(), 0.3))


@check(
    "noise_floor",
    points=1,
    tries="a step just beyond and one just below the threshold",
    cause="the fixed point is returned without asking whether it attracts: infinity is expected beyond",
)
def too_long_a_step(noise_floor, rng):
    h = rng.uniform(1, 5, 6)
    edge = 2 * h.mean() / np.mean(h**2)
    close(noise_floor(h, [1, -1, 1, -1, 2, -2], 1.05 * edge), np.inf)
    holds(np.isfinite(noise_floor(h, [1, -1, 1, -1, 2, -2], 0.95 * edge)), "finite for a step that is not too long")


def true_second_moment(h, g, step):
    """The recursion of the first two moments, run to its end."""
    mean, square = 1.0, 1.0
    for _ in range(3000):
        shrink = 1 - step * h
        square = np.mean(shrink**2) * square - 2 * step * np.mean(shrink * g) * mean + step**2 * np.mean(g**2)
        mean = np.mean(shrink) * mean
    return square


# --- stale gradients ---------------------------------------------------------------------------------------------


@check("stale_ceiling", points=1, public=True)
def no_delay_is_gradient_descent(stale_ceiling):
    close(stale_ceiling(0.2, 0), 4.5, "without delay this is the theorem of the chapters", rtol=1e-4)


@check(
    "stale_ceiling",
    points=1,
    tries="a delay of one at a random step size",
    cause="a missing ½: 1 + 2S is read as 1 + S, or the threshold of gradient descent is used",
)
def one_step_old(stale_ceiling, rng):
    step = rng.uniform(0.05, 0.8)
    close(stale_ceiling(step, 1), 0.5 / step - 0.5, rtol=1e-4, atol=1e-4)


@check(
    "stale_ceiling",
    points=1,
    tries="delays from two to eight",
    cause="the threshold of delay one is divided by the delay; it is 2 sin(π/(4k+2))",
)
def several_steps_old(stale_ceiling, rng):
    for delay in (2, 3, int(rng.integers(4, 9))):
        step = rng.uniform(0.02, 0.1)
        close(stale_ceiling(step, delay), (true_delay_threshold(delay) / step - 1) / 2, rtol=1e-4, atol=1e-4)


def true_delay_threshold(delay):
    """Where the largest root of z^(k+1) - z^k + x leaves the unit circle, by bisection."""
    low, high = 0.0, 2.0
    for _ in range(50):
        x = (low + high) / 2
        stable = np.abs(np.roots([1.0, -1.0] + [0.0] * (delay - 1) + [x])).max() < 1
        low, high = (x, high) if stable else (low, x)
    return low


# --- how convex can it be? ---------------------------------------------------------------------------------------


@check("largest_curvature", points=1, public=True)
def two_samples(largest_curvature):
    close(largest_curvature([-1.0, 1.0], 1.0), np.sqrt(2), "here g is a tent with its top, 1/sqrt(8), in the middle")


@check(
    "largest_curvature",
    points=2,
    tries="eight samples in random order",
    cause="the samples are not sorted, or the smaller of two affine functions is taken to be affine",
)
def a_random_sample(largest_curvature, rng):
    x = rng.normal(size=8)
    step = rng.uniform(0.1, 1.5)
    close(largest_curvature(x - x.mean(), step), true_curvature(x - x.mean(), step), rtol=1e-4)


@check(
    "largest_curvature",
    points=1,
    tries="a sample in which values are repeated",
    cause="the weight of a population, or a gap of length zero that is not skipped",
)
def repeated_samples(largest_curvature, rng):
    x = np.sort(np.repeat(rng.normal(size=4), [1, 3, 2, 1]))
    close(largest_curvature(x - x.mean(), 0.5), true_curvature(x - x.mean(), 0.5), rtol=1e-4)


@check(
    "largest_curvature",
    points=1,
    tries="a sample between 3 and 5",
    cause="the data are centred first: the weight contains the mean of X over a side and changes",
)
def far_from_the_origin(largest_curvature, rng):
    x = np.sort(rng.uniform(3, 5, size=6))
    close(largest_curvature(x, 0.5), true_curvature(x, 0.5), rtol=1e-4)


def true_curvature(x, step):
    """The integral by the midpoint rule, gap by gap, with the library's weight."""
    x, integral = np.sort(x), 0.0
    for low, high in pairwise(x):
        t = low + (high - low) * (np.arange(2000) + 0.5) / 2000
        integral += (high - low) * univariate_weight(x, t).mean() if high > low else 0.0
    return (1 / step - 0.5) / integral


# --- two stable minima -------------------------------------------------------------------------------------------


@check("distance", points=1, public=True)
def two_single_neurons(distance):
    f, h = (ShallowReLU([[1.0]], [b], [v], 0.0) for b, v in ((0.0, 1.0), (-0.5, 2.0)))
    hint = "on the samples -1 and 1 a knot at 0 weighs 1/sqrt(8), one at 1/2 weighs half of that"
    close(distance(f, h, [[-1.0], [1.0]]), np.sqrt(0.5), hint)


@check(
    "distance",
    points=1,
    tries="a network, the same one rescaled and in another order, and three times it",
    cause="neurons on one hyperplane are not merged before amplitudes are made positive",
)
def multiples_of_one_function(distance, rng):
    X, f = rng.normal(size=(9, 2)), random_network(2, 6, seed=int(rng.integers(1e6)))
    order, alpha = rng.permutation(6), rng.uniform(0.2, 5, 6)
    again = f.rescaled(alpha)
    triple = ShallowReLU(again.W[order], again.b[order], 3 * again.v[order], f.c)
    close(distance(f, triple, X), 2 * stability_norm(f, X), rtol=1e-5)
    close(distance(f, again, X), 0.0, atol=1e-8)


@check(
    "distance",
    points=1,
    tries="two networks with three common hyperplanes, some with the opposite direction",
    cause="the norms are subtracted, or neurons with opposite directions are not merged",
)
def networks_that_share_hyperplanes(distance, rng):
    X, f = rng.normal(size=(9, 2)), random_network(2, 6, seed=int(rng.integers(1e6)))
    share, own = rng.normal(size=3), random_network(2, 2, seed=int(rng.integers(1e6)), scale=3.0)
    h = ShallowReLU(np.vstack([-f.W[:3], own.W]), np.concatenate([-f.b[:3], own.b]), np.append(share, own.v), 1.0)
    left = ShallowReLU(f.W, f.b, f.v - np.append(share, [0, 0, 0]), 0.0)
    close(distance(f, h, X), stability_norm(left, X) + stability_norm(own, X), rtol=1e-5)


# --- metres or millimetres ---------------------------------------------------------------------------------------


@check("coarsest_units", points=1, public=True)
def one_neuron_on_two_samples(coarsest_units):
    net = ShallowReLU([[1.0]], [0.0], [1.0], 0.0)
    hint = "in units s the norm of relu on the samples -s and s is sqrt(1 + s^2)/4"
    close(coarsest_units(net, [[-1.0], [1.0]], 1.0), np.sqrt(3), hint, rtol=1e-4)


@check(
    "coarsest_units",
    points=2,
    tries="a random network whose largest factor is known",
    cause="the one-sided sum in place of the norm, or a ceiling without its ½",
)
def the_bound_is_met(coarsest_units, rng):
    X, net = rng.normal(size=(10, 2)), random_network(2, 5, seed=int(rng.integers(1e6)), scale=2.0)
    units = rng.uniform(0.5, 2)
    ceiling = true_norm_in_units(net, X, units)
    close(coarsest_units(net, X, 1 / (ceiling + 0.5)), units, rtol=1e-3)


@check(
    "coarsest_units",
    points=1,
    tries="a network that never folds on the data, and a steep fold",
    cause="infinity and zero are not treated as answers",
)
def all_units_or_none(coarsest_units, rng):
    X = rng.uniform(-1, 1, size=(8, 2))
    close(coarsest_units(ShallowReLU([[1.0, 2.0]], [4.0], [3.0], 0.0), X, 0.5), np.inf)
    fold = ShallowReLU([[1.0, 0.0]], [-np.median(X[:, 0])], [1e4], 0.0)
    close(coarsest_units(fold, X, 1.0), 0.0)


def true_norm_in_units(net, X, s):
    return stability_norm(ShallowReLU(net.W / s, net.b, net.v, net.c), s * X)


# --- the bending inside a disc -----------------------------------------------------------------------------------


@check("bending", points=1, public=True)
def a_line_through_the_centre(bending):
    net = ShallowReLU([[0.0, 1.0]], [-2.0], [3.0], 0.0)
    close(bending(net, [5.0, 2.0], 0.5), 3.0, "the line x_2 = 2 cuts a chord of length 1 out of this disc")


@check(
    "bending",
    points=2,
    tries="twelve random neurons and a disc, against the flux through its circle",
    cause="w is used for the unit vector u, or half a chord for the whole",
)
def the_flux_of_the_gradient(bending, rng):
    net, centre = random_network(2, 12, seed=int(rng.integers(1e6)), scale=2.0), rng.normal(size=2) / 2
    close(bending(net, centre, 1.3), true_flux(net, centre, 1.3), rtol=1e-3, atol=1e-3)


@check(
    "bending",
    points=1,
    tries="two folds on one line that cancel, and lines that miss the disc",
    cause="absolute amplitudes, or a root of a negative number for a line outside of the disc",
)
def folds_that_cancel(bending, rng):
    u = rng.normal(size=2)
    net = ShallowReLU([u, -u, [1.0, 0.0]], [0.1, -0.1, 50.0], [2.0, -2.0, 7.0], 0.0)
    close(bending(net, [0.0, 0.0], 3.0), 0.0, atol=1e-8)
    near = ShallowReLU([[1.0, 0.0], [0.0, 1.0]], [0.0, -0.9], [1.0, 1.0], 0.0)
    close(bending(near, [0.0, 0.0], 0.8), 1.6)


def true_flux(net, centre, radius):
    """The flux of the gradient through the circle, by a fine sum."""
    angle = 2 * np.pi * (np.arange(20_000) + 0.5) / 20_000
    normal = np.column_stack([np.cos(angle), np.sin(angle)])
    firing = net.pattern(centre + radius * normal)
    return 2 * np.pi * radius * np.mean(np.sum((firing * net.v) @ net.W * normal, axis=1))
