"""The book's one command: what it does to environments that are not as it left them, and to twins that were edited."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def make(tmp_path, monkeypatch):
    """make.py in a folder of its own, where it installs nothing, and says what it was asked to run."""
    folder = tmp_path / "Müller's book"
    folder.mkdir()
    for name in ("make.py", "requirements.txt", "requirements.lock", "constraints.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return loaded(folder, monkeypatch)


def loaded(folder, monkeypatch):
    spec = importlib.util.spec_from_file_location("make_here", folder / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.created, module.installed = [], []
    monkeypatch.setattr(module.venv, "create", lambda place, **options: module.created.append(place))
    monkeypatch.setattr(module, "must", lambda *arguments: module.installed.append(arguments))
    monkeypatch.setattr(module, "usable", lambda version: (module.VENV / "made-by-make.py").exists())
    return module


def test_the_first_call_makes_the_environment_and_the_second_finds_it(make):
    make.install()
    assert make.created == [make.VENV] and make.installed
    make.installed.clear()
    make.install()
    assert make.created == [make.VENV] and make.installed == []


def test_checksums_are_asked_for_on_demand(make, monkeypatch):
    make.install()
    assert make.installed[0][-2:] == ("-r", "requirements.txt") and "--require-hashes" not in make.installed[0]
    make.installed.clear()
    monkeypatch.setenv("HASHES", "1")
    make.install()
    assert make.installed[0][-3:] == ("--require-hashes", "-r", "requirements.lock")
    make.installed.clear()
    (make.ROOT / "requirements.lock").write_text("another==1 --hash=sha256:0")
    make.install()
    assert make.installed, "another lock is another environment"


def test_an_interrupted_creation_is_begun_again(make, monkeypatch):
    def interrupted(place, **options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(make.venv, "create", interrupted)
        with pytest.raises(KeyboardInterrupt):
            make.install()
    monkeypatch.setattr(make, "usable", lambda version: bool(make.created))
    make.install()
    assert make.created == [make.VENV] and make.STAMP.exists()


def test_an_environment_of_somebody_else_is_kept(make):
    """Made by `uv venv`, without pip, or for another Python: with what its owner put there."""
    make.VENV.mkdir()
    (make.VENV / "torch").write_text("for which the README asked")
    with pytest.raises(SystemExit, match=r"was not made by make\.py"):
        make.install()
    assert (make.VENV / "torch").exists() and make.created == []


def test_a_usable_environment_of_somebody_else_is_used(make, monkeypatch):
    make.VENV.mkdir()
    monkeypatch.setattr(make, "usable", lambda version: True)
    make.install()
    assert make.created == [] and make.installed


@pytest.mark.parametrize("move", [shutil.copytree, shutil.move])
def test_a_copied_or_moved_checkout_gets_its_own(make, tmp_path, monkeypatch, move):
    make.install()
    move(str(make.ROOT), str(tmp_path / "elsewhere"))
    moved = loaded(tmp_path / "elsewhere", monkeypatch)
    moved.install()
    assert moved.created == [tmp_path / "elsewhere" / ".venv"] and moved.installed


def test_pages_are_made_without_private_settings(make, monkeypatch):
    private = {
        "MPLBACKEND": "TkAgg",
        "JUPYTER_PATH": "/opt/jupyter",
        "PYTHONSTARTUP": "mine.py",
        "MATPLOTLIBRC": "mine",
    }
    for name, value in (private | {"PYTHONPATH": "/another/checkout/src"}).items():
        monkeypatch.setenv(name, value)
    seen = {}
    monkeypatch.setattr(
        make.subprocess, "run", lambda *_, env, **__: seen.update(env) or subprocess.CompletedProcess([], 0)
    )
    assert make.run("python") == 0
    assert not private.keys() & seen.keys()
    assert seen["PYTHONPATH"] == str(make.ROOT / "src")
    assert str(make.VENV) in seen["MPLCONFIGDIR"] and str(make.VENV) in seen["IPYTHONDIR"]


def test_an_edited_twin_is_not_lost(make, monkeypatch, capsys):
    book = make.ROOT / "book"
    book.mkdir()
    (book / "one.md").write_text("```{code-cell}\nx = 1\n```\n", encoding="utf8")
    twin = book / "one.py"
    twin.write_text("x = 2  # an edit in the twin\n", encoding="utf8")
    os.utime(book / "one.md", (1, 1))
    monkeypatch.setattr(make, "run", lambda *_: twin.write_text("x = 1\n", encoding="utf8") and 0)
    assert make.sync() == 1
    assert "an edit in the twin" in (book / "one.py.orig").read_text("utf8")
    assert "one.py.orig" in capsys.readouterr().out
    assert make.sync() == 0, "now the pair agrees"


def test_a_python_without_the_pinned_packages_is_named(make, monkeypatch):
    for version, message in (((3, 10, 1), "3.11 or newer"), ((3, 99, 0), "exist up to Python")):
        monkeypatch.setattr(make.sys, "version_info", version)
        with pytest.raises(SystemExit, match=message):
            make.main(["book"])


def test_the_fast_tests_leave_out_chapters_and_pages(make, monkeypatch):
    asked = []
    monkeypatch.setattr(make, "run", lambda *arguments: asked.append(arguments) or 0)
    monkeypatch.setenv("FAST", "1")
    assert make.test() == 0
    assert "--ignore=tests/reference" in asked[-1] and "--ignore=tests/pages" in asked[-1]
    monkeypatch.setenv("FAST", "0")
    asked.clear()
    assert make.test() == 0
    assert any("jupyter-book" in call for call in asked) and any("tests/pages" in call for call in asked)


@pytest.mark.skipif(sys.platform == "win32", reason="has no make")
@pytest.mark.skipif(shutil.which("make") is None, reason="has no make")
def test_make_hands_over_its_variable():
    """`make test FAST=1` is make.py with FAST in its environment."""
    shown = subprocess.run(
        ["make", "--no-print-directory", "-f", "Makefile", "test", "FAST=1", "PYTHON=env | grep ^FAST= #"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf8",
    )
    assert shown.stdout.endswith("FAST=1\n"), shown
