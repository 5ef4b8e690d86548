"""What a stranger has written, as HTML in which nothing can run: text, formulas, code, and the outputs of cells.

Every tag that comes out is made here, or is in a list here; a stranger's own HTML arrives as the text that it is.
Pictures are those of the notebook, as data; nothing is fetched, and no address can be clicked on.
"""

from __future__ import annotations

import base64
import binascii
import json
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

HERE = Path(__file__).resolve().parent
LONGEST = 20_000  # characters of a cell or an output that are shown
LARGEST = 12_000_000  # bytes of a picture that is shown
PATIENCE = 10.0  # seconds for a formula

# --- formulas ----------------------------------------------------------------------------------------------------


class Formulas:
    """MathJax as the book's build runs it, without the packages that could load, link or name anything.

    Where it cannot run, or does not end, formulas stay as their TeX.  Definitions last until the next ``fresh``.
    """

    def __init__(self) -> None:
        self.done: dict[tuple[str, bool], str] = {}
        self.defines, self.process, self.answers = False, None, queue.Queue()
        try:
            sys.path.insert(0, str(HERE.parent / "book" / "_ext"))
            import typeset

            self.typeset = typeset
            program = [typeset.compute_driver_executable()[0], HERE / "marking_room.cjs", typeset.MATHJAX]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self.process = subprocess.Popen(program, encoding="utf8", **pipes)
            threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()
        except (ImportError, OSError) as trouble:
            print(f"formulas stay as TeX: MathJax cannot be run here ({trouble})", file=sys.stderr)

    def _listen(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.answers.put(line)
        self.answers.put("")

    def _ask(self, **question: Any) -> str | None:
        if self.process is None:
            return None
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            return json.loads(self.answers.get(timeout=PATIENCE))
        except (OSError, ValueError, queue.Empty):
            print("formulas stay as TeX from here on: MathJax did not answer", file=sys.stderr)
            self.process.kill()
            self.process = None
            return None

    def fresh(self) -> None:
        """Forget what a submission has defined."""
        if self.defines:
            self._ask(fresh=True)
            self.done, self.defines = {}, False

    def html(self, tex: str, display: bool) -> str:
        """The markup of a formula, every tag and attribute of it in a list of known ones; or its TeX."""
        key = (tex.strip(), display)
        if re.search(r"\\(?:(?:re|provide)?newcommand|newenvironment|e?def|let|DeclareMathOperator)\b", tex):
            self.done, self.defines = {}, True
        if key not in self.done:
            markup = self._ask(tex=key[0], display=display) if len(tex) < 5000 else None
            good = markup and "<mjx-merror" not in markup
            self.done[key] = known(markup) if good else ""
        sign = "$$" if display else "$"
        return self.done[key] or f"<code class='tex'>{escape(sign + key[0] + sign)}</code>"

    def style(self, page: str) -> str:
        """The rules that the formulas of a page need, with the letters of their fonts inside."""
        sheet = self._ask(styles=True)
        if sheet is None:
            return ""
        sheet = self.typeset.rules_in_use(sheet, set(re.findall(self.typeset.NAME, page)))
        with tempfile.TemporaryDirectory() as place:
            self.typeset.copy_fonts(Path(place), sheet)
            for font in Path(place, self.typeset.FONTS).iterdir():
                data = base64.b64encode(font.read_bytes()).decode()
                sheet = sheet.replace(
                    f'url("{self.typeset.FONTS}/{font.name}")', f'url("data:font/woff;base64,{data}")'
                )
        return sheet

    def stop(self) -> None:
        if self.process:
            self.process.stdin.close()
            self.process.wait()


TAG = re.compile(r'<(/?)([A-Za-z][A-Za-z-]*)((?: [A-Za-z-]+="[^"<>]*")*)>')
MATHML = re.compile(
    "math|mrow|mi|mn|mo|mtext|mspace|ms|mfrac|msqrt|mroot|mstyle|mpadded|mphantom|menclose|msub|msup|msubsup|munder|"
    "mover|munderover|mmultiscripts|mtable|mtr|mtd|mlabeledtr|mprescripts|none|semantics|annotation"
)
PLAIN = re.compile(
    "class|jax|display|size|space|width|texclass|variant|align|side|justify|stretchy|fence|form|lspace|rspace|accent|"
    "mathvariant|displaystyle|scriptlevel|columnalign|rowalign|columnspacing|rowspacing|linethickness|minsize|maxsize|"
    "movablelimits|separator|largeop|height|depth|voffset|notation|noic|delim|prefix-group|dlmethod|aria-hidden|symmetric|type|limits"
)
ATTRIBUTE = re.compile(' ([A-Za-z-]+)="([^"]*)"')
STYLE = re.compile(r"(?:[a-z-]+: *[\w.%# -]+(?:, *\w+)*;? *)*")


def known(markup: str) -> str:
    """Markup of MathJax if all of it is of the kind that formulas are made of, else nothing."""

    def attribute(match: re.Match) -> str:
        name, value = match[1].lower(), match[2]
        if name == "style" and STYLE.fullmatch(value) and not re.search(r"fixed|absolute|z-index|animation", value):
            return match[0]
        return match[0] if PLAIN.fullmatch(name) and re.fullmatch(r"[\w .%#+-]*", value) else ""

    def tag(match: re.Match) -> str:
        if not (match[2].startswith("mjx-") or MATHML.fullmatch(match[2])):
            return ""
        return f"<{match[1]}{match[2]}{ATTRIBUTE.sub(attribute, match[3])}>"

    rest = TAG.sub("", markup)
    return "" if "<" in rest or ">" in rest else TAG.sub(tag, markup)


# --- text ---------------------------------------------------------------------------------------------------------

IMAGE = re.compile(r"<img\b[^>]*?\bsrc\s*=\s*[\"']?((?:data:image/|attachment:)[^\"'>\s]+)[\"']?[^>]*>", re.IGNORECASE)
BEFORE_A_MARK = re.compile(r"<mjx-container (?:(?!</mjx-container>).)*</mjx-container>[.,;:!?)]+", re.DOTALL)
BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


class Text:
    """Markdown to HTML, with formulas; ``attachments`` are the pictures of a cell."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas
        self.markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        self.markdown.validateLink = lambda address: True  # pictures are data; nothing becomes a link
        self.markdown.use(dollarmath_plugin, allow_digits=False, double_inline=True).use(amsmath_plugin)
        for rule in ("image", "link_open", "link_close", "heading_open", "heading_close", "math_inline", "fence"):
            self.markdown.add_render_rule(rule, globals()[f"_{rule}"])
        self.markdown.add_render_rule("code_block", _fence)
        for rule in ("math_inline_double", "math_block", "math_block_label", "amsmath"):
            self.markdown.add_render_rule(rule, _math_display)

    def html(self, source: str, attachments: dict | None = None) -> str:
        """The HTML of a cell's Markdown."""
        source = BREAK.sub("  \n", IMAGE.sub(r"![picture](\1)", source))
        room = {"formulas": self.formulas, "attachments": attachments or {}}
        limit = LONGEST + sum(len(address) for address in re.findall(r"data:image/[^)\s]+", source))
        markup = BEFORE_A_MARK.sub(r"<span class='bound'>\g<0></span>", self.markdown.render(source[:limit], room))
        return markup + left_out(len(source) - limit)


def _heading_open(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    return "<h3>"


def _heading_close(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    return "</h3>\n"


def _link_open(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    return "<u>"


def _link_close(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    opening = next(token for token in reversed(tokens[:k]) if token.type == "link_open")
    return f"</u> <code>{escape(str(opening.attrGet('href'))[:300])}</code>"


def _image(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    address, words = str(tokens[k].attrGet("src") or ""), tokens[k].content
    if address.startswith("attachment:"):
        bundle = room["attachments"].get(address.removeprefix("attachment:"))
        for kind, data in (bundle if isinstance(bundle, dict) else {}).items():
            if shown := picture(kind, data, words):
                return shown
    match = re.fullmatch(r"data:(image/[\w.+-]+);base64,(.*)", address, re.DOTALL)
    if match and (shown := picture(match[1], match[2], words)):
        return shown
    return f"<span class='gone'>[a picture that is not in the notebook: {escape(address[:200])}]</span>"


def _fence(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    return f"<pre tabindex='0'><code>{escape(tokens[k].content)}</code></pre>\n"


def _math_inline(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    return room["formulas"].html(tokens[k].content, False)


def _math_display(renderer: Any, tokens: list, k: int, options: Any, room: dict) -> str:
    return f"<span class='display'>{room['formulas'].html(tokens[k].content, True)}</span>\n"


def left_out(number: int, what: str = "characters") -> str:
    return f"<p class='gone'>[{number} more {what} are left out here]</p>" if number > 0 else ""


# --- pictures, code, outputs --------------------------------------------------------------------------------------

STARTS = {
    "image/png": (b"\x89PNG\r\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b.|[\x00-\x08\x0b\x0c\x0e-\x1f]")


def joined(text: object) -> str:
    return "".join(map(str, text)) if isinstance(text, list) else str(text)


def picture(kind: str, data: object, words: str = "") -> str:
    """A picture as data, if it is one of the kinds that browsers draw; an SVG too is only drawn, and cannot run."""
    try:
        drawn = kind == "image/svg+xml"
        raw = joined(data).encode() if drawn else base64.b64decode(re.sub(r"\s", "", joined(data)), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if not (b"<svg" in raw[:2000] if drawn else raw.startswith(STARTS.get(kind, ()))):
        return ""
    if len(raw) > LARGEST:
        return f"<p class='gone'>[a picture of {len(raw) / 1e6:.0f} megabytes is left out here]</p>"
    words = escape(words or "figure", quote=True)
    return f'<img src="data:{kind};base64,{base64.b64encode(raw).decode()}" alt="{words}">'


def code(source: str) -> str:
    """A cell of Python, in colours."""
    shown = highlight(source[:LONGEST], PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).rstrip("\n")
    return f"<pre tabindex='0'><code>{shown}</code></pre>{left_out(len(source) - LONGEST)}"


def plain(text: str, style: str = "") -> str:
    text = ANSI.sub("", text)
    shown = f"<pre class='out {style}' tabindex='0'>{escape(text[:LONGEST])}</pre>" if text.strip() else ""
    return shown + left_out(len(text) - LONGEST)


class Words(HTMLParser):
    """The words of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.silent = [], False

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.silent = tag in ("script", "style")
        self.words += ["\n"] * (tag in ("tr", "p", "div", "li", "br")) + [" "] * (tag in ("td", "th"))

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        self.words += [] if self.silent else [data]


def words_of(markup: str) -> str:
    reader = Words()
    reader.feed(markup)
    return "".join(reader.words)


def output(one: object, text: Text) -> str:
    """An output of a cell: its picture if it has one, else its text; HTML and scripts are not shown as such."""
    if not isinstance(one, dict):
        return ""
    kind = one.get("output_type")
    if kind in ("error", "pyerr"):
        lines = one.get("traceback")
        trace = plain("\n".join(map(str, lines)) if isinstance(lines, list) else joined(lines or ""))
        head = escape(f"{one.get('ename', 'error')}: {joined(one.get('evalue', ''))[:300]}")
        return f"<details class='trouble'><summary>{head}</summary>{trace}</details>"
    if kind == "stream":
        return plain(joined(one.get("text", "")), "err" if one.get("name", one.get("stream")) == "stderr" else "")
    data = one.get("data")
    if not isinstance(data, dict):  # an old format has the kinds beside the rest
        names = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml", "text": "text/plain"}
        data = {names[name]: value for name, value in one.items() if name in names}
    for each in (*STARTS, "image/svg+xml"):
        if each in data and (shown := picture(each, data[each])):
            return f"<div class='figure'>{shown}</div>"
    if "text/markdown" in data:
        return text.html(joined(data["text/markdown"]))
    if "text/plain" in data:
        return plain(joined(data["text/plain"]))
    return plain(words_of(joined(data["text/html"])[: 10 * LONGEST])) if "text/html" in data else ""
