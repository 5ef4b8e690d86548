"""Point at a symbol in a formula and see what it means: the table of notation, carried to where it is needed.

The rows of the page ``book/notation`` are left for the script ``symbols.js`` in ``_static/notation.js``: the TeX of
each symbol in tokens, the first letter it is drawn with, itself and its meaning as markup.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from typeset import typesetter

PAGE = "book/notation"
TOKEN = re.compile(r"\\[A-Za-z]+|[^\s{}\\]|\\[^A-Za-z]")
SPACES = {r"\,", r"\;", r"\ ", r"\!", r"\left", r"\right", r"\bigl", r"\bigr", r"\displaystyle"}


def tokens(tex: str) -> list[str]:
    """
    >>> tokens(r"\\lambda_{\\max}\\,x")
    ['\\\\lambda', '_', '\\\\max', 'x']
    """
    return [token for token in TOKEN.findall(tex) if token not in SPACES]


def symbol_in(tex: str) -> str:
    r"""What a row of the table is about: the left-hand side, without the arguments of a function.

    >>> symbol_in(r"S_g(f) = \sum_i a_i"), symbol_in(r"x_j \in \mathbb{R}^d"), symbol_in(r"\lambda_{\max}(H)")
    ('S_g', 'x_j', '\\lambda_{\\max}(H)')
    """
    tex = re.split(r"\s*(?:=|\\in\b|\\approx)\s*", tex)[0].strip()
    name = re.match(r"(\\?[A-Za-z]+(?:\s?\w)?(?:_\w|_\{[^}]*\})?)\([\w, ]+\)$", tex)
    return name[1] if name and "max" not in tex else tex


def leave_symbols(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Write the rows of the table of notation where the script finds them."""
    if page != PAGE or app.builder.format != "html":
        return
    found = []
    for row in doctree.findall(nodes.row):
        cells = list(row.findall(nodes.entry))
        if len(cells) != 3 or isinstance(row.parent, nodes.thead):
            continue
        meaning = app.builder.render_partial(nodes.inline("", "", *(c.deepcopy() for c in content_of(cells[2]))))[
            "fragment"
        ]
        for formula in cells[0].findall(nodes.math):
            symbol = symbol_in(formula.astext())
            drawn = typesetter(app).html(symbol, False)
            letter = re.search(r"<mjx-c class=\"(mjx-c[0-9A-F]+)", drawn)
            if letter:
                found.append([tokens(symbol), letter[1], drawn, meaning])
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    static = Path(app.outdir, "_static")
    static.mkdir(exist_ok=True)
    (static / "notation.js").write_text(f"bookNotation({text});\n", "utf8")


def content_of(cell: nodes.entry) -> list[nodes.Node]:
    return cell.children[0].children if cell.children else []


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", leave_symbols, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
