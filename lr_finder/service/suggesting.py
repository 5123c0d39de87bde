"""`POST /v1/suggestions`: a few processes that read rates from curves, kept ready."""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import json
import os
import queue
import subprocess
import sys
import threading
from typing import Any

from lr_finder.service.jobs.limited import environment
from lr_finder.service.refused import Refusal
from lr_finder.service.service_settings import Limits

PROCESSES = 2
ENDS = "The service ends. Ask again later."
TO_LOAD = 120.0  # s, in which a process must be ready
SUGGESTER = "lr_finder.service.suggester"


class SuggestionPool:
    """Answers requests for a suggestion, and refuses more than can wait.

    Each thread has a process, which is begun anew if it dies or takes too long.

    Args:
        limits: Limits.
    """

    def __init__(self, limits: Limits):
        self._limits = limits
        self._pool = concurrent.futures.ThreadPoolExecutor(PROCESSES, "suggestion")
        self._free = threading.Semaphore(limits.suggestions)
        self._idle: queue.LifoQueue[subprocess.Popen[bytes]] = queue.LifoQueue()
        self._begun_so_far: list[subprocess.Popen[bytes]] = []
        self._is_closed, self._lock = False, threading.Lock()

    def start(self) -> None:
        """Begin the processes, so that the first request need not wait for them."""
        for _ in range(PROCESSES):
            self._pool.submit(lambda: self._idle.put(self._begun()))

    def close(self) -> None:
        """End the processes, also those that read a curve."""
        self._is_closed = True
        for process in self._begun_so_far:
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for process in self._begun_so_far:
            _end(process)

    def submit(
        self, question: dict[str, Any], content: bytes = b""
    ) -> concurrent.futures.Future[dict[str, Any]]:
        """Ask when a process is free.

        Args:
            question: dict with `curve`, or with `asked`.
            content: bytes, a table.

        Returns:
            Future of the answer: a suggestion, or dict of `error`.

        Raises:
            Refusal: If too many wait, with status 429.
        """
        if not self._free.acquire(blocking=False):
            raise Refusal(
                429, "Too many requests for a suggestion wait. Ask again in a second.",
                {"Retry-After": "1"},
            )  # fmt: skip
        try:
            future = self._pool.submit(self._ask, question, content)
        except RuntimeError:  # closed
            self._free.release()
            raise Refusal(503, ENDS) from None
        future.add_done_callback(lambda _: self._free.release())
        return future

    def _ask(self, question: dict[str, Any], content: bytes) -> dict[str, Any]:
        line = json.dumps(question | {"length": len(content)}).encode()
        process = self._ready()
        try:
            told = self._told(process, line + b"\n" + content)
        except BaseException:
            _end(process)
            raise
        self._idle.put(process)
        return told

    def _ready(self) -> subprocess.Popen[bytes]:
        """A process that waits to be asked, or a new one."""
        with contextlib.suppress(queue.Empty):
            while (process := self._idle.get_nowait()).poll() is not None:
                _end(process)  # it was killed while it waited
            return process
        return self._begun()

    def _told(self, process: subprocess.Popen[bytes], asked: bytes) -> dict[str, Any]:
        """The answer of a process, which is killed when its time is over."""
        line = _line_of(process, asked, self._limits.suggestion_seconds)
        if not line.endswith(b"\n"):
            raise Refusal(
                422, "A rate must be read from the curve within "
                f"{self._limits.suggestion_seconds:g} seconds, in "
                f"{self._limits.suggestion_memory // 2**20:,} MiB. Send fewer points, "
                "or the two columns alone.",
            )  # fmt: skip
        told: dict[str, Any] = json.loads(line)
        return told

    def _begun(self) -> subprocess.Popen[bytes]:
        """A process that is ready: it has loaded what it needs."""
        if self._is_closed:
            raise Refusal(503, ENDS)
        limits = json.dumps(dataclasses.asdict(self._limits))
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", SUGGESTER, str(os.getpid()), limits],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env=environment() | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        with self._lock:
            alive = [each for each in self._begun_so_far if each.poll() is None]
            self._begun_so_far = [*alive, process]
        if not _line_of(process, b"", TO_LOAD):
            _end(process)
            raise Refusal(503, "No process can be begun. Ask again later.")
        return process


def _line_of(process: subprocess.Popen[bytes], asked: bytes, seconds: float) -> bytes:
    """What a process answers; nothing if it dies, or is killed after that time."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        process.stdin.write(asked)
        process.stdin.flush()
        return process.stdout.readline()
    except BrokenPipeError:
        return b""
    finally:
        timer.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()
