"""Self-checks as a reader meets them: with a mouse, with keys alone, without scripts, on a phone, on paper."""

import sys

import pytest
from test_site import HTML, PHONE, ROOT, WIDE, Visit, axe, why_not

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from self_check import FOLDER, read_items

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
CHAPTERS = [path.stem for path in sorted(FOLDER.glob("*.yml"))]
PAGE = "book/01-linear-stability.html"


def question(visit, number):
    return visit.tab.locator(f"[data-check='{number}']")


def answer(visit, number, choice=None):
    """Press Check, and read the reply."""
    box = question(visit, number)
    if choice is not None:
        box.locator("label").nth(choice).click()
    box.get_by_role("button", name="Check", exact=True).click()
    return box.locator(".check-says").inner_text()


def ordered(visit, number):
    return question(visit, number).locator("ol > li").evaluate_all("lines => lines.map(line => +line.dataset.place)")


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_wrong_choice_has_its_own_reply_and_the_right_one_ends_the_question(browser, chapter):
    with Visit(browser, f"book/{chapter}.html").ready() as visit:
        for number, item in enumerate(read_items(FOLDER / f"{chapter}.yml"), 1):
            if item.kind == "order":
                continue
            replies = []
            for place, k in sorted(enumerate(item.shown), key=lambda pair: pair[1], reverse=True):  # the right one last
                replies.append(answer(visit, number, place))
                assert replies[-1].startswith("Right." if k == 0 else "No."), (number, k)
                assert ("check-done" in question(visit, number).get_attribute("class")) == (k == 0)
            assert len(set(replies)) == 4
        right = sum(item.kind == "choice" for item in read_items(FOLDER / f"{chapter}.yml"))
        assert visit.tab.locator(".check-score").inner_text() == f"{right} of 8 right."
        assert visit.complaints == []


def test_without_a_choice_it_asks_for_one(browser):
    with Visit(browser, PAGE).ready() as visit:
        assert answer(visit, 1) == "Choose an answer first."


def test_an_order_is_made_by_buttons_and_says_where_it_goes_wrong(browser):
    with Visit(browser, PAGE).ready() as visit:
        assert "does not come here yet" in answer(visit, 8)
        n = len(ordered(visit, 8))
        for place in range(1, n + 1):  # each line up to its place, by its own button
            line = question(visit, 8).locator(f"li[data-place='{place}']")
            for _ in range(n):
                if ordered(visit, 8).index(place) > place - 1:
                    line.get_by_role("button", name="up").click()
            assert ordered(visit, 8)[:place] == list(range(1, place + 1))
            if place == 2:
                assert answer(visit, 8).startswith("Right as far as line") or n == 2
        assert answer(visit, 8).startswith("Right: each line uses those before it")
        question(visit, 8).locator("li").first.get_by_role("button", name="down").click()
        assert "check-done" not in question(visit, 8).get_attribute("class")
        assert "What stands as line 1" in answer(visit, 8)


def test_a_line_is_dragged_to_its_place(browser):
    with Visit(browser, PAGE).ready() as visit:
        box = question(visit, 8)
        before = ordered(visit, 8)
        box.locator("li").first.drag_to(box.locator("li").last)
        assert ordered(visit, 8) == before[1:] + before[:1] or ordered(visit, 8)[-2] == before[0]


def test_keys_are_enough(browser):
    with Visit(browser, PAGE).ready() as visit:
        first = question(visit, 1).locator("input").first
        first.focus()
        keys = visit.tab.keyboard
        keys.press("ArrowDown")
        assert question(visit, 1).locator("input").nth(1).is_checked()
        assert question(visit, 1).locator(".check-says").inner_text() == "", "arrows choose, they do not answer"
        keys.press("Tab")
        keys.press("Enter")
        assert question(visit, 1).locator(".check-says").inner_text().startswith(("Right.", "No."))
        moved = question(visit, 8).locator("li").nth(1).get_attribute("data-place")
        question(visit, 8).locator("li").nth(1).get_by_role("button", name="up").focus()
        keys.press("Enter")
        assert question(visit, 8).locator("li").first.get_attribute("data-place") == moved
        assert visit.tab.evaluate("document.activeElement.closest('li').dataset.place") == moved, "focus goes along"
        assert question(visit, 8).locator(".check-says").inner_text() == "This line is now 1 of 6."


def test_readers_of_the_screen_are_told(browser):
    with Visit(browser, PAGE).ready() as visit:
        group = visit.tab.get_by_role("group", name="1. Gradient descent runs on")
        assert group.get_by_role("radio").count() == 4
        assert question(visit, 1).locator(".check-says").get_attribute("role") == "status"
        assert question(visit, 8).get_by_role("button", name="Move line a down").count() == 1
        assert axe(visit.tab, runOnly=["wcag2a", "wcag2aa"], include=[".self-check"]) == []


def test_without_scripts_the_answers_stand_after_the_questions(browser):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{HTML.as_uri()}/{PAGE}")
    check = tab.locator(".self-check")
    assert check.locator("button").count() == 0
    assert check.locator("details").count() == 8 and check.locator("details").first.is_visible()
    reply = check.locator("details").first.locator("li").first
    assert not reply.is_visible()
    check.locator("summary").first.click()
    assert reply.is_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_page(browser, theme):
    for chapter in CHAPTERS:
        with Visit(browser, f"book/{chapter}.html", PHONE).ready() as visit:
            visit.choose(theme)
            for number in range(1, 8):
                answer(visit, number, 1)
            visit.tab.wait_for_timeout(300)  # formulas are measured again
            out = """() => [...document.querySelectorAll('.self-check :is(li, label, legend, .check-says)')]
                .filter(e => e.getBoundingClientRect().right > innerWidth || e.scrollWidth > e.clientWidth + 2)
                .map(e => e.textContent.slice(0, 60))"""
            assert visit.tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            assert visit.tab.evaluate(out) == [], chapter


def test_paper_has_the_questions_and_then_the_answers(browser):
    with Visit(browser, PAGE, WIDE).ready() as visit:
        answer(visit, 1, 0)
        visit.tab.emulate_media(media="print")
        check = visit.tab.locator(".self-check")
        assert not any(button.is_visible() for button in check.locator("button").all())
        last = check.locator("fieldset").last.bounding_box()
        replies = check.locator("details li").all()
        assert replies and all(each.bounding_box()["height"] > 0 for each in replies)
        assert replies[0].bounding_box()["y"] > last["y"] + last["height"]


def test_the_script_is_small():
    assert (HTML / "_static" / "self-checks.js").stat().st_size < 6000
