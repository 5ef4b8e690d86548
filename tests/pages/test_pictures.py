"""What is drawn in the figures of the built pages: every colour and every word of every figure, in both themes."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.path import Path as Outline
from PIL import Image
from test_first_paint import contrast
from test_site import HTML, ROOT, why_not

WHY_NOT = why_not()
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
LIGHT, DARK = (255, 254, 251), (20, 23, 28)  # the pages
GRID = ("#6e6e6e", 0.25)  # which is to be faint


def in_dark_theme(colour: tuple) -> tuple:
    """What the filter of the dark theme makes of a colour: inverted, with its hue turned back."""
    r, g, b = (255 - c for c in colour)
    matrix = ((-0.574, 1.43, 0.144), (0.426, 0.43, 0.144), (0.426, 1.43, -0.856))
    return tuple(min(255, max(0, row[0] * r + row[1] * g + row[2] * b)) for row in matrix)


class Paint(NamedTuple):
    """A colour with what it hides of the ground."""

    colour: str
    strength: float

    def on(self, ground: tuple, theme: str) -> tuple:
        rgb = tuple(bytes.fromhex(self.colour[1:]))
        rgb = in_dark_theme(rgb) if theme == "dark" else rgb
        return tuple(self.strength * c + (1 - self.strength) * g for c, g in zip(rgb, ground, strict=True))

    def seen(self, *below: "Paint") -> float:
        """The lower of its two contrasts, with the page or with what is painted on the page below it."""
        found = []
        for theme, ground in (("light", LIGHT), ("dark", DARK)):
            for paint in below:
                ground = paint.on(ground, theme)
            found.append(contrast(self.on(ground, theme), ground))
        return min(found)


class Shape(NamedTuple):
    """Something drawn: its kind (Matplotlib's name), its paints, its outlines (its own, and of the panel that cuts it
    off), or where a word begins."""

    kind: str
    fill: Paint | None
    stroke: Paint | None
    outlines: list[Outline]
    start: tuple[float, float] | None

    def lies_below(self, word: "Shape") -> bool:
        return word.start is not None and all(outline.contains_point(word.start) for outline in self.outlines)


def outline(element: ET.Element, known: Mapping[str, str] = {}) -> Outline | None:
    """Of a path, of a copy of a known one, or of a rectangle."""
    x, y = (float(element.get(name, 0)) for name in "xy")
    if element.tag.endswith("rect"):
        w, h = (float(element.get(name)) for name in ("width", "height"))
        return Outline([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
    drawn = element.get("d") or known.get(element.get("{http://www.w3.org/1999/xlink}href", "")[1:], "")
    points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", drawn), float)
    return Outline(points + (x, y)) if len(points) > 2 else None


def shapes(picture: ET.Element) -> list[Shape]:
    """Everything that an SVG of Matplotlib draws, in its order."""
    known = {e.get("id"): e.get("d") for e in picture.iter() if e.get("id") and e.get("d")}
    clips = {e.get("id"): outline(e[0]) for e in picture.iter() if e.tag.endswith("clipPath")}
    found = []

    def walk(element: ET.Element, kind: str, style: dict, start: tuple | None) -> None:
        tag = element.tag.rpartition("}")[2]
        if tag in ("defs", "clipPath", "metadata", "image"):
            return
        named = re.fullmatch(r"(text|line2d|patch|legend|axis|\w*(?:Collection|Mesh|Set))_\d+", element.get("id", ""))
        kind = named[1] if named else kind
        rules = (rule.partition(":") for rule in element.get("style", "").split(";"))
        style = style | {name.strip(): value.strip() for name, _, value in rules}
        placed = re.match(r"translate\((\S+) (\S+)\)", element.get("transform", ""))
        if kind == "text" and start is None and placed:
            start = (float(placed[1]), float(placed[2]))
        if tag in ("path", "use", "rect"):
            strength = float(style.get("opacity", 1))
            paint = {}
            for name, default in (("fill", "#000000"), ("stroke", "none")):
                colour = style.get(name, default)
                if colour != "none":
                    paint[name] = Paint(colour, strength * float(style.get(f"{name}-opacity", 1)))
            edge = outline(element, known) if kind != "text" else None
            cut = clips.get(element.get("clip-path", "").removeprefix("url(#").removesuffix(")"))
            found.append(Shape(kind, paint.get("fill"), paint.get("stroke"), [o for o in (edge, cut) if o], start))
        for child in element:
            walk(child, kind, style, start)

    walk(picture, "", {}, None)
    return found


@pytest.fixture(scope="module")
def figures():
    """The figures of the pages by file, each with a page that shows it."""
    pages = {}
    for page in (HTML / "book").glob("*.html"):
        for name in re.findall(r"_images/(\w+\.svg)", page.read_text("utf8")):
            pages.setdefault(name, page.stem)
    found = {f"{pages[p.name]}: {p.name[:8]}": shapes(ET.parse(p).getroot()) for p in (HTML / "_images").glob("*.svg")
             if p.name in pages}  # fmt: skip
    assert len(found) > 70 or len(pages) == len(found)
    return found


def test_every_colour_is_told_from_the_page_in_both_themes(figures):
    """3:1 for each line, marker and area, or for its outline. A colour map's shades need it not: they have a scale."""
    faint = Counter()
    for name, drawn in figures.items():
        for shape in drawn:
            paints = [paint for paint in (shape.fill, shape.stroke) if paint]
            rim = [paint for paint in paints if paint.colour == "#ffffff"]
            if shape.kind in ("text", "QuadMesh") or not paints or rim or any(tuple(p) == GRID for p in paints):
                continue
            if (best := max(paint.seen() for paint in paints)) < 3:
                faint[name, shape.kind, paints[0], round(best, 2)] += 1
    assert not faint


def test_every_word_is_read_on_the_page_and_on_what_lies_below_it(figures):
    """4.5:1, in both themes."""
    faint, words = set(), 0
    for name, drawn in figures.items():
        areas: list[Shape] = []
        for shape in drawn:
            if shape.kind == "text" and shape.fill:
                words += 1
                below = [area.fill for area in areas if area.lies_below(shape)]
                if shape.fill.seen(*below) < 4.5:
                    faint.add((name, shape.fill, round(shape.fill.seen(*below), 2), *below))
            elif shape.fill and shape.outlines and shape.kind != "line2d" and shape.fill.colour != "#ffffff":
                areas.append(shape)
    assert words > 1000 and not faint


def drawings():
    return {path.name[:8]: path.read_text("utf8") for path in (HTML / "_images").glob("*.svg")}


def test_figures_are_set_in_the_typefaces_of_the_pages():
    letters = [name for svg in drawings().values() for name in re.findall(r'id="([A-Za-z]+[0-9]*)-[0-9a-f]+"', svg)]
    assert len(letters) > 500
    assert not {name for name in letters if name.startswith("DejaVu")}, "a character that Source Serif lacks"


def test_small_text_of_figures_is_legible():
    """At 1400 px a figure is drawn at 612 px or less, on a phone at 390: text of 9 pixels there, indices of 9 here."""
    for name, svg in drawings().items():
        width = float(re.search(r'width="([\d.]+)pt"', svg)[1])
        sizes = [
            100 * float(s)
            for s in re.findall(r'transform="translate\([^)]*\)(?: rotate\([^)]*\))? scale\(([\d.]+) -', svg)
        ]
        for size in sizes:
            assert size * min(1.0, 390 / (width * 4 / 3)) * 4 / 3 > 9, (name, size)
            assert 0.7 * size * 4 / 3 > 9, (name, size)


TEXTS = """svg => {
    document.body.innerHTML = svg.replace(/<\\?xml[^>]*>|<!DOCTYPE[^>]*>/g, '');
    const drawing = document.querySelector('svg'), {width, height} = drawing.viewBox.baseVal;
    const back = drawing.getScreenCTM().inverse();
    const boxes = [...drawing.querySelectorAll('g[id^=text_]')].map(text => {
        const box = text.getBoundingClientRect();
        const a = new DOMPoint(box.left, box.top).matrixTransform(back);
        const b = new DOMPoint(box.right, box.bottom).matrixTransform(back);
        const name = [...text.childNodes].filter(e => e.nodeType === 8).map(e => e.data.trim()).join();
        return {left: a.x, top: a.y, right: b.x, bottom: b.y, name};
    });
    const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5
        && a.top < b.bottom - 1.5 && b.top < a.bottom - 1.5;
    const pairs = boxes.flatMap((a, k) => boxes.slice(k + 1).filter(b => meet(a, b)).map(b => [a.name, b.name]));
    const cut = boxes.filter(e => e.left < -1 || e.top < -1 || e.right > width + 1 || e.bottom > height + 1);
    return [...cut.map(e => ['cut', e.name]), ...pairs];
}"""


def test_no_text_of_a_figure_is_cut_or_meets_another(browser):
    tab = browser.new_page()
    found = {name: seen for name, svg in drawings().items() if (seen := tab.evaluate(TEXTS, svg))}
    tab.close()
    assert not found


def test_the_picture_of_the_readme_is_the_first_figure_of_the_front_page(browser, monkeypatch):
    """`python release/stills.py overview` draws it again."""
    monkeypatch.syspath_prepend(ROOT / "release")
    from stills import overview

    now, kept = overview(browser, HTML), Image.open(ROOT / "book" / "_static" / "overview.png").convert("RGB")
    assert kept.size == now.size
    small = [np.asarray(picture.convert("L").resize((74, 48)), dtype=float) for picture in (kept, now)]
    assert np.abs(small[0] - small[1]).mean() < 2 < small[0].std()
