import numpy as np
import pytest

from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.errors import InputError
from lr_finder.plots.training.learning_rates import plot_learning_rates

from ..conftest import make_record


def test_the_rates_are_drawn_with_the_ends_of_epochs():
    rates = np.repeat([0.1, 0.08, 0.05], 20)
    ax = plot_learning_rates(make_record(learning_rate=rates))
    np.testing.assert_array_equal(ax.lines[-1].get_ydata(), rates)
    assert [x.get_xdata()[0] for x in ax.lines[:-1]] == [19.5, 39.5]
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 0.1


def test_a_schedule_over_decades_is_logarithmic():
    ax = plot_learning_rates(make_record(learning_rate=np.geomspace(1, 1e-4, 60)))
    assert ax.get_yscale() == "log"


def test_a_record_without_rates_is_refused():
    with pytest.raises(InputError, match="learning rate of each batch"):
        plot_learning_rates(TrainingRecord({"loss": [1.0]}))
