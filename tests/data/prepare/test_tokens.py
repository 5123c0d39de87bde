import numpy as np
import pytest

pytest.importorskip("sklearn")

from lr_finder.data.prepare.tokens import tokens_dataset, usual_length  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402


def test_length_is_that_of_nearly_all_texts_within_its_bounds():
    assert usual_length([10] * 95 + [400] * 5) == 30  # 95 of 100, interpolated upwards
    assert usual_length([0, 0]) == 1 and usual_length([500] * 9) == 200


def test_texts_are_cut_or_filled_at_the_end():
    texts = [list(range(1, 3 + i % 3)) for i in range(20)]
    dataset = tokens_dataset(texts, np.arange(20) % 2, Request("imdb"))
    x = np.concatenate([dataset.x_train, dataset.x_validation])
    assert x.dtype == np.int32 and dataset.vocabulary_size == 5
    assert sorted(map(tuple, x)) == sorted(tuple((t + [0, 0])[:4]) for t in texts)
