"""What is drawn, read back from the artists, never from pixels."""

import dataclasses

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.signal import savgol_coeffs

from lr_finder.analysis.sweep.preparation import prepare
from lr_finder.analysis.sweep.smoothing import window_length
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.errors import SuggestionError
from lr_finder.plots.style import new_figure, save_figure
from lr_finder.plots.sweep import plot_sweep
from lr_finder.results.sweep import Curve, SweepResult

LRS = np.geomspace(1e-7, 10, 160)
SUGGESTION = Suggestion(1e-3, 4e-4, 3e-3, "drop")
ABOVE = "above the axis: up to 1e6 \u2191"  # of the explosion in `descent`
NO_SUGGESTION = SuggestionError("The loss never fell.", reason="flat", counts={})


def descent(seed=0, noise=0.03, explodes=True):
    """From 2.3 to 0.4 around 1e-3, then an explosion to 1e6 above 0.3."""
    x = np.log10(LRS)
    losses = 0.4 + 1.9 / (1 + np.exp(3 * (x + 3)))
    losses *= 1 + noise * np.random.default_rng(seed).normal(size=len(LRS))
    return losses + 1e6 * explodes * (np.clip(x + 0.5, 0, None) / 1.5) ** 6


def swept(*losses, lengths=None, **metadata):
    lengths = lengths or [len(LRS)] * len(losses)
    curves = [
        Curve(LRS[:n], each[:n], "diverged")
        for each, n in zip(losses, lengths, strict=True)
    ]
    return SweepResult(curves, metadata)


def line(ax, label):
    return next(each for each in ax.lines if each.get_label().startswith(label))


@pytest.fixture
def result():
    return swept(descent())


def test_draws_every_loss_as_measured(result):
    drawn = line(plot_sweep(result, suggestion=SUGGESTION), "batches")
    np.testing.assert_array_equal(drawn.get_xdata(), result.lrs)
    np.testing.assert_array_equal(drawn.get_ydata(), result.losses)


def test_draws_each_repeat_to_its_own_end_with_a_marker_of_its_own():
    result = swept(descent(0), descent(1), descent(2), lengths=[160, 150, 155])
    drawn = plot_sweep(result, suggestion=SUGGESTION).lines[:3]
    for each, measured in zip(drawn, result.curves, strict=True):
        np.testing.assert_array_equal(each.get_ydata(), measured.losses)
    assert len({each.get_marker() for each in drawn}) == 3


def test_smoothed_curve_follows_the_descent_and_leaves_the_tail_out(result):
    smoothed = line(plot_sweep(result, suggestion=SUGGESTION), "smoothed")
    truth = descent(noise=0, explodes=False)
    x, y = smoothed.get_data()
    np.testing.assert_allclose(y, np.interp(x, LRS, truth), rtol=0.1)
    assert 0.1 < x.max() < 1.0  # the explosion starts at 0.3


def test_marks_rate_and_interval(result):
    ax = plot_sweep(result, suggestion=SUGGESTION)
    mark = line(ax, "suggested")
    assert list(mark.get_xdata()) == [SUGGESTION.lr] * 2
    assert mark.get_label() == "suggested 1e-3 (drop)"
    assert [text.get_text() for text in ax.texts] == [ABOVE, "1e-3"]
    band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    np.testing.assert_allclose([band.x0, band.x1], [SUGGESTION.low, SUGGESTION.high])
    dot = ax.lines[-1]
    assert dot.get_xdata()[0] == SUGGESTION.lr
    assert dot.get_ydata()[0] == pytest.approx(1.35, rel=0.1)  # half of the descent


def test_axes_say_what_they_are(result):
    ax = plot_sweep(result, suggestion=SUGGESTION)
    assert ax.get_xlabel() == "learning rate (log scale)"
    assert ax.get_ylabel() == "loss of the batch"
    assert ax.get_xscale() == "log"
    ending = "the sweep ended when the loss diverged"
    assert ax.get_title() == f"1e-3, by the rule drop\n{ending}"
    titled = plot_sweep(swept(descent(), source="a/b.csv"), suggestion=SUGGESTION)
    assert titled.get_title().splitlines()[1] == f"b.csv: {ending}"


def test_explosion_does_not_flatten_the_descent(result):
    ax = plot_sweep(result, suggestion=SUGGESTION)
    low, high = ax.get_ylim()
    assert ax.get_yscale() == "linear"
    assert 0 < low < 0.4
    assert 2.3 < high < 4.0


@pytest.mark.parametrize(
    ("losses", "scale"),
    [
        pytest.param(descent() ** 3, "log", id="descent of two decades"),
        pytest.param(descent() - 1, "linear", id="losses below zero"),
        pytest.param(descent(), "linear", id="only the tail spans decades"),
    ],
)
def test_loss_axis_is_log_where_the_descent_spans_decades(losses, scale):
    ax = plot_sweep(swept(losses), suggestion=SUGGESTION)
    assert ax.get_yscale() == scale
    assert ax.get_ylabel().endswith("(log scale)") == (scale == "log")
    low, high = ax.get_ylim()
    assert low < losses.min()
    assert high > np.median(losses[:40])


def test_without_suggestion_draws_the_curve_and_says_why(result):
    ax = plot_sweep(result, suggestion=NO_SUGGESTION)
    assert ax.get_title().startswith("No suggestion\n")
    assert [text.get_text() for text in ax.texts] == [ABOVE, "The loss never fell."]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["batches", "smoothed"]
    assert not ax.patches


def test_a_loss_above_the_axis_is_told_in_words_only_if_there_is_one(result):
    hints = [text for text in plot_sweep(result).texts if "above" in text.get_text()]
    assert [text.get_text() for text in hints] == [ABOVE]
    assert hints[0].xy[0] == LRS[np.argmax(result.losses)]
    small = swept(0.05 * descent(explodes=False))  # an axis that ends below 1
    assert not any("above" in text.get_text() for text in plot_sweep(small).texts)


@pytest.mark.parametrize("width", [5.0, 9.0])
def test_words_in_the_picture_do_not_cover_one_another(width):
    ax = new_figure(width, 5).subplots()
    reason = SuggestionError("The loss never fell. " * 6, reason="flat", counts={})
    plot_sweep(swept(descent()), ax, suggestion=reason)
    ax.figure.draw_without_rendering()
    first, second = (text.get_window_extent() for text in ax.texts)
    assert not first.overlaps(second)


def test_warnings_stand_in_the_picture(result):
    words = ("noisy: much noise; average", "narrow: little room; scale")
    warned = dataclasses.replace(SUGGESTION, warnings=words)
    (told,) = [t.get_text() for t in plot_sweep(result, suggestion=warned).texts[2:]]
    assert told.splitlines() == ["! much noise", "! little room"]


def test_the_edge_of_the_filter_is_not_drawn(result):
    curve = prepare(result.lrs, result.losses)
    half = window_length(curve.grid) // 2
    x, y = line(plot_sweep(result, suggestion=SUGGESTION), "smoothed").get_data()
    np.testing.assert_allclose(x, np.exp(curve.grid.x[half:-half]))
    kernel = savgol_coeffs(2 * half + 1, 2)
    expected = np.convolve(curve.grid.values, kernel, mode="valid")
    np.testing.assert_allclose(np.log(y), expected)


def test_suggests_by_itself(result):
    suggested = result.suggest()
    assert line(plot_sweep(result), "suggested").get_xdata()[0] == suggested.lr


@pytest.mark.parametrize(
    "losses",
    [[], [1.0], [1.0, 2.0], [3.0] * 160, [-1.0, 0.0, 1.0, 2.0, 5.0, 9.0]],
    ids=["none", "one", "two", "constant", "rising"],
)
def test_draws_curves_from_which_nothing_can_be_read(losses):
    ax = plot_sweep(SweepResult([Curve(LRS[: len(losses)], losses)]))
    assert "No suggestion" in ax.get_title()
    np.testing.assert_array_equal(line(ax, "batches").get_ydata(), losses)
    assert np.all(np.isfinite(ax.get_ylim()))
    ax.figure.draw_without_rendering()


def test_legend_stays_off_the_data(result):
    ax = plot_sweep(result, suggestion=SUGGESTION)
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y1 < ax.get_window_extent().y0


def test_draws_on_given_axes_and_leaves_pyplot_alone(result):
    before = dict(mpl.rcParams)
    figure, axes = plt.subplots(1, 2)
    assert plot_sweep(result, axes[0], suggestion=SUGGESTION) is axes[0]
    assert not axes[1].lines
    plt.close(figure)
    own = plot_sweep(result, suggestion=SUGGESTION)
    assert own.figure is not figure
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("suggestion", [SUGGESTION, NO_SUGGESTION])
def test_names_are_drawn_as_they_are_written(suggestion, tmp_path, recwarn):
    result = swept(descent(), source="in $ and \\frac{$价格.csv")
    ax = plot_sweep(result, suggestion=suggestion)
    assert r"in \$ and \frac{\$价格.csv" in ax.get_title()
    save_figure(ax.figure, tmp_path / "sweep.png")  # mathtext would not parse this
    assert r"in \$ and \frac{\$" in ax.get_title()
    assert not recwarn.list


@pytest.mark.parametrize("width", [6.0, 9.0])
@pytest.mark.parametrize("suggestion", [SUGGESTION, NO_SUGGESTION])
def test_long_names_and_the_legend_stay_in_the_figure(width, suggestion):
    figure = new_figure(width, 4.0)
    result = swept(descent(), source="a_long_name_" * 20 + ".csv")
    ax = plot_sweep(result, figure.subplots(), suggestion=suggestion)
    figure.draw_without_rendering()
    assert ax.get_title().splitlines()[-1].count("…") == 1
    label = ax.xaxis.label.get_window_extent()
    assert ax.get_legend().get_window_extent().y1 <= label.y0
    for drawn in (ax.title, ax.get_legend(), *ax.texts):
        extent = drawn.get_window_extent()
        assert extent.x0 >= 0
        assert extent.x1 <= figure.bbox.x1


def test_lowest_loss_is_inside_the_axes():
    losses = descent()
    losses[120] = 0.1  # a single batch, far below the others
    ax = plot_sweep(swept(losses), suggestion=SUGGESTION)
    assert ax.get_ylim()[0] < 0.1


def test_a_single_loss_near_zero_does_not_flatten_the_descent():
    losses = descent()
    losses[120] = 1e-12
    ax = plot_sweep(swept(losses), suggestion=SUGGESTION)
    assert ax.get_yscale() == "linear"
    assert -1.0 < ax.get_ylim()[0] < 1e-12


@pytest.mark.parametrize(("width", "columns"), [(10, 4), (6, 2), (3, 1)])
def test_legend_has_the_columns_that_fit(result, width, columns):
    ax = plot_sweep(result, new_figure(width, 4).subplots(), suggestion=SUGGESTION)
    assert ax.get_legend()._ncols == columns


def test_the_validation_loss_is_drawn_where_it_was_measured():
    lrs = np.geomspace(1e-5, 1, 80)
    losses = 1 / (1 + lrs / 1e-2)
    for validation in (None, 0.5 + losses):
        result = SweepResult([Curve(lrs, losses, "completed", validation)])
        lines = {line.get_label(): line for line in plot_sweep(result).get_lines()}
        assert ("validation loss" in lines) == (validation is not None)
    np.testing.assert_array_equal(lines["validation loss"].get_ydata(), validation)


def test_the_axis_of_a_validation_loss_says_so():
    lrs = np.geomspace(1e-5, 1, 80)
    losses = 1 / (1 + lrs / 1e-2)
    result = SweepResult([Curve(lrs, losses, "completed", losses)])
    assert plot_sweep(result.validation).get_ylabel().startswith("validation loss")
