"""Functions and the networks that are built for them. Book: chapters 3, 5, 6 and 8."""

from .blurred_pyramid import (
    MollifiedPyramid,
    mollified_density,
    mollified_norm,
    pyramid_density,
    rate_constant,
    vertex_weights,
)
from .bump import RadialFunction, best_even_approximation, least_radial_norm, radial_bump, radial_neuron
from .flatness import NormReport, drawing_error, norm_of
from .gaussian import Gaussian, Mixture, angular_gaussian, gaussian_ridge_density
from .pyramids import ball_moments, flattest_pyramid, pyramid, pyramid_network, pyramid_sharpness, shallow_pyramid
from .radon import filtered_density, inversion_constant, radon_transform, rebuild, sphere_area, sphere_rule
from .regularised_bump import fitted_scale, radial_lasso, radial_profile
from .ridge import KnownDensity, numerical_gradient, ridges_of
from .sampling import in_gauge, ridge_network, ridge_neurons, ridge_norm, sharpness_bound, sharpness_ceiling

__all__ = [
    "Gaussian",
    "KnownDensity",
    "Mixture",
    "MollifiedPyramid",
    "NormReport",
    "RadialFunction",
    "angular_gaussian",
    "ball_moments",
    "best_even_approximation",
    "drawing_error",
    "filtered_density",
    "fitted_scale",
    "flattest_pyramid",
    "gaussian_ridge_density",
    "in_gauge",
    "inversion_constant",
    "least_radial_norm",
    "mollified_density",
    "mollified_norm",
    "norm_of",
    "numerical_gradient",
    "pyramid",
    "pyramid_density",
    "pyramid_network",
    "pyramid_sharpness",
    "radial_bump",
    "radial_lasso",
    "radial_neuron",
    "radial_profile",
    "radon_transform",
    "rate_constant",
    "rebuild",
    "ridge_network",
    "ridge_neurons",
    "ridge_norm",
    "ridges_of",
    "shallow_pyramid",
    "sharpness_bound",
    "sharpness_ceiling",
    "sphere_area",
    "sphere_rule",
    "vertex_weights",
]
