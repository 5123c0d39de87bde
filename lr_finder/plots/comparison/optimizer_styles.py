"""How optimizers look, the same in every figure, and what their figures share."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted
from lr_finder.analysis.comparison.paired_tests import LEAST_SEEDS
from lr_finder.errors import InputError
from lr_finder.plots.style import LOG_FROM_RATIO, MOST_COLUMNS, as_label, legend_below
from lr_finder.results.comparison_runs import SETTING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from lr_finder.results.comparison import Comparison

HANDLE = 3.2  # letters' heights: long enough to tell dashes apart
CHANCE_REACH = 0.3  # of the scores drawn, below which chance is not drawn


@dataclasses.dataclass(frozen=True)
class Look:
    """Color, line and mark of an optimizer: each alone tells it from most others.

    Args:
        color: str, of Matplotlib.
        marker: str, of Matplotlib.
        dash: line style of Matplotlib.
    """

    color: str
    marker: str
    dash: str | tuple[float, tuple[float, ...]]

    def line(self, **options: Any) -> dict[str, Any]:
        """Arguments of `Axes.plot` for a line of the optimizer."""
        return {
            "color": self.color, "marker": self.marker, "linestyle": self.dash,
            "markeredgecolor": "white", "markersize": 6.5, "linewidth": 1.8,
        } | options  # fmt: skip


FULL, LONG, DOTS, MIXED, SHORT = (
    "-", (0, (6, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (3, 1.2)),
)  # fmt: skip
# By lightness: as greys they are ten steps apart, and neighbours have other lines.
KNOWN = {
    "sgd": Look("#022e4f", "o", FULL),
    "lion": Look("#4b2d71", "<", MIXED),
    "muon": Look("#922861", "P", SHORT),
    "adamw": Look("#ac3538", ">", DOTS),
    "adam": Look("#b35505", "s", LONG),
    "nesterov": Look("#3388c6", "v", MIXED),
    "rmsprop": Look("#40a277", "^", DOTS),
    "nadam": Look("#cf8a2d", "h", SHORT),
    "momentum": Look("#6db1e1", "D", FULL),
    "adagrad": Look("#a7c567", "p", DOTS),
}


def styles_for(optimizers: Sequence[str]) -> dict[str, Look]:
    """The look of each optimizer: a known one has its own, whatever else is there.

    Args:
        optimizers: sequence of str, names; those that are not known take in turn the
            looks that are free, then mixtures of them.

    Returns:
        dict of name -> Look.

    Example:
    >>> looks = styles_for(["adam", "mine"])
    >>> looks["adam"].marker, looks["mine"] == KNOWN["sgd"]
    ('s', True)
    """
    own = {name: KNOWN[name] for name in optimizers if name in KNOWN}
    free = [look for name, look in KNOWN.items() if name not in own]
    every = list(KNOWN.values())
    mixed = (  # the color of one, the mark and line of another
        Look(every[place].color, every[other].marker, every[other].dash)
        for turn in itertools.count(1)
        for place in range(len(every))
        for other in [(place + 3 * turn) % len(every)]
    )
    spare = itertools.chain(free, mixed)
    return {
        name: own[name] if name in own else next(spare)
        for name in dict.fromkeys(optimizers)
    }


def pick_model(comparison: Comparison, model: str | None) -> str:
    """The model to draw: the one asked for, or the first.

    Args:
        comparison: Comparison.
        model: str or None.

    Returns:
        str.

    Raises:
        InputError: If the comparison has no such model.
    """
    names = comparison.runs["model"].unique().tolist()
    if model is not None and model not in names:
        raise InputError(
            f"Argument `model` must be one of {', '.join(map(repr, names))}. "
            f"Received: {model!r}."
        )
    return names[0] if model is None else model


def groups_by_optimizer(
    comparison: Comparison, by: str, model: str | None
) -> dict[str, pd.DataFrame]:
    """The runs of each optimizer that a figure shows, in the comparison's order.

    Args:
        comparison: Comparison.
        by: str, the factor, as of `Comparison.groups`.
        model: str or None, the first.

    Returns:
        dict of optimizer -> DataFrame of its runs.
    """
    model = pick_model(comparison, model)
    groups: dict[str, pd.DataFrame] = {}
    for (name, *_), runs in comparison.groups(by):
        if name == model:
            groups |= dict(list(runs.groupby("optimizer", sort=False)))
    return {name: groups[name] for name in comparison.optimizers if name in groups}


def finish_scores(
    ax: Axes, comparison: Comparison, metric: str | None = None
) -> float | None:
    """Set up the y axis of scores: percent, chance where it is near, log of losses.

    Args:
        ax: matplotlib Axes, on which the scores are drawn.
        comparison: Comparison.
        metric: `"accuracy"` or `"loss"`; by default that of the comparison.

    Returns:
        float, the chance level if it is drawn: not where it lies so far below all that
        the scores would be pressed together.
    """
    from matplotlib.ticker import PercentFormatter

    low, high = ax.dataLim.intervaly
    if (metric or comparison.metric) == "loss":
        if low > 0 and np.isfinite(high) and high / low > LOG_FROM_RATIO:
            ax.set_yscale("log")
        return None
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=""))
    chance = comparison.chance
    if chance is None or low - chance > CHANCE_REACH * (high - low):
        return None
    ax.axhline(chance, color="0.5", linewidth=1.0, zorder=1)
    ax.text(
        1.0, chance, "chance ", color="0.35", fontsize="small", ha="right",
        va="bottom", transform=ax.get_yaxis_transform(),
    )  # fmt: skip
    return chance


def score_label(part: str, metric: str) -> str:
    """What stands at the axis of a score.

    Args:
        part: str, of the data: `"test"` or `"validation"`.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        str, with the unit.
    """
    return f"{part} {metric}" + " (%)" * (metric == "accuracy")


def seeds_shown(
    comparison: Comparison, shown: str = "mean and range of the seeds"
) -> str:
    """What a title says of the seeds: of one there is neither a mean nor a range.

    Args:
        comparison: Comparison.
        shown: str, what is drawn of several.

    Returns:
        str.
    """
    if comparison.runs["seed"].nunique() == 1:
        return "one seed"
    scored = comparison.scored.groupby([*SETTING], dropna=False)["score"].count()
    return shown if scored.max() > 1 else "one seed with a score each"


def intervals_shown(
    comparison: Comparison, table: pd.DataFrame, mean: str, low: str
) -> str:
    """What a title says of means and their intervals, as many as are drawn of them.

    Args:
        comparison: Comparison.
        table: DataFrame, what is drawn, with `n`, the seeds of each row.
        mean: str, what the mean is called.
        low: str, the column that holds the lower end of the interval.

    Returns:
        str; if no interval is drawn, it says why.
    """
    most = int(table["n"].max()) if len(table) else 0
    if comparison.runs["seed"].nunique() == 1:
        return "one seed"
    if np.isfinite(table[low].astype(float)).any():
        return f"{mean} and 95 % interval"
    if most < LEAST_SEEDS:
        of = f" of {counted(most, 'seed')}" if most else ""
        return f"{mean}{of}; a 95 % interval needs {LEAST_SEEDS}"
    return f"{mean}; no interval: the seeds do not differ"


def legend_of_optimizers(
    ax: Axes, labels: dict[str, str], looks: dict[str, Look], *, notes: Sequence = ()
) -> None:
    """A legend below the axes, with as many columns as fit.

    Args:
        ax: matplotlib Axes.
        labels: dict of optimizer -> str, its text.
        looks: dict of optimizer -> Look.
        notes: sequence of matplotlib artists with labels, that come last.
    """
    handles = [*legend_handles(labels, looks), *notes]
    legend_below(ax, MOST_COLUMNS, handles=handles, handlelength=HANDLE)


def legend_handles(labels: dict[str, str], looks: dict[str, Look]) -> list[Line2D]:
    """What a legend shows of each optimizer.

    Args:
        labels: dict of optimizer -> str, its text.
        looks: dict of optimizer -> Look.

    Returns:
        list of matplotlib Line2D, one for each label.
    """
    from matplotlib.lines import Line2D

    return [
        Line2D([], [], label=as_label(text), **looks[name].line())
        for name, text in labels.items()
    ]
