"""The problem sets: full marks for the solutions, none for the stubs, and exactly the right ones for wrong answers."""

import contextlib
import functools
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import matplotlib
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "assignments"))

import build  # noqa: E402
import marking  # noqa: E402
import sets  # noqa: E402
import student  # noqa: E402

from stableminima.book import grading  # noqa: E402

pytestmark = pytest.mark.slow

SETS = sets.set_names()
VERSIONS = {name: sets.all_versions(name) for name in SETS}


@pytest.fixture(scope="module", params=SETS)
def problems(request):
    return sets.read_set(request.param)


@pytest.fixture(scope="module", params=[(n, k) for n in SETS for k in range(len(VERSIONS[n]))], ids=lambda v: f"{v}")
def version(request):
    """Sets in which, together, each version of each question occurs."""
    name, k = request.param
    return VERSIONS[name][k]


@pytest.fixture(scope="module")
def pieces():
    """What must not be found in anything that students are given."""
    return student.secrets()[0]


@pytest.fixture(scope="module")
def solution(version):
    """The names that the instructor's notebook defines, every cell run."""
    matplotlib.use("agg")
    return namespace(build.edition(version, student=False))


def namespace(notebook):
    names = {"__name__": "solution"}
    for cell in notebook.cells:
        if cell.cell_type == "code" and grading.IGNORE not in cell.metadata.get("tags", []):
            exec(compile(cell.source, "solution", "exec"), names)
    return names


def marks(problems, names, seed=None, questions=None):
    """Question: the points that the checks give."""
    asked = [q for q in problems.questions if questions is None or q.name in questions]
    return {q.name: sum(each.points for each in q.checks if passes(each, names, seed)) for q in asked}


def passes(each, names, seed):
    try:
        each.run(names, seed)
    except Exception:
        return False
    return True


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_the_solution_gets_full_marks(version, solution, seed):
    for question in version.questions:
        for each in question.checks:
            each.run(solution, seed)  # an error here names the check


def test_the_untouched_notebook_gets_none(version):
    names = {}
    for cell in build.edition(version, student=True).cells:
        if cell.cell_type == "code" and grading.IGNORE not in cell.metadata.get("tags", []):
            with contextlib.suppress(NotImplementedError):
                exec(cell.source, names)
    assert set(marks(version, names).values()) == {0}


def test_wrong_answers_lose_exactly_the_marks_they_should(version, solution, monkeypatch):
    points = {question.name: question.points - question.by_hand for question in version.questions}
    drawn = {asked.question: asked.drawn for asked in version.versions}
    known = {asked.question for other in VERSIONS[version.name] for asked in other.versions}
    wrong = grading.wrong_answers_of(grading.load(version.folder / "wrong.py"))
    assert {answer.question for answer in wrong} <= known
    wrong = [answer for answer in wrong if answer.question in points]
    assert {answer.question for answer in wrong} >= {question.name for question in version.questions if question.checks}
    assert len(wrong) >= 5
    for answer in wrong:
        name, function = answer.function.__name__, answer.function
        if "drawn" in inspect.signature(function).parameters:
            function = functools.partial(function, drawn=drawn[answer.question])
        touched = {answer.question} | questions_that_call(version, solution, name)
        expected = {question: points[question] for question in touched}
        expected[answer.question] -= answer.loses
        assert answer.loses > 0
        with monkeypatch.context() as patch:
            patch.setitem(solution, name, function)
            assert marks(version, solution, questions=touched) == expected, f"{name}: {answer.mistake}"


def questions_that_call(problems, solution, name):
    """The questions whose checks ask for a name, or for a function that calls it."""
    callers = {k for k, v in solution.items() if name in getattr(getattr(v, "__code__", None), "co_names", ())}
    checks = [each for question in problems.questions for each in question.checks]
    return {each.question for each in checks if {name, *callers} & set(inspect.signature(each.function).parameters)}


# --- how a set is written ----------------------------------------------------------------------------------------


def test_a_set_says_what_the_guide_needs(problems):
    assert 5 <= len(problems.questions) <= 8
    head = problems.notebook.cells[0].source
    words = (
        "**Prerequisites",
        "**After this set you can**",
        "**How it works.**",
        "after thirty seconds, a test after ten",
    )
    assert all(part in head for part in words)
    assert (grading.CELL_SECONDS, grading.SECONDS) == (30, 10), "the sets and two pages say so"
    kinds = [question.points - question.by_hand for question in problems.questions]
    assert 0 in kinds and max(kinds) > 0, "a set has answers marked by hand and by checks"
    for question in problems.questions:
        public = [each.public for each in question.checks]
        assert not question.checks or (any(public) and not all(public)), f"{question.name}: public and hidden checks"
    rubrics = [cell for cell in problems.notebook.cells if "**Rubric.**" in cell.source]
    assert len(rubrics) >= sum(question.by_hand > 0 for question in problems.questions)
    assert all("solution" in cell.metadata.get("tags", []) for cell in rubrics)


def test_the_pair_agrees(problems, tmp_path):
    for file in (ROOT / "assignments" / "jupytext.toml", problems.folder / f"{problems.name}.md"):
        shutil.copy(file, tmp_path)
    command = [sys.executable, "-m", "jupytext", "--quiet", "--sync", f"{problems.name}.md"]
    subprocess.run(command, cwd=tmp_path, check=True)
    for suffix in (".md", ".py"):
        ours = problems.folder / f"{problems.name}{suffix}"
        assert ours.read_text("utf8") == (tmp_path / ours.name).read_text("utf8"), f"{ours.name}: run make sync"


def test_the_students_folder_holds_no_answer(problems, pieces, tmp_path):
    folder = build.build(problems, tmp_path)
    assert student.leaks([folder / "student"], pieces) == []
    assert student.leaks([folder / "autograder"], pieces) != []
    assert len({piece for _, piece in student.leaks([folder], pieces)}) > 20
    hidden = [each.name for question in problems.questions for each in question.checks if not each.public]
    text = " ".join(path.read_text("utf8") for path in (folder / "student").rglob("*") if path.is_file())
    assert not [name for name in hidden if f"def {name}(" in text]


def test_public_tests_run_without_the_module_of_checks(version, solution):
    for question in version.questions:
        if question.checks:
            names = {}
            exec(build.public_test(version, question).replace(build.HEAD, "test_case = lambda **_: lambda f: f"), names)
            cases = [value for name, value in names.items() if re.fullmatch(r"test_\d+", name)]
            assert len(cases) == sum(each.public for each in question.checks)
            for case in cases:
                case(solution)


def test_points_that_do_not_add_up_are_refused(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "assignments" / SETS[0], tmp_path / SETS[0])
    monkeypatch.setattr(sets, "SETS", tmp_path)
    source = tmp_path / SETS[0] / f"{SETS[0]}.md"
    source.write_text(source.read_text("utf8").replace('"points": 5', '"points": 50'), encoding="utf8")
    with pytest.raises(ValueError, match="do not add up"):
        sets.read_set(SETS[0])


def test_sets_may_lie_outside_of_the_tree(tmp_path):
    """With STABLEMINIMA_SETS the build finds another folder, and nothing of ours."""
    shutil.copytree(ROOT / "assignments" / SETS[0], tmp_path / "1-private")
    (tmp_path / "1-private" / f"{SETS[0]}.md").rename(tmp_path / "1-private" / "1-private.md")
    code = "import sets; print(sets.set_names(), sets.read_set('1-private').points)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "assignments", capture_output=True, text=True, encoding="utf8",
        env=os.environ | {"STABLEMINIMA_SETS": str(tmp_path)},
    )  # fmt: skip
    assert done.stdout.strip() == "['1-private'] 44", done.stderr


@pytest.mark.parametrize("top", ["", "private/", "a/b/"])
def test_sets_may_lie_in_an_archive(tmp_path, top):
    with zipfile.ZipFile(tmp_path / "sets.zip", "w") as archive:
        for path in (ROOT / "assignments" / SETS[0]).glob("*.*"):
            archive.write(path, f"{top}{SETS[0]}/{path.name}")
        archive.writestr(f"{top}README.md", "Ours.") if top else None
    code = "import build, sets; p = sets.read_set(*sets.set_names(), 2027); print(build.build(p, sets.SETS / 'out'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "assignments", capture_output=True, text=True, encoding="utf8",
        env=os.environ | {"STABLEMINIMA_SETS": str(tmp_path / "sets.zip")},
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.strip().endswith(SETS[0]), done.stderr
    assert not Path(done.stdout.strip()).exists(), "what was unpacked is removed"


@pytest.mark.parametrize(
    ("name", "kind", "reason"),
    [
        ("../outside.txt", 0, "leads out"),
        ("1-a/../../outside.txt", 0, "leads out"),
        ("/outside.txt", 0, "leads out"),
        ("..\\outside.txt", 0, "leads out"),
        ("C:/outside.txt", 0, "leads out"),
        ("link", 0o120777, "is a link"),
        ("pipe", 0o010644, "is a link or a device"),
        ("large", 0, "megabytes"),
        ("none", None, "neither a folder nor a zip"),
    ],
)
def test_an_archive_that_is_not_safe_is_refused(tmp_path, name, kind, reason):
    place, before = tmp_path / "sets.zip", set(tmp_path.rglob("*"))
    place.write_text("nothing")
    if kind is not None:
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            member = zipfile.ZipInfo(name)
            member.external_attr = kind << 16
            archive.writestr(member, b"0" * (sets.LARGEST + 1 if name == "large" else 10), zipfile.ZIP_DEFLATED)
    with pytest.raises(SystemExit, match=reason):
        sets.folder_of(place)
    assert set(tmp_path.rglob("*")) == before | {place} and not list(Path(sets.UNPACKED.name).rglob("*"))


def test_a_public_check_that_uses_a_reference_is_refused():
    source = "def true_answer():\n    return 42\n\ndef seen(f):\n    assert f() == true_answer()\n"
    with pytest.raises(ValueError, match="knows an answer"):
        build.excerpt(source, {"seen"})


def test_the_guide_knows_the_set(problems):
    guide = (ROOT / "book" / "teaching.md").read_text("utf8")
    assert build.overview(problems) in guide, f"write this line into book/teaching.md: {build.overview(problems)}"


# --- loops and crashes -------------------------------------------------------------------------------------------

CHECKS = """
from stableminima.book.grading import check, close

@check("right", points=1)
def right_is_one(right):
    close(right(), 1.0)

@check("endless", points=1)
def endless_is_one(endless):
    close(endless(), 1.0)

@check("crash", points=1)
def crash_is_one(crash):
    close(crash(), 1.0)
"""
CELLS = [
    "%matplotlib inline\nimport os\nprint('noise'); input_is_closed = True",
    "while True:\n    pass",
    "grader.check('right')\ndef right():\n    return 1.0",
    "def endless():\n    while True:\n        try:\n            pass\n        except BaseException:\n            pass",
    "def crash():\n    os._exit(1)",
    "1 / 0",
    "os._exit(1)",
]


def test_a_loop_or_a_crash_costs_its_question_only(tmp_path):
    (tmp_path / "checks.py").write_text(CHECKS)
    submission = grading.Submission(CELLS, tmp_path / "checks.py", seconds=5, cell_seconds=5)
    with pytest.raises(AssertionError, match="ran for more than 5 seconds"):
        submission.check("endless", "endless_is_one")
    with pytest.raises(AssertionError, match="ended Python"):
        submission.check("crash", "crash_is_one")
    submission.check("right", "right_is_one")
    assert submission.left_out == [CELLS[1], CELLS[6]]
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        submission.tell()


# --- the students' edition of the book ---------------------------------------------------------------------------

PAGE = """Text.

```{solution} ex-one
Secret words in plain text.
```

```{solution-start} ex-two
:label: sol-two
```

More secrets.

```{code-cell} ipython3
secret = 1
```

```{solution-end}
```

% instructors
Not for students.
% end instructors

Text at the end.
"""


def test_solutions_are_taken_out_of_a_page():
    assert student.without_solutions(PAGE).split() == ["Text.", "Text", "at", "the", "end."]
    with pytest.raises(ValueError, match="does not end"):
        student.without_solutions(PAGE.replace("```{solution-end}\n```", ""))


def test_the_sources_of_the_students_book_hold_no_solution(pieces, tmp_path):
    student.copy_sources(tmp_path / "source")
    assert len(pieces) > 300
    assert student.leaks([tmp_path / "source"], pieces) == []
    names = {path.name for path in (tmp_path / "source").rglob("*")}
    assert not {"teaching.md", "tests", "assignments", "01-linear-stability.py"} & names


@pytest.mark.parametrize("where", ["page.html", "searchindex.js", "notebook.ipynb", "set.zip", "global.db"])
def test_the_search_for_leaks_finds_one(tmp_path, where):
    piece = "tells that the answer is five"
    if where.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / where, "w") as archive:
            archive.writestr("deep/inside.py", f"# {piece}")
    elif where.endswith(".html"):
        (tmp_path / where).write_text("tells that <em>the answer</em>\n is&nbsp;five".replace("&nbsp;", " "))
    elif where.endswith(".ipynb"):
        (tmp_path / where).write_text(json.dumps({"source": piece.replace(" the", "\nthe")}))
    else:
        (tmp_path / where).write_bytes(b"\x00\xff" + piece.encode() + b"\x00")
    assert {what for _, what in student.leaks([tmp_path], {piece, "something else entirely"})} == {piece}


def test_a_word_in_the_search_index_is_found(tmp_path):
    (tmp_path / "searchindex.js").write_text('Search.setIndex({"terms": {"kaczmarz": 1}, "titleterms": {"step": 2}})')
    assert student.indexed(tmp_path / "searchindex.js", {"kaczmarz", "bisect"}) == {"kaczmarz"}


# --- otter itself, where it is installed --------------------------------------------------------------------------

PYTHON = ROOT / ".venv-course" / ("Scripts" if sys.platform == "win32" else "bin") / "python"


needs_otter = pytest.mark.skipif(
    not PYTHON.exists(), reason="make assignments installs otter-grader, and has not run here"
)


@needs_otter
def test_the_verbs_in_the_order_of_the_page_leave_what_each_made(tmp_path, monkeypatch, capsys):
    """make assignments, make student, make assignments grade: and then the bundle marks the same."""
    page = (ROOT / "book" / "teaching.md").read_text("utf8")
    verbs = [
        page.index(f"| `{verb}") for verb in ("make assignments`", "make student`", "python make.py assignments grade")
    ]
    assert verbs == sorted(verbs)
    monkeypatch.setattr(build, "BUILD", tmp_path)
    name = SETS[0]
    assert build.main(str(PYTHON), name) == 0
    made = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    student.copy_sets(tmp_path / "given" / "sets")
    assert {path: path.read_bytes() for path in made} == made
    with zipfile.ZipFile(tmp_path / "given" / "sets" / f"{name}-student.zip") as archive:
        assert {entry.split("/")[0] for entry in archive.namelist()} == {name}
    for path in ("solutions", "stub"):
        (tmp_path / "in").mkdir(exist_ok=True)
        source = f"{name}-solutions.ipynb" if path == "solutions" else f"student/{name}.ipynb"
        shutil.copy(tmp_path / name / source, tmp_path / "in" / f"{path}.ipynb")
    assert build.main("none", "grade", name, str(tmp_path / "in")) == 0
    assert "22 of 22" in capsys.readouterr().out
    problems, bundle = sets.read_set(name), tmp_path / name / f"{name}-autograder.zip"
    otter = [str(PYTHON), "-m", "otter"]
    points = {question.name: question.points - question.by_hand for question in problems.questions if question.checks}
    cheat = tmp_path / "in" / "cheat.ipynb"
    cheat.write_text(
        (tmp_path / "in" / "stub.ipynb")
        .read_text("utf8")
        .replace("import numpy as np", r"import numpy as np\nnp.allclose = lambda *a, **k: True"),
        encoding="utf8",
    )
    for notebook, expected in (
        ("solutions", points),
        ("stub", dict.fromkeys(points, 0)),
        ("cheat", dict.fromkeys(points, 0)),
    ):
        found, shown = marking.marks_by_otter(otter, bundle, tmp_path / "in" / f"{notebook}.ipynb")
        assert {question: found[question] for question in points} == expected, shown
        assert "What happened when your notebook was run" in shown
    broken = tmp_path / "broken.zip"  # a judge that cannot judge is a failure of the autograder, and not a zero
    with zipfile.ZipFile(bundle) as whole, zipfile.ZipFile(broken, "w") as copy:
        for entry in whole.namelist():
            copy.writestr(entry, "raise ValueError" if entry == "files/checks.py" else whole.read(entry))
    with pytest.raises(grading.CannotJudge):
        marking.marks_by_otter(otter, broken, tmp_path / "in" / "solutions.ipynb")


def test_the_wheel_of_the_course_needs_no_torch_and_says_nothing_of_solutions(tmp_path):
    with zipfile.ZipFile(build.make_wheel(tmp_path)) as wheel:
        metadata = next(name for name in wheel.namelist() if name.endswith("METADATA"))
        text = wheel.read(metadata).decode("utf8")
        names = wheel.namelist()
    assert re.findall(r"^Requires-Dist: torch.*$", text, re.MULTILINE) == [
        'Requires-Dist: torch>=2.4; extra == "torch"'
    ]
    assert "solution" not in text and "assignments" not in text
    assert [name for name in names if "checks" in name] == ["stableminima/checks.py"]  # of arguments, not of answers
    assert not re.search(r"^torch", (ROOT / "requirements-course.txt").read_text("utf8"), re.MULTILINE)


def test_am_i_installed_says_what_is_there_and_what_is_not(tmp_path):
    script = ROOT / "assignments" / "am-i-installed.py"
    assert subprocess.run([sys.executable, "-S", script], capture_output=True).returncode == 1
    found = subprocess.run([sys.executable, "-S", script], capture_output=True, text=True, encoding="utf8").stdout
    assert "NOT READY: numpy cannot be imported" in found and "To mend it" in found
    if PYTHON.exists():
        found = subprocess.run([PYTHON, script], capture_output=True, text=True, encoding="utf8")
        assert found.returncode == 0 and "Ready" in found.stdout, found.stdout


def test_no_set_needs_torch(problems):
    """All answers, with an import of torch forbidden, get all points."""
    sources = [c.source for c in build.edition(problems, student=False).cells if c.cell_type == "code"]
    sources = [source for source in sources if "otter" not in source and "grader.check" not in source]
    submission = grading.Submission(["import sys\nsys.modules['torch'] = None", *sources], problems.module())
    assert not {name: error for name, error in submission.judge().items() if error}


def test_the_students_book_is_built_with_its_own_library_and_records(tmp_path, monkeypatch):
    """A build refuses the library of another folder; and no project file leads the copy to its records."""
    seen = []

    def run(command, env):
        done = real([sys.executable, "-c", PROBE], env=env, cwd=tmp_path, capture_output=True, text=True)
        seen.append((Path(command[2]), done.stdout.split("\n")[:2], done.stderr))
        return subprocess.CompletedProcess(command, 7)

    real = subprocess.run
    monkeypatch.setattr(student, "WORK", tmp_path / "work")
    monkeypatch.setattr(student, "OUT", tmp_path / "out")
    monkeypatch.setattr(student, "seed_cache", lambda source: None)
    monkeypatch.setattr(student.subprocess, "run", run)
    assert student.main() == 7
    ((source, (library, records), _),) = seen
    assert Path(library).is_relative_to(source / "src") and Path(records) == source / "results"


PROBE = """import stableminima
from stableminima.experiments.record_files import results_folder
print(stableminima.__file__); print(results_folder())"""
