"""All panels in one figure, and nothing drawn that was not recorded."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.analysis.training.pattern_definitions import pattern_of
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.plots.training.before_after import plot_before_after
from lr_finder.plots.training.distributions import plot_distribution, plot_drift
from lr_finder.plots.training.overview import plot_training
from lr_finder.plots.training.rates import plot_rates

from ..conftest import make_record


def titles(figure):
    return [ax.get_title() for ax in figure.axes]


def test_four_panels_answer_whether_a_training_is_healthy(record):
    """Of all that was recorded: the rest are calls of their own."""
    figure = plot_training(record)
    assert [" ".join(title.split()) for title in titles(figure)] == [
        "Best validation loss 0.5 in epoch 3 of 3",
        "The learning rate is 0.1 throughout",
        "The median gradient of layer_0 is 100 times that of layer_2",
        "A layer's median update is 1e-5 to 1e-3 of its weights; 1e-3 is usual",
    ]
    assert plt.get_fignums() == []


def test_batches_are_counted_from_one_in_every_figure(record):
    figure = plot_training(record)
    for ax in [
        *figure.axes,
        plot_rates({0.1: record}),
        plot_before_after(record, record),
        plot_drift(record.distributions),
        plot_distribution(record.distributions[0]),
    ]:
        drawn = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) > 2]
        assert min(min(x) for x in drawn) == 1 and max(max(x) for x in drawn) <= 60
        whole = [x for x in drawn if len(x) == 60]
        assert all(list(x) == list(range(1, 61)) for x in whole)
        assert "batch" in ax.get_xlabel()
    classes = plot_distribution(record.distributions[1])
    assert classes.get_xlim() == (0.5, 60.5)


@pytest.mark.parametrize(
    ("losses", "title", "panel"),
    [
        (
            np.ones(5), "Too short to be judged: 5 losses, and a pattern needs 12",
            "Loss from 1 to 1 in 5 batches",
        ),
        (
            [1.0], "Too short to be judged: 1 loss, and a pattern needs 12",
            "Loss from 1 to 1 in 1 batch",
        ),
        (
            [np.nan] * 20, "No loss is a finite number",
            "The loss is no finite number from batch 1 on",
        ),
    ],
)  # fmt: skip
def test_what_was_not_recorded_is_left_out(losses, title, panel):
    figure = plot_training(TrainingRecord({"loss": losses}))
    assert titles(figure) == [panel]
    assert figure.get_suptitle() == title


def test_a_training_of_no_finite_loss_is_drawn_without_patterns():
    figure = plot_training(TrainingRecord({"loss": [np.nan] * 20}))
    assert "no finite loss from batch 1 on" in figure.axes[0].texts[0].get_text()


@pytest.mark.parametrize("layers", [0, 3])
def test_the_title_says_the_finding_and_what_to_do(layers):
    figure = plot_training(make_record(np.linspace(2, 1, 60), layers))
    text = " ".join(figure.get_suptitle().split())
    assert text.startswith("Rate too low. ") and "raise the rate" in text
    figure.draw_without_rendering()
    extent = figure._suptitle.get_window_extent()
    assert (
        0 <= extent.x0 and extent.x1 <= figure.bbox.x1 and extent.y1 <= figure.bbox.y1
    )


def test_further_patterns_are_named_after_the_first(record):
    patterns = [pattern_of(name, {}) for name in ("over-fitting", "converging")]
    text = plot_training(record, patterns=patterns).get_suptitle()
    assert text.startswith("Over-fitting. Keep the weights")
    assert text.endswith("Also: converging.")


def test_every_legend_fits_its_panel_and_names_every_line(record):
    figure = plot_training(record)
    figure.draw_without_rendering()
    for ax in figure.axes:
        legend, panel = ax.get_legend().get_window_extent(), ax.get_tightbbox()
        assert ax.bbox.x0 - 40 < legend.x0 and legend.x1 < ax.bbox.x1 + 40
        assert legend.width <= panel.width
        looks = {(line.get_color(), line.get_linewidth()) for line in ax.lines}
        named = {
            (line.get_color(), line.get_linewidth())
            for line in ax.get_legend().get_lines()
        }
        assert looks == named
        assert ax.title.get_fontsize() == figure.axes[0].title.get_fontsize()


def test_no_two_panels_overlap(record):
    figure = plot_training(record)
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert not one.padded(-2).overlaps(other.padded(-2))
