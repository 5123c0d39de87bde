"""From a column of texts to tokens: Keras' TextVectorization, fitted once."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lr_finder._text import counted
from lr_finder.data.cells.columns import FEWEST_WORDS, find_column, words
from lr_finder.data.dataset import Dataset
from lr_finder.data.features.feature_notes import features_note, target_notes
from lr_finder.data.prepare.kinds import text_column, text_target
from lr_finder.data.prepare.target import prepare_target, rows_with_target
from lr_finder.data.prepare.tokens import usual_length
from lr_finder.data.request import Request
from lr_finder.data.saved_preprocessing import Preprocessing, Target, TextSteps
from lr_finder.errors import InputError, LRFinderError

MAX_TOKENS = 10_000  # different tokens, those for the end and the unknown included
BATCH = 4_096  # texts turned into tokens at once
FEWEST_DIFFERENT = 5  # words: fewer make names of categories
SAMPLE = 1_000  # texts, the first, that tell how many words there are
WORD = re.compile(r"\w+")
SPECIAL_TOKENS = 2  # for the end of the text and for unknown words


def text_dataset(
    table: pd.DataFrame, request: Request, *, left_out: Sequence[str] = ()
) -> Dataset:
    """A column of texts, as tokens, from which another column is predicted.

    The text is the column with the most words. Without `target`, the label is the
    last column if it can be one, else the column of fewest different values.

    Args:
        table: DataFrame, columns of numbers or text, named by text.
        request: Request.
        left_out: sequence of str, columns that were left out before.

    Returns:
        Dataset of kind "text": int32 tokens (texts, length), 0 after the end.

    Raises:
        InputError: If there is no text or no label, or a text or label breaks a rule.
        LRFinderError: If TensorFlow, which reads texts for Keras, is missing.

    Example:
    >>> rows = [["up", "so it goes"], ["low", "on we go"]] * 5
    >>> table = pd.DataFrame(rows, columns=["mood", "said"])
    >>> text_dataset(table, Request("moods.csv")).x_train.shape
    (8, 3)
    """
    text, target = _columns(table, request)
    notes = _notes_on_columns(table, text, target, left_out)
    table, more = rows_with_target(table, target, rows="texts")
    notes += more
    is_blank = table[text].isna() | (table[text].astype("str").str.strip() == "")
    rows = table[~is_blank]
    if rows.empty:
        raise InputError(
            f"Text column {text!r} of {request.source} must hold text. Received: "
            f"{len(table):,} rows, all empty. Name another target or file."
        )
    if request.kind == "text":  # a guess has looked at the words already
        _check_words(rows[text], request)
    if is_blank.any():
        n_blank = counted(int(is_blank.sum()), "row")
        notes += (f"{n_blank} left out: no text in them",)
    return encode_texts(rows[text], rows[target], request, notes=notes)


def encode_texts(
    texts: pd.Series, answers: pd.Series, request: Request, *, notes=()
) -> Dataset:
    """Texts as tokens; the vocabulary is that of the texts to train on.

    Args:
        texts: Series of str, none empty.
        answers: Series, the target of each text.
        request: Request.
        notes: tuple of str, what was done before.

    Returns:
        Dataset of kind "text".

    Raises:
        InputError: If the target breaks a rule, or no text holds a word.
        LRFinderError: If TensorFlow, which reads texts for Keras, is missing.
    """
    parts = prepare_target(answers, request, rows="texts")
    train = texts.iloc[parts.train].tolist()
    length, layer = _fit(train)
    size = int(layer.vocabulary_size())
    if size <= SPECIAL_TOKENS:
        raise InputError(
            f"The texts of {request.source} must hold words. Received: only marks, "
            f"such as {train[0][:40]!r}. Name another target or file."
        )
    notes += (
        *target_notes(parts.fields.get("classes", ())),
        *parts.notes,
        f"texts cut or filled to {counted(length, 'token')} of {size:,}, fitted on the "
        "training part",
    )
    return Dataset(
        x_train=_tokens(layer, train),
        x_validation=_tokens(layer, texts.iloc[parts.validation].tolist()),
        kind="text",
        vocabulary_size=size,
        notes=notes,
        preprocessing=Preprocessing(
            "text",
            Target.of(parts.fields),
            TextSteps(str(texts.name), length, tuple(layer.get_vocabulary())[2:]),
        ),
        **parts.fields,
    )


def text_tokens(steps: TextSteps, texts: list[str]) -> np.ndarray:
    """Other texts as tokens, by a vocabulary that is known.

    Args:
        steps: TextSteps.
        texts: list of str.

    Returns:
        int32 array (texts, length), 0 after the end of a text.
    """
    return _tokens(_layer(steps.length, list(steps.vocabulary)), texts)


def _columns(table: pd.DataFrame, request: Request) -> tuple[str, str]:
    """Names of the text and of the target."""
    target = None
    if request.target is not None:
        target = find_column(table, request.target, "target")
    text = text_column(table, target)
    if text is None:
        raise InputError(
            f"{request.source} must have a column of text. Received: "
            f"{', '.join(map(repr, list(table)[:5]))}, none of them besides the "
            "target. Name another target, or read it as kind tabular."
        )
    target = target or text_target(table, text)
    if target is None:
        raise InputError(
            f"{request.source} must have a column of labels beside the text {text!r}: "
            "at least two values that repeat. Received: none. Name it as `target`."
        )
    return text, target


def _check_words(texts: pd.Series, request: Request) -> None:
    """Refuse categories and codes that were taken for texts."""
    average = words(texts)
    different = {
        word for text in texts.head(SAMPLE) for word in WORD.findall(text.lower())
    }
    few = 0 < len(different) < FEWEST_DIFFERENT  # none at all: it holds marks only
    if average < FEWEST_WORDS or few:
        raise InputError(
            f"Text column {texts.name!r} of {request.source} must hold texts of "
            f"{FEWEST_WORDS} words or more on average, {FEWEST_DIFFERENT} of them "
            f"different. Received: {average:.1f} words on average, {len(different):,} "
            "different. Read it as kind tabular, or name another target or file."
        )


def _notes_on_columns(
    table: pd.DataFrame, text: str, target: str, left_out: Sequence[str]
) -> tuple[str, ...]:
    others = [name for name in table if name not in (text, target)]
    return (
        f"text is column {text!r}, target {target!r}",
        features_note({"text": 1}, left_out=[*left_out, *others]),
    )


def _fit(train: list[str]):
    """The length to keep, and the layer that knows the vocabulary of `train`."""
    length = usual_length([len(text.split()) for text in train])
    layer = _layer(length)
    layer.adapt(train, batch_size=BATCH)
    return length, layer


def _layer(length: int, vocabulary: list[str] | None = None):
    """A layer from texts to tokens."""
    try:
        import keras
        import tensorflow  # noqa: F401 - the layer is TensorFlow's under any backend
    except ImportError as error:
        raise LRFinderError(
            f"Texts need {error.name}, which is not installed. Install it with: "
            f"pip install {error.name}"
        ) from None
    return keras.layers.TextVectorization(
        max_tokens=MAX_TOKENS, output_sequence_length=length, vocabulary=vocabulary
    )


def _tokens(layer, texts: list[str]) -> np.ndarray:
    """int32 tokens (texts, length)."""
    import keras

    batches = [
        keras.ops.convert_to_numpy(layer(texts[start : start + BATCH]))
        for start in range(0, len(texts), BATCH)
    ]
    return np.concatenate(batches).astype(np.int32)
