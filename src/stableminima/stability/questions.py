"""The questions of :class:`~stableminima.stability.linearization.Linearization` as functions of a model and samples.

Each is one line: it makes the linearization and asks it. Who asks twice keeps the object. Book: chapter 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from ..batches import Sampling
from ..checks import Array
from .curvature import Loss
from .kernel import Model
from .linearization import Linearization
from .paths import Estimate
from .thresholds import Bracket

if TYPE_CHECKING:
    import torch


def sharpness(model: Model | torch.nn.Module, X: ArrayLike, loss: Loss = "half") -> float:
    r"""Sharpness :math:`\lambda_{\max}(\Phi\Phi^{\mathsf T}/n)=\lambda_{\max}(G)/n`, correct to 1e-10 relative.

    At an interpolating minimum it is the largest eigenvalue of the loss Hessian; elsewhere it is its Gauss–Newton part
    (see :func:`hessian_sharpness` for the whole). It is at least 1 if an output bias is trained.

    Args:
        model: a network of the book, or any ``torch.nn.Module`` (:meth:`Linearization.of`).
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        loss: ``"half"``, the book's :math:`\frac1{2n}\sum\|f-y\|^2`. With torch's ``MSELoss`` the Hessian is 2/c times
            as large: say ``"mse"``.

    Returns:
        The sharpness, in units of one over the step size.

    Raises:
        ValueError: ``X`` does not fit the model, or holds NaN or infinity.
        DidNotConverge: the kernel is not finite or no eigenvalue solver converges; never a wrong number.

    Book: chapter 1, "The n×n kernel".

    >>> from stableminima import ShallowReLU
    >>> sharpness(ShallowReLU(W=[[1.0]], b=[0.0], v=[1.0], c=0.0), [[1.0]])  # 1 + z² + v²(x² + 1)
    4.0
    """
    return Linearization.of(model, X, loss).sharpness


def gd_threshold(model: Model | torch.nn.Module, X: ArrayLike, loss: Loss = "half") -> float:
    r"""The largest linearly stable step of gradient descent, :math:`2/\lambda_{\max}` (:func:`sharpness`).

    Args:
        model: a network of the book, or any ``torch.nn.Module``.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        loss: ``"half"``, the book's; with torch's ``MSELoss``, ``"mse"``, steps are c/2 times as long.

    Returns:
        The step size.

    Raises:
        ValueError: ``X`` does not fit the model, or holds NaN or infinity.
        DidNotConverge: as :func:`sharpness`.

    Source: Mulayoff et al. 2021. Book: chapter 1, "The lemma".
    """
    return Linearization.of(model, X, loss).gd_threshold


def sgd_threshold(
    model: Model | torch.nn.Module,
    X: ArrayLike,
    batch_size: int | None = None,
    max_iterations: int = 300,
    loss: Loss = "half",
) -> float:
    r"""The exact mean-square stability threshold of SGD (:meth:`Linearization.sgd_threshold`, with the formula).

    Args:
        model: a network of the book, or any ``torch.nn.Module``.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        batch_size: B, samples a batch; ``None`` is all of them.
        max_iterations: Lanczos restarts allowed.
        loss: ``"half"``, the book's; with torch's ``MSELoss``, ``"mse"``, steps are c/2 times as long.

    Returns:
        The step size below which the mean square contracts.

    Raises:
        ValueError: a batch size outside 1…n, or an ``X`` that does not fit.
        DidNotConverge: the eigenvalue could not be found to 1e-10 relative.

    Source: Mulayoff & Michaeli 2024 (threshold); the n×n form is ours. Book: chapter 1, "Mean square, exactly".
    """
    return Linearization.of(model, X, loss).sgd_threshold(batch_size, max_iterations)


def linearized_sgd(
    model: Model | torch.nn.Module,
    X: ArrayLike,
    step_size: float,
    batch_size: int | None = None,
    steps: int = 1000,
    seed: int = 0,
    sampling: Sampling = "iid",
) -> Array:
    r"""One path of :math:`\|\theta_t-\theta^*\|^2` along SGD linearised at a minimum (:meth:`Linearization.path`).

    Args:
        model: a network of the book, or any ``torch.nn.Module``, at the minimum.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        step_size: η, for the book's loss (``"half"``).
        batch_size: B; ``None`` is the full batch.
        steps: length of the path.
        seed: of the start and of the batches.
        sampling: ``"iid"`` or ``"reshuffled"``.

    Returns:
        The path, ``(steps+1,)``, from 1 on.

    Raises:
        ValueError: an argument out of range.

    Book: chapter 1, "The dynamics near a minimum".
    """
    return Linearization.of(model, X).path(step_size, batch_size, steps, seed, sampling)


def mean_square_path(
    model: Model | torch.nn.Module, X: ArrayLike, step_size: float, batch_size: int | None = None, steps: int = 1000
) -> Array:
    r"""The exact :math:`\mathbb E\|\theta_t-\theta^*\|^2` (:meth:`Linearization.mean_square_path`, with the recursion).

    Args:
        model: a network of the book, or any ``torch.nn.Module``, at the minimum.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        step_size: η, for the book's loss (``"half"``).
        batch_size: B; ``None`` is the full batch.
        steps: length of the path.

    Returns:
        The mean square, ``(steps+1,)``.

    Raises:
        ValueError: an argument out of range.

    Source: the recursion of Mulayoff & Michaeli 2024. Book: chapter 1, "Mean square, exactly".
    """
    return Linearization.of(model, X).mean_square_path(step_size, batch_size, steps)


def lyapunov_exponent(
    model: Model | torch.nn.Module,
    X: ArrayLike,
    step_size: float | ArrayLike,
    batch_size: int | None = None,
    sampling: Sampling = "iid",
    steps: int = 20_000,
    seed: int = 0,
) -> Estimate:
    r"""Top Lyapunov exponent of the linearised dynamics (:meth:`Linearization.lyapunov_exponent`, with its meaning).

    Args:
        model: a network of the book, or any ``torch.nn.Module``, at the minimum.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        step_size: one step size for the book's loss (``"half"``), or ``(m,)`` of them run on the same batches.
        batch_size: B; ``None`` is the full batch.
        sampling: ``"iid"`` batches, the law of the theory, or ``"reshuffled"`` epochs, the default of training.
        steps: length of the path.
        seed: of the start and of the batches.

    Returns:
        Value and standard error, per step, numbers or ``(m,)``.

    Raises:
        ValueError: an argument out of range, fewer steps than a standard error needs.
        DidNotConverge: a step so large that a single one overflows.

    Source: the notion is Chemnitz & Engel's; computation ours. Book: chapter 1, "Almost surely".
    """
    return Linearization.of(model, X).lyapunov_exponent(step_size, batch_size, sampling, steps, seed)


def almost_sure_threshold(
    model: Model | torch.nn.Module,
    X: ArrayLike,
    batch_size: int | None = None,
    sampling: Sampling = "iid",
    steps: int = 20_000,
    seed: int = 0,
    grid: int = 25,
) -> Bracket:
    r"""The first step size at which single runs leave a minimum (:meth:`Linearization.almost_sure_threshold`).

    Args:
        model: a network of the book, or any ``torch.nn.Module``, at the minimum.
        X: inputs, ``(n, d)``; of a module ``(n, …)``.
        batch_size: B; ``None`` is the full batch.
        sampling: ``"iid"`` or ``"reshuffled"``.
        steps: length of each path.
        seed: of starts and batches.
        grid: number of step sizes, at least 2.

    Returns:
        Two step sizes, for the book's loss (``"half"``), between which the edge lies.

    Raises:
        ValueError: an argument out of range.
        DidNotConverge: the exponent comes out positive where the mean square contracts: too few steps.

    Source: the notion is Chemnitz & Engel's; computation ours. Book: chapter 1, "Almost surely".
    """
    return Linearization.of(model, X).almost_sure_threshold(batch_size, sampling, steps, seed, grid)
