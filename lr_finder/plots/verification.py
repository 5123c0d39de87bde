"""The short trainings of a verification: one curve for each rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.verification.trial_losses import merit
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import label_axes, legend_below, new_figure
from lr_finder.plots.ticks import whole_ticks
from lr_finder.plots.training.losses import limit_losses

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.verification.candidates import Row
    from lr_finder.results.verification import VerifiedSuggestion

POINTS = 200  # of a curve at most, beside those with a marker
NAMES = {"winner": "best", "kept": "dropped"}  # how a rate ended, in the legend
MERIT = (
    "training losses so far: halfway between their\n"
    "mean and the median of the last third"
)
THICK = ("winner", "answer")


def plot_verification(verified: VerifiedSuggestion, ax: Axes | None = None) -> Axes:
    """Draw how well each rate trained, after each of its steps.

    The number drawn is the one that rates are judged by, `loss` in the table: halfway
    between the mean of the losses so far and the median of the last third of them. The
    markers are the rows of the table. The curves are in the order of their rates; if
    there are more than five, they go from dark to light. The best candidate and the
    answer are thick. A curve with crosses diverged.

    Args:
        verified: VerifiedSuggestion.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.analysis.verification.candidates import Row
    >>> from lr_finder.analysis.sweep.suggestion import Suggestion
    >>> from lr_finder.results.verification import VerifiedSuggestion
    >>> ax = plot_verification(VerifiedSuggestion(
    ...     Suggestion(0.2, 0.1, 0.4, "drop, verified"),
    ...     (Row(0.1, 1, 9, 2.0, None, "dropped"), Row(0.2, 1, 9, 1.0, None, "winner")),
    ...     {0.1: np.full(9, 2.0), 0.2: np.full(9, 1.0)}, None, 18))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['0.1  dropped after 9 steps', '0.2  best after 9 steps']
    """
    if ax is None:
        ax = new_figure().subplots()
    curves = []
    looks = line_looks(len(verified.losses))
    for look, (lr, losses) in zip(looks, sorted(verified.losses.items()), strict=True):
        rows = [row for row in verified.table if row.lr == lr]
        curves.append(_draw(ax, look, np.asarray(losses, dtype=float), rows))
    limit_losses(ax, curves)
    rate, low, high = map(format_rate, (verified.lr, verified.low, verified.high))
    title = f"Short trainings; they point at {rate} ({low} to {high})"
    label_axes(ax, title, "step", MERIT)
    whole_ticks(ax.xaxis, first=1)
    legend_below(ax, 2)
    return ax


def _draw(
    ax: Axes, look: dict[str, Any], losses: np.ndarray, rows: Sequence[Row]
) -> np.ndarray:
    """One rate's curve, a marker for each of its rows, and how it ended."""
    losses = losses[np.isfinite(losses)]
    last = rows[-1]
    marked = [min(row.steps, len(losses)) for row in rows]
    steps = np.linspace(1, len(losses), min(POINTS, len(losses))).round().astype(int)
    steps = np.union1d(steps, marked)
    values = np.array([merit(losses[:step]) for step in steps])
    if last.status == "diverged":
        look = look | {"marker": "x"}
    name = NAMES.get(last.status, last.status)
    ax.plot(
        steps, values, **look,
        linewidth=2.8 if last.status in THICK else 1.6,
        zorder=3 if last.status in THICK else 2,
        markevery=np.searchsorted(steps, marked).tolist(), markersize=7,
        label=f"{format_rate(last.lr)}  {name} after {counted(len(losses), 'step')}",
    )  # fmt: skip
    return values
