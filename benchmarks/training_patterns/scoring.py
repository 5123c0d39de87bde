"""How often the first pattern named is the label of a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from benchmarks.training_patterns.pictures import LABELS
from benchmarks.training_patterns.recording import Training
from lr_finder.analysis.training.pattern_definitions import DEFINITIONS
from lr_finder.analysis.training.patterns import MIN_POINTS, recognize_patterns

SPLIT_FROM = 7  # seed of the halves
NONE = "none"  # nothing named


def read_labels(path: Path = LABELS) -> pd.DataFrame:
    """The labels of both passes, and which half each training belongs to.

    Args:
        path: Path of the labels.

    Returns:
        DataFrame, index `name`; `first` and `second` label of one person, `other` and
        `other_second` of another, `again` the first's label at a second look, which may
        be empty, and `half`: "work" or "aside" of those that the rules were made with,
        "fresh" of those recorded and labelled afterwards.
    """
    table = pd.read_csv(path, keep_default_na=False)
    table = table.set_index("name")
    old = sorted(table.index[table["set"] == "old"])
    order = np.random.default_rng(SPLIT_FROM).permutation(old)
    half = dict.fromkeys(order, "work") | dict.fromkeys(
        order[len(order) // 2 :], "aside"
    )
    table["half"] = [half.get(name, "fresh") for name in table.index]
    return table


def named(training: Training, of: str = "batches") -> str:
    """The first pattern named.

    Args:
        training: Training.
        of: str, `"batches"` or `"epochs"`: whose losses are judged.

    Returns:
        str, a key of `DEFINITIONS`, or `"none"`.
    """
    losses = getattr(training, of)
    validation = training.validation if len(training.validation) >= 3 else None
    found = recognize_patterns(losses, validation)
    return found[0].name if found else NONE


def judge(trainings: dict[str, Training], of: str = "batches") -> pd.DataFrame:
    """The labels with the pattern named, of trainings that have losses enough.

    Args:
        trainings: dict of name to Training.
        of: str, `"batches"` or `"epochs"`.

    Returns:
        DataFrame of `read_labels`, with `named`, `equal` (to the first label) and
        `right` (either label).
    """
    table = read_labels()
    enough = [len(getattr(trainings[name], of)) >= MIN_POINTS for name in table.index]
    table = table[enough].copy()
    table["named"] = [named(trainings[name], of) for name in table.index]
    table["equal"] = table["named"] == table["first"]
    table["right"] = table["equal"] | (table["named"] == table["second"])
    return table


def agreement(table: pd.DataFrame) -> dict[str, pd.Series]:
    """How the two persons agree, who did not see each other's labels or any rule.

    Args:
        table: DataFrame of `read_labels`.

    Returns:
        dict of words to a bool Series: equal first labels; and the other's first label
        among the two that the first person accepts.
    """
    equal = table["other"] == table["first"]
    either = equal | (table["other"] == table["second"])
    return {"first labels equal": equal, "the other's among the accepted": either}


def interval(right: pd.Series) -> str:
    """A share with its 95 % interval of Wilson.

    Args:
        right: bool Series.

    Returns:
        str.

    Example:
    >>> interval(pd.Series([True] * 9 + [False]))
    '9 of 10, 90 % (60 to 98 %)'
    """
    count, total = int(right.sum()), len(right)
    low, high = binomtest(count, total).proportion_ci(method="wilson")
    share = f"{100 * count / total:.0f} % ({100 * low:.0f} to {100 * high:.0f} %)"
    return f"{count} of {total}, {share}"


def confusion(table: pd.DataFrame) -> pd.DataFrame:
    """Counts: a row for each first label, a column for each pattern named.

    Args:
        table: DataFrame of `judge`.

    Returns:
        DataFrame of int, in the order of `DEFINITIONS`; `none` last where it occurs.
    """
    counts = pd.crosstab(table["first"], table["named"])
    names = [*DEFINITIONS]
    columns = names + [NONE] * (NONE in counts)
    return counts.reindex(index=names, columns=columns, fill_value=0)
