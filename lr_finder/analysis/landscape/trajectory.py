"""The way of a training through the space of its weights, and its main directions."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from lr_finder._text import counted
from lr_finder.errors import InputError

LEAST_POINTS = 3  # of a trajectory: two lie on a line, whatever they are
NOTHING = 1e-7  # of the largest movement: less than that is rounding


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Trajectory:
    """The trainable weights of a model at some steps of its training.

    Args:
        steps: sequence of int (n,), increasing: how many batches had been trained on.
        weights: sequence of arrays, one (n, …) for each of
            `model.trainable_variables`.

    Raises:
        InputError: If the lengths differ, or something is not finite.

    Example:
    >>> Trajectory([0, 10, 20], [np.zeros((3, 4, 2)), np.zeros((3, 2))])
    <Trajectory of 3 points, 10 weights each, steps 0 to 20>
    """

    steps: np.ndarray
    weights: tuple[np.ndarray, ...]

    def __post_init__(self) -> None:
        steps = np.asarray(self.steps, dtype=int)
        weights = tuple(np.asarray(each) for each in self.weights)
        lengths = {len(each) if each.ndim else 0 for each in weights}
        if not weights or lengths != {len(steps)} or not len(steps):
            raise InputError(
                "Arguments `steps` and `weights` must be of equal lengths. Received: "
                f"{counted(len(steps), 'step')}, and arrays of lengths "
                f"{sorted(lengths)}."
            )
        if not all(np.isfinite(each).all() for each in weights):
            raise InputError(
                "Argument `weights` must hold finite numbers. Received: NaN or "
                "infinity. Has the training diverged? Give the part before it did."
            )
        object.__setattr__(self, "steps", steps)
        object.__setattr__(self, "weights", weights)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shape of each variable."""
        return [each.shape[1:] for each in self.weights]

    def __repr__(self) -> str:
        size = sum(each[0].size for each in self.weights)
        ends = f"steps {self.steps[0]:,} to {self.steps[-1]:,}"
        points = counted(len(self), "point")
        return f"<Trajectory of {points}, {counted(size, 'weight')} each, {ends}>"

    def project(
        self, origin: Sequence[np.ndarray], directions: Sequence[Sequence[np.ndarray]]
    ) -> np.ndarray:
        r"""The coordinates of its points in a line or plane, by least squares.

        Args:
            origin: sequence of arrays, the weights at coordinates 0.
            directions: sequence of at most two directions, each a sequence of arrays.

        Returns:
            float array (n, directions).

        Example:
        >>> path = Trajectory([0, 1], [np.array([[3.0, 4.0], [5.0, 4.0]])])
        >>> path.project([np.array([1.0, 4.0])], [[np.array([2.0, 0.0])]]).tolist()
        [[1.0], [2.0]]
        """
        count = len(directions)
        gram, onto = np.zeros((count, count)), np.zeros((len(self), count))
        for place, (points, zero) in enumerate(zip(self.weights, origin, strict=True)):
            along = [np.ravel(each[place]).astype(float) for each in directions]
            basis = np.stack(along, axis=1)  # (size, count)
            moved = points.reshape(len(self), -1) - np.ravel(zero).astype(float)
            gram += basis.T @ basis
            onto += moved @ basis
        return np.linalg.solve(gram, onto.T).T


def principal_directions(
    trajectory: Trajectory, count: int
) -> tuple[list[list[np.ndarray]], np.ndarray]:
    r"""The directions in which a training moved most, and their shares of it.

    The right singular vectors of the matrix whose rows are the points of the
    trajectory less their mean. They are found from the products of the rows with each
    other, variable by variable, so that no second matrix of that size is needed.

    Args:
        trajectory: Trajectory of at least 3 points.
        count: int, how many directions.

    Returns:
        `(directions, shares)`: list of directions, each of length 1 in all and one
        array for each variable, from the first point towards the last; float array
        (count,), the share of the variance that each holds.

    Raises:
        InputError: If the trajectory has too few points, or does not move in so many
            directions.

    Example:
    >>> points = np.array([[0.0, 0.0], [3.0, 1.0], [6.0, 0.0]])
    >>> (first, _), shares = principal_directions(Trajectory([0, 1, 2], [points]), 2)
    >>> first[0].round(9).tolist(), shares.round(3).tolist()
    ([1.0, 0.0], [0.964, 0.036])

    References:
        Li et al., Visualizing the Loss Landscape of Neural Nets, NeurIPS 2018
        (https://arxiv.org/abs/1712.09913), section 7.
    """
    n = len(trajectory)
    if n < LEAST_POINTS:
        raise InputError(
            f"Argument `trajectory` must have at least {LEAST_POINTS} points. "
            f"Received: {n}. Train for longer, or record more often."
        )
    products = np.zeros((n, n))
    for points in trajectory.weights:
        part = _centred(points)
        products += part @ part.T
    squares, vectors = np.linalg.eigh(products)
    squares, vectors = np.maximum(squares[::-1], 0), vectors[:, ::-1]
    if squares[count - 1] <= NOTHING**2 * squares[0] or squares[0] == 0:
        raise InputError(
            f"Argument `trajectory` must move in {counted(count, 'direction')}. "
            "Received: one that "
            + ("stays in one place." if squares[0] == 0 else "moves along a line.")
            + " Train at a higher rate or for longer, or ask for fewer directions."
        )
    scaled = vectors[:, :count] / np.sqrt(squares[:count])
    scaled *= np.where(vectors[-1, :count] >= vectors[0, :count], 1.0, -1.0)
    found: list[list[np.ndarray]] = [[] for _ in range(count)]
    for points, shape in zip(trajectory.weights, trajectory.shapes, strict=True):
        part = _centred(points)
        for place in range(count):
            found[place].append((scaled[:, place] @ part).reshape(shape))
    return found, squares[:count] / squares.sum()


def _centred(points: np.ndarray) -> np.ndarray:
    """The points of one variable, a row each, less their mean."""
    rows: np.ndarray = points.reshape(len(points), -1).astype(float)
    rows -= rows.mean(axis=0)
    return rows
