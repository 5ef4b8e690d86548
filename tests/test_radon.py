"""Ridge densities, Radon transforms and the primal weight, against quadrature, finite networks and brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from stableminima import bound_chain, data_weight, hessian_sharpness, random_network, stability_norm
from stableminima.bounds import (
    chord_lengths,
    hessian_ceiling,
    isotropic_primal_weight,
    isotropic_weight,
    laplacian,
    laplacian_integral,
    line_grid,
    merged_neurons,
    primal_weight,
)
from stableminima.functions import (
    Gaussian,
    filtered_density,
    gaussian_ridge_density,
    inversion_constant,
    radon_transform,
    rebuild,
    sphere_area,
    sphere_rule,
)
from stableminima.networks import ShallowReLU

DIMENSIONS = [1, 2, 3, 5]


def bump(dim: int) -> Gaussian:
    """A Gaussian with nothing special about it: shifted, correlated."""
    rng = np.random.default_rng(dim)
    factor = np.eye(dim) + 0.2 * rng.normal(size=(dim, dim))
    return Gaussian(0.4 * rng.normal(size=dim), factor @ factor.T)


def unit(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    u = rng.normal(size=shape)
    return u / np.linalg.norm(u, axis=1, keepdims=True)


# ------------------------------------------------------------------------------------------------------ ridge density


@pytest.mark.parametrize("dim", DIMENSIONS)
def test_radon_transform_of_a_gaussian(dim):
    rng = np.random.default_rng(1)
    u, t = unit(rng, (3, dim)), rng.normal(size=3)
    f = bump(dim)
    np.testing.assert_allclose(radon_transform(f, u, t, nodes=30 if dim == 5 else 60), f.radon(u, t), atol=1e-8)


def test_a_wide_function_needs_a_longer_reach():
    f, line = Gaussian([0.0, 0.0], 9 * np.eye(2)), ([[0.6, 0.8]], [1.0])
    assert radon_transform(f, *line, reach=27.0)[0] == pytest.approx(f.radon(*line)[0], rel=1e-12)
    assert radon_transform(f, *line)[0] < 0.999 * f.radon(*line)[0]  # what lies beyond 9 is missing


@pytest.mark.parametrize("dim", DIMENSIONS)
def test_ridge_density_is_the_filtered_radon_transform(dim):
    """The closed form (Hermite, Dawson) against the FFT filter |s|^(d+1), which knows nothing of it."""
    u = unit(np.random.default_rng(2), (1, dim))[0]
    t, spacing = np.linspace(-12, 12, 601, retstep=True)
    f = bump(dim)
    np.testing.assert_allclose(filtered_density(f.radon(u, t), spacing, dim), f.ridge_density(u, t), atol=3e-6)


@pytest.mark.parametrize("dim", DIMENSIONS)
@pytest.mark.parametrize("radius", [0.4, 1.0, 2.5])
def test_function_is_rebuilt_pointwise(dim, radius):
    f = bump(dim)
    x = radius * unit(np.random.default_rng(3), (1, dim))[0]
    order, accuracy = (18, 1e-6) if dim == 5 else (40, 1e-10)
    assert rebuild(f, x, order) == pytest.approx(f(x[None])[0], abs=accuracy)


def test_wrong_constant_does_not_rebuild(monkeypatch):
    """The check above is one of the constant: with 1.01 c_d it fails."""
    f, x = bump(3), np.array([1.0, -0.5, 0.3])
    original = Gaussian.ridge_density
    monkeypatch.setattr(Gaussian, "ridge_density", lambda self, u, t: 1.01 * original(self, u, t))
    assert abs(rebuild(f, x, order=18) - f(x[None])[0]) > 1e-3


@pytest.mark.parametrize("dim, norm", [(1, 2.42612), (2, 4.76856), (3, 7.02006), (5, 11.54352)])
def test_norm_of_the_standard_gaussian(dim, norm):
    t = np.sinh(np.linspace(0, 7.5, 40_001))
    total = 2 * sphere_area(dim) * np.trapezoid(np.abs(gaussian_ridge_density(dim, t)), t)
    assert total == pytest.approx(norm, abs=2e-5)


def test_ridge_density_is_even_and_integrates_to_zero():
    f, u = bump(3), np.array([[0.6, 0.0, 0.8]])
    t = np.linspace(-15, 15, 4001)
    np.testing.assert_allclose(f.ridge_density(u, t), f.ridge_density(-u, -t), atol=1e-15)
    assert abs(np.trapezoid(f.ridge_density(u, t), t)) < 1e-12


@pytest.mark.parametrize("dim", [1, 2, 3, 5])
def test_sphere_rule(dim):
    points, weights = sphere_rule(dim, 8)
    assert weights.sum() == pytest.approx(sphere_area(dim))
    np.testing.assert_allclose((weights * points.T) @ points, np.eye(dim) * sphere_area(dim) / dim, atol=1e-12)
    assert weights @ points[:, 0] ** 4 == pytest.approx(sphere_area(dim) * 3 / (dim * (dim + 2)))


def test_inversion_constant():
    expected = [1 / 2, 1 / (4 * np.pi), 1 / (8 * np.pi**2), 1 / (32 * np.pi**4)]
    np.testing.assert_allclose([inversion_constant(d) for d in DIMENSIONS], expected)
    with pytest.raises(ValueError, match="at least 1"):
        inversion_constant(0)


def test_ridge_density_in_dimension_four_agrees_with_fft():
    f, u = bump(4), np.array([0.5, 0.5, 0.5, 0.5])
    t, spacing = np.linspace(-12, 12, 481, retstep=True)
    np.testing.assert_allclose(filtered_density(f.radon(u, t), spacing, 4), f.ridge_density(u, t), atol=3e-6)


def test_gaussian_refuses_a_covariance_that_is_none():
    with pytest.raises(ValueError, match="positive definite"):
        Gaussian([0.0, 0.0], [[1.0, 2.0], [2.0, 1.0]])


# --------------------------------------------------------------------------------------------------- isotropic inputs


@pytest.mark.parametrize("law, dim", [("gaussian", 2), ("gaussian", 7), ("ball", 2), ("ball", 3), ("ball", 10)])
def test_isotropic_weight_against_a_sample(law, dim):
    rng = np.random.default_rng(4)
    X = rng.normal(size=(200_000, dim))
    if law == "ball":
        X *= (rng.random(len(X)) ** (1 / dim) / np.linalg.norm(X, axis=1))[:, None]
    t = np.array([-0.3, 0.0, 0.2, 0.5])
    empirical = data_weight(X, np.tile(np.eye(dim)[0], (len(t), 1)), t)
    np.testing.assert_allclose(empirical, isotropic_weight(law, dim, t), rtol=0.05)


@pytest.mark.parametrize("dim", [1, 2, 5, 10])
def test_boundary_exponent_of_the_ball(dim):
    gap = np.array([1e-5, 2e-5])
    slope = np.diff(np.log(isotropic_weight("ball", dim, 1 - gap))) / np.log(2)
    assert slope[0] == pytest.approx(dim + 2, abs=1e-3)


@pytest.mark.parametrize("law", ["gaussian", "ball"])
@pytest.mark.parametrize("dim", [2, 3])
@pytest.mark.parametrize("t", [0.05, 0.4, 0.9])
def test_primal_weight_has_the_data_weight_as_radon_transform(law, dim, t):
    end = np.sqrt((9.0 if law == "gaussian" else 1.0) ** 2 - t**2)
    measure = (lambda s: 2.0) if dim == 2 else (lambda s: 2 * np.pi * s)
    rho = lambda s: isotropic_primal_weight(law, dim, np.hypot(t, s))[0]  # noqa: E731
    value, _ = quad(lambda s: measure(s) * rho(s), 0, end, epsabs=1e-11, limit=200)
    assert value == pytest.approx(isotropic_weight(law, dim, t)[0], abs=1e-9)


# --------------------------------------------------------------------------------------------------- the primal weight


def test_chord_lengths():
    u = np.array([[1.0, 0.0], [0.6, 0.8], [np.sqrt(0.5), np.sqrt(0.5)]])
    np.testing.assert_allclose(chord_lengths(u, [0.1, 0.0, 0.0], [[0.0, 0.0]], 1.0)[:, 0], [1.0, 1.25, np.sqrt(2)])
    rng = np.random.default_rng(5)
    u, t, center = unit(rng, (20, 2)), rng.normal(size=20) / 2, np.array([[0.2, -0.1]])
    along = np.linspace(-3, 3, 60_001)
    points = t[:, None, None] * u[:, None] + along[:, None] * np.stack([-u[:, 1], u[:, 0]], axis=-1)[:, None]
    inside = (np.abs(points - center) <= 0.5).all(axis=-1).sum(axis=1) * 1e-4
    np.testing.assert_allclose(chord_lengths(u, t, center, 1.0)[:, 0], inside, atol=3e-4)


@pytest.fixture(scope="module")
def cloud():
    X = np.random.default_rng(6).normal(size=(60, 2))
    net = ShallowReLU(*_parts(X))
    return X, net, primal_weight(X, net, cells=16, angles=60, offsets=80)


def _parts(X):
    rng = np.random.default_rng(7)
    W = rng.normal(size=(25, 2))
    return W, -(W * X[rng.integers(len(X), size=25)]).sum(axis=1) + 0.1, rng.normal(size=25), 0.0


def test_primal_weight_stays_below_the_data_weight(cloud):
    X, net, rho = cloud
    _, u, t = merged_neurons(net)
    assert (rho.radon(u, t) <= data_weight(X, u, t) * (1 + 1e-9) + 1e-15).all()
    u, t = line_grid(X, 60, 80)
    assert (rho.radon(u, t) <= data_weight(X, u, t) * (1 + 1e-9) + 1e-15).all()
    assert 0 <= laplacian_integral(net, rho) <= stability_norm(net, X)


def test_every_checked_line_is_kept_below_however_early_the_programme_stops(monkeypatch):
    """With a generous excess the last programme violates lines; dividing by the excess repairs all of them."""
    monkeypatch.setattr(laplacian, "EXCESS", 5.0)
    monkeypatch.setattr(laplacian, "START", 40)
    X = np.random.default_rng(9).normal(size=(40, 2))
    net = ShallowReLU(*_parts(X))
    rho = primal_weight(X, net, cells=12, angles=40, offsets=50)
    _, own_u, own_t = merged_neurons(net)
    grid_u, grid_t = line_grid(X, 40, 50)
    u, t = np.concatenate([grid_u, own_u]), np.concatenate([grid_t, own_t])
    g = data_weight(X, u, t)
    assert (rho.radon(u, t) <= g * (1 + 1e-9) + 1e-15).all()
    assert np.max(rho.radon(u, t)[g > 1e-9] / g[g > 1e-9]) == pytest.approx(1)  # and no lower than need be
    assert rho.checked == len(u)


def test_the_lines_of_a_network_are_checked_and_would_be_violated_otherwise():
    X = np.random.default_rng(10).normal(size=(40, 2))
    rng = np.random.default_rng(11)
    W = rng.normal(size=(300, 2))
    net = ShallowReLU(W, -(W * X[rng.integers(len(X), size=300)]).sum(axis=1) * 0.9, rng.normal(size=300), 0.0)
    _, u, t = merged_neurons(net)
    g = data_weight(X, u, t)
    crossing = g > 1e-9
    coarse = {"cells": 12, "angles": 8, "offsets": 10}
    excess = lambda rho: np.max(rho.radon(u, t)[crossing] / g[crossing])  # noqa: E731
    assert excess(primal_weight(X, **coarse)) > 1.1
    assert excess(primal_weight(X, net, **coarse)) <= 1 + 1e-9


def test_primal_weight_comes_close_to_its_cap(cloud):
    _, _, rho = cloud
    assert (rho.density >= 0).all()
    assert 0.85 * rho.cap <= rho.coverage <= rho.cap <= 1


def test_projections_of_the_primal_weight_have_its_mass(cloud):
    _, _, rho = cloud
    t, step = np.linspace(-6, 6, 6001, retstep=True)
    for angle in (0.3, 1.2):
        u = np.tile([np.cos(angle), np.sin(angle)], (len(t), 1))
        assert rho.radon(u, t).sum() * step == pytest.approx(rho.mass, rel=1e-4)


def test_primal_weight_refuses_points_on_a_line():
    with pytest.raises(ValueError, match="not on one line"):
        primal_weight(np.outer(np.arange(5.0), [1.0, 2.0]))
    with pytest.raises(ValueError, match="cells must be at least 1 and whole, got 0"):
        primal_weight(np.eye(3, 2), cells=0)
    with pytest.raises(ValueError, match="angles must be at least 1"):
        primal_weight(np.eye(3, 2), angles=0)
    with pytest.raises(ValueError, match="raise cells"):
        primal_weight(np.outer(np.arange(5.0), [1.0, 1.0]) + 1e-3 * np.array([[0, 0], [0, 1], [1, 0], [0, 1], [0, 0]]))


# ------------------------------------------------------------------------------------------------ away from zero loss


@settings(max_examples=60)
@given(st.integers(1, 6), st.integers(1, 12), st.integers(1, 15), st.integers(0, 10**6), st.floats(0.1, 4))
def test_full_hessian_bounds_the_norm_without_interpolation(dim, width, n, seed, scale):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, dim)), scale * rng.normal(size=n)
    start = random_network(dim, width, seed, scale)
    net = ShallowReLU(start.W, rng.normal(size=width), start.v, rng.normal())
    chain, ceiling = bound_chain(net, X), hessian_ceiling(net, X, y)
    assert chain.sharpness_level <= ceiling + 1e-9 * max(1.0, abs(ceiling))


def test_full_hessian_ceiling_is_sharpness_level_at_an_interpolating_network():
    net, X = random_network(3, 10, 1), np.random.default_rng(8).normal(size=(7, 3))
    assert hessian_ceiling(net, X, net(X)) == pytest.approx(bound_chain(net, X).sharpness_level)


def test_residual_term_is_needed():
    """One neuron, one sample, label above the output: the full Hessian is flatter than its Gauss–Newton part."""
    net, X, y = ShallowReLU([[1.0]], [0.0], [1.0], 0.0), np.array([[1.0]]), np.array([2.0])
    assert bound_chain(net, X).sharpness_level - (hessian_sharpness(net, X, y) - 1) / 2 > 0.2


@pytest.mark.parametrize("x", [[[0.5]], [[4.0]], [[3.0, -4.0]]])
def test_the_residual_term_is_attained(x):
    """One heavy balanced neuron, label one above its output: neither the constant nor the radius can be smaller."""
    x = np.array(x)
    w = 50 * x[0]
    net = ShallowReLU([w], [50.0], [np.sqrt(w @ w + 50.0**2)], 0.0)
    ceiling = hessian_ceiling(net, x, net(x) + 1)
    term = np.sqrt(1 + (x**2).sum()) / 2
    assert 0 <= ceiling - bound_chain(net, x).sharpness_level <= 0.01 * term


def test_gaussians_keep_their_own_numbers():
    mean = np.zeros(2)
    bump = Gaussian(mean, np.eye(2))
    mean[:] = 7
    assert bump([[0.0, 0.0]])[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        bump.covariance[0, 0] = 2


@pytest.mark.parametrize("dim", [0, -1, 1.5, "2", None])
def test_dimensions_that_are_not_whole_are_refused(dim):
    for call in (
        inversion_constant,
        sphere_area,
        lambda d: gaussian_ridge_density(d, 0.0),
        lambda d: filtered_density(np.zeros(4), 0.1, d),
        lambda d: isotropic_weight("ball", d, 0.0),
    ):
        with pytest.raises(ValueError, match="dim must be at least 1"):
            call(dim)


def test_lines_that_are_none_are_refused():
    f = bump(2)
    for call in (f.radon, f.ridge_density, lambda u, t: radon_transform(f, u, t)):
        with pytest.raises(ValueError, match="unit rows"):
            call([[1.0, 1.0]], [0.0])
        with pytest.raises(ValueError, match="offset contains 1 NaN"):
            call([[1.0, 0.0]], [np.nan])
    with pytest.raises(ValueError, match="unit rows"):
        chord_lengths([[1.0, 1.0]], [0.0], [[0.0, 0.0]], 1.0)
    with pytest.raises(ValueError, match="offset contains 1 NaN"):
        chord_lengths([[1.0, 0.0]], [np.nan], [[0.0, 0.0]], 1.0)
    with pytest.raises(ValueError, match="centers must have shape"):
        chord_lengths([[1.0, 0.0]], [0.0], [0.0, 0.0], 1.0)
    with pytest.raises(ValueError, match="side must be positive"):
        chord_lengths([[1.0, 0.0]], [0.0], [[0.0, 0.0]], 0.0)
