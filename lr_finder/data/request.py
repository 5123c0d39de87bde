"""What a caller asks of `load_data`, checked before anything heavy is loaded."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from pathlib import Path
from typing import Any

from lr_finder._arguments import check_count, check_fraction, check_seed
from lr_finder.data.dataset import Kind, Task, check_kind, check_task
from lr_finder.data.readers.text_formats import TextFormat
from lr_finder.errors import InputError

DATA_DIR_VARIABLE = "LR_FINDER_DATA"
MIN_ROWS = 2  # one to train on and one to validate with
WINDOW = 20  # points that a model of a series sees by default
HORIZON = 1  # points that it forecasts by default
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
TEXT_OPTIONS = ("encoding", "sep", "decimal")
SERIES_OPTIONS = ("time_column", "window", "horizon")
VALIDATION_FRACTION = 0.2  # of the rows, or of a series at its end
TABLE_OPTIONS = ("date_format", "drop")


@dataclasses.dataclass(frozen=True)
class Request:
    """The options of one call of `load_data`; its docstring explains them.

    Args:
        source: str, the file, folder or name, as messages call it.
        kind: "tabular", "series", "images", "text", or None to infer it.
        target: str or int, what is to be predicted; None for the default.
        task: "classification", "regression", or None to infer it.
        time_column: str or int, the column a series is ordered by; None to infer it.
        window, horizon: int, points seen and points forecast; None for 20 and 1.
        limit: int, rows to keep at most; None keeps all.
        data_dir: str or Path, folder of published datasets; None is `LR_FINDER_DATA`.
        validation_fraction: float in (0, 1).
        seed: int, of every draw; 0 or more.
        n_test: int, rows at the source's end that are a test part: they are never
            trained on, `limit` leaves them whole, and they end the validation part.
        encoding, sep, decimal: str, how a file of text is written; None finds it.
        date_format: str, how dates are written, as of `strptime`; None to infer it.
        drop: tuple of str or int, columns of a table that are left out.

    Raises:
        InputError: If a value breaks its rule.

    Example:
    >>> Request("prices.csv", window=30).series_options
    {'window': 30}
    """

    source: str
    kind: Kind | None = None
    target: str | int | None = None
    task: Task | None = None
    time_column: str | int | None = None
    window: int | None = None
    horizon: int | None = None
    limit: int | None = None
    data_dir: str | Path | None = None
    validation_fraction: float = VALIDATION_FRACTION
    seed: int = 0
    n_test: int = 0
    encoding: str | None = None
    sep: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    drop: tuple[str | int, ...] | None = None

    def __post_init__(self):
        if self.kind is not None:
            check_kind(self.kind)
        if self.task is not None:
            check_task(self.task)
        self.text_format  # noqa: B018 - checks its options
        check_fraction(
            "validation_fraction", self.validation_fraction, usual=VALIDATION_FRACTION
        )
        check_seed(self.seed)
        check_count("n_test", self.n_test, least=0)
        for name, least in (("window", 1), ("horizon", 1), ("limit", MIN_ROWS)):
            if getattr(self, name) is not None:
                check_count(name, getattr(self, name), least=least)
        if self.date_format is not None:
            check_date_format(self.date_format)
        if self.kind == "images":
            self.refuse(TABLE_OPTIONS, "kind='images'", "They are for a table")
        if self.kind not in (None, "series"):
            self.refuse(SERIES_OPTIONS, f"kind={self.kind!r}", "They are for a series")

    @property
    def series_options(self) -> dict[str, Any]:
        """The options given that only a series has."""
        given = {name: getattr(self, name) for name in SERIES_OPTIONS}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def text_format(self) -> TextFormat:
        """How the source is written, if it is a file of text."""
        return TextFormat(self.encoding, self.sep, self.decimal)

    @property
    def data_folder(self) -> Path | None:
        """Folder of published datasets, or None if none is named."""
        folder = self.data_dir or os.environ.get(DATA_DIR_VARIABLE)
        return Path(folder) if folder else None

    def refuse(self, options: tuple[str, ...], what: str, why: str) -> None:
        """Refuse options that do not go with what the source holds.

        Args:
            options: names of options; those that are None pass.
            what: str, what the source is, e.g. `"a folder of images"`.
            why: str, the rule, without a full stop.

        Raises:
            InputError: If one of them was given.
        """
        for name in options:
            value = getattr(self, name)
            if value is not None:
                raise InputError(
                    f"Argument `{name}` does not go with {what}. {why}. "
                    f"Received: {name}={value!r}. Leave it out."
                )


def as_names(drop: Any) -> tuple[str | int, ...] | None:
    """Columns to leave out as a tuple; a single name is one of them.

    Args:
        drop: sequence of str or int, or None.

    Returns:
        tuple, or None.

    Raises:
        InputError: If it is no sequence.

    Example:
    >>> as_names(["id", "day"]), as_names("id"), as_names(None)
    (('id', 'day'), ('id',), None)
    """
    if drop is None or isinstance(drop, str | int):
        return drop if drop is None else (drop,)
    try:
        return tuple(drop)
    except TypeError:
        raise InputError(
            f"Argument `drop` must be a sequence of columns. Received: drop={drop!r}."
        ) from None


def check_date_format(form: Any) -> None:
    """Refuse a format that no date is written in.

    Args:
        form: anything; a format of `strptime` with a directive passes.

    Raises:
        InputError: For anything else.

    Example:
    >>> check_date_format("%d/%m/%Y")
    """
    try:
        time.strptime("", form)
        is_one = False  # a format without a directive
    except ValueError as error:
        is_one = "does not match format" in str(error)
    except (TypeError, re.error):
        is_one = False
    if not is_one or not re.search("%[a-zA-Z]", form):
        raise InputError(
            "Argument `date_format` must be a format of dates, such as "
            f'"%d/%m/%Y %H:%M". Received: date_format={form!r}.'
        )
