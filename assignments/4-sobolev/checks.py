"""The checks of problem set 4.  Public ones are given to students; names in ``true_`` know answers and stay here."""

import numpy as np

from stableminima import ShallowReLU, stability_norm
from stableminima.book.grading import check, close, holds
from stableminima.functions import Gaussian, Mixture, filtered_density, ridge_norm, sphere_area

# --- squeezed bumps ----------------------------------------------------------------------------------------------


@check("squeezed_norm", points=1, public=True)
def a_narrow_round_bump(squeezed_norm):
    hint = "a round bump of half the width has twice the norm, and the norm of the bump is in the chapter's table"
    close(squeezed_norm(0.25 * np.eye(2)), 2 * 4.76856, hint, rtol=1e-3)


@check(
    "squeezed_norm",
    points=1,
    tries="a random covariance in the plane",
    cause="a largest value or the root of a mean square for the mean over directions",
)
def squeezed_in_the_plane(squeezed_norm, rng):
    covariance = random_covariance(2, rng)
    close(squeezed_norm(covariance), true_bump_norm(covariance), rtol=1e-3)


@check(
    "squeezed_norm",
    points=1,
    tries="a random covariance in space",
    cause="directions that are not uniform on the sphere, or the covariance in place of its inverse",
)
def squeezed_in_space(squeezed_norm, rng):
    covariance = random_covariance(3, rng)
    close(squeezed_norm(covariance), true_bump_norm(covariance), rtol=1e-3)


def random_covariance(d, rng):
    turn = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return turn @ np.diag([0.2, 1.0, 1.5][:d] * rng.uniform(0.8, 1.2, d)) @ turn.T


def true_bump_norm(covariance):
    """The library's density of the Gaussian, integrated over directions and offsets."""
    d, t = len(covariance), np.sinh(np.linspace(0, 6, 1201))
    turn = np.pi * np.arange(64) / 32
    u, weight = np.column_stack([np.cos(turn), np.sin(turn)]), np.full(64, np.pi / 32)
    if d == 3:
        z, share = np.polynomial.legendre.leggauss(24)
        u = np.array([[*(np.sqrt(1 - height**2) * point), height] for height in z for point in u[::2]])
        weight = np.repeat(share, 32) * np.pi / 16
    density = np.abs(Gaussian(np.zeros(d), covariance).ridge_density(u[:, None, :], t))
    return 2 * weight @ np.trapezoid(density, t, axis=1)


# --- what a wave costs --------------------------------------------------------------------------------------------


@check("wave_norm", points=1, public=True)
def no_wave_at_all(wave_norm):
    close(wave_norm(0.0), 7.02006, "with frequency 0 it is the bump, whose norm is in the chapter's table", rtol=1e-3)


@check(
    "wave_norm",
    points=1,
    tries="a slow wave",
    cause="the part of the wave in the plane is forgotten, or the real part is taken of each factor",
)
def a_slow_wave(wave_norm, rng):
    frequency = rng.uniform(1.0, 2.5)
    close(wave_norm(frequency), true_wave_norm(frequency), rtol=2e-3)


@check(
    "wave_norm",
    points=1,
    tries="a fast wave",
    cause="too few directions near that of the wave, or the limit for high frequencies",
)
def a_fast_wave(wave_norm, rng):
    frequency = rng.uniform(5, 8)
    close(wave_norm(frequency), true_wave_norm(frequency), rtol=2e-3)


def true_wave_norm(frequency):
    """Planes are integrated over on a grid, the filter is an FFT, and directions go around the whole half circle."""
    t = np.linspace(-9, 9, 541)
    across = t[::3]
    z, share = np.polynomial.legendre.leggauss(60)
    total = 0.0
    for height, part in zip((z + 1) / 2, share / 2, strict=True):
        along, beside = frequency * height, frequency * np.sqrt(1 - height**2)
        in_plane = np.exp(-(across[:, None] ** 2 + across**2) / 2) * np.exp(1j * beside * across)
        area = in_plane.sum() * (across[1] - across[0]) ** 2
        plane = (np.exp(1j * along * t) * area).real * np.exp(-(t**2) / 2)
        total += part * np.trapezoid(np.abs(filtered_density(plane, t[1] - t[0], 3)), t)
    return sphere_area(3) * total


# --- corners in space --------------------------------------------------------------------------------------------


@check("cap_norm", points=1, public=True)
def a_smooth_cap(cap_norm):
    hint = "for k = 5/2, h''(sin a) is a multiple of sin 4a, and planes with t < 0 count as well"
    close(cap_norm(2.5), 30.0, hint, rtol=1e-3)


@check(
    "cap_norm",
    points=1,
    tries="several powers above two",
    cause="an absolute value before a sum of ups and downs, or only t > 0 is counted",
)
def caps_of_any_power(cap_norm, rng):
    for k in (2.3, *rng.uniform(2.5, 6, 2)):
        close(cap_norm(k), true_cap_norm(k), rtol=1e-3)


@check(
    "cap_norm",
    points=1,
    tries="the power two, where h'' jumps, and smaller ones",
    cause="the jump at |t| = 1 is not counted, or infinity is not returned below two",
)
def the_roughest_cap(cap_norm, rng):
    close(cap_norm(2.0), 32 + 32 / np.sqrt(5), "mind the jumps", rtol=1e-3)
    for k in (1.0, rng.uniform(1.1, 1.9)):
        close(cap_norm(k), np.inf)


def true_cap_norm(k):
    """The ups and downs of h'' between the zeros of h''', for k > 2."""
    # h'' is proportional to t (1-s)^(k-2) (3 - (2k+1) s), s = t^2, and h''' to a quadratic in s
    quadratic = np.polynomial.polynomial.polyadd(
        np.polynomial.polynomial.polymul([1, -1], [3, -3 * (2 * k + 1)]), -2 * (k - 2) * np.array([0, 3, -(2 * k + 1)])
    )
    roots = np.polynomial.polynomial.polyroots(quadratic)
    s = np.sort(np.array([0.0, *(r.real for r in roots if 0 < r.real < 1), 1.0]))
    second = -2 * k * np.sqrt(s) * (1 - s) ** (k - 2) * (3 - (2 * k + 1) * s)
    return 2 * np.abs(np.diff(second)).sum()


# --- rounding a tip -----------------------------------------------------------------------------------------------


@check("rounded_norm", points=1, public=True)
def the_function_of_huber(rounded_norm):
    hint = "h'' rises from -3 to 3 between t = -1 and t = 1, and has to be 2 beyond"
    close(rounded_norm([0.5, 0.5]), 8.0, hint, rtol=1e-3)


@check(
    "rounded_norm",
    points=1,
    tries="tips of degree four to eight",
    cause="the jump of h'' at the sphere, or an absolute value before a sum of ups and downs",
)
def smoother_tips(rounded_norm, rng):
    for degree in (2, 3, 4):
        c = tip(rng.uniform(-2, 2, degree - 1))
        close(rounded_norm(c), true_rounded_norm(c), rtol=3e-3)


@check(
    "rounded_norm",
    points=1,
    tries="a crease: the right value on the sphere and a wrong slope, or a step",
    cause="a jump of h' makes the norm infinite",
)
def creased_tips(rounded_norm, rng):
    c = tip(rng.uniform(-1, 1, 2))
    bends, jumps = c + np.array([0.25, -0.25, 0, 0]), c + np.array([0.25, 0, 0, 0])
    for wrong_tip in ([1.0], bends, jumps):
        close(rounded_norm(wrong_tip), true_rounded_norm(wrong_tip))
    close(rounded_norm(c), true_rounded_norm(c), "finite where there is no crease", rtol=3e-3)


def tip(higher):
    """Coefficients of even powers with value 1 and slope 1 on the unit sphere; those from r^4 on are given."""
    powers = np.arange(4, 4 + 2 * len(higher), 2)
    first = (1 - powers @ higher) / 2
    return np.array([1 - first - np.sum(higher), first, *higher])


def true_rounded_norm(c):
    """The variation of second differences of h, on two grids: it grows without bound where h' jumps."""
    values = []
    for cells in (10_000, 40_000):
        step = 4 / cells
        t = step * (np.arange(cells + 1) - cells // 2)
        inside = t * np.polynomial.polynomial.polyval(t**2, np.asarray(c))
        h = np.where(np.abs(t) < 1, inside, t * np.abs(t))
        values.append(np.abs(np.diff(h, 3)).sum() / step**2)
    return values[1] if values[1] < 2 * values[0] else np.inf


# --- a better drawing --------------------------------------------------------------------------------------------


@check("drawing_errors", points=1, public=True)
def a_parabola_on_two_samples(drawing_errors):
    hint = "for x^2/2 on the samples -1 and 1, R = 1: A = 2, h(1) = h(-1) = 1/2, m(t) = (1-t)^2/2 on both sides"
    close(drawing_errors(np.ones_like, [-1.0, 1.0], 1.0), [5 / 12, 1 / 4], hint, rtol=1e-3)


@check(
    "drawing_errors",
    points=1,
    tries="a fold with changes of sign and a sample that is not symmetric",
    cause="the square of the mean is not subtracted, or the sign of the fold is lost in h",
)
def error_of_the_plain_drawing(drawing_errors, rng):
    fold, x, radius = random_problem(rng)
    close(drawing_errors(fold, x, radius)[0], true_drawing_errors(fold, x, radius)[0], rtol=2e-3)


@check(
    "drawing_errors",
    points=1,
    tries="the same for the best density",
    cause="the root of m is forgotten, or the mean is taken before the root",
)
def error_of_the_best_drawing(drawing_errors, rng):
    fold, x, radius = random_problem(rng)
    close(drawing_errors(fold, x, radius)[1], true_drawing_errors(fold, x, radius)[1], rtol=2e-3)


@check(
    "drawing_errors",
    points=1,
    tries="the same in a ball that is twice as large",
    cause="knots beyond the sample: the best drawing has none, the plain one pays for them",
)
def a_larger_ball(drawing_errors, rng):
    fold, x, _ = random_problem(rng)
    radius = np.abs(x).max()
    near, far = (np.asarray(drawing_errors(fold, x, scale * radius), dtype=float) for scale in (1.0, 2.0))
    close(far[1], near[1], "the best drawing has no neurons beyond the sample", rtol=2e-3)
    close(far[0], true_drawing_errors(fold, x, 2 * radius)[0], rtol=2e-3)


def random_problem(rng):
    """A fold with changes of sign, a sample that is not symmetric, and a radius that is larger than it needs to be."""
    rate, phase, tilt = rng.uniform(2.5, 4), rng.uniform(0, 6), rng.uniform(0.2, 0.5)
    x = np.concatenate([rng.uniform(-1, -0.2, 2), rng.uniform(0.1, 1.5, 3), [1.5]])
    return lambda s: np.cos(rate * s + phase) + tilt * s, x, 1.3 * np.abs(x).max()


def true_drawing_errors(fold, x, radius, cells=4000):
    """The variance of one drawn neuron, over all neurons on a grid, summed over the samples."""
    t = radius * (np.arange(cells) + 0.5) / cells
    u, t = np.repeat([1.0, -1.0], cells), np.tile(t, 2)
    alpha = fold(u * t) / 2
    hidden = np.maximum(u[:, None] * np.asarray(x) - t[:, None], 0)
    errors = []
    for p in (np.abs(alpha), np.abs(alpha) * np.sqrt((hidden**2).mean(axis=1))):
        p = p / p.sum()
        kept = p > 0
        Y = (2 * alpha * radius / cells / np.where(kept, p, 1))[:, None] * hidden
        errors.append((p @ Y**2 - (p @ Y) ** 2).mean())
    return errors


# --- drawing with less luck ---------------------------------------------------------------------------------------


@check("strata_errors", points=1, public=True)
def a_parabola_with_two_neurons(strata_errors):
    hint = "for x^2/2 on -1 and 1, R = 1, k = 2: the strata are the two halves, and one of them is off on each sample"
    close(strata_errors(np.ones_like, [-1.0, 1.0], 1.0, 2), [5 / 24, 1 / 12], hint, rtol=1e-3)


@check(
    "strata_errors",
    points=1,
    tries="independent draws, for a fold with changes of sign",
    cause="the square of the mean is not subtracted, or its factor 1/k",
)
def errors_of_independent_neurons(strata_errors, rng):
    fold, x, radius = random_problem(rng)
    k = int(rng.integers(3, 12))
    close(strata_errors(fold, x, radius, k)[0], true_strata_errors(fold, x, radius, k)[0], rtol=3e-3)


@check(
    "strata_errors",
    points=1,
    tries="strata, for the same fold",
    cause="strata of equal length in place of equal mass, or the mean of all in place of that of each stratum",
)
def errors_of_one_neuron_a_stratum(strata_errors, rng):
    fold, x, radius = random_problem(rng)
    k = int(rng.integers(3, 12))
    close(strata_errors(fold, x, radius, k)[1], true_strata_errors(fold, x, radius, k)[1], rtol=5e-3)


@check(
    "strata_errors",
    points=1,
    tries="how the error falls from 8 to 32 neurons, with and without a cut at the origin",
    cause="an error that falls like that of independent draws",
)
def the_rate_with_many_strata(strata_errors):
    x = np.array([-0.9, -0.4, 0.3, 1.0])
    few, many = (strata_errors(np.ones_like, x, 1.0, k)[1] for k in (8, 32))
    close(few / many, 64, "with f'' constant and a cut at the origin the error falls like k^-3", rtol=0.15)
    odd, more = (strata_errors(np.ones_like, x, 1.0, k)[1] for k in (9, 27))
    holds(6 < odd / more < 18, "without a cut at the origin the error falls like k^-2")


def true_strata_errors(fold, x, radius, k, cells=20_000):
    """Knots in the middle of equal parts of the mass, found by the inverse of the distribution function."""
    edges = np.linspace(-radius, radius, 200_001)
    size = np.abs(fold((edges[1:] + edges[:-1]) / 2))
    mass = np.append(0, np.cumsum(size))
    per = cells // k
    knots = np.interp((np.arange(k * per) + 0.5) / (k * per) * mass[-1], mass, edges)
    amplitude = np.sign(fold(knots)) * mass[-1] * (edges[1] - edges[0])
    values = amplitude[:, None] * np.maximum(np.sign(knots)[:, None] * (np.asarray(x) - knots[:, None]), 0)
    strata = values.reshape(k, per, len(x))
    return values.var(axis=0).mean() / k, strata.var(axis=1).mean(axis=1).sum() / k**2


# --- between safe and hopeless -----------------------------------------------------------------------------------


@check("step_window", points=1, public=True)
def a_parabola(step_window):
    hint = "for x^2/2 on the samples -1 and 1 the weight g is a tent with its top, 1/sqrt(8), at 0"
    expected = [2 / (1 + np.sqrt(8)), 2 / (1 + np.sqrt(0.5))]
    close(step_window(np.ones_like, 0.0, np.array([-1.0, 1.0])), expected, hint, rtol=1e-3)


@check(
    "step_window",
    points=1,
    tries="the norm of the fold against a fine network",
    cause="the weight of one side in place of the smaller of both",
)
def where_it_becomes_hopeless(step_window, rng):
    fold, x, _ = random_problem(rng)
    knots = (np.arange(4000) + 0.5) / 4000 * (x.max() - x.min()) + x.min()
    amplitudes = fold(knots) * (x.max() - x.min()) / 4000
    net = ShallowReLU(np.ones((4000, 1)), -knots, amplitudes, 0.0)
    close(step_window(fold, rng.normal(), x)[1], 2 / (1 + 2 * stability_norm(net, x[:, None])), rtol=2e-3)


@check(
    "step_window",
    points=1,
    tries="the ceiling with a negative slope at zero",
    cause="the sign of f'(0), or its factor R",
)
def where_it_is_safe(step_window, rng):
    fold, x, _ = random_problem(rng)
    slope, R = rng.uniform(-2, -0.5), np.abs(x).max()
    s = R * (2 * (np.arange(8000) + 0.5) / 8000 - 1)
    worst = 2 * R * (np.abs(fold(s)) * (R - np.abs(s))).mean() - R * slope
    close(step_window(fold, slope, x)[0], 2 / (1 + 2 * np.sqrt(1 + R**2) * worst), rtol=2e-3)


# --- batches of one -----------------------------------------------------------------------------------------------


@check("batch_steps", points=1, public=True)
def a_parabola_in_batches(batch_steps):
    hint = "for x^2/2 on the samples -1 and 1, g is a tent with its top, 1/sqrt(8), at 0, and each side has one sample"
    expected = [2 / (1 + np.sqrt(0.5)), 2 / (1 + np.sqrt(2))]
    close(batch_steps(np.ones_like, np.array([-1.0, 1.0])), expected, hint, rtol=1e-3)


@check(
    "batch_steps",
    points=1,
    tries="gradient descent, against the stability norm of a fine network",
    cause="the factor 2, or the sign of the fold",
)
def step_of_the_full_batch(batch_steps, rng):
    fold, x, _ = random_problem(rng)
    net = fine_network(fold, x)
    close(batch_steps(fold, x)[0], 2 / (1 + 2 * stability_norm(net, x[:, None])), rtol=2e-3)


@check(
    "batch_steps",
    points=1,
    tries="batches of one, against the least mean squared gradient of a fine network, scale by scale",
    cause="the weight of the full batch times n, or one side only",
)
def step_of_batches_of_one(batch_steps, rng):
    fold, x, _ = random_problem(rng)
    close(batch_steps(fold, x)[1], 2 / true_mean_gradient(fine_network(fold, x), x), rtol=3e-3)


def fine_network(fold, x, neurons=2000):
    knots = (np.arange(neurons) + 0.5) / neurons * (x.max() - x.min()) + x.min()
    amplitudes = fold(knots) * (x.max() - x.min()) / neurons
    return ShallowReLU(np.ones((neurons, 1)), -knots, amplitudes, 0.0)


def true_mean_gradient(net, x):
    """Each neuron may look either way and have any of many scales; the cheapest is taken."""
    amplitude, _, knots = net.neurons()
    scale = np.exp(np.linspace(-9, 6, 1501))  # of the input weight
    best = np.full(len(knots), np.inf)
    for side in (1, -1):
        hidden = np.maximum(side * (x - knots[:, None]), 0)
        first = (hidden**2).mean(axis=1)
        second = amplitude**2 * ((hidden > 0) * (1 + x**2)).mean(axis=1)
        cost = np.min(first[:, None] * scale**2 + second[:, None] / scale**2, axis=1)
        best = np.minimum(best, cost)
    return 1 + best.sum()


# --- neurons where the function is zero --------------------------------------------------------------------------


@check("fold_outside", points=1, public=True)
def far_from_a_narrow_bump(fold_outside):
    bump, u = Gaussian([0.0, 0.0], 0.04 * np.eye(2)), np.array([0.6, 0.8])
    hint = "a Gaussian of width 0.2 is practically zero outside the unit disc, and the library knows its density"
    close(fold_outside(bump, u, 10.0), bump.ridge_density(u, 10.0), hint, rtol=1e-2, atol=0)


@check(
    "fold_outside",
    points=2,
    tries="a function that is not radial, at a random direction",
    cause="the direction is ignored, the constant, or an absolute value before the integral",
)
def close_to_a_tilted_cap(fold_outside, rng):
    tilt, turn, t = rng.uniform(0.3, 0.7, 2), rng.uniform(0, 6), rng.uniform(1.2, 2)
    u = np.array([np.cos(turn), np.sin(turn)])

    def cap(X):
        return np.maximum(1 - (X**2).sum(axis=1), 0) ** 3 * (1 + X @ tilt)

    s = np.linspace(-12, 12, 24_001)
    across = 32 / 35 * np.maximum(1 - s**2, 0) ** 3.5 * (1 + s * (tilt @ u))  # the Radon transform, in closed form
    close(fold_outside(cap, u, t), np.interp(t, s, filtered_density(across, s[1] - s[0], 2)), rtol=1e-3, atol=0)


# --- neurons across a plateau -------------------------------------------------------------------------------------


@check("fold_inside", points=1, public=True)
def inside_a_gaussian(fold_inside):
    hint = "the library knows the density of the bump, whose Laplacian is (r^2 - 2) exp(-r^2 / 2)"
    expected = Gaussian([0.0, 0.0]).ridge_density(np.array([0.6, 0.8]), 1.3)
    close(fold_inside(lambda r: (r**2 - 2) * np.exp(-(r**2) / 2), 1.3), expected, hint, rtol=1e-3)


@check(
    "fold_inside",
    points=1,
    tries="a bump minus a wider one, near the centre and far from it",
    cause="the derivative by t, the constant, or a quadrature that does not see the end of the interval",
)
def inside_a_hat(fold_inside, rng):
    wide, depth = rng.uniform(1.5, 2), rng.uniform(0.5, 1)
    pair = Mixture([Gaussian([0.0, 0.0]), Gaussian([0.0, 0.0], wide**2 * np.eye(2))], [1.0, -depth])

    def laplacian(r):
        narrow = (r**2 - 2) * np.exp(-(r**2) / 2)
        return narrow - depth * (r**2 / wide**2 - 2) / wide**2 * np.exp(-(r**2) / (2 * wide**2))

    for t in (0.4, rng.uniform(1, 3)):
        close(fold_inside(laplacian, t), pair.ridge_density(np.array([1.0, 0.0]), t), rtol=2e-3, atol=1e-4)


@check(
    "fold_inside",
    points=1,
    tries="a smooth disc with a plateau, against the Radon transform; what lies beyond t is not told",
    cause="the Laplacian is asked for beyond the distance t, or the density is not zero on the plateau",
)
def across_a_plateau(fold_inside, rng):
    edge = rng.uniform(1.8, 2.2)

    def laplacian(r, limit):
        holds(np.max(r) <= 1.01 * limit + 1e-9, "only what lies within the distance t is known")
        q = np.maximum(r**2 - edge**2, 0)  # f = exp(-q^4 / 4), which is 1 up to the edge
        return np.exp(-(q**4) / 4) * (4 * r**2 * q**6 - 4 * q**3 - 12 * r**2 * q**2)

    offsets = edge * np.array([0.7, 1.15, 1.4])
    for t, truth in zip(offsets, true_plateau_density(edge, offsets), strict=True):
        close(fold_inside(lambda r, t=t: laplacian(np.asarray(r), t), t), truth, rtol=5e-3, atol=2e-3)


def true_plateau_density(edge, offsets):
    """Integrals over lines, filtered by FFT."""
    s = np.linspace(-9, 9, 3001)
    r2 = s[:, None] ** 2 + s**2
    across = np.exp(-(np.maximum(r2 - edge**2, 0) ** 4) / 4).sum(axis=1) * (s[1] - s[0])
    return np.interp(offsets, s, filtered_density(across, s[1] - s[0], 2))


# --- a norm with an error bar ------------------------------------------------------------------------------------


@check("norm_estimate", points=1, public=True)
def one_dimension(norm_estimate, rng):
    value, error = norm_estimate(Gaussian([0.0]), 1.0, 4000, rng)
    hint = "the norm of the bump on |t| < 1 is 2/sqrt(e) for d = 1, where the integral over directions is a sum of two"
    holds(abs(value - 2 / np.sqrt(np.e)) < 0.08, hint)
    holds(np.isfinite(error) and error > 0, "the second number is a standard error, positive")


@check(
    "norm_estimate",
    points=1,
    tries="mixtures in two and five dimensions",
    cause="the area of the sphere, or the factor two of t < 0",
)
def more_dimensions(norm_estimate, rng):
    for d in (2, 5):
        function = random_mixture(d, rng)
        value, error = norm_estimate(function, 2.0, 20_000, rng)
        truth = ridge_norm(function, 2.0, neurons=2**12, cells=64)
        holds(abs(value - truth) < 0.08 * truth + 5 * min(error, 0.02 * truth), "not the norm on the ball")


@check(
    "norm_estimate",
    points=1,
    tries="eighty estimates against their own error bars",
    cause="the standard deviation of one draw for that of the mean, or the same draws every time",
)
def the_error_bar_is_honest(norm_estimate, rng):
    function = random_mixture(2, rng)
    pairs = np.array([norm_estimate(function, 2.0, 400, rng) for _ in range(80)])
    spread, claimed = pairs[:, 0].std(), pairs[:, 1].mean()
    holds(0.6 < spread / claimed < 1.6, "the estimates do not scatter as the standard error says")


@check(
    "norm_estimate",
    points=1,
    tries="sixteen times as many draws",
    cause="an error bar that does not fall like one over the root of the draws",
)
def more_draws_help(norm_estimate, rng):
    function = random_mixture(3, rng)
    few, many = norm_estimate(function, 2.0, 1000, rng)[1], norm_estimate(function, 2.0, 16_000, rng)[1]
    holds(2.8 < few / many < 5.7, "sixteen times as many draws make the error four times smaller")


def random_mixture(d, rng):
    parts = [Gaussian(rng.uniform(-0.5, 0.5, d), scale * np.eye(d)) for scale in (0.6, 1.0)]
    return Mixture(parts, [1.0, -rng.uniform(0.5, 1)])


# --- up or down, with an error bar --------------------------------------------------------------------------------


@check("share_estimate", points=1, public=True)
def the_bump_on_the_line(share_estimate, rng):
    share, error = share_estimate(Gaussian([0.0]), 2.0, 4000, rng)
    hint = "on the line the bump folds downwards for |t| < 1 and upwards beyond; each side is a difference of slopes"
    slopes = np.array([0.0, -np.exp(-0.5), -2 * np.exp(-2.0)])
    holds(abs(share - (slopes[2] - slopes[1]) / np.abs(np.diff(slopes)).sum()) < 0.06, hint)
    holds(np.isfinite(error) and error > 0, "the second number is a standard error, positive")


@check(
    "share_estimate",
    points=1,
    tries="a bump in two and five dimensions, and a mixture",
    cause="the share of the draws that fold upwards, whatever their size",
)
def shares_in_more_dimensions(share_estimate, rng):
    for function, radius in ((Gaussian(np.zeros(2)), 1.5), (Gaussian(np.zeros(5)), 2.0), (random_mixture(2, rng), 2.0)):
        share, error = share_estimate(function, radius, 20_000, rng)
        holds(abs(share - true_share(function, radius)) < 0.005 + 4 * min(error, 0.005), "not the share on the ball")


@check(
    "share_estimate",
    points=1,
    tries="three hundred estimates against their own error bars",
    cause="the formula for a mean of zeros and ones, or two errors added as if they were independent",
)
def the_error_of_a_ratio(share_estimate, rng):
    place = rng.uniform(0.28, 0.32, 3)
    pair = Mixture([Gaussian(place, 0.6 * np.eye(3)), Gaussian(-place)], [1.0, -1.0])
    for function, radius in ((Gaussian(np.zeros(2)), 1.0), (pair, 1.5)):
        pairs = np.array([share_estimate(function, radius, 400, rng) for _ in range(300)])
        spread, claimed = pairs[:, 0].std(), pairs[:, 1].mean()
        holds(0.85 < spread / claimed < 1.18, "the estimates do not scatter as the standard error says")


@check(
    "share_estimate",
    points=1,
    tries="sixteen times as many draws",
    cause="an error bar that does not fall like one over the root of the draws",
)
def more_draws_help_the_share(share_estimate, rng):
    function = random_mixture(3, rng)
    few, many = share_estimate(function, 2.0, 1000, rng)[1], share_estimate(function, 2.0, 16_000, rng)[1]
    holds(3.2 < few / many < 5, "sixteen times as many draws make the error four times smaller")


def true_share(function, radius):
    """Directions and offsets on a grid, or many uniform draws where there are too many directions."""
    d = function.dim
    if d == 2:
        turn, t = 2 * np.pi * (np.arange(400) + 0.5) / 400, radius * (np.arange(400) + 0.5) / 400
        u = np.column_stack([np.cos(turn), np.sin(turn)])
        alpha = function.ridge_density(u[:, None, :], t)
    else:
        draws = np.random.default_rng(7)
        u = draws.normal(size=(400_000, d))
        alpha = function.ridge_density(u / np.linalg.norm(u, axis=1, keepdims=True), radius * draws.random(400_000))
    return np.maximum(alpha, 0).sum() / np.abs(alpha).sum()
