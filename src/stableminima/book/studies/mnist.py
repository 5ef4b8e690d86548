"""The study behind chapter 4: which minima SGD finds on two digits, and how close to the edge of stability they lie.

Protocol of Nacson et al. 2023 as far as it is known (width 200, quadratic loss, loss below 1e-8 for 2000 consecutive
epochs, 4000 validation images a class, B = 16); what the source leaves open is varied: digits, number of samples,
initial scale, batch size, law of the batches, seeds. Book: chapter 4.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np

from ...batches import check_batch_size, check_sampling
from ...bounds.chain import bound_chain
from ...bounds.neurons import neuron_counts
from ...bounds.norms import path_norm
from ...checks import Array, DidNotConverge, momentum_share, positive_number, whole_number
from ...datasets.tasks import BinaryTask, digit_pair
from ...experiments.records import Configuration, Result
from ...experiments.study import Study
from ...networks import ShallowReLU, random_network
from ...stability.linearization import Linearization
from ...training.descent import TrainingRun, mean_square_loss
from ...training.sweep.job import SweepJob
from ...training.sweep.sweep import train_jobs

PROTOCOL = {
    "dataset": "mnist",
    "digits": (3, 5),
    "n": 512,
    "n_validation": 8000,
    "width": 200,
    "scale": 1.0,
    "sampling": "reshuffled",
    "batch_size": 16,
    "step_size": 0.1,
    "seed": 0,
    "tolerance": 1e-8,
    "hold": 2000,
    "max_epochs": 60_000,
    "precision": "float32",
}
FURTHER = {
    "warmup": 0,
    "pixels": "raw",
    "momentum": 0.0,
}  # settings that a configuration may have besides; where absent, these
Pixels = Literal["raw", "centred", "standardised"]


# ------------------------------------------------------------------------------------------------------- one run


def trained_run(configuration: Configuration) -> Result:
    """Train one network as the configuration (entries of :data:`PROTOCOL` and :data:`FURTHER`) says, and measure it.

    ``seed`` draws the images, the initial weights and the batches; ``batch_size`` ``None`` is gradient descent.
    """
    setting = {**PROTOCOL, **configuration}
    return trained_on(_task_of(setting), configuration)


def trained_on(task: BinaryTask, configuration: Configuration) -> Result:
    """:func:`trained_run` on samples of one's own: what the configuration says of digits is not looked at."""
    setting = {**PROTOCOL, **FURTHER, **configuration}
    task = with_pixels(task, setting["pixels"])
    start = random_network(task.X.shape[1], setting["width"], setting["seed"], setting["scale"])
    step_size, batch_size = setting["step_size"], setting["batch_size"]
    law = (setting["seed"], setting["sampling"], setting["momentum"])
    job = SweepJob(start, task.X, task.y, step_size, batch_size, *law)
    rule = (setting["tolerance"], setting["hold"], setting["max_epochs"])
    sweep = train_jobs([job], *rule, precision=setting["precision"], warmup=setting["warmup"], workers=1)
    if sweep.interrupted:
        raise KeyboardInterrupt
    return measure(sweep.runs[0], task, job) | {"drift": sweep.drift[0]}


def with_pixels(task: BinaryTask, pixels: Pixels) -> BinaryTask:
    """The task after a usual preprocessing of its inputs, with numbers taken from the *training* inputs.

    Args:
        task: the samples.
        pixels: ``"raw"``, as they are; ``"centred"``, every pixel minus its mean; ``"standardised"``, all pixels minus
            one mean and over one standard deviation, those of all pixels together (of MNIST about 0.13 and 0.31).

    Returns:
        The task; the same if ``pixels`` is ``"raw"``.

    Raises:
        ValueError: an unknown preprocessing, or inputs that are all equal.

    Book: chapter 4, "The pixels decide".
    """
    if pixels not in get_args(Pixels):
        raise ValueError(f"pixels must be one of {get_args(Pixels)}, got {pixels!r}")
    if pixels == "raw":
        return task
    middle, scale = (task.X.mean(axis=0), 1.0) if pixels == "centred" else (task.X.mean(), task.X.std())
    if not scale > 0:
        raise ValueError("inputs that are all equal cannot be standardised; use pixels='raw'")
    return replace(task, X=(task.X - middle) / scale, X_validation=(task.X_validation - middle) / scale)


_remembered = lru_cache(maxsize=4)(digit_pair)  # runs that follow each other share their images


def _task_of(setting: Configuration) -> BinaryTask:
    first, second = setting["digits"]
    return _remembered(first, second, setting["n"], setting["n_validation"], setting["seed"], setting["dataset"])


def checked(configuration: Configuration, task: BinaryTask | None = None, with_data: bool = True) -> Configuration:
    """The configuration, completed from :data:`PROTOCOL`, its numbers as a run needs them.

    Args:
        configuration: entries of :data:`PROTOCOL` and :data:`FURTHER`.
        task: samples of one's own in place of digits.
        with_data: look whether this machine has the images.

    Returns:
        The configuration, complete; without the settings of :data:`FURTHER` that are as there.

    Raises:
        ValueError: what its run would raise.

    Book: chapter 4.
    """
    setting = {**PROTOCOL, **configuration}
    if unknown := setting.keys() - PROTOCOL.keys() - FURTHER.keys():
        raise ValueError(f"a run has no setting {min(unknown)!r}; it has {', '.join(PROTOCOL | FURTHER)}")
    if setting["batch_size"] is not None:
        setting["batch_size"] = check_batch_size(setting["batch_size"], setting["n"] if task is None else len(task.y))
    check_sampling(setting["sampling"])
    for name in ("step_size", "scale", "tolerance"):
        setting[name] = positive_number(setting[name], name)
    for name, least in (("width", 1), ("hold", 1), ("max_epochs", 1), ("seed", 0), ("warmup", 0)):
        if name in setting:
            setting[name] = whole_number(setting[name], name, least)
    if "momentum" in setting:
        setting["momentum"] = momentum_share(setting["momentum"])
    if setting.get("pixels", "raw") not in get_args(Pixels):
        raise ValueError(f"pixels must be one of {get_args(Pixels)}, got {setting['pixels']!r}")
    if with_data and task is None:
        _task_of(setting)
    return {name: value for name, value in setting.items() if name not in FURTHER or value != FURTHER[name]}


def measure(run: TrainingRun, task: BinaryTask, job: SweepJob) -> dict[str, Any]:
    r"""All that the book says of a trained network; ``None`` where a number has no meaning.

    ``status``, ``epochs``, ``loss``; accuracy and loss on the validation images (``val_accuracy``, ``val_loss``); then

    - ``lambda_max`` and ``lambda_sgd``, the sharpness and the mean-square quantity :math:`\lambda_{\max}(C^\dagger D)`
      for the job's batch size, both to be compared with 2/η; ``batch_sharpness``, what single batches see. With
      momentum β, ``lambda_sgd`` is 2 over the exact threshold, still to be compared with 2/η, and ``lambda_max`` is to
      be compared with 2(1+β)/η;
    - ``stability_norm``, ``one_sided``, ``gradient_level``, ``sharpness_level``, ``ceiling``: the bound chain, with
      momentum at the step η/(1+β), since the full-batch edge is that of plain descent at this step;
    - ``exponent``, ``exponent_error``: the top Lyapunov exponent at η for the job's batches, with its standard error;
    - ``as_low``, ``as_high``, ``as_edge``, ``as_error``: where single runs begin to leave, in units of η;
    - ``path_norm``, and ``path_norm_on``, of the neurons that switch on the data only;
    - ``dead``, ``always_on``, ``pinned``: numbers of neurons that are off, on, on the knot
      (:mod:`stableminima.bounds.neurons`) …;
    - ``largest``: the largest parameter in absolute value.
    """
    net, X, eta = run.network, task.X, job.step_size
    result: dict[str, Any] = {"status": run.status, "epochs": run.epochs, "loss": run.loss}
    result |= _validation(net, task) | _neurons(net, X)
    if run.status in ("diverged", "collapsed"):
        return result
    chain = bound_chain(net, X, eta / (1 + job.momentum))
    result |= {"lambda_max": 2 * chain.sharpness_level + 1} | dict(chain.links)
    try:
        minimum = Linearization.of(net, X)
        result |= {"lambda_sgd": 2 / minimum.sgd_threshold(job.batch_size, momentum=job.momentum)}
        result |= {"batch_sharpness": minimum.batch_sharpness(net(X) - task.y, job.batch_size, draws=1024).value}
        seed = job.seed if isinstance(job.seed, int) else 0  # a generator has moved on
        edge = minimum.almost_sure_edge(eta, job.batch_size, job.sampling, seed, momentum=job.momentum)
        result |= {name if "exponent" in name else f"as_{name}": value for name, value in asdict(edge).items()}
    except DidNotConverge as error:
        result |= {"difficulty": str(error)}
    return result


def _validation(net: ShallowReLU, task: BinaryTask) -> dict[str, float]:
    if not len(task.y_validation):
        return {}
    loss = {"val_loss": mean_square_loss(net, task.X_validation, task.y_validation)}
    if not set(np.unique(task.y_validation)) <= {-1.0, 1.0}:
        return loss  # a regression has no accuracy
    right = np.sign(net(task.X_validation)) == task.y_validation
    return {"val_accuracy": right.mean()} | loss


def _neurons(net: ShallowReLU, X: Array) -> dict[str, float]:
    counts = neuron_counts(net, X)
    return {
        "path_norm": path_norm(net),
        "path_norm_on": np.abs(net.neurons().amplitude)[counts.switching].sum(),
        "dead": counts.dead,
        "always_on": counts.always_on,
        "pinned": counts.pinned,
        "largest": max(np.abs(net.W).max(), np.abs(net.b).max(), np.abs(net.v).max(), abs(net.c)),
    }


# ------------------------------------------------------------------------------------------------------ the studies

STEP_SIZES = (0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.12, 0.16, 0.2, 0.22, 0.25, 0.3)
PAIR_STEP_SIZES = (0.05, 0.1, 0.2, 0.3)
TOLERANCES = {  # relative, between two machines: SGD at the edge of stability amplifies every rounding
    "epochs": 0.3,
    "loss": None,
    "val_accuracy": 0.01,
    "val_loss": 0.1,
    "path_norm": 0.15,
    "path_norm_on": 0.15,
    "dead": 0.5,
    "always_on": None,
    "pinned": None,
    "largest": 0.3,
    "lambda_max": 0.05,
    "lambda_sgd": 0.05,
    "batch_sharpness": 0.1,
    "stability_norm": 0.2,
    "one_sided": 0.1,
    "gradient_level": 0.05,
    "sharpness_level": 0.05,
    "exponent": None,
    "exponent_error": None,
    "as_low": 0.08,
    "as_high": 0.08,
    "as_edge": 0.08,
    "as_error": None,
    "drift": None,
}


def grid(**values: Iterable) -> list[dict[str, Any]]:
    """The protocol with all combinations of the values; the last name varies fastest.

    >>> [(c["step_size"], c["seed"]) for c in grid(step_size=(0.1, 0.2), seed=range(2))]
    [(0.1, 0), (0.1, 1), (0.2, 0), (0.2, 1)]
    """
    return [PROTOCOL | dict(zip(values, choice, strict=True)) for choice in itertools.product(*values.values())]


def study(
    name: str, description: str, configurations: Sequence[Configuration], expected: str, **settings: Any
) -> Study:
    """A study of :func:`trained_run`, with the tolerances of chapter 4."""
    data = tuple(dict.fromkeys(c["dataset"] for c in configurations))
    return Study(name, description, trained_run, tuple(configurations), expected, TOLERANCES, data, **settings)


MNIST_35 = study(
    "mnist-35",
    "Digits 3 and 5: twelve step sizes, four batch sizes, five seeds.",
    grid(seed=[0], batch_size=[16, 64, 4, None], step_size=STEP_SIZES)
    + grid(batch_size=[16, 64, 4, None], seed=range(1, 5), step_size=STEP_SIZES),
    "30 minutes on two cores",
)
MNIST_SAMPLING = study(
    "mnist-sampling",
    "Digits 3 and 5 with independent batches; mnist-35 has the same with reshuffled epochs.",
    grid(sampling=["iid"], batch_size=[16], seed=range(5), step_size=STEP_SIZES)
    + grid(sampling=["iid"], batch_size=[64, 4], seed=range(3), step_size=STEP_SIZES),
    "10 minutes on two cores",
)
MNIST_PAIRS = study(
    "mnist-pairs",
    "All 45 pairs of digits at four step sizes.",
    grid(digits=list(itertools.combinations(range(10), 2)), step_size=PAIR_STEP_SIZES),
    "10 minutes on two cores",
)
MNIST_SCALE = study(
    "mnist-scale",
    "Digits 3 and 5 from initial weights half and twice as large.",
    grid(scale=[0.5, 2.0], seed=range(3), step_size=STEP_SIZES),
    "4 minutes on two cores",
)
MNIST_SIZE = study(
    "mnist-size",
    "Digits 3 and 5 with 128 and 1024 images; mnist-35 has 512.",
    grid(n=[128], seed=range(3), step_size=STEP_SIZES) + grid(n=[1024], seed=range(3), step_size=STEP_SIZES),
    "10 minutes on two cores",
)
MNIST_WARMUP = study(
    "mnist-warmup",
    "Digits 3 and 5 with a warm-up of 100 epochs, at longer steps; then other digits.",
    [c | {"warmup": 100} for c in grid(seed=range(5), step_size=(0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5))]
    + [
        c | {"warmup": 100}
        for c in grid(digits=[(0, 1), (1, 7), (2, 6), (4, 9), (6, 8), (7, 9)], step_size=(0.2, 0.3, 0.4, 0.5))
    ],
    "4 minutes on two cores",
)
MNIST_WARMUP_LENGTH = study(
    "mnist-warmup-length",
    "Digits 3 and 5: warm-ups of four lengths, at steps from 0.4 on.",
    [
        configuration | {"warmup": warmup}
        for seeds in (range(3), range(3, 5))
        for configuration in grid(seed=seeds, step_size=(0.4, 0.45, 0.5, 0.6))
        for warmup in (100, 300, 1000, 3000)
    ],
    "8 minutes on two cores",
)
MNIST_PIXELS = study(
    "mnist-pixels",
    "Digits 3 and 5 with centred and with standardised pixels; mnist-35 has raw ones.",
    [
        configuration | {"pixels": pixels}
        for pixels, steps in (
            ("centred", (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8)),
            ("standardised", (0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12)),
        )
        for configuration in grid(seed=range(3), step_size=steps)
    ],
    "4 minutes on two cores",
)
QUICK = {"dataset": "digits", "n": 64, "n_validation": 100, "width": 20, "hold": 20, "tolerance": 1e-4}
MNIST_QUICK = study(
    "mnist-quick",
    "The same on a few of the bundled 8×8 digits, for tests.",
    [c | QUICK for c in grid(batch_size=[8, None], step_size=[0.1, 0.2])],
    "a few seconds",
)
