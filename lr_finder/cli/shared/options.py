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
        "mnist, fashion_mnist, imdb, california_housing. Default: a built-in series "
        "of four synthetic years of daily values.",
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
        help="The folder that `lr_finder find --train` wrote; after several models, "
        "the folder of one of them.",
        show_default=False,
    ),
]
NewFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help="A file with the same columns as the training file; the target may be "
        "missing.",
        show_default=False,
    ),
]
Kind = Annotated[
    Literal["tabular", "series", "images", "text"] | None,
    _option(
        DATA, "What kind of data it is. Default: found from the source and its columns."
    ),
]
TimeColumn = Annotated[
    str | None,
    _option(
        DATA, "Series: column of times to sort by. Default: the rows are in order."
    ),
]
DateFormat = Annotated[
    str | None,
    _option(
        DATA,
        "How dates are written, e.g. %d/%m/%Y or %m/%d/%Y %H:%M. Default: found from "
        "the whole column; for `predict`, as in the training.",
        metavar="FORMAT",
    ),
]
Drop = Annotated[
    str | None,
    _option(
        DATA,
        "Columns of a table to leave out, separated by commas.",
        metavar="COLUMNS",
    ),
]
Window = Annotated[
    int | None,
    _option(DATA, "Series: how many past points the network sees. Default: 20."),
]
Horizon = Annotated[
    int | None,
    _option(DATA, "Series: how many points ahead to forecast. Default: 1."),
]
Limit = Annotated[
    int | None,
    _option(DATA, "Use at most this many rows.", metavar="ROWS"),
]
DataDir = Annotated[
    Path | None,
    _option(
        DATA,
        "Folder with the data sets known by name. Default: the folder that the "
        "variable LR_FINDER_DATA names.",
        metavar="DIR",
    ),
]
Encoding = Annotated[
    str | None,
    _option(
        DATA,
        "Encoding of a text file, such as cp1251. Default: UTF-8, UTF-16 or cp1252, "
        "found from the file.",
    ),
]
Sep = Annotated[
    str | None,
    _option(
        DATA,
        "What separates the cells of a text file: one character, tab or space. "
        "Default: found from the file.",
    ),
]
Decimal = Annotated[
    Literal[".", ","] | None,
    _option(DATA, "Decimal mark of a text file. Default: found from its columns."),
]
Target = Annotated[
    str | None,
    _option(
        DATA,
        "Column to predict: its name, or its index (0 is the first, -1 the last). "
        "Default: the last; for a series, the first column of numbers.",
    ),
]
Task = Annotated[
    Literal["classification", "regression"] | None,
    _option(DATA, "What kind of prediction. Default: found from the target column."),
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
        "Give it several times to sweep each model. The word default stands for "
        "the network made for the data, which is swept without this option too.",
        show_default=False,
    ),
]
Optimizer = Annotated[
    str | None,
    _option(
        MODEL,
        "Keras optimizer: a name, also with arguments: sgd(momentum=0.9). Default: "
        "adam, or your model's own.",
    ),
]
SweptOptimizer = Annotated[
    str | None,
    _option(
        SWEEP,
        "Keras optimizer that made the curve, if the file does not say: adam, "
        "sgd(momentum=0.9). The default rule uses its usual rate.",
    ),
]
Loss = Annotated[
    str | None,
    _option(
        MODEL, "Keras loss, by name. Default: one for the task, or your model's own."
    ),
]
BatchSize = Annotated[int, _option(SWEEP, "Rows in a batch.")]
StartLR = Annotated[float, _option(SWEEP, "Learning rate of the first batch.")]
EndLR = Annotated[float, _option(SWEEP, "Learning rate of the last batch.")]
Steps = Annotated[
    int,
    _option(
        SWEEP,
        f"Batches of the sweep, at least {FEWEST_SWEPT}; "
        "more steps give a steadier answer.",
    ),
]
Repeats = Annotated[
    int,
    _option(
        SWEEP,
        "How many sweeps to average, each with other batches; 3 give a steadier "
        "answer.",
    ),
]
Seed = Annotated[
    int,
    _option(
        SWEEP,
        "A whole number. The same seed gives the same answer; other seeds show how "
        "much the answer varies.",
    ),
]
Method = Annotated[
    str | None,
    _option(
        OUTPUT,
        "Rule that reads the rate from the curve: window, drop, steepest, valley, "
        "minimum, slide or textbook. Default: window.",
    ),
]
Verify = Annotated[
    bool,
    _option(
        OUTPUT,
        "Compare a few rates around the suggestion by short trainings, and confirm "
        "or move it. They take at most 0.38 of --budget-steps, or 0.6 "
        "if that is fewer than 89.",
        "--verify",
    ),
]
BudgetSteps = Annotated[
    int | None,
    _option(
        OUTPUT,
        "With --verify: how many steps your training will have. Default: those of "
        "--train, but at least 55, as fewer are not enough to compare rates; without "
        "--train those of 20 epochs, but at least 1000.",
        metavar="STEPS",
    ),
]
Train = Annotated[
    int | None,
    _option(
        OUTPUT,
        "Train with the rate found, for at most this many epochs. The rate follows "
        "--schedule, and the training ends early if the validation loss no longer "
        "falls. The best model is kept as "
        "model.keras, beside preprocessing.json, for `lr_finder predict`.",
        metavar="EPOCHS",
    ),
]
Remember = Annotated[
    bool | None,
    _option(
        OUTPUT,
        "Keep what was found in the history of this machine, and tell what earlier "
        "runs came to: names and numbers, never data; see `lr_finder history`. "
        "Default: what the environment variable LR_FINDER_REMEMBER says, else no.",
        "--remember/--no-remember",
        show_default=False,
    ),
]
Schedule = Annotated[
    str | None,
    _option(
        OUTPUT,
        "With --train: how the rate changes; its highest value is the rate found: wsd "
        "(constant, then a line to 0 over the last 30 %), one_cycle, cosine, "
        "warmup_cosine, linear or constant. Default: wsd.",
        metavar="NAME",
    ),
]
Continue = Annotated[
    bool,
    _option(
        OUTPUT,
        "With --verify and --train: go on from the short training that went best, at "
        "its rate, instead of starting anew. This saves its epochs.",
        "--continue-from-verification",
    ),
]
AgainstDefault = Annotated[
    bool,
    _option(
        OUTPUT,
        "With --train: train also at the rate that the model was compiled with, from "
        "the same weights on the same batches, and show both. The model trained with "
        "the rate found is kept.",
        "--against-default",
    ),
]
Out = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for curve, plot and suggestion; each of several models has a folder "
        "in it. Files of an earlier call are replaced, and the model that it trained "
        "is removed. Default: a new folder in lr_finder_runs.",
        metavar="DIR",
    ),
]
OutOfLandscape = Annotated[
    Path | None,
    _option(
        OUTPUT,
        "Folder for losses, picture and report. Files of an earlier call are replaced. "
        "Default: a new folder in lr_finder_runs.",
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
