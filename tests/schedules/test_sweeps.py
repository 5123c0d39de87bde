"""Schedules against NumPy's own sequences, and their ends."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from lr_finder.errors import InputError
from lr_finder.schedules.sweeps import SWEEPS, rates_between, sweep_rates

rates = st.floats(1e-12, 1e3)


@given(start=rates, factor=st.floats(1.001, 1e6), steps=st.integers(2, 300))
def test_exponential_has_equal_factors_and_exact_ends(start, factor, steps):
    schedule = sweep_rates("exponential", start, start * factor, steps)
    values = np.array([schedule(step) for step in range(steps)])
    assert values[0] == start
    assert values[-1] == pytest.approx(start * factor, rel=1e-12)
    expected = start * factor ** (np.arange(steps) / (steps - 1))
    np.testing.assert_allclose(values, expected, rtol=1e-9)


@given(start=rates, width=st.floats(1e-3, 1e3), steps=st.integers(2, 300))
def test_linear_has_equal_increments_and_exact_ends(start, width, steps):
    schedule = sweep_rates("linear", start, start + width, steps)
    values = np.array([schedule(step) for step in range(steps)])
    expected = start + width * np.arange(steps) / (steps - 1)
    np.testing.assert_allclose(values, expected, rtol=1e-9)
    assert values[-1] == start + width


@pytest.mark.parametrize("name", SWEEPS)
def test_both_sweeps_rise_and_give_plain_floats(name):
    schedule = sweep_rates(name, 1e-7, 10.0, 200)
    values = [schedule(step) for step in range(200)]
    assert values == sorted(set(values))
    assert all(type(value) is float for value in values)


@pytest.mark.parametrize(
    "start, end, steps, word",
    [
        (0.0, 1.0, 10, "start_lr"),
        (-1.0, 1.0, 10, "start_lr"),
        (float("nan"), 1.0, 10, "start_lr"),
        (0.1, float("inf"), 10, "end_lr"),
        (0.1, 0.1, 10, "start_lr"),
        (0.2, 0.1, 10, "start_lr"),
        (0.1, 0.2, 1, "steps"),
        (0.1, 0.2, 2.5, "steps"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_value(start, end, steps, word):
    with pytest.raises(InputError, match=f"`{word}`.*Received"):
        sweep_rates("linear", start, end, steps)


@given(start=rates, factor=st.floats(1.001, 1e6), steps=st.integers(2, 300))
def test_the_rates_of_a_sweep_are_those_of_numpy_to_the_last_bit(start, factor, steps):
    """So that a sweep that was saved is repeated with the very same rates."""
    for name, sequence in {"exponential": np.geomspace, "linear": np.linspace}.items():
        schedule = sweep_rates(name, start, start * factor, steps)
        values = [schedule(step) for step in range(steps)]
        assert values == sequence(start, start * factor, steps).tolist()


@given(low=st.floats(1e-8, 1), factor=st.floats(1.2, 1e6), density=st.integers(1, 5))
def test_the_rates_of_a_grid_rise_by_about_equal_factors(low, factor, density):
    grid = rates_between(low, low * factor, density)
    assert (grid[0], grid[-1]) == (low, low * factor)
    n = max(2, round(density * np.log10(factor)) + 1)
    exact = np.geomspace(low, low * factor, n)
    inside = [rate for rate in grid if low < rate < low * factor]
    for rate in inside:  # two digits
        assert np.abs(np.log(exact / rate)).min() < 0.06


def test_a_grid_from_high_to_low_is_refused():
    with pytest.raises(InputError, match="less than"):
        rates_between(1.0, 0.1)
