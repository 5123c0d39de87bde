"""The short trainings of a verification: one loss curve for each rate."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from lr_finder.plots.comparison import COLORS, DASHES, MARKERS
from lr_finder.plots.figures import legend_below, new_figure
from lr_finder.plots.losses import limit_losses, running_median

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.verified import VerifiedSuggestion


def plot_verification(verified: VerifiedSuggestion, ax: Axes | None = None) -> Axes:
    """Draw the training loss of each candidate over its steps, a running median.

    The winner is thick and above the others; a curve that ends early was dropped, one
    that ends in a cross diverged.

    Args:
        verified: VerifiedSuggestion.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> from lr_finder.analysis.race import Row
    >>> from lr_finder.analysis.suggestion import Suggestion
    >>> from lr_finder.verified import VerifiedSuggestion
    >>> ax = plot_verification(VerifiedSuggestion(
    ...     Suggestion(0.2, 0.1, 0.4, "drop, verified"),
    ...     (Row(0.1, 1, 9, 2.0, None, "dropped"), Row(0.2, 1, 9, 1.0, None, "winner")),
    ...     {0.1: np.full(9, 2.0), 0.2: np.full(9, 1.0)}, None, 18))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['1.0e-01  dropped after 9 steps', '2.0e-01  best after 9 steps']
    """
    if ax is None:
        ax = new_figure().subplots()
    ends = {row.lr: row.status for row in verified.table}
    places = itertools.count(1)  # the first color and the full line are the winner's
    for lr, losses in verified.losses.items():
        place = 0 if lr == verified.winner else next(places)
        _draw(ax, place, lr, losses, ends[lr])
    limit_losses(ax, list(verified.losses.values()))
    answer = f"{verified.lr:.1e} ({verified.low:.1e} to {verified.high:.1e})"
    ax.set_title(f"Short trainings; they point at {answer}", fontsize="medium")
    ax.set_xlabel("step")
    ax.set_ylabel("training loss (running median)")
    ax.grid(visible=True, color="0.9", linewidth=0.7)
    ax.set_axisbelow(True)
    legend_below(ax, 2)
    return ax


def _draw(ax: Axes, place: int, lr: float, losses: np.ndarray, status: str) -> None:
    """One rate's curve, and how it ended."""
    losses = np.asarray(losses, dtype=float)
    losses = losses[np.isfinite(losses)]
    steps = np.arange(1, len(losses) + 1)
    is_winner = status == "winner"
    marker = "x" if status == "diverged" else MARKERS[place % len(MARKERS)]
    name = "best" if is_winner else {"kept": "dropped"}.get(status, status)
    turn = place // len(COLORS)  # of the colors: the next has other dashes
    color, dash = COLORS[place % len(COLORS)], DASHES[(place + turn) % len(DASHES)]
    ax.plot(
        steps, running_median(losses), color=color, linestyle=dash,
        linewidth=2.8 if is_winner else 1.6, zorder=3 if is_winner else 2,
        marker=marker, markevery=(max(len(losses) - 1, 0), 1), markersize=7,
        label=f"{lr:.1e}  {name} after {len(losses)} steps",
    )  # fmt: skip
