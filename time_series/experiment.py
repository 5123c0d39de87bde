"""Trained with a rate that was found, and without: the same model, data and seed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

import lr_finder
from lr_finder._arguments import check_seed
from lr_finder.errors import InputError
from lr_finder.experiments.journal import append_row, read_rows_about
from time_series.model import MODELS
from time_series.settings import (
    ARMS,
    USUAL_RATE,
    Arm,
    ForecastSettings,
    checked_arm,
)
from time_series.splitting import ForecastData
from time_series.windowing import create_windowed_dataset


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
    *,
    checkpoint: str | Path | None = None,
) -> dict[str, Any]:
    """Train in one way from the weights that a seed gives, and score it once.

    Args:
        name: str, a key of `ARMS`.
        data: ForecastData.
        settings: ForecastSettings.
        seed: int >= 0, of weights and batches: equal in all arms.
        found: FoundRate, of the same seed; for arms that take it.
        checkpoint: str or Path ending in `.keras`, where the best model is kept.

    Returns:
        dict of JSON values: `arm`, `seed`, `learning_rate`, `last_rate` (of the last
        epoch, lower if plateaus lowered it), `epochs_run`, `best_epoch` (of the
        lowest watched loss, whose weights a stopped arm keeps; null if there is none),
        `seconds` (of the training), `search_seconds`, `validation_mse` (in units of the
        series squared), `losses` and `watched_losses` (lists, one value for each
        epoch).

    Raises:
        InputError: If there is no such arm, or it needs a rate and has none.

    Example:
    >>> from time_series.splitting import prepare_forecast
    >>> data = prepare_forecast(np.sin(np.arange(200.0)), window_size=4)
    >>> row = run_arm("stopping", data, ForecastSettings(epochs=2), seed=0)
    >>> row["learning_rate"], row["epochs_run"], len(row["watched_losses"])
    (0.001, 2, 2)
    """
    arm = checked_arm(name)
    rate, search_seconds = USUAL_RATE, 0.0
    if arm.is_found:
        if found is None:
            raise InputError(
                f"Arm {name!r} must have a rate that was found. Received: found=None. "
                "Call find_rate first."
            )
        rate, search_seconds = found.learning_rate, found.seconds
    optimizer = _optimizer(arm, data, settings, seed)
    start = time.perf_counter()
    model, history = optimizer.train_optimized(
        rate, settings.epochs, schedule=None, early_stopping=arm.is_stopped,
        reduce_on_plateau=arm.is_lowered, guard=False, checkpoint=checkpoint,
        verbose=0,
    )  # fmt: skip
    seconds = time.perf_counter() - start
    watched = history.history["val_loss"]
    forecasts = model.predict(data.windows(data.validation)[0], verbose=0)
    return {
        "arm": name,
        "seed": seed,
        "learning_rate": rate,
        "last_rate": float(history.history.get("learning_rate", [rate])[-1]),
        "epochs_run": len(history.epoch),
        "best_epoch": _lowest(watched),
        "seconds": seconds,
        "search_seconds": search_seconds,
        "validation_mse": data.score(forecasts),
        "losses": [float(v) * data.sd**2 for v in history.history["loss"]],
        "watched_losses": [float(v) * data.sd**2 for v in watched],
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

    Example:
    >>> from time_series.splitting import prepare_forecast
    >>> data = prepare_forecast(np.sin(np.arange(200.0)), window_size=4)
    >>> rows = run_experiment(data, ForecastSettings(epochs=1), arms=["baseline"])
    >>> rows[["arm", "seed", "learning_rate", "epochs_run"]].values.tolist()
    [['baseline', 0, 0.001, 1]]
    """
    settings = settings or ForecastSettings()
    for name in arms:
        checked_arm(name)
    about = _about(data, settings)
    rows = [] if path is None else read_rows_about(path, about)
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


def _optimizer(
    arm: Arm, data: ForecastData, settings: ForecastSettings, seed: int
) -> lr_finder.LearningRateOptimizer:
    """Model and batches of a seed: the same weights and the same order each time."""
    check_seed(seed)
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


def _lowest(losses: Sequence[float]) -> int | None:
    """The epoch of the lowest loss, counted from 1; None if none is finite."""
    finite = np.where(np.isfinite(losses), losses, np.inf)
    return int(finite.argmin()) + 1 if np.isfinite(finite).any() else None


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
