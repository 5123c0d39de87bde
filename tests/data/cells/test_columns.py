import numpy as np
import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402

from lr_finder.data.cells import columns  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

TABLE = pd.DataFrame({"area": [1.0], "rent": [2.0], "0": [3.0]})


@pytest.mark.parametrize(
    ("wanted", "name"), [("rent", "rent"), (1, "rent"), ("-3", "area"), ("0", "0")]
)
def test_a_column_is_found_by_name_before_index(wanted, name):
    assert columns.find_column(TABLE, wanted, "target") == name


@pytest.mark.parametrize("wanted", ["rnet", "9", -4, 1.5e300, "nan", ""])
def test_a_column_that_is_not_there_is_refused_by_the_argument(wanted):
    with pytest.raises(InputError, match="`time_column` must be the name of a column"):
        columns.find_column(TABLE, wanted, "time_column")


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["2024-01-01", "2024-02-01"], True),
        (["1949-01", "1949-02"], True),
        (["31.12.2024", None], True),
        ([20240131, 20240201], True),
        ([10.2024, 11.2024], False),
        (["2011", "2012"], False),
        (["so", "it"], False),
        ([None, None], False),
    ],
)
def test_dates_are_told_from_numbers_and_words(cells, found):
    assert columns.is_date(pd.Series(cells)) is found


def test_sentences_are_told_from_labels():
    sentences = pd.Series([f"we saw {i} birds" for i in range(9)])
    assert columns.is_running_text(sentences) and columns.words(sentences) == 4
    labels = pd.Series(["a b c d", "e f g h"] * 9)
    assert not columns.is_running_text(labels)  # they come again
    assert columns.could_be_classes(labels, 20)
    assert not columns.could_be_classes(sentences, 20)
    assert not columns.could_be_classes(pd.Series(np.arange(60) % 30), 20)
    assert columns.could_be_classes(pd.Series(np.arange(60) % 20), 20)
