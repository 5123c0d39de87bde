"""What leaves the axes, told in words: a picture must not hide it."""

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
    return _mark(ax, is_top=True, height=height)


def mark_below(ax: Axes, height: float = 1 - HINT_HEIGHT) -> bool:
    """Say how low the lines go that have left the axes at the bottom.

    The mirror image of `mark_above`.

    Args:
        ax: matplotlib Axes, whose lines are drawn and limits set.
        height: float in [0, 1], of the axes, where the words have their lower end.

    Returns:
        bool, whether there was something to say.

    Example:
    >>> from lr_finder.plots.style import new_figure
    >>> ax = new_figure().subplots()
    >>> _ = ax.plot([1, 2, 3], [0.5, 1.0, -400.0])
    >>> _ = ax.set_ylim(0, 2)
    >>> mark_below(ax), ax.texts[0].get_text()
    (True, 'below the axis: down to -400 ↓')
    """
    return _mark(ax, is_top=False, height=height)


def _mark(ax: Axes, *, is_top: bool, height: float) -> bool:
    """Let in what lies just outside; say of the rest how far it goes."""
    sign = 1 if is_top else -1
    near, limit = ax.get_ylim() if is_top else ax.get_ylim()[::-1]
    extreme, place = _extreme(ax, sign)
    if not sign * extreme > sign * limit:
        return False
    transform = ax.yaxis.get_transform()
    start, edge, end = transform.transform(np.array([near, limit, extreme]))
    if abs(end - edge) <= FAR * abs(edge - start):
        end = float(transform.inverted().transform(end + EDGE * (edge - start)))
        ax.set_ylim(None if is_top else end, end if is_top else None)
        return False
    is_right = ax.transAxes.inverted().transform(ax.transData.transform((place, limit)))
    is_right = is_right[0] > 0.5
    how_far = format_plain(extreme, 2)
    text = f"above the axis: up to {how_far}"
    if not is_top:
        text = f"below the axis: down to {how_far}"
    arrow = "↑" if is_top else "↓"
    ax.annotate(
        f"{text} {arrow}" if is_right else f"{arrow} {text}",
        (place, height), xycoords=ax.get_xaxis_transform(),
        xytext=(-5 if is_right else 5, 0), textcoords="offset points",
        ha="right" if is_right else "left", va="top" if is_top else "bottom", **HINT,
    )  # fmt: skip
    return True


def _extreme(ax: Axes, sign: int) -> tuple[float, float]:
    """The highest (sign 1) or lowest (-1) finite value of the lines, and its place.

    Without such a value, -inf or inf.
    """
    furthest, place = -np.inf, 0.0
    for line in ax.lines:
        values = sign * np.asarray(line.get_ydata(), float)
        values = np.where(np.isfinite(values), values, -np.inf)
        is_data = line.get_transform() is ax.transData
        if is_data and len(values) and values.max() > furthest:
            furthest = float(values.max())
            place = float(np.asarray(line.get_xdata(), float)[values.argmax()])
    return sign * furthest, place
