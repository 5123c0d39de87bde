"""A loss curve from a file: one saved by `lr_finder find`, or anybody's table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from lr_finder._text import counted
from lr_finder.analysis.sweep.stopping import StopReason
from lr_finder.data.readers.csv_files import read_noted_table
from lr_finder.data.readers.text_formats import TextFormat
from lr_finder.errors import InputError
from lr_finder.results.sweep import Curve, SweepResult

# Best first, as `_plain` writes them.
LR_NAMES = ("lr", "lrs", "learning_rate", "learning_rates", "learningrate", "rate")
LOSS_NAMES = (
    "loss", "losses", "batch_loss", "train_loss", "training_loss", "loss_train"
)  # fmt: skip
REPEAT_NAMES = ("repeat",)
SAVED_CURVE = "sweep.npz"  # in the folder that `lr_finder find` writes
NAMELESS = re.compile(r"column_\d+")  # what `read_table` calls columns without a name


def read_curve(
    path: Path,
    lr_column: str | None = None,
    loss_column: str | None = None,
    form: TextFormat | None = None,
    *,
    text: str | None = None,
) -> tuple[SweepResult, tuple[str, ...]]:
    r"""Read a sweep or a table of learning rates and losses.

    Columns are found by name (`lr`, `learning_rate`, `loss`, …), or are the two of a
    table of two. Rows may come in any order; rows of one rate are averaged, those of
    a column `repeat` are repeats. Losses that are blank, nan or infinite are left
    out; where the highest rates have none, the sweep counts as ended there. Else a
    table does not tell why it ends.

    Args:
        path: Path, an `.npz` of `SweepResult.save`, or a CSV or TSV file.
        lr_column: str, name of the column of learning rates; None finds it.
        loss_column: str, name of the column of losses; None finds it.
        form: TextFormat, how a table is written; None finds it.
        text: str, the table, if it was read before; None reads it.

    Returns:
        `(result, notes)`: SweepResult, and tuple of str, what was decided or left out.

    Raises:
        InputError: If the file holds no such curve.

    Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "curve.csv")
    ...     _ = path.write_text("learning_rate,loss\n0.1,1.5\n0.01,2.0\n1,nan\n")
    ...     result, notes = read_curve(path)
    >>> result.lrs, str(result.stop_reason), notes
    (array([0.01, 0.1 ]), 'nonfinite', ('1 of 3 losses left out: not finite',))
    """
    saved = Path(path, SAVED_CURVE)
    if saved.is_file():
        raise InputError(
            f"FILE must be a file. Received: the folder {path}. Give {saved}."
        )
    if path.suffix.lower() == ".npz" and text is None:
        return SweepResult.load(path), ()
    table, notes = read_noted_table(path, form, text=text)
    lrs = _numbers(path, table, _find(path, table, "lr_column", lr_column, LR_NAMES))
    losses = _numbers(
        path, table, _find(path, table, "loss_column", loss_column, LOSS_NAMES)
    )
    repeats = [name for name in table if _plain(name) in REPEAT_NAMES]
    repeat = table[repeats[0]] if repeats else pd.Series(0, index=table.index)
    result, more = _curve_of(path, lrs, losses, repeat)
    return result, notes + more


def curve_of_columns(
    lrs: Sequence[float], losses: Sequence[float], name: str
) -> tuple[SweepResult, tuple[str, ...]]:
    """Columns of rates and losses as `read_curve` reads them from a table.

    Args:
        lrs: sequence of float > 0.
        losses: sequence of as many floats, also nan or infinite.
        name: str, what messages call their source.

    Returns:
        `(result, notes)`: SweepResult, and tuple of str.

    Raises:
        InputError: If they hold no such curve.

    Example:
    >>> result, notes = curve_of_columns([0.1, 0.01, 1.0], [1.5, 2.0, np.nan], "body")
    >>> result.lrs, notes
    (array([0.01, 0.1 ]), ('1 of 3 losses left out: not finite',))
    """
    rates, measured = pd.Series(lrs, dtype=float), pd.Series(losses, dtype=float)
    repeat = pd.Series(0, index=rates.index)
    return _curve_of(Path(name), rates, measured, repeat)


def _curve_of(
    path: Path, lrs: pd.Series, losses: pd.Series, repeat: pd.Series
) -> tuple[SweepResult, tuple[str, ...]]:
    """Checked columns as a result, and what was left out."""
    _check_rates(path, lrs)
    losses = losses.where(np.isfinite(losses))
    missing = int(losses.isna().sum())
    notes: tuple[str, ...] = ()
    if missing:
        notes = (f"{missing} of {len(losses)} losses left out: not finite",)
    return _as_result(path, lrs, losses, repeat), notes


def _as_result(
    path: Path, lrs: pd.Series, losses: pd.Series, repeat: pd.Series
) -> SweepResult:
    """Columns as curves: sorted, averaged, on rates that all repeats measured."""
    rows = pd.DataFrame({"lr": lrs, "loss": losses, "repeat": repeat})
    grid = rows.pivot_table(index="lr", columns="repeat", values="loss")
    if grid.empty:
        raise InputError(
            f"File {path} must hold losses that are finite numbers. Received: none in "
            f"{counted(len(rows), 'row')}. Look at the column, or name another: "
            "`loss_column`."
        )
    is_gap = grid.isna() & grid.bfill().notna()  # not measured, but a higher rate was
    grid = grid[~is_gap.any(axis=1)]
    curves = []
    for name in grid:
        kept = grid[name].dropna()
        of_repeat = rows[rows["repeat"] == name]
        broke_off = of_repeat.loc[of_repeat["lr"] > kept.index.max(), "loss"].isna()
        reason = StopReason.NONFINITE if broke_off.any() else StopReason.UNKNOWN
        curves.append(Curve(kept.index.to_numpy(), kept.to_numpy(), reason))
    return SweepResult(tuple(curves), {"source": str(path)})


def _find(
    path: Path,
    table: pd.DataFrame,
    argument: str,
    wanted: str | None,
    known: tuple[str, ...],
) -> str:
    """The column that was named, has a known name, or is in the place of it."""
    columns = list(table)
    if wanted is not None:
        if wanted in columns:
            return wanted
        problem = f"Received: {argument}={wanted}"
    else:
        names = {_plain(name): name for name in reversed(columns)}
        for name in known:
            if name in names:
                return names[name]
        if len(columns) == 2 and all(NAMELESS.fullmatch(name) for name in columns):
            return columns[0 if known is LR_NAMES else 1]
        problem = f"Received: none named {', '.join(known[:3])}, …"
    raise InputError(
        f"File {path} must have a column for `{argument}`. {problem}. Choose one of "
        f"{', '.join(columns)} with `{argument}`."
    )


def _plain(name: str) -> str:
    """A column's name in lower case, words joined by `_`."""
    return re.sub(r"\W+", "_", name.strip().lower()).strip("_")


def _numbers(path: Path, table: pd.DataFrame, name: str) -> pd.Series:
    """A column as floats."""
    column = pd.to_numeric(table[name], errors="coerce").astype(float)
    is_text = column.isna() & table[name].notna()
    if is_text.any():
        row = int(np.argmax(is_text))
        raise InputError(
            f"Column {name!r} of {path} must hold numbers. Received: "
            f"{table[name].iloc[row]!r} in data row {row + 1}. Correct it, or name "
            "another column with `lr_column` or `loss_column`."
        )
    return column


def _check_rates(path: Path, lrs: pd.Series) -> None:
    """Refuse rates that are missing, infinite or not positive."""
    bad = ~(np.isfinite(lrs) & (lrs > 0))
    if bad.any():
        row = int(np.argmax(bad))
        raise InputError(
            f"Learning rates in {path} must be positive, finite numbers. Received: "
            f"{lrs.iloc[row]} in data row {row + 1}, {int(bad.sum())} such in all. "
            "Delete those rows."
        )
