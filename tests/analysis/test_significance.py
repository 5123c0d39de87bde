"""Paired comparisons: against SciPy's own test, closed forms and invariants."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lr_finder.analysis.significance import holm, paired
from lr_finder.errors import InputError


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    a = rng.normal(10.0, 2.0, size=12)
    return a, a - rng.normal(0.5, 0.4, size=12)


def test_interval_and_p_are_those_of_scipy(values):
    found, expected = paired(*values), stats.ttest_rel(values[1], values[0])
    assert found.p == pytest.approx(expected.pvalue, rel=1e-10)
    interval = expected.confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.n == 12


def test_of_two_pairs_by_hand():
    # d = 1, 3: mean 2, sd sqrt(2), error 1; t(1) is Cauchy: p = 1 - 2 atan(2) / pi
    found = paired([1.0, 1.0], [2.0, 4.0])
    assert (found.mean, found.sd) == pytest.approx((2.0, math.sqrt(2)))
    assert found.p == pytest.approx(1 - 2 * math.atan(2) / math.pi)
    t = math.tan(0.95 * math.pi / 2)
    assert (found.low, found.high) == pytest.approx((2 - t, 2 + t))
    assert found.relative == pytest.approx(2.0)


def test_exchanging_the_ways_turns_the_sign(values):
    forth, back = paired(*values), paired(*values[::-1])
    assert forth.mean == pytest.approx(-back.mean)
    assert (forth.low, forth.high) == pytest.approx((-back.high, -back.low))
    assert forth.p == pytest.approx(back.p)


def test_pairing_takes_out_what_seeds_have_in_common(values):
    a, b = values
    hard = 100 * np.arange(12)
    assert paired(a + hard, b + hard).p == pytest.approx(paired(a, b).p)


def test_the_interval_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    found = [paired(np.zeros(6), rng.normal(1.0, 1.0, 6)) for _ in range(2000)]
    share = np.mean([each.low <= 1.0 <= each.high for each in found])
    assert share == pytest.approx(0.95, abs=0.015)  # three standard errors


@pytest.mark.parametrize("shift, p", [(0.0, 1.0), (0.5, 0.0)])
def test_differences_without_spread(shift, p):
    found = paired([1.0, 2.0, 3.0], [1.0 + shift, 2.0 + shift, 3.0 + shift])
    assert (found.mean, found.sd, found.low, found.high) == (shift, 0.0, shift, shift)
    assert found.p == p


def test_relative_to_nothing_is_no_number():
    assert math.isnan(paired([-1.0, 1.0], [1.0, 2.0]).relative)


@pytest.mark.parametrize(
    "a, b, message",
    [
        ([1.0], [2.0], "1 and 1"),
        ([1.0, 2.0], [2.0], "2 and 1"),
        ([1.0, math.nan], [2.0, 3.0], "`a` must be a flat list of finite"),
        ([1.0, 2.0], [["x"]], "`b` must be a flat list"),
    ],
)
def test_bad_values_are_refused(a, b, message):
    with pytest.raises(InputError, match=message):
        paired(a, b)


def test_bad_confidence_is_refused():
    with pytest.raises(InputError, match="confidence=95"):
        paired([1.0, 2.0], [2.0, 3.0], confidence=95)


def test_holm_on_a_published_example():
    # R: p.adjust(c(0.01, 0.02, 0.03, 0.04), "holm")
    adjusted = holm([0.01, 0.02, 0.03, 0.04])
    np.testing.assert_allclose(adjusted, [0.04, 0.06, 0.06, 0.06])


@given(st.lists(st.floats(0, 1), min_size=0, max_size=12), st.floats(0.001, 0.5))
def test_holm_rejects_what_its_step_down_procedure_rejects(p_values, alpha):
    adjusted, expected = holm(p_values), [False] * len(p_values)
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, index in enumerate(order):
        if p_values[index] * (len(p_values) - rank) > alpha:
            break
        expected[index] = True
    assert (adjusted <= alpha).tolist() == expected


def test_holm_keeps_order_and_a_single_value():
    assert holm([0.2]).tolist() == [0.2]
    assert holm([0.5, 0.01]).tolist() == [0.5, 0.02]


def test_holm_refuses_what_is_no_probability():
    with pytest.raises(InputError, match="1.5"):
        holm([0.5, 1.5])
