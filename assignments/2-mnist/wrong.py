"""Plausible wrong answers to problem set 2, and the marks that they must lose."""

import itertools

import numpy as np

from stableminima.book.grading import wrong


@wrong("decayed_step", loses=2, mistake="the sum over the batch in the place of its mean (1/B is missing)")
def decayed_step(Z, v, c, K, y, batch, step_size, decay):
    hidden = np.maximum(Z[:, batch], 0)
    pull = step_size * (v @ hidden + c - y[batch])
    gamma = np.outer(v, pull) * (hidden > 0)
    shrink = 1 - step_size * decay
    return shrink * Z - gamma @ K[batch], shrink * v - hidden @ pull, c - pull.sum()


@wrong("decayed_step", loses=2, mistake="the output bias decays as well")
def decayed_step(Z, v, c, K, y, batch, step_size, decay):
    hidden = np.maximum(Z[:, batch], 0)
    pull = step_size / len(batch) * (v @ hidden + c - y[batch])
    gamma = np.outer(v, pull) * (hidden > 0)
    shrink = 1 - step_size * decay
    return shrink * Z - gamma @ K[batch], shrink * v - hidden @ pull, shrink * c - pull.sum()


@wrong("decayed_step", loses=4, mistake="the new v is used for Z: the step is not taken from one point")
def decayed_step(Z, v, c, K, y, batch, step_size, decay):
    hidden = np.maximum(Z[:, batch], 0)
    pull = step_size / len(batch) * (v @ hidden + c - y[batch])
    shrink = 1 - step_size * decay
    v = shrink * v - hidden @ pull
    gamma = np.outer(v, pull) * (hidden > 0)
    return shrink * Z - gamma @ K[batch], v, c - pull.sum()


@wrong("decayed_step", loses=1, mistake="overwrites the Z and the v that it is given")
def decayed_step(Z, v, c, K, y, batch, step_size, decay):
    hidden = np.maximum(Z[:, batch], 0)
    pull = step_size / len(batch) * (v @ hidden + c - y[batch])
    gamma = np.outer(v, pull) * (hidden > 0)
    shrink = 1 - step_size * decay
    Z *= shrink
    v *= shrink
    Z -= gamma @ K[batch]
    v -= hidden @ pull
    return Z, v, c - pull.sum()


@wrong("weights_of", loses=1, mistake="fits the pre-activations by least squares and forgets where the run began")
def weights_of(Z, W0, b0, X):
    A = np.column_stack([X, np.ones(len(X))])
    now = Z @ np.linalg.pinv(A).T
    return now[:, :-1], now[:, -1]


@wrong("weights_of", loses=1, mistake="solves the normal equations, which are singular when A has not full rank")
def weights_of(Z, W0, b0, X):
    A = np.column_stack([X, np.ones(len(X))])
    now = np.linalg.solve(A.T @ A, A.T @ Z.T).T
    return now[:, :-1], now[:, -1]


@wrong("mean_square_threshold", loses=2, mistake="2 / max‖φ‖², which is only a lower bound")
def mean_square_threshold(gradients, batch_size):
    return 2 / (np.asarray(gradients) ** 2).sum(axis=1).max()


@wrong("mean_square_threshold", loses=1, mistake="samples drawn with replacement inside a batch")
def mean_square_threshold(gradients, batch_size):
    F = np.asarray(gradients)
    batches = itertools.product(range(len(F)), repeat=batch_size)
    curvatures = [F[list(batch)].T @ F[list(batch)] / batch_size for batch in batches]
    H, one = np.mean(curvatures, axis=0), np.eye(F.shape[1])
    D = np.mean([np.kron(h, h) for h in curvatures], axis=0)
    return 2 / np.linalg.eigvals(np.linalg.solve((np.kron(H, one) + np.kron(one, H)) / 2, D)).real.max()


@wrong("mean_square_threshold", loses=3, mistake="C without its ½")
def mean_square_threshold(gradients, batch_size):
    F = np.asarray(gradients)
    batches = itertools.combinations(range(len(F)), batch_size)
    curvatures = [F[list(batch)].T @ F[list(batch)] / batch_size for batch in batches]
    H, one = np.mean(curvatures, axis=0), np.eye(F.shape[1])
    D = np.mean([np.kron(h, h) for h in curvatures], axis=0)
    return 2 / np.linalg.eigvals(np.linalg.solve(np.kron(H, one) + np.kron(one, H), D)).real.max()


def growths(gradients, step_size, second_moment, length=None):
    F = np.asarray(gradients)
    steps = [np.eye(F.shape[1]) - step_size * np.outer(phi, phi) for phi in F]
    one_step = np.mean([np.kron(P, P) for P in steps], axis=0)
    orders = [np.linalg.multi_dot(order) for order in itertools.permutations(steps)]
    largest = [np.abs(np.linalg.eigvals(A)).max() for A in (one_step, second_moment(orders))]
    return largest[0] ** (length or len(F)), largest[1]


@wrong("epoch_growth", loses=2, mistake="one order of the samples in the place of the mean over all")
def epoch_growth(gradients, step_size):
    return growths(gradients, step_size, lambda orders: np.kron(orders[0], orders[0]))


@wrong("epoch_growth", loses=2, mistake="squares the mean product: the first moment in the place of the second")
def epoch_growth(gradients, step_size):
    return growths(gradients, step_size, lambda orders: np.kron(np.mean(orders, axis=0), np.mean(orders, axis=0)))


@wrong("epoch_growth", loses=1, mistake="two steps an epoch, however many samples there are")
def epoch_growth(gradients, step_size):
    return growths(gradients, step_size, lambda orders: np.mean([np.kron(Q, Q) for Q in orders], axis=0), length=2)


@wrong("stopping_epoch", loses=1, mistake="lets low losses during the warm-up count")
def stopping_epoch(history, tolerance, hold, warmup=0):
    held = 0
    for epoch, loss in enumerate(history, start=1):
        held = held + 1 if loss < tolerance else 0
        if held >= hold and epoch > warmup:
            return epoch
    return None


@wrong("stopping_epoch", loses=1, mistake="at most the tolerance in the place of below it")
def stopping_epoch(history, tolerance, hold, warmup=0):
    held = 0
    for epoch, loss in enumerate(history, start=1):
        held = held + 1 if loss <= tolerance and epoch > warmup else 0
        if held >= hold:
            return epoch
    return None


@wrong("stopping_epoch", loses=3, mistake="counts the epochs below the tolerance, not the consecutive ones")
def stopping_epoch(history, tolerance, hold, warmup=0):
    low = np.flatnonzero((np.asarray(history) < tolerance) & (np.arange(len(history)) >= warmup))
    return int(low[hold - 1]) + 1 if len(low) >= hold else None


@wrong("squeeze", loses=1, mistake="does not normalise: the powers overflow")
def squeeze(G, steps):
    u, lower, upper = np.ones(len(G)), [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps + 1):
            image = G @ u / len(G)
            lower.append(u @ image / (u @ u))
            upper.append((image / u).max())
            u = image
    return np.array(lower), np.array(upper)


@wrong("squeeze", loses=1, mistake="the mean of the quotients in the place of the Rayleigh quotient")
def squeeze(G, steps):
    u, lower, upper = np.ones(len(G)), [], []
    for _ in range(steps + 1):
        image = G @ u / len(G)
        lower.append((image / u).mean())
        upper.append((image / u).max())
        u = image / image.max()
    return np.array(lower), np.array(upper)


@wrong("squeeze", loses=3, mistake="forgets that H is G / n")
def squeeze(G, steps):
    u, lower, upper = np.ones(len(G)), [], []
    for _ in range(steps + 1):
        image = G @ u
        lower.append(u @ image / (u @ u))
        upper.append((image / u).max())
        u = image / image.max()
    return np.array(lower), np.array(upper)


def ascent_gradient(Z, v, c, y, batch):
    hidden = np.maximum(Z[:, batch], 0)
    residual = (v @ hidden + c - y[batch]) / len(batch)
    return np.outer(v, residual) * (hidden > 0), hidden @ residual, residual.sum()


def ascent(Z, v, c, K, y, batch, step_size, radius, length=None, mean=True, back=True):
    def gradient(Z, v, c):
        return [part * (1 if mean else len(batch)) for part in ascent_gradient(Z, v, c, y, batch)]

    G, p, q = gradient(Z, v, c)
    size = np.sum((G @ K[np.ix_(batch, batch)]) * G) + p @ p + q**2
    up = radius / np.sqrt(size if length is None else length(G, p, q)) if size > 0 else 0.0
    uphill = Z + up * G @ K[batch], v + up * p, c + up * q
    G, p, q = gradient(*uphill)
    Z, v, c = (Z, v, c) if back else uphill
    return Z - step_size * G @ K[batch], v - step_size * p, c - step_size * q


@wrong("ascended_step", loses=3, mistake="the length of the gradient by Γ alone, without K")
def ascended_step(Z, v, c, K, y, batch, step_size, radius):
    return ascent(Z, v, c, K, y, batch, step_size, radius, lambda G, p, q: np.sum(G**2) + p @ p + q**2)


@wrong("ascended_step", loses=3, mistake="stays uphill: the descent begins at the ascended point")
def ascended_step(Z, v, c, K, y, batch, step_size, radius):
    return ascent(Z, v, c, K, y, batch, step_size, radius, back=False)


@wrong("ascended_step", loses=3, mistake="the sum over the batch in the place of its mean")
def ascended_step(Z, v, c, K, y, batch, step_size, radius):
    return ascent(Z, v, c, K, y, batch, step_size, radius, mean=False)


@wrong("ascended_step", loses=1, mistake="divides by the length of a gradient that may be zero")
def ascended_step(Z, v, c, K, y, batch, step_size, radius):
    if not any(np.any(part) for part in ascent_gradient(Z, v, c, y, batch)):
        return Z * np.nan, v * np.nan, np.nan
    return ascent(Z, v, c, K, y, batch, step_size, radius)


@wrong("ascended_step", loses=3, mistake="a plain step of SGD: the gradient at the point where the step begins")
def ascended_step(Z, v, c, K, y, batch, step_size, radius):
    return ascent(Z, v, c, K, y, batch, step_size, 0.0)


@wrong("off_sample", loses=1, mistake="interpolates Z and forgets where the run began")
def off_sample(Z, Z0, K, start, cross):
    return Z @ np.linalg.pinv(K, rcond=1e-10, hermitian=True) @ cross


@wrong("off_sample", loses=2, mistake="the change only: the start at the new inputs is not added")
def off_sample(Z, Z0, K, start, cross):
    return (Z - Z0) @ np.linalg.pinv(K, rcond=1e-10, hermitian=True) @ cross


@wrong("off_sample", loses=3, mistake="inner products of the inputs without the 1 of the biases")
def off_sample(Z, Z0, K, start, cross):
    return start + (Z - Z0) @ np.linalg.pinv(K - 1, rcond=1e-10, hermitian=True) @ (cross - 1)


def by_moments(F, D_of):
    F = np.asarray(F, float)
    H, one = F.T @ F / len(F), np.eye(F.shape[1])
    single = np.mean([np.kron(np.outer(f, f), np.outer(f, f)) for f in F], axis=0)
    D = D_of(np.kron(H, H), single, len(F))
    return 2 / np.linalg.eigvals(np.linalg.solve((np.kron(H, one) + np.kron(one, H)) / 2, D)).real.max()


@wrong("coin_threshold", loses=2, mistake="batches of exactly qn samples")
def coin_threshold(gradients, probability):
    p = len(gradients) * (1 - probability) / (len(gradients) * probability * (len(gradients) - 1))
    return by_moments(gradients, lambda mean, single, n: (1 - p) * mean + p * single)


@wrong("coin_threshold", loses=3, mistake="the variance of the coin, q(1 − q), not divided by q²")
def coin_threshold(gradients, probability):
    noise = probability * (1 - probability)
    return by_moments(gradients, lambda mean, single, n: mean + noise * single / n)


@wrong("coin_threshold", loses=3, mistake="divides by the number of samples that came")
def coin_threshold(gradients, probability):
    F, q = np.asarray(gradients, float), probability
    D = np.zeros((F.shape[1] ** 2,) * 2)
    for chosen in itertools.product([False, True], repeat=len(F)):
        if any(chosen):
            H = F[list(chosen)].T @ F[list(chosen)] / sum(chosen)
            D += q ** sum(chosen) * (1 - q) ** (len(F) - sum(chosen)) * np.kron(H, H)
    return by_moments(F, lambda *_: D)


def epoch_product(gradients, step_size):
    Q = np.eye(np.shape(gradients)[1])
    for phi in np.asarray(gradients, float):
        Q = Q - step_size * np.outer(phi, phi @ Q)
    return Q


@wrong("order_growth", loses=3, mistake="the growth of the error, not of its second moment")
def order_growth(gradients, step_size):
    Q = epoch_product(gradients, step_size)
    return np.abs(np.linalg.eigvals(Q)).max(), np.linalg.norm(Q, 2)


@wrong("order_growth", loses=2, mistake="the real parts of the eigenvalues in the place of their sizes")
def order_growth(gradients, step_size):
    Q = epoch_product(gradients, step_size)
    return np.abs(np.linalg.eigvals(Q).real).max() ** 2, np.linalg.norm(Q, 2) ** 2


@wrong("order_growth", loses=2, mistake="the norm of the product for the fixed order as well")
def order_growth(gradients, step_size):
    size = np.linalg.norm(epoch_product(gradients, step_size), 2) ** 2
    return size, size


@wrong("order_growth", loses=3, mistake="the growth of swinging over two epochs")
def order_growth(gradients, step_size):
    Q = epoch_product(gradients, step_size)
    return np.abs(np.linalg.eigvals(Q)).max() ** 2, np.linalg.norm(Q, 2) ** 4


def plateau(history, patience, gain, warmup, better):
    reference, before, since = np.inf, np.inf, warmup
    for epoch, loss in enumerate(history[warmup:], start=warmup + 1):
        if epoch == warmup + 1 or better(loss, reference, before, 1 - gain):
            reference, since = loss, epoch
        before = loss
        if epoch - since >= patience:
            return epoch
    return None


@wrong("plateau_epoch", loses=3, mistake="each loss is compared with the one before")
def plateau_epoch(history, patience, gain, warmup=0):
    return plateau(history, patience, gain, warmup, lambda loss, reference, before, part: loss < part * before)


@wrong("plateau_epoch", loses=2, mistake="at most (1 − γ) times the reference in the place of below it")
def plateau_epoch(history, patience, gain, warmup=0):
    return plateau(history, patience, gain, warmup, lambda loss, reference, before, part: loss <= part * reference)


@wrong("plateau_epoch", loses=1, mistake="the epochs are counted from the end of the warm-up")
def plateau_epoch(history, patience, gain, warmup=0):
    found = plateau(history, patience, gain, warmup, lambda loss, reference, before, part: loss < part * reference)
    return None if found is None else found - warmup


@wrong("plateau_epoch", loses=1, mistake="the reference is the best loss, the warm-up included")
def plateau_epoch(history, patience, gain, warmup=0):
    reference, since = np.inf, 1
    for epoch, loss in enumerate(history, start=1):
        if epoch == 1 or loss < (1 - gain) * reference:
            reference, since = loss, epoch
        if epoch - max(since, warmup + 1) >= patience:
            return epoch
    return None


def traces(G, steps, root=lambda m: m):
    values = np.linalg.eigvalsh(np.asarray(G, float))
    with np.errstate(all="ignore"):
        t = [float(np.sum(values**m)) for m in range(steps + 2)]
        lower = [after / before for before, after in itertools.pairwise(t)]
        return np.array(lower), np.array([t[m] ** (1 / root(m)) for m in range(1, steps + 2)])


@wrong("trace_bounds", loses=1, mistake="does not scale: the powers overflow")
def trace_bounds(G, steps):
    power, t = np.eye(len(G)), [float(len(G))]
    with np.errstate(all="ignore"):
        for _ in range(steps + 1):
            power = power @ G / len(G)
            t.append(np.trace(power))
        t = np.array(t)
        return t[1:] / t[:-1], t[1:] ** (1 / np.arange(1, steps + 2))


@wrong("trace_bounds", loses=3, mistake="forgets that H is G / n")
def trace_bounds(G, steps):
    return traces(G, steps)


@wrong("trace_bounds", loses=3, mistake="the root of the order of the step: β_m with m + 1")
def trace_bounds(G, steps):
    return traces(np.asarray(G) / len(G), steps, lambda m: m + 1)


def bounds_of_parts(G, labels, weight, mean):
    parts = [np.flatnonzero(np.asarray(labels) == label) for label in np.unique(labels)]
    E = [[weight(a, b, G) * mean(G[np.ix_(a, b)]) for b in parts] for a in parts]
    tops = [np.linalg.eigvalsh(G[np.ix_(part, part)])[-1] / len(part) for part in parts]
    return np.linalg.eigvalsh(E)[-1], sum(weight(a, a, G) * top for a, top in zip(parts, tops, strict=True))


@wrong("part_bounds", loses=2, mistake="every part is given the same weight")
def part_bounds(G, labels):
    return bounds_of_parts(G, labels, lambda a, b, G: 1 / len(np.unique(labels)), np.mean)


@wrong("part_bounds", loses=3, mistake="sums in the place of means over a part")
def part_bounds(G, labels):
    return bounds_of_parts(G, labels, lambda a, b, G: np.sqrt(len(a) * len(b)) / len(G), np.sum)


@wrong("part_bounds", loses=3, mistake="the largest λ of a part in the place of their mean")
def part_bounds(G, labels):
    parts = [np.flatnonzero(np.asarray(labels) == label) for label in np.unique(labels)]
    lower, _ = bounds_of_parts(G, labels, lambda a, b, G: np.sqrt(len(a) * len(b)) / len(G), np.mean)
    return lower, max(np.linalg.eigvalsh(G[np.ix_(part, part)])[-1] / len(part) for part in parts)


def weighted(gradients, chances, curvature):
    F = np.asarray(gradients, float)
    maps = [(c, curvature(c) * np.outer(f, f)) for f, c in zip(F, chances, strict=True)]
    return by_moments(F, lambda *_: sum(c * np.kron(h, h) for c, h in maps))


@wrong("weighted_threshold", loses=2, mistake="2 n min(p_i / ‖φ_i‖²): right for orthogonal gradients only")
def weighted_threshold(gradients, probabilities):
    squares = (np.asarray(gradients, float) ** 2).sum(axis=1)
    return 2 * len(squares) * (np.asarray(probabilities) / squares).min()


@wrong("weighted_threshold", loses=3, mistake="the step is not divided by n p_i")
def weighted_threshold(gradients, probabilities):
    return weighted(gradients, probabilities, lambda chance: 1.0)


@wrong("weighted_threshold", loses=3, mistake="divided by p_i and not by n p_i")
def weighted_threshold(gradients, probabilities):
    return weighted(gradients, probabilities, lambda chance: 1 / chance)
