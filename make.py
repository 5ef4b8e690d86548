"""The book's one command: ``python make.py VERB`` (or ``make VERB``).  Needs Python 3.11 or newer and nothing else.

  book       execute the chapters and build the pages into _build/html
  test       lint; unit and property tests, pairing check, nbval on every chapter; the book, built from what the
             chapters printed there; its pages in a browser (test FAST=1: the library only, in a minute and a half)
  serve      build, show the book on localhost, rebuild whenever a file changes
  sync       write the .py twin of every chapter from its .md source
  reference  execute every chapter and record its text outputs in tests/reference (reference NAME …: only some)
  seeds      execute the chapters with three other seeds and record which claims fail (seeds NAME …: only some)
  mutants    change one operator or number of the library at a time, and record which changes no test sees
  reproduce  repeat the recorded studies of results/ from nothing and report the differences (hours);
             reproduce NAME … repeats some, and passes options on: reproduce mnist-35 --only seed=0
  notebooks  build, then every page as a Jupyter notebook, executed and readable, into _build/notebooks
  release    build, then PDF, notebooks, archives, checksums and a manifest, into _build/release
  lock       write the locks anew from the requirements: every package of every platform, with its checksums
  lint       style, docstrings, types, the direction of imports, dead code
  assignments  build the problem sets: students' notebooks and autograders, into _build/assignments;
             assignments --year 2027 [SET …]  draws the questions of a year;
             assignments grade SET NOTEBOOK …  marks notebooks, writes grades.csv and reports
  marking    marking SET FOLDER: the page to mark submissions by hand in, then grades, feedback and tables
  student    the whole book and the sets without solutions, into _build/student (student --year 2027)
  clean      remove _build (clean --all: the environments too)

The first call makes .venv and installs the pinned requirements.txt into it; later calls find it there.
With HASHES=1 pip takes only what has the checksums of requirements.lock.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
import venv
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed-from"
MARK = VENV / "made-by-make.py"
COURSE = ROOT / ".venv-course"
HTML = ROOT / "_build" / "html"
REFERENCE = ROOT / "tests" / "reference"
PRIVATE = ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "PYTHONSTARTUP", "MPLBACKEND", "MATPLOTLIBRC")  # of the user's shell
LOCK = ("--universal", "--generate-hashes", "--no-annotate", "--no-header")
WITH_WORDS = ("reproduce", "reference", "seeds", "mutants", "assignments", "marking", "student")  # verbs that take some
NEWEST = (3, 14)  # the newest Python for which all pins exist


# --- the environment ---------------------------------------------------------------------------------------------


def install() -> None:
    """Make ``.venv`` hold exactly the pinned requirements; the stamp, written last, says which pins, and where.

    The mark, written first, says that ``.venv`` is ours, and where it was made: an environment that was copied or moved
    with its checkout still leads to the old one, and is made again. One that somebody else made is never removed.
    """
    chosen = packages("requirements")
    names = ("requirements.txt", "constraints.txt", "pyproject.toml", chosen[-1])
    pins = [ROOT / name for name in dict.fromkeys(names)]
    version, place = sys.version_info[:2], str(VENV.resolve())
    wanted = hashlib.sha256(b"\0".join(p.read_bytes() for p in pins) + repr((version, place)).encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    moved = MARK.exists() and MARK.read_text(encoding="utf8") != place
    if moved or not usable(version):
        if find_spec("ensurepip") is None:
            sys.exit("This Python cannot make environments; on Debian and Ubuntu: sudo apt install python3-venv")
        if VENV.exists() and not (MARK.exists() or STAMP.exists()):
            sys.exit(
                f"{VENV} was not made by make.py, and is no environment of Python {version[0]}.{version[1]} with pip: "
                "move it away, or remove it (clean --all), and make.py makes its own"
            )
        print(f"making {VENV} with Python {version[0]}.{version[1]}", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
        MARK.write_text(place, encoding="utf8")
        venv.create(VENV, with_pip=True)
    STAMP.unlink(missing_ok=True)
    print(f"installing {chosen[-1]} (once; several minutes the first time)", flush=True)
    must("python", "-m", "pip", "install", "--quiet", *chosen)
    must("python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ".")
    must("python", "-c", "import matplotlib.pyplot")  # makes its font cache, and says so, where no chapter prints it
    STAMP.write_text(wanted)


def install_course() -> Path:
    """Make ``.venv-course`` hold otter-grader on top of ``.venv``, which it sees and does not change; its Python."""
    python = COURSE / SCRIPTS.name / "python"
    stamp, wanted = COURSE / "installed-from", (ROOT / "requirements-course.txt").read_text() + STAMP.read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        chosen = packages("requirements-course")
        print(f"making {COURSE} and installing {chosen[-1]} (once; about a minute)", flush=True)
        venv.create(COURSE, clear=True, with_pip=True)
        own, shared = (sysconfig.get_path("purelib", "venv", {"base": str(folder)}) for folder in (COURSE, VENV))
        Path(own, "book.pth").write_text(f"import site; site.addsitedir({shared!r})\n")
        must(python, "-m", "pip", "install", "--quiet", *chosen)
        stamp.write_text(wanted)
    return python


def packages(name: str) -> tuple:
    """What pip is to install: the versions of ``name.txt``; with HASHES=1 the very files of ``name.lock``."""
    if os.environ.get("HASHES", "0") in ("", "0"):
        return ("-r", f"{name}.txt")
    return ("--require-hashes", "-r", f"{name}.lock")


def usable(version: tuple) -> bool:
    """Whether ``.venv`` runs, is of this Python version, and has pip: an interrupted creation leaves none of these."""
    try:
        probe = f"import pip, sys; sys.exit(sys.version_info[:2] != {version})"
        return subprocess.run([SCRIPTS / "python", "-c", probe], capture_output=True).returncode == 0
    except OSError:
        return False


def run(program: "str | Path", *arguments: "str | Path") -> int:
    """Run a program of ``.venv`` in the repository root, with this library and no private settings; its exit status."""
    own = VENV / "settings"  # of Matplotlib and IPython: not the user's fonts, nor a display of every expression
    environment = {name: value for name, value in os.environ.items() if name not in PRIVATE} | {
        "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT / "src"),  # whatever other checkout an environment may lead to
        "PYTHONUTF8": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of .venv, whatever kernels the user has installed elsewhere
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # silences a debugger's warning in every kernel
        "MPLCONFIGDIR": str(own / "matplotlib"),
        "IPYTHONDIR": str(own / "ipython"),
    }
    return subprocess.run([SCRIPTS / program, *arguments], cwd=ROOT, env=environment).returncode


def must(program: "str | Path", *arguments: "str | Path") -> None:
    """Run a program of ``.venv``; leave with its exit status if it fails."""
    if status := run(program, *arguments):
        sys.exit(status)


def chapters() -> list:
    """The sources of the pages that have code cells, in order."""
    return [page for page in sorted((ROOT / "book").glob("*.md")) if "{code-cell}" in page.read_text(encoding="utf8")]


# --- the verbs ---------------------------------------------------------------------------------------------------


def book() -> int:
    return run("jupyter-book", "build", ".", "-W", "-n", "--keep-going")


def lock() -> int:
    """Write the locks: uv resolves for all platforms at once, with the checksums that the package index names."""
    must("python", "-m", "pip", "install", "--quiet", *packages("requirements-release"))
    return max(
        run("uv", "pip", "compile", "--quiet", *LOCK, "--python-version", "3.11", f"{name}.txt", "-o", f"{name}.lock")
        for name in ("requirements", "requirements-release", "requirements-course")
    )


def lint() -> int:
    """Style, docstrings, types, the import contract; dead code and public docstrings are in tests/test_house.py."""
    tools = {
        "ruff": ("check",),
        "ruff ": ("format", "--check"),
        "pydoclint": ("--quiet", "src"),
        "mypy": ("--no-error-summary",),
        "lint-imports": ("--no-cache",),
        "python": ("-m", "pytest", "-q", "tests/test_house.py"),
    }
    return max(run(tool.strip(), *arguments) for tool, arguments in tools.items())


def test() -> int:
    """All tests. Chapters come first: the book is built from the outputs that nbval compared, then looked at."""
    at_once = min(os.cpu_count() or 1, 4)  # a chapter may take a gigabyte
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    beside = ("-m", "pytest", "-n", str(at_once), "--dist")
    together = (*beside, "loadfile", "--no-loadscope-reorder")  # a chapter is a file, whose cells share a process
    results = {"make lint": lint()}
    if os.environ.get("FAST", "0") not in ("", "0"):
        results["the library (FAST=1: no chapter, no page, no slow test)"] = run(
            "python", *together, "-m", "not slow", "--ignore=tests/reference", "--ignore=tests/pages"
        )
    else:
        results["the library, and the chapters by nbval"] = run("python", *together, "--ignore=tests/pages")
        results["make book"] = book()
        results["the pages in a browser"] = run("python", *beside, "worksteal", "-m", "not timed", "tests/pages")
        results["the pages' times, with nothing beside them"] = run(
            "python", "-m", "pytest", "-m", "timed", "tests/pages"
        )
    print("\nSummary")
    for name, status in results.items():
        print(f"  {'FAILED' if status else 'passed'}  {name}")
    return int(any(results.values()))


def sync() -> int:
    """Write the twins of all sources; of a twin that is newer than its source and says something else, keep a copy."""
    pages = chapters() + sorted(p for p in (ROOT / "assignments").glob("*/*.md") if p.stem == p.parent.name)
    twins = [page.with_suffix(".py") for page in pages]
    newer = {
        twin: twin.read_bytes()
        for page, twin in zip(pages, twins, strict=True)
        if twin.exists() and twin.stat().st_mtime > page.stat().st_mtime
    }
    for page in pages:
        page.touch()  # jupytext --sync copies from the newest of the pair: make that the .md
    if status := run("jupytext", "--quiet", "--sync", *pages) if pages else 0:
        return status
    lost = {twin: text for twin, text in newer.items() if twin.read_bytes() != text}
    for twin, text in lost.items():
        kept = twin.with_suffix(".py.orig")
        kept.write_bytes(text)
        print(f"{twin.relative_to(ROOT)} was newer than its .md and said something else: kept as {kept.name}")
    return int(bool(lost))


def reference(*names: str) -> int:
    known = {chapter.stem: chapter for chapter in chapters()}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"no chapter is called {unknown[0]}; there are {', '.join(known)}")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the build executes them: chaotic runs follow every rounding
    for chapter in [known[name] for name in names] or chapters():
        notebook = REFERENCE / f"{chapter.stem}.ipynb"
        started, draft = time.perf_counter(), notebook.with_suffix(".draft.ipynb")
        try:
            must("jupytext", "--quiet", "--to", "ipynb", "--output", draft, chapter)
            must("jupyter-execute", "--inplace", "--JupyterApp.log_level=WARN", draft)
            notebook.write_text(text_outputs_only(draft.read_text(encoding="utf8")), encoding="utf8", newline="\n")
        finally:
            draft.unlink(missing_ok=True)
        print(f"{notebook.relative_to(ROOT)}  {time.perf_counter() - started:.0f} s", flush=True)
    return 0


def text_outputs_only(notebook: str) -> str:
    """The code cells of an executed notebook, without what differs from run to run: pictures, ids, times, versions."""
    document = json.loads(notebook)
    document["cells"] = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    document["metadata"] = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for number, cell in enumerate(document["cells"]):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = {"tags": cell["metadata"]["tags"]} if cell["metadata"].get("tags") else {}
        for output in cell.get("outputs", []):
            if "data" in output:
                output["data"] = {kind: data for kind, data in output["data"].items() if kind == "text/plain"}
                output["metadata"] = {}
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def seeds(*names: str) -> int:
    return run("python", "-m", "stableminima.book.seeds", *names)


def mutants(*request: str) -> int:
    return run("python", "tests/mutants.py", *request)


def reproduce(*request: str) -> int:
    return run("python", "-m", "stableminima", "reproduce", *(request or ["--all"]))


def assignments(*request: str) -> int:
    python = "none" if request[:1] == ("grade",) else install_course()  # marking needs no otter-grader
    return run("python", "assignments/build.py", python, *request)


def marking(*request: str) -> int:
    return run("python", "assignments/marking_room.py", *request)


def student(*request: str) -> int:
    return run("python", "assignments/student.py", *request)


def notebooks() -> int:
    return book() or run("python", "release/notebooks.py")


def release() -> int:
    must("python", "-m", "pip", "install", "--quiet", *packages("requirements-release"))
    return book() or run("python", "release/bundle.py")


def serve() -> int:
    book()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=HTML))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    seen = modification_times()
    print(f"\nThe book is at {address}  (Ctrl-C stops; a saved change in book/ or src/ rebuilds it)", flush=True)
    try:
        while True:
            time.sleep(1)
            if (now := modification_times()) != seen:
                seen = now
                book()
                print(f"\nrebuilt: reload {address}", flush=True)
    except KeyboardInterrupt:
        return 0


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves the pages without a line of log for each file."""

    def log_message(self, *_: object) -> None:
        pass


def modification_times() -> dict:
    """The modification time of every file that the pages depend on."""
    folders = [ROOT / name for name in ("book", "src", "results")]
    files = [ROOT / "_config.yml", ROOT / "_toc.yml"] + [p for folder in folders for p in folder.rglob("*.*")]
    return {p: p.stat().st_mtime for p in files if p.is_file() and "__pycache__" not in p.parts}


def clean(everything: bool = False) -> int:
    for folder in [ROOT / "_build"] + [VENV, COURSE] * everything:
        shutil.rmtree(folder, ignore_errors=True)
        print(f"removed {folder}")
    return 0


def main(arguments: list) -> int:
    if arguments in (["clean"], ["clean", "--all"]):
        return clean(everything="--all" in arguments)
    known = (book, test, serve, sync, reference, seeds, mutants, reproduce, lock, lint, notebooks, release)
    known += (assignments, marking, student)
    verbs = {verb.__name__: verb for verb in known}
    verb, request = arguments[:1], arguments[1:]
    if not verb or verb[0] not in verbs or (request and verb[0] not in WITH_WORDS):
        print(__doc__)
        return 0 if arguments in ([], ["help"], ["--help"], ["-h"]) else 2
    if sys.version_info < (3, 11):  # noqa: UP036 – make.py runs before any environment exists
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Stable Minima needs Python 3.11 or newer, this is {found}: python3.12 make.py, or make PYTHON=…")
    if sys.version_info[:2] > NEWEST:
        newest = ".".join(map(str, NEWEST))
        sys.exit(
            f"Stable Minima's pinned packages exist up to Python {newest}: python{newest} make.py, or make PYTHON=…"
        )
    install()
    return verbs[verb[0]](*request)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
