"""MNIST by checksum, and the bundled 8×8 digits that stand in for it.

MNIST is looked for in ``$STABLEMINIMA_DATA`` (the folder itself, its ``mnist``, or where torchvision puts it; plain or
.gz, also as ``train-images.idx3-ubyte``), then in the user's cache, then downloaded. Whatever its source, a file is
believed only if the SHA-256 of its uncompressed bytes is the known one.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import time
import warnings
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # in a notebook, tqdm complains of missing widgets as soon as pooch imports it
    import pooch

pooch.get_logger().setLevel("WARNING")  # a download is nothing that a chapter should print

Bytes = NDArray[np.uint8]
Split = Literal["train", "test"]

SHA256 = {  # of the uncompressed files
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
COMPRESSED = {  # the same of the .gz files that the mirrors serve
    "train-images-idx3-ubyte": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
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
PATIENCE = (5, 10)  # seconds in which a mirror must accept the connection, and send something
PAUSE = 3600  # seconds for which nobody asks the mirrors again, once none of them has answered
SUBFOLDERS = ("", "mnist", "raw", "MNIST/raw")  # of the folder that the user names; the last two are torchvision's
HOW_TO_GET = (
    f"put the four files {', '.join(SHA256)} (plain or .gz) into a folder and set STABLEMINIMA_DATA to it; "
    f"they are at {' and '.join(MIRRORS)}"
)


class DatasetUnavailable(ValueError):
    """A data set cannot be had, or cannot be trusted; the message says what to do."""


class DatasetDamaged(DatasetUnavailable):
    """A file that the user pointed at is not the known one: never passed over, not even where a substitute would do."""


def load_mnist(split: Split) -> tuple[Bytes, Bytes]:
    """One split of MNIST, found, checked and if need be downloaded.

    Args:
        split: ``"train"`` (60 000 images) or ``"test"`` (10 000).

    Returns:
        Images ``(N, 28, 28)`` with pixels 0…255 and labels ``(N,)``, both uint8 and read-only.

    Raises:
        DatasetUnavailable: nowhere to be found, or a file that was found is not the known one.

    Source: LeCun et al. 1998. Book: chapter 1, "Experiment: the edge of stability".
    """
    images, labels = (_parse(name) for name in FILES[_checked(split)])
    return images, labels


def mnist_available(split: Split = "train") -> bool:
    """Whether :func:`load_mnist` has files to read without a download (they are not opened).

    Args:
        split: ``"train"``, from which the book takes all its images, or ``"test"``.

    Returns:
        True if both files of the split are in ``$STABLEMINIMA_DATA`` or in the user's cache.

    Raises:
        ValueError: a split that there is not.

    Book: chapter 1, "Experiment: the edge of stability".
    """
    return all(_find(name) is not None for name in FILES[_checked(split)])


def _checked(split: Split) -> Split:
    if not isinstance(split, str) or split not in FILES:
        raise ValueError(f'split must be "train" or "test", got {split!r}')
    return split


def _cache() -> Path:
    return Path(pooch.os_cache("stableminima")) / "mnist"


def _user_folders() -> list[Path]:
    setting = os.environ.get("STABLEMINIMA_DATA", "").strip("\"' ")
    return [Path(setting).expanduser().absolute() / subfolder for subfolder in SUBFOLDERS] if setting else []


def _candidates(name: str, folders: list[Path]) -> Iterator[Path]:
    dotted = name.replace("-idx", ".idx")
    names = (name, f"{name}.gz", dotted, f"{dotted}.gz", f"{dotted}/{name}", f"{name}/{name}")  # the last: from Kaggle
    yield from (path for folder in folders for path in map(folder.joinpath, names) if os.path.isfile(path))


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
    if folders := _user_folders():
        warnings.warn(f"nothing is used from STABLEMINIMA_DATA, {folders[0]}: {missing}", stacklevel=2)
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
    pooch.HTTPDownloader(timeout=PATIENCE)(url, str(path), None)


def _download(name: str, missing: str) -> bytes:
    """From the first mirror that serves the known file: under its final name a file was complete and right."""
    cache, file = _cache(), f"{name}.gz"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            pass
        if os.path.isdir(cache / file):
            raise IsADirectoryError(f"{file} is a folder")
    except OSError as error:
        raise _unwritable(cache, error) from error
    silence = cache.with_name("no-mirror-answered")
    if os.path.isfile(silence) and (ago := time.time() - silence.stat().st_mtime) < PAUSE:
        raise DatasetUnavailable(
            f"{missing}, and {ago / 60:.0f} minutes ago it could not be downloaded ({silence.read_text('utf8')}); "
            f"delete {silence} to try again, or {HOW_TO_GET}"
        )
    failures = []
    for mirror in MIRRORS:
        try:
            return pooch.retrieve(
                f"{mirror}{file}",
                COMPRESSED[name],
                file,
                cache,
                processor=lambda path, *_: _verified(name, Path(path).read_bytes(), path),
                downloader=lambda url, path, _: _fetch(url, Path(path)),
            )
        except (OSError, ValueError) as error:
            failures.append(f"{mirror}: {error}")
    silence.write_text("; ".join(failures), encoding="utf8")
    raise DatasetUnavailable(f"{missing}, and could not be downloaded ({'; '.join(failures)}): {HOW_TO_GET}")


def _unwritable(cache: Path, error: OSError) -> DatasetUnavailable:
    return DatasetUnavailable(
        f"the cache {cache} cannot be written ({error}): set XDG_CACHE_HOME (Windows: LOCALAPPDATA) to a folder "
        f"that can, or {HOW_TO_GET}"
    )


def load_small_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The 8×8 digits that ship with scikit-learn.

    Returns:
        Images ``(1797, 8, 8)`` with pixels 0…16 and labels ``(1797,)``.

    Book: chapter 1, "Experiment: the edge of stability".
    """
    from sklearn.datasets import load_digits  # a second to import

    digits = load_digits()
    return digits.images, digits.target
