"""Ctrl-C, held back until the model can be left in a whole state."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self


class HeldInterrupt:
    """Holds Ctrl-C back from entry to exit; `check()` raises it as soon as it may.

    A signal that arrives while Keras builds variables or traces a function leaves
    the model half made. Within this context SIGINT only sets a flag; it is raised as
    `KeyboardInterrupt` by `check()` or, at the latest, on exit. A handler that the
    program had installed itself is then called first. Outside the main thread, where
    Python delivers no signals, and where SIGINT is ignored, nothing is changed.

    Example:
    >>> with HeldInterrupt() as interrupt:
    ...     interrupt.check()
    """

    def __init__(self) -> None:
        self._signal: tuple[int, FrameType | None] | None = None
        self._previous: Callable[[int, FrameType | None], Any] | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            previous = signal.getsignal(signal.SIGINT)
            if callable(previous):
                self._previous = previous
                signal.signal(signal.SIGINT, self._hold)
        return self

    def _hold(self, number: int, frame: FrameType | None) -> None:
        self._signal = (number, frame)

    def check(self) -> None:
        """Raise `KeyboardInterrupt` if Ctrl-C has been pressed."""
        if self._signal is not None:
            raise KeyboardInterrupt

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._previous is None:
            return
        signal.signal(signal.SIGINT, self._previous)
        if self._signal is not None:
            self._previous(*self._signal)  # Python's own raises KeyboardInterrupt
            raise KeyboardInterrupt
