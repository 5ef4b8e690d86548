"""Am I installed?  Run me with the Python of your course, before the first week:  course/bin/python am-i-installed.py

Says in a few seconds what is there and what to do about what is not; ends with status 1 if something is missing.
"""

import importlib
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NEEDED = {
    "numpy": "numpy",
    "scipy": "scipy",
    "matplotlib": "matplotlib",
    "scikit-learn": "sklearn",
    "numba": "numba",
    "jupyterlab": "jupyterlab",
    "ipykernel": "ipykernel",
    "otter-grader": "otter",
    "stableminima": "stableminima",
}
REMEDY = "install again, with the second line of the page For students, in the folder with requirements-course.txt"


def pins() -> dict:
    """The versions that the course was tried with, where the lists lie beside this file."""
    found = {}
    for name in ("constraints.txt", "requirements-course.txt"):
        path = Path(__file__).with_name(name)
        for line in path.read_text(encoding="utf8").splitlines() if path.exists() else ():
            package, separator, pinned = line.split("#")[0].strip().partition("==")
            if separator:
                found[package] = pinned
    return found


def trouble_with(package: str, module: str, pinned: dict) -> str:
    """What is wrong with a package, or an empty string; prints what was found."""
    try:
        importlib.import_module(module)
        found = version(package)
    except PackageNotFoundError:
        found = "of unknown version"
    except Exception as error:
        print(f"  missing  {package}: {error}")
        return f"{package} cannot be imported"
    differs = f"  (tried with {pinned[package]})" if pinned.get(package, found) != found else ""
    print(f"  there    {package} {found}{differs}")
    return ""


def trouble_with_a_network() -> str:
    """A number that the package must get right."""
    import numpy as np

    from stableminima import ShallowReLU, stability_norm

    norm = stability_norm(ShallowReLU([[1.0]], [0.0], [1.0], 0.0), np.array([[-1.0], [1.0]]))
    right = abs(norm - 8**-0.5) < 1e-12
    print(f"  {'right' if right else 'WRONG'}    a stability norm: {norm:.6f}")
    return "" if right else "the package computes a wrong number: tell your teacher"


def main() -> int:
    print(f"Python {sys.version.split()[0]} in {sys.prefix}")
    troubles = [] if sys.version_info >= (3, 11) else ["Python 3.11 or newer is needed: make the environment with that"]
    pinned = pins()
    troubles += [found for item in NEEDED.items() if (found := trouble_with(*item, pinned))]
    if not troubles:
        troubles += [found for found in [trouble_with_a_network()] if found]
    for trouble in troubles:
        print(f"NOT READY: {trouble}")
    print(f"To mend it: {REMEDY}." if troubles else "Ready: you can start with set 1.")
    return int(bool(troubles))


if __name__ == "__main__":
    sys.exit(main())
