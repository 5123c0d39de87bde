"""From data to files: found, trained, compared, drawn, written."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import lr_finder
from lr_finder._text import format_rate
from lr_finder.errors import LRFinderError
from time_series.drawing import plot_losses
from time_series.experiment import FoundRate, find_rate, run_arm
from time_series.measures import gains, late_variance
from time_series.records import write_whole
from time_series.references import reference_errors
from time_series.settings import COMPARED, ForecastSettings
from time_series.splitting import ForecastData

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS_PER_INCH = 150


def compare(
    data: ForecastData,
    settings: ForecastSettings,
    *,
    seed: int,
    season: int | None = None,
    folder: str | Path,
) -> dict[str, Any]:
    """Find a rate, train with it and with 1e-3, and write what was seen.

    Three trainings: the baseline, 1e-3 for all epochs; 1e-3 with the early stopping and
    the plateaus of the optimized way; and the optimized way. So `gains` can tell what
    the stopping gained (the second over the first), and what the rate (the third over
    the second).

    The files: `sweep.npz`, `sweep.png`, `analysis.png`, `verification.png`,
    `losses.png`, `losses.csv` (one row for each arm and epoch), `model.keras` (the
    best of the optimized way) and `experiment.json`. Each is written whole.

    Args:
        data: ForecastData.
        settings: ForecastSettings.
        seed: int >= 0.
        season: int >= 1, points of a season; None for none.
        folder: str or Path, which exists.

    Returns:
        dict of JSON values: `settings`, `seed`, `suggestion`, `arms` (a list), `gains`
        (shares of the error: `stopping`, `rate` and `both`, null if the error was 0),
        `season`, `references`, `noise_variance`, `warnings`.

    Raises:
        LRFinderError: If no rate can be found, or a training fails.
    """
    folder = Path(folder)
    references = reference_errors(data, season)
    found = find_rate(data, settings, seed)
    _write_search(found, folder)
    rows = [
        run_arm(
            name, data, settings, seed, found,
            checkpoint=folder / "model.keras" if name == "optimized" else None,
        )
        for name in COMPARED
    ]  # fmt: skip
    _check_trained(rows)
    _save(plot_losses(rows), folder / "losses.png")
    table = pd.concat([_losses(row) for row in rows]).to_csv(index=False)
    write_whole(folder / "losses.csv", lambda file: file.write(table.encode()))
    report = {
        "settings": dataclasses.asdict(settings),
        "seed": seed,
        "suggestion": found.optimizer.verified.suggestion.to_dict(),
        "arms": [_summary(row) for row in rows],
        "gains": gains({row["arm"]: row["validation_mse"] for row in rows}),
        "season": season,
        "references": references,
        "noise_variance": data.noise_variance,
        "warnings": list(found.optimizer.verified.warnings),
    }
    text = json.dumps(report, indent=2) + "\n"
    write_whole(folder / "experiment.json", lambda file: file.write(text.encode()))
    return report


def _check_trained(rows: Sequence[dict[str, Any]]) -> None:
    """Raise `LRFinderError` for a training that has no loss to show."""
    for row in rows:
        if not row["losses"] or not row["watched_losses"]:
            raise LRFinderError(
                f"Training of {row['arm']} at {format_rate(row['learning_rate'])} must "
                "give a finite loss. Received: none. Standardise the series (--scaled)."
            )


def _write_search(found: FoundRate, folder: Path) -> None:
    """The sweep and the short trainings, as data and drawn."""
    optimizer = found.optimizer
    optimizer.result.save(folder / "sweep.npz")
    _save(
        lr_finder.plot_sweep(optimizer.result, suggestion=optimizer.suggestion),
        folder / "sweep.png",
    )
    result = optimizer.result
    ax = lr_finder.plot_learning_rate_analysis(
        result.lrs, result.losses, found.learning_rate
    )
    _save(ax, folder / "analysis.png")
    _save(optimizer.verified.plot(), folder / "verification.png")


def _save(ax: Axes, path: Path) -> None:
    write_whole(
        path, lambda file: ax.figure.savefig(file, format="png", dpi=DOTS_PER_INCH)
    )


def _losses(row: dict[str, Any]) -> pd.DataFrame:
    """The losses of one training, a row for each epoch."""
    epochs = range(1, len(row["losses"]) + 1)
    frame = pd.DataFrame({"epoch": epochs, "loss": row["losses"]})
    frame["watched_loss"] = pd.Series(row["watched_losses"])
    frame.insert(0, "arm", row["arm"])
    return frame


def _summary(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `run_arm` without its curves."""
    kept = {k: v for k, v in row.items() if k not in ("losses", "watched_losses")}
    return kept | {"late_variance": late_variance(row["losses"])}
