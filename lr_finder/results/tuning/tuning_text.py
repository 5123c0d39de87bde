"""What a tuning says, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lr_finder._text import counted, format_rate
from lr_finder.analysis.tuning.measured import measured_sentence

if TYPE_CHECKING:
    from lr_finder.results.tuning.tuning import Tuning

RATES = ("learning_rate", "weight_decay")
EDGE = 0.05  # of a range: a best value so near its end may lie beyond
OPTIMISM = 0.02  # of the validation loss: a smaller excess is not worth a sentence


def shown_values(values: Mapping[str, Any]) -> str:
    """Values of a space as a person reads them.

    Args:
        values: mapping of names to values.

    Returns:
        str.

    Example:
    >>> shown_values({"learning_rate": 0.00312, "batch_size": 64})
    'learning_rate 3.1e-3, batch_size 64'
    """
    return ", ".join(
        f"{name} {format_rate(value) if _is_rate(name, value) else value}"
        for name, value in values.items()
    )


def shown_paid(paid: float) -> str:
    """An amount in trainings: no more digits than one after the point.

    Example:
    >>> shown_paid(2.0), shown_paid(1.6333)
    ('2', '1.6')
    """
    return f"{round(paid, 1):g}"


def format_tuning(tuning: Tuning) -> list[str]:
    """The sentences of `Tuning.sentences`, the answer first.

    Args:
        tuning: Tuning.

    Returns:
        list of str, without full stops.
    """
    best = tuning.best_row()
    if best is None:
        trials = counted(len(tuning.trials), "trial")
        return [
            f"no answer: all losses of {trials} were not finite; search lower rates"
        ]
    budget = shown_paid(tuning.budget)
    sentences = [
        f"{best['method']}: validation loss {best['loss']:.4g} with "
        f"{shown_values({name: best[name] for name in tuning.space})}, found with "
        f"{shown_paid(best['paid'])} of {budget} trainings paid"
    ]
    sentences += _optimism(best)
    sentences += _edges(tuning, best)
    if len(tuning.methods) > 1:
        sentences.append(_against_each_other(tuning))
    measured = measured_sentence(tuning.methods, tuning.budget)
    return sentences + ([measured] if measured else [])


def _optimism(best: Mapping[str, Any]) -> list[str]:
    """What the winner's loss is on data that did not choose it."""
    test = best.get("test_loss")
    if test is None or not math.isfinite(test):
        return []
    text = f"its test loss is {test:.4g}"
    ratio = test / best["loss"] if best["loss"] > 0 else 1.0
    if ratio > 1 + OPTIMISM:
        above = (
            f"{100 * (ratio - 1):.0f} % above" if ratio < 2 else f"{ratio:.2g} times"
        )
        text += (
            f", {above} the validation loss that chose it among the trials: expect the "
            "test loss"
        )
    return [text]


def _edges(tuning: Tuning, best: Mapping[str, Any]) -> list[str]:
    """Which best values lie so near an end of their range that they may lie beyond."""
    sentences = []
    for name, one in tuning.space.items():
        if "low" not in one or one["low"] <= 0 or isinstance(one["low"], int):
            continue
        share = math.log(best[name] / one["low"]) / math.log(one["high"] / one["low"])
        if min(share, 1 - share) < EDGE:
            end = "low" if share < 0.5 else "high"
            sentences.append(
                f"the best {name} lies at the {end} end of its range, "
                f"{format_rate(one[end])}: search beyond it"
            )
    return sentences


def _against_each_other(tuning: Tuning) -> str:
    """The methods of this tuning, side by side."""
    rows = tuning.summary()
    shown = [
        f"{row.method} {row.loss:.4g}"
        + (f" ± {row.sd:.2g}" if np.isfinite(row.sd) else "")
        for row in rows.itertuples()
        if np.isfinite(row.loss)
    ]
    seeds = counted(len(tuning.seeds), "seed")
    return (
        f"with {shown_paid(tuning.budget)} trainings, over {seeds}, the validation "
        f"loss is: {', '.join(shown)}"
    )


def _is_rate(name: str, value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and (name in RATES or isinstance(value, float))
