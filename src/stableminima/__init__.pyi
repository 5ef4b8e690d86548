"""The public names and where they come from; ``__init__.py`` imports each when it is first asked for."""

from .book.claims import Claim, ClaimFailed, claim
from .bounds.chain import BoundChain, bound_chain, hessian_ceiling
from .bounds.neurons import NeuronCounts, neuron_counts
from .bounds.norms import merged_neurons, path_norm, second_derivative, stability_norm
from .bounds.weights import data_weight, one_sided_weight, population_weight, univariate_weight
from .checks import DidNotConverge
from .datasets.mnist import DatasetUnavailable, load_mnist, mnist_available
from .datasets.tasks import BinaryTask, digit_pair
from .experiments.record_files import load_record
from .functions.pyramids import flattest_pyramid, pyramid, pyramid_network, shallow_pyramid
from .functions.sampling import ridge_network
from .networks import DeepReLU, Neurons, ShallowReLU, random_network
from .reports import Report, report
from .stability.curvature import hessian_sharpness
from .stability.kernel import tangent_features, tangent_kernel
from .stability.linearization import Linearization
from .stability.paths import Estimate
from .stability.questions import (
    almost_sure_threshold,
    gd_threshold,
    linearized_sgd,
    lyapunov_exponent,
    mean_square_path,
    sgd_threshold,
    sharpness,
)
from .stability.thresholds import Bracket
from .training.descent import TrainingRun, mean_square_loss, train_sgd
from .training.diagnosis import Diagnosis, diagnose
from .training.sweep.job import SweepJob
from .training.sweep.sweep import SweepResult, train_jobs, train_sweep
from .training.together import train_together
from .training.tracking import SharpnessTracker, TrackedStep

__version__: str

__all__ = [
    "BinaryTask",
    "BoundChain",
    "Bracket",
    "Claim",
    "ClaimFailed",
    "DatasetUnavailable",
    "DeepReLU",
    "Diagnosis",
    "DidNotConverge",
    "Estimate",
    "Linearization",
    "NeuronCounts",
    "Neurons",
    "Report",
    "ShallowReLU",
    "SharpnessTracker",
    "SweepJob",
    "SweepResult",
    "TrackedStep",
    "TrainingRun",
    "almost_sure_threshold",
    "bound_chain",
    "claim",
    "data_weight",
    "diagnose",
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
    "neuron_counts",
    "one_sided_weight",
    "path_norm",
    "population_weight",
    "pyramid",
    "pyramid_network",
    "random_network",
    "report",
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
