"""Tunings with real trainings: three small tasks of two hyperparameters each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder.experiments.journal import append_row, read_rows

FILE = Path(__file__).with_name("live.jsonl")
METHODS = ("sweep", "narrowed", "tpe", "random", "grid", "hyperband", "evolution")
SEEDS = (0, 1, 2)
BUDGET, EPOCHS, BATCH_SIZE = 20, 20, 32
SPACE = {"learning_rate": (1e-5, 1.0), "batch_size": [16, 32, 64]}
TASKS = ("digits", "breast_cancer", "friedman")
ROWS, TRAINED = 1000, 0.8  # at most; the share that is not the test part


def data_of(task: str):
    """The data of a task in three parts.

    Args:
        task: str, one of `TASKS`.

    Returns:
        ThreeParts.
    """
    from sklearn import datasets

    from lr_finder.data import three_parts_of

    if task == "friedman":
        x, y = datasets.make_friedman1(ROWS, noise=1.0, random_state=0)
        kind = "regression"
    else:
        x, y = getattr(datasets, f"load_{task}")(return_X_y=True)
        kind = "classification"
    order = np.random.default_rng(0).permutation(len(x))[:ROWS]
    x, y, first = x[order], y[order], int(TRAINED * len(order))
    return three_parts_of(
        x[:first], y[:first], x[first:], y[first:], kind="tabular", task=kind,
        name=task, validation_fraction=0.25,
    )  # fmt: skip


def extend(path: Path = FILE) -> Iterator[tuple[str, str, int]]:
    """Make the searches that the file lacks, a row for each trial once a search ends.

    Args:
        path: Path of a file of JSON lines.

    Yields:
        Task, method and seed of each search that was made.
    """
    from lr_finder.experiments.tuning.tune import tune

    there = {(row["task"], row["method"], row["seed"]) for row in read_rows(path)}
    for seed in SEEDS:
        for task in TASKS:
            for method in METHODS:
                if (task, method, seed) in there:
                    continue
                found = tune(
                    "mlp", data_of(task), SPACE, method=method, budget=BUDGET,
                    seeds=[seed], epochs=EPOCHS, batch_size=BATCH_SIZE,
                )  # fmt: skip
                rows = json.loads(found.to_frame().to_json(orient="records"))
                append_row(
                    path,
                    {"task": task, "method": method, "seed": seed, "budget": BUDGET,
                     "training_steps": found.training_steps, "trials": rows},
                )  # fmt: skip
                yield task, method, seed


def guess_loss(task: str) -> float:
    """The validation loss of a task's best constant guess.

    Args:
        task: str, one of `TASKS`.

    Returns:
        float > 0.
    """
    from lr_finder.analysis.training.constant_guess import loss_of_guess

    dataset = data_of(task).dataset
    loss = {
        "regression": "mean_squared_error",
        "classification": "sparse_categorical_crossentropy",
    }[dataset.task]
    return float(loss_of_guess(loss, np.asarray(dataset.y_validation)) or np.nan)


def read_live(path: Path = FILE) -> pd.DataFrame:
    """A row for each trial of the file.

    Args:
        path: Path.

    Returns:
        DataFrame: the columns of `Tuning.to_frame`, `task` and `budget`.
    """
    rows = [
        {**trial, "task": search["task"], "budget": search["budget"]}
        for search in read_rows(path)
        for trial in search["trials"]
    ]
    return pd.DataFrame(rows)
