r"""Weights on a line or in a plane: $\theta + a d_1 + b d_2$."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder.errors import InputError
from lr_finder.training.preserving.variables import host_copy


class Plane:
    """Variables of a model, and directions along which they are moved together.

    Points are computed in float64 and rounded once, so that the point 1 along a
    direction to another solution is that solution.

    Args:
        variables: sequence of keras.Variable, at their place 0.
        directions: sequence of one or two directions, each a sequence of arrays, one of
            the shape of each variable.

    Example:
    >>> variable = keras.Variable([1.0, 2.0])
    >>> plane = Plane([variable], [[np.array([1.0, 0.0])], [np.array([0.0, 2.0])]])
    >>> plane.move_to((0.5, -1.0))
    >>> host_copy(variable).tolist()
    [1.5, 0.0]
    """

    def __init__(
        self, variables: Sequence[Any], directions: Sequence[Sequence[np.ndarray]]
    ):
        self._variables = list(variables)
        self.origin = [host_copy(each) for each in variables]
        self.directions = [list(each) for each in directions]
        self._moved = [  # where all directions are 0 there is nothing to write
            place
            for place in range(len(self._variables))
            if any(np.any(each[place]) for each in self.directions)
        ]

    def move_to(self, coordinates: Sequence[float]) -> None:
        """Put the variables at a point.

        Args:
            coordinates: sequence of float, one for each direction.
        """
        for place in self._moved:
            value = self.origin[place].astype(float)
            for along, direction in zip(coordinates, self.directions, strict=True):
                if along:
                    value = value + along * direction[place]
            self._variables[place].assign(value.astype(self.origin[place].dtype))


def checked_directions(
    model: keras.Model, directions: Sequence[Sequence[Any]]
) -> list[list[np.ndarray]]:
    """Directions given by a person, as arrays of the shapes of the trainable weights.

    Args:
        model: keras.Model, built.
        directions: sequence of one or two sequences of arrays.

    Returns:
        list of list of float64 arrays.

    Raises:
        InputError: If a shape is another, or a number is not finite.
    """
    shapes = [tuple(each.shape) for each in model.trainable_variables]
    found = []
    for direction in directions:
        try:
            arrays = [np.asarray(each, dtype=float) for each in direction]
        except (TypeError, ValueError):
            arrays = []
        given = [each.shape for each in arrays]
        if given != shapes or not all(np.isfinite(each).all() for each in arrays):
            raise InputError(
                "Argument `directions` must be 1, 2, or one or two directions: each an "
                "array of finite numbers for each of model.trainable_variables, of "
                f"shapes {shapes}. Received: shapes {given}."
            )
        if not any(each.any() for each in arrays):
            raise InputError(
                "Argument `directions` must hold directions of a length above 0. "
                "Received: zeros only."
            )
        found.append(arrays)
    return found


def way_between(model: keras.Model, other: Any) -> tuple[list[Any], list[np.ndarray]]:
    """The variables that differ between two solutions, and the way from one to other.

    All weights of floating-point numbers take part, the statistics of BatchNorm among
    them: so both ends are whole models.

    Args:
        model: keras.Model, built.
        other: keras.Model, or sequence of arrays as `model.get_weights()` gives them.

    Returns:
        `(variables, direction)`.

    Raises:
        InputError: If the other has other shapes, numbers that are not finite, or is
            the same.
    """
    given = other.weights if isinstance(other, keras.Model) else other
    try:
        weights = [
            host_copy(each) if isinstance(each, keras.Variable) else np.asarray(each)
            for each in given
        ]
    except (TypeError, ValueError):
        weights = []
    shapes = [tuple(each.shape) for each in model.weights]
    if [each.shape for each in weights] != shapes:
        raise InputError(
            "Argument `to` must be a keras.Model with weights like those of `model`, "
            f"or a list as model.get_weights() gives it, of arrays of shapes {shapes}. "
            f"Received: shapes {[each.shape for each in weights]}."
        )
    variables, direction = [], []
    for variable, end in zip(model.weights, weights, strict=True):
        if keras.backend.is_float_dtype(variable.dtype):
            variables.append(variable)
            direction.append(end.astype(float) - host_copy(variable).astype(float))
    if not all(np.isfinite(each).all() for each in direction):
        raise InputError(
            "Argument `to` must hold finite weights, as must `model`. Received: NaN or "
            "infinity. A training that diverged leaves no solution."
        )
    if not any(each.any() for each in direction):
        raise InputError(
            "Argument `to` must be another solution than `model`. Received: equal "
            "weights. Train a second model, e.g. from another seed."
        )
    return variables, direction
