"""The report of one network, and tracking along a run: every number against its own route."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from stableminima import (
    DeepReLU,
    Linearization,
    ShallowReLU,
    SharpnessTracker,
    bound_chain,
    hessian_sharpness,
    neuron_counts,
    random_network,
    report,
    sgd_threshold,
    sharpness,
    train_sgd,
)
from stableminima.command.verbs import main

ROOT = Path(__file__).resolve().parents[1]
RNG = np.random.default_rng(3)
X = RNG.normal(size=(16, 3))
Y = np.sign(X[:, 0])


@pytest.fixture(scope="module")
def trained():
    return train_sgd(random_network(3, 20, 1), X, Y, 0.2, 4, tolerance=1e-4, max_epochs=400).network


def test_the_report_says_what_the_functions_say(trained):
    told = report(trained, X, Y, 0.2, 4)
    assert told.loss == pytest.approx(np.mean((trained(X) - Y) ** 2) / 2)
    assert told.largest_residual == pytest.approx(np.abs(trained(X) - Y).max())
    assert told.sharpness == sharpness(trained, X) and told.gd_threshold == 2 / told.sharpness
    assert told.full_sharpness == hessian_sharpness(trained, X, Y)
    assert told.sgd_threshold == sgd_threshold(trained, X, 4)
    assert told.chain == bound_chain(trained, X, 0.2)
    assert told.almost_sure == Linearization.of(trained, X).almost_sure_edge(0.2, 4, "reshuffled")
    assert told.neurons == neuron_counts(trained, X)
    assert told.difficulties == () and (told.samples, told.outputs, told.batch_size) == (16, 1, 4)


@pytest.mark.parametrize(("factor", "stable"), [(0.9, True), (1.2, False)])
def test_verdicts_on_both_sides_of_each_threshold(trained, factor, stable):
    minimum = Linearization.of(trained, X)
    assert report(trained, X, step_size=factor * minimum.gd_threshold).stable_in_the_mean is stable
    at = factor * minimum.sgd_threshold(2)
    assert report(trained, X, step_size=at, batch_size=2).stable_in_mean_square is stable
    edge = minimum.almost_sure_edge(0.2, 2, "iid").edge * 0.2
    assert report(trained, X, step_size=factor * edge, batch_size=2, sampling="iid").stable_almost_surely is stable


def test_a_torch_module_of_the_books_kind_gets_the_chain_and_mse_is_a_factor(trained):
    half, mse = (report(trained.to_torch(), X, Y, step, 4, loss=loss) for step, loss in ((0.2, "half"), (0.1, "mse")))
    for (name, value), (_, other) in zip(half.chain.links, mse.chain.links, strict=True):
        assert value == pytest.approx(dict(bound_chain(trained, X, 0.2).links)[name], rel=1e-9)
        assert value == pytest.approx(other, rel=1e-9)  # half the step at twice the loss: the same ceiling
    assert mse.sharpness == pytest.approx(2 * half.sharpness) and mse.loss == pytest.approx(2 * half.loss)
    assert mse.loss == pytest.approx(nn.MSELoss()(trained.to_torch()(torch.tensor(X))[:, 0], torch.tensor(Y)).item())


def test_networks_without_a_chain_say_nothing_of_it():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(3, 5, bias=False), nn.LeakyReLU(), nn.Linear(5, 3))
    told = report(module, X, np.zeros((16, 3)), 0.1, 4, loss="mse")
    assert told.chain is None and told.neurons is None and told.outputs == 3
    assert "33 trained parameters" in str(told) and "stability norm" not in str(told)
    assert report(module, X, step_size=0.1).loss is None
    module[0].weight.requires_grad_(False)
    assert "and 15 frozen ones" in report(module, X, step_size=0.1).model


def test_it_prints_as_a_table_and_shows_as_one(trained):
    told = report(trained, X, Y, 0.2, 4)
    lines = str(told).splitlines()
    assert len(lines) == len(told.rows()) and not any(line != line.rstrip() for line in lines)
    second = {line.index(value) for line, (_, value, _) in zip(lines, told.rows(), strict=True)}
    assert len(second) == 1, "the columns are aligned"
    html = told._repr_html_()
    assert html.count("<tr>") == len(lines) and "<th scope='row'>sharpness</th>" in html
    assert "NOT stable" in str(report(trained, X, Y, 50.0))


def test_neurons_are_counted_by_what_they_do():
    net = ShallowReLU([[1.0], [1.0], [1.0], [0.0], [-1.0]], [0.0, 2.0, -9.0, 1.0, 0.5], [1.0] * 5, 0.0)
    counts = neuron_counts(net, [[-1.0], [0.0], [1.0]])
    assert (counts.width, counts.dead, counts.always_on, counts.pinned) == (5, 1, 2, 1)
    assert counts.switching.tolist() == [True, False, False, False, True]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros(3)}, r"y must have shape \(16,\) or \(16, 1\), got \(3,\)"),
        ({"y": Y * np.nan}, "y contains 16 NaN"),
        ({"step_size": 0.0}, "step_size must be positive"),
        ({"batch_size": 17}, "between 1 and the number of samples 16, got 17"),
        ({"sampling": "sorted"}, "sampling must be one of"),
        ({"loss": "huber"}, "loss must be one of"),
        ({"X": np.zeros((4, 2))}, r"X must have shape \(any, 3\)"),
    ],
)
def test_bad_input_is_named(trained, change, message):
    with pytest.raises(ValueError, match=message):
        report(**{"model": trained, "X": X, "y": Y, "step_size": 0.2, "batch_size": 4} | change)


# ----------------------------------------------------------------------------------------- the command line, the README


def test_the_command_line_prints_the_report(trained, tmp_path, capsys):
    trained.save(tmp_path / "net.npz")
    np.savez(tmp_path / "data.npz", X=X, y=Y)
    files = [str(tmp_path / "net.npz"), str(tmp_path / "data.npz")]
    assert main(["report", *files, "--step-size", "0.2", "--batch-size", "4"]) == 0
    assert capsys.readouterr().out.strip() == str(report(trained, X, Y, 0.2, 4))
    deep = DeepReLU([np.ones((2, 3)), np.ones((1, 2))], [np.zeros(2), np.zeros(1)])
    deep.save(tmp_path / "net.npz")
    assert main(["report", *files, "--step-size", "0.2", "--loss", "mse", "--sampling", "iid"]) == 0
    assert capsys.readouterr().out.strip() == str(report(deep, X, Y, 0.2, None, "iid", "mse"))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (("missing.npz", "data.npz"), "missing.npz is no file"),
        (("data.npz", "data.npz"), "holds neither a ShallowReLU nor a DeepReLU"),
        (("pickled.npz", "data.npz"), "holds neither a ShallowReLU nor a DeepReLU"),
        (("net.npz", "net.npz"), "must hold X and y"),
        (("net.npz", "other.npz"), r"X must have shape \(any, 3\)"),
    ],
)
def test_files_that_are_something_else_are_refused_in_a_line(trained, tmp_path, capsys, files, message):
    trained.save(tmp_path / "net.npz")
    np.savez(tmp_path / "data.npz", X=X, y=Y)
    np.savez(tmp_path / "other.npz", X=X[:, :2], y=Y)
    np.savez(tmp_path / "pickled.npz", kind="ShallowReLU", W=np.array([{}], dtype=object))
    assert main(["report", *(str(tmp_path / name) for name in files), "--step-size", "0.2"]) == 2
    told = capsys.readouterr().err
    assert re.search(message, told) and told.count("\n") == 1 and "Traceback" not in told


def test_the_lines_of_the_readme_run(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf8"), re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    told = capsys.readouterr().out
    assert "stable in the mean" in told and "stability norm" in told and "loss 'mse'" in told


# ------------------------------------------------------------------------------------------------------------ tracking


def test_a_torch_loop_is_tracked_without_being_changed():
    torch.manual_seed(0)
    data, labels = torch.tensor(X, dtype=torch.float32), torch.tensor(Y, dtype=torch.float32)[:, None]

    def loop(track):
        torch.manual_seed(1)
        module = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
        optimizer = torch.optim.SGD(module.parameters(), lr=0.05)
        tracker = SharpnessTracker(module, X, Y, every=5, loss="mse")
        seen = []
        for step in range(1, 21):
            optimizer.zero_grad()
            loss = nn.MSELoss()(module(data), labels)
            loss.backward()
            optimizer.step()
            if track:
                tracker.step(optimizer)
                if step % 5 == 0:
                    seen.append((nn.MSELoss()(module(data), labels).item(), sharpness(module, X, "mse")))
        return module, tracker, seen

    (plain, _, _), (module, tracker, seen) = loop(False), loop(True)
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), module.parameters(), strict=True))
    assert tracker["step"].tolist() == [5, 10, 15, 20] and (tracker["edge"] == 40).all()
    np.testing.assert_allclose(tracker["loss"], [loss for loss, _ in seen], rtol=1e-5)
    np.testing.assert_allclose(tracker["sharpness"], [value for _, value in seen], rtol=1e-12)


def test_tracking_networks_of_the_book(trained):
    tracker = SharpnessTracker(random_network(3, 20, 1), X, Y, every=1)
    tracker.step(0.5, trained)
    assert tracker.history[0].sharpness == sharpness(trained, X) and tracker.history[0].edge == 4.0
    with pytest.raises(ValueError, match="columns step, loss, sharpness, edge, got 'lambda'"):
        tracker["lambda"]
    with pytest.raises(ValueError, match="every must be at least 1"):
        SharpnessTracker(trained, X, Y, every=0)
    two = torch.optim.SGD([{"params": [torch.ones(1)], "lr": 0.1}, {"params": [torch.ones(1)], "lr": 0.2}])
    with pytest.raises(ValueError, match=r"several learning rates, \[0.1, 0.2\]"):
        tracker.look(two)
    with pytest.raises(ValueError, match="y must have shape"):
        SharpnessTracker(trained, X, np.zeros(32))
