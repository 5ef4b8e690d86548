"""The problem sets, read: what is asked, with solutions and checks, as written and in a given year.

A set is a folder NAME of this one with NAME.md (questions and solutions), its twin NAME.py, checks.py and wrong.py;
README.md says how they are written.
"""

from __future__ import annotations

import io
import os
import re
import stat
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import jupytext
import nbformat
import sealed
import variants
from variants import Slot, Version

from stableminima.book.grading import Check, checks_of

UNPACKED = tempfile.TemporaryDirectory(prefix="sets-")  # removed when Python ends
LARGEST = 50_000_000  # bytes that an archive may unpack to


def folder_of(place: str | Path) -> Path:
    """The folder of the sets, which may be given as a zip, sealed or not; leaves Python with a reason if it is none."""
    place = Path(place).resolve()
    if place.is_dir():
        return place
    packed = place
    if place.suffix == sealed.SUFFIX and place.is_file():
        try:
            packed = io.BytesIO(sealed.unseal(place.read_bytes(), os.environ.get(sealed.KEY, "")))
        except ValueError as trouble:
            sys.exit(f"{place}: {trouble}")
    if not zipfile.is_zipfile(packed):
        sys.exit(f"STABLEMINIMA_SETS names {place}, which is neither a folder nor a zip archive")
    with zipfile.ZipFile(packed) as archive:
        members = archive.infolist()
        for member in members:
            if reason := unsafe(member):
                sys.exit(f"{place} is not unpacked: {member.filename!r} {reason}")
        if sum(member.file_size for member in members) > LARGEST:
            sys.exit(f"{place} is not unpacked: it holds more than {LARGEST // 1_000_000} megabytes")
        archive.extractall(UNPACKED.name)
    found = Path(UNPACKED.name)
    while len(inside := [path for path in found.iterdir() if not path.name.startswith(("__MACOSX", "."))]) == 1:
        if (inside[0] / f"{inside[0].name}.md").exists() or not inside[0].is_dir():
            break
        found = inside[0]  # the folder itself was packed, and not what is in it
    return found


def unsafe(member: zipfile.ZipInfo) -> str:
    """Why a member of an archive must not be unpacked, or nothing."""
    name = member.orig_filename  # before zipfile has made it harmless
    if "\\" in name or ":" in name or name.startswith("/") or ".." in name.split("/"):
        return "leads out of the archive"
    if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a device"
    return "is encrypted" if member.flag_bits & 1 else ""


# where the sets lie, solutions and checks included
SETS = folder_of(os.environ.get("STABLEMINIMA_SETS") or Path(__file__).parent)


@dataclass(frozen=True)
class Question:
    """One question: ``points`` in all, ``by_hand`` of them for the rubric, the others for its checks."""

    name: str
    title: str
    points: int
    by_hand: int
    minutes: int
    checks: tuple[Check, ...]

    @property
    def line(self) -> str:
        hand = f", {self.by_hand} of them marked by hand" if 0 < self.by_hand < self.points else ""
        hand = ", marked by hand" if self.by_hand == self.points else hand
        return f"*{self.points} points{hand}; about {self.minutes} minutes.*"


@dataclass(frozen=True)
class ProblemSet:
    """A set as given in a year: its notebook, with solutions, its questions, and the text of its checks."""

    name: str
    notebook: nbformat.NotebookNode
    questions: tuple[Question, ...]
    checks: str
    versions: tuple[Version, ...]
    year: int | None = None

    def module(self) -> ModuleType:
        """The checks, to be judged with."""
        return module_of(self.checks)

    @property
    def folder(self) -> Path:
        return SETS / self.name

    @property
    def points(self) -> int:
        return sum(question.points for question in self.questions)

    @property
    def minutes(self) -> int:
        return sum(question.minutes for question in self.questions)


def set_names() -> list[str]:
    """The names of the sets, in order."""
    return sorted(path.name for path in SETS.iterdir() if (path / f"{path.name}.md").exists())


def read_set(name: str, year: int | None = None) -> ProblemSet:
    """Read a set as it is given in a year, or without one; refuses questions whose points do not add up."""
    source = source_of(name)
    return with_versions(source, [slot.of(name, year) for slot in source.slots], year)


@dataclass(frozen=True)
class Source:
    """A set as written, with all versions of all questions."""

    name: str
    notebook: nbformat.NotebookNode
    checks: str
    slots: tuple[Slot, ...]


def source_of(name: str) -> Source:
    """Read a set with all that it may ask; refuses alternatives and draws that make no sense."""
    notebook = jupytext.read(SETS / name / f"{name}.md")
    checks = (SETS / name / "checks.py").read_text("utf8")
    try:
        slots = tuple(variants.slots_of(notebook))
    except ValueError as trouble:
        raise ValueError(f"{name}: {trouble}") from None
    known = {version.question for slot in slots for version in slot.versions}
    if unknown := {each.question for each in checks_of(module_of(checks))} - known:
        raise ValueError(f"{name}: checks of questions that do not exist: {', '.join(sorted(unknown))}")
    return Source(name, notebook, checks, slots)


def all_versions(name: str) -> list[ProblemSet]:
    """Sets in which each version of each question occurs; the first is the one without a year."""
    source = source_of(name)
    rounds = range(max(len(slot.versions) for slot in source.slots))
    return [with_versions(source, [slot.versions[k % len(slot.versions)] for slot in source.slots]) for k in rounds]


def with_versions(source: Source, chosen: list[Version], year: int | None = None) -> ProblemSet:
    """The set that asks these versions."""
    notebook, text = variants.with_versions(source.notebook, chosen), variants.with_drawn(source.checks, chosen)
    name, checks, questions = source.name, checks_of(module_of(text)), []
    for cell in notebook.cells:
        if question := cell.metadata.get("question"):
            points, by_hand = cell.metadata["points"], cell.metadata.get("by_hand", 0)
            own = tuple(each for each in checks if each.question == question)
            if sum(each.points for each in own) + by_hand != points:
                raise ValueError(
                    f"{source.name}, {question}: its checks and the points by hand do not add up to {points}"
                )
            title = re.search(r"^## (.+)$", cell.source, re.MULTILINE).group(1)
            questions.append(Question(question, title, points, by_hand, cell.metadata["minutes"], own))
    return ProblemSet(name, notebook, tuple(questions), text, tuple(chosen), year)


def module_of(checks: str) -> ModuleType:
    """The module that a text of checks is."""
    module = ModuleType("checks")
    exec(compile(checks, "checks.py", "exec"), vars(module))
    return module
