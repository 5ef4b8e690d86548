"""Builds the problem sets (``python make.py assignments``): for each the students' folder and the autograder's bundle.

A set is a folder NAME of this one with NAME.md (questions and solutions), its twin NAME.py, checks.py and wrong.py;
README.md says how they are written.  Everything here but ``bundle`` and ``grade`` works without otter-grader.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from stableminima.book.grading import IGNORE, Check, checks_of, load

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "_build" / "assignments"
YOUR_TURN = "*Your answer goes here: replace this text.*"


# --- a set -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """One question: ``points`` in all, ``by_hand`` of them for the rubric, the others for its checks."""

    name: str
    title: str
    points: int
    by_hand: int
    minutes: int
    checks: tuple[Check, ...]

    @property
    def line(self) -> str:
        hand = f", {self.by_hand} of them marked by hand" if 0 < self.by_hand < self.points else ""
        hand = ", marked by hand" if self.by_hand == self.points else hand
        return f"*{self.points} points{hand}; about {self.minutes} minutes.*"


@dataclass(frozen=True)
class ProblemSet:
    """A set as written: its notebook, with solutions, and its questions."""

    name: str
    notebook: nbformat.NotebookNode
    questions: tuple[Question, ...]

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def points(self) -> int:
        return sum(question.points for question in self.questions)

    @property
    def minutes(self) -> int:
        return sum(question.minutes for question in self.questions)


def set_names() -> list[str]:
    """The names of the sets, in order."""
    return sorted(path.name for path in HERE.iterdir() if (path / f"{path.name}.md").exists())


def read_set(name: str) -> ProblemSet:
    """Read a set; refuses questions whose points do not add up."""
    notebook = jupytext.read(HERE / name / f"{name}.md")
    checks = checks_of(load(HERE / name / "checks.py"))
    questions = []
    for cell in notebook.cells:
        if question := cell.metadata.get("question"):
            points, by_hand = cell.metadata["points"], cell.metadata.get("by_hand", 0)
            own = tuple(each for each in checks if each.question == question)
            if sum(each.points for each in own) + by_hand != points:
                raise ValueError(f"{name}, {question}: its checks and the points by hand do not add up to {points}")
            title = re.search(r"^## (.+)$", cell.source, re.MULTILINE).group(1)
            questions.append(Question(question, title, points, by_hand, cell.metadata["minutes"], own))
    if unknown := {each.question for each in checks} - {question.name for question in questions}:
        raise ValueError(f"{name}: checks of questions that do not exist: {', '.join(sorted(unknown))}")
    return ProblemSet(name, notebook, tuple(questions))


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
    cells[0].source += f"\n\n{contents(problems)}"
    start = f'import otter\n\ngrader = otter.Notebook("{problems.name}.ipynb")'
    cells.insert(1, new_code_cell(start, metadata={"tags": [IGNORE]}))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return notebook


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


def public_test(problems: ProblemSet, question: Question) -> str:
    """The test file of a question for students: its public checks with what they use, and nothing else of checks.py."""
    checks = [each for each in question.checks if each.public]
    source = excerpt((problems.folder / "checks.py").read_text("utf8"), {each.name for each in checks})
    cases = [
        CASE.format(name=each.name, points=each.points, hidden=False, number=k, argument="env",
                    body=f'Check({each.name}, "{question.name}", {each.points}, True).run(env)')
        for k, each in enumerate(checks)
    ]  # fmt: skip
    parts = [HEAD, "from stableminima.grading import Check\n", source, test_header(question, checks), *cases]
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


def build(name: str) -> Path:
    """Write the editions of one set, and what its bundle is made of, into ``_build/assignments/NAME``."""
    problems, folder = read_set(name), BUILD / name
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
    shutil.copy(problems.folder / "checks.py", autograder)
    shutil.make_archive(str(folder / f"{name}-student"), "zip", folder, "student")
    return folder


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf8", newline="\n")


def bundle(problems: ProblemSet, autograder: Path, wheel: Path, otter: list[str]) -> None:
    """Have otter make the autograder's zip: tests, checks, the package, and what to install."""
    files = ["checks.py", "constraints.txt", wheel.name]
    shutil.copy(wheel, autograder)
    shutil.copy(ROOT / "constraints.txt", autograder)
    course = (ROOT / "requirements-course.txt").read_text("utf8").splitlines()
    pins = [line.split("#")[0].strip() for line in course if "==" in line and not line.startswith("otter-grader")]
    there = "/autograder/source/files"  # where Gradescope and `otter grade` unpack the files
    lines = [f"-c {there}/constraints.txt", *pins, f"{there}/{wheel.name}"]
    write(autograder / "requirements.txt", "\n".join(lines) + "\n")
    config = {"plugins": ["stableminima.book.grading.OwnProcess"], "assignment_name": problems.name}
    write(autograder / "otter_config.json", json.dumps(config, indent=2))
    output = autograder.parent / f"{problems.name}-autograder.zip"
    subprocess.run([*otter, "generate", "-o", output, *files], cwd=autograder, check=True)


def make_wheel(folder: Path) -> Path:
    """The package as students and graders install it, made from a copy so that nothing is left in the source tree."""
    with tempfile.TemporaryDirectory() as copy:
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, copy)
        modules = Path(copy, "src", "stableminima")
        shutil.copytree(ROOT / "src" / "stableminima", modules, ignore=shutil.ignore_patterns("__pycache__"))
        options = ["--quiet", "--no-deps", "--no-build-isolation", "-w", folder]
        subprocess.run([sys.executable, "-m", "pip", "wheel", *options, copy], check=True)
    return next(folder.glob("stableminima-*.whl"))


def overview(problems: ProblemSet) -> str:
    """The line of a set in the instructor's guide."""
    by_hand = sum(question.by_hand for question in problems.questions)
    hours, minutes = divmod(problems.minutes, 60)
    sizes = f"{len(problems.questions)} | {problems.points} | {by_hand} | {hours} h {minutes:02d}"
    return f"| `{problems.name}` | {sizes} |"


# --- grading -----------------------------------------------------------------------------------------------------


def grade(otter: list[str], name: str, notebooks: list[Path]) -> int:
    """Mark notebooks with the bundle of a set, without Docker, and write ``grades.csv`` beside the first of them."""
    problems, bundle = read_set(name), BUILD / name / f"{name}-autograder.zip"
    if not bundle.exists():
        sys.exit(f"{bundle} does not exist: run `make assignments` first")
    asked = [question for question in problems.questions if question.checks]
    by_hand = [question for question in problems.questions if question.by_hand]
    output = notebooks[0].resolve().parent / "grades.csv"
    with open(output, "w", newline="", encoding="utf8") as file:
        table = csv.writer(file)
        head = [f"{q.name} (of {q.points - q.by_hand})" for q in asked]
        table.writerow(["notebook", *head, "automatic", *(f"{q.name} by hand (of {q.by_hand})" for q in by_hand)])
        for notebook in notebooks:
            points = marks(otter, bundle, notebook)
            row = [points.get(question.name, 0) for question in asked]
            table.writerow([notebook, *row, sum(row), *("" for _ in by_hand)])
            print(f"{sum(row):5g} of {sum(q.points - q.by_hand for q in asked)}  {notebook}", flush=True)
    print(f"written: {output}; the columns marked by hand are yours to fill in")
    return 0


def marks(otter: list[str], bundle: Path, notebook: Path) -> dict[str, float]:
    """Question: points, as otter-grader gives them; none at all if the notebook cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [*otter, "run", "--no-logo", "-a", bundle, "-o", folder, notebook], capture_output=True, text=True
        )
        results = Path(folder, "results.json")
        if not results.exists():
            print(f"{notebook}: {(done.stderr or done.stdout).strip().splitlines()[-1]}", file=sys.stderr)
            return {}
        return {test["name"]: test.get("score", 0) for test in json.loads(results.read_text("utf8"))["tests"]}


def main(python: str, *request: str) -> int:
    """``build.py PYTHON [SET …]`` builds sets with the otter of that Python, ``… grade SET NOTEBOOK …`` marks them."""
    otter = [python, "-m", "otter"]
    if request[:1] == ("grade",):
        if len(request) < 3:
            sys.exit("which set, and which notebooks?  python make.py assignments grade SET NOTEBOOK …")
        return grade(otter, request[1], [Path(name) for name in request[2:]])
    BUILD.mkdir(parents=True, exist_ok=True)
    wheel = make_wheel(BUILD)
    for name in request or set_names():
        problems, folder = read_set(name), build(name)
        bundle(problems, folder / "autograder", wheel, otter)
        size = f"{len(problems.questions)} questions, {problems.points} points, about {problems.minutes} minutes"
        print(f"{folder}: {size}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
