"""What is drawn of a deployment, read back from the artists."""

import dataclasses

import numpy as np
import pytest

from lr_finder.analysis.drift.alarm_counts import DriftSpan
from lr_finder.plots.drift.deployment_plot import (
    LOOKS,
    plot_deployment,
    policy_label,
)
from lr_finder.plots.style import new_figure

from ...results.drift.test_deployment import drift_report


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def marks_of(ax):
    return [line for line in ax.get_lines() if line.get_linestyle() == "None"]


def test_a_line_is_the_mean_of_each_block():
    made = drift_report()
    lines = lines_of(plot_deployment(made))
    for one in made.deployments:
        drawn = lines[policy_label(one.policy)]
        expected = one.errors.reshape(-1, made.block).mean(axis=1)
        np.testing.assert_allclose(drawn.get_ydata(), expected)
        assert drawn.get_xdata()[0] == made.block / 2
        assert drawn.get_color() == LOOKS[one.policy]["color"]
    assert lines["before deployment"].get_ydata()[0] == made.before


def test_alarms_and_trainings_stand_where_they_were():
    ax = plot_deployment(drift_report())
    marks = marks_of(ax)
    places = [sorted(m.get_xdata()) for m in marks if len(m.get_xdata())]
    assert sorted(places) == [[100, 650], [650], [720]]
    assert all(max(m.get_ydata(), default=-1) < 0 for m in marks)  # below the curves
    assert min(ax.get_yticks()) >= 0
    names = [text.get_text() for text in ax.figure.axes[0].get_legend().get_texts()]
    assert {"alarm raised", "trained again", "drift", "trained: never",
            "trained: after an alarm"} <= set(names)  # fmt: skip


def test_marks_leave_the_line_of_a_drift_whole():
    for line in marks_of(plot_deployment(drift_report())):
        assert line.get_markeredgecolor() != "white"
        assert (line.get_marker() == "s") == (line.get_markerfacecolor() == "none")


def test_the_model_that_is_never_trained_lies_on_top():
    lines = lines_of(plot_deployment(drift_report()))
    never, alarm = lines["trained: never"], lines["trained: after an alarm"]
    assert never.get_zorder() > alarm.get_zorder()
    assert never.get_linewidth() < alarm.get_linewidth()


@pytest.mark.parametrize(
    ("policy", "label"),
    [("calendar, from scratch, rate found",
      "trained: by calendar, from scratch, rate found"),
     ("each Monday", "trained: each Monday")],
)  # fmt: skip
def test_policies_are_named_as_such(policy, label):
    assert policy_label(policy) == label


def test_a_long_drift_is_a_band():
    made = drift_report(drifts=(DriftSpan(600, 800),))
    band, lanes = plot_deployment(made).patches
    assert lanes.get_y() < 0 == lanes.get_y() + lanes.get_height()
    assert (band.get_x(), band.get_width()) == (600, 200)


def test_where_the_failing_began_is_marked_if_no_drift_is_known():
    lines = lines_of(plot_deployment(drift_report(drifts=None)))
    assert lines["began to fail"].get_xdata()[0] == 600


def test_the_title_says_the_finding_and_dates_stand_below():
    made = drift_report(times=[f"2024-01-{n:04} 10:00" for n in range(1200)])
    ax = plot_deployment(made, new_figure().subplots())
    assert str(made) in ax.get_title().replace("\n", " ")
    assert ax.get_xticklabels()[0].get_text() == "2024-01-00"
    assert len(ax.get_xticks()) == 5
    narrow = plot_deployment(made, new_figure(4.9, 4.7).subplots())
    assert len(narrow.get_xticks()) <= 3


def test_a_stream_without_a_name_is_not_named():
    made = dataclasses.replace(drift_report(), name="stream")
    title = plot_deployment(made).get_title()
    assert title.startswith("The model began to fail")


def test_errors_of_classes_are_drawn_in_percent():
    made = drift_report()
    shares = type(made)(
        tuple(type(one)(one.policy, one.errors / 10) for one in made.deployments),
        0.1, 100, "classification",
    )  # fmt: skip
    assert lines_of(plot_deployment(shares))["trained: never"].get_ydata()[
        -1
    ] == pytest.approx(30)
