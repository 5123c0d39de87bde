"""The marks of a sweep: what was suggested, and what decided it."""

import dataclasses

import pytest

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.rate_window import RateWindow
from lr_finder.plots.sweep import plot_sweep

from .test_sweep import SUGGESTION, descent, line, swept


def test_shows_what_decided():
    result = swept(descent(), optimizer="Adam", compiled_lr=1e-2)
    suggested = result.suggest()
    ax = plot_sweep(result)
    ends = [each.get_xdata()[0] for each in ax.lines if each.get_linestyle() == ":"]
    assert ends == [suggested.window.low, suggested.window.high]
    assert line(ax, "usual rate 3e-3").get_xdata()[0] == 3e-3
    assert line(ax, "compiled rate 1e-2").get_xdata()[0] == 1e-2
    low, high = map(format_rate, (suggested.window.low, suggested.window.high))
    assert line(ax, f"window {low} to {high}")
    assert ax.get_title().startswith("Adam: ")


@pytest.mark.parametrize(
    ("metadata", "end"),
    [({"optimizer": "SGD", "momentum": 0.0}, "high"), ({"optimizer": "Adam"}, None)],
)
def test_both_ends_of_the_window_are_seen_wherever_the_rate_is(metadata, end):
    """The bracket's ends are wider than the line of the rate, and above it."""
    result = swept(descent(), **metadata)
    suggested, ax = result.suggest(), plot_sweep(result)
    window, rate, bracket = (
        suggested.window, line(ax, "suggested"), line(ax, "window")
    )  # fmt: skip
    if end:
        assert getattr(window, end) == rate.get_xdata()[0]
    assert list(bracket.get_xdata()) == [window.low, window.high]
    assert list(bracket.get_ydata()) == [0.0, 0.0]  # of the axes
    assert bracket.get_transform().transform([1e-3, 0.0])[1] == ax.bbox.y0
    assert bracket.get_markersize() > 8 and bracket.get_linewidth() > 2
    assert bracket.get_markeredgewidth() > rate.get_linewidth()
    assert bracket.get_zorder() > rate.get_zorder() and not bracket.get_clip_on()


def test_a_window_without_room_has_two_ends_and_nothing_between():
    window = RateWindow(1e-2, 1e-4, falls_at=4e-3, climbs_at=8e-4)
    narrow = dataclasses.replace(SUGGESTION, window=window)
    bracket = line(plot_sweep(swept(descent()), suggestion=narrow), "no room")
    assert bracket.get_label() == "no room: low end 1e-2, high end 1e-4"
    assert list(bracket.get_xdata()) == [1e-2, 1e-4] and bracket.get_linewidth() == 0


VERIFIED = dataclasses.replace(
    SUGGESTION, lr=2.2e-3, method="drop, verified", decided_by="verification"
)


def test_a_rate_that_short_trainings_moved_says_from_where():
    ax = plot_sweep(swept(descent()), suggestion=VERIFIED, swept=SUGGESTION)
    mark = line(ax, "the sweep alone 1e-3")
    assert mark.get_xdata()[0] == SUGGESTION.lr
    title = " ".join(ax.get_title().split("\n")[0].split())
    assert title == "2.2e-3, by short trainings; the sweep alone said 1e-3"


@pytest.mark.parametrize("swept_alone", [None, dataclasses.replace(VERIFIED)])
def test_a_rate_that_was_not_moved_has_no_mark_of_another(swept_alone):
    ax = plot_sweep(swept(descent()), suggestion=VERIFIED, swept=swept_alone)
    assert not any("alone" in str(each.get_label()) for each in ax.lines)
    assert ax.get_title().startswith("2.2e-3, by short trainings\n")
