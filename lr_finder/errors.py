"""The exceptions of the package: each message names the rule, the value, the way out.

Exception
LRFinderError            anything that lr_finder raises on purpose
InputError             bad argument, file or data (also a ValueError)
SuggestionError        a curve from which no honest rate can be read
ModelError             a model that cannot be swept as it is (also a ValueError)
"""

from __future__ import annotations

from typing import Any


class LRFinderError(Exception):
    """Base of every error that lr_finder raises on purpose.

    Attributes:
        finding: Finding or None, what was found before the error; set by `find` only.
    """

    finding: Any


class InputError(LRFinderError, ValueError):
    """An argument, a file or its data breaks a rule."""


class ModelError(LRFinderError, ValueError):
    """A model cannot be swept as it is; raised before anything is touched."""


class SuggestionError(LRFinderError):
    """No learning rate can be read from a curve.

    Args:
        message: str, what is wrong and what to do about it.
        reason: str, a short name for the cause, e.g. `"too_few_points"`.
        counts: dict of str to int, what was counted, e.g. `{"points": 3}`.

    Example:
    >>> error = SuggestionError("no points", reason="too_few_points",
    ...                         counts={"points": 0})
    >>> error.reason, error.counts
    ('too_few_points', {'points': 0})
    """

    def __init__(self, message: str, *, reason: str, counts: dict[str, int]):
        super().__init__(message)
        self.reason = reason
        self.counts = dict(counts)
