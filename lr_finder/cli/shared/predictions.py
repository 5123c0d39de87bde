"""From the output of a model to predictions, and how good they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, softmax
from sklearn.metrics import mean_absolute_error, r2_score

from lr_finder._text import counted, listed
from lr_finder.data.new_rows import NewRows
from lr_finder.data.saved_preprocessing import Preprocessing, Target
from lr_finder.errors import ModelError

DIGITS = 7  # of float32
EVEN_ODDS = 0.5  # probability from which on the second of two classes is predicted


def prediction_table(
    output: np.ndarray, preprocessing: Preprocessing, rows: NewRows, *, is_logit: bool
) -> pd.DataFrame:
    """Predictions in the unit, or as the classes, of the target.

    Args:
        output: array (rows, outputs), what the model gave.
        preprocessing: Preprocessing.
        rows: NewRows.
        is_logit: bool, whether outputs are logits, not probabilities.

    Returns:
        DataFrame with a row for each row of the file: `row` from 1, `prediction`, of
        classes `probability`, of what is known `actual`. Of a series a row for each
        point forecast: `step` from 1, `time` if times are known, `prediction`.

    Raises:
        ModelError: If the output is not that of the target.
    """
    target = preprocessing.target
    if preprocessing.kind == "series":
        values = _in_unit(output.reshape(-1), target)
        frame = pd.DataFrame({"step": range(1, len(values) + 1), "prediction": values})
        if rows.times is not None:
            frame.insert(1, "time", _as_written(rows.times[: len(values)]))
        return frame
    frame = pd.DataFrame({"row": range(1, len(output) + 1)})
    output = output.reshape(len(output), -1).astype(np.float64)
    if target.task == "regression":
        _check_width(output, (1,), target)
        frame["prediction"] = _in_unit(output[:, 0], target)
    else:
        frame = frame.assign(**_classes(output, target, is_logit=is_logit))
    if rows.answers is not None:
        frame["actual"] = rows.answers.to_numpy()
    return frame


def score(frame: pd.DataFrame, target: Target) -> dict[str, Any] | None:
    """How good predictions are, over the rows whose target is known.

    Args:
        frame: DataFrame of `prediction_table`.
        target: Target.

    Returns:
        dict of JSON values: `rows`, and `accuracy`, or `mean_absolute_error` in the
        target's unit and `r2` (None if the target does not vary); None without a
        known target.

    Example:
    >>> frame = pd.DataFrame({"prediction": [1.0, 2.0, 4.0], "actual": [1.0, 2.0, 3.0]})
    >>> found = score(frame, Target("rent", "regression", (), 0.0, 1.0))
    >>> found["r2"], round(found["mean_absolute_error"], 3)
    (0.5, 0.333)
    """
    if "actual" not in frame or frame["actual"].isna().all():
        return None
    known = frame[frame["actual"].notna()]
    rows = {"rows": len(known)}
    if target.task == "classification":
        right = known["prediction"] == known["actual"]
        return rows | {"accuracy": float(right.mean())}
    both = known["actual"], known["prediction"]
    r2 = float(r2_score(*both)) if known["actual"].nunique() > 1 else None
    return rows | {"mean_absolute_error": float(mean_absolute_error(*both)), "r2": r2}


def unknown_classes(frame: pd.DataFrame, target: Target) -> tuple[str, ...]:
    """A note if the file names classes that the model does not know.

    Args:
        frame: DataFrame of `prediction_table`.
        target: Target.

    Returns:
        tuple of one str, or of none.
    """
    if target.task == "regression" or "actual" not in frame:
        return ()
    known = frame["actual"].dropna()
    unknown = known[~known.isin(target.classes)]
    if unknown.empty:
        return ()
    names = listed(unknown.unique().tolist(), 3)
    return (
        f"warning: {counted(len(unknown), 'row')} of classes not trained on ({names}): "
        f"each counts as a mistake; trained on: {listed(target.classes, 3)}",
    )


def _classes(
    output: np.ndarray, target: Target, *, is_logit: bool
) -> dict[str, np.ndarray]:
    """The likeliest class of each row, and its probability."""
    n_classes = len(target.classes)
    _check_width(output, (1, 2) if n_classes == 2 else (n_classes,), target)
    if output.shape[1] == 1:
        second = expit(output) if is_logit else output
        output = np.concatenate([1 - second, second], axis=1)
        places = (output[:, 1] >= EVEN_ODDS).astype(int)
    else:
        if is_logit:
            output = softmax(output, axis=1)
        places = output.argmax(axis=1)
    labels = np.array(target.classes, dtype=object)[places]
    return {
        "prediction": labels,
        "probability": output[np.arange(len(output)), places].round(DIGITS),
    }


def _in_unit(values: np.ndarray, target: Target) -> np.ndarray:
    """Numbers in the unit of the target, in as many digits as float32 can tell."""
    numbers = values.astype(np.float64) * target.scale + target.mean
    return np.array([float(f"{number:.{DIGITS}g}") for number in numbers])


def _check_width(output: np.ndarray, able: tuple[int, ...], target: Target) -> None:
    if output.shape[1] not in able:
        raise ModelError(
            f"The model must give {able[-1]} outputs for {target.name!r}. Received: "
            f"{output.shape[1]}. Is it that of another run?"
        )


def _as_written(times: pd.Index) -> list[Any]:
    """Times as people write them: days without an hour, whole numbers without .0."""
    if not isinstance(times, pd.DatetimeIndex):
        return [int(time) if float(time).is_integer() else time for time in times]
    is_midnight = bool((times == times.normalize()).all())
    return times.strftime("%Y-%m-%d" if is_midnight else "%Y-%m-%d %H:%M:%S").tolist()
