"""Networks pushed off their minimum: the growth of the error, and both sides of the edge."""

import numpy as np
import pytest

from stableminima import random_network, tangent_kernel
from stableminima.book.studies.push import error_growth, push, pushed

pytestmark = pytest.mark.slow


def test_the_growth_of_the_error_is_read_where_the_error_is_small():
    times = np.arange(90)
    assert error_growth(1e-16 * np.exp(0.2 * times), 10) == pytest.approx(0.01)
    assert error_growth(1e-16 * np.exp(-0.2 * times), 10) == pytest.approx(-0.01)
    left = np.minimum(1e-16 * np.exp(0.4 * times), 1.0)  # beyond 1e-7 the run is no longer near
    assert error_growth(left, 10) == pytest.approx(0.02)
    turning = np.concatenate([1e-12 * np.exp(-times[:30]), 1e-20 * np.exp(0.2 * times[:60])])
    assert error_growth(turning, 10) == pytest.approx(0.01, rel=0.05)  # what happens first is not counted


def test_a_push_moves_every_parameter_a_little():
    net = random_network(3, 5, seed=0)
    moved = pushed(net, np.random.default_rng(0), 1e-3)
    for part in ("W", "b", "v", "c"):
        apart = np.abs(np.asarray(getattr(moved, part)) - getattr(net, part))
        assert (apart > 0).all() and apart.max() < 5e-3


@pytest.mark.parametrize("sampling", ["iid", "reshuffled"])
def test_errors_shrink_below_the_edge_and_grow_above(sampling):
    rng = np.random.default_rng(1)
    X, net = rng.normal(size=(24, 4)), random_network(4, 40, seed=3)
    told = push(net, X, 0.1, 6, sampling, pushes=2, epochs=3000)
    top = np.linalg.eigvalsh(tangent_kernel(net, X) / 24)[-1]
    assert 0.5 * 2 / top < 0.1 * told["low"] <= 0.1 * told["high"] < 2 * 2 / top
    assert max(told["below"]) < 0 < min(told["above"])
    assert told["expected"] > 2 * told["expected_error"] > 0
