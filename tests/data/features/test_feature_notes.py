"""The line on features counts what is in the table, and the line on the target."""

import pytest

pytest.importorskip("sklearn")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from lr_finder.data.features.feature_notes import features_note, target_notes  # noqa: E402
from lr_finder.data.loading import load_data  # noqa: E402

N = 60


def test_counts_are_in_words():
    assert features_note({"number": 1, "category": 2, "date": 0}) == (
        "features: 1 number, 2 categories"
    )
    note = features_note({"text": 1}, 1, map(str, range(12)))
    assert note.endswith("; 1 empty cell filled; left out: 0, 1, 2, 3, 4, 5, 6, 7, …")
    assert features_note({"number": 1_200}, 3_400) == (
        "features: 1,200 numbers; 3,400 empty cells filled"
    )


@pytest.mark.parametrize(
    ("classes", "told"),
    [
        (["no", "yes"], "target: yes/no, 2 classes"),
        ([0, 1], "target: 1/0, 2 classes"),
        (["ham", "spam"], "target: spam/ham, 2 classes"),
        (["a", "b", "c"], "target: a/b/c, 3 classes"),
        (range(7), "target: 7 classes"),
        (["x" * 30, "y"], "target: 2 classes"),
    ],
)
def test_classes_are_shown_where_there_is_room(classes, told):
    assert target_notes(classes) == (told,)


@pytest.fixture
def notes(tmp_path):
    def notes(table, **options):
        table.to_csv(tmp_path / "a.csv", index=False)
        return load_data(tmp_path / "a.csv", **options).notes

    return notes


def test_a_table_is_told_in_one_line(notes):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "id": range(100, 100 + N),
            "area": rng.normal(size=N),
            "rooms": rng.integers(1, 9, N),
            "town": rng.choice(["Bern", "Basel"], N),
            "built": rng.choice(["2001-05-04", "2010-10-01"], N),
            "code": [f"x{i}" for i in range(N)],
            "same": 1,
            "paid": rng.choice(["yes", "no"], N),
        }
    )
    table.loc[:6, "area"] = None
    table.loc[5:9, "town"] = None
    found = notes(table)
    expected = "features: 2 numbers, 1 category, 1 date; 12 empty cells filled; "
    assert expected + "left out: id, code, same" in found
    assert "target: yes/no, 2 classes" in found
    found = notes(table, target="area", drop=["id", "built"])
    assert any(
        note.startswith("features: 1 number, 2 categories; 3 empty cells filled; ")
        and note.endswith("left out: id, built, code, same")
        for note in found
    )
    assert any(note.startswith("target standardised: mean ") for note in found)
    assert not any(note.startswith("target: ") for note in found)
