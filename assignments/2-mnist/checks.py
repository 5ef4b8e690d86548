"""The checks of problem set 2."""

import itertools

import numpy as np

from stableminima import random_network, tangent_kernel
from stableminima.book.grading import check, close, holds, leaves_arguments

# --- weight decay without weights


def true_weight_step(net, X, y, batch, step_size, decay):
    """The same step on the weights, written with nothing but the gradients; returns (W, b, v, c)."""
    W, b, v, c = net
    x, shrink = X[batch], 1 - step_size * decay
    z = x @ W.T + b
    back = (np.maximum(z, 0) @ v + c - y[batch]) / len(batch)
    slope = back[:, None] * (z > 0) * v
    return (
        shrink * W - step_size * slope.T @ x,
        shrink * b - step_size * slope.sum(axis=0),
        shrink * v - step_size * np.maximum(z, 0).T @ back,
        c - step_size * back.sum(),
    )


def start_of(rng, n=9, d=4, k=6):
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    return (rng.normal(size=(k, d)), rng.normal(size=k), rng.normal(size=k), rng.normal()), X, y


def true_comparison(decayed_step, rng, size, decay, steps=1):
    net, X, y = start_of(rng)
    Z, v, c, K = X @ net[0].T + net[1], net[2], net[3], X @ X.T + 1
    Z = Z.T
    for _ in range(steps):
        batch = rng.permutation(len(X))[:size]
        net = true_weight_step(net, X, y, batch, 0.02, decay)
        Z, v, c = decayed_step(Z, v, c, K, y, batch, 0.02, decay)
    close(Z, (X @ net[0].T + net[1]).T)
    close(v, net[2])
    close(c, net[3])


@check("decayed_step", points=1, public=True)
def one_neuron_and_a_batch_of_one(decayed_step):
    Z, v, c = decayed_step(
        np.array([[1.0, 2.0]]),
        np.ones(1),
        0.0,
        np.array([[2.0, 3.0], [3.0, 5.0]]),
        np.zeros(2),
        np.array([0]),
        0.5,
        0.0,
    )
    close(Z, [[0.0, 0.5]], "the residual is 1, so that Γ has the one entry ½; without decay Z moves by −ΓK")
    close(v, [0.5], "v moves by the step times residual times z₊, all as they were before the step")
    close(c, -0.5, "c moves by the step times the mean residual of the batch")


@check(
    "decayed_step",
    points=1,
    tries="one step without decay on a batch of four, and that the arguments are left as they are",
    cause="the sum over the batch for its mean, or an assignment into Z or v",
)
def a_batch_of_several(decayed_step, rng):
    true_comparison(decayed_step, rng, size=4, decay=0.0)
    leaves_arguments(decayed_step)


@check(
    "decayed_step",
    points=1,
    tries="one step with a strong decay",
    cause="the output bias decays as well, or the decay is forgotten for v",
)
def one_step_with_decay(decayed_step, rng):
    true_comparison(decayed_step, rng, size=1, decay=5.0)


@check(
    "decayed_step",
    points=1,
    tries="forty steps against the same steps on the weights",
    cause="the new v is used for Z: all gradients belong to the state before the step",
)
def forty_steps_against_the_weights(decayed_step, rng):
    true_comparison(decayed_step, rng, size=3, decay=0.5, steps=40)


# --- the weights, from the state


@check("weights_of", points=1, public=True)
def a_neuron_on_the_line(weights_of):
    W, b = weights_of(np.array([[1.0, 3.0]]), np.zeros((1, 1)), np.zeros(1), np.array([[0.0], [1.0]]))
    close(W, [[2.0]], "the only affine function with the values 1 at 0 and 3 at 1 has slope 2")
    close(b, [1.0], "and the value 1 at 0")


def moved(rng, X, k=5):
    """A start, and where steps along the inputs have taken it."""
    W0, b0, C = rng.normal(size=(k, X.shape[1])), rng.normal(size=k), rng.normal(size=(k, len(X)))
    return W0, b0, W0 - C @ X, b0 - C.sum(axis=1)


@check(
    "weights_of",
    points=1,
    tries="more samples than inputs",
    cause="the start of the run is forgotten: only the change lies in the row space",
)
def many_samples(weights_of, rng):
    X = rng.normal(size=(12, 4))
    W0, b0, W, b = moved(rng, X)
    found = weights_of(W @ X.T + b[:, None], W0, b0, X)
    close(found[0], W)
    close(found[1], b)


@check(
    "weights_of",
    points=1,
    tries="fewer samples than inputs, some of which are always zero",
    cause="normal equations, which are singular here; the pseudo-inverse is meant",
)
def dark_pixels_and_few_samples(weights_of, rng):
    X = rng.normal(size=(5, 9)) * (np.arange(9) < 7)
    W0, b0, W, b = moved(rng, X)
    found = weights_of(W @ X.T + b[:, None], W0, b0, X)
    close(found[0], W)
    close(found[1], b)


# --- the mean-square threshold


def true_threshold(F, batch_size):
    """By the formula for the noise of a batch, on symmetric matrices only."""
    n, p = F.shape
    noise = (n - batch_size) / (batch_size * (n - 1))
    H, pairs = F.T @ F / n, list(itertools.combinations_with_replacement(range(p), 2))
    basis = [np.zeros((p, p)) for _ in pairs]
    for M, (a, b) in zip(basis, pairs, strict=True):
        M[a, b] = M[b, a] = 1 if a == b else np.sqrt(0.5)

    def D(M):
        values = np.einsum("ia,ab,ib->i", F, M, F)
        return (1 - noise) * H @ M @ H + noise / n * (F.T * values) @ F

    C = np.array([[np.sum(N * (H @ M + M @ H)) / 2 for M in basis] for N in basis])
    root = np.linalg.inv(np.linalg.cholesky(C))
    return 2 / np.linalg.eigvalsh(root @ np.array([[np.sum(N * D(M)) for M in basis] for N in basis]) @ root.T)[-1]


@check("mean_square_threshold", points=1, public=True)
def two_orthogonal_gradients(mean_square_threshold):
    close(
        mean_square_threshold(np.diag([2.0, 1.0]), 1),
        0.5,
        "compare with your answer to (b); it is 1 for gradient descent",
    )


@check(
    "mean_square_threshold",
    points=1,
    tries="four random gradients, one sample a batch",
    cause="2/max‖φ‖², which is only a lower bound",
)
def batches_of_one(mean_square_threshold, rng):
    F = rng.normal(size=(4, 3))
    close(mean_square_threshold(F, 1), true_threshold(F, 1))


@check(
    "mean_square_threshold",
    points=1,
    tries="batches of two of five, and all five",
    cause="samples drawn with replacement inside of a batch",
)
def larger_batches(mean_square_threshold, rng):
    F = rng.normal(size=(5, 2))
    close(mean_square_threshold(F, 2), true_threshold(F, 2))
    close(mean_square_threshold(F, 5), 2 / np.linalg.eigvalsh(F.T @ F / 5)[-1])


# --- reshuffling


def true_growth(F, step_size, reshuffled):
    """The growth over an epoch, from the images of a basis under sums over all paths of an epoch."""
    n, p = F.shape
    paths = list(itertools.permutations(range(n)) if reshuffled else itertools.product(range(n), repeat=n))
    columns = []
    for entry in np.eye(p * p):
        image = np.zeros((p, p))
        for path in paths:
            M = entry.reshape(p, p)
            for i in path:
                M = M - step_size * np.outer(F[i], F[i] @ M)
                M = M - step_size * np.outer(M @ F[i], F[i])
            image += M / len(paths)
        columns.append(image.ravel())
    return np.abs(np.linalg.eigvals(np.array(columns))).max()


def compare_growth(epoch_growth, F, step_size):
    independent, reshuffled = epoch_growth(F, step_size)
    close(independent, true_growth(F, step_size, False), rtol=1e-5, atol=1e-7)
    close(reshuffled, true_growth(F, step_size, True), rtol=1e-5, atol=1e-7)


@check("epoch_growth", points=1, public=True)
def two_curvatures(epoch_growth):
    independent, reshuffled = epoch_growth(np.array([[1.0], [2.0]]), 0.5)
    close(
        reshuffled,
        0.25,
        "the curvatures are 1 and 4: a step multiplies the error by 0.5 or by −1, an epoch has one of each",
    )
    close(independent, 0.390625, "an epoch has two steps, and each takes the mean of two squares")


@check(
    "epoch_growth",
    points=1,
    tries="two random gradients",
    cause="products of first moments in place of second moments",
)
def two_gradients_in_the_plane(epoch_growth, rng):
    compare_growth(epoch_growth, rng.normal(size=(2, 2)), rng.uniform(0.3, 0.9))


@check(
    "epoch_growth",
    points=1,
    tries="three random gradients: six orders",
    cause="only one order of the epoch, or the growth of a step for that of an epoch",
)
def three_gradients_in_the_plane(epoch_growth, rng):
    compare_growth(epoch_growth, rng.normal(size=(3, 2)), rng.uniform(0.3, 0.9))


# --- the stopping rule


@check("stopping_epoch", points=1, public=True)
def an_interrupted_history(stopping_epoch):
    history = [1.0, 0.1, 0.001, 0.001, 0.5, 0.001, 0.001, 0.001, 0.001]
    close(
        stopping_epoch(history, 0.01, 3), 8, "the three epochs must follow each other, and the first epoch is number 1"
    )


def true_epoch(history, tolerance, hold, warmup=0):
    for last in range(warmup + hold, len(history) + 1):
        if all(loss < tolerance for loss in history[last - hold : last]):
            return last
    return None


def same_epoch(stopping_epoch, *arguments):
    found, expected = stopping_epoch(*arguments), true_epoch(*arguments)
    holds(found == expected, f"found {found} for a history of {len(arguments[0])} epochs")


@check(
    "stopping_epoch",
    points=1,
    tries="a hundred histories of losses and several numbers of epochs",
    cause="epochs below the tolerance are counted that do not follow each other, or `below` is read as `at most`",
)
def many_histories(stopping_epoch, rng):
    for hold in (1, 2, 3, 4, 20):
        for _ in range(20):
            same_epoch(stopping_epoch, rng.choice([0.5, 1.0, 2.0], size=30, p=[0.8, 0.1, 0.1]), 1.0, hold)


@check(
    "stopping_epoch",
    points=1,
    tries="histories with a warm-up",
    cause="epochs of the warm-up are counted as held, or the number that is returned begins after the warm-up",
)
def warm_up(stopping_epoch, rng):
    for warmup in (1, 3, 7):
        same_epoch(stopping_epoch, np.full(20, 1e-3), 1e-2, 4, warmup)
        for _ in range(20):
            same_epoch(stopping_epoch, rng.choice([0.5, 2.0], size=40), 1.0, 3, warmup)


# --- one test vector


def true_bounds(G, steps):
    """ρ and κ from powers of G / n, scaled by their largest eigenvalue so that they stay bounded."""
    values, vectors = np.linalg.eigh(G / len(G))
    part, top = vectors.T @ np.ones(len(G)), values[-1]
    powers = [vectors @ (part * (values / top) ** m) for m in range(steps + 2)]
    lower = [top * (u @ w) / (u @ u) for u, w in itertools.pairwise(powers)]
    return np.array(lower), np.array([top * (w / u).max() for u, w in itertools.pairwise(powers)])


@check("squeeze", points=1, public=True)
def two_samples_and_no_step(squeeze):
    lower, upper = squeeze(np.array([[3.0, 1.0], [1.0, 1.0]]), 0)
    close(
        lower, [1.5], "with no step the test vector is constant; G/2 has the row sums 2 and 1; the result is an array"
    )
    close(upper, [2.0], "the larger row sum of G/2")


@check(
    "squeeze",
    points=1,
    tries="a positive matrix and four steps",
    cause="the largest row sum in place of the quotient of the test vector, or one entry too few",
)
def a_positive_matrix(squeeze, rng):
    F = rng.uniform(0.1, 1, size=(7, 3)) ** 3
    lower, upper = squeeze(F @ F.T, 4)
    expected = true_bounds(F @ F.T, 4)
    close(lower, expected[0])
    close(upper, expected[1])


@check(
    "squeeze",
    points=1,
    tries="six hundred steps on the kernel of a network",
    cause="powers that overflow: the vector is to be normalised in each step",
)
def hundreds_of_steps_on_a_network(squeeze, rng):
    X = 10 * rng.uniform(size=(20, 5))
    G = tangent_kernel(random_network(5, 15, seed=int(rng.integers(1000))), X)
    lower, upper = squeeze(G, 600)
    close(len(lower), 601)
    close([lower[-1], upper[-1]], np.full(2, np.linalg.eigvalsh(G)[-1] / len(G)), rtol=1e-5)


# --- uphill first


def true_ascent(net, X, y, batch, step_size, radius):
    """The same step on the weights, all parameters in one vector; returns (W, b, v, c)."""
    shapes = [np.shape(part) for part in net]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def parts(theta):
        return [part.reshape(shape) for part, shape in zip(np.split(theta, cuts), shapes, strict=True)]

    def gradient(theta):
        moved = true_weight_step(parts(theta), X, y, batch, 1.0, 0.0)
        return theta - np.concatenate([np.ravel(part) for part in moved])

    theta = np.concatenate([np.ravel(part) for part in net])
    uphill = gradient(theta)
    return parts(theta - step_size * gradient(theta + radius * uphill / np.linalg.norm(uphill)))


def true_ascents(ascended_step, rng, size, radius, steps=1):
    net, X, y = start_of(rng)
    Z, v, c, K = (X @ net[0].T + net[1]).T, net[2], net[3], X @ X.T + 1
    for _ in range(steps):
        batch = rng.permutation(len(X))[:size]
        net = true_ascent(net, X, y, batch, 0.02, radius)
        Z, v, c = ascended_step(Z, v, c, K, y, batch, 0.02, radius)
    close(Z, (X @ net[0].T + net[1]).T)
    close(v, net[2])
    close(c, net[3])


@check("ascended_step", points=1, public=True)
def uphill_on_a_batch_of_one(ascended_step):
    Z, v, c = ascended_step(
        np.array([[1.0, 2.0]]),
        np.ones(1),
        0.0,
        np.array([[2.0, 3.0], [3.0, 5.0]]),
        np.zeros(2),
        np.array([0]),
        0.5,
        1.0,
    )
    close(v, [-2.5], "the gradient has the length 2; uphill z = (2, 3.5), v = 1.5, c = 0.5, the residual 3.5")
    close(Z, [[-4.25, -5.875]], "the step begins at Z and moves it by the gradient of the point uphill")
    close(c, -1.75, "c moves by the step times the mean residual uphill")


@check(
    "ascended_step",
    points=1,
    tries="one step with a tiny radius, that the arguments are left as they are, and a batch that is fitted already",
    cause="the sum over the batch for its mean, an assignment into Z or v, or a division by a gradient of length zero",
)
def hardly_uphill(ascended_step, rng):
    true_ascents(ascended_step, rng, size=4, radius=1e-9)
    leaves_arguments(ascended_step)
    Z = rng.normal(size=(2, 3))
    v, c = ascended_step(Z, np.zeros(2), 0.5, np.eye(3) + 1, np.full(3, 0.5), np.array([0, 2]), 0.1, 1.0)[1:]
    close(np.append(v, c), [0.0, 0.0, 0.5], "on a batch that is fitted the gradient is zero, and there is no step")


@check(
    "ascended_step",
    points=1,
    tries="one step with a large radius on a batch of three",
    cause="the length of the gradient without K, or without the output weights and the output bias",
)
def far_uphill(ascended_step, rng):
    true_ascents(ascended_step, rng, size=3, radius=2.0)


@check(
    "ascended_step",
    points=1,
    tries="forty steps against the same steps on the weights",
    cause="the descent begins uphill and not where the step began",
)
def forty_ascents_against_the_weights(ascended_step, rng):
    true_ascents(ascended_step, rng, size=3, radius=0.5, steps=40)


# --- a new image


@check("off_sample", points=1, public=True)
def further_along_the_line(off_sample):
    found = off_sample(
        np.array([[1.0, 3.0]]),
        np.zeros((1, 2)),
        np.array([[1.0, 1.0], [1.0, 2.0]]),
        np.zeros((1, 1)),
        np.array([[1.0], [3.0]]),
    )
    close(found, [[5.0]], "samples 0 and 1, a run that began at zero: the neuron has slope 2 and is 5 at x = 2")


def compare_off_sample(off_sample, rng, X, new):
    W0, b0, W, b = moved(rng, X)
    before, now = W0 @ X.T + b0[:, None], W @ X.T + b[:, None]
    close(off_sample(now, before, X @ X.T + 1, W0 @ new.T + b0[:, None], X @ new.T + 1), W @ new.T + b[:, None])


@check(
    "off_sample",
    points=1,
    tries="more samples than inputs, and three new inputs",
    cause="the pre-activations of the start at the new inputs are not added",
)
def new_inputs_among_many_samples(off_sample, rng):
    compare_off_sample(off_sample, rng, rng.normal(size=(12, 4)), rng.normal(size=(3, 4)))


@check(
    "off_sample",
    points=1,
    tries="few samples with pixels that are always zero, and new inputs where they are not",
    cause="the start of the run is forgotten: what is outside of the affine hull of the samples is its work alone",
)
def new_inputs_with_light_in_dark_pixels(off_sample, rng):
    compare_off_sample(off_sample, rng, rng.normal(size=(5, 9)) * (np.arange(9) < 7), rng.normal(size=(2, 9)))


# --- batches by the toss of a coin


def true_coin_threshold(F, q):
    """By bisection: the step at which the second moment, summed over all subsets as batches, begins to grow."""
    n, p = F.shape
    steps = [
        (q ** sum(chosen) * (1 - q) ** (n - sum(chosen)), (F * np.array(chosen)[:, None]).T @ F / (q * n))
        for chosen in itertools.product([0, 1], repeat=n)
    ]

    def growth(step_size):
        maps = [(weight, np.eye(p) - step_size * H) for weight, H in steps]
        return np.abs(np.linalg.eigvals(sum(weight * np.kron(P, P) for weight, P in maps))).max()

    low, high = 0.0, 4 / np.linalg.eigvalsh(F.T @ F / n)[-1]
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if growth(middle) < 1 else (low, middle)
    return high


@check("coin_threshold", points=1, public=True)
def orthogonal_gradients_and_a_coin(coin_threshold):
    close(
        coin_threshold(np.diag([2.0, 1.0]), 0.25),
        0.25,
        "compare with your answer to (b); it is 1 for gradient descent",
    )


@check(
    "coin_threshold",
    points=1,
    tries="four random gradients, coins that are seldom heads",
    cause="batches of a fixed size, or the noise without its factor 1/n",
)
def seldom_heads(coin_threshold, rng):
    F, q = rng.normal(size=(4, 3)), rng.uniform(0.1, 0.4)
    close(coin_threshold(F, q), true_coin_threshold(F, q), rtol=1e-5)


@check(
    "coin_threshold",
    points=1,
    tries="five gradients in the plane, coins that are often heads, and always",
    cause="the gradient is divided by the number of samples that came, and not by the expected one",
)
def often_heads(coin_threshold, rng):
    F, q = rng.normal(size=(5, 2)), rng.uniform(0.5, 0.9)
    close(coin_threshold(F, q), true_coin_threshold(F, q), rtol=1e-5)
    close(coin_threshold(F, 1.0), 2 / np.linalg.eigvalsh(F.T @ F / 5)[-1])


# --- the same order again, or there and back


def true_order_growth(F, step_size, there_and_back):
    """The images of a basis of the symmetric matrices, step by step over two epochs; the square root of the growth."""
    n, p = F.shape
    path = [*range(n), *(reversed(range(n)) if there_and_back else range(n))]
    pairs = list(itertools.combinations_with_replacement(range(p), 2))
    columns = []
    for a, b in pairs:
        M = np.zeros((p, p))
        M[a, b] = M[b, a] = 1.0
        for i in path:
            M = M - step_size * np.outer(F[i], F[i] @ M)
            M = M - step_size * np.outer(M @ F[i], F[i])
        columns.append([M[pair] for pair in pairs])
    return np.sqrt(np.abs(np.linalg.eigvals(np.array(columns))).max())


def compare_orders(order_growth, F, step_size):
    fixed, swinging = order_growth(F, step_size)
    close(fixed, true_order_growth(F, step_size, False), rtol=1e-5, atol=1e-6)
    close(swinging, true_order_growth(F, step_size, True), rtol=1e-5, atol=1e-6)


@check("order_growth", points=1, public=True)
def two_numbers_in_order(order_growth):
    fixed, swinging = order_growth(np.array([[1.0], [2.0]]), 0.5)
    close(
        fixed, 0.25, "the curvatures are 1 and 4: the steps multiply the error by 0.5 and −1, its square by 0.25 and 1"
    )
    close(swinging, 0.25, "numbers commute: there and back does the same in every epoch")


@check(
    "order_growth",
    points=1,
    tries="two random gradients",
    cause="the growth of the error in place of its second moment, or that of two epochs for swinging",
)
def two_gradients_in_order(order_growth, rng):
    for _ in range(20):
        compare_orders(order_growth, rng.normal(size=(2, 2)), rng.uniform(0.3, 1.5))


@check(
    "order_growth",
    points=1,
    tries="four random gradients, some of whose products have complex eigenvalues",
    cause="the real parts of the eigenvalues in place of their sizes, or the samples in another order",
)
def four_gradients_in_order(order_growth, rng):
    for _ in range(20):
        compare_orders(order_growth, rng.normal(size=(4, 3)), rng.uniform(0.3, 1.2))


# --- a plateau


@check("plateau_epoch", points=1, public=True)
def a_slow_descent(plateau_epoch):
    history = [8.0, 4.0, 3.0, 2.5, 1.9, 1.8, 1.7, 1.6, 0.1]
    close(
        plateau_epoch(history, 3, 0.5),
        6,
        "with γ = ½: 4 is not below ½ · 8, but 3 is; from there on losses are compared with 3; the first epoch is 1",
    )


def true_plateau(history, patience, gain, warmup=0):
    """The same by recursion on what is left of the history."""
    left = list(history[warmup:])
    for k, loss in enumerate(left[: patience + 1]):
        if k and loss < (1 - gain) * left[0]:
            return true_plateau(history, patience, gain, warmup + k)
    return warmup + 1 + patience if len(left) > patience else None


def same_plateau(plateau_epoch, *arguments):
    found, expected = plateau_epoch(*arguments), true_plateau(*arguments)
    holds(found == expected, f"found {found} for a history of {len(arguments[0])} epochs")


@check(
    "plateau_epoch",
    points=1,
    tries="two hundred histories of falling and rising losses, several numbers of epochs",
    cause="each loss is compared with the one before and not with the reference, or `below` is read as `at most`",
)
def many_descents(plateau_epoch, rng):
    for patience in (1, 2, 3, 5, 20):
        for gain in (0.0, 0.5):
            for _ in range(20):
                losses = 2.0 ** np.cumsum(rng.choice([-1, 0, 1], size=40, p=[0.45, 0.3, 0.25]))
                same_plateau(plateau_epoch, losses, patience, gain)


@check(
    "plateau_epoch",
    points=1,
    tries="histories with a warm-up",
    cause="the reference is taken from the warm-up, or the number that is returned begins after it",
)
def descents_with_a_warm_up(plateau_epoch, rng):
    for warmup in (1, 3, 7):
        same_plateau(plateau_epoch, np.r_[np.full(warmup, 1e-3), np.ones(20)], 4, 0.1, warmup)
        for _ in range(20):
            losses = 2.0 ** np.cumsum(rng.choice([-1, 0, 1], size=40, p=[0.4, 0.3, 0.3]))
            same_plateau(plateau_epoch, losses, 3, 0.25, warmup)


# --- traces


def true_traces(G, steps):
    """From the eigenvalues, divided by the largest so that powers stay bounded."""
    values = np.maximum(np.linalg.eigvalsh(G / len(G)), 0)
    top, m = values[-1], np.arange(steps + 2)
    traces = ((values[:, None] / top) ** m).sum(axis=0)
    return top * traces[1:] / traces[:-1], top * traces[1:] ** (1 / m[1:])


@check("trace_bounds", points=1, public=True)
def two_samples_and_two_traces(trace_bounds):
    lower, upper = trace_bounds(np.array([[3.0, 1.0], [1.0, 1.0]]), 1)
    close(lower, [1.0, 1.5], "the traces of (G/2)^m are 2, 2 and 3 for m = 0, 1, 2; the result is an array")
    close(upper, [2.0, np.sqrt(3.0)], "the first one is the trace itself")


@check(
    "trace_bounds",
    points=1,
    tries="a random matrix of low rank and five steps",
    cause="one entry too few, or the root of the wrong order",
)
def a_matrix_of_low_rank(trace_bounds, rng):
    F = rng.normal(size=(8, 3)) * rng.uniform(0.2, 3)
    lower, upper = trace_bounds(F @ F.T, 5)
    expected = true_traces(F @ F.T, 5)
    close(lower, expected[0])
    close(upper, expected[1])


@check(
    "trace_bounds",
    points=1,
    tries="four hundred steps, on a large and on a small matrix",
    cause="powers that overflow or vanish: the matrix is to be scaled in each step, and the scale kept as a logarithm",
)
def hundreds_of_traces(trace_bounds, rng):
    F = rng.normal(size=(12, 6))
    for scale in (1e-3, 1e3):
        G = scale * F @ F.T
        lower, upper = trace_bounds(G, 400)
        expected = true_traces(G, 400)
        close(lower, expected[0], rtol=1e-5)
        close(upper, expected[1], rtol=1e-5)


# --- parts of the sample


def true_part_bounds(F, labels):
    """From the gradients: mean gradients of the parts, and the curvatures of the parts in weight space."""
    n, parts = len(F), [F[labels == label] for label in np.unique(labels)]
    means = np.array([np.sqrt(len(part) / n) * part.mean(axis=0) for part in parts])
    upper = sum(len(part) / n * np.linalg.norm(part.T @ part / len(part), 2) for part in parts)
    return np.linalg.norm(means, 2) ** 2, upper


@check("part_bounds", points=1, public=True)
def three_samples_in_two_parts(part_bounds):
    lower, upper = part_bounds(np.diag([3.0, 2.0, 5.0]), np.array([0, 1, 1]))
    close(lower, 7 / 6, "E is diagonal here: the first part has the entry 3/3, the second (2 + 5)/2/3")
    close(upper, 8 / 3, "the first part has λ = 3 and the weight 1/3, the second λ = 5/2 and the weight 2/3")


@check(
    "part_bounds",
    points=1,
    tries="random gradients in parts of different sizes",
    cause="every part is given the same weight",
)
def parts_of_different_sizes(part_bounds, rng):
    F, labels = rng.normal(size=(12, 5)), rng.permutation(np.repeat([7, -1, 2], [2, 3, 7]))
    lower, upper = part_bounds(F @ F.T, labels)
    expected = true_part_bounds(F, labels)
    close(lower, expected[0])
    close(upper, expected[1])


@check(
    "part_bounds",
    points=1,
    tries="one part, single samples, and labels ±1 that are numbers with a point",
    cause="parts are taken to follow each other, or to be numbered from zero",
)
def coarse_and_fine_parts(part_bounds, rng):
    F = rng.normal(size=(8, 5))
    for labels in (np.ones(8), rng.permutation(8), rng.permutation(np.repeat([1.0, -1.0], 4))):
        lower, upper = part_bounds(F @ F.T, labels)
        expected = true_part_bounds(F, labels)
        close(lower, expected[0])
        close(upper, expected[1])


# --- which samples to draw more often


def true_weighted_threshold(F, chances):
    """By bisection: the step at which the second moment of the error begins to grow."""
    n, p = F.shape

    def growth(step_size):
        maps = [np.eye(p) - step_size / (n * c) * np.outer(f, f) for f, c in zip(F, chances, strict=True)]
        return np.abs(np.linalg.eigvals(sum(c * np.kron(P, P) for P, c in zip(maps, chances, strict=True)))).max()

    low, high = 0.0, 4 / np.linalg.eigvalsh(F.T @ F / n)[-1]
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if growth(middle) < 1 else (low, middle)
    return high


@check("weighted_threshold", points=1, public=True)
def orthogonal_gradients_with_weights(weighted_threshold):
    close(
        weighted_threshold(np.diag([2.0, 1.0]), [0.5, 0.5]),
        0.5,
        "equal probabilities: compare with your answer to (a)",
    )
    close(weighted_threshold(np.diag([2.0, 1.0]), [0.9, 0.1]), 0.4, "now the shorter gradient is the worse one")


@check(
    "weighted_threshold",
    points=1,
    tries="random gradients and probabilities",
    cause="the step is not divided by n times the probability, or D not multiplied by it",
)
def random_chances(weighted_threshold, rng):
    for n, p in ((4, 3), (5, 2)):
        F, chances = rng.normal(size=(n, p)), rng.uniform(0.2, 1, size=n)
        chances /= chances.sum()
        close(weighted_threshold(F, chances), true_weighted_threshold(F, chances), rtol=1e-5)


@check(
    "weighted_threshold",
    points=1,
    tries="equal probabilities, and those of (c), which attain 2 / tr H",
    cause="the largest of the h_i / (n p_i), which is right for orthogonal gradients only",
)
def equal_and_best_chances(weighted_threshold, rng):
    F = rng.normal(size=(6, 2))
    close(weighted_threshold(F, np.full(6, 1 / 6)), true_threshold(F, 1))
    squares = (F**2).sum(axis=1)
    close(weighted_threshold(F, squares / squares.sum()), 2 / squares.mean())
