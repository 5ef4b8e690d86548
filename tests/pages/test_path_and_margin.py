"""The path of twenty minutes through a page can be walked; captions in the margin meet nothing; boxes have one edge."""

import math
import re

import pytest
from test_site import CHAPTERS, HTML, PHONE, WIDE, Visit, why_not

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
NARROWEST = {"width": 1200, "height": 800}  # at which captions stand in the margin
MIDDLE = {"width": 1000, "height": 800}

# --- the path ----------------------------------------------------------------------------------------------------

COUNT = """() => {
    let words = 0;
    for (const part of document.querySelectorAll('.on-path')) {
        const copy = part.cloneNode(true);
        copy.querySelectorAll('.cell_input, details, .claim, .made-by, .headerlink, .caption-number, .proof-number')
            .forEach(e => e.remove());
        const formulas = [...copy.querySelectorAll('mjx-container'), ...copy.matches('mjx-container') ? [copy] : []];
        for (const formula of formulas) {
            words += formula.hasAttribute('display') ? 12 : 4;
            formula.replaceWith(' ');
        }
        words += copy.textContent.trim().split(/\\s+/).filter(Boolean).length;
    }
    return words / 180;
}"""


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_chapter_has_a_path_of_at_most_twenty_minutes(browser, page):
    text = (HTML / page).read_text("utf8")
    line = re.search(r'<p class="twenty-minutes">.*?</p>', text, re.DOTALL)[0]
    minutes, links = int(re.search(r"In (\d+) minutes", line)[1]), re.findall(r'href="#([^"]+)"', line)
    assert minutes <= 20 and links[-1] == "summary"
    with Visit(browser, page).ready() as visit:
        assert visit.tab.locator(".path-stop").count() == len(links)
        assert visit.tab.locator("figure .on-path, .on-path figure").count() >= 1
        has_statements = visit.tab.locator(".bd-article .proof:is(.theorem, .lemma, .proposition, .corollary)").count()
        on_path = visit.tab.locator(".on-path:is(.theorem, .lemma, .proposition, .corollary)").count()
        assert on_path or not has_statements
        assert math.ceil(visit.tab.evaluate(COUNT)) == pytest.approx(minutes, abs=1), "counted on the page itself"
    times = re.search(r'class="chapter-facts">(\d+) min to read .*?(\d+) min without', text)
    if times:  # a page with neither proofs nor exercises has only the first
        assert int(times[1]) > int(times[2]) >= minutes


STATE = """() => {
    const stops = [...document.querySelectorAll('.path-stop')];
    return [stops.indexOf(document.activeElement), document.activeElement.getBoundingClientRect().top];
}"""


def test_the_path_is_walked_with_two_keys(browser):
    with Visit(browser, CHAPTERS[0]).ready() as visit:
        tab, last = visit.tab, visit.tab.locator(".path-stop").count() - 1
        for k in range(last + 2):  # the last press does nothing
            tab.keyboard.press("n")
            if k == 0:
                first = tab.evaluate(STATE)[0]
            at, top = tab.evaluate(STATE)
            assert at == min(first + k, last) and 0 <= top < 200, k
        assert tab.locator(".walk-bar output").inner_text().startswith(f"{last + 1} of {last + 1}: summary")
        tab.keyboard.press("p")
        assert tab.evaluate(STATE)[0] == last - 1
        tab.evaluate("scrollTo(0, 0); dispatchEvent(new Event('wheel'))")
        tab.keyboard.press("n")
        assert tab.evaluate(STATE)[0] <= 1, "after scrolling, the next stop is the next that is seen"
        tab.keyboard.press("Control+n")
        assert tab.evaluate(STATE)[0] <= 1
        assert tab.evaluate("getComputedStyle(document.querySelector('.on-path'), '::before').width") == "3px"
        assert tab.locator(".page-toc .visited-by-path").count() >= 4
        tab.locator(".walk-bar .close").click()
        before = tab.evaluate("scrollY")
        tab.keyboard.press("n")
        assert tab.evaluate("scrollY") == before and not tab.locator(".walk-bar").is_visible(), "the keys are off"
        tab.locator("button.walk").click()
        assert tab.evaluate(STATE)[0] == 1 and not visit.complaints


def test_n_and_p_can_be_typed(browser):
    with Visit(browser, CHAPTERS[0]).ready() as visit:
        visit.tab.evaluate("document.querySelector('.bd-article').prepend(document.createElement('input'))")
        visit.tab.locator(".bd-article > input").focus()
        visit.tab.keyboard.type("npn")
        assert visit.tab.locator(".bd-article > input").input_value() == "npn"
        assert visit.tab.locator(".walk-bar").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_the_path_is_walked_with_buttons(browser, theme):
    with Visit(browser, CHAPTERS[4], PHONE).ready() as visit:
        visit.choose(theme)
        visit.tab.locator("button.walk").click()
        seen = [visit.tab.evaluate(STATE)[0]]
        forward = visit.tab.get_by_role("button", name="Next stop")
        while forward.is_enabled():
            forward.click()
            visit.tab.wait_for_timeout(30)
            at, _ = visit.tab.evaluate(
                "() => [...document.querySelectorAll('.walk-bar output')].map(e => [parseInt(e.textContent) - 1, 0])[0]"
            )
            seen.append(at)
        assert seen == list(range(1, visit.tab.locator(".path-stop").count()))
        bar = visit.tab.locator(".walk-bar").bounding_box()
        assert bar["x"] >= 0 and bar["x"] + bar["width"] <= PHONE["width"]
        sizes = visit.tab.evaluate("[...document.querySelectorAll('.walk-bar button')].map(e => e.offsetWidth)")
        assert min(sizes) >= 44, "a finger hits them"


# --- the margin --------------------------------------------------------------------------------------------------

MEETINGS = """() => {
    const box = e => e.getBoundingClientRect();
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const captions = [...document.querySelectorAll('figure.in-margin > figcaption')];
    const others = 'p, li, h1, h2, h3, pre, table, img, .admonition, details, mjx-container[display]';
    const text = [...document.querySelectorAll(`.bd-article :is(${others})`)]
        .filter(e => e.checkVisibility() && !e.closest('figcaption'));
    const found = [];
    for (const [k, caption] of captions.entries()) {
        const here = box(caption), name = caption.textContent.slice(0, 30);
        if (here.right > document.documentElement.clientWidth) found.push([name, 'is cut off']);
        for (const other of [...captions.slice(k + 1), ...text])
            if (meet(here, box(other))) found.push([name, other.tagName, other.textContent.slice(0, 30)]);
    }
    const outside = captions.filter(e => box(e).left > box(e.closest('section')).right).length;
    const sideways = document.documentElement.scrollWidth > innerWidth;
    return {found, sideways, outside, captions: captions.length};
}"""


@pytest.mark.parametrize("page", CHAPTERS)
def test_captions_in_the_margin_meet_nothing(browser, page):
    with Visit(browser, page).ready() as visit:
        for size in (WIDE, NARROWEST, MIDDLE, PHONE):
            visit.tab.set_viewport_size(size)
            seen = visit.tab.evaluate(MEETINGS)
            assert seen["found"] == [] and not seen["sideways"], (size, seen)
            assert seen["outside"] == (seen["captions"] if size["width"] >= 1200 else 0), (size, seen)


def test_the_list_of_contents_makes_way_for_captions(browser):
    with Visit(browser, CHAPTERS[3]).ready() as visit:
        seen = 0
        captions = visit.tab.locator("figure.in-margin > figcaption")
        for k in range(captions.count()):
            for at in (0.15, 0.5, 0.8):
                captions.nth(k).evaluate("(e, at) => scrollBy(0, e.getBoundingClientRect().top - at * innerHeight)", at)
                visit.tab.wait_for_timeout(120)
                beneath = captions.nth(k).evaluate(
                    """e => {
                        const a = e.getBoundingClientRect(), list = document.querySelector('.bd-sidebar-secondary');
                        const b = list.getBoundingClientRect();
                        return [a.top < b.bottom && a.bottom > b.top && a.left < b.right, b.height];
                    }"""
                )
                assert not beneath[0], (k, at, beneath)
                seen += 1
        assert seen >= 15


# --- boxes -------------------------------------------------------------------------------------------------------

EDGES = """() => [...document.querySelectorAll('.bd-article .proof.admonition')]
    .filter(box => box.checkVisibility() && !box.parentElement.closest('.admonition'))
    .map(box => [box.textContent.trim().slice(0, 30), box.getBoundingClientRect().left, [...new Set(
        [...box.querySelectorAll('p, ul, ol')].filter(e => !e.parentElement.closest('li, table, .cell'))
            .map(e => Math.round(e.getBoundingClientRect().left - box.getBoundingClientRect().left
                + (e.matches('p') ? parseFloat(getComputedStyle(e).paddingLeft) : 0))))]])"""


@pytest.mark.parametrize("page", CHAPTERS)
def test_statements_and_proofs_have_one_left_edge(browser, page):
    with Visit(browser, page).ready() as visit:
        for size in (WIDE, PHONE):
            visit.tab.set_viewport_size(size)
            boxes = visit.tab.evaluate(EDGES)
            assert all(max(edges) - min(edges) <= 2 for _, _, edges in boxes), boxes
            firsts = [left + edges[0] for _, left, edges in boxes]
            assert not firsts or max(firsts) - min(firsts) <= 2, boxes


TORN = """() => [...document.querySelectorAll('.bd-article .math')].filter(e => {
    const formula = e.querySelector('mjx-container'), next = e.nextSibling;
    if (!formula || formula.hasAttribute('display') || !e.checkVisibility()) return false;
    if (next?.nodeType !== 3 || !/^[.,;:!?)]/.test(next.data)) return false;
    const range = document.createRange();
    range.setStart(next, 0);
    range.setEnd(next, 1);
    const mark = range.getBoundingClientRect(), box = formula.getBoundingClientRect();
    return mark.x < box.right - 2 && mark.top > box.top + 8;
}).map(e => e.querySelector('mjx-container').dataset.tex + e.nextSibling.data.slice(0, 3))"""


@pytest.mark.parametrize("page", CHAPTERS)
def test_no_mark_is_torn_from_its_formula(browser, page):
    with Visit(browser, page).ready() as visit:
        for size in (WIDE, MIDDLE, PHONE):
            visit.tab.set_viewport_size(size)
            assert visit.tab.evaluate(TORN) == [], size
        if page == CHAPTERS[0]:  # it would be seen
            visit.tab.add_style_tag(content=".with-marks { white-space: normal }")
            assert visit.tab.evaluate(TORN)
