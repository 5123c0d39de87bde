"""What is made of other schedules: against them, against Keras, at the joins."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from lr_finder.errors import InputError
from lr_finder.schedules import (
    constant,
    cosine,
    cosine_restarts,
    join,
    linear,
    multi_stage,
    scale,
    warmup,
    wsd,
)
from lr_finder.schedules.composition import as_schedule

from .conftest import assert_table, rates_of_keras


@pytest.mark.parametrize(
    "schedule, table",
    [
        (
            join([linear(0.0, 0.4, 4), 0.4, linear(0.4, 0.0, 4)], [4, 10]),
            {0: 0.0, 1: 0.1, 4: 0.4, 9: 0.4, 10: 0.4, 13: 0.1, 14: 0.0, 99: 0.0},
        ),
        (join([linear(0.4, 0.1, 3), 0.2], [6]), {3: 0.1, 5: 0.1, 6: 0.2}),  # held
        (scale(linear(0.4, 0.2, 2), 0.5), {0: 0.2, 1: 0.15, 2: 0.1, 3: 0.1}),
        (warmup(0.3, 3), {0: 0.0, 1: 0.1, 2: 0.2, 3: 0.3, 4: 0.3, 999: 0.3}),
        (warmup(linear(0.4, 0.0, 4), 3, 0.1), {0: 0.1, 2: 0.3, 3: 0.4, 5: 0.2}),
        (wsd(0.6, 10), {0: 0.6, 7: 0.6, 8: 0.4, 9: 0.2, 10: 0.0, 11: 0.0}),
        (
            wsd(0.6, 12, cooldown_share=0.5, warmup_steps=3, end_lr=0.3),
            {0: 0.0, 1: 0.2, 3: 0.6, 6: 0.6, 8: 0.5, 10: 0.4, 12: 0.3, 13: 0.3},
        ),
        (wsd(0.6, 6, 0.5, warmup_steps=3), {0: 0, 2: 0.4, 3: 0.6, 4: 0.4, 6: 0.0}),
        (
            multi_stage([linear(0.0, 0.4, 4), (0.4, 6), (cosine(0.4, 0.0, 6), None)]),
            {3: 0.3, 9: 0.4, 12: 0.3, 13: 0.2, 14: 0.1, 16: 0.0, 17: 0.0},
        ),
        # Cut off before its end, and held there.
        (
            multi_stage([(0.4, 2), (linear(0.4, 0.0, 4), 3)]),
            {1: 0.4, 2: 0.4, 4: 0.2, 5: 0.2, 6: 0.2},
        ),
        (  # not the peak of the next period
            multi_stage([(0.1, 3), (cosine_restarts(0.4, 0.0, 2), 4)]),
            {2: 0.1, 3: 0.4, 4: 0.2, 5: 0.4, 6: 0.2, 7: 0.2, 8: 0.2},
        ),
    ],
    ids=lambda value: repr(value)[:50],
)  # fmt: skip
def test_rates_are_those_computed_by_hand(schedule, table):
    assert_table(schedule, table)


def test_a_warm_up_and_a_cosine_are_keras(keras_schedules):
    theirs = keras_schedules.CosineDecay(
        0.02, 40, alpha=0.1, warmup_target=0.3, warmup_steps=10
    )
    ours = warmup(cosine(0.3, 0.03, 40), 10, start_lr=0.02)
    np.testing.assert_allclose(
        ours(range(60)), rates_of_keras(theirs, range(60)), rtol=1e-5, atol=1e-8
    )


def test_stages_of_constant_rates_are_keras_piecewise_constant(keras_schedules):
    theirs = keras_schedules.PiecewiseConstantDecay([9, 29], [0.4, 0.1, 0.25])
    ours = multi_stage([(0.4, 10), (0.1, 20), (0.25, None)])
    np.testing.assert_allclose(
        ours(range(60)), rates_of_keras(theirs, range(60)), rtol=1e-6
    )


@given(
    peak=st.floats(1e-6, 10.0), up=st.integers(1, 100), down=st.integers(1, 100),
    flat=st.integers(1, 100),
)  # fmt: skip
def test_no_schedule_jumps_where_its_parts_meet(peak, up, down, flat):
    total = up + flat + down
    schedules = [
        warmup(cosine(peak, 0.0, down), up),
        wsd(peak, total, cooldown_share=down / total, warmup_steps=up),
        multi_stage([linear(0.0, peak, up), (peak, flat), linear(peak, 0.0, down)]),
    ]
    for schedule in schedules:
        values = schedule(range(schedule.steps + 3))
        # A line or a cosine is nowhere steeper than pi/2 times its mean slope.
        assert abs(np.diff(values)).max() <= 1.58 * peak / min(up, down)
        assert values.max() == peak
        assert values[0] == values[-1] == 0.0
    np.testing.assert_allclose(
        schedules[1](range(total)), schedules[2](range(total)), atol=1e-12 * peak
    )


@given(
    lengths=st.lists(st.integers(1, 20), min_size=1, max_size=6),
    data=st.data(),
)
def test_a_join_is_its_parts_one_after_another(lengths, data):
    ends = st.floats(1e-3, 1.0)
    parts = [linear(data.draw(ends), data.draw(ends), n) for n in lengths]
    whole = join(parts, np.cumsum(lengths[:-1], dtype=int).tolist())
    expected = [part(range(n)) for part, n in zip(parts, lengths, strict=True)]
    np.testing.assert_array_equal(whole(range(sum(lengths))), np.concatenate(expected))
    assert whole.steps == sum(lengths)
    assert multi_stage(parts)(range(200)).tolist() == whole(range(200)).tolist()


@given(factor=st.floats(1e-3, 1e3), steps=st.integers(2, 50))
def test_to_scale_the_whole_is_to_scale_the_peak(factor, steps):
    np.testing.assert_allclose(
        scale(wsd(0.1, steps), factor)(range(steps)),
        wsd(0.1 * factor, steps)(range(steps)), rtol=1e-12, atol=1e-15 * factor,
    )  # fmt: skip


def test_functions_and_rates_are_schedules_too():
    assert as_schedule(constant(0.1)) is not None
    assert as_schedule(np.float32(0.5))(3) == 0.5
    assert join([lambda step: 0.1 + step, 7], [2])(range(4)).tolist() == [
        0.1,
        1.1,
        7,
        7,
    ]
    assert warmup(lambda step: 0.4 / (1 + step), 2)(range(4)).tolist() == [
        0.0, 0.2, 0.4, 0.2
    ]  # fmt: skip


@pytest.mark.parametrize("given", [None, "cosine", [0.1], True, dict, -0.1, 0, np.nan])
def test_what_is_no_schedule_is_refused_by_name(given):
    for make in (scale, lambda each, _: as_schedule(each, "schedule")):
        with pytest.raises(InputError, match="`schedule` must be.*Received: schedule="):
            make(given, 2.0)


@pytest.mark.parametrize(
    "call, word",
    [
        (lambda: join([], []), "`boundaries`.*at least one. Received: 0 for 0"),
        (lambda: join([0.1, 0.2], []), "one step fewer.*Received: 0 for 2"),
        (lambda: join([0.1, 0.2, 0.3], [20, 10]), "`boundaries` must rise.*20, 10"),
        (lambda: join([0.1, 0.2], [0]), "`boundaries`.*at least 1.*boundaries=0"),
        (lambda: join([0.1, "b"], [5]), "`schedules` must be a schedule.*'b'"),
        (lambda: join(0.1, [5]), "`schedules` must be a list.*schedules=0.1"),
        (lambda: scale(0.1, 0), "`factor`.*positive.*factor=0"),
        (lambda: scale(0.1, -2.0), "`factor`.*factor=-2.0"),
        (lambda: warmup(0.1, 0), "`steps`.*at least 1.*steps=0"),
        (lambda: warmup(0.1, 9, start_lr=-1), "`start_lr`.*at least 0"),
        (lambda: warmup(0.1, 9, start_lr=0.2), "`start_lr` must be less.*0.1.*0.2"),
        (lambda: wsd(-0.1, 9), "`peak_lr`.*positive"),
        (lambda: wsd(0.1, 1), "`steps`.*at least 2"),
        (lambda: wsd(0.1, 9, cooldown_share=0.0), "`cooldown_share`.*between"),
        (lambda: wsd(0.1, 9, warmup_steps=-1), "`warmup_steps`.*at least 0"),
        (lambda: wsd(0.1, 9, 0.5, warmup_steps=8), "leave room.*8 \\+ 4 of 9 steps"),
        (lambda: wsd(0.1, 9, end_lr=0.2), "`end_lr` must be at most.*end_lr=0.2"),
        (lambda: multi_stage([]), "`stages`.*at least one.*stages="),
        (lambda: multi_stage(0.1), "`stages`.*list.*stages=0.1"),
        (lambda: multi_stage([0.1]), "`stages` must hold pairs.*0.1"),
        (lambda: multi_stage([(0.1, 0)]), "`stages`.*at least 1.*stages=0"),
        (lambda: multi_stage([(-0.1, 5)]), "`stages` must be.*-0.1"),
        (lambda: multi_stage([constant(0.1), (0.2, 3)]), "every stage but the last"),
    ],
)
def test_what_breaks_a_rule_is_named_with_its_value(call, word):
    with pytest.raises(InputError, match=f"{word}.*"):
        call()
