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
        "Optimizers, separated by commas: Keras' names, momentum or nesterov, also "
        "with arguments: adam,sgd(momentum=0.99).",
        metavar="NAMES",
    ),
]
Rates = Annotated[
    str,
    _option(
        PLAN,
        "Learning rates, separated by commas. The word found stands for the rate that "
        "a sweep finds for each run.",
        "--lr",
        metavar="RATES",
    ),
]
BatchSizes = Annotated[
    str | None,
    _option(
        PLAN,
        "Rows in a batch; several are separated by commas. The first is the base, the "
        "others are tried at each optimizer's best rate. Default: 64.",
        metavar="NUMBERS",
    ),
]
Initializers = Annotated[
    str | None,
    _option(
        PLAN,
        "Initializers of the hidden layers: Keras' names, separated by commas. The "
        "first is the base, the others are tried at each optimizer's best rate. The "
        "word default stands for the model's own. Default: glorot_uniform, or default "
        "for models of yours.",
        metavar="NAMES",
    ),
]
Models = Annotated[
    list[str] | None,
    _option(
        PLAN,
        "cnn, mlp, 3c3d, resnet20 or default; or your Keras model: file.py:function "
        "or package.module:function, whose optimizer is ignored. Give it several "
        "times to compare models.",
        show_default=False,
    ),
]
FullGrid = Annotated[bool, _option(PLAN, "Train every combination.", "--full-grid")]
Seeds = Annotated[
    int,
    _option(PLAN, "Runs of each variant, each with other weights and batches."),
]
Seed = Annotated[int, _option(PLAN, "The first seed; the others count up from it.")]
Epochs = Annotated[int, _option(TRAINING, "The most epochs of a run.")]
EarlyStopping = Annotated[
    bool,
    _option(TRAINING, "End a run if the validation loss no longer falls."),
]
ReduceOnPlateau = Annotated[
    bool,
    _option(
        TRAINING,
        "Lower the rate if the validation loss stands still. It is off by default, so "
        "that fixed rates stay fixed.",
    ),
]
Schedule = Annotated[
    str | None,
    _option(
        TRAINING,
        "How the rate changes in each run; its highest value is the run's rate: wsd "
        "(constant, then a line to 0 over the last 30 %), one_cycle, cosine, "
        "warmup_cosine or linear. Default: constant.",
        metavar="NAME",
    ),
]
Augmentation = Annotated[
    bool,
    _option(
        TRAINING, "Flip and shift the training images at random.", "--augmentation"
    ),
]
MixedPrecision = Annotated[
    bool, _option(TRAINING, "Compute in 16 bits.", "--mixed-precision")
]
Verify = Annotated[
    bool,
    _option(
        TRAINING,
        "Confirm each rate found by short trainings. They take at most 0.38 of a run, "
        "0.6 of a run with fewer than 89 steps, and 33 steps if a run has fewer than "
        "55.",
        "--verify",
    ),
]
Workers = Annotated[
    int, _option(MACHINE, "How many processes train at a time; each loads TensorFlow.")
]
Threads = Annotated[
    int | None,
    _option(
        MACHINE, "Threads of each worker. Default: the workers share the processor."
    ),
]
Cluster = Annotated[
    str | None,
    _option(
        MACHINE,
        "Address of a Ray cluster to train on, whose workers have one thread each "
        "unless --threads says more. The word local starts one on this machine.",
        metavar="ADDRESS",
    ),
]
Out = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for runs, tables and figures. If it holds a comparison of the same "
        "data, runs that ended are not made again. Default: a new folder in "
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
