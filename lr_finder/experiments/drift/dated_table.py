"""A person's own dated table as a stream: rows in order of time, features, target."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lr_finder._arguments import check_fraction
from lr_finder._text import counted
from lr_finder.data.cells.columns import find_column, header_notes
from lr_finder.data.dataset import Task
from lr_finder.data.features.column_choice import choose_columns
from lr_finder.data.features.leaks import leak_warnings
from lr_finder.data.features.preprocessing import fit_preprocessor, used_columns
from lr_finder.data.loading import check_known_source, is_table_file
from lr_finder.data.opened import PARQUET_SUFFIXES, open_table
from lr_finder.data.prepare.encoded_target import encode_target
from lr_finder.data.prepare.target import check_target, choose_task, rows_with_target
from lr_finder.data.readers.csv_files import read_whole_table
from lr_finder.data.request import Request, as_names
from lr_finder.data.series.ordered_points import known_times
from lr_finder.errors import InputError
from lr_finder.experiments.drift.streams import (
    TRAIN_SHARE,
    DriftStream,
    check_long_enough,
    rows_trained_on,
)

HOURS, MONTHS = 24, 12
DAY, MINUTE = "%Y-%m-%d", "%Y-%m-%d %H:%M"


def read_stream(
    path: str | Path,
    *,
    time_column: str,
    target: str | int | None = None,
    train_share: float = TRAIN_SHARE,
    task: Task | None = None,
    limit: int | None = None,
    drop: Sequence[str | int] | None = None,
    date_format: str | None = None,
    **reading: Any,
) -> DriftStream:
    r"""Read a dated table as a stream: the first rows to train on, the rest deployed.

    Rows are sorted by time if they are not in order, and a note says so; rows of equal
    time keep the order of the file. The time itself is no feature, since it never comes
    back: weekday, time of the day and time of the year are. Everything is fitted on the
    rows to train on.

    Args:
        path: str or Path, a table in a file, as `load_data` reads it.
        time_column: str, the column of dates, or of numbers that rise with time.
        target: str or int, the column to predict; None for the last.
        train_share: float in (0, 1), of the rows, before the deployment.
        task: "classification", "regression", or None to infer it.
        limit: int, the most rows to keep: the last.
        drop: sequence of str or int, columns to leave out.
        date_format: str, how the times are written, as of `strptime`, or None.
        **reading: `encoding`, `sep` and `decimal`, as of `load_data`.

    Returns:
        DriftStream, whose drifts are not known.

    Raises:
        InputError: If the file, a column, its times or its target break a rule, or
            there are too few rows on one side of the deployment.

    Example:
    >>> import tempfile
    >>> lines = [f"2024-01-{day:02},{day % 7},{day % 7 + 0.5}" for day in range(1, 32)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "sales.csv")
    ...     _ = path.write_text("\n".join(["day,visits,sold", *lines, *lines]))
    ...     stream = read_stream(path, time_column="day", target="sold")
    >>> stream.n_before, stream.time_of(0), len(stream.notes) > 1
    (31, '2024-01-01', True)
    """
    check_fraction("train_share", train_share, usual=TRAIN_SHARE)
    request = Request(
        str(path), target=target, task=task, time_column=time_column, limit=limit,
        drop=as_names(drop), **reading,
    )  # fmt: skip
    table, notes = _read(Path(path), request)
    name = find_column(table, -1 if target is None else target, "target")
    time = find_column(table, time_column, "time_column")
    if name == time:
        raise InputError(
            "Argument `target` must be another column than `time_column`. Received: "
            f"{name!r} for both. Name the column to predict."
        )
    table, more = rows_with_target(table, name)
    table, times, told = _in_time(table, time, date_format, limit)
    features, answers = table.drop(columns=[name, time]), table[name]
    check_target(answers)
    task, reason = choose_task(answers, task)
    n_before = round(train_share * len(table))
    check_long_enough(len(table), n_before)
    n_trained = rows_trained_on(n_before)
    fields = _encoded(answers, task, n_trained)
    features = pd.concat([features, _parts_of(times, time)], axis=1)
    preprocessor, made = fit_preprocessor(
        features.iloc[:n_trained], whole=features,
        way_out="Name columns to predict from, or times with dates.",
    )  # fmt: skip
    used = [each for kind in used_columns(preprocessor).values() for each in kind]
    leaks = leak_warnings(features[used], answers, task)
    return DriftStream(
        preprocessor.transform(features).astype(np.float32),
        fields["y"], n_before, task, None, Path(path).stem, _shown(times),
        fields.get("classes", ()), name, fields.get("target_scale", 1.0), "tabular",
        (*notes, *header_notes(table), *more, *told, *made, *leaks,
         f"{task} of {name!r}: {reason}"),
    )  # fmt: skip


def _read(path: Path, request: Request) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns that are used of a table in a file."""
    check_known_source(path)
    if not is_table_file(path):
        raise InputError(
            f"SOURCE must be a table in a file, with a column of times. Received: "
            f"{path}. Write it as CSV or Parquet."
        )
    if path.suffix.lower() in PARQUET_SUFFIXES:
        plain = Request(
            request.source, kind="tabular", target=request.target, drop=request.drop
        )
        opened = open_table(path, plain)
        return opened.table, opened.notes
    read = read_whole_table(path, request.text_format)
    choice = choose_columns(read.table, request)
    return choice.of(read.table), read.notes + choice.notes


def _in_time(
    table: pd.DataFrame, time: str, date_format: str | None, limit: int | None
) -> tuple[pd.DataFrame, pd.Series, tuple[str, ...]]:
    """Rows whose time is known, in its order; the last ones, if a limit is given."""
    times, notes = known_times(table[time], date_format)
    table = table.loc[times.index]
    if not times.is_monotonic_increasing:
        times = times.sort_values(kind="stable")
        table = table.loc[times.index]
        notes += (f"sorted by {time!r}: rows were not in order of time",)
    if limit is not None and limit < len(table):
        rows = counted(len(table), "row")
        notes += (f"the last {limit:,} of {rows} by time are used",)
        table, times = table.iloc[-limit:], times.iloc[-limit:]
    return table.reset_index(drop=True), times.reset_index(drop=True), notes


def _parts_of(times: pd.Series, name: str) -> pd.DataFrame:
    """What comes back of a time: weekday, and circles of the day and of the year."""
    if not pd.api.types.is_datetime64_any_dtype(times):
        return pd.DataFrame(index=times.index)
    hour = times.dt.hour + times.dt.minute / 60
    month = times.dt.month - 1 + (times.dt.day - 1) / 31
    shares = {"of_year": month / MONTHS}
    if hour.nunique() > 1:
        shares["of_day"] = hour / HOURS
    parts = {f"{name}_weekday": times.dt.day_name().astype("str")}
    for part, share in shares.items():
        for function in (np.sin, np.cos):
            circle = function(2 * np.pi * share).round(6)
            parts[f"{name}_{function.__name__}_{part}"] = circle
    return pd.DataFrame(parts)


def _encoded(answers: pd.Series, task: Task, n_trained: int) -> dict[str, Any]:
    """The target of all rows, encoded by those that are trained on."""
    rows = np.arange(len(answers))
    trained, later = rows[:n_trained], rows[n_trained:]
    if task == "classification":
        known = set(answers.iloc[trained].unique())
        unknown = sorted(map(str, set(answers.iloc[later].unique()) - known))
        if unknown:
            raise InputError(
                f"Target {answers.name!r} must be, in every row, a class that the "
                f"model is trained on. Received: {', '.join(unknown[:5])}, in none of "
                f"the first {n_trained:,} rows. Raise `train_share`, or leave them out."
            )
    fields = encode_target(answers, task, trained, later)
    return fields | {"y": np.concatenate([fields["y_train"], fields["y_validation"]])}


def _shown(times: pd.Series) -> list[Any]:
    """Times as sentences tell them: dates, with a time of the day if there are any."""
    if not pd.api.types.is_datetime64_any_dtype(times):
        return list(times.tolist())
    is_days = bool((times.dt.normalize() == times).all())
    return list(times.dt.strftime(DAY if is_days else MINUTE))
