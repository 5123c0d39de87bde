"""Policies by name and by number of rows."""

import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.drift.policies import RetrainingPolicy, as_policies

from .test_streams import X, Y, make_stream


def test_rows_suit_the_stream():
    stream = make_stream(X, Y)
    calendar = RetrainingPolicy("calendar").resolved(stream)
    assert (calendar.every, calendar.window) == (50, stream.n_trained)
    alarm = RetrainingPolicy("alarm").resolved(stream)
    assert (alarm.wait, alarm.window) == (25, 25)
    own = RetrainingPolicy("alarm", wait=0, window=300).resolved(stream)
    assert (own.wait, own.window) == (0, 300)


def test_labels_tell_policies_apart():
    labels = [
        RetrainingPolicy(when, start, rate).label
        for when in ("calendar", "alarm")
        for start in ("warm", "scratch")
        for rate in ("kept", "found")
    ]
    assert len(set(labels)) == 8 and "alarm, from scratch, rate found" in labels
    assert RetrainingPolicy("never", "scratch").label == "never"


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("weekly", "never, calendar, alarm"),
        ("calendar=0", "at least 1"),
        ("calendar=soon", "whole number"),
        ("alarm=5", "whole number"),
        ([], "one policy or several"),
        (["alarm", RetrainingPolicy("alarm", wait=5)], "each once"),
    ],
)
def test_what_is_no_policy_is_refused(policy, words):
    with pytest.raises(InputError, match=words):
        as_policies(policy)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"start": "cold"}, "warm, scratch"), ({"rate": "low"}, "kept, found"),
     ({"wait": -1}, "at least 0"), ({"window": 1}, "at least 2")],
)  # fmt: skip
def test_what_no_training_can_do_is_refused(values, words):
    with pytest.raises(InputError, match=words):
        RetrainingPolicy("alarm", **values)
