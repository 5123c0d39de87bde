"""Why a verified rate is what it is, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

from lr_finder._text import format_rate
from lr_finder.analysis.verification.settling import SAME_RATE
from lr_finder.analysis.verification.trial_losses import weigh

LEAST_WEIGHT = 0.05  # in the mean: rates that count less are not named


def why_confirmed(
    lr: float,
    *,
    mean: float,
    winner: float,
    lost: Mapping[float, float],
    raised_from: float | None = None,
) -> str:
    """Say how an answer follows from the candidates that were trained.

    Args:
        lr: float, the answer.
        mean: float, the weighted mean of the candidates' rates.
        winner: float, the candidate that trained best.
        lost: mapping of rate -> share of the best's descent that it has missed.
        raised_from: float, the rate that the answer is a multiple of, or None.

    Returns:
        str, one sentence.

    Example:
    >>> lost = {2.9e-4: 0.9, 2.9e-3: 0.0, 2.9e-2: 0.4}
    >>> why_confirmed(4.3e-3, mean=4.3e-3, winner=2.9e-3, lost=lost)
    'Short trainings point at 4.3e-3, the mean of 2.9e-3 (best), 2.9e-2 and 2.9e-4, \
weighted by how well each trained.'
    >>> why_confirmed(2.9e-3, mean=4.3e-3, winner=2.9e-3, lost=lost)
    'Short trainings point at 2.9e-3, which trained best; the weighted mean of the \
rates tried, 4.3e-3, diverged.'
    """
    found = f"Short trainings point at {format_rate(lr)}"
    if raised_from is not None:
        times = f"{lr / raised_from:.0f} times {format_rate(raised_from)}"
        return f"{found}, {times}: each doubling more than halved the loss."
    if lr == mean:
        return f"{found}, {_mean_of(winner, weigh(lost))}."
    if 1 / SAME_RATE < lr / mean < SAME_RATE:
        best = "which trained best, " if lr == winner else ""
        return f"{found}, one of the rates tried, {best}and their weighted mean."
    return (
        f"{found}, which trained best; the weighted mean of the rates tried, "
        f"{format_rate(mean)}, diverged."
    )


def _mean_of(winner: float, weights: Mapping[float, float]) -> str:
    """The mean, by the rates that count in it."""
    others = [lr for lr, weight in weights.items() if weight >= LEAST_WEIGHT]
    others = sorted({*others} - {winner}, key=weights.__getitem__, reverse=True)
    if not others:
        return f"close to {format_rate(winner)}, which trained best by far"
    *first, last = [f"{format_rate(winner)} (best)", *map(format_rate, others)]
    rates = f"{', '.join(first)} and {last}"
    return f"the mean of {rates}, weighted by how well each trained"
