"""Builds the students' edition of the whole book (``python make.py student``) into ``_build/student``.

The book is built from a copy of the sources without solutions, so that nothing has to be hidden afterwards; what came
out is then searched for every solution, and one find fails the build.  Outputs are taken from the cache of
``make book`` where that has them, cell by cell: the cells of solutions are not in the copy.
"""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import build
import nbformat
import sets
import snowballstemmer
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from variants import year_among

ROOT = build.ROOT
WORK = ROOT / "_build" / "student-work"  # the filtered sources and what Sphinx leaves beside its pages
OUT = ROOT / "_build" / "student"  # what students are given: html, notebooks, sets, the package
COPIED = ("_config.yml", "_toc.yml", "CITATION.cff", "requirements.txt", "constraints.txt")
INSTRUCTORS = ("teaching", "lectures", "assessment", "written-exam")  # pages that students are not given


# --- the filtered sources ----------------------------------------------------------------------------------------

SOLUTION = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{solution\}.*?^(?P=fence)[ ]*$\n?"
    r"|^(?P<gate>`{3,}|:{3,})\{solution-start\}.*?^(?P=gate)\{solution-end\}\s*?\n(?P=gate)[ ]*$\n?"
    r"|^% instructors$.*?^% end instructors$\n?",
    re.DOTALL | re.MULTILINE,
)


def without_solutions(page: str) -> str:
    """A page without its solutions and without what stands between ``% instructors`` and ``% end instructors``."""
    rest = SOLUTION.sub("", page)
    if open_ended := re.search(r"\{solution|^% (end )?instructors", rest, re.MULTILINE):
        raise ValueError(f"what does not end: {rest[open_ended.start() :][:200]}")
    return rest


def solutions(page: str) -> list[str]:
    """What :func:`without_solutions` leaves out."""
    return [match.group(0) for match in SOLUTION.finditer(page)]


def pages() -> list[Path]:
    """The pages of the students' book."""
    return [page for page in sorted((ROOT / "book").glob("*.md")) if page.stem not in INSTRUCTORS]


def copy_sources(target: Path) -> None:
    """Copy what the students' book is built from, and nothing else."""
    shutil.rmtree(target, ignore_errors=True)
    (target / "book").mkdir(parents=True)
    for name in COPIED:
        shutil.copy(ROOT / name, target)
    toc = (ROOT / "_toc.yml").read_text("utf8")
    dropped = re.compile(rf"^ *- file: book/({'|'.join(INSTRUCTORS)})\n", re.MULTILINE)
    build.write(target / "_toc.yml", dropped.sub("", toc))
    for page in pages():
        build.write(target / "book" / page.name, without_solutions(page.read_text("utf8")))
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for beside in (ROOT / "book").iterdir():  # bibliography, extensions, styles: all but pages, twins and notebooks
        if beside.is_dir() and beside.name.startswith("_") and beside.name != "__pycache__":
            shutil.copytree(beside, target / "book" / beside.name, ignore=ignored)
        elif beside.suffix == ".bib":
            shutil.copy(beside, target / "book")
    for folder in ("src", "results"):
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)


# --- outputs that are known already ------------------------------------------------------------------------------


def read_cells(page: Path) -> nbformat.NotebookNode:
    """A page as the build reads it."""
    return read_myst_markdown_notebook(page.read_text("utf8"), MdParserConfig(), path=page)


def seed_cache(source: Path) -> None:
    """Give the copy's build the outputs that ``make book`` has computed, for the cells that are left."""
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    from execution_cache import fingerprint

    key = fingerprint(ROOT)
    computed = ROOT / "_build" / ".jupyter_cache" / key
    if fingerprint(source) != key or not computed.exists():
        return
    full, own = get_cache(computed), get_cache(source / "_build" / ".jupyter_cache" / key)
    for page in pages():
        if "{code-cell}" not in page.read_text("utf8"):
            continue
        try:
            record, executed = full.merge_match_into_notebook(read_cells(page))
        except KeyError:
            continue
        filtered = read_cells(source / "book" / page.name)
        known = (cell for cell in executed.cells if cell.cell_type == "code")
        for cell in filtered.cells:
            if cell.cell_type == "code":
                match = next(each for each in known if each.source == cell.source)
                cell.outputs, cell.execution_count = match.outputs, match.execution_count
        data = full.get_cache_record(record).data
        bundle = CacheBundleIn(filtered, str(source / "book" / page.name), data=data)
        own.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def copy_sets(target: Path, year: int | None = None) -> None:
    """The students' zips of all sets, built elsewhere: what ``make assignments`` has made stays as it is."""
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as place:
        for name in sets.set_names():
            shutil.copy(build.build(sets.read_set(name, year), Path(place)) / f"{name}-student.zip", target)


# --- the build ---------------------------------------------------------------------------------------------------


def main(*request: str) -> int:
    year, rest = year_among(list(request))
    if rest:
        sys.exit(f"student takes --year and nothing else, not '{rest[0]}'")
    source = WORK / "source"
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.rmtree(OUT, ignore_errors=True)
    copy_sources(source)
    seed_cache(source)
    own = os.environ | {"PYTHONPATH": str(source / "src"), "STABLEMINIMA_RESULTS": str(source / "results")}
    status = subprocess.run(["jupyter-book", "build", source, "-W", "-n", "--keep-going"], env=own).returncode
    if status:
        return status
    shutil.copytree(source / "_build" / "html", OUT / "html")
    (OUT / "notebooks").mkdir()
    for notebook in sorted((source / "_build" / "jupyter_execute" / "book").glob("*.ipynb")):
        shutil.copy(notebook, OUT / "notebooks")
    copy_sets(OUT / "sets", year)
    build.make_wheel(OUT)
    shutil.copy(ROOT / "assignments" / "am-i-installed.py", OUT)
    shutil.copy(ROOT / "requirements-course.txt", OUT)
    shutil.copy(ROOT / "constraints.txt", OUT)
    texts, stems = secrets(year)
    found = leaks([OUT, WORK], texts)
    found += [("the search index", stem) for stem in indexed(OUT / "html" / "searchindex.js", stems)]
    for where, what in found[:20]:
        print(f"LEAK in {where}: {what}", file=sys.stderr)
    print(f"\n{OUT} holds html, notebooks, sets and the package.")
    print(f"Searched it for {len(texts)} pieces and {len(stems)} words of solutions: {len(found)} found.")
    return int(bool(found))


# --- the proof that no solution is left ---------------------------------------------------------------------------


def secrets(year: int | None = None) -> tuple[set[str], set[str]]:
    """What occurs in solutions, rubrics, hidden checks and questions of other years and nowhere else.

    Two sets: pieces of text, and stems of words.
    """
    hidden, shown = [], []
    for page in sorted((ROOT / "book").glob("*.md")):
        text = page.read_text("utf8")
        if page.stem in INSTRUCTORS:
            hidden.append(text)
        else:
            hidden += solutions(text)
            shown.append(without_solutions(text))
    hidden += [path.read_text("utf8") for path in (ROOT / "assignments" / "exam").glob("*.md")]
    for name in sets.set_names():
        problems = sets.read_set(name, year)
        shown += [cell.source for cell in build.edition(problems, student=True).cells]
        shown += [build.public_test(problems, question) for question in problems.questions if question.checks]
        versions = [sets.source_of(name), *sets.all_versions(name)]  # as written, and with what is drawn
        hidden += [cell.source for version in versions for cell in version.notebook.cells]
        hidden += [(problems.folder / file).read_text("utf8") for file in ("checks.py", "wrong.py")]
    shown += [path.read_text("utf8") for path in (ROOT / "src").rglob("*.py")]
    public_too = [ROOT / "book" / "references.bib", *(ROOT / "book" / "_self-checks").glob("*.yml")]
    shown += [path.read_text("utf8") for path in public_too]
    states = [ROOT / "book" / "_ext" / "explorables.py", *(ROOT / "book" / "_static").glob("explorable*.js")]
    shown += [path.read_text("utf8") for path in [*states, ROOT / "assignments" / "am-i-installed.py"]]
    public = " ".join(simplified(text) for text in shown)
    stems = {STEM(word) for word in set(re.findall(r"[a-z]{5,}", " ".join(hidden).lower()))}
    stems -= {STEM(word) for word in set(re.findall(r"[a-z]+", public.lower()))}
    known = set(WORD.findall(public))
    texts = {piece for text in hidden for piece in pieces(text)}
    return {piece for piece in texts if not set(WORD.findall(piece)) <= known or piece not in public}, stems


STEM = snowballstemmer.stemmer("porter").stemWord  # as Sphinx does
WORD = re.compile(r"\w+")


def simplified(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def pieces(text: str) -> Iterator[str]:
    """Lines of code and stretches of prose without markup, long enough not to occur by chance."""
    for line in text.splitlines():
        for part in re.split(r"\$[^$]*\$|[`*_{}\[\]()<>&\"'\\|#$]", line):
            part = simplified(part).strip()
            if len(part) >= 20:
                yield part


def leaks(folders: list[Path], searched: set[str]) -> list[tuple[str, str]]:
    """The pieces found in any file below ``folders``: as they are, in the text of pages, inside of archives."""
    words = {piece: set(WORD.findall(piece)[1:-1]) for piece in searched}  # the outer ones may touch other letters
    found = []
    for where, content in (item for folder in folders for item in contents(folder)):
        raw = content.decode("utf8", errors="ignore").replace("\\n", " ").replace('\\"', '"')
        readable = html.unescape(re.sub(r"<[^>]+>", "", raw)) if "<" in raw else ""
        text = simplified(raw) + " " + simplified(readable)
        present = set(WORD.findall(text))
        found += [(where, piece) for piece in searched if words[piece] <= present and piece in text]
    return found


def indexed(index: Path, stems: set[str]) -> set[str]:
    """Those of the stems that the search of the pages knows."""
    content = index.read_text("utf8")
    terms = json.loads(content[content.index("{") : content.rindex("}") + 1])
    return stems & (set(terms["terms"]) | set(terms["titleterms"]))


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """All files below a folder, those in archives included."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    yield from ((f"{path}:{name}", archive.read(name)) for name in archive.namelist())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
