"""Repairs what the libraries of the build write into pages and screen readers stumble over."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

REPAIRS = {
    'role="doc-biblioentry"': 'role="listitem"',  # the first is withdrawn from the standard
}


def repair(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    for wrong, right in REPAIRS.items() if "body" in context else ():
        context["body"] = context["body"].replace(wrong, right)
    if "body" in context:
        context["body"] = once_each(context["body"])


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


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", repair)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
