"""Doubts about the rows and classes of a target, as notes that warn."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from lr_finder._text import counted
from lr_finder.data.cells.dates import could_be_dates
from lr_finder.data.cells.number_styles import NUMBER_SHARE, to_numbers

NOT_OF_A_NUMBER = r"[,'_\s]|^[^\d.+-]{1,3}|[^\d.]{1,5}$"  # separators and units
FEW_ROWS = 20  # to train on: a batch or less, and a validation of a few
FEW_PER_CLASS = 5  # rows to train on, on average: classes that hardly repeat
LIKE = {  # what classes of text may be instead, and what to do then
    "numbers": "it looks like numbers with units or separators; remove them",
    "dates": "it looks like dates; write them as numbers, e.g. as days",
    None: "if these are amounts, write them as plain numbers; else join rare classes",
}


def row_doubts(n_train: int, rows: str = "rows") -> tuple[str, ...]:
    """A warning of very few rows to train on.

    Args:
        n_train: int, rows to train on.
        rows: str, what they are, in the plural.

    Returns:
        tuple of one str, or of none.

    Example:
    >>> row_doubts(20), row_doubts(12)[0].split(":")[1]
    ((), ' only 12 rows to train on')
    """
    if n_train >= FEW_ROWS:
        return ()
    told = counted(n_train, rows.removesuffix("s"))
    return (
        f"warning: only {told} to train on: a sweep of so few says little; give at "
        f"least {FEW_ROWS}",
    )


def class_doubts(answers: pd.Series) -> tuple[str, ...]:
    """A warning of very many classes for their rows.

    Args:
        answers: Series, the classes of the rows to train on, named.

    Returns:
        tuple of one str, or of none.

    Example:
    >>> few = pd.Series(["cat", "dog"] * 8, name="animal")
    >>> many = pd.Series([f"{n % 8} EUR" for n in range(16)], name="paid")
    >>> class_doubts(few), class_doubts(many)[0].split(",")[0]
    ((), "warning: 'paid' has 8 classes in 16 rows to train on")
    """
    n_classes, n_rows = answers.nunique(), len(answers)
    if n_classes <= 2 or n_rows >= FEW_PER_CLASS * n_classes:
        return ()
    is_number = pd.api.types.is_numeric_dtype(answers)
    way_out = "if it is an amount, choose the task regression"
    if not is_number:
        way_out = LIKE[resemblance(answers)]
    example = answers.iloc[int(np.argmax(answers.notna()))]
    return (
        f"warning: {answers.name!r} has {n_classes:,} classes in "
        f"{counted(n_rows, 'row')} to train on, such as {example!r}: {way_out}",
    )


def resemblance(cells: pd.Series) -> Literal["numbers", "dates"] | None:
    """What text looks like that is read as text all the same.

    Args:
        cells: Series of text, none missing.

    Returns:
        "dates" (one format reads them), "numbers" (they are, without units and
        thousands separators) or None.

    Example:
    >>> resemblance(pd.Series(["$1,234.56", "$3.10"]))
    'numbers'
    """
    if could_be_dates(cells):
        return "dates"
    digits = cells.str.replace(NOT_OF_A_NUMBER, "", regex=True)
    return "numbers" if to_numbers(digits).notna().mean() >= NUMBER_SHARE else None
