"""Columns that give the target away: a copy of it, or a linear equation for it."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from lr_finder.data.cells.columns import is_number
from lr_finder.data.cells.number_styles import to_numbers
from lr_finder.data.dataset import Task

SAMPLE_ROWS = 2_000  # rows that are looked at, evenly spread
FEWEST_ROWS = 30  # fewer prove nothing
MOST_COLUMNS = 60  # in one equation to begin with
FEW = 3  # columns that an equation may have in the end: more make a linear problem
MOST_EQUATIONS = 3
KNOWN_SHARE = 0.5  # of cells, in a column that could give the target away
EXACT = 1e-6  # of the target's spread: a larger error is no rounding of a computer
FINE = 1e-3  # of the target's spread: the coarsest rounding of a target that is exact
ROUNDING = 0.75  # of the target's last decimal place: half, and what the fit moves
MOST_DECIMALS = 6
ROWS_PER_VALUE = 5  # on average, for a value that has one class to mean something
FEWEST_OF_CURVE = 100  # points
FEWEST_OF_CLASS = 20  # rows outside the largest class, and on each side of a border
BORDER = 5.0  # times the usual distance of neighbours: a wider gap is there by nature


def leak_warnings(
    features: pd.DataFrame, answers: pd.Series, task: Task
) -> tuple[str, ...]:
    """Warn of columns from which the target follows exactly.

    For numbers: a column, or up to three by a linear equation, gives the target but
    for its rounding; or the target is a smooth rising or falling function of a column;
    or each of few values of a column has one value of the target. For classes:
    each value of a column has one class, or each class has a range of values of its own
    that no gap parts from the next.

    Args:
        features: DataFrame, the columns to predict from.
        answers: Series, the target of every row, none missing.
        task: "classification" or "regression".

    Returns:
        tuple of str, empty for nearly every table.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> rides = pd.DataFrame(rng.integers(0, 99, (50, 2)), columns=["casual", "member"])
    >>> cnt = rides.sum(axis=1).rename("cnt")
    >>> print(*leak_warnings(rides, cnt, "regression"))
    warning: cnt = casual + member: these columns give the target away; --drop \
casual,member leaves them out
    """
    if len(features) < FEWEST_ROWS:
        return ()
    rows = np.unique(np.linspace(0, len(features) - 1, SAMPLE_ROWS).astype(int))
    features, answers = features.iloc[rows], answers.iloc[rows]
    warnings: list[str] = []
    for _ in range(MOST_EQUATIONS * pd.api.types.is_numeric_dtype(answers)):
        equation = linear_equation(features, answers)
        if equation is None:
            break
        text = f"{answers.name} = {_shown(*equation)}"
        warnings.append(_warning(text, list(equation[0])))
        features = features.drop(columns=list(equation[0]))
    gives_it = _gives_class if task == "classification" else _gives_number
    for name in features:
        if gives_it(features[name], answers):
            warnings.append(_warning(f"{answers.name} follows from {name}", [name]))
    return tuple(warnings)


def linear_equation(
    features: pd.DataFrame, answers: pd.Series
) -> tuple[dict[str, float], float] | None:
    """The equation of at most three columns that gives the target but for rounding.

    Args:
        features: DataFrame; columns that hold no numbers do not count.
        answers: Series of numbers.

    Returns:
        `({name: weight}, constant)`, or None if there is no such equation.

    Example:
    >>> table = pd.DataFrame({"net": np.arange(40.0) ** 2})
    >>> weights, constant = linear_equation(table, 1.5 * table["net"] + 2)
    >>> {name: round(weight, 9) for name, weight in weights.items()}, round(constant, 9)
    ({'net': 1.5}, 2.0)
    """
    columns = _numbers(features)
    y = answers.to_numpy(np.float64)
    names = _most_correlated(columns, y)
    if not names or not _is_exact(columns[names], y):
        return None
    for name in list(names):  # from the least correlated on
        fewer = [other for other in names if other != name]
        if fewer and _is_exact(columns[fewer], y):
            names = fewer
    if len(names) > FEW:
        return None
    weights, constant, _ = _fitted(columns[names], y)
    if abs(constant) <= EXACT * float(y.std()):
        constant = 0.0
    return dict(zip(names, weights.tolist(), strict=True)), constant


def _numbers(features: pd.DataFrame) -> pd.DataFrame:
    """The columns of numbers that vary and are known nearly everywhere."""
    columns = {
        name: to_numbers(column).astype(np.float64)
        for name, column in features.items()
        if is_number(column)
    }
    kept = {
        name: column.where(np.isfinite(column))
        for name, column in columns.items()
        if np.isfinite(column).mean() >= KNOWN_SHARE and column.nunique() > 1
    }
    return pd.DataFrame(kept, index=features.index)


def _most_correlated(columns: pd.DataFrame, y: np.ndarray) -> list[str]:
    """Columns that an equation may have, from the least correlated with y on."""
    target = pd.Series(y, index=columns.index)
    order = columns.corrwith(target).abs().fillna(0.0).sort_values()
    most = min(MOST_COLUMNS, len(y) // 3)
    return list(order.index[-most:])


def _fitted(columns: pd.DataFrame, y: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Weights, constant and largest error of least squares over rows that are known."""
    known = columns.notna().all(axis=1).to_numpy()
    x, y = columns.to_numpy()[known], y[known]
    if len(y) < max(FEWEST_ROWS, 3 * x.shape[1]):
        return np.zeros(x.shape[1]), 0.0, np.inf
    means, scales = x.mean(axis=0), x.std(axis=0)
    scales[scales == 0] = 1.0
    solution, *_ = np.linalg.lstsq((x - means) / scales, y - y.mean(), rcond=1e-10)
    weights = solution / scales
    constant = float(y.mean() - weights @ means)
    return weights, constant, float(np.abs(x @ weights + constant - y).max())


def _is_exact(columns: pd.DataFrame, y: np.ndarray) -> bool:
    """Whether least squares leave an error that rounding explains."""
    spread = float(y.std())
    error = _fitted(columns, y)[2]
    if error <= EXACT * spread:
        return True
    unit = _unit(y)
    return unit <= FINE * spread and error <= ROUNDING * unit


def _unit(y: np.ndarray) -> float:
    """The last decimal place that numbers are written with; 0 if they have many."""
    for decimals in range(MOST_DECIMALS + 1):
        if np.allclose(y, np.round(y, decimals), rtol=0, atol=1e-9 * np.abs(y).max()):
            return 10.0**-decimals
    return 0.0


def _gives_number(column: pd.Series, y: pd.Series) -> bool:
    """Whether a number follows from a column: by its few values, or by a curve."""
    known = column.notna()
    column, y = column[known], y[known]
    n = len(column)
    if n < FEWEST_OF_CURVE or known.mean() < KNOWN_SHARE:
        return False
    values = column.nunique()
    if values * ROWS_PER_VALUE <= n:
        return y.nunique() > 2 and bool((y.groupby(column).nunique() == 1).all())
    if not is_number(column):
        return False
    points = y.groupby(to_numbers(column)).agg(["min", "max"])
    if len(points) < FEWEST_OF_CURVE or (points["min"] != points["max"]).any():
        return False
    heights = points["min"]
    steps = np.diff(heights)
    if not ((steps > 0).all() or (steps < 0).all()):
        return False
    between = np.interp(heights.index[1:-1:2], heights.index[::2], heights.iloc[::2])
    errors = np.abs(between - heights.iloc[1:-1:2])
    return bool(np.median(errors) <= FINE * heights.std())


def _gives_class(column: pd.Series, classes: pd.Series) -> bool:
    """Whether the class follows from a column, by its values or by its ranges."""
    known = column.notna()
    if known.mean() < KNOWN_SHARE:
        return False
    column, classes = column[known], classes[known]
    others = int((classes != classes.mode()[0]).sum())
    if others < FEWEST_OF_CLASS:
        return False
    if column.nunique() * ROWS_PER_VALUE <= len(column):
        return bool((classes.groupby(column).nunique() == 1).all()) and (
            column[classes != classes.mode()[0]].nunique() * ROWS_PER_VALUE <= others
        )
    return is_number(column) and _gives_class_by_range(to_numbers(column), classes)


def _gives_class_by_range(values: pd.Series, classes: pd.Series) -> bool:
    """Whether each class is a range of a number, and the ranges touch."""
    values = values.dropna().sort_values()
    ordered = classes.loc[values.index]
    borders = np.flatnonzero((ordered != ordered.shift()).to_numpy())[1:]
    n_classes = ordered.nunique()
    if len(borders) != n_classes - 1:
        return False
    if ordered.value_counts().min() < FEWEST_OF_CLASS:
        return False
    gaps = np.diff(values.to_numpy())
    for border in borders:
        near = gaps[max(border - FEWEST_OF_CLASS, 0) : border + FEWEST_OF_CLASS - 1]
        if not 0 < gaps[border - 1] <= BORDER * near.mean():
            return False
    return True


def _shown(weights: dict[str, float], constant: float) -> str:
    """An equation as people write it, without weights of 1 and constants of 0."""
    terms = []
    for name, weight in sorted(weights.items()):
        size = "" if abs(abs(weight) - 1) < EXACT else f"{abs(weight):.4g} × "
        terms.append(("-" if weight < 0 else "+", size + name))
    if constant:
        terms.append(("-" if constant < 0 else "+", f"{abs(constant):.4g}"))
    terms.sort(key=lambda term: term[0] == "-")  # stable: what is added comes first
    text = " ".join(itertools.chain.from_iterable(terms))
    return text.removeprefix("+ ")


def _warning(text: str, names: list[str]) -> str:
    columns, them = "these columns give", "them"
    if len(names) == 1:
        columns, them = "this column gives", "it"
    return (
        f"warning: {text}: {columns} the target away; --drop "
        f"{','.join(sorted(names))} leaves {them} out"
    )
