"""What the history keeps of a run: its columns, and the values that each may have."""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
from collections.abc import Mapping
from typing import Any

from lr_finder._arguments import LARGEST

LONGEST = 120  # characters of a text
MOST = 2**62  # of a whole number: SQLite holds 64 bits
OWN, IMPORTED = "own", "imported"
KINDS = ("tabular", "series", "images", "text", "arrays")
COMMANDS = ("find", "compare")


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of the history: its type in SQLite, and which values it may have.

    Args:
        kind: `"TEXT"`, `"INTEGER"` or `"REAL"`.
        rule: str, which values it takes, as a sentence goes on after "must be".
        pattern: str, a regular expression that a whole text matches.
        least: float, the least number.
        above: bool, whether a number must exceed `least`.
        most: float, the greatest number.
        is_needed: bool, whether a run without it is refused.
    """

    kind: str
    rule: str
    pattern: str = ""
    least: float = -math.inf
    above: bool = False
    most: float = math.inf
    is_needed: bool = False

    def read(self, value: Any) -> Any:
        """A value in the type of the column, or ValueError if it breaks the rule.

        Args:
            value: anything; text is read as a number if the column is one.

        Example:
        >>> COLUMNS["batch_size"].read("32"), COLUMNS["verified"].read("")
        (32, None)
        """
        if value is None or value == "" or value != value:  # nan too
            return None
        if self.kind == "TEXT":
            return self._text(value)
        number = self._number(value)
        is_low = number <= self.least if self.above else number < self.least
        if not math.isfinite(number) or is_low or number > self.most:
            raise ValueError(self.rule)
        return number

    def _text(self, value: Any) -> str:
        is_fit = isinstance(value, str) and len(value) <= LONGEST
        if not is_fit or not re.fullmatch(self.pattern, value, re.ASCII):
            raise ValueError(self.rule)
        return str(value)

    def _number(self, value: Any) -> float:
        if isinstance(value, bool):
            raise ValueError(self.rule)
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(self.rule) from None
        if self.kind == "REAL" or not math.isfinite(number):
            return number
        if number != int(number):
            raise ValueError(self.rule)
        return int(number)


def _rate() -> Column:
    return Column("REAL", "a positive learning rate", least=0, above=True, most=LARGEST)


def _count() -> Column:
    return Column("INTEGER", "a whole number, at least 0", least=0, most=MOST)


def _loss() -> Column:
    return Column("REAL", "a finite number")


def _one_of(names: tuple[str, ...]) -> Column:
    return Column("TEXT", f"one of {', '.join(names)}", "|".join(names))


_WORD = r"[A-Za-z][\w.+-]*"
COLUMNS = {
    "id": Column("TEXT", "32 hexadecimal digits", "[0-9a-f]{32}", is_needed=True),
    "date": Column(
        "TEXT",
        "a date and a time in UTC such as 2026-01-31T12:00:00",
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
        is_needed=True,
    ),
    "version": Column("TEXT", "a version such as 0.1.0", r"[\w.+-]+"),
    "command": _one_of(COMMANDS),
    "kind": _one_of(KINDS),
    "task": _one_of(("regression", "classification")),
    "optimizer": Column("TEXT", "the name of an optimizer", _WORD, is_needed=True),
    "momentum": Column("REAL", "a number from 0 to 1", least=0, most=1),
    "batch_size": Column("INTEGER", "a whole number from 1", least=1, most=MOST),
    "loss": Column("TEXT", "the name of a loss", rf"{_WORD}(, {_WORD})*"),
    "parameters": _count(),
    "layers": Column("TEXT", "layers such as Conv2D 2, Dense 1",
                     rf"{_WORD} \d+(, {_WORD} \d+)*"),
    "swept_from": _rate(), "swept_to": _rate(), "sweep_steps": _count(),
    "stop_reason": Column("TEXT", "a word", r"[a-z_]+"),
    "falls_at": _rate(), "climbs_at": _rate(),
    "window_low": _rate(), "window_high": _rate(),
    "suggested": _rate(), "suggested_low": _rate(), "suggested_high": _rate(),
    "decided_by": Column("TEXT", "a word", r"[a-z_]+"),
    "verified": _rate(), "verified_low": _rate(), "verified_high": _rate(),
    "verification_steps": _count(),
    "trained": _rate(), "epochs": _count(), "final_loss": _loss(),
    "best_val_loss": _loss(),
    "origin": _one_of((OWN, IMPORTED)),
}  # fmt: skip


def checked_run(values: Mapping[str, Any]) -> dict[str, Any]:
    """A run whose values keep the rules of their columns.

    Args:
        values: mapping of column -> value; columns that are missing are None, others
            are left out.

    Returns:
        dict with all of `COLUMNS`.

    Raises:
        ValueError: If a value breaks its rule, or a needed one is missing; says which.

    Example:
    >>> run = {"id": "0" * 32, "date": "2026-01-31T12:00:00", "optimizer": "Adam"}
    >>> checked_run(run | {"batch_size": "0"})
    Traceback (most recent call last):
    ValueError: batch_size must be a whole number from 1
    """
    run = {}
    for name, column in COLUMNS.items():
        try:
            run[name] = column.read(values.get(name))
            if name == "date" and run[name] is not None:
                datetime.datetime.fromisoformat(run[name])
        except ValueError:
            raise ValueError(f"{name} must be {column.rule}") from None
        if column.is_needed and run[name] is None:
            raise ValueError(f"{name} is missing")
    return run
