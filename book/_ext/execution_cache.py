"""No stale numbers: the execution cache is keyed by the content of src/, results/ and the pins."""

from __future__ import annotations

import shutil
from pathlib import Path

from sphinx.application import Sphinx

from stableminima.datasets import mnist_available
from stableminima.files import content_of

INPUTS = ("src", "results", "requirements.txt", "constraints.txt")


def fingerprint(root: Path) -> str:
    """A hash of everything outside a chapter that its numbers depend on, the presence of MNIST included."""
    return content_of(root, INPUTS, b"mnist" if mnist_available() else b"no mnist")[:16]


def key_the_cache(app: Sphinx, config) -> None:
    """Give each state of the inputs a cache of its own.

    The path of the cache is a configuration value on which Sphinx's environment depends, so a new path also makes
    Sphinx read, and therefore execute, every chapter again.
    """
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / fingerprint(Path(app.srcdir))
    for old in caches.glob("*"):
        if old != current:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    config.nb_execution_cache_path = str(current)
