"""The rates of the runs of a history, read back from the artists."""

import pytest

from lr_finder.errors import InputError
from lr_finder.plots.history.rates_of_runs import plot_rates_of_runs

RUNS = [
    {"optimizer": "Adam", "verified": 1e-3, "verified_low": 5e-4, "verified_high": 2e-3,
     "suggested": 3e-3},
    {"optimizer": "SGD", "momentum": 0.9},
    {"optimizer": "SGD", "momentum": 0.9, "suggested": 0.1},
    {"optimizer": "Adam", "suggested": 3e-3},
]  # fmt: skip


def test_each_run_has_its_mark_where_its_rate_is():
    ax = plot_rates_of_runs(RUNS)
    marks = {
        (x, y): line.get_markerfacecolor() == line.get_color()
        for line in ax.get_lines()
        for x, y in line.get_xydata()
    }
    assert marks == {(1, 1e-3): True, (4, 3e-3): False, (3, 0.1): False}
    (bar,) = ax.collections
    assert bar.get_segments()[0].tolist() == [[1, 5e-4], [1, 2e-3]]
    assert ax.get_yscale() == "log" and ax.get_xlim() == (0.5, 4.5)


def test_title_and_legend_say_which_optimizers():
    ax = plot_rates_of_runs(RUNS)
    assert ax.get_title().replace("\n", " ") == (
        "Adam: 2 runs between 1e-3 and 3e-3; SGD with momentum 0.9: 1 run at 0.1"
    )
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    how = ["verified by short trainings", "suggested by a sweep"]
    assert names == ["Adam", "SGD with momentum 0.9", *how]
    (only,) = plot_rates_of_runs(RUNS[:1]).get_legend().get_texts()
    assert only.get_text() == how[0]


@pytest.mark.parametrize("count, width", [(2, 5.6), (40, 5.6), (41, 9.0)])
def test_few_runs_fit_a_narrow_page(count, width):
    figure = plot_rates_of_runs(RUNS[:1] * count).figure
    assert figure.get_figwidth() == width


@pytest.mark.parametrize("runs", [[], RUNS[1:2]])
def test_without_a_rate_there_is_no_picture(runs):
    with pytest.raises(InputError, match="at least one run with a rate"):
        plot_rates_of_runs(runs)
