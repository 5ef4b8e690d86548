"""What a reader wants to know of a chapter before starting it: how long it takes, and what it builds on.

Under the title of a chapter stand its reading times, counted, and its execution time, measured.  The directive
``{chapter-map}`` draws which chapter needs which, read from the paragraphs of the chapters that begin "You need".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from statistics import fmean

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from stableminima.book.claims import MIME_TYPE

WORDS_A_MINUTE = 180  # of mathematical prose
FORMULA_IN_WORDS = 4  # a formula in a sentence is read as so many words, a displayed one as three times as many
BOX_WIDTH, BOX_HEIGHT, GAP, STEP = 270, 46, 14, 84  # of the map, in its own units

# --- times -------------------------------------------------------------------------------------------------------


def words_of(part: nodes.Node) -> float:
    """How long it takes to read a part of a page without its code, in words: a formula stands for several."""
    words = 0.0
    for node in part.findall(nodes.Text):
        if not any(unread(parent) for parent in ancestors(node)):
            words += len(node.split()) if not isinstance(node.parent, nodes.math) else FORMULA_IN_WORDS
    return words + 3 * FORMULA_IN_WORDS * sum(1 for _ in part.findall(nodes.math_block))


def minutes_for(words: float) -> int:
    return math.ceil(words / WORDS_A_MINUTE)


def unread(node: nodes.Node) -> bool:
    """Code, raw markup, self-checks (whose replies nobody reads all); and a claim's second form for notebooks, which
    stands in the tree until a form is chosen."""
    if isinstance(node, nodes.FixedTextElement | nodes.raw) or "self-check" in node.get("classes", ()):
        return True
    form, bundle = node.get("mime_type"), node.parent
    return form not in (None, MIME_TYPE) and any(other.get("mime_type") == MIME_TYPE for other in bundle.children)


def may_be_skipped(node: nodes.Node) -> bool:
    """Proofs, and the exercises with their solutions: what a reader may leave for another day."""
    return is_exercises(node) or (type(node).__name__ == "proof_node" and not any(map(is_exercises, ancestors(node))))


def is_exercises(node: nodes.Node) -> bool:
    return isinstance(node, nodes.section) and node[0].astext() == "Exercises"


def ancestors(node: nodes.Node):
    while (node := node.parent) is not None:
        yield node


def facts_of(env: BuildEnvironment) -> dict[str, dict]:
    """For each page its reading times and the labels that its prerequisites name; kept between builds."""
    if not hasattr(env, "book_facts"):
        env.book_facts = {}
    return env.book_facts


def collect_facts(app: Sphinx, doctree: nodes.document) -> None:
    needs = [
        link["reftarget"]
        for paragraph in doctree.findall(nodes.paragraph)
        if paragraph.astext().startswith(("You need", "We need"))
        for link in paragraph.findall(pending_xref)
        if link["reftype"] in ("ref", "doc")
    ]
    words = words_of(doctree)
    short = words - sum(words_of(node) for node in doctree.findall(may_be_skipped))
    facts = {"minutes": minutes_for(words), "short": minutes_for(short), "needs": needs}
    facts_of(app.env)[app.env.docname] = facts


def forget_facts(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    facts_of(env).pop(docname, None)


def show_times(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Put reading and execution times of a chapter under its title."""
    if doctree is None or page not in app.env.nb_metadata or page == app.config.root_doc:
        return
    run, facts = app.env.nb_metadata[page].get("exec_data"), facts_of(app.env)[page]
    if run and run["runtime"]:
        times = f"{facts['minutes']} min to read · code runs in {run['runtime']:.0f} s"
        if facts["short"] < facts["minutes"]:
            times += f" · {facts['short']} min without proofs and exercises"
        context["body"] = context["body"].replace("</h1>", f'</h1>\n<p class="chapter-facts">{times}</p>', 1)


# --- the map -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chapter:
    """A chapter on the map: its page, number and title, and the pages that it needs."""

    page: str
    number: str
    title: str
    needs: tuple[str, ...]


class MapNode(nodes.General, nodes.Element):
    """Stands for the map until all chapters have been read."""


class ChapterMap(SphinxDirective):
    """``{chapter-map}``: which chapter needs which."""

    def run(self) -> list[nodes.Node]:
        return [MapNode()]


def chapters_on_map(app: Sphinx) -> list[Chapter]:
    """The numbered chapters in the order of the book, each with those of them that it needs.

    A further page of a chapter is not on the map; who needs it needs its chapter.
    """
    env, labels = app.env, app.env.get_domain("std").labels
    numbers = {page: sections[""] for page, sections in env.toc_secnumbers.items() if sections.get("")}
    chapters = {number[0]: page for page, number in numbers.items() if len(number) == 1}
    found = []
    for number, page in sorted(chapters.items()):
        pages = [labels[label][0] if label in labels else f"book/{label}" for label in facts_of(env)[page]["needs"]]
        needed = dict.fromkeys(numbers[p][0] for p in pages if p in numbers)
        needs = tuple(chapters[n] for n in needed if n < number)
        found.append(Chapter(page, str(number), env.titles[page].astext().split(":")[0], needs))
    return found


def without_detours(chapters: list[Chapter]) -> dict[str, tuple[str, ...]]:
    """The needs of each chapter that do not follow from its other needs: the arrows worth drawing."""
    reach: dict[str, set[str]] = {}
    for chapter in chapters:
        reach[chapter.page] = set(chapter.needs).union(*(reach[p] for p in chapter.needs))
    return {c.page: tuple(p for p in c.needs if not any(p in reach[q] for q in c.needs)) for c in chapters}


def draw_map(app: Sphinx, page: str) -> str:
    """The map as SVG: one row for each length of the longest way to a chapter; every box is a link."""
    chapters = chapters_on_map(app)
    arrows = without_detours(chapters)
    row: dict[str, int] = {}
    for chapter in chapters:
        row[chapter.page] = max((row[p] + 1 for p in arrows[chapter.page]), default=0)
    rows = [[c for c in chapters if row[c.page] == k] for k in range(max(row.values(), default=-1) + 1)]
    width = max((len(r) for r in rows), default=1) * (BOX_WIDTH + GAP)
    centre: dict[str, tuple[float, float]] = {}
    for k, in_row in enumerate(rows):
        in_row.sort(key=lambda c: fmean([centre[p][0] for p in arrows[c.page]] or [0.0]))  # few arrows cross
        for i, c in enumerate(in_row):
            x = width / 2 + (i - (len(in_row) - 1) / 2) * (BOX_WIDTH + GAP)
            centre[c.page] = (x, k * STEP + BOX_HEIGHT / 2 + 2)
    lines = "".join(arrow(centre[start], centre[end]) for end, starts in arrows.items() for start in starts)
    boxes = "".join(box(c, centre[c.page], app.builder.get_relative_uri(page, c.page)) for c in chapters)
    height = (len(rows) - 1) * STEP + BOX_HEIGHT + 4
    head = '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    return (
        f'<div class="chapter-map"><svg viewBox="0 0 {width} {height}" width="{width}" role="group" '
        f'aria-label="Map of the chapters: an arrow leads from a chapter to one that builds on it">'
        f'<defs>{head}<path d="M0 0 8 4 0 8z"/></marker></defs>{lines}{boxes}</svg></div>'
    )


def arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x, y), (u, v) = (start[0], start[1] + BOX_HEIGHT / 2), (end[0], end[1] - BOX_HEIGHT / 2 - 2)
    bend = (v - y) * 0.6
    curve = f"M{x:g} {y:g}C{x:g} {y + bend:g} {u:g} {v - bend:g} {u:g} {v:g}"
    return f'<path class="arrow" marker-end="url(#arrow)" d="{curve}"/>'


def box(chapter: Chapter, centre: tuple[float, float], address: str) -> str:
    x, y = centre[0] - BOX_WIDTH / 2, centre[1] - BOX_HEIGHT / 2
    name = f"{chapter.number}. {escape(chapter.title)}"
    return (
        f'<a href="{address}"><rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8"/>'
        f'<text x="{centre[0]:g}" y="{centre[1]:g}" text-anchor="middle" dominant-baseline="central">{name}</text></a>'
    )


def needs_in_words(app: Sphinx, page: str) -> nodes.bullet_list:
    """The same map as a list, for whoever does not see the drawing."""
    chapters = {chapter.page: chapter for chapter in chapters_on_map(app)}
    items = nodes.bullet_list()
    for chapter in chapters.values():
        names = [chapters[p].number for p in chapter.needs]
        needs = f"builds on {', '.join(names)}" if names else "needs no other"
        items += nodes.list_item("", nodes.paragraph(text=f"Chapter {chapter.number}, {chapter.title}, {needs}."))
    return items


def write_map(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for node in list(doctree.findall(MapNode)):
        words = needs_in_words(app, page)
        folded = '<details class="map-in-words"><summary>The same in words</summary>'
        drawing = nodes.raw("", draw_map(app, page) + folded, format="html")
        node.replace_self([drawing, words, nodes.raw("", "</details>", format="html")])


def redraw_maps(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The front page follows every change of a chapter's title or needs."""
    state = chapters_on_map(app)
    if getattr(env, "book_map", None) == state:
        return []
    env.book_map = state
    return [app.config.root_doc]


def setup(app: Sphinx) -> dict:
    app.add_node(MapNode)
    app.add_directive("chapter-map", ChapterMap)
    app.connect("doctree-read", collect_facts)
    app.connect("env-purge-doc", forget_facts)
    app.connect("env-updated", redraw_maps, priority=900)
    app.connect("doctree-resolved", write_map)
    app.connect("html-page-context", show_times, priority=600)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
