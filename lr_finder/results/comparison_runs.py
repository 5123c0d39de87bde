"""The runs of a comparison: what each scored, its setting, and which settings compare.

All take and give pandas DataFrames with the columns of
`lr_finder.results.comparison.Comparison`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from lr_finder.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SETTING = ["model", "optimizer", "rate", "batch_size", "initializer"]
# Column -> the type of its values in a table of a database.
RUN_TYPES = {
    "key": "TEXT", "model": "TEXT", "optimizer": "TEXT", "rate": "TEXT",
    "learning_rate": "REAL", "low": "REAL", "high": "REAL", "batch_size": "INTEGER",
    "initializer": "TEXT", "seed": "INTEGER", "max_epochs": "INTEGER",
    "callbacks": "TEXT",
    "status": "TEXT", "epochs_run": "INTEGER", "best_epoch": "INTEGER",
    "seconds": "REAL", "search_seconds": "REAL", "val_loss": "REAL",
    "val_accuracy": "REAL", "test_loss": "REAL", "test_accuracy": "REAL",
    "device": "TEXT", "message": "TEXT",
}  # fmt: skip
EPOCH_TYPES = {
    "epoch": "INTEGER", "loss": "REAL", "accuracy": "REAL", "val_loss": "REAL",
    "val_accuracy": "REAL", "epoch_rate": "REAL", "elapsed": "REAL",
}  # fmt: skip
# What a table of runs, and one of their epochs, must have.
RUN_COLUMNS = [name for name in RUN_TYPES if name != "callbacks"]
EPOCH_COLUMNS = ["key", *EPOCH_TYPES, *SETTING, "seed", "status"]
METRICS = {"accuracy": True, "loss": False}  # whether higher is better
BOUNDS = {"accuracy": (0.0, 1.0), "loss": None}  # of a score, and so of its interval
FOUND: Final = "found"  # the rate of a run that measured its own
VARIED = ["rate", "batch_size", "initializer"]  # one at a time, around a base
REASONS = {  # why a run has no score, as a sentence goes on after "2 of 5 runs"
    "diverged": "diverged",
    "no_rate": "found no rate",
    "failed": "failed",
    "died": "died",
    "finished": "could not be scored",
}


def check_frame(name: str, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a table that lacks a column.

    Args:
        name: str, of the argument.
        frame: DataFrame.
        columns: sequence of str, those that it must have.

    Raises:
        InputError: If one is missing.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InputError(
            f"Argument `{name}` must have the columns of a comparison. Received: a "
            f"table without {', '.join(missing)}. Give what `lr_finder compare` saved."
        )


def score_runs(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Add what each run is judged by: its scores, or why it has none.

    Args:
        runs: DataFrame, a row for each run.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        DataFrame, the runs with `score` (of the test data) and `val_score`, float, nan
        for a run that did not finish; and `reason`, str, empty if it is scored.

    Raises:
        InputError: If there is no run, two have the same setting and
            seed, or there are finished runs and none has the metric.
    """
    if runs.empty:
        raise InputError(
            "Argument `runs` must hold a run at least. Received: none. Wait until the "
            "first one has ended."
        )
    twice = runs.duplicated([*SETTING, "seed"])
    if twice.any():
        row = runs.loc[twice].iloc[0]
        raise InputError(
            "Argument `runs` must hold one run of each setting and seed. Received: "
            f"two of {', '.join(str(row[name]) for name in SETTING)}, seed "
            f"{row['seed']}. Compare runs of other plans separately."
        )
    is_finished = runs["status"] == "finished"
    scores = {
        "score": runs[f"test_{metric}"].astype(float),
        "val_score": runs[f"val_{metric}"].astype(float),
    }
    is_finite = np.isfinite(scores["score"])
    if is_finished.any() and not (is_finished & is_finite).any():
        other = next(each for each in METRICS if each != metric)
        raise InputError(
            f"Argument `metric` must be one that the runs have. Received: "
            f"metric={metric!r}, and {is_finished.sum()} finished runs without it. "
            f"Give metric={other!r}."
        )
    reasons = runs["status"].map(REASONS).fillna("are not finished")
    # A database gives a column without any number as one of None.
    numbers = {name: float for name in ("learning_rate", "seconds", "search_seconds")}
    return runs.astype(numbers).assign(
        **{name: each.where(is_finished) for name, each in scores.items()},
        reason=reasons.where(~(is_finished & is_finite), ""),
    )


def best_settings(scored: pd.DataFrame, by: Sequence[str], metric: str) -> pd.DataFrame:
    """The setting of each group that validated best, among those with most scores.

    Args:
        scored: DataFrame, as `score_runs` gives it.
        by: sequence of str, columns of a setting, e.g. `("model", "optimizer")`.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        DataFrame, a row for each group in the order of appearance: the columns of a
        setting, `n` (runs with a validation score) and `val_mean`. Of equals the one
        with fewest unscored runs, then the first.
    """
    sign = -1 if METRICS[metric] else 1
    groups = scored.groupby(SETTING, sort=False)["val_score"]
    settings = groups.agg(n="count", val_mean="mean", runs="size").reset_index()
    order = settings.assign(unscored=settings["runs"] - settings["n"])
    order["n"], order["val_mean"] = -order["n"], sign * order["val_mean"]
    order = order.sort_values(
        ["n", "unscored", "val_mean"], kind="stable", na_position="last"
    )
    firsts = order.drop_duplicates(list(by)).index
    return settings.loc[sorted(firsts)].drop(columns="runs").reset_index(drop=True)


def runs_of(scored: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """The runs of some settings.

    Args:
        scored: DataFrame of runs.
        settings: DataFrame with columns of a setting, e.g. from `best_settings`.

    Returns:
        DataFrame, those runs that agree with a row in all such columns.
    """
    columns = [name for name in SETTING if name in settings.columns]
    return scored.merge(settings[columns].drop_duplicates(), on=columns)


def varied(scored: pd.DataFrame, factor: str, metric: str) -> pd.DataFrame:
    """The runs that differ in one factor alone, for each model and optimizer.

    The other factors are held where most values of this one were run; of several such
    places, where the best of them validated best.

    Args:
        scored: DataFrame, as `score_runs` gives it.
        factor: `"rate"`, `"batch_size"` or `"initializer"`.
        metric: `"accuracy"` or `"loss"`.

    Returns:
        DataFrame, those runs.
    """
    held = ["model", "optimizer", *(name for name in VARIED if name != factor)]
    places = best_settings(scored, held, metric)
    counts = scored.groupby(held, sort=False)[factor].nunique().rename("levels")
    places = places.merge(counts.reset_index(), on=held)
    places["order"] = places["val_mean"] * (-1 if METRICS[metric] else 1)
    places = places.sort_values(
        ["levels", "n", "order"], ascending=[False, False, True], kind="stable",
        na_position="last",
    )  # fmt: skip
    places = places.drop_duplicates(["model", "optimizer"])
    return runs_of(scored, places[held])


def format_unscored(runs: pd.DataFrame) -> str:
    """How many runs have no score, and why.

    Args:
        runs: DataFrame, as `score_runs` gives it.

    Returns:
        str, e.g. `"2 of 5 runs diverged"`; empty if all have one.
    """
    why = runs.loc[runs["reason"] != "", "reason"].value_counts()
    return ", ".join(
        f"{n} of {len(runs)} run{'' if len(runs) == 1 else 's'} {reason}"
        for reason, n in why.items()
    )
