"""The options of `lr_finder stability` that no other command has."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from lr_finder.cli.comparing.options_of_compare import PLAN, TRAINING, listed
from lr_finder.cli.shared.option_checks import check_at_least
from lr_finder.cli.shared.options import OUTPUT
from lr_finder.errors import InputError

USUAL_OPTIMIZERS = "sgd,momentum,adam"
USUAL_RANGE = "0.001,10"


def _option(panel: str, text: str, *names: str, **settings):
    """A Typer option in a panel of the help."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


LRRange = Annotated[
    str,
    _option(
        PLAN, "The lowest and the highest learning rate, with a comma between.",
        metavar="LOW,HIGH",
    ),
]  # fmt: skip
InDecade = Annotated[
    int, _option(PLAN, "How many rates there are from a rate to its tenfold, about.")
]
Optimizers = Annotated[
    str,
    _option(
        PLAN,
        "Optimizers, separated by commas: Keras' names, momentum or nesterov, also "
        "with arguments: adam,sgd(momentum=0.99).",
        metavar="NAMES",
    ),
]
BatchSizes = Annotated[
    str | None,
    _option(
        PLAN, "Rows in a batch; several are separated by commas. Default: 64.",
        metavar="NUMBERS",
    ),
]  # fmt: skip
Initializers = Annotated[
    str | None,
    _option(
        PLAN,
        "Initializers of the hidden layers: Keras' names, separated by commas. The "
        "word default stands for the model's own, which is the default.",
        metavar="NAMES",
    ),
]
Models = Annotated[
    list[str] | None,
    _option(
        PLAN,
        "cnn, mlp, 3c3d, resnet20 or default; or your Keras model: file.py:function "
        "or package.module:function, whose optimizer is ignored. Give it several "
        "times to study models beside each other.",
        show_default=False,
    ),
]
Epochs = Annotated[int, _option(TRAINING, "The epochs of every run.")]
Curvature = Annotated[
    bool,
    _option(
        TRAINING,
        "Measure the largest curvature of the loss at the start, once for each model "
        "and seed. It costs about 20 gradients of 256 rows.",
    ),
]
Out = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for runs, tables and figure. If it holds a study of the same data, "
        "runs that ended are not made again. Default: a new folder in lr_finder_runs.",
        metavar="DIR",
    ),
]
Quiet = Annotated[
    bool,
    _option(
        OUTPUT, "Print how many runs are lost at each rate as CSV, and nothing else.",
        "--quiet",
    ),
]  # fmt: skip


def rates_of(lr_range: str, in_decade: int) -> str:
    """The rates that two options name, as the option `--lr` would list them.

    Args:
        lr_range: str, as it was typed.
        in_decade: int.

    Returns:
        str.

    Raises:
        InputError: If the range is not two rates in order, or there are too few.

    Example:
    >>> rates_of("0.01,1", 2)
    '0.01,0.032,0.1,0.32,1.0'
    """
    check_at_least("--in-decade", in_decade, 1)
    try:
        low, high = map(float, listed(lr_range))
    except ValueError:
        low = high = math.nan
    if not 0 < low < high < math.inf:
        raise InputError(
            "Option --lr-range must hold two positive numbers, the lower one first, "
            f"with a comma between. Received: --lr-range {lr_range}. The default is "
            f"{USUAL_RANGE}."
        )
    from lr_finder.schedules.sweeps import rates_between

    return ",".join(map(repr, rates_between(low, high, in_decade)))
