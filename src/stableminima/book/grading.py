"""What the problem sets of the course are checked with: checks, and a process of their own for the answers.

A *check* is a plain function whose parameters are names that the student's notebook defines; it returns if the answer
is right and raises ``AssertionError`` with a hint if it is not::

    @check("price_of_a_fold", points=2, public=True)
    def one_fold_on_four_samples(fold_price):
        close(fold_price([0.0, 1.0, 2.0, 3.0], 1.5, 1.0), 0.3125, "the samples on the right of the knot are 2 and 3")

A parameter called ``rng`` is a random generator.  The same functions are called by pytest on the solutions, by
``grader.check`` in the student's notebook and by the autograder.  The autograder runs answers and checks in a process
of their own, so that an endless loop or a crash costs one question and not the whole grade.  Nothing in this module
knows an answer.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

SECONDS = 10.0  # what a check may take in the autograder
CELL_SECONDS = 30.0  # what a cell may; students are told 10, but the machine that grades may be busy
IGNORE = "otter_ignore"  # the tag of cells that the autograder does not run
Function = Callable[..., object]


# --- checks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """A function that judges an answer: whose question, worth how many points, and whether students have it."""

    function: Function
    question: str
    points: float
    public: bool

    @property
    def name(self) -> str:
        return self.function.__name__

    def run(self, namespace: dict, seed: int | None = None) -> None:
        """Call the check with the names of ``namespace``; raises what the check or the answer raises."""
        seed = zlib.crc32(self.name.encode()) if seed is None else seed
        arguments = {}
        for name in inspect.signature(self.function).parameters:
            if name != "rng" and name not in namespace:
                raise AssertionError(f"{name} is not defined: run the cell that defines it")
            arguments[name] = np.random.default_rng(seed) if name == "rng" else namespace[name]
        self.function(**arguments)


def check(question: str, points: float, public: bool = False) -> Callable[[Function], Function]:
    """Mark a function as a check of ``question`` worth ``points``; ``public`` ones are given to the students."""

    def mark(function: Function) -> Function:
        function.check = Check(function, question, points, public)
        return function

    return mark


@dataclass(frozen=True)
class Wrong:
    """A plausible wrong answer: whose question, how many points it must lose, and the mistake in words."""

    function: Function
    question: str
    loses: float
    mistake: str


def wrong(question: str, loses: float, mistake: str) -> Callable[[Function], Function]:
    """Mark a function, named like the one it stands in for, as a wrong answer; for the tests of a set."""

    def mark(function: Function) -> Function:
        function.__globals__.setdefault("WRONG", []).append(Wrong(function, question, loses, mistake))
        return function

    return mark


def wrong_answers_of(module: ModuleType) -> list[Wrong]:
    """The wrong answers that a module defines, in their order; several may have one name."""
    return vars(module).get("WRONG", [])


def checks_of(module: ModuleType) -> list[Check]:
    """The checks that a module defines, in their order."""
    return [value.check for value in vars(module).values() if isinstance(getattr(value, "check", None), Check)]


def load(path: str | Path) -> ModuleType:
    """The Python module in a file."""
    specification = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def close(value: object, expected: object, hint: str = "", rtol: float = 1e-6, atol: float = 1e-9) -> None:
    """Raise ``AssertionError`` unless ``value`` is a number, or an array of the same shape, close to ``expected``."""
    hint = f". Hint: {hint}" if hint else ""
    if value is None:
        raise AssertionError("the answer is None: does the function end with return?")
    try:
        found, wanted = np.asarray(value, dtype=float), np.asarray(expected, dtype=float)
    except (TypeError, ValueError):
        raise AssertionError(f"expected a number or an array of numbers, got {type(value).__name__}{hint}") from None
    if found.shape != wanted.shape:
        raise AssertionError(f"expected the shape {wanted.shape}, got {found.shape}{hint}")
    if not np.allclose(found, wanted, rtol=rtol, atol=atol):
        shown = np.array2string(found, precision=6, threshold=8)
        raise AssertionError(f"{shown} is not right{hint}")


def holds(condition: object, hint: str) -> None:
    """Raise ``AssertionError`` with the hint unless ``condition`` is true."""
    if not condition:
        raise AssertionError(hint)


# --- answers in a process of their own ---------------------------------------------------------------------------


class Lost(Exception):
    """The process with the answers took too long and was ended, or ended itself."""


class Worker:
    """A Python process that runs cells and checks on request and can be ended at any time."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # IPython wants a home
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from stableminima.grading import serve; serve()"],
            env=os.environ | {"MPLBACKEND": "agg", "IPYTHONDIR": self.folder.name, "PYTHONUTF8": "1"},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf8",
        )  # fmt: skip
        self.answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.ask({}, 60.0)  # wait until it has started

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.answers.put(line)
        self.answers.put("")

    def ask(self, request: dict, seconds: float) -> str:
        """The error that the request met, or an empty string; raises :class:`Lost`."""
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            answer = self.answers.get(timeout=seconds)
        except queue.Empty:
            self.end()
            raise Lost(f"it ran for more than {seconds:g} seconds and was stopped") from None
        except OSError:
            answer = ""
        if not answer:
            self.end()
            raise Lost("it ended Python (a crash, or exit())")
        return json.loads(answer)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.folder.cleanup()


class Submission:
    """The answers of one notebook: its cells are run in a process of their own, and checks are run there on request.

    A cell that takes too long or ends the process is left out and the others are run again.
    """

    def __init__(
        self,
        cells: Iterable[str],
        checks: str | Path = "checks.py",
        seconds: float = SECONDS,
        cell_seconds: float = CELL_SECONDS,
    ) -> None:
        self.cells, self.checks = list(cells), str(checks)
        self.seconds, self.cell_seconds = seconds, cell_seconds
        self.lost: dict[str, str] = {}  # question: why nothing more is asked of it
        self.left_out: list[str] = []
        self.worker: Worker | None = None

    def check(self, question: str, name: str) -> None:
        """Run one check; raises ``AssertionError`` if the answer does not pass it."""
        if question in self.lost:
            raise AssertionError(self.lost[question])
        try:
            error = self._running().ask({"check": name, "file": self.checks}, self.seconds)
        except Lost as reason:
            self.worker, self.lost[question] = None, f"{question}: {reason}"
            error = self.lost[question]
        if error:
            raise AssertionError(error)

    def _running(self) -> Worker:
        while self.worker is None:
            worker = Worker()
            for number, cell in enumerate(self.cells):
                try:
                    worker.ask({"cell": cell}, self.cell_seconds)
                except Lost:
                    self.left_out.append(self.cells.pop(number))
                    break
            else:
                self.worker = worker
        return self.worker

    def close(self) -> None:
        """End the process."""
        if self.worker:
            self.worker.end()
            self.worker = None


class OwnProcess:
    """The plugin of otter-grader that hands a notebook to :class:`Submission` instead of running it in its kernel."""

    def __init__(self, submission_path: str, submission_metadata: dict, plugin_config: dict) -> None:
        pass

    def before_execution(self, notebook: object) -> object:
        """Replace the cells of the notebook by one that makes a ``Submission`` of them."""
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        kept = [cell.source for cell in cells if IGNORE not in cell.metadata.get("tags", [])]
        call = f"from stableminima.grading import Submission\nsubmission = Submission({kept!r})"
        only = {"cell_type": "code", "metadata": {}, "source": call, "outputs": [], "execution_count": None}
        notebook.cells = [type(notebook)(only)]
        notebook.metadata["kernelspec"] = type(notebook)(name="python3", display_name="Python 3", language="python")
        return notebook


class Silent:
    """Stands for otter's ``grader`` while cells are graded: everything it is asked does nothing."""

    def __getattr__(self, name: str) -> Function:
        return lambda *arguments, **options: None


def serve() -> None:
    """The process of a worker: one request a line from standard input, one answer a line to standard output."""
    requests, answers = os.fdopen(os.dup(0), encoding="utf8"), os.fdopen(os.dup(1), "w", encoding="utf8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # whatever answers print, or read, is not part of the conversation
        os.dup2(nowhere, stream)
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.enable_gui = lambda gui=None: None  # %matplotlib inline asks for it
    importlib.import_module("matplotlib.pyplot")  # what every notebook imports is not counted as its time
    shell.user_ns["grader"] = Silent()
    for line in requests:
        request, error = json.loads(line), ""
        if "cell" in request:
            shell.run_cell(request["cell"], store_history=False)
        elif "check" in request:
            try:
                found = {each.name: each for each in checks_of(load(request["file"]))}
                found[request["check"]].run(shell.user_ns)
            except BaseException as trouble:  # whatever an answer raises, SystemExit included, is a wrong answer
                error = f"{type(trouble).__name__}: {trouble}"
        answers.write(json.dumps(error) + "\n")
        answers.flush()
