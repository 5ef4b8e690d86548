r"""From a stable step size to the function: the data weight, the stability norm and the chain of bounds.

.. math::

    S_g(f)=\sum_i|a_i|\,g(u_i,t_i)\le\sum_i|a_i|\,\tilde g(u_i,t_i)\le\tfrac12\bigl(\|\mathbb E\nabla f\|^2-1\bigr)
    \le\tfrac12(\lambda_{\max}-1)\le\tfrac1\eta-\tfrac12.

All but the last step hold for *every* network; the last one is linear stability. Book: chapters 2 (d = 1) and 3.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..checks import finite_array, input_points, positive_number
from ..networks import ShallowReLU, shallow
from ..stability.curvature import hessian_sharpness, shallow_sharpness
from ..stability.kernel import scratch, tangent_features
from ..stability.questions import sharpness
from .norms import merge_hyperplanes, stability_norm, weighted_sum
from .weights import activation_means, one_sided_weight, opposite_activation


@dataclass(frozen=True)
class BoundChain:
    r"""Five numbers, each at most the next; their differences are the slacks of the bound.

    Attributes:
        stability_norm: :math:`S_g(f)`, over distinct hyperplanes.
        one_sided: :math:`\sum_i|a_i|\tilde g(u_i,t_i)`; above ``stability_norm`` by (iii), the better orientation.
        gradient_level: :math:`\frac12(\|\mathbb E\nabla f\|^2-1)`; above ``one_sided`` by (ii), AM–GM.
        sharpness_level: :math:`\frac12(\lambda_{\max}-1)`; above ``gradient_level`` by (i), as the top eigenvector is
            not constant.
        ceiling: :math:`\frac1\eta-\frac12`, above ``sharpness_level`` at a stable minimum; ``None`` without a step.
    """

    stability_norm: float
    one_sided: float
    gradient_level: float
    sharpness_level: float
    ceiling: float | None

    @property
    def sharpness(self) -> float:
        """The sharpness itself, λ_max = 1 + 2·``sharpness_level``."""
        return 1 + 2 * self.sharpness_level

    @property
    def links(self) -> tuple[tuple[str, float], ...]:
        """``(name, value)`` in increasing order; without the ceiling if no step size was given."""
        names = ("stability_norm", "one_sided", "gradient_level", "sharpness_level", "ceiling")
        return tuple((name, getattr(self, name)) for name in names if getattr(self, name) is not None)

    @property
    def holds(self) -> bool:
        """Whether each number is at most the next (up to 1e-9 relative). Only the last step can fail, off stability."""
        values = [value for _, value in self.links]
        return all(a <= b + 1e-9 * max(1.0, abs(b)) for a, b in itertools.pairwise(values))


def bound_chain(net: ShallowReLU, X: ArrayLike, step_size: float | None = None) -> BoundChain:
    r"""The chain of lower bounds on the sharpness, evaluated on a network and a sample:

    .. math:: S_g\le\sum_i|a_i|\tilde g(u_i,t_i)\le\tfrac12(\|\mathbb E\nabla f\|^2-1)
              \le\tfrac12(\lambda_{\max}-1)\le\tfrac1\eta-\tfrac12,

    .. math:: \|\mathbb E\nabla f\|^2
              =1+\sum_i\bigl\{\mathbb E[z_i^+]^2+v_i^2\bigl(P_i^2+\|\mathbb E[X1_i]\|^2\bigr)\bigr\}.

    One product of the sample with the weights serves all of it; :func:`chain_by_definition` is the same, link by link.
    Where a sample lies exactly on a hyperplane g jumps, and rounding decides on which side it counts.

    Args:
        net: any shallow network; the chain up to ``sharpness_level`` needs no training and no interpolation.
        X: the sample, ``(n, d)``.
        step_size: η, for the loss :math:`\frac1{2n}\sum(f-y)^2` (with ``MSELoss``, twice the learning rate); gives the
            ceiling, which holds where a stable interpolating minimum was reached.

    Returns:
        The chain.

    Raises:
        ValueError: a network that is not shallow, an X that does not fit it, a step size that is not positive.
        DidNotConverge: the sharpness could not be computed.

    Source: Nacson et al. 2023, as restated by Liang et al. 2025. Book: chapters 2 and 3.

    >>> bound_chain(ShallowReLU(W=[[1.0]], b=[0.0], v=[1.0], c=0.0), [[1.0]], step_size=0.5).sharpness_level
    1.5
    """
    ceiling = None if step_size is None else 1 / positive_number(step_size, "step_size") - 1 / 2
    X = input_points(X, shallow(net).dim)
    neurons = net.neurons()
    seen = X.any(axis=0)  # a pixel that is black in every image only costs time
    X, W = (X, net.W) if seen.all() else (X[:, seen], net.W[:, seen])
    shape = (len(X), net.width)
    Z = np.matmul(X, W.T, out=scratch("Z", shape))
    Z += net.b
    hidden = np.maximum(Z, 0.0, out=scratch("hidden", shape))
    active = np.greater(Z, 0.0, out=scratch("active", shape))
    activation = activation_means(X, hidden, active)
    z, Q = activation.mean_output, activation.gradient_norm
    first, amplitude = merge_hyperplanes(neurons)
    length = np.abs(neurons.amplitude[first] / net.v[first])  # ‖w‖, by which weights of (w, b) exceed those of (u, t)
    weight = np.minimum(activation.weight, opposite_activation(X, Z, activation).weight)[first] / length
    return BoundChain(
        stability_norm=weighted_sum(amplitude, weight),
        one_sided=float((np.abs(net.v) * z * Q)[net.W.any(axis=1)].sum()),
        gradient_level=float((z**2 + (net.v * Q) ** 2).sum()) / 2,
        sharpness_level=(shallow_sharpness(X, hidden, np.multiply(active, net.v, out=active)) - 1) / 2,
        ceiling=ceiling,
    )


def chain_by_definition(net: ShallowReLU, X: ArrayLike, step_size: float | None = None) -> BoundChain:
    """:func:`bound_chain`, each link by the function that defines it: slow, and easy to read. Arguments as there."""
    X = input_points(X, shallow(net).dim)
    neurons = net.neurons()
    gradient = tangent_features(net, X).mean(axis=0)
    return BoundChain(
        stability_norm=stability_norm(net, X),
        one_sided=weighted_sum(neurons.amplitude, one_sided_weight(X, neurons.direction, neurons.offset)),
        gradient_level=float(gradient @ gradient - 1) / 2,
        sharpness_level=(sharpness(net, X) - 1) / 2,
        ceiling=None if step_size is None else 1 / positive_number(step_size, "step_size") - 1 / 2,
    )


def hessian_ceiling(net: ShallowReLU, X: ArrayLike, y: ArrayLike) -> float:
    r"""What the *full* loss Hessian allows where the residuals are not zero, an upper bound on ``sharpness_level``:

    .. math:: \tfrac12\bigl(\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)-1\bigr)\ \le\
              \tfrac12\bigl(\lambda_{\max}(\nabla^2L)-1\bigr)+\tfrac12\sqrt{1+R^2}\,\sqrt{2L},\qquad R=\max_j\|x_j\|,

    at parameters where no neuron switches on a sample.

    Args:
        net: a shallow network.
        X: the sample, ``(n, d)``.
        y: labels, ``(n,)``.

    Returns:
        The right-hand side.

    Raises:
        ValueError: a network that is not shallow, X or y that do not fit it.
        DidNotConverge: the Hessian's eigenvalue was not found.

    Source: Liang et al. 2025, with :math:`(R+1)\sqrt{2L}`; the smaller constant is ours. Book: chapter 3.
    """
    X = input_points(X, shallow(net).dim)
    residual = net(X) - finite_array(y, "y", (len(X),))
    radius = np.linalg.norm(X, axis=1).max()
    return float((hessian_sharpness(net, X, y) - 1) / 2 + np.sqrt((1 + radius**2) * np.mean(residual**2)) / 2)
