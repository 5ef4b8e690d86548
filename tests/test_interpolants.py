"""Minimum-norm interpolants against quadrature, programmes and optimality conditions; training against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import linprog, minimize_scalar

from stableminima import ShallowReLU, path_norm, train_sgd
from stableminima.book.studies.bump import BUMP_31, rescaling
from stableminima.bounds import cheapest_bends, line_norm, weight_decay_value
from stableminima.datasets import bump_sample
from stableminima.functions import (
    RadialFunction,
    best_even_approximation,
    fitted_scale,
    least_radial_norm,
    radial_bump,
    radial_lasso,
    radial_neuron,
    radial_profile,
)
from stableminima.networks import random_network, xavier_network
from stableminima.training import train_decayed

TENT = (3, np.linspace(0, 2, 121), np.eye(121)[0], np.append(0.5, np.full(120, 0.5 / 120)))
NORMS = {1: 4.0, 3: 16.0, 5: 29.5767, 7: 43.5454, 9: 57.6540, 15: 100.257, 31: 214.305}


# ---------------------------------------------------------------------------------------------------- exact functions


@pytest.mark.parametrize("dim", [2, 3, 4, 7])
@pytest.mark.parametrize("b", [0.0, 0.4])
def test_radial_neuron_is_the_mean_over_the_sphere(dim, b):
    r = 1.3
    density = lambda z: (1 - z * z) ** ((dim - 3) / 2)  # noqa: E731
    whole = quad(density, -1, 1)[0]
    mean = quad(lambda z: density(z) * max(r * z - b, 0), b / r, 1)[0] / whole
    assert radial_neuron(dim, r, b) == pytest.approx(mean, abs=1e-9)
    assert radial_neuron(dim, b, b) == 0


@pytest.mark.parametrize(("degree", "inner"), [(0, 0.0), (2, 0.0), (8, 0.0), (6, 0.3), (0, 0.3)])
def test_best_approximation_against_a_programme_on_a_grid(degree, inner):
    s = np.linspace(inner, 1, 4001)
    powers = np.polynomial.chebyshev.chebvander(2 * s**2 - 1, degree // 2)
    ones = np.ones((len(s), 1))
    grid = linprog(
        np.append(np.zeros(powers.shape[1]), 1),
        np.vstack([np.hstack([powers, -ones]), np.hstack([-powers, -ones])]),
        np.concatenate([s, -s]),
        bounds=(None, None),
    ).fun
    best = best_even_approximation(degree, inner)
    assert best.error == pytest.approx(grid, rel=1e-5)
    assert best.lower <= best.error <= best.lower + 1e-12 and len(best.points) == degree // 2 + 2


@pytest.mark.parametrize("dim", NORMS)
def test_bump_norms_shape_and_duality(dim):
    bump = radial_bump(dim)
    assert bump.norm == pytest.approx(NORMS[dim], rel=3e-6)
    assert bump.norm == pytest.approx(2 / best_even_approximation(dim - 1).error, rel=1e-10)
    assert bump.profile(0.0) == pytest.approx(1) and np.abs(bump.profile(np.linspace(1, 3, 50))).max() < 1e-12
    if dim < 10:
        h = 0.01
        assert bump.profile(1 - h) / h ** ((dim + 1) / 2) == pytest.approx(bump.edge, rel=0.02 * dim)


def test_bump_in_three_dimensions_in_closed_form():
    r = np.linspace(0.01, 1.5, 40)
    exact = np.where(r <= 0.5, 1 - 1.5 * r, np.maximum(1 - r, 0) ** 2 / (2 * r))
    assert radial_bump(3).profile(r) == pytest.approx(exact, abs=1e-12)


def test_wide_bumps_are_one_inside_and_cost_exponentially():
    norms = [radial_bump(dim, 0.3).norm for dim in (1, 3, 5, 7)]
    assert norms == pytest.approx([5.714, 42.45, 154.13, 449.05], rel=1e-4)
    bump = radial_bump(5, 0.3)
    assert bump.profile(np.linspace(0, 0.3, 9)) == pytest.approx(np.ones(9), abs=1e-12)
    assert np.abs(bump.profile(np.linspace(1, 2, 9))).max() < 1e-11


def test_drawn_networks_have_the_norm_and_approach_the_bump():
    bump, m = radial_bump(3), 4000
    net = bump.network(m, seed=1)
    assert path_norm(net) == pytest.approx(16.0) and net.width == m
    X = bump_sample(3, 200)[0]
    assert np.abs(net(X) - bump(X)).max() < 16 * 2 * 5 / np.sqrt(m)


def test_the_programme_agrees_with_the_approximation_and_bounds_from_below():
    for dim in (3, 5):
        lower, value = least_radial_norm(dim)
        assert value == pytest.approx(radial_bump(dim).norm, rel=5e-3) and lower <= radial_bump(dim).norm + 1e-6
    lower, value = least_radial_norm(2)
    assert 4 < lower <= value < 16


def test_a_coarse_grid_of_kinks_is_too_dear_and_its_dual_still_below():
    """The dual is scaled by its largest value between the kinks: unscaled it would be the value, above N = 4."""
    lower, value = least_radial_norm(1, kinks=20)
    assert lower <= 4.0 < value
    lower, value = least_radial_norm(5)  # the 40 radii ask for no more than all: 29.5767
    assert lower <= NORMS[5] < value


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_line_norm_is_the_least_cost_of_a_representation(seed):
    rng = np.random.default_rng(seed)
    net = ShallowReLU(rng.normal(size=(5, 1)), rng.normal(size=5), rng.normal(size=5), rng.normal())
    R = 2.0
    knots = np.unique(np.concatenate([-net.b / net.W[:, 0], [-R, R]]))
    knots = knots[np.abs(knots) <= R]
    x = np.sort(np.concatenate([knots, (knots[1:] + knots[:-1]) / 2]))  # determines a function with these knots
    neurons = np.hstack([np.maximum(x[:, None] - knots, 0), np.maximum(knots - x[:, None], 0)])
    A = np.column_stack([neurons, -neurons, np.ones(len(x)), -np.ones(len(x))])
    cost = np.append(np.ones(4 * len(knots)), [0, 0])
    assert line_norm(net, R) == pytest.approx(linprog(cost, A_eq=A, b_eq=net(x)).fun, rel=1e-6, abs=1e-6)
    assert line_norm(net, R) <= path_norm(net) + 1e-9


def test_line_norm_of_affine_functions():
    assert line_norm(ShallowReLU([[1.0]], [2.0], [3.0], 0.0), 2.0) == pytest.approx(1.5 * 2)  # 3x + 6 on [-2, 2]
    assert line_norm(ShallowReLU([[1.0], [-1.0]], [0.0, 0.0], [1.0, 1.0], 0.0), 2.0) == pytest.approx(2)  # |x|
    steep = ShallowReLU([[1.0], [1.0]], [2.0, 0.0], [3.0, 1.0], 0.0)  # slopes 3 and 4: V = 1, S = 7
    assert line_norm(steep, 2.0) == pytest.approx((1 + 7) / 2)  # the whole line has max(V, |S|) = 7


def test_three_prices_of_bends_choose_three_functions():
    x = np.array([-2.0, -1.0, 1.0, 2.0])
    knots = np.linspace(-1, 1, 41)
    cost, masses = cheapest_bends(x, np.abs(x), knots, np.hypot(1, knots))
    assert cost == pytest.approx(2) and masses[20] == pytest.approx(2) and np.abs(masses).sum() == pytest.approx(2)
    assert cheapest_bends(x, np.abs(x), knots, np.ones(41))[0] == pytest.approx(2)
    cost, masses = cheapest_bends(x, np.abs(x), knots, 2 - np.abs(knots))
    assert cost == pytest.approx(2) and np.abs(masses[[0, 40]]).sum() == pytest.approx(2)


@pytest.mark.parametrize("dim", [1, 3, 4])
def test_lasso_satisfies_the_conditions_of_optimality(dim):
    r = np.concatenate([[0], np.linspace(1, 2, 40)])
    y, weight, knots = np.eye(41)[0], np.concatenate([[0.5], np.full(40, 0.0125)]), np.linspace(0, 2, 81)
    fit = radial_lasso(dim, r, y, weight, 1e-4, knots)
    pull = (weight * (fit.profile(r) - y)) @ radial_neuron(dim, r[:, None], knots)
    assert fit.gap < 1e-6 and abs(weight @ (fit.profile(r) - y)) < 1e-12
    assert np.abs(pull).max() <= 1e-4 * (1 + 1e-4)
    used = np.abs(fit.amplitudes) > 1e-3 * fit.norm
    assert pull[used] == pytest.approx(-1e-4 * np.sign(fit.amplitudes[used]), rel=1e-3)


def test_edge_shift_is_the_best_member_of_the_family():
    bump, penalty = radial_bump(3), 1e-10
    nodes, weights = np.polynomial.legendre.leggauss(200)

    def objective(delta):
        r = 1 + (nodes + 1) / 2 * delta / (1 - delta)  # up to 1/s, where the rescaled bump ends
        risk = 0.25 * (weights / 2 * delta / (1 - delta)) @ bump.profile((1 - delta) * r) ** 2
        return (risk + penalty * (1 - delta) * bump.norm) / penalty

    best = minimize_scalar(objective, bounds=(1e-5, 0.5), method="bounded", options={"xatol": 1e-9}).x
    assert bump.edge_shift(penalty) == pytest.approx(best, rel=0.03)


def test_bump_and_fit_are_radial_functions():
    r = np.linspace(0, 2, 50)
    bump, fit = radial_bump(3), radial_lasso(3, r, np.maximum(1 - r, 0), np.ones(50), 1e-4, np.linspace(0, 2, 21))
    for function in (bump, fit):
        assert isinstance(function, RadialFunction)
        same = RadialFunction(3, function.constant, function.kinks, function.amplitudes)
        np.testing.assert_array_equal(same.profile(r), function.profile(r))
        assert function([[0.0, 0.6, 0.8]])[0] == pytest.approx(function.profile(1.0), abs=1e-12)
        assert function.norm == np.abs(function.amplitudes).sum()


def test_reading_a_scale():
    bump, r = radial_bump(5), np.linspace(0, 2, 60)
    fit = fitted_scale(bump, r, 0.9 * bump.profile(0.62 * r))
    assert (fit.scale, fit.height) == pytest.approx((0.62, 0.9), abs=1e-4) and fit.error < 1e-5
    mean, spread = radial_profile(radial_bump(3).network(4000), r, directions=50)
    assert np.abs(mean - radial_bump(3).profile(r)).max() < 0.3 and spread[0] < 1e-9 < spread[-1]


# ------------------------------------------------------------------------------------------------------- training

X, Y = np.random.default_rng(0).normal(size=(7, 2)), np.random.default_rng(1).normal(size=7)


@pytest.mark.parametrize("penalise", ["weights", "all"])
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam", "adamw"])
def test_iterates_are_those_of_torch(optimizer, penalise):
    net, eta, decay = random_network(2, 6), 0.03, 0.05
    net = ShallowReLU(net.W, net.b + 0.1, net.v, 0.3)
    module = net.to_torch()
    weights, biases = ([p for n, p in module.named_parameters() if kind in n] for kind in ("weight", "bias"))
    groups = [{"params": weights, "weight_decay": decay},
              {"params": biases, "weight_decay": decay if penalise == "all" else 0.0}]  # fmt: skip
    theirs = {
        "sgd": lambda: torch.optim.SGD(groups, eta),
        "momentum": lambda: torch.optim.SGD(groups, eta, momentum=0.9),
        "adam": lambda: torch.optim.Adam(groups, eta),
        "adamw": lambda: torch.optim.AdamW(groups, eta),
    }[optimizer]()
    inputs, labels = torch.from_numpy(X.copy()), torch.from_numpy(Y.copy())
    for _ in range(60):
        theirs.zero_grad()
        (((module(inputs)[:, 0] - labels) ** 2).mean() / 2).backward()
        theirs.step()
    expected = ShallowReLU.from_torch(module)
    (ours,) = train_decayed([net], X, Y, eta, decay, steps=60, optimizer=optimizer, penalise=penalise, cooldown=0.0)
    for name in ("W", "b", "v", "c"):
        assert getattr(ours, name) == pytest.approx(getattr(expected, name), abs=1e-10), name


def test_gradient_descent_is_the_reference_and_networks_do_not_mix():
    nets = [random_network(2, 6, seed) for seed in range(3)]
    ours = train_decayed(nets, X, Y, [0.1, 0.05, 0.1], [0, 0.1, 0], steps=40, cooldown=0.0)
    for j in (0, 2):
        reference = train_sgd(nets[j], X, Y, 0.1, max_epochs=40, tolerance=1e-30).network
        assert pytest.approx(reference.W, abs=1e-11) == ours[j].W and ours[j].c == pytest.approx(reference.c)
    assert not np.allclose(ours[1].W, train_decayed(nets[1:2], X, Y, 0.05, 0, steps=40)[0].W)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_rate_falls_linearly_to_its_last_step(optimizer):
    """With 20 steps and cooldown 0.4 the last eight steps are 8/8, 7/8, …, 1/8 of η; Adam's first step is η itself."""
    net, eta = [random_network(2, 6)], 0.1
    shares = np.minimum(1, np.arange(20, 0, -1) / 8)
    (ours,) = train_decayed(net, X, Y, eta, 0.01, steps=20, optimizer=optimizer)
    if optimizer == "sgd":
        (one,) = net
        for share in shares:
            (one,) = train_decayed([one], X, Y, eta * share, 0.01, steps=1, cooldown=0.0)
        assert pytest.approx(one.W, abs=1e-12) == ours.W and pytest.approx(one.b, abs=1e-12) == ours.b
    (before,) = train_decayed(net, X, Y, eta, 0.01, steps=20, optimizer=optimizer, cooldown=0.0)
    assert not np.allclose(before.W, ours.W, atol=1e-4)
    (first,) = train_decayed(net, X, Y, eta, steps=1, optimizer="adam", cooldown=1.0)
    assert np.abs(first.b - net[0].b).max() == pytest.approx(eta, rel=1e-3)


def test_shares_are_repetitions_and_batches_follow_them():
    net = [random_network(2, 6)]
    (twice,) = train_decayed(net, np.vstack([X, X[:1]]), np.append(Y, Y[0]), 0.1, 0.01, steps=30)
    (share,) = train_decayed(net, X, Y, 0.1, 0.01, steps=30, sample_weight=np.append(2.0, np.ones(6)))
    assert pytest.approx(share.W, abs=1e-12) == twice.W
    only = np.eye(7)[3]
    (drawn,) = train_decayed(net, X, Y, 0.1, steps=30, sample_weight=only, batch_size=5)
    (alone,) = train_decayed(net, X[3:4], Y[3:4], 0.1, steps=30)
    assert pytest.approx(alone.W, abs=1e-12) == drawn.W
    runs = [train_decayed(net, X, Y, 0.1, steps=30, batch_size=2, seed=s)[0].W for s in (0, 0, 1)]
    assert (runs[0] == runs[1]).all() and not np.allclose(runs[0], runs[2])


def test_decay_value_bounds_the_path_norm():
    net = random_network(3, 20)
    assert weight_decay_value(net) >= path_norm(net)
    lengths = np.linalg.norm(net.W, axis=1)
    assert weight_decay_value(net.rescaled(np.sqrt(np.abs(net.v) / lengths))) == pytest.approx(path_norm(net))


def test_decay_finds_the_exact_regularised_tent():
    x = np.concatenate([[0], np.linspace(1, 2, 10), -np.linspace(1, 2, 10)])
    y, share = np.eye(21)[0], np.concatenate([[0.5], np.full(20, 0.025)])
    (net,) = train_decayed([xavier_network(1, 60, 0, 1.0, 2.0)], x, y, 0.003, 1e-2, steps=12_000, optimizer="adam",
                           sample_weight=share)  # fmt: skip
    exact = radial_lasso(1, np.abs(x), y, share, 1e-2, np.linspace(0, 2, 201))
    assert path_norm(net) == pytest.approx(exact.norm, rel=2e-3)
    assert net(x) == pytest.approx(exact.profile(np.abs(x)), abs=2e-3)


def test_starts_and_samples():
    net = xavier_network(3, 100, 0, 2.0, 1.5)
    assert np.abs(net.W).max() <= 2 * np.sqrt(6 / 103) and np.abs(net.v).max() <= 2 * np.sqrt(6 / 101)
    assert np.abs(net.W).max() > 1.8 * np.sqrt(6 / 103) and np.abs(net.neurons().offset).max() <= 1.5
    assert not xavier_network(3, 10).b.any()
    points, labels, share = bump_sample(5, 50)
    distance = np.linalg.norm(points, axis=1)
    assert labels.tolist() == [1.0] + [0.0] * 50 and share.sum() == pytest.approx(1) and share[0] == 0.5
    assert distance[0] == 0 and (np.floor((distance[1:] - 1) * 50).round() == np.arange(50)).all()


def test_the_study_runs_in_small():
    small = dict(BUMP_31.configurations[0]) | {"dim": 3, "samples": 60, "width": 20, "steps": 300, "batch_size": 16}
    result = rescaling(small)
    assert 0 < result["scale"] < 1.2 and result["path_norm"] <= result["weight_decay"] and len(result["profile"]) == 101
    assert "profile" not in rescaling(small | {"seed": 1})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: radial_bump(4), "dim must be odd"),
        (lambda: best_even_approximation(3), "degree must be even"),
        (lambda: best_even_approximation(2, 1.0), r"inner in \[0, 1\)"),
        (lambda: radial_bump(31, 0.9), "take a lower degree or a smaller inner"),
        (lambda: radial_bump(31, 0.8), "take a lower degree or a smaller inner"),
        (lambda: least_radial_norm(3, kinks=20), "lie far apart; ask for more kinks than 20"),
        (lambda: radial_lasso(*TENT, 1e-14, np.linspace(0, 2, 301)), "penalty = 1e-14 is too small"),
        (lambda: radial_lasso(*TENT, 1e-13, np.linspace(0, 2, 301)), "gap of .* instead of 1e-06"),
        (lambda: radial_neuron(3, -1.0, 0.0), "must not be negative"),
        (lambda: least_radial_norm(3, 1.0), "radius must be above 1"),
        (lambda: cheapest_bends([0, 1, 2], [0, 1, 0], [], []), "refine knots"),
        (lambda: cheapest_bends([0, 1], [0, 1], [0.5], [-1.0]), "cost must be at least 0"),
        (lambda: radial_lasso(3, [0, 1], [1, 0], [0, 0], 1e-3, [0.5]), "sample_weight"),
        (lambda: fitted_scale(radial_bump(3), [0, 1], [1.0]), "values must have shape"),
        (lambda: train_decayed([], X, Y, 0.1, steps=1), "one or more networks"),
        (lambda: train_decayed([random_network(2, 3)], X, Y, -0.1, steps=1), "step_size must not be negative"),
        (lambda: train_decayed([random_network(2, 3)], X, Y, 0.0, steps=1), "step_size must be positive"),
        (lambda: train_decayed([random_network(2, 3)], X, Y, 0.1, -1.0, steps=1), "weight_decay must not be negative"),
        (lambda: train_decayed([random_network(2, 3)], X, Y, 0.1, steps=1, optimizer="lion"), "optimizer must be one"),
        (lambda: train_decayed([random_network(2, 3)], X, Y, 0.1, steps=1, penalise="none"), "penalise must be one"),
        (lambda: train_decayed([random_network(2, 3)], X, Y, 0.1, steps=1, sample_weight=-np.ones(7)), "at least 0"),
        (lambda: train_decayed([random_network(2, 3)] * 2, X, Y, [1e-3, 1e9], steps=99), r"networks \[1\] diverged"),
    ],
)
def test_refusals_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
