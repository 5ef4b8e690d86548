"""What a reader can take away, in the download menu of every page: its notebook, the book as PDF, the book offline.

They are made by ``make release`` from pages that are there already, so they are offered afterwards: the release puts
them into ``downloads`` beside the pages and writes the menus again.  A build whose sources are others than those of the
release takes them away: nothing is offered that is not there, or not of this book.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

from stableminima.files import content_of

SOURCES = ("_config.yml", "_toc.yml", "book", "src", "results", "requirements.txt", "constraints.txt", "release")
FOLDER = "downloads"
MENU = re.compile(r'(<div class="dropdown dropdown-download-buttons">.*?<ul class="dropdown-menu">)', re.DOTALL)
OFFER = re.compile(r'\n<li class="take-away">.*?</li>', re.DOTALL)
ITEM = """
<li class="take-away"><a href="{address}" download class="btn btn-sm dropdown-item" title="{title}">
<span class="btn__icon-container"><i class="fas fa-download"></i></span>
<span class="btn__text-container">{text}</span></a></li>"""


def name_what_is_there(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Call the theme's two entries what they are; it calls the printing of a page ".pdf"."""
    names = {"download-source-button": "Source (Markdown)", "download-pdf-button": "Print this page"}
    for group in context.get("header_buttons", []):
        for button in group.get("buttons", []):
            button["text"] = names.get(button.get("label"), button.get("text"))
            if button.get("label") == "download-pdf-button":
                button["icon"] = "fas fa-print"


def items(html: Path, page: Path) -> str:
    """The entries of a page's menu."""
    folder, found = html / FOLDER, []
    kinds = [
        (f"notebooks/{page.stem}.ipynb", "Notebook", "This page as an executed Jupyter notebook"),
        ("*.pdf", "Whole book, PDF", "The whole book as one printed document"),
        ("*-html.zip", "Whole book, offline", "All pages, to be read without a network"),
    ]
    for pattern, text, title in kinds:
        for path in sorted(folder.glob(pattern)):
            address = ("" if page.parent == html else "../") + path.relative_to(html).as_posix()
            size = f"{path.stat().st_size / 1e6:.1f} MB"
            found.append(ITEM.format(address=address, text=text, title=f"{title} ({size})"))
    return "".join(found)


def offer(html: Path) -> None:
    """Write the menus of all pages anew."""
    for page in [*html.glob("*.html"), *html.glob("book/*.html")]:
        text = page.read_text("utf8")
        menu = items(html, page)
        if (changed := MENU.sub(lambda found, menu=menu: found[1] + menu, OFFER.sub("", text), count=1)) != text:
            page.write_text(changed, "utf8")


def publish(release: Path, html: Path) -> None:
    """Put a release beside the pages, with its sums, and offer it."""
    folder = html / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "notebooks").mkdir(parents=True)
    for path in [*release.glob("*.pdf"), *release.glob("*.zip"), *release.glob("manifest.json")]:
        shutil.copy(path, folder)
    for path in release.glob("notebooks/book/*.ipynb"):
        shutil.copy(path, folder / "notebooks")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sums = (f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(folder).as_posix()}\n" for p in files)
    (folder / "SHA256SUMS").write_text("".join(sums), "utf8", newline="\n")
    offer(html)


def withdraw(html: Path) -> None:
    """Take away what was published."""
    shutil.rmtree(html / FOLDER, ignore_errors=True)
    offer(html)


def offer_what_is_there(app: Sphinx, exception: Exception | None) -> None:
    html = Path(app.outdir)
    if exception or app.builder.format != "html" or not (html / FOLDER).is_dir():
        return
    manifest = html / FOLDER / "manifest.json"
    now = content_of(Path(app.srcdir), SOURCES)
    if manifest.is_file() and json.loads(manifest.read_text("utf8"))["content"] == now:
        offer(html)
    else:
        withdraw(html)


def setup(app: Sphinx) -> dict:
    app.connect("html-page-context", name_what_is_there, priority=940)
    app.connect("build-finished", offer_what_is_there, priority=980)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
