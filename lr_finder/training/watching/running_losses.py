"""The loss of each batch, taken from the mean that Keras reports to callbacks.

No variable is read, which under JAX would take the state out of the training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras

from lr_finder.training.stepping.steps import has_own_step, loss_of
from lr_finder.training.watching.reported_loss import metric_behind
from lr_finder.training.watching.trackers import means_of


class RunningMean:
    r"""Takes the mean that Keras reports apart into its steps.

    $$ loss(i) = (c_i m_i - c_{i-1} m_{i-1}) / (c_i - c_{i-1}) $$

    with the mean $m_i$ after step $i$ and the batches $c_i$ since it began.

    Args:
        first: int, the batch at which the mean began.

    Attributes:
        mean: float, the last one taken in.

    Example:
    >>> mean = RunningMean()
    >>> mean.since(0, 4.0), mean.since(1, 3.0), mean.since(3, 2.0)
    ((1, 4.0), (1, 2.0), (2, 1.0))
    """

    def __init__(self, first: int = 0):
        self._next, self._count, self.mean = first, 0.0, 0.0

    def since(self, batch: int, mean: float, size: float = 1.0) -> tuple[int, float]:
        """Steps since the last call, and their mean loss.

        Args:
            batch: int, the last batch that the mean is of, counted in its epoch.
            mean: float.
            size: float in (0, 1], samples of that batch as a share of a whole one.

        Returns:
            `(steps, loss)`: int and float.
        """
        steps = batch + 1 - self._next
        before, now = self._count, self._count + steps - 1 + size
        loss = (mean * now - self.mean * before) / (now - before)
        self._next, self._count, self.mean = batch + 1, now, mean
        return steps, loss


def is_running_mean(model: keras.Model, reported: float) -> bool:
    """Whether a step of one's own reports the mean since the epoch began.

    Args:
        model: keras.Model, its variables up to date.
        reported: float, the loss that it has reported for a batch after the first.

    Returns:
        bool.
    """
    results = {name: float(mean.result()) for name, mean in means_of(model).items()}
    return metric_behind(reported, results) is not None


class BatchLosses:
    """The loss of each batch of a `fit`, whatever its step reports.

    Args:
        model: keras.Model, the one trained.
        is_batch: bool, whether the loss reported is that of the batch, as in a sweep.

    Example:
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> losses = BatchLosses(model)
    >>> losses.begin_epoch()
    >>> losses.since(0, {"loss": 4.0}), losses.since(1, {"loss": 3.0})
    ((1, 4.0), (1, 2.0))
    """

    def __init__(self, model: keras.Model, is_batch: bool = False):
        self._is_mean: bool | None = not is_batch
        if not is_batch and has_own_step(model):
            self._is_mean = None  # not known yet: of one batch both are the same
        self._mean = RunningMean()

    def begin_epoch(self) -> None:
        """Keras' running means start anew."""
        self._mean = RunningMean()

    def since(
        self,
        batch: int,
        logs: dict[str, Any] | None,
        model: Callable[[], keras.Model] | None = None,
        size: float = 1.0,
    ) -> tuple[int, float]:
        """Steps since the last call, and their mean loss.

        Args:
            batch: int, counted in the epoch.
            logs: dict, what Keras gives to `on_train_batch_end`.
            model: callable that brings the model's variables up to date, for a step of
                the model's own; asked once.
            size: float in (0, 1], samples of the batch as a share of a whole one.

        Returns:
            `(steps, loss)`: int and float.

        Raises:
            ModelError: If the logs do not tell which value is the loss.
        """
        reported = loss_of(logs)
        if math.isfinite(reported) and not math.isfinite(self._mean.mean):
            self._mean = RunningMean(batch)  # somebody has set the mean to zero
        steps, loss = self._mean.since(batch, reported, size)
        if self._is_mean is None and batch > 0 and model is not None:
            self._is_mean = is_running_mean(model(), reported)
        return steps, reported if self._is_mean is False else loss
