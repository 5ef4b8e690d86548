"""How nbval compares the chapters (tests/reference/*.ipynb) with what they print now; a browser for tests of pages."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from stableminima.book.claims import MIME_TYPE
from stableminima.datasets import mnist_available

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from execution_cache import fingerprint  # noqa: E402
from parallel_execution import THREADS, remember  # noqa: E402

STATE = fingerprint(ROOT)  # of the library, before any page is executed
for name in THREADS:
    os.environ.setdefault(name, "1")  # for kernels and subprocesses, as in the build: tests run beside each other

PICTURES_AND_MARKUP = ("image/svg+xml", "text/html", "text/markdown", "text/latex")
RECORDS = (MIME_TYPE, "application/papermill.record/text/plain")  # of claims, of glue
WITHOUT_MNIST = "executed on the bundled digits and not compared: MNIST was not found (set STABLEMINIMA_DATA)"

settings.register_profile("book", deadline=None)  # on a busy machine an example takes its time; that is no failure
settings.load_profile("book")


def execute_with_history(kernel: RunningKernel, code: str, allow_stdin: bool | None = None) -> str:
    """As Jupyter executes a cell: without a history IPython does not see the semicolon that keeps a result back."""
    return kernel.kc.execute(code, store_history=True, allow_stdin=allow_stdin, stop_on_error=False)


RunningKernel.execute_cell_input = execute_with_history


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
    started = time.perf_counter()
    result = yield
    if isinstance(item, IPyNbCell) and item.path.parent == ROOT / "tests" / "reference":
        keep_for_the_book(item, time.perf_counter() - started)
    if uncompared:
        pytest.skip(WITHOUT_MNIST)
    return result


def keep_for_the_book(item: IPyNbCell, seconds: float) -> None:
    """Put the outputs of a page whose cells all passed into the cache of the build: `make book` does not repeat it."""
    page = item.parent
    page.passed = [*getattr(page, "passed", []), ((item.cell.source, item.test_outputs), seconds)]
    if len(page.passed) == sum(cell.cell_type == "code" for cell in page.nb.cells):
        printed, times = zip(*page.passed, strict=True)
        remember(ROOT, ROOT / "book" / f"{item.path.stem}.md", printed, sum(times), STATE)


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
