"""Machine-checked statements: each claim of the book is verified where it is made, or the build fails.

``claim("gd-threshold", "the loss decreases at $0.99 · 2/λ$", ratio, at_most=1.0)`` shows one line in the page when the
statement holds and raises `ClaimFailed` when it does not. The page "ledger of claims" lists all of them; it is
generated from the executed chapters, never written. A claim that cannot fail is a defect.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import asdict, dataclass, replace
from typing import Any, SupportsFloat

MIME_TYPE = "application/vnd.stableminima.claim+json"  # how the book's Sphinx extension recognises a claim
TINY = 1e-9  # below it a value may be rounding error, which differs between machines


@dataclass(frozen=True)
class Claim:
    """One statement, the value measured for it, and the relation that the value must satisfy (see `claim`)."""

    id: str
    statement: str
    value: float | bool
    at_most: float | None = None
    at_least: float | None = None
    equals: float | bool | None = None
    tol: float = 0.0
    source: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.id):
            raise ValueError(f"a claim's id is lower-case words joined by hyphens, got {self.id!r}")
        if not self.statement.strip():
            raise ValueError(f"claim {self.id!r} needs a statement: say what the value shows")
        bounds = [b for b in (self.at_most, self.at_least, self.equals) if b is not None]
        if not bounds or (self.equals is not None and len(bounds) > 1):
            raise ValueError(f"claim {self.id!r}: give equals=, or at_most=, or at_least=, or both of the last two")
        if not all(math.isfinite(b) for b in [*bounds, self.tol]) or self.tol < 0:
            raise ValueError(f"claim {self.id!r}: bounds must be finite and tol finite and not negative")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError(f"claim {self.id!r}: no value is at least {self.at_least:g} and at most {self.at_most:g}")

    @property
    def holds(self) -> bool:
        """Whether the measured value satisfies the relation; NaN and infinity never do."""
        return math.isfinite(self.value) and (
            (self.at_most is None or self.value <= self.at_most + self.tol)
            and (self.at_least is None or self.value >= self.at_least - self.tol)
            and (self.equals is None or abs(self.value - self.equals) <= self.tol)
        )

    @property
    def measured(self) -> str:
        """The value to four digits, or as many as it takes to see whether it holds; rounding errors, rounded up."""
        if self._is_rounding:
            return f"|·| ≤ {_power_above(self.value):g}"
        texts = (_short(self.value, digits) for digits in range(2 if abs(self.value) < TINY else 4, 18))
        return next(text for text in texts if replace(self, value=_read(text)).holds == self.holds)

    @property
    def relation(self) -> str:
        """The relation as text: ``≤ 2``, ``= 2 ± 1e-06``, ``in [1, 2]``; numbers as finely as they were given."""
        slack = f" ± {self.tol:g}" if self.tol else ""
        if self.equals is not None:
            return f"= {self._bound(self.equals)}{slack}"
        low, high = (None if bound is None else self._bound(bound) for bound in (self.at_least, self.at_most))
        if high is None:
            return f"≥ {low}{slack}"
        return f"≤ {high}{slack}" if low is None else f"in [{low}, {high}]{slack}"

    @property
    def verdict(self) -> str:
        """The measured value beside its relation; a truth value says it all."""
        if isinstance(self.value, bool):
            return self.measured
        return f"{self.measured}{',' * self._is_rounding} {self.relation}"

    def __str__(self) -> str:
        return f"✓ {self.id}: {self.statement}: {self.relation if self._is_rounding else self.verdict}"

    @property
    def _is_rounding(self) -> bool:
        """Whether the value is too small to matter: its size differs between machines, and plain text leaves it out."""
        if isinstance(self.value, bool) or not 0 < abs(self.value) < TINY:
            return False
        above = _power_above(self.value)
        return replace(self, value=above).holds and replace(self, value=-above).holds

    def _bound(self, bound: float | bool) -> str:
        """A bound as it was typed; one that was computed, to four digits or to a tenth of the tolerance."""
        if _read(typed := _short(bound, 13)) == bound:
            return typed
        near = self.tol / 10 or abs(bound) / 1000
        return next(text for text in (_short(bound, k) for k in range(4, 18)) if abs(_read(text) - bound) <= near)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Text for terminals and nbval, Markdown for notebooks, the record itself for the book."""
        source = f" *({self.source})*" if self.source else ""
        return {
            "text/plain": str(self),
            "text/markdown": f"✓ {self.statement}: **{self.verdict}**{source}",
            MIME_TYPE: asdict(self),
        }


class ClaimFailed(AssertionError):
    """A claim of the book, ``.claim``, does not hold for the value that was measured."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        found = f"measured {claim.value!r}, claimed {claim.relation}"
        super().__init__(f"claim {claim.id!r} does not hold: {claim.statement}: {found}")


def claim(
    id: str,
    statement: str,
    value: SupportsFloat,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    equals: float | None = None,
    tol: float = 0.0,
    source: str = "",
) -> None:
    """Check a statement and show it as one line, at once (several may stand in a cell); raise if it fails.

    Args:
        id: unique in the book; lower-case words joined by hyphens. The page carries the anchor ``#claim-<id>``.
        statement: what the value shows, in plain words; ``$…$`` for formulas.
        value: the measured number, or a truth value, which must then be true.
        at_most: the largest value for which the statement holds.
        at_least: the smallest; with ``at_most`` it makes an interval.
        equals: what the value must be, if it is neither of these.
        tol: absolute tolerance of the relation.
        source: where the statement comes from, such as ``Theorem 2`` or ``Mulayoff et al. 2021``.

    Raises:
        ClaimFailed: the value does not satisfy the relation (NaN and infinity satisfy none).
        ValueError: the claim itself is malformed: no relation, an empty interval, a bad id, not a single number.

    Book: the page "Ledger of claims".

    >>> claim("square-of-two", "two squared is four", 2.0**2, equals=4.0)
    ✓ square-of-two: two squared is four: 4 = 4
    """
    relations = {"at_most": at_most, "at_least": at_least, "equals": equals}
    if _is_truth(value) and all(bound is None for bound in relations.values()):
        relations["equals"] = True
    try:
        number = bool(value) if _is_truth(value) else float(value)
        bounds = {name: b if b is None or _is_truth(b) else float(b) for name, b in relations.items()}
        made = Claim(id, statement, number, **bounds, tol=float(tol), source=source)
    except TypeError as error:
        raise ValueError(f"claim {id!r}: value and bounds must be single numbers, got {value!r}: {error}") from error
    if not made.holds:
        raise ClaimFailed(made)
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(made)
    else:
        print(made)


def _is_truth(value: object) -> bool:
    """Whether ``value`` is a Python or NumPy truth value rather than a number."""
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _short(value: float | bool, digits: int) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:.{digits}g}"


def _read(text: str) -> float | bool:
    return text == "true" if text in ("true", "false") else float(text)


def _power_above(value: float) -> float:
    return float(10.0 ** math.ceil(math.log10(abs(value))))
