"""Cycles: rates computed by hand, Keras' restarts, and what always holds."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from lr_finder.errors import InputError
from lr_finder.schedules import cosine, cosine_restarts, one_cycle, triangular

from .conftest import assert_table, rates_of_keras


@pytest.mark.parametrize(
    "schedule, table",
    [
        (cosine_restarts(0.8, 0.0, 6), {0: 0.8, 2: 0.6, 3: 0.4, 6: 0.8, 9: 0.4}),
        (
            cosine_restarts(0.9, 0.1, 6, growth=2, shrink=0.5),
            {0: 0.9, 3: 0.5, 6: 0.5, 12: 0.3, 18: 0.3, 30: 0.2, 42: 0.2, 66: 0.15},
        ),
        (cosine_restarts(0.8, 0.0, 4, growth=1.5), {4: 0.8, 7: 0.4, 10: 0.8}),
        (
            triangular(0.1, 0.5, 8),
            {0: 0.1, 1: 0.2, 4: 0.5, 6: 0.3, 8: 0.1, 12: 0.5, 80: 0.1, 84: 0.5},
        ),
        (triangular(0.0, 0.3, 3), {0: 0.0, 1: 0.2, 2: 0.2, 3: 0.0}),
        (
            triangular(0.1, 0.5, 8, mode="triangular2"),
            {0: 0.1, 4: 0.5, 8: 0.1, 12: 0.3, 16: 0.1, 20: 0.2, 22: 0.15},
        ),
        (
            triangular(0.1, 0.5, 4, mode="exponential_range", gamma=0.5),
            {0: 0.1, 1: 0.2, 2: 0.2, 3: 0.125, 4: 0.1, 6: 0.1 + 0.4 / 64},
        ),
        (
            one_cycle(0.5, 12, warmup_share=0.5),
            {0: 0.02, 2: 0.14, 3: 0.26, 4: 0.38, 6: 0.5, 9: 0.2500025, 12: 5e-6},
        ),
        (one_cycle(0.1, 2), {0: 0.004, 1: 0.1, 2: 1e-6}),
    ],
    ids=lambda value: repr(value)[:50],
)  # fmt: skip
def test_rates_are_those_computed_by_hand(schedule, table):
    assert_table(schedule, table)


@pytest.mark.parametrize(
    "growth, shrink, alpha", [(1.0, 1.0, 0.0), (2.0, 1.0, 0.1), (1.5, 0.8, 0.0)]
)
def test_restarts_are_keras(keras_schedules, growth, shrink, alpha):
    theirs = keras_schedules.CosineDecayRestarts(
        0.3, 10, t_mul=growth, m_mul=shrink, alpha=alpha
    )
    ours = cosine_restarts(0.3, 0.3 * alpha, 10, growth, shrink)
    starts = np.cumsum([0, *(10 * growth ** np.arange(8))])
    # At a restart Keras' float32 may not have seen that the period is over.
    steps = [i for i in range(120) if abs(starts - i).min() > 1e-9 or i == 0]
    np.testing.assert_allclose(
        ours(steps), rates_of_keras(theirs, steps), rtol=1e-4, atol=1e-6
    )


@given(
    period=st.integers(1, 40),
    growth=st.sampled_from([1.0, 1.25, 2.0, 3.0]),
    shrink=st.floats(0.1, 1.0),
)
def test_every_period_begins_high_and_falls(period, growth, shrink):
    rate = cosine_restarts(0.5, 0.1, period, growth, shrink)
    begin = 0.0
    for k in range(4):
        length = period * growth**k
        first = int(np.ceil(begin - 1e-9))
        if abs(first - begin) < 1e-9:
            assert rate(first) == pytest.approx(0.1 + 0.4 * shrink**k)
        inside = rate(np.arange(first, int(np.ceil(begin + length - 1e-9))))
        assert (np.diff(inside) <= 0).all()
        begin += length


def test_the_first_period_is_a_cosine():
    np.testing.assert_array_equal(
        cosine_restarts(0.3, 0.01, 50)(range(50)), cosine(0.3, 0.01, 50)(range(50))
    )


@given(
    low=st.floats(0, 1), width=st.floats(0.01, 10), period=st.integers(2, 50),
    mode=st.sampled_from(["triangular", "triangular2", "exponential_range"]),
)  # fmt: skip
def test_a_cycle_stays_between_its_rates_and_returns_to_the_low_one(
    low, width, period, mode
):
    gamma = 0.9 if mode == "exponential_range" else None
    rate = triangular(low, low + width, period, mode, gamma)
    values = rate(range(6 * period))
    assert (values >= low - 1e-12).all() and (values <= low + width + 1e-12).all()
    np.testing.assert_allclose(values[::period], low, rtol=1e-9, atol=1e-12)
    if mode == "triangular":
        np.testing.assert_allclose(values[:period], values[-period:])
    else:
        peaks = values.reshape(6, period).max(axis=1) - low
        assert (np.diff(peaks) < 0).all()


@given(
    peak=st.floats(1e-6, 10), steps=st.integers(2, 300), share=st.floats(0.01, 0.99)
)  # fmt: skip
def test_one_cycle_rises_once_and_falls_once(peak, steps, share):
    values = one_cycle(peak, steps, warmup_share=share)(range(steps + 1))
    top = int(np.argmax(values))
    assert values[top] == peak and 1 <= top <= steps - 1
    assert abs(top - share * steps) <= 1
    assert (np.diff(values[: top + 1]) > 0).all() and (np.diff(values[top:]) < 0).all()
    assert values[0] == pytest.approx(peak / 25)
    assert values[-1] == pytest.approx(peak / 1e5)


def test_one_cycle_scales_with_its_peak():
    np.testing.assert_allclose(
        one_cycle(0.1, 70)(range(71)) * 3, one_cycle(0.3, 70)(range(71))
    )


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: cosine_restarts(0.1, 0.0, 0), "`period`.*at least 1.*period=0"),
        (lambda: cosine_restarts(0.0, 0.0, 9), "`start_lr`.*positive"),
        (lambda: cosine_restarts(0.1, 0.2, 9), "`end_lr` must be at most `start_lr`"),
        (lambda: cosine_restarts(0.1, 0.0, 9, growth=0.5), "growth=0.5"),
        (lambda: cosine_restarts(0.1, 0.0, 9, growth=0), "`growth`.*growth=0"),
        (lambda: cosine_restarts(0.1, 0.0, 9, shrink=1.5), "shrink=1.5"),
        (lambda: cosine_restarts(0.1, 0.0, 9, shrink=-1), "`shrink`.*shrink=-1"),
        (lambda: triangular(0.1, 0.1, 9), "`low_lr` must be less than `high_lr`"),
        (lambda: triangular(-0.1, 0.1, 9), "`low_lr`.*at least 0"),
        (lambda: triangular(0.1, np.inf, 9), "`high_lr`.*finite"),
        (lambda: triangular(0.1, 0.2, 1), "`period`.*at least 2.*period=1"),
        (lambda: triangular(0.1, 0.2, 9, mode="square"), "`mode`.*mode='square'"),
        (lambda: triangular(0.1, 0.2, 9, gamma=0.9), "`gamma`.*gamma=0.9"),
        (lambda: triangular(0.1, 0.2, 9, "exponential_range"), "`gamma`.*gamma=None"),
        (
            lambda: triangular(0.1, 0.2, 9, "exponential_range", 1.5),
            "`gamma`.*between 0 and 1",
        ),
        (lambda: one_cycle(0.0, 9), "`peak_lr`.*positive"),
        (lambda: one_cycle(0.1, 1), "`steps`.*at least 2"),
        (lambda: one_cycle(0.1, 9, warmup_share=1.0), "`warmup_share`.*between"),
        (lambda: one_cycle(0.1, 9, start_divisor=0.5), "`start_divisor`.*at least 1"),
        (lambda: one_cycle(0.1, 9, end_divisor=0), "`end_divisor`.*end_divisor=0"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_value(call, word):
    with pytest.raises(InputError, match=f"{word}.*"):
        call()
