"""How many points are allowed, and what is said of too many."""

import pytest

from lr_finder.analysis.landscape.grid import MOST_EVALUATIONS, checked_size
from lr_finder.errors import InputError


def test_as_many_as_are_allowed_are_allowed():
    assert checked_size(49, 2) ** 2 <= MOST_EVALUATIONS < 51**2
    assert checked_size(101, 2, 101**2) == 101


@pytest.mark.parametrize(
    "points, directions, message",
    [
        (51, 2, "makes 2,601. Give points=49 or fewer, or max_evaluations=2601"),
        (2501, 1, "along 1 direction, which makes 2,501. Give points=2499 or fewer"),
        (24, 2, "must be odd.*Give points=25"),
        (1, 1, "whole number, at least 3"),
        (7.5, 1, "whole number, at least 3"),
    ],
)
def test_others_are_refused_with_a_way_out(points, directions, message):
    with pytest.raises(InputError, match=message):
        checked_size(points, directions)


def test_the_way_out_may_be_another():
    with pytest.raises(InputError, match="points=3 or fewer, or add --yes"):
        checked_size(5, 2, 24, way_out="add --yes")
