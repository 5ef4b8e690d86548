"""The readable reference against PyTorch's own SGD, and its stopping rule."""

import inspect

import numpy as np
import pytest
import torch

from stableminima import (
    ShallowReLU,
    bound_chain,
    mean_square_loss,
    random_network,
    train_jobs,
    train_sgd,
    train_sweep,
    train_together,
)
from stableminima.batches import epoch_batches, weighted_batches
from stableminima.datasets import digit_pair, disc
from stableminima.training import random_layers, train_decayed, train_deep
from stableminima.training.stopping import StoppingRule

RNG = np.random.default_rng(5)
X, NET = RNG.normal(size=(10, 3)), random_network(3, 20, seed=2)
Y = np.sin(X[:, 0])


def torch_sgd(net, X, y, eta, batches, momentum=0.0):
    module = net.to_torch()
    optimiser = torch.optim.SGD(module.parameters(), lr=eta, momentum=momentum)
    for batch in batches:
        optimiser.zero_grad()
        loss = ((module(torch.from_numpy(X[batch]))[:, 0] - torch.from_numpy(y[batch])) ** 2).mean() / 2
        loss.backward()
        optimiser.step()
    return ShallowReLU.from_torch(module)


@pytest.mark.parametrize("batch_size", [None, 5, 3, 1])
@pytest.mark.parametrize("sampling", ["reshuffled", "iid"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_iterates_are_those_of_torch(batch_size, sampling, momentum):
    stop = {"max_epochs": 20, "tolerance": 1e-30}
    run = train_sgd(NET, X, Y, 0.05, batch_size, **stop, seed=4, sampling=sampling, momentum=momentum)
    epochs = epoch_batches(10, batch_size or 10, sampling, np.random.default_rng(4))
    reference = torch_sgd(NET, X, Y, 0.05, [b for _ in range(20) for b in next(epochs)], momentum)
    for ours, theirs in ((run.network.W, reference.W), (run.network.b, reference.b), (run.network.v, reference.v)):
        assert np.abs(ours - theirs).max() < 1e-12
    assert run.network.c == pytest.approx(reference.c, abs=1e-12)
    assert run.loss == mean_square_loss(run.network, X, Y) == pytest.approx(run.history[-1], rel=1e-12)


def test_a_neuron_that_momentum_carries_on_is_not_taken_for_dead():
    """A network with one neuron that is off on all samples for fourteen epochs and comes back by its velocity."""
    rng = np.random.default_rng(24)
    x, y, start, on = rng.normal(size=(3, 1)), rng.normal(size=3), random_network(1, 1, seed=24, scale=2), []

    def look(_, net):
        on.append((net.preactivations(x) > 0).any())

    run = train_sgd(start, x, y, 0.5, momentum=0.9, max_epochs=40, observe=look)
    assert not any(on[2:18]) and on[18] and not on[-1] and run.status == "collapsed"
    still = torch_sgd(start, x, y, 0.5, [np.arange(3)] * (run.epochs + 500), momentum=0.9)
    assert not (still.preactivations(x) > 0).any()  # and what it calls collapsed stays so


def test_stopping_rule_counts_consecutive_epochs():
    free = train_sgd(NET, X, Y, 0.3, 2, tolerance=1e-30, max_epochs=3000, seed=1)
    tolerance = float(np.sort(free.history)[1500])  # a level that noisy training crosses up and down
    for hold in (1, 5, 50):
        below = np.convolve(free.history < tolerance, np.ones(hold), mode="valid") == hold
        stop = int(np.argmax(below)) + hold
        run = train_sgd(NET, X, Y, 0.3, 2, tolerance=tolerance, hold=hold, max_epochs=3000, seed=1)
        assert run.epochs == stop and run.status == "converged"
        assert np.array_equal(run.history, free.history[:stop])


def test_converged_runs_are_minima_that_obey_the_bound():
    run = train_sgd(NET, X, Y, 0.2, tolerance=1e-10, max_epochs=50_000)
    assert run.status == "converged" and run.loss < 1e-10
    assert bound_chain(run.network, X, 0.2).holds


def test_other_ends():
    unfinished = train_sgd(NET, X, Y, 0.01, max_epochs=5)
    assert unfinished.status == "unfinished" and unfinished.epochs == len(unfinished.history) == 5
    diverged = train_sgd(random_network(3, 20, scale=5), 10 * X, Y, 5.0, max_epochs=100)
    assert diverged.status == "diverged" and np.isfinite(diverged.loss)
    off = ShallowReLU(-np.ones((4, 1)), -np.ones(4), np.ones(4), 0.0)
    collapsed = train_sgd(off, np.array([1.0, 2.0]), [0.0, 1.0], 0.1)
    assert collapsed.status == "collapsed" and collapsed.epochs == 1
    constant = train_sgd(off, np.array([1.0, 2.0]), [1.0, 1.0], 1.0)  # the output bias alone fits these labels
    assert constant.status == "converged"


def test_warmup_and_observer():
    seen = []
    run = train_sgd(
        NET, X, Y, 0.1, max_epochs=25, warmup=9, observe=lambda e, net: seen.append((e, net)), observe_every=10
    )
    assert [epoch for epoch, _ in seen] == [0, 10, 20, 25]
    assert np.array_equal(seen[0][1].W, NET.W) and np.array_equal(seen[-1][1].W, run.network.W)
    first = train_sgd(NET, X, Y, 0.1, max_epochs=1, warmup=9).network
    assert np.allclose(first.W - NET.W, 0.1 * (train_sgd(NET, X, Y, 0.1, max_epochs=1).network.W - NET.W), atol=1e-15)


def test_a_run_cannot_stop_before_its_step_size_is_reached():
    """Below tolerance from the first epoch on, but the step is still smaller than η: that proves nothing about η."""
    early = train_sgd(NET, X, NET(X), 0.1, max_epochs=100, warmup=30, hold=5)
    assert early.status == "converged" and early.epochs == 35


def test_the_start_is_not_changed_and_the_seed_decides():
    W = NET.W.copy()
    a, b, c = (train_sgd(NET, X, Y, 0.1, 3, max_epochs=5, seed=s).network.W for s in (0, 0, 1))
    assert np.array_equal(NET.W, W) and np.array_equal(a, b) and not np.array_equal(a, c)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"step_size": 0}, "step_size must be positive"),
        ({"step_size": np.nan}, "step_size"),
        ({"batch_size": 11}, "number of samples 10, got 11"),
        ({"batch_size": 2.5}, "batch_size"),
        ({"tolerance": -1}, "tolerance"),
        ({"hold": 0}, "hold must be at least 1"),
        ({"max_epochs": 0}, "max_epochs"),
        ({"sampling": "bootstrap"}, "sampling"),
        ({"y": np.full(10, np.nan)}, "y contains 10 NaN"),
        ({"y": Y[:5]}, r"y must have shape \(10,\)"),
        ({"X": X[:, :2]}, "X must have shape"),
    ],
)
def test_bad_requests_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        train_sgd(**({"net": NET, "X": X, "y": Y, "step_size": 0.1} | changed))


# --- many networks at once ---------------------------------------------------------------------------------------

X_2, Y_2 = RNG.normal(size=(6, 2)), RNG.normal(size=6)
STEPS_2 = [0.05, 0.1, 0.2]
NETS_2 = [random_network(2, 12, seed=seed, scale=1.5) for seed in range(3)]


@pytest.mark.parametrize("warmup", [0, 20])
def test_same_iterates_as_train_sgd(warmup):
    together = train_together(NETS_2, X_2, Y_2, STEPS_2, tolerance=1e-3, max_steps=300, warmup=warmup)
    for net, eta, run in zip(NETS_2, STEPS_2, together, strict=True):
        alone = train_sgd(net, X_2, Y_2, eta, tolerance=1e-3, max_epochs=300, warmup=warmup)
        assert (run.epochs, run.status) == (alone.epochs, alone.status)
        np.testing.assert_allclose(run.history, alone.history, rtol=1e-8)
        np.testing.assert_allclose(run.network.W, alone.network.W, rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(run.network.v, alone.network.v, rtol=1e-8, atol=1e-10)


def test_weight_decay_is_the_gradient_of_the_penalty():
    eta, decay = 0.1, 0.3
    (plain,), (decayed,) = (
        train_together(NETS_2[:1], X_2, Y_2, eta, max_steps=1, weight_decay=mu) for mu in (0.0, decay)
    )
    np.testing.assert_allclose(plain.network.v - decayed.network.v, eta * decay * NETS_2[0].v, atol=1e-14)
    np.testing.assert_allclose(plain.network.W - decayed.network.W, eta * decay * NETS_2[0].W, atol=1e-14)
    assert plain.network.c == decayed.network.c


def test_divergence_and_collapse_are_reported_as_such():
    (run,) = train_together(NETS_2[:1], X_2, Y_2, 50.0, max_steps=400)
    assert run.status in ("diverged", "collapsed") and np.isfinite(run.loss)
    assert run.loss == pytest.approx(mean_square_loss(run.network, X_2, Y_2))


def test_shapes_must_agree():
    with pytest.raises(ValueError, match="same shape"):
        train_together([NETS_2[0], random_network(2, 5)], X_2, Y_2, 0.1)


@pytest.mark.parametrize(
    "changed",
    [
        *({name: value} for name in ("step_size", "tolerance") for value in ("0.1", None, [0.1], np.inf)),
        *({name: value} for name in ("hold", "max_epochs", "warmup", "observe_every") for value in ("3", None, 2.5)),
        *({"batch_size": value} for value in ("3", [3], np.nan, np.inf)),
    ],
)
def test_arguments_that_are_not_numbers_are_refused(changed):
    with pytest.raises(ValueError, match=rf"{next(iter(changed))} must be"):
        train_sgd(**({"net": NET, "X": X, "y": Y, "step_size": 0.1} | changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"step_size": "0.1"},
        {"step_size": [0.1, 0.2]},
        {"tolerance": np.nan},
        {"max_steps": 2.5},
        {"warmup": None},
        {"weight_decay": np.nan},
        {"weight_decay": -1.0},
    ],
)
def test_train_together_refuses_what_train_sgd_does(changed):
    with pytest.raises(ValueError, match=rf"{next(iter(changed))} must"):
        train_together(**({"nets": NETS_2, "X": X_2, "y": Y_2, "step_size": 0.1} | changed))


def test_runs_are_compared_by_identity():
    one, two = (train_sgd(NET, X, Y, 0.1, max_epochs=2) for _ in range(2))
    assert one == one and one != two


# --- one stopping rule for all engines ---------------------------------------------------------------------------


def test_the_same_defaults_everywhere():
    rule = StoppingRule()
    for trainer in (train_sgd, train_together, train_jobs, train_sweep):
        defaults = {name: parameter.default for name, parameter in inspect.signature(trainer).parameters.items()}
        limit = defaults["max_steps" if trainer is train_together else "max_epochs"]
        assert (defaults["tolerance"], defaults["hold"], limit) == (rule.tolerance, rule.hold, rule.max_epochs)


@pytest.mark.parametrize(
    ("losses", "end"),
    [
        ([1.0, 0.09, 0.2, 0.09, 0.09, 1.0], (5, "converged")),  # two in a row
        ([0.09, 0.09, 1.0, 1.0], (4, "unfinished")),  # the first epoch is warm-up: it does not count
        ([1.0, 3e6, 1.0], (2, "diverged")),
        ([1.0, np.nan], (2, "diverged")),
    ],
)
def test_the_rule_by_hand(losses, end):
    rule, held = StoppingRule(tolerance=0.1, hold=2, max_epochs=len(losses), warmup=1), 0
    for epoch, loss in enumerate(losses, 1):
        held, status = rule.judge(loss, True, epoch, held, blow_up=1e6)
        if status is not None:
            break
    assert (epoch, status) == end
    assert rule.judge(0.1, False, 1, 0, 1e6)[1] == "collapsed" and rule.judge(0.09, False, 1, 0, 1e6)[1] is None


def test_networks_together_stop_as_they_do_alone():
    """All ends: held for some steps, out of steps, all neurons off, blown up."""
    off = ShallowReLU(-np.ones((12, 2)), -9 * np.ones(12), np.ones(12), 0.0)
    nets, etas = [*NETS_2, off, NETS_2[0]], [0.05, 0.1, 0.2, 0.1, 400.0]
    rule = {"tolerance": 1e-2, "hold": 7, "warmup": 3}
    together = train_together(nets, X_2, Y_2, etas, max_steps=250, **rule)
    assert {run.status for run in together} == {"converged", "unfinished", "collapsed", "diverged"}
    for net, eta, run in zip(nets, etas, together, strict=True):
        alone = train_sgd(net, X_2, Y_2, eta, max_epochs=250, **rule)
        assert (run.epochs, run.status) == (alone.epochs, alone.status)
        assert run.loss == pytest.approx(alone.loss) and run.network.c == pytest.approx(alone.network.c)


@pytest.mark.parametrize("penalise", ["weights", "neurons", "all"])
def test_both_stacked_trainers_mean_the_same_by_weight_decay(penalise):
    how = {"weight_decay": [0.1, 0.0, 0.3], "penalise": penalise}
    together = train_together(NETS_2, X_2, Y_2, 0.05, 1e-30, max_steps=30, **how)
    fixed = train_decayed(NETS_2, X_2, Y_2, 0.05, steps=30, cooldown=0.0, **how)
    for run, net in zip(together, fixed, strict=True):
        assert np.array_equal(run.network.W, net.W) and run.network.c == net.c


# --- seeds, and the deep trainer -----------------------------------------------------------------------------------


def with_seed(seed):
    """Whatever is drawn by anything that takes a seed."""
    task = digit_pair(3, 5, 20, seed=seed(), dataset="digits")
    return [
        task.X,
        disc(5, 1.0, seed()),
        random_layers([2, 3, 1], seed())[0][0],
        train_sgd(NET, X, Y, 0.1, 3, max_epochs=3, seed=seed()).network.W,
        train_deep(random_layers([3, 4, 1]), X, Y, 0.1, 5, batch_size=2, seed=seed())[0][0][0],
        train_decayed(NETS_2, X_2, Y_2, 0.1, steps=3, batch_size=2, seed=seed())[1].W,
        *(run.network.W for run in train_sweep(NET, X, Y, [0.1, 0.1], 3, max_epochs=3, seed=seed()).runs),
    ]


def test_a_seed_is_a_number_or_a_generator():
    numbers, generators = with_seed(lambda: 4), with_seed(lambda: np.random.default_rng(4))
    assert all(np.array_equal(a, b) for a, b in zip(numbers, generators, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(numbers, with_seed(lambda: 5), strict=True))
    for bad in (-1, 1.5, "4", None):
        with pytest.raises(ValueError, match=r"seed must be a whole number, at least 0, or a numpy\.random\.Generator"):
            with_seed(lambda value=bad: value)


def test_weighted_batches_are_drawn_in_proportion():
    batches = weighted_batches(np.array([0.5, 0.0, 0.3, 0.2]), 5, np.random.default_rng(0))
    drawn = np.bincount(np.concatenate([next(batches) for _ in range(4000)]), minlength=4) / 20_000
    assert drawn == pytest.approx([0.5, 0, 0.3, 0.2], abs=0.015)


@pytest.mark.parametrize("batch_size", [None, 4])
def test_a_shallow_network_is_trained_alike_by_the_deep_trainer(batch_size):
    layers = [(NET.W.T, NET.b), (NET.v[:, None], np.array([NET.c]))]
    ours, _ = train_deep(layers, X, Y, 0.1, 30, batch_size=batch_size, seed=2, sampling="reshuffled")
    theirs = train_sgd(NET, X, Y, 0.1, batch_size, max_epochs=30 if batch_size is None else 10, seed=2)
    assert pytest.approx(theirs.network.W, abs=1e-12) == ours[0][0].T


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"X": np.full((10, 3), np.nan)}, "X contains 30 NaN"),
        ({"y": Y[:5]}, r"y must have shape \(10,\)"),
        ({"step_size": -1.0}, "step_size must be positive"),
        ({"steps": 0}, "steps must be at least 1"),
        ({"batch_size": 11}, "number of samples 10, got 11"),
        ({"warmup": -1}, "warmup must be"),
        ({"sampling": "bootstrap"}, "sampling must be"),
        ({"layers": random_layers([2, 4, 1])}, "X must have shape"),
    ],
)
def test_the_deep_trainer_refuses(changed, message):
    start = {"layers": random_layers([3, 4, 4, 1]), "X": X, "y": Y, "step_size": 0.1, "steps": 5}
    with pytest.raises(ValueError, match=message):
        train_deep(**(start | changed))
    with pytest.raises(ValueError, match="widths must"):
        random_layers([3])
