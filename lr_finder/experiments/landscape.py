r"""The loss of a Keras model along directions in the space of its weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_rate, check_seed, names_checked
from lr_finder.analysis.landscape.grid import MOST_EVALUATIONS, checked_size
from lr_finder.analysis.landscape.sharpness import distance_to_double
from lr_finder.analysis.landscape.trajectory import Trajectory
from lr_finder.errors import InputError, ModelError
from lr_finder.results.landscape import BETWEEN, GIVEN, RANDOM, LossLandscape
from lr_finder.training.checking.description import describe_training
from lr_finder.training.landscape.choosing import (
    Directions,
    along_trajectory,
    around,
    between,
)
from lr_finder.training.landscape.evaluated_loss import EvaluatedLoss
from lr_finder.training.landscape.trajectory_recorder import TrajectoryRecorder
from lr_finder.training.preserving.interrupts import HeldInterrupt
from lr_finder.training.preserving.structure import modes_kept
from lr_finder.training.state import preserve_state

DISTANCE = 1.0  # in lengths of the weights, to both sides


@names_checked
def loss_landscape(
    model: keras.Model,
    x: Any,
    y: Any = None,
    *,
    directions: int | Sequence[Any] | None = None,
    to: Any = None,
    trajectory: Trajectory | TrajectoryRecorder | None = None,
    points: int | None = None,
    distance: float | None = None,
    sample_weight: Any = None,
    batch_size: int = 32,
    seed: int = 0,
    max_evaluations: int = MOST_EVALUATIONS,
    verbose: int | str = "auto",
) -> LossLandscape:
    r"""Measure the loss at weights around a model's own.

    $$ L(\theta + a \, d_1 + b \, d_2) $$

    over a grid of $a$ and $b$, with $L$ as `model.evaluate` gives it on the data: the
    compiled loss with sample weights, penalties of layers and regularizers, BatchNorm
    and Dropout in inference. The directions are one of these:

    - **random** (without `to` and `trajectory`): filter-normalised, as Li et al. draw
      them. 1 is a step as long as the weights, filter by filter. As in the authors'
      own code, biases and the weights of BatchNorm are not moved, nor are its
      statistics.
    - **between** two solutions (`to`): from the model at 0 to the other at 1. All
      weights are moved, the statistics of BatchNorm too.
    - **principal** (`trajectory`): the directions in which a training moved most, in
      the unit of the weights, with its path. All trainable weights are moved. The
      statistics of BatchNorm stay those of the model as it is now; so for such a model
      the loss along the path is not the one that it had in training.
    - **given** by you.

    Each point costs one `evaluate`. Along random or given directions, about ten more
    look for the distance at which the loss doubles, so that it does not depend on the
    points. Afterwards the model is as it was, to the last bit:
    on success, on an error and on Ctrl-C.

    Args:
        model: keras.Model, compiled.
        x: array or structure of arrays (samples, …), or batches that end: a
            tf.data.Dataset, keras.utils.PyDataset, PyTorch DataLoader, or a Python
            generator, which is kept in memory. A thousand samples are often enough.
        y: targets, like `x`; None if `x` gives batches.
        directions: 1 or 2, how many; or one or two directions, each a list of arrays of
            the shapes of `model.trainable_variables`. Default: 2; 1 with `to`.
        to: keras.Model with the same weights, or a list of arrays as
            `model.get_weights()` gives it.
        trajectory: TrajectoryRecorder that saw the training, or its `trajectory`.
        points: odd int >= 3, points along each direction, so that the model is among
            them. Default: 25 along each of two, 51 along one.
        distance: float > 0, how far to go to both sides along random directions, or
            directions of your own. Default: 1.
        sample_weight: array (samples,), weight of each sample in the loss, or None.
        batch_size: int >= 1, samples at once (of arrays only).
        seed: int, from which random directions are drawn.
        max_evaluations: int >= 1, how many points are not too many.
        verbose: Keras' progress bar: 0, 1, 2 or `"auto"`.

    Returns:
        LossLandscape.

    Raises:
        InputError: If an argument breaks its rule, or the loss at the model is not
            finite.
        ModelError: If the model is not compiled or has no weights to move.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> model.set_weights([np.array([[2.0]]), np.array([0.5])])
    >>> x = np.array([[-1.0], [1.0]])
    >>> found = loss_landscape(model, x, 2 * x, directions=1, points=5, verbose=0)
    >>> found.losses.tolist()  # 0.5² + (2 a)²
    [4.25, 1.25, 0.25, 1.25, 4.25]

    References:
        Li, Xu, Taylor, Studer and Goldstein, Visualizing the Loss Landscape of Neural
        Nets, NeurIPS 2018 (https://arxiv.org/abs/1712.09913); Goodfellow, Vinyals and
        Saxe, Qualitatively Characterizing Neural Network Optimization Problems, ICLR
        2015 (https://arxiv.org/abs/1412.6544), for the line between two solutions.
    """
    check_seed(seed)
    count = _count_directions(directions, to, trajectory)
    size = checked_size(points, count, max_evaluations)
    is_principal = trajectory is not None and not _are_given(directions)
    reach = _reach(distance, is_principal or to is not None)
    if isinstance(trajectory, TrajectoryRecorder):
        trajectory = trajectory.trajectory
    data = EvaluatedLoss(model, x, y, sample_weight, batch_size)
    with modes_kept(model), preserve_state(model, data.element) as (_, interrupt):
        if to is not None:
            where = between(model, to, size)
        elif trajectory is not None and is_principal:
            where = along_trajectory(model, trajectory, count, size)
        else:
            where = around(model, directions, trajectory, (count, size, reach), seed)
        bar = keras.utils.Progbar(
            size**count, verbose=1 if verbose == "auto" else int(verbose),
            stateful_metrics=["loss"], unit_name="point",
        )  # fmt: skip
        losses = _measured(model, data, where, interrupt, bar)
        doubled, searched = _doubled(model, data, where, losses, interrupt)
        about = describe_training(model)
    about |= {
        "batch_size": data.batch_size, "evaluations": size**count + searched,
        **({"seed": int(seed)} if where.kind == RANDOM else {}),
    }  # fmt: skip
    return _result(where, losses, doubled, about)


def _count_directions(directions: Any, to: Any, trajectory: Any) -> int:
    """How many directions there will be; refuses what does not go together."""
    if to is not None and trajectory is not None:
        raise InputError(
            "Arguments `to` and `trajectory` must not come together. Received: both. "
            "Call twice."
        )
    if trajectory is not None and not isinstance(
        trajectory, Trajectory | TrajectoryRecorder
    ):
        raise InputError(
            "Argument `trajectory` must be a TrajectoryRecorder or its trajectory. "
            f"Received: {type(trajectory).__name__}. Give the callback that was in the "
            "fit."
        )
    if directions is None:
        return 1 if to is not None else 2
    is_number = isinstance(directions, int) and not isinstance(directions, bool)
    if to is not None and not (is_number and directions == 1):
        raise InputError(
            "Argument `directions` must be 1 with `to`. Received: "
            f"directions={directions!r:.30}. Leave it out."
        )
    count = directions if is_number else None
    if _are_given(directions):
        count = len(directions)
    if count not in (1, 2):
        raise InputError(
            "Argument `directions` must be 1, 2, or a list of one or two directions. "
            f"Received: directions={directions!r:.30}. A direction is a list of an "
            "array for each of model.trainable_variables."
        )
    return count


def _are_given(directions: Any) -> bool:
    """Whether directions are a person's own."""
    return isinstance(directions, list | tuple)


def _reach(distance: float | None, is_said_elsewhere: bool) -> float:
    """How far to go to both sides."""
    if distance is None:
        return DISTANCE
    if is_said_elsewhere:
        raise InputError(
            "Argument `distance` is for random directions. Received: "
            f"distance={distance!r:.30} with `to` or `trajectory`, which say how far "
            "to go. Leave it out."
        )
    way_out = f" The default is {DISTANCE:g}."
    check_rate("distance", distance, what="number", way_out=way_out)
    return float(distance)


def _measured(
    model: keras.Model,
    data: EvaluatedLoss,
    where: Directions,
    interrupt: HeldInterrupt,
    bar: Any,
) -> dict[tuple[float, ...], float]:
    """The loss at each point; the model's own first, as all else depends on it."""
    here = (0.0,) * len(where.coordinates)
    losses = {here: data.of(model)}
    if not np.isfinite(losses[here]):
        raise _not_finite(model, losses[here])
    grids = np.meshgrid(*where.coordinates)
    for place in zip(*(grid.ravel().tolist() for grid in grids), strict=True):
        if place not in losses:
            where.plane.move_to(place)
            losses[place] = data.of(model)
        bar.add(1, [("loss", losses[place])])
        interrupt.check()
    return losses


def _doubled(
    model: keras.Model,
    data: EvaluatedLoss,
    where: Directions,
    losses: dict[tuple[float, ...], float],
    interrupt: HeldInterrupt,
) -> tuple[np.ndarray | None, int]:
    """Where the loss is twice the model's own, NaN if nowhere; how many more losses."""
    if where.kind not in (RANDOM, GIVEN):
        return None, 0
    found, searched = [], 0
    for direction, axis in enumerate(where.coordinates):

        def place(at: float, direction: int = direction) -> tuple[float, ...]:
            zeros = [0.0] * len(where.coordinates)
            return (*zeros[:direction], at, *zeros[direction + 1 :])

        def loss_at(at: float, place: Any = place) -> float:
            nonlocal searched
            searched += 1
            interrupt.check()
            where.plane.move_to(place(at))
            return data.of(model)

        cut = np.array([losses[place(at)] for at in axis.tolist()])
        found.append(distance_to_double(axis, cut, loss_at=loss_at))
    return np.array([np.nan if at is None else at for at in found]), searched


def _not_finite(model: keras.Model, loss: float) -> InputError | ModelError:
    """What is to blame if the loss at the model is no number."""
    for variable in model.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(variable)).all():
            return ModelError(
                "The weights of the model must be finite. Received: NaN or infinity in "
                f"{variable.path!r}, so that no loss is finite. Has its training "
                "diverged? Train at a lower rate."
            )
    return InputError(
        "The loss at the model itself must be finite, as every other is compared with "
        f"it. Received: {loss}. Look for NaN in the data (numpy.isfinite), or for "
        "numbers too large for float32."
    )


def _result(
    where: Directions,
    losses: dict[tuple[float, ...], float],
    doubled: np.ndarray | None,
    about: dict[str, Any],
) -> LossLandscape:
    """The losses in their grid."""
    here = (0.0,) * len(where.coordinates)
    grids = np.meshgrid(*where.coordinates)
    places = zip(*(grid.ravel().tolist() for grid in grids), strict=True)
    values = np.array([losses[place] for place in places]).reshape(grids[0].shape)
    steps = None if where.trajectory is None else where.trajectory.steps
    return LossLandscape(
        where.kind,
        where.coordinates,
        values,
        losses[here],
        end_loss=float(values[-1]) if where.kind == BETWEEN else None,
        path=where.path,
        steps=steps,
        shares=where.shares,
        doubled=doubled,
        metadata=about,
    )
