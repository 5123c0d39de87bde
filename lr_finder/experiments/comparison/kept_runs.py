"""Comparisons read from the folders that keep them; nothing of Keras is needed."""

from __future__ import annotations

from pathlib import Path

from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.results.comparison import Comparison

STORE_FILE = "comparison.sqlite"


def read_comparison(folder: str | Path) -> Comparison:
    """Read all runs that a folder keeps, of one plan or several, even while they run.

    Args:
        folder: str or Path, `out` of `compare`.

    Returns:
        Comparison.

    Raises:
        InputError: If the folder holds no runs.

    Example:
    >>> import tempfile
    >>> from lr_finder.experiments.comparison.records import RunRecord
    >>> values = {"model": "mlp", "optimizer": "adam", "rate": "0.01", "seed": 0,
    ...           "batch_size": 32, "initializer": "default", "status": "finished"}
    >>> about = {"data": "digits", "metric": "accuracy", "chance": 0.1}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with RunStore(Path(folder, STORE_FILE), about) as store:
    ...         store.add(RunRecord(values | {"key": "a", "test_accuracy": 0.9}))
    ...     read_comparison(folder).table()["mean"].tolist()
    [0.9]
    """
    with RunStore(Path(folder, STORE_FILE)) as store:
        return comparison_of(store)


def comparison_of(store: RunStore, keys: set[str] | None = None) -> Comparison:
    """The runs of a store.

    Args:
        store: RunStore.
        keys: set of str, of the runs that count; None for all.

    Returns:
        Comparison.

    Raises:
        InputError: If there is no such run.
    """
    runs, epochs = store.runs(), store.epochs()
    if keys is not None:
        runs, epochs = (frame[frame["key"].isin(keys)] for frame in (runs, epochs))
    return Comparison(
        runs.reset_index(drop=True), epochs.reset_index(drop=True),
        metric=store.about["metric"], chance=store.about["chance"],
        name=store.about["data"], test_rows=store.about.get("test_rows"),
        about=store.about,
    )  # fmt: skip
