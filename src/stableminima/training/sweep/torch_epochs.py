"""The epochs of :mod:`stableminima.training.sweep.compiled_epochs` for a stack of networks, in torch.

They run on a GPU, or wherever torch runs. On a CPU the compiled epochs are faster (benchmarks/, appendix
"Performance"); on a GPU hundreds of networks cost little more than one. Book: chapter 4, "SGD without weights".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...checks import Array
from ..stopping import Status
from .job import Chunk, Progress, Told

if TYPE_CHECKING:
    import torch


def stacked(jobs: Sequence[Progress], chunks: Sequence[Chunk], device: str) -> list[Told]:
    """The chunks of jobs of one shape as one program; a job that ends inside its chunk is repeated up to there."""

    def epochs(which: Sequence[int], count: int) -> tuple[Array, ...]:
        parts = [chunks[i] for i in which]
        kind = parts[0].Z.dtype
        K = np.stack([jobs[i].K for i in which]).astype(kind)
        y = np.stack([jobs[i].job.y for i in which]).astype(kind)
        Z, v, orders, steps = (np.stack([getattr(p, name) for p in parts]) for name in ("Z", "v", "orders", "steps"))
        c = np.concatenate([p.c for p in parts])
        size = jobs[which[0]].batch_size
        return stacked_epochs(Z, v, c, K, y, orders[:, :count], size, steps[:, :count], device)

    whole, told = epochs(range(len(jobs)), len(chunks[0].orders)), []
    for i, job in enumerate(jobs):
        Z, gains, v, c, losses, living = (part[i] for part in whole)
        made, held, status = _first_end(job, losses, living)
        wanted = made - 1 if status == "diverged" else made  # the network before it blew up
        if wanted < len(losses):
            Z, gains, v, c, _, _ = (part[0] for part in epochs([i], wanted))
        told.append(Told(Z, gains, v, c[None], losses[:made], held, status))
    return told


def _first_end(job: Progress, losses: Array, living: NDArray[np.int64]) -> tuple[int, int, Status | None]:
    """Where the stopping rule ends a job, given its epochs: ``(epochs made, held, status)``."""
    done, held = len(job.state.history), job.state.held
    for epoch, (loss, alive) in enumerate(zip(losses, living, strict=True), 1):
        held, status = job.rule.judge(loss, alive > 0, done + epoch, held, job.blow_up)
        if status is not None:
            return epoch, held, status
    return len(losses), held, None


def stacked_epochs(
    Z: Array,
    v: Array,
    c: Array,
    K: Array,
    y: Array,
    orders: NDArray[np.intp],
    batch_size: int,
    steps: Array,
    device: str,
) -> tuple[Array, ...]:
    """Epochs of SGD on m networks of one shape: ``(Z, gains, v, c, losses, living)`` after the last of them.

    Args:
        Z: pre-activations ``(m, k, n)``.
        v: second-layer weights ``(m, k)``.
        c: output biases ``(m,)``.
        K: Gram matrices ``(m, n, n)``.
        y: labels ``(m, n)``.
        orders: samples of each epoch ``(m, epochs, length)``, cut into batches of ``batch_size``.
        batch_size: B.
        steps: η of each network and epoch ``(m, epochs)``.
        device: as torch names it.

    Returns:
        ``Z``, gains, ``v``, ``c`` as they are then; the losses and the numbers of neurons that are on somewhere, both
        ``(m, epochs)``.
    """
    import torch

    z, out, bias, gram, labels = (torch.tensor(part, device=device) for part in (Z, v, c, K, y))
    samples, eta = torch.tensor(orders, device=device), torch.tensor(steps, device=device, dtype=z.dtype)
    gains, which = torch.zeros_like(z), torch.arange(len(z), device=device)[:, None]
    losses, living = [], []
    for epoch in range(samples.shape[1]):
        for start in range(0, samples.shape[2], batch_size):
            batch = samples[:, epoch, start : start + batch_size]
            _step(z, gains, out, bias, gram, labels, batch, eta[:, epoch, None], which)
        output = torch.einsum("mk,mkn->mn", out, z.clamp_min(0)) + bias[:, None]
        losses.append(((output - labels).double() ** 2).mean(dim=1) / 2)
        living.append((z > 0).any(dim=2).sum(dim=1))
    kept = [torch.stack(part, dim=1) if part else torch.zeros(len(z), 0) for part in (losses, living)]
    return tuple(part.cpu().numpy() for part in (z, gains, out, bias, *kept))


def _step(
    Z: torch.Tensor,
    gains: torch.Tensor,
    v: torch.Tensor,
    c: torch.Tensor,
    K: torch.Tensor,
    y: torch.Tensor,
    batch: torch.Tensor,
    eta: torch.Tensor,
    which: torch.Tensor,
) -> None:
    """One step of all networks, in place, each on its own batch ``(m, B)``."""
    import torch

    columns = batch[:, None, :].expand(-1, Z.shape[1], -1)
    z = Z.gather(2, columns)
    hidden = z.clamp_min(0)
    r = eta / batch.shape[1] * (torch.einsum("mk,mkb->mb", v, hidden) + c[:, None] - y.gather(1, batch))
    G = (z > 0) * (v[:, :, None] * r[:, None, :])
    c -= r.sum(dim=1)
    v -= torch.einsum("mkb,mb->mk", hidden, r)
    Z.baddbmm_(G, K[which, batch], alpha=-1)
    gains.scatter_add_(2, columns, G)
