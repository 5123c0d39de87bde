"""Levels of curves whose levels are known."""

import numpy as np
import pytest

from lr_finder.analysis.training.curve_statistics import BLOCKS, Levels


def test_a_straight_line_falls_by_its_slope_in_each_third():
    levels = Levels(np.linspace(5.0, 2.0, 60))
    per_step = 3 / 59
    assert levels.first_fall == pytest.approx(19 * per_step)
    assert levels.last_fall == pytest.approx(19 * per_step)
    assert levels.last_p < 1e-6
    assert levels.error == pytest.approx(0, abs=1e-12)
    assert levels.descent == pytest.approx(3 - 5 * per_step)  # between two medians of 6


@pytest.mark.parametrize("n", [12, 59, 60, 61, 121, 10_007])
def test_a_long_curve_is_reduced_to_equal_blocks_and_ends_where_it_ends(n):
    values = Levels(np.arange(float(n))).values
    assert min(n, BLOCKS / 2) <= len(values) <= BLOCKS
    assert len(set(np.diff(values).round(9))) == 1
    assert values[-1] >= n - 1 - n / len(values)


def test_the_error_is_that_of_a_median_over_a_tenth():
    """Measured: how far levels of pure noise spread."""
    rng = np.random.default_rng(0)
    curves = [Levels(rng.normal(size=60)) for _ in range(400)]
    spread = np.std([curve.end for curve in curves])
    assert np.mean([curve.error for curve in curves]) == pytest.approx(spread, rel=0.15)


def test_a_climb_must_pass_its_share_of_the_descent_and_the_noise():
    fallen = np.repeat([3.0, 1.0, 1.5], 20)  # a quarter of the descent is lost
    assert Levels(fallen).climbed(0.2) and not Levels(fallen).climbed(0.3)
    noisy = fallen + 2.0 * (-1.0) ** np.arange(60)
    assert not Levels(noisy).climbed(0.2)


def test_a_constant_neither_falls_nor_climbs():
    levels = Levels(np.full(50, 2.0))
    assert (levels.descent, levels.last_fall, levels.last_p) == (0.0, 0.0, 1.0)
    assert not levels.climbed(0.0)
    assert levels.has_stood_still and levels.jumped_to is None


def test_what_falls_by_a_fifth_or_at_once_has_not_stood_still():
    t = np.linspace(0, 1, 200)
    assert Levels(2 - 0.3 * t).has_stood_still
    assert not Levels(2 - 0.5 * t).has_stood_still
    assert not Levels(2 - 0.3 * np.minimum(8 * t, 1)).has_stood_still  # levelled off
    assert not Levels(np.append(5.0, np.full(199, 2.0))).has_stood_still


@pytest.mark.parametrize("factor", [1.9, 2.1])
def test_a_jump_is_above_twice_the_first_loss(factor):
    levels = Levels(np.append(1.0, np.full(99, factor)))
    assert levels.jumped_to == (factor if factor > 2 else None)
    assert levels.has_stayed_up == (factor > 2)


def test_a_jump_must_pass_the_noise_of_single_losses():
    noise = np.exp(np.random.default_rng(0).normal(size=100))
    assert Levels(np.append(1.0, 20 * noise)).jumped_to is None  # 3 sd
    assert Levels(np.append(1.0, 20_000 * noise)).jumped_to is not None


def test_a_climb_that_clears_its_noise_by_factors_counts():
    """After a jump by 1000 the losses vary as much as they are high."""
    noise = np.exp(np.random.default_rng(0).normal(size=60))
    losses = np.append(np.full(40, 1.0), 1000 * noise[:20])
    assert losses[-20:].std() > 500
    assert Levels(losses).climbed(1.0)
