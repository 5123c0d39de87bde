"""Whether a column holds dates, and of which format; the order of day and month."""

from __future__ import annotations

import dataclasses

import pandas as pd

from lr_finder.data.cells.date_shapes import (
    COMPACT,
    COUNTED_YEARS,
    MIXED,
    formats_of,
    order_of,
    read_by,
    swapped,
)
from lr_finder.data.cells.number_styles import SAMPLE
from lr_finder.errors import InputError

DATE_SHARE = 0.95  # of distinct cells that one format must read
LOOKED_AT = 20  # distinct cells whose shapes say which formats there may be
EVEN_SHARE = 0.7  # of steps that are equal, in a column whose steps are even
PARTIAL_SHARE = 0.2  # of cells that are dates, in a column worth a note
COMPACT_RANGE = (1800_01_01, 2200_12_31)
FEWEST_COUNTED = 10  # months of counted years: fewer may be ranges such as 5-10


@dataclasses.dataclass(frozen=True)
class DateReading:
    """The format of a column of dates.

    Args:
        form: str, a format as `read_by` takes it.
        reason: str, why day and month are in this order; empty if they could be in
            no other.

    Example:
    >>> DateReading("%d/%m/%Y", "03/15/2024 has no other").order
    'day first'
    """

    form: str
    reason: str = ""

    @property
    def order(self) -> str | None:
        """Day first or month first; None for formats that can be one only."""
        return order_of(self.form)

    def read(self, cells: pd.Series) -> pd.Series:
        """Cells as times.

        Args:
            cells: Series of text or numbers, NaN if missing.

        Returns:
            Series of UTC timestamps, NaT if a cell is no date of this format.
        """
        return read_by(cells, self.form)

    def note(self, name: str) -> tuple[str, ...]:
        """What a person should know of the order of day and month.

        Args:
            name: str, of the column.

        Returns:
            tuple of one str, or of none.
        """
        if not self.reason:
            return ()
        return (f"dates of {name!r} read {self.order}: {self.reason}",)


def could_be_dates(cells: pd.Series) -> bool:
    """Whether one format reads nearly all known cells as dates.

    Args:
        cells: Series of text or numbers, none missing. Numbers are dates only if they
            are written as 20240131.

    Returns:
        bool.

    Example:
    >>> could_be_dates(pd.Series(["31.01.2024", "01.02.2024"]))
    True
    """
    return bool(_best_forms(cells))


def date_reading(
    cells: pd.Series, asked: str | None = None, whole: pd.Series | None = None
) -> DateReading | None:
    """The format of a column, with the order of day and month that its rows tell.

    A format must read 95 % of the distinct cells. If dates can be read day first and
    month first, the one is taken that reads more cells (a day is above 12); else the
    one by which rows are in order of time; else the one that leaves more steps equal.

    Args:
        cells: Series of text or numbers, none missing, in the order of rows.
        asked: str or None, a format that a person asked for; one that does not read
            these cells is passed over.
        whole: Series of text, none missing, of all rows, if `cells` are but some of
            them: their order, and their steps, decide.

    Returns:
        DateReading, or None if the cells are no dates.

    Raises:
        InputError: If both orders of day and month fit equally well.

    Example:
    >>> months = [f"01/{month:02}/" for month in range(1, 13)]
    >>> date_reading(pd.Series([day + year for year in ("23", "24") for day in months]))
    DateReading(form='%d/%m/%y', reason='so 23 of 23 steps are equal, else 22')
    """
    if asked is not None and _reads_as_asked(cells, asked):
        return DateReading(asked)
    forms = _best_forms(cells)
    if not forms:
        return None
    form = forms[0]
    if order_of(form) is None:
        return DateReading(form)
    return _in_one_order(cells if whole is None else whole, form)


def count_read(cells: pd.Series, form: str) -> int:
    """How many cells a format of a person's own reads as dates.

    Args:
        cells: Series of text or numbers, none missing.
        form: str, as of `strptime`.

    Returns:
        int, 0 also if pandas does not know the format.

    Example:
    >>> count_read(pd.Series(["31.01.2024", "2024-02-01"]), "%d.%m.%Y")
    1
    """
    try:
        return int(read_by(cells, form).notna().sum())
    except ValueError:
        return 0


def partial_dates(cells: pd.Series) -> tuple[int, int]:
    """Cells that some format of dates reads, in a column that none reads whole.

    Args:
        cells: Series of text, none missing.

    Returns:
        `(count, forms)`: int, cells; int, the formats that it takes to read them;
        `(0, 0)` if fewer than a fifth are dates, or `could_be_dates`.

    Example:
    >>> partial_dates(pd.Series(["31.01.2024", "Jan 31, 2024", "soon"] * 4))
    (8, 2)
    """
    if pd.api.types.is_numeric_dtype(cells) or could_be_dates(cells):
        return 0, 0
    values = cells.astype("str")
    looked_at = values.drop_duplicates().head(LOOKED_AT)
    forms = {form for cell in looked_at for form in formats_of(cell)}
    masks = [
        (form == MIXED, read_by(values, form).notna())  # which reads others as well
        for form in sorted(forms - {COUNTED_YEARS})
    ]
    is_read, needed = pd.Series(False, index=values.index), 0
    for _, mask in sorted(masks, key=lambda each: (each[0], -each[1].sum())):
        if (mask & ~is_read).any():
            is_read, needed = is_read | mask, needed + 1
    count = int(is_read.sum())
    return (count, needed) if count >= PARTIAL_SHARE * len(values) else (0, 0)


def _best_forms(cells: pd.Series) -> list[str]:
    """Formats that read nearly all cells, those first that read the most."""
    if pd.api.types.is_numeric_dtype(cells):
        return [COMPACT] if _are_compact(cells) else []
    values = cells.astype("str").drop_duplicates()
    looked_at = values.head(LOOKED_AT)
    forms = {form: 0.0 for cell in looked_at for form in formats_of(cell)}
    forms |= {swapped(form): 0.0 for form in forms if order_of(form)}
    for few in (values.head(SAMPLE), values)[len(values) <= SAMPLE :]:
        shares = {form: float(read_by(few, form).notna().mean()) for form in forms}
        forms = {form: s for form, s in shares.items() if s >= DATE_SHARE}
        if any(form != MIXED for form in forms):
            forms.pop(MIXED, None)
    if COUNTED_YEARS in forms and not _are_counted_years(cells):
        del forms[COUNTED_YEARS]
    return sorted(forms, key=forms.__getitem__, reverse=True)


def _reads(values: pd.Series, form: str) -> bool:
    return bool(read_by(values, form).notna().mean() >= DATE_SHARE)


def _reads_as_asked(cells: pd.Series, form: str) -> bool:
    """Whether a format of a person's own reads a column, and pandas knows it."""
    try:
        return _reads(cells.drop_duplicates(), form)
    except ValueError:
        return False


def _are_compact(cells: pd.Series) -> bool:
    """Whether numbers are dates such as 20240131."""
    values = cells.drop_duplicates()
    if values.empty or not values.between(*COMPACT_RANGE).mean() >= DATE_SHARE:
        return False
    return _reads(values, COMPACT)


def _are_counted_years(cells: pd.Series) -> bool:
    """Whether cells such as 1-01 follow each other as months do."""
    times = read_by(cells, COUNTED_YEARS).dropna()
    if len(times) < FEWEST_COUNTED or not times.is_monotonic_increasing:
        return False
    return times.is_unique and _unequal_steps(times) <= (1 - EVEN_SHARE) * len(times)


def _in_one_order(cells: pd.Series, form: str) -> DateReading:
    """A format or its other order of day and month, by all rows."""
    forms = (form, swapped(form))
    times = [read_by(cells, each) for each in forms]
    counts = [int(each.notna().sum()) for each in times]
    if counts[0] != counts[1]:
        better = counts.index(max(counts))
        only = times[better].notna() & times[1 - better].isna()
        reason = f"{cells[only].iloc[0]!r} can be read no other way"
        return DateReading(forms[better], reason)
    known = times[0].notna() & times[1].notna()
    times = [each[known] for each in times]
    if times[0].equals(times[1]):
        return DateReading(form)  # 01/01/2024, 02/02/2024: both are the same
    in_order = [_is_in_order(each) for each in times]
    if in_order[0] != in_order[1]:
        return DateReading(forms[in_order.index(True)], "so rows are in order of time")
    unequal = [_unequal_steps(each) for each in times]
    n_steps = times[0].nunique() - 1
    better = unequal.index(min(unequal))
    if unequal[0] == unequal[1] or unequal[better] > (1 - EVEN_SHARE) * n_steps:
        raise _undecided(cells[known], forms)
    equal, fewer = (n_steps - n for n in sorted(unequal))
    reason = f"so {equal:,} of {n_steps:,} steps are equal, else {fewer:,}"
    return DateReading(forms[better], reason)


def _is_in_order(times: pd.Series) -> bool:
    return times.is_monotonic_increasing or times.is_monotonic_decreasing


def _unequal_steps(times: pd.Series) -> int:
    """Steps between distinct times that differ from the most frequent step.

    Steps are counted in time, and in months if all days of the month are the same, or
    all are the last of their month: the better count is taken.
    """
    distinct = times.drop_duplicates().sort_values()
    counts = [_most_frequent(distinct)]
    is_last = distinct.dt.is_month_end
    if distinct.dt.day.nunique() == 1 or is_last.all():
        if distinct.dt.time.nunique() == 1:
            counts.append(_most_frequent(12 * distinct.dt.year + distinct.dt.month))
    return len(distinct) - 1 - max(counts)


def _most_frequent(values: pd.Series) -> int:
    """How often the most frequent difference of neighbours comes."""
    steps = values.diff().dropna()
    return int(steps.value_counts().max()) if len(steps) else 0


def _undecided(cells: pd.Series, forms: tuple[str, str]) -> InputError:
    """The error for dates that fit day first and month first alike."""
    first, second = sorted(forms)
    differing = cells[read_by(cells, first) != read_by(cells, second)]
    return InputError(
        f"Dates of column {cells.name!r} must tell day from month: by a day above 12, "
        "by rows in order of time, or by even steps. Received: cells such as "
        f"{differing.iloc[0]!r}, which fit day first and month first alike. Say which "
        f'with --date-format "{first}" or --date-format "{second}".'
    )
