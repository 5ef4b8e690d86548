"""The marking room (``python make.py marking SET FOLDER``): one page to mark by hand in, and what students get back.

The page holds every submission, question by question beside the question, its rubric and the model answer; it is one
file because a browser keeps the marks of each page that is opened from disk apart.  Marks are kept in the browser at
each tick, and in files ``marks-….json``.  Once such files lie in the folder, the same command fills in the marks by
hand and writes feedback and tables (:mod:`marking_back`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path

from build import YOUR_TURN, edition, write
from marking import automatic_points, column, expanded, grade, key_of, read_table, the_year
from marking_back import digest, give_back, hand_column, read_marks, style_of, title_of
from marking_text import Formulas, Text, code, left_out, output
from sets import ProblemSet, Question, read_set, set_names
from variants import year_among

from stableminima.book.grading import CannotJudge
from stableminima.book.grading_notebook import notebook_cells

HERE = Path(__file__).resolve().parent
PAGE = "marking-room.html"
MOST = 50  # outputs of a cell that are shown

# --- rubrics ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rubric:
    """The lines of a rubric, each with its points, and what is said beside them."""

    lines: tuple[tuple[int, str], ...]
    remark: str = ""

    @property
    def points(self) -> int:
        return sum(points for points, _ in self.lines)


LINE = re.compile(r"(?:^|(?<=[.;)] ))(\d+) points?( each for| for each of| for)?:? ")


def parse_rubric(text: str) -> Rubric:
    """Lines such as ``1 point: the recursion.`` and ``1 point each for (a) and (b), …``, which is a line for each."""
    text = re.sub(r"\s+", " ", text.replace("**Rubric.**", "")).strip()
    starts, lines, remarks = list(LINE.finditer(text)), [], []
    for start, end in zip(starts, [*(m.start() for m in starts[1:]), len(text)], strict=True):
        points, words = int(start[1]), text[start.end() : end].strip().rstrip(";")
        if start[2] and "each" in start[2]:
            parts = re.match(r"((?:\(\w\)|, |and | )+)[.,;]?\s*(.*)", words)
            lines += [(points, part) for part in re.findall(r"\(\w\)", parts[1])]
            remarks += [parts[2]] if parts[2] else []
        else:
            words, *rest = re.split(r"(?<=\.) (?=No point)", words, maxsplit=1)
            lines.append((points, words.rstrip(".")))
            remarks += rest
    return Rubric(tuple(lines), " ".join(remark[0].upper() + remark[1:] for remark in remarks))


@dataclass(frozen=True)
class Sheet:
    """What lies beside the answers to a question: its text, the model answer (Markdown and code), and the rubric."""

    question: Question
    asked: tuple[str, ...]
    model: tuple[tuple[str, str], ...]
    rubric: Rubric


def sheets_of(problems: ProblemSet) -> list[Sheet]:
    """A sheet for each question; refuses rubrics that do not add up to the points by hand."""
    known, parts, name = {q.name: q for q in problems.questions}, {}, None
    for cell in problems.notebook.cells:
        name = cell.metadata.get("question", name)
        if name:
            parts.setdefault(name, []).append(cell)
    return [_sheet(problems.name, known[name], cells) for name, cells in parts.items()]


def _sheet(set_name: str, question: Question, cells: list) -> Sheet:
    asked, model, rubric = [], [], Rubric(())
    for cell in cells:
        solution = "solution" in cell.metadata.get("tags", [])
        if cell.cell_type == "markdown" and solution:
            text, _, lines = cell.source.partition("**Rubric.**")
            rubric = parse_rubric(lines) if lines else rubric
            text = text.replace("**Model answer.**", "").strip()
            model += [("markdown", text)] if text else []
        elif cell.cell_type == "markdown":
            asked.append(re.sub(r"^## .+\n", "", cell.source, flags=re.MULTILINE))
        elif solution or "answer" in cell.metadata.get("tags", []):
            model.append(("code", re.sub(r"^ *# (BEGIN|END) SOLUTION\n?", "", cell.source, flags=re.MULTILINE)))
    if rubric.points != question.by_hand:
        raise ValueError(
            f"{set_name}, {question.name}: the lines of its rubric add up to {rubric.points} points, "
            f"and {question.by_hand} are marked by hand; a line is written '1 point: what earns it.'"
        )
    return Sheet(question, tuple(asked), tuple(model), rubric)


# --- a submission -------------------------------------------------------------------------------------------------


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


class Given:
    """The cells that students are handed: what a submission shows is what differs from them."""

    def __init__(self, problems: ProblemSet) -> None:
        self.places: dict[str, str | None] = {}
        self.functions: dict[str, str] = {}
        self.titles = {squeezed(q.title).lower(): q.name for q in problems.questions}
        self.numbers = {str(k): q.name for k, q in enumerate(problems.questions, 1)}
        self.stubs, self.texts, name = set(), {}, None
        for cell in edition(problems, student=True).cells:
            name = self.place(cell.source) or name
            if squeezed(cell.source) != squeezed(YOUR_TURN):
                self.places.setdefault(squeezed(cell.source), name)
                self.texts[squeezed(cell.source)] = cell.source
            if "answer" in cell.metadata.get("tags", []) and cell.cell_type == "code":
                self.stubs.add(squeezed(cell.source))
                self.functions |= dict.fromkeys(re.findall(r"^def (\w+)", cell.source, re.MULTILINE), name)

    def place(self, source: str) -> str | None:
        """The question that a text announces, by the number or the title in its heading."""
        for heading in re.findall(r"^#{1,6}\s+(.+)$", source, re.MULTILINE):
            for title, name in self.titles.items():
                if title in squeezed(heading).lower():
                    return name
            if match := re.match(r"Question (\d+)\b", heading):
                return self.numbers.get(match[1])
        return None

    def own(self, source: str) -> str:
        """What a student has added to a given text, or the whole if it is another one."""
        for text in self.texts.values():
            if len(text) > 60 and text.strip() in source:
                return source.replace(text.strip(), "", 1).strip()
        return source


def answers_of(notebook: Path, given: Given, text: Text) -> dict[str | None, str]:
    """Question (or None, for what belongs to none): the HTML of what the student wrote, ran and saw."""
    shown: dict[str | None, list[str]] = {}
    pictures, name = attachments(notebook), None
    for number, cell in enumerate(notebook_cells(notebook)):
        source, key = cell["source"], squeezed(cell["source"])
        called = [given.functions[f] for f in re.findall(r"^def (\w+)", source, re.MULTILINE) if f in given.functions]
        if cell["kind"] == "code":
            name = called[0] if called else given.places.get(key, name)
        else:
            name = given.places.get(key) or given.place(source) or name
        if cell["kind"] == "code":
            html = _code_cell(cell, "stub" if key in given.stubs else "given" if key in given.places else "own", text)
        elif key == squeezed(YOUR_TURN):
            html = "<p class='gone'>The place for the answer is as it was.</p>"
        elif key in given.places:
            html = ""
        else:
            html = f"<div class='written'>{text.html(given.own(source), pictures.get(number))}</div>"
        if html:
            shown.setdefault(name, []).append(html)
    return {place: "\n".join(parts) for place, parts in shown.items()}


def _code_cell(cell: dict, whose: str, text: Text) -> str:
    if "otter_ignore" in cell["tags"]:
        return ""
    several = cell["outputs"] if isinstance(cell["outputs"], list) else []
    outputs = "\n".join(filter(None, (output(one, text) for one in several[:MOST]))) + left_out(
        len(several) - MOST, "outputs"
    )
    if whose == "given":
        return outputs
    if whose == "stub":
        return "<p class='gone'>The function is as it was.</p>" + outputs
    if not cell["source"].strip():
        return outputs
    return folded(cell["source"]) + outputs


def folded(source: str) -> str:
    """Code behind a line that says how much there is."""
    lines = source.strip().count("\n") + 1
    return f"<details class='code'><summary>code, {lines} line{'s' * (lines > 1)}</summary>{code(source)}</details>"


def attachments(notebook: Path) -> dict[int, dict]:
    """Number of a cell: the pictures that were pasted into it."""
    try:
        document = json.loads(notebook.read_bytes().decode("utf-8-sig"))
        cells = [cell for cell in document.get("cells", []) if isinstance(cell, dict)]
    except (UnicodeDecodeError, ValueError, AttributeError):
        return {}
    found = {k: cell.get("attachments") for k, cell in enumerate(cells)}
    return {k: each for k, each in found.items() if isinstance(each, dict)}


# --- the page -----------------------------------------------------------------------------------------------------


def room(problems: ProblemSet, notebooks: list[Path], marks: dict) -> str:
    """The page: all submissions, the sheets, and the marks that are known, with nothing from anywhere else."""
    folder, formulas = notebooks[0].resolve().parent, Formulas()
    text, given, sheets = Text(formulas), Given(problems), sheets_of(problems)
    parts = [_sheet_html(sheet, text) for sheet in sheets]
    automatic, written = read_table(folder / "automatic.csv")[0], read_table(folder / "by-hand.csv")[0]
    submissions = []
    for notebook in notebooks:
        key = key_of(notebook, folder)
        try:
            answers, trouble = answers_of(notebook, given, text), ""
        except (CannotJudge, OSError) as why:
            answers, trouble = {}, f"The notebook cannot be shown: {why}"
        formulas.fresh()
        report = folder / "reports" / f"{key.replace('/', '--')}.md"
        told = sections_of(report.read_text("utf8"), problems) if report.exists() else {}
        parts.append(_submission_html(key, answers, {n: text.html(t) for n, t in told.items()}, trouble))
        row = automatic.get(key, {})
        points = {q.name: row[column(q)] for q in problems.questions if row.get(column(q))}
        hand = {q.name: written.get(key, {}).get(hand_column(q), "") for q in problems.questions if q.by_hand}
        submissions.append(
            {"key": key, "of": digest(notebook), "automatic": points, "sum": row.get("automatic", ""),
             "status": row.get("status", ""), "byHand": {name: cell for name, cell in hand.items() if cell}}
        )  # fmt: skip
    questions = [
        {"name": s.question.name, "title": s.question.title, "byHand": s.question.by_hand,
         "checks": s.question.points - s.question.by_hand, "lines": [points for points, _ in s.rubric.lines]}
        for s in sheets
    ]  # fmt: skip
    identity = hashlib.sha256(f"{problems.name} {folder}".encode()).hexdigest()[:12]
    data = {"set": problems.name, "title": title_of(problems), "room": identity, "checks": automatic_points(problems)}
    data |= {"questions": questions, "submissions": submissions, "marks": marks}
    body = "\n".join(parts)
    style = style_of(body, formulas)
    formulas.stop()
    return assembled((HERE / "marking_room.html").read_text("utf8"), f"Marking {problems.name}", style, body, data)


def assembled(template: str, title: str, style: str, body: str, data: dict) -> str:
    """A page of its own, whose policy lets one script run, ours, and nothing be fetched."""
    script = (HERE / "marking_room.js").read_text("utf8")
    own = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    filled = {"TITLE": escape(title), "POLICY": f"script-src 'sha256-{own}'", "STYLE": style, "BODY": body,
              "DATA": json.dumps(data, ensure_ascii=False).replace("<", r"\u003c"), "SCRIPT": script}  # fmt: skip
    return re.sub(r"\{\{(\w+)\}\}", lambda match: filled[match[1]], template)


def _sheet_html(sheet: Sheet, text: Text) -> str:
    lines = "".join(f"<li>{inline(words, text)}</li>" for _, words in sheet.rubric.lines)
    model = "\n".join(text.html(words) if kind == "markdown" else folded(words) for kind, words in sheet.model)
    remark = f"<p class='remark'>{inline(sheet.rubric.remark, text)}</p>" if sheet.rubric.remark else ""
    return (
        f"<template data-sheet='{sheet.question.name}'><ol class='rubric'>{lines}</ol>{remark}"
        f"<div class='model'>{model}</div><div class='asked'>{text.html(chr(10).join(sheet.asked))}</div></template>"
    )


def _submission_html(key: str, answers: dict, told: dict, trouble: str) -> str:
    parts = [f"<div data-answer='{name or ''}'>{html}</div>" for name, html in answers.items()]
    parts += [f"<div data-told='{name or ''}'>{html}</div>" for name, html in told.items()]
    parts += [f"<p data-trouble>{escape(trouble)}</p>"] if trouble else []
    return f"<template data-submission='{escape(key, quote=True)}'>{''.join(parts)}</template>"


def inline(source: str, text: Text) -> str:
    return re.sub(r"^<p>|</p>$", "", text.html(source).strip())


def sections_of(report: str, problems: ProblemSet) -> dict[str | None, str]:
    """Question: what the report of the automatic marks says of it; None: what happened to the notebook."""
    found: dict[str | None, str] = {}
    for part in re.split(r"^## ", report, flags=re.MULTILINE)[1:]:
        title, _, rest = part.partition("\n")
        name = next((q.name for q in problems.questions if title.startswith(f"{q.title}: ")), None)
        found[name] = found.get(name, "") + rest.strip() + "\n"
    if len(found) == 0 and "could not be judged" in report:
        found[None] = report.partition("\n")[2].strip()
    return found


# --- the command --------------------------------------------------------------------------------------------------


def to_judge(problems: ProblemSet, notebooks: list[Path], after_deadline: bool) -> list[Path]:
    """The notebooks without automatic marks, changed since, or whose report says too much or too little."""
    folder, found = notebooks[0].resolve().parent, []
    rows = read_table(folder / "automatic.csv")[0]
    hidden = any(not each.public for question in problems.questions for each in question.checks)
    for notebook in notebooks:
        key = key_of(notebook, folder)
        report = folder / "reports" / f"{key.replace('/', '--')}.md"
        if key not in rows or not report.exists() or report.stat().st_mtime < notebook.stat().st_mtime:
            found.append(notebook)
        elif rows[key].get("automatic") and hidden:
            found += [notebook] * (("a hidden test" in report.read_text("utf8")) == after_deadline)
    return found


def main(*request: str) -> int:
    """``marking SET FOLDER [--year YEAR] [--after-deadline]``; 1 if a notebook is not judged or marks disagree."""
    year, rest = year_among(list(request))
    options, words = [w for w in rest if w.startswith("--")], [w for w in rest if not w.startswith("--")]
    if len(words) < 2 or options not in ([], ["--after-deadline"]):
        sys.exit("which set, and which folder?  python make.py marking SET FOLDER [--year YEAR] [--after-deadline]")
    name, after_deadline = words[0], bool(options)
    if name not in set_names():
        sys.exit(f"no set is called {name}; there are {', '.join(set_names())}")
    notebooks = expanded(words[1:])
    if missing := [notebook for notebook in notebooks if not notebook.is_file()]:
        sys.exit(f"there is no notebook {missing[0]}")
    problems = read_set(name, the_year(notebooks) if year is None else year)
    folder, sheets = notebooks[0].resolve().parent, sheets_of(problems)
    marks = read_marks(folder, problems, {s.question.name: [p for p, _ in s.rubric.lines] for s in sheets})
    status = 0
    if new := to_judge(problems, notebooks, after_deadline):
        status = grade(name, [str(notebook) for notebook in new], after_deadline, problems.year or 0)
    write(folder / PAGE, room(problems, notebooks, marks))
    print(f"open {folder / PAGE} in a browser to mark; save your marks beside it and call this again")
    return max(status, give_back(problems, sheets, notebooks, marks, sections_of))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
