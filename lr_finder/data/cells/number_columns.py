"""Columns of text as numbers: one decimal mark for the file, one unit for a column."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import pandas as pd

from lr_finder._text import counted, listed
from lr_finder.data.cells.number_styles import (
    NUMBER_SHARE,
    Mark,
    NumberStyle,
    StyledCells,
    is_off_unit,
    split_styles,
    to_numbers,
)

MAX_UNITS = 5  # of a column that mixes them; more, and its cells are no amounts
SHOWN = 5  # columns in a note
SAMPLE = 100  # cells among which the example of a note is looked for


def read_numbers(
    table: pd.DataFrame, *, decimal: Mark | None = None, has_semicolons: bool = False
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Columns whose text is numbers, as numbers: with units, brackets, separators.

    A column is numbers if all its known cells are, as Python writes them or with one
    unit (`$5`, `5 %`, `5 m2`), a minus in any form (`(5)`, `5-`) and thousands in
    groups of three. Where at least 95 % are, these become text as Python writes
    numbers, and the others stay as they are; numbers without the unit of the others
    are missing. The decimal mark is that of most columns in which only one mark can
    be: a cell such as `2.248` is read by it.

    Args:
        table: DataFrame of text, NaN where missing; other columns stay as they are.
        decimal: "." or ",", the decimal mark; None finds it.
        has_semicolons: bool, whether semicolons split the file, as programs write
            where the comma is the decimal mark.

    Returns:
        `(table, notes)`: DataFrame of numbers and text, and what was decided.

    Example:
    >>> table = pd.DataFrame({"price": ["$1,200.50", "($3.00)"], "town": ["A", "B"]})
    >>> numbers, notes = read_numbers(table)
    >>> numbers["price"].tolist(), notes
    ([1200.5, -3.0], ("read as numbers: 'price' ('$1,200.50' is 1200.50)",))
    """
    return read_styled(table, decimal=decimal, has_semicolons=has_semicolons)[:2]


def read_styled(
    table: pd.DataFrame, *, decimal: Mark | None = None, has_semicolons: bool = False
) -> tuple[pd.DataFrame, tuple[str, ...], dict[str, NumberStyle]]:
    """As `read_numbers`, with the style of each column not in Python's own.

    Args:
        table: as of `read_numbers`, and so the others.
        decimal: "." or ",", or None.
        has_semicolons: bool.

    Returns:
        `(table, notes, styles)`; `styles` is a dict from name to NumberStyle, which
        reads the cells of that column as they were read here.

    Example:
    >>> read_styled(pd.DataFrame({"price": ["$5", "$6"]}))[2]
    {'price': NumberStyle(mark='.', unit='$', is_told=False)}
    """
    known = {
        name: column.dropna()
        for name, column in table.items()
        if not pd.api.types.is_numeric_dtype(column)
    }
    plain = {name: to_numbers(cells) for name, cells in known.items()}
    styled = {
        name: split
        for name, cells in known.items()
        if plain[name].isna().any() and (split := split_styles(cells)) is not None
    }
    mark = decimal or _common_mark(known, styled, has_semicolons=has_semicolons)
    if mark == ",":  # a plain number such as 2.248 is in doubt
        styled |= {
            name: split
            for name, cells in known.items()
            if name not in styled and cells.str.contains(".", regex=False).any()
            and (split := split_styles(cells)) is not None
        }  # fmt: skip
    columns, read, styles, notes = {}, {}, {}, []
    for name, column in table.items():
        columns[name] = column
        if name in known and plain[name].notna().all():
            columns[name] = plain[name].reindex(column.index)
        if name not in styled:
            continue
        found = _read(styled[name], mark, is_told=decimal is not None)
        if found.styled is not None:
            numbers = to_numbers(found.styled.texts)
            if _tells_more(numbers, plain[name]):
                joined = _joined(known[name], found.styled, numbers)
                columns[name] = joined.reindex(column.index)
                read[name] = _example(known[name], found.styled.texts)
                styles[name] = found.styled.style
        if found.note and (found.styled is None or name in read):
            notes.append(f"column {name!r}{found.note}")
    table = pd.DataFrame(columns, index=table.index)
    return table, (*_read_notes(read), *notes), styles


def read_number_texts(
    table: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[str, ...], dict[str, NumberStyle]]:
    """`read_styled` for a table with types: text such as `"12"` stays text in it.

    Args:
        table: DataFrame of numbers and text.

    Returns:
        `(table, notes, styles)`.

    Example:
    >>> table = pd.DataFrame({"code": ["12", "13"], "price": ["$5", "$6"]})
    >>> read_number_texts(table)[0].dtypes.map(str).to_dict()
    {'code': 'str', 'price': 'int64'}
    """
    names = [
        name
        for name, column in table.items()
        if not pd.api.types.is_numeric_dtype(column)
        and to_numbers(column.dropna()).isna().any()
    ]
    numbers, notes, styles = read_styled(table[names])
    table = table.copy(deep=False)
    for name in names:
        table[name] = numbers[name]
    return table, notes, styles


@dataclasses.dataclass(frozen=True, eq=False)
class _Styled:
    """A column as numbers.

    Args:
        texts: Series of str as Python writes numbers, NaN where a cell is none.
        is_off: Series of bool, which numbers have another unit than most.
        style: NumberStyle, by which the texts were made.
    """

    texts: pd.Series
    is_off: pd.Series
    style: NumberStyle


@dataclasses.dataclass(frozen=True, eq=False)
class _Found:
    """What a column was read as.

    Args:
        styled: _Styled; None for a column that stays text.
        note: str, what a person should know, to follow the column's name.
    """

    styled: _Styled | None = None
    note: str | None = None


def _common_mark(
    known: dict[str, pd.Series], styled: dict[str, StyledCells], *, has_semicolons: bool
) -> Mark:
    """The decimal mark of a file: that of most columns that have but one."""

    def votes(splits: Iterable[StyledCells | None]) -> tuple[int, int]:
        found = [split.evidence() for split in splits if split is not None]
        return (
            sum(each["."] > each[","] for each in found),
            sum(each[","] > each["."] for each in found),
        )

    points, commas = votes(styled.values())
    in_doubt = has_semicolons and any(
        known[name][split.is_ambiguous()].str.contains(",", regex=False).any()
        for name, split in styled.items()
    )
    if not commas and not in_doubt:
        return "."
    others = (known[name] for name in known if name not in styled)
    with_points = (c for c in others if c.str.contains(".", regex=False).any())
    points += votes(map(split_styles, with_points))[0]
    if points == commas:
        return "," if has_semicolons else "."
    return "," if commas > points else "."


def _read(split: StyledCells, mark: Mark, *, is_told: bool) -> _Found:
    """A column by the decimal mark of its own cells, else by that of the file."""
    other: Mark = "," if mark == "." else "."
    evidence = split.evidence()
    total = sum(evidence.values())
    if not is_told and evidence[other] >= NUMBER_SHARE * total > 0:
        mark, other = other, mark
    elif not is_told and evidence[mark] < NUMBER_SHARE * total:
        if split.is_ambiguous().any():
            return _Found(note=" left as text: decimal points and commas are mixed")
    texts = split.texts[mark]
    if not is_told:  # a cell that is a number under the other mark only
        texts = texts.fillna(split.texts[other])
    if texts.notna().mean() < NUMBER_SHARE:
        return _Found()
    return _of_one_unit(texts, split.units, mark, is_told=is_told)


def _of_one_unit(
    texts: pd.Series, units: pd.Series, mark: Mark, *, is_told: bool
) -> _Found:
    """The numbers that have the usual unit, or are zero; none if units are mixed."""
    counts = units[texts.notna()].value_counts()
    usual = counts.index[0]
    is_off = is_off_unit(texts, units, usual)
    styled = _Styled(texts, is_off, NumberStyle(mark, usual, is_told))
    if not is_off.any():
        return _Found(styled)
    if (texts.notna() & ~is_off).mean() < NUMBER_SHARE:
        if len(counts) > MAX_UNITS:
            return _Found()
        shown = listed(unit or "none" for unit in counts.index)
        return _Found(note=f" left as text: numbers with different units ({shown})")
    note = (
        f": {counted(int(is_off.sum()), 'number')} not in the unit {usual or 'none'!r} "
        "of the others, counted as missing"
    )
    return _Found(styled, note)


def _tells_more(numbers: pd.Series, plain: pd.Series) -> bool:
    """Whether styles read more cells, or others, than Python's way of writing does."""
    gain = int(numbers.notna().sum()) - int(plain.notna().sum())
    return gain > 0 or (gain == 0 and not numbers.equals(plain))


def _joined(known: pd.Series, found: _Styled, numbers: pd.Series) -> pd.Series:
    """The known cells as numbers; as text if some of them are none."""
    if numbers.notna().all():
        return numbers.mask(found.is_off) if found.is_off.any() else numbers
    return found.texts.fillna(known).mask(found.is_off).astype("str")


def _example(cells: pd.Series, texts: pd.Series) -> str:
    """How a cell was read, the one with most marks among the first."""
    differ = (texts.notna() & (texts != cells)).to_numpy()
    first = cells[differ].head(SAMPLE)
    cell = first.loc[first.str.len().idxmax()]
    return f"{cell!r} is {texts[cells == cell].iloc[0]}"


def _read_notes(read: dict[str, str]) -> tuple[str, ...]:
    if not read:
        return ()
    shown = ", ".join(f"{name!r} ({how})" for name, how in list(read.items())[:SHOWN])
    more = f" and {len(read) - SHOWN:,} more" if len(read) > SHOWN else ""
    return (f"read as numbers: {shown}{more}",)
