"""The history of a person's runs: listed, drawn, exchanged, deleted."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lr_finder.errors import InputError
from lr_finder.history.earlier_runs import tell_earlier
from lr_finder.history.exchange import Imported, read_runs, write_runs
from lr_finder.history.history_store import HistoryStore
from lr_finder.history.kept_columns import COLUMNS, KINDS, OWN
from lr_finder.history.kept_places import history_file
from lr_finder.history.kept_results import OF_A_PERSON, optimizer_of, runs_of
from lr_finder.models.optimizer_names import KERAS_NAMES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

FEWEST_OF_ID = 4  # characters that tell runs apart


class History:
    """What was found on this machine, if you asked for it to be kept.

    Kept are names and numbers: optimizer, batch size, loss, kind of data, size and
    layers of the model, what the sweep showed, rates suggested and verified, losses at
    the end. Neither data nor names of files or columns are kept.

    Args:
        path: str or Path of a file that ends in `.sqlite`; None for that of the
            environment variable LR_FINDER_HISTORY, else one in your data folder. It is
            made by the first run that is added.

    Raises:
        InputError: If the path has another ending.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     history = History(folder + "/history.sqlite")
    ...     len(history), history.tell("Adam", kind="images")
    (0, '')
    """

    def __init__(self, path: str | os.PathLike[str] | None = None):
        self._store = HistoryStore(history_file(path))

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    def __len__(self) -> int:
        return len(self.runs())

    def __repr__(self) -> str:
        return f"<History {self.path}>"

    def add(self, result: Any) -> list[str]:
        """Keep a result.

        Args:
            result: Finding, or Comparison: a row for each of its models and optimizers.

        Returns:
            list of str, the `id` of each row.

        Raises:
            InputError: If it is neither, or the file is of a newer version.
            LRFinderError: If the file cannot be written.
        """
        runs = runs_of(result)
        with self._told():
            self._store.add(runs)
        return [run["id"] for run in runs]

    def runs(
        self,
        *,
        optimizer: str | None = None,
        kind: str | None = None,
        since: str | datetime.date | None = None,
        ids: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """The runs that meet all conditions given, the oldest first.

        Args:
            optimizer: str, Keras' name of the optimizer, such as `"Adam"`.
            kind: str, kind of data: `"tabular"`, `"series"`, `"images"`, `"text"` or
                `"arrays"`.
            since: str or date, the first day, such as `"2026-01-31"`.
            ids: sequence of str, the `id` of runs, or at least 4 characters of its
                begin.

        Returns:
            list of dict, one for each run: `id`, `date`, `optimizer`, `suggested`, …

        Raises:
            InputError: If a condition breaks its rule.
            LRFinderError: If the file cannot be read.
        """
        with self._told():
            return self._store.select(*_condition(optimizer, kind, since, ids))

    def to_frame(self, **conditions: Any) -> pd.DataFrame:
        """The runs as a table, one row for each.

        Args:
            conditions: arguments of `runs`.

        Returns:
            DataFrame with a column for each value that is kept.
        """
        import pandas as pd

        numbers = [name for name, each in COLUMNS.items() if each.kind != "TEXT"]
        frame = pd.DataFrame(self.runs(**conditions), columns=list(COLUMNS))
        return frame.astype(dict.fromkeys(numbers, float))

    def tell(self, optimizer: str, *, kind: str, momentum: float | None = None) -> str:
        """One sentence: which rates your runs of an optimizer and kind of data came to.

        Runs that were imported from others do not count.

        Args:
            optimizer: str, Keras' name of it.
            kind: str, kind of data, as of `runs`.
            momentum: float or None; runs with another momentum do not count.

        Returns:
            str, such as "Your 12 Adam runs on images verified at 8e-4 to 2e-3,
            median 1.2e-3."; empty without such runs.
        """
        runs = [
            run
            for run in self.runs(optimizer=optimizer, kind=kind)
            if run["origin"] == OWN and (run["momentum"] or 0) == (momentum or 0)
        ]
        return tell_earlier(runs)

    def plot(self, ax: Axes | None = None, **conditions: Any) -> Axes:
        """The rates of the runs drawn, in the order of their dates.

        Args:
            ax: matplotlib Axes to draw on; by default those of a new figure.
            conditions: arguments of `runs`.

        Returns:
            matplotlib Axes.

        Raises:
            InputError: If no run has a rate.
        """
        from lr_finder.plots.history.rates_of_runs import plot_rates_of_runs

        return plot_rates_of_runs(self.runs(**conditions), ax=ax)

    def export(self, path: str | os.PathLike[str], **conditions: Any) -> Path:
        """Write the runs to a CSV file, whole or not at all.

        Args:
            path: str or Path, ending in `.csv`; an existing file is replaced.
            conditions: arguments of `runs`.

        Returns:
            Path, the file written.

        Raises:
            InputError: If it has another ending, or its folder does not exist.
        """
        return write_runs(self.runs(**conditions), path)

    def import_runs(self, path: str | os.PathLike[str]) -> Imported:
        """Add the runs of an export, each checked, marked as imported.

        Args:
            path: str or Path, a CSV file that `export` wrote. Runs that are known,
                and rows that break a rule, are left out.

        Returns:
            Imported, which tells what became of the rows.

        Raises:
            InputError: If it is no such file.
            LRFinderError: If the history cannot be written.
        """
        runs, told = read_runs(path)
        with self._told():
            added = self._store.add(runs) if runs else 0
        return dataclasses.replace(told, added=added, known=len(runs) - added)

    def delete(self, **conditions: Any) -> int:
        """Remove runs for good; without conditions all of them.

        Args:
            conditions: arguments of `runs`.

        Returns:
            int, how many runs were removed.

        Raises:
            InputError: If a condition breaks its rule.
            LRFinderError: If the file cannot be written.
        """
        with self._told():
            return self._store.delete(*_condition(**conditions))

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Warn if a damaged file was put aside."""
        before = self._store.set_aside
        yield
        aside = self._store.set_aside
        if aside is not None and aside != before:
            warnings.warn(
                f"History: {self.path} was damaged and could not be read. It is kept "
                f"as {aside}, and a new history was begun.",
                stacklevel=4,
            )


def _condition(
    optimizer: str | None = None,
    kind: str | None = None,
    since: str | datetime.date | None = None,
    ids: Sequence[str] | None = None,
) -> tuple[str, list[Any]]:
    """The condition of SQL for `History.runs`, and its values."""
    parts, values = ["1"], []
    if optimizer is not None:
        parts.append("optimizer = ?")
        values.append(_checked_optimizer(optimizer))
    if kind is not None:
        if kind not in KINDS:
            raise InputError(
                f"Argument `kind` must be one of {', '.join(KINDS)}. Received: "
                f"{kind!r:.60}."
            )
        parts.append("kind = ?")
        values.append(kind)
    if since is not None:
        parts.append("date >= ?")
        values.append(_checked_day(since))
    if ids is not None:
        parts.append(f"({' OR '.join(['0', *['id LIKE ?'] * len(ids)])})")
        values += [f"{_checked_id(each)}%" for each in ids]
    return " AND ".join(parts), values


def _checked_optimizer(name: str) -> str:
    found = optimizer_of(name)
    if found == OF_A_PERSON and name != OF_A_PERSON:
        raise InputError(
            f"Argument `optimizer` must be a name of Keras, or `own`. Received: "
            f"{name!r:.60}. Give one of {', '.join(KERAS_NAMES)}."
        )
    return found


def _checked_day(since: str | datetime.date) -> str:
    try:
        return datetime.date.fromisoformat(str(since)[:10]).isoformat()
    except ValueError:
        raise InputError(
            "Argument `since` must be a day such as 2026-01-31. Received: "
            f"{since!r:.60}."
        ) from None


def _checked_id(text: str) -> str:
    if not re.fullmatch(f"[0-9a-f]{{{FEWEST_OF_ID},32}}", text, re.ASCII):
        raise InputError(
            f"Argument `ids` must hold ids of runs, at least {FEWEST_OF_ID} of their "
            f"characters. Received: {text!r:.60}. `lr_finder history` shows them."
        )
    return text
