"""What a comparison is doing: shown live on a terminal, elsewhere line by line."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from lr_finder._text import format_rate
from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.pool import Progress
from lr_finder.integrations.live.shown_state import ShownState

BAR_WIDTH = 30  # characters


class ComparisonView:
    """Shows what is trained and its epoch, the best so far, and the time left.

    A context manager; called with each `Progress`.

    Args:
        metric: `"accuracy"` or `"loss"`, of the validation part.
        is_shown: bool, False for nothing at all.
        console: rich Console; by default standard error.
        opening: sequence of str, lines shown before the first run: the plan.
        of: str, what the rows of the validation part are called.

    Attributes:
        made: int, runs that ended since it began.
        total: int, runs of the whole, those of earlier calls among them.
    """

    def __init__(
        self,
        metric: str,
        *,
        is_shown: bool = True,
        console: Console | None = None,
        opening: Sequence[str] = (),
        of: str = "validation",
    ):
        self._console = console or Console(stderr=True)
        self._metric, self._is_shown, self._of = metric, is_shown, of
        self._best: RunRecord | None = None
        self._opening = list(opening)
        self.made = self.total = 0
        self._live: Live | None = None
        if is_shown and self._console.is_terminal:
            self._live = Live(console=self._console, transient=True)

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, kind: object = None, *exception: object) -> None:
        if self._live is not None:
            self._live.stop()
        there = self.total - self.made
        if kind is None and there:
            were = "was" if self.total == 1 else "were"
            self._tell(f"{there} of {self.total} runs {were} already there")

    def __call__(self, progress: Progress) -> None:
        """Show how far the comparison is."""
        while self._opening:
            self._tell(self._opening.pop(0))
        self.total = progress.total
        self.made += len(progress.latest)
        for record in progress.latest:
            if self._is_better(record):
                self._best = record
        if self._live is not None:
            self._live.update(self._drawn(progress))
        elif self._is_shown:
            for record in progress.latest:
                told = _told(record, self._metric, self._of)
                place = f"{progress.ended}/{progress.total}"
                self._tell(f"{place}  {told}{_left(progress)}")

    def _tell(self, text: str) -> None:
        """A line that stays, also above what is drawn live."""
        if self._is_shown:
            self._console.print(text, soft_wrap=True, highlight=False, markup=False)

    def _is_better(self, record: RunRecord) -> bool:
        value = record.values[f"val_{self._metric}"]
        if record.values["status"] != "finished" or not math.isfinite(value):
            return False
        if self._best is None:
            return True
        best = self._best.values[f"val_{self._metric}"]
        return value > best if self._metric == "accuracy" else value < best

    def _drawn(self, progress: Progress) -> Group:
        """The picture on a terminal."""
        head = Table.grid(padding=(0, 2, 0, 0))
        bar = ProgressBar(progress.total, progress.ended, width=BAR_WIDTH)
        head.add_row("Comparing", bar, f"{progress.ended}/{progress.total} runs"
                     f"{_left(progress)}")  # fmt: skip
        rows = Table.grid(padding=(0, 2, 0, 0))
        for each in progress.running:
            rows.add_row(
                f"  {escape(each['setting'])}, seed {each['seed']}",
                f"epoch {min(each['epochs'] + 1, each['max_epochs'])}"
                f"/{each['max_epochs']}",
                str(datetime.timedelta(seconds=round(time.time() - each["began"]))),
                _latest(each.get("latest", {})),
            )
        parts: list[Any] = [head, rows]
        if self._best is not None:
            best = escape(_told(self._best, self._metric, self._of))
            parts.append(f"  best so far: {best}")
        return Group(*parts)


def _told(record: RunRecord, metric: str, of: str) -> str:
    """A run in a line."""
    values = record.values
    rate = f"rate {values['rate']}"
    if values["rate"] == "found" and math.isfinite(values["learning_rate"]):
        rate += f" {format_rate(values['learning_rate'])}"
    setting = f"{values['optimizer']}, {rate}, batch size {values['batch_size']}"
    for name in ("initializer", "model"):
        if values[name] != "default":
            setting += f", {values[name]}"
    score = values[f"val_{metric}"]
    outcome = f"{of} {metric} {score:.4g}"
    if values["status"] != "finished":
        outcome = values["status"].replace("_", " ")
        outcome += f": {values['message']}" if values["message"] else ""
    return f"{setting}, seed {values['seed']}: {outcome}"


def _latest(values: Mapping[str, float]) -> str:
    """The losses of the last epoch and its rate, in the words of the live view."""
    state = ShownState(learning_rate=values.get("learning_rate"))
    state.end_epoch({n: values[n] for n in ("loss", "val_loss") if n in values})
    return "  ".join(f"{name} {value}" for name, value in state.facts())


def _left(progress: Progress) -> str:
    """The time left, where it can be told."""
    if progress.seconds_left is None or progress.ended == progress.total:
        return ""
    left = datetime.timedelta(seconds=round(progress.seconds_left))
    return f"  about {left} left"
