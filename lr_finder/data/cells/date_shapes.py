"""Dates as text: the formats that a cell can be of, and cells read by a format."""

from __future__ import annotations

import re

import pandas as pd

ISO = "ISO8601"
MIXED = "mixed"  # dates with the month in letters, each cell read by itself
QUARTERS = "quarters"  # 1990Q1, Q1 1990
COUNTED_YEARS = "counted years"  # 1-01 … 3-12: the year of a count, and its month
COMPACT = "%Y%m%d"  # as numbers: 20240131
DAY_FIRST, MONTH_FIRST = "day first", "month first"

MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|january|february|march|april"
    r"|june|july|august|september|october|november|december)"
)
DAY_NAME = re.compile(
    r"((?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun)(,? +)",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"(?P<lead>,? +|T)?(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2})?(?P<part>\.\d{1,9})?"
    r"(?P<half> ?[ap]m)?(?P<zone> ?(?:z|[+-]\d{2}:?\d{2}))?",
    re.IGNORECASE,
)
SHAPES = tuple(
    (re.compile(pattern + r"(?P<clock>[ ,T].*)?", re.IGNORECASE), forms)
    for pattern, forms in (
        (r"\d{4}(?P<s>[/.-])\d{1,2}(?P=s)\d{1,2}", ("%Y{s}%m{s}%d",)),
        (r"\d{1,2}(?P<s>[/-])\d{1,2}(?P=s)\d{4}", ("%d{s}%m{s}%Y", "%m{s}%d{s}%Y")),
        (r"\d{1,2}(?P<s>[/-])\d{1,2}(?P=s)\d{2}", ("%d{s}%m{s}%y", "%m{s}%d{s}%y")),
        (r"\d{1,2}\.\d{1,2}\.\d{4}", ("%d.%m.%Y",)),
        (r"\d{1,2}\.\d{1,2}\.\d{2}", ("%d.%m.%y",)),
        (
            rf"\d{{1,2}}(?P<s>[ /.-]?){MONTH}(?P<z>,? |[/.-]|)\d{{4}}",
            ("%d{s}%b{z}%Y", "%d{s}%B{z}%Y"),
        ),
        (
            rf"\d{{1,2}}(?P<s>[ /.-]?){MONTH}(?P<z>,? |[/.-]|)\d{{2}}",
            ("%d{s}%b{z}%y", "%d{s}%B{z}%y"),
        ),
        (
            rf"{MONTH}(?P<s>[ /.-])\d{{1,2}}(?P<z>,? |[/.-])\d{{4}}",
            ("%b{s}%d{z}%Y", "%B{s}%d{z}%Y"),
        ),
        (
            rf"\d{{4}}(?P<s>[ /.-]?){MONTH}(?P<z>[ /.-]?)\d{{1,2}}",
            ("%Y{s}%b{z}%d", "%Y{s}%B{z}%d"),
        ),
        (rf"{MONTH}(?P<s>,? |[/.-]|)\d{{4}}", ("%b{s}%Y", "%B{s}%Y")),
        (rf"{MONTH}(?P<s>[ /.'-]|)\d{{2}}", ("%b{s}%y", "%B{s}%y")),
        (rf"\d{{4}}(?P<s>[ /.-]?){MONTH}", ("%Y{s}%b", "%Y{s}%B")),
        (r"\d{1,2}(?P<s>[/-])\d{4}", ("%m{s}%Y",)),
        (r"\d{4}(?P<s>[/M])\d{1,2}", ("%Y{s}%m",)),
    )
)
QUARTER = re.compile(r"(\d{4})[ -]?Q0?([1-4])|Q0?([1-4])[ /-]?(\d{4})", re.IGNORECASE)
COUNTED = re.compile(r"\d{1,3}-(?:0[1-9]|1[0-2])")
NAMED = re.compile(rf"(?=.*\b{MONTH}\b)(?=.*\b\d{{4}}\b).*\b\d{{1,2}}\D", re.IGNORECASE)


def formats_of(cell: str) -> tuple[str, ...]:
    """The formats that a cell could be of, the likeliest first.

    Args:
        cell: str.

    Returns:
        tuple of str, for `read_by`; empty if the cell is no date.

    Example:
    >>> formats_of("01/02/2024 10:00"), formats_of("1990Q1"), formats_of("north")
    (('%d/%m/%Y %H:%M', '%m/%d/%Y %H:%M'), ('quarters',), ())
    """
    if named := DAY_NAME.match(cell):
        letters = "%A" if len(named[1]) > len("mon") else "%a"
        rest = formats_of(cell[named.end() :])
        return tuple(
            form if form == MIXED else letters + named[2] + form
            for form in rest
            if "%" in form or form == MIXED
        )
    if QUARTER.fullmatch(cell):
        return (QUARTERS,)
    if COUNTED.fullmatch(cell):
        return (COUNTED_YEARS,)
    clock = _clock_format(cell)
    forms: tuple[str, ...] = (clock,) if clock else ()
    if re.match(r"\d{4}[/-]|\d{8}T", cell):
        forms += (ISO,)
    for shape, patterns in SHAPES:
        found = shape.fullmatch(cell)
        if found:
            parts = {"s": "", "z": ""} | found.groupdict()
            clock = _clock_format(parts.pop("clock") or "")
            if clock is not None:
                forms += tuple(pattern.format(**parts) + clock for pattern in patterns)
    return forms + (MIXED,) if NAMED.search(cell) else forms


def read_by(cells: pd.Series, form: str) -> pd.Series:
    """Cells as times by a format, NaT if they are not of it.

    Args:
        cells: Series of text or of whole numbers, NaN if missing.
        form: str, of `formats_of`, or any format of `strptime`.

    Returns:
        Series of UTC timestamps with the index of `cells`.

    Example:
    >>> read_by(pd.Series(["Q3 1990", "x"]), "quarters").dt.month.tolist()
    [7.0, nan]
    """
    if pd.api.types.is_numeric_dtype(cells):
        digits = cells.map("{:.0f}".format, na_action="ignore")
        cells = digits.where(cells == cells.round())
    if form == QUARTERS:
        cells, form = _quarters_as_dates(cells), ISO
    elif form == COUNTED_YEARS:
        is_one = cells.astype("str").str.fullmatch(COUNTED)
        cells, form = cells.where(is_one).str.zfill(len("0001-01")), ISO
    return pd.to_datetime(cells, format=form, errors="coerce", utc=True)


def order_of(form: str) -> str | None:
    """Whether a format has the day or the month first, if it could be either.

    Args:
        form: str, of `formats_of`.

    Returns:
        "day first", "month first", or None.

    Example:
    >>> order_of("%d/%m/%y"), order_of("%d.%m.%y")
    ('day first', None)
    """
    if re.search(r"%d([/-])%m\1", form):
        return DAY_FIRST
    return MONTH_FIRST if re.search(r"%m([/-])%d\1", form) else None


def swapped(form: str) -> str:
    """A format with the other order of day and month.

    Args:
        form: str, with an order.

    Returns:
        str.

    Example:
    >>> swapped("%d/%m/%Y %H:%M")
    '%m/%d/%Y %H:%M'
    """
    return re.sub(r"%([dm])([/-])%([dm])", r"%\3\2%\1", form)


def _clock_format(text: str) -> str | None:
    """The format of a time of day, with what stands before it; None if it is none."""
    if not text:
        return ""
    found = CLOCK.fullmatch(text)
    if not found:
        return None
    half = found["half"] or ""
    form = (found["lead"] or "") + ("%I" if half else "%H") + ":%M"
    form += ":%S" * bool(found["second"]) + ".%f" * bool(found["part"])
    zone = found["zone"] or ""
    form += half[:-2] + "%p" * bool(half)
    return form + zone[: len(zone) - len(zone.lstrip())] + "%z" * bool(zone)


def _quarters_as_dates(cells: pd.Series) -> pd.Series:
    """The first day of each quarter, as text."""
    parts = cells.astype("str").str.extract(f"^(?:{QUARTER.pattern})$", QUARTER.flags)
    year, quarter = parts[0].fillna(parts[3]), parts[1].fillna(parts[2])
    month = (3 * pd.to_numeric(quarter) - 2).map("{:02.0f}".format, na_action="ignore")
    return year + "-" + month + "-01"
