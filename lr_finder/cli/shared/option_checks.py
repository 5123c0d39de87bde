"""Options checked before anything heavy is loaded; each message says the way out."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

from lr_finder.errors import InputError

FEWEST_SWEPT = 10  # fewer points show no descent that could be told from noise


def check_rates(start_lr: float, end_lr: float) -> None:
    """Both ends of a sweep are positive, finite and in order.

    Raises:
        InputError: If one is not.

    Example:
    >>> check_rates(1e-7, 10.0)
    >>> check_rates(1.0, 0.1)
    Traceback (most recent call last):
    lr_finder.errors.InputError: Option --start-lr must be below --end-lr. \
Received: --start-lr 1.0 --end-lr 0.1. Swap them.
    """
    for option, rate in (("--start-lr", start_lr), ("--end-lr", end_lr)):
        if not (math.isfinite(rate) and rate > 0):
            raise InputError(
                f"Option {option} must be a positive, finite number. Received: "
                f"{option} {rate}. The defaults, 1e-7 to 10, suit most models."
            )
    if start_lr >= end_lr:
        way_out = "Swap them." if start_lr > end_lr else "Raise --end-lr."
        raise InputError(
            "Option --start-lr must be below --end-lr. Received: "
            f"--start-lr {start_lr} --end-lr {end_lr}. {way_out}"
        )


def check_at_least(option: str, value: int | None, smallest: int) -> None:
    """A count is not too small; None, an option not given, is fine.

    Raises:
        InputError: If it is.

    Example:
    >>> check_at_least("--repeats", 3, 1)
    """
    if value is not None and value < smallest:
        raise InputError(
            f"Option {option} must be at least {smallest}. Received: {option} {value}."
        )


def check_budget(budget_steps: int | None, *, is_verified: bool) -> None:
    """The steps of the coming training are enough for a verification, and of use.

    Args:
        budget_steps: int, the option `--budget-steps`, or None.
        is_verified: bool, the option `--verify`.

    Raises:
        InputError: If they are not.

    Example:
    >>> check_budget(None, is_verified=False)
    >>> check_budget(500, is_verified=False)
    Traceback (most recent call last):
    lr_finder.errors.InputError: Option --budget-steps must come with --verify. \
Received: --budget-steps 500 alone. Add --verify.
    """
    if budget_steps is None:
        return
    if not is_verified:
        raise InputError(
            "Option --budget-steps must come with --verify. Received: --budget-steps "
            f"{budget_steps} alone. Add --verify."
        )
    from lr_finder.analysis.verification.effort import least_budget

    check_at_least("--budget-steps", budget_steps, least_budget())


def check_goes_with_training(option: str, is_given: bool, epochs: int | None) -> None:
    """An option that is about a training comes with one.

    Args:
        option: str, e.g. `"--against-default"`.
        is_given: bool.
        epochs: int, the option `--train`, or None.

    Raises:
        InputError: If it does not.

    Example:
    >>> check_goes_with_training("--against-default", True, 50)
    """
    if is_given and epochs is None:
        raise InputError(
            f"Option {option} must come with --train. Received: {option} alone. Add "
            "--train EPOCHS."
        )


def check_continued(is_given: bool, *, is_verified: bool, train: int | None) -> None:
    """Check that `--continue-from-verification` comes with `--verify` and `--train`.

    Args:
        is_given: bool.
        is_verified: bool, the option `--verify`.
        train: int, the option `--train`, or None.

    Raises:
        InputError: If it does not.

    Example:
    >>> check_continued(True, is_verified=True, train=50)
    """
    if is_given and not (is_verified and train):
        raise InputError(
            "Option --continue-from-verification must come with --verify and --train. "
            "Received: it without at least one of them. Add --verify --train EPOCHS."
        )


def check_choice(option: str, value: str, choices: Iterable[str]) -> None:
    """A name is one of those known.

    Args:
        option: str, e.g. `"--method"`.
        value: str, what was given.
        choices: iterable of str, the names known.

    Raises:
        InputError: If it is not; names the nearest matches.

    Example:
    >>> check_choice("--method", "vally", ["steepest", "valley"])
    Traceback (most recent call last):
    lr_finder.errors.InputError: Option --method must be one of steepest, valley. \
Received: --method vally. Did you mean valley?
    """
    choices = list(choices)
    if value not in choices:
        near = difflib.get_close_matches(value, choices, n=3, cutoff=0.5)
        question = f" Did you mean {' or '.join(near)}?" if near else ""
        raise InputError(
            f"Option {option} must be one of {', '.join(choices)}. "
            f"Received: {option} {value}.{question}"
        )


def check_schedule(name: str | None, is_lowered: bool = False) -> None:
    """A schedule has a name that is known, and nothing else moves the rate.

    Args:
        name: str, the option `--schedule`, or None.
        is_lowered: bool, the option `--reduce-on-plateau`.

    Raises:
        InputError: If it is not known (names the nearest matches), or not alone.

    Example:
    >>> check_schedule("cosine")
    >>> check_schedule("cosine", is_lowered=True)
    Traceback (most recent call last):
    lr_finder.errors.InputError: Options --schedule and --reduce-on-plateau must not \
both set the learning rate. Received: --schedule cosine --reduce-on-plateau. Leave \
one of them out.
    """
    if name is None:
        return
    from lr_finder.schedules.named import AS_DEFAULT, NAMED

    check_choice("--schedule", name, [AS_DEFAULT, *NAMED])
    if is_lowered:
        raise InputError(
            "Options --schedule and --reduce-on-plateau must not both set the learning "
            f"rate. Received: --schedule {name} --reduce-on-plateau. Leave one of them "
            "out."
        )


def check_batch_fits(batch_size: int, rows: int) -> None:
    """A batch is not larger than the data.

    Raises:
        InputError: If it is; names the rows.

    Example:
    >>> check_batch_fits(32, rows=1000)
    """
    if batch_size > rows:
        raise InputError(
            f"Option --batch-size must be at most the {rows} training rows. "
            f"Received: --batch-size {batch_size}. Use --batch-size {max(1, rows // 4)}"
            " or more data."
        )
