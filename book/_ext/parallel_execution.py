"""Chapters that must be executed are executed before Sphinx reads any page, several at once, into the cache.

myst-nb executes a page when it reads it, one after the other. Here every page that the cache does not know yet is
executed in a process of its own, as many at a time as there are cores, in a temporary folder and with one thread for
linear algebra: a page prints the same on a machine with many cores. A page that fails, is cut off or loses its kernel
ends in an error output; build_report sees it, fails the build, and takes the page out of the cache.

`make test` executes every page too, with nbval; what a page printed there is kept in the same cache (:func:`remember`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from execution_cache import fingerprint
from ipykernel.ipkernel import IPythonKernel
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)
AT_ONCE = 4  # a chapter may take a gigabyte
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def execute_pages(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute those pages that are about to be read, are notebooks and are not in the cache."""
    for name in THREADS:
        os.environ.setdefault(name, "1")
    if env.mystnb_config.execution_mode != "cache":
        return
    cache = get_cache(env.mystnb_config.execution_cache_path)
    waiting = {name: notebook for name in docnames if (notebook := unknown(env, name, cache)) is not None}
    if not waiting:
        return
    at_once = min(len(waiting), os.cpu_count() or 1, AT_ONCE)
    print(f"executing {len(waiting)} page{'s' * (len(waiting) > 1)}, {at_once} at a time", flush=True)
    with ThreadPoolExecutor(at_once) as workers:
        runs = {workers.submit(execute, env, notebook): name for name, notebook in waiting.items()}
        for run in as_completed(runs):
            name, seconds = runs[run], run.result()
            print(f"  {seconds:7.1f} s  {name}", flush=True)
            bundle = CacheBundleIn(waiting[name], env.doc2path(name), data={"execution_seconds": seconds})
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def unknown(env: BuildEnvironment, docname: str, cache):
    """The notebook of a page, if it has code and the cache has no outputs for it."""
    path = env.doc2path(docname)
    with open(path, encoding="utf8") as file:
        text = file.read()
    reader = create_nb_reader(path, env.myst_config, env.mystnb_config, text)
    notebook = reader.read(text) if reader else None
    if notebook is None or not any(cell.cell_type == "code" for cell in notebook.cells):
        return None
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return notebook
    return None


def execute(env: BuildEnvironment, notebook) -> float:
    """Execute a notebook in place, as myst-nb does; the seconds. Whatever goes wrong becomes an output of its cell."""
    config, started = env.mystnb_config, time.perf_counter()
    options = {"timeout": config.execution_timeout, "allow_errors": config.execution_allow_errors}
    begun = []  # a kernel that is killed may not have said which cell it began
    try:
        with TemporaryDirectory() as folder:
            hook = {"on_cell_execute": lambda cell, cell_index: begun.append(cell)}
            error = single_nb_execution(notebook, cwd=folder, meta_override=True, **options, **hook).err
    except DeadKernelError as death:
        error = death
    if isinstance(error, CellTimeoutError) or (error is not None and not any(troubles(notebook))):
        cell = begun[-1] if begun else next(cell for cell in notebook.cells if cell.cell_type == "code")
        name, text = type(error).__name__, str(error).strip()
        cell.outputs.append(new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"]))
    return time.perf_counter() - started


def troubles(notebook) -> Iterator[tuple[int, dict]]:
    """The outputs for which a page may not be published, with the number of their code cell: errors, warnings."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(cells, 1):
        for output in cell.get("outputs", []):
            if output["output_type"] == "error" or output.get("name") == "stderr":
                yield number, output


def remember(root: Path, page: Path, printed: Sequence[tuple[str, list]], seconds: float, state: str) -> None:
    """Put what a page printed that was executed outside the build, as pairs (code, outputs), into the build's cache.

    Nothing is kept if the library has changed since the execution began (``state``: its fingerprint then), if the page
    has other cells now, or if something went wrong: then the build executes it.
    """
    text = page.read_text(encoding="utf8")
    notebook = create_nb_reader(str(page), MdParserConfig(), NbParserConfig(), text).read(text)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if fingerprint(root) != state or [cell.source for cell in cells] != [code for code, _ in printed]:
        return
    notebook.metadata["language_info"] = nbformat.from_dict(IPythonKernel.language_info)
    for number, (cell, (_, outputs)) in enumerate(zip(cells, printed, strict=True), 1):
        cell.execution_count, cell.outputs = number, [nbformat.from_dict(output) for output in outputs]
    if any(troubles(notebook)):
        return
    bundle = CacheBundleIn(notebook, str(page), data={"execution_seconds": seconds})
    cache = get_cache(str(root / "_build" / ".jupyter_cache" / state))
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
