"""The loss on held-out data, measured after each step of a sweep."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError
from lr_finder.schedules import check_count
from lr_finder.training.batch_sources import as_batch, as_host_batch, source_kind
from lr_finder.training.batches import as_arrays
from lr_finder.training.limits import limits_lifted

VALIDATION_SAMPLES = 256  # enough to tell one step from the next, and soon measured
SAMPLES_AT_ONCE = 256


class ValidationLoss:
    """The loss that a model has on held-out data, kept in memory.

    Args:
        data: tuple `(x, y)` or `(x, y, sample_weight)` of arrays or structures of
            arrays (samples, …), or a tf.data.Dataset, keras.utils.PyDataset, Python
            generator or PyTorch DataLoader of such batches.
        samples: int >= 1, of these at most: drawn at random from arrays, the first
            of a source of batches; None takes all.
        seed: int, of that draw.

    Attributes:
        samples: int, of these the loss is measured.

    Raises:
        InputError: If the data is empty or has no targets, or would never end.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.ones((500, 1))
    >>> validation = ValidationLoss((x, x), samples=100)
    >>> loss = model.evaluate(x, x, verbose=0)
    >>> validation.samples, bool(np.isclose(validation.of(model), loss))
    (100, True)
    """

    def __init__(
        self, data: Any, samples: int | None = VALIDATION_SAMPLES, seed: int = 0
    ):
        if samples is not None:
            check_count("validation_samples", samples, least=1)
        kind = source_kind(data)
        if kind is None:
            arrays = _drawn(_given(data), samples, seed)
        else:
            arrays = _first(kind, data, samples)
        self.samples = keras.tree.flatten(arrays)[0].shape[0]
        self._arguments = _arguments_of_evaluate(arrays)

    def of(self, model: keras.Model) -> float:
        """The loss of `model`, which is changed in nothing but its metrics.

        Args:
            model: keras.Model, compiled.

        Returns:
            float, the loss as `evaluate` has it: with penalties of layers, without
            dropout; not finite where the model has diverged.
        """
        with limits_lifted(), _training_mode_kept(model):
            logs = model.evaluate(**self._arguments, verbose=0, return_dict=True)
        return float(logs["loss"])


@contextlib.contextmanager
def _training_mode_kept(model: keras.Model) -> Iterator[None]:
    """Undo what `evaluate` does under torch beside evaluating."""
    if keras.backend.backend() != "torch":
        yield
        return
    import torch

    with torch.random.fork_rng(devices=[]):  # its DataLoader draws a seed
        yield
    model.train()  # it has switched PyTorch modules to inference


def _given(data: Any) -> tuple[Any, ...]:
    """Arrays of a tuple `(x, y)` or `(x, y, sample_weight)`."""
    if not isinstance(data, tuple | list) or not 2 <= len(data) <= 3:
        raise InputError(
            "Argument `validation_data` must be (x, y), (x, y, sample_weight) or a "
            f"source of batches. Received: {type(data).__name__}"
            + (f" of {len(data)}." if isinstance(data, tuple | list) else ".")
        )
    return as_arrays(*data, *[None] * (3 - len(data)))


def _drawn(arrays: tuple[Any, ...], samples: int | None, seed: int) -> tuple[Any, ...]:
    """Some of the samples, or all."""
    size = keras.tree.flatten(arrays)[0].shape[0]
    if samples is None or samples >= size:
        return arrays
    chosen = np.sort(np.random.default_rng(seed).choice(size, samples, replace=False))
    return keras.tree.map_structure(lambda array: array[chosen], arrays)


def _first(kind: str, source: Any, samples: int | None) -> tuple[Any, ...]:
    """The first samples of a source, or all."""
    if samples is None and _is_endless(kind, source):
        raise InputError(
            "Argument `validation_samples` must be a number where `validation_data` "
            f"may never end. Received: None, with a {kind}."
        )
    parts, count = [], 0
    for batch in _batches(kind, source):
        parts.append(keras.tree.map_structure(np.asarray, as_batch(batch)))
        count += len(keras.tree.flatten(parts[-1])[0])
        if samples is not None and count >= samples:
            break
    if not parts or len(parts[0]) < 2:
        raise InputError(
            "Argument `validation_data` must give batches of (x, y). Received: "
            + ("none." if not parts else "inputs without targets.")
        )
    return keras.tree.map_structure(
        lambda *arrays: np.concatenate(arrays)[:samples], *parts
    )


def _is_endless(kind: str, source: Any) -> bool:
    if kind == "tf.data.Dataset":
        return int(source.cardinality()) == -1
    if kind == "keras.utils.PyDataset":
        return source.num_batches is None
    return kind == "Python generator"


def _batches(kind: str, source: Any) -> Iterator[Any]:
    """The batches of one pass."""
    if kind == "tf.data.Dataset":
        return source.as_numpy_iterator()
    if kind == "keras.utils.PyDataset":
        size = source.num_batches
        steps = itertools.count() if size is None else range(size)
        return (source[step] for step in steps)
    return (as_host_batch(batch) for batch in source)


def _arguments_of_evaluate(arrays: tuple[Any, ...]) -> dict[str, Any]:
    """Arguments of `evaluate`, in the form that costs least when called again."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        dataset = tf.data.Dataset.from_tensor_slices(arrays)
        return {"x": dataset.batch(SAMPLES_AT_ONCE).cache()}
    names = ("x", "y", "sample_weight")
    named = dict(zip(names, arrays, strict=False))
    return {**named, "batch_size": SAMPLES_AT_ONCE}
