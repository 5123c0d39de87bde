"""The trainings of an experiment drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from time_series.settings import COMPARED, SAME_STOPPING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# As in `lr_finder.plot_before_after`: orange is before, blue is after. Told apart in
# grey too: each color has a dash of its own.
STYLES = (("#b3440a", (0, (6, 2))), ("#12355b", "-"), ("#2f8f6b", (0, (1, 1.2))))
ORDER = {"baseline": 0, "optimized": 1, SAME_STOPPING: 2}  # the same in every figure


def plot_losses(rows: Sequence[Mapping[str, Any]], ax: Axes | None = None) -> Axes:
    """Draw the loss on the watched part over the epochs, a curve for each row.

    Args:
        rows: sequence of mappings as `run_arm` gives them.
        ax: matplotlib Axes to draw on; by default those of a new figure.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> row = {"arm": "baseline", "learning_rate": 1e-3, "watched_losses": [2.0, 1.0],
    ...        "validation_mse": 1.5}
    >>> plot_losses([row]).lines[0].get_label()
    'baseline, 1e-3: 1.5 when scored'
    """
    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=(9.0, 5.4), layout="constrained").subplots()
    for place, row in enumerate(rows):
        arm = row["arm"]
        color, dash = STYLES[ORDER.get(arm, place) % len(STYLES)]
        losses = row["watched_losses"]
        ax.plot(
            np.arange(1, len(losses) + 1), losses, color=color, linestyle=dash,
            linewidth=1.6,
            label=f"{COMPARED.get(arm, arm)}, {format_rate(row['learning_rate'])}: "
            f"{row['validation_mse']:.4g} when scored",
        )  # fmt: skip
    ax.set_yscale("log")
    ax.set_title("Loss on the watched part", fontsize="medium")
    ax.set_xlabel("epoch")
    ax.set_ylabel("mean squared error (log scale)")
    ax.grid(visible=True, color="0.9", linewidth=0.7)
    ax.set_axisbelow(True)
    ax.legend(frameon=False, fontsize="small")
    return ax
