"""Notebooks as a course hands them in, generated: answers solved, wrong, left out; texts and figures of all lengths."""

import base64
import inspect
import io
import re
import sys
from pathlib import Path

import matplotlib
import nbformat
import numpy as np
from nbformat.v4 import new_output

matplotlib.use("agg")
import matplotlib.pyplot as plt

sys.path.insert(0, str(Path(__file__).parents[1] / "assignments"))
import build

from stableminima.book import grading

SHORT = "We multiply out, take means, and let $t\\to\\infty$: the limit is $\\eta^2\\,\\mathbb E g^2/(1-q)$."
LOST = "I tried it with numbers and it seems to hold:\n\n| step | value |\n|--:|--:|\n| 0.1 | 3.2 |\n| 0.2 | 3.1 |"


def figure(rng) -> str:
    """A picture, as a notebook holds it."""
    fig, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    for _ in range(3):
        axes.plot(np.cumsum(rng.normal(size=60)), "o-", ms=3)
    axes.set(xlabel="step", ylabel="sharpness")
    file = io.BytesIO()
    fig.savefig(file, format="png", dpi=100)
    plt.close(fig)
    return base64.b64encode(file.getvalue()).decode()


def wrong_functions(problems) -> dict:
    """Name of a function: the sources of its wrong answers."""
    found = {}
    for each in grading.wrong_answers_of(grading.load(problems.folder / "wrong.py")):
        source = inspect.getsource(each.function)
        found.setdefault(each.function.__name__, []).append(source[source.index("def ") :])
    return found


def submission(problems, seed: int) -> nbformat.NotebookNode:
    """One notebook: each function and each text is right, wrong, short or left out, as the seed draws it."""
    rng = np.random.default_rng(seed)
    wrong, model = wrong_functions(problems), models(problems)
    notebook, name = build.edition(problems, student=True), None
    solved = {name_of(cell.source): cell.source for cell in build.edition(problems, student=False).cells}
    for cell in notebook.cells:
        answer = "answer" in cell.metadata.get("tags", [])
        name = title(cell.source) or name
        if answer and cell.cell_type == "code":
            kind, function = rng.choice(["right", "right", "right", "wrong", "stub"]), name_of(cell.source)
            if kind == "right":
                cell.source = re.sub(r"^ *# (BEGIN|END) SOLUTION\n?", "", solved[function], flags=re.MULTILINE)
            elif kind == "wrong" and function in wrong:
                cell.source = rng.choice(wrong[function])
        elif answer:
            kind = rng.choice(["right", "right", "short", "lost", "empty"])
            cell.source = {"right": model.get(name, SHORT), "short": SHORT, "lost": LOST, "empty": cell.source}[kind]
    if rng.random() < 0.8:
        cells = [
            nbformat.v4.new_code_cell("values = np.random.normal(size=60)\nplt.plot(np.cumsum(values))") for _ in "ab"
        ]
        for cell in cells:
            cell.outputs = [
                new_output("stream", name="stdout", text="largest loss 3e-8\n"),
                new_output("display_data", data={"image/png": figure(rng), "text/plain": "<Figure size 600x300>"}),
            ]
        notebook.cells += cells
        notebook.cells.append(nbformat.v4.new_markdown_cell("The norm falls and stays; a rise would have refuted me."))
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def title(source: str) -> str:
    match = re.search(r"^## Question \d+\. (.+)$", source, re.MULTILINE)
    return match[1] if match else ""


def name_of(source: str) -> str:
    match = re.search(r"^def (\w+)", source, re.MULTILINE)
    return match[1] if match else ""


def models(problems) -> dict:
    """Title of a question: what its model answer says, without the rubric."""
    found, name = {}, ""
    for cell in build.edition(problems, student=False).cells:
        name = title(cell.source) or name
        if cell.cell_type == "markdown" and "solution" in cell.metadata.get("tags", []):
            text = cell.source.split("**Rubric.**")[0].replace("**Model answer.**", "").strip()
            found[name] = (found.get(name, "") + "\n\n" + text).strip()
    return found


def hand_in(problems, folder: Path, number: int) -> list[Path]:
    """Write that many notebooks into a folder."""
    paths = [folder / f"student-{k:02d}.ipynb" for k in range(1, number + 1)]
    for k, path in enumerate(paths):
        nbformat.write(submission(problems, k), path)
    return paths
