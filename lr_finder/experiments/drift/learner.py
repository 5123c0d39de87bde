"""The model of a deployment: trained before it, and again after; what that costs."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import Any

import keras
import numpy as np

from lr_finder._text import short_reason
from lr_finder.data.dataset import Dataset
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import (
    InputError,
    LRFinderError,
    ModelError,
    SuggestionError,
)
from lr_finder.experiments.comparison.inputs import Build
from lr_finder.experiments.drift.policies import FOUND, SCRATCH, RetrainingPolicy
from lr_finder.experiments.drift.streams import DriftStream
from lr_finder.experiments.tuning.search_space import Space
from lr_finder.experiments.tuning.trial_models import TrialModels, TrialSettings
from lr_finder.models.checks import check_fits
from lr_finder.models.compile_arguments import gives_logits
from lr_finder.results.sweep import SweepResult
from lr_finder.training.fitting import train
from lr_finder.training.optimizer_rates import current_rate
from lr_finder.training.preserving.randomness import seed_globals
from lr_finder.training.searching import (
    Found,
    SearchListeners,
    SearchSettings,
    search,
)

PREDICTED_BATCH = 512

Values = list[tuple[Any, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class LearnerSettings:
    """What all trainings of a deployment have in common.

    Args:
        epochs: int >= 1, of each.
        batch_size: int >= 1, rows in a batch.
        learning_rate: float, of the first training; None for a sweep before it.
        optimizer: str or keras.optimizers.Optimizer; None for the model's own, or Adam.
        loss: str, Keras' name of the loss; None for the model's own, or the task's.
        seed: int, of weights, batches and sweeps.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float | None = None
    optimizer: Any = None
    loss: str | None = None
    seed: int = 0


class Learner:
    """A model of its own: built or copied, trained before the deployment and after.

    A model that is given is copied, and deployed as it is.

    Args:
        model: keras.Model, compiled and trained; or what `compare` builds a model from.
        stream: DriftStream.
        settings: LearnerSettings.

    Attributes:
        training_steps: int, steps of a training over the rows before deployment.
        rate: float, of the first training.

    Raises:
        InputError, ModelError: If the model does not fit, or cannot be copied.
        SuggestionError: If a sweep finds no rate for the first training.
    """

    def __init__(
        self, model: keras.Model | Build, stream: DriftStream, settings: LearnerSettings
    ):
        self._stream, self._settings = stream, settings
        dataset = dataset_of(stream)
        if isinstance(model, keras.Model):
            if settings.optimizer is not None or settings.loss is not None:
                raise InputError(
                    "Arguments `optimizer` and `loss` do not go with a model that is "
                    "deployed as it is. Received: one of them. Leave it out, or give a "
                    "function that builds the model."
                )
            self._model = _copy_of(model, dataset)
        else:
            held_out = dataset.x_validation, dataset.y_validation
            parts = ThreeParts(dataset, *held_out, name=stream.name)
            trial = TrialSettings(
                settings.epochs, settings.batch_size, settings.optimizer, settings.loss
            )
            builder = TrialModels(model, parts, Space({}), trial)
            self._model = builder.build({}, settings.seed)
        optimizer = self._model.optimizer
        if not optimizer.built:
            optimizer.build(self._model.trainable_variables)
        self._fresh = self._values()
        self.training_steps = self._steps(stream.n_trained)
        if isinstance(model, keras.Model):
            self.rate = settings.learning_rate or current_rate(optimizer)
            self._model.set_weights(model.get_weights())
        else:
            self._train_first()
        self._first = self._values()
        self.held_out = self.errors(stream.n_trained, stream.n_before)

    def put_back(self) -> None:
        """Put the model back as it was first deployed."""
        _put(self._first)

    def errors(self, start: int, stop: int) -> np.ndarray:
        """Errors of rows: wrong or not, or how far off, in the target's unit.

        Args:
            start: int, the first row.
            stop: int, the row after the last.

        Returns:
            float64 array (stop - start,): 0 or 1 of classes; the absolute error of
            numbers, of several the mean; inf if the model gives no number.
        """
        stream, rows = self._stream, slice(start, stop)
        # Whole batches: TensorFlow traces the model anew for each other size.
        padded = np.resize(np.arange(start, stop), _whole_batches(stop - start))
        output = np.asarray(
            self._model.predict(stream.x[padded], batch_size=PREDICTED_BATCH, verbose=0)
        )[: stop - start].reshape(stop - start, -1)
        truth = stream.y[rows]
        if stream.task == "classification":
            if output.shape[1] > 1:
                guess = output.argmax(axis=1)
            else:
                odds = 0.0 if gives_logits(self._model) else 0.5
                guess = (output[:, 0] >= odds).astype(int)
            return (guess != truth).astype(np.float64)
        apart = np.abs(output.astype(np.float64) - truth.reshape(stop - start, -1))
        apart = apart.mean(axis=1) * stream.target_scale
        return np.where(np.isfinite(apart), apart, np.inf)

    def train(self, start: int, stop: int, policy: RetrainingPolicy) -> dict[str, Any]:
        """Train again on rows that have been seen; keep the old weights if it diverges.

        Args:
            start: int, the first row.
            stop: int, the row after the last.
            policy: RetrainingPolicy, whose `start` and `rate` count.

        Returns:
            dict of `rows`, `learning_rate`, `steps`, `sweep_steps`, `seconds` and
            `message` ("" if nothing went wrong).
        """
        since, old = time.perf_counter(), self._values()
        weights = self._model.get_weights()
        _put(self._fresh)
        if policy.start != SCRATCH:
            self._model.set_weights(weights)
        data = self._stream.x[start:stop], self._stream.y[start:stop]
        rate, sweep_steps, message = self.rate, 0, ""
        if policy.rate == FOUND:
            found, sweep_steps, message = self._swept(data)
            rate = found or rate
        self._fit(data, rate)
        if not self._is_finite():
            _put(old)
            message = "the training diverged: the model before it stays deployed"
        return {
            "rows": stop - start, "learning_rate": rate,
            "steps": self._steps(stop - start), "sweep_steps": sweep_steps,
            "seconds": time.perf_counter() - since, "message": message,
        }  # fmt: skip

    def _train_first(self) -> None:
        """Train on the rows before deployment, but for those that are held out."""
        rows = slice(0, self._stream.n_trained)
        data = self._stream.x[rows], self._stream.y[rows]
        rate = self._settings.learning_rate
        if rate is None:
            rate = self._sweep(data, []).answer.lr
        self.rate = rate
        self._fit(data, rate)
        if not self._is_finite():
            raise LRFinderError(
                "The first training must end with finite weights. Received: others at "
                f"the rate {rate:.3g}. Give a lower `learning_rate`."
            )

    def _fit(self, data: tuple[np.ndarray, np.ndarray], rate: float) -> None:
        settings = self._settings
        train(
            self._model, data, learning_rate=rate, epochs=settings.epochs,
            batch_size=min(settings.batch_size, len(data[0])), early_stopping=False,
            guard=False, seed=settings.seed, verbose=0,
        )  # fmt: skip

    def _swept(
        self, data: tuple[np.ndarray, np.ndarray]
    ) -> tuple[float | None, int, str]:
        """The rate that a sweep suggests, its steps, and why there is none."""
        results: list[SweepResult] = []
        rate, message = None, ""
        try:
            rate = self._sweep(data, results).answer.lr
        except SuggestionError as error:
            message = f"no rate found ({short_reason(error)})"
        steps = sum(len(curve.lrs) for result in results for curve in result.curves)
        return rate, steps, message

    def _sweep(
        self, data: tuple[np.ndarray, np.ndarray], results: list[SweepResult]
    ) -> Found:
        """Sweep the model as it is; the result is also added to a list."""
        settings = self._settings
        seed_globals(settings.seed)
        batch_size = min(settings.batch_size, len(data[0]))
        return search(
            self._model, data,
            settings=SearchSettings(batch_size=batch_size, seed=settings.seed),
            listeners=SearchListeners(sweep=results.append),
        )  # fmt: skip

    def _steps(self, rows: int) -> int:
        batch_size = min(self._settings.batch_size, rows)
        return self._settings.epochs * math.ceil(rows / batch_size)

    def _values(self) -> Values:
        variables = [*self._model.variables, *self._model.optimizer.variables]
        return [(v, keras.ops.convert_to_numpy(v).copy()) for v in variables]

    def _is_finite(self) -> bool:
        return all(np.isfinite(weight).all() for weight in self._model.get_weights())


def dataset_of(stream: DriftStream) -> Dataset:
    """The rows before deployment as a Dataset, those held out to validate with.

    Args:
        stream: DriftStream.

    Returns:
        Dataset.

    Example:
    >>> stream = DriftStream(np.zeros((100, 2)), np.zeros(100), 50, "regression")
    >>> dataset = dataset_of(stream)
    >>> len(dataset.x_train), len(dataset.x_validation)
    (40, 10)
    """
    trained, held = slice(0, stream.n_trained), slice(stream.n_trained, stream.n_before)
    return Dataset(
        stream.x[trained], stream.y[trained], stream.x[held], stream.y[held],
        stream.task, stream.target, stream.classes, kind=stream.kind,
    )  # fmt: skip


def _put(values: Values) -> None:
    for variable, value in values:
        variable.assign(value)


def _copy_of(model: keras.Model, dataset: Dataset) -> keras.Model:
    """A fresh model of the same layers and settings; the given one is not touched."""
    if not (model.built and model.compiled):
        raise ModelError(
            "Argument `model` must be compiled and trained, or a function that builds "
            "a model. Received: a keras.Model that is not compiled or not built. Fit "
            "it on the rows before deployment first."
        )
    check_fits(model, dataset, "`model`")
    try:
        copy = keras.models.clone_model(model)
        copy.compile_from_config(model.get_compile_config())
        copy.set_weights(model.get_weights())
    except Exception as error:  # what cannot be written down cannot be copied
        raise ModelError(
            "Argument `model` must be a compiled Keras model that can be copied. "
            f"Received: {type(model).__name__} ({short_reason(error)}). Give a "
            "function that builds and compiles it."
        ) from error
    fresh = keras.models.clone_model(model)
    copy.set_weights(fresh.get_weights())
    return copy


def _whole_batches(rows: int) -> int:
    """The next multiple of the size of a batch."""
    return math.ceil(rows / PREDICTED_BATCH) * PREDICTED_BATCH
