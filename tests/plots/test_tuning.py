"""What is drawn of a tuning, read back from the artists."""

import numpy as np
import pytest

from lr_finder.plots.tuning import LOOKS, plot_tuning

from ..results.test_tuning import tuning


def test_a_line_ends_at_the_mean_of_the_seeds():
    made = tuning()
    ax = plot_tuning(made)
    ends = made.best_when_paid([made.budget]).set_index("method")["mean"]
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert set(lines) == set(made.methods)
    for method, line in lines.items():
        assert line.get_ydata()[-1] == pytest.approx(ends[method])
        assert line.get_color() == LOOKS[method]["color"]
        assert (np.diff(line.get_ydata()) <= 1e-12).all()
    assert ax.get_title().replace("\n", " ") == str(made)


def test_the_trials_of_one_search_are_drawn_where_they_ended():
    made = tuning(methods=("random",))
    one = type(made)(
        made.trials[made.trials["seed"] == 0], made.space, made.training_steps, 4
    )
    points = next(
        line for line in plot_tuning(one).get_lines() if line.get_label() == "trial"
    )
    frame = one.to_frame()
    shown = frame[frame["paid"].isin(points.get_xdata())]
    assert set(points.get_ydata()) == set(shown["loss"])
    assert np.isfinite(points.get_ydata()).all() and len(points.get_xdata()) >= 2
