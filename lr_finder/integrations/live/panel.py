"""The state of a training as a panel of a terminal, and as a line."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lr_finder.integrations.live.shown_state import (
    MEDIAN_OF,
    ShownState,
    clock_in_words,
    course_of,
)
from lr_finder.training.progress import TRAINING

WIDTH = 72  # characters of the panel, or the terminal's if that has fewer
BAR_WIDTH, COURSE_WIDTH = 24, 44  # characters
HEIGHTS = "▁▂▃▄▅▆▇█"


def panel_of(state: ShownState, is_plain: bool = False) -> RenderableType:
    """The panel that a terminal shows.

    Args:
        state: ShownState.
        is_plain: bool, whether the terminal shows no more than ASCII.

    Returns:
        what Rich renders.

    Example:
    >>> from rich.console import Console
    >>> state = ShownState("sweep", total=200)
    >>> state.losses, state.done = [2.0, 1.0], 2
    >>> console = Console(width=60)
    >>> with console.capture() as captured:
    ...     console.print(panel_of(state))
    >>> "median of 2: 1.5" in captured.get()
    True
    """
    rows = Table.grid(padding=(0, 2, 0, 0))
    rows.add_column(style="dim", min_width=15)
    rows.add_column()
    for name, value in _progress_of(state):
        rows.add_row(name, value)
    facts = dict(state.facts())
    median = facts.pop("median", None)
    for name, value in facts.items():
        if name == "loss" and median is not None:
            count = min(MEDIAN_OF, len(state.losses))
            value = Text.assemble(
                (value, "bold"), f"   median of {count}: ", (median, "bold")
            )
        rows.add_row(name, value)
        course = course_of(state.losses, COURSE_WIDTH) if name == "loss" else []
        if len(course) > 1 and not is_plain:
            rows.add_row("", Text(_drawn(course), "cyan"))
    if pattern := state.pattern():
        rows.add_row("pattern so far", Text(pattern, "bold yellow"))
    return Panel(
        Group(rows), title=Text(state.title), title_align="left", width=WIDTH,
        border_style="cyan",
    )  # fmt: skip


def line_of(state: ShownState, is_over: bool = False) -> str:
    """All there is to tell in a line, for where nothing can be drawn anew.

    Args:
        state: ShownState.
        is_over: bool, whether the stage has ended.

    Returns:
        str.

    Example:
    >>> state = ShownState(epoch=3, epochs=20, learning_rate=1e-3)
    >>> state.losses = [0.5]
    >>> line_of(state)
    'epoch 3/20  loss 0.5  learning rate 1e-3'
    """
    if state.stage == TRAINING:
        parts = [f"epoch {state.epoch}/{state.epochs}"]
    else:
        parts = [f"{state.title}: {state.done} of at most {state.total} batches"]
    parts += [f"{name} {value}" for name, value in state.facts()]
    if pattern := state.pattern(is_urgent=True):
        parts.append(pattern)
    left = state.seconds_left()
    if is_over:
        parts.append(f"took {clock_in_words(state.seconds)}")
    elif left is not None and left >= 1:
        parts.append(f"about {clock_in_words(left)} left")
    return "  ".join(parts)


def _progress_of(state: ShownState) -> list[tuple[str, RenderableType]]:
    """The epoch, the batch and the time left."""
    left = state.seconds_left()
    time = f"   about {clock_in_words(left)} left" if left is not None else ""
    if state.stage != TRAINING:
        return [("batch", _bar(state.done, state.total, time))]
    rows: list[tuple[str, RenderableType]] = []
    done = max(state.epoch - (state.batch != state.batches), 0)
    if state.epochs > 1:
        rows.append(("epoch", _bar(done, state.epochs, time, state.epoch)))
        time = ""
    if state.batches:
        rows.append(("batch", _bar(state.batch, state.batches, time)))
    elif state.batch:
        rows.append(("batch", f"{state.batch}{time}"))
    return rows


def _bar(done: int, total: int, after: str, shown: int | None = None) -> Table:
    count = f"{done if shown is None else shown}/{total}"
    bar = Table.grid(padding=(0, 2, 0, 0))
    bar.add_row(ProgressBar(total, done, width=BAR_WIDTH), f"{count}{after}")
    return bar


def _drawn(course: list[float]) -> str:
    last = len(HEIGHTS) - 1
    return "".join(HEIGHTS[round(height * last)] for height in course)
