"""How ways of tuning did on the benchmark, for a sentence beside a person's own."""

from __future__ import annotations

from collections.abc import Sequence

# Mean regret, in percent of what can be learnt, when so many trainings were paid:
# over the rate alone. `python -m benchmarks.tuning` prints the table.
PAID = (1, 2, 5, 10, 20)
REGRET: dict[str, tuple[float, ...]] = {}
CASES, REPLAYS = 0, 0


def measured_sentence(methods: Sequence[str], budget: float) -> str | None:
    """What the benchmark found for methods and their best alternative.

    Args:
        methods: sequence of str, those that were used.
        budget: float >= 1, trainings paid.

    Returns:
        str without a full stop; None if nothing was measured.
    """
    if not REGRET:
        return None
    place = sum(paid <= budget for paid in PAID) - 1
    shown = sorted(REGRET, key=lambda name: REGRET[name][place])
    others = [name for name in shown if name not in methods]
    named = [name for name in shown if name in methods] + others
    values = [f"{name} {REGRET[name][place]:.1f} %" for name in named]
    return (
        f"on the benchmark ({CASES} cases, {REPLAYS} replays each, over the rate "
        f"alone), {PAID[place]} trainings left this share of what can be learnt "
        f"unlearnt: {', '.join(values)}"
    )
