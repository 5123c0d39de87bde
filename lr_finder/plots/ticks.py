"""The numbers at the axes: plain ones, and whole ones where things are counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import format_rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

PLAIN_FROM, PLAIN_BELOW = 1e-3, 1e5  # numbers of an axis that need no power of ten
MOST_EPOCHS = 8  # numbered along an axis of batches


def format_plain(value: float, digits: int = 6) -> str:
    """A number as it stands at an axis: without a power of ten, if it is short.

    Args:
        value: float.
        digits: int >= 1, significant digits at most.

    Returns:
        str.

    Example:
    >>> [format_plain(value) for value in (60.0, 2e-3, 2e-4, 4e7, 0)]
    ['60', '0.002', '2e-4', '4e7', '0']
    >>> format_plain(1234.5, 2)
    '1200'
    """
    if not PLAIN_FROM <= abs(value) < PLAIN_BELOW:
        return format_rate(value, digits)
    rounded = float(f"{value:.{digits - 1}e}")
    return f"{rounded:.15g}"


def plain_log_ticks(ax: Axes) -> None:
    """Number logarithmic axes as 0.002 or 60; as 1e-5 if they reach that far.

    Matplotlib writes 6 × 10¹ if an axis holds few powers of ten.

    Args:
        ax: matplotlib Axes, whose scales are set.

    Example:
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> ax.set(yscale="log", ylim=(15, 80)) and plain_log_ticks(ax)
    >>> ax.figure.draw_without_rendering()
    >>> [text.get_text() for text in ax.get_yticklabels(minor=True) if text.get_text()]
    ['20', '30', '40', '60']
    """
    for axis, scale in ((ax.xaxis, ax.get_xscale()), (ax.yaxis, ax.get_yscale())):
        if scale == "log":
            _number_plainly(axis)


def _number_plainly(axis: Axis) -> None:
    """Matplotlib chooses which ticks have a number; this one how it is written."""
    from matplotlib.ticker import LogFormatter

    class Plain(LogFormatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            if not super().__call__(x, pos):
                return ""
            low, high = sorted(axis.get_view_interval())
            is_short = PLAIN_FROM <= low and high < PLAIN_BELOW
            return format_plain(x) if is_short else format_rate(x, 6)

    axis.set_major_formatter(Plain())
    axis.set_minor_formatter(Plain(labelOnlyBase=False))


def whole_ticks(axis: Axis, first: int = 0) -> None:
    """Ticks at whole numbers only: there is no batch or epoch and a half.

    Args:
        axis: matplotlib Axis of a linear scale.
        first: int, the lowest number there is.

    Example:
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> _ = ax.plot([1, 2], [3, 4])
    >>> whole_ticks(ax.xaxis)
    >>> all(tick == round(tick) for tick in ax.get_xticks())
    True
    """
    from matplotlib.ticker import MaxNLocator

    class Counted(MaxNLocator):
        # The stub says Sequence; Matplotlib's own locators return arrays.
        def tick_values(  # type: ignore[override]
            self, vmin: float, vmax: float
        ) -> np.ndarray:
            ticks = np.asarray(super().tick_values(vmin, vmax))
            return ticks[ticks >= first]

    steps = [1, 2, 5, 10]
    locator = Counted("auto", steps=steps, integer=True, min_n_ticks=1)
    axis.set_major_locator(locator)


def epochs_on_top(ax: Axes, ends: Sequence[int] | np.ndarray) -> None:
    """Number the epochs, from 1, at their last batches along the top of the axes.

    At most 8 of them, every 2nd, 5th, 10th, …; of a single epoch there is nothing to
    number.

    Args:
        ax: matplotlib Axes, whose x axis counts batches.
        ends: sequence of int, the last batch of each epoch.

    Example:
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> epochs_on_top(ax, range(9, 200, 10))
    >>> [text.get_text() for text in ax.child_axes[0].get_xticklabels()]
    ['5', '10', '15', '20']
    """
    if len(ends) < 2:
        return
    steps = (scale * step for scale in (10**n for n in range(9)) for step in (1, 2, 5))
    step = next(each for each in steps if len(ends) <= MOST_EPOCHS * each)
    numbers = range(step, len(ends) + 1, step)
    top = ax.secondary_xaxis("top")
    top.set_xticks([ends[number - 1] for number in numbers], list(map(str, numbers)))
    top.tick_params(labelsize="small", length=2.5, pad=1.5)
    top.set_xlabel("epoch", fontsize="small", labelpad=2)
