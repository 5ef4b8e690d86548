"""Builds the problem sets (``python make.py assignments``): for each the students' folder and the autograder's bundle.

Everything here but ``bundle`` works without otter-grader.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from copy import deepcopy
from pathlib import Path

import nbformat
import sealed
from nbformat.v4 import new_code_cell, new_markdown_cell
from sets import SETS, ProblemSet, Question, read_set, set_names
from variants import year_among

from stableminima.book.grading import IGNORE, Check, OwnProcess

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "_build" / "assignments"
YOUR_TURN = "*Your answer goes here: replace this text.*"


# --- the editions ------------------------------------------------------------------------------------------------


def edition(problems: ProblemSet, student: bool) -> nbformat.NotebookNode:
    """The notebook of a set for students (stubs, no solutions) or for instructors (solutions and rubrics)."""
    known = {question.name: question for question in problems.questions}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": dict(problems.notebook.metadata["kernelspec"])})
    notebook.metadata["otter"] = {"assignment_name": problems.name}
    cells, current, asked = notebook.cells, None, False
    for cell in deepcopy(problems.notebook.cells):
        tags = cell.metadata.get("tags", [])
        if name := cell.metadata.get("question"):
            finish(cells, current)
            current, asked = known[name], False
            number = problems.questions.index(current) + 1
            cell.source = cell.source.replace(
                f"## {current.title}", f"## Question {number}. {current.title}\n\n{current.line}", 1
            )
        if student and "solution" in tags:
            if cell.cell_type == "markdown" and not asked:
                cells.append(new_markdown_cell(YOUR_TURN, metadata={"tags": ["answer"]}))
                asked = True
            continue
        if "answer" in tags:
            cell.source = stub(cell.source) if student else cell.source
        cell.metadata = {"tags": tags} if tags else {}
        cells.append(cell)
    finish(cells, current)
    said = f"\n\n{YEAR.format(year=problems.year)}" if problems.year else ""
    cells[0].source += f"{said}\n\n{contents(problems)}"
    start = START.format(name=problems.name, said=said and f"# {said.strip()}\n")
    cells.insert(1, new_code_cell(start, metadata={"tags": [IGNORE]}))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return notebook


YEAR = "These are the questions of {year}."
START = """# Run this cell first; it is not marked.  On Colab, upload the zip of the set and the package's wheel before.
{said}import pathlib, sys

if "google.colab" in sys.modules and not pathlib.Path("tests").exists():
    !unzip -o -q {name}-student.zip
    %pip install -q otter-grader==7.0.0 stableminima-*.whl
    %cd -q {name}

import otter

if not pathlib.Path("tests").is_dir():
    print("The folder tests of the set must lie beside this notebook: unpack the zip again, and work in its folder.")
grader = otter.Notebook(tests_dir="tests")"""


def finish(cells: list, question: Question | None) -> None:
    """After the last cell of a question that has checks comes the cell that runs them."""
    if question and question.checks:
        cells.append(new_code_cell(f'grader.check("{question.name}")', metadata={"tags": [IGNORE]}))


def contents(problems: ProblemSet) -> str:
    """The table of the questions, for the first cell."""
    rows = [f"| {k}. {q.title} | {q.points} | {q.minutes} |" for k, q in enumerate(problems.questions, 1)]
    total = f"| **together** | **{problems.points}** | **{problems.minutes}** |"
    return "\n".join(["| question | points | minutes |", "|:--|--:|--:|", *rows, total])


def stub(source: str) -> str:
    """The cell of an answer with each part between BEGIN SOLUTION and END SOLUTION replaced by NotImplementedError."""
    pattern = re.compile(r"^( *)# BEGIN SOLUTION\n.*?^ *# END SOLUTION$", re.DOTALL | re.MULTILINE)
    result = pattern.sub(r'\1raise NotImplementedError("your answer goes here")', source)
    if result == source or "SOLUTION" in result:
        raise ValueError(f"a cell tagged answer needs the lines # BEGIN SOLUTION and # END SOLUTION:\n{source}")
    return result


# --- the tests ---------------------------------------------------------------------------------------------------

HEAD = "from otter.test_files import test_case\n"
CASE = """
@test_case(name="{name}", points={points}, hidden={hidden})
def test_{number}({argument}):
    {body}
"""


HAPPENED = (
    HEAD
    + """
OK_FORMAT = False
name = "What happened when your notebook was run"
points = 0


@test_case(name="every cell ran to its end", points=0, hidden=False)
def test_0(submission):
    submission.tell()
"""
)


def public_test(problems: ProblemSet, question: Question) -> str:
    """The test file of a question for students: its public checks with what they use, and nothing else of checks.py."""
    checks = [each for each in question.checks if each.public]
    source = excerpt(problems.checks, {each.name for each in checks})
    cases = [
        CASE.format(name=each.name, points=each.points, hidden=False, number=k, argument="env",
                    body=f'Check({each.name}, "{question.name}", {each.points}, True).run(env)')
        for k, each in enumerate(checks)
    ]  # fmt: skip
    parts = [HEAD, "from stableminima.book.grading import Check\n", source, test_header(question, checks), *cases]
    return "\n".join(parts)


def autograder_test(question: Question) -> str:
    """The test file of a question for the autograder: all its checks, run in the process of the submission."""
    cases = [
        CASE.format(name=each.name, points=each.points, hidden=not each.public, number=k, argument="submission",
                    body=f'submission.check("{question.name}", "{each.name}")')
        for k, each in enumerate(question.checks)
    ]  # fmt: skip
    return "\n".join([HEAD, test_header(question, question.checks), *cases])


def test_header(question: Question, checks: list[Check]) -> str:
    return f'OK_FORMAT = False\nname = "{question.name}"\npoints = {sum(each.points for each in checks)}\n'


def excerpt(source: str, wanted: set[str]) -> str:
    """The top-level statements of a module that define ``wanted`` and what these use, without decorators."""
    tree, needed = ast.parse(source), set(wanted)
    bound = [(names_bound(node), names_used(node), node) for node in tree.body]
    while more := {name for binds, uses, _ in bound if binds & needed for name in uses} - needed:
        needed |= more
    kept = []
    for binds, _, node in bound:
        if binds & needed:
            if isinstance(node, ast.FunctionDef) and not wanted & binds and any(n.startswith("true_") for n in binds):
                raise ValueError(f"a public check uses {node.name}, which knows an answer")
            kept.append(ast.get_source_segment(source, node))
    return "\n\n".join(kept) + "\n"


def names_bound(node: ast.stmt) -> set[str]:
    """The names that a top-level statement defines."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}


def names_used(node: ast.stmt) -> set[str]:
    """The names that a top-level statement needs, decorators left aside."""
    parts = [part for field, part in ast.iter_fields(node) if field != "decorator_list"]
    flat = [p for part in parts for p in (part if isinstance(part, list) else [part]) if isinstance(p, ast.AST)]
    return {n.id for part in flat for n in ast.walk(part) if isinstance(n, ast.Name)}


# --- the build ---------------------------------------------------------------------------------------------------


def build(problems: ProblemSet, where: Path) -> Path:
    """Write the editions of one set, and what its bundle is made of, into ``where/NAME``."""
    name, folder = problems.name, where / problems.name
    shutil.rmtree(folder, ignore_errors=True)
    student, autograder = folder / "student", folder / "autograder"
    for part in (student, autograder):
        (part / "tests").mkdir(parents=True)
    nbformat.write(edition(problems, student=True), student / f"{name}.ipynb")
    nbformat.write(edition(problems, student=False), folder / f"{name}-solutions.ipynb")
    for question in problems.questions:
        if question.checks:
            write(student / "tests" / f"{question.name}.py", public_test(problems, question))
            write(autograder / "tests" / f"{question.name}.py", autograder_test(question))
    happened = HAPPENED.replace("was run", f"was run, with the tests of {problems.year}") if problems.year else HAPPENED
    write(autograder / "tests" / "0_what_happened.py", happened)
    write(autograder / "checks.py", problems.checks)
    with tempfile.TemporaryDirectory() as place:  # five sets unpack into five folders
        shutil.copytree(student, Path(place, name))
        shutil.make_archive(str(folder / f"{name}-student"), "zip", place, name)
    return folder


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf8", newline="\n")


CONSTRAINTS = ((ROOT, "constraints.txt"), (ROOT / "assignments", "grader-constraints.txt"))


def bundle(problems: ProblemSet, autograder: Path, wheel: Path, otter: list[str]) -> None:
    """Have otter make the autograder's zip: tests, checks, the package, and what to install."""
    files = ["checks.py", "constraints.txt", wheel.name]
    shutil.copy(wheel, autograder)
    pinned = [(place / name).read_text("utf8") for place, name in CONSTRAINTS]
    write(autograder / "constraints.txt", "\n".join(pinned))
    course = (ROOT / "requirements-course.txt").read_text("utf8").splitlines()
    pins = [line.split("#")[0].strip() for line in course if "==" in line and not line.startswith("otter-grader")]
    there = "/autograder/source/files"  # where Gradescope and `otter grade` unpack the files
    lines = [f"-c {there}/constraints.txt", *pins, f"{there}/{wheel.name}"]
    write(autograder / "requirements.txt", "\n".join(lines) + "\n")
    config = {"plugins": [f"{OwnProcess.__module__}.OwnProcess"]}  # any name and metadata: the judge looks at functions
    write(autograder / "otter_config.json", json.dumps(config, indent=2))
    output = autograder.parent / f"{problems.name}-autograder.zip"
    subprocess.run([*otter, "generate", "-o", output, *files], cwd=autograder, check=True)


def make_wheel(folder: Path) -> Path:
    """The package as students and graders install it, made from a copy so that nothing is left in the source tree."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copy(ROOT / "LICENSE", copy)
        write(Path(copy, "README.md"), DESCRIPTION)
        write(Path(copy, "pyproject.toml"), without_torch((ROOT / "pyproject.toml").read_text("utf8")))
        modules = Path(copy, "src", "stableminima")
        shutil.copytree(ROOT / "src" / "stableminima", modules, ignore=shutil.ignore_patterns("__pycache__"))
        options = ["--quiet", "--no-deps", "--no-build-isolation", "-w", folder]
        subprocess.run([sys.executable, "-m", "pip", "wheel", *options, copy], check=True)
    return next(folder.glob("stableminima-*.whl"))


DESCRIPTION = """# stableminima

The library of the executable book *Stable Minima*, as the problem sets of the book's course use it.  Install it with
`requirements-course.txt`; `stableminima[torch]` brings PyTorch, which no problem set needs.
"""


def without_torch(project: str) -> str:
    """The project file with PyTorch, which no set needs, as an extra."""
    lines = project.splitlines(keepends=True)
    torch = [line for line in lines if re.match(r'\s*"torch\b', line)]
    rest = "".join(line for line in lines if line not in torch)
    extra = f"[project.optional-dependencies]\ntorch = [{torch[0].strip().rstrip(',')}]\n" if torch else ""
    return rest.replace("[project.optional-dependencies]\n", extra, 1) if torch else project


def overview(problems: ProblemSet) -> str:
    """The line of a set in the instructor's guide."""
    by_hand = sum(question.by_hand for question in problems.questions)
    hours, minutes = divmod(problems.minutes, 60)
    sizes = f"{len(problems.questions)} | {problems.points} | {by_hand} | {hours} h {minutes:02d}"
    return f"| `{problems.name}` | {sizes} |"


# --- the command --------------------------------------------------------------------------------------------------


def main(python: str, *request: str) -> int:
    """``build.py PYTHON [SET …]`` builds sets with the otter of that Python, ``… grade SET NOTEBOOK …`` marks them.

    ``… seal FILE`` packs the sets so that only a key opens them.
    """
    otter = [python, "-m", "otter"]
    year, request = year_among(list(request))
    if request[:1] == ["seal"]:
        if len(request) != 2:
            sys.exit("into which file?  python make.py assignments seal FILE.sealed")
        return seal(Path(request[1]).with_suffix(sealed.SUFFIX))
    if request[:1] == ["grade"]:
        options = [word for word in request[1:] if word.startswith("--")]
        words = [word for word in request[1:] if word not in options]
        if len(words) < 2 or options not in ([], ["--after-deadline"]):
            sys.exit(
                "which set, and which notebooks?  "
                "python make.py assignments grade SET NOTEBOOK … [--year YEAR] [--after-deadline]"
            )
        from marking import grade  # it imports this module

        return grade(words[0], words[1:], bool(options), year)
    if unknown := set(request) - set(set_names()):
        sys.exit(f"no set is called {min(unknown)}; there are {', '.join(set_names())}")
    where = BUILD / str(year) if year else BUILD
    where.mkdir(parents=True, exist_ok=True)
    wheel = make_wheel(where)
    for name in request or set_names():
        problems = read_set(name, year)
        folder = build(problems, where)
        bundle(problems, folder / "autograder", wheel, otter)
        size = f"{len(problems.questions)} questions, {problems.points} points, about {problems.minutes} minutes"
        print(f"{folder}: {size}{news(problems)}", flush=True)
    from self_checks import write as write_self_checks  # with Sphinx, which marking does without

    write_self_checks(where)
    return 0


def seal(file: Path) -> int:
    """Write the sealed sets, and say the key if it is a new one; what is there is not replaced."""
    key = os.environ.get(sealed.KEY) or sealed.new_key()
    try:
        data = sealed.seal(SETS, set_names(), key)
        with file.open("xb") as out:
            out.write(data)
    except (ValueError, FileExistsError) as trouble:
        sys.exit(f"{file}: {trouble}")
    known = "the key is yours" if os.environ.get(sealed.KEY) else f"keep this key, nothing else opens it: {key}"
    print(f"{file}: {len(set_names())} sets; {known}")
    print(f"to use it: {sealed.KEY}=… STABLEMINIMA_SETS={file} python make.py assignments")
    return 0


def news(problems: ProblemSet) -> str:
    """How many questions are other ones than in the year before."""
    if not problems.year:
        return ""
    before = read_set(problems.name, problems.year - 1).versions
    other = sum(new != old for new, old in zip(problems.versions, before, strict=True))
    return f"; {other} of the questions are not those of {problems.year - 1}"


if __name__ == "__main__":
    sys.modules["build"] = sys.modules["__main__"]  # what marking imports
    sys.exit(main(*sys.argv[1:]))
