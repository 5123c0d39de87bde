"""A schedule as a callback of `fit`: it sets the rate before each step or epoch."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import keras

from lr_finder._arguments import check_count, check_fraction
from lr_finder._text import counted
from lr_finder.errors import InputError, ModelError
from lr_finder.schedules.composition import SchedulePart, as_schedule
from lr_finder.schedules.schedule import Schedule, told_if_shorter
from lr_finder.training.checking.neighbours import list_around
from lr_finder.training.optimizer_rates import check_rates
from lr_finder.training.scheduling.moved_rates import MovedRates
from lr_finder.training.stepping.refusals import check_no_schedule
from lr_finder.training.temporary import TemporaryTraining

UNITS = ("step", "epoch")
RIVALS = (
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
    TemporaryTraining,
)


class ApplySchedule(keras.callbacks.Callback):
    r"""Sets the learning rate by a schedule, before each batch or epoch of a `fit`.

    A step of the schedule is counted from the epoch:

    $$ step = epoch \cdot batches + batch $$

    So a `fit` with `initial_epoch`, or one that
    `BackupAndRestore` resumes, enters the schedule at the right step. A step is a
    batch, even if the optimizer accumulates gradients. In a `MultiOptimizer` the
    default group gets the rate of the schedule, and the other rates keep their
    proportion to it. After `fit` the rates are put back to what they were before, so a
    later `fit` does not begin at the end of a schedule. If `fit` raises, Keras tells
    callbacks nothing: call `restore()` then. Nothing else is touched, not even History.

    A schedule that is set for each batch is as exact as a table in the optimizer
    (`to_keras`): the weights are the same to the last bit. The callback works for any
    compiled model; a table must be made before the model is compiled. If the rate
    changes with each batch, the callback takes time that shows in a small model: under
    JAX about as much as the step itself. At a constant rate it takes none, and a table
    never does.

    Args:
        schedule: Schedule; a function step -> rate or a rate will do.
        per: `"step"` or `"epoch"`: a step of the schedule is a batch or an epoch.

    Raises:
        InputError: If an argument breaks its rule. In `fit`, before anything is
            trained: if the length of the schedule is the number of epochs and
            `per="step"`, or the other way round; if another callback sets the rate
            too; if training begins in a later epoch of unknown length.
        ModelError: In `fit`, before anything is trained: if the optimizer was compiled
            with a schedule or has a rate that cannot be set, or if steps are executed
            several at a time.

    Warns:
        UserWarning: If the schedule ends before the training does, once in each `fit`.

    Example:
    >>> from lr_finder.schedules import linear
    >>> import numpy as np
    >>> from lr_finder.training.optimizer_rates import current_rate
    >>> from lr_finder.training.watching.trackers import LearningRateTracker
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> x, tracker = np.ones((32, 1)), LearningRateTracker()
    >>> callbacks = [ApplySchedule(linear(0.4, 0.0, 4)), tracker]
    >>> _ = model.fit(x, x, batch_size=8, verbose=0, callbacks=callbacks)
    >>> tracker.learning_rates, current_rate(model.optimizer)
    ([0.4, 0.3, 0.2, 0.1], 0.5)
    """

    def __init__(self, schedule: SchedulePart, per: str = "step"):
        super().__init__()
        if per not in UNITS:
            raise InputError(
                f'Argument `per` must be "step" or "epoch". Received: per={per!r}.'
            )
        self.schedule, self.per = as_schedule(schedule), per
        self._factor = 1.0
        self._moved: MovedRates | None = None

    def set_model(self, model: keras.Model) -> None:
        """Take the model, and note its rates before another callback changes them.

        `BackupAndRestore` loads the rates that an interrupted training had reached.

        Args:
            model: keras.Model.

        Raises:
            InputError: If another callback sets the rate too.
            ModelError: If the rate cannot be set.
        """
        super().set_model(model)
        found = list_around(self)
        if found is not None:
            _check_rivals([each for each in found.callbacks if each is not self])
        check_rates(model)
        check_no_schedule(model, "ApplySchedule")
        if self._moved is None or not self._moved.are_of(model.optimizer):
            self._moved = MovedRates(model.optimizer)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that the schedule suits the length of the training."""
        self._begin = self._next = 0  # the steps at which epochs begin
        self._batches = self.params.get("steps")
        self._is_first, self._factor = True, 1.0
        self._cooldown: _Cooling | None = None
        self._last: float | None = None  # another callback may still load a rate
        if self.per == "step" and self.model.steps_per_execution != 1:
            raise ModelError(
                'Argument `steps_per_execution` must be 1 for ApplySchedule(per="step")'
                ", as callbacks are called only between executions. Received: "
                f"{self.model.steps_per_execution}. Compile with 1, or with "
                "optimizer=…(lr_finder.to_keras(schedule, total_steps)), which works "
                "within executions too."
            )
        if self._batches:
            self._check_length(self._batches)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the rate of the epoch, or find the step at which it begins."""
        is_unknown = self._is_first and epoch and not self._batches
        if is_unknown and self.per == "step":
            raise _unknown_length(epoch)
        self._begin = epoch * self._batches if self._batches else self._next
        # If data runs out, a batch has begun that was never trained: JAX forgets its
        # rate, so the first one of each epoch is set anew.
        self._last = None
        if self.per == "epoch" and self._cooldown is None:
            self._set(epoch)

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Set the rate of this step."""
        if self.per == "step" or self._cooldown is not None:
            self._set(self._begin + batch)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Count the batch now: if data runs out, TensorFlow begins one too many."""
        self._next = self._begin + batch + 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """After the first epoch, check the length, if it was unknown before."""
        if self._is_first and not self._batches:
            self._check_length(self._next - self._begin)
        self._is_first = False

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Put the rates back."""
        self.restore()

    def lower(self, factor: float) -> None:
        """Multiply all rates from the next step on, until this `fit` ends.

        For another callback that lowers the rate: if it set the optimizer's rate
        itself, the schedule would overwrite that at the next step.

        Args:
            factor: float in (0, 1).

        Raises:
            InputError: If it is not in (0, 1).
        """
        check_fraction("factor", factor, usual=0.3)
        self._factor *= factor

    def rate_after(self, epoch: int) -> float:
        """The rate with which the epoch after this one begins.

        Args:
            epoch: int >= 0, one that has ended or is ending.

        Returns:
            float >= 0.
        """
        if self._cooldown is None and self.per == "epoch":
            return self.schedule(epoch + 1) * self._factor
        return self._rate(self._step_after(epoch)) * self._factor

    def cool_down(self, epoch: int, epochs: int) -> None:
        r"""Let the rate fall in a line to 0 after an epoch, until this `fit` ends.

        $$ lr(b + i) = lr(b) \cdot (1 - i / n), \quad i < n $$

        with the step $b$ after the epoch and $n$ batches in these epochs. The rate
        falls with each batch, even if the schedule counts epochs. After $n$ batches it
        stays at 0: the caller must end the training then.

        Args:
            epoch: int >= 0, the last epoch before the fall. It has ended or is ending,
                or it ended in an earlier `fit` that this one resumes.
            epochs: int >= 1, how long the rate falls.

        Raises:
            InputError: If `epochs` breaks its rule, or if the data has an unknown
                length and no epoch has been counted yet.
        """
        check_count("epochs", epochs, least=1)
        begin = self._step_after(epoch)
        batches = self._batches or self._next - self._begin
        if not batches:
            raise _unknown_length(epoch + 1)
        highest = self.schedule(epoch + 1 if self.per == "epoch" else begin)
        self._cooldown = _Cooling(begin, epochs * batches, highest)

    def _step_after(self, epoch: int) -> int:
        return (epoch + 1) * self._batches if self._batches else self._next

    def _rate(self, step: int) -> float:
        return (self._cooldown or self.schedule)(step)

    def restore(self) -> None:
        """Put the rates back to what they were, unless others have been set since.

        `fit` does this at its end; after an exception in `fit`, call it yourself. A
        second call changes nothing.
        """
        if self._moved is not None:
            _ = self.model  # under JAX: brings the variables up to date first
            self._moved.put_back()
            self._moved = None

    def _set(self, step: int) -> None:
        rate = self._rate(step) * self._factor
        if self._moved is not None and rate != self._last:
            _ = self.model  # under JAX: else the assignment is lost; it takes time
            self._moved.set(rate)
            self._last = rate

    def _check_length(self, batches: int) -> None:
        epochs = self.params.get("epochs") or 1
        _check_unit(self.schedule, self.per, epochs, batches)
        total = epochs * batches if self.per == "step" else epochs
        if told := told_if_shorter(self.schedule, total, self.per):
            warnings.warn(told, stacklevel=2)


@dataclasses.dataclass(frozen=True)
class _Cooling:
    """A rate that falls in a line to 0, from a step on."""

    begin: int
    steps: int
    highest: float

    def __call__(self, step: int) -> float:
        done = min(max(step - self.begin, 0), self.steps)
        return self.highest * (1 - done / self.steps)


def _unknown_length(epoch: int) -> InputError:
    return InputError(
        'ApplySchedule(per="step") must know the batches in an epoch to begin in epoch '
        f"{epoch}. Received: data of unknown length. Call fit with steps_per_epoch=…, "
        'or give per="epoch".'
    )


def _check_rivals(others: list[keras.callbacks.Callback]) -> None:
    """Raise `InputError` if another callback of a `fit` sets the rate as well."""
    for each in others:
        if isinstance(each, (*RIVALS, ApplySchedule)):
            name = type(each).__name__
            raise InputError(
                f"Argument `callbacks` must hold no {name} beside ApplySchedule: both "
                "set the learning rate. Received: both. Leave one of them out."
            )


def _check_unit(schedule: Schedule, per: str, epochs: int, batches: int) -> None:
    """Raise `InputError` if a schedule of epochs is given per step, or vice versa."""
    lengths = {"step": epochs * batches, "epoch": epochs}
    other = next(unit for unit in UNITS if unit != per)
    if batches > 1 and schedule.steps == lengths[other]:
        raise InputError(
            f"Argument `per` must say what the schedule counts. Received: "
            f'per="{per}" with {schedule}, whose length is the number of {other}s. '
            f"The training has {counted(lengths[per], per)}. Give "
            f'per="{other}", or a schedule of {counted(lengths[per], per)}.'
        )
