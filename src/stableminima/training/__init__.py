"""Gradient descent and SGD: the readable reference, stacked programs, sweeps."""

from .deep import layers_of, network_of, random_layers, train_deep
from .descent import TrainingRun, mean_square_loss, train_sgd
from .diagnosis import Diagnosis, diagnose
from .sweep.job import SweepJob
from .sweep.sweep import SweepResult, train_jobs, train_sweep
from .together import train_decayed, train_together
from .tracking import SharpnessTracker, TrackedStep

__all__ = [
    "Diagnosis",
    "SharpnessTracker",
    "SweepJob",
    "SweepResult",
    "TrackedStep",
    "TrainingRun",
    "diagnose",
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
