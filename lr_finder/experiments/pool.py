"""The tasks of a comparison done by several workers, each outcome kept as it comes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import joblib

from lr_finder.errors import InputError, LRFinderError
from lr_finder.experiments.comparison.records import RunRecord
from lr_finder.experiments.comparison.settings import Task
from lr_finder.experiments.store import RunStore
from lr_finder.experiments.workers import (
    ATTEMPTS,
    ENDED,
    RUNNING,
    WorkDir,
    end_workers,
    supervise,
)

LOCAL = "threading"  # joblib's backend of supervisors in this process
POLL = 0.2  # s, between two looks at what has ended


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far a comparison is.

    Args:
        total: int, runs of the whole.
        ended: int, those that ended, now or earlier.
        running: list of dict: `setting`, `seed`, `epochs`, `max_epochs`, `began` (s
            since 1970) of what is being trained.
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
    work_dir: WorkDir,
    store: RunStore,
    *,
    workers: int,
    backend: str = LOCAL,
    around: tuple[int, int] = (0, 0),
    watch: Watch | None = None,
) -> None:
    """Do the tasks that a store lacks; each outcome is in the store as soon as it ends.

    Args:
        tasks: sequence of Task, done in this order.
        work_dir: WorkDir; its folder exists, with the data in it.
        store: RunStore.
        workers: int >= 1, processes at a time.
        backend: str, joblib's backend under which supervisors run, see `backend_of`.
        around: `(earlier, later)`, runs of the whole before and after these tasks.
        watch: callable, given a Progress a few times a second.

    Raises:
        LRFinderError: If supervisors die again and again before a run has ended.
    """
    for name in (ENDED, RUNNING):
        (work_dir.folder / name).mkdir(parents=True, exist_ok=True)
    for file in (
        work_dir.folder / RUNNING
    ).iterdir():  # of a comparison that was killed
        file.unlink()
    _collect(work_dir, store)
    done = store.final_keys()
    waiting = [task for task in tasks if task.key not in done]
    ended = around[0] + len(tasks) - len(waiting)
    monitor = _RunMonitor(work_dir, store, waiting, ended, around[1], watch)
    failures = 0
    while monitor.waiting:
        before = len(monitor.waiting)
        error = _submit(backend, workers, monitor)
        failures = failures + 1 if len(monitor.waiting) == before else 0
        if failures == ATTEMPTS:
            raise LRFinderError(
                f"A supervisor of trainings must live until one has ended. Received: "
                f"{type(error).__name__}: {error}, {ATTEMPTS} times. Call again with "
                "fewer workers: what has ended is kept."
            ) from error
    monitor.update()


class _RunMonitor:
    """What waits, what has ended, and how long that took."""

    def __init__(
        self,
        work_dir: WorkDir,
        store: RunStore,
        tasks: list[Task],
        ended: int,
        later: int,
        watch: Watch | None,
    ):
        self.work_dir, self.store, self.later, self.watch = (
            work_dir,
            store,
            later,
            watch,
        )
        self.waiting = {task.key: task for task in tasks}
        self.ended = ended
        self._began, self._made = time.monotonic(), 0

    def update(self) -> None:
        """Collect what has ended, and tell."""
        latest = _collect(self.work_dir, self.store)
        for record in latest:
            self._made += self.waiting.pop(record.key, None) is not None
        if self.watch is None:
            return
        ended, waiting = self.ended + self._made, len(self.waiting) + self.later
        left = None
        if self._made:
            left = (time.monotonic() - self._began) / self._made * waiting
        running = _running(self.work_dir)
        self.watch(Progress(ended + waiting, ended, running, latest, left))


def _submit(backend: str, workers: int, monitor: _RunMonitor) -> BaseException | None:
    """Have what waits done, and collect meanwhile; give back what ended it early."""
    stopped, errors = threading.Event(), []
    tasks, work_dir = list(monitor.waiting.values()), monitor.work_dir
    # An event does not travel to another machine.
    is_stopped = stopped.is_set if backend == LOCAL else None

    def submit() -> None:
        try:
            with joblib.parallel_config(backend, n_jobs=workers):
                joblib.Parallel(batch_size=1, pre_dispatch="n_jobs")(
                    joblib.delayed(supervise)(task, work_dir, is_stopped)
                    for task in tasks
                )
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=submit, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            monitor.update()
            thread.join(POLL)
    finally:  # Ctrl-C too
        stopped.set()
        while thread.is_alive() and is_stopped is not None:
            end_workers()
            thread.join(POLL)
        monitor.update()
    return errors[0] if errors else None


@contextlib.contextmanager
def backend_of(cluster: str | None, processors: int) -> Iterator[str]:
    """Begin what supervisors run on; end it in the end.

    Args:
        cluster: str, address of a Ray cluster; `"local"` starts one on this machine;
            None for threads of this process.
        processors: int >= 1, of a cluster that is started.

    Yields:
        str, the name of joblib's backend.

    Raises:
        InputError: If Ray is not installed.
        LRFinderError: If the cluster does not answer.
    """
    if cluster is None:
        yield LOCAL
        return
    try:
        import ray
        from ray.util.joblib import register_ray
    except ImportError as error:
        raise InputError(
            "Argument `cluster` needs Ray. Received: an installation without it. "
            'Install it with: pip install "lr_finder[cluster]"'
        ) from error
    options: dict[str, Any] = {"address": cluster}
    if cluster == "local":
        options |= {"num_cpus": processors, "include_dashboard": False}
    try:
        ray.init(**options, log_to_driver=False, logging_level="error")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise LRFinderError(
            f"Argument `cluster` must be the address of a Ray cluster that runs. "
            f"Received: cluster={cluster!r} ({error}). Start it with `ray start`, or "
            "give the word local."
        ) from error
    try:
        register_ray()
        yield "ray"
    finally:
        ray.shutdown()


def _collect(work_dir: WorkDir, store: RunStore) -> list[RunRecord]:
    """Move the outcomes that lie in the folder into the store."""
    records = []
    # A hidden file is one that is being written.
    for path in sorted((work_dir.folder / ENDED).glob("[!.]*.json")):
        record = RunRecord.load(path)
        store.add(record)
        path.unlink()
        records.append(record)
    return records


def _running(work_dir: WorkDir) -> list[dict[str, Any]]:
    """What is being trained, the longest first."""
    running = []
    for path in (work_dir.folder / RUNNING).glob("[!.]*.json"):
        with contextlib.suppress(OSError):  # ended meanwhile
            running.append(json.loads(path.read_text()))
    return sorted(running, key=lambda each: each["began"])
