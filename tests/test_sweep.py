"""The fast engine against the readable reference, and what it owes a reader who kills it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest

from stableminima import SweepJob, mean_square_loss, random_network, train_jobs, train_sgd, train_sweep
from stableminima.training.sweep.job import Progress

RNG = np.random.default_rng(8)
X, NET = RNG.normal(size=(120, 6)), random_network(6, 24, seed=3)
Y = np.sin(2 * X[:, 0]) + 0.5 * np.abs(X[:, 1])
EASY = SweepJob(NET, X, Y, 0.05, 8)


def distance(run, reference):
    """The largest difference of any weight."""
    a, b = run.network, reference.network
    return max(np.abs(a.W - b.W).max(), np.abs(a.b - b.b).max(), np.abs(a.v - b.v).max(), abs(a.c - b.c))


def reference(job, **rule):
    return train_sgd(job.net, job.X, job.y, job.step_size, job.batch_size, seed=job.seed, sampling=job.sampling, **rule)


@pytest.mark.parametrize("batch_size", [1, 7, 16, 100, None])  # 7 leaves a short batch; from 96 on products are dense
@pytest.mark.parametrize("sampling", ["reshuffled", "iid"])
def test_iterates_are_those_of_the_reference(batch_size, sampling):
    job = SweepJob(NET, X, Y, 0.02, batch_size, seed=5, sampling=sampling)
    epochs = max(100, 4000 // -(-len(X) // (batch_size or len(X))))
    rule = {"max_epochs": epochs, "tolerance": 1e-12, "warmup": 3}
    (run,), expected = train_jobs([job], precision="float64", **rule).runs, reference(job, **rule)
    assert distance(run, expected) < 1e-9
    assert np.abs(run.history - expected.history).max() < 1e-9
    assert (run.epochs, run.status) == (expected.epochs, expected.status)


def test_a_hard_start_agrees_until_chaos_takes_over():
    """Large steps, neurons dying: the difference of the two roundings grows exponentially, from nothing."""
    job = SweepJob(NET, X, 3 * Y, 0.3, 8, seed=1)
    gap, dead = [], []
    for epochs in (1, 30, 100, 300):
        rule = {"max_epochs": epochs, "tolerance": 1e-12}
        (run,), expected = train_jobs([job], precision="float64", **rule).runs, reference(job, **rule)
        gap.append(distance(run, expected))
        dead.append(int((X @ expected.network.W.T + expected.network.b <= 0).all(axis=0).sum()))
    assert gap[0] < 1e-13 and gap[1] < 1e-11 and gap[2] < 1e-9
    assert gap[3] > 100 * gap[1], "this start is not chaotic; the test tests nothing"
    assert dead[0] == 0 and dead[3] >= 10


def test_ends_of_all_kinds_come_back_in_order():
    dead = replace(NET, W=-np.abs(NET.W), b=NET.b - 100)
    jobs = [
        replace(EASY, step_size=0.01, batch_size=None),
        EASY,
        replace(EASY, net=random_network(6, 24, scale=6), step_size=30.0),
        replace(EASY, net=dead),
    ]
    seen = {}
    result = train_jobs(jobs, 1e-3, 5, 800, on_done=seen.__setitem__, precision="float64")
    assert [run.status for run in result.runs] == ["unfinished", "converged", "diverged", "collapsed"]
    assert all(seen[i] is run for i, run in enumerate(result.runs)) and not result.interrupted
    for job, run in zip(jobs, result.runs, strict=True):
        expected = reference(job, tolerance=1e-3, hold=5, max_epochs=800)
        assert (run.status, run.epochs) == (expected.status, expected.epochs)
        assert np.isfinite(run.loss) and run.loss == mean_square_loss(run.network, X, Y)
    assert distance(result.runs[2], reference(jobs[2])) < 1e-6 * np.abs(result.runs[2].network.W).max()


def test_returned_weights_obey_the_stopping_rule():
    """In float32, and with nothing held: the engine alone would stop on its own rounding."""
    result = train_sweep(NET, X, Y, [0.03, 0.05, 0.08], 8, tolerance=1e-5, hold=1, max_epochs=20_000)
    assert all(run.status == "converged" and mean_square_loss(run.network, X, Y) < 1e-5 for run in result.runs)
    assert (result.drift > 0).all() and (result.drift < 1e-4).all()
    exact = train_sweep(NET, X, Y, [0.03], 8, tolerance=1e-5, hold=1, max_epochs=20_000, precision="float64")
    assert exact.drift[0] < 1e-12


def test_the_result_does_not_depend_on_the_workers():
    jobs = [replace(EASY, step_size=eta, seed=seed) for eta in (0.02, 0.1) for seed in range(3)]
    one, four = (train_jobs(jobs, max_epochs=150, workers=workers) for workers in (1, 4))
    assert [distance(a, b) for a, b in zip(one.runs, four.runs, strict=True)] == [0.0] * 6
    assert (one.drift == four.drift).all()


def test_batches_are_not_lost_when_the_weights_disagree(monkeypatch):
    """A run that the engine ends inside a chunk, and the weights do not, goes on with the batches of the reference."""
    monkeypatch.setattr(Progress, "weights_loss", lambda self: np.inf)
    denied = train_jobs([EASY], 0.02, 5, 300, precision="float64").runs[0]
    free = train_jobs([EASY], 1e-30, 5, 300, precision="float64").runs[0]
    assert denied.epochs == 300 and free.history[200:].max() < 0.02 < free.history[0]
    assert np.abs(denied.history - free.history).max() < 1e-9


@pytest.mark.parametrize("batch_size", [7, None])
def test_the_torch_program_has_the_same_iterates(batch_size):
    """On torch's own device, here the CPU: all ends, in one stack and in two."""
    jobs = [replace(EASY, step_size=eta, batch_size=batch_size, seed=i) for i, eta in enumerate((0.02, 0.1, 90.0))]
    jobs += [replace(EASY, net=random_network(6, 12), batch_size=batch_size, sampling="iid")]
    options = {"tolerance": 0.3, "hold": 3, "max_epochs": 100, "precision": "float64", "warmup": 2}
    ours, theirs = train_jobs(jobs, **options), train_jobs(jobs, **options, device="cpu")
    assert {run.status for run in ours.runs} >= {"diverged", "converged"}
    for a, b in zip(ours.runs, theirs.runs, strict=True):
        assert (a.status, a.epochs) == (b.status, b.epochs)
        assert distance(a, b) < 1e-8 * max(1.0, np.abs(a.network.W).max())


def test_an_interrupted_sweep_keeps_what_is_done_and_resumes(tmp_path):
    jobs = [replace(EASY, step_size=0.04), replace(EASY, net=replace(NET, W=-np.abs(NET.W), b=NET.b - 100))]

    def press_control_c(index, run):
        raise KeyboardInterrupt

    options = {"tolerance": 1e-9, "max_epochs": 40_000, "workers": 2, "checkpoint": tmp_path}
    cut = train_jobs(jobs, on_done=press_control_c, **options)
    assert cut.interrupted and [run.status for run in cut.runs] == ["unfinished", "collapsed"]
    assert cut.runs[0].epochs < 40_000
    options["max_epochs"] = 3000  # a longer or shorter limit is the same sweep
    resumed, whole = train_jobs(jobs, **options), train_jobs(jobs, **options | {"checkpoint": None})
    for a, b in zip(resumed.runs, whole.runs, strict=True):
        assert distance(a, b) == 0.0 and np.array_equal(a.history, b.history) and a.status == b.status


KILLED = """
    import sys, numpy as np
    sys.path.insert(0, {tests!r})
    import stableminima.training.sweep.job as state
    state.SAVE_EVERY = 0.0
    from test_sweep import EASY, train_jobs
    train_jobs([EASY], 1e-30, max_epochs=10**6, workers=1, checkpoint={folder!r})
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.slow
def test_a_killed_process_loses_nothing(tmp_path):
    """Checkpoints are made at every chunk here, so the kill falls into the writing of one as often as not."""
    script = textwrap.dedent(KILLED.format(tests=os.path.dirname(__file__), folder=str(tmp_path)))
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("job-*.npz")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
    (file,) = tmp_path.glob("job-*.npz")
    with np.load(file) as archive:
        done = len(archive["history"])
    assert done > 0
    limits = {"tolerance": 1e-30, "max_epochs": done + 100}
    (resumed,), (whole,) = (train_jobs([EASY], checkpoint=folder, **limits).runs for folder in (tmp_path, None))
    assert resumed.epochs == whole.epochs == done + 100
    assert distance(resumed, whole) == 0.0 and np.array_equal(resumed.history, whole.history)


def test_foreign_and_damaged_checkpoints_are_refused(tmp_path):
    train_jobs([EASY], max_epochs=3, checkpoint=tmp_path)
    with pytest.raises(ValueError, match="belongs to another sweep"):
        train_jobs([replace(EASY, seed=9)], max_epochs=3, checkpoint=tmp_path)
    (file,) = tmp_path.glob("*.npz")
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match=r"damaged.*delete that file"):
        train_jobs([EASY], max_epochs=3, checkpoint=tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"step_size": -1.0}, "step_size must be positive"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"batch_size": 121}, "batch_size must be"),
        ({"sampling": "cyclic"}, "sampling must be one of"),
        ({"seed": -1}, "seed must be"),
        ({"y": Y[:-1]}, "y must have shape"),
        ({"X": np.where(X > 1, np.nan, X)}, "NaN"),
    ],
)
def test_bad_jobs_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        train_jobs([replace(EASY, **changed)])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tolerance": 0.0}, "tolerance must be positive"),
        ({"hold": 0}, "hold must be"),
        ({"workers": 0}, "workers must be"),
        ({"precision": "float16"}, "precision must be"),
    ],
)
def test_bad_rules_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        train_jobs([EASY], **changed)
    with pytest.raises(ValueError, match="jobs is empty"):
        train_jobs([])


NOWHERE = """
from numba.core import caching
caching.CompileResultCacheImpl._locator_classes = []  # as in a shared installation, for a user without a home
from numba import njit
try:
    njit(cache=True)(lambda x: x)
except RuntimeError as error:
    assert "no locator available" in str(error)
else:
    raise AssertionError("this numba asks elsewhere: mend the test")
import numpy as np
from stableminima.networks import random_network
from stableminima.training import train_sweep
X = np.linspace(-1, 1, 6)[:, None]
print(train_sweep(random_network(1, 4), X, X[:, 0], [0.1], max_epochs=3).runs[0].epochs)
"""


def test_the_sweep_runs_where_nothing_may_be_written():
    done = subprocess.run([sys.executable, "-c", NOWHERE], capture_output=True, encoding="utf8")
    assert done.stdout == "3\n", done.stderr
