"""Every page of the built book in a real browser: wide and narrow, light and dark, from disk, without a network.

The tests read _build/html, which `make book` makes, and are skipped where it is missing or older than its sources.
"""

import gzip
import json
import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
HTML = ROOT / "_build" / "html"
PAGES = sorted(p.relative_to(HTML).as_posix() for p in [*HTML.glob("*.html"), *HTML.glob("book/*.html")])
NESTED = set(re.findall(r"^ {10}- file: (\S+)$", (ROOT / "_toc.yml").read_text("utf8"), re.MULTILINE))
CHAPTERS = sorted(  # chapters first, then the further pages that hang under some
    (page for page in PAGES if re.match(r"book/\d\d-", page)),
    key=lambda page: (page.removesuffix(".html") in NESTED, page),
)
FRONT = "book/index.html"
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}


def why_not() -> str:
    """Why the pages cannot be tested: each carries a hash of what it was made from, and that may have changed."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from provenance import page_hash

    for page in PAGES:
        source = ROOT / page.replace(".html", ".md")
        if source.exists() and page_hash(ROOT, source) not in (HTML / page).read_text("utf8"):
            return f"{page} is older than its sources: run `make book` first"
    return "" if PAGES else "there is no book in _build/html: run `make book` first"


WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


class Visit:
    """An open page, and what the browser had to say about it."""

    def __init__(self, browser, address: str, size: dict = WIDE):
        self.context = browser.new_context(viewport=size, offline=True, reduced_motion="reduce")
        self.tab = self.context.new_page()
        self.tab.set_default_timeout(120_000)
        self.complaints, self.requests = [], []
        self.tab.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("requestfailed", lambda request: self.complaints.append(f"failed: {request.url}"))
        self.tab.goto(address if "://" in address else f"{HTML.as_uri()}/{address}")

    def ready(self):
        """Wait until the formulas are set."""
        self.tab.wait_for_selector("html[data-ready]", state="attached")
        return self

    def choose(self, theme: str) -> None:
        self.tab.evaluate("t => Object.assign(document.documentElement.dataset, {theme: t, mode: t})", theme)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


# --- what can be wrong with a page -------------------------------------------------------------------------------

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    ['the page'].concat([...document.querySelectorAll('body *')].filter(e => {
        if (e.getBoundingClientRect().right <= innerWidth + 1) return false;
        for (let p = e; p; p = p.parentElement) if (getComputedStyle(p).overflowX !== 'visible') return false;
        return true;
    }).slice(0, 5).map(e => `${e.tagName}.${e.className}`))"""

CUT = """() => [...document.querySelectorAll('.bd-article mjx-container')].filter(e => {
    const line = e.parentElement.closest('p, li, dd, td, th, figcaption, div, h1, h2, h3');
    const [room, need] = e.hasAttribute('display') ? [e.clientWidth, e.scrollWidth] : [line.clientWidth, e.offsetWidth];
    return room && need > room + 1 && getComputedStyle(e).overflowX === 'visible';
}).map(e => e.textContent.slice(0, 60))"""

OUT_OF_REACH = """() => [...document.querySelectorAll('.bd-article *:not(mjx-container *)')].filter(e =>
    e.scrollWidth > e.clientWidth + 1 && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
    && e.checkVisibility() && e.tabIndex < 0 && !e.querySelector('a, button, summary, [tabindex="0"]')
).map(e => `${e.tagName}.${e.className}`)"""

LOAD_ALL = """async () => {
    const images = [...document.querySelectorAll('.bd-article img')];
    for (const image of images) image.loading = 'eager'; /* as they would be to a reader who scrolls */
    await Promise.all(images.map(image => image.decode().catch(() => 0)));
}"""

BLANK = """() => [...document.querySelectorAll('.bd-article img')]
    .filter(e => e.checkVisibility() && (!e.complete || e.naturalWidth * e.naturalHeight === 0)).map(e => e.src)"""

UNRENDERED = r"""() => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    const markup = /\$|\\\(|\\\[|\{(glue|prf|cite|ref|doc|eq|numref)\b|```|\*\*|^#{2,} /;
    while (texts.nextNode()) {
        const {data, parentElement} = texts.currentNode;
        const plain = parentElement.closest('pre, code, script, style, dt.sig, .field-list strong'); /* **options */
        if (markup.test(data) && !plain) found.push(data.trim());
    }
    return found.concat([...document.querySelectorAll('mjx-merror')].map(e => e.textContent));
}"""

# axe looks at every element. A formula has dozens, and one letter is enough; of code, one token of each colour.
THIN = """() => {
    for (const formula of document.querySelectorAll('mjx-container')) {
        formula.replaceChildren('x');
        formula.style.lineHeight = 'normal';
    }
    const seen = new Set();
    for (const token of document.querySelectorAll('.highlight span'))
        if (seen.has(token.className)) token.remove(); else seen.add(token.className);
    for (const signature of [...document.querySelectorAll('dt.sig')].slice(4)) signature.replaceChildren('x');
}"""


def axe(tab, **options) -> list[str]:
    """What axe finds: WCAG 2 at levels A and AA, and its own best practices."""
    module = pytest.importorskip("axe_playwright_python.sync_playwright")
    result = module.Axe().run(tab, options={"resultTypes": ["violations"], "preload": False} | options)
    found = [(violation["id"], node) for violation in result.response["violations"] for node in violation["nodes"][:5]]
    return [" ".join(f"{rule}: {node['target']} {node['failureSummary']}".split())[:300] for rule, node in found]


def problems(browser, address: str) -> dict[str, list]:
    """All that is wrong with a page, at both widths and in both themes."""
    found = {}
    for name, size in {"wide": WIDE, "phone": PHONE}.items():
        with Visit(browser, address, size).ready() as visit:
            found[f"{name}: unrendered"] = visit.tab.evaluate(UNRENDERED)
            visit.tab.evaluate(LOAD_ALL)
            found[f"{name}: formulas cut off"] = visit.tab.evaluate(CUT)
            found[f"{name}: scrolls, but not by keyboard"] = visit.tab.evaluate(OUT_OF_REACH)
            for theme in ("light", "dark"):
                visit.choose(theme)
                found[f"{name}, {theme}: sideways"] = visit.tab.evaluate(TOO_WIDE)
                found[f"{name}, {theme}: blank"] = visit.tab.evaluate(BLANK)
            found[f"{name}: console"] = list(visit.complaints)
            found[f"{name}: elsewhere"] = [r for r in visit.requests if not r.startswith((HTML.as_uri(), "data:"))]
            if size == WIDE:
                visit.tab.evaluate(THIN)
                found["dark: accessibility"] = axe(visit.tab)
                visit.choose("light")  # where only the colours differ
                found["light: accessibility"] = axe(visit.tab, runOnly=["color-contrast"])
    return {case: what for case, what in found.items() if what}


# --- the tests ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_wrong_with_a_page(browser, page):
    found = problems(browser, page)
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)


def test_titles_fit_into_the_map_of_the_chapters(browser):
    with Visit(browser, "book/index.html", WIDE).ready() as visit:
        room = visit.tab.evaluate(
            """() => [...document.querySelectorAll('.chapter-map a')].map(
                a => a.querySelector('rect').getBBox().width - a.querySelector('text').getBBox().width)"""
        )
    assert len(room) == 9 and min(room) > 4


def test_what_is_wrong_would_be_found(browser, tmp_path):
    """A page with one mistake of each kind."""
    mistakes = """<!doctype html><html data-ready><title>t</title><body><main class="bd-article"><h1>h</h1>
        <p>{glue:text}`x`</p><p style="width: 3000px">wide</p><img alt="a" src="nowhere.png">
        <p style="color: #eee; background: #fff">pale</p><script src="https://example.org/x.js"></script></main>"""
    (tmp_path / "page.html").write_text(mistakes, "utf8")
    found = problems(browser, (tmp_path / "page.html").as_uri())
    assert found["wide: unrendered"] == ["{glue:text}`x`"]
    for case in ("light", "dark"):
        assert any("color-contrast" in problem for problem in found[f"{case}: accessibility"])
        assert found[f"phone, {case}: sideways"] and "nowhere.png" in str(found[f"wide, {case}: blank"])
    assert "https://example.org/x.js" in found["wide: elsewhere"] and found["wide: console"]


def test_every_link_inside_the_book_leads_somewhere():
    texts = {page: (HTML / page).read_text("utf8") for page in PAGES}
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in texts.items()}
    broken = []
    for page, text in texts.items():
        for address in set(re.findall(r'<(?:a|link|img|script)\b[^>]*?\s(?:href|src)="([^"]+)"', text)):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = unquote(urljoin(page, parts.path)) if parts.path else page
            known = anchors.get(target, {parts.fragment})
            if re.match(r"[a-z]+=", parts.fragment) and 'class="explorable"' in texts.get(target, ""):
                continue  # a state of the explorable of that page: tests/test_explorables.py goes there
            if not (HTML / target).exists() or (parts.fragment and unquote(parts.fragment) not in known):
                broken.append(f"{page} -> {address}")
    assert not broken, "\n".join(broken)


def test_the_first_page_is_light_and_quick(browser):
    drawn = []
    for _ in range(3):
        with Visit(browser, FRONT).ready() as visit:
            drawn.append(visit.tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
            files = {unquote(urlsplit(url).path) for url in visit.requests if url.startswith("file:")}
    sent = sum(len(gzip.compress(Path(file).read_bytes())) for file in files)
    print(f"first page: {len(files)} files, {sent / 1e6:.2f} MB compressed, drawn after {min(drawn):.0f} ms")
    busy = max(1.0, os.getloadavg()[0] / os.cpu_count())  # others at work on this machine
    assert sent < 1.2e6 and min(drawn) < 1000 * busy


def test_the_search_finds_a_theorem_by_its_name(browser):
    index = json.loads((HTML / "searchindex.js").read_text("utf8").removeprefix("Search.setIndex(").removesuffix(")"))
    chapter, theorems = next((k, v) for k, v in index["objects"].items() if k.startswith("Theorem"))
    number, name = re.fullmatch(r"(\d+) \((.+)\)", theorems[0][4]).groups()
    number = f"{chapter.removeprefix('Theorem ')}.{number}"
    with Visit(browser, f"search.html?q={name.replace(' ', '+')}") as visit:
        first = visit.tab.locator("#search-results li a").first
        assert first.inner_text() == f"Theorem {number} ({name})"
        first.click()
        assert name in visit.tab.locator(":target").inner_text()
        assert not visit.complaints


@pytest.mark.parametrize("page", CHAPTERS)
def test_numbers_and_figures_say_where_they_come_from(page):
    text = (HTML / page).read_text("utf8")
    assert 'class="pasted-text"' not in text, "a number without its cell"
    drawn = re.findall(r'<div class="cell\b.*?</figure>', text, flags=re.DOTALL)
    assert drawn and all('class="made-by"' in figure for figure in drawn)
    assert re.search(r"min to read · code runs in \d+ s", text) and re.search(r"content [0-9a-f]{12}", text)


def test_a_link_shows_what_it_leads_to(browser):
    chapter = "book/06-sobolev-approximation.html"  # it refers to theorems of other chapters
    with Visit(browser, chapter).ready() as visit:
        preview = visit.tab.locator("#preview")
        links = {
            "an equation here": "a.reference.internal[href^='#equation-']",
            "a statement elsewhere": "a.reference.internal:is([href*='.html#thm-'], [href*='.html#prop-'])",
            "a number": "a.number",
        }
        for what, selector in links.items():
            link = visit.tab.locator(f".bd-article {selector}").first
            link.hover()
            preview.wait_for(state="visible")
            assert preview.inner_text().strip(), what
            visit.tab.keyboard.press("Escape")
            assert preview.count() == 0, what
            visit.tab.mouse.move(0, 0)
        visit.tab.locator(".bd-article a.number").first.focus()
        visit.tab.keyboard.press("Shift+Tab")
        visit.tab.keyboard.press("Tab")
        preview.wait_for(state="visible")
        assert "cell" in preview.inner_text()
        assert not visit.complaints


FOCUS = """() => {
    const e = document.activeElement, visible = getComputedStyle(e).outlineStyle !== 'none' && e.checkVisibility();
    return [e.textContent.trim().slice(0, 30) || e.ariaLabel, visible];
}"""


def test_the_keyboard_shows_where_it_is(browser):
    with Visit(browser, FRONT).ready() as visit:
        seen = []
        for _ in range(25):
            visit.tab.keyboard.press("Tab")
            seen.append(visit.tab.evaluate(FOCUS))
        assert seen[0][0] == "Skip to main content"
        assert not [name for name, visible in seen if not visible]
