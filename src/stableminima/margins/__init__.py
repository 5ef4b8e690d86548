"""Classification with a logistic loss on nearly orthogonal data. Book: chapter 7."""

from .limits import asymptotics, leaky_stable_rank, near_orthogonality, rank_one_excess, relu_stable_rank, stable_rank
from .logistic_descent import descend_logistic, log_logistic_loss, step_for_gain
from .signed import SignedNetwork, logistic_sharpness, pattern_kernel, signed_network

__all__ = [
    "SignedNetwork",
    "asymptotics",
    "descend_logistic",
    "leaky_stable_rank",
    "log_logistic_loss",
    "logistic_sharpness",
    "near_orthogonality",
    "pattern_kernel",
    "rank_one_excess",
    "relu_stable_rank",
    "signed_network",
    "stable_rank",
    "step_for_gain",
]
