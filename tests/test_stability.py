"""Every quantity against an independent route: autograd, dense Hessians, Kronecker products, enumeration."""

from itertools import combinations, pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from strategies import problems
from test_networks import deep_net, small_net

from stableminima import (
    DidNotConverge,
    Linearization,
    ShallowReLU,
    almost_sure_threshold,
    gd_threshold,
    hessian_sharpness,
    linearized_sgd,
    lyapunov_exponent,
    mean_square_path,
    random_network,
    sgd_threshold,
    sharpness,
    tangent_features,
    tangent_kernel,
)
from stableminima.batches import batch_stream, epoch_batches

RNG = np.random.default_rng(7)


def autograd_features(net, X):
    module = net.to_torch()
    rows = []
    for x in torch.from_numpy(np.atleast_2d(X)):
        module.zero_grad()
        module(x).backward()
        rows.append(torch.cat([p.grad.reshape(-1) for p in module.parameters()]).numpy().copy())
    return np.array(rows)


@pytest.mark.parametrize("net", [small_net(), deep_net(), random_network(3, 40)], ids=["shallow", "deep", "wide"])
def test_features_and_kernel_agree_with_autograd(net):
    X = RNG.normal(size=(17, 3))
    J = autograd_features(net, X)
    ours = tangent_features(net, X)
    assert ours.shape == J.shape
    assert np.abs(ours - J).max() < 1e-12
    assert np.abs(tangent_kernel(net, X) - J @ J.T).max() < 1e-10


@given(problems())
def test_kernel_is_the_gram_matrix_of_the_features(problem):
    net, X = problem
    J, G = tangent_features(net, X), tangent_kernel(net, X)
    assert np.abs(G - J @ J.T).max() <= 1e-12 * np.abs(J @ J.T).max()


def test_kernel_never_builds_the_features():
    """With p = 20 million parameters, (n, p) would be 3 GB; the kernel needs a few megabytes."""
    import tracemalloc

    net = random_network(200_000 // 50, 5000 // 50 * 50)
    X = RNG.normal(size=(20, net.dim))
    tracemalloc.start()
    tangent_kernel(net, X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


@given(problems(max_dim=5))
def test_sharpness_is_the_top_eigenvalue(problem):
    net, X = problem
    J = tangent_features(net, X)
    exact = np.linalg.norm(J / np.sqrt(len(X)), 2) ** 2
    assert sharpness(net, X) == pytest.approx(exact, rel=1e-10)
    assert gd_threshold(net, X) == pytest.approx(2 / exact, rel=1e-10)


@pytest.mark.parametrize("n", [60, 200])
def test_sharpness_by_lanczos_is_certified(n):
    net, X = random_network(10, 30, seed=n), RNG.normal(size=(n, 10))
    exact = np.linalg.eigvalsh(tangent_kernel(net, X) / n)[-1]
    assert sharpness(net, X) == pytest.approx(exact, rel=1e-12)


def test_sharpness_with_a_clustered_top_spectrum(monkeypatch):
    from stableminima.stability import curvature as stability

    A = np.diag(np.concatenate([np.full(70, 1.0), [1 + 1e-6], np.linspace(0, 0.999, 60)]))
    assert stability.top_eigenvalue(A) == pytest.approx(1 + 1e-6, rel=1e-10)
    low = np.eye(len(A))[0]
    monkeypatch.setattr(stability, "eigsh", lambda *a, **k: (np.array([1.0]), low[:, None]))  # a Lanczos that misses
    assert stability.top_eigenvalue(A) == pytest.approx(1 + 1e-6, rel=1e-10)


def test_sharpness_refuses_rather_than_guesses():
    with pytest.raises(DidNotConverge, match="overflow"):
        sharpness(ShallowReLU([[1e200]], [0.0], [1e200], 0.0), [[1.0]])


def dense_hessian(net, X, y):
    shapes = [net.W.shape, net.b.shape, net.v.shape, ()]
    sizes = [int(np.prod(s)) for s in shapes]
    X, y = torch.from_numpy(X), torch.from_numpy(y)

    def loss(theta):
        W, b, v, c = (part.reshape(s) for part, s in zip(torch.split(theta, sizes), shapes, strict=True))
        return ((torch.relu(X @ W.T + b) @ v + c - y) ** 2).mean() / 2

    theta = torch.from_numpy(np.concatenate([net.W.ravel(), net.b, net.v, [net.c]]))
    return torch.autograd.functional.hessian(loss, theta).numpy()


@pytest.mark.parametrize(("k", "d", "n"), [(1, 1, 3), (4, 3, 10), (12, 6, 25)])
def test_hessian_sharpness_agrees_with_autograd(k, d, n):
    net, X, y = random_network(d, k, seed=k), RNG.normal(size=(n, d)), 3 * RNG.normal(size=n)
    exact = np.linalg.eigvalsh(dense_hessian(net, X, y))[-1]
    assert hessian_sharpness(net, X, y) == pytest.approx(exact, rel=1e-10)
    assert abs(exact - sharpness(net, X)) > 1e-3  # the residual term matters here
    assert hessian_sharpness(net, X, net(X)) == pytest.approx(sharpness(net, X), rel=1e-10)


def test_iterations_that_fail_are_refused(monkeypatch):
    from scipy.sparse.linalg import ArpackNoConvergence

    from stableminima.stability import curvature, thresholds

    def give_up(*args, **kwargs):
        raise ArpackNoConvergence("no", [], [])

    net, X = random_network(20, 30), RNG.normal(size=(60, 20))
    exact = sharpness(net, X)
    for module in (curvature, thresholds):
        monkeypatch.setattr(module, "eigsh", give_up)
    with pytest.raises(DidNotConverge, match="raise max_iterations"):
        hessian_sharpness(net, X, np.ones(60))
    with pytest.raises(DidNotConverge, match="raise max_iterations"):
        sgd_threshold(net, X, 2)
    assert sharpness(net, X) == pytest.approx(exact, rel=1e-12)  # the dense spectrum decides


def test_hessian_sharpness_of_a_deep_network_is_that_of_the_whole_hessian():
    net, X, y = deep_net(), RNG.normal(size=(6, 3)), RNG.normal(size=6)
    module = net.to_torch()
    names = [name for name, _ in module.named_parameters()]

    def loss(*parameters):
        output = torch.func.functional_call(module, dict(zip(names, parameters, strict=True)), torch.tensor(X))
        return ((output[:, 0] - torch.tensor(y)) ** 2).mean() / 2

    parameters = tuple(module.parameters())
    blocks = torch.autograd.functional.hessian(loss, parameters)
    dense = torch.cat(
        [torch.cat([b.reshape(p.numel(), -1) for b in row], 1) for p, row in zip(parameters, blocks, strict=True)]
    )
    assert hessian_sharpness(net, X, y) == pytest.approx(np.linalg.eigvalsh(dense.numpy())[-1], rel=1e-8)
    with pytest.raises(ValueError, match="model must be a ShallowReLU, DeepReLU, SignedNetwork or torch"):
        hessian_sharpness("net", X, y)


# ------------------------------------------------------------------------------------- the mean-square threshold


def brute_force_threshold(J, batch_size):
    """2/λ_max(C†D) with E[H_B ⊗ H_B] summed over all batches, in p² dimensions."""
    n = len(J)
    Q = np.linalg.qr(J.T)[0]
    J = J @ Q  # isometric coordinates in the span of the gradients keep the Kronecker products small
    hessians = [J[list(b)].T @ J[list(b)] / batch_size for b in combinations(range(n), batch_size)]
    H, eye = J.T @ J / n, np.eye(J.shape[1])
    C = (np.kron(H, eye) + np.kron(eye, H)) / 2
    D = sum(np.kron(h, h) for h in hessians) / len(hessians)
    return 2 / np.linalg.eigvals(np.linalg.pinv(C, rcond=1e-11) @ D).real.max()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("n", "batch_size"), [(1, 1), (2, 1), (4, 2), (5, 1), (6, 1), (6, 3), (6, 5), (6, 6)])
def test_sgd_threshold_agrees_with_brute_force(n, batch_size, seed):
    net, X = random_network(3, 4, seed=seed), np.random.default_rng(seed).normal(size=(n, 3))
    exact = brute_force_threshold(tangent_features(net, X), batch_size)
    assert sgd_threshold(net, X, batch_size) == pytest.approx(exact, rel=1e-9)


def test_sgd_threshold_with_duplicated_samples():
    net, X = random_network(2, 3, seed=5), RNG.normal(size=(3, 2))[[0, 0, 1, 1, 2]]
    exact = brute_force_threshold(tangent_features(net, X), 2)
    assert sgd_threshold(net, X, 2) == pytest.approx(exact, rel=1e-9)


@settings(max_examples=40)
@given(problems(max_dim=8, max_n=12))
def test_sgd_threshold_is_monotone_and_bounded(problem):
    net, X = problem
    thresholds = [sgd_threshold(net, X, B) for B in range(1, len(X) + 1)]
    assert all(a <= b * (1 + 1e-9) for a, b in pairwise(thresholds))
    assert thresholds[-1] == pytest.approx(gd_threshold(net, X), rel=1e-10)
    assert thresholds[0] >= 2 / np.diag(tangent_kernel(net, X)).max() * (1 - 1e-9)  # ≤ max_j ‖∇f(x_j)‖²


def test_second_moment_contracts_below_and_grows_above_the_threshold():
    net, X = random_network(2, 5, seed=1), RNG.normal(size=(6, 2))
    threshold = sgd_threshold(net, X, 2)
    below = mean_square_path(net, X, 0.98 * threshold, 2, steps=4000)
    above = mean_square_path(net, X, 1.02 * threshold, 2, steps=4000)
    assert below[-1] < below[-500] < below[-1000]
    assert above[-1] > 10 * above[-500] > 100 * above[-1000]


def test_second_moment_is_the_mean_of_the_paths():
    net, X = random_network(2, 5, seed=1), RNG.normal(size=(6, 2))
    eta = 0.8 * sgd_threshold(net, X, 2)
    exact = mean_square_path(net, X, eta, 2, steps=5)
    paths = np.array([linearized_sgd(net, X, eta, 2, steps=5, seed=s) for s in range(3000)])
    error = paths.std(axis=0) / np.sqrt(len(paths))
    assert np.allclose(paths[:, 0], 1) and exact[0] == 1
    assert (np.abs(paths.mean(axis=0) - exact)[1:] < 4 * error[1:]).all()


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_linearized_gd_moves_at_the_rate_of_its_slowest_eigenvalue(factor):
    net, X = random_network(3, 4), RNG.normal(size=(5, 3))
    eigenvalues = np.linalg.eigvalsh(tangent_kernel(net, X) / 5)
    eta = factor * 2 / eigenvalues[-1]
    path = linearized_sgd(net, X, eta, batch_size=5, steps=6000, seed=0)
    late = path[np.flatnonzero((path > 1e-250) & (path < 1e250))[-2:]]
    assert late[1] / late[0] == pytest.approx(np.max((1 - eta * eigenvalues) ** 2), rel=1e-6)
    assert (path[-1] > 1) == (factor > 1)


# ------------------------------------------------------------------------------------------------ the exponent


@pytest.mark.parametrize("n", [1, 5])
def test_exponent_on_full_batches_is_exact(n):
    net, X = random_network(3, 4), RNG.normal(size=(n, 3))
    eigenvalues = np.linalg.eigvalsh(tangent_kernel(net, X) / n)
    for eta in (0.1, 0.5, 3.0):
        estimate = lyapunov_exponent(net, X, eta, batch_size=None)
        assert estimate.value == pytest.approx(np.log(np.abs(1 - eta * eigenvalues)).max(), abs=1e-10)
        assert estimate.standard_error == 0


SCALAR = np.array([[1.0], [np.sqrt(10.0)]])  # one direction of motion, two samples with curvatures 1 and 10


@pytest.mark.parametrize(
    ("eta", "unstable"), [(0.15, False), (0.2222, False), (0.2330, True), (0.6, True), (0.95, False), (1.3, True)]
)
def test_exponent_enumerated_for_the_scalar_example(eta, unstable):
    found = Linearization.from_features(SCALAR).lyapunov_exponent(eta, 1, "iid", 40_000)
    exact = 0.5 * np.log(abs(1 - eta)) + 0.5 * np.log(abs(1 - 10 * eta))
    assert abs(found.value - exact) < 4 * found.standard_error + 1e-12
    assert (exact > 0) == unstable


def test_exponent_of_reshuffled_epochs_is_enumerated():
    """One direction, reshuffled: an epoch multiplies by (1−η)(1−10η) in either order, with no randomness left."""
    found = Linearization.from_features(SCALAR).lyapunov_exponent([0.3, 1.0], 1, "reshuffled", 8000)
    assert found.value[0] == pytest.approx(0.5 * np.log(0.7 * 2.0), abs=1e-12)
    assert found.standard_error[0] < 1e-12
    assert np.isneginf(found.value[1])  # 1 − η = 0 annihilates the error in one epoch


def test_exponent_two_neurons_in_disjoint_halves_is_enumerated():
    """Gradients of x = ±1 share only the output bias; compare with products of the two 2×2 matrices drawn directly."""
    net = ShallowReLU([[1.0], [-1.0]], [0.0, 0.0], [1.0, 2.0], 0.0)
    X, eta = np.array([[1.0], [-2.0]]), 0.35
    J = tangent_features(net, X)
    rng, delta, total = np.random.default_rng(11), RNG.normal(size=J.shape[1]) @ np.linalg.pinv(J) @ J, 0.0
    steps = 40_000
    for j in rng.integers(0, 2, steps):
        delta = delta - eta * J[j] * (J[j] @ delta)
        norm = np.linalg.norm(delta)
        total, delta = total + np.log(norm), delta / norm
    estimate = lyapunov_exponent(net, X, eta, 1, steps=steps)
    assert abs(estimate.value - total / steps) < 5 * np.sqrt(2) * estimate.standard_error


@pytest.mark.parametrize("seed", range(4))
def test_exponent_of_a_slow_direction_has_no_bias(seed):
    """Orthogonal gradients: a path shrinks at the rate of the flattest, long before a random start has turned to it."""
    flattest, eta = 1e-7, [0.5, 1.0]
    minimum = Linearization.from_features(np.diag(np.sqrt(np.geomspace(flattest, 1.0, 8))))
    found = minimum.lyapunov_exponent(eta, 1, "iid", 20_000, seed)
    exact = np.log1p(-np.array(eta) * flattest) / 8
    assert (np.abs(found.value - exact) < 5 * found.standard_error).all()
    assert (found.standard_error < 0.05 * np.abs(exact)).all()


def test_exponent_is_that_of_the_fastest_direction_where_the_slow_one_shrinks():
    """A second path from the slowest direction never leaves it; it must not hide what a random start sees."""
    minimum = Linearization.from_features(np.diag(np.sqrt([1e-2, 1.0, 3.9])))
    eta = np.array([0.5, 0.7])  # the last direction shrinks slowly at the first, grows at the second
    found = minimum.lyapunov_exponent(eta, 1, steps=60_000, seed=1)
    exact = np.log(np.abs(1 - np.multiply.outer([1e-2, 1.0, 3.9], eta))).max(axis=0) / 3
    assert exact[0] < 0 < exact[1]
    assert (np.abs(found.value - exact) < 5 * found.standard_error).all()


def test_almost_sure_threshold_brackets_the_change_of_sign():
    net, X = random_network(2, 6, seed=2), RNG.normal(size=(8, 2))
    bracket = almost_sure_threshold(net, X, 1, steps=20_000)
    ends = lyapunov_exponent(net, X, [bracket.low, bracket.high * 1.05], 1, steps=40_000, seed=5)
    assert ends.value[0] < 3 * ends.standard_error[0] and ends.value[1] > 0
    assert bracket.low < bracket.middle < bracket.high
    full = almost_sure_threshold(net, X)
    assert full.low == full.high == gd_threshold(net, X)


def test_batches_follow_their_law():
    rng = np.random.default_rng(0)
    epoch = next(epoch_batches(10, 4, "reshuffled", rng))
    assert [len(b) for b in epoch] == [4, 4, 2]
    assert sorted(np.concatenate(epoch)) == list(range(10))
    draws = np.array(list(batch_stream(5, 2, "iid", rng, 20_000)))
    assert (draws[:, 0] != draws[:, 1]).all()
    pairs = np.bincount(draws.min(axis=1) * 5 + draws.max(axis=1), minlength=25)
    counts = pairs[pairs > 0]
    assert len(counts) == 10 and np.abs(counts - 2000).max() < 5 * np.sqrt(2000)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda net, X: sgd_threshold(net, X, 0),
            "batch_size must be an integer between 1 and the number of samples 6",
        ),
        (lambda net, X: sgd_threshold(net, X, 7), "got 7"),
        (lambda net, X: linearized_sgd(net, X, -0.1, 2), "step_size must be positive"),
        (lambda net, X: lyapunov_exponent(net, X, 0.1, 2, steps=100), "steps must be at least"),
        (lambda net, X: lyapunov_exponent(net, X, 0.1, 2, sampling="random"), "sampling must be one of"),
        (lambda net, X: lyapunov_exponent(net, X, np.nan, 2), "step_size must be positive and finite"),
        (lambda net, X: hessian_sharpness(net, X, np.zeros(3)), r"y must have shape \(6,\), got \(3,\)"),
    ],
)
def test_bad_requests_are_refused(call, message):
    net, X = random_network(2, 3), RNG.normal(size=(6, 2))
    with pytest.raises(ValueError, match=message):
        call(net, X)


@pytest.mark.parametrize("factor", [4, 8])
def test_exponent_does_not_overflow_between_renormalisations(factor):
    net, X = random_network(5, 20, seed=1), np.random.default_rng(0).normal(size=(300, 5))
    eta = factor * gd_threshold(net, X)
    iid, reshuffled = (lyapunov_exponent(net, X, eta, 1, law, steps=12_000).value for law in ("iid", "reshuffled"))
    assert abs(reshuffled - iid) < 0.1


def test_what_overflows_is_refused():
    net, X = random_network(2, 3, seed=1), RNG.normal(size=(6, 2))
    with pytest.raises(DidNotConverge, match="lower step_size"):
        lyapunov_exponent(net, X, 1e308, 2)
    small, wide = (
        ShallowReLU([[1e200]], [0.0], [1e200], 0.0),
        ShallowReLU(*[np.full(s, 1e200) for s in [(60, 1), 60, 60]], 0),
    )
    for huge in (small, wide):
        for call in (sgd_threshold, linearized_sgd, mean_square_path, lyapunov_exponent):
            with pytest.raises(DidNotConverge, match="rescale or balance"):
                call(huge, [[1.0], [2.0]], *([1] if call is sgd_threshold else [0.1, 1]))
        with pytest.raises(DidNotConverge, match="rescale or balance"):
            hessian_sharpness(huge, [[1.0]], [0.0])


def test_a_mean_square_that_grows_without_bound_goes_on_as_infinity():
    net, X = random_network(2, 3, seed=1), RNG.normal(size=(6, 2))
    path = mean_square_path(net, X, 10 * gd_threshold(net, X), 2, steps=1000)
    assert np.isinf(path[-1]) and not np.isnan(path).any()


def test_sampling_is_checked_on_full_batches_too():
    net, X = random_network(2, 3), RNG.normal(size=(6, 2))
    with pytest.raises(ValueError, match="sampling must be one of"):
        lyapunov_exponent(net, X, 0.1, sampling="random")


@pytest.mark.parametrize("value", [np.nan, "3", None, [3], 2.5])
def test_numbers_of_steps_that_are_not_whole_are_refused(value):
    net, X = random_network(2, 3), RNG.normal(size=(6, 2))
    for path in (linearized_sgd, mean_square_path, lyapunov_exponent):
        with pytest.raises(ValueError, match="steps must be at least"):
            path(net, X, 0.1, 2, steps=value)
    for path in (linearized_sgd, mean_square_path):
        with pytest.raises(ValueError, match="step_size must be positive"):
            path(net, X, [0.1], 2)


def test_estimates_are_compared_by_identity():
    net, X = random_network(2, 3), RNG.normal(size=(6, 2))
    estimate = lyapunov_exponent(net, X, [0.1, 0.2])
    assert estimate == estimate and estimate != lyapunov_exponent(net, X, [0.1, 0.2])
