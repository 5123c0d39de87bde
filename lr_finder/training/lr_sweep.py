"""The sweep as a Keras callback, for one's own `fit`."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from lr_finder.analysis.sweep.stopping import StoppingRule, StopReason
from lr_finder.errors import InputError, ModelError
from lr_finder.results.sweep import Curve, SweepResult
from lr_finder.schedules.sweeps import SWEEPS, sweep_rates
from lr_finder.training.checking.description import describe_training
from lr_finder.training.optimizer_rates import Rates, check_rates
from lr_finder.training.preserving.structure import Structure
from lr_finder.training.state import ModelState
from lr_finder.training.stepping.building import (
    build_at_first_batch,
    builds_in_fit,
    lacks_weights,
)
from lr_finder.training.stepping.refusals import check_compiled
from lr_finder.training.stepping.steps import loss_of, metrics_behind_loss
from lr_finder.training.temporary import TemporaryTraining
from lr_finder.training.validation import VALIDATION_SAMPLES, ValidationLoss


class LRSweep(TemporaryTraining):
    r"""Sweeps the learning rate during a `fit` of your own.

    Before batch `i` the rate is set to `lrs[i]`, and the loss of that batch alone is
    recorded. If the optimizer accumulates gradients over `k` batches, a step is `k`
    batches, and its loss is their mean. After `steps` steps, or when the loss diverges,
    `fit` ends early, and model and optimizer are put back as they were when `fit`
    began. At the end of each epoch the other callbacks (checkpoints, `EarlyStopping`)
    find the model as it was, whatever their order; with the next batch the sweep goes
    on. If `fit` raises, Keras tells callbacks nothing: call `restore()` then, or use
    `lr_finder.sweep`. The History of this `fit` shows the last batch only, because the
    metrics are reset for each batch.

    Args:
        start_lr: float > 0, the rate of the first batch.
        end_lr: float > start_lr, the rate of the last batch.
        steps: int >= 2, number of steps: of batches, unless gradients accumulate.
        mode: `"exponential"` (equal factors) or `"linear"` (equal increments).
        stop: bool, whether to end when the loss diverges. A loss that is not finite
            ends the sweep in any case.
        validation_data: `(x, y)` of arrays, or batches. The loss on them is measured
            after each step too: `result.validation`; see `lr_finder.sweep`.
        validation_samples: int, the most samples taken of them; None takes all.
        group: str or int or None; the `name` of the optimizer of a `MultiOptimizer`
            that is swept alone, or its index in `model.optimizer.optimizers`. With None
            all rates are multiplied by one factor, and `lrs` are the rates of the
            default optimizer.

    Attributes:
        result: SweepResult of the last `fit`, or None before it.

    Raises:
        InputError: If an argument breaks its rule; in `fit`, if another callback does
            not work beside a sweep.

    Example:
    >>> import keras
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> sweep = LRSweep(start_lr=1e-4, end_lr=1e-1, steps=4)
    >>> x = np.ones((32, 1))
    >>> _ = model.fit(x, x, batch_size=8, verbose=0, callbacks=[sweep])
    >>> sweep.result.lrs
    array([0.0001, 0.001 , 0.01  , 0.1   ])

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017
        (https://arxiv.org/abs/1506.01186), section 3.3.
    """

    def __init__(
        self,
        start_lr: float = 1e-7,
        end_lr: float = 10.0,
        steps: int = 200,
        mode: str = "exponential",
        stop: bool = True,
        validation_data: Any = None,
        validation_samples: int | None = VALIDATION_SAMPLES,
        group: str | int | None = None,
    ):
        super().__init__()
        if mode not in SWEEPS:
            raise InputError(
                f"Argument `mode` must be one of {sorted(SWEEPS)}. Received: "
                f"mode={mode!r}."
            )
        self._rate = sweep_rates(mode, start_lr, end_lr, steps)
        self.start_lr, self.end_lr = float(start_lr), float(end_lr)
        self.steps, self.mode, self.stop = int(steps), mode, bool(stop)
        self.group = group
        self.repeats = 1
        self.result: SweepResult | None = None
        self._validation = None
        if validation_data is not None:
            self._validation = ValidationLoss(validation_data, validation_samples)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Keep model and optimizer aside."""
        if self.model.steps_per_execution != 1:
            raise ModelError(
                "Argument `steps_per_execution` must be 1 for LRSweep, which needs the "
                f"loss of each batch. Received: {self.model.steps_per_execution}. "
                "Compile with 1, or use lr_finder.sweep, which sets it for the sweep."
            )
        check_compiled(self.model)
        check_rates(self.model, self.group)
        if self._validation is not None:
            self._validation.check(self.model)
        self._structure, self._state = Structure(self.model), None
        self._was_trained = self.model.optimizer.built
        if builds_in_fit(self.model) and lacks_weights(self.model):
            build_at_first_batch(self.model, self._begin_in_first_batch)
        else:
            self._begin_in_fit()

    def _begin_in_fit(self) -> None:
        with self._untouched_if_refused():
            self._begin(ModelState(self.model, in_fit=True))

    def _begin_in_first_batch(self) -> None:
        """Begin after the first batch has, the model having just been built on it."""
        self._begin_in_fit()
        self.on_train_batch_begin(0)

    @contextlib.contextmanager
    def _untouched_if_refused(self) -> Iterator[None]:
        """Leave the model as `fit` gave it to this callback, if an error ends it."""
        try:
            yield
        except BaseException:
            self._take_back()
            raise

    def _take_back(self) -> None:
        _ = self.model  # under JAX: brings the variables up to date
        self.restore()
        self._structure.restore()
        if not self._was_trained:  # what `fit` has traced refers to what is gone
            self.model.train_function = None

    def _begin(self, state: ModelState) -> None:
        self.result, self._state = None, state
        self._curves: list[Curve] = []
        self._aside = None
        self._has_schedule = state.has_schedule
        self._rates = Rates(state.model.optimizer, self.group)
        self._batches = 0
        self._metadata = self._describe()
        self._metrics = metrics_behind_loss(state.model)
        self._begin_curve()

    def _begin_curve(self) -> None:
        self._losses: list[float] = []
        self._validation_losses: list[float] = []
        self._rule = StoppingRule()
        self._begin_step()

    def _begin_step(self) -> None:
        self._batch_losses: list[float] = []
        if self._rates.accumulation > 1:
            self._position = self._position_of_optimizer()

    def _position_of_optimizer(self) -> int:
        _ = self.model  # under JAX: brings the variables up to date
        return self._rates.position()

    @property
    def _is_over(self) -> bool:
        return len(self._curves) == self.repeats

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Set the rate of this step; let the loss of each batch stand alone."""
        self.take_up()
        if self._state is None or self._is_over:
            return
        _ = self.model  # under JAX: brings the variables up to date
        for metric in self._metrics:
            metric.reset_state()
        if not self._batch_losses:
            self._rates.set(self._rate(len(self._losses)))

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Record the loss of this batch, and end the sweep where it is over."""
        if self._is_over:
            return
        self._batches += 1
        with self._untouched_if_refused():
            self._batch_losses.append(loss_of(logs))
        if self._step_is_complete():
            self._record(float(np.mean(self._batch_losses)))
        # A data source tidies up best at the end of its epoch: stop before it only.
        if self._is_over and batch + 1 != self.params.get("steps"):
            self.model.stop_training = True

    def _step_is_complete(self) -> bool:
        """Whether the optimizer has made its step, or has been given its batches.

        A `LossScaleOptimizer` skips a batch whose gradients overflow: its steps may
        then end elsewhere, and the sweep goes by the optimizer's own count.
        """
        count = self._rates.accumulation
        if count == 1 or len(self._batch_losses) == count:
            return True
        position = self._position_of_optimizer()
        return position != self._position and position % count == 0

    def _record(self, loss: float) -> None:
        """Take in the loss of a step, and end the curve where it is over."""
        reason = self._rule.update(loss)
        if reason != StopReason.NONFINITE and not self._validated():
            reason = StopReason.NONFINITE
        if reason != StopReason.NONFINITE:
            self._losses.append(loss)
            if not self.stop:
                reason = None
            if reason is None and len(self._losses) == self.steps:
                reason = StopReason.COMPLETED
        if reason is not None:
            self._end_curve(reason)
        else:
            self._begin_step()

    def _validated(self) -> bool:
        """Record the validation loss of the step, if asked for; False if not finite."""
        if self._validation is None:
            return True
        loss = self._validation.of(self.model)
        if math.isfinite(loss):
            self._validation_losses.append(loss)
        return math.isfinite(loss)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep `fit` from another epoch once the sweep is over."""
        if self._is_over:
            self.model.stop_training = True
        self.set_aside()

    def _end_curve(self, reason: StopReason) -> None:
        lrs = [self._rate(step) for step in range(len(self._losses))]
        losses = np.array(self._losses)
        validation = np.array(self._validation_losses) if self._validation else None
        self._curves.append(Curve(np.array(lrs), losses, reason, validation))
        if not self._is_over:
            _ = self.model  # under JAX: brings the variables up to date first
            if self._state is not None:
                self._state.rewind()
            self._begin_curve()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Make the result, and put model and optimizer back."""
        self._finish()
        self._restore_at_end()

    def _finish(self) -> None:
        if not self._is_over:
            self._end_curve(StopReason.DATA_ENDED)
            self._warn_of_short_fit()
        self.result = SweepResult(tuple(self._curves), self._metadata)

    def _warn_of_short_fit(self) -> None:
        done = len(self._curves[-1])
        needed = self.steps * self._rates.accumulation
        warnings.warn(
            f"The fit ended after {done} of the {self.steps} steps of the sweep, at a "
            f"learning rate below end_lr={self.end_lr:g}. "
            f"{self._advice(done, needed, self._batches)}.",
            stacklevel=2,
        )

    def _describe(self) -> dict[str, Any]:
        """What is swept and how, in JSON's types."""
        described = {
            "mode": self.mode,
            "start_lr": self.start_lr,
            "end_lr": self.end_lr,
            "steps": self.steps,
            "group": self.group,
            "gradient_accumulation_steps": self._rates.accumulation,
            # The rate of a schedule's first step says nothing of those to come.
            "compiled_lr": None if self._has_schedule else self._rates.compiled,
        }
        if self._validation is not None:
            described["validation_samples"] = self._validation.samples
        return described | describe_training(self.model)
