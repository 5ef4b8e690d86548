r"""Whether the hypotheses of a theorem hold where a run of training ended: look a little further.

A theorem on stable minima speaks of a network that fits its labels, has come to rest, and has no sample on a knot. A
run that stops may be none of this: it may jump between two functions in every step, fit no better than a constant, or
have no living neuron. :func:`diagnose` trains on for some epochs and says so.

>>> import numpy as np
>>> from stableminima import random_network, train_sgd
>>> x, y = np.linspace(-1, 1, 8)[:, None], np.linspace(-1, 1, 8) ** 2
>>> run = train_sgd(random_network(1, 20, seed=1), x, y, step_size=0.2, tolerance=1e-4)
>>> print(diagnose(run.network, x, y, step_size=0.2))
fits the labels           loss 0.0001, of the best constant 0.07
at rest                   f moves by 1.2e-05 an epoch
no sample on a knot       0 of 20 neurons pinned, 1 dead, 0 always on
frozen pattern            no pair of neuron and sample switches
below 2/λ_max             ηλ_max/2 = 0.226
The theorem's hypotheses hold.

Book: chapter 2, "Trained networks at many step sizes".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..batches import Sampling, check_batch_size
from ..bounds.neurons import NeuronCounts, neuron_counts
from ..checks import Array, finite_array, input_points, positive_number, whole_number
from ..networks import ShallowReLU, shallow
from ..stability.linearization import Linearization
from .descent import mean_square_loss, train_sgd

NO_TOLERANCE = 1e-300  # of the loss, so that the run goes on
RETURNS = 0.1  # f has period two if it comes back, in two epochs, to within this share of what it moves in one


@dataclass(frozen=True)
class Diagnosis:
    """What :func:`diagnose` found; prints as a table with a verdict.

    Args:
        loss: at the end of the run, :func:`stableminima.training.descent.mean_square_loss`.
        constant_loss: of the best constant: half the variance of the labels.
        move: the largest change of f at a sample from one epoch to the next, the median over the epochs looked at.
        return_move: the same from an epoch to the next but one.
        scale: half the range of the labels, the unit of ``move``.
        hovering: the share of pairs (neuron, sample) that switched at least once.
        edge: ηλ_max/2, of the Gauss–Newton matrix at the end of the run; NaN if it does not exist.
        mean_square: η over the mean-square threshold of the batch size; NaN likewise.
        neurons: counts of dead, always-on and pinned neurons.
        tolerance: the loss at which a network fits its labels.
        rest: the share of ``scale`` up to which ``move`` counts as rest.

    Book: chapter 2, "Trained networks at many step sizes".
    """

    loss: float
    constant_loss: float
    move: float
    return_move: float
    scale: float
    hovering: float
    edge: float
    mean_square: float
    neurons: NeuronCounts
    tolerance: float
    rest: float

    @property
    def fits(self) -> bool:
        """Whether the loss is at most the tolerance."""
        return self.loss <= self.tolerance

    @property
    def no_better_than_a_constant(self) -> bool:
        """Whether the best constant has at most a twentieth more loss."""
        return self.loss >= 0.95 * self.constant_loss

    @property
    def all_dead(self) -> bool:
        """Whether every neuron is off on every sample."""
        return self.neurons.dead == self.neurons.width

    @property
    def at_rest(self) -> bool:
        """Whether the function at the samples has stopped moving."""
        return self.move <= self.rest * self.scale

    @property
    def period_two(self) -> bool:
        """Whether it jumps to and fro: moves, and comes back in two epochs."""
        return not self.at_rest and self.return_move <= RETURNS * self.move

    @property
    def frozen(self) -> bool:
        """Whether no neuron switched at any sample."""
        return self.hovering == 0

    @property
    def below_the_edge(self) -> bool:
        """Whether the step is at most 2/λ_max."""
        return self.edge <= 1

    @property
    def hypotheses_hold(self) -> bool:
        """All of it: a network that fits, at rest, alive, with no sample on a knot, no longer step than 2/λ_max."""
        return self.fits and self.at_rest and not self.all_dead and not self.neurons.pinned and self.below_the_edge

    def rows(self) -> list[tuple[str, str]]:
        """The table that is printed.

        Returns:
            What was found, and the numbers behind it, a line each.
        """
        counts = self.neurons
        unfit = "no better than a constant" if self.no_better_than_a_constant else "does not fit the labels"
        moving = "period two" if self.period_two else "still moving"
        knots = "samples on knots" if counts.pinned else "no sample on a knot"
        switching = f"{100 * self.hovering:.2g} % of the pairs of neuron and sample switch"
        alive = f"{counts.dead} dead, {counts.always_on} always on"
        return [
            ("fits the labels" if self.fits else unfit,
             f"loss {self.loss:.2g}, of the best constant {self.constant_loss:.2g}"),
            ("at rest" if self.at_rest else moving, f"f moves by {self.move:.2g} an epoch"),
            ("all neurons dead" if self.all_dead else knots,
             f"{counts.pinned} of {counts.width} neurons pinned, {alive}"),
            ("frozen pattern" if self.frozen else "hovering neurons",
             "no pair of neuron and sample switches" if self.frozen else switching),
            ("below 2/λ_max" if self.below_the_edge else "beyond 2/λ_max", f"ηλ_max/2 = {self.edge:.3g}"),
        ]  # fmt: skip

    def __str__(self) -> str:
        lines = [f"{what:<26}{numbers}" for what, numbers in self.rows()]
        verdict = "hold" if self.hypotheses_hold else "do not all hold"
        return "\n".join([*lines, f"The theorem's hypotheses {verdict}."])


def diagnose(
    net: ShallowReLU,
    X: ArrayLike,
    y: ArrayLike,
    step_size: float,
    batch_size: int | None = None,
    *,
    sampling: Sampling = "reshuffled",
    seed: int | np.random.Generator = 0,
    epochs: int = 64,
    tolerance: float = 1.001e-4,
    rest: float = 1e-3,
) -> Diagnosis:
    r"""Train on for some epochs, and say whether the network where a run ended is a minimum of the kind theorems treat.

    With :math:`f_t` the function after t further epochs, ``move`` is the median over t of
    :math:`\max_j|f_{t+1}(x_j)-f_t(x_j)|`, and ``return_move`` of :math:`\max_j|f_{t+2}(x_j)-f_t(x_j)|`: a run at the
    edge that jumps between two functions has a large one and a small other.

    Args:
        net: the network at the end of the run.
        X: the inputs, ``(n, d)``.
        y: their labels, ``(n,)``.
        step_size: η of the run.
        batch_size: B of the run; ``None`` is gradient descent.
        sampling: how its batches were drawn.
        seed: of the batches of the further epochs.
        epochs: how many further epochs to look at, at least 2.
        tolerance: the loss, in units of y², at which the network fits its labels.
        rest: the share of half the labels' range up to which a move counts as rest.

    Returns:
        The diagnosis.

    Raises:
        ValueError: an argument out of range, NaN or infinity in the data.

    Book: chapter 2, "Trained networks at many step sizes".
    """
    X = input_points(X, shallow(net).dim)
    y = finite_array(y, "y", (len(X),))
    epochs = whole_number(epochs, "epochs", 2)
    tolerance, rest = positive_number(tolerance, "tolerance"), positive_number(rest, "rest")
    values: list[Array] = []
    patterns: list[np.ndarray] = []

    def look(_: int, now: ShallowReLU) -> None:
        values.append(now(X))
        patterns.append(now.preactivations(X) > 0)

    train_sgd(net, X, y, step_size, batch_size, NO_TOLERANCE, 1, epochs, seed, sampling=sampling, observe=look)
    once, twice = (_typical_move(np.array(values), lag) for lag in (1, 2))
    edge, mean_square = _edges(net, X, step_size, check_batch_size(batch_size, len(X)))
    return Diagnosis(
        loss=mean_square_loss(net, X, y),
        constant_loss=float(np.var(y) / 2),
        move=once,
        return_move=twice,
        scale=float(np.ptp(y) / 2) or 1.0,
        hovering=float(np.mean(np.any(np.array(patterns) != patterns[0], axis=0))),
        edge=edge,
        mean_square=mean_square,
        neurons=neuron_counts(net, X),
        tolerance=tolerance,
        rest=rest,
    )


def _typical_move(values: Array, lag: int) -> float:
    """The median over t of the largest change at a sample from t to t + lag; 0 of a run that stopped at once."""
    moves = np.abs(values[lag:] - values[:-lag]).max(axis=1) if len(values) > lag else np.zeros(1)
    return float(np.median(moves))


def _edges(net: ShallowReLU, X: Array, step_size: float, batch_size: int) -> tuple[float, float]:
    """η over 2/λ_max and over the mean-square threshold."""
    minimum = Linearization.of(net, X)
    return step_size / minimum.gd_threshold, step_size / minimum.sgd_threshold(batch_size)
