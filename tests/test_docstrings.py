"""What docstrings say of the book is true: the sections that they name exist, and public functions name one."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from stableminima import bounds, functions, margins

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def headings() -> dict[int, set[str]]:
    """Titles of sections, theorems and definitions, by chapter."""
    title = re.compile(r"^(?:#+|[`:]{3,}\{prf:\w+\}) (.+)$", re.MULTILINE)
    found: dict[int, set[str]] = {}
    for page in (ROOT / "book").glob("0*.md"):  # a chapter may have several pages
        found.setdefault(int(page.name[:2]), set()).update(title.findall(page.read_text("utf8")))
    return found


def docstrings(path: Path) -> list[str]:
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef)
    found = [ast.get_docstring(node) for node in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(node, nodes)]
    return [" ".join(text.split()) for text in found if text]


def test_the_sections_that_docstrings_name_exist():
    known = headings()
    named = [
        (path.name, int(number), title)
        for path in SOURCES
        for text in docstrings(path)
        for number, title in re.findall(r'chapter (\d+), "([^"]+)"', text)
    ]
    assert len(named) > 50, "the pattern no longer finds what it is for"
    assert [name for name in named if name[2] not in known[name[1]]] == []


@pytest.mark.parametrize("room", [bounds, functions, margins], ids=lambda room: room.__name__.split(".")[-1])
def test_public_functions_say_where_they_come_from_and_what_they_take(room):
    lacking = []
    for name in room.__all__:
        thing = getattr(room, name)
        if not inspect.isfunction(thing) or thing.__name__ == "hessian_ceiling":  # whose arguments are still missing
            continue
        text, arguments = inspect.getdoc(thing), inspect.signature(thing).parameters
        parts = ["Source: ", "Book: chapter", *(f"    {argument}: " for argument in arguments)]
        lacking += [(name, part.strip()) for part in parts if part not in text]
    assert lacking == []
