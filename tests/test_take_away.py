"""The download menu: it offers what a release has put beside the pages, and nothing that is not there."""

import json
import re

import pytest
from test_book_build import ROOT, TinyBook

pytestmark = pytest.mark.slow

CONFIG = """\
title: tiny
only_build_toc_files: true
execute: {{execute_notebooks: "off"}}
sphinx:
  local_extensions: {{executable_book: '{ext}', take_away: '{ext}'}}
  config: {{}}
"""
ENTRY = re.compile(
    r'<li class="take-away"><a href="([^"]+)" download[^>]*title="([^"]+)">.*?text-container">([^<]+)', re.DOTALL
)


@pytest.fixture
def tiny(tmp_path):
    book = TinyBook(tmp_path / "book")
    book.write("_config.yml", CONFIG.format(ext=(ROOT / "book" / "_ext").as_posix()))
    book.chapters(one="print('fine')")
    assert book.build().returncode == 0
    return book


@pytest.fixture
def take_away(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import take_away

    return take_away


def release_of(take_away, book):
    """What ``make release`` would have made of a book."""
    folder = book.folder / "_build" / "release"
    (folder / "notebooks" / "book").mkdir(parents=True)
    (folder / "notebooks" / "book" / "one.ipynb").write_text("{}")
    for name in ("tiny-1.pdf", "tiny-1-html.zip"):
        (folder / name).write_bytes(b"x" * 2_100_000)
    content = take_away.content_of(book.folder, take_away.SOURCES)
    (folder / "manifest.json").write_text(json.dumps({"content": content}))
    return folder


def test_nothing_is_offered_that_is_not_there(tiny):
    assert not ENTRY.findall(tiny.page("one"))
    assert "Source (Markdown)" in tiny.page("one") and "Print this page" in tiny.page("one")


def test_a_release_is_offered_until_the_sources_change(tiny, take_away):
    html = tiny.folder / "_build" / "html"
    take_away.publish(release_of(take_away, tiny), html)
    found = ENTRY.findall(tiny.page("one"))
    assert [text for _, _, text in found] == ["Notebook", "Whole book, PDF", "Whole book, offline"]
    assert all((html / address).is_file() for address, _, _ in found) and "(2.1 MB)" in found[1][1]
    assert [text for _, _, text in ENTRY.findall(tiny.page("ledger"))] == ["Whole book, PDF", "Whole book, offline"]
    assert len((html / "downloads" / "SHA256SUMS").read_text().splitlines()) == 4
    once = tiny.page("one")
    take_away.offer(html)
    assert tiny.page("one") == once, "once is enough"
    assert tiny.build().returncode == 0
    assert ENTRY.findall(tiny.page("one")) == found, "a build of the same sources keeps them"
    tiny.write("src/more.py", "x = 1\n")
    assert tiny.build().returncode == 0
    assert (
        not ENTRY.findall(tiny.page("one")) + ENTRY.findall(tiny.page("ledger")) and not (html / "downloads").exists()
    )
