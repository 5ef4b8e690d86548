r"""The gradients of a network at n samples and their Gram matrix: all that linear stability needs.

At an interpolating minimum the loss Hessian is :math:`\Phi\Phi^{\mathsf T}/n` with
:math:`\Phi=[\nabla_\theta f(x_1)\,\dots\,\nabla_\theta f(x_n)]`; its non-zero eigenvalues are those of :math:`G/n`,
:math:`G=\Phi^{\mathsf T}\Phi`, so nothing here is ever of the size of the parameter vector. Book: chapter 1.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike

from ..checks import Array, DidNotConverge, input_points
from ..networks import DeepReLU, ShallowReLU, shallow
from .modules import ModuleGradients, is_module

if TYPE_CHECKING:
    import torch

Network = ShallowReLU | DeepReLU
RANK_TOLERANCE = 1e-12  # directions of G below this fraction of its largest eigenvalue count as its null space
SCRATCH_LIMIT = 2**22  # entries of the largest array that a thread keeps for its next call (32 MiB)


@runtime_checkable
class KnowsItsKernel(Protocol):
    """A network with a closed form of its own, such as :class:`stableminima.margins.signed.SignedNetwork`."""

    def tangent_kernel(self, X: ArrayLike) -> Array: ...


Model = ShallowReLU | DeepReLU | KnowsItsKernel


def backpropagate(net: Network, X: Array) -> list[tuple[Array, Array]]:
    """Per layer ``(h, delta)``: its input ``(n, width_in)`` and ∂f/∂(its output), ``(n, width_out)``."""
    inputs, masks = [X], []
    for weight, bias in net.layers[:-1]:
        z = inputs[-1] @ weight.T + bias
        masks.append(z > 0)
        inputs.append(np.maximum(z, 0.0))
    deltas = [np.ones((len(X), 1))]
    for (weight, _), mask in zip(net.layers[:0:-1], reversed(masks), strict=True):
        deltas.insert(0, (deltas[0] @ weight) * mask)
    return list(zip(inputs, deltas, strict=True))


def tangent_features(model: Network | torch.nn.Module, X: ArrayLike) -> Array:
    r"""Parameter gradients of the output: row j is :math:`\nabla_\theta f(x_j)`.

    Parameters are ordered layer by layer, weights (row by row) before biases: for :class:`ShallowReLU` that is
    ``W, b, v, c``; of a module those that require a gradient, in its own order. A neuron exactly at its kink counts as
    off, as in PyTorch. This is the readable definition, meant for small networks and tests; everything else uses
    :func:`tangent_kernel`.

    Args:
        model: a network of the book, or a ``torch.nn.Module``.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.

    Returns:
        The gradients, ``(n, p)``; ``(n, c, p)`` for a module with c > 1 outputs.

    Raises:
        ValueError: ``X`` does not fit the model, or holds NaN or infinity.

    Book: chapter 1, "The n×n kernel".
    """
    if is_module(model):
        features = ModuleGradients(model, X).features()
        return features[:, 0] if features.shape[1] == 1 else features
    net = _known(model)
    X = input_points(X, net.dim)
    blocks = []
    for h, delta in backpropagate(net, X):
        blocks += [(delta[:, :, None] * h[:, None, :]).reshape(len(X), -1), delta]
    return np.concatenate(blocks, axis=1)


def tangent_kernel(model: Model | torch.nn.Module, X: ArrayLike) -> Array:
    r"""The tangent kernel :math:`G_{jl}=\nabla_\theta f(x_j)\cdot\nabla_\theta f(x_l)`.

    For a shallow network, with :math:`z^+_{ij}=\sigma(w_i\cdot x_j+b_i)` and :math:`1_{ij}` its derivative,

    .. math:: G_{jl}=1+\sum_i z^+_{ij}z^+_{il}+(x_j\cdot x_l+1)\sum_i v_i^2\,1_{ij}1_{il};

    in general the sum over layers of :math:`(\delta_j\cdot\delta_l)(h_j\cdot h_l+1)`. Costs :math:`O(n^2(d+k)+nkd)` and
    never builds the ``(n, p)`` feature matrix.

    Args:
        model: a network of the book, or a ``torch.nn.Module``.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.

    Returns:
        The kernel, ``(n, n)``; for a module with c outputs ``(n·c, n·c)``, sample by sample.

    Raises:
        ValueError: ``X`` does not fit the model, or holds NaN or infinity.

    Book: chapter 1, "The n×n kernel".
    """
    if is_module(model):
        return ModuleGradients(model, X).kernel()
    if isinstance(model, KnowsItsKernel):
        return model.tangent_kernel(X)
    net = _known(model)
    X = input_points(X, net.dim)
    with np.errstate(over="ignore", invalid="ignore"):
        return kernel_of_layers(backpropagate(net, X))


def _known(model: object) -> Network:
    if isinstance(model, Network):
        return model
    raise unknown_model(model)


def unknown_model(model: object) -> ValueError:
    """The error for what cannot be linearised."""
    return ValueError(
        f"model must be a ShallowReLU, DeepReLU, SignedNetwork or torch.nn.Module, got {type(model).__name__}; "
        "for models of other libraries pass their gradients to Linearization.from_features"
    )


class _Scratch(threading.local):
    """Arrays that a thread uses again: fresh memory of this size costs as much as the arithmetic that fills it."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def __call__(self, name: str, shape: tuple[int, ...]) -> Array:
        if self.arrays.get(name, np.empty(0)).shape != shape:
            self.arrays.pop(name, None)
            array = np.empty(shape)
            if array.size > SCRATCH_LIMIT:
                return array
            self.arrays[name] = array
        return self.arrays[name]


scratch = _Scratch()


def gram(A: Array, out: Array) -> Array:
    """A Aᵀ by blocks, half of the off-diagonal work saved; BLAS's own symmetric product does not use a second core."""
    half = len(A) // 2
    a, b = A[:half], A[half:]
    np.matmul(a, a.T, out=out[:half, :half])
    np.matmul(b, b.T, out=out[half:, half:])
    out[half:, :half] = np.matmul(a, b.T, out=out[:half, half:]).T
    return out


def kernel_of_layers(layers: list[tuple[Array, Array]], G: Array | None = None) -> Array:
    """The tangent kernel, into ``G`` if given, from what :func:`_backpropagate` returns."""
    *hidden, (h, _) = layers
    G = gram(h, np.empty((len(h), len(h))) if G is None else G)
    G += 1.0  # the last layer is linear: its delta is 1
    layer, product = scratch("layer", G.shape), scratch("product", G.shape)
    for h, delta in hidden:
        gram(h, layer)
        layer += 1.0
        layer *= gram(delta, product)
        G += layer
    return G


class Span(NamedTuple):
    r"""A kernel :math:`G=V\Gamma V^{\mathsf T}` on its range: the span of the gradients, of r dimensions.

    ``gamma`` the eigenvalues, ``(r,)``, increasing; ``vectors`` V, ``(n·c, r)``; ``coordinates`` :math:`V\Gamma^{1/2}`,
    whose rows are, isometrically, the gradients.
    """

    gamma: Array
    vectors: Array
    coordinates: Array

    def by_sample(self, outputs: int) -> Array:
        """The coordinates of the gradients, ``(n, c, r)``."""
        return self.coordinates.reshape(-1, outputs, self.coordinates.shape[1])


def span_of(G: Array) -> Span:
    """The span of the gradients whose kernel is G; directions that are null up to rounding are left out."""
    gamma, V = scipy.linalg.eigh(finite_kernel(G))
    keep = gamma > RANK_TOLERANCE * gamma[-1]
    gamma, V = gamma[keep], V[:, keep]
    return Span(gamma, V, V * np.sqrt(gamma))


def finite_kernel(G: Array) -> Array:
    """G itself, or :class:`DidNotConverge` where it overflowed."""
    if not np.isfinite(G).all():
        raise DidNotConverge("the tangent kernel overflowed: the weights are too large; rescale or balance the network")
    return G


def squared_gradients(net: ShallowReLU, X: ArrayLike) -> Array:
    r"""The diagonal of the tangent kernel.

    .. math:: \|\nabla_\theta f(x_j)\|^2=1+\sum_i1_{ij}\{z_{ij}^2+v_i^2(1+\|x_j\|^2)\}

    The sharpness is at most its mean (the trace), and no batch, of whatever size, makes the linearised step
    :math:`I-\eta H_B` expand if :math:`\eta` is at most 2 over its maximum.

    Args:
        net: a shallow network.
        X: inputs, ``(n, d)``.

    Returns:
        The squared norms of the gradients, ``(n,)``.

    Raises:
        ValueError: ``X`` does not fit the network, or holds NaN or infinity.

    Book: chapter 6, "Flat at every width".
    """
    X = input_points(X, shallow(net).dim)
    Z = net.preactivations(X)
    return 1 + (np.maximum(Z, 0) ** 2).sum(axis=1) + ((Z > 0) @ net.v**2) * (1 + (X**2).sum(axis=1))
