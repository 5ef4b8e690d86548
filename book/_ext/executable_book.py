"""What makes this book executable in earnest, whichever way it is built (`make book` or plain `jupyter-book build .`).

It connects four things to the build: execution_cache, parallel_execution, claims_ledger and build_report; and mends
what the theme does.
"""

from __future__ import annotations

import os
import time

from build_report import report
from claims_ledger import ClaimRenderer, Ledger, LedgerNode, check_claims, collect_claims, forget_claims, write_ledger
from docutils import nodes
from execution_cache import changed_pages, key_the_cache, library_is_here, lock_the_folder, note_source
from myst_nb.core.render import load_mime_renders
from parallel_execution import execute_pages
from sphinx.application import Sphinx


def show_repository(app: Sphinx, config) -> None:
    """Repository buttons only where the deployment names the repository: no button is better than a dead one."""
    if url := os.environ.get("STABLEMINIMA_REPOSITORY"):
        options = {"repository_url": url, "use_repository_button": True, "use_issues_button": True}
        config.html_theme_options = {**config.html_theme_options, **options}


def drop_thebe(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Leave out the scripts of thebe: it is off, and two declarations of its constants break every page's console."""
    scripts = context.get("script_files", [])
    context["script_files"] = [s for s in scripts if "thebe" not in f"{s.filename} {s.attributes.get('body')}".lower()]


def skip_tuple_fields(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """Leave "Alias for field number 0" out of the API page: the docstring of the tuple says what its fields are."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def setup(app: Sphinx) -> dict:
    app.book_started = time.time()
    load_mime_renders().append(ClaimRenderer)  # the list is cached: what an entry point of a package would add to
    app.add_node(LedgerNode)
    app.add_directive("ledger", Ledger)
    for handler in (library_is_here, lock_the_folder, key_the_cache):
        app.connect("config-inited", handler)
    app.connect("env-get-outdated", changed_pages)
    app.connect("source-read", note_source)
    app.connect("config-inited", show_repository)
    app.connect("env-before-read-docs", execute_pages)
    app.connect("doctree-read", collect_claims)
    app.connect("env-purge-doc", forget_claims)
    app.connect("env-updated", check_claims)
    app.connect("doctree-resolved", write_ledger)
    if "sphinx.ext.autodoc" in app.extensions:
        app.connect("autodoc-skip-member", skip_tuple_fields)
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", report)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
