"""What machines read of the built pages: descriptions, cards, citations, addresses."""

import json
import re

import pytest
from test_site import CHAPTERS, FRONT, HTML, PAGES, ROOT, Visit, why_not

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def meta(text: str, name: str) -> str:
    found = re.search(rf'<meta (?:name|property)="{name}" content="([^"]*)"', text)
    return found[1] if found else ""


def test_every_page_says_what_it_is():
    described = [page for page in PAGES if page.startswith("book/")]
    texts = {page: (HTML / page).read_text("utf8") for page in described}
    for page, text in texts.items():
        says = meta(text, "description")
        assert 40 < len(says) <= 320 and says == meta(text, "og:description"), page
        assert "\\\\" not in says and "<" not in says, "no TeX, no markup"
        assert meta(text, "og:title") and meta(text, "og:type") == ("book" if page == FRONT else "article")
        assert (
            meta(text, "citation_title") and meta(text, "citation_author") and meta(text, "citation_publication_date")
        )
        assert text.count('name="viewport"') == 1 and text.count('name="theme-color"') == 2, page
        record = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])
        assert record["@type"] == ("Book" if page == FRONT else "Chapter") and record["name"]
    assert len({meta(texts[page], "description") for page in CHAPTERS}) == len(CHAPTERS)
    titles = [re.search(r"<title>(.*?)</title>", text, re.DOTALL)[1].strip() for text in texts.values()]
    assert len(set(titles)) == len(titles) and not any(t.startswith("Stable Minima &#8212; ") for t in titles)


def test_every_page_has_a_card_with_its_first_figure():
    import shutil

    from PIL import Image

    cards = {}
    for page in [page for page in PAGES if page.startswith("book/")]:
        text = (HTML / page).read_text("utf8")
        path = (HTML / page).parent / meta(text, "og:image")
        with Image.open(path) as image:
            assert image.format == "PNG" and path.stat().st_size < 150_000, page
            assert (meta(text, "og:image:width"), meta(text, "og:image:height")) == tuple(map(str, image.size)), page
        assert len(meta(text, "og:image:alt")) > 20 and meta(text, "twitter:card") == "summary_large_image", page
        cards[page] = path.name
        shown = re.search(r'<img[^>]*_images/[^>]*\balt="([^"]+)"', text)
        assert not shown or path.name == "overview.png" or meta(text, "og:image:alt") == shown[1], page
    drawn = {page: card for page, card in cards.items() if card != "overview.png"}
    assert len(set(drawn.values())) == len(drawn) and (len(drawn) == len(cards) or not shutil.which("chromium"))
    kept = {path.name for path in (HTML / "_static" / "cards").glob("*.png")}
    assert kept == set(drawn.values()), "no card of an earlier build"


def test_a_changed_asset_has_another_address():
    from hashlib import sha256

    asked = r'(?:href|src)="([^"?#]*(?:_static/[^"?#]+\.(?:css|js)|searchindex\.js))(\?v=\w+)?[^"]*"'
    for page in PAGES:
        found = re.findall(asked, (HTML / page).read_text("utf8"))
        assert found or page == "404.html", page
        for address, mark in found:
            content = ((HTML / page).parent / address).read_bytes()
            assert mark == f"?v={sha256(content).hexdigest()[:8]}", (page, address)
    sheet = (HTML / "_static" / "mathematics.css").read_text("utf8")
    fonts = re.findall(r'url\("(mathematics/[\w-]+\.woff)(\?v=\w+)?"\)', sheet)
    assert len(fonts) > 3
    front = (HTML / FRONT).read_text("utf8")
    for name, mark in fonts:
        assert mark == f"?v={sha256((HTML / '_static' / name).read_bytes()).hexdigest()[:8]}", name
        assert f'"{name}"' not in front, "what is asked for early is what the style sheet asks for"


def test_without_an_address_nothing_absolute_is_claimed():
    text = (HTML / CHAPTERS[0]).read_text("utf8")
    assert 'rel="canonical"' not in text and "og:url" not in text and not (HTML / "sitemap.xml").exists()
    assert "://" not in meta(text, "og:image")


def test_with_an_address_the_site_says_where_it_is(monkeypatch, tmp_path):
    from test_book_build import TinyBook

    monkeypatch.setenv("STABLEMINIMA_ADDRESS", "https://example.org/minima/")
    book = TinyBook(tmp_path)
    ext = (ROOT / "book" / "_ext").as_posix()
    book.write("CITATION.cff", (ROOT / "CITATION.cff").read_text("utf8"))
    general = "title: tiny\ncopyright: '2026'\nonly_build_toc_files: true\nexecute: {execute_notebooks: 'off'}\n"
    book.write("_config.yml", f"{general}sphinx: {{local_extensions: {{identity: {ext}}}, config: {{language: en}}}}\n")
    words = "A first paragraph that is long enough to describe the whole page, all of it, to whoever asks."
    book.write("book/front.md", f"# Front\n\n{words} See <project:./two.md>.\n")
    book.write("book/two.md", f"# Two\n\n{words}\n")
    book.contents("book/front", "book/two")
    done = book.build()
    assert done.returncode == 0, done.text
    text = book.page("book/two")
    assert '<link rel="canonical" href="https://example.org/minima/book/two.html"' in text
    assert meta(text, "og:image").startswith("https://example.org/minima/") and meta(text, "description") == words
    site = (book.folder / "_build/html/sitemap.xml").read_text("utf8")
    assert "<loc>https://example.org/minima/book/two.html</loc>" in site
    assert "sitemap.xml" in (book.folder / "_build/html/robots.txt").read_text("utf8")
    root = book.page("index")
    assert 'href="book/two.html"' in root and "<title>" in root and "http-equiv" not in root


def test_the_root_is_the_front_page_and_what_is_missing_says_so(browser):
    with Visit(browser, "index.html").ready() as visit:
        assert visit.tab.locator("h1").first.inner_text().startswith("Stable Minima") and not visit.complaints
        blank = "[...document.images].filter(i => i.loading !== 'lazy' && !i.naturalWidth).length"
        assert visit.tab.evaluate(blank) == 0
        visit.tab.locator(".bd-article a[href$='01-linear-stability.html']").first.click()
        assert visit.tab.url.endswith("book/01-linear-stability.html")
    nowhere = (HTML / "404.html").read_text("utf8")
    assert "noindex" in nowhere and "search.html" in nowhere
    assert (HTML / "_static" / "favicon.svg").exists()


def test_the_entry_for_bibtex_is_complete(monkeypatch):
    from pybtex.database import parse_string

    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    from provenance import citation

    (entry,) = parse_string(citation(ROOT)["bibtex"], "bibtex").entries.values()
    assert entry.type == "misc" and entry.fields["year"].isdigit() and entry.fields["title"] and entry.persons["author"]
