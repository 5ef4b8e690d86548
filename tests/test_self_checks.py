"""The self-checks: what is called right is computed where it is a number; replies, references, exports; the exam."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from scipy.optimize import brentq, linprog, minimize_scalar

from stableminima import (
    ShallowReLU,
    bound_chain,
    gd_threshold,
    hessian_ceiling,
    hessian_sharpness,
    one_sided_weight,
    sharpness,
    stability_norm,
    tangent_features,
    univariate_weight,
)
from stableminima.bounds import line_norm, weight_decay_value
from stableminima.functions import radial_bump, shallow_pyramid
from stableminima.margins import pattern_kernel

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "assignments"), str(ROOT / "book" / "_ext"), str(ROOT / "release")]

import plain_markdown  # noqa: E402
import self_checks  # noqa: E402
import student  # noqa: E402
from chapter_facts import words_of  # noqa: E402
from self_check import FOLDER, Item, read_item, read_items  # noqa: E402

CHECKS = {path.stem: read_items(path) for path in sorted(FOLDER.glob("*.yml"))}
ALL = [(chapter, item) for chapter, items in CHECKS.items() for item in items]
ITEMS = [pytest.param(chapter, item, id=f"{chapter}-{item.id}") for chapter, item in ALL]
LABEL = re.compile(r":label: (\S+)|^\(([\w-]+)\)=|^\$\$ \(([\w-]+)\)|^ +name: (fig-[\w-]+)", re.MULTILINE)
BOOK = "\n".join(page.read_text("utf8") for page in (ROOT / "book").glob("*.md"))
LABELS = {label for found in LABEL.findall(BOOK) for label in found if label}


# --- the questions -----------------------------------------------------------------------------------------------


def test_each_chapter_has_eight_questions_just_before_its_exercises():
    assert len(CHECKS) == 9
    for chapter, items in CHECKS.items():
        assert len(items) == len({item.id for item in items}) == 8
        assert {item.kind for item in items} == {"choice", "order"}
        page = (ROOT / "book" / f"{chapter}.md").read_text("utf8")
        assert page.count("{self-check}") == 1
        assert "## Check yourself\n\n```{self-check}\n```\n\n## Exercises\n" in page


@pytest.mark.parametrize("chapter, item", ITEMS)
def test_every_answer_has_a_reply_and_every_reference_a_target(chapter, item):
    assert len(item.answers) == 4 if item.kind == "choice" else len(item.answers) >= 5
    assert (
        len({answer.say for answer in item.answers})
        == len({answer.because for answer in item.answers})
        == len(item.answers)
    )
    for text in (item.ask, item.read, *(text for answer in item.answers for text in (answer.say, answer.because))):
        assert text == text.strip() and text and text.count("$") % 2 == 0 and "\n" not in text
    assert all(len(answer.because) > 25 for answer in item.answers)
    pointed = re.findall(r"\{[\w:]+\}`(?:[^`<]*<)?([^`>]+)>?`", item.read)
    assert pointed and set(pointed) <= LABELS


def test_the_order_shown_gives_nothing_away():
    first = [item.shown[0] for items in CHECKS.values() for item in items if item.kind == "choice"]
    right = [item.shown.index(0) for items in CHECKS.values() for item in items if item.kind == "choice"]
    assert max(first.count(k) for k in range(4)) < len(first) / 2
    assert min(right.count(k) for k in range(4)) > len(right) / 10
    assert not any(
        item.shown == tuple(sorted(item.shown)) for items in CHECKS.values() for item in items if item.kind == "order"
    )


@pytest.mark.parametrize(
    "change, complaint",
    [
        ({"choices": [{"wrong": "a", "because": "b"}]}, "one choice is right, not 0"),
        ({"choices": [{"right": "a", "because": "b"}] * 2}, "one choice is right, not 2"),
        ({"hint": "c"}, "hint"),
    ],
)
def test_what_is_not_a_question_is_refused(change, complaint):
    entry = {"id": "x", "ask": "y", "read": "z", "choices": [{"right": "a", "because": "b"}]}
    assert isinstance(read_item(entry, "here"), Item)
    with pytest.raises(ValueError, match=f"here.*{complaint}"):
        read_item(entry | change, "here")


# --- the numbers -------------------------------------------------------------------------------------------------


def last_stable(multiplier):
    """The largest step at which the factor of a step is at most one in size."""
    return brentq(lambda eta: abs(multiplier(eta)) - 1, 1e-3, 100)


def two_means(eta, momentum, noise):
    """Spectral radius of the second moments of the heavy ball, curvature 1 ± √noise."""
    total = 0.0
    for h in (1 - noise**0.5, 1 + noise**0.5):
        step = np.array([[1 + momentum - eta * h, -momentum], [1.0, 0.0]])
        total = total + np.kron(step, step) / 2
    return np.abs(np.linalg.eigvals(total)).max()


def mean_square_edge(momentum, noise):
    return brentq(lambda eta: two_means(eta, momentum, noise) - 1, 1e-4, 2 * (1 + momentum) + 1e-6)


def heavy_ball_edge(momentum, curvature):
    def radius(eta):
        return np.abs(np.roots([1, -(1 + momentum - eta * curvature), momentum])).max() - 1

    return brentq(radius, 1e-2 + 2 / curvature, 10 / curvature)


def mse():
    X = np.array([[1.0]])
    net = ShallowReLU([[1.0]], [0.0], [1.0], 0.0)
    net = net.rescaled([brentq(lambda s: sharpness(net.rescaled([s]), X) - 10, 1, 10)])
    return gd_threshold(net, X, loss="mse")


def flattest_with_bias():
    return gd_threshold(ShallowReLU([[1.0]], [-5.0], [1.0], 0.0), np.array([[-1.0], [1.0]]))  # a dead neuron


def ceiling():
    return bound_chain(ShallowReLU([[1.0]], [0.5], [1.0], 0.0), np.array([[-1.0], [1.0]]), step_size=0.25).ceiling


def parts_of_data():
    many, few = (np.repeat([1.0, 0.0], [k, 100 - k])[:, None] for k in (40, 10))
    weights = [one_sided_weight(X, [[1.0]], [0.0])[0] for X in (many, few)]
    return weights[0] / weights[1]


def expensive_side():
    X = np.repeat([1.0, -1.0], [90, 10])[:, None]
    return np.divide(*one_sided_weight(X, [[1.0], [-1.0]], [0.0, 0.0]))


def residual_term():
    X, net = np.array([[3**0.5]]), ShallowReLU([[0.7]], [0.2], [1.1], 0.3)
    y = net(X) - 0.1  # a loss of 0.005
    return hessian_ceiling(net, X, y) - (hessian_sharpness(net, X, y) - 1) / 2


def facing():
    net = ShallowReLU([[1.0, 0.0], [-1.0, 0.0], [0.6, 0.8]], [-0.3, 0.3, -0.9], [0.8, 0.3, 2.0], 0.0)
    on, h, n = np.column_stack([np.full(2001, 0.3), np.linspace(-1, 1, 2001)]), 1e-3, np.array([1.0, 0.0])
    return np.mean((net(on + h * n) + net(on - h * n) - 2 * net(on)) / h)


def critical_radius():
    """The largest radius at which the shallow form is the pyramid along the way to (1,1,1,1,0)."""
    way = np.array([1.0, 1, 1, 1, 0]) / 2 + 1e-4 * np.array([0, 0, 0, 0, 1])
    form = shallow_pyramid(5)

    def wrong(r):
        x = r * way[None] / np.linalg.norm(way)
        return abs(form(x)[0] - max(1 - np.abs(x).sum(), 0)) - 1e-9

    return brentq(wrong, 0.4, 0.8)


def width():
    """The least k at which a mean of k terms of size AR has a standard deviation of 0.1."""
    return np.var([4.0, -4.0]) / 0.1**2


def linear_pair():
    scale = 2**0.25  # ‖w‖² = |a|√(1+R²)/R
    pair = ShallowReLU([[scale], [-scale]], [0.0, 0.0], [1 / scale, -1 / scale], 0.0)
    x = np.linspace(-1, 1, 41)[:, None]
    assert pair(x) == pytest.approx(x[:, 0])
    return (tangent_features(pair, x[x[:, 0] != 0]) ** 2).sum(axis=1).max()


def largest_margin():
    """min ‖W‖² with unit margins, over W in the span of two A with this Gram matrix: largest margin over norm."""
    A = np.linalg.cholesky(np.array([[2.0, 1.0], [1.0, 2.0]]))
    angles = np.linspace(0, 2 * np.pi, 400_001)
    return (A @ np.array([np.cos(angles), np.sin(angles)])).min(axis=0).max()


def relu_rank():
    W = np.random.default_rng(0).random((200_000, 5)) < 0.5  # which neurons are active on which input
    W = W / W.mean(axis=0)
    return (W**2).sum() / np.linalg.eigvalsh(W.T @ W)[-1]


def relu_margin():
    """Margin over norm of the frozen features in which half of the neurons are on, over that in which all are."""
    X, y = np.eye(4), np.ones(4)
    half, all_ = (np.zeros((2, 6, 4)) for _ in range(2))
    all_[0], half[0, :3] = 1.0, 1.0
    totals = [np.linalg.inv(pattern_kernel(X, y, pattern.reshape(12, 4))).sum() for pattern in (all_, half)]
    return np.sqrt(totals[0] / totals[1])


def balanced_value():
    net = ShallowReLU([[3.0, 4.0]], [0.0], [0.2], 0.0)
    return minimize_scalar(lambda s: weight_decay_value(net.rescaled([np.exp(s)])), (-4, 1)).fun


def gap():
    """Long descent, by loss-normalised steps, with a kernel for which K(2, 6) = (1, 1)."""
    K, z = np.array([[0.35, 0.05], [0.05, 0.15]]), np.zeros(2)
    for _ in range(20_000):
        pull = np.exp(-(z - z.min()))
        z = z + 0.1 * K @ pull / pull.sum()
    return z[0] - z[1]


def edge_law():
    """How far the stretch falls that minimises what it saves of the norm against what it costs at the edge, d = 3."""
    stretch = [
        minimize_scalar(lambda s, x=x: s**5 / 5 - x * s, bounds=(0, 1), method="bounded", options={"xatol": 1e-9}).x
        for x in (1e-3, 1e-7)
    ]
    return stretch[0] / stretch[1]


NUMBERS = {
    "01-linear-stability": {
        "parabola": lambda: last_stable(lambda eta: 1 - 8 * eta),
        "mse": mse,
        "bias": flattest_with_bias,
    },
    "02-univariate-bound": {
        "ceiling": ceiling,
        "weight": lambda: univariate_weight([-1.0, 0.0, 1.0], [0.5])[0],
    },
    "03-multivariate-bound": {"quadratic": parts_of_data, "residual-term": residual_term},
    "04-mnist-tightness": {
        "two-edges": lambda: brentq(lambda eta: np.mean((1 - eta * np.array([0.5, 1.5])) ** 2) - 1, 0.1, 5),
        "expensive-side": expensive_side,
    },
    "05-depth-separation": {
        "facing": facing,
        "critical-radius": critical_radius,
        "price": lambda: (np.log(1e4) / np.log(1e2)) ** 2,
    },
    "06-sobolev-approximation": {"width": width, "linear": linear_pair},
    "07-nearly-orthogonal": {
        "gaps": gap,
        "margin": largest_margin,
        "relu-rank": relu_rank,
        "relu-margin": relu_margin,
    },
    "08-minimum-norm": {
        "balanced": balanced_value,
        "slope": lambda: line_norm(ShallowReLU([[1.0]], [2.0], [1.0], -2.0), 2.0),
        "bump": lambda: radial_bump(3).norm,
        "edge-law": edge_law,
    },
    "09-momentum": {
        "heavy-ball": lambda: heavy_ball_edge(0.5, 4.0),
        "kick": lambda: sum(0.9**k for k in range(1000)),
        "best-momentum": lambda: (
            minimize_scalar(lambda b: -mean_square_edge(b, 0.25), (0.05, 0.9), bounds=(0.01, 0.9), method="bounded").x
        ),
        "noisy-threshold": lambda: mean_square_edge(0.9, 1.0),
    },
}


@pytest.mark.parametrize("chapter, item", ITEMS)
def test_a_number_that_is_called_right_is_computed_and_the_others_are_not_near(chapter, item):
    values = {answer.value: answer.right for answer in item.answers if answer.value is not None}
    assert (item.id in NUMBERS[chapter]) == bool(values)
    if values:
        computed = NUMBERS[chapter][item.id]()
        assert [value for value, right in values.items() if right] == [pytest.approx(computed, rel=2e-3)]
        assert not any(
            value == pytest.approx(computed, rel=0.02, abs=1e-3) for value, right in values.items() if not right
        )


def test_a_neuron_split_at_its_knot_keeps_the_norm_and_doubles_the_one_sided_sum():
    """What the question "split" of chapter 2 calls right."""
    X = np.array([[-1.2], [-0.3], [0.4], [1.5]])
    whole = ShallowReLU([[1.0]], [0.1], [1.0], 0.0)
    split = ShallowReLU([[1.0], [1.0]], [0.1, 0.1], [1.5, -0.5], 0.0)
    assert stability_norm(split, X) == pytest.approx(stability_norm(whole, X))
    assert bound_chain(split, X).one_sided == pytest.approx(2 * bound_chain(whole, X).one_sided)


# --- the page ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Pages that hold nothing but a self-check, and one with all statements that they refer to."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "conf.py").write_text(
        f"import sys; sys.path.insert(0, {str(ROOT / 'book' / '_ext')!r})\n"
        "extensions = ['myst_parser', 'sphinx_proof', 'self_check']\n"
        "myst_enable_extensions = ['dollarmath']\nhtml_math_renderer = 'mathjax'\nhtml_theme = 'basic'\n",
        "utf8",
    )
    asked = "".join(item.read for _, item in ALL)
    stated = "".join(
        f"```{{prf:lemma}} x\n:label: {label}\nx\n```\n" for label in set(re.findall(r"prf:ref}`([^`]+)", asked))
    )
    sections = "".join(f"({label})=\n## x\n\n" for label in set(re.findall(r"\{ref}`([^`]+)", asked)))
    (folder / "index.md").write_text(f"# x\n\n```{{toctree}}\n:glob:\n*\n```\n\n{stated}\n{sections}", "utf8")
    for chapter in CHECKS:
        (folder / f"{chapter}.md").write_text("# x\n\n```{self-check}\n```\n", "utf8")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", folder, folder / "html"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    complaints = [line for line in done.stderr.splitlines() if not re.search("fig-|equation|label 'eq-", line)]
    return {chapter: (folder / "html" / f"{chapter}.html").read_text("utf8") for chapter in CHECKS}, complaints


def test_every_question_is_a_group_with_its_answers_after_all_questions(pages):
    texts, complaints = pages
    assert complaints == []
    for chapter, items in CHECKS.items():
        text = texts[chapter]
        assert text.count("<fieldset") == text.count("<legend>") == text.count("<details") == len(items)
        assert text.count('type="radio"') == 4 * sum(item.kind == "choice" for item in items)
        assert text.rindex("</fieldset>") < text.index("<details")
        for number, item in enumerate(items, 1):
            part = text[text.index(f'data-answers="{number}"') :].split("</details>")[0]
            right = re.findall(r'<li(?: class="(check-right)")?>', part)
            assert len(right) == len(item.answers)
            if item.kind == "choice":
                assert right.index("check-right") == item.shown.index(0) and right.count("check-right") == 1
            links = part.count('<a class="reference internal"')
            assert links >= (1 if re.search(r"prf:ref|\{ref", item.read) else 0)
        assert "self-checks.js" in text


def test_a_notebook_has_the_questions_and_folded_answers(pages):
    for chapter, items in CHECKS.items():
        check = BeautifulSoup(pages[0][chapter], "html.parser").find(class_="self-check")
        for part in check.select(".check-reply a"):
            part.unwrap()
        text = "\n\n".join(block.markdown for block in plain_markdown.Translator(str, bool).blocks(check))
        assert text.count("<details>") == len(items) and text.count("\n- (a) ") == len(items)
        assert [f"**{k}.** " in text for k in range(1, 9)] == [True] * 8
        assert text.index("**8.**") < text.index("<details>") and "**Right" not in text


def test_replies_do_not_count_as_reading():
    check = nodes.container("", nodes.paragraph("", "ten words " * 5), classes=["self-check"])
    page = nodes.section("", nodes.paragraph("", "three words more"), check)
    assert words_of(page) == 3


# --- what learning platforms get ---------------------------------------------------------------------------------

SPACE = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
CONTENT = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    self_checks.write(folder)
    return folder


@pytest.fixture(scope="module")
def package(exported):
    with zipfile.ZipFile(exported / "self-checks-qti.zip") as archive:
        return {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}


def asked(item, given):
    """Score and replies of a QTI item for the responses ``given``, its conditions followed one after the other."""
    score, replies = 0.0, []
    for condition in item.iter(f"{SPACE}respcondition"):
        variables = condition.find(f"{SPACE}conditionvar")
        equal = next(variables.iter(f"{SPACE}varequal"))
        met = given.get(equal.get("respident")) == equal.text
        if met == (variables.find(f"{SPACE}not") is None):
            for change in condition.iter(f"{SPACE}setvar"):
                score = float(change.text) + (score if change.get("action") == "Add" else 0)
            replies += [each.get("linkrefid") for each in condition.iter(f"{SPACE}displayfeedback")]
            if condition.get("continue") == "No":
                break
    said = {each.get("ident"): "".join(each.itertext()).strip() for each in item.iter(f"{SPACE}itemfeedback")}
    return score, [said[name] for name in replies]


def test_the_manifest_names_every_file_and_every_dependency(package):
    resources = {each.get("identifier"): each for each in package["imsmanifest.xml"].iter(f"{CONTENT}resource")}
    files = [each.get("href") for each in package["imsmanifest.xml"].iter(f"{CONTENT}file")]
    assert sorted(files) == sorted(set(package) - {"imsmanifest.xml"})
    assert {each.get("identifierref") for each in package["imsmanifest.xml"].iter(f"{CONTENT}dependency")} <= set(
        resources
    )
    assert sum(each.get("type") == "imsqti_xmlv1p2" for each in resources.values()) == len(CHECKS)


@pytest.mark.parametrize("chapter", CHECKS)
def test_a_package_scores_and_replies_as_the_page_does(package, chapter):
    items = list(package[f"{chapter}/{chapter}.xml"].iter(f"{SPACE}item"))
    assert len({item.get("ident") for item in items}) == len(items) == len(CHECKS[chapter])
    for entry, item in zip(items, CHECKS[chapter], strict=True):
        replies = [self_checks.reply(item, k) for k in range(len(item.answers))]
        if item.kind == "choice":
            for k, answer in enumerate(item.answers):
                assert asked(entry, {"response1": f"answer{k}"}) == (100 if answer.right else 0, [replies[k]])
            assert asked(entry, {}) == (0, [])
        else:
            order = {f"response_line{k}": f"place{k}" for k in range(len(item.answers))}
            score, said = asked(entry, order)
            assert score == pytest.approx(100, abs=0.01) and said == []
            swapped = order | {"response_line0": "place1", "response_line1": "place0"}
            score, said = asked(entry, swapped)
            assert score == pytest.approx(100 - 200 / len(order), abs=0.01) and sorted(said) == sorted(replies[:2])
        shown = "".join(entry.itertext())
        assert "$" not in shown and "{" not in re.sub(r"\\\(.*?\\\)", "", shown), "markup that no platform knows"


def test_moodle_gets_the_same_questions(exported):
    root = ElementTree.parse(exported / "self-checks-moodle.xml").getroot()
    questions = [each for each in root if each.get("type") != "category"]
    items = [item for items in CHECKS.values() for item in items]
    assert len(questions) == len(items) == 72
    for question, item in zip(questions, items, strict=True):
        if item.kind == "choice":
            full = [each for each in question.iter("answer") if each.get("fraction") == "100"]
            right = next(answer for answer in item.answers if answer.right)
            assert [each.find("text").text for each in full] == [self_checks.html(right.say)]
            assert all(each.find("feedback/text").text for each in question.iter("answer"))
        else:
            places = {each.find("text").text: each.find("answer/text").text for each in question.iter("subquestion")}
            assert [places[self_checks.html(a.say)] for a in item.answers] == [
                str(k + 1) for k in range(len(item.answers))
            ]


def test_the_same_questions_give_the_same_bytes(exported, tmp_path):
    self_checks.write(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (exported / path.name).read_bytes()


# --- the written exam --------------------------------------------------------------------------------------------

EXAM = ROOT / "assignments" / "exam"


def test_the_exam_adds_up():
    questions, solutions = ((EXAM / name).read_text("utf8") for name in ("questions.md", "solutions.md"))
    parts = re.split(r"^\*\*\d\. ", questions, flags=re.MULTILINE)[1:]
    totals = [int(re.search(r"\((\d+) points\)", part)[1]) for part in parts]
    assert [sum(map(int, re.findall(r" \((\d+)\)$", part, re.MULTILINE))) for part in parts] == totals
    assert sum(totals) == 60 and "60 points" in questions
    letters = [re.findall(r"^\(([a-d])\)", text, re.MULTILINE) for text in (questions, solutions)]
    assert letters[0] == letters[1] and solutions.count("*Rubric:*") == len(letters[0])


def test_exam_1_two_scalars():
    def sharpness_at(v):
        phi = np.outer([1.0, 2.0], [1 / v, v])
        return np.linalg.eigvalsh(phi @ phi.T / 2)[-1]

    flattest = minimize_scalar(sharpness_at, bounds=(0.2, 5), method="bounded")
    assert (flattest.x, flattest.fun) == (pytest.approx(1, abs=1e-3), pytest.approx(5))
    h = np.array([2.0, 8.0])
    assert brentq(lambda eta: np.mean((1 - eta * h) ** 2) - 1, 0.1, 1) == pytest.approx(5 / 17)
    steps = np.linspace(0, 1, 100_001)
    epoch = np.abs((1 - 2 * steps) * (1 - 8 * steps))
    assert steps[epoch <= 1 + 1e-12].max() == pytest.approx(0.625) and epoch[steps <= 0.625].max() <= 1 + 1e-12
    # and so do the networks: an epoch at 0.6 shrinks an error, though 5 > 2/0.6
    v = w = 1 + 1e-6
    for x in (1.0, 2.0):
        slope = (v * w - 1) * x * x
        v, w = v - 0.6 * slope * w, w - 0.6 * slope * v
    assert abs(v * w - 1) < 2e-6


def roof(t):
    """1 on [−t, t], 0 at ±2."""
    return ShallowReLU([[1.0], [-1.0]], [-t, -t], [-1 / (2 - t)] * 2, 1.0)


def test_exam_2_three_samples():
    x, t = np.array([-2.0, 0.0, 2.0]), np.concatenate([np.linspace(-1.99, -0.01, 50), np.linspace(0.01, 1.99, 50)])
    assert univariate_weight(x, t) == pytest.approx(np.sqrt(5) / 9 * (2 - np.abs(t)))
    least = 2 * np.sqrt(5) / 9
    for knot in (0.1, 1.0, 1.9):
        assert roof(knot)(x[:, None]) == pytest.approx([0, 1, 0])
        assert stability_norm(roof(knot), x[:, None]) == pytest.approx(least)
    grid = np.linspace(-2.5, 2.5, 400)  # no knot on a sample
    hats, cost = np.maximum(x[:, None] - grid, 0), univariate_weight(x, grid)
    bends = np.hstack([hats, -hats, np.ones((3, 1)), x[:, None], -np.ones((3, 1)), -x[:, None]])
    programme = linprog(np.concatenate([cost, cost, np.zeros(4)]), A_eq=bends, b_eq=[0, 1, 0])
    assert programme.fun == pytest.approx(least, rel=1e-6)
    assert 1 / (0.5 + least) == pytest.approx(1.003, abs=5e-4)


def test_exam_3_one_needle():
    X = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    for h in (0.3, 2 / np.sqrt(3), 3.0):
        net = ShallowReLU([[1.0, 1.0]], [-1.0], [h], 0.0).balanced(X)
        c = 2 * np.sqrt(3) * h
        assert stability_norm(net, X) == pytest.approx(np.sqrt(3) / 16 * h)
        assert sharpness(net, X) == pytest.approx((4 + c + np.sqrt(c**2 - 4 * c + 16)) / 8)
    chain = bound_chain(ShallowReLU([[1.0, 1.0]], [-1.0], [2 / np.sqrt(3)], 0.0).balanced(X), X)
    assert (chain.sharpness, chain.stability_norm) == (pytest.approx(1.5), pytest.approx(1 / 8))
    assert chain.stability_norm == pytest.approx(chain.one_sided) == pytest.approx(chain.gradient_level)


def test_exam_4_folds_that_end():
    X = np.random.default_rng(0).normal(size=(200, 2))

    def relu(z):
        return np.maximum(z, 0)

    x1, x2 = X.T
    assert relu(x1) + relu(-x1) + relu(x2) + relu(-x2) == pytest.approx(np.abs(X).sum(axis=1))
    assert relu(x2) - relu(-x2) + relu(x1 - x2) == pytest.approx(X.max(axis=1))
    f3 = relu(X.min(axis=1))
    assert relu(relu(x1) - relu(-x1) - relu(x1 - x2)) == pytest.approx(f3)

    def bend(along, h=1e-4):
        return (
            np.mean([relu(np.minimum(h, s)) + relu(np.minimum(-h, s)) - 2 * relu(np.minimum(0, s)) for s in along]) / h
        )

    assert bend(np.linspace(0.1, 1, 50)) == pytest.approx(1) and bend(np.linspace(-1, -0.1, 50)) == 0


def test_exam_5_the_cheapest_ramp():
    ramp = ShallowReLU([[1.0]], [0.0], [1.0], 0.0)
    assert line_norm(ramp, 2.0) == pytest.approx(1)
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([0.0, 0.0, 1.0])
    knots = np.linspace(-2, 2, 401)
    right, left = np.maximum(x[:, None] - knots, 0), np.maximum(knots - x[:, None], 0)
    values = np.hstack([right, left, -right, -left, np.ones((3, 1)), -np.ones((3, 1))])
    cost = np.concatenate([np.ones(4 * len(knots)), np.zeros(2)])
    assert linprog(cost, A_eq=values, b_eq=y).fun == pytest.approx(1)
    for at in (-1.5, -0.5, 0.5, 1.5):  # f(at) − f(0) is the same for all cheapest: there is one
        ask = np.concatenate([np.maximum(at - knots, 0), np.maximum(knots - at, 0)])
        ask = np.concatenate([ask, -ask, [1, -1]])
        budget = {"A_ub": cost[None], "b_ub": [1 + 1e-9], "A_eq": values, "b_eq": y}
        assert linprog(ask, **budget).fun == pytest.approx(max(at, 0), abs=1e-6)
        assert -linprog(-ask, **budget).fun == pytest.approx(max(at, 0), abs=1e-6)

    def objective(beta, decay):
        residual = beta * np.maximum(x, 0) - y
        return ((residual - residual.mean()) ** 2).sum() / 6 + decay * beta

    for decay in (0.05, 0.15, 0.25):
        best = minimize_scalar(objective, bounds=(0, 2), args=(decay,), method="bounded").x
        assert best == pytest.approx(max(0, 1 - 4.5 * decay), abs=1e-4)


def test_exam_6_two_samples_alike():
    K = np.array([[1.0, 2.0], [2.0, 5.0]])
    assert np.linalg.solve(K, [1, 1]) == pytest.approx([3, -1])
    A, angles = np.linalg.cholesky(K), np.linspace(0, 2 * np.pi, 100_001)
    assert (A @ np.array([np.cos(angles), np.sin(angles)])).min(axis=0).max() == pytest.approx(1, abs=1e-6)
    z, total = np.zeros(2), np.zeros(2)
    for _ in range(30_000):  # loss-normalised steps
        pull = np.exp(-(z - z.min()))
        z, total = z + 0.1 * K @ pull / pull.sum(), total + 0.1 * pull / pull.sum()
    assert z[1] / z[0] == pytest.approx(2, rel=0.01)
    assert z[0] / np.sqrt(total @ K @ total) == pytest.approx(1, rel=0.01)


def test_students_get_the_self_checks_and_nothing_of_the_exam(tmp_path):
    student.copy_sources(tmp_path / "source")
    given = {path.relative_to(tmp_path / "source").as_posix() for path in (tmp_path / "source").rglob("*")}
    assert {f"book/_self-checks/{chapter}.yml" for chapter in CHECKS} <= given
    assert not any(word in name for name in given for word in ("assessment", "written-exam", "assignments"))
    assert not re.search("assessment|written-exam", (tmp_path / "source" / "_toc.yml").read_text("utf8"))
    texts = student.secrets()[0]
    exam = {piece for path in EXAM.glob("*.md") for piece in student.pieces(path.read_text("utf8"))}
    assert len(exam & texts) > 50
    assert student.leaks([tmp_path], texts) == []
    (tmp_path / "leak.html").write_text(f"<p>{max(exam & texts, key=len)}</p>", "utf8")
    assert len(student.leaks([tmp_path], exam & texts)) == 1
