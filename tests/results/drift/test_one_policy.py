"""What one policy came to, counted by hand."""

import math

import numpy as np

from lr_finder.analysis.drift.alarm_counts import DriftSpan
from lr_finder.results.drift.one_policy import Deployment

from .test_deployment import TRAINING


def test_steps_count_sweeps():
    trained = tuple({"at": at, **TRAINING} for at in (100, 200))
    assert Deployment("calendar", np.ones(300), (), trained).steps == 2 * (40 + 10)


def test_a_summary_without_a_change_has_no_delay():
    one = Deployment("never", np.ones(300), (50,))
    row = one.summary(None, (), before=1.0, block=20)
    assert (row["error"], row["alarms"], row["false_alarms"]) == (1.0, 1, 1)
    assert all(math.isnan(row[key]) for key in ("error_after", "delay", "recovery"))


def test_an_error_that_comes_back_recovers():
    errors = np.repeat([1.0, 5.0, 1.0], 100)
    one = Deployment("alarm", errors, (110,))
    row = one.summary(100, (DriftSpan(100, 101),), before=1.0, block=20)
    assert (row["delay"], row["recovery"], row["error_after"]) == (10, 100, 3.0)
