"""What short trainings say of each other: closed forms and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lr_finder.analysis.verification.effort import AFTER_SWEEP
from lr_finder.analysis.verification.trial_losses import (
    blend,
    level,
    loss_ratio,
    merit,
    share_lost,
    start_level,
    tail,
    weigh,
)

LOSSES = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=60).map(np.array)


@pytest.mark.parametrize(
    ("count", "kept"), [(1, 1), (2, 2), (3, 3), (9, 3), (10, 4), (60, 20)]
)
def test_the_tail_is_a_third_or_three(count, kept):
    losses = np.arange(count)
    np.testing.assert_array_equal(tail(losses), losses[-kept:])


def test_the_level_is_moved_by_no_single_batch():
    losses = np.full(30, 2.0)
    losses[-1], losses[-2] = 1e9, 1e-9
    assert level(losses) == 2.0


@pytest.mark.parametrize("losses", [[], [1.0, np.nan, 1.0], [np.inf] * 3])
def test_the_level_of_what_is_not_finite_is_infinite(losses):
    assert level(losses) == np.inf


@given(LOSSES, st.floats(0.01, 100))
def test_ratios_are_of_the_steps_that_both_made(losses, factor):
    longer = np.concatenate([losses, [1e6] * 40])
    assert loss_ratio(factor * losses, longer) == pytest.approx(factor)


def test_there_is_no_ratio_of_losses_that_are_not_positive():
    assert loss_ratio(np.full(5, -1.0), np.ones(5)) is None
    assert loss_ratio(np.full(5, np.nan), np.ones(5)) is None


@pytest.mark.parametrize("losses", [[], [1.0, np.nan, 1.0], [np.inf] * 3])
def test_the_merit_of_what_is_not_finite_is_infinite(losses):
    assert merit(losses) == np.inf


@given(LOSSES, st.floats(0.01, 100))
def test_the_scale_of_losses_changes_no_share(losses, factor):
    best, start = merit(losses), 2 * float(np.max(losses))
    other = best * (start / best) ** 0.3
    assert share_lost(other, best, start) == pytest.approx(0.3)
    scaled = [factor * value for value in (other, best, start)]
    assert share_lost(*scaled) == pytest.approx(0.3, rel=1e-6)
    assert merit(factor * losses) == pytest.approx(factor * best, rel=1e-6)


@given(st.floats(-100, -1e-3), st.floats(0.01, 3))
def test_of_losses_below_zero_it_is_the_share_of_their_differences(best, times):
    descent = -times * best
    start = best + descent
    assert share_lost(best + 0.3 * descent, best, start) == pytest.approx(0.3, rel=1e-6)


def test_a_loss_that_starts_far_above_tells_rates_apart_as_well():
    """Targets that are not scaled: half of what can be learnt is no small share."""
    near, far = share_lost(1.5, 1.0, 2.0), share_lost(1.5, 1.0, 100.0)
    assert far == pytest.approx(np.log(1.5) / np.log(100)) and far > 0.15 * near


def test_where_nothing_is_learnt_small_differences_count():
    assert share_lost(1.002, 1.0, 1.0) == pytest.approx(np.log(1.002) / 1e-3)
    assert share_lost(0.0, 0.0, 0.0) == 0.0


RATES = st.lists(st.floats(1e-6, 1e2), min_size=1, max_size=6, unique=True)


@given(RATES, st.data())
def test_the_blend_lies_between_the_rates_in_an_interval_with_room(rates, data):
    lost = {lr: data.draw(st.floats(0, 50)) for lr in rates}
    lr, low, high = blend(lost)
    assert min(rates) * (1 - 1e-9) <= lr <= max(rates) * (1 + 1e-9)
    assert low * 10**0.15 <= lr * (1 + 1e-9) and lr * 10**0.15 <= high * (1 + 1e-9)
    assert lr**2 == pytest.approx(low * high)


@given(RATES, st.data())
def test_weights_add_up_and_fall_with_what_was_missed(rates, data):
    lost = {lr: data.draw(st.floats(0, 50)) for lr in rates}
    weights = weigh(lost)
    assert sum(weights.values()) == pytest.approx(1)
    order = sorted(rates, key=lost.__getitem__)
    assert [weights[lr] for lr in order] == sorted(weights.values(), reverse=True)
    logs = sum(weight * np.log(lr) for lr, weight in weights.items())
    assert blend(lost)[0] == pytest.approx(np.exp(logs))


def test_equal_rates_are_averaged_and_a_lost_one_counts_little():
    lr, low, high = blend({0.1: 0.0, 1.0: 0.0})
    assert lr == pytest.approx(np.sqrt(0.1))
    assert high / lr == pytest.approx(10 ** (0.7 * 0.5))
    assert blend({0.1: 0.0, 1.0: 0.1})[0] == pytest.approx(10 ** (-2 / 3))
    assert blend({0.1: 0.0, 1.0: 1e6})[0] == pytest.approx(0.1, rel=1e-4)
    assert blend({0.3: 0.0}) == pytest.approx((0.3, 0.3 / 10**0.15, 0.3 * 10**0.15))


@given(RATES, st.data(), st.floats(-6, 1), st.floats(0.05, 2), st.floats(0.05, 2))
def test_a_sweep_counts_as_a_normal_curve_over_the_rates(rates, data, at, below, above):
    lost = {lr: data.draw(st.floats(0, 50)) for lr in rates}
    sd = 0.6 * max(below + above, 1)
    told = {lr: stats.norm.logpdf(np.log10(lr), at, sd) for lr in rates}
    most = max(told.values())
    weights = {lr: w * np.exp(told[lr] - most) for lr, w in weigh(lost).items()}
    logs = sum(w * np.log10(lr) for lr, w in weights.items()) / sum(weights.values())
    swept = (10**at, 10 ** (at - below), 10 ** (at + above))
    assert np.log10(blend(lost, swept)[0]) == pytest.approx(logs, abs=1e-6)


def test_an_interval_without_width_says_nothing():
    lost = {0.1: 0.0, 1.0: 0.3}
    assert blend(lost, (0.1, 0.1, 0.1)) == blend(lost)


def test_what_counts_half_is_an_argument():
    assert weigh({0.1: 0.0, 1.0: 0.04}, effort=AFTER_SWEEP)[1.0] == pytest.approx(1 / 3)


# Rounded: losses that differ in their last bit are equal after an offset.
@given(LOSSES.map(lambda x: x.round(3)), st.floats(0.01, 100), st.floats(-100, 100))
def test_the_start_follows_scale_and_offset(losses, factor, offset):
    best = float(np.min(losses))
    moved = start_level(factor * losses + offset, factor * best + offset)
    expected = factor * start_level(losses, best) + offset
    assert moved == pytest.approx(expected, abs=1e-6, rel=1e-6)


def test_the_start_is_the_median_of_five_unless_it_says_nothing():
    assert start_level(np.array([3.0, 9.0, 4.0, 5.0, 1.0, 0.0]), 0.5) == 4.0
    assert start_level(np.array([2.0] * 5 + [9.0]), 0.5) == 2.0
    mostly_0 = np.tile([0.0, 0.0, 0.0, 0.0, 4.0, 0.0], 10)
    assert start_level(mostly_0, 0.1) == merit(mostly_0[:20])
