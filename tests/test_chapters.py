"""Every page with code cells has a twin that says the same, and an executed reference that nbval really compares."""

import doctest
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
CHAPTERS = [page for page in sorted((ROOT / "book").glob("*.md")) if "{code-cell}" in page.read_text("utf8")]
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def synced(tmp_path_factory) -> Path:
    """A copy of the chapters after `jupytext --sync` with the .md as the newer side."""
    folder = tmp_path_factory.mktemp("pairing")
    for path in [ROOT / "jupytext.toml", *CHAPTERS]:
        shutil.copy(path, folder)
    names = [chapter.name for chapter in CHAPTERS]
    subprocess.run([sys.executable, "-m", "jupytext", "--quiet", "--sync", *names], cwd=folder, check=True)
    return folder


@each_chapter
@pytest.mark.parametrize("suffix", [".py", ".md"])
def test_the_pair_agrees(chapter, suffix, synced):
    ours = chapter.with_suffix(suffix)
    assert ours.exists(), f"{ours.name} is missing: run make sync"
    same = ours.read_text("utf8") == (synced / ours.name).read_text("utf8")
    assert same, f"{ours.name} is not what jupytext makes of {chapter.name}: run make sync"


@each_chapter
def test_the_reference_is_the_chapter(chapter):
    path = ROOT / "tests" / "reference" / f"{chapter.stem}.ipynb"
    assert path.exists(), f"{path.name} is missing: run make reference"
    reference = code_cells(nbformat.read(path, as_version=4))
    stale = [source_and_tags(c) for c in reference] != [source_and_tags(c) for c in code_cells(jupytext.read(chapter))]
    assert not stale, f"{path.name} was made from other cells: run make reference"
    compared = [c for c in reference if "nbval-check-output" in c.metadata.get("tags", [])]
    assert compared, f"{chapter.name} has no cell tagged nbval-check-output: nbval would compare nothing"
    assert all(c.execution_count and c.outputs for c in compared), "nbval never compares a cell that was not executed"


def test_every_page_is_in_the_table_of_contents():
    contents = (ROOT / "_toc.yml").read_text("utf8") + "\n"
    pages = sorted(page.stem for page in (ROOT / "book").glob("*.md"))
    assert [page for page in pages if f": book/{page}\n" not in contents] == []


def test_every_room_has_a_page_whose_example_is_true():
    package = ROOT / "src" / "stableminima"
    inside = {"checks", "files", "batches", "networks_torch", "command", "book"}  # named on the overview as not public
    rooms = {p.stem for p in package.iterdir() if p.is_dir() or p.suffix == ".py"} - inside
    shown = set()
    for page in sorted((ROOT / "book").glob("api-*.md")):
        text = page.read_text("utf8")
        shown |= set(re.findall(r"automodule:: stableminima\.(\w+)", text))
        result = doctest.testfile(str(page), module_relative=False, encoding="utf8")
        assert result.attempted > 1 and not result.failed, page.name
        assert f"{{ref}}`{page.stem}`" in (ROOT / "book" / "api.md").read_text("utf8")
    assert shown == {room for room in rooms if not room.startswith("_")}


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def source_and_tags(cell):
    return cell.source, cell.metadata.get("tags", [])


# --- does the comparison bite? -----------------------------------------------------------------------------------


@pytest.fixture
def compare(tmp_path):
    """Run nbval, set up as for the chapters, on a page of one cell with the given stored output."""

    def run(stored: str, tags: tuple = ("nbval-check-output",), code: str = "print(1 + 1)") -> str:
        output = nbformat.v4.new_output("stream", name="stdout", text=stored)
        metadata = {"tags": list(tags)}
        cell = nbformat.v4.new_code_cell(code, execution_count=1, outputs=[output], metadata=metadata)
        for folder in ("src", "results", "tests/reference"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name in ("requirements.txt", "constraints.txt", "tests/conftest.py"):
            shutil.copy(ROOT / name, tmp_path / name)
        shutil.copytree(ROOT / "book" / "_ext", tmp_path / "book" / "_ext", dirs_exist_ok=True)
        page = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": KERNEL})
        nbformat.write(page, tmp_path / "tests" / "reference" / "tiny.ipynb")
        jupytext.write(page, tmp_path / "book" / "tiny.md", fmt="md:myst")
        command = [sys.executable, "-m", "pytest", "-rs", "--nbval-lax", "--nbval-current-env", "tests"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf8").stdout

    return run


def test_a_right_output_passes(compare):
    assert "1 passed" in compare("2\n")


def test_a_wrong_output_fails(compare):
    assert "1 failed" in compare("3\n")


def test_an_output_that_needs_mnist_is_not_compared_without_it(compare, tmp_path, monkeypatch):
    for variable in ("STABLEMINIMA_DATA", "XDG_CACHE_HOME", "HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    report = compare("3\n", tags=("nbval-check-output", "needs-mnist"))
    assert "1 skipped" in report and "MNIST was not found" in report


PICTURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint(1 + 1)\n1 + 1"
QUIET = "import matplotlib.pyplot as plt\nprint(1 + 1)\nplt.figure();"  # the semicolon: one picture, not two


@pytest.mark.parametrize(("code", "outputs"), [(PICTURE, 3), (QUIET, 2)])
def test_the_build_uses_what_nbval_executed(compare, tmp_path, code, outputs):
    """The outputs in the cache of the build are, one by one, those of an execution by nbclient."""
    assert "1 passed" in compare("2\n", tags=(), code=code)
    (kept,) = tmp_path.glob("_build/.jupyter_cache/*/executed/*/base.ipynb")
    again = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)], metadata={"kernelspec": KERNEL})
    NotebookClient(again).execute()
    ours, theirs = (code_cells(notebook)[0].outputs for notebook in (nbformat.read(kept, as_version=4), again))
    assert len(ours) == outputs and [dict(output) for output in ours] == [dict(output) for output in theirs]


def test_the_build_repeats_what_failed_or_changed(compare, tmp_path):
    assert "1 failed" in compare("3\n")
    assert not list(tmp_path.glob("_build/.jupyter_cache/*/executed/*/base.ipynb"))


def test_references_hold_nothing_but_text():
    for path in (ROOT / "tests" / "reference").glob("*.ipynb"):
        for cell in json.loads(path.read_text("utf8"))["cells"]:
            for output in cell.get("outputs", []):
                assert set(output.get("data", {})) <= {"text/plain"}, f"{path.name}: run make reference"
