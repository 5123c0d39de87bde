"""Gradients and updates drawn, read back from the artists."""

import dataclasses

import numpy as np
import pytest

from lr_finder._text import format_rate
from lr_finder.analysis.training.record import LayerNorms, TrainingRecord
from lr_finder.errors import InputError
from lr_finder.plots.training.stability import plot_gradient_norms, plot_update_ratios

from ..conftest import assert_legend_is_outside, labels, make_record


def test_each_layer_has_its_line_over_the_batches_measured(record):
    ax = plot_gradient_norms(record)
    assert labels(ax) == ["layer_0", "layer_1", "layer_2"]
    for place, drawn in enumerate(ax.lines):
        np.testing.assert_array_equal(drawn.get_xdata(), record.layers.batches + 1)
        np.testing.assert_allclose(drawn.get_ydata(), 10.0**-place)
    assert ax.get_yscale() == "log"
    assert_legend_is_outside(ax)


def test_the_usual_ratio_is_marked(record):
    ax = plot_update_ratios(record)
    assert labels(ax)[0] == "usual (1e-3)"
    assert set(ax.lines[0].get_ydata()) == {1e-3}
    np.testing.assert_allclose(ax.lines[2].get_ydata(), 1e-4)
    assert_legend_is_outside(ax)


def test_of_many_layers_five_from_first_to_last_are_drawn():
    ax = plot_gradient_norms(make_record(layers=21))
    assert labels(ax) == [f"layer_{i}" for i in (0, 5, 10, 15, 20)]
    assert "5 of 21" in ax.get_title()
    looks = {(str(x._dash_pattern), x.get_marker()) for x in ax.lines}
    assert len(looks) == 5


def with_norms(norms):
    """A record whose gradients are these: (measured, layers)."""
    record = make_record(layers=np.shape(norms)[1])
    layers = dataclasses.replace(
        record.layers, gradient_norms=np.array(norms, float),
        batches=np.arange(len(norms)),
    )  # fmt: skip
    return dataclasses.replace(record, layers=layers)


@pytest.mark.parametrize(
    ("norms", "title"),
    [
        (np.ones((9, 1)) * [1, 3],
         "Median gradients of all layers lie within a factor of 3"),
        (np.ones((9, 1)) * [0.002, 1],
         "The median gradient of layer_1 is 500 times that of layer_0"),
        (np.geomspace(1, 400, 20)[:, None] * [1, 2],
         "Gradients grow 290 times from the first tenth to the last"),
        (np.zeros((9, 2)), "No gradient is above zero"),
    ],
)  # fmt: skip
def test_the_title_says_whether_gradients_vanish_or_explode(norms, title):
    ax = plot_gradient_norms(with_norms(norms))
    assert " ".join(ax.get_title().split()) == title


def test_the_title_says_how_large_updates_are(record):
    title = plot_update_ratios(record).get_title()
    low, high = map(format_rate, record.layers.update_ratios[0, [-1, 0]])
    assert title == (
        f"A layer's median update is {low} to {high} of its weights; 1e-3 is usual"
    )
    record.layers.update_ratios[:] = 2e-3
    title = plot_update_ratios(record).get_title()
    assert title == "A layer's median update is 2e-3 of its weights; 1e-3 is usual"


def test_the_title_is_true_of_the_points_drawn():
    """Its ends are medians, so that half the points of a layer may lie beyond."""
    record, rng = make_record(layers=4), np.random.default_rng(1)
    ratios = 1e-3 * np.exp(rng.normal(size=(6, 4)) + np.arange(4))
    layers = dataclasses.replace(record.layers, update_ratios=ratios)
    ax = plot_update_ratios(dataclasses.replace(record, layers=layers))
    medians = [np.median(line.get_ydata()) for line in ax.lines[1:]]
    low, high = format_rate(min(medians)), format_rate(max(medians))
    assert ax.get_title().startswith(f"A layer's median update is {low} to {high} of")


def test_a_norm_of_zero_leaves_a_gap(record):
    record.layers.gradient_norms[2, 1] = 0
    drawn = plot_gradient_norms(record).lines[1].get_ydata()
    assert np.isnan(drawn).nonzero()[0].tolist() == [2]


def test_a_record_without_gradients_is_refused():
    for plot in (plot_gradient_norms, plot_update_ratios):
        with pytest.raises(InputError, match="gradients_every=10"):
            plot(make_record(layers=0))


def test_gradients_that_were_not_measured_are_told():
    steps, nothing = np.arange(20), np.full((20, 1), np.nan)
    layers = LayerNorms(steps, ["dense"], nothing, np.full((20, 1), 1e-3))
    ax = plot_gradient_norms(TrainingRecord({"loss": np.ones(20)}, layers=layers))
    assert "No gradient was measured" in ax.get_title(loc="left") + ax.get_title()
    gradients = np.where(np.arange(20) < 18, 2.0, np.nan)[:, None]  # none at the end
    layers = LayerNorms(steps, ["dense"], gradients, np.full((20, 1), 1e-3))
    ax = plot_gradient_norms(TrainingRecord({"loss": np.ones(20)}, layers=layers))
    assert "within a factor of 1" in ax.get_title(loc="left") + ax.get_title()
