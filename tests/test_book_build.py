"""What the book promises about its build, proved on throw-away books that use the very extension of the real one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
FRONT_MATTER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""


class TinyBook:
    """A book of a few chapters in a temporary folder, built as the real one is."""

    def __init__(self, folder: Path):
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf8")

    def configure(self, extension: bool = True, timeout: int = 300) -> None:
        local = f"  local_extensions: {{executable_book: '{(ROOT / 'book' / '_ext').as_posix()}'}}\n" * extension
        execute = f"{{execute_notebooks: cache, run_in_temp: true, timeout: {timeout}, stderr_output: warn}}"
        general = f"title: tiny\nonly_build_toc_files: true\nexecute: {execute}\n"
        self.write("_config.yml", f"{general}sphinx:\n{local}  config: {{}}\n")

    def chapters(self, **cells: str) -> None:
        """One chapter a keyword, each with the given code in its second cell; and a ledger."""
        for name, code in cells.items():
            first = "```{code-cell} ipython3\nx = 1\n```\n"
            self.write(f"{name}.md", f"{FRONT_MATTER}\n# {name}\n\n{first}\n```{{code-cell}} ipython3\n{code}\n```\n")
        self.write("ledger.md", "# Ledger\n\n```{ledger}\n```\n")
        self.contents(*cells, "ledger")

    def contents(self, root: str, *others: str) -> None:
        entries = "".join(f"  - file: {name}\n" for name in others)
        self.write("_toc.yml", f"format: jb-book\nroot: {root}\n" + f"chapters:\n{entries}" * bool(others))

    def build(self, *options: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", ".", *options]
        process = {"cwd": self.folder, "env": os.environ | {"PYTHONUTF8": "1"}, "capture_output": True}
        done = subprocess.run(command, encoding="utf8", **process)
        done.text = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)
        return done

    def page(self, name: str) -> str:
        return (self.folder / "_build" / "html" / f"{name}.html").read_text("utf8")


@pytest.fixture
def book(tmp_path):
    tiny = TinyBook(tmp_path)
    tiny.configure()
    return tiny


def uses_the_library(book: TinyBook, answer: str) -> None:
    """A chapter whose number comes from src/, which holds ``answer``."""
    book.write("src/library.py", f"ANSWER = '{answer}'\n")
    path = (book.folder / "src").as_posix()
    book.chapters(one=f"import sys; sys.path.insert(0, '{path}')\nimport library; print(library.ANSWER)")


def test_a_change_in_src_changes_the_page(book):
    uses_the_library(book, "old number")
    assert book.build("-W", "-n").returncode == 0 and "old number" in book.page("one")
    assert "(cached)" in book.build("-W", "-n").text
    book.write("src/library.py", "ANSWER = 'new number'\n")
    assert book.build("-W", "-n").returncode == 0
    assert "new number" in book.page("one") and "old number" not in book.page("one")
    assert len(list((book.folder / "_build" / ".jupyter_cache").iterdir())) == 1, "the old cache is pruned"


def test_a_second_build_succeeds_and_shows_a_changed_style(book):
    book.chapters(one="print('x')")
    config = (book.folder / "_config.yml").read_text("utf8")
    lighter = f"{{page_weight: '{(ROOT / 'book' / '_ext').as_posix()}', executable_book"
    config = config.replace("{executable_book", lighter).replace("config: {}", "config: {html_static_path: [_static]}")
    book.write("_config.yml", config)
    for style in ("a {color: red}", "a {color: blue}"):
        book.write("_static/own.css", style)
        assert book.build("-W", "-n").returncode == 0
        assert (book.folder / "_build" / "html" / "_static" / "own.css").read_text("utf8") == style


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core executes one chapter at a time")
def test_chapters_execute_at_the_same_time(book, tmp_path):
    """Each of two chapters waits for the other's sign, which only comes if both are running."""
    meet = """
import pathlib, time
signs = pathlib.Path({folder!r})
(signs / "{mine}").touch()
for _ in range(600):
    if (signs / "{other}").exists():
        break
    time.sleep(0.1)
print("they", "met" if (signs / "{other}").exists() else "did not")
"""
    signs = tmp_path / "signs"
    signs.mkdir()
    book.chapters(
        one=meet.format(folder=signs.as_posix(), mine="one.sign", other="two.sign"),
        two=meet.format(folder=signs.as_posix(), mine="two.sign", other="one.sign"),
    )
    assert book.build("-W", "-n").returncode == 0
    for name in ("one", "two"):
        assert "they met" in book.page(name)
    again = book.build("-W", "-n").text
    assert "executing" not in again


def test_without_the_extension_the_page_would_be_stale(book):
    uses_the_library(book, "old number")
    book.configure(extension=False)
    book.contents("one")
    assert book.build().returncode == 0
    book.write("src/library.py", "ANSWER = 'new number'\n")
    assert book.build().returncode == 0
    assert "old number" in book.page("one")


def test_a_failing_cell_fails_the_build_every_time_and_is_shown(book):
    book.chapters(one="print('fine')", two="numerator = 1\nnumerator / 0")
    for attempt in range(2):  # the second build finds all pages up to date, and must fail all the same
        done = book.build()
        assert done.returncode != 0, f"attempt {attempt}"
        assert re.search(r"two\.md: code cell 2 of 2 failed", done.text)
        assert "numerator / 0" in done.text and "ZeroDivisionError: division by zero" in done.text
        assert "RuntimeError" not in done.text, "a clean message, not the traceback of the builder"


DRAWING = """import matplotlib.pyplot as plt
plt.title(r"$\\nosuchcommand$")
plt.show()"""
DEATH = "import os\nos.kill(os.getpid(), 9)"
SILENT = "get_ipython().kernel._publish_execute_input = lambda *arguments, **options: None"
SILENT_DEATH = f"{SILENT}\n```\n\n```{{code-cell}} ipython3\n{DEATH}"
WITH_SIGNAL_9 = pytest.mark.skipif(os.name == "nt", reason="no signal 9")


@pytest.mark.parametrize(
    ("code", "message", "cell"),
    [
        (DRAWING, "Unknown symbol", "2 of 2"),
        pytest.param(DEATH, "DeadKernelError", "2 of 2", marks=WITH_SIGNAL_9),
        pytest.param(SILENT_DEATH, "DeadKernelError", "3 of 3", marks=WITH_SIGNAL_9),
    ],
    ids=["a figure that cannot be drawn", "a kernel that is killed", "before it could say what it began"],
)
def test_what_jupyter_does_not_report_fails_the_build_every_time(book, code, message, cell):
    book.chapters(one="print('fine')", two=code)
    for _ in range(2):
        done = book.build("-W", "-n", "--keep-going")
        assert done.returncode != 0
        assert f"two.md: code cell {cell} failed" in done.text and message in done.text
        assert "fine" in book.page("one"), "the other pages are made all the same"


def test_a_cell_without_an_end_is_named(book):
    book.configure(timeout=3)
    book.chapters(one="import time\ntime.sleep(1000)")
    done = book.build("-W", "-n", "--keep-going")
    assert done.returncode != 0
    assert "one.md: code cell 2 of 2 failed" in done.text and "CellTimeoutError" in done.text


def test_a_notice_on_stderr_fails_one_build_and_not_the_next(book, tmp_path):
    """Such as Matplotlib's, when it builds its font cache for the first time."""
    once = (tmp_path / "once").as_posix()
    book.chapters(
        one=f"import pathlib, sys\nif not pathlib.Path({once!r}).exists():\n    print('wait', file=sys.stderr)"
    )
    assert book.build("-W", "-n", "--keep-going").returncode != 0
    (tmp_path / "once").touch()
    assert book.build("-W", "-n", "--keep-going").returncode == 0


def test_a_damaged_cache_is_made_again(book):
    book.chapters(one="print('fine')")
    assert book.build("-W", "-n").returncode == 0
    (database,) = (book.folder / "_build" / ".jupyter_cache").glob("*/global.db")
    database.write_bytes(database.read_bytes()[:3000])
    assert book.build("-W", "-n").returncode == 0 and "fine" in book.page("one")


def test_two_builds_do_not_meet(book):
    book.chapters(one="print('fine')")
    (book.folder / "_build").mkdir()
    with FileLock(book.folder / "_build" / "lock"):
        done = book.build("-W", "-n")
        assert done.returncode != 0 and "another build is writing into" in done.text
    assert book.build("-W", "-n").returncode == 0


def test_a_newer_text_with_an_older_date_is_read(book):
    """A new archive unpacked over an old one, `cp -p`, `rsync -t`."""
    book.chapters(one="print('old text')")
    assert book.build("-W", "-n").returncode == 0
    book.chapters(one="print('new text')")
    os.utime(book.folder / "one.md", (0, 0))
    assert book.build("-W", "-n").returncode == 0
    assert "new text" in book.page("one") and "old text" not in book.page("one")


def test_the_library_of_another_checkout_is_refused(book):
    book.write("src/stableminima/__init__.py", "")
    book.chapters(one="print('fine')")
    done = book.build("-W", "-n")
    assert done.returncode != 0 and "not from" in done.text and "make.py book" in done.text


def test_a_warning_fails_the_build_every_time(book):
    book.chapters(one="print('fine')")
    book.write("ledger.md", "# Ledger\n\n{doc}`nowhere`\n")
    assert [book.build("-W", "-n", "--keep-going").returncode != 0 for _ in range(2)] == [True, True]


CLAIM = """from stableminima.book.claims import claim
claim("{id}", r"below $2/\\lambda$", {value}, at_most=1, source="Lemma 1")"""


def test_the_ledger_follows_the_chapters(book):
    book.chapters(one=CLAIM.format(id="first", value=0.25), two=CLAIM.format(id="second", value=0.75))
    assert book.build("-W", "-n").returncode == 0
    ledger = book.page("ledger")
    assert "2 claims on 2 pages" in ledger and "0.75" in ledger and 'href="two.html#claim-second"' in ledger
    assert 'id="claim-second"' in book.page("two") and r"\(2/\lambda\)" in book.page("two")

    book.chapters(one=CLAIM.format(id="first", value=0.25), two=CLAIM.format(id="second", value=0.5))
    assert book.build("-W", "-n").returncode == 0
    assert "0.75" not in book.page("ledger") and "0.5" in book.page("ledger")

    book.contents("one", "ledger")
    assert book.build("-W", "-n").returncode == 0
    assert "1 claim on 1 page;" in book.page("ledger") and "second" not in book.page("ledger")


def test_a_false_claim_and_a_repeated_id_fail_the_build(book):
    same = CLAIM.format(id="same", value=0.5)
    book.chapters(one=CLAIM.format(id="first", value=2.0), two=same, three=same)
    done = book.build()
    assert done.returncode != 0
    assert "ClaimFailed" in done.text and "'first' does not hold" in done.text
    assert "claim id 'same' is used twice: in three and in two" in done.text


def test_what_the_page_does_not_show_is_not_read(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    from chapter_facts import minutes_for, words_of
    from docutils import nodes
    from docutils.utils import new_document

    from stableminima.book.claims import MIME_TYPE

    page, statement = new_document("page"), " ".join(["word"] * 170)  # at 180 words a minute
    forms = [nodes.container("", nodes.paragraph("", statement)) for _ in range(2)]
    for form, mime_type in zip(forms, (MIME_TYPE, "text/markdown"), strict=True):
        form["mime_type"] = mime_type
    page += [nodes.container("", *forms), nodes.literal_block(statement, statement)]
    assert minutes_for(words_of(page)) == 1
    page += nodes.container("", nodes.paragraph("", statement), mime_type="text/markdown")
    assert minutes_for(words_of(page)) == 2
