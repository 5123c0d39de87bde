"""How many points a landscape has."""

from __future__ import annotations

import math

from lr_finder._arguments import check_count
from lr_finder.errors import InputError

POINTS = {1: 51, 2: 25}  # by default, along each of so many directions
LEAST = 3
MOST_EVALUATIONS = 2_500  # without being asked for more


def checked_size(
    points: int | None,
    directions: int,
    max_evaluations: int = MOST_EVALUATIONS,
    *,
    way_out: str = "",
) -> int:
    """How many points along each direction, checked.

    Args:
        points: int or None, as `loss_landscape` takes it.
        directions: int, 1 or 2.
        max_evaluations: int.
        way_out: str, what else allows as many; by default a larger `max_evaluations`.

    Returns:
        int, odd.

    Raises:
        InputError: If they are too few, even, or too many in all.

    Example:
    >>> checked_size(None, 2), checked_size(101, 1)
    (25, 101)
    """
    check_count("max_evaluations", max_evaluations, least=1)
    size = POINTS[directions] if points is None else points
    check_count("points", size, least=LEAST)
    if size % 2 == 0:
        raise InputError(
            "Argument `points` must be odd, so that the model itself is among them. "
            f"Received: points={size}. Give points={size + 1}."
        )
    evaluations = size**directions
    if evaluations > max_evaluations:
        fits = math.isqrt(max_evaluations) if directions == 2 else max_evaluations
        fits = max(fits - 1 + fits % 2, 1)
        way_out = way_out or f"max_evaluations={evaluations}"
        raise InputError(
            f"Argument `points` must make {max_evaluations:,} evaluations of the data "
            f"at most. Received: points={size} along {directions} "
            f"direction{'s' * (directions > 1)}, which makes {evaluations:,}. Give "
            f"points={fits} or fewer, or {way_out}."
        )
    return int(size)
