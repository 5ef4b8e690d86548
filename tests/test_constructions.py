"""Networks built from theory, against the functions and the populations that they stand for."""

import numpy as np
import pytest
from scipy.optimize import minimize

from stableminima import sharpness, tangent_features
from stableminima.functions import (
    ball_moments,
    flattest_pyramid,
    pyramid,
    pyramid_network,
    pyramid_sharpness,
    shallow_pyramid,
)

# ----------------------------------------------------------------------------------------------- chapter 5: the pyramid


@pytest.mark.parametrize("dim", [2, 3, 6])
def test_deep_pyramid_is_the_pyramid(dim):
    X = 0.6 * np.random.default_rng(dim).normal(size=(2000, dim))
    assert (pyramid(X) > 0).any()
    np.testing.assert_allclose(pyramid_network(dim, 2.3, 0.7)(X), pyramid(X), atol=1e-14)


@pytest.mark.parametrize("dim", [2, 3, 5])
def test_shallow_pyramid_up_to_the_critical_radius_and_not_beyond(dim):
    rng = np.random.default_rng(dim)
    X = rng.normal(size=(5000, dim))
    X /= np.linalg.norm(X, axis=1, keepdims=True) * np.sqrt(dim - 1)
    net = shallow_pyramid(dim)
    assert net.width == 2 * dim + 2**dim
    np.testing.assert_allclose(net(X), pyramid(X), atol=1e-14)
    beyond = np.append(np.full(dim - 1, 1 / (dim - 1)), 0.0)[None] * 1.05  # the centre of a (d−2)-face, pushed out
    assert net(beyond)[0] - pyramid(beyond)[0] > 0.04


@pytest.mark.parametrize("dim, radius", [(2, 1.5), (3, 1.2)])
def test_population_sharpness_is_the_limit_of_samples(dim, radius):
    """Four features stand for all parameters: compare with all of them on 200 000 points."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200_000, dim))
    X *= radius * rng.random((len(X), 1)) ** (1 / dim) / np.linalg.norm(X, axis=1, keepdims=True)
    moments = ball_moments(dim, radius)
    r = np.abs(X).sum(axis=1)
    np.testing.assert_allclose([np.mean(r**k * (r < 1)) for k in range(3)], moments, atol=4e-3)
    for a, s in ((1.0, 1.0), (2.5, 0.6)):
        features = tangent_features(pyramid_network(dim, a, s), X)
        top = np.linalg.eigvalsh(features.T @ features / len(X))[-1]
        assert pyramid_sharpness(dim, a, s, moments) == pytest.approx(top, rel=0.01)


def test_population_sharpness_is_exact_for_a_symmetric_sample():
    quarter = np.random.default_rng(1).uniform(0, 1.2, size=(15, 2))
    half = np.vstack([quarter, quarter[:, ::-1]])
    X = np.vstack([half * [i, j] for i in (1, -1) for j in (1, -1)])
    r = np.abs(X).sum(axis=1)
    moments = [np.mean(r**k * (r < 1)) for k in range(3)]
    assert pyramid_sharpness(2, 1.7, 0.8, moments) == pytest.approx(sharpness(pyramid_network(2, 1.7, 0.8), X))


def test_flattest_pyramid():
    moments = ball_moments(2, 1.5)
    a, s, best = flattest_pyramid(2, moments)
    assert (a, s, best) == pytest.approx((2.4918, 1.9261, 1.10533), abs=1e-3)
    for da, ds in ((1.02, 1), (0.98, 1), (1, 1.02), (1, 0.98)):
        assert pyramid_sharpness(2, da * a, ds * s, moments) > best


@pytest.mark.parametrize("dim", [12, 15, 20, 200])
def test_flattest_pyramid_where_the_sharpness_rounds_to_one(dim):
    """Of order q² above 1: for small q, (λ − 1)/q² is the squared length of E∇f but its first entry, given r < 1."""

    def excess(logs):
        a, s = np.exp(logs)
        r = dim / (dim + 1)
        return 1 / s**2 + dim / (2 * a**2) + s**2 * (1 - r) ** 2 + (a**2 / s**2 + 1 / a**2) * r**2 / (2 * dim)

    a, s, best = flattest_pyramid(dim, ball_moments(dim, 1.5))
    least = minimize(excess, np.zeros(2), method="BFGS", options={"gtol": 1e-9})
    assert (a, s) == pytest.approx(tuple(np.exp(least.x)), rel=1e-5)
    assert best == pytest.approx(1 + ball_moments(dim, 1.5)[0] ** 2 * least.fun, abs=1e-15)


def test_without_inputs_below_the_pyramid_no_scale_is_flattest():
    with pytest.raises(ValueError, match="positive share"):
        flattest_pyramid(2, [0.0, 0.0, 0.0])


def test_no_scaling_of_single_neurons_is_flatter():
    """On a symmetric sample, random rescalings of single first-layer neurons only raise the sharpness."""
    quarter = np.random.default_rng(2).uniform(0, 1.2, size=(12, 2))
    half = np.vstack([quarter, quarter[:, ::-1]])
    X = np.vstack([half * [i, j] for i in (1, -1) for j in (1, -1)])
    r = np.abs(X).sum(axis=1)
    a, s, best = flattest_pyramid(2, [np.mean(r**k * (r < 1)) for k in range(3)])
    net, rng = pyramid_network(2, a, s), np.random.default_rng(3)
    for _ in range(20):
        z = np.exp(0.2 * rng.normal(size=4))
        w, b = net.weights, net.biases
        scaled = type(net)((z[:, None] * w[0], w[1] / z, w[2]), (z * b[0], b[1], b[2]))
        np.testing.assert_allclose(scaled(X), net(X), atol=1e-14)
        assert sharpness(scaled, X) >= best - 1e-12


@pytest.mark.parametrize(
    "call",
    [
        lambda: pyramid_network(1),
        lambda: pyramid_network(2, a=-1.0),
        lambda: shallow_pyramid(40),
        lambda: ball_moments(2, 0.9),
        lambda: pyramid([[np.nan, 0.0]]),
    ],
)
def test_bad_input(call):
    with pytest.raises(ValueError, match=r"must|contains"):
        call()
