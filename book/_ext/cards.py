"""The picture that stands for a page where its address is shown, in a chat or a timeline: its first figure.

Chromium draws it, 1200 by 630 dots, on the paper of the book and with the page's title; a card is drawn once and kept
in ``_build/cards`` by what is on it.  A page without a figure shows that of the book; so do all where there is no
browser.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from base64 import b64encode
from contextlib import ExitStack
from functools import cached_property
from html import escape, unescape
from io import BytesIO
from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx
from sphinx.util import logging

ROOT = Path(__file__).parents[2]
SIZE = (1200, 630)
OF_THE_BOOK = ("_static/overview.png", "Functions through six samples, smoother for longer steps; below, their norms")
FIGURE = re.compile(r'<img\b[^>]*\bsrc="[^"]*_images/([^"/]+)"[^>]*>')
FONT = Path(__file__).parents[1] / "_static" / "fonts" / "source-serif-4-latin-600-normal.woff2"
PAGE = """<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: Card; src: url(data:font/woff2;base64,{font}); }}
body {{ display: grid; grid-template-rows: 1fr auto; gap: 24px; box-sizing: border-box; width: 1200px; height: 630px;
  margin: 0; padding: 36px 48px; background: #fffefb; color: #1f2328; font: 600 38px/1.15 Card, Georgia, serif; }}
img {{ width: 100%; height: 100%; min-height: 0; object-fit: contain; }}
p {{ display: flex; justify-content: space-between; align-items: baseline; gap: 48px; margin: 0; }}
small {{ font-size: 26px; white-space: nowrap; color: #59636e; }}
</style><img src="data:{kind};base64,{figure}"><p><span>{title}</span><small>{book}</small></p>"""
logger = logging.getLogger(__name__)


class Cards:
    """Draws the cards of a build; the browser is started for the first that is not there yet."""

    def __init__(self, kept: Path):
        self.kept, self.stack = kept, ExitStack()

    @cached_property
    def browser(self):
        """Chromium as the release uses it, or None."""
        sys.path.append(str(ROOT / "release"))
        try:
            from browser import chromium

            return self.stack.enter_context(chromium())
        except Exception as reason:  # no browser, or one that does not start: a book without cards is a book
            logger.info("no cards are drawn: %s", str(reason).splitlines()[0])
            return None

    def draw(self, figure: Path, title: str, book: str) -> Path | None:
        """The card with a figure and a title; None without a browser."""
        kind = "image/svg+xml" if figure.suffix == ".svg" else f"image/{figure.suffix[1:]}"
        data = {"kind": kind, "title": escape(title), "book": escape(book)}
        picture, font = figure.read_bytes(), FONT.read_bytes()
        key = hashlib.sha256(b"\0".join([repr(data).encode(), PAGE.encode(), picture, font])).hexdigest()[:16]
        card = self.kept / f"{key}.png"
        if not card.exists() and self.browser:
            tab = self.browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
            tab.set_content(PAGE.format(font=b64encode(font).decode(), figure=b64encode(picture).decode(), **data))
            tab.evaluate("async () => { await document.images[0].decode(); await document.fonts.ready; }")
            image = Image.open(BytesIO(tab.screenshot())).convert("RGB").quantize(128, dither=Image.Dither.NONE)
            tab.close()
            self.kept.mkdir(parents=True, exist_ok=True)
            image.save(card, optimize=True)
        return card if card.exists() else None


def card_of(app: Sphinx, page: str, title: str, body: str) -> dict[str, str]:
    """Where the card of a page lies in the site, its size, and what is to be seen on it."""
    if not hasattr(app, "book_cards"):
        app.book_cards = Cards(Path(app.outdir).parent / "cards")
    place, says = OF_THE_BOOK
    figure = Path(app.srcdir, "book", place)
    sources = {name: source for source, name in getattr(app.builder, "images", {}).items()}
    if (found := FIGURE.search(body)) and found[1] in sources:
        figure, alt = Path(app.srcdir, sources[found[1]]), re.search(r'\balt="([^"]*)"', found[0])
        says = unescape(alt[1]) if alt and alt[1] else title
    if figure.exists() and (card := app.book_cards.draw(figure, title, app.config.html_title)):
        folder, stem = Path(app.outdir, "_static", "cards"), page.rpartition("/")[2]
        for earlier in folder.glob(f"{stem}-????????.png"):
            earlier.unlink()
        folder.mkdir(parents=True, exist_ok=True)
        place = f"_static/cards/{shutil.copy(card, folder / f'{stem}-{card.stem[:8]}.png').name}"
        size = SIZE
    else:
        place, says = OF_THE_BOOK
        picture = Path(app.srcdir, "book", place)
        size = Image.open(picture).size if picture.exists() else ()
    return {"": place, "alt": says} | dict(zip(("width", "height"), map(str, size), strict=False))


def close(app: Sphinx, exception: Exception | None) -> None:
    if hasattr(app, "book_cards"):
        app.book_cards.stack.close()
