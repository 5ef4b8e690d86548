"""The epochs of :mod:`stableminima.training.sweep.compiled_epochs` for a stack of networks, in torch.

They run on a GPU, or wherever torch runs. On a CPU the compiled epochs are faster (benchmarks/, appendix
"Performance"); on a GPU hundreds of networks cost little more than one. Book: chapter 4, "SGD without weights".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...checks import Array
from ..stopping import Status
from .job import Chunk, Progress, Told, Velocity

if TYPE_CHECKING:
    import torch

    Tensors = Sequence[torch.Tensor]


class Moving(NamedTuple):
    """What momentum adds to a stack of m networks."""

    velocity: tuple[Array, ...]  # its pre-activations (m, k, n), then the parts of a Velocity
    beta: Array  # (m,)
    way: Array  # (m,), how far a velocity can still carry


def stacked(jobs: Sequence[Progress], chunks: Sequence[Chunk], device: str) -> list[Told]:
    """The chunks of jobs of one shape as one program; a job that ends inside its chunk is repeated up to there."""

    def epochs(which: Sequence[int], count: int) -> tuple[list[Array], list[Array]]:
        parts = [chunks[i] for i in which]
        kind = parts[0].Z.dtype
        K = np.stack([jobs[i].K for i in which]).astype(kind)
        y = np.stack([jobs[i].job.y for i in which]).astype(kind)
        Z, v, orders, steps = (np.stack([getattr(p, name) for p in parts]) for name in ("Z", "v", "orders", "steps"))
        c = np.concatenate([p.c for p in parts])
        size = jobs[which[0]].batch_size
        speeds = [np.stack(part) for part in zip(*((p.P, *p.velocity) for p in parts if p.velocity), strict=True)]
        beta, way = (
            np.array(numbers, kind)
            for numbers in zip(*((jobs[i].job.momentum, jobs[i].way) for i in which), strict=True)
        )
        moving = Moving(tuple(speeds), beta, way) if speeds else None
        return stacked_epochs(Z, v, c, K, y, orders[:, :count], size, steps[:, :count], device, moving)

    (whole, speeds), told = epochs(range(len(jobs)), len(chunks[0].orders)), []
    for i, job in enumerate(jobs):
        Z, gains, v, c, losses, living = (part[i] for part in whole)
        velocity = [part[i] for part in speeds]
        made, held, status = _first_end(job, losses, living)
        wanted = made - 1 if status == "diverged" else made  # the network before it blew up
        if wanted < len(losses):
            (Z, gains, v, c, *_), velocity = ([part[0] for part in parts] for parts in epochs([i], wanted))
        told.append(Told(Z, gains, v, c[None], losses[:made], held, status, Velocity(*velocity) if velocity else None))
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
    moving: Moving | None = None,
) -> tuple[list[Array], list[Array]]:
    """Epochs of SGD on m networks of one shape: ``(Z, gains, v, c, losses, living)`` after the last, and the velocity.

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
        moving: the velocity, of networks with momentum.

    Returns:
        ``Z``, gains, ``v``, ``c`` as they are then; the losses and the numbers of neurons that are on somewhere, or
        may be again by their velocity, both ``(m, epochs)``. Then the parts of the velocity, none without momentum.
    """
    import torch

    z, out, bias, gram, labels, *speeds = (
        torch.tensor(part, device=device) for part in (Z, v, c, K, y, *(moving.velocity if moving else ()))
    )
    beta, way = (
        torch.tensor(part, device=device)[:, None] for part in (moving[1:] if moving else 2 * (np.zeros(len(Z)),))
    )
    samples, eta = torch.tensor(orders, device=device), torch.tensor(steps, device=device, dtype=z.dtype)
    gains, which = torch.zeros_like(z), torch.arange(len(z), device=device)[:, None]
    losses, living = [], []
    for epoch in range(samples.shape[1]):
        for start in range(0, samples.shape[2], batch_size):
            batch = samples[:, epoch, start : start + batch_size]
            parts, now = (z, gains, out, bias), eta[:, epoch, None]
            if moving is None:
                _step(parts, gram, labels, batch, now, which)
            else:
                _momentum_step(parts, speeds, gram, labels, batch, now, beta, which)
        output = torch.einsum("mk,mkn->mn", out, z.clamp_min(0)) + bias[:, None]
        losses.append(((output - labels).double() ** 2).mean(dim=1) / 2)
        on = z > 0 if moving is None else (z > 0) | (z - way[:, :, None] * speeds[0] > 0)
        living.append(on.any(dim=2).sum(dim=1))
    kept = [torch.stack(part, dim=1) if part else torch.zeros(len(z), 0) for part in (losses, living)]
    told, velocity = (z, gains, out, bias, *kept), speeds[1:]
    return [part.cpu().numpy() for part in told], [part.cpu().numpy() for part in velocity]


def _step(
    parts: Tensors, K: torch.Tensor, y: torch.Tensor, batch: torch.Tensor, eta: torch.Tensor, which: torch.Tensor
) -> None:
    """One step of all networks, in place, each on its own batch ``(m, B)``."""
    Z, gains, v, c = parts
    columns, G, of_v, of_c = _slopes(parts, y, batch, eta)
    c -= of_c
    v -= of_v
    Z.baddbmm_(G, K[which, batch], alpha=-1)
    gains.scatter_add_(2, columns, G)


def _momentum_step(
    parts: Tensors,
    speeds: Tensors,
    K: torch.Tensor,
    y: torch.Tensor,
    batch: torch.Tensor,
    eta: torch.Tensor,
    beta: torch.Tensor,
    which: torch.Tensor,
) -> None:
    """One step of the heavy balls of all networks, in place."""
    (Z, gains, v, c), (P, M, mv, mc) = parts, speeds
    columns, G, of_v, of_c = _slopes(parts, y, batch, 1.0)
    P.mul_(beta[:, :, None]).baddbmm_(G, K[which, batch])
    M.mul_(beta[:, :, None]).scatter_add_(2, columns, G)
    mv.mul_(beta).add_(of_v)
    mc.mul_(beta).add_(of_c[:, None])
    Z -= eta[:, :, None] * P
    gains += eta[:, :, None] * M
    v -= eta * mv
    c -= (eta * mc)[:, 0]


def _slopes(parts: Tensors, y: torch.Tensor, batch: torch.Tensor, rate: torch.Tensor | float) -> Tensors:
    """``rate`` times the gradients on the batches: the columns they touch, those of the gains there, of v and of c."""
    import torch

    Z, _, v, c = parts
    columns = batch[:, None, :].expand(-1, Z.shape[1], -1)
    z = Z.gather(2, columns)
    hidden = z.clamp_min(0)
    r = rate / batch.shape[1] * (torch.einsum("mk,mkb->mb", v, hidden) + c[:, None] - y.gather(1, batch))
    G = (z > 0) * (v[:, :, None] * r[:, None, :])
    return columns, G, torch.einsum("mkb,mb->mk", hidden, r), r.sum(dim=1)
