"""SOURCE of `lr_finder find`: from what was typed to data and the model made for it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from lr_finder.errors import InputError

if TYPE_CHECKING:
    import keras

    from lr_finder.data.dataset import Dataset, Task

BUILT_IN = "built-in series"  # what a run without SOURCE is called
BUILT_IN_MODEL = "time_series.model:create_model"
SUPPORTED = "SOURCE must be a CSV or TSV file, or be left out for the built-in series"
WINDOW_SIZE = 20  # days that the model of the built-in series sees by default
VALIDATION_FRACTION = 0.2


@dataclasses.dataclass(frozen=True)
class Source:
    """Data, and the model that is swept when the user brings none.

    Args:
        name: str, for headings.
        dataset: Dataset, arrays to train and to validate on.
        model: str, where that model is built, as `--model` has it; None for the
            default network of a table.
    """

    name: str
    dataset: Dataset
    model: str | None = None


def source_name(source: str | None) -> str:
    """A short name for a source, without reading it.

    Example:
    >>> source_name(None), source_name("data/prices.csv")
    ('built-in series', 'prices')
    """
    return BUILT_IN if source is None else Path(source).stem


def check_source(source: str | None, target: str | None, task: str | None) -> None:
    """Refuse a source that cannot be read, before anything heavy is loaded.

    Args:
        source: str, what was typed; None for the built-in series.
        target: str, the option `--target`, or None.
        task: str, the option `--task`, or None.

    Raises:
        InputError: If it is no file, or an option does not go with it.
    """
    if source is None:
        for option, value in (("--target", target), ("--task", task)):
            if value is not None:
                raise InputError(
                    f"Option {option} needs a SOURCE that it is about. Received: "
                    f"{option} {value} and no SOURCE. Name a CSV or TSV file first."
                )
    elif Path(source).is_dir():
        raise InputError(f"{SUPPORTED}. Received: {source}, a folder.")
    elif not Path(source).exists():
        raise InputError(
            f"{SUPPORTED}. Received: {source}, which does not exist. Check the path."
        )


def load_source(
    source: str | None, *, target: str | None, task: Task | None, seed: int
) -> Source:
    """Read a source.

    Args:
        source: str, a file; None for the built-in series.
        target: str, name or index of the column to predict; None is the last.
        task: str, `"classification"` or `"regression"`; None infers it.
        seed: int, draws the rows to validate with.

    Returns:
        Source.

    Raises:
        InputError: If the data breaks a rule.
    """
    if source is None:
        return _built_in_series()
    from lr_finder.data.tables import load_table

    dataset = load_table(
        source, target, task=task, validation_fraction=VALIDATION_FRACTION, seed=seed
    )
    return Source(source, dataset)


def make_model(
    source: Source, spec: str | None, optimizer: str | None, loss: str | None
) -> keras.Model:
    """The model to sweep: the user's or the source's own, compiled, fit for the data.

    Args:
        source: Source.
        spec: str, the option `--model`, or None.
        optimizer: str, the option `--optimizer`, or None.
        loss: str, the option `--loss`, or None.

    Returns:
        keras.Model.

    Raises:
        InputError, ModelError: If there is no such model, or it does not fit.
    """
    from lr_finder.model_sources import load_model
    from lr_finder.models import build_default

    spec = spec or source.model
    if spec is None:
        return build_default(source.dataset, optimizer=optimizer, loss=loss)
    return load_model(spec, source.dataset, optimizer=optimizer, loss=loss)


def _built_in_series() -> Source:
    """Four synthetic years; the model forecasts a day from the 20 before it."""
    from lr_finder.data.dataset import Dataset
    from lr_finder.data.series import make_windows
    from time_series import generate_time_series

    _, series = generate_time_series()
    x, y = make_windows(series, WINDOW_SIZE)
    border = round(len(x) * (1 - VALIDATION_FRACTION))  # the last days validate
    first = border + WINDOW_SIZE  # no day is in both parts
    dataset = Dataset(
        x[:border], y[:border], x[first:], y[first:],
        task="regression", target="value", reason="the day after each 20",
        notes=(f"{len(series):,} days of trend, yearly seasonality and noise",),
    )  # fmt: skip
    return Source(BUILT_IN, dataset, BUILT_IN_MODEL)
