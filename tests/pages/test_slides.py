"""The slides: every one of every deck fits its stage, is not empty, and has its pictures; keys, phone, paper."""

import html
import io
import re
import sys
from urllib.parse import unquote

import pytest
from test_site import HTML, PHONE, ROOT, Visit, axe, why_not

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
DECKS = sorted(path.relative_to(HTML).as_posix() for path in HTML.glob("slides/*.html"))
STAGE = {"width": 1280, "height": 720}
SMALLEST = 14  # pixels, of text on a stage of 1280 by 720

MEASURE = """slide => {
    const stage = slide.getBoundingClientRect(), content = slide.querySelector('.content'), wrong = [];
    const room = content.getBoundingClientRect(), all = (names) => [...content.querySelectorAll(names)];
    const beside = (box, of) => box.left < of.left - 1 || box.right > of.right + 1;
    if (Math.abs(stage.left) + Math.abs(stage.top) + Math.abs(stage.right - 1280) > 1) wrong.push('not on the stage');
    if (content.scrollHeight > content.clientHeight + 1) wrong.push('too high');
    for (const part of all('p, li, img, table, .proof, .beside, div.math > mjx-container, .eqno'))
        if (beside(part.getBoundingClientRect(), room)) wrong.push(`${part.tagName} is cut`);
    for (const box of all('div.math')) if (box.scrollWidth > box.clientWidth + 1) wrong.push('a formula is cut');
    for (const number of all('.eqno')) {
        const formula = number.parentElement.querySelector('mjx-math');
        const [end, start] = [formula.getBoundingClientRect().right, number.getBoundingClientRect().left];
        if (end > start) wrong.push('a number on its formula');
    }
    for (const picture of all('img')) {
        if (!picture.complete || !picture.naturalWidth) wrong.push(`not loaded: ${picture.src}`);
        if (picture.getBoundingClientRect().height < 150) wrong.push('a picture like a stamp');
    }
    const sizes = all('p, li, td').map(e => parseFloat(getComputedStyle(e).fontSize));
    const shown = content.querySelector('img, mjx-container') || content.textContent.trim().length > 20;
    return {wrong, empty: !shown, smallest: Math.min(99, ...sizes)};
}"""
LOADED = "() => Promise.all([...document.images].map(e => (e.loading = 'eager', e.decode().catch(() => 0))))"


def test_there_is_a_deck_for_every_lecture():
    assert set(DECKS) == {f"slides/{number:02d}.html" for number in range(1, 25)}
    lectures = (HTML / "book" / "lectures.html").read_text("utf8")
    assert set(re.findall(r'href="\.\./(slides/\d\d\.html)"', lectures)) == set(DECKS)
    chapters = "".join(path.read_text("utf8") for path in HTML.glob("book/0*.html"))
    facts = re.findall(r'<p class="chapter-facts">.*?</p>', chapters)
    assert set(re.findall(r'href="\.\./(slides/\d\d\.html)"', "".join(facts))) == set(DECKS)


@pytest.mark.parametrize("deck", DECKS)
def test_every_slide_fits(browser, deck):
    with Visit(browser, deck, STAGE).ready() as visit:
        tab = visit.tab
        tab.evaluate(LOADED)
        number = tab.locator(".slide").count()
        assert 6 <= number <= 40
        found = {}
        for k in range(number):
            assert tab.locator(".slide.now").get_attribute("id") == str(k + 1)
            seen = tab.locator(".slide.now").evaluate(MEASURE)
            if seen["wrong"] or seen["empty"] or seen["smallest"] < SMALLEST:
                found[k + 1] = seen
            tab.keyboard.press("ArrowRight")
        assert not found
        assert not visit.complaints
        assert not [r for r in visit.requests if not r.startswith((HTML.as_uri(), "data:"))]


def test_what_does_not_fit_would_be_found(browser):
    with Visit(browser, DECKS[0], STAGE).ready() as visit:
        slide = visit.tab.locator(".slide.now")
        assert not slide.evaluate(MEASURE)["wrong"]
        slide.evaluate("e => e.querySelector('.content').insertAdjacentHTML('beforeend', '<p>more</p>'.repeat(30))")
        assert slide.evaluate(MEASURE)["wrong"]
        slide.evaluate("""e => e.querySelector('.content').innerHTML =
            '<p style="width: 3000px">wide</p><img src="nowhere.png" height="200" alt="">'""")
        wrong = str(slide.evaluate(MEASURE)["wrong"])
        assert "P is cut" in wrong and "not loaded" in wrong
        slide.evaluate("e => e.querySelector('.content').innerHTML = ''")
        assert slide.evaluate(MEASURE)["empty"]


def test_a_deck_is_turned_with_keys_and_buttons(browser):
    with Visit(browser, f"{HTML.as_uri()}/{DECKS[4]}#3", STAGE).ready() as visit:
        tab, number = visit.tab, visit.tab.locator(".slide").count()

        def at():
            return int(tab.locator(".slide.now").get_attribute("id"))

        assert at() == 3, "the address names a slide"
        for key, expected in (
            ("ArrowRight", 4), (" ", 5), ("PageDown", 6), ("ArrowLeft", 5), ("Shift+ ", 4), ("PageUp", 3), ("Home", 1),
            ("ArrowLeft", 1), ("End", number), ("ArrowRight", number),
        ):  # fmt: skip
            tab.keyboard.press(key)
            assert at() == expected, key
        assert tab.locator("#turn output").inner_text() == f"{number} / {number}"
        assert tab.url.endswith(f"#{number}")
        tab.get_by_role("button", name="Previous slide").click()
        assert at() == number - 1
        tab.keyboard.press("f")
        tab.wait_for_function("document.fullscreenElement !== null")
        tab.set_viewport_size({"width": 960, "height": 1080})
        tab.wait_for_function("getComputedStyle(document.querySelector('.slide.now')).scale === '0.75'")
        assert not axe(tab)


@pytest.mark.parametrize("deck", [DECKS[4:5], DECKS[-5:-4]] if DECKS else [])
def test_on_a_phone_the_slides_stand_one_under_another(browser, deck):
    with Visit(browser, deck[0], PHONE).ready() as visit:
        visit.tab.evaluate(LOADED)
        seen = visit.tab.evaluate(
            """() => [document.documentElement.scrollWidth, [...document.querySelectorAll('.slide')].map(e => {
                const a = e.getBoundingClientRect(), inner = [...e.querySelectorAll('p, li, img, h2, .proof')];
                return [a.height > 60, inner.every(p => p.getBoundingClientRect().right <= a.right + 1)];
            })]"""
        )
        assert seen[0] <= PHONE["width"] and all(tall and inside for tall, inside in seen[1])
        size = visit.tab.evaluate("getComputedStyle(document.querySelectorAll('.content')[1]).fontSize")
        assert float(size.removesuffix("px")) >= 16 and not visit.tab.locator("#turn").is_visible()


def test_printed_a_slide_is_a_page(browser):
    pages = pytest.importorskip("pypdf", reason="pypdf is not installed")
    with Visit(browser, DECKS[4], STAGE).ready() as visit:
        visit.tab.evaluate(LOADED)
        number = visit.tab.locator(".slide").count()
        file = pages.PdfReader(io.BytesIO(visit.tab.pdf(prefer_css_page_size=True, print_background=True)))
        assert len(file.pages) == number
        assert [round(float(side)) for side in file.pages[0].mediabox[2:]] == [960, 540]  # points


def test_nothing_of_a_deck_is_copied_text():
    """What a statement says on a slide is what it says in its chapter, formulas included."""
    deck = (HTML / DECKS[4]).read_text("utf8")
    page = (HTML / "book" / "02-univariate-bound.html").read_text("utf8")
    formulas = re.findall(r'data-tex="([^"]+)"', deck)
    assert len(formulas) > 30 and set(formulas) <= set(re.findall(r'data-tex="([^"]+)"', page))


def test_every_link_of_the_slides_leads_somewhere():
    ids = {path.name: set(re.findall(r'\bid="([^"]+)"', path.read_text("utf8"))) for path in HTML.glob("book/*.html")}
    states, broken = 0, []
    for deck in DECKS:
        for address in set(re.findall(r'\b(?:href|src)="([^"]+)"', (HTML / deck).read_text("utf8"))):
            if re.match(r"https?:", address):
                continue
            path, _, part = re.sub(r"\?v=\w+", "", address).partition("#")
            states += "=" in part
            known = "=" in part or not part or unquote(part) in ids.get(path.rpartition("/")[2], ())
            if not (HTML / "slides" / path).resolve().exists() or not known:
                broken.append(f"{deck}: {address}")
    assert not broken and states > 20


def test_the_tables_of_the_plans_add_up():
    """The load of a week is the reading of its lectures and the share of the sets, and is within the limit."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    import course_plans

    page = (HTML / "book" / "teaching.html").read_text("utf8")
    assert "no week asks for more than five and a half hours" in page
    questions = course_plans.read_questions(ROOT)
    for plan in course_plans.read_plans(ROOT).values():
        assert plan.minutes == 5.5 * 60
        section = page.partition(f'id="{plan.title.lower().replace(" ", "-")}"')[2]
        table = re.search(r"<table.*?</table>", section, re.DOTALL)[0]
        rows = [
            re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        ]
        plain = [[html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in rows if row]
        assert len(plain) >= len(plan.lectures)
        week, reading, shown = 0, {}, {}
        for number, _, _, minutes, _, asks in plain:
            week = int(number or week)
            reading[week] = reading.get(week, 0) + int(minutes or 0)
            if asks:
                shown[week] = 60 * int(asks.split()[0]) + int(asks.split()[2])
        for handout in plan.handouts:
            minutes = sum(q.minutes for q in course_plans.asked(handout, questions))
            for k in range(handout.out + 1, handout.due + 1):
                reading[k] += minutes / (handout.due - handout.out)
        assert shown.keys() == reading.keys()
        assert all(0 <= shown[k] - reading[k] < 5 + 1e-9 and shown[k] <= plan.minutes for k in shown), (shown, reading)
