"""The first ten seconds: the front page says what the book is, lets a reader feel it, and has three doors."""

import json
import re

import pytest
from test_site import FRONT, HTML, PHONE, ROOT, WIDE, Visit, why_not

WHY_NOT = why_not()
built = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def test_the_recorded_runs_are_those_of_the_first_figure(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    import front_page

    now, recorded = front_page.record_runs(), front_page.recorded()
    assert [run["step"] for run in now["runs"]] == [run["step"] for run in recorded["runs"]] and len(now["runs"]) == 8
    for ours, theirs in zip(now["runs"], recorded["runs"], strict=True):
        assert ours["norm"] == pytest.approx(theirs["norm"], rel=0.02) and ours["norm"] < ours["ceiling"]
        assert max(abs(a - b) for a, b in zip(ours["values"], theirs["values"], strict=True)) < 0.02


@built
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_slider_shows_eight_runs_on_the_first_screen(browser, size):
    with Visit(browser, FRONT, size).ready() as visit:
        slider = visit.tab.locator(".eight-runs").get_by_role("slider", name="step size")
        box = slider.bounding_box()
        assert box["y"] + box["height"] < size["height"], "seen without scrolling"
        shown = (
            "[...document.querySelectorAll('.eight-runs path')].map(p => p.classList.contains('shown')).indexOf(true)"
        )
        norms = []
        slider.focus()
        for run in range(8):
            assert visit.tab.evaluate(shown) == run
            norms.append(float(visit.tab.locator(".eight-runs b").first.inner_text()))
            visit.tab.keyboard.press("ArrowRight")
        assert norms == sorted(norms, reverse=True) and norms[0] > 5 * norms[-1]
        for door in ("Start reading", "Train it yourself", "Take it away"):
            assert visit.tab.get_by_role("link", name=door).is_visible()
        assert not visit.complaints


@built
def test_on_a_phone_the_map_of_the_chapters_is_a_list(browser):
    with Visit(browser, FRONT, PHONE).ready() as visit:
        assert not visit.tab.locator(".chapter-map").is_visible()
        assert (
            visit.tab.locator(".map-in-words li").count() == 9
            and visit.tab.locator(".map-in-words li").last.is_visible()
        )


@built
def test_the_page_is_whole_without_scripts():
    text = (HTML / FRONT).read_text("utf8")
    drawing = re.search(r'<figure class="eight-runs" data-runs=\'([^\']*)\'>(.*?)</svg>', text, re.DOTALL)
    assert len(json.loads(drawing[1])) == 8 and drawing[2].count("<path") == 8 and drawing[2].count("shown") == 2
