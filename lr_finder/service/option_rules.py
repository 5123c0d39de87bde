"""Rules between options, checked before a job is taken, in the words of the library."""

from __future__ import annotations

from typing import Any

from lr_finder._arguments import check_range
from lr_finder.service.schemas import data_options

SOURCE = "data"  # what messages call what was sent


def check_finding(options: dict[str, Any]) -> None:
    """Refuse options that `lr_finder.find` would refuse.

    Args:
        options: dict of `FindingOptions`.

    Raises:
        InputError: If they do not go with each other, or name what does not exist.

    Example:
    >>> from lr_finder.service.schemas import FindingOptions
    >>> check_finding(FindingOptions(train=5, schedule="cosine").model_dump())
    >>> check_finding(FindingOptions(schedule="cosine").model_dump())
    Traceback (most recent call last):
    lr_finder.errors.InputError: Argument `schedule` must come with `train`. Received: \
schedule='cosine' alone. Add train=50.
    """
    from lr_finder.finding_settings import FEWEST_SWEPT, FindSettings

    rest = _checked_data(options, FEWEST_SWEPT)
    for name in ("start_lr", "end_lr", "steps", "repeats", "loss"):
        del rest[name]
    _check_optimizer(rest.pop("optimizer"))
    FindSettings(**{name: value for name, value in rest.items() if value is not None})


def check_comparison(options: dict[str, Any]) -> None:
    """Refuse options that `lr_finder.compare` would refuse.

    Args:
        options: dict of `ComparisonOptions`.

    Raises:
        InputError: If they do not go with each other, or name what does not exist.

    Example:
    >>> from lr_finder.service.schemas import ComparisonOptions
    >>> check_comparison(ComparisonOptions().model_dump())
    >>> check_comparison(ComparisonOptions(rates=[0.1, 0.1]).model_dump())
    Traceback (most recent call last):
    lr_finder.errors.InputError: Argument `rates` must hold one value or more, each \
once. Received: 0.1 twice. Give each value once.
    """
    from lr_finder.experiments.comparison.optimizers import OptimizerChoice
    from lr_finder.experiments.comparison.plan import BATCH_SIZES, INITIALIZERS, Plan
    from lr_finder.experiments.comparison.settings import Conditions
    from lr_finder.finding_settings import FEWEST_SWEPT
    from lr_finder.models.optimizer_names import read_optimizer

    rest = _checked_data(options, FEWEST_SWEPT)
    for each in rest["optimizers"]:
        _check_optimizer(each)
    # Not built here: that would load Keras into the service.
    chosen = [
        OptimizerChoice(each, *read_optimizer(each)) for each in rest.pop("optimizers")
    ]
    Plan(
        chosen, rest.pop("rates"), rest.pop("batch_sizes") or BATCH_SIZES,
        rest.pop("initializers") or INITIALIZERS, rest.pop("models"),
        is_full_grid=rest.pop("full_grid"),
    )  # fmt: skip
    del rest["seed"], rest["seeds"]
    Conditions(**rest)


def _checked_data(options: dict[str, Any], fewest: int) -> dict[str, Any]:
    """The options beside those of reading, which are checked with the sweep's range."""
    from lr_finder.data.request import Request, as_names

    rest = dict(options)
    reading = data_options(rest)
    if "drop" in reading:
        reading["drop"] = as_names(reading["drop"])
    Request(SOURCE, **reading)
    check_range(rest["start_lr"], rest["end_lr"], rest["steps"], least=fewest)
    return rest


def _check_optimizer(text: str | None) -> None:
    from lr_finder.models.optimizer_names import describe_optimizer

    if text is not None:
        describe_optimizer(text)
