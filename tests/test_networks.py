import itertools
import os
import warnings

import numpy as np
import pytest
import torch
from hypothesis import given
from strategies import problems

from stableminima import DeepReLU, ShallowReLU, random_network
from stableminima.checks import positive_number

RNG = np.random.default_rng(0)


def small_net(k=5, d=3):
    return ShallowReLU(RNG.normal(size=(k, d)), RNG.normal(size=k), RNG.normal(size=k), 0.3)


def deep_net():
    sizes = [3, 7, 4, 1]
    weights = tuple(RNG.normal(size=(o, i)) for i, o in itertools.pairwise(sizes))
    return DeepReLU(weights, tuple(RNG.normal(size=o) for o in sizes[1:]))


@given(problems())
def test_a_network_is_the_sum_over_its_neurons(problem):
    net, X = problem
    a, u, t = net.neurons()
    constant = ~net.W.any(axis=1)
    c = net.c + net.v[constant] @ np.maximum(net.b[constant], 0)
    rebuilt = np.maximum(X @ u.T - t, 0) @ a + c
    assert np.allclose(np.linalg.norm(u, axis=1), 1, atol=1e-14)
    scale = 1 + (np.abs(np.maximum(X @ net.W.T + net.b, 0)) @ np.abs(net.v)).max()
    assert np.abs(rebuilt - net(X)).max() <= 1e-12 * scale


@given(problems())
def test_rescaling_and_balancing_keep_the_function(problem):
    net, X = problem
    alpha = 10.0 ** np.random.default_rng(1).uniform(-3, 3, net.width)
    scale = 1 + (np.maximum(X @ net.W.T + net.b, 0) @ np.abs(net.v)).max()
    for other in (net.rescaled(alpha), net.balanced(X)):
        assert np.abs(other(X) - net(X)).max() <= 1e-12 * scale


def test_preactivations_and_pattern_are_those_of_the_first_torch_layer():
    net, X = small_net(), RNG.normal(size=(20, 3))
    first = net.to_torch()[0](torch.from_numpy(X)).detach().numpy()
    np.testing.assert_allclose(net.preactivations(X), first, atol=1e-14)
    assert net.pattern(X).tolist() == (first > 0).tolist()
    on_the_kink = ShallowReLU([[1.0]], [-2.0], [1.0], 0.0)
    assert not on_the_kink.pattern([[2.0]]).any() and on_the_kink.pattern([2.5, 3.0]).shape == (2, 1)
    for ask in (net.preactivations, net.pattern):
        with pytest.raises(ValueError, match=r"X must have shape \(any, 3\)"):
            ask(np.ones((4, 2)))


@pytest.mark.parametrize("net", [small_net(), deep_net()], ids=["shallow", "deep"])
def test_torch_and_disk_round_trips(net, tmp_path):
    X = RNG.normal(size=(20, 3))
    module = net.to_torch()
    with torch.no_grad():
        assert np.allclose(module(torch.from_numpy(X)).numpy()[:, 0], net(X), atol=1e-13)
    assert np.array_equal(type(net).from_torch(module)(X), net(X))
    net.save(tmp_path / "net.npz")
    assert np.array_equal(type(net).load(tmp_path / "net.npz")(X), net(X))
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    small_net().save(path)
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        small_net().save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["net.npz"]


def test_loading_the_other_kind_is_refused(tmp_path):
    deep_net().save(tmp_path / "deep.npz")
    with pytest.raises(ValueError, match="ShallowReLU"):
        ShallowReLU.load(tmp_path / "deep.npz")


def test_networks_are_immutable_and_copy_their_input():
    W = np.ones((2, 1))
    net = ShallowReLU(W, [0, 0], [1, 1], 0)
    W[:] = 7
    assert net([[1.0]])[0] == 2
    with pytest.raises(ValueError, match="read-only"):
        net.W[0] = 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"W": [[1.0]], "b": [0.0, 1.0], "v": [1.0], "c": 0.0}, r"b must have shape \(1,\), got \(2,\)"),
        ({"W": [1.0], "b": [0.0], "v": [1.0], "c": 0.0}, r"W must have shape \(any, any\), got \(1,\)"),
        ({"W": [[np.nan]], "b": [0.0], "v": [1.0], "c": 0.0}, "W contains 1 NaN"),
        ({"W": [[1.0]], "b": [0.0], "v": [np.inf], "c": 0.0}, "v contains 1 NaN or infinite"),
        ({"W": [["a"]], "b": [0.0], "v": [1.0], "c": 0.0}, "W must be numeric"),
        ({"W": np.ones((0, 2)), "b": [], "v": [], "c": 0.0}, "at least one neuron"),
    ],
)
def test_bad_networks_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        ShallowReLU(**arguments)


def test_bad_inputs_are_refused():
    net = small_net()
    with pytest.raises(ValueError, match=r"X must have shape \(any, 3\), got \(2, 4\)"):
        net(np.ones((2, 4)))
    with pytest.raises(ValueError, match="X contains 1 NaN"):
        net([[0.0, np.nan, 0.0]])
    with pytest.raises(ValueError, match="at least one point"):
        net(np.ones((0, 3)))
    with pytest.raises(ValueError, match="alpha must be positive"):
        net.rescaled([1, 1, 1, 1, 0])
    with pytest.raises(ValueError, match="alternate Linear and ReLU"):
        ShallowReLU.from_torch(torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.Tanh(), torch.nn.Linear(2, 1)))


def test_random_network_has_the_stated_law():
    net = random_network(400, 300, seed=3, scale=2.0)
    assert abs(net.W.std() * np.sqrt(400) - 2) < 0.02
    assert abs(net.v.std() * np.sqrt(300) - 2) < 0.2
    assert not net.b.any() and net.c == 0
    assert np.array_equal(random_network(4, 3, seed=3).W, random_network(4, 3, seed=3).W)
    assert not np.array_equal(random_network(4, 3, seed=3).W, random_network(4, 3, seed=4).W)


def test_torch_modules_that_are_not_the_network_are_refused():
    two = torch.nn.Sequential(torch.nn.Linear(1, 2), torch.nn.ReLU(), torch.nn.Linear(2, 2))
    with pytest.raises(ValueError, match="module must have one output, got 2"):
        ShallowReLU.from_torch(two)
    with pytest.raises(ValueError, match=r"module must be a torch.nn.Sequential, got Linear"):
        DeepReLU.from_torch(torch.nn.Linear(1, 1))


def test_balancing_does_not_overflow_on_the_way():
    net = ShallowReLU([[1e-200]], [0.0], [1e200], 0.0)
    assert net.balanced([[1.0]])([[3.0]])[0] == pytest.approx(3)


@pytest.mark.parametrize("value", [[1 + 2j], ["1.0"], [[1.0], [1.0, 2.0]]], ids=["complex", "text", "ragged"])
def test_points_that_are_not_real_numbers_are_refused(value):
    with pytest.raises(ValueError, match="X must be numeric"):
        random_network(1, 3)(value)


@pytest.mark.parametrize("value", [np.nan, np.inf, "3", None, [3], 2.5, True, 0])
def test_sizes_that_are_not_whole_are_refused(value):
    with pytest.raises(ValueError, match=r"width must be at least 1 and whole.*pass an integer"):
        random_network(2, value)
    if value != 2.5:
        with pytest.raises(ValueError, match="scale must be positive and finite"):
            random_network(2, 3, scale=value)


def test_empty_layers_are_refused():
    with pytest.raises(ValueError, match=r"weights\[0\] must not be empty"):
        DeepReLU((np.ones((0, 2)), np.ones((1, 0))), (np.ones(0), np.ones(1)))


@pytest.mark.parametrize("kind", [ShallowReLU, DeepReLU])
def test_damaged_and_foreign_files_are_named(kind, tmp_path):
    path = tmp_path / "net.npz"
    with pytest.raises(FileNotFoundError):
        kind.load(path)
    net = small_net() if kind is ShallowReLU else deep_net()
    net.save(path)
    whole = path.read_bytes()
    flipped = whole[:200] + bytes([whole[200] ^ 255]) + whole[201:]
    for content in (b"", b"text", whole[:100], flipped):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=rf"net\.npz does not hold a {kind.__name__}.*pass a file that"):
            kind.load(path)
    np.savez(path, kind=kind.__name__, other=np.ones(3), more=np.ones(3))
    with pytest.raises(ValueError, match="pass a file that"):
        kind.load(path)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no umask")
def test_saved_files_have_the_permissions_of_any_new_file(tmp_path):
    small_net().save(tmp_path / "net.npz")
    (tmp_path / "other").touch()
    assert (tmp_path / "net.npz").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_positive_number_of_any_precision_is_one():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert positive_number(np.float32(0.5), "x") == 0.5 and positive_number(np.float16(2), "x") == 2.0
    for bad in (np.float32("inf"), np.float64("nan"), 10**400, -1.0, True, "1"):
        with pytest.raises(ValueError, match="x must be positive and finite"):
            positive_number(bad, "x")
