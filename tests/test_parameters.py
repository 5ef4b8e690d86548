"""The parameters of an experiment stand once, in a named tuple at its top: changing one there changes the chapter."""

import ast
import re
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from stableminima.book import seeds
from stableminima.book.words import spelled

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "book").glob("0*.md"))
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)

CHANGES = {  # page: new values of (tuple, field), all at once
    "03-neurons-to-functions": {
        ("Rays", "angles"): "100",
        ("Clouds", "clouds"): "3",
        ("Clouds", "samples"): "60",
        ("Trained", "samples"): "12",
        ("Trained", "width"): "30",
        ("Trained", "step_size"): "0.3",
    },
    "08-bridge": {
        ("Four", "steps"): "(0.1, 0.3, 0.9)",
        ("Four", "starts"): "4",
        ("Plane", "points"): "6",
        ("Plane", "sets"): "3",
        ("Plane", "steps"): "(0.05, 0.2, 0.4)",
        ("Plane", "decays"): "(1e-3,)",
        ("Plane", "decay_steps"): "2000",
    },
    "09-elsewhere": {
        ("Along", "samples"): "100",
        ("Along", "batches"): "(5, 20)",
        ("Along", "steps"): "(0.2, 0.4)",
        ("Along", "epochs"): "200",
        ("Along", "late"): "120",
        ("Along", "seeds"): "2",
    },
}


def changed(source: str, name: str, field: str, value: str) -> str:
    """A cell in which a field of a named tuple has another default."""
    return re.sub(
        rf"(class {name}\(NamedTuple\):(?:\n    .*|\n)*?\n    {field}: \w+ = )(\(.*?\)|[^\s#]+)",
        lambda found: found.group(1) + value,
        source,
    )


def tuples_of(code: ast.Module) -> dict[str, list[str]]:
    """The named tuples of a page whose fields all have defaults, and their fields."""
    found = {}
    for node in ast.walk(code):
        if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "NamedTuple" for base in node.bases):
            fields = [line for line in node.body if isinstance(line, ast.AnnAssign)]
            if fields and all(line.value is not None for line in fields):
                found[node.name] = [line.target.id for line in fields]
    return found


def unused_fields(source: str) -> list[str]:
    """Fields of a page's named tuples that no cell reads: changing one would change nothing."""
    code = ast.parse(source)
    read = {node.attr for node in ast.walk(code) if isinstance(node, ast.Attribute)}
    read |= {node.value for node in ast.walk(code) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    unpacked = {
        call.func.id
        for node in ast.walk(code)
        if isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name)
        for call in ast.walk(node.value)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
    }
    tuples = tuples_of(code)
    return [f"{name}.{field}" for name in tuples if name not in unpacked for field in tuples[name] if field not in read]


@each_page
def test_every_experiment_has_its_parameters_at_its_top_and_reads_them(page):
    source = "\n".join(seeds.code_of(jupytext.read(page)))
    assert tuples_of(ast.parse(source)), f"{page.name} has no named tuple of parameters"
    assert unused_fields(source) == []


def test_a_field_that_nobody_reads_is_found():
    page = "class A(NamedTuple):\n    n: int = 3\n    m: int = 4\n\nP = A()\nprint(P.n)"
    assert unused_fields(page) == ["A.m"]
    assert unused_fields(page.replace("P = A()", "n, m = P = A()")) == []


def test_only_the_field_changes():
    first = "class A(NamedTuple):\n    n: tuple = (1, 2)  # of it\n    m: float = 4.0\n\n"
    cell = first + "class B(NamedTuple):\n    m: int = 5"
    assert changed(cell, "A", "n", "(7,)") == cell.replace("(1, 2)", "(7,)")
    assert changed(cell, "A", "m", "8.5") == cell.replace("4.0", "8.5")
    assert changed(cell, "B", "m", "6") == cell.replace("= 5", "= 6")


@pytest.mark.slow
@pytest.mark.parametrize("page", CHANGES)
def test_a_parameter_changed_at_the_top_changes_the_chapter(page):
    """Claims may fail, where the mathematics says so; nothing else may."""
    notebook = jupytext.read(ROOT / "book" / f"{page}.md")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for (name, field), value in CHANGES[page].items():
        (cell,) = [cell for cell in cells if f"class {name}(NamedTuple)" in cell.source]
        before, cell.source = cell.source, changed(cell.source, name, field, value)
        assert cell.source != before, f"{page} has no field {name}.{field} with another default than {value}"
    notebook.cells.insert(0, new_code_cell(seeds.PREPARE))
    NotebookClient(notebook, timeout=300, allow_errors=True).execute()
    outcome = seeds.read_outputs([cell for cell in notebook.cells if cell.cell_type == "code"][1:])
    assert outcome["errors"] == []
    assert outcome["claims"] > 5


def test_numbers_in_a_sentence():
    words = [spelled(n) for n in (0, 7, 12, 20, 21, 30, 90, 9999, 10_000, 1_250_000, 0.25, -3)]
    assert words == [
        *("zero", "seven", "twelve", "twenty", "21", "thirty", "ninety", "9999", "10 000", "1 250 000", "0.25", "-3"),
    ]
    assert spelled(1e-5) == "1e-05"
