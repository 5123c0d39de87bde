"""What drifts: columns that shift, images that are corrupted, labels that change."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter

from lr_finder.data.dataset import Task
from lr_finder.errors import InputError

LABELS, COLUMNS = "labels", "columns"
NOISE_SD, BLUR_SD, FLATTENED = 0.2, 1.5, 0.7  # of size 1: range, pixels, share


def changed(
    x: np.ndarray, y: np.ndarray, is_new: np.ndarray, *, change: str, size: float,
    task: Task, seed: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Rows of which some are changed.

    Args:
        x: array (rows, …) of floats.
        y: array of as many targets.
        is_new: bool array (rows,), which rows are changed.
        change: str, as of `make_stream`.
        size: float > 0.
        task: "classification" or "regression".
        seed: int.

    Returns:
        `(x, y)`, new arrays.

    Example:
    >>> x, y = np.zeros((4, 2)), np.array([0.0, 1.0, 2.0, 3.0])
    >>> changed(x, y, np.arange(4) > 1, change="labels", size=1.0, task="regression",
    ...         seed=0)[1].tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    x, y = x.copy(), y.copy()
    if change == LABELS:
        y[is_new] = changed_meaning(y, task=task, size=size, seed=seed)[is_new]
    elif is_new.any():
        x[is_new] = CHANGES[change](x, size, seed)[is_new]
    return x, y


def changed_meaning(y: np.ndarray, *, task: Task, size: float, seed: int) -> np.ndarray:
    r"""Targets that mean something else, while inputs stay as they are.

    Of a classification a share of the classes, drawn at random, changes names in a
    circle; at least two do. Of a regression the target is reflected about its mean,

    $$ y' = y + 2 \cdot size \cdot (\bar y - y) $$

    for size 1; for 0.5 it is its mean.

    Args:
        y: array (rows,) of class indices or numbers.
        task: "classification" or "regression".
        size: float > 0; of a classification the share of the classes, at most 1.
        seed: int.

    Returns:
        array (rows,).

    Example:
    >>> y = np.array([0, 1, 0, 1])
    >>> changed_meaning(y, task="classification", size=1.0, seed=0).tolist()
    [1, 0, 1, 0]
    """
    if task == "regression":
        return y + 2 * size * (y.mean() - y)
    classes = np.unique(y)
    n = min(len(classes), max(2, round(size * len(classes))))
    circle = np.random.default_rng(seed).permutation(classes)[:n]
    names = {int(k): int(k) for k in classes}
    names |= dict(zip(circle.tolist(), np.roll(circle, -1).tolist(), strict=True))
    return np.array([names[int(k)] for k in y], dtype=y.dtype)


def shifted_columns(x: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Half of the columns, drawn at random, moved up by so many standard deviations."""
    flat = x.reshape(len(x), -1).copy()
    n = max(1, flat.shape[1] // 2)
    columns = np.random.default_rng(seed).permutation(flat.shape[1])[:n]
    flat[:, columns] += size * flat[:, columns].std(axis=0)
    return flat.reshape(x.shape)


def noisy(x: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Images with normal noise, sd a fifth of the range for size 1."""
    low, high = float(x.min()), float(x.max())
    noise = np.random.default_rng(seed).normal(size=x.shape).astype(x.dtype)
    return np.clip(x + size * NOISE_SD * (high - low) * noise, low, high)


def blurred(x: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Images behind a Gaussian blur of 1.5 pixels for size 1."""
    del seed
    return gaussian_filter(x, (0, size * BLUR_SD, size * BLUR_SD, 0))


def flattened(x: np.ndarray, size: float, seed: int) -> np.ndarray:
    """Images nearer to their own mean: 70 % of the contrast is gone for size 1."""
    del seed
    mean = x.mean(axis=(1, 2, 3), keepdims=True)
    return mean + (x - mean) * max(0.0, 1 - size * FLATTENED)


CHANGES: dict[str, Callable[[np.ndarray, float, int], np.ndarray]] = {
    COLUMNS: shifted_columns,
    "noise": noisy,
    "blur": blurred,
    "contrast": flattened,
}
OF_IMAGES = ("noise", "blur", "contrast")


def check_change(change: str, size: float, x: np.ndarray) -> None:
    """Refuse a change that there is not, or that does not go with the inputs.

    Args:
        change: str.
        size: float.
        x: array of inputs.

    Raises:
        InputError: If it is unknown, its size is not positive, or it needs images.

    Example:
    >>> check_change("columns", 1.0, np.zeros((4, 2)))
    """
    known = [LABELS, *CHANGES]
    if change not in known:
        raise InputError(
            f"Argument `change` must be one of {', '.join(known)}. Received: "
            f"change={change!r}."
        )
    is_number = isinstance(size, numbers.Real) and not isinstance(size, bool)
    if not is_number or not 0 < size < math.inf:
        raise InputError(
            "Argument `size` must be positive and finite. Received: "
            f"size={size!r:.40}. 1 is a strong change."
        )
    if change in OF_IMAGES and x.ndim != 4:
        raise InputError(
            f"Argument `change` must be labels or columns for inputs that are no "
            f"images (rows, height, width, channels). Received: change={change!r} and "
            f"x of shape {x.shape}."
        )
