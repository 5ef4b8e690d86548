"""The buttons for Binder, Colab and live code, on throw-away books built with and without a repository's address."""

import re

import pytest
from test_book_build import ROOT, TinyBook

pytestmark = pytest.mark.slow

CONFIG = """\
title: tiny
only_build_toc_files: true
execute: {{execute_notebooks: "off"}}
sphinx:
  local_extensions: {{executable_book: '{ext}', launch_buttons: '{ext}'}}
  config: {{}}
"""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    book = TinyBook(tmp_path_factory.mktemp("tiny"))
    book.write("_config.yml", CONFIG.format(ext=(ROOT / "book" / "_ext").as_posix()))
    book.chapters(one="print('fine')")
    return book


def test_no_address_no_buttons(tiny, monkeypatch):
    monkeypatch.delenv("STABLEMINIMA_REPOSITORY", raising=False)
    assert tiny.build("-W", "-n", "--all").returncode == 0
    page = tiny.page("one")
    assert not re.search(r"mybinder|colab\.research|sphinx-thebe\.js|THEBE_JS_URL|initThebe", page)


def test_with_the_address_the_buttons_open_the_notebook(tiny, monkeypatch):
    monkeypatch.setenv("STABLEMINIMA_REPOSITORY", "https://github.com/someone/some-book")
    done = tiny.build("-W", "-n", "--all")
    assert done.returncode == 0, done.text
    page = tiny.page("one")
    assert "https://mybinder.org/v2/gh/someone/some-book/notebooks?urlpath=lab/tree/one.ipynb" in page
    assert "https://colab.research.google.com/github/someone/some-book/blob/notebooks/one.ipynb" in page
    assert 'onclick="initThebeSBT()"' in page
    assert page.count("const THEBE_JS_URL") == 1, "two declarations would be an error in every reader's console"
    assert len(re.findall(r"<script[^>]*sphinx-thebe\.js", page)) == 1
    assert 'repo: "someone/some-book"' in page and 'ref: "notebooks"' in page
    assert "one.md" not in "".join(re.findall(r'href="https://(?:mybinder|colab)[^"]*"', page))
    assert "mybinder.org/v2" not in tiny.page("ledger"), "a page without code has nothing to launch"


def test_live_code_asks_for_thebe_only_when_clicked(tiny, monkeypatch):
    """In a browser, with a stand-in for thebe itself: what would be started is this page's cells on our branch."""
    pytest.importorskip("playwright", reason="requirements-release.txt is not installed (make release installs it)")
    monkeypatch.syspath_prepend(ROOT / "release")
    import browser

    if browser.executable() is None:
        pytest.skip("no Chromium or Chrome on this machine (set STABLEMINIMA_CHROMIUM)")
    monkeypatch.setenv("STABLEMINIMA_REPOSITORY", "https://github.com/someone/some-book")
    assert tiny.build("-W", "-n", "--all").returncode == 0
    stand_in = "window.thebelab = {on() {}, bootstrap() { window.started = true; }}"
    asked, errors = [], []

    def answer(route):
        asked.append(route.request.url)
        route.fulfill(body=stand_in)

    with browser.chromium() as chromium:
        tab = chromium.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.route(re.compile("https?://"), lambda route: route.abort())
        tab.route(re.compile("https?://.*thebe"), answer)
        tab.goto((tiny.folder / "_build" / "html" / "one.html").as_uri())
        assert not asked
        tab.evaluate("initThebeSBT()")
        tab.wait_for_function("window.started")
        assert len(asked) == 1
        assert tab.locator("pre[data-executable=true]").count() == 2 and not errors


@pytest.mark.parametrize("address", ["", "https://example.org/someone/some-book", "github.com/someone"])
def test_only_addresses_on_github_are_understood(address, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import launch_buttons

    monkeypatch.setenv("STABLEMINIMA_REPOSITORY", address)
    assert launch_buttons.repository() is None
