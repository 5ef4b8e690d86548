"""The locks hold every package of every platform with checksums; the bill of materials says what it is built with."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "release"))
import supply  # noqa: E402

LOCKS = ("requirements", "requirements-release", "requirements-course")
PLATFORMS = [("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64"),
             ("win32", "Windows", "AMD64")]  # fmt: skip
WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def entries(name: str) -> dict[str, tuple[str, str, str]]:
    """Version, marker and checksums of every package in a lock."""
    text = (ROOT / f"{name}.lock").read_text("utf8")
    found = {}
    for entry in re.split(r"\n(?=\S)", text):
        package, version, marker, sums = re.fullmatch(
            r"([\w.-]+)==([^\s;]+)(?: ; (.*?))? \\\n(.*)", entry.strip(), re.DOTALL
        ).groups()
        found[canonicalize_name(package)] = (version, marker or "", sums)
    return found


def pins(name: str) -> dict[str, str]:
    text = (ROOT / f"{name}.txt").read_text("utf8")
    return {canonicalize_name(n): v for n, v in re.findall(r"^([\w.-]+)(?:\[\w+\])?==([^\s;#]+)", text, re.MULTILINE)}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_the_pinned_versions_with_checksums(name):
    locked = entries(name)
    asked, fixed = pins(name), pins("constraints")
    assert asked.keys() <= locked.keys()
    assert {n: v for n, (v, _, _) in locked.items() if (asked | fixed).get(n, v) != v} == {}, "run: make lock"
    for version, _, sums in locked.values():
        assert re.fullmatch(r"(\s*--hash=sha256:[0-9a-f]{64}( \\)?)+", sums), version


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda p: f"{p[0]} {p[2]}")
def test_what_is_pinned_is_locked_for_every_platform(platform, python):
    """A package that constraints.txt brings for this machine, whatever the platform, is in the lock there too."""
    system, name, machine = platform
    here = {"sys_platform": system, "platform_system": name, "platform_machine": machine, "python_version": python,
            "python_full_version": f"{python}.0", "os_name": "nt" if system == "win32" else "posix",
            "implementation_name": "cpython", "platform_python_implementation": "CPython"}  # fmt: skip
    present = {
        n for n, (_, marker, _) in entries("requirements").items() if not marker or Marker(marker).evaluate(here)
    }
    assert pins("requirements").keys() <= present
    assert ("colorama" in present) == (system == "win32") and ("appnope" in present) == (system == "darwin")


def test_every_licence_is_known():
    found = supply.packages((ROOT / "requirements.lock").read_text("utf8"))
    assert len(found) > 150 and [each.name for each in found if not each.licence] == []
    known = {each.name: each.licence for each in found}
    assert known["numpy"].startswith("BSD-3-Clause") and "MIT" in known["axe-playwright-python"]
    assert supply.licence_of("no-such-package") == supply.UNKNOWN
    assert "Source Serif 4" in supply.licences(found) and "numpy" in supply.licences(found)


def test_the_bill_of_materials_is_what_cyclonedx_asks_for():
    """bomFormat, specVersion; for each component a type, a name, a package URL and one form of licences."""
    found = supply.packages((ROOT / "requirements.lock").read_text("utf8"))
    text = supply.bill_of_materials("Stable Minima", "1.0", WHEN, found)
    assert text == supply.bill_of_materials("Stable Minima", "1.0", WHEN, found)
    bill = json.loads(text)
    assert bill["bomFormat"] == "CycloneDX" and bill["specVersion"] == "1.6" and bill["version"] == 1
    libraries = [part for part in bill["components"] if part["type"] == "library"]
    assert len({part["bom-ref"] for part in libraries}) == len(libraries) == len(found)
    for part in libraries:
        assert part["purl"] == f"pkg:pypi/{part['name'].lower()}@{part['version']}"
        assert all(set(entry["license"]) == {"name"} for entry in part.get("licenses", ()))
    assert {"type", "name", "version", "licenses"} == bill["metadata"]["component"].keys()
