"""Schedules side by side: the learning rate of each step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._arguments import check_count
from lr_finder._text import format_rate
from lr_finder.errors import InputError
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import (
    LOG_FROM_RATIO,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.plots.ticks import whole_ticks
from lr_finder.plots.training.learning_rates import course_of
from lr_finder.schedules.composition import SchedulePart, as_schedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.schedules.schedule import Schedule

POINTS = 2000  # of a line at most
HIGH = 0.5  # of its peak: a rate above it is high
LONGEST_NAME = 40  # characters of a schedule's name in the title


def plot_schedules(
    schedules: Mapping[str, SchedulePart], steps: int, ax: Axes | None = None
) -> Axes:
    """Draw the learning rate of each step of a training, for several schedules.

    The title says which schedule is above half of its own peak for the longest part of
    the training, and which for the shortest. A schedule that is shorter than the
    training ends with its marker; the rate that is held from there on is dotted.

    Args:
        schedules: mapping of name to Schedule, at least one; a function step -> rate or
            a constant rate will do.
        steps: int >= 1, of the whole training: batches, or epochs.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on. Its rates are on a log scale if most of them
        are below a tenth of the highest, and none is 0.

    Raises:
        InputError: If there is no schedule, or an argument breaks its rule.

    Example:
    >>> from lr_finder.schedules import cosine, wsd
    >>> ax = plot_schedules({"wsd": wsd(0.1, 100), "cosine": cosine(0.1, 0, 100)}, 100)
    >>> print(ax.get_title())
    Above half of its peak: wsd for 85 % of the steps, cosine for 50 %
    """
    if not isinstance(schedules, Mapping) or not schedules:
        raise InputError(
            "Argument `schedules` must map names to schedules, at least one. Received: "
            f"schedules={schedules!r:.50}. One alone: {{'cosine': schedule}}."
        )
    check_count("steps", steps, least=1)
    if ax is None:
        ax = new_figure().subplots()
    drawn = {str(k): as_schedule(v, "schedules") for k, v in schedules.items()}
    rates = {name: schedule(range(steps)) for name, schedule in drawn.items()}
    for look, (name, schedule) in zip(
        line_looks(len(drawn)), drawn.items(), strict=True
    ):
        _draw(ax, look, as_label(name), schedule, rates[name])
    _choose_scale(ax, np.concatenate(list(rates.values())))
    label_axes(ax, _finding(rates), "step", "learning rate")
    whole_ticks(ax.xaxis)
    legend_below(ax, 3)
    return ax


def _draw(
    ax: Axes, look: dict[str, Any], name: str, schedule: Schedule, rates: np.ndarray
) -> None:
    """One schedule as far as it reaches, and dotted from there on."""
    last = len(rates) - 1
    length = last if schedule.steps is None else min(schedule.steps, last)
    told = f"ends at {format_rate(rates[-1])}"
    if length < last:
        told = f"over at step {length:,}, then {format_rate(rates[-1])}"
        ax.plot([length, last], rates[[length, last]], color=look["color"],
                linestyle=":", linewidth=1.2)  # fmt: skip
    at = np.linspace(0, length, min(POINTS, length + 1)).round().astype(int)
    ax.plot(
        at, rates[at], **look, linewidth=1.8, markersize=6, drawstyle="steps-mid",
        markevery=[len(at) - 1], label=f"{name}, {told}",
    )  # fmt: skip


def _choose_scale(ax: Axes, rates: np.ndarray) -> None:
    if rates.min() > 0 and np.median(rates) < rates.max() / LOG_FROM_RATIO:
        ax.set_yscale("log")
    else:
        ax.set_ylim(bottom=0)


def _finding(rates: Mapping[str, np.ndarray]) -> str:
    """Which schedule is high for the longest, and which for the shortest time."""
    if len(rates) == 1:
        (values,) = rates.values()
        return course_of(values)
    shares = {
        as_label(name, LONGEST_NAME): round(100 * float(np.mean(v > HIGH * v.max())))
        for name, v in rates.items()
    }
    longest = max(shares, key=shares.__getitem__)
    shortest = min(shares, key=shares.__getitem__)
    if shares[longest] == shares[shortest]:
        return f"Each is above half of its peak for {shares[longest]} % of the steps"
    return (
        f"Above half of its peak: {longest} for {shares[longest]} % of the steps, "
        f"{shortest} for {shares[shortest]} %"
    )
