r"""What a minimum looks like to gradient descent: one object, made once and asked often.

Near an interpolating minimum every statement of the book about stability is one about the n gradients
:math:`\nabla_\theta f(x_j)`, through their Gram matrix :math:`G`, the tangent kernel: the loss Hessian is
:math:`H=\frac1n\sum_jH_j` with :math:`H_j=\sum_o\nabla f_o(x_j)\nabla f_o(x_j)^{\mathsf T}`, and its non-zero
eigenvalues are those of :math:`G/n`. Nothing here is ever of the size of the parameter vector. Book: chapter 1, and for
networks of PyTorch the appendix "Your own network".
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..batches import Sampling, batch_stream, check_batch_size, check_sampling, repeat_probability
from ..checks import (
    Array,
    by_constructor,
    finite_array,
    frozen,
    momentum_share,
    positive_number,
    random_generator,
    real_array,
    step_sizes,
    whole_number,
)
from .curvature import Loss, check_loss, top_eigenvalue
from .kernel import Model, Span, scratch, span_of, tangent_kernel
from .modules import is_module, module_kernel
from .momentum import batch_sharpness, momentum_moment_path, momentum_threshold
from .paths import Estimate, path_exponent, sample_path, second_moment_path
from .thresholds import AlmostSureEdge, Bracket, first_growing_step, interpolated_edge, mean_square_threshold

LARGEST = 8192  # rows of the kernel: half a gigabyte, and one to two minutes for its spectrum


@dataclass(frozen=True, eq=False)
class Linearization:
    r"""The gradients of a model at n samples, as their tangent kernel.

    Made by :meth:`of`, :meth:`from_features` or :meth:`from_kernel`, which check G; made directly, G is kept
    as it is and becomes read-only.

    Args:
        kernel: G, ``(n·c, n·c)``, inner products of the gradients, sample by sample and within a sample output by
            output.
        outputs: c, the number of outputs of the model.
        loss: ``"half"``, the book's :math:`\frac1{2n}\sum_j\|f(x_j)-y_j\|^2`; or ``"mse"``, torch's ``MSELoss``, the
            mean over samples *and* outputs, whose Hessian is 2/c times as large: every threshold is c/2 times as large.

    Raises:
        ValueError: the order of G is not a multiple of ``outputs``, or the loss is unknown.

    Book: chapter 1, "The n×n kernel" and "SGD's three thresholds".

    >>> from stableminima import ShallowReLU
    >>> minimum = Linearization.of(ShallowReLU(W=[[1.0]], b=[0.0], v=[1.0], c=0.0), [[1.0], [-1.0]])
    >>> minimum.sharpness, minimum.gd_threshold, round(minimum.sgd_threshold(1), 4)
    (2.1513878188659974, 0.9296324830240071, 0.5245)
    """

    kernel: Array
    outputs: int = 1
    loss: Loss = "half"

    def __post_init__(self) -> None:
        check_loss(self.loss)
        object.__setattr__(self, "outputs", whole_number(self.outputs, "outputs", 1))
        if len(self.kernel) % self.outputs:
            raise ValueError(f"kernel has {len(self.kernel)} rows, not a multiple of outputs = {self.outputs}")
        self.kernel.setflags(write=False)

    __reduce__ = by_constructor

    # -- making one

    @classmethod
    def of(cls, model: Model | Any, X: ArrayLike, loss: Loss = "half") -> Linearization:
        r"""The linearization of a model at its present parameters.

        Args:
            model: a ``ShallowReLU``, ``DeepReLU`` or ``SignedNetwork`` (closed forms), or any ``torch.nn.Module`` that
                maps each sample alone to one row. Of a module only the parameters that require a gradient count; it is
                evaluated in float64 and not changed.
            X: the samples, ``(n, d)``; for a module ``(n, …)``, whatever it takes.
            loss: ``"half"`` or ``"mse"``, which the step sizes refer to (see the class).

        Returns:
            The linearization, with the kernel ``(n·c, n·c)`` computed.

        Raises:
            ValueError: X does not fit the model or is not finite, n·c exceeds 8192, the model cannot be linearised
                sample by sample.

        Source: the book's own; of the Hessian at an interpolating minimum, folklore. Book: chapter 1, "The n×n kernel".
        """
        check_size(len(X) if isinstance(X, Sized) else 0)
        if is_module(model):
            kernel, outputs = module_kernel(model, X, check_size)
            return cls(kernel, outputs, loss)
        return cls(tangent_kernel(model, X), 1, loss)

    @classmethod
    def from_features(cls, features: ArrayLike, loss: Loss = "half") -> Linearization:
        r"""From the gradients themselves, for models of any other library.

        Args:
            features: row j is :math:`\nabla_\theta f(x_j)`, ``(n, p)``; or ``(n, c, p)`` for c outputs.
            loss: ``"half"`` or ``"mse"``.

        Returns:
            The linearization.

        Raises:
            ValueError: another number of axes, NaN or infinity, n·c above 8192.

        Book: chapter 1, "The n×n kernel".

        >>> Linearization.from_features([[3.0, 4.0]]).sharpness
        25.0
        """
        features = real_array(features, "features")
        if features.ndim not in (2, 3) or 0 in features.shape:
            raise ValueError(f"features must have shape (n, p) or (n, c, p), got {features.shape}; reshape it first")
        features = finite_array(features, "features")
        outputs = 1 if features.ndim == 2 else features.shape[1]
        check_size(len(features) * outputs)
        rows = features.reshape(len(features) * outputs, -1)
        return cls(rows @ rows.T, outputs, loss)

    @classmethod
    def from_kernel(cls, kernel: ArrayLike, outputs: int = 1, loss: Loss = "half") -> Linearization:
        """From the tangent kernel.

        Args:
            kernel: G, ``(n·c, n·c)``, symmetric and positive semi-definite, sample by sample.
            outputs: c.
            loss: ``"half"`` or ``"mse"``.

        Returns:
            The linearization; the kernel is copied.

        Raises:
            ValueError: not square, not symmetric to 1e-8 relative, NaN or infinity, of an order above 8192.

        Book: chapter 1, "The n×n kernel".

        >>> Linearization.from_kernel([[2.0, 0.0], [0.0, 4.0]]).sharpness
        2.0
        """
        G = finite_array(kernel, "kernel", (None, None))
        if len(G) != G.shape[1] or not len(G):
            raise ValueError(f"kernel must be square, got shape {G.shape}")
        check_size(len(G))
        if np.abs(G - G.T).max() > 1e-8 * np.abs(G).max():
            raise ValueError("kernel must be symmetric; average it with its transpose if rounding made it otherwise")
        return cls(frozen((G + G.T) / 2), outputs, loss)

    # -- what it is

    @property
    def samples(self) -> int:
        """n, the number of samples."""
        return len(self.kernel) // self.outputs

    @property
    def loss_factor(self) -> float:
        """The loss Hessian in units of the book's: 1 for ``"half"``, 2/c for ``"mse"``."""
        return 1.0 if self.loss == "half" else 2.0 / self.outputs

    @cached_property
    def span(self) -> Span:
        """The kernel's eigenvalues, vectors and coordinates of the gradients; computed once."""
        return span_of(self.kernel)

    @property
    def spectrum(self) -> Array:
        """The non-zero eigenvalues of the loss Hessian, ``(r,)``, the largest first."""
        return self.loss_factor * self.span.gamma[::-1] / self.samples

    @cached_property
    def sharpness(self) -> float:
        r"""The largest eigenvalue of the loss Hessian at an interpolating minimum, correct to 1e-10 relative.

        Elsewhere it is that of the Gauss–Newton part, :math:`\lambda_{\max}(G)/n` times :attr:`loss_factor`.
        """
        hessian = np.divide(self.kernel, self.samples, out=scratch("hessian", self.kernel.shape))
        return self.loss_factor * top_eigenvalue(hessian)

    @property
    def gd_threshold(self) -> float:
        """The largest linearly stable step of gradient descent, 2/sharpness."""
        return 2.0 / self.sharpness

    # -- thresholds of SGD

    def sgd_threshold(
        self, batch_size: int | None = None, max_iterations: int = 300, *, momentum: float = 0.0
    ) -> float:
        r"""The exact mean-square stability threshold of SGD, :math:`2/\lambda_{\max}(C^\dagger D)`.

        :math:`C=\frac12(H\oplus H)`, :math:`D=(1-p)H\otimes H+\frac pn\sum_iH_i\otimes H_i`,
        :math:`p=\frac{n-B}{B(n-1)}`,
        for batches drawn without replacement and independently across steps. With momentum β it is the step at which
        the positive map :math:`A\mapsto F(\eta)\circ N(A)` of :mod:`stableminima.stability.momentum` has radius 1.

        Args:
            batch_size: B, samples a batch; ``None`` is all of them.
            max_iterations: Lanczos restarts allowed.
            momentum: β of the heavy ball, at least 0 and below 1, as in ``torch.optim.SGD(momentum=β)``.

        Returns:
            The threshold, in units of the step size; at B = n it is :math:`2(1+\beta)/\lambda_{\max}`.

        Raises:
            ValueError: a batch size outside 1…n, a momentum outside [0, 1), no iteration allowed.
            DidNotConverge: the eigenvalue could not be found to 1e-10 relative.

        Source: Mulayoff & Michaeli 2024 (β = 0); the kernel form, c×c blocks for c outputs, and momentum are ours.
        Book: chapter 1, "Mean square, exactly"; chapter 9, "The exact threshold".
        """
        batch_size, momentum = check_batch_size(batch_size, self.samples), momentum_share(momentum)
        max_iterations = whole_number(max_iterations, "max_iterations", 1)
        if batch_size == self.samples:
            return (1 + momentum) * self.gd_threshold
        if momentum:
            found = momentum_threshold(self.span, self.outputs, batch_size, momentum, max_iterations)
            return found / self.loss_factor
        return mean_square_threshold(self.span, self.outputs, batch_size, max_iterations) / self.loss_factor

    def sgd_threshold_bounds(self, batch_size: int | None = None) -> Bracket:
        r"""Two step sizes with :meth:`sgd_threshold` between them, from the norms of the gradients.

        With :math:`K=\max_j\lambda_{\max}(H_j)`, which is :math:`\max_j\|\nabla f(x_j)\|^2` for one output,

        .. math:: \max\Bigl\{\lambda_{\max}+p\frac{\operatorname{Var}_j(v^{\mathsf T}H_jv)}{\lambda_{\max}},\
                  (1-p)\frac{\operatorname{tr}H^2}{\operatorname{tr}H}+p\frac{\sum_j\operatorname{tr}H_j^2}
                  {\sum_j\operatorname{tr}H_j}\Bigr\}\ \le\ \mu\ \le\ (1-p)\lambda_{\max}+pK,

        v the top eigenvector of H and :math:`\mu=2/\eta_{\mathrm{ms}}`. Both ends meet at B = n.

        Args:
            batch_size: B, samples a batch; ``None`` is all of them.

        Returns:
            ``low``, below which the mean square contracts, and ``high``, above which it grows.

        Raises:
            ValueError: a batch size outside 1…n.

        Source: Mulayoff & Michaeli 2024 have necessary conditions of this kind; the proofs are in the book.
        Book: chapter 1, "Between sharpness and the largest gradient".

        >>> bounds = Linearization.from_features([[1.0, 0.0], [0.0, 2.0]]).sgd_threshold_bounds(1)
        >>> bounds.low, bounds.high  # orthogonal gradients with squared norms 1 and 4
        (0.5, 0.5)
        """
        n = self.samples
        p = repeat_probability(n, check_batch_size(batch_size, n)) if n > 1 else 0.0
        gamma, a = self.span.gamma[-1], self.span.vectors[:, -1].reshape(n, self.outputs)
        blocks = self.kernel.reshape(n, self.outputs, n, self.outputs)[range(n), :, range(n), :]
        top, pull = gamma / n, gamma * (a**2).sum(axis=1)  # λ_max, and vᵀH_jv
        trace, squares = np.trace(self.kernel), (blocks**2).sum()
        through_top = top + p * pull.var() / top
        through_all = (1 - p) * (self.kernel**2).sum() / (n * trace) + p * squares / trace
        above = (1 - p) * top + p * np.linalg.eigvalsh(blocks).max()
        return Bracket(*(2.0 / (self.loss_factor * np.array([above, max(through_top, through_all)]))).tolist())

    def lyapunov_exponent(
        self,
        step_size: float | ArrayLike,
        batch_size: int | None = None,
        sampling: Sampling = "iid",
        steps: int = 20_000,
        seed: int = 0,
        *,
        momentum: float = 0.0,
    ) -> Estimate:
        r"""Top Lyapunov exponent :math:`\lim_t\frac1t\log\|\theta_t-\theta^*\|` of the linearised dynamics, per step.

        Negative: almost every run converges to the minimum, even where the mean square grows. Positive: almost every
        run leaves. Only the sign has a meaning for stability: while negative, the value is the rate of the slowest
        direction, about :math:`-\eta\lambda_{\min}` at short steps. Estimated from one long path, renormalised every
        64 steps, the first tenth dropped, with its standard error by the method of batch means; exact, with standard
        error 0, on full batches: :math:`\max_i\log|1-\eta\lambda_i|`. Where it comes out negative, a second path
        begins in the slowest direction, and the larger of the two values counts: a random start would need about
        :math:`1/(\eta(\lambda_2-\lambda_1))` steps, :math:`\lambda_1<\lambda_2` the smallest eigenvalues, before only
        that direction is left of it, and a standard error knows nothing of such a bias.

        Args:
            step_size: one step size, or ``(m,)`` of them run on the same batches.
            batch_size: B; ``None`` is the full batch.
            sampling: ``"iid"`` batches or ``"reshuffled"`` epochs (:func:`stableminima.batches.epoch_batches`).
            steps: length of the path.
            seed: of the start and of the batches.
            momentum: β of the heavy ball, of which the pair of a point and the one before it grows.

        Returns:
            Value and standard error, numbers or ``(m,)``.

        Raises:
            ValueError: an argument out of range, fewer steps than a standard error needs.
            DidNotConverge: a step so large that a single one overflows.

        Source: the notion is Chemnitz & Engel's; computation ours. Book: chapter 1, "Almost surely".
        """
        return self._exponent(step_size, batch_size, sampling, steps, seed, momentum, slow_start=True)

    def _exponent(
        self,
        step_size: float | ArrayLike,
        batch_size: int | None,
        sampling: Sampling,
        steps: int,
        seed: int,
        momentum: float,
        slow_start: bool = False,
    ) -> Estimate:
        """The exponent; a scan for its change of sign saves the second path, which is about the value below it."""
        batch_size = check_batch_size(batch_size, self.samples)
        check_sampling(sampling)
        eta, steps = self.loss_factor * step_sizes(step_size), whole_number(steps, "steps", 1)
        beta = momentum_share(momentum)
        return path_exponent(self.span, self.outputs, eta, batch_size, sampling, steps, seed, slow_start, beta)

    def almost_sure_threshold(
        self,
        batch_size: int | None = None,
        sampling: Sampling = "iid",
        steps: int = 20_000,
        seed: int = 0,
        grid: int = 25,
        *,
        momentum: float = 0.0,
    ) -> Bracket:
        r"""The first step size at which single runs leave the minimum: where :meth:`lyapunov_exponent` turns positive.

        Scans ``grid`` step sizes, geometrically from half the mean-square threshold to four times the mean one, all on
        the same batches. The first step of the grid needs no estimate: the mean square contracts there. The set of
        almost surely stable steps need not be an interval (chapter 1 has an example): this is its first edge.

        Args:
            batch_size: B; ``None`` is the full batch, where the bracket closes on 2/sharpness.
            sampling: ``"iid"`` or ``"reshuffled"``.
            steps: length of each path.
            seed: of starts and batches.
            grid: number of step sizes, at least 2.
            momentum: β of the heavy ball.

        Returns:
            ``high``, the first step with an exponent that is significantly (two standard errors) positive, infinite if
            there is none up to four times the mean threshold; ``low``, the last below it that is significantly
            negative.

        Raises:
            ValueError: an argument out of range.
            DidNotConverge: the exponent comes out positive where the mean square contracts: too few steps.

        Source: the notion is Chemnitz & Engel's; computation ours. Book: chapter 1, "Almost surely".
        """
        batch_size, grid = check_batch_size(batch_size, self.samples), whole_number(grid, "grid", 2)
        mean = (1 + momentum_share(momentum)) * self.gd_threshold
        if batch_size == self.samples:
            return Bracket(mean, mean)
        eta = np.geomspace(0.5 * self.sgd_threshold(batch_size, momentum=momentum), 4.0 * mean, grid)
        return first_growing_step(eta, self._exponent(eta, batch_size, sampling, steps, seed, momentum))

    def almost_sure_edge(
        self,
        step_size: float,
        batch_size: int | None = None,
        sampling: Sampling = "iid",
        seed: int = 0,
        points: int = 13,
        *,
        momentum: float = 0.0,
    ) -> AlmostSureEdge:
        """Where single runs begin to leave, in units of a step size, by a coarse and then a fine scan.

        :meth:`almost_sure_threshold` says where to look; a fine scan, of ``points`` step sizes, finds the first that,
        with its neighbour above, has a significantly positive exponent.

        Args:
            step_size: η, the unit, and a step at which the exponent is estimated, too.
            batch_size: B; ``None`` is the full batch, where all of it is exact.
            sampling: ``"iid"`` or ``"reshuffled"``.
            seed: of starts and batches.
            points: step sizes of the fine scan.
            momentum: β of the heavy ball.

        Returns:
            The edge with its bracket and standard error, and the exponent at η.

        Raises:
            ValueError: an argument out of range.
            DidNotConverge: no edge was found.

        Source: ours. Book: chapter 4, "Which stability does a run obey?".
        """
        batch_size, eta = check_batch_size(batch_size, self.samples), positive_number(step_size, "step_size")
        points, mean = whole_number(points, "points", 3), (1 + momentum_share(momentum)) * self.gd_threshold
        if batch_size == self.samples:
            edge = mean / eta
            exponent = float(self.lyapunov_exponent(eta, momentum=momentum).value)
            return AlmostSureEdge(exponent, 0.0, edge, edge, edge, 0.0)
        least = 32 * max(64, -(-self.samples // batch_size))  # steps, for a standard error of whole epochs
        coarse = self.almost_sure_threshold(batch_size, sampling, 2 * least, seed, grid=16, momentum=momentum)
        low, high = coarse.low, 1.05 * (coarse.high if np.isfinite(coarse.high) else 4 * mean)

        def scan(grid: Array, attempt: int) -> Estimate:
            return self._exponent(grid, batch_size, sampling, 4 * least, seed + 1 + attempt, momentum)

        return interpolated_edge(scan, eta, low, high, 4 * mean, points)

    # -- the dynamics

    def path(
        self,
        step_size: float,
        batch_size: int | None = None,
        steps: int = 1000,
        seed: int = 0,
        sampling: Sampling = "iid",
        *,
        momentum: float = 0.0,
    ) -> Array:
        r"""One path of :math:`\|\theta_t-\theta^*\|^2` along SGD linearised at the minimum.

        .. math:: \theta_{t+1}-\theta^*=(I-\eta H_{B_t})(\theta_t-\theta^*),\qquad H_B=\tfrac1{|B|}\sum_{j\in B}H_j.

        The start is a uniformly random unit vector in the span of the gradients (the orthogonal complement never
        moves).

        Args:
            step_size: η.
            batch_size: B; ``None`` is the full batch.
            steps: length of the path.
            seed: of the start and of the batches.
            sampling: ``"iid"`` or ``"reshuffled"``.
            momentum: β of the heavy ball, from a start at rest.

        Returns:
            The path, ``(steps+1,)``; it begins at 1, and goes on as infinity once it has passed 1e300.

        Raises:
            ValueError: an argument out of range.

        Book: chapter 1, "The dynamics near a minimum".
        """
        batch_size = check_batch_size(batch_size, self.samples)
        eta, steps = self.loss_factor * positive_number(step_size, "step_size"), whole_number(steps, "steps", 0)
        check_sampling(sampling)
        beta = momentum_share(momentum)
        return sample_path(self.span, self.outputs, eta, batch_size, sampling, steps, seed, beta)

    def mean_square_path(
        self, step_size: float, batch_size: int | None = None, steps: int = 1000, *, momentum: float = 0.0
    ) -> Array:
        r"""The exact :math:`\mathbb E\|\theta_t-\theta^*\|^2` for independent batches; :meth:`path` draws single paths.

        The second moment :math:`M=\mathbb E[(\theta-\theta^*)(\theta-\theta^*)^{\mathsf T}]` obeys

        .. math:: M\leftarrow M-\eta(HM+MH)+\eta^2\bigl[(1-p)HMH+\tfrac pn\textstyle\sum_iH_iMH_i\bigr].

        It contracts below :meth:`sgd_threshold` and grows above it, whatever single paths do.

        Args:
            step_size: η.
            batch_size: B; ``None`` is the full batch.
            steps: length of the path.
            momentum: β of the heavy ball, from a start at rest.

        Returns:
            The mean square, ``(steps+1,)``; past 1e300 it goes on as infinity.

        Raises:
            ValueError: an argument out of range.

        Source: the recursion of Mulayoff & Michaeli 2024. Book: chapter 1, "Mean square, exactly".
        """
        batch_size = check_batch_size(batch_size, self.samples)
        eta, steps = self.loss_factor * positive_number(step_size, "step_size"), whole_number(steps, "steps", 0)
        if beta := momentum_share(momentum):
            return momentum_moment_path(self.span, self.outputs, eta, batch_size, beta, steps)
        return second_moment_path(self.span, self.outputs, eta, batch_size, steps)

    def batch_sharpness(
        self, residuals: ArrayLike, batch_size: int | None = None, draws: int = 256, seed: int = 0
    ) -> Estimate:
        r"""Batch Sharpness: the mean curvature of a batch's loss along that batch's own gradient.

        With residuals r and the block :math:`G_{bb}` of a batch b, the gradient of its loss is
        :math:`\frac1B\sum_{j\in b}r_j\nabla f(x_j)`, and the Gauss–Newton curvature along it
        :math:`\frac1B\|G_{bb}r_b\|^2/(r_b^{\mathsf T}G_{bb}r_b)`: a matrix of the size of the batch.

        Args:
            residuals: :math:`f(x_j)-y_j`, ``(n,)`` or ``(n, c)``; only their direction matters.
            batch_size: B; ``None`` is the full batch, one value and no error.
            draws: how many independent batches to average.
            seed: of the batches.

        Returns:
            The mean, in units of one over the step size, and its standard error.

        Raises:
            ValueError: an argument out of range, residuals of another shape.
            DidNotConverge: every batch has a vanishing gradient.

        Source: Andreyev & Beneventano 2024 (the quantity, with the Hessian of the batch); the kernel form is ours.
        Book: chapter 9, "Batch Sharpness".

        >>> Linearization.from_features([[1.0, 0.0], [0.0, 2.0]]).batch_sharpness([1.0, 1.0], 1, draws=4).value <= 4
        True
        """
        batch_size, draws = check_batch_size(batch_size, self.samples), whole_number(draws, "draws", 1)
        r = finite_array(np.reshape(finite_array(residuals, "residuals"), (-1,)), "residuals", (len(self.kernel),))
        draws = 1 if batch_size == self.samples else draws
        batches = batch_stream(self.samples, batch_size, "iid", random_generator(seed), draws)
        rows = [np.add.outer(self.outputs * batch, np.arange(self.outputs)).ravel() for batch in batches]
        found = batch_sharpness(self.kernel, r, rows)
        factor = self.loss_factor * self.outputs
        return Estimate(float(factor * found.value), float(factor * found.standard_error))


def check_size(rows: int) -> None:
    """Refuse a kernel that would not fit."""
    if rows > LARGEST:
        raise ValueError(
            f"the kernel would have {rows} rows (samples times outputs), more than {LARGEST}: pass a random subset "
            "of the samples, such as X[rng.choice(len(X), 2000, replace=False)], whose sharpness estimates the whole's"
        )
