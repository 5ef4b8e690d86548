"""The least norm of any shallow network: certificates, brute force, and networks that try to beat it."""

import numpy as np
import pytest
from scipy.optimize import linprog

from stableminima import ShallowReLU, data_weight, random_network, stability_norm
from stableminima.bounds import least_error, least_norm
from stableminima.datasets import disc
from stableminima.functions import pyramid, shallow_pyramid


def test_certificate_and_network():
    X = disc(60, 2.0)
    found = least_norm(X, pyramid(X), 0.01, start=100, add=50)
    assert found.certified and found.columns < found.lines
    assert found.upper == pytest.approx(found.lower, rel=1e-3)
    assert np.abs(found.network(X) - pyramid(X)).max() < 0.01 + 1e-9


def test_random_dictionary_never_wins_and_comes_close():
    """The same programme over thousands of random lines (none through samples), with the library's own weight."""
    rng = np.random.default_rng(1)
    X = disc(14, 2.0)
    y = pyramid(X)
    best = least_norm(X, y, 0.02)
    angle = rng.uniform(0, np.pi, 30_000)
    u, t = np.column_stack([np.cos(angle), np.sin(angle)]), rng.uniform(-2, 2, 30_000)
    g = data_weight(X, u, t)
    u, t, g = u[g > 0], t[g > 0], g[g > 0]
    A = np.maximum(X @ u.T - t, 0.0)
    left = np.hstack([A, -A, X, np.ones((14, 1))])
    cost = np.concatenate([g, g, np.zeros(3)])
    bounds = [(0, None)] * (2 * len(t)) + [(None, None)] * 3
    value = linprog(cost, np.vstack([left, -left]), np.concatenate([y + 0.02, 0.02 - y]), bounds=bounds).fun
    assert best.lower <= value <= 1.15 * best.upper


@pytest.mark.parametrize("seed", range(6))
def test_no_network_has_a_smaller_norm(seed):
    """Every network is feasible for its own values: the least norm is at most its norm."""
    X, net = disc(25, 2.0, seed), random_network(2, 8, seed)
    found = least_norm(X, net(X), 1e-6)
    assert found.certified and found.lower <= stability_norm(net, X) + 1e-6


def test_affine_values_cost_nothing_and_one_fold_costs_itself():
    X = disc(30, 2.0)
    assert least_norm(X, X @ [0.3, -1.0] + 2, 1e-6).upper == pytest.approx(0.0, abs=1e-9)
    inside = disc(40, 0.99)
    shallow = shallow_pyramid(2)
    assert least_norm(inside, pyramid(inside), 1e-9).upper <= stability_norm(shallow, inside)


def test_knots_moved_off_the_samples_give_the_upper_bound():
    """The network's lines pass through samples; moved off them in the cheapest way, its norm is ``upper``."""
    X = disc(12, 2.0)
    found = least_norm(X, pyramid(X), 0.05)
    a, u, t = found.network.neurons()
    total = 0.0
    for amplitude, direction, offset in zip(a[:-1], u[:-1], t[:-1], strict=True):
        moves = np.random.default_rng(0).normal(size=(400, 3)) * 1e-6
        tilted = direction + moves[:, :2]
        tilted /= np.linalg.norm(tilted, axis=1, keepdims=True)
        total += abs(amplitude) * data_weight(X, tilted, offset + moves[:, 2]).min()
    assert total == pytest.approx(found.upper, rel=1e-4)


def test_bad_input():
    X = disc(10, 2.0)
    line = np.column_stack([np.arange(5.0), np.zeros(5)])
    for args, message in (((X, np.zeros(9), 0.1), "shape"), ((X, np.zeros(10), 0.0), "positive"),
                          ((X[:3], np.zeros(3), 0.1), "four"), ((line, np.zeros(5), 0.1), "general")):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            least_norm(*args)


def test_lower_bound_is_one_even_when_stopped_early():
    X = disc(60, 2.0)
    exact = least_norm(X, pyramid(X), 0.01, tolerance=1e-6)
    early = least_norm(X, pyramid(X), 0.01, tolerance=0.95, start=120, add=5)
    assert early.columns < exact.columns
    assert early.lower <= exact.lower + 1e-9 and exact.upper <= early.upper + 1e-9


def test_least_error_is_the_inverse_of_least_norm():
    X = disc(40, 2.0)
    y = pyramid(X)
    for within in (0.02, 0.1, 0.3):
        norm = least_norm(X, y, within, tolerance=1e-9).upper
        found = least_error(X, y, norm, tolerance=1e-9, start=50, add=20)
        assert found.certified and found.columns < found.lines
        assert found.lower == pytest.approx(within, rel=1e-6) and found.upper == pytest.approx(within, rel=1e-6)
        assert np.abs(found.network(X) - y).max() <= found.upper + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_no_network_of_that_norm_has_a_smaller_error(seed):
    X, net = disc(30, 2.0, seed), random_network(2, 8, seed)
    y = pyramid(X)
    found = least_error(X, y, stability_norm(net, X), start=40, add=10)
    affine = np.column_stack([X, np.ones(30)])  # the part that costs nothing, as good as it can be in the mean square
    best = net(X) + affine @ np.linalg.lstsq(affine, y - net(X), rcond=None)[0]
    assert found.lower <= np.abs(best - y).max()


def test_enough_norm_makes_no_error():
    X = disc(20, 2.0)
    assert least_error(X, pyramid(X), 100.0).upper == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_a_single_neuron_costs_what_it_weighs(seed):
    """Not more than its own weight: the certificate must hold from a few columns on, and knots count to the better."""
    rng = np.random.default_rng(seed)
    X, u = disc(24, 2.0, seed), rng.normal(size=2)
    u /= np.linalg.norm(u)
    neuron = ShallowReLU([u], [0.3], [1.0], 0.0)
    found = least_norm(X, neuron(X), 1e-7, start=20, add=5)
    assert found.lower <= found.upper <= stability_norm(neuron, X) * (1 + 1e-6)
    assert found.columns < found.lines


def test_equal_points_are_named():
    X = disc(10, 2.0)
    with pytest.raises(ValueError, match="rows 3 and 7 are equal"):
        least_norm(np.vstack([X[:7], X[3], X[7:]]), np.zeros(11), 0.1)
