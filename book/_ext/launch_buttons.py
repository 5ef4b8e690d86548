"""Buttons that open a chapter's notebook on Binder or Colab, or run the cells of the page itself ("live code").

They are there only where the deployment says, in ``$STABLEMINIMA_REPOSITORY``, at which address on GitHub the book
lives: the notebooks (made by ``make release``) are on the branch ``notebooks`` of that repository, put there by the
same workflow that publishes the pages.  The theme's own buttons would open the Markdown source, which neither runs.
"""

from __future__ import annotations

import os
import re

from docutils import nodes
from sphinx.application import Sphinx

BRANCH = "notebooks"
GITHUB = re.compile(r"https://github\.com/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?")


def repository() -> str | None:
    """``owner/name`` on GitHub, where the deployment names it."""
    found = GITHUB.fullmatch(os.environ.get("STABLEMINIMA_REPOSITORY", ""))
    return f"{found['owner']}/{found['name']}" if found else None


def configure(app: Sphinx, config) -> None:
    """Tell sphinx-thebe where kernels for live code come from."""
    if name := repository():
        config.thebe_config = {
            "repository_url": f"https://github.com/{name}",
            "repository_branch": BRANCH,
            "selector": "div.cell",
            "selector_input": "div.cell_input pre",
            "selector_output": "div.cell_output",
        }


def addresses(name: str, page: str) -> dict[str, str]:
    """Where the notebook of a page opens."""
    notebook = f"{page}.ipynb"
    return {
        "Binder": f"https://mybinder.org/v2/gh/{name}/{BRANCH}?urlpath=lab/tree/{notebook}",
        "Colab": f"https://colab.research.google.com/github/{name}/blob/{BRANCH}/{notebook}",
    }


def add_buttons(app: Sphinx, page: str, template: str, context: dict, doctree: nodes.document | None) -> None:
    """Put the buttons on every page that has code."""
    name = repository()
    if name is None or doctree is None or "kernelspec" not in app.env.metadata[page]:
        return
    icons = {"Binder": "_static/images/logo_binder.svg", "Colab": "_static/images/logo_colab.png"}
    buttons = [
        {"type": "link", "text": text, "tooltip": f"Open this chapter on {text}", "icon": icons[text], "url": url}
        for text, url in addresses(name, page).items()
    ]
    live = {
        "text": "Live code",
        "tooltip": "Run the code in this page (starts a machine on Binder)",
        "icon": "fas fa-play",
    }
    buttons.append({"type": "javascript", "javascript": "initThebeSBT()", "label": "launch-thebe"} | live)
    group = {"type": "group", "tooltip": "Run this chapter", "icon": "fas fa-rocket", "label": "launch-buttons"}
    context["header_buttons"].append(group | {"buttons": buttons})
    add_thebe(app, context)


def add_thebe(app: Sphinx, context: dict) -> None:
    """The scripts of sphinx-thebe, each once: two declarations of its constants would stop them all.

    They are small, and fetch thebe itself from the address that sphinx-thebe names when a reader asks for live code.
    """
    scripts = {script_text(script): script for script in app.builder._js_files}  # all of the site, each once
    others = [script for script in context["script_files"] if "thebe" not in script_text(script).lower()]
    context["script_files"] = others + [script for text, script in scripts.items() if "thebe" in text.lower()]


def script_text(script) -> str:
    return str(script.attributes.get("body") or script.filename)


def setup(app: Sphinx) -> dict:
    app.connect("config-inited", configure, priority=900)
    app.connect("html-page-context", add_buttons, priority=950)  # after executable_book dropped the scripts of thebe
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
