"""What is drawn of several sweeps, read back from the artists."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import InputError
from lr_finder.plots.style import new_figure
from lr_finder.plots.sweep_overlay import plot_sweeps
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-6, 1, 120)


def swept(best=1e-3, scale=1.0, shift=0.0):
    """Falls around `best`, then climbs."""
    return SweepResult([Curve(LRS, scale * (shift + 1 / (1 + LRS / best) + LRS))])


def suggested(lr):
    return Suggestion(lr, lr / 2, lr * 2, "drop")


@pytest.fixture
def drawn():
    return plot_sweeps(
        {"a": swept(), "b": swept(1e-2, scale=500, shift=3)},
        suggestions={"a": suggested(1e-3), "b": suggested(1e-2)},
    )


def curves(ax):
    return [line for line in ax.lines if len(line.get_xdata()) > 2]


def test_every_curve_falls_from_1_to_0_whatever_its_losses(drawn):
    assert len(curves(drawn)) == 2
    for line in curves(drawn):
        heights = line.get_ydata()
        assert heights.min() == 0
        assert heights[: heights.argmin() + 1].max() == pytest.approx(1)
    assert drawn.get_xscale() == "log"


def test_scale_of_the_losses_changes_nothing():
    one, other = (
        curves(plot_sweeps({"a": swept(scale=scale)}))[0].get_ydata()
        for scale in (1.0, 1e4)
    )
    np.testing.assert_allclose(one, other, atol=1e-8)


def test_suggestions_are_marked_on_their_curves(drawn):
    marks = [line for line in drawn.lines if len(np.atleast_1d(line.get_xdata())) == 1]
    assert [float(mark.get_xdata()[0]) for mark in marks] == [1e-3, 1e-2]
    for mark, line in zip(marks, curves(drawn), strict=True):
        on_curve = np.interp(mark.get_xdata(), line.get_xdata(), line.get_ydata())
        assert mark.get_ydata()[0] == pytest.approx(on_curve[0], abs=0.02)
        assert mark.get_color() == line.get_color()
        assert mark.get_marker() == line.get_marker()
    labels = [text.get_text() for text in drawn.get_legend().get_texts()]
    assert labels == ["a: 1e-3", "b: 1e-2"]


@pytest.mark.parametrize(
    ("rates", "title"),
    [
        ({"a": 1e-3, "b": 1e-2}, "The rate suggested for b is 10 times that for a"),
        ({"b": 1.5e-2, "a": 1e-2}, "The rate suggested for b is 1.5 times that for a"),
        ({"a": 1e-3, "b": 1.001e-3}, "The same rate is suggested for all models: 1e-3"),
        ({"a": 1e-3, "b": None}, "Where the sweep of each model falls and climbs"),
    ],
)
def test_the_title_says_how_far_apart_the_rates_are(rates, title):
    given = {name: lr and suggested(lr) for name, lr in rates.items()}
    ax = plot_sweeps({"a": swept(), "b": swept(1e-2)}, suggestions=given)
    assert ax.get_title() == title


def test_model_without_suggestion_or_curve_is_named_and_not_marked():
    few = SweepResult([Curve([1e-3, 1e-2], [2.0, 1.0])])
    ax = plot_sweeps({"few": few, "b": swept()}, suggestions={"few": None, "b": None})
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["few", "b"]
    assert len(ax.lines) == 2 and len(ax.lines[0].get_xdata()) == 0


@pytest.mark.parametrize("losses", [LRS + 1, np.ones(120)], ids=["rising", "flat"])
def test_curve_that_never_falls_is_drawn_in_finite_numbers(losses):
    ax = plot_sweeps({"a": SweepResult([Curve(LRS, losses)])})
    assert np.isfinite(ax.lines[0].get_ydata()).all()


def test_of_many_models_no_two_curves_look_alike():
    names = [f"model {i}" for i in range(12)]
    ax = plot_sweeps({name: swept() for name in names},
                     suggestions=dict.fromkeys(names, suggested(1e-3)))  # fmt: skip
    curves = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert len({line.get_color() for line in curves}) == 12
    looks = {(str(line._dash_pattern), line.get_marker()) for line in curves}
    assert len(looks) == 12


@pytest.mark.parametrize(("size", "models"), [((9, 5.4), 6), ((5, 4), 3)])
def test_legend_lies_below_the_data_and_inside_the_figure(size, models):
    figure = new_figure(*size)
    names = [f"{i}-a_rather_long_name_of_a_model" for i in range(models)]
    ax = plot_sweeps(
        {name: swept() for name in names}, figure.subplots(),
        suggestions=dict.fromkeys(names, suggested(1e-3)),
    )  # fmt: skip
    figure.draw_without_rendering()
    legend, label = ax.get_legend().get_window_extent(), ax.xaxis.label
    assert legend.y1 < label.get_window_extent().y0
    assert legend.y0 >= 0 and legend.x0 >= 0 and legend.x1 <= figure.bbox.width


@pytest.mark.parametrize("seed", [7, 10, 27])
def test_a_climb_above_the_axes_is_told_in_words(seed):
    """Noise alone falls by little, and climbs by several times as much."""
    noise = np.exp(np.random.default_rng(seed).normal(0, 0.3, len(LRS)))
    ax = plot_sweeps({"a": SweepResult([Curve(LRS, noise)])})
    (line,) = curves(ax)
    (text,) = [each.get_text().strip("\u2191 ") for each in ax.texts]
    highest = line.get_ydata().max()
    assert highest > ax.get_ylim()[1]
    assert float(text.removeprefix("above the axis: up to ")) == pytest.approx(
        highest, rel=0.05
    )


def test_a_climb_inside_the_axes_is_not(drawn):
    assert not drawn.texts


def test_far_apart_rates_are_told_in_plain_numbers():
    given = {"a": suggested(1e-4), "b": suggested(1.6e-2)}
    ax = plot_sweeps({"a": swept(), "b": swept(1e-2)}, suggestions=given)
    assert ax.get_title() == "The rate suggested for b is 160 times that for a"


def test_no_sweep_is_refused_and_pyplot_is_left_alone(drawn):
    with pytest.raises(InputError, match="at least one sweep"):
        plot_sweeps({})
    assert plt.get_fignums() == []
