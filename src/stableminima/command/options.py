"""What the command line understands: the values of its options, each refused in one clear line."""

from __future__ import annotations

import argparse
import difflib
import itertools
import json
import os
from collections.abc import Callable
from typing import Any, NoReturn

from ..checks import momentum_share


class Parser(argparse.ArgumentParser):
    """One line for a bad request, and exit status 2; help that keeps its lines, options in full."""

    def __init__(self, prog: str, **texts: Any) -> None:
        how: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False}
        super().__init__(prog, **how, **texts)

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message} (see {self.prog} --help)\n")

    def unknown(self, words: list[str]) -> NoReturn:
        """Refuse options that there are not, and say which one may be meant."""
        known = [flag for action in self._actions for flag in action.option_strings]
        near = difflib.get_close_matches(words[0].partition("=")[0], known, n=1, cutoff=0.7)
        self.error(f"unrecognized arguments: {' '.join(words)}{f'; did you mean {near[0]}?' if near else ''}")


def only_option(parser: argparse.ArgumentParser) -> None:
    """Which of a study's runs."""
    parser.add_argument(
        "--only", nargs="+", metavar="KEY=VALUE", type=condition,
        help="only runs with these settings: seed=0 step_size=0.1,0.2",
    )  # fmt: skip


def running_options(parser: argparse.ArgumentParser) -> None:
    """Where runs are made, and what happens to those that are done."""
    parser.add_argument("--resume", action="store_true", help="keep the runs that FILE holds, do the others")
    parser.add_argument(
        "--workers", metavar="N", type=whole(1), default=os.cpu_count() or 1,
        help="processes, one core each (default: all cores, %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--scheduler", metavar="ADDRESS",
        help="run on the Dask cluster of this scheduler, such as tcp://10.0.0.1:8786",
    )  # fmt: skip


def sweep_options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The settings of the runs; several values of one setting make several runs."""
    parser.add_argument("--data", metavar="FILE", help="your own samples in place of digits: an .npz file, see below")
    several = parser.add_argument_group("settings of which every combination is a run (give one or more values)")
    fixed = parser.add_argument_group("settings of all runs")
    many: dict[str, Any] = {"nargs": "+"}
    return [
        several.add_argument("--digits", **many, action=Flat, type=digits, metavar="A/B", default=[(3, 5)],
                             help='pairs of digits, or "all" for the 45 pairs (default: 3/5)'),
        several.add_argument("--step-sizes", **many, type=positive, metavar="ETA", default=[0.1],
                             help="step sizes η (default: 0.1)"),
        several.add_argument("--seeds", **many, action=Flat, type=seeds, metavar="SEED", default=[0],
                             help="of images, initial weights and batches; 0-4 means 0 1 2 3 4 (default: 0)"),
        several.add_argument("--batch-sizes", **many, type=batch_size, metavar="B", default=[16],
                             help='samples a step; "full" is gradient descent (default: 16)'),
        several.add_argument("--sampling", **many, choices=("reshuffled", "iid"), default=["reshuffled"],
                             help="batches from reshuffled epochs, or independent (default: reshuffled)"),
        several.add_argument("-n", "--samples", dest="n", **many, type=whole(2), metavar="N", default=[512],
                             help="training images of both digits together, even (default: 512)"),
        several.add_argument("--scale", **many, type=positive, metavar="S", default=[1.0],
                             help="factor on the initial weights N(0, 1/fan-in) (default: 1)"),
        several.add_argument("--pixels", **many, choices=("raw", "centred", "standardised"), default=["raw"],
                             help="inputs as they are, minus the mean image, or minus one mean and over one standard "
                             "deviation of all pixels (default: raw)"),
        several.add_argument("--warmup", **many, type=whole(0), metavar="EPOCHS", default=[0],
                             help="over the first EPOCHS the step grows linearly to η (default: 0)"),
        several.add_argument("--momentum", **many, type=share, metavar="BETA", default=[0.0],
                             help="of the heavy ball, torch's SGD(momentum=BETA) (default: 0)"),
        fixed.add_argument("--width", type=whole(1), metavar="K", default=200, help="neurons (default: %(default)s)"),
        fixed.add_argument("--tolerance", type=positive, metavar="L", default=1e-8,
                           help="stop when the loss on all samples has been below L … (default: %(default)s)"),
        fixed.add_argument("--hold", type=whole(1), metavar="EPOCHS", default=2000,
                           help="… for so many consecutive epochs (default: %(default)s)"),
        fixed.add_argument("--max-epochs", type=whole(1), metavar="EPOCHS", default=60_000,
                           help="give up after so many (default: %(default)s)"),
        fixed.add_argument("--validation", type=whole(0), metavar="N", default=8000,
                           help="validation images of both digits together, even (default: %(default)s)"),
        fixed.add_argument("--precision", choices=("float32", "float64"), default="float32",
                           help="of the training (default: %(default)s)"),
        fixed.add_argument("--dataset", choices=("mnist", "digits"), default="mnist",
                           help="MNIST, or the 8×8 digits that come with scikit-learn (default: %(default)s)"),
    ]  # fmt: skip


class Flat(argparse.Action):
    """Some texts stand for several values."""

    def __call__(self, _parser: object, options: argparse.Namespace, values: Any, *_: object) -> None:
        setattr(options, self.dest, list(itertools.chain.from_iterable(values)))


def digits(text: str) -> list[tuple[int, int]]:
    if text == "all":
        return list(itertools.combinations(range(10), 2))
    try:
        first, second = map(int, text.split("/"))
        return [(first, second)]
    except ValueError:
        raise argparse.ArgumentTypeError(f"a pair of digits is written 3/5, got {text!r}") from None


def seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    if first.isdigit() and (last or first).isdigit() and int(first) <= int(last or first):
        return list(range(int(first), int(last or first) + 1))
    raise argparse.ArgumentTypeError(f"seeds are whole numbers or ranges such as 0-4, got {text!r}")


def batch_size(text: str) -> int | None:
    return None if text == "full" else whole(1)(text)


def whole(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be a whole number, at least {least}, got {text!r}")
        return int(text)

    return number


def positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, got {text!r}")
    return value


def share(text: str) -> float:
    try:
        return momentum_share(float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be at least 0 and below 1, got {text!r}") from None


def condition(text: str) -> tuple[str, Any]:
    """``seed=0``, ``step_size=0.1,0.2``, ``batch_size=full``, ``digits=3/5`` as (name, value or values)."""
    name, sign, values = text.partition("=")
    if not sign:
        raise argparse.ArgumentTypeError(f"a condition is written KEY=VALUE, got {text!r}")
    return name, [entry(value) for value in values.split(",")]


def entry(text: str) -> Any:
    if "/" in text:
        return [entry(part) for part in text.split("/")]
    try:
        return None if text == "full" else json.loads(text)
    except json.JSONDecodeError:
        return text
