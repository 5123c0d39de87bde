"""Which settings a comparison trains: main effects first, then one thing at a time."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from lr_finder._arguments import check_count
from lr_finder.errors import InputError
from lr_finder.experiments.comparison.optimizers import (
    OptimizerChoice,
    choose_optimizer,
)
from lr_finder.experiments.comparison.settings import FOUND, Rate, Setting, checked_rate

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam")
RATES: tuple[Rate, ...] = (0.01, 0.001, FOUND)
BATCH_SIZES = (64,)
INITIALIZERS = ("glorot_uniform",)
USUAL_SIZES = (*BATCH_SIZES, 32)  # the first that the rows suffice for


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a comparison varies; the first batch size and initializer are the base.

    Every optimizer is trained at every rate with the base. Further batch sizes and
    initializers are tried afterwards, one at a time, around the best rate of each
    optimizer.

    Args:
        optimizers: sequence of what `choose_optimizer` takes.
        rates: sequence of float > 0, or `"found"`, the rate that a sweep finds for each
            run.
        batch_sizes: sequence of int >= 1.
        initializers: sequence of str, Keras' names of the initializers of the hidden
            layers' kernels, or None for the model's own.
        models: sequence of str, names of models.
        is_full_grid: bool, whether every combination is trained.

    Raises:
        InputError: If an argument is empty, holds a value twice, or breaks its rule.

    Example:
    >>> len(Plan().main_settings()), Plan().n_further
    (12, 0)
    >>> plan = Plan("adam", 0.001, (64, 32, 128), ("glorot_uniform", "he_normal"))
    >>> best = {("default", "adam"): 0.001}
    >>> [str(each) for each in plan.further_settings(best)]
    ['adam, rate 0.001, batch size 32, glorot_uniform', \
'adam, rate 0.001, batch size 128, glorot_uniform', \
'adam, rate 0.001, batch size 64, he_normal']
    """

    optimizers: Sequence[Any] = OPTIMIZERS
    rates: Sequence[Rate] = RATES
    batch_sizes: Sequence[int] = BATCH_SIZES
    initializers: Sequence[str | None] = INITIALIZERS
    models: Sequence[str] = ("default",)
    is_full_grid: bool = False

    def __post_init__(self) -> None:
        made: dict[str, list[Any]] = {
            "optimizers": [choose_optimizer(each) for each in _listed(self.optimizers)],
            "rates": [checked_rate(each) for each in _listed(self.rates)],
            "batch_sizes": _listed(self.batch_sizes),
            "initializers": _listed(self.initializers),
            "models": _listed(self.models),
        }
        for name, values in made.items():
            _check_distinct(name, values)
            object.__setattr__(self, name, tuple(values))
        for batch_size in self.batch_sizes:
            check_count("batch_sizes", batch_size, least=1)

    def main_settings(self) -> list[Setting]:
        """Every optimizer at every rate with the base; or the full grid.

        Returns:
            list of Setting, in the order of the plan.
        """
        grid = self.is_full_grid
        return [
            Setting(optimizer, rate, batch_size, initializer, model)
            for model, optimizer, rate, batch_size, initializer in itertools.product(
                self.models, self.optimizers, self.rates,
                self.batch_sizes if grid else self.batch_sizes[:1],
                self.initializers if grid else self.initializers[:1],
            )
        ]  # fmt: skip

    @property
    def n_further(self) -> int:
        """How many settings follow the main effects, at most."""
        if self.is_full_grid:
            return 0
        others = len(self.batch_sizes) + len(self.initializers) - 2
        return len(self.models) * len(self.optimizers) * others

    def further_settings(self, best: Mapping[tuple[str, str], Rate]) -> list[Setting]:
        """Other batch sizes and initializers, one at a time, at each one's best rate.

        Args:
            best: mapping `(model, label of the optimizer) -> rate`; optimizers that
                are missing have none that is any good.

        Returns:
            list of Setting; empty in a full grid.
        """
        if self.is_full_grid:
            return []
        base_size, base_initializer = self.batch_sizes[0], self.initializers[0]
        others = [(size, base_initializer) for size in self.batch_sizes[1:]]
        others += [(base_size, each) for each in self.initializers[1:]]
        return [
            Setting(optimizer, best[model, optimizer.label], size, initializer, model)
            for model, optimizer in itertools.product(self.models, self.optimizers)
            if (model, optimizer.label) in best
            for size, initializer in others
        ]


def usual_batch_size(rows: int) -> int:
    """The batch size of a comparison that names none.

    Args:
        rows: int, to train on.

    Returns:
        int, no larger than that.

    Example:
    >>> usual_batch_size(1000), usual_batch_size(40), usual_batch_size(5)
    (64, 32, 5)
    """
    return next((size for size in USUAL_SIZES if size <= rows), rows)


def _listed(values: Any) -> list[Any]:
    """Several values, or one that came alone."""
    is_one = isinstance(values, str | OptimizerChoice) or not isinstance(
        values, Sequence
    )
    return [values] if is_one else list(values)


def _check_distinct(name: str, values: list[Any]) -> None:
    """Refuse a list without values, or with one twice."""
    labels = [getattr(each, "label", each) for each in values]
    twice = [label for label in labels if labels.count(label) > 1]
    if not values or twice:
        received = f"{twice[0]!r} twice" if values else "none"
        raise InputError(
            f"Argument `{name}` must hold one value or more, each once. Received: "
            f"{received}. Give each value once."
        )
