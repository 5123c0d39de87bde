"""How good the weights of each epoch are, on each part of the data, as they stand."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts

MOST_SCORED = 2_000  # rows of each part, evenly spread
ROWS_AT_ONCE = 512
PROBABLE = 0.5  # the one output from which the second of two classes is chosen


class EpochScores(keras.callbacks.Callback):
    """Scores the training, validation and test rows after each epoch.

    The model is as in `evaluate`: without Dropout and augmentation, BatchNorm by its
    moving statistics. The losses are those of the data alone: penalties of layers and
    regularizers are left out. Of each part at most 2,000 rows are taken, evenly spread.

    Args:
        data: ThreeParts; the training goes on as if the test rows were not there.

    Attributes:
        rows: list of dict, one for each epoch: `epoch_train_loss`,
            `epoch_train_accuracy`, and the same of `val` and `test`; nan if an output
            is not finite; the accuracies of a regression are nan.

    Example:
    >>> x, y = np.zeros((4, 1), "float32"), np.ones(4, "float32")
    >>> data = ThreeParts(Dataset(x, y, x, y, "regression"), x, y, "ones")
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> scores = EpochScores(data)
    >>> _ = model.fit(x, 1 - y, epochs=2, verbose=0, callbacks=[scores])
    >>> [row["epoch_train_loss"] for row in scores.rows]
    [1.0, 1.0]
    """

    def __init__(self, data: ThreeParts):
        super().__init__()
        self.rows: list[dict[str, float]] = []
        parts = parts_to_score(data)
        self._targets = [y for _, y in parts.values()]
        self._names = list(parts)
        self._x = np.concatenate([x for x, _ in parts.values()])
        self._ends = np.cumsum([len(y) for y in self._targets])[:-1]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Score what the epoch has left."""
        model = self.model
        outputs = np.concatenate([
            np.asarray(model.predict_on_batch(self._x[first : first + ROWS_AT_ONCE]))
            for first in range(0, len(self._x), ROWS_AT_ONCE)
        ])  # fmt: skip
        row: dict[str, float] = {}
        told = np.split(outputs, self._ends)
        for name, y, output in zip(self._names, self._targets, told, strict=True):
            loss, accuracy = scores_of(model.loss, y, output)
            row |= {f"epoch_{name}_loss": loss, f"epoch_{name}_accuracy": accuracy}
        self.rows.append(row)


def parts_to_score(data: ThreeParts) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The rows of each part that are scored.

    Args:
        data: ThreeParts.

    Returns:
        dict of `"train"`, `"val"` and `"test"` to `(x, y)`.
    """
    dataset: Dataset = data.dataset
    parts = {
        "train": (dataset.x_train, dataset.y_train),
        "val": (dataset.x_validation, dataset.y_validation),
        "test": (data.x_test, data.y_test),
    }
    return {name: (_spread(x), _spread(y)) for name, (x, y) in parts.items()}


def scores_of(loss: Any, y: np.ndarray, outputs: np.ndarray) -> tuple[float, float]:
    """The loss and the accuracy of a model's outputs.

    Args:
        loss: what a model was compiled with: str, function or keras.losses.Loss.
        y: array (rows, …) of targets; whole numbers are classes.
        outputs: array (rows, …), of the model.

    Returns:
        `(loss, accuracy)`: float, nan if an output is not finite; the accuracy of
        a regression is nan.

    Example:
    >>> y, outputs = np.array([0, 1]), np.array([[0.75, 0.25], [0.75, 0.25]])
    >>> loss, accuracy = scores_of("sparse_categorical_crossentropy", y, outputs)
    >>> round(loss, 3), accuracy  # -(ln 0.75 + ln 0.25) / 2
    (0.837, 0.5)
    """
    if not np.isfinite(outputs).all():
        return math.nan, math.nan
    if outputs.shape == (*y.shape, 1):  # Keras adds the axis in `fit`, too
        outputs = outputs[..., 0]
    targets, told = y, outputs
    if outputs.shape == y.shape:
        targets, told = y.reshape(len(y), -1), outputs.reshape(len(y), -1)
    values = keras.losses.get(loss)(
        keras.ops.convert_to_tensor(targets), keras.ops.convert_to_tensor(told)
    )
    mean = float(keras.ops.convert_to_numpy(keras.ops.mean(values)))
    if not np.issubdtype(y.dtype, np.integer):
        return mean, math.nan
    is_class = outputs.shape != y.shape
    chosen = outputs.argmax(axis=-1) if is_class else outputs > PROBABLE
    return mean, float((chosen == y).mean())


def _spread(rows: np.ndarray) -> np.ndarray:
    n = len(rows)
    chosen = np.linspace(0, n - 1, min(n, MOST_SCORED)).round().astype(int)
    return rows[np.unique(chosen)]
