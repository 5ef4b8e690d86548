"""Where everything on a page comes from.

1. A number in the text (``{glue:text}``) becomes a link to the code cell that computed it.
2. The caption of a figure ends in a link to the cell that drew it and, where the deployment names the repository, to
   the line of the source. Cells that a page does not show are listed, folded, at its end: no link leads nowhere.
3. The foot of a page carries the version, a hash of all that the page was made from, and how to cite the book.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from chapter_facts import ancestors
from docutils import nodes
from execution_cache import fingerprint
from myst_nb.core.execute import base as execution
from myst_nb.ext.glue.roles import PasteTextRole
from myst_nb.ext.glue.utils import retrieve_glue_data
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from stableminima import __version__

# --- code cells --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A code cell of a page: its number (from one), its first line, its code, and whether the page shows it."""

    number: int
    line: int
    code: str
    shown: bool

    @property
    def anchor(self) -> str:
        return f"cell-{self.number}"


def cells_of(env: BuildEnvironment) -> dict[str, dict[int, Cell]]:
    """For each page its code cells, by their position among all cells; kept between builds."""
    if not hasattr(env, "book_cells"):
        env.book_cells = {}
    return env.book_cells


def collect_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Number the code cells of a page that was just read, and make those that it shows targets of links."""
    env, docname = app.env, app.env.docname
    lines = env.metadata[docname].get("source_map")
    cells_of(env).pop(docname, None)
    if not lines:
        return
    notebook = json.loads(Path(app.outdir).parent.joinpath("jupyter_execute", f"{docname}.ipynb").read_text("utf8"))
    boxes = {box["cell_index"]: box for box in doctree.findall(is_code_cell)}
    cells = cells_of(env)[docname] = {}
    for index, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            shown = index in boxes and boxes[index][0].get("nb_element") == "cell_code_source"
            cells[index] = Cell(len(cells) + 1, lines[index] + 1, "".join(cell["source"]), shown)
            if shown:
                boxes[index]["ids"].append(cells[index].anchor)


def is_code_cell(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def forget_cells(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    cells_of(env).pop(docname, None)


def list_hidden_cells(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """At the end of a page, folded: the code that it does not show."""
    hidden = [cell for cell in cells_of(app.env).get(docname, {}).values() if not cell.shown]
    if not hidden or app.builder.format != "html":
        return
    title = f"Code that the text above does not show ({len(hidden)} cell{'s' * (len(hidden) > 1)})"
    doctree += nodes.raw("", f'<details class="hidden-code"><summary>{title}</summary>', format="html")
    for cell in hidden:
        name = nodes.paragraph("", f"Cell {cell.number}", classes=["hidden-code-name"])
        code = nodes.literal_block(cell.code, cell.code, language="ipython3")
        doctree += nodes.container("", name, code, ids=[cell.anchor], classes=["cell", "docutils"])
    doctree += nodes.raw("", "</details>", format="html")


# --- 1. numbers --------------------------------------------------------------------------------------------------


def extract_with_cell(notebook, source_map, logger, extract=execution.extract_glue_data):
    """myst-nb's collection of glued values, which also notes the cell that each comes from."""
    origin = {}
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if book := output.get("metadata", {}).get("scrapbook"):
                origin[book["name"]] = index
    values = extract(notebook, source_map, logger)
    for key, index in origin.items():
        values[key]["metadata"]["scrapbook"]["cell"] = index
    return values


class Number(PasteTextRole):
    """``{glue:text}`` that keeps the key and the cell of the number it shows."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        found, messages = super().run()
        key = self.text.rsplit(":", 1)[0]
        for node in found:
            if isinstance(node, nodes.inline):
                book = retrieve_glue_data(self.document, key).metadata["scrapbook"]
                node["glued"] = (key, book.get("cell"))
        return found, messages


def link_numbers(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make every glued number a link to its cell."""
    cells = cells_of(app.env).get(docname, {})
    for number in list(doctree.findall(lambda node: isinstance(node, nodes.inline) and "glued" in node)):
        key, index = number["glued"]
        if (cell := cells.get(index)) is None or isinstance(number.parent, nodes.reference):
            continue
        origin = f"“{key}”, computed by cell {cell.number} of this page ({docname}.md, line {cell.line})"
        text = number.astext()
        link = nodes.reference("", text, refuri=f"#{cell.anchor}", reftitle=origin, internal=True, classes=["number"])
        number.replace_self(link)


# --- 2. figures --------------------------------------------------------------------------------------------------


def link_figures(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """End every caption with a link to the cell that drew the figure, and to the source."""
    cells = cells_of(app.env).get(docname, {})
    for figure in doctree.findall(nodes.figure):
        box = figure.parent
        while box is not None and not is_code_cell(box):
            box = box.parent
        caption = next(iter(figure.findall(nodes.caption)), None)
        if box is None or caption is None or box["cell_index"] not in cells:
            continue
        cell = cells[box["cell_index"]]
        addresses = {"code": f"#{cell.anchor}"} | source_address(docname, cell.line)
        if all(isinstance(around, nodes.section | nodes.document) for around in ancestors(box)):
            figure["classes"].append("in-margin")  # its caption, where there is room
        links = nodes.inline("", "", classes=["made-by"])
        for name, address in addresses.items():
            title = f"The {name} that drew this figure"
            links += [nodes.Text(" "), nodes.reference("", name, refuri=address, reftitle=title, internal=True)]
        caption += links


def source_address(docname: str, line: int) -> dict[str, str]:
    """The address of a line of a page's source, where the deployment names the repository."""
    repository = os.environ.get("STABLEMINIMA_REPOSITORY", "").rstrip("/")
    revision = os.environ.get("STABLEMINIMA_REVISION", "main")
    return {"source": f"{repository}/blob/{revision}/{docname}.md?plain=1#L{line}"} if repository else {}


# --- 3. version, content hash, citation --------------------------------------------------------------------------


@cache
def citation(root: Path) -> dict[str, str]:
    """What CITATION.cff says, as a sentence and as BibTeX."""
    path = root / "CITATION.cff"
    if not path.exists():
        return {}
    record = yaml.safe_load(path.read_text("utf8"))
    names = [a.get("name") or f"{a['family-names']}, {a['given-names']}" for a in record["authors"]]
    authors = " and ".join("{" + n + "}" if "," not in n else n for n in names)
    year = re.search(r'copyright: "?(\d{4})', root.joinpath("_config.yml").read_text("utf8"))
    fields = {"title": "{" + record["title"] + "}", "author": authors, "year": year[1] if year else ""}
    fields["note"] = f"Version {record['version']}, executable book"
    fields |= {name: str(record[key]) for name, key in (("doi", "doi"), ("url", "repository-code")) if key in record}
    if date := record.get("date-released"):
        fields["year"] = str(date)[:4]
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    text = f"{'; '.join(names)}. {record['title']}, version {record['version']}."
    return {"text": text, "bibtex": f"@misc{{stableminima,\n{body},\n}}"}


class CiteThis(SphinxDirective):
    """``{cite-this}``: how to cite the book, from CITATION.cff."""

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir)
        self.env.note_dependency(str(path / "CITATION.cff"))
        if not (entry := citation(path)):
            return []
        bibtex = nodes.literal_block(entry["bibtex"], entry["bibtex"], language="bibtex")
        return [nodes.paragraph(text=entry["text"]), bibtex]


def page_hash(root: Path, source: Path) -> str:
    """A hash of a page's source, of the library, the recorded results and the pins: what the page was made from."""
    return hashlib.sha256(cached_fingerprint(root).encode() + source.read_bytes()).hexdigest()[:12]


cached_fingerprint = cache(fingerprint)


def describe_page(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Tell the templates what the foot of the page says."""
    context["book_version"] = __version__
    if doctree is not None:
        context["book_hash"] = page_hash(Path(app.srcdir), Path(app.env.doc2path(page)))
    if citation(Path(app.srcdir)):
        context["book_cite"] = app.builder.get_relative_uri(page, app.config.root_doc) + "#cite-this"


def setup(app: Sphinx) -> dict:
    execution.extract_glue_data = extract_with_cell
    app.setup_extension("myst_nb")
    app.add_role_to_domain("glue", "text", Number(), override=True)
    app.add_directive("cite-this", CiteThis)
    app.connect("doctree-read", collect_cells)
    app.connect("env-purge-doc", forget_cells)
    for handler in (link_numbers, link_figures, list_hidden_cells):
        app.connect("doctree-resolved", handler)
    app.connect("html-page-context", describe_page)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
