"""Rows of another file are prepared as those of the training were."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lr_finder.data.new_rows import read_new_rows
from lr_finder.data.opened import open_table
from lr_finder.data.prepare.target import prepare_target
from lr_finder.data.readers.text_formats import TextFormat
from lr_finder.data.request import Request
from lr_finder.data.saved_preprocessing import read_preprocessing
from lr_finder.errors import InputError

COLUMNS = ("price", "area", "share", "town", "day", "sold")


def cells(seed=0, n=80):
    """Money, units, percents, categories, dates and a target, some cells missing."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "price": [f"${value:,.2f}" for value in rng.uniform(500, 5000, n)],
            "area": [f"{value:.1f} m2" for value in rng.uniform(20, 200, n)],
            "share": [f"{value:.1f} %" for value in rng.uniform(0, 100, n)],
            "town": rng.choice(["Bern", "Basel", "Chur"], n),
            "day": pd.date_range("2024-01-01", periods=n).strftime("%d/%m/%Y"),
        },
        dtype=object,
    )
    frame["sold"] = np.round(rng.normal(50, 9, n), 2)
    for name in COLUMNS[:-1]:
        frame.loc[rng.random(n) < 0.1, name] = ""
    return frame


def trained(path, **options):
    """The dataset of a file, its preprocessing through JSON, and its parts."""
    request = Request(str(path), **options)
    opened = open_table(path, request)
    document = json.loads(json.dumps(opened.dataset.preprocessing.to_document()))
    name = opened.dataset.target
    parts = prepare_target(opened.table[name], opened.request)
    return opened.dataset, read_preprocessing(document), parts


def assert_same(inputs, dataset, parts):
    np.testing.assert_array_equal(inputs[parts.train], dataset.x_train)
    np.testing.assert_array_equal(inputs[parts.validation], dataset.x_validation)


WRITERS = {
    "csv": lambda frame, path: frame.to_csv(path, index=False),
    "tsv": lambda frame, path: frame.to_csv(path, index=False, sep="\t"),
    "csv.gz": lambda frame, path: frame.to_csv(path, index=False),
    "jsonl": lambda frame, path: frame.to_json(path, orient="records", lines=True),
    "parquet": lambda frame, path: frame.to_parquet(path),
}


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize(
    "target", [None, "town_or", "grade"], ids=["numbers", "yes/no", "three classes"]
)
def test_the_file_of_the_training_gives_its_arrays_row_for_row(
    suffix, target, tmp_path
):
    frame = cells()
    if target == "town_or":
        frame[target] = np.where(np.arange(len(frame)) % 3 == 0, "yes", "no")
    if target == "grade":
        frame[target] = [str(i % 3) for i in range(len(frame))]
    path = tmp_path / f"homes.{suffix}"
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    WRITERS[suffix](frame, path)
    dataset, preprocessing, parts = trained(path, kind="tabular")
    rows = read_new_rows(path, preprocessing)
    assert_same(rows.inputs, dataset, parts)
    assert len(rows.answers) == len(frame)
    # Columns in another order, without the target: the same inputs.
    names = [name for name in reversed(list(frame)) if name != dataset.target]
    WRITERS[suffix](frame[names], path)
    again = read_new_rows(path, preprocessing)
    np.testing.assert_array_equal(again.inputs, rows.inputs)
    assert again.answers is None


def test_a_few_rows_are_read_as_all_were(tmp_path):
    """Each row alone: what is inferred from a file must not matter."""
    frame = cells(n=60)
    path = tmp_path / "homes.csv"
    frame.to_csv(path, index=False)
    _, preprocessing, _ = trained(path, kind="tabular")
    whole = read_new_rows(path, preprocessing).inputs
    for place in range(0, 60, 7):
        frame.iloc[[place]].to_csv(path, index=False)
        alone = read_new_rows(path, preprocessing).inputs
        np.testing.assert_array_equal(alone[0], whole[place])


def test_decimal_commas_stay_decimal_commas(tmp_path):
    """2,248 alone could be two thousand: the training knows better."""
    path = tmp_path / "a.csv"
    rows = [f"{i},{i:03};{i % 7},5;{2 * i},25" for i in range(1, 60)]
    path.write_text("\n".join(["x;y;z", *rows]))
    dataset, preprocessing, parts = trained(path)
    whole = read_new_rows(path, preprocessing)
    assert_same(whole.inputs, dataset, parts)
    assert whole.answers[1] == 4.25
    path.write_text("x;y\n2,248;3,5\n")
    by_comma = read_new_rows(path, preprocessing).inputs
    path.write_text("x;y\n2.248;3.5\n")
    by_point = read_new_rows(path, preprocessing, TextFormat(decimal=".")).inputs
    np.testing.assert_array_equal(by_comma, by_point)
    path.write_text("x;y\n2248;3.5\n")
    assert by_comma[0, 0] < 0.1 * read_new_rows(path, preprocessing).inputs[0, 0]


def test_without_names_columns_go_by_their_place(tmp_path):
    path = tmp_path / "a.csv"
    rng = np.random.default_rng(0)
    table = np.column_stack([rng.normal(size=(40, 3)), np.arange(40) + 0.5])
    np.savetxt(path, table, delimiter=",")
    dataset, preprocessing, parts = trained(path, target="1", task="regression")
    assert_same(read_new_rows(path, preprocessing).inputs, dataset, parts)
    np.savetxt(path, np.delete(table, 1, axis=1), delimiter=",")
    rows = read_new_rows(path, preprocessing)
    assert_same(rows.inputs, dataset, parts)
    assert rows.answers is None
    np.savetxt(path, table[:, :2], delimiter=",")
    with pytest.raises(InputError, match="4 columns of the training.*Received: 2"):
        read_new_rows(path, preprocessing)


@pytest.fixture
def homes(tmp_path):
    path = tmp_path / "homes.csv"
    cells().to_csv(path, index=False)
    return path, trained(path, kind="tabular")[1]


def test_missing_columns_are_named(homes):
    path, preprocessing = homes
    cells()[["price", "day", "sold"]].to_csv(path, index=False)
    with pytest.raises(InputError, match="none named 'area', 'share', 'town'; it has"):
        read_new_rows(path, preprocessing)
    with pytest.raises(InputError, match="does not exist"):
        read_new_rows(Path("nowhere.csv"), preprocessing)


def test_a_single_column_with_blanks_in_its_name(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["living area,rent", *(f"{i},{i}.5" for i in range(40))]))
    dataset, preprocessing, parts = trained(path)
    path.write_text("\n".join(["living area", *map(str, range(40))]))
    assert_same(read_new_rows(path, preprocessing).inputs, dataset, parts)


def test_the_last_window_of_a_series_and_what_follows(tmp_path):
    """Day-first dates of a short file are read as the training's were."""
    path = tmp_path / "sales.csv"
    days = pd.date_range("2023-01-01", periods=120)
    sold = np.round(10 + np.sin(np.arange(120) / 3), 3)
    frame = pd.DataFrame({"day": days.strftime("%d/%m/%Y"), "sold": sold})
    frame.to_csv(path, index=False)
    request = Request(str(path), window=5, horizon=3)
    dataset = open_table(path, request).dataset
    preprocessing = dataset.preprocessing
    rows = read_new_rows(path, preprocessing)
    scaled = (sold - dataset.target_mean) / dataset.target_scale
    np.testing.assert_array_equal(rows.inputs, scaled[None, -5:].astype(np.float32))
    assert rows.times.strftime("%Y-%m-%d").tolist() == [
        "2023-05-01", "2023-05-02", "2023-05-03",
    ]  # fmt: skip
    frame[31:41].to_csv(path, index=False)  # 01/02 … 10/02: either way in order
    assert read_new_rows(path, preprocessing).times[0] == days[41].tz_localize("UTC")
    frame[:4].to_csv(path, index=False)
    with pytest.raises(InputError, match="at least 5 points.*Received: 4"):
        read_new_rows(path, preprocessing)


def test_how_the_file_was_read_must_be_known(tmp_path):
    path = tmp_path / "a.csv"
    cells().to_csv(path, index=False)
    _, preprocessing, _ = trained(path)
    unread = dataclasses.replace(preprocessing, reading=None)
    for name in ("a.csv", "a.parquet"):
        WRITERS[name[2:]](cells(), tmp_path / name)
        with pytest.raises(InputError, match="must say how the file"):
            read_new_rows(tmp_path / name, unread)
