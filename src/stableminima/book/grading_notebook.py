"""Notebooks as students hand them in, and the plugin with which otter-grader has them judged."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

from .grading_judge import CannotJudge, Submission
from .grading_wire import reason, short


def read_notebook(path: str | Path, ignore: str = "otter_ignore") -> list[str]:
    """The code cells of a notebook that count; :class:`CannotJudge` says what is wrong with a file that is none."""
    path = Path(path)
    if not path.exists():
        raise CannotJudge("there is no such file")
    if path.is_dir():
        raise CannotJudge("this is a folder")
    return [cell["source"] for cell in notebook_cells(path) if cell["kind"] == "code" and ignore not in cell["tags"]]


def notebook_cells(path: str | Path) -> list[dict]:
    """The cells of a notebook, old formats and marks of byte order included: dicts with kind, source, tags, outputs."""
    raw = Path(path).read_bytes()
    try:
        text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        document = json.loads(text)
    except (UnicodeDecodeError, ValueError) as trouble:
        what = "it is empty" if not raw.strip() else f"it is cut off or no notebook at all ({short(trouble)})"
        raise CannotJudge(f"the file cannot be read: {what}") from None
    sheets = document.get("worksheets") if isinstance(document, dict) else None
    cells = document.get("cells") if isinstance(document, dict) else None
    if cells is None and isinstance(sheets, list):  # format 3
        cells = [cell for sheet in sheets for cell in sheet.get("cells", [])]
    if not isinstance(cells, list):
        raise CannotJudge("the file cannot be read: it is JSON, but not a notebook")
    joined = lambda text: "".join(map(str, text)) if isinstance(text, list) else str(text)  # noqa: E731
    found = []
    for cell in (cell for cell in cells if isinstance(cell, dict)):
        source, data = joined(cell.get("source", cell.get("input", ""))), cell.get("metadata")
        tags = data.get("tags") if isinstance(data, dict) else None
        own = ignored_by_content(source)
        found.append({"kind": cell.get("cell_type"), "source": source.replace("\r\n", "\n"),
                      "tags": [*(tags if isinstance(tags, list) else []), *(["otter_ignore"] if own else [])],
                      "outputs": cell.get("outputs") or []})  # fmt: skip
    return found


FIRST = "# Run this cell first; it is not marked."  # how the first cell of a students' notebook begins


def ignored_by_content(source: str) -> bool:
    """Whether a cell does nothing but start or ask otter: recognised also when its tags are gone."""
    if source.lstrip().startswith(FIRST) and "def " not in source:
        return True
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]
    asks = re.compile(
        r"import otter|from otter\b.*|grader *= *otter\.Notebook\(.*\)|grader\.(check|check_all|export)\(.*\)"
    )
    return bool(lines) and all(asks.fullmatch(line) for line in lines)


# --- inside of otter-grader ---------------------------------------------------------------------------------------


class OwnProcess:
    """The plugin of otter-grader that has :class:`Submission` judge a notebook instead of running it in its kernel.

    Before anything of the notebook runs it takes the checks, and everything else that Python could import, out of the
    folder of the submission, closes otter's folders to other users, and hands the judge the text of the checks.
    """

    def __init__(self, submission_path: str | None, submission_metadata: dict, plugin_config: dict) -> None:
        self.folder = Path(submission_path or ".").resolve().parent  # there is no submission when a bundle is made

    def before_execution(self, notebook: Any) -> Any:
        """Replace the cells of the notebook by one that makes a ``Submission`` of them."""
        source = self.folder / "checks.py"
        checks = source.read_text("utf8")
        if self.folder.name == "submission" and (self.folder.parent / "source").is_dir():
            self._clear()
        source.unlink(missing_ok=True)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        own = [cell for cell in cells if "otter_ignore" in cell.metadata.get("tags", [])]
        kept = [cell.source for cell in cells if cell not in own and not ignored_by_content(cell.source)]
        call = f"from stableminima.book.grading import judged\nsubmission = judged({kept!r}, {checks!r})"
        only: dict[str, Any] = {"cell_type": "code", "metadata": {}, "source": call, "outputs": []}
        only["execution_count"] = None
        notebook.cells = [type(notebook)(only)]
        notebook.metadata = type(notebook)(
            kernelspec=type(notebook)(name="python3", display_name="Python 3", language="python")
        )
        return notebook

    def _clear(self) -> None:
        """What students have handed in besides a notebook stays out of the judge's way; others cannot look in."""
        for place in self.folder.iterdir():
            if place.is_dir() and place.name != "tests":
                shutil.rmtree(place, ignore_errors=True)
            elif place.is_file() and place.suffix not in (".ipynb", ".txt", ".whl") and place.name != "__init__.py":
                place.unlink(missing_ok=True)
        for name in ("source", "results", "submission"):
            with contextlib.suppress(OSError):
                (self.folder.parent / name).chmod(0o700)


def judged(cells: list[str], checks: str) -> Submission:
    """The submission, judged, inside of otter's kernel; a judge that cannot judge ends the kernel, which is no mark."""
    try:
        module = type(sys)("checks")
        exec(compile(checks, "checks", "exec"), vars(module))
        submission = Submission(cells, module)
        submission.judge()
        return submission
    except BaseException as trouble:
        print(f"could not be judged: {reason(trouble)}", file=sys.__stderr__, flush=True)
        os._exit(1)
