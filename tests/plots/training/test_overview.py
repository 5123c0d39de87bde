"""All panels in one figure, and nothing drawn that was not recorded."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.analysis.training.pattern_definitions import pattern_of
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.plots.training.overview import plot_training

from ..conftest import make_record


def titles(figure):
    return [ax.get_title() for ax in figure.axes]


def test_four_panels_answer_whether_a_training_is_healthy(record):
    """Of all that was recorded: the rest are calls of their own."""
    figure = plot_training(record)
    assert titles(figure) == [
        "Loss of batches and epochs",
        "Learning rate",
        "Gradient norm of each layer",
        "Update of each layer by its weights",
    ]
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("losses", "title"),
    [
        (np.ones(5), "Too short to be judged: 5 losses, and a pattern needs 12"),
        ([np.nan] * 20, "No loss is a finite number"),
    ],
)
def test_what_was_not_recorded_is_left_out(losses, title):
    figure = plot_training(TrainingRecord({"loss": losses}))
    assert titles(figure) == ["Loss of batches and epochs"]
    assert figure.get_suptitle() == title


def test_a_training_of_no_finite_loss_is_drawn_without_patterns():
    figure = plot_training(TrainingRecord({"loss": [np.nan] * 20}))
    assert "no finite loss from batch 0 on" in figure.axes[0].texts[0].get_text()


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


def test_no_two_panels_overlap(record):
    figure = plot_training(record)
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert not one.padded(-2).overlaps(other.padded(-2))
