"""What one training of a comparison is: its setting, its conditions, its seed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from typing import Any, Literal

import numpy as np

from lr_finder._arguments import check_count, check_range
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
from lr_finder.analysis.sweep.rules import RULES
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.optimizers import OptimizerChoice
from lr_finder.results.comparison_runs import FOUND
from lr_finder.schedules.composition import as_schedule
from lr_finder.schedules.named import schedule_label

TOLD_STEPS = 10_000  # of a schedule without an end, that tell it from others
KEY_LENGTH = 16  # hexadecimal digits: no two of a million runs share them by chance

Rate = float | Literal["found"]


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a comparison varies.

    Args:
        optimizer: OptimizerChoice.
        rate: float > 0, the learning rate; or `"found"`: that of a sweep.
        batch_size: int >= 1, samples.
        initializer: str, Keras' name of what draws the kernels of hidden layers; None
            for what the model has.
        model: str, what the model is called.

    Example:
    >>> str(Setting(OptimizerChoice("adam", "adam"), 0.001, batch_size=32))
    'adam, rate 0.001, batch size 32'
    """

    optimizer: OptimizerChoice
    rate: Rate = FOUND
    batch_size: int = 64
    initializer: str | None = None
    model: str = "default"

    def __post_init__(self):
        object.__setattr__(self, "rate", checked_rate(self.rate))
        check_count("batch_size", self.batch_size, least=1)
        if not (self.initializer is None or isinstance(self.initializer, str)):
            raise InputError(
                "Argument `initializer` must be Keras' name of one, or None. Received: "
                f"{type(self.initializer).__name__}. Give a name such as 'he_normal'."
            )

    @property
    def rate_label(self) -> str:
        """The rate as it was asked for: a number, or `"found"`."""
        return self.rate if self.rate == FOUND else f"{self.rate:.12g}"

    def __str__(self) -> str:
        parts = [self.optimizer.label, f"rate {self.rate_label}"]
        parts += [f"batch size {self.batch_size}"]
        if self.initializer is not None:
            parts.append(self.initializer)
        parts += [self.model] * (self.model != "default")
        return ", ".join(parts)

    def columns(self) -> dict[str, Any]:
        """The setting as columns of a table."""
        return {
            "model": self.model,
            "optimizer": self.optimizer.label,
            "rate": self.rate_label,
            "batch_size": self.batch_size,
            "initializer": self.initializer or "default",
        }


@dataclasses.dataclass(frozen=True)
class Conditions:
    """What all trainings of a comparison have in common.

    Args:
        epochs: int >= 1, the most of each training.
        early_stopping: bool, whether training ends when the validation loss no longer
            falls, with the best weights.
        reduce_on_plateau: bool, whether the rate falls when it stands still; off, so
            that what is called a constant rate is one.
        schedule: str, a name of `lr_finder.schedules.named`, e.g. `"wsd"`, over the
            epochs of each training; or a schedule or function step -> rate, a step
            being a batch. The rate of a variant is its highest. None for a constant
            rate.
        augmentation: bool, whether images are flipped and shifted at random.
        mixed_precision: bool, whether layers compute in 16 bits: float16 on a GPU,
            bfloat16 elsewhere.
        loss: str, Keras' name of the loss; None for the model's own, or the task's.
        start_lr, end_lr: float > 0, range of the sweeps.
        steps: int, batches of a sweep.
        repeats: int >= 1, sweeps that are averaged.
        method: str, the rule that reads the rate, a key of `lr_finder.RULES`.
        verify: bool, whether short trainings confirm a rate that was found; they take
            at most 0.38 of a training; 0.6 of one with fewer than 89 steps, and 33
            steps of one with fewer than 55.
        score_epochs: bool, whether the training, validation and test rows are scored
            after each epoch, without Dropout, augmentation and penalties; the test rows
            decide nothing all the same.

    Raises:
        InputError: If one breaks its rule.

    Example:
    >>> Conditions(epochs=8).callbacks
    'early stopping'
    """

    epochs: int = 10
    early_stopping: bool = True
    reduce_on_plateau: bool = False
    schedule: Any = None
    augmentation: bool = False
    mixed_precision: bool = False
    loss: str | None = None
    start_lr: float = 1e-7
    end_lr: float = 10.0
    steps: int = 200
    repeats: int = 1
    method: str = DEFAULT_METHOD
    verify: bool = False
    score_epochs: bool = False

    def __post_init__(self):
        label = schedule_label(self.schedule)
        if self.schedule is not None and self.reduce_on_plateau:
            raise InputError(
                "Arguments `schedule` and `reduce_on_plateau` must not both set the "
                f"learning rate. Received: schedule={self.schedule!r:.50} and "
                "reduce_on_plateau=True. Leave one of them out."
            )
        if label is None or isinstance(self.schedule, str):
            object.__setattr__(self, "schedule", label)
        check_count("epochs", self.epochs, least=1)
        check_count("repeats", self.repeats, least=1)
        check_range(self.start_lr, self.end_lr, self.steps)
        if self.method not in RULES:
            raise InputError(
                f"Argument `method` must be one of {', '.join(RULES)}. Received: "
                f"method={self.method!r}."
            )

    @property
    def callbacks(self) -> str:
        """Which callbacks of `lr_finder` a training has; `"none"` without any."""
        on = {
            "early stopping": self.early_stopping,
            "reduce-on-plateau": self.reduce_on_plateau,
            f"schedule {schedule_label(self.schedule)}": self.schedule is not None,
        }
        return ", ".join(name for name, is_on in on.items() if is_on) or "none"


@dataclasses.dataclass(frozen=True)
class Task:
    """One training that is to be done.

    Args:
        setting: Setting.
        conditions: Conditions.
        seed: int >= 0, of weights, batches and search: equal for all settings.
        model_identity: str, what tells the model from another of the same name.

    Example:
    >>> setting = Setting(OptimizerChoice("adam", "adam"), 0.001)
    >>> key = Task(setting, Conditions(), seed=0).key
    >>> len(key), key == Task(setting, Conditions(), seed=1).key
    (16, False)
    """

    setting: Setting
    conditions: Conditions
    seed: int = 0
    model_identity: str = ""

    @property
    def key(self) -> str:
        """A hash of all that decides how the training goes, the data apart."""
        document = {
            **self.setting.columns(),
            "model": [self.setting.model, self.model_identity],
            "optimizer": self.setting.optimizer.identity,
            "seed": self.seed,
            **_told(self.conditions),
        }
        text = json.dumps(document, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]

    def columns(self) -> dict[str, Any]:
        """The task as columns of a table, the key first."""
        return {
            "key": self.key,
            **self.setting.columns(),
            "seed": self.seed,
            "max_epochs": self.conditions.epochs,
            "callbacks": self.conditions.callbacks,
        }


def _told(conditions: Conditions) -> dict[str, Any]:
    """Conditions as JSON takes them, a schedule by its name or by its rates.

    Without a schedule or scores of epochs they are those of versions that knew none,
    whose runs stay.
    """
    fields = dataclasses.fields(conditions)
    told = {field.name: getattr(conditions, field.name) for field in fields}
    if not told["score_epochs"]:
        del told["score_epochs"]
    schedule = told.pop("schedule")
    if schedule is None:
        return told
    if not isinstance(schedule, str):
        made = as_schedule(schedule, "schedule")
        rates = np.asarray(made(range((made.steps or TOLD_STEPS) + 1)), dtype="<f8")
        schedule = hashlib.sha256(rates.tobytes()).hexdigest()[:KEY_LENGTH]
    return told | {"schedule": schedule}


def checked_rate(rate: Any) -> Rate:
    """A learning rate as a comparison takes it.

    Args:
        rate: float or a text of one, > 0; or `"found"`.

    Returns:
        float, or `"found"`.

    Raises:
        InputError: If it is neither.

    Example:
    >>> checked_rate("0.01"), checked_rate("found")
    (0.01, 'found')
    """
    if isinstance(rate, str) and rate.strip() == FOUND:
        return FOUND
    try:
        number = float(rate)
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise InputError(
            "Argument `lr` must be positive and finite, or the word found. Received: "
            f"lr={rate!r:.40}."
        )
    return number
