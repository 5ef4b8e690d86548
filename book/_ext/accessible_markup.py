"""Repairs what the libraries of the build write into pages and screen readers stumble over."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx

REPAIRS = {
    'role="doc-biblioentry"': 'role="listitem"',  # the first is withdrawn from the standard
}


def repair(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    for wrong, right in REPAIRS.items() if "body" in context else ():
        context["body"] = context["body"].replace(wrong, right)


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", repair)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
