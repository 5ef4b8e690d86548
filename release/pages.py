"""The built book as the release tools see it: its pages in order, each without the site's furniture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, Tag

FURNITURE = (
    "a.headerlink, .made-by, .chapter-facts, .voice-switch, .walk, .walk-keys, .doors, .eight-runs .pst-js-only, "
    ".hidden-code, .toctree-wrapper, script, style, link, noscript"
)


@dataclass(frozen=True)
class Page:
    """One page of the built book: its name (``book/01-linear-stability``) and its HTML file."""

    name: str
    path: Path

    @cached_property
    def article(self) -> Tag:
        """The text of the page: no navigation, no scripts, nothing that only makes sense on the site."""
        article = BeautifulSoup(self.path.read_bytes(), "html.parser").find("article", class_="bd-article")
        for extra in article.select(FURNITURE):
            extra.decompose()
        return article

    @cached_property
    def title(self) -> str:
        return self.article.h1.get_text().strip()

    @cached_property
    def is_reference(self) -> bool:
        """Whether the page documents functions, which neither a notebook nor a page of prose can."""
        return self.article.find("dl", class_="py") is not None

    @property
    def is_library(self) -> bool:
        """Whether the page belongs to the description of the library, which is looked up, not read."""
        return self.is_reference or self.name == "book/api"

    def target(self, address: str) -> tuple[str, str] | None:
        """The page and the anchor that a link on this page leads to; None if it leaves the book."""
        address, _, anchor = address.partition("#")
        if "://" in address or address.startswith(("mailto:", "data:")):
            return None
        folder = self.name.rpartition("/")[0]
        return (normalised(f"{folder}/{address}").removesuffix(".html") if address else self.name), anchor


def is_state(anchor: str) -> bool:
    """Whether an anchor is a state of an explorable (``#eta=0.1&seed=3``), which only the page itself can show."""
    return "=" in anchor


def normalised(path: str) -> str:
    """A relative path without ``..`` and ``.``."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def pages_of(root: Path, html: Path) -> list[Page]:
    """The pages in the order of ``_toc.yml``.

    Raises:
        FileNotFoundError: the book has not been built, or not all of it.
    """
    pages = [
        Page(name, html / f"{name}.html") for name in names_in(yaml.safe_load((root / "_toc.yml").read_text("utf8")))
    ]
    for page in pages:
        if not page.path.is_file():
            raise FileNotFoundError(f"{page.path} does not exist: build the book first (make book)")
    return pages


def names_in(entry: object) -> list[str]:
    """All documents that a table of contents names, in order."""
    if isinstance(entry, list):
        return [name for item in entry for name in names_in(item)]
    if not isinstance(entry, dict):
        return []
    own = [entry[key] for key in ("root", "file") if key in entry]
    return own + [name for value in entry.values() for name in names_in(value)]
