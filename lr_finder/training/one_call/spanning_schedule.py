"""A schedule that spans a training, also one whose length is not known at its start."""

from __future__ import annotations

from typing import Any

from lr_finder.schedules.composition import as_schedule
from lr_finder.schedules.decays import constant
from lr_finder.schedules.named import check_name, spanning
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.scheduling.rate_of_training import check_counts_steps


class SpanningSchedule(ApplySchedule):
    """Sets the rate by a schedule that spans all epochs of a `fit`.

    If the number of batches in an epoch is unknown, they are counted in the first epoch
    that is trained, at a constant rate. The second epoch enters the schedule at its own
    step. So a training of one such epoch has a constant rate.

    Args:
        schedule: str, Schedule or function step -> rate, as `spanning` takes it.
        lr: float > 0, the highest rate.
        batches: int, in an epoch, if `fit` does not know; None to count them.

    Raises:
        InputError: If there is no such schedule, or, in `fit`, if it counts epochs.

    Example:
    >>> import keras
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> callback, x = SpanningSchedule("wsd", 0.1), np.ones((8, 1))
    >>> _ = model.fit(x, x, batch_size=2, epochs=3, verbose=0, callbacks=[callback])
    >>> callback.schedule
    wsd(0.1, 12)
    """

    def __init__(self, schedule: Any, lr: float, batches: int | None = None):
        super().__init__(lr)
        self.params: dict[str, Any] = {}
        self._given, self._lr, self._known = schedule, lr, batches
        check_name(schedule) if isinstance(schedule, str) else as_schedule(schedule)

    @property
    def batches(self) -> int | None:
        """The batches of an epoch, as soon as they are known."""
        return self._batches

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Span the training, if its length is known."""
        steps = self.params.get("steps") or self._known
        self.schedule = constant(self._lr)
        if steps:
            self.schedule = self._spanning(steps)
            self.params = {**self.params, "steps": steps}
        super().on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Find the step at which the epoch begins; the first is step 0 if unknown."""
        if self._batches:
            super().on_epoch_begin(epoch, logs)
        else:
            self._begin = 0

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """After the first epoch, span the training, if its length was unknown."""
        super().on_epoch_end(epoch, logs)
        if not self._batches:
            self._batches = self._next
            self.schedule = self._spanning(self._batches)
            self._check_length(self._batches)

    def _spanning(self, batches: int) -> Any:
        epochs = self.params.get("epochs") or 1
        check_counts_steps(self._given, epochs, batches)
        return spanning(self._given, self._lr, epochs * batches)
