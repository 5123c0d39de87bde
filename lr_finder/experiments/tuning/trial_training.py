"""The trainings of a tuning, their sweeps, and what they cost."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from lr_finder._text import short_reason
from lr_finder.analysis.sweep.suggestion import Suggestion
from lr_finder.analysis.verification.effort import effort_for, plan_steps
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import SuggestionError
from lr_finder.experiments.comparison.inputs import Build
from lr_finder.experiments.comparison.records import DIVERGED, FINISHED
from lr_finder.experiments.comparison.run import SCORING_BATCH
from lr_finder.experiments.tuning.search_space import (
    BATCH_SIZE,
    LEARNING_RATE,
    Space,
)
from lr_finder.experiments.tuning.trial_models import TrialModels, TrialSettings
from lr_finder.results.tuning.tuning import PRUNED
from lr_finder.training.feeding.passes import batches_of
from lr_finder.training.fitting import MONITOR, train
from lr_finder.training.optimizer_rates import accumulation_of, current_rate
from lr_finder.training.progress import Progress
from lr_finder.training.searching import (
    SearchListeners,
    SearchSettings,
    coming_steps,
    search,
)
from lr_finder.training.sweep import STEPS

Stop = Callable[[int, float], bool]


@dataclasses.dataclass(frozen=True)
class Searched:
    """What a sweep, and short trainings after it, found and cost.

    Args:
        suggestion: Suggestion, or None if there is none.
        steps: float, what they cost.
        message: str, why there is no suggestion; else "".
    """

    suggestion: Suggestion | None
    steps: float
    message: str = ""


class Trainer(TrialModels):
    """Searches and trains models with values of a space, and counts the steps.

    Args:
        build_model, data, space, settings: as of `TrialModels`.

    Attributes:
        training_steps: int, what one whole training costs.

    Raises:
        InputError: If a name of the space is known to nobody.
    """

    def __init__(
        self,
        build_model: Build,
        data: ThreeParts,
        space: Space,
        settings: TrialSettings,
    ):
        super().__init__(build_model, data, space, settings)
        dataset = data.dataset
        self._train = dataset.x_train, dataset.y_train
        self._validation = dataset.x_validation, dataset.y_validation
        self.training_steps = self._batches(settings.batch_size) * settings.epochs

    def search(
        self, model: keras.Model, values: Mapping[str, Any], seed: int, verified: bool
    ) -> Searched:
        """Sweep a model, and verify the suggestion; the model is as before.

        Args:
            model: keras.Model of `build`.
            values: mapping, those it was built with.
            seed: int, of the batches.
            verified: bool, whether short trainings follow.

        Returns:
            Searched.
        """
        batch_size = self._batch_size(values)
        budget = None
        if verified:
            budget = coming_steps(
                self._batches(batch_size), epochs=self.settings.epochs,
                accumulation=accumulation_of(model.optimizer),
            )  # fmt: skip
        settings = SearchSettings(
            budget_steps=budget, batch_size=batch_size, seed=seed,
            sweep=dict(self.settings.sweep),
        )  # fmt: skip
        batches = 0

        def count(progress: Progress) -> None:
            nonlocal batches
            batches += progress.done > 0 and not progress.is_over

        listeners = SearchListeners(progress=count)
        message, suggestion = "", None
        try:
            found = search(model, self._train, settings=settings, listeners=listeners)
            suggestion = found.answer
        except SuggestionError as error:
            message = short_reason(error)
        return Searched(suggestion, self._cost(batches, batch_size), message)

    def search_cost(self, values: Mapping[str, Any], verified: bool) -> float:
        """What a `search` costs at most, in steps of the usual batch size."""
        batch_size, given = self._batch_size(values), self.settings.sweep
        steps = given.get("steps", STEPS) * given.get("repeats", 1)
        if verified:
            budget = coming_steps(
                self._batches(batch_size), epochs=self.settings.epochs
            )
            steps += plan_steps(budget, effort=effort_for(budget, is_swept=True))[1]
        return self._cost(steps, batch_size)

    def train(
        self, model: keras.Model, values: Mapping[str, Any], seed: int, stop: Stop
    ) -> dict[str, Any]:
        """Train a model at a constant rate, and score its best epoch's weights once.

        Args:
            model: keras.Model of `build`.
            values: mapping, those it was built with.
            seed: int, of the batches.
            stop: callable `(epoch, validation loss)`, after each epoch; true ends the
                training.

        Returns:
            dict of `status`, `loss` (the lowest validation loss of an epoch; inf if
            there is none), `test_loss`, `best_epoch`, `steps` and `seconds`.
        """
        settings = self.settings
        start, watch = time.perf_counter(), _TrialWatch(stop, seed)
        rate = values.get(LEARNING_RATE)
        train(
            model, self._train, self._validation,
            learning_rate=current_rate(model.optimizer) if rate is None else rate,
            epochs=settings.epochs, batch_size=self._batch_size(values),
            early_stopping={"patience": settings.epochs}, schedule=None,
            reduce_on_plateau=False, guard=False, seed=seed, verbose=0,
            callbacks=[watch],
        )  # fmt: skip
        losses = np.where(np.isfinite(watch.losses), watch.losses, np.inf)
        best = float(losses.min(initial=np.inf))
        status = PRUNED if watch.is_pruned else FINISHED
        if not len(losses) or not np.isfinite(losses[-1]) or watch.has_lost_loss:
            status = DIVERGED
        return {
            "status": status,
            "loss": best,
            "test_loss": self._test_loss(model) if math.isfinite(best) else math.nan,
            "best_epoch": int(losses.argmin()) + 1 if math.isfinite(best) else 0,
            "steps": self._cost(watch.batches, self._batch_size(values)),
            "seconds": time.perf_counter() - start,
        }

    def _test_loss(self, model: keras.Model) -> float:
        logs = model.evaluate(
            self.data.x_test, self.data.y_test, batch_size=SCORING_BATCH, verbose=0,
            return_dict=True,
        )  # fmt: skip
        return float(logs["loss"])

    def _batch_size(self, values: Mapping[str, Any]) -> int:
        return int(values.get(BATCH_SIZE, self.settings.batch_size))

    def _batches(self, batch_size: int) -> int:
        return batches_of(self._train, batch_size)

    def _cost(self, batches: int, batch_size: int) -> float:
        """Batches in steps of the usual batch size: an epoch costs the same in both."""
        usual = self._batches(self.settings.batch_size)
        return batches * usual / self._batches(batch_size)


class _TrialWatch(keras.callbacks.Callback):
    """Counts the batches of a training, and ends it if it is asked to."""

    def __init__(self, stop: Stop, seed: int):
        super().__init__()
        self._stop, self._seed = stop, seed
        self.batches, self.losses = 0, list[float]()
        self.is_pruned = self.has_lost_loss = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Under torch a Dropout without a seed draws from the global state."""
        keras.utils.set_random_seed(self._seed)

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Count it."""
        self.batches += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the validation loss; ask whether to go on."""
        logs = logs or {}
        if not math.isfinite(logs.get("loss", 0.0)):
            self.has_lost_loss = True
        self.losses.append(float(logs.get(MONITOR, math.nan)))
        if self._stop(epoch + 1, self.losses[-1]):
            self.is_pruned = epoch + 1 < self.params["epochs"]
            self.model.stop_training = True
