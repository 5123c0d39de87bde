"""Spaces: what is searched, laid out as a grid, and what is refused."""

import math

import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.tuning.search_space import as_space

SPACE = {"learning_rate": (1e-5, 1.0), "batch_size": [16, 32], "units": (4, 64)}


@pytest.mark.parametrize("budget", [1, 2, 5, 20, 100])
def test_a_grid_costs_at_most_the_budget(budget):
    space = as_space({"learning_rate": (1e-5, 1.0), "weight_decay": (0.0, 0.1)})
    sizes = [len(values) for values in space.grid(budget).values()]
    assert math.prod(sizes) <= budget
    assert math.prod(size + 1 for size in sizes) > budget
    one = as_space({"learning_rate": (1e-5, 1.0)}).grid(budget)["learning_rate"]
    assert len(one) == budget
    if budget > 2:  # equal factors
        factors = {round(b / a, 6) for a, b in zip(one, one[1:], strict=False)}
        assert len(factors) == 1 and (one[0], one[-1]) == (1e-5, 1.0)


def test_all_choices_are_in_a_grid_and_ranges_share_what_is_left():
    grid = as_space(SPACE).grid(18)
    assert {name: len(values) for name, values in grid.items()} == {
        "learning_rate": 3, "batch_size": 2, "units": 3,
    }  # fmt: skip
    assert grid["units"] == [4, 16, 64]
    assert as_space(SPACE).own == ("units",)


def test_a_narrowed_space_is_inside_the_whole():
    space = as_space(SPACE)
    inside = space.narrowed(1e-3, 50.0).dimensions["learning_rate"]
    assert (inside.low, inside.high) == (1e-3, 1.0)
    assert space.narrowed(2.0, 3.0) == space  # nothing would be left


@pytest.mark.parametrize(
    ("space", "words"),
    [
        ({}, "at least one thing"),
        (None, "at least one thing"),
        ({"learning_rate": (1.0, 0.1)}, "low < high"),
        ({"learning_rate": (0.0, 0.1)}, "above 0"),
        ({"learning_rate": [0.1, "high"]}, "above 0"),
        ({"learning_rate": (1e-5, math.inf)}, "finite"),
        ({"learning_rate": 0.1}, "range or a list"),
        ({"units": []}, "range or a list"),
        ({"units": [8, 8]}, "different"),
        ({"units": [object()]}, "numbers, texts"),
        ({"batch_size": (0, 8)}, "at least 1"),
        ({"batch_size": [16.5]}, "whole"),
        ({"weight_decay": (-1.0, 0.1)}, "at least 0"),
    ],
)
def test_what_is_no_space_is_refused(space, words):
    with pytest.raises(InputError, match=words):
        as_space(space)
