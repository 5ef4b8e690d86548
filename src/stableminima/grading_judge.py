"""The judge of the problem sets: it holds the checks, and calls the answers of a submission through proxies.

:class:`Submission` judges the cells of one notebook, :class:`OwnProcess` does so inside of otter-grader (Gradescope,
``otter run``, ``otter grade``), :func:`read_notebook` reads what students hand in, in whatever state it is.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import queue
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .grading_wire import AnswerError, Malformed, Proxy, pack, pack_call, reason, receive, send, short, unpack
from .grading_worker import NOBODY, search_path

KEPT = ("LANG", "LC_ALL", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "NUMBER_OF_PROCESSORS")
START = 120.0  # seconds in which a worker must have started, on a busy machine


class Lost(Exception):
    """The process with the answers took too long and was ended, or ended itself, or spoke out of turn."""


class CannotJudge(Exception):
    """The submission could not be judged at all, which is not the same as no marks."""


# --- the process of the answers, from outside ---------------------------------------------------------------------


class Worker:
    """A process that runs cells and answers on request and can be ended at any time, with all that it has started."""

    def __init__(self, drop: bool = True) -> None:
        never_orphans()
        self.before = set(children())
        self.folder = tempfile.TemporaryDirectory(prefix="answers-", ignore_cleanup_errors=True)
        scratch = str(Path(self.folder.name).resolve())
        drop = drop and hasattr(os, "geteuid") and os.geteuid() == 0
        if drop:
            os.chown(scratch, NOBODY, NOBODY)
        program = f"import sys; sys.path[:0] = {search_path()!r}\nfrom {__package__}.grading_worker import serve\n"
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-c", f"{program}serve({scratch!r}, {drop!r})"],
            env=environment(scratch), cwd=scratch, start_new_session=os.name == "posix",
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.heard: queue.Queue = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self.confined = self._hear(START)[0].get("confined", [])
        except Lost:
            self.end()
            raise

    def _listen(self) -> None:
        try:
            while True:
                self.heard.put(receive(self.process.stdout))
        except (EOFError, OSError, ValueError):
            self.heard.put(None)
        except Malformed as trouble:
            self.heard.put(trouble)

    def _hear(self, seconds: float) -> tuple[dict, list[bytes]]:
        try:
            message = self.heard.get(timeout=max(seconds, 0.01))
        except queue.Empty:
            raise Lost("") from None
        if message is None:
            raise Lost("it ended Python (a crash, or exit())")
        if isinstance(message, Malformed):
            raise Lost("it disturbed the conversation with the judge")
        return message

    def ask(self, request: dict, seconds: float, buffers: list[bytes] | None = None,
            callbacks: list[Callable] | None = None) -> tuple[dict, list[bytes]]:  # fmt: skip
        """The reply to a request, callbacks served meanwhile; raises :class:`Lost` after having ended the process."""
        number, start = secrets.token_hex(8), time.monotonic()
        try:
            send(self.process.stdin, request | {"id": number}, buffers)
            while True:
                reply, found = self._hear(seconds - (time.monotonic() - start))
                if reply.get("id") != number:
                    raise Lost("it disturbed the conversation with the judge")
                if "call" not in reply:
                    return reply, found
                self._serve(reply, found, callbacks or [])
        except OSError:
            self.end()
            raise Lost("it ended Python (a crash, or exit())") from None
        except Lost as trouble:
            self.end()
            raise Lost(str(trouble) or f"it ran for more than {seconds:g} seconds and was stopped") from None

    def _serve(self, request: dict, buffers: list[bytes], callbacks: list[Callable]) -> None:
        sent: list[bytes] = []
        try:
            arguments, options = unpack(request["given"], buffers)
            result = callbacks[int(request["call"])](*arguments, **dict(options))
            reply = {"value": pack(result, sent)}
        except Exception as trouble:  # the type says enough about arguments that a function cannot take
            reply, sent = {"raised": type(trouble).__name__}, []
        send(self.process.stdin, reply, sent)

    def end(self) -> None:
        """End the process, its group, and whatever else descends from it."""
        if os.name == "posix":
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
        else:
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(self.process.pid)], capture_output=True)
        self.process.kill()
        self.process.wait()
        for _ in range(50):  # orphans of an orphan come to us one generation after the other
            rest = descendants(os.getpid(), self.before)
            for process in rest:
                with contextlib.suppress(OSError):
                    os.kill(process, signal.SIGKILL)
            for process in rest:
                with contextlib.suppress(OSError):
                    os.waitpid(process, os.WNOHANG)
            if not rest:
                break
            time.sleep(0.02)
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        self.folder.cleanup()


def environment(scratch: str) -> dict[str, str]:
    """The environment of a worker: nothing of the marker's but the language."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    folders = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TMP", "TEMP", "IPYTHONDIR", "MPLCONFIGDIR"), scratch)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    fixed = {"PATH": path, "MPLBACKEND": "agg", "PYTHONUTF8": "1", "PIP_NO_INDEX": "1", "NUMBA_CACHE_DIR": scratch}
    return kept | folders | fixed


def never_orphans() -> None:
    """On Linux: what our descendants leave behind becomes our child, and our memory is not theirs to read."""
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None)
        libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
        libc.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def parents() -> dict[int, int]:
    """Process: its parent, on Linux."""
    found = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            found[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
    return found


def children() -> list[int]:
    return [process for process, parent in parents().items() if parent == os.getpid()]


def descendants(root: int, spared: set[int]) -> set[int]:
    """All processes below ``root``, without those in ``spared`` and below them."""
    tree, found, fresh = parents(), set(), {root}
    while fresh:
        fresh = {process for process, parent in tree.items() if parent in fresh} - found - spared
        found |= fresh
    return found


# --- a submission ------------------------------------------------------------------------------------------------


class Remote(Proxy):
    """An answer in the process of a submission, to be called like a function."""

    def __init__(self, name: str, worker: Worker, budget: Budget) -> None:
        self.name, self.worker, self.budget = name, worker, budget

    def __call__(self, *arguments: object, **options: object) -> object:
        callbacks: list[Callable] = []
        share = lambda function: callbacks.append(function) or len(callbacks) - 1  # noqa: E731
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

    def __init__(self, cells: Iterable[str], checks: object = "checks.py", seconds: float = 10.0,
                 cell_seconds: float = 30.0) -> None:  # fmt: skip
        from .grading import checks_of, load

        module = load(checks) if isinstance(checks, str | Path) else checks
        self.checks = {each.name: each for each in checks_of(module)}
        self.story = Story()
        self.cells = [kept for cell in cells if (kept := without_installation(cell, self.story)).strip()]
        self.seconds, self.cell_seconds = seconds, cell_seconds
        self.lost: dict[str, str] = {}  # question: why nothing more is asked of it
        self.verdicts: dict[str, str] | None = None
        self.worker: Worker | None = None
        self.drop, self.confined, self.defined = True, [], set()

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

    def _judge(self, each: object) -> str:
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
                except Lost as trouble:
                    raise CannotJudge(f"after its cells have run, {trouble}") from None
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


# --- notebooks, in whatever state they are ------------------------------------------------------------------------


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

    def before_execution(self, notebook: object) -> object:
        """Replace the cells of the notebook by one that makes a ``Submission`` of them."""
        source = self.folder / "checks.py"
        checks = source.read_text("utf8")
        if self.folder.name == "submission" and (self.folder.parent / "source").is_dir():
            self._clear()
        source.unlink(missing_ok=True)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        own = [cell for cell in cells if "otter_ignore" in cell.metadata.get("tags", [])]
        kept = [cell.source for cell in cells if cell not in own and not ignored_by_content(cell.source)]
        call = f"from stableminima.grading import judged\nsubmission = judged({kept!r}, {checks!r})"
        only = {"cell_type": "code", "metadata": {}, "source": call, "outputs": [], "execution_count": None}
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
