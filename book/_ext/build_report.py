"""The end of a build: how long each chapter took, and each failing cell with its source and traceback."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from parallel_execution import troubles
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def report(app: Sphinx, exception: Exception | None) -> None:
    """Print the time of each chapter and each failing cell; make failure show in the exit status, now and next time."""
    if app.builder.format != "html" or exception:
        return
    runs = {doc: data["exec_data"] for doc, data in app.env.nb_metadata.items() if data.get("exec_data")}
    if runs:
        print("\nExecution of the chapters")
    for docname, run in sorted(runs.items()):
        cached = "" if run["mtime"] >= app.book_started else "  (cached)"
        print(f"  {run['runtime'] or 0:7.1f} s  {docname}{cached}")
    for docname in sorted(runs):
        look_at_the_outputs(app, docname)
    if app._warncount:
        # The next build would not read an unchanged page again, hence not warn again, and call itself a success.
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)


def look_at_the_outputs(app: Sphinx, docname: str) -> None:
    """Fail for every error that stands on a page, whatever the kernel said of the cell; keep no trouble in the cache.

    A figure that cannot be drawn is an error that Jupyter calls a success. A notice on stderr, such as Matplotlib's of
    its font cache, is a warning of this build (myst-nb's), and must not be one of all later builds.
    """
    path = Path(app.outdir).parent.joinpath("jupyter_execute", f"{docname}.ipynb")  # without the outputs of the cache
    cache = get_cache(app.config.nb_execution_cache_path)
    try:
        record = cache.match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return  # removed by hand since the page was read
    notebook = cache.get_cache_bundle(record.pk).nb
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    found = list(troubles(notebook))
    for number, output in found:
        if output["output_type"] == "error":
            traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output["traceback"]))
            title = f"{app.env.doc2path(docname)}: code cell {number} of {len(code)} failed"
            fail(app, f"{title}\n\n{code[number - 1].source}\n\n{traceback}\n")
    if found:
        cache.remove_cache(record.pk)


def fail(app: Sphinx, message: str) -> None:
    """Report an error that must fail the build, with warnings as errors or without."""
    logger.error(message)
    app.statuscode = 1
