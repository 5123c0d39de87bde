"""Dataclasses from JSON: each value checked, nothing of it run."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from typing import TYPE_CHECKING, Any, TypeVar

from lr_finder.errors import InputError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")
PLAIN = {str: "text", bool: "true or false", int: "a whole number"}


def from_document(kind: type[Record], document: Any, place: str = "document") -> Record:
    """A dataclass from what `dataclasses.asdict` and JSON made of it.

    Args:
        kind: dataclass whose fields are str, bool, int, float, Literal, dataclasses,
            tuples (of any length) or dicts (by str) of these, and unions of them.
        document: JSON value.
        place: str, what it is called in a message.

    Returns:
        An object of that kind.

    Raises:
        InputError: If a value is missing, is of another type, or is unknown.

    Example:
    >>> @dataclasses.dataclass
    ... class Point:
    ...     x: float
    ...     y: float
    >>> from_document(Point, {"x": 1.5, "y": 2})
    Point(x=1.5, y=2.0)
    >>> from_document(Point, {"x": "1.5", "y": 2})
    Traceback (most recent call last):
    lr_finder.errors.InputError: document.x must be a finite number. Received: '1.5'.
    """
    if not isinstance(document, dict):
        raise _wrong(place, "an object", document)
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    if set(names) != set(document):
        raise _wrong(place, f"an object of {', '.join(names)}", list(document))
    return kind(
        **{
            name: _read(hints[name], document[name], f"{place}.{name}")
            for name in names
        }
    )


def _read(hint: Any, value: Any, place: str) -> Any:
    """A value of the type that a hint names."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _read_one_of(inner, value, place)
    if origin is typing.Literal:
        if value not in inner:
            raise _wrong(place, f"one of {', '.join(inner)}", value)
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise _wrong(place, "a list", value)
        return tuple(_read(inner[0], v, f"{place}[{i}]") for i, v in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise _wrong(place, "an object", value)
        return {k: _read(inner[1], v, f"{place}.{k}") for k, v in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_document(hint, value, place)
    return _read_plain(hint, value, place)


def _read_one_of(hints: tuple[Any, ...], value: Any, place: str) -> Any:
    """A value of one of several types; the message is that of the first."""
    if value is None and type(None) in hints:
        return None
    errors = []
    for hint in (each for each in hints if each is not type(None)):
        try:
            return _read(hint, value, place)
        except InputError as error:
            errors.append(error)
    raise errors[0]


def _read_plain(hint: type, value: Any, place: str) -> Any:
    if hint is float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        try:
            if is_number and math.isfinite(value):
                return float(value)
        except OverflowError:  # a whole number beyond all floats
            pass
        raise _wrong(place, "a finite number", value)
    if type(value) is not hint:
        raise _wrong(place, PLAIN[hint], value)
    return value


def _wrong(place: str, rule: str, value: object) -> InputError:
    return InputError(f"{place} must be {rule}. Received: {value!r:.60}.")
