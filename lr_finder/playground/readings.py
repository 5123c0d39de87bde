"""What `lr_finder` reads from a sweep, as the page shows it: all of it made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from lr_finder.analysis.sweep.rules import textbook
from lr_finder.analysis.sweep.suggestion import suggest
from lr_finder.errors import InputError, SuggestionError
from lr_finder.results.sweep import Curve, SweepResult

CASES_FILE = Path(__file__).with_name("template") / "recorded_cases.json"
MOST_SWEEPS = 20  # of a person's own, in one page
MOST_POINTS = 2000  # of one of them
DIGITS = 5  # of a loss that is kept


def reading_of(result: SweepResult) -> dict[str, Any]:
    """Suggestion, interval, window and the textbook rule's answer.

    Args:
        result: SweepResult.

    Returns:
        dict with `lr`, `low`, `high`, `window` ([low, high] or None), `why`, `kinds`
        (of the warnings), `textbook` and `refusal`; without a suggestion, the first
        four are None and `refusal` says why.

    Example:
    >>> lrs = [10 ** (k / 20 - 6) for k in range(100)]
    >>> result = SweepResult([Curve(lrs, [1 / (1 + 1e4 * lr) for lr in lrs])])
    >>> reading_of(result)["refusal"] is None
    True
    """
    found: dict[str, Any] = dict.fromkeys(["lr", "low", "high", "window", "refusal"])
    try:
        made = suggest(result)
        window = made.window and [made.window.low, made.window.high]
        kinds = [text.split(":")[0] for text in made.warnings]
        found |= {"lr": made.lr, "low": made.low, "high": made.high, "window": window}
        found |= {"why": made.why, "kinds": kinds}
    except SuggestionError as error:
        found |= {"why": "", "kinds": [], "refusal": str(error)}
    try:
        found["textbook"] = float(result.lrs[textbook(result.lrs, result.losses)])
    except SuggestionError:
        found["textbook"] = None
    return found


def curve_of(result: SweepResult) -> dict[str, list[float]]:
    """The mean curve of a sweep, thinned if it is very long.

    Args:
        result: SweepResult.

    Returns:
        dict with `lrs` and `losses`.
    """
    every = -(-len(result.lrs) // MOST_POINTS)
    return {
        "lrs": [float(f"{lr:.6g}") for lr in result.lrs[::every]],
        "losses": [float(f"{loss:.{DIGITS}g}") for loss in result.losses[::every]],
    }


def own_case(name: str, result: SweepResult) -> dict[str, Any]:
    """A person's own sweep as a case of the page: nobody knows its truth.

    Args:
        name: str, as the page shows it; any text.
        result: SweepResult.

    Returns:
        dict that JSON takes.
    """
    optimizer = result.metadata.get("optimizer")
    return {
        "name": name,
        "optimizer": "" if optimizer is None else str(optimizer),
        **curve_of(result),
        **reading_of(result),
    }


def check_number(count: int) -> None:
    """Refuse more sweeps of a person's own than a page has room for.

    Args:
        count: int.

    Raises:
        InputError: If there are more than 20.
    """
    if count > MOST_SWEEPS:
        raise InputError(
            f"Option --sweep must be given at most {MOST_SWEEPS} times. Received: "
            f"{count} files. Make several pages with --out."
        )


def recorded_cases() -> list[dict[str, Any]]:
    """The recorded sweeps of the benchmark, with their truth.

    Returns:
        list of dict; `benchmarks/playground_cases.py` says what they hold.
    """
    return json.loads(CASES_FILE.read_text("utf-8"))


def sweep_of(case: dict[str, Any]) -> SweepResult:
    """A recorded case as the sweep that it was.

    Args:
        case: dict, of `recorded_cases`.

    Returns:
        SweepResult.
    """
    first, last, steps = case["swept"]
    losses = np.array(case["losses"])
    lrs = first * (last / first) ** (np.arange(len(losses)) / (steps - 1))
    return SweepResult((Curve(lrs, losses, case["stop_reason"]),), case["metadata"])
