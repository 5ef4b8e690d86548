"""Takes out of the pages what this book does not use: three quarters of what a reader would download.

The theme brings every icon of Font Awesome twice (as a script and as fonts). Kept are the icons that occur, as a font
of a few kilobytes. No list is kept by hand: what occurs is read from the pages themselves, after they were written.
Pictures lose the digits that nobody sees.
"""

from __future__ import annotations

import logging
import re
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from PIL import Image
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

ICONS = Path("vendor", "fontawesome", "webfonts")
RULE = re.compile(r"((?:\.fa-[\w-]+:before,?)+)\{content:\"\\([0-9a-f]+)\"\}")


def lighten_head(html: str) -> str:
    """The head of a page without the script of icons; search loads when all else is there."""
    html = re.sub(r'<meta name="viewport" content="width=device-width, initial-scale=1"\s*/>', "", html)  # a second one
    html = re.sub(r"<script[^>]*scripts/fontawesome\.js[^>]*></script>", "", html)
    return re.sub(r"<script (src=\"[^\"]*(?:searchtools|language_data|searchindex)\.js)", r"<script defer \1", html)


def prune(app: Sphinx, exception: Exception | None) -> None:
    """Remove from ``_static`` what no page asks for."""
    static = Path(app.outdir, "_static")
    if exception or app.builder.format != "html" or not (static / ICONS).is_dir():
        return
    pages = "".join(p.read_text("utf8") for p in [*static.parent.glob("*.html"), *static.parent.glob("book/*.html")])
    shrink_icons(static, icons_in_use(pages, static))
    for picture in Path(app.outdir, "_images").glob("*"):
        if picture.name not in pages:
            picture.unlink()  # of an earlier build
        elif picture.suffix == ".svg":
            shrink_picture(picture)
    surplus = [*static.rglob("*.map"), *static.glob("scripts/fontawesome.js*"), *static.glob("**/*macros.html")]
    for path in surplus:
        path.unlink(missing_ok=True)
    for folder in sorted((p for p in static.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def icons_in_use(pages: str, static: Path) -> set[str]:
    """The names of icons that occur in the pages and scripts, and the codes that occur in style sheets of ours."""
    texts = [pages, *(p.read_text("utf8") for p in static.glob("scripts/*theme.js"))]
    sheets = [p for p in static.glob("**/*.css") if p.name != "pydata-sphinx-theme.css"]
    names = set(re.findall(r"\b(fa-[a-z0-9-]+)", "".join(texts)))
    return names | set(re.findall(r"\\(f[0-9a-f]{3})\b", "".join(p.read_text("utf8") for p in sheets)))


def shrink_icons(static: Path, used: set[str]) -> None:
    """Cut the icons that do not occur out of the theme's style sheet and font."""
    sheet = static / "styles" / "pydata-sphinx-theme.css"
    css = sheet.read_text("utf8")
    others = set(re.findall(r"\\(f[0-9a-f]{3})\b", RULE.sub("", css)))
    codes = {code for code in used if re.fullmatch("f[0-9a-f]{3}", code)} | others
    codes |= {f"{ord(icon):x}" for icon in re.findall("[\ue000-\uf8ff]", css)}  # some are written as characters

    def keep(rule: re.Match) -> str:
        if used.isdisjoint(re.findall(r"\.(fa-[\w-]+):", rule[1])):
            return ""
        codes.add(rule[2])
        return rule[0]

    css = RULE.sub(keep, css)
    css = re.sub(r"@font-face\{[^}]*fa-(?:regular|brands)-400[^}]*\}", "", css)
    font_face = f'src:url(../{(ICONS / "icons.woff").as_posix()}) format("woff")'
    css = re.sub(r"src:url\([^)]*fa-solid-900[^}]*", font_face, css)
    font = TTFont(static / ICONS / "fa-solid-900.ttf")
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    subsetter = Subsetter(Options(flavor="woff", notdef_outline=True))
    subsetter.populate(unicodes=[int(code, 16) for code in codes])
    subsetter.subset(font)
    font.flavor = "woff"
    for path in (static / ICONS).iterdir():
        path.unlink()
    font.save(static / ICONS / "icons.woff")
    sheet.write_text(css, "utf8")


def shrink_picture(path: Path) -> None:
    """Write the paths of an SVG to a hundredth of a point and without line breaks: half of what Matplotlib wrote."""
    svg = path.read_text("utf8")
    if "<metadata>" in svg:  # of Matplotlib, not yet shrunk
        svg = re.sub(r" <metadata>.*?</metadata>\n", "", svg, flags=re.DOTALL)
        shorter = re.sub(r'\bd="([^"]*)"', lambda d: f'd="{shorter_path(d[1])}"', svg)
        lighter = re.sub(r"data:image/png;base64,([^\"]{40000,})", lighter_mesh, shorter)
        path.write_text(re.sub(r"\n *<", "\n<", lighter), "utf8")


def lighter_mesh(picture: re.Match) -> str:
    """A coloured mesh inside a picture, compressed as photographs are: its colours change smoothly."""
    small = BytesIO()
    Image.open(BytesIO(b64decode(picture[1]))).save(small, "WEBP", quality=92)
    return f"data:image/webp;base64,{b64encode(small.getvalue()).decode()}"


def shorter_path(d: str) -> str:
    """
    >>> shorter_path("M 47.901395 155.514079 \\nL 186.000002 -0.0000001 \\nz\\n")
    'M47.9 155.51L186 0z'
    """
    d = re.sub(r"-?\d+\.\d+(?:e-?\d+)?", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), d)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", re.sub(r"-0(?![.\d])", "0", d)).strip()


def write_one_page_at_least(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """With no page to write Sphinx copies no static files: a changed style would not show, none be there to prune."""
    return [app.config.root_doc]


def offer_filter(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.templates.environment.filters["lighten_head"] = lighten_head


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", offer_filter)
    app.connect("env-updated", write_one_page_at_least)
    app.connect("build-finished", prune, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
