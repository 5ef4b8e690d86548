"""What comes out of the marking room: marks by hand merged, feedback for each student, tables for learning platforms.

A file of marks holds, for each submission and question, an entry for each marker: ``points`` (one number a line of the
rubric, or null), a ``comment``, the time ``at`` which it was made and the digest of the notebook that it is ``of``.  To
merge files is to take of each marker the latest entry: nobody's marks are ever replaced by somebody else's.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

from build import write
from marking import asked_by_checks, automatic_points, column, key_of, merge, read_table, together, write_table
from marking_text import Formulas, Text
from sets import ProblemSet, Question

HERE = Path(__file__).resolve().parent
KIND = "marks by hand"
Marks = dict[str, dict[str, dict[str, dict]]]  # submission, question, marker: entry


def title_of(problems: ProblemSet) -> str:
    return problems.notebook.cells[0].source.split("\n")[0].removeprefix("# ")


def hand_column(question: Question) -> str:
    return f"{question.name} by hand (of {question.by_hand})"


# --- files of marks -----------------------------------------------------------------------------------------------


def read_marks(folder: Path, problems: ProblemSet, lines: dict[str, list[int]]) -> Marks:
    """The marks of all files ``marks….json`` of a folder, merged; a file that is none ends the command.

    ``lines`` are the points of the lines of each question's rubric.
    """
    marks: Marks = {}
    for path in sorted(folder.glob("marks*.json")):
        try:
            document = json.loads(path.read_text("utf-8-sig"))
            if document["kind"] != KIND:
                raise ValueError(f"its kind is {document['kind']!r}")
            entries = checked(document["marks"], lines)
        except (ValueError, KeyError, TypeError, AttributeError) as trouble:
            sys.exit(f"{path} is no file of marks ({trouble}): move it away, or save it again; nothing was written")
        if document.get("set") != problems.name:
            sys.exit(f"{path} holds marks of {document.get('set')}, and this is {problems.name}: move it away")
        marks = united(marks, entries)
    return marks


def checked(marks: dict, lines: dict[str, list[int]]) -> Marks:
    """The marks of a file, if each has the form of one; points of a rubric that has changed since count as none."""
    for questions in marks.values():
        for name, markers in questions.items():
            for entry in markers.values():
                points, full = entry["points"], lines.get(name, [])
                if not isinstance(entry["at"], str) or not isinstance(entry.get("comment", ""), str):
                    raise ValueError(f"a mark of {name} has no time, or a comment that is no text")
                fits = points and len(points) == len(full)
                if not fits or not all(isinstance(p, int) and 0 <= p <= f for p, f in zip(points, full, strict=True)):
                    entry["points"] = None
    return marks


def united(first: Marks, second: Marks) -> Marks:
    """Both, and of entries of one marker the later."""
    result = {key: {name: dict(each) for name, each in questions.items()} for key, questions in first.items()}
    for key, questions in second.items():
        for name, markers in questions.items():
            mine = result.setdefault(key, {}).setdefault(name, {})
            for marker, entry in markers.items():
                if marker not in mine or mine[marker]["at"] < entry["at"]:
                    mine[marker] = entry
    return result


def agreed(markers: dict[str, dict]) -> tuple[list[int] | None, str, str]:
    """Points a line on which all who marked agree (or None), their comments, and how they disagree."""
    marked = {marker: entry for marker, entry in markers.items() if entry["points"] is not None}
    notes = {marker: entry.get("comment", "").strip() for marker, entry in sorted(markers.items())}
    comments = "\n\n".join(dict.fromkeys(note for note in notes.values() if note))
    different = {tuple(entry["points"]) for entry in marked.values()}
    if len(different) > 1:
        given = {marker: "+".join(map(str, entry["points"])) for marker, entry in sorted(marked.items())}
        return None, comments, ", ".join(f"{marker} gives {points}" for marker, points in given.items())
    return (list(different.pop()) if different else None), comments, ""


# --- everything that is given back --------------------------------------------------------------------------------


def give_back(problems: ProblemSet, sheets: list, notebooks: list[Path], marks: Marks, sections: Callable) -> int:
    """Fill in the marks by hand, write grades, feedback and tables; 1 if marks disagree, which changes no mark."""
    folder = notebooks[0].resolve().parent
    keys = [key_of(notebook, folder) for notebook in notebooks]
    conflicts = fill_in(folder, problems, keys, marks)
    hand = [q for q in problems.questions if q.by_hand]
    together(folder, ["status", *map(column, asked_by_checks(problems)), "automatic"], [hand_column(q) for q in hand])
    grades = read_table(folder / "grades.csv")[0]
    formulas = Formulas()
    for key in keys:
        page = feedback(folder, problems, sheets, key, grades.get(key, {}), marks.get(key, {}), sections, formulas)
        write(folder / "reports" / f"{key.replace('/', '--')}.html", page)
    formulas.stop()
    done = sum(bool(grades.get(key, {}).get(hand_column(q))) for key in keys for q in hand)
    print(f"marked by hand: {done} of {len(keys) * len(hand)} answers; feedback in {folder / 'reports'}")
    write_tables(folder, problems, keys, grades, marks)
    gone = [f"{key}, which was marked, is not in {folder}" for key in sorted(set(marks) - set(keys))]
    for line in [*conflicts, *changed_since(folder, keys, marks), *gone]:
        print(f"look at this: {line}")
    return int(bool(conflicts))


def fill_in(folder: Path, problems: ProblemSet, keys: list[str], marks: Marks) -> list[str]:
    """Write agreed marks into the empty cells of ``by-hand.csv``; the disagreements, in words."""
    hand = [q for q in problems.questions if q.by_hand]
    merge(folder / "by-hand.csv", [hand_column(q) for q in hand], {key: {} for key in keys}, ours=False)
    table, columns = read_table(folder / "by-hand.csv")
    conflicts = []
    for key in keys:
        for question in hand:
            points, _, different = agreed(marks.get(key, {}).get(question.name, {}))
            cell, where = table[key].get(hand_column(question), "").strip(), f"{key}, {question.name}"
            if different:
                conflicts.append(f"{where}: {different}; by-hand.csv is left as it is")
            elif points is not None and not cell:
                table[key][hand_column(question)] = str(sum(points))
            elif points is not None and number(cell) != sum(points):
                conflicts.append(
                    f"{where}: by-hand.csv says {cell}, the room {sum(points)}; the cell is left as it is (empty it, "
                    "and call this again, to take the mark of the room)"
                )
    write_table(folder / "by-hand.csv", columns, table)
    return conflicts


def digest(notebook: Path) -> str:
    return hashlib.sha256(notebook.read_bytes()).hexdigest()[:12]


def changed_since(folder: Path, keys: list[str], marks: Marks) -> list[str]:
    """The submissions that have changed since they were marked, in words."""
    seen = {
        key: {
            entry.get("of") for markers in marks.get(key, {}).values() for entry in markers.values() if entry["points"]
        }
        for key in keys
    }
    return [f"{key} has changed since it was marked" for key in keys if seen[key] - {digest(folder / key), None, ""}]


def number(cell: str) -> float | None:
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        return None


# --- feedback -----------------------------------------------------------------------------------------------------


def feedback(folder: Path, problems: ProblemSet, sheets: list, key: str, row: dict, marks: dict, sections: Callable,
             formulas: Formulas) -> str:  # fmt: skip
    """The page that a student reads: the report of the automatic marks, the rubric as ticked, comments, the sum."""
    text = Text(formulas)
    report = folder / "reports" / f"{key.replace('/', '--')}.md"
    told = sections(report.read_text("utf8"), problems) if report.exists() else {}
    total, possible = row.get("total", ""), problems.points
    parts = [f"<h1>{escape(title_of(problems))}</h1><p class='who'>{escape(key)}</p>"]
    head = f"<b>{total}</b> of {possible} points" if total else f"not all of the {possible} points are marked yet"
    parts.append(f"<p class='total'>{head}</p>")
    if told.get(None):
        parts.append(f"<section><h2>Your notebook</h2>{text.html(told[None])}</section>")
    for number_of, sheet in enumerate(sheets, 1):
        parts.append(_feedback_on(number_of, sheet, row, marks.get(sheet.question.name, {}), told, text))
    body = "\n".join(parts)
    style = style_of(body, formulas)
    policy = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(problems.name)}: {escape(key)}</title><style>{style}</style></head>"
        f'<body class="feedback"><main>{body}</main></body></html>\n'
    )


def style_of(body: str, formulas: Formulas) -> str:
    """The style sheet of a page, with the letters of the book and of its formulas inside."""
    faces = []
    for weight in (400, 600):
        font = HERE.parent / "book" / "_static" / "fonts" / f"source-serif-4-latin-{weight}-normal.woff2"
        data = base64.b64encode(font.read_bytes()).decode()
        source = f'url("data:font/woff2;base64,{data}")'
        faces.append(f'@font-face{{font-family:"Source Serif 4";font-weight:{weight};src:{source}}}')
    return "\n".join([*faces, formulas.style(body), (HERE / "marking_room.css").read_text("utf8")])


def _feedback_on(place: int, sheet, row: dict, markers: dict, told: dict, text: Text) -> str:
    question = sheet.question
    parts, scores = [], []
    if question.checks and row.get(column(question)):
        scores.append(f"tests {row[column(question)]} of {question.points - question.by_hand}")
    if question.by_hand:
        cell = row.get(hand_column(question), "")
        scores.append(f"by hand {cell or '–'} of {question.by_hand}")
        points, comments, _ = agreed(markers)
        if points is not None and number(cell) == sum(points):
            for given, (full, words) in zip(points, sheet.rubric.lines, strict=True):
                kind = "full" if given == full else "part" if given else "none"
                html = text.html(words).strip().removeprefix("<p>").removesuffix("</p>")
                parts.append(f"<li class='{kind}'><b>{given} of {full}</b> <span>{html}</span></li>")
            parts = [f"<ul class='ticked'>{''.join(parts)}</ul>"]
        parts += [f"<blockquote>{text.html(comments)}</blockquote>"] if comments else []
    if told.get(question.name):
        parts.append(f"<div class='tests'>{text.html(told[question.name])}</div>")
    title = escape(f"{place}. {question.title}")
    return f"<section><h2>{title}</h2><p class='scores'>{' · '.join(scores)}</p>{''.join(parts)}</section>"


# --- tables for learning platforms --------------------------------------------------------------------------------

STUDENTS = ("notebook", "name", "id", "login", "email", "canvas id", "section")  # the columns of students.csv


def write_tables(folder: Path, problems: ProblemSet, keys: list[str], grades: dict, marks: Marks) -> None:
    """``tables/canvas.csv``, ``moodle.csv`` and ``gradescope.csv``: a row for each student whose marks are all there.

    A student without a total has no row: an empty cell, imported, would erase a mark.
    """
    students = read_students(folder, keys)
    rows = [(each, grades[each["notebook"]]) for each in students if grades.get(each["notebook"], {}).get("total")]
    (folder / "tables").mkdir(exist_ok=True)
    for name, table in {"canvas": canvas, "moodle": moodle, "gradescope": gradescope}.items():
        draft = folder / "tables" / f".{name}.{os.getpid()}.draft"
        with open(draft, "w", newline="", encoding="utf8") as file:
            csv.writer(file).writerows([[harmless(cell) for cell in row] for row in table(problems, rows, marks)])
        os.replace(draft, folder / "tables" / f"{name}.csv")
    left = f", {len(students) - len(rows)} wait for marks" if len(rows) < len(students) else ""
    print(f"tables for Canvas, Moodle and Gradescope in {folder / 'tables'}: {len(rows)} students{left}")


def read_students(folder: Path, keys: list[str]) -> list[dict]:
    """The rows of ``students.csv``; without that file a row a notebook, without ids.  Groups share a notebook."""
    path = folder / "students.csv"
    if not path.exists():
        print(f"there is no {path}: the tables have no ids (columns: {', '.join(STUDENTS)})")
        return [dict.fromkeys(STUDENTS, "") | {"notebook": key, "name": Path(key).stem} for key in keys]
    text = path.read_bytes().decode("utf-8-sig")
    delimiter = ";" if text.split("\n", 1)[0].count(";") > text.split("\n", 1)[0].count(",") else ","
    table = [
        {str(name).strip().lower(): (cell or "").strip() for name, cell in row.items() if isinstance(cell, str | None)}
        for row in csv.DictReader(text.splitlines(), delimiter=delimiter)
    ]
    if table and "notebook" not in table[0]:
        sys.exit(
            f"{path} has no column called notebook; its columns are {', '.join(STUDENTS)}, all but the first optional"
        )
    students = [dict.fromkeys(STUDENTS, "") | row for row in table]
    for row in students:
        if row["notebook"] not in keys and f"{row['notebook']}.ipynb" in keys:
            row["notebook"] += ".ipynb"
    for key in sorted({row["notebook"] for row in students} - set(keys)):
        print(f"look at this: students.csv names {key or 'no notebook'}, which is not in {folder}")
    for key in sorted(set(keys) - {row["notebook"] for row in students}):
        print(f"look at this: no student in students.csv has handed in {key}: it is in no table")
    return students


def canvas(problems: ProblemSet, rows: list, marks: Marks) -> list[list]:
    """What Canvas's *Import Grades* reads.

    Read for this: ``lib/gradebook_importer.rb`` of canvas-lms.  The first columns are Student, ID, SIS User ID, SIS
    Login ID and Section, in that order; each further one is an assignment, by its title (a new one is offered if there
    is none) or ``title (id)``.  A row whose first cell contains *Points Possible* states the points.  A student is
    found by ID (of Canvas), else by SIS User ID, else by SIS Login ID, else by the name as Canvas has it.
    """
    head = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", problems.name]
    points = ["    Points Possible", "", "", "", "", problems.points]
    return [
        head,
        points,
        *([s["name"], s["canvas id"], s["id"], s["login"], s["section"], row["total"]] for s, row in rows),
    ]


def moodle(problems: ProblemSet, rows: list, marks: Marks) -> list[list]:
    """What Moodle's *Grade import, CSV file* reads.

    Read for this: *Grade import* of docs.moodle.org (2.7 to 4.5).  The columns have any names; on the page of the
    import one maps *Email address* or *ID number* to the user, and the mark and its feedback to the grade item.
    Feedback that is mapped without a mark erases marks, so both are here.  Addresses are compared with their case.
    """
    head = ["Username", "ID number", "Email address", "Full name", problems.name, f"{problems.name} feedback"]
    return [
        head,
        *([s["login"], s["id"], s["email"], s["name"], row["total"], in_words(problems, s["notebook"], row, marks)]
          for s, row in rows),
    ]  # fmt: skip


def in_words(problems: ProblemSet, key: str, row: dict, marks: Marks) -> str:
    """Marks and comments of a student in a line."""
    said = [f"Tests: {row.get('automatic')} of {automatic_points(problems)}."]
    for place, question in enumerate(problems.questions, 1):
        if question.by_hand:
            comment = agreed(marks.get(key, {}).get(question.name, {}))[1]
            mark = f"Question {place}, by hand: {row.get(hand_column(question))} of {question.by_hand}."
            said.append(f"{mark} {' '.join(comment.split())}".strip())
    return " ".join(said)


def gradescope(problems: ProblemSet, rows: list, marks: Marks) -> list[list]:
    """The columns in which Gradescope itself hands out scores, one a question, so that tools for its tables read this.

    Read for this: the guides *Adding Students and Staff* and *Grading Online Assignments* of Gradescope, and tables
    that it has exported, as the public tests of other programs hold them (First Name, Last Name, SID, Email, Total
    Score, Max Points, Status, questions as ``1: title (5.0 pts)``).  We found no documented import of scores: the
    roster reads the first four columns, and the scores are entered beside this table.
    """
    questions = [f"{k}: {q.title} ({q.points:.1f} pts)" for k, q in enumerate(problems.questions, 1)]
    table = [["First Name", "Last Name", "SID", "Email", "Total Score", "Max Points", "Status", *questions]]
    for s, row in rows:
        first, _, last = s["name"].rpartition(" ")
        if "," in s["name"]:
            last, _, first = s["name"].partition(",")
        scores = [
            sum(number(row.get(name, "")) or 0.0 for name in (column(q), hand_column(q))) for q in problems.questions
        ]
        person = [first.strip(), last.strip(), s["id"], s["email"]]
        table.append([*person, row["total"], f"{problems.points:.1f}", "Graded", *(f"{score:g}" for score in scores)])
    return table


def harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in tuple("=+-@\t") and number(cell) is None else cell
