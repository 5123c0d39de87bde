import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("keras")
pytest.importorskip("tensorflow")

import pandas as pd  # noqa: E402

from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.data.prepare.target import prepare_target  # noqa: E402
from lr_finder.data.prepare.texts import text_dataset  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

DATA = os.environ.get("LR_FINDER_DATA")
pytestmark = pytest.mark.training
WORDS = np.array("alpha beta gamma delta epsilon zeta eta theta".split())


def messages(n=50, length=4):
    rng = np.random.default_rng(0)
    said = [" ".join(rng.choice(WORDS, length)) + f" no{i}" for i in range(n)]
    return pd.DataFrame({"said": said, "mood": ["up", "low"] * (n // 2)})


def test_tokens_are_ranks_of_words_in_the_training_part():
    """Second implementation: the words counted, the commonest first, from 2 on."""
    frame = messages()
    dataset = text_dataset(frame, Request("a.csv"))
    assert (dataset.kind, dataset.target) == ("text", "mood")
    assert dataset.classes == ("low", "up")
    assert dataset.x_train.dtype == np.int32 and dataset.x_train.shape == (40, 5)
    train = prepare_target(frame["mood"], Request("a.csv")).train
    counts = pd.Series(" ".join(frame["said"][train]).split()).value_counts()
    assert dataset.vocabulary_size == len(counts) + 2
    tokens = np.sort(dataset.x_train[dataset.x_train > 1])
    expected = np.sort(np.repeat(np.arange(len(counts)) + 2, counts))
    np.testing.assert_array_equal(tokens, expected)
    assert (dataset.x_validation[:, -1] == 1).all(), "words met in no training text"


def test_validation_texts_have_no_part_in_the_vocabulary():
    frame, changed = messages(), messages()
    validation = prepare_target(frame["mood"], Request("a")).validation
    changed.loc[validation, "said"] = "quite other words " * 40
    before, after = (text_dataset(f, Request("a")) for f in (frame, changed))
    np.testing.assert_array_equal(before.x_train, after.x_train)
    assert before.vocabulary_size == after.vocabulary_size
    assert (after.x_validation == 1).all()


def test_long_texts_are_cut_and_short_ones_filled():
    frame = messages(length=300)
    frame.loc[0, "said"] = "alpha"
    dataset = text_dataset(frame, Request("a"))
    assert dataset.x_train.shape[1] == 200
    x = np.concatenate([dataset.x_train, dataset.x_validation])
    assert 1 in (x > 0).sum(axis=1)


def test_empty_texts_are_left_out():
    frame = messages()
    frame.loc[[1, 2], "said"] = [None, "  "]
    dataset = text_dataset(frame, Request("a"))
    assert len(dataset.x_train) + len(dataset.x_validation) == 48
    assert "2 rows left out: no text in them" in dataset.notes


def test_the_longest_text_is_read_and_other_columns_are_told():
    frame = messages().assign(name="Ann B", n=1)[["n", "mood", "name", "said"]]
    dataset = text_dataset(frame, Request("a"))
    assert "text is column 'said', target 'mood'" in dataset.notes
    assert "features: 1 text; left out: n, name" in dataset.notes


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (messages().assign(said=None), {"target": "mood"}, "a column of text"),
        (messages().assign(said="  "), {"target": "mood"}, "a column of text"),
        (messages().assign(said="!!! ???"), {}, "must hold words.*'!!! [?]"),
        (messages()[["said"]], {}, "a column of labels beside the text 'said'"),
        (messages(), {"target": "none"}, "`target` must be the name of a column"),
        (messages().assign(mood=["a"] * 50), {"target": "mood"}, "at least two values"),
    ],
)
def test_bad_texts_are_refused_in_one_line(frame, options, message):
    with pytest.raises(InputError, match=message) as caught:
        text_dataset(frame, Request("a.csv", **options))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not DATA, reason="needs the folder of real data, LR_FINDER_DATA")
def test_real_messages():
    dataset = load_data(Path(DATA, "text", "SMSSpamCollection"))
    assert len(dataset.x_train) + len(dataset.x_validation) == 5_574
    assert dataset.classes == ("ham", "spam")
    y = np.concatenate([dataset.y_train, dataset.y_validation])
    assert y.sum() == 747  # spam, as its publishers counted
    assert dataset.x_train.max() < dataset.vocabulary_size <= 10_000
