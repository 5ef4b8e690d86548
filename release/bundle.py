"""``make release``: everything that a reader can take away, in ``_build/release``.

  stable-minima-VERSION.pdf             the whole book on paper
  stable-minima-VERSION-html.zip        the site, readable without a network
  stable-minima-VERSION-notebooks.zip   every chapter as an executed notebook, with the recorded studies it reads
  notebooks/                            the same, unpacked: what the branch ``notebooks`` of the repository holds
  stable-minima-VERSION-sets.sealed     the problem sets, for those who have the key ($STABLEMINIMA_SETS_KEY, if set)
  sbom.cdx.json, LICENCES.txt           what it is built with, and under which licences
  manifest.json                         version, commit, date, content hash, pins; size and SHA-256 of each file
  SHA256SUMS                            for ``sha256sum -c SHA256SUMS``

The PDF, the archives and the notebooks are put beside the built pages too, which offer them (take_away.py).
The same built pages, commit and browser make the same bytes (but for what is sealed, which is new each time):
nothing here asks for the time of day.  The date is
``$SOURCE_DATE_EPOCH``, or that of the commit.  With ``$STABLEMINIMA_REPOSITORY`` the notebooks install the
library themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import browser
import notebooks
import pdf
import supply
import yaml
from pages import pages_of

from stableminima.files import content_of

sys.path += [str(Path(__file__).parents[1] / name) for name in ("book/_ext", "assignments")]
import sealed
from take_away import SOURCES, publish, withdraw

BINDER = """\
# What mybinder.org installs to run these notebooks.
name: stable-minima
channels: [conda-forge]
dependencies:
  - python=3.11
  - pytorch-cpu
  - pip
  - pip:
      - "stableminima @ git+{repository}@{revision}"
{pins}
"""
FOR_BINDER = (
    "numpy",
    "scipy",
    "matplotlib",
    "scikit-learn",
    "threadpoolctl",
    "pooch",
    "numba",
    "tqdm",
    "myst-nb",
    "ipykernel",
)
README = """\
# Stable Minima: the notebooks

Made from the book, version {version}, commit {revision}; do not edit them here. Start with `book/index.ipynb`. The
folder `results` holds the recorded studies that some chapters read.
"""


@dataclass(frozen=True)
class Release:
    """What a release says of itself."""

    version: str
    revision: str
    when: datetime
    content: str
    repository: str | None

    @property
    def name(self) -> str:
        return f"stable-minima-{self.version}"


def describe(root: Path) -> Release:
    """Version, commit, date and content hash of the sources in a folder."""
    version = tomllib.loads((root / "pyproject.toml").read_text("utf8"))["project"]["version"]
    revision = os.environ.get("STABLEMINIMA_REVISION") or git(root, "rev-parse", "HEAD") or "main"
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or git(root, "show", "-s", "--format=%ct", "HEAD") or "315532800"
    repository = os.environ.get("STABLEMINIMA_REPOSITORY", "").rstrip("/") or None
    return Release(version, revision, datetime.fromtimestamp(int(epoch), UTC), content_of(root, SOURCES), repository)


def git(root: Path, *arguments: str) -> str:
    """What git prints; nothing where there is no git or no commit."""
    try:
        done = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True, encoding="utf8")
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def pins(root: Path) -> dict[str, str]:
    """Every pinned package and its version."""
    texts = [
        (root / name).read_text("utf8") for name in ("constraints.txt", "requirements.txt", "requirements-release.txt")
    ]
    return dict(sorted(re.findall(r"^([\w.-]+)==([^\s#;]+)", "\n".join(texts), re.MULTILINE)))


def archive(target: Path, folder: Path, prefix: str, when: datetime) -> None:
    """A zip of a folder that depends on nothing but the contents, their names and the given date."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = f"{prefix}/{path.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(name, when.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, path.read_bytes())


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(folder: Path, release: Release, pinned: dict[str, str]) -> None:
    """``manifest.json`` and ``SHA256SUMS`` for everything in a folder."""
    files = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*")) if p.is_file()}
    record = {
        "name": "Stable Minima",
        "version": release.version,
        "revision": release.revision,
        "date": release.when.isoformat(),
        "content": release.content,
        "repository": release.repository,
        "files": {name: {"bytes": p.stat().st_size, "sha256": sha256(p)} for name, p in files.items()},
        "pins": pinned,
    }
    manifest = folder / "manifest.json"
    manifest.write_text(json.dumps(record, indent=1) + "\n", encoding="utf8", newline="\n")
    sums = "".join(f"{sha256(p)}  {name}\n" for name, p in (files | {"manifest.json": manifest}).items())
    (folder / "SHA256SUMS").write_text(sums, encoding="utf8", newline="\n")


def write_notebook_folder(
    folder: Path, root: Path, release: Release, rasterise: notebooks.Rasteriser, pages: list
) -> None:
    """What the branch ``notebooks`` holds: notebooks, records, a word of explanation and an environment for Binder."""
    notebooks.write_notebooks(pages, root / "_build", folder, rasterise, release.repository, release.revision)
    shutil.copytree(
        root / "results", folder / "results", ignore=lambda at, names: [n for n in names if not n.endswith(".json")]
    )
    texts = {"README.md": README.format(version=release.version, revision=release.revision)}
    if release.repository:
        lines = "\n".join(f"      - {name}=={version}" for name, version in pins(root).items() if name in FOR_BINDER)
        texts["environment.yml"] = BINDER.format(repository=release.repository, revision=release.revision, pins=lines)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf8", newline="\n")


def title_page(root: Path, release: Release) -> pdf.TitlePage:
    """What the PDF says of itself on its first page."""
    config = yaml.safe_load((root / "_config.yml").read_text("utf8"))
    when = f", {release.when.day} {release.when:%B %Y}"
    licence = "Text and figures: CC BY 4.0. Code: BSD 3-Clause."
    imprint = f"Version {release.version}{when}"
    abstract = yaml.safe_load((root / "CITATION.cff").read_text("utf8"))["abstract"]
    subtitle = re.match(r".*?[.?](?=\s|$)", abstract, re.DOTALL)[0]
    return pdf.TitlePage(config["title"], subtitle, config["author"], imprint, licence, "_static/overview.png")


def make(root: Path, only_notebooks: bool = False) -> Path:
    """Write the release of the built book and return its folder; what was there stays until all of the new one is done.

    Args:
        root: the repository.
        only_notebooks: leave out the PDF and the archives (for the deployment, which publishes the rest itself).
    """
    release, html = describe(root), root / "_build" / "html"
    draft, final = root / "_build" / "release.draft", root / "_build" / "release"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    withdraw(html)
    pages = pages_of(root, html)
    with browser.chromium() as chromium:
        if not only_notebooks:
            print("the PDF", flush=True)
            printed = pdf.print_book(chromium, pages, html, title_page(root, release), release.when)
            (draft / f"{release.name}.pdf").write_bytes(printed)
        print("the notebooks", flush=True)
        write_notebook_folder(draft / "notebooks", root, release, partial(browser.pictures, chromium), pages)
    if not only_notebooks:
        print("the archives", flush=True)
        archive(draft / f"{release.name}-html.zip", html, f"{release.name}-html", release.when)
        archive(draft / f"{release.name}-notebooks.zip", draft / "notebooks", f"{release.name}-notebooks", release.when)
    if key := os.environ.get(sealed.KEY):
        names = [path.name for path in sorted((root / "assignments").iterdir()) if (path / "checks.py").exists()]
        (draft / f"{release.name}-sets.sealed").write_bytes(sealed.seal(root / "assignments", names, key))
    supply.write(draft, root, "Stable Minima", release.version, release.when)
    write_manifest(draft, release, pins(root))
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    if not only_notebooks:
        publish(final, html)
    return final


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--notebooks"]):
        print(__doc__)
        return 2
    final = make(Path(__file__).resolve().parents[1], only_notebooks=bool(arguments))
    for path in sorted(final.rglob("*")):
        if path.is_file():
            print(f"  {path.stat().st_size / 1e6:7.2f} MB  {path.relative_to(final)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
