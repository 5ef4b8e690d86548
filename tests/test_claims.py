"""A claim passes exactly when its relation holds, says what went wrong when it does not, and cannot be vacuous."""

import json
from dataclasses import FrozenInstanceError, asdict, replace

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


@pytest.mark.parametrize(
    ("value", "relation", "shown"),
    [
        (0.123456, {"at_most": 1}, "0.1235 ≤ 1"),
        (0.99996, {"at_most": 0.99999}, "0.99996 ≤ 0.99999"),  # four digits would say 1
        (1.0000004, {"at_most": 1.000001}, "1 ≤ 1.000001"),
        (0.982, {"at_most": 1.00001}, "0.982 ≤ 1.00001"),
        (0.5, {"at_most": 2 / 3}, "0.5 ≤ 0.6667"),
        (2**0.5 + 3e-10, {"equals": 2**0.5, "tol": 1e-9}, "1.414213563 = 1.4142135624 ± 1e-09"),
        (7.1441, {"equals": 7.13853580471299, "tol": 0.01}, "7.144 = 7.139 ± 0.01"),
        (5e-10, {"at_least": 1e-10}, "5e-10 ≥ 1e-10"),
        (True, {"equals": True}, "true"),
        (1, {"at_least": 2}, "1 ≥ 2"),
        (1.00004, {"at_most": 1}, "1.00004 ≤ 1"),  # fails, and is seen to fail
        (float("nan"), {"at_most": 1}, "nan ≤ 1"),
    ],
)
def test_what_is_shown_is_as_fine_as_its_bound(value, relation, shown):
    assert Claim("some-id", "s", value, **relation).verdict == shown


@given(value=finite, bound=finite, tol=st.sampled_from([0, 1e-6, 1.0]), kind=st.sampled_from(["at_most", "at_least"]))
def test_the_value_shown_holds_when_the_value_does(value, bound, tol, kind):
    for near in (value, bound, bound + tol, bound * (1 + 1e-7)):
        checked = Claim("some-id", "s", near, **{kind: bound}, tol=tol)
        text = checked.measured
        if "|·|" not in text:
            assert replace(checked, value=float(text)).holds == checked.holds


@pytest.mark.parametrize("relation", [{"at_most": 1e-13}, {"equals": 0, "tol": 1e-13}, {"at_least": -1e-13}])
def test_the_size_of_a_rounding_error_stays_out_of_plain_text(relation):
    """It differs between machines, and plain text is what the tests of the chapters compare."""
    checked = [Claim("some-id", "s", value, **relation) for value in (-2.2e-16, 3.2e-15)]
    assert [c.measured for c in checked] == ["|·| ≤ 1e-15", "|·| ≤ 1e-14"]
    assert {str(c) for c in checked} == {f"✓ some-id: s: {checked[0].relation}"}
    assert checked[0].verdict == f"|·| ≤ 1e-15, {checked[0].relation}"


def test_a_failed_claim_travels_with_its_error():
    with pytest.raises(ClaimFailed) as failure:
        claim("some-id", "s", 1.00004, at_most=1)
    assert failure.value.claim == Claim("some-id", "s", 1.00004, at_most=1.0)


def test_a_claim_is_immutable():
    with pytest.raises(FrozenInstanceError):
        Claim("some-id", "s", 1.0, equals=1.0).value = 2.0
