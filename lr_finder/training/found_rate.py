"""A training with a rate that was found and, beside it, one at the compiled rate."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from lr_finder._text import format_rate
from lr_finder.analysis.training.record import TrainingRecord
from lr_finder.errors import LRFinderError
from lr_finder.results.training import TrainingOutcome
from lr_finder.schedules.named import AS_DEFAULT, schedule_label
from lr_finder.training import fitting
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.progress import TRAINING, Listener, telling
from lr_finder.training.state import preserve_state
from lr_finder.training.watching.constant_loss import constant_loss
from lr_finder.training.watching.guard import DivergenceGuard
from lr_finder.training.watching.trackers import BatchMetricsTracker

SAME_RATE = 1e-6  # relative: float32 tells no finer


@dataclasses.dataclass(frozen=True, eq=False)
class FoundRateTraining:
    """Trains a model at the rate found, and at its own if that is asked for.

    Afterwards the optimizer holds the rate found, see `fitting.train`. Ctrl-C is let
    through after a batch.

    Args:
        model: keras.Model, compiled; it is trained in place.
        data: what `train` takes: `(x, y)`, or a source of batches.
        validation_data: the same, or None: then the training loss judges.
        epochs: int, the most.
        batch_size: int, samples in a batch (of arrays only).
        schedule: `"default"`, or what `train` takes; the same for both trainings.
        seed: int, the same for both trainings.
        head_start: HeadStart, which the training with the rate found goes on from, at
            its rate; None starts anew.
        checkpoint: Path, where the best model so far is kept; None for memory only.
        progress: callable, given a `Progress` after each epoch; None for nobody.
        keep: callable, given the outcome of the training with the rate found once it
            has ended: before another one starts, and of Ctrl-C too, if an epoch has
            ended; None for nobody.

    Example:
    >>> x = np.linspace(-1.0, 1.0, 64, dtype="float32")[:, None]
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> training = FoundRateTraining(model, (x, 2 * x), (x, 2 * x), epochs=3)
    >>> outcome = training.both(0.5)
    >>> outcome.best_loss < outcome.against_default.best_loss
    True
    """

    model: keras.Model
    data: Any
    validation_data: Any = None
    epochs: int = 50
    batch_size: int = 32
    schedule: Any = AS_DEFAULT
    seed: int | None = 0
    head_start: HeadStart | None = None
    checkpoint: Path | None = None
    progress: Listener | None = None
    keep: Callable[[TrainingOutcome], object] | None = None

    def found(self, rate: float) -> TrainingOutcome:
        """Train with the rate found; the model keeps its best weights.

        Args:
            rate: float > 0.

        Returns:
            TrainingOutcome.

        Raises:
            LRFinderError: If the loss that judges is never finite.
        """
        outcome = self._fit(rate, self.checkpoint, self.keep, self.head_start)
        if outcome.best_loss is None:
            kind = "validation loss" if outcome.watched == "val_loss" else "loss"
            raise LRFinderError(
                f"Training at {format_rate(rate)} must give a finite {kind}. Received: "
                f"none in {len(outcome.history)} epochs. Sweep with more `repeats`, or "
                "look at the data."
            )
        if self.keep is not None:
            self.keep(outcome)
        return outcome

    def both(self, rate: float) -> TrainingOutcome:
        """As `found`; then train anew at the rate that the model was compiled with.

        Both start from the same weights and see the same batches, under the same
        callbacks. If the rates are equal, the model is trained once. Afterwards
        model and optimizer are as `found` leaves them.

        Args:
            rate: float > 0.

        Returns:
            TrainingOutcome, with `against_default`.

        Raises:
            LRFinderError: If the loss of the first is never finite.
        """
        own = current_rate(self.model.optimizer)
        if np.isclose(own, rate, rtol=SAME_RATE, atol=0.0):
            found = self.found(rate)
            return dataclasses.replace(found, against_default=found)
        with preserve_state(self.model) as (state, _):
            found = self.found(rate)
            trained = state.copy()
        try:
            beside = self._fit(own)
        finally:
            state.put(trained)
        return dataclasses.replace(found, against_default=beside)

    def _fit(
        self,
        rate: float,
        checkpoint: Path | None = None,
        keep: Callable[[TrainingOutcome], object] | None = None,
        head_start: HeadStart | None = None,
    ) -> TrainingOutcome:
        """One training, and what was recorded of it; after Ctrl-C that is kept."""
        tracker, history = BatchMetricsTracker(), keras.callbacks.History()
        guard = DivergenceGuard(constant_loss(self.model, self.data), verbose=0)

        def outcome(stopped_in: int | None = None) -> TrainingOutcome:
            label = schedule_label(self.schedule)
            return _outcome(
                rate, history, tracker, schedule=label, cuts=guard.cuts,
                head_start=None if head_start is None else head_start.batches,
                epochs_asked=self.epochs, stopped_in=stopped_in,
            )  # fmt: skip

        interruptible = None
        try:
            with (
                HeldInterrupt() as interrupt,
                telling(self.progress, TRAINING, self.epochs, rate) as told,
            ):
                interruptible = _Interruptible(interrupt)
                fitting.train(
                    self.model, self.data, self.validation_data, learning_rate=rate,
                    epochs=self.epochs, batch_size=self.batch_size, seed=self.seed,
                    schedule=self.schedule, guard=guard, checkpoint=checkpoint,
                    verbose=0, head_start=head_start,
                    callbacks=[*told, tracker, history, interruptible],
                )  # fmt: skip
        except KeyboardInterrupt:
            if keep is not None and getattr(history, "epoch", None):
                keep(outcome(interruptible.epoch if interruptible else None))
            raise
        return outcome()


def _outcome(
    rate: float,
    history: keras.callbacks.History,
    tracker: BatchMetricsTracker,
    **about: Any,
) -> TrainingOutcome:
    """What was recorded of the epochs that have ended."""
    frame = pd.DataFrame(history.history)
    frame.insert(0, "epoch", np.array(history.epoch, dtype=int) + 1)
    batches = {"loss": [math.nan] * len(tracker.history["step"])} | tracker.history
    record = TrainingRecord(batches, history.history)
    return TrainingOutcome(rate, frame, record, **about)


class _Interruptible(keras.callbacks.Callback):
    """Lets Ctrl-C through after each batch: the model is whole then."""

    def __init__(self, interrupt: HeldInterrupt):
        super().__init__()
        self._interrupt = interrupt
        self.epoch = 1

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.epoch = epoch + 1

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        try:
            self._interrupt.check()
        except KeyboardInterrupt:
            _ = self.model  # under JAX: brings the variables up to date
            raise
