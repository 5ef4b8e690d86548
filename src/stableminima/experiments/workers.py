"""Where the runs of a study are executed: here, in processes beside this one, or on a Dask cluster.

Every run is executed on one thread, so that its result does not depend on where that is.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from .provenance import provenance

PATIENCE = 10.0  # seconds in which a Dask scheduler must answer
LOOK_EVERY = 1.0  # seconds between two looks of a worker at whether its parent still lives

Function = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """What a run returned, its seconds of processor time, and what produced it."""

    result: Mapping[str, Any]
    seconds: float
    provenance: Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """A run that raised an error."""

    configuration: Mapping[str, Any]
    error: str

    def __str__(self) -> str:
        return f"{self.error} in {json.dumps(self.configuration)}"


def outcomes(
    function: Function,
    configurations: Sequence[Mapping[str, Any]],
    data: Sequence[str] = (),
    workers: int = 1,
    scheduler: str | None = None,
) -> Iterator[tuple[int, Outcome | Failure]]:
    """Apply a function to all configurations, each exactly once.

    Args:
        function: ``configuration -> result``.
        configurations: what it is applied to.
        data: names of the data sets whose hashes become part of the provenance.
        workers: processes on this machine; 1 runs here, without a second process.
        scheduler: address of a Dask scheduler: run there instead of here.

    Yields:
        ``(place, outcome)``, the place in ``configurations``, as they finish.

    Raises:
        ValueError: ``workers`` below 1, a scheduler that does not answer, a worker process that died.

    Book: appendix "Reproducing at scale".
    """
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise ValueError(f"workers must be a whole number, at least 1, got {workers!r}")
    if scheduler is not None:
        yield from _on_cluster(function, configurations, data, scheduler)
    elif workers == 1 or len(configurations) < 2:
        for place, configuration in enumerate(configurations):
            yield place, execute(function, configuration, data)
    else:
        yield from _in_processes(function, configurations, data, workers)


def execute(function: Function, configuration: Mapping[str, Any], data: Sequence[str]) -> Outcome | Failure:
    """One run, on one thread."""
    try:
        origin = provenance(function.__module__, tuple(data))
        started = time.process_time()
        with threadpool_limits(1):
            result = function(configuration)
    except Exception as error:  # whatever it is, the other runs go on
        return Failure(configuration, f"{type(error).__name__}: {error}")
    return Outcome(result, time.process_time() - started, origin)


def _in_processes(
    function: Function, configurations: Sequence[Mapping[str, Any]], data: Sequence[str], workers: int
) -> Iterator[tuple[int, Outcome | Failure]]:
    """In processes of joblib, which also takes functions that are defined in a notebook, with what they refer to."""
    from joblib import Parallel, delayed
    from joblib.externals.loky import BrokenProcessPool

    pool = Parallel(
        workers,
        backend="loky",
        return_as="generator_unordered",
        batch_size=1,  # a run that is done is kept at once
        max_nbytes=None,  # nothing is large enough to be passed in files
        initializer=_become_worker,
        initargs=(os.getpid(),),
    )
    runs = pool(delayed(_placed)(place, function, c, tuple(data)) for place, c in enumerate(configurations))
    try:
        yield from runs
    except BrokenProcessPool as error:
        raise ValueError("a worker process died (out of memory?); finished runs are kept, use fewer workers") from error
    finally:
        runs.close()  # a run in progress would go on for minutes


def _placed(
    place: int, function: Function, configuration: Mapping[str, Any], data: Sequence[str]
) -> tuple[int, Outcome | Failure]:
    return place, execute(function, configuration, data)


def _become_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent process, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tqdm.set_lock(threading.RLock())  # its own would be shared memory, which a terminated process leaks
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY)
    os._exit(1)


def _on_cluster(
    function: Function, configurations: Sequence[Mapping[str, Any]], data: Sequence[str], address: str
) -> Iterator[tuple[int, Outcome | Failure]]:
    """The same on a Dask cluster: it repeats the runs of workers that die, and gives up on one that kills three.

    Not through joblib's backend, whose generator waits for ever for a run that Dask has given up (joblib 1.6).
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ValueError("--scheduler needs Dask: python -m pip install distributed") from error
    try:
        where = urlsplit(address if "//" in address else f"tcp://{address}")
        if not (where.hostname and where.port):
            raise ValueError("an address is written tcp://HOST:PORT")
        socket.create_connection((where.hostname, where.port), PATIENCE).close()  # at once, where Dask tries for long
        client = Client(address, timeout=PATIENCE, set_as_default=False)
        client.wait_for_workers(1, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ValueError(
            f"no Dask scheduler with workers answers at {address!r} ({error}); start one, or drop --scheduler"
        ) from error
    with client:
        places = {
            client.submit(execute, function, dict(c), tuple(data), pure=False): place
            for place, c in enumerate(configurations)
        }
        for future in as_completed(list(places), loop=client.loop):
            place = places.pop(future)
            problem, outcome = future.exception(), None
            if problem is None:
                outcome = future.result()
            future.release()
            yield place, outcome or Failure(configurations[place], f"{type(problem).__name__}: {problem}")
