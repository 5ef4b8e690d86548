"""``python -m stableminima``: usable without reading the code, and every bad request is one clear line."""

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from stableminima import SweepJob, random_network, sharpness, train_jobs
from stableminima.book.studies.registry import study_named
from stableminima.command.verbs import main
from stableminima.experiments import provenance, read_record, record_files, study, write_record

SMALL = shlex.split("--dataset digits -n 32 --validation 20 --width 10 --hold 20 --tolerance 1e-3 --workers 1")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Run in an empty folder, with records of its own and without MNIST."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STABLEMINIMA_RESULTS", str(tmp_path / "results"))
    monkeypatch.setenv("STABLEMINIMA_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("STABLEMINIMA_OFFLINE", "1")
    monkeypatch.setattr(study, "revision", lambda: {"revision": "0123456789ab", "clean": True})


def ask(capsys, line):
    """Exit status, standard output and the one line of standard error (the progress bar is off: no terminal)."""
    try:
        status = main(shlex.split(line) if isinstance(line, str) else line)
    except SystemExit as end:
        status = end.code
    told = capsys.readouterr()
    return status, told.out, told.err


BAD = {
    "sweep --dataset digits --digits 3/12": "second must be a digit 0…9, got 12",
    "sweep --dataset digits --digits 3/3": "first and second must be different digits",
    "sweep --dataset digits --digits 35": "a pair of digits is written 3/5, got '35'",
    "sweep --dataset digits -n 4000": "asks for 6000 a class, but digits has 183 of digit 3",
    "sweep --dataset digits -n 31": "n_train must be an even integer",
    "sweep --dataset digits -n 32 --validation 3": "n_validation must be an even integer",
    "sweep --dataset digits --step-sizes -0.1": "--step-sizes: must be a positive number, got '-0.1'",
    "sweep --dataset digits --step-sizes 0.1 nan": "--step-sizes: must be a positive number, got 'nan'",
    "sweep --dataset digits --scale 0": "--scale: must be a positive number",
    "sweep --dataset digits --width 0": "--width: must be a whole number, at least 1, got '0'",
    "sweep --dataset digits --batch-sizes 0": "--batch-sizes: must be a whole number, at least 1",
    "sweep --dataset digits -n 32 --validation 0 --batch-sizes 33": "batch_size must be an integer between 1 and",
    "sweep --dataset digits --seeds 3-x": "seeds are whole numbers or ranges such as 0-4",
    "sweep --dataset digits --seeds 4-0": "seeds are whole numbers or ranges such as 0-4",
    "sweep --dataset cifar": "invalid choice: 'cifar'",
    "sweep --sampling sorted": "invalid choice: 'sorted'",
    "sweep --pixels white": "invalid choice: 'white'",
    "sweep --warmup -1": "--warmup: must be a whole number, at least 0, got '-1'",
    "sweep --momentum 0.5 1": "--momentum: must be at least 0 and below 1, got '1'",
    "sweep --workers 0": "--workers: must be a whole number, at least 1",
    "sweep --step-sizes 0.1": "MNIST is not available",
    "sweep --step": "unrecognized arguments: --step",
    "sweep --step-size 0.1": "unrecognized arguments: --step-size 0.1; did you mean --step-sizes?",
    "list --everything": "list: error: unrecognized arguments: --everything (see",
    "sweep --dataset digits -n 32 --validation 0 --out no/such/r.json": "there is no folder no/such; make it first",
    "sweep --dataset digits -n 32 --validation 0 --out no/such/../folder\0": "embedded null byte",
    "sweep --dataset digits -n 32 --validation 0 --scheduler tcp://127.0.0.1:1": "no Dask scheduler with",
    "sweep --data none.npz": "--data none.npz cannot be read (No such file or directory)",
    "sweep --data corrupt.json": "corrupt.json is no .npz file of plain arrays",
    "sweep --data pickled.npz": "pickled.npz is no .npz file of plain arrays (Object arrays cannot be loaded",
    "sweep --data y.npz": "y.npz: it must hold X and y, and may hold X_validation and y_validation; it holds y",
    "sweep --data more.npz": "it holds X, labels, y",
    "sweep --data shape.npz": "shape.npz: y must have shape (6,), got (5,)",
    "sweep --data nan.npz": "nan.npz: X contains 1 NaN",
    "sweep --data half.npz": "half.npz: X_validation and y_validation go together",
    "sweep --data other.npz": "other.npz: X_validation has 3 inputs and X has 2",
    "sweep --data good.npz": "batch_size must be an integer between 1 and the number of samples 6, got 16",
    "sweep --data good.npz --batch-sizes full --digits 0/1": "--data brings samples of its own; drop --digits",
    "sweep --data good.npz --batch-sizes full -n 4": "--data brings samples of its own; drop --samples",
    "reproduce": "nothing to reproduce: name a study",
    "reproduce mnist": "no study is called 'mnist'",
    "reproduce mnist-quick": "python -m stableminima record mnist-quick",
    "record mnist-quick --only colour=red": "no setting 'colour'; it has dataset, digits, n",
    "record mnist-quick --only step_size=7": "no configuration of mnist-quick has",
    "record mnist-quick --only step_size": "a condition is written KEY=VALUE",
    "record mnist-quick --resume --out corrupt.json": "corrupt.json is not a record, or is damaged",
    "record mnist-quick --out corrupt.json": "corrupt.json exists; continue it (--resume)",
    "record mnist-quick --out corrupt.json/r.json": "cannot be written",
    "": "the following arguments are required: VERB",
    "paint": "invalid choice: 'paint'",
}  # fmt: skip


def own_files(folder):
    """Data of one's own, good and bad."""
    X, y = np.random.default_rng(0).normal(size=(6, 2)), np.array([1.0, -1, 1, -1, 1, -1])
    for name, arrays in {
        "good": {"X": X, "y": y, "X_validation": X[:4], "y_validation": y[:4]},
        "pickled": {"X": np.array([{}], dtype=object), "y": y},
        "y": {"y": y},
        "more": {"X": X, "y": y, "labels": y},
        "shape": {"X": X, "y": y[:5]},
        "nan": {"X": np.where(X[2, 1] == X, np.nan, X), "y": y},
        "half": {"X": X, "y": y, "X_validation": X},
        "other": {"X": X, "y": y, "X_validation": np.ones((2, 3)), "y_validation": y[:2]},
    }.items():
        np.savez(folder / f"{name}.npz", **arrays)
    return X, y


OWN = shlex.split(
    "sweep --data good.npz --batch-sizes 2 full --step-sizes 0.1 0.2 --width 10 --hold 20 --tolerance 1e-3"
)


@pytest.mark.slow
def test_a_sweep_over_data_of_ones_own(capsys, tmp_path):
    X, y = own_files(tmp_path)
    status, out, err = ask(capsys, [*OWN, "--workers", "2", "--out", "own.json"])
    assert status == 0 and err == "" and "4 runs in own.json" in out
    record = read_record("own.json")
    sha = hashlib.sha256((tmp_path / "good.npz").read_bytes()).hexdigest()[:12]
    assert {(run["data"], run["data_sha256"], run["digits"]) for run in record} == {("good.npz", sha, None)}
    for run in record:  # the protocol: the same iterates, measured by the same functions
        rule = {"tolerance": 1e-3, "hold": 20, "max_epochs": 60_000}
        job = SweepJob(random_network(2, 10, 0), X, y, run["step_size"], run["batch_size"])
        (alone,) = train_jobs([job], **rule).runs
        assert (run["status"], run["epochs"]) == (alone.status, alone.epochs)
        if run["status"] == "converged":
            assert run["lambda_max"] == pytest.approx(sharpness(alone.network, X), rel=1e-8)
            assert run["val_accuracy"] == 1.0
    again = shlex.split(record.command)[3:]
    assert again[1:3] == ["--data", "good.npz"] and ask(capsys, [*again, "--resume"])[0] == 0
    assert [run.result for run in read_record("own.json")] == [run.result for run in record]
    np.savez(tmp_path / "good.npz", X=2 * X, y=y)
    status, _, err = ask(capsys, [*again, "--resume"])
    assert status == 2 and "holds 4 runs that are not of this study" in err


def test_real_labels_have_a_loss_and_no_accuracy(capsys, tmp_path):
    X, y = own_files(tmp_path)
    np.savez(tmp_path / "good.npz", X=X, y=0.1 * y, X_validation=X, y_validation=0.1 * y)
    assert ask(capsys, [*OWN, "--workers", "1"])[0] == 0
    columns = read_record("sweep.json").columns
    assert "val_loss" in columns and "val_accuracy" not in columns


def test_records_are_not_made_from_code_that_nobody_will_find_again(capsys, tmp_path, monkeypatch):
    for module in (study, provenance):
        monkeypatch.setattr(module, "revision", lambda: {"revision": "0123456789ab", "clean": False})
    provenance.provenance.cache_clear()
    line = "record mnist-quick --only batch_size=8 step_size=0.1 --workers 1"
    status, _, err = ask(capsys, line)
    assert status == 2 and "changes that are not in its commit 0123456789ab; commit them, or record" in err
    assert "--dirty" in err and not (tmp_path / "results").exists()
    assert ask(capsys, f"{line} --dirty")[0] == 0
    assert read_record(tmp_path / "results" / "mnist-quick.json").provenance[0]["clean"] is False
    _, out, _ = ask(capsys, "reproduce mnist-quick --check")
    assert "1 runs by the code that is here, commit 0123456789ab (dirty, with changes that are in no commit)" in out
    provenance.provenance.cache_clear()


@pytest.mark.parametrize("line", BAD)
def test_bad_requests(line, capsys, tmp_path):
    if "--scheduler" in line:
        pytest.importorskip("distributed")
    (tmp_path / "corrupt.json").write_text('{"format": 1, "study": "mnist-qu')
    own_files(tmp_path)
    status, out, err = ask(capsys, line)
    assert status == 2 and out == ""
    assert BAD[line] in err and err.count("\n") == 1 and "error: " in err
    assert (tmp_path / "corrupt.json").read_text() == '{"format": 1, "study": "mnist-qu'


def test_a_full_disk(capsys, tmp_path, monkeypatch):
    def flush(_):
        raise OSError(28, "No space left on device")

    assert ask(capsys, ["sweep", *SMALL])[0] == 0
    before = (tmp_path / "sweep.json").read_bytes()
    monkeypatch.setattr(record_files.os, "fsync", flush)
    for out in ("sweep.json", "other.json"):
        status, _, err = ask(capsys, ["sweep", *SMALL, "--step-sizes", "0.1", "0.2", "--resume", "--out", out])
        assert status == 2 and err.count("\n") == 1 and "(No space left on device); what was there is kept" in err
    assert (tmp_path / "sweep.json").read_bytes() == before and list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("verb", ["", "sweep", "record", "reproduce", "list"])
def test_help_is_enough(verb, capsys):
    status, out, err = ask(capsys, f"{verb} --help")
    assert status == 0 and err == ""
    if verb == "sweep":
        for said in ("default: 512", "gradient descent", "0-4 means 0 1 2 3 4", "2000", "--resume does what is left"):
            assert said in " ".join(out.split())
    if verb == "":
        for said in ("exit status", "STABLEMINIMA_DATA", "reproduce mnist-35 --only"):
            assert said in out


def test_a_sweep_records_every_combination(capsys):
    line = ["sweep", *SMALL, *shlex.split("--digits 3/5 0/1 --batch-sizes 8 32 --out two.json")]
    status, out, err = ask(capsys, line)
    assert status == 0 and err == "" and "4 runs in two.json" in out and "converged" in out
    record = read_record("two.json")
    assert list(record.groups("digits", "batch_size")) == [
        (pair, size) for pair in ((3, 5), (0, 1)) for size in (8, 32)
    ]
    again = shlex.split(record.command)
    assert again[:3] == ["python", "-m", "stableminima"]
    status, _, err = ask(capsys, again[3:])
    assert status == 2 and "two.json exists; continue it" in err  # nothing recorded is overwritten
    again[again.index("two.json")] = "again.json"
    assert ask(capsys, again[3:])[0] == 0
    repeated = read_record("again.json")
    assert [run.result for run in repeated.runs] == [run.result for run in record.runs]
    status, _, err = ask(capsys, [*line, "--resume", "--step-sizes", "0.3"])
    assert status == 2 and "holds 4 runs that are not of this study" in err


def test_a_sweep_varies_warm_up_and_pixels(capsys):
    line = ["sweep", *SMALL, *shlex.split("--pixels raw centred --warmup 0 30 --out four.json")]
    status, out, err = ask(capsys, line)
    assert status == 0 and err == "" and "4 runs in four.json" in out
    runs = {(run["pixels"], run["warmup"]): run for run in read_record("four.json")}
    assert list(runs) == [(None, None), (None, 30), ("centred", None), ("centred", 30)]  # as usual: not named
    assert len({run["lambda_max"] for run in runs.values()}) == 4
    assert "pixels" in out and "warmup" in out and "--warmup 0 30" in read_record("four.json").command
    assert ask(capsys, ["sweep", *SMALL, "--out", "plain.json"])[0] == 0
    (plain,) = read_record("plain.json")
    assert plain.result == runs[None, None].result and "warmup" not in plain.configuration


def test_a_sweep_varies_momentum(capsys):
    line = ["sweep", *SMALL, *shlex.split("--momentum 0 0.5 --out heavy.json")]
    status, out, err = ask(capsys, line)
    assert status == 0 and err == "" and "momentum" in out
    record = read_record("heavy.json")
    plain, heavy = record.runs
    assert [run["momentum"] for run in record.runs] == [None, 0.5] and "--momentum 0.0 0.5" in record.command
    assert heavy["epochs"] != plain["epochs"]
    assert ask(capsys, ["sweep", *SMALL, "--out", "plain.json"])[0] == 0
    assert read_record("plain.json").runs[0].result == plain.result


def start(*arguments):
    """The command in a process and process group of its own, listening to Ctrl-C even if the tests do not (``&``)."""
    return subprocess.Popen(
        [sys.executable, "-m", "stableminima", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def wait_for_runs(path, count):
    deadline = time.monotonic() + 240  # the first run may have to compile the engine
    while time.monotonic() < deadline:
        if path.exists() and len(read_record(path)) >= count:
            return len(read_record(path))
        time.sleep(0.02)
    raise AssertionError(f"{path} does not reach {count} runs")


def alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.slow
def test_interrupted_killed_and_resumed_is_the_same_as_uninterrupted(tmp_path, capsys):
    line = ["sweep", *SMALL, *shlex.split("--seeds 0-24 --step-sizes 0.1 --out r.json --workers 2")]
    path = tmp_path / "r.json"
    first = start(*line)
    done = wait_for_runs(path, 2)
    os.killpg(first.pid, signal.SIGINT)  # Ctrl-C reaches every process of the terminal
    _, err = first.communicate(timeout=60)
    assert first.returncode == 130, err
    (told,) = err.splitlines()[-1:]
    assert (
        "Traceback" not in err and "interrupted: finished runs are kept; continue with: python -m stableminima" in told
    )
    assert done <= len(read_record(path)) < 25
    resume = shlex.split(told.split("continue with: ")[1])[3:]
    assert resume == [*line, "--resume"]

    second = start(*resume)
    kept = wait_for_runs(path, len(read_record(path)) + 2)
    os.kill(second.pid, signal.SIGKILL)
    second.communicate(timeout=60)  # workers that live on would hold its output open
    deadline = time.monotonic() + 30
    while alive(second.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(second.pid), "worker processes outlive their parent"
    assert kept <= len(read_record(path)) < 25

    assert ask(capsys, resume)[0] == 0
    assert ask(capsys, [*line[:-4], "--out", "once.json", "--workers", "1"])[0] == 0
    resumed, once = read_record(path), read_record(tmp_path / "once.json")
    assert [(run.configuration, run.result) for run in resumed.runs] == [
        (run.configuration, run.result) for run in once.runs
    ]
    assert len(once) == 25


def test_reproduce_reports_differences(capsys, tmp_path):
    assert ask(capsys, "record mnist-quick --only batch_size=8 --workers 1")[0] == 0
    path = tmp_path / "results" / "mnist-quick.json"
    status, out, _ = ask(capsys, "reproduce mnist-quick --check")
    assert status == 1 and "2 runs, 2 of the study are missing" in out and "2 runs by the code that is here" in out
    assert ask(capsys, "record mnist-quick --resume --workers 1")[0] == 0
    assert ask(capsys, "reproduce --all --check")[0] == 0
    before = path.read_bytes()
    line = "reproduce mnist-quick --workers 1 --only step_size=0.2,0.3 batch_size=8"
    status, out, err = ask(capsys, line)
    assert status == 0 and err == "" and "1 of 4 recorded runs repeated" in out
    assert "no difference that was compared exceeds its tolerance" in out
    untold = [name for name, tolerance in study_named("mnist-quick").tolerances.items() if tolerance is None]
    (told,) = [row for row in out.splitlines() if "columns were not compared" in row]
    assert told.startswith(f"{len(untold)} of 2") and sorted(told.partition(": ")[2].split(", ")) == sorted(untold)
    assert path.read_bytes() == before
    record = read_record(path)
    runs = [replace(run, result={**run.result, "lambda_max": 1.2 * run.result["lambda_max"]}) for run in record.runs]
    write_record(replace(record, runs=tuple(runs)), path)
    status, out, _ = ask(capsys, line)
    (row,) = [row.split() for row in out.splitlines() if row.startswith("lambda_max")]
    assert status == 1 and row == ["lambda_max", "0.1667", "0.05", "1"]
    assert 'worst lambda_max: {"batch_size": 8, "step_size": 0.2}' in out and "exceed the tolerance" in out


def test_list(capsys):
    assert ask(capsys, "record mnist-quick --only step_size=0.2 batch_size=8 --workers 1")[0] == 0
    status, out, _ = ask(capsys, "list")
    rows = {row.split()[0]: row.split()[1:] for row in out.splitlines() if row.startswith("mnist")}
    assert status == 0 and rows["mnist-35"][:2] == ["240", "none"] and rows["mnist-quick"][:2] == ["4", "1"]


def test_records_of_a_terminal_are_plain_text(capsys, tmp_path):
    ask(capsys, ["sweep", *SMALL])
    content = json.loads((tmp_path / "sweep.json").read_text())
    assert content["shared"]["width"] == 10 and content["command"].endswith("--out sweep.json")
    assert str(tmp_path) not in (tmp_path / "sweep.json").read_text()
