"""What kind of data a table holds: rows, a series over time, or texts."""

from __future__ import annotations

import pandas as pd

from lr_finder.data.cells.columns import (
    could_be_classes,
    default_series_target,
    find_column,
    is_date,
    is_number,
    is_running_text,
    words,
)
from lr_finder.data.cells.times import counts_time, read_times
from lr_finder.data.dataset import Kind
from lr_finder.data.prepare.target import MAX_INTEGER_CLASSES
from lr_finder.data.request import Request
from lr_finder.errors import InputError

MIN_TIMES = 10  # fewer dates show no rhythm
UNIQUE_SHARE = 0.95  # of times, in one series
REGULAR_SHARE = 0.7  # of steps near the median: weekends may lack
NEAR_MEDIAN = (0.5, 1.5)  # months differ in length
EMPTY_SHARE = 0.95  # of blanks: what exports leave behind at the right of a table


def infer_kind(table: pd.DataFrame, request: Request) -> tuple[Kind, str]:
    """The kind of data in a table, and why; `request.kind` overrules.

    A series: an option of series is given; or the target is of numbers, not of classes,
    and exactly one column is of dates that hardly repeat and follow each other in a
    mostly regular step, or one column of times in order is all there is beside it.
    Text: the only column besides the target, which is of classes, holds sentences.
    Everything else is tabular.

    Args:
        table: DataFrame, or its first rows.
        request: Request.

    Returns:
        `(kind, reason)`.

    Raises:
        InputError: If a kind is asked for that no table can be.

    Example:
    >>> days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    >>> table = pd.DataFrame({"day": days, "price": [i + 0.5 for i in range(60)]})
    >>> infer_kind(table, Request("prices.csv"))
    ('series', "column 'day' gives each row a time, most a regular step apart")
    """
    if request.kind == "images":
        raise InputError(
            "Argument `kind` must be tabular, series or text for a table: images are "
            "a folder with one folder per class, or an NPZ file. Received: "
            f"kind='images' and {request.source}. Leave `kind` out."
        )
    if request.kind is not None:
        return request.kind, "as was asked for"
    if request.series_options:
        given = ", ".join(request.series_options)
        return "series", f"only a series has a {given}"
    if request.task != "classification":
        why = _why_a_series(table, request)
        if why is not None:
            return "series", why
    if request.task != "regression" and _is_labelled_text(table, request):
        name = text_column(table, None)
        return "text", f"column {name!r} holds sentences and is the only feature"
    return "tabular", "columns of numbers, dates or categories"


def text_column(table: pd.DataFrame, target: str | None) -> str | None:
    """The column of text with the most words, the target apart.

    Args:
        table: DataFrame.
        target: str, name of the target, or None.

    Returns:
        str, name of the column, or None if no column is text.

    Example:
    >>> table = pd.DataFrame({"mood": ["up"], "said": ["so it goes"], "n": [3]})
    >>> text_column(table, "mood")
    'said'
    """
    counts = {name: words(table[name]) for name in table if name != target}
    best = max(counts, key=counts.__getitem__, default=None)
    return best if best is not None and counts[best] > 0 else None


def text_target(table: pd.DataFrame, text: str | None) -> str | None:
    """The column of labels: the last one if it can be, else that of fewest values.

    Args:
        table: DataFrame.
        text: str, name of the column of text.

    Returns:
        str, name of the column, or None if no column holds labels.

    Example:
    >>> rows = [["up", "so it goes"], ["up", "on we go"], ["no", "oh no"], ["no", "a"]]
    >>> text_target(pd.DataFrame(rows, columns=["mood", "said"]), "said")
    'mood'
    """
    others = [name for name in table if name != text]
    able = [n for n in others if could_be_classes(table[n], MAX_INTEGER_CLASSES)]
    if able and able[-1] == others[-1]:
        return able[-1]
    return min(able, key=lambda name: table[name].nunique(), default=None)


def _why_a_series(table: pd.DataFrame, request: Request) -> str | None:
    """Why a table is a series by the rule of `infer_kind`, or None."""
    used = _used(table)
    dates = [name for name in table if is_date(table[name])]
    if not dates and len(used) == 2:
        dates = [name for name in used if counts_time(table[name])]
    if len(dates) != 1:
        return None
    (time,) = dates
    target = default_series_target(table, time)
    if request.target is not None:
        target = find_column(table, request.target, "target")
    if target is None or target == time or not is_number(table[target]):
        return None
    if could_be_classes(table[target], MAX_INTEGER_CLASSES):
        return None
    times = read_times(table[time], request.date_format)[0].dropna()
    if not _hardly_repeat(times):
        return None
    if is_date(table[time]) and _is_rhythm(times):
        return f"column {time!r} gives each row a time, most a regular step apart"
    is_in_order = times.is_monotonic_increasing or times.is_monotonic_decreasing
    if is_in_order and sorted(used) == sorted((time, target)):
        return f"times in order in column {time!r}, and one column of numbers"
    return None


def _used(table: pd.DataFrame) -> list[str]:
    """The columns that hold more than blanks."""
    return [name for name in table if table[name].isna().mean() < EMPTY_SHARE]


def _hardly_repeat(times: pd.Series) -> bool:
    n_different = times.nunique()
    return n_different >= MIN_TIMES and n_different >= UNIQUE_SHARE * len(times)


def _is_rhythm(times: pd.Series) -> bool:
    """Whether times follow each other in a regular step."""
    steps = times.drop_duplicates().sort_values().diff().dropna()
    low, high = (steps.median() * factor for factor in NEAR_MEDIAN)
    return bool(steps.between(low, high).mean() >= REGULAR_SHARE)


def _is_labelled_text(table: pd.DataFrame, request: Request) -> bool:
    used = _used(table)
    if len(used) != 2:
        return False
    text = text_column(table[used], None)
    if text is None or not is_running_text(table[text]):
        return False
    target = text_target(table[used], text)
    if request.target is not None:
        return find_column(table, request.target, "target") == target
    return target is not None
