"""The arguments of `fit` as a record, and checks of its callbacks and schedule."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras

from lr_finder.errors import InputError
from lr_finder.training.scheduling.apply_schedule import ApplySchedule
from lr_finder.training.temporary import TemporaryTraining

REFUSED = {
    keras.callbacks.LearningRateScheduler: (
        "Leave it out and give its function as a function of the step: "
        "schedule=lambda step: function(step // batches, 0.001)"
    ),
    ApplySchedule: "Leave it out and give its schedule as schedule=…",
    TemporaryTraining: "Leave it out: lr_finder.fit sweeps by itself",
}


@dataclasses.dataclass(frozen=True)
class FitArguments:
    """The arguments of `keras.Model.fit`, under its names and with its defaults.

    Example:
    >>> FitArguments(x=1, epochs=5).changed()
    {'x': 1, 'epochs': 5}
    >>> FitArguments(x=1).changed(x=2)
    {'x': 2}
    """

    x: Any = None
    y: Any = None
    batch_size: int | None = None
    epochs: int = 1
    verbose: int | str = "auto"
    callbacks: Any = None
    validation_split: float = 0.0
    validation_data: Any = None
    shuffle: bool = True
    class_weight: dict[int, float] | None = None
    sample_weight: Any = None
    initial_epoch: int = 0
    steps_per_epoch: int | None = None
    validation_steps: int | None = None
    validation_batch_size: int | None = None
    validation_freq: Any = 1

    @property
    def last_epoch(self) -> int:
        """The epoch that ends the training; `set_max_epochs` of Keras may limit it."""
        return min(self.epochs, keras.config.max_epochs() or self.epochs)

    @property
    def epochs_to_come(self) -> int:
        """How many epochs are trained."""
        return max(0, self.last_epoch - self.initial_epoch)

    @property
    def splits(self) -> bool:
        """Whether the last rows are held back from training."""
        return bool(self.validation_split) and self.validation_data is None

    def changed(self, **replaced: Any) -> dict[str, Any]:
        """The arguments for `fit` that differ from their defaults.

        A model's own `fit` need not take all of them.

        Args:
            replaced: any, values that replace some of those given.

        Returns:
            dict of name to value.
        """
        told = {}
        for field in dataclasses.fields(self):
            value = replaced.get(field.name, getattr(self, field.name))
            if value is not field.default:
                told[field.name] = value
        return told


def listed_callbacks(given: Any) -> list[keras.callbacks.Callback]:
    """The callbacks of a training, in one list.

    Args:
        given: Callback, structure of them, or None, as `keras.Model.fit` takes them.

    Returns:
        list of keras.callbacks.Callback.

    Raises:
        InputError: If one is no callback, or if `fit` refuses it.

    Example:
    >>> listed_callbacks(None), len(listed_callbacks(keras.callbacks.TerminateOnNaN()))
    ([], 1)
    """
    callbacks = [] if given is None else keras.tree.flatten(given)
    for each in callbacks:
        if isinstance(each, keras.callbacks.CallbackList) or not isinstance(
            each, keras.callbacks.Callback
        ):
            raise InputError(
                "Argument `callbacks` must be a list of Keras callbacks. Received: "
                f"{each!r:.50}. Give [callback, …]."
            )
        for kind, way_out in REFUSED.items():
            if isinstance(each, kind):
                raise InputError(
                    f"Argument `callbacks` of lr_finder.fit must hold no "
                    f"{type(each).__name__}, because fit sets the rate itself. "
                    f"Received: one. {way_out}."
                )
    return callbacks
