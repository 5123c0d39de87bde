"""The crosses that mark runs without a score in the figures of a comparison."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.transforms import Transform

    from lr_finder.plots.comparison.optimizer_styles import Look

LOST = "0.25"  # dark grey: what diverged, if no optimizer is meant
LOST_HEIGHT = 0.03  # of the axes, where runs without a value are marked
LOST_ROOM = 0.08  # of the scores drawn, left free for those marks
STACKED = 8.0  # points, from a cross to the next one of the same place


def mark_lost(
    ax: Axes,
    lost: Mapping[str, Any],
    looks: Mapping[str, Look],
    level: float | None,
    *,
    at_top: bool = False,
) -> None:
    """Mark runs without a score by crosses: at the chance level, or at the worse end.

    Crosses of one place are stacked, away from that end, so that none hides another.

    Args:
        ax: matplotlib Axes, whose scores are drawn and limits set.
        lost: mapping of optimizer -> float array (n,), where on the x axis; what is not
            finite is marked at its left end.
        looks: mapping of optimizer -> Look.
        level: float, that of chance; None for an end of the y axis, where room is made.
        at_top: bool, whether that is the upper end, as for losses.
    """
    height = 1 - LOST_HEIGHT if at_top else LOST_HEIGHT
    if any(map(len, lost.values())) and level is None:
        _make_room(ax, at_top)
    level_transform = ax.transData if level is not None else ax.get_xaxis_transform()
    taken: Counter[float] = Counter()
    for name, values in lost.items():
        x = np.asarray(values, dtype=float)
        placed = x[np.isfinite(x)]
        below = np.array([taken[place] for place in placed], dtype=int)
        for count in np.unique(below):
            own = placed[below == count]
            y = height if level is None else level
            _cross(ax, own, y, looks[name], level_transform, count, at_top)
        taken.update(set(placed.tolist()))
        if len(placed) < len(x):
            left = np.array([LOST_HEIGHT])
            _cross(ax, left, height, looks[name], ax.transAxes, taken[np.inf], at_top)
            taken[np.inf] += 1


def _cross(
    ax: Axes,
    x: np.ndarray,
    y: float,
    look: Look,
    transform: Transform,
    below: int,
    at_top: bool,
) -> None:
    """Crosses of an optimizer, beyond so many others that stand there."""
    from matplotlib.transforms import offset_copy

    if below:
        shift = STACKED * below * (-1 if at_top else 1)
        figure = ax.figure.figure
        transform = offset_copy(transform, figure, y=shift, units="points")
    ax.plot(
        x, np.full(len(x), y), color=look.color, marker="x", linestyle="", zorder=5,
        markersize=9, markeredgewidth=2.2, clip_on=False, transform=transform,
    )  # fmt: skip


def lost_note(label: str = "no score: diverged or failed") -> Line2D:
    """What a legend says of the crosses of runs without a score.

    Args:
        label: str.

    Returns:
        matplotlib Line2D.
    """
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], color=LOST, marker="x", linestyle="", markersize=8,
        markeredgewidth=2.0, label=label,
    )  # fmt: skip


def _make_room(ax: Axes, at_top: bool) -> None:
    """Free an end of the axes for crosses, on a linear or logarithmic axis."""
    transform = ax.yaxis.get_transform()
    low, high = transform.transform(ax.get_ylim())
    room = LOST_ROOM * (high - low)
    ends = [low, high + room] if at_top else [low - room, high]
    ax.set_ylim(*transform.inverted().transform(ends))
