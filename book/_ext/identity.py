"""What machines are told of a page: search engines, libraries, whoever shows a card for a link.

Every page has a description (its first paragraph), a card with its first figure, citation tags and a record in JSON-LD.
Addresses are absolute (canonical ones, of the card's picture, of the site map) where the deployment says, in
``$STABLEMINIMA_ADDRESS``, at which address the book is published.  Without it the card's is relative to the page, and
the others are not there.  The front page is at the root of the site as well.
"""

from __future__ import annotations

import json
import os
import re
from html import escape, unescape
from pathlib import Path
from posixpath import normpath

import yaml
from cards import card_of, close
from docutils import nodes
from sphinx.application import Sphinx

COLOURS = {"light": "#fffefb", "dark": "#14171c"}


def address() -> str:
    """Where the book is published, with a slash at the end; empty if nobody says."""
    base = os.environ.get("STABLEMINIMA_ADDRESS", "")
    return f"{base.rstrip('/')}/" if base.startswith(("https://", "http://")) else ""


def configure(app: Sphinx, config) -> None:
    config.html_baseurl = config.html_baseurl or address()


def description(body: str) -> str:
    """The first paragraph of a page as plain text, cut at the end of a word."""
    for paragraph in re.findall(r"<p>(.*?)</p>", body, re.DOTALL):
        text = re.sub(r"<mjx-math.*?</mjx-math>|<[^>]+>", "", paragraph, flags=re.DOTALL)
        text = " ".join(unescape(text).split())
        if len(text) > 60:
            return text if len(text) <= 300 else text[:300].rpartition(" ")[0] + " …"
    return ""


def describe(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Put into the head of a page what it is."""
    if doctree is None:
        return
    book = yaml.safe_load(Path(app.srcdir, "CITATION.cff").read_text("utf8"))
    year, front = str(app.config.copyright)[:4], page == app.config.root_doc
    title = " ".join(re.sub(r"<mjx-math.*?</mjx-math>|<[^>]+>", "", unescape(context["title"])).split())
    says = description(context["body"]) or book["abstract"].strip()
    base = address()
    authors = [a.get("name") or f"{a['given-names']} {a['family-names']}" for a in book["authors"]]
    names = {"description": says, "citation_title": app.config.html_title if front else title}
    names |= {"citation_publication_date": year, "citation_language": app.config.language}
    if not front:
        names["citation_inbook_title"] = app.config.html_title
    properties = {"og:title": title, "og:description": says, "og:type": "book" if front else "article"}
    properties |= {"og:site_name": app.config.html_title, "og:locale": "en"}
    card = card_of(app, page, title, context["body"])
    place = f"{base}{card.pop('')}" if base else context["pathto"](card.pop(""), 1)
    properties |= {"og:image": place} | {f"og:image:{name}": value for name, value in card.items()}
    names |= {"twitter:card": "summary_large_image", "twitter:image:alt": card["alt"]}
    record = {"@context": "https://schema.org", "@type": "Book" if front else "Chapter", "name": title}
    record |= {
        "description": says,
        "inLanguage": "en",
        "author": [{"@type": "Organization", "name": a} for a in authors],
    }
    record |= {"license": "https://creativecommons.org/licenses/by/4.0/", "datePublished": year}
    if not front:
        record["isPartOf"] = {"@type": "Book", "name": app.config.html_title}
    if base:
        here = f"{base}{page}.html"
        properties["og:url"] = here
        names["citation_public_url"] = here
        record["url"] = here
    tags = [f'<meta name="{name}" content="{escape(value)}">' for name, value in names.items()]
    tags += [f'<meta name="citation_author" content="{escape(name)}">' for name in authors]
    tags += [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()]
    for theme, colour in COLOURS.items():
        tags.append(f'<meta name="theme-color" content="{colour}" media="(prefers-color-scheme: {theme})">')
    text = json.dumps(record, ensure_ascii=False).replace("</", "<\\/")
    tags.append(f'<script type="application/ld+json">{text}</script>')
    given = re.sub(r'<meta (?=[^>]*name="viewport")[^>]*>', "", context.get("metatags", ""))  # one stands there already
    context["metatags"] = given + "\n    " + "\n    ".join(tags)
    if front:
        context["docstitle"], context["title"] = app.config.html_title, f"{title}: {says.split('. ')[0].rstrip('.')}"


def write_files(app: Sphinx, exception: Exception | None) -> None:
    """The front page at the root of the site, the page for addresses that lead nowhere, and the list of all pages."""
    out = Path(app.outdir)
    front = out / f"{app.config.root_doc}.html"
    if exception or app.builder.format != "html" or not front.exists():
        return
    if app.config.root_doc != "index":
        (out / "index.html").write_text(
            moved(front.read_text("utf8"), Path(app.config.root_doc).parent.as_posix()), "utf8"
        )
    base = address()
    (out / "404.html").write_text(NOWHERE.format(title=escape(app.config.html_title), root=base or "./"), "utf8")
    if base:
        pages = "".join(f"<url><loc>{base}{page}.html</loc></url>\n" for page in sorted(app.env.found_docs))
        site = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{pages}</urlset>\n'
        (out / "sitemap.xml").write_text(f'<?xml version="1.0" encoding="utf-8"?>\n{site}', "utf8")
        (out / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n", "utf8")


def moved(page: str, folder: str) -> str:
    """A page of a folder as it has to be to stand above it."""

    def there(found: re.Match) -> str:
        target = found[2]
        if not target or re.match(r"[a-z]+:|#|/", target):
            return found[0]
        path, mark, rest = re.match(r"([^?#]*)([?#]?)(.*)", target).groups()
        return f'{found[1]}"{normpath(f"{folder}/{path}")}{mark}{rest}"'

    page = re.sub(r'(\b(?:href|src)=)"([^"]*)"', there, page)
    return page.replace('data-content_root="../"', 'data-content_root="./"')


NOWHERE = """<!doctype html>
<html lang="en" data-ready>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Not found: {title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ max-width: 34rem; margin: 15vh auto; padding: 0 1rem; font: 1.1rem/1.6 Georgia, serif; }}
</style>
</head>
<body><main>
<h1>There is no such page</h1>
<p>Pages may have moved. Everything is reached from <a href="{root}">the front page of <i>{title}</i></a>, and
<a href="{root}search.html">the search</a> knows every theorem by its name and number.</p>
</main></body>
</html>
"""


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", configure)
    app.connect("html-page-context", describe, priority=960)
    app.connect("build-finished", write_files, priority=970)
    app.connect("build-finished", close)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
