"""Trainings shared out among processes: started, watched, started again if one dies.

Each worker is a process of its own that joblib's loky starts anew, never a fork: one of
a process that has loaded TensorFlow hangs. A supervisor waits for it: a thread of this
process, or an actor of Ray on a cluster. A worker that dies takes its run with it and
nothing else, and its supervisor starts another.

What a run gave is written to a folder by the worker, whole or not at all, and collected
there: so nothing that ended is lost when this process is killed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import signal
import threading
import time
import warnings
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import (
    BrokenProcessPool,
    ShutdownExecutorError,
)

from lr_finder._own_lines import own_line
from lr_finder.errors import LRFinderError
from lr_finder.experiments.comparison.records import DIED, FAILED, RunRecord
from lr_finder.experiments.comparison.settings import Task

# A worker whose memory has grown makes room for a new one; its runs are not lost.
warnings.filterwarnings("ignore", "A worker stopped while some jobs", UserWarning)

ATTEMPTS = 3  # of a run whose process dies
HEARTBEAT = 1.0  # s, between two looks at whether the supervisor lives
ENDED, RUNNING = "ended", "running"  # folders in that of the trainings

# Processes of this one: all, and those that wait, each with the folder it is for.
_ALL: list[ProcessPoolExecutor] = []
_IDLE: list[tuple[WorkDir, ProcessPoolExecutor]] = []


@dataclasses.dataclass(frozen=True)
class WorkDir:
    """Where workers find what they need, and leave what they made.

    Args:
        folder: Path, one that all workers reach.
        threads: int >= 1, that each worker computes with.
        builders: bytes, the pickled dict of model name -> function that builds it.
        backend: str, that of Keras: the same on every machine.
    """

    folder: Path
    threads: int
    builders: bytes
    backend: str = "tensorflow"

    @property
    def data(self) -> Path:
        """The file of the data, which workers map into memory."""
        return self.folder / "data.joblib"

    @property
    def log(self) -> Path:
        """The file of what workers print."""
        return self.folder / "workers.log"

    def ended(self, key: str) -> Path:
        """The file of a run that ended."""
        return self.folder / ENDED / f"{key}.json"

    def running(self, key: str) -> Path:
        """The file that tells how far a run is."""
        return self.folder / RUNNING / f"{key}.json"

    @property
    def environment(self) -> dict[str, str]:
        """Variables of a worker: its threads, and memory of a GPU taken as needed."""
        names = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS",
                 "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")  # fmt: skip
        usual = {
            "TF_FORCE_GPU_ALLOW_GROWTH": "true",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        chosen = {name: os.environ.get(name, value) for name, value in usual.items()}
        threads = dict.fromkeys(names, str(self.threads))
        return chosen | threads | {"KERAS_BACKEND": self.backend}


def supervise(task: Task, work_dir: WorkDir, is_stopped: Any = None) -> None:
    """Have a worker do a task, and again if it dies; its outcome lies in a file.

    Args:
        task: Task.
        work_dir: WorkDir.
        is_stopped: callable without arguments, whether nothing more is wanted; or None.
    """
    for _ in range(ATTEMPTS):
        if is_stopped is not None and is_stopped():
            return
        worker = _idle_worker(work_dir)
        try:
            worker.submit(work, task, work_dir, os.getpid()).result()
        except (BrokenProcessPool, ShutdownExecutorError):  # died, or was ended
            _end(worker)
        else:
            _IDLE.append((work_dir, worker))
            return
    if is_stopped is None or not is_stopped():
        message = f"its process ended {ATTEMPTS} times before the training did"
        values = task.columns() | {"status": DIED, "message": message}
        RunRecord(values).save(work_dir.ended(task.key))
        work_dir.running(task.key).unlink(missing_ok=True)


def end_workers() -> None:
    """End every worker of this process at once."""
    _IDLE.clear()
    for worker in list(_ALL):
        _end(worker)


def work(task: Task, work_dir: WorkDir, supervisor: int) -> None:
    """In a worker: do a task, and leave its outcome and how far it is in files."""
    _leave_with(supervisor)
    from lr_finder.experiments.comparison.run import run_task
    from lr_finder.experiments.epochs_told import ProgressFile

    progress = ProgressFile(work_dir.running(task.key), task)
    try:
        import keras

        keras.utils.clear_session()
        build = _builders(work_dir.builders)[task.setting.model]
        record, _ = run_task(task, _data(work_dir.data), build, callbacks=[progress])
    except LRFinderError as error:
        values = task.columns() | {"status": FAILED, "message": str(error)}
        record = RunRecord(values)
    except Exception as error:  # whatever a model of a person's own raises
        line = own_line(error)
        message = f"{type(error).__name__}: {error}" + (f" (at {line})" if line else "")
        values = task.columns() | {"status": FAILED, "message": message}
        record = RunRecord(values)
    record.save(work_dir.ended(task.key))
    progress.remove()


def _idle_worker(work_dir: WorkDir) -> ProcessPoolExecutor:
    """A process that waits for work in a folder; a new one if there is none."""
    while _IDLE:
        its_folder, worker = _IDLE.pop()
        if its_folder == work_dir:
            return worker
        _end(worker)
    worker = ProcessPoolExecutor(
        1, timeout=None, env=work_dir.environment, initializer=_begin,
        initargs=(str(work_dir.log),),
    )  # fmt: skip
    _ALL.append(worker)
    return worker


def _end(worker: ProcessPoolExecutor) -> None:
    with contextlib.suppress(ValueError):
        _ALL.remove(worker)
    worker.shutdown(wait=False, kill_workers=True)


def _begin(log: str) -> None:
    """In a new worker: leave Ctrl-C to who asks for runs, and the terminal as well."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(log, "ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)


@functools.lru_cache(maxsize=1)
def _leave_with(supervisor: int) -> None:
    """End this worker when its supervisor has ended, however that came."""

    def watch() -> None:
        while os.getppid() == supervisor:
            time.sleep(HEARTBEAT)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@functools.lru_cache(maxsize=1)
def _data(path: Path) -> Any:
    return joblib.load(path, mmap_mode="r")


@functools.lru_cache(maxsize=1)
def _builders(pickled: bytes) -> dict[str, Any]:
    return cloudpickle.loads(pickled)
