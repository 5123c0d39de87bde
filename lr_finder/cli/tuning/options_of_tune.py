"""The options of `lr_finder tune` that no other command has, and what they search."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from lr_finder.errors import InputError

SEARCH, TRAINING, OUTPUT = "Search", "Training", "Answer and output"
USUAL_METHOD, USUAL_SEARCH, USUAL_BUDGET = "narrowed", "learning_rate", 20.0
USUAL_RANGES = {"learning_rate": (1e-5, 1.0), "weight_decay": (1e-6, 0.1)}
BATCH_SIZE, USUAL_SIZES = "batch_size", [16, 32, 64, 128]


def _option(panel: str, text: str, *names: str, **settings):
    """A Typer option in a panel of the help."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


Methods = Annotated[
    str,
    _option(
        SEARCH,
        "How to search; several are separated by commas, and each may pay the budget: "
        "narrowed (a sweep, then TPE within its interval), sweep (a sweep and short "
        "trainings for each trial), grid, random, tpe, hyperband or evolution.",
        "--method",
        metavar="NAMES",
    ),
]
Budget = Annotated[
    float,
    _option(
        SEARCH,
        "How many trainings to pay for. Sweeps and trials that fail count.",
        metavar="TRAININGS",
    ),
]
Search = Annotated[
    str,
    _option(
        SEARCH,
        "What to search, separated by commas: learning_rate, batch_size, weight_decay; "
        "also with ends or choices: learning_rate=1e-4:0.1,batch_size=32:64:128. "
        "Default ends: 1e-5 to 1, and 1e-6 to 0.1 for weight_decay; batch_size has the "
        "choices 16, 32, 64 and 128.",
        metavar="NAMES",
    ),
]
Seeds = Annotated[
    int,
    _option(SEARCH, "Searches of each method, each with other weights and batches."),
]
Seed = Annotated[int, _option(SEARCH, "The first seed; the others count up from it.")]
Epochs = Annotated[int, _option(TRAINING, "The epochs of a whole training.")]
BatchSize = Annotated[
    int, _option(TRAINING, "Rows in a batch, if batch_size is not searched.")
]
Model = Annotated[
    str | None,
    _option(
        TRAINING,
        "cnn, mlp, 3c3d, resnet20 or default; or your Keras model: file.py:function "
        "or package.module:function. The rate that it is compiled with is replaced.",
        show_default=False,
    ),
]
Out = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for trials, figure and Optuna's studies (tuning.sqlite, which "
        "optuna-dashboard opens). If it holds a tuning of the same space and data, "
        "trials that ended are not made again. Default: a new folder in "
        "lr_finder_runs.",
        metavar="DIR",
    ),
]
Quiet = Annotated[
    bool,
    _option(OUTPUT, "Print the best values as CSV, and nothing else.", "--quiet"),
]


def read_space(text: str, rows: int | None = None) -> dict[str, Any]:
    """What the option `--search` names, as `tune` takes it.

    Args:
        text: str, as it was typed.
        rows: int, to train on: usual batch sizes have no more; None if not known yet.

    Returns:
        dict of names to `(low, high)` or list.

    Raises:
        InputError: If a name or a value means nothing.

    Example:
    >>> read_space("learning_rate=1e-3:0.1,batch_size", rows=50)
    {'learning_rate': (0.001, 0.1), 'batch_size': [16, 32]}
    """
    space: dict[str, Any] = {}
    for each in text.split(","):
        name, _, values = (part.strip() for part in each.partition("="))
        if name in space or name not in (*USUAL_RANGES, BATCH_SIZE):
            names = ", ".join(["learning_rate", BATCH_SIZE, "weight_decay"])
            raise InputError(
                f"Option --search must name {names}, each once. Received: "
                f"{each.strip()!r}. Write --search learning_rate,batch_size."
            )
        if name == BATCH_SIZE:
            usual = [size for size in USUAL_SIZES if rows is None or size <= rows]
            sizes = _numbers(each, values, int) if values else usual or [1]
            space[name] = list(dict.fromkeys(sizes))
            continue
        ends = tuple(_numbers(each, values, float)) if values else USUAL_RANGES[name]
        if len(ends) != 2:
            raise InputError(
                f"Option --search must have two ends for {name}, LOW:HIGH. Received: "
                f"{each.strip()!r}. Write {name}=1e-4:0.1."
            )
        space[name] = ends
    return space


def check_budget_option(budget: float) -> None:
    """Refuse a budget below one training, before anything heavy is loaded.

    Raises:
        InputError: If it is.

    Example:
    >>> check_budget_option(1.0)
    """
    if not 1 <= budget < math.inf:
        raise InputError(
            "Option --budget must be a number of trainings, at least 1. Received: "
            f"--budget {budget:g}. 20 is a usual one."
        )


def listed_methods(text: str) -> tuple[str, ...]:
    """The methods of a list that was typed.

    Example:
    >>> listed_methods("sweep, random")
    ('sweep', 'random')
    """
    return tuple(name.strip() for name in text.split(","))


def _numbers(given: str, text: str, kind: type) -> list[Any]:
    try:
        return [kind(value) for value in text.split(":")]
    except ValueError:
        what = "whole numbers" if kind is int else "numbers"
        raise InputError(
            f"Option --search must hold {what} with colons between. Received: "
            f"{given.strip()!r}. Write batch_size=32:64 or learning_rate=1e-4:0.1."
        ) from None
