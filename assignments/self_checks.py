"""The chapters' self-checks for learning platforms, made by ``make assignments``: QTI 1.2 and Moodle XML.

``self-checks-qti.zip`` holds a quiz a chapter, in the form in which Canvas takes QTI 1.2: its question types in the
metadata, formulas as TeX between ``\\(`` and ``\\)``.  An order is a matching question, line to place, for there is no
ordering in QTI 1.2 that platforms agree on.  Moodle does not read QTI without a plugin: ``self-checks-moodle.xml`` is
the same for it.
"""

from __future__ import annotations

import re
import sys
import zipfile
from functools import cache
from html import escape
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from self_check import FOLDER, Item, read_items  # noqa: E402

QTI = {
    "xmlns": "http://www.imsglobal.org/xsd/ims_qtiasiv1p2",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": "http://www.imsglobal.org/xsd/ims_qtiasiv1p2 http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd",
}
PACKAGE = {"xmlns": "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1", "identifier": "stable-minima-self-checks"}
CANVAS = {"xmlns": "http://canvas.instructure.com/xsd/cccv1p0"}
META = "associatedcontent/imscc_xmlv1p1/learning-application-resource"  # what Canvas calls the sheet beside a quiz
ROLE = re.compile(r"\{(prf:ref|numref|ref|eq|doc)\}`(?:([^`<]+?) *<)?([^`>]+)>?`")
STATED = re.compile(r"^`{3,}\{prf:(\w+)\} (.+)\n:label: (\S+)", re.MULTILINE)
SECTION = re.compile(r"^\(([\w-]+)\)=\n#+ (.+)", re.MULTILINE)


# --- texts -------------------------------------------------------------------------------------------------------


@cache
def names() -> dict[str, str]:
    """What a label of the book is called where there are no numbers: the lemma “A stable minimum is flat”."""
    found = {}
    for page in sorted((ROOT / "book").glob("*.md")):
        text = page.read_text("utf8")
        found |= {label: f"the {kind} “{title}”" for kind, title, label in STATED.findall(text)}
        found |= {label: f"the section “{title}”" for label, title in SECTION.findall(text)}
    return found


def plain(role: re.Match) -> str:
    kind, text, label = role.groups()
    return text or {"numref": f"the figure {label}", "eq": f"the formula {label}"}.get(kind) or names()[label]


@cache
def writer() -> MarkdownIt:
    markdown = MarkdownIt().use(dollarmath_plugin)
    markdown.add_render_rule(
        "math_inline", lambda self, tokens, k, *_: rf"\({escape(tokens[k].content, quote=False)}\)"
    )
    return markdown


def html(text: str) -> str:
    r"""
    >>> html("*At most* $a<b$, by {eq}`eq-kernel`.")
    '<em>At most</em> \\(a&lt;b\\), by the formula eq-kernel.'
    """
    return writer().renderInline(ROLE.sub(plain, text))


def reply(item: Item, k: int) -> str:
    """What is said to who takes the choice ``k``, or puts the line ``k`` in a wrong place."""
    answer = item.answers[k]
    pointer = "" if item.kind == "choice" and answer.right else f" Read {item.read}."
    return html(answer.because + pointer)


def title_of(chapter: str) -> str:
    return re.search(r"^# (.+)$", (ROOT / "book" / f"{chapter}.md").read_text("utf8"), re.MULTILINE)[1]


# --- QTI 1.2 -----------------------------------------------------------------------------------------------------


def put(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, tag, attributes)
    child.text = text
    return child


def material(parent: Element, text: str) -> None:
    put(put(parent, "material"), "mattext", text, texttype="text/html")


def metadata(parent: Element, **fields: str) -> None:
    all_of_them = put(parent, "qtimetadata")
    for name, entry in fields.items():
        field = put(all_of_them, "qtimetadatafield")
        put(field, "fieldlabel", name)
        put(field, "fieldentry", entry)


def condition(parent: Element, response: str, answer: str, *, not_: bool = False, go_on: bool = True) -> Element:
    found = put(parent, "respcondition", **{"continue": "Yes" if go_on else "No"})
    variables = put(found, "conditionvar")
    put(put(variables, "not") if not_ else variables, "varequal", answer, respident=response)
    return found


def assessment(chapter: str, items: list[Item]) -> Element:
    """A quiz: the questions of a chapter, each with its scores and replies."""
    root = Element("questestinterop", QTI)
    quiz = put(root, "assessment", ident=chapter, title=f"Self-check: {title_of(chapter)}")
    metadata(quiz, cc_maxattempts="unlimited")
    section = put(quiz, "section", ident="root_section")
    for number, item in enumerate(items, 1):
        entry = put(section, "item", ident=f"{chapter}-{item.id}", title=f"Question {number}")
        kind = {"choice": "multiple_choice_question", "order": "matching_question"}[item.kind]
        metadata(put(entry, "itemmetadata"), question_type=kind, points_possible="1.0")
        presentation = put(entry, "presentation")
        material(presentation, html(item.ask))
        processing = put(entry, "resprocessing")
        put(put(processing, "outcomes"), "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
        (add_choices if item.kind == "choice" else add_lines)(item, presentation, processing)
        for k in range(len(item.answers)):
            material(put(put(entry, "itemfeedback", ident=f"answer{k}_fb"), "flow_mat"), reply(item, k))
    return root


def add_choices(item: Item, presentation: Element, processing: Element) -> None:
    choices = put(put(presentation, "response_lid", ident="response1", rcardinality="Single"), "render_choice")
    for k in item.shown:
        material(put(choices, "response_label", ident=f"answer{k}"), html(item.answers[k].say))
        put(condition(processing, "response1", f"answer{k}"), "displayfeedback",
            feedbacktype="Response", linkrefid=f"answer{k}_fb")  # fmt: skip
    right = next(k for k, answer in enumerate(item.answers) if answer.right)
    put(
        condition(processing, "response1", f"answer{right}", go_on=False),
        "setvar",
        "100",
        action="Set",
        varname="SCORE",
    )


def add_lines(item: Item, presentation: Element, processing: Element) -> None:
    places, share = range(len(item.answers)), f"{100 / len(item.answers):.4f}"
    for k in item.shown:
        line = put(presentation, "response_lid", ident=f"response_line{k}")
        material(line, html(item.answers[k].say))
        choices = put(line, "render_choice")
        for place in places:
            material(put(choices, "response_label", ident=f"place{place}"), str(place + 1))
        put(condition(processing, line.get("ident"), f"place{k}"), "setvar", share, action="Add", varname="SCORE")
        put(condition(processing, line.get("ident"), f"place{k}", not_=True), "displayfeedback",
            feedbacktype="Response", linkrefid=f"answer{k}_fb")  # fmt: skip


def canvas_sheet(chapter: str, items: list[Item]) -> Element:
    """What Canvas wants to know beside the questions: a practice quiz, to be tried as often as one likes."""
    sheet = Element("quiz", CANVAS | {"identifier": chapter})
    fields = {"title": f"Self-check: {title_of(chapter)}", "description": "Five minutes; nothing is marked.",
              "quiz_type": "practice_quiz", "shuffle_answers": "false", "show_correct_answers": "true",
              "allowed_attempts": "-1", "points_possible": f"{len(items)}.0"}  # fmt: skip
    for name, text in fields.items():
        put(sheet, name, text)
    return sheet


def manifest(chapters: list[str]) -> Element:
    root = Element("manifest", PACKAGE)
    described = put(root, "metadata")
    put(described, "schema", "IMS Content")
    put(described, "schemaversion", "1.1.3")
    put(root, "organizations")
    resources = put(root, "resources")
    for chapter in chapters:
        quiz, sheet = f"{chapter}/{chapter}.xml", f"{chapter}/assessment_meta.xml"
        resource = put(resources, "resource", identifier=chapter, type="imsqti_xmlv1p2")
        put(resource, "file", href=quiz)
        put(resource, "dependency", identifierref=f"{chapter}-meta")
        put(put(resources, "resource", identifier=f"{chapter}-meta", type=META, href=sheet), "file", href=sheet)
    return root


# --- Moodle ------------------------------------------------------------------------------------------------------


def rich(parent: Element, tag: str, text: str, **attributes: str) -> Element:
    child = put(parent, tag, format="html", **attributes)
    put(child, "text", text)
    return child


def moodle(chapters: dict[str, list[Item]]) -> Element:
    """All questions, in a category a chapter."""
    root = Element("quiz")
    for chapter, items in chapters.items():
        category = put(put(root, "question", type="category"), "category")
        put(category, "text", f"$course$/Stable Minima/{chapter}")
        for number, item in enumerate(items, 1):
            kind = {"choice": "multichoice", "order": "matching"}[item.kind]
            question = put(root, "question", type=kind)
            put(put(question, "name"), "text", f"{chapter}, question {number}")
            rich(question, "questiontext", html(item.ask))
            put(question, "defaultgrade", "1")
            put(question, "shuffleanswers", "0" if item.kind == "choice" else "1")
            if item.kind == "choice":
                put(question, "single", "true")
                for k in item.shown:
                    answer = item.answers[k]
                    said = rich(question, "answer", html(answer.say), fraction="100" if answer.right else "0")
                    rich(said, "feedback", reply(item, k))
            else:
                order = "".join(f"<li>{reply(item, k)}</li>" for k in range(len(item.answers)))
                rich(question, "incorrectfeedback", f"<ol>{order}</ol>")
                for k in item.shown:
                    put(put(rich(question, "subquestion", html(item.answers[k].say)), "answer"), "text", str(k + 1))
    return root


# --- the files ---------------------------------------------------------------------------------------------------


def write(folder: Path) -> None:
    """Write ``self-checks-qti.zip`` and ``self-checks-moodle.xml``; the same questions give the same bytes."""
    chapters = {path.stem: read_items(path) for path in sorted(FOLDER.glob("*.yml"))}
    files = {"imsmanifest.xml": manifest(list(chapters))}
    for chapter, items in chapters.items():
        files[f"{chapter}/{chapter}.xml"] = assessment(chapter, items)
        files[f"{chapter}/assessment_meta.xml"] = canvas_sheet(chapter, items)
    with zipfile.ZipFile(folder / "self-checks-qti.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, root in files.items():
            archive.writestr(zipfile.ZipInfo(name), xml(root), zipfile.ZIP_DEFLATED)
    (folder / "self-checks-moodle.xml").write_bytes(xml(moodle(chapters)))


def xml(root: Element) -> bytes:
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
