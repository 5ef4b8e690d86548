"""Random networks and samples for the property tests: every awkward case on purpose."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from stableminima import ShallowReLU


@st.composite
def samples(draw, max_dim: int = 50, max_n: int = 30):
    """Inputs (n, d): generic, duplicated, collinear, or of low rank; centred or far from the origin."""
    d, n = draw(st.integers(1, max_dim)), draw(st.integers(1, max_n))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(["generic", "duplicates", "collinear", "low rank", "far"]))
    X = rng.normal(size=(n, d))
    if kind == "duplicates":
        X = X[rng.integers(0, max(1, n // 3), n)]
    elif kind == "collinear":
        X = np.outer(rng.normal(size=n), X[0])
    elif kind == "low rank":
        rank = max(1, d // 2)
        X = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, d))
    elif kind == "far":
        X = X + 10 * rng.normal(size=d)
    return X


@st.composite
def problems(draw, max_dim: int = 50, max_n: int = 30, max_width: int = 20):
    """A sample and a network on it, some neurons dead, always on, silent, constant or with huge weights."""
    X = draw(samples(max_dim, max_n))
    d, k = X.shape[1], draw(st.integers(1, max_width))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    W, b, v = rng.normal(size=(k, d)), rng.normal(size=k), rng.normal(size=k)
    W *= 10.0 ** rng.uniform(-2, 2, size=(k, 1))
    reach = np.abs(X @ W.T).max(axis=0)
    fate = rng.choice(6, size=k, p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1])
    b = np.where(fate == 1, -2 * reach - 1, b)  # never on
    b = np.where(fate == 2, 2 * reach + 1, b)  # always on
    v = np.where(fate == 3, 0.0, v)  # silent
    W[fate == 4] = 0.0  # constant
    v = np.where((fate == 5) & (rng.random(k) < 0.5), 1e3 * v, v)
    return ShallowReLU(W, b, v, float(rng.normal())), X
