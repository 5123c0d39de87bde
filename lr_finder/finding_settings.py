"""What `lr_finder.find` is asked for, checked before anything is read."""

from __future__ import annotations

import dataclasses
import difflib
import inspect
from collections.abc import Collection, Mapping
from typing import Any

from lr_finder._arguments import check_count, check_seed
from lr_finder.analysis.sweep.preparation import MIN_FINITE
from lr_finder.analysis.sweep.reading import DEFAULT_METHOD, find_rule
from lr_finder.data.loading import load_data
from lr_finder.errors import InputError

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
        against_default: bool, whether the model's own rate is trained with too.
        batch_size: int, samples in a batch (of arrays only).
        seed: int, of sweep and trainings.
        sweep: mapping, further arguments of `sweep`: `start_lr`, `end_lr`, `steps`, …
    """

    method: str = DEFAULT_METHOD
    verify: bool = False
    budget_steps: int | None = None
    train: int | None = None
    against_default: bool = False
    batch_size: int = 32
    seed: int = 0
    sweep: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        find_rule(self.method)
        check_count("batch_size", self.batch_size, least=1)
        check_seed(self.seed)
        if self.train is not None:
            check_count("train", self.train, least=1)
        elif self.against_default:
            raise InputError(
                "Argument `against_default` must come with `train`. Received: "
                "against_default=True alone. Add train=50."
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
        if name in of_reading:
            continue
        near = difflib.get_close_matches(name, [*own, *of_reading], n=1)
        way_out = f"Did you mean `{near[0]}`?" if near else "See help(lr_finder.find)."
        raise TypeError(f"find() has no argument `{name}`. {way_out}")
