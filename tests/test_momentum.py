"""SGD with momentum: the n×n threshold against brute force, and what is known in its corners."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stableminima import Linearization, random_network
from stableminima.stability.momentum import response


def features(n, r, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, r)) * rng.exponential(size=r)


def second_moment_operator(rows, batch_size, momentum, eta):
    """E[M⊗M] of the pair (x_t, x_{t−1}), every batch enumerated; rows ``(n, c, r)``."""
    n, _, r = rows.shape
    batches = list(itertools.combinations(range(n), batch_size))
    total = 0.0
    for batch in batches:
        phi = rows[list(batch)].reshape(-1, r)
        top = (1 + momentum) * np.eye(r) - eta * phi.T @ phi / batch_size
        step = np.block([[top, -momentum * np.eye(r)], [np.eye(r), np.zeros((r, r))]])
        total = total + np.kron(step, step) / len(batches)
    return total


def radius(*arguments):
    return np.abs(np.linalg.eigvals(second_moment_operator(*arguments))).max()


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(2, 5),
    rank=st.integers(1, 4),
    batch=st.integers(1, 4),
    momentum=st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9, 0.95]),
    seed=st.integers(0, 10**6),
)
def test_the_threshold_against_brute_force(n, rank, batch, momentum, seed):
    rank, batch = min(rank, n), min(batch, n)
    rows = features(n, rank, seed)
    threshold = Linearization.from_features(rows).sgd_threshold(batch, momentum=momentum)
    assert radius(rows[:, None], batch, momentum, 0.9999 * threshold) < 1
    assert radius(rows[:, None], batch, momentum, 1.0001 * threshold) > 1


@pytest.mark.parametrize("momentum", [0.2, 0.8])
def test_several_outputs_and_torchs_loss(momentum):
    rows = np.random.default_rng(5).normal(size=(4, 2, 5))
    line = Linearization.from_features(rows)
    threshold = line.sgd_threshold(2, momentum=momentum)
    r = np.linalg.matrix_rank(rows.reshape(-1, 5))
    assert r == 5  # no direction without gradient, where the radius is 1 at every step
    assert radius(rows, 2, momentum, 0.999 * threshold) < 1 < radius(rows, 2, momentum, 1.001 * threshold)
    mse = Linearization.from_features(rows, loss="mse")
    assert mse.sgd_threshold(2, momentum=momentum) == pytest.approx(threshold)  # c = 2: the same Hessian


def test_the_corners_are_the_known_thresholds():
    line = Linearization.from_features(features(7, 4, 3))
    for batch in (1, 3, 6):
        without = line.sgd_threshold(batch)
        assert line.sgd_threshold(batch, momentum=1e-9) == pytest.approx(without, rel=1e-7)
    assert line.sgd_threshold(7, momentum=0.6) == pytest.approx(1.6 * line.gd_threshold, rel=1e-12)
    assert line.sgd_threshold(None, momentum=0.6) == line.sgd_threshold(7, momentum=0.6)


def test_equal_gradients_make_no_noise():
    line = Linearization.from_features([[2.0], [-2.0], [2.0]])  # each batch has the Hessian of the whole
    assert line.sgd_threshold(1, momentum=0.5) == pytest.approx(1.5 * 2 / 4, rel=1e-8)


def test_one_parameter_has_a_closed_form():
    a = np.array([0.5, 1.0, 3.0])
    h, fourth, p, beta = np.mean(a**2), np.mean(a**4), 1.0, 0.4
    noise = p * (fourth - h**2)
    # F(η) N = 1 with F = η/(2(1−β)h − ηh²(1−β)²/(1−β²))
    expected = 2 * (1 - beta) * h / (noise + h**2 * (1 - beta) / (1 + beta))
    assert Linearization.from_features(a[:, None]).sgd_threshold(1, momentum=beta) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(
    h=st.lists(st.floats(1e-3, 1.0), min_size=1, max_size=6),
    momentum=st.floats(0.0, 0.98),
    first=st.floats(0.01, 0.98),
    second=st.floats(0.01, 0.98),
)
def test_the_response_grows_with_the_step_as_a_matrix(h, momentum, first, second):
    h = np.sort(np.array(h))
    end = 2 * (1 + momentum) / h[-1]
    low, high = sorted((first * end, second * end))
    difference = response(h, high, momentum) - response(h, low, momentum)
    values = np.linalg.eigvalsh(difference)
    assert values[0] >= -1e-9 * max(abs(values[-1]), response(h, high, momentum).max())
    assert (response(h, low, momentum) > 0).all()


def test_the_response_is_the_covariance_of_the_heavy_ball_in_white_noise():
    h, eta, momentum = np.array([0.3, 1.1]), 0.9, 0.6
    covariance = np.zeros((2, 2))
    now, before = np.ones(2), np.zeros(2)  # the answer to one kick
    for _ in range(2000):
        covariance += np.outer(now, now)
        now, before = (1 + momentum - eta * h) * now - momentum * before, now
    assert response(h, eta, momentum) == pytest.approx(eta**2 * covariance, rel=1e-10)


def test_the_mean_square_path_is_the_enumerated_one():
    rows, momentum, eta, batch = features(5, 3, 8), 0.7, 0.4, 2
    line = Linearization.from_features(rows)
    path = line.mean_square_path(eta, batch, 12, momentum=momentum)
    operator = second_moment_operator(rows[:, None], batch, momentum, eta)
    start = np.kron(np.ones((2, 2)), np.eye(3) / 3)
    state, traces = start.ravel(), [1.0]
    for _ in range(12):
        state = operator @ state
        traces.append(np.trace(state.reshape(6, 6)[:3, :3]))
    assert path == pytest.approx(np.array(traces), rel=1e-9)


def test_the_linearised_step_is_that_of_torchs_sgd():
    rows, eta, momentum = features(6, 6, 2), 0.05, 0.9
    theta = torch.tensor(np.linalg.qr(rows.T)[0][:, 0], requires_grad=True)
    optimizer = torch.optim.SGD([theta], lr=eta, momentum=momentum)
    X, H = torch.tensor(rows), rows.T @ rows / 6
    mine, before = theta.detach().numpy().copy(), theta.detach().numpy().copy()
    for _ in range(30):
        optimizer.zero_grad()
        (((X @ theta) ** 2).mean() / 2).backward()
        optimizer.step()
        mine, before = (1 + momentum) * mine - momentum * before - eta * H @ mine, mine
    assert theta.detach().numpy() == pytest.approx(mine, rel=1e-9)


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_a_path_has_the_rate_of_the_exponent(share):
    line, momentum = Linearization.from_features(features(6, 3, 4)), 0.6
    eta = share * (1 + momentum) * line.gd_threshold
    path = line.path(eta, None, 600, momentum=momentum)
    rate = line.lyapunov_exponent(eta, momentum=momentum).value
    assert np.log(path[600] / path[200]) / 400 == pytest.approx(2 * rate, rel=0.02, abs=1e-3)


def test_exponents_with_momentum():
    line = Linearization.from_features(features(6, 3, 4))
    h, momentum, eta = line.spectrum, 0.8, 0.7 * line.gd_threshold
    roots = [np.abs(np.roots([1, -(1 + momentum - eta * x), momentum])).max() for x in h]
    assert line.lyapunov_exponent(eta, momentum=momentum).value == pytest.approx(np.log(max(roots)))
    short = line.lyapunov_exponent(0.5 * line.sgd_threshold(2, momentum=momentum), 2, momentum=momentum)
    assert short.value < 0
    long = line.lyapunov_exponent(3 * line.gd_threshold * (1 + momentum), 2, momentum=momentum)
    assert long.value > 0
    bracket = line.almost_sure_threshold(1, momentum=momentum, steps=6000)
    assert bracket.high >= line.sgd_threshold(1, momentum=momentum)


def test_the_exponent_with_momentum_is_that_of_the_products():
    rows, momentum, eta, steps = features(4, 2, 11), 0.5, 0.3, 40_000
    line = Linearization.from_features(rows)
    rng = np.random.default_rng(3)
    vector, growth = np.ones(4) / 2, 0.0
    for j in rng.integers(0, 4, steps):
        top = (1 + momentum) * np.eye(2) - eta * np.outer(rows[j], rows[j])
        vector = np.block([[top, -momentum * np.eye(2)], [np.eye(2), np.zeros((2, 2))]]) @ vector
        growth += np.log(np.linalg.norm(vector))
        vector /= np.linalg.norm(vector)
    found = line.lyapunov_exponent(eta, 1, steps=steps, momentum=momentum)
    assert abs(found.value - growth / steps) < 5 * found.standard_error + 2e-3


def test_batch_sharpness_is_the_curvature_along_each_batchs_gradient():
    rng = np.random.default_rng(0)
    rows, r, batch = rng.normal(size=(5, 4)), rng.normal(size=5), 2
    curvatures = []
    for b in itertools.combinations(range(5), batch):
        gradient = rows[list(b)].T @ r[list(b)] / batch
        hessian = rows[list(b)].T @ rows[list(b)] / batch
        curvatures.append(gradient @ hessian @ gradient / (gradient @ gradient))
    found = Linearization.from_features(rows).batch_sharpness(r, batch, draws=4000)
    assert abs(found.value - np.mean(curvatures)) < 5 * found.standard_error
    single = Linearization.from_features(rows).batch_sharpness(r, 1, draws=4000)
    assert abs(single.value - np.mean((rows**2).sum(axis=1))) < 5 * single.standard_error


def test_batch_sharpness_of_the_whole_and_of_several_outputs():
    rows, r = np.random.default_rng(1).normal(size=(4, 2, 6)), np.random.default_rng(2).normal(size=(4, 2))
    flat, residual = rows.reshape(8, 6), r.ravel()
    gradient = flat.T @ residual
    expected = gradient @ (flat.T @ flat / 4) @ gradient / (gradient @ gradient)
    assert Linearization.from_features(rows).batch_sharpness(r).value == pytest.approx(expected)
    assert Linearization.from_features(rows, loss="mse").batch_sharpness(r).value == pytest.approx(expected)


def test_it_is_fast_enough_and_monotone_in_the_batch():
    rng = np.random.default_rng(0)
    line = Linearization.of(random_network(20, 30), rng.normal(size=(64, 20)))
    found = [line.sgd_threshold(batch, momentum=0.9) for batch in (1, 4, 16, 63, 64)]
    assert found == sorted(found) and found[-1] == pytest.approx(1.9 * line.gd_threshold)


@pytest.mark.parametrize("value", [-0.1, 1.0, np.nan, "much"])
def test_momentum_is_checked(value):
    line = Linearization.from_features(np.eye(3))
    for ask in (line.sgd_threshold, line.mean_square_path, line.path, line.lyapunov_exponent):
        with pytest.raises(ValueError, match="momentum"):
            ask(*([] if ask == line.sgd_threshold else [0.1]), momentum=value)


def test_residuals_are_checked():
    line = Linearization.from_features(np.eye(3))
    with pytest.raises(ValueError, match="residuals"):
        line.batch_sharpness([1.0, 2.0])
    with pytest.raises(ValueError, match="batch"):
        line.batch_sharpness([1.0, 2.0, 3.0], 7)


def test_the_record_is_what_the_study_does():
    """Two of its short runs again, with the tolerances of the study; the quantities of one network by hand."""
    from stableminima.book.studies.momentum import MOMENTUM, quantities, run
    from stableminima.datasets.tasks import digit_pair
    from stableminima.experiments import load_record

    record = load_record("momentum")
    assert len(record) == len(MOMENTUM.configurations)
    for batch, momentum, step in ((None, 0.9, 0.64), (8, 0.9, 0.08)):
        chosen = {"seed": 0, "sampling": "iid", "batch_size": batch, "momentum": momentum, "step_size": step}
        (told,) = record.where(**chosen)
        (configuration,) = MOMENTUM.chosen(chosen)
        again = run(configuration)
        assert again["status"] == told["status"]
        for name in ("end_mean_square", "end_mean_edge"):
            assert (again.get(name) is None) == (told[name] is None)
            assert told[name] is None or again[name] == pytest.approx(told[name], rel=MOMENTUM.tolerances[name])
    task = digit_pair(3, 5, 32, 0, 0, "digits")
    net = random_network(64, 10)
    line = Linearization.of(net, task.X)
    setting = {"step_size": 0.1, "momentum": 0.5, "batch_size": 4, "draws": 8}
    found = quantities(net, task, setting, 1)
    assert found["mean_edge"] == pytest.approx(0.1 * line.sharpness / 3)
    assert found["mean_square"] == pytest.approx(0.1 / line.sgd_threshold(4, momentum=0.5))
    residuals = net(task.X) - task.y
    assert found["batch_sharpness"] == pytest.approx(0.05 * line.batch_sharpness(residuals, 4, 8, 1).value)
