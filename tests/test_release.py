"""What `make release` makes: notebooks that open and run, a PDF that can be read, bundles that are what they say."""

import hashlib
import importlib.util
import json
import re
import shutil
import sys
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbclient import NotebookClient
from test_book_build import ROOT, TinyBook

RELEASE = ROOT / "release"
sys.path.append(str(RELEASE))

import notebooks  # noqa: E402
import pages  # noqa: E402
import plain_markdown  # noqa: E402

pytestmark = pytest.mark.slow

WHEN = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x08\0\0\0\x04"  # the head of one, eight by four

CHAPTER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {display_name: Python 3, language: python, name: python3}
---

(first)=
# The first chapter

The bound of {prf:ref}`thm-square`, with $a<b$ and a_b * c; see {numref}`fig-line`, {ref}`second`, {eq}`eq-square`,
the claim {ref}`here <claim-two>`, {cite:t}`author2020` and [elsewhere](https://example.org/x). It is
{glue:text}`answer`.

```{code-cell} ipython3
import matplotlib.pyplot as plt
from myst_nb import glue
from stableminima.book.claims import claim
from stableminima.book.figures.style import use_house_style

use_house_style()
glue("answer", "42", display=False)
```

```{code-cell} ipython3
:tags: [remove-cell]

hidden = 6
```

```{prf:theorem} Squares
:label: thm-square

For $a<b$

$$
\\begin{aligned}
a^2&<b^2\\\\
\\end{aligned}
$$ (eq-square)

1. one;
2. two.
```

```{prf:proof}
Multiply.
```

```{code-cell} ipython3
---
mystnb:
  figure: {name: fig-line, caption: "A line, $y=x$."}
  image: {alt: A rising line.}
---
plt.plot([0, hidden])
plt.show()
```

```{admonition} In the paper
:class: paper

Its words.
```

```{exercise} Doubling
:label: ex-two

What is twice one?
```

```{solution-start} ex-two
:label: sol-two
:class: dropdown
```

We compute.

```{code-cell} ipython3
claim("two", "twice $1$", 2 * 1, equals=2)
```

So it is.

```{solution-end}
```

| a | b |
| --- | --- |
| 1 | one |

<div class="explorable" aria-label="A toy"><p class="note">A toy stands here online.</p><canvas></canvas></div>
"""
SECOND = "(second)=\n# The second chapter\n\nBack to {prf:ref}`thm-square` and {doc}`book/bibliography`.\n"
BIB = "@article{author2020, author={Author, A.}, title={A title}, journal={A journal}, year={2020}}\n"
CONFIG = """\
title: tiny
only_build_toc_files: true
execute: {{execute_notebooks: cache, run_in_temp: true}}
parse: {{myst_enable_extensions: [amsmath, dollarmath]}}
bibtex_bibfiles: [references.bib]
sphinx:
  extra_extensions: [sphinx_proof, sphinx_exercise, sphinx-mathjax-offline]
  local_extensions: {{executable_book: '{ext}', typeset: '{ext}', code_voice: '{ext}'}}
  config: {{bibtex_reference_style: author_year, html_math_renderer: typeset}}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book of two chapters that has one of everything."""
    book = TinyBook(tmp_path_factory.mktemp("release"))
    book.write("_config.yml", CONFIG.format(ext=(ROOT / "book" / "_ext").as_posix()))
    book.write("references.bib", BIB)
    book.write("book/one.md", CHAPTER)
    book.write("book/two.md", SECOND.replace("book/bib", "bib"))
    book.write("book/bibliography.md", "# Bibliography\n\n```{bibliography}\n```\n")
    parts = "parts:\n- numbered: true\n  chapters: [file: book/one, file: book/two, file: book/bibliography]\n"
    book.write("index.md", "# Front\n\nBegin with {doc}`book/one`.\n")
    book.write(
        "_toc.yml",
        "format: jb-book\nroot: index\n" + parts.replace("[", "\n  - ").replace(", ", "\n  - ").replace("]", ""),
    )
    done = book.build("-W", "-n", "--keep-going")
    assert done.returncode == 0, done.text
    return book.folder


@pytest.fixture(scope="module")
def made(built):
    """Its notebooks by name."""
    contents = pages.pages_of(built, built / "_build" / "html")
    folder, address = built / "notebooks", None
    written = notebooks.write_notebooks(
        contents, built / "_build", folder, lambda d: [PICTURE] * len(d), address, "main"
    )
    return {path.relative_to(folder).as_posix(): nbformat.read(path, 4) for path in written}


def text_of(notebook) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def broken_links(made: dict) -> list[str]:
    """Links of a set of notebooks that lead nowhere inside it."""
    texts = {name: text_of(notebook) for name, notebook in made.items()}
    anchors = {name: set(re.findall(r'<a id="([^"]+)"', text)) for name, text in texts.items()}
    found = []
    for name, text in texts.items():
        for address in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, anchor = address.partition("#")
            if "://" in address:
                continue
            target = pages.normalised(f"{name.rpartition('/')[0]}/{file}") if file else name
            if target not in anchors or (anchor and anchor not in anchors[target]):
                found.append(f"{name}: {address}")
    return found


def test_the_text_is_plain_markdown(made):
    text = text_of(made["book/one.ipynb"])
    assert notebooks.leftover_markup(text) is None
    assert "> **Theorem 1.1 (Squares)**" in text and "[Theorem 1.1](#thm-square)" in text
    assert (
        r"$$\begin{aligned} a^2&\lt b^2\\ \end{aligned} \tag{1.1}$$" in text and "[(1.1)](#equation-eq-square)" in text
    )
    assert "*Proof.* Multiply. □" in text
    assert "**Fig. 1.1.** A line, $y=x$." in text and "[Fig. 1.1](#fig-line)" in text
    assert "> **In the paper**\n>\n> Its words." in text
    assert r"$a\lt b$ and a\_b \* c" in text and "It is 42." in text
    assert "> **Exercise 1.1 (Doubling)**" in text and "| 1 | one |" in text
    assert "*A toy stands here online.*" in text and "canvas" not in text
    assert "## References" in text and 'name="ref-' in text and "A title" in text
    assert "(book/one.ipynb)" in text_of(made["index.ipynb"])


def test_a_bar_in_a_formula_does_not_end_an_entry_of_a_table():
    table = (
        r"<table><tr><th>a|b</th><th>c</th></tr><tr><td><span class='math'>\(|x|\)</span></td><td>d</td></tr></table>"
    )
    article = BeautifulSoup(f"<article>{table}</article>", "html.parser").article
    (block,) = plain_markdown.Translator(str, bool).blocks(article)
    assert block.markdown == "| a\\|b | c |\n| --- | --- |\n| $\\vert x\\vert $ | d |"


def test_a_solution_folds_around_its_code(made):
    cells = made["book/one.ipynb"].cells
    text = text_of(made["book/one.ipynb"])
    assert text.count("<details>") == text.count("</details>") == 2
    assert re.search(r"<summary>Solution to Exercise 1\.1[^<]*</summary>\n\nWe compute\.\n\n</details>", text)
    assert re.search(r"<summary>Solution[^<]*, continued</summary>\n\nSo it is\.", text)
    (solution,) = (cell for cell in cells if cell.cell_type == "code" and "claim(" in cell.source)
    assert solution.metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    assert solution.outputs[0].data["text/markdown"].startswith("✓ twice $1$: **2 = 2**")


def test_the_code_is_executed_and_needs_no_sphinx(made):
    code = [cell for cell in made["book/one.ipynb"].cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [1, 2, 3, 4]
    assert "myst_nb" not in "".join(cell.source for cell in code)
    assert "hidden = 6" in code[1].source and code[1].metadata.jupyter.source_hidden
    (output,) = code[2].outputs
    assert set(output.data) == {"image/png", "text/plain"}
    assert output.metadata["image/png"] == {"width": 4, "height": 2, "alt": "A rising line."}
    assert all("papermill" not in kind for cell in code for o in cell.outputs for kind in o.get("data", {}))


def test_all_links_resolve(made):
    assert len(re.findall(r"\]\(#", text_of(made["book/one.ipynb"]))) >= 5
    assert broken_links(made) == []
    broken = {name: notebook for name, notebook in made.items() if name != "book/two.ipynb"}
    assert "book/one.ipynb: two.ipynb#second" in broken_links(broken), "the check can fail"


def test_the_notebook_runs_from_top_to_bottom(made):
    again = nbformat.reads(nbformat.writes(made["book/one.ipynb"]), 4)
    for cell in again.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    NotebookClient(again, timeout=120, kernel_name="python3").execute()
    outputs = [o for cell in again.cells for o in cell.get("outputs", [])]
    assert any("✓ two" in o.get("data", {}).get("text/plain", "") for o in outputs)


def test_the_first_cell_installs_only_where_an_address_is_known():
    without = notebooks.first_cell(None, "main")
    assert without.cell_type == "markdown" and "pip install" in without.source and "http" not in without.source
    source = notebooks.first_cell("https://github.com/someone/some-book", "0123abc").source
    assert "git clone --quiet https://github.com/someone/some-book " in source and "checkout --quiet 0123abc" in source
    from IPython.core.inputtransformer2 import TransformerManager

    compile(TransformerManager().transform_cell(source), "first cell", "exec")
    assert importlib.util.find_spec("stableminima"), "so that here the cell installs nothing"


def test_what_has_no_markdown_is_refused():
    article = BeautifulSoup("<article><marquee>new</marquee></article>", "html.parser").article
    with pytest.raises(ValueError, match="no Markdown is known for <marquee"):
        list(plain_markdown.Translator(str, bool).blocks(article))
    assert notebooks.leftover_markup("see {prf:ref}`thm`") and notebooks.leftover_markup("```\n{prf:ref}\n```") is None
    assert (
        notebooks.leftover_markup("It is {glue:text}`x`.") and notebooks.leftover_markup("a $\\{x\\}$ `{ref}`") is None
    )


def test_a_page_that_changed_after_the_build_is_refused(built):
    contents = pages.pages_of(built, built / "_build" / "html")
    with pytest.raises(LookupError, match="build the book first"):
        notebooks.executed_cells(built / "_build", contents[1], {}, list)
    with pytest.raises(FileNotFoundError, match="build the book first"):
        pages.pages_of(built, built / "nowhere")


# --- what needs the packages of requirements-release.txt and a browser ------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("playwright", reason="requirements-release.txt is not installed (make release installs it)")
    pytest.importorskip("pypdf", reason="requirements-release.txt is not installed (make release installs it)")
    import browser as module

    if module.executable() is None:
        pytest.skip("no Chromium or Chrome on this machine (set STABLEMINIMA_CHROMIUM)")
    return module


def test_drawings_become_pictures(browser):
    from PIL import Image

    drawing = (
        "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'><circle r='9'/></svg>"
    )
    with browser.chromium() as chromium:
        (picture,) = browser.pictures(chromium, [drawing])
    image = Image.open(BytesIO(picture)).convert("RGB")
    assert image.size == (60, 40) and image.getpixel((2, 2)) == (0, 0, 0) and image.getpixel((50, 30)) == (255,) * 3


def title_page():
    import pdf

    return pdf.TitlePage("Tiny", "In short", "Nobody", "Version 1", "CC BY", "")


def filled(document: bytes) -> list[float]:
    """How far down the text of each page goes, as a part of what there is between its margins."""
    import pypdf

    found, unit = [], 72 / 25.4
    for page in pypdf.PdfReader(BytesIO(document)).pages:
        heights: list[float] = []

        def note(text: str, cm: list, tm: list, *_: object, to: list = heights) -> None:
            if text.strip():
                to.append(tm[4] * cm[1] + tm[5] * cm[3] + cm[5])

        page.extract_text(visitor_text=note)
        inside = [y for y in heights if 22 * unit < y < 277 * unit]
        found.append((277 * unit - min(inside)) / (255 * unit))
    return found


def test_figures_leave_no_page_half_empty(browser, tmp_path, monkeypatch):
    """Text that follows goes before a figure that does not fit, or the figure shrinks a little."""
    import pdf

    def figure(height: int) -> str:
        drawing = f"<svg xmlns='http://www.w3.org/2000/svg' width='538' height='{height}'/>"
        address = f"data:image/svg+xml,{quote(drawing)}"
        return f'<figure><img src="{address}" width="538" height="{height}"><figcaption>It.</figcaption></figure>'

    before, after = (f"<p>{'word ' * words}</p>" for words in (110, 150))
    heights = (700, 560, 640, 480, 720, 600, 520, 680)
    text = "".join(f"<section><h2>{h}</h2>{before}{figure(h)}{after * 3}</section>" for h in heights)
    style = pdf.STYLE.read_text("utf8")
    document = (
        f"<html><head><style>{style}</style></head><body><article class='bd-article'>{text}</article></body></html>"
    )

    def least(fill_pages: str) -> float:
        monkeypatch.setattr(pdf, "FILL_PAGES", fill_pages)
        with browser.chromium() as chromium:
            return min(filled(pdf.printed(pdf.opened(chromium, tmp_path, document), tagged=False))[:-1])

    assert least(pdf.FILL_PAGES) > 0.62 > least("() => 0")


def test_the_pdf(browser, built):
    """Two pages on paper: numbers, links, bookmarks, formulas; and twice the same bytes."""
    import pdf
    import pypdf

    html = built / "_build" / "html"
    contents = [page for page in pages.pages_of(built, html) if page.name != "index"]
    with browser.chromium() as chromium:
        made = [pdf.print_book(chromium, contents, html, title_page(), WHEN) for _ in range(2)]
    assert made[0] == made[1]
    reader = pypdf.PdfReader(BytesIO(made[0]))
    text = [normalize("NFKC", page.extract_text()) for page in reader.pages]  # undoes ligatures
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in reader.trailer["/Root"]
    assert all(words in text[0] for words in ("Tiny", "In short", "Nobody", "Version 1", "CC BY"))
    assert reader.metadata.title == "Tiny" and reader.metadata.author == "Nobody"
    assert re.search(r"The first chapter\s*3", text[1]), "the table of contents knows the page"
    assert "The first chapter" in text[2] and re.search(r"(^|\n)3(\n|$)", text[2]), "the page knows its number"
    second = next(page for page in text if "Back to" in page)
    for page, title in ((text[2], "The first chapter"), (second, "The second chapter")):
        assert "Tiny" in page and page.count(title) >= 2, "running heads, and the title"
    assert "Tiny" not in text[1]
    assert not any(r"\frac" in page or r"\(" in page for page in text)
    titles = [entry["/Title"] for entry in reader.outline if not isinstance(entry, list)]
    assert any("The second chapter" in title for title in titles)
    links = [link.get_object() for page in reader.pages for link in page.get("/Annots", [])]
    inside = [link for link in links if "/Dest" in link or "/D" in link.get("/A", {})]
    outside = {link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})}
    known = set(reader.named_destinations)
    assert len(inside) >= 8 and outside == {"https://example.org/x"}
    assert {str(link["/Dest"]) for link in inside if "/Dest" in link} <= known


def test_a_formula_that_fails_stops_the_printing(browser, built):
    import pdf

    folder = built / "bad"
    shutil.copytree(built / "_build" / "html", folder, dirs_exist_ok=True)
    path = folder / "book" / "two.html"
    path.write_text(
        path.read_text("utf8").replace("Back to", r'<span class="math">\(\undefined{\)</span> Back to'), "utf8"
    )
    with browser.chromium() as chromium, pytest.raises(RuntimeError, match="not ready for printing"):
        pdf.print_book(chromium, pages.pages_of(built, folder)[:3], folder, title_page(), WHEN)


def test_the_bundle(browser, built, tmp_path):
    """An archive depends on its contents only, the sums are right, the pins are all there."""
    import bundle

    for number, name in enumerate(("a", "b")):
        shutil.copytree(built / "_build" / "html" / "book", tmp_path / name / "html")
        bundle.archive(tmp_path / f"{name}.zip", tmp_path / name / "html", "tiny-html", WHEN)
        (tmp_path / name / "html" / "two.html").touch()
        assert number or zipfile.ZipFile(tmp_path / "a.zip").testzip() is None
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()

    release = bundle.Release("1.0", "0123abc", WHEN, "content", None)
    bundle.write_manifest(tmp_path, release, bundle.pins(ROOT))
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf8"))
    assert (
        manifest["pins"]["Sphinx"] == "7.4.7"
        and manifest["pins"]["pypdf"]
        and manifest["date"].startswith("2026-01-02")
    )
    for line in (tmp_path / "SHA256SUMS").read_text("utf8").splitlines():
        expected, name = line.split("  ", 1)
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == expected


def test_the_release_describes_its_sources(browser, monkeypatch, tmp_path):
    import bundle

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    monkeypatch.setenv("STABLEMINIMA_REVISION", "0123abc")
    for name in ("pyproject.toml", "_config.yml"):
        shutil.copy(ROOT / name, tmp_path)
    first = bundle.describe(tmp_path)
    assert first.when.isoformat().startswith("1970-01-02") and first.revision == "0123abc"
    Path(tmp_path, "src").mkdir()
    Path(tmp_path, "src", "new.py").write_text("x = 1\n")
    assert bundle.describe(tmp_path).content != first.content


# --- the notebooks of the real book, where it has been built ----------------------------------------------------------


@pytest.mark.parametrize("made_by", ["make release", "make notebooks"])
def test_the_notebooks_that_were_made(made_by):
    """Every notebook opens, is valid, holds no MyST, no broken link, no asterisk that emphasises nothing."""
    from markdown_it import MarkdownIt

    folder = ROOT / "_build" / ("release/notebooks" if made_by == "make release" else "notebooks")
    if not folder.is_dir():
        pytest.skip(f"none have been made ({made_by})")
    made = {path.relative_to(folder).as_posix(): nbformat.read(path, 4) for path in folder.rglob("*.ipynb")}
    assert broken_links(made) == []
    for name, notebook in made.items():
        nbformat.validate(notebook)
        for cell in notebook.cells:
            shown = [
                o["data"]["text/markdown"] for o in cell.get("outputs", []) if "text/markdown" in o.get("data", {})
            ]
            for text in [cell.source] * (cell.cell_type == "markdown") + shown:
                assert not (found := notebooks.leftover_markup(text)), f"{name}: {found}"
                rest = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", "x", text, flags=re.DOTALL)
                stars = re.findall(r"[^\\ ]\*+[^ ]|\*\*", re.sub(r"(?s)<code.*?</code>", "", MarkdownIt().render(rest)))
                assert not stars, f"{name}: {stars}: {text[:200]}"
        if name == "book/05-depth-separation.ipynb":
            theorems = re.findall(r"^> \*\*Theorem 5\.\d \(.+\)\*\*$", text_of(notebook), re.MULTILINE)
            assert len(theorems) >= 2, "theorems are text"
