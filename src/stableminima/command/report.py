"""``python -m stableminima report``: everything that the book can say of a saved network."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..book.studies.own_data import read_task
from ..networks import DeepReLU, ShallowReLU
from ..reports import report
from .options import batch_size, positive

EPILOG = """\
net.npz: what net.save("net.npz") wrote, a ShallowReLU or a DeepReLU; nothing in it is executed.
data.npz: numpy.savez("data.npz", X=X, y=y), X (n, d) and y (n,), the data that it was trained on.

If it was trained with torch's MSELoss, say --loss mse: all step sizes are then in units of your learning rate.

example:
  python -m stableminima report net.npz data.npz --step-size 0.1 --batch-size 16
"""


def report_options(parser: argparse.ArgumentParser) -> None:
    """What ``report`` is told on the command line."""
    parser.add_argument("network", metavar="NET", help="a saved network, see below")
    parser.add_argument("data", metavar="DATA", help="an .npz file with X and y")
    parser.add_argument("--step-size", type=positive, required=True, metavar="η", help="the step size of its training")
    parser.add_argument("--batch-size", type=batch_size, metavar="B", help="samples a batch (default: full)")
    parser.add_argument("--sampling", choices=("reshuffled", "iid"), default="reshuffled",
                        help="how batches were drawn (default: %(default)s)")  # fmt: skip
    parser.add_argument("--loss", choices=("half", "mse"), default="half",
                        help="the book's loss, or torch's MSELoss (default: %(default)s)")  # fmt: skip


def print_report(options: argparse.Namespace) -> int:
    """Report on a network; the exit status is 0 whatever the report says."""
    _, task = read_task(options.data)
    told = report(
        load_network(options.network), task.X, task.y, options.step_size, options.batch_size, options.sampling,
        options.loss,
    )  # fmt: skip
    print(told)
    return 0


def load_network(path: str) -> ShallowReLU | DeepReLU:
    """The network in a file, of either kind."""
    if not Path(path).is_file():
        raise ValueError(f"{path} is no file; pass a network that net.save wrote")
    for kind in (ShallowReLU, DeepReLU):
        try:
            return kind.load(path)
        except ValueError:
            continue
    raise ValueError(f"{path} holds neither a ShallowReLU nor a DeepReLU; pass a file that net.save wrote")
