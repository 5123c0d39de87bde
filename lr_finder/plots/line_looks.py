"""Lines that are told apart by color, dash and marker, however many there are."""

from __future__ import annotations

from typing import Any

import numpy as np

# From dark to light, each with a dash and a marker of its own: told apart in grey.
COLORS = ("#12355b", "#b3440a", "#2f8f6b", "#9a6fb0", "#c79a2b")
DASHES = ("-", (0, (6, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)), (0, (3, 1)))
MARKS = "os^DvPh<p>*dH"  # 13, so that with 5 dashes no pair comes twice among 65
MAP, LIGHTEST = "viridis", 0.9  # of the map: what is lighter is lost on white


def line_looks(count: int) -> list[dict[str, Any]]:
    """Color, dash and marker of each of several lines, none like another.

    Up to five have colors of their own. More run along one map from dark to light, so
    that those of rising rates are in order, and neighbours have other markers.

    Args:
        count: int >= 0.

    Returns:
        list of dict (count,), arguments of `Axes.plot`.

    Example:
    >>> [look["marker"] for look in line_looks(3)]
    ['o', 's', '^']
    >>> len({look["color"] for look in line_looks(12)})
    12
    """
    return [
        {
            "color": color,
            "linestyle": DASHES[place % len(DASHES)],
            "marker": MARKS[place % len(MARKS)],
        }
        for place, color in enumerate(_colors(count))
    ]


def _colors(count: int) -> tuple[str, ...]:
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    if count <= len(COLORS):
        return COLORS[:count]
    return tuple(map(to_hex, colormaps[MAP](np.linspace(0, LIGHTEST, count))))
