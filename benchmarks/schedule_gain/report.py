"""The stored gains in lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from benchmarks.schedule_gain.arms import CONSTANT
from benchmarks.schedule_gain.gains import best_peaks, difference, gains, summarize

PAIRS = [("cosine", "wsd"), ("one_cycle", "wsd"), ("warmup_cosine", "cosine"),
         ("wsd", "averaged"), ("wsd", "cooldown_10")]  # fmt: skip


def in_words(interval: Mapping[str, float]) -> str:
    """A mean and its 95 % interval.

    Args:
        interval: mapping with `mean`, `low` and `high`, e.g. a row of `summarize`.

    Returns:
        str.

    Example:
    >>> in_words({"mean": 3.14, "low": -0.26, "high": 6.5})
    '+3.1 (-0.3 to +6.5)'
    """
    return (
        f"{interval['mean']:+.1f} ({interval['low']:+.1f} to {interval['high']:+.1f})"
    )


def lines(rows: pd.DataFrame) -> Iterator[str]:
    """What the notebook and the pages quote, line by line.

    Args:
        rows: DataFrame of `trainings.read_rows`.

    Yields:
        str.
    """
    ways = {
        "at the end, each schedule at its own best peak": {},
        "the lowest on the way, each at its own best peak": {"measure": "best"},
        "at the end, each at the best constant rate": {"own_peak": False},
    }
    for title, options in ways.items():
        found = gains(rows, **options)
        yield f"\nGain in % of the best constant rate's validation loss, {title}"
        found = found[found["schedule"] != CONSTANT]
        table = summarize(found, ["schedule", "budget"])
        for schedule, part in table.groupby("schedule", sort=False):
            cells = [
                f"x {budget:g}: {in_words(row)}" for (_, budget), row in part.iterrows()
            ]
            yield f"{schedule:14}" + "   ".join(cells)
    found = gains(rows)
    yield "\nDifferences in points, all budgets, own peaks"
    for pair in PAIRS:
        told = in_words(difference(found, *pair)._asdict())
        yield f"{' - '.join(pair):24}{told}"
    peaks = best_peaks(rows).groupby("schedule", sort=False)
    lost = found.groupby("schedule", sort=False)["lost"].mean()
    yield "\nMedian ratio of the best peak to the best constant rate; at an edge; lost"
    for schedule, part in peaks:
        yield (
            f"{schedule:14}{part['ratio'].median():6.2f}{part['edge'].mean():7.2f}"
            f"{lost[schedule]:7.3f}"
        )
