"""Sharpness: the largest eigenvalue of the loss Hessian, or of its Gauss–Newton part. Book: chapter 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike
from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

from ..checks import Array, DidNotConverge, finite_array, input_points, real_array, whole_number
from ..networks import DeepReLU, ShallowReLU
from .kernel import finite_kernel, kernel_of_layers, scratch, unknown_model
from .modules import ModuleGradients, is_module

if TYPE_CHECKING:
    import torch

DENSE_BELOW = 48  # order of a matrix from which an iterative eigenvalue is cheaper than all of them


def shallow_sharpness(X: Array, hidden: Array, delta: Array) -> float:
    """Sharpness of a shallow network whose hidden layer on ``X``, and v times its mask, are known already."""
    with np.errstate(over="ignore", invalid="ignore"):
        G = kernel_of_layers([(X, delta), (hidden, delta)], scratch("kernel", (len(X), len(X))))
        G /= len(X)
    return top_eigenvalue(G)


def top_eigenvalue(A: Array) -> float:
    """Largest eigenvalue of a symmetric positive semi-definite matrix, certified to 1e-10 relative.

    A Rayleigh quotient λ never exceeds it. If λ² is more than half of ‖A‖²_F, no second eigenvalue can be as large;
    otherwise a Cholesky factorisation of λ(1+1e-10)I − A proves that none is larger. Where Lanczos misses it the full
    spectrum decides.
    """
    finite_kernel(A)
    try:
        if len(A) >= DENSE_BELOW:
            start = np.random.default_rng(0).normal(size=len(A))
            value, vector = eigsh(A, k=1, which="LA", v0=A @ start, ncv=8)  # one eigenvalue mostly dominates
            vector = vector[:, 0] / np.linalg.norm(vector)
            image = A @ vector
            value = vector @ image
            found = np.linalg.norm(image - value * vector) <= 1e-10 * value  # then λ is close to *an* eigenvalue
            if found and value**2 > 0.5001 * np.vdot(A, A):
                return float(value)
            scipy.linalg.cholesky(value * (1 + 1e-10) * np.eye(len(A)) - A, check_finite=False, overwrite_a=True)
            return float(value)
    except (ArpackError, np.linalg.LinAlgError):
        pass
    try:
        return float(scipy.linalg.eigvalsh(A)[-1])
    except np.linalg.LinAlgError as error:
        raise DidNotConverge(f"no eigenvalue of the {A.shape} tangent kernel could be computed: {error}") from error


Loss = Literal["half", "mse"]


def check_loss(loss: Loss) -> Loss:
    """``loss`` itself, or a ``ValueError`` naming it."""
    if loss not in get_args(Loss):
        raise ValueError(f"loss must be one of {get_args(Loss)}, got {loss!r}")
    return loss


def hessian_sharpness(
    model: ShallowReLU | DeepReLU | torch.nn.Module,
    X: ArrayLike,
    y: ArrayLike,
    max_iterations: int = 2000,
    loss: Loss = "half",
) -> float:
    r"""Largest eigenvalue of the full loss Hessian :math:`\Phi\Phi^{\mathsf T}/n+\frac1n\sum_j r_j\nabla^2f(x_j)`.

    The Hessian is applied, never formed, and Lanczos finds its top. For a shallow network in closed form: the residual
    term, :math:`r_j=f(x_j)-y_j`, couples only :math:`v_i` with :math:`(w_i,b_i)`, through
    :math:`\frac1n\sum_jr_j1_{ij}(x_j,1)`; for all others by automatic differentiation.

    Args:
        model: a ``ShallowReLU``, ``DeepReLU`` or ``torch.nn.Module``, of which only the parameters that require a
            gradient count.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        y: labels, ``(n,)``, or ``(n, c)`` for a module with c outputs.
        max_iterations: Lanczos restarts allowed.
        loss: ``"half"``, the book's; or ``"mse"``, torch's ``MSELoss``, whose Hessian is 2/c times as large.

    Returns:
        The eigenvalue; below :func:`~stableminima.stability.questions.sharpness` only if the residuals are not
        zero.

    Raises:
        ValueError: X or y does not fit the model, or holds NaN or infinity; another loss; no iteration allowed.
        DidNotConverge: the Hessian overflows, or the eigenvalue could not be found to 1e-10 relative.

    Book: chapter 1, "The dynamics near a minimum", and chapter 3, "Away from zero loss".
    """
    factor = 1.0 if check_loss(loss) == "half" else 2.0
    max_iterations = whole_number(max_iterations, "max_iterations", 1)
    if isinstance(model, ShallowReLU):
        return factor * _shallow_hessian_top(model, X, y, max_iterations)
    if isinstance(model, DeepReLU):
        X, model = input_points(X, model.dim), model.to_torch()
    if not is_module(model):
        raise unknown_model(model)
    gradients = ModuleGradients(model, X)
    n, c = gradients.values.shape
    labels = real_array(y, "y")
    labels = finite_array(labels.reshape(n, c) if labels.size == n * c and len(labels) == n else labels, "y", (n, c))
    return factor / (1 if loss == "half" else c) * gradients.hessian_top(labels, max_iterations)


@np.errstate(over="ignore", invalid="ignore")
def _shallow_hessian_top(net: ShallowReLU, X: ArrayLike, y: ArrayLike, max_iterations: int) -> float:
    X = input_points(X, net.dim)
    n, (k, d) = len(X), net.W.shape
    y = finite_array(y, "y", (n,))
    X1 = np.column_stack([X, np.ones(n)])
    Z = X1 @ np.column_stack([net.W, net.b]).T
    active, output = (Z > 0).astype(np.float64), np.maximum(Z, 0.0)
    residual = output @ net.v + net.c - y
    coupling = (active * residual[:, None]).T @ X1 / n

    def apply(flat: Array) -> Array:
        flat = flat.ravel()
        dW, dv, dc = flat[: k * (d + 1)].reshape(k, d + 1), flat[k * (d + 1) : -1], flat[-1]
        change = ((active * (X1 @ dW.T)) @ net.v + output @ dv + dc) / n
        hW = net.v[:, None] * ((active * change[:, None]).T @ X1) + coupling * dv[:, None]
        hv = output.T @ change + (coupling * dW).sum(axis=1)
        return np.concatenate([hW.ravel(), hv, [change.sum()]])

    p = k * (d + 2) + 1
    start = finite_kernel(apply(np.random.default_rng(0).normal(size=p)))
    if p < DENSE_BELOW:
        return float(scipy.linalg.eigvalsh(finite_kernel(np.column_stack([apply(e) for e in np.eye(p)])))[-1])
    operator = LinearOperator((p, p), matvec=apply, dtype=np.float64)
    try:
        value, _vector = eigsh(operator, k=1, which="LA", v0=start, maxiter=max_iterations, tol=1e-13)
    except ArpackError as error:
        raise DidNotConverge(
            f"Lanczos did not find the top of the {p}×{p} Hessian in {max_iterations} restarts; raise max_iterations"
        ) from error
    return float(value[0])
