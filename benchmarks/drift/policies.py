"""What retraining buys on real streams: never, on a calendar or on alarm."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lr_finder.experiments.journal import append_row, read_rows

FILE = Path(__file__).parents[1] / "drift_rows" / "policies.jsonl"
SEEDS = (0, 1, 2)
EPOCHS, BATCH_SIZE = 5, 64
ROWS = 10_000  # of a stream of rows in no order
PIXELS = 16  # a side of the images: every other one
STREAMS = ("bikes", "census", "images")
TRAININGS = 4  # on the calendar


def stream_of(name: str, seed: int) -> Any:
    """A stream of real data.

    Args:
        name: str: `"bikes"`, hourly rentals over two years, which grow (when is not
            known); `"census"`, incomes whose two classes change names at once;
            `"images"`, aeroplanes and cars of CIFAR-10, which become noisy at once.
        seed: int, of the order and of the change.

    Returns:
        DriftStream.
    """
    folder = Path(os.environ["LR_FINDER_DATA"])
    from lr_finder.experiments.drift.dated_table import read_stream
    from lr_finder.experiments.drift.streams import make_stream

    if name == "bikes":
        return read_stream(
            folder / "tabular/bike_sharing_hour.csv", time_column="dteday",
            target="cnt", drop=["casual", "registered", "instant", "yr"],
            train_share=0.4,
        )  # fmt: skip
    if name == "census":
        x, y = _census(folder)
        return make_stream(x, y, change="labels", seed=seed, name="census")
    x, y = _images(folder)
    return make_stream(x, y, change="noise", size=1.5, seed=seed, name="images")


@functools.cache
def _census(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    from lr_finder.data import load_data

    data = load_data(
        folder / "tabular/adult-train.csv", kind="tabular", limit=ROWS, seed=0
    )
    return (
        np.concatenate([data.x_train, data.x_validation]),
        np.concatenate([data.y_train, data.y_validation]),
    )


@functools.cache
def _images(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    from lr_finder.data import load_data

    data = load_data("cifar10", data_dir=folder)
    x = np.concatenate([data.x_train, data.x_validation])
    y = np.concatenate([data.y_train, data.y_validation])
    kept = y < 2
    step = x.shape[1] // PIXELS
    return x[kept][:ROWS, ::step, ::step], y[kept][:ROWS]


def small_network(input_shape: tuple[int, ...]) -> Any:
    """A convolutional network that trains in a second or two."""
    import keras

    layers = keras.layers
    return keras.Sequential([
        keras.Input(input_shape),
        layers.Conv2D(16, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 3, strides=2, activation="relu"),
        layers.Flatten(), layers.Dense(1, activation="sigmoid"),
    ])  # fmt: skip


def policies() -> list[Any]:
    """Never, and calendar and alarm with both starts and both rates."""
    from lr_finder.experiments.drift.policies import RetrainingPolicy

    return [RetrainingPolicy("never")] + [
        RetrainingPolicy(when, start=start, rate=rate)
        for when in ("alarm", "calendar")
        for start in ("warm", "scratch")
        for rate in ("kept", "found")
    ]


def extend(
    path: Path = FILE, tell: Callable[[str], object] = print
) -> Iterator[tuple[str, int]]:
    """Simulate the deployments that the file lacks, a row for each stream and seed.

    Args:
        path: Path of a file of JSON lines.
        tell: callable, told of each policy that begins.

    Yields:
        Stream and seed of each row that was made.
    """
    import dataclasses

    from lr_finder.experiments.drift.deployment import simulate_deployment

    there = {(row["stream"], row["seed"]) for row in read_rows(path)}
    for seed in SEEDS:
        for name in STREAMS:
            if (name, seed) in there:
                continue
            stream = stream_of(name, seed)
            every = max(1, stream.n_after // (TRAININGS + 1))
            given = [dataclasses.replace(one, every=every) for one in policies()]
            report = simulate_deployment(
                small_network if name == "images" else "mlp", stream, policy=given,
                epochs=EPOCHS, batch_size=BATCH_SIZE, seed=seed,
            )  # fmt: skip
            told = report.to_dict()
            kept = ("summary", "trainings", "before", "failing_since", "drifts",
                    "rows", "block", "levels", "alarms", "sentences",
                    "training_steps")  # fmt: skip
            about = {"learning_rate": report.about["learning_rate"]}
            row = {"stream": name, "seed": seed, **about}
            append_row(path, row | {key: told[key] for key in kept})
            yield name, seed


def policies_table(path: Path = FILE) -> pd.DataFrame:
    """Mean and spread over the seeds of what each policy came to.

    Args:
        path: Path.

    Returns:
        DataFrame, a row for each stream and policy: `n` seeds, and mean and `_sd` of
        the columns of `DriftReport.summary`; nan means of no seed.
    """
    rows = pd.DataFrame([
        {"stream": row["stream"], "seed": row["seed"], **each}
        for row in read_rows(path) for each in row["summary"]
    ])  # fmt: skip
    if rows.empty:
        return rows
    numbers = ["error", "error_after", "delay", "false_alarms", "trainings", "paid",
               "recovery"]  # fmt: skip
    rows[numbers] = rows[numbers].astype(float)
    groups = rows.groupby(["stream", "policy"], sort=False)
    means = groups[numbers].mean()
    spread = groups[numbers].std().add_suffix("_sd")
    recovered = groups["recovery"].count().rename("recovered")
    return pd.concat([groups.size().rename("n"), means, spread, recovered], axis=1)


def stored_report(
    stream: str,
    seed: int = 0,
    shown: tuple[str, ...] = ("never", "calendar", "alarm"),
    path: Path = FILE,
) -> Any:
    """A stored deployment as a report whose errors are the means of their blocks.

    Rows after the last whole block have the error that the mean of all rows leaves.

    Args:
        stream: str, one of `STREAMS`.
        seed: int, one of `SEEDS`.
        shown: tuple of str, policies.
        path: Path.

    Returns:
        DriftReport.
    """
    from lr_finder.analysis.drift.alarm_counts import DriftSpan
    from lr_finder.results.drift.deployment import DriftReport
    from lr_finder.results.drift.one_policy import Deployment

    row = next(
        row for row in read_rows(path) if (row["stream"], row["seed"]) == (stream, seed)
    )
    mean_errors = {each["policy"]: each["error"] for each in row["summary"]}
    deployments = []
    for policy in shown:
        means = [each["error"] for each in row["levels"] if each["policy"] == policy]
        trained = [each for each in row["trainings"] if each["policy"] == policy]
        errors = np.repeat(means, row["block"])
        rest = row["rows"] - len(errors)
        left = mean_errors[policy] * row["rows"] - errors.sum()
        errors = np.append(errors, np.full(rest, left / max(rest, 1)))
        alarms = tuple(row["alarms"][policy])
        deployments.append(Deployment(policy, errors, alarms, tuple(trained)))
    drifts = row["drifts"] and tuple(DriftSpan(**span) for span in row["drifts"])
    task = "regression" if stream == "bikes" else "classification"
    return DriftReport(
        tuple(deployments), row["before"], row["training_steps"], task, drifts, stream
    )
