"""Repairs what the libraries of the build write into pages and readers, or their screen readers, stumble over."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

REPAIRS = {
    'role="doc-biblioentry"': 'role="listitem"',  # the first is withdrawn from the standard
}


# The title of a solution opens it; a link in it, to the exercise just above, would be hit instead.
SOLUTION = re.compile(r'(<p class="admonition-title">Solution to)<a class="reference internal" href="[^"]*">(.*?)</a>')
DOCUMENT = re.compile(r'(?<=<span class="doc">)([\w/-]+)(?=</span>)')  # in the table of execution times


def repair(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    for wrong, right in REPAIRS.items() if "body" in context else ():
        context["body"] = context["body"].replace(wrong, right)
    if "body" in context:
        body = SOLUTION.sub(r"\1\2", context["body"])
        context["body"] = once_each(DOCUMENT.sub(lambda found: title_of(app, found[1]), body))


def title_of(app: Sphinx, document: str) -> str:
    """A page's number and title; what is no page stays as it is."""
    if document not in app.env.titles:
        return document
    number = ".".join(map(str, app.env.toc_secnumbers.get(document, {}).get("", ())))
    return escape(f"{number}. {app.env.titles[document].astext()}".removeprefix(". "))


def once_each(body: str) -> str:
    """The markup with every id once: all proofs of a page are called the same, and so are their contents.

    >>> once_each('<p id="a">1</p><p id="b">2</p><p class="c" id="a">3</p>')
    '<p id="a">1</p><p id="b">2</p><p class="c">3</p>'
    """
    seen: set[str] = set()

    def first(tag: re.Match) -> str:
        repeated = tag[2] in seen
        seen.add(tag[2])
        return tag[1] + tag[3] if repeated else tag[0]

    return re.sub(r'(<[a-z][^<>]*?) id="([^"]*)"([^<>]*>)', first, body)


def name_toggles(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """In the side bar, the arrow that opens the further pages of a chapter says so."""
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = with_names(context["generate_toctree_html"])


def with_names(contents: Callable) -> Callable:
    """The theme's function, each ``summary`` of whose lists gets a name: theirs have only a picture."""

    def named(*arguments: Any, **options: Any) -> Any:
        found = contents(*arguments, **options)
        if hasattr(found, "find_all"):
            for toggle in found.find_all("summary"):
                toggle["aria-label"] = f"Further pages: {toggle.find_parent('li').a.get_text().strip()}"
            return found
        return str(found).replace("<summary>", '<summary aria-label="Further pages of this chapter">')

    return named


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", repair)
    app.connect("html-page-context", name_toggles, priority=900)  # after the theme has put its function there
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
