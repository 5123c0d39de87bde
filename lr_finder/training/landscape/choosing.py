"""Which directions a landscape is measured along, and at which points."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np

from lr_finder.analysis.landscape.trajectory import Trajectory, principal_directions
from lr_finder.errors import InputError
from lr_finder.results.landscape import BETWEEN, GIVEN, PRINCIPAL, RANDOM
from lr_finder.training.landscape.filter_directions import random_directions
from lr_finder.training.landscape.plane import Plane, checked_directions, way_between

MARGIN = 0.2  # of the extent of a trajectory, left around it


@dataclasses.dataclass(frozen=True)
class Directions:
    """Where a model's weights are moved to.

    Args:
        kind: str, as of `LossLandscape`.
        plane: Plane.
        coordinates: tuple of float arrays, the points along each direction.
        path: float array (n, directions) or None.
        trajectory: Trajectory or None.
        shares: float array (directions,) or None.
    """

    kind: str
    plane: Plane
    coordinates: tuple[np.ndarray, ...]
    path: np.ndarray | None = None
    trajectory: Trajectory | None = None
    shares: np.ndarray | None = None


def between(model: keras.Model, other: Any, size: int) -> Directions:
    """The line from a model to another solution.

    Args:
        model: keras.Model, built.
        other: as `way_between` takes it.
        size: int, points.

    Returns:
        Directions.
    """
    variables, way = way_between(model, other)
    return Directions(BETWEEN, Plane(variables, [way]), (np.linspace(0.0, 1.0, size),))


def around(
    model: keras.Model,
    directions: Any,
    trajectory: Trajectory | None,
    extent: tuple[int, int, float],
    seed: int,
) -> Directions:
    """Random directions, or those given.

    Args:
        model: keras.Model, built.
        directions: list of directions given, or what else stands for random ones.
        trajectory: Trajectory whose path is put on them, or None.
        extent: tuple of how many directions, points along each, and distance.
        seed: int.

    Returns:
        Directions.
    """
    count, size, reach = extent
    kind = GIVEN if isinstance(directions, list | tuple) else RANDOM
    if kind == GIVEN:
        along = checked_directions(model, directions)
    else:
        along = random_directions(model, count, seed)
    plane = Plane(model.trainable_variables, along)
    half = np.linspace(0.0, reach, size // 2 + 1)
    axis = np.concatenate([-half[:0:-1], half])  # symmetric, and 0 is exactly 0
    path = None
    if trajectory is not None:
        _check_shapes(plane, trajectory)
        path = trajectory.project(plane.origin, along)
    return Directions(kind, plane, (axis,) * count, path, trajectory)


def along_trajectory(
    model: keras.Model, trajectory: Trajectory, count: int, size: int
) -> Directions:
    """The principal directions of a training, over its whole path.

    Args:
        model: keras.Model, built.
        trajectory: Trajectory of its training.
        count: int, how many directions.
        size: int, points along each.

    Returns:
        Directions.
    """
    origin = Plane(model.trainable_variables, []).origin
    _check_shapes(Plane(model.trainable_variables, []), trajectory)
    along, shares = principal_directions(trajectory, count)
    path = trajectory.project(origin, along)
    axes = []
    for column in path.T:
        low, high = min(column.min(), 0.0), max(column.max(), 0.0)
        margin = MARGIN * (high - low)
        axes.append(np.linspace(low - margin, high + margin, size))
    plane = Plane(model.trainable_variables, along)
    return Directions(PRINCIPAL, plane, tuple(axes), path, trajectory, shares)


def _check_shapes(plane: Plane, trajectory: Trajectory) -> None:
    """Refuse the trajectory of another model."""
    shapes = [each.shape for each in plane.origin]
    if trajectory.shapes != shapes:
        raise InputError(
            "Argument `trajectory` must be of this model: of trainable weights of "
            f"shapes {shapes}. Received: shapes {trajectory.shapes}. Were layers "
            "frozen or unfrozen after the training?"
        )
