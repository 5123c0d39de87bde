"""The trainings of a tuning: each from a fresh model, its steps counted."""

from __future__ import annotations

import dataclasses
import functools
import inspect
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
from lr_finder.errors import InputError, ModelError, SuggestionError
from lr_finder.experiments.comparison.inputs import Build, FunctionSource, as_source
from lr_finder.experiments.comparison.optimizers import (
    OptimizerChoice,
    choose_optimizer,
)
from lr_finder.experiments.comparison.records import DIVERGED, FINISHED
from lr_finder.experiments.comparison.run import SCORING_BATCH
from lr_finder.experiments.tuning.search_space import (
    BATCH_SIZE,
    LEARNING_RATE,
    OF_TRAINING,
    WEIGHT_DECAY,
    Space,
)
from lr_finder.models.checks import check_fits
from lr_finder.models.compile_arguments import (
    check_loss_fits,
    default_loss,
    default_metrics,
    resolve_loss,
)
from lr_finder.models.defaults import DEFAULT_OPTIMIZER
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

MODELS_KEPT = 4  # for trials to come: with other values a model is made anew
Stop = Callable[[int, float], bool]


@dataclasses.dataclass(frozen=True)
class TrialSettings:
    """What all trainings of a tuning have in common.

    Args:
        epochs: int >= 1, of each training.
        batch_size: int >= 1, of trainings whose batch size is not searched, and the
            unit of cost: a step of twice the samples costs two.
        optimizer: str or keras.optimizers.Optimizer; None for the model's own, or Adam.
        loss: str, Keras' name of the loss; None for the model's own, or the task's.
        sweep: mapping, arguments of `sweep` that differ from the usual ones.
    """

    epochs: int = 10
    batch_size: int = 32
    optimizer: Any = None
    loss: str | None = None
    sweep: Mapping[str, Any] = dataclasses.field(default_factory=dict)


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


class Trainer:
    """Builds, searches and trains models with values of a space.

    Args:
        build_model: str or function, as `compare` takes it; a function may have
            arguments named in the space.
        data: ThreeParts.
        space: Space.
        settings: TrialSettings.

    Attributes:
        training_steps: int, what one whole training costs.

    Raises:
        InputError: If a name of the space is known to nobody, or the batches are too
            large for the data.
        ModelError: If a model cannot be built or does not fit.
    """

    def __init__(
        self,
        build_model: Build,
        data: ThreeParts,
        space: Space,
        settings: TrialSettings,
    ):
        self._build, self.data, self.settings = build_model, data, settings
        self._source = as_source(build_model)
        self._optimizer: OptimizerChoice | None = None
        if settings.optimizer is not None:
            self._optimizer = choose_optimizer(settings.optimizer)
        _check_names(build_model, space)
        dataset = data.dataset
        self._train = dataset.x_train, dataset.y_train
        self._validation = dataset.x_validation, dataset.y_validation
        self.training_steps = self._batches(settings.batch_size) * settings.epochs
        self._kept: dict[str, tuple[keras.Model, list[tuple[Any, np.ndarray]]]] = {}

    def model_for(self, values: Mapping[str, Any], seed: int) -> keras.Model:
        """A model as `build` makes it; one that is there is put back to its start.

        What Keras has traced for it serves again, which saves seconds a trial.

        Args:
            values: mapping, as of `build`.
            seed: int >= 0.

        Returns:
            keras.Model.
        """
        apart = {
            k: v for k, v in values.items() if k not in (LEARNING_RATE, BATCH_SIZE)
        }
        key = repr((sorted(apart.items()), seed))
        if key not in self._kept:
            model = self.build(values, seed)
            if not model.optimizer.built:
                model.optimizer.build(model.trainable_variables)
            variables = [*model.variables, *model.optimizer.variables]
            start = [(v, keras.ops.convert_to_numpy(v).copy()) for v in variables]
            self._kept[key] = model, start
            if len(self._kept) > MODELS_KEPT:
                del self._kept[next(iter(self._kept))]
        model, start = self._kept[key]
        for variable, value in start:
            variable.assign(value)
        return model

    def build(self, values: Mapping[str, Any], seed: int) -> keras.Model:
        """A fresh model, compiled, with the weights that a seed gives.

        Args:
            values: mapping of names of the space to values; what is missing is as the
                model has it.
            seed: int >= 0.

        Returns:
            keras.Model.

        Raises:
            ModelError: If it cannot be built, does not fit the data, or has an
                optimizer without weight decay that is to have one.
        """
        keras.utils.set_random_seed(seed)
        own = {name: one for name, one in values.items() if name not in OF_TRAINING}
        source = self._source
        if own and not isinstance(self._build, str):  # `_check_names` saw to it
            source = FunctionSource(functools.partial(self._build, **own))
        model = source(self.data.dataset, None)
        self._compile(model)
        decay = values.get(WEIGHT_DECAY)
        if decay is not None:
            if not hasattr(model.optimizer, "weight_decay"):
                raise ModelError(
                    "The optimizer must have a weight decay for 'weight_decay' to be "
                    f"searched. Received: {type(model.optimizer).__name__}. Leave "
                    "'weight_decay' out of the space."
                )
            model.optimizer.weight_decay = decay
        check_fits(model, self.data.dataset, "`build_model`")
        return model

    def _compile(self, model: keras.Model) -> None:
        """Give a model the optimizer and the loss that it is to have."""
        settings, dataset = self.settings, self.data.dataset
        if model.compiled and self._optimizer is None and settings.loss is None:
            return
        loss = resolve_loss(settings.loss) if settings.loss else None
        if loss is None:
            loss = model.loss if model.compiled else default_loss(dataset)
        check_loss_fits(loss, dataset, model.output_shape[-1])
        if self._optimizer is None and model.compiled:
            optimizer = model.optimizer
        else:
            chosen = self._optimizer or choose_optimizer(DEFAULT_OPTIMIZER)
            optimizer = chosen.build(1e-3)  # a stand-in until a rate is chosen
        model.compile(optimizer, loss, metrics=default_metrics(dataset))

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
        start, watch = time.perf_counter(), _TrialWatch(stop)
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

    def __init__(self, stop: Stop):
        super().__init__()
        self._stop = stop
        self.batches, self.losses = 0, list[float]()
        self.is_pruned = self.has_lost_loss = False

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


def _check_names(build_model: Build, space: Space) -> None:
    """Refuse names that neither the training nor the function knows."""
    if not space.own:
        return
    known = ", ".join(OF_TRAINING)
    if isinstance(build_model, str):
        raise InputError(
            f"Argument `space` must name {known} for a model known by name. Received: "
            f"{', '.join(space.own)}. Give build_model a function with that argument."
        )
    parameters = inspect.signature(build_model).parameters
    unknown = [name for name in space.own if name not in parameters]
    if unknown:
        raise InputError(
            f"Argument `space` must name {known} or an argument of the function "
            f"`build_model`. Received: {', '.join(unknown)}. Correct the name, or add "
            "the argument."
        )
