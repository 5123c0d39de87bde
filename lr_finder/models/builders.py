"""The function that builds a person's model: found in a file or module, and called."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import keras

from lr_finder._own_lines import own_line
from lr_finder.data.dataset import Dataset
from lr_finder.errors import InputError, LRFinderError, ModelError
from lr_finder.models.checks import one_line


def build_from(
    place: str, name: str, dataset: Dataset, initializer: Any, folder: str
) -> keras.Model:
    """The model that function `name` of a file or module returns.

    Args:
        place: str, `file.py` or `package.module`.
        name: str, the function in it.
        dataset: Dataset.
        initializer: str, `keras.initializers.Initializer`, or None for the model's
            own.
        folder: str, where paths start and modules may lie; "" is the working folder.

    Returns:
        keras.Model, as the function made it.

    Raises:
        InputError: If there is no such file, module or function, or it needs other
            arguments.
        ModelError: If it fails, or returns something else.

    Example:
    >>> import numpy as np
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> dataset = Dataset(x, y, x, y, "regression")
    >>> place = "lr_finder.models.defaults"
    >>> build_from(place, "build_mlp", dataset, None, "").input_shape
    (None, 3)
    """
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
        function: callable, which may name `dataset`, `input_shape`, `n_outputs`,
            `window_size` (of a series), `vocabulary_size` (of texts), `initializer`.
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
                f"For a file write `{_as_file(name)}:function`."
            ) from None


def _as_file(module: str) -> str:
    """The file that a name such as `mine.pi` or `package.mine` may have meant."""
    name, _, ending = module.rpartition(".")
    if name and difflib.get_close_matches(ending, ["py"], cutoff=0.5):
        return f"{name}.py"
    return f"{module.replace('.', '/')}.py"


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
