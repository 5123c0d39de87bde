"""The value of a Keras variable, on the host."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np


def host_copy(variable: Any) -> np.ndarray:
    """The value of a variable or tensor as an array that shares no memory with it.

    Args:
        variable: keras.Variable or a tensor of the backend, any shape and dtype.

    Returns:
        array of the variable's shape.

    Example:
    >>> variable = keras.Variable([1.0, 2.0])
    >>> value = host_copy(variable)
    >>> variable.assign([3.0, 4.0]) is None, value.tolist()
    (False, [1.0, 2.0])
    """
    return keras.ops.convert_to_numpy(keras.ops.copy(variable))
