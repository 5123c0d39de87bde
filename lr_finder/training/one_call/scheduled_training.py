"""The training of a `fit` at known rates: its callbacks, and the rates afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import keras

from lr_finder.training.one_call.arguments import FitArguments
from lr_finder.training.one_call.resuming import KeepsRate, Kept, folders_of
from lr_finder.training.one_call.spanning_schedule import SpanningSchedule
from lr_finder.training.optimizer_rates import Rates, current_rate, rate_holders
from lr_finder.training.preserving.limits import from_first_epoch, step_by_step
from lr_finder.training.scheduling.cooldown import Cooldown
from lr_finder.training.watching.constant_loss import constant_loss
from lr_finder.training.watching.guard import DivergenceGuard


class ScheduledTraining:
    """Trains a model as its `fit` does, by a schedule and under a guard.

    Args:
        model: keras.Model, compiled.
        given: FitArguments.
        callbacks: list of keras.callbacks.Callback, those given.
        schedule: what `spanning` takes, or None for a constant rate.
        rates: mapping of the name of a group to its rate, the default group first; of
            None to the rate, if there are no groups.
        kept: Kept, of an interrupted training that this one resumes, or None.

    Example:
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.ones((4, 1))
    >>> given = FitArguments(x, x, epochs=2, verbose=0)
    >>> training = ScheduledTraining(model, given, [], "wsd", {None: 0.5})
    >>> training.run().epoch, current_rate(model.optimizer)
    ([0, 1], 0.5)
    """

    def __init__(
        self,
        model: keras.Model,
        given: FitArguments,
        callbacks: list[keras.callbacks.Callback],
        schedule: Any,
        rates: Mapping[str | None, float],
        kept: Kept | None = None,
    ):
        self._model, self._given, self._callbacks = model, given, callbacks
        self._found, self._kept = rates, kept
        self._schedule: SpanningSchedule | None = None
        if schedule is not None and given.epochs_to_come:
            batches = None if kept is None else kept.batches
            lr = next(iter(rates.values()))
            self._schedule = SpanningSchedule(schedule, lr, batches)
        verbose = int(given.verbose != 0)
        guard = _first(callbacks, DivergenceGuard)
        self._guard = guard or DivergenceGuard(_guess(model, given), verbose=verbose)
        self._cooldown = _first(callbacks, Cooldown)
        stop = _first(callbacks, keras.callbacks.EarlyStopping)
        if self._schedule and stop and not self._cooldown:
            self._cooldown = Cooldown(verbose=verbose)

    def run(self, **changed: Any) -> keras.callbacks.History:
        """Train; afterwards the optimizer holds the rates that were found.

        Args:
            changed: any, arguments of `fit` that replace those given.

        Returns:
            keras.callbacks.History, with the `cuts` of the guard.
        """
        model, before = self._model, self._kept
        with contextlib.ExitStack() as stack:
            stack.enter_context(from_first_epoch(model))
            if self._schedule:
                stack.enter_context(step_by_step(model))
            self._set_rates()
            stack.callback(self._put_rates)
            if before is not None and self._cooldown:
                self._cooldown.begun = before.cooldown
            given = self._given.changed(callbacks=self._list(), **changed)
            history = model.fit(**given)
            history.cuts = list(self._guard.cuts)
            return history

    def _set_rates(self) -> None:
        optimizer = self._model.optimizer
        for name, rate in self._found.items():
            Rates(optimizer, name).set(rate)
        self._rates = [(each, current_rate(each)) for each in rate_holders(optimizer)]

    def _put_rates(self) -> None:
        """Set the rates found, lowered as far as the guard has lowered them."""
        if self._schedule:
            self._schedule.restore()
        for holder, rate in self._rates:
            holder.learning_rate = rate * self._factor

    @property
    def _factor(self) -> float:
        before = 1.0 if self._kept is None else self._kept.factor
        return before * self._guard.factor ** len(self._guard.cuts)

    def _list(self) -> list[keras.callbacks.Callback]:
        """The callbacks: the schedule before those given, the others after them."""
        first: list[keras.callbacks.Callback] = []
        if self._schedule:
            first.append(self._schedule)
            if self._kept is not None and self._kept.factor != 1:
                first.append(_Lowered(self._schedule, self._kept.factor))
        own = [self._guard, self._cooldown]
        after = [each for each in own if each and each not in self._callbacks]
        if folders := folders_of(self._callbacks):
            after.append(KeepsRate(folders, self._now))
        return [*first, *self._callbacks, *after]

    def _now(self) -> Kept:
        """What is to be kept beside a backup."""
        return Kept(
            tuple(self._found.values()),
            self._schedule.batches if self._schedule else None,
            self._factor,
            self._cooldown.begun if self._cooldown else None,
        )


class _Lowered(keras.callbacks.Callback):
    """Lowers the rates of a resumed training as a guard had lowered them before."""

    def __init__(self, schedule: SpanningSchedule, factor: float):
        super().__init__()
        self._schedule, self._factor = schedule, factor

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._schedule.lower(self._factor)


def _guess(model: keras.Model, given: FitArguments) -> float | None:
    """The loss of a constant guess, if model and data tell it."""
    if given.class_weight is not None:
        return None
    return constant_loss(model, (given.x, given.y, given.sample_weight))


def _first(callbacks: list[keras.callbacks.Callback], kind: type) -> Any:
    return next((each for each in callbacks if isinstance(each, kind)), None)
