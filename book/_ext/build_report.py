"""The end of a build: how long each chapter took, and each failing cell with its source and traceback."""

from __future__ import annotations

import json
import re
from pathlib import Path

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
    for docname, run in sorted(runs.items()):
        if not run["succeeded"]:
            fail(app, failing_cell(app, docname))
    if app._warncount:
        # The next build would not read an unchanged page again, hence not warn again, and call itself a success.
        Path(app.doctreedir, "environment.pickle").unlink(missing_ok=True)


def failing_cell(app: Sphinx, docname: str) -> str:
    """The failing cell of a chapter: where it is, its source, its traceback."""
    notebook = json.loads(Path(app.outdir).parent.joinpath("jupyter_execute", f"{docname}.ipynb").read_text("utf8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, 1):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                source = "".join(cell["source"])
                traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output["traceback"]))
                title = f"{app.env.doc2path(docname)}: code cell {number} of {len(code)} failed"
                return f"{title}\n\n{source}\n\n{traceback}\n"
    return f"{docname}: execution failed; see {Path(app.outdir) / 'reports'}"


def fail(app: Sphinx, message: str) -> None:
    """Report an error that must fail the build, with warnings as errors or without."""
    logger.error(message)
    app.statuscode = 1
