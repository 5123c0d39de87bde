"""Callbacks that watch an ordinary `fit`, batch by batch, and change nothing in it."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from lr_finder.errors import ModelError
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.preserving.variables import attributes_of, host_copy
from lr_finder.training.stepping.steps import loss_of
from lr_finder.training.watching.reported_loss import metric_behind

if TYPE_CHECKING:
    import pandas as pd


class LearningRateTracker(keras.callbacks.Callback):
    r"""Records the learning rate and the true loss of each batch of an ordinary `fit`.

    Keras reports the mean since the epoch began. If $t_i$ is its running total and
    $c_i$ its count, the loss of batch $i$ alone is

    $$ loss(i) = (t_i - t_{i-1}) / (c_i - c_{i-1}) $$

    which is exact up to the rounding of the total (a relative error of about
    $6 \cdot 10^{-8} i$ in float32). Nothing is reset: History, progress bar and other
    callbacks show what they show without the tracker. After a loss that is not a
    number, the running total holds no more information: the rest of that epoch is NaN.
    With `steps_per_execution > 1` each entry is the mean of those steps. A `train_step`
    of your own may keep its loss in a mean of any name, or report the loss of each
    batch. The loss is what the step returns as `loss`, as `total_loss`, or under the
    only name that ends so. If there is none, losses are NaN, with a warning, and the
    training goes on.

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
        self._has_warned = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras sets its running means to zero here."""
        self._means = _RunningMeans(self.model)

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Keep the rate of this batch; of a last one that is none, nothing follows."""
        self._rate = current_rate(self.model.optimizer)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the loss of this batch, and the rate that it was trained with."""
        self.learning_rates.append(self._rate)
        self._record(self._means.of_batch(self.model, self._reported(logs)))

    def _reported(self, logs: dict[str, Any] | None) -> float:
        """The loss that the step reports; NaN, with one warning, if it is not known."""
        try:
            return loss_of(logs)
        except ModelError as error:
            if not self._has_warned:
                warnings.warn(f"The losses of batches are nan: {error}", stacklevel=2)
            self._has_warned = True
            return np.nan

    def _record(self, values: dict[str, float]) -> None:
        self.losses.append(values["loss"])


class BatchMetricsTracker(LearningRateTracker):
    """Records loss, metrics, learning rate and time of each batch of a `fit`.

    Metrics that are means over samples (accuracy, mean errors, …) are recorded, each
    for the batch alone, as `LearningRateTracker` records the loss. Other metrics (AUC,
    F1, …) cannot be split into batches.

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
        self._previous = {n: _counted(mean) for n, mean in means_of(model).items()}

    def of_batch(self, model: keras.Model, reported: float) -> dict[str, float]:
        """Value of the loss and each metric since the last call, the loss first.

        The loss is taken from the mean that its step has reported. Where the step
        reports no mean, it is the loss of the batch already.
        """
        shown = _means(model)
        values, results = {}, {}
        for name, mean in (shown | _hidden_means(model)).items():
            total, count = _counted(mean)
            before = self._previous.get(name, (0.0, 0.0))
            if count < before[1]:  # a callback has set the means to zero
                before = (0.0, 0.0)
            passed = count - before[1]
            values[name] = (total - before[0]) / passed if passed else np.nan
            self._previous[name] = total, count
            if passed:
                results[name] = total / count
        behind = metric_behind(reported, results)
        loss = {"loss": reported if behind is None else values[behind]}
        return loss | {name: values[name] for name in shown if name != "loss"}


def means_of(model: keras.Model) -> dict[str, keras.metrics.Mean]:
    """The metrics of a model that are means over samples, those it hides too.

    Args:
        model: keras.Model, compiled.

    Returns:
        dict of their names to the metrics, the loss first.
    """
    return _means(model) | _hidden_means(model)


def _counted(mean: keras.metrics.Mean) -> tuple[float, float]:
    return float(host_copy(mean.total)), float(host_copy(mean.count))


def _means(model: keras.Model) -> dict[str, keras.metrics.Mean]:
    """The model's metrics that are means over samples, by name; the loss first."""
    metrics = list(model.metrics)
    for container in model.metrics:  # Keras shows compiled metrics as one
        metrics.extend(getattr(container, "metrics", ()))
    return _by_name(metrics)


def _hidden_means(model: keras.Model) -> dict[str, keras.metrics.Mean]:
    """Means that a model has, but does not show in `metrics`: its step may read one."""
    if type(model).train_step is keras.Model.train_step:
        return {}
    hidden = _by_name(value for _, value in attributes_of(model))
    return {name: m for name, m in hidden.items() if name not in _means(model)}


def _by_name(metrics: Iterable[Any]) -> dict[str, keras.metrics.Mean]:
    return {m.name: m for m in metrics if isinstance(m, keras.metrics.Mean)}
