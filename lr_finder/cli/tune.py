"""`lr_finder tune`: search for hyperparameters within a budget of trainings."""

from __future__ import annotations

import contextlib
import datetime
import sys

from lr_finder._arguments import check_extra, check_seed
from lr_finder._output import OutputFolder
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.cli.shared.exit_codes import interrupts_named
from lr_finder.cli.shared.option_checks import (
    FEWEST_SWEPT,
    check_at_least,
    check_rates,
)
from lr_finder.cli.shared.reporting import Report, check_report, with_report
from lr_finder.cli.shared.sources import (
    BUILT_IN,
    BUILT_IN_MODEL,
    DataOptions,
    check_source,
    open_early,
)
from lr_finder.cli.tuning import options_of_tune as own

EXAMPLES = """
**Examples**

`lr_finder tune prices.csv --target price` — a sweep, then 20 trainings' worth of TPE
within its interval

`lr_finder tune prices.csv --method sweep,random --budget 10 --seeds 3` — two ways side
by side

`lr_finder tune prices.csv --search learning_rate,batch_size,weight_decay --out
runs/tuned` — three things; if you call it again, it goes on where it was stopped

`lr_finder tune digits.npz --search learning_rate=1e-3:0.1,batch_size=32:64 --method
hyperband --epochs 27` — in ranges of yours
"""


def tune(
    source: options.Source = None,
    method: own.Methods = own.USUAL_METHOD,
    budget: own.Budget = own.USUAL_BUDGET,
    search: own.Search = own.USUAL_SEARCH,
    seeds: own.Seeds = 1,
    seed: own.Seed = 0,
    model: own.Model = None,
    optimizer: options.Optimizer = None,
    loss: options.Loss = None,
    epochs: own.Epochs = 10,
    batch_size: own.BatchSize = 32,
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
    start_lr: options.StartLR = 1e-7,
    end_lr: options.EndLR = 10.0,
    steps: options.Steps = 200,
    repeats: options.Repeats = 1,
    out: own.Out = None,
    report_file: Report = None,
    as_json: options.AsJSON = False,
    quiet: own.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Search for hyperparameters with as many trainings as you can pay.

    Every trial trains a fresh model at a constant rate, and is judged by its validation
    loss. Sweeps, short trainings and failed trials count as what they cost. Trials are
    kept as they end: with the same --out, none is made again, and a larger --budget
    goes on.
    """
    del debug  # `main` reads it
    wanted = DataOptions(
        source, kind, target, task, time_column, window, horizon, limit, data_dir,
        encoding, sep, decimal,
        date_format, drop,
    )  # fmt: skip
    check_rates(start_lr, end_lr)
    check_at_least("--steps", steps, FEWEST_SWEPT)
    for name, count in (("--repeats", repeats), ("--epochs", epochs),
                        ("--batch-size", batch_size), ("--seeds", seeds)):  # fmt: skip
        check_at_least(name, count, 1)
    check_seed(seed)
    own.check_budget_option(budget)
    own.read_space(search)
    check_report(report_file)
    check_source(wanted)
    check_extra("Tuning", ["optuna"], "tune")
    output = OutputFolder.plan(
        out, wanted.name, datetime.datetime.now(), command="tune"
    )
    opened = open_early(wanted, seed=seed)
    load_keras()
    from lr_finder.cli.comparing.run_of_plan import read_parts
    from lr_finder.cli.tuning.delivery_of_tune import deliver_tuning, write_tuning
    from lr_finder.cli.tuning.tuning_view import TuningView
    from lr_finder.experiments.tuning.studies import STORE_NAME
    from lr_finder.experiments.tuning.tune import tune
    from lr_finder.models.specs import DEFAULT_MODEL

    # What a model of the user's own prints is no part of the answer.
    with interrupts_named(output), contextlib.redirect_stdout(sys.stderr):
        parts = read_parts(wanted, seed, opened)
        space = own.read_space(search, rows=len(parts.dataset.x_train))
        usual = BUILT_IN_MODEL if parts.name == BUILT_IN else DEFAULT_MODEL
        with TuningView(space, is_shown=not quiet) as view:
            tuning = tune(
                model or usual, parts, space, method=own.listed_methods(method),
                budget=budget, seeds=range(seed, seed + seeds), epochs=epochs,
                batch_size=batch_size, optimizer=optimizer, loss=loss,
                out=output.target(STORE_NAME).parent, watch=view,
                start_lr=start_lr, end_lr=end_lr, steps=steps, repeats=repeats,
            )  # fmt: skip
        tuning, told = write_tuning(tuning, parts, output)
    told = with_report(told, report_file, output)
    deliver_tuning(told, tuning, as_json=as_json, quiet=quiet)
