"""How nbval compares the chapters (tests/reference/*.ipynb) with what they print now; a browser for tests of pages."""

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import settings
from nbval.plugin import IPyNbCell, IPyNbFile

from stableminima.book.claims import MIME_TYPE
from stableminima.datasets import mnist_available

PICTURES_AND_MARKUP = ("image/svg+xml", "text/html", "text/markdown", "text/latex")
RECORDS = (MIME_TYPE, "application/papermill.record/text/plain")  # of claims, of glue
WITHOUT_MNIST = "executed on the bundled digits and not compared: MNIST was not found (set STABLEMINIMA_DATA)"

settings.register_profile("book", deadline=None)  # on a busy machine an example takes its time; that is no failure
settings.load_profile("book")


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Compare only text: `make reference` stores nothing else."""
    if isinstance(collector, IPyNbFile):
        collector.skip_compare += PICTURES_AND_MARKUP + RECORDS


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """Execute cells tagged ``needs-mnist`` everywhere; compare them only where MNIST is."""
    uncompared = (
        isinstance(item, IPyNbCell)
        and "needs-mnist" in item.cell.metadata.get("tags", [])
        and item.options["check"]
        and not mnist_available()
    )
    if uncompared:
        item.options["check"] = False
    result = yield
    if uncompared:
        pytest.skip(WITHOUT_MNIST)
    return result


@pytest.fixture(scope="module")  # not the session: Playwright allows one at a time, and the release starts its own
def browser() -> Iterator:
    """A headless Chromium: the one that STABLEMINIMA_CHROMIUM names, or one on the path, or Playwright's own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="pages are not tested: Playwright is not installed")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = os.environ.get("STABLEMINIMA_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with playwright.sync_playwright() as engine:
        try:
            chromium = engine.chromium.launch(executable_path=program, args=["--no-sandbox"])
        except playwright.Error:
            pytest.skip("pages are not tested: no Chromium was found (set STABLEMINIMA_CHROMIUM to its path)")
        yield chromium
        chromium.close()
