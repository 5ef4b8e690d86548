"""The pyramid's ridge density: rebuilt pointwise, against brute-force quadrature, and the rate of its norm."""

import numpy as np
import pytest
from scipy.integrate import quad

from stableminima.bounds import isotropic_weight
from stableminima.functions import (
    MollifiedPyramid,
    mollified_density,
    mollified_norm,
    pyramid,
    pyramid_density,
    radon,
    rate_constant,
    vertex_weights,
)

POINT = np.array([0.5, 0.3, -0.2, 0.4, 0.1])


@pytest.mark.parametrize("dim, order, accuracy", [(2, 80, 1e-12), (3, 50, 1e-12), (4, 16, 1e-6), (5, 11, 1e-6)])
def test_density_rebuilds_the_blurred_pyramid(dim, order, accuracy):
    """Value and gradient at 0 plus the density give the value at a point; the values know nothing of the density."""
    f, x = MollifiedPyramid(dim, 0.4, 16 if dim < 5 else 10), POINT[:dim]
    assert radon.rebuild(f, x, order) == pytest.approx(f(x[None])[0], abs=accuracy)


def test_wrong_constant_does_not_rebuild(monkeypatch):
    f = MollifiedPyramid(3, 0.4, 16)
    monkeypatch.setattr(MollifiedPyramid, "ridge_density", lambda self, u, t: 1.01 * mollified_density(u, t, 0.4))
    assert abs(radon.rebuild(f, POINT[:3], 30) - f(POINT[None, :3])[0]) > 1e-3


@pytest.mark.parametrize("dim", [2, 3])
def test_values_of_the_blurred_pyramid(dim):
    rng = np.random.default_rng(0)
    f, x = MollifiedPyramid(dim, 0.2), POINT[None, :dim]
    sample = pyramid(x + 0.2 * rng.normal(size=(400_000, dim)))
    assert f(x)[0] == pytest.approx(sample.mean(), abs=5 * sample.std() / np.sqrt(len(sample)))
    step = 1e-5 * np.eye(dim)
    np.testing.assert_allclose(f.gradient(x)[0], (f(x + step) - f(x - step)) / 2e-5, atol=1e-8)


@pytest.mark.parametrize("dim", [2, 4])
def test_mollified_density_is_the_principal_value_blurred(dim):
    """∫ α(t − s) γ(s) ds by quadrature, the poles taken out one by one with their principal values (zero, here)."""
    u = POINT[:dim] / np.linalg.norm(POINT[:dim])
    poles = np.concatenate([u, -u])
    far = 3.0  # from here on the blur sees no pole: the two densities agree to second order in ε
    blurred, sharp = mollified_density(u, far, 1e-3), pyramid_density(u, np.array(far))
    assert blurred == pytest.approx(sharp, rel=1e-5)
    near = poles[0] + 1e-4
    residue = (-1) ** (dim // 2) * vertex_weights(u)[0] / (2 * np.pi**dim)
    assert pyramid_density(u, np.array(near)) * 1e-4 == pytest.approx(residue, rel=5e-3)


@pytest.mark.parametrize("dim, scale", [(2, 0.1), (3, 0.1)])
def test_norm_against_adaptive_quadrature(dim, scale):
    """Directions by a plain midpoint rule over the whole circle or sphere, offsets by QUADPACK."""
    if dim == 2:
        angle = (np.arange(180) + 0.5) * np.pi / 180 + 1e-7
        u, area = np.column_stack([np.cos(angle), np.sin(angle)]), 2 * np.pi / 180
    else:
        z, phi = (np.arange(24) + 0.5) / 24, (np.arange(48) + 0.51) * np.pi / 2 / 48
        z, phi = (part.ravel() for part in np.meshgrid(z, phi))
        r = np.sqrt(1 - z**2)
        u, area = np.column_stack([r * np.cos(phi), r * np.sin(phi), z]), 4 * np.pi / len(z)
    total = 0.0
    for v in u:
        t = np.linspace(-4, 4, 1601)
        inside = np.trapezoid(np.abs(mollified_density(v, t, scale)), t)
        tail = 2 * quad(lambda s, v=v: abs(float(mollified_density(v, s, scale))), 4, 60)[0] if dim == 2 else 0.0
        total += area * (inside + tail)
    assert mollified_norm(dim, scale) == pytest.approx(total, rel=2e-4 if dim == 2 else 5e-3)


def test_rate_in_the_plane_and_in_space():
    def second_difference(dim, logs, weight=None):
        return np.diff([mollified_norm(dim, np.exp(-x), weight) for x in logs], 2)[0] / (2 * (logs[1] - logs[0]) ** 2)

    assert second_difference(2, [8, 10, 12]) == pytest.approx(8 * (1 + np.sqrt(2)) / np.pi**2, abs=2e-5)
    assert second_difference(3, [5, 7, 9]) == pytest.approx(24 * (1 + np.sqrt(3)) / np.pi**2, abs=2e-3)
    disc = lambda t: isotropic_weight("ball", 2, t, 1.5)  # noqa: E731
    assert rate_constant(2, disc) == pytest.approx(0.176916, abs=1e-6)
    assert second_difference(2, [8, 10, 12], disc) == pytest.approx(rate_constant(2, disc), abs=2e-5)


@pytest.mark.parametrize("weight", [lambda t: np.exp(-4 * t**2), lambda t: t**2 * np.exp(-(t**2))])
def test_rate_in_space_tells_faces_from_planes(weight):
    """Weights that are large on the one and small on the other: with g = 1 only the sum of the two is seen."""
    measured = np.diff([mollified_norm(3, np.exp(-x), weight) for x in (5, 7, 9)], 2)[0] / 8
    assert measured == pytest.approx(rate_constant(3, weight), rel=3e-3)


def test_the_rule_is_as_fine_as_the_blur():
    X = np.random.default_rng(0).uniform(-1.3, 1.3, (100, 2))
    for scale in (0.3, 0.02, 0.005):
        f, finer = MollifiedPyramid(2, scale), MollifiedPyramid(2, scale, order=int(9 / scale))
        np.testing.assert_allclose(f(X), finer(X), atol=1e-11)
        np.testing.assert_allclose(f.gradient(X), finer.gradient(X), atol=1e-9)
    assert MollifiedPyramid(3, 0.4).order == 40


def test_validated_values_are_the_ones_that_are_used():
    same, rounded = MollifiedPyramid(2, 0.1, 12), MollifiedPyramid(2.0, np.float64(0.1), 12.0)
    assert [type(value) for value in (rounded.dim, rounded.scale, rounded.order)] == [int, float, int]
    np.testing.assert_allclose(rounded(POINT[None, :2]), same(POINT[None, :2]), rtol=1e-6)
    np.testing.assert_allclose(rounded.gradient(POINT[None, :2]), same.gradient(POINT[None, :2]), rtol=1e-6)


def test_the_weight_enters_the_norm_linearly():
    assert mollified_norm(2, 0.01, lambda t: 3.0 + 0 * t) == pytest.approx(3 * mollified_norm(2, 0.01))


@pytest.mark.parametrize(
    "call",
    [
        lambda: pyramid_density(np.eye(3)[:1], [0.5]),
        lambda: mollified_density([0.6, 0.9], 0.1, 0.1),
        lambda: mollified_norm(4, 0.1),
        lambda: mollified_norm(2, 0.5),
        lambda: rate_constant(4),
        lambda: MollifiedPyramid(1, 0.1),
        lambda: MollifiedPyramid(4, 0.01),
    ],
)
def test_bad_input(call):
    with pytest.raises(ValueError, match="must"):
        call()
