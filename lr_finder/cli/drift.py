"""`lr_finder drift`: deploy a model on a dated table, and see when it fails."""

from __future__ import annotations

import contextlib
import datetime
import sys
from pathlib import Path

from lr_finder._arguments import check_extra, check_fraction, check_rate, check_seed
from lr_finder._output import OutputFolder
from lr_finder.cli.drifting import options_of_drift as own
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.cli.shared.exit_codes import interrupts_named
from lr_finder.cli.shared.option_checks import check_at_least
from lr_finder.cli.shared.reporting import Report, check_report, with_report
from lr_finder.cli.shared.sources import DataOptions

EXAMPLES = """
**Examples**

`lr_finder drift rentals.csv --time-column day --target rented` — trained on the first
half; never trained again, every tenth of the rest, or after an alarm

`lr_finder drift rentals.csv --time-column day --target rented --train-share 0.4
--policy never,calendar=500,alarm --report drift.html` — another share, another
calendar, and a page to hand on

`lr_finder drift rentals.csv --time-column day --target rented --start scratch --rate
found` — train again from scratch, with the rate found anew
"""


def drift(
    source: own.File,
    time_column: own.TimeColumn,
    target: options.Target = None,
    train_share: own.TrainShare = own.USUAL_SHARE,
    policy: own.Policy = own.USUAL_POLICIES,
    monitor: own.Monitor = own.USUAL_MONITOR,
    start: own.Start = "warm",
    rate: own.Rate = "kept",
    wait: own.Wait = None,
    learn_from: own.LearnFrom = None,
    model: own.Model = None,
    optimizer: options.Optimizer = None,
    loss: options.Loss = None,
    learning_rate: own.LearningRate = None,
    epochs: own.Epochs = 10,
    batch_size: own.BatchSize = 32,
    seed: own.Seed = 0,
    task: options.Task = None,
    date_format: options.DateFormat = None,
    drop: options.Drop = None,
    limit: options.Limit = None,
    encoding: options.Encoding = None,
    sep: options.Sep = None,
    decimal: options.Decimal = None,
    out: own.Out = None,
    report_file: Report = None,
    as_json: options.AsJSON = False,
    quiet: own.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Train on the first rows of a dated table, and walk through the rest.

    Each later row is predicted before anything is learnt from it. The answer is when
    the model began to fail, whether a monitor would have raised an alarm, and what
    training again would have bought: never, on a calendar, or after an alarm.
    """
    del debug  # `main` reads it
    wanted = DataOptions(source, drop=drop)
    own.check_policies(policy)
    check_fraction("train_share", train_share, usual=own.USUAL_SHARE)
    for option, count, least in (
        ("--epochs", epochs, 1), ("--batch-size", batch_size, 1), ("--wait", wait, 0),
        ("--learn-from", learn_from, 2), ("--limit", limit, 2),
    ):  # fmt: skip
        check_at_least(option, count, least)
    if learning_rate is not None:
        check_rate("learning_rate", learning_rate)
    check_seed(seed)
    check_report(report_file)
    if monitor != "inputs":
        check_extra("A monitor of errors", ["river"], "drift")
    output = OutputFolder.plan(
        out, wanted.name, datetime.datetime.now(), command="drift"
    )
    load_keras()
    from lr_finder.cli.drifting.delivery_of_drift import (
        deliver_deployment,
        write_deployment,
    )
    from lr_finder.cli.drifting.drift_view import DriftView
    from lr_finder.experiments.drift.dated_table import read_stream
    from lr_finder.experiments.drift.deployment import simulate_deployment
    from lr_finder.models.specs import DEFAULT_MODEL

    # What a model of the user's own prints is no part of the answer.
    with interrupts_named(output), contextlib.redirect_stdout(sys.stderr):
        stream = read_stream(
            Path(source), time_column=time_column, target=target,
            train_share=train_share, task=task, limit=limit, date_format=date_format,
            drop=wanted.arguments().get("drop"), encoding=encoding, sep=sep,
            decimal=decimal,
        )  # fmt: skip
        policies = own.policies_of(
            policy, start=start, rate=rate, wait=wait, learn_from=learn_from
        )
        with DriftView(is_shown=not quiet) as view:
            report = simulate_deployment(
                model or DEFAULT_MODEL, stream, policy=policies, monitor=monitor,
                epochs=epochs, batch_size=batch_size, learning_rate=learning_rate,
                optimizer=optimizer, loss=loss, seed=seed, watch=view,
            )  # fmt: skip
        report, told = write_deployment(report, stream, output)
    told = with_report(told, report_file, output)
    deliver_deployment(told, report, as_json=as_json, quiet=quiet)
