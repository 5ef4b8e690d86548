"""No stale numbers: the execution cache is keyed by the content of src/, results/ and the pins, a page by its own.

And no strange ones: the library of the pages is that of this checkout, and no two builds write into one folder.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from filelock import FileLock, Timeout
from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sqlalchemy.exc import DatabaseError

import stableminima
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
    try:
        get_cache(str(current)).list_cache_records()
    except DatabaseError:  # a disk that was full, a build that was killed
        shutil.rmtree(current)
    config.nb_execution_cache_path = str(current)


def library_is_here(app: Sphinx, config) -> None:
    """Refuse to build with the library of another checkout, to which an environment or PYTHONPATH may lead."""
    ours, found = Path(app.srcdir, "src", "stableminima").resolve(), Path(stableminima.__file__).resolve().parent
    if ours.is_dir() and found != ours:
        raise ExtensionError(f"stableminima is imported from {found}, not from {ours}: build with python make.py book")


def lock_the_folder(app: Sphinx, config) -> None:
    """One build at a time; the lock goes with the process, however it ends."""
    app.build_lock = FileLock(Path(app.outdir).parent / "lock")
    try:
        app.build_lock.acquire(timeout=0)
    except Timeout:
        raise ExtensionError(f"another build is writing into {Path(app.outdir).parent}: wait for its end") from None


def changed_pages(app: Sphinx, env: BuildEnvironment, added: set, changed: set, removed: set) -> list[str]:
    """Pages whose text changed, whatever the date of the file: an archive unpacked over the book brings old dates."""
    known = getattr(env, "book_sources", {})
    return [name for name in env.found_docs - added - changed if known.get(name) != source_hash(env, name)]


def note_source(app: Sphinx, docname: str, source: list[str]) -> None:
    """Remember the text from which a page was made; kept between builds."""
    if not hasattr(app.env, "book_sources"):
        app.env.book_sources = {}
    app.env.book_sources[docname] = source_hash(app.env, docname)


def source_hash(env: BuildEnvironment, docname: str) -> str:
    return hashlib.sha256(Path(env.doc2path(docname)).read_bytes()).hexdigest()
