"""Data: MNIST by checksum, pairs of digits as tasks, synthetic inputs."""

from .mnist import (
    FILES,
    MIRRORS,
    SHA256,
    DatasetDamaged,
    DatasetUnavailable,
    load_mnist,
    load_small_digits,
    mnist_available,
)
from .synthetic import append_coordinates, bump_sample, clusters, disc, mixture, orthogonal_inputs, ring, uniform_ball
from .tasks import BinaryTask, digit_pair

__all__ = [
    "FILES",
    "MIRRORS",
    "SHA256",
    "BinaryTask",
    "DatasetDamaged",
    "DatasetUnavailable",
    "append_coordinates",
    "bump_sample",
    "clusters",
    "digit_pair",
    "disc",
    "load_mnist",
    "load_small_digits",
    "mixture",
    "mnist_available",
    "orthogonal_inputs",
    "ring",
    "uniform_ball",
]
