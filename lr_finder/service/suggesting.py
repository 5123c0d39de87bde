"""`POST /v1/suggestions`: from a body to the suggestion, a few at a time."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lr_finder.errors import InputError
from lr_finder.service.refusals import Refusal
from lr_finder.service.schemas import Curve
from lr_finder.service.service_settings import Limits

THREADS = 2  # NumPy and SciPy share one lock: more make nothing faster
BODY = "curve.csv"  # what messages call a table that was sent
NAN = float("nan")


class Suggester:
    """Answers requests for a suggestion, and refuses more than can wait.

    Args:
        limits: Limits, of which `points` and `suggestions` count.
    """

    def __init__(self, limits: Limits):
        self._limits = limits
        self._pool = concurrent.futures.ThreadPoolExecutor(THREADS, "suggestion")
        self._free = threading.Semaphore(limits.suggestions)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def submit(
        self, work: Callable[..., dict[str, Any]], *given: Any
    ) -> concurrent.futures.Future[dict[str, Any]]:
        """Let a thread do it when one is free.

        Raises:
            Refusal: If too many wait, with status 429.
        """
        if not self._free.acquire(blocking=False):
            raise Refusal(
                429, "Too many requests for a suggestion wait. Ask again in a second.",
                {"Retry-After": "1"},
            )  # fmt: skip
        try:
            future = self._pool.submit(work, *given)
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(lambda _: self._free.release())
        return future

    def of_curve(self, curve: Curve) -> dict[str, Any]:
        """The suggestion for a curve.

        Args:
            curve: Curve.

        Returns:
            dict, what `lr_finder suggest --json` calls `suggestion`, and `notes`.

        Raises:
            InputError, SuggestionError: If no rate can be read from it.
        """
        from lr_finder.data.readers.loss_curves import curve_of_columns

        lrs, losses = curve.learning_rates, curve.losses
        if len(lrs) != len(losses):
            raise InputError(
                "Arguments `learning_rates` and `losses` must have the same length. "
                f"Received: {len(lrs):,} and {len(losses):,}. Send a loss for each "
                "rate, null for one that is not finite."
            )
        if not lrs:
            raise InputError(
                "Arguments `learning_rates` and `losses` must hold numbers. Received: "
                "none. Send those of a sweep."
            )
        self._check_points(len(lrs))
        measured = [NAN if loss is None else loss for loss in losses]
        result, notes = curve_of_columns(lrs, measured, "`learning_rates`")
        return _suggestion(result, curve.method, curve.optimizer, notes)

    def of_table(self, content: bytes, asked: Mapping[str, str]) -> dict[str, Any]:
        """The suggestion for a table.

        Args:
            content: bytes, CSV or TSV.
            asked: mapping, the query: `optimizer`, `method`, `lr_column`,
                `loss_column`.

        Returns:
            dict, as of `of_curve`.

        Raises:
            InputError, SuggestionError: If no rate can be read from it.
        """
        from lr_finder.analysis.sweep.reading import DEFAULT_METHOD
        from lr_finder.data.readers.compressed import is_compressed
        from lr_finder.data.readers.loss_curves import read_curve
        from lr_finder.data.readers.text_files import text_of

        if is_compressed(content):
            raise InputError(
                "The body must be a table as text. Received: a compressed file. Unpack "
                "it first."
            )
        path = Path(BODY)
        text, notes = text_of(path, content)
        self._check_points(text.count("\n"))
        columns = asked.get("lr_column"), asked.get("loss_column")
        result, more = read_curve(path, *columns, text=text)
        method = asked.get("method", DEFAULT_METHOD)
        return _suggestion(result, method, asked.get("optimizer"), notes + more)

    def _check_points(self, n: int) -> None:
        if n > self._limits.points:
            raise InputError(
                f"A curve must have at most {self._limits.points:,} points. Received: "
                f"{n:,}. Send every tenth."
            )


def _suggestion(
    result: Any, method: str, optimizer: str | None, notes: tuple[str, ...]
) -> dict[str, Any]:
    from lr_finder.models.optimizer_names import swept_with
    from lr_finder.results.finding import judged_curve

    result = swept_with(result, optimizer)
    finding = judged_curve(result, method, notes=notes)
    if finding.error is not None:
        raise finding.error
    assert finding.suggestion is not None  # noqa: S101 - one of the two is there
    return {**finding.suggestion.to_dict(), "notes": finding.about["notes"]}
