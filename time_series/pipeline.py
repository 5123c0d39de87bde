"""From data to files: found, trained, compared, drawn, written."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pandas as pd

import lr_finder
from lr_finder._output import MODEL_FILE, OutputFolder
from lr_finder._text import format_rate
from lr_finder.errors import LRFinderError
from lr_finder.plots.style import save_figure
from time_series.experiment import FoundRate, find_rate, run_arm
from time_series.references import reference_errors
from time_series.settings import COMPARED, ForecastSettings
from time_series.splitting import ForecastData
from time_series.summary import gains, late_variance, plot_losses


def compare(
    data: ForecastData,
    settings: ForecastSettings,
    *,
    seed: int,
    season: int | None = None,
    output: OutputFolder,
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
        output: OutputFolder, of the files.

    Returns:
        dict of JSON values: `settings`, `seed`, `suggestion`, `arms` (a list), `gains`
        (shares of the error: `stopping`, `rate` and `both`, null if the error was 0),
        `season`, `references`, `noise_variance`, `warnings`.

    Raises:
        LRFinderError: If no rate can be found, or a training fails.
    """
    references = reference_errors(data, season)
    found = find_rate(data, settings, seed)
    _write_search(found, output)
    rows = [
        run_arm(
            name, data, settings, seed, found,
            checkpoint=output.target(MODEL_FILE) if name == "optimized" else None,
        )
        for name in COMPARED
    ]  # fmt: skip
    _check_trained(rows)
    save_figure(plot_losses(rows).figure, output.target("losses.png"))
    output.write_table("losses.csv", pd.concat([_losses(row) for row in rows]))
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
    output.write_json("experiment.json", report)
    return report


def _check_trained(rows: Sequence[dict[str, Any]]) -> None:
    """Raise `LRFinderError` for a training that has no loss to show."""
    for row in rows:
        if not row["losses"] or not row["watched_losses"]:
            raise LRFinderError(
                f"Training of {row['arm']} at {format_rate(row['learning_rate'])} must "
                "give a finite loss. Received: none. Standardise the series (--scaled)."
            )


def _write_search(found: FoundRate, output: OutputFolder) -> None:
    """The sweep and the short trainings, as data and drawn."""
    optimizer = found.optimizer
    result = optimizer.result
    result.save(output.target("sweep.npz"))
    drawn = {
        "sweep.png": lr_finder.plot_sweep(
            result, suggestion=optimizer.verified.suggestion, swept=optimizer.suggestion
        ),
        "analysis.png": lr_finder.plot_learning_rate_analysis(
            result.lrs, result.losses, found.learning_rate
        ),
        "verification.png": optimizer.verified.plot(),
    }
    for name, ax in drawn.items():
        save_figure(ax.figure, output.target(name))


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
