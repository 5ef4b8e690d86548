"""Docstrings point into the book: ``Book: chapter 3, "Three slacks, and a gauge".`` becomes links to both.

A chapter or a section that does not exist is a warning, and so an error of the build: what is renamed in a chapter has
to be renamed in the library.  A role that names a function by the module where it is defined finds it on the page of
its package; what is not public stays as it is written, without a link.
"""

import re
from collections.abc import Iterator
from importlib import import_module

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

LOG = logging.getLogger(__name__)
PLACE = re.compile(r'(?P<chapters>chapters? \d[\d, andto]*\d?)|(?P<page>appendix|the page)|"(?P<title>[^"]+)"')


class Pointer(nodes.Inline, nodes.TextElement):
    """A place in the book, found when all pages have been read."""


def pointed(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Turn the places after ``Book:`` into the role ``book``; a paragraph ends them."""
    text = "\n".join(lines)
    lines[:] = re.sub(r"(?<=Book: )(?:[^\n]|\n(?=[^\n]))+", lambda found: "".join(_roles(found[0])), text).split("\n")


def _roles(text: str) -> Iterator[str]:
    """The text with its chapters and quoted titles as roles; a title belongs to the chapter before it."""
    end, chapter = 0, ""
    for found in PLACE.finditer(" ".join(text.split())):
        text = found.string
        yield text[end : found.start()]
        end = found.end()
        if found["chapters"]:
            numbers = re.findall(r"\d", found["chapters"])
            chapter = numbers[-1]
            yield re.sub(r"(?:chapter )?\d", lambda n: f":book:`{n[0]} <{n[0][-1]}>`", found["chapters"])
        elif found["page"]:
            chapter = ""
            yield found["page"]
        else:
            yield f":book:`{found['title']} <{chapter}#{found['title']}>`"
    yield text[end:]


def role(
    name: str, rawtext: str, text: str, lineno: int, inliner: object, options: object = None, content: object = None
):
    """``:book:`shown <chapter#title>```: the link is made in :func:`resolve`."""
    shown, target = re.fullmatch(r"(.*) <([^<]*)>", text, re.DOTALL).groups()
    return [Pointer(rawtext, shown, target=target)], []


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace every pointer by a link to the chapter or to the section of that title."""
    for pointer in list(doctree.findall(Pointer)):
        chapter, _, title = pointer["target"].partition("#")
        found = next(_places(app, chapter, title), None)
        if found is None:
            LOG.warning("the docstrings point to %r, which the book does not have", pointer["target"], location=docname)
            pointer.replace_self(nodes.inline("", pointer.astext()))
            continue
        page, anchor = found
        uri = app.builder.get_relative_uri(docname, page) + anchor
        pointer.replace_self(nodes.reference("", "", nodes.Text(pointer.astext()), refuri=uri, internal=True))


def _places(app: Sphinx, chapter: str, title: str) -> Iterator[tuple[str, str]]:
    """(page, anchor) of what fits: pages by the number in their file's name, sections and pages by their title."""
    includes = app.env.toctree_includes  # a page that hangs under a chapter comes after it
    nested = {page for parent in includes if re.match(r"book/\d", parent) for page in includes[parent]}
    for page in sorted(app.env.found_docs, key=lambda page: (page in nested, page)):
        if chapter and not page.startswith(f"book/{int(chapter):02}-"):
            continue
        if not title:
            yield page, ""
        for entry in app.env.tocs[page].findall(nodes.reference):
            if _plain(entry.astext()) == _plain(title):
                yield page, entry["anchorname"]


def _plain(title: str) -> str:
    """A title without markup: formulas lose their commands, so that n×n is n\\times n."""
    return re.sub(r"\\[a-z]+|[^a-z0-9]", "", title.lower())


def defined_elsewhere(app: Sphinx, env: object, node: nodes.Element, text: nodes.TextElement) -> nodes.Node | None:
    """Link ``stableminima.stability.curvature.hessian_sharpness`` to ``stableminima.stability.hessian_sharpness``."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not target.startswith("stableminima."):
        return None
    place, short = _defined(target)
    if place is None:
        return None  # and Sphinx warns: there is no such thing
    shown = [name for name in env.domaindata["py"]["objects"] if _same(name, place) and name.endswith(short)]
    if not shown:
        return text
    entry = env.domaindata["py"]["objects"][shown[0]]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, text, shown[0])


def _defined(target: str) -> tuple[object, str]:
    """The object of that dotted name and its name without the modules; ``None`` if there is none."""
    parts = target.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            place = import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            place = getattr(place, part, None)
        return place, "." + ".".join(parts[cut:] or parts[-1:])
    return None, ""


def _same(name: str, place: object) -> bool:
    return name.startswith("stableminima.") and _defined(name)[0] is place


def setup(app: Sphinx) -> dict:
    """Called by Sphinx."""
    app.add_node(Pointer)
    app.add_role("book", role)
    app.connect("autodoc-process-docstring", pointed, priority=400)  # before napoleon turns sections into fields
    app.connect("doctree-resolved", resolve)
    app.connect("missing-reference", defined_elsewhere)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
