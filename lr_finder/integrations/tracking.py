"""A result, logged to TensorBoard, MLflow or Weights & Biases."""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import os
import queue
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from lr_finder._arguments import check_extra
from lr_finder._text import short_reason
from lr_finder.errors import InputError
from lr_finder.integrations.logged import Logged, TrackerRun
from lr_finder.integrations.logged_results import logged_result

TRACKERS = {"tensorboard": "TensorBoard", "mlflow": "MLflow", "wandb": "W&B"}
EXTRA = "track"
PATIENCE = 60.0  # seconds without an answer after which a tracker is given up


class TrackerFailedError(Exception):
    """A tracker that could not be written to; the message says why."""


@dataclasses.dataclass(frozen=True)
class Destination:
    """A tracker and where it keeps its runs, checked.

    Args:
        tracker: str, `"tensorboard"`, `"mlflow"` or `"wandb"`.
        where: str, a folder, the address of a store, a project.
        active: what the tracker's module tells of a run that is under way in this
            thread; None for none.

    Example:
    >>> str(Destination("tensorboard", "runs"))
    'tensorboard:runs'
    """

    tracker: str
    where: str
    active: Any = None

    def __str__(self) -> str:
        return f"{self.tracker}:{self.where}"

    @classmethod
    def of(
        cls, tracker: str, where: str | os.PathLike[str] | None = None
    ) -> Destination:
        """A destination, if there is such a tracker and it can be used.

        Args:
            tracker: str, its name, also with a place: `"mlflow:sqlite:///runs.db"`.
            where: str or Path, the place; None for the usual one.

        Returns:
            Destination.

        Raises:
            InputError: If there is no such tracker, or its place cannot be written.
            LRFinderError: If its library is not installed.
        """
        name, colon, place = str(tracker).partition(":")
        if colon and where is not None:
            raise InputError(
                "The place of a tracker must be given once. Received: "
                f"{tracker!r} and where={str(where)!r}. Leave one of them out."
            )
        if name not in TRACKERS:
            near = difflib.get_close_matches(name, TRACKERS, n=1)
            question = f" Did you mean {near[0]}?" if near else ""
            raise InputError(
                f"A tracker must be one of {', '.join(TRACKERS)}. Received: "
                f"{name}.{question}"
            )
        module = _module(name)
        check_extra(f"Tracking by {TRACKERS[name]}", module.MODULES, EXTRA)
        given = place if where is None else os.fspath(where)
        return cls(name, module.check(given or None))

    def here(self) -> Destination:
        """The same, nested in the run that is under way in this thread, if one is."""
        active = _module(self.tracker).active_run(self.where)
        return dataclasses.replace(self, active=active)

    def start(self, name: str) -> TrackerRun:
        """Begin a run of that name."""
        run = _module(self.tracker).start(self.where, name, self.active)
        return cast(TrackerRun, run)

    def load(self) -> None:
        """Import the library, which takes seconds."""
        for name in _module(self.tracker).MODULES:
            import_module(name)


def _module(tracker: str) -> Any:
    return import_module(f"lr_finder.integrations.{tracker}")


def log_result(
    result: Any,
    tracker: str,
    where: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
) -> str | None:
    """Log a result to a tracker; see `Finding.log_to`.

    Args:
        result: Finding, SweepResult or Comparison.
        tracker: str, `"tensorboard"`, `"mlflow"` or `"wandb"`.
        where: str or Path, a folder, the address of a store, a project.
        name: str, of the run.

    Returns:
        str, where the run is; None if the tracker failed; a warning says why.

    Raises:
        InputError: If there is no such tracker, or its place cannot be written.
        LRFinderError: If its library is not installed.
    """
    destination = Destination.of(tracker, where).here()
    logged = logged_result(result, name)
    try:
        return within(PATIENCE, lambda: steps_of(destination, logged))
    except TrackerFailedError as error:
        warnings.warn(
            f"Tracking: nothing more is logged to {destination}, because it failed: "
            f"{error}. The result itself is whole.",
            stacklevel=3,
        )
        return None


def steps_of(destination: Destination, logged: Logged) -> Iterator[str | None]:
    """Write a run and those nested in it, a call of the tracker at a time.

    Args:
        destination: Destination.
        logged: Logged.

    Yields:
        str, where the run is, after each call; None before it is known.
    """
    destination.load()
    yield None
    run = destination.start(logged.name)
    for _ in _filled(run, logged):
        yield run.place


def _filled(run: TrackerRun, logged: Logged) -> Iterator[None]:
    """Write what a run holds, and end it also if that fails."""
    try:
        yield
        run.describe(logged.parameters, logged.texts)
        yield
        for series in logged.series:
            run.add(series)
            yield
        run.finish(logged.metrics)
        if logged.save is not None:
            with tempfile.TemporaryDirectory() as folder:
                logged.save(Path(folder))
                yield
                run.keep(Path(folder))
        for each in logged.children:
            yield
            yield from _filled(run.child(each.name), each)
    except BaseException:  # GeneratorExit too: the tracker was given up
        with contextlib.suppress(Exception):  # the first failure says more
            run.close(is_whole=False)
        raise
    run.close()


def within(patience: float, steps: Callable[[], Iterator[str | None]]) -> str | None:
    """Do steps in a thread of their own, and give up if one does not end.

    Args:
        patience: float, seconds that a step may take.
        steps: callable that returns an iterator; the last value that it yields is the
            answer.

    Returns:
        str or None, the last value.

    Raises:
        TrackerFailedError: If a step fails, or takes longer.

    Example:
    >>> within(10.0, lambda: iter(["a", "b"]))
    'b'
    """
    told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    is_given_up = threading.Event()

    def work() -> None:
        try:
            for place in steps():
                told.put(("step", place))
                if is_given_up.is_set():
                    return
            told.put(("end", None))
        except BaseException as error:  # some libraries exit
            told.put(("failed", error))

    threading.Thread(target=work, daemon=True, name="lr_finder tracking").start()
    place: str | None = None
    while True:
        try:
            kind, value = told.get(timeout=patience)
        except queue.Empty:
            is_given_up.set()
            raise TrackerFailedError(f"no answer within {patience:g} seconds") from None
        except KeyboardInterrupt:
            is_given_up.set()
            raise
        if kind == "failed":
            raise TrackerFailedError(short_reason(value)) from value
        if kind == "end":
            return place
        place = value
