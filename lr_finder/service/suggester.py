"""The process that reads suggestions from curves: `… -m lr_finder.service.suggester`.

It is asked on standard input and answers on standard output, a line for each curve.
What a curve takes of memory and time is taken from it, and not from the service.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

from lr_finder.errors import InputError, LRFinderError
from lr_finder.service.jobs.limited import end_with, limit, out_of_memory
from lr_finder.service.refused import content_of, error_content
from lr_finder.service.service_settings import MEBIBYTE, Limits

BODY = "curve.csv"  # what messages call a table that was sent
NAN = float("nan")
ENDLESS = 2**31  # s of the processor: it answers as long as the service runs


def main() -> None:
    """Answer until nothing more is asked: arguments are the parent and the limits."""
    parent, limits = int(sys.argv[1]), Limits(**json.loads(sys.argv[2]))
    end_with(parent)
    limit(memory=limits.suggestion_memory, written=MEBIBYTE, processor=ENDLESS)
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    import lr_finder.analysis.sweep.suggestion
    import lr_finder.data.readers.loss_curves
    import lr_finder.results.finding  # noqa: F401 - all is loaded before it is asked

    told: dict[str, Any] = {"is_ready": True}
    while True:
        answers.write(json.dumps(told, allow_nan=False).encode() + b"\n")
        answers.flush()
        line = asked.readline()
        if not line:
            return
        told = answer_to(json.loads(line), asked, limits)


def answer_to(
    question: dict[str, Any], body: BinaryIO, limits: Limits
) -> dict[str, Any]:
    """The answer to a question.

    Args:
        question: dict with `curve`; or with `length`, bytes that follow, and `asked`.
        body: file that those bytes are read from.
        limits: Limits.

    Returns:
        dict, the suggestion; or dict of `error`.
    """
    content = body.read(question.get("length", 0))
    try:
        if "curve" in question:
            return of_columns(limits, **question["curve"])
        return of_table(limits, content, **question["asked"])
    except LRFinderError as error:
        return content_of(error)
    except MemoryError:
        return out_of_memory(limits.suggestion_memory)
    except Exception as error:  # whatever a curve makes of NumPy
        print(f"suggestion failed: {error!r}", file=sys.stderr)
        return error_content(
            "InputError", "No rate can be read from the curve: its numbers are out of "
            f"range ({type(error).__name__}). Look at its largest and smallest values.",
        )  # fmt: skip


def of_columns(
    limits: Limits,
    learning_rates: list[float],
    losses: list[float | None],
    optimizer: str | None,
    method: str,
) -> dict[str, Any]:
    """The suggestion for rates and losses.

    Raises:
        InputError, SuggestionError: If no rate can be read from them.

    Example:
    >>> of_columns(Limits(), [0.1], [], None, "window")
    Traceback (most recent call last):
    lr_finder.errors.InputError: Arguments `learning_rates` and `losses` must have the \
same length. Received: 1 and 0. Send a loss for each rate, null for one that is not \
finite.
    """
    from lr_finder.data.readers.loss_curves import curve_of_columns

    n = len(learning_rates)
    if n != len(losses):
        raise InputError(
            "Arguments `learning_rates` and `losses` must have the same length. "
            f"Received: {n:,} and {len(losses):,}. Send a loss for each rate, null for "
            "one that is not finite."
        )
    if not n:
        raise InputError(
            "Arguments `learning_rates` and `losses` must hold numbers. Received: "
            "none. Send those of a sweep."
        )
    _check_points(n, limits)
    measured = [NAN if loss is None else loss for loss in losses]
    result, notes = curve_of_columns(learning_rates, measured, "`learning_rates`")
    return _suggestion(result, method, optimizer, notes)


def of_table(
    limits: Limits,
    content: bytes,
    optimizer: str | None = None,
    method: str = "window",
    lr_column: str | None = None,
    loss_column: str | None = None,
) -> dict[str, Any]:
    """The suggestion for a table as text.

    Raises:
        InputError, SuggestionError: If no rate can be read from it.
    """
    from lr_finder.data.readers.compressed import is_compressed
    from lr_finder.data.readers.loss_curves import read_curve
    from lr_finder.data.readers.text_files import text_of

    if is_compressed(content):
        raise InputError(
            "The body must be a table as text. Received: a compressed file. Unpack it "
            "first."
        )
    path = Path(BODY)
    text, notes = text_of(path, content)
    _check_points(text.count("\n"), limits)
    result, more = read_curve(path, lr_column, loss_column, text=text)
    return _suggestion(result, method, optimizer, notes + more)


def _check_points(n: int, limits: Limits) -> None:
    if n > limits.points:
        raise InputError(
            f"A curve must have at most {limits.points:,} points. Received: {n:,}. "
            "Send every tenth."
        )


def _suggestion(
    result: Any, method: str, optimizer: str | None, notes: tuple[str, ...]
) -> dict[str, Any]:
    from lr_finder.models.optimizer_names import swept_with
    from lr_finder.results.finding import judged_curve

    finding = judged_curve(swept_with(result, optimizer), method, notes=notes)
    if finding.error is not None:
        raise finding.error
    assert finding.suggestion is not None  # noqa: S101 - one of the two is there
    return {**finding.suggestion.to_dict(), "notes": finding.about["notes"]}


if __name__ == "__main__":
    main()
