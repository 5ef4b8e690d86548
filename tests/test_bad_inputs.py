"""Bad inputs, made from the public signatures: each gets a ValueError that names the argument, and none a traceback.

``GOOD`` has a right value for each name of an argument, ``SPECIAL`` for those of one function, ``BAD`` the wrong ones.
Every public function whose arguments are all known is called with right values, to see that they are right, and then
with one wrong value at a time.
"""

import inspect

import numpy as np
import pytest
from test_house import public

from stableminima.functions import Gaussian, MollifiedPyramid
from stableminima.margins import signed_network
from stableminima.networks import random_network
from stableminima.stability import Linearization
from stableminima.training import random_layers

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 2))
WIDE = RNG.normal(size=(6, 20))
Y = np.where(RNG.random(12) < 0.5, -1.0, 1.0)
NET = random_network(2, 5, seed=1)
DIRECTION = np.array([0.6, 0.8])
INSTANCES = {
    "ShallowReLU": NET,
    "Linearization": Linearization.of(NET, X),
    "Gaussian": Gaussian([0.0, 0.0]),
    "MollifiedPyramid": MollifiedPyramid(2, 0.3),
    "SignedNetwork": signed_network(2, 4, 0.5),
}
GOOD = {
    "X": X, "y": Y, "net": NET, "model": NET, "seed": 0, "step_size": 0.05, "step_sizes": [0.05, 0.1], "batch_size": 4,
    "sampling": "iid", "loss": "half", "dim": 2, "width": 6, "n": 8, "radius": 1.0, "scale": 0.5, "momentum": 0.5,
    "steps": 20, "tolerance": 1e-2, "hold": 1, "max_epochs": 20, "warmup": 0, "direction": DIRECTION, "offset": 0.3,
    "slope": 0.5, "noise": 0.1, "deviation": 0.3, "draws": 16, "grid": 5, "max_iterations": 300, "nets": [NET, NET],
    "layers": random_layers([2, 4, 1]), "residuals": Y, "alpha": 2.0, "share": 0.5, "order": 0, "every": 10,
    "max_steps": 20, "weight_decay": 0.0, "split": "train", "degree": 2, "epochs": 4,
    "widths": [2, 3, 1], "gain": 0.1, "records": 5, "clock": "constant", "directions": 20, "outputs": 1,
}  # fmt: skip
EXPONENTS = (
    "almost_sure_threshold",
    "lyapunov_exponent",
    "Linearization.almost_sure_threshold",
    "Linearization.lyapunov_exponent",
)
SPECIAL = {
    "datasets.clusters": {"centers": [[0.0, 0.0], [1.0, 1.0]]},
    "datasets.mixture": {"mean": 1.0},
    "datasets.orthogonal_inputs": {"n": 2, "dim": 4},
    "bounds.line_norm": {"net": random_network(1, 5)},
    "bounds.second_derivative": {"net": random_network(1, 5)},
    "bounds.univariate_weight": {"x": X[:, 0]},
    "margins.asymptotics": {"X": WIDE, "y": Y[:6], "pattern": RNG.normal(size=(30, 20)) @ WIDE.T > 0},
    "margins.descend_logistic": {"net": INSTANCES["SignedNetwork"]},
    "margins.logistic_sharpness": {"net": INSTANCES["SignedNetwork"]},
    "margins.step_for_gain": {"net": INSTANCES["SignedNetwork"]},
    "margins.SignedNetwork": {"W": RNG.normal(size=(4, 2))},
    "margins.stable_rank": {"W": RNG.normal(size=(4, 2))},
    "networks.ShallowReLU": {"W": NET.W, "b": NET.b, "v": NET.v, "c": NET.c},
    "functions.least_radial_norm": {"radius": 2.0},
    "functions.mollified_norm": {"scale": 0.1},
    "functions.radial_bump": {"dim": 3},
    "functions.sphere_rule": {"order": 4},
    "networks.ShallowReLU.rescaled": {"alpha": np.full(5, 2.0)},
    "networks.with_labels": {"net": random_network(2, 40, seed=1)},
    **{f"stability.{name}": {"steps": 2048} for name in EXPONENTS},
    "functions.radial_neuron": {"r": np.linspace(0, 1, 5), "kink": 0.5},
}
ARRAY = {"NaN": lambda a: np.full_like(a, np.nan), "text": lambda a: "twelve", "complex": lambda a: a + 1j,
         "one axis too many": lambda a: np.asarray(a)[None, None], "empty": lambda a: np.asarray(a)[:0]}  # fmt: skip
POSITIVE = (0.0, -1.0, np.nan, np.inf, "a lot", None, [0.1, 0.2], True)
WHOLE = (-1, 1.5, np.nan, "many", [1, 2], True)
BAD = {
    **dict.fromkeys(("radius", "tolerance", "scale", "alpha"), POSITIVE),
    **dict.fromkeys(("dim", "width", "n", "steps", "hold", "max_epochs", "draws", "max_iterations"), (*WHOLE, 0)),
    "step_size": (0.0, -1.0, np.nan, np.inf, "a lot", None),
    "step_sizes": (0.0, [-1.0], [np.nan], "a lot"),
    "batch_size": (0, -3, 10**6, 2.5, "all", True),
    "seed": (-1, 1.5, "today"),
    "sampling": ("with replacement", 3, None),
    "loss": ("cross entropy", 3, None),
    "momentum": (1.0, -0.1, np.nan, "heavy"),
    "warmup": (-1, 1.5, "long"),
    "model": (None, "net.npz", 3.0),
    "net": (None, "net.npz", 3.0),
    "split": ("validation", None, 3),
}
FINE = {  # what a function takes, though another with an argument of this name does not
    (None, "direction", "one axis too many"),  # of any shape (…, d)
    ("functions.radial_neuron", "r", "one axis too many"),
    ("functions.radial_neuron", "r", "empty"),
    ("stability.Linearization.batch_sharpness", "residuals", "one axis too many"),
    ("training.SharpnessTracker", "y", "one axis too many"),
    ("training.train_decayed", "batch_size", "1000000"),  # drawn with replacement
    *((name, "steps", "0") for name in ("stability.Linearization.path", "stability.Linearization.mean_square_path")),
    *((name, "steps", "0") for name in ("stability.linearized_sgd", "stability.mean_square_path")),
}
ELSEWHERE = ("training.SweepJob",)  # plain records, looked at by the function that takes them


def ready():
    """(name, callable, right arguments) of every public function and method all of whose needs are known."""
    for name, thing in sorted(public().items()):
        *owner, last = name.split(".")
        if len(owner) == 2 and owner[1] in INSTANCES:
            thing = getattr(INSTANCES[owner[1]], last)
        elif len(owner) == 2 or name in ELSEWHERE or (inspect.isclass(thing) and issubclass(thing, Exception)):
            continue
        right, known = {}, GOOD | SPECIAL.get(name, {})
        for parameter in inspect.signature(thing).parameters.values():
            if parameter.name in known:
                right[parameter.name] = known[parameter.name]
            elif parameter.default is inspect.Parameter.empty:
                break
        else:
            yield name, thing, right


READY = {name: (thing, right) for name, thing, right in ready()}


def rows():
    for name, (thing, right) in READY.items():
        defaults = {p.name: p.default for p in inspect.signature(thing).parameters.values()}
        for argument, value in right.items():
            wrong = {repr(bad): bad for bad in BAD.get(argument, ()) if bad is not defaults[argument]}
            if isinstance(value, np.ndarray) and value.dtype == float and value.ndim:
                wrong = {kind: spoil(value) for kind, spoil in ARRAY.items()}
            for kind, bad in wrong.items():
                if not FINE & {(name, argument, kind), (None, argument, kind)}:
                    yield pytest.param(name, argument, bad, id=f"{name}-{argument}-{kind}")


ROWS = list(rows())


@pytest.mark.parametrize("name", [name for name in READY if name != "datasets.load_mnist"])  # not here everywhere
def test_right_values_are_right(name):
    function, right = READY[name]
    function(**right)


def test_the_table_is_long():
    assert len(ROWS) >= 100 and len({row.values[0] for row in ROWS}) >= 40


@pytest.mark.parametrize(("name", "argument", "bad"), ROWS)
def test_a_wrong_value_is_named(name, argument, bad):
    function, right = READY[name]
    with pytest.raises(ValueError) as caught:
        function(**right | {argument: bad})
    assert argument in str(caught.value), str(caught.value)
