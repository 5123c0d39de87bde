"""A small picture for a notebook: a few lines of SVG that any page can hold.

An image knows nothing of the page around it: so there is no background, and all colours
are seen on white as on black.
"""

from __future__ import annotations

import dataclasses
from html import escape

import numpy as np

from lr_finder.plots.style import LOG_FROM_RATIO

WIDTH, HEIGHT, BELOW = 420, 150, 22  # pixels; below the lines stand words
MOST_POINTS = 120  # of a line
GREY, FAINT, ORANGE = "#7f8c99", "#9aa5b1", "#e0772f"
LOG_SCALE = (  # what is said of heights over decades
    f'<text x="4" y="{HEIGHT - 8}" fill="{GREY}" '
    'font-family="sans-serif" font-size="11">log scale</text>'
)
EDGE = 4.0  # pixels above and below the lines


@dataclasses.dataclass(frozen=True, eq=False)
class Line:
    """A line of a sketch.

    Args:
        x: float array (n,).
        y: float array (n,); values that are not finite break no line, they are left
            out.
        is_main: bool, whether it is what the sketch is about.
    """

    x: np.ndarray
    y: np.ndarray
    is_main: bool = True


@dataclasses.dataclass(frozen=True, eq=False)
class Sketch:
    """What is sketched.

    Args:
        lines: tuple of Line; the main ones set the height that is shown.
        is_log: bool, whether the x axis is logarithmic.
        band: `(low, high)`, a range of x that is shaded, or None.
        mark: float, an x that a line stands at, or None.
        below: tuple of three str: at the left end, at the mark or the middle, at the
            right end.
    """

    lines: tuple[Line, ...]
    is_log: bool = False
    band: tuple[float, float] | None = None
    mark: float | None = None
    below: tuple[str, str, str] = ("", "", "")


def svg(sketch: Sketch) -> str:
    """The SVG of a sketch.

    Args:
        sketch: Sketch.

    Returns:
        str, of one or two thousand characters; empty if no line has two points.

    Example:
    >>> line = Line(np.arange(3.0), np.array([2.0, 1.0, 1.5]))
    >>> svg(Sketch((line,))).count("<polyline")
    1
    """
    drawn = [_thinned(line) for line in sketch.lines]
    drawn = [line for line in drawn if len(line.x) > 1]
    if not any(line.is_main for line in drawn):
        return ""
    across = _scale(
        np.concatenate([line.x for line in drawn]), 0.0, WIDTH, sketch.is_log
    )
    heights = np.concatenate([line.y for line in drawn if line.is_main])
    is_log = bool(heights.min() > 0 and heights.max() > LOG_FROM_RATIO * heights.min())
    up = _scale(heights, HEIGHT - EDGE, EDGE, is_log)
    parts = [_band(sketch, across), LOG_SCALE if is_log else ""]
    for line in sorted(drawn, key=lambda each: each.is_main):
        shown = np.maximum(line.y, heights.min()) if is_log else line.y
        points = zip(across(line.x), np.clip(up(shown), 0, HEIGHT), strict=True)
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        color, width = (GREY, 2) if line.is_main else (FAINT, 0.7)
        parts.append(
            f'<polyline points="{text}" fill="none" stroke="{color}" '
            f'stroke-width="{width}"/>'
        )
    parts += [_mark(sketch, across), _words(sketch, across)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{HEIGHT + BELOW}" viewBox="0 0 {WIDTH} {HEIGHT + BELOW}">'
        f"{''.join(parts)}</svg>"
    )


def _thinned(line: Line) -> Line:
    """A line of fewer points, its first and last among them."""
    x, y = np.asarray(line.x, dtype=float), np.asarray(line.y, dtype=float)
    kept = np.isfinite(x) & np.isfinite(y)
    x, y = x[kept], y[kept]
    places = np.linspace(0, max(len(x) - 1, 0), min(len(x), MOST_POINTS)).astype(int)
    return Line(x[places], y[places], line.is_main)


def _scale(values: np.ndarray, first: float, last: float, is_log: bool = False):
    """A function from values to pixels."""
    forward = np.log if is_log else np.asarray
    low, high = forward(values.min()), forward(values.max())
    span = float(high - low) or 1.0

    def pixels(value):
        return first + (last - first) * (forward(value) - low) / span

    return pixels


def _band(sketch: Sketch, across) -> str:
    if sketch.band is None:
        return ""
    left, right = np.clip([across(end) for end in sketch.band], 0, WIDTH)
    return (
        f'<rect x="{left:.1f}" y="0" width="{max(right - left, 0):.1f}" '
        f'height="{HEIGHT}" fill="{ORANGE}" fill-opacity="0.22"/>'
    )


def _mark(sketch: Sketch, across) -> str:
    base = f'<path d="M0 {HEIGHT}H{WIDTH}" stroke="{FAINT}"/>'
    if sketch.mark is None:
        return base
    x = f"{np.clip(across(sketch.mark), 0, WIDTH):.1f}"
    return f'{base}<path d="M{x} 0V{HEIGHT}" stroke="{ORANGE}" stroke-width="2"/>'


def _words(sketch: Sketch, across) -> str:
    """What stands below: at the left, at the mark, at the right."""
    middle = WIDTH / 2 if sketch.mark is None else float(across(sketch.mark))
    middle = min(max(middle, 0.25 * WIDTH), 0.75 * WIDTH)
    places = (("start", 0.0, GREY), ("middle", middle, ORANGE), ("end", WIDTH, GREY))
    return "".join(
        f'<text x="{x:.0f}" y="{HEIGHT + 16}" text-anchor="{anchor}" fill="{color}" '
        f'font-family="sans-serif" font-size="12">{escape(text)}</text>'
        for text, (anchor, x, color) in zip(sketch.below, places, strict=True)
        if text
    )
