"""SOURCE of `lr_finder find`: from what was typed to data and the model made for it."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder.cli.shared.option_checks import check_at_least
from lr_finder.errors import InputError

if TYPE_CHECKING:
    from lr_finder.data.dataset import Dataset, Kind, Task
    from lr_finder.data.opened import OpenedTable

BUILT_IN = "built-in series"  # what a run without SOURCE is called
BUILT_IN_MODEL = "time_series.model:create_model"
COMPRESSED = (".gz", ".bz2", ".xz", ".zip")
WINDOW_SIZE = 20  # days that the model of the built-in series sees by default
LARGEST_WINDOW = 729  # days; a longer one leaves none of the four years to validate

FEWEST = {"window": 1, "horizon": 1, "limit": 2}  # a row to train on, one to validate
OF_A_SERIES = ("time_column", "window", "horizon")


@dataclasses.dataclass(frozen=True)
class DataOptions:
    """What was typed of the data.

    Args:
        source: str, a file, a folder or a known name; None for the built-in series.
        kind, target, task, time_column, window, horizon, limit, data_dir, encoding,
            sep, decimal, date_format, drop: the options of these names, or None.
    """

    source: str | None = None
    kind: Kind | None = None
    target: str | None = None
    task: Task | None = None
    time_column: str | None = None
    window: int | None = None
    horizon: int | None = None
    limit: int | None = None
    data_dir: Path | None = None
    encoding: str | None = None
    sep: str | None = None
    decimal: str | None = None
    date_format: str | None = None
    drop: str | None = None

    @property
    def name(self) -> str:
        """A short name for the source, without reading it.

        Example:
        >>> DataOptions().name, DataOptions("data/prices.csv.gz").name
        ('built-in series', 'prices')
        """
        if self.source is None:
            return BUILT_IN
        path = Path(self.source)
        return (path.with_suffix("") if path.suffix in COMPRESSED else path).stem

    def given(self) -> dict[str, Any]:
        """Name -> value of the options that were typed."""
        options = dataclasses.asdict(self)
        del options["source"]
        return {name: value for name, value in options.items() if value is not None}

    def arguments(self) -> dict[str, Any]:
        """The options that were typed, as `load_data` takes them.

        Example:
        >>> DataOptions("a.csv", drop="id, day").arguments()
        {'drop': ('id', 'day')}
        """
        given = self.given()
        if self.drop is not None:
            names = next(csv.reader([self.drop], skipinitialspace=True), [])
            given["drop"] = tuple(filter(None, map(str.strip, names)))
        return given


@dataclasses.dataclass(frozen=True)
class Source:
    """Data, and the model that is swept when the user brings none.

    Args:
        name: str, for headings.
        dataset: Dataset, arrays to train and to validate on.
        model: str, where that model is built, as `--model` has it; None for the
            default network of the data's kind.
    """

    name: str
    dataset: Dataset
    model: str | None = None


def check_source(wanted: DataOptions) -> None:
    """Refuse a source that cannot be read, before anything heavy is loaded.

    Args:
        wanted: DataOptions.

    Raises:
        InputError: If there is no such source, or an option does not go with it.

    Example:
    >>> check_source(DataOptions(window=30))
    >>> check_source(DataOptions(target="price"))
    Traceback (most recent call last):
    lr_finder.errors.InputError: Option --target needs a SOURCE. \
Received: --target price and no SOURCE. Name a file, a folder or a known data set first.
    """
    given = wanted.given()
    for name, smallest in FEWEST.items():
        check_at_least(_option(name), given.get(name), smallest)
    if wanted.source is None:
        _check_built_in(given)
        return
    for name in OF_A_SERIES:
        if name in given and wanted.kind not in (None, "series"):
            raise InputError(
                f"Option {_option(name)} needs data of the kind series. Received: "
                f"{_option(name)} {given[name]} and --kind {wanted.kind}. "
                "Leave one out."
            )
    from lr_finder.data.loading import check_known_source

    check_known_source(wanted.source, wanted.data_dir)


def open_early(wanted: DataOptions, *, seed: int) -> OpenedTable | None:
    """Read a table in a file, so that what is wrong with it is said before Keras loads.

    Args:
        wanted: DataOptions that passed `check_source`.
        seed: int, draws the rows to validate with.

    Returns:
        OpenedTable with its arrays made, unless it holds texts, which Keras reads;
        None for other sources.

    Raises:
        InputError: If the data breaks a rule.

    Example:
    >>> open_early(DataOptions("mnist"), seed=0)
    """
    from lr_finder.data.loading import is_table_file

    if wanted.source is None or not is_table_file(wanted.source):
        return None
    from lr_finder.data.opened import open_table
    from lr_finder.data.request import Request

    request = Request(
        **({"source": wanted.source} | wanted.arguments()),
        seed=seed,
    )
    opened = open_table(Path(wanted.source), request)
    if not opened.needs_keras:
        opened.dataset  # noqa: B018 - made and kept
    return opened


def load_source(
    wanted: DataOptions, *, seed: int, opened: OpenedTable | None = None
) -> Source:
    """Read a source.

    Args:
        wanted: DataOptions.
        seed: int, draws the rows to validate with.
        opened: OpenedTable of `open_early` for the same options, or None.

    Returns:
        Source.

    Raises:
        InputError: If the data breaks a rule.
    """
    if wanted.source is None:
        return _built_in_series(wanted.window or WINDOW_SIZE)
    if opened is not None:
        return Source(wanted.source, opened.dataset)
    from lr_finder.data.loading import load_data

    dataset = load_data(
        wanted.source, **wanted.arguments(), seed=seed
    )  # fmt: skip
    return Source(wanted.source, dataset)


def _option(name: str) -> str:
    """How an option is typed."""
    return "--" + name.replace("_", "-")


def _check_built_in(given: Mapping[str, Any]) -> None:
    """Refuse what the built-in series does not take, all but a window that fits."""
    for name, value in given.items():
        if name != "window":
            raise InputError(
                f"Option {_option(name)} needs a SOURCE. Received: "
                f"{_option(name)} {value} and no SOURCE. "
                "Name a file, a folder or a known data set first."
            )
        if value > LARGEST_WINDOW:
            raise InputError(
                f"Option --window must be at most {LARGEST_WINDOW} days for the "
                f"built-in series. Received: --window {value}. Leave days to validate."
            )


def _built_in_series(window_size: int) -> Source:
    """Four synthetic years, prepared as a series from a file is."""
    from lr_finder.data.request import Request
    from lr_finder.data.series.series_from_table import windows_dataset
    from time_series import generate_time_series

    _, series = generate_time_series()
    request = Request(BUILT_IN, window=window_size)
    notes = (f"{len(series):,} days of trend, yearly seasonality and noise",)
    dataset = windows_dataset(series, "value", request, notes=notes)
    return Source(BUILT_IN, dataset, BUILT_IN_MODEL)
