"""What short trainings say of each other: closed forms and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lr_finder.analysis.trial_losses import (
    interval_of,
    is_clearly_worse,
    level,
    loss_ratio,
    tail,
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


@given(LOSSES)
def test_no_curve_is_clearly_worse_than_itself(losses):
    assert not is_clearly_worse(losses, losses)


@pytest.mark.parametrize("shift", [0.0, -100.0])
def test_a_difference_counts_beyond_its_noise(shift):
    rng = np.random.default_rng(0)
    batches = 1 + 0.3 * rng.random(90)  # the same for both
    assert is_clearly_worse(1.1 * batches, batches)
    noise = 1 + 0.5 * rng.standard_normal(90)
    assert not is_clearly_worse(batches + 0.02 + np.abs(noise) * 0, batches + 0.0199)
    wild = batches + shift + noise - np.mean(tail(noise))
    assert not is_clearly_worse(wild, batches + shift)


def test_what_broke_off_is_clearly_worse():
    assert is_clearly_worse(np.array([1.0, np.inf]), np.ones(20))


@given(
    st.lists(st.floats(1e-6, 1e2), min_size=1, max_size=6, unique=True),
    st.data(),
)
def test_the_interval_holds_the_winner_with_room_on_both_sides(rates, data):
    winner = data.draw(st.sampled_from(rates))
    levels = {lr: data.draw(st.floats(0.1, 10)) for lr in rates}
    losses = {lr: np.full(12, levels[lr]) for lr in rates}
    others = [lr for lr in rates if lr != winner]
    diverged = data.draw(st.sets(st.sampled_from(others))) if others else set()
    low, high = interval_of(winner, losses, diverged, winner, winner)
    least = 10**0.15 * (1 - 1e-12)
    assert low * least <= winner <= high / least
    for lr in diverged:
        assert not low < lr < high or max(lr / winner, winner / lr) <= 10**0.15


def test_the_interval_ends_half_way_to_what_was_worse():
    flat, worse = np.ones(12), np.full(12, 1.5)
    losses = {0.01: worse, 0.1: flat, 1.0: flat, 10.0: flat}
    low, high = interval_of(1.0, losses, {10.0}, 0.5, 2.0)
    assert (low, high) == pytest.approx((0.1, np.sqrt(10)))
    low, high = interval_of(0.1, {0.1: flat, 0.3: flat}, (), 0.02, 0.15)
    assert (low, high) == pytest.approx((0.02, 0.3))  # nothing was worse
