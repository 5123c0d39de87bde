"""Callbacks that watch an ordinary `fit`, batch by batch, and change nothing in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from lr_finder.errors import ModelError
from lr_finder.training.rates import current_rate
from lr_finder.training.variables import host_copy

if TYPE_CHECKING:
    import pandas as pd


class LearningRateTracker(keras.callbacks.Callback):
    r"""Records the learning rate and the true loss of each batch of an ordinary `fit`.

    Keras reports the mean since the epoch began. With its running total $t_i$ and
    count $c_i$ the loss of batch $i$ alone is

    $$ loss(i) = (t_i - t_{i-1}) / (c_i - c_{i-1}) $$

    which is exact up to the rounding of the total (a relative error of about
    $6 \cdot 10^{-8} i$ in float32). Nothing is reset: History, progress bar and other
    callbacks show what they show without it. After a loss that is not a number, the
    running total holds no more information: the rest of that epoch is NaN. With
    `steps_per_execution > 1` each entry is the mean of those steps.

    Attributes:
        learning_rates: list of float, the rate of each batch.
        losses: list of float, the loss of each batch, before its update.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> tracker = LearningRateTracker()
    >>> x = np.ones((32, 1))
    >>> _ = model.fit(x, x, batch_size=8, verbose=0, callbacks=[tracker])
    >>> tracker.learning_rates
    [0.5, 0.5, 0.5, 0.5]

    References:
        https://github.com/tensorflow/tensorflow/issues/58098 on the running mean.
    """

    def __init__(self):
        super().__init__()
        self._start_anew()

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start anew: the same object can watch several fits."""
        self._start_anew()

    def _start_anew(self) -> None:
        self.learning_rates: list[float] = []
        self.losses: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras sets its running means to zero here."""
        self._means = _RunningMeans(self.model)

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the rate that this batch is trained with."""
        self.learning_rates.append(current_rate(self.model.optimizer))

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the loss of this batch."""
        self._record(self._means.of_batch(self.model))

    def _record(self, values: dict[str, float]) -> None:
        self.losses.append(values["loss"])


class BatchMetricsTracker(LearningRateTracker):
    """Records loss, metrics, learning rate and time of each batch of a `fit`.

    Of the metrics those that are means over samples are recorded (accuracy, mean
    errors, …), each for the batch alone as `LearningRateTracker` has it for the loss;
    others (AUC, F1, …) cannot be taken apart by batches.

    Attributes:
        history: dict of str to list, one entry for each batch: `epoch`, `step` (within
            the epoch), `learning_rate`, `seconds` (from its begin to its end; the
            other callbacks not counted), `loss`, and the metrics by their names.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse", metrics=["mae"])
    >>> tracker = BatchMetricsTracker()
    >>> x = np.ones((16, 1))
    >>> _ = model.fit(x, x, batch_size=8, verbose=0, callbacks=[tracker])
    >>> list(tracker.history)
    ['epoch', 'step', 'learning_rate', 'seconds', 'loss', 'mae']
    >>> tracker.history["step"]
    [0, 1]
    """

    def _start_anew(self) -> None:
        super()._start_anew()
        self.history: dict[str, list] = {
            name: [] for name in ("epoch", "step", "learning_rate", "seconds")
        }

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the number of the epoch."""
        super().on_epoch_begin(epoch, logs)
        self._epoch = epoch

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the rate of this batch, and start its clock."""
        super().on_train_batch_begin(batch, logs)
        self._step, self._start = batch, time.perf_counter()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Stop the clock, and record the batch."""
        self._seconds = time.perf_counter() - self._start
        super().on_train_batch_end(batch, logs)

    def _record(self, values: dict[str, float]) -> None:
        super()._record(values)
        row = {
            "epoch": self._epoch,
            "step": self._step,
            "learning_rate": self.learning_rates[-1],
            "seconds": self._seconds,
        } | values
        for name, value in row.items():
            self.history.setdefault(name, []).append(value)

    def to_frame(self) -> pd.DataFrame:
        """The history as a tidy table, one row for each batch."""
        import pandas as pd

        return pd.DataFrame(self.history)


class _RunningMeans:
    """The running means of a model's loss and metrics, taken apart by batches."""

    def __init__(self, model: keras.Model):
        self._previous = dict.fromkeys(_means(model), (0.0, 0.0))

    def of_batch(self, model: keras.Model) -> dict[str, float]:
        """Value of the loss and each metric since the last call."""
        values = {}
        for name, metric in _means(model).items():
            now = float(host_copy(metric.total)), float(host_copy(metric.count))
            before = self._previous.get(name, (0.0, 0.0))
            count = now[1] - before[1]
            values[name] = (now[0] - before[0]) / count if count else np.nan
            self._previous[name] = now
        if "loss" not in values:
            raise ModelError(
                "The model must keep its loss in a keras.metrics.Mean named 'loss' for "
                f"its batches to be told apart. Received: {sorted(values)}."
            )
        return values


def _means(model: keras.Model) -> dict[str, keras.metrics.Mean]:
    """The model's metrics that are means over samples, by name; the loss first."""
    metrics = list(model.metrics)
    for container in model.metrics:  # Keras shows compiled metrics as one
        metrics.extend(getattr(container, "metrics", ()))
    means = [m for m in metrics if isinstance(m, keras.metrics.Mean)]
    return {metric.name: metric for metric in means}
