"""Figures become the bytes that a page holds: the same bytes each time."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lr_finder.plots.style import draw_into, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT = 6.6, 5.4  # inches: its letters can be read on a phone
SCREEN_DPI, PRINT_DPI = 150, 200  # dots per inch of a figure that is no SVG
COLOURS = 64  # of such a figure: lines and letters need no more
LARGEST_SVG = 110_000  # bytes; a figure of more points is dots
ROOM = 400_000  # bytes of all figures together: in base64 a third more
SVG, PNG = "image/svg+xml", "image/png"
SVG_DATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A figure in a file.

    Args:
        media_type: str.
        content: bytes.
        width: float, inches.
        height: float, inches.
    """

    media_type: str
    content: bytes
    width: float = WIDTH
    height: float = HEIGHT


def pictures(
    draws: Mapping[str, Callable[[Axes], object]], *, is_printed: bool = False
) -> dict[str, Drawn]:
    """All figures of a result.

    Args:
        draws: mapping of name -> callable that draws on matplotlib Axes, the most
            telling first: those for which there is no room any more are left out.
        is_printed: bool, whether they are for paper: then all are dots, and there is
            room for all.

    Returns:
        dict of name -> Drawn.

    Example:
    >>> draws = {"line": lambda ax: ax.plot([1, 2])}
    >>> pictures(draws)["line"].media_type, pictures(draws) == pictures(draws)
    ('image/svg+xml', True)
    """
    if is_printed:
        return {name: _dots(_figure(draw), PRINT_DPI) for name, draw in draws.items()}
    found: dict[str, Drawn] = {}
    room = ROOM
    for name, draw in draws.items():
        drawn = _for_screen(name, _figure(draw), min(LARGEST_SVG, room))
        if len(drawn.content) <= room:
            found[name] = drawn
            room -= len(drawn.content)
    return found


def _figure(draw: Callable[[Axes], object]) -> Figure:
    figure = new_figure(WIDTH, HEIGHT)
    draw(figure.subplots())
    return figure


def _for_screen(name: str, figure: Figure, largest: int) -> Drawn:
    """An SVG, or dots if that is too large."""
    import matplotlib

    file = io.BytesIO()
    # The salt in place of chance, letters as paths: no font needs to be there.
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        draw_into(figure, file, format="svg", metadata=SVG_DATA, transparent=True)
    content = re.sub(rb"\s+", b" ", file.getvalue()).replace(b"> <", b"><")
    return Drawn(SVG, content) if len(content) <= largest else _dots(figure, SCREEN_DPI)


def _dots(figure: Figure, dots_per_inch: int) -> Drawn:
    """A PNG of few colours, without dates."""
    from PIL import Image

    file, small = io.BytesIO(), io.BytesIO()
    draw_into(figure, file, format="png", dpi=dots_per_inch)
    picture = Image.open(file).convert("RGB")
    picture = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(small, "PNG", optimize=True)
    return Drawn(PNG, small.getvalue())
