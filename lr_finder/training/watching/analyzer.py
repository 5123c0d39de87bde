"""A training watched from within: losses, rates, gradients, updates, data."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from lr_finder._arguments import check_count
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.errors import InputError, ModelError
from lr_finder.training.feeding.watched_batches import WatchedBatches
from lr_finder.training.fitting import check_positive, check_rate_can_be_set
from lr_finder.training.instruments.presets import (
    CURVATURE,
    OF_BATCHES,
    chosen_instruments,
)
from lr_finder.training.instruments.probing import check_probed
from lr_finder.training.preserving.limits import from_first_epoch
from lr_finder.training.preserving.randomness import RandomState
from lr_finder.training.preserving.variables import host_copy
from lr_finder.training.state import preserve_state
from lr_finder.training.stepping.own_step import check_measurable
from lr_finder.training.stepping.refusals import check_compiled
from lr_finder.training.watching.dynamics_tracker import (
    GRADIENTS_EVERY,
    DynamicsTracker,
)
from lr_finder.training.watching.instrument_tracker import InstrumentTracker

Tracker = DynamicsTracker | InstrumentTracker


class TrainingDynamicsAnalyzer:
    """Trains a model and shows what happened: batch by batch, layer by layer.

    The training equals a plain `fit` with the same data and seed, to the last bit:
    watching changes neither History nor weights.

    Args:
        train_data: tuple `(x, y)` or `(x, y, sample_weight)` of arrays (samples, …), or
            batches that `fit` takes: tf.data.Dataset, PyDataset, generator, DataLoader.
        validation_data: the same, evaluated at the end of each epoch; or None.
        batch_size: int >= 1, samples in a batch (of arrays only).
        class_weight: dict of class to weight, as for `fit`.
        shuffle: bool, as for `fit`.
        instruments: str or sequence of str, what is read on some steps. `"basic"` is
            loss, rate and update ratio; `"full"` also the gradient norm, the share of
            dead units and the gradient noise scale, which is the batch size that the
            noise hints at. Or names among `loss`, `learning_rate`, `update_ratio`,
            `gradient_norm`, `dead_units`, `noise_scale`, and `curvature`, which is
            measured at the end of each epoch. None records gradients, updates and what
            the batches held, as ever: that costs more.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> import numpy as np
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
        instruments: str | Sequence[str] | None = None,
    ):
        check_count("batch_size", batch_size, least=1)
        self._instruments, self._probe = None, None
        if instruments is not None:
            self._instruments = chosen_instruments(instruments)
        self._data = train_data if isinstance(train_data, tuple) else (train_data,)
        self._validation_data = validation_data
        self._batch_size, self._class_weight = batch_size, class_weight
        self._shuffle = shuffle

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
    ) -> tuple[keras.callbacks.History, Tracker]:
        """Train with this rate, recording every batch.

        Args:
            model: keras.Model, compiled; trained in place.
            optimal_lr: float > 0, the rate to train with; None keeps the optimizer's
                own, which may be a schedule.
            epochs: int >= 1, passes over the data.
            gradients_every: int >= 1, on every how many steps the `instruments` are
                read, or each layer's gradient norm and update-to-weight ratio; None
                reads none. With `instruments` the steps are counted in each epoch, and
                a batch smaller than the others has no gradient. Without them, the
                gradients are those of the model's own `train_step`. If that is
                compiled, each measured step is made a second time beside the training.
                That costs a step and a copy of all variables, and one compilation for
                each training (`benchmarks/costs/dynamics_cost.py`).
            seed: int, seeds Python, NumPy and Keras for this training; or None.
            callbacks: sequence of keras.callbacks.Callback, run as well.
            verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

        Returns:
            `(history, batch_tracker)`: Keras' History, and a `DynamicsTracker`, or with
                `instruments` an `InstrumentTracker`, whose `readings` has an entry for
                each step they were read on. Its `history` has a row for each batch. The
                figures of `lr_finder.plots` and `recognize_patterns` take its
                `record()`.

        Raises:
            InputError: If an argument breaks its rule.
            ModelError: If the model cannot be watched, its gradients cannot be taken,
                or its rate cannot be set. Its variables are then as they were.
        """
        check_count("epochs", epochs, least=1)
        _check_watchable(model)
        batches, tracker = self._watching(model, gradients_every)
        if batches.num_batches == 0:
            raise _empty()
        with from_first_epoch(model), _trained_at(model, optimal_lr, tracker):
            if seed is not None:
                keras.utils.set_random_seed(seed)
            history = model.fit(
                batches,
                validation_data=self._validation_data,
                batch_size=self._batch_size,  # of the validation data
                epochs=epochs,
                callbacks=[*callbacks, tracker],
                verbose=verbose,
            )
        self._probe = getattr(tracker, "probe", None)
        if not tracker.losses:  # of what cannot be counted before
            raise _empty()
        return history, tracker

    def _watching(
        self, model: keras.Model, every: int | None
    ) -> tuple[WatchedBatches, Tracker]:
        """The batches that `fit` is given, and what watches them pass."""
        instruments = self._instruments
        options: dict[str, Any] = {
            "batch_size": self._batch_size, "class_weight": self._class_weight,
            "shuffle": self._shuffle,
        }  # fmt: skip
        if instruments is None:
            if every is not None:
                check_measurable(model)
            batches = WatchedBatches(*self._data, **options)
            return batches, DynamicsTracker(batches, every)
        if every is not None:
            check_count("gradients_every", every, least=1)
        if set(OF_BATCHES).intersection(instruments):
            check_probed(model)
        needed = {*OF_BATCHES, CURVATURE}.intersection(instruments)
        batches = WatchedBatches(
            *self._data, **options, every=every if needed else None
        )
        return batches, InstrumentTracker(batches, instruments, every, self._probe)

    def compare_rates(
        self,
        model: keras.Model,
        rates: Sequence[float],
        *,
        epochs: int = 1,
        verbose: int | str = 0,
    ) -> dict[float, TrainingRecord]:
        """Train at each of several rates from the same weights; put the model back.

        Args:
            model: keras.Model, compiled; it comes back as it was.
            rates: sequence of float > 0, e.g. a suggestion times 0.01, 0.1, 1, 10, 100.
            epochs: int >= 1, passes over the data with each.
            verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

        Returns:
            dict of rate to TrainingRecord, without gradients. All trainings start from
            the same random states.

        Raises:
            InputError: If an argument breaks its rule.
            ModelError: If the model cannot be watched, or its rate cannot be set.
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


@contextlib.contextmanager
def _trained_at(
    model: keras.Model, learning_rate: float | None, tracker: Tracker
) -> Iterator[None]:
    """Give the optimizer its rate; if the first step fails, undo everything."""
    randomness, before = RandomState(), None
    if learning_rate is not None:
        check_positive("optimal_lr", learning_rate)
        check_rate_can_be_set(model)
        before = host_copy(model.optimizer.learning_rate)
        model.optimizer.learning_rate = learning_rate
    try:
        yield
    finally:
        if tracker.close():
            if before is not None:
                model.optimizer.learning_rate = before
            randomness.restore()


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
