"""What a figure of a comparison shows, in a few words: the first half of its title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lr_finder._text import counted
from lr_finder.analysis.comparison.ranking_text import SIGNIFICANT, join_names
from lr_finder.plots.style import as_label
from lr_finder.results.comparison_runs import FOUND

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMES = 2  # that a title has room for
NO_SCORE = "No run has a score"


def who_scores_best(table: pd.DataFrame) -> str:
    """Which optimizer scores best, and whom it cannot be told apart from.

    Args:
        table: DataFrame, as `Comparison.table` gives it, of one model.

    Returns:
        str.

    Example:
    >>> import pandas as pd
    >>> print(who_scores_best(pd.DataFrame({
    ...     "optimizer": ["adam", "lion", "sgd"], "mean": [0.8, 0.79, 0.6],
    ...     "reason": "", "p_holm": [float("nan"), 0.4, 0.01]})))
    adam scores best, but cannot be told apart from lion
    """
    scored = table[np.isfinite(table["mean"]) & (table["reason"] == "")]
    names = _names(scored["optimizer"])
    if not names:
        return NO_SCORE
    p = scored["p_holm"].to_numpy(dtype=float)[1:]
    if not len(p):
        return f"Only {names[0]} has a score"
    if (p < SIGNIFICANT).all():
        return f"{names[0]} is better than " + (
            "all others" if p[1:].size else names[1]
        )
    alike = [
        name for name, each in zip(names[1:], p, strict=True) if each >= SIGNIFICANT
    ]
    if not alike:
        return f"{names[0]} scores best"
    return f"{names[0]} scores best, but cannot be told apart from {_some(alike)}"


def who_is_ahead(ends: Mapping[str, float], *, at_top: bool) -> str:
    """Whose curve ends best.

    Args:
        ends: mapping of optimizer -> float, the last value of its curve.
        at_top: bool, whether high is good.

    Returns:
        str.

    Example:
    >>> who_is_ahead({"sgd": 0.3, "adam": 0.2}, at_top=False)
    'adam ends lowest'
    """
    known = {name: end for name, end in ends.items() if np.isfinite(end)}
    if not known:
        return "no run ends with a number"
    (best,) = _names([(max if at_top else min)(known, key=lambda name: known[name])])
    if len(known) == 1:
        return f"{best} ends at {known[next(iter(known))]:.3g}"
    return f"{best} ends {'highest' if at_top else 'lowest'}"


def who_is_fast(seconds: Mapping[str, float], scores: Mapping[str, float]) -> str:
    """Who scores best, and who takes least time.

    Args:
        seconds: mapping of optimizer -> float, mean time.
        scores: mapping of optimizer -> float, mean score, the higher the better.

    Returns:
        str.

    Example:
    >>> who_is_fast({"sgd": 3.0, "adam": 5.0}, {"sgd": 0.6, "adam": 0.7})
    'adam scores best, sgd is fastest'
    """
    known = [
        name for name in scores if np.isfinite([scores[name], seconds[name]]).all()
    ]
    if not known:
        return NO_SCORE
    best, fastest = _names(
        [max(known, key=lambda name: scores[name]), min(known, key=seconds.__getitem__)]
    )
    if len(known) == 1:
        return f"Only {best} has a score"
    if best == fastest:
        return f"{best} scores best and is fastest"
    return f"{best} scores best, {fastest} is fastest"


def best_level(factor: str, best: Mapping[str, str | int]) -> str:
    """At which value of a factor each optimizer scores best.

    Args:
        factor: str, e.g. `"batch size"`.
        best: mapping of optimizer -> value, the best optimizer first.

    Returns:
        str; of many optimizers only the best one's.

    Example:
    >>> best_level("batch size", {"adam": 32, "sgd": 64})
    'Best batch size: 32 (adam), 64 (sgd)'
    >>> best_level("learning rate", {"adam": "found"})
    'Best learning rate: the one found (adam)'
    """
    if not best:
        return NO_SCORE
    shown = list(best.items())[: 1 if len(best) > MOST_NAMES else None]
    told = [
        f"{'the one found' if level == FOUND else as_label(str(level), 24)} ({name})"
        for name, level in zip(
            _names([name for name, _ in shown]),
            [each for _, each in shown],
            strict=True,
        )
    ]
    return f"Best {factor}: {', '.join(told)}"


def what_found_gains(table: pd.DataFrame, *, at_top: bool) -> str:
    """In how many pairs the found rate scores better than the fixed one.

    Args:
        table: DataFrame, as `Comparison.found_against_fixed` gives it.
        at_top: bool, whether high is good.

    Returns:
        str.

    Example:
    >>> import pandas as pd
    >>> table = pd.DataFrame({"difference": [0.2, 0.1, -0.1], "p_holm": [0.01, 0.2, 1]})
    >>> what_found_gains(table, at_top=True)
    'Found beats fixed rate in 2 of 3 pairs, clearly in 1'
    """
    gain = table["difference"].to_numpy(dtype=float) * (1 if at_top else -1)
    p = table["p_holm"].to_numpy(dtype=float)
    is_known = np.isfinite(gain)
    if not is_known.any():
        return "Found against fixed rate: no pair has two scores"
    told = (
        f"Found beats fixed rate in {(gain[is_known] > 0).sum()} of "
        f"{counted(int(is_known.sum()), 'pair')}"
    )
    if not np.isfinite(p).any():
        return told
    clear, lost = (int((p[way] < SIGNIFICANT).sum()) for way in (gain > 0, gain < 0))
    return f"{told}, clearly in {clear}" + f"; clearly loses in {lost}" * (lost > 0)


def _names(names: Sequence[str] | pd.Series) -> list[str]:
    return [as_label(str(name), 24) for name in names]


def _some(names: Sequence[str]) -> str:
    if len(names) <= MOST_NAMES:
        return join_names(names)
    return f"{len(names)} others"
