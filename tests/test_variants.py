# ruff: noqa: E501
"""A course given more than once: what is drawn for a year, how it reaches every edition, and that it matters."""

import contextlib
import json
import subprocess
import sys
import zipfile
from itertools import permutations
from pathlib import Path

import matplotlib
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "assignments"))

import build  # noqa: E402
import marking  # noqa: E402
import sets  # noqa: E402
import student  # noqa: E402
import variants  # noqa: E402

from stableminima.book import grading  # noqa: E402

pytestmark = pytest.mark.slow

# --- a small set with everything in it ----------------------------------------------------------------------------

PAGE = """---
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A set

Text.

+++ {"question": "power", "points": 3, "by_hand": 0, "minutes": 5, "draw": {"rule": [{"name": "square", "p": 2}, {"name": "cube", "p": 3}], "shift": [0, 1, 5]}}

## The {{rule.name}}

Write `power`, the {{rule.name}} of $x$ plus {{shift}}.

```{code-cell} ipython3
:tags: [drawn]

shift = 0  # of this year
```

```{code-cell} ipython3
:tags: [answer]

def power(x):
    '''The {{rule.name}} of x, shifted.'''
    # BEGIN SOLUTION
    return x**{{rule.p}} + shift
    # END SOLUTION
```

+++ {"question": "reason", "points": 2, "by_hand": 2, "minutes": 5}

## Why?

Say why.

+++ {"question": "because", "instead_of": "reason", "points": 2, "by_hand": 2, "minutes": 5}

## Because

Say because.
"""
CHECKS = '''"""Checks."""

from stableminima.book.grading import check, close


@check("power", points=1, public=True)
def at_two(power, drawn):
    """Seen."""
    close(power(2.0), 2.0 ** drawn["rule"]["p"] + drawn["shift"])


@check("power", points=2, tries="ten", cause="two")
def at_ten(rng, drawn, power):
    x = rng.uniform()
    close(power(x), true_power(x, drawn))


def true_power(x, drawn):
    return x ** drawn["rule"]["p"] + drawn["shift"]
'''


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A folder of sets with one set, and a function that writes it anew with one text replaced by another."""
    monkeypatch.setattr(sets, "SETS", tmp_path / "sets")
    (tmp_path / "sets" / "toy").mkdir(parents=True)

    def written(old="", new="", page=PAGE, checks=CHECKS):
        assert old in page
        (tmp_path / "sets" / "toy" / "toy.md").write_text(page.replace(old, new) if old else page, encoding="utf8")
        (tmp_path / "sets" / "toy" / "checks.py").write_text(checks, encoding="utf8")
        return tmp_path

    written()
    return written


def files(folder):
    """What is in a folder, archives by what is in them."""
    found = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                found |= {f"{name}:{entry}": archive.read(entry) for entry in archive.namelist()}
        else:
            found[name] = path.read_bytes()
    return found


def test_every_version_is_drawn_sometime_and_none_is_rare(toy):
    drawn = [sets.read_set("toy", year).versions for year in range(1, 601)]
    counts = [
        [sum(v[slot] == other for v in drawn) for other in sets.source_of("toy").slots[slot].versions]
        for slot in (0, 1)
    ]
    assert [len(c) for c in counts] == [6, 2]
    assert min(counts[0]) > 60 and min(counts[1]) > 240
    assert (
        sets.read_set("toy").versions
        == sets.read_set("toy", 0).versions
        == tuple(slot.versions[0] for slot in sets.source_of("toy").slots)
    )


def test_what_is_drawn_reaches_texts_code_public_tests_and_bundle(toy, tmp_path):
    (problems,) = [
        p for p in sets.all_versions("toy") if p.versions[0].drawn == {"rule": {"name": "cube", "p": 3}, "shift": 5}
    ]
    folder = build.build(problems, tmp_path / "out")
    text = (folder / "student" / "toy.ipynb").read_text("utf8")
    assert "## Question 1. The cube" in text and "shift = 5  # of this year" in text and "{{" not in text
    for place in (folder / "student" / "tests" / "power.py", folder / "autograder" / "checks.py"):
        assert "drawn = {'rule': {'name': 'cube', 'p': 3}, 'shift': 5}" in place.read_text("utf8")
    for answer, lost in (("x**3 + 5", []), ("x**2", ["at_two", "at_ten"])):
        submission = grading.Submission([f"def power(x):\n    return {answer}"], folder / "autograder" / "checks.py")
        assert [name for name, error in submission.judge().items() if error] == lost
        names = {"power": lambda x, answer=answer: eval(answer, {"x": x})}
        public = (folder / "student" / "tests" / "power.py").read_text("utf8")
        exec(public.replace(build.HEAD, "test_case = lambda **_: lambda f: f"), held := {})
        with pytest.raises(AssertionError) if lost else contextlib.nullcontext():
            held["test_0"](names)


def test_without_a_year_the_set_is_what_it_was_before_it_had_versions(toy, tmp_path):
    """The same set without alternatives and draws, written by hand, gives the same files byte for byte."""
    new = files(build.build(sets.read_set("toy"), tmp_path / "new"))
    old = (
        PAGE[: PAGE.index('+++ {"question": "because"')]
        .replace("{{rule.name}}", "square")
        .replace("{{rule.p}}", "2")
        .replace(":tags: [drawn]\n\n", "\n")
    )
    start, end = old.index(', "draw"'), old.index("}\n\n## The")
    checks = (
        CHECKS.replace(", drawn)", ")")
        .replace("rng, drawn, power", "rng, power")
        .replace('):\n    """Seen', "):\n    drawn = {'rule': {'name': 'square', 'p': 2}, 'shift': 0}\n    \"\"\"Seen")
    )
    checks = checks.replace("    x = rng", "    drawn = {'rule': {'name': 'square', 'p': 2}, 'shift': 0}\n    x = rng")
    checks = checks.replace("true_power(x)", "true_power(x, drawn)").replace(
        "def true_power(x)", "def true_power(x, drawn)"
    )
    toy(page=(old[:start] + old[end:]).replace("{{shift}}", "0"), checks=checks)
    assert files(build.build(sets.read_set("toy"), tmp_path / "old")) == new


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("plus {{shift}}", "plus {{shifted}}", "power does not draw shifted"),
        ("{{rule.p}}", "{{rule.power}}", "power does not draw rule.power"),
        ("Say why.", "Say why {{shift}}.", "reason does not draw shift"),
        ("Text.", "{{shift}}", "before the first question does not draw shift"),
        ('"shift": [0', '"unseen": [1, 2], "shift": [0', "power draws unseen, which neither"),
        ('"shift": [0, 1, 5]', '"shift": 5', "give a list"),
        ('{"name": "cube", "p": 3}', '{"name": "cube"}', "same names"),
        ('"instead_of": "reason", "points": 2, "by_hand": 2', '"instead_of": "reason", "points": 2, "by_hand": 1', "must have the same by_hand"),
        ('"instead_of": "reason", "points": 2', '"instead_of": "reason", "points": 3', "must have the same points"),
        ('"instead_of": "reason"', '"instead_of": "power"', "right behind power"),
        ('"instead_of": "reason"', '"instead_of": "resaon"', "right behind resaon"),
        ("shift = 0  #", "shift += 0  #", "and nothing else"),
        ("shift = 0  #", "shifts = 0  #", "power does not draw shifts"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(toy, old, new, said):
    toy(old, new)
    with pytest.raises(ValueError, match=said):
        sets.read_set("toy")


@pytest.mark.parametrize("year", ["20x7", "-3", "2027.0", "", "٢٠٢٧"])
def test_a_year_that_is_not_a_whole_number_is_refused(year):
    with pytest.raises(SystemExit, match="a whole number, such as"):
        variants.year_among(["1-the-bound", "--year", year])


def test_the_year_is_found_among_other_words():
    assert variants.year_among(["a", "--year", "2027", "b"]) == (2027, ["a", "b"])
    assert variants.year_among(["--year=7", "a"]) == (7, ["a"])
    assert variants.year_among(["a"]) == (None, ["a"])
    with pytest.raises(SystemExit):
        variants.year_among(["a", "--year"])


# --- marking -----------------------------------------------------------------------------------------------------


def two_years():
    """Two years in which the toy asks for other powers."""
    years = {sets.read_set("toy", year).versions[0].drawn["rule"]["p"]: year for year in range(2030, 2020, -1)}
    return years[2], years[3]


def test_marking_finds_the_year_and_refuses_a_mixture(toy, tmp_path, capsys):
    old, new = two_years()
    folder = tmp_path / "in"
    folder.mkdir()
    for who, year in (("ann", new), ("bob", new)):
        place = build.build(sets.read_set("toy", year), tmp_path / who)
        (folder / f"{who}.ipynb").write_bytes((place / "toy-solutions.ipynb").read_bytes())
    assert marking.grade("toy", [str(folder)]) == 0
    said = capsys.readouterr().out
    assert said.count("3 of 3") == 2 and f"marked as the set of {new}" in said
    late = build.build(sets.read_set("toy", old), tmp_path / "old") / "toy-solutions.ipynb"
    (folder / "late.ipynb").write_bytes(late.read_bytes())
    with pytest.raises(SystemExit, match=rf"different years \({min(old, new)}.*--year"):
        marking.grade("toy", [str(folder)])
    assert marking.grade("toy", [str(folder)], year=new) == 1
    said = capsys.readouterr().out
    assert said.count("3 of 3") == 2
    assert f"its questions are those of {old}, and those of {new} are marked" in said
    rows = marking.read_table(folder / "automatic.csv")[0]
    assert rows["late.ipynb"]["automatic"] == "" and rows["ann.ipynb"]["automatic"] == "3"
    plain = build.build(sets.read_set("toy"), tmp_path / "plain") / "toy-solutions.ipynb"
    assert marking.year_of(plain) == 0
    (folder / "late.ipynb").write_bytes(plain.read_bytes())
    with pytest.raises(SystemExit, match="no year: 1"):
        marking.grade("toy", [str(folder)])


def test_last_years_answer_loses_its_marks_and_a_lost_first_cell_loses_none(toy, tmp_path):
    old, new = two_years()
    problems = sets.read_set("toy", new)
    shift = problems.versions[0].drawn["shift"]
    before = tmp_path / "before.ipynb"
    cells = [f"shift = {shift}", "def power(x):\n    return x**2 + shift"]
    for sources, points in ((cells, 0), ([cells[0], cells[1].replace("2 +", "3 +")], 3)):
        code = [
            {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": s} for s in sources
        ]
        before.write_text(json.dumps({"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
        assert marking.year_of(before) is None
        assert marking.mark(problems, before)[0] == {"power": points}
    assert problems.year == new != old


# --- the sets of the course ---------------------------------------------------------------------------------------

NAMES = sets.set_names()


@pytest.mark.parametrize("name", NAMES)
def test_a_year_is_the_same_set_in_every_process(name, tmp_path):
    code = "import build, sets, sys; from pathlib import Path; build.build(sets.read_set(sys.argv[1], 2027), Path(sys.argv[2]))"
    for place in ("one", "two"):
        command = [sys.executable, "-c", code, name, str(tmp_path / place)]
        subprocess.run(command, cwd=ROOT / "assignments", check=True)
    assert files(tmp_path / "one") == files(tmp_path / "two") != {}
    source = sets.source_of(name)
    drawn = {str([slot.of(name, year) for slot in source.slots]) for year in range(2027, 2047)}
    assert len(drawn) > 1 or all(len(slot.versions) == 1 for slot in source.slots)


PAIRS = [
    (name, slot, one, other)
    for name in NAMES
    for slot in range(len(sets.source_of(name).slots))
    for one, other in permutations(range(len(sets.source_of(name).slots[slot].versions)), 2)
]


@pytest.mark.parametrize(("name", "slot", "one", "other"), PAIRS)
def test_the_answer_to_another_version_loses_marks(name, slot, one, other):
    """The model answer of one version, under the name that the other asks for, does not get the other's full marks."""
    before, now = asked(name, slot, one), asked(name, slot, other)
    assert statement(before[0]) != statement(now[0])
    question = now[1].questions[slot]
    if not question.checks:
        return
    names = namespace(name, other) | dict(zip(now[2], [namespace(name, one)[f] for f in before[2]], strict=False))
    lost = 0
    for each in question.checks:
        try:
            each.run(names)
        except Exception:
            lost += each.points
    assert lost > 0


def asked(name, slot, version):
    """The cells of a version of a slot, a set in which it occurs, and the functions that it asks for."""
    problems = sets.all_versions(name)[version]
    cells = variants.parts(problems.notebook)[slot + 1]
    answers = [cell.source for cell in cells if "answer" in cell.metadata.get("tags", [])]
    return (
        cells,
        problems,
        [line[4:].split("(")[0] for text in answers for line in text.splitlines() if line[:4] == "def "],
    )


def statement(cells):
    return [cell.source for cell in cells if "solution" not in cell.metadata.get("tags", [])]


SPACES = {}


def namespace(name, version):
    """What the notebook of a version defines; the cells of experiments, which are marked by hand, are not run."""
    if (name, version) not in SPACES:
        matplotlib.use("agg")
        names = SPACES[name, version] = {"__name__": "solution"}
        for cell in build.edition(sets.all_versions(name)[version], student=False).cells:
            if cell.cell_type == "code" and not {grading.IGNORE, "solution"} & set(cell.metadata.get("tags", [])):
                exec(compile(cell.source, "solution", "exec"), names)
    return SPACES[name, version]


def test_the_sets_of_a_year_hold_no_solution_and_no_question_of_another_year(tmp_path):
    """The search of ``make student`` finds nothing in the year's sets, and the year's own questions elsewhere."""
    pieces = student.secrets(2027)[0]
    student.copy_sets(tmp_path / "now", 2027)
    assert student.leaks([tmp_path / "now"], pieces) == []
    different = [name for name in NAMES if sets.read_set(name).versions != sets.read_set(name, 2027).versions]
    student.copy_sets(tmp_path / "plain")
    leaks = [where for where, _ in student.leaks([tmp_path / "plain"], pieces) if where.endswith(".ipynb")]
    found = {Path(where.split(":")[0]).name for where in leaks}  # in the questions, and not only in the public tests
    assert found == {f"{name}-student.zip" for name in different} != set()


@pytest.mark.parametrize("name", NAMES)
def test_the_judge_gets_the_checks_of_what_is_asked_and_no_others(name):
    for problems in sets.all_versions(name):
        asked = {question.name for question in problems.questions if question.checks}
        assert {each.question for each in grading.checks_of(problems.module())} == asked
