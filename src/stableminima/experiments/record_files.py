"""The files of records: readable, written atomically, read without pickle.

A file holds one JSON object: what all configurations share, the names of the columns, where the runs come from, and one
line a run. Book: appendix "Reproducing at scale".
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..files import beside
from .records import Record, RecordError, RecordMissing, Run, names

FORMAT = 1  # of the files; raised when an old reader would misread a new file
RENAMED = {"half_sharpness": "sharpness_level", "mean_gradient": "gradient_level"}  # columns of older records


def results_folder() -> Path:
    """Where the records are: ``$STABLEMINIMA_RESULTS``; or ``results`` of the repository that the package runs from;
    or (package installed elsewhere) ``results`` of the current folder or of the nearest folder above that has one.

    Returns:
        The folder, which need not exist.
    """
    if setting := os.environ.get("STABLEMINIMA_RESULTS"):
        return Path(setting).expanduser()
    repository = Path(__file__).resolve().parents[3]
    if (repository / "pyproject.toml").is_file():
        return repository / "results"
    here = Path.cwd()
    return next((f / "results" for f in (here, *here.parents) if (f / "results").is_dir()), here / "results")


def load_record(name: str) -> Record:
    """The record of a study of the book, from :func:`results_folder`.

    Args:
        name: of the study; ``python -m stableminima list`` names them.

    Returns:
        The record.

    Raises:
        RecordMissing: there is none; the message says how to make it.
        RecordError: it is damaged.

    Book: appendix "Reproducing at scale".
    """
    path = results_folder() / f"{name}.json"
    if not path.is_file():
        raise RecordMissing(
            f"{path} does not exist: clone the repository or set STABLEMINIMA_RESULTS to its folder results, "
            f"or make the record with: python -m stableminima record {name}"
        )
    return read_record(path)


def read_record(path: str | os.PathLike[str]) -> Record:
    """The record in a file.

    Args:
        path: of the file.

    Returns:
        The record.

    Raises:
        RecordError: whatever is wrong with it.

    Book: appendix "Reproducing at scale".
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf8"))
        if content["format"] != FORMAT:
            raise ValueError(f"it has format {content['format']}, this version reads {FORMAT}")
        study, description, command = (content[name] for name in ("study", "description", "command"))
        if not all(isinstance(text, str) for text in (study, description, command)):
            raise ValueError("its head is not text")
        runs = tuple(_read_run(row, content) for row in content["runs"])
        return Record(study, description, command, tuple(content["provenance"]), runs)
    except OSError as error:
        raise RecordError(f"{path} cannot be read ({error.strerror}); check its name and its permissions") from error
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise RecordError(
            f"{path} is not a record, or is damaged ({type(error).__name__}: {error}); restore or remove it"
        ) from error


def _read_run(row: list, content: Mapping[str, Any]) -> Run:
    settings, measured = content["configuration"], [RENAMED.get(name, name) for name in content["result"]]
    *values, seconds, source = row
    configuration = dict(zip(settings, values[: len(settings)], strict=True))
    result = dict(zip(measured, map(_decoded, values[len(settings) :]), strict=True))
    if source not in range(len(content["provenance"])):
        raise ValueError(f"a run refers to provenance {source}")
    return Run(content["shared"] | configuration, result, float(seconds), source)


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(entry) for entry in value]
    return float(value) if value in ("inf", "-inf") else value


def _encoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_encoded(entry) for entry in value]
    return str(value) if isinstance(value, float) and np.isinf(value) else value


def write_record(record: Record, path: str | os.PathLike[str]) -> None:
    """Write a record atomically: a temporary file beside it, flushed to the disk, then renamed.

    Args:
        record: what to write.
        path: of the file; its folder is made if need be.

    Raises:
        RecordError: it cannot be written; what was there is still there.

    Book: appendix "Reproducing at scale".
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside(path) as temporary, open(temporary, "x", encoding="utf8", newline="\n") as stream:
            stream.write(_text(record))
    except OSError as error:
        raise RecordError(
            f"{path} cannot be written ({error.strerror}); what was there is kept: make room, then continue (--resume)"
        ) from error


def _text(record: Record) -> str:
    """One line an entry of the head and one line a run; what all configurations share stands there once."""
    configurations = [run.configuration for run in record.runs]
    shared = dict(configurations[0]) if configurations else {}
    for configuration in configurations:
        shared = {n: value for n, value in shared.items() if n in configuration and configuration[n] == value}
    settings = [name for name in names(configurations) if name not in shared]
    measured = names(run.result for run in record.runs)
    head = {
        "format": FORMAT,
        "study": record.study,
        "description": record.description,
        "command": record.command,
        "shared": shared,
        "configuration": settings,
        "result": measured,
        "provenance": record.provenance,
    }
    rows = []
    for run in record.runs:
        values = [run.configuration.get(name) for name in settings] + [_encoded(run.result[n]) for n in measured]
        rows.append(_json([*values, run.seconds, run.provenance]))
    lines = [f"{_json(name)}: {_json(value)}" for name, value in head.items()]
    return "{\n" + ",\n".join([*lines, '"runs": [\n' + ",\n".join(rows) + "\n]"]) + "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
