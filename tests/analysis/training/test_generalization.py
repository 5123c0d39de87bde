"""Crossings and widths against closed forms."""

import math

import numpy as np
import pytest

from lr_finder.analysis.training.generalization import (
    epoch_of_loss,
    good_rates,
    value_at_epoch,
)
from lr_finder.errors import InputError


def test_a_level_on_a_line_is_reached_where_algebra_says():
    losses = 3.0 - 0.25 * np.arange(1, 9)  # of the epoch e: 3 - e / 4
    for level in (2.6, 2.0, 1.1):
        assert epoch_of_loss(losses, level) == pytest.approx(4 * (3 - level))


def test_the_first_crossing_counts():
    assert epoch_of_loss([2.0, 1.0, 3.0, 0.0], 1.5) == 1.5


@pytest.mark.parametrize(
    ("losses", "expected"),
    [([0.5, 0.4], 1.0), ([2.0, 1.5], math.nan), ([2.0, math.nan, 0.1], math.nan),
     ([2.0, 0.5, math.inf], 1 + 2 / 3), ([1.0], 1.0), ([math.nan], math.nan)],
)  # fmt: skip
def test_levels_at_the_ends(losses, expected):
    assert epoch_of_loss(losses, 1.0) == pytest.approx(expected, nan_ok=True)


def test_a_value_is_read_at_the_same_moment():
    losses = [2.0, 1.0, 0.5]
    epoch = epoch_of_loss(losses, 0.7)
    assert value_at_epoch(losses, epoch) == pytest.approx(0.7)
    assert math.isnan(value_at_epoch(losses, math.nan))


@pytest.mark.parametrize("tolerance", [0.1, 0.5])
def test_a_parabola_is_as_wide_as_its_formula(tolerance):
    rates = np.logspace(-5, -1, 401)
    found = good_rates(rates, 1 + (np.log10(rates) + 3) ** 2, tolerance)
    assert found.decades == pytest.approx(2 * math.sqrt(tolerance), rel=1e-3)
    assert math.sqrt(found.low * found.high) == pytest.approx(1e-3, rel=1e-3)
    assert not found.is_open


def test_the_width_does_not_change_with_the_unit_of_the_loss():
    rates, losses = [1e-4, 1e-3, 1e-2, 1e-1], np.array([3.0, 1.0, 1.02, 2.0])
    assert good_rates(rates, losses) == good_rates(rates, 1000 * losses)


def test_a_second_valley_does_not_count():
    found = good_rates([1e-4, 1e-3, 1e-2, 1e-1], [1.0, 5.0, 1.05, 5.0])
    assert found.is_open and found.low == pytest.approx(1e-4)
    assert found.high < 1e-3


def test_a_range_is_open_where_the_rates_end_and_closed_where_runs_are_lost():
    rates = [1e-3, 1e-2, 1e-1]
    assert good_rates(rates, [1.0, 1.0, 2.0]).is_open
    closed = good_rates(rates, [9.0, 1.0, math.inf])
    assert not closed.is_open and closed.high == pytest.approx(1e-2)
    with pytest.raises(InputError, match="finite"):
        good_rates(rates, [math.nan] * 3)
