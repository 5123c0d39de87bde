import numpy as np
from matplotlib.figure import Figure

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


def test_draws_on_the_axes_given():
    ax = Figure().subplots()
    assert plot_losses(ROWS, ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [
        "baseline, 1.0e-03: 40 when scored",
        "optimized, 2.0e-03: 35 when scored",
    ]
