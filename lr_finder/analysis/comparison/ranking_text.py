"""A ranking in plain words: who is better than whom, and what nobody can say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lr_finder.analysis.comparison.paired_tests import LEAST_PAIRS, LEAST_SEEDS, Paired
from lr_finder.analysis.comparison.ranking import Ranked
from lr_finder.errors import InputError

SIGNIFICANT = 0.05  # a p-value below is called a difference
FEW_IN_COMMON = (
    f"fewer than {LEAST_PAIRS} seeds in common cannot tell; run at least {LEAST_SEEDS}"
)


def format_ranking(ranked: Sequence[Ranked], *, in_points: bool = True) -> list[str]:
    """Say in plain words who is better than whom, and what nobody can say.

    Args:
        ranked: sequence of `Ranked`, as `rank_ways` gives it.
        in_points: bool, whether values are shares, as an accuracy is, so that
            differences are told in percentage points; as they are otherwise.

    Returns:
        list of str, a sentence each, at least one.

    Raises:
        InputError: If there is no row.

    Example:
    >>> from lr_finder.analysis.comparison.ranking import rank_ways
    >>> ranked = rank_ways({"sgd": {1: 0.70, 2: 0.72, 3: 0.71},
    ...                     "adam": {1: 0.80, 2: 0.81, 3: 0.82},
    ...                     "lion": {1: 0.79, 2: 0.83, 3: 0.81}})
    >>> for sentence in format_ranking(ranked):
    ...     print(sentence)
    adam and lion cannot be told apart with 3 seeds
    sgd is worse than adam: 10.0 points less (7.5 to 12.5), p = 0.007
    """
    if not ranked:
        raise InputError(
            "Argument `ranked` must hold at least one way. Received: none. Give what "
            "`rank_ways` returns."
        )
    best, *others = ranked
    whole = [row for row in others if not row.unscored]
    sentences = _format_equals(best, whole)
    sentences += [
        _format_difference(row, row.difference, best, in_points)
        for row in whole
        if row.difference is not None and row.p_holm < SIGNIFICANT
    ]
    sentences += _format_untested(best, whole)
    if not whole and not best.unscored:
        sentences.append(f"{best.name} has nothing to be compared with")
    return sentences + [
        f"{row.name} is not compared: {row.reason}" for row in ranked if row.unscored
    ]


def format_size(difference: Paired, *, in_points: bool = True) -> str:
    """How large a difference is, with its 95 % interval, in words.

    Args:
        difference: Paired, whose interval does not hold 0.
        in_points: bool, whether it is one of shares, told in percentage points.

    Returns:
        str.

    Example:
    >>> format_size(Paired(-0.018, 0.01, -0.026, -0.01, 0.003, 5, -0.02))
    '1.8 points less (1.0 to 2.6)'
    >>> format_size(Paired(0.25, 0.1, 0.1, 0.4, 0.003, 5, 0.2), in_points=False)
    '0.25 more (0.1 to 0.4)'
    """
    ends = sorted((abs(difference.low), abs(difference.high)))
    mean, low, high = (
        _amount(size, in_points) for size in (abs(difference.mean), *ends)
    )
    unit = " points" * in_points
    turn = "less" if difference.mean < 0 else "more"
    return f"{mean}{unit} {turn} ({low} to {high})"


def format_p(p: float) -> str:
    """A p-value to three places.

    Args:
        p: float in [0, 1].

    Returns:
        str.

    Example:
    >>> format_p(0.0123), format_p(1e-5)
    ('p = 0.012', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def join_names(names: Sequence[str]) -> str:
    """Names as a sentence takes them.

    Args:
        names: sequence of str, at least one.

    Returns:
        str.

    Example:
    >>> join_names(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _format_equals(best: Ranked, others: Sequence[Ranked]) -> list[str]:
    """Who may be as good as the best, a sentence for each number of seeds."""
    names: dict[int, list[str]] = {}
    for row in others:
        if row.difference is not None and row.p_holm >= SIGNIFICANT:
            names.setdefault(row.difference.n, []).append(row.name)
    return [
        f"{best.name} and {alike[0]} cannot be told apart with {n} seeds"
        if len(alike) == 1
        else f"{best.name} cannot be told apart from {join_names(alike)} with {n} seeds"
        for n, alike in sorted(names.items(), reverse=True)
    ]


def _format_difference(
    row: Ranked, found: Paired, best: Ranked, in_points: bool
) -> str:
    """How far one is from the best; the seeds in common may turn the order round."""
    is_worse = found.mean * (row.mean - best.mean) >= 0
    told = f"{format_size(found, in_points=in_points)}, {format_p(row.p_holm)}"
    if is_worse:
        return f"{row.name} is worse than {best.name}: {told}"
    return (
        f"{row.name} is better than {best.name} on the {found.n} seeds that both "
        f"have: {told}"
    )


def _format_untested(best: Ranked, others: Sequence[Ranked]) -> list[str]:
    """Who cannot be compared with the best, a sentence for each reason."""
    names: dict[str, list[str]] = {}
    for row in others:
        if row.difference is None:
            names.setdefault(FEW_IN_COMMON, []).append(row.name)
        elif math.isnan(row.p_holm):
            names.setdefault(row.difference.why_untested, []).append(row.name)
    return [
        f"{join_names([best.name, *untested])} are not compared: {reason}"
        for reason, untested in names.items()
    ]


def _amount(size: float, in_points: bool) -> str:
    if not in_points:
        return f"{size:.3g}"
    return f"{100 * size:.1f}" if size >= 0.001 else f"{100 * size:.2g}"
