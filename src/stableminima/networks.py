"""Shallow and deep ReLU networks as plain, immutable NumPy data.

Book: chapters 1 and 3. Conventions of the whole package: inputs ``X`` are ``(n, d)``, labels ``y`` are ``(n,)``,
everything is float64, and *all* parameters count as trained, the output bias included.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checks import (
    Array,
    by_constructor,
    finite_array,
    frozen,
    input_points,
    positive_number,
    random_generator,
    whole_number,
)
from .files import load_npz, save_npz
from .networks_torch import layers_from_sequential, sequential_from_layers

if TYPE_CHECKING:
    import torch

__all__ = ["DeepReLU", "Neurons", "ShallowReLU", "random_network", "with_labels", "xavier_network"]


class Neurons(NamedTuple):
    r"""The network as a function of hyperplanes: :math:`f(x)=\sum_i a_i\,\sigma(u_i\cdot x-t_i)+c`.

    ``amplitude`` :math:`a_i=v_i\|w_i\|`, ``(k,)``; ``direction`` :math:`u_i=w_i/\|w_i\|`, ``(k, d)``, unit rows;
    ``offset`` :math:`t_i=-b_i/\|w_i\|`, ``(k,)``. A neuron with :math:`w_i=0` has no hyperplane: it is a constant and
    belongs to :math:`c`; it appears with amplitude 0, direction :math:`e_1` and offset 0.
    """

    amplitude: Array
    direction: Array
    offset: Array


@dataclass(frozen=True, eq=False)
class ShallowReLU:
    r"""One hidden layer of ``k`` ReLU units on ``d`` inputs, :math:`f(x)=\sum_{i\le k} v_i\,\sigma(w_i\cdot x+b_i)+c`.

    Args:
        W: first-layer weights, ``(k, d)``, one neuron a row.
        b: first-layer biases, ``(k,)``.
        v: second-layer weights, ``(k,)``.
        c: output bias.

    Raises:
        ValueError: shapes that do not fit together, NaN or infinity.

    >>> tent = ShallowReLU(W=[[1.0], [1.0], [1.0]], b=[1.0, 0.0, -1.0], v=[1.0, -2.0, 1.0], c=0.0)
    >>> tent([[-2.0], [0.0], [0.5]])
    array([0. , 1. , 0.5])
    """

    W: Array
    b: Array
    v: Array
    c: float

    def __post_init__(self) -> None:
        W = finite_array(self.W, "W", (None, None))
        if 0 in W.shape:
            raise ValueError(f"W must have at least one neuron and one input, got shape {W.shape}")
        object.__setattr__(self, "W", frozen(W))
        object.__setattr__(self, "b", frozen(finite_array(self.b, "b", (len(W),))))
        object.__setattr__(self, "v", frozen(finite_array(self.v, "v", (len(W),))))
        object.__setattr__(self, "c", float(finite_array(self.c, "c", ())))

    __reduce__ = by_constructor

    def __repr__(self) -> str:
        return f"ShallowReLU(width={self.width}, dim={self.dim})"

    @property
    def width(self) -> int:
        """Number of hidden neurons, k."""
        return self.W.shape[0]

    @property
    def dim(self) -> int:
        """Number of inputs, d."""
        return self.W.shape[1]

    @property
    def layers(self) -> tuple[tuple[Array, Array], ...]:
        """The affine maps ``(weight, bias)`` from input to output; between two of them acts a ReLU."""
        return (self.W, self.b), (self.v[None, :], np.array([self.c]))

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``: ``(n, d)`` to ``(n,)``."""
        X = input_points(X, self.dim)
        return np.maximum(X @ self.W.T + self.b, 0.0) @ self.v + self.c

    def preactivations(self, X: ArrayLike) -> Array:
        r"""What enters the ReLU of each neuron, :math:`z_{ji}=w_i\cdot x_j+b_i`.

        Args:
            X: inputs, ``(n, d)``.

        Returns:
            ``(n, k)``: a row an input, a column a neuron.

        Raises:
            ValueError: ``X`` does not fit the network, or holds NaN or infinity.

        Book: chapter 1, "The n×n kernel".

        >>> ShallowReLU([[2.0], [-1.0]], [1.0, 0.0], [1.0, 1.0], 0.0).preactivations([[3.0]])
        array([[ 7., -3.]])
        """
        return input_points(X, self.dim) @ self.W.T + self.b

    def pattern(self, X: ArrayLike) -> NDArray[np.bool_]:
        r"""Which neurons are on at which inputs, :math:`1_{ji}=1(z_{ji}>0)`; exactly at its kink a neuron is off.

        Args:
            X: inputs, ``(n, d)``.

        Returns:
            ``(n, k)``, true or false: a row an input, a column a neuron.

        Raises:
            ValueError: ``X`` does not fit the network, or holds NaN or infinity.

        Book: chapter 1, "The n×n kernel".

        >>> ShallowReLU([[2.0], [-1.0]], [1.0, 0.0], [1.0, 1.0], 0.0).pattern([[3.0], [-0.5]])
        array([[ True, False],
               [False,  True]])
        """
        return self.preactivations(X) > 0

    def neurons(self) -> Neurons:
        """What the function knows of its parameters.

        Returns:
            Amplitudes, unit directions and offsets (:class:`Neurons`).

        Book: chapter 3, "The data weight and the stability norm".
        """
        largest = np.abs(self.W).max(axis=1)  # factored out, so that no square over- or underflows
        alive = largest > 0
        direction = self.W / np.where(alive, largest, 1.0)[:, None]
        direction[~alive] = np.eye(1, self.dim)
        length = np.sqrt(np.einsum("ij,ij->i", direction, direction))
        direction /= length[:, None]
        with np.errstate(over="ignore"):
            amplitude = np.where(alive, self.v * length * largest, 0.0)
            offset = np.where(alive, -self.b / length / np.where(alive, largest, 1.0), 0.0)
        return Neurons(amplitude, direction, offset)

    def rescaled(self, alpha: ArrayLike) -> ShallowReLU:
        r"""The same function, its neurons :math:`(\alpha_iw_i,\alpha_ib_i,v_i/\alpha_i)`.

        Args:
            alpha: positive factors, ``(k,)``.

        Returns:
            The rescaled network.

        Raises:
            ValueError: another shape, or an entry that is not positive.

        Book: chapter 3, "Three slacks, and a gauge".
        """
        alpha = finite_array(alpha, "alpha", (self.width,))
        if not (alpha > 0).all():
            raise ValueError(f"alpha must be positive, its smallest entry is {alpha.min()}")
        return ShallowReLU(alpha[:, None] * self.W, alpha * self.b, self.v / alpha, self.c)

    def balanced(self, X: ArrayLike) -> ShallowReLU:
        r"""The same function with the smallest mean gradient :math:`\|\mathbb E\nabla_\theta f\|` on ``X``.

        Neuron i contributes :math:`\mathbb E[z_i^+]^2+v_i^2Q_i^2`, :math:`Q_i^2=P_i^2+\|\mathbb E[X1_i]\|^2`, to
        :math:`\|\mathbb E\nabla f\|^2-1`; the scale :math:`\alpha_i^2=|v_i|Q_i/\mathbb E[z_i^+]` makes both parts
        equal, which turns the AM–GM step of the bound chain into an equality. Neurons that are off on all of ``X``
        are left as they are; neurons without output (:math:`v_i=0`) lose their input weights; constant neurons
        (:math:`w_i=0`) are moved into ``c``.

        Args:
            X: the sample, ``(n, d)``.

        Returns:
            The balanced network.

        Raises:
            ValueError: ``X`` does not fit the network.

        Source: ours. Book: chapter 3, "Three slacks, and a gauge".
        """
        X = input_points(X, self.dim)
        constant = ~self.W.any(axis=1)
        c = self.c + float(self.v[constant] @ np.maximum(self.b[constant], 0.0))
        v = np.where(constant, 0.0, self.v)
        Z = X @ self.W.T + self.b
        active = (Z > 0).astype(np.float64)
        mean_output = np.maximum(Z, 0.0).mean(axis=0)
        Q = np.sqrt(active.mean(axis=0) ** 2 + ((active.T @ X / len(X)) ** 2).sum(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            alpha = np.sqrt(np.abs(v)) * np.sqrt(Q) / np.sqrt(mean_output)
        alpha = np.where((mean_output > 0) & (v != 0), alpha, 1.0)
        silent = v == 0
        W = np.where(silent[:, None], 0.0, alpha[:, None] * self.W)
        return ShallowReLU(W, np.where(silent, 0.0, alpha * self.b), v / alpha, c)

    def to_torch(self) -> torch.nn.Sequential:
        """The network in PyTorch.

        Returns:
            ``Sequential(Linear(d, k), ReLU(), Linear(k, 1))`` in float64 with these weights; output ``(n, 1)``.
        """
        return sequential_from_layers(self.layers)

    @classmethod
    def from_torch(cls, module: torch.nn.Sequential) -> ShallowReLU:
        """The network in a ``Sequential(Linear, ReLU, Linear)`` with one output.

        Args:
            module: the torch network, of any precision, on any device.

        Returns:
            The same function, in float64.

        Raises:
            ValueError: another architecture; a missing bias or a parameter that does not require a gradient, since here
                all of them count as trained. ``Linearization.of(module, X)`` is right for those.

        Book: appendix "Your own network".
        """
        layers = layers_from_sequential(module)
        if len(layers) != 2:
            raise ValueError(f"module must have two linear layers, got {len(layers)}; use DeepReLU.from_torch")
        (W, b), (v, c) = layers
        if len(v) != 1:
            raise ValueError(f"module must have one output, got {len(v)}; cut its last layer to one of them")
        return cls(W, b, v[0], float(c[0]))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to a NumPy ``.npz`` archive (no pickle), atomically.

        Args:
            path: the file; one that is there is replaced only when the new one is complete.
        """
        save_npz(path, kind="ShallowReLU", W=self.W, b=self.b, v=self.v, c=self.c)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ShallowReLU:
        """Read what :meth:`save` wrote.

        Args:
            path: the file.

        Returns:
            The network.

        Raises:
            ValueError: the file holds something else, or is damaged.
        """
        return load_npz(
            path, "ShallowReLU", lambda arrays: cls(arrays["W"], arrays["b"], arrays["v"], float(arrays["c"]))
        )


@dataclass(frozen=True, eq=False)
class DeepReLU:
    r"""A fully connected ReLU network of any depth with a linear, scalar last layer.

    :math:`h_0=x,\ h_l=\sigma(A_lh_{l-1}+\beta_l),\ f(x)=A_Lh_{L-1}+\beta_L`.

    Args:
        weights: matrices :math:`A_l`, each ``(width_l, width_{l-1})``; the last has one row.
        biases: vectors :math:`\beta_l`, each ``(width_l,)``.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.biases) or not len(self.weights):
            raise ValueError(
                "weights and biases must be equally many and at least one, "
                f"got {len(self.weights)} and {len(self.biases)}"
            )
        weights: list[Array] = []
        for level, weight in enumerate(self.weights):
            inputs = len(weights[-1]) if weights else None
            weights.append(frozen(finite_array(weight, f"weights[{level}]", (None, inputs))))
            if 0 in weights[-1].shape:
                raise ValueError(f"weights[{level}] must not be empty, got shape {weights[-1].shape}; drop the layer")
        if len(weights[-1]) != 1:
            raise ValueError(f"the last weight must have one row (scalar output), got {len(weights[-1])}")
        biases = (finite_array(b, f"biases[{i}]", (len(weights[i]),)) for i, b in enumerate(self.biases))
        object.__setattr__(self, "weights", tuple(weights))
        object.__setattr__(self, "biases", tuple(frozen(b) for b in biases))

    @property
    def dim(self) -> int:
        """Number of inputs, d."""
        return self.weights[0].shape[1]

    __reduce__ = by_constructor

    def __repr__(self) -> str:
        return f"DeepReLU(widths={self.widths}, dim={self.dim})"

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of hidden units, layer by layer."""
        return tuple(len(w) for w in self.weights[:-1])

    @property
    def layers(self) -> tuple[tuple[Array, Array], ...]:
        """The affine maps ``(weight, bias)`` from input to output; between two of them acts a ReLU."""
        return tuple(zip(self.weights, self.biases, strict=True))

    def __call__(self, X: ArrayLike) -> Array:
        """Values at the rows of ``X``: ``(n, d)`` to ``(n,)``."""
        h = input_points(X, self.dim)
        for weight, bias in self.layers[:-1]:
            h = np.maximum(h @ weight.T + bias, 0.0)
        return h @ self.weights[-1][0] + self.biases[-1][0]

    def to_torch(self) -> torch.nn.Sequential:
        """The network in PyTorch.

        Returns:
            ``Linear`` and ``ReLU`` layers in float64 with these weights; output ``(n, 1)``.
        """
        return sequential_from_layers(self.layers)

    @classmethod
    def from_torch(cls, module: torch.nn.Sequential) -> DeepReLU:
        """The network in a ``Sequential`` of alternating ``Linear`` and ``ReLU``, with one output.

        Args:
            module: the torch network, of any precision, on any device.

        Returns:
            The same function, in float64.

        Raises:
            ValueError: another architecture; a missing bias or a parameter that does not require a gradient.

        Book: appendix "Your own network".
        """
        layers = layers_from_sequential(module)
        return cls(tuple(w for w, _ in layers), tuple(b for _, b in layers))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to a NumPy ``.npz`` archive (no pickle), atomically.

        Args:
            path: the file; one that is there is replaced only when the new one is complete.
        """
        arrays = {f"weight{i}": w for i, w in enumerate(self.weights)} | {
            f"bias{i}": b for i, b in enumerate(self.biases)
        }
        save_npz(path, kind="DeepReLU", **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> DeepReLU:
        """Read what :meth:`save` wrote.

        Args:
            path: the file.

        Returns:
            The network.

        Raises:
            ValueError: the file holds something else, or is damaged.
        """

        def build(arrays: dict[str, Array]) -> DeepReLU:
            levels = range(len(arrays) // 2)
            return cls(*(tuple(arrays[f"{part}{i}"] for i in levels) for part in ("weight", "bias")))

        return load_npz(path, "DeepReLU", build)


def shallow(net: ShallowReLU) -> ShallowReLU:
    """``net`` itself, or a ``ValueError`` where only one hidden layer makes sense."""
    if not isinstance(net, ShallowReLU):
        remedy = "convert it with ShallowReLU.from_torch" if hasattr(net, "state_dict") else "pass a ShallowReLU"
        raise ValueError(
            f"net must be a ShallowReLU, got {type(net).__name__}: what is asked for is known for one hidden layer of "
            f"ReLU units with trained biases and output weights only; {remedy}"
        )
    return net


def random_network(dim: int, width: int, seed: int = 0, scale: float = 1.0) -> ShallowReLU:
    r"""A freshly initialised network: :math:`w_{ij}\sim N(0,s^2/d)`, :math:`v_i\sim N(0,s^2/k)`, biases zero.

    Args:
        dim: number of inputs d.
        width: number of neurons k.
        seed: of ``numpy.random.default_rng``.
        scale: the factor s on the standard deviation 1/√fan-in of both layers.

    Returns:
        The network.

    Raises:
        ValueError: an argument out of range.

    Book: chapter 1.
    """
    dim, width, scale = whole_number(dim, "dim", 1), whole_number(width, "width", 1), positive_number(scale, "scale")
    rng = random_generator(seed)
    W = rng.normal(0.0, scale / np.sqrt(dim), (width, dim))
    return ShallowReLU(W, np.zeros(width), rng.normal(0.0, scale / np.sqrt(width), width), 0.0)


def xavier_network(dim: int, width: int, seed: int = 0, scale: float = 1.0, reach: float = 0.0) -> ShallowReLU:
    r"""Xavier's uniform start: entries of W and v from :math:`U(-l,l)`, :math:`l^2=6/(\text{fan in}+\text{fan out})`.

    Args:
        dim: number of inputs d.
        width: number of neurons k.
        seed: of ``numpy.random.default_rng``.
        scale: a factor on all weights.
        reach: hyperplanes pass through the origin (biases zero), or with ``reach`` > 0 at distances drawn from
            U(−reach, reach), which is our variant.

    Returns:
        The network.

    Raises:
        ValueError: an argument out of range.

    Source: Glorot & Bengio 2010. Book: chapter 8, "Four optimisers".
    """
    dim, width, scale = whole_number(dim, "dim", 1), whole_number(width, "width", 1), positive_number(scale, "scale")
    rng, inner, outer = random_generator(seed), np.sqrt(6 / (dim + width)), np.sqrt(6 / (width + 1))
    W = scale * rng.uniform(-inner, inner, (width, dim))
    v = scale * rng.uniform(-outer, outer, width)
    reach = positive_number(reach, "reach") if reach else 0.0
    return ShallowReLU(W, -np.linalg.norm(W, axis=1) * rng.uniform(-reach, reach, width), v, 0.0)


def with_labels(net: ShallowReLU, X: ArrayLike, y: ArrayLike) -> ShallowReLU:
    r"""``net`` with the smallest change of its output weights and bias that makes :math:`f(x_j)=y_j` exact.

    Args:
        net: a network.
        X: inputs ``(n, d)``.
        y: labels ``(n,)``.

    Returns:
        The network with the new output layer.

    Raises:
        ValueError: the hidden layer cannot tell the samples apart (fewer neurons than samples, or dead ones).

    Book: chapter 6, "Exact labels".
    """
    X = input_points(X, shallow(net).dim)
    y = finite_array(y, "y", (len(X),))
    hidden = np.column_stack([np.maximum(X @ net.W.T + net.b, 0.0), np.ones(len(X))])
    outer = np.append(net.v, net.c)
    for _ in range(2):  # the second round removes the rounding of the first
        outer = outer + np.linalg.lstsq(hidden, y - hidden @ outer, rcond=1e-14)[0]
    miss = np.abs(hidden @ outer - y).max()
    if miss > 1e-9 * max(1.0, np.abs(y).max()):
        raise ValueError(f"net cannot fit y by its output layer, {miss:.2g} is left over; take a wider network")
    return ShallowReLU(net.W, net.b, outer[:-1], outer[-1])
