"""Where a model trains: the devices by name, and what a distribution asks for."""

from __future__ import annotations

import collections
import contextlib
from typing import Any

import keras

from lr_finder.errors import InputError
from lr_finder.training.preserving.variables import replicas


def device_name(model: keras.Model) -> str:
    """The device or devices that hold a model's weights, as a person knows them.

    Args:
        model: keras.Model, built.

    Returns:
        str, e.g. `"CPU"`, `"GPU: NVIDIA H200"` or `"2 × CPU"`.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> with keras.device("cpu:0"):
    ...     model = keras.models.clone_model(model)
    >>> device_name(model)
    'CPU'
    """
    names = _NAMES[keras.backend.backend()](model.trainable_variables[0])
    counts = collections.Counter(sorted(names))
    return ", ".join(
        name if count == 1 else f"{count} × {name}" for name, count in counts.items()
    )


def default_device_name() -> str:
    """The device on which Keras makes variables, as a person knows it.

    Returns:
        str, e.g. `"CPU"` or `"GPU: NVIDIA H200"`.

    Example:
    >>> with keras.device("cpu:0"):
    ...     default_device_name()
    'CPU'
    """
    return ", ".join(_NAMES[keras.backend.backend()](keras.Variable(0.0)))


def training_scope(model: keras.Model) -> contextlib.AbstractContextManager:
    """The context in which `fit` would create variables of this model.

    Args:
        model: keras.Model.

    Returns:
        context manager, of the model's `tf.distribute.Strategy` if it has one.
    """
    if keras.backend.backend() == "tensorflow":
        return model.distribute_strategy.scope()
    return contextlib.nullcontext()


def check_batch_size(model: keras.Model, batch_size: int | None) -> None:
    """Raise `InputError` if batches cannot be shared out among the devices.

    Args:
        model: keras.Model.
        batch_size: int or None if it is not known.

    Raises:
        InputError: If the devices would get unequal parts of a batch.
    """
    devices = _count_of_parts(model)
    if batch_size is None or batch_size % devices == 0:
        return
    least = devices * max(1, batch_size // devices)
    raise InputError(
        "Argument `batch_size` must be a multiple of the number of devices that share "
        f"a batch. Received: batches of {batch_size} with {devices} devices. Give "
        f"batch_size={least}, and as many samples at least."
    )


def _count_of_parts(model: keras.Model) -> int:
    """How many devices share a batch, each taking an equal part."""
    if keras.backend.backend() == "tensorflow":
        return model.distribute_strategy.num_replicas_in_sync
    distribution = keras.distribution.distribution()
    if distribution is None or distribution.batch_dim_name is None:
        return 1
    mesh = distribution.device_mesh
    return mesh.shape[mesh.axis_names.index(distribution.batch_dim_name)]


def _tensorflow_names(variable: Any) -> list[str]:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    names = []
    for part in replicas(variable):
        tensor = part.value if isinstance(part, keras.Variable) else part
        _, kind, index = tensor.device.rsplit(":", 2)
        details = {}
        if kind == "GPU" and int(index) < len(gpus):
            details = tf.config.experimental.get_device_details(gpus[int(index)])
        names.append(_label(kind, details.get("device_name")))
    return names


def _jax_names(variable: Any) -> list[str]:
    return [
        _label(device.platform, device.device_kind)
        for device in variable.value.devices()
    ]


def _torch_names(variable: Any) -> list[str]:
    import torch

    device = variable.value.device
    kind = None
    if device.type == "cuda":
        kind = torch.cuda.get_device_name(device)
    return [_label(device.type, kind)]


def _label(platform: str, kind: str | None) -> str:
    """`"CPU"`, `"GPU: NVIDIA H200"`, …: a GPU is called so by every backend."""
    platform = {"CUDA": "GPU", "ROCM": "GPU"}.get(platform.upper(), platform.upper())
    return platform if platform == "CPU" or not kind else f"{platform}: {kind}"


_NAMES = {
    "tensorflow": _tensorflow_names,
    "jax": _jax_names,
    "torch": _torch_names,
}
