"""A study drawn: what the lines, the boxes and the marks hold."""

import numpy as np
import pytest

from lr_finder.plots.stability import plot_stability
from lr_finder.plots.style import new_figure
from lr_finder.results.stability.result import StabilityResult

from ..conftest import make_study_frames
from .conftest import assert_legend_is_outside


def drawn(**options):
    study = StabilityResult(*make_study_frames(**options), "digits")
    return study, plot_stability(study)


def test_a_line_is_the_mean_of_what_did_not_diverge():
    study, ax = drawn()
    first = ax.lines[0]
    own = study.shares().query("variant == 'shallow'")
    np.testing.assert_allclose(first.get_xdata(), own["learning_rate"])
    np.testing.assert_allclose(first.get_ydata(), own["loss"])
    assert np.isnan(first.get_ydata()[-1])  # all diverged
    assert ax.get_xscale() == "log"


def test_a_mean_of_a_few_survivors_is_not_drawn():
    runs, epochs = make_study_frames(models=["shallow"])
    lost = (runs["learning_rate"] == 1.0) & (runs["seed"] > 1)
    study = StabilityResult(
        runs.assign(outcome=runs["outcome"].where(~lost, "diverged")), epochs
    )
    assert study.shares()["loss"].notna().sum() == 3
    assert np.isfinite(plot_stability(study).lines[0].get_ydata()).sum() == 2


def test_boxes_are_filled_as_far_as_runs_are_lost():
    study, ax = drawn()
    (strip,) = ax.child_axes
    widths = []
    for part in strip.collections:
        x = np.log10(part.get_paths()[0].vertices[:, 0])
        widths.append(np.ptp(x))
    full, lost, diverged = np.reshape(widths, (-1, 3)).T
    shares = study.shares()
    np.testing.assert_allclose(lost / full, shares["lost"], atol=1e-12)
    np.testing.assert_allclose(diverged / full, shares["diverged"], atol=1e-12)


def test_two_over_curvature_is_marked_where_the_table_has_it():
    study, ax = drawn()
    upright = [
        line for line in ax.lines if line.get_transform() == ax.get_xaxis_transform()
    ]
    marked = [line.get_xdata()[0] for line in upright]
    assert sorted(marked) == pytest.approx(sorted(study.limits()["stable_rate"]))


def test_the_title_says_how_far_it_converges():
    _, ax = drawn()
    title = " ".join(ax.get_title().split())
    assert title == "Converges (median seed): shallow up to 1; deep up to 0.1"
    _, many = drawn(models=list("abcde"), rates=[0.01, 0.1, 1.0, 3.0, 10.0, 30.0])
    assert "of 150 runs diverged or got stuck" in " ".join(many.get_title().split())


def test_the_legend_names_what_is_there():
    _, ax = drawn()
    told = [text.get_text() for text in ax.get_legend().get_texts()]
    assert told[:2] == ["shallow", "deep"]
    assert "2 / curvature at the start" in told and "share that diverged" in told
    assert_legend_is_outside(ax)
    runs, epochs = make_study_frames(models=["shallow"], rates=[0.1])
    calm = StabilityResult(runs.assign(outcome="converged", stable_rate=np.nan,
                                       final_loss=0.1), epochs)  # fmt: skip
    told = plot_stability(calm).get_legend().get_texts()
    assert [text.get_text() for text in told] == ["sgd"]


def test_it_draws_on_axes_that_are_given():
    ax = new_figure().subplots()
    study = StabilityResult(*make_study_frames())
    assert plot_stability(study, ax, legend=False) is ax
    assert ax.get_legend() is None
