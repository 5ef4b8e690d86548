"""The inequalities hold for every network, the norm belongs to the function, the weights match their definition."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate, stats
from strategies import problems, samples
from test_networks import deep_net

from stableminima import (
    ShallowReLU,
    bound_chain,
    data_weight,
    gd_threshold,
    hessian_ceiling,
    mean_square_loss,
    merged_neurons,
    one_sided_weight,
    path_norm,
    population_weight,
    random_network,
    second_derivative,
    stability_norm,
    tangent_features,
    train_sgd,
    train_together,
    univariate_weight,
)
from stableminima.bounds import isotropic_weight
from stableminima.bounds.chain import chain_by_definition
from stableminima.bounds.weights import tail_of
from stableminima.margins import signed_network

RNG = np.random.default_rng(3)


def weight_by_conditional_means(X, u, t):
    """g̃ as it is usually written: P² E[u·X − t | ·] √(1 + ‖E[X | ·]‖²)."""
    inside = X @ u > t
    if not inside.any():
        return 0.0
    P, mean = inside.mean(), X[inside].mean(axis=0)
    return P**2 * (mean @ u - t) * np.sqrt(1 + mean @ mean)


def hyperplanes(X, m, rng):
    u = rng.normal(size=(m, X.shape[1]))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    return u, rng.uniform(-1.2, 1.2, m) * (1e-3 + np.abs(X @ u.T).max(axis=0))


@given(samples(), st.integers(0, 2**32 - 1))
def test_weights_agree_with_their_definition(X, seed):
    u, t = hyperplanes(X, 5, np.random.default_rng(seed))
    forward = np.array([weight_by_conditional_means(X, *ut) for ut in zip(u, t, strict=True)])
    backward = np.array([weight_by_conditional_means(X, -ui, -ti) for ui, ti in zip(u, t, strict=True)])
    scale = 1 + np.abs(X).max() ** 2 * X.shape[1]
    assert np.abs(one_sided_weight(X, u, t) - forward).max() <= 1e-12 * scale
    assert np.abs(data_weight(X, u, t) - np.minimum(forward, backward)).max() <= 1e-12 * scale
    assert np.abs(data_weight(X, u, t) - data_weight(X, -u, -t)).max() <= 1e-14 * scale


def test_weight_vanishes_exactly_outside_the_sample():
    X = RNG.normal(size=(30, 4))
    u, _ = hyperplanes(X, 8, RNG)
    assert not data_weight(X, u, (X @ u.T).max(axis=0)).any()
    assert not data_weight(X, u, (X @ u.T).min(axis=0) - 1).any()
    assert (data_weight(X, u, np.median(X @ u.T, axis=0)) > 0).all()


def tolerance(chain):
    return 1e-9 * (1 + chain.sharpness_level)


@given(problems())
def test_the_chain_holds_for_every_network(problem):
    net, X = problem
    chain = bound_chain(net, X, step_size=gd_threshold(net, X))
    values = [value for _, value in chain.links]
    assert len(values) == 5 and values[0] >= 0
    assert all(a <= b + tolerance(chain) for a, b in itertools.pairwise(values))
    assert chain.holds
    assert chain.sharpness_level == pytest.approx(chain.ceiling, rel=1e-9, abs=1e-9)


@given(problems(max_dim=6), st.one_of(st.none(), st.floats(0.01, 3.0)))
def test_the_fast_chain_is_the_one_by_definition(problem, step_size):
    net, X = problem
    fast, plain = bound_chain(net, X, step_size), chain_by_definition(net, X, step_size)
    assert [name for name, _ in fast.links] == [name for name, _ in plain.links]
    for (_, a), (_, b) in zip(fast.links, plain.links, strict=True):
        assert a == pytest.approx(b, rel=1e-9, abs=tolerance(plain))
    assert fast.sharpness == pytest.approx(1 + 2 * fast.sharpness_level)


@given(problems(max_dim=6))
def test_each_link_is_what_it_says(problem):
    net, X = problem
    J = tangent_features(net, X)
    chain = bound_chain(net, X)
    a, u, t = net.neurons()
    assert chain.gradient_level == pytest.approx(((J.mean(axis=0) ** 2).sum() - 1) / 2, rel=1e-9, abs=1e-9)
    assert chain.one_sided == pytest.approx((np.abs(a) * one_sided_weight(X, u, t)).sum(), rel=1e-9, abs=1e-9)
    assert chain.stability_norm == pytest.approx(stability_norm(net, X), rel=1e-9, abs=1e-12)
    assert chain.ceiling is None and len(chain.links) == 4


@given(problems())
def test_balancing_closes_the_second_slack_and_nothing_gets_below_it(problem):
    net, X = problem
    balanced = bound_chain(net.balanced(X), X)
    chain = bound_chain(net, X)
    assert balanced.gradient_level == pytest.approx(balanced.one_sided, rel=1e-9, abs=1e-9)
    assert balanced.one_sided == pytest.approx(chain.one_sided, rel=1e-9, abs=1e-9)
    assert balanced.gradient_level <= chain.gradient_level + tolerance(chain)
    jolt = np.random.default_rng(0).uniform(0.5, 2, net.width)
    assert balanced.gradient_level <= bound_chain(net.balanced(X).rescaled(jolt), X).gradient_level + tolerance(chain)


def affine_flip(net, i):
    """Neuron i turned round: v σ(z) = v z + v σ(−z), the affine v z carried by two always-opposite neurons."""
    W, b, v = net.W[i], net.b[i], net.v[i]
    far = 1e6  # the line −far is outside every sample here: both extra neurons are affine on it
    extra = np.array([W, W]) * np.array([[1.0], [-1.0]])
    return ShallowReLU(
        np.vstack([np.delete(net.W, i, 0), -W, extra]),
        np.concatenate([np.delete(net.b, i), [-b], b * np.array([1.0, -1.0]) + far * np.linalg.norm(W)]),
        np.concatenate([np.delete(net.v, i), [v], [v / 2, -v / 2]]),
        net.c,
    )


@given(problems(max_dim=20), st.integers(0, 2**32 - 1))
def test_stability_norm_is_a_property_of_the_function(problem, seed):
    net, X = problem
    rng = np.random.default_rng(seed)
    norm = stability_norm(net, X)
    close = {"rel": 1e-8, "abs": 1e-8 * (1 + path_norm(net)) * 1e-3}
    i = int(rng.integers(net.width))

    assert stability_norm(net.rescaled(10 ** rng.uniform(-3, 3, net.width)), X) == pytest.approx(norm, **close)

    order = rng.permutation(net.width)
    assert stability_norm(ShallowReLU(net.W[order], net.b[order], net.v[order], 5.0), X) == pytest.approx(norm, **close)

    s = rng.uniform(-3, 3)
    split = ShallowReLU(
        np.vstack([net.W, 7 * net.W[i]]),
        np.append(net.b, 7 * net.b[i]),
        np.append(np.where(np.arange(net.width) == i, s * net.v, net.v), (1 - s) * net.v[i] / 7),
        net.c,
    )
    assert np.allclose(split(X), net(X), rtol=1e-9, atol=1e-9 * (1 + path_norm(net)))
    assert stability_norm(split, X) == pytest.approx(norm, **close)

    u = rng.normal(size=(1, X.shape[1]))
    reach = np.abs(X @ u.T).max() + 1
    dead = ShallowReLU(
        np.vstack([net.W, 1e8 * u, 1e8 * u]),
        np.append(net.b, [-1e8 * reach, 1e8 * reach]),
        np.append(net.v, [1e8, 1e8]),
        0.0,
    )
    assert stability_norm(dead, X) == pytest.approx(norm, **close)


@given(problems(max_dim=5), st.integers(0, 2**32 - 1))
def test_flipping_a_neuron_keeps_the_norm(problem, seed):
    net, X = problem
    i = int(np.random.default_rng(seed).integers(net.width))
    assume(net.W[i].any())
    flipped = affine_flip(net, i)
    scale = 1e-9 * (1 + np.abs(net.v[i]) * 1e6 * np.linalg.norm(net.W[i]))
    assert np.abs(flipped(X) - net(X)).max() <= 10 * scale * (1 + path_norm(net))
    assert stability_norm(flipped, X) == pytest.approx(
        stability_norm(net, X), rel=1e-8, abs=1e-9 * (1 + path_norm(net))
    )


def test_opposite_neurons_on_one_hyperplane_are_one():
    X = RNG.normal(size=(20, 2))
    u = np.array([0.6, 0.8])
    net = ShallowReLU([u, -2 * u, 3 * u], [0.1, -0.2, 0.3], [1.0, 1.0, -1.0], 0.0)  # 1 + 2 − 3 = 0: no crease at all
    assert stability_norm(net, X) == pytest.approx(0, abs=1e-12)
    assert len(merged_neurons(net).amplitude) == 1
    assert bound_chain(net, X).one_sided > 0.1
    assert path_norm(net) == pytest.approx(6)


def test_huge_silent_neurons_do_not_make_nan():
    X = RNG.normal(size=(10, 1))
    net = ShallowReLU([[1e300], [1.0]], [-1e302, 0.0], [1e300, 1.0], 0.0)
    assert np.isfinite(stability_norm(net, X))


def test_univariate_weight_is_the_one_dimensional_data_weight():
    for x in (RNG.normal(size=40), np.array([1.0, 1.0, 2.0, 5.0]), np.array([3.0]), 10 + RNG.random(7)):
        points = np.concatenate([np.linspace(x.min() - 1, x.max() + 1, 101), x])
        general = data_weight(x[:, None], np.ones((len(points), 1)), points)
        assert np.abs(univariate_weight(x, points) - general).max() < 1e-13


@pytest.mark.parametrize(
    ("law", "distribution"),
    [
        ("gaussian", stats.norm()),
        ("uniform", stats.uniform(-np.sqrt(3), 2 * np.sqrt(3))),
        ("laplace", stats.laplace(scale=np.sqrt(0.5))),
    ],
)
def test_population_weight_by_quadrature(law, distribution):
    assert distribution.var() == pytest.approx(1)
    for t in (-1.3, -0.2, 0.0, 0.4, 1.7):
        sides = []
        for sign in (1, -1):
            a, b = (t, min(40, distribution.support()[1])) if sign > 0 else (max(-40, distribution.support()[0]), t)
            P = integrate.quad(distribution.pdf, a, b, epsabs=1e-13)[0]
            E = integrate.quad(lambda x: x * distribution.pdf(x), a, b, epsabs=1e-13)[0]
            sides.append(sign * (E - t * P) * np.hypot(P, E))
        assert population_weight(law, [t])[0] == pytest.approx(min(sides), abs=1e-9)
    assert population_weight("uniform", [1.8])[0] == 0


def test_the_uniform_law_is_the_ball_of_the_line_and_scaling_is_scaling():
    t = np.linspace(-2, 2, 41)
    np.testing.assert_allclose(
        population_weight("uniform", t), isotropic_weight("ball", 1, t, np.sqrt(3)), rtol=0, atol=1e-15
    )
    np.testing.assert_array_equal(population_weight("gaussian", t), isotropic_weight("gaussian", 5, t))
    for law in ("gaussian", "uniform", "laplace", "ball"):
        density, probability, _ = tail_of(law, 1, np.array([0.3 - 1e-6, 0.3, 0.3 + 1e-6]))
        assert (probability[0] - probability[2]) / 2e-6 == pytest.approx(density[1], rel=1e-8)


def test_sample_weight_approaches_the_population():
    points = np.linspace(-2, 2, 21)
    x = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert np.abs(univariate_weight(x, points) - population_weight("gaussian", points)).max() < 1e-3


def test_torch_convention_and_units():
    """The tent 1 − |x| on {−1, 0, 1}... by hand: knots at ±1 are free, only the apex weighs, g(0) = √2/9."""
    x = np.array([-1.0, 0.0, 1.0])
    tent = ShallowReLU([[1.0], [1.0], [1.0]], [1.0, 0.0, -1.0], [1.0, -2.0, 1.0], 0.0)
    assert stability_norm(tent, x) == pytest.approx(2 * np.sqrt(2) / 9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: data_weight(np.ones((3, 2)), [[1.0, 1.0]], [0.0]), "unit rows, row 0 has length 1.41421"),
        (lambda: data_weight(np.ones((3, 2)), [[1.0, 0.0]], [0.0, 1.0]), r"offset must have shape \(1,\)"),
        (lambda: data_weight([[np.nan, 0.0]], [[1.0, 0.0]], [0.0]), "X contains 1 NaN"),
        (lambda: stability_norm(random_network(2, 3), np.ones((4, 3))), r"X must have shape \(any, 2\)"),
        (lambda: bound_chain(random_network(1, 3), [1.0], step_size=0), "step_size must be positive"),
        (lambda: univariate_weight([], [0.0]), "x must hold at least one point"),
        (lambda: population_weight("cauchy", [0.0]), "law must be one of"),
        (lambda: isotropic_weight("laplace", 2, [0.0]), "one of the line, dim must be 1, got 2"),
    ],
)
def test_bad_requests_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_far_hyperplanes_are_not_merged_with_others():
    net = ShallowReLU([[1.0, 1.0], [1.0, 0.0]], [-1e155, 0.0], [1.0, 1.0], 0.0)
    assert len(merged_neurons(net).amplitude) == 2
    X = RNG.normal(size=(10, 2))
    assert stability_norm(net, X) == stability_norm(ShallowReLU([[1.0, 0.0]], [0.0], [1.0], 0.0), X)


def test_silent_neurons_with_huge_outputs_do_not_make_nan():
    net = ShallowReLU([[1.0], [1.0]], [-10.0, 0.0], [1e200, 1.0], 0.0)
    assert bound_chain(net, [1.0, -1.0]).gradient_level == pytest.approx((0.25 + 0.25 + 0.25) / 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda net, X: stability_norm(net, X),
        lambda net, X: merged_neurons(net),
        lambda net, X: path_norm(net),
        lambda net, X: bound_chain(net, X),
        lambda net, X: second_derivative(net),
        lambda net, X: mean_square_loss(net, X, np.zeros(4)),
        lambda net, X: train_sgd(net, X, np.zeros(4), 0.1),
        lambda net, X: train_together([net], X, np.zeros(4), 0.1),
    ],
)
def test_deep_networks_are_refused_by_name(call):
    with pytest.raises(ValueError, match="net must be a ShallowReLU, got DeepReLU: what is asked for is known for one"):
        call(deep_net(), RNG.normal(size=(4, 3)))


def test_ceilings_are_plain_floats():
    net = random_network(1, 3)
    assert type(bound_chain(net, [1.0], np.float64(0.1)).ceiling) is float
    assert type(hessian_ceiling(net, [1.0], [0.0])) is float


@pytest.mark.parametrize("value", [np.nan, np.inf, "0.1", [0.1]])
def test_step_sizes_that_are_not_numbers_are_refused(value):
    with pytest.raises(ValueError, match=r"step_size must be positive and finite.*pass one number"):
        bound_chain(random_network(1, 3), [1.0], value)


def test_the_sample_on_the_line_is_checked():
    for x in (["1"], [1j], [[1.0, 2.0]]):
        with pytest.raises(ValueError, match="x must"):
            univariate_weight(x, [0.0])


@pytest.mark.parametrize(
    ("net", "name", "remedy"),
    [
        (deep_net(), "DeepReLU", "pass a ShallowReLU"),
        (signed_network(3, 2, 0.1), "SignedNetwork", "pass a ShallowReLU"),
        (random_network(3, 2).to_torch(), "Sequential", "convert it with ShallowReLU.from_torch"),
    ],
)
def test_advice_for_other_networks_is_one_that_helps(net, name, remedy):
    for ask in (path_norm, merged_neurons, lambda net: stability_norm(net, np.ones((4, 3)))):
        with pytest.raises(ValueError, match=f"got {name}: .*; {remedy}") as caught:
            ask(net)
        assert "sharpness" not in str(caught.value)
