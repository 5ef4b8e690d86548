"""What the book states, defines and shows, so that it is found: by search, in two lists, and by links that stay.

The search finds theorems, exercises, figures and defined terms by name, before functions of the library (and see
``search_order.js``).  ``{all-results}`` lists every statement: whose it is, the claims that check it, the figure that
shows it.  ``{subject-index}`` lists the terms: those that a definition names, and those that the text sets in bold
where it introduces them.  Statements, exercises and claims carry a link to themselves.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from html import escape
from typing import ClassVar

from claims_ledger import claims_of
from docutils import nodes
from sphinx.addnodes import desc, pending_xref
from sphinx.application import Sphinx
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_subtitle
from sphinx_proof.directive import DEFAULT_REALTYP_TO_COUNTERTYP

STATED = ("theorem", "proposition", "lemma", "corollary")
KINDS = (*DEFAULT_REALTYP_TO_COUNTERTYP, "exercise", "figure", "term")
NO_TERMS = {"every", "some", "any", "not", "all", "our reading", "our choice", "repair", "both", "linear"}
NAMES = ("Lyapunov", "Radon", "Sobolev", "Hessian", "Laplacian")
CITED = re.compile(r"([a-z]+)(\d{4})")

# --- what pages hold ---------------------------------------------------------------------------------------------


class StatementDomain(Domain):
    """The numbered statements of the book: ``data`` holds, for each page, kind, title and anchor of each."""

    name = "statement"
    label = "Statements"
    object_types: ClassVar = {kind: ObjType(kind, "ref") for kind in KINDS}
    initial_data: ClassVar = {"pages": {}, "facts": {}, "known": {}}  # the last: the section with that title
    data_version = 3

    def clear_doc(self, docname: str) -> None:
        self.data["pages"].pop(docname, None)
        self.data["facts"].pop(docname, None)
        self.data["known"].pop(docname, None)

    def merge_domaindata(self, docnames: list[str], otherdata: dict) -> None:
        for part in ("pages", "facts", "known"):
            self.data[part] |= {d: found for d, found in otherdata[part].items() if d in docnames}

    def get_type_name(self, type: ObjType, primary: bool = False) -> str:
        """What the search calls it: a theorem, not a "Statements theorem"."""
        return type.lname

    def name_of(self, docname: str, kind: str, title: str, anchor: str) -> str:
        """``Theorem 5.2 (A crease cannot stop)``; a term is called by its name, a figure by number and caption."""
        numbers = self.env.toc_fignumbers.get(docname, {}).get(kind, {}).get(anchor, ())
        number = ".".join(map(str, numbers))
        if kind == "term":
            return title
        return f"{'Fig.' if kind == 'figure' else kind.capitalize()} {number} ({title})".replace("  ", " ")

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        for docname, statements in self.data["pages"].items():
            for kind, title, anchor in statements:
                if kind == "term" and not anchor.startswith("term-"):
                    continue  # the definition itself is found by that name
                name = self.name_of(docname, kind, title, anchor)
                yield name, name, kind, docname, anchor, 0


def collect_statements(app: Sphinx, doctree: nodes.document) -> None:
    """Note the named statements, figures and terms of a page that was just read."""
    data, docname = app.env.get_domain("statement").data, app.env.docname
    statements = data["pages"][docname] = []
    for node in doctree.findall(nodes.Element):
        kind, title = node.get("realtype"), node.get("title", "")
        if isinstance(node, exercise_enumerable_node):
            kind, title = "exercise", "".join(part.astext() for part in node.findall(exercise_subtitle))
        elif isinstance(node, nodes.figure) and node["ids"]:
            kind, title = "figure", first_sentence(next(iter(node.findall(nodes.caption)), nodes.caption()))
        if kind in KINDS and plain(title):
            statements.append((kind, plain(title), node["ids"][0]))
    statements += [("term", term, anchor) for term, anchor in terms_in(doctree)]
    data["facts"][docname] = facts_in(doctree)
    data["known"][docname] = next(
        (s["ids"][0] for s in doctree.findall(nodes.section) if s[0].astext().startswith("What is known, by whom")),
        None,
    )


def plain(title: str) -> str:
    """A title without parentheses around it and without the dollars of its formulas."""
    return title.strip().removeprefix("(").removesuffix(")").replace("$", "").strip()


GREEK = {name.lower(): chr(code) for code in range(0x3B1, 0x3CA) for name in [unicodedata.name(chr(code))[19:]]}


def words_of(node: nodes.Element) -> str:
    """Plain text: formulas as far as letters go, sources by name and year, no other references."""
    texts = []
    for part in node.findall(nodes.Text):
        text, holder = str(part), part.parent
        link = next((n for n in (holder, holder.parent) if isinstance(n, pending_xref)), None)
        if isinstance(holder, nodes.math):
            text = re.sub(r"\\([A-Za-z]+)", lambda m: GREEK.get(m[1], m[1] if m[1] in ("max", "min") else " "), text)
            text = re.sub(r"[\\{}$]", "", text)
        if link is not None:
            text = source_name(link["reftarget"]) if link.get("refdomain") == "cite" else ""
        texts.append(text)
    return re.sub(r" \([\s,]*\)", "", " ".join("".join(texts).split()))  # of references left out


def source_name(key: str) -> str:
    """
    >>> source_name("nacson2023implicit")
    'Nacson 2023'
    """
    found = CITED.match(key)
    return f"{found[1].capitalize()} {found[2]}" if found else ""


def first_sentence(caption: nodes.Element) -> str:
    """The first sentence of a caption as plain text."""
    return re.split(r"(?<=\w)[.;:] ", words_of(caption), maxsplit=1)[0].rstrip(".")[:120]


def terms_in(doctree: nodes.document) -> list[tuple[str, str]]:
    """The terms that a page defines, each with the anchor of its definition, which is put there."""
    found: dict[str, str] = {}
    if any(doctree.findall(desc)):
        return []  # a page of the library: what it sets in bold are arguments
    for node in doctree.findall(lambda n: isinstance(n, nodes.strong | nodes.emphasis)):
        term, place = " ".join(node.astext().split()), node.parent
        while place is not None and place.get("realtype") != "definition" and "nb_element" not in place:
            place = place.parent
        if place is not None and "nb_element" in place:
            continue  # printed by a cell
        named = re.fullmatch(r"[a-z][\w-]*(?: [\w-]+){0,2}", term) and not node.next_node(nodes.math, descend=True)
        if named and (place is not None or isinstance(node, nodes.strong)) and term not in NO_TERMS | found.keys():
            anchor = f"term-{re.sub('[^a-z0-9]+', '-', term.lower())}"
            node["ids"].append(anchor)
            found[term] = anchor
    for node in doctree.findall(lambda n: isinstance(n, nodes.Element) and n.get("realtype") == "definition"):
        title = plain(node.get("title", ""))
        if title and title.lower() not in found and "\\" not in title:
            found[
                title[0].lower() + title[1:] if not title.startswith(NAMES) and not title[:2].isupper() else title
            ] = node["ids"][0]
    return list(found.items())


def facts_in(doctree: nodes.document) -> dict[str, dict]:
    """For each statement of a page what follows it, up to the next one: whose words they are, and a figure."""
    facts: dict[str, dict] = {}
    current: dict | None = None
    for node in doctree.findall(nodes.Element):
        if node.get("realtype") in STATED:
            current = facts[node["ids"][0]] = {"whose": None, "cited": [], "figure": None}
        elif node.get("realtype") in KINDS or (
            isinstance(node, nodes.section) and isinstance(node.parent, nodes.section | nodes.document)
        ):
            current = None
        elif current and isinstance(node, nodes.admonition):
            voice = next((c for c in node["classes"] if c in ("paper", "beyond")), None)
            if voice and current["whose"] is None:
                links = (n for n in node.findall(pending_xref) if n.get("refdomain") == "cite")
                current |= {"whose": voice, "cited": list(dict.fromkeys(n["reftarget"] for n in links))}
        elif current and isinstance(node, nodes.figure) and node["ids"]:
            current["figure"] = current["figure"] or node["ids"][0]
    for anchor, words in known_from(doctree).items():
        facts.setdefault(anchor, {"whose": None, "cited": [], "figure": None})["known"] = words
    return facts


def known_from(doctree: nodes.document) -> dict[str, str]:
    """For each statement that a row of "what is known, by whom, and what we add" names: what that row says."""
    found: dict[str, str] = {}
    for table in doctree.findall(nodes.table):
        rows = [list(row.findall(nodes.entry)) for row in table.findall(nodes.row)]
        if [words_of(cell) for cell in rows[0]] != ["Statement", "Known from", "What we add"]:
            continue
        for statement, known, added in rows[1:]:
            cells = (statement, known, added)
            links = (n for cell in cells for n in cell.findall(pending_xref) if n.get("refdomain") == "prf")
            says = f"known from: {shortened(words_of(known))}"
            if (ours := words_of(added)) not in ("", "–"):
                says += f"; we add: {shortened(ours)}"
            found = {link["reftarget"]: says for link in links} | found
    return found


def shortened(words: str) -> str:
    """Markup of at most a line, cut where a word ends."""
    return escape(words if len(words) <= 100 else words[:100].rpartition(" ")[0].rstrip(",;:") + " …")


# --- all results -------------------------------------------------------------------------------------------------


class ResultsNode(nodes.General, nodes.Element):
    """Stands for the list of statements until all chapters have been read."""


class AllResults(SphinxDirective):
    """``{all-results}``: every theorem, proposition, lemma and corollary of the book."""

    def run(self) -> list[nodes.Node]:
        return [ResultsNode()]


class SubjectNode(nodes.General, nodes.Element):
    """Stands for the index of terms until all chapters have been read."""


class SubjectIndex(SphinxDirective):
    """``{subject-index}``: the terms that the book defines."""

    def run(self) -> list[nodes.Node]:
        return [SubjectNode()]


def write_lists(app: Sphinx, doctree: nodes.document, page: str) -> None:
    for node in list(doctree.findall(ResultsNode)):
        node.replace_self(nodes.raw("", results_html(app, page), format="html"))
    for node in list(doctree.findall(SubjectNode)):
        node.replace_self(nodes.raw("", subject_html(app, page), format="html"))


def results_html(app: Sphinx, page: str) -> str:
    """One part a chapter, one line a statement."""
    domain, parts = app.env.get_domain("statement"), []
    for docname, statements in sorted(domain.data["pages"].items()):
        lines = [result_line(app, page, docname, *s) for s in statements if s[0] in STATED]
        if lines:
            numbers = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
            heading = f"{numbers}. {escape(app.env.titles[docname].astext())}".removeprefix(". ")
            anchor = f"results-{docname.rpartition('/')[2]}"
            parts.append(f'<h2 id="{anchor}">{heading}</h2>\n<ul class="results">{"".join(lines)}</ul>')
            if known := domain.data["known"].get(docname):
                address = f"{app.builder.get_relative_uri(page, docname)}#{known}"
                link = f'<a class="reference internal" href="{address}">What is known, by whom, and what we add</a>'
                parts.append(f"<p>{link}</p>")
    return "\n".join(parts)


def result_line(app: Sphinx, page: str, docname: str, kind: str, title: str, anchor: str) -> str:
    domain, address = app.env.get_domain("statement"), app.builder.get_relative_uri(page, docname)
    facts = domain.data["facts"].get(docname, {}).get(anchor, {})
    name = domain.name_of(docname, kind, title, anchor)
    number = name.partition(" (")[0]
    notes = []
    if facts.get("known"):
        notes.append(facts["known"])
    elif voice := facts.get("whose"):
        names = [name for key in facts["cited"] if (name := source_name(key))]
        notes.append(f"after {escape(', '.join(names))}" if voice == "paper" and names else WHOSE[voice])
    if claims := claims_about(app, docname, number, title):
        links = (f'<a class="reference internal" href="{address}#claim-{c.id}">{c.id}</a>' for c in claims)
        notes.append(f'<span class="claim-tick">✓</span> {", ".join(links)}')
    if figure := facts.get("figure"):
        shown = ".".join(map(str, app.env.toc_fignumbers.get(docname, {}).get("figure", {}).get(figure, ())))
        notes.append(f'<a class="reference internal" href="{address}#{figure}">Fig. {shown}</a>')
    link = f'<a class="reference internal" href="{address}#{anchor}">{number}</a>'
    return f"<li><p><strong>{link}</strong> {escape(title)}</p><p>{' · '.join(notes)}</p></li>\n"


WHOSE = {"paper": "in the paper", "beyond": "beyond the paper"}


def claims_about(app: Sphinx, docname: str, number: str, title: str) -> list:
    """The claims of a page that name a statement as their source, by its number or its title."""
    wanted = title.lower()
    named = (number.lower(), f"{number.split(' ')[0].lower()}, {wanted}", wanted)
    return [c for c in claims_of(app.env).get(docname, []) if c.source and c.source.lower() in named]


def subject_html(app: Sphinx, page: str) -> str:
    """The terms by their first letters, each with the places that define it."""
    places: dict[str, list[str]] = {}
    for docname, statements in sorted(app.env.get_domain("statement").data["pages"].items()):
        address = app.builder.get_relative_uri(page, docname)
        number = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
        where = f"chapter {number}" if number else escape(app.env.titles[docname].astext())
        for kind, term, anchor in statements:
            if kind == "term":
                link = f'<a class="reference internal" href="{address}#{anchor}">{where}</a>'
                places.setdefault(term, []).append(link)
    lines = [
        f"<dt>{escape(t)}</dt><dd>{', '.join(p)}</dd>" for t, p in sorted(places.items(), key=lambda i: i[0].lower())
    ]
    return f'<dl class="subject-index">{"".join(lines)}</dl>'


def pages_with_lists(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the lists written again with every change of what they list."""
    told = repr((env.get_domain("statement").data, env.toc_fignumbers, claims_of(env)))
    state = hashlib.sha256(told.encode()).hexdigest()  # the environment would keep a copy of every claim
    if getattr(env, "book_lists", None) == state:
        return []
    env.book_lists = state
    return [page for page in ("book/results", "book/terms") if page in env.found_docs]


# --- links that stay ---------------------------------------------------------------------------------------------

BOXES = re.compile(
    r'(<div class="(?:proof|exercise) [\w -]*admonition[\w -]*" id="([^"]+)">\s*<p class="admonition-title">.*?)(</p>)',
    re.DOTALL,
)
CLAIMS = re.compile(r'(<div class="claim [\w -]*" id="([^"]+)">\s*<p>.*?)(</p>)', re.DOTALL)


def add_permalinks(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """End the titles of statements and exercises, and claims, in a link to themselves, as headings do."""

    def with_link(found: re.Match) -> str:
        what = "claim" if found[2].startswith("claim-") else "statement"
        return f'{found[1]}<a class="headerlink" href="#{found[2]}" title="Link to this {what}">#</a>{found[3]}'

    for pattern in (BOXES, CLAIMS) if "body" in context else ():
        context["body"] = pattern.sub(with_link, context["body"])


def setup(app: Sphinx) -> dict:
    app.setup_extension("sphinx_proof")
    app.add_domain(StatementDomain)
    app.add_node(ResultsNode)
    app.add_node(SubjectNode)
    app.add_directive("all-results", AllResults)
    app.add_directive("subject-index", SubjectIndex)
    app.connect("doctree-read", collect_statements)
    app.connect("env-updated", pages_with_lists, priority=900)
    app.connect("doctree-resolved", write_lists)
    app.connect("html-page-context", add_permalinks, priority=700)
    return {"version": "2", "env_version": 2, "parallel_read_safe": True, "parallel_write_safe": True}
