"""A training watched from within: losses, rates, gradients, updates, data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.analysis.distributions import Distribution, Summary, summarise
from lr_finder.analysis.records import LayerNorms, TrainingRecord
from lr_finder.errors import InputError, ModelError
from lr_finder.schedules import check_count
from lr_finder.training.gradients import StepGradients
from lr_finder.training.limits import from_first_epoch
from lr_finder.training.pipeline import check_positive, check_rate_can_be_set
from lr_finder.training.refusals import check_compiled
from lr_finder.training.state import preserve_state
from lr_finder.training.trackers import BatchMetricsTracker
from lr_finder.training.watched_batches import WatchedBatches

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
        self._next = 0
        self._is_measuring = False

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Copy the variables where this step is to be measured."""
        number = len(self.losses)
        self._is_measuring = (
            self._every is not None and number >= self._next and self.model.built
        )
        if self._is_measuring:
            self._gradients = self._gradients or StepGradients(self.model)
            self._gradients.before()
            self._next = number + self._every
        super().on_train_batch_begin(batch, logs)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the batch, what it holds, and the step where it is measured."""
        super().on_train_batch_end(batch, logs)
        data = self._batches.take()
        self._summarise(data)
        if self._is_measuring:
            gradients, weights, updates = self._gradients.after(data)
            ratios = np.full_like(weights, np.nan)
            np.divide(updates, weights, out=ratios, where=weights > 0)
            self._measured.append((len(self.losses) - 1, gradients, ratios))

    def _summarise(self, data: tuple[Any, ...]) -> None:
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
        if self._measured:
            steps, gradients, ratios = zip(*self._measured, strict=True)
            layers = LayerNorms(
                np.array(steps),
                self._gradients.names,
                np.array(gradients),
                np.array(ratios),
            )
        distributions = [
            Distribution(name, summaries)
            for name, summaries in self._summaries.items()
            if None not in summaries
        ]
        return TrainingRecord(dict(self.history), self._epochs, layers, distributions)


class TrainingDynamicsAnalyzer:
    """Trains a model and shows what happened: batch by batch, layer by layer.

    The training is that of a plain `fit` with the same data and seed, to the last bit:
    History and weights are as without being watched.

    Args:
        train_data: tuple `(x, y)` or `(x, y, sample_weight)` of arrays (samples, …),
            or a source of batches that `fit` takes: tf.data.Dataset, PyDataset,
            generator, DataLoader.
        validation_data: the same, on which each epoch ends; or None.
        batch_size: int >= 1, samples in a batch (of arrays only).
        class_weight: dict of class to weight, as for `fit`.
        shuffle: bool, as for `fit`.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> x = np.linspace(-1.0, 1.0, 64)[:, None]
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> analyzer = TrainingDynamicsAnalyzer((x, 2 * x), validation_data=(x, 2 * x))
    >>> history, batch_tracker = analyzer.analyze_training_progression(
    ...     model, 0.1, epochs=3, verbose=0)
    >>> len(history.history["val_loss"]), len(batch_tracker.losses)
    (3, 6)
    """

    def __init__(
        self,
        train_data: Any,
        validation_data: Any = None,
        *,
        batch_size: int = 32,
        class_weight: dict[int, float] | None = None,
        shuffle: bool = True,
    ):
        check_count("batch_size", batch_size, least=1)
        self._data = train_data if isinstance(train_data, tuple) else (train_data,)
        self._validation_data = validation_data
        self._options = {
            "batch_size": batch_size,
            "class_weight": class_weight,
            "shuffle": shuffle,
        }

    def analyze_training_progression(
        self,
        model: keras.Model,
        optimal_lr: float | None = None,
        *,
        epochs: int = 5,
        gradients_every: int | None = GRADIENTS_EVERY,
        seed: int | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        verbose: int | str = "auto",
    ) -> tuple[keras.callbacks.History, DynamicsTracker]:
        """Train with this rate, recording every batch.

        Args:
            model: keras.Model, compiled; trained in place.
            optimal_lr: float > 0, the rate to train with; None leaves the optimizer's
                own, which may be a schedule.
            epochs: int >= 1, passes over the data.
            gradients_every: int >= 1, measure each layer's gradient norm and
                update-to-weight ratio on every such step, which costs a forward and a
                backward pass and a copy of the variables there, and one compilation a
                training (`benchmarks/dynamics_cost.py`); None measures none.
            seed: int or None, seeds Python, NumPy and Keras for this training.
            callbacks: sequence of keras.callbacks.Callback, run besides.
            verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

        Returns:
            `(history, batch_tracker)`: Keras' History, and the `DynamicsTracker`, whose
            `history` has a row for each batch and whose `record()` the figures of
            `lr_finder.plots` and `recognize_patterns` take.

        Raises:
            InputError: If an argument breaks its rule.
            ModelError: If the model cannot be watched, or its rate not be set.
        """
        check_count("epochs", epochs, least=1)
        _check_watchable(model)
        batches = WatchedBatches(*self._data, **self._options)
        if batches.num_batches == 0:
            raise _empty()
        tracker = DynamicsTracker(batches, gradients_every)
        if optimal_lr is not None:
            _set_rate(model, optimal_lr)
        if seed is not None:
            keras.utils.set_random_seed(seed)
        with from_first_epoch(model):
            history = model.fit(
                batches,
                validation_data=self._validation_data,
                batch_size=self._options["batch_size"],  # of the validation data
                epochs=epochs,
                callbacks=[*callbacks, tracker],
                verbose=verbose,
            )
        if not tracker.losses:  # of what cannot be counted before
            raise _empty()
        return history, tracker

    def compare_rates(
        self,
        model: keras.Model,
        rates: Sequence[float],
        *,
        epochs: int = 1,
        verbose: int | str = 0,
    ) -> dict[float, TrainingRecord]:
        """Train with each of several rates from the same weights; the model stays.

        Args:
            model: keras.Model, compiled; it comes back as it was.
            rates: sequence of float > 0, e.g. a suggestion times 0.01, 0.1, 1, 10, 100.
            epochs: int >= 1, passes over the data with each.
            verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

        Returns:
            dict of rate to TrainingRecord, without gradients. Random states are the
            same at the start of each.

        Raises:
            InputError: If an argument breaks its rule.
            ModelError: If the model cannot be watched, or its rate not be set.
        """
        records = {}
        for rate in rates:
            with preserve_state(model):
                _, tracker = self.analyze_training_progression(
                    model, rate, epochs=epochs, gradients_every=None, verbose=verbose
                )
                records[float(rate)] = tracker.record()
        return records


def _empty() -> InputError:
    return InputError(
        "Argument `train_data` must hold a batch. Received: an empty one. Is it "
        "shorter than a batch, with drop_remainder=True, or used up?"
    )


def _set_rate(model: keras.Model, learning_rate: float) -> None:
    """Give the optimizer its rate."""
    check_positive("optimal_lr", learning_rate)
    check_rate_can_be_set(model)
    model.optimizer.learning_rate = learning_rate


def _check_watchable(model: keras.Model) -> None:
    """Raise `ModelError` unless each batch can be told apart as it is trained on."""
    check_compiled(model)
    if model.steps_per_execution != 1:
        raise ModelError(
            "Argument `steps_per_execution` must be 1 for the batches to be watched. "
            f"Received: {model.steps_per_execution}. Compile the model with 1."
        )
    strategy = getattr(model, "distribute_strategy", None)
    replicas = getattr(strategy, "num_replicas_in_sync", 1)
    if replicas > 1 or keras.distribution.distribution() is not None:
        raise ModelError(
            "The model must train on one device for its batches to be watched. "
            "Received: a distribution over several. Watch it by a "
            "BatchMetricsTracker in its `fit`."
        )
