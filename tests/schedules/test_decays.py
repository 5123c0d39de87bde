"""Decays: rates computed by hand, Keras' own classes, and what always holds."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from lr_finder.errors import InputError
from lr_finder.schedules import (
    constant,
    cosine,
    exponential,
    inverse_time,
    linear,
    polynomial,
    step,
)

from .conftest import assert_table, rates_of_keras

STEPS = range(60)
ROUNDING = {"rtol": 2e-6, "atol": 1e-9}  # Keras computes in float32
rates = st.floats(1e-12, 1e3)
lengths = st.integers(1, 300)
BETWEEN = {
    "exponential": exponential,
    "linear": linear,
    "cosine": cosine,
    "polynomial": polynomial,
    "root": lambda start, end, steps: polynomial(start, end, steps, power=0.5),
}


@pytest.mark.parametrize(
    "schedule, table",
    [
        (constant(0.3), {0: 0.3, 1: 0.3, 10**9: 0.3}),
        (step(0.8, 10), {0: 0.8, 9: 0.8, 10: 0.08, 20: 0.008}),
        (step(0.8, 10, factor=0.5), {9: 0.8, 10: 0.4, 29: 0.2, 30: 0.1}),
        (step(0.8, [5, 7, 20], 0.5), {4: 0.8, 5: 0.4, 7: 0.2, 20: 0.1, 999: 0.1}),
        (exponential(1.0, 1e-4, 4), {0: 1.0, 1: 0.1, 2: 0.01, 4: 1e-4, 5: 1e-4}),
        (exponential(0.5, 2.0, 2), {0: 0.5, 1: 1.0, 2: 2.0, 3: 2.0}),
        (inverse_time(0.6, 0.5), {0: 0.6, 1: 0.4, 2: 0.3, 4: 0.2, 10: 0.1}),
        (inverse_time(0.6, 1.0, 100), {0: 0.6, 99: 0.6, 100: 0.3, 199: 0.3, 200: 0.2}),
        (polynomial(0.9, 0.1, 4), {0: 0.9, 1: 0.55, 2: 0.3, 3: 0.15, 4: 0.1, 9: 0.1}),
        (polynomial(0.4, 0.0, 4, power=0.5), {0: 0.4, 3: 0.2, 4: 0.0}),
        (polynomial(0.2, 0.5, 2), {0: 0.2, 1: 0.425, 2: 0.5}),
        (linear(0.9, 0.1, 4), {0: 0.9, 1: 0.7, 2: 0.5, 3: 0.3, 4: 0.1, 5: 0.1}),
        (linear(0.0, 0.6, 3), {0: 0.0, 1: 0.2, 2: 0.4, 3: 0.6, 4: 0.6}),
        (cosine(0.8, 0.0, 6), {0: 0.8, 2: 0.6, 3: 0.4, 4: 0.2, 6: 0.0, 7: 0.0}),
        (cosine(0.1, 0.5, 6), {0: 0.1, 2: 0.2, 3: 0.3, 4: 0.4, 6: 0.5, 7: 0.5}),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_rates_are_those_computed_by_hand(schedule, table):
    assert_table(schedule, table)


def test_a_step_decay_is_keras_exponential_in_stairs(keras_schedules):
    theirs = keras_schedules.ExponentialDecay(0.3, 7, 0.6, staircase=True)
    np.testing.assert_allclose(
        step(0.3, 7, factor=0.6)(STEPS), rates_of_keras(theirs, STEPS), **ROUNDING
    )


def test_steps_one_by_one_are_keras_piecewise_constant(keras_schedules):
    theirs = keras_schedules.PiecewiseConstantDecay([9, 29], [0.4, 0.2, 0.1])
    np.testing.assert_allclose(
        step(0.4, [10, 30], factor=0.5)(STEPS), rates_of_keras(theirs, STEPS),
        **ROUNDING,
    )  # fmt: skip


def test_an_exponential_is_keras(keras_schedules):
    theirs = keras_schedules.ExponentialDecay(0.3, 59, 0.01)
    np.testing.assert_allclose(
        exponential(0.3, 0.003, 59)(STEPS), rates_of_keras(theirs, STEPS), **ROUNDING
    )


@pytest.mark.parametrize("interval, staircase", [(None, False), (7, True)])
def test_inverse_time_is_keras(keras_schedules, interval, staircase):
    theirs = keras_schedules.InverseTimeDecay(0.3, interval or 1, 0.2, staircase)
    np.testing.assert_allclose(
        inverse_time(0.3, 0.2, interval)(STEPS), rates_of_keras(theirs, STEPS),
        **ROUNDING,
    )  # fmt: skip


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("end", [0.0, 0.02])
def test_a_polynomial_is_keras_after_its_end_too(keras_schedules, power, end):
    theirs = rates_of_keras(
        keras_schedules.PolynomialDecay(0.3, 40, end, power=power), STEPS
    )
    # At the very end 1 - i / steps has few digits left in float32.
    tolerance = {"rtol": 2e-5, "atol": 1e-7}
    np.testing.assert_allclose(
        polynomial(0.3, end, 40, power=power)(STEPS), theirs, **tolerance
    )
    if power == 1:
        np.testing.assert_allclose(linear(0.3, end, 40)(STEPS), theirs, **tolerance)


@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_a_cosine_is_keras_after_its_end_too(keras_schedules, alpha):
    theirs = keras_schedules.CosineDecay(0.3, 40, alpha=alpha)
    np.testing.assert_allclose(
        cosine(0.3, 0.3 * alpha, 40)(STEPS), rates_of_keras(theirs, STEPS),
        rtol=1e-5, atol=1e-8,
    )  # fmt: skip


@given(start=rates, end=rates, steps=lengths, name=st.sampled_from(sorted(BETWEEN)))
def test_both_ends_are_exact_and_the_way_between_never_turns(start, end, steps, name):
    schedule = BETWEEN[name](start, end, steps)
    values = schedule(range(steps + 2))
    assert (values[0], values[steps], values[steps + 1]) == (start, end, end)
    moves = np.diff(values) * (1 if end >= start else -1)
    assert (moves >= -1e-12 * max(start, end)).all()
    slack = 1e-12 * max(start, end)
    assert values.min() >= min(start, end) - slack
    assert values.max() <= max(start, end) + slack


@given(start=rates, end=rates, steps=lengths)
def test_the_way_down_is_the_way_up_backwards(start, end, steps):
    for name in ("exponential", "linear", "cosine"):
        down = BETWEEN[name](start, end, steps)(range(steps + 1))
        up = BETWEEN[name](end, start, steps)(range(steps + 1))
        # The small end has what the large one leaves of 16 digits.
        np.testing.assert_allclose(down, up[::-1], rtol=1e-9, atol=1e-14 * max(down))


@given(start=rates, factor=st.floats(0.01, 0.99), every=st.integers(1, 20))
def test_drops_at_equal_distances_are_two_ways_to_say_one_thing(start, factor, every):
    drops = [every * k for k in range(1, 5)]
    steps = range(5 * every)
    np.testing.assert_allclose(
        step(start, every, factor)(steps), step(start, drops, factor)(steps)
    )


@given(start=rates, decay=st.floats(1e-6, 10.0), interval=st.integers(1, 50))
def test_stairs_meet_the_smooth_decay_where_they_begin(start, decay, interval):
    stairs = inverse_time(start, decay, interval)
    smooth = inverse_time(start, decay)
    for k in range(4):
        at = stairs(range(k * interval, (k + 1) * interval))
        np.testing.assert_allclose(at, smooth(k))


ENDS = [exponential, linear, cosine, polynomial]


@pytest.mark.parametrize("shape", ENDS)
@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf, "0.1", None, True, 1e39])
def test_a_rate_that_is_none_is_refused_by_name(shape, value):
    for name, arguments in {"start_lr": (value, 0.1), "end_lr": (0.1, value)}.items():
        with pytest.raises(InputError, match=f"`{name}` must be .*rate.*{name}="):
            shape(*arguments, 10)


@pytest.mark.parametrize("shape", ENDS)
@pytest.mark.parametrize("steps", [0, -5, 2.5, None, True])
def test_a_length_that_is_none_is_refused_by_name(shape, steps):
    with pytest.raises(InputError, match=f"`steps`.*at least 1.*steps={steps!r}"):
        shape(0.1, 0.01, steps)


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: constant(0), "`lr` must be a positive, finite learning rate.*lr=0"),
        (lambda: constant(-1.0), "`lr`.*lr=-1.0"),
        (lambda: step(0.0, 10), "`start_lr`.*positive"),
        (lambda: step(0.1, 0), "`every`.*at least 1.*every=0"),
        (lambda: step(0.1, [30, 20]), "`every` must rise"),
        (lambda: step(0.1, "30"), "`every`.*whole number"),
        (lambda: step(0.1, 10, factor=0), "`factor`.*between 0 and 1"),
        (lambda: step(0.1, 10, factor=1), "`factor`.*between 0 and 1"),
        (lambda: exponential(0.1, 0.0, 10), "`end_lr`.*positive"),
        (lambda: exponential(0.0, 0.1, 10), "`start_lr`.*positive"),
        (lambda: cosine(0.0, 0.1, 10), "`start_lr`.*positive"),
        (lambda: polynomial(0.0, 0.1, 10), "`start_lr`.*positive"),
        (lambda: polynomial(0.1, 0.0, 10, power=0), "`power`.*positive.*power=0"),
        (lambda: linear(0.0, 0.0, 10), "`start_lr`.*positive"),
        (lambda: inverse_time(0.0, 1.0), "`start_lr`"),
        (lambda: inverse_time(0.1, 0.0), "`decay_rate`.*positive, finite number"),
        (lambda: inverse_time(0.1, 1.0, 0), "`time_interval`.*at least 1"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_value(call, word):
    with pytest.raises(InputError, match=f"{word}.*"):
        call()
