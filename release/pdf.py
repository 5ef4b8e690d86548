"""The whole book on paper, without TeX: the built pages as one document, printed by Chromium.

The pages of the library are left out: they are looked up, not read.  Chromium makes working links of the internal ones.
The first printing tells on which page everything is; the second, tagged for screen readers, has the numbers in its
table of contents, and from them the bookmarks.  A figure that does not fit on the rest of its page shrinks to no less
than three quarters, or lets the text that follows go first (FILL_PAGES).
"""

from __future__ import annotations

import logging
import mimetypes
import re
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from html import escape
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote, urlparse

import pypdf
from bs4 import BeautifulSoup
from pages import Page, is_state
from playwright.sync_api import Browser, Route
from playwright.sync_api import Page as Tab

HOST = "http://book.invalid"  # answered from the folder of the built book; nothing else is
INTERACTIVE = "[class^=explorable], canvas, iframe, form"
NOT_ON_PAPER = "button, input, select, details.hide.above-input, details.how, details.map-in-words, .toggle-button"
NOTE = "<p class='on-paper'><em>In the online book a figure that runs in the page stands here.</em></p>"
HEIGHT = (297 - 20 - 22) / 25.4 * 96  # of the text on a page, in dots; see paper.css
STYLE = Path(__file__).with_name("paper.css")

FIT = """() => { // what is wider than the paper shrinks until it fits
  document.querySelectorAll("details").forEach(d => { d.open = true; });
  for (const box of document.querySelectorAll("mjx-container[display=true], table")) {
    const room = box.parentElement.clientWidth;
    const need = box.tagName === "TABLE" ? box.scrollWidth : (box.querySelector("mjx-math") || box).scrollWidth;
    if (need > room && room > 0) box.style.fontSize = `${Math.max(50, Math.floor(98 * room / need))}%`;
  }
}"""
FILL_PAGES = """height => { // columns break as pages do: in them figures shrink or move until none is half empty
  const inner = "section, .cell, .cell_output, .output, .admonition, .proof, .exercise, .solution, .container";
  const box = ".admonition, .proof, .exercise, .solution", heading = "h1, h2, h3, h4";
  const outer = e => e.parentElement.matches("section, article") ? e : outer(e.parentElement);
  const flow = (parent, found = []) => { // what stands below one another
    for (const e of parent.children) {
      if (e.matches(inner)) flow(e, found);
      else if (e.getBoundingClientRect().height) found.push(e);
    }
    return found;
  };
  const tall = e => [...e.getClientRects()].reduce((sum, r) => sum + r.height, 0);
  const last_that_fits = (blocks, k, gap) => { // the block behind which the figure k can stand
    let last = k;
    for (let j = k + 1, used = 0; j < blocks.length; j++) {
      const stop = blocks[j].matches("figure, h1, h2") || blocks[j].querySelector("figure");
      if (stop || used > gap) break; // of the last one a part fits
      used += tall(blocks[j]) + 10;
      const goes_on = blocks[j + 1] && outer(blocks[j]).contains(blocks[j + 1]);
      if (!blocks[j].matches(heading) && !goes_on) last = j;
    }
    return last;
  };
  const filled = (blocks, first, gap) => { // whether the gap before the block `first` has become smaller
    let k = first;
    while (blocks[k]?.matches(heading)) k++;
    const picture = blocks[k]?.querySelector("img, svg");
    if (!blocks[k]?.matches("figure") || !picture) return false;
    const drawn = picture.getBoundingClientRect();
    const others = blocks.slice(first, k + 1).reduce((sum, e) => sum + tall(e) + 14, 0) - drawn.height;
    const scale = Math.floor(100 * (gap - others) / drawn.height) / 100;
    if (scale >= 0.75 && scale < 1 && !picture.dataset.shrunk) {
      picture.dataset.shrunk = scale;
      picture.style.cssText = `width: ${scale * drawn.width}px; height: auto`;
      return true;
    }
    const last = blocks[k].closest(box) ? k : last_that_fits(blocks, k, gap);
    if (last > k) outer(blocks[last]).after(blocks[k]);
    return last > k;
  };
  for (const article of document.querySelectorAll("article")) {
    article.style.width = "170mm";
    const { width } = article.getBoundingClientRect();
    article.style.cssText += `height: ${height}px; columns: ${width}px auto; column-gap: 0; column-fill: auto`;
    for (let page = 0, tries = 0; tries < 300; tries++) {
      const { left, top } = article.getBoundingClientRect(), blocks = flow(article);
      const column = r => Math.floor((r.left + r.width / 2 - left) / width);
      const on_page = e => [...e.getClientRects()].filter(r => r.height && column(r) === page);
      const next = blocks.findIndex(e => [...e.getClientRects()].filter(r => r.height).every(r => column(r) > page));
      if (next < 0) break;
      const end = Math.max(0, ...blocks.slice(0, next).flatMap(on_page).map(r => r.bottom - top));
      if (height - end < 0.15 * height || !filled(blocks, next, height - end)) page++;
    }
    article.style.cssText = "";
  }
}"""
UNFINISHED = """() => ({
  waiting: [...document.querySelectorAll("span.math, div.math")].filter(e => !e.querySelector("mjx-container")).length,
  errors: [...document.querySelectorAll("mjx-merror")].map(e => e.textContent),
  pictures: [...document.images].filter(i => !(i.complete && i.naturalWidth)).map(i => i.src),
})"""


CONTENTS = """() => [...document.querySelectorAll(".book-contents p")].map(
  p => [p.className, p.querySelector("span").innerText, p.querySelector("b").dataset.page])"""


@dataclass(frozen=True)
class TitlePage:
    """What stands on it."""

    title: str
    subtitle: str
    author: str
    imprint: str  # version and date
    licence: str
    picture: str  # a file of the built book

    def html(self) -> str:
        picture = f"<img src='{HOST}/{self.picture}' alt=''>" if self.picture else ""
        lines = (("title", self.title), ("subtitle", self.subtitle), ("author", self.author))
        texts = "".join(f"<p class='{name}'>{escape(text)}</p>" for name, text in lines)
        foot = f"<p class='imprint'>{escape(self.imprint)}<br>{escape(self.licence)}</p>"
        return f"<div class='title-page'>{texts}{picture}{foot}</div>"


def running_heads(articles: list[tuple[str, str]], title: str) -> str:
    """For each article, by its id and title, pages of its own: the book's title in the head, and the article's."""

    def head(name: str, text: str) -> str:
        quoted = text.replace("\\", r"\\").replace('"', r"\"")
        return f'@page {name} {{ @top-left {{ content: "{title}"; }} @top-right {{ content: "{quoted}"; }} }}'

    names = [(f"article-{number}", slug, text) for number, (slug, text) in enumerate(articles)]
    return "\n".join(f"{head(name, text)}\n#{slug} {{ page: {name}; }}" for name, slug, text in names)


def one_document(pages: list[Page], front: TitlePage) -> str:
    """All pages as one HTML document: title page, table of contents, articles; every link inside it works."""
    known = {page.name for page in pages}
    articles, contents, heads = [], [], []
    for page in pages:
        slug = page.name.replace("/", "-")
        article = copy(page.article)
        for extra in article.select(NOT_ON_PAPER):
            extra.decompose()
        for extra in article.select(INTERACTIVE):
            if not extra.decomposed and not extra.find(class_="note"):  # which says what is missing on paper
                extra.replace_with(BeautifulSoup(NOTE, "html.parser"))
        for link in article.find_all("a", href=True):
            target = page.target(link["href"])
            if target and is_state(target[1]):
                del link["href"]
            elif target and target[0] in known:
                link["href"] = f"#{target[0].replace('/', '-')}" + f"--{target[1]}" * bool(target[1])
            elif target:
                del link["href"]
        for element in article.find_all(id=True):
            element["id"] = f"{slug}--{element['id']}"
        for element in article.find_all(src=True):
            element["src"] = f"{HOST}/{page.target(element['src'])[0]}"
            del element["loading"]  # on paper all of them are wanted
        article["id"] = slug
        heads.append((slug, " ".join(article.h1.get_text().split())))
        contents.append(contents_line(article.h1, slug, "chapter"))
        sections = [(h2, h2.find_parent("section", id=True)) for h2 in article.find_all("h2")]
        contents += [contents_line(h2, section["id"], "section") for h2, section in sections if section]
        articles.append(str(article))
    style = f"{STYLE.read_text('utf8')}\n{running_heads(heads, front.title)}"
    return (
        f"<!doctype html><html lang='en' data-theme='light' data-mode='light'><head><meta charset='utf-8'>"
        f"<title>{escape(front.title)}</title>{head_of(pages[0])}<style>{style}</style></head><body>{front.html()}"
        f"<nav class='book-contents'><h1>Contents</h1>{''.join(contents)}</nav>{''.join(articles)}</body></html>"
    )


def contents_line(heading, anchor: str, kind: str) -> str:
    number = f"<b data-page='{anchor}'>000</b>"
    return f"<p class='{kind}'><a href='#{anchor}'><span>{heading.decode_contents()}</span>{number}</a></p>"


def head_of(page: Page) -> str:
    """The style sheets of a built page, and MathJax with its settings; no other script."""
    head = BeautifulSoup(page.path.read_bytes(), "html.parser").head
    kept = list(head.find_all("link", rel="stylesheet"))
    for script in head.find_all("script"):
        if "mathjax" in f"{script.get('src', '')} {script.string or ''}".lower():
            script.attrs = {"src": script["src"]} if script.get("src") else {}
            kept.append(script)
    for element in kept:
        for key in ("href", "src"):
            if element.get(key) and (target := page.target(element[key].partition("?")[0])):
                element[key] = f"{HOST}/{target[0]}"
    return "".join(str(element) for element in kept)


def opened(browser: Browser, html: Path, document: str) -> Tab:
    """The document in Chromium with every formula set.

    Raises:
        RuntimeError: a formula or a picture is not as it should be; the message shows which.
    """
    tab = browser.new_page(viewport={"width": 643, "height": 970})  # the text block of A4 at 96 dots an inch
    tab.set_default_timeout(600_000)

    def answer(route: Route) -> None:
        path = unquote(urlparse(route.request.url).path).lstrip("/")
        if not route.request.url.startswith(f"{HOST}/"):
            route.abort()
        elif path == "whole-book.html":
            route.fulfill(body=document, content_type="text/html; charset=utf-8")
        elif (html / path).is_file():
            route.fulfill(path=html / path, content_type=mimetypes.guess_type(path)[0])
        else:
            route.fulfill(status=404, body="")

    tab.route("**/*", answer)
    tab.emulate_media(media="print", color_scheme="light")
    tab.goto(f"{HOST}/whole-book.html", wait_until="load")
    tab.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise; await document.fonts.ready; }")
    found = tab.evaluate(UNFINISHED)
    if found["waiting"] or found["errors"] or found["pictures"]:
        raise RuntimeError(f"not ready for printing: {found}")
    tab.evaluate(FIT)
    tab.evaluate(FILL_PAGES, HEIGHT)
    return tab


def printed(tab: Tab, tagged: bool) -> bytes:
    """The document on paper; tagged, it tells a screen reader what is a heading, a list, a figure and its text."""
    return tab.pdf(format="A4", prefer_css_page_size=True, print_background=True, tagged=tagged)


def number_contents(tab: Tab, draft: bytes) -> None:
    """Write into the table of contents on which page everything is."""
    numbers = {anchor: page + 1 for anchor, (page, _) in destinations(pypdf.PdfReader(BytesIO(draft))).items()}
    fill = "n => document.querySelectorAll('[data-page]').forEach(e => { e.textContent = n[e.dataset.page] ?? '?'; })"
    tab.evaluate(fill, numbers)


def destinations(document: pypdf.PdfReader | pypdf.PdfWriter) -> dict[str, tuple[int, float]]:
    """Where every anchor that some link leads to lies: its page, from zero, and its height there."""
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(document.pages)}
    found = document.named_destinations.items()
    return {name.removeprefix("/"): (pages[d.raw_get("/Page").idnum], float(d.top or 0)) for name, d in found}


def add_bookmarks(writer: pypdf.PdfWriter, contents: list[tuple[str, str, str]]) -> None:
    """A bookmark for every line of the table of contents, those of a chapter's sections under its own."""
    places, chapter = destinations(writer), None
    for kind, title, anchor in contents:
        page, top = places[anchor]
        parent = chapter if kind == "section" else None
        made = writer.add_outline_item(
            title=title, page_number=page, parent=parent, fit=pypdf.generic.Fit.xyz(top=top), is_open=False
        )
        chapter = made if kind == "chapter" else chapter


def print_book(browser: Browser, pages: list[Page], html: Path, front: TitlePage, when: datetime) -> bytes:
    """The PDF of the pages: the same bytes for the same pages, Chromium and date."""
    tab = opened(browser, html, one_document([page for page in pages if not page.is_library], front))
    number_contents(tab, printed(tab, tagged=False))
    lines = tab.evaluate(CONTENTS)
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # Chromium counts the objects of its files differently
    writer = pypdf.PdfWriter(clone_from=BytesIO(printed(tab, tagged=True)))
    tab.close()
    add_bookmarks(writer, [(kind, re.sub(r"\s+", " ", title).strip(), anchor) for kind, title, anchor in lines])
    stamp = when.strftime("D:%Y%m%d%H%M%SZ")
    writer.add_metadata({"/Title": front.title, "/Author": front.author, "/CreationDate": stamp, "/ModDate": stamp})
    done = BytesIO()
    writer.write(done)
    return done.getvalue()
