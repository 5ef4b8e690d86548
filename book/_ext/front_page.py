"""The first thing of the front page: the claim of the book, to be felt with a slider.

``{eight-runs}`` sets its text beside a drawing of the eight runs of the first figure, one of them at a time; without
scripts it is the first and the last.  The runs are recorded in ``eight-runs.json``, which
``python book/_ext/front_page.py`` writes with the code of the page itself; a test compares the two.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).with_name("eight-runs.json")
WIDTH, HEIGHT = 560, 300
DOORS = {
    "Start reading": ("01-linear-stability.html", "the first chapter"),
    "Train it yourself": ("#try-it", "in this page"),
    "Take it away": ("#how-to-run", "to run, change and teach"),
}


def recorded() -> dict:
    return json.loads(RECORD.read_text("utf8"))


def place(record: dict, x: float, y: float) -> str:
    """A point of the plane in the units of the drawing."""
    low, high = record["ends"]
    return f"{20 + (x - low) / (high - low) * (WIDTH - 40):.1f} {HEIGHT * 0.44 - y * HEIGHT * 0.46:.1f}"


def drawing(record: dict) -> str:
    """All eight functions, each a path, and the samples."""
    low, high = record["ends"]
    count = len(record["runs"][0]["values"])
    grid = [low + k * (high - low) / (count - 1) for k in range(count)]
    paths = []
    for number, run in enumerate(record["runs"]):
        points = "L".join(place(record, x, y) for x, y in zip(grid, run["values"], strict=True))
        shown = " class='shown'" if number in (0, len(record["runs"]) - 1) else ""
        paths.append(f"<path{shown} d='M{points}'/>")
    dots = []
    for x, y in zip(record["x"], record["y"], strict=True):
        u, v = place(record, x, y).split()
        dots.append(f"<circle cx='{u}' cy='{v}' r='6'/>")
    says = "Functions through six samples; the longer the step that found one, the less it bends between them"
    return f"<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{says}'>{''.join(paths)}{''.join(dots)}</svg>"


def figure(record: dict) -> str:
    data = [{key: run[key] for key in ("step", "norm", "ceiling")} for run in record["runs"]]
    widest = math.log10(data[0]["ceiling"] / 0.4)
    for run in data:
        for name in ("norm", "ceiling"):
            run[f"{name}Width"] = round(100 * math.log10(run[name] / 0.4) / widest, 1)
    last, start = len(data) - 1, data[0]
    names = {"norm": "roughness <i>S<sub>g</sub></i>", "ceiling": "ceiling 1/<i>η</i> − ½"}
    bars = "".join(
        f'<span>{words}</span><span class="bar {name}"><i style="width: {start[f"{name}Width"]}%"></i></span>'
        f"<b>{start[name]}</b>"
        for name, words in names.items()
    )
    return f"""<figure class="eight-runs" data-runs='{json.dumps(data)}'>{drawing(record)}
<div class="pst-js-only">
<label for="eight-runs-step">step size <i>η</i> = <output id="eight-runs-eta">{start["step"]}</output></label>
<input id="eight-runs-step" type="range" min="0" max="{last}" value="0">
<div class="bars">{bars}</div></div></figure>
<script defer src="../_static/front-page.js"></script>"""


class EightRuns(SphinxDirective):
    """``{eight-runs}``: its text, three doors into the book, and the drawing with its slider."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(RECORD))
        words = nodes.container(classes=["front-words"])
        self.state.nested_parse(self.content, self.content_offset, words)
        links = (f'<a href="{to}" title="{hint}">{name}</a>' for name, (to, hint) in DOORS.items())
        words += nodes.raw("", f'<p class="doors">{"".join(links)}</p>', format="html")
        drawn = nodes.raw("", figure(recorded()), format="html")
        return [nodes.container("", words, drawn, classes=["front-hero"])]


def record_runs() -> dict:
    """Run the first cell of the front page and take from it what the drawing needs."""
    import matplotlib

    matplotlib.use("agg")
    text = (ROOT / "book" / "index.md").read_text("utf8")
    cell = re.search(r"```\{code-cell\} ipython3\n(?:---\n.*?\n---\n)?(.*?)```", text, re.DOTALL)[1]
    names: dict = {}
    exec(cell, names)
    grid = [-1.85 + 3.7 * k / 160 for k in range(161)]
    runs = [
        {
            "step": eta,
            "values": [round(float(v), 3) for v in run.network(names["np"].array(grid))],
            "norm": round(float(names["chains"][eta].stability_norm), 2),
            "ceiling": round(1 / eta - 0.5, 2),
        }
        for eta, run in names["runs"].items()
    ]
    return {"ends": [grid[0], grid[-1]], "x": names["x"].tolist(), "y": names["y"].tolist(), "runs": runs}


def setup(app: Sphinx) -> dict:
    app.add_directive("eight-runs", EightRuns)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    RECORD.write_text(json.dumps(record_runs()) + "\n", "utf8")
