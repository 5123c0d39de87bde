"""The gradient noise scale: which batch size the noise of the gradient hints at."""

from __future__ import annotations

import math

import numpy as np

from lr_finder.errors import InputError


def simple_noise_scale(
    small: np.ndarray | list[float],
    big: np.ndarray | list[float],
    small_size: int,
    big_size: int,
) -> float:
    r"""The simple noise scale, from gradients of two batch sizes at the same weights.

    Let $G$ be the gradient of all data, and $\Sigma$ the covariance of the gradients of
    single samples. The squared norm of a gradient of $B$ samples has the mean
    $\lVert G \rVert^2 + \operatorname{tr}(\Sigma) / B$. So two sizes $b < B$ tell both:

    $$ \lVert G \rVert^2 \approx
       \frac{B \lVert G_B \rVert^2 - b \lVert G_b \rVert^2}{B - b}, \quad
       \operatorname{tr}(\Sigma) \approx
       \frac{\lVert G_b \rVert^2 - \lVert G_B \rVert^2}{1 / b - 1 / B}, \quad
       B_{simple} = \operatorname{tr}(\Sigma) / \lVert G \rVert^2 $$

    Both are averaged over the steps before they are divided, since the quotient of a
    single step is biased. A batch far smaller than $B_{simple}$ is mostly noise: twice
    the batch takes nearly half the steps. A far larger one saves hardly a step.

    Args:
        small: float array (n,), squared norms of gradients of `small_size` samples; of
            several in a step, their mean.
        big: float array (n,), squared norms of gradients of `big_size` samples.
        small_size: int >= 1.
        big_size: int > small_size.

    Returns:
        float >= 0, samples; inf if the noise hides the gradient, nan without steps.

    Raises:
        InputError: If the sizes break their rule.

    Example:
    >>> simple_noise_scale([4.0 + 8.0 / 16], [4.0 + 8.0 / 32], 16, 32)
    2.0

    References:
        McCandlish et al., An Empirical Model of Large-Batch Training (2018), equation
        2.9 and appendix A.1.
    """
    if not 1 <= small_size < big_size:
        raise InputError(
            "Argument `big_size` must be greater than `small_size`, and that at least "
            f"1. Received: small_size={small_size}, big_size={big_size}."
        )
    if not len(small):
        return math.nan
    one, other = float(np.mean(small)), float(np.mean(big))
    squared = (big_size * other - small_size * one) / (big_size - small_size)
    trace = (one - other) / (1 / small_size - 1 / big_size)
    if not (math.isfinite(squared) and math.isfinite(trace)):
        return math.nan
    return max(trace, 0.0) / squared if squared > 0 else math.inf
