"""What a worker process does: one training at a time, whose row it gives back."""

from __future__ import annotations

import dataclasses
import functools
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle
import joblib

from lr_finder._own_lines import own_line
from lr_finder.errors import LRFinderError
from lr_finder.experiments.comparison.records import FAILED, RunRecord

if TYPE_CHECKING:
    from lr_finder.data.parts import ThreeParts
    from lr_finder.experiments.comparison.settings import Task

HEARTBEAT = 1.0  # s, between two looks at whether the parent lives


@dataclasses.dataclass(frozen=True)
class WorkDir:
    """Where workers find what they need, and tell how far they are.

    Args:
        folder: Path, which exists while runs are made.
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
        """The file of the data, which workers of this machine map into memory."""
        return self.folder / "data.joblib"

    @property
    def log(self) -> Path:
        """The file of what workers print."""
        return self.folder / "workers.log"

    def running(self, key: str) -> Path:
        """The file that tells how far a run is."""
        return self.folder / f"{key}.json"

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


def work(task: Task, work_dir: WorkDir, data: Path | ThreeParts) -> RunRecord:
    """In a worker: do a task, and tell how far it is in a file.

    Args:
        task: Task.
        work_dir: WorkDir; on a machine that lacks its folder nothing is told.
        data: Path of the file of the data; or ThreeParts.

    Returns:
        RunRecord, whatever the model does: also of a training that raised.
    """
    from lr_finder.experiments.comparison.run import run_task
    from lr_finder.experiments.epochs_told import ProgressFile

    progress = ProgressFile(work_dir.running(task.key), task)
    try:
        import keras

        keras.utils.clear_session()
        parts = _data(data) if isinstance(data, Path) else data
        build = _builders(work_dir.builders)[task.setting.model]
        record, _ = run_task(task, parts, build, callbacks=[progress])
        return record
    except LRFinderError as error:
        message = str(error)
    except (Exception, SystemExit) as error:  # whatever a person's own model raises
        line = own_line(error)
        message = f"{type(error).__name__}: {error}" + (f" (at {line})" if line else "")
    finally:
        progress.remove()
    return RunRecord(task.columns() | {"status": FAILED, "message": message})


def work_for(
    parent: int, task: Task, work_dir: WorkDir, data: Path | ThreeParts
) -> RunRecord:
    """`work` in a process that ends when the one that asked for it has ended.

    Args:
        parent: int, the number of that process.
        task: Task.
        work_dir: WorkDir.
        data: as `work` takes it.

    Returns:
        RunRecord.
    """
    leave_with(parent)
    return work(task, work_dir, data)


def begin(log: str) -> None:
    """In a new worker: leave Ctrl-C to who asks for runs, and the terminal as well.

    Args:
        log: str, the file that takes what the worker prints.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(log, "ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)


@functools.lru_cache(maxsize=1)
def leave_with(parent: int) -> None:
    """End this process when its parent has ended, however that came.

    Args:
        parent: int, the number of that process.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(HEARTBEAT)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@functools.lru_cache(maxsize=1)
def _data(path: Path) -> Any:
    return joblib.load(path, mmap_mode="r")


@functools.lru_cache(maxsize=1)
def _builders(pickled: bytes) -> dict[str, Any]:
    return cloudpickle.loads(pickled)
