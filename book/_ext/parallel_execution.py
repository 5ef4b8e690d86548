"""Chapters that must be executed are executed before Sphinx reads any page, several at once, into the cache.

myst-nb executes a page when it reads it, one after the other. Here every page that the cache does not know yet is
executed in a process of its own, as many at a time as there are cores, in a temporary folder and with one thread for
linear algebra: a page prints the same on a machine with many cores. A page that fails is left to myst-nb, which
executes it again and reports it.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from tempfile import TemporaryDirectory

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import single_nb_execution
from myst_nb.core.read import create_nb_reader
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
    at_once = min(len(waiting), os.cpu_count() or 1, AT_ONCE)
    if at_once < 2:
        return
    print(f"executing {len(waiting)} pages, {at_once} at a time", flush=True)
    with ThreadPoolExecutor(at_once) as workers:
        runs = {workers.submit(execute, env, notebook): name for name, notebook in waiting.items()}
        for run in as_completed(runs):
            name, result = runs[run], run.result()
            print(f"  {result.time:7.1f} s  {name}" + "  failed" * bool(result.err), flush=True)
            if not result.err:
                uri, seconds = env.doc2path(name), {"execution_seconds": result.time}
                cache.cache_notebook_bundle(
                    CacheBundleIn(waiting[name], uri, data=seconds), check_validity=False, overwrite=True
                )


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


def execute(env: BuildEnvironment, notebook):
    """Execute a notebook in place, as myst-nb does."""
    config = env.mystnb_config
    with TemporaryDirectory() as folder:
        return single_nb_execution(
            notebook,
            cwd=folder,
            allow_errors=config.execution_allow_errors,
            timeout=config.execution_timeout,
            meta_override=True,
        )
