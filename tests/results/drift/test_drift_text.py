"""The sentences of a deployment."""

import dataclasses

import numpy as np
import pytest

from lr_finder.analysis.drift.alarm_counts import DriftSpan
from lr_finder.results.drift.deployment import DriftReport
from lr_finder.results.drift.drift_text import shown_error
from lr_finder.results.drift.one_policy import Deployment

from .test_deployment import TRAINING, deployments, drift_report

SILENT = "the monitor raised no alarm from then on"


def test_the_three_questions_are_answered():
    failing, warned, costs, best = drift_report().sentences()
    assert failing == (
        "the model began to fail at row 600: its mean error was 1 before deployment "
        "and 3 from then on"
    )
    assert warned == (
        "the monitor raised an alarm 50 rows after the drift at row 600, at row 650; "
        "one alarm came before, at row 100"
    )
    assert costs == (
        "the error from the drift on is: never, 3; alarm, 1.48 (1 training, 0.5 times "
        "the cost of the first)"
    )
    assert best == (
        "training again by the policy 'alarm' would have removed 51 % of the error"
    )


def test_silence_is_told():
    never = dataclasses.replace(deployments()[0], alarms=())
    made = DriftReport((never,), 1.0, 10, "regression")
    assert made.sentences()[1:] == [SILENT]
    steady = Deployment("never", np.ones(400))
    made = DriftReport((steady,), 1.0, 10, "regression")
    assert made.sentences()[1:] == ["the monitor raised no alarm"]
    warned = dataclasses.replace(steady, alarms=(30,))
    told = DriftReport((warned,), 1.0, 10, "regression").sentences()[1]
    assert told == "the monitor raised one alarm all the same, at row 30"
    warned = dataclasses.replace(steady, alarms=(30, 90))
    told = DriftReport((warned,), 1.0, 10, "regression").sentences()[1]
    assert told == "the monitor raised 2 alarms all the same, the first at row 30"


def test_rows_count_from_the_drift_and_not_from_the_block_in_which_it_fails():
    """The failing is known to a block of rows, a known drift to the row."""
    errors = np.where(np.arange(1200) < 610, 1.0, 3.0)
    never = Deployment("never", errors, (20, 40, 639))
    made = DriftReport((never,), 1.0, 10, "regression", (DriftSpan(610, 611),))
    failing, warned = made.sentences()
    assert made.failing_since != 610 and f"row {made.failing_since}" in failing
    assert warned == (
        "the monitor raised an alarm 29 rows after the drift at row 610, at row 639; "
        "2 alarms came before, the first at row 20"
    )


def test_if_no_drift_is_known_rows_count_from_the_failing():
    made = drift_report(drifts=None)
    _, warned, costs, _ = made.sentences()
    assert warned == (
        "the monitor raised an alarm 50 rows later, at row 650; one alarm came before, "
        "at row 100"
    )
    assert costs.startswith("the error from row 600 on is: never, 3;")


def test_several_drifts_count_from_the_first():
    spans = (DriftSpan(600, 601), DriftSpan(900, 901))
    _, warned, costs, _ = drift_report(drifts=spans).sentences()
    assert "50 rows after the first drift at row 600" in warned
    assert costs.startswith("the error from the first drift on is:")
    silent = dataclasses.replace(deployments()[0], alarms=(30,))
    made = DriftReport((silent,), 1.0, 10, "regression", spans)
    assert made.sentences()[1] == (
        "the monitor raised no alarm after the first drift at row 600; one alarm came "
        "before, at row 30"
    )


def test_no_gain_is_told():
    never, _ = deployments()
    same = Deployment("alarm", never.errors, (), ({"at": 700, **TRAINING},))
    made = DriftReport((never, same), 1.0, 10, "regression")
    assert made.sentences()[-1] == "training again bought nothing here"


def test_trouble_of_trainings_is_told_once():
    never, alarm = deployments()
    rows = tuple({"at": n, **TRAINING, "message": "no rate found"} for n in (700, 900))
    made = DriftReport(
        (never, dataclasses.replace(alarm, trainings=rows)), 1.0, 10, "regression"
    )
    assert made.sentences()[-1] == "in 2 trainings: no rate found"


def test_shares_are_told_in_percent_and_dates_as_such():
    wrong = Deployment("never", np.repeat([0.1, 0.6], 600), (700,))
    times = [f"2024-{n:04}" for n in range(1200)]
    made = DriftReport((wrong,), 0.1, 10, "classification", times=times)
    assert str(made) == (
        "the model began to fail at 2024-0600: its share of wrong answers was 10 % "
        "before deployment and 60 % from then on"
    )


@pytest.mark.parametrize(
    ("error", "task", "shown"),
    [(0.5, "classification", "50 %"), (1234.5, "regression", "1,234"),
     (0.001234, "regression", "0.00123")],
)  # fmt: skip
def test_errors_are_shown_for_people(error, task, shown):
    assert shown_error(error, task) == shown
