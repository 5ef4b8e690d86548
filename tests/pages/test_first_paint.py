"""What a reader sees of the built pages before any script has run, and what that costs; from a server."""

import gzip
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from test_site import CHAPTERS, FRONT, HTML, PAGES, PHONE, WIDE, why_not

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

PAPER = {"light": "rgb(255, 254, 251)", "dark": "rgb(20, 23, 28)"}
SHIFTS = """window.shift = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) shift += e.value; })
    .observe({type: 'layout-shift', buffered: true});"""
FIRST_FRAME = """new MutationObserver((_, self) => {
    const formula = document.querySelector('.bd-article mjx-container');
    if (!formula || window.first) return;
    const root = getComputedStyle(document.documentElement);
    window.first = [document.readyState, document.documentElement.dataset.theme, root.fontSize,
        getComputedStyle(document.body).backgroundColor, getComputedStyle(formula).fontFamily];
}).observe(document, {childList: true, subtree: true});"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server():
    """The address at which the built book is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=HTML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def first_visit(browser, address, size=WIDE, theme="dark", script=""):
    """An open page of a reader who was never here; what it asked for; what the browser counted."""
    context = browser.new_context(viewport=size, color_scheme=theme)
    context.add_init_script(SHIFTS + script)
    tab = context.new_page()
    tab.asked = []
    tab.on("request", lambda request: tab.asked.append(request.url))
    counters = context.new_cdp_session(tab)
    counters.send("Performance.enable")
    tab.goto(address)
    tab.wait_for_selector("html[data-ready]", state="attached")
    tab.wait_for_timeout(300)
    tab.counted = {m["name"]: m["value"] for m in counters.send("Performance.getMetrics")["metrics"]}
    return tab


def weights(urls) -> dict[str, int]:
    """The compressed size of each file."""
    paths = {HTML / unquote(urlsplit(url).path).lstrip("/") for url in urls if url.startswith("http")}
    return {path.name: len(gzip.compress(path.read_bytes())) for path in paths if path.is_file()}


def contrast(one: tuple, other: tuple) -> float:
    def light(colour):
        parts = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour)]
        return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.timed
@pytest.mark.parametrize("page", [FRONT, *CHAPTERS])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_first_visit(browser, server, page, theme):
    tab = first_visit(browser, f"{server}/{page}", theme=theme, script=FIRST_FRAME)
    state, chosen, size, paper, _ = tab.evaluate("window.first")
    assert (state, chosen, size, paper) == ("loading", theme, "17px", PAPER[theme]), "before any deferred script"
    assert tab.evaluate("getComputedStyle(document.documentElement).fontSize") == "17px"
    assert tab.evaluate("window.shift") < 0.05
    work = tab.counted["TaskDuration"] - tab.counted["LayoutDuration"] - tab.counted["RecalcStyleDuration"]
    print(
        f"shift {tab.evaluate('shift'):.3f}, scripts {tab.counted['ScriptDuration']:.2f} s, all but layout {work:.2f} s"
    )
    assert tab.counted["ScriptDuration"] < 0.6
    sent = weights(tab.asked)
    assert sum(sent.values()) < (0.6e6 if page == FRONT else 1.0e6), sent
    tab.context.close()


def test_no_picture_is_heavy():
    sizes = {p.name: p.stat().st_size for p in (HTML / "_images").iterdir()}
    assert sizes and max(sizes.values()) < 300e3, {name: size for name, size in sizes.items() if size >= 300e3}


def test_images_have_their_size_and_come_when_needed(browser, server):
    for page in CHAPTERS[2], FRONT:
        tab = first_visit(browser, f"{server}/{page}")
        images = tab.evaluate(
            """() => [...document.querySelectorAll('.bd-article img')].map(e => [e.width, e.height,
                e.getAttribute('width') / e.getAttribute('height'), e.naturalWidth / e.naturalHeight, e.loading])"""
        )
        for _, _, promised, real, _ in images:
            assert real != real or abs(promised - real) < 0.02 * real  # the first is NaN where none was loaded yet
        assert all(loading == "lazy" for *_, loading in images[1:])
        tab.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_without_scripts_a_page_has_its_colours_and_formulas(browser, server, theme, size):
    context = browser.new_context(viewport=size, color_scheme=theme, java_script_enabled=False)
    tab = context.new_page()
    tab.goto(f"{server}/{CHAPTERS[4]}")
    seen = {}
    for name, selector in {
        "paper": "body",
        "theorem": ".proof.theorem",
        "code": ".highlight .kn, .highlight .k",
    }.items():
        seen[name] = tab.locator(selector).first
    computed = "(e, name) => getComputedStyle(e)[name]"
    assert seen["paper"].evaluate(computed, "backgroundColor") == PAPER[theme]
    red = int(seen["paper"].evaluate(computed, "color").strip("rgb()").split(",")[0])
    assert (red > 200) == (theme == "dark")
    assert seen["theorem"].evaluate(computed, "borderLeftColor") != "rgb(0, 0, 0)"
    token = seen["code"].evaluate(computed, "color")
    assert token != seen["paper"].evaluate(computed, "color"), "code is coloured"
    colours = [tuple(map(int, text.strip("rgb()").split(","))) for text in (token, PAPER[theme])]
    assert contrast(*colours) > 4.5
    assert not tab.locator("text=/\\\\\\(|\\\\\\[/").count(), "TeX that nothing has set"
    formula = tab.locator(".bd-article mjx-container").first.bounding_box()
    assert formula["width"] > 5 and 5 < formula["height"] < 120
    context.close()


@pytest.mark.parametrize("page", PAGES)
def test_no_page_brings_a_typesetter(page):
    text = (HTML / page).read_text("utf8")
    assert "tex-chtml" not in text and "mjx-merror" not in text
    assert text.count("<mjx-container") == text.count("<mjx-assistive-mml"), "each formula can be read aloud"
