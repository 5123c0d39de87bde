"""BatchNorm's moving statistics, measured anew at fixed weights."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count, check_seed
from lr_finder.errors import InputError, ModelError
from lr_finder.models.checks import one_line
from lr_finder.training.feeding.batch_parts import as_batch
from lr_finder.training.feeding.batch_sources import one_pass, source_kind
from lr_finder.training.feeding.batches import as_arrays
from lr_finder.training.feeding.indexed_batches import with_dense_rows
from lr_finder.training.feeding.passes import batches_of, parts_of, passed_over_again
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.preserving.randomness import preserved_randomness
from lr_finder.training.preserving.structure import modes_kept
from lr_finder.training.preserving.untracked_variables import raw_variables
from lr_finder.training.preserving.variables import host_copy, kept_values

ABSENT = object()


def reestimate_batch_statistics(
    model: keras.Model, data: Any, *, batch_size: int = 32, seed: int = 0
) -> list[str]:
    r"""Set the moving statistics of every BatchNormalization layer to those of data.

    In training, Keras lets the moving statistics follow those of the batches with a
    momentum, so they lag behind weights that move fast, and `evaluate`, which uses
    them, may show a far higher loss than the weights deserve. This passes over the data
    once in training mode, with the weights as they are. With $n_b$ rows in batch $b$ of
    $n$, and mean $\mu_b$ and variance $\sigma_b^2$ of what a layer is given in it:

    $$ \mu = \sum_b \frac{n_b}{n} \mu_b, \qquad
       \sigma^2 = \sum_b \frac{n_b}{n} \left(\sigma_b^2 + (\mu_b - \mu)^2 \right) $$

    By the law of total variance these are mean and variance over all rows at once: of
    the first BatchNormalization they do not depend on the batch size. (Keras' moving
    variance approaches the first part only, $\sum_b \frac{n_b}{n} \sigma_b^2$, which
    small batches make too small.) Later layers are given what earlier ones give in
    training, normalised by each batch.

    A layer with `trainable=False`, alone or in a frozen part of the model, keeps its
    statistics: training uses them too. All else is left as it was, to the last bit:
    weights, seeds of Dropout, metrics, optimizer and the random states. After an error
    or Ctrl-C the old statistics are back.

    Args:
        model: keras.Model, built; it need not be compiled.
        data: array or structure of arrays (samples, …); a tuple `(x, y)`, whose targets
            are not used; or batches that end: a tf.data.Dataset,
            keras.utils.PyDataset, PyTorch DataLoader or Python generator. Take the
            training data.
        batch_size: int >= 1, that of the training (of arrays only). Arrays are divided
            into batches of equal size, to one row, and at most this.
        seed: int in [0, 2**32), of the order in which rows of arrays are drawn.

    Returns:
        list of str, the paths of the layers whose statistics were measured.

    Raises:
        InputError: If an argument breaks its rule, or the data gives a layer values
            that are not finite.
        ModelError: If the model is not built, or has no BatchNormalization layer that
            is trained, or one with `renorm=True`.

    Example:
    >>> layers = [keras.Input((1,)), keras.layers.BatchNormalization(name="norm")]
    >>> model = keras.Sequential(layers, name="model")
    >>> x = np.array([[0.0], [2.0], [4.0], [6.0]])
    >>> reestimate_batch_statistics(model, x, batch_size=2)
    ['model/norm']
    >>> mean, variance = model.layers[0].non_trainable_weights
    >>> float(mean[0]), float(variance[0])  # those of 0, 2, 4, 6
    (3.0, 5.0)

    References:
        Ioffe and Szegedy, Batch Normalization, ICML 2015, algorithm 2
        (https://arxiv.org/abs/1502.03167).
        Wu and Johnson, Rethinking "Batch" in BatchNorm, 2021, section 3
        (https://arxiv.org/abs/2105.07576).
    """
    check_count("batch_size", batch_size, least=1)
    check_seed(seed)
    layers = _layers_of(model)
    with HeldInterrupt() as interrupt, preserved_randomness(), modes_kept(model):
        kept = kept_values([*model.variables, *raw_variables(model)])
        moments = {id(layer): _Moments(layer) for layer in layers}
        try:
            with (
                _losses_kept(model),
                _watched(layers, moments),
                _without_gradients(),
            ):
                for inputs in _inputs(data, batch_size, seed):
                    _pass_through(model, inputs)
                    interrupt.check()
            found = [(layer, moments[id(layer)].total()) for layer in layers]
        finally:
            for variable, value in kept:
                variable.assign(value)
        interrupt.check()  # now, or when all layers have their new statistics
        passed = [(layer, total) for layer, total in found if total is not None]
        for layer, (mean, variance) in passed:
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance)
    return [layer.path or layer.name for layer, _ in passed]


def _pass_through(model: keras.Model, inputs: Any) -> None:
    """One forward pass as in training; refuse inputs that the model cannot take."""
    try:
        model(inputs, training=True)
    except (ValueError, TypeError) as error:
        raise InputError(
            "Argument `data` must hold inputs that the model takes. Received: "
            f"{one_line(error)}."
        ) from error


def _layers_of(model: Any) -> list[keras.layers.BatchNormalization]:
    """The layers to measure, nested ones too; refuse a model without any."""
    if not isinstance(model, keras.Model):
        raise ModelError(
            "Argument `model` must be a keras.Model. Received: "
            f"{type(model).__module__}.{type(model).__name__}."
        )
    held = [
        each
        for each in model._flatten_layers()
        if isinstance(each, keras.layers.BatchNormalization)
    ]
    layers = [layer for layer in held if layer.trainable]
    if not layers or not all(layer.built for layer in layers):
        received = f"model {model.name!r} without one"
        if held:
            received = f"model {model.name!r} with {len(held)} frozen"
        if layers:
            received = f"model {model.name!r}, which is not built"
        raise ModelError(
            "Argument `model` must hold a BatchNormalization layer that is built and "
            f"has trainable=True. Received: {received}. There is nothing to measure."
        )
    renormed = next((layer for layer in layers if getattr(layer, "renorm", 0)), None)
    if renormed is not None:
        raise ModelError(
            "Each BatchNormalization layer must have renorm=False, so that training "
            f"normalises by batches. Received: layer {renormed.name!r} with "
            "renorm=True. Leave its statistics as they are."
        )
    return layers


class _Moments:
    """Mean and variance of all that a layer was given, from those of its batches."""

    def __init__(self, layer: keras.layers.BatchNormalization):
        self._axis = layer.axis
        self._rows = 0.0
        self._mean = self._variance = np.zeros(())

    def add(self, inputs: Any, mask: Any, mean: np.ndarray, variance: np.ndarray):
        """Take in a batch; see Chan, Golub and LeVeque (1979)."""
        if mask is None:
            rows = math.prod(inputs.shape) / inputs.shape[self._axis]
        else:
            rows = float(keras.ops.convert_to_numpy(mask).sum())
        if not rows:
            return
        both = self._rows + rows
        share, moved = rows / both, mean - self._mean
        self._variance = (
            (1 - share) * self._variance
            + share * variance
            + share * (1 - share) * moved**2
        )
        self._mean = self._mean + share * moved
        self._rows = both

    def total(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Mean and variance; None if the layer was given nothing."""
        if not self._rows:
            return None
        if not np.isfinite([self._mean, self._variance]).all():
            raise InputError(
                "Argument `data` must give every BatchNormalization layer finite "
                "values. Received: NaN or infinity. Look for it in data and weights "
                "(numpy.isfinite)."
            )
        return self._mean, self._variance


@contextlib.contextmanager
def _watched(
    layers: list[keras.layers.BatchNormalization], moments: dict[int, _Moments]
) -> Iterator[None]:
    """Let each call of a layer in training tell the statistics of its batch.

    With a momentum of 0 Keras' layers hold those after the call.
    """
    before = [
        (layer, layer.momentum, vars(layer).get("call", ABSENT)) for layer in layers
    ]
    for layer in layers:
        layer.momentum = 0.0
        # An attribute of the object goes before the method of its class; what is
        # assigned to a layer, Keras may track: hence its dict.
        own: dict[str, Any] = layer.__dict__
        own["call"] = _telling(layer, layer.call, moments[id(layer)])
    try:
        yield
    finally:
        for layer, momentum, call in before:
            layer.momentum = momentum
            own = layer.__dict__
            del own["call"]
            if call is not ABSENT:
                own["call"] = call


def _telling(
    layer: keras.layers.BatchNormalization, call: Any, moments: _Moments
) -> Any:
    """What a layer is called by, which tells the statistics of each batch."""

    def tell(inputs: Any, training: bool | None = None, **options: Any) -> Any:
        outputs = call(inputs, training=training, **options)
        if training:
            statistics = layer.moving_mean, layer.moving_variance
            mean, variance = (host_copy(each).astype(float) for each in statistics)
            moments.add(inputs, options.get("mask"), mean, variance)
        return outputs

    return tell


@contextlib.contextmanager
def _losses_kept(model: keras.Model) -> Iterator[None]:
    """Put back the penalties on activations that layers hold of their last call."""
    layers = model._flatten_layers()
    kept = [(each, each._losses[:], set(each._loss_ids)) for each in layers]
    try:
        yield
    finally:
        for layer, losses, ids in kept:
            layer._losses[:] = losses
            layer._loss_ids.clear()
            layer._loss_ids.update(ids)


@contextlib.contextmanager
def _without_gradients() -> Iterator[None]:
    """Keep PyTorch from noting what a gradient would need."""
    if keras.backend.backend() != "torch":
        yield
        return
    import torch

    with torch.no_grad():
        yield


def _inputs(data: Any, batch_size: int, seed: int) -> Iterator[Any]:
    """The inputs of each batch: of arrays in an order drawn, in batches alike."""
    x, _, _ = parts_of(data, "data")  # targets play no part
    kind = source_kind(x)
    if kind is None:
        x = as_arrays(x, None, None)[0]
        n = keras.tree.flatten(x)[0].shape[0]
        order = np.random.default_rng(seed).permutation(n)
        for rows in np.array_split(order, math.ceil(n / batch_size)):
            picked = functools.partial(_picked, np.sort(rows))
            yield with_dense_rows(keras.tree.map_structure(picked, x))
        return
    source = passed_over_again(x, "data")
    batches_of(source, batch_size, "data")  # refuses one without batches, or end
    for batch in one_pass(source_kind(source) or kind, source):
        yield as_batch(batch)[0]


def _picked(rows: np.ndarray, array: Any) -> Any:
    return array[rows]
