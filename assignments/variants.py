"""What a set asks in a given year: alternatives in the place of a question, and values drawn for it.

A set has *slots*: a question together with the alternatives that may stand in its place (their heading cells say
``"instead_of"``).  A *version* of a slot is one of these with a value for everything that it draws (``"draw"``).  The
first version of each slot is the set as it is given without a year.  README.md says how versions are written.
"""

from __future__ import annotations

import ast
import random
import re
from copy import deepcopy
from dataclasses import dataclass
from itertools import product

from nbformat import NotebookNode


@dataclass(frozen=True)
class Version:
    """One way to ask what a slot asks: the name of the question, and what is drawn for it (name: value)."""

    question: str
    drawn: dict


@dataclass(frozen=True)
class Slot:
    """A place in a set: for the question and each of its alternatives all versions, the first one first."""

    name: str
    alternatives: tuple[tuple[Version, ...], ...]

    @property
    def versions(self) -> list[Version]:
        return [version for alternative in self.alternatives for version in alternative]

    def of(self, problems: str, year: int | None) -> Version:
        """The version of a year: the same one whenever and wherever it is asked for; without a year the first."""
        chance = random.Random(f"{year} {problems} {self.name}")  # only .random() is promised for other Pythons
        alternative = self.alternatives[int(chance.random() * len(self.alternatives)) if year else 0]
        return alternative[int(chance.random() * len(alternative)) if year else 0]


# --- the year ----------------------------------------------------------------------------------------------------


def year_among(words: list[str]) -> tuple[int | None, list[str]]:
    """The year that the words of a command name (``--year 2027``; 0 is the set as written), and the other words."""
    rest, asked = [], None
    words = [part for word in words for part in (word.split("=", 1) if word.startswith("--year=") else [word])]
    while words:
        word = words.pop(0)
        if word != "--year":
            rest.append(word)
            continue
        asked = words.pop(0) if words else ""
        if not re.fullmatch(r"[0-9]{1,9}", asked):
            raise SystemExit(f"--year takes a whole number, such as --year 2027, and not '{asked}'")
    return (int(asked) if asked is not None else None), rest


# --- slots -------------------------------------------------------------------------------------------------------


def slots_of(notebook: NotebookNode) -> list[Slot]:
    """The slots of a set as written; raises ``ValueError`` where the alternatives or the draws make no sense."""
    found: list[tuple[dict, list]] = []  # the heading of the first question, its alternatives
    for heading, *cells in parts(notebook)[1:]:
        about = heading.metadata
        name, first = about["question"], about.get("instead_of", about["question"])
        if first == name:
            found.append((about, []))
        elif not found or found[-1][0]["question"] != first:
            raise ValueError(f"{name} stands in for {first}: write it right behind {first}, which is where it belongs")
        for what in ("points", "by_hand"):
            if about.get(what, 0) != found[-1][0].get(what, 0):
                raise ValueError(f"{name} stands in for {first} and must have the same {what}")
        versions = tuple(Version(name, drawn) for drawn in draws(name, about.get("draw", {})))
        for version in versions:
            filled([heading, *cells], version)
        found[-1][1].append(versions)
    return [Slot(about["question"], tuple(alternatives)) for about, alternatives in found]


def draws(question: str, lists: dict) -> list[dict]:
    """All that a question can draw: every choice of one entry from each of its lists."""
    for name, entries in lists.items():
        if not isinstance(entries, list) or not entries:
            raise ValueError(f"{question} draws {name} from {entries!r}: give a list of values")
        kinds = {tuple(sorted(entry)) if isinstance(entry, dict) else () for entry in entries}
        if len(kinds) > 1:
            raise ValueError(f"{question} draws {name}: its entries must have the same names")
    return [dict(zip(lists, values, strict=True)) for values in product(*lists.values())]


def parts(notebook: NotebookNode) -> list[list]:
    """The cells before the first question, then those of each question."""
    groups: list[list] = [[]]
    for cell in notebook.cells:
        if cell.metadata.get("question"):
            groups.append([])
        groups[-1].append(cell)
    return groups


# --- a set in a given year ---------------------------------------------------------------------------------------

PLACE = re.compile(r"\{\{([A-Za-z_]\w*)(?:\.(\w+))?\}\}")


def with_versions(notebook: NotebookNode, chosen: list[Version]) -> NotebookNode:
    """The notebook that asks these versions: other alternatives are left out, and what is drawn is filled in."""
    first, *questions = parts(notebook)
    versions = {version.question: version for version in chosen}
    result = deepcopy(notebook)
    result.cells = filled(first, Version("the part before the first question", {}))
    for cells in questions:
        if version := versions.get(cells[0].metadata["question"]):
            result.cells += filled(cells, version)
    return result


def filled(cells: list, version: Version) -> list:
    """Cells with what is drawn in place of ``{{name}}`` and ``{{name.part}}``, and in the cells tagged ``drawn``."""
    used: set[str] = set()

    def value(name: str, part: str | None = None) -> object:
        used.add(name)
        try:
            return version.drawn[name][part] if part else version.drawn[name]
        except (KeyError, TypeError):
            asked = f"{name}.{part}" if part else name
            raise ValueError(f"{version.question} does not draw {asked}; its heading says what it draws") from None

    result = deepcopy(cells)
    for cell in result:
        cell.source = PLACE.sub(lambda found: str(value(*found.groups())), cell.source)
        if "drawn" in (tags := cell.metadata.get("tags", [])):
            cell.source = assigned(cell.source, value)
            cell.metadata["tags"] = [tag for tag in tags if tag != "drawn"]
    if unused := set(version.drawn) - used:
        raise ValueError(f"{version.question} draws {min(unused)}, which neither its text nor its code uses")
    return result


def assigned(source: str, value) -> str:
    """The lines ``name = value`` of a cell with the values that are drawn; comments and everything else stay."""
    lines = source.split("\n")
    for node in ast.parse(source).body:
        plain = (
            isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.lineno == node.end_lineno
        )
        if not plain or len(node.targets) > 1:
            raise ValueError(f"a cell tagged drawn has lines like  delay = 1  and nothing else:\n{source}")
        line = lines[node.lineno - 1].encode()  # offsets count bytes
        head, tail = line[: node.value.col_offset].decode(), line[node.value.end_col_offset :].decode()
        lines[node.lineno - 1] = f"{head}{value(node.targets[0].id)!r}{tail}"
    return "\n".join(lines)


def with_drawn(checks: str, chosen: list[Version]) -> str:
    """The text of checks.py for these versions: the checks of other questions left out, each ``drawn`` given."""
    drawn, lines = {version.question: version.drawn for version in chosen}, checks.splitlines(keepends=True)
    for node in reversed(ast.parse(checks).body):
        asked = question_of(node)
        if asked is None:
            continue
        names = [argument.arg for argument in node.args.args]
        if asked not in drawn:
            del lines[node.decorator_list[0].lineno - 1 : node.end_lineno]
        elif "drawn" in names:
            names.remove("drawn")
            head = f"def {node.name}({', '.join(names)}):\n    drawn = {drawn[asked]!r}\n"
            lines[node.lineno - 1 : node.body[0].lineno - 1] = [head]
    return "".join(lines)


def question_of(node: ast.stmt) -> str | None:
    """The question that a function of checks.py checks, or nothing if it is no check."""
    for mark in node.decorator_list if isinstance(node, ast.FunctionDef) else []:
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "check":
            return ast.literal_eval(mark.args[0] if mark.args else mark.keywords[0].value)
    return None
