"""Sets the formulas when the book is built: a page needs no script to show them, and does not change when one arrives.

MathJax does it, the same that would do it in the browser: the package sphinx-mathjax-offline brings it, and the Node
that runs it comes with Playwright, which the tests use. While kernels execute a chapter its formulas are set on the
other core (``Typesetter.ask``), so that a build takes no longer. The style sheet of the formulas and their fonts hold
only what occurs in the pages.
"""

from __future__ import annotations

import json
import logging as std_logging
import re
import shutil
import subprocess
import threading
from html import escape
from pathlib import Path

from docutils import nodes
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from playwright._impl._driver import compute_driver_executable
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

PROGRAM = Path(__file__).with_suffix(".cjs")
MATHJAX = Path(__import__("sphinx-mathjax-offline").__file__).parent / "static" / "mathjax"
FONTS, SHEET = "mathematics", "mathematics.css"
NAME = r"\b(?:mjx|TEX)-[\w-]+"  # of elements, letters and fonts, in pages and in the style sheet
logger = logging.getLogger(__name__)

# --- MathJax in a process of its own -----------------------------------------------------------------------------


class Typesetter:
    """Sets formulas in the order in which they are asked for; ``html`` waits for one."""

    def __init__(self):
        self.asked: dict[tuple, None] = {}
        self.done: dict[tuple, str] = {}
        self.process, self.answered, self.order = None, threading.Condition(), []

    def start(self) -> None:
        node = compute_driver_executable()[0]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "encoding": "utf8"}
        self.process = subprocess.Popen([node, PROGRAM, MATHJAX], **pipes)
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        for line in self.process.stdout:
            with self.answered:
                self.done[self.order[len(self.done)]] = json.loads(line)
                self.answered.notify_all()
        with self.answered:
            self.process = None
            self.answered.notify_all()

    def ask(self, key: tuple[str, bool]) -> None:
        """Have a formula set soon: its TeX and whether it is displayed."""
        if key not in self.asked:
            self.asked[key] = None
            self.order.append(key)
            if self.process is None:
                self.start()
            self.process.stdin.write(json.dumps({"tex": key[0], "display": key[1]} if key[0] else {"styles": True}))
            self.process.stdin.write("\n")
            self.process.stdin.flush()

    def html(self, tex: str, display: bool) -> str:
        key = (tex, display)
        self.ask(key)
        with self.answered:
            self.answered.wait_for(lambda: key in self.done or self.process is None)
        if key not in self.done:
            raise RuntimeError(f"MathJax stopped before it had set {tex!r}")
        return self.done[key]

    def styles(self) -> str:
        return self.html("", False)

    def stop(self) -> None:
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def typesetter(app: Sphinx) -> Typesetter:
    if not hasattr(app, "book_typesetter"):
        app.book_typesetter = Typesetter()
    return app.book_typesetter


# --- formulas on a page ------------------------------------------------------------------------------------------


def source_of(node: nodes.math | nodes.math_block) -> tuple[str, bool]:
    """What MathJax is given: TeX, and whether it is displayed.  As in sphinx.ext.mathjax, lines are aligned."""
    if isinstance(node, nodes.math) or node.get("nowrap"):
        return node.astext(), isinstance(node, nodes.math_block)
    parts = [part for part in node.astext().split("\n\n") if part.strip()]
    rows = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    rows = r"\\".join(rows)
    return (rf"\begin{{align}}\begin{{aligned}}{rows}\end{{aligned}}\end{{align}}" if len(parts) > 1 else rows), True


def set_ahead(app: Sphinx, doctree: nodes.document) -> None:
    """Have the formulas of a page set that was just read, while the next page is read."""
    for node in doctree.findall(lambda n: isinstance(n, nodes.math | nodes.math_block)):
        typesetter(app).ask(source_of(node))


def formula(translator, node: nodes.math | nodes.math_block) -> str:
    """The markup of a formula; it keeps its TeX, for whoever copies it."""
    tex, display = source_of(node)
    html = typesetter(translator.builder.app).html(tex, display)
    if "<mjx-merror" in html:
        logger.warning("MathJax cannot set %r", tex, location=node)
    return html.replace("<mjx-container", f'<mjx-container data-tex="{escape(tex)}"', 1)


def visit_math(translator, node: nodes.math) -> None:
    translator.body.append(translator.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    translator.body.append(f"{formula(translator, node)}</span>")
    raise nodes.SkipNode


def visit_math_block(translator, node: nodes.math_block) -> None:
    translator.body.append(translator.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"] and not node["nowrap"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(f"{formula(translator, node)}</div>\n")
    raise nodes.SkipNode


WITH_MARKS = re.compile(
    r'(\(?)(<span class="math [^"]*">(?:(?!</mjx-container>).)*</mjx-container></span>)([.,;:!?)\]’”]*)', re.DOTALL
)


def bind_marks(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Keep a formula on one line with the marks around it: none begins a line."""
    if doctree is not None and "body" in context:
        bound = r'<span class="with-marks">\g<0></span>'
        context["body"] = WITH_MARKS.sub(lambda m: m.expand(bound) if m[1] or m[3] else m[0], context["body"])


# --- style sheet and fonts ---------------------------------------------------------------------------------------


def write_styles(app: Sphinx, exception: Exception | None) -> None:
    """Write the rules, and of the fonts the letters, that occur in the pages."""
    if not exception and app.builder.format == "html":
        out = Path(app.outdir)
        pages = "".join(p.read_text("utf8") for p in [*out.glob("*.html"), *out.glob("book/*.html")])
        sheet = rules_in_use(typesetter(app).styles(), set(re.findall(NAME, pages)))
        (out / "_static" / SHEET).write_text(sheet, "utf8")
        copy_fonts(out / "_static", sheet)
    typesetter(app).stop()


def rules_in_use(sheet: str, used: set[str]) -> str:
    """The rules all of whose names of elements and letters occur; fonts are those that a kept rule asks for."""
    kept, faces = [], []
    sheet = sheet.replace('"{"', r'"\7B "').replace('"}"', r'"\7D "')  # the two letters that would end a rule
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet):
        names = [s for s in selectors.split(",") if set(re.findall(NAME, s)) <= used]
        if "@font-face" in selectors:
            faces.append(body)
        elif names:
            kept.append(f"{','.join(' '.join(s.split()) for s in names)}{{{' '.join(body.split())}}}")
    text = "\n".join(kept)
    for body in faces:
        family = re.search(r"font-family: ([\w-]+)", body)[1]
        if re.search(rf"\b{family}\b(?!-)", text):
            kept.append(f"@font-face{{{' '.join(body.split())}}}")
    return "\n".join(kept) + "\n"


def copy_fonts(static: Path, sheet: str) -> None:
    """The fonts that the sheet names, cut down to the letters that it draws."""
    letters = {ord(c) for c in re.sub(r"\\([0-9A-F]+) ?", lambda m: chr(int(m[1], 16)), sheet)}
    std_logging.getLogger("fontTools").setLevel(std_logging.ERROR)
    shutil.rmtree(static / FONTS, ignore_errors=True)
    (static / FONTS).mkdir()
    for name in re.findall(rf'url\("{FONTS}/([^"]+)"\)', sheet):
        if "Zero" in name:  # a font of no letters, which no subsetting survives
            shutil.copy(MATHJAX / "output" / "chtml" / "fonts" / "woff-v2" / name, static / FONTS / name)
            continue
        font = TTFont(MATHJAX / "output" / "chtml" / "fonts" / "woff-v2" / name)
        subsetter = Subsetter(Options(flavor="woff", notdef_outline=True, drop_tables=["FFTM"]))
        subsetter.populate(unicodes=letters)
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(static / FONTS / name)


def setup(app: Sphinx) -> dict:
    app.add_html_math_renderer("typeset", (visit_math, None), (visit_math_block, None))
    app.add_css_file(SHEET, priority=400)
    app.connect("doctree-read", set_ahead)
    app.connect("html-page-context", bind_marks, priority=550)
    app.connect("build-finished", write_styles, priority=800)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": False}
