"""Attempts to get marks without an answer: each gets the marks of an empty answer, and leaves nothing behind."""

import ctypes
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "assignments"))

import sets  # noqa: E402

from stableminima.book import grading  # noqa: E402
from stableminima.book.grading_process import Worker  # noqa: E402

pytestmark = pytest.mark.slow

CHECKS = ROOT / "assignments" / "1-the-bound" / "checks.py"
EMPTY = """
import numpy as np
import stableminima
from stableminima import ShallowReLU, stability_norm
def noise_floor(curvatures, slopes, step_size): return 0.0
def stale_ceiling(step_size, delay): return 0.0
def largest_curvature(x, step_size): return 0.0
def distance(first, second, X): return 0.0
def coarsest_units(net, X, step_size): return 0.5
def bending(net, centre, radius): return 0.0
"""
ALL = "noise_floor = stale_ceiling = largest_curvature = distance = coarsest_units = bending = "
MARK = os.path.join(tempfile.gettempdir(), f"attempt-{os.getpid()}")
PIPES = """
import os, stat
def into_pipes(data):
    for number in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, data)
        except OSError:
            pass
"""
EVERYWHERE = f"""
import glob, os
def everywhere():
    places = [{str(CHECKS)!r}, "checks.py", "../checks.py", "../source/files/checks.py"]
    for pattern in ("/tmp/*/*/submission/checks.py", "/tmp/*/*/source/files/checks.py", "/autograder/*/checks.py"):
        places += glob.glob(pattern)
    for place in places:
        try:
            yield place, open(place).read()
        except OSError:
            pass
"""

# the table of the findings
ATTEMPTS = {
    "numpy.allclose is always true": "np.allclose = lambda *a, **k: True",
    "close and holds do nothing": """
from stableminima.book import grading
grading.close = grading.holds = lambda *a, **k: None""",
    "Check.run does nothing": """
from stableminima.book import grading
grading.Check.run = lambda *a, **k: None
grading.Submission.check = lambda *a, **k: None""",
    "json.dumps says that all is well": "import json\njson.dumps = lambda *a, **k: '\"\"'",
    "answers in advance, into all pipes": PIPES + "into_pipes(b'\"\"\\n' * 50)",
    "checks.py rewritten on disk": EVERYWHERE
    + """
import re
for place, text in everywhere():
    try:
        open(place, "w").write(re.sub(r"(def .*:\\n)", r"\\1    return\\n", text))
    except OSError:
        pass""",
    "a process in the background rewrites the results": """
import subprocess, sys
code = '''marker_of_the_attempt = 1
import glob, time
while True:
    for place in glob.glob("../results/results.json") + glob.glob("/tmp/*/autograder/results/*"):
        open(place, "w").write('{"score": 22, "tests": []}')
    time.sleep(0.01)'''
subprocess.Popen([sys.executable, "-c", code], start_new_session=True)""",
    "checks_of is replaced where the process serves": """
import sys
for module in list(sys.modules.values()):
    for name in ("checks_of", "judged", "isolated"):
        if hasattr(module, name):
            setattr(module, name, lambda *a, **k: [])""",
    "__array__ reads what is expected from the frame of the caller": """
import sys
class Reader:
    def __array__(self, *a, **k):
        frame = sys._getframe()
        while frame:
            if "expected" in frame.f_locals:
                return np.asarray(frame.f_locals["expected"], dtype=float)
            frame = frame.f_back
        return np.asarray(0.0)
"""
    + ALL
    + "lambda *a, **k: Reader()",
    "checks.py is executed, and answers with its references": EVERYWHERE
    + """
names = {}
for place, text in everywhere():
    exec(text, names)
def noise_floor(*a): return names["true_second_moment"](*map(np.asarray, a))
def largest_curvature(*a): return names["true_curvature"](*a)
def bending(*a): return names["true_flux"](*a)""",
    "the reference in the globals of the caller": """
import sys
def largest_curvature(x, s): return sys._getframe(1).f_globals["true_curvature"](x, s)
def bending(*a): return sys._getframe(1).f_globals["true_flux"](*a)""",
    "the library is patched": """
import stableminima.bounds
for module in (stableminima, stableminima.bounds):
    module.stability_norm = module.univariate_weight = lambda *a, **k: np.zeros(1)""",
    "numbers that equal everything": """
class Any(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return Any(0.0)
    def __rsub__(self, other): return Any(0.0)
    def __lt__(self, other): return True
    __gt__ = __le__ = __ge__ = __lt__
    __hash__ = float.__hash__
"""
    + ALL
    + "lambda *a, **k: Any(0.1)",
    "sys.exit(0) in every answer": "import sys\n" + ALL + "lambda *a, **k: sys.exit(0)",
    "os._exit(0) in every answer": "import os\n" + ALL + "lambda *a, **k: os._exit(0)",
    "KeyboardInterrupt in every answer": """
def stop(*a, **k): raise KeyboardInterrupt
"""
    + ALL
    + "stop",
    "a thread keeps writing into the pipes": PIPES
    + """
import threading, time
def keep():
    while True:
        into_pipes(b'{"id": "", "sizes": []}')
        time.sleep(0.001)
threading.Thread(target=keep, daemon=True).start()""",
    # and more
    "replies are forged where they are packed": """
from stableminima.book import grading_wire, grading_worker
honest = grading_wire.send
def forged(stream, message, buffers=None):
    honest(stream, {"id": message["id"], "value": ["plain", None], "error": "", "passed": True, "points": 22}, [])
grading_wire.send = grading_worker.send = forged""",
    "a reply that claims to be a callback of the judge": """
from stableminima.book import grading_wire
honest = grading_wire.send
def forged(stream, message, buffers=None):
    honest(stream, {"id": message["id"], "call": "__import__('os')", "given": ["data", "os", "system", {}]}, [])
    honest(stream, message, buffers)
grading_wire.send = forged""",
    "functions of the judge's side are asked for": f"""
from stableminima.book import grading_wire
opened = ["data", "builtins", "open", {{"file": ["plain", {MARK!r}], "mode": ["plain", "w"]}}]
grading_wire.pack = lambda value, buffers, *rest: opened""",
    "a length of four gigabytes": PIPES + "into_pipes(b'\\xff\\xff\\xff\\xff')",
    "the judge is killed": """
import os, signal
for number in (os.getppid(), -os.getppgid(0) if hasattr(os, "getppgid") else os.getppid()):
    try:
        os.kill(number, signal.SIGKILL)
    except OSError:
        pass""",
    "the memory of the judge is searched": """
import os, re
found = b""
try:
    for line in open(f"/proc/{os.getppid()}/maps"):
        low, high = (int(part, 16) for part in line.split()[0].split("-"))
        with open(f"/proc/{os.getppid()}/mem", "rb") as memory:
            memory.seek(low)
            found += memory.read(high - low)
except OSError:
    pass
if b"true_second_moment" in found:
    noise_floor = lambda h, g, s: 0.25""",
    "the objects of the process are searched": """
import gc
for thing in gc.get_objects():
    names = thing if isinstance(thing, dict) else {}
    for key in list(names):
        if str(key).startswith("true_") and callable(names[key]):
            answer = {"true_curvature": "largest_curvature", "true_flux": "bending"}.get(key, "noise_floor")
            globals()[answer] = names[key]""",
    "the package and Python's start-up are rewritten on disk": """
import pathlib, site, stableminima
for place in [pathlib.Path(stableminima.__file__), *(pathlib.Path(p) / "attempt.pth" for p in site.getsitepackages())]:
    try:
        with open(place, "a") as file:
            file.write("")
        noise_floor = lambda h, g, s: 0.25
    except OSError:
        pass""",
    "networks that lie about themselves": """
class Liar(ShallowReLU):
    def __call__(self, X): return np.zeros(len(X))
    def __float__(self): return 4.5
    def __array__(self, *a, **k): return np.asarray(4.5)
"""
    + ALL
    + "lambda *a, **k: Liar([[1.0]], [0.0], [1.0], 0.0)",
    "an array that does not fit into memory": ALL + "lambda *a, **k: np.broadcast_to(0.0, (10**6, 10**6))",
    "objects that unpickle into code": """
class Bomb:
    def __reduce__(self): return (exec, ("raise SystemExit",))
"""
    + ALL
    + "lambda *a, **k: Bomb()",
    "a fork answers as well": """
import os
def twice(*a, **k):
    os.fork()
    return 0.0
"""
    + ALL
    + "twice",
    "pickles are loaded by nobody": "import pickle\n" + ALL + "lambda *a, **k: pickle.dumps(0.25)",
}


def judged(cells, name="1-the-bound"):
    submission = grading.Submission(cells, sets.read_set(name).module(), seconds=5, cell_seconds=20)
    return submission, submission.judge()


def points(submission, verdicts):
    return sum(submission.checks[name].points for name, error in verdicts.items() if not error)


@pytest.fixture(scope="module")
def before():
    return {place: place.read_bytes() for folder in ("assignments", "src") for place in (ROOT / folder).rglob("*.py")}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_an_attempt_gets_the_marks_of_an_empty_answer(attempt, before):
    submission, verdicts = judged([EMPTY, ATTEMPTS[attempt]])
    assert points(submission, verdicts) == 0, {name for name, error in verdicts.items() if not error}
    assert {place: place.read_bytes() for place in before} == before
    assert not left_behind() and not os.path.exists(MARK)


def left_behind():
    """The processes that carry the mark of the attempt in the background."""
    if not sys.platform.startswith("linux"):
        return []
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"marker_of_the_attempt" in place.read_bytes() and int(place.parent.name) != os.getpid():
                found.append(place.parent.name)
        except OSError:
            pass
    return found


def test_the_values_of_public_tests_are_worth_their_points_and_no_more():
    """Students have them; a question has one point for them, and the others for hidden tests."""
    known = """
def noise_floor(*a): return 0.25
def stale_ceiling(*a): return 4.5
def largest_curvature(*a): return 2**0.5
def distance(*a): return 0.5**0.5
def coarsest_units(*a): return 3**0.5
def bending(*a): return 3.0
"""
    submission, verdicts = judged([EMPTY, known])
    assert {name for name, error in verdicts.items() if not error} <= {
        name for name, each in submission.checks.items() if each.public
    }
    assert points(submission, verdicts) == 6


def test_a_message_is_short_and_a_public_one_knows_nothing_of_hidden_calls():
    spy = """
seen = []
def spy(*a, **k):
    seen.append(a)
    raise ValueError(str(len(seen)) + 10**6 * "x")
"""
    spy += ALL + "spy"
    submission, verdicts = judged([EMPTY, spy])
    assert max(map(len, verdicts.values())) < 300
    public = [verdicts[name] for name, each in submission.checks.items() if each.public]
    assert [int(text.split()[1].split("x")[0]) for text in public] == list(range(1, 7))  # called before all others


def test_the_functions_of_the_judge_come_without_their_globals():
    spy = """
def step_window(fold, slope, x):
    names = dict(getattr(fold, "__globals__", {}))
    for cell in getattr(fold, "__closure__", None) or ():
        names |= getattr(cell.cell_contents, "__globals__", {}) if callable(cell.cell_contents) else {}
    raise ValueError(sorted(name for name in names if "true_" in name or name == "stability_norm" and "check" in names))
"""
    _, verdicts = judged([spy], "4-sobolev")
    assert verdicts["a_parabola"] == "ValueError: []"


def test_what_an_answer_may_not_do_is_not_possible():
    probe = """
import os, socket
def noise_floor(*a): raise ValueError(sorted(set(os.environ) & {"SECRET_OF_THE_MARKER", "PYTHONPATH"}))
def stale_ceiling(*a): raise ValueError(os.path.basename(os.getcwd()).startswith("answers-"), os.listdir("."))
def largest_curvature(*a): raise ValueError("read", len(open(CHECKS).read()))
def distance(*a): raise ValueError("connected", socket.create_connection(("127.0.0.1", 9), 1))
def bending(*a): raise ValueError("wrote", open("/tmp/attempt-of-an-answer", "w"))
""".replace("CHECKS", repr(str(CHECKS)))
    os.environ["SECRET_OF_THE_MARKER"] = "token"
    try:
        submission, verdicts = judged([EMPTY, probe])
    finally:
        del os.environ["SECRET_OF_THE_MARKER"]
    assert verdicts["equal_curvatures"] == "ValueError: []"
    assert verdicts["no_delay_is_gradient_descent"].startswith("ValueError: (True")
    if "files" in submission.confined:  # Linux with Landlock
        assert verdicts["two_samples"].startswith("PermissionError")
        assert verdicts["a_line_through_the_centre"].startswith("PermissionError")
        assert "connected" not in verdicts["two_single_neurons"]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and sys.platform.startswith("linux"):
        assert "user" in submission.confined or "capabilities" in submission.confined


def test_landlock_is_used_where_it_is_there():
    if not sys.platform.startswith("linux") or ctypes.CDLL(None).syscall(444, None, 0, 1) < 1:
        pytest.skip("no Landlock here: a container is the boundary for files")
    submission = grading.Submission(["x = 1"], CHECKS)
    submission._running()
    submission.close()
    assert "files" in submission.confined


def test_otters_route_has_the_same_boundary(tmp_path):
    """The plugin takes the checks away, and what could be imported in their place, before a cell runs."""
    nbformat = pytest.importorskip("nbformat")
    folder = tmp_path / "autograder" / "submission"
    for place in (folder, folder / "stableminima", folder / "tests", tmp_path / "autograder" / "source"):
        place.mkdir(parents=True, exist_ok=True)
    (folder / "checks.py").write_text("secret = 1")
    for name in ("numpy.py", "sitecustomize.py", "stableminima/__init__.py", "data.csv"):
        (folder / name).write_text("raise SystemExit")
    cells = [nbformat.v4.new_code_cell(EMPTY), nbformat.v4.new_code_cell('grader.check("bending")')]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": {"name": "ir", "display_name": "R"}})
    plugin = grading.OwnProcess(str(folder / "mine.ipynb"), {}, {})
    replaced = plugin.before_execution(notebook)
    assert {place.name for place in folder.iterdir()} == {"tests"}
    assert len(replaced.cells) == 1 and "secret = 1" in replaced.cells[0].source
    assert "grader.check" not in replaced.cells[0].source
    assert replaced.metadata.kernelspec.name == "python3"


def test_the_end_of_a_worker_is_the_end_of_all_it_started():
    worker = grading.Submission([], CHECKS)._start()
    code = "import subprocess, sys, time\nwait = 'marker_of_the_attempt = 1; import time; time.sleep(600)'\n"
    code += "subprocess.Popen([sys.executable, '-c', wait], start_new_session=True)"
    nested = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {code!r}], start_new_session=True).wait()"
    )
    worker.ask({"cell": nested}, 30)
    for _ in range(100):
        if left_behind() or not sys.platform.startswith("linux"):
            break
        time.sleep(0.05)
    else:
        pytest.fail("the process in the background did not start")
    worker.end()
    assert not left_behind()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl")
def test_the_marker_is_as_before_when_the_last_worker_has_ended():
    """Else the orphans of everything that the marker's process starts later are its own, dead and never buried."""

    def state():
        libc, found = ctypes.CDLL(None), ctypes.c_int()
        libc.prctl(37, ctypes.byref(found), 0, 0, 0)
        return found.value, libc.prctl(3, 0, 0, 0, 0)

    before = state()
    first, second = Worker(drop=False), Worker(drop=False)
    assert state() == (1, 0)
    first.end()
    first.end()  # twice is once
    assert state() == (1, 0)
    second.end()
    assert state() == before == (0, 1)
