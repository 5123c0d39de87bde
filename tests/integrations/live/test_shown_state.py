"""The state that a live view shows, from numbers alone."""

import numpy as np
import pytest

from lr_finder.analysis.training.patterns import recognize_patterns
from lr_finder.integrations.live.shown_state import (
    ShownState,
    course_of,
    reading_in_words,
)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_the_time_left_is_by_the_pace_so_far(clock):
    state = ShownState(clock=clock, epochs=10, batches=20)
    assert state.seconds_left() is None
    state.begin_epoch(1)
    clock.now, state.batch = 5.0, 10  # a twentieth in 5 s
    assert state.seconds_left() == pytest.approx(95.0)
    state.begin_epoch(10)
    state.batch = 20
    assert state.share_done == 1.0 and state.seconds_left() is None


def test_a_training_that_is_resumed_counts_from_where_it_begins(clock):
    state = ShownState(clock=clock, epochs=10, batches=20)
    clock.now = 100.0  # before the first epoch: compiling, say
    state.begin_epoch(6)
    clock.now, state.batch = 103.0, 20  # a tenth of all in 3 s, four tenths left
    assert state.seconds_left() == pytest.approx(12.0)


def test_batches_that_are_not_known_are_after_the_first_epoch(clock):
    state = ShownState(clock=clock, epochs=2)
    state.begin_epoch(1)
    state.batch = 7
    assert state.share_done == 0.0 and state.seconds_left() is None
    state.end_epoch({"loss": 1.0})
    clock.now = 7.0
    state.begin_epoch(2)
    state.batch = 7
    assert state.batches == 7 and state.share_done == 1.0


def test_the_median_is_that_of_the_latest_losses():
    state = ShownState()
    assert np.isnan(state.median)
    state.losses = [1e9] * 50 + list(range(50))
    assert state.median == np.median(range(50))


def test_the_pattern_is_that_which_the_losses_show_first(clock):
    state = ShownState(clock=clock)
    state.losses = list(2 - 0.005 * np.arange(11))
    assert state.pattern() == ""  # too few
    state.losses = list(2 - 0.005 * np.arange(200))
    assert state.pattern() == recognize_patterns(state.losses)[0].name == "rate too low"
    state.losses += [np.nan]
    assert state.pattern() == "rate too low"  # not judged at each loss
    assert state.pattern(is_urgent=True) == "diverging"
    assert ShownState("sweep", losses=list(range(99))).pattern() == ""


def test_a_course_is_of_medians_between_0_and_1():
    losses = np.exp(-np.linspace(0, 3, 400))
    course = course_of([*losses, np.nan, np.inf], 40)
    np.testing.assert_allclose(course, np.linspace(1, 0, 40), atol=1e-9)
    assert course_of([-1.0, 1.0], 40) == [0.0, 1.0]  # no logarithms
    assert course_of([2.0, 2.0], 40) == [0.0, 0.0]
    assert course_of([np.nan], 40) == []


@pytest.mark.parametrize(
    "name, value, said",
    [
        ("update_ratio", 0.00123, "1.2e-3"),
        ("gradient_norm", 45.6, "46"),
        ("dead_units", 0.125, "12.5 %"),
        ("noise_scale", 1234.0, "hints at batches of about 1,200"),
        ("noise_scale", 0.2, "hints at batches of about 1"),
        ("noise_scale", np.inf, "hidden by the noise: hints at larger batches"),
        ("curvature", 18.25, "18.2"),
    ],
)
def test_readings_are_told_in_words(name, value, said):
    assert reading_in_words(name, value) == said
