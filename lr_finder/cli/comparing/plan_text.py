"""What a comparison is about to run, in words, with the number of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lr_finder.experiments.comparison.plan import Plan


def format_plan(plan: Plan, n_seeds: int, callbacks: str) -> list[str]:
    """Say what is trained, how often, and with which callbacks.

    Args:
        plan: Plan, with its models.
        n_seeds: int >= 1.
        callbacks: str, those of each training, as `Conditions.callbacks` names them.

    Returns:
        list of str, a sentence each: the main runs; those that follow, if there are
        any; and the callbacks.

    Example:
    >>> for sentence in format_plan(Plan(["sgd", "adam"], [0.01, "found"], [64, 32]), 5,
    ...                           "early stopping"):
    ...     print(sentence)
    Plan: 2 optimizers (sgd, adam) × 2 rates (0.01, found) × 5 seeds = 20 runs, with \
batch size 64, initializer glorot_uniform.
    Then, at the best rate of each optimizer, batch size 32: 10 runs more at most, 30 \
in all.
    Callbacks of each run: early stopping.
    """
    factors = {
        "model": plan.models,
        "optimizer": [each.label for each in plan.optimizers],
        "rate": [_number(rate) for rate in plan.rates],
        "batch size": plan.batch_sizes,
        "initializer": [each or "default" for each in plan.initializers],
    }
    held = {} if plan.is_full_grid else {
        name: factors.pop(name) for name in ("batch size", "initializer")
    }  # fmt: skip
    main, more = (n * n_seeds for n in (len(plan.main_settings()), plan.n_further))
    crossed = [_counted(name, values) for name, values in factors.items()]
    if plan.models == ("default",):
        del crossed[0]
    seeds = f"{n_seeds} seed{'s' * (n_seeds != 1)}"
    text = f"Plan: {' × '.join([*crossed, seeds])} = {_runs(main)}"
    base = [f"{name} {values[0]}" for name, values in held.items()]
    sentences = [f"{text}, with {', '.join(base)}." if base else f"{text}."]
    if more:
        others = [
            f"{name} {', '.join(map(str, values[1:]))}"
            for name, values in held.items()
            if values[1:]
        ]
        sentences.append(
            f"Then, at the best rate of each optimizer, {'; '.join(others)}: "
            f"{_runs(more)} more at most, {main + more} in all."
        )
    return [*sentences, f"Callbacks of each run: {callbacks}."]


def _counted(name: str, values: Sequence[Any]) -> str:
    """How many of a factor, and which."""
    listed = ", ".join(map(str, values))
    return f"{len(values)} {name}{'s' * (len(values) != 1)} ({listed})"


def _number(rate: float | str) -> str:
    return rate if isinstance(rate, str) else f"{rate:g}"


def _runs(n: int) -> str:
    return f"{n} run{'s' * (n != 1)}"
