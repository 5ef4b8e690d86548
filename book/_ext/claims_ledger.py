"""Every ``claim(...)`` of every executed chapter: how it is shown, and all of them in a table, by ``{ledger}``."""

from __future__ import annotations

import json
import re
from html import escape

from build_report import fail
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from stableminima.book.claims import MIME_TYPE, Claim


class ClaimRenderer:
    """Shows a claim as one line of the page (a plugin of myst-nb)."""

    mime_priority_overrides = (("*", MIME_TYPE, 1),)

    @staticmethod
    def handle_mime(renderer, data, inline):
        if data.mime_type != MIME_TYPE:
            return None
        record = data.content if isinstance(data.content, dict) else json.loads(data.content)
        claim = Claim(**record)
        line = nodes.paragraph("", "", nodes.inline("", "✓", classes=["claim-tick"]), nodes.Text(" "))
        line += with_maths(claim.statement)
        line += nodes.inline("", "", nodes.Text(" "), *with_maths(powers(claim.verdict)), classes=["claim-value"])
        if claim.source:
            line += nodes.inline("", "", nodes.Text(" "), *with_maths(claim.source), classes=["claim-source"])
        return [nodes.container("", line, classes=["claim"], ids=[f"claim-{claim.id}"], claim=record)]


def with_maths(text: str) -> list[nodes.Node]:
    """Plain text in which ``$…$`` is a formula."""
    parts = re.split(r"\$([^$]+)\$", text)
    return [nodes.math(part, part) if k % 2 else nodes.Text(part) for k, part in enumerate(parts)]


POWER = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([-+]\d+)")


def powers(text: str) -> str:
    """``1e-12`` as a formula."""

    def formula(found: re.Match) -> str:
        factor = "" if float(found[1]) == 1 else rf"{found[1]}\cdot"
        return f"${factor}10^{{{int(found[2])}}}$"

    return POWER.sub(formula, text)


class LedgerNode(nodes.General, nodes.Element):
    """Stands for the table until all chapters have been read."""


class Ledger(SphinxDirective):
    """``{ledger}``: the table of all claims of the book."""

    def run(self) -> list[nodes.Node]:
        return [LedgerNode()]


def claims_of(env: BuildEnvironment) -> dict[str, list[Claim]]:
    """The claims of each document, kept in the environment between builds."""
    if not hasattr(env, "book_claims"):
        env.book_claims, env.book_ledgers, env.book_claims_written = {}, set(), None
    return env.book_claims


def collect_claims(app: Sphinx, doctree: nodes.document) -> None:
    """Note the claims of a document that was just read, and let prose refer to them as ``claim-<id>``."""
    env, docname = app.env, app.env.docname
    claims = claims_of(env)
    claims.pop(docname, None)
    for node in doctree.findall(lambda n: isinstance(n, nodes.container) and "claim" in n):
        claim = Claim(**node["claim"])
        claims.setdefault(docname, []).append(claim)
        env.get_domain("std").note_hyperlink_target(f"claim-{claim.id}", docname, f"claim-{claim.id}", claim.statement)
    (env.book_ledgers.add if any(doctree.findall(LedgerNode)) else env.book_ledgers.discard)(docname)


def forget_claims(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    claims_of(env).pop(docname, None)
    env.book_ledgers.discard(docname)


def check_claims(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Refuse ids used twice; have the ledger written again when a claim changed."""
    claims, seen = claims_of(env), {}
    for docname in sorted(claims):
        for claim in claims[docname]:
            if claim.id in seen:
                fail(app, f"claim id {claim.id!r} is used twice: in {seen[claim.id]} and in {docname}")
            seen[claim.id] = docname
    if claims == env.book_claims_written:
        return []
    env.book_claims_written = dict(claims)
    return sorted(env.book_ledgers)


def write_ledger(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for node in doctree.findall(LedgerNode):
        node.replace_self(ledger_table(app, docname))


def ledger_table(app: Sphinx, page: str) -> list[nodes.Node]:
    """A sentence with the number of claims, links to the chapters, and a table for each: one row a claim."""
    claims = claims_of(app.env)
    in_order = sorted(claims, key=lambda docname: (docname != app.config.root_doc, docname))
    total = sum(map(len, claims.values()))
    sentence = f"{counted(total, 'claim')} on {counted(len(claims), 'page')}; every one of them holds."
    links, parts = nodes.bullet_list(classes=["ledger-chapters"]), []
    for docname in in_order:
        anchor = f"ledger-{docname.rpartition('/')[2]}"
        numbers = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
        title = f"{numbers}. {app.env.titles[docname].astext()}".removeprefix(". ")
        link = nodes.reference("", title, refuri=f"#{anchor}", internal=True)
        links += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f" ({len(claims[docname])})")))
        heading = nodes.raw("", f'<h2 id="{anchor}">{escape(title)}</h2>', format="html")
        rows = [ledger_row(app, page, docname, claim) for claim in claims[docname]]
        parts += [heading, nodes.container("", table_of(rows), classes=["ledger"])]
    return [nodes.paragraph(text=sentence), links, *parts]


def ledger_row(app: Sphinx, page: str, docname: str, claim: Claim) -> nodes.row:
    address = f"{app.builder.get_relative_uri(page, docname)}#claim-{claim.id}"
    link = nodes.reference("", "", nodes.literal(text=claim.id), refuri=address, internal=True)
    source = [nodes.Text(" ("), *with_maths(claim.source), nodes.Text(")")] if claim.source else []
    says = [*with_maths(claim.statement), *source, nodes.Text(" "), link]
    bound = "" if isinstance(claim.value, bool) else powers(claim.relation)
    row = table_row([says, with_maths(powers(claim.measured)), with_maths(bound)])
    row["ids"].append(f"ledger-claim-{claim.id}")
    return row


def table_of(rows: list[nodes.row]) -> nodes.table:
    titles = ("Statement", "Measured", "Bound")
    head = nodes.thead("", table_row([[nodes.Text(title)] for title in titles]))
    columns = [nodes.colspec(colwidth=width) for width in (70, 15, 15)]
    group = nodes.tgroup("", *columns, head, nodes.tbody("", *rows), cols=len(titles))
    return nodes.table("", group, classes=["colwidths-auto"])


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def table_row(cells: list[list[nodes.Node]]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))
