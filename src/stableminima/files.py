"""Files that a failure never damages: written beside the target, then renamed; read without pickle; hashed."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from .checks import Array

Loaded = TypeVar("Loaded")

LEFTOVERS = ("__pycache__", ".ipynb_checkpoints")  # and *.egg-info


@contextmanager
def beside(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A name beside ``path`` to write to, renamed to ``path`` at the end: a failure leaves what was there, and no rest.

    What is written is on the disk before it has its name, so that not even a crash of the machine leaves half a file.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        yield temporary
        with open(temporary, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    finally:
        with suppress(OSError):  # after a success it is gone
            temporary.unlink()


def save_npz(path: str | os.PathLike[str], **arrays: ArrayLike) -> None:
    """The arrays as a file without pickle; a failure never damages a file that is already there."""
    with beside(path) as temporary, open(temporary, "xb") as stream:
        np.savez(stream, allow_pickle=False, **{name: np.asarray(array) for name, array in arrays.items()})


def content_of(root: Path, names: Iterable[str], start: bytes = b"") -> str:
    """SHA-256 over the names and contents of all files under these files and folders of ``root``, and ``start``.

    What Python and Jupyter leave behind is not content.
    """
    digest = hashlib.sha256(start)
    for name in names:
        for path in sorted(p for p in (root / name, *(root / name).rglob("*")) if p.is_file()):
            inside = path.relative_to(root)
            if not any(part in LEFTOVERS or part.endswith(".egg-info") for part in inside.parts):
                digest.update(f"\0{inside.as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


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
