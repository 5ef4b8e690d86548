"""Two digits as a task: inputs in [0, 1]^d, labels −1 and 1. Book: chapter 4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..checks import Array, is_integer, random_generator
from .mnist import DatasetDamaged, DatasetUnavailable, load_mnist, load_small_digits
from .synthetic import Seed

Dataset = Literal["mnist", "digits", "auto"]


@dataclass(frozen=True, eq=False)
class BinaryTask:
    """Two classes as a regression on labels ∓1: inputs and labels to train on, and to validate with.

    Args:
        X: inputs ``(n, d)``; of digits the pixels, in [0, 1].
        y: labels ``(n,)``; −1 for the first digit, +1 for the second.
        X_validation: the same of the validation samples, ``(m, d)``; m may be 0.
        y_validation: their labels, ``(m,)``.
        digits: the two digits.
        dataset: where they come from, ``"mnist"`` or ``"digits"``.
        image_shape: rows and columns of pixels.

    Book: chapter 4.
    """

    X: Array
    y: Array
    X_validation: Array
    y_validation: Array
    digits: tuple[int, int] = (0, 1)
    dataset: str = ""
    image_shape: tuple[int, ...] = ()


def digit_pair(
    first: int, second: int, n_train: int, n_validation: int = 0, seed: Seed = 0, dataset: Dataset = "mnist"
) -> BinaryTask:
    """Two digits as a balanced binary task, drawn without replacement from the training split.

    Args:
        first: the digit labelled −1.
        second: the digit labelled +1.
        n_train: number of training images *of both classes together*, half of each; even.
        n_validation: the same for validation, from the remaining images; the protocol of Nacson et al. is 8000
            (4000 a class).
        seed: of the draw and of the order: a number, or a generator, which moves on.
        dataset: ``"mnist"``; ``"digits"``, scikit-learn's 8×8 digits; or ``"auto"``, MNIST where it can be had and
            otherwise the small digits, with at most two thirds of the rarer class of each for training and as many
            validation images as remain. A damaged file in ``$STABLEMINIMA_DATA`` is an error even then.

    Returns:
        The images as rows and labels ∓1, in random order.

    Raises:
        DatasetUnavailable: MNIST was asked for and cannot be had.
        DatasetDamaged: a file in ``$STABLEMINIMA_DATA`` is not the known one.
        ValueError: unknown or equal digits, odd or negative numbers, more images than there are.

    Book: chapters 1 and 4.
    """
    for name, digit in (("first", first), ("second", second)):
        if not is_integer(digit) or digit not in range(10):
            raise ValueError(f"{name} must be a digit 0…9, got {digit!r}")
    if first == second:
        raise ValueError(f"first and second must be different digits, got {first} twice")
    for name, number, least in (("n_train", n_train, 2), ("n_validation", n_validation, 0)):
        if not is_integer(number) or number % 2 or number < least:
            raise ValueError(f"{name} must be an even integer, at least {least} (half of each class), got {number!r}")
    images, labels, used = _digit_images(dataset)
    rng = random_generator(seed)
    classes = [rng.permutation(np.flatnonzero(labels == digit)) for digit in (first, second)]
    fewest = min(len(members) for members in classes)
    if dataset == "auto" and used == "digits":
        n_train = min(n_train, 2 * (2 * fewest // 3))
        n_validation = min(n_validation, 2 * (fewest - n_train // 2))
    if (n_train + n_validation) // 2 > fewest:
        raise ValueError(
            f"n_train + n_validation = {n_train + n_validation} asks for {(n_train + n_validation) // 2} a class, "
            f"but {used} has {len(classes[0])} of digit {first} and {len(classes[1])} of digit {second}"
        )

    def draw(start: int, count: int) -> tuple[Array, Array]:
        chosen = np.concatenate([members[start : start + count] for members in classes])
        y = np.repeat([-1.0, 1.0], count)
        order = rng.permutation(2 * count)
        pixels = images[chosen[order]].reshape(2 * count, int(np.prod(images.shape[1:])))
        return pixels / (255.0 if used == "mnist" else 16.0), y[order]

    train, validation = draw(0, n_train // 2), draw(n_train // 2, n_validation // 2)
    return BinaryTask(*train, *validation, (first, second), used, images.shape[1:])


def _digit_images(dataset: Dataset) -> tuple[NDArray, NDArray, str]:
    if dataset not in ("mnist", "digits", "auto"):
        raise ValueError(f'dataset must be "mnist", "digits" or "auto", got {dataset!r}')
    if dataset != "digits":
        try:
            return (*load_mnist("train"), "mnist")
        except DatasetUnavailable as error:
            if dataset == "mnist" or isinstance(error, DatasetDamaged):
                raise
    return (*load_small_digits(), "digits")
