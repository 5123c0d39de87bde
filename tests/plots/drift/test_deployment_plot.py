"""What is drawn of a deployment, read back from the artists."""

import numpy as np
import pytest

from lr_finder.analysis.drift.alarm_counts import DriftSpan
from lr_finder.plots.drift.deployment_plot import LOOKS, plot_deployment
from lr_finder.plots.style import new_figure

from ...results.drift.test_deployment import drift_report


def lines_of(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_a_line_is_the_mean_of_each_block():
    made = drift_report()
    lines = lines_of(plot_deployment(made))
    for one in made.deployments:
        drawn = lines[one.policy]
        expected = one.errors.reshape(-1, made.block).mean(axis=1)
        np.testing.assert_allclose(drawn.get_ydata(), expected)
        assert drawn.get_xdata()[0] == made.block / 2
        assert drawn.get_color() == LOOKS[one.policy]["color"]
    assert lines["before deployment"].get_ydata()[0] == made.before


def test_alarms_and_trainings_stand_where_they_were():
    ax = plot_deployment(drift_report())
    marks = [line for line in ax.get_lines() if line.get_linestyle() == "None"]
    places = [sorted(m.get_xdata()) for m in marks if len(m.get_xdata())]
    assert sorted(places) == [[100, 650], [650], [720]]
    assert all(max(m.get_ydata(), default=-1) < 0 for m in marks)  # below the curves
    assert min(ax.get_yticks()) >= 0
    names = [text.get_text() for text in ax.figure.axes[0].get_legend().get_texts()]
    assert {"alarm raised", "trained again", "drift", "never"} <= set(names)


def test_a_long_drift_is_a_band():
    made = drift_report(drifts=(DriftSpan(600, 800),))
    (band,) = plot_deployment(made).patches
    assert (band.get_x(), band.get_width()) == (600, 200)


def test_where_the_failing_began_is_marked_if_no_drift_is_known():
    lines = lines_of(plot_deployment(drift_report(drifts=None)))
    assert lines["began to fail"].get_xdata()[0] == 600


def test_the_title_says_the_finding_and_dates_stand_below():
    made = drift_report(times=[f"2024-01-{n:04} 10:00" for n in range(1200)])
    ax = plot_deployment(made, new_figure().subplots())
    assert str(made) in ax.get_title().replace("\n", " ")
    assert ax.get_xticklabels()[0].get_text() == "2024-01-00"


def test_errors_of_classes_are_drawn_in_percent():
    made = drift_report()
    shares = type(made)(
        tuple(type(one)(one.policy, one.errors / 10) for one in made.deployments),
        0.1, 100, "classification",
    )  # fmt: skip
    assert lines_of(plot_deployment(shares))["never"].get_ydata()[-1] == pytest.approx(
        30
    )
