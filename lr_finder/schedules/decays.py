"""Schedules that fall, or rise, from one learning rate to another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lr_finder._arguments import check_count, check_fraction, check_rate
from lr_finder.schedules.schedule import (
    Schedule,
    call_text,
    check_boundaries,
    check_ends,
)


def constant(lr: float) -> Schedule:
    r"""The same rate at every step.

    $$ lr(i) = lr $$

    Args:
        lr: float > 0.

    Returns:
        Schedule without an end.

    Raises:
        InputError: If the rate is not positive and finite.

    Example:
    >>> constant(0.1)(500)
    0.1
    """
    check_rate("lr", lr)
    return Schedule(
        call_text(constant, lr), None, lambda at: np.full(at.shape, float(lr))
    )


def step(start_lr: float, every: int | Sequence[int], factor: float = 0.1) -> Schedule:
    r"""A rate that drops by a factor, and is constant between drops.

    $$ lr(i) = start \cdot factor^{\lfloor i / every \rfloor} $$

    or, with the steps $b_1 < b_2 < …$ of the drops given one by one,

    $$ lr(i) = start \cdot factor^{|\{k : b_k \leq i\}|} $$

    Keras' `PiecewiseConstantDecay` drops one step later: its boundaries are
    `b - 1`. For any rates between the drops, see `multi_stage`.

    Args:
        start_lr: float > 0, the rate of step 0.
        every: int >= 1, steps between two drops; or rising sequence of int >= 1, the
            first step at each lower rate.
        factor: float in (0, 1), by which the rate is multiplied at each drop.

    Returns:
        Schedule without an end.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = step(0.1, 30, factor=0.5)
    >>> rate(29), rate(30), rate(60)
    (0.1, 0.05, 0.025)
    >>> rate = step(0.1, [30, 80], factor=0.5)
    >>> rate(79), rate(80)
    (0.05, 0.025)

    References:
        He et al., Deep Residual Learning for Image Recognition, CVPR 2016
        (https://arxiv.org/abs/1512.03385), section 3.4, divides by 10.
    """
    check_rate("start_lr", start_lr)
    check_fraction("factor", factor, usual=0.1)
    if isinstance(every, Sequence) and not isinstance(every, str):
        drops = check_boundaries("every", every)
        name = call_text(step, start_lr, drops.tolist(), factor=factor)
        return Schedule(
            name, None,
            lambda at: start_lr * factor ** np.searchsorted(drops, at, side="right"),
        )  # fmt: skip
    check_count("every", every, least=1)
    name = call_text(step, start_lr, every, factor=factor)
    return Schedule(name, None, lambda at: start_lr * factor ** (at // every))


def exponential(start_lr: float, end_lr: float, steps: int) -> Schedule:
    r"""A rate that is multiplied by the same factor at every step.

    $$ lr(i) = start \cdot (end / start)^{i / steps} $$

    Args:
        start_lr: float > 0, the rate of step 0.
        end_lr: float > 0, the rate of step `steps` and of all after it.
        steps: int >= 1, from the one rate to the other.

    Returns:
        Schedule of this length; both ends are exact.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = exponential(0.1, 0.001, 2)
    >>> [round(rate(i), 6) for i in range(4)]
    [0.1, 0.01, 0.001, 0.001]

    References:
        Li and Arora, An Exponential Learning Rate Schedule for Deep Learning,
        ICLR 2020 (https://arxiv.org/abs/1910.07454).
    """
    check_rate("start_lr", start_lr)
    check_rate("end_lr", end_lr)
    check_count("steps", steps, least=1)
    low, high = np.log10(start_lr), np.log10(end_lr)

    def rates(at: np.ndarray) -> np.ndarray:  # bit for bit as numpy.geomspace
        inner = 10.0 ** (at * ((high - low) / steps) + low)
        return np.where(at == 0, start_lr, np.where(at == steps, end_lr, inner))

    return Schedule(call_text(exponential, start_lr, end_lr, steps), steps, rates)


def inverse_time(
    start_lr: float, decay_rate: float, time_interval: int | None = None
) -> Schedule:
    r"""A rate that falls like 1 / time, smoothly or in stairs.

    $$ lr(i) = \frac{start}{1 + decay \cdot i} \qquad
    lr(i) = \frac{start}{1 + decay \cdot \lfloor i / interval \rfloor} $$

    Args:
        start_lr: float > 0, the rate of step 0.
        decay_rate: float > 0; after `1 / decay_rate` steps (or intervals) the rate is
            half of `start_lr`.
        time_interval: int >= 1, steps for which the rate stays before it falls again;
            None lets it fall at every step.

    Returns:
        Schedule without an end.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = inverse_time(0.1, 0.5)
    >>> rate(2), rate(8)
    (0.05, 0.02)
    >>> rate = inverse_time(0.1, 1.0, time_interval=100)
    >>> rate(99), rate(100)
    (0.1, 0.05)

    References:
        Robbins and Monro, A Stochastic Approximation Method, 1951: rates whose sum is
        infinite and the sum of whose squares is not.
    """
    check_rate("start_lr", start_lr)
    check_rate("decay_rate", decay_rate, what="number")
    interval = time_interval
    if interval is not None:
        check_count("time_interval", interval, least=1)
    name = call_text(inverse_time, start_lr, decay_rate, time_interval=interval)

    def rates(at: np.ndarray) -> np.ndarray:
        passed = at if interval is None else at // interval
        return np.asarray(start_lr / (1 + decay_rate * passed))

    return Schedule(name, None, rates)


def polynomial(
    start_lr: float, end_lr: float, steps: int, power: float = 2.0
) -> Schedule:
    r"""A rate that goes from one value to another along a power of the time left.

    $$ lr(i) = end + (start - end) \cdot (1 - i / steps)^{power} $$

    Args:
        start_lr: float > 0, the rate of step 0.
        end_lr: float >= 0, the rate of step `steps` and of all after it.
        steps: int >= 1, from the one rate to the other.
        power: float > 0; above 1 the rate changes most at first, below 1 at the end.

    Returns:
        Schedule of this length; both ends are exact.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = polynomial(0.4, 0.0, 4)
    >>> [round(rate(i), 6) for i in range(6)]
    [0.4, 0.225, 0.1, 0.025, 0.0, 0.0]

    References:
        Chen et al., DeepLab, 2017 (https://arxiv.org/abs/1606.00915), section 4.1.
    """
    check_ends(start_lr, end_lr, steps)
    check_rate("power", power, what="number")
    name = call_text(polynomial, start_lr, end_lr, steps, power=power)

    def rates(at: np.ndarray) -> np.ndarray:
        left = (1 - at / steps) ** power
        return np.asarray(start_lr * left + end_lr * (1 - left))

    return Schedule(name, steps, rates)


def linear(start_lr: float, end_lr: float, steps: int) -> Schedule:
    r"""A rate that falls, or rises, by the same amount at every step.

    $$ lr(i) = start + (end - start) \cdot i / steps $$

    Args:
        start_lr: float >= 0, the rate of step 0.
        end_lr: float >= 0, the rate of step `steps` and of all after it; one of the
            two is not 0.
        steps: int >= 1, from the one rate to the other.

    Returns:
        Schedule of this length; both ends are exact.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = linear(0.3, 0.0, 3)
    >>> [round(rate(i), 6) for i in range(5)]
    [0.3, 0.2, 0.1, 0.0, 0.0]

    References:
        Defazio et al., Optimal Linear Decay Learning Rate Schedules and Further
        Refinements, 2023 (https://arxiv.org/abs/2310.07831).
    """
    check_rate("end_lr", end_lr, zero=True)
    check_rate("start_lr", start_lr, zero=end_lr > 0)
    check_count("steps", steps, least=1)

    def rates(at: np.ndarray) -> np.ndarray:  # bit for bit as numpy.linspace
        inner = at * ((end_lr - start_lr) / steps) + start_lr
        return np.where(at == steps, end_lr, inner)

    return Schedule(call_text(linear, start_lr, end_lr, steps), steps, rates)


def cosine(start_lr: float, end_lr: float, steps: int) -> Schedule:
    r"""A rate that goes along half a wave: slowly at both ends, fast between.

    $$ lr(i) = end + (start - end) \cdot \frac{1 + \cos(\pi i / steps)}{2} $$

    Args:
        start_lr: float > 0, the rate of step 0.
        end_lr: float >= 0, the rate of step `steps` and of all after it.
        steps: int >= 1, from the one rate to the other.

    Returns:
        Schedule of this length; both ends are exact.

    Raises:
        InputError: If an argument breaks its rule.

    Example:
    >>> rate = cosine(0.1, 0.0, 100)
    >>> [round(rate(i), 6) for i in (0, 50, 100, 101)]
    [0.1, 0.05, 0.0, 0.0]

    References:
        Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts,
        ICLR 2017 (https://arxiv.org/abs/1608.03983), equation 5.
    """
    check_ends(start_lr, end_lr, steps)

    def rates(at: np.ndarray) -> np.ndarray:
        return half_wave(start_lr, end_lr, at / steps)

    return Schedule(call_text(cosine, start_lr, end_lr, steps), steps, rates)


def half_wave(
    start_lr: float | np.ndarray, end_lr: float, passed: np.ndarray
) -> np.ndarray:
    """From one rate to another along half a cosine; the ends are exact.

    Args:
        start_lr: float or array (n,).
        end_lr: float.
        passed: array (n,) in [0, 1], the share of the way.

    Returns:
        array (n,).
    """
    left = 0.5 * (1 + np.cos(np.pi * passed))
    return np.asarray(start_lr * left + end_lr * (1 - left))
