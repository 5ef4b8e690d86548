"""Sharpness beside 2/η while a network trains, in any loop. Book: appendix "Your own network"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..checks import Array, finite_array, positive_number, whole_number
from ..networks import DeepReLU, ShallowReLU
from ..stability.curvature import Loss, check_loss
from ..stability.kernel import unknown_model
from ..stability.linearization import Linearization
from ..stability.modules import ModuleGradients, is_module

if TYPE_CHECKING:
    import torch


class TrackedStep(NamedTuple):
    """One look: after ``step`` steps, the loss on all samples, the sharpness, and the ``edge`` 2/η."""

    step: int
    loss: float
    sharpness: float
    edge: float


class SharpnessTracker:
    """A callback that looks at a network every so many steps of a training loop.

    Args:
        model: the network that is trained: a ``torch.nn.Module``, looked at where it is; or the first of a series of
            networks of the book, the later ones given to :meth:`step`.
        X: samples, ``(n, d)`` or whatever the module takes, ``(n, …)``; n·c at most 8192, a few hundred are quick.
        y: their labels, ``(n,)`` or ``(n, c)``.
        every: steps between two looks.
        loss: ``"half"``, the book's; ``"mse"`` if it is trained with ``MSELoss``.

    Raises:
        ValueError: arguments that do not fit together.

    Book: appendix "Your own network".

    The loop stays as it is, with one more line::

        tracker = SharpnessTracker(module, X, y, every=100, loss="mse")
        for inputs, labels in batches:
            optimizer.zero_grad()
            loss_function(module(inputs), labels).backward()
            optimizer.step()
            tracker.step(optimizer)
        tracker["sharpness"], tracker["edge"]
    """

    def __init__(
        self, model: ShallowReLU | DeepReLU | torch.nn.Module, X: ArrayLike, y: ArrayLike, every: int = 100,
        loss: Loss = "half",
    ) -> None:  # fmt: skip
        self.model, self.X, self.loss = model, X, check_loss(loss)
        self.every = whole_number(every, "every", 1)
        self.history: list[TrackedStep] = []
        values = self._values(model)
        self._labels = finite_array(np.reshape(finite_array(y, "y"), (len(values), -1)), "y", values.shape)
        self._steps = 0

    def step(self, step_size: float | torch.optim.Optimizer, model: ShallowReLU | DeepReLU | None = None) -> None:
        """Count one step, and look if it is time: after the steps ``every``, ``2·every``, …

        Args:
            step_size: η of the step just taken, or the optimizer, whose learning rate is read.
            model: the network after the step, where every step makes a new one; modules change in place.

        Raises:
            ValueError: a step size that is not positive; an optimizer with several learning rates.

        Book: appendix "Your own network".
        """
        self._steps += 1
        if model is not None:
            self.model = model
        if self._steps % self.every == 0:
            self.look(step_size)

    def look(self, step_size: float | torch.optim.Optimizer) -> TrackedStep:
        """Look now, whatever the number of steps.

        Args:
            step_size: as in :meth:`step`.

        Returns:
            What was seen; it is in ``history``, too.

        Raises:
            ValueError: as :meth:`step`.

        Book: appendix "Your own network".
        """
        minimum = Linearization.of(self.model, self.X, self.loss)
        squares = float(((self._values(self.model) - self._labels) ** 2).sum()) / (2 * minimum.samples)
        edge = 2 / _learning_rate(step_size)
        seen = TrackedStep(self._steps, squares * minimum.loss_factor, minimum.sharpness, edge)
        self.history.append(seen)
        return seen

    def __getitem__(self, column: str) -> Array:
        """A column of the history as an array: ``"step"``, ``"loss"``, ``"sharpness"`` or ``"edge"``."""
        if column not in TrackedStep._fields:
            raise ValueError(f"a tracker has the columns {', '.join(TrackedStep._fields)}, got {column!r}")
        return np.array([getattr(seen, column) for seen in self.history])

    def _values(self, model: Any) -> Array:
        if is_module(model):
            return ModuleGradients(model, self.X).values
        if not isinstance(model, ShallowReLU | DeepReLU):
            raise unknown_model(model)
        return model(self.X)[:, None]


def _learning_rate(step_size: Any) -> float:
    groups = getattr(step_size, "param_groups", None)
    if groups is None:
        return positive_number(step_size, "step_size")
    rates = {float(group["lr"]) for group in groups}
    if len(rates) > 1:
        raise ValueError(f"the optimizer has several learning rates, {sorted(rates)}; pass the one that you mean")
    return positive_number(rates.pop(), "the optimizer's learning rate")
