"""Recorded runs: nothing is lost, nothing is done twice, and what is read is what was written."""

import builtins
import errno
import getpass
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
import types
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stableminima import linearized_sgd, random_network, tangent_kernel
from stableminima.book.studies.mnist import PROTOCOL, checked, measure, trained_run, with_pixels
from stableminima.book.studies.registry import STUDIES, study_named
from stableminima.experiments import (
    Record,
    RecordError,
    RecordMissing,
    Run,
    Study,
    StudyFailed,
    compare,
    key_of,
    load_record,
    not_compared,
    provenance,
    read_record,
    record_files,
    record_study,
    run_study,
    workers,
    write_record,
)
from stableminima.stability import Linearization
from stableminima.training import SweepJob, train_jobs

QUICK = PROTOCOL | study_named("mnist-quick").configurations[0]
ROOT = Path(__file__).parents[1]


def spectrum(configuration):
    """A pure function whose result would show any confusion of configurations."""
    time.sleep(configuration.get("sleep", 0))
    if configuration["seed"] in configuration.get("bad", ()):
        raise ArithmeticError("no such matrix")
    matrix = np.random.default_rng(configuration["seed"]).normal(size=(20, 20))
    return {
        "top": np.linalg.eigvalsh(matrix + matrix.T)[-1],
        "seed_again": configuration["seed"],
        "rows": matrix[0, :3],
    }


def study(count=6, name="spectra", **settings):
    return Study(name, "Largest eigenvalues.", spectrum, [{"seed": s, **settings} for s in range(count)])


def without_seconds(record):
    return replace(record, runs=tuple(replace(run, seconds=0.0) for run in record.runs))


def record_of(*results, **configuration):
    runs = tuple(Run({"place": i, **configuration}, result, 1.5, 0) for i, result in enumerate(results))
    return Record("some", "Some runs.", "python -m some", ({"python": "3"},), runs)


# ------------------------------------------------------------------------------------------------------------ files


def test_what_is_read_is_what_was_written(tmp_path):
    values = {
        "a": 0.1,
        "b": -3,
        "c": 'text with "quotes"\nand η',
        "d": None,
        "e": True,
        "f": [1.5, [2, None]],
        "g": np.inf,
    }
    record = record_of(values, {**values, "g": -np.inf}, digits=[3, 5], rate=1e-300)
    write_record(record, tmp_path / "r.json")
    assert read_record(tmp_path / "r.json") == record
    text = (tmp_path / "r.json").read_text()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert text.count("1e-300") == 1 and text.count("digits") == 1  # what all runs share is there once
    assert len(text.splitlines()) == 14  # the head, one line a run, brackets


def test_results_are_kept_to_ten_digits_and_numpy_is_welcome():
    run = run_study(study(1)).runs[0]
    exact = spectrum({"seed": 0})
    assert run.result["top"] == pytest.approx(exact["top"], rel=1e-9) and run.result["top"] != exact["top"]
    assert type(run.result["top"]) is float and run.result["rows"] == [float(f"{v:.10g}") for v in exact["rows"]]
    with pytest.raises(StudyFailed, match="ArithmeticError: no such matrix"):
        run_study(study(1, bad=[0]))


def test_columns_conditions_and_groups():
    record = record_of(
        {"x": 1.5, "s": "a", "l": [1, 2]}, {"x": None, "s": None, "l": [3, 4]}, {"x": 2.5, "s": "a", "l": [5]}
    )
    assert np.array_equal(record["x"], [1.5, np.nan, 2.5], equal_nan=True)
    assert record["s"].tolist() == ["a", "", "a"] and record["place"].tolist() == [0, 1, 2]
    assert [list(row) for row in record["l"]] == [[1, 2], [3, 4], [5]]
    assert record.where(place=[0, 1])["l"].shape == (2, 2)
    assert record.where(s="a", x=lambda x: x > 2)["place"].tolist() == [2]
    assert len(record.where(x=lambda x: True)) == 2  # a predicate never sees None
    assert len(record.where(x=None)) == 1 and len(record.where(l=[5])) == 1
    assert {key: list(part["place"]) for key, part in record.groups("s").items()} == {"a": [0, 2], None: [1]}
    assert list(record.groups("s", "place")) == [("a", 0), (None, 1), ("a", 2)]
    with pytest.raises(ValueError, match="no column 'y'; it has place, x, s, l, seconds"):
        record["y"]


def test_a_record_is_its_runs_and_its_columns(monkeypatch):
    record = record_of({"x": 1.5, "l": [1, 2]}, {"x": None, "l": [3]})
    assert [run["x"] for run in record] == [1.5, None] and len(list(record)) == 2 and record.runs[0] in record
    arrays = record.arrays()
    assert list(arrays) == ["place", "x", "l", "seconds"] == list(record.columns)
    assert all(np.array_equal(arrays["x"], record["x"], equal_nan=True) for _ in record)
    with pytest.raises(TypeError, match=r"asked for a column by name.*for run in record"):
        record[0]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"python -m pip install pandas; without it, record\.arrays\(\)"):
        record.to_pandas()


def test_a_record_as_a_table_of_pandas(monkeypatch):
    """The one thing that is asked of pandas; with pandas itself where it is installed."""
    record = record_of({"x": 1.5, "l": [1, 2]}, {"x": None, "l": [3]})
    pandas = types.ModuleType("pandas")
    pandas.DataFrame = lambda rows: types.SimpleNamespace(rows=rows)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pandas", pandas)
        table = record.to_pandas()
    assert table.rows[1] == {"place": 1, "x": None, "l": [3], "seconds": 1.5} and table.attrs["study"] == "some"
    pandas = pytest.importorskip("pandas")
    assert list(record.to_pandas()["place"]) == [0, 1] and isinstance(record.to_pandas(), pandas.DataFrame)


def test_every_damage_is_one_clear_error(tmp_path):
    path = tmp_path / "r.json"
    record = record_of({"x": 1.5}, {"x": 2.5})
    write_record(record, path)
    text = path.read_text()
    broken = [text[:cut] for cut in range(0, len(text) - 4, 7)]
    broken += [
        text.replace(*change) for change in ((", 0]", ", 1]"), ('"format": 1', '"format": 2'), ("[0, 1.5", "[1.5"))
    ]
    broken += ["[]", "null", "{}", "[" * 100_000, text.replace('"some"', "7"), text.replace('{"python": "3"}', "")]
    for content in broken:
        path.write_text(content)
        with pytest.raises(RecordError, match=r"r\.json is not a record, or is damaged"):
            read_record(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordError, match="damaged"):
        read_record(path)
    with pytest.raises(RecordError, match="cannot be read"):
        read_record(tmp_path)


def full_disk(monkeypatch, kind):
    """From now on nothing can be written: by an error of the call, or on Linux's full device."""
    if kind == "/dev/full":
        monkeypatch.setattr(record_files, "open", lambda *_, **k: builtins.open("/dev/full", "w", **k), raising=False)  # noqa: SIM115
        return

    def flush(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(record_files.os, "fsync", flush)


@pytest.mark.parametrize("kind", ["ENOSPC", "/dev/full"])
def test_a_full_disk_loses_nothing(tmp_path, monkeypatch, kind):
    if kind == "/dev/full" and not Path(kind).exists():
        pytest.skip("no /dev/full here")
    path = tmp_path / "r.json"
    half = run_study(study(), path=path, only={"seed": [0, 1, 2]})
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        full_disk(patch, kind)
        with pytest.raises(RecordError, match=r"cannot be written \(No space left on device\); what was there is kept"):
            run_study(study(), path=path, resume=True)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path] and read_record(path) == half
    assert without_seconds(run_study(study(), path=path, resume=True)) == without_seconds(run_study(study()))


def test_where_records_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("STABLEMINIMA_RESULTS", raising=False)
    assert record_files.results_folder() == ROOT / "results"
    monkeypatch.setattr(
        record_files, "__file__", str(tmp_path / "lib" / "site-packages" / "stableminima" / "record_files.py")
    )
    (tmp_path / "clone" / "results").mkdir(parents=True)
    (tmp_path / "clone" / "book").mkdir()
    monkeypatch.chdir(tmp_path / "clone" / "book")
    assert record_files.results_folder() == tmp_path / "clone" / "results"  # the package is installed elsewhere
    monkeypatch.setenv("STABLEMINIMA_RESULTS", str(tmp_path / "mine"))
    with pytest.raises(RecordMissing, match="python -m stableminima record spectra"):
        load_record("spectra")
    record = record_study(study(), dirty=True)
    assert load_record("spectra") == record == read_record(tmp_path / "mine" / "spectra.json")


# ---------------------------------------------------------------------------------------------------------- running


def test_the_record_does_not_depend_on_who_works(tmp_path):
    alone = run_study(study(path=str(tmp_path)))
    several = run_study(study(path=str(tmp_path)), workers=2, path=tmp_path / "r.json")
    assert without_seconds(several) == without_seconds(alone) and read_record(tmp_path / "r.json") == several
    assert several["seed"].tolist() == several["seed_again"].tolist() == list(range(6))
    assert len(set(several["top"])) == 6


def test_resuming_does_what_is_left_and_only_that(tmp_path):
    path = tmp_path / "r.json"
    run_study(study(), path=path, only={"seed": [1, 4]})
    with pytest.raises(RecordError, match="exists; continue it"):
        run_study(study(), path=path)
    top = str(read_record(path)["top"][0])
    path.write_text(path.read_text().replace(top, "77.0"))  # a run that was done is not done again
    resumed, fresh = run_study(study(), path=path, resume=True), run_study(study())
    assert resumed["top"][1] == 77.0 and resumed["top"][0] == fresh["top"][0]
    assert resumed["seed"].tolist() == list(range(6))
    with pytest.raises(RecordError, match="is a record of spectra, not of other"):
        run_study(study(name="other"), path=path, resume=True)
    with pytest.raises(RecordError, match="holds 2 runs that are not of this study"):
        run_study(study(4), path=path, resume=True)
    with pytest.raises(ValueError, match="no setting 'batch'"):
        run_study(study(), only={"batch": 1})


def test_one_failing_run_does_not_stop_the_others(tmp_path):
    path = tmp_path / "r.json"
    for count in (1, 2):
        with pytest.raises(
            StudyFailed, match=r"a run failed \(and 1 more\): ArithmeticError: no such matrix in .*\"seed\": 2"
        ):
            run_study(study(bad=[2, 3]), workers=count, path=path, resume=True)
        assert read_record(path)["seed"].tolist() == [0, 1, 4, 5]
    with pytest.raises(StudyFailed, match="and 4 more"):  # it gives up after five
        run_study(study(20, bad=list(range(10))), path=tmp_path / "many.json")
    assert len(read_record(tmp_path / "many.json")) == 0


def die(configuration):
    if configuration["seed"] == 3:
        time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)
    return spectrum(configuration)


def test_a_worker_that_dies(tmp_path):
    doomed = Study("doomed", "One run kills its process.", die, [{"seed": s} for s in range(4)])
    with pytest.raises(ValueError, match="a worker process died"):
        run_study(doomed, workers=2, path=tmp_path / "r.json")
    assert 1 <= len(read_record(tmp_path / "r.json")) <= 3


NOTEBOOK = """
import os
from stableminima.experiments import Study, run_study
OFFSET = 10
def run(configuration):
    return {"y": configuration["x"] + OFFSET, "process": os.getpid()}
record = run_study(Study("notebook", "Defined in __main__.", run, [{"x": x} for x in range(4)]), workers=2)
assert record["y"].tolist() == [10, 11, 12, 13] and os.getpid() not in record["process"]
"""


def test_functions_of_a_notebook_run_in_other_processes():
    """As in a notebook: of no module, and with a global of the notebook."""
    done = subprocess.run([sys.executable, "-c", NOTEBOOK], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_bad_studies_are_refused():
    with pytest.raises(ValueError, match="workers must be a whole number"):
        run_study(study(), workers=0)
    with pytest.raises(ValueError, match="all different, got 2 of which 1"):
        Study("twice", "The same run twice.", spectrum, [{"seed": 1}, {"seed": 1}])


def test_provenance_says_what_but_not_who_and_where(tmp_path, monkeypatch):
    (source,) = run_study(study(1)).provenance
    told = json.dumps(source)
    for secret in (platform.node(), str(Path.home()), str(ROOT), sys.prefix, os.sep + "tmp"):
        assert secret not in told
    assert getpass.getuser() not in source.values()
    assert source["python"] == platform.python_version() and source["numpy"] == np.__version__


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A copy of the package that a test may change, which content_hash reads in place of the package."""
    package = tmp_path / "stableminima"
    shutil.copytree(ROOT / "src" / "stableminima", package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(provenance, "__file__", str(package / "experiments" / "provenance.py"))
    return package


MODULES = ("stableminima.book.studies.mnist", "stableminima.networks", "elsewhere")


def hashes():
    return [provenance.content_hash(module) for module in MODULES]


def test_the_hash_is_of_what_runs_and_of_nothing_else(copied, monkeypatch):
    here = hashes()
    monkeypatch.undo()
    assert hashes() == here  # the same files elsewhere


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("book/figures/style.py", (False, False, True)),
        ("bounds/chain.py", (True, False, True)),
        ("stability/curvature.py", (True, False, True)),
        ("batches.py", (True, False, True)),
        ("training/sweep/compiled_epochs.py", (True, False, True)),  # imported inside a function
        ("datasets/mnist.py", (True, False, True)),
        ("networks.py", (True, True, True)),
        ("checks.py", (True, True, True)),
        ("experiments/records.py", (False, False, False)),
    ],
)
@pytest.mark.slow
def test_the_hash_follows_imports_between_rooms(copied, file, changes):
    before, path = hashes(), copied / file
    source = path.read_text("utf8")
    path.write_text("# a comment\n" + source.replace("    return ", "\n    return ", 1), "utf8")
    first, last = source.index('"""'), source.index('"""', source.index('"""') + 3)
    path.write_text(source[:first] + '"""Other words.' + source[last:], "utf8")
    assert hashes() == before, "a comment or a docstring"
    path.write_text(source + "\nchanged = 1\n", "utf8")
    assert tuple(a != b for a, b in zip(before, hashes(), strict=True)) == changes


def test_a_run_names_its_commit_and_whether_the_tree_was_clean(copied):
    assert provenance.revision() == {"revision": None, "clean": None}  # no repository
    git = lambda *words: subprocess.run(  # noqa: E731
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=copied, check=True, capture_output=True
    )
    git("init", "-q")
    assert provenance.revision() == {"revision": None, "clean": None}  # somebody else's
    git("add", "."), git("commit", "-q", "-m", "all")
    made = provenance.revision()
    assert made["clean"] is True and len(made["revision"]) == 12
    (copied / "checks.py").write_text("")
    assert provenance.revision() == made | {"clean": False}


def test_comparison_of_records():
    recorded = record_of(
        {"x": 1.0, "s": "a", "t": 5.0}, {"x": 2.0, "s": "a", "t": 5.0}, {"x": None, "s": "b", "t": 5.0}
    )
    repeated = record_of(
        {"x": 1.05, "s": "a", "t": 9.0}, {"x": 2.4, "s": "a", "t": 5.0}, {"x": None, "s": "c", "t": 5.0}
    )
    x, s = compare(recorded, repeated, {"x": 0.1, "t": None})
    assert (x.column, x.compared, x.beyond, x.worst["place"]) == ("x", 3, 1, 1)
    assert x.largest == pytest.approx(0.4 / 2.4)
    assert (s.column, s.largest, s.beyond, s.worst["place"]) == ("s", np.inf, 1, 2)
    assert [d.largest for d in compare(recorded, recorded, {})] == [0, 0, 0]
    lists = [record_of({"l": v}) for v in ([1.0, 100.0], [2.0, 100.0], [1.0], None)]
    assert [compare(lists[0], other, {})[0].largest for other in lists] == [0, pytest.approx(0.01), np.inf, np.inf]
    assert compare(record_of({"g": np.inf}), record_of({"g": 1.0}), {})[0].largest == np.inf


# ------------------------------------------------------------------------------------------------------ the cluster


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.slow
def test_a_cluster_that_loses_a_worker(tmp_path):
    distributed = pytest.importorskip("distributed")
    cloudpickle = pytest.importorskip("cloudpickle")
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the cluster has the package, not this file
    work = study(12, sleep=0.2)
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**options) as cluster:
        victim = next(iter(cluster.workers.values())).process.pid
        seen = []

        def watched(*arguments):
            for place, outcome in workers.outcomes(*arguments):
                seen.append(place)
                if len(seen) == 3:
                    os.kill(victim, signal.SIGKILL)
                yield place, outcome

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("stableminima.experiments.study.outcomes", watched)
            far = run_study(work, path=tmp_path / "r.json", scheduler=cluster.scheduler_address)
    assert sorted(seen) == list(range(12))  # nothing lost, nothing twice
    assert without_seconds(far) == without_seconds(run_study(work)) and read_record(tmp_path / "r.json") == far


def kill_worker(configuration):
    if configuration["seed"] == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return spectrum(configuration)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.slow
def test_a_run_that_kills_its_workers_is_given_up_and_the_others_are_kept(tmp_path):
    distributed = pytest.importorskip("distributed")
    pytest.importorskip("cloudpickle").register_pickle_by_value(sys.modules[__name__])
    deadly = Study("deadly", "One run kills every worker.", kill_worker, [{"seed": s, "sleep": 0.1} for s in range(5)])
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
    with (
        distributed.LocalCluster(**options) as cluster,
        pytest.raises(StudyFailed, match=r"a run failed: KilledWorker: .*\"seed\": 2"),
    ):
        run_study(deadly, path=tmp_path / "r.json", scheduler=cluster.scheduler_address)
    assert read_record(tmp_path / "r.json")["seed"].tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", "tcp://127.0.0.1"])
def test_a_scheduler_that_does_not_answer(address):
    pytest.importorskip("distributed")
    with pytest.raises(ValueError, match="no Dask scheduler with workers answers at"):
        run_study(study(), scheduler=address)


# ------------------------------------------------------------------------------------------------------- the studies


def test_registered_studies():
    sizes = {}
    for name in STUDIES:
        found = study_named(name)
        assert found.name == name and found.expected and found.description.endswith(".")
        sizes[name] = len(found.configurations)
    assert sizes["mnist-35"] == 12 * 5 * 4 and sizes["mnist-pairs"] == 45 * 4
    with pytest.raises(ValueError, match="no study is called 'mnist'; there are mnist-35"):
        study_named("mnist")


def test_every_committed_record_belongs_to_a_command():
    for path in (ROOT / "results").glob("*.json"):
        command = read_record(path).command
        script = ROOT / command.removeprefix("python ")
        assert path.stem in STUDIES or script.is_file(), f"{path.name}: nothing makes it"


@pytest.mark.parametrize("name", [name for name in STUDIES if (ROOT / "results" / f"{name}.json").exists()])
def test_committed_records_are_those_of_their_studies(name):
    path = ROOT / "results" / f"{name}.json"
    record, found = read_record(path), study_named(name)
    keys = [key_of(run.configuration) for run in record.runs]
    assert record.study == found.name and len(set(keys)) == len(keys)
    assert set(keys) <= {key_of(c) for c in found.configurations}
    assert path.stat().st_size < 400_000


def test_measures_of_a_run_by_their_definitions():
    setting = QUICK | {"n": 32, "width": 12, "batch_size": 8, "step_size": 0.2}
    result = trained_run(setting)
    assert result == trained_run(setting)  # pure
    from stableminima import digit_pair, train_sgd

    task = digit_pair(3, 5, 32, 100, 0, "digits")
    start = random_network(64, 12, 0)
    run = train_jobs([SweepJob(start, task.X, task.y, 0.2, 8)], 1e-4, 20, 60_000, workers=1).runs[0]
    net = run.network
    values = np.array([[w @ x + b for w, b in zip(net.W, net.b, strict=True)] for x in task.X])
    assert result["dead"] == sum(column.max() <= 0 for column in values.T)
    assert result["always_on"] == sum(column.min() > 0 for column in values.T)
    switching = [i for i, column in enumerate(values.T) if column.min() <= 0 < column.max()]
    assert result["path_norm_on"] == pytest.approx(sum(abs(net.v[i]) * np.linalg.norm(net.W[i]) for i in switching))
    H = tangent_kernel(net, task.X) / 32
    assert result["lambda_max"] == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=1e-9)
    right = [(net([x])[0] > 0) == (label > 0) for x, label in zip(task.X_validation, task.y_validation, strict=True)]
    assert result["val_accuracy"] == np.mean(right)
    names = ("stability_norm", "one_sided", "gradient_level", "sharpness_level")
    assert sorted(result[name] for name in names) == [result[name] for name in names]
    assert result["lambda_sgd"] >= result["lambda_max"] and result["status"] == "converged"
    scans = {law: Linearization.of(net, task.X).almost_sure_edge(0.2, 8, law, 0).edge for law in ("reshuffled", "iid")}
    assert result["as_edge"] == scans["reshuffled"] != scans["iid"]
    readable = train_sgd(start, task.X, task.y, 0.2, 8, tolerance=1e-4, hold=20, max_epochs=result["epochs"] + 50)
    assert abs(readable.epochs - result["epochs"]) <= 50 and readable.status == "converged"


def test_pinned_neurons_and_runs_that_are_no_minima():
    from stableminima import BinaryTask, ShallowReLU, TrainingRun

    X = np.array([[0.0], [1.0], [2.0]])
    net = ShallowReLU([[1.0], [1.0], [-1.0], [1.0]], [-1.0, -1.0 + 1e-8, -1.0, 1.0], np.ones(4), 0.0)
    task = BinaryTask(X, np.zeros(3), X[:0], np.zeros(0))
    run = TrainingRun(net, 7, 1.0, "collapsed", np.zeros(7))
    result = measure(run, task, SweepJob(net, X, task.y, 0.1, 1))
    assert {name: result[name] for name in ("pinned", "dead", "always_on", "status", "epochs")} == {
        "pinned": 2, "dead": 1, "always_on": 1, "status": "collapsed", "epochs": 7,
    }  # fmt: skip
    assert "lambda_max" not in result and "val_accuracy" not in result


def test_a_run_with_momentum_is_measured_by_its_own_thresholds():
    from stableminima import Linearization, bound_chain, digit_pair, random_network, train_sgd

    setting = QUICK | {"n": 32, "n_validation": 0, "width": 12, "batch_size": 8, "step_size": 0.03, "momentum": 0.7}
    result = trained_run(setting | {"precision": "float64"})
    full = PROTOCOL | setting
    task = digit_pair(3, 5, 32, 0, full["seed"], "digits")
    start = random_network(task.X.shape[1], 12, full["seed"])
    rule = (full["tolerance"], full["hold"], full["max_epochs"], full["seed"])
    run = train_sgd(start, task.X, task.y, 0.03, 8, *rule, momentum=0.7)
    minimum = Linearization.of(run.network, task.X)
    assert result["status"] == run.status == "converged" and result["epochs"] == run.epochs
    assert result["lambda_sgd"] == pytest.approx(2 / minimum.sgd_threshold(8, momentum=0.7), rel=1e-6)
    edge = minimum.almost_sure_edge(0.03, 8, "reshuffled", full["seed"], momentum=0.7)
    assert result["as_edge"] == pytest.approx(edge.edge, rel=1e-4)
    assert result["ceiling"] == pytest.approx(1.7 / 0.03 - 0.5)
    assert result["stability_norm"] == pytest.approx(bound_chain(run.network, task.X).stability_norm, rel=1e-6)
    assert checked(setting | {"momentum": 0.0}) == checked({k: v for k, v in setting.items() if k != "momentum"})
    with pytest.raises(ValueError, match="momentum must be"):
        checked(setting | {"momentum": 1.0})


def test_pixels_are_centred_and_standardised_with_the_training_images_alone():
    from stableminima import digit_pair

    task = digit_pair(3, 5, 32, 100, 0, "digits")
    assert with_pixels(task, "raw") is task
    centred, standard = with_pixels(task, "centred"), with_pixels(task, "standardised")
    assert np.abs(centred.X.mean(axis=0)).max() < 1e-14 < np.abs(centred.X_validation.mean(axis=0)).max()
    assert np.allclose(centred.X_validation - centred.X[0], task.X_validation - task.X[0])
    assert abs(standard.X.mean()) < 1e-12 and standard.X.std() == pytest.approx(1)
    assert np.ptp(standard.X.mean(axis=0)) > 0.5  # one number for all pixels, unlike centring
    assert np.allclose((standard.X_validation - standard.X[0]) * task.X.std(), task.X_validation - task.X[0])
    setting = QUICK | {"n": 32, "width": 12, "step_size": 0.1}
    assert trained_run(setting) == trained_run(setting | {"pixels": "raw", "warmup": 0})
    assert trained_run(setting | {"pixels": "centred"})["lambda_max"] != trained_run(setting)["lambda_max"]
    assert checked(setting | {"pixels": "raw", "warmup": 0}) == checked(setting)
    assert checked(setting | {"pixels": "centred", "warmup": 5}) == checked(setting) | {
        "pixels": "centred",
        "warmup": 5,
    }
    with pytest.raises(ValueError, match="pixels must be one of"):
        checked(setting | {"pixels": "white"})
    with pytest.raises(ValueError, match="all equal"):
        with_pixels(replace(task, X=np.ones((2, 3))), "standardised")


def test_records_name_commits_of_the_history():
    """Where a record says which commit made it, that commit can be looked up, and nothing was changed."""
    root = Path(__file__).parents[1]

    def git(*words):
        return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True)

    if not shutil.which("git") or git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("no git, or not the whole history")
    named = 0
    for path in sorted((root / "results").glob("*.json")):
        for source in json.loads(path.read_text("utf8")).get("provenance", []):
            if commit := source.get("revision"):
                named += 1
                assert source["clean"], f"{path.name} was made with changes that are in no commit"
                assert git("merge-base", "--is-ancestor", commit, "HEAD").returncode == 0, f"{path.name}: {commit}"
    assert named


def test_what_is_not_compared_is_named():
    record = Record("s", "", "", ({},), (Run({"x": 1}, {"a": 1.0, "b": 2.0, "c": "yes"}, 0.0, 0),))
    assert not_compared(record, record, {"b": None, "z": None}) == ["b"]
    assert [difference.column for difference in compare(record, record, {"b": None})] == ["a", "c"]


@pytest.mark.parametrize("name", [name for name in STUDIES if name.startswith("mnist")])
def test_a_study_compares_what_the_book_says_of_it(name):
    left_out = {column for column, tolerance in study_named(name).tolerances.items() if tolerance is None}
    assert left_out <= {"loss", "always_on", "pinned", "exponent", "exponent_error", "as_error", "drift"}


@pytest.mark.parametrize("sampling", ["iid", "reshuffled"])
def test_almost_sure_edge_separates_paths_that_return_from_paths_that_leave(sampling):
    rng = np.random.default_rng(1)
    X, net = rng.normal(size=(12, 2)), random_network(2, 30, seed=3)
    edge = Linearization.of(net, X).almost_sure_edge(0.1, 3, sampling, seed=0)
    assert edge.low < edge.edge <= edge.high < 1.3 * edge.low
    for factor, ratio in ((-1, 0.97 * edge.low), (1, 1.03 * edge.high)):
        paths = [linearized_sgd(net, X, 0.1 * ratio, 3, 6000, seed, sampling) for seed in range(6)]
        drift = [np.log(path[-1] / path[2000]) if np.isfinite(path[-1]) else np.inf for path in paths]
        assert all(np.sign(value) == factor for value in drift)
    full = Linearization.of(net, X).almost_sure_edge(0.1, 12, sampling, seed=0)
    top = np.linalg.eigvalsh(tangent_kernel(net, X) / 12)[-1]
    assert full.edge == full.low == pytest.approx(2 / top / 0.1, rel=1e-9)
    assert (full.exponent < 0) == (2 / top > 0.1)
