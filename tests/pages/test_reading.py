"""What a reader does with the built pages: reads them with and without code, finds things, follows links, prints."""

import base64
import re
from collections import Counter
from io import BytesIO

import pytest
from test_first_paint import server  # noqa: F401 – a fixture
from test_site import CHAPTERS, HTML, PHONE, ROOT, WIDE, Visit, why_not

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
MIDDLE = {"width": 1000, "height": 800}


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_page_is_read_in_three_quarters_of_an_hour(page):
    assert int(re.search(r"(\d+) min to read", (HTML / page).read_text("utf8"))[1]) <= 45


# --- code --------------------------------------------------------------------------------------------------------

SCROLLING = """selector => [...document.querySelectorAll(selector)].filter(
    e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.trim().slice(0, 50))"""


@pytest.mark.parametrize("page", CHAPTERS)
def test_nothing_of_code_is_cut_off(browser, page):
    with Visit(browser, page).ready() as visit:
        for size in (WIDE, MIDDLE, PHONE):
            visit.tab.set_viewport_size(size)
            wide = ".bd-article :is(pre, table.printed, .pst-scrollable-table-container)" if size != PHONE else "pre"
            assert visit.tab.evaluate(SCROLLING, wide) == [], size


def test_a_page_has_room_for_84_columns_and_longer_lines_hang(browser):
    with Visit(browser, CHAPTERS[0]).ready() as visit:
        measure = """columns => {
            const line = [...document.querySelectorAll('.cell_input .line')].find(e => e.checkVisibility());
            const one = line.getBoundingClientRect().height;
            line.textContent = 'x '.repeat(columns / 2 - 1) + 'xx';
            const range = document.createRange();
            range.selectNodeContents(line);
            return [line.getBoundingClientRect().height / one, ...[...range.getClientRects()].map(r => r.x)];
        }"""
        assert visit.tab.evaluate(measure, 84)[0] < 1.5
        rows, first, second, *_ = visit.tab.evaluate(measure, 150)
        assert rows > 1.5 and second - first > 20


def test_bookkeeping_is_folded_beneath_what_it_makes(browser):
    shown, folded = Counter(), 0
    for page in CHAPTERS:
        with Visit(browser, page).ready() as visit:
            folded += visit.tab.locator("details.how:not([open])").count()
            for code in visit.tab.evaluate(
                "[...document.querySelectorAll('.cell_input')].filter(e => e.checkVisibility()).map(e => e.textContent)"
            ):
                shown["bookkeeping"] += len(
                    re.findall(r"^\s*(?:claim|glue|print|draw\.\w+|plt\.\w+)\(", code, re.MULTILINE)
                )
                shown["cells"] += 1
    assert folded > 100 and shown["bookkeeping"] < shown["cells"]


def test_the_switch_shows_text_code_or_everything_and_is_remembered(browser, server):  # noqa: F811
    context = browser.new_context(viewport=WIDE)
    tab = context.new_page()
    seen = "selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).length"
    tab.goto(f"{server}/{CHAPTERS[4]}")
    tab.wait_for_selector("html[data-ready]", state="attached")
    code = tab.evaluate(seen, ".cell_input")
    assert code > 5
    tab.get_by_role("button", name="everything").click()
    assert tab.evaluate(seen, ".cell_input") > code
    tab.get_by_role("button", name="text only").click()
    assert (
        tab.evaluate(seen, ".cell_input, :is(details.how, details.hide, details.hidden-code) > summary") == 0
        and tab.evaluate(seen, ".claim") > 5
    )
    long = tab.locator(".proof.long").first
    height = long.bounding_box()["height"]
    tab.locator(".proof.long + .open-proof").first.click()
    assert long.bounding_box()["height"] > 2 * height
    tab.goto(f"{server}/{CHAPTERS[2]}")
    assert tab.evaluate("document.documentElement.dataset.voice") == "text" and tab.evaluate(seen, ".cell_input") == 0
    tab.wait_for_selector("html[data-ready]", state="attached")
    number = tab.locator("a.number[href^='#cell']").first
    number.click()
    assert tab.locator(":target").is_visible(), "what a link leads to is shown"
    assert tab.evaluate("localStorage.getItem('voice')") == "text", "and the choice is kept"
    context.close()


def test_printed_tables_are_tables():
    rows, left = 0, []
    for page in CHAPTERS:
        text = (HTML / page).read_text("utf8")
        rows += sum(
            table.count("<tr") for table in re.findall(r'<table class="[^"]*printed.*?</table>', text, re.DOTALL)
        )
        left += [
            block
            for block in re.findall(r'<div class="output stream.*?</pre>', text, re.DOTALL)
            if block.count("\n") > 5
        ]
    assert rows > 240 and len(left) < 4, left


# --- finding and linking -----------------------------------------------------------------------------------------


def test_what_may_be_cited_has_a_permalink():
    for page in CHAPTERS:
        text = (HTML / page).read_text("utf8")
        for kind in (
            r'class="proof (?:theorem|lemma|proposition|definition|corollary)',
            'class="exercise',
            'class="claim',
        ):
            boxes = re.findall(rf'<div {kind}[^"]*" id="([^"]+)">(.*?)</p>', text, re.DOTALL)
            assert boxes or "claim" not in kind, (page, kind)
            for anchor, title in boxes:
                assert f'class="headerlink" href="#{anchor}"' in title, (page, anchor)


def test_all_results_lists_every_statement_with_its_claims():
    page = (HTML / "book" / "results.html").read_text("utf8")
    lines = re.findall(r"<li><p><strong><a[^>]*>(\w+ [\d.]+)</a></strong>(.*?)</li>", page, re.DOTALL)
    expected = sum(
        len(re.findall(r"^```+\{prf:(?:theorem|proposition|lemma|corollary)\} \S", p.read_text("utf8"), re.MULTILINE))
        for p in (ROOT / "book").glob("0*.md")
    )
    assert len(lines) == expected > 60
    assert sum("claim-tick" in rest for _, rest in lines) > 20 and sum("#fig-" in rest for _, rest in lines) > 15
    whose = [name for name, rest in lines if re.search(r"known from: |after \w|in the paper|beyond the paper", rest)]
    assert len(whose) == len(lines), sorted({name for name, _ in lines} - set(whose))
    assert "\\" not in page.split("<article")[1].split("</article")[0] and page.count("What is known, by whom") >= 15


def test_the_subject_index_holds_terms_and_nothing_of_the_library():
    page = (HTML / "book" / "terms.html").read_text("utf8")
    terms = re.findall(r"<dt>([^<]+)</dt>", page)
    assert {"sharpness", "knot", "stability norm"} <= set(terms) and "step_size" not in terms
    assert terms == sorted(terms, key=str.lower) and "api.html#term" not in page


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("sharpness", "sharpness"),
        ("Radon", "Definition 3.3"),
        ("pyramid", "5. Depth|5.1|5.3|Theorem 5|Definition 5|Proposition 5|Lemma 5"),
        ("Fig. 3.2", "Fig. 3.2"),
        ("Theorem 5.2", "Theorem 5.2"),
        ("exercise 2.3", "Exercise 2.3"),
        ("train_sgd", "train_sgd|stableminima.*train_sgd"),
        ("edge of stability", r"1\. Linear stability > Experiment|7\.\d+\. Large steps.* > No lasting edge"),
        ("stability norm", "Definition 3.2"),
    ],
)
def test_search_finds_what_is_meant(browser, server, query, first):  # noqa: F811
    context = browser.new_context(viewport=WIDE)
    tab = context.new_page()
    tab.goto(f"{server}/search.html?q={query.replace(' ', '+')}")
    tab.wait_for_selector("#search-results li")
    tab.wait_for_timeout(1200)
    found = tab.locator("#search-results li > a").all_inner_texts()
    assert re.match(first, found[0]), found[:5]
    library = [place for place, name in enumerate(found) if name.startswith("stableminima.")]
    named = [place for place, name in enumerate(found) if re.match(r"Definition|Theorem|Proposition|Lemma", name)]
    assert "_" in query or not library or not named or min(library) > max(named), "the library comes last"
    excerpts = " ".join(tab.locator("#search-results li").all_inner_texts())
    assert "(Statements" not in excerpts and "Print this page" not in excerpts
    assert not re.search(r"from stableminima import|\\\(|\\\[|import numpy", excerpts), "excerpts are prose"
    context.close()


def test_the_ledger_is_grouped_and_no_value_is_coarser_than_its_bound(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    from claims_ledger import powers

    from stableminima.book.claims import Claim

    page = (HTML / "book" / "ledger.html").read_text("utf8")
    assert len(re.findall(r'<h2 id="ledger-', page)) >= 8 and page.count('id="ledger-claim-') > 300
    assert "1e-9" not in page and not re.search(r"\d e?-?e-\d\d", page)
    assert powers(Claim("tiny", "s", 3.2e-15, at_most=1e-13).verdict) == "|·| ≤ $10^{-14}$, ≤ $10^{-13}$"


def test_notation_and_ledger_fit_every_width(browser):
    for page in ("book/notation.html", "book/ledger.html", "book/results.html"):
        with Visit(browser, page).ready() as visit:
            for size in (WIDE, MIDDLE, PHONE):
                visit.tab.set_viewport_size(size)
                assert (
                    visit.tab.evaluate(SCROLLING, ".bd-article :is(table, .pst-scrollable-table-container, .ledger)")
                    == []
                )
            narrow = "[...document.querySelectorAll('td code')].filter(e => e.offsetHeight > 4 * e.offsetWidth).length"
            assert visit.tab.evaluate(narrow) == 0, "a column three letters wide"


def test_a_symbol_says_what_it_means_and_a_copied_formula_is_tex(browser):
    with Visit(browser, CHAPTERS[0]).ready() as visit:
        eta = visit.tab.locator(".bd-article p > .math mjx-c.mjx-c1D702").first
        eta.hover()
        visit.tab.wait_for_selector("#symbols")
        assert "step size of gradient descent" in visit.tab.locator("#symbols").inner_text()
        visit.tab.keyboard.press("Escape")
        assert visit.tab.locator("#symbols").count() == 0 and not visit.complaints
        copied = visit.tab.evaluate(
            """() => {
                const p = [...document.querySelectorAll('.bd-article p')].find(p => p.querySelector('.math'));
                getSelection().selectAllChildren(p);
                const data = new DataTransfer();
                document.dispatchEvent(new ClipboardEvent('copy', {clipboardData: data, cancelable: true}));
                return data.getData('text/plain');
            }"""
        )
        assert re.search(r"\$[^$]*\\lambda[^$]*\$", copied), copied


# --- colours, figures, paper -------------------------------------------------------------------------------------


def test_titles_text_and_lists_of_boxes_begin_on_one_line_and_no_box_has_a_shadow(browser):
    with Visit(browser, CHAPTERS[2]).ready() as visit:
        for kind in (".proof.theorem", ".proof.definition", "div[class='proof admonition']", ".exercise.admonition"):
            edges, shadow = visit.tab.locator(f".bd-article {kind}").first.evaluate(
                """box => [[...box.querySelectorAll('p')].filter(p => !p.closest('li, table')).map(
                    p => Math.round(p.getBoundingClientRect().x + parseFloat(getComputedStyle(p).paddingLeft))),
                    getComputedStyle(box).boxShadow]"""
            )
            assert max(edges) - min(edges) <= 4 and shadow == "none", (kind, edges, shadow)


def test_no_mark_begins_a_line(browser):
    with Visit(browser, CHAPTERS[6]).ready() as visit:
        for size in (WIDE, PHONE):
            visit.tab.set_viewport_size(size)
            torn = visit.tab.evaluate(
                """() => [...document.querySelectorAll('.bd-article p .math')].filter(e => {
                    const next = e.nextSibling, box = e.querySelector('mjx-container').getBoundingClientRect();
                    if (next?.nodeType !== 3 || !/^[.,;:!?)]/.test(next.data) || !e.checkVisibility()) return false;
                    const range = document.createRange();
                    range.setStart(next, 0);
                    range.setEnd(next, 1);
                    const mark = range.getBoundingClientRect();
                    return mark.x < box.right - 2 && mark.top > box.top + 8;
                }).map(e => e.textContent + e.nextSibling.data.slice(0, 3))"""
            )
            assert torn == []


def test_every_id_is_there_once():
    for page in CHAPTERS:
        twice = [
            name for name, n in Counter(re.findall(r' id="([^"]*)"', (HTML / page).read_text("utf8"))).items() if n > 1
        ]
        assert not twice, (page, twice)


def test_printing_from_the_dark_theme_is_black_on_white(browser):
    with Visit(browser, CHAPTERS[0]).ready() as visit:
        visit.choose("dark")
        visit.tab.emulate_media(media="print")
        pale = visit.tab.evaluate(
            """() => [...document.querySelectorAll('.bd-article *')]
                .filter(e => e.matches('p, h1, h2, figcaption, td, a, .highlight span, .claim, mjx-c'))
                .filter(e => e.checkVisibility() && e.textContent.trim()).filter(e => {
                    const c = getComputedStyle(e).color.match(/[\\d.]+/g).map(Number);
                    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] > 150;
                }).slice(0, 5).map(e => [e.className, getComputedStyle(e).color, e.textContent.slice(0, 30)])"""
        )
        assert pale == []
        assert visit.tab.evaluate("getComputedStyle(document.querySelector('.bd-article figure img')).filter") == "none"
        assert visit.tab.locator(".bd-article h1").first.is_visible()
        assert not visit.tab.locator("#jb-print-docs-body").is_visible()


def test_a_figure_fills_the_screen_when_tapped(browser):
    with Visit(browser, CHAPTERS[3], PHONE).ready() as visit:
        figure = visit.tab.locator("figure a.enlarge").nth(1)
        figure.scroll_into_view_if_needed()
        before = figure.locator("img").bounding_box()["width"]
        assert before > 0.9 * PHONE["width"], "a figure has the width of a phone"
        figure.click()
        layer = visit.tab.locator("#enlarged")
        assert layer.is_visible() and visit.tab.evaluate("document.activeElement.closest('#enlarged') !== null")
        visit.tab.keyboard.press("Escape")
        assert not layer.is_visible() and figure.evaluate("e => e === document.activeElement")


def test_in_forced_colours_figures_keep_a_ground_they_can_be_seen_on(browser):
    with Visit(browser, CHAPTERS[0]).ready() as visit:
        visit.choose("dark")
        visit.tab.emulate_media(forced_colors="active", color_scheme="dark")
        style = visit.tab.evaluate(
            """() => { const s = getComputedStyle(document.querySelector('.bd-article figure img'));
                       return [s.backgroundColor, s.filter]; }"""
        )
        assert style == ["rgb(255, 255, 255)", "none"]


def test_the_meshes_inside_figures_are_pictures():
    from PIL import Image

    found = 0
    for path in (HTML / "_images").glob("*.svg"):
        for data in re.findall(r"data:image/webp;base64,([^\"]+)", path.read_text("utf8")):
            found += Image.open(BytesIO(base64.b64decode(data))).width > 100
    assert found


def test_a_solution_is_opened_by_its_title_and_pages_are_called_by_theirs(browser):
    with Visit(browser, CHAPTERS[0], WIDE).ready() as visit:
        title = visit.tab.locator(".solution > .admonition-title").first
        assert (
            title.inner_text().startswith("Solution to Exercise 1.1")
            and not title.locator("a:not(.headerlink)").count()
        )
        text = visit.tab.locator(".solution section p").first
        assert not text.is_visible()
        title.click(position={"x": 40, "y": 12})
        assert text.is_visible()
    status = (HTML / "book" / "status.html").read_text("utf8")
    assert ">1. Linear stability<" in status and 'class="doc">book/' not in status


def test_a_number_shows_the_line_that_makes_it(browser):
    with Visit(browser, "book/05-depth-separation.html", WIDE).ready() as visit:
        numbers = visit.tab.locator("a.number:visible")
        names = numbers.evaluate_all("links => links.map(link => link.title.match(/“(.+?)”/)[1])")
        shown = 0
        for place, name in list(enumerate(names))[:8]:
            visit.tab.mouse.move(0, 0)
            visit.tab.wait_for_selector("#preview", state="detached")
            numbers.nth(place).hover()
            visit.tab.wait_for_selector("#preview")
            lines = visit.tab.locator("#preview mark").all_inner_texts()
            assert all(f'"{name}"' in line for line in lines), (name, lines)
            shown += len(lines)
            visit.tab.keyboard.press("Escape")
        assert shown >= 2


def test_what_goes_on_to_the_right_fades_until_its_end(browser):
    with Visit(browser, "book/02-univariate-bound.html", PHONE).ready() as visit:
        wide = visit.tab.locator("div.math:has(.eqno) mjx-container").first
        assert wide.evaluate("e => e.scrollWidth > e.clientWidth")
        fade = "e => parseFloat(getComputedStyle(e).getPropertyValue('--fade'))"
        assert wide.evaluate(fade) > 20
        wide.evaluate("e => { e.scrollLeft = e.scrollWidth; }")
        visit.tab.wait_for_timeout(200)
        assert wide.evaluate(fade) == 0
        formulas = visit.tab.locator(".bd-article mjx-container[display]")
        narrow = formulas.evaluate_all(f"all => all.filter(e => e.scrollWidth <= e.clientWidth).map({fade})")
        assert narrow and not any(narrow)


def test_nothing_lies_on_the_words_of_a_search_field(browser):
    with Visit(browser, "search.html?q=knot", MIDDLE) as visit:
        field = visit.tab.locator("main form.bd-search")
        glass = field.locator("i, svg").first.bounding_box()
        start = field.locator("input").evaluate(
            "e => e.getBoundingClientRect().left + parseFloat(getComputedStyle(e).paddingLeft)"
        )
        assert glass["x"] + glass["width"] < start
        assert not visit.tab.locator(".search-button-field .search-button__kbd-shortcut").is_visible()
