"""Any network of PyTorch: its gradients sample by sample, its kernel, and the Hessian of its loss.

Only parameters that require a gradient count, as they do for the optimiser; everything is evaluated in float64, on the
CPU, without changing the module. Book: appendix "Your own network".
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from ..checks import Array, DidNotConverge

if TYPE_CHECKING:
    import torch

CHUNK_BYTES = 2**29  # of gradients that are held at once
COMPARED = 8  # samples that are evaluated together and alone
DENSE_BELOW = 48  # parameters up to which the Hessian itself is cheaper than its iterative eigenvalue


def is_module(model: object) -> TypeGuard[torch.nn.Module]:
    """Whether ``model`` is a ``torch.nn.Module``; does not import torch, which takes a second."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


class ModuleGradients:
    r"""A module at inputs: values :math:`f(x_j)\in\mathbb R^c` and gradients :math:`\nabla_\theta f_o(x_j)`.

    Args:
        module: any ``torch.nn.Module`` that maps ``(n, …)`` to ``(n,)``, ``(n, 1)`` or ``(n, c)``, each sample alone.
        X: the inputs, an array or tensor ``(n, …)``; integer tensors stay integers.

    Raises:
        ValueError: no parameter requires a gradient; the output has another shape, is not finite, or a sample's depends
            on the others (batch normalisation, dropout: call ``module.eval()``).
    """

    def __init__(self, module: torch.nn.Module, X: Any) -> None:
        import torch

        self._torch, self._module = torch, module
        self._inputs = _inputs(torch, X)
        state = {name: _double(torch, tensor) for name, tensor in [*module.named_parameters(), *module.named_buffers()]}
        self._trained = {name: state.pop(name) for name, p in module.named_parameters() if p.requires_grad}
        self._fixed = state
        if not self._trained:
            raise ValueError(
                "module has no parameter that requires a gradient; set requires_grad_(True) on what is trained"
            )
        self.values = self._checked_values()

    @property
    def size(self) -> int:
        """Number of trained parameters, p."""
        return sum(tensor.numel() for tensor in self._trained.values())

    def _call(self, trained: dict[str, torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
        return self._torch.func.functional_call(self._module, (trained, self._fixed), (inputs,))

    def _alone(self, trained: dict[str, torch.Tensor], sample: torch.Tensor) -> torch.Tensor:
        """The outputs ``(c,)`` of one sample."""
        return self._call(trained, sample.unsqueeze(0)).reshape(-1)

    def _checked_values(self) -> Array:
        n = len(self._inputs)
        with self._torch.no_grad():
            output = self._call(self._trained, self._inputs)
            shape = tuple(output.shape)
            if shape != (n,) and not (len(shape) == 2 and shape[0] == n):
                raise ValueError(
                    f"module must return one row a sample, (n,), (n, 1) or (n, c) with n = {n}, got {shape}; "
                    "flatten its output"
                )
            if output.dtype != self._torch.float64:
                raise ValueError(
                    f"module returns {output.dtype} where parameters and inputs are torch.float64: it casts inside, "
                    "and digits would be lost; let it keep the precision of its input"
                )
            values = output.reshape(n, -1)
            try:
                alone = self._torch.stack([self._alone(self._trained, sample) for sample in self._inputs[:COMPARED]])
            except (RuntimeError, ValueError):  # batch normalisation refuses a batch of one
                alone = self._torch.full_like(values[:COMPARED], np.nan)
        if not bool(self._torch.isfinite(values).all()):
            raise ValueError("module returns NaN or infinity at some sample; it has diverged, or X is out of range")
        if not self._torch.allclose(alone, values[:COMPARED], rtol=1e-6, atol=1e-9):
            raise ValueError(
                "module gives a sample another output alone than among others (batch normalisation or dropout in "
                "training mode?), so that gradients sample by sample do not exist; call module.eval() first"
            )
        return values.numpy()

    def features(self) -> Array:
        """All gradients, ``(n, c, p)``, parameters in the order of ``module.parameters()``."""
        return np.concatenate([block for _, block in self._blocks(len(self._inputs))])

    def kernel(self) -> Array:
        """Their inner products, ``(n·c, n·c)``, sample by sample; of the gradients only a part is held at once."""
        n, c = self.values.shape
        G = np.empty((n * c, n * c))
        per_block = max(1, int(CHUNK_BYTES // (8 * c * self.size)))
        for start, block in self._blocks(per_block):
            left = block.reshape(-1, self.size)
            rows = slice(start * c, start * c + len(left))
            G[rows, rows] = left @ left.T
            for other, block in self._blocks(per_block, start + per_block):
                right = block.reshape(-1, self.size)
                columns = slice(other * c, other * c + len(right))
                G[rows, columns] = left @ right.T
                G[columns, rows] = G[rows, columns].T
        return G

    def _blocks(self, per_block: int, start: int = 0) -> Iterator[tuple[int, Array]]:
        for first in range(start, len(self._inputs), per_block):
            yield first, self._jacobian(self._inputs[first : first + per_block])

    def _jacobian(self, inputs: torch.Tensor) -> Array:
        """Gradients ``(m, c, p)``, all samples at once; one after the other where the module cannot be vectorised."""
        func = self._torch.func
        try:
            parts = func.vmap(func.jacrev(self._alone), in_dims=(None, 0))(self._trained, inputs)
        except RuntimeError:  # control flow or item() that depends on the values
            return self.jacobian_one_by_one(inputs)
        return _rows([parts[name] for name in self._trained], len(inputs), self.values.shape[1])

    def jacobian_one_by_one(self, inputs: torch.Tensor | None = None) -> Array:
        """The readable definition of the features: one backward pass a sample and output, ``(n, c, p)``."""
        inputs = self._inputs if inputs is None else inputs
        trained = {name: tensor.detach().requires_grad_() for name, tensor in self._trained.items()}
        rows = []
        for sample in inputs:
            for output in self._alone(trained, sample):
                grads = self._torch.autograd.grad(
                    output, list(trained.values()), retain_graph=True, materialize_grads=True, allow_unused=True
                )
                rows.append(np.concatenate([grad.reshape(-1).numpy() for grad in grads]))
        return np.array(rows).reshape(len(inputs), -1, self.size)

    def hessian_top(self, labels: Array, max_iterations: int) -> float:
        r"""The largest eigenvalue of the Hessian of :math:`\frac1{2n}\sum_j\|f(x_j)-y_j\|^2`, from its products.

        Args:
            labels: y, ``(n, c)``.
            max_iterations: Lanczos restarts allowed.

        Returns:
            The eigenvalue.

        Raises:
            DidNotConverge: Lanczos did not find it to 1e-10 relative.
        """
        n, split, from_numpy = len(self._inputs), self._torch.split, self._torch.from_numpy
        cat, grad = self._torch.cat, self._torch.autograd.grad
        names, shapes = list(self._trained), [tensor.shape for tensor in self._trained.values()]

        def unflattened(flat: torch.Tensor) -> dict[str, torch.Tensor]:
            pieces = split(flat, [shape.numel() for shape in shapes])
            return {name: piece.reshape(shape) for name, piece, shape in zip(names, pieces, shapes, strict=True)}

        flat = cat([tensor.reshape(-1) for tensor in self._trained.values()]).requires_grad_()
        output = self._call(unflattened(flat), self._inputs).reshape(n, -1)
        total = ((output - from_numpy(labels.copy())) ** 2).sum() / (2 * n)
        (gradient,) = grad(total, flat, create_graph=True)

        def apply(direction: Array) -> Array:
            vector = from_numpy(np.ascontiguousarray(direction.reshape(-1)))
            return grad(gradient @ vector, flat, retain_graph=True)[0].numpy()

        p = self.size
        start = apply(np.random.default_rng(0).normal(size=p))
        if not start.any():
            return 0.0  # no curvature in a random direction: the Hessian is zero, from where Lanczos cannot start
        if p < DENSE_BELOW:
            return float(np.linalg.eigvalsh(np.column_stack([apply(e) for e in np.eye(p)]))[-1])
        operator = LinearOperator((p, p), matvec=apply, dtype=np.float64)
        try:
            return float(
                eigsh(operator, 1, which="LA", v0=start, tol=1e-11, maxiter=max_iterations, ncv=min(p, 20))[0][0]
            )
        except ArpackError as error:
            raise DidNotConverge(
                f"Lanczos did not find the top of the {p}×{p} Hessian in {max_iterations} restarts; "
                "raise max_iterations"
            ) from error


def _double(torch: Any, tensor: torch.Tensor) -> torch.Tensor:
    """A copy, which the module may change in place (batch normalization counts batches), in float64 if it is real."""
    tensor = tensor.detach().cpu()
    return (tensor.double() if tensor.is_floating_point() else tensor).clone()


def _inputs(torch: Any, X: Any) -> torch.Tensor:
    if isinstance(X, torch.Tensor):
        X = X.detach().cpu()
        tensor = X if not (X.is_floating_point() or X.is_complex()) else X.double()
    else:
        try:
            tensor = torch.from_numpy(np.array(X, dtype=np.float64))
        except (TypeError, ValueError) as error:
            raise ValueError(f"X must be numeric, got {type(X).__name__}: {error}; pass real numbers") from error
    if tensor.ndim == 0 or not len(tensor):
        raise ValueError(f"X must hold at least one sample, (n, …), got shape {tuple(tensor.shape)}")
    if not bool(torch.isfinite(tensor).all()):
        raise ValueError("X contains NaN or infinite entries; remove them first")
    return tensor


def _rows(parts: list[torch.Tensor], n: int, c: int) -> Array:
    return np.concatenate([part.reshape(n, c, -1).detach().numpy() for part in parts], axis=2)


def module_kernel(module: torch.nn.Module, X: Any, check_size: Callable[[int], None]) -> tuple[Array, int]:
    """The kernel ``(n·c, n·c)`` and c, after ``check_size(n·c)`` has allowed it."""
    gradients = ModuleGradients(module, X)
    check_size(gradients.values.size)
    return gradients.kernel(), gradients.values.shape[1]
