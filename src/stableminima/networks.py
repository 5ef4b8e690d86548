"""Shallow and deep ReLU networks as plain, immutable NumPy data.

Book: chapters 1 and 3. Conventions of the whole package: inputs ``X`` are ``(n, d)``, labels ``y`` are ``(n,)``,
everything is float64, and *all* parameters count as trained, the output bias included.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]
Loaded = TypeVar("Loaded")


def real_array(value: ArrayLike, name: str) -> Array:
    """``value`` as a float64 array of any shape, or a ``ValueError`` naming it: no text, nothing complex or ragged."""
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "buifO":
            raise TypeError(f"its entries are {array.dtype}")
        return array.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must be numeric, got {type(value).__name__}: {error}; pass real numbers") from error


def positive_number(value: float, name: str) -> float:
    """``value`` as a float, or a ``ValueError`` naming it."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < value <= sys.float_info.max:
        raise ValueError(f"{name} must be positive and finite, got {value!r}; pass one number such as 0.1")
    return float(value)


def whole_number(value: int, name: str, least: int) -> int:
    """``value`` as an int, ``least`` or more, or a ``ValueError`` naming it."""
    if not isinstance(value, Real) or isinstance(value, bool) or value // 1 != value or value < least:
        raise ValueError(f"{name} must be at least {least} and whole, got {value!r}; pass an integer")
    return int(value)


def finite_array(value: ArrayLike, name: str, shape: tuple[int | None, ...] | None = None) -> Array:
    """``value`` as a float64 array of the shape (``None`` matches anything), or a ``ValueError`` naming it."""
    array = real_array(value, name)
    shape = array.shape if shape is None else shape
    fits = array.ndim == len(shape) and all(w in (None, g) for w, g in zip(shape, array.shape, strict=True))
    if not fits:
        wanted = "(" + ", ".join("any" if s is None else str(s) for s in shape) + ("," if len(shape) == 1 else "") + ")"
        raise ValueError(f"{name} must have shape {wanted}, got {array.shape}; reshape it first")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains {(~np.isfinite(array)).sum()} NaN or infinite entries; remove them first")
    return array


def input_points(X: ArrayLike, dim: int | None = None, name: str = "X") -> Array:
    """``X`` as an ``(n, d)`` array with ``n ≥ 1``; an ``(n,)`` array is read as ``n`` points on the line (d = 1)."""
    X = real_array(X, name)
    if X.ndim == 1 and dim in (None, 1):
        X = X[:, None]
    X = finite_array(X, name, (None, dim))
    if 0 in X.shape:
        raise ValueError(f"{name} must hold at least one point of at least one coordinate, got shape {X.shape}")
    return X


def unit_rows(direction: Array) -> Array:
    """``direction`` itself, or a ``ValueError`` if not all vectors along its last axis have length 1."""
    length = np.ravel(np.linalg.norm(direction, axis=-1))
    if (np.abs(length - 1) > 1e-8).any():
        worst = int(np.argmax(np.abs(length - 1)))
        raise ValueError(f"direction must have unit rows, row {worst} has length {length[worst]:.6g}; divide by it")
    return direction


def frozen(array: Array) -> Array:
    """A read-only copy."""
    array = np.array(array, dtype=np.float64)
    array.setflags(write=False)
    return array


def save_npz(path: str | os.PathLike[str], **arrays: ArrayLike) -> None:
    """Write beside the target, then rename: a failure never damages a file that is already there."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as stream:
            np.savez(stream, **arrays)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _load_npz(path: str | os.PathLike[str], kind: str, build: Callable[[dict[str, Array]], Loaded]) -> Loaded:
    """What ``build`` makes of the arrays in the file; whatever is wrong with them is a ``ValueError`` naming it."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        if str(arrays.pop("kind", None)) != kind:
            raise ValueError("it is of another kind")
        return build(arrays)
    except OSError:
        raise
    except Exception as error:  # a damaged archive can fail in a dozen ways
        raise ValueError(f"{path} does not hold a {kind} ({error}); pass a file that {kind}.save wrote") from error


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

    def neurons(self) -> Neurons:
        """Amplitudes, unit directions and offsets: what the function knows of its parameters."""
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
        r"""The same function, its neurons :math:`(\alpha_iw_i,\alpha_ib_i,v_i/\alpha_i)`; ``alpha`` ``(k,)`` > 0."""
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
        (:math:`w_i=0`) are moved into ``c``. Source: Book, chapter 3, "Three slacks, and a gauge".
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
        """``Sequential(Linear(d, k), ReLU(), Linear(k, 1))`` in float64 with these weights; output ``(n, 1)``."""
        return _to_torch(self.layers)

    @classmethod
    def from_torch(cls, module: torch.nn.Sequential) -> ShallowReLU:
        """The network in a ``Sequential(Linear, ReLU, Linear)`` with one output; missing biases are zero."""
        layers = _from_torch(module)
        if len(layers) != 2:
            raise ValueError(f"module must have two linear layers, got {len(layers)}; use DeepReLU.from_torch")
        (W, b), (v, c) = layers
        if len(v) != 1:
            raise ValueError(f"module must have one output, got {len(v)}; cut its last layer to one of them")
        return cls(W, b, v[0], float(c[0]))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to a NumPy ``.npz`` archive (no pickle), atomically."""
        save_npz(path, kind="ShallowReLU", W=self.W, b=self.b, v=self.v, c=self.c)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> ShallowReLU:
        """Read what :meth:`save` wrote."""
        return _load_npz(path, "ShallowReLU", lambda arrays: cls(**arrays))


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
        """The same network as ``torch.nn.Sequential`` in float64; output ``(n, 1)``."""
        return _to_torch(self.layers)

    @classmethod
    def from_torch(cls, module: torch.nn.Sequential) -> DeepReLU:
        """The network in a ``Sequential`` of alternating ``Linear`` and ``ReLU`` with one output."""
        layers = _from_torch(module)
        return cls(tuple(w for w, _ in layers), tuple(b for _, b in layers))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write to a NumPy ``.npz`` archive (no pickle), atomically."""
        arrays = {f"weight{i}": w for i, w in enumerate(self.weights)} | {
            f"bias{i}": b for i, b in enumerate(self.biases)
        }
        save_npz(path, kind="DeepReLU", **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> DeepReLU:
        """Read what :meth:`save` wrote."""

        def build(arrays: dict[str, Array]) -> DeepReLU:
            levels = range(len(arrays) // 2)
            return cls(*(tuple(arrays[f"{part}{i}"] for i in levels) for part in ("weight", "bias")))

        return _load_npz(path, "DeepReLU", build)


def shallow(net: ShallowReLU) -> ShallowReLU:
    """``net`` itself, or a ``ValueError`` where only one hidden layer makes sense."""
    if not isinstance(net, ShallowReLU):
        raise ValueError(f"net must be a ShallowReLU, got {type(net).__name__}; for deep networks use sharpness")
    return net


def random_network(dim: int, width: int, seed: int = 0, scale: float = 1.0) -> ShallowReLU:
    r"""A freshly initialised network: :math:`w_{ij}\sim N(0,s^2/d)`, :math:`v_i\sim N(0,s^2/k)`, biases zero.

    Args:
        dim: number of inputs d.
        width: number of neurons k.
        seed: of ``numpy.random.default_rng``.
        scale: the factor s on the standard deviation 1/√fan-in of both layers.
    """
    dim, width, scale = whole_number(dim, "dim", 1), whole_number(width, "width", 1), positive_number(scale, "scale")
    rng = np.random.default_rng(seed)
    W = rng.normal(0.0, scale / np.sqrt(dim), (width, dim))
    return ShallowReLU(W, np.zeros(width), rng.normal(0.0, scale / np.sqrt(width), width), 0.0)


def _to_torch(layers: Sequence[tuple[Array, Array]]) -> torch.nn.Sequential:
    import torch  # torch takes a second to import and most of the book does not need it

    modules: list[torch.nn.Module] = []
    for weight, bias in layers:
        linear = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight.copy()))
            linear.bias.copy_(torch.from_numpy(bias.copy()))
        modules += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*modules[:-1])


def _from_torch(module: torch.nn.Sequential) -> list[tuple[Array, Array]]:
    import torch

    if not isinstance(module, torch.nn.Sequential):
        raise ValueError(f"module must be a torch.nn.Sequential, got {type(module).__name__}; wrap its layers in one")
    linear, between = list(module)[0::2], list(module)[1::2]
    alternating = all(isinstance(m, torch.nn.Linear) for m in linear) and all(
        isinstance(m, torch.nn.ReLU) for m in between
    )
    if not alternating or len(linear) != len(between) + 1:
        raise ValueError(f"module must alternate Linear and ReLU and end with Linear, got {module}")
    as_numpy = lambda tensor: tensor.detach().cpu().double().numpy()  # noqa: E731
    return [(as_numpy(m.weight), np.zeros(m.out_features) if m.bias is None else as_numpy(m.bias)) for m in linear]
