"""What the neurons of a shallow network do on a sample. Book: chapter 1, "Knots on a sample", and chapter 4."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..networks import ShallowReLU, shallow

PINNED = 1e-6  # a sample closer to a neuron's hyperplane than this, relative to the farthest one, lies on its knot


@dataclass(frozen=True)
class NeuronCounts:
    """The hidden neurons on a sample: off on all of it (``dead``), on on all of it (``always_on``), and ``pinned``.

    A neuron is pinned if it is not dead and a sample lies on its hyperplane, up to 1e-6 of the distance of the farthest
    one: there the loss is not differentiable, and what linear stability says holds on either side of it. ``switching``
    marks the neurons that are neither dead nor always on, ``(k,)``: those of which the function's shape consists.
    """

    width: int
    dead: int
    always_on: int
    pinned: int
    switching: NDArray[np.bool_] = field(repr=False, compare=False)


def neuron_counts(net: ShallowReLU, X: ArrayLike) -> NeuronCounts:
    """Count what the neurons of a shallow network do on a sample.

    Args:
        net: the network.
        X: inputs, ``(n, d)``.

    Returns:
        The counts.

    Raises:
        ValueError: ``X`` does not fit the network.

    Book: chapter 1, "Knots on a sample", and chapter 4.

    >>> net = ShallowReLU(W=[[1.0], [1.0], [1.0]], b=[0.0, 2.0, -9.0], v=[1.0, 1.0, 1.0], c=0.0)
    >>> neuron_counts(net, [[-1.0], [0.0], [1.0]])
    NeuronCounts(width=3, dead=1, always_on=1, pinned=1)
    """
    Z = shallow(net).preactivations(X)
    dead, always = (Z <= 0).all(axis=0), (Z > 0).all(axis=0)
    distance = np.abs(Z)
    pinned = (distance.min(axis=0) <= PINNED * distance.max(axis=0)) & ~dead
    return NeuronCounts(net.width, int(dead.sum()), int(always.sum()), int(pinned.sum()), np.asarray(~dead & ~always))
