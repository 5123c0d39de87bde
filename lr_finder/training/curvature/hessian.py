"""The second derivatives of a model's loss on data, times vectors."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError, ModelError
from lr_finder.models.checks import one_line
from lr_finder.training.checking.preconditions import check_training
from lr_finder.training.curvature.second_derivatives import (
    Arrays,
    SecondDerivatives,
)
from lr_finder.training.feeding.batch_parts import (
    as_batch,
    check_parts,
    copied,
    told_by,
)
from lr_finder.training.feeding.batch_sources import one_pass, source_kind
from lr_finder.training.feeding.batches import as_arrays, check_alone
from lr_finder.training.feeding.indexed_batches import with_dense_rows
from lr_finder.training.feeding.passes import batches_of, passed_over_again
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.preserving.structure import compute_dtypes, modes_kept
from lr_finder.training.state import preserve_state
from lr_finder.training.stepping.steps import check_evaluation, has_own_test_step

NARROW = ("float16", "bfloat16")


class Hessian:
    """Products of the second derivatives of the loss on all batches with a vector.

    Args:
        model: keras.Model, within `preserve_state`.
        batches: list of tuples, the data; their losses are averaged by samples.
        interrupt: HeldInterrupt, checked after each batch.

    Attributes:
        samples: int, of all batches.
        size: int, how many numbers a vector has.
        products: int, how many were made.
    """

    def __init__(
        self, model: keras.Model, batches: list[Any], interrupt: HeldInterrupt
    ):
        self._model, self._batches, self._interrupt = model, batches, interrupt
        self._sizes = [told_by(batch)[1] for batch in batches]
        self._derivatives = SecondDerivatives(model)
        self._shapes = self._derivatives.shapes
        self.samples = sum(self._sizes)
        self.size = sum(math.prod(shape) for shape in self._shapes)
        self.products = 0

    def times(self, vector: np.ndarray) -> np.ndarray:
        """The product with a vector, as float64 array (size,).

        Args:
            vector: float array of `size` numbers.

        Returns:
            float array (size,).

        Raises:
            InputError: If it is not finite.
            ModelError: If the loss cannot be differentiated twice.
        """
        parts = self.parts(vector.reshape(-1))
        total = np.zeros(self.size)
        for batch, size in zip(self._batches, self._sizes, strict=True):
            product = self._of_batch(batch, parts)
            total += size / self.samples * np.concatenate([p.ravel() for p in product])
            self._interrupt.check()
        self.products += 1
        self._check_finite(total)
        return total

    def move(self, flat: np.ndarray) -> None:
        """Differentiate at other weights from now on.

        Args:
            flat: float array (size,).
        """
        self._derivatives.move(self.parts(np.asarray(flat, float)))

    def loss_and_gradient(self) -> tuple[float, np.ndarray]:
        """The loss on all batches, and its first derivatives.

        Returns:
            `(loss, gradient)`: float, and float64 array (size,); not finite ones are
            given back.
        """
        total, gradient = 0.0, np.zeros(self.size)
        for batch, size in zip(self._batches, self._sizes, strict=True):
            loss, parts = self._derivatives.loss_and_gradient(batch)
            share = size / self.samples
            total += share * loss
            gradient += share * np.concatenate([p.ravel() for p in parts])
            self._interrupt.check()
        return total, gradient

    def _of_batch(self, batch: Any, parts: Arrays) -> Arrays:
        try:
            return self._derivatives(batch, parts)
        except Exception as error:  # of the backend, or in the model's own `call`
            raise ModelError(
                "The loss of the model must be differentiable twice. Received: model "
                f"{self._model.name!r}. {keras.backend.backend()} says: "
                f"{one_line(error)}. Layers that run as one fused operation have no "
                "second derivative. Recurrent layers have one with use_cudnn=False."
            ) from error

    def _check_finite(self, total: np.ndarray) -> None:
        variables = self._model.trainable_variables
        for variable, part in zip(variables, self.parts(total), strict=True):
            if not np.isfinite(part).all():
                raise InputError(
                    "The second derivatives of the loss must be finite. Received: NaN "
                    f"or infinity for {variable.path!r}. Look for NaN in data and "
                    "weights (numpy.isfinite), or for a norm or root at 0 in the loss."
                )

    def parts(self, flat: np.ndarray) -> Arrays:
        """One array for each trainable variable."""
        ends = np.cumsum([math.prod(shape) for shape in self._shapes])[:-1]
        pieces = zip(np.split(flat, ends), self._shapes, strict=True)
        return [piece.reshape(shape) for piece, shape in pieces]

    def flat(self, vector: Sequence[Any] | None) -> np.ndarray:
        """One array, of a vector given as an array for each variable."""
        given = [np.asarray(part, float) for part in (() if vector is None else vector)]
        shapes = [part.shape for part in given]
        if shapes != self._shapes or not all(np.isfinite(p).all() for p in given):
            raise InputError(
                "Argument `vector` must hold an array of finite numbers for each of "
                f"model.trainable_variables, of shapes {self._shapes}. Received: "
                f"shapes {shapes}."
            )
        return np.concatenate([part.ravel() for part in given])


@contextlib.contextmanager
def open_hessian(
    model: keras.Model, x: Any, y: Any, sample_weight: Any, batch_size: int
) -> Iterator[Hessian]:
    """Check and read all, build the model, and put it back afterwards.

    Args:
        model: keras.Model, compiled.
        x: arrays or batches, as `largest_curvature` takes them.
        y: targets or None.
        sample_weight: array (samples,) or None.
        batch_size: int >= 1.

    Yields:
        Hessian.

    Raises:
        InputError: If an argument breaks its rule.
        ModelError: If the loss cannot be differentiated twice.
    """
    check_training(
        model, x, y, batch_size=batch_size, group=None, callbacks=None,
        way_out="Give (model, x, y).",
    )  # fmt: skip
    _check_differentiable(model)
    batches = _read(x, y, sample_weight, batch_size)
    element = told_by(batches[0])[0]
    with modes_kept(model), preserve_state(model, element) as (_, interrupt):
        yield Hessian(model, batches, interrupt)


def _check_differentiable(model: keras.Model) -> None:
    """Refuse a model without second derivatives, or with unreliable ones."""
    if has_own_test_step(model):
        raise ModelError(
            "The loss must be computed by Keras' own test_step, so that it can be "
            f"differentiated. Received: model {model.name!r} with a test_step of its "
            "own. Compile the loss into the model, or override compute_loss."
        )
    check_evaluation(model)
    narrow = sorted(compute_dtypes(model).intersection(NARROW))
    if narrow:
        raise ModelError(
            "The layers must compute in float32 or float64, as second derivatives are "
            f"too inexact in less. Received: model {model.name!r} with layers in "
            f"{' and '.join(narrow)}. Build it with dtype='float32' for this."
        )
    if keras.backend.backend() == "tensorflow" and _is_in_scope_of_strategy():
        raise InputError(
            "The call must not be within strategy.scope(), where Keras divides losses "
            "by the number of devices. Received: such a call. Make it outside."
        )


def _is_in_scope_of_strategy() -> bool:
    import tensorflow as tf

    return tf.distribute.has_strategy()


def _read(x: Any, y: Any, sample_weight: Any, batch_size: int) -> list[Any]:
    """The data as batches, in memory: those of arrays are views of them."""
    kind = source_kind(x)
    if kind is None:
        arrays = as_arrays(x, y, sample_weight)
        samples = keras.tree.flatten(arrays)[0].shape[0]

        def part(first: int) -> Any:
            return keras.tree.map_structure(
                lambda leaf: None if leaf is None else leaf[first : first + batch_size],
                arrays,
            )

        return [with_dense_rows(part(first)) for first in range(0, samples, batch_size)]
    check_alone(kind, y, sample_weight)
    source = passed_over_again(x, "x")
    batches_of(source, batch_size, "x")  # refuses one without batches, or without end
    kind = source_kind(source) or kind
    batches = [copied(as_batch(batch)) for batch in one_pass(kind, source)]
    for batch in batches:
        check_parts(batch)
    return batches
