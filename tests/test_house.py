"""The order of the house: what is public is documented in full, nothing is dead, and one version is told everywhere."""

import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import stableminima

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("datasets", "stability", "bounds", "functions", "margins", "training", "experiments")
SINGLE = ("networks", "reports")  # modules that are a room of their own
CHECKS = re.compile(
    r"\b(raise|finite_array|positive_number|whole_number|input_points|real_array|unit_rows|check_batch_size|step_sizes)\b"
)
SHAPE = re.compile(r"``\(.*?\)``|`\(.*?\)`|same shape|a number|one number|arrays?|``X``|as :")


def public():
    """(name, object) of everything that a room exports, methods of exported classes included."""
    found = {}
    for room in (*ROOMS, *SINGLE):
        module = importlib.import_module(f"stableminima.{room}")
        for name in module.__all__:
            found[f"{room}.{name}"] = getattr(module, name)
    for name in stableminima.__all__:
        thing = getattr(stableminima, name)
        if not any(thing is other for other in found.values()):
            found[name] = thing
    for name, thing in list(found.items()):
        if inspect.isclass(thing):
            for member, value in vars(thing).items():
                function = getattr(value, "__func__", value)
                if inspect.isfunction(function) and not member.startswith("_") and function.__module__:
                    found[f"{name}.{member}"] = function
    return {name: thing for name, thing in found.items() if inspect.isfunction(thing) or inspect.isclass(thing)}


def section(text, name):
    after = r"(?=^ *(?:Args|Returns|Raises|Attributes|Yields):|^ *(?:Source|Book): |\Z)"
    found = re.search(rf"^ *{name}:\n((?:.*\n?)*?){after}", text, re.MULTILINE)
    return found[1] if found else ""


def missing(name, thing):
    """What the docstring of a public function does not say."""
    text = inspect.getdoc(thing) or ""
    if not text:
        yield "a docstring"
    if inspect.isclass(thing):
        return
    arguments = section(text, "Args")
    for parameter in inspect.signature(thing).parameters.values():
        if parameter.name in ("self", "cls"):
            continue
        pattern = rf"(?:^|, | )\*{{0,2}}{parameter.name}(?:, \w+)*:((?:.*\n?)(?:(?:     +|\n).*\n?)*)"
        entry = re.search(pattern, arguments, re.MULTILINE)
        if entry is None:
            yield f"argument {parameter.name}"
        elif "Array" in str(parameter.annotation) and not SHAPE.search(entry[0]):
            yield f"the shape of {parameter.name}"
    method = len(name.split(".")) == 3 or not inspect.signature(thing).parameters
    if str(inspect.signature(thing).return_annotation) not in ("None", "NoReturn") and not section(text, "Returns"):
        yield "what it returns"
    if CHECKS.search(inspect.getsource(thing).split('"""')[-1]) and not section(text, "Raises"):
        yield "what it raises"
    if not method and "Book:" not in text and "Source:" not in text:
        yield "its source or its section"


@pytest.mark.parametrize("name", sorted(public()))
def test_what_is_public_is_documented_in_full(name):
    assert list(missing(name, public()[name])) == [], f"{name} does not say"


def test_nothing_in_the_package_is_dead():
    """vulture sees the package with everything that uses it; its names for others' protocols are listed."""
    listed = "exclude,include,plugin_config,submission_*,before_execution,gui,enable_gui,EXAMPLE,OwnProcess,__getattr__"
    studies = "MNIST_*,BUMP_31,DEPTH"  # found by name, in the registry
    users = ("src", "book", "make.py", "release", "assignments", "benchmarks", "tests")
    command = [sys.executable, "-m", "vulture", *users, "--exclude", "_build,_static", "--min-confidence", "60"]
    command += ["--ignore-names", f"{listed},{studies}"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    assert [line for line in told if line.startswith("src")] == []


def test_one_version_everywhere():
    texts = [(ROOT / name).read_text("utf8") for name in ("pyproject.toml", "CITATION.cff")]
    told = [re.search(r"^version\s*[:=]\s*\"?([\d.]+)", text, re.MULTILINE)[1] for text in texts]
    assert told == [stableminima.__version__] * 2


def test_importing_the_package_is_cheap():
    """Half a second of processor time was the promise; nothing heavy may come along unasked."""
    code = (
        "import sys, time; start = time.process_time(); import stableminima; stableminima.Linearization; "
        "heavy = {'torch', 'numba', 'sklearn', 'matplotlib', 'pandas', 'distributed', 'scipy.stats'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_the_face_names_every_public_thing_once_and_finds_it():
    assert len(set(stableminima.__all__)) == len(stableminima.__all__)
    assert all(getattr(stableminima, name) is not None for name in stableminima.__all__)
    assert (ROOT / "src" / "stableminima" / "py.typed").exists()
    with pytest.raises(AttributeError, match="no_such_name"):
        stableminima.no_such_name  # noqa: B018


def test_workflows_pin_what_they_run_and_may_do_little():
    """Every action by commit, its version beside it; no permission but those that a job names; no kept credential."""
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        text = path.read_text("utf8")
        for use in re.findall(r"uses: (.*)", text):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", use), f"{path.name}: {use}"
        assert re.search(r"^permissions:\n  contents: read\n", text, re.MULTILINE), path.name
        assert text.count("actions/checkout@") == text.count("persist-credentials: false"), path.name


def test_the_deployment_tells_the_book_the_address_that_pages_gives_it():
    """Canonical addresses, the site map and the cards need it; it is asked for, never written down."""
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "pages.yml").read_text("utf8"))["jobs"]["build"]
    (asked,) = [step for step in job["steps"] if step.get("uses", "").startswith("actions/configure-pages@")]
    (built,) = [step for step in job["steps"] if step.get("run") == "make release"]
    assert built["env"] == {"STABLEMINIMA_ADDRESS": f"${{{{ steps.{asked['id']}.outputs.base_url }}}}"}
    assert job["steps"].index(asked) < job["steps"].index(built)
    assert job["permissions"] == {"contents": "read", "pages": "read"}
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        assert "github.io" not in path.read_text("utf8"), path.name
