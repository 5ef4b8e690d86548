# ruff: noqa: E501  (a notebook a line)
"""Notebooks as students hand them in: clumsy, odd, or right in another way, each with the marks that it deserves."""

import codecs
import csv
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "assignments"))

import build  # noqa: E402
import marking  # noqa: E402

from stableminima.book import grading  # noqa: E402

pytestmark = pytest.mark.slow

SET = "1-the-bound"
PROBLEMS = build.read_set(SET)
FULL = 22


def cells():
    """The code cells of the perfect notebook, the one of each function under its name, the imports under ``imports``."""
    found = {}
    for cell in build.edition(PROBLEMS, student=False).cells:
        if cell.cell_type == "code" and not {"solution", grading.IGNORE} & set(cell.metadata.get("tags", [])):
            source = cell.source.replace("    # BEGIN SOLUTION\n", "").replace("    # END SOLUTION", "")
            name = source.split("def ")[1].split("(")[0] if source.startswith("def ") else ""
            found[name or ("imports" if "import numpy" in source else f"other {len(found)}")] = source
    return {name: source for name, source in found.items() if "train_together(" not in source}


CELLS = cells()


def document(sources, metadata=None, kind=4, tags=True):
    """A notebook as JSON, in one of the formats."""
    code = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s} for s in sources]
    if kind == 3:
        code = [{"cell_type": "code", "metadata": {}, "outputs": [], "language": "python", "input": s} for s in sources]
        return {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": code}]}
    return {"metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 0 if kind == 4.0 else 5, "cells": code}


def changed(**others):
    """The perfect cells with some replaced (``None`` leaves one out), and cells before and after."""
    first, last = others.pop("first", []), others.pop("last", [])
    return [*first, *(s for s in (CELLS | others).values() if s is not None), *last]


def stub(name):
    return CELLS[name].split('"""')[0] + '"""Mine."""\n    raise NotImplementedError("your answer goes here")\n'


IN_PLACE = """
def noise_floor(curvatures, slopes, step_size):
    h, g = np.asarray(curvatures), np.asarray(slopes)
    h *= step_size
    q = np.mean((1 - h) ** 2)
    return step_size**2 * np.mean(g**2) / (1 - q) if q < 1 else np.inf
"""
LISTS = """
def noise_floor(curvatures, slopes, step_size):
    h, n = [float(each) for each in curvatures], len(slopes)
    q = sum((1 - step_size * each) ** 2 for each in h) / n
    square = sum(each**2 for each in slopes) / n
    return [step_size**2 * square / (1 - q)][0] if q < 1 else float("inf")
"""
FRACTIONS = """
from fractions import Fraction
import math
def stale_ceiling(step_size, delay):
    return Fraction((2 * math.sin(math.pi / (4 * delay + 2)) / step_size - 1) / 2)
"""
CLASS = "class Bend:\n    def __call__(self, net, centre, radius):\n" + "\n".join(
    "    " + line for line in CELLS["bending"].split('"""')[2].splitlines()
)

# cells, the points, and words that the report for the student must contain
NOTEBOOKS = {
    "as it should be": (changed(), FULL, ""),
    "cells in reverse order": (list(reversed(changed())), FULL, ""),
    "cells run twice": (changed() * 2, FULL, ""),
    "a cell with an error": (changed(first=["1 / 0"]), FULL, "ZeroDivisionError"),
    "a syntax error in the cell of a function": (changed(stale_ceiling="def stale_ceiling(:\n  1"), 19, "SyntaxError"),
    "a cell without an end": (changed(last=["while True: pass"]), FULL, "ran for more than 3 seconds"),
    "a function without an end": (changed(noise_floor="def noise_floor(*a):\n    while True: pass"), 19, ""),
    "a crash in a cell": (changed(last=["import ctypes; ctypes.string_at(0)"]), FULL, "ended Python"),
    "a crash in a function": (changed(noise_floor="import os\ndef noise_floor(*a): os.abort()"), 19, ""),
    "a renamed function": (changed(noise_floor=CELLS["noise_floor"].replace("noise_floor", "noisefloor")), 19, ""),
    "no cell of imports": (changed(imports=None), 0, ""),
    "a stub below the answer": (changed(last=[stub("noise_floor")]), 19, ""),
    "a package that is not there": (changed(imports="import seaborn\n" + CELLS["imports"]), 0, "seaborn is not installed"),
    "a package that is not there, in its own cell": (changed(first=["import seaborn"]), FULL, "seaborn"),
    "%cd ..": (changed(first=["%cd .."]), FULL, ""),
    "os.chdir to home": (changed(first=["import os\nos.chdir(os.path.expanduser('~'))"]), FULL, ""),
    "%reset -f at the end": (changed(last=["%reset -f"]), None, "which set is this"),
    "np is lost": (changed(last=["np = None"]), 0, ""),
    "np.seterr": (changed(last=["np.seterr(all='raise')"]), FULL, ""),
    "warnings are errors": (changed(first=["import warnings\nwarnings.simplefilter('error')"]), FULL, ""),
    "in place": (changed(noise_floor=IN_PLACE), FULL, ""),
    "lists in place of arrays": (changed(noise_floor=LISTS), FULL, ""),
    "a fraction": (changed(stale_ceiling=FRACTIONS), FULL, ""),
    "NumPy's numbers": (changed(last=["f = noise_floor\nnoise_floor = lambda *a: np.float32(f(*a))"]), FULL, ""),
    "an array without dimensions": (changed(last=["f = distance\ndistance = lambda *a: np.array(f(*a))"]), FULL, ""),
    "a tensor": (changed(last=["import torch\nf = distance\ndistance = lambda *a: torch.tensor(f(*a))"]), FULL, ""),
    "an object that is called": (changed(bending=CLASS, last=["bending = Bend()"]), FULL, ""),
    "other names of arguments": (changed(stale_ceiling="def stale_ceiling(eta, k=0, *, fast=True):\n"
        "    return (2 * np.sin(np.pi / (4 * k + 2)) / eta - 1) / 2"), FULL, ""),
    "a cache": (changed(last=["import functools\nstale_ceiling = functools.lru_cache(stale_ceiling)"]), FULL, ""),
    "a shape of one": (changed(last=["f = distance\ndistance = lambda *a: np.array([f(*a)])"]), 19, ""),
    "complex numbers": (changed(last=["f = distance\ndistance = lambda *a: complex(f(*a))"]), 19, ""),
    "an asynchronous function": (changed(noise_floor="async " + CELLS["noise_floor"]), 19, ""),
    "printed and not returned": (changed(distance=CELLS["distance"].replace("return ", "print(") + ")"), 19, ""),
    "exit() in a cell": (changed(last=["exit()", "import sys\nsys.exit(1)"]), FULL, ""),
    "much is printed": (changed(last=["for _ in range(1000): print('x' * 10000)"]), FULL, ""),
    "input and shells": (changed(last=["%%bash\necho 1", "%matplotlib inline\n%timeit -n1 -r1 1", "!ls"]), FULL, ""),
    "Colab's recipe": (changed(first=["!unzip -o x.zip\n%pip install -q otter-grader==7.0.0\n%cd student"]), FULL, "installs"),
    "pip, and an import in the same cell": (changed(imports="!pip install numpy==1.0\n" + CELLS["imports"]), FULL, "installs"),
    "pip under a condition": (changed(first=["if True:\n    %pip install seaborn"]), FULL, "installs"),
    "otter's own cells without their tags": (
        changed(first=[build.START.format(name=SET)], last=['grader.check("bending")']), FULL, ""),
    "threshold to four digits": (changed(last=["f = stale_ceiling\nstale_ceiling = lambda s, k: float(f'{f(s, k):.5g}')"]), FULL, ""),
    "the figures of the experiment": (changed(last=["plt.plot([1, 2])\nplt.show()"]), FULL, ""),
    "a notebook of another set": (["def whole_rank(*a): return 1"], None, "which set is this"),
    "nothing answered": ([CELLS["imports"], *map(stub, [q.name for q in PROBLEMS.questions if q.checks])], 0, ""),
    "no code at all": ([], None, "which set is this"),
}  # fmt: skip


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr(marking, "CELL_SECONDS", 3.0)
    monkeypatch.setattr(marking, "SECONDS", 5.0)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_clumsy_notebook_gets_what_it_deserves(name, tmp_path, hurry):
    sources, deserved, told = NOTEBOOKS[name]
    path = tmp_path / "mine (1).ipynb"
    path.write_text(json.dumps(document(sources)), encoding="utf8")
    points, report, status = marking.mark(PROBLEMS, path)
    assert (sum(points.values()) if points else None) == deserved, report
    assert told in report + status


RIGHT = json.dumps(document(changed()), ensure_ascii=False)
FILES = {
    "re-saved by Colab": (json.dumps(document(changed(), {"colab": {"provenance": []}, "accelerator": "GPU"})).encode(), FULL),
    "format 3": (json.dumps(document(changed(), kind=3)).encode(), FULL),
    "format 4.0": (json.dumps(document(changed(), kind=4.0)).encode(), FULL),
    "a kernel for R": (json.dumps(document(changed(), {"kernelspec": {"name": "ir"}})).encode(), FULL),
    "sources as lists of lines": (
        json.dumps(document([s.splitlines(keepends=True) for s in changed()])).encode(), FULL),
    "a mark of byte order": (codecs.BOM_UTF8 + RIGHT.encode(), FULL),
    "UTF-16": (RIGHT.encode("utf-16"), FULL),
    "Windows' ends of lines": (json.dumps(document([s.replace("\n", "\r\n") for s in changed()])).encode(), FULL),
    "a conversation in emoji": (json.dumps(document(["# 🙂 ü"] + changed()), ensure_ascii=False).encode(), FULL),
    "cut off": (RIGHT.encode()[:-200], None),
    "empty": (b"", None),
    "a page of the web": (b"<html>sign in</html>", None),
    "JSON of something else": (b'{"a": 1}', None),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_in_whatever_state_it_is(name, tmp_path):
    content, deserved = FILES[name]
    path = tmp_path / "1-the-bound.ipynb"
    path.write_bytes(content)
    points, report, status = marking.mark(PROBLEMS, path)
    assert (sum(points.values()) if points else None) == deserved, report
    assert deserved or "cannot be read" in status


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return {row["notebook"]: row for row in csv.DictReader(file)}


@pytest.fixture
def handed_in(tmp_path):
    for name in ("ada", "bob"):
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(document(changed())), encoding="utf8")
    (tmp_path / "cut.ipynb").write_text(RIGHT[:-100], encoding="utf8")
    return tmp_path


def test_marking_again_loses_nothing(handed_in, capsys):
    assert (
        marking.grade(SET, [str(handed_in / "a*.ipynb"), str(handed_in / "cut.ipynb"), str(handed_in / "no.ipynb")])
        == 1
    )
    rows = table(handed_in / "automatic.csv")
    assert rows["ada.ipynb"]["automatic"] == str(FULL) and rows["ada.ipynb"]["status"] == "judged"
    for lost in ("cut.ipynb", "no.ipynb"):
        assert rows[lost]["automatic"] == "" and "file" in rows[lost]["status"]
    hand = handed_in / "by-hand.csv"
    columns = list(table(hand)["ada.ipynb"])
    assert len(columns) == 8 and set(table(hand)["ada.ipynb"].values()) == {"ada.ipynb", ""}
    text = hand.read_text("utf8").replace("ada.ipynb,,,,,,,", "ada.ipynb,2,3,2,3,2,2,7.5")
    hand.write_bytes(codecs.BOM_UTF8 + text.replace(",", ";").replace("7.5", "7,5").encode())  # saved by a spreadsheet
    assert marking.grade(SET, [str(handed_in / "bob.ipynb")]) == 0
    assert [table(hand)["ada.ipynb"][name] for name in columns[1:]] == ["2", "3", "2", "3", "2", "2", "7,5"]
    assert set(table(handed_in / "automatic.csv")) == {"ada.ipynb", "bob.ipynb", "cut.ipynb", "no.ipynb"}
    grades = table(handed_in / "grades.csv")
    assert grades["ada.ipynb"]["total"] == "43.5" and grades["bob.ipynb"]["total"] == ""
    assert "could not be judged" in capsys.readouterr().out


def test_a_table_that_is_not_ours_is_left_alone(handed_in):
    (handed_in / "by-hand.csv").write_text("name,marks\nada,3\n")
    with pytest.raises(SystemExit, match="left as it is"):
        marking.grade(SET, [str(handed_in / "ada.ipynb")])
    assert (handed_in / "by-hand.csv").read_text() == "name,marks\nada,3\n"


def test_an_unknown_set_is_refused_in_a_sentence():
    with pytest.raises(SystemExit, match="no set is called 9-nothing; there are 1-the-bound"):
        marking.grade("9-nothing", ["x.ipynb"])


def test_five_repetitions_are_identical(tmp_path):
    path = tmp_path / "mine.ipynb"
    wrong = changed(noise_floor=CELLS["noise_floor"].replace("np.mean(g**2)", "np.mean(g) ** 2"), first=["1 / 0"])
    path.write_text(json.dumps(document(wrong)), encoding="utf8")
    assert len({repr(marking.mark(PROBLEMS, path, after_deadline=True)) for _ in range(5)}) == 1


def test_hidden_tests_speak_after_the_deadline_only(tmp_path):
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(document(changed(noise_floor=stub("noise_floor")))), encoding="utf8")
    before, after = (marking.mark(PROBLEMS, path, after_deadline=late)[1] for late in (False, True))
    hidden = [each for q in PROBLEMS.questions for each in q.checks if not each.public and q.name == "noise_floor"]
    for each in hidden:
        assert each.tries not in before and each.name.replace("_", " ") not in before
        assert each.tries in after and each.cause in after


@pytest.mark.parametrize("name", build.set_names())
def test_each_hidden_check_says_what_it_tries_and_the_usual_cause(name):
    for each in (each for question in build.read_set(name).questions for each in question.checks if not each.public):
        assert each.tries and each.cause, f"{name}, {each.name}"
        assert not each.tries.endswith(".") and not each.cause.endswith(".")


# --- right in another way, in the other sets ----------------------------------------------------------------------

OTHER_WAYS = {
    ("2-mnist", "squeeze"): ["f = squeeze\ndef squeeze(G, steps):\n    n = len(G)\n    G /= n\n    return f(G * n, steps)"],
    ("2-mnist", "epoch_growth"): ["f = epoch_growth\ndef epoch_growth(F, s):\n    F *= 2\n    return list(f(F / 2, s))"],
    ("5-companions", "whole_rank"): ["f = whole_rank\ndef whole_rank(l, y, p):\n    l = np.asarray(l, float) if isinstance(l, list) else l\n    l **= -1\n    return f(1 / l, y, p)"],
    ("3-depth", "kernel_parts"): ["f = kernel_parts\ndef kernel_parts(net, X):\n    return [part.tolist() for part in f(net, X)]\ndef balancing_scale(net, X):\n    _, a, b = f(net, X)\n    return (a.sum() / b.sum()) ** 0.25"],
    ("4-sobolev", "drawing_errors"): ["f = drawing_errors\ndef drawing_errors(fold, x, radius):\n    slow = np.vectorize(fold)\n    grid = np.linspace(-radius, radius, 2001)\n    values = slow(grid)\n    return tuple(f(lambda s: np.interp(s, grid, values), x, radius))"],
    ("4-sobolev", "fold_outside"): ["f = fold_outside\ndef fold_outside(g, u, t):\n    u /= np.linalg.norm(u)\n    return float(f(g, u, t))"],
}  # fmt: skip


@pytest.mark.parametrize("where", OTHER_WAYS)
def test_right_in_another_way(where):
    name = where[0]
    problems = build.read_set(name)
    sources = [
        cell.source
        for cell in build.edition(problems, student=False).cells
        if cell.cell_type == "code" and not {"solution", grading.IGNORE} & set(cell.metadata.get("tags", []))
    ]
    submission = grading.Submission(sources + OTHER_WAYS[where], problems.module())
    wrong = {check: error for check, error in submission.judge().items() if error}
    assert not wrong


def test_who_promises_to_leave_its_arguments_must():
    problems = build.read_set("2-mnist")
    sources = [
        cell.source
        for cell in build.edition(problems, student=False).cells
        if cell.cell_type == "code" and not {"solution", grading.IGNORE} & set(cell.metadata.get("tags", []))
    ]
    sources.append(
        "f = decayed_step\ndef decayed_step(Z, v, *rest):\n    new = f(Z, v, *rest)\n    Z[:] = new[0]\n    return new"
    )
    submission = grading.Submission(sources, problems.module())
    wrong = {check: error for check, error in submission.judge().items() if error}
    assert set(wrong) == {"a_batch_of_several"} and "leave its arguments" in wrong["a_batch_of_several"]
