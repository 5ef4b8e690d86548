"""Every page of the built book as a notebook: executed, self-contained, and plain enough for Jupyter, Colab and GitHub.

The text comes from the built page, the code from ``_build/jupyter_execute`` and its outputs from the execution cache,
so this needs a finished `make book` and executes nothing. ``python release/notebooks.py`` writes them to
``_build/notebooks`` with their drawings as they are; a release makes pictures of them, which every viewer shows.
"""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import relpath

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pages import Page, is_state, pages_of
from plain_markdown import Cell, Text, Translator

from stableminima.book.claims import MIME_TYPE as CLAIM

Rasteriser = Callable[[list[str]], list[bytes]] | None  # SVG drawings to PNG pictures; None keeps them as they are

BIBLIOGRAPHY = "book/bibliography"

GLUE_IMPORT = "from myst_nb import glue"
GLUE_STANDS_FOR = "glue = lambda *_, **__: None  # the numbers in the text come from calls of this"

WITHOUT_ADDRESS = """\
*This notebook was made from a chapter of the executable book* Stable Minima. *Text and outputs are complete as they
are. To execute it, install the library into this kernel's environment: `pip install .` in a copy of the book.*"""
PROSE = "*A page of the executable book* Stable Minima. *It has no code.*"
WITH_ADDRESS = """\
# Installs the library of the book where it is missing (on Colab, say), at the version that made this notebook.
import importlib.util, os
if importlib.util.find_spec("stableminima") is None:
    !git clone --quiet {repository} stable-minima && git -C stable-minima checkout --quiet {revision}
    %pip install --quiet ./stable-minima
    os.environ["STABLEMINIMA_RESULTS"] = os.path.abspath("stable-minima/results")"""


@dataclass(frozen=True)
class Book:
    """The pages that become notebooks, and what links between them need."""

    pages: list[Page]

    @cached_property
    def names(self) -> set[str]:
        return {page.name for page in self.pages if not page.is_reference}

    @cached_property
    def targets(self) -> set[tuple[str, str]]:
        """Every anchor of a page that some link of the book leads to."""
        links = [page.target(link["href"]) for page in self.pages for link in page.article.find_all("a", href=True)]
        return {target for target in links if target and target[1] and not is_state(target[1])}

    @cached_property
    def references(self) -> dict[str, str]:
        """The entries of the bibliography as Markdown, by their anchors, in order."""
        translator = Translator(lambda address: address, lambda anchor: False)
        found = [page for page in self.pages if page.name == BIBLIOGRAPHY]
        entries = [entry for page in found for entry in page.article.select("div.citation")]
        return {entry["id"]: translator.inline(entry.p.children).strip() for entry in entries}

    def link(self, page: Page, address: str, cited: set[str]) -> str | None:
        """Where a link of a page leads in its notebook; citations are noted and lead to its own list of references."""
        target = page.target(address)
        if target is None:
            return address
        name, anchor = target
        if is_state(anchor):
            return None
        if name == BIBLIOGRAPHY and anchor in self.references and page.name != BIBLIOGRAPHY:
            cited.add(anchor)
            return f"#ref-{anchor}"
        if name == page.name:
            return f"#{anchor}" if anchor else None
        if name not in self.names:
            return None
        return relpath(f"{name}.ipynb", page.name.rpartition("/")[0] or ".") + f"#{anchor}" * bool(anchor)


def notebook(book: Book, page: Page, code: list[dict], first: dict) -> nbformat.NotebookNode:
    """One page as a notebook.

    Args:
        book: for links between pages.
        page: the page.
        code: its executed code cells, in order (see :func:`executed_cells`).
        first: the cell that stands above all.
    """
    cited: set[str] = set()
    translator = Translator(lambda a: book.link(page, a, cited), lambda anchor: (page.name, anchor) in book.targets)
    cells, text, remaining = [first], [], list(code)

    def write(*markdown: str) -> None:
        if text:
            cells.append(new_markdown_cell("\n\n".join(text)))
        text[:] = markdown

    for block in translator.blocks(page.article):
        if isinstance(block, Text):
            write(block.markdown) if block.heading else text.append(block.markdown)
            continue
        figures = [figure for figure in block.element.find_all("figure") if figure.figcaption]
        own = {figure.get("id") for figure in figures}
        anchors = [translator.anchors(e).strip() for e in block.element.find_all(id=True) if e["id"] not in own]
        text += ["".join(anchors)] * any(anchors)
        write()
        cells += shown_cell(block, remaining, page)
        text += [caption(translator, figure) for figure in figures]
    write()
    if remaining and any(not is_hidden(cell) for cell in remaining):
        raise ValueError(f"{page.name}: {len(remaining)} code cells were executed that the page does not show")
    cells += [runnable(cell) for cell in remaining]
    if references := [f'- <a id="ref-{k}" name="ref-{k}"></a>{v}' for k, v in book.references.items() if k in cited]:
        cells.append(new_markdown_cell("## References\n\n" + "\n".join(references)))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    for number, cell in enumerate((c for c in cells if c["cell_type"] == "code" and c is not first), 1):
        cell["execution_count"] = number
        for output in cell["outputs"]:
            if output["output_type"] == "execute_result":
                output["execution_count"] = number
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    made = new_notebook(cells=cells, metadata=kernel | {"language_info": {"name": "python"}})
    nbformat.validate(made)
    return made


def is_hidden(cell: dict) -> bool:
    return "remove-cell" in cell["metadata"].get("tags", [])


def shown_cell(block: Cell, remaining: list[dict], page: Page) -> Iterator[dict]:
    """The code cell that stands at a place of the page, with the cells around it that the page does not show."""
    while remaining and is_hidden(remaining[0]):
        yield runnable(remaining.pop(0))
    shown = "\n".join(part.get_text() for part in block.element.select("div.cell_input pre"))  # the end may be folded
    if not remaining or (shown and shown.split() != remaining[0]["source"].split()):
        raise ValueError(f"{page.name}: page and executed notebook differ at {shown!r}; make book")
    yield runnable(remaining.pop(0), folded=block.folded)
    while remaining and is_hidden(remaining[0]):
        yield runnable(remaining.pop(0))


def runnable(cell: dict, folded: bool = False) -> dict:
    """A code cell for readers: folded where the book hides it, without what only the book's build understands."""
    tags = set(cell["metadata"].get("tags", []))
    folds = folded or tags & {"hide-input", "remove-input", "hide-cell", "remove-cell"}
    metadata = {"jupyter": {"source_hidden": True} | ({"outputs_hidden": True} if folded else {})} if folds else {}
    source = cell["source"].replace(GLUE_IMPORT, GLUE_STANDS_FOR)
    outputs = [] if tags & {"remove-output", "remove-cell"} else cell["outputs"]
    return new_code_cell(source, outputs=outputs, metadata=metadata)


def caption(translator: Translator, figure) -> str:
    """The caption of a figure, which is the target of links to it."""
    number = figure.find(class_="caption-number")
    title = f"**{number.extract().get_text().strip()}.** " if number else ""
    return translator.anchors(figure).strip() + title + translator.inline(figure.figcaption.children).strip()


# --- executed code -----------------------------------------------------------------------------------------------


def executions(build: Path) -> dict[tuple[str, ...], list[dict]]:
    """Everything in the execution cache, the newest of each: the code cells with their outputs, by their sources."""
    found = {}
    for path in sorted(build.glob(".jupyter_cache/*/executed/*/base.ipynb"), key=lambda p: p.stat().st_mtime):
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        found[tuple(cell.source for cell in cells)] = cells
    return found


def executed_cells(build: Path, page: Page, cache: dict, rasterise: Rasteriser) -> list[dict]:
    """The code cells of a page with their outputs; [] for a page without code.

    Raises:
        LookupError: the cache does not hold this page as it is now: the book is not built.
    """
    path = build / "jupyter_execute" / f"{page.name}.ipynb"
    if not path.is_file():
        return []
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    record = cache.get(tuple(cell.source for cell in cells))
    if record is None:
        raise LookupError(f"the execution cache has no {page.name} as it is now: build the book first (make book)")
    return with_outputs(cells, record, rasterise)


def with_outputs(cells: list, record: list, rasterise: Rasteriser) -> list[dict]:
    """The cells with the outputs of their record that a reader can use; drawings become pictures."""
    drawings, places = [], []
    for cell, executed in zip(cells, record, strict=True):
        alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt")
        cell["outputs"] = [deepcopy(output) for output in executed.outputs if not is_glue(output)]
        for output in cell["outputs"]:
            data = output.get("data", {})
            data.pop(CLAIM, None)
            if alt and any(kind.startswith("image/") for kind in data):
                data["text/plain"] = alt
                output["metadata"] = {"image/png": {"alt": alt}}
            if rasterise and (drawing := data.pop("image/svg+xml", None)):
                drawings.append(drawing)
                places.append(output)
    for output, picture in zip(places, rasterise(drawings) if rasterise else (), strict=True):
        output["data"]["image/png"] = base64.b64encode(picture).decode()
        width, height = (int.from_bytes(picture[k : k + 4], "big") // 2 for k in (16, 20))
        output["metadata"].setdefault("image/png", {}).update(width=width, height=height)
    return cells


def is_glue(output: dict) -> bool:
    return any(kind.startswith("application/papermill") for kind in output.get("data", {}))


def first_cell(repository: str | None, revision: str) -> dict:
    """What makes the notebook executable elsewhere: an installation, or how to make one where no address is known."""
    if not repository:
        return new_markdown_cell(WITHOUT_ADDRESS)
    return new_code_cell(WITH_ADDRESS.format(repository=repository, revision=revision))


def write_notebooks(
    pages: list[Page], build: Path, folder: Path, rasterise: Rasteriser, repository: str | None, revision: str
) -> list[Path]:
    """Write the notebook of every page but those that document functions into a folder, and return their paths."""
    book, written = Book(pages), []
    cache = executions(build)
    executed = {page.name: executed_cells(build, page, cache, rasterise) for page in pages}
    book.targets, book.references  # noqa: B018 - read the pages before their translation takes them apart
    for page in pages:
        if page.name not in book.names:
            continue
        code = executed[page.name]
        made = notebook(book, page, code, first_cell(repository, revision) if code else new_markdown_cell(PROSE))
        path = folder / f"{page.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(made, path)
        written.append(path)
    return written


def leftover_markup(text: str) -> str | None:
    """The first piece of MyST in a piece of Markdown that a notebook would show as it stands."""
    text = re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", "", text, flags=re.DOTALL)
    found = re.search(
        r"\{[a-z:-]+\}`|^:::|^\s*```\{|^\([\w-]+\)=|\{glue|\{prf:|\\begin\{split\}|%\s*\{", text, re.MULTILINE
    )
    return found and found.group()


def main() -> None:
    """Write the notebooks of the built book."""
    root = Path(__file__).resolve().parents[1]
    folder = root / "_build" / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    write_notebooks(pages_of(root, root / "_build" / "html"), root / "_build", folder, None, None, "")
    print(f"the chapters as notebooks are in {(folder / 'book').relative_to(root)}")


if __name__ == "__main__":
    main()
