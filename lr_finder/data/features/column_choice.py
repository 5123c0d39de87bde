"""Which columns of a table are used: none that is dropped, none that counts rows."""

from __future__ import annotations

import dataclasses

import pandas as pd

from lr_finder.data.cells.columns import find_column
from lr_finder.data.features.preprocessing import USED, column_kind
from lr_finder.data.features.row_counters import counts_rows, is_named_as_counter
from lr_finder.data.request import Request
from lr_finder.errors import InputError


@dataclasses.dataclass(frozen=True)
class ColumnChoice:
    """What is used of a table.

    Args:
        names: list of str, the columns used, the target among them.
        left_out: tuple of str, the others.
        request: Request, which names target and time by their names.
        notes: tuple of str, what was left out, and why.
    """

    names: list[str]
    left_out: tuple[str, ...]
    request: Request
    notes: tuple[str, ...] = ()

    def of(self, table: pd.DataFrame) -> pd.DataFrame:
        """A table with the columns used only.

        Args:
            table: DataFrame that has some of the columns, or all.

        Returns:
            DataFrame.
        """
        return table[[name for name in table if name in self.names]]


def choose_columns(table: pd.DataFrame, request: Request) -> ColumnChoice:
    """Leave out the columns that `request.drop` names, and those that count rows.

    A column that counts rows stays if it is the target or the time, or if the table
    has no other column to predict from and its name is not that of an index.

    Args:
        table: DataFrame, or its first rows, in the order of the file.
        request: Request.

    Returns:
        ColumnChoice.

    Raises:
        InputError: If a column that is named does not exist, or is target or time too.

    Example:
    >>> table = pd.DataFrame({"No": range(20), "area": [5.5] * 20, "rent": [1.5] * 20})
    >>> choice = choose_columns(table, Request("homes.csv"))
    >>> choice.names, choice.notes
    (['area', 'rent'], ("column 'No' left out: it only counts rows",))
    """
    named = {
        argument: find_column(table, wanted, argument)
        for argument in ("target", "time_column")
        if (wanted := getattr(request, argument)) is not None
    }
    dropped = {find_column(table, name, "drop") for name in request.drop or ()}
    for argument, name in named.items():
        if name in dropped:
            raise InputError(
                f"Argument `drop` must name other columns than `{argument}`. Received: "
                f"{name!r} for both. Change one of them."
            )
    kept = [name for name in table if name not in dropped]
    if not kept:
        raise InputError(
            "Argument `drop` must leave columns. Received: all "
            f"{len(table.columns):,}. Name fewer."
        )
    counters = _row_counters(table[kept], spared=set(named.values()))
    names = [name for name in kept if name not in counters]
    return ColumnChoice(
        names,
        tuple(name for name in table if name not in names),
        dataclasses.replace(
            request,
            drop=None,
            target=named.get("target"),
            time_column=named.get("time_column"),
        ),
        tuple(f"column {name!r} left out: it only counts rows" for name in counters),
    )


def _row_counters(table: pd.DataFrame, spared: set[str]) -> list[str]:
    """The columns that count rows and are of no other use."""
    if not spared:
        spared = {table.columns[-1]}  # the target, if nobody names one
    features = [name for name in table if name not in spared]
    counters = [name for name in features if counts_rows(table[name])]
    if all(is_named_as_counter(name) for name in counters):
        return counters
    others = (table[name] for name in features if name not in counters)
    if any(column_kind(other) in USED for other in others):
        return counters
    return [name for name in counters if is_named_as_counter(name)]
