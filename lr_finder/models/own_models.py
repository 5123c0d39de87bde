"""A person's own model: from a Python file, a module, or a saved `.keras` file."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import keras

from lr_finder._own_lines import own_line
from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError, LRFinderError, ModelError
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
        return _call_builder(place, function, dataset, initializer, folder)
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


def _call_builder(
    place: str, name: str, dataset: Dataset, initializer: Any, folder: str
) -> keras.Model:
    """The model that function `name` of a file or module returns."""
    is_file = place.endswith(".py")
    path = Path(folder, place)
    if is_file and not path.is_file():
        raise InputError(f"Model file {path} does not exist. Check the path.")
    home = path.resolve().parent if is_file else Path(folder).resolve()
    with _importable(home):
        module = _import_file(path) if is_file else _import_module(place)
        function = getattr(module, name, None)
        if not callable(function):
            raise InputError(
                f"Model source {place} must have a function {name!r}. Received: "
                f"{_functions_of(module)}. Name the function that builds the model."
            )
        return call_builder(function, f"{place}:{name}", dataset, initializer)


def call_builder(
    function: Callable[..., Any], name: str, dataset: Dataset, initializer: Any
) -> keras.Model:
    """The model that a function returns, called with the arguments that it names.

    Args:
        function: callable, see `load_model`; it may name `initializer` too.
        name: str, what to call it in a message.
        dataset: Dataset.
        initializer: str, `keras.initializers.Initializer`, or None for the model's
            own.

    Returns:
        keras.Model, as the function made it.

    Raises:
        InputError: If it needs other arguments, or takes no initializer and is to
            have one.
        ModelError: If it fails, or returns something else.

    Example:
    >>> import numpy as np
    >>> def build(input_shape):
    ...     return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1)])
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> call_builder(build, "build", Dataset(x, y, x, y, "regression"), None).built
    True
    """
    model = _call(function, name, dataset, initializer)
    if not isinstance(model, keras.Model):
        raise ModelError(
            f"Function {name} must return a keras.Model (Keras 3). Received: "
            f"{type(model).__module__}.{type(model).__qualname__}. Return the model."
        )
    return model


def _call(
    function: Callable[..., Any], name: str, dataset: Dataset, initializer: Any
) -> Any:
    """Call with those of the offered arguments that the function names."""
    offered = _offered(dataset) | {"initializer": initializer}
    parameters = inspect.signature(function).parameters
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    unknown = [
        parameter.name
        for parameter in parameters.values()
        if parameter.name not in offered
        and parameter.default is parameter.empty
        and parameter.kind not in optional
    ]
    if unknown:
        raise InputError(
            f"Function {name} must take no other arguments than {', '.join(offered)}, "
            f"or have defaults for them. Received: one that needs {', '.join(unknown)}."
        )
    named = parameters.keys() & offered.keys()
    if initializer is not None and "initializer" not in named:
        raise InputError(
            f"Function {name} must have an argument `initializer` to be given one. "
            f"Received: initializer={initializer!r}. Add the argument and hand it to "
            "the layers as kernel_initializer, or leave the initializer out."
        )
    if initializer is None and named >= {"initializer"}:
        if parameters["initializer"].default is not inspect.Parameter.empty:
            named -= {"initializer"}  # its own default stands
    with _told_in_one_line(f"Function {name} must return a model"):
        return function(**{key: offered[key] for key in named})


def _offered(dataset: Dataset) -> dict[str, Any]:
    """The arguments that a function may take."""
    offered = {
        "dataset": dataset,
        "input_shape": dataset.input_shape,
        "n_outputs": dataset.n_outputs,
    }
    if dataset.kind == "series":
        offered["window_size"] = dataset.input_shape[0]
    if dataset.kind == "text":
        offered["vocabulary_size"] = dataset.vocabulary_size
    return offered


def _import_file(path: Path) -> ModuleType:
    name = f"_lr_finder_model_{path.stem}"  # apart from any installed module
    module_spec = importlib.util.spec_from_file_location(name, path)
    if module_spec is None or module_spec.loader is None:
        raise InputError(f"Model file {path} must end in .py. Rename it.")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[name] = module  # dataclasses and pickle look a class's module up
    with _told_in_one_line(f"Model file {path} must run"):
        module_spec.loader.exec_module(module)
    return module


def _import_module(name: str) -> ModuleType:
    with _told_in_one_line(f"Module {name} must run"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise  # the module is there, but lacks one that it needs
            raise InputError(
                f"Module {name} must be installed, or lie under the working folder. "
                "Received: no module of that name. "
                f"For a file write `{name}.py:function`."
            ) from None


@contextlib.contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let a model's source import what lies beside it, as a script could."""
    sys.path.insert(0, os.fspath(folder))
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):  # the source may have removed it
            sys.path.remove(os.fspath(folder))


@contextlib.contextmanager
def _told_in_one_line(rule: str) -> Iterator[None]:
    """Turn what a person's own code raises into one line that names its place."""
    try:
        yield
    except LRFinderError:
        raise
    except (Exception, SystemExit) as error:
        said = error.msg if isinstance(error, SyntaxError) else one_line(error)
        line = own_line(error)
        place = f" (at {line})" if line else ""
        raise ModelError(
            f"{rule}. Received: {type(error).__name__}: {said}{place}. Correct that "
            "code."
        ) from error


def _functions_of(module: ModuleType) -> str:
    """The functions that a module defines, for a message."""
    names = [
        name
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    return f"only {', '.join(names)}" if names else "no function at all"
