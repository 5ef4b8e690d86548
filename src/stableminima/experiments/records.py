"""Records: the runs of a study as small, readable files, and their comparison.

A file holds one JSON object: what all configurations share, the names of the columns, where the runs come from, and one
line a run. It is written atomically and read without pickle. :mod:`stableminima.experiments` makes records, chapters
read them with :func:`load_record`. Book: appendix "Reproducing at scale".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_TOLERANCE = 1e-6  # relative, of columns without one of their own

Configuration = Mapping[str, Any]  # names to numbers, texts, truth values, None or lists of them
Result = Mapping[str, Any]  # the same; NumPy scalars and arrays are welcome


class RecordError(ValueError):
    """A record is missing, damaged or cannot be written; the message says which and what to do."""


class RecordMissing(RecordError):
    """There is no record of that name."""


@dataclass(frozen=True)
class Run:
    """One run: ``configuration``, ``result``, ``seconds`` of processor time, ``provenance`` (index into the list)."""

    configuration: Configuration
    result: Result
    seconds: float
    provenance: int

    def __getitem__(self, column: str) -> Any:
        """The entry of a column; ``None`` if the run has none."""
        return self.seconds if column == "seconds" else {**self.result, **self.configuration}.get(column)

    def __contains__(self, column: str) -> bool:
        return column == "seconds" or column in self.result or column in self.configuration


@dataclass(frozen=True)
class Record:
    """The runs of a study, in the order of its configurations, and where they come from.

    ``record["step_size"]`` is a column as an array, ``record.where(batch_size=16, status="converged")`` the record of
    some of the runs.
    """

    study: str
    description: str
    command: str
    provenance: tuple[Mapping[str, Any], ...] = field(repr=False)
    runs: tuple[Run, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[Run]:
        """The runs, in order: ``[run["loss"] for run in record]``."""
        return iter(self.runs)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns: those of the configuration, those of the result, ``seconds``."""
        return (*names(run.configuration for run in self.runs), *names(run.result for run in self.runs), "seconds")

    def __getitem__(self, column: str) -> np.ndarray:
        """One column as an array, one entry (or row) a run; ``None`` among numbers becomes NaN.

        Lists of different lengths come as an array of arrays.
        """
        if not isinstance(column, str):
            raise TypeError(
                f"a record is asked for a column by name, such as record['seconds'], got {column!r}; "
                "its runs are record.runs, or for run in record"
            )
        self._must_have(column)
        values = [run[column] for run in self.runs]
        if any(isinstance(value, list) for value in values):
            if len({len(value) if isinstance(value, list) else -1 for value in values}) == 1:
                return np.array(values)
            ragged = np.empty(len(values), dtype=object)
            ragged[:] = [value if value is None else np.array(value) for value in values]
            return ragged
        missing = "" if any(isinstance(value, str) for value in values) else np.nan
        return np.array([missing if value is None else value for value in values])

    def arrays(self) -> dict[str, np.ndarray]:
        """All columns by name, each an array with one entry (or row) a run.

        Returns:
            What ``record[column]`` is for every column.

        Book: appendix "Reproducing at scale".

        >>> from stableminima.experiments.study import EXAMPLE, run_study
        >>> run_study(EXAMPLE).arrays()["square"]
        array([1, 4, 9])
        """
        return {column: self[column] for column in self.columns}

    def to_pandas(self) -> pd.DataFrame:
        """The record as a table of pandas: one row a run, one column a column; lists stay lists.

        Returns:
            The table; the description of the record is in its ``attrs``.

        Raises:
            ImportError: pandas is not installed; nothing else here needs it.

        Book: appendix "Reproducing at scale".
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError(
                "to_pandas needs pandas: python -m pip install pandas; without it, record.arrays() has the same columns"
            ) from error
        table = pd.DataFrame([{column: run[column] for column in self.columns} for run in self.runs])
        table.attrs = {"study": self.study, "description": self.description, "command": self.command}
        return table

    def where(self, **conditions: Any) -> Record:
        """The runs whose columns have the given values; a condition is a value, a list of values, or a predicate.

        Args:
            **conditions: ``column=value``, ``column=[values]`` or ``column=predicate``.

        Returns:
            The record of those runs.

        Raises:
            ValueError: a column that the record does not have.

        >>> from stableminima.experiments.study import EXAMPLE, run_study
        >>> record = run_study(EXAMPLE)
        >>> record.where(x=[1, 3])["square"]
        array([1, 9])
        >>> record.where(square=lambda s: s > 4)["x"]
        array([3])
        """
        self._must_have(*conditions)
        return replace(self, runs=tuple(run for run in self.runs if fits(run, conditions)))

    def groups(self, *columns: str) -> dict[Any, Record]:
        """The record cut by the values of a column (keys: values) or of several (keys: tuples), in order.

        Args:
            *columns: names of columns.

        Returns:
            A record for each value or tuple of values that occurs.

        Raises:
            ValueError: a column that the record does not have.
        """
        self._must_have(*columns)
        cut: dict[Any, list[Run]] = {}
        for run in self.runs:
            key = tuple(tuple(v) if isinstance(v, list) else v for v in map(run.__getitem__, columns))
            cut.setdefault(key[0] if len(columns) == 1 else key, []).append(run)
        return {key: replace(self, runs=tuple(runs)) for key, runs in cut.items()}

    def _must_have(self, *columns: str) -> None:
        for column in columns:
            if self.runs and column not in self.columns:
                raise ValueError(f"{self.study} has no column {column!r}; it has {', '.join(self.columns)}")


def names(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    """All keys, each once, in the order of their first appearance."""
    return list(dict.fromkeys(name for mapping in mappings for name in mapping))


def fits(run: Run | Configuration, conditions: Mapping[str, Any]) -> bool:
    """Whether a run, or a configuration, meets all conditions (:meth:`Record.where`)."""
    for column, condition in conditions.items():
        value = run[column]
        if callable(condition):
            if value is None or not condition(value):
                return False
        elif value != plain(condition) and not (isinstance(condition, list | tuple | range) and value in condition):
            return False
    return True


def plain(value: Any, digits: int | None = None) -> Any:
    """``value`` in the types of JSON; floats to ``digits`` significant digits, NaN as ``None``."""
    if isinstance(value, Mapping):
        return {str(name): plain(entry, digits) for name, entry in value.items()}
    if isinstance(value, list | tuple | range | np.ndarray):
        return [plain(entry, digits) for entry in value]
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return None if np.isnan(value) else value if digits is None else float(f"{value:.{digits}g}")
    if value is None or isinstance(value, bool | int | str):
        return value
    raise ValueError(f"a record holds numbers, texts, truth values, None and lists, got {type(value).__name__}")


def key_of(configuration: Configuration) -> str:
    """A configuration as text: equal configurations have equal keys.

    Args:
        configuration: names to numbers, texts, truth values, ``None`` or lists of them.

    Returns:
        JSON with sorted names.

    Raises:
        ValueError: something else is in it.

    Book: appendix "Reproducing at scale".

    >>> key_of({"b": 1, "a": (2, 3)}) == key_of({"a": [2, 3], "b": 1})
    True
    """
    return json.dumps(plain(configuration), sort_keys=True)
