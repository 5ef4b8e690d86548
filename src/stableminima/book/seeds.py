"""Seeds as error bars: a page of the book executed with other seeds, and which of its claims hold then.

Each page that draws anything at random says ``SEED = 0`` once, at its top, and derives every draw from it.
``python make.py seeds`` executes each page with three other values, in which a failing claim is noted and not raised,
and writes what happened into ``tests/reference/seeds.json``; the page "Execution status" shows it.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .claims import MIME_TYPE, Claim, ClaimFailed, claim

SEEDS = (1000, 2000, 3000)
LINE = re.compile(r"^SEED = 0\b", re.MULTILINE)
PREPARE = "from stableminima.book import claims, seeds\nclaims.claim = seeds.note"  # before the page imports it


def note(*arguments: Any, **named: Any) -> None:
    """In the place of :func:`stableminima.book.claims.claim`: shows the claim whether it holds or not."""
    try:
        claim(*arguments, **named)
    except ClaimFailed as failure:
        sys.modules["IPython"].display.display(failure.claim)


def code_of(notebook: Any) -> list[str]:
    """The sources of a notebook's code cells."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def digest(notebook: Any) -> str:
    """A hash of a page's code: what a recorded outcome belongs to."""
    return hashlib.sha256("\0".join(code_of(notebook)).encode()).hexdigest()[:12]


def seeded(notebook: Any) -> bool:
    """Whether the page has the line ``SEED = 0``."""
    return any(LINE.search(source) for source in code_of(notebook))


def outcome(page: Path, seed: int, timeout: int = 900) -> dict[str, Any]:
    """Execute a page with another seed.

    Args:
        page: its Markdown source.
        seed: in place of 0.
        timeout: seconds a cell.

    Returns:
        ``claims``, how many were made; ``failed``, a list of ``[id, measured, relation]``; ``errors``, a list of
        ``[number of the code cell, message]``.
    """
    import jupytext
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell

    notebook = jupytext.read(page)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = LINE.sub(f"SEED = {seed}", cell.source)
    notebook.cells.insert(0, new_code_cell(PREPARE))
    NotebookClient(notebook, timeout=timeout, allow_errors=True).execute()
    return read_outputs([cell for cell in notebook.cells if cell.cell_type == "code"][1:])


def read_outputs(cells: Sequence[Any]) -> dict[str, Any]:
    """What the executed code cells of a page say of its claims, as :func:`outcome` returns it."""
    noted: list[Claim] = []
    errors: list[list] = []
    for number, cell in enumerate(cells, 1):
        for output in cell.outputs:
            if output.output_type == "error":
                errors.append([number, f"{output.ename}: {output.evalue}"[:200]])
            elif record := output.get("data", {}).get(MIME_TYPE):
                value = record["value"]  # Jupyter writes nan and infinity as words
                noted.append(Claim(**record | {"value": float(value) if isinstance(value, str) else value}))
    failed = [[made.id, made.measured, made.relation] for made in noted if not made.holds]
    return {"claims": len(noted), "failed": failed, "errors": errors}


def record(pages: Iterable[Path], file: Path, seeds: Sequence[int] = SEEDS, workers: int = 2) -> dict[str, Any]:
    """Execute pages with other seeds, several at once, and add what happened to the record.

    Args:
        pages: Markdown sources; those without the line ``SEED = 0`` are left out.
        file: the record; what it says of other pages stays.
        seeds: the other seeds.
        workers: how many processes.

    Returns:
        The record: for each page the hash of its code, and for each seed :func:`outcome`.
    """
    import jupytext
    from joblib import Parallel, delayed

    told = json.loads(file.read_text("utf8")) if file.exists() else {}
    notebooks = {page: jupytext.read(page) for page in pages}
    chosen = [page for page, notebook in notebooks.items() if seeded(notebook)]
    runs = [(page, seed) for page in chosen for seed in seeds]
    for (page, seed), result in zip(
        runs, Parallel(workers, return_as="generator")(delayed(outcome)(*run) for run in runs), strict=True
    ):
        if told.get(page.stem, {}).get("code") != digest(notebooks[page]):
            told[page.stem] = {"code": digest(notebooks[page]), "seeds": {}}
        told[page.stem]["seeds"][str(seed)] = result
        file.write_text(json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf8")
        print(f"{page.stem} with seed {seed}: {summary(result)}", flush=True)
    return told


def summary(result: dict[str, Any]) -> str:
    """One outcome as a line."""
    parts = [f"{name}, {value} against {relation}" for name, value, relation in result["failed"]]
    parts += [f"cell {number} fails with {message}" for number, message in result["errors"]]
    held = result["claims"] - len(result["failed"])
    return f"{held} of {result['claims']} claims hold" + "".join(f"; {part}" for part in parts)


if __name__ == "__main__":
    here = Path("book")
    wanted = [here / f"{name}.md" for name in sys.argv[1:]] or sorted(here.glob("0*.md"))
    record(wanted, Path("tests/reference/seeds.json"))
