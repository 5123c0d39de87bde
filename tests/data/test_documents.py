"""Dataclasses from JSON: what was written comes back, all else is refused by name."""

import dataclasses
import json
from typing import Literal

import pytest

from lr_finder.data.documents import from_document
from lr_finder.errors import InputError


@dataclasses.dataclass(frozen=True)
class Inner:
    name: str
    sizes: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class Outer:
    kind: Literal["a", "b"]
    inner: Inner | None
    by_name: dict[str, Inner]
    labels: tuple[str | int | float, ...]
    is_on: bool
    count: int


WHOLE = Outer(
    "a", Inner("x", (0.1, 1e300)), {"y": Inner("z", ())}, ("n", 3, 2.5), True, 7
)


def document(**changes):
    return json.loads(json.dumps(dataclasses.asdict(WHOLE))) | changes


def test_what_was_written_comes_back_with_its_types():
    read = from_document(Outer, document())
    assert read == WHOLE
    assert [type(each) for each in read.labels] == [str, int, float]
    assert from_document(Outer, document(inner=None)).inner is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "c"}, "document.kind must be one of a, b. Received: 'c'"),
        ({"inner": {"name": "x"}}, "document.inner must be an object of name, sizes"),
        ({"inner": 3}, "document.inner must be an object. Received: 3"),
        ({"inner": {"name": "x", "sizes": [1, "2"]}}, r"sizes\[1\] must be a finite"),
        ({"inner": {"name": "x", "sizes": [float("nan")]}}, "finite number"),
        ({"inner": {"name": "x", "sizes": [10**400]}}, "finite number"),
        ({"inner": {"name": "x", "sizes": [True]}}, "finite number"),
        ({"inner": {"name": "x", "sizes": "12"}}, "sizes must be a list"),
        ({"by_name": [1]}, "by_name must be an object"),
        ({"labels": [None]}, r"labels\[0\] must be text"),
        ({"is_on": 1}, "is_on must be true or false"),
        ({"count": 1.0}, "count must be a whole number"),
        ({"count": True}, "count must be a whole number"),
        ({"another": 1}, "must be an object of kind, inner"),
    ],
)
def test_a_wrong_value_is_named(changes, words):
    with pytest.raises(InputError, match=words):
        from_document(Outer, document(**changes))
