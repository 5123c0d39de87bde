"""How soon trainings come down to the same loss."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.errors import InputError
from lr_finder.plots.style import RAW, SMOOTH, as_label, label_axes, new_figure
from lr_finder.plots.ticks import format_plain, whole_ticks
from lr_finder.plots.training.losses import running_median

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lr_finder.analysis.training.record import TrainingRecord

DESCENT = 0.9  # of the best training's: its last tenth may take as long as the rest
ROOM = 1.45  # of the longest bar: the number stands beside it


def plot_training_speed(
    records: Mapping[str | float, TrainingRecord],
    ax: Axes | None = None,
    *,
    target: float | None = None,
) -> Axes:
    """Draw how many batches each training took to reach a loss, as bars.

    The title says which was the first.

    Args:
        records: mapping of name or learning rate to TrainingRecord, at least one.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        target: float, the loss to reach (by the running median); by default 90 % of
            the descent of the training that came lowest.

    Returns:
        matplotlib Axes, the one drawn on. A hatched bar is a training that did not
        reach the loss.

    Raises:
        InputError: If there is no training with a finite loss.

    Example:
    >>> from lr_finder.analysis.training.record import TrainingRecord
    >>> fast, slow = (TrainingRecord({"loss": 2 - np.arange(20) * slope})
    ...               for slope in (0.1, 0.05))
    >>> ax = plot_training_speed({"fast": fast, "slow": slow}, target=1.2)
    >>> [text.get_text() for text in ax.texts]
    ['9 batches', '17 batches']
    """
    curves = {name: running_median(record.losses) for name, record in records.items()}
    if not any(map(len, curves.values())):
        raise InputError(
            "Argument `records` must hold a training with a finite loss. Received: "
            f"{counted(len(records), 'training')}, none with one."
        )
    if ax is None:
        ax = new_figure().subplots()
    if target is None:
        best = min((c for c in curves.values() if len(c)), key=np.min)
        target = float(best[0] - DESCENT * (best[0] - best.min()))
    are_rates = all(isinstance(name, float) for name in curves)
    labels = [
        format_rate(float(n)) if are_rates else as_label(str(n), 24) for n in curves
    ]
    longest, reached = 1, {}
    for place, (name, losses) in enumerate(curves.items()):
        below = np.flatnonzero(losses <= target)
        count = int(below[0]) + 1 if len(below) else len(records[name].losses)
        longest = max(longest, count)
        look: dict[str, Any] = {"color": SMOOTH}
        if len(below):
            reached[labels[place]] = count
        else:
            look = {"color": "white", "edgecolor": RAW, "hatch": "///"}
        ax.barh(place, count, height=0.6, **look)
        ax.annotate(
            _told(records[name], count, reached=bool(len(below))), (count, place),
            xytext=(5, 0), textcoords="offset points", va="center", fontsize="small",
        )  # fmt: skip
    ax.set_yticks(range(len(curves)), labels)
    ax.invert_yaxis()
    ax.set_xlim(0, ROOM * longest)
    label_axes(ax, _finding(reached, len(curves), target), "batches",
               "learning rate" if are_rates else "")  # fmt: skip
    whole_ticks(ax.xaxis)
    ax.grid(visible=False, axis="y")
    return ax


def _finding(reached: Mapping[str, int], trainings: int, target: float) -> str:
    """Which training came down to the target first, and by how much."""
    loss = f"a loss of {format_plain(target, 2)}"
    if not reached:
        return f"No training reaches {loss}"
    first, *others = sorted(reached, key=reached.__getitem__)
    text = f"{first} reaches {loss} after {counted(reached[first], 'batch')}"
    if others and reached[others[0]] == reached[first]:
        return f"{text}, as soon as {others[0]}"
    if others:
        return f"{text}, {others[0]} after {reached[others[0]]:,}"
    return text + ", no other does" * (trainings > 1)


def _told(record: TrainingRecord, count: int, *, reached: bool) -> str:
    """What stands beside a bar: batches, and seconds if they are known."""
    if not reached:
        return f"not in {counted(count, 'batch')}"
    seconds = record.batches.get("seconds")
    time = "" if seconds is None else f", {np.sum(seconds[:count]):.2g} s"
    return f"{counted(count, 'batch')}{time}"
