"""What the problem sets of the course are checked with: checks, and a process of their own for the answers.

A *check* is a plain function whose parameters are names that the student's notebook defines; it returns if the answer
is right and raises ``AssertionError`` with a hint if it is not::

    @check("price_of_a_fold", points=2, public=True)
    def one_fold_on_four_samples(fold_price):
        close(fold_price([0.0, 1.0, 2.0, 3.0], 1.5, 1.0), 0.3125, "the samples on the right of the knot are 2 and 3")

A parameter called ``rng`` is a random generator.  The same functions are called by pytest on the solutions, by
``grader.check`` in the student's notebook and by the autograder.  Answers get copies of their arguments, and what they
return is reduced to numbers, arrays, tuples and networks (:mod:`.grading_wire`), whoever calls them.

In the autograder the checks stay with the judge (this module and :mod:`.grading_judge`); the answers live in a process
of their own (:mod:`.grading_worker`) that never sees a check.  An endless loop or a crash costs its question and not
the whole grade.  Nothing in these modules knows an answer.
"""

from __future__ import annotations

import importlib.util
import inspect
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from .grading_judge import CannotJudge as CannotJudge  # the names that sets, bundles and the build ask for
from .grading_judge import Submission as Submission
from .grading_notebook import OwnProcess as OwnProcess
from .grading_notebook import judged as judged
from .grading_notebook import read_notebook as read_notebook
from .grading_wire import Opaque, Proxy, isolated

SECONDS = 10.0  # what the answers of a check may take in the autograder
CELL_SECONDS = 30.0  # what a cell may; students are told so
IGNORE = "otter_ignore"  # the tag of cells that the autograder does not run
Function = Callable[..., object]


# --- checks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """A function that judges an answer: whose question, worth how many points, and whether students have it.

    ``tries`` says in a sentence what a hidden check tries, ``cause`` what is usually wrong if it fails: for the
    feedback after the deadline.
    """

    function: Function
    question: str
    points: float
    public: bool
    tries: str = ""
    cause: str = ""

    @property
    def name(self) -> str:
        return self.function.__name__

    def run(self, namespace: dict, seed: int | None = None) -> None:
        """Call the check with the names of ``namespace``; raises what the check or the answer raises."""
        seed = zlib.crc32(self.name.encode()) if seed is None else seed
        arguments = {}
        for name in inspect.signature(self.function).parameters:
            if name != "rng" and name not in namespace:
                raise AssertionError(f"{name} is not defined: run the cell that defines it")
            arguments[name] = np.random.default_rng(seed) if name == "rng" else isolated(namespace[name])
        with np.errstate(all="ignore"):  # an answer that sets np.seterr must not change the reference
            self.function(**arguments)


def check(
    question: str, points: float, public: bool = False, tries: str = "", cause: str = ""
) -> Callable[[Function], Function]:
    """Mark a function as a check of ``question`` worth ``points``; ``public`` ones are given to the students."""

    def mark(function: Any) -> Function:
        function.check = Check(function, question, points, public, tries, cause)
        return function

    return mark


@dataclass(frozen=True)
class Wrong:
    """A plausible wrong answer: whose question, how many points it must lose, and the mistake in words."""

    function: Function
    question: str
    loses: float
    mistake: str


def wrong(question: str, loses: float, mistake: str) -> Callable[[Function], Function]:
    """Mark a function, named like the one it stands in for, as a wrong answer; for the tests of a set."""

    def mark(function: Function) -> Function:
        function.__globals__.setdefault("WRONG", []).append(Wrong(function, question, loses, mistake))
        return function

    return mark


def wrong_answers_of(module: ModuleType) -> list[Wrong]:
    """The wrong answers that a module defines, in their order; several may have one name."""
    return vars(module).get("WRONG", [])


def checks_of(module: ModuleType) -> list[Check]:
    """The checks that a module defines, in their order."""
    return [value.check for value in vars(module).values() if isinstance(getattr(value, "check", None), Check)]


def names_of(each: Check) -> list[str]:
    """The names of the notebook that a check asks for."""
    return [name for name in inspect.signature(each.function).parameters if name != "rng"]


def load(path: str | Path) -> ModuleType:
    """The Python module in a file."""
    specification: Any = importlib.util.spec_from_file_location(Path(path).stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def close(value: object, expected: object, hint: str = "", rtol: float = 1e-6, atol: float = 1e-9) -> None:
    """Raise ``AssertionError`` unless ``value`` is a number, or an array of the same shape, close to ``expected``."""
    hint = f". Hint: {hint}" if hint else ""
    if value is None:
        raise AssertionError("the answer is None: does the function end with return?")
    if isinstance(value, Opaque):
        raise AssertionError(f"expected a number or an array of numbers, got {value.kind}{hint}")
    try:
        found, wanted = np.asarray(value, dtype=float), np.asarray(expected, dtype=float)
    except (TypeError, ValueError):
        raise AssertionError(f"expected a number or an array of numbers, got {type(value).__name__}{hint}") from None
    if found.shape != wanted.shape:
        raise AssertionError(f"expected the shape {wanted.shape}, got {found.shape}{hint}")
    if not np.allclose(found, wanted, rtol=rtol, atol=atol):
        shown = np.array2string(found, precision=6, threshold=8)
        raise AssertionError(f"{shown} is not right{hint}")


def holds(condition: object, hint: str) -> None:
    """Raise ``AssertionError`` with the hint unless ``condition`` is true."""
    if not condition:
        raise AssertionError(hint)


def leaves_arguments(function: Proxy) -> None:
    """Raise ``AssertionError`` if the last call of an answer changed an array that it was given."""
    if function.changed:
        raise AssertionError(
            "the function changes the arrays that it is given; it should leave its arguments as they are"
        )
