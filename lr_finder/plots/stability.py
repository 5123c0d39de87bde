"""Final losses against the rate, the share that diverges, and 2 / curvature."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import format_rate
from lr_finder.plots.line_looks import line_looks
from lr_finder.plots.style import (
    LOG_FROM_RATIO,
    as_label,
    label_axes,
    legend_below,
    new_figure,
)
from lr_finder.results.stability.tables import variant_names

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from lr_finder.results.stability.result import StabilityResult

CURVATURE: dict[str, Any] = {"linestyle": ":", "linewidth": 1.8, "zorder": 2}
NOTED = "0.25"  # dark grey: what a legend says of no variant in particular
STRIP, STRIPS = 0.05, 0.4  # of the axes: a row of shares, and all rows, at most
GAP = 0.02  # of the axes: the space around the rows
ROOM = 0.5  # of the distance of two rates, free beside the first and the last
BACKGROUND = "0.95"  # of a row of shares, light grey
BOX, PALE = 0.84, 0.35  # width, of the distance of two rates; and opacity of stuck
MOST_LOST = 0.5  # share of diverged runs above which the others have no mean drawn
MOST_IN_TITLE = 3  # variants


def plot_stability(
    study: StabilityResult, ax: Axes | None = None, *, legend: bool = True
) -> Axes:
    """Draw how low runs end at each rate, and how many of them are lost.

    A line is the mean final loss of the runs of a variant that did not diverge, as far
    as they are half or more; a dot is a run, a hollow one got stuck. At the top
    stands the share of runs that were lost, a row for each variant and a box for each
    rate: it is filled with full colour as far as they diverged, and with a pale one as
    far as they got stuck. A vertical line marks the highest rate at which SGD is stable
    by the curvature of the first weights, the median over the seeds.

    Args:
        study: StabilityResult.
        ax: matplotlib Axes to draw on; by default those of a new figure.
        legend: bool, whether to add one below the axes.

    Returns:
        matplotlib Axes, the one drawn on.

    Example:
    >>> import pandas as pd
    >>> from lr_finder.results.stability.result import StabilityResult
    >>> from lr_finder.results.stability.tables import EPOCH_COLUMNS, RUN_COLUMNS
    >>> runs = [{"model": "mlp", "optimizer": "sgd", "batch_size": 32, "seed": seed,
    ...          "initializer": "default", "rate": f"{rate:g}", "learning_rate": rate,
    ...          "outcome": "converged", "final_loss": rate / 2}
    ...         for rate in (0.1, 0.2) for seed in range(3)]
    >>> runs = pd.DataFrame(runs).reindex(columns=RUN_COLUMNS)
    >>> study = StabilityResult(runs, pd.DataFrame(columns=EPOCH_COLUMNS))
    >>> plot_stability(study).lines[0].get_ydata().round(3).tolist()
    [0.05, 0.1]
    """
    if ax is None:
        ax = new_figure().subplots()
    looks = dict(zip(study.variants, line_looks(len(study.variants)), strict=True))
    shares, names = study.shares(), variant_names(study.runs)
    ax.set_xscale("log")
    for name, own in shares.groupby("variant", sort=False):
        _draw(ax, study.runs[names == name], own, looks[name])
    _limit(ax, shares)
    n_marked = _mark_curvature(ax, shares, looks)
    _strip(ax, shares, looks)
    label_axes(ax, title_of(study), "learning rate", "final loss on the training rows")
    if legend:
        legend_below(ax, 4, handles=_handles(study, looks, n_marked))
    return ax


def title_of(study: StabilityResult) -> str:
    """The finding in a line: up to which rate each variant holds.

    Args:
        study: StabilityResult.

    Returns:
        str.
    """
    limits = study.limits().set_index("variant")["highest_rate"]
    if len(study.variants) > MOST_IN_TITLE or limits.isna().all():
        counts = study.runs["outcome"].value_counts()
        n = counts.get("diverged", 0) + counts.get("stuck", 0)
        return f"{n} of {len(study.runs)} runs diverged or got stuck"
    told = [
        f"{as_label(name)} "
        + (
            "at no rate"
            if math.isnan(limits[name])
            else f"up to {format_rate(limits[name])}"
        )
        for name in study.variants
    ]
    return f"Converges (median seed): {'; '.join(told)}"


def _height(rows: int) -> float:
    """Of the axes, what the rows of shares take."""
    return min(STRIP * rows, STRIPS)


def _draw(ax: Axes, runs: pd.DataFrame, shares: pd.DataFrame, look: Any) -> None:
    """The mean of a variant at each rate, and its runs."""
    line = look | {"linewidth": 1.6, "markersize": 5, "zorder": 3}
    usual = shares["loss"].where(~(shares["diverged"] > MOST_LOST))
    ax.plot(shares["learning_rate"], usual, **line)
    for outcome, face in (("converged", look["color"]), ("stuck", "none")):
        own = runs[runs["outcome"] == outcome]
        ax.plot(
            own["learning_rate"], own["final_loss"], linestyle="",
            marker=look["marker"], color=look["color"], markerfacecolor=face,
            markersize=4, alpha=0.5,
        )  # fmt: skip


def _limit(ax: Axes, shares: pd.DataFrame) -> None:
    """Room beside the rates and above the losses, and a scale that shows them all."""
    rates = np.sort(shares["learning_rate"].dropna().unique())
    if len(rates):
        step = np.diff(np.log10(rates)).min() if len(rates) > 1 else 1.0
        ends = np.log10(rates[[0, -1]]) + ROOM * step * np.array([-1, 1])
        ax.set_xlim(*(10**ends))
    losses = shares[["loss_min", "loss_max"]].to_numpy(dtype=float)
    losses = losses[np.isfinite(losses)]
    if len(losses) and losses.min() > 0:
        if losses.max() > LOG_FROM_RATIO * losses.min():
            ax.set_yscale("log")
    transform = ax.yaxis.get_transform()
    bottom, top = transform.transform(ax.get_ylim())
    room = _height(shares["variant"].nunique()) + 2 * GAP
    top = bottom + (top - bottom) / (1 - room)
    ax.set_ylim(*transform.inverted().transform([bottom, top]))


def _mark_curvature(ax: Axes, shares: pd.DataFrame, looks: Any) -> int:
    """A line at the highest stable rate of each variant; how many there are."""
    marked = 0
    for name, own in shares.groupby("variant", sort=False):
        rate = float(own["stable_rate"].median())
        if math.isfinite(rate):
            low, high = ax.get_xlim()
            ax.set_xlim(min(low, 0.8 * rate), max(high, 1.25 * rate))
            top = 1 - _height(len(looks)) - 2 * GAP
            ax.axvline(rate, ymax=top, color=looks[name]["color"], **CURVATURE)
            marked += 1
    return marked


def _strip(ax: Axes, shares: pd.DataFrame, looks: Any) -> None:
    """Rows of shares at the top of the axes: how many runs of a variant are lost."""
    height = _height(len(looks))
    strip = ax.inset_axes((0.0, 1 - height - GAP, 1.0, height), sharex=ax)
    strip.patch.set_alpha(0)
    strip.set_ylim(len(looks) - 0.5, -0.5)
    rates = np.sort(shares["learning_rate"].dropna().unique())
    step = np.diff(np.log10(rates)).min() if len(rates) > 1 else 1.0
    for place, (name, look) in enumerate(looks.items()):
        own = shares[(shares["variant"] == name) & shares["lost"].notna()]
        for row in own.to_dict("records"):
            left = math.log10(row["learning_rate"]) - BOX / 2 * step
            for share, color, alpha in (
                (1.0, BACKGROUND, 1.0), (row["lost"], look["color"], PALE),
                (row["diverged"], look["color"], 1.0),
            ):  # fmt: skip
                ends = 10 ** (left + np.array([0, BOX * share * step]))
                strip.fill_between(
                    ends,
                    place - 0.4,
                    place + 0.4,
                    linewidth=0,
                    color=color,
                    alpha=alpha,
                )
    strip.set_yticks([(len(looks) - 1) / 2], ["lost"], fontsize="small")
    strip.tick_params(left=False, bottom=False, which="both", labelbottom=False)
    strip.spines[:].set_visible(False)


def _handles(study: StabilityResult, looks: Any, n_marked: int) -> list[Any]:
    """What a legend says of lines, hollow dots and the vertical line."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [
        Line2D([], [], **look, markersize=5, label=as_label(name))
        for name, look in looks.items()
    ]
    if (study.runs["outcome"] == "stuck").any():
        handles.append(
            Line2D([], [], color=NOTED, marker="o", markerfacecolor="none",
                   linestyle="", markersize=5, label="a run that got stuck")
        )  # fmt: skip
    for outcome, alpha in (("diverged", 1.0), ("stuck", PALE)):
        if (study.runs["outcome"] == outcome).any():
            ended = "diverged" if outcome == "diverged" else "got stuck"
            handles.append(Patch(color=NOTED, alpha=alpha, label=f"share that {ended}"))
    if n_marked:
        label = "2 / curvature at the start (with momentum β: 2 (1 + β))"
        if not study.runs["optimizer"].str.contains("momentum|nesterov").any():
            label = "2 / curvature at the start"
        handles.append(Line2D([], [], color=NOTED, **CURVATURE, label=label))
    return handles
