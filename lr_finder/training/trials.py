"""Short trainings of a Keras model at constant rates, from the same weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from lr_finder.analysis.sweep.stopping import StoppingRule
from lr_finder.analysis.verification.candidates import Stretch
from lr_finder.training.feeding.batch_sources import readable
from lr_finder.training.feeding.replay import Replay
from lr_finder.training.optimizer_rates import Rates
from lr_finder.training.preserving.head_start import HeadStart
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.preserving.randomness import seed_globals
from lr_finder.training.state import ModelState
from lr_finder.training.stepping.steps import loss_of, metrics_behind_loss
from lr_finder.training.validation import ValidationLoss


class KerasTrials:
    """Trains one model at one rate after another: a `Trainer` for `halve`.

    Each stretch is a `fit` of its own on the same compiled model, whose weights,
    optimizer and random layers are put where the rate was left before: nothing is
    traced or compiled for it. Weights that are to be gone on with wait in memory. Each
    rate has the same batches, and the same random numbers.

    Args:
        model: keras.Model, within `preserve_state`.
        state: ModelState, where all start.
        interrupt: HeldInterrupt, checked after each batch.
        replay: Replay.
        seed: int, of layers without a seed of their own.
        group: str or int or None, as `Rates` takes it.
        validation: ValidationLoss, measured after each stretch, or None.
        fitting: mapping of what each `fit` gets besides: `class_weight`, `callbacks`,
            `verbose`.
    """

    def __init__(
        self,
        model: keras.Model,
        state: ModelState,
        interrupt: HeldInterrupt,
        replay: Replay,
        *,
        seed: int,
        group: str | int | None = None,
        validation: ValidationLoss | None = None,
        fitting: Mapping[str, Any] | None = None,
    ):
        self._model, self._state, self._interrupt = model, state, interrupt
        self._replay, self._seed = replay, seed
        self._fitting = {"verbose": 0} | dict(fitting or {})
        self._class_weight = self._fitting.pop("class_weight", None)
        self._callbacks = self._fitting.pop("callbacks", ())
        self._validation = validation
        self._rates = Rates(model.optimizer, group)
        self._kept: dict[float, Any] = {}
        self._rules: dict[float, StoppingRule] = {}

    def run(self, lr: float, first: int, last: int, *, is_kept: bool) -> Stretch:
        """Train at `lr` from step `first`, where it was left, up to step `last`.

        Args:
            lr: float > 0.
            first: int, steps made at this rate before; 0 starts anew.
            last: int > first.
            is_kept: bool, whether the weights reached are to be kept.

        Returns:
            Stretch, shorter than asked for if the loss diverged.
        """
        rule = self._rules.setdefault(lr, StoppingRule())
        if first == 0:
            rule.reset()
        self._state.put(self._kept.pop(lr, None) if first else None)
        seed_globals(self._seed + first)
        self._rates.set(lr)
        count = self._rates.accumulation
        recorder = _Recorder(rule, self._interrupt, count)
        data = self._replay.part(first * count, last * count)
        with readable(data, self._class_weight) as given:
            self._model.fit(
                **given,
                steps_per_epoch=(last - first) * count,
                shuffle=False,
                callbacks=[recorder, *self._callbacks],
                **self._fitting,
            )
        self._interrupt.check()
        validation = None
        if self._validation is not None and not recorder.has_diverged:
            validation = self._validation.of(self._model)
        if is_kept and not recorder.has_diverged:
            self._kept[lr] = self._state.copy()
        diverged = recorder.has_diverged or not math.isfinite(validation or 0.0)
        return Stretch(np.array(recorder.losses), diverged, validation)

    def head_start(self, lr: float, steps: int) -> HeadStart | None:
        """The weights kept at `lr`, to be gone on with after the trials.

        Args:
            lr: float, a rate.
            steps: int, made at it.

        Returns:
            HeadStart; None if nothing is kept of this rate.
        """
        values = self._kept.get(lr)
        if values is None:
            return None
        return HeadStart(lr, steps * self._rates.accumulation, values)

    def drop(self, lr: float) -> None:
        """Forget the weights reached at `lr`.

        Args:
            lr: float, a rate that will not be gone on with.
        """
        self._kept.pop(lr, None)


class _Recorder(keras.callbacks.Callback):
    """Records the loss of each step of the optimizer; ends `fit` where it diverges."""

    def __init__(self, rule: StoppingRule, interrupt: HeldInterrupt, accumulation: int):
        super().__init__()
        self._rule, self._interrupt = rule, interrupt
        self._accumulation = accumulation
        self._batch_losses: list[float] = []
        self.losses: list[float] = []
        self.has_diverged = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._metrics = metrics_behind_loss(self.model)

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        _ = self.model  # under JAX: brings the variables up to date
        for metric in self._metrics:
            metric.reset_state()

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        self._batch_losses.append(loss_of(logs))
        is_finite = math.isfinite(self._batch_losses[-1])
        if len(self._batch_losses) == self._accumulation or not is_finite:
            self.losses.append(float(np.mean(self._batch_losses)))
            self._batch_losses = []
            if self._rule.update(self.losses[-1]) is not None:
                self.has_diverged = True
                # A data source tidies up best at the end of its epoch.
                if batch + 1 != self.params.get("steps"):
                    self.model.stop_training = True
        self._interrupt.check()
