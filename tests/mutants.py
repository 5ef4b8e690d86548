"""``make mutants``: would the tests see a fault?  One operator or number of the library is changed at a time.

    python make.py mutants                       four hundred changes, drawn with a fixed seed, from all of src
    python make.py mutants --count 50 bounds     fifty, in files whose path contains "bounds"

First the fast tests run once under coverage, which tells which test reaches which line.  Then every change is made in
a copy of src and met with the tests that reach its line, the quickest first, until one fails.  What happened is written
to tests/reference/mutants.json, with every change that no test saw; tests/mutants-explained.json says of such a change
why nobody could see it.  Drawings (book/figures) are left out: people look at them.  Not part of ``make test``.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

from coverage import CoverageData

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
WORK = ROOT / "_build" / "mutants"
RECORD = ROOT / "tests" / "reference" / "mutants.json"
EXPLAINED = ROOT / "tests" / "mutants-explained.json"
FAST = ("-q", "-p", "no:cacheprovider", "-m", "not slow", "--ignore=tests/pages", "--ignore=tests/reference")
PATIENCE = 90  # seconds for the tests of one change; a change that makes them take longer was seen
COMPILED = ("tests/test_sweep.py", "tests/test_sweep_momentum.py")  # what numba compiles is not seen by coverage

OPERATORS = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Pow: "*", ast.FloorDiv: "/", ast.Mod: "*",
    ast.MatMult: "*", ast.BitAnd: "|", ast.BitOr: "&",
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
    ast.And: "or", ast.Or: "and",
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any",
         "floor": "ceil", "ceil": "floor", "sum": "mean", "mean": "sum", "cos": "sin", "sin": "cos",
         "argmin": "argmax", "argmax": "argmin", "zeros": "ones", "ones": "zeros"}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: in a ``line`` of a ``file`` of src an expression ``before`` becomes ``after``."""

    file: str
    line: int
    function: str
    before: str
    after: str

    @property
    def name(self) -> str:
        return f"{self.file}:{self.function}: {self.before} → {self.after}"


@dataclass(frozen=True)
class Change:
    """A mutant, and its module's text with it."""

    mutant: Mutant
    text: bytes


def changes_of(file: str, text: str) -> Iterator[Change]:
    """Every change of a module that is made here; not in docstrings, messages of errors, annotations or decorators."""
    raw, starts = text.encode(), [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def place(node: ast.AST) -> tuple[int, int]:
        return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset

    def change(node: ast.AST, function: str, start: int, end: int, after: str) -> Change:
        first, last = place(node)
        texts = (raw[first:last], raw[first:start] + after.encode() + raw[end:last])
        shown = (" ".join(text.decode().split())[:80] for text in texts)
        mutant = Mutant(file, node.lineno, function, *shown)
        return Change(mutant, raw[:start] + after.encode() + raw[end:])

    def visit(node: ast.AST, function: str) -> Iterator[Change]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            function = f"{function}.{node.name}".lstrip(".")
        if isinstance(node, ast.Raise | ast.Import | ast.ImportFrom | ast.Assert | ast.JoinedStr):
            return
        if isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare):
            if isinstance(node, ast.BinOp):
                left, operator, right = node.left, node.op, node.right
            elif isinstance(node, ast.BoolOp):
                left, operator, right = node.values[0], node.op, node.values[1]
            else:
                left, operator, right = node.left, node.ops[0], node.comparators[0]
            between = raw[place(left)[1] : place(right)[0]]
            sign = between.strip(b"() \n\t")
            if (after := OPERATORS.get(type(operator))) and b"#" not in between:
                start = place(left)[1] + between.index(sign)
                yield change(node, function, start, start + len(sign), after)
        elif isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
            after = str(not node.value) if isinstance(node.value, bool) else repr(node.value + 1)
            yield change(node, function, *place(node), after)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
            start = place(node)[0]
            yield change(node, function, start, start + (3 if isinstance(node.op, ast.Not) else 1), "")
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield change(node.test, function, *place(node.test), f"(not ({raw[slice(*place(node.test))].decode()}))")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in NAMES:
                end = place(node.func)[1]
                yield change(node, function, end - len(name), end, NAMES[name])
        elif isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
            yield change(node.value, function, *place(node.value), "None")
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from visit(child, function)

    yield from visit(ast.parse(text), "")


# --- which tests reach which line --------------------------------------------------------------------------------


def reach() -> tuple[dict[str, dict[int, set[str]]], dict[str, float]]:
    """For each file of src and each line the tests that reach it, by the fast tests; and how long each test takes."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    (WORK / "rc").write_text(
        f"[run]\ndynamic_context = test_function\nsource = {SOURCE}\ndata_file = {WORK / 'lines'}\n"
    )
    command = [
        "-m",
        "coverage",
        "run",
        f"--rcfile={WORK / 'rc'}",
        "-m",
        "pytest",
        *FAST,
        f"--junitxml={WORK / 'times'}",
    ]
    print("the fast tests, under coverage", flush=True)
    if subprocess.run([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        sys.exit("the tests fail before anything is changed: make test FAST=1")
    seconds: dict[str, float] = defaultdict(float)
    for case in ET.parse(WORK / "times").getroot().iter("testcase"):
        seconds[f"{case.get('classname')}.{case.get('name').split('[')[0]}"] += float(case.get("time"))
    data = CoverageData(str(WORK / "lines"))
    data.read()
    known = {name.removeprefix("tests."): name for name in seconds}
    lines = {
        str(Path(file).relative_to(SOURCE).as_posix()): {
            line: {known[c] for c in contexts if c in known} for line, contexts in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    return lines, dict(seconds)


def tests_for(mutant: Mutant, lines: dict[str, dict[int, set[str]]], seconds: dict[str, float]) -> list[str]:
    """The tests that meet a change, the quickest first, as pytest names them."""
    here = lines.get(mutant.file, {})
    found = here.get(mutant.line) or set().union(*here.values()) if here else set()
    quickest = sorted(found, key=lambda name: (seconds[name], name))
    chosen, spent = [], 0.0
    for name in quickest:
        spent += seconds[name]
        if chosen and spent > PATIENCE / 3:
            break
        module, _, function = name.rpartition(".")
        chosen.append(f"{module.replace('.', '/')}.py::{function}")
    compiled = not here.get(mutant.line) and "sweep" in mutant.file
    return list(COMPILED) if compiled or not chosen else chosen


# --- one change after the other ------------------------------------------------------------------------------------


def meets(change: Change, tests: list[str], copy: Path) -> str:
    """``killed`` by a failing test, ``slow`` if the tests took too long, or ``survived``."""
    target = copy / change.mutant.file
    kept = target.read_bytes()
    target.write_bytes(change.text)
    environment = os.environ | {"PYTHONPATH": str(copy), "NUMBA_CACHE_DIR": str(copy.parent / "numba"),
                                "PYTHONDONTWRITEBYTECODE": "1"}  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-x", *FAST, "--hypothesis-seed=0", *tests]
    process = {"cwd": ROOT, "env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        return "killed" if subprocess.run(command, timeout=PATIENCE, **process).returncode else "survived"
    except subprocess.TimeoutExpired:
        return "slow"
    finally:
        target.write_bytes(kept)


def digest() -> str:
    """A hash of the library, to which a record belongs."""
    files = sorted(SOURCE.rglob("*.py"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()[:12]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Would the tests see a fault?")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=min(os.cpu_count() or 1, 4))
    parser.add_argument("only", nargs="*", help="parts of paths in src; all files without")
    asked = parser.parse_args(arguments)
    files = [
        path.relative_to(SOURCE).as_posix() for path in sorted(SOURCE.rglob("*.py")) if "figures" not in path.parts
    ]
    files = [file for file in files if not asked.only or any(part in file for part in asked.only)]
    every = [change for file in files for change in changes_of(file, (SOURCE / file).read_text("utf8"))]
    drawn = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    lines, seconds = reach()
    copies: SimpleQueue[Path] = SimpleQueue()
    for number in range(asked.workers):
        shutil.copytree(SOURCE, WORK / str(number) / "src", ignore=shutil.ignore_patterns("__pycache__"))
        copies.put(WORK / str(number) / "src")

    def meet(change: Change) -> str:
        copy = copies.get()
        try:
            return meets(change, tests_for(change.mutant, lines, seconds), copy)
        finally:
            copies.put(copy)

    explained = json.loads(EXPLAINED.read_text("utf8")) if EXPLAINED.exists() else {}
    fates: Counter[str] = Counter()
    survivors = []
    with ThreadPoolExecutor(asked.workers) as workers:
        for change, fate in zip(drawn, workers.map(meet, drawn), strict=True):
            fates[fate] += 1
            if fate == "survived":
                survivors.append(asdict(change.mutant) | {"why": explained.get(change.mutant.name, "")})
                print(f"  survived  {change.mutant.file}:{change.mutant.line}  {change.mutant.name}", flush=True)
    seen = fates["killed"] + fates["slow"]
    print(
        f"{seen} of {len(drawn)} changes were seen by a test ({seen / len(drawn):.1%}), of {len(every)} possible ones"
    )
    if not asked.only:
        record = {"library": digest(), "seed": asked.seed, "possible": len(every), "drawn": len(drawn), "seen": seen,
                  "survivors": sorted(survivors, key=lambda each: (each["file"], each["line"]))}  # fmt: skip
        RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
