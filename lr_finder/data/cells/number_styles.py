"""Numbers as people write them: `$9,400.00`, `9.4 %`, `51.3 m2`, `(120)`, `1.234,5`."""

from __future__ import annotations

import dataclasses
import re
from typing import Literal

import numpy as np
import pandas as pd

Mark = Literal[".", ","]
MARKS: tuple[Mark, ...] = (".", ",")
NUMBER_SHARE = 0.95  # of known cells: a few odd marks do not make a column text
SAMPLE = 500  # different cells that tell quickly that a column is of another kind
SAMPLE_SHARE = 0.5
CODES = (  # of ISO 4217, and what else is written before an amount
    "USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|CNY|RMB|INR|BRL|MXN|ZAR|SEK|NOK|DKK|ISK|PLN|CZK|"
    "HUF|RON|RUB|UAH|TRY|ILS|AED|SAR|SGD|HKD|TWD|KRW|THB|IDR|MYR|PHP|VND|ARS|CLP|COP|"
    r"EGP|NGN|KES|Rs\.?|kr\.?|Fr\.?"
)
SYMBOL = r"[A-Z]{0,3}[$\u00a2-\u00a5\u20a0-\u20c0]"  # $, ¢, £, ¥, €, …; also US$
SPACE = r"[ \t\u00a0\u2009\u202f]"
WORD = r"[^\W\d_]{1,12}[23²³]?"
UNIT = (
    rf"(?:{SYMBOL}|[%‰]|°{SPACE}?[CFK]?|{WORD}(?:{SPACE}{WORD})?\.?)"
    rf"(?:{SPACE}?/{SPACE}?{WORD})?|/{SPACE}?{WORD}"
)
GROUP = rf"[.,'’]|{SPACE}"
CELL = re.compile(
    rf"(?P<open>\()?{SPACE}*(?P<sign>[-+−–]?){SPACE}*"
    rf"(?P<prefix>{SYMBOL}|{CODES})?{SPACE}*(?P<inner>[-+−–]?)"
    rf"(?P<digits>[0-9]+(?:(?:{GROUP})[0-9]+)*[.,]?|[.,][0-9]+)"
    rf"(?P<exponent>[eE][-+]?[0-9]+)?"
    rf"{SPACE}*(?P<suffix>{UNIT})?(?P<last>-)?{SPACE}*(?P<close>\))?"
)
GROUPED = {  # digits by the decimal mark: plain, or in groups of three
    mark: re.compile(
        rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?P<group>{re.escape(other)}|['’]|{SPACE})"
        rf"[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*)?(?:{re.escape(mark)}[0-9]*)?"
    )
    for mark, other in zip(MARKS, reversed(MARKS), strict=True)
}
SIMPLE = re.compile(r"(-?)([0-9]+)(?:([.,])([0-9]+))?")
SEPARATORS = dict.fromkeys(map(ord, ".,'’ \t\u00a0\u2009\u202f"))
CODE = re.compile("0[0-9]")  # 007B is no amount
OF_TIME = re.compile(  # what stands beside the numbers of times and dates
    r"(?i)[ap]\.?m\.?|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|"
    r"aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)
ORDINALS = ("st", "nd", "rd", "th")
MINUS = "-−–"


def to_numbers(cells: pd.Series) -> pd.Series:
    """Cells as numbers, NaN where a cell is none; as integers where all are.

    Args:
        cells: Series of text or numbers.

    Returns:
        Series of int64 or float64, with the index of `cells`.

    Example:
    >>> to_numbers(pd.Series(["1.5", "x"])).tolist()
    [1.5, nan]
    """
    if cells.empty:
        return cells.astype("float64")
    return pd.to_numeric(cells, errors="coerce")


@dataclasses.dataclass(frozen=True, eq=False)
class StyledCells:
    """The cells of a column, each as a number under either decimal mark.

    Args:
        texts: DataFrame of str with the columns `.` and `,`: the number as Python
            writes it if that is the decimal mark, NaN where the cell is none then.
        units: Series of str, what stands beside the digits; empty if nothing does.
    """

    texts: pd.DataFrame
    units: pd.Series

    def evidence(self) -> dict[Mark, int]:
        """How many cells are numbers under one decimal mark only."""
        known = self.texts.notna()
        return {
            mark: int((known[mark] & ~known[other]).sum())
            for mark, other in zip(MARKS, reversed(MARKS), strict=True)
        }

    def is_ambiguous(self) -> pd.Series:
        """Which cells are another number under each mark, such as `2.248`."""
        differ = self.texts["."] != self.texts[","]
        return differ & self.texts.notna().all(axis=1)


def is_off_unit(texts: pd.Series, units: pd.Series, usual: str) -> pd.Series:
    """Which numbers have another unit than the usual; zero is zero without a unit.

    Args:
        texts: Series of str as Python writes numbers, NaN where a cell is none.
        units: Series of str, what stands beside the digits.
        usual: str.

    Returns:
        Series of bool.

    Example:
    >>> units = pd.Series(["$", "", "", "%"])
    >>> is_off_unit(pd.Series(["1", "0", "2", "3"]), units, "$").tolist()
    [False, False, True, True]
    """
    is_off = texts.notna() & (units != usual)
    if is_off.any():
        is_off &= (units != "") | (to_numbers(texts) != 0)
    return is_off


@dataclasses.dataclass(frozen=True)
class NumberStyle:
    """How the numbers of a column are written, as found in a file.

    Args:
        mark: "." or ",", the decimal mark.
        unit: str, what stands beside the digits; empty if nothing does.
        is_told: bool, whether a person named the mark; else a cell that is a number
            under the other mark only is read by that.

    Example:
    >>> style = NumberStyle(",", "€")
    >>> style.read(pd.Series(["1.200,50 €", "free", None])).tolist()
    ['1200.50', 'free', nan]
    """

    mark: Mark
    unit: str = ""
    is_told: bool = False

    def read(self, cells: pd.Series) -> pd.Series:
        """Cells of another file as Python writes numbers; those that are none stay.

        Args:
            cells: Series of str, NaN if missing.

        Returns:
            Series of str with the index of `cells`; NaN also for another unit.
        """
        known = cells.dropna()
        if known.empty:
            return cells
        split = _as_styled(known, pd.Series(known.unique(), dtype=object))
        texts = split.texts[self.mark]
        if not self.is_told:
            texts = texts.fillna(split.texts["," if self.mark == "." else "."])
        is_off = is_off_unit(texts, split.units, self.unit)
        return texts.fillna(known).mask(is_off).reindex(cells.index)


def split_styles(cells: pd.Series) -> StyledCells | None:
    """What the cells of a column are as numbers, if most can be.

    Args:
        cells: Series of str, none missing.

    Returns:
        StyledCells with the index of `cells`; None if few of the first different
        cells are numbers.

    Example:
    >>> split = split_styles(pd.Series(["$1,234", "$0.50"]))
    >>> split.texts["."].tolist(), split.units.tolist()
    (['1234', '0.50'], ['$', '$'])
    >>> split_styles(pd.Series(["Bern", "Basel"]))
    """
    values = pd.Series(cells.unique(), dtype=object)
    sample = values.head(SAMPLE)
    if sum(_split(cell) is not None for cell in sample) < SAMPLE_SHARE * len(sample):
        return None
    return _as_styled(cells, values)


def _as_styled(cells: pd.Series, values: pd.Series) -> StyledCells:
    """The cells of a column of numbers, of which `values` has each once."""
    parts = [_split(cell) or (np.nan, np.nan, np.nan) for cell in values]
    table = pd.DataFrame(parts, index=values, columns=[*MARKS, "unit"], dtype=object)
    found = table.reindex(cells.to_numpy()).set_axis(cells.index)
    return StyledCells(found[[*MARKS]], found["unit"])


def is_styled_alike(cell: str, others: pd.Series) -> bool:
    """Whether a cell is a number written as those of a column are, unit and all.

    Args:
        cell: str.
        others: Series of str, none missing.

    Returns:
        bool.

    Example:
    >>> prices = pd.Series(["$6", "$7"])
    >>> is_styled_alike("$5", prices), is_styled_alike("5 €", prices)
    (True, False)
    """
    own = _split(cell)
    if own is None or others.empty:
        return False
    return sum(_unit_of(other) == own[2] for other in others) >= NUMBER_SHARE * len(
        others
    )


def styled_share(cells: pd.Series) -> float:
    """The share of the cells of a column that are numbers in the usual unit of it.

    Args:
        cells: Series of str, none missing.

    Returns:
        float.

    Example:
    >>> styled_share(pd.Series(["$6", "$7", "free", "8 %"]))
    0.5
    """
    units = pd.Series([_unit_of(cell) for cell in cells], dtype=object).dropna()
    return float(units.value_counts().max() / len(cells)) if len(units) else 0.0


def _unit_of(cell: str) -> str | None:
    """What stands beside the digits of a number; None for a cell that is none."""
    found = _split(cell)
    return None if found is None else found[2]


def _split(cell: str) -> tuple[str | float, str | float, str] | None:
    """The number under a decimal point and under a decimal comma, and the unit."""
    simple = SIMPLE.fullmatch(cell)  # most cells are, and it is ten times as fast
    if simple is not None:
        return _split_simple(*simple.groups())
    found = CELL.fullmatch(cell)
    if found is None:
        return None
    signs = found["sign"] + found["inner"] + (found["last"] or "")
    is_bracketed = found["open"] is not None
    if is_bracketed != (found["close"] is not None) or len(signs) + is_bracketed > 1:
        return None
    unit = _unit(found["prefix"], found["suffix"])
    if unit and (CODE.match(found["digits"]) or OF_TIME.fullmatch(unit)):
        return None
    minus = "-" if is_bracketed or (signs and signs in MINUS) else ""
    numbers = [_plain(found["digits"], mark) for mark in MARKS]
    if numbers == [None, None]:
        return None
    end = found["exponent"] or ""
    point, comma = (np.nan if n is None else f"{minus}{n}{end}" for n in numbers)
    return point, comma, unit


def _split_simple(
    sign: str, whole: str, mark: str | None, rest: str
) -> tuple[str | float, str | float, str]:
    """As `_split`, for digits with one mark between them, or none."""
    if mark is None:
        return sign + whole, sign + whole, ""
    decimal = f"{sign}{whole}.{rest}"
    is_group = len(rest) == 3 and len(whole) <= 3 and whole[0] != "0"
    grouped = f"{sign}{whole}{rest}" if is_group else np.nan
    return (decimal, grouped, "") if mark == "." else (grouped, decimal, "")


def _plain(digits: str, mark: Mark) -> str | None:
    """Digits as Python writes them, or None if they break the rule of groups."""
    if GROUPED[mark].fullmatch(digits) is None:
        return None
    whole, point, rest = digits.partition(mark)
    return whole.translate(SEPARATORS) + ("." if point else "") + rest


def _unit(prefix: str | None, suffix: str | None) -> str:
    unit = " ".join(filter(None, (prefix, suffix)))
    if unit in ORDINALS:
        return "th"
    return unit[:-1] if len(unit) > 3 and unit.endswith("s") else unit  # 2 months
