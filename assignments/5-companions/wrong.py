"""Plausible wrong answers to problem set 5, and the points they lose."""

import numpy as np

from stableminima.book.grading import wrong


@wrong("equalising_weights", loses=3, mistake="the wrong way round: gives much weight to what is learnt fast")
def equalising_weights(X, y, slope):
    u = np.linalg.solve(kernel(X, y, slope), np.ones(len(y)))
    return len(u) / u / (1 / u).sum()


@wrong("equalising_weights", loses=1, mistake="one kernel for all pairs, though different classes share less")
def equalising_weights(X, y, slope):
    X, y = np.asarray(X), np.asarray(y)
    u = np.linalg.solve(np.outer(y, y) * (X @ X.T), np.ones(len(y)))
    return u / u.mean()


@wrong("equalising_weights", loses=2, mistake="lengths only, as if the inputs were orthogonal")
def equalising_weights(X, y, slope):
    u = 1 / (np.asarray(X) ** 2).sum(axis=1)
    return u / u.mean()


@wrong("equalising_weights", loses=1, mistake="forgets the labels in the kernel")
def equalising_weights(X, y, slope):
    u = np.linalg.solve(np.abs(np.outer(y, y)) * kernel(X, y, slope) * np.outer(y, y), np.ones(len(y)))
    return u / u.mean()


def kernel(X, y, slope):
    X, y = np.asarray(X), np.asarray(y)
    return np.outer(y, y) * (X @ X.T) * np.where(np.equal.outer(y, y), 1 + slope**2, 2 * slope)


@wrong("heavy_margins", loses=2, mistake="the diagonal only, as if the inputs were orthogonal")
def heavy_margins(K, p):
    return ((p + 2) * np.diag(K)) ** (1 / (p + 2))


@wrong("heavy_margins", loses=3, mistake="equal margins, as for an exponential tail")
def heavy_margins(K, p):
    return np.full(len(K), ((p + 2) / np.linalg.solve(K, np.ones(len(K))).mean()) ** (1 / (p + 2)))


@wrong("heavy_margins", loses=3, mistake="the limit of z^(p + 2) / t without its factor p + 2")
def heavy_margins(K, p):
    return balanced(K, p, 1.0)


@wrong("heavy_margins", loses=3, mistake="the pulls in place of the margins")
def heavy_margins(K, p):
    return balanced(K, p, p + 2) ** -(p + 1)


def balanced(K, p, factor):
    y, K = np.full(len(K), np.max(np.diag(K)) ** (1 / (p + 2))), np.asarray(K)
    for _ in range(30_000):
        y = y + 2e-3 * (K @ y ** -(p + 1) - y / factor)
    return y


@wrong("least_dominant", loses=2, mistake="the chapter's matrix, whatever q is")
def least_dominant(q):
    return np.array([[1, -0.8, 0.19], [-0.8, 1, 0.19], [0.19, 0.19, 1]])


@wrong("least_dominant", loses=1, mistake="always three samples, which is enough for q > 2/3 only")
def least_dominant(q):
    return np.array([[1, -q / 2, q / 2], [-q / 2, 1, q / 2], [q / 2, q / 2, 1]])


@wrong("least_dominant", loses=3, mistake="all samples alike: then all entries of u are equal and positive")
def least_dominant(q):
    return np.eye(4) * (1 + q / 3) - q / 3


@wrong("least_helpful", loses=1, mistake="always two friends, which is positive definite for small q only")
def least_helpful(q):
    return star(2, q / 2)


@wrong("least_helpful", loses=1, mistake="one matrix, whatever q is: its rows add up to 1.2")
def least_helpful(q):
    return star(6, 0.2)


@wrong("least_helpful", loses=3, mistake="rivals among the friends, as for the number one half")
def least_helpful(q):
    others = 4
    K = np.full((others + 1, others + 1), -0.9 / others)
    K[0], K[:, 0] = 0.9 / others, 0.9 / others
    np.fill_diagonal(K, 1.0)
    return K


@wrong("least_helpful", loses=3, mistake="all samples alike: then all entries of u are equal and positive")
def least_helpful(q):
    return np.eye(5) * (1 - q / 4) + q / 4


def star(others, entry):
    K = np.eye(others + 1)
    K[0, 1:] = K[1:, 0] = entry
    return K


@wrong("whole_rank", loses=1, mistake="one half for the probability, whatever it is")
def whole_rank(lengths, labels, active):
    blocks = [block(1 / np.asarray(lengths)[np.asarray(labels) == sign], 0.5) for sign in (1, -1)]
    return sum(trace for trace, _ in blocks) / max(top for _, top in blocks)


@wrong("whole_rank", loses=2, mistake="adds the stable ranks of the two classes")
def whole_rank(lengths, labels, active):
    blocks = [block(1 / np.asarray(lengths)[np.asarray(labels) == sign], active) for sign in (1, -1)]
    return sum(trace / top for trace, top in blocks)


@wrong("whole_rank", loses=2, mistake="the lengths in place of their inverses")
def whole_rank(lengths, labels, active):
    blocks = [block(np.asarray(lengths)[np.asarray(labels) == sign], active) for sign in (1, -1)]
    return sum(trace for trace, _ in blocks) / max(top for _, top in blocks)


@wrong("whole_rank", loses=3, mistake="one block for all samples, as if classes shared their neurons")
def whole_rank(lengths, labels, active):
    trace, top = block(1 / np.asarray(lengths), active)
    return trace / top


def block(c, active):
    return (c**2).sum() / active, np.linalg.eigvalsh(np.outer(c, c) + (1 / active - 1) * np.diag(c**2))[-1]


@wrong("leaky_rank", loses=2, mistake="the formula for classes that are alike, whatever they are")
def leaky_rank(lengths, labels, slope):
    return 2 * (1 + slope**2) / (1 + slope) ** 2


@wrong("leaky_rank", loses=2, mistake="counts samples: the lengths are forgotten")
def leaky_rank(lengths, labels, slope):
    return two_rows(np.ones(len(lengths)), labels, slope)


@wrong("leaky_rank", loses=2, mistake="squared lengths in place of their inverses: long inputs decide")
def leaky_rank(lengths, labels, slope):
    return two_rows(np.asarray(lengths) ** 2, labels, slope)


@wrong("leaky_rank", loses=3, mistake="adds the two classes as if their rows were orthogonal")
def leaky_rank(lengths, labels, slope):
    return two_rows(1 / np.asarray(lengths) ** 2, labels, slope, angle=0.0)


def two_rows(size, labels, slope, angle=1.0):
    p, q = (size[np.asarray(labels) == sign].sum() for sign in (1, -1))
    across = -angle * slope * (p + q)
    rows = np.array([[p + slope**2 * q, across], [across, q + slope**2 * p]])
    return np.trace(rows) / np.linalg.eigvalsh(rows)[-1]


@wrong("least_line_norm", loses=1, mistake="the total variation only: a straight line would be free")
def least_line_norm(x, y):
    return np.abs(np.diff(slopes(x, y))).sum()


@wrong("least_line_norm", loses=1, mistake="a missing ½: the norm on the whole line, where a slope needs two neurons")
def least_line_norm(x, y):
    s = slopes(x, y)
    return max(np.abs(np.diff(s)).sum(), abs(s[0] + s[-1]))


@wrong("least_line_norm", loses=2, mistake="takes the samples in the order in which they come")
def least_line_norm(x, y):
    s = np.diff(y) / np.diff(x)
    variation = np.abs(np.diff(s)).sum()
    return max(variation, (variation + abs(s[0] + s[-1])) / 2)


@wrong("least_line_norm", loses=3, mistake="asks for slope zero outside the samples")
def least_line_norm(x, y):
    return np.abs(np.diff(np.concatenate([[0], slopes(x, y), [0]]))).sum()


def slopes(x, y):
    order = np.argsort(x)
    return np.diff(np.asarray(y)[order]) / np.diff(np.asarray(x)[order])


@wrong("room_between", loses=3, mistake="straight lines are the only interpolant of least norm")
def room_between(x, y, place):
    return np.full(2, np.interp(place, x, y))


@wrong("room_between", loses=2, mistake="the line of the left neighbour only")
def room_between(x, y, place):
    return room(x, y, place, lambda left, right, convex: left)


@wrong("room_between", loses=2, mistake="the smaller of the two lines below a convex function, the larger above")
def room_between(x, y, place):
    return room(x, y, place, lambda left, right, convex: min(left, right) if convex else max(left, right))


@wrong("room_between", loses=1, mistake="room also where the slope turns")
def room_between(x, y, place):
    return room(x, y, place, lambda left, right, convex: max(left, right) if convex else min(left, right), turns=True)


def room(x, y, place, other, turns=False):
    x, y, s = np.asarray(x), np.asarray(y), np.diff(y) / np.diff(x)
    k = int(np.clip(np.searchsorted(x, place) - 1, 0, len(s) - 1))
    chord = y[k] + s[k] * (place - x[k])
    if not 0 < k < len(s) - 1 or (not turns and (s[k] - s[k - 1]) * (s[k + 1] - s[k]) <= 0):
        return np.array([chord, chord])
    left, right = y[k] + s[k - 1] * (place - x[k]), y[k + 1] + s[k + 1] * (place - x[k + 1])
    return np.sort([other(left, right, s[k] < s[k + 1]), chord])


@wrong("price_of_a_neuron", loses=2, mistake="the price of squares, whatever the exponents")
def price_of_a_neuron(amplitude, outer, inner, rho, r):
    return abs(amplitude) * np.sqrt(outer * inner)


@wrong("price_of_a_neuron", loses=2, mistake="a missing ½: twice the price")
def price_of_a_neuron(amplitude, outer, inner, rho, r):
    s = 1 / rho + 1 / r
    return 2 * s * (abs(amplitude) * outer ** (1 / rho) * inner ** (1 / r)) ** (1 / s)


@wrong("price_of_a_neuron", loses=1, mistake="the exponents of the two layers exchanged")
def price_of_a_neuron(amplitude, outer, inner, rho, r):
    s = 1 / rho + 1 / r
    return s * (abs(amplitude) * outer ** (1 / r) * inner ** (1 / rho)) ** (1 / s)


@wrong("price_of_a_neuron", loses=2, mistake="balances the weights themselves, |v| = |w|, not their prices")
def price_of_a_neuron(amplitude, outer, inner, rho, r):
    if (rho, r) == (2, 2):
        return abs(amplitude) * np.sqrt(outer * inner)
    size = np.sqrt(abs(amplitude))
    return outer / rho * size**rho + inner / r * size**r


@wrong("shared_price", loses=2, mistake="every neuron pays for itself: nothing is merged")
def shared_price(W, b, V):
    folds = np.asarray(V) * np.linalg.norm(W, axis=1)[:, None]
    return np.array([np.linalg.norm(folds, axis=1).sum(), np.abs(folds).sum()])


@wrong("shared_price", loses=3, mistake="half the sum of squares, without the best scale")
def shared_price(W, b, V):
    squares = (np.asarray(W) ** 2).sum() + (np.asarray(V) ** 2).sum()
    return np.full(2, squares / 2)


@wrong("shared_price", loses=2, mistake="merges neurons that look the same way only")
def shared_price(W, b, V):
    return merged(W, b, V, turned=1.0)


@wrong("shared_price", loses=2, mistake="neurons that look opposite ways subtract")
def shared_price(W, b, V):
    return merged(W, b, V, sign=-1.0)


def merged(W, b, V, turned=-1.0, sign=1.0):
    W, b, V = np.asarray(W), np.asarray(b), np.asarray(V)
    size = np.linalg.norm(W, axis=1, keepdims=True)
    planes, folds = np.column_stack([W, b]) / size, V * size
    total, left = np.zeros(2), list(range(len(W)))
    while left:
        first = planes[left[0]]
        same = [k for k in left if np.allclose(planes[k], first)]
        other = [k for k in left if np.allclose(turned * planes[k], first) and k not in same]
        fold = folds[same].sum(axis=0) + sign * folds[other].sum(axis=0)
        total += np.linalg.norm(fold), np.abs(fold).sum()
        left = [k for k in left if k not in same + other]
    return total


@wrong("shell_bump", loses=2, mistake="the bump of the origin, multiplied until it is 1 on the sphere")
def shell_bump(rho):
    value = 1 - 1.5 * rho if rho < 0.5 else (1 - rho) ** 2 / (2 * rho)
    return 1 / value, np.array([0, 0.5, 1]), np.array([-6, 8, -2]) / value


@wrong("shell_bump", loses=2, mistake="the bump with a flat top, which is 1 on the whole ball")
def shell_bump(rho):
    kinks = np.array([rho, (1 + rho) / 2, 1])
    return 1.0, kinks, np.linalg.solve([np.ones(3), kinks, kinks**2], [0, 2, 0])


@wrong("shell_bump", loses=4, mistake="a missing ½: the amplitudes of the profile's second derivative at both signs")
def shell_bump(rho):
    b = 1 / (2 - rho)
    kinks, amplitudes = np.array([0, b, 1]), 8 * (2 - rho) / (1 - rho) ** 2 * np.array([b**2 - 1, 1, -(b**2)])
    return amplitudes @ kinks / 2, kinks, amplitudes


@wrong("shell_bump", loses=4, mistake="the constant fixed at 1, as for a label at the origin")
def shell_bump(rho):
    b = 1 / (2 - rho)
    return 1.0, np.array([0, b, 1]), 4 * (2 - rho) / (1 - rho) ** 2 * np.array([b**2 - 1, 1, -(b**2)])


@wrong("raised_cone", loses=2, mistake="three kinks at 0, ½ and 1 whatever the height")
def raised_cone(height):
    return height, np.array([0, 0.5, 1]), np.array([4 - 6 * height, 8 * height, -2 * height])


@wrong("raised_cone", loses=1, mistake="two kinks whatever the height")
def raised_cone(height):
    if height == 1.0:
        return height, np.array([0, 0.5, 1]), np.array([-2.0, 8.0, -2.0])
    m = height / (2 - height)
    return height, np.array([m, 1]), np.array([4, -4 * m**2]) / (1 - m**2)


@wrong("raised_cone", loses=4, mistake="a missing ½: the mass of the profile at either sign")
def raised_cone(height):
    return height, np.array([0, 0.5, 1]), np.array([4 - 6 * height, 8 * height, -2 * height]) / [1, 2, 2]


@wrong("raised_cone", loses=4, mistake="the cone, lifted as a whole")
def raised_cone(height):
    return height, np.array([0.0]), np.array([4.0])
