"""Whether inputs still look as before: a test for each column, every so many rows."""

from __future__ import annotations

import numpy as np
from scipy.stats import ks_2samp

from lr_finder.errors import InputError

WINDOW = 100  # rows that are compared with the reference at a time
LEVEL = 0.001  # chance of an alarm in a window of which nothing drifts, at most
REFERENCE = 2000  # rows of the reference, drawn at random
IMAGE_AXES = 4  # rows, height, width, channels


class InputMonitor:
    r"""Compare each column of new inputs with inputs from before the deployment.

    Every 100 rows a Kolmogorov-Smirnov test compares each column with the reference; an
    alarm is a p-value below $0.001 / columns$, by Bonferroni. Of images, the columns
    are mean and standard deviation of each channel. It sees no target and no error: if
    only the meaning of labels changes, it must stay silent.

    Args:
        seed: int, draws the rows of the reference.
        window: int >= 2, rows that are compared at a time.

    Example:
    >>> rng = np.random.default_rng(0)
    >>> monitor = InputMonitor()
    >>> monitor.calibrate(np.zeros(500), rng.normal(size=(500, 3)))
    >>> shifted = rng.normal(1.0, 1.0, size=(100, 3))
    >>> [row for row, x in enumerate(shifted) if monitor.update(0.0, x)]
    [99]
    """

    def __init__(self, *, seed: int = 0, window: int = WINDOW):
        self._seed, self._window = seed, window
        self._reference = np.empty((0, 0))
        self._rows: list[np.ndarray] = []

    def calibrate(self, errors: np.ndarray, x: np.ndarray | None = None) -> None:
        """Take inputs from before as the reference.

        Args:
            errors: ignored: inputs alone are watched.
            x: array (rows, …).

        Raises:
            InputError: If there are no inputs.
        """
        del errors
        if x is None or len(x) < 2:
            raise InputError(
                "A monitor of inputs must know inputs from before the deployment. "
                "Received: none. Train on more rows."
            )
        if len(x) > REFERENCE:
            x = x[np.random.default_rng(self._seed).permutation(len(x))[:REFERENCE]]
        self._reference, self._rows = as_columns(np.asarray(x)), []

    def update(self, error: float, x: np.ndarray | None = None) -> bool:
        """Take the next input.

        Args:
            error: ignored.
            x: array, one row.

        Returns:
            bool, whether there is an alarm.
        """
        del error
        self._rows.append(np.asarray(x))
        if len(self._rows) < self._window:
            return False
        columns, self._rows = as_columns(np.stack(self._rows)), []
        lowest = min(
            ks_2samp(new, old).pvalue
            for new, old in zip(columns.T, self._reference.T, strict=True)
        )
        return bool(lowest < LEVEL / columns.shape[1])


def as_columns(x: np.ndarray) -> np.ndarray:
    """Inputs as columns of numbers: of images mean and sd of each channel.

    Args:
        x: array (rows, …).

    Returns:
        float array (rows, columns).

    Example:
    >>> as_columns(np.zeros((5, 8, 8, 3))).shape, as_columns(np.zeros((5, 7))).shape
    ((5, 6), (5, 7))
    """
    if x.ndim == IMAGE_AXES:
        return np.concatenate([x.mean(axis=(1, 2)), x.std(axis=(1, 2))], axis=1)
    return x.reshape(len(x), -1)
