"""Linear stability of gradient descent and SGD at a minimum. Book: chapter 1."""

from ..checks import DidNotConverge
from .curvature import hessian_sharpness
from .kernel import squared_gradients, tangent_features, tangent_kernel
from .linearization import Linearization
from .paths import Estimate
from .questions import (
    almost_sure_threshold,
    gd_threshold,
    linearized_sgd,
    lyapunov_exponent,
    mean_square_path,
    sgd_threshold,
    sharpness,
)
from .single_batches import SingleBatches, single_batches, worst_batch
from .thresholds import AlmostSureEdge, Bracket

__all__ = [
    "AlmostSureEdge",
    "Bracket",
    "DidNotConverge",
    "Estimate",
    "Linearization",
    "SingleBatches",
    "almost_sure_threshold",
    "gd_threshold",
    "hessian_sharpness",
    "linearized_sgd",
    "lyapunov_exponent",
    "mean_square_path",
    "sgd_threshold",
    "sharpness",
    "single_batches",
    "squared_gradients",
    "tangent_features",
    "tangent_kernel",
    "worst_batch",
]
