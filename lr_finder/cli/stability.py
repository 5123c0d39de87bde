"""`lr_finder stability`: at which rates trainings converge, get stuck or diverge."""

from __future__ import annotations

import contextlib
import datetime
import sys

from lr_finder._arguments import check_seed
from lr_finder._output import OutputFolder
from lr_finder.cli.comparing import options_of_compare as shared
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.cli.shared.exit_codes import interrupts_named
from lr_finder.cli.shared.option_checks import check_at_least, check_schedule
from lr_finder.cli.shared.reporting import Report, check_report, with_report
from lr_finder.cli.shared.sources import DataOptions, check_source, open_early
from lr_finder.cli.studying import options_of_stability as own

EXAMPLES = """
**Examples**

`lr_finder stability prices.csv --target price` — SGD, momentum and Adam at nine rates
from 0.001 to 10, five seeds each

`lr_finder stability prices.csv --lr-range 0.01,1 --in-decade 3 --optimizers sgd` — one
optimizer, three rates in a decade

`lr_finder stability mnist --limit 2000 --model mlp --model my_model.py:deep
--optimizers sgd --out runs/depth` — two models; if you call it again, it goes on where
it was stopped
"""


def stability(
    source: options.Source = None,
    lr_range: own.LRRange = own.USUAL_RANGE,
    in_decade: own.InDecade = 2,
    optimizers: own.Optimizers = own.USUAL_OPTIMIZERS,
    batch_size: own.BatchSizes = None,
    initializer: own.Initializers = None,
    model: own.Models = None,
    seeds: shared.Seeds = 5,
    seed: shared.Seed = 0,
    epochs: own.Epochs = 10,
    schedule: shared.Schedule = None,
    augmentation: shared.Augmentation = False,
    mixed_precision: shared.MixedPrecision = False,
    curvature: own.Curvature = True,
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
    workers: shared.Workers = 1,
    threads: shared.Threads = None,
    cluster: shared.Cluster = None,
    out: own.Out = None,
    report_file: Report = None,
    as_json: options.AsJSON = False,
    quiet: own.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train at many rates, and tell which runs converge, get stuck or diverge.

    Every optimizer is trained at every rate, with every batch size, initializer and
    model. The plan is shown first, with its number of runs. All runs of a seed start
    from the same weights and see the same batches. No run ends early.

    The answer is how many runs of each variant are lost at each rate, how low the
    others end, and the highest rate at which SGD is stable by the curvature of the loss
    at the start. Runs are kept as they end: with the same --out, no run that ended is
    made again.
    """
    wanted = DataOptions(
        source, kind, target, task, time_column, window, horizon, limit, data_dir,
        encoding, sep, decimal,
        date_format, drop,
    )  # fmt: skip
    conditions = {
        "epochs": epochs, "schedule": schedule, "augmentation": augmentation,
        "mixed_precision": mixed_precision, "loss": loss,
    }  # fmt: skip
    resources = {"workers": workers, "threads": threads, "cluster": cluster}
    rates = own.rates_of(lr_range, in_decade)
    for option, value in (
        ("--epochs", epochs), ("--workers", workers), ("--threads", threads),
        ("--seeds", seeds),
    ):  # fmt: skip
        check_at_least(option, value, 1)
    check_seed(seed)
    check_schedule(schedule)
    check_report(report_file)
    check_source(wanted)
    output = OutputFolder.plan(
        out, wanted.name, datetime.datetime.now(), command="stability"
    )
    opened = open_early(wanted, seed=seed)
    load_keras()
    from lr_finder.cli.comparing.run_of_plan import make_plan, read_parts
    from lr_finder.cli.studying.answer import deliver, run_study, write_answer

    # What a model of the user's own prints is no part of the answer.
    with interrupts_named(output), contextlib.redirect_stdout(sys.stderr):
        parts = read_parts(wanted, seed, opened)
        plan = make_plan(
            optimizers, rates, batch_size, initializer, is_full_grid=True,
            has_own_initializers=True, rows=len(parts.dataset.x_train),
        )  # fmt: skip
        study = run_study(
            parts, model, plan, range(seed, seed + seeds), output,
            is_shown=not quiet, curvature=curvature, options=conditions | resources,
        )  # fmt: skip
        told = write_answer(study, parts, output)
    told = with_report(told, report_file, output)
    deliver(told, study, as_json=as_json, quiet=quiet)
