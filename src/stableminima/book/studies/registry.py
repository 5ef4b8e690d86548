"""The recorded studies of the book by name; a study is imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

from ...experiments.study import Study

STUDIES = {  # "module:attribute", imported only when asked for
    "mnist-35": "stableminima.book.studies.mnist:MNIST_35",
    "mnist-sampling": "stableminima.book.studies.mnist:MNIST_SAMPLING",
    "mnist-pairs": "stableminima.book.studies.mnist:MNIST_PAIRS",
    "mnist-scale": "stableminima.book.studies.mnist:MNIST_SCALE",
    "mnist-size": "stableminima.book.studies.mnist:MNIST_SIZE",
    "mnist-warmup": "stableminima.book.studies.mnist:MNIST_WARMUP",
    "mnist-warmup-length": "stableminima.book.studies.mnist:MNIST_WARMUP_LENGTH",
    "mnist-pixels": "stableminima.book.studies.mnist:MNIST_PIXELS",
    "mnist-flicker": "stableminima.book.studies.flicker:MNIST_FLICKER",
    "mnist-push": "stableminima.book.studies.push:MNIST_PUSH",
    "mnist-quick": "stableminima.book.studies.mnist:MNIST_QUICK",
    "depth": "stableminima.book.studies.depth:DEPTH",
    "momentum": "stableminima.book.studies.momentum:MOMENTUM",
    "multilayer": "stableminima.book.studies.multilayer:MULTILAYER",
    "other-data": "stableminima.book.studies.other_data:OTHER_DATA",
    "bump-31": "stableminima.book.studies.bump:BUMP_31",
}


def study_named(name: str) -> Study:
    """A registered study (:data:`STUDIES`)."""
    if name not in STUDIES:
        raise ValueError(f"no study is called {name!r}; there are {', '.join(STUDIES)}")
    module, attribute = STUDIES[name].split(":")
    return getattr(import_module(module), attribute)
