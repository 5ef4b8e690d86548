"""A claim passes exactly when its relation holds, says what went wrong when it does not, and cannot be vacuous."""

import json
from dataclasses import FrozenInstanceError, asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stableminima.book.claims import MIME_TYPE, Claim, ClaimFailed, claim

finite = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("value", "relation"),
    [
        (1.0, {"at_most": 1.0}),
        (1.05, {"at_most": 1.0, "tol": 0.1}),
        (3.0, {"at_least": 2.0}),
        (1.95, {"at_least": 2.0, "tol": 0.1}),
        (2.0, {"equals": 2.0}),
        (2.0 + 1e-7, {"equals": 2.0, "tol": 1e-6}),
        (1.5, {"at_least": 1.0, "at_most": 2.0}),
        (np.float64(1.5), {"equals": np.float64(1.5)}),
        (np.array(1.5), {"equals": 1.5}),
        (3, {"equals": 3}),
        (True, {}),
        (np.bool_(True), {}),
        (False, {"equals": False}),
    ],
)
def test_a_true_claim_prints_one_line(value, relation, capsys):
    assert claim("some-id", "a statement", value, **relation) is None
    printed = capsys.readouterr().out
    assert printed.startswith("✓ some-id: a statement: ") and printed.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "relation"),
    [
        (1.0 + 1e-12, {"at_most": 1.0}),
        (1.2, {"at_most": 1.0, "tol": 0.1}),
        (1.9, {"at_least": 2.0}),
        (1.8, {"at_least": 2.0, "tol": 0.1}),
        (2.0 + 1e-12, {"equals": 2.0}),
        (2.1, {"equals": 2.0, "tol": 0.05}),
        (0.9, {"at_least": 1.0, "at_most": 2.0}),
        (2.1, {"at_least": 1.0, "at_most": 2.0}),
        (False, {}),
        (np.bool_(False), {}),
        (True, {"equals": False}),
        (float("nan"), {"at_most": 1.0}),
        (float("nan"), {"at_least": 1.0}),
        (float("nan"), {"equals": 1.0, "tol": 1e9}),
        (float("inf"), {"at_least": 1.0}),
        (float("-inf"), {"at_most": 1.0}),
    ],
)
def test_a_false_claim_raises(value, relation, capsys):
    with pytest.raises(ClaimFailed) as failure:
        claim("some-id", "a statement", value, **relation)
    assert "'some-id'" in str(failure.value) and "a statement" in str(failure.value)
    assert repr(value.item() if isinstance(value, np.generic) else value) in str(failure.value)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "relation", "complaint"),
    [
        (("some-id", "a statement", 1.0), {}, "give equals="),
        (("some-id", "a statement", 1.0), {"equals": 1.0, "at_most": 2.0}, "give equals="),
        (("some-id", "a statement", 1.0), {"at_least": 2.0, "at_most": 1.0}, "no value is at least 2"),
        (("some-id", "a statement", 1.0), {"at_most": float("inf")}, "finite"),
        (("some-id", "a statement", 1.0), {"equals": 1.0, "tol": -1.0}, "not negative"),
        (("some-id", "a statement", 1.0), {"equals": 1.0, "tol": float("inf")}, "finite"),
        (("Some Id", "a statement", 1.0), {"equals": 1.0}, "lower-case"),
        (("", "a statement", 1.0), {"equals": 1.0}, "lower-case"),
        (("some-id", " ", 1.0), {"equals": 1.0}, "statement"),
        (("some-id", "a statement", np.ones(3)), {"equals": 1.0}, "single numbers"),
        (("some-id", "a statement", None), {"equals": 1.0}, "single numbers"),
    ],
)
def test_a_malformed_claim_is_refused(arguments, relation, complaint):
    with pytest.raises(ValueError, match=complaint):
        claim(*arguments, **relation)


@given(value=finite, bound=finite, tol=st.floats(0, 10))
def test_relations_agree_with_plain_comparison(value, bound, tol):
    assert Claim("a", "s", value, at_most=bound, tol=tol).holds == (value <= bound + tol)
    assert Claim("a", "s", value, at_least=bound, tol=tol).holds == (value >= bound - tol)
    assert Claim("a", "s", value, equals=bound, tol=tol).holds == (abs(value - bound) <= tol)


def test_the_text_is_rounded_and_the_record_is_exact():
    checked = Claim("some-id", "norm of $f$", 1 / 3, at_most=0.5, tol=1e-6, source="Lemma 1")
    bundle = checked._repr_mimebundle_()
    assert bundle["text/plain"] == "✓ some-id: norm of $f$: 0.3333 ≤ 0.5 ± 1e-06"
    assert "norm of $f$" in bundle["text/markdown"] and "Lemma 1" in bundle["text/markdown"]
    assert Claim(**json.loads(json.dumps(bundle[MIME_TYPE]))) == checked
    assert asdict(checked)["value"] == 1 / 3


def test_rounding_noise_is_not_shown():
    assert "2.2e-16" not in str(Claim("some-id", "s", 2.2e-16, at_most=1e-12))
    assert str(Claim("some-id", "s", True, equals=True)) == "✓ some-id: s: true"


def test_a_claim_is_immutable():
    with pytest.raises(FrozenInstanceError):
        Claim("some-id", "s", 1.0, equals=1.0).value = 2.0
