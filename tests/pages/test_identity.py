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


def test_without_an_address_nothing_absolute_is_claimed():
    text = (HTML / CHAPTERS[0]).read_text("utf8")
    assert 'rel="canonical"' not in text and "og:url" not in text and not (HTML / "sitemap.xml").exists()


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
