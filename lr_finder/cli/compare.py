"""`lr_finder compare`: which optimizer and settings suit a model and its data."""

from __future__ import annotations

import contextlib
import datetime
import sys
from typing import Any

from lr_finder._arguments import check_seed
from lr_finder._output import OutputFolder
from lr_finder.cli.comparing import options_of_compare as own
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.cli.shared.exit_codes import history_told, interrupts_named
from lr_finder.cli.shared.option_checks import (
    FEWEST_SWEPT,
    check_at_least,
    check_rates,
    check_schedule,
)
from lr_finder.cli.shared.reporting import Report, check_report, with_report
from lr_finder.cli.shared.sources import DataOptions, check_source, open_early
from lr_finder.cli.tracking.track_option import (
    Track,
    checked_trackers,
    log_each,
    run_name,
)

EXAMPLES = """
**Examples**

`lr_finder compare prices.csv --target price` — four optimizers, each at 0.01, 0.001 and
the rate found for it

`lr_finder compare prices.csv --optimizers adam --lr 0.01,found --batch-size 64,32` —
one optimizer at two rates, then the other batch size at the better one

`lr_finder compare cifar10 --limit 10000 --workers 2 --out runs/cifar` — if you call it
again, it goes on where it was stopped

`lr_finder compare photos/ --optimizers adam,"sgd(momentum=0.99)" --lr found --model
cnn --model my_model.py:build` — two optimizers, two models
"""


def compare(
    source: options.Source = None,
    optimizers: own.Optimizers = own.USUAL_OPTIMIZERS,
    lr: own.Rates = own.USUAL_RATES,
    batch_size: own.BatchSizes = None,
    initializer: own.Initializers = None,
    model: own.Models = None,
    full_grid: own.FullGrid = False,
    seeds: own.Seeds = 5,
    seed: own.Seed = 0,
    epochs: own.Epochs = 10,
    early_stopping: own.EarlyStopping = True,
    reduce_on_plateau: own.ReduceOnPlateau = False,
    schedule: own.Schedule = None,
    augmentation: own.Augmentation = False,
    mixed_precision: own.MixedPrecision = False,
    loss: options.Loss = None,
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
    method: options.Method = None,
    verify: own.Verify = False,
    workers: own.Workers = 1,
    threads: own.Threads = None,
    cluster: own.Cluster = None,
    out: own.Out = None,
    remember: options.Remember = None,
    track: Track = None,
    report_file: Report = None,
    as_json: options.AsJSON = False,
    quiet: own.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Compare optimizers, rates, batch sizes and initializers by short trainings.

    Every optimizer is trained at every rate. Other batch sizes and initializers are
    tried if you name them. The plan is shown first, with its number of runs.

    All runs of a seed start from the same weights and see the same batches. The best
    variants are chosen on validation rows and scored once on test rows. Runs are kept
    as they end: with the same --out, no run that ended is made again.
    """
    wanted = DataOptions(
        source, kind, target, task, time_column, window, horizon, limit, data_dir,
        encoding, sep, decimal,
        date_format, drop,
    )  # fmt: skip
    conditions = {
        "epochs": epochs, "early_stopping": early_stopping,
        "reduce_on_plateau": reduce_on_plateau, "augmentation": augmentation,
        "mixed_precision": mixed_precision, "loss": loss, "start_lr": start_lr,
        "end_lr": end_lr, "steps": steps, "repeats": repeats, "verify": verify,
        "schedule": schedule,
    }  # fmt: skip
    resources = {
        "workers": workers, "threads": threads, "cluster": cluster, "remember": remember
    }  # fmt: skip
    _check_options(conditions, resources, seeds, seed)
    check_report(report_file)
    check_source(wanted)
    trackers = checked_trackers(track)
    output = OutputFolder.plan(
        out, wanted.name, datetime.datetime.now(), command="compare"
    )
    from lr_finder.cli.shared.delivery import checked_method

    conditions["method"] = checked_method(method)
    opened = open_early(wanted, seed=seed)
    load_keras()
    from lr_finder.cli.comparing.report import deliver, write_report
    from lr_finder.cli.comparing.run_of_plan import make_plan, read_parts, run

    # What a model of the user's own prints is no part of the answer.
    with (
        interrupts_named(output, report_file),
        contextlib.redirect_stdout(sys.stderr),
        history_told(),
    ):
        parts = read_parts(wanted, seed, opened)
        plan = make_plan(
            optimizers, lr, batch_size, initializer, is_full_grid=full_grid,
            has_own_initializers=model is not None or source is None,
            rows=len(parts.dataset.x_train),
        )  # fmt: skip
        comparison = run(
            parts, model, plan, range(seed, seed + seeds), output,
            is_shown=not quiet, conditions=conditions, **resources,
        )  # fmt: skip
        report = write_report(comparison, parts, output)
        log_each(comparison, trackers, run_name(output), is_told=not quiet)
    report = with_report(report, report_file, output)
    deliver(report, comparison, as_json=as_json, quiet=quiet)


def _check_options(
    conditions: dict[str, Any], resources: dict[str, Any], seeds: int, seed: int
) -> None:
    """Refuse numbers that no comparison could do with."""
    check_rates(conditions["start_lr"], conditions["end_lr"])
    check_at_least("--steps", conditions["steps"], FEWEST_SWEPT)
    check_at_least("--repeats", conditions["repeats"], 1)
    check_at_least("--epochs", conditions["epochs"], 1)
    check_at_least("--workers", resources["workers"], 1)
    check_at_least("--threads", resources["threads"], 1)
    check_at_least("--seeds", seeds, 1)
    check_seed(seed)
    check_schedule(conditions["schedule"], conditions["reduce_on_plateau"])
