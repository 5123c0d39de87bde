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
    >>> tell_earlier([{"optimizer": "Adam", "kind": "images", "suggested": 3e-3}])
    'A sweep suggested 3e-3 for your Adam run on images.'
    """
    for column in ("verified", "suggested"):
        rates = [run[column] for run in runs if run.get(column)]
        if not rates:
            continue
        is_one = len(rates) == 1
        data = KIND_WORDS.get(runs[0].get("kind") or "arrays", "data")
        count = "" if is_one else f"{len(rates)} "
        what = f"{count}{spoken_optimizer(runs[0])} run{'s' * (not is_one)} on {data}"
        if column == "verified":
            return f"Your {what} verified at {_range_of(rates)}."
        sweeps, told = "A sweep" if is_one else "Sweeps", _range_of(rates)
        told += "," * ("," in told)  # which ends the part with the median
        return f"{sweeps} suggested {told} for your {what}."
    return ""


def _range_of(rates: Sequence[float]) -> str:
    """The lowest and the highest rate; of three or more also the median."""
    low, high = format_rate(min(rates)), format_rate(max(rates))
    if low == high:
        return low
    middle = f", median {format_rate(statistics.median(rates))}"
    return f"{low} to {high}{middle if len(rates) > 2 else ''}"
