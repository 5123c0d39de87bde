"""The jump of notebook 04: is it BatchNorm's statistics, or the rate that fell?

A network with BatchNorm is trained on CIFAR-10 at a high rate. Then, from the same
weights, it is trained for one more epoch at a lower rate, and for one at the same
rate. After each epoch the validation loss is measured with the moving statistics,
and again with statistics that are re-estimated at fixed weights.
"""

from __future__ import annotations

import dataclasses
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
BATCH_SIZE, SCORED = 64, 1_000  # images at once; of the training part, scored
HIGHER, SAME, LOWER = "high rate", "same rate", "lower rate"


@dataclasses.dataclass(frozen=True)
class Case:
    """What is trained, and at which rates.

    Args:
        images: int, that are trained on.
        validated: int, images.
        high, low: float > 0, the rates.
        epochs: int >= 1, at the high rate.
        seeds: int >= 1.
        scored_from: int >= 1, the first epoch after which losses are measured.
    """

    images: int
    validated: int
    high: float
    low: float
    epochs: int
    seeds: int
    scored_from: int = 1


CASES = {
    "small": Case(3_000, 1_000, 0.1, 0.03, 8, 3),
    "notebook": Case(45_000, 5_000, 0.0293, 0.0088, 5, 1, 4),  # as notebook 04 had it
}


def measure(name: str, path: Path = ROWS) -> None:
    """Train what the rows of a case lack.

    Args:
        name: str, a key of `CASES`.
        path: Path of the rows.
    """
    case = CASES[name]
    ended = [row for row in read_rows(path) if row["arm"] == LOWER]
    known = {row["seed"] for row in ended if row["case"] == name}
    n = case.images + case.validated
    parts = load_three_parts("cifar10", limit=n, validation_fraction=case.validated / n)
    for seed in range(case.seeds):
        if seed not in known:
            for row in rows_of_seed(parts.dataset, case, seed):
                append_row(path, {"case": name, **row})


def rows_of_seed(
    data: Dataset,
    case: Case,
    seed: int,
    build: Callable[[Dataset], keras.Model] = build_cnn,
) -> Iterator[dict[str, Any]]:
    """Train at the high rate, then on from there at each of two rates.

    Args:
        data: Dataset of images.
        case: Case.
        seed: int.
        build: callable (dataset) -> keras.Model with BatchNorm.

    Yields:
        dict, a row for each epoch that is scored.
    """
    keras.utils.set_random_seed(seed)
    model = build(data)
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(case.high), loss, metrics=["accuracy"])
    for epoch in range(1, case.epochs + 1):
        trained = train_epoch(model, data, case.high)
        if epoch >= case.scored_from:
            row = {"seed": seed, "arm": HIGHER, "epoch": epoch, "rate": case.high}
            yield row | {"trained_loss": trained} | scores(model, data)
    weights = model.get_weights()
    for arm, rate in ((SAME, case.high), (LOWER, case.low)):
        model.set_weights(weights)
        trained = train_epoch(model, data, rate)
        row = {"seed": seed, "arm": arm, "epoch": case.epochs + 1, "rate": rate}
        yield row | {"trained_loss": trained} | scores(model, data)


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
        "train": (data.x_train[:SCORED], data.y_train[:SCORED]),
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
    """The rows, as they lie in the repository; of a seed made again the last ones."""
    cells = ["case", "seed", "arm", "epoch"]
    return pd.DataFrame(read_rows(ROWS)).drop_duplicates(cells, keep="last")


def print_jump() -> None:
    """Print what the rows say, with intervals over the seeds."""
    for name, rows in stored().groupby("case", sort=False):
        table = shares(rows)
        print(f"{name}: {CASES[name]}\n{table.round(3).to_string()}")
        for column in table:
            mean, sd, low, high = mean_interval(list(table[column]))
            print(f"{column}: {mean:.3g} ± {sd:.2g} ({low:.3g} to {high:.3g})")
        epochs = rows.groupby(["epoch", "arm"])
        names = ["trained_loss", "train_loss", "val_loss", "train_loss_reestimated",
                 "val_loss_reestimated", "val_accuracy",
                 "val_accuracy_reestimated"]  # fmt: skip
        print(f"{epochs[names].mean().round(3).to_string()}\n")


if __name__ == "__main__":
    for each in CASES:
        measure(each)
