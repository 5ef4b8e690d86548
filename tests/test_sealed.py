"""Problem sets that ship, and that only a key opens."""

import io
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "assignments"))
import sealed  # noqa: E402
import sets  # noqa: E402

SET = "1-the-bound"
FILES = {f"{SET}.md", f"{SET}.py", "checks.py", "wrong.py"}


@pytest.fixture(scope="module")
def parcel():
    key = sealed.new_key()
    return key, sealed.seal(ROOT / "assignments", [SET], key)


def test_what_is_sealed_comes_out_again_and_says_nothing_before(parcel, tmp_path):
    key, data = parcel
    assert b"noise_floor" not in data and b"checks" not in data
    with zipfile.ZipFile(io.BytesIO(sealed.unseal(data, key))) as archive:
        archive.extractall(tmp_path)
    assert {path.name for path in (tmp_path / SET).iterdir()} == FILES
    for name in FILES:
        assert (tmp_path / SET / name).read_bytes() == (ROOT / "assignments" / SET / name).read_bytes()


@pytest.mark.parametrize(
    ("key", "message"),
    [("", "set STABLEMINIMA_SETS_KEY"), ("password", "44 characters"), (sealed.new_key(), "another key")],
    ids=["no key", "no such key", "another key"],
)
def test_without_its_key_it_stays_shut(parcel, key, message):
    with pytest.raises(ValueError, match=message):
        sealed.unseal(parcel[1], key)


def test_a_changed_byte_is_noticed(parcel):
    key, data = parcel
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    with pytest.raises(ValueError, match="the file was changed"):
        sealed.unseal(bytes(changed), key)


def in_the_folder_of_sets(code: str, **settings: str) -> subprocess.CompletedProcess:
    process = {"cwd": ROOT / "assignments", "env": os.environ | settings, "capture_output": True}
    return subprocess.run([sys.executable, "-c", code], text=True, encoding="utf8", **process)


@pytest.mark.slow
def test_the_build_finds_the_sets_in_a_sealed_file_and_leaves_nothing_of_them(parcel, tmp_path):
    key, data = parcel
    file, scratch = tmp_path / "sets.sealed", tmp_path / "scratch"
    file.write_bytes(data)
    scratch.mkdir()
    code = "import sets; print(sets.set_names(), sets.read_set('1-the-bound').points)"
    places = {"STABLEMINIMA_SETS": str(file), "TMPDIR": str(scratch), "TEMP": str(scratch), "TMP": str(scratch)}
    done = in_the_folder_of_sets(code, **places, STABLEMINIMA_SETS_KEY=key)
    assert done.stdout.strip() == "['1-the-bound'] 44", done.stderr
    assert not list(scratch.rglob("*.md"))
    done = in_the_folder_of_sets(code, **places, STABLEMINIMA_SETS_KEY="")
    assert done.returncode == 1 and "set STABLEMINIMA_SETS_KEY" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_command_seals_and_replaces_nothing(tmp_path):
    code = f"import sys; from build import main; sys.exit(main('none', 'seal', {str(tmp_path / 'all')!r}))"
    done = in_the_folder_of_sets(code, STABLEMINIMA_SETS_KEY="")
    (key,) = re.findall(r"opens it: (\S{44})", done.stdout)
    with zipfile.ZipFile(io.BytesIO(sealed.unseal((tmp_path / "all.sealed").read_bytes(), key))) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == set(sets.set_names())
    kept = (tmp_path / "all.sealed").read_bytes()
    again = in_the_folder_of_sets(code, STABLEMINIMA_SETS_KEY=key)
    assert again.returncode == 1 and "exists" in again.stderr and (tmp_path / "all.sealed").read_bytes() == kept
