"""Plausible wrong answers to problem set 3, and the marks that they must lose."""

import itertools

import numpy as np

from stableminima import DeepReLU, ShallowReLU, stability_norm, tangent_features
from stableminima.book.grading import wrong


@wrong("frustum_network", loses=3, mistake="the second unit switches at the height, not at one minus the height")
def frustum_network(dim, height):
    first = np.vstack([np.eye(dim), -np.eye(dim)])
    biases = (np.zeros(2 * dim), np.array([1.0, height]), np.zeros(1))
    return DeepReLU((first, -np.ones((2, 2 * dim)), np.array([[1.0, -1.0]])), biases)


@wrong("frustum_network", loses=2, mistake="written for the plane: the first layer has four units in every dimension")
def frustum_network(dim, height):
    first = np.vstack([np.eye(dim)[:2], -np.eye(dim)[:2]])
    biases = (np.zeros(4), np.array([1.0, 1 - height]), np.zeros(1))
    return DeepReLU((first, -np.ones((2, 4)), np.array([[1.0, -1.0]])), biases)


def frustum(dim, height, inner=None, signs=None):
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=dim))) if signs is None else signs
    one, inner = np.ones(len(signs)), 1 - height if inner is None else inner
    return ShallowReLU(np.vstack([signs, signs]), np.append(-inner * one, -one), np.append(-one, one), height)


@wrong("shallow_frustum", loses=1, mistake="leaves out the folds at the base, which the ball meets if the top is large")
def shallow_frustum(dim, height):
    net = frustum(dim, height)
    return ShallowReLU(net.W, net.b, net.v * (np.arange(net.width) < net.width // 2), height)


@wrong("shallow_frustum", loses=3, mistake="the folds of the top at the height, not at one minus the height")
def shallow_frustum(dim, height):
    return frustum(dim, height, inner=height)


@wrong("shallow_frustum", loses=2, mistake="the four sign vectors of the plane in every dimension")
def shallow_frustum(dim, height):
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=2)))
    return frustum(dim, height, signs=np.hstack([signs, np.ones((4, dim - 2))]))


@wrong("mean_bend", loses=1, mistake="the area of the whole tent also where the tent is longer than the segment")
def mean_bend(angle, length, width):
    return width * np.cos(angle) ** 2 / (length * np.sin(angle))


@wrong("mean_bend", loses=2, mistake="the area of a triangle without its ½")
def mean_bend(angle, length, width):
    if 2 * width * np.cos(angle) <= length * np.sin(angle):
        return 2 * width * np.cos(angle) ** 2 / (length * np.sin(angle))
    return np.cos(angle) - length * np.sin(angle) / (4 * width)


@wrong("mean_bend", loses=3, mistake="sine and cosine exchanged: the angle with the normal")
def mean_bend(angle, length, width):
    angle = np.pi / 2 - angle
    if 2 * width * np.cos(angle) <= length * np.sin(angle):
        return width * np.cos(angle) ** 2 / (length * np.sin(angle))
    return np.cos(angle) - length * np.sin(angle) / (4 * width)


def bisection(norm, ceiling, low, high, tolerance, value):
    if norm(value(high)) > ceiling:
        return None
    while high - low > tolerance:
        middle = (low + high) / 2
        low, high = (middle, high) if norm(value(middle)) > ceiling else (low, middle)
    return value(high)


@wrong("affordable_blur", loses=3, mistake="the ceiling 1/η without −½")
def affordable_blur(step_size, norm):
    return bisection(norm, 1 / step_size, np.log(1e-9), np.log(0.3), 1e-7, np.exp)


@wrong("affordable_blur", loses=2, mistake="bisects ε itself down to an absolute 1e-8, which is nothing for a small ε")
def affordable_blur(step_size, norm):
    return bisection(norm, 1 / step_size - 0.5, 1e-9, 0.3, 1e-8, float)


@wrong("kernel_parts", loses=3, mistake="the biases of the second layer grow with its weights")
def kernel_parts(net, X):
    sizes = [part.size for weight, bias in net.layers for part in (weight, bias)]
    parts = np.split(tangent_features(net, X), np.cumsum(sizes)[:-1], axis=1)
    first, second, rest = parts[:2], parts[2:4], parts[4:]
    return tuple(sum(part @ part.T for part in group) for group in (rest, first, second))


@wrong("kernel_parts", loses=3, mistake="first and second layer exchanged")
def kernel_parts(net, X):
    sizes = [part.size for weight, bias in net.layers for part in (weight, bias)]
    parts = np.split(tangent_features(net, X), np.cumsum(sizes)[:-1], axis=1)
    first, second, rest = parts[:2], parts[2:3], parts[3:]
    return tuple(sum(part @ part.T for part in group) for group in (rest, second, first))


@wrong("kernel_parts", loses=1, mistake="the square root in the place of the fourth root: α² is confused with α")
def balancing_scale(net, X):
    sizes = [part.size for weight, bias in net.layers for part in (weight, bias)]
    parts = np.split(tangent_features(net, X), np.cumsum(sizes)[:-1], axis=1)
    first, second = (sum((part.sum(axis=0) ** 2).sum() for part in group) for group in (parts[:2], parts[2:3]))
    return (first / second) ** 0.5


def norm_on_axes(dim, length, amplitudes=(1, 2, 1), other=1.0):
    def cost(r):
        slope = (length**2 - r**2) / (4 * length * np.sqrt(dim))
        return (length - r) ** 2 / (4 * length) * np.hypot(other * (length - r) / (2 * length), slope)

    return amplitudes[1] * cost(0) + (amplitudes[0] + amplitudes[2]) * cost(1)


@wrong("axis_norm", loses=2, mistake="forgets that amplitudes are v‖w‖: no √d")
def axis_norm(dim, length):
    return norm_on_axes(dim, length) / np.sqrt(dim)


@wrong("axis_norm", loses=2, mistake="the hyperplane at −1 on its expensive side")
def axis_norm(dim, length):
    slope = (length**2 - 1) / (4 * length * np.sqrt(dim))
    dear = ((length - 1) ** 2 / (4 * length) + 1) * np.hypot((length + 1) / (2 * length), slope)
    return norm_on_axes(dim, length, (0, 2, 1)) + dear


@wrong("axis_norm", loses=2, mistake="a small sample in the place of the population")
def axis_norm(dim, length):
    rng = np.random.default_rng(0)
    s = rng.uniform(-length, length, size=200)
    tent = ShallowReLU(np.ones((3, dim)), [1.0, 0.0, -1.0], [1.0, -2.0, 1.0], 0.0)
    return stability_norm(tent, np.eye(dim)[rng.integers(dim, size=200)] * s[:, None])


@wrong("axis_norm", loses=1, mistake="built for d = 3: the other coordinates are not seen")
def axis_network(dim):
    u = np.zeros(dim)
    u[:3] = 1.0
    return ShallowReLU(np.tile(u, (3, 1)), [1.0, 0.0, -1.0], [1.0, -2.0, 1.0], 0.0)


@wrong("hill_network", loses=3, mistake="the pyramid over the cube's centre: no flat top")
def hill_network(dim, margin):
    first = np.vstack([np.eye(dim), -np.eye(dim)])
    return DeepReLU(
        (first, -np.ones((1, 2 * dim)), np.ones((1, 1))), (np.zeros(2 * dim), np.array([1 + margin]), np.zeros(1))
    )


@wrong("hill_network", loses=2, mistake="written for the plane: the first layer has four units in every dimension")
def hill_network(dim, margin):
    first = np.vstack([np.eye(dim)[:2], -np.eye(dim)[:2]])
    return DeepReLU(
        (first, -np.ones((1, len(first))), np.ones((1, 1))), (np.full(len(first), -margin), np.ones(1), np.zeros(1))
    )


@wrong("hill_network", loses=3, mistake="without the unit of the second layer's bend: it goes on below zero")
def hill_network(dim, margin):
    first = np.vstack([np.eye(dim), -np.eye(dim)])
    weights = first, -np.ones((1, 2 * dim)), np.ones((1, 1))
    return DeepReLU(weights, (np.full(2 * dim, -margin), np.array([100.0]), np.array([-99.0])))


def hill(dim, margin, inner, outer, corners=1.0):
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=dim)))
    sides = np.vstack([np.eye(dim), -np.eye(dim)])
    biases = np.append(np.full(2 * dim, -inner), np.full(len(signs), -outer))
    return ShallowReLU(np.vstack([sides, signs]), biases, np.repeat([-1.0, corners], [2 * dim, len(signs)]), 1.0)


@wrong("shallow_hill", loses=2, mistake="no neurons for the corners, where the hill has ended")
def shallow_hill(dim, margin):
    return hill(dim, margin, margin, dim * margin + 1, corners=0.0)


@wrong("shallow_hill", loses=3, mistake="the corners begin at 1, as those of the pyramid")
def shallow_hill(dim, margin):
    return hill(dim, margin, margin, 1.0)


@wrong("shallow_hill", loses=3, mistake="the sides begin at the axes, as those of the pyramid")
def shallow_hill(dim, margin):
    return hill(dim, margin, 0.0, dim * margin + 1)


@wrong("shallow_hill", loses=1, mistake="built for the plane: the corners of two coordinates in every dimension")
def shallow_hill(dim, margin):
    signs = np.array(list(itertools.product([1.0, -1.0], repeat=2)))
    corners = np.hstack([signs, np.zeros((4, dim - 2))])
    biases = np.append(np.full(2 * dim, -margin), np.full(4, -2 * margin - 1))
    sides = np.vstack([np.eye(dim), -np.eye(dim)])
    return ShallowReLU(np.vstack([sides, corners]), biases, np.repeat([-1.0, 1.0], [2 * dim, 4]), 1.0)


@wrong("mean_bend_on_disc", loses=3, mistake="as on a segment: the chords of the disc are forgotten")
def mean_bend_on_disc(angle, radius, width):
    if width * np.cos(angle) <= radius * np.sin(angle):
        return width * np.cos(angle) ** 2 / (2 * radius * np.sin(angle))
    return np.cos(angle) - radius * np.sin(angle) / (2 * width)


@wrong("mean_bend_on_disc", loses=1, mistake="the formula of wide tents for all widths")
def mean_bend_on_disc(angle, radius, width):
    return max(np.cos(angle) - 4 * radius * np.sin(angle) / (3 * np.pi * width), 0.0)


@wrong("mean_bend_on_disc", loses=1, mistake="the first order of narrow tents for all that fit")
def mean_bend_on_disc(angle, radius, width):
    if width * np.cos(angle) <= radius * np.sin(angle):
        return 2 * width * np.cos(angle) ** 2 / (np.pi * radius * np.sin(angle))
    return np.cos(angle) - 4 * radius * np.sin(angle) / (3 * np.pi * width)


def place(ceiling, width, weight, radius, tolerance, of_r, second=1):
    low, high = of_r(1e-9 * radius), of_r(radius)
    inverse = np.exp if of_r is np.log else float
    while high - low > tolerance:
        middle = (low + high) / 2
        t = radius - inverse(middle)
        fine = weight(t) + second * weight(t + width) <= ceiling * width
        low, high = (middle, high) if fine else (low, middle)
    return inverse(high)


@wrong("cliff_place", loses=3, mistake="the ceiling 1/η without −½")
def cliff_place(step_size, width, weight, radius):
    return place(1 / step_size, width, weight, radius, 1e-8, np.log)


@wrong("cliff_place", loses=1, mistake="bisects r itself down to an absolute 1e-8")
def cliff_place(step_size, width, weight, radius):
    return place(1 / step_size - 0.5, width, weight, radius, 1e-8, float)


@wrong("cliff_place", loses=2, mistake="the first line of the cliff only")
def cliff_place(step_size, width, weight, radius):
    return place(1 / step_size - 0.5, width, weight, radius, 1e-8, np.log, second=0)


def grams(net, X):
    sizes = [part.size for weight, bias in net.layers for part in (weight, bias)]
    return [part @ part.T for part in np.split(tangent_features(net, X), np.cumsum(sizes)[:-1], axis=1)]


@wrong("kernel_terms", loses=3, mistake="the biases of the second layer scale as its weights do")
def kernel_terms(net, X):
    W1, b1, W2, b2, W3, b3 = grams(net, X)
    return b3, W1 + b1, W2 + b2, 0 * b2, W3


@wrong("kernel_terms", loses=3, mistake="the biases of the first layer do not scale")
def kernel_terms(net, X):
    W1, b1, W2, b2, W3, b3 = grams(net, X)
    return b3 + b1, W1, W2, b2, W3


@wrong("kernel_terms", loses=1, mistake="a balanced for s = 1, then s for a = 1")
def balancing_scales(net, X):
    W1, b1, W2, b2, W3, _ = (gram.mean() for gram in grams(net, X))
    return ((W1 + b1) / W2) ** 0.25, ((W2 + b2) / W3) ** 0.25


@wrong("kernel_terms", loses=1, mistake="forgets the biases of the second layer in the equation for s")
def balancing_scales(net, X):
    W1, b1, W2, _, W3, _ = (gram.mean() for gram in grams(net, X))
    s = (np.sqrt((W1 + b1) * W2) / W3) ** (1 / 3)
    return np.sqrt(s * np.sqrt((W1 + b1) / W2)), s


def norm_on_diagonals(dim, length, cost):
    return 2 * dim * (cost(0) + cost(1 / dim))


@wrong("diagonal_norm", loses=2, mistake="forgets that amplitudes are v‖w‖: no factor d")
def diagonal_norm(dim, length):
    def cost(r):
        slope = (length**2 - r**2) / (4 * length)
        return (length - r) ** 2 / (4 * length) * np.hypot((length - r) / (2 * length), slope)

    return norm_on_diagonals(dim, length, cost) / dim


@wrong("diagonal_norm", loses=2, mistake="the mean of X over a half as long as all its coordinates together")
def diagonal_norm(dim, length):
    def cost(r):
        slope = (length**2 - r**2) / (4 * length) * np.sqrt(dim)
        return (length - r) ** 2 / (4 * length) * np.hypot((length - r) / (2 * length), slope)

    return norm_on_diagonals(dim, length, cost)


@wrong("diagonal_norm", loses=2, mistake="the answer for data on the axes: the sum of the coordinates")
def diagonal_network(dim):
    return ShallowReLU(np.ones((3, dim)), [1.0, 0.0, -1.0], [1.0, -2.0, 1.0], 0.0)


def price(amplitudes, offsets, scale, weight, step, reach, size=np.abs):
    a, places = np.asarray(amplitudes, float), np.asarray(offsets, float)
    t = np.arange(places.min() - reach, places.max() + reach, step)
    parts = a[:, None] * np.exp(-(((t - places[:, None]) / scale) ** 2) / 2) / (scale * np.sqrt(2 * np.pi))
    return step * np.sum(size(parts.sum(axis=0)) * weight(t))


@wrong("blurred_price", loses=1, mistake="the absolute value of each term: nothing cancels")
def blurred_price(amplitudes, offsets, scale, weight):
    return price(np.abs(amplitudes), offsets, scale, weight, scale / 20, 8 * scale)


@wrong("blurred_price", loses=2, mistake="a signed integral: everything cancels")
def blurred_price(amplitudes, offsets, scale, weight):
    return price(amplitudes, offsets, scale, weight, scale / 20, 8 * scale, size=lambda parts: parts)


@wrong("blurred_price", loses=1, mistake="a grid that does not know the blur")
def blurred_price(amplitudes, offsets, scale, weight):
    return price(amplitudes, offsets, scale, weight, 0.01, 10.0)


@wrong("blurred_price", loses=3, mistake="the weights at the offsets: the blur is left out")
def blurred_price(amplitudes, offsets, scale, weight):
    return float(np.abs(amplitudes) @ weight(np.asarray(offsets, float)))
