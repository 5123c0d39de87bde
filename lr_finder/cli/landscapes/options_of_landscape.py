"""The options of `lr_finder landscape` that no other command has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lr_finder._arguments import check_rate
from lr_finder.analysis.landscape.grid import MOST_EVALUATIONS, checked_size
from lr_finder.cli.shared.option_checks import check_at_least
from lr_finder.errors import InputError

MODEL, GRID, OUTPUT = "Model", "Landscape", "Answer and output"
NO_LIMIT = 10**12  # evaluations
SAMPLES = 1_000  # rows that the loss is measured on


def _option(panel: str, text: str, *names: str, **settings):
    """A Typer option in a panel of the help."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


Model = Annotated[
    str,
    _option(
        MODEL,
        "Your Keras model: file.py:function, package.module:function, or a trained "
        "one, saved.keras. The word default stands for the network made for the data.",
    ),
]
Train = Annotated[
    int | None,
    _option(
        MODEL,
        "Train first, at the rate that the model is compiled with, for so many epochs, "
        "and look along the principal directions of the training's way.",
        metavar="EPOCHS",
    ),
]
To = Annotated[
    Path | None,
    _option(
        MODEL,
        "Look along the line to this other solution: a .keras file of a model with the "
        "same weights.",
        "--to",
        metavar="FILE",
    ),
]
BatchSize = Annotated[
    int, _option(GRID, "Rows at once, also of the batches of --train.")
]
Directions = Annotated[
    int | None,
    _option(
        GRID, "How many directions: 1 or 2. Default: 2; 1 with --to.", min=1, max=2
    ),
]
Points = Annotated[
    int | None,
    _option(
        GRID,
        "Points along each direction, an odd number; each costs one evaluation of the "
        "rows. Default: 25 along each of two, 51 along one.",
    ),
]
Distance = Annotated[
    float | None,
    _option(
        GRID,
        "Random directions: how far to go to both sides, in lengths of the weights. "
        "Default: 1.",
    ),
]
Samples = Annotated[
    int,
    _option(
        GRID,
        "Training rows that the loss is measured on, drawn at random.",
        metavar="ROWS",
    ),
]
Seed = Annotated[
    int,
    _option(
        GRID,
        "A whole number: draws directions, rows and initial weights. Another one shows "
        "another landscape.",
    ),
]
Yes = Annotated[
    bool,
    _option(
        GRID,
        f"Make the evaluations without asking, also more than {MOST_EVALUATIONS:,}.",
        "--yes",
    ),
]
Quiet = Annotated[
    bool, _option(OUTPUT, "Print what was found in one sentence, and nothing else.",
                  "--quiet")
]  # fmt: skip


def check_landscape(
    directions: int | None,
    points: int | None,
    distance: float | None,
    *,
    train: int | None,
    to: Path | None,
    is_agreed: bool,
) -> None:
    """Refuse options that do not go together, or ask for too much.

    Args:
        directions: int, the option `--directions`, or None.
        points: int, the option `--points`, or None.
        distance: float, the option `--distance`, or None.
        train: int, the option `--train`, or None.
        to: Path, the option `--to`, or None.
        is_agreed: bool, the option `--yes`.

    Raises:
        InputError: If they do not.

    Example:
    >>> check_landscape(2, 25, None, train=None, to=None, is_agreed=False)
    """
    check_at_least("--train", train, 1)
    for option, other in (("--train", train), ("--distance", distance)):
        if to is not None and other is not None:
            raise InputError(
                f"Options --to and {option} must not come together. Received: --to "
                f"{to} {option} {other}. Leave one of them out."
            )
    if train is not None and distance is not None:
        raise InputError(
            "Option --distance is for random directions. Received: --distance "
            f"{distance} with --train, whose way says how far to go. Leave it out."
        )
    if distance is not None:
        check_rate("distance", distance, what="number", way_out=" The default is 1.")
    if to is not None and directions == 2:
        raise InputError(
            "Option --directions must be 1 with --to. Received: --directions 2. Leave "
            "it out."
        )
    count = directions or (1 if to is not None else 2)
    checked_size(points, count, most_evaluations(is_agreed), way_out="add --yes")


def most_evaluations(is_agreed: bool) -> int:
    """How many evaluations may be made: without --yes not too many."""
    return NO_LIMIT if is_agreed else MOST_EVALUATIONS
