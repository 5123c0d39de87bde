"""Forecasts trained with a rate that was found against 1e-3 for 100 epochs.

One command makes all figures: every arm of `time_series.experiment` for several seeds,
the references without a network, and paired statistics of the differences. Rows are
kept as they are made: a run that was killed goes on where it stopped, and with more
`--seeds` only those missing are made. Seconds are taken side by side in one process.

The rows of two runs with 10 seeds lie in `benchmarks/forecasting_rows`; `--stored`
prints their tables again, without the series and without training.
"""

import json
import os
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from lr_finder.analysis.comparison.paired_tests import holm, paired
from lr_finder.experiments.journal import read_rows
from time_series import (
    ForecastSettings,
    prepare_forecast,
    read_series,
    reference_errors,
    run_experiment,
    time_series_components,
)
from time_series.settings import ARMS
from time_series.summary import epochs_to, late_variance

YEAR = 365
STORED = Path(__file__).parent / "forecasting_rows"
# Measure -> what has been claimed for it elsewhere, to hold these figures against.
CLAIMS = {
    "validation MSE": "-18.1 %",
    "epochs run": "",
    "seconds of training": "-37.5 %",
    "seconds with the search": "",
    "epochs to the target, watched loss": "-23.5 %",
    "epochs to the target, training loss": "-23.5 %",
    "late variance, watched loss": "-60 %",
    "late variance, training loss": "-60 %",
}
KINDS = {"watched loss": "watched_losses", "training loss": "losses"}
COUNTED = "epochs"  # measures that begin so are whole numbers
# What each part of the optimized way does: (without it, with it).
QUESTIONS = [
    ("baseline", "optimized"),
    ("baseline", "found"),
    ("baseline", "stopping"),
    ("baseline", "plateau"),
    ("baseline", "baseline_whole"),
    ("stopping", "found_stopping"),
    ("stopping_plateau", "optimized"),
]


def measured(rows, epochs):
    """Rows with the measures of `CLAIMS`, one column each.

    A target that is never reached counts as all epochs.
    """
    rows = rows.copy()
    baseline = rows[rows["arm"] == "baseline"]
    rows["validation MSE"] = rows["validation_mse"]
    rows["epochs run"] = rows["epochs_run"]
    rows["seconds of training"] = rows["seconds"]
    rows["seconds with the search"] = rows["seconds"] + rows["search_seconds"]
    for kind, column in KINDS.items():
        target = np.mean([losses[-1] for losses in baseline[column]])
        reached = [epochs_to(losses, target) for losses in rows[column]]
        rows[f"reached, {kind}"] = [each is not None for each in reached]
        rows[f"epochs to the target, {kind}"] = [each or epochs for each in reached]
        rows[f"late variance, {kind}"] = [late_variance(ls) for ls in rows[column]]
    return rows


def stored(name="built_in_dense", folder=STORED):
    """The rows of a run with all measures, and what else its tables need.

    Returns:
        `(rows, about)`: DataFrame, and dict of `epochs`, `points` (to learn from, to
        watch, to score), `references` and `noise_variance`.
    """
    about = json.loads((folder / f"{name}.json").read_text())
    rows = pd.DataFrame(read_rows(folder / f"{name}.jsonl"))
    return measured(rows, about["epochs"]), about


def values(rows, arm, measure):
    """One measure of an arm, by rising seed."""
    return rows[rows["arm"] == arm].sort_values("seed")[measure].to_numpy(float)


def against_claims(rows):
    """A table: each measure of the baseline and the optimized way."""
    table = Table(title="Optimized against baseline, paired by seed")
    for name in ("measure", "baseline", "optimized", "difference (95 %)", "relative",
                 "p", "claimed"):  # fmt: skip
        table.add_column(name)
    for measure, claim in CLAIMS.items():
        a, b = (values(rows, arm, measure) for arm in ("baseline", "optimized"))
        step = 1.0 if measure.startswith(COUNTED) else None
        found = paired(a, b, resolution=step)
        table.add_row(
            measure, f"{a.mean():.4g} ± {a.std(ddof=1):.2g}",
            f"{b.mean():.4g} ± {b.std(ddof=1):.2g}",
            *difference_cells(found, found.p), claim,
        )  # fmt: skip
    return table


def ablation(rows):
    """A table: what each part does to the validation error, corrected by Holm."""
    table = Table(title="Validation MSE: what each part does (p after Holm)")
    for name in ("without", "with", "difference (95 %)", "relative", "p"):
        table.add_column(name)
    found = [
        paired(*(values(rows, arm, "validation MSE") for arm in pair))
        for pair in QUESTIONS
    ]
    adjusted = holm([each.p for each in found])
    for pair, each, p in zip(QUESTIONS, found, adjusted, strict=True):
        table.add_row(
            *pair, *difference_cells(each, p),
        )  # fmt: skip
    return table


def difference_cells(found, p):
    """Mean difference with its interval, the relative one, and p, or why there is none.

    Args:
        found: Paired.
        p: float, its p-value, as adjusted.

    Returns:
        list of str.
    """
    relative = f"{100 * found.relative:+.1f} %"
    if found.why_untested:
        return [f"{found.mean:.3g}", relative, found.why_untested]
    interval = f"({found.low:.3g} to {found.high:.3g})"
    return [f"{found.mean:.3g} {interval}", relative, f"{p:.2g}"]


def all_arms(rows, references, noise_variance):
    """A table: every arm and reference; the target is the baseline's mean last loss."""
    table = Table(title="All arms and references, mean ± sd over seeds")
    names = ["arm", "validation MSE", "rate", "epochs", "seconds", "search, s",
             *(f"epochs to target, {kind}" for kind in KINDS)]  # fmt: skip
    if noise_variance is not None:
        names.insert(2, f"beyond the noise ({noise_variance:g})")
    for name in names:
        table.add_column(name)

    def add(name, errors, *others):
        spread = f" ± {np.std(errors, ddof=1):.2g}" if len(errors) > 1 else ""
        cells = [name, f"{np.mean(errors):.4g}{spread}"]
        if noise_variance is not None:
            cells.append(f"{np.mean(errors) - noise_variance:.3g}")
        table.add_row(*cells, *others)

    for arm in ARMS:
        of = rows[rows["arm"] == arm]
        rates = of["learning_rate"]
        add(
            arm, of["validation_mse"].to_numpy(),
            f"{rates.min():.0e} to {rates.max():.0e}", f"{of['epochs_run'].mean():.1f}",
            f"{of['seconds'].mean():.1f}", f"{of['search_seconds'].mean():.1f}",
            *(f"{of[f'epochs to the target, {kind}'].mean():.1f} "
              f"({of[f'reached, {kind}'].sum()} of {len(of)})" for kind in KINDS),
        )  # fmt: skip
    for name, error in references.items():
        add(name, np.array([error]))
    return table


def main(
    csv: Annotated[Path | None, typer.Option(help="A series in place of the built-in.")]
    = None,
    target: Annotated[str | None, typer.Option(help="Its column to forecast.")] = None,
    season: Annotated[int | None, typer.Option(help="Points of a season.")] = None,
    limit: Annotated[int | None, typer.Option(help="Its last points at most.")] = None,
    scaled: Annotated[bool, typer.Option(help="Standardise the built-in too.")] = False,
    model: Annotated[str, typer.Option(help="dense, lstm or conv.")] = "dense",
    seeds: Annotated[int, typer.Option(help="How many; p-values need 3.")] = 10,
    epochs: Annotated[int, typer.Option(help="Of the baseline.")] = 100,
    out: Annotated[Path, typer.Option(help="Folder of the rows.")] = Path(
        "lr_finder_runs/forecasting"
    ),
    is_stored: Annotated[
        bool, typer.Option("--stored", help="Only print what is stored.")
    ] = False,
):  # fmt: skip
    """Print what the optimized way gains over the baseline, and what each part does."""
    console = Console(width=150)
    if is_stored:
        for path in sorted(STORED.glob("*.jsonl")):
            show(console, path.stem, *stored(path.stem))
        return
    data, season, name = series_of(csv, target, season, limit, scaled)
    name = f"{name}_{model}"
    out.mkdir(parents=True, exist_ok=True)
    rows = run_experiment(
        data, ForecastSettings(model=model, epochs=epochs), arms=list(ARMS),
        seeds=range(seeds), path=out / f"{name}.jsonl",
        tell=lambda row: console.print(
            f"{row['arm']} {row['seed']}: {row['validation_mse']:.4g} after "
            f"{row['epochs_run']} epochs at {row['learning_rate']:.2e}"
        ),
    )  # fmt: skip
    about = {
        "epochs": epochs,
        "points": [len(part) for part in (data.fit, data.watch, data.validation)],
        "noise_variance": data.noise_variance,
        "references": reference_errors(data, season),
    }
    (out / f"{name}.json").write_text(json.dumps(about, indent=2) + "\n")
    rows = measured(rows, epochs)
    show(console, name, rows, about)
    wanted = rows.drop(columns=["losses", "watched_losses"])
    pd.DataFrame(wanted).to_csv(out / f"{name}.csv", index=False)


def series_of(csv, target, season, limit, is_scaled):
    """The series asked for, in parts, its season, and its name."""
    if csv is not None:
        series = read_series(csv, target, limit=limit, is_repaired=True)
        return prepare_forecast(series), season, csv.stem
    parts = time_series_components()
    data = prepare_forecast(
        parts.series, is_scaled=is_scaled, noise_variance=parts.noise_variance
    )
    return data, season or YEAR, "built_in_scaled" if is_scaled else "built_in"


def show(console, name, rows, about):
    """Print the three tables of a run."""
    sizes = ", ".join(map(str, about["points"]))
    console.print(
        f"{name}: {sizes} points to learn from, to watch and to score; "
        f"{rows['seed'].nunique()} seeds"
    )
    for table in (
        against_claims(rows),
        ablation(rows),
        all_arms(rows, about["references"], about["noise_variance"]),
    ):
        console.print(table)


if __name__ == "__main__":
    typer.run(main)
