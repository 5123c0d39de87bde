"""How the columns of a table become features, as plain values that JSON holds."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from lr_finder._text import counted, listed
from lr_finder.data.cells.cell_values import (
    MISSING_CATEGORY,
    date_parts,
    finite_numbers,
)
from lr_finder.data.cells.date_shapes import read_by
from lr_finder.data.cells.number_styles import to_numbers
from lr_finder.errors import InputError

Reader = Callable[[pd.Series], pd.Series]  # of cells, NaN or NaT if they are none


@dataclasses.dataclass(frozen=True)
class Scaling:
    """Mean and spread of some features.

    Args:
        means: tuple of float.
        spreads: tuple of float > 0, as many.
    """

    means: tuple[float, ...]
    spreads: tuple[float, ...]

    def of(self, values: np.ndarray) -> np.ndarray:
        """Values (rows, features) with these means taken to 0, these spreads to 1."""
        return (values - np.array(self.means)) / np.array(self.spreads)


@dataclasses.dataclass(frozen=True)
class NumberColumn:
    """A column of numbers.

    Args:
        name: str.
        fill: float, what stands for a missing value.
        has_flag: bool, whether a feature says where it was missing.
    """

    name: str
    fill: float
    has_flag: bool


@dataclasses.dataclass(frozen=True)
class CategoryColumn:
    """A column of categories.

    Args:
        name: str.
        frequent: tuple of str, categories with a feature each.
        rare: tuple of str, categories that share a last feature; without any, an
            unknown one has no feature at all.
    """

    name: str
    frequent: tuple[str, ...]
    rare: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class DateColumn:
    """A column of dates.

    Args:
        name: str.
        form: str, as `read_by` takes it.
        fill: tuple of float, what stands for each part of a missing date.
        scaling: Scaling of the parts.
    """

    name: str
    form: str
    fill: tuple[float, ...]
    scaling: Scaling


@dataclasses.dataclass(frozen=True)
class TableFeatures:
    """What a fitted preprocessor does, without scikit-learn.

    Args:
        numbers: tuple of NumberColumn.
        scaling: Scaling of the numbers and, after them, the flags of those with one.
        categories: tuple of CategoryColumn.
        dates: tuple of DateColumn.
        kept: tuple of int, which of all features are used: those that vary.

    Raises:
        InputError: If the parts do not fit together.

    Example:
    >>> from lr_finder.data.features.preprocessing import fit_preprocessor
    >>> train = pd.DataFrame({"rooms": [1.0, None, 3.0], "town": ["a", "b", "a"]})
    >>> preprocessor, _ = fit_preprocessor(train)
    >>> features = TableFeatures.of(preprocessor)
    >>> bool(np.all(features.transform(train) == preprocessor.transform(train)))
    True
    """

    numbers: tuple[NumberColumn, ...]
    scaling: Scaling
    categories: tuple[CategoryColumn, ...]
    dates: tuple[DateColumn, ...]
    kept: tuple[int, ...]

    def __post_init__(self):
        n_scaled = len(self.numbers) + sum(each.has_flag for each in self.numbers)
        n_features = n_scaled + sum(
            len(each.frequent) + bool(each.rare) for each in self.categories
        )
        n_features += sum(len(each.fill) for each in self.dates)
        scalings = [(self.scaling, n_scaled)]
        scalings += [(each.scaling, len(each.fill)) for each in self.dates]
        fits = all(
            len(scaling.means) == len(scaling.spreads) == n
            and all(spread > 0 for spread in scaling.spreads)
            for scaling, n in scalings
        ) and all(0 <= index < n_features for index in self.kept)
        if not fits or not self.kept:
            raise InputError(
                "The features of a table must fit together. Received: "
                f"{n_features} features, of which {len(self.kept)} are kept, with "
                f"{len(self.scaling.means)} means and {len(self.scaling.spreads)} "
                "spreads above 0. Write the file anew with --train."
            )

    @classmethod
    def of(cls, preprocessor: Pipeline) -> TableFeatures:
        """What a fitted preprocessor has learnt.

        Args:
            preprocessor: Pipeline of `fit_preprocessor`.

        Returns:
            TableFeatures.
        """
        numbers: tuple[NumberColumn, ...] = ()
        categories: tuple[CategoryColumn, ...] = ()
        dates: tuple[DateColumn, ...] = ()
        scaling = Scaling((), ())
        for label, steps, names in preprocessor["columns"].transformers_:
            kind = label.split(" ")[0]
            if not len(names) or kind not in ("number", "category", "date"):
                continue
            if kind == "number":
                numbers, scaling = _numbers_of(steps, names), _scaling_of(steps)
            elif kind == "category":
                categories = tuple(_categories_of(steps, names))
            else:
                fill = tuple(steps["fill"].statistics_.tolist())
                form = steps["read"].kw_args["form"]
                dates += (DateColumn(names[0], form, fill, _scaling_of(steps)),)
        kept = tuple(preprocessor["varying"].get_support(indices=True).tolist())
        return cls(numbers, scaling, categories, dates, kept)

    @property
    def names(self) -> list[str]:
        """The columns that are read."""
        columns: list[NumberColumn | CategoryColumn | DateColumn] = [
            *self.numbers, *self.categories, *self.dates,
        ]  # fmt: skip
        return [each.name for each in columns]

    def transform(self, table: pd.DataFrame) -> np.ndarray:
        """Features of rows.

        Args:
            table: DataFrame with the columns of `names`, of numbers or text, NaN if
                missing.

        Returns:
            float64 array (rows, features).
        """
        parts = []
        if self.numbers:
            parts.append(self._number_features(table))
        parts += [
            _category_features(table[each.name], each) for each in self.categories
        ]
        parts += [_date_features(table[[each.name]], each) for each in self.dates]
        return np.concatenate(parts, axis=1)[:, list(self.kept)]

    def notes(self, table: pd.DataFrame) -> tuple[str, ...]:
        """What a person should know of the cells of other rows.

        Args:
            table: DataFrame, as of `transform`.

        Returns:
            tuple of str.

        Raises:
            InputError: If a column of numbers or dates has cells, and none is one.
        """
        notes = []
        n_empty = int(table[self.names].isna().sum().sum())
        if n_empty:
            notes.append(f"{counted(n_empty, 'empty cell')} filled")
        for name, read, what in self._readers():
            known = table[name].dropna()
            wrong = known[read(known).isna()]
            if len(wrong) and len(wrong) == len(known):
                raise InputError(
                    f"Column {name!r} must hold {what}, as in the file of the "
                    f"training. Received: {str(wrong.iloc[0])!r:.40} and no other. "
                    "Mend the column, or say how the file is written: --decimal."
                )
            if len(wrong):
                notes.append(
                    f"warning: column {name!r}: {counted(len(wrong), 'cell')} other "
                    f"than {what}, such as {str(wrong.iloc[0])!r:.40}, counted as "
                    "missing"
                )
        for each in self.categories:
            notes += _unseen_note(table[each.name], each)
        return tuple(notes)

    def _number_features(self, table: pd.DataFrame) -> np.ndarray:
        values = finite_numbers(table[[each.name for each in self.numbers]]).to_numpy()
        is_missing = np.isnan(values)
        flags = is_missing[:, [each.has_flag for each in self.numbers]]
        fill = np.array([each.fill for each in self.numbers])
        values = np.where(is_missing, fill, values)
        return self.scaling.of(np.concatenate([values, flags], axis=1))

    def _readers(self) -> Iterator[tuple[str, Reader, str]]:
        """Name, reader and content of each column that is not text."""
        for each in self.numbers:
            yield each.name, to_numbers, "numbers"
        for date in self.dates:
            yield date.name, functools.partial(read_by, form=date.form), "dates"


def _numbers_of(steps: Pipeline, names: list[str]) -> tuple[NumberColumn, ...]:
    fill = steps["fill"]
    flagged = set(fill.indicator_.features_.tolist())
    return tuple(
        NumberColumn(name, float(value), index in flagged)
        for index, (name, value) in enumerate(zip(names, fill.statistics_, strict=True))
    )


def _scaling_of(steps: Pipeline) -> Scaling:
    scale = steps["scale"]
    return Scaling(tuple(scale.mean_.tolist()), tuple(scale.scale_.tolist()))


def _categories_of(steps: Pipeline, names: list[str]) -> Iterator[CategoryColumn]:
    encoder = steps["encode"]
    found = zip(names, encoder.categories_, encoder.infrequent_categories_, strict=True)
    for name, known, rare in found:
        rare = [] if rare is None else rare.tolist()
        hidden = set(rare)
        frequent = tuple(each for each in known.tolist() if each not in hidden)
        yield CategoryColumn(name, frequent, tuple(rare))


def _as_categories(cells: pd.Series) -> pd.Series:
    """Cells as text, a mark for the missing; numbers as they would be written."""
    if pd.api.types.is_numeric_dtype(cells):
        cells = cells.map("{:.15g}".format, na_action="ignore")
    return cells.astype(object).fillna(MISSING_CATEGORY)


def _category_features(cells: pd.Series, column: CategoryColumn) -> np.ndarray:
    """One feature for each frequent category, one for all others if some are rare."""
    places = pd.Index(column.frequent).get_indexer(_as_categories(cells))
    n = len(column.frequent)
    others = n if column.rare else n + 1  # beyond: no feature of its own
    places = np.where(places < 0, others, places)
    return np.eye(n + 2)[places][:, : n + bool(column.rare)]


def _unseen_note(cells: pd.Series, column: CategoryColumn) -> tuple[str, ...]:
    known = {*column.frequent, *column.rare, MISSING_CATEGORY}
    cells = _as_categories(cells)
    unseen = cells[~cells.isin(known)]
    if not len(unseen):
        return ()
    as_what = "as rare ones" if column.rare else "as none of the known"
    kinds = counted(len(unseen), "cell")
    return (
        f"column {column.name!r}: {kinds} of categories not trained on "
        f"({listed(unseen.unique(), 3)}), taken {as_what}",
    )


def _date_features(table: pd.DataFrame, column: DateColumn) -> np.ndarray:
    parts = date_parts(table, column.form).to_numpy()
    return column.scaling.of(np.where(np.isnan(parts), np.array(column.fill), parts))
