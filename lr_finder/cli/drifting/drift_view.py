"""How far a simulated deployment is: live on a terminal, elsewhere line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.console import Console

from lr_finder._text import counted

if TYPE_CHECKING:
    from lr_finder.experiments.drift.deployment import DeploymentProgress


class DriftView:
    """Shows the policy that goes on, its rows, alarms and trainings.

    A context manager; called with each `DeploymentProgress`.

    Args:
        is_shown: bool, False for nothing at all.
        console: rich Console; by default standard error.
    """

    def __init__(self, *, is_shown: bool = True, console: Console | None = None):
        self._console = console or Console(stderr=True)
        self._is_shown = is_shown
        self._status = None
        if is_shown and self._console.is_terminal:
            self._status = self._console.status("Training the first model")

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, progress: DeploymentProgress) -> None:
        """Show how far the simulation is."""
        if not self._is_shown:
            return
        text = (
            f"{progress.policy}: {progress.done:,} of {counted(progress.rows, 'row')}, "
            f"{counted(progress.alarms, 'alarm')}, "
            f"{counted(progress.trainings, 'training')}"
        )
        if self._status is not None:
            self._status.update(text)
        if progress.done == progress.rows:
            self._console.print(text, soft_wrap=True, highlight=False, markup=False)
