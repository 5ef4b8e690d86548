"""The checks of problem set 3."""

import itertools
import math

import numpy as np

from stableminima import DeepReLU, ShallowReLU, pyramid, pyramid_network, stability_norm, tangent_kernel
from stableminima.book.grading import check, close, holds

# --- the frustum


def true_frustum(X, height):
    return np.minimum(height, np.maximum(1 - np.abs(X).sum(axis=1), 0))


def crowd(rng, dim, radius, number=400):
    """Points of a ball, more of them far out and near the axes."""
    X = rng.normal(size=(number, dim)) * rng.choice([1, 1e-2], size=(number, dim))
    return X * (radius * rng.random((number, 1)) ** (1 / dim) / np.linalg.norm(X, axis=1)[:, None])


@check("frustum_network", points=1, public=True)
def the_frustum_at_three_points(frustum_network):
    net = frustum_network(2, 0.25)
    holds(isinstance(net, DeepReLU) and net.widths == (4, 2), "a DeepReLU with 4 and 2 hidden units is expected")
    close(net([[0.0, 0.1], [0.6, -0.3], [1.0, 1.0]]), [0.25, 0.1, 0.0], "on the flat top, on a side, outside")


@check(
    "frustum_network",
    points=2,
    tries="two, three and five dimensions, many points near the axes",
    cause="the construction for the plane in every dimension, or a bias of the wrong sign at the top",
)
def the_frustum_in_several_dimensions(frustum_network, rng):
    for dim in (2, 3, 5):
        height, X = rng.uniform(0.2, 0.8), crowd(rng, dim, 1.3)
        net = frustum_network(dim, height)
        holds(net.widths == (2 * dim, 2), f"the hidden layers have the widths {net.widths}")
        close(net(X), true_frustum(X, height))


@check("shallow_frustum", points=1, public=True)
def the_shallow_frustum_at_three_points(shallow_frustum):
    net = shallow_frustum(2, 0.4)
    holds(isinstance(net, ShallowReLU) and net.width == 8, "a ShallowReLU with 8 neurons is expected for dim = 2")
    close(net([[0.1, 0.1], [0.4, -0.4], [0.59, 0.0]]), [0.4, 0.2, 0.4], "the radius is 0.6: flat top, side, flat top")


@check(
    "shallow_frustum",
    points=1,
    tries="a large top, inside of the radius of the question",
    cause="neurons for the sides only: the top needs its own",
)
def a_large_top(shallow_frustum, rng):
    for dim in (2, 3, 4):
        height = rng.uniform(0.05, 0.15)
        X = crowd(rng, dim, (1 - height) / np.sqrt(dim - 1))
        close(shallow_frustum(dim, height)(X), true_frustum(X, height))


@check(
    "shallow_frustum",
    points=1,
    tries="a small top, and the number of neurons",
    cause="more neurons than one for each sign pattern and level",
)
def a_small_top(shallow_frustum, rng):
    for dim in (2, 3, 4):
        height = rng.uniform(0.5, 0.8)
        X = crowd(rng, dim, (1 - height) / np.sqrt(dim - 1))
        net = shallow_frustum(dim, height)
        holds(net.width <= 2 ** (dim + 1), f"the network has {net.width} neurons")
        close(net(X), true_frustum(X, height))


# --- what a slanted line pretends


def true_mean_bend(angle, length, width):
    """The best of many positions, the means by a fine sum over the segment."""
    p, best = (np.arange(4000) + 0.5) / 4000 * length - length / 2, 0.0
    for crossing in np.linspace(-length, length, 81):
        z = np.sin(angle) * (p - crossing)
        relu = [np.maximum(z + side * width * np.cos(angle), 0) for side in (1, -1, 0)]
        best = max(best, np.mean(relu[0] + relu[1] - 2 * relu[2]) / width)
    return best


@check("mean_bend", points=1, public=True)
def a_small_width(mean_bend):
    close(mean_bend(np.pi / 4, 1.0, 0.1), 0.1 * np.sqrt(0.5), "along the segment the bend is a tent, and this one fits")
    close(mean_bend(np.pi / 2, 1.0, 0.1), 0.0, "a line at a right angle is not bent across the segment")


@check(
    "mean_bend",
    points=1,
    tries="tents that fit into the segment",
    cause="sine and cosine are exchanged, or the length of the segment is forgotten",
)
def narrow_tents(mean_bend, rng):
    for _ in range(3):
        length, angle = rng.uniform(0.5, 2), rng.uniform(0.3, 1.5)
        width = rng.uniform(0.2, 0.9) * length * np.tan(angle) / 2
        close(mean_bend(angle, length, width), true_mean_bend(angle, length, width), rtol=1e-3, atol=1e-6)


@check(
    "mean_bend",
    points=1,
    tries="tents that are wider than the segment",
    cause="the formula of narrow tents is used for all widths",
)
def wide_tents(mean_bend, rng):
    for _ in range(3):
        length, angle = rng.uniform(0.5, 2), rng.uniform(0.05, 0.6)
        width = rng.uniform(1.5, 4) * length * np.tan(angle) / 2
        close(mean_bend(angle, length, width), true_mean_bend(angle, length, width), rtol=1e-3, atol=1e-6)


# --- what a step size can afford


@check("affordable_blur", points=1, public=True)
def a_norm_in_closed_form(affordable_blur):
    close(affordable_blur(0.4, lambda scale: 1 / scale - 8), 0.1, "the ceiling is 2, and 1/ε − 8 is 2 at ε = 0.1")
    holds(affordable_blur(0.4, lambda scale: 10 - scale) is None, "a norm that is always above the ceiling: None")


@check(
    "affordable_blur",
    points=1,
    tries="norms that grow like a power of a logarithm",
    cause="a ceiling without its ½, or a bisection in ε in place of its logarithm",
)
def squares_of_logarithms(affordable_blur, rng):
    for _ in range(4):
        power, step = rng.uniform(1.8, 2.2), rng.uniform(0.05, 0.15)
        expected = np.exp(-((5 / step - 2.5) ** (1 / power)))
        found = affordable_blur(step, lambda scale, power=power: 0.2 * (-np.log(scale)) ** power)
        close(found, expected, rtol=1e-5, atol=0)


@check(
    "affordable_blur",
    points=1,
    tries="answers near 1e-8, and the end of the range",
    cause="an absolute tolerance where a relative one is asked for",
)
def tiny_scales(affordable_blur, rng):
    expected = 10 ** rng.uniform(-8, -7)
    close(affordable_blur(0.02, lambda scale: 49.5 * np.log(scale) / np.log(expected)), expected, rtol=1e-5, atol=0)
    close(affordable_blur(0.02, lambda scale: -np.log(scale)), 1e-9, rtol=1e-5, atol=0)


# --- one scale between two layers


def deep(rng, widths=(3, 6, 5, 1)):
    pairs = list(itertools.pairwise(widths))
    return DeepReLU(tuple(rng.normal(size=(o, i)) for i, o in pairs), tuple(rng.normal(size=o) for _, o in pairs))


def rescaled(net, alpha):
    (first, second, third), (one, two, three) = net.weights, net.biases
    return DeepReLU((alpha * first, second / alpha, third), (alpha * one, two, three))


@check("kernel_parts", points=1, public=True)
def the_parts_make_the_kernel(kernel_parts):
    net, X = pyramid_network(2, 1.5, 0.7), np.array([[0.2, 0.1], [-0.3, 0.4], [0.9, 0.9]])
    parts = kernel_parts(net, X)
    holds(len(parts) == 3 and all(np.shape(part) == (3, 3) for part in parts), "three matrices of order 3 are expected")
    close(sum(map(np.asarray, parts)), tangent_kernel(net, X), "at α = 1 the three parts add up to the tangent kernel")


@check(
    "kernel_parts",
    points=2,
    tries="random networks at two scales",
    cause="the biases of the second layer are counted with its weights, or layers are exchanged",
)
def the_kernel_of_rescaled_networks(kernel_parts, rng):
    net, X = deep(rng), rng.normal(size=(7, 3))
    zero, first, second = map(np.asarray, kernel_parts(net, X))
    for alpha in (0.3, 2.0):
        close(zero + first / alpha**2 + second * alpha**2, tangent_kernel(rescaled(net, alpha), X))


@check(
    "kernel_parts",
    points=1,
    tries="whether the mean gradient is smallest at your scale",
    cause="the fourth root, or which of the two sums is above the other",
)
def the_balancing_scale(balancing_scale, rng):
    net, X = deep(rng), rng.normal(size=(7, 3))
    best = balancing_scale(net, X)
    values = [tangent_kernel(rescaled(net, best * factor), X).mean() for factor in (0.99, 1.0, 1.01)]
    holds(values[1] < min(values[0], values[2]), f"α = {best:.4g} does not make the mean gradient smallest")


# --- data on the axes


def on_axes(rng, dim, length, number):
    s = (np.arange(number) + rng.random()) / number * length  # evenly spread
    return np.eye(dim)[rng.integers(dim, size=number)] * (rng.choice([-1, 1], size=number) * s)[:, None]


@check("axis_norm", points=1, public=True)
def three_neurons_on_the_axes(axis_network):
    net = axis_network(3)
    holds(isinstance(net, ShallowReLU) and net.width == 3, "a ShallowReLU with three neurons is expected")
    X = np.vstack([s * np.eye(3) for s in (0.0, 0.25, -0.5, 1.0, -2.0)])
    close(net(X), pyramid(X), "compare with the pyramid at points ±s e_j, also beyond the tips")


@check(
    "axis_norm",
    points=1,
    tries="two, four and seven dimensions, also beyond the tips",
    cause="the network is right in the positive directions only",
)
def the_network_on_all_axes(axis_network, rng):
    for dim in (2, 4, 7):
        X = on_axes(rng, dim, 3.0, 200)
        close(axis_network(dim)(X), pyramid(X))


@check(
    "axis_norm",
    points=2,
    tries="the norm against a large sample",
    cause="the dearer side of a hyperplane, or the factor 1/d of the mean over the axes",
)
def the_norm_of_the_population(axis_norm, rng):
    for dim in (2, 5):
        length = rng.uniform(1.2, 3)
        s = (np.arange(3000) + 0.5) / 3000 * length
        X = np.vstack([sign * s[:, None] * axis for axis in np.eye(dim) for sign in (1, -1)])
        tent = ShallowReLU(np.ones((3, dim)), [1.0, 0.0, -1.0], [1.0, -2.0, 1.0], 0.0)
        close(axis_norm(dim, length), stability_norm(tent, X), rtol=2e-3)


# --- a hill over a cube


def true_hill(X, margin):
    """One minus the distance along the axes from the nearest point of the cube."""
    return np.maximum(1 - np.abs(X - np.clip(X, -margin, margin)).sum(axis=1), 0)


@check("hill_network", points=1, public=True)
def the_hill_at_four_points(hill_network):
    net = hill_network(2, 0.5)
    holds(isinstance(net, DeepReLU) and net.widths == (4, 1), "a DeepReLU with 4 and 1 hidden units is expected")
    close(
        net([[0.5, -0.4], [0.9, 0.1], [-0.9, 0.8], [1.2, 1.0]]),
        [1.0, 0.6, 0.3, 0.0],
        "on the cube, beside a face, beside a corner, outside",
    )


@check(
    "hill_network",
    points=2,
    tries="one, two, three and five dimensions, many points near the axes",
    cause="the construction for the plane in every dimension, or a bias of the wrong sign",
)
def the_hill_in_several_dimensions(hill_network, rng):
    for dim in (1, 2, 3, 5):
        margin, X = rng.uniform(0.1, 0.6), crowd(rng, dim, 2.0)
        net = hill_network(dim, margin)
        holds(net.widths == (2 * dim, 1), f"the hidden layers have the widths {net.widths}")
        close(net(X), true_hill(X, margin))


# --- a shallow network for the hill


def in_a_cube(rng, dim, half, number=400):
    """Points of a cube, many of them near its faces and corners."""
    X = rng.uniform(-1, 1, size=(number, dim))
    return half * np.sign(X) * np.abs(X) ** rng.choice([1.0, 0.05], size=(number, 1))


@check("shallow_hill", points=1, public=True)
def the_shallow_hill_at_four_points(shallow_hill):
    net = shallow_hill(2, 0.5)
    holds(isinstance(net, ShallowReLU) and net.width == 8, "a ShallowReLU with 8 neurons is expected for dim = 2")
    close(
        net([[0.5, -0.4], [0.9, 0.1], [-0.9, 0.8], [1.3, 1.4]]),
        [1.0, 0.6, 0.3, 0.0],
        "the cube reaches to 1.5: on the top, beside a face, beside a corner, where it has ended",
    )


@check(
    "shallow_hill",
    points=1,
    tries="the smaller cube, in two to five dimensions",
    cause="the sides begin at zero and not at the margin",
)
def the_smaller_cube(shallow_hill, rng):
    for dim in (2, 3, 5):
        margin = rng.uniform(0.1, 1)
        X = in_a_cube(rng, dim, margin + 1 / dim)
        close(shallow_hill(dim, margin)(X), true_hill(X, margin))


@check(
    "shallow_hill",
    points=1,
    tries="the larger cube, in two to five dimensions, and the number of neurons",
    cause="no neurons for the corners, or their bias without the margin",
)
def the_larger_cube(shallow_hill, rng):
    for dim in (2, 3, 5):
        margin = rng.uniform(0.1, 1)
        X, net = in_a_cube(rng, dim, margin + 1 / (dim - 1)), shallow_hill(dim, margin)
        holds(net.width <= 2 * dim + 2**dim, f"the network has {net.width} neurons")
        close(net(X), true_hill(X, margin))


# --- what a slanted plane pretends


def true_mean_on_disc(angle, radius, width):
    """The best of many positions, the means over rings of points of the disc, with the neuron itself."""
    r = radius * np.sqrt((np.arange(300) + 0.5) / 300)
    turn = 2 * np.pi * (np.arange(600) + 0.5) / 600
    x, best = np.outer(r, np.cos(turn)).ravel(), 0.0
    for crossing in np.linspace(-radius, radius, 21):
        z = np.sin(angle) * (x - crossing)
        relu = [np.maximum(z + side * width * np.cos(angle), 0) for side in (1, -1, 0)]
        best = max(best, np.mean(relu[0] + relu[1] - 2 * relu[2]) / width)
    return best


@check("mean_bend_on_disc", points=1, public=True)
def a_wide_tent_on_a_disc(mean_bend_on_disc):
    close(
        mean_bend_on_disc(np.pi / 4, 1.0, 2.0),
        np.sqrt(0.5) * (1 - 2 / (3 * np.pi)),
        "the tent is wider than the disc: the mean of |p| over a disc of radius 1 is 4/(3π)",
    )
    close(mean_bend_on_disc(np.pi / 2, 1.0, 0.1), 0.0, "a plane at a right angle is not bent across the disc")


@check(
    "mean_bend_on_disc",
    points=1,
    tries="tents that fit into the disc",
    cause="the formula of wide tents is used for all widths, or the chords of the disc are forgotten",
)
def narrow_tents_on_a_disc(mean_bend_on_disc, rng):
    for _ in range(3):
        radius, angle = rng.uniform(0.5, 2), rng.uniform(0.3, 1.4)
        width = rng.uniform(0.4, 0.95) * radius * np.tan(angle)
        close(mean_bend_on_disc(angle, radius, width), true_mean_on_disc(angle, radius, width), rtol=2e-3, atol=1e-6)


@check(
    "mean_bend_on_disc",
    points=1,
    tries="tents that are wider than the disc",
    cause="sine and cosine are exchanged, or the radius of the disc is forgotten",
)
def wide_tents_on_a_disc(mean_bend_on_disc, rng):
    for _ in range(3):
        radius, angle = rng.uniform(0.5, 2), rng.uniform(0.05, 0.6)
        width = rng.uniform(1.2, 4) * radius * np.tan(angle)
        close(mean_bend_on_disc(angle, radius, width), true_mean_on_disc(angle, radius, width), rtol=2e-3, atol=1e-6)


# --- where a cliff may stand


@check("cliff_place", points=1, public=True)
def a_weight_that_is_a_line(cliff_place):
    close(
        cliff_place(0.4, 0.5, lambda t: max(1 - t, 0.0), 1.0),
        0.75,
        "the ceiling is 2, so that the weights of both lines may add up to 1; they are r and r − 0.5",
    )
    close(cliff_place(0.4, 0.5, lambda t: max(1 - t, 0.0) / 10, 1.0), 1.0, "a weight so small allows it at the centre")


@check(
    "cliff_place",
    points=1,
    tries="weights that are powers of the distance from the rim",
    cause="a ceiling without its ½, or the second line of the cliff is forgotten",
)
def powers_of_the_distance(cliff_place, rng):
    for power in (3, 4, 5):
        step, width, radius = rng.uniform(0.3, 0.8), rng.uniform(0.01, 0.05), rng.uniform(1, 2)
        factor = rng.uniform(2, 4)
        shifted = np.polynomial.Polynomial([-width, 1]) ** power + np.polynomial.Polynomial([0, 1]) ** power
        roots = (factor * shifted - (1 / step - 0.5) * width).roots()
        expected = max(root.real for root in roots if abs(root.imag) < 1e-9)
        found = cliff_place(step, width, lambda t, a=factor, p=power, end=radius: a * max(end - t, 0.0) ** p, radius)
        close(found, expected, rtol=1e-5, atol=0)


@check(
    "cliff_place",
    points=1,
    tries="answers near 1e-7 of the radius",
    cause="an absolute tolerance where a relative one is asked for",
)
def very_near_the_rim(cliff_place, rng):
    for expected in 10 ** rng.uniform(-7, -6, size=3):
        factor = (1 / 0.2 - 0.5) * 0.1 / (expected * (1 + expected))
        found = cliff_place(0.2, 0.1, lambda t, a=factor: a * max(1 - t, 0.0) * (2 - t), 1.0)
        close(found, expected, rtol=1e-5, atol=0)


# --- two scales between three layers


def rescaled_twice(net, a, s):
    (first, second, third), (one, two, three) = net.weights, net.biases
    return DeepReLU((a * first, s / a * second, third / s), (a * one, s * two, three))


@check("kernel_terms", points=1, public=True)
def the_terms_make_the_kernel(kernel_terms):
    net, X = pyramid_network(2, 1.5, 0.7), np.array([[0.2, 0.1], [-0.3, 0.4], [0.9, 0.9]])
    terms = kernel_terms(net, X)
    holds(len(terms) == 5 and all(np.shape(term) == (3, 3) for term in terms), "five matrices of order 3 are expected")
    close(sum(map(np.asarray, terms)), tangent_kernel(net, X), "at a = s = 1 the terms add up to the tangent kernel")


@check(
    "kernel_terms",
    points=2,
    tries="random networks at several pairs of scales",
    cause="the biases of the second layer are counted with its weights, or terms are in another order",
)
def the_kernel_at_several_scales(kernel_terms, rng):
    net, X = deep(rng), rng.normal(size=(7, 3))
    terms = list(map(np.asarray, kernel_terms(net, X)))
    for a, s in ((0.3, 1.0), (1.0, 0.4), (2.0, 3.0)):
        powers = 1, a**-2, a**2 / s**2, s**-2, s**2
        close(
            sum(p * term for p, term in zip(powers, terms, strict=True)), tangent_kernel(rescaled_twice(net, a, s), X)
        )


@check(
    "kernel_terms",
    points=1,
    tries="whether the mean gradient is smallest at your scales, in all directions around them",
    cause="one scale is balanced with the other left at one, or the biases of the second layer are forgotten",
)
def the_balancing_scales(balancing_scales, rng):
    net, X = deep(rng), rng.normal(size=(7, 3))
    a, s = balancing_scales(net, X)
    least = tangent_kernel(rescaled_twice(net, a, s), X).mean()
    for x, y in itertools.product((0.99, 1.0, 1.01), repeat=2):
        other = tangent_kernel(rescaled_twice(net, a * x, s * y), X).mean()
        holds(other >= least * (1 - 1e-12), f"a = {a:.4g}, s = {s:.4g} do not make the mean gradient smallest")


# --- data on the diagonals


def all_diagonals(dim, length, number):
    """The same points on every diagonal, evenly spread: the law of X, up to the step."""
    s = (np.arange(number) + 0.5) / number * length
    return np.vstack([s[:, None] * np.array(signs) for signs in itertools.product([1.0, -1.0], repeat=dim)])


@check("diagonal_norm", points=1, public=True)
def three_neurons_on_the_diagonals(diagonal_network):
    net = diagonal_network(3)
    holds(isinstance(net, ShallowReLU) and net.width == 3, "a ShallowReLU with three neurons is expected")
    X = all_diagonals(3, 1.2, 10)
    close(net(X), pyramid(X), "compare with the pyramid at points s (±1, ±1, ±1), also beyond its base")


@check(
    "diagonal_norm",
    points=1,
    tries="two, four and seven dimensions, all diagonals",
    cause="the network is right on one diagonal only, as one that looks at the sum of the coordinates is",
)
def the_network_on_all_diagonals(diagonal_network, rng):
    for dim in (2, 4, 7):
        X = all_diagonals(dim, rng.uniform(1, 2), 30)
        close(diagonal_network(dim)(X), pyramid(X))


@check(
    "diagonal_norm",
    points=2,
    tries="the norm against a large sample",
    cause="the dearer side of a hyperplane, or amplitudes without the factor d",
)
def the_norm_of_all_diagonals(diagonal_norm, rng):
    for dim in (2, 5):
        length = rng.uniform(1.2, 3)
        tent = ShallowReLU(
            np.tile(np.eye(dim)[-1], (3, 1)), np.array([1.0, 0.0, -1.0]) / dim, dim * np.array([1, -2, 1]), 0.0
        )
        close(diagonal_norm(dim, length), stability_norm(tent, all_diagonals(dim, length, 2000)), rtol=2e-3)


# --- blur, and folds that never end


@check("blurred_price", points=1, public=True)
def two_folds_of_one_sign(blurred_price):
    close(
        blurred_price([1.0, 2.0], [0.0, 1.0], 0.5, lambda t: 1 + t**2),
        1 * (1 + 0.25) + 2 * (2 + 0.25),
        "amplitudes of one sign do not cancel: the mean of 1 + (t + εζ)² is 1 + t² + ε²",
        rtol=1e-4,
    )


@check(
    "blurred_price",
    points=1,
    tries="two folds of opposite sign, from far apart to very near",
    cause="the absolute value is taken of each term and not of their sum",
)
def folds_of_opposite_sign(blurred_price, rng):
    for ratio in (3.0, 1.0, 0.1):
        scale, centre, size = rng.uniform(0.1, 1), rng.normal(), rng.uniform(1, 3)
        half = ratio * scale  # of the distance; the sign changes in the middle
        inside = math.erf(ratio / math.sqrt(2))
        peak = math.exp(-(ratio**2) / 2) / math.sqrt(2 * math.pi)
        expected = 2 * size * ((1 + half**2 + scale**2) * inside + 2 * half * scale * peak)
        found = blurred_price(
            [size, -size], [centre - half, centre + half], scale, lambda t, at=centre: 1 + (t - at) ** 2
        )
        close(found, expected, rtol=3e-4)


@check(
    "blurred_price",
    points=1,
    tries="five folds under a blur of a five-thousandth of their range",
    cause="a grid that is too coarse for a small blur, or too short for a large one",
)
def hardly_any_blur(blurred_price, rng):
    offsets, amplitudes = np.arange(5) - 2 + rng.uniform(-0.3, 0.3, size=5), rng.normal(size=5)
    found = blurred_price(amplitudes, offsets, 1e-3, lambda t: np.cos(t / 3))
    close(found, np.abs(amplitudes) @ np.cos(offsets / 3), rtol=3e-4)
    found = blurred_price([2.0], [0.5], 3.0, lambda t: np.cos(t / 3))
    wide = 2 * math.exp(-0.5) * math.cos(0.5 / 3)  # E cos((t + εζ)/3) = exp(−ε²/18) cos(t/3)
    close(found, wide, rtol=3e-4)
