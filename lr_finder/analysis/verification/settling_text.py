"""One sentence that explains a verified rate."""

from __future__ import annotations

from collections.abc import Mapping

from lr_finder._text import format_rate
from lr_finder.analysis.verification.settling import SAME_RATE

LEAST_WEIGHT = 0.05  # in the mean: rates with less weight are not named


def why_confirmed(
    lr: float,
    *,
    mean: float,
    winner: float,
    weights: Mapping[float, float],
    raised_from: float | None = None,
    is_swept: bool = False,
) -> str:
    """Say how an answer follows from the candidates that were trained.

    Args:
        lr: float, the answer.
        mean: float, the weighted mean of the candidates' rates.
        winner: float, the candidate that trained best.
        weights: mapping of rate -> how much it counts in that mean.
        raised_from: float, the rate that the answer is a multiple of, or None.
        is_swept: bool, whether a sweep counts in the weights.

    Returns:
        str, one sentence.

    Example:
    >>> weights = {2.9e-4: 0.08, 2.9e-3: 0.77, 2.9e-2: 0.15}
    >>> why_confirmed(4.3e-3, mean=4.3e-3, winner=2.9e-3, weights=weights)
    'Short trainings point at 4.3e-3, the mean of 2.9e-3 (best), 2.9e-2 and 2.9e-4, \
weighted by how well each trained.'
    >>> why_confirmed(2.9e-3, mean=4.3e-3, winner=2.9e-3, weights=weights)
    'Short trainings point at 2.9e-3, which trained best; the weighted mean of the \
rates tried, 4.3e-3, diverged.'
    """
    found = f"Short trainings point at {format_rate(lr)}"
    if raised_from is not None:
        times = f"{lr / raised_from:.0f} times {format_rate(raised_from)}"
        return f"{found}, {times}: each doubling more than halved the loss."
    if lr == mean:
        return f"{found}, {_mean_of(winner, weights, is_swept)}."
    if 1 / SAME_RATE < lr / mean < SAME_RATE:
        best = "which trained best, " if lr == winner else ""
        return f"{found}, one of the rates tried, {best}and their weighted mean."
    return (
        f"{found}, which trained best; the weighted mean of the rates tried, "
        f"{format_rate(mean)}, diverged."
    )


def _mean_of(winner: float, weights: Mapping[float, float], is_swept: bool) -> str:
    """Name the rates that count in the mean."""
    others = [lr for lr, weight in weights.items() if weight >= LEAST_WEIGHT]
    others = sorted({*others} - {winner}, key=weights.__getitem__, reverse=True)
    if not others:
        return f"close to {format_rate(winner)}, which trained best by far"
    *first, last = [f"{format_rate(winner)} (best)", *map(format_rate, others)]
    rates = f"{', '.join(first)} and {last}"
    by_sweep = " and by what the sweep says" if is_swept else ""
    return f"the mean of {rates}, weighted by how well each trained{by_sweep}"
