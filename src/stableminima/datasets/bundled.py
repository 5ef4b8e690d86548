"""The small data sets that ship with scikit-learn, as tasks with inputs of mean square length one. Book: chapter 9."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from ..checks import Array, random_generator, whole_number
from .synthetic import Seed
from .tasks import BinaryTask

Bundled = Literal["digits", "wine", "breast cancer", "diabetes"]
DIGITS = (3, 5)


def load_bundled(name: Bundled) -> tuple[Array, Array]:
    """Inputs and labels as they ship, two classes as ∓1.

    Args:
        name: ``"digits"``, the 3s and 5s of the 8×8 digits; ``"wine"``, the second cultivar against the two others;
            ``"breast cancer"``; ``"diabetes"``, the progression of a disease, a regression.

    Returns:
        X ``(n, d)``, y ``(n,)``.

    Raises:
        ValueError: another name.

    Book: chapter 9, "Other data".
    """
    if name not in get_args(Bundled):
        raise ValueError(f"name must be one of {get_args(Bundled)}, got {name!r}")
    from sklearn import datasets  # a second to import

    if name == "digits":
        X, y = datasets.load_digits(return_X_y=True)
        chosen = np.isin(y, DIGITS)
        return X[chosen], np.where(y[chosen] == DIGITS[1], 1.0, -1.0)
    if name == "wine":
        X, y = datasets.load_wine(return_X_y=True)
        return X, np.where(y == 1, 1.0, -1.0)
    if name == "breast cancer":
        X, y = datasets.load_breast_cancer(return_X_y=True)
        return X, np.where(y == 1, 1.0, -1.0)
    X, y = datasets.load_diabetes(return_X_y=True, scaled=False)
    return X, y.astype(float)


def bundled_task(name: Bundled, n: int = 128, seed: Seed = 0) -> BinaryTask:
    r"""A sample of a bundled set, standardised, without validation samples.

    Every input minus its mean over its standard deviation in the sample, then all divided by :math:`\sqrt d`, so that
    :math:`\frac1n\sum_j\|x_j\|^2=1` in each set; inputs that are constant in the sample are dropped. The labels of a
    regression are standardised, those of two classes stay ∓1.

    Args:
        name: of the set (:func:`load_bundled`).
        n: samples.
        seed: of the draw: a number, or a generator, which moves on.

    Returns:
        The samples.

    Raises:
        ValueError: another name, more samples than there are.

    Book: chapter 9, "Other data".

    >>> task = bundled_task("wine", 64)
    >>> task.X.shape, round(float((task.X**2).sum(axis=1).mean()), 12)
    ((64, 13), 1.0)
    """
    X, y = load_bundled(name)
    n = whole_number(n, "n", 2)
    if n > len(X):
        raise ValueError(f"n must be at most {len(X)}, the number of samples of {name!r}, got {n}; pass a smaller n")
    chosen = random_generator(seed).choice(len(X), n, replace=False)
    X, y = X[chosen], y[chosen]
    varies = X.std(axis=0) > 0
    X = (X[:, varies] - X[:, varies].mean(axis=0)) / X[:, varies].std(axis=0) / np.sqrt(varies.sum())
    if name == "diabetes":
        y = (y - y.mean()) / y.std()
    return BinaryTask(X, y, X[:0], y[:0], dataset=name)
