"""Growth along a run of gradient descent whose neurons switch."""

import numpy as np
import pytest

from stableminima import random_network, tangent_kernel
from stableminima.book.studies.flicker import path_exponent


def test_at_a_minimum_the_path_is_one_network():
    rng = np.random.default_rng(0)
    X, net = rng.normal(size=(6, 3)), random_network(3, 20, 1)
    eigenvalues = np.linalg.eigvalsh(tangent_kernel(net, X) / 6)
    for step_size in (0.5 / eigenvalues[-1], 2.1 / eigenvalues[-1]):
        value, switched = path_exponent(net, X, net(X), step_size, steps=5)
        assert value == pytest.approx(np.log(np.abs(1 - step_size * eigenvalues).max()), rel=1e-9)
        assert switched == 0


def test_growth_is_that_of_a_perturbed_run():
    """Product of the one-step maps against finite differences of the run's residuals, with residuals small."""
    from stableminima import train_sgd

    rng = np.random.default_rng(1)
    X, net = rng.normal(size=(5, 2)), random_network(2, 30, 2)
    noise = 1e-5 * rng.normal(size=5)
    eta, steps = 0.3, 4

    def residuals(y):
        run = net
        for _ in range(steps):
            run = train_sgd(run, X, y, eta, max_epochs=1).network
        return run(X) - y

    h = 1e-6
    columns = [(residuals(net(X) + noise - h * e) - residuals(net(X) + noise + h * e)) / (2 * h) for e in np.eye(5)]
    radius = np.abs(np.linalg.eigvals(np.array(columns).T)).max()
    value, _ = path_exponent(net, X, net(X) + noise, eta, steps)
    assert value == pytest.approx(np.log(radius) / steps, abs=1e-3)
