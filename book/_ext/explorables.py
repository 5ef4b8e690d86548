"""What a page needs in order to hold an explorable, and links that lead to a state of one.

``{explorable} NAME`` stands for the markup, the style and the scripts (``_static/explorable-*.js``); its content is the
sentence that stands in for it, with a still picture, on paper and without JavaScript; the option ``state`` is the state
in which this page opens it.  ``{state}`` is a link: ``{state}`a batch of one <training#eta=0.05&batch=1>```.
"""

from __future__ import annotations

import json
import re
import struct
from functools import cache
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import ReferenceRole, SphinxDirective

from stableminima.book.figures.style import INK, LINKS
from stableminima.bounds import isotropic_weight
from stableminima.experiments import read_record
from stableminima.functions import ball_moments, flattest_pyramid
from stableminima.functions.blurred_pyramid import mollified_norm


class Explorable(NamedTuple):
    """What is said of an explorable; what it does is in ``_static/explorable-NAME.js``."""

    home: str  # its page
    label: str  # what it is, for who cannot see it
    instruction: str  # one sentence, HTML
    question: str
    answers: tuple[str, ...]
    presets: dict[str, str]  # a phenomenon and the state that shows it


EXPLORABLES = {
    "clock": Explorable(
        "07-nearly-orthogonal",
        "Margins and ranks from t = 1 to 10 to the power 190",
        "Drag the clock: all margins become equal and each class turns to fewer directions, but see when.",
        "Watch until the margins differ by a tenth of what they do at <i>t</i> = 10⁶. It takes until …",
        ("10⁷", "10¹²", "10⁶⁰"),
        {
            "where people stop": "t=5",
            "10⁶": "t=6",
            "10⁶⁰": "t=60",
            "the end": "t=190",
            "a ReLU": "t=190&slope=0",
            "too alike: never equal": "t=190&overlap=0.9",
        },
    ),
    "line": Explorable(
        "08-bridge",
        "Points on the line and the cheapest functions through them",
        "Drag the points, see the cheapest functions through them, and press <b>Train</b>: which of the two does each "
        "way of training come near?",
        "Through the four points of |x|: which function has the least sum of bends?",
        ("the V", "the flat roof between the inner two", "both, and all between"),
        {
            "four points of |x|": "x=-1.8,-0.9,0.9,1.8&y=1.8,0.9,0.9,1.8",
            "five points": "x=-1.6,-0.8,0,0.8,1.6&y=-0.6,0.4,1,0.4,0.9",
            "a tent": "x=-1.6,-0.8,0,0.8,1.6&y=0,0,1,0,0",
            "one outlier": "x=-1.6,-0.9,-0.2,0.5,1.2&y=0,0,0,0,1.2",
            "trained": "x=-1.8,-0.9,0.9,1.8&y=1.8,0.9,0.9,1.8&train=12000",
        },
    ),
    "noise": Explorable(
        "01-three-thresholds",
        "Two curvatures, a step, a batch, and four notions of stability",
        "Drag the step along the four factors: above the dashed line the error grows, below it dies out.",
        "Is there a step at which the mean grows, and yet every run dies out?",
        ("yes", "no"),
        {
            "the mean grows, the runs die": "eta=0.92&low=1&high=10&batch=1",
            "only the mean is stable": "eta=0.3&low=1&high=10&batch=1",
            "the last step in mean square": "eta=0.2178&low=1&high=10&batch=1",
            "all samples: one threshold": "eta=0.3&low=1&high=10&batch=8",
        },
    ),
    "study": Explorable(
        "04-mnist-tightness",
        "The recorded runs, to question",
        "Choose the axes, point at a run (or drag the ring) to see its chain, and draw a box around runs to ask about "
        "them alone.",
        "At which link of the chain do these runs lose most?",
        ("norm → one-sided", "one-sided → gradient", "gradient → ½(λ − 1)", "½(λ − 1) → 1/η − ½"),
        {
            "at the edge": "across=step_size&up=sharpness_level&colour=batch_size&study=mnist-35",
            "smaller batches, flatter": "across=step_size&up=stability_norm&colour=batch_size&study=mnist-35",
            "the pixels": "across=step_size&up=sharpness_level&colour=pixels&study=all",
            "norm and sharpness": "across=sharpness_level&up=stability_norm&colour=study&study=all",
            "does it generalise?": "across=stability_norm&up=val_accuracy&colour=study&study=all",
        },
    ),
    "training": Explorable(
        "02-univariate-bound",
        "A network that trains in this page",
        "Press <b>Run</b>, then try a longer step: the network cannot rest where its function is too rough for it.",
        "Before you run: a longer step ends in a function that is …",
        ("smoother", "rougher", "no different"),
        {
            "two steps": "eta=0.04&second=0.08",
            "edge": "eta=0.05",
            "catapult": "eta=0.08",
            "a batch of one": "eta=0.05&batch=1",
            "knot pinned on a sample": "eta=0.05&then=7960:0.8:300&run=22980",
            "too long for these data": "eta=0.05&then=7960:1.35:300&run=8290",
            "all dead": "eta=0.05&then=7960:1.1:300&run=8160",
            "diverged": "eta=0.3&run=10",
        },
    ),
    "pyramid": Explorable(
        "05-depth-separation",
        "The creases of a blurred pyramid, shallow and deep",
        "Drag the blur to the right: the pyramid’s creases get sharper, and the shallow network needs creases where "
        "the pyramid has none.",
        "As the blur goes to nothing, the largest stable step of the shallow network …",
        ("stays", "falls to a positive limit", "falls to 0"),
        {"smooth: cheap": "blur=0.3", "creases appear": "blur=0.0646", "sharp: the price climbs": "blur=0.003"},
    ),
    "sinogram": Explorable(
        "03-multivariate-bound",
        "A line over the data and the sinogram",
        "Drag the line, or its point in the sinogram: <i>g</i> is the price of a fold there.",
        "Where is a fold dearest?",
        ("in the middle of the samples", "at their rim", "outside"),
        {
            "between two clusters": "samples=two+clusters&angle=21&t=0",
            "along them": "samples=two+clusters&angle=111&t=0",
            "the rim of a ring": "samples=a+ring&angle=45&t=1.4",
        },
    ),
    "width": Explorable(
        "06-sobolev-approximation",
        "Networks of every width for one function, their error and their sharpness",
        "Drag the dot: to the right for more neurons, down for a longer step; no network in the shade can rest.",
        "With 4096 neurons in place of 64 the error falls. And the sharpness?",
        ("it grows", "it falls", "it stays"),
        {
            "16 neurons": "width=16",
            "4096, as flat": "width=4096",
            "too long for every width": "width=4096&eta=0.5",
            "narrow hills: sharper": "width=4096&hill=0.25",
        },
    ),
}
NEEDS = {"line": ("training",)}  # scripts of others that one builds on
STATE = re.compile(r"[a-z]+=[^#\s]*")


def markup(name: str, note: str, state: str, data: str) -> str:
    """The HTML of an explorable in a page of the folder ``book``."""
    scripts = "".join(
        f'<script defer src="../_static/explorable-{part}.js"></script>\n'
        for part in ("arithmetic", "panel", *NEEDS.get(name, ()), name)
    )
    return (
        '<link rel="stylesheet" href="../_static/explorable.css">\n'
        f'<div class="explorable" data-explorable="{name}" data-state="{escape(state)}" role="group" '
        f'aria-label="{escape(EXPLORABLES[name].label)}">\n'
        f'<img class="still" src="../_static/stills/{name}.png" alt="{escape(note)}" {size_of_still(name)} '
        'loading="lazy">\n'
        f'<p class="note">{escape(note)}</p>\n<script type="application/json">{data}</script>\n</div>\n{scripts}'
    )


def size_of_still(name: str) -> str:
    """Width and height of the picture, so that its place is kept before it is loaded; none while it is not drawn."""
    picture = Path(__file__).parents[1] / "_static" / "stills" / f"{name}.png"
    if not picture.exists():
        return ""
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    return f'width="{width}" height="{height}"'


class ExplorableDirective(SphinxDirective):
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


@cache
def data(name: str, root: Path) -> str:
    """What an explorable says and shows, as JSON: its texts, and what the library has computed or recorded for it."""
    texts = {key: EXPLORABLES[name]._asdict()[key] for key in ("instruction", "question", "answers", "presets")}
    shown = {"study": recorded_runs, "sinogram": samples_of_the_plane, "pyramid": blurred_pyramids}
    return json.dumps(texts | (shown[name](root) if name in shown else {}), separators=(",", ":"), ensure_ascii=False)


def recorded_runs(root: Path) -> dict:
    """The runs of chapter 4 that ended at a minimum, and the links of the chain."""
    rows = []
    for study in STUDIES:
        for run in read_record(root / "results" / f"{study}.json"):
            if run["status"] == "converged" and run["stability_norm"] > 0:
                values = USUAL | {column: run[column] for column in COLUMNS if column in run}
                rows.append([study, *(rounded(values.get(column)) for column in COLUMNS)])
    links = [[name, link.plain, "currentColor" if link.color == INK else link.color] for name, link in LINKS.items()]
    return {"columns": ["study", *COLUMNS], "links": links, "rows": rows}


def samples_of_the_plane(_root: Path) -> dict:
    """The three samples of chapter 3, in hundredths."""
    rng = np.random.default_rng(1)
    angle, noise = rng.uniform(0, 2 * np.pi, 150), rng.normal(size=(150, 2))
    side = np.where(np.arange(150) < 75, 1.0, -1.0)[:, None]
    samples = {
        "one cluster": noise,
        "two clusters": 0.45 * noise + side * [1.3, 0.5],
        "a ring": 1.5 * np.column_stack([np.cos(angle), np.sin(angle)]) + 0.1 * noise,
    }
    return {"samples": {name: X.round(2).tolist() for name, X in samples.items()}}


BLURS = (
    0.3, 0.18, 0.108, 0.0646, 0.0387, 0.0232, 0.0139, 0.00835, 0.005, 0.003, 0.0018, 0.00108, 0.000646, 0.000387,
    0.000232, 0.000139, 8.35e-5, 5e-5, 3e-5, 1.8e-5, 1.08e-5,
)  # fmt: skip


def blurred_pyramids(_root: Path) -> dict:
    """Norms of shallow networks for blurred pyramids, and the sharpness of the flattest deep one, on a disc."""
    norms = [mollified_norm(2, blur, lambda r: isotropic_weight("ball", 2, r, 1.5)) for blur in BLURS]
    return {"norms": list(zip(BLURS, norms, strict=True)), "deep": float(flattest_pyramid(2, ball_moments(2, 1.5))[2])}


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
        uri = f"{EXPLORABLES[name].home}.html#{state}"
        return [nodes.reference("", self.title, refuri=uri, internal=True, classes=["state"])], []


def setup(app: Sphinx) -> dict:
    app.add_directive("explorable", ExplorableDirective)
    app.add_role("state", StateRole())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
