"""The analysis drawn: what its artists hold."""

import re

import numpy as np
import pytest

from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.errors import InputError
from lr_finder.plots.slopes import plot_learning_rate_analysis
from lr_finder.plots.style import new_figure
from lr_finder.results.sweep import Curve, SweepResult


@pytest.fixture
def sigmoid():
    """Log-loss falls by 2 around ln(lr) = ln(1e-3), steepest there at -0.5."""
    rates = np.geomspace(1e-6, 1e0, 200)
    return rates, np.exp(-np.tanh(0.5 * np.log(rates / 1e-3)))


def test_losses_and_rate_are_those_given(sigmoid):
    ax = plot_learning_rate_analysis(*sigmoid, 2e-3)
    points, smoothed, chosen = ax.lines
    np.testing.assert_array_equal(points.get_xdata(), sigmoid[0])
    np.testing.assert_array_equal(points.get_ydata(), sigmoid[1])
    np.testing.assert_allclose(
        smoothed.get_ydata(),
        np.interp(np.log(smoothed.get_xdata()), np.log(sigmoid[0]), sigmoid[1]),
        rtol=0.02,
    )
    assert set(chosen.get_xdata()) == {2e-3}
    assert ax.get_xscale() == "log"


def test_the_slope_is_steepest_where_the_closed_form_is(sigmoid):
    ax = plot_learning_rate_analysis(*sigmoid)
    right = ax.figure.axes[1]
    slope = right.lines[1]
    lowest = np.argmin(slope.get_ydata())
    assert slope.get_xdata()[lowest] == pytest.approx(1e-3, rel=0.3)
    assert slope.get_ydata()[lowest] == pytest.approx(-0.5, rel=0.1)
    assert "log-loss" in right.get_ylabel()


@pytest.mark.parametrize("n", [12, 16, 20, 30, 60])
def test_a_valley_of_few_points_is_drawn_as_deep_as_it_is(n):
    """A window of 5 points would fill it, or take it for a spike."""
    rates = np.geomspace(1e-5, 1e0, n)
    losses = 2 - 1.5 * np.exp(-((np.log10(rates) + 2.5) ** 2) / 0.16)
    ax = plot_learning_rate_analysis(rates, losses)
    points, curve = ax.lines
    assert curve.get_label() == "curve"
    drawn = len(curve.get_xdata())
    np.testing.assert_allclose(curve.get_xdata(), points.get_xdata()[:drawn])
    np.testing.assert_allclose(curve.get_ydata(), losses[:drawn])
    assert curve.get_ydata().min() == pytest.approx(losses.min())
    slope = ax.figure.axes[1].lines[1]
    steps = np.diff(np.log(losses[:drawn])) / np.diff(np.log(rates[:drawn]))
    np.testing.assert_allclose(slope.get_ydata(), steps)
    assert np.all(np.diff(slope.get_xdata()) > 0)


@pytest.mark.parametrize("n", [30, 40, 200])
def test_noisy_or_many_points_are_smoothed(n):
    rates = np.geomspace(1e-5, 1e0, n)
    noise = 0.2 * np.random.default_rng(0).normal(size=n)
    losses = np.exp(noise - np.tanh(np.log10(rates) + 2.5))
    ax = plot_learning_rate_analysis(rates, losses)
    assert ax.lines[1].get_label() == "smoothed"
    roughness = [np.abs(np.diff(line.get_ydata(), 2)).sum() for line in ax.lines[:2]]
    assert roughness[1] < 0.6 * roughness[0]


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_the_edge_of_the_filter_is_not_drawn(noise, sigmoid):
    """The line ends where the figure of the sweep ends it, and so does the slope."""
    rates, losses = sigmoid
    losses = losses * np.exp(noise * np.random.default_rng(0).normal(size=len(losses)))
    ax = plot_learning_rate_analysis(rates, losses)
    curve = prepare(rates, losses)
    at, expected = curve.line()
    assert len(at) < len(curve.grid.x)
    np.testing.assert_array_equal(
        ax.lines[1].get_xydata(), np.transpose([at, expected])
    )
    np.testing.assert_array_equal(ax.figure.axes[1].lines[1].get_xdata(), at)


def test_the_title_says_where_the_curve_falls_fastest_and_is_lowest():
    rates = np.geomspace(1e-6, 1e0, 200)
    x = np.log10(rates)
    losses = np.exp(-np.tanh(2 * (x + 4)) + 0.2 * (x + 2) ** 2 * (x > -2))
    title = plot_learning_rate_analysis(rates, losses).get_title()
    steepest, lowest = map(float, re.findall(r" at (\S+?)(?:,|$)", title))
    assert np.log10(steepest) == pytest.approx(-4, abs=0.1)
    assert np.log10(lowest) == pytest.approx(-2, abs=0.5)
    assert f"({losses.min():.3g})" in title
    rising = plot_learning_rate_analysis(rates, np.exp(0.1 * x)).get_title()
    assert rising.startswith("The loss never falls")
    few = plot_learning_rate_analysis([1e-3, 1e-2], [2.0, 1.0]).get_title()
    assert few == "Too few points for a curve: 2"


def test_a_loss_above_the_axes_is_told_in_words(sigmoid):
    rates, losses = sigmoid
    assert not plot_learning_rate_analysis(rates, losses).texts
    exploded = np.where(rates > 0.1, 1e6, losses)
    ax = plot_learning_rate_analysis(rates, exploded)
    assert ax.get_ylim()[1] < 10
    assert [text.get_text() for text in ax.texts] == [
        "above the axis: up to 1e6 \u2191"
    ]


def test_the_legend_names_what_is_on_these_axes_only(sigmoid):
    axes = new_figure().subplots(1, 2)
    for ax in axes:
        plot_learning_rate_analysis(*sigmoid, 1e-2, ax=ax)
        assert len(ax.get_legend().get_texts()) == 4


def test_losses_that_are_not_finite_are_left_out(sigmoid):
    rates, losses = sigmoid
    broken = losses.copy()
    broken[-20:] = np.inf
    ax = plot_learning_rate_analysis(rates, broken)
    assert len(ax.lines[0].get_xdata()) == 180
    low, high = ax.get_ylim()
    assert low < losses.min() and losses.max() < high


def test_few_points_are_drawn_without_a_curve():
    ax = plot_learning_rate_analysis([1e-3, 1e-2], [2.0, 1.0], 1e-2)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["losses", "chosen 1e-2"]


def test_draws_on_the_axes_given(sigmoid):
    ax = new_figure().subplots()
    assert plot_learning_rate_analysis(*sigmoid, ax=ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["losses", "smoothed", "slope"]


def test_nothing_to_draw_is_refused():
    with pytest.raises(InputError, match="finite loss.*none of 2"):
        plot_learning_rate_analysis([1e-3, 1e-2], [np.nan, np.inf])
    with pytest.raises(InputError, match="equal lengths"):
        plot_learning_rate_analysis([1e-3, 1e-2], [1.0])
    with pytest.raises(InputError, match="`losses` must come with"):
        plot_learning_rate_analysis([1e-3, 1e-2])


def test_a_result_is_drawn_as_its_rates_and_losses(sigmoid):
    rates, losses = sigmoid
    result = SweepResult([Curve(rates, losses + 0.1), Curve(rates, losses - 0.1)])
    of_result = plot_learning_rate_analysis(result, optimal_lr=2e-3)
    of_lists = plot_learning_rate_analysis(rates, result.losses, 2e-3)
    for one, other in zip(of_result.lines, of_lists.lines, strict=True):
        np.testing.assert_array_equal(one.get_xydata(), other.get_xydata())
    with pytest.raises(InputError, match="must be left out with a SweepResult"):
        plot_learning_rate_analysis(result, 2e-3)
