"""The sweep with momentum against torch's optimiser and the readable reference, cut anywhere and resumed."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from stableminima import ShallowReLU, SweepJob, random_network, train_jobs, train_sgd, train_sweep
from stableminima.batches import epoch_batches
from stableminima.training.sweep import job as jobs_module

ENGINES = (None, "cpu")  # the compiled epochs, and torch's on its own device


def distance(a: ShallowReLU, b: ShallowReLU) -> float:
    return max(np.abs(a.W - b.W).max(), np.abs(a.b - b.b).max(), np.abs(a.v - b.v).max(), abs(a.c - b.c))


def reference(job, **options):
    return train_sgd(
        job.net, job.X, job.y, job.step_size, job.batch_size, seed=job.seed, sampling=job.sampling,
        momentum=job.momentum, **options,
    )  # fmt: skip


def torch_sgd(job, epochs, warmup):
    """The loop that everybody writes, with torch's own optimiser."""
    module, n = job.net.to_torch(), len(job.X)
    optimiser = torch.optim.SGD(module.parameters(), lr=job.step_size, momentum=job.momentum)
    batches = epoch_batches(n, job.batch_size or n, job.sampling, np.random.default_rng(job.seed))
    for epoch in range(epochs):
        optimiser.param_groups[0]["lr"] = job.step_size * min(1.0, (epoch + 1) / (warmup + 1))
        for batch in next(batches):
            optimiser.zero_grad()
            inputs, labels = torch.from_numpy(job.X[batch]), torch.from_numpy(job.y[batch])
            (((module(inputs)[:, 0] - labels) ** 2).mean() / 2).backward()
            optimiser.step()
    return ShallowReLU.from_torch(module)


@st.composite
def calm_jobs(draw):
    """Any shape, law, batch size and momentum, at a step at which rounding is not amplified."""
    n, d, k = draw(st.integers(1, 130)), draw(st.integers(1, 5)), draw(st.integers(1, 12))
    batch = draw(st.sampled_from([1, 7, 96, 97, None]) if n >= 97 else st.integers(1, n))
    momentum = draw(st.sampled_from([0.0, 1e-12, 1e-3, 0.1, 0.5, 0.9, 0.99]) | st.floats(0, 0.99))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    net = random_network(d, k, seed)
    far = rng.random(k) < draw(st.sampled_from([0.0, 0.3, 1.0]))  # neurons that begin off
    net = replace(net, b=np.where(far, -20.0, net.b))
    X = rng.normal(size=(n, d))
    eta = 0.05 * (1 - momentum)
    return SweepJob(
        net, X, rng.normal(size=n), eta, batch, seed, draw(st.sampled_from(["iid", "reshuffled"])), momentum
    )


@settings(max_examples=40, deadline=None)
@given(job=calm_jobs(), epochs=st.integers(1, 12), cut=st.integers(1, 12), refresh=st.integers(1, 12),
       warmup=st.integers(0, 6), device=st.sampled_from(ENGINES))  # fmt: skip
def test_iterates_are_those_of_torch_cut_anywhere_and_resumed(
    job, epochs, cut, refresh, warmup, device, tmp_path_factory
):
    rule = {"tolerance": 1e-30, "warmup": warmup}
    options = rule | {"precision": "float64", "device": device, "checkpoint": tmp_path_factory.mktemp("cut")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs_module, "REFRESH", refresh)  # epochs between two fresh starts from the weights
        if cut < epochs:
            assert train_jobs([job], max_epochs=cut, **options).runs[0].epochs <= cut
        run = train_jobs([job], max_epochs=epochs, **options).runs[0]
    expected = reference(job, max_epochs=epochs, **rule)
    assert (run.status, run.epochs) == (expected.status, expected.epochs)
    assert np.abs(run.history - expected.history).max() < 1e-9
    assert distance(run.network, expected.network) < 1e-9
    assert distance(run.network, torch_sgd(job, run.epochs, warmup)) < 1e-9


RNG = np.random.default_rng(8)
X, NET = RNG.normal(size=(120, 6)), random_network(6, 24, seed=3)
Y = np.sin(2 * X[:, 0]) + 0.5 * np.abs(X[:, 1])
EASY = SweepJob(NET, X, Y, 0.01, 8, momentum=0.9)


@pytest.mark.parametrize("momentum", [1e-9, 0.2, 0.9])
@pytest.mark.parametrize("batch_size", [8, 100, None])
def test_thousands_of_steps(batch_size, momentum):
    """The scale of the velocity is made 1 again many times over."""
    job = replace(EASY, batch_size=batch_size, momentum=momentum, step_size=0.05 * (1 - momentum), seed=5)
    rule = {"max_epochs": 200, "tolerance": 1e-12, "warmup": 3}
    run, expected = train_jobs([job], precision="float64", **rule).runs[0], reference(job, **rule)
    assert distance(run.network, expected.network) < 1e-9


@pytest.mark.parametrize("momentum", [0.2, 0.9, 0.99])
def test_single_precision_loses_no_more_than_without_momentum(momentum):
    def error(beta):
        jobs = [replace(EASY, momentum=beta, step_size=0.05 * (1 - beta), seed=seed) for seed in range(7)]
        single, double = (train_jobs(jobs, max_epochs=200, precision=name).runs for name in ("float32", "float64"))
        return np.median([distance(a.network, b.network) for a, b in zip(single, double, strict=True)])

    assert error(momentum) < 5 * error(0.0) < 1e-4


@pytest.mark.parametrize("device", ENGINES)
@pytest.mark.parametrize("warmup", [0, 25])
def test_neurons_that_are_off_come_back_or_stay(monkeypatch, device, warmup):
    """Small networks whose neurons go off with a velocity left: collapsed only where none of them ever returns."""
    monkeypatch.setattr(jobs_module, "REFRESH", 7)  # some are off when the engine starts afresh
    jobs = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        x, y = rng.normal(size=(3, 1)), rng.normal(size=3)
        batch = (None, 1, 2)[seed % 3]
        jobs.append(SweepJob(random_network(1, 1 + seed % 2, seed=seed, scale=2), x, y, 0.4, batch, seed, momentum=0.9))
    rule, back, stayed = {"max_epochs": 60, "tolerance": 1e-12, "warmup": warmup}, 0, 0
    runs = train_jobs(jobs, precision="float64", device=device, **rule).runs
    for job, run in zip(jobs, runs, strict=True):
        on = []
        expected = reference(
            job, observe=lambda _, net, job=job, on=on: on.append((net.preactivations(job.X) > 0).any()), **rule
        )
        back += any(now and not before for before, now in itertools.pairwise(on))
        assert (run.status, run.epochs) == (expected.status, expected.epochs)
        assert distance(run.network, expected.network) < 1e-6 * max(1.0, np.abs(run.network.W).max())
        if run.status == "collapsed" and (stayed := stayed + 1) <= 6:  # torch's loop is slow
            later = torch_sgd(job, run.epochs + 200, warmup)
            assert not (later.preactivations(job.X) > 0).any()
    assert back >= 3 and stayed >= 6


@pytest.mark.parametrize("device", ENGINES)
def test_ends_of_all_kinds_in_one_sweep_with_and_without_momentum(device):
    dead = replace(NET, W=-np.abs(NET.W), b=NET.b - 100)
    wild = replace(EASY, net=random_network(6, 24, scale=6), step_size=30.0)
    jobs = [replace(EASY, step_size=1e-3, batch_size=None), EASY, wild, replace(EASY, net=dead)]
    jobs += [replace(job, momentum=beta) for job in jobs for beta in (0.0, 0.3)]
    rule = {"tolerance": 0.02, "hold": 5, "max_epochs": 150}
    runs = train_jobs(jobs, precision="float64", device=device, **rule).runs
    assert [run.status for run in runs[:4]] == ["unfinished", "converged", "diverged", "collapsed"]
    for job, run in zip(jobs, runs, strict=True):
        expected = reference(job, **rule)
        assert (run.status, run.epochs) == (expected.status, expected.epochs)
        assert distance(run.network, expected.network) < 1e-6 * max(1.0, np.abs(run.network.W).max())


def test_an_interrupted_job_goes_on_with_its_velocity(tmp_path):
    """Killed by Ctrl-C at whatever chunk, and resumed: not one bit differs."""
    jobs = [EASY, replace(EASY, net=replace(NET, W=-np.abs(NET.W), b=NET.b - 100))]

    def press_control_c(index, run):
        raise KeyboardInterrupt

    options = {"tolerance": 1e-12, "workers": 2, "checkpoint": tmp_path, "max_epochs": 40_000}
    cut = train_jobs(jobs, on_done=press_control_c, **options)
    assert cut.interrupted and [run.status for run in cut.runs] == ["unfinished", "collapsed"]
    options["max_epochs"] = cut.runs[0].epochs + 150
    resumed, whole = train_jobs(jobs, **options), train_jobs(jobs, **options | {"checkpoint": None})
    for a, b in zip(resumed.runs, whole.runs, strict=True):
        assert distance(a.network, b.network) == 0.0 and np.array_equal(a.history, b.history) and a.status == b.status
    with pytest.raises(ValueError, match="belongs to another sweep"):
        train_jobs([replace(EASY, momentum=0.8)], **options)


def test_momentum_reaches_the_jobs_and_is_checked():
    runs = [train_sweep(NET, X, Y, [0.01], 8, max_epochs=3, momentum=beta).runs[0] for beta in (0.0, 0.9)]
    assert runs[0].loss > runs[1].loss
    with pytest.raises(ValueError, match="momentum must be"):
        train_jobs([replace(EASY, momentum=1.0)])
