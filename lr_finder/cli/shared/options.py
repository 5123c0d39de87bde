"""The options of the commands: what each is called, takes and says in `--help`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lr_finder.cli.shared.option_checks import FEWEST_SWEPT

DATA, MODEL, SWEEP, OUTPUT = "Data", "Model", "Sweep", "Answer and output"


def _option(panel: str, text: str, *names: str, **settings):
    """A Typer option in a panel of the help."""
    return typer.Option(*names, help=text, rich_help_panel=panel, **settings)


Source = Annotated[
    str | None,
    typer.Argument(
        help="A table (CSV, TSV, columns between blanks, JSON Lines, each also "
        "compressed; Parquet, NPZ), a file of lines `label TAB text`, a folder of "
        "images with one folder per class, or a name: cifar10, cifar100, "
        "mnist, fashion_mnist, imdb, california_housing. Without it: four synthetic "
        "years of daily values, built in.",
        show_default=False,
    ),
]
CurveFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A sweep.npz that `lr_finder find` wrote, or a table in a file with a "
        "column of learning rates and one of losses.",
        show_default=False,
    ),
]
RunDir = Annotated[
    Path,
    typer.Argument(
        metavar="RUN_DIR",
        help="The folder of a run of `lr_finder find --train`; of several models, the "
        "folder of one of them.",
        show_default=False,
    ),
]
NewFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A file of the same form as that of the training; the target may be "
        "missing.",
        show_default=False,
    ),
]
Kind = Annotated[
    Literal["tabular", "series", "images", "text"] | None,
    _option(DATA, "What the data is. Default: told by the source and its columns."),
]
TimeColumn = Annotated[
    str | None,
    _option(DATA, "Series: column of times to sort by. Default: rows are in order."),
]
DateFormat = Annotated[
    str | None,
    _option(
        DATA,
        "How dates are written, e.g. %d/%m/%Y or %m/%d/%Y %H:%M. Default: told by the "
        "whole column; of `predict`, as in the training.",
        metavar="FORMAT",
    ),
]
Drop = Annotated[
    str | None,
    _option(
        DATA,
        "Columns of a table to leave out, with commas between.",
        metavar="COLUMNS",
    ),
]
Window = Annotated[
    int | None,
    _option(DATA, "Series: points to forecast from. Default: 20."),
]
Horizon = Annotated[
    int | None,
    _option(DATA, "Series: points to forecast. Default: 1."),
]
Limit = Annotated[
    int | None,
    _option(DATA, "Use at most so many rows.", metavar="ROWS"),
]
DataDir = Annotated[
    Path | None,
    _option(
        DATA,
        "Folder of the data sets that are named. Default: what the variable "
        "LR_FINDER_DATA names.",
        metavar="DIR",
    ),
]
Encoding = Annotated[
    str | None,
    _option(
        DATA,
        "Encoding of a file of text, such as cp1251. Default: UTF-8, UTF-16 or cp1252, "
        "told by the file.",
    ),
]
Sep = Annotated[
    str | None,
    _option(
        DATA,
        "What delimits the cells of a file of text: one character, tab or space. "
        "Default: told by the file.",
    ),
]
Decimal = Annotated[
    Literal[".", ","] | None,
    _option(DATA, "Decimal mark of a file of text. Default: told by its columns."),
]
Target = Annotated[
    str | None,
    _option(
        DATA,
        "Column to predict: its name, or its index (0 is the first, -1 the last). "
        "Default: the last; of a series, the first column of numbers.",
    ),
]
Task = Annotated[
    Literal["classification", "regression"] | None,
    _option(DATA, "What kind of prediction. Default: told by the target column."),
]
LRColumn = Annotated[
    str | None,
    _option(DATA, "Column of learning rates. Default: lr, learning_rate, …"),
]
LossColumn = Annotated[
    str | None, _option(DATA, "Column of losses. Default: loss, train_loss, …")
]
Model = Annotated[
    list[str] | None,
    _option(
        MODEL,
        "Your Keras model: file.py:function, package.module:function, or saved.keras. "
        "Give it several times to sweep each; the word default is the network made "
        "for the data, which is swept without this option.",
        show_default=False,
    ),
]
Optimizer = Annotated[
    str | None,
    _option(
        MODEL,
        "Keras optimizer: a name, or one with arguments, sgd(momentum=0.9). Default: "
        "adam, or your model's own.",
    ),
]
SweptOptimizer = Annotated[
    str | None,
    _option(
        SWEEP,
        "Keras optimizer that made the curve, if the file does not tell: adam, "
        "sgd(momentum=0.9). Its usual rate is part of the default rule.",
    ),
]
Loss = Annotated[
    str | None,
    _option(MODEL, "Keras loss, by name. Default: the task's, or your model's own."),
]
BatchSize = Annotated[int, _option(SWEEP, "Rows in a batch.")]
StartLR = Annotated[float, _option(SWEEP, "Learning rate of the first batch.")]
EndLR = Annotated[float, _option(SWEEP, "Learning rate of the last batch.")]
Steps = Annotated[
    int,
    _option(
        SWEEP,
        f"Batches from first to last, at least {FEWEST_SWEPT}; "
        "more steps give a steadier answer.",
    ),
]
Repeats = Annotated[
    int,
    _option(
        SWEEP,
        "Sweeps to average, each with other batches; 3 give a steadier answer.",
    ),
]
Seed = Annotated[
    int,
    _option(
        SWEEP,
        "A whole number: the same one gives the same answer, others show its spread.",
    ),
]
Method = Annotated[
    str | None,
    _option(
        OUTPUT,
        "Rule that reads the rate off the curve: window, drop, steepest, valley, "
        "minimum, slide or textbook. Default: window.",
    ),
]
Verify = Annotated[
    bool,
    _option(
        OUTPUT,
        "Then compare a few rates around the one found by short trainings, and "
        "suggest what they point at: at most 0.6 of --budget-steps.",
        "--verify",
    ),
]
BudgetSteps = Annotated[
    int | None,
    _option(
        OUTPUT,
        "With --verify: steps of the training to come. Default: those of --train, but "
        "at least 55, the fewest that rates can be compared for; without --train those "
        "of 20 epochs, but at least 1000.",
        metavar="STEPS",
    ),
]
Train = Annotated[
    int | None,
    _option(
        OUTPUT,
        "Then train with the rate found, for at most so many epochs: the rate is "
        "lowered when the validation loss stands still, and the training ends early "
        "when it no longer falls. The best model is kept as "
        "model.keras, beside preprocessing.json, for `lr_finder predict`.",
        metavar="EPOCHS",
    ),
]
AgainstDefault = Annotated[
    bool,
    _option(
        OUTPUT,
        "With --train: train at the rate that the model was compiled with too, from "
        "the same weights on the same batches, and show both. The model kept is that "
        "of the rate found.",
        "--against-default",
    ),
]
Out = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for curve, plot and suggestion, with a folder in it for each of "
        "several models; files of an earlier run in it are replaced, what it "
        "trained removed. Default: a new one in lr_finder_runs.",
        metavar="DIR",
    ),
]
OutOfSuggest = Annotated[
    Path | None,
    _option(OUTPUT, "Folder for plot and suggestion. Default: none.", metavar="DIR"),
]
PredictionsFile = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "File of the predictions. Default: predictions.csv in RUN_DIR.",
        metavar="FILE",
    ),
]
QuietPredictions = Annotated[
    bool, _option(OUTPUT, "Print the predictions, and nothing else.", "--quiet")
]
AsJSON = Annotated[
    bool, _option(OUTPUT, "Print one JSON object, and nothing else.", "--json")
]
Quiet = Annotated[bool, _option(OUTPUT, "Print the rate, and nothing else.", "--quiet")]
Debug = Annotated[
    bool, _option(OUTPUT, "Print the traceback of an error too.", "--debug")
]
