"""The end of gradient descent, step by step: in function space, against weights and against perturbed runs."""

import numpy as np
import pytest

from stableminima import random_network, sharpness, tangent_kernel, train_sgd
from stableminima.book.studies.flicker import Descent, factor, watch

RNG = np.random.default_rng(0)
X = RNG.normal(size=(6, 3))
NET = random_network(3, 20, 1)


def test_the_descent_is_that_of_the_weights():
    y = NET(X) + RNG.normal(size=6)
    descent, run = Descent.of(NET, X, y), NET
    for _ in range(30):
        assert np.allclose(descent.kernel(), tangent_kernel(run, X), rtol=1e-9)
        descent.step(0.05)
        run = train_sgd(run, X, y, 0.05, max_epochs=1).network
    assert np.allclose(descent.Z, run.preactivations(X).T) and np.allclose(descent.v, run.v)
    assert (descent.on != Descent.of(NET, X, y).on).any()  # the comparison has met switching neurons


def test_at_a_minimum_a_run_stays_and_an_error_feels_one_matrix():
    top = sharpness(NET, X)
    for ratio in (0.9, 1.02):
        seen = watch(Descent.of(NET, X, NET(X)), ratio * 2 / top, steps=5, control=3)
        grown = max(1 - ratio * 2 / top * np.linalg.eigvalsh(tangent_kernel(NET, X) / 6)[0], abs(1 - 2 * ratio))
        for name in ("path_factor", "short_factor", "frozen_factor"):
            assert seen[name] == pytest.approx(grown, rel=1e-9)
        assert seen["edge_least"] == seen["edge_most"] == pytest.approx(ratio, rel=1e-9) == seen["edge_mean"]
        assert seen["switched"] == 0 and seen["above"] == (ratio > 1)


def test_growth_is_that_of_a_perturbed_run():
    """Norm of the product of the one-step maps against finite differences of the run's residuals, which are small."""
    noise = 1e-5 * RNG.normal(size=6)
    eta, steps, h = 0.3, 4, 1e-6

    def residuals(y):
        run = NET
        for _ in range(steps):
            run = train_sgd(run, X, y, eta, max_epochs=1).network
        return run(X) - y

    columns = [
        (residuals(NET(X) + noise - h * e) - residuals(NET(X) + noise + h * e)) / (2 * h) for e in np.eye(len(X))
    ]
    grown = np.linalg.norm(np.array(columns).T, 2) ** (1 / steps)
    assert factor(Descent.of(NET, X, NET(X) + noise), eta, steps) == pytest.approx(grown, abs=1e-3)


def test_the_control_keeps_its_pattern_and_moves_its_weights():
    descent = Descent.of(NET, X, NET(X) + RNG.normal(size=6))
    still, on = descent.stopped(), descent.on
    for _ in range(30):
        still.step(0.05), descent.step(0.05)
    assert (still.on == on).all() and (descent.on != on).any() and not np.allclose(still.v, descent.v)
    assert ((still.Z > 0) != on).any()  # its neurons crossed their knots, and were not asked


def test_the_sharpest_network_of_the_window_is_the_one_that_is_frozen():
    y = NET(X) + 0.3 * RNG.normal(size=6)
    descent, edges, starts = Descent.of(NET, X, y), [], []
    for _ in range(40):
        edges.append(0.1 * np.linalg.eigvalsh(descent.kernel() / 6)[-1] / 2)
        starts.append(descent.stopped())
        descent.step(0.1)
    seen = watch(Descent.of(NET, X, y), 0.1, steps=40, control=5)
    assert seen["edge_most"] == pytest.approx(max(edges)) and seen["edge_mean"] == pytest.approx(np.mean(edges))
    assert int(np.argmax(edges)) > 0 and seen["switched"] > 0
    assert seen["frozen_factor"] == pytest.approx(factor(starts[int(np.argmax(edges))], 0.1, 5))
