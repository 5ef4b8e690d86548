"""``diagnose`` against an independent gradient descent (torch's autograd) and against networks whose state is known."""

import numpy as np
import pytest
import torch

from stableminima import ShallowReLU, diagnose, random_network, train_sgd
from stableminima.datasets.tasks import digit_pair

X = np.linspace(-1, 1, 8)[:, None]


def autograd_epochs(net, y, step_size, epochs):
    """f at the samples and which neurons are on, after each of so many steps of gradient descent by autograd."""
    inputs, labels = torch.tensor(X), torch.tensor(y)
    parts = [torch.tensor(p, requires_grad=True) for p in (net.W, net.b, net.v, np.array(net.c))]
    values, patterns = [], []
    for _ in range(epochs + 1):
        W, b, v, c = parts
        before = inputs @ W.T + b
        f = torch.relu(before) @ v + c
        values.append(f.detach().numpy())
        patterns.append((before > 0).numpy())
        for part, slope in zip(parts, torch.autograd.grad(((f - labels) ** 2).mean() / 2, parts), strict=True):
            part.data -= step_size * slope
    return np.array(values), np.array(patterns)


def jumping():
    """A run of gradient descent that ends jumping between two functions."""
    y = np.cos(3 * X[:, 0])
    return train_sgd(random_network(1, 20, seed=0), X, y, 1.0, warmup=2000, max_epochs=4000), y


def test_a_run_that_jumps_between_two_functions_is_no_minimum():
    run, y = jumping()
    found = diagnose(run.network, X, y, 1.0, epochs=16)
    values, patterns = autograd_epochs(run.network, y, 1.0, 16)
    once, twice = (np.median(np.abs(values[k:] - values[:-k]).max(axis=1)) for k in (1, 2))
    assert found.move == pytest.approx(once, rel=1e-6)
    assert found.return_move == pytest.approx(twice, rel=1e-3)
    assert found.hovering == (patterns != patterns[0]).any(axis=0).mean() > 0
    assert found.period_two and not found.at_rest and not found.frozen and not found.hypotheses_hold
    assert "period two" in str(found)


def test_a_minimum_is_one():
    y = X[:, 0] ** 2
    run = train_sgd(random_network(1, 20, seed=1), X, y, 0.2, tolerance=1e-4)
    found = diagnose(run.network, X, y, 0.2)
    assert found.hypotheses_hold and found.frozen and not found.period_two and not found.no_better_than_a_constant
    assert 0 < found.edge < 1 and found.mean_square == found.edge  # the full batch


def test_each_hypothesis_can_fail_alone():
    y = X[:, 0] ** 2
    net = train_sgd(random_network(1, 20, seed=1), X, y, 0.2, tolerance=1e-4).network
    assert not diagnose(net, X, y, 0.2, tolerance=1e-6).fits
    beyond = diagnose(net, X, y, 2.2 * 0.2 / diagnose(net, X, y, 0.2).edge, epochs=2, rest=1e9)
    assert beyond.edge == pytest.approx(2.2) and not beyond.below_the_edge and not beyond.hypotheses_hold
    weights = net.W.copy(), net.b.copy(), net.v.copy()
    weights[1][3] = -weights[0][3] @ X[2]  # the knot of neuron 3 on sample 2
    pinned = ShallowReLU(*weights, net.c)
    assert diagnose(pinned, X, pinned(X), 0.2).neurons.pinned >= 1
    assert not diagnose(pinned, X, pinned(X), 0.2).hypotheses_hold


def test_dead_networks_and_constants_are_said():
    y = np.cos(3 * X[:, 0])
    dead = ShallowReLU([[1.0], [1.0]], [-5.0, -5.0], [1.0, 1.0], float(y.mean()))
    found = diagnose(dead, X, y, 0.5)
    assert found.all_dead and found.no_better_than_a_constant and not found.hypotheses_hold
    assert found.loss == pytest.approx(found.constant_loss)
    assert "all neurons dead" in str(found) and "no better than a constant" in str(found)


def test_sgd_has_a_threshold_of_its_own():
    task = digit_pair(1, 7, 32, 0, 0, "digits")
    net = random_network(task.X.shape[1], 20)
    found = diagnose(net, task.X, net(task.X), 0.1, batch_size=4, epochs=2)
    assert found.mean_square > found.edge > 0


@pytest.mark.parametrize(("name", "value"), [("epochs", 1), ("tolerance", 0.0), ("rest", -1.0), ("step_size", 0.0)])
def test_bad_arguments_are_named(name, value):
    arguments = {"step_size": 0.1} | {name: value}
    with pytest.raises(ValueError, match=name):
        diagnose(random_network(1, 4), X, X[:, 0], **arguments)


def test_labels_must_fit():
    with pytest.raises(ValueError, match="y"):
        diagnose(random_network(1, 4), X, X[1:, 0], 0.1)
