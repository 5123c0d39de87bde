"""Initial weights for the layers of one network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import keras

from lr_finder.errors import InputError
from lr_finder.models.compile_arguments import resolve_initializer

DEFAULT_INITIALIZER = "glorot_uniform"  # of Keras, for dense layers and convolutions
DENSE_AXES, CONVOLUTION_AXES = 2, 4  # of a kernel


def fresh_initializers(
    initializer: Any, default: str = DEFAULT_INITIALIZER, *, axes: int = DENSE_AXES
) -> Iterator[Any]:
    """One initializer after the other, so that no two layers start with equal weights.

    One and the same initializer gives equal weights to layers of equal shape. Each
    comes as a copy therefore, and if it has a seed, the seed counts up.

    Args:
        initializer: str, `keras.initializers.Initializer` or None for `default`.
        default: str, a name that Keras knows.
        axes: int, of the kernels.

    Returns:
        Iterator without end of what Keras takes as `kernel_initializer`.

    Raises:
        InputError: If the initializer is unknown, or fills no kernel of so many axes.

    Example:
    >>> kernels = fresh_initializers(keras.initializers.HeNormal(seed=3))
    >>> next(kernels).seed, next(kernels).seed
    (3, 4)
    """
    if initializer is None:
        return itertools.repeat(default)
    chosen = resolve_initializer(initializer)
    try:
        chosen.clone()((1,) * axes)
    except (TypeError, ValueError):
        raise InputError(
            f"Argument `initializer` must fill kernels of {axes} axes. Received: "
            f"initializer={initializer!r}. Use he_normal or glorot_uniform."
        ) from None
    return (_copy(chosen, number) for number in itertools.count())


def _copy(initializer: keras.initializers.Initializer, number: int):
    """An initializer for the layer of a number."""
    config = initializer.get_config()
    seed = config.get("seed")
    if isinstance(seed, dict):  # a SeedGenerator, which counts by itself
        return initializer
    if seed is not None:
        config["seed"] = seed + number
    return type(initializer).from_config(config)
