"""The checks of problem set 5.  Public ones are given to students; names in ``true_`` know answers and stay here."""

from itertools import product

import numpy as np
from scipy.optimize import linprog

from stableminima.book.grading import check, close, holds

# --- samples that count more -------------------------------------------------------------------------------------


@check("equalising_weights", points=1, public=True)
def two_orthogonal_samples(equalising_weights):
    hint = "of two orthogonal inputs the longer one is learnt faster, in proportion to the square of its length"
    close(equalising_weights([[1.0, 0.0], [0.0, 2.0]], [1.0, -1.0], 0.5), [1.6, 0.4], hint)


@check(
    "equalising_weights",
    points=1,
    tries="that training with your weights makes all margins equal",
    cause="weights that ignore the correlation of the inputs, or the leak between the classes",
)
def margins_become_equal(equalising_weights, rng):
    X, y = random_inputs(rng, 0.2), np.array([1.0, 1.0, -1.0, -1.0, 1.0])
    slope = rng.uniform(0.1, 0.4)
    weights = np.asarray(equalising_weights(X, y, slope), dtype=float)
    holds(weights.shape == (5,) and (weights > 0).all(), "one positive weight a sample is expected")
    holds(abs(weights.mean() - 1) < 1e-6, "the weights should have mean one")
    holds(np.ptp(true_margins(X, y, slope, weights)) < 1e-3, "the margins do not become equal")


@check(
    "equalising_weights",
    points=1,
    tries="one class, where the weights are known",
    cause="the weights do not have mean one, or the Gram matrix is used without its inverse",
)
def weights_without_classes(equalising_weights, rng):
    X = random_inputs(rng, 0.2)
    weights = np.asarray(equalising_weights(X, np.ones(5), 1.0), dtype=float)
    expected = np.linalg.inv(X @ X.T).sum(axis=1)
    close(weights, expected / expected.mean(), rtol=1e-5)


def random_inputs(rng, common):
    X = rng.normal(size=(5, 60)) / np.sqrt(60) + common * rng.normal(size=60) / np.sqrt(60)
    return X * np.array([0.8, 1.0, 1.2, 1.4, 1.6])[rng.permutation(5), None]


def true_margins(X, y, slope, weights, neurons=2, steps=2000):
    """Gradient descent with loss-normalised steps on the exponential tail, on the weights themselves."""
    pattern = np.array([np.where(y == j, 1.0, slope) for j in (1, -1) for _ in range(neurons)])
    sign = np.repeat([1.0, -1.0], neurons)
    W, z = np.zeros((2 * neurons, X.shape[1])), np.zeros(len(y))
    for _ in range(steps):
        slopes = weights * np.exp(z.min() - z)
        W += 0.3 * sign[:, None] * (pattern * (slopes / slopes.sum() * y)) @ X
        z = y * (sign @ (pattern * (W @ X.T))) / neurons
    return z


# --- a loss with a heavy tail -------------------------------------------------------------------------------------


@check("heavy_margins", points=1, public=True)
def two_orthogonal_inputs(heavy_margins):
    hint = "for a diagonal kernel z^(p + 2) grows by (p + 2) K_ii per unit of time"
    close(heavy_margins([[1.0, 0.0], [0.0, 16.0]], 2.0), [4**0.25, 64**0.25], hint, rtol=1e-4)


@check(
    "heavy_margins",
    points=1,
    tries="the flow itself, with random kernels, until its margins grow like one power",
    cause="the diagonal of the kernel only, or the equation of the exponential tail",
)
def margins_of_the_flow(heavy_margins, rng):
    for p in (1.0, rng.uniform(0.6, 3)):
        K = random_kernel(rng)
        close(heavy_margins(K, p), true_heavy_margins(K, p), rtol=1e-3)


@check(
    "heavy_margins",
    points=1,
    tries="a kernel for which u has a negative entry",
    cause="an iteration that leaves the positive numbers, or does not converge",
)
def where_the_exponential_gives_up(heavy_margins, rng):
    K = np.array([[1.0, -0.8, 0.19], [-0.8, 1.0, 0.19], [0.19, 0.19, 1.0]]) * rng.uniform(0.5, 2)
    for p in (0.8, 5.0):
        close(heavy_margins(K, p), true_heavy_margins(K, p), rtol=1e-3)


def random_kernel(rng):
    root = np.eye(5) + 0.35 * rng.normal(size=(5, 5))
    return root @ root.T


def true_heavy_margins(K, p):
    """The flow of z from 1, in the time log t, by Runge and Kutta."""

    def speed(y):
        return K @ y ** -(p + 1) - y / (p + 2)

    y, step = np.full(len(K), np.max(np.diag(K)) ** (1 / (p + 2))), 2e-3
    for _ in range(60_000):
        first = speed(y)
        if np.abs(first).max() < 1e-7:
            break
        y = y + step * speed(y + step / 2 * first)
    return y


# --- one half is the right number --------------------------------------------------------------------------------


@check("least_dominant", points=1, public=True)
def nearly_dominant(least_dominant):
    judge_matrix(least_dominant(0.99), 0.99)


@check(
    "least_dominant",
    points=1,
    tries="a q between 0.7 and 0.9",
    cause="one matrix whatever q is, or rows that add up to more than q",
)
def moderately_dominant(least_dominant, rng):
    q = rng.uniform(0.7, 0.9)
    judge_matrix(least_dominant(q), q)


@check(
    "least_dominant",
    points=1,
    tries="a q close to one half",
    cause="too few samples: the matrix must grow as q falls to one half",
)
def just_above_one_half(least_dominant, rng):
    q = rng.uniform(0.52, 0.6)
    judge_matrix(least_dominant(q), q)


def judge_matrix(K, q):
    K = np.asarray(K, dtype=float)
    holds(K.ndim == 2 and K.shape[0] == K.shape[1] and np.allclose(K, K.T), "a symmetric matrix is expected")
    holds(np.allclose(np.diag(K), 1), "the diagonal should be 1")
    sums = np.abs(K - np.eye(len(K))).sum(axis=1)
    holds(sums.max() <= q + 1e-9, f"off the diagonal a row adds up to {sums.max():.4f}, more than q = {q:.4f}")
    holds(np.linalg.eigvalsh(K)[0] > 1e-9, "the matrix is not positive definite")
    holds(np.linalg.solve(K, np.ones(len(K))).min() < -1e-9, "no entry of u is negative")


# --- friends and rivals -------------------------------------------------------------------------------------------


@check("least_helpful", points=1, public=True)
def very_helpful(least_helpful):
    judge_friends(least_helpful(1.3), 1.3)


@check(
    "least_helpful",
    points=1,
    tries="a q between 1.5 and 2.9",
    cause="a matrix that is not positive definite: many friends need small entries",
)
def many_friends(least_helpful, rng):
    for q in rng.uniform(1.5, 2.9, 3):
        judge_friends(least_helpful(q), q)


@check(
    "least_helpful",
    points=1,
    tries="a q close to one",
    cause="rows that add up to more than q",
)
def just_above_one(least_helpful, rng):
    q = rng.uniform(1.001, 1.05)
    judge_friends(least_helpful(q), q)


def judge_friends(K, q):
    K = np.asarray(K, dtype=float)
    holds(K.ndim == 2 and K.shape[0] == K.shape[1] and np.allclose(K, K.T), "a symmetric matrix is expected")
    holds(np.allclose(np.diag(K), 1), "the diagonal should be 1")
    holds(K.min() >= 0, "no two samples should hinder each other: an entry is negative")
    sums = np.abs(K - np.eye(len(K))).sum(axis=1)
    holds(sums.max() <= q + 1e-9, f"off the diagonal a row adds up to {sums.max():.4f}, more than q = {q:.4f}")
    holds(np.linalg.eigvalsh(K)[0] > 1e-9, "the matrix is not positive definite")
    holds(np.linalg.solve(K, np.ones(len(K))).min() < -1e-9, "no entry of u is negative")


# --- the rank of the whole layer ---------------------------------------------------------------------------------


@check("whole_rank", points=1, public=True)
def one_sample_a_class(whole_rank):
    hint = "with one input a class each block has rank one, and the two directions are orthogonal"
    close(whole_rank([3.0, 3.0], [1, -1], 0.5), 2.0, hint)


@check(
    "whole_rank",
    points=1,
    tries="Gaussian weights, p = ½",
    cause="one block for both classes: their row spaces are orthogonal",
)
def gaussian_weights(whole_rank, rng):
    lengths, labels = rng.uniform(0.5, 2, 7), np.array([1, -1, 1, 1, -1, 1, -1])
    close(whole_rank(lengths, labels, 0.5), true_rank(lengths, labels, 0.5))


@check(
    "whole_rank",
    points=1,
    tries="other probabilities of being active",
    cause="p = ½ is taken for granted, or the larger eigenvalue of the two blocks is not taken",
)
def shifted_weights(whole_rank, rng):
    lengths, labels = rng.uniform(0.5, 2, 6), rng.permutation([1, -1, 1, 1, -1, -1])
    for active in (1.0, rng.uniform(0.6, 0.9)):
        close(whole_rank(lengths, labels, active), true_rank(lengths, labels, active))


def true_rank(lengths, labels, active):
    """Singular values of a layer with one row for each pattern, weighted by the probability of the pattern."""
    values = []
    for sign in (1, -1):
        part = lengths[labels == sign]
        patterns = np.array(list(product((0, 1), repeat=len(part))))
        chance = np.prod(np.where(patterns == 1, active, 1 - active), axis=1)
        block = np.sqrt(chance)[:, None] * patterns / (active * part)  # u_i |x_i| in the basis x_i/|x_i|
        values.append(np.linalg.svd(block, compute_uv=False))
    values = np.concatenate(values)
    return (values**2).sum() / values.max() ** 2


# --- unequal classes ----------------------------------------------------------------------------------------------


@check("leaky_rank", points=1, public=True)
def classes_that_are_alike(leaky_rank):
    close(leaky_rank([2.0, 2.0], [1, -1], 0.5), 10 / 9, "the chapter's formula for classes that are alike")


@check(
    "leaky_rank",
    points=1,
    tries="classes of different sizes with inputs of different lengths",
    cause="lengths in place of their inverse squares, or numbers of samples",
)
def classes_that_differ(leaky_rank, rng):
    lengths, labels = rng.uniform(0.5, 2, 7), np.array([1, -1, 1, 1, -1, 1, 1])
    slope = rng.uniform(0.1, 0.5)
    close(leaky_rank(lengths, labels, slope), true_leaky_rank(lengths, labels, slope))


@check(
    "leaky_rank",
    points=1,
    tries="one class with a very short input, and another slope",
    cause="the two rows are taken to be orthogonal, or the class with more samples decides",
)
def one_short_input(leaky_rank, rng):
    lengths, labels = rng.uniform(1, 2, 6), rng.permutation([1, -1, 1, 1, -1, -1])
    lengths[0] = 0.2
    slope = rng.uniform(0.05, 0.3)
    close(leaky_rank(lengths, labels, slope), true_leaky_rank(lengths, labels, slope))


def true_leaky_rank(lengths, labels, slope, neurons=3):
    """Singular values of the layer itself: the matrices of the frozen pattern, combined by solving Ku = 1."""
    X = np.diag(lengths)
    sign = np.repeat([1.0, -1.0], neurons)
    pattern = np.where(sign[:, None] == labels, 1.0, slope)
    parts = np.einsum("r,i,ri,id->ird", sign, labels, pattern, X).reshape(len(labels), -1)
    u = np.linalg.solve(parts @ parts.T, np.ones(len(labels)))
    values = np.linalg.svd((u @ parts).reshape(2 * neurons, -1), compute_uv=False)
    return (values**2).sum() / values[0] ** 2


# --- connect the dots --------------------------------------------------------------------------------------------


@check("least_line_norm", points=1, public=True)
def three_samples_of_a_roof(least_line_norm):
    close(least_line_norm([-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]), 2.0, "the slope is 1, then -1, and need not be 0 outside")


@check(
    "least_line_norm",
    points=1,
    tries="six samples in random order",
    cause="the samples are not sorted",
)
def a_zigzag(least_line_norm, rng):
    x = rng.permutation(np.cumsum(rng.uniform(0.3, 1, 6)) - 2)
    y = np.sin(4 * x) + rng.normal(size=6)
    close(least_line_norm(x, y), true_line_norm(x, y), rtol=1e-5)


@check(
    "least_line_norm",
    points=1,
    tries="samples near a steep line",
    cause="the variation of the slope alone: a slope is not free",
)
def a_steep_line(least_line_norm, rng):
    x = rng.permutation(np.cumsum(rng.uniform(0.3, 1, 6)) - 2)
    y = 3 * x + 0.1 * rng.normal(size=6)
    close(least_line_norm(x, y), true_line_norm(x, y), rtol=1e-5)


def true_line_norm(x, y, cells=60):
    """A linear programme over neurons with knots on a grid, at the samples, and beyond them on both sides."""
    inside = np.concatenate([np.linspace(x.min(), x.max(), cells), x])
    knots = np.concatenate([inside, [x.min() - 1], inside, [x.max() + 1]])
    opens = np.repeat([1.0, -1.0], len(inside) + 1)
    hidden = np.maximum(opens * (x[:, None] - knots), 0)
    A = np.hstack([hidden, -hidden, np.ones((len(x), 1)), -np.ones((len(x), 1))])
    cost = np.append(np.ones(2 * len(knots)), [0, 0])
    return linprog(cost, A_eq=A, b_eq=y).fun


# --- what the norm leaves open ------------------------------------------------------------------------------------


@check("room_between", points=1, public=True)
def four_samples_of_a_vee(room_between):
    hint = "every convex function with slopes between -1 and 1 through these four samples has the least norm"
    close(room_between([-2.0, -1.0, 1.0, 2.0], [2.0, 1.0, 1.0, 2.0], 0.0), [0.0, 1.0], hint)
    close(room_between([-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], 0.3), [0.7, 0.7], "nothing is open on the first and last gap")


@check(
    "room_between",
    points=1,
    tries="a convex sequence of samples, and its negative, at random places",
    cause="one neighbour only, or the smaller of two lines where it should be the larger",
)
def between_convex_samples(room_between, rng):
    x = np.cumsum(rng.uniform(0.4, 1, 6)) - 2
    y = x**2 + 0.1 * np.abs(x - x[3])
    for sign in (1, -1):
        for place in rng.uniform(x[1] + 0.05, x[4] - 0.05, 2):
            close(room_between(x, sign * y, place), true_room(x, sign * y, place), rtol=1e-4, atol=1e-5)


@check(
    "room_between",
    points=1,
    tries="a sequence that turns, in every gap",
    cause="room where the slope has a turning point, or on the first and last gap",
)
def between_samples_that_turn(room_between, rng):
    x = np.cumsum(rng.uniform(0.5, 1, 8)) - 3
    y = np.append(0, np.cumsum(np.array([-1.0, 0.2, 1.3, 2.0, 0.6, -0.8, -1.5]) * np.diff(x)))
    for k in range(7):
        place = x[k] + rng.uniform(0.2, 0.8) * (x[k + 1] - x[k])
        close(room_between(x, y, place), true_room(x, y, place), rtol=1e-4, atol=1e-5)


def true_room(x, y, place):
    """Two linear programmes over neurons: the least norm, then the least and the largest value at that norm.

    Knots lie at the samples, at the place, on a grid, and wherever two lines through pairs of samples meet.
    """
    i, j = np.triu_indices(len(x), 1)
    slope = (y[j] - y[i]) / (x[j] - x[i])
    with np.errstate(all="ignore"):
        meet = ((y[i] - slope * x[i])[:, None] - (y[i] - slope * x[i])) / (slope - slope[:, None])
    meet = meet[np.isfinite(meet) & (meet > x.min()) & (meet < x.max())]
    inside = np.unique(np.concatenate([x, [place], np.linspace(x.min(), x.max(), 30), meet.round(12)]))
    knots = np.concatenate([[x.min() - 1], inside, inside, [x.max() + 1]])
    opens = np.repeat([1.0, -1.0], len(inside) + 1)

    def rows(points):
        hidden = np.maximum(opens * (np.asarray(points)[:, None] - knots), 0)
        return np.hstack([hidden, -hidden, np.ones((len(points), 1)), -np.ones((len(points), 1))])

    cost = np.append(np.ones(2 * len(knots)), [0, 0])
    least = linprog(cost, A_eq=rows(x), b_eq=y).fun
    value = rows([place])[0]
    ends = [
        linprog(sign * value, A_eq=rows(x), b_eq=y, A_ub=[cost], b_ub=[least * (1 + 1e-8)]).fun * sign
        for sign in (1, -1)
    ]
    return np.array(ends)


# --- other decays ------------------------------------------------------------------------------------------------


@check("price_of_a_neuron", points=1, public=True)
def unequal_decays(price_of_a_neuron):
    hint = "with squares and the decays 1 and 4 a neuron of amplitude 3 should have v^2 = 6"
    close(price_of_a_neuron(3.0, 1.0, 4.0, 2, 2), 6.0, hint)


@check(
    "price_of_a_neuron",
    points=1,
    tries="other exponents, a negative amplitude",
    cause="balanced weights in place of balanced prices, or |a| is forgotten",
)
def other_exponents(price_of_a_neuron, rng):
    for rho, r in ((1, 1), (1, 2), rng.uniform(0.5, 4, 2)):
        a, outer, inner = -rng.uniform(0.2, 3), rng.uniform(0.2, 1), rng.uniform(1.5, 3)
        close(price_of_a_neuron(a, outer, inner, rho, r), true_price(a, outer, inner, rho, r), rtol=1e-4)


@check(
    "price_of_a_neuron",
    points=1,
    tries="whether splitting a neuron pays, in three cases",
    cause="the price is taken to be linear in the amplitude",
)
def halves_of_a_neuron(price_of_a_neuron, rng):
    a, rho = rng.uniform(1, 3), rng.uniform(2.5, 4)
    for r, gain in ((rho, 1), (rho / (rho - 1), 0), (1.0, -1)):
        whole, half = price_of_a_neuron(a, 1.0, 2.0, rho, r), price_of_a_neuron(a / 2, 1.0, 2.0, rho, r)
        s = 1 / rho + 1 / r
        close(2 * half / whole, 2 ** (1 - 1 / s), "the price should be a power of the amplitude", rtol=1e-5)
        holds(np.sign(round(whole - 2 * half, 6)) == gain, "whether splitting pays")


def true_price(a, outer, inner, rho, r):
    """The least of many scales."""
    v = np.exp(np.linspace(-12, 12, 200_001))
    return (outer / rho * v**rho + inner / r * (abs(a) / v) ** r).min()


# --- one layer, two outputs ---------------------------------------------------------------------------------------


@check("shared_price", points=1, public=True)
def neurons_that_share_a_hyperplane(shared_price):
    hint = "the first neuron is 2 |w| (3, 4); the other two share a hyperplane, and look opposite ways"
    W, b = [[2.0, 0.0], [0.0, 1.0], [0.0, -2.0]], [1.0, -1.0, 2.0]
    close(shared_price(W, b, [[3.0, 4.0], [1.0, 0.0], [0.5, 2.0]]), [10 + np.sqrt(20), 14 + 6], hint)


@check(
    "shared_price",
    points=1,
    tries="random networks in which no two neurons share a hyperplane",
    cause="the sum of squares before rescaling, or the norm of the weights is forgotten",
)
def neurons_apart(shared_price, rng):
    for d, outputs in ((1, 2), (3, 4)):
        W, b, V = rng.normal(size=(6, d)), rng.normal(size=6), rng.normal(size=(6, outputs))
        close(shared_price(W, b, V), true_shared_price(W, b, V, rng), rtol=1e-5)


@check(
    "shared_price",
    points=1,
    tries="networks with copies of neurons, longer and shorter ones, turned around, and some that cancel",
    cause="neurons that look opposite ways are not merged, or absolute values are taken before the sum",
)
def neurons_that_meet(shared_price, rng):
    for d, outputs in ((2, 2), (3, 3)):
        W, b = rng.normal(size=(5, d)), rng.normal(size=5)
        scale = rng.uniform(0.5, 2, (5, 1)) * rng.choice([-1, 1], (5, 1))
        W, b = np.vstack([W, scale * W, -W[:1]]), np.concatenate([b, scale[:, 0] * b, -b[:1]])
        V = rng.normal(size=(11, outputs))
        V[6] = -V[1] / np.abs(scale[1])  # the two cancel
        close(shared_price(W, b, V), true_shared_price(W, b, V, rng), rtol=1e-5, atol=1e-6)


def true_shared_price(W, b, V, rng, step=1e-5):
    """The jump of the slope, measured across a random point of each hyperplane; places met before are left out."""
    seen, prices = [], np.zeros(2)
    for w, bias in zip(W, b, strict=True):
        u = w / np.linalg.norm(w)
        point = rng.normal(size=len(w))
        point -= (u @ point + bias / np.linalg.norm(w)) * u
        if any(abs(other @ point + offset) < 1e-9 for other, offset in seen):
            continue
        seen.append((w, bias))
        values = [np.maximum(W @ (point + k * step * u) + b, 0) @ V for k in (-1, 0, 1)]
        jump = (values[0] - 2 * values[1] + values[2]) / step
        prices += np.linalg.norm(jump), np.abs(jump).sum()
    return prices


# --- a label on a sphere -----------------------------------------------------------------------------------------


@check("shell_bump", points=1, public=True)
def half_way(shell_bump):
    judge_bump(shell_bump(0.5), 0.5)


@check(
    "shell_bump",
    points=1,
    tries="two other radii",
    cause="a function for one radius, or one that is not zero beyond 1",
)
def anywhere(shell_bump, rng):
    for rho in rng.uniform(0.1, 0.8, 2):
        judge_bump(shell_bump(rho), rho)


@check(
    "shell_bump",
    points=2,
    tries="that no smaller norm is possible",
    cause="a bump that is one on the whole ball, or kinks at other places than 0, 1/(2−ρ) and 1",
)
def at_the_least_norm(shell_bump, rng):
    for rho in rng.uniform(0.1, 0.8, 2):
        judge_bump(shell_bump(rho), rho)
        norm = np.abs(shell_bump(rho)[2]).sum()
        holds(norm < (1 + 1e-6) / true_line_error(rho), f"a smaller norm than {norm:.4g} is possible")


def judge_bump(answer, rho):
    c, kinks, amplitudes = (np.asarray(part, dtype=float) for part in answer)
    holds(c.ndim == 0 and kinks.ndim == 1 and kinks.shape == amplitudes.shape, "c, kinks and amplitudes are expected")
    z = (np.arange(20_000) + 0.5) / 10_000 - 1  # the first coordinate of a random unit vector

    def value(radius):
        return c + amplitudes @ [np.maximum(radius * z - b, 0).mean() for b in kinks]

    size = 1 + np.abs(amplitudes).sum()
    holds(abs(value(rho) - 1) < 1e-6 * size, f"the value at radius {rho:.3g} is {value(rho):.4g}, not 1")
    for radius in (1.0, 1.2, 2.0):
        holds(abs(value(radius)) < 1e-6 * size, f"the value at radius {radius} is {value(radius):.4g}, not 0")


def true_line_error(rho):
    """The error of the best line by a linear programme in three unknowns: dual, and independent of the construction."""
    t = np.sort(np.append(np.linspace(0, 1, 4001), 1 / (2 - rho)))
    phi = np.where(t < rho, (t**2 + rho**2) / (4 * rho), t / 2)
    one = np.ones_like(t)
    A = np.vstack([np.column_stack([one, t**2, -one]), np.column_stack([-one, -(t**2), -one])])
    return linprog([0, 0, 1], A_ub=A, b_ub=np.concatenate([phi, -phi]), bounds=[(None, None)] * 3).fun


# --- lifting the tip of a cone ------------------------------------------------------------------------------------


@check("raised_cone", points=1, public=True)
def at_the_height_one(raised_cone):
    judge_cone(raised_cone(1.0), 1.0)
    norm = np.abs(np.asarray(raised_cone(1.0)[2], dtype=float)).sum()
    holds(abs(norm - 12) < 1e-6, f"the norm at height 1 should be 12, not {norm:.4g}")


@check(
    "raised_cone",
    points=1,
    tries="tips that are pushed down or lifted high, norm included",
    cause="amplitudes for one height, or kinks at other places than 0, ½ and 1",
)
def pushed_down_or_lifted_high(raised_cone, rng):
    for height in (-rng.uniform(0.2, 2), rng.uniform(0.7, 2)):
        judge_cone(raised_cone(height), height)
        judge_cone_norm(raised_cone(height), height)


@check(
    "raised_cone",
    points=2,
    tries="tips that are lifted a little, norm included",
    cause="three kinks where two are enough",
)
def lifted_a_little(raised_cone, rng):
    for height in (rng.uniform(0.05, 0.3), rng.uniform(0.35, 0.62)):
        judge_cone(raised_cone(height), height)
        judge_cone_norm(raised_cone(height), height)


def judge_cone(answer, height):
    c, kinks, amplitudes = (np.asarray(part, dtype=float) for part in answer)
    holds(c.ndim == 0 and kinks.ndim == 1 and kinks.shape == amplitudes.shape, "c, kinks and amplitudes are expected")
    holds((kinks >= 0).all(), "kinks should not be negative")
    z = (np.arange(20_000) + 0.5) / 10_000 - 1  # the first coordinate of a random unit vector
    size = 1 + np.abs(amplitudes).sum()
    holds(abs(c - height) < 1e-6 * size, f"the value at the origin is {float(c):.4g}, not {height:.4g}")
    for radius in (1.0, 1.3, 2.0):
        value = c + amplitudes @ [np.maximum(radius * z - b, 0).mean() for b in kinks]
        holds(abs(value - radius) < 1e-6 * size, f"the value at radius {radius} is {value:.4g}, not {radius}")


def judge_cone_norm(answer, height):
    norm = np.abs(np.asarray(answer[2], dtype=float)).sum()
    holds(norm < true_cone_norm(height) * (1 + 1e-4), f"a smaller norm than {norm:.4g} is possible")


def true_cone_norm(height):
    """A linear programme over kinks on a grid, which asks for the values themselves: no moments, no polynomials."""
    b, r = np.linspace(0, 1, 801), np.linspace(1, 2, 9)[:, None]
    neurons = np.where(r > b, (r - b) ** 2 / (4 * r), 0)
    return linprog(np.ones(2 * len(b)), A_eq=np.hstack([neurons, -neurons]), b_eq=r[:, 0] - height).fun
