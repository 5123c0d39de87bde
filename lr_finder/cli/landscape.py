"""`lr_finder landscape`: the loss at weights around those of a model."""

from __future__ import annotations

import contextlib
import datetime
import sys
from pathlib import Path

from lr_finder._arguments import check_seed
from lr_finder._output import OutputFolder
from lr_finder.cli.landscapes import options_of_landscape as own
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.cli.shared.exit_codes import interrupts_named
from lr_finder.cli.shared.option_checks import check_at_least
from lr_finder.cli.shared.reporting import Report, check_report, with_report
from lr_finder.cli.shared.sources import (
    DataOptions,
    check_source,
    load_source,
    open_early,
)
from lr_finder.cli.shared.typed_command import typed_command

EXAMPLES = """
**Examples**

`lr_finder landscape prices.csv --target price --train 20` — trains, then shows the
plane in which the training moved

`lr_finder landscape prices.csv --target price --model saved.keras` — how sharp the
minimum of a trained model is, along two random directions

`lr_finder landscape prices.csv --target price --model saved.keras --directions 1
--distance 0.5` — along one, nearer

`lr_finder landscape prices.csv --target price --train 20 --report landscape.html` —
with a page to show and to keep
"""


def landscape(
    source: options.Source = None,
    kind: options.Kind = None,
    target: options.Target = None,
    task: options.Task = None,
    time_column: options.TimeColumn = None,
    date_format: options.DateFormat = None,
    drop: options.Drop = None,
    window: options.Window = None,
    horizon: options.Horizon = None,
    limit: options.Limit = None,
    data_dir: options.DataDir = None,
    encoding: options.Encoding = None,
    sep: options.Sep = None,
    decimal: options.Decimal = None,
    model: own.Model = "default",
    optimizer: options.Optimizer = None,
    loss: options.Loss = None,
    train: own.Train = None,
    to: own.To = None,
    batch_size: own.BatchSize = 32,
    directions: own.Directions = None,
    points: own.Points = None,
    distance: own.Distance = None,
    samples: own.Samples = own.SAMPLES,
    seed: own.Seed = 0,
    yes: own.Yes = False,
    out: options.OutOfLandscape = None,
    report_file: Report = None,
    as_json: options.AsJSON = False,
    quiet: own.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Measure the loss around a model, along directions in the space of its weights.

    Random directions are filter-normalised: a distance of 1 is a step as long as the
    weights. They show how sharp the minimum is in which the model lies. With --train,
    the directions are those in which the training moved most; with --to, the line
    between two solutions. Each point costs one evaluation.
    """
    del debug  # `main` reads it
    wanted = DataOptions(
        source, kind, target, task, time_column, window, horizon, limit, data_dir,
        encoding, sep, decimal,
        date_format, drop,
    )  # fmt: skip
    check_at_least("--batch-size", batch_size, 1)
    check_at_least("--samples", samples, 1)
    check_seed(seed)
    own.check_landscape(directions, points, distance, train=train, to=to, is_agreed=yes)
    check_report(report_file)
    check_source(wanted)
    kept = [Path(model), *([to] if to is not None else [])]
    output = OutputFolder.plan(
        out, wanted.name, datetime.datetime.now(), kept=kept, command="landscape"
    )
    opened = open_early(wanted, seed=seed)
    load_keras()
    from lr_finder.cli.landscapes.landscape_summary import deliver
    from lr_finder.cli.landscapes.run_of_landscape import Wanted, measure, write
    from lr_finder.cli.shared.live import is_shown

    asked = Wanted(
        model, optimizer, loss, train, to, batch_size, directions, points, distance,
        samples, seed, yes,
    )  # fmt: skip
    # What a model of the user's own prints is no part of the answer.
    with interrupts_named(output), contextlib.redirect_stdout(sys.stderr):
        found = measure(
            load_source(wanted, seed=seed, opened=opened), asked,
            command=typed_command(), is_shown=is_shown(quiet=quiet, as_json=as_json),
        )  # fmt: skip
        report = write(found, output)
    report = with_report(report, report_file, output)
    deliver(report, as_json=as_json, quiet=quiet)
