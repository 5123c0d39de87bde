"""Which rates were best, by kind of data and by kind of network."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from benchmarks.prior.cases import good_rates
from benchmarks.suggestion_quality.methods import Truths
from benchmarks.suggestion_quality.tasks import OPTIMIZERS, TASKS
from benchmarks.suggestion_quality.truth import load_truth
from lr_finder._text import format_rate

FEWEST = 3  # tasks from which a mean has an interval
NAMES = {
    "sgd": "SGD", "momentum": "SGD, momentum 0.9", "rmsprop": "RMSprop",
    "adam": "Adam", "adamw": "AdamW",
}  # fmt: skip


def best_rates() -> pd.DataFrame:
    """The middle of the good rates of each case.

    Returns:
        DataFrame with `task`, `optimizer`, `domain`, `architecture` and `best`,
        log10(lr).
    """
    rows = [
        {"task": task, "optimizer": optimizer, "domain": TASKS[task].domain,
         "architecture": TASKS[task].architecture, "best": good_rates(truth)[0]}
        for (task, optimizer), truth in load_truth().items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def table_by(column: str, rates: pd.DataFrame) -> pd.DataFrame:
    """The geometric mean of the best rates of each group of tasks, in words.

    Args:
        column: `"domain"` or `"architecture"`.
        rates: DataFrame of `best_rates`.

    Returns:
        DataFrame of str, a row for each group and for all tasks: `tasks`, and for each
        optimizer the mean with its 95 % interval (Student's t over the tasks), if there
        are at least 3.
    """
    rows = []
    groups = [*rates.groupby(column), ("all", rates)]
    for name, part in groups:
        row = {column: name, "tasks": str(part["task"].nunique())}
        for optimizer in filter(set(part["optimizer"]).__contains__, OPTIMIZERS):
            logs = part.loc[part["optimizer"] == optimizer, "best"]
            row[NAMES[optimizer]] = _told(logs.to_numpy())
        rows.append(row)
    return pd.DataFrame(rows)


def _told(logs: np.ndarray) -> str:
    mean = logs.mean()
    told = format_rate(10**mean)
    if len(logs) < FEWEST:
        return told
    half = stats.t.ppf(0.975, len(logs) - 1) * logs.std(ddof=1) / np.sqrt(len(logs))
    low, high = format_rate(10 ** (mean - half)), format_rate(10 ** (mean + half))
    return f"{told} ({low} to {high})"


def missed_by(decades: float, truths: Truths | None = None) -> pd.DataFrame:
    """The mean regret of rates that are too low or too high by so much.

    Args:
        decades: float > 0, from the middle of the good rates.
        truths: mapping of (task, optimizer) to Truth; by default all stored.

    Returns:
        DataFrame with `optimizer`, `too low` and `too high`.
    """
    truths = load_truth() if truths is None else truths
    rows = []
    for optimizer in OPTIMIZERS:
        own = [each for (_, name), each in truths.items() if name == optimizer]
        means = [
            np.mean([each.regret(10 ** (good_rates(each)[0] + shift)) for each in own])
            for shift in (-decades, decades)
            if own
        ]
        if means:
            rows.append((NAMES[optimizer], *(round(float(m), 3) for m in means)))
    return pd.DataFrame(rows, columns=["optimizer", "too low", "too high"])
