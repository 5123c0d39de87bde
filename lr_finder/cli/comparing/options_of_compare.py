"""The options of `lr_finder compare` that no other command has, and their lists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from lr_finder.errors import InputError

PLAN, TRAINING, MACHINE, OUTPUT = "Plan", "Training", "Machine", "Answer and output"
USUAL_OPTIMIZERS = "sgd,momentum,rmsprop,adam"
USUAL_RATES = "0.01,0.001,found"
BETWEEN = re.compile(r",(?![^()]*\))")  # a comma outside of brackets


def _option(panel: str, text: str, *names: str, **settings):
    """A Typer option in a panel of the help."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


Optimizers = Annotated[
    str,
    _option(
        PLAN,
        "Optimizers, with commas between: Keras' names, momentum or nesterov, also "
        "with arguments: adam,sgd(momentum=0.99).",
        metavar="NAMES",
    ),
]
Rates = Annotated[
    str,
    _option(
        PLAN,
        "Learning rates, with commas between; found stands for the rate that a sweep "
        "finds for each run.",
        "--lr",
        metavar="RATES",
    ),
]
BatchSizes = Annotated[
    str | None,
    _option(
        PLAN,
        "Rows in a batch. Of several, with commas between, the first is the base, the "
        "others are tried at each optimizer's best rate. Default: 64.",
        metavar="NUMBERS",
    ),
]
Initializers = Annotated[
    str | None,
    _option(
        PLAN,
        "What draws the weights of hidden layers: Keras' names, with commas between; "
        "the first is the base, the others are tried at each optimizer's best rate; "
        "default stands for what the model has. Default: glorot_uniform, or default "
        "for models of yours.",
        metavar="NAMES",
    ),
]
Models = Annotated[
    list[str] | None,
    _option(
        PLAN,
        "cnn, mlp, 3c3d, resnet20 or default; or your Keras model: file.py:function "
        "or package.module:function, whose optimizer does not count. Give it several "
        "times to compare models.",
        show_default=False,
    ),
]
FullGrid = Annotated[
    bool, _option(PLAN, "Cross everything with everything.", "--full-grid")
]
Seeds = Annotated[
    int,
    _option(PLAN, "Runs of each setting, each with other weights and batches."),
]
Seed = Annotated[int, _option(PLAN, "The first seed; the others follow it.")]
Epochs = Annotated[int, _option(TRAINING, "Epochs of a training at most.")]
EarlyStopping = Annotated[
    bool,
    _option(TRAINING, "End a training when the validation loss no longer falls."),
]
ReduceOnPlateau = Annotated[
    bool,
    _option(
        TRAINING,
        "Lower the rate when the validation loss stands still. Off, so that what is "
        "called a constant rate is one.",
    ),
]
Augmentation = Annotated[
    bool, _option(TRAINING, "Flip and shift images at random.", "--augmentation")
]
MixedPrecision = Annotated[
    bool, _option(TRAINING, "Compute in 16 bits.", "--mixed-precision")
]
Verify = Annotated[
    bool,
    _option(
        TRAINING,
        "Confirm rates that are found by short trainings: at most 0.6 of a training, "
        "or of 55 steps if it has fewer.",
        "--verify",
    ),
]
Workers = Annotated[
    int, _option(MACHINE, "Processes that train at a time; each loads TensorFlow.")
]
Threads = Annotated[
    int | None,
    _option(MACHINE, "Threads of each worker. Default: the processor is shared out."),
]
Cluster = Annotated[
    str | None,
    _option(
        MACHINE,
        "Address of a Ray cluster to train on; local starts one on this machine.",
        metavar="ADDRESS",
    ),
]
Out = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for runs, tables and figures. With one that holds a comparison of the "
        "same data, runs that ended are not made again. Default: a new one in "
        "lr_finder_runs.",
        metavar="DIR",
    ),
]
Quiet = Annotated[
    bool, _option(OUTPUT, "Print the ranking as CSV, and nothing else.", "--quiet")
]


def listed(text: str) -> list[str]:
    """The values of a list that was typed with commas between.

    Args:
        text: str.

    Returns:
        list of str.

    Example:
    >>> listed("adam, sgd(momentum=0.9,nesterov=True)")
    ['adam', 'sgd(momentum=0.9,nesterov=True)']
    """
    return [value.strip() for value in BETWEEN.split(text)]


def listed_numbers(option: str, text: str) -> list[int]:
    """The whole numbers of a list that was typed.

    Args:
        option: str, how it is typed.
        text: str.

    Returns:
        list of int.

    Raises:
        InputError: If one is no whole number, or less than 1.

    Example:
    >>> listed_numbers("--batch-size", "64,32")
    [64, 32]
    """
    values = listed(text)
    for value in values:
        if not value.isdecimal() or int(value) < 1:
            raise InputError(
                f"Option {option} must hold whole numbers, at least 1, with commas "
                f"between. Received: {option} {text}."
            )
    return [int(value) for value in values]
