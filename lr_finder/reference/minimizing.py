"""Descent to a minimum: of a whole set, of mini-batches or of single samples."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

from lr_finder._arguments import check_count, check_rate, check_seed
from lr_finder.errors import InputError
from lr_finder.reference.lookup import rule as rule_named
from lr_finder.reference.trees import Tree, UpdateRule, norm

StoppedBy = Literal["gradient_norm", "change", "steps", "diverged"]


@dataclasses.dataclass(frozen=True)
class Step:
    """Where a descent stands before one of its updates.

    Attributes:
        number: int, updates so far.
        parameters: dict of arrays.
        loss: float, at these parameters, of the batch of this step.
        gradients: dict of arrays, the same.
    """

    number: int
    parameters: Tree
    loss: float
    gradients: Tree


@dataclasses.dataclass(frozen=True)
class Descent:
    """How a descent went.

    Attributes:
        parameters: dict of arrays, the last ones.
        losses: float array (n + 1,): before the first update, …, after the n-th.
        gradient_norms: float array (n + 1,), of the gradients at the same places.
        stopped_by: str, `"gradient_norm"`, `"change"`, `"steps"` or `"diverged"`.
    """

    parameters: Tree
    losses: np.ndarray
    gradient_norms: np.ndarray
    stopped_by: StoppedBy

    @property
    def steps(self) -> int:
        """The number of updates."""
        return len(self.losses) - 1


def batches_of(
    x: np.ndarray, y: np.ndarray, *, batch_size: int | None = None, seed: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The batches of a training, without end, in a new order each epoch.

    Args:
        x: array (samples, …).
        y: array (samples, …).
        batch_size: int >= 1; 1 for stochastic descent, None for all samples (batch
            descent). The last batch of an epoch may be smaller.
        seed: int in [0, 2**32), of the orders.

    Yields:
        `(x, y)` of one batch.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> x = np.arange(5)
    >>> batches = batches_of(x, x, batch_size=2)
    >>> [len(next(batches)[0]) for _ in range(4)]
    [2, 2, 1, 2]
    """
    if len(x) != len(y) or not len(x):
        raise InputError(
            "Arguments `x` and `y` must have as many samples, at least one. Received: "
            f"{len(x)} and {len(y)}."
        )
    check_seed(seed)
    if batch_size is not None:
        check_count("batch_size", batch_size, least=1)
    return _batches(x, y, batch_size, np.random.default_rng(seed))


def _batches(
    x: np.ndarray, y: np.ndarray, size: int | None, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    while True:
        if size is None or size >= len(x):
            yield x, y
            continue
        order = rng.permutation(len(x))
        for start in range(0, len(x), size):
            chosen = order[start : start + size]
            yield x[chosen], y[chosen]


def steps_of(
    objective: Callable[..., tuple[float, Tree]],
    parameters: Tree,
    *,
    rule: str | UpdateRule = "sgd",
    learning_rate: float | Callable[[int], float] = 0.01,
    batches: Iterator[tuple[Any, ...]] | None = None,
    **hyperparameters: Any,
) -> Iterator[Step]:
    """The steps of a descent, one by one, for as long as one asks.

    Args:
        objective: callable `(parameters, *batch) -> (loss, gradients)`, e.g.
            `Network.loss_and_gradients` or `logistic_loss_and_gradients`.
        parameters: dict of arrays, where it starts; they stay as they are.
        rule: str, a key of `UPDATE_RULES`, or such a function.
        learning_rate: float, or function from the number of a step to it, such as a
            schedule.
        batches: iterator of what the objective takes besides the parameters, e.g. from
            `batches_of`; None if it takes nothing.
        **hyperparameters: of the rule.

    Yields:
        `Step`, beginning with that before the first update. It ends after a step whose
        loss or gradients are not finite: there is no way on from there.

    Raises:
        InputError: If there is no such rule, or it refuses a hyperparameter.

    Example:
    >>> square = lambda p: (float(p["w"] ** 2), {"w": 2 * p["w"]})
    >>> steps = steps_of(square, {"w": np.array(1.0)}, learning_rate=0.25)
    >>> [float(next(steps).parameters["w"]) for _ in range(3)]
    [1.0, 0.5, 0.25]
    """
    update = rule_named(rule) if isinstance(rule, str) else rule
    if batches is None:
        _check_takes_nothing(objective, parameters)
    state = None
    for number in itertools.count():
        batch = next(batches) if batches is not None else ()
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradients = objective(parameters, *batch)
        yield Step(number, parameters, float(loss), gradients)
        if not (math.isfinite(loss) and math.isfinite(norm(gradients))):
            return
        rate = learning_rate(number) if callable(learning_rate) else learning_rate
        with np.errstate(over="ignore", invalid="ignore"):
            parameters, state = update(
                parameters, gradients, state, learning_rate=rate, **hyperparameters
            )


def _check_takes_nothing(objective: Callable[..., Any], parameters: Tree) -> None:
    """Refuse an objective that takes batches, if there are none."""
    try:
        signature = inspect.signature(objective)
    except (TypeError, ValueError):  # compiled code may have none
        return
    try:
        signature.bind(parameters)
    except TypeError as error:
        raise InputError(
            "Argument `batches` must be given for an objective that takes more than "
            f"the parameters. Received: batches=None, and an objective {signature}: "
            f"{error}. Give batches=reference.batches_of(x, y)."
        ) from None


def minimize(
    objective: Callable[..., tuple[float, Tree]],
    parameters: Tree,
    *,
    rule: str | UpdateRule = "sgd",
    learning_rate: float | Callable[[int], float] = 0.01,
    steps: int = 1000,
    least_gradient: float = 0.0,
    least_change: float = 0.0,
    batches: Iterator[tuple[Any, ...]] | None = None,
    **hyperparameters: Any,
) -> Descent:
    r"""Descend until the gradient is small, the loss stands still, or steps are over.

    It stops at the first of

    $$ \|g\| \leq least\_gradient, \qquad
    |loss_i - loss_{i-1}| \leq least\_change \cdot |loss_{i-1}|, \qquad i = steps $$

    The gradient's norm tells how far off a minimum is, in units that depend on the
    problem. A change of the loss is small near a minimum, but also on a plateau and at
    a low rate. Both are judged on the batch of a step: leave them at 0, which turns
    them off, for mini-batches, whose losses differ by chance.

    Args:
        objective: callable `(parameters, *batch) -> (loss, gradients)`.
        parameters: dict of arrays, where it starts; they stay as they are.
        rule: str, a key of `UPDATE_RULES`, or such a function.
        learning_rate: float, or function from the number of a step to it.
        steps: int >= 1, updates at most.
        least_gradient: float >= 0, in the gradients' unit; 0 turns it off.
        least_change: float >= 0, relative to the loss before; 0 turns it off.
        batches: iterator of what the objective takes besides, e.g. from `batches_of`;
            None if it takes nothing.
        **hyperparameters: of the rule.

    Returns:
        `Descent`; `stopped_by` is `"diverged"` if loss or gradients became infinite or
        NaN.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> square = lambda p: (float(p["w"] ** 2), {"w": 2 * p["w"]})
    >>> descent = minimize(square, {"w": np.array(1.0)}, learning_rate=0.25,
    ...                    least_gradient=1e-3)
    >>> descent.stopped_by, descent.steps, float(descent.parameters["w"])
    ('gradient_norm', 11, 0.00048828125)
    >>> minimize(square, {"w": np.array(1.0)}, learning_rate=9.0).stopped_by
    'diverged'
    """
    check_count("steps", steps, least=1)
    for name, value in (("gradient", least_gradient), ("change", least_change)):
        check_rate(f"least_{name}", value, zero=True, what="number")
    losses: list[float] = []
    norms: list[float] = []
    stopped_by: StoppedBy = "diverged"
    for step in steps_of(
        objective, parameters,
        rule=rule, learning_rate=learning_rate, batches=batches, **hyperparameters,
    ):  # fmt: skip
        change = abs(losses[-1] - step.loss) if losses else math.inf
        losses.append(step.loss)
        norms.append(norm(step.gradients))
        if not (math.isfinite(losses[-1]) and math.isfinite(norms[-1])):
            break  # the last of the steps
        if 0 < least_gradient and norms[-1] <= least_gradient:
            stopped_by = "gradient_norm"
            break
        if 0 < least_change and change <= least_change * abs(losses[-2:][0]):
            stopped_by = "change"
            break
        if step.number == steps:
            stopped_by = "steps"
            break
    return Descent(step.parameters, np.array(losses), np.array(norms), stopped_by)
