"""What a tuning may vary: ranges and choices, checked once."""

from __future__ import annotations

import dataclasses
import math
import numbers
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lr_finder.errors import InputError

if TYPE_CHECKING:
    import optuna

LEARNING_RATE, BATCH_SIZE, WEIGHT_DECAY = "learning_rate", "batch_size", "weight_decay"
OF_TRAINING = (LEARNING_RATE, BATCH_SIZE, WEIGHT_DECAY)  # not of the function's own
WAY_OUT = (
    "Give (low, high) for a range, such as (1e-4, 1e-1), or a list of choices, such "
    "as [32, 64]."
)


@dataclasses.dataclass(frozen=True)
class Range:
    """A range of numbers, searched by equal factors if both ends are above 0.

    Args:
        low: float or int, the lowest value.
        high: float or int, the highest, above `low`.

    Example:
    >>> Range(1e-4, 1e-2).grid(3), Range(0.0, 1.0).grid(2), Range(8, 64).grid(4)
    ([0.0001, 0.001, 0.01], [0.0, 1.0], [8, 16, 32, 64])
    """

    low: float
    high: float

    @property
    def is_log(self) -> bool:
        """Whether equal factors count, rather than equal differences."""
        return self.low > 0

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers count: both ends were given as such."""
        return isinstance(self.low, numbers.Integral)

    @property
    def middle(self) -> float:
        """The value halfway, by factors or differences."""
        return self.grid(1)[0]

    def grid(self, n: int) -> list[float]:
        """Evenly spaced values from end to end; of one the middle.

        Args:
            n: int >= 1.

        Returns:
            list of float or int, rising; whole numbers each once.
        """
        shares = [0.5] if n == 1 else [i / (n - 1) for i in range(n)]
        values = [self._at(share) for share in shares]
        return sorted({round(value) for value in values}) if self.is_whole else values

    def within(self, low: float, high: float) -> Range:
        """The part of the range between two values; the whole if none is left."""
        low, high = max(low, self.low), min(high, self.high)
        return Range(low, high) if low < high else self

    def ask(self, trial: optuna.Trial, name: str) -> float:
        """The value that a sampler of Optuna chooses."""
        if self.is_whole:
            return trial.suggest_int(
                name, int(self.low), int(self.high), log=self.is_log
            )
        return trial.suggest_float(name, self.low, self.high, log=self.is_log)

    def _at(self, share: float) -> float:
        if share in (0, 1):  # exactly the end
            return (self.low, self.high)[int(share)]
        if not self.is_log:
            return self.low + share * (self.high - self.low)
        ends = math.log10(self.low), math.log10(self.high)
        return float(f"{10 ** (ends[0] + share * (ends[1] - ends[0])):.12g}")


@dataclasses.dataclass(frozen=True)
class Choice:
    """A few values, without an order.

    Args:
        values: tuple of str, bool, int, float or None.

    Example:
    >>> Choice((32, 64)).grid(9), Choice((32, 64)).middle
    ([32, 64], 32)
    """

    values: tuple[Any, ...]

    @property
    def middle(self) -> Any:
        """The first value."""
        return self.values[0]

    def grid(self, n: int) -> list[Any]:
        """All values, however many are asked for."""
        del n
        return list(self.values)

    def ask(self, trial: optuna.Trial, name: str) -> Any:
        """The value that a sampler of Optuna chooses."""
        return trial.suggest_categorical(name, self.values)


Dimension = Range | Choice


@dataclasses.dataclass(frozen=True)
class Space:
    """What a tuning may vary, by name.

    Args:
        dimensions: mapping of str to Range or Choice.

    Example:
    >>> space = as_space({"learning_rate": (1e-4, 1e-1), "batch_size": [32, 64]})
    >>> space.describe()
    {'learning_rate': {'low': 0.0001, 'high': 0.1}, 'batch_size': {'choices': [32, 64]}}
    >>> [len(values) for values in space.grid(9).values()]
    [4, 2]
    """

    dimensions: Mapping[str, Dimension]

    @property
    def own(self) -> tuple[str, ...]:
        """The names that are arguments of the function that builds the model."""
        return tuple(name for name in self.dimensions if name not in OF_TRAINING)

    def ask(self, trial: optuna.Trial, names: Sequence[str]) -> dict[str, Any]:
        """The values of a trial, of these names."""
        return {name: self.dimensions[name].ask(trial, name) for name in names}

    def grid(self, budget: float) -> dict[str, list[Any]]:
        """Values whose combinations are at most `budget`, if the choices allow.

        Args:
            budget: float >= 1, trainings.

        Returns:
            dict of str to list; ranges have equally many values each.
        """
        ranges = [one for one in self.dimensions.values() if isinstance(one, Range)]
        choices = [one for one in self.dimensions.values() if isinstance(one, Choice)]
        left = budget / math.prod(len(one.values) for one in choices)
        each = 1
        while ranges and (each + 1) ** len(ranges) <= left:
            each += 1
        return {name: one.grid(each) for name, one in self.dimensions.items()}

    def narrowed(self, low: float, high: float) -> Space:
        """The same with the learning rate between two values."""
        rate = self.dimensions[LEARNING_RATE]
        if not isinstance(rate, Range):
            return self
        return Space({**self.dimensions, LEARNING_RATE: rate.within(low, high)})

    def describe(self) -> dict[str, dict[str, Any]]:
        """The space as JSON values."""
        return {
            name: {"low": one.low, "high": one.high}
            if isinstance(one, Range)
            else {"choices": list(one.values)}
            for name, one in self.dimensions.items()
        }


def as_space(given: Any) -> Space:
    """The space that a mapping describes.

    Args:
        given: mapping of str to `(low, high)`, a tuple of two numbers, or to a list of
            choices. A range of whole numbers has only these; one above 0 is searched by
            equal factors, another by equal differences.

    Returns:
        Space.

    Raises:
        InputError: If it is empty, or a part of it is neither.

    Example:
    >>> as_space({"units": (8, 64)}).dimensions["units"]
    Range(low=8, high=64)
    >>> as_space({})
    Traceback (most recent call last):
    ...
    lr_finder.errors.InputError: Argument `space` must name ... {'learning_rate': ...
    """
    if not isinstance(given, Mapping) or not given:
        raise InputError(
            "Argument `space` must name at least one thing to search, with its values. "
            f"Received: space={given!r:.60}. Give "
            "{'learning_rate': (1e-5, 1.0)} for instance."
        )
    return Space({str(name): _dimension(name, one) for name, one in given.items()})


def _dimension(name: Any, given: Any) -> Dimension:
    if isinstance(given, tuple):
        return _range(name, given)
    plain = (str, bool, int, float, type(None))
    if (
        not isinstance(given, list)
        or not given
        or len({*map(repr, given)}) < len(given)
    ):
        raise _refused(name, given, "a range or a list of different choices")
    if not all(isinstance(value, plain) for value in given):
        raise _refused(name, given, "a list of numbers, texts, True, False or None")
    if name in OF_TRAINING:
        for value in given:
            _check_of_training(name, value, given)
    return Choice(tuple(given))


def _range(name: Any, given: tuple[Any, ...]) -> Range:
    is_numbers = len(given) == 2 and all(
        isinstance(end, numbers.Real)
        and not isinstance(end, bool)
        and math.isfinite(end)
        for end in given
    )
    if not is_numbers or not given[0] < given[1]:
        raise _refused(name, given, "a range (low, high) of finite numbers, low < high")
    if name in OF_TRAINING:
        for end in given:
            _check_of_training(name, end, given)
    if all(isinstance(end, numbers.Integral) for end in given):
        if name in (LEARNING_RATE, WEIGHT_DECAY):  # 0 and 1, typed without a point
            return Range(float(given[0]), float(given[1]))
        return Range(int(given[0]), int(given[1]))
    return Range(float(given[0]), float(given[1]))


def _check_of_training(name: str, value: Any, given: Any) -> None:
    """Refuse values that no training can have."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if name == LEARNING_RATE and not (is_number and 0 < value < math.inf):
        raise _refused(name, given, "learning rates above 0")
    if name == WEIGHT_DECAY and not (is_number and 0 <= value < math.inf):
        raise _refused(name, given, "weight decays of at least 0")
    is_whole = is_number and isinstance(value, numbers.Integral)
    if name == BATCH_SIZE and not (is_whole and value >= 1):
        raise _refused(name, given, "whole numbers, at least 1")


def _refused(name: Any, given: Any, rule: str) -> InputError:
    return InputError(
        f"Argument `space` must hold {rule} for {name!r}. Received: {given!r:.60}. "
        f"{WAY_OUT}"
    )
