"""The jump of notebook 04: is it BatchNorm's statistics, or the rate that fell?

A network with BatchNorm is trained on CIFAR-10 at a high rate. Then, from the same
weights, it is trained for one more epoch at a tenth of the rate, and for one at the
same rate. After each epoch the validation loss is measured with the moving statistics,
and again with statistics that are re-estimated at fixed weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from lr_finder.analysis.comparison.ranking import mean_interval
from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import load_three_parts
from lr_finder.experiments.journal import append_row, read_rows
from lr_finder.models.defaults import build_cnn
from lr_finder.training.stepping.batch_statistics import reestimate_batch_statistics

ROWS = Path(__file__).parent / "jump.jsonl"
IMAGES, VALIDATED, BATCH_SIZE = 3_000, 1_000, 64
HIGH, LOW, EPOCHS, SEEDS = 0.1, 0.01, 8, 5
HIGHER, SAME, LOWER = "high rate", "same rate", "lower rate"


def measure(seeds: int = SEEDS, path: Path = ROWS) -> None:
    """Train what the rows lack; an arm that was killed is made again.

    Args:
        seeds: int >= 1.
        path: Path of the rows.
    """
    known = {row["seed"] for row in read_rows(path) if row["arm"] == LOWER}
    rows = IMAGES + VALIDATED
    parts = load_three_parts(
        "cifar10", limit=rows, validation_fraction=VALIDATED / rows
    )
    for seed in range(seeds):
        if seed not in known:
            for row in list(rows_of_seed(parts.dataset, seed)):
                append_row(path, row)
                print(row, flush=True)


def rows_of_seed(
    data: Dataset, seed: int, build: Callable[[Dataset], keras.Model] = build_cnn,
    epochs: int = EPOCHS,
) -> Iterator[dict[str, Any]]:
    """Train at the high rate, then on from there at each of two rates.

    Args:
        data: Dataset of images.
        seed: int.
        build: callable (dataset) -> keras.Model with BatchNorm.
        epochs: int >= 1, at the high rate.

    Yields:
        dict, a row for each epoch.
    """
    keras.utils.set_random_seed(seed)
    model = build(data)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(HIGH), loss, metrics=["accuracy"])
    for epoch in range(1, epochs + 1):
        logs = train_epoch(model, data, HIGH)
        row = {"seed": seed, "arm": HIGHER, "epoch": epoch, "rate": HIGH}
        yield row | {"trained_loss": logs} | scores(model, data)
    weights = model.get_weights()
    for arm, rate in ((SAME, HIGH), (LOWER, LOW)):
        model.set_weights(weights)
        logs = train_epoch(model, data, rate)
        row = {"seed": seed, "arm": arm, "epoch": epochs + 1, "rate": rate}
        yield row | {"trained_loss": logs} | scores(model, data)


def train_epoch(model: keras.Model, data: Dataset, rate: float) -> float:
    """One epoch of training; the mean loss that `fit` reports of it."""
    model.optimizer.learning_rate = rate
    history = model.fit(data.x_train, data.y_train, BATCH_SIZE, verbose=0)
    return float(history.history["loss"][0])


def scores(model: keras.Model, data: Dataset) -> dict[str, float]:
    """Losses with the moving statistics, and with re-estimated ones.

    The model gets its moving statistics back.
    """
    parts = {
        "train": (data.x_train[:VALIDATED], data.y_train[:VALIDATED]),
        "val": (data.x_validation, data.y_validation),
    }
    weights, told = model.get_weights(), {}
    for suffix in ("", "_reestimated"):
        if suffix:
            reestimate_batch_statistics(model, data.x_train, batch_size=BATCH_SIZE)
        for name, (x, y) in parts.items():
            logs = model.evaluate(x, y, 250, verbose=0, return_dict=True)
            told |= {f"{name}_{key}{suffix}": float(logs[key])
                     for key in ("loss", "accuracy")}  # fmt: skip
    model.set_weights(weights)
    return told


def shares(rows: pd.DataFrame) -> pd.DataFrame:
    """How much of the fall of the validation loss the statistics alone bring.

    Args:
        rows: DataFrame, as `rows_of_seed` gives them.

    Returns:
        DataFrame, a row for each seed: the validation loss `before` at the end of the
        high rate, `reestimated` at the same weights, after one epoch at the `same` rate
        and at the `lower` one, and that with statistics `lower_reestimated`; `share`,
        of the fall from `before` to `lower`, that re-estimating alone brings.
    """
    last = rows[rows["arm"] == HIGHER].sort_values("epoch").groupby("seed").last()
    then = rows[rows["arm"] != HIGHER].pivot(index="seed", columns="arm")
    told = pd.DataFrame({
        "before": last["val_loss"],
        "reestimated": last["val_loss_reestimated"],
        "same": then["val_loss", SAME],
        "lower": then["val_loss", LOWER],
        "lower_reestimated": then["val_loss_reestimated", LOWER],
    })  # fmt: skip
    fall = told["before"] - told["lower"]
    return told.assign(share=(told["before"] - told["reestimated"]) / fall)


def stored() -> pd.DataFrame:
    """The rows, as they lie in the repository."""
    return pd.DataFrame(read_rows(ROWS))


def print_jump() -> None:
    """Print what the rows say, with intervals over the seeds."""
    rows = stored()
    if rows.empty:
        print("not measured")
        return
    table = shares(rows)
    print(table.round(3).to_string())
    for name in table:
        mean, sd, low, high = mean_interval(list(table[name]))
        print(f"{name}: {mean:.3g} ± {sd:.2g} ({low:.3g} to {high:.3g}), n = "
              f"{len(table)}")  # fmt: skip
    epochs = rows[rows["arm"] == HIGHER].groupby("epoch")
    names = ["trained_loss", "train_loss", "val_loss", "train_loss_reestimated",
             "val_loss_reestimated"]  # fmt: skip
    print(epochs[names].mean().round(3).to_string())


if __name__ == "__main__":
    measure()
