"""Schedules that rise and fall: with restarts, in cycles, in one cycle."""

from __future__ import annotations

import numpy as np

from lr_finder._arguments import check_count, check_fraction, check_rate
from lr_finder.errors import InputError
from lr_finder.schedules.composition import join
from lr_finder.schedules.decays import cosine, half_wave
from lr_finder.schedules.schedule import Schedule, call_text, check_ends

MODES = ("triangular", "triangular2", "exponential_range")


def cosine_restarts(
    start_lr: float,
    end_lr: float,
    period: int,
    growth: float = 1.0,
    shrink: float = 1.0,
) -> Schedule:
    r"""One cosine after another, each falling from a high rate: SGDR.

    Period $k = 0, 1, …$ has $T_k = period \cdot growth^k$ steps; $j$ counts from its
    first one.

    $$ lr = end + (start - end) \cdot shrink^k \cdot \frac{1 + \cos(\pi j / T_k)}{2} $$

    Args:
        start_lr: float > 0, the rate at the beginning of the first period.
        end_lr: float in [0, start_lr], towards which every period falls.
        period: int >= 1, steps of the first period.
        growth: float >= 1, the factor by which a period is longer than the one before.
        shrink: float in (0, 1], the factor by which a restart is lower than the one
            before.

    Returns:
        Schedule without an end.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = cosine_restarts(0.1, 0.0, 100, growth=2, shrink=0.5)
    >>> [round(rate(i), 6) for i in (0, 50, 100, 200, 300)]
    [0.1, 0.05, 0.05, 0.025, 0.025]

    References:
        Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts,
        ICLR 2017 (https://arxiv.org/abs/1608.03983).
    """
    check_ends(start_lr, end_lr, period, steps_name="period")
    _check_order("end_lr", end_lr, "start_lr", start_lr)
    check_rate("growth", growth, what="number")
    check_rate("shrink", shrink, what="number")
    if growth < 1 or shrink > 1:
        raise InputError(
            "Arguments `growth` and `shrink` must be at least 1 and at most 1. "
            f"Received: growth={growth!r}, shrink={shrink!r}."
        )
    name = call_text(
        cosine_restarts, start_lr, end_lr, period, growth=growth, shrink=shrink
    )

    def rates(at: np.ndarray) -> np.ndarray:
        k, passed = _place_in_periods(at, period, growth)
        high = end_lr + (start_lr - end_lr) * float(shrink) ** k
        return half_wave(high, end_lr, passed)

    return Schedule(name, None, rates)


def _place_in_periods(
    at: np.ndarray, period: int, growth: float
) -> tuple[np.ndarray, np.ndarray]:
    """The number of each step's period, and the share of it that has passed."""
    if growth == 1:
        return at // period, at % period / period
    starts = [0.0]
    lengths = [float(period)]
    while starts[-1] + lengths[-1] <= at.max(initial=0.0):
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * growth)
    k = np.searchsorted(starts, at, side="right") - 1
    return k, (at - np.array(starts)[k]) / np.array(lengths)[k]


def triangular(
    low_lr: float,
    high_lr: float,
    period: int,
    mode: str = "triangular",
    gamma: float | None = None,
) -> Schedule:
    r"""A rate that rises and falls in straight lines, again and again: CLR.

    With the period $T$, the number of the period $k = \lfloor i / T \rfloor$ and
    $h(i)$, which goes from 0 to 1 in the first half of a period and back in the second,

    $$ lr(i) = low + (high - low) \cdot h(i) \cdot s(i) $$

    where $s(i)$ is 1 for `"triangular"`, $2^{-k}$ for `"triangular2"` and $\gamma^i$
    for `"exponential_range"`.

    Args:
        low_lr: float >= 0, the rate of step 0, and between two periods.
        high_lr: float > low_lr, the rate in the middle of the first period.
        period: int >= 2, steps up and down: twice the `stepsize` of the paper.
        mode: `"triangular"`, `"triangular2"` (each peak is half as high above `low_lr`
            as the one before) or `"exponential_range"` (peaks fall by `gamma`).
        gamma: float in (0, 1), for `"exponential_range"` only: the factor per step.

    Returns:
        Schedule without an end.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = triangular(0.1, 0.5, 8, mode="triangular2")
    >>> [round(rate(i), 6) for i in (0, 2, 4, 8, 12)]
    [0.1, 0.3, 0.5, 0.1, 0.3]

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017
        (https://arxiv.org/abs/1506.01186).
    """
    check_rate("low_lr", low_lr, zero=True)
    check_rate("high_lr", high_lr)
    _check_order("low_lr", low_lr, "high_lr", high_lr, equal=False)
    check_count("period", period, least=2)
    _check_mode(mode, gamma)
    name = call_text(triangular, low_lr, high_lr, period, mode=mode, gamma=gamma)

    def rates(at: np.ndarray) -> np.ndarray:
        height = 1 - np.abs(1 - 2 * (at % period) / period)
        if mode == "triangular2":
            height = height * 0.5 ** (at // period)
        elif gamma is not None:
            height = height * gamma**at
        return np.asarray(low_lr * (1 - height) + high_lr * height)

    return Schedule(name, None, rates)


def one_cycle(
    peak_lr: float,
    steps: int,
    warmup_share: float = 0.25,
    start_divisor: float = 25.0,
    end_divisor: float = 1e5,
) -> Schedule:
    r"""Up along half a wave, then down along a longer one, to almost nothing.

    With $w = round(warmup \cdot steps)$,

    $$ lr(i) = \begin{cases}
    peak / d_{start} → peak & i \leq w \\ peak → peak / d_{end} & i > w \end{cases} $$

    each along a `cosine`. The defaults are fastai's. The paper moves the momentum the
    other way at the same time; this schedule changes the rate alone, because under
    TensorFlow an assignment to `optimizer.momentum` during `fit` changes nothing.

    Args:
        peak_lr: float > 0, the highest rate.
        steps: int >= 2, of the whole training.
        warmup_share: float in (0, 1), the share of the steps in which the rate rises.
        start_divisor: float >= 1; the rate of step 0 is `peak_lr / start_divisor`.
        end_divisor: float >= 1; the rate of step `steps` and of all after it is
            `peak_lr / end_divisor`.

    Returns:
        Schedule of this length.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = one_cycle(0.1, 100)
    >>> [round(rate(i), 6) for i in (0, 25, 100, 200)]
    [0.004, 0.1, 1e-06, 1e-06]

    References:
        Smith and Topin, Super-Convergence, 2018 (https://arxiv.org/abs/1708.07120);
        Smith, A Disciplined Approach, 2018 (https://arxiv.org/abs/1803.09820).
    """
    check_rate("peak_lr", peak_lr)
    check_count("steps", steps, least=2)
    check_fraction("warmup_share", warmup_share, usual=0.25)
    divisors = {"start_divisor": start_divisor, "end_divisor": end_divisor}
    for name, value in divisors.items():
        check_rate(name, value, what="number")
        if value < 1:
            raise InputError(
                f"Argument `{name}` must be at least 1. Received: {name}={value!r}. "
                "The peak is divided by it."
            )
    rising = min(max(1, round(warmup_share * steps)), steps - 1)
    parts = [
        cosine(peak_lr / start_divisor, peak_lr, rising),
        cosine(peak_lr, peak_lr / end_divisor, steps - rising),
    ]
    text = call_text(
        one_cycle, peak_lr, steps, warmup_share=warmup_share, **divisors
    )  # fmt: skip
    return Schedule(text, steps, join(parts, [rising]).function)


def _check_order(
    low: str, low_lr: float, high: str, high_lr: float, equal: bool = True
) -> None:
    if low_lr > high_lr or (low_lr == high_lr and not equal):
        rule = "at most" if equal else "less than"
        raise InputError(
            f"Argument `{low}` must be {rule} `{high}`. Received: {low}={low_lr!r}, "
            f"{high}={high_lr!r}. Exchange the two?"
        )


def _check_mode(mode: str, gamma: float | None) -> None:
    if mode not in MODES:
        raise InputError(
            f"Argument `mode` must be one of {list(MODES)}. Received: mode={mode!r}."
        )
    if (mode == "exponential_range") != (gamma is not None):
        raise InputError(
            'Argument `gamma` goes with mode="exponential_range", and with it alone. '
            f"Received: mode={mode!r}, gamma={gamma!r}."
        )
    if gamma is not None:
        check_fraction("gamma", gamma, usual=0.999)
