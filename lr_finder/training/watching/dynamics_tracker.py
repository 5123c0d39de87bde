"""A callback that records, of each batch, losses, rates, gradients and data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count
from lr_finder.analysis.training.distributions import Distribution, Summary, summarise
from lr_finder.analysis.training.record import LayerNorms, TrainingRecord
from lr_finder.training.feeding.watched_batches import WatchedBatches
from lr_finder.training.watching.gradients import StepGradients
from lr_finder.training.watching.trackers import BatchMetricsTracker

GRADIENTS_EVERY = 10  # steps: few enough to cost little, often enough to see a change


class DynamicsTracker(BatchMetricsTracker):
    """Records, besides what `BatchMetricsTracker` does, gradients, updates and data.

    Args:
        batches: WatchedBatches, which `fit` is given as its `x`.
        gradients_every: int >= 1, measure gradients and updates on every such step
            (see `StepGradients` for what it costs); None measures none.

    Attributes:
        history: dict of str to list, one entry for each batch.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="d")])
    >>> model.compile("sgd", "mse")
    >>> x = np.ones((16, 1))
    >>> batches = WatchedBatches(x, x, batch_size=8)
    >>> tracker = DynamicsTracker(batches, gradients_every=1)
    >>> _ = model.fit(batches, verbose=0, callbacks=[tracker])
    >>> record = tracker.record()
    >>> [each.name for each in record.distributions], record.layers.batches.tolist()
    (['x', 'y'], [0, 1])
    """

    def __init__(
        self, batches: WatchedBatches, gradients_every: int | None = GRADIENTS_EVERY
    ):
        if gradients_every is not None:
            check_count("gradients_every", gradients_every, least=1)
        self._batches, self._every = batches, gradients_every
        super().__init__()

    def _start_anew(self) -> None:
        super()._start_anew()
        self._epochs: dict[str, list] = {}
        self._summaries: dict[str, list[Summary | None]] = {}
        self._gradients: StepGradients | None = None
        self._measured: list[tuple[int, np.ndarray, np.ndarray]] = []
        self._measuring: StepGradients | None = None  # this step, if it is measured

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start anew, and find out how to take the gradients of the model's step."""
        super().on_train_begin(logs)
        if self._every is not None:
            self._gradients = StepGradients(self.model, self._batches.spec)

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Copy the variables if this step is to be measured."""
        number = len(self.losses)
        is_due = self._every is not None and number % self._every == 0
        self._measuring = self._gradients if is_due else None
        if self._measuring is not None:
            _ = self.model  # under JAX: brings the variables up to date
            self._measuring.before()
        super().on_train_batch_begin(batch, logs)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the batch, what it holds, and the step where it is measured."""
        super().on_train_batch_end(batch, logs)
        data = self._batches.take()
        self._summarise(data if isinstance(data, list | tuple) else (data,))
        if self._measuring is not None:
            gradients, weights, updates = self._measuring.after(data)
            ratios = np.full_like(weights, np.nan)
            np.divide(updates, weights, out=ratios, where=weights > 0)
            self._measured.append((len(self.losses) - 1, gradients, ratios))

    def close(self) -> bool:
        """Leave the model's optimizer alone, however `fit` has ended.

        If it has ended within its first step, which is always measured, that is undone.

        Returns:
            bool, whether gradients were asked for, and not even one step was made.
        """
        is_undone = self._every is not None and not self._measured
        if self._gradients is not None:
            self._gradients.close()
            if is_undone:
                self._gradients.put_back()
        return is_undone

    def _summarise(self, data: Sequence[Any]) -> None:
        if len(data) == 3 and self.model.loss is None:
            data = (data,)  # three inputs of a step of one's own, and no target
        for part, values in zip("xy", data, strict=False):
            for path, leaf in keras.tree.flatten_with_path(values):
                if leaf is not None:
                    name = ".".join([part, *map(str, path)])
                    summary = summarise(leaf, is_target=part == "y")
                    self._summaries.setdefault(name, []).append(summary)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep what Keras reports for the epoch."""
        for name, value in (logs or {}).items():
            self._epochs.setdefault(name, []).append(value)

    def record(self) -> TrainingRecord:
        """All that was recorded, as plain arrays to be judged and drawn.

        Returns:
            TrainingRecord of the last `fit`.
        """
        layers = None
        if self._measured and self._gradients is not None:
            steps, gradients, ratios = zip(*self._measured, strict=True)
            layers = LayerNorms(
                np.array(steps),
                self._gradients.names,
                np.array(gradients),
                np.array(ratios),
            )
        distributions = [
            Distribution(name, known)
            for name, summaries in self._summaries.items()
            if len(known := [each for each in summaries if each is not None])
            == len(summaries)
        ]
        return TrainingRecord(dict(self.history), self._epochs, layers, distributions)
