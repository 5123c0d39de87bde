"""The options of `lr_finder drift` that no other command has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.experiments.drift.policies import RetrainingPolicy

DATA, DEPLOYED, TRAINING, OUTPUT = "Data", "Deployment", "Training", "Answer and output"
USUAL_POLICIES, USUAL_MONITOR, USUAL_SHARE = "never,calendar,alarm", "default", 0.5
KNOWN_POLICIES = ("never", "calendar", "alarm")


def _option(panel: str, text: str, *names: str, **settings):
    """A Typer option in a panel of the help."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="A dated table in a file (CSV, TSV, JSON Lines, each also compressed; "
        "Parquet).",
        show_default=False,
    ),
]
TimeColumn = Annotated[
    str,
    _option(
        DATA,
        "Column of dates, or of numbers that rise with time. Rows are sorted by it; "
        "the time itself is no feature, but weekday, time of the day and time of the "
        "year are.",
        "--time-column",
        show_default=False,
    ),
]
TrainShare = Annotated[
    float,
    _option(DATA, "Share of the rows that come before the deployment."),
]
Policy = Annotated[
    str,
    _option(
        DEPLOYED,
        "When the model is trained again; several are separated by commas: never, "
        "calendar (every tenth of the rows after deployment, or calendar=ROWS), alarm.",
        metavar="NAMES",
    ),
]
Monitor = Annotated[
    str,
    _option(
        DEPLOYED,
        "What raises alarms: default (Page-Hinkley on residuals of block means); "
        "adwin, kswin, page_hinkley or ddm on the errors as they come, or with :blocks "
        "or :residuals behind; or inputs.",
        metavar="NAME",
    ),
]
Start = Annotated[
    Literal["warm", "scratch"],
    _option(DEPLOYED, "Train again from the deployed weights, or from scratch."),
]
Rate = Annotated[
    Literal["kept", "found"],
    _option(
        DEPLOYED, "Keep the first training's rate, or find one by a sweep each time."
    ),
]
Wait = Annotated[
    int | None,
    _option(
        DEPLOYED,
        "Rows to collect after an alarm before the training. Default: a twentieth of "
        "those after deployment.",
        metavar="ROWS",
    ),
]
LearnFrom = Annotated[
    int | None,
    _option(
        DEPLOYED,
        "The latest rows that a training again learns from. Default: as many as the "
        "first training had; after an alarm, those collected since.",
        metavar="ROWS",
    ),
]
Model = Annotated[
    str | None,
    _option(
        TRAINING,
        "mlp or default; or your Keras model: file.py:function or "
        "package.module:function.",
        show_default=False,
    ),
]
LearningRate = Annotated[
    float | None,
    _option(TRAINING, "The rate of the first training. Default: a sweep finds it."),
]
Epochs = Annotated[int, _option(TRAINING, "The epochs of each training.")]
BatchSize = Annotated[int, _option(TRAINING, "Rows in a batch.")]
Seed = Annotated[int, _option(TRAINING, "Of weights, batches and sweeps.")]
Out = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for rows, trainings, figure and result. Default: a new folder in "
        "lr_finder_runs.",
        metavar="DIR",
    ),
]
Quiet = Annotated[
    bool,
    _option(OUTPUT, "Print a table of the policies as CSV, and nothing else.",
            "--quiet"),
]  # fmt: skip


def check_policies(text: str) -> None:
    """Refuse policies that there are not, before anything heavy is loaded.

    Args:
        text: str, as it was typed.

    Raises:
        InputError: If a name means nothing.

    Example:
    >>> check_policies("never,calendar=500")
    """
    for name in text.split(","):
        when, equals, rows = name.strip().partition("=")
        is_number = rows.isdecimal() and int(rows) > 0
        if (
            when not in KNOWN_POLICIES
            or equals
            and not (when == "calendar" and is_number)
        ):
            raise InputError(
                "Option --policy must name never, calendar, calendar=ROWS or alarm. "
                f"Received: {name.strip()!r}. Write --policy {USUAL_POLICIES}."
            )


def policies_of(
    text: str, *, start: str, rate: str, wait: int | None, learn_from: int | None
) -> list[RetrainingPolicy]:
    """The policies that were typed.

    Args:
        text: str, of the option `--policy`.
        start: str, of `--start`.
        rate: str, of `--rate`.
        wait: int, of `--wait`, or None.
        learn_from: int, of `--learn-from`, or None.

    Returns:
        list of RetrainingPolicy.
    """
    from lr_finder.experiments.drift.policies import RetrainingPolicy

    policies = []
    for name in text.split(","):
        when, _, rows = name.strip().partition("=")
        every = int(rows) if rows else None
        policies.append(RetrainingPolicy(when, start, rate, every, wait, learn_from))
    return policies
