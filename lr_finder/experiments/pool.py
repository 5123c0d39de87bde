"""The tasks of a comparison, done by an engine; each outcome is kept as it comes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.comparison.run_store import RunStore
from lr_finder.experiments.comparison.settings import Task
from lr_finder.experiments.engines import Engine


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a comparison is.

    Args:
        total: int, runs of the whole.
        ended: int, those that ended, now or earlier.
        running: list of dict: `setting`, `seed`, `epochs`, `max_epochs`, `began` (s
            since 1970) of what is being trained, as far as its machine can tell.
        latest: list of RunRecord that ended since the last time.
        seconds_left: float, a guess from those that ended; None before the first.
    """

    total: int
    ended: int
    running: list[dict[str, Any]]
    latest: list[RunRecord]
    seconds_left: float | None


Watch = Callable[[Progress], None]


def run_tasks(
    tasks: Sequence[Task],
    engine: Engine,
    store: RunStore,
    *,
    around: tuple[int, int] = (0, 0),
    watch: Watch | None = None,
) -> None:
    """Do the tasks that a store lacks; each outcome is in the store as soon as it ends.

    Args:
        tasks: sequence of Task, begun in this order.
        engine: Engine.
        store: RunStore.
        around: `(earlier, later)`, runs of the whole before and after these tasks.
        watch: callable, given a Progress a few times a second.
    """
    done = store.final_keys()
    waiting = [task for task in tasks if task.key not in done]
    total, ended = len(tasks) + sum(around), around[0] + len(tasks) - len(waiting)
    monitor = _Monitor(engine, watch, total, ended)
    try:
        for record in engine.outcomes(waiting):
            if record is not None:
                store.add(record)
            monitor.tell(record)
    finally:  # Ctrl-C too, while an outcome was on its way to the store
        for record in engine.ended():
            store.add(record)
    monitor.tell()


class _Monitor:
    """Counts what has ended, and tells who watches."""

    def __init__(self, engine: Engine, watch: Watch | None, total: int, ended: int):
        self.engine, self.watch, self.total, self.ended = engine, watch, total, ended
        self._began, self._made = time.monotonic(), 0

    def tell(self, record: RunRecord | None = None) -> None:
        """Tell what ended, if anything did, and what is being trained."""
        latest = [] if record is None else [record]
        self._made += len(latest)
        self.ended += len(latest)
        if self.watch is None:
            return
        left = None
        if self._made:
            seconds = (time.monotonic() - self._began) / self._made
            left = seconds * (self.total - self.ended)
        running = _told_epochs(self.engine)
        self.watch(Progress(self.total, self.ended, running, latest, left))


def _told_epochs(engine: Engine) -> list[dict[str, Any]]:
    """How far the runs are that are being made, the longest first."""
    told = []
    for key in engine.running():
        with contextlib.suppress(OSError):  # not begun, or on another machine
            told.append(json.loads(engine.work_dir.running(key).read_text()))
    return sorted(told, key=lambda each: each["began"])
