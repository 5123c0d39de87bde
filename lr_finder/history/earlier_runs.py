"""What a person's earlier runs with the same optimizer and kind of data came to."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from lr_finder._text import format_rate

KIND_WORDS = {
    "tabular": "tables", "series": "series", "images": "images", "text": "texts",
    "arrays": "arrays",
}  # fmt: skip


def spoken_optimizer(run: Mapping[str, Any]) -> str:
    """The optimizer of a run as a person says it.

    Args:
        run: mapping with `optimizer` and `momentum`.

    Returns:
        str.

    Example:
    >>> spoken_optimizer({"optimizer": "SGD", "momentum": 0.9})
    'SGD with momentum 0.9'
    >>> spoken_optimizer({"optimizer": "Adam", "momentum": None})
    'Adam'
    """
    name = "unnamed" if run["optimizer"] == "own" else str(run["optimizer"])
    return f"{name} with momentum {run['momentum']:g}" if run.get("momentum") else name


def tell_earlier(runs: Sequence[Mapping[str, Any]]) -> str:
    """One sentence: which rates runs of one optimizer and kind of data came to.

    The verified rates are told if there are any, else the suggested ones; of several
    the lowest, the highest and the median.

    Args:
        runs: sequence of mapping, runs of one optimizer and one kind of data.

    Returns:
        str; empty if no run has a rate.

    Example:
    >>> runs = [{"optimizer": "Adam", "kind": "images", "verified": rate}
    ...         for rate in (8e-4, 2e-3, 1.2e-3)]
    >>> tell_earlier(runs)
    'Your 3 Adam runs on images verified at 8e-4 to 2e-3, median 1.2e-3.'
    >>> tell_earlier(runs[:1])
    'Your Adam run on images verified at 8e-4.'
    """
    for column in ("verified", "suggested"):
        rates = [run[column] for run in runs if run.get(column)]
        if not rates:
            continue
        how = "verified at" if column == "verified" else "were suggested"
        what = f"{spoken_optimizer(runs[0])} run"
        data = KIND_WORDS.get(runs[0].get("kind") or "arrays", "data")
        if len(rates) == 1:
            how = how.replace("were", "was")
            return f"Your {what} on {data} {how} {format_rate(rates[0])}."
        low, middle, high = min(rates), statistics.median(rates), max(rates)
        told = f"{format_rate(low)} to {format_rate(high)}"
        if format_rate(low) == format_rate(high):
            told = format_rate(low)
        elif len(rates) > 2:
            told += f", median {format_rate(middle)}"
        return f"Your {len(rates)} {what}s on {data} {how} {told}."
    return ""
