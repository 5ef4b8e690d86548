"""Gradient descent and SGD: the readable reference, stacked programs, sweeps."""

from .deep import layers_of, network_of, random_layers, train_deep
from .descent import TrainingRun, mean_square_loss, train_sgd
from .stopping import StoppingRule
from .sweep.job import Progress, SweepJob
from .sweep.sweep import SweepResult, train_jobs, train_sweep
from .together import train_decayed, train_together

__all__ = [
    "Progress",
    "StoppingRule",
    "SweepJob",
    "SweepResult",
    "TrainingRun",
    "layers_of",
    "mean_square_loss",
    "network_of",
    "random_layers",
    "train_decayed",
    "train_deep",
    "train_jobs",
    "train_sgd",
    "train_sweep",
    "train_together",
]
