"""All panels in one figure, and nothing drawn that was not recorded."""

import matplotlib.pyplot as plt
import numpy as np

from lr_finder.analysis.records import TrainingRecord
from lr_finder.plots.overview import plot_training

from .conftest import make_record


def titles(figure):
    return [ax.get_title() for ax in figure.axes]


def test_everything_recorded_has_its_panel(record):
    rates = {0.1: make_record(), 1.0: make_record()}
    figure = plot_training(record, rates=rates, before=record)
    assert titles(figure)[:-1] == [
        "Loss of batches and epochs",
        "Learning rate",
        "Gradient norm of each layer",
        "Update of each layer by its weights",
        "Values of the features in each batch",
        "Classes of the targets in each batch",
        "Drift between batches",
        "Training at several learning rates",
        titles(figure)[8],
        "Two trainings compared",
    ]
    assert plt.get_fignums() == []


def test_what_was_not_recorded_is_left_out():
    record = TrainingRecord({"loss": np.ones(5)})
    figure = plot_training(record)
    assert titles(figure) == ["Loss of batches and epochs"]
    assert figure.get_suptitle() == "What the losses show: no clear pattern"


def test_a_training_of_no_finite_loss_is_drawn_without_patterns():
    figure = plot_training(TrainingRecord({"loss": [np.nan] * 20}))
    assert figure.get_suptitle() == "What the losses show: no clear pattern"
    assert "no finite loss from batch 0 on" in figure.axes[0].texts[0].get_text()


def test_the_patterns_stand_above_and_what_to_do_in_the_last_panel():
    figure = plot_training(make_record(np.linspace(2, 1, 60)))
    assert figure.get_suptitle() == "What the losses show: rate too low"
    text = figure.axes[-1].texts[0].get_text()
    assert "raise the rate" in " ".join(text.split())
    figure.draw_without_rendering()
    extent = figure.axes[-1].texts[0].get_window_extent()
    assert extent.x1 <= figure.bbox.x1


def test_no_two_panels_overlap(record):
    figure = plot_training(record)
    figure.draw_without_rendering()
    boxes = [ax.get_tightbbox() for ax in figure.axes]
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            assert not one.padded(-2).overlaps(other.padded(-2))
