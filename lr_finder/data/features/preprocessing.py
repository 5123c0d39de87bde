"""From columns of a table to numbers: scikit-learn's transformers, fitted once."""

from __future__ import annotations

from typing import Literal

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from lr_finder._text import counted
from lr_finder.data.cells.cell_values import (
    MISSING_CATEGORY,
    date_part_names,
    date_parts,
    finite_numbers,
)
from lr_finder.data.cells.dates import (
    DATE_SHARE,
    DateReading,
    could_be_dates,
    count_read,
    date_reading,
    partial_dates,
)
from lr_finder.data.cells.number_styles import NUMBER_SHARE, to_numbers
from lr_finder.errors import InputError

MAX_CATEGORIES = 20  # columns that one category column may become
RARE_CATEGORIES = "(rare)"  # what features of many rare categories are called here
SKLEARN_RARE = "infrequent_sklearn"  # what scikit-learn calls them

Kind = Literal["number", "category", "date", "identifier", "constant", "empty"]
USED: tuple[Kind, ...] = ("number", "category", "date")


def column_kind(column: pd.Series) -> Kind:
    """What a column holds, judged by the rows to train on.

    Args:
        column: Series of numbers or text, NaN where missing.

    Returns:
        "empty" (no known cell, or no number below 3.4e38), "constant" (one value, none
        missing), "number", "date" (one format reads 95 % of its values), "identifier"
        (text of more than 20 values, none of which comes twice) or "category".

    Example:
    >>> column_kind(pd.Series(["2024-01-31", "2024-02-01"]))
    'date'
    """
    known = column.dropna()
    if known.empty:
        return "empty"
    if len(known) == len(column) and known.nunique() == 1:
        return "constant"
    if could_be_dates(known):
        return "date"
    if to_numbers(known).notna().mean() >= NUMBER_SHARE:
        is_finite = finite_numbers(known.to_frame()).notna().to_numpy()
        return "number" if is_finite.any() else "empty"
    if len(known) > MAX_CATEGORIES and known.is_unique:
        return "identifier"
    return "category"


def fit_preprocessor(
    train: pd.DataFrame,
    way_out: str = "Add such a column.",
    *,
    whole: pd.DataFrame | None = None,
    date_format: str | None = None,
) -> tuple[Pipeline, tuple[str, ...]]:
    """Learn from the rows to train on how the columns become numbers.

    Numbers: the median for missing values, a column that says where they were
    missing, mean 0 and variance 1. Categories: one-hot, at most 20 columns each, the
    rare and the unknown together in one; missing is a category of its own. Dates:
    days since 1970, year, month, day, weekday, hour and minute, then as numbers.
    Columns without information are left out.

    Args:
        train: DataFrame (rows, columns), the rows to train on and no others.
        way_out: str, what a person may do if no column holds information.
        whole: DataFrame of all rows, in whose order dates tell day from month; None
            for `train`.
        date_format: str, of the dates that it reads, as of `strptime`, or None.

    Returns:
        `(preprocessor, notes)`: a fitted Pipeline from such a table to a float array
        (rows, features), and a sentence for each thing a person should know.

    Raises:
        InputError: If no column holds information, or dates do not tell day from month.

    Example:
    >>> train = pd.DataFrame({"rooms": [1.0, None, 3.0], "town": ["a", "b", "a"]})
    >>> preprocessor, notes = fit_preprocessor(train)
    >>> feature_names(preprocessor)
    ('rooms', 'missingindicator_rooms', 'town_a', 'town_b')
    """
    kinds = {name: column_kind(train[name]) for name in train}
    readings = _date_readings(train, kinds, whole, date_format)
    kinds |= dict.fromkeys(readings, "date")
    if not any(kind in USED for kind in kinds.values()):
        raise InputError(
            "The table must have a column that tells rows apart, besides the target. "
            f"Received: {_counted(kinds)}. {way_out}"
        )
    steps = [
        ("number", _number_steps(), _of_kind(kinds, "number")),
        ("category", _category_steps(), _of_kind(kinds, "category")),
    ]
    steps += [
        (f"date {name}", _date_steps(reading.form), [name])
        for name, reading in readings.items()
    ]
    columns = ColumnTransformer(steps, sparse_threshold=0)
    preprocessor = Pipeline([("columns", columns), ("varying", VarianceThreshold())])
    notes = _notes(train, kinds)
    for name, reading in readings.items():
        notes += reading.note(name)
    return preprocessor.fit(train), notes


def used_columns(preprocessor: Pipeline) -> dict[str, list[str]]:
    """Which columns a fitted preprocessor reads, and as what.

    Args:
        preprocessor: Pipeline of `fit_preprocessor`.

    Returns:
        dict from "number", "category" and "date" to lists of names.

    Example:
    >>> train = pd.DataFrame({"rooms": [1.0, 2.0], "town": ["a", "b"]})
    >>> used_columns(fit_preprocessor(train)[0])
    {'number': ['rooms'], 'category': ['town'], 'date': []}
    """
    used: dict[str, list[str]] = {kind: [] for kind in USED}
    for label, _, names in preprocessor["columns"].transformers_:
        kind = label.split(" ")[0]
        if kind in used:
            used[kind] += names
    return used


def _date_readings(
    train: pd.DataFrame,
    kinds: dict[str, Kind],
    whole: pd.DataFrame | None,
    asked: str | None,
) -> dict[str, DateReading]:
    """How each column of dates is read; with a format asked for, others may be too."""
    able = ("date",) if asked is None else ("date", "category", "identifier", "number")
    readings = {}
    for name in (name for name, kind in kinds.items() if kind in able):
        cells = train[name].dropna()
        rows = None if whole is None else whole[name].dropna()
        reading = date_reading(cells, asked, rows)
        if reading is not None and (kinds[name] == "date" or reading.form == asked):
            readings[name] = reading
    if asked is not None and all(each.form != asked for each in readings.values()):
        raise InputError(
            "Argument `date_format` must read the dates of a column. Received: "
            f"date_format={asked!r}, which reads {_cells_read(train, kinds, asked)}. "
            "Change it, or leave it out."
        )
    return readings


def _cells_read(train: pd.DataFrame, kinds: dict[str, Kind], form: str) -> str:
    """How many cells a format reads, of the column of which it reads the most."""
    known = {name: train[name].dropna() for name in kinds}
    counts = {name: count_read(cells, form) for name, cells in known.items()}
    best = max(counts, key=counts.__getitem__, default=None)
    if best is None or not counts[best]:
        return "none"
    told = f"{counts[best]:,} of {counted(len(known[best]), 'cell')} of {best!r}"
    return f"{told} only; {DATE_SHARE:.0%} are needed"


def feature_names(preprocessor: Pipeline) -> tuple[str, ...]:
    """Names of the columns that a fitted preprocessor gives.

    Args:
        preprocessor: Pipeline of `fit_preprocessor`.

    Returns:
        tuple of str, one for each feature.
    """
    names = preprocessor.get_feature_names_out()
    plain = (str(name).split("__", 1)[1] for name in names)
    return tuple(name.replace(SKLEARN_RARE, RARE_CATEGORIES) for name in plain)


def _of_kind(kinds: dict[str, Kind], kind: Kind) -> list[str]:
    return [name for name, its_kind in kinds.items() if its_kind == kind]


def _number_steps() -> Pipeline:
    finite = FunctionTransformer(finite_numbers, feature_names_out="one-to-one")
    return Pipeline(
        [
            ("read", finite),
            ("fill", SimpleImputer(strategy="median", add_indicator=True)),
            ("scale", StandardScaler()),
        ]
    )


def _category_steps() -> Pipeline:
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        max_categories=MAX_CATEGORIES,
        sparse_output=False,
    )
    fill = SimpleImputer(strategy="constant", fill_value=MISSING_CATEGORY)
    as_text = FunctionTransformer(_as_text, feature_names_out="one-to-one")
    return Pipeline([("read", as_text), ("fill", fill), ("encode", encoder)])


def _date_steps(form: str) -> Pipeline:
    parts = FunctionTransformer(
        date_parts, kw_args={"form": form}, feature_names_out=date_part_names
    )
    return Pipeline(
        [
            ("read", parts),
            ("fill", SimpleImputer(strategy="median")),
            ("scale", StandardScaler()),
        ]
    )


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Objects of text or NaN, the form in which SimpleImputer takes text."""
    return table.astype(object)


def _counted(kinds: dict[str, Kind]) -> str:
    """'1 empty column, 2 constant columns', or 'no other column'."""
    counts = pd.Series(kinds, dtype=object).value_counts()
    return ", ".join(
        f"{count} {kind} column{'s' * (count > 1)}" for kind, count in counts.items()
    ) or "no other column"  # fmt: skip


def _notes(train: pd.DataFrame, kinds: dict[str, Kind]) -> tuple[str, ...]:
    """One sentence for each column left out or read with losses."""
    reasons = {
        "empty": "every value is missing or beyond 3.4e38",
        "constant": "every value is the same",
        "identifier": "text that never repeats, like an identifier",
    }
    notes = [
        f"column {name!r} left out: {reasons[kind]}"
        for name, kind in kinds.items()
        if kind in reasons
    ]
    for name in (*_of_kind(kinds, "category"), *_of_kind(kinds, "identifier")):
        known = train[name].dropna()
        count, forms = partial_dates(known)
        if count:
            notes.append(
                f"column {name!r} is text: {count:,} of {counted(len(known), 'cell')} "
                f"can be read as dates, in {counted(forms, 'form')}; write all in one"
            )
    for name in _of_kind(kinds, "number"):
        known = train[name].dropna()
        unreadable = len(known) - int(
            finite_numbers(known.to_frame())[name].notna().sum()
        )
        if unreadable:
            notes.append(
                f"column {name!r}: {counted(unreadable, 'value')} that cannot be "
                "read as a finite number counted as missing"
            )
    return tuple(notes)
