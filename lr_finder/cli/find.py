"""`lr_finder find`: sweep models over data and suggest a learning rate for each."""

from __future__ import annotations

import contextlib
import datetime
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder._arguments import check_seed
from lr_finder._output import OutputFolder
from lr_finder.cli.shared import options
from lr_finder.cli.shared.backend import load_keras
from lr_finder.cli.shared.exit_codes import history_told, interrupts_named
from lr_finder.cli.shared.option_checks import (
    FEWEST_SWEPT,
    check_at_least,
    check_budget,
    check_continued,
    check_goes_with_training,
    check_rates,
    check_schedule,
)
from lr_finder.cli.shared.reporting import Report, check_report, with_report
from lr_finder.cli.shared.sources import (
    DataOptions,
    Source,
    check_source,
    load_source,
    open_early,
)
from lr_finder.cli.shared.typed_command import typed_command
from lr_finder.cli.tracking.track_option import Track, checked_trackers

if TYPE_CHECKING:
    from lr_finder.data.opened import OpenedTable

EXAMPLES = """
**Examples**

`lr_finder find` — the built-in series, without a file of yours

`lr_finder find prices.csv --target price` — a table of yours

`lr_finder find photos/ --kind images --limit 2000` — images, one folder for each
class

`lr_finder find prices.csv --model my_model.py:build --train 50` — a model of yours,
also trained with the rate found

`lr_finder find prices.csv --train 50 --against-default` — what the rate gained

`lr_finder find prices.csv --model default --model my_model.py:build` — which rate
suits each model

`lr_finder find prices.csv --verify` — confirmed by short trainings

`lr_finder find prices.csv --report prices.html` — with a page to show and to keep

`lr_finder find prices.csv --json` — for scripts
"""


def find(
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
    model: options.Model = None,
    optimizer: options.Optimizer = None,
    loss: options.Loss = None,
    batch_size: options.BatchSize = 32,
    start_lr: options.StartLR = 1e-7,
    end_lr: options.EndLR = 10.0,
    steps: options.Steps = 200,
    repeats: options.Repeats = 1,
    seed: options.Seed = 0,
    method: options.Method = None,
    verify: options.Verify = False,
    budget_steps: options.BudgetSteps = None,
    train: options.Train = None,
    against_default: options.AgainstDefault = False,
    schedule: options.Schedule = None,
    continue_from_verification: options.Continue = False,
    out: options.Out = None,
    remember: options.Remember = None,
    track: Track = None,
    report_file: Report = None,
    as_json: options.AsJSON = False,
    quiet: options.Quiet = False,
    debug: options.Debug = False,
) -> None:
    """Find a learning rate: train over rising rates and see where the loss falls.

    The rate rises from batch to batch, from far too low to far too high. A good rate
    lies where the loss falls well, before the loss explodes. A sweep takes as long as a
    training on as many batches.
    """
    wanted = DataOptions(
        source, kind, target, task, time_column, window, horizon, limit, data_dir,
        encoding, sep, decimal,
        date_format, drop,
    )  # fmt: skip
    sweep = dict(start_lr=start_lr, end_lr=end_lr, steps=steps, repeats=repeats)
    _check_options(sweep, train, batch_size, seed)
    check_budget(budget_steps, is_verified=verify)
    check_goes_with_training("--against-default", against_default, train)
    check_goes_with_training("--schedule", schedule is not None, train)
    check_schedule(schedule)
    check_continued(continue_from_verification, is_verified=verify, train=train)
    check_report(report_file)
    check_source(wanted)
    trackers = checked_trackers(track)
    output = OutputFolder.plan(
        out,
        wanted.name,
        datetime.datetime.now(),
        kept=map(Path, model or ()),
        command="find",
    )
    from lr_finder.cli.shared.delivery import checked_method, deliver

    method = checked_method(method)
    opened = open_early(wanted, seed=seed)
    load_keras()
    from lr_finder.cli.finding.one_model import delivered_if_stopped, find_one
    from lr_finder.cli.finding.several import deliver_comparison, find_each
    from lr_finder.cli.finding.swept_models import load_models
    from lr_finder.cli.shared.live import is_shown
    from lr_finder.finding import FindSettings
    from lr_finder.finding_data import FindingData

    settings = FindSettings(
        method, verify, budget_steps, train, against_default, batch_size, seed, sweep,
        schedule or "default", continue_from_verification, remember,
    )  # fmt: skip
    # What a model of the user's own prints is no part of the answer.
    with (
        interrupts_named(output, report_file),
        delivered_if_stopped(as_json=as_json, quiet=quiet),
        history_told(),
        contextlib.redirect_stdout(sys.stderr),
    ):
        read = _read(wanted, optimizer, loss, seed, opened)
        models = load_models(
            read, model, optimizer=optimizer, loss=loss, batch_size=batch_size,
            is_trained=train is not None, seed=seed,
        )  # fmt: skip
        data = FindingData.of_dataset(read.dataset, read.name).made_by(typed_command())
        shown = {
            "is_shown": is_shown(quiet=quiet, as_json=as_json), "is_told": not quiet
        }  # fmt: skip
        if len(models) > 1:
            report = find_each(
                models, data, output, settings, trackers, is_debugged=debug, **shown
            )
        else:
            report, error = find_one(
                models[0].model, data, output, settings, trackers, **shown
            )
    report = with_report(report, report_file, output)
    if len(models) > 1:
        deliver_comparison(report, as_json=as_json, quiet=quiet)
    else:
        deliver(report, error, as_json=as_json, quiet=quiet)


def _check_options(
    sweep: dict[str, Any], epochs: int | None, batch_size: int, seed: int
) -> None:
    """Refuse numbers that no sweep could do with."""
    check_rates(sweep["start_lr"], sweep["end_lr"])
    check_at_least("--steps", sweep["steps"], FEWEST_SWEPT)
    check_at_least("--repeats", sweep["repeats"], 1)
    check_at_least("--batch-size", batch_size, 1)
    check_at_least("--train", epochs, 1)
    check_seed(seed)


def _read(
    wanted: DataOptions,
    optimizer: str | None,
    loss: str | None,
    seed: int,
    opened: OpenedTable | None,
) -> Source:
    """The data, once it is known that optimizer and loss have names that exist."""
    from lr_finder.models.compile_arguments import resolve_loss, resolve_optimizer

    if optimizer is not None:
        resolve_optimizer(optimizer)
    if loss is not None:
        resolve_loss(loss)
    return load_source(wanted, seed=seed, opened=opened)
