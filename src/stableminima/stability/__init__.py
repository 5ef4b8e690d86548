"""Linear stability of gradient descent and SGD at a minimum. Book: chapter 1."""

from .curvature import gd_threshold, hessian_sharpness, sharpness
from .kernel import DidNotConverge, squared_gradients, tangent_features, tangent_kernel
from .paths import Estimate, linearized_sgd, lyapunov_exponent, mean_square_path
from .thresholds import Bracket, almost_sure_edge, almost_sure_threshold, sgd_threshold

__all__ = [
    "Bracket",
    "DidNotConverge",
    "Estimate",
    "almost_sure_edge",
    "almost_sure_threshold",
    "gd_threshold",
    "hessian_sharpness",
    "linearized_sgd",
    "lyapunov_exponent",
    "mean_square_path",
    "sgd_threshold",
    "sharpness",
    "squared_gradients",
    "tangent_features",
    "tangent_kernel",
]
