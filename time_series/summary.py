"""What the trainings of an experiment show: in numbers, in words, and drawn."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.plots.slopes import SLOPE
from lr_finder.plots.style import ACCENT, SMOOTH, label_axes, new_figure
from lr_finder.plots.ticks import whole_ticks
from time_series.settings import COMPARED, SAME_STOPPING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LATE_EPOCHS = 10  # at the end of a training, over which the loss should be calm
# As in `lr_finder.plot_before_after`: blue is before, orange is with the rate found.
# Told apart in grey too: each color has a dash of its own.
STYLES = ((SMOOTH, (0, (6, 2))), (ACCENT, "-"), (SLOPE, (0, (1, 1.2))))
ORDER = {"baseline": 0, "optimized": 1, SAME_STOPPING: 2}  # the same in every figure
EQUAL = 1e-3  # of the larger error: two that differ by less are alike


def epochs_to(losses: Sequence[float], target: float) -> int | None:
    """How many epochs a training took to a loss.

    Args:
        losses: sequence of float, one for each epoch.
        target: float, the loss to reach.

    Returns:
        int >= 1, the first epoch at or below it; None if none is.

    Example:
    >>> epochs_to([3.0, 2.0, 1.0], 2.0), epochs_to([3.0], 2.0)
    (2, None)
    """
    return next((i for i, loss in enumerate(losses, 1) if loss <= target), None)


def late_variance(losses: Sequence[float], epochs: int = LATE_EPOCHS) -> float:
    """The variance of the loss over the last epochs of a training.

    Args:
        losses: sequence of float, one for each epoch.
        epochs: int >= 1, how many of the last.

    Returns:
        float, of all there are if they are fewer; nan if there are none.

    Example:
    >>> late_variance([9.0, 1.0, 3.0], epochs=2)
    1.0
    """
    return float(np.var(losses[-epochs:])) if len(losses) else math.nan


def gains(errors: Mapping[str, float]) -> dict[str, float | None]:
    """What the stopping gained, and what the rate that was found, as shares.

    With the errors B of the baseline, S of Keras' rate with the same stopping, and O of
    the optimized way:

        stopping = 1 - S / B,    rate = 1 - O / S,    both = 1 - O / B

    so that `1 - both` is the product of `1 - stopping` and `1 - rate`.

    Args:
        errors: mapping of arm -> float >= 0: `baseline`, `stopping_plateau`,
            `optimized`.

    Returns:
        dict of float <= 1, negative for a loss; None for a share of 0.

    Example:
    >>> gains({"baseline": 4.0, "stopping_plateau": 2.0, "optimized": 1.0})
    {'stopping': 0.5, 'rate': 0.5, 'both': 0.75}
    """
    steps = {
        "stopping": ("baseline", SAME_STOPPING),
        "rate": (SAME_STOPPING, "optimized"),
        "both": ("baseline", "optimized"),
    }
    return {
        name: 1 - errors[after] / errors[before] if errors[before] else None
        for name, (before, after) in steps.items()
    }


def verdict(report: Mapping[str, Any]) -> str:
    """Which way won, what gained it, and whether that can be told from chance.

    Args:
        report: mapping as `time_series.pipeline.compare` gives it; `gains`, and what
            the rows say of their course, may be missing, as in files of earlier
            versions.

    Returns:
        str, one sentence; one more on what the stopping and the rate gained, and one if
        a forecast without a network is better.

    Example:
    >>> arms = [{"arm": "baseline", "validation_mse": 4.0},
    ...         {"arm": "stopping_plateau", "validation_mse": 3.2},
    ...         {"arm": "optimized", "validation_mse": 3.0}]
    >>> gains = {"stopping": 0.2, "rate": 0.0625, "both": 0.25}
    >>> print(verdict({"arms": arms, "gains": gains, "references": {}}))
    optimized won with 25.0 % less error than baseline; one seed cannot tell this from \
chance: repeat it with other values of --seed. Early stopping with plateaus, at \
Keras' rate, took 20.0 % off the error of baseline; the rate found took 6.2 % off \
what was left.
    """
    rows = sorted(report["arms"], key=lambda row: row["validation_mse"])
    errors = {row["arm"]: row["validation_mse"] for row in rows}
    text = (
        f"{_winner(errors)}; one seed cannot tell this from chance: repeat it with "
        "other values of --seed."
    )
    if report.get("gains"):
        row = next(row for row in rows if row["arm"] == SAME_STOPPING)
        epochs = report.get("settings", {}).get("epochs", math.inf)
        text += f" {_attribution(report['gains'], happened(row, epochs))}"
    low, references = rows[0]["validation_mse"], report["references"]
    if references and min(references.values()) < low:
        name = min(references, key=references.get)
        every = "both" if len(rows) == 2 else "all of them"
        text += f" {name}, without a network, is better than {every}."
    return text


def _winner(errors: Mapping[str, float]) -> str:
    """Which way has the least error, and how much less than the baseline.

    `errors` are in rising order.
    """
    names = list(errors)
    least, most = errors[names[0]], errors[names[-1]]
    alike = [name for name in names if errors[name] - least <= EQUAL * most]
    if len(alike) == len(names):
        return f"{_listed(alike)} have the same error"
    against = names[len(alike)] if "baseline" in alike else "baseline"
    less = f"{100 * (1 - least / errors[against]):.1f} % less"
    if len(alike) > 1:
        return f"{_listed(alike)} have the same error, {less} than {_label(against)}"
    return f"{_label(alike[0])} won with {less} error than {_label(against)}"


def happened(row: Mapping[str, Any], epochs: float) -> str:
    """What early stopping and plateaus did in a training, as the subject of a sentence.

    Args:
        row: mapping as `run_arm` gives it; without `last_rate` and `best_epoch`, as in
            files of earlier versions, it is not known what they did.
        epochs: int, the most that it could train.

    Returns:
        str.

    Example:
    >>> row = {"epochs_run": 20, "learning_rate": 1e-3, "last_rate": 2.5e-4,
    ...        "best_epoch": 20}
    >>> happened(row, 20)
    'A rate lowered to 2.5e-4 on plateaus'
    >>> happened(row | {"epochs_run": 9, "best_epoch": 4}, 20)
    'A rate lowered to 2.5e-4 on plateaus and a stop after 9 of 20 epochs, with the \
weights of epoch 4,'
    """
    if "last_rate" not in row:
        return "Early stopping with plateaus"
    run, best = row["epochs_run"], row["best_epoch"]
    told = []
    if row["last_rate"] < row["learning_rate"] * (1 - EQUAL):
        told.append(f"a rate lowered to {format_rate(row['last_rate'])} on plateaus")
    if run < epochs:
        told.append(f"a stop after {run} of {counted(int(epochs), 'epoch')}")
    text = " and ".join(told)
    if best is not None and best < run:
        text += (
            f", with the weights of epoch {best},"
            if told
            else (f"the weights of epoch {best} in place of the last")
        )
    text = text or "early stopping and plateaus, which had nothing to do"
    return text[0].upper() + text[1:]


def _attribution(gained: Mapping[str, float | None], what: str) -> str:
    """What the stopping gained, and what the rate."""
    stopping = _change(gained["stopping"], "off the error of baseline", "baseline")
    rate = _change(gained["rate"], "off what was left", "that")
    comma = "" if what.endswith(",") else ","
    return f"{what}{comma} at Keras' rate, {stopping}; the rate found {rate}."


def _change(gain: float | None, off: str, than: str) -> str:
    """A share of an error, as the rest of a sentence."""
    if gain is None or abs(gain) <= EQUAL:
        return "changed nothing"
    if gain < 0:
        return f"came out worse than {than} by {-100 * gain:.1f} %"
    return f"took {100 * gain:.1f} % {off}"


def _label(arm: str) -> str:
    """An arm as a person reads it."""
    return COMPARED.get(arm, arm)


def _listed(arms: Sequence[str]) -> str:
    *others, last = map(_label, arms)
    return f"{'; '.join(others)} and {last}" if others else last


def print_report(report: Mapping[str, Any], folder: Path) -> None:
    """Print a table, the verdict, and what else a person should know.

    Args:
        report: mapping as `compare` gives it, with `series` and `season_reason`.
        folder: Path, where the files are.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{report['series']}: scored once, on the last 20 %")
    table.add_column("way", no_wrap=True)
    for column in ("mean squared error", "learning rate", "epochs", "seconds"):
        table.add_column(column)
    for row in report["arms"]:
        seconds = f"{row['seconds']:.1f}"
        if row["search_seconds"]:
            seconds += f" and {row['search_seconds']:.1f} of search"
        table.add_row(
            _label(row["arm"]), f"{row['validation_mse']:.4g}",
            format_rate(row['learning_rate']), str(row["epochs_run"]), seconds,
        )  # fmt: skip
    for name, error in report["references"].items():
        table.add_row(name, f"{error:.4g}")
    console = Console()
    console.print(table)
    for text in (verdict(report), *_notes(report)):
        console.print(text, soft_wrap=True, highlight=False)
    for text in report["warnings"]:
        print(f"Warning: {text}", file=sys.stderr)
    console.print(f"Files are in {folder}", soft_wrap=True)


def _notes(report: Mapping[str, Any]) -> list[str]:
    """What the figures of the table stand for, and what is missing there."""
    season, reason = report["season"], report["season_reason"]
    told = [f"{note[0].upper()}{note[1:]}." for note in report.get("notes", ())]
    notes = [f"No seasonal_naive: {reason}. Name a season by --season."]
    if season is not None:
        before = counted(season, "point")
        notes = [f"seasonal_naive: the point {before} before ({reason})."]
    if report["noise_variance"] is not None:
        notes.append(f"No forecast can be better than {report['noise_variance']:g}.")
    return told + notes


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
        ax = new_figure().subplots()
    for place, row in enumerate(rows):
        arm = row["arm"]
        color, dash = STYLES[ORDER.get(arm, place) % len(STYLES)]
        losses = row["watched_losses"]
        ax.plot(
            np.arange(1, len(losses) + 1), losses, color=color, linestyle=dash,
            linewidth=1.6,
            label=f"{_label(arm)}, {format_rate(row['learning_rate'])}: "
            f"{row['validation_mse']:.4g} when scored",
        )  # fmt: skip
    ax.set_yscale("log")
    label_axes(ax, "Loss on the watched part", "epoch", "mean squared error")
    whole_ticks(ax.xaxis, first=1)
    ax.legend(frameon=False, fontsize="small")
    return ax
