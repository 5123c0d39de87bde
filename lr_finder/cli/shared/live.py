"""The live view of a command: on standard error, unless it is to be quiet."""

from __future__ import annotations

from rich.console import Console

from lr_finder.integrations.live.monitor import LiveMonitor
from lr_finder.training.progress import TRAINING, Progress


class _Epochs(LiveMonitor):
    """Off a terminal: a line for each epoch of a training, none for a search."""

    def __call__(self, told: Progress) -> None:
        if told.stage == TRAINING:
            super().__call__(told)


def is_shown(*, quiet: bool, as_json: bool) -> bool:
    """Whether a command shows how far it is: with `--json` only in a terminal.

    Args:
        quiet: bool, whether nothing is to be shown.
        as_json: bool, whether a program may read what is printed.

    Returns:
        bool.

    Example:
    >>> is_shown(quiet=True, as_json=False), is_shown(quiet=False, as_json=False)
    (False, True)
    """
    return not quiet and (not as_json or Console(stderr=True).is_terminal)


def shown_live(label: str = "", *, is_shown: bool = True) -> LiveMonitor | None:
    """What shows the sweep, the verification and the training of a command.

    In a terminal it is a panel, elsewhere a line for each epoch of a training.

    Args:
        label: str, whose they are: the name of a model.
        is_shown: bool, False for nothing at all.

    Returns:
        LiveMonitor, to be told of the progress; or None.

    Example:
    >>> shown_live(is_shown=False) is None
    True
    """
    if not is_shown:
        return None
    console = Console(stderr=True)
    shown = LiveMonitor if console.is_terminal else _Epochs
    return shown(label=label, console=console)
