import numpy as np
from matplotlib.figure import Figure

import lr_finder
from lr_finder.analysis.training.record import TrainingRecord
from time_series.drawing import plot_losses

ROWS = [
    {"arm": "baseline", "learning_rate": 1e-3, "validation_mse": 40.0,
     "watched_losses": [9.0, 5.0, 4.0]},
    {"arm": "optimized", "learning_rate": 2e-3, "validation_mse": 35.0,
     "watched_losses": [8.0, 3.0]},
]  # fmt: skip


def test_curves_are_the_losses_by_epoch():
    ax = plot_losses(ROWS)
    one, two = ax.lines
    np.testing.assert_array_equal(one.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(two.get_ydata(), [8.0, 3.0])


def test_a_way_to_train_looks_the_same_in_every_figure():
    other = ROWS[1] | {"arm": "stopping_plateau"}
    three = plot_losses([ROWS[0], other, ROWS[1]])
    two = plot_losses(ROWS)
    colors = [[line.get_color() for line in ax.lines] for ax in (three, two)]
    assert [colors[0][0], colors[0][2]] == colors[1]
    assert len(set(colors[0])) == 3
    assert three.lines[1].get_label().startswith("Keras' rate, same stopping, 2e-3")


def test_before_and_after_are_drawn_as_by_lr_finder():
    ours = plot_losses(ROWS).lines
    records = (TrainingRecord({"loss": [2.0, 1.0]}) for _ in range(2))
    theirs = lr_finder.plot_before_after(*records).lines
    for line, other in zip(ours, theirs, strict=True):
        assert line.get_color() == other.get_color()
        assert line.get_linestyle() == other.get_linestyle()


def test_draws_on_the_axes_given():
    ax = Figure().subplots()
    assert plot_losses(ROWS, ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [
        "baseline, 1e-3: 40 when scored",
        "optimized, 2e-3: 35 when scored",
    ]
