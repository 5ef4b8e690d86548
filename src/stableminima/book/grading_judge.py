"""The judge of the problem sets: it holds the checks, and calls the answers of a submission through proxies."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from .grading_process import Lost, Worker
from .grading_wire import AnswerError, Malformed, Proxy, pack_call, reason, short, unpack

if TYPE_CHECKING:
    from .grading import Check


class CannotJudge(Exception):
    """The submission could not be judged at all, which is not the same as no marks."""


class Remote(Proxy):
    """An answer in the process of a submission, to be called like a function."""

    def __init__(self, name: str, worker: Worker, budget: Budget) -> None:
        self.name, self.worker, self.budget = name, worker, budget

    def __call__(self, *arguments: object, **options: object) -> object:
        callbacks: list[Callable] = []

        def share(function: Callable) -> int:
            callbacks.append(function)
            return len(callbacks) - 1

        given, buffers = pack_call(arguments, options, share)
        request, start = {"function": self.name, "given": given}, time.monotonic()
        try:
            reply, found = self.worker.ask(request, self.budget.left, buffers, callbacks)
        except Lost as trouble:  # the budget of the check is what the student knows
            said = str(trouble)
            raise Lost(
                f"it ran for more than {self.budget.whole:g} seconds and was stopped" if "ran" in said else said
            ) from None
        self.budget.left -= time.monotonic() - start
        if "raised" in reply:
            raise AnswerError(short(reply["raised"]))
        self.changed = bool(reply.get("changed"))
        try:
            return unpack(reply.get("value"), found)
        except Malformed as trouble:
            raise AnswerError(short(f"what the function returned is not usable: {trouble}")) from None


@dataclass
class Budget:
    """The seconds that the answers of one check may take together."""

    whole: float
    left: float


@dataclass
class Story:
    """What happened when the cells of a notebook were run, for the student."""

    skipped: list[str] = field(default_factory=list)  # lines that install something
    left_out: list[tuple[str, str]] = field(default_factory=list)  # cell, reason
    errors: list[tuple[str, str]] = field(default_factory=list)  # cell, error

    def lines(self) -> list[str]:
        """One line for each event, the first line of the cell quoted."""
        said = [f"left out, it installs or unpacks something: {short(line)}" for line in self.skipped]
        said += [f"left out, {why}: the cell that begins with  {opening(cell)}" for cell, why in self.left_out]
        for cell, error in self.errors:
            missing = re.match(r"ModuleNotFoundError: No module named '([\w.]+)'", error)
            hint = (
                f" ({missing[1]} is not installed where sets are marked: nothing after that line ran)"
                if missing
                else ""
            )
            said.append(f"stopped with {error}{hint}: the cell that begins with  {opening(cell)}")
        return said


def opening(cell: str) -> str:
    lines = [line for line in cell.splitlines() if line.strip()]
    return lines[0][:70] if lines else "(nothing)"


class Submission:
    """The answers of one notebook: its cells run in a process of their own, and its functions are called there.

    ``checks`` is a module, or the file of one.  A cell that takes too long or ends the process is left out and the
    others are run again.  Public checks are judged before all hidden ones: what their messages say to a student
    cannot have seen a hidden one.
    """

    def __init__(self, cells: Iterable[str], checks: ModuleType | str | Path = "checks.py",
                 seconds: float = 10.0, cell_seconds: float = 30.0) -> None:  # fmt: skip
        from .grading import checks_of, load

        module = load(checks) if isinstance(checks, str | Path) else checks
        self.checks = {each.name: each for each in checks_of(module)}
        self.story = Story()
        self.cells = [kept for cell in cells if (kept := without_installation(cell, self.story)).strip()]
        self.seconds, self.cell_seconds = seconds, cell_seconds
        self.lost: dict[str, str] = {}  # question: why nothing more is asked of it
        self.verdicts: dict[str, str] | None = None
        self.worker: Worker | None = None
        self.drop = True
        self.confined: list[str] = []
        self.defined: set[str] = set()

    @property
    def left_out(self) -> list[str]:
        return [cell for cell, _ in self.story.left_out]

    def judge(self) -> dict[str, str]:
        """Check: why it failed, or an empty string."""
        if self.verdicts is None:
            verdicts = {}
            for each in sorted(self.checks.values(), key=lambda each: not each.public):
                verdicts[each.name] = self._judge(each)
            self.verdicts = {name: verdicts[name] for name in self.checks}
            self.close()
        return self.verdicts

    def check(self, question: str, name: str) -> None:
        """Raise ``AssertionError`` if the answers do not pass a check."""
        each = self.checks[name]
        if each.question == question and (error := self.judge()[name]):
            raise AssertionError(error)

    def tell(self) -> None:
        """Raise ``AssertionError`` if there is something to tell about the run of the cells."""
        self.judge()
        if lines := self.story.lines():
            raise AssertionError("\n".join(lines[:20]))

    def _judge(self, each: Check) -> str:
        if each.question in self.lost:
            return self.lost[each.question]
        worker, budget = self._running(), Budget(self.seconds, self.seconds)
        names = {name: Remote(name, worker, budget) for name in self.defined}
        try:
            each.run(names)
        except Lost as trouble:
            self.worker, self.lost[each.question] = None, f"{each.question}: {trouble}"
            return self.lost[each.question]
        except AssertionError as trouble:
            return self._explained(short(trouble))
        except Exception as trouble:  # the check could not go on with what it got
            return reason(trouble)
        return ""

    def _explained(self, text: str) -> str:
        """A message about a name that is not there, with what became of the cell that defines it."""
        if found := re.match(r"(\w+) is not defined: run", text):
            for cell, why in self.story.left_out + self.story.errors:
                if re.search(rf"^\s*(async )?def {found[1]}\b|^{found[1]} *=", cell, re.MULTILINE):
                    return short(f"{found[1]} is not defined: its cell did not run to the end ({why})")
        return text

    def _running(self) -> Worker:
        while self.worker is None:
            worker, errors = self._start(), []
            for number, cell in enumerate(self.cells):
                try:
                    reply = worker.ask({"cell": cell}, self.cell_seconds)[0]
                except Lost as trouble:
                    self.story.left_out.append((self.cells.pop(number), str(trouble)))
                    break
                if error := reply.get("error") or reply.get("raised"):
                    errors.append((cell, short(error)))
            else:
                self.story.errors = errors
                try:
                    self.defined = self._names(worker)
                except Lost as trouble:  # a cell has left something running: as far as we can tell, the last one
                    if not self.cells:
                        raise CannotJudge(f"after its cells have run, {trouble}") from None
                    self.story.left_out.append((self.cells.pop(), f"after it had run, {trouble}"))
                    continue
                self.worker = worker
        return self.worker

    def _names(self, worker: Worker) -> set[str]:
        from .grading import names_of

        asked = sorted({name for each in self.checks.values() for name in names_of(each)})
        told = worker.ask({"defined": asked}, self.cell_seconds)[0].get("defined", [])
        return {name for name in told if name in asked}

    def _start(self) -> Worker:
        for drop in (True, False) if self.drop else (False,):
            try:
                worker = Worker(drop)
            except Lost:
                self.drop = False  # an environment that only its owner can read
                continue
            self.confined = worker.confined
            return worker
        raise CannotJudge("the process for the answers does not start: is this Python's environment complete?")

    def close(self) -> None:
        """End the process."""
        if self.worker:
            self.worker.end()
            self.worker = None


INSTALLS = re.compile(
    r"^\s*[%!]{1,2}\s*(?:\{?sys\.executable\}?\s+-m\s+)?(?:python\d?\s+-m\s+)?"
    r"(?:(?:pip|pip3|conda|mamba|uv|apt|apt-get|sudo|unzip|wget|curl|git)\b|cd\s+student\b)"
)


def without_installation(cell: str, story: Story) -> str:
    """A cell without the lines that install or unpack something, which the story remembers."""
    kept = []
    for line in cell.splitlines():
        if INSTALLS.match(line):
            story.skipped.append(line.strip())
            line = line[: len(line) - len(line.lstrip())] + "pass" if line[:1].isspace() else ""
        kept.append(line)
    return "\n".join(kept)
