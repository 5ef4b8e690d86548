"""The checks of problem set 1.  Public ones are given to students; names in ``true_`` know answers and stay here."""

from itertools import combinations, pairwise

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


# --- instead: what an average of two forgets ---


@check("averaged_floor", points=1, public=True)
def two_that_are_independent(averaged_floor):
    hint = "with curvature 1 and step 1 neighbours are independent: their average has half the mean square"
    close(averaged_floor([1.0, 1.0], [0.5, -0.5], 1.0), 0.125, hint)


@check(
    "averaged_floor",
    points=1,
    tries="seven random curvatures and slopes, with a step that is stable",
    cause="neighbours are taken to be independent, or to be equal",
)
def neighbours_that_are_alike(averaged_floor, rng):
    h, g = rng.uniform(0.5, 2, 7), rng.normal(size=7)
    close(averaged_floor(h, g - g.mean(), 0.3), true_average_of_two(h, g - g.mean(), 0.3))


@check(
    "averaged_floor",
    points=1,
    tries="a step just beyond and one just below the threshold",
    cause="the formula is returned without asking whether the mean square converges: infinity is expected beyond",
)
def an_average_of_what_explodes(averaged_floor, rng):
    h, g = rng.uniform(1, 5, 6), np.array([1, -1, 1, -1, 2, -2])
    edge = 2 * h.mean() / np.mean(h**2)
    close(averaged_floor(h, g, 1.05 * edge), np.inf)
    close(averaged_floor(h, g, 0.9 * edge), true_average_of_two(h, g, 0.9 * edge))


def true_average_of_two(h, g, step):
    """The moments of a pair of neighbours, run to their end: the mean over all next samples of ((d + d') / 2)^2."""
    mean, square = 1.0, 1.0
    for _ in range(3000):
        shrink = 1 - step * h
        square, mean = (
            np.mean(shrink**2 * square - 2 * step * shrink * g * mean + step**2 * g**2),
            np.mean(shrink * mean - step * g),
        )
    return np.mean((1 + shrink) ** 2 * square - 2 * step * (1 + shrink) * g * mean + step**2 * g**2) / 4


# --- instead: how far a batch throws ---


@check("batch_floor", points=1, public=True)
def two_of_three(batch_floor):
    hint = "with curvature 1 and step 1 the old error is forgotten; the means of two of these slopes are ±1/2 and 0"
    close(batch_floor([1.0, 1.0, 1.0], [1.0, 0.0, -1.0], 1.0, 2), 1 / 6, hint)


@check(
    "batch_floor",
    points=1,
    tries="batches of two to four out of six random samples",
    cause="batches drawn with replacement, or the batch size in one of its two places only",
)
def batches_of_several(batch_floor, rng):
    h, g = rng.uniform(0.5, 2, 6), rng.normal(size=6)
    for size in (2, 3, 4):
        close(batch_floor(h, g - g.mean(), 0.6, size), true_batch_moment(h, g - g.mean(), 0.6, size))


@check(
    "batch_floor",
    points=1,
    tries="all samples at once, batches of one, and a step beyond the threshold",
    cause="no answer for the full batch (0), or the fixed point where it does not attract (infinity)",
)
def extreme_batches(batch_floor, rng):
    h, g = rng.uniform(1, 5, 5), np.array([1.0, -1, 2, -2, 0])
    close(batch_floor(h, g, 1.5 / h.mean(), 5), 0.0)
    close(batch_floor(h, g, 2.1 / h.mean(), 5), np.inf)
    edge = 2 * h.mean() / np.mean(h**2)
    close(batch_floor(h, g, 0.8 * edge, 1), true_batch_moment(h, g, 0.8 * edge, 1))
    close(batch_floor(h, g, 1.05 * edge, 1), np.inf)


def true_batch_moment(h, g, step, size):
    """The recursion of the first two moments over all batches, run to its end."""
    batches = [list(batch) for batch in combinations(range(len(h)), size)]
    h, g = np.array([h[b].mean() for b in batches]), np.array([g[b].mean() for b in batches])
    return true_second_moment(h, g, step)


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


# --- instead: the mean of the last gradients ---


@check("mean_ceiling", points=1, public=True)
def one_gradient_is_gradient_descent(mean_ceiling):
    close(mean_ceiling(0.2, 1), 4.5, "with one gradient this is the theorem of the chapters", rtol=1e-4)


@check(
    "mean_ceiling",
    points=1,
    tries="the mean of two gradients at a random step size",
    cause="a missing ½: 1 + 2S is read as 1 + S",
)
def two_gradients(mean_ceiling, rng):
    step = rng.uniform(0.05, 0.8)
    close(mean_ceiling(step, 2), 1 / step - 0.5, rtol=1e-4, atol=1e-4)


@check(
    "mean_ceiling",
    points=1,
    tries="the means of three to eight gradients",
    cause="two gradients change nothing, so it is assumed that no number does; the threshold is 2m sin²(π/(2m))",
)
def several_gradients(mean_ceiling, rng):
    for number in (3, 4, int(rng.integers(5, 9))):
        step = rng.uniform(0.02, 0.1)
        threshold = true_threshold([1.0, -1.0] + [0.0] * (number - 1), [0.0] + [1 / number] * number)
        close(mean_ceiling(step, number), (threshold / step - 1) / 2, rtol=1e-4, atol=1e-4)


# --- instead: gradients guessed ahead ---


@check("ahead_ceiling", points=1, public=True)
def no_guess_is_gradient_descent(ahead_ceiling):
    close(ahead_ceiling(0.2, 0.0), 4.5, "without a guess this is the theorem of the chapters", rtol=1e-4)


@check(
    "ahead_ceiling",
    points=1,
    tries="m = 1 at a random step size",
    cause="a missing ½: 1 + 2S is read as 1 + S",
)
def one_step_ahead(ahead_ceiling, rng):
    step = rng.uniform(0.05, 0.5)
    close(ahead_ceiling(step, 1.0), 1 / (3 * step) - 0.5, rtol=1e-4, atol=1e-4)


@check(
    "ahead_ceiling",
    points=1,
    tries="m from 0.1 to 3",
    cause="the threshold of m = 1 is used for all m, or is divided by m; it is 2/(1 + 2m)",
)
def other_guesses(ahead_ceiling, rng):
    for ahead in (0.1, 0.5, rng.uniform(1.5, 3)):
        step = rng.uniform(0.02, 0.1)
        threshold = true_threshold([1.0, -1.0, 0.0], [0.0, 1 + ahead, -ahead])
        close(ahead_ceiling(step, ahead), (threshold / step - 1) / 2, rtol=1e-4, atol=1e-4)


def true_threshold(free, pulled):
    """The first x at which a root of the polynomial free + x pulled leaves the unit circle, by bisection."""
    low, high = 0.0, 2.0 + 1e-6
    for _ in range(50):
        x = (low + high) / 2
        stable = np.abs(np.roots(np.add(free, x * np.asarray(pulled)))).max() < 1
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


# --- instead: how sharply can it turn? ---


@check("turns", points=1, public=True)
def four_samples(turns):
    hint = "only the gap in the middle has a bound; at its ends g has the limit sqrt(13)/16"
    close(turns([-2.0, -1.0, 1.0, 2.0], 1.0), [np.inf, 8 / np.sqrt(13), np.inf], hint)


@check(
    "turns",
    points=2,
    tries="eight samples in random order",
    cause="the samples are not sorted, or the weight in the middle of the gap is used",
)
def turns_of_a_random_sample(turns, rng):
    x, step = rng.normal(size=8), rng.uniform(0.1, 1.5)
    close(turns(x - x.mean(), step), true_turns(x - x.mean(), step), rtol=1e-4)


@check(
    "turns",
    points=1,
    tries="a sample in which values are repeated",
    cause="a gap of length zero that is not skipped, or P(X > t) without the repeated samples",
)
def turns_between_repeated_samples(turns, rng):
    x = rng.permutation(np.repeat(rng.normal(size=5), [1, 3, 2, 1, 2]))
    close(turns(x, 0.5), true_turns(x, 0.5), rtol=1e-4)


@check(
    "turns",
    points=1,
    tries="a sample between 3 and 5",
    cause="the data are centred first: the weight contains the mean of X over a side and changes",
)
def turns_far_from_the_origin(turns, rng):
    x = np.sort(rng.uniform(3, 5, size=6))
    close(turns(x, 0.5), true_turns(x, 0.5), rtol=1e-4)


def true_turns(x, step):
    """The smallest weight on a fine grid inside of each gap, with the library's weight; none in the outer gaps."""
    bounds = []
    for low, high in pairwise(np.unique(x)):
        t = low + (high - low) * np.append(np.geomspace(1e-9, 0.5, 200), 1 - np.geomspace(1e-9, 0.5, 200))
        bounds.append((1 / step - 0.5) / univariate_weight(x, t).min())
    return np.array([np.inf, *bounds[1:-1], np.inf])


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


# --- instead: between two stable minima ---


@check("smoothest_mixture", points=1, public=True)
def two_that_cancel(smoothest_mixture):
    f, h = (ShallowReLU([[1.0]], [0.0], [v], 0.0) for v in (1.0, -3.0))
    close(smoothest_mixture(f, h, [[-1.0], [1.0]]), 0.0, "three quarters of f and one quarter of h are zero", atol=1e-8)


@check(
    "smoothest_mixture",
    points=1,
    tries="two networks on the same six hyperplanes, with amplitudes of both signs, in another order",
    cause="only the two ends or the middle are tried, or neurons on one hyperplane are not merged",
)
def mixtures_on_common_hyperplanes(smoothest_mixture, rng):
    X, f = rng.normal(size=(9, 2)), random_network(2, 6, seed=int(rng.integers(1e6)))
    v = -f.v * rng.uniform(0.3, 3, 6)
    v[:2] *= -1
    order = rng.permutation(6)
    h = ShallowReLU(f.W[order], f.b[order], v[order], 1.0)
    close(smoothest_mixture(f, h, X), true_mixture(f, v, X), rtol=1e-5, atol=1e-8)


@check(
    "smoothest_mixture",
    points=1,
    tries="a network and three times it, and two networks that share no hyperplane",
    cause="a break is taken although an end is lower",
)
def the_least_at_an_end(smoothest_mixture, rng):
    X, f = rng.normal(size=(9, 2)), random_network(2, 6, seed=int(rng.integers(1e6)))
    close(smoothest_mixture(ShallowReLU(f.W, f.b, 3 * f.v, f.c), f, X), stability_norm(f, X), rtol=1e-6)
    other = random_network(2, 5, seed=int(rng.integers(1e6)))
    close(smoothest_mixture(f, other, X), min(stability_norm(f, X), stability_norm(other, X)), rtol=1e-6)


def true_mixture(f, v, X):
    """The least norm at the ends and the breaks, hyperplane by hyperplane; h has the neurons of f with v."""
    one = [stability_norm(ShallowReLU(f.W[[k]], f.b[[k]], [1.0], 0.0), X) for k in range(len(v))]
    breaks = f.v / (f.v - v)
    places = [0.0, 1.0, *breaks[(breaks > 0) & (breaks < 1)]]
    return min(float(np.abs((1 - s) * f.v + s * v) @ one) for s in places)


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
    tries="a network that never folds on the data, a steep fold, and a fold with samples of sum zero on one side",
    cause="infinity and zero are not treated as answers, or a neuron that fires is taken to cost more and more",
)
def all_units_or_none(coarsest_units, rng):
    X = rng.uniform(-1, 1, size=(8, 2))
    close(coarsest_units(ShallowReLU([[1.0, 2.0]], [4.0], [3.0], 0.0), X, 0.5), np.inf)
    fold = ShallowReLU([[1.0, 0.0]], [-np.median(X[:, 0])], [1e4], 0.0)
    close(coarsest_units(fold, X, 1.0), 0.0)
    X = [[0.0, 1.0], [0.0, -1.0], [3.0, 0.0], [4.0, 0.0]]  # to the left of the fold with sum zero: S = 1/4 in all units
    close(coarsest_units(ShallowReLU([[1.0, 0.0]], [-1.0], [1.0], 0.0), X, 1.0), np.inf)


def true_norm_in_units(net, X, s):
    return stability_norm(ShallowReLU(net.W / s, net.b, net.v, net.c), s * X)


# --- instead: blank images ---


@check("fewest_blanks", points=1, public=True)
def one_neuron_on_two_samples_and_blanks(fewest_blanks):
    net = ShallowReLU([[1.0]], [-0.5], [40.0], 0.0)
    hint = "without blanks the norm is 5 sqrt(2); k blanks multiply it by (2 / (2 + k))^2"
    close(fewest_blanks(net, [[-1.0], [1.0]], 1.0), 6, hint)


@check(
    "fewest_blanks",
    points=2,
    tries="a random network on ten samples away from the origin, with several step sizes",
    cause="the factor (n/(n+k))² is applied to the norm, although the other side of a hyperplane may have the weight",
)
def blanks_for_a_random_network(fewest_blanks, rng):
    X, W = rng.normal(size=(10, 2)) + [2.0, 1.0], rng.normal(size=(6, 2))
    between = -(W @ [2.0, 1.0]) * rng.uniform(0.2, 1.5, 6)  # most of the lines have the origin on the lighter side
    net = ShallowReLU(W, between, rng.normal(size=6), 0.0)
    for share in (0.9, 0.3, 0.05):
        step = 1 / (share * true_norm_with_blanks(net, X, 0) + 0.5)
        expected = next(k for k in range(10_000) if true_norm_with_blanks(net, X, k) <= 1 / step - 0.5)
        close(fewest_blanks(net, X, step), expected)


@check(
    "fewest_blanks",
    points=1,
    tries="a network that is allowed as it is, and one whose other side has the weight",
    cause="the search begins at one blank, or the side without the origin is taken although the other has the weight",
)
def no_blanks_or_the_other_side(fewest_blanks, rng):
    X = np.append(rng.uniform(2, 3, 8), -1.0)[:, None]
    close(fewest_blanks(ShallowReLU([[1.0]], [-4.0], [100.0], 0.0), X, 0.5), 0)
    net = ShallowReLU([[1.0]], [-1.0], [rng.uniform(60, 80)], 0.0)
    expected = next(k for k in range(10_000) if true_norm_with_blanks(net, X, k) <= 1.5)
    close(fewest_blanks(net, X, 0.5), expected)


def true_norm_with_blanks(net, X, k):
    """The norm from the definition, side by side, for a network of distinct hyperplanes."""
    total, n = 0.0, len(X) + k
    for a, u, t in zip(*net.neurons(), strict=True):
        sides = []
        for sign in (1, -1):
            height = sign * (X @ u - t)
            fires, blank = height > 0, k * (-sign * t > 0)
            mass = (fires.sum() + blank) / n
            reach = (height[fires].sum() + blank * abs(t)) / n
            sides.append(reach * np.sqrt(mass**2 + np.sum((X[fires].sum(axis=0) / n) ** 2)))
        total += abs(a) * min(sides)
    return total


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


# --- instead: the mean over a circle ---


@check("circle_excess", points=1, public=True)
def a_circle_round_a_point_of_the_line(circle_excess):
    net = ShallowReLU([[0.0, 1.0]], [-2.0], [3.0], 7.0)
    hint = "half of the circle is above the line, and the mean of relu(r cos) is r / pi"
    close(circle_excess(net, [5.0, 2.0], 0.5), 1.5 / np.pi, hint)


@check(
    "circle_excess",
    points=2,
    tries="twelve random neurons and a circle, against a fine sum over the circle",
    cause="the side on which the neuron fires at the centre is forgotten, or w is used for the unit vector u",
)
def the_sum_over_the_circle(circle_excess, rng):
    net, centre = random_network(2, 12, seed=int(rng.integers(1e6)), scale=2.0), rng.normal(size=2) / 2
    close(circle_excess(net, centre, 1.3), true_excess(net, centre, 1.3), rtol=1e-3, atol=1e-5)


@check(
    "circle_excess",
    points=1,
    tries="two folds on one line that cancel, and lines that miss the circle",
    cause="absolute amplitudes, or a root of a negative number for a line outside of the circle",
)
def folds_that_cancel_on_the_circle(circle_excess, rng):
    u = rng.normal(size=2)
    net = ShallowReLU([u, -u, [1.0, 0.0]], [0.1, -0.1, 50.0], [2.0, -2.0, 7.0], 0.0)
    close(circle_excess(net, [0.0, 0.0], 3.0), 0.0, atol=1e-8)
    near = ShallowReLU([[1.0, 0.0], [0.0, 1.0]], [0.0, -0.9], [1.0, 1.0], 0.0)
    close(circle_excess(near, [0.0, 0.0], 0.8), 0.8 / np.pi)


def true_excess(net, centre, radius):
    """The mean over the circle by a fine sum, minus the value at the centre."""
    angle = 2 * np.pi * (np.arange(20_000) + 0.5) / 20_000
    circle = centre + radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return net(circle).mean() - net(np.atleast_2d(centre))[0]
