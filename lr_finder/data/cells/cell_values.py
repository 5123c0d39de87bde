"""Cells of a table as the numbers that features are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lr_finder.data.cells.date_shapes import read_by
from lr_finder.data.cells.number_styles import to_numbers

FLOAT32_MAX = float(np.finfo(np.float32).max)  # beyond, a number is infinite to Keras
MISSING_CATEGORY = "(missing)"
DATE_PARTS = ("day", "year", "month", "day_of_month", "weekday", "hour", "minute")


def finite_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers that float32 can hold; all else is missing.

    Args:
        table: DataFrame of text or numbers.

    Returns:
        DataFrame of float64, NaN where a cell is no such number.

    Example:
    >>> finite_numbers(pd.DataFrame({"a": ["1.5", "x", "1e99"]}))["a"].tolist()
    [1.5, nan, nan]
    """
    numbers = table.apply(to_numbers).astype(np.float64)
    return numbers.where(numbers.abs() <= FLOAT32_MAX)


def date_parts(table: pd.DataFrame, form: str) -> pd.DataFrame:
    """The numbers that a date is made of, NaN where it is unreadable.

    Args:
        table: DataFrame of one column.
        form: str, as `read_by` takes it.

    Returns:
        DataFrame of float64 with a column for each of `DATE_PARTS`: days since 1970,
        year, month, day of the month, weekday from 0, hour and minute.

    Example:
    >>> date_parts(pd.DataFrame({"day": ["1970-01-03"]}), "ISO8601").iloc[0].tolist()
    [2.0, 1970.0, 1.0, 3.0, 5.0, 0.0, 0.0]
    """
    dates = read_by(table.iloc[:, 0], form)
    since_epoch = dates - pd.Timestamp(0, tz="UTC").as_unit("s")
    parts = [since_epoch / pd.Timedelta(days=1)]
    parts += [dates.dt.year, dates.dt.month, dates.dt.day, dates.dt.day_of_week]
    parts += [dates.dt.hour, dates.dt.minute]
    names = date_part_names(None, table.columns)
    return pd.concat(parts, axis=1, keys=names).astype(np.float64)


def date_part_names(transformer: object, names: Sequence[str]) -> list[str]:
    """What the columns of `date_parts` are called, as scikit-learn asks for it.

    Args:
        transformer: ignored; part of scikit-learn's signature.
        names: sequence of str, the name of the column.

    Returns:
        list of str.

    Example:
    >>> date_part_names(None, ["sold"])[:2]
    ['sold_day', 'sold_year']
    """
    del transformer
    return [f"{names[0]}_{part}" for part in DATE_PARTS]
