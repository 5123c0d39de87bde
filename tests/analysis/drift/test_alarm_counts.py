"""Alarms beside drifts of known time, counted by hand."""

import pytest

from lr_finder.analysis.drift.alarm_counts import DriftSpan, count_alarms

SUDDEN, GRADUAL = DriftSpan(100, 101), DriftSpan(100, 300)


@pytest.mark.parametrize(
    ("alarms", "drifts", "trained", "delays", "false"),
    [
        ([], [SUDDEN], [], (None,), 0),
        ([50], [], [], (), 1),
        ([50, 120], [SUDDEN], [], (20,), 1),
        ([120, 130], [SUDDEN], [], (20,), 0),  # the model is as out of date as before
        ([100], [SUDDEN], [], (0,), 0),
        ([120, 200, 290], [GRADUAL], [], (20,), 0),  # it still goes on
        ([120, 200, 400], [GRADUAL], [], (20,), 0),  # and went on since the alarm
        ([120, 310, 400], [GRADUAL], [], (20,), 0),
        ([120, 310, 400], [GRADUAL], [305], (20,), 2),
        ([160], [SUDDEN], [150], (60,), 1),  # the model was trained on what is new
        ([90, 160], [SUDDEN], [95], (60,), 1),
        ([120, 520], [SUDDEN, DriftSpan(500, 501)], [], (20, 20), 0),
        ([520], [SUDDEN, DriftSpan(500, 501)], [], (None, 20), 0),
    ],
)
def test_alarms_are_counted(alarms, drifts, trained, delays, false):
    counts = count_alarms(alarms, drifts, trained)
    assert (counts.delays, counts.false) == (delays, false)


def test_the_order_of_alarms_does_not_matter():
    assert count_alarms([300, 50, 120], [SUDDEN]) == count_alarms(
        [50, 120, 300], [SUDDEN]
    )
