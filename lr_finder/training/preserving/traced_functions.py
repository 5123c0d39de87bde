"""The functions by which Keras trains and tests a model, kept apart from a sweep's."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import keras

NAMES = ("train", "test")
# Models whose sweeps share what they trace: see `shared_functions`.
_SHARED: weakref.WeakSet[keras.Model] = weakref.WeakSet()


class FunctionsApart:
    """Trains and tests by functions that leave the model's own as they are.

    Under TensorFlow a function is traced for each type of batch; from the second type
    on, the trace is made for what both have in common. If their ranks differ, that is
    a tensor of unknown rank, which losses refuse: a model trained on targets of shape
    (n,) cannot be trained on those of a pandas Series, (n, 1). A trace also keeps what
    it read of the model, such as the rate of a Dropout layer. Hence a model that had no
    function has none afterwards, and a function that it had learns no new type: it is
    used for batches that it was traced for, and others are trained by one function for
    each type, which is dropped at the end. JAX and torch specialise a function for each
    type by itself: there one that the model has is used for all.

    Args:
        model: keras.Model, compiled.
        is_anew: bool, whether the model's own functions can be used for nothing,
            because they were traced for another `steps_per_execution` or optimizer.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> functions = FunctionsApart(model)
    >>> _ = model.train_on_batch(keras.ops.ones((2, 1)), keras.ops.ones((2, 1)))
    >>> functions.restore()
    True
    >>> model.train_function is None
    True
    """

    def __init__(self, model: keras.Model, is_anew: bool = False):
        self._model = model
        self._own: tuple[Any, Any] | None = None
        if model in _SHARED and not is_anew:
            return
        self._own = (model.train_function, model.test_function)
        if keras.backend.backend() == "tensorflow":
            for name in NAMES:
                _set(model, name, _ByType(model, name, is_anew))
        elif is_anew:
            model.train_function = model.test_function = None
            model.make_train_function()

    def restore(self) -> bool:
        """Give the model its own functions back.

        Returns:
            bool, False if the functions are shared: then they are still in use.
        """
        if self._own is None:
            return False
        self._model.train_function, self._model.test_function = self._own
        return True


@contextlib.contextmanager
def shared_functions(model: keras.Model) -> Iterator[None]:
    """Let a sweep and a verification of a model share what is traced for them.

    Without it each traces, or compiles, for itself. Nothing that a trace reads of the
    model may be changed in between.

    Args:
        model: keras.Model, compiled.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> with shared_functions(model):
    ...     inner = FunctionsApart(model)
    ...     _ = model.train_on_batch(keras.ops.ones((2, 1)), keras.ops.ones((2, 1)))
    ...     inner.restore(), model.train_function is None
    (False, False)
    >>> model.train_function is None
    True
    """
    if model in _SHARED:
        yield
        return
    functions, unbuilt = FunctionsApart(model), unbuilt_containers(model)
    _SHARED.add(model)
    try:
        yield
    finally:
        _SHARED.discard(model)
        functions.restore()
        unbuild(unbuilt)


def unbuilt_containers(model: keras.Model) -> list[Any]:
    """The compiled loss and metrics that Keras has yet to build, in its first `fit`.

    Args:
        model: keras.Model, compiled.

    Returns:
        list of what `unbuild` takes.
    """
    names = ("_compile_metrics", "_compile_loss")
    containers = [getattr(model, name, None) for name in names]
    return [part for part in containers if part is not None and not part.built]


def unbuild(containers: list[Any]) -> None:
    """Let Keras build these anew, for whatever targets it meets next.

    What they become depends on the targets: `"accuracy"` of classes by number or of
    one-hot vectors.

    Args:
        containers: list, from `unbuilt_containers`.
    """
    for container in containers:
        container.built = False
        container.metrics.clear()  # building appends to those of each output


class _ByType:
    """A train or test function for TensorFlow that has one trace for each type."""

    def __init__(self, model: keras.Model, name: str, is_anew: bool):
        self._model, self._name = weakref.ref(model), name
        self._own: Callable | None = (
            None if is_anew else getattr(model, f"{name}_function")
        )
        self._made: list[tuple[Any, Callable]] = []
        self._iterator: Callable[[], Any] = lambda: None
        self._function: Callable | None = None

    def __call__(self, iterator: Any) -> Any:
        """Train or test on the next batch of an iterator."""
        if self._function is None or self._iterator() is not iterator:
            self._function = self._for(_type_of(iterator))
            self._iterator = weakref.ref(iterator)
        return self._function(iterator)

    def _for(self, kind: Any) -> Callable:
        own = self._own
        if own is not None and kind is not None and _is_traced(own, kind):
            return own
        for known, function in self._made:
            if known == kind:
                return function
        model = self._model()
        _set(model, self._name, None)
        try:
            getattr(model, f"make_{self._name}_function")()
            function = getattr(model, f"{self._name}_function")
        finally:
            _set(model, self._name, self)
        self._made.append((kind, function))
        return function


def _set(model: keras.Model, name: str, function: Any) -> None:
    setattr(model, f"{name}_function", function)


def _type_of(iterator: Any) -> Any:
    """The type of what an iterator gives; None if it is not one of TensorFlow's."""
    import tensorflow as tf

    try:
        return tf.type_spec_from_value(iterator)
    except TypeError:  # a Python generator, by which `train_on_batch` trains
        return None


def _is_traced(function: Any, kind: Any) -> bool:
    """Whether a function of Keras' has a trace that takes an iterator of this type.

    Keras wraps its `tf.function`, whose traces have no public name either. False if
    they cannot be found, as of an eager model: then nothing is lost but time.
    """
    import tensorflow as tf

    cells = [
        cell.cell_contents for cell in getattr(function, "__closure__", None) or ()
    ]
    traced = [
        c for c in cells if isinstance(c, tf.types.experimental.PolymorphicFunction)
    ]
    if len(traced) != 1 or not hasattr(traced[0], "_list_all_concrete_functions"):
        return False
    for concrete in traced[0]._list_all_concrete_functions():
        (taken,), _ = concrete.structured_input_signature
        if kind.is_subtype_of(taken):
            return True
    return False
