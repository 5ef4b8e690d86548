"""Chromium without a window: what turns drawings into pictures and pages into paper."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def executable() -> str | None:
    """``$STABLEMINIMA_CHROMIUM``, or a Chromium or Chrome of the system; None: the one that playwright installed."""
    return os.environ.get("STABLEMINIMA_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def pictures(browser: Browser, drawings: list[str]) -> list[bytes]:
    """SVG drawings as PNG on white, twice their size: untrusted notebooks show no SVG, and dark ones no dark lines."""
    page = browser.new_page(device_scale_factor=2, viewport={"width": 1400, "height": 1400})
    found = []
    for drawing in drawings:
        page.set_content(
            f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{drawing[drawing.index('<svg') :]}"
        )
        found.append(page.locator("svg").first.screenshot())
    page.close()
    return found
