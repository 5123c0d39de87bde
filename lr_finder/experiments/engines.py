"""What shares runs out among processes: joblib's loky on one machine, Ray on many.

Workers are processes that are started anew, never forks: one of a process that has
loaded TensorFlow hangs. Each outcome is given back as soon as its run ends.
"""

from __future__ import annotations

import collections
import concurrent.futures
import contextlib
import os
import warnings
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from typing import Any, Protocol

import joblib
from joblib.externals.loky import ProcessPoolExecutor

from lr_finder.data.parts import ThreeParts
from lr_finder.experiments.cluster import (
    check_room,
    connected,
    gpus_of_a_run,
    own_versions,
    refusal,
    work_alike,
)
from lr_finder.experiments.comparison.records import DIED, RunRecord
from lr_finder.experiments.comparison.settings import Task
from lr_finder.experiments.workers import WorkDir, begin, work_for

# A worker whose memory has grown makes room for a new one; its runs are not lost.
warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)

ATTEMPTS = 3  # of a run whose process dies
POLL = 0.2  # s, between two looks at what has ended

Outcomes = Generator[RunRecord | None, None, None]


class Engine(Protocol):
    """Does tasks, until it is closed."""

    work_dir: WorkDir

    def outcomes(self, tasks: Sequence[Task]) -> Outcomes:
        """The record of each task as it ends, and None a few times a second."""

    def running(self) -> list[str]:
        """Keys of the runs that are being made."""

    def ended(self) -> list[RunRecord]:
        """Records of runs that ended, and that nobody took when Ctrl-C came."""

    def close(self) -> None:
        """End all workers."""


class LocalEngine:
    """Processes of this machine, which serve one comparison after the other.

    When a process dies, every run that was being made is tried again, alone: so one
    that kills its process takes no other with it, and two that were too much for the
    memory are made one after the other.

    Args:
        work_dir: WorkDir; its folder exists.
        parts: ThreeParts.
        workers: int >= 1, processes at a time.
    """

    def __init__(self, work_dir: WorkDir, parts: ThreeParts, workers: int):
        self.work_dir, self.workers = work_dir, workers
        joblib.dump(parts, work_dir.data)
        self._pool: ProcessPoolExecutor | None = None
        self._running: dict[Future[RunRecord], Task] = {}

    def outcomes(self, tasks: Sequence[Task]) -> Outcomes:
        """The record of each task as it ends, and None a few times a second.

        Args:
            tasks: sequence of Task, begun in this order.

        Yields:
            RunRecord, or None.
        """
        waiting, alone = collections.deque(tasks), collections.deque[Task]()
        deaths = collections.Counter[str]()
        while waiting or alone or self._running:
            tried = [task for task in self._running.values() if deaths[task.key]]
            at_once = 1 if alone or tried else self.workers
            while (alone or waiting) and len(self._running) < at_once:
                self._start((alone or waiting).popleft())
            ended, _ = concurrent.futures.wait(
                self._running, POLL, concurrent.futures.FIRST_COMPLETED
            )
            for future in ended:
                task = self._running[future]
                try:
                    yield future.result()
                except BrokenExecutor:
                    self._end_pool()
                    deaths[task.key] += 1
                    if deaths[task.key] < ATTEMPTS:
                        alone.append(task)
                    else:
                        yield died(task)
                del self._running[future]  # after who asked has kept its record
            yield None

    def running(self) -> list[str]:
        """Keys of the runs that are being made."""
        return [task.key for task in self._running.values()]

    def ended(self) -> list[RunRecord]:
        """Records of runs that ended, and that nobody took when Ctrl-C came."""
        ended = [future for future in self._running if future.done()]
        return [future.result() for future in ended if not future.exception()]

    def close(self) -> None:
        """End all workers at once, whatever they are doing."""
        self._running.clear()
        self._end_pool()

    def _start(self, task: Task) -> None:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.workers, timeout=None, env=self.work_dir.environment,
                initializer=begin, initargs=(str(self.work_dir.log),),
            )  # fmt: skip
        future = self._pool.submit(
            work_for, os.getpid(), task, self.work_dir, self.work_dir.data
        )
        self._running[future] = task

    def _end_pool(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, kill_workers=True)
        self._pool = None


class RayEngine:
    """Tasks of a Ray cluster, which starts those anew whose process or machine dies.

    Args:
        work_dir: WorkDir.
        parts: ThreeParts, which travels to the machines.
        workers: int >= 1, runs at a time.
        address: str, of the cluster; `"local"` starts one on this machine.

    Raises:
        InputError: If Ray is not installed, this process has a connection already, or
            no machine has the processors for a run.
        LRFinderError: If the cluster does not answer; while runs are made, if a machine
            lacks what it needs.
    """

    def __init__(
        self, work_dir: WorkDir, parts: ThreeParts, workers: int, address: str
    ):
        self.work_dir, self.workers = work_dir, workers
        self._ray = ray = connected(address, workers * work_dir.threads)
        self._running: dict[Any, Task] = {}
        try:
            check_room(ray, work_dir.threads)
            # Each machine fetches these once, for all its runs.
            put = (own_versions(work_dir.backend), work_dir, parts)
            self._versions, self._work_dir, self._data = map(ray.put, put)
            self._work = ray.remote(
                max_retries=ATTEMPTS - 1, num_cpus=work_dir.threads,
                num_gpus=gpus_of_a_run(ray, workers),
                runtime_env={"env_vars": work_dir.environment},
            )(work_alike)  # fmt: skip
        except BaseException:
            self.close()
            raise

    def outcomes(self, tasks: Sequence[Task]) -> Outcomes:
        """The record of each task as it ends, and None a few times a second.

        Args:
            tasks: sequence of Task, begun in this order.

        Yields:
            RunRecord, or None.
        """
        waiting = collections.deque(tasks)
        while waiting or self._running:
            while waiting and len(self._running) < self.workers:
                task = waiting.popleft()
                reference = self._work.remote(
                    self._versions, task, self._work_dir, self._data
                )
                self._running[reference] = task
            ended, _ = self._ray.wait(list(self._running), timeout=POLL)
            for reference in ended:
                try:
                    yield self._ray.get(reference)
                except self._ray.exceptions.RayTaskError as error:
                    raise refusal(error) from error
                except self._ray.exceptions.RayError:
                    yield died(self._running[reference])
                del self._running[reference]
            yield None

    def running(self) -> list[str]:
        """Keys of the runs that are being made."""
        return [task.key for task in self._running.values()]

    def ended(self) -> list[RunRecord]:
        """Records of runs that ended, and that nobody took when Ctrl-C came."""
        references = list(self._running)
        if not references:
            return []
        ended, _ = self._ray.wait(references, num_returns=len(references), timeout=0)
        records = []
        for reference in ended:
            with contextlib.suppress(self._ray.exceptions.RayError):
                records.append(self._ray.get(reference))
        return records

    def close(self) -> None:
        """End what is being made, and leave the cluster."""
        for reference in self._running:
            self._ray.cancel(reference, force=True)
        self._running.clear()
        self._ray.shutdown()


def died(task: Task) -> RunRecord:
    """The row of a run whose process ended, again and again.

    Args:
        task: Task.

    Returns:
        RunRecord.
    """
    message = f"its process ended {ATTEMPTS} times before the training did"
    return RunRecord(task.columns() | {"status": DIED, "message": message})


@contextlib.contextmanager
def started_engine(
    work_dir: WorkDir, parts: ThreeParts, workers: int, cluster: str | None = None
) -> Iterator[Engine]:
    """Begin what does tasks; end it in the end, with all its workers.

    Args:
        work_dir: WorkDir; its folder exists.
        parts: ThreeParts, what is trained on.
        workers: int >= 1, processes at a time.
        cluster: str, address of a Ray cluster; `"local"` starts one on this machine;
            None for processes of this machine.

    Yields:
        Engine.

    Raises:
        InputError: If Ray is not installed.
        LRFinderError: If the cluster does not answer.
    """
    engine: Engine
    if cluster is None:
        engine = LocalEngine(work_dir, parts, workers)
    else:
        engine = RayEngine(work_dir, parts, workers, cluster)
    with contextlib.closing(engine):
        yield engine
