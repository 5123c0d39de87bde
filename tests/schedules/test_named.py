"""Schedules by name: each is the call it stands for, and spans the training."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.schedules import constant, cosine, linear, one_cycle, warmup, wsd
from lr_finder.schedules.named import (
    DEFAULT,
    IN_WORDS,
    NAMED,
    check_name,
    schedule_label,
    spanning,
)

CALLS = {
    "constant": lambda lr, n: constant(lr),
    "linear": lambda lr, n: linear(lr, 0.0, n),
    "cosine": lambda lr, n: cosine(lr, 0.0, n),
    "warmup_cosine": lambda lr, n: warmup(cosine(lr, 0.0, n - n // 20), n // 20),
    "one_cycle": lambda lr, n: one_cycle(lr, n),
    "wsd": lambda lr, n: wsd(lr, n),
}


def test_every_name_has_an_oracle_and_words():
    assert set(CALLS) == set(NAMED) == set(IN_WORDS)


def test_the_words_are_true():
    rates = {name: spanning(name, 1.0, 1000) for name in NAMED}
    assert rates["wsd"](699) == 1.0 > rates["wsd"](710)  # the last 30 %
    assert rates["wsd"](850) == pytest.approx(0.5)
    assert rates["warmup_cosine"](50) == 1.0 > rates["warmup_cosine"](49)  # 5 %
    assert rates["cosine"](500) == rates["linear"](500) == pytest.approx(0.5)
    for name in set(NAMED) - {"constant", "one_cycle"}:
        assert rates[name](1000) == pytest.approx(0.0, abs=1e-12)
    assert 0 < rates["one_cycle"](1000) < 1e-3


@pytest.mark.parametrize("name", NAMED)
def test_a_name_stands_for_its_call(name):
    steps = np.arange(1100)
    np.testing.assert_array_equal(
        spanning(name, 0.02, 1000)(steps), CALLS[name](0.02, 1000)(steps)
    )


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("steps", [1, 2, 3, 10, 1001])
def test_the_given_rate_is_the_highest_in_any_training(name, steps):
    rates = spanning(name, 0.3, steps)(range(steps + 1))
    assert rates.min() >= 0
    if steps >= 10:
        assert rates.max() == pytest.approx(0.3, rel=0.01 if steps == 10 else 1e-5)
    else:
        assert rates.max() <= 0.3


def test_a_schedule_is_scaled_to_the_rate_and_keeps_its_length():
    scaled = spanning(linear(4.0, 1.0, 30), 0.2, 100)
    at = np.arange(100)
    np.testing.assert_allclose(scaled(at), 0.05 * linear(4.0, 1.0, 30)(at), rtol=1e-15)
    assert scaled.steps == 30


def test_a_schedule_that_has_the_rate_is_taken_as_it_is():
    schedule = cosine(0.1, 0.0, 50)
    assert spanning(schedule, 0.1, 50) is schedule


def test_only_rates_that_the_training_reaches_count():
    rising = linear(0.1, 1.0, 100)
    reached = rising(49)
    assert spanning(rising, 0.5, 50)(49) == pytest.approx(0.5)
    assert spanning(rising, 0.5, 50)(0) == pytest.approx(0.5 * 0.1 / reached)


def test_a_plain_function_or_rate_is_a_shape_too():
    assert spanning(lambda step: 1 / (1 + step), 0.2, 10)(1) == pytest.approx(0.1)
    assert spanning(7.0, 0.2, 10)(3) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "given, said",
    [
        ("cosin", "must be one of 'default', 'constant'.*Received: schedule='cosin'"),
        (3j, "Argument `schedule` must be a schedule"),
        (lambda step: 0.0, "must be above 0 in some step"),
        (cosine, "function of one argument, the step. Received: cosine.start_lr"),
        (lambda: 3.0, "function of one argument"),
    ],
)
def test_what_is_no_schedule_is_refused(given, said):
    with pytest.raises(InputError, match=said):
        spanning(given, 0.1, 10)


def test_the_argument_is_named():
    with pytest.raises(InputError, match="Argument `--schedule`"):
        check_name("x", "--schedule")


def test_the_default_is_one_of_the_names():
    steps = range(1000)
    expected = spanning(DEFAULT, 0.02, 1000)(steps)
    np.testing.assert_array_equal(spanning("default", 0.02, 1000)(steps), expected)
    assert check_name("default") == DEFAULT and "default" not in NAMED


@pytest.mark.parametrize(
    "given, label",
    [
        ("default", DEFAULT),
        ("one_cycle", "one_cycle"),
        ("constant", None),
        (None, None),
        (cosine(0.01, 0.0, 500), "cosine(0.01, 0, 500)"),
        (np.sqrt, "sqrt"),
    ],
)
def test_what_a_schedule_is_called(given, label):
    assert schedule_label(given) == label


@pytest.mark.parametrize("given", ["cosin", 3j, True])
def test_what_is_no_schedule_has_no_label(given):
    with pytest.raises(InputError, match="Argument `schedule` must be"):
        schedule_label(given)
