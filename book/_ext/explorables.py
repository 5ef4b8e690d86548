"""What a page needs in order to hold an explorable, and links that lead to a state of one.

``{explorable} NAME`` stands for the markup, the style and the scripts (``_static/explorable-*.js``); its content is the
sentence that stands in for it, with a still picture, on paper and without JavaScript; the option ``state`` is the state
in which this page opens it.  ``{state}`` is a link: ``{state}`a batch of one <training#eta=0.05&batch=1>```.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import ReferenceRole, SphinxDirective

from stableminima.book.figures.style import INK, LINKS
from stableminima.experiments import read_record

# The name of each, the page that is its home, and what it is, for who cannot see it.
EXPLORABLES = {
    "clock": ("07-nearly-orthogonal", "Margins and ranks from t = 1 to 10 to the power 190"),
    "line": ("08-bridge", "Points on the line and the cheapest functions through them"),
    "noise": ("01-three-thresholds", "Two curvatures, a step, a batch, and four notions of stability"),
    "study": ("04-mnist-tightness", "The recorded runs, to question"),
    "training": ("02-univariate-bound", "A network that trains in this page"),
    "pyramid": ("05-depth-separation", "The creases of a blurred pyramid, shallow and deep"),
    "sinogram": ("03-multivariate-bound", "A line over the data and the sinogram"),
}
NEEDS = {"line": ("training",)}  # scripts of others that one builds on
STATE = re.compile(r"[a-z]+=[^#\s]*")


def markup(name: str, note: str, state: str = "", data: str = "") -> str:
    """The HTML of an explorable in a page of the folder ``book``."""
    scripts = "".join(
        f'<script defer src="../_static/explorable-{part}.js"></script>\n'
        for part in ("arithmetic", "panel", *NEEDS.get(name, ()), name)
    )
    held = f'<script type="application/json">{data}</script>\n' if data else ""
    return (
        '<link rel="stylesheet" href="../_static/explorable.css">\n'
        f'<div class="explorable" data-explorable="{name}" data-state="{escape(state)}" role="group" '
        f'aria-label="{escape(EXPLORABLES[name][1])}">\n'
        f'<img class="still" src="../_static/stills/{name}.png" alt="{escape(note)}" loading="lazy">\n'
        f'<p class="note">{escape(note)}</p>\n{held}</div>\n{scripts}'
    )


class Explorable(SphinxDirective):
    """``{explorable} NAME``."""

    required_arguments = 1
    has_content = True
    option_spec = {"state": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in EXPLORABLES:
            raise self.error(f"there is no explorable {name!r}; there are {', '.join(EXPLORABLES)}")
        note = " ".join(" ".join(self.content).split())
        if not note:
            raise self.error(f"the explorable {name!r} needs a sentence for who reads it on paper")
        state = self.options.get("state", "")
        if state and not STATE.fullmatch(state):
            raise self.error(f"{state!r} is no state of an explorable; write name=value&name=value")
        self.env.note_dependency(__file__)
        return [nodes.raw("", markup(name, note, state, data(name, Path(self.env.srcdir))), format="html")]


STUDIES = (
    "mnist-35", "mnist-pixels", "mnist-pairs", "mnist-scale", "mnist-size", "mnist-sampling", "mnist-warmup",
    "mnist-warmup-length",
)  # fmt: skip
CHAIN = tuple(LINKS)
USUAL = {"pixels": "raw", "warmup": 0}  # what runs are that do not say
COLUMNS = ("step_size", "batch_size", "seed", *USUAL, "epochs", "val_accuracy", "path_norm", *CHAIN)


def data(name: str, root: Path) -> str:
    """What an explorable shows that is recorded, as JSON: the runs of chapter 4 that ended at a minimum."""
    if name != "study":
        return ""
    rows = []
    for study in STUDIES:
        for run in read_record(root / "results" / f"{study}.json"):
            if run["status"] == "converged" and run["stability_norm"] > 0:
                values = USUAL | {column: run[column] for column in COLUMNS if column in run}
                rows.append([study, *(rounded(values.get(column)) for column in COLUMNS)])
    links = [[name, link.plain, "currentColor" if link.color == INK else link.color] for name, link in LINKS.items()]
    return json.dumps({"columns": ["study", *COLUMNS], "links": links, "rows": rows}, separators=(",", ":"))


def rounded(value: object) -> object:
    """Four digits are enough for a picture."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


class StateRole(ReferenceRole):
    """``{state}`words <name#state>```: a link to that state, on the explorable's own page."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        name, _, state = self.target.partition("#")
        if name not in EXPLORABLES or not STATE.fullmatch(state):
            message = f"{self.target!r} is no state of an explorable: write name#key=value, with name one of "
            return [], [self.inliner.reporter.error(message + ", ".join(EXPLORABLES), line=self.lineno)]
        uri = f"{EXPLORABLES[name][0]}.html#{state}"
        return [nodes.reference("", self.title, refuri=uri, internal=True, classes=["state"])], []


def setup(app: Sphinx) -> dict:
    app.add_directive("explorable", Explorable)
    app.add_role("state", StateRole())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
