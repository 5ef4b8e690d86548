"""Two layers, of which the second is fixed: weights stored as :math:`W=W_0+CX`. Book: chapter 7."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..checks import (
    Array,
    by_constructor,
    finite_array,
    frozen,
    input_points,
    positive_number,
    random_generator,
    unit_interval,
    whole_number,
)


@dataclass(frozen=True, eq=False)
class SignedNetwork:
    r"""Neurons that vote for one class each.

    .. math:: f(x)=\frac1m\sum_r\sigma(w_{+,r}\cdot x)-\frac1m\sum_r\sigma(w_{-,r}\cdot x)

    Args:
        W: the trained weights, ``(2m, d)``; the first m rows vote for +1, the others for −1.
        slope: γ in :math:`\sigma(z)=\max(z,\gamma z)`, in [0, 1]; 0 is the ReLU.

    Raises:
        ValueError: an odd number of rows, NaN or infinity, a slope outside [0, 1].

    Source: the model of Kou, Chen and Gu 2023, from memory. Book: chapter 7, "The model".

    >>> SignedNetwork([[1.0, 0.0], [0.0, 1.0]], slope=0.5)([[2.0, 3.0], [2.0, -3.0]])
    array([-1. ,  3.5])
    """

    W: Array
    slope: float

    def __post_init__(self) -> None:
        W = finite_array(self.W, "W", (None, None))
        if len(W) % 2 or 0 in W.shape:
            raise ValueError(f"W must have an even number of rows, half of them for each class, got shape {W.shape}")
        object.__setattr__(self, "W", frozen(W))
        object.__setattr__(self, "slope", unit_interval(self.slope, "slope"))

    __reduce__ = by_constructor

    def __repr__(self) -> str:
        return f"SignedNetwork(width={self.width}, dim={self.dim}, slope={self.slope:g})"

    @property
    def width(self) -> int:
        """Neurons of one class, m."""
        return len(self.W) // 2

    @property
    def dim(self) -> int:
        """Number of inputs, d."""
        return self.W.shape[1]

    @property
    def signs(self) -> Array:
        """The votes j, ``(2m,)``: +1 for the first half of the rows, −1 for the rest."""
        return np.repeat([1.0, -1.0], self.width)

    @property
    def blocks(self) -> tuple[Array, Array]:
        """The weights of the two classes, ``W_plus`` and ``W_minus``, each ``(m, d)``."""
        return self.W[: self.width], self.W[self.width :]

    def pattern(self, X: ArrayLike) -> Array:
        """Slopes :math:`D_{jri}` of every neuron (a row) at every input (a column), 1 or γ: ``(2m, n)``.

        Args:
            X: inputs, ``(n, d)``.

        Returns:
            The slopes, ``(2m, n)``.

        Raises:
            ValueError: ``X`` does not fit the network.
        """
        return np.where(input_points(X, self.dim) @ self.W.T > 0, 1.0, self.slope).T

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``: ``(n, d)`` to ``(n,)``."""
        Z = input_points(X, self.dim) @ self.W.T
        return np.where(Z > 0, Z, self.slope * Z) @ self.signs / self.width

    def tangent_kernel(self, X: ArrayLike) -> Array:
        r"""The kernel of the gradients by the trained weights, :math:`G_{ik}=\nabla_Wf(x_i)\cdot\nabla_Wf(x_k)`:

        .. math:: G_{ik}=x_i\cdot x_k\;\frac1{m^2}\sum_{j,r}D_{jri}D_{jrk}.

        Args:
            X: inputs, ``(n, d)``.

        Returns:
            G, ``(n, n)``, without the signs of the labels (:func:`pattern_kernel` has them).

        Raises:
            ValueError: ``X`` does not fit the network, or holds NaN or infinity.

        Source: ours. Book: chapter 7, "Exact asymptotics".

        >>> SignedNetwork([[1.0, 0.0], [0.0, 1.0]], slope=0.5).tangent_kernel([[2.0, 1.0], [2.0, -3.0]])
        array([[10.  ,  1.5 ],
               [ 1.5 , 16.25]])
        """
        X = input_points(X, self.dim)
        return _kernel_of_pattern(X, self.pattern(X))


def signed_network(dim: int, width: int, slope: float, scale: float = 1e-2, seed: int = 0) -> SignedNetwork:
    """A start for training, with independent weights N(0, scale²).

    Args:
        dim: number of inputs d.
        width: neurons of one class, m.
        slope: γ of the leaky ReLU, from 0 to 1.
        scale: standard deviation of the weights.
        seed: of ``numpy.random.default_rng``.

    Returns:
        The network.

    Raises:
        ValueError: an argument out of range.

    Source: the model of Kou, Chen and Gu 2023, from memory. Book: chapter 7, "The model".

    >>> signed_network(dim=5, width=3, slope=0.1)
    SignedNetwork(width=3, dim=5, slope=0.1)
    """
    dim, width = whole_number(dim, "dim", 1), whole_number(width, "width", 1)
    W = positive_number(scale, "scale") * random_generator(seed).normal(size=(2 * width, dim))
    return SignedNetwork(W, slope)


def signed(net: SignedNetwork) -> SignedNetwork:
    """``net`` itself, or a ``ValueError`` where only the model of chapter 7 makes sense."""
    if not isinstance(net, SignedNetwork):
        raise ValueError(f"net must be a SignedNetwork, got {type(net).__name__}; make one with signed_network")
    return net


def labelled_sample(X: ArrayLike, y: ArrayLike, dim: int | None = None) -> tuple[Array, Array]:
    """``X`` and ``y`` as arrays, or a ``ValueError`` naming the one that is no sample with labels ±1."""
    X = input_points(X, dim)
    y = finite_array(y, "y", (len(X),))
    if not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError(f"y must be -1 or 1, got {sorted(set(y))[:4]}; code the two classes that way")
    return X, y


def pattern_kernel(X: ArrayLike, y: ArrayLike, pattern: ArrayLike) -> Array:
    r"""The kernel of the margins for a pattern, :math:`K_{ik}=y_iy_k\,x_i\cdot x_k\;m^{-2}\sum_{j,r}D_{jri}D_{jrk}`.

    Args:
        X: inputs, ``(n, d)``.
        y: labels ±1, ``(n,)``.
        pattern: slopes of every neuron at every input, ``(2m, n)``, as :meth:`SignedNetwork.pattern` gives them.

    Returns:
        K, ``(n, n)``: :meth:`SignedNetwork.tangent_kernel` with the signs of the labels.

    Raises:
        ValueError: labels other than ±1, shapes that do not fit, an odd number of rows.

    Source: ours. Book: chapter 7, "Exact asymptotics".

    >>> pattern_kernel([[2.0, 1.0], [2.0, -3.0]], [1, -1], [[1.0, 1.0], [1.0, 0.5]])
    array([[10.  , -1.5 ],
           [-1.5 , 16.25]])
    """
    X, y = labelled_sample(X, y)
    D = finite_array(pattern, "pattern", (None, len(X)))
    if len(D) % 2 or not len(D):
        raise ValueError(f"pattern must have an even number of rows, half of them for each class, got {len(D)}")
    return np.outer(y, y) * _kernel_of_pattern(X, D)


def _kernel_of_pattern(X: Array, D: Array) -> Array:
    return (X @ X.T) * (D.T @ D) * (2 / len(D)) ** 2


def logistic_sharpness(net: SignedNetwork, X: ArrayLike, y: ArrayLike) -> float:
    r"""The largest eigenvalue of the loss's Hessian: :math:`\lambda_{\max}(S^{1/2}KS^{1/2})/n`.

    :math:`S` is diagonal with :math:`g_i(1-g_i)`, :math:`g_i=1/(1+e^{z_i})`, K is the kernel of the present pattern;
    exact where no neuron switches on a sample.

    Args:
        net: the network.
        X: inputs, ``(n, d)``.
        y: labels ±1, ``(n,)``.

    Returns:
        The largest eigenvalue of the Hessian of the mean logistic loss by the weights.

    Raises:
        ValueError: another network, labels other than ±1, shapes that do not fit.

    Source: ours. Book: chapter 7, "Large steps and initial scales".

    >>> logistic_sharpness(SignedNetwork([[0.0], [0.0]], slope=1.0), [[1.0]], [1])  # K = 2, and g = 1/2
    0.5
    """
    X, y = labelled_sample(X, y, signed(net).dim)
    decay = np.exp(-np.abs(y * net(X)))
    root = np.sqrt(decay) / (1 + decay)
    K = pattern_kernel(X, y, net.pattern(X))
    return float(np.linalg.eigvalsh(root[:, None] * K * root)[-1] / len(X))
