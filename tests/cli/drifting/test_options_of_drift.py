"""Policies as they are typed."""

import pytest

from lr_finder.cli.drifting.options_of_drift import check_policies, policies_of
from lr_finder.errors import InputError


def test_policies_take_the_other_options():
    calendar, alarm = policies_of(
        "calendar=500, alarm", start="scratch", rate="found", wait=7, learn_from=90
    )
    assert (calendar.when, calendar.every, alarm.every) == ("calendar", 500, None)
    assert (alarm.start, alarm.rate, alarm.wait, alarm.window) == (
        "scratch", "found", 7, 90,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", "weekly", "calendar=0", "alarm=3", "never,"])
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(InputError, match="--policy"):
        check_policies(text)
