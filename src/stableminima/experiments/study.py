"""Recorded runs: what was run, what came out, and how to repeat it.

A *study* is a list of configurations and a pure function of one of them. :func:`run_study` applies the function to all
of them, on several processes or on a cluster, and keeps every finished run; the result is a *record*: configuration,
result and provenance of each run. The records of the book are the files ``results/<study>.json``; chapters read them
with :func:`load_record`. Book: appendix "Reproducing at scale".

A study of one's own, in full::

    def run(configuration):
        return {"square": configuration["x"] ** 2}

    SQUARES = Study("squares", "x² for a few x", run, [{"x": x} for x in range(10)], expected="no time at all")

    record_study(SQUARES)                                    # writes results/squares.json, continues if it is there
    load_record("squares").where(x=[2, 3])["square"]         # array([4, 9])

Register it in :data:`STUDIES`, and ``python -m stableminima reproduce squares`` repeats and compares it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from .provenance import revision
from .record_files import read_record, results_folder, write_record
from .records import Configuration, Record, RecordError, Result, Run, fits, key_of, names, plain
from .workers import Failure, Outcome, outcomes

DIGITS = 10  # significant digits that are kept of a result
GIVE_UP_AFTER = 5  # runs that raised an error


class StudyFailed(ValueError):
    """Some runs of a study raised an error; the others are kept."""


@dataclass(frozen=True)
class Study:
    """Configurations and a pure function of one.

    Args:
        name: lower-case words with hyphens; of the record, and on the command line.
        description: one sentence.
        function: ``configuration -> result``, defined in a module or in a notebook. Its result must depend on nothing
            else; it handles the difficulties it expects (a run that diverges is a result).
        configurations: in the order in which they are to be run: those first that are useful alone.
        expected: how long all of it takes, in words.
        tolerances: of the comparison with a record, by column: relative to the larger of the two values; ``None`` for
            columns that are not compared. Other numbers have ``records.DEFAULT_TOLERANCE``, texts must be equal.
        data: the data sets it reads (``"mnist"``, ``"digits"``); their hashes become part of the provenance.
        command: what repeats it; by default ``python -m stableminima reproduce NAME``.
    """

    name: str
    description: str
    function: Callable[[Configuration], Result] = field(repr=False)
    configurations: Sequence[Configuration] = field(repr=False)
    expected: str = ""
    tolerances: Mapping[str, float | None] = field(default_factory=dict, repr=False)
    data: tuple[str, ...] = ()
    command: str = ""

    def __post_init__(self) -> None:
        if not self.command:
            object.__setattr__(self, "command", f"python -m stableminima reproduce {self.name}")
        object.__setattr__(self, "configurations", tuple(plain(c) for c in self.configurations))
        different = len({key_of(configuration) for configuration in self.configurations})
        if not different or different < len(self.configurations):
            raise ValueError(
                f"study {self.name!r} must have configurations, all different, got {len(self.configurations)} "
                f"of which {different} are different"
            )

    def chosen(self, only: Mapping[str, Any] | None = None) -> tuple[Configuration, ...]:
        """The configurations that meet conditions.

        Args:
            only: conditions, as in :meth:`Record.where`; ``None`` is no condition.

        Returns:
            The configurations, in the order of the study.

        Raises:
            ValueError: an unknown setting, or no configuration that fits.
        """
        only = only or {}
        known = names(self.configurations)
        if unknown := [name for name in only if name not in known]:
            raise ValueError(f"{self.name} has no setting {unknown[0]!r}; it has {', '.join(known)}")
        found = tuple(c for c in self.configurations if fits(c, only))
        if not found:
            raise ValueError(f"no configuration of {self.name} has {dict(only)}; see: python -m stableminima list")
        return found


def run_study(
    study: Study,
    workers: int = 1,
    *,
    path: str | os.PathLike[str] | None = None,
    resume: bool = False,
    only: Mapping[str, Any] | None = None,
    scheduler: str | None = None,
    progress: bool | None = None,
) -> Record:
    """Run the configurations of a study, each on one core; the result does not depend on how many work at once.

    Args:
        study: what to run.
        workers: processes on this machine; 1 runs here, without a second process.
        path: a record to write, anew after every finished run (atomically): whatever ends the study, even a kill,
            finished runs are kept.
        resume: keep the runs that ``path`` already holds and do the others; the record is then the same as that of an
            uninterrupted study. Without it an existing file is an error: nothing recorded is ever overwritten.
        only: restrict to configurations with these values (as :meth:`Record.where`).
        scheduler: address of a Dask scheduler, such as ``tcp://10.0.0.1:8786``: run there instead of here.
        progress: show a progress bar; ``None``: if stderr is a terminal.

    Returns:
        The record of all runs that are done, in the study's order.

    Raises:
        RecordError: ``path`` exists (and not ``resume``), is damaged, or cannot be written.
        StudyFailed: runs that raised an error; the finished ones are in ``path``.

    Book: appendix "Reproducing at scale".
    """
    chosen = study.chosen(only)
    target = None if path is None else Path(path)
    done = _already_done(study, target, resume)
    left = [configuration for configuration in chosen if key_of(configuration) not in done]
    if target is not None and left:
        write_record(_assemble(study, done), target)  # a folder that cannot be written is found before the first run
    bar = tqdm(
        total=len(chosen),
        initial=len(chosen) - len(left),
        desc=study.name,
        unit="run",
        disable=None if progress is None else not progress,
        smoothing=0,
    )
    failures: list[tuple[int, Failure]] = []
    with bar:
        for place, outcome in outcomes(study.function, left, study.data, workers, scheduler):
            bar.update()
            if isinstance(outcome, Outcome):
                done[key_of(left[place])] = left[place], outcome
                if target is not None:
                    write_record(_assemble(study, done), target)
            else:
                failures.append((place, outcome))
                if len(failures) == GIVE_UP_AFTER:
                    break
    if failures:
        raise _failed(study, failures)
    return _assemble(study, done)


def _failed(study: Study, failures: list[tuple[int, Failure]]) -> StudyFailed:
    """The first failure in the study's order, since workers finish in any; and how many more there are."""
    more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
    first = min(failures, key=lambda failure: failure[0])[1]
    return StudyFailed(f"{study.name}: a run failed{more}: {first}")


Done = dict[str, tuple[Configuration, Outcome]]


def _already_done(study: Study, path: Path | None, resume: bool) -> Done:
    """The runs that the file holds; it must be of this study."""
    if path is None or not path.exists():
        return {}
    if not resume:
        raise RecordError(f"{path} exists; continue it (--resume), or choose another file")
    before = read_record(path)
    if before.study != study.name:
        raise RecordError(f"{path} is a record of {before.study}, not of {study.name}; choose another file")
    others = {key_of(run.configuration) for run in before.runs} - set(map(key_of, study.configurations))
    if others:
        raise RecordError(f"{path} holds {len(others)} runs that are not of this study; choose another file")
    return {
        key_of(run.configuration): (
            run.configuration,
            Outcome(run.result, run.seconds, before.provenance[run.provenance]),
        )
        for run in before.runs
    }


def _assemble(study: Study, done: Done) -> Record:
    """The record of what is done, in the study's order; every provenance once."""
    rows = [done[key] for key in map(key_of, study.configurations) if key in done]
    sources = list({json.dumps(o.provenance, sort_keys=True): o.provenance for _, o in rows}.values())
    columns = names(outcome.result for _, outcome in rows)
    runs = tuple(
        Run(
            configuration,
            {name: plain(outcome.result.get(name), DIGITS) for name in columns},
            round(outcome.seconds, 2),
            sources.index(outcome.provenance),
        )
        for configuration, outcome in rows
    )
    return Record(study.name, study.description, study.command, tuple(sources), runs)


def record_study(study: Study, workers: int = 1, *, dirty: bool = False, **options: Any) -> Record:
    """Run a study into its record ``results/<name>.json``, or continue it there.

    Args:
        study: what to run.
        workers: processes on this machine.
        dirty: record although files of this package differ from their commit; the provenance says so.
        **options: as :func:`run_study`: ``path``, ``resume`` (true unless given), ``only``, ``scheduler``,
            ``progress``.

    Returns:
        The record, also of the runs that were there.

    Raises:
        RecordError: the package has changes that are in no commit, so that nobody could find again what made the
            record; or as :func:`run_study`.

    Book: appendix "Reproducing at scale".
    """
    here = revision()
    if here["clean"] is False and not dirty:
        raise RecordError(
            f"{study.name} is not recorded: stableminima has changes that are not in its commit {here['revision']}; "
            "commit them, or record all the same with --dirty (in Python: dirty=True), and the record will say so"
        )
    return run_study(study, workers, **{"path": results_folder() / f"{study.name}.json", "resume": True, **options})


def _square(configuration: Configuration) -> Result:
    return {"square": configuration["x"] ** 2}


EXAMPLE = Study("example", "Three squares.", _square, [{"x": x} for x in (1, 2, 3)], expected="no time at all")
