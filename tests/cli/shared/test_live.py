"""What a command shows live: a panel, lines for epochs, or nothing."""

import io

import pytest
from rich.console import Console

from lr_finder.cli.shared import live
from lr_finder.cli.shared.live import is_shown, shown_live
from lr_finder.training.progress import SWEEP, TRAINING, VERIFICATION, Progress


@pytest.fixture
def console(monkeypatch, is_terminal):
    """What takes the place of standard error."""
    console = Console(file=io.StringIO(), force_terminal=is_terminal, width=100)
    monkeypatch.setattr(live, "Console", lambda **_: console)
    return console


@pytest.mark.parametrize(
    ("is_terminal", "quiet", "as_json", "shown"),
    [
        (True, False, False, True),
        (True, False, True, True),
        (False, False, False, True),
        (False, False, True, False),  # a program reads it
        (True, True, False, False),
        (True, True, True, False),
    ],
)
def test_where_it_is_shown(console, quiet, as_json, shown):
    assert is_shown(quiet=quiet, as_json=as_json) == shown


def stages():
    """Of each stage its start, a step and its end."""
    for stage in (SWEEP, VERIFICATION, TRAINING):
        for done in (0, 1):
            losses = {"loss": 0.5} if done else {}
            yield Progress(stage, done, 2, 0.1, losses)
        yield Progress(stage, 1, 2, 0.1, {"loss": 0.5}, is_over=True)


@pytest.mark.parametrize("is_terminal", [False])
def test_off_a_terminal_there_is_a_line_for_each_epoch_and_none_for_a_search(console):
    view = shown_live("mine")
    for told in stages():
        view(told)
    assert console.file.getvalue().splitlines() == [
        "Training mine", "epoch 1/2  loss 0.5  learning rate 0.1",
    ]  # fmt: skip


@pytest.mark.parametrize("is_terminal", [True])
def test_on_a_terminal_every_stage_is_drawn(console):
    view = shown_live("mine")
    for told in stages():
        view(told)
    drawn = console.file.getvalue()
    for title in ("Sweeping mine", "Verifying mine", "Training mine"):
        assert title in drawn


def test_nothing_is_shown_if_nobody_wants_it():
    assert shown_live("mine", is_shown=False) is None
