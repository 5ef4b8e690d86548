"""Sets that only a key opens.

A zip, encrypted and authenticated by Fernet (package cryptography; AES in CBC mode with an HMAC).  So a public copy of
the book may carry the sets with their solutions and hidden checks, and who gives the course has the key.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

SUFFIX = ".sealed"
KEY = "STABLEMINIMA_SETS_KEY"


def new_key() -> str:
    """A key, 44 characters."""
    return Fernet.generate_key().decode()


def seal(folder: Path, names: list[str], key: str) -> bytes:
    """The named sets of a folder as one encrypted archive."""
    cipher, packed = cipher_of(key), io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for name in names for path in (folder / name).rglob("*") if path.is_file()):
            if "__pycache__" not in path.parts:
                archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix()), path.read_bytes())
    return cipher.encrypt(packed.getvalue())


def unseal(data: bytes, key: str) -> bytes:
    """The archive in a sealed file."""
    try:
        return cipher_of(key).decrypt(data)
    except InvalidToken:
        raise ValueError(f"{KEY} does not open these sets: it is another key, or the file was changed") from None


def cipher_of(key: str) -> Fernet:
    if not key:
        raise ValueError(f"these sets are sealed: set {KEY} to the key that was made with them")
    try:
        return Fernet(key.encode())
    except ValueError:
        raise ValueError(f"{KEY} is no key: one has 44 characters, letters, digits, - and _, and ends with =") from None
