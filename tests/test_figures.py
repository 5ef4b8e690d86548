"""What a picture of one chapter has taught holds in the next: the links of the chain look the same everywhere."""

import re
from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import yaml

from stableminima import bound_chain, load_record, random_network
from stableminima.book.figures import (
    depth_separation,
    mnist_tightness,
    multivariate_bound,
    sobolev_approximation,
    style,
    univariate_bound,
)
from stableminima.bounds.laplacian import PrimalWeight
from stableminima.functions.gaussian import Gaussian
from stableminima.functions.sampling import ridge_neurons

mpl.use("Agg")
X = np.random.default_rng(0).normal(size=(12, 2))
CHAINS = {eta: bound_chain(random_network(2, 9, seed=k), X, eta) for k, eta in enumerate((0.05, 0.1, 0.2))}


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def curves(axes):
    """Label, colour and marker of every labelled curve."""
    lines = [line for ax in getattr(axes, "axes", axes) for line in ax.lines if not line.get_label().startswith("_")]
    return {(line.get_label(), line.get_color(), line.get_marker()) for line in lines}


def wanted_of(*names):
    return {(style.LINKS[name].name, style.LINKS[name].color, style.LINKS[name].marker) for name in names}


def bars(figure):
    return {(bar.get_label(), mpl.colors.to_hex(bar[0].get_facecolor())) for bar in figure.axes[0].containers}


def test_the_table_has_the_links_of_the_chain_in_their_order():
    assert tuple(style.LINKS) == tuple(name for name, _ in CHAINS[0.1].links)
    assert len({link.color for link in style.LINKS.values()}) == len({link.name for link in style.LINKS.values()}) == 5


def test_every_chapter_draws_a_link_alike():
    wanted = wanted_of(*style.LINKS)
    assert curves(univariate_bound.plot_chain(CHAINS, [True, False, True])) == wanted
    assert curves(multivariate_bound.plot_chain(list(CHAINS), [[chain] for chain in CHAINS.values()])) == wanted
    assert curves(mnist_tightness.plot_links(list(CHAINS), list(CHAINS.values()))) == wanted
    records = {"": load_record("mnist-size").where(status="converged")}
    assert curves(mnist_tightness.plot_variants(records)) == wanted_of(style.SHARPNESS, style.ONE_SIDED, style.NORM)
    overview = style.plot_overview(np.arange(3.0), np.arange(3.0), {0.1: random_network(1, 3)}, CHAINS)
    assert curves(overview.axes[1:]) == wanted_of(style.CEILING, style.SHARPNESS, style.NORM)


DONE = np.ones((2, 3), bool)
COUNTS = {"effective knots": np.ones((2, 3)), "dead": np.ones((2, 3)), "always on": np.ones((2, 3))}


def test_every_chapter_calls_and_colours_a_slack_alike():
    record = load_record("mnist-pairs").where(status="converged")
    found = bars(mnist_tightness.plot_slacks({"pairs": record}))
    assert found == bars(univariate_bound.plot_slacks(list(CHAINS), [CHAINS, CHAINS], DONE, COUNTS))
    assert {name for name, _ in found} == {
        "stability norm $S_g$",
        "(iii) orientation",
        "(ii) gauge",
        "(i) constant vector",
        "(0) short of the edge",
    }


def test_a_ceiling_that_was_passed_gets_no_bar_below_the_others():
    passed = replace(CHAINS[0.1], ceiling=0.9 * getattr(CHAINS[0.1], style.SHARPNESS))
    one = {name: values[:, :1] for name, values in COUNTS.items()}
    figure = univariate_bound.plot_slacks([0.1], [{0.1: passed}, {0.1: CHAINS[0.2]}], np.array([[True], [False]]), one)
    heights = {bar.get_label(): bar[0].get_height() for bar in figure.axes[0].containers}
    assert min(heights.values()) == heights["(0) short of the edge"] == 0
    assert sum(heights.values()) == pytest.approx(1 / 0.9)


def test_the_explorables_draw_with_the_same_colours():
    sheet = (Path(__file__).parents[1] / "book" / "_static" / "explorable.css").read_text("utf8")
    assert style.LINKS[style.NORM].color in sheet
    assert style.LINKS[style.SHARPNESS].color in sheet


def test_segments_lie_on_their_lines_and_end_on_the_circle():
    angle = np.linspace(0, 3, 7)
    u, t = np.column_stack([np.cos(angle), np.sin(angle)]), np.linspace(-1.9, 2.5, 7)
    ends = np.array(style.hyperplane_segments(u, t, 2.0))
    assert ends.shape == (7, 2, 2)
    np.testing.assert_allclose(np.einsum("mej,mj->me", ends, u), np.column_stack([t, t]), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(ends, axis=2)[:-1], 2.0)
    np.testing.assert_array_equal(ends[-1, 0], ends[-1, 1])  # misses the disc


def test_a_band_has_the_middle_and_both_ends():
    _, ax = plt.subplots()
    style.draw_band(ax, [1, 2], [np.array([1.0, 2.0, 6.0]), np.array([4.0])], color="k")
    assert ax.lines[0].get_ydata().tolist() == [2.0, 4.0]
    assert {tuple(point) for point in ax.collections[0].get_paths()[0].vertices} == {(1, 1), (1, 6), (2, 4)}


def test_the_house_style_has_the_typeface_of_the_pages():
    with plt.rc_context():
        style.use_house_style()
        found = mpl.font_manager.findfont(plt.rcParams["font.family"][0], fallback_to_default=False)
        assert Path(found) == style.TYPEFACE and (style.TYPEFACE.parent / "OFL.txt").exists()
        assert mpl.font_manager.get_font(found).family_name == "Source Serif 4"
        small = plt.rcParams["font.size"] * mpl.font_manager.font_scalings["small"]
        assert small * 4 / 3 * 0.7 > 9, "an index of small text, in pixels"


def test_a_pale_area_has_an_outline_as_strong_as_a_line():
    _, ax = plt.subplots()
    style.fill(ax, [0, 1], 0.0, [1, 2], style.GREEN, 0.3, label="area")
    area = ax.collections[0]
    assert mpl.colors.to_hex(area.get_edgecolor()[0], keep_alpha=True) == f"{style.GREEN}ff"
    assert mpl.colors.to_hex(area.get_facecolor()[0], keep_alpha=True) == f"{style.GREEN}4c"
    assert area.get_linewidth()[0] > 0.5 and area.get_label() == "area"


NET = random_network(2, 9, seed=1)
BUMP = Gaussian([0.5, 0.2], 0.3 * np.eye(2))
MAPS = {
    "predictors": lambda: multivariate_bound.plot_predictors({"": NET}, X, X[:, 0]),
    "sinograms": lambda: multivariate_bound.plot_sinograms({"a": X, "b": 2 * X}),
    "radon": lambda: multivariate_bound.plot_radon(BUMP, Gaussian([-1.0, 0.0])),
    "primal": lambda: multivariate_bound.plot_primal(
        {"": (X, PrimalWeight(np.eye(4), np.array([-2.0, -2.0]), 1.0, 9, 0.1, 0.2))}
    ),
    "creases": lambda: depth_separation.plot_creases(NET, X),
    "sinogram of the pyramid": depth_separation.plot_pyramid_sinogram,
    "planar": lambda: sobolev_approximation.plot_planar({"": NET}, 2.0, 1.0),
    "drawing": lambda: sobolev_approximation.plot_drawing(BUMP, 2.0, {"": ridge_neurons(BUMP, 32, 2.0)}),
}


def rims_and_marks(ax):
    """What is drawn on a colour map, as (where, width, colour): lines, edges of markers, segments."""
    for line in ax.lines:
        marked = line.get_marker() not in ("", "None", None)
        width = line.get_markeredgewidth() if marked else line.get_linewidth()
        color = line.get_markeredgecolor() if marked else line.get_color()
        yield line.get_xydata().tobytes(), width, mpl.colors.to_hex(color)
    for lines in (c for c in ax.collections if isinstance(c, mpl.collections.LineCollection)):
        where = np.concatenate(lines.get_segments()).tobytes()
        yield where, np.broadcast_to(lines.get_linewidths(), len(lines.get_segments())), lines.get_edgecolor()[0]


@pytest.mark.parametrize("name", MAPS)
def test_what_is_drawn_on_a_colour_map_has_a_rim_that_tells_it_from_every_colour(name):
    shades = mpl.contour.ContourSet | mpl.collections.QuadMesh | mpl.image.AxesImage
    axes = [ax for ax in MAPS[name]().axes if ax.get_label() != "<colorbar>"]
    maps = [ax for ax in axes if any(isinstance(child, shades) for child in ax.get_children())]
    checked = 0
    for ax in maps:
        drawn = list(rims_and_marks(ax))
        for place, width, color in drawn:
            if mpl.colors.to_hex(color) == "#ffffff":
                continue
            rims = [rim for where, rim, c in drawn if where == place and mpl.colors.to_hex(c) == "#ffffff"]
            assert rims and np.all(rims[0] >= width + np.minimum(1.5, 1.4 * width)), (name, color)
            checked += 1
    assert checked


def test_captions_name_no_colour_that_the_dark_theme_turns_round():
    """Ink is black on one page and white on the other; hues stay."""
    found = {}
    for page in (Path(__file__).parents[1] / "book").glob("*.md"):
        for head in re.findall(r"^```\{code-cell\} ipython3\n---\n(.*?)\n---$", page.read_text("utf8"), re.M | re.S):
            picture = yaml.safe_load(head).get("mystnb", {})
            words = picture.get("figure", {}).get("caption", "") + " " + picture.get("image", {}).get("alt", "")
            if named := re.findall(r"\b(?:light|dark|pale|bright)(?:er|est)?\b|\bblack\b|\bwhite\b", words):
                found[page.stem, picture.get("figure", {}).get("name")] = named
    assert found == {}
