"""What leaves the axes at the top, told in words: a picture must not hide it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder.plots.ticks import format_plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FAR = 0.25  # of the range shown: what leaves it by more is told in words
EDGE = 0.02  # of the range shown, left free above what is let in
HINT_HEIGHT = 0.985  # of the axes, where the words end
HINT: dict[str, Any] = {
    "fontsize": "small",
    "bbox": {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5},
}


def mark_above(ax: Axes, height: float = HINT_HEIGHT) -> bool:
    """Say how high the lines go that have left the axes at the top.

    What lies just above is let in: the axis grows by up to a quarter. So no line leaves
    it in silence.

    Lines that are placed in fractions of the axes, as marks of rates are, do not count.

    Args:
        ax: matplotlib Axes, whose lines are drawn and limits set.
        height: float in [0, 1], of the axes, where the words have their upper end.

    Returns:
        bool, whether there was something to say.

    Example:
    >>> from lr_finder.plots.style import new_figure
    >>> ax = new_figure().subplots()
    >>> _ = ax.plot([1, 2, 3], [0.5, 1.0, 400.0])
    >>> _ = ax.set_ylim(0, 2)
    >>> mark_above(ax), ax.texts[0].get_text()
    (True, 'above the axis: up to 400 ↑')
    """
    bottom, top = ax.get_ylim()
    highest, place = _highest(ax)
    if not highest > top:
        return False
    transform = ax.yaxis.get_transform()
    low, high, end = transform.transform(np.array([bottom, top, highest]))
    if end - high <= FAR * (high - low):
        end += EDGE * (high - low)
        ax.set_ylim(bottom, float(transform.inverted().transform(end)))
        return False
    is_right = ax.transAxes.inverted().transform(ax.transData.transform((place, top)))
    is_right = is_right[0] > 0.5
    text = f"above the axis: up to {format_plain(highest, 2)}"
    ax.annotate(
        f"{text} \u2191" if is_right else f"\u2191 {text}",
        (place, height), xycoords=ax.get_xaxis_transform(),
        xytext=(-5 if is_right else 5, 0), textcoords="offset points",
        ha="right" if is_right else "left", va="top", **HINT,
    )  # fmt: skip
    return True


def _highest(ax: Axes) -> tuple[float, float]:
    """The highest finite value of the lines, and where it is; -inf without one."""
    highest, place = -np.inf, 0.0
    for line in ax.lines:
        values = np.asarray(line.get_ydata(), float)
        values = np.where(np.isfinite(values), values, -np.inf)
        is_data = line.get_transform() is ax.transData
        if is_data and len(values) and values.max() > highest:
            highest = float(values.max())
            place = float(np.asarray(line.get_xdata(), float)[values.argmax()])
    return highest, place
