"""All that can be told of a model from outside, to be compared; without tests."""

import random
import sys

import keras
import numpy as np
from keras.src.backend.common.global_state import get_global_attribute
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR

from lr_finder.training.preserving.variables import host_copy

ABSENT = object()
FUNCTIONS = ("train_function", "test_function", "predict_function")
ATTRIBUTES = (*FUNCTIONS, "history", "stop_training", "steps_per_execution",
              "_initial_epoch")  # fmt: skip


def fingerprint(model, values=True, functions=True):
    """What a model is: its parts, what is built of them, variables and their values."""
    parts = [*model._flatten_layers(), *optimizers_of(model), *metrics_of(model)]
    left_out = () if functions else FUNCTIONS
    told = {"parts": [_told(part, left_out) for part in parts]}
    told["variables"] = [id(variable) for variable in variables_of(model)]
    if values:
        told["values"] = [host_copy(v).tolist() for v in variables_of(model)]
    names = set(ATTRIBUTES).difference(left_out)
    told["attributes"] = {n: id(getattr(model, n, ABSENT)) for n in names}
    return told


def optimizers_of(model):
    waiting, found = [getattr(model, "optimizer", None)], []
    while waiting:
        optimizer = waiting.pop()
        if optimizer is not None:
            found.append(optimizer)
            waiting.append(getattr(optimizer, "inner_optimizer", None))
            waiting.extend(getattr(optimizer, "optimizers", None) or ())
    return found


def metrics_of(model):
    names = ("_compile_loss", "_compile_metrics", "_loss_tracker")
    parts = [getattr(model, name, None) for name in names]
    return [part for part in (*parts, *model.metrics) if part is not None]


def variables_of(model):
    optimizers = [v for each in optimizers_of(model) for v in each.variables]
    return [*model.variables, *optimizers, *model.metrics_variables]


def _told(part, left_out):
    """One part by its name, and what its attributes are and hold."""
    attributes = {
        name: (id(value), _length(value)) if name != "built" else value
        for name, value in vars(part).items()
        if name not in left_out
    }
    return part.name, attributes


def _length(value):
    return len(value) if isinstance(value, list | dict | set | tuple) else None


def random_states():
    """The global random states of all that draws."""
    states = [random.getstate(), np.random.get_state()[1].tolist()]  # noqa: NPY002
    generator = get_global_attribute(GLOBAL_SEED_GENERATOR)
    states.append(generator and host_copy(generator.state).tolist())
    if "torch" in sys.modules:
        states.append(sys.modules["torch"].get_rng_state().tolist())
    if keras.backend.backend() == "tensorflow":
        from tensorflow.python.eager import context

        generator = getattr(context.context(), "_rng", None)
        states.append(generator and generator.getstate())
    return states
