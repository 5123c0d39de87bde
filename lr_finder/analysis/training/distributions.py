"""What the batches of a training hold: their distributions, and how far they drift."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
ENTRIES = 10_000  # of a batch, for its quantiles: sorting millions would cost a step
COLUMNS = 64  # told apart; wider data (flattened images, long texts) counts as one
CLASSES = 100  # whole numbers above that many are quantities, not labels


@dataclasses.dataclass(frozen=True, eq=False)
class Summary:
    """What one batch holds of one input or target.

    Args:
        count: int, samples.
        means: float array (columns,), of each column.
        sds: float array (columns,), over the samples, each taken by its mean where it
            has several values in a column (the pixels of a channel).
        quantiles: float array (5,), of all values, at `QUANTILES`.
        class_counts: dict of class to number of samples, or None for quantities.
    """

    count: int
    means: np.ndarray
    sds: np.ndarray
    quantiles: np.ndarray
    class_counts: dict[int, int] | None = None


def summarise(values: np.ndarray, is_target: bool = False) -> Summary | None:
    """Mean, standard deviation, quantiles and class counts of a batch.

    Columns are those of the last axis (features, channels), up to 64; else all values
    count as one column. Quantiles are of at most 10,000 values, evenly spread.

    Args:
        values: array (samples, …) of numbers.
        is_target: bool, whether to count classes: whole numbers, or rows of zeros with
            one 1.

    Returns:
        Summary; None for values that are no numbers, or none at all.

    Example:
    >>> summary = summarise(np.array([0, 1, 1, 2]), is_target=True)
    >>> summary.means, summary.class_counts
    (array([1.]), {0: 1, 1: 2, 2: 1})
    """
    if values.dtype.kind not in "biuf" or not values.size:
        return None
    wide = values.astype(float)
    columns = values.shape[-1] if 1 < values.ndim and values.shape[-1] <= COLUMNS else 1
    samples = wide.reshape(len(wide), -1, columns).mean(axis=1)
    flat = wide.ravel()
    flat = flat[:: -(-flat.size // ENTRIES)]
    return Summary(
        len(wide),
        samples.mean(axis=0),
        samples.std(axis=0),
        np.quantile(flat, QUANTILES),
        _class_counts(wide) if is_target else None,
    )


def _class_counts(values: np.ndarray) -> dict[int, int] | None:
    """How many samples each class has; None if the values are no labels."""
    if values.ndim == 2 and values.shape[1] > 1:
        is_one_hot = np.all((values == 0) | (values == 1)) and np.all(
            values.sum(1) == 1
        )
        if not is_one_hot:
            return None
        values = values.argmax(axis=1)
    elif values.size != len(values) or not np.all(values == np.round(values)):
        return None
    classes, counts = np.unique(values, return_counts=True)
    if len(classes) > CLASSES:
        return None
    return dict(zip(classes.astype(int).tolist(), counts.tolist(), strict=True))


@dataclasses.dataclass(frozen=True, eq=False)
class Distribution:
    """What all batches of a training hold of one input or target.

    Args:
        name: str, `x` or `y`, with the name of the input if there are several.
        batches: sequence of Summary, in the order of training, at least one.
    """

    name: str
    batches: Sequence[Summary]

    @property
    def counts(self) -> np.ndarray:
        """Samples of each batch: int array (n,)."""
        return np.array([batch.count for batch in self.batches])

    @property
    def means(self) -> np.ndarray:
        """Mean of each batch and column: float array (n, columns)."""
        return np.array([batch.means for batch in self.batches])

    @property
    def sds(self) -> np.ndarray:
        """Standard deviation of each batch and column: float array (n, columns)."""
        return np.array([batch.sds for batch in self.batches])

    @property
    def quantiles(self) -> np.ndarray:
        """Quantiles of each batch: float array (n, 5), at `QUANTILES`."""
        return np.array([batch.quantiles for batch in self.batches])

    @property
    def class_counts(self) -> dict[int, np.ndarray] | None:
        """Class -> samples of it in each batch, int array (n,); None for quantities."""
        told = [batch.class_counts for batch in self.batches]
        found = [counts for counts in told if counts is not None]
        if len(found) < len(told):
            return None
        classes = sorted(set().union(*found))
        if len(classes) > CLASSES:
            return None
        return {c: np.array([counts.get(c, 0) for counts in found]) for c in classes}

    def drift(self) -> np.ndarray:
        r"""How far each batch lies from all of them: about 1 for random batches.

        For quantities, the distance of the batch's mean $m_j$ in standard errors,
        $S_j$ being the standard deviation of all samples and $M_j$ their mean, over
        the columns $j$ by root mean square; for classes, Pearson's $\chi^2$ of the
        counts by its degrees of freedom:

        $$ \sqrt{\operatorname{mean}_j \frac{n (m_j - M_j)^2}{S_j^2}}
           \quad\text{or}\quad \sqrt{\chi^2 / (k - 1)} $$

        Returns:
            float array (n,); 0 if nothing varies. Sorted or badly shuffled data
            drifts by many times 1.

        References:
            Cochran, The chi-squared test of goodness of fit, Annals of Mathematical
            Statistics 23 (1952).
        """
        classes = self.class_counts
        counts = self.counts[:, None]
        if classes is not None:
            seen = np.array(list(classes.values())).T
            expected = counts * seen.sum(axis=0) / seen.sum()
            freedom = max(seen.shape[1] - 1, 1)
            off = ((seen - expected) ** 2 / expected).sum(axis=1)
            drift: np.ndarray = np.sqrt(off / freedom)
            return drift
        total = counts.sum()
        centre = (counts * self.means).sum(axis=0) / total
        apart = (self.means - centre) ** 2
        variance = (counts * (self.sds**2 + apart)).sum(axis=0) / total
        varies = variance > 0
        if not varies.any():
            return np.zeros(len(self.batches))
        off = (counts * apart / np.where(varies, variance, 1))[:, varies]
        drift = np.sqrt(off.mean(axis=1))
        return drift
