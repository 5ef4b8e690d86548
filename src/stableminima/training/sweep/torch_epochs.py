"""The epochs of :mod:`stableminima.training.sweep.compiled_epochs` for a stack of networks, in torch.

They run on a GPU, or wherever torch runs. On a CPU the compiled epochs are faster (benchmarks/, appendix
"Performance"); on a GPU hundreds of networks cost little more than one. Book: chapter 4, "SGD without weights".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...checks import Array
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
        size = jobs[which[0]].job.batch_size
        return stacked_epochs(Z, v, c, K, y, orders[:, :count], size, steps[:, :count], device)

    whole, told = epochs(range(len(jobs)), len(chunks[0].orders)), []
    for i, (job, chunk) in enumerate(zip(jobs, chunks, strict=True)):
        Z, gains, v, c, losses, living = (part[i] for part in whole)
        rule = job.rule
        made, held, status = _first_end(
            losses, living, rule.tolerance, rule.hold, job.blow_up, chunk.counts_from, job.state.held
        )
        wanted = made - 1 if status == "diverged" else made  # the network before it blew up
        if wanted < len(losses):
            Z, gains, v, c, _, _ = (part[0] for part in epochs([i], wanted))
        told.append(Told(Z, gains, v, c[None], losses[:made], held, status))
    return told


def stacked_epochs(
    Z: Array, v: Array, c: Array, K: Array, y: Array, orders: Array, batch_size: int, steps: Array, device: str
) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Epochs of SGD on m networks of one shape: ``(Z, gains, v, c, losses, living)`` after the last of them.

    Args:
        Z: pre-activations ``(m, k, n)``. v: ``(m, k)``. c: ``(m,)``. K: Gram matrices ``(m, n, n)``. y: ``(m, n)``.
        orders: samples of each epoch ``(m, epochs, length)``, cut into batches of ``batch_size``.
        steps: η of each network and epoch ``(m, epochs)``. device: as torch names it.

    ``losses`` and ``living``, the number of neurons that are on somewhere, are ``(m, epochs)``.
    """
    import torch

    Z, v, c, K, y = (torch.tensor(part, device=device) for part in (Z, v, c, K, y))
    orders, steps = torch.tensor(orders, device=device), torch.tensor(steps, device=device, dtype=Z.dtype)
    gains, which = torch.zeros_like(Z), torch.arange(len(Z), device=device)[:, None]
    losses, living = [], []
    for epoch in range(orders.shape[1]):
        for start in range(0, orders.shape[2], batch_size):
            _step(Z, gains, v, c, K, y, orders[:, epoch, start : start + batch_size], steps[:, epoch, None], which)
        output = torch.einsum("mk,mkn->mn", v, Z.clamp_min(0)) + c[:, None]
        losses.append(((output - y).double() ** 2).mean(dim=1) / 2)
        living.append((Z > 0).any(dim=2).sum(dim=1))
    kept = [torch.stack(part, dim=1) if part else torch.zeros(len(Z), 0) for part in (losses, living)]
    told = (Z, gains, v, c, *kept)
    return tuple(part.cpu().numpy() for part in told)


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


def _first_end(
    losses: Array, living: Array, tolerance: float, hold: int, blow_up: float, counts_from: int, held: int
) -> tuple[int, int, str | None]:
    """Where the stopping rule of ``train_sgd`` ends one network: ``(epochs made, held, status)``."""
    for epoch, (loss, alive) in enumerate(zip(losses, living, strict=True)):
        held = held + 1 if loss < tolerance and epoch >= counts_from else 0
        if not loss < blow_up:
            return epoch + 1, held, "diverged"
        if held >= hold:
            return epoch + 1, held, "converged"
        if loss >= tolerance and alive == 0:
            return epoch + 1, held, "collapsed"
    return len(losses), held, None
