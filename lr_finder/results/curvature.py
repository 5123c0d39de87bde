"""The largest curvature of a loss, and the rates at which plain SGD is stable."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from lr_finder._text import format_rate


@dataclasses.dataclass(frozen=True)
class Curvature:
    r"""The largest eigenvalue of a loss's second derivatives, and its direction.

    Args:
        value: float, the eigenvalue $\lambda$; 0 or negative if the loss bends upwards
            in no direction.
        vector: tuple of float arrays, its direction, of the shapes of the model's
            trainable variables; of length 1 in all.
        residual: float, $\lVert H v - \lambda v \rVert / \lvert \lambda \rvert$: an
            eigenvalue of $H$ differs from `value` by at most this share of it.
        products: int, how often $H$ was multiplied by a vector: each costs about two
            gradients of all `samples`.
        samples: int, over which the loss was averaged.

    Example:
    >>> curvature = Curvature(4.0, (np.ones(1),), 0.001, 9, 256)
    >>> print(curvature)
    largest curvature 4 (to 0.1 %): plain SGD is stable at rates up to 0.5 here
    >>> curvature.stable_rate(), curvature.stable_rate(momentum=0.9)
    (0.5, 0.95)
    """

    value: float
    vector: tuple[np.ndarray, ...] = dataclasses.field(repr=False)
    residual: float
    products: int
    samples: int

    def stable_rate(self, momentum: float = 0.0, nesterov: bool = False) -> float:
        r"""The highest rate at which SGD does not diverge on a loss of this curvature.

        $$ 2 / \lambda, \qquad 2 (1 + \beta) / \lambda, \qquad
           2 (1 + \beta) / ((1 + 2 \beta) \lambda) $$

        for plain SGD, with momentum $\beta$, and with Nesterov's momentum. On a
        quadratic loss that is exact. On other losses it holds at the weights that the
        model has now: the curvature changes in training, and mini-batches lower the
        highest stable rate.

        Args:
            momentum: float in [0, 1).
            nesterov: bool.

        Returns:
            float; infinity if no direction bends upwards.

        References:
            Cohen et al., Gradient Descent on Neural Networks Typically Occurs at the
            Edge of Stability, ICLR 2021 (https://arxiv.org/abs/2103.00065), appendix B.
        """
        if self.value <= 0:
            return math.inf
        highest = 2 * (1 + momentum) / self.value
        return highest / (1 + 2 * momentum) if nesterov else highest

    def __str__(self) -> str:
        stable = (
            f"plain SGD is stable at rates up to {format_rate(self.stable_rate())} here"
            if self.value > 0
            else "no rate is too high for plain SGD by this measure"
        )
        exact = f"{self.residual:.1%}".replace("%", " %")
        return f"largest curvature {self.value:.3g} (to {exact}): {stable}"
