"""The trainings that patterns are judged on: real data, small networks, many rates."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.suggestion_quality import datasets as D
from benchmarks.suggestion_quality.datasets import Split
from benchmarks.suggestion_quality.tasks import Task

VALIDATION = 150  # samples at most


@dataclasses.dataclass(frozen=True)
class Setting:
    """One network on one data set, trained at several rates.

    Args:
        data: callable that gives the `Split`.
        rows: int, samples to train on, a multiple of the batch size.
        batch_size: int, samples in a batch; `rows` for gradient descent.
        epochs: int, passes over the samples.
        network: tuple, name of a function of `suggestion_quality.networks` and its
            arguments.
        loss: str, a key of `suggestion_quality.tasks.CONSTANT_LOSSES`.
        optimizer: str, a key of `OPTIMIZERS`.
        rates: tuple of float, constant learning rates.
    """

    data: Callable[[], Split]
    rows: int
    batch_size: int
    epochs: int
    network: tuple
    loss: str
    optimizer: str
    rates: tuple[float, ...]

    @property
    def name(self) -> str:
        """Data, network, optimizer, batch size and epochs in a word."""
        hidden = self.network[2] if self.network[0] == "dense" else "linear"
        parts = (self.data.__name__, hidden, self.optimizer, self.batch_size,
                 self.epochs)  # fmt: skip
        return "_".join(str(part).replace(" ", "") for part in parts)

    def task(self) -> Task:
        """What the engine of `suggestion_quality` trains."""
        network, *arguments = self.network
        steps = self.epochs * self.rows // self.batch_size
        few = functools.partial(_few, self.data, self.rows)
        return Task(self.name, few, network, tuple(arguments), self.loss,
                    self.batch_size, steps, network, "real")  # fmt: skip


def _few(data: Callable[[], Split], rows: int) -> Split:
    x, y, x_validation, y_validation = data()
    kept = slice(None, VALIDATION)
    return Split(x[:rows], y[:rows], x_validation[kept], y_validation[kept])


def cancer_scaled() -> Split:
    """Thirty measurements of a tumour, standardized."""
    return D.standardize(D.cancer())


def diabetes_scaled() -> Split:
    """Ten measurements and the target, standardized."""
    return D.standardize(D.diabetes(), targets=True)


def wines() -> Split:
    """The three cultivars that scikit-learn bundles, 13 measurements."""
    x, y = D.bundled.load_wine(return_X_y=True)
    return D.standardize(D.split(x, y, 96, 80))


def bikes() -> Split:
    """Rented bikes an hour from season, hour and weather."""
    table = pd.read_csv(D._folder() / "tabular/bike_sharing_hour.csv")
    y = table["cnt"].to_numpy(float)
    x = table.drop(columns=["instant", "dteday", "casual", "registered", "cnt"])
    return D.standardize(D.split(x.to_numpy(float), y, 2000, 400), targets=True)


def _windows(values: np.ndarray, length: int, rows: int) -> Split:
    """The next of a series from the `length` before; the past is trained on."""
    views = np.lib.stride_tricks.sliding_window_view(values, length + 1)
    parts = D.split(views[:, :-1], views[:, -1], rows, 150, shuffle=False)
    return D.standardize(parts, targets=True)


def household() -> Split:
    """Tomorrow's power of a household from two weeks."""
    name = "series/household_power_consumption_days.csv"
    power = pd.read_csv(D._folder() / name)["Global_active_power"]
    return _windows(power.to_numpy(float), 14, 1000)


def germany() -> Split:
    """Tomorrow's electric consumption of a country from two weeks."""
    table = pd.read_csv(D._folder() / "series/opsd_germany_daily.csv")
    return _windows(table["Consumption"].to_numpy(float), 14, 2000)


def dense(inputs: int, hidden: list[int], outputs: int) -> tuple:
    """The network `dense` with ReLU."""
    return ("dense", inputs, hidden, outputs)


OPTIMIZERS: dict[str, tuple[str, dict]] = {
    "sgd": ("SGD", {}),
    "momentum": ("SGD", {"momentum": 0.9}),
    "heavy": ("SGD", {"momentum": 0.98}),
    "adam": ("Adam", {}),
    "adamw": ("AdamW", {}),
    "rmsprop": ("RMSprop", {}),
}

S = Setting
# fmt: off
SETTINGS = (
    S(D.digits, 960, 32, 20, dense(64, [32], 10), "classes", "sgd",
      (1e-4, 1e-2, 0.1, 1.0, 10.0)),
    S(D.digits, 960, 32, 10, ("linear", 64, 10), "classes", "adam",
      (1e-5, 1e-3, 1e-2, 0.1, 1.0)),
    S(D.digits, 160, 16, 60, dense(64, [64], 10), "classes", "adam",
      (1e-4, 1e-3, 0.03, 0.1)),
    S(D.digits, 640, 32, 30, dense(64, [2], 10), "classes", "adam",
      (1e-3, 1e-2, 0.1)),
    S(D.digits, 960, 960, 100, dense(64, [32], 10), "classes", "sgd",
      (0.01, 0.3, 1.0, 3.0)),
    S(D.digits, 640, 16, 3, dense(64, [32], 10), "classes", "momentum",
      (1e-3, 0.03, 0.3, 1.0)),
    S(D.cancer, 384, 32, 20, dense(30, [16], 1), "binary", "adam",
      (1e-6, 1e-4, 1e-2, 0.1, 1.0)),
    S(cancer_scaled, 128, 16, 80, dense(30, [32], 1), "binary", "momentum",
      (1e-4, 1e-2, 0.3, 1.0)),
    S(cancer_scaled, 384, 384, 60, dense(30, [16], 1), "binary", "sgd",
      (0.01, 1.0, 3.0, 10.0)),
    S(D.diabetes, 288, 16, 15, dense(10, [32], 1), "mse", "sgd",
      (1e-6, 1e-4, 1e-2, 0.1)),
    S(diabetes_scaled, 128, 16, 80, dense(10, [64, 64], 1), "mse", "adam",
      (1e-5, 1e-4, 1e-3, 1e-2)),
    S(diabetes_scaled, 288, 288, 60, ("linear", 10, 1), "mse", "sgd",
      (1e-3, 0.02, 0.245, 0.2486, 0.26)),
    S(diabetes_scaled, 288, 288, 100, ("linear", 10, 1), "mse", "heavy",
      (1e-4, 1e-3, 1e-2, 0.1, 1.0)),
    S(wines, 96, 8, 100, dense(13, [16], 3), "classes", "adam",
      (1e-5, 1e-3, 0.1, 1.0)),
    S(wines, 96, 96, 60, ("linear", 13, 3), "classes", "heavy",
      (1e-3, 0.03, 0.3, 3.0)),
    S(D.wine, 960, 32, 25, dense(11, [32], 3), "classes", "adam",
      (1e-5, 1e-4, 1e-3, 1e-2, 0.1)),
    S(D.wine, 192, 16, 60, dense(11, [64, 64], 3), "classes", "rmsprop",
      (1e-5, 1e-4, 1e-3, 1e-2)),
    S(D.wine, 960, 64, 20, ("linear", 11, 3), "classes", "sgd",
      (1e-4, 1e-2, 0.1, 1.0, 10.0)),
    S(D.california, 1280, 32, 12, dense(13, [32, 16], 1), "mse", "sgd",
      (1e-5, 1e-3, 1e-2, 0.1, 1.0)),
    S(D.california, 1280, 64, 30, dense(13, [32, 16], 1), "mse", "adam",
      (1e-5, 1e-4, 1e-3, 1e-2, 0.3)),
    S(D.california, 1280, 16, 3, dense(13, [32], 1), "mse", "momentum",
      (1e-4, 1e-3, 1e-2, 0.1)),
    S(D.adult, 1280, 64, 20, ("linear", 106, 1), "binary", "adam",
      (1e-5, 1e-4, 1e-3, 1e-2, 0.3)),
    S(D.adult, 320, 32, 60, dense(106, [64, 32], 1), "binary", "adamw",
      (1e-6, 1e-4, 1e-3, 1e-2)),
    S(D.adult, 640, 640, 60, dense(106, [16], 1), "binary", "heavy",
      (1e-3, 0.03, 0.3, 3.0)),
    S(bikes, 1280, 64, 40, dense(12, [32, 32], 1), "mse", "adam",
      (1e-5, 1e-4, 1e-3, 1e-2, 0.3)),
    S(bikes, 1280, 64, 20, ("linear", 12, 1), "mse", "sgd",
      (1e-4, 1e-3, 1e-2, 0.1, 0.5)),
    S(household, 640, 32, 40, dense(14, [32], 1), "mse", "rmsprop",
      (1e-5, 1e-4, 1e-3, 1e-2, 0.1)),
    S(germany, 1280, 64, 15, dense(14, [32], 1), "mse", "momentum",
      (1e-5, 1e-4, 1e-2, 0.1, 1.0)),
    S(germany, 256, 256, 80, dense(14, [16], 1), "mse", "heavy",
      (1e-4, 1e-2, 0.1, 1.0)),
    S(D.california, 640, 640, 80, ("linear", 13, 1), "mse", "heavy",
      (0.003, 0.03, 0.1)),
    S(bikes, 640, 640, 80, dense(12, [16], 1), "mse", "heavy", (0.03, 0.1)),
    S(D.digits, 640, 32, 20, dense(64, [1], 10), "classes", "adam", (0.03, 0.1, 0.3)),
    S(D.wine, 960, 32, 15, ("linear", 11, 3), "classes", "rmsprop", (0.01, 0.1)),
)
# Made after the rules were, and labelled before they were changed again.
FRESH = (
    S(D.digits, 640, 64, 15, dense(64, [48], 10), "classes", "rmsprop",
      (1e-5, 1e-3, 0.03, 0.3)),
    S(D.digits, 960, 16, 5, ("linear", 64, 10), "classes", "sgd", (1e-3, 0.1, 5.0)),
    S(D.digits, 96, 16, 80, dense(64, [64, 64], 10), "classes", "adamw",
      (1e-4, 1e-3, 0.01)),
    S(D.digits, 960, 960, 80, ("linear", 64, 10), "classes", "heavy",
      (0.01, 0.1, 1.0, 10.0)),
    S(D.digits, 640, 32, 25, dense(64, [1], 10), "classes", "momentum", (0.1, 0.5)),
    S(cancer_scaled, 96, 8, 60, dense(30, [64], 1), "binary", "adam",
      (1e-4, 1e-3, 0.01)),
    S(D.cancer, 384, 32, 25, ("linear", 30, 1), "binary", "adam",
      (1e-5, 1e-3, 0.03, 0.5)),
    S(cancer_scaled, 384, 384, 80, ("linear", 30, 1), "binary", "heavy",
      (0.001, 0.1, 1.0)),
    S(D.diabetes, 288, 32, 20, dense(10, [16], 1), "mse", "momentum",
      (1e-6, 1e-4, 0.01)),
    S(diabetes_scaled, 96, 16, 100, dense(10, [64], 1), "mse", "adamw",
      (1e-4, 1e-3, 0.01, 0.1)),
    S(diabetes_scaled, 288, 288, 80, dense(10, [16], 1), "mse", "heavy",
      (0.01, 0.1, 0.5)),
    S(wines, 80, 16, 60, dense(13, [32], 3), "classes", "sgd", (1e-3, 0.1, 2.0)),
    S(wines, 96, 96, 80, dense(13, [16], 3), "classes", "heavy", (0.02, 0.3, 2.0)),
    S(D.wine, 640, 32, 30, dense(11, [48], 3), "classes", "adamw",
      (1e-4, 1e-3, 0.03, 0.3)),
    S(D.wine, 960, 32, 12, ("linear", 11, 3), "classes", "momentum", (1e-4, 0.1, 3.0)),
    S(D.california, 960, 32, 20, dense(13, [24], 1), "mse", "adam",
      (1e-5, 1e-3, 0.01, 0.5)),
    S(D.california, 640, 640, 80, dense(13, [16], 1), "mse", "heavy", (0.01, 0.1, 0.4)),
    S(D.adult, 640, 32, 15, ("linear", 106, 1), "binary", "sgd", (1e-3, 0.1, 3.0)),
    S(D.adult, 256, 32, 60, dense(106, [64], 1), "binary", "rmsprop",
      (1e-5, 1e-3, 0.01)),
    S(bikes, 960, 32, 20, dense(12, [32], 1), "mse", "momentum",
      (1e-5, 1e-3, 0.1, 0.7)),
    S(bikes, 192, 16, 80, dense(12, [64, 32], 1), "mse", "adam", (1e-4, 1e-3, 0.01)),
    S(household, 320, 32, 60, dense(14, [64], 1), "mse", "adam", (1e-5, 1e-3, 0.1)),
    S(germany, 960, 32, 12, dense(14, [32], 1), "mse", "adamw",
      (1e-5, 1e-3, 0.03, 0.5)),
    S(germany, 256, 256, 80, ("linear", 14, 1), "mse", "heavy", (0.003, 0.05, 0.2)),
)
# fmt: on
