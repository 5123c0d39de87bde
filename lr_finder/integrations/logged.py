"""What a tracker is given of a result: one summary, whichever the tracker is."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

PER_DECADE = 1000  # steps of a curve over the learning rate: trackers count in integers
OVER_RATE = "over_rate"


@dataclasses.dataclass(frozen=True, eq=False)
class Series:
    """Columns of numbers over steps, and over a learning rate if they belong to one.

    Args:
        group: str, what the columns belong to: `"sweep"`, `"batch"`, `"epoch"`.
        steps: sequence of int (n,).
        columns: mapping of name -> sequence of float (n,).
        over: str, the column of learning rates that the others are drawn over too; None
            for steps alone.
        seconds: sequence of float (n,), when each row was measured, since 1970; None if
            that is not known.

    Example:
    >>> series = Series("sweep", [0, 1], {"lr": [1e-3, 1e-2], "loss": [2.0, 1.0]}, "lr")
    >>> [tag for tag, _, _ in series.tags()]
    ['sweep/lr', 'sweep/loss', 'sweep_over_rate/loss']
    """

    group: str
    steps: Sequence[int]
    columns: Mapping[str, Sequence[float] | np.ndarray]
    over: str | None = None
    seconds: Sequence[float] | None = None

    def tags(self) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        """Each curve by itself, for trackers whose horizontal axis is a step.

        Over a learning rate, the step is 1000 log10(rate): -3000 is 1e-3.

        Yields:
            `(tag, steps, values)`: str, int array (n,), float array (n,).
        """
        steps = np.asarray(self.steps, dtype=int)
        for name, values in self.columns.items():
            yield f"{self.group}/{name}", steps, np.asarray(values, dtype=float)
        if self.over is None:
            return
        rates = np.asarray(self.columns[self.over], dtype=float)
        places = np.round(PER_DECADE * np.log10(rates)).astype(int)
        for name, values in self.columns.items():
            if name != self.over:
                tag = f"{self.group}_{OVER_RATE}/{name}"
                yield tag, places, np.asarray(values, dtype=float)


@dataclasses.dataclass(frozen=True, eq=False)
class Logged:
    """A run of a tracker: what it is called and holds, and the runs nested in it.

    Args:
        name: str.
        parameters: mapping of name -> str, int, float or bool, what was set.
        metrics: mapping of name -> float, what was found.
        texts: mapping of name -> str, the same in words.
        series: sequence of Series.
        children: sequence of Logged, nested runs, whose names differ.
        save: callable that writes figures (`.png`) and other files into a folder; None
            for no files.
    """

    name: str
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    metrics: Mapping[str, float] = dataclasses.field(default_factory=dict)
    texts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    series: Sequence[Series] = ()
    children: Sequence[Logged] = ()
    save: Callable[[Path], object] | None = None


class TrackerRun(Protocol):
    """A run of a tracker while it is written; each call may take its time, or fail."""

    place: str  # where a person finds it

    def describe(self, parameters: Mapping[str, Any], texts: Mapping[str, str]) -> None:
        """Write what was set, and what is said of it."""

    def add(self, series: Series) -> None:
        """Write curves, or further points of them."""

    def finish(self, metrics: Mapping[str, float]) -> None:
        """Write what was found."""

    def keep(self, folder: Path) -> None:
        """Keep the files of a folder, the pictures where they can be looked at."""

    def child(self, name: str) -> TrackerRun:
        """Begin a run nested in this one."""

    def close(self, *, is_whole: bool = True) -> None:
        """End the run; `is_whole` is False if what it tells of was broken off."""


def flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested values as one level of numbers and texts, without those that are None.

    Args:
        values: mapping of str to JSON values.
        before: str, put before each name.

    Returns:
        dict of str to str, int, float or bool.

    Example:
    >>> flat({"seed": 0, "group": None, "window": {"low": 0.1}, "notes": ["a", "b"]})
    {'seed': 0, 'window.low': 0.1, 'notes': 'a; b'}
    """
    told: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            told |= flat(value, f"{before}{name}.")
        elif isinstance(value, list | tuple):
            told |= {f"{before}{name}": "; ".join(map(str, value))} if value else {}
        elif value is not None:
            is_plain = isinstance(value, str | int | float)
            told[f"{before}{name}"] = value if is_plain else str(value)
    return told


def numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Those of some values that are finite numbers.

    Example:
    >>> numbers({"lr": 0.1, "high": None, "name": "a", "loss": math.nan, "n": 2})
    {'lr': 0.1, 'n': 2.0}
    """
    return {
        name: float(value)
        for name, value in values.items()
        if isinstance(value, int | float | np.number) and math.isfinite(value)
    }


def accepted(name: str, pattern: Any, taken: Sequence[str] = ()) -> str:
    """A name as a tracker takes it: what it refuses becomes `_`, twins get a number.

    Args:
        name: str, e.g. of a metric, by whoever made it.
        pattern: compiled regular expression of a run of characters that are refused.
        taken: sequence of str, names that are in use.

    Returns:
        str, not in `taken`.

    Example:
    >>> import re
    >>> accepted("top-5 %", re.compile("[^a-z0-9 -]+"), taken=["top-5 _"])
    'top-5 _-2'
    """
    plain = wanted = pattern.sub("_", name).strip() or "_"
    number = 1
    while plain in taken:
        number += 1
        plain = f"{wanted}-{number}"
    return plain


class Names:
    """Names as a tracker takes them; two that differ stay different.

    Args:
        pattern: compiled regular expression of a run of characters that are refused.
        longest: int, characters of a name.

    Example:
    >>> import re
    >>> names = Names(re.compile("[^a-z]+"))
    >>> [names["a?"], names["a!"], names["a?"]]
    ['a_', 'a_-2', 'a_']
    """

    def __init__(self, pattern: Any, longest: int = 250):
        self._pattern, self._longest = pattern, longest
        self._known: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._known:
            taken = list(self._known.values())
            short = str(name)[: self._longest]
            self._known[name] = accepted(short, self._pattern, taken)
        return self._known[name]
