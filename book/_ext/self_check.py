"""Five-minute self-checks: eight questions at the end of a chapter, with a reply to every answer.

``{self-check}`` stands for those of its page, ``_self-checks/PAGE.yml``.  A question is a choice or an order:

- ``id``, ``ask``, ``choices`` (each ``right`` or ``wrong``, with ``because`` and perhaps a ``value``), ``read``;
- ``id``, ``order``, ``lines`` in the right order (each ``say``, with ``because``: what it needs from before), ``read``.

Choices and lines are shown in an order of the text's own making.  Without scripts the answers stand after the
questions, each to be opened; ``_static/self-checks.js`` asks one question at a time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

FOLDER = Path(__file__).parents[1] / "_self-checks"
KEYS = {"choice": {"id", "ask", "choices", "read"}, "order": {"id", "order", "lines", "read"}}
LETTERS = "abcdefgh"


@dataclass(frozen=True)
class Answer:
    """A choice, or a line of a proof: what it says, and the reply to who takes it (puts it in the wrong place)."""

    say: str
    because: str
    right: bool = True
    value: float | None = None


@dataclass(frozen=True)
class Item:
    """A question; ``answers`` as written (lines in the right order), ``shown`` their order on the page."""

    id: str
    kind: str  # "choice" or "order"
    ask: str
    answers: tuple[Answer, ...]
    read: str  # where the matter stands: a reference

    @property
    def shown(self) -> tuple[int, ...]:
        """A fixed shuffle that gives nothing away."""
        marks = [hashlib.sha256(f"{self.id} {answer.say}".encode()).digest() for answer in self.answers]
        order = tuple(sorted(range(len(marks)), key=marks.__getitem__))
        solved = self.kind == "order" and order == tuple(range(len(order)))
        return order[::-1] if solved else order


def read_items(path: Path) -> list[Item]:
    """The questions of a page; refuses what is not written as the head of this module says."""
    entries = yaml.safe_load(path.read_text("utf8"))
    return [read_item(entry, f"{path.name}, question {k}") for k, entry in enumerate(entries, 1)]


def read_item(entry: dict, where: str) -> Item:
    kind = "order" if "order" in entry else "choice"
    if set(entry) != KEYS[kind]:
        raise ValueError(f"{where}: a question of the kind {kind} has {sorted(KEYS[kind])}, not {sorted(entry)}")
    if kind == "order":
        answers = tuple(Answer(line["say"], line["because"]) for line in entry["lines"])
    else:
        answers = tuple(
            Answer(each["right" if "right" in each else "wrong"], each["because"], "right" in each, each.get("value"))
            for each in entry["choices"]
        )
        if sum(answer.right for answer in answers) != 1:
            raise ValueError(f"{where}: one choice is right, not {sum(answer.right for answer in answers)}")
    return Item(entry["id"], kind, entry["ask" if kind == "choice" else "order"], answers, entry["read"])


# --- the page ----------------------------------------------------------------------------------------------------


class Element(nodes.General, nodes.TextElement):  # of text, for it may hold references
    """An element of HTML with the attributes in ``given``."""


def visit_element(translator, node: Element) -> None:
    translator.body.append(translator.starttag(node, node["name"], "", **node["given"]))


def depart_element(translator, node: Element) -> None:
    if node["name"] != "input":
        translator.body.append(f"</{node['name']}>\n")


def element(name: str, /, *content: nodes.Node, classes: str = "", **given: str) -> Element:
    node = Element("", "", *content, name=name, given={key.replace("_", "-"): value for key, value in given.items()})
    node["classes"] = classes.split()
    return node


class SelfCheck(SphinxDirective):
    """``{self-check}``: the questions of this page, and then their answers."""

    def run(self) -> list[nodes.Node]:
        path = FOLDER / f"{Path(self.env.docname).name}.yml"
        self.env.note_dependency(str(path))
        items = read_items(path)
        questions = [self.question(item, k) for k, item in enumerate(items, 1)]
        answers = [self.answers(item, k) for k, item in enumerate(items, 1)]
        return [element("div", *questions, element("div", *answers, classes="check-answers"), classes="self-check")]

    def text(self, markdown: str) -> list[nodes.Node]:
        return self.state.inline_text(markdown, self.lineno)[0]

    def question(self, item: Item, number: int) -> Element:
        lines = []
        for letter, k in zip(LETTERS, item.shown, strict=False):
            label = [element("span", nodes.Text(letter), classes="check-letter"), nodes.Text(" ")]
            say = element("span", *self.text(item.answers[k].say), classes="check-say")
            if item.kind == "choice":
                button = element("input", type="radio", name=f"check-{number}", value=letter)
                lines.append(element("label", button, *label, say))
            else:
                lines.append(element("li", *label, say, data_place=str(k + 1)))
        body = lines if item.kind == "choice" else [element("ol", *lines)]
        count = element("span", nodes.Text(f"{number}."), classes="check-number")
        legend = element("legend", count, nodes.Text(" "), *self.text(item.ask))
        return element("fieldset", legend, *body, classes=f"check check-{item.kind}", data_check=str(number))

    def answers(self, item: Item, number: int) -> Element:
        letters, replies = dict(zip(item.shown, LETTERS, strict=False)), []
        order = item.shown if item.kind == "choice" else range(len(item.answers))
        for k in order:
            answer = item.answers[k]
            start = {"choice": ("No. ", "Right. ")[answer.right], "order": ""}[item.kind]
            reply = [nodes.Text(start), *self.text(answer.because)]
            if not answer.right or item.kind == "order":
                reply += [nodes.Text(" "), element("span", nodes.Text("Read "), *self.text(item.read), nodes.Text("."))]
            letter = element("b", nodes.Text(letters[k]), classes="check-letter")
            right = "check-right" if item.kind == "choice" and answer.right else ""
            say = element("span", *reply, classes="check-reply")
            replies.append(element("li", letter, nodes.Text(" "), say, classes=right))
        summary = element("summary", nodes.Text(f"Answer {number}"))
        return element("details", summary, element("ul", *replies), data_answers=str(number))


def add_script(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """The script, on the pages that have questions."""
    if doctree is not None and any("self-check" in node["classes"] for node in doctree.findall(Element)):
        app.add_js_file("self-checks.js")


def setup(app: Sphinx) -> dict:
    app.add_node(Element, html=(visit_element, depart_element))
    app.add_directive("self-check", SelfCheck)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
