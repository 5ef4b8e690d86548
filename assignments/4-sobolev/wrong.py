"""Plausible wrong answers to problem set 4, and the points they lose."""

import numpy as np

from stableminima import univariate_weight
from stableminima.book.grading import wrong
from stableminima.functions import sphere_area

BUMP = {2: 4.76856, 3: 7.02006}


@wrong("squeezed_norm", loses=2, mistake="the largest stretch in place of its mean over directions")
def squeezed_norm(covariance):
    return BUMP[len(covariance)] / np.sqrt(np.linalg.eigvalsh(covariance)[0])


@wrong("squeezed_norm", loses=2, mistake="the root of the mean square in place of the mean")
def squeezed_norm(covariance):
    return BUMP[len(covariance)] * np.sqrt(np.trace(np.linalg.inv(covariance)) / len(covariance))


@wrong("squeezed_norm", loses=3, mistake="stretches where it should squeeze: the covariance in place of its inverse")
def squeezed_norm(covariance):
    return BUMP[len(covariance)] * np.sqrt(np.trace(covariance) / len(covariance))


@wrong("wave_norm", loses=2, mistake="forgets that the wave runs along the planes, too")
def wave_norm(frequency):
    return wave(frequency, lambda p: 1.0)


@wrong("wave_norm", loses=3, mistake="the wave across its crests only: the norm on the line")
def wave_norm(frequency):
    x = np.linspace(-10, 10, 20_001)
    return np.trapezoid(np.abs(np.gradient(np.gradient(np.cos(frequency * x) * np.exp(-(x**2) / 2), x), x)), x)


@wrong("wave_norm", loses=2, mistake="the real part of each factor, in place of that of the product")
def wave_norm(frequency):
    return wave(frequency, lambda p: np.exp((p**2 - frequency**2) / 2), part=lambda a, b: a.real * b.real)


@wrong("wave_norm", loses=2, mistake="the bump of which the wave is made, whatever the frequency")
def wave_norm(frequency):
    return BUMP[3]


def wave(frequency, along, part=lambda a, b: (a * b).real):
    z, share = np.polynomial.legendre.leggauss(200)
    t, total = np.linspace(-10, 10, 4001), 0.0
    for p, weight in zip(frequency * (z + 1) / 2, share / 2, strict=True):
        place = t - 1j * p
        values = part(place**4 - 6 * place**2 + 3, np.exp(1j * p * t)) * np.exp(-(t**2) / 2)
        total += weight * along(p) * np.trapezoid(np.abs(values), t)
    return total


@wrong("cap_norm", loses=1, mistake="the jumps of h'' at the edge of the cap are forgotten")
def cap_norm(power):
    return variation(power) if power >= 2 else np.inf


@wrong("cap_norm", loses=1, mistake="asks for four integrable derivatives, which suffice but are not needed")
def cap_norm(power):
    return variation(power) if power >= 2.3 else np.inf


@wrong("cap_norm", loses=3, mistake="counts t > 0 only: planes appear twice, as (u, t) and (-u, -t)")
def cap_norm(power):
    return variation(power) / 2 if power > 2 else np.inf


def variation(k):
    t = 1 - np.geomspace(1, 1e-12, 100_001)
    return 2 * np.abs(np.diff(2 * k * t * (1 - t**2) ** (k - 2) * (3 - (2 * k + 1) * t**2))).sum()


@wrong("rounded_norm", loses=3, mistake="four, because the function is convex and ends like the cone")
def rounded_norm(coefficients):
    return 4.0 if crease(coefficients) < 1e-9 else np.inf


@wrong("rounded_norm", loses=3, mistake="the inside only: the jump of h'' at the sphere is forgotten")
def rounded_norm(coefficients):
    return np.inf if crease(coefficients) > 1e-9 else 2 * np.abs(np.diff(inner_fold(coefficients))).sum()


@wrong("rounded_norm", loses=1, mistake="does not see that a curved crease has no norm")
def rounded_norm(coefficients):
    second = inner_fold(coefficients)
    return 2 * (np.abs(np.diff(second)).sum() + abs(2 - second[-1]))


@wrong("rounded_norm", loses=2, mistake="the net rise in place of the ups and downs")
def rounded_norm(coefficients):
    second = inner_fold(coefficients)
    return np.inf if crease(coefficients) > 1e-9 else 2 * (abs(second[-1]) + abs(2 - second[-1]))


def crease(c):
    return abs(np.sum(c) - 1) + abs(2 * np.arange(len(c)) @ np.asarray(c) - 1)


def inner_fold(c):
    t, k = np.linspace(0, 1, 20_001), np.arange(len(c))
    return t[:, None] ** np.abs(2 * k - 1) @ (2 * k * (2 * k + 1) * np.asarray(c))


@wrong("drawing_errors", loses=4, mistake="forgets to subtract the square of the mean")
def drawing_errors(fold, x, radius):
    return drawn(fold, x, radius)[0]


@wrong("drawing_errors", loses=4, mistake="a wrong orientation: all neurons open to the right")
def drawing_errors(fold, x, radius):
    raw, mean = drawn(fold, x, radius, opens=lambda s: np.ones_like(s))
    return raw - mean


@wrong("drawing_errors", loses=2, mistake="takes the norm over the range of the sample in place of the ball")
def drawing_errors(fold, x, radius):
    raw, mean = drawn(fold, x, np.abs(x).max(), inside=(np.min(x), np.max(x)))
    return raw - mean


def drawn(fold, x, radius, opens=np.sign, inside=(-np.inf, np.inf)):
    cells = 20_000
    s = radius * ((np.arange(cells) + 0.5) / cells * 2 - 1)
    size = np.abs(fold(s)) * 2 * radius / cells * ((inside[0] < s) & (s < inside[1]))
    hidden = np.maximum(opens(s)[:, None] * (np.asarray(x) - s[:, None]), 0)
    second = (hidden**2).mean(axis=1)
    h = (fold(s) * 2 * radius / cells) @ np.maximum(np.sign(s)[:, None] * (np.asarray(x) - s[:, None]), 0)
    return np.array([size.sum() * (size @ second), (size @ np.sqrt(second)) ** 2]), np.mean(h**2)


@wrong("strata_errors", loses=2, mistake="strata of equal length in place of equal mass, for both")
def strata_errors(fold, x, radius, k):
    return strata(fold, x, radius, k, size=lambda s: np.ones_like(s))


@wrong("strata_errors", loses=4, mistake="forgets to subtract the square of the mean")
def strata_errors(fold, x, radius, k):
    return strata(fold, x, radius, k, subtract=0.0)


@wrong("strata_errors", loses=3, mistake="strata that change nothing: the mean of all is subtracted in both cases")
def strata_errors(fold, x, radius, k):
    return np.full(2, strata(fold, x, radius, k)[0])


@wrong("strata_errors", loses=4, mistake="all neurons open to the right")
def strata_errors(fold, x, radius, k):
    return strata(fold, x, radius, k, opens=lambda s: np.ones_like(s))


def strata(fold, x, radius, k, size=None, subtract=1.0, opens=np.sign):
    s = radius * ((np.arange(40_000) + 0.5) / 20_000 - 1)
    density = np.abs(fold(s)) if size is None else size(s)
    part = np.minimum((k * np.cumsum(density) / density.sum()).astype(int), k - 1)
    density = density / density.sum() * 40_000 / (2 * radius)
    value = fold(s)[:, None] / density[:, None] * np.maximum(opens(s)[:, None] * (np.asarray(x) - s[:, None]), 0)
    value, density = value.T, density * 2 * radius / 40_000
    second = (value**2) @ density / k
    means = np.array([np.bincount(part, weights=row * density, minlength=k) for row in value])
    raw = second - subtract * means.sum(axis=1) ** 2 / k, second - subtract * (means**2).sum(axis=1)
    return np.array([raw[0].mean(), raw[1].mean()])


@wrong("step_window", loses=2, mistake="forgets the factor 2 of the stability norm")
def step_window(fold, slope, x):
    ceiling, norm = both_ends(fold, slope, x)
    return np.array([2 / ceiling, 2 / (1 + norm)])


@wrong("step_window", loses=1, mistake="leaves out the linear part, which costs sharpness but no stability norm")
def step_window(fold, slope, x):
    ceiling, norm = both_ends(fold, 0.0, x)
    return np.array([2 / ceiling, 2 / (1 + 2 * norm)])


@wrong("step_window", loses=2, mistake="does not take the absolute value of the fold")
def step_window(fold, slope, x):
    ceiling, norm = both_ends(lambda s: np.maximum(fold(s), 0) - np.maximum(-fold(s), 0), slope, x, size=lambda z: z)
    return np.array([2 / ceiling, 2 / (1 + 2 * norm)])


def both_ends(fold, slope, x, size=np.abs):
    R = np.abs(x).max()
    s = np.linspace(-R, R, 20_001)
    folds = size(fold(s))
    ceiling = 1 + 2 * np.hypot(1, R) * (np.trapezoid(folds * (R - np.abs(s)), s) + R * abs(slope))
    return ceiling, np.trapezoid(folds * univariate_weight(x, s), s)


@wrong("batch_steps", loses=1, mistake="the full batch's weight, n times: true for the outermost knots only")
def batch_steps(fold, x):
    first, _ = weighed(fold, x)
    return 2 / (1 + 2 * np.array([first, len(x) * first]))


@wrong("batch_steps", loses=2, mistake="neurons that look to the right only")
def batch_steps(fold, x):
    first, second = weighed(fold, x, better=lambda right, left: right)
    return 2 / (1 + 2 * np.array([first, second]))


@wrong("batch_steps", loses=3, mistake="forgets the factor 2 of both norms")
def batch_steps(fold, x):
    return 2 / (1 + np.array(weighed(fold, x)))


@wrong("batch_steps", loses=2, mistake="does not take the absolute value of the fold")
def batch_steps(fold, x):
    return 2 / (1 + 2 * np.array(weighed(fold, x, size=lambda z: z)))


def weighed(fold, x, better=np.minimum, size=np.abs):
    x, s = np.asarray(x), np.linspace(np.min(x), np.max(x), 10_001)
    sides = []
    for side in (1, -1):
        hidden = np.maximum(side * (x - s[:, None]), 0)
        sides.append(np.sqrt((hidden**2).mean(axis=1) * ((hidden > 0) * (1 + x**2)).mean(axis=1)))
    return [np.trapezoid(size(fold(s)) * g, s) for g in (univariate_weight(x, s), better(*sides))]


@wrong("fold_outside", loses=2, mistake="the far field only: all of the mass at the centre")
def fold_outside(function, u, t):
    return -3 / (2 * np.pi**2) * on_disc(function, u, 0.0) / t**4


@wrong("fold_outside", loses=3, mistake="a missing ½ in the constant of the inversion formula")
def fold_outside(function, u, t):
    return -3 / np.pi**2 * on_disc(lambda X: function(X) / (t - X @ np.asarray(u)) ** 4, u, t)


@wrong("fold_outside", loses=3, mistake="the sign: outer neurons of a bump fold downwards")
def fold_outside(function, u, t):
    return 3 / (2 * np.pi**2) * on_disc(lambda X: function(X) / (t - X @ np.asarray(u)) ** 4, u, t)


def on_disc(function, u, t):
    axis = (np.arange(400) + 0.5) / 200 - 1
    X = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    X = X[(X**2).sum(axis=1) < 1]
    return function(X).sum() / 200**2


@wrong("fold_inside", loses=3, mistake="a missing factor 2: each line is counted twice, as (u, t) and (-u, -t)")
def fold_inside(laplacian, t):
    return 2 * abel(laplacian, t)


@wrong("fold_inside", loses=3, mistake="divides the sum of the folds at distance t by the length of the circle")
def fold_inside(laplacian, t):
    return laplacian(np.array([t]))[0] / (2 * np.pi)


@wrong("fold_inside", loses=3, mistake="the formula of space in the plane")
def fold_inside(laplacian, t):
    return (t * 1.0001 * laplacian(np.array([t * 1.0001])) - t * laplacian(np.array([t])))[0] / (4e-4 * np.pi * t)


@wrong("fold_inside", loses=3, mistake="forgets the derivative")
def fold_inside(laplacian, t):
    return abel(laplacian, t, differentiate=False)


def abel(laplacian, t, differentiate=True):
    angle = (np.arange(2000) + 0.5) / 2000 * np.pi / 2

    def within(end):
        return end * np.mean(np.sin(angle) * laplacian(end * np.sin(angle))) * np.pi / 2

    return (within(1.001 * t) - within(0.999 * t)) / (0.004 * np.pi * t) if differentiate else within(t) / (2 * np.pi)


@wrong("norm_estimate", loses=2, mistake="the spread of one draw, not of the mean of all: a missing 1/sqrt(n)")
def norm_estimate(function, radius, samples, rng):
    values = draws(function, radius, samples, rng)
    return values.mean(), values.std()


@wrong("norm_estimate", loses=1, mistake="absolute value taken after the mean: folds up and down cancel")
def norm_estimate(function, radius, samples, rng):
    values = draws(function, radius, samples, rng, size=lambda z: z)
    return abs(values.mean()), values.std() / np.sqrt(samples)


@wrong("norm_estimate", loses=1, mistake="the length of the circle for the area of every sphere")
def norm_estimate(function, radius, samples, rng):
    values = draws(function, radius, samples, rng) / sphere_area(function.dim) * (2 if function.dim == 1 else 2 * np.pi)
    return values.mean(), values.std() / np.sqrt(samples)


def draws(function, radius, samples, rng, size=np.abs):
    u = rng.normal(size=(samples, function.dim))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    t = rng.uniform(0, radius, samples)
    return 2 * radius * sphere_area(function.dim) * size(function.ridge_density(u, t))


@wrong("share_estimate", loses=1, mistake="the error of a share of zeros and ones")
def share_estimate(function, radius, samples, rng):
    alpha = draws(function, radius, samples, rng, size=lambda z: z)
    share = np.maximum(alpha, 0).sum() / np.abs(alpha).sum()
    return share, np.sqrt(share * (1 - share) / samples)


@wrong("share_estimate", loses=2, mistake="counts draws, whatever their size")
def share_estimate(function, radius, samples, rng):
    up = draws(function, radius, samples, rng, size=np.sign) > 0
    return up.mean(), up.std() / np.sqrt(samples)


@wrong("share_estimate", loses=1, mistake="the errors of numerator and denominator added as if they were independent")
def share_estimate(function, radius, samples, rng):
    alpha = draws(function, radius, samples, rng, size=lambda z: z)
    up, size = np.maximum(alpha, 0), np.abs(alpha)
    share = up.mean() / size.mean()
    return share, share * np.hypot(up.std() / up.mean(), size.std() / size.mean()) / np.sqrt(samples)


@wrong("share_estimate", loses=2, mistake="the spread of one draw, not of the mean of all: a missing 1/sqrt(n)")
def share_estimate(function, radius, samples, rng):
    alpha = draws(function, radius, samples, rng, size=lambda z: z)
    up, size = np.maximum(alpha, 0), np.abs(alpha)
    share = up.mean() / size.mean()
    return share, (up - share * size).std() / size.mean()
