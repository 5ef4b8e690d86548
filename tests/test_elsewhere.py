"""Single batches against enumeration, the bundled sets, and the multilayer study against dense Hessians."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets as sets
from sklearn.preprocessing import StandardScaler

from stableminima import Linearization
from stableminima.book.studies import multilayer, other_data
from stableminima.datasets.bundled import bundled_task, load_bundled
from stableminima.experiments import load_record
from stableminima.stability.single_batches import batch_tops, single_batches, worst_batch


def features(n, r, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, r)) * rng.exponential(size=(n, 1))


def enumerated(phi, B):
    return np.array(
        [np.linalg.eigvalsh(phi[list(b)].T @ phi[list(b)] / B)[-1] for b in itertools.combinations(range(len(phi)), B)]
    )


@settings(max_examples=60, deadline=None)
@given(n=st.integers(2, 8), r=st.integers(1, 4), B=st.integers(1, 8), seed=st.integers(0, 10**6))
def test_the_worst_batch_against_enumeration(n, r, B, seed):
    phi, B = features(n, r, seed), min(B, n)
    found, exact = worst_batch(phi @ phi.T, B), enumerated(phi, B).max()
    longest = (phi**2).sum(axis=1).max()
    assert found <= exact * (1 + 1e-9)
    assert longest / B * (1 - 1e-9) <= found <= longest * (1 + 1e-9)
    if B in (1, n):
        assert found == pytest.approx(exact)
    edge = 2 / exact
    assert edge <= Linearization.from_features(phi).sgd_threshold(B) * (1 + 1e-8)


def test_the_search_nearly_always_finds_the_worst():
    shares = []
    for seed in range(100):
        phi = features(9, 3, seed)
        shares.append(worst_batch(phi @ phi.T, 3) > (1 - 1e-9) * enumerated(phi, 3).max())
    assert np.mean(shares) > 0.95


def test_single_batches_counts_what_enumeration_counts():
    phi = features(7, 3, 5)
    tops = enumerated(phi, 2)
    eta = 2 / np.quantile(tops, 0.7)
    found = single_batches(Linearization.from_features(phi), eta, 2, draws=6000)
    share = np.mean(eta * tops > 2)
    assert abs(found.share - share) < 5 * np.sqrt(share * (1 - share) / 6000)
    assert found.worst == pytest.approx(eta * tops.max() / 2)
    whole = single_batches(Linearization.from_features(phi), eta, None)
    top = np.linalg.eigvalsh(phi.T @ phi / 7)[-1]
    assert whole.median == pytest.approx(whole.worst) == pytest.approx(eta * top / 2)
    doubled = single_batches(Linearization.from_features(phi, loss="mse"), eta / 2, 2, draws=6000)
    assert doubled == found  # MSELoss has twice the Hessian
    assert batch_tops(phi @ phi.T, np.array([[0, 1], [2, 3]])) == pytest.approx(
        [np.linalg.eigvalsh(phi[b].T @ phi[b] / 2)[-1] for b in ([0, 1], [2, 3])]
    )


def test_single_batches_refuse_several_outputs():
    line = Linearization.from_features(np.ones((3, 2, 4)) * np.arange(1, 5))
    with pytest.raises(ValueError, match="one output, got 2"):
        single_batches(line, 0.1, 1)
    with pytest.raises(ValueError, match="step_size"):
        single_batches(Linearization.from_features(np.eye(3)), -1.0, 1)


@pytest.mark.parametrize("name", other_data.SETS)
def test_bundled_sets_are_standardised(name):
    X, y = load_bundled(name)
    task = bundled_task(name, len(y), seed=3)
    varies = X.std(axis=0) > 0
    expected = StandardScaler().fit_transform(X[:, varies]) / np.sqrt(varies.sum())
    order = np.lexsort(np.round(task.X, 9).T), np.lexsort(np.round(expected, 9).T)
    assert task.X[order[0]] == pytest.approx(expected[order[1]], abs=1e-8)
    assert (task.X**2).sum(axis=1).mean() == pytest.approx(1)
    if name == "diabetes":
        assert task.y.mean() == pytest.approx(0, abs=1e-12) and task.y.std() == pytest.approx(1)
    else:
        assert set(task.y) == {-1.0, 1.0}
    small, again, other = (bundled_task(name, 50, seed) for seed in (1, 1, 2))
    assert (small.X == again.X).all() and small.X.shape[0] == 50 and (small.y != other.y).any()


def test_labels_are_those_of_the_sets():
    X, y = load_bundled("wine")
    assert ((y == 1) == (sets.load_wine().target == 1)).all() and X.shape == (178, 13)
    digits, labels = load_bundled("digits")
    whole = sets.load_digits()
    assert (digits[labels == 1] == whole.data[whole.target == 5]).all()
    with pytest.raises(ValueError, match="name must be one of"):
        load_bundled("iris")
    with pytest.raises(ValueError, match="178, the number of samples of 'wine', got 500"):
        bundled_task("wine", 500)


def test_the_published_curvature_is_that_of_the_dense_hessian():
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1), torch.nn.Flatten(0)
    ).double()
    X, y, batch = torch.randn(6, 3).double(), torch.randn(6).double(), np.array([1, 4, 5])
    names = [name for name, _ in net.named_parameters()]
    shapes = [p.shape for p in net.parameters()]

    def loss(flat):
        parts = torch.split(flat, [s.numel() for s in shapes])
        params = {n: p.reshape(s) for n, p, s in zip(names, parts, shapes, strict=True)}
        return ((torch.func.functional_call(net, params, (X[batch],)) - y[batch]) ** 2).mean()

    flat = torch.cat([p.detach().reshape(-1) for p in net.parameters()])
    g, H = torch.func.grad(loss)(flat), torch.func.hessian(loss)(flat)
    expected = float(g @ H @ g / (g @ g))
    assert multilayer.directional_curvature(net, X, y, batch) == pytest.approx(expected, rel=1e-9)


def test_the_multilayer_network_starts_as_said():
    net = multilayer.multilayer(64, 256, 0.2, 5)
    first, second, third = net[0], net[2], net[4]
    assert float(second.weight.std()) == pytest.approx(0.2 * np.sqrt(2 / 256), rel=0.02)
    assert float(first.weight.std()) == pytest.approx(0.2 * np.sqrt(2 / 64), rel=0.02)
    assert not any(float(layer.bias.abs().max()) for layer in (first, second, third))


def test_the_records_are_what_the_studies_do():
    """A short run of each again, with the tolerances of the study."""
    for study, chosen in (
        (multilayer.MULTILAYER, {"seed": 0, "batch_size": None, "momentum": 0.9, "step_size": 0.1}),
        (other_data.OTHER_DATA, {"seed": 0, "data": "wine", "batch_size": 4, "step_size": 0.25}),
    ):
        record = load_record(study.name)
        assert len(record) == len(study.configurations)
        (told,), (configuration,) = record.where(**chosen), study.chosen(chosen)
        again = study.function(configuration)
        assert again["status"] == told["status"]
        for name, value in again.items():
            tolerance = study.tolerances.get(name, 1e-6)
            if isinstance(value, float) and tolerance is not None:
                assert told[name] == pytest.approx(value, rel=tolerance), name
