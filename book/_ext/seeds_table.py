"""``{seeds-table}``: what ``make seeds`` recorded: claims that held with other seeds, and those that failed."""

from __future__ import annotations

import json
from pathlib import Path

import jupytext
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from stableminima.book.seeds import digest

RECORD = Path(__file__).parents[2] / "tests" / "reference" / "seeds.json"


class SeedsTable(SphinxDirective):
    """A row a page; a page whose code is no longer the one that was tried says so."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(RECORD))
        told = json.loads(RECORD.read_text("utf8")) if RECORD.exists() else {}
        if not told:
            return [nodes.paragraph("", "Nothing is recorded yet.")]
        rows = [row(page, told[page], self.env.srcdir) for page in sorted(told)]
        return [table(("Page", "Seeds", "Claims that held", "Claims that failed"), rows)]


def row(page: str, entry: dict, root: str) -> list[list[nodes.Node]]:
    """Page, its seeds, how many of its claims held, and each that did not: id, value, bound, seed."""
    source = Path(root, "book", f"{page}.md")
    now = source.exists() and digest(jupytext.read(source)) == entry["code"]
    runs = entry["seeds"]
    made = sum(run["claims"] for run in runs.values())
    lost = [
        nodes.list_item(
            "",
            nodes.paragraph("", "", nodes.literal("", name), nodes.Text(f" {value}, claimed {relation}, seed {seed}")),
        )
        for seed, run in sorted(runs.items())
        for name, value, relation in run["failed"]
    ]
    lost += [
        nodes.list_item("", nodes.paragraph("", f"code cell {number}, seed {seed}: {message}"))
        for seed, run in sorted(runs.items())
        for number, message in run["errors"]
    ]
    held = made - sum(len(run["failed"]) for run in runs.values())
    first = [nodes.inline("", page if now else f"{page} (its code has changed since)")]
    return [first, [nodes.Text(", ".join(sorted(runs)))], [nodes.Text(f"{held} of {made}")],
            [nodes.bullet_list("", *lost)] if lost else [nodes.Text("none")]]  # fmt: skip


def table(head: tuple[str, ...], rows: list[list[list[nodes.Node]]]) -> nodes.table:
    """A table of docutils; each cell is a list of nodes."""
    group = nodes.tgroup("", *(nodes.colspec("", colwidth=1) for _ in head), cols=len(head))
    lines = [[[nodes.Text(name)] for name in head], *rows]
    made = [nodes.row("", *(nodes.entry("", block(cell)) for cell in line)) for line in lines]
    group += [nodes.thead("", made[0]), nodes.tbody("", *made[1:])]
    return nodes.table("", group)


def block(cell: list[nodes.Node]) -> nodes.Node:
    """The content of a cell: a list as it is, anything else as a paragraph."""
    return cell[0] if isinstance(cell[0], nodes.bullet_list) else nodes.paragraph("", "", *cell)


def setup(app: Sphinx) -> dict:
    app.add_directive("seeds-table", SeedsTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
