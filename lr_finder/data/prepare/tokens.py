"""From texts published as numbers of words to arrays of equal length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lr_finder._text import counted
from lr_finder.data.dataset import Dataset
from lr_finder.data.prepare.answers import prepare_answers
from lr_finder.data.request import Request

MAX_LENGTH = 200  # tokens of a text that are kept
LENGTH_PERCENTILE = 95  # of the texts to train on, kept whole
END, UNKNOWN = 0, 2  # tokens where a text has ended and for rare words, as in Keras


def usual_length(lengths: Sequence[int]) -> int:
    """The number of tokens to which texts are cut or filled.

    Args:
        lengths: tokens in each text to train on, one or more texts.

    Returns:
        int from 1 to 200: 95 % of the texts are no longer.

    Example:
    >>> usual_length([3, 4, 5]), usual_length([900, 1000])
    (5, 200)
    """
    length = int(np.ceil(np.percentile(lengths, LENGTH_PERCENTILE)))
    return min(max(length, 1), MAX_LENGTH)


def tokens_dataset(
    texts: Sequence[Sequence[int]], y: np.ndarray, request: Request, *, notes=()
) -> Dataset:
    """Texts given as numbers of words, cut or filled with 0 at the end.

    A word that no text to train on holds is unknown, token 2, elsewhere too.

    Args:
        texts: for each text its tokens, whole numbers from 1.
        y: array (texts,) of labels.
        request: Request, of which `task`, `limit`, `validation_fraction` and `seed`
            count.
        notes: tuple of str, what was done before.

    Returns:
        Dataset of kind "text".

    Raises:
        InputError: If the labels break a rule.

    Example:
    >>> texts, y = [[1, 5, 6], [1, 7]] * 5, np.array([0, 1] * 5)
    >>> tokens_dataset(texts, y, Request("imdb")).x_train.shape
    (8, 3)
    """
    parts = prepare_answers(np.asarray(y), request, rows="texts")
    length = usual_length([len(texts[row]) for row in parts.train])
    train = _padded(texts, parts.train, length)
    validation = _padded(texts, parts.validation, length)
    size = max(int(train.max()), UNKNOWN) + 1
    validation[~np.isin(validation, np.append(train, END))] = UNKNOWN
    note = f"texts cut or filled to {counted(length, 'token')}"
    return Dataset(
        train, x_validation=validation, kind="text", vocabulary_size=size,
        notes=(*notes, *parts.notes, note), **parts.fields,
    )  # fmt: skip


def _padded(texts: Sequence[Sequence[int]], rows: np.ndarray, length: int):
    """int32 tokens (rows, length)."""
    tokens = np.zeros((len(rows), length), dtype=np.int32)
    for place, row in zip(tokens, rows, strict=True):
        text = np.asarray(texts[row][:length], dtype=np.int32)
        place[: len(text)] = text
    return tokens
