"""From the HTML of a built page to the Markdown that Jupyter, Colab and GitHub show alike.

The page has every number, reference and citation in place, so nothing is computed here.  Theorems and admonitions
become quotations with a bold title, solutions fold, and a formula stands on one line, because a line break followed by
the mark of a quotation would become part of it.  An element that is not known raises: a new directive of the book is
noticed, not printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from bs4 import Comment, NavigableString, Tag

Link = Callable[
    [str], str | None
]  # from an address in the page to one in the notebook; None: there is nothing to link to

INTERACTIVE = "*The online book has an interactive figure here{}.*"
TRANSPARENT = {"section", "div", "span", "article", "summary", "figure", "small", "time"}
HEADINGS = {"h1": "#", "h2": "##", "h3": "###", "h4": "####", "h5": "#####"}
ANCHORS = re.compile(r"(<a id=\S+ name=\S+></a>\s*)+")
MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**"}


@dataclass(frozen=True)
class Text:
    """A block of Markdown; ``heading`` if it opens a section."""

    markdown: str
    heading: bool = False


@dataclass(frozen=True)
class Cell:
    """The place of a code cell: what the page shows of it; ``folded`` inside a solution."""

    element: Tag
    folded: bool = False


class Translator:
    """Translates the article of one page.

    Args:
        link: where a link of the page leads in the notebook.
        wanted: whether an id of the page is the target of some link; only those get an anchor.
    """

    def __init__(self, link: Link, wanted: Callable[[str], bool]):
        self.link, self.wanted = link, wanted

    # --- blocks --------------------------------------------------------------------------------------------------

    def blocks(self, element: Tag) -> Iterator[Text | Cell]:
        """The children of an element as blocks of Markdown and code cells, in order."""
        loose, anchors = [], ""
        for child in [*element.children, None]:
            if child is not None and is_inline(child):
                loose.append(child)
                continue
            text, loose = self.inline(loose).strip(), []
            if text and ANCHORS.fullmatch(text):
                anchors += f"{text}\n\n"  # the labels of what follows
            elif text:
                yield Text(text)
            for block in self.block(child) if child is not None else ():
                if anchors and isinstance(block, Text):
                    block, anchors = Text(anchors + block.markdown, block.heading), ""
                yield block
        if anchors:
            yield Text(anchors.strip())

    def block(self, element: Tag) -> Iterator[Text | Cell]:
        """One element as blocks."""
        classes, name = set(element.get("class", [])), element.name
        if is_interactive(element):
            yield from interactive(element)
        elif "cell" in classes:
            yield Cell(element)
        elif "solution" in classes:
            yield from self.solution(element)
        elif "admonition" in classes:
            yield Text(self.admonition(element))
        elif "math" in classes:
            yield Text(self.anchors(element) + display(element))
        elif "highlight" in classes:
            yield Text(f"```\n{element.get_text().rstrip()}\n```")
        elif "citation" in classes:
            yield Text(f"- {self.anchors(element)}{self.inline(element.p.children)}")
        elif name in HEADINGS:
            yield Text(f"{self.anchors(element)}{HEADINGS[name]} {self.inline(element.children)}", heading=True)
        elif name == "p":
            yield Text(self.anchors(element) + starting(self.inline(element.children)))
        elif name in ("ul", "ol", "dl", "table", "blockquote", "details", "fieldset", "img", "hr"):
            yield Text(self.anchors(element) + getattr(self, f"_{name}")(element))
        elif name in TRANSPARENT:
            yield from self.opened(element)
        else:
            raise ValueError(
                f"no Markdown is known for <{name} class={sorted(classes)}>: teach release/plain_markdown.py"
            )

    def opened(self, element: Tag) -> Iterator[Text | Cell]:
        """The blocks of an element that has no form of its own; its anchor joins the first of them."""
        anchor = self.anchors(element)
        for block in self.blocks(element):
            if anchor and isinstance(block, Text):
                block, anchor = Text(anchor + block.markdown, block.heading), ""
            elif anchor:
                yield Text(anchor.strip())
                anchor = ""
            yield block

    def joined(self, element: Tag) -> str:
        """An element without code cells as one piece of Markdown."""
        blocks = list(self.blocks(element))
        if any(isinstance(block, Cell) for block in blocks):
            raise ValueError(f"a code cell inside <{element.name} class={element.get('class')}> cannot become Markdown")
        return "\n\n".join(block.markdown for block in blocks)

    def admonition(self, element: Tag) -> str:
        """Theorems, exercises and the two voices: a quotation with a title; a proof: plain text that ends in □."""
        if {"proof"} == set(element["class"]) - {"admonition"}:  # its first paragraph begins with the word "Proof."
            body = self.joined(element).replace("Proof.", "*Proof.*", 1)
            return self.anchors(element) + body + ("\n\n□" if body.endswith(("$$", "```")) else " □")
        title = element.find(class_="admonition-title").extract()
        heading = re.sub(r"\s+", " ", self.inline(title.children)).strip()
        return quoted(f"{self.anchors(element)}**{heading}**\n\n{self.joined(element)}")

    def solution(self, element: Tag) -> Iterator[Text | Cell]:
        """A solution folds; where it holds code cells, each stretch of text between them folds on its own."""
        title = element.find(class_="admonition-title").extract()
        title = summary = with_dollars(escape(" ".join(title.get_text().split()), quote=False))
        anchor, stretch = self.anchors(element), []
        for block in [*self.blocks(element), None]:
            if isinstance(block, Text):
                stretch.append(block.markdown)
                continue
            if stretch:
                yield Text(anchor + folded(summary, "\n\n".join(stretch)))
                anchor, summary, stretch = "", f"{title}, continued", []
            if block is not None:
                yield Cell(block.element, folded=True)

    def _ul(self, element: Tag, mark: str = "-") -> str:
        items = []
        for number, item in enumerate(element.find_all("li", recursive=False), int(element.get("start", 1))):
            bullet = mark if mark == "-" else f"{number}."
            items.append(f"{bullet} " + indented(self.anchors(item) + self.joined(item), " " * (len(bullet) + 1)))
        return "\n".join(items)

    def _ol(self, element: Tag) -> str:
        return self._ul(element, "1.")

    def _dl(self, element: Tag) -> str:
        terms = [f"- **{self.inline(t.children).strip('*')}**: " for t in element.find_all("dt", recursive=False)]
        bodies = [indented(self.joined(d), "  ") for d in element.find_all("dd", recursive=False)]
        return "\n".join(term + body for term, body in zip(terms, bodies, strict=True))

    def _table(self, element: Tag) -> str:
        caption = element.caption.extract() if element.caption else None
        rows = [[self.cell(c) for c in row.find_all(["th", "td"])] for row in element.find_all("tr")]
        if element.tr.td is not None:  # no row of titles
            rows.insert(0, [""] * len(rows[0]))
        lines = [f"| {' | '.join(row)} |" for row in rows]
        lines.insert(1, "|" + " --- |" * len(rows[0]))
        title = f"**{self.inline(caption.children).strip()}**\n\n" if caption else ""
        return title + "\n".join(lines)

    def cell(self, element: Tag) -> str:
        """One entry of a table: a bar would end it, also the bar of a formula."""
        blocks = [b.markdown for b in self.blocks(element)]
        formulas = re.split(r"(\$[^$]+\$)", "<br>".join(blocks).replace("\n", " "))
        return "".join(
            f.replace("\\|", "\\Vert ").replace("|", "\\vert ") if k % 2 else re.sub(r"(?<!\\)\|", r"\\|", f)
            for k, f in enumerate(formulas)
        )

    def _blockquote(self, element: Tag) -> str:
        return quoted(self.joined(element))

    def _details(self, element: Tag) -> str:
        title = element.summary.extract().get_text().strip() if element.summary else "More"
        return folded(title, self.joined(element))

    def _fieldset(self, element: Tag) -> str:
        """A question of a self-check, with its choices, or the lines to be put in order."""
        number = element.legend.find(class_="check-number").extract().get_text()
        lines = []
        for line in element.find_all(["label", "li"]):
            letter = line.find(class_="check-letter").extract().get_text()
            lines.append(f"- ({letter}) {self.inline(line.find(class_='check-say').children)}")
        return f"**{number}** {self.inline(element.legend.children).strip()}\n\n" + "\n".join(lines)

    def _img(self, element: Tag) -> str:
        raise ValueError(
            f"a picture outside a code cell, {element.get('src')}: teach release/plain_markdown.py to carry it"
        )

    def _hr(self, element: Tag) -> str:
        return "---"

    # --- inline --------------------------------------------------------------------------------------------------

    def inline(self, children) -> str:
        """Inline content as Markdown on one line."""
        return re.sub(r"[ \t\n]+", " ", "".join(self.piece(child) for child in children))

    def piece(self, node) -> str:
        if isinstance(node, Comment):
            return ""
        if isinstance(node, NavigableString):
            return escaped(str(node))
        classes = set(node.get("class", []))
        if "math" in classes:
            return f"${formula(node)}$"
        if node.name == "code":
            return f"`{node.get_text()}`"
        inner = "".join(self.piece(child) for child in node.children)
        if node.name in MARKS and inner.strip():
            return self.anchors(node).strip() + around(inner, MARKS[node.name])
        if node.name == "br":
            return "<br>"
        if node.name == "a" and "number" not in classes:  # numbers lead to the cells they come from: not in a notebook
            address = self.link(node.get("href", ""))
            return f"[{inner.strip()}]({address})" if address and inner.strip() else inner
        if node.name in TRANSPARENT or node.name in MARKS or node.name in ("a", "p", "sup", "sub", "kbd", "cite"):
            return self.anchors(node).strip() + inner
        raise ValueError(
            f"no Markdown is known for an inline <{node.name} class={sorted(classes)}>: teach release/plain_markdown.py"
        )

    def anchors(self, element: Tag) -> str:
        """What makes an element the target of a link, where one leads to it."""
        anchor = element.get("id", "")
        if not anchor or not self.wanted(anchor):
            return ""
        after = (
            ""
            if element.name in ("p", "li", "span", "em", "strong") or "citation" in element.get("class", [])
            else "\n\n"
        )
        return f'<a id="{anchor}" name="{anchor}"></a>{after}'


# --- pieces ------------------------------------------------------------------------------------------------------


def is_inline(node) -> bool:
    if isinstance(node, NavigableString):
        return True
    return node.name in {
        "span",
        "a",
        "em",
        "strong",
        "code",
        "br",
        "i",
        "b",
        "sup",
        "sub",
        "kbd",
        "cite",
        "small",
        "time",
    }


def is_interactive(element: Tag) -> bool:
    """Whether an element lives by a script: explorables, drawings with links, controls."""
    names = {"canvas", "svg", "button", "input", "select", "form", "output", "label", "iframe", "object", "video"}
    classes = element.get("class", [])
    return element.name in names or any(c.startswith(("explorable", "chapter-map")) for c in classes)


def interactive(element: Tag) -> Iterator[Text]:
    """A sentence in place of an explorable, its own if it has one; nothing for a map: the same in words follows."""
    if "chapter-map" in element.get("class", []):
        return
    named = element if element.get("aria-label") else element.find(attrs={"aria-label": True})
    if note := element.find(class_="note"):
        yield Text(f"*{escaped(' '.join(note.get_text().split()))}*")
    else:
        yield Text(INTERACTIVE.format(f": {escaped(named['aria-label'])}" if named else ""))


def formula(element: Tag) -> str:
    r"""The TeX of a formula on one line, with ``\lt`` for ``<``, which might be taken for a tag."""
    typeset = element.find("mjx-container")  # where the formulas were set when the book was built, it keeps its TeX
    tex = (typeset["data-tex"] if typeset else element.get_text()).strip()
    tex = re.sub(r"^\\[(\[]|\\[)\]]$", "", tex).strip()
    tex = re.sub(r"^\\begin\{split\}\s*(\\begin\{.*\\end\{\w+\})\s*\\end\{split\}$", r"\1", tex, flags=re.DOTALL)
    if "$" in tex:
        raise ValueError(f"a formula with a dollar inside cannot stand in a notebook: {tex}")
    tex = re.sub(r"\s+", " ", tex)
    return re.sub(r"<\s*", r"\\lt ", re.sub(r">\s*", r"\\gt ", tex))


def display(element: Tag) -> str:
    """A displayed formula with its number."""
    number = element.find(class_="eqno")
    tag = f" \\tag{{{number.extract().get_text().strip('()¶# ')}}}" if number else ""
    return f"$${formula(element)}{tag}$$"


def escaped(text: str) -> str:
    """Text in which Markdown sees no marks."""
    text = re.sub(r"([\\`*_$])", r"\\\1", text).replace("](", "] (")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def starting(text: str) -> str:
    """A paragraph that does not begin like a list or a heading."""
    return re.sub(r"^(\s*)(\d+)([.)] )", r"\1\2\\\3", re.sub(r"^(\s*)([#+-] |#)", r"\1\\\2", text.strip()))


def around(text: str, mark: str) -> str:
    """Emphasis that holds no blanks at its ends."""
    before, inner, after = re.fullmatch(r"(\s*)(.*?)(\s*)", text, re.DOTALL).groups()
    return f"{before}{mark}{inner}{mark}{after}"


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def indented(text: str, by: str) -> str:
    return text.replace("\n", f"\n{by}")


def folded(title: str, body: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def with_dollars(text: str) -> str:
    r"""A title as text, its formulas in dollars."""
    return re.sub(r"\\\((.*?)\\\)", r"$\1$", text)
