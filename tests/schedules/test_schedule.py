"""The record of a schedule: length, text, value after the end, checks."""

import dataclasses

import numpy as np
import pytest

import lr_finder.schedules as s
from lr_finder.errors import InputError
from lr_finder.schedules.schedule import (
    Schedule,
    call_text,
    check_boundaries,
    of_function,
    told_if_shorter,
)

# Every schedule there is, by the call that its text is, and how long it is.
TEXTS = {
    "constant(0.1)": None,
    "step(0.1, 30)": None,
    "step(0.1, [30, 80], factor=0.5)": None,
    "exponential(0.1, 1e-5, 90)": 90,
    "inverse_time(0.1, 0.5)": None,
    "inverse_time(0.1, 0.5, time_interval=10)": None,
    "polynomial(0.1, 0, 90)": 90,
    "polynomial(0.1, 0, 90, power=0.5)": 90,
    "linear(0, 0.1, 90)": 90,
    "cosine(0.1, 0, 90)": 90,
    "cosine_restarts(0.1, 0, 30)": None,
    "cosine_restarts(0.1, 0, 30, growth=1.5, shrink=0.9)": None,
    "triangular(0.01, 0.1, 20)": None,
    "triangular(0.01, 0.1, 20, mode='exponential_range', gamma=0.99)": None,
    "one_cycle(0.1, 90)": 90,
    "one_cycle(0.1, 90, warmup_share=0.3, end_divisor=1e4)": 90,
    "wsd(0.1, 90)": 90,
    "wsd(0.1, 90, cooldown_share=0.2, warmup_steps=9, end_lr=0.01)": 90,
    "join([linear(0, 0.1, 10), constant(0.1)], [10])": None,
    "join([constant(0.1), cosine(0.1, 0, 30)], [60])": 90,
    "scale(cosine(0.1, 0, 90), 2)": 90,
    "scale(constant(0.1), 0.5)": None,
    "warmup(cosine(0.1, 0, 80), 10)": 90,
    "warmup(constant(0.1), 10, start_lr=0.01)": None,
    "multi_stage([(constant(0.1), 70), linear(0.1, 0.05, 20)])": 90,
    "multi_stage([(constant(0.1), 80), constant(0.01)])": None,
}  # fmt: skip


@pytest.fixture(params=TEXTS)
def text(request):
    return request.param


@pytest.fixture
def schedule(text):
    return eval(text, vars(s))


def test_its_text_is_the_call_that_makes_it(text, schedule):
    again = eval(repr(schedule), vars(s))
    assert again == schedule
    np.testing.assert_array_equal(again(range(120)), schedule(range(120)))
    assert "." not in repr(schedule).replace("0.", "").replace("1.5", "")  # 0.0, 90.0


def test_each_text_reads_as_it_is_written(text, schedule):
    written = text.replace("1e4", "10000")
    assert repr(schedule) == written


def test_its_length_is_known(text, schedule):
    assert schedule.steps == TEXTS[text]


def test_rates_are_plain_floats_from_0_to_finite(schedule):
    for step in (0, 1, np.int64(7), 10_000):
        rate = schedule(step)
        assert type(rate) is float and 0 <= rate <= 0.2
    assert max(schedule(range(120))) >= 0.05


def test_an_array_of_steps_gives_the_same_bits_as_each_step(schedule):
    steps = np.arange(120).reshape(40, 3)
    rates = schedule(steps)
    assert rates.shape == (40, 3) and rates.dtype == float
    one_by_one = [[schedule(int(step)) for step in row] for row in steps]
    np.testing.assert_array_equal(rates, one_by_one)
    assert schedule([]).shape == (0,)


def test_after_its_end_the_last_value_holds(schedule):
    if schedule.steps is not None:
        last = schedule(schedule.steps)
        assert set(schedule(range(schedule.steps, 200))) == {last}
        assert schedule(schedule.steps - 1) != last


def test_every_maker_is_in_the_table():
    made = {text.partition("(")[0] for text in TEXTS}
    assert made == set(s.__all__) - {"Schedule"}


def test_the_public_names_are_these():
    assert s.__all__ == sorted(s.__all__)
    assert set(s.__all__) == {
        "Schedule", "constant", "cosine", "cosine_restarts", "exponential",
        "inverse_time", "join", "linear", "multi_stage", "one_cycle", "polynomial",
        "scale", "step", "triangular", "warmup", "wsd",
    }  # fmt: skip


def test_it_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        s.constant(0.1).steps = 3


@pytest.mark.parametrize("step", [-1, np.nan, "a", None, True, [3, -2], [1, [2]]])
def test_what_is_no_step_is_refused(step):
    told = "`step` must be a number, at least 0, .*Received: step=.*counted from 0"
    with pytest.raises(InputError, match=told):
        s.linear(0.1, 0.0, 3)(step)


def test_a_number_is_told_without_zeros_that_say_nothing():
    assert call_text(s.wsd, 1.0, 5.0, end_lr=1e-05, warmup_steps=0) == (
        "wsd(1, 5, end_lr=1e-5)"
    )
    assert call_text(s.constant, np.float64(0.1)) == "constant(0.1)"
    assert call_text(s.constant, 1 / 3) == f"constant({1 / 3!r})"


def test_a_function_of_ones_own_is_a_schedule_without_an_end():
    def halving(step):
        assert type(step) is int
        return 0.4 * 0.5**step

    schedule = of_function(halving)
    assert (repr(schedule), schedule.steps) == ("halving", None)
    assert schedule([0, 1, 3]).tolist() == [0.4, 0.2, 0.05]


@pytest.mark.parametrize("rate", [-0.1, np.nan, np.inf, "0.1", None, 1e39])
def test_what_a_function_gives_is_checked(rate):
    with pytest.raises(InputError, match="at least 0.*Received: .* for step 3"):
        of_function(lambda step: 0.1 if step < 3 else rate)(range(9))


def test_a_schedule_of_keras_is_a_function_too(keras_schedules):
    theirs = keras_schedules.CosineDecay(0.1, 10)
    schedule = of_function(theirs)
    assert repr(schedule) == "CosineDecay"
    assert schedule(5) == pytest.approx(0.05, rel=1e-6)


def test_a_schedule_is_shorter_if_the_last_step_lies_behind_its_end():
    schedule = s.linear(0.1, 0.0, 10)
    assert told_if_shorter(schedule, 10) == told_if_shorter(schedule, 11) == ""
    assert told_if_shorter(s.constant(0.1), 10**6) == ""
    text = told_if_shorter(schedule, 1200, "epoch")
    assert "ends after 10 epochs, the training after 1,200" in text
    assert "stays at 0." in text and "Give the schedule 1,200 epochs." in text


@pytest.mark.parametrize("values", [[30, 10], [10, 10]])
def test_boundaries_rise(values):
    with pytest.raises(InputError, match="`at` must rise.*Received: at="):
        check_boundaries("at", values)


@pytest.mark.parametrize("values", [[0], [-3, 5], [2.5], [True, 3], ["3"]])
def test_boundaries_are_whole_steps_after_the_first(values):
    with pytest.raises(InputError, match="`at` must be a whole number, at least 1"):
        check_boundaries("at", values)


def test_a_schedule_is_compared_by_what_it_says():
    assert s.linear(0.1, 0, 5) == s.linear(0.1, 0.0, 5) != s.linear(0.1, 0.0, 6)
    assert len({s.constant(0.1), s.constant(0.1)}) == 1
    assert isinstance(s.constant(0.1), Schedule)
