"""`python -m time_series`: from a series to a trained forecaster, compared."""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lr_finder._arguments import check_seed
from lr_finder._output import OutputFolder
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.cli.shared.exit_codes import run_app
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from time_series.sources import Source

PROGRAM = "python -m time_series"

app = typer.Typer(
    add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False
)

CSV = Annotated[
    Path | None,
    typer.Option(help="A table over time. Default: four synthetic years, built in."),
]
Target = Annotated[
    str | None,
    typer.Option(help="Column to forecast. Default: the first column of numbers."),
]
Inputs = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        help="A further column to forecast from. Give it several times for several.",
    ),
]
TimeColumn = Annotated[
    str | None,
    typer.Option(help="Column of times. Default: the first column of dates."),
]
DateFormat = Annotated[
    str | None,
    typer.Option(
        help="How dates are written, e.g. %d/%m/%Y or %m/%d/%Y. Default: found "
        "from the whole column."
    ),
]
Repair = Annotated[
    bool,
    typer.Option(
        "--repair",
        help="Sort by time, average equal times, interpolate blanks. Without it, these "
        "are errors.",
    ),
]
Limit = Annotated[int | None, typer.Option(help="Use at most this many points.")]
Scaled = Annotated[
    bool | None,
    typer.Option(
        "--scaled/--raw",
        help="Standardise by the training part. Default: standardise, except the "
        "built-in series with the dense model.",
        show_default=False,
    ),
]
Season = Annotated[
    int | None,
    typer.Option(
        help="Points of a season, for the seasonal naive forecast. Default: 12 of "
        "months, 7 of days, 24 of hours, …, found from the times."
    ),
]
Window = Annotated[int, typer.Option(help="How many past points the network sees.")]
Horizon = Annotated[int, typer.Option(help="How many points ahead to forecast.")]
Model = Annotated[str, typer.Option(help="Network: dense, lstm or conv.")]
Epochs = Annotated[
    int, typer.Option(help="The most epochs; the baseline trains for all of them.")
]
BatchSize = Annotated[int, typer.Option(help="Windows in a batch.")]
NumEpochs = Annotated[
    int, typer.Option(help="Passes over the data that the sweep takes.")
]
Seed = Annotated[int, typer.Option(help="Seed for weights, batches and search.")]
Out = Annotated[
    Path | None,
    typer.Option(help="Folder for the files. Default: a new folder in lr_finder_runs."),
]


@app.command()
def forecast(
    csv: CSV = None,
    target: Target = None,
    inputs: Inputs = None,
    time_column: TimeColumn = None,
    date_format: DateFormat = None,
    encoding: options.Encoding = None,
    sep: options.Sep = None,
    decimal: options.Decimal = None,
    repair: Repair = False,
    limit: Limit = None,
    scaled: Scaled = None,
    season: Season = None,
    window: Window = 20,
    horizon: Horizon = 1,
    model: Model = "dense",
    epochs: Epochs = 100,
    batch_size: BatchSize = 32,
    num_epochs: NumEpochs = 5,
    seed: Seed = 0,
    out: Out = None,
    as_json: options.AsJSON = False,
    debug: options.Debug = False,
) -> None:
    """Find a rate for a forecaster, train with it, and compare it with 1e-3.

    Three trainings are compared: the baseline, Adam at Keras' 1e-3 for all epochs; the
    baseline with the early stopping of the optimized training; and the optimized
    training, with the rate found. So the verdict can say what the stopping gained, and
    what the rate gained.

    The series is cut by time. The first 80 % are for training; their last tenth chooses
    the rate and decides when to stop. The last 20 % are scored once, and so
    are forecasts without a network: the last point, the point a season ago, ridge
    regression.

    Files in the folder of --out: experiment.json (settings, scores and warnings),
    losses.csv (one row for each training and epoch), losses.png, model.keras (the best
    of the optimized training, for keras.models.load_model), sweep.npz (for
    lr_finder.SweepResult.load), sweep.png, analysis.png (losses over rates, and their
    slopes) and verification.png (the short trainings that chose the rate).
    """
    from time_series.settings import ForecastSettings

    settings = ForecastSettings(model, epochs, batch_size, num_epochs)
    check_seed(seed)
    of_file = {
        "--target": target, "--input": inputs, "--time-column": time_column,
        "--date-format": date_format, "--repair": repair, "--encoding": encoding,
        "--sep": sep, "--decimal": decimal,
    }  # fmt: skip
    source = _source(csv, of_file, limit)
    data, season, reason = source.prepare(
        window, horizon, season=season,
        is_scaled=scaled if scaled is not None else csv is not None or model != "dense",
    )  # fmt: skip
    name = f"forecast-{source.name.removesuffix('.csv').replace(' ', '_')}"
    output = OutputFolder.plan(out, name, datetime.datetime.now())
    load_keras()
    from time_series.pipeline import compare
    from time_series.summary import print_report

    report = compare(data, settings, seed=seed, season=season, output=output)
    about = {"series": source.name, "season_reason": reason, "notes": source.notes}
    report = about | report
    if as_json:
        print(json.dumps(report, indent=2))
    else:
        print_report(report, output.path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit.

    Args:
        arguments: sequence of str; by default what was typed.

    Raises:
        SystemExit: With 0, 1 (failure), 2 (wrong usage or input) or 130 (Ctrl-C).
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    run_app(app, arguments, PROGRAM)


def _source(csv: Path | None, of_file: dict[str, Any], limit: int | None) -> Source:
    """The series that was asked for."""
    from time_series.sources import built_in, from_file

    if csv is not None:
        return from_file(
            csv, of_file["--target"], inputs=of_file["--input"] or (),
            time_column=of_file["--time-column"], limit=limit,
            is_repaired=of_file["--repair"], date_format=of_file["--date-format"],
            encoding=of_file["--encoding"], sep=of_file["--sep"],
            decimal=of_file["--decimal"],
        )  # fmt: skip
    given = [option for option, value in of_file.items() if value]
    if given:
        raise InputError(
            f"Option {given[0]} must come with --csv. Received: {given[0]} alone. "
            "Name a file, or leave it out."
        )
    return built_in(limit)
