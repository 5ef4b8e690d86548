"""MNIST by checksum, the bundled 8×8 digits, and synthetic inputs.

MNIST is looked for in ``$STABLEMINIMA_DATA`` (the folder itself or its ``mnist`` subfolder), then in the user's cache,
then downloaded. Whatever its source, a file is believed only if the SHA-256 of its uncompressed bytes is the known one.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .networks import Array

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # in a notebook, tqdm complains of missing widgets as soon as pooch imports it
    import pooch

Bytes = NDArray[np.uint8]
Split = Literal["train", "test"]
Dataset = Literal["mnist", "digits", "auto"]

SHA256 = {  # of the uncompressed files
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
MAGIC = {1: 2049, 3: 2051}  # IDX: unsigned bytes in one and in three dimensions
HOW_TO_GET = (
    f"put the four files {', '.join(SHA256)} (plain or .gz) into a folder and set STABLEMINIMA_DATA to it; "
    f"they are at {' and '.join(MIRRORS)}"
)


class DatasetUnavailable(ValueError):
    """A data set cannot be had, or cannot be trusted; the message says what to do."""


class DatasetDamaged(DatasetUnavailable):
    """A file that the user pointed at is not the known one: never passed over, not even where a substitute would do."""


# ---------------------------------------------------------------------------------------------------------- MNIST


def load_mnist(split: Split) -> tuple[Bytes, Bytes]:
    """One split of MNIST: images ``(N, 28, 28)`` uint8 and labels ``(N,)`` uint8, read-only.

    Args:
        split: ``"train"`` (60 000 images) or ``"test"`` (10 000).

    Raises:
        DatasetUnavailable: nowhere to be found, or a file that was found is not the known one.

    Source: LeCun et al. 1998. Book: chapter 1, "Experiment: the edge of stability".
    """
    if not isinstance(split, str) or split not in FILES:
        raise ValueError(f'split must be "train" or "test", got {split!r}')
    images, labels = (_parse(name) for name in FILES[split])
    return images, labels


def mnist_available() -> bool:
    """Whether :func:`load_mnist` has files to read without a download (they are not opened)."""
    return all(_find(name) is not None for name in SHA256)


def _cache() -> Path:
    return Path(pooch.os_cache("stableminima")) / "mnist"


def _user_folders() -> list[Path]:
    setting = os.environ.get("STABLEMINIMA_DATA")
    folder = Path(setting).expanduser().absolute() if setting else None
    return [folder, folder / "mnist"] if folder else []


def _candidates(name: str, folders: list[Path]) -> Iterator[Path]:
    yield from (path for folder in folders for path in (folder / name, folder / f"{name}.gz") if os.path.isfile(path))


def _find(name: str) -> Path | None:
    return next(_candidates(name, [*_user_folders(), _cache()]), None)


def _parse(name: str) -> Bytes:
    path = _find(name)
    if path is None:
        return _parsed.__wrapped__(name)
    stat = path.stat()
    return _parsed(name, path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=len(SHA256))
def _parsed(name: str, *_version: object) -> Bytes:
    """The array in an IDX file: 4 bytes of magic, 4 for each dimension, then unsigned bytes.

    Remembered for one version of the file: one that vanishes or changes is looked for, or read, again.
    """
    content = _trusted_bytes(name)
    ndim = content[3]
    shape = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(ndim)]
    return np.frombuffer(content, np.uint8, offset=4 + 4 * ndim).reshape(shape)  # of bytes, hence read-only


def _trusted_bytes(name: str) -> bytes:
    for path in _candidates(name, _user_folders()):
        try:
            return _verified(name, _read(path), path)
        except DatasetUnavailable as error:
            raise DatasetDamaged(str(error)) from error
    missing = _where_it_is_not(name)
    damaged = None
    for path in _candidates(name, [_cache()]):
        try:
            return _verified(name, _read(path), path)
        except DatasetUnavailable as error:
            damaged = error  # a fresh download replaces it
    if os.environ.get("STABLEMINIMA_OFFLINE", "0") != "0":
        reason = f"{damaged or missing}, and STABLEMINIMA_OFFLINE forbids to download it"
        raise DatasetUnavailable(f"MNIST is not available: {reason}; {HOW_TO_GET}")
    return _download(name, missing)


def _where_it_is_not(name: str) -> str:
    folders = [*_user_folders()[:1], _cache()]
    return f"{name} is not in " + " nor in ".join(
        f"{f}{'' if os.path.isdir(f) else ' (no such folder)'}" for f in folders
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DatasetUnavailable(f"{path} cannot be read ({error}); make it readable or remove it") from error


def _verified(name: str, content: bytes, origin: object) -> bytes:
    """The uncompressed content, if it is the known file; otherwise the most telling complaint."""
    remedy = "delete or replace it"
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise DatasetUnavailable(f"{origin} is truncated or corrupted ({error}); {remedy}") from error
    if hashlib.sha256(content).hexdigest() == SHA256[name]:
        return content
    magic = MAGIC[int(name.split("idx")[1][0])]
    found = int.from_bytes(content[:4], "big")
    if found != magic:
        raise DatasetUnavailable(
            f"{origin} is not {name}: it starts with {found}, not the magic number {magic}; {remedy}"
        )
    digest = hashlib.sha256(content).hexdigest()
    raise DatasetUnavailable(
        f"{origin} is not the known {name}, it is truncated or altered: {len(content)} bytes, SHA-256 {digest[:12]}…, "
        f"expected {SHA256[name][:12]}…; {remedy}"
    )


def _fetch(url: str, path: Path) -> None:
    """One file over HTTPS, without a progress bar; raises OSError or ValueError."""
    pooch.HTTPDownloader(timeout=20)(url, str(path), None)


def _download(name: str, missing: str) -> bytes:
    """Download to a temporary name, verify, rename: a file under its final name was complete and right."""
    cache = _cache()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=cache, prefix=f".{name}.", suffix=".part")
    except OSError as error:
        raise _unwritable(cache, error) from error
    os.close(descriptor)
    failures = []
    try:
        for mirror in MIRRORS:
            try:
                _fetch(f"{mirror}{name}.gz", Path(temporary))
                content = _verified(name, Path(temporary).read_bytes(), f"the copy of {name} at {mirror}")
            except (OSError, ValueError) as error:
                failures.append(f"{mirror}: {error}")
                continue
            try:
                os.replace(temporary, cache / f"{name}.gz")
            except OSError as error:
                raise _unwritable(cache, error) from error
            return content
    finally:
        Path(temporary).unlink(missing_ok=True)
    raise DatasetUnavailable(f"{missing}, and could not be downloaded ({'; '.join(failures)}): {HOW_TO_GET}")


def _unwritable(cache: Path, error: OSError) -> DatasetUnavailable:
    return DatasetUnavailable(
        f"the cache {cache} cannot be written ({error}): set XDG_CACHE_HOME (Windows: LOCALAPPDATA) to a folder "
        f"that can, or {HOW_TO_GET}"
    )


# -------------------------------------------------------------------------------------------------- binary tasks


def load_small_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The 8×8 digits that ship with scikit-learn: images ``(1797, 8, 8)`` in 0…16, labels ``(1797,)``."""
    from sklearn.datasets import load_digits  # a second to import

    digits = load_digits()
    return digits.images, digits.target


@dataclass(frozen=True, eq=False)
class BinaryTask:
    """Two digits as a regression on labels ∓1.

    ``X`` ``(n, d)`` with pixels in [0, 1], ``y`` ``(n,)`` with −1 for the first digit and +1 for the second; the same
    for validation. ``dataset`` says where they come from (``"mnist"`` or ``"digits"``), ``image_shape`` its pixels.
    """

    X: Array
    y: Array
    X_validation: Array
    y_validation: Array
    digits: tuple[int, int] = (0, 1)
    dataset: str = ""
    image_shape: tuple[int, ...] = ()


def digit_pair(
    first: int, second: int, n_train: int, n_validation: int = 0, seed: int = 0, dataset: Dataset = "mnist"
) -> BinaryTask:
    """Two digits as a balanced binary task, drawn without replacement from the training split.

    Args:
        first: the digit labelled −1.
        second: the digit labelled +1.
        n_train: number of training images *of both classes together*, half of each; even.
        n_validation: the same for validation, from the remaining images; the protocol of Nacson et al. is 8000
            (4000 a class).
        seed: of the draw and of the order.
        dataset: ``"mnist"``; ``"digits"``, scikit-learn's 8×8 digits; or ``"auto"``, MNIST where it can be had and
            otherwise the small digits, with at most two thirds of the rarer class of each for training and as many
            validation images as remain. A damaged file in ``$STABLEMINIMA_DATA`` is an error even then.

    Raises:
        DatasetUnavailable: MNIST was asked for and cannot be had.
        DatasetDamaged: a file in ``$STABLEMINIMA_DATA`` is not the known one.
        ValueError: unknown or equal digits, odd or negative numbers, more images than there are.

    Book: chapters 1 and 4.
    """
    for name, digit in (("first", first), ("second", second)):
        if not _is_integer(digit) or digit not in range(10):
            raise ValueError(f"{name} must be a digit 0…9, got {digit!r}")
    if first == second:
        raise ValueError(f"first and second must be different digits, got {first} twice")
    for name, number, least in (("n_train", n_train, 2), ("n_validation", n_validation, 0)):
        if not _is_integer(number) or number % 2 or number < least:
            raise ValueError(f"{name} must be an even integer, at least {least} (half of each class), got {number!r}")
    images, labels, used = _digit_images(dataset)
    rng = np.random.default_rng(seed)
    classes = [rng.permutation(np.flatnonzero(labels == digit)) for digit in (first, second)]
    fewest = min(len(members) for members in classes)
    if dataset == "auto" and used == "digits":
        n_train = min(n_train, 2 * (2 * fewest // 3))
        n_validation = min(n_validation, 2 * (fewest - n_train // 2))
    if (n_train + n_validation) // 2 > fewest:
        raise ValueError(
            f"n_train + n_validation = {n_train + n_validation} asks for {(n_train + n_validation) // 2} a class, "
            f"but {used} has {len(classes[0])} of digit {first} and {len(classes[1])} of digit {second}"
        )

    def draw(start: int, count: int) -> tuple[Array, Array]:
        chosen = np.concatenate([members[start : start + count] for members in classes])
        y = np.repeat([-1.0, 1.0], count)
        order = rng.permutation(2 * count)
        pixels = images[chosen[order]].reshape(2 * count, int(np.prod(images.shape[1:])))
        return pixels / (255.0 if used == "mnist" else 16.0), y[order]

    train, validation = draw(0, n_train // 2), draw(n_train // 2, n_validation // 2)
    return BinaryTask(*train, *validation, (first, second), used, images.shape[1:])


def _is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _digit_images(dataset: Dataset) -> tuple[NDArray, NDArray, str]:
    if dataset not in ("mnist", "digits", "auto"):
        raise ValueError(f'dataset must be "mnist", "digits" or "auto", got {dataset!r}')
    if dataset != "digits":
        try:
            return (*load_mnist("train"), "mnist")
        except DatasetUnavailable as error:
            if dataset == "mnist" or isinstance(error, DatasetDamaged):
                raise
    return (*load_small_digits(), "digits")


# ------------------------------------------------------------------------------------------------ synthetic inputs


def uniform_ball(n: int, dim: int, radius: float = 1.0, seed: int = 0) -> Array:
    """``n`` points uniform in the ball of the given radius, ``(n, dim)``: Gaussian directions, radii r = R·U^(1/d)."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n, dim))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return radius * rng.random((n, 1)) ** (1 / dim) * directions


def ring(n: int, radius: float = 1.0, noise: float = 0.1, seed: int = 0) -> Array:
    """``n`` points near a circle in the plane, ``(n, 2)``: uniform angles, Gaussian noise of the given deviation."""
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, n)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)]) + noise * rng.normal(size=(n, 2))


def clusters(n: int, centers: Array, deviation: float = 0.3, seed: int = 0) -> Array:
    """``n`` points in Gaussian clusters of equal weight around ``centers`` ``(m, dim)``, in turn: ``(n, dim)``."""
    centers = np.asarray(centers, dtype=np.float64)
    noise = np.random.default_rng(seed).normal(size=(n, centers.shape[1]))
    return centers[np.arange(n) % len(centers)] + deviation * noise
