"""Marks notebooks (``python make.py assignments grade SET …``): tables, and a report for each student."""

from __future__ import annotations

import contextlib
import csv
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from build import YEAR, write
from sets import ProblemSet, Question, read_set, set_names

from stableminima.book.grading import CELL_SECONDS, SECONDS, CannotJudge, Submission, read_notebook
from stableminima.book.grading_notebook import FIRST, notebook_cells


def grade(name: str, asked: list[str], after_deadline: bool = False, year: int | None = None) -> int:
    """Mark notebooks and write, beside the first of them, tables and a report for each; 1 if one could not be judged.

    ``automatic.csv`` is ours and written anew, ``by-hand.csv`` is yours: rows are added, what is filled in is never
    touched.  ``grades.csv`` is made of both, and ``reports`` holds what each student should read.
    """
    if name not in set_names():
        sys.exit(f"no set is called {name}; there are {', '.join(set_names())}")
    notebooks = expanded(asked)
    problems = read_set(name, the_year(notebooks) if year is None else year)
    folder = notebooks[0].resolve().parent
    reports = folder / "reports"
    reports.mkdir(exist_ok=True)
    rows, lost = {}, 0
    for notebook in notebooks:
        key = key_of(notebook, folder)
        points, report, status = mark(problems, notebook, after_deadline)
        lost += not points
        rows[key] = {"status": status} | {column(q): f"{points[q.name]:g}" for q in asked_by_checks(problems) if points}
        rows[key]["automatic"] = f"{sum(points.values()):g}" if points else ""
        write(reports / f"{key.replace('/', '--')}.md", f"# {key}\n\n{report}")
        shown = f"{sum(points.values()):5g} of {automatic_points(problems)}" if points else "could not be judged"
        print(f"{shown}  {notebook}{'' if status == 'judged' else f': {status}'}", flush=True)
    head = ["status", *map(column, asked_by_checks(problems)), "automatic"]
    merge(folder / "automatic.csv", head, rows, ours=True)
    hand = [f"{q.name} by hand (of {q.by_hand})" for q in problems.questions if q.by_hand]
    merge(folder / "by-hand.csv", hand, {key: {} for key in rows}, ours=False)
    together(folder, head, hand)
    marked = f"marked as the set of {problems.year}; " if problems.year else ""
    print(f"{marked}written to {folder}: automatic.csv, reports/, grades.csv; the marks by hand go into by-hand.csv")
    return int(lost > 0)


def expanded(asked: list[str]) -> list[Path]:
    """The notebooks that are meant: files, patterns (Windows does not expand them) and folders."""
    found = []
    for text in map(str, asked):
        path = Path(text)
        if path.is_dir():
            found += sorted(path.glob("*.ipynb"))
        elif path.exists() or not set("*?[") & set(text):
            found.append(path)
        else:
            found += sorted(map(Path, glob.glob(text)))
    if not found:
        sys.exit(f"no notebooks there: {', '.join(map(str, asked))}")
    return list(dict.fromkeys(found))


def the_year(notebooks: list[Path]) -> int:
    """The year of the notebooks, which they must agree on; 0 for the set as it is given without a year."""
    found: dict[int, list[str]] = {}
    for notebook in notebooks:
        with contextlib.suppress(CannotJudge, OSError):  # it will be reported as one that cannot be judged
            if (year := year_of(notebook)) is not None:
                found.setdefault(year, []).append(notebook.name)
    if len(found) > 1:
        said = "; ".join(f"{year or 'no year'}: {len(who)}, {who[0]} is one" for year, who in sorted(found.items()))
        sys.exit(f"these notebooks are of different years ({said}): say which is marked with --year (0: no year)")
    return min(found, default=0)


def year_of(notebook: Path) -> int | None:
    """The year for which a notebook was given out, 0 for none, nothing if its first cells are gone."""
    sources = [cell["source"] for cell in notebook_cells(notebook)]
    pattern = re.escape(YEAR).replace(re.escape("{year}"), "([0-9]+)")
    years = [int(found[1]) for source in sources if (found := re.search(pattern, source))]
    return years[0] if years else 0 if any(source.startswith(FIRST) for source in sources) else None


def key_of(notebook: Path, folder: Path) -> str:
    """What a notebook is called in the tables: its path, seen from the folder of the tables."""
    return Path(os.path.relpath(notebook.resolve(), folder)).as_posix()


def asked_by_checks(problems: ProblemSet) -> list[Question]:
    return [question for question in problems.questions if question.checks]


def column(question: Question) -> str:
    return f"{question.name} (of {question.points - question.by_hand})"


def automatic_points(problems: ProblemSet) -> int:
    return sum(question.points - question.by_hand for question in problems.questions)


def mark(problems: ProblemSet, notebook: Path, after_deadline: bool = False) -> tuple[dict[str, float], str, str]:
    """Question: points (none at all if the notebook cannot be judged), a report for the student, and a status."""
    try:
        cells = read_notebook(notebook)
        if (year := year_of(notebook)) is not None and year != (problems.year or 0):
            its, ours = (f"those of {number}" if number else "those without a year" for number in (year, problems.year))
            raise CannotJudge(f"its questions are {its}, and {ours} are marked")
        submission = Submission(cells, problems.module(), SECONDS, CELL_SECONDS)
        verdicts = submission.judge()
        if not submission.defined:
            raise CannotJudge(f"it defines no function of {problems.name}: which set is this?")
    except CannotJudge as trouble:
        return {}, f"This notebook could not be judged: {trouble}.\n", str(trouble)
    except Exception as trouble:  # a fault of ours, or of the machine: no mark, and the other notebooks go on
        return {}, "This notebook could not be judged.\n", f"the judge failed: {type(trouble).__name__}: {trouble}"
    points = {
        q.name: sum(each.points for each in q.checks if not verdicts[each.name]) for q in asked_by_checks(problems)
    }
    happened = submission.story.lines()
    status = "judged" if not happened else f"judged; {len(happened)} remarks in its report"
    return points, report(problems, points, verdicts, happened, after_deadline), status


def report(problems: ProblemSet, points: dict, verdicts: dict, happened: list[str], after_deadline: bool) -> str:
    """What a student should read: what happened to the cells, and the checks that failed.

    Hidden checks are counted; after the deadline each says what it tried, and the usual cause.
    """
    lines = [f"{sum(points.values()):g} of {automatic_points(problems)} automatic points", ""]
    if happened:
        lines += ["## What happened when your notebook was run", "", *(f"- {line}" for line in happened), ""]
    for question in asked_by_checks(problems):
        full = question.points - question.by_hand
        lines += [f"## {question.title}: {points[question.name]:g} of {full}", ""]
        for each in question.checks:
            words = each.name.replace("_", " ")
            if not verdicts[each.name]:
                lines.append(f"- passed: {words}" if each.public or after_deadline else "- passed: a hidden test")
            elif each.public:
                lines.append(f"- failed: {words}: {verdicts[each.name]}")
            elif after_deadline:
                cause = f" The usual cause: {each.cause}." if each.cause else ""
                lines.append(f"- failed: {words}. It tries {each.tries}.{cause} Yours: {verdicts[each.name]}")
            else:
                lines.append("- failed: a hidden test")
        lines.append("")
    return "\n".join(lines)


def merge(path: Path, head: list[str], rows: dict[str, dict], ours: bool) -> None:
    """Add rows to a table.  In ours they replace what was there; in yours a cell that is filled in stays as it is."""
    known, columns = read_table(path)
    columns = ["notebook", *head, *(name for name in columns if name not in ("notebook", *head))]
    for key, row in rows.items():
        old = known.get(key, {})
        known[key] = row if ours else row | {name: cell for name, cell in old.items() if cell}
    write_table(path, columns, known)


def read_table(path: Path) -> tuple[dict[str, dict], list[str]]:
    """Notebook: its row, and the names of the columns, also of a table that a spreadsheet has saved."""
    if not path.exists():
        return {}, []
    text = path.read_bytes().decode("utf-8-sig")
    delimiter = (
        ";" if text.splitlines()[:1] and text.splitlines()[0].count(";") > text.splitlines()[0].count(",") else ","
    )
    table = csv.DictReader(text.splitlines(), delimiter=delimiter)
    if "notebook" not in (table.fieldnames or []):
        sys.exit(f"{path} has no column called notebook: it is left as it is, and nothing was written")
    return {row["notebook"]: {k: v or "" for k, v in row.items() if k} for row in table}, list(table.fieldnames)


def write_table(path: Path, columns: list[str], rows: dict[str, dict]) -> None:
    """Write beside the target, then rename: a failure leaves the old table."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    with open(draft, "w", newline="", encoding="utf8") as file:
        table = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        table.writeheader()
        table.writerows({"notebook": key} | row for key, row in sorted(rows.items()))
    os.replace(draft, path)


def together(folder: Path, head: list[str], hand: list[str]) -> None:
    """``grades.csv``: both tables side by side, with a total where every mark is there."""
    automatic, written = read_table(folder / "automatic.csv")[0], read_table(folder / "by-hand.csv")[0]
    rows = {}
    for key, row in automatic.items():
        row = row | {name: written.get(key, {}).get(name, "") for name in hand}
        cells = [row.get("automatic", ""), *(row[name] for name in hand)]
        with contextlib.suppress(ValueError):  # not all marks are there
            row["total"] = f"{sum(float(cell.replace(',', '.')) for cell in cells):g}"
        rows[key] = row
    write_table(folder / "grades.csv", ["notebook", *head, *hand, "total"], rows)


def marks_by_otter(otter: list[str], bundle: Path, notebook: Path) -> tuple[dict[str, float], str]:
    """Question: points, as the bundle gives them on Gradescope, and what students are shown there."""
    with tempfile.TemporaryDirectory() as folder:
        command = [*otter, "run", "--no-logo", "-a", bundle, "-o", folder, notebook]
        done = subprocess.run(command, capture_output=True, text=True)
        results = Path(folder, "results.json")
        if done.returncode or not results.exists():
            raise CannotJudge((done.stderr or done.stdout).strip()[-500:])
        tests = json.loads(results.read_text("utf8"))["tests"]
        shown = "\n".join(
            str(test.get("output", "")) for test in tests if test.get("visibility", "visible") == "visible"
        )
        return {test["name"]: test.get("score", 0) for test in tests}, shown
