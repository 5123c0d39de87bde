"""What `lr_finder.find` is asked for, checked before anything is read."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from lr_finder._arguments import check_count, check_seed, unknown_argument
from lr_finder.analysis.sweep.preparation import MIN_FINITE
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD, find_rule
from lr_finder.data.loading import load_data
from lr_finder.errors import InputError
from lr_finder.schedules.named import AS_DEFAULT, schedule_label

FEWEST_SWEPT = MIN_FINITE  # steps of a sweep from which a rate is read


@dataclasses.dataclass(frozen=True)
class FindSettings:
    """How a rate is found, and what is done with it.

    Args:
        method: str, the rule that reads the rate, a key of `RULES`.
        verify: bool, whether short trainings confirm or move the rate.
        budget_steps: int, steps of the training to come; None for those of `train`, or
            a guess, see `coming_steps`.
        train: int, epochs of a training with the rate found; None for none.
        against_default: bool, whether it is also trained at the compiled rate.
        batch_size: int, samples in a batch (of arrays only).
        seed: int, of sweep and trainings.
        sweep: mapping, further arguments of `sweep`: `start_lr`, `end_lr`, `steps`, …
        schedule: `"default"`, or what the training takes; None for a constant rate that
            falls on plateaus.
        continue_from_verification: bool, whether the training goes on from the short
            training that went best, at its rate.
        remember: bool, whether the result is kept in the history; None for what the
            environment variable LR_FINDER_REMEMBER says.
    """

    method: str = DEFAULT_METHOD
    verify: bool = False
    budget_steps: int | None = None
    train: int | None = None
    against_default: bool = False
    batch_size: int = 32
    seed: int = 0
    sweep: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    schedule: Any = AS_DEFAULT
    continue_from_verification: bool = False
    remember: bool | None = None

    def __post_init__(self):
        find_rule(self.method)
        schedule_label(self.schedule)
        check_count("batch_size", self.batch_size, least=1)
        check_seed(self.seed)
        if self.train is not None:
            check_count("train", self.train, least=1)
        elif self.against_default:
            raise InputError(
                "Argument `against_default` must come with `train`. Received: "
                "against_default=True alone. Add train=50."
            )
        elif self.schedule != AS_DEFAULT:
            raise InputError(
                "Argument `schedule` must come with `train`. Received: "
                f"schedule={self.schedule!r:.50} alone. Add train=50."
            )
        if self.continue_from_verification and not (self.train and self.verify):
            raise InputError(
                "Argument `continue_from_verification` must come with `verify` and "
                f"`train`. Received: verify={self.verify}, train={self.train}. Add "
                "verify=True and train=50."
            )
        if self.budget_steps is not None and not self.verify:
            raise InputError(
                "Argument `budget_steps` must come with `verify`. Received: "
                f"budget_steps={self.budget_steps} alone. Add verify=True."
            )


def check_reading(reading: Mapping[str, Any], own: Collection[str]) -> None:
    """Refuse arguments that neither `find` nor the reading of its source has.

    Args:
        reading: mapping of further arguments of `find`.
        own: collection of str, the arguments that it names.

    Raises:
        TypeError: If there is no such argument; names the nearest.

    Example:
    >>> check_reading({"limit": 9}, ["target"])
    >>> check_reading({"targt": "price"}, ["target"])
    Traceback (most recent call last):
    TypeError: find() has no argument `targt`. Did you mean `target`?
    """
    of_reading = [*inspect.signature(load_data).parameters][1:]  # but for the source
    for name in reading:
        if name not in of_reading:
            raise unknown_argument("find", name, [*own, *of_reading])


def written_call(function: Callable[..., Any], given: Mapping[str, Any]) -> str:
    """The call of a function as it is typed, without what is as by default.

    Args:
        function: callable.
        given: mapping of its arguments, those of `**` under their own name; an object
            that cannot be typed stands under the name of its argument.

    Returns:
        str.

    Example:
    >>> def find(source, *, target=None, verify=False, **reading): ...
    >>> written_call(find, {"source": "a.csv", "target": None, "verify": True,
    ...                     "reading": {"limit": 9}})
    "lr_finder.find('a.csv', verify=True, limit=9)"
    """
    told = []
    for name, each in inspect.signature(function).parameters.items():
        value = given[name]
        if each.kind == each.VAR_KEYWORD:
            told += [f"{key}={_typed(key, other)}" for key, other in value.items()]
        elif each.default is each.empty:
            told.append(_typed(name, value))
        elif not _is_default(value, each.default):
            told.append(f"{name}={_typed(name, value)}")
    return f"lr_finder.{function.__name__}({', '.join(told)})"


def _typed(name: str, value: Any) -> str:
    """A value as it is typed."""
    if isinstance(value, Path):
        value = str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return repr(value)
    return "(x, y)" if isinstance(value, tuple | list) else name


def _is_default(value: Any, default: Any) -> bool:
    """Whether a value is the default; an array is compared with nothing."""
    return type(value) is type(default) and bool(value == default)
