"""What made a run: code, versions, machine and data; no names of hosts, users or folders."""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from ..datasets.bundled import Bundled

CARRIERS = "experiments"  # modules that only carry results: they have no influence on them


@lru_cache
def provenance(module: str = "", data: tuple[str, ...] = ()) -> dict[str, Any]:
    """What produces the results of a module's function: code, library versions, machine and data.

    No names of hosts, users or folders.
    """
    libraries = {name: _version(name) for name in ("numpy", "scipy", "numba")}
    return {
        "stableminima": _version("stableminima"),
        "content": content_hash(module),
        **revision(),
        "python": platform.python_version(),
        **{name: found for name, found in libraries.items() if found},
        "platform": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "data": {name: data_hash(name) for name in data},
        "date": datetime.now(UTC).date().isoformat(),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def content_hash(module: str = "") -> str:
    """SHA-256 (first 12 digits) of the code that the results of a module of this package depend on.

    That is the module and all modules of the package that it imports, directly or not; of any other module: the whole
    package. What is hashed is the syntax tree without docstrings: a comment, a blank line or a reworded docstring does
    not change it, anything that runs does.
    """
    modules = _modules()
    start = module.removeprefix(f"{_PACKAGE}.")
    found, ahead = set(), [start] if start in modules else list(modules)
    while ahead:
        name = ahead.pop()
        if name not in found and name in modules and not name.startswith(CARRIERS):
            found.add(name)
            ahead += _imported(name, _tree(modules[name]))
    digest = hashlib.sha256()
    for name in sorted(found):
        digest.update(f"{name}\0{_code(_tree(modules[name]))}\0".encode())
    return digest.hexdigest()[:12]


_PACKAGE = "stableminima"


def _modules() -> dict[str, Path]:
    """The files of the package by module name without ``stableminima.``; a package stands for its ``__init__``."""
    root = Path(__file__).parents[1]
    names = {path: path.relative_to(root).with_suffix("").parts for path in root.rglob("*.py")}
    return {".".join(part for part in parts if part != "__init__"): path for path, parts in names.items()}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def _imported(module: str, tree: ast.Module) -> list[str]:
    """The modules of the package that a module imports, at its top or inside a function."""
    here = _modules()[module]
    package = module.split(".") if here.name == "__init__.py" else module.split(".")[:-1]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            target = ".".join([*above, node.module] if node.module else above)
            found += [target, *(f"{target}.{alias.name}".lstrip(".") for alias in node.names)]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_PACKAGE}."):
            target = str(node.module).removeprefix(f"{_PACKAGE}.")
            found += [target, *(f"{target}.{alias.name}" for alias in node.names)]
    return found


def _code(node: Any) -> Any:
    """A syntax tree as text, the same in every version of Python: without positions, docstrings and empty fields."""
    if isinstance(node, list):
        return f"[{','.join(map(_code, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = dict(ast.iter_fields(node))
    body = fields.get("body")
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node):
        fields["body"] = body[1:]  # type: ignore[index]
    kept = {name: value for name, value in fields.items() if value not in (None, []) and name != "kind"}
    return f"{type(node).__name__}({','.join(f'{name}={_code(value)}' for name, value in kept.items())})"


def revision() -> dict[str, Any]:
    """``revision``: the commit that the package runs from; ``clean``: whether its files are those of the commit.

    Both ``None`` where the package does not run from a clone, or git is not installed.
    """
    folder = Path(__file__).parents[1]
    try:
        commit, tracked, changed = (
            subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True, timeout=20).stdout
            for words in (("rev-parse", "HEAD"), ("ls-files", "."), ("status", "--porcelain", "."))
        )
    except (OSError, subprocess.SubprocessError):
        return {"revision": None, "clean": None}
    if not tracked:  # installed inside somebody else's repository
        return {"revision": None, "clean": None}
    return {"revision": commit.strip()[:12], "clean": not changed.strip()}


def data_hash(name: str) -> str:
    """SHA-256 (first 12 digits) of a data set: of all its inputs and labels."""
    from ..datasets.bundled import load_bundled
    from ..datasets.mnist import load_mnist, load_small_digits

    parts: list[tuple[Any, Any]]
    if name == "mnist":
        parts = [load_mnist("train"), load_mnist("test")]
    else:
        parts = [load_small_digits() if name == "digits" else load_bundled(cast("Bundled", name))]
    digest = hashlib.sha256()
    for images, labels in parts:
        digest.update(images.tobytes() + labels.tobytes())
    return digest.hexdigest()[:12]
