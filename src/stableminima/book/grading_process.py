"""The process of the answers, seen from the judge: started clean, asked, and ended with all that it has started."""

from __future__ import annotations

import contextlib
import ctypes
import os
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from .grading_wire import Malformed, pack, receive, send, unpack
from .grading_worker import NOBODY, search_path

KEPT = ("LANG", "LC_ALL", "SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT", "WINDIR", "NUMBER_OF_PROCESSORS")
START = 120.0  # seconds in which a worker must have started, on a busy machine


class Lost(Exception):
    """The process with the answers took too long and was ended, or ended itself, or spoke out of turn."""


class Worker:
    """A process that runs cells and answers on request and can be ended at any time, with all that it has started."""

    def __init__(self, drop: bool = True) -> None:
        self.ended = False
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
        Guard.hold()  # before it has begun to run anything
        assert self.process.stdin is not None and self.process.stdout is not None  # they are pipes
        self.requests: IO[bytes] = self.process.stdin
        self.answers: IO[bytes] = self.process.stdout
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
                self.heard.put(receive(self.answers))
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
            send(self.requests, request | {"id": number}, buffers)
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
        reply: dict[str, Any]
        try:
            arguments, options = unpack(request["given"], buffers)
            result = callbacks[int(request["call"])](*arguments, **dict(options))
            reply = {"value": pack(result, sent)}
        except Exception as trouble:  # the type says enough about arguments that a function cannot take
            reply, sent = {"raised": type(trouble).__name__}, []
        send(self.requests, reply, sent)

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
            self.requests.close()
        self.folder.cleanup()
        if not self.ended:
            self.ended = True
            Guard.release()


def environment(scratch: str) -> dict[str, str]:
    """The environment of a worker: nothing of the marker's but the language."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    folders = dict.fromkeys(("HOME", "USERPROFILE", "TMPDIR", "TMP", "TEMP", "IPYTHONDIR", "MPLCONFIGDIR"), scratch)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.defpath])
    fixed = {"PATH": path, "MPLBACKEND": "agg", "PYTHONUTF8": "1", "PIP_NO_INDEX": "1", "NUMBA_CACHE_DIR": scratch}
    return kept | folders | fixed


class Guard:
    """On Linux, while a worker lives: what it leaves behind becomes our child, and our memory is not its to read.

    With the last worker both end. Otherwise what *others* of our descendants leave behind would be ours for ever, dead
    and never buried.
    """

    SUBREAPER, DUMPABLE = (36, 37), (4, 3)  # of prctl: set and get
    held, before = 0, (0, 1)

    @classmethod
    def hold(cls) -> None:
        cls.held += 1
        if cls.held == 1 and sys.platform.startswith("linux"):
            libc, found = ctypes.CDLL(None), ctypes.c_int()
            libc.prctl(cls.SUBREAPER[1], ctypes.byref(found), 0, 0, 0)
            cls.before = found.value, libc.prctl(cls.DUMPABLE[1], 0, 0, 0, 0)
            cls.put(1, 0)

    @classmethod
    def release(cls) -> None:
        cls.held -= 1
        if cls.held == 0 and sys.platform.startswith("linux"):
            cls.put(*cls.before)

    @classmethod
    def put(cls, subreaper: int, dumpable: int) -> None:
        libc = ctypes.CDLL(None)
        libc.prctl(cls.SUBREAPER[0], subreaper, 0, 0, 0)
        libc.prctl(cls.DUMPABLE[0], dumpable, 0, 0, 0)


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
    found: set[int] = set()
    tree, fresh = parents(), {root}
    while fresh:
        fresh = {process for process, parent in tree.items() if parent in fresh} - found - spared
        found |= fresh
    return found
