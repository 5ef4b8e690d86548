"""A path of at most twenty minutes through a page: its promise, a picture, a theorem, what we see, the summary.

``{twenty-minutes} fig-parabola lem-flat fig-edge`` under the title of a page names the figures, statements and sections
of its path by their labels.  The promise (the text before the prerequisites) and the section "Summary" are on every
path.  A figure or a statement brings the text that leads to it and the text that follows; a section its text, figures
and statements.  Never on the path: code, proofs, exercises.

The directive becomes a line of links, with the time, counted, and a button; _static/walk.js goes from stop to stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chapter_facts import facts_of, minutes_for, words_of
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LONGEST = 20  # minutes
TEXT = (nodes.paragraph, nodes.bullet_list, nodes.enumerated_list, nodes.definition_list, nodes.math_block)
BUTTON = """<button type="button" class="walk pst-js-only" data-walk="1">Walk from stop to stop</button>
<span class="walk-keys pst-js-only">or press <kbd>n</kbd> for the next, <kbd>p</kbd> for the one before</span>"""
log = logging.getLogger(__name__)


class PathNode(nodes.General, nodes.Element):
    """Stands for the line of links until the page has been read."""


class TwentyMinutes(SphinxDirective):
    """``{twenty-minutes} label …``: the stops between the promise and the summary."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        node = PathNode(stops=self.arguments[0].replace(",", " ").split())
        self.set_source_info(node)
        return [node]


def lay_paths(app: Sphinx, doctree: nodes.document) -> None:
    """Mark what is on the path of a page, count its time, and write the line of links."""
    for path in list(doctree.findall(PathNode)):
        page = path.parent
        stops = {"": promise(page)}
        for label in path["stops"]:
            stops[label] = members(doctree, label)
            if not stops[label]:
                log.warning("no figure, statement or section of this page is labelled %r", label, location=path)
        if (last := summary(page)) is None:
            log.warning("a page with a path needs a section called Summary", location=path)
        else:
            stops["summary"] = [last, *on_path(last.children)]
        laid = mark(doctree, stops)
        minutes = minutes_for(sum(words_of(node) for node in laid if not isinstance(node, nodes.section)))
        facts_of(app.env)[app.env.docname]["path"] = {"minutes": minutes, "stops": path["stops"]}
        if minutes > LONGEST:
            log.warning("the path takes %d minutes; name fewer stops", minutes, location=path)
        path.replace_self([line(path["stops"], page, last, minutes), nodes.raw("", BUTTON, format="html")])


# --- what is on a path -------------------------------------------------------------------------------------------


def promise(page: nodes.Element) -> list[nodes.Node]:
    """The text under the title of a page, up to what the reader needs to know."""
    found: list[nodes.Node] = []
    for node in page.children:
        if isinstance(node, nodes.section) or node.astext().startswith(("You need", "We need")):
            break
        if isinstance(node, TEXT):
            found.append(node)
    return found


def summary(page: nodes.Element) -> nodes.section | None:
    sections = (node for node in page.children if isinstance(node, nodes.section))
    return next((section for section in sections if section[0].astext() == "Summary"), None)


def members(doctree: nodes.document, label: str) -> list[nodes.Node]:
    """What a stop consists of, in the order of the page; empty if there is no such label."""
    block = element(doctree, label)
    if block is None or isinstance(block, nodes.section):
        return [block, *on_path(block.children)] if block is not None else []
    while not isinstance(block.parent, nodes.section):
        block = block.parent
    at = block.parent.index(block)
    before, after = block.parent.children[:at], block.parent.children[at + 1 :]
    while after and is_code(after[0]) and is_code(block):
        after = after[1:]  # between a figure and what we see in it
    return [*list(run_of_text(reversed(before)))[::-1], block, *run_of_text(after)]


def element(doctree: nodes.document, label: str) -> nodes.Element | None:
    """What carries a label on this page."""
    return next((node for node in doctree.findall(nodes.Element) if nodes.make_id(label) in node.get("ids", ())), None)


def on_path(children: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    """Of a section all but code, proofs and further sections."""
    for node in children:
        wanted = isinstance(node, (*TEXT, nodes.admonition)) or "proof" in getattr(node, "attributes", {}).get(
            "classes", ()
        )
        if wanted or (is_code(node) and any(node.findall(nodes.figure))):
            yield node


def is_code(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def run_of_text(siblings: Iterable[nodes.Node]) -> Iterator[nodes.Node]:
    for node in siblings:
        if isinstance(node, nodes.target | nodes.comment | nodes.Invisible):
            continue
        if not isinstance(node, TEXT):
            return
        yield node


def mark(doctree: nodes.document, stops: dict[str, list[nodes.Node]]) -> list[nodes.Node]:
    """Give classes to what is on the path and to where its stops begin; all of it, once, in the order of the page."""
    place = {id(node): k for k, node in enumerate(doctree.findall())}
    laid: dict[int, nodes.Node] = {}
    for found in sorted((found for found in stops.values() if found), key=lambda found: place[id(found[0])]):
        new = [node for node in found if id(node) not in laid]
        if new:
            new[0]["classes"].append("path-stop")
        for node in new:
            if not isinstance(node, nodes.section):
                node["classes"].append("on-path")
            laid[id(node)] = node
    return list(laid.values())


# --- the line of links -------------------------------------------------------------------------------------------


def line(labels: list[str], page: nodes.Element, last: nodes.section | None, minutes: int) -> nodes.paragraph:
    """“In 14 minutes: the promise · Fig. 1.1 · Lemma 1.1 · Summary.”"""
    links: list[nodes.Node] = [nodes.reference("", "the promise", refid=page["ids"][0], internal=True)]
    links += [link_to(page.document, label) for label in labels if element(page.document, label) is not None]
    if last is not None:
        links.append(nodes.reference("", "summary", refid=last["ids"][0], internal=True))
    text = nodes.paragraph("", "", nodes.strong(text=f"In {minutes} minutes: "), classes=["twenty-minutes"])
    for k, link in enumerate(links):
        text += [nodes.Text(" · "), link] if k else [link]
    return text


def link_to(document: nodes.document, label: str) -> nodes.Node:
    """A link to a stop: a section by its title, a figure or a statement by its number."""
    target = element(document, label)
    if isinstance(target, nodes.section):
        title = [node.deepcopy() for node in target[0].children]
        return nodes.reference("", "", *title, refid=target["ids"][0], internal=True)
    domain, kind = ("std", "numref") if isinstance(target, nodes.figure) else ("prf", "ref")
    link = pending_xref("", refdomain=domain, reftype=kind, reftarget=label, refexplicit=False, refwarn=True)
    link += nodes.inline("", label, classes=["xref", domain, f"{domain}-{kind}"])
    return link


def setup(app: Sphinx) -> dict:
    app.setup_extension("chapter_facts")
    app.add_node(PathNode)
    app.add_directive("twenty-minutes", TwentyMinutes)
    app.connect("doctree-read", lay_paths, priority=600)  # after chapter_facts has begun the page's facts
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
