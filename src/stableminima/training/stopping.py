"""When a run of training ends: one rule, and one set of defaults, for every engine of this package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..checks import positive_number, whole_number

Status = Literal["converged", "unfinished", "diverged", "collapsed"]

TOLERANCE = 1e-8  # of the loss: the protocol of Nacson et al. 2023
HOLD = 1  # epochs; a study that wants to be sure that a run stays (chapter 4: 2000) says so
MAX_EPOCHS = 100_000  # minutes at most for the networks of the book, and more than any of its runs needs
BLOW_UP = 1e6  # times the first loss (or 1): converging runs of the book stay far below it, and overflow is far off

GOING, CONVERGED, DIVERGED, COLLAPSED = range(4)
ENDS: tuple[Status | None, ...] = (None, "converged", "diverged", "collapsed")  # by these numbers


def verdict(
    loss: float, living: bool, counts: bool, held: int, tolerance: float, hold: int, blow_up: float
) -> tuple[int, int]:
    """After an epoch: ``(held, end)``, for how many epochs the loss has been low, and how the run ends, if it does.

    ``living`` says whether a neuron is on at any sample; ``counts``, whether this epoch may count towards ``hold``.
    Plain arithmetic of numbers, so that the compiled engine can compile it and the others call it.
    """
    held = held + 1 if loss < tolerance and counts else 0
    if not loss < blow_up:  # NaN, too
        return held, DIVERGED
    if held >= hold:
        return held, CONVERGED
    if loss >= tolerance and not living:
        return held, COLLAPSED
    return held, GOING


@dataclass(frozen=True)
class StoppingRule:
    """Stop when the loss on all samples, measured after each epoch, has been low for long enough, or never will be.

    A run has ``"converged"`` when the loss has been below ``tolerance`` for ``hold`` consecutive epochs; it has
    ``"diverged"`` when the loss is a million times the first one (or 1, if that is larger) or undefined, and
    ``"collapsed"`` when every neuron is off on every sample while the loss is above the tolerance; after
    ``max_epochs`` it is ``"unfinished"``. Over the first ``warmup`` epochs the step grows linearly to η; they do not
    count towards ``hold``, since a low loss at a shorter step says nothing of η.

    Args:
        tolerance: the loss to reach, in units of y².
        hold: for how many consecutive epochs.
        max_epochs: give up after so many.
        warmup: epochs in which the step grows.

    Raises:
        ValueError: a number out of range.

    Book: chapter 1, "Experiment: the edge of stability".

    >>> StoppingRule(tolerance=0.1, hold=2).judge(0.05, True, epoch=7, held=1, blow_up=1e6)
    (2, 'converged')
    """

    tolerance: float = TOLERANCE
    hold: int = HOLD
    max_epochs: int = MAX_EPOCHS
    warmup: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tolerance", positive_number(self.tolerance, "tolerance"))
        for name, least in (("hold", 1), ("max_epochs", 1), ("warmup", 0)):
            object.__setattr__(self, name, whole_number(getattr(self, name), name, least))

    def judge(self, loss: float, living: bool, epoch: int, held: int, blow_up: float) -> tuple[int, Status | None]:
        """:func:`verdict` after epoch number ``epoch`` (from 1), the limit of epochs included."""
        held, end = verdict(loss, living, epoch > self.warmup, held, self.tolerance, self.hold, blow_up)
        return held, ENDS[end] or ("unfinished" if epoch >= self.max_epochs else None)

    def share(self, done: int) -> float:
        """The step of the next epoch in units of η, after ``done`` epochs."""
        return min(1.0, (done + 1) / (self.warmup + 1))


def blow_up_level(first_loss: float) -> float:
    """The loss at which a run that began with ``first_loss`` counts as diverged."""
    return BLOW_UP * max(1.0, first_loss)
