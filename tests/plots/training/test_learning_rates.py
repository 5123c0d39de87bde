import numpy as np
import pytest

from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.errors import InputError
from lr_finder.plots.training.learning_rates import plot_learning_rates

from ..conftest import labels, make_record


def test_the_rates_are_drawn_with_the_ends_of_epochs():
    rates = np.repeat([0.1, 0.08, 0.05], 20)
    ax = plot_learning_rates(make_record(learning_rate=rates))
    np.testing.assert_array_equal(ax.lines[-1].get_ydata(), rates)
    assert [x.get_xdata()[0] for x in ax.lines[:-1]] == [20.5, 40.5]
    assert labels(ax) == ["end of an epoch", "learning rate"]
    (top,) = ax.child_axes
    assert [text.get_text() for text in top.get_xticklabels()] == ["1", "2", "3"]
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 0.1


def test_a_schedule_over_decades_is_logarithmic():
    ax = plot_learning_rates(make_record(learning_rate=np.geomspace(1, 1e-4, 60)))
    assert ax.get_yscale() == "log"


@pytest.mark.parametrize(
    ("rates", "found"),
    [
        (np.full(60, 0.1), "is 0.1 throughout"),
        (np.geomspace(1, 1e-4, 60), "falls from 1 to 1e-4"),
        (np.linspace(1e-3, 0.5, 60), "rises from 1e-3 to 0.5"),
        (np.append(np.linspace(0.1, 1, 20), np.linspace(1, 0, 40)),
         "rises from 0.1 to 1, then falls to 0"),
        (np.append(np.linspace(1, 0.1, 30), np.linspace(0.1, 0.5, 30)),
         "goes between 0.1 and 1; the last is 0.5"),
    ],
)  # fmt: skip
def test_the_title_says_where_the_rate_goes(rates, found):
    title = plot_learning_rates(make_record(learning_rate=rates)).get_title()
    assert title == f"The learning rate {found}"


def test_a_schedule_of_one_decade_has_plain_numbers():
    ax = plot_learning_rates(make_record(learning_rate=np.geomspace(0.03, 2e-3, 60)))
    ax.figure.draw_without_rendering()
    texts = [text.get_text() for which in (False, True)
             for text in ax.get_yticklabels(minor=which)]  # fmt: skip
    assert {"0.01", "0.02"} & set(texts)
    assert not any("times" in text or "$" in text for text in texts)


def test_a_record_without_rates_is_refused():
    with pytest.raises(InputError, match="learning rate of each batch"):
        plot_learning_rates(TrainingRecord({"loss": [1.0]}))
