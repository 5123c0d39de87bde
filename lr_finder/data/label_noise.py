"""Labels with noise: some of the training rows get another class, drawn at random."""

from __future__ import annotations

import dataclasses

import numpy as np

from lr_finder._arguments import check_fraction, check_seed
from lr_finder.data.parts import ThreeParts
from lr_finder.errors import InputError


def with_label_noise(parts: ThreeParts, share: float, seed: int = 0) -> ThreeParts:
    """Replace the labels of a share of the training rows by other classes.

    Which rows, and which of the other classes each gets, is drawn with equal chances.
    Validation and test rows keep their labels.

    Args:
        parts: ThreeParts of a classification.
        share: float in (0, 1), of the training rows, rounded to whole rows.
        seed: int >= 0, of the draw.

    Returns:
        ThreeParts, whose rows are those of `parts`.

    Raises:
        InputError: If the share or the seed breaks its rule, or there are no two
            classes.

    Example:
    >>> from lr_finder.data.dataset import Dataset
    >>> x, y = np.zeros((10, 1), "float32"), np.arange(10, dtype="int32") % 2
    >>> data = Dataset(x, y, x, y, "classification", classes=(0, 1))
    >>> noisy = with_label_noise(ThreeParts(data, x, y, "zeros"), 0.4)
    >>> int((noisy.dataset.y_train != y).sum()), bool((noisy.y_test == y).all())
    (4, True)

    References:
        Zhang et al., Understanding Deep Learning Requires Rethinking Generalization,
        ICLR 2017 (https://arxiv.org/abs/1611.03530).
    """
    check_fraction("label_noise", share, usual=0.4)
    check_seed(seed)
    n_classes = parts.dataset.n_classes
    if parts.dataset.task != "classification" or n_classes < 2:
        raise InputError(
            "Argument `label_noise` needs data with two classes or more. Received: "
            f"label_noise={share} for a {parts.dataset.task} with {n_classes} classes. "
            "Leave it out."
        )
    rng, y = np.random.default_rng(seed), parts.dataset.y_train.copy()
    rows = rng.choice(len(y), round(share * len(y)), replace=False)
    y[rows] = (y[rows] + rng.integers(1, n_classes, len(rows))) % n_classes
    dataset = dataclasses.replace(parts.dataset, y_train=y)
    return dataclasses.replace(parts, dataset=dataset)
