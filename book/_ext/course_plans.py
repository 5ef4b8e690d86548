"""The plans of the course (assignments/plans.yml) as tables, and the times that they ask for.

``{plan} twelve`` is the table of a plan: a row a lecture, with its sections, the minutes to read them, the sets and the
load of each week; a week above the plan's limit is a warning.  ``{plan-questions}`` says for each question of the sets
which sections it needs and after which lecture of each plan it can be asked, ``{syllabus}`` what one can do after the
course, where it is taught and which questions ask for it.  ``{lecture} 5`` is the line under the title of a lecture.
Reading is counted as the pages count it (chapter_facts), proofs included, exercises not.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from chapter_facts import minutes_for, words_of
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

A_WEEK = 2  # lectures
log = logging.getLogger(__name__)

# --- plans and questions -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lecture:
    """One meeting: its number and week, and the sections that it teaches, as PAGE#SECTION."""

    number: int
    title: str
    sections: tuple[str, ...]
    slides: tuple[int, ...]

    @property
    def week(self) -> int:
        return (self.number + A_WEEK - 1) // A_WEEK


@dataclass(frozen=True)
class Handout:
    """A set, or some of its questions, handed out in one week and due at the end of another."""

    name: str
    out: int
    due: int
    questions: tuple[str, ...] | None = None  # all


@dataclass(frozen=True)
class Plan:
    title: str
    minutes: int  # a week, at most
    lectures: tuple[Lecture, ...]
    handouts: tuple[Handout, ...]
    projects: tuple[str, ...]  # pages that no lecture teaches


@dataclass(frozen=True)
class Question:
    """A question of a set, or what may be asked instead of it, under its name, and the sections that it needs."""

    set: str
    name: str
    title: str
    minutes: int
    needs: tuple[str, ...]


def read_file(root: Path) -> dict:
    """What assignments/plans.yml says; nothing in the students' edition, which has no instructors' pages."""
    path = root / "assignments" / "plans.yml"
    return yaml.safe_load(path.read_text("utf8")) if path.exists() else {}


def read_plans(root: Path) -> dict[str, Plan]:
    """The plans of a source tree."""
    return {key: plan_of(given) for key, given in read_file(root).items() if key != "outcomes"}


def read_outcomes(root: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    """For each thing that a set says one can do after it: the set, the words, and the questions that ask for it."""
    found = []
    for name, groups in read_file(root)["outcomes"].items():
        head = (root / "assignments" / name / f"{name}.md").read_text("utf8").split("**After this set you can**")[1]
        says = re.findall(r"^- (.+?)[;.]$", head.split("**How it works.**")[0], re.MULTILINE)
        found += [(name, words, tuple(questions)) for words, questions in zip(says, groups, strict=True)]
    return found


def plan_of(given: dict) -> Plan:
    lectures = tuple(
        Lecture(
            number,
            lecture["title"],
            tuple(f"{page}#{section}" for page, sections in lecture["teaches"].items() for section in sections),
            tuple(lecture.get("slides", [number])),
        )
        for number, lecture in enumerate(given["lectures"], start=1)
    )
    handouts = tuple(
        Handout(each["set"], each["out"], each["due"], tuple(each["questions"]) if "questions" in each else None)
        for each in given["sets"]
    )
    return Plan(given["title"], given["minutes"], lectures, handouts, tuple(given["projects"]))


HEAD = re.compile(r"^\+\+\+ (\{.*\})\n\s*## (.+)$", re.MULTILINE)


def read_questions(root: Path) -> list[Question]:
    """All questions of the sets, in order; an alternative that names no needs has those of what it stands for."""
    found: list[Question] = []
    for path in sorted((root / "assignments").glob("*/*.md")):
        for cell, title in HEAD.findall(path.read_text("utf8")):
            says = json.loads(cell)
            if name := says.get("instead_of", says.get("question")):
                first = next((q for q in found if (q.set, q.name) == (path.stem, name)), None)
                needs = says.get("needs", first and first.needs)
                if needs is None:
                    raise ValueError(f"{path.stem}, {name}: say which sections it needs, as 'needs': ['PAGE#SECTION']")
                if first is None or tuple(needs) != first.needs:
                    found.append(Question(path.stem, name, title, says["minutes"], tuple(needs)))
    return found


def asked(handout: Handout, questions: Iterable[Question]) -> list[Question]:
    """The questions of a handout."""
    wanted = handout.questions
    return [q for q in questions if q.set == handout.name and (wanted is None or q.name in wanted)]


def load(plan: Plan, questions: list[Question], reading: dict[int, int]) -> dict[int, float]:
    """Minutes a week: ``reading`` of each lecture, by its number, and the sets, evenly after they are out."""
    last = max([plan.lectures[-1].week, *(handout.due for handout in plan.handouts)])
    minutes = dict.fromkeys(range(1, last + 1), 0.0)
    for lecture in plan.lectures:
        minutes[lecture.week] += reading[lecture.number]
    for handout in plan.handouts:
        share = sum({q.name: q.minutes for q in asked(handout, questions)}.values()) / (handout.due - handout.out)
        for week in range(handout.out + 1, handout.due + 1):
            minutes[week] += share
    return minutes


# --- the sections of the pages -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """A section of a page: the names that its address may have, those it stands in, and its words."""

    names: tuple[str, ...]
    inside: tuple[str, ...]
    title: str
    words: float


def collect_sections(app: Sphinx, doctree: nodes.document) -> None:
    """Remember the sections of a page; kept between builds."""
    found = []
    for section in doctree.findall(nodes.section):
        above, parent = [], section.parent
        while isinstance(parent, nodes.section):
            above += parent["ids"]
            parent = parent.parent
        found.append(Section(tuple(section["ids"]), tuple(above), section[0].astext(), words_of(section)))
    sections_of(app.env)[app.env.docname] = found


def forget_sections(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    sections_of(env).pop(page, None)


def sections_of(env: BuildEnvironment) -> dict[str, list[Section]]:
    if not hasattr(env, "book_sections"):
        env.book_sections = {}
    return env.book_sections


def find(env: BuildEnvironment, address: str) -> Section | None:
    """The section with an address PAGE#SECTION."""
    page, _, name = address.partition("#")
    return next((s for s in sections_of(env).get(f"book/{page}", []) if name in s.names), None)


def place(env: BuildEnvironment, address: str) -> tuple[str, int]:
    """Where a section stands in the book."""
    page, _, name = address.partition("#")
    here = sections_of(env).get(f"book/{page}", [])
    return page, next((k for k, section in enumerate(here) if name in section.names), 0)


def after(env: BuildEnvironment, plan: Plan, needs: Iterable[str]) -> int | None:
    """The number of the lecture after which all that is needed has been taught; none if some of it never is."""
    last = 0
    for need in needs:
        section = find(env, need)
        page = need.partition("#")[0]
        names = {f"{page}#{name}" for name in (*section.names, *section.inside)} if section else set()
        first = next((lecture.number for lecture in plan.lectures if names & set(lecture.sections)), None)
        if first is None:
            return None
        last = max(last, first)
    return last


def reading(env: BuildEnvironment, lecture: Lecture) -> int:
    """Minutes to read what a lecture teaches."""
    return minutes_for(sum(section.words for a in lecture.sections if (section := find(env, a))))


# --- directives --------------------------------------------------------------------------------------------------


class ToCome(nodes.General, nodes.Element):
    """Stands for a table or a line until all pages have been read."""


class FromPlan(SphinxDirective):
    """``{plan} NAME``, ``{plan-questions}``, ``{syllabus}`` and ``{lecture} NUMBER``."""

    optional_arguments = 1

    def run(self) -> list[nodes.Node]:
        node = ToCome(kind=self.name, argument=self.arguments[0] if self.arguments else "")
        self.set_source_info(node)
        for path in sorted(Path(self.env.srcdir, "assignments").glob("*/*.md")):
            self.env.note_dependency(str(path))
        self.env.note_dependency(str(Path(self.env.srcdir, "assignments", "plans.yml")))
        return [node]


def write(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for node in list(doctree.findall(ToCome)):
        root = Path(app.srcdir)
        plans, questions = read_plans(root), read_questions(root)
        if node["kind"] == "plan":
            new = plan_table(app.env, plans[node["argument"]], questions, node)
        elif node["kind"] == "plan-questions":
            new = question_table(app.env, plans, questions, node)
        elif node["kind"] == "syllabus":
            new = outcome_table(app.env, root, questions, node)
        else:
            new = lecture_line(app.env, plans["twelve"].lectures[int(node["argument"]) - 1], node)
        node.replace_self(new)


def plan_table(env: BuildEnvironment, plan: Plan, questions: list[Question], where: nodes.Node) -> nodes.table:
    minutes = {lecture.number: reading(env, lecture) for lecture in plan.lectures}
    loads, rows = load(plan, questions, minutes), []
    for week, asks in loads.items():
        if asks > plan.minutes:
            log.warning(
                "%s: week %d asks for %d minutes, over %d", plan.title, week, asks, plan.minutes, location=where
            )
        lectures = [lecture for lecture in plan.lectures if lecture.week == week]
        for k, lecture in enumerate(lectures or [None]):
            rows.append([
                [str(week)] if k == 0 else [],
                name_of(lecture, plan) if lecture else ["(after the last lecture)"],
                numbers(env, lecture.sections, where) if lecture else [],
                [str(minutes[lecture.number])] if lecture else [],
                sets_of(plan, week) if k == len(lectures) - 1 or not lectures else [],
                [in_hours(asks)] if k == 0 else [],
            ])  # fmt: skip
    return table(["week", "lecture", "sections", "min", "sets, at the end of the week", "asks for"], rows, {0, 3, 5})


def name_of(lecture: Lecture, plan: Plan) -> list:
    """The title of a lecture with a way to its outline, where it has one, and to its slides."""
    own = lecture.slides == (lecture.number,)
    title = nodes.reference("", lecture.title, refuri=f"lectures.html#{anchor(lecture.number)}", internal=True)
    parts: list = [f"{lecture.number}. ", title if own else lecture.title, " (slides"]
    for number in lecture.slides:
        parts += [" ", nodes.reference("", str(number), refuri=deck(number), internal=True)]
    return [*parts, ")"]


def anchor(number: int) -> str:
    return f"lecture-{number}"


def deck(number: int) -> str:
    """Where the slides of a lecture are, from a page of the book."""
    return f"../slides/{number:02d}.html"


def sets_of(plan: Plan, week: int) -> list:
    parts = []
    for handout in plan.handouts:
        some = f" ({', '.join(q.replace('_', ' ') for q in handout.questions)})" if handout.questions else ""
        parts += [f"{handout.name} out{some}"] * (handout.out == week) + [f"{handout.name} due"] * (handout.due == week)
    return ["; ".join(parts)]


def question_table(env: BuildEnvironment, plans: dict[str, Plan], questions: list[Question], where: nodes.Node):
    rows = []
    for question in questions:
        row = [[question.set], [question.title], numbers(env, question.needs, where)]
        for plan in plans.values():
            can, due = after(env, plan, question.needs), due_week(plan, question)
            row.append([f"{can}; due in week {due}" if due else str(can) if can else "–"])
        rows.append(row)
    heads = [f"{plan.title.lower()}: after lecture" for plan in plans.values()]
    return table(["set", "question", "needs", *heads], rows, set())


def outcome_table(env: BuildEnvironment, root: Path, questions: list[Question], where: nodes.Node) -> nodes.table:
    rows = []
    for name, says, asked_for in read_outcomes(root):
        of_set = [question for question in questions if question.set == name]
        names = list(dict.fromkeys(question.name for question in of_set))
        asks = [question for question in of_set if question.name in asked_for]
        needs = sorted({need for question in asks for need in question.needs}, key=lambda need: place(env, need))
        places = ", ".join(str(names.index(question) + 1) for question in asked_for)
        rows.append([[says], numbers(env, needs, where), [f"{name}: {places}"]])
    return table(["after the course you can", "sections", "questions"], rows, set())


def due_week(plan: Plan, question: Question) -> int | None:
    """The week in which a question is due; none if the plan does not ask it."""
    return next((handout.due for handout in plan.handouts if asked(handout, [question])), None)


def lecture_line(env: BuildEnvironment, lecture: Lecture, where: nodes.Node) -> nodes.paragraph:
    """“Week 3 · teaches 2.1, 2.2 (22 min to read) · slides”."""
    line = nodes.paragraph(classes=["lecture-line"])
    slides = nodes.reference("", "slides", refuri=deck(lecture.number), internal=True)
    parts = [f"Week {lecture.week} · ", *numbers(env, lecture.sections, where)]
    for part in [*parts, f" · {reading(env, lecture)} min to read · ", slides]:
        line += nodes.Text(part) if isinstance(part, str) else part
    return line


def numbers(env: BuildEnvironment, addresses: Iterable[str], where: nodes.Node) -> list:
    """The numbers of sections, each a link."""
    parts: list = []
    for address in addresses:
        page, _, name = address.partition("#")
        section = find(env, address)
        if section is None:
            log.warning("no section has the address %r", address, location=where)
            continue
        known = env.toc_secnumbers.get(f"book/{page}", {})
        number = next((known[f"#{n}"] for n in section.names if f"#{n}" in known), ())
        label = ".".join(map(str, number)) or section.title
        link = nodes.reference("", label, refuri=f"{page}.html#{name}", internal=True, reftitle=section.title)
        parts += [", ", link] if parts else [link]
    return parts


def in_hours(minutes: float) -> str:
    hours, rest = divmod(5 * math.ceil(minutes / 5), 60)
    return f"{hours}\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}{rest:02d}"


def table(heads: list[str], rows: list[list[list]], right: set[int]) -> nodes.table:
    """A table of cells, each a list of words and links."""
    whole, group = nodes.table(), nodes.tgroup(cols=len(heads))
    group += [nodes.colspec(colwidth=1) for _ in heads]

    def row_of(cells: list[list]) -> nodes.row:
        row = nodes.row()
        for k, cell in enumerate(cells):
            text = nodes.paragraph()
            text += [nodes.Text(part) if isinstance(part, str) else part for part in cell]
            row += nodes.entry("", text, classes=["text-right"] if k in right else [])
        return row

    group += nodes.thead("", row_of([[head] for head in heads]))
    group += nodes.tbody("", *(row_of(cells) for cells in rows))
    whole += group
    return whole


def setup(app: Sphinx) -> dict:
    app.add_node(ToCome)
    for name in ("plan", "plan-questions", "lecture", "syllabus"):
        app.add_directive(name, FromPlan)
    app.connect("doctree-read", collect_sections)
    app.connect("env-purge-doc", forget_sections)
    app.connect("doctree-resolved", write)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
