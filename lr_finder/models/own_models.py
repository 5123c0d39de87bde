"""A person's own model: from a Python file, a module, or a saved `.keras` file."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import keras

from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError, ModelError
from lr_finder.models.builders import build_from
from lr_finder.models.checks import check_fits, one_line
from lr_finder.models.compile_arguments import (
    default_metrics,
    resolve_initializer,
    resolve_loss,
    resolve_optimizer,
)
from lr_finder.models.specs import split_spec


def load_model(
    spec: str, dataset: Dataset, *, optimizer: Any = None, loss: Any = None
) -> keras.Model:
    """Get a model ready to be swept on a dataset.

    A function is called with those of the arguments `dataset` (the Dataset),
    `input_shape` (tuple, of one row), `n_outputs` (int), `window_size` (int, of a
    series), `vocabulary_size` (int, of texts) and `initializer` (None here) that it
    names; it returns a Keras model. Its file's folder, or for a module the working
    folder, is importable meanwhile. A saved file is read in Keras' safe mode.

    Args:
        spec: str, `file.py:function`, `package.module:function` or `saved.keras`.
        dataset: Dataset, which the model must fit.
        optimizer: str, optimizer, or None to keep the one compiled with.
        loss: str, loss, or None to keep the one compiled with.

    Returns:
        keras.Model, compiled. With an optimizer or a loss given it is compiled anew,
        with Keras' other defaults and with accuracy for a classification.

    Raises:
        InputError: If there is no such file, module or function, or the optimizer or
            loss is unknown or does not fit.
        ModelError: If what it gives is no compiled Keras model that fits the data.

    Example:
    >>> import pathlib, tempfile
    >>> import numpy as np
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> source = '''
    ... import keras
    ... def build(input_shape):
    ...     model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1)])
    ...     model.compile("sgd", "mse")
    ...     return model
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "own.py")
    ...     _ = path.write_text(source)
    ...     load_model(f"{path}:build", Dataset(x, y, x, y, "regression")).input_shape
    (None, 3)
    """
    optimizer = None if optimizer is None else resolve_optimizer(optimizer)
    loss = None if loss is None else resolve_loss(loss)
    model = _from_source(spec, dataset, None, "")
    _compile(model, spec, dataset, optimizer=optimizer, loss=loss)
    check_fits(model, dataset, str(spec))
    return model


def build_model(
    spec: str, dataset: Dataset, *, initializer: Any = None, folder: str = ""
) -> keras.Model:
    """Get a model as its source gives it, compiled or not.

    Args:
        spec: str, `file.py:function`, `package.module:function` or `saved.keras`.
        dataset: Dataset, which the model must fit.
        initializer: str, `keras.initializers.Initializer`, or None for the model's
            own; a function gets it as its argument `initializer`.
        folder: str, where paths start and modules may lie; "" is the working folder.

    Returns:
        keras.Model; that of a file has its saved weights.

    Raises:
        InputError: If there is no such file, module or function, or it takes no
            initializer and is to have one.
        ModelError: If what it gives is no Keras model that fits the data.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> dataset = Dataset(x, y, x, y, "regression")
    >>> build_model("lr_finder.models.defaults:build_mlp", dataset).compiled
    False
    """
    if initializer is not None:
        resolve_initializer(initializer)
    model = _from_source(spec, dataset, initializer, folder)
    check_fits(model, dataset, str(spec))
    return model


def _from_source(
    spec: str, dataset: Dataset, initializer: Any, folder: str
) -> keras.Model:
    """The model that a function builds or a file holds."""
    place, function = split_spec(spec)
    if function is not None:
        return build_from(place, function, dataset, initializer, folder)
    if initializer is not None:
        raise InputError(
            f"Model file {place} holds weights and takes no initializer. Received: "
            f"initializer={initializer!r}. Leave it out, or give a function that "
            "builds the model."
        )
    return read_saved(Path(folder, place))


def _compile(
    model: keras.Model, spec: str, dataset: Dataset, *, optimizer: Any, loss: Any
) -> None:
    """Put optimizer and loss on the model if they are given; one must be there."""
    if not model.compiled and (optimizer is None or loss is None):
        raise ModelError(
            f"Model {spec} must be compiled. Received: a model that is not. Call "
            "model.compile(...) in it, or give both an optimizer and a loss."
        )
    if optimizer is not None or loss is not None:
        model.compile(
            optimizer=model.optimizer if optimizer is None else optimizer,
            loss=model.loss if loss is None else loss,
            metrics=default_metrics(dataset),
        )


def read_saved(path: Path) -> keras.Model:
    """The model in a file, read in Keras' safe mode.

    Args:
        path: Path, a file that Keras saved.

    Returns:
        keras.Model.

    Raises:
        InputError: If there is no such file.
        ModelError: If it holds no model, or one that safe mode does not read.
    """
    if not path.exists():
        raise InputError(f"Model file {path} does not exist. Check the path.")
    if path.is_dir():
        raise InputError(f"Model file {path} must be a file. Received: a folder.")
    try:
        with warnings.catch_warnings():
            # An optimizer saved before its first step: it starts fresh, as saved.
            warnings.filterwarnings("ignore", r"[\s\S]*loading for optimizer")
            return keras.models.load_model(path, safe_mode=True)
    except Exception as error:  # a broken archive can break anything
        raise ModelError(
            f"Model file {path} must be a model that Keras saved and safe mode reads. "
            f"Received: {one_line(error)}. Save it again with "
            "model.save('name.keras'), or give a function that builds it."
        ) from error
