"""What is predicted: its task, and the split of its rows."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd

from lr_finder._text import counted
from lr_finder.data.cells.cell_values import FLOAT32_MAX
from lr_finder.data.dataset import Task
from lr_finder.data.features.doubts import class_doubts, resemblance, row_doubts
from lr_finder.data.prepare.encoded_target import encode_target
from lr_finder.data.request import MIN_ROWS, Request
from lr_finder.data.sampling import draw_rows, split_rows
from lr_finder.errors import InputError

MAX_INTEGER_CLASSES = 20  # more distinct whole numbers are amounts, not classes
MIN_ROWS_PER_CLASS = 2  # on average: below, the target is an identifier


@dataclasses.dataclass(frozen=True, eq=False)
class Parts:
    """Which rows train and which validate, and what is known of the target.

    Args:
        train, validation: int arrays, row numbers in the order of the source.
        fields: dict, arguments of `Dataset` that come from the target.
        notes: tuple of str, what was done that a person should know.
    """

    train: np.ndarray
    validation: np.ndarray
    fields: dict[str, Any]
    notes: tuple[str, ...] = ()


def prepare_target(answers: pd.Series, request: Request, rows: str = "rows") -> Parts:
    """Check the target, choose the task, draw the parts and encode them.

    Args:
        answers: Series, the target of every row, named as it is to be called.
        request: Request, of which `task`, `limit`, `validation_fraction` and `seed`
            count.
        rows: str, what a row is, e.g. "images".

    Returns:
        Parts.

    Raises:
        InputError: If the target or the number of rows breaks a rule.

    Example:
    >>> answers = pd.Series(["cat", "dog"] * 5, name="animal")
    >>> parts = prepare_target(answers, Request("pets.csv", limit=4))
    >>> len(parts.train), len(parts.validation), parts.fields["classes"]
    (3, 1, ('cat', 'dog'))
    """
    n_free = len(answers) - request.n_test  # rows to train on and to validate with
    if n_free < MIN_ROWS:
        raise InputError(
            f"File {request.source} must hold at least {MIN_ROWS} {rows} of data, to "
            f"train on and to validate with. Received: {n_free}. Add {rows}."
        )
    check_target(answers)
    task, reason = choose_task(answers, request.task)
    free = answers.iloc[:n_free]
    kept, notes = draw_rows(n_free, request, rows)
    drawn = free.iloc[kept]
    if len(kept) < n_free and task == "classification":
        _check_class_sizes(free, drawn, request, rows)
    train, validation = split_rows(
        drawn, task, request.validation_fraction, request.seed
    )
    train, validation = kept[train], kept[validation]
    if request.n_test:
        _check_test_classes(answers, train, task, request)
        validation = np.append(validation, np.arange(n_free, len(answers)))
    if task == "regression" and request.task is None and len(kept) < len(answers):
        reason += f" in all {counted(len(answers), 'row')}"
    fields = encode_target(answers, task, train, validation)
    validation = validation[fields.pop("is_scored")]
    notes += fields.pop("notes") + row_doubts(len(train), rows)
    if task == "classification":
        notes += class_doubts(answers.iloc[train])
    fields |= {"task": task, "target": str(answers.name), "reason": reason}
    return Parts(train, validation, fields, notes)


def _check_test_classes(
    answers: pd.Series, train: np.ndarray, task: Task, request: Request
) -> None:
    """Refuse a test part with classes that no row to train on has."""
    if task == "regression":
        return
    tested = set(answers.iloc[-request.n_test :].unique())
    unknown = tested - set(answers.iloc[train].unique())
    if unknown:
        raise InputError(
            f"Every class in the test part of {request.source} must have a row to "
            f"train on. Received: {len(unknown):,} of {len(tested):,} classes without "
            f"one, limit={request.limit}. Raise `limit`, or take the rows of those "
            "classes out of the test part."
        )


def _check_class_sizes(
    answers: pd.Series, drawn: pd.Series, request: Request, rows: str
) -> None:
    """Refuse a limit that leaves fewer than two rows a class."""
    if not _is_enough(drawn):
        enough = MIN_ROWS_PER_CLASS * answers.nunique()
        while enough < len(answers):
            bigger = dataclasses.replace(request, limit=enough)
            if _is_enough(answers.iloc[draw_rows(len(answers), bigger, rows)[0]]):
                break
            enough *= 2
        way_out = f"{enough:,} is enough" if enough < len(answers) else "Leave it out"
        raise InputError(
            f"Argument `limit` must leave at least two classes, and "
            f"{MIN_ROWS_PER_CLASS} rows per class on average. Received: limit="
            f"{request.limit}, which draws {drawn.nunique()} of "
            f"{answers.nunique()} classes. {way_out}."
        )


def _is_enough(drawn: pd.Series) -> bool:
    n_classes = drawn.nunique()
    return n_classes >= 2 and len(drawn) >= MIN_ROWS_PER_CLASS * n_classes


def rows_with_target(
    table: pd.DataFrame, target: str, rows: str = "rows"
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The rows of a table whose target is known.

    Args:
        table: DataFrame.
        target: str, name of a column of it.
        rows: str, what a row is, for the note.

    Returns:
        `(table, notes)`: the rows, and a note if some are left out.

    Raises:
        InputError: If the target is known in no row.

    Example:
    >>> table = pd.DataFrame({"area": [50, 60, 70], "rent": [900.0, None, 1200.0]})
    >>> kept, notes = rows_with_target(table, "rent")
    >>> len(kept), notes
    (2, ("1 row left out: no target 'rent' in it",))
    """
    is_known = table[target].notna()
    n_lost = int((~is_known).sum())
    if not n_lost:
        return table, ()
    if n_lost == len(table):
        raise InputError(
            f"Target {target!r} must be known in some rows. Received: all "
            f"{n_lost:,} missing (blank, NaN, ?, …). Name another target."
        )
    lost = counted(n_lost, rows.removesuffix("s"))
    them = "it" if n_lost == 1 else "them"
    note = f"{lost} left out: no target {target!r} in {them}"
    return table[is_known].reset_index(drop=True), (note,)


def check_target(answers: pd.Series) -> None:
    """Refuse a target with gaps, with infinite values, or with one value.

    Args:
        answers: Series, the target of every row.

    Raises:
        InputError: If it cannot be learnt.

    Example:
    >>> check_target(pd.Series([1.5, 2.5], name="rent"))
    """
    bad = answers.isna()
    if bad.any():
        raise InputError(
            f"Target {answers.name!r} must be known in every row. Received: "
            f"{_count_and_place(bad)} missing (blank, NaN, ?, …). Fill or delete "
            "those rows, or name another target."
        )
    if pd.api.types.is_numeric_dtype(answers):
        bad = answers.abs() > FLOAT32_MAX
        if bad.any():
            raise InputError(
                f"Target {answers.name!r} must be finite in every row. Received: "
                f"{_count_and_place(bad)} infinite or beyond 3.4e38. Correct or delete "
                "those rows."
            )
    if answers.nunique() < 2:
        raise InputError(
            f"Target {answers.name!r} must take at least two values. Received: "
            f"{answers.tolist()[0]!r} in every row. Name another target."
        )


def _count_and_place(bad: pd.Series) -> str:
    first = int(np.flatnonzero(bad)[0]) + 1
    return f"{int(bad.sum()):,} of {len(bad):,} (the first in data row {first:,})"


def choose_task(answers: pd.Series, task: Task | None) -> tuple[Task, str]:
    """The task and why; the rule is told in `load_table`.

    Args:
        answers: Series that passed `check_target`.
        task: "classification", "regression", or None to infer it.

    Returns:
        `(task, reason)`.

    Raises:
        InputError: If the target does not suit the task.

    Example:
    >>> choose_task(pd.Series(["yes", "no", "no", "yes"]), None)
    ('classification', 'the target is text')
    """
    is_number = pd.api.types.is_numeric_dtype(answers)
    n_values = answers.nunique()
    reason = "as was asked for"
    if task is None:
        is_whole = is_number and bool((answers == answers.round()).all())
        if not is_number:
            task, reason = "classification", "the target is text"
        elif is_whole and n_values <= MAX_INTEGER_CLASSES:
            task = "classification"
            reason = f"whole numbers of at most {MAX_INTEGER_CLASSES} distinct values"
        else:
            task = "regression"
            what = "whole numbers" if is_whole else "numbers, not all whole"
            reason = f"{n_values:,} distinct {what}"
    if task == "regression" and not is_number:
        raise InputError(
            f"Target {answers.name!r} must hold numbers for a regression. Received: "
            f"text such as {_example_of_text(answers)!r}. Correct those rows "
            "(no units, no thousands separators), or choose the task classification."
        )
    if task == "classification" and len(answers) < MIN_ROWS_PER_CLASS * n_values:
        raise InputError(
            f"Target {answers.name!r} must have at least {MIN_ROWS_PER_CLASS} rows per "
            f"class on average. Received: {n_values:,} classes in {len(answers):,} "
            f"rows{_way_out_of_classes(answers)}"
        )
    return task, reason


def _way_out_of_classes(answers: pd.Series) -> str:
    """What to do about a target of too many classes, as the end of a sentence."""
    if pd.api.types.is_numeric_dtype(answers):
        return ". Name another target, or choose the task regression."
    way_out = {
        "dates": ", that looks like dates. Write them as numbers, e.g. as days",
        "numbers": ", that looks like numbers. Remove units and thousands separators",
        None: ". Name another target",
    }[resemblance(answers)]
    return f"; the column is text, such as {answers.iloc[0]!r}{way_out}."


def _example_of_text(answers: pd.Series) -> str:
    return answers[pd.to_numeric(answers, errors="coerce").isna()].iloc[0]
