import re

import numpy as np
import pytest

pytest.importorskip("sklearn")

import pandas as pd  # noqa: E402

from lr_finder.data.prepare.target import choose_task, prepare_target  # noqa: E402
from lr_finder.data.request import Request  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402


def test_the_task_is_that_of_all_rows_and_not_of_those_drawn():
    answers = pd.Series(np.arange(100) % 25, name="y")  # 25 values: amounts
    parts = prepare_target(answers, Request("a", limit=10))
    assert parts.fields["task"] == "regression"


def test_parts_number_rows_of_the_source():
    answers = pd.Series(np.arange(100) / 4, name="y")
    parts = prepare_target(answers, Request("a", limit=10))
    fields = parts.fields
    y = fields["y_train"] * fields["target_scale"] + fields["target_mean"]
    np.testing.assert_allclose(y, answers[parts.train], rtol=1e-6)
    assert len(parts.train) == 8 and len(parts.validation) == 2
    assert "10 of 100 rows, drawn at random (seed 0)" in parts.notes


def test_a_limit_below_the_classes_is_refused():
    answers = pd.Series([f"c{i % 15}" for i in range(90)], name="y")
    with pytest.raises(InputError, match="`limit` must leave.*limit=10"):
        prepare_target(answers, Request("a", limit=10))


@pytest.mark.parametrize("rare", [2, 10, 100])
def test_the_limit_that_is_told_is_enough(rare):
    answers = pd.Series(["ham"] * 200 + ["spam"] * rare, name="y")
    options = {"limit": 2, "seed": 1}
    with pytest.raises(InputError, match="draws . of 2 classes") as caught:
        prepare_target(answers, Request("a", **options))
    told = re.search(r"classes\. (\d+) is enough", str(caught.value))
    options["limit"] = int(told[1]) if told else None
    assert told or "Leave it out" in str(caught.value)
    prepare_target(answers, Request("a", **options))


def test_a_source_of_one_row_is_refused_by_its_own_word():
    with pytest.raises(InputError, match="at least 2 images.*Received: 1. Add images"):
        prepare_target(pd.Series(["cat"]), Request("a"), rows="images")


def test_a_task_asked_for_is_kept():
    assert choose_task(pd.Series([0, 1, 2] * 9), "regression")[0] == "regression"
