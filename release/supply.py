"""What the book is built with: names, versions, licences; ``sbom.cdx.json`` and ``LICENCES.txt`` of a release.

The list is requirements.lock, which holds for every platform.  Licences are what each installed package says of
itself; of what this platform does not need (NVIDIA's libraries on a machine without them) none is known here.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

SHIPPED = (("Source Serif 4", "4", "OFL-1.1"),)  # what lies in this repository and is not ours: the figures' typeface
UNKNOWN = "not installed on this platform"


@dataclass(frozen=True)
class Package:
    """A package that an installation may hold, and the licence that it names."""

    name: str
    version: str
    licence: str


def locked(lock: str) -> list[tuple[str, str]]:
    """Names and versions in the text of a lock."""
    return re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE)


def packages(lock: str) -> list[Package]:
    """Every package of a lock with its licence."""
    return [Package(name, version, licence_of(name)) for name, version in locked(lock)]


def licence_of(name: str) -> str:
    """The licence of an installed package: expression, classifiers, field, or first line of its file."""
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN
    facts = package.metadata
    classifiers = [c.split(" :: ")[-1] for c in facts.get_all("Classifier") or () if c.startswith("License :: ")]
    classifiers = [c for c in classifiers if c != "OSI Approved"]
    field = (facts.get("License") or "").strip()
    if found := facts.get("License-Expression") or "; ".join(classifiers) or ("" if "\n" in field else field):
        return found
    files = [file for file in package.files or () if re.match(r"(?i)licen[cs]e", file.name)]
    return next((line.strip() for file in files for line in (file.read_text() or "").splitlines() if line.strip()), "")


def bill_of_materials(title: str, version: str, when: datetime, found: list[Package]) -> str:
    """The software bill of materials, as CycloneDX 1.6 writes it (https://cyclonedx.org/docs/1.6/json/)."""
    shipped = [{"type": "data", "name": n, "version": v, "licenses": [{"license": {"id": i}}]} for n, v, i in SHIPPED]
    parts = [
        {
            "type": "library",
            "bom-ref": (purl := f"pkg:pypi/{package.name.lower()}@{package.version}"),
            "name": package.name,
            "version": package.version,
            "purl": purl,
        }
        | ({} if package.licence == UNKNOWN else {"licenses": [{"license": {"name": package.licence}}]})
        for package in found
    ]
    licences = [{"license": {"id": "BSD-3-Clause"}}, {"license": {"id": "CC-BY-4.0"}}]
    itself = {"type": "application", "name": title, "version": version, "licenses": licences}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": when.isoformat(), "component": itself},
        "components": shipped + parts,
    }
    return json.dumps(document, indent=1) + "\n"


def licences(found: list[Package]) -> str:
    """The same for readers: a line a package."""
    rows = [(name, version, licence) for name, version, licence in SHIPPED]
    rows += [(package.name, package.version, package.licence) for package in found]
    widths = [max(len(row[k]) for row in rows) for k in (0, 1)]
    lines = [f"{row[0]:{widths[0]}}  {row[1]:{widths[1]}}  {row[2]}".rstrip() for row in rows]
    return "\n".join(["What Stable Minima is built and tested with, and the licence that each names.", "", *lines, ""])


def write(folder: Path, root: Path, title: str, version: str, when: datetime) -> None:
    """``sbom.cdx.json`` and ``LICENCES.txt`` into a folder."""
    found = packages((root / "requirements.lock").read_text("utf8"))
    texts = {"sbom.cdx.json": bill_of_materials(title, version, when, found), "LICENCES.txt": licences(found)}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf8", newline="\n")
