"""Files that a failure never damages: written beside the target, then renamed; read without pickle."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from .checks import Array

Loaded = TypeVar("Loaded")


def save_npz(path: str | os.PathLike[str], **arrays: ArrayLike) -> None:
    """Write beside the target, then rename: a failure never damages a file that is already there."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(temporary, "xb") as stream:
            np.savez(stream, **arrays)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_npz(path: str | os.PathLike[str], kind: str, build: Callable[[dict[str, Array]], Loaded]) -> Loaded:
    """What ``build`` makes of the arrays in the file; whatever is wrong with them is a ``ValueError`` naming it."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        if str(arrays.pop("kind", None)) != kind:
            raise ValueError("it is of another kind")
        return build(arrays)
    except OSError:
        raise
    except Exception as error:  # a damaged archive can fail in a dozen ways
        raise ValueError(f"{path} does not hold a {kind} ({error}); pass a file that {kind}.save wrote") from error
