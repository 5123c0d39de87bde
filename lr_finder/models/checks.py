"""What every model must fulfil to be swept on a dataset."""

from __future__ import annotations

import re

import keras
import numpy as np

from lr_finder.data.dataset import Dataset
from lr_finder.errors import ModelError
from lr_finder.models.compile_arguments import check_loss_fits

ANSI_CODE = re.compile(r"\x1b\[[0-9;]*m")  # Keras prints parts of its messages in bold
KERAS_PREAMBLES = ("Exception encountered", "Could not automatically", "Arguments rec")


def check_fits(model: keras.Model, dataset: Dataset, name: str) -> None:
    """Refuse a model whose input, output or loss does not fit a dataset.

    An unbuilt model is built for the dataset. Nothing is trained. The embedding that
    reads a text must know every token: what lies beyond it fails late on a CPU, and
    is taken for zeros on a GPU.

    Args:
        model: keras.Model, compiled.
        dataset: Dataset.
        name: str, what to call the model in a message.

    Raises:
        ModelError: If input or output have another shape than the data, or an
            embedding of the input is too small for the vocabulary.
        InputError: If the loss does not fit.

    Example:
    >>> x, y = np.zeros((4, 3), "float32"), np.zeros(4, "float32")
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> check_fits(model, Dataset(x, y, x, y, task="regression"), "mine")
    """
    output = _output_shape(model, dataset, name)
    _check_vocabulary(model, dataset, name)
    wanted = _fitting_outputs(dataset)
    fitting = next((shape for shape in wanted if shape == output), None)
    if fitting is None:
        shapes = " or ".join(str((None, *shape)) for shape in wanted if shape)
        raise ModelError(
            f"Model {name} must give output of shape {shapes}, for the {dataset.task} "
            f"of {dataset.target!r}. Received: {(None, *output)}. "
            "Change its last layer."
        )
    if not isinstance(model.loss, list | tuple | dict):
        check_loss_fits(model.loss, dataset, fitting[-1] if fitting else 1)


def one_line(error: BaseException) -> str:
    r"""The telling line of an error, without Keras' preamble and the final stop.

    Args:
        error: an exception, of Keras or not.

    Returns:
        str, one line; the type's name where the error has no text.

    Example:
    >>> one_line(ValueError("no such file.\nTry another."))
    'no such file'
    """
    lines = (line.strip() for line in ANSI_CODE.sub("", str(error)).splitlines())
    telling = [line for line in lines if line and not line.startswith(KERAS_PREAMBLES)]
    return telling[0].rstrip(".") if telling else type(error).__name__


def _output_shape(
    model: keras.Model, dataset: Dataset, name: str
) -> tuple[int | None, ...]:
    """Shape of one output, found without data and without a change to the model."""
    batch_shape = (None, *dataset.input_shape)
    received, expected = "", batch_shape
    try:
        expected = model.input_shape
        received = f"a model for {expected}"
    except AttributeError:  # not built, or built by a `call` of its own
        pass
    try:
        if not _agree(expected, batch_shape):  # Keras' convolutions take any channels
            raise ValueError(received)
        # The call builds the model, which `compute_output_spec` alone would not do.
        give = model.compute_output_spec if model.built else model
        output = give(keras.KerasTensor(batch_shape, dtype=dataset.x_train.dtype.name))
    except Exception as error:  # `call` is the user's code
        raise ModelError(
            f"Model {name} must take input of shape {batch_shape}, as the data has "
            f"it. Received: {received or one_line(error)}. Change its first layer."
        ) from error
    if not isinstance(output, keras.KerasTensor):
        raise ModelError(
            f"Model {name} must have one output. Received: {type(output).__name__} of "
            f"{len(output)}. Wrap the model so that it gives one."
        )
    return tuple(output.shape[1:])


def _agree(expected: object, shape: tuple[int | None, ...]) -> bool:
    """Whether sizes are equal where both are known; other ranks are Keras' to judge."""
    if not isinstance(expected, tuple) or len(expected) != len(shape):
        return True
    pairs = zip(expected, shape, strict=True)
    return all(one == other or None in (one, other) for one, other in pairs)


def _check_vocabulary(model: keras.Model, dataset: Dataset, name: str) -> None:
    """Refuse an embedding of the model's input that lacks some of a text's tokens."""
    if dataset.kind != "text":
        return
    inputs = [id(tensor) for tensor in getattr(model, "inputs", None) or ()]
    for layer in getattr(model, "layers", ()):
        if not isinstance(layer, keras.layers.Embedding):
            continue
        try:
            reads_tokens = id(layer.input) in inputs
        except (AttributeError, ValueError):  # called by code of the user's, or twice
            reads_tokens = False
        if reads_tokens and layer.input_dim < dataset.vocabulary_size:
            raise ModelError(
                f"Model {name} must embed the {dataset.vocabulary_size:,} tokens of "
                f"the text. Received: an Embedding of {layer.input_dim:,}. Take "
                "`vocabulary_size` as an argument of the function that builds it."
            )


def _fitting_outputs(dataset: Dataset) -> list[tuple[int, ...]]:
    """Shapes that one output may have."""
    if dataset.task == "classification":
        shapes: list[tuple[int, ...]] = [(dataset.n_classes,)]
        return shapes + [(1,), ()] if dataset.n_classes == 2 else shapes
    shape = tuple(dataset.y_train.shape[1:])
    return [(1,), ()] if np.prod(shape, dtype=int) == 1 and len(shape) < 2 else [shape]
