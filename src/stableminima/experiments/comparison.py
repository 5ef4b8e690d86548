"""How far two records of one study are apart. Book: appendix "Reproducing at scale"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .records import DEFAULT_TOLERANCE, Configuration, Record, Run, key_of, names


@dataclass(frozen=True)
class Difference:
    """How far two records are apart in one column.

    ``largest`` relative difference (infinite between texts, or between a number and none), the ``tolerance``, how many
    runs were ``compared`` and how many are ``beyond`` it, and the configuration of the ``worst``.
    """

    column: str
    largest: float
    tolerance: float
    compared: int
    beyond: int
    worst: Configuration = field(repr=False)


def compare(recorded: Record, repeated: Record, tolerances: Mapping[str, float | None]) -> list[Difference]:
    """Compare the results of the runs that both records have, column by column; seconds are not compared.

    Args:
        recorded: the one record.
        repeated: the other.
        tolerances: relative, by column; ``None`` leaves it out (:func:`not_compared`), columns without one have
            :data:`DEFAULT_TOLERANCE`.

    Returns:
        One difference a column of the results.

    Book: appendix "Reproducing at scale".
    """
    pairs = _common(recorded, repeated)
    table = []
    for column in _columns(pairs):
        tolerance = tolerances.get(column, DEFAULT_TOLERANCE)
        if tolerance is None:
            continue
        apart = [_distance(a[column], b[column]) for a, b in pairs]
        beyond = sum(distance > tolerance for distance in apart)
        worst = int(np.argmax(apart))
        table.append(Difference(column, apart[worst], tolerance, len(pairs), beyond, pairs[worst][0].configuration))
    return table


def not_compared(recorded: Record, repeated: Record, tolerances: Mapping[str, float | None]) -> list[str]:
    """The columns that :func:`compare` leaves out, since their tolerance is ``None``.

    Args:
        recorded: the one record.
        repeated: the other.
        tolerances: as in :func:`compare`.

    Returns:
        Names of columns of the runs that both records have.

    Book: appendix "Reproducing at scale".
    """
    return [name for name in _columns(_common(recorded, repeated)) if tolerances.get(name, DEFAULT_TOLERANCE) is None]


def _common(recorded: Record, repeated: Record) -> list[tuple[Run, Run]]:
    """The runs that both records have, in the order of the second."""
    before = {key_of(run.configuration): run for run in recorded.runs}
    return [(before[key], run) for run in repeated.runs if (key := key_of(run.configuration)) in before]


def _columns(pairs: Sequence[tuple[Run, Run]]) -> list[str]:
    """What either of two runs says."""
    return names(run.result for pair in pairs for run in pair)


@np.errstate(invalid="ignore", divide="ignore")
def _distance(a: Any, b: Any) -> float:
    """Largest difference relative to the largest entry; infinite between things of different kinds."""
    if a == b:
        return 0.0
    numbers = [isinstance(side, int | float | list) and not isinstance(side, bool) for side in (a, b)]
    try:
        first, second = (np.atleast_1d(np.array(side, dtype=float)) for side in (a, b) if all(numbers))
        if first.shape == second.shape:
            distance = np.abs(first - second).max() / max(np.abs(first).max(), np.abs(second).max())
            return float(distance) if np.isfinite(distance) else np.inf
    except (ValueError, TypeError):
        pass
    return np.inf
