"""The state of a training as HTML for a notebook: a table and a small curve."""

from __future__ import annotations

import base64
import html

from lr_finder.integrations.live.shown_state import (
    ShownState,
    clock_in_words,
    course_of,
)
from lr_finder.training.progress import TRAINING

POINTS, WIDTH, HEIGHT = 120, 360, 90  # of the curve; CSS pixels
MARGIN = 4
ORANGE, GREY = "#d55e00", "#888888"  # seen on white and on black


def page_of(state: ShownState) -> str:
    """The HTML that a notebook shows.

    Args:
        state: ShownState.

    Returns:
        str, one element without scripts and requests.

    Example:
    >>> state = ShownState(label="<mine>", epoch=1, epochs=2)
    >>> "Training &lt;mine&gt;" in page_of(state), "<script" in page_of(state)
    (True, False)
    """
    rows = [*_progress_of(state), *state.facts()]
    if pattern := state.pattern():
        rows.append(("pattern so far", pattern))
    left = state.seconds_left()
    if left is not None:
        rows.append(("time left", f"about {clock_in_words(left)}"))
    cells = "".join(
        f'<div style="opacity:.7">{html.escape(name)}</div>'
        f"<div>{html.escape(value)}</div>"
        for name, value in rows
    )
    return (
        '<div style="font-family:system-ui,sans-serif;font-size:13px;max-width:48em">'
        f"<div><b>{html.escape(state.title)}</b></div>{_bar(state)}"
        '<div style="display:flex;flex-wrap:wrap;gap:1.5em;align-items:start">'
        '<div style="display:grid;grid-template-columns:auto auto;'
        f'column-gap:1em;font-variant-numeric:tabular-nums">{cells}</div>'
        f"{_curve(state)}</div></div>"
    )


def _progress_of(state: ShownState) -> list[tuple[str, str]]:
    if state.stage != TRAINING:
        return [("batch", f"{state.done}/{state.total}")]
    batches = f"/{state.batches}" if state.batches else ""
    return [
        ("epoch", f"{state.epoch}/{state.epochs}"),
        ("batch", f"{state.batch}{batches}"),
    ]


def _bar(state: ShownState) -> str:
    """How far it is; nothing if that is not known."""
    share = state.share_done
    if share is None:
        return ""
    return (
        f'<div style="height:4px;margin:4px 0;background:{GREY}55;border-radius:2px">'
        f'<div style="height:4px;width:{100 * share:.1f}%;background:{ORANGE};'
        'border-radius:2px"></div></div>'
    )


def _curve(state: ShownState) -> str:
    """The course of the loss, as a picture that JupyterLab does not strip."""
    course = course_of(state.losses, POINTS)
    if len(course) < 2:
        return ""
    step = (WIDTH - 2 * MARGIN) / (len(course) - 1)
    points = " ".join(
        f"{MARGIN + i * step:.1f},{MARGIN + (1 - y) * (HEIGHT - 2 * MARGIN):.1f}"
        for i, y in enumerate(course)
    )
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">'
        f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}" fill="none" '
        f'stroke="{GREY}" stroke-opacity=".5"/>'
        f'<polyline fill="none" stroke="{ORANGE}" stroke-width="1.5" '
        f'points="{points}"/></svg>'
    )
    data = base64.b64encode(drawn.encode()).decode()
    return (
        f'<img alt="course of the loss" width="{WIDTH}" height="{HEIGHT}" '
        f'src="data:image/svg+xml;base64,{data}">'
    )
