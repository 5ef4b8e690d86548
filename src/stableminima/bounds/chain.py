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
from ..stability.kernel import scratch
from .norms import merge_hyperplanes, weighted_sum
from .weights import activation_means, opposite_activation


@dataclass(frozen=True)
class BoundChain:
    r"""Five numbers, each at most the next. Their differences are the slacks of the bound, from right to left:

    stability (``ceiling − half_sharpness``), (i) the top eigenvector is not constant (``half_sharpness −
    mean_gradient``), (ii) AM–GM (``mean_gradient − one_sided``), (iii) the better orientation (``one_sided −
    stability_norm``).
    """

    stability_norm: float
    one_sided: float
    mean_gradient: float
    half_sharpness: float
    ceiling: float | None

    @property
    def links(self) -> tuple[tuple[str, float], ...]:
        """``(name, value)`` in increasing order; without the ceiling if no step size was given."""
        names = ("stability_norm", "one_sided", "mean_gradient", "half_sharpness", "ceiling")
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

    Args:
        net: any shallow network; the chain up to ``half_sharpness`` needs no training and no interpolation.
        X: the sample, ``(n, d)``.
        step_size: η; gives the ceiling 1/η − 1/2, which holds where a stable interpolating minimum was reached.

    Where a sample lies exactly on a hyperplane g jumps, and rounding decides on which side it counts.

    Source: Nacson et al. 2023, as restated by Liang et al. 2025. Book: chapters 2 and 3.
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
        mean_gradient=float((z**2 + (net.v * Q) ** 2).sum()) / 2,
        half_sharpness=(shallow_sharpness(X, hidden, np.multiply(active, net.v, out=active)) - 1) / 2,
        ceiling=ceiling,
    )


def hessian_ceiling(net: ShallowReLU, X: ArrayLike, y: ArrayLike) -> float:
    r"""What the *full* loss Hessian allows where the residuals are not zero, an upper bound on ``half_sharpness``:

    .. math:: \tfrac12\bigl(\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)-1\bigr)\ \le\
              \tfrac12\bigl(\lambda_{\max}(\nabla^2L)-1\bigr)+\tfrac12\sqrt{1+R^2}\,\sqrt{2L},\qquad R=\max_j\|x_j\|,

    at parameters where no neuron switches on a sample.

    Source: Liang et al. 2025, with :math:`(R+1)\sqrt{2L}`; the smaller constant is ours. Book: chapter 3.
    """
    X = input_points(X, shallow(net).dim)
    residual = net(X) - finite_array(y, "y", (len(X),))
    radius = np.linalg.norm(X, axis=1).max()
    return float((hessian_sharpness(net, X, y) - 1) / 2 + np.sqrt((1 + radius**2) * np.mean(residual**2)) / 2)
