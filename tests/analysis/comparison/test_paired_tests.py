"""Paired comparisons: against SciPy's own test, closed forms and invariants."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lr_finder.analysis.comparison.paired_tests import holm, paired
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


def test_of_three_pairs_by_hand():
    # d = 1, 2, 3: mean 2, sd 1, error 1 / sqrt(3), t = sqrt(12); of two degrees of
    # freedom p = 1 - t / sqrt(2 + t^2), the quantile of q (2q - 1) / sqrt(2q(1 - q))
    found = paired([1.0, 1.0, 1.0], [2.0, 3.0, 4.0])
    assert (found.mean, found.sd) == pytest.approx((2.0, 1.0))
    assert found.p == pytest.approx(1 - math.sqrt(12 / 14))
    half = 0.95 / math.sqrt(2 * 0.975 * 0.025) / math.sqrt(3)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half))
    assert (found.relative, found.why_untested) == (pytest.approx(2.0), "")


@pytest.mark.parametrize("resolution", [None, 1 / 80])
def test_two_seeds_have_no_p_value_and_no_interval(resolution):
    found = paired([0.9, 0.8875], [0.8875, 0.875], resolution=resolution)
    assert (found.mean, found.n) == (pytest.approx(-0.0125), 2)
    assert np.isnan([found.p, found.low, found.high]).all()
    assert found.why_untested == "2 seeds cannot tell; run at least 3"
    assert str(found) == (
        "-0.0125, -1.4 %, no p-value (2 seeds cannot tell; run at least 3), n = 2"
    )


def test_one_row_more_with_each_of_three_seeds_by_hand():
    # t = h / sqrt(h^2 / 6 / 3) = sqrt(18), whatever the rows
    for rows in (7, 80, 1000):
        a = np.array([3, 4, 5]) / rows
        found = paired(a, a + 1 / rows, resolution=1 / rows)
        assert found.p == pytest.approx(1 - math.sqrt(18 / 20))
        assert found.low < 0 < 1 / rows < found.high


def test_a_resolution_adds_its_variance_to_that_of_the_differences(values):
    differences, h = values[1] - values[0], 0.7
    error = math.sqrt((np.var(differences, ddof=1) + h**2 / 6) / 12)
    expected = 2 * stats.t.sf(abs(differences.mean()) / error, 11)
    found = paired(*values, resolution=h)
    assert found.p == pytest.approx(expected)
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, 11) * error)
    assert found.sd == paired(*values).sd  # what was measured is told as it was
    assert paired(*values, resolution=0.0) == paired(*values)


def alarms(seeds, rows, accuracy, rounds=1500):
    """How often equal ways are called different, at p < 0.05 and at p < 0.001."""
    rng = np.random.default_rng(seeds * rows)
    right = rng.binomial(rows, accuracy, (rounds, 2, seeds))
    p = np.array([paired(*pair / rows, resolution=1 / rows).p for pair in right])
    return np.mean(p < 0.05), np.mean(p < 0.001)


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("rows", [30, 80, 200])
@pytest.mark.parametrize("accuracy", [0.9, 0.98])
def test_equal_ways_are_seldom_called_different(seeds, rows, accuracy):
    often, very = alarms(seeds, rows, accuracy)
    assert often <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1500)
    assert very <= 0.003


def test_a_resolution_costs_no_power_where_rows_are_many():
    rng = np.random.default_rng(0)
    rows, found = 1000, []
    for _ in range(300):
        a, b = (np.round(rng.normal(mean, 0.004, 5) * rows) / rows
                for mean in (0.90, 0.91))  # fmt: skip
        found.append([paired(a, b, resolution=h).p < 0.05 for h in (None, 1 / rows)])
    without, with_resolution = np.mean(found, axis=0)
    assert without > 0.8
    assert with_resolution >= without - 0.02


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


def test_ways_that_are_equal_with_every_seed_do_not_differ():
    found = paired([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (found.mean, found.sd, found.low, found.high) == (0.0, 0.0, 0.0, 0.0)
    assert (found.p, found.why_untested) == (1.0, "")


@pytest.mark.parametrize(
    "a, shift",
    [
        ([1.0, 2.0, 3.0], 0.5),
        ([0.90, 0.8875, 0.9125], -0.0125),  # equal but for the last bits
        (np.float32([0.90, 0.8875, 0.9125]), np.float32(-0.0125)),
    ],
)
def test_differences_without_spread_are_no_certainty(a, shift):
    found = paired(a, np.asarray(a) + shift)
    assert (found.mean, found.sd) == (pytest.approx(shift), 0.0)
    assert np.isnan([found.p, found.low, found.high]).all()
    assert found.why_untested == (
        "all 3 seeds differ by the same amount: no spread to judge by"
    )


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


@pytest.mark.parametrize("resolution", [-0.1, math.nan, math.inf, "0.1"])
def test_bad_resolution_is_refused(resolution):
    with pytest.raises(InputError, match="`resolution` must be the step"):
        paired([1.0, 2.0], [2.0, 3.0], resolution=resolution)


@given(st.lists(st.floats(0, 1), max_size=8), st.integers(0, 8))
def test_holm_does_not_count_what_was_not_tested(p_values, place):
    adjusted = holm([*p_values[:place], math.nan, *p_values[place:]])
    at = min(place, len(p_values))
    assert math.isnan(adjusted[at])
    assert np.delete(adjusted, at).tolist() == holm(p_values).tolist()


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
