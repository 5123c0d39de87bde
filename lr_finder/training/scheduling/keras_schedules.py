"""A schedule as Keras' optimizers take one: a table of rates."""

from __future__ import annotations

import base64
import warnings
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from lr_finder.schedules.composition import SchedulePart, as_schedule
from lr_finder.schedules.schedule import reaches_end, told_if_shorter

STORED = "<f4"  # how a rate is kept in a file: four bytes, the lowest first


@keras.saving.register_keras_serializable(package="lr_finder")
class TabulatedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    r"""A learning rate for each step, looked up in a table.

    $$ lr(i) = rates[\min(i, n - 1)] $$

    A formula that is computed in a traced function rounds differently from the same
    formula outside. A table has the same bits everywhere.

    Args:
        rates: sequence (n,) of float, at least one; kept as float32. Or the text
            that `get_config` gives.
        name: str, the call that made the table.

    Example:
    >>> schedule = TabulatedSchedule([0.4, 0.2, 0.1])
    >>> [round(float(schedule(step)), 6) for step in (0, 1, 2, 99)]
    [0.4, 0.2, 0.1, 0.1]
    """

    def __init__(self, rates: Sequence[float] | np.ndarray | str, name: str = "table"):
        super().__init__()
        if isinstance(rates, str):
            rates = np.frombuffer(base64.b64decode(rates), dtype=STORED)
        self.rates = np.array(rates, dtype="float32")
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The rate of a step.

        Args:
            step: int tensor, scalar, >= 0.

        Returns:
            float32 tensor, scalar.
        """
        last = len(self.rates) - 1
        return keras.ops.take(self.rates, keras.ops.minimum(step, last))

    def get_config(self) -> dict[str, Any]:
        """The table as text, four bytes a rate, so that a file stays small."""
        text = base64.b64encode(self.rates.astype(STORED).tobytes()).decode("ascii")
        return {"rates": text, "name": self.name}

    def __repr__(self) -> str:
        return self.name


def to_keras(
    schedule: SchedulePart, total_steps: int | None = None
) -> TabulatedSchedule:
    r"""A schedule as a table that any optimizer of Keras takes for its learning rate.

    $$ lr(i) = s(i) \quad \text{in float32, for} \quad i < total $$

    A step is a batch, even if the optimizer accumulates gradients: `total_steps` is the
    number of batches in an epoch times the epochs. Keras looks the rate up by the
    optimizer's own count of steps. So the table works with `steps_per_execution`, and a
    second `fit` goes on where the first one ended. (In float16, the count leaves out
    steps whose gradients overflow.) The table is saved in the file of a model; to load
    that in another process, write `from lr_finder import to_keras` first, which makes
    the table known to Keras.

    Args:
        schedule: Schedule; a function step -> rate or a rate will do.
        total_steps: int >= 1, batches of the whole training. By default the
            schedule's own length. After them the rate stays at the end of the schedule.
            If the schedule is longer, the rate stays at that of the last step.

    Returns:
        TabulatedSchedule, a `keras.optimizers.schedules.LearningRateSchedule`.

    Raises:
        InputError: If an argument breaks its rule, or if neither gives the length.

    Warns:
        UserWarning: If the schedule ends before the training does.

    Example:
    >>> from lr_finder.schedules import wsd
    >>> optimizer = keras.optimizers.SGD(to_keras(wsd(0.1, 1000)))
    >>> round(float(optimizer.learning_rate), 6)
    0.1
    """
    schedule = as_schedule(schedule)
    total = schedule.steps if total_steps is None else total_steps
    if total is None:
        raise InputError(
            "Argument `total_steps` must be given for a schedule without a length. "
            f"Received: {schedule}. Give the batches in an epoch times the epochs."
        )
    check_count("total_steps", total, least=1)
    if told := told_if_shorter(schedule, total):
        warnings.warn(told, stacklevel=2)
    entries = total + reaches_end(schedule, total)  # the end is the rate after all
    name = f"to_keras({schedule}, {total})"
    return TabulatedSchedule(schedule(range(entries)), name)
