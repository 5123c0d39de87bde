"""The rates that the runs of a history came to, in the order of their dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lr_finder._text import counted, format_rate
from lr_finder.errors import InputError
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import RAW, label_axes, legend_below, new_figure
from lr_finder.plots.ticks import whole_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Run = Mapping[str, Any]
NARROW = (5.6, 5.2)  # inches: words stay legible if a page shows it at 375 pixels
FEW = 40  # runs whose marks stand side by side there
MEANINGS = {True: "verified by short trainings", False: "suggested by a sweep"}


def plot_rates_of_runs(runs: Sequence[Run], ax: Axes | None = None) -> Axes:
    """Draw the rate of each run with its interval, one colour for each optimizer.

    A filled mark was verified by short trainings, a hollow one was read off a sweep.
    Runs without a rate keep their place empty.

    Args:
        runs: sequence of mapping, as `History.runs` gives them: `date`, `optimizer`,
            `momentum`, `suggested`, `verified` and the ends of their intervals.
        ax: matplotlib Axes to draw on; by default those of a new figure, which is
            wider for more than 40 runs.

    Returns:
        matplotlib Axes, the one drawn on.

    Raises:
        InputError: If no run has a rate.

    Example:
    >>> runs = [{"optimizer": "Adam", "verified": rate} for rate in (1e-3, 2e-3)]
    >>> plot_rates_of_runs(runs).get_title()
    'Adam: 2 runs between 1e-3 and 2e-3'
    """
    groups: dict[str, list[tuple[int, Run]]] = {}
    for number, run in enumerate(runs, start=1):
        if _rate(run) is not None:
            groups.setdefault(_name(run), []).append((number, run))
    if not groups:
        raise InputError(
            f"A picture needs at least one run with a rate. Received: "
            f"{counted(len(runs), 'run')} without one. Choose other runs."
        )
    if ax is None:
        ax = (new_figure(*NARROW) if len(runs) <= FEW else new_figure()).subplots()
    ax.set_yscale("log")
    looks = line_looks(len(groups))
    for (name, group), look in zip(groups.items(), looks, strict=True):
        _draw(ax, name, group, look)
    label_axes(ax, _title(groups), "run, the oldest first", "learning rate")
    ax.set_xlim(0.5, len(runs) + 0.5)
    whole_ticks(ax.xaxis, first=1)
    legend_below(ax, 3, handles=_handles(ax, runs, is_named=len(groups) > 1))
    return ax


def _rate(run: Run) -> float | None:
    """The verified rate; without one the suggested rate."""
    rate = run.get("verified") or run.get("suggested")
    return None if rate is None else float(rate)


def _name(run: Run) -> str:
    momentum = run.get("momentum")
    with_momentum = f" with momentum {momentum:g}" if momentum else ""
    return f"{run['optimizer']}{with_momentum}"


def _draw(
    ax: Axes, name: str, group: Sequence[tuple[int, Run]], look: Mapping[str, Any]
) -> None:
    """The runs of one optimizer: intervals as thin bars, then the marks."""
    for is_verified in (False, True):
        part = [each for each in group if bool(each[1].get("verified")) == is_verified]
        if not part:
            continue
        column = "verified" if is_verified else "suggested"
        ends = [
            (number, run[f"{column}_low"], run[f"{column}_high"])
            for number, run in part
            if run.get(f"{column}_low") and run.get(f"{column}_high")
        ]
        if ends:
            ax.vlines(*zip(*ends, strict=True), color=look["color"], alpha=0.4)
        numbers, rates = zip(*((n, _rate(run)) for n, run in part), strict=True)
        has_label = is_verified or not any(run.get("verified") for _, run in group)
        ax.plot(
            numbers, rates, look["marker"], color=look["color"], markersize=8,
            markerfacecolor=look["color"] if is_verified else "white", zorder=3,
            label=name if has_label else None,
        )  # fmt: skip


def _handles(ax: Axes, runs: Sequence[Run], *, is_named: bool) -> list[Any]:
    """The optimizers, if there are several, and what filled and hollow marks mean."""
    from matplotlib.lines import Line2D

    verified = {bool(run.get("verified")) for run in runs if _rate(run) is not None}
    handles = ax.get_legend_handles_labels()[0] if is_named else []
    return handles + [
        Line2D(
            [], [], linestyle="", marker="o", color=RAW, label=MEANINGS[each],
            markersize=8, markerfacecolor=RAW if each else "white",
        )
        for each in sorted(verified, reverse=True)
    ]  # fmt: skip


def _title(groups: Mapping[str, Sequence[tuple[int, Run]]]) -> str:
    """What the runs say: the range of each optimizer's rates."""
    told = []
    for name, group in groups.items():
        rates = sorted(rate for _, run in group if (rate := _rate(run)))
        low, high = format_rate(rates[0]), format_rate(rates[-1])
        between = f"at {low}" if low == high else f"between {low} and {high}"
        told.append(f"{name}: {counted(len(group), 'run')} {between}")
    return "; ".join(told[:3]) + ("; …" if len(told) > 3 else "")
