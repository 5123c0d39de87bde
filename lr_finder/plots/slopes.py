"""Losses over learning rates, and the slopes of the curve through them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import format_rate
from lr_finder.analysis.sweep.plain_lists import rates_and_losses
from lr_finder.analysis.sweep.preparation import Prepared, as_vectors, prepare
from lr_finder.analysis.sweep.smoothing import (
    MAX_WINDOW_SHARE,
    MIN_WINDOW,
    MIN_WINDOW_SHARE,
    NOISE_SHARE,
    POLYNOMIAL,
    VARIANCE_LEFT,
    noise_level,
)
from lr_finder.errors import InputError, SuggestionError
from lr_finder.plots.off_axis import mark_above, mark_below
from lr_finder.plots.style import (
    ACCENT,
    LOG_FROM_RATIO,
    RAW,
    SMOOTH,
    label_axes,
    new_figure,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from lr_finder.results.sweep import SweepResult

SLOPE = "#2f8f6b"
MARGIN = 0.08  # of the losses shown, above and below


def plot_learning_rate_analysis(
    learning_rates: Sequence[float] | np.ndarray | SweepResult,
    losses: Sequence[float] | np.ndarray | None = None,
    optimal_lr: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw losses over their rates, the smoothed curve, its slopes, the rate chosen.

    The slope is the change of the log-loss per ln(lr) along the smoothed curve (of the
    loss, if one is not positive), on axes of its own at the right. There is none beyond
    the divergence, and both lines end where the smoothing filter has half its window.
    The title says where the curve falls fastest and how low it gets; losses above the
    axes are told in words. Even the smallest filter would flatten a valley of few
    points. So with fewer than 25 losses, or fewer than 63 with so little noise that
    `analysis.smoothing.window_length` asks for less, the curve goes through the losses
    themselves. Fewer than 10 losses are drawn without a curve.

    Args:
        learning_rates: sequence of float (n,), positive, strictly increasing; or a
            SweepResult, which holds rates and losses (of repeats, their mean).
        losses: sequence of float (n,); those not finite are left out. None for a
            SweepResult.
        optimal_lr: float > 0, the rate to mark, or None.
        ax: matplotlib Axes to draw on; by default those of a new figure, which is
            `ax.figure`. It is not shown: do that yourself.

    Returns:
        matplotlib Axes, the one with the losses.

    Raises:
        InputError: If the lists are not vectors of equal length or hold no finite loss,
            or if `losses` comes with a SweepResult.

    Example:
    >>> rates = np.geomspace(1e-5, 1e-1, 100)
    >>> ax = plot_learning_rate_analysis(rates, 1 / (1 + rates / 1e-3), 1e-2)
    >>> [line.get_label() for line in ax.lines]
    ['losses', 'smoothed', 'chosen 1e-2']
    """
    rates, values = as_vectors(*rates_and_losses(learning_rates, losses))
    finite = np.isfinite(values)
    if not finite.any():
        raise InputError(
            "Argument `losses` must hold a finite loss. Received: none of "
            f"{len(values)}. Start at lower learning rates."
        )
    if ax is None:
        ax = new_figure().subplots()
    curve = _prepared(rates, values)
    ax.plot(
        rates[finite], values[finite], color=RAW, linewidth=0.6, marker="o",
        markersize=3, markeredgewidth=0, label="losses",
    )  # fmt: skip
    shown = [ax]
    if curve is not None:
        right = ax.twinx()
        shown.append(right)
        _draw_curve(ax, right, rates, values, curve)
    if optimal_lr is not None:
        ax.axvline(
            optimal_lr, color=ACCENT, linestyle=(0, (6, 2)), linewidth=1.6,
            label=f"chosen {format_rate(optimal_lr)}",
        )  # fmt: skip
    _label(shown, values[finite], curve)
    return ax


def _prepared(rates: np.ndarray, values: np.ndarray) -> Prepared | None:
    """The curve that the rules judge; None if there are too few points."""
    try:
        return prepare(rates, values)
    except SuggestionError:
        return None


def _draw_curve(
    ax: Axes, right: Axes, rates: np.ndarray, values: np.ndarray, curve: Prepared
) -> None:
    """The curve through the losses and, on the axes at the right, its slope."""
    (at, losses), name = curve.line(), "smoothed"
    slopes = np.gradient(curve.smoothed, curve.grid.step)[curve.inner]
    slopes_at = at
    points = values[: curve.points]
    points = np.log(points) if curve.is_log else points
    if _needs_no_smoothing(points):
        at, losses, name = rates[: curve.points], values[: curve.points], "curve"
        x = np.log(at)
        slopes_at, slopes = np.exp((x[1:] + x[:-1]) / 2), np.diff(points) / np.diff(x)
    ax.plot(at, losses, color=SMOOTH, linewidth=2.2, label=name)
    right.axhline(0, color=SLOPE, linewidth=0.6)
    right.plot(
        slopes_at, slopes, color=SLOPE, linewidth=1.4, linestyle=(0, (1, 1.2)),
        label="slope",
    )  # fmt: skip
    of = "log-loss" if curve.is_log else "loss"
    right.set_ylabel(f"slope of the {of} per ln(learning rate)", color=SLOPE)


def _needs_no_smoothing(values: np.ndarray) -> bool:
    """Whether the smallest window is too wide for so few points, or for their noise."""
    if MAX_WINDOW_SHARE * len(values) < MIN_WINDOW:
        return True
    if MIN_WINDOW_SHARE * len(values) > MIN_WINDOW:
        return False
    allowed = NOISE_SHARE * float(np.ptp(values))
    needed = VARIANCE_LEFT * noise_level(values) ** 2
    return needed <= (POLYNOMIAL + 1) * allowed**2


def _label(shown: Sequence[Axes], losses: np.ndarray, curve: Prepared | None) -> None:
    """Scales that show the descent, labels, a legend for both axes."""
    ax = shown[0]
    ax.set_xscale("log")
    judged = losses if curve is None else losses[: curve.points]
    low, high = float(judged.min()), float(judged.max())
    is_log = low > 0 and high / low > LOG_FROM_RATIO
    ax.set_yscale("log" if is_log else "linear")
    if high > low:
        forward, back = (np.log, np.exp) if is_log else (float, float)
        margin = MARGIN * (forward(high) - forward(low))
        ax.set_ylim(back(forward(low) - margin), back(forward(high) + margin))
    mark_above(ax)
    mark_below(ax)
    label_axes(ax, _finding(shown, len(losses)), "learning rate", "loss")
    lines = [line for each in shown for line in each.lines]
    named = [line for line in lines if not str(line.get_label()).startswith("_")]
    ax.legend(handles=named, loc="best", frameon=False, fontsize="small")


def _finding(shown: Sequence[Axes], count: int) -> str:
    """Where the curve drawn falls fastest, and its lowest loss."""
    if len(shown) == 1:
        return f"Too few points for a curve: {count}"
    (rates, losses), (slopes_at, slopes) = (_points(ax.lines[1]) for ax in shown)
    lowest, steepest = np.argmin(losses), np.argmin(slopes)
    told = f"lowest ({losses[lowest]:.3g}) at {format_rate(rates[lowest])}"
    if slopes[steepest] >= 0:
        return f"The loss never falls; it is {told}"
    return f"Falls fastest at {format_rate(slopes_at[steepest])}, is {told}"


def _points(line: Line2D) -> tuple[np.ndarray, np.ndarray]:
    """The data of a line, x and y."""
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
