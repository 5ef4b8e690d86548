"""The one training loop for both depths, against the reference trainer and against autograd."""

import numpy as np
import pytest

from stableminima import DeepReLU, gd_threshold, random_network, train_sgd
from stableminima.book.studies.depth import DEPTH, contrast, state
from stableminima.datasets import disc
from stableminima.functions import pyramid, pyramid_network
from stableminima.training import layers_of, network_of, random_layers, train_deep


def test_shallow_iterates_are_those_of_the_reference():
    X, start = disc(30, 2.0), random_network(2, 12, 3)
    y = pyramid(X)
    layers, losses = train_deep(layers_of(start), X, y, 0.3, 50, warmup=10)
    run = train_sgd(start, X, y, 0.3, max_epochs=50, warmup=10, tolerance=1e-30)
    np.testing.assert_allclose(network_of(layers)(X), run.network(X), atol=1e-12)
    np.testing.assert_allclose(losses[1:], run.history[:-1], rtol=1e-10)


def test_deep_iterates_are_those_of_autograd():
    torch = pytest.importorskip("torch")
    X = disc(20, 2.0)
    y, start = pyramid(X), random_layers([2, 7, 5, 1], seed=1)
    module = network_of(start).to_torch()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.2)
    for _ in range(20):
        optimizer.zero_grad()
        (((module(torch.from_numpy(X))[:, 0] - torch.from_numpy(y)) ** 2).mean() / 2).backward()
        optimizer.step()
    layers, _ = train_deep(start, X, y, 0.2, 20)
    np.testing.assert_allclose(network_of(layers)(X), DeepReLU.from_torch(module)(X), atol=1e-12)


def test_batches_keep_a_fitted_network_and_a_huge_step_is_reported():
    X = disc(40, 1.5)
    net = pyramid_network(2, 2.0, 1.5)
    layers, losses = train_deep(layers_of(net), X, pyramid(X), 0.5, 30, batch_size=8)
    assert losses.max() < 1e-28
    np.testing.assert_allclose(network_of(layers)(X), pyramid(X), atol=1e-13)
    _, losses = train_deep(random_layers([2, 9, 1], 0), X, pyramid(X), 50.0, 400)
    assert not np.isfinite(losses[-1])


@pytest.mark.parametrize("hidden", [[12], [6, 6]])
def test_a_small_run_of_the_study(hidden):
    small = {**DEPTH.configurations[0], "hidden": hidden, "steps": 60, "warmup": 10, "samples": 40, "step_size": 0.4}
    result = contrast(small)
    assert result["early_steps"] == 32  # (60 − 5)/2 + 5, rounded
    assert {"error", "early_error", "next_error", "jump", "sharpness", "profile", "next_profile"} <= set(result)
    assert ("norm" in result) == (len(hidden) == 1)
    assert result["loss"] < result["early_loss"]
    assert contrast({**small, "start": 0.1})["loss"] < result["early_loss"]  # it begins where another run has ended


def test_two_consecutive_steps_are_measured_and_the_status_is_what_they_say():
    X, probe = disc(40, 2.0), disc(50, 1.8, seed=1)
    y = pyramid(X)
    layers, _ = train_deep(random_layers([2, 12, 1], 0), X, y, 0.2, 50)
    found, after = state(layers, X, y, probe, 0.2), train_deep(layers, X, y, 0.2, 1)[0]
    assert found["error"] == np.abs(network_of(layers)(probe) - pyramid(probe)).max()
    assert found["next_error"] == np.abs(network_of(after)(probe) - pyramid(probe)).max()
    assert found["next_loss"] == pytest.approx(np.mean((network_of(after)(X) - y) ** 2) / 2)


def test_status():
    X, fit = disc(40, 2.0), pyramid_network(2, 2.0, 1.5)
    y, edge = pyramid(X), gd_threshold(fit, X)

    def status(layers, step_size):
        return state(layers, X, y, X, step_size)["status"]

    dead = [(np.zeros((2, 3)), np.zeros(3)), (np.zeros((3, 1)), np.full(1, y.mean()))]
    assert status(dead, 0.1) == "constant"
    assert status(layers_of(fit), 0.1) == "rest"  # it fits, and a small step keeps it
    top = [(weight.copy(), bias + 0.02 * (level == 2)) for level, (weight, bias) in enumerate(layers_of(fit))]
    assert status(train_deep(top, X, y, edge, 100)[0], edge) == "period two"  # the sharpest direction turns its sign
    assert status(train_deep(random_layers([2, 12, 1], 0), X, y, 0.2, 60)[0], 0.2) == "moving"
