"""The process in which the answers of a submission live: it runs cells, and functions on request, and knows no check.

It gives up what it does not need before the first cell runs (:func:`confine`): the rights of root, the network, and,
where Linux has Landlock, every file but Python's own, the package's and those of its scratch folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import site
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

NOBODY = 65534
SYSTEM = ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys", "/opt/conda", "/nix/store")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")


def serve(scratch: str, drop: bool) -> None:
    """Answer one request after another from standard input on standard output, until it ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # whatever answers print, or read, is not part of the conversation
        os.dup2(nowhere, stream)
    held = confine(scratch, drop)
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from .grading_wire import receive, send

    shell: Any = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.enable_gui = lambda gui=None: None  # %matplotlib inline asks for it
    importlib.import_module("matplotlib.pyplot")  # what every notebook imports is not counted as its time
    shell.user_ns["grader"] = Silent()
    send(answers, {"id": "ready", "confined": held})
    line = Line(shell.user_ns, requests, answers)
    while True:
        try:
            request, buffers = receive(requests)
        except EOFError:
            return
        line.serve(shell, request, buffers)


class Silent:
    """Stands for otter's ``grader`` while cells are run for marking: everything it is asked does nothing."""

    def __getattr__(self, name: str) -> Callable:
        return lambda *arguments, **options: None


class Line:
    """One end of the conversation with the judge."""

    def __init__(self, names: dict, requests: IO[bytes], answers: IO[bytes]) -> None:
        self.names, self.requests, self.answers, self.lock = names, requests, answers, threading.RLock()

    def serve(self, shell: Any, request: dict, buffers: list[bytes]) -> None:
        from .grading_wire import pack, reason, send, touched, unpack

        reply: dict[str, Any] = {"id": request["id"]}
        sent: list[bytes] = []
        try:
            if "cell" in request:
                done = shell.run_cell(request["cell"], store_history=False)
                trouble = done.error_before_exec or done.error_in_exec
                reply["error"] = reason(trouble) if trouble else ""
            elif "defined" in request:
                reply["defined"] = [name for name in request["defined"] if name in self.names]
            else:
                arguments, options = unpack(
                    request["given"], buffers, lambda handle: self.callback(request["id"], handle)
                )
                options = dict(options)
                result = self.names[request["function"]](*arguments, **options)
                reply |= {"value": pack(result, sent), "changed": touched(buffers, arguments, options)}
        except BaseException as trouble:  # whatever an answer raises, SystemExit included, is a wrong answer
            reply, sent = {"id": request["id"], "raised": reason(trouble)}, []
        send(self.answers, reply, sent)

    def callback(self, request: str, handle: int) -> Callable:
        """A function of the judge, as the answer sees it."""
        from .grading_wire import pack_call, receive, send, unpack

        def function(*arguments: object, **options: object) -> object:
            given, buffers = pack_call(arguments, options, None)
            with self.lock:
                send(self.answers, {"id": request, "call": handle, "given": given}, buffers)
                reply, buffers = receive(self.requests)
            if "raised" in reply:
                raise ValueError(reply["raised"])
            return unpack(reply["value"], buffers)

        return function


# --- what the process gives up -----------------------------------------------------------------------------------


def confine(scratch: str, drop: bool) -> list[str]:
    """Give up rights, and return the names of those that are gone.  Honest answers need none of them."""
    held = []
    if not sys.platform.startswith("linux"):
        return held
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        if libc.unshare(0x40000000) == 0:  # CLONE_NEWNET
            held.append("network")
        if drop:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            held.append("user")
        nothing = (ctypes.c_uint32 * 6)()
        if libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), nothing) == 0:
            held.append("capabilities")
    if libc.prctl(38, 1, 0, 0, 0) == 0:  # PR_SET_NO_NEW_PRIVS
        held.append("no new privileges")
        folders = [*SYSTEM, sys.prefix, sys.base_prefix, *site.getsitepackages(), *sys.path]
        if landlock(libc, [f for f in folders if f], [scratch]):
            held.append("files")
    return held


def landlock(libc: ctypes.CDLL, read: Iterable[str], write: Iterable[str]) -> bool:
    """Leave this process and its children some folders to read and some to write (Linux 5.13 or newer)."""
    create, add, restrict = 444, 445, 446
    abi = libc.syscall(create, None, 0, 1)
    if abi < 1:
        return False
    every = (1 << (13 + (abi >= 2) + (abi >= 3))) - 1  # rights on files that this kernel can withhold
    reading = 1 | 4 | 8  # execute, read a file, list a folder
    rules = (ctypes.c_uint64 * 3)(every, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)  # files, TCP, sockets and signals
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = libc.syscall(create, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return False
    grants = [(f, reading) for f in read] + [(f, every) for f in write] + [(f, 2 | 4 | 1 << 14) for f in DEVICES]
    for place, rights in grants:
        with contextlib.suppress(OSError):
            place = os.open(place, os.O_PATH | os.O_CLOEXEC)
            if not os.path.isdir(f"/proc/self/fd/{place}"):
                rights &= 1 | 2 | 4 | (1 << 14 if abi >= 3 else 0)
            rule = rights.to_bytes(8, sys.byteorder) + place.to_bytes(4, sys.byteorder)
            libc.syscall(add, ruleset, 1, ctypes.create_string_buffer(rule, 12), 0)
            os.close(place)
    done = libc.syscall(restrict, ruleset, 0) == 0
    os.close(ruleset)
    return done


def search_path() -> list[str]:
    """Where a worker finds the packages that this process has, and nothing else that this process can import."""
    module: Any = importlib.import_module("stableminima")
    package = Path(module.__file__).resolve().parents[1]
    installed = ("site-packages", "dist-packages")
    return [str(package), *(str(Path(p).resolve()) for p in sys.path if Path(p).name in installed and os.path.isabs(p))]
