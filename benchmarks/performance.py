"""Measure the library beside its peers, in one run on one machine, and record it: ``python benchmarks/performance.py``.

Times are wall clock, medians of pairs (ours, then the peer's, in turn); every comparison first checks that both did the
same work. ``benchmarks/requirements.txt`` holds the peers; without curvlinops its rows are left out. The record is
``results/performance.json``, the page that shows it is the appendix "Performance". A quiet machine, please: 6 minutes.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import scipy.linalg
import torch
from threadpoolctl import threadpool_limits

from stableminima import (
    SweepJob,
    bound_chain,
    digit_pair,
    random_network,
    sgd_threshold,
    sharpness,
    train_jobs,
    train_sgd,
    train_sweep,
)
from stableminima.experiments import Study, results_folder, run_study

sys.path.insert(0, str(Path(__file__).parent))
import peers

STEP_SIZES = (0.02, 0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.22, 0.24)  # twelve networks
N, WIDTH, BATCH = 512, 200, 16
FLOPS = 2 * WIDTH * N * BATCH  # of a step in function space: Z ← Z − G K


def task():
    data = digit_pair(3, 5, N, 2, 0)
    return data, random_network(data.X.shape[1], WIDTH, 0)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def pairs(ours: Callable, theirs: Callable, repeat: int) -> dict[str, float]:
    """Medians of ``repeat`` pairs and of their ratios, after one of each to warm up.

    Each call comes after a rest: threads of the other library go on spinning for a while when their work is done.
    """

    def rested(work: Callable) -> float:
        time.sleep(0.3)
        return seconds(work)

    ours(), theirs()
    times = np.array([(rested(ours), rested(theirs)) for _ in range(repeat)])
    ratio = times[:, 1] / times[:, 0]
    a, b = np.median(times, axis=0)
    return {"ours": a, "theirs": b, "ratio": np.median(ratio), "low": ratio.min(), "high": ratio.max()}


# ------------------------------------------------------------------------------------------------------ the sweep


def whole_protocol() -> dict[str, float]:
    """Twelve networks, loss below 1e-8 for 2000 epochs: all of it, and the rate of steps it comes to."""
    data, net = task()
    train_sweep(net, data.X, data.y, [0.1], BATCH, max_epochs=2)  # compiled, or read from its cache
    result = train_sweep(net, data.X, data.y, STEP_SIZES, BATCH, hold=2000)
    steps = sum(run.epochs for run in result.runs) * (N // BATCH)
    converged = sum(run.status == "converged" for run in result.runs)
    return {"seconds": result.seconds, "steps": steps, "rate": steps / result.seconds, "converged": converged}


def arithmetic_limit() -> dict[str, float]:
    """float32 products of two 4096² matrices, on all cores: what ``FLOPS`` a step would take at that speed."""
    A = np.random.default_rng(0).random((4096, 4096), dtype=np.float32)
    A @ A
    speed = 2 * 4096**3 / np.median([seconds(lambda: A @ A) for _ in range(5)])
    return {"gflops": speed / 1e9, "rate": speed / FLOPS}


def sgd_peer(peer: str) -> dict[str, float]:
    """The rate of steps of a peer beside ours, over the first epochs; a peer's step costs the same later on."""
    data, net = task()
    epochs = {"dataloader": 6, "indexing": 6, "vmap": 4, "torch-stack": 4}[peer]
    loops = {"dataloader": peers.dataloader_loop, "indexing": peers.indexing_loop}
    if peer in loops:
        networks = 1

        def theirs():
            loops[peer](net, data.X, data.y, 0.1, BATCH, epochs)
    else:
        networks = len(STEP_SIZES)
        device = "cuda" if torch.cuda.is_available() else "cpu"

        def theirs():
            if peer == "vmap":
                return peers.vmap_loop(net, data.X, data.y, STEP_SIZES, BATCH, epochs)
            return train_sweep(net, data.X, data.y, STEP_SIZES, BATCH, max_epochs=epochs, device=device)

    def ours():
        train_sweep(net, data.X, data.y, STEP_SIZES, BATCH, max_epochs=64)

    row = pairs(ours, theirs, 5)
    per_epoch = N // BATCH
    ours_rate = 64 * len(STEP_SIZES) * per_epoch / row["ours"]
    theirs_rate = epochs * networks * per_epoch / row["theirs"]
    scale = (64 * len(STEP_SIZES)) / (epochs * networks)
    return {"rate": theirs_rate, "ours": ours_rate} | {k: row[k] * scale for k in ("ratio", "low", "high")}


def momentum_peer() -> dict[str, float]:
    """torch's ``SGD(momentum=0.9)`` with indexing beside ours, first checked to make the same steps.

    ``step`` is how many steps of plain SGD one of ours with momentum takes, measured in turns as well.
    """
    data, net = task()
    args, heavy, few, many = (data.X, data.y), 0.9, 6, 64
    steps = [eta * (1 - heavy) for eta in STEP_SIZES]
    ours = train_sweep(net, *args, steps[4:5], BATCH, max_epochs=few, momentum=heavy).runs[0].loss
    theirs = peers.indexing_loop(net, *args, steps[4], BATCH, few, momentum=heavy)
    if not abs(ours - theirs) < 1e-3 * theirs:
        raise AssertionError(f"different work: {ours} against {theirs}")

    def sweep(momentum: float) -> Callable[[], object]:
        etas = steps if momentum else STEP_SIZES
        return lambda: train_sweep(net, *args, etas, BATCH, max_epochs=many, momentum=momentum)

    row = pairs(
        sweep(heavy), lambda: peers.indexing_loop(net, *args, steps[4], BATCH, few, momentum=heavy), 5
    )  # the sweep's twelve networks against one of torch's
    step = 1 / pairs(sweep(heavy), sweep(0.0), 5)["ratio"]
    rates = {"rate": few * (N // BATCH) / row["theirs"], "ours": many * len(steps) * (N // BATCH) / row["ours"]}
    scale = many * len(steps) / few
    return rates | {"step": step} | {k: row[k] * scale for k in ("ratio", "low", "high")}


def readable_reference() -> dict[str, float]:
    """``train_sgd``, the reference in weight space, beside ours on one network."""
    data, net = task()
    row = pairs(
        lambda: train_sweep(net, data.X, data.y, [0.1], BATCH, max_epochs=64, precision="float64"),
        lambda: train_sgd(net, data.X, data.y, 0.1, BATCH, max_epochs=8, hold=2000),
        5,
    )
    return {"rate": 8 * (N // BATCH) / row["theirs"]} | {k: row[k] * 8 for k in ("ratio", "low", "high")}


def cost(name: str, values: list[int]) -> dict[str, object]:
    """Seconds for 64 epochs of one network while one size changes, and the exponent of a power law through them."""
    rng, times = np.random.default_rng(0), []
    for value in values:
        size = {"n": 512, "d": 784, "k": 200, "B": 16, "networks": 1} | {name: value}
        X = rng.normal(size=(size["n"], size["d"])) / np.sqrt(size["d"])
        y, net = np.sign(X[:, 0]), random_network(size["d"], size["k"], 0)
        jobs = [SweepJob(net, X, y, 0.05, size["B"], seed) for seed in range(size["networks"])]
        work = partial(train_jobs, jobs, 1e-30, max_epochs=64, workers=1)
        work()
        times.append(np.median([seconds(work) for _ in range(3)]))
    exponent = np.polyfit(np.log(values), np.log(times), 1)[0]
    return {"values": values, "times": times, "exponent": exponent}


# ------------------------------------------------------------------------------------------------- the quantities


def trained():
    data, net = task()
    return data.X, train_sweep(net, data.X, data.y, [0.1], BATCH, hold=2000).runs[0].network


def sharpness_peer(kind: str) -> dict[str, float]:
    """λ_max to 1e-8: the closed-form n×n kernel beside Lanczos on Hessian-vector products over all parameters."""
    X, net = trained()
    ours, theirs = sharpness(net, X), peers.curvlinops_sharpness(net, X, kind)
    if not abs(ours - theirs) < 1e-8 * ours:
        raise AssertionError(f"different work: {ours} against {theirs}")
    row = pairs(lambda: sharpness(net, X), lambda: peers.curvlinops_sharpness(net, X, kind), 7)
    return row | {"difference": abs(ours - theirs) / ours, "parameters": (X.shape[1] + 2) * net.width + 1}


def dense_eigenvalues() -> dict[str, float]:
    """λ_max by all eigenvalues of the same kernel."""
    from stableminima import tangent_kernel

    X, net = trained()
    return pairs(
        lambda: sharpness(net, X), lambda: scipy.linalg.eigvalsh(tangent_kernel(net, X) / len(X), driver="evd")[-1], 5
    )


def alone(work: Callable[[], object], repeat: int = 15) -> dict[str, float]:
    work()
    times = [seconds(work) for _ in range(repeat)]
    return {"ours": np.median(times), "low": min(times), "high": max(times)}


def exact_threshold() -> dict[str, float]:
    """The exact mean-square threshold of SGD, n = 512, B = 16."""
    X, net = trained()
    return alone(lambda: sgd_threshold(net, X, BATCH), 5)


def chain() -> dict[str, float]:
    """The whole bound chain at n = 512, d = 784, k = 200."""
    X, net = trained()
    return alone(lambda: bound_chain(net, X, 0.1), 201)


ROWS: dict[str, Callable[[], dict]] = {
    "whole protocol": whole_protocol,
    "arithmetic limit": arithmetic_limit,
    "DataLoader loop": partial(sgd_peer, "dataloader"),
    "indexing loop": partial(sgd_peer, "indexing"),
    "indexing loop, momentum": momentum_peer,
    "torch.func.vmap": partial(sgd_peer, "vmap"),
    "our torch program": partial(sgd_peer, "torch-stack"),
    "train_sgd (float64)": readable_reference,
    "cost with n": partial(cost, "n", [128, 256, 512, 1024]),
    "cost with d": partial(cost, "d", [49, 196, 784, 3136]),
    "cost with k": partial(cost, "k", [50, 100, 200, 400]),
    "cost with B": partial(cost, "B", [4, 8, 16, 32, 64]),
    "cost with networks": partial(cost, "networks", [1, 2, 4, 8]),
    "sharpness: curvlinops Hessian": partial(sharpness_peer, "hessian"),
    "sharpness: curvlinops GGN": partial(sharpness_peer, "ggn"),
    "sharpness: all eigenvalues": dense_eigenvalues,
    "exact SGD threshold": exact_threshold,
    "bound chain": chain,
}


def measured_row(name: str) -> dict:
    with threadpool_limits(os.cpu_count()):
        result = ROWS[name]()
    return result | {"device": torch.cuda.get_device_name() if torch.cuda.is_available() else "none"}


def measure(configuration: dict) -> dict:
    """One row in a process of its own: thread pools that earlier rows left behind would slow it down."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(measured_row, configuration["row"]).result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", help=f"which rows (default: all): {', '.join(ROWS)}")
    parser.add_argument("--out", type=Path, default=results_folder() / "performance.json")
    options = parser.parse_args()
    if unknown := [row for row in options.rows if row not in ROWS]:
        parser.error(f"no row is called {unknown[0]!r}")
    rows = list(ROWS)
    try:
        import curvlinops  # noqa: F401
    except ImportError:
        rows = [row for row in rows if "curvlinops" not in row or row in options.rows]
    study = Study(
        "performance",
        "The library beside its peers on one machine.",
        measure,
        [{"row": row} for row in rows],
        command="python benchmarks/performance.py",
        data=("mnist",),
    )
    if options.out.exists() and not options.rows:
        options.out.unlink()
    only = {"row": options.rows} if options.rows else {}
    for run in run_study(study, path=options.out, resume=True, only=only).runs:
        told = {name: value for name, value in run.result.items() if value is not None}
        print(run["row"], *(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in told.items()), sep="  ")


if __name__ == "__main__":
    main()
