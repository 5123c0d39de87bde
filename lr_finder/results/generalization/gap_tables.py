"""The tables of a generalization study: gaps, the best rate of each variant, speeds.

All take and give pandas DataFrames with the columns of `GeneralizationResult`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder.analysis.comparison.paired_tests import holm
from lr_finder.analysis.comparison.ranking import mean_interval, paired_by_seed
from lr_finder.analysis.training.convergence import best_rate
from lr_finder.analysis.training.generalization import (
    epoch_of_loss,
    good_rates,
    value_at_epoch,
)
from lr_finder.errors import InputError
from lr_finder.results.stability.tables import variant_names

if TYPE_CHECKING:
    import pandas as pd

VARIANT = ["model", "regularization", "optimizer", "batch_size", "initializer"]
SETTING = [*VARIANT, "rate"]
MEASURES = ["l2", "weight_decay", "dropout", "augmentation", "early_stopping"]
SCORES = [
    "train_loss", "train_accuracy", "val_loss", "val_accuracy", "test_loss",
    "test_accuracy",
]  # fmt: skip
RUN_COLUMNS = [
    "key", *VARIANT, *MEASURES, "label_noise", "rate", "learning_rate", "seed",
    "status", "epoch", "epochs_run", "max_epochs", "steps_per_epoch", *SCORES,
    "seconds", "device", "message",
]  # fmt: skip
EPOCH_COLUMNS = ["key", "epoch", *SCORES]
ACCURACIES = (0.0, 1.0)
SIGNED = {"gap"}  # what may be negative; a loss may if one is


def check_runs(runs: pd.DataFrame, epochs: pd.DataFrame) -> None:
    """Refuse tables that are not those of a generalization study.

    Args:
        runs: DataFrame.
        epochs: DataFrame.

    Raises:
        InputError: If a column is missing, or there is no run.
    """
    for name, frame, columns in (
        ("runs", runs, RUN_COLUMNS), ("epochs", epochs, EPOCH_COLUMNS)
    ):  # fmt: skip
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise InputError(
                f"Argument `{name}` must have the columns of a generalization study. "
                f"Received: a table without {', '.join(missing)}. Give what "
                "`lr_finder.run_generalization` returns."
            )
    if runs.empty:
        raise InputError(
            "Argument `runs` must hold a run at least. Received: none. Wait until the "
            "first one has ended."
        )


def name_variants(table: pd.DataFrame) -> pd.Series:
    """What figures and sentences call the variant of each row: only what differs.

    Args:
        table: DataFrame with the columns of `VARIANT`.

    Returns:
        Series of str, with the index of `table`.
    """
    return variant_names(table, VARIANT)


def is_lost(runs: pd.DataFrame) -> pd.Series:
    """Whether each run has no finite loss of training, validation or test rows.

    Args:
        runs: DataFrame.

    Returns:
        Series of bool.
    """
    losses = runs[["train_loss", "val_loss", "test_loss"]].astype(float)
    return ~np.isfinite(losses).all(axis=1)


def lowest_losses(runs: pd.DataFrame, epochs: pd.DataFrame) -> pd.Series:
    """The lowest training loss of each run that was not lost.

    Args:
        runs: DataFrame.
        epochs: DataFrame.

    Returns:
        Series of float, by key.
    """
    kept = epochs[epochs["key"].isin(runs.loc[~is_lost(runs), "key"])]
    return kept.groupby("key")["train_loss"].min()


def runs_at_loss(
    runs: pd.DataFrame, epochs: pd.DataFrame, level: float
) -> pd.DataFrame:
    """The runs, each scored when its training loss first reached a level.

    Args:
        runs: DataFrame.
        epochs: DataFrame.
        level: float.

    Returns:
        DataFrame, with other scores and `epoch`; nan for a run that never reached it.
    """
    curves = {key: frame for key, frame in epochs.groupby("key", sort=False)}
    rows = []
    for row in runs.to_dict("records"):
        curve = curves.get(row["key"])
        reached = math.nan
        if curve is not None:
            reached = epoch_of_loss(curve["train_loss"].to_numpy(), level)
        scores = {
            name: math.nan
            if curve is None
            else value_at_epoch(curve[name].to_numpy(), reached)
            for name in SCORES
        }
        if reached > 1:  # exactly, not but for rounding
            scores["train_loss"] = level
        rows.append(row | scores | {"epoch": reached})
    return type(runs)(rows, columns=list(runs.columns))


def gap_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Losses, accuracies and gaps of each setting, averaged over the seeds.

    Args:
        runs: DataFrame.

    Returns:
        DataFrame, a row for each setting, see `GeneralizationResult.gaps`.
    """
    rows = [
        dict(zip(SETTING, names, strict=True)) | _averaged(group)
        for names, group in runs.groupby(SETTING, sort=False)
    ]
    return type(runs)(rows)


def best_table(runs: pd.DataFrame) -> pd.DataFrame:
    """Each variant at the rate of its lowest validation loss, beside the first.

    Args:
        runs: DataFrame.

    Returns:
        DataFrame, a row for each variant, see `GeneralizationResult.best`.
    """
    rows: list[dict[str, Any]] = []
    losses: list[dict[int, float]] = []
    firsts: dict[tuple[Any, ...], int] = {}
    for names, group in runs.groupby(VARIANT, sort=False):
        variant = dict(zip(VARIANT, names, strict=True))
        rate, chosen = at_best_rate(group)
        rows.append(variant | {"rate": rate} | _averaged(chosen))
        losses.append(dict(zip(chosen["seed"], chosen["test_loss"], strict=True)))
        others = tuple(v for n, v in variant.items() if n != "regularization")
        rows[-1]["first"] = firsts.setdefault(others, len(rows) - 1)
    pairs = [
        None if row["first"] == i else paired_by_seed(losses[row["first"]], losses[i])
        for i, row in enumerate(rows)
    ]
    adjusted = holm([math.nan if pair is None else pair.p for pair in pairs])
    for row, pair, p in zip(rows, pairs, adjusted, strict=True):
        del row["first"]
        ends = (math.nan,) * 3 if pair is None else (pair.mean, pair.low, pair.high)
        names = ("difference", "difference_low", "difference_high")
        row |= dict(zip(names, ends, strict=True)) | {"p_holm": float(p)}
    return type(runs)(rows)


def speed_table(runs: pd.DataFrame, epochs: pd.DataFrame, level: float) -> pd.DataFrame:
    """How fast, how good and how forgiving of its rate each variant is.

    Args:
        runs: DataFrame.
        epochs: DataFrame.
        level: float, the training loss that counts as reached.

    Returns:
        DataFrame, a row for each variant, see `GeneralizationResult.optimizers`.
    """
    reached = runs_at_loss(runs, epochs, level)
    rows = []
    for names, group in runs.groupby(VARIANT, sort=False):
        rate, chosen = at_best_rate(group)
        then = reached[reached["key"].isin(chosen["key"])]
        steps = (then["epoch"] * then["steps_per_epoch"]).dropna()
        variant = dict(zip(VARIANT, names, strict=True))
        rows.append(
            variant | {"rate": rate, "n": len(chosen), "n_reached": len(steps)}
            | _interval("steps", steps)
            | _interval("test_loss", chosen["test_loss"])
            | _interval("test_accuracy", chosen["test_accuracy"], ACCURACIES)
            | _widths(group)
        )  # fmt: skip
    return type(runs)(rows)


def at_best_rate(group: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """The rate of a variant with the lowest mean validation loss, and its runs.

    A rate at which fewer runs were lost goes before others.

    Args:
        group: DataFrame, the runs of one variant.

    Returns:
        `(rate, runs)`: str as it was asked for, and DataFrame.
    """
    table = _by_rate_and_seed(group)
    rate = str(table.index[best_rate(table.to_numpy())])
    return rate, group[group["rate"] == rate]


def _by_rate_and_seed(group: pd.DataFrame) -> pd.DataFrame:
    """Final validation losses, infinity if lost: a row for each rate, rising."""
    kept = group.assign(end=group["val_loss"].where(~is_lost(group), math.inf))
    table = kept.pivot_table(
        index="rate", columns="seed", values="end", aggfunc="max", dropna=False
    )
    order = group.groupby("rate")["learning_rate"].median().sort_values().index
    return table.reindex(order).fillna(math.inf)


def _widths(group: pd.DataFrame) -> dict[str, Any]:
    """The range of good rates of a variant: of each seed, then the mean width."""
    fixed = group[group["rate"] != "found"]
    table = _by_rate_and_seed(fixed) if len(fixed) else fixed
    rates = table.index.astype(float).to_numpy() if len(fixed) else np.array([])
    found = [
        good_rates(rates, table[seed])
        for seed in (table.columns if len(rates) > 1 else ())
        if np.isfinite(table[seed]).any()
    ]
    return _interval("decades", [each.decades for each in found]) | {
        "low_rate": float(np.median([each.low for each in found] or [math.nan])),
        "high_rate": float(np.median([each.high for each in found] or [math.nan])),
        "n_open": sum(each.is_open for each in found),
    }


def _averaged(group: pd.DataFrame) -> dict[str, Any]:
    """What the runs of one setting say together."""
    lost = is_lost(group)
    kept = group[~lost]
    row = {name: group.iloc[0][name] for name in [*MEASURES, "label_noise"]} | {
        "learning_rate": float(group["learning_rate"].median()),
        "n": len(kept), "n_lost": int(lost.sum()),
        "epoch": float(kept["epoch"].mean()) if len(kept) else math.nan,
    }  # fmt: skip
    for name in SCORES:
        bounds = ACCURACIES if name.endswith("accuracy") else None
        row |= _interval(name, kept[name], bounds)
    row |= _interval("gap", kept["test_loss"] - kept["train_loss"])
    fallen = kept["train_accuracy"] - kept["test_accuracy"]
    return row | _interval("accuracy_gap", fallen, (-1.0, 1.0))


def _interval(
    name: str, values: Any, bounds: tuple[float, float] | None = None
) -> dict[str, float]:
    """The mean of values and its 95 % interval, as columns."""
    known = [float(value) for value in values if math.isfinite(value)]
    if bounds is None and name not in SIGNED and min(known, default=0.0) >= 0:
        bounds = (0.0, math.inf)
    mean, _, low, high = mean_interval(known, bounds=bounds)
    return {name: mean, f"{name}_low": low, f"{name}_high": high}
