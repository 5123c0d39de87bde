"""Warnings of few rows and many classes, by their counts."""

import numpy as np
import pandas as pd
import pytest

from lr_finder.data import load_data
from lr_finder.data.features.doubts import class_doubts, row_doubts


@pytest.mark.parametrize(("n", "told"), [(19, "19 rows"), (1, "1 row"), (20, None)])
def test_few_rows_to_train_on_are_told(n, told):
    notes = row_doubts(n)
    assert len(notes) == (told is not None)
    assert told is None or f"only {told} to train on" in notes[0]


@pytest.mark.parametrize("n_classes", [2, 3, 10, 58])
@pytest.mark.parametrize("per_class", [2, 4, 5, 6])
def test_many_classes_are_told_by_their_rows(n_classes, per_class):
    answers = pd.Series([f"c{i}" for i in range(n_classes)] * per_class, name="kind")
    notes = class_doubts(answers)
    assert bool(notes) == (n_classes > 2 and per_class < 5)
    if notes:
        assert f"{n_classes} classes in {n_classes * per_class} rows" in notes[0]
        assert notes[0].startswith("warning: 'kind'")


@pytest.mark.parametrize(
    ("classes", "way_out"),
    [
        (["\u20ac 1,200", "$ 900", "\u20ac 70"], "looks like numbers"),
        (["a", "b", "c"], "join rare classes"),
        ([1, 2, 3], "choose the task regression"),
    ],
)
def test_the_way_out_suits_the_cells(classes, way_out):
    (note,) = class_doubts(pd.Series(classes * 3, name="paid"))
    assert way_out in note and repr(classes[0]) in note


def test_a_column_of_mixed_amounts_is_told_with_its_rows(tmp_path):
    rng = np.random.default_rng(0)
    amounts = ["$\u20ac"[i % 2] + str(5 + i % 58) for i in range(160)]
    rows = "\n".join(f"{rng.normal():.3f},{paid}" for paid in amounts)
    path = tmp_path / "shop.csv"
    path.write_text(f"area,paid\n{rows}\n", encoding="utf-8")
    data = load_data(path, target="paid", task="classification")
    told = [note for note in data.notes if note.startswith("warning: 'paid' has")]
    assert len(told) == 1 and f"in {len(data.y_train)} rows to train on" in told[0]


@pytest.mark.parametrize(("limit", "rest"), [(None, ""), (300, " in all 600 rows")])
def test_distinct_values_are_those_of_the_rows_named(tmp_path, limit, rest):
    x = np.random.default_rng(0).normal(size=600)
    path = tmp_path / "a.csv"
    path.write_text("x,y\n" + "".join(f"{v},{v / 3}\n" for v in x))
    data = load_data(path, target="y", kind="tabular", limit=limit)
    assert data.reason == f"600 distinct numbers, not all whole{rest}"
    assert len(data.x_train) + len(data.x_validation) == (limit or 600)
