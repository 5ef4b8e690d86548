"""Which code a reader sees.  Code that teaches stands in the text; bookkeeping is folded beneath what it makes.

1. A cell that mostly checks claims, draws, prints a table, hands numbers to the text or imports is folded, under its
   output, as "How this was checked" and so on.  Nothing in a chapter says which: its syntax does.
2. A printed table becomes a table; the tests of the chapters go on comparing the text.
3. Lines that are too long for a page wrap with a hanging indent.
4. A switch under the title of a page, which the browser remembers, shows the text only, the code that teaches, or all.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from os.path import commonprefix

from docutils import nodes
from sphinx.application import Sphinx

# --- 1. which cells are bookkeeping ------------------------------------------------------------------------------

CALLS = {"claim": "checked", "glue": "glued", "print": "printed", "display": "printed", "use_house_style": "imported"}
DRAWING = {"draw", "plt", "ax", "axes", "fig"}
SUMMARIES = {
    "checked": "How this was checked",
    "drawn": "How this was drawn",
    "printed": "How this was computed",
    "glued": "Where numbers in the text come from",
    "imported": "What this page imports",
}
MOSTLY = 2 / 3  # of the lines of a cell


def voices(statement: ast.stmt) -> Counter:
    """How many lines of a statement do what; ``taught`` is all that is none of the bookkeeping."""
    body = getattr(statement, "body", None)
    if isinstance(statement, ast.For | ast.If | ast.With) and body:
        return sum((voices(inner) for inner in body), Counter())
    lines = statement.end_lineno - statement.lineno + 1
    return Counter({voice_of(statement): lines})


def voice_of(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return "imported"
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Call):
        called = ast.unparse(value.func)
        if called.split(".")[0] in DRAWING or called.startswith("plot_") or called == "panels":
            return "drawn"
        if isinstance(statement, ast.Expr):
            return CALLS.get(called, "taught")
    return "taught"


def classify(code: str) -> str | None:
    """What a cell mostly does, if that is bookkeeping.

    >>> classify("claim('a', 'b', 1, equals=1)"), classify("x = train(net)\\nclaim('a', 'b', x, equals=1)")
    ('checked', None)
    >>> classify("import numpy as np\\nuse_house_style()"), classify("for x in y:\\n    print(x)")
    ('imported', 'printed')
    """
    try:
        found = sum((voices(statement) for statement in ast.parse(code).body), Counter())
    except SyntaxError:  # a magic of IPython
        return None
    taught = found.pop("taught", 0)
    if not found or taught > (1 - MOSTLY) * (taught + found.total()):
        return None
    for kind in ("drawn", "checked", "printed", "glued", "imported"):  # of several the one that a reader sees
        if found[kind] and (found[kind] >= found.total() / 3 or kind == found.most_common(1)[0][0]):
            return kind
    return None


def fold_bookkeeping(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the code of bookkeeping, folded, after what it shows."""
    if app.builder.format != "html":
        return
    for cell in doctree.findall(lambda n: isinstance(n, nodes.container) and n.get("nb_element") == "cell_code"):
        source = cell.children[0] if cell.children else None
        if not isinstance(source, nodes.container) or source.get("nb_element") != "cell_code_source":
            continue
        code, folded = source.astext(), None
        if kind := classify(code):
            cell.remove(source)
            cell["classes"].append("folded")
            folded = source
        elif line := end_of_teaching(code):
            first, rest = "\n".join(code.split("\n")[:line]).rstrip(), "\n".join(code.split("\n")[line:]).strip("\n")
            kind, folded = classify(rest), with_code(source, rest)
            source.replace_self(with_code(source, first))
        if kind and folded is not None:
            summary = f'<details class="how" data-how="{kind}"><summary>{SUMMARIES[kind]}</summary>'
            cell += [nodes.raw("", summary, format="html"), folded, nodes.raw("", "</details>", format="html")]


def end_of_teaching(code: str) -> int | None:
    """The line after which a cell that teaches only keeps books, if it does so for two lines or more.

    >>> end_of_teaching("x = train(net)\\nclaim('a', 'b', x,\\n      equals=1)"), end_of_teaching("x = 1\\ny = 2")
    (1, None)
    """
    try:
        statements = ast.parse(code).body
    except SyntaxError:
        return None
    kept = len(statements)
    while kept and "taught" not in voices(statements[kept - 1]):
        kept -= 1
    line = statements[kept - 1].end_lineno if kept else 0
    return line if kept and kept < len(statements) and statements[-1].end_lineno - line >= 2 else None


def with_code(source: nodes.container, code: str) -> nodes.container:
    """The same box with other code."""
    box, block = source.copy(), next(iter(source.findall(nodes.literal_block)))
    other = block.copy()
    other.rawsource = code
    other += nodes.Text(code)
    box += other
    return box


# --- 2. printed tables -------------------------------------------------------------------------------------------

NUMBER = re.compile(r"[-−+]?\d[\d.,]*(?:e[-+]?\d+)?(?:\s?%)?")
LONE_NUMBER = re.compile(r"(?:^|  )[-−+]?\d[\d.]*(?=  |$)")
Row = list[tuple[str, int]]  # of a head: names, and how many columns each stands over


def as_table(text: str) -> tuple[list[Row], list[list[str]], list[str]] | None:
    """Head rows, body rows, and lines above the table; None if the text is no table.

    >>> as_table("   a      b\\n 0.1   0.25\\n12.5  10.00\\n")[:2]
    ([[('a', 1), ('b', 1)]], [['0.1', '0.25'], ['12.5', '10.00']])
    >>> as_table("k =   1:  error 0.5\\nk =  20:  error 0.1\\n")[:2]
    ([[('k', 1), ('error', 1)]], [['1', '0.5'], ['20', '0.1']])
    >>> as_table("one line of 3 numbers\\nand another of 4\\n")
    """
    text = re.sub(r"\bto( +)( \d+)", r"to\2\1", text)  # a range is one cell, however its numbers are aligned
    lines, best = text.rstrip("\n").split("\n"), (0, 0)
    for heads in range(min(4, len(lines) - 1)):
        if any(LONE_NUMBER.search(line) for line in lines[:heads]):
            break
        body = lines[heads:]
        if all(any(map(str.isdigit, line)) for line in body):
            lone = heads == 0 or all(LONE_NUMBER.search(line) for line in body)
            best = max(best, (len(spans_of(body)), heads)) if lone else best
    columns, heads = best
    if columns < 2:
        return None
    spans = spans_of(lines[heads:])
    rows = [[line[a:b].strip() for a, b in spans] for line in lines[heads:]]
    if any("   " in cell for row in rows for cell in row):
        return None
    above, head = [], []
    for line in lines[:heads]:
        row = head_row(line, spans)
        (head if row else above).append(row or line.strip())
    if not head:
        rows, names = named(rows)
        head = [names] if any(name for name, _ in names) else []
    return head, rows, above


def spans_of(lines: list[str]) -> list[tuple[int, int]]:
    """The columns of text: what lies between two or more characters that are blank in every line."""
    width = max(map(len, lines))
    blank = "".join(" " if all(line[x : x + 1] in ("", " ") for line in lines) else "x" for x in range(width))
    return [found.span() for found in re.finditer(r"x+(?: x+)*", blank)]


def head_row(line: str, spans: list[tuple[int, int]]) -> Row | None:
    """The names in a line over the columns, each with the number of columns it stands over; None if it is prose."""
    row, at = [], 0
    for found in re.finditer(r"\S+(?: \S+)*", line):
        over = [k for k, (a, b) in enumerate(spans) if found.start() < b and found.end() > a]
        over = over or [min(range(len(spans)), key=lambda k: abs(sum(spans[k]) - sum(found.span())))]
        if over[0] < at:
            return None
        row += [("", 1)] * (over[0] - at) + [(found[0], len(over))]
        at = over[-1] + 1
    return row + [("", 1)] * (len(spans) - at)


def named(rows: list[list[str]]) -> tuple[list[list[str]], Row]:
    """Columns that repeat their name in every row, without it; and the names."""
    names, columns, waiting = [], [], ""
    for column in zip(*rows, strict=True):
        if len(set(column)) == 1 and not column[0][-1:].isdigit() and len(columns) + 1 < len(rows[0]):
            waiting = column[0]  # the name of what comes next
            continue
        common = commonprefix(column)  # noqa: RUF071 – of text, not of paths
        cut = max(common.rfind(" "), common.rfind("=")) + 1
        name = common[:cut] if any(map(str.isalpha, common[:cut])) and all(len(cell) > cut for cell in column) else ""
        names.append((f"{waiting} {name}".strip(" =:"), 1))
        columns.append([cell[len(name) :].strip(" :,") for cell in column])
        waiting = ""
    if waiting:
        names.append(("", 1))
        columns.append([waiting] * len(rows))
    return [list(row) for row in zip(*columns, strict=True)], names


def tabulate(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Replace the printed tables of a page."""
    if app.builder.format != "html":
        return
    for output in doctree.findall(
        lambda n: isinstance(n, nodes.container) and n.get("nb_element") == "cell_code_output"
    ):
        for block in list(output.findall(nodes.literal_block)):
            if found := as_table(re.sub(r"\x1b\[[\d;]*m", "", block.astext())):
                block.replace_self(table_nodes(*found))


def table_nodes(head: list, body: list[list[str]], above: list[str]) -> list[nodes.Node]:
    columns = [nodes.colspec(colwidth=1) for _ in body[0]]
    group = nodes.tgroup("", *columns, cols=len(columns))
    if head:
        group += nodes.thead("", *(nodes.row("", *(entry(name, span - 1) for name, span in row)) for row in head))
    group += nodes.tbody("", *(nodes.row("", *(entry(text) for text in row)) for row in body))
    table = nodes.table("", group, classes=["printed", "colwidths-auto"])
    return [*(nodes.paragraph(text=line, classes=["printed-above"]) for line in above), table]


def entry(text: str, more: int = 0) -> nodes.entry:
    parts = re.split(r"\$([^$]+)\$", text)
    content = [nodes.math(part, part) if k % 2 else nodes.Text(part) for k, part in enumerate(parts) if part]
    found = nodes.entry("", nodes.paragraph("", "", *content)) if content else nodes.entry()
    if NUMBER.match(text):
        found["classes"].append("number-cell")
    if more:
        found["morecols"] = more
    return found


# --- 3. long lines -----------------------------------------------------------------------------------------------

EMPTY_HEAD = re.compile(r"<th\b[^>]*>\s*(?:<p>\s*</p>)?\s*</th>")
BLOCK = re.compile(r'(<div class="highlight"><pre>(?:<span></span>)?)(.*?)(</pre>)', re.DOTALL)


def hang(html: str) -> str:
    """Highlighted code with an element for each line, which knows how far it is indented.

    >>> hang('<span class="k">if</span> a:\\n    <span class="s">"b\\nc"</span>\\n').count('<span class="line"')
    3
    """
    lines, opened = [""], []
    for tag, text in re.findall(r"(<[^>]+>)|([^<]+)", html):
        if tag:
            opened.append(tag) if tag[1] != "/" else opened.pop()
            lines[-1] += tag
            continue
        first, *others = text.split("\n")
        lines[-1] += first
        for other in others:
            lines[-1] += "</span>" * len(opened)
            lines.append("".join(opened) + other)
    if not re.sub(r"<[^>]+>", "", lines[-1]):
        lines.pop()
    return "".join(f'<span class="line"{indent_of(line)}>{line}\n</span>' for line in lines)


def indent_of(line: str) -> str:
    text = re.sub(r"<[^>]+>", "", line)
    indent = len(text) - len(text.lstrip(" "))
    return f' style="--indent:{indent}"' if indent else ""


SWITCH = """
<div class="voice-switch pst-js-only" role="group" aria-label="How much of the code this page shows">
<button type="button" data-choose="text">text only</button>
<button type="button" data-choose="code">with code</button>
<button type="button" data-choose="all">everything</button>
</div>"""


def write_page(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Wrap the lines of code; put the switch under the title of a page that has code."""
    if doctree is None or "body" not in context:
        return
    context["body"] = EMPTY_HEAD.sub("<td></td>", context["body"])
    context["body"] = BLOCK.sub(lambda m: m[1] + hang(m[2]) + m[3], context["body"])
    if page in app.env.nb_metadata and page != app.config.root_doc and "cell_input" in context["body"]:
        after = r'(</h1>(?:\s*<p class="chapter-facts">.*?</p>)?)'
        context["body"] = re.sub(after, lambda m: m[1] + SWITCH, context["body"], count=1, flags=re.DOTALL)


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", tabulate, priority=800)
    app.connect("doctree-resolved", fold_bookkeeping, priority=810)
    app.connect("html-page-context", write_page, priority=650)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
