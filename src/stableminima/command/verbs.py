"""``python -m stableminima``: sweeps of one's own, and the recorded studies of the book."""

from __future__ import annotations

import argparse
import io
import itertools
import json
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..book.studies.mnist import checked, study
from ..book.studies.own_data import OnFile, configuration_on, read_task
from ..book.studies.registry import STUDIES, study_named
from ..experiments.comparison import compare, not_compared
from ..experiments.provenance import content_hash
from ..experiments.record_files import load_record, results_folder
from ..experiments.records import Record, RecordMissing, key_of
from ..experiments.study import Study, StudyFailed, record_study, run_study
from .options import Parser, only_option, running_options, sweep_options
from .report import EPILOG as REPORT_EPILOG
from .report import print_report, report_options

SHOWN = ("digits", "n", "scale", "pixels", "warmup", "momentum", "sampling", "batch_size", "seed", "step_size",
         "status", "epochs", "lambda_max", "stability_norm", "ceiling", "val_accuracy")  # fmt: skip
MOST_LINES = 40  # of a table: what fits on a screen
FLAGS = {"dataset": "dataset", "digits": "digits", "n": "samples", "validation": "validation"}  # not with --data
DIGIT_VALUES = {"digits": "digits", "n": "n"}  # settings of a run of which an option gives several values
VALUES = {
    "scale": "scale",
    "pixels": "pixels",
    "warmup": "warmup",
    "momentum": "momentum",
    "sampling": "sampling",
    "batch_size": "batch_sizes",
    "seed": "seeds",
    "step_size": "step_sizes",
}
PROGRAM = "python -m stableminima"
EPILOG = """\
examples:
  {program} report net.npz data.npz --step-size 0.1 --batch-size 16
      everything that the book can say of a network of yours
  {program} list
      the recorded studies, how long they take and whether their record is here
  {program} sweep --digits 3/5 --step-sizes 0.05 0.1 0.2 --out sweep.json
      train three networks on MNIST's 3 and 5 by the protocol of the book, and measure them
  {program} reproduce mnist-35 --only seed=0 batch_size=16
      repeat a part of a recorded study from nothing, and report the differences

MNIST is looked for in $STABLEMINIMA_DATA, then in the user's cache, then downloaded.
exit status: 0 done, 1 differences or failed runs, 2 a request that cannot be met, 130 interrupted (Ctrl-C)
"""
SWEEP_EPILOG = """\
Every combination of the values is one run. Runs that are done are in FILE at once, one line each; Ctrl-C, a crash or a
full disk loses only the runs in progress, and the same command with --resume does what is left. The record is the same
whatever the number of workers and however often it was interrupted.

examples:
  {program} sweep --digits 3/5 --step-sizes 0.05 0.1 0.2 --seeds 0-4 --out sweep.json
  {program} sweep --digits all --batch-sizes 4 16 full --sampling iid --step-sizes 0.1 --out pairs.json
  {program} sweep --dataset digits -n 128 --validation 100 --hold 100 --step-sizes 0.1 --out small.json
  {program} sweep --step-sizes 0.1 0.2 --seeds 0-99 --out big.json --scheduler tcp://10.0.0.1:8786
  {program} sweep --warmup 0 100 1000 --step-sizes 0.4 0.5 --seeds 0-4 --out warm.json
  {program} sweep --momentum 0 0.5 0.9 --batch-sizes 4 64 --step-sizes 0.02 --out heavy.json
  {program} sweep --data mine.npz --step-sizes 0.1 0.2 --hold 100 --out mine.json

mine.npz: numpy.savez("mine.npz", X=X, y=y), X (n, d) and y (n,), and if you like X_validation and y_validation.
In Python: stableminima.experiments.read_record("sweep.json")["lambda_max"]
"""
REPRODUCE_EPILOG = """\
The records themselves are not touched. Tolerances are relative and belong to the study: SGD at the edge of
stability amplifies the rounding of another processor. Exit status 1 if a difference exceeds its tolerance.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe on Windows may not know the letter η
    options, unknown = _parser().parse_known_args(arguments)
    if unknown:
        options.parser.unknown(unknown)
    try:
        _folder_exists(getattr(options, "out", None))
        return options.action(options)
    except StudyFailed as error:
        return _complain(error, 1)
    except BrokenPipeError:  # … | head: whoever reads has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as error:
        return _complain(error, 2)
    except KeyboardInterrupt:
        again = arguments if "--resume" in arguments else [*arguments, "--resume"]
        resume = f"; continue with: {PROGRAM} {shlex.join(again)}" if "resume" in options else ""
        return _complain(f"interrupted: finished runs are kept{resume}", 130)


def _folder_exists(out: str | None) -> None:
    """Refuse a file in a folder that does not exist: it is a slip of the pen, more often than not."""
    if out is not None and "\0" not in out and not Path(out).parent.is_dir() and not Path(out).parent.is_file():
        raise ValueError(f"--out {out}: there is no folder {Path(out).parent}; make it first, or correct the name")


def _complain(error: object, status: int) -> int:
    message = " ".join(str(error).split())
    print(f"stableminima: {'' if status == 130 else 'error: '}{message}", file=sys.stderr)
    return status


# ---------------------------------------------------------------------------------------------------------- the verbs


def _sweep(options: argparse.Namespace) -> int:
    fixed = {name: getattr(options, name) for name in ("dataset", "width", "hold", "tolerance", "max_epochs")}
    fixed |= {"precision": options.precision, "n_validation": options.validation}
    command = _sweep_command(options)
    description = f"Runs of: {command}"
    if options.data is None:
        here = options.scheduler is None
        configurations = [
            checked(fixed | chosen, with_data=here) for chosen in _choices(options, DIGIT_VALUES | VALUES)
        ]
        return _run(study("sweep", description, configurations, "", command=command), options, options.out)
    if given := [name for name in FLAGS if getattr(options, name) != options.defaults[name]]:
        raise ValueError(f"--data brings samples of its own; drop --{FLAGS[given[0]]}")
    _, task = read_task(options.data)
    configurations = [
        configuration_on(options.data, checked(fixed | chosen, task)) for chosen in _choices(options, VALUES)
    ]
    own = Study("sweep", description, OnFile(options.data), configurations, command=command)
    return _run(own, options, options.out)


def _choices(options: argparse.Namespace, values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every combination of the values that the options give to the settings, the last varying fastest."""
    lists = [list(dict.fromkeys(getattr(options, option))) for option in values.values()]
    return [dict(zip(values, choice, strict=True)) for choice in itertools.product(*lists)]


def _sweep_command(options: argparse.Namespace) -> str:
    """What repeats a sweep, whatever order, resumption and machines it was made with."""
    words = [PROGRAM, "sweep"]
    if options.data is not None:
        words += ["--data", shlex.quote(Path(options.data).name)]
    for action in options.settings:
        if options.data is not None and action.dest in FLAGS:
            continue
        value = getattr(options, action.dest)
        entries = value if isinstance(value, list) else [value]
        texts = ["full" if e is None else "/".join(map(str, e)) if isinstance(e, tuple) else str(e) for e in entries]
        words += [action.option_strings[-1], *dict.fromkeys(texts)]
    return " ".join([*words, "--out", shlex.quote(Path(options.out).name)])


def _record(options: argparse.Namespace) -> int:
    found, only = study_named(options.name), dict(options.only or [])
    path = options.out or results_folder() / f"{found.name}.json"
    how = {"path": path, "resume": options.resume, "only": only, "scheduler": options.scheduler}
    return _tell(record_study(found, options.workers, dirty=options.dirty, **how), path)


def _run(study: Study, options: argparse.Namespace, path: str) -> int:
    how = {"path": path, "resume": options.resume, "scheduler": options.scheduler}
    return _tell(run_study(study, options.workers, **how), path)


def _tell(record: Record, path: str | Path) -> int:
    _summarise(record)
    print(f"{len(record)} run{'' if len(record) == 1 else 's'} in {path}")
    return 0


def _summarise(record: Record) -> None:
    """The most telling columns of the first runs."""
    shown = [c for c in SHOWN if c in record.columns]
    if not shown:
        return
    rows = [[_short(run[column]) for column in shown] for run in record.runs[:MOST_LINES]]
    _table([shown, *rows])
    if len(record) > MOST_LINES:
        print(f"… and {len(record) - MOST_LINES} more")


def _reproduce(options: argparse.Namespace) -> int:
    names = (
        [name for name in STUDIES if (results_folder() / f"{name}.json").is_file()] if options.all else options.names
    )
    if not names:
        raise ValueError(f"nothing to reproduce: name a study ({', '.join(STUDIES)}), or --all for every record here")
    only = dict(options.only or [])
    different = [_check(name) if options.check else _repeat(name, only, options) for name in names]
    return int(any(different))


def _check(name: str) -> bool:
    """Say which of the study's runs a record has, and by which code; whether some are missing. Runs nothing."""
    study, record = study_named(name), load_record(name)
    missing = {key_of(c) for c in study.configurations} - {key_of(run.configuration) for run in record.runs}
    print(f"{name}: {len(record)} runs, {len(missing)} of the study are missing")
    now = content_hash(study.function.__module__)
    for place, source in enumerate(record.provenance):
        same = "the code that is here" if source["content"] == now else f"other code than the {now} that is here"
        count = sum(run.provenance == place for run in record.runs)
        print(f"  {count} runs by {same}, {_commit(source)}: {json.dumps(source)}")
    return bool(missing)


def _commit(source: Mapping[str, Any]) -> str:
    """Which commit a provenance names, and whether the files were those of the commit."""
    if not source.get("revision"):
        return "commit unknown"
    state = "clean" if source.get("clean") else "dirty, with changes that are in no commit"
    return f"commit {source['revision']} ({state})"


def _repeat(name: str, only: dict[str, Any], options: argparse.Namespace) -> bool:
    """Repeat a record, or the chosen part of it, and report; whether a difference exceeds its tolerance."""
    study, recorded = study_named(name), load_record(name)
    study.chosen(only)
    path = Path(options.out) if options.out else results_folder().parent / "_build" / "reproduced" / f"{name}.json"
    if not options.resume and not options.out:
        path.unlink(missing_ok=True)
    repeated = run_study(
        study, options.workers, path=path, resume=options.resume, only=only, scheduler=options.scheduler
    )
    differences = compare(recorded, repeated, study.tolerances)
    common = max((d.compared for d in differences), default=0)
    print(f"\n{name}: {common} of {len(recorded)} recorded runs repeated, now in {path}")
    head = ["column", "largest difference", "tolerance", "beyond"]
    _table([head, *([d.column, _short(d.largest), _short(d.tolerance), str(d.beyond)] for d in differences)])
    left_out = not_compared(recorded, repeated, study.tolerances)
    total = len(differences) + len(left_out)
    print(f"{len(left_out)} of {total} columns were not compared{': ' if left_out else ''}{', '.join(left_out)}")
    beyond = [d for d in differences if d.beyond]
    for difference in beyond:
        varying = {name: value for name, value in difference.worst.items() if len(recorded.groups(name)) > 1}
        print(f"  worst {difference.column}: {json.dumps(varying)}")
    print("differences exceed the tolerance" if beyond else "no difference that was compared exceeds its tolerance")
    return bool(beyond) or not common


def _list(options: argparse.Namespace) -> int:
    rows = [["study", "runs", "recorded", "takes", "what"]]
    for name in STUDIES:
        study = study_named(name)
        try:
            recorded = str(len(load_record(name)))
        except RecordMissing:
            recorded = "none"
        rows.append([name, str(len(study.configurations)), recorded, study.expected, study.description])
    _table(rows)
    print(f"\nrecords are in {results_folder()}")
    return 0


def _report(options: argparse.Namespace) -> int:
    return print_report(options)


def _table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)).rstrip())


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else "/".join(map(str, value)) if isinstance(value, list) else str(value)


# ------------------------------------------------------------------------------------------------------- the options


def _parser() -> Parser:
    parser = Parser(PROGRAM, description=__doc__, epilog=EPILOG.format(program=PROGRAM))
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True, parser_class=Parser)
    sweep = _verb(
        verbs,
        _sweep,
        "train and measure networks on pairs of digits, or on your data",
        SWEEP_EPILOG.format(program=PROGRAM),
    )
    settings = sweep_options(sweep)
    sweep.set_defaults(settings=settings, defaults={action.dest: action.default for action in settings})
    sweep.add_argument("--out", metavar="FILE", default="sweep.json", help="the record to write (default: %(default)s)")
    record = _verb(verbs, _record, "make, or continue, the record of a study")
    record.add_argument("name", metavar="NAME", help="a study; see: list")
    record.add_argument("--out", metavar="FILE", help="the record to write (default: results/NAME.json)")
    record.add_argument("--dirty", action="store_true", help="record although the code differs from its commit")
    reproduce = _verb(
        verbs, _reproduce, "repeat recorded studies from nothing and report the differences", REPRODUCE_EPILOG
    )
    reproduce.add_argument("names", metavar="NAME", nargs="*", help="studies; see: list")
    reproduce.add_argument("--all", action="store_true", help="every study that has a record here (hours)")
    reproduce.add_argument(
        "--check", action="store_true", help="run nothing: is the record readable and complete, and which code made it?"
    )
    reproduce.add_argument("--out", metavar="FILE", help="where the repeated runs go (default: _build/reproduced)")
    for command in (record, reproduce):
        only_option(command)
    for command in (sweep, record, reproduce):
        running_options(command)
    _verb(verbs, _list, "list the studies")
    report_options(_verb(verbs, _report, "say everything that the book can say of a saved network", REPORT_EPILOG))
    return parser


def _verb(
    verbs: Any, action: Callable[[argparse.Namespace], int], summary: str, epilog: str = ""
) -> argparse.ArgumentParser:
    description = f"{summary[0].upper()}{summary[1:]}."
    made: Parser = verbs.add_parser(action.__name__[1:], help=summary, description=description, epilog=epilog)
    made.set_defaults(action=action, parser=made)
    return made
