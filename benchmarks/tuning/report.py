"""The stored replays and live tunings as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.suggestion_quality.scores import clustered_error
from benchmarks.tuning.live import guess_loss, read_live
from benchmarks.tuning.replaying import PAID, read_replays

ORDER = ("Keras default", "default, verified", "sweep", "narrowed", "tpe", "random",
         "grid", "evolution", "hyperband")  # fmt: skip
AFTER = [f"after_{paid}" for paid in PAID]


def mean_regret(rows: pd.DataFrame, tasks: Sequence[str] | None = None) -> pd.DataFrame:
    """The mean regret of each method, with its 95 % interval over the tasks.

    Args:
        rows: DataFrame of `read_replays`.
        tasks: sequence of str, those that count; None for all.

    Returns:
        DataFrame, a row for each method and amount paid: `method`, `paid`, `mean`,
        `half` (of the interval, the error clustered by task), `median`, `worst` (the
        95 % quantile) and `replays`, all but the last in % of what can be learnt.
    """
    if tasks is not None:
        rows = rows[rows["task"].isin(tasks)]
    found = []
    for method in [name for name in ORDER if name in set(rows["method"])]:
        own = rows[rows["method"] == method]
        degrees = own["task"].nunique() - 1
        for paid, column in zip(PAID, AFTER, strict=True):
            regret = 100 * own[column]
            half = stats.t.ppf(0.975, degrees) * clustered_error(regret, own["task"])
            found.append((method, paid, regret.mean(), float(half), regret.median(),
                          regret.quantile(0.95), len(own)))  # fmt: skip
    columns = ["method", "paid", "mean", "half", "median", "worst", "replays"]
    return pd.DataFrame(found, columns=columns)


def with_curves(rows: pd.DataFrame) -> list[str]:
    """The tasks for which Hyperband could be replayed."""
    return sorted(rows.loc[rows["method"] == "hyperband", "task"].unique())


def same_cases(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the tasks and optimizers that Hyperband was replayed on."""
    own = rows[rows["method"] == "hyperband"]
    cases = set(own[["task", "optimizer"]].itertuples(index=False, name=None))
    pairs = rows[["task", "optimizer"]].itertuples(index=False, name=None)
    return rows[[pair in cases for pair in pairs]]


def lines() -> list[str]:
    """All that is stored, as text."""
    rows = read_replays()
    whole = rows[rows["method"] != "hyperband"]
    told = [
        "Mean regret in % of what can be learnt, ± 95 % over "
        f"{whole['task'].nunique()} tasks, by trainings paid",
        *_table(mean_regret(whole)),
        "",
        "95 % quantile of the regret",
        *_table(mean_regret(whole), "worst"),
        "",
        f"The cases with validation curves, of {len(with_curves(rows))} tasks",
        *_table(mean_regret(same_cases(rows))),
    ]
    live = read_live()
    return told + (["", *live_lines(live)] if len(live) else [])


def live_lines(live: pd.DataFrame) -> list[str]:
    """Mean regret of the live tunings."""
    told = ["Live: mean regret in %, ± sd over tasks and seeds; 0 is the lowest "
            "validation loss that any search of the task found",
            " " * 18 + "".join(f"{paid:>15}" for paid in PAID)]  # fmt: skip
    frame = live_regret(live)
    for method in [name for name in ORDER if name in set(frame["method"])]:
        own, cells = frame[frame["method"] == method], []
        for paid in PAID:
            values = own.loc[own["paid"] == paid, "regret"]
            text = f"{values.mean():6.1f} ± {values.std(ddof=1):4.1f}  "
            cells.append(text if len(values) > 1 else " " * 15)
        searches = len(own) // own["paid"].nunique()
        told.append(f"{method:18}" + "".join(cells) + f"  ({searches} searches)")
    return told


def live_regret(live: pd.DataFrame) -> pd.DataFrame:
    """A row for each live search and amount: what it lost of what can be learnt.

    Args:
        live: DataFrame of `read_live`.

    Returns:
        DataFrame: `task`, `method`, `seed`, `paid` and `regret` in %, 100 as long as no
        trial has ended.
    """
    lowest = live.groupby("task")["loss"].min()
    guess = {task: guess_loss(task) for task in lowest.index}
    rows = []
    for (task, method, seed), own in live.groupby(
        ["task", "method", "seed"], sort=False
    ):
        for paid in PAID:
            best = own.loc[own["paid"] <= paid * (1 + 1e-9), "loss"].min()
            share = (best - lowest[task]) / (guess[task] - lowest[task])
            regret = 100.0 if np.isnan(share) else 100 * min(share, 1.0)
            if paid <= own["budget"].iloc[0]:
                rows.append((task, method, seed, paid, regret))
    return pd.DataFrame(rows, columns=["task", "method", "seed", "paid", "regret"])


def _table(frame: pd.DataFrame, value: str = "mean") -> list[str]:
    told = [" " * 18 + "".join(f"{paid:>15}" for paid in PAID)]
    for method, own in frame.groupby("method", sort=False):
        cells = [
            f"{row[value]:6.1f} ± {row['half']:4.1f}  " if value == "mean"
            else f"{row[value]:13.1f}  "
            for row in own.to_dict("records")
        ]  # fmt: skip
        told.append(f"{method:18}" + "".join(cells) + f"  n = {own['replays'].iloc[0]}")
    return told
