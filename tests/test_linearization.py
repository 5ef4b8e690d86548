"""The linearization of any model, against automatic differentiation and brute force that know nothing of kernels."""

import copy
import itertools
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from torch import nn

from stableminima import (
    DeepReLU,
    Linearization,
    ShallowReLU,
    almost_sure_threshold,
    gd_threshold,
    hessian_sharpness,
    linearized_sgd,
    lyapunov_exponent,
    mean_square_path,
    random_network,
    sgd_threshold,
    sharpness,
    tangent_features,
    tangent_kernel,
)
from stableminima.margins import signed_network
from stableminima.stability import curvature, kernel, modules
from stableminima.stability import linearization as room

RNG = np.random.default_rng(7)


# ------------------------------------------------------------------------------------------------- any architecture


class Doubled(nn.Module):
    """A module of one's own: shared weights, a skip connection, a buffer, several inputs axes."""

    def __init__(self, width, outputs):
        super().__init__()
        self.inner, self.last = nn.Linear(width, width, bias=False), nn.Linear(width, outputs)
        self.register_buffer("scale", torch.tensor(0.5))

    def forward(self, x):
        return self.last(x + self.scale * torch.tanh(self.inner(torch.relu(self.inner(x)))))


ACTIVATIONS = (nn.ReLU, nn.Tanh, lambda: nn.LeakyReLU(0.2), nn.GELU, nn.Sigmoid, lambda: nn.ReLU(inplace=True))


@st.composite
def architectures(draw):
    """A random module with its input shape: dense or convolutional, biases or none, layers frozen, 1 to 3 outputs."""
    torch.manual_seed(draw(st.integers(0, 10**6)))
    outputs, bias, width = draw(st.integers(1, 3)), draw(st.booleans()), draw(st.integers(1, 6))
    act = draw(st.sampled_from(ACTIVATIONS))
    kind = draw(st.sampled_from(("dense", "deep", "conv", "own", "flat", "norm")))
    if kind == "conv":
        layers = [nn.Conv2d(1, 2, 3, bias=bias), act(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8, outputs, bias=bias)]
        shape = (1, 6, 6)
    elif kind == "own":
        layers, shape = [nn.Linear(3, width, bias=bias), act(), Doubled(width, outputs)], (3,)
    elif kind == "flat":
        layers, shape = [nn.Flatten(), nn.Linear(6, width, bias=bias), act(), nn.Linear(width, outputs)], (2, 3)
    elif kind == "norm":
        layers, shape = [nn.Linear(3, 4), nn.LayerNorm(4), act(), nn.Linear(4, outputs, bias=bias)], (3,)
    else:
        middle = [nn.Linear(width, width, bias=bias), act()] if kind == "deep" else []
        layers, shape = [nn.Linear(3, width, bias=bias), act(), *middle, nn.Linear(width, outputs, bias=bias)], (3,)
    module = nn.Sequential(*layers)
    parameters = list(module.parameters())
    for place in draw(st.sets(st.integers(0, len(parameters) - 1), max_size=len(parameters) - 1)):
        parameters[place].requires_grad_(False)
    if draw(st.booleans()):
        module.double()
    return module, shape, outputs


def gradients_by_autograd(module, X):
    """(n, c, p), one backward pass of the plain module, in float64, a sample and output."""
    module = copy.deepcopy(module).double()
    trained = [p for p in module.parameters() if p.requires_grad]
    rows = []
    for x in X:
        for output in module(torch.tensor(x)[None]).reshape(-1):
            grads = torch.autograd.grad(output, trained, retain_graph=True, allow_unused=True)
            pairs = zip(grads, trained, strict=True)
            rows.append(torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for g, p in pairs]).numpy())
    return np.array(rows).reshape(len(X), -1, len(rows[0]))


@given(architectures(), st.integers(1, 6), st.sampled_from(("half", "mse")))
@hypothesis_settings(max_examples=40)
def test_any_module_agrees_with_autograd(problem, n, loss):
    module, shape, c = problem
    X = np.random.default_rng(n).normal(size=(n, *shape))
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    J = gradients_by_autograd(module, X)
    minimum = Linearization.of(module, X, loss=loss)
    flat = J.reshape(n * c, -1)
    np.testing.assert_allclose(minimum.kernel, flat @ flat.T, rtol=1e-8, atol=1e-8 * max(1, np.abs(flat).max() ** 2))
    hessian = sum(a.T @ a for a in J) / n * (1 if loss == "half" else 2 / c)
    assert minimum.sharpness == pytest.approx(np.linalg.eigvalsh(hessian)[-1], rel=1e-8, abs=1e-12)
    features = tangent_features(module, X)
    np.testing.assert_allclose(features.reshape(n, c, -1), J, rtol=1e-8, atol=1e-10)
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())
    assert all(p.grad is None for p in module.parameters())


@given(architectures(), st.integers(2, 5), st.sampled_from(("half", "mse")))
@hypothesis_settings(max_examples=15)
def test_the_hessian_of_any_module_is_autograds(problem, n, loss):
    module, shape, c = problem
    rng = np.random.default_rng(n)
    X, y = rng.normal(size=(n, *shape)), rng.normal(size=(n, c))
    double = copy.deepcopy(module).double()
    names = [name for name, p in double.named_parameters() if p.requires_grad]
    parameters = [p for p in double.parameters() if p.requires_grad]

    def total(*values):
        output = torch.func.functional_call(double, dict(zip(names, values, strict=True)), torch.tensor(X))
        squares = (output.reshape(n, c) - torch.tensor(y)) ** 2
        return squares.sum() / (2 * n) if loss == "half" else squares.mean()

    blocks = torch.autograd.functional.hessian(total, tuple(parameters))
    pairs = zip(parameters, blocks, strict=True)
    dense = torch.cat([torch.cat([b.reshape(p.numel(), -1) for b in row], 1) for p, row in pairs]).numpy()
    top = np.linalg.eigvalsh((dense + dense.T) / 2)[-1]
    assert hessian_sharpness(module, X, y, loss=loss) == pytest.approx(top, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("width", [3, 30])
def test_the_hessian_of_a_dead_network_is_zero(width):
    module = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 1, bias=False)).double()
    with torch.no_grad():
        module[0].weight.zero_()
        module[0].bias.fill_(-1.0)
    assert hessian_sharpness(module, RNG.normal(size=(4, 2)), np.ones(4)) == 0.0


@pytest.mark.parametrize("bias", [True, False])
def test_a_network_without_biases_has_its_own_sharpness_not_that_of_one_with(bias):
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(10, 64, bias=bias), nn.ReLU(), nn.Linear(64, 1, bias=bias)).double()
    X = RNG.normal(size=(30, 10))
    J = gradients_by_autograd(module, X)[:, 0]
    exact = np.linalg.norm(J, 2) ** 2 / 30
    assert sharpness(module, X) == pytest.approx(exact, rel=1e-10)
    if bias:
        assert sharpness(ShallowReLU.from_torch(module), X) == pytest.approx(exact, rel=1e-12)
    else:
        with pytest.raises(ValueError, match=r"module\[0\] has no bias.*Linearization.of"):
            ShallowReLU.from_torch(module)


def test_frozen_parameters_are_refused_where_they_would_be_counted():
    module = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    module[0].weight.requires_grad_(False)
    for build in (ShallowReLU.from_torch, DeepReLU.from_torch):
        with pytest.raises(ValueError, match=r"module\[0\].weight does not require a gradient.*Linearization.of"):
            build(module)


def test_modules_that_cannot_be_vectorised_are_differentiated_sample_by_sample():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(2, 1), nn.Linear(2, 1)

        def forward(self, x):
            return torch.cat([(self.a if row.sum().item() > 0 else self.b)(row) for row in x])

    torch.manual_seed(1)
    module, X = Branches(), RNG.normal(size=(7, 2))
    J = gradients_by_autograd(module, X)[:, 0]
    np.testing.assert_allclose(tangent_kernel(module, X), J @ J.T, atol=1e-12)


def test_the_kernel_in_pieces_is_the_kernel(monkeypatch):
    torch.manual_seed(2)
    module, X = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)), RNG.normal(size=(11, 3))
    whole = tangent_kernel(module, X)
    monkeypatch.setattr(modules, "CHUNK_BYTES", 8 * 2 * 32 * 3)  # three samples at a time
    np.testing.assert_allclose(tangent_kernel(module, X), whole, rtol=1e-12, atol=1e-14)


# ------------------------------------------------------------------------------------------------- several outputs


def kronecker_threshold(J, batch_size, factor):
    """2/λ_max(C†D) with the P²×P² matrices themselves, the expectation over batches by enumeration."""
    n, _, p = J.shape
    H = [factor * a.T @ a for a in J]
    mean = sum(H) / n
    batches = list(itertools.combinations(range(n), batch_size))
    D = sum(np.kron(h, h) for h in (sum(H[j] for j in batch) / batch_size for batch in batches)) / len(batches)
    C = (np.kron(mean, np.eye(p)) + np.kron(np.eye(p), mean)) / 2
    values, vectors = np.linalg.eigh(C)
    keep = values > 1e-9 * values[-1]
    root = vectors[:, keep] / np.sqrt(values[keep])
    return 2 / np.linalg.eigvalsh(root.T @ D @ root)[-1]


@pytest.mark.parametrize(("n", "c", "p", "B"), [(4, 3, 5, 1), (4, 3, 5, 2), (5, 2, 4, 3), (3, 3, 7, 1), (4, 1, 5, 2)])
@pytest.mark.parametrize("loss", ["half", "mse"])
def test_sgd_threshold_with_several_outputs_agrees_with_kronecker(n, c, p, B, loss):
    J = np.random.default_rng(n + c + p).normal(size=(n, c, p))
    minimum = Linearization.from_features(J if c > 1 else J[:, 0], loss=loss)
    exact = kronecker_threshold(J, B, minimum.loss_factor)
    assert minimum.sgd_threshold(B) == pytest.approx(exact, rel=1e-8)
    below, above = (minimum.mean_square_path(f * exact, B, 600) for f in (0.99, 1.01))
    assert below[-1] < below[300] and above[-1] > above[300]


@given(st.integers(1, 7), st.integers(1, 3), st.integers(1, 6), st.integers(0, 10**6), st.sampled_from(("half", "mse")))
def test_explicit_bounds_hold_the_mean_square_threshold(n, c, p, seed, loss):
    features = np.random.default_rng(seed).normal(size=(n, c, p)) * np.exp(np.arange(n) / 2)[:, None, None]
    minimum = Linearization.from_features(features, loss=loss)
    factor = 1.0 if loss == "half" else 2 / c
    each = factor * np.einsum("ncp,ncq->npq", features, features)
    H = each.mean(axis=0)
    top, e = np.linalg.eigvalsh(H)[-1], np.linalg.eigh(H)[1][:, -1]
    for B in range(1, n + 1):
        bounds, exact = minimum.sgd_threshold_bounds(B), minimum.sgd_threshold(B)
        assert bounds.low * (1 - 1e-9) <= exact <= bounds.high * (1 + 1e-9)
        weight = 0.0 if n == 1 else (n - B) / (B * (n - 1))
        largest = max(np.linalg.eigvalsh(one)[-1] for one in each)
        assert bounds.low == pytest.approx(2 / ((1 - weight) * top + weight * largest), rel=1e-8)
        squares, traces = (each**2).sum(), np.trace(each, axis1=1, axis2=2).sum()
        lower = max(
            top + weight * np.var([e @ one @ e for one in each]) / top,
            (1 - weight) * (H**2).sum() / np.trace(H) + weight * squares / traces,
        )
        assert bounds.high == pytest.approx(2 / lower, rel=1e-8)
    assert bounds.low == pytest.approx(exact, rel=1e-9) == bounds.high  # no noise at B = n


def test_paths_with_several_outputs_are_products_of_batch_hessians():
    J = RNG.normal(size=(4, 2, 3))
    minimum, H = Linearization.from_features(J), [a.T @ a for a in J]
    exact = {}
    for steps in range(4):  # all sequences of single samples
        moments = []
        for batches in itertools.product(range(4), repeat=steps):
            product = np.eye(3)
            for j in batches:
                product = (np.eye(3) - 0.1 * H[j]) @ product
            moments.append(np.trace(product @ product.T) / 3)
        exact[steps] = np.mean(moments)
    np.testing.assert_allclose(minimum.mean_square_path(0.1, 1, 3), list(exact.values()), rtol=1e-10)
    paths = [minimum.path(0.1, 1, 3, seed)[-1] for seed in range(4000)]
    assert abs(np.mean(paths) - exact[3]) < 4 * np.std(paths) / np.sqrt(4000)
    full = minimum.path(0.1, None, 50, seed=3)
    assert np.log(full[-1] / full[-2]) / 2 == pytest.approx(minimum.lyapunov_exponent(0.1).value, abs=1e-3)


# --------------------------------------------------------------------------------------------- closed forms, one kernel


def test_closed_forms_agree_with_torch():
    net, deep = random_network(4, 9, seed=1), DeepReLU([RNG.normal(size=s) for s in ((5, 4), (3, 5), (1, 3))],
                                                       [RNG.normal(size=s) for s in (5, 3, 1)])  # fmt: skip
    X = RNG.normal(size=(12, 4))
    for model in (net, deep):
        np.testing.assert_allclose(Linearization.of(model, X).kernel, tangent_kernel(model.to_torch(), X), atol=1e-10)


def test_signed_networks_have_a_linearization():
    net, X, step = signed_network(3, 4, slope=0.3, scale=1.0), RNG.normal(size=(6, 3)), 1e-6
    J = np.empty((6, net.W.size))
    for place in range(net.W.size):
        moved = [net.W + sign * step * np.eye(net.W.size)[place].reshape(net.W.shape) for sign in (1, -1)]
        J[:, place] = np.subtract(*(type(net)(W, net.slope)(X) for W in moved)) / (2 * step)
    np.testing.assert_allclose(Linearization.of(net, X).kernel, J @ J.T, atol=1e-7)


def test_functions_are_one_line_on_the_object():
    net, X = random_network(3, 8, seed=2), RNG.normal(size=(10, 3))
    minimum = Linearization.of(net, X)
    assert sharpness(net, X) == minimum.sharpness and gd_threshold(net, X) == minimum.gd_threshold
    assert sgd_threshold(net, X, 3) == minimum.sgd_threshold(3)
    np.testing.assert_array_equal(linearized_sgd(net, X, 0.1, 3, 50, 1), minimum.path(0.1, 3, 50, 1))
    np.testing.assert_array_equal(mean_square_path(net, X, 0.1, 3, 50), minimum.mean_square_path(0.1, 3, 50))
    assert lyapunov_exponent(net, X, 0.1, 3).value == minimum.lyapunov_exponent(0.1, 3).value
    assert almost_sure_threshold(net, X, 3, grid=4) == minimum.almost_sure_threshold(3, grid=4)


def test_kernel_and_spectrum_are_made_once(monkeypatch):
    counted = {"kernel": 0, "spectrum": 0}

    def counting(name, function):
        def call(*arguments):
            counted[name] += 1
            return function(*arguments)

        return call

    monkeypatch.setattr(kernel, "kernel_of_layers", counting("kernel", kernel.kernel_of_layers))
    monkeypatch.setattr(room, "span_of", counting("spectrum", room.span_of))
    net, X = random_network(3, 8, seed=2), RNG.normal(size=(10, 3))
    almost_sure_threshold(net, X, 3, steps=4000)
    assert counted == {"kernel": 1, "spectrum": 1}
    minimum = Linearization.of(net, X)
    minimum.almost_sure_edge(0.1, 3), minimum.sgd_threshold(2), minimum.spectrum, minimum.path(0.1), minimum.sharpness
    assert counted == {"kernel": 2, "spectrum": 2}


def test_the_spectrum_is_that_of_the_hessian():
    J = RNG.normal(size=(5, 2, 4))
    minimum = Linearization.from_features(J, loss="mse")
    exact = np.linalg.eigvalsh(sum(a.T @ a for a in J) / 5)[::-1]
    np.testing.assert_allclose(minimum.spectrum, exact[: len(minimum.spectrum)], rtol=1e-10)
    assert minimum.sharpness == pytest.approx(minimum.spectrum[0], rel=1e-12)
    assert Linearization.from_kernel(minimum.kernel, 2, "mse").sgd_threshold(2) == pytest.approx(
        minimum.sgd_threshold(2), rel=1e-9
    )


def test_mse_is_torchs_loss_and_the_factor_is_two_over_c():
    torch.manual_seed(3)
    module, X, y = nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 2)).double(), RNG.normal(size=(8, 3)), None
    half, mse = Linearization.of(module, X), Linearization.of(module, X, loss="mse")
    assert (half.loss_factor, mse.loss_factor) == (1.0, 1.0)  # c = 2
    one = Linearization.from_features(RNG.normal(size=(8, 3)))
    assert Linearization.from_kernel(one.kernel, loss="mse").gd_threshold == pytest.approx(one.gd_threshold / 2)
    with torch.no_grad():
        y = module(torch.tensor(X))  # an interpolating minimum

    def loss(vector):
        parts = torch.split(vector, [p.numel() for p in module.parameters()])
        named = {n: v.reshape(p.shape) for (n, p), v in zip(module.named_parameters(), parts, strict=True)}
        return nn.MSELoss()(torch.func.functional_call(module, named, torch.tensor(X)), y)

    start = torch.cat([p.detach().reshape(-1) for p in module.parameters()])
    dense = torch.autograd.functional.hessian(loss, start).numpy()
    assert mse.sharpness == pytest.approx(np.linalg.eigvalsh(dense)[-1], rel=1e-8)


def test_copies_stay_read_only():
    net, minimum = random_network(2, 3), Linearization.from_features(RNG.normal(size=(3, 2)))
    deep = DeepReLU([np.ones((1, 2))], [np.zeros(1)])
    for made in (lambda x: pickle.loads(pickle.dumps(x)), copy.deepcopy, copy.copy):
        for array in (made(net).W, made(deep).weights[0], made(minimum).kernel):
            with pytest.raises(ValueError, match="read-only"):
                array[0, 0] = 99


# ------------------------------------------------------------------------------------------------------------- errors


def norm_in_training_mode():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda X: Linearization.of("net", X), "model must be a ShallowReLU, DeepReLU, SignedNetwork or torch"),
        (lambda X: Linearization.of(nn.Linear(2, 1).requires_grad_(False), X), "no parameter that requires a gradient"),
        (lambda X: Linearization.of(norm_in_training_mode(), X), r"call module.eval\(\) first"),
        (lambda X: Linearization.of(nn.Sequential(nn.Dropout(0.5), nn.Linear(2, 1)), X), r"call module.eval\(\) first"),
        (lambda X: Linearization.of(Cube(), X), "flatten its output"),
        (lambda X: Linearization.of(Casts(2, 1), X), r"returns torch.float32.*casts inside"),
        (lambda X: Linearization.of(nn.Linear(2, 1), [["a", "b"]]), "X must be numeric"),
        (lambda X: Linearization.of(nn.Linear(2, 1), X * np.nan), "NaN or infinite"),
        (lambda X: Linearization.of(nn.Linear(2, 1), np.empty((0, 2))), "at least one sample"),
        (lambda X: Linearization.of(nn.Linear(2, 1), X, loss="logistic"), "loss must be one of"),
        (lambda X: Linearization.of(random_network(2, 3), np.zeros((8193, 2))), "8193 rows.*random subset"),
        (lambda X: Linearization.of(nn.Linear(2, 3), np.zeros((3000, 2))), "9000 rows.*random subset"),
        (lambda X: Linearization.from_features(X[0]), r"features must have shape \(n, p\) or \(n, c, p\)"),
        (lambda X: Linearization.from_kernel(X), "kernel must be square"),
        (lambda X: Linearization.from_kernel([[1.0, 2.0], [0.0, 1.0]]), "kernel must be symmetric"),
        (lambda X: Linearization.from_kernel(np.eye(3), outputs=2), "not a multiple of outputs = 2"),
        (lambda X: Linearization.from_features(X).sgd_threshold(9), "between 1 and the number of samples 6, got 9"),
        (lambda X: Linearization.from_features(X).almost_sure_threshold(2, grid=1), "grid must be at least 2"),
        (lambda X: Linearization.from_features(X).almost_sure_edge(0.1, 2, points=2), "points must be at least 3"),
        (lambda X: Linearization.from_features(X).path(0.1, sampling="none"), "sampling must be one of"),
        (lambda X: Linearization.from_features(X).path(-0.1), "step_size must be positive"),
    ],
)  # fmt: skip
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(RNG.normal(size=(6, 2)))


class Cube(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return (x * self.weight)[:, :, None]


@pytest.mark.parametrize("double", [True, False])
def test_a_refused_module_is_left_as_it_was(double):
    module = norm_in_training_mode()
    module = module.double() if double else module
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with pytest.raises(ValueError, match=r"call module\.eval"):
        Linearization.of(module, RNG.normal(size=(6, 2)))
    assert all(torch.equal(before[name], tensor) for name, tensor in module.state_dict().items())


class Casts(nn.Linear):
    def forward(self, x):
        return super().forward(x).float()


def test_modules_in_evaluation_mode_are_welcome():
    module, X = norm_in_training_mode().eval(), RNG.normal(size=(6, 2))
    J = gradients_by_autograd(module, X)[:, 0]
    np.testing.assert_allclose(tangent_kernel(module, X), J @ J.T, rtol=1e-8, atol=1e-12)


def test_the_large_kernel_of_the_limit_is_allowed(monkeypatch):
    monkeypatch.setattr(room, "LARGEST", 6)
    assert Linearization.from_features(np.ones((6, 1))).samples == 6
    with pytest.raises(ValueError, match="more than 6"):
        Linearization.from_features(np.ones((7, 1)))
    assert curvature.DENSE_BELOW > 6
