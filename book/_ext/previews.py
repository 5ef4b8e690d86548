"""What a link to a theorem, an equation or a figure shows when one points at it: a copy of the thing itself.

A page's own targets are copied by the script in the page.  For links to other pages each page leaves its targets in
``_static/previews/<page>.js``: a script, because a page opened from disk may not fetch anything else.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

WANTED = re.compile(r"\b(proof|exercise|math|citation|claim)\b")  # classes of the elements that are worth a preview
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Targets(HTMLParser):
    """Cuts out of a page the elements with an id that are worth a preview."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=False)
        self.page, self.found, self.unclosed = page, {}, []
        self.lines = [0]
        for line in page.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.feed(page)

    def position(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attributes: list) -> None:
        if tag not in VOID:
            given = dict(attributes)
            wanted = tag == "figure" or WANTED.search(given.get("class") or "")
            self.unclosed.append((tag, given.get("id") if wanted else None, self.position()))

    def handle_startendtag(self, tag: str, attributes: list) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        while self.unclosed:
            opened, anchor, start = self.unclosed.pop()
            if opened == tag:
                if anchor:
                    self.found[anchor] = self.page[start : self.position()] + f"</{tag}>"
                return


def write_previews(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Leave the targets of a page where other pages find them."""
    if doctree is None or app.builder.format != "html":
        return
    path = Path(app.outdir, "_static", "previews", f"{page}.js")
    path.parent.mkdir(parents=True, exist_ok=True)
    targets = {anchor: without_ids(html) for anchor, html in Targets(context["body"]).found.items()}
    path.write_text(f"bookPreviews({json.dumps(page)}, {json.dumps(targets, ensure_ascii=False)});\n", "utf8")


def without_ids(html: str) -> str:
    """The same markup without ids and without the ¶ links: a page must not hold an id twice."""
    html = re.sub(r'<a class="headerlink".*?</a>', "", html, flags=re.DOTALL)
    return re.sub(r'(<[^<>]*?) id="[^"]*"', r"\1", html)


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", write_previews, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
