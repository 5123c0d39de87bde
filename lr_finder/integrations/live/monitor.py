"""A callback that shows a training while it goes on, and changes nothing in it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from typing import Any

import keras
from rich.console import Console

from lr_finder._arguments import check_count
from lr_finder._text import format_rate
from lr_finder.errors import LRFinderError, ModelError
from lr_finder.integrations.live.failures import told_once, warn_of_failure
from lr_finder.integrations.live.screens import Screen, check_place, screen_for
from lr_finder.integrations.live.shown_state import ShownState
from lr_finder.training.checking.neighbours import list_around
from lr_finder.training.instruments.optimizer_gradients import OptimizerGradients
from lr_finder.training.instruments.presets import (
    LOSS,
    NORM,
    RATE,
    RATIO,
    chosen_instruments,
)
from lr_finder.training.instruments.update_ratios import UpdateRatios
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.progress import TRAINING, Progress
from lr_finder.training.temporary import TemporaryTraining
from lr_finder.training.watching.running_losses import BatchLosses

OWN = (LOSS, RATE, RATIO, NORM)  # what needs no batch
EVERY = 10  # steps


class LiveMonitor(keras.callbacks.Callback):
    """Shows a training while it goes on: loss, rate, epoch, time left, pattern.

    In a terminal it is a panel of Rich, in a notebook one display that is updated in
    place, elsewhere a line for each epoch. It replaces Keras' progress bar.
    The loss is that of the latest batch beside the median of the latest 50; the last,
    smaller batch of an epoch counts as a whole one. The pattern is what
    `recognize_patterns` names first of the losses so far. History, metrics and weights
    are those of a `fit` without it, to the last bit. If the view fails, a warning says
    so once, and the training goes on.

    It is also a listener for `progress=` of `find`, and then shows sweep, verification
    and training. In a training that `TrainingDynamicsAnalyzer(instruments=…)` watches
    it also shows the instruments of that analyzer.

    Args:
        instruments: str or sequence of str: `"basic"` for loss, rate and update ratio;
            or names among `loss`, `learning_rate`, `update_ratio` and `gradient_norm`.
        every: int >= 1, steps from one measurement of update ratio and gradient norm to
            the next, if they are asked for.
        place: str, `"terminal"`, `"notebook"` or `"lines"`; `"auto"` finds
            out which one.
        label: str, whose training it is.
        console: rich Console to print on; by default standard output.

    Raises:
        InputError: If an argument breaks its rule.

    Warns:
        UserWarning: If the view fails, once in each `fit`.

    Example:
    >>> import io
    >>> import numpy as np
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(keras.optimizers.SGD(0.5), "mse")
    >>> x, console = np.ones((16, 1)), Console(file=io.StringIO())
    >>> monitor = LiveMonitor(place="lines", console=console)
    >>> _ = model.fit(x, 0 * x, epochs=2, callbacks=[monitor], verbose=0)
    >>> [line[:9] for line in console.file.getvalue().splitlines()]
    ['epoch 1/2', 'epoch 2/2']

    References:
        Rules of thumb for update ratios: Stanford CS231n, notes on neural networks 3.
    """

    leaves_rate = True  # others need not look whether it has moved the rate

    def __init__(
        self,
        instruments: str | Sequence[str] = (LOSS, RATE),
        *,
        every: int = EVERY,
        place: str = "auto",
        label: str = "",
        console: Console | None = None,
    ):
        super().__init__()
        self._instruments = chosen_instruments(instruments, among=OWN)
        check_count("every", every, least=1)
        check_place(place)
        self._every, self._place, self._label = every, place, label
        self._console = console or Console()
        self._told: Progress | None = None  # the stage of a search, in which it goes on
        self._screen: Screen | None = None
        self._has_failed, self._rides, self._trainings = False, False, 0
        self._neighbours: list[keras.callbacks.Callback] = []
        self._hushed: list[Any] = []

    def __call__(self, told: Progress) -> None:
        """Show how far a sweep, a verification or a training is.

        Args:
            told: Progress, as `find` tells it.
        """
        if self._told is None:
            self._has_failed = False
        self._take(told)

    @told_once
    def _take(self, told: Progress) -> None:
        is_new, self._told = self._told is None, told
        if is_new:
            self._rides = False
            self._begin(told.stage, self._title_of(told))
        state = self._state
        if told.stage != TRAINING and told.losses and not told.is_over:
            state.losses.append(told.losses["loss"])
        if not self._rides:
            state.learning_rate = told.learning_rate
            state.done, state.total = told.done, told.total
            if told.stage == TRAINING:
                state.epoch, state.epochs = told.done, told.total
                if told.losses and not told.is_over:
                    self._end_epoch(told.losses)
            elif not told.is_over:
                self._draw_if_due()
        if told.is_over:
            self._end()
            self._told = None

    def _title_of(self, told: Progress) -> str:
        """Whose stage it is; a second training is one at the compiled rate."""
        self._trainings += told.stage == TRAINING
        if told.stage != TRAINING or self._trainings < 2 or not told.learning_rate:
            return self._label
        return f"{self._label} at {format_rate(told.learning_rate)}".lstrip()

    def set_model(self, model: keras.Model) -> None:
        """Take the model, and look at the callbacks beside this one.

        Args:
            model: keras.Model.
        """
        super().set_model(model)
        found = list_around(self)
        self._neighbours = [] if found is None else list(found.callbacks)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begin anew: the same object can show several trainings."""
        self._has_failed = False
        self._begin_training()

    @told_once
    def _begin_training(self) -> None:
        if self._told is None:
            self._begin(TRAINING, self._label or self.model.name)
        self._rides = True
        is_swept = any(isinstance(each, TemporaryTraining) for each in self._neighbours)
        self._losses = BatchLosses(self.model, is_batch=is_swept)
        self._ratios: UpdateRatios | None = None
        self._gradients: OptimizerGradients | None = None
        self._is_due, self._has_norm = False, NORM in self._instruments
        self._state.epochs = self.params.get("epochs") or 1
        self._state.batches = self.params.get("steps")
        for each in self._neighbours:
            if isinstance(each, keras.callbacks.ProgbarLogger) and each.verbose == 1:
                each.verbose = 0
                self._hushed.append(each)

    @told_once
    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keras' running means start anew."""
        self._losses.begin_epoch()
        self._state.begin_epoch(epoch + 1)
        self._state.learning_rate = self._rate()

    @told_once
    def on_train_batch_begin(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Copy the variables, if the step is measured."""
        self._is_due = batch % self._every == 0
        if not self._is_due:
            return
        if RATIO in self._instruments:
            model = self.model  # under JAX: brings the variables up to date
            self._ratios = self._ratios or UpdateRatios(model)
            self._ratios.before()
        if self._has_norm:
            self._gradients = self._gradients or self._gradients_of(self.model)
        if self._gradients is not None:
            self._gradients.before()

    @told_once
    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Take the loss, and draw if it is time."""
        state = self._state
        _, loss = self._losses.since(batch, logs, lambda: self.model)
        state.losses.append(loss)
        state.batch = batch + 1
        if self._is_due:
            self._measure()
        self._draw_if_due()

    def _gradients_of(self, model: keras.Model) -> OptimizerGradients | None:
        """What tells the gradient norm; if nothing does, say so, and show the rest."""
        try:
            return OptimizerGradients(model)
        except ModelError as error:
            self._has_norm = False
            warnings.warn(f"The live view has no gradient norm: {error}", stacklevel=2)
            return None

    def _measure(self) -> None:
        readings = self._state.readings
        if self._ratios is not None:
            _ = self.model
            self._ratios.after()
            readings[RATIO] = self._ratios.total
        if self._gradients is not None:
            _ = self.model
            readings[NORM] = self._gradients.after()

    @told_once
    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Show what the epoch has given."""
        told, names = logs or {}, ("loss", "val_loss")
        self._state.learning_rate = self._rate()
        self._end_epoch({name: float(told[name]) for name in names if name in told})

    def _end_epoch(self, losses: Any) -> None:
        self._read_others()
        self._state.end_epoch(losses)
        if self._screen is not None:
            self._screen.end_epoch(self._state)

    @told_once
    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Show the last state, unless a search goes on that will tell its end."""
        self._unhush()
        if self._told is None:
            self._end()

    def _begin(self, stage: str, label: str) -> None:
        self._end()  # what an error in an earlier `fit` has left
        is_told = self._told is not None
        self._state = ShownState(stage, label, is_named=label == self._label or is_told)
        self._screen = screen_for(self._place, self._console, catches=is_told)
        self._screen.begin(self._state)

    def _draw_if_due(self) -> None:
        if self._screen is not None and self._screen.is_due():
            if self._rides:
                self._state.learning_rate = self._rate()
                self._read_others()
            self._screen.draw(self._state)

    def _end(self) -> None:
        screen, self._screen = self._screen, None
        if screen is not None:
            self._state.pattern(is_urgent=True)
            screen.end(self._state)

    def _read_others(self) -> None:
        """The instruments that another callback reads."""
        for each in self._neighbours:
            latest = getattr(each, "latest_readings", None)
            if latest is not None:
                self._state.readings |= latest()

    def _rate(self) -> float | None:
        try:
            return current_rate(self.model.optimizer)
        except (LRFinderError, AttributeError, ValueError):  # of no number that is one
            return None

    def _unhush(self) -> None:
        while self._hushed:
            self._hushed.pop().verbose = 1

    def _fail(self, error: Exception) -> None:
        self._has_failed = True
        self._unhush()
        with contextlib.suppress(Exception):
            self._end()
        self._screen = None
        warn_of_failure(error)
