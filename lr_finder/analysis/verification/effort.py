"""How much a verification trains: less after a sweep, whose interval counts too."""

from __future__ import annotations

import dataclasses
import math

from lr_finder._arguments import check_count
from lr_finder.errors import InputError

FEWEST_STEPS = 10  # of the first rung: with fewer there is nothing to compare
FACTORS = (1 / 10, 1.0, 10.0)  # of the suggestion: few, so that each trains for long,
# and far apart, so that they differ by more than noise
CANDIDATES = len(FACTORS)


@dataclasses.dataclass(frozen=True)
class Effort:
    """How many steps candidates get, and how much less a worse candidate counts.

    Args:
        trial_share: float in (0, 1), share of the coming training's steps that the
            candidates take at most.
        check_share: float in (0, 1), share of these steps that the answer and twice the
            answer take at most.
        rungs: int >= 1, times that the candidates are compared.
        growth: float > 0, steps of a rung per step of the rung before.
        extensions: int >= 0, rates tried beyond an edge that trained best.
        half_lost: float > 0, share of the best rate's descent: a rate that misses so
            much of it counts half.
        spreads: float > 0, how many weighted standard deviations of log10(lr) the
            interval reaches to each side. So it holds nine best rates out of ten.
        sweep_spread: float > 0, of the width of a sweep's interval in decades: the
            standard deviation of what the sweep says.

    Example:
    >>> ALONE.trial_share, AFTER_SWEEP.trial_share
    (0.55, 0.34)
    """

    trial_share: float
    check_share: float
    rungs: int
    growth: float
    extensions: int
    half_lost: float
    spreads: float
    sweep_spread: float = 0.6


# Without a sweep, only the trainings decide, and rates beyond the edges are tried.
ALONE = Effort(
    0.55, 0.05, rungs=3, growth=1.5, extensions=2, half_lost=0.1, spreads=0.7
)
# A sweep's interval holds the best rate nine times out of ten, and counts.
AFTER_SWEEP = Effort(
    0.34, 0.035, rungs=2, growth=0.8, extensions=0, half_lost=0.04, spreads=1.0
)


def effort_for(
    budget_steps: int, candidates: int = CANDIDATES, *, is_swept: bool
) -> Effort:
    """How much to train: less after a sweep, if that is enough to compare rates.

    Args:
        budget_steps: int, steps of the coming training.
        candidates: int, rates that are compared.
        is_swept: bool, whether a sweep has said where the best rate lies.

    Returns:
        Effort.

    Example:
    >>> effort_for(1000, is_swept=True) is AFTER_SWEEP
    True
    >>> effort_for(60, is_swept=True) is ALONE
    True
    """
    is_enough = budget_steps >= least_budget(candidates, AFTER_SWEEP)
    return AFTER_SWEEP if is_swept and is_enough else ALONE


def least_budget(candidates: int = CANDIDATES, effort: Effort = ALONE) -> int:
    """The steps of the shortest training for which rates can be compared.

    Args:
        candidates: int, rates that are compared.
        effort: Effort.

    Returns:
        int.

    Example:
    >>> least_budget(5), least_budget(3, AFTER_SWEEP)
    (91, 89)
    """
    return math.ceil(FEWEST_STEPS * candidates / effort.trial_share)


def plan_steps(
    budget_steps: int, candidates: int = CANDIDATES, effort: Effort = ALONE
) -> tuple[int, int]:
    """How many steps a verification takes at most.

    Args:
        budget_steps: int, steps of the coming training.
        candidates: int, rates that are compared.
        effort: Effort.

    Returns:
        `(halving, all)`: int, steps for the candidates, and with those for the answer
        and twice the answer.

    Raises:
        InputError: If so few steps are not enough to compare the candidates.

    Example:
    >>> plan_steps(1000), plan_steps(1000, effort=AFTER_SWEEP)
    ((550, 600), (340, 375))
    """
    check_count("budget_steps", budget_steps, least=1)
    least = least_budget(candidates, effort)
    if budget_steps < least:
        raise InputError(
            f"Argument `budget_steps` must be at least {least} to compare "
            f"{candidates} rates. Received: budget_steps={budget_steps}. Give fewer "
            "candidates, or train longer."
        )
    halving = int(effort.trial_share * budget_steps + 1e-9)
    both = effort.trial_share + effort.check_share
    return halving, int(both * budget_steps + 1e-9)
