"""The protocol of chapter 4 on data of one's own: ``python -m stableminima sweep --data mine.npz``."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from ...checks import Array, finite_array, input_points
from ...datasets.tasks import BinaryTask
from ...experiments.records import Configuration, Result
from .mnist import trained_on

NEEDED, OPTIONAL = ("X", "y"), ("X_validation", "y_validation")
DIGITS_ONLY = ("dataset", "digits", "n", "n_validation")  # settings that data of one's own do not have


@dataclass(frozen=True)
class OnFile:
    """A run of the protocol on the samples of a file: a function of a configuration that names the file's hash.

    Args:
        path: of the file, as every process that runs it can read it.
    """

    path: str

    def __call__(self, configuration: Configuration) -> Result:
        """Train one network on the file and measure it (:func:`stableminima.book.studies.mnist.measure`)."""
        found, task = _remembered(self.path, Path(self.path).stat().st_mtime_ns)
        if found != configuration["data_sha256"]:
            raise ValueError(f"{self.path} has changed since the sweep began; start another one with --out")
        return trained_on(task, configuration)


def read_task(path: str) -> tuple[str, BinaryTask]:
    """Samples of one's own, read without pickle.

    Args:
        path: an ``.npz`` file with ``X`` ``(n, d)`` and ``y`` ``(n,)``, and perhaps ``X_validation`` ``(m, d)`` and
            ``y_validation`` ``(m,)``; nothing else.

    Returns:
        SHA-256 of the file (its first 12 digits), and the samples.

    Raises:
        ValueError: no such file, another kind of file, arrays missing or unknown, shapes that do not fit, NaN.

    Book: appendix "Reproducing at scale".
    """
    try:
        content = Path(path).read_bytes()
        with np.load(BytesIO(content), allow_pickle=False) as archive:
            arrays = dict(archive)
    except OSError as error:
        raise ValueError(f"--data {path} cannot be read ({error.strerror}); check its name and permissions") from error
    except (ValueError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"--data {path} is no .npz file of plain arrays ({error}); make it with numpy.savez(file, X=X, y=y)"
        ) from error
    try:
        task = _task_of(arrays)
    except ValueError as error:
        raise ValueError(f"--data {path}: {error}") from error
    return hashlib.sha256(content).hexdigest()[:12], task


def _task_of(arrays: Mapping[str, Any]) -> BinaryTask:
    missing, unknown = [name for name in NEEDED if name not in arrays], arrays.keys() - {*NEEDED, *OPTIONAL}
    if missing or unknown:
        raise ValueError(
            f"it must hold X and y, and may hold X_validation and y_validation; it holds {', '.join(sorted(arrays))}"
        )
    if len([name for name in OPTIONAL if name in arrays]) == 1:
        raise ValueError("X_validation and y_validation go together; add the other one, or drop both")
    X, y = _samples(arrays["X"], arrays["y"], "X", "y")
    if "X_validation" not in arrays:
        return BinaryTask(X, y, X[:0], y[:0], dataset="file")
    X_new, y_new = _samples(arrays["X_validation"], arrays["y_validation"], "X_validation", "y_validation")
    if X_new.shape[1] != X.shape[1]:
        raise ValueError(f"X_validation has {X_new.shape[1]} inputs and X has {X.shape[1]}; they must agree")
    return BinaryTask(X, y, X_new, y_new, dataset="file")


def _samples(X: Any, y: Any, X_name: str, y_name: str) -> tuple[Array, Array]:
    points = input_points(X, name=X_name)
    return points, finite_array(y, y_name, (len(points),))


@lru_cache(maxsize=2)
def _remembered(path: str, _changed: int) -> tuple[str, BinaryTask]:
    return read_task(path)


def configuration_on(path: str, setting: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration of the protocol without what concerns digits, but with the file's name and hash."""
    found, _ = _remembered(path, Path(path).stat().st_mtime_ns)
    kept = {name: value for name, value in setting.items() if name not in DIGITS_ONLY}
    return {"data": Path(path).name, "data_sha256": found} | kept
