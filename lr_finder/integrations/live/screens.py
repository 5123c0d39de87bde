"""Where a training is shown: a terminal, a notebook, or lines; which one it is."""

from __future__ import annotations

import sys
import time
from typing import Any, Protocol

from rich.console import Console
from rich.live import Live

from lr_finder.errors import InputError
from lr_finder.integrations.live.notebook_page import page_of
from lr_finder.integrations.live.panel import line_of, panel_of
from lr_finder.integrations.live.shown_state import ShownState
from lr_finder.training.progress import TRAINING

TERMINAL, NOTEBOOK, LINES = "terminal", "notebook", "lines"
PLACES = (TERMINAL, NOTEBOOK, LINES)
PERIODS = {TERMINAL: 0.25, NOTEBOOK: 1.0}  # seconds between two pictures
DRAWING = 0.05  # of the time, that drawing may take


class Screen(Protocol):
    """What a view is shown on."""

    def begin(self, state: ShownState) -> None:
        """A stage begins."""

    def is_due(self) -> bool:
        """Whether it is time for a new picture."""

    def draw(self, state: ShownState) -> None:
        """Show the state in place of what was shown before."""

    def end_epoch(self, state: ShownState) -> None:
        """An epoch has ended."""

    def end(self, state: ShownState) -> None:
        """The stage has ended."""


class _Drawn:
    """A picture that is drawn anew at times, and takes a small share of the time."""

    _period: float

    def __init__(self) -> None:
        self._next = 0.0

    def is_due(self) -> bool:
        """Whether it is time for a new picture."""
        return time.monotonic() >= self._next

    def draw(self, state: ShownState) -> None:
        """Show the state in place of what was shown before."""
        began = time.monotonic()
        self._show(state)
        now = time.monotonic()
        self._next = now + max(self._period, (now - began) / DRAWING)

    def end_epoch(self, state: ShownState) -> None:
        """Show what the epoch has given, when it is time."""
        if self.is_due():
            self.draw(state)

    def _show(self, state: ShownState) -> None:
        raise NotImplementedError


class TerminalScreen(_Drawn):
    """A panel of Rich on a terminal, that stays when the stage has ended.

    Args:
        console: rich Console.
        catches: bool, whether what others print meanwhile is put above the panel; only
            where `end` is sure to be called.

    Example:
    >>> import io
    >>> console = Console(file=io.StringIO(), force_terminal=True, width=60)
    >>> screen = TerminalScreen(console)
    >>> screen.begin(ShownState("sweep", total=200))
    >>> screen.end(ShownState("sweep", total=200))
    """

    _period = PERIODS[TERMINAL]

    def __init__(self, console: Console, catches: bool = False):
        super().__init__()
        self._console, self._catches = console, catches
        self._live: Live | None = None

    def begin(self, state: ShownState) -> None:
        """Draw the panel for the first time."""
        self._live = Live(
            self._panel(state), console=self._console, auto_refresh=False,
            redirect_stdout=self._catches, redirect_stderr=self._catches,
        )  # fmt: skip
        self._live.start(refresh=True)
        if not self._catches:  # an error in `fit` is not told: the cursor must be there
            self._console.show_cursor(True)

    def end(self, state: ShownState) -> None:
        """Draw it for the last time."""
        if self._live is not None:
            self._live.update(self._panel(state), refresh=True)
            self._live.stop()
            self._live = None

    def _show(self, state: ShownState) -> None:
        if self._live is not None:
            self._live.update(self._panel(state), refresh=True)

    def _panel(self, state: ShownState) -> Any:
        return panel_of(state, is_plain=self._console.options.ascii_only)


class NotebookScreen(_Drawn):
    """One display of a notebook, updated in place."""

    _period = PERIODS[NOTEBOOK]

    def begin(self, state: ShownState) -> None:
        """Make the display."""
        from IPython.display import HTML, display

        self._html = HTML
        self._display = display(HTML(page_of(state)), display_id=True)

    def end(self, state: ShownState) -> None:
        """Show the last state."""
        self._show(state)

    def _show(self, state: ShownState) -> None:
        if self._display is not None:  # None outside of a notebook
            self._display.update(self._html(page_of(state)))


class LineScreen:
    """A line for each epoch, and for each sweep and verification that has ended.

    Args:
        console: rich Console.

    Example:
    >>> screen = LineScreen(Console())
    >>> screen.is_due()
    False
    """

    def __init__(self, console: Console):
        self._console = console

    def begin(self, state: ShownState) -> None:
        """Say whose training begins: its lines do not."""
        if state.stage == TRAINING and state.label and state.is_named:
            self._print(state.title)

    def is_due(self) -> bool:
        """Never: what is printed stays."""
        return False

    def draw(self, state: ShownState) -> None:
        """Nothing."""

    def end_epoch(self, state: ShownState) -> None:
        """Print what the epoch has given."""
        self._print(line_of(state))

    def end(self, state: ShownState) -> None:
        """Print what the stage has given; a training has told it by its epochs."""
        if state.stage != TRAINING and state.losses:
            self._print(line_of(state, is_over=True))

    def _print(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, highlight=False, markup=False)


def place_of(console: Console) -> str:
    """Where this program runs.

    Args:
        console: rich Console that would be printed on.

    Returns:
        str, one of `PLACES`.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is not None:
        return NOTEBOOK
    # In a notebook Rich calls its console a terminal as well.
    return TERMINAL if console.is_terminal and not console.is_dumb_terminal else LINES


def check_place(place: str) -> None:
    """Raise `InputError` unless a view can be shown in a place.

    Args:
        place: str, `"auto"` or one of `PLACES`.

    Raises:
        InputError: If it is neither, or a notebook's library is not installed.
    """
    if place not in ("auto", *PLACES):
        names = ", ".join(f'"{name}"' for name in PLACES)
        raise InputError(
            f'Argument `place` must be "auto" or one of {names}. Received: '
            f"place={place!r:.50}."
        )
    if place == NOTEBOOK:
        try:
            import IPython.display  # noqa: F401
        except ImportError:
            raise InputError(
                "The display of a notebook needs IPython. Install it with: pip install "
                '"lr_finder[notebooks]"'
            ) from None


def screen_for(place: str, console: Console, catches: bool) -> Screen:
    """The screen for a place.

    Args:
        place: str, `"auto"` or one of `PLACES`.
        console: rich Console.
        catches: bool, as `TerminalScreen` takes it.

    Returns:
        Screen.
    """
    if place == "auto":
        place = place_of(console)
    if place == TERMINAL:
        return TerminalScreen(console, catches)
    return NotebookScreen() if place == NOTEBOOK else LineScreen(console)
