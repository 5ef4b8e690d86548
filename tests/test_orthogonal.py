"""Nearly orthogonal data: training against autograd, the asymptotics against training and against other solvers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from stableminima import random_network
from stableminima.datasets import append_coordinates, mixture, orthogonal_inputs
from stableminima.margins import (
    SignedNetwork,
    asymptotics,
    descend_logistic,
    leaky_stable_rank,
    log_logistic_loss,
    logistic_sharpness,
    near_orthogonality,
    pattern_kernel,
    rank_one_excess,
    relu_stable_rank,
    signed_network,
    stable_rank,
    step_for_gain,
)

seeds = st.integers(0, 10_000)


def logistic_loss(W, X, y, slope):
    """The loss as one writes it in torch; the reference for everything below."""
    m = len(W) // 2
    h = torch.nn.functional.leaky_relu(X @ W.T, slope)
    f = h[:, :m].mean(dim=1) - h[:, m:].mean(dim=1)
    return torch.nn.functional.softplus(-y * f).mean()


def torch_descent(net, X, y, eta, steps, normalised):
    X, y = torch.tensor(X), torch.tensor(y)
    W = torch.tensor(np.array(net.W), requires_grad=True)
    first, time = None, 0.0
    for _ in range(steps):
        loss = logistic_loss(W, X, y, net.slope)
        (gradient,) = torch.autograd.grad(loss, W)
        first = loss.item() if first is None else first
        factor = first / loss.item() if normalised else 1.0
        time += factor
        W = (W - eta * factor * gradient).detach().requires_grad_()
    return W.detach().numpy(), time, logistic_loss(W, X, y, net.slope).item()


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("clock", ["constant", "loss"])
def test_descent_is_autograd(slope, clock):
    X, y = mixture(7, 12, 0.5, 1.0, seed=3)
    net = signed_network(12, 9, slope, 0.3, seed=1)
    run = descend_logistic(net, X, y, 0.5, 40, clock, records=5)
    W, time, loss = torch_descent(net, X, y, 0.5, 40, clock == "loss")
    assert pytest.approx(W, abs=1e-11) == run.network().W
    assert np.exp(run.log_time[-1]) == pytest.approx(time, rel=1e-12)
    assert np.exp(run.log_loss[-1]) == pytest.approx(loss, rel=1e-11)
    assert run.margins[-1] == pytest.approx(y * run.network()(X), abs=1e-11)
    assert run.steps[0] == 0 and run.steps[-1] == 40 and run.log_time[0] == -np.inf
    assert pytest.approx(net.W) == run.network(0).W


def test_mean_pattern_averages_the_last_quarter():
    X, y = mixture(6, 4, 0.3, 1.0, seed=2)  # more samples than inputs: neurons keep switching
    net = signed_network(4, 5, 0.0, 0.2, seed=2)
    run = descend_logistic(net, X, y, 3.0, 20, records=400)
    patterns = [run.network(k).pattern(X) for k in np.flatnonzero((run.steps >= 15) & (run.steps < 20))]
    assert len(patterns) == 5
    assert run.mean_pattern == pytest.approx(np.mean(patterns, axis=0))


@given(seeds, st.sampled_from([0.0, 0.4]))
def test_sharpness_is_that_of_autograd(seed, slope):
    X, y = mixture(4, 3, 0.5, 1.0, seed)
    net = signed_network(3, 2, slope, 1.0, seed)
    hessian = torch.autograd.functional.hessian(
        lambda W: logistic_loss(W, torch.tensor(X), torch.tensor(y), slope), torch.tensor(np.array(net.W))
    )
    expected = np.linalg.eigvalsh(hessian.reshape(12, 12).numpy())[-1]
    assert logistic_sharpness(net, X, y) == pytest.approx(expected, rel=1e-9, abs=1e-14)


def test_kernel_is_the_gram_matrix_of_gradients():
    X, y = mixture(5, 6, 0.5, 1.0, seed=4)
    net = signed_network(6, 3, 0.2, 1.0, seed=4)
    features = []
    for i in range(5):
        W = torch.tensor(np.array(net.W), requires_grad=True)
        h = torch.nn.functional.leaky_relu(W @ torch.tensor(X[i]), 0.2)
        features.append(float(y[i]) * torch.autograd.grad(h[:3].mean() - h[3:].mean(), W)[0].numpy().ravel())
    features = np.array(features)
    assert pattern_kernel(X, y, net.pattern(X)) == pytest.approx(features @ features.T, abs=1e-12)
    unsigned = y[:, None] * features
    assert net.tangent_kernel(X) == pytest.approx(unsigned @ unsigned.T, abs=1e-12)
    limit = asymptotics(X, y, net.pattern(X))
    assert limit.direction.ravel() == pytest.approx(limit.weights @ features, abs=1e-10)


@given(seeds)
def test_weights_are_the_hard_margin_solution(seed):
    """``min ½aᵀKa − 1ᵀa, a ≥ 0`` by its optimality conditions and by another solver."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(6, 8)), np.ones(6)
    limit = asymptotics(X, y, np.ones((2, 6)))
    a, K = limit.weights, limit.kernel
    assert (a >= 0).all() and (limit.growth >= 1 - 1e-9).all()
    assert a @ (limit.growth - 1) == pytest.approx(0, abs=1e-8)
    other = minimize(lambda b: b @ K @ b / 2 - b.sum(), np.ones(6), jac=lambda b: K @ b - 1, bounds=[(0, None)] * 6,
                     method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000})  # fmt: skip
    assert a.sum() == pytest.approx(other.x.sum(), rel=1e-4)
    assert np.linalg.norm(limit.direction) == pytest.approx(limit.norm_slope, rel=1e-9)
    assert limit.equal_margins == (limit.spread < 1e-9)


@pytest.mark.parametrize("gain", [0.03, 0.2])
def test_margins_reach_the_predicted_gaps_at_any_gain(gain):
    X, y = mixture(6, 300, 0.0, 1.0, seed=5)
    net = signed_network(300, 20, 0.4, 1e-2, seed=5)
    eta = step_for_gain(net, X, y, gain)
    run = descend_logistic(net, X, y, eta, int(150 / gain), "loss", records=3)
    limit = asymptotics(X, y, run.mean_pattern)
    z = run.margins[-1]
    assert limit.equal_margins and z - z.mean() == pytest.approx(limit.gaps, abs=1e-9)
    c = eta * np.exp(run.log_loss[0]) / limit.u.sum()
    tL = np.exp(run.log_time[-1] + run.log_loss[-1]) * eta / limit.u.sum()
    assert tL == pytest.approx(c / np.expm1(c), rel=1e-9)


@pytest.mark.parametrize("slope", [0.4, 0.0])
def test_steps_beyond_the_edge_are_said(slope):
    """At the fixed point a step multiplies deviations by I − h K diag(q): below 2 it is followed, above it is not."""
    X, y = mixture(6, 300, 0.0, 1.0, seed=5)
    net = signed_network(300, 20, slope, 1e-2, seed=5)
    calm = descend_logistic(net, X, y, step_for_gain(net, X, y, 0.5), 300, "loss", records=3)
    z, K = calm.margins[-1], pattern_kernel(X, y, calm.mean_pattern)
    h = step_for_gain(net, X, y, 0.5) * np.exp(calm.log_loss[0])
    q = np.exp(-z - np.logaddexp.reduce(-z))
    assert calm.edge == pytest.approx(h * np.linalg.eigvals(K * q).real.max() / 2, rel=1e-4) and calm.edge < 1
    assert calm.unrest < 0.05
    with pytest.warns(RuntimeWarning, match="^step_size must be smaller"):
        wild = descend_logistic(net, X, y, step_for_gain(net, X, y, 3.0), 300, "loss", records=3)
    assert wild.edge > 1 and wild.unrest > 0.1


def test_unrest_is_the_range_of_a_share_in_the_last_quarter():
    X, y = mixture(6, 4, 0.3, 1.0, seed=2)
    run = descend_logistic(signed_network(4, 5, 0.0, 0.2, seed=2), X, y, 3.0, 20, records=400)
    z = run.margins[(run.steps >= 15) & (run.steps < 20)]
    q = np.exp(-z) / np.exp(-z).sum(axis=1, keepdims=True)
    assert run.unrest == pytest.approx(np.ptp(q, axis=0).max(), rel=1e-12) and run.unrest > 0


def test_the_ranks_of_unequal_lengths_are_those_of_a_wide_network():
    """By Monte Carlo: the active halves of a wide ReLU class at its start decide the limit."""
    lengths, m = np.array([1.0, 9.0, 9.0, 9.0]), 20_000
    on = np.random.default_rng(3).random((m, 4)) < 0.5
    pattern = np.vstack([on, np.zeros((m, 4))]).astype(float)
    limit = asymptotics(orthogonal_inputs(4, 6, lengths), np.ones(4), pattern)
    exact = stable_rank(limit.direction[:m])
    assert relu_stable_rank(lengths) == pytest.approx(exact, abs=0.02)
    assert abs(relu_stable_rank(1 / lengths) - exact) > 0.1


@pytest.mark.parametrize(
    "X, pattern, remedy",
    [
        ([[1.0, 0.0], [1.0, 0.0]], np.ones((2, 2)), "repeated"),
        ([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [1.0, 0.0]], "sample 1 is zero or seen by no neuron"),
        ([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], np.ones((2, 3)), "span only 2 dimensions"),
    ],
)
def test_a_singular_kernel_says_why(X, pattern, remedy):
    with pytest.raises(ValueError, match=f"^K must be positive definite.*{remedy}"):
        asymptotics(X, np.ones(len(X)), pattern)


def test_constant_steps_reach_the_predicted_margins():
    X, y = mixture(4, 200, 0.0, 1.0 / np.sqrt(200), seed=6)
    run = descend_logistic(signed_network(200, 10, 0.5, 1e-2, seed=6), X, y, 20.0, 6000, records=5)
    limit = asymptotics(X, y, run.mean_pattern)
    assert run.margins[-1] == pytest.approx(np.log(20.0 * 6000 / (4 * limit.u)), abs=0.02)


def test_margins_that_stay_apart():
    K = np.array([[1, -0.8, 0.19], [-0.8, 1, 0.19], [0.19, 0.19, 1]])
    X, y = np.linalg.cholesky(K), np.ones(3)
    net = signed_network(3, 4, 1.0)
    run = descend_logistic(net, X, y, step_for_gain(net, X, y, 0.2), 2500, "loss", records=9)
    limit = asymptotics(X, y, run.mean_pattern)
    assert not limit.equal_margins and np.isnan(limit.gaps).all()
    assert limit.growth == pytest.approx([1, 1, 1.9])
    growth = np.diff(run.margins[-2:], axis=0)[0] / np.diff(run.log_time[-2:])
    assert 1 - growth.min() / growth.max() == pytest.approx(limit.spread, abs=1e-3)


def test_closed_forms_of_stable_ranks():
    """Against the limit matrices of orthogonal inputs: the pattern of the labels, and all patterns of a ReLU class."""
    n, m = 6, 64
    y = np.repeat([1.0, -1.0], 3)
    X = orthogonal_inputs(n, 10)
    signs = np.repeat([1.0, -1.0], m)[:, None] * y
    for slope in (0.0, 0.3, 0.9):
        limit = asymptotics(X, y, np.where(signs > 0, 1.0, slope))
        assert limit.whole_rank == pytest.approx(leaky_stable_rank(slope))
        assert limit.block_ranks == pytest.approx((1, 1))
    lengths = np.array([1.0, 3.0, 2.0])  # no set that inversion maps to itself
    every = np.tile(np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, 8).T, (8, 1)).astype(float)
    pattern = np.block([[every, np.zeros((m, 3))], [np.zeros((m, 3)), every]])
    limit = asymptotics(orthogonal_inputs(n, 10, np.tile(lengths, 2)), y, pattern)
    assert limit.block_ranks == pytest.approx([relu_stable_rank(lengths)] * 2)
    assert relu_stable_rank(np.ones(7)) == pytest.approx(14 / 8)
    assert 1 <= relu_stable_rank(lengths) < 2


@given(seeds)
def test_stable_rank_and_its_excess(seed):
    rng = np.random.default_rng(seed)
    W = rng.normal(size=(5, 3))
    s = np.linalg.svd(W, compute_uv=False)
    assert stable_rank(W) == pytest.approx((s**2).sum() / s[0] ** 2)
    assert stable_rank(1e200 * W.T) == pytest.approx(stable_rank(W))
    block = rng.normal(size=(5, 3)) + 1e4 * rng.normal(size=3)
    assert stable_rank(block) - 1 == pytest.approx(rank_one_excess(block), rel=1e-3, abs=1e-12)


def test_data():
    X = orthogonal_inputs(4, 9, [1, 2, 3, 4], seed=2)
    assert pytest.approx(np.diag([1.0, 4, 9, 16]), abs=1e-12) == X @ X.T
    Z, y = mixture(200, 30, 2.0, 0.5, seed=1)
    assert sorted(set(y)) == [-1, 1] and (y @ Z / 200)[0] == pytest.approx(2.0, abs=0.1)
    assert np.std(Z[:, 1:]) == pytest.approx(0.5, abs=0.02)
    lifted = append_coordinates(Z, 0.75)
    G, H = Z @ Z.T, lifted @ lifted.T
    assert np.diag(H) == pytest.approx(np.diag(G))
    assert H - np.diag(np.diag(H)) == pytest.approx(0.25 * (G - np.diag(np.diag(G))), abs=1e-12)
    assert near_orthogonality(lifted) == pytest.approx(4 * near_orthogonality(Z))
    assert near_orthogonality(np.eye(3)) == np.inf


def test_loss_beyond_the_reach_of_float64():
    z = np.array([-50.0, -1.0, 0.0, 3.0, 35.0])
    assert log_logistic_loss(z) == pytest.approx(np.log(np.mean(np.logaddexp(0, -z))), abs=1e-12)
    assert log_logistic_loss([1e4, 2e4]) == pytest.approx(-1e4 - np.log(2))


@pytest.mark.parametrize(
    "bad, name",
    [
        (lambda: SignedNetwork(np.ones((3, 2)), 0.1), "W"),
        (lambda: SignedNetwork(np.ones((2, 2)), 1.5), "slope"),
        (lambda: signed_network(2, 3, 0.1, scale=0), "scale"),
        (lambda: descend_logistic(signed_network(2, 3, 0.1), np.eye(2), [0, 1], 0.1, 5), "y"),
        (lambda: descend_logistic(signed_network(2, 3, 0.1), np.eye(2), [-1, 1], 0.1, 5, clock="fast"), "clock"),
        (lambda: descend_logistic(signed_network(2, 3, 0.1), np.eye(3), [-1, 1, 1], 0.1, 5), "X"),
        (lambda: descend_logistic(signed_network(2, 3, 0.1), np.eye(2), [-1, 1], -1, 5), "step_size"),
        (lambda: asymptotics([[1.0], [1.0]], [1, 1], np.ones((2, 2))), "K"),
        (lambda: asymptotics(np.eye(2), [1, -1], np.ones((3, 2))), "pattern"),
        (lambda: descend_logistic(random_network(2, 4), np.eye(2), [1, -1], 0.1, 5), "net"),
        (lambda: step_for_gain(random_network(2, 4), np.eye(2), [1, -1]), "net"),
        (lambda: logistic_sharpness(random_network(2, 4), np.eye(2), [1, -1]), "net"),
        (lambda: append_coordinates(np.eye(2), 2), "share"),
        (lambda: orthogonal_inputs(4, 3), "dim"),
        (lambda: stable_rank(np.zeros((2, 2))), "W"),
        (lambda: rank_one_excess([[1.0], [-1.0]]), "block"),
        (lambda: relu_stable_rank([1.0, 0.0]), "lengths"),
    ],
)
def test_bad_requests_are_refused_by_name(bad, name):
    with pytest.raises(ValueError, match=f"^{name} must"):
        bad()
