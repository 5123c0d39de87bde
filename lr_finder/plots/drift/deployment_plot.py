"""The error of a deployed model over time, with drifts, alarms and trainings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder.analysis.drift.error_process import block_means
from lr_finder.plots.style import (
    ACCENT,
    BAND,
    as_label,
    label_axes,
    legend_below,
    new_figure,
    panel_width,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.results.drift.deployment import DriftReport
    from lr_finder.results.drift.one_policy import Deployment

# What is never trained again is grey, thin and on top: before the first training all
# policies have the same error. Dash and width tell the lines apart in grey too.
LOOKS: dict[str, dict[str, Any]] = {
    "never": {"color": "0.45", "linestyle": "-", "linewidth": 1.1, "zorder": 3},
    "calendar": {"color": "#2f8f6b", "linestyle": (0, (5, 1.5)), "linewidth": 1.8},
    "alarm": {"color": "#12355b", "linestyle": "-", "linewidth": 2.2},
}
OTHERS = ("#3388c6", "#9a6fb0", "#c79a2b", "#7a4b2a")
WORDS = {"calendar": "by calendar", "alarm": "after an alarm"}  # what is no event
UNNAMED = "stream"  # the name of a stream that was given none
LANE = 0.06  # of the height: the rows of marks below the curves
MARK_SIZES = {"s": 5, "^": 6.5}
WIDTH, HEIGHT = 6.6, 5.4  # inches: words stay legible at 375 pixels
PER_DATE, MOST_DATES = 1.4, 5  # inches


def plot_deployment(report: DriftReport, ax: Axes | None = None) -> Axes:
    """Draw the mean error of each policy over blocks of rows, and what happened when.

    Args:
        report: DriftReport.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes. A line for each policy; a dotted line for the error before
        deployment; a vertical line or a band for each known drift, or a line at the row
        from which the model failed; below the curves, a lane for each policy with its
        alarms (triangles) and trainings (open squares).

    Example:
    >>> from lr_finder import Deployment, DriftReport
    >>> errors = np.array([1.0] * 100 + [3.0] * 100)
    >>> report = DriftReport((Deployment("never", errors, (120,)),), 1.0, 50,
    ...                      "regression")
    >>> ax = plot_deployment(report)
    >>> ax.get_lines()[0].get_ydata().tolist()[4:6]
    [1.0, 3.0]
    """
    if ax is None:
        ax = new_figure(WIDTH, HEIGHT).subplots()
    factor = 100.0 if report.task == "classification" else 1.0
    for one, look in zip(report.deployments, looks_for(report.policies), strict=True):
        _draw_level(ax, report, one, look, factor)
    ax.axhline(
        report.before * factor, color="0.3", linestyle=":", linewidth=1.2,
        label="before deployment",
    )  # fmt: skip
    _mark_drifts(ax, report)
    _mark_events(ax, report)
    _label(ax, report)
    return ax


def looks_for(policies: tuple[str, ...]) -> list[dict[str, Any]]:
    """Color and dash of each policy: the same in every figure for the usual ones.

    Args:
        policies: tuple of str.

    Returns:
        list of dict, arguments of `Axes.plot`.

    Example:
    >>> [look["color"] for look in looks_for(("never", "alarm, from scratch"))]
    ['0.45', '#3388c6']
    """
    others = itertools.cycle(OTHERS)
    dashes = {"linestyle": (0, (3, 1, 1, 1)), "linewidth": 1.8}
    return [
        LOOKS[name] if name in LOOKS else {"color": next(others), **dashes}
        for name in policies
    ]


def policy_label(policy: str) -> str:
    """A policy as the legend names it, so that `alarm` is no event.

    Args:
        policy: str, e.g. `RetrainingPolicy.label`.

    Returns:
        str.

    Example:
    >>> policy_label("never"), policy_label("alarm, from scratch")
    ('trained: never', 'trained: after an alarm, from scratch')
    """
    when, comma, how = policy.partition(",")
    return f"trained: {as_label(WORDS.get(when, when) + comma + how)}"


def _draw_level(
    ax: Axes,
    report: DriftReport,
    one: Deployment,
    look: dict[str, Any],
    factor: float,
) -> None:
    """Means over blocks, at the middle of each."""
    finite = np.where(np.isfinite(one.errors), one.errors, np.nan)
    means = block_means(finite, report.block) * factor
    middles = (np.arange(len(means)) + 0.5) * report.block
    ax.plot(middles, means, label=policy_label(one.policy), **look)


def _mark_drifts(ax: Axes, report: DriftReport) -> None:
    """Known drifts; else where the model began to fail."""
    if not report.drifts:
        if report.failing_since is not None:
            ax.axvline(
                report.failing_since, color=ACCENT, linewidth=1.4, zorder=1,
                label="began to fail",
            )  # fmt: skip
        return
    for place, span in enumerate(report.drifts):
        label = "_" if place else "drift"
        if span.end - span.start > report.block:
            ax.axvspan(span.start, span.end, color=BAND, alpha=0.6, label=label)
        else:
            ax.axvline(
                span.start, color=ACCENT, linewidth=1.4, zorder=1, label=label
            )  # fmt: skip


def _mark_events(ax: Axes, report: DriftReport) -> None:
    """Alarms and trainings of each policy in a lane of its own, below the curves."""
    bottom, top = 0.0, ax.get_ylim()[1]
    with_events = [
        (one, look)
        for one, look in zip(
            report.deployments, looks_for(report.policies), strict=True
        )
        if one.alarms or one.trainings
    ]
    height = (top - bottom) * LANE
    named: dict[str, str] = {}
    for place, (one, look) in enumerate(with_events):
        level = bottom - (place + 0.5) * height
        trained = [row["at"] for row in one.trainings]
        for places, mark, name in (
            (trained, "s", "trained again"), (one.alarms, "^", "alarm raised"),
        ):  # fmt: skip
            if len(places):
                _draw_marks(ax, places, [level] * len(places), mark, look["color"])
                named.setdefault(name, mark)
    for name, mark in named.items():
        _draw_marks(ax, [], [], mark, "0.3", label=name)
    lowest = bottom - (len(with_events) + 0.5) * height * bool(with_events)
    ax.set_ylim(lowest, top)
    ax.set_yticks([tick for tick in ax.get_yticks() if bottom <= tick <= top])
    if with_events:  # a strip of its own: no errors below zero
        ax.axhspan(lowest, bottom, color="0.95", linewidth=0, zorder=-1)
    ax.axhline(bottom, color="0.5", linewidth=0.8, zorder=0)


def _draw_marks(
    ax: Axes,
    x: Sequence[int],
    y: Sequence[float],
    mark: str,
    color: str,
    label: str = "_",  # in no legend
) -> None:
    """Filled triangles, or open squares, through which a line of a drift is seen."""
    ax.plot(
        x, y, mark, markersize=MARK_SIZES[mark], linestyle="none", clip_on=False,
        markeredgecolor=color, markeredgewidth=1.2,
        markerfacecolor="none" if mark == "s" else color, label=label,
    )  # fmt: skip


def _label(ax: Axes, report: DriftReport) -> None:
    """Title, axes, dates below the ticks if they are known."""
    answer = str(report)
    if report.name == UNNAMED:
        title = answer[:1].upper() + answer[1:]
    else:
        title = f"{as_label(report.name)}: {answer}"
    unit = "wrong answers in %" if report.task == "classification" else "absolute error"
    target = report.about.get("target")
    if target and target != "target" and report.task == "regression":
        unit += f" of {as_label(str(target), 25)}"
    what = "row after deployment" if report.times is None else "time"
    label_axes(ax, title, what, f"{unit}, mean of {report.block} rows")
    ax.set_xlim(0, report.rows)
    if report.times is not None:
        n = min(MOST_DATES, max(2, int(panel_width(ax) / PER_DATE)))
        places = np.linspace(0, report.rows - 1, n + 1).round().astype(int)[:-1]
        ax.set_xticks(places, [report.time_of(int(p))[:10] for p in places])
    legend_below(ax, 3)
