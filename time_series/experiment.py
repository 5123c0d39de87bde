"""Trained with a rate that was found, and without: the same model, data and seed."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

import lr_finder
from lr_finder.errors import InputError
from time_series.checks import check_whole
from time_series.model import MODELS
from time_series.records import append_row, read_rows
from time_series.splitting import ForecastData
from time_series.windowing import create_windowed_dataset

USUAL_RATE = 1e-3  # Keras' default of Adam, which most people leave as it is
LATE_EPOCHS = 10  # at the end of a training, over which the loss should be calm


@dataclasses.dataclass(frozen=True)
class Arm:
    """One way to train.

    Args:
        is_found: bool, whether the rate is found and verified; else it is 1e-3.
        is_stopped: bool, whether training ends early, with the best weights.
        is_lowered: bool, whether the rate falls on a plateau.
        is_whole: bool, whether the watched end of the training part is learnt from
            too, as one may who watches nothing.
    """

    is_found: bool = False
    is_stopped: bool = False
    is_lowered: bool = False
    is_whole: bool = False


ARMS = {
    "baseline": Arm(),
    "optimized": Arm(is_found=True, is_stopped=True, is_lowered=True),
    "found": Arm(is_found=True),
    "stopping": Arm(is_stopped=True),
    "plateau": Arm(is_lowered=True),
    "found_stopping": Arm(is_found=True, is_stopped=True),
    "stopping_plateau": Arm(is_stopped=True, is_lowered=True),
    "baseline_whole": Arm(is_whole=True),
}


@dataclasses.dataclass(frozen=True)
class ForecastSettings:
    """How every arm of an experiment trains.

    Args:
        model: str, a key of `time_series.model.MODELS`.
        epochs: int >= 1, the most of a training; the baseline takes them all.
        batch_size: int >= 1.
        num_epochs: int >= 1, of the sweep.

    Raises:
        InputError: If one breaks its rule.

    Example:
    >>> ForecastSettings(epochs=50).model
    'dense'
    """

    model: str = "dense"
    epochs: int = 100
    batch_size: int = 32
    num_epochs: int = 5

    def __post_init__(self):
        if self.model not in MODELS:
            raise InputError(
                f"Argument `model` must be one of {', '.join(MODELS)}. Received: "
                f"model={self.model!r}."
            )
        for name in ("epochs", "batch_size", "num_epochs"):
            check_whole(name, getattr(self, name))


@dataclasses.dataclass(frozen=True, eq=False)
class FoundRate:
    """What a search found, and what it took.

    Args:
        learning_rate: float.
        seconds: float, of the sweep and the short trainings.
        optimizer: LearningRateOptimizer, which keeps sweep and verification.
    """

    learning_rate: float
    seconds: float
    optimizer: lr_finder.LearningRateOptimizer


def find_rate(data: ForecastData, settings: ForecastSettings, seed: int) -> FoundRate:
    """Sweep and verify a rate for the model that an arm trains.

    Args:
        data: ForecastData; its `watch` part chooses among the rates.
        settings: ForecastSettings.
        seed: int >= 0, of weights, batches and search.

    Returns:
        FoundRate.

    Raises:
        SuggestionError: If no rate can be read from the sweep.
    """
    optimizer = _optimizer(Arm(), data, settings, seed)
    start = time.perf_counter()
    rate = optimizer.find_optimal_rate(num_epochs=settings.num_epochs)
    return FoundRate(rate, time.perf_counter() - start, optimizer)


def run_arm(
    name: str,
    data: ForecastData,
    settings: ForecastSettings,
    seed: int,
    found: FoundRate | None = None,
) -> dict[str, Any]:
    """Train in one way from the weights that a seed gives, and score it once.

    Args:
        name: str, a key of `ARMS`.
        data: ForecastData.
        settings: ForecastSettings.
        seed: int >= 0, of weights and batches: equal in all arms.
        found: FoundRate, of the same seed; for arms that take it.

    Returns:
        dict of JSON values: `arm`, `seed`, `learning_rate`, `epochs_run`, `seconds` (of
        the training), `search_seconds`, `validation_mse` (in units of the series
        squared), `losses` and `watched_losses` (lists, one value for each epoch).

    Raises:
        InputError: If there is no such arm, or it needs a rate and has none.
    """
    arm = _arm(name)
    if arm.is_found and found is None:
        raise InputError(
            f"Arm {name!r} must have a rate that was found. Received: found=None. "
            "Call find_rate first."
        )
    rate = found.learning_rate if arm.is_found else USUAL_RATE
    optimizer = _optimizer(arm, data, settings, seed)
    start = time.perf_counter()
    model, history = optimizer.train_optimized(
        rate, settings.epochs, early_stopping=arm.is_stopped,
        reduce_on_plateau=arm.is_lowered, verbose=0,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    forecasts = model.predict(data.windows(data.validation)[0], verbose=0)
    return {
        "arm": name,
        "seed": seed,
        "learning_rate": rate,
        "epochs_run": len(history.epoch),
        "seconds": seconds,
        "search_seconds": found.seconds if arm.is_found else 0.0,
        "validation_mse": data.score(forecasts),
        "losses": [float(v) * data.sd**2 for v in history.history["loss"]],
        "watched_losses": [float(v) * data.sd**2 for v in history.history["val_loss"]],
    }


def run_experiment(
    data: ForecastData,
    settings: ForecastSettings | None = None,
    *,
    arms: Sequence[str] = ("baseline", "optimized"),
    seeds: Iterable[int] = (0,),
    path: str | Path | None = None,
    tell: Callable[[dict[str, Any]], None] | None = None,
) -> pd.DataFrame:
    """Train in several ways for several seeds; each row is kept as soon as it is made.

    Args:
        data: ForecastData.
        settings: ForecastSettings; None for the defaults.
        arms: sequence of str, keys of `ARMS`.
        seeds: iterable of int >= 0.
        path: str or Path of a file of JSON lines: rows that it holds are not made
            again, new ones are added. None keeps none.
        tell: callable, given each new row.

    Returns:
        DataFrame, one row for each arm and seed, with the fields of `run_arm`.

    Raises:
        InputError: If an argument breaks its rule, or the file holds rows of other
            data or settings.
    """
    settings = settings or ForecastSettings()
    for name in arms:
        _arm(name)
    about = _about(data, settings)
    rows = [] if path is None else _kept_rows(path, about)
    made = {(row["arm"], row["seed"]): row for row in rows}
    wanted = [(name, int(seed)) for seed in seeds for name in arms]
    found: dict[int, FoundRate] = {}
    for name, seed in wanted:
        if (name, seed) in made:
            continue
        if ARMS[name].is_found and seed not in found:
            found = {seed: find_rate(data, settings, seed)}  # one at a time in memory
        row = run_arm(name, data, settings, seed, found.get(seed))
        made[name, seed] = row
        if path is not None:
            append_row(path, row | {"about": about})
        if tell is not None:
            tell(row)
    return pd.DataFrame([made[key] for key in wanted]).drop(
        columns="about", errors="ignore"
    )


def epochs_to(losses: Sequence[float], target: float) -> int | None:
    """How many epochs a training took to a loss.

    Args:
        losses: sequence of float, one for each epoch.
        target: float, the loss to reach.

    Returns:
        int >= 1, the first epoch at or below it; None where none is.

    Example:
    >>> epochs_to([3.0, 2.0, 1.0], 2.0), epochs_to([3.0], 2.0)
    (2, None)
    """
    return next((i for i, loss in enumerate(losses, 1) if loss <= target), None)


def late_variance(losses: Sequence[float], epochs: int = LATE_EPOCHS) -> float:
    """The variance of the loss over the last epochs of a training.

    Args:
        losses: sequence of float, one for each epoch.
        epochs: int >= 1, how many of the last.

    Returns:
        float, of all there are where they are fewer; nan where there are none.

    Example:
    >>> late_variance([9.0, 1.0, 3.0], epochs=2)
    1.0
    """
    return float(np.var(losses[-epochs:])) if len(losses) else math.nan


def _optimizer(
    arm: Arm, data: ForecastData, settings: ForecastSettings, seed: int
) -> lr_finder.LearningRateOptimizer:
    """Model and batches of a seed: the same weights and the same order each time."""
    check_whole("seed", seed, minimum=0)
    keras.utils.clear_session()  # else every model of a long experiment stays
    keras.utils.set_random_seed(seed)
    sizes = {"window_size": data.window_size, "horizon": data.horizon}
    model = MODELS[settings.model](columns=data.columns, **sizes)
    learnt, watched = (
        create_windowed_dataset(
            part, batch_size=settings.batch_size, target=data.target, seed=seed,
            is_shuffled=part is not data.watch, **sizes,
        )
        for part in (data.train if arm.is_whole else data.fit, data.watch)
    )  # fmt: skip
    return lr_finder.LearningRateOptimizer(model, learnt, watched, seed=seed)


def _arm(name: str) -> Arm:
    if name not in ARMS:
        raise InputError(
            f"Argument `arms` must hold names of {', '.join(ARMS)}. Received: {name!r}."
        )
    return ARMS[name]


def _about(data: ForecastData, settings: ForecastSettings) -> dict[str, Any]:
    """What tells one experiment from another, as JSON values."""
    return {
        **dataclasses.asdict(settings),
        "window_size": int(data.window_size),
        "horizon": int(data.horizon),
        "columns": data.columns,
        "points": [len(part) for part in (data.fit, data.watch, data.validation)],
        "mean": data.mean,
        "sd": data.sd,
        "checksum": float(np.sum(data.series * np.arange(1, len(data.series) + 1))),
    }


def _kept_rows(path: str | Path, about: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an earlier run of the same experiment."""
    rows = read_rows(path)
    for row in rows:
        other = row.get("about") or {}
        differing = [name for name in about if other.get(name) != about[name]]
        if differing:
            name = differing[0]
            raise InputError(
                f"File {path} must hold rows of this experiment. Received: rows with "
                f"{name}={other.get(name)!r} in place of {about[name]!r}. Name another "
                "file or folder."
            )
    return rows
