"""Data: MNIST by checksum, pairs of digits as tasks, small bundled sets, synthetic inputs."""

from .bundled import bundled_task, load_bundled
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
    "bundled_task",
    "clusters",
    "digit_pair",
    "disc",
    "load_bundled",
    "load_mnist",
    "load_small_digits",
    "mixture",
    "mnist_available",
    "orthogonal_inputs",
    "ring",
    "uniform_ball",
]
