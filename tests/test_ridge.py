"""Smooth functions and the flat networks that are drawn for them, against closed forms and slow independent routes."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial.hermite_e import hermeval
from scipy.integrate import quad

from stableminima import ShallowReLU, bound_chain, random_network, sharpness, tangent_features
from stableminima.datasets import uniform_ball
from stableminima.functions import (
    Gaussian,
    KnownDensity,
    Mixture,
    MollifiedPyramid,
    angular_gaussian,
    drawing_error,
    gaussian_ridge_density,
    in_gauge,
    inversion_constant,
    mollified_norm,
    norm_of,
    numerical_gradient,
    pyramid,
    radial_bump,
    rebuild,
    ridge_network,
    ridge_neurons,
    ridge_norm,
    ridges_of,
    sharpness_bound,
    sharpness_ceiling,
    sphere_area,
    sphere_rule,
)
from stableminima.networks import Neurons, with_labels
from stableminima.stability import squared_gradients

R = 2.0
NORMS = {1: 4 / np.sqrt(np.e), 2: 4.76856, 3: 7.02006, 5: 11.54352}  # of exp(-|x|²/2), in closed form or by hand


def bump(dim):
    return Gaussian(np.zeros(dim))


def tilted(dim):
    """A correlated bump off the origin minus a round one: α depends on u, changes sign, and ∇f(0) ≠ 0."""
    lean = Gaussian(0.3 * np.cos(np.arange(dim)), 0.6 * np.eye(dim) + 0.2)
    return Mixture([lean, Gaussian(np.zeros(dim), 1.5 * np.eye(dim))], [1.0, -0.6])


def unit(rng, n, dim):
    u = rng.normal(size=(n, dim))
    return u / np.linalg.norm(u, axis=1, keepdims=True)


def rms(net, function, X):
    return np.sqrt(np.mean((net(X) - function(X)) ** 2))


# ------------------------------------------------------------------------------------------------------ the functions


@pytest.mark.parametrize("dim", [4, 6, 10])
def test_bump_density_in_even_dimension_is_a_fourier_integral(dim):
    for t in (0.0, 0.7, 2.5):
        value, _ = quad(lambda s: s ** (dim + 1) * np.exp(-(s**2) / 2) * np.cos(s * t), 0, 20, limit=200)  # noqa: B023
        expected = -inversion_constant(dim) / np.pi * (2 * np.pi) ** (dim / 2) * value
        assert gaussian_ridge_density(dim, t) == pytest.approx(expected, rel=1e-8)


def test_kummer_form_agrees_with_hermite_and_dawson():
    from scipy.special import hyp1f1

    t = np.linspace(0, 6, 50)
    for dim in (1, 2, 3, 5, 7):
        kummer = -dim / sphere_area(dim) * hyp1f1(dim / 2 + 1, 0.5, -(t**2) / 2)
        np.testing.assert_allclose(gaussian_ridge_density(dim, t), kummer, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize(("dim", "order"), [(1, 30), (2, 40), (3, 32), (4, 16)])
def test_a_mixture_is_rebuilt_from_its_density(dim, order):
    f, x = tilted(dim), 0.8 * np.sin(1.0 + np.arange(dim))
    assert rebuild(f, x, order) == pytest.approx(f(x[None])[0], abs=1e-8)
    np.testing.assert_allclose(f.gradient(x[None]), numerical_gradient(f, x[None]), atol=1e-9)


def test_directions_have_the_density_they_claim():
    rng = np.random.default_rng(0)
    covariances = [np.diag([1.0, 0.2, 0.4]), np.eye(3) + 0.5]
    points, weights = sphere_rule(3, 60)
    u, density = angular_gaussian(unit(rng, 40_000, 3), covariances, [1.0, 3.0])
    mean = lambda f: np.mean(f(u) / density)  # noqa: E731  importance sampling must give uniform means
    assert mean(lambda u: np.ones(len(u))) == pytest.approx(1, abs=0.02)
    assert mean(lambda u: u[:, 0] ** 2) == pytest.approx(1 / 3, abs=0.02)
    assert mean(lambda u: u[:, 1] ** 4) == pytest.approx(weights @ points[:, 1] ** 4 / (4 * np.pi), abs=0.02)


@pytest.mark.parametrize(("dim", "tolerance"), [(1, 1e-6), (2, 1e-5), (3, 2e-4)])
def test_a_computed_density_agrees_with_the_closed_form(dim, tolerance):
    f = Gaussian(0.2 * np.arange(1, dim + 1), 0.25 * np.eye(dim) + 0.1)
    computed = ridges_of(f.__call__, dim, reach=4.0)
    rng = np.random.default_rng(1)
    u, t = unit(rng, 500, dim), rng.uniform(-3, 3, 500)
    exact = f.ridge_density(u, t)
    assert np.abs(computed.ridge_density(u, t) - exact).max() < tolerance * np.abs(exact).max()
    assert computed.error < 1e-5
    np.testing.assert_allclose(computed.gradient([[0.3] * dim]), f.gradient([[0.3] * dim]), atol=1e-8)


def test_the_reported_error_sees_too_coarse_a_grid():
    f = Gaussian([0.2, 0.4], 0.05 * np.eye(2))
    good = ridges_of(f.__call__, 2, 3.0)
    with pytest.warns(UserWarning, match="details finer than the grid"):
        bad = ridges_of(f.__call__, 2, 3.0, nodes=16)
    assert good.error < 1e-4 < 1e-2 < bad.error


def test_the_reported_error_is_the_largest_of_its_points_not_the_smallest():
    f = Gaussian([0.2, 0.4], 0.05 * np.eye(2))
    with pytest.warns(UserWarning, match="details finer than the grid"):
        coarse = ridges_of(f.__call__, 2, 3.0, nodes=24)
    X = uniform_ball(24, 2, 3.0, seed=5)
    misses = np.sort([abs(rebuild(coarse, x, 12) - f(x[None])[0]) for x in X])
    assert misses[12] < coarse.error < 3 * misses[-1]  # eight points: above the median but with probability 1/256


# --------------------------------------------------------------------------------------- has it a flat network at all?


def radial(profile):
    return lambda X: profile((X**2).sum(axis=1))


POWERS = {p: radial(lambda s, p=p: np.maximum(1 - s, 0) ** p) for p in (0.5, 1, 2, 3)}
CREASED = {
    "pyramid": pyramid,
    "cone": radial(lambda s: np.maximum(1 - np.sqrt(s), 0)),
    "disc": radial(lambda s: (s < 1) * 1.0),
    "paraboloid": POWERS[1],
}


@pytest.mark.parametrize("name", CREASED)
def test_a_function_of_infinite_norm_is_noticed(name):
    with pytest.warns(UserWarning, match="the norm grows with the resolution.* may have no flat network"):
        found = ridges_of(CREASED[name], 2, 1.5)
    assert not found.norm.finite
    assert "no flat network" in str(found.norm)


@pytest.mark.parametrize("power", [2, 3])
def test_a_function_of_finite_norm_is_not(power):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fine, finer = (norm_of(POWERS[power], 2, 1.5, nodes) for nodes in (80, 160))
        ridges_of(POWERS[power], 2, 1.5)
    assert fine.finite and finer.finite
    assert fine.norm == pytest.approx(finer.norm, rel=0.06 if power == 2 else 0.002)
    assert finer.ratio == pytest.approx(2**-0.5 if power == 2 else 2**-1.5, abs=0.06)  # α like (1 - t)^(power - 5/2)


def test_on_the_line_a_crease_is_finite_and_a_step_is_not():
    tent = norm_of(lambda X: np.maximum(1 - np.abs(X[:, 0]), 0), 1, 1.5)
    assert tent.finite and not tent.resolved
    np.testing.assert_allclose([*tent.norms, tent.norm], 4, rtol=1e-3)  # ∫|f″|: folds of 1, 2 and 1
    step = norm_of(lambda X: (np.abs(X[:, 0]) < 1) * 1.0, 1, 1.5)
    assert not step.finite
    assert step.ratio == pytest.approx(2, abs=0.1)


def test_folds_on_hyperplanes_have_a_finite_norm_but_no_density_for_a_table():
    with pytest.warns(UserWarning, match="its folds lie on hyperplanes or are finer than the grid"):
        tent = ridges_of(lambda X: np.maximum(1 - np.abs(X[:, 0]), 0), 1, 1.5)
    assert tent.norm.finite and tent.norm.rough
    bump = norm_of(radial(lambda s: radial_bump(3).profile(np.sqrt(s))), 3, 1.5)  # chapter 8: folds at 0, 1/2 and 1
    assert bump.finite and bump.rough
    assert bump.norm == pytest.approx(16, rel=0.01)


def test_in_space_the_cone_is_noticed_and_a_power_of_the_paraboloid_is_not():
    reports = {power: norm_of(POWERS[power], 3, 1.5) for power in (1, 3)}  # finite for powers above 2
    assert not reports[1].finite
    assert reports[3].finite


def test_blurred_norms_of_the_pyramid_are_those_in_closed_form():
    report = norm_of(pyramid, 2, 1.5)
    np.testing.assert_allclose(report.norms, [mollified_norm(2, blur) for blur in report.blurs], rtol=0.01)
    assert (np.diff(report.norms) > 0).all()


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_norm_of_the_bump_by_the_slice_theorem(dim):
    report = norm_of(bump(dim).__call__, dim, 6.0)
    assert report.resolved
    assert report.norm == pytest.approx(NORMS[dim], rel=3e-4)
    np.testing.assert_allclose(  # blurred it is a wider bump, lower by the ratio of the volumes
        report.norms, NORMS[dim] * np.array([1 / np.sqrt(1 + blur**2) ** (dim + 1) for blur in report.blurs]), rtol=2e-3
    )


def test_details_finer_than_the_grid_are_told_from_a_crease_by_a_finer_one():
    spike = Gaussian([0.0, 0.0], 0.02**2 * np.eye(2)).__call__
    with pytest.warns(UserWarning, match="raise nodes"):
        ridges_of(spike, 2, 1.5)
    assert norm_of(spike, 2, 1.5, nodes=320).norm == pytest.approx(NORMS[2] / 0.02, rel=1e-3)
    assert not norm_of(pyramid, 2, 1.5, nodes=320).finite


def test_a_narrow_function_needs_more_directions():
    f = Gaussian([0.0, 0.0], [[0.25, 0.0], [0.0, 0.01]])
    errors = [ridges_of(f.__call__, 2, 3.0, nodes=200, angles=angles).error for angles in (12, 100, 400)]
    assert errors[0] > 20 * errors[1] > 20 * errors[2]


def test_functions_are_refused_where_they_cannot_work():
    with pytest.raises(ValueError, match="must have died out at distance 1"):
        ridges_of(bump(2).__call__, 2, 1.0)
    with pytest.raises(ValueError, match="dim must be 1, 2 or 3"):
        ridges_of(bump(4).__call__, 4, 6.0)
    with pytest.raises(ValueError, match="raise reach"):
        ridges_of(bump(1).__call__, 1, 6.0).ridge_density([[1.0]], [7.0])
    with pytest.raises(ValueError, match="of one dimension"):
        Mixture([bump(1), bump(2)])
    with pytest.raises(ValueError, match="weights must have shape"):
        Mixture([bump(1)], [1.0, 2.0])
    for wrong in ({"width": 0}, {"radius": -1.0}, {"method": "sobol"}, {"gauge": "best"}, {"cells": 1}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            ridge_network(bump(2), **({"width": 8, "radius": R} | wrong))
    with pytest.raises(ValueError, match=r"pass ridges_of\(f, d, reach\)"):
        ridge_network(lambda X: X[:, 0], 256, 2.0)


def test_a_density_of_another_function_is_noticed():
    for factor in (3.0, 0.0, -1.0):
        wrong = KnownDensity(bump(2).__call__, lambda u, t, c=factor: c * bump(2).ridge_density(u, t), 2)
        with pytest.warns(UserWarning, match="belongs to another function"):
            ridge_network(wrong, 1024, R)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (bump(1), tilted(1), tilted(2), tilted(3)):
            for method in ("mc", "qmc"):
                for seed in range(5):
                    ridge_network(function, 64, R, method, seed)


# --------------------------------------------------------------------------------------------------------- the networks


@pytest.mark.parametrize("method", ["qmc", "mc"])
@pytest.mark.parametrize("function", [bump(1), tilted(1), tilted(2), bump(3), tilted(3), tilted(5), bump(10)])
def test_networks_approximate_their_function(function, method):
    X = uniform_ball(150, function.dim, R, seed=1)
    norm = ridge_norm(function, R, 2**12)
    for k in (2**8, 2**12):
        error = rms(ridge_network(function, k, R, method), function, X)
        assert error < norm * R / np.sqrt(k) * (1.0 if method == "mc" else 0.5)


def test_independent_drawing_has_no_bias():
    f, x = tilted(2), np.array([[0.9, -0.4], [-1.2, 0.8]])
    values = np.array([ridge_network(f, 512, R, "mc", seed)(x) for seed in range(60)])
    standard_error = values.std(axis=0, ddof=1) / np.sqrt(60)
    assert (np.abs(values.mean(axis=0) - f(x)) < 4 * standard_error).all()
    coarse = np.array([ridge_network(f, 512, R, "mc", seed, cells=4)(x) for seed in range(60)])  # a crude fit: no bias
    assert (np.abs(coarse.mean(axis=0) - f(x)) < 4 * coarse.std(axis=0, ddof=1) / np.sqrt(60)).all()


def test_half_drawings_estimate_the_error():
    f, X = tilted(2), uniform_ball(100, 2, R, seed=1)
    nets = [ridge_network(f, 256, R, "mc", seed) for seed in range(60)]
    square = lambda values: np.mean(np.square(values))  # noqa: E731
    guess, error = square([drawing_error(net, X) for net in nets]), square([rms(net, f, X) for net in nets])
    assert guess == pytest.approx(error, rel=0.35)
    sobol = [ridge_network(f, 256, R, "qmc", seed) for seed in range(20)]
    assert rms(sobol[0], f, X) < 3 * drawing_error(sobol[0], X)
    assert np.median([drawing_error(net, X) for net in sobol]) < 0.5 * np.sqrt(error)
    with pytest.raises(ValueError, match="at least two drawn neurons"):
        drawing_error(ridge_network(f, 1, R), X)


def test_neurons_lie_in_the_ball_and_have_nearly_equal_amplitudes():
    a, u, t = ridge_neurons(bump(3), 1000, R)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1)
    assert ((t > 0) & (t < R)).all()
    assert np.quantile(np.abs(a) * 1000, [0.1, 0.9]) == pytest.approx(ridge_norm(bump(3), R), rel=0.05)
    np.testing.assert_array_equal(np.sign(a), np.sign(gaussian_ridge_density(3, t)))


def test_linear_part_takes_two_neurons_and_constants_none():
    assert ridge_network(bump(2), 64, R).width == 64
    net = ridge_network(tilted(2), 64, R)
    assert net.width == 66
    assert net([[0.0, 0.0]])[0] == pytest.approx(tilted(2)([[0.0, 0.0]])[0])  # all drawn neurons are off at 0
    h = 1e-9
    slope = [(net([h * e])[0] - net([-h * e])[0]) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(slope, tilted(2).gradient([[0.0, 0.0]])[0], rtol=1e-5)


def test_drawing_is_repeatable_and_seeds_differ():
    for method in ("mc", "qmc"):
        one, again, other = (ridge_network(bump(2), 50, R, method, seed).W for seed in (3, 3, 4))
        np.testing.assert_array_equal(one, again)
        assert np.abs(one - other).max() > 0.01


@pytest.mark.parametrize("dim", NORMS)
def test_norm_of_the_bump(dim):
    reach = 60.0 if dim == 2 else 9.0  # for d = 2 the tail beyond T is of the order T⁻³
    assert ridge_norm(bump(dim), reach, 2**12, cells=512) == pytest.approx(NORMS[dim], rel=2e-4)


def test_your_own_density():
    hat = KnownDensity(
        lambda P: ((P**2).sum(axis=1) - 3) * np.exp(-(P**2).sum(axis=1) / 2),
        lambda u, t: -hermeval(t, [0] * 6 + [1]) * np.exp(-(t**2) / 2) / (4 * np.pi),
        dim=3,
    )
    X = uniform_ball(100, 3, R, seed=2)
    assert rms(ridge_network(hat, 4096, R), hat, X) < 0.02
    shifted = KnownDensity(bump(2).__call__, bump(2).ridge_density, 2, direction_sampler=lambda z: (z, np.ones(len(z))))
    np.testing.assert_allclose(shifted.gradient([[0.5, 0.1]]), bump(2).gradient([[0.5, 0.1]]), atol=1e-9)
    assert rms(ridge_network(shifted, 1024, R), bump(2), uniform_ball(100, 2, R)) < 0.01


def test_the_blurred_pyramid():
    f, X = MollifiedPyramid(2, 0.1), uniform_ball(200, 2, 1.5, seed=3)
    assert rms(ridge_network(f, 4096, 1.5, cells=256), f, X) < 0.02


# ------------------------------------------------------------------------------------------------- gauges and sharpness


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(1, 8), st.integers(0, 10**6))
def test_no_rescaling_beats_the_optimal_gauge(dim, k, seed):
    rng = np.random.default_rng(seed)
    a, t = rng.normal(size=k), rng.uniform(0, R, k)
    neurons = Neurons(a, unit(rng, k, dim), t)
    worst = lambda net: (  # noqa: E731  the sum of what each neuron adds at its worst point of the ball
        (np.maximum(np.linalg.norm(net.W, axis=1) * R + net.b, 0) ** 2).sum() + (1 + R**2) * net.v @ net.v
    )
    best, balanced = (in_gauge(neurons, 0.3, R, gauge) for gauge in ("optimal", "balanced"))
    assert worst(best) == pytest.approx(2 * np.hypot(1, R) * np.abs(a) @ (R - t))
    assert worst(balanced) == pytest.approx(np.abs(a) @ ((R - t) ** 2 + 1 + R**2))
    assert worst(best) <= worst(best.rescaled(rng.uniform(0.3, 3, k))) * (1 + 1e-12)
    X = uniform_ball(30, dim, R, seed)
    np.testing.assert_allclose(best(X), balanced(X), atol=1e-12)
    assert squared_gradients(best, X).max() <= 1 + worst(best) + 1e-9


@pytest.mark.parametrize("dim", [1, 2, 3, 5])
def test_sharpness_does_not_depend_on_the_width_and_obeys_its_bounds(dim):
    f, X = tilted(dim), uniform_ball(100, dim, R, seed=4)
    values = []
    for k in (256, 4096):
        net = ridge_network(f, k, R)
        chain, gradients = bound_chain(net, X), squared_gradients(net, X)
        values.append(sharpness(net, X))
        assert 1 + 2 * chain.stability_norm <= values[-1] <= gradients.mean() <= gradients.max()
        assert gradients.max() <= sharpness_ceiling(f, R, 2**12) * 1.02 <= sharpness_bound(f, R, 2**12)
    assert values[0] == pytest.approx(values[1], rel=0.03)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_linear_function_attains_both_bounds(dim):
    slope = np.arange(1.0, dim + 1)
    plane = KnownDensity(lambda X: X @ slope, lambda u, t: np.zeros(len(t)), dim, slope)
    steepest = R * slope / np.linalg.norm(slope)
    largest = squared_gradients(ridge_network(plane, 8, R), [steepest, -steepest]).max()
    assert largest == pytest.approx(1 + 2 * R * np.hypot(1, R) * np.linalg.norm(slope))
    assert sharpness_ceiling(plane, R) == pytest.approx(largest)
    assert sharpness_bound(plane, R) == pytest.approx(largest)


def test_squared_gradients_are_those_of_the_features():
    net, X = random_network(3, 9, seed=1), uniform_ball(12, 3, R)
    np.testing.assert_allclose(squared_gradients(net, X), (tangent_features(net, X) ** 2).sum(axis=1))


def test_no_batch_expands_below_the_largest_gradient():
    net, X = ridge_network(tilted(2), 64, R), uniform_ball(20, 2, R)
    features, eta = tangent_features(net, X), 2 / squared_gradients(net, X).max()
    rng = np.random.default_rng(5)
    for size in (1, 2, 7, 20):
        batch = features[rng.choice(20, size, replace=False)]
        assert eta * np.linalg.eigvalsh(batch @ batch.T / size)[-1] <= 2 + 1e-12


def test_neurons_that_are_off_on_the_ball_do_no_harm():
    neurons = Neurons(np.array([1.0, 0.0, 2.0]), np.eye(3)[:, :2] + [[0, 0], [0, 0], [1, 0]], np.array([0.5, 0.5, 3.0]))
    net = in_gauge(neurons, 0.0, R)
    assert np.isfinite(net.W).all()
    assert (net.W[1:] == 0).all()


def test_exact_labels_take_the_smallest_change():
    f, X = bump(2), uniform_ball(40, 2, R, seed=6)
    net = ridge_network(f, 512, R)
    exact = with_labels(net, X, f(X))
    np.testing.assert_allclose(exact(X), f(X), atol=1e-13)
    np.testing.assert_array_equal(exact.W, net.W)
    hidden = np.column_stack([np.maximum(X @ net.W.T + net.b, 0), np.ones(40)])
    change = np.append(exact.v - net.v, exact.c - net.c)
    smallest = hidden.T @ np.linalg.solve(hidden @ hidden.T, f(X) - net(X))
    np.testing.assert_allclose(change, smallest, atol=1e-8)
    with pytest.raises(ValueError, match="take a wider network"):
        with_labels(ShallowReLU([[1.0, 0.0]], [0.0], [1.0], 0.0), X, f(X))


def test_exact_labels_change_output_weights_by_a_share_that_falls_with_the_width():
    f, X, ball = tilted(3), uniform_ball(15, 3, R, seed=7), uniform_ball(200, 3, R, seed=8)
    share = {}
    for k in (256, 4096):
        nets = [ridge_network(f, k, R, "mc", seed) for seed in range(8)]
        exact = [with_labels(net, X, f(X)) for net in nets]
        share[k] = np.median([np.abs(new.v / old.v - 1).max() for old, new in zip(nets, exact, strict=True)])
        assert max(squared_gradients(net, ball).max() for net in exact) < sharpness_bound(f, R)
    assert 0.12 < share[4096] / share[256] < 0.5  # like k^(-1/2): a quarter
