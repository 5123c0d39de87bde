"""What goes together, and how much may be asked for."""

from pathlib import Path

import pytest

from lr_finder.cli.landscapes.options_of_landscape import (
    check_landscape,
    most_evaluations,
)
from lr_finder.errors import InputError


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"train": 3},
        {"to": Path("a.keras")},
        {"to": Path("a.keras"), "directions": 1, "points": 999},
        {"points": 49, "distance": 0.5},
        {"points": 301, "is_agreed": True},
    ],
)
def test_what_goes_together_passes(given):
    usual = {"train": None, "to": None, "is_agreed": False}
    grid = {
        name: given.pop(name, None) for name in ("directions", "points", "distance")
    }
    check_landscape(*grid.values(), **usual | given)


def test_the_line_to_another_solution_has_one_direction():
    """51 points along two directions would be too many."""
    options = {"train": None, "is_agreed": False}
    check_landscape(None, 51, None, to=Path("a.keras"), **options)
    with pytest.raises(InputError, match="makes 2,601"):
        check_landscape(None, 51, None, to=None, **options)


def test_yes_lifts_the_limit():
    assert most_evaluations(True) > 10**9 > most_evaluations(False)
