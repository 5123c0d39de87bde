"""What sets the rate during a training: a schedule or plateaus, never both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from lr_finder._text import counted
from lr_finder.errors import InputError
from lr_finder.schedules.composition import as_schedule
from lr_finder.schedules.named import AS_DEFAULT, schedule_label, spanning
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.watching.choices import Choice

SETTERS = (
    ApplySchedule,
    keras.callbacks.LearningRateScheduler,
    keras.callbacks.ReduceLROnPlateau,
)


def settle(
    schedule: Any,
    reduce_on_plateau: Choice,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> tuple[Any, Choice]:
    """Choose between a schedule and plateaus, by what was asked for.

    What is asked for replaces a default: plateaus replace the default schedule, and a
    callback that sets the rate replaces both.

    Args:
        schedule: `"default"`, or what `spanning` takes, or None.
        reduce_on_plateau: Choice; None for plateaus if there is no schedule.
        callbacks: sequence of keras.callbacks.Callback of the training.

    Returns:
        `(schedule, reduce_on_plateau)`: one of them is None or False. The schedule is
        None for a constant rate.

    Raises:
        InputError: If both are asked for, or `schedule` is no schedule.

    Example:
    >>> settle("default", None), settle(None, None), settle("default", True)
    (('default', False), (None, True), (None, True))
    >>> settle("constant", None)
    (None, False)
    """
    is_default = isinstance(schedule, str) and schedule == AS_DEFAULT
    is_constant = schedule_label(schedule) is None
    setters = [type(one).__name__ for one in callbacks if isinstance(one, SETTERS)]
    is_lowered = not (reduce_on_plateau is None or reduce_on_plateau is False)
    if schedule is not None and not is_default:
        _check_alone(schedule, reduce_on_plateau if is_lowered else None, setters)
    if is_lowered or setters:
        return None, reduce_on_plateau if is_lowered else False
    if reduce_on_plateau is None:
        reduce_on_plateau = schedule is None
    return (None if is_constant else schedule), reduce_on_plateau


def following(
    schedule: Any, lr: float, epochs: int, batches: int
) -> keras.callbacks.Callback:
    """The callback that lets a training follow a schedule.

    Args:
        schedule: what `spanning` takes.
        lr: float > 0, the highest rate.
        epochs: int >= 1, the most that are trained.
        batches: int >= 1, in an epoch.

    Returns:
        ApplySchedule.

    Raises:
        InputError: If the schedule counts epochs.

    Example:
    >>> following("wsd", 0.1, epochs=20, batches=5).schedule
    wsd(0.1, 100)
    """
    epochs = min(epochs, keras.config.max_epochs() or epochs)
    batches = min(batches, keras.config.max_steps_per_epoch() or batches)
    check_counts_steps(schedule, epochs, batches)
    return ApplySchedule(spanning(schedule, lr, epochs * batches))


class RateInHistory(keras.callbacks.Callback):
    """Adds the rate at the end of each epoch to History, as `ReduceLROnPlateau` does.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> logs, callback = {}, RateInHistory()
    >>> callback.set_model(model)
    >>> callback.on_epoch_end(0, logs)
    >>> logs
    {'learning_rate': 0.5}
    """

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Add the rate to the logs."""
        if logs is not None:
            logs["learning_rate"] = current_rate(self.model.optimizer)


def _check_alone(schedule: Any, reduce_on_plateau: Choice, setters: list[str]) -> None:
    """Raise `InputError` if a schedule that was asked for has a rival."""
    if reduce_on_plateau is not None:
        raise InputError(
            "Arguments `schedule` and `reduce_on_plateau` must not both set the "
            f"learning rate. Received: schedule={schedule!r:.50} and "
            f"reduce_on_plateau={reduce_on_plateau!r:.50}. Leave one of them out."
        )
    if setters:
        raise InputError(
            f"Argument `schedule` must be None beside a callback that sets the "
            f"learning rate too. Received: schedule={schedule!r:.50} and "
            f"{setters[0]} in `callbacks`. Leave one of them out."
        )


def check_counts_steps(given: Any, epochs: int, batches: int) -> None:
    """Raise `InputError` if a schedule has the length of a training in epochs.

    Args:
        given: what `spanning` takes.
        epochs: int >= 1.
        batches: int >= 1, of an epoch.

    Raises:
        InputError: If it has.

    Example:
    >>> check_counts_steps("wsd", 10, 20)
    """
    if isinstance(given, str):
        return
    schedule = as_schedule(given)
    if batches > 1 and schedule.steps == epochs:
        total = counted(epochs * batches, "step")
        raise InputError(
            "Argument `schedule` must count the steps of the training, not its epochs. "
            f"Received: {schedule}, for {counted(epochs, 'epoch')} of {batches:,} "
            f'steps. Give a schedule of {total}, or a name such as "wsd", which has '
            "the length of the training."
        )
