"""How mini-batches are drawn: one rule, shared by training and by the linearised dynamics.

Book: chapter 1, "Mean square, exactly".
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .checks import Array, whole_number

Sampling = Literal["iid", "reshuffled"]

AT_ONCE = 256  # weighted batches a call of the generator: its set-up costs as much as dozens of them


def check_batch_size(batch_size: int | None, n: int) -> int:
    """``batch_size`` as an integer in 1…n (``None`` means the full batch)."""
    if batch_size is None:
        return n
    try:
        batch_size = whole_number(batch_size, "batch_size", 1)
        if batch_size <= n:
            return batch_size
    except ValueError:
        pass
    raise ValueError(f"batch_size must be an integer between 1 and the number of samples {n}, got {batch_size!r}")


def check_sampling(sampling: Sampling) -> None:
    """Refuse an unknown law of the batches."""
    if sampling not in get_args(Sampling):
        raise ValueError(f"sampling must be one of {get_args(Sampling)}, got {sampling!r}")


def epoch_order(n: int, batch_size: int, sampling: Sampling, rng: np.random.Generator) -> NDArray[np.intp]:
    """The samples of one epoch, ⌈n/B⌉ batches end to end: cut it every ``batch_size`` (the last piece may be short).

    ``"iid"``: every batch is drawn uniformly without replacement inside the batch and *independently* of all others,
    the law of the stability theory. ``"reshuffled"``: every epoch is a fresh permutation of the samples, the law of
    most training code. A full batch is the same set in either and draws nothing.
    """
    check_sampling(sampling)
    if batch_size == n:
        return np.arange(n)
    if sampling == "reshuffled":
        return rng.permutation(n)
    keys = rng.random((-(-n // batch_size), n))
    return np.argpartition(keys, batch_size - 1, axis=1)[:, :batch_size].ravel()


def epoch_batches(
    n: int, batch_size: int, sampling: Sampling, rng: np.random.Generator
) -> Iterator[list[NDArray[np.intp]]]:
    """Epoch after epoch, without end: the batches of sample indices that :func:`epoch_order` draws."""
    check_sampling(sampling)
    while True:
        order = epoch_order(n, batch_size, sampling, rng)
        yield [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def batch_stream(
    n: int, batch_size: int, sampling: Sampling, rng: np.random.Generator, steps: int
) -> Iterator[NDArray[np.intp]]:
    """The first ``steps`` batches of :func:`epoch_batches`, one after the other."""
    epochs = epoch_batches(n, batch_size, sampling, rng)
    return islice((batch for epoch in epochs for batch in epoch), steps)


def weighted_batches(share: Array, batch_size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Without end: batches of ``batch_size`` independent draws, sample j with probability ``share[j]``, ``(n,)``."""
    while True:
        yield from rng.choice(len(share), (AT_ONCE, batch_size), p=share)


def repeat_probability(n: int, batch_size: int) -> float:
    """p = (n−B)/(B(n−1)): the weight of the noise in E[H_B ⊗ H_B] = (1−p) H⊗H + (p/n) Σ H_i⊗H_i."""
    return 0.0 if batch_size == n else (n - batch_size) / (batch_size * (n - 1))
