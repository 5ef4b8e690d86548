"""Lets the search find theorems, definitions and exercises by name, as it finds functions of the library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains import Domain, ObjType
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_subtitle
from sphinx_proof.directive import DEFAULT_REALTYP_TO_COUNTERTYP

KINDS = (*DEFAULT_REALTYP_TO_COUNTERTYP, "exercise")


class StatementDomain(Domain):
    """The numbered statements of the book: ``data`` holds, for each page, kind, title and anchor of each."""

    name = "statement"
    label = "Statements"
    object_types: ClassVar = {kind: ObjType(kind, "ref") for kind in KINDS}
    initial_data: ClassVar = {"pages": {}}
    data_version = 1

    def clear_doc(self, docname: str) -> None:
        self.data["pages"].pop(docname, None)

    def merge_domaindata(self, docnames: list[str], otherdata: dict) -> None:
        self.data["pages"] |= {d: found for d, found in otherdata["pages"].items() if d in docnames}

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        for docname, statements in self.data["pages"].items():
            numbers = self.env.toc_fignumbers.get(docname, {})
            for kind, title, anchor in statements:
                number = ".".join(map(str, numbers.get(kind, {}).get(anchor, ())))
                name = f"{kind.capitalize()} {number} ({title})".replace("  ", " ")
                yield name, name, kind, docname, anchor, 0


def collect_statements(app: Sphinx, doctree: nodes.document) -> None:
    """Note the named statements of a page that was just read."""
    statements = app.env.get_domain("statement").data["pages"][app.env.docname] = []
    for node in doctree.findall(nodes.Element):
        kind, title = node.get("realtype"), node.get("title", "")
        if isinstance(node, exercise_enumerable_node):
            kind, title = "exercise", "".join(part.astext() for part in node.findall(exercise_subtitle))
        if kind in KINDS and plain(title):
            statements.append((kind, plain(title), node["ids"][0]))


def plain(title: str) -> str:
    """A title without parentheses around it and without the dollars of its formulas."""
    return title.strip().removeprefix("(").removesuffix(")").replace("$", "").strip()


def setup(app: Sphinx) -> dict:
    app.setup_extension("sphinx_proof")
    app.add_domain(StatementDomain)
    app.connect("doctree-read", collect_statements)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
