"""Slides for the lectures of the course, made from the chapters: _build/html/slides/NN.html, a deck a lecture.

Which sections a lecture teaches is in assignments/plans.yml; what of a section makes a slide is decided by what it is:

* a definition, lemma, proposition, corollary or theorem, without its proof: one slide;
* a figure, with its caption and, if it is on the twenty-minute path, the text that says what we see in it;
* a formula with a number or on the path, with the sentence that leads to it;
* an explorable, with its question, its answers and links to its states;
* a table on the path;
* the promise of a page in the first lecture on it, and its summary in the last.

All else is for the lecturer to say.  Everything is taken out of the written pages, so that numbers, links, pictures and
formulas are theirs.  The decks are written last, when pages and assets are as they will be; slides.js turns the pages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from course_plans import Lecture, deck, read_plans
from docutils import nodes
from fresh_assets import digest
from sphinx.application import Sphinx

STATEMENTS = ("definition", "lemma", "proposition", "corollary", "theorem")
LONG, BESIDE, UNDER = 170, 95, 45  # words, at most, on a slide of text, beside a picture and under a wide one
DROPPED = ".headerlink, .made-by, .copybtn, .proof-number a.headerlink, script, style, .pasted, .how"
FORMULA = re.compile(r"<mjx-container.*?</mjx-container>", re.DOTALL)

# --- a page, as it was written -----------------------------------------------------------------------------------


@dataclass
class Page:
    """A written page; its formulas are put aside, as they are most of it."""

    name: str
    article: Tag
    formulas: list[str] = field(repr=False)
    head: str = field(repr=False)

    @property
    def top(self) -> Tag:
        return self.article.find("h1").parent

    def section(self, name: str) -> Tag:
        found = self.article.find(id=name)
        if found is None:
            raise ValueError(f"{self.name} has no section {name!r}")
        return found if found.name == "section" else found.find_parent("section")

    def html(self, *parts: Tag) -> str:
        """The markup of parts as it stands on a slide: links lead to the page, formulas are put back."""
        text = "".join(str(cleaned(part, self.name)) for part in parts)
        return re.sub(r'<mjx-x k="(\d+)"></mjx-x>', lambda m: self.formulas[int(m[1])], text)


def read_page(path: Path) -> Page:
    formulas: list[str] = []

    def put_aside(found: re.Match) -> str:
        formulas.append(found[0])
        return f'<mjx-x k="{len(formulas) - 1}"></mjx-x>'

    text = path.read_text("utf8")
    body = re.sub(r'<div class="highlight">.*?</div>', "", FORMULA.sub(put_aside, text), flags=re.DOTALL)
    article = BeautifulSoup(body, "html.parser").select_one(".bd-article")
    return Page(path.stem, article, formulas, text.partition("</head>")[0])


def cleaned(part: Tag, page: str) -> Tag:
    """A copy without what belongs to a page only."""
    copy = BeautifulSoup(str(part), "html.parser")
    for surplus in copy.select(DROPPED):
        surplus.decompose()
    for link in copy.select("a.enlarge, a.number"):
        link.unwrap()
    for tag in copy.find_all(True):
        for attribute in ("id", "tabindex"):
            tag.attrs.pop(attribute, None)
        if tag.name == "section":
            tag.name = "div"
        if target := tag.get("href"):
            tag["href"] = from_slides(target, page)
    return copy


def from_slides(target: str, page: str) -> str:
    """Where a link of a page of the book leads, seen from the folder of the slides."""
    if target.startswith("#"):
        return f"../book/{page}.html{target}"
    return target if re.match(r"[a-z]+:|\.\./", target) else f"../book/{target}"


def words(*parts: Tag) -> int:
    """How long text is: a formula counts as three words."""
    return sum(len(part.get_text(" ").split()) + 3 * len(part.find_all("mjx-x")) for part in parts)


# --- what makes a slide ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slide:
    """One slide: the section that it belongs to (a link and a title), its kind, and its markup."""

    kind: str
    address: str
    title: str
    body: str


def has(tag: Tag | None, *names: str) -> bool:
    return isinstance(tag, Tag) and bool(set(names) & set(tag.get("class", [])))


def following(tag: Tag) -> Iterator[Tag]:
    return (each for each in tag.next_siblings if isinstance(each, Tag))


def is_formula(tag: Tag) -> bool:
    return tag.name == "div" and has(tag, "math")


def is_text(tag: Tag) -> bool:
    return tag.name in ("p", "ul", "ol") and has(tag, "on-path")


def slides_of_section(page: Page, section: Tag) -> Iterator[Slide]:
    """The slides of a section and of those in it."""
    heading = section.find(["h1", "h2", "h3", "h4"], recursive=False)
    title, address = page.html(*heading.contents), f"../book/{page.name}.html#{section['id']}"

    def slide(kind: str, body: str) -> Slide:
        return Slide(kind, address, title, body)

    children = [child for child in section.children if isinstance(child, Tag)]
    k = 0
    while k < len(children):
        child = children[k]
        if child.name == "section":
            yield from slides_of_section(page, child)
        elif has(child, "proof") and has(child, *STATEMENTS):
            yield slide("statement", page.html(child))
        elif is_formula(child) and (has(child, "on-path") or str(child.get("id", "")).startswith("equation-")):
            run = [child]
            while k + 1 < len(children) and is_formula(children[k + 1]):
                k += 1
                run.append(children[k])
            lead = run[0].find_previous_sibling()
            if lead is not None and lead.name == "p" and words(lead) <= BESIDE:
                run.insert(0, lead)
            yield slide("formula", page.html(*run))
        elif has(child, "explorable"):
            yield slide("explorable", explorable(page, child))
        elif has(child, "pst-scrollable-table-container") and has(child.find_previous_sibling(), "on-path"):
            yield slide("table", page.html(child))
        else:
            for figure in child.find_all("figure") if has(child, "cell") else [child] * (child.name == "figure"):
                yield slide("picture wide" if is_wide(figure.find("img")) else "picture", picture(page, figure, child))
        k += 1


def is_wide(image: Tag) -> bool:
    """Whether a picture leaves no room beside it."""
    return float(image.get("width", 1)) > 1.9 * float(image.get("height", 1))


def picture(page: Page, figure: Tag, cell: Tag) -> str:
    """A figure, and beside it its caption and what we see."""
    text, seen = [], 0
    if has(cell, "on-path"):
        for part in following(cell):
            if not is_text(part) and not (has(part, "cell") and not part.find("figure")):
                break
            if is_text(part):
                if is_formula(next(following(part), part)):
                    break  # it leads to the formula, and stands there
                seen += words(part)
                if seen > (UNDER if is_wide(figure.find("img")) else BESIDE):
                    break
                text.append(part)
    caption = figure.find("figcaption")
    beside = f'<div class="caption">{page.html(*caption.contents)}</div>' if caption else ""
    beside += f'<div class="seen">{page.html(*text)}</div>' if text else ""
    return f'{page.html(*figure.find_all("img"))}<div class="beside">{beside}</div>'


def explorable(page: Page, box: Tag) -> str:
    """An explorable: its question, the answers to choose from, and where to press."""
    says = json.loads(box.find("script", type="application/json").string)
    home = f"../book/{page.name}.html"
    answers = "".join(f"<li>{answer}</li>" for answer in says["answers"])
    states = "".join(f'<li><a href="{home}#{escape(at)}">{name}</a></li>' for name, at in says["presets"].items())
    still = box.find("img", class_="still")
    return (
        f"{page.html(still)}<div class=beside><p class=ask>{says['question']}</p><ol class=answers>{answers}</ol>"
        f"<p>Open it:</p><ul class=states>{states}</ul></div>"
    )


def promise(page: Page) -> Iterator[Slide]:
    """What a page promises, in the first lecture on it."""
    opening = []
    for child in page.top.children:
        if isinstance(child, Tag) and child.name == "section":
            break
        if isinstance(child, Tag) and is_text(child):
            opening.append(child)
    title, address = page.html(*page.article.find("h1").contents), f"../book/{page.name}.html"
    at = next((k - 1 for k, part in enumerate(opening) if part.name == "ul" and k), len(opening))
    for parts in (opening[:at], opening[at:]):  # the second begins with “After this chapter you can”
        for part in in_portions(page, parts):
            yield Slide("promise", address, title, part)


def summary(page: Page) -> Iterator[Slide]:
    section = page.article.find("section", id="summary")
    parts = [child for child in section.children if isinstance(child, Tag) and has(child, "on-path")]
    parts = [part for part in parts if not part.get_text().startswith("Change one number")]
    address = f"../book/{page.name}.html#summary"
    title = f"{page.html(*page.article.find('h1').contents)}: summary"
    for part in in_portions(page, parts):
        yield Slide("summary", address, title, part)


def in_portions(page: Page, parts: list[Tag]) -> Iterator[str]:
    """Text on as many slides as it needs; a list is cut between its items, a paragraph stays whole."""
    pieces: list[tuple[int, str, str, str]] = []  # words, what opens, the piece, what closes
    for part in parts:
        if part.name in ("ul", "ol"):
            for k, item in enumerate(part.find_all("li", recursive=False), start=1):
                start = f' start="{k}"' if part.name == "ol" else ""
                pieces.append((words(item), f"<{part.name}{start}>", page.html(item), f"</{part.name}>"))
        else:
            pieces.append((words(part), "", page.html(part), ""))
    out, count, open_list = "", 0, ""
    for size, opens, piece, closes in pieces:
        if count and count + size > LONG:
            yield out + open_list
            out, count, open_list = "", 0, ""
        if closes != open_list:
            out, open_list = out + open_list + opens, closes
        out, count = out + piece, count + size
    if out:
        yield out + open_list


def slides_of(lecture: Lecture, pages: dict[str, Page], lectures: tuple[Lecture, ...]) -> list[Slide]:
    """The slides of a lecture between its title and its end."""
    found: list[Slide] = []
    for name in dict.fromkeys(address.partition("#")[0] for address in lecture.sections):
        on_it = [each.number for each in lectures if any(a.startswith(f"{name}#") for a in each.sections)]
        if lecture.number == on_it[0]:
            found += promise(pages[name])
        for address in lecture.sections:
            if address.startswith(f"{name}#"):
                found += slides_of_section(pages[name], pages[name].section(address.partition("#")[2]))
        if lecture.number == on_it[-1]:
            found += summary(pages[name])
    return found


# --- a deck ------------------------------------------------------------------------------------------------------

DECK = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{number}. {title}: slides of {book}</title>
<link rel="icon" href="../_static/favicon.svg">
{sheets}
<script defer src="../_static/slides.js{version}"></script>
</head>
<body>
<main>
<h1 class="unseen">Lecture {number}. {title}</h1>
{slides}
</main>
<nav id="turn" aria-label="Slides" hidden>
<button type="button" data-turn="-1" aria-label="Previous slide">‹</button><output aria-live="polite"></output>
<button type="button" data-turn="1" aria-label="Next slide">›</button>
<button type="button" data-full aria-label="Full screen (f)">⤢</button>
</nav>
</body>
</html>
"""
SLIDE = """<section class="slide {kind}" id="{number}" aria-label="Slide {number} of {total}">
{head}<div class="content">{body}</div>
<footer><span>{foot}</span><span>{number} / {total}</span></footer>
</section>"""


def write_deck(lecture: Lecture, slides: list[Slide], pages: list[Page], book: str, static: Path) -> str:
    """The page of a deck."""
    foot = f"Lecture {lecture.number}. {escape(lecture.title)}"
    names = [f'<a href="../book/{page.name}.html">{page.html(*page.article.find("h1").contents)}</a>' for page in pages]
    first = f"<p class=series>{escape(book)} · lecture {lecture.number}</p><p class=name>{escape(lecture.title)}</p>"
    first += f"<p>{'<br>'.join(names)}</p>"
    taught = []
    for page in pages:
        for name in (a.partition("#")[2] for a in lecture.sections if a.startswith(f"{page.name}#")):
            heading = page.section(name).find(["h2", "h3"])
            taught.append(f'<li><a href="../book/{page.name}.html#{name}">{page.html(*heading.contents)}</a></li>')
    last = f"<h2>To read</h2><ul>{''.join(taught)}</ul>"
    last += "<p>Each with its proofs, its code and its exercises.</p>"
    bodies = [("title", "", first)]
    for slide in slides:
        bodies.append((slide.kind, f'<h2><a href="{slide.address}">{slide.title}</a></h2>\n', slide.body))
    bodies.append(("end", "", last))
    written = [
        SLIDE.format(kind=kind, number=k, total=len(bodies), head=head, body=body, foot=foot)
        for k, (kind, head, body) in enumerate(bodies, start=1)
    ]
    sheet = re.search(r'href="(\.\./_static/mathematics\.css[^"]*)"', pages[0].head)
    sheets = [f'<link rel="stylesheet" href="{sheet[1]}">'] if sheet else []
    sheets.append(f'<link rel="stylesheet" href="../_static/slides.css{version(static / "slides.css")}">')
    return DECK.format(
        number=lecture.number, title=escape(lecture.title), book=escape(book), slides="\n".join(written),
        sheets="\n".join(sheets), version=version(static / "slides.js"),
    )  # fmt: skip


def version(path: Path) -> str:
    return f"?v={digest(path)}" if path.exists() else ""


def write_decks(out: Path, lectures: tuple[Lecture, ...], book: str) -> None:
    """All decks whose pages have been written."""
    needed = dict.fromkeys(a.partition("#")[0] for lecture in lectures for a in lecture.sections)
    pages = {name: read_page(path) for name in needed if (path := out / "book" / f"{name}.html").exists()}
    (out / "slides").mkdir(exist_ok=True)
    for old in (out / "slides").glob("*.html"):
        old.unlink()
    for lecture in lectures:
        names = list(dict.fromkeys(a.partition("#")[0] for a in lecture.sections))
        if set(names) <= set(pages):
            text = write_deck(
                lecture, slides_of(lecture, pages, lectures), [pages[n] for n in names], book, out / "_static"
            )
            (out / "slides" / f"{lecture.number:02d}.html").write_text(text, "utf8")


# --- in the build ------------------------------------------------------------------------------------------------


def finish(app: Sphinx, exception: Exception | None) -> None:
    plans = read_plans(Path(app.srcdir))
    if plans and not exception and app.builder.format == "html":
        write_decks(Path(app.outdir), plans["twelve"].lectures, app.config.html_title or app.config.project)


def link_decks(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Beside the times of a chapter, the lectures that teach it."""
    plans, name = read_plans(Path(app.srcdir)), page.removeprefix("book/")
    if doctree is None or not plans or 'class="chapter-facts"' not in context.get("body", ""):
        return
    taught = [each for each in plans["twelve"].lectures if any(a.startswith(f"{name}#") for a in each.sections)]
    if taught:
        links = ", ".join(f'<a href="{deck(e.number)}" title="{escape(e.title)}">{e.number}</a>' for e in taught)
        facts = re.compile(r'(<p class="chapter-facts">.*?)</p>', re.DOTALL)
        context["body"] = facts.sub(lambda m: f"{m[1]} · slides {links}</p>", context["body"], count=1)


def setup(app: Sphinx) -> dict:
    app.setup_extension("course_plans")
    app.connect("html-page-context", link_decks, priority=650)  # after the times
    app.connect("build-finished", finish, priority=995)  # after fresh_assets
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
