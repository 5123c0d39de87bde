"""Where a training is shown, and how often."""

import io
import sys
import types

import pytest
from rich.console import Console

from lr_finder.errors import InputError
from lr_finder.integrations.live import screens
from lr_finder.integrations.live.screens import (
    NotebookScreen,
    TerminalScreen,
    check_place,
    place_of,
    screen_for,
)
from lr_finder.integrations.live.shown_state import ShownState

STATE = ShownState("sweep", total=10)


def console(is_terminal):
    return Console(file=io.StringIO(), force_terminal=is_terminal, width=80)


def test_it_finds_out_where_it_runs(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert place_of(console(True)) == "terminal"
    assert place_of(console(False)) == "lines"
    monkeypatch.setenv("TERM", "dumb")
    assert place_of(console(True)) == "lines"
    shell = types.SimpleNamespace()  # IPython in a terminal
    module = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", module)
    assert place_of(console(False)) == "lines"
    shell.kernel = object()  # that of a notebook
    assert place_of(console(False)) == place_of(console(True)) == "notebook"
    assert isinstance(screen_for("auto", console(True), False), NotebookScreen)


def test_a_notebook_has_one_display_that_is_updated(monkeypatch):
    display = pytest.importorskip("IPython.display")
    shown, updated = [], []
    handle = types.SimpleNamespace(update=lambda page: updated.append(page.data))

    def show(page, *, display_id):
        shown.append((page.data, display_id))
        return handle

    monkeypatch.setattr(display, "display", show)
    screen, state = NotebookScreen(), ShownState(label="<b>", epoch=1, epochs=2)
    screen.begin(state)
    state.epoch = 2
    screen.draw(state)
    screen.end(state)
    ((first, display_id),) = shown
    assert display_id is True and len(updated) == 2
    assert "1/2" in first and "2/2" in updated[1]
    assert "Training &lt;b&gt;" in first and "http" not in first


def test_drawing_takes_a_small_share_of_the_time(monkeypatch):
    now, cost = [0.0], 0.1

    class Slow(TerminalScreen):
        def _show(self, state):
            now[0] += cost

    monkeypatch.setattr(screens.time, "monotonic", lambda: now[0])
    screen = Slow(console(True))
    screen.draw(STATE)
    assert not screen.is_due()
    now[0] = cost + cost / screens.DRAWING - 1e-6
    assert not screen.is_due()
    now[0] += 2e-6
    assert screen.is_due()


def test_places_that_there_are_not_are_refused(monkeypatch):
    with pytest.raises(InputError, match='`place` must be "auto" or one of "terminal"'):
        check_place("page")
    monkeypatch.setitem(sys.modules, "IPython.display", None)
    with pytest.raises(InputError, match=r"pip install \"lr_finder\[notebooks\]\""):
        check_place("notebook")
