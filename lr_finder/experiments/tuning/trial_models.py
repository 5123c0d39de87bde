"""The models of a tuning: built with values of a space, put back to their start."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from lr_finder.data.parts import ThreeParts
from lr_finder.errors import InputError, ModelError
from lr_finder.experiments.comparison.inputs import Build, FunctionSource, as_source
from lr_finder.experiments.comparison.optimizers import (
    OptimizerChoice,
    choose_optimizer,
)
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

MODELS_KEPT = 4  # for trials to come: with other values a model is made anew


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


class TrialModels:
    """Builds models with values of a space.

    Args:
        build_model: str or function, as `compare` takes it; a function may have
            arguments named in the space.
        data: ThreeParts.
        space: Space.
        settings: TrialSettings.

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
        self._build, self.data, self.settings = build_model, data, settings
        self._source = as_source(build_model)
        self._optimizer: OptimizerChoice | None = None
        if settings.optimizer is not None:
            self._optimizer = choose_optimizer(settings.optimizer)
        _check_names(build_model, space)
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
