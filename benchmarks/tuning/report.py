"""The stored replays and live tunings as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.suggestion_quality.scores import clustered_error
from benchmarks.tuning.live import read_live
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
    """Best validation loss of the live tunings over the best that any of them found."""
    told = ["Live: best validation loss, % above the best that any search of the task "
            "found; mean ± sd over tasks and seeds",
            " " * 18 + "".join(f"{paid:>13}  " for paid in PAID)]  # fmt: skip
    frame = live_regret(live)
    for method in [name for name in ORDER if name in set(frame["method"])]:
        own = frame[frame["method"] == method]
        cells = []
        for paid in PAID:
            values = own.loc[own["paid"] == paid, "excess"].dropna()
            text = f"{values.mean():6.1f} ± {values.std(ddof=1):4.1f}"
            cells.append(text if len(values) > 1 else " " * 13)
        told.append(
            f"{method:18}" + "  ".join(cells) + f"  ({own['seed'].nunique()} seeds)"
        )
    return told


def live_regret(live: pd.DataFrame) -> pd.DataFrame:
    """A row for each live search and amount: how far its best is above the lowest.

    Args:
        live: DataFrame of `read_live`.

    Returns:
        DataFrame: `task`, `method`, `seed`, `paid` and `excess` in %, nan if no trial
        had ended by then.
    """
    lowest = live.groupby("task")["loss"].min()
    rows = []
    for (task, method, seed), own in live.groupby(
        ["task", "method", "seed"], sort=False
    ):
        for paid in PAID:
            ended = own.loc[own["paid"] <= paid * (1 + 1e-9), "loss"]
            excess = 100 * (ended.min() / lowest[task] - 1) if len(ended) else np.nan
            if paid <= own["budget"].iloc[0]:
                rows.append((task, method, seed, paid, excess))
    return pd.DataFrame(rows, columns=["task", "method", "seed", "paid", "excess"])


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
