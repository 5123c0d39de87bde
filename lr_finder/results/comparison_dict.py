"""A comparison as JSON takes it: its tables, its sentences and what went wrong."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from lr_finder.results.comparison_text import format_callbacks

if TYPE_CHECKING:
    import pandas as pd

    from lr_finder.results.comparison import Comparison


def comparison_dict(comparison: Comparison) -> dict[str, Any]:
    """What a comparison says, as JSON takes it; see `Comparison.to_dict`."""
    runs = comparison.runs
    return {
        "device": ", ".join(sorted(set(runs["device"].dropna()) - {""})),
        "metric": comparison.metric,
        "callbacks": format_callbacks(runs) or None,
        "test_rows": comparison.test_rows,
        "runs": len(runs),
        "ranking": rows_of(comparison.table()),
        "rates": rows_of(comparison.table("rate")),
        "found_rates": rows_of(comparison.found_against_fixed()),
        "sentences": comparison.sentences(),
        "failures": _failures(runs),
    }


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as JSON values, nan as null.

    Example:
    >>> import pandas as pd
    >>> rows_of(pd.DataFrame({"mean": [0.5, float("nan")]}))
    [{'mean': 0.5}, {'mean': None}]
    """
    rows = json.loads(frame.to_json(orient="records", double_precision=15))
    return [
        {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in row.items()
        }
        for row in rows
    ]


def _failures(runs: pd.DataFrame) -> list[str]:
    """What went wrong, each message once, with how many runs it ended."""
    failed = runs[runs["status"].isin(["failed", "died"])]
    return [
        f"{len(group)} of {len(runs)} runs {status}: {message.rstrip('.')}. They are "
        "tried again when the command is called with the same --out."
        for (status, message), group in failed.groupby(["status", "message"])
    ]
