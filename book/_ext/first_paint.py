"""A page looks as it is meant to from the first moment, with scripts and without.

1. The theme, light or dark, is decided in the head.  Without scripts the colours follow the system: a style sheet that
   only such a browser loads repeats the rules of the dark and the light theme for a page that has neither.
   Another repeats the light rules for the dark theme on paper.
2. Fonts that the first lines need are asked for at once.
3. Images carry their size, so that nothing moves when they arrive, and are loaded when they come near.  Each leads to
   itself, alone on a page; with scripts that is a layer over the page (enlarge.js).
"""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx

# --- 1. the theme ------------------------------------------------------------------------------------------------

# The theme's own script would leave a first visit undecided until all scripts have run.
DECIDE = """<script>
    (() => {
      const data = document.documentElement.dataset;
      try { data.mode = localStorage.getItem("mode") || "auto"; } catch { data.mode = "auto"; }
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      try { data.voice = localStorage.getItem("voice") || "code"; } catch { data.voice = "code"; }
      data.theme = data.mode === "auto" ? (dark ? "dark" : "light") : data.mode;
    })();
  </script>"""
SEPARATE = re.compile(r",(?![^(]*\))")  # the commas between selectors
UNDECIDED = 'html[data-theme="auto"]'
WITHOUT_SCRIPTS, ON_PAPER = "without-scripts.css", "on-paper.css"


def decide_theme(head: str) -> str:
    return re.sub(r'<script data-cfasync="false">.*?</script>', lambda _: DECIDE, head, count=1, flags=re.DOTALL)


def rules_for(theme: str, sheet: str, page: str = UNDECIDED) -> str:
    """The rules of a style sheet for one theme, for a page that has none (or the page that a selector names)."""
    found = []
    own = rf'html\[data-theme="?{theme}"?\]'
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)):
        mine = [re.sub(own, page, s.strip()) for s in SEPARATE.split(selectors) if re.search(own, s)]
        if mine and "@" not in selectors:
            found.append(f"{','.join(mine)}{{{' '.join(body.split())}}}")
    return "\n".join(found)


def write_sheet(app: Sphinx, exception: Exception | None) -> None:
    static = Path(app.outdir, "_static")
    if not exception and app.builder.format == "html" and static.is_dir():
        sheets = [static / "styles" / "pydata-sphinx-theme.css", static / "pygments.css"]
        done = {"pygments.css", "print.css", WITHOUT_SCRIPTS, ON_PAPER}
        sheets += [
            static / "styles" / "sphinx-book-theme.css",
            *(s for s in static.glob("*.css") if s.name not in done),
        ]
        text = "\n".join(s.read_text("utf8") for s in sheets if s.exists())
        dark = f"@media screen and (prefers-color-scheme: dark) {{\n{rules_for('dark', text)}\n}}\n"
        (static / WITHOUT_SCRIPTS).write_text(f"{rules_for('light', text)}\n{dark}", "utf8")
        (static / ON_PAPER).write_text(rules_for("light", text, 'html[data-theme="dark"]'), "utf8")


# --- 3. images ---------------------------------------------------------------------------------------------------


def size_of(path: Path) -> tuple[int, int] | None:
    """Width and height of a picture in the units of a page."""
    if path.suffix == ".svg":
        start = path.read_text("utf8")[:3000]
        found = re.search(r'<svg[^>]*\bwidth="([\d.]+)pt"[^>]*\bheight="([\d.]+)pt"', start)
        return (round(float(found[1]) * 4 / 3), round(float(found[2]) * 4 / 3)) if found else None
    with Image.open(path) as image:
        return image.size


def size_images(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Give every image of a page its size; those after the first are loaded when a reader comes near."""
    sources = {name: Path(app.srcdir, source) for source, name in getattr(app.builder, "images", {}).items()}
    first = True

    def sized(tag: re.Match) -> str:
        nonlocal first
        source = sources.get(tag[1].rpartition("/")[2])
        size = source and source.exists() and " width=" not in tag[0] and size_of(source)
        extra = f' width="{size[0]}" height="{size[1]}"' if size else ""
        extra += "" if first else ' loading="lazy"'
        first = False
        image = f"<img{extra}{tag[0][4:]}"
        return f'<a class="enlarge" href="{tag[1]}">{image}</a>' if source else image

    if doctree is not None and "body" in context:
        context["body"] = re.sub(r'<img\b[^>]*?\bsrc="([^"]+)"[^>]*>', sized, context["body"])


def offer_filter(app: Sphinx) -> None:
    if app.builder.format == "html":
        app.builder.templates.environment.filters["decide_theme"] = decide_theme


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", offer_filter)
    app.connect("html-page-context", size_images, priority=700)
    app.connect("build-finished", write_sheet, priority=950)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
