"""Features from plain values equal scikit-learn's, bit by bit, also after JSON."""

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lr_finder.data.documents import from_document
from lr_finder.data.features.preprocessing import fit_preprocessor
from lr_finder.data.features.table_features import TableFeatures
from lr_finder.errors import InputError

DAYS = [f"2024-{month:02}-{day:02} 07:30" for month in range(1, 13) for day in (1, 17)]


def rows(seed, n=60):
    """Numbers, categories and dates, all with gaps; one column that does not vary."""
    rng = np.random.default_rng(seed)

    def gaps(values):
        hidden = rng.random(n) < rng.choice([0.0, 0.2])
        return pd.Series(values).mask(hidden)

    towns = [f"t{i}" for i in rng.zipf(1.5, n) % rng.choice([3, 40])]
    return pd.DataFrame(
        {
            "area": gaps(rng.normal(size=n) * 10.0 ** rng.integers(-9, 9)),
            "code": gaps(rng.integers(0, 3, n).astype(float)),
            "town": gaps(np.array(towns, dtype=object)),
            "day": gaps(rng.choice(DAYS, n)),
            "price": gaps([f"{value:.3f}" for value in rng.normal(size=n)]),
        }
    )


def through_json(features):
    text = json.dumps(dataclasses.asdict(features))
    return from_document(TableFeatures, json.loads(text))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_features_equal_those_of_the_fitted_preprocessor(seed):
    train, others = rows(seed), rows(seed + 1)
    preprocessor, _ = fit_preprocessor(train)
    features = TableFeatures.of(preprocessor)
    again = through_json(features)
    assert again == features
    for table in (train, others):
        np.testing.assert_array_equal(
            again.transform(table), preprocessor.transform(table)
        )


def test_what_is_new_is_told():
    train = pd.DataFrame(
        {"n": range(40), "town": ["a", "b"] * 20, "day": (DAYS * 2)[:40]}
    )
    features = TableFeatures.of(fit_preprocessor(train)[0])
    table = pd.DataFrame(
        {"n": ["1", "x"], "town": ["c", None], "day": [DAYS[0], "soon"]}
    )
    assert features.notes(table) == (
        "1 empty cell filled",
        "warning: column 'n': 1 cell other than numbers, such as 'x', counted as "
        "missing",
        "warning: column 'day': 1 cell other than dates, such as 'soon', counted as "
        "missing",
        "column 'town': 1 cell of categories not trained on ('c'), taken as none of "
        "the known",
    )
    assert features.notes(train) == ()
    town = [name for name in range(features.transform(table).shape[1])]
    unseen = features.transform(table)[0, [1, 2]]
    assert len(town) and unseen.tolist() == [0.0, 0.0]
    with pytest.raises(InputError, match="'n' must hold numbers.*'x'"):
        features.notes(table.assign(n=["x", None]))


def test_numbers_are_the_categories_that_they_are_written_as():
    train = pd.DataFrame({"size": ["1", "2", "XL"] * 20, "n": range(60)})
    features = TableFeatures.of(fit_preprocessor(train)[0])
    as_text = train.head(2).reset_index(drop=True)
    as_numbers = as_text.assign(size=[1, 2])
    np.testing.assert_array_equal(
        features.transform(as_numbers), features.transform(as_text)
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"kept": []},
        {"kept": [99]},
        {"kept": [-1]},
        {"scaling": {"means": [], "spreads": []}},
        {"scaling": {"means": [0.0] * 2, "spreads": [0.0] * 2}},
    ],
)
def test_parts_that_do_not_fit_are_refused(changes):
    train = pd.DataFrame({"n": [1.0, 2.0], "m": [1.0, 3.0]})
    whole = dataclasses.asdict(TableFeatures.of(fit_preprocessor(train)[0]))
    document = json.loads(json.dumps(whole)) | changes
    with pytest.raises(InputError, match="must fit together"):
        from_document(TableFeatures, document)
