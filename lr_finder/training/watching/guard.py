"""A callback that takes a training back to where it was good, at a lower rate."""

from __future__ import annotations

import math
from typing import Any

import keras

from lr_finder._arguments import check_count, check_fraction, check_rate
from lr_finder._text import format_rate
from lr_finder.analysis.training.drift import Drift, DriftRule
from lr_finder.results.training import Cut
from lr_finder.training.checking.neighbours import list_around
from lr_finder.training.optimizer_rates import Rates, current_rate, rate_holders
from lr_finder.training.preserving.variables import kept_values
from lr_finder.training.stepping.refusals import check_no_schedule
from lr_finder.training.stepping.steps import has_own_step, loss_of
from lr_finder.training.watching.running_losses import RunningMean, is_running_mean

STRETCHES = 20  # of a training, each of which is judged
SHORTEST = 10  # steps of a stretch: the median of fewer losses is chance
UNKNOWN = 20  # steps of one, while nobody knows how many there will be
FACTOR = 1 / 3  # by which a rate is lowered
MOST_CUTS = 3  # a training that drifts at a 27th of its rate has another fault


class DivergenceGuard(keras.callbacks.Callback):
    r"""Saves a training whose loss drifts back towards where it came from.

    A rate that is stable for some hundred steps may diverge later, or suddenly saturate
    the network: the loss returns to that of a guess and stays there. The training is
    judged every 5 % of its steps. Let $m$ be the median of the latest batch losses, $b$
    the lowest such median and $r$ the loss from which the training came. If

    $$ m - b > 0.6 \, (r - b) $$

    then weights and optimizer go back to where they were before the best stretch, and
    the rate is lowered to a third. A loss that is not finite has the same effect at
    once; after the last time that it may go back, such a loss ends the training. A
    training that does not drift is not touched: weights and history are those
    of a `fit` without the guard, to the last bit. A `TerminateOnNaN` beside it ends the
    training at the first such loss all the same: leave it out.

    The optimizer's rate must be one that can be set, not a `LearningRateSchedule`; an
    `ApplySchedule` beside the guard is lowered by the same factor.

    Args:
        constant_loss: float > 0 or None, the loss of the best constant guess, if it is
            known: the variance of the targets for "mse", the entropy of the classes for
            a crossentropy. None takes the loss of the first steps instead.
        factor: float in (0, 1), by which the rate is lowered.
        most: int >= 0, how often the training goes back at most.
        verbose: 0 or 1, whether a line is printed each time.

    Attributes:
        cuts: list of `Cut`, one for each time that the training went back.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: At the start of `fit`, if the rate of the optimizer cannot be set.

    Example:
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(64, 2)).astype("float32")
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.05), "mse")
    >>> guard = DivergenceGuard()
    >>> _ = model.fit(x, x[:, :1], epochs=40, verbose=0, callbacks=[guard])
    >>> guard.cuts
    []
    """

    def __init__(
        self,
        constant_loss: float | None = None,
        *,
        factor: float = FACTOR,
        most: int = MOST_CUTS,
        verbose: int = 1,
    ):
        super().__init__()
        check_fraction("factor", factor, usual=round(FACTOR, 2))
        check_count("most", most, least=0)
        if constant_loss is not None:
            check_rate("constant_loss", constant_loss, what="number")
        self.constant_loss, self.factor = constant_loss, factor
        self.most, self.verbose = most, verbose
        self.cuts: list[Cut] = []

    def set_model(self, model: keras.Model) -> None:
        """Look for a schedule among the callbacks around this one."""
        super().set_model(model)
        around = list_around(self)
        others = [] if around is None else around.callbacks
        self._schedules = [each for each in others if hasattr(each, "lower")]

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Start anew: the same object can guard several trainings."""
        check_no_schedule(self.model, "DivergenceGuard")
        self.cuts = []
        self._rule = DriftRule(self.constant_loss)
        self._losses: list[float] = []
        self._step = self._in_stretch = self._epochs_seen = self._batches = 0
        self._is_mean: bool | None = None if has_own_step(self.model) else True
        self._latest = self._good = self._snapshot()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras' running means start anew here."""
        self._epoch, self._mean = epoch, RunningMean()
        self._is_spoilt = False  # the mean, by a loss that was not finite
        self._trained = 0
        self._stretch = self._steps_of_a_stretch()
        self._epochs_seen += 1

    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Let the epoch's mean start anew after a loss that was not finite.

        If no batch follows in the epoch, its mean stays nan: 0 would be the best loss.
        Of data of unknown length, Keras begins one batch more than there are.
        """
        if self._is_spoilt and batch < (self.params.get("steps") or self._batches):
            self.model.reset_metrics()
            self._mean, self._is_spoilt = RunningMean(batch), False

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Take the loss in; judge at the end of a stretch, or if it is not finite."""
        self._trained = batch + 1
        steps, loss = self._mean.since(batch, loss_of(logs))
        if self._is_mean is None and batch > 0:  # of one batch both are the same
            self._is_mean = is_running_mean(self.model, loss_of(logs))
        if self._is_mean is False:
            loss = loss_of(logs)
        self._losses.append(loss)
        self._step += steps
        self._in_stretch += steps
        if not math.isfinite(loss):
            self._losses = [loss]
        elif self._in_stretch < self._stretch:
            return
        seen = self._rule.judge(self._losses)
        self._losses, self._in_stretch = [], 0
        if seen is Drift.DRIFTED:
            self._go_back()
            return
        if seen is Drift.BEST:
            self._good = self._latest
        self._latest = self._snapshot()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note how many batches an epoch has."""
        self._batches = self._trained

    def _steps_of_a_stretch(self) -> float:
        steps = self.params.get("steps")
        if steps is None:  # known after the first epoch only
            if self._step == 0:
                return UNKNOWN
            steps = self._step / self._epochs_seen
        return max(SHORTEST, steps * self.params["epochs"] / STRETCHES)

    def _snapshot(self) -> list[tuple[Any, Any]]:
        """Weights and optimizer, without its rates, which go down only."""
        model = self.model  # under JAX this brings the variables up to date
        rates = {id(each.learning_rate) for each in rate_holders(model.optimizer)}
        moving = [*model.variables, *model.optimizer.variables]
        return kept_values(each for each in moving if id(each) not in rates)

    def _go_back(self) -> None:
        is_finite = math.isfinite(self._mean.mean)
        if len(self.cuts) >= self.most:
            if not is_finite:
                self._end()
            return
        model = self.model
        rate = current_rate(model.optimizer)
        self._put_good()
        Rates(model.optimizer).set(rate * self.factor)
        for schedule in self._schedules:
            schedule.lower(self.factor)
        self._is_spoilt = not is_finite
        self._rule.go_back()
        self._latest = self._good
        lowered = current_rate(model.optimizer)
        cut = Cut(self._epoch + 1, self._step, rate, lowered, is_finite)
        self.cuts.append(cut)
        if self.verbose:
            print(f"\n{cut}")

    def _put_good(self) -> None:
        for variable, value in self._good:
            variable.assign(value)

    def _end(self) -> None:
        """End a training whose weights are lost, with those it had before."""
        self.model.stop_training = True
        self._put_good()
        if self.verbose:
            rate = format_rate(current_rate(self.model.optimizer))
            print(
                f"\nepoch {self._epoch + 1}, step {self._step}: the loss is not finite "
                f"at {rate} either; training ends"
            )
