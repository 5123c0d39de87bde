"""A callback that lets the rate fall to 0 before an early stop ends a training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import keras

from lr_finder._arguments import check_fraction
from lr_finder._text import counted
from lr_finder.errors import InputError
from lr_finder.training.checking.neighbours import list_around
from lr_finder.training.scheduling.apply_schedule import ApplySchedule

SHARE = 0.3  # of the epochs so far: how long the rate falls, as in `schedules.wsd`


class Cooldown(keras.callbacks.Callback):
    r"""Turns "stop now" of an EarlyStopping into "cool down, then stop".

    If `EarlyStopping` would end a `fit` after $e$ epochs, the training goes on while
    the rate falls linearly, from its value at that time to 0, over

    $$ \min(\max(1, round(share \cdot e)), epochs - e) $$

    further epochs. Then the training ends. It is one `fit` with one History, and
    `restore_best_weights` finds the best weights of all its epochs, including those of
    the cooldown. If the schedule is already decaying by then, the rate falls from the
    value that it has reached, and the training ends no later than planned. If no epoch
    is left, or the rate is 0 already, the training ends at once. It also ends at once
    if another callback ends it, such as `TerminateOnNaN`.

    Put the callback after `EarlyStopping` in the list, and add an `ApplySchedule`,
    which sets the rate. The epoch that `EarlyStopping` prints is the end of the
    cooldown.

    Args:
        share: float in (0, 1), of the epochs so far.
        verbose: 0 or 1, whether a line is printed when the rate begins to fall.

    Attributes:
        begun: tuple `(epoch, epochs)`: the epoch, from 0, after which the rate began to
            fall, and for how many epochs; None if it has not. To resume a training
            that was interrupted in its cooldown, set it before `fit`.

    Raises:
        InputError: If `share` breaks its rule. At the start of `fit`, if there is no
            ApplySchedule beside it, or if an EarlyStopping comes after it.

    Example:
    >>> import numpy as np
    >>> from lr_finder.training.watching.trackers import LearningRateTracker
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> stop = keras.callbacks.EarlyStopping("loss", patience=3, min_delta=1e9)
    >>> callbacks = [ApplySchedule(0.1), stop, Cooldown(share=0.5)]
    >>> x, tracker = np.ones((4, 1)), LearningRateTracker()
    >>> _ = model.fit(x, x, epochs=50, verbose=0, callbacks=[*callbacks, tracker])
    >>> callbacks[-1].begun, [round(rate, 3) for rate in tracker.learning_rates]
    ((3, 2), [0.1, 0.1, 0.1, 0.1, 0.1, 0.05])
    """

    def __init__(self, share: float = SHARE, *, verbose: int = 0):
        super().__init__()
        check_fraction("share", share, usual=SHARE)
        self.share, self.verbose = share, verbose
        self.begun: tuple[int, int] | None = None

    def set_model(self, model: keras.Model) -> None:
        """Look for the schedule, and for each EarlyStopping.

        Keras does not say which callback ends a training. So two more are added to its
        list, around each EarlyStopping.

        Args:
            model: keras.Model.

        Raises:
            InputError: If the callbacks around this one do not suit it.
        """
        super().set_model(model)
        self._trained = model  # without the cost of `self.model` under JAX
        found = list_around(self)
        others = [] if found is None else list(found.callbacks)
        schedules = [each for each in others if isinstance(each, ApplySchedule)]
        if found is None or not schedules:
            raise InputError(
                "Argument `callbacks` must hold an ApplySchedule beside Cooldown, to "
                "move the rate. Received: none. For a constant rate until then, add "
                "ApplySchedule(0.001)."
            )
        self._schedule = schedules[0]
        self._stops = [
            each for each in others if isinstance(each, keras.callbacks.EarlyStopping)
        ]
        if any(others.index(each) > others.index(self) for each in self._stops):
            raise InputError(
                "Argument `callbacks` must hold Cooldown after EarlyStopping. Received "
                "it before. Move it to the end of the list."
            )
        found.callbacks = list(self._with_watches(others))

    def _with_watches(
        self, callbacks: list[keras.callbacks.Callback]
    ) -> Iterator[keras.callbacks.Callback]:
        for each in callbacks:
            if each not in self._stops:
                yield each
                continue
            yield _EpochEnd(self._before_stop)
            yield each
            yield _EpochEnd(self._after_stop)

    def _before_stop(self) -> None:
        self._was_ended = self._trained.stop_training

    def _after_stop(self) -> None:
        """Cancel the stop that EarlyStopping sets, unless another callback set it."""
        if self._trained.stop_training and not self._was_ended:
            self._trained.stop_training, self._has_fired = False, True

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start anew."""
        self._has_entered = self._has_fired = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """In the first epoch of a `fit`, see whether it lies in a cooldown."""
        if self._has_entered:
            return
        self._has_entered = True
        begun, self.begun = self.begun, None
        if begun is not None and begun[0] < epoch <= sum(begun):
            self._schedule.cool_down(*begun)
            self.begun = begun

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin the cooldown, go on with it, or end the training after it."""
        has_fired, self._has_fired = self._has_fired, False
        if self._trained.stop_training:  # another callback asks for it
            return
        if has_fired and self.begun is None:
            left = self.params["epochs"] - epoch - 1
            epochs = min(max(1, round(self.share * (epoch + 1))), left)
            if epochs < 1 or self._schedule.rate_after(epoch) <= 0:
                self._trained.stop_training = True
                return
            self._begin(epoch, epochs)
        if self.begun is not None and epoch >= sum(self.begun):
            self._trained.stop_training = True
            for each in self._stops:  # the epoch that they print
                each.stopped_epoch = each.stopped_epoch and epoch

    def _begin(self, epoch: int, epochs: int) -> None:
        self.begun = (epoch, epochs)
        self._schedule.cool_down(epoch, epochs)
        if self.verbose:
            print(
                f"\nEpoch {epoch + 1}: early stopping; first the rate falls to 0 over "
                f"{counted(epochs, 'epoch')}."
            )


class _EpochEnd(keras.callbacks.Callback):
    """Calls a function when an epoch ends, at its place in the list."""

    def __init__(self, act: Callable[[], None]):
        super().__init__()
        self._act = act

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._act()
