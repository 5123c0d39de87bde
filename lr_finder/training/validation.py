"""The loss on held-out data, measured after each step of a sweep."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from lr_finder.training.feeding.batch_parts import as_batch, check_parts
from lr_finder.training.feeding.batch_sources import (
    adapter_of,
    one_pass,
    source_kind,
)
from lr_finder.training.feeding.batches import as_arrays, as_fit_packs
from lr_finder.training.feeding.finite import find_bad_rows
from lr_finder.training.feeding.indexed_batches import (
    GatheredBatches,
    is_as_fit_takes_it,
    is_sparse,
)
from lr_finder.training.feeding.passes import parts_of
from lr_finder.training.preserving.limits import limits_lifted
from lr_finder.training.stepping.steps import (
    check_evaluation,
    has_own_test_step,
    loss_of,
    needs_targets,
)

VALIDATION_SAMPLES = 256  # enough to tell one step from the next, and soon measured
SAMPLES_AT_ONCE = 256


class ValidationLoss:
    """The loss that a model has on held-out data, kept in memory.

    Args:
        data: tuple `(x, y)` or `(x, y, sample_weight)` of arrays or structures of
            arrays (samples, …), or a tf.data.Dataset, keras.utils.PyDataset, Python
            generator or PyTorch DataLoader of such batches; `x` or `(x,)` for a model
            that needs no targets.
        samples: int >= 1, of these at most: drawn at random from arrays, the first
            of a source of batches; None takes all.
        seed: int, of that draw.

    Attributes:
        samples: int, of these the loss is measured.
        bad: BadRows of the data that hold NaN or infinity, or None.

    Raises:
        InputError: If the data is empty or would never end.

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
            given = as_arrays(*parts_of(data, "validation_data"))
            self.bad = find_bad_rows(given, owner="validation_data")
            element = as_fit_packs(_drawn(given, samples, seed))
        else:
            element = _first(kind, data, samples)
            self.bad = find_bad_rows(as_batch(element), owner="validation_data")
        self._parts = as_batch(element)
        self.samples = keras.tree.flatten(element)[0].shape[0]
        self._arguments = arguments_of_evaluate(element, self.samples)

    def check(self, model: keras.Model) -> None:
        """Raise unless a model can be evaluated on this data.

        Args:
            model: keras.Model, compiled.

        Raises:
            InputError: If targets are missing that its loss needs.
            ModelError: If its own `train_step` has no `test_step` beside it, and
                Keras' does not report a loss for it.
        """
        if needs_targets(model) and (len(self._parts) < 2 or self._parts[1] is None):
            raise InputError(
                "Argument `validation_data` must give batches of (x, y) for a model "
                "compiled with a loss. Received: inputs without targets."
            )
        if not has_own_test_step(model):
            check_parts(self._parts)
            check_evaluation(model)

    def of(self, model: keras.Model) -> float:
        """The loss of `model`, which is changed in nothing but its metrics.

        Args:
            model: keras.Model, compiled.

        Returns:
            float, the loss as `evaluate` has it: with penalties of layers, without
            dropout; not finite where the model has diverged.
        """
        with limits_lifted(), training_mode_kept(model):
            logs = model.evaluate(**self._arguments, verbose=0, return_dict=True)
        return loss_of(logs)


@contextlib.contextmanager
def training_mode_kept(model: keras.Model) -> Iterator[None]:
    """Undo what `evaluate` does under torch beside evaluating.

    Args:
        model: keras.Model, which trains.
    """
    if keras.backend.backend() != "torch":
        yield
        return
    import torch

    with torch.random.fork_rng(devices=[]):  # its DataLoader draws a seed
        yield
    model.train()  # it has switched PyTorch modules to inference


def _drawn(arrays: tuple[Any, ...], samples: int | None, seed: int) -> tuple[Any, ...]:
    """Some of the samples, or all."""
    size = keras.tree.flatten(arrays)[0].shape[0]
    if samples is None or samples >= size:
        return arrays
    chosen = np.sort(np.random.default_rng(seed).choice(size, samples, replace=False))
    return keras.tree.map_structure(
        lambda array: None if array is None else array[chosen], arrays
    )


def _first(kind: str, source: Any, samples: int | None) -> Any:
    """The first samples of a source, or all, as one batch of it."""
    if samples is None and _is_endless(kind, source):
        raise InputError(
            "Argument `validation_samples` must be a number if `validation_data` "
            f"may never end. Received: None, with a {kind}."
        )
    parts, count = [], 0
    for batch in one_pass(kind, source):
        if not _is_given_as_it_is(kind, source, batch):
            batch = as_batch(batch)
        parts.append(
            keras.tree.map_structure(
                lambda leaf: None if leaf is None else np.asarray(leaf), batch
            )
        )
        count += len(keras.tree.flatten(parts[-1])[0])
        if samples is not None and count >= samples:
            break
    if not parts:
        raise InputError(
            "Argument `validation_data` must give batches. Received: none."
        )
    return keras.tree.map_structure(
        lambda *leaves: None if leaves[0] is None else np.concatenate(leaves)[:samples],
        *parts,
    )


def _is_given_as_it_is(kind: str, source: Any, batch: Any) -> bool:
    """Whether a step gets a batch of this source in no other tuple."""
    if kind == "keras.utils.PyDataset":
        return isinstance(batch, dict) or is_as_fit_takes_it(source)
    return kind == "tf.data.Dataset"


def _is_endless(kind: str, source: Any) -> bool:
    if kind == "tf.data.Dataset":
        return int(source.cardinality()) == -1
    if kind == "keras.utils.PyDataset":
        return source.num_batches is None
    return kind == "Python generator"


def arguments_of_evaluate(
    element: Any, samples: int, batch_size: int = SAMPLES_AT_ONCE
) -> dict[str, Any]:
    """Arguments of `evaluate`, in the form that costs least when called again.

    Its step gets what it would get of the source itself: `None` and inputs in a tuple
    of their own are kept.

    Args:
        element: structure of arrays (samples, …) and None, as a step gets its batches.
        samples: int, their length.
        batch_size: int >= 1, samples at once.

    Returns:
        dict.
    """
    if keras.backend.backend() == "tensorflow" and not is_sparse(element):
        return {"x": _as_dataset(element, batch_size)}
    parts = as_batch(element)
    if 2 <= len(parts) <= 3 and not any(part is None for part in parts):
        names = ("x", "y", "sample_weight")
        named = dict(zip(names, parts, strict=False))
        return {**named, "batch_size": batch_size}
    order = [
        np.arange(first, min(first + batch_size, samples))
        for first in range(0, samples, batch_size)
    ]
    return {"x": adapter_of(GatheredBatches(element, order))}


def _as_dataset(element: Any, batch_size: int) -> Any:
    """A tf.data pipeline of the batches, which knows of no None among arrays."""
    import tensorflow as tf

    leaves = keras.tree.flatten(element)
    arrays = tuple(leaf for leaf in leaves if leaf is not None)

    def put_back(*arrays: Any) -> Any:
        rest = iter(arrays)
        filled = [None if leaf is None else next(rest) for leaf in leaves]
        return keras.tree.pack_sequence_as(element, filled)

    dataset = tf.data.Dataset.from_tensor_slices(arrays).batch(batch_size)
    return dataset.map(put_back).cache()
