"""What a tuning is doing: shown live on a terminal, elsewhere line by line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from lr_finder.cli.comparing.view import BAR_WIDTH
from lr_finder.results.tuning.tuning_text import shown_paid, shown_values

if TYPE_CHECKING:
    from lr_finder.experiments.tuning.one_search import TuningProgress

TRIALS_SHOWN = 8  # trials, the latest


class TuningView:
    """Shows the trials, the best so far and what is paid.

    A context manager; called with each `TuningProgress`.

    Args:
        names: iterable of str, what is searched.
        is_shown: bool, False for nothing at all.
        console: rich Console; by default standard error.
    """

    def __init__(
        self, names: Any, *, is_shown: bool = True, console: Console | None = None
    ):
        self._console = console or Console(stderr=True)
        self._names, self._is_shown = list(names), is_shown
        self._live: Live | None = None
        self._known: dict[tuple[str, int], int] = {}
        if is_shown and self._console.is_terminal:
            self._live = Live(console=self._console, transient=True)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, progress: TuningProgress) -> None:
        """Show how far the tuning is."""
        if not self._is_shown:
            return
        search = progress.method, progress.seed
        if search not in self._known:
            self._known[search] = len(progress.trials)
            if progress.trials:
                self._tell(f"{_named(progress)}: {len(progress.trials)} trials were "
                           "already there")  # fmt: skip
        if self._live is not None:
            self._live.update(self._drawn(progress))
        elif progress.is_new:
            row = progress.trials[-1]
            self._tell(
                f"{shown_paid(progress.paid)}/{shown_paid(progress.budget)}  "
                f"{_named(progress)}: {self._setting(row)}: {_outcome(row)}"
                f"{self._best(progress)}"
            )

    def _tell(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, highlight=False, markup=False)

    def _setting(self, row: Mapping[str, Any]) -> str:
        return shown_values({name: row[name] for name in self._names if name in row})

    def _best(self, progress: TuningProgress) -> str:
        losses = [row["loss"] for row in progress.trials]
        lowest = min(losses, default=math.inf)
        return f" (best so far {lowest:.4g})" if math.isfinite(lowest) else ""

    def _drawn(self, progress: TuningProgress) -> Group:
        """The picture on a terminal."""
        head = Table.grid(padding=(0, 2, 0, 0))
        bar = ProgressBar(progress.budget, progress.paid, width=BAR_WIDTH)
        paid = f"{shown_paid(progress.paid)} of {shown_paid(progress.budget)} trainings"
        head.add_row(f"Tuning by {_named(progress)}", bar, f"{paid} paid")
        rows = Table(*self._names, "validation loss", box=None, padding=(0, 2, 0, 0))
        lowest = min((row["loss"] for row in progress.trials), default=math.inf)
        for row in progress.trials[-TRIALS_SHOWN:]:
            cells = [shown_values({"": row[name]}).strip() for name in self._names]
            is_best = row["loss"] == lowest and math.isfinite(lowest)
            rows.add_row(*map(escape, cells), escape(_outcome(row)),
                         style="bold" if is_best else None)  # fmt: skip
        parts: list[Any] = [head, rows]
        if progress.values or progress.epoch:
            setting = escape(self._setting(progress.values)) or "sweeping"
            epoch = min(progress.epoch + 1, progress.epochs)
            parts.append(f"  {setting}: epoch {epoch}/{progress.epochs}")
        if math.isfinite(lowest):
            parts.append(f"  best so far: {lowest:.4g}")
        return Group(*parts)


def _named(progress: TuningProgress) -> str:
    return f"{progress.method}, seed {progress.seed}"


def _outcome(row: Mapping[str, Any]) -> str:
    """How a trial ended."""
    if not math.isfinite(row["loss"]):
        return str(row["message"] or row["status"]).replace("_", " ")
    text = f"validation loss {row['loss']:.4g}"
    if row["status"] == "pruned":
        text += ", given up"
    return text + ", then diverged" * (row["status"] == "diverged")
