"""*Stable Minima*: what the step size of gradient descent says about the function it finds.

The package behind the book. The names below are the public ones; every one of them is derived in a chapter.
"""

from .bounds import (
    BoundChain,
    bound_chain,
    data_weight,
    hessian_ceiling,
    merged_neurons,
    one_sided_weight,
    path_norm,
    population_weight,
    second_derivative,
    stability_norm,
    univariate_weight,
)
from .claims import Claim, ClaimFailed, claim
from .constructions import flattest_pyramid, pyramid, pyramid_network, ridge_network, shallow_pyramid
from .datasets import BinaryTask, DatasetUnavailable, digit_pair, load_mnist, mnist_available
from .networks import DeepReLU, Neurons, ShallowReLU, random_network
from .records import load_record
from .stability import (
    Bracket,
    DidNotConverge,
    Estimate,
    almost_sure_threshold,
    gd_threshold,
    hessian_sharpness,
    linearized_sgd,
    lyapunov_exponent,
    mean_square_path,
    sgd_threshold,
    sharpness,
    tangent_features,
    tangent_kernel,
)
from .sweep import SweepJob, SweepResult, train_jobs, train_sweep
from .training import TrainingRun, mean_square_loss, train_sgd, train_together

__version__ = "0.1.0"

__all__ = [
    "BinaryTask",
    "BoundChain",
    "Bracket",
    "Claim",
    "ClaimFailed",
    "DatasetUnavailable",
    "DeepReLU",
    "DidNotConverge",
    "Estimate",
    "Neurons",
    "ShallowReLU",
    "SweepJob",
    "SweepResult",
    "TrainingRun",
    "almost_sure_threshold",
    "bound_chain",
    "claim",
    "data_weight",
    "digit_pair",
    "flattest_pyramid",
    "gd_threshold",
    "hessian_ceiling",
    "hessian_sharpness",
    "linearized_sgd",
    "load_mnist",
    "load_record",
    "lyapunov_exponent",
    "mean_square_loss",
    "mean_square_path",
    "merged_neurons",
    "mnist_available",
    "one_sided_weight",
    "path_norm",
    "population_weight",
    "pyramid",
    "pyramid_network",
    "random_network",
    "ridge_network",
    "second_derivative",
    "sgd_threshold",
    "shallow_pyramid",
    "sharpness",
    "stability_norm",
    "tangent_features",
    "tangent_kernel",
    "train_jobs",
    "train_sgd",
    "train_sweep",
    "train_together",
    "univariate_weight",
]
