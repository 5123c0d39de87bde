"""The map drawn: what its cells, numbers, frames and title hold."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lr_finder.plots.generalization.gap_map import plot_generalization
from lr_finder.plots.style import new_figure
from lr_finder.results.generalization.generalization import GeneralizationResult

from ...conftest import make_gap_frames


@pytest.fixture(scope="module")
def study():
    return GeneralizationResult(*make_gap_frames(), "digits")


def frames_of(ax):
    return [each for each in ax.patches if isinstance(each, Rectangle)]


def test_cells_are_the_gaps_of_the_table(study):
    ax = plot_generalization(study)
    gaps = study.gaps().pivot(index="variant", columns="rate", values="gap")
    drawn = np.asarray(ax.images[0].get_array())
    np.testing.assert_allclose(drawn, gaps.loc[list(study.variants)])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["none", "L2 0.1"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["1e-3", "1e-2", "0.1"]


def test_a_number_is_that_of_its_cell(study):
    ax = plot_generalization(study)
    first = ax.texts[0]
    assert first.get_text() == "0.10\n(0.35)" and first.get_position() == (0, 0)


def test_the_frame_is_at_the_best_rate_by_validation(study):
    runs = study.runs.copy()
    runs.loc[runs["rate"] == "0.01", "val_loss"] = 0.0
    ax = plot_generalization(GeneralizationResult(runs, study.epochs))
    middles = [frame.get_center() for frame in frames_of(ax)]
    np.testing.assert_allclose(middles[::2], [(1, 0), (1, 1)])  # white beneath orange
    np.testing.assert_allclose(middles[1::2], middles[::2])


def test_cells_without_a_run_say_so(study):
    runs = study.runs.copy()
    runs.loc[runs["rate"] == "0.1", "test_loss"] = np.nan
    ax = plot_generalization(GeneralizationResult(runs, study.epochs))
    assert [text.get_text() for text in ax.texts].count("–") == 2
    lost = GeneralizationResult(runs.assign(test_loss=np.nan), study.epochs)
    ax = plot_generalization(lost)
    assert ax.get_title() == "No gap is known" and not frames_of(ax)


def test_the_title_says_the_finding(study):
    assert " ".join(plot_generalization(study).get_title().split()) == (
        "Lowest framed test loss: 0.311, L2 0.1 at 1e-3; the gap is 0.06 to 0.30"
    )
    ax = plot_generalization(study, at_loss=0.75)
    assert " ".join(ax.get_title().split()) == (
        "When the training loss reaches 0.75, the gap is 0.06 to 0.30"
    )
    assert not frames_of(ax)  # the best rate is one of whole trainings
    title = plot_generalization(study, at_loss=0.1).get_title()
    assert title == "No gap is known"


def test_it_draws_on_axes_that_are_given(study):
    ax = new_figure().subplots()
    assert plot_generalization(study, ax) is ax
    assert study.plot(ax) is ax
