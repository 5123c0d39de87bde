"""Bars of batches, against the place where a straight line passes the target."""

import numpy as np
import pytest

from lr_finder.errors import InputError
from lr_finder.plots.training.speed import plot_training_speed

from ..conftest import make_record

STEPS = np.arange(60)


def test_bars_end_where_the_loss_is_reached():
    records = {
        "fast": make_record(2 - 0.025 * STEPS),
        "slow": make_record(2 - 0.0125 * STEPS),
        "never": make_record(2 + 0 * STEPS),
    }
    ax = plot_training_speed(records, target=1.4)
    assert [bar.get_width() for bar in ax.patches] == [25, 49, 60]
    assert [bar.get_hatch() for bar in ax.patches] == [None, None, "///"]
    assert [text.get_text() for text in ax.texts] == [
        "25 batches, 12 s", "49 batches, 24 s", "not in 60 batches"
    ]  # fmt: skip
    assert [t.get_text() for t in ax.get_yticklabels()] == ["fast", "slow", "never"]


def test_one_batch_is_one_batch():
    ax = plot_training_speed({"a": make_record(1.0 - 0.01 * STEPS)}, target=1.4)
    assert ax.texts[0].get_text().startswith("1 batch,")
    assert ax.get_title() == "a reaches a loss of 1.4 after 1 batch"


def test_by_default_the_target_is_most_of_the_best_descent():
    """A straight line from 2 has 90 % of its descent behind it at 90 % of its steps."""
    ax = plot_training_speed({0.1: make_record(2 - 0.025 * STEPS)})
    assert ax.patches[0].get_width() == pytest.approx(0.9 * 60, abs=2)
    target = float(ax.get_title().split()[5])
    assert target == pytest.approx(2 - 0.9 * 1.475, abs=0.05)
    assert ax.get_ylabel() == "learning rate"


@pytest.mark.parametrize(
    ("slopes", "title"),
    [
        ((0.025, 0.0125), "a reaches a loss of 1.4 after 25 batches, b after 49"),
        ((0.0125, 0.025), "b reaches a loss of 1.4 after 25 batches, a after 49"),
        ((0.0, 0.025), "b reaches a loss of 1.4 after 25 batches, no other does"),
        ((0.025,), "a reaches a loss of 1.4 after 25 batches"),
        ((0.025, 0.025), "a reaches a loss of 1.4 after 25 batches, as soon as b"),
        ((0.0, 0.001), "No training reaches a loss of 1.4"),
    ],
)
def test_the_title_says_which_was_first(slopes, title):
    records = {
        name: make_record(2 - slope * STEPS)
        for name, slope in zip("ab", slopes, strict=False)
    }
    ax = plot_training_speed(records, target=1.4)
    assert ax.get_title() == title
    assert all(tick == round(tick) for tick in ax.get_xticks())


def test_texts_stay_inside_the_figure():
    ax = plot_training_speed({"a": make_record(), "b": make_record()})
    ax.figure.draw_without_rendering()
    for text in ax.texts:
        assert text.get_window_extent().x1 <= ax.get_window_extent().x1


@pytest.mark.parametrize("records", [{}, {"a": make_record([np.nan] * 3, layers=0)}])
def test_nothing_finite_is_refused(records):
    with pytest.raises(InputError, match="finite loss"):
        plot_training_speed(records)
