"""From a stable step size to the function: weights, norms and the chain of bounds. Book: chapters 2, 3 and 5."""

from .chain import BoundChain, bound_chain, hessian_ceiling
from .laplacian import (
    chord_lengths,
    isotropic_primal_weight,
    laplacian_integral,
    line_grid,
    primal_weight,
)
from .least_norm import least_error, least_norm
from .norms import (
    cheapest_bends,
    line_norm,
    merged_neurons,
    path_norm,
    second_derivative,
    stability_norm,
    weight_decay_value,
)
from .weights import data_weight, isotropic_weight, one_sided_weight, population_weight, univariate_weight

__all__ = [
    "BoundChain",
    "bound_chain",
    "cheapest_bends",
    "chord_lengths",
    "data_weight",
    "hessian_ceiling",
    "isotropic_primal_weight",
    "isotropic_weight",
    "laplacian_integral",
    "least_error",
    "least_norm",
    "line_grid",
    "line_norm",
    "merged_neurons",
    "one_sided_weight",
    "path_norm",
    "population_weight",
    "primal_weight",
    "second_derivative",
    "stability_norm",
    "univariate_weight",
    "weight_decay_value",
]
