r"""Everything that the book can say of one trained network, in one call and one object that prints as a table.

>>> import numpy as np
>>> from stableminima import random_network, report
>>> rng = np.random.default_rng(0)
>>> X = rng.normal(size=(20, 3))
>>> net = random_network(3, 10)
>>> told = report(net, X, net(X), step_size=0.1, batch_size=5)
>>> told.loss, told.chain.holds, told.stable_in_the_mean, told.stable_in_mean_square
(0.0, True, True, True)

Book: appendix "Your own network".
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from .batches import Sampling, check_batch_size, check_sampling
from .bounds.chain import BoundChain, bound_chain
from .bounds.neurons import NeuronCounts, neuron_counts
from .checks import Array, DidNotConverge, finite_array, positive_number
from .networks import DeepReLU, ShallowReLU
from .stability.curvature import Loss, hessian_sharpness
from .stability.kernel import Model
from .stability.linearization import Linearization
from .stability.modules import ModuleGradients, is_module
from .stability.thresholds import AlmostSureEdge

if TYPE_CHECKING:
    import torch

__all__ = ["NeuronCounts", "Report", "neuron_counts", "report"]

# ----------------------------------------------------------------------------------------------------------- report


@dataclass(frozen=True, repr=False)
class Report:
    """What :func:`report` found. Prints as a table; shows as one in a notebook.

    ``None`` stands for what was not asked (no labels) or does not exist (a chain of a network that is not shallow).
    ``sharpness`` is the largest eigenvalue of the Gauss–Newton matrix, ``full_sharpness`` that of the whole Hessian; at
    an interpolating minimum they agree. Thresholds are step sizes; ``almost_sure`` is in units of ``step_size``.
    """

    model: str
    samples: int
    outputs: int
    loss_name: Loss
    step_size: float
    batch_size: int
    sampling: Sampling
    loss: float | None
    largest_residual: float | None
    sharpness: float
    full_sharpness: float | None
    gd_threshold: float
    sgd_threshold: float | None
    almost_sure: AlmostSureEdge | None
    chain: BoundChain | None
    neurons: NeuronCounts | None
    difficulties: tuple[str, ...] = ()

    @property
    def stable_in_the_mean(self) -> bool:
        """Whether the step size is at most 2/sharpness."""
        return self.step_size <= self.gd_threshold

    @property
    def stable_in_mean_square(self) -> bool | None:
        """Whether it is at most the mean-square threshold of the batch size."""
        return None if self.sgd_threshold is None else self.step_size <= self.sgd_threshold

    @property
    def stable_almost_surely(self) -> bool | None:
        """Whether single runs stay; ``None`` where the step is within two standard errors of the edge."""
        edge = self.almost_sure
        if edge is None or abs(edge.exponent) <= 2 * edge.exponent_error:
            return None
        return edge.exponent < 0

    def rows(self) -> list[tuple[str, str, str]]:
        """The table that is printed.

        Returns:
            What, its value, and what it means for the step size, a line each.
        """
        return _rows(self)

    def __str__(self) -> str:
        rows = self.rows()
        first, second = (max(len(row[i]) for row in rows) for i in (0, 1))
        return "\n".join(f"{a:<{first}}  {b:<{second}}  {c}".rstrip() for a, b, c in rows)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(f"<tr><th scope='row'>{escape(a)}</th><td>{escape(b)}</td><td>{escape(c)}</td></tr>"
                        for a, b, c in self.rows())  # fmt: skip
        return f"<table class='report'><tbody>{cells}</tbody></table>"


def report(
    model: Model | torch.nn.Module,
    X: ArrayLike,
    y: ArrayLike | None = None,
    step_size: float = 0.1,
    batch_size: int | None = None,
    sampling: Sampling = "reshuffled",
    loss: Loss = "half",
    seed: int = 0,
) -> Report:
    r"""Everything that the book can say of one trained network at its present parameters.

    Loss and residuals; the sharpness, of the Gauss–Newton matrix and of the full Hessian; the three thresholds below
    which the minimum is linearly stable (in the mean, in mean square, almost surely); for a shallow network the chain
    of bounds
    from 1/η − 1/2 down to the stability norm of its function, and its dead, always-on and pinned neurons.

    Args:
        model: a network of the book, or any ``torch.nn.Module`` (:meth:`~stableminima.Linearization.of`).
        X: the training inputs, ``(n, d)``; of a module ``(n, …)``.
        y: their labels, ``(n,)`` or ``(n, c)``; without them nothing is said of loss and residuals.
        step_size: η, the learning rate that it was trained with, for ``loss``.
        batch_size: B; ``None`` is the full batch.
        sampling: how the batches were drawn: ``"reshuffled"`` epochs, as most code does, or ``"iid"``.
        loss: ``"half"``, the book's :math:`\frac1{2n}\sum\|f-y\|^2`; ``"mse"`` if it was trained with ``MSELoss``.
        seed: of the paths that estimate the almost-sure edge.

    Returns:
        The report.

    Raises:
        ValueError: an argument out of range, or X and y that do not fit the model.

    Book: appendix "Your own network".
    """
    minimum = Linearization.of(model, X, loss)
    n, eta = minimum.samples, positive_number(step_size, "step_size")
    batch_size = check_batch_size(batch_size, n)
    check_sampling(sampling)
    difficulties: list[str] = []

    def attempt(function: Any) -> Any:
        try:
            return function()
        except DidNotConverge as error:
            difficulties.append(str(error))
            return None

    residual = None if y is None else _values(model, X) - _labels(y, n, minimum.outputs)
    net = _as_shallow(model)
    return Report(
        model=_name(model),
        samples=n,
        outputs=minimum.outputs,
        loss_name=minimum.loss,
        step_size=eta,
        batch_size=batch_size,
        sampling=sampling,
        loss=None if residual is None else float((residual**2).sum() / (2 * n) * minimum.loss_factor),
        largest_residual=None if residual is None else float(np.abs(residual).max()),
        sharpness=minimum.sharpness,
        full_sharpness=attempt(lambda: _full_sharpness(model, X, y, loss)),
        gd_threshold=minimum.gd_threshold,
        sgd_threshold=attempt(lambda: minimum.sgd_threshold(batch_size)),
        almost_sure=attempt(lambda: minimum.almost_sure_edge(eta, batch_size, sampling, seed)),
        chain=None if net is None else bound_chain(net, X, eta * minimum.loss_factor),
        neurons=None if net is None else neuron_counts(net, X),
        difficulties=tuple(difficulties),
    )


def _as_shallow(model: Any) -> ShallowReLU | None:
    """The model as a shallow network of the book, if that is what it is."""
    if isinstance(model, ShallowReLU):
        return model
    try:
        return ShallowReLU.from_torch(model) if is_module(model) else None  # type: ignore[arg-type]  # it refuses others
    except ValueError:
        return None


def _full_sharpness(model: Any, X: ArrayLike, y: ArrayLike | None, loss: Loss) -> float | None:
    """Of the whole Hessian, where there are labels and second derivatives."""
    if y is None or not (is_module(model) or isinstance(model, ShallowReLU | DeepReLU)):
        return None
    return hessian_sharpness(model, X, y, loss=loss)


def _values(model: Any, X: ArrayLike) -> Array:
    """The outputs, ``(n, c)``."""
    if is_module(model):
        return ModuleGradients(model, X).values
    return model(X)[:, None]


def _labels(y: ArrayLike, n: int, outputs: int) -> Array:
    labels = finite_array(y, "y")
    if labels.shape not in ((n, outputs), (n,) if outputs == 1 else (n, outputs)):
        wanted = f"({n},) or ({n}, 1)" if outputs == 1 else f"({n}, {outputs})"
        raise ValueError(f"y must have shape {wanted}, got {labels.shape}; pass one label a sample and output")
    return labels.reshape(n, outputs)


def _name(model: Any) -> str:
    if not is_module(model):
        return repr(model)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    fixed = sum(p.numel() for p in model.parameters()) - trained
    return f"{type(model).__name__} with {trained} trained parameters" + (f" and {fixed} frozen ones" if fixed else "")


def _rows(told: Report) -> list[tuple[str, str, str]]:
    eta, edge, chain = told.step_size, told.almost_sure, told.chain
    batches = "full batch" if told.batch_size == told.samples else f"B = {told.batch_size}, {told.sampling}"
    rows = [
        ("network", told.model, f"{told.samples} samples" + (f", {told.outputs} outputs" if told.outputs > 1 else "")),
        ("step size", f"{eta:.6g}", f"{batches}, loss {told.loss_name!r}"),
    ]
    if told.loss is not None:
        rows.append(("loss", f"{told.loss:.3g}", f"largest residual {told.largest_residual:.3g}"))
    rows.append(
        ("sharpness", f"{told.sharpness:.6g}", f"{100 * told.sharpness * eta / 2:.4g} % of 2/step = {2 / eta:.6g}")
    )
    if told.full_sharpness is not None:
        rest = told.full_sharpness - told.sharpness
        rows.append(("… of the full Hessian", f"{told.full_sharpness:.6g}", f"residuals contribute {rest:+.2g}"))
    rows += [
        _threshold("stable in the mean", told.gd_threshold, told.stable_in_the_mean),
        _threshold("… in mean square", told.sgd_threshold, told.stable_in_mean_square),
    ]
    if edge is None:
        rows.append(("… almost surely", "–", "not found"))
    else:
        bracket = f" ({edge.low * eta:.4g} to {edge.high * eta:.4g})" if edge.low < edge.high else ""
        rows.append(("… almost surely", f"up to {edge.edge * eta:.6g}{bracket}", _verdict(told.stable_almost_surely)))
        rows.append(("exponent a step", f"{edge.exponent:.4g}", f"± {edge.exponent_error:.2g}"))
    if chain is not None:
        names = ("stability norm", "… one-sided", "mean gradient", "(sharpness − 1)/2", "1/step − 1/2")
        values = [value for _, value in chain.links]
        slacks = ["", *(f"{after - before:+.4g}" for before, after in pairwise(values))]
        rows += [(name, f"{value:.6g}", slack) for name, value, slack in zip(names, values, slacks, strict=True)]
    if told.neurons is not None:
        k = told.neurons
        rows.append(("neurons", str(k.width), f"{k.dead} dead, {k.always_on} always on, {k.pinned} pinned to a sample"))
    return rows + [("not found", "–", text) for text in told.difficulties]


def _threshold(name: str, value: float | None, stable: bool | None) -> tuple[str, str, str]:
    return name, "–" if value is None else f"up to {value:.6g}", _verdict(stable)


def _verdict(stable: bool | None) -> str:
    return {True: "stable at this step", False: "NOT stable at this step", None: "undecided at this step"}[stable]
