"""Errors that remember the one before: an AR(1) process, fitted, removed and made."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from lr_finder._arguments import check_count
from lr_finder.errors import InputError

FEWEST_ERRORS = 3  # two neighbouring pairs
HIGHEST_COEFFICIENT = 0.98  # a process nearer to 1 has no level to depart from


@dataclasses.dataclass(frozen=True)
class ARProcess:
    r"""An AR(1) process, in which an error keeps a share of the one before.

    $$ e_t - m = c \, (e_{t-1} - m) + r_t $$

    Args:
        mean: float, $m$, in the unit of the errors.
        coefficient: float in [0, 1), $c$.
        sd: float >= 0, standard deviation of the residuals $r_t$.

    Example:
    >>> ARProcess(mean=1.0, coefficient=0.5, sd=0.1).residual(2.0, 3.0)
    0.0
    """

    mean: float
    coefficient: float
    sd: float

    def residual(self, error: float, previous: float) -> float:
        """What the error before does not explain of an error, in the errors' unit."""
        return error - self.mean - self.coefficient * (previous - self.mean)


def fit_ar1(errors: ArrayLike) -> ARProcess:
    r"""Fit an AR(1) process to errors by their mean and first autocorrelation.

    $$ c = \frac{\sum_t d_t d_{t-1}}{\sum_t d_t^2}, \qquad d_t = e_t - \bar e $$

    kept within 0 and 0.98.

    Args:
        errors: array-like (time,) of finite numbers, at least three.

    Returns:
        ARProcess.

    Raises:
        InputError: If there are fewer, or one is not finite.

    Example:
    >>> process = fit_ar1(autocorrelated_errors(20_000, 0.5, seed=0))
    >>> round(process.coefficient, 1), round(process.sd, 1)
    (0.5, 0.9)

    References:
        Box, Jenkins, Reinsel and Ljung, Time Series Analysis, 5th ed., ch. 7.
    """
    values = as_errors(errors)
    mean = float(values.mean())
    apart = values - mean
    power = float(apart @ apart)
    share = float(apart[1:] @ apart[:-1]) / power if power > 0 else 0.0
    coefficient = min(max(share, 0.0), HIGHEST_COEFFICIENT)
    rest = apart[1:] - coefficient * apart[:-1]
    return ARProcess(mean, coefficient, float(rest.std()))


def block_means(errors: ArrayLike, size: int) -> np.ndarray:
    """Means of errors over blocks of equal size; an incomplete last block is left out.

    Args:
        errors: array-like (time,).
        size: int >= 1, errors in a block.

    Returns:
        float64 array (time // size,).

    Example:
    >>> block_means([1.0, 3.0, 5.0, 7.0, 100.0], 2).tolist()
    [2.0, 6.0]
    """
    check_count("size", size, least=1)
    values = np.asarray(errors, np.float64)
    whole = len(values) // size * size
    means: np.ndarray = values[:whole].reshape(-1, size).mean(axis=1)
    return means


def autocorrelated_errors(n: int, coefficient: float, *, seed: int) -> np.ndarray:
    r"""Draw errors of mean 0 and variance 1 from a stationary AR(1) process.

    $$ e_t = c \, e_{t-1} + \sqrt{1 - c^2} \, z_t, \qquad z_t \sim N(0, 1) $$

    Args:
        n: int >= 1, errors.
        coefficient: float in [0, 1), $c$; 0 draws independent errors.
        seed: int >= 0.

    Returns:
        float64 array (n,).

    Raises:
        InputError: If the coefficient lies outside.

    Example:
    >>> autocorrelated_errors(3, 0.9, seed=1).shape
    (3,)
    """
    check_count("n", n, least=1)
    if not 0 <= coefficient < 1:
        raise InputError(
            "Argument `coefficient` must be at least 0 and below 1. Received: "
            f"coefficient={coefficient!r}. 0.5 is a usual one."
        )
    draws = np.random.default_rng(seed).normal(size=n)
    draws[1:] *= np.sqrt(1 - coefficient**2)
    for place in range(1, n):
        draws[place] += coefficient * draws[place - 1]
    return draws


def as_errors(errors: ArrayLike, name: str = "errors") -> np.ndarray:
    """Errors as an array of float64; refused if they are too few or not finite.

    Args:
        errors: array-like (time,).
        name: str, what the argument is called.

    Returns:
        float64 array (time,).

    Raises:
        InputError: If they break the rule.

    Example:
    >>> as_errors([1, 2, 3]).dtype.name
    'float64'
    """
    values = np.asarray(errors, np.float64)
    if values.ndim != 1 or len(values) < FEWEST_ERRORS or not np.isfinite(values).all():
        raise InputError(
            f"Argument `{name}` must hold at least {FEWEST_ERRORS} finite numbers in "
            f"one row. Received: shape {values.shape}, of which "
            f"{int(np.isfinite(values).sum())} are finite. Give the errors of rows "
            "that the model was not trained on."
        )
    return values
