"""Reports of deployments made by hand: what they came to, kept and read back."""

import dataclasses
import json
import math

import numpy as np
import pytest

from lr_finder.analysis.drift.alarm_counts import DriftSpan
from lr_finder.errors import InputError
from lr_finder.results.drift.deployment import DriftReport
from lr_finder.results.drift.one_policy import Deployment

TRAINING = {"rows": 100, "learning_rate": 0.01, "steps": 40, "sweep_steps": 10,
            "seconds": 1.0, "message": ""}  # fmt: skip


def deployments(start=600, rows=1200, after=3.0):
    """Errors of 1 that rise; one policy trains at 720, and is back."""
    never = np.where(np.arange(rows) < start, 1.0, after)
    alarm = never.copy()
    alarm[720:] = 1.1
    return (
        Deployment("never", never, (100, 650)),
        Deployment("alarm", alarm, (650,), ({"at": 720, **TRAINING},)),
    )


SUDDEN = (DriftSpan(600, 601),)


def drift_report(drifts=SUDDEN, **known):
    return DriftReport(deployments(), 1.0, 100, "regression", drifts, "made", **known)


def test_the_summary_by_hand():
    never, alarm = drift_report().summary().to_dict("records")
    assert (never["error"], never["error_after"]) == (2.0, 3.0)
    assert alarm["error_after"] == pytest.approx((120 * 3 + 480 * 1.1) / 600)
    assert (never["delay"], alarm["delay"]) == (50, 50)
    assert (never["false_alarms"], alarm["false_alarms"]) == (1, 0)
    assert (never["paid"], alarm["paid"]) == (0.0, 0.5)
    assert math.isnan(never["recovery"]) and alarm["recovery"] == 120


def test_drifts_that_are_not_known_count_from_the_failing():
    made = drift_report(drifts=None)
    assert made.failing_since == made.changed_at == 600
    assert made.summary()["false_alarms"].isna().all()
    assert made.summary()["delay"].tolist() == [50, 50]


def test_a_model_that_holds_has_no_error_after():
    steady = Deployment("never", np.ones(400))
    made = DriftReport((steady,), 1.0, 10, "regression")
    assert made.failing_since is None and math.isnan(made.summary()["error_after"][0])
    assert "did not begin to fail" in str(made)


def test_what_follows_a_training_tells_of_another_model():
    only = DriftReport(deployments()[1:], 1.0, 100, "regression")
    assert only.failing_since == 600
    early = dataclasses.replace(
        deployments()[1], trainings=({"at": 500, **TRAINING},)
    )  # fmt: skip
    assert DriftReport((early,), 1.0, 100, "regression").failing_since is None


def test_the_frames_hold_each_row():
    made = drift_report(times=[f"day {n}" for n in range(1200)])
    frame = made.to_frame()
    assert len(frame) == 2400 and frame["time"][1] == "day 1"
    alarms = frame[(frame["policy"] == "never") & frame["is_alarm"]]
    assert alarms["row"].tolist() == [100, 650]
    assert frame[frame["is_training"]]["row"].tolist() == [720]
    levels = made.levels()
    assert levels.groupby("policy")["error"].mean()["never"] == pytest.approx(2.0)
    assert made.trainings()["at"].tolist() == [720]


def test_it_is_read_back_as_it_was_kept(tmp_path):
    made = drift_report(times=[str(n) for n in range(1200)], about={"seed": 3})
    made.deployments[0].errors[7] = np.inf
    same = DriftReport.load(made.save(tmp_path / "deployment.json"))
    assert same.to_dict() == made.to_dict()
    for one, other in zip(same.deployments, made.deployments, strict=True):
        np.testing.assert_array_equal(one.errors, other.errors)
        assert one.alarms == other.alarms and one.trainings == other.trainings


def test_json_takes_what_it_says():
    told = json.loads(json.dumps(drift_report().to_dict()))
    assert told["drifts"] == [{"start": 600, "end": 601}]
    assert told["summary"][0]["recovery"] is None


@pytest.mark.parametrize("content", ["", "{}", '{"deployments": []}', "[1]"])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "deployment.json").write_text(content)
    with pytest.raises(InputError, match="DriftReport.save"):
        DriftReport.load(tmp_path / "deployment.json")


@pytest.mark.parametrize("lengths", [(), (5, 6), (0,)])
def test_deployments_of_other_lengths_are_refused(lengths):
    given = tuple(Deployment("never", np.ones(n)) for n in lengths)
    with pytest.raises(InputError, match="equal length"):
        DriftReport(given, 1.0, 10, "regression")
