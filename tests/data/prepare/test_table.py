import os
import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from lr_finder.data.prepare.table import load_table  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

SPLIT = "lr_finder.data.prepare.target.split_rows"
DATA = os.environ.get("LR_FINDER_DATA")
needs_data = pytest.mark.skipif(
    not DATA, reason="needs the folder of real data, LR_FINDER_DATA"
)


@pytest.fixture
def load(tmp_path):
    def load(frame, *arguments, **options):
        path = tmp_path / "table.csv"
        frame.to_csv(path, index=False)
        return load_table(path, *arguments, **options)

    return load


def homes(n=100, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "area": rng.normal(90, 20, n).round(1),
            "town": rng.choice(["Bern", "Basel", None], n),
            "built": rng.choice(["2001-05-04", "2010-10-01", "1987-01-30"], n),
            "rooms": rng.integers(1, 6, n),
            "rent": rng.normal(1500, 300, n).round(2),
        }
    )


def test_regression_target_is_standardised_by_the_training_part(load):
    frame = homes()
    dataset = load(frame)
    assert (dataset.task, dataset.target, dataset.n_classes) == (
        "regression",
        "rent",
        0,
    )
    assert dataset.x_train.shape[0] == 80 and dataset.x_validation.shape[0] == 20
    for array in (dataset.x_train, dataset.y_train, dataset.x_validation):
        assert array.dtype == np.float32 and np.isfinite(array).all()
    assert np.allclose(
        [dataset.y_train.mean(), dataset.y_train.std()], [0, 1], atol=1e-6
    )
    y = np.concatenate([dataset.y_train, dataset.y_validation])
    rents = np.sort(y.astype(float) * dataset.target_scale + dataset.target_mean)
    assert np.allclose(rents, np.sort(frame["rent"]), atol=1e-3)
    assert "target standardised" in dataset.notes[-1]


def test_text_target_is_a_classification_with_shares_kept(load):
    frame = homes()
    frame["town"] = ["Bern"] * 60 + ["Basel"] * 30 + ["Chur"] * 10
    dataset = load(frame, "town")
    assert dataset.task == "classification" and dataset.y_train.dtype == np.int32
    assert dataset.classes == ("Basel", "Bern", "Chur")
    assert np.bincount(dataset.y_train).tolist() == [24, 48, 8]
    assert np.bincount(dataset.y_validation).tolist() == [6, 12, 2]


@pytest.mark.parametrize(
    "answers, task, classes",
    [
        ([0, 1] * 50, "classification", (0, 1)),
        ([0.0, 1.0] * 50, "classification", (0, 1)),
        (list(range(20)) * 5, "classification", tuple(range(20))),
        (list(range(25)) * 4, "regression", ()),
        ([0.5, 1.5] * 50, "regression", ()),
        (["no", "yes"] * 50, "classification", ("no", "yes")),
    ],
)
def test_task_is_inferred(load, answers, task, classes):
    dataset = load(homes().assign(answer=answers))
    assert (dataset.task, dataset.classes) == (task, classes)
    assert dataset.reason and dataset.description.count("\n") == 0


def test_task_can_be_set(load):
    assert load(homes(), "rooms").task == "classification"
    asked = load(homes(), "rooms", task="regression")
    assert asked.task == "regression" and asked.reason == "as was asked for"
    assert load(homes(), "built", task="classification").n_classes == 3


@pytest.mark.parametrize(
    "target, name",
    [(None, "rent"), ("town", "town"), ("0", "area"), ("-1", "rent"), (3, "rooms"),
     ("-2", "rooms")],
)  # fmt: skip
def test_target_by_name_or_index(load, target, name):
    frame = homes()
    frame["town"] = frame["town"].fillna("Chur")
    dataset = load(frame, target)
    assert dataset.target == name
    assert not any(feature.startswith(name) for feature in dataset.feature_names)


def test_name_comes_before_index(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,0\n" + "".join(f"{i},{i},{i}.5\n" for i in range(10)))
    assert load_table(path, "0").feature_names == ("a", "b")


def test_seed_decides_the_split(load):
    one, same, other = (load(homes(), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.x_train, same.x_train)
    assert not np.array_equal(one.x_train, other.x_train)


def test_validation_rows_have_no_part_in_the_training_arrays(load, monkeypatch):
    """Every row outside the training part becomes nonsense; training stays."""
    frame = homes(200)
    rows = np.arange(200)
    train = rows[rows % 5 != 0]
    validation = rows[rows % 5 == 0]
    monkeypatch.setattr(
        "lr_finder.data.prepare.target.split_rows", lambda *_: (train, validation)
    )
    changed = frame.astype(object)
    changed.loc[validation, ["area", "rooms"]] = 1e9
    changed.loc[validation, "town"] = [f"Village {row}" for row in validation]
    changed.loc[validation, "built"] = "some day"
    changed.loc[validation, "rent"] = -1e6
    changed.loc[validation[0], "area"] = "unknown"
    before, after = load(frame), load(changed)
    assert after.feature_names == before.feature_names
    assert np.array_equal(after.x_train, before.x_train)
    assert np.array_equal(after.y_train, before.y_train)
    assert not np.array_equal(after.x_validation, before.x_validation)
    assert after.y_validation.max() < before.y_validation.min()


def test_single_rows_of_a_class_are_trained_on(load):
    towns = ["Bern"] * 50 + ["Basel"] * 48 + ["Chur", "Davos"]
    for seed in range(5):
        dataset = load(homes().assign(town=towns), "town", seed=seed)
        assert dataset.classes == ("Basel", "Bern", "Chur", "Davos")
        assert set(np.unique(dataset.y_validation)) == {0, 1}


def test_classes_too_many_for_equal_shares_are_still_split(load):
    towns = [f"town {i % 30}" for i in range(100)]
    dataset = load(homes().assign(town=towns), "town", validation_fraction=0.1)
    assert len(dataset.x_validation) <= 10
    assert dataset.y_validation.max() < dataset.n_classes


def test_classes_without_a_row_to_train_on_are_not_scored(load, monkeypatch):
    monkeypatch.setattr(
        "lr_finder.data.prepare.target.split_rows",
        lambda *_: (np.arange(80), np.arange(80, 100)),
    )
    towns = ["Bern"] * 40 + ["Basel"] * 45 + ["Chur"] * 15
    dataset = load(homes().assign(town=towns), "town")
    assert dataset.classes == ("Basel", "Bern")
    assert len(dataset.x_validation) == len(dataset.y_validation) == 5
    assert "15 rows not validated" in dataset.notes[-1]


def test_two_rows_are_enough(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("".join(f"{i},{i % 2}.5\n" for i in range(4)))
    dataset = load_table(path)
    assert len(dataset.x_train) == 3 and len(dataset.x_validation) == 1


@pytest.mark.parametrize(
    "options, message",
    [
        ({"target": "rnet"}, "Did you mean 'rent'.*Columns: area, town, built"),
        ({"target": "5"}, "index from -5 to 4. Received: target='5'"),
        ({"target": -6}, "Received: target=-6"),
        ({"task": "ranking"}, "`task` must be one of"),
        ({"validation_fraction": 0.0}, "`validation_fraction`.*between 0 and 1"),
        ({"validation_fraction": 1}, "`validation_fraction`"),
        ({"validation_fraction": float("nan")}, "`validation_fraction`"),
        ({"seed": -1}, "`seed`"),
        ({"target": "built", "task": "regression"}, "text such as '"),
        ({"target": "area", "task": "classification"}, "2 rows per class on average"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(load, options, message):
    with pytest.raises(InputError, match=message) as caught:
        load(homes(), **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "answers, message",
    [
        ([np.nan] * 100, "known in some rows. Received: all 100 missing.*Name another"),
        ([1.5, 2.5, np.inf, *range(97)], r"finite.* 1 of 100 .*data row 3\) infinite"),
        ([1.5, 2.5, -1e300, *range(97)], "1 of 100"),
        ([3] * 100, "at least two values. Received: .*3.* in every row"),
        ([f"id {i}" for i in range(100)], "100 classes in 100 rows"),
    ],
)
def test_bad_targets_are_refused_in_one_line(load, answers, message):
    with pytest.raises(InputError, match=message) as caught:
        load(homes().assign(answer=answers))
    assert "\n" not in str(caught.value) and "answer" in str(caught.value)


def test_rows_without_a_target_are_left_out_and_told(load):
    frame = homes()
    gaps = frame.assign(rent=frame["rent"].where(np.arange(100) % 10 > 0))
    dataset = load(gaps)
    assert "10 rows left out: no target 'rent' in them" in dataset.notes
    known = load(gaps.dropna(subset="rent"))
    np.testing.assert_array_equal(dataset.x_train, known.x_train)
    np.testing.assert_array_equal(dataset.y_validation, known.y_validation)
    towns = load(frame, "town")
    n_unknown = int(frame["town"].isna().sum())
    assert towns.classes == ("Basel", "Bern") and n_unknown > 0
    assert len(towns.x_train) + len(towns.x_validation) == 100 - n_unknown


@pytest.mark.parametrize(
    "content, message",
    [
        ("a,b\n1,2\n", "at least 2 rows of data.*Received: 1"),
        ("a\n1\n2\n1\n2\n2\n", "Received: no other column"),
        ("a,b\n1,2\n2,2.5\n", "at least two values in the rows to train on"),
        ("a,b\n,2\n,2.5\n,3\n,4.5\n", "tells rows apart"),
    ],
)
def test_tables_too_small_are_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "table.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        load_table(path)
    assert "\n" not in str(caught.value)


@needs_data
@pytest.mark.parametrize(
    "name, target, rows, features, classes",
    [
        ("california_housing", "median_house_value", 20640, 14, 0),
        ("winequality-white", None, 4898, 11, 7),
        ("adult-train", None, 32561, 86, 2),
        ("bike_sharing_hour", "cnt", 17379, 19, 0),
    ],
)
def test_real_tables(name, target, rows, features, classes):
    dataset = load_table(Path(DATA, "tabular", f"{name}.csv"), target)
    assert dataset.task == ("classification" if classes else "regression")
    assert dataset.n_classes == classes
    assert dataset.x_train.shape[1] == len(dataset.feature_names) == features
    assert len(dataset.x_train) + len(dataset.x_validation) == rows
    assert np.isfinite(dataset.x_train).all()
    assert np.isfinite(dataset.x_validation).all()


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("{:,.2f} {}", "looks like numbers. Remove units and thousands separators"),
        ("house no. {}", "the column is text, such as 'house no. 1000.0'. Name"),
    ],
)
def test_too_many_classes_of_text_say_what_the_text_looks_like(load, form, message):
    values = [form.format(1000 + 3.5 * i, ("kg", "lb")[i % 2]) for i in range(40)]
    frame = pd.DataFrame({"area": range(40), "price": values})
    with pytest.raises(InputError, match=re.escape(message)):
        load(frame)


def test_too_many_dates_as_a_target_are_called_dates(load):
    days = pd.date_range("2024-01-01", periods=40).strftime("%d.%m.%Y")
    with pytest.raises(InputError, match=r"'01\.01\.2024', that looks like dates"):
        load(pd.DataFrame({"area": range(40), "sold": days}))


def test_messages_show_plain_values(load):
    with pytest.raises(InputError, match=r"Received: 1\.5 in every row"):
        load(pd.DataFrame({"area": range(9), "price": 1.5}))
    with pytest.raises(InputError, match=r"infinite or beyond 3\.4e38"):
        load(pd.DataFrame({"area": range(9), "price": [1e39, *range(8)]}))


def test_features_beyond_float32_are_left_out_without_a_warning(load, recwarn):
    rows = np.arange(16.0)
    frame = pd.DataFrame({"huge": 1e307 * (rows + 1), "area": rows, "y": rows + 0.5})
    dataset = load(frame)
    assert dataset.feature_names == ("area",)
    assert any("'huge' left out" in note for note in dataset.notes)
    assert not recwarn.list


def test_says_that_there_is_no_header(tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("".join(f"{row},{row + 0.5}\n" for row in range(30)))
    assert "no header line" in load_table(path).notes[0]
    path.write_text("area,rent\n" + path.read_text())
    assert not any("header" in note for note in load_table(path).notes)
