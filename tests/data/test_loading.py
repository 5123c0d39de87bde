import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from lr_finder.data.loading import KNOWN_NAMES, check_known_source
from lr_finder.errors import InputError

DATA = os.environ.get("LR_FINDER_DATA")
needs_data = pytest.mark.skipif(
    not DATA, reason="needs the folder of real data, LR_FINDER_DATA"
)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("cifar", "Did you mean 'cifar10'"),
        ("fashion-mnist", "Did you mean 'fashion_mnist'"),
        ("no/such/file.csv", "does not exist. Check the path"),
        ("", "does not exist"),
        ("a\0b", "does not exist"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line(source, message):
    with pytest.raises(InputError, match=message) as caught:
        check_known_source(source)
    assert "\n" not in str(caught.value) and "SOURCE must be" in str(caught.value)


def test_known_names_files_and_folders_pass(tmp_path):
    for source in (*KNOWN_NAMES, tmp_path, str(tmp_path), __file__):
        check_known_source(source)
    check_known_source("mnist", tmp_path)
    with pytest.raises(InputError, match="`data_dir` must be a folder"):
        check_known_source("mnist", tmp_path / "none")


def test_the_check_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from lr_finder.data.loading import KNOWN_NAMES, check_known_source\n"
        "check_known_source('mnist', None)\n"
        "heavy = {'keras', 'tensorflow', 'pandas', 'sklearn', 'pyarrow', 'PIL'}\n"
        "print(*(heavy & set(sys.modules)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == ""


def test_known_names_may_be_in_capitals(tmp_path, monkeypatch):
    from lr_finder.data.loading import load_data
    from lr_finder.data.sources import published

    taken = []
    monkeypatch.setattr(published, "load_published", lambda name, _: taken.append(name))
    monkeypatch.setattr("lr_finder.data.loading.replace", lambda dataset, **_: dataset)
    for name in ("CIFAR10", "Fashion_MNIST"):
        check_known_source(name)
        load_data(name)
    assert taken == ["cifar10", "fashion_mnist"]
    (tmp_path / "MNIST").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="Folder MNIST must hold images"):
        load_data("MNIST")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cat.png", "one folder per class. Received: .*cat.png, one image. Name the"),
        ("cat.JPG", "one image"),
        ("net.keras", "net.keras, a model. Give it as --model .*net.keras"),
    ],
)
def test_a_single_image_and_a_model_are_recognised(tmp_path, name, message):
    (tmp_path / name).write_bytes(b"any")
    with pytest.raises(InputError, match=message):
        check_known_source(tmp_path / name)


@pytest.fixture
def rows(tmp_path):
    """Sixty days of a price, and a class for each."""
    pd = pytest.importorskip("pandas")
    pytest.importorskip("sklearn")
    days = pd.date_range("2024-01-01", periods=60).strftime("%Y-%m-%d")
    price = np.random.default_rng(0).normal(5, 1, 60).round(3)
    up = np.where(price > 5, "up", "down")
    return pd.DataFrame({"day": days, "price": price, "move": up})


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({}, "series"),
        ({"kind": "tabular"}, "tabular"),
        ({"target": "move"}, "tabular"),
        ({"window": 5, "horizon": 2}, "series"),
        ({"time_column": "day", "target": "price", "limit": 45}, "series"),
    ],
)
def test_tables_in_any_file_give_the_same_data(rows, tmp_path, suffix, options, kind):
    from lr_finder.data.loading import load_data

    paths = [tmp_path / "a.csv", tmp_path / f"b.{suffix}"]
    rows.to_csv(paths[0], index=False)
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
        rows.to_parquet(paths[1])
    else:
        rows.to_csv(paths[1], index=False, sep="\t" if suffix == "tsv" else ",")
    one, other = (load_data(path, **options) for path in paths)
    assert one.kind == other.kind == kind and one.kind_reason == other.kind_reason != ""
    np.testing.assert_array_equal(one.x_train, other.x_train)
    np.testing.assert_array_equal(one.y_validation, other.y_validation)
    assert one.description == other.description


def test_a_limit_draws_rows_of_a_table(rows, tmp_path):
    from lr_finder.data.loading import load_data

    path = tmp_path / "a.csv"
    rows.to_csv(path, index=False)
    dataset = load_data(path, kind="tabular", limit=20)
    assert len(dataset.x_train) == 16 and len(dataset.x_validation) == 4
    assert "20 of 60 rows, drawn at random (seed 0)" in dataset.notes


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_read_once(rows, tmp_path):
    from lr_finder.data.loading import load_data

    pipe, content = tmp_path / "pipe", rows.to_csv(index=False)
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(content,), daemon=True)
    writer.start()
    assert len(load_data(pipe, kind="tabular").x_train) == 48
    writer.join()


def test_options_are_checked_before_the_source(tmp_path):
    from lr_finder.data.loading import load_data

    with pytest.raises(InputError, match="`window` must be a whole number"):
        load_data("mnist", window=0)
    with pytest.raises(InputError, match="does not exist"):
        load_data(tmp_path / "none.csv")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_columns_are_dropped_from_any_file(rows, tmp_path, suffix):
    from lr_finder.data.loading import load_data

    path, table = tmp_path / f"a.{suffix}", rows.assign(other=rows["price"] ** 2)
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False)
    dataset = load_data(path, kind="tabular", target="move", drop=["other", "day"])
    assert dataset.feature_names == ("price",)
    assert load_data(path, drop="price").target == "other"
    with pytest.raises(InputError, match="Columns: day, price, move, other"):
        load_data(path, drop=["oter"])


@pytest.mark.parametrize("kind", [None, "tabular"])
def test_a_date_format_overrules_and_must_fit(rows, tmp_path, kind):
    from lr_finder.data.loading import load_data

    path = tmp_path / "a.csv"
    days = [f"{i % 12 + 1:02}/01/20{10 + i // 12}" for i in range(60)]
    rows = rows.assign(day=days, other=np.arange(60) ** 1.5)
    rows.to_csv(path, index=False)
    asked = load_data(path, kind=kind, date_format="%m/%d/%Y", target="price")
    inferred = load_data(path, kind=kind, target="price")
    np.testing.assert_array_equal(asked.x_train, inferred.x_train)
    assert any("read month first" in note for note in inferred.notes)
    assert not any("read month first" in note for note in asked.notes)
    other = load_data(path, kind=kind, date_format="%d/%m/%Y", target="price")
    if kind == "tabular":  # a year of days of January, not of months
        assert not np.array_equal(other.x_train, inferred.x_train)
    with pytest.raises(InputError, match="`date_format` must read"):
        load_data(path, kind=kind, date_format="%Y-%m-%d", target="price")
    with pytest.raises(InputError, match="`date_format` must be a format of dates"):
        load_data(path, date_format="day first")


def test_dates_that_fit_both_ways_are_refused_as_feature_and_as_time(rows, tmp_path):
    from lr_finder.data.loading import load_data

    path = tmp_path / "a.csv"
    days = [f"{i % 12 + 1}/{5 * i % 12 + 1}/2024" for i in range(60)]  # as month/day
    rows.assign(day=days).to_csv(path, index=False)
    for options in ({}, {"kind": "tabular"}, {"kind": "series", "time_column": "day"}):
        with pytest.raises(
            InputError, match="'day' must tell day from month.*--date-f"
        ):
            load_data(path, **options)
    assert load_data(path, drop="day", kind="tabular").feature_names == ("price",)


@pytest.mark.parametrize("options", [{"drop": ["a"]}, {"date_format": "%d/%m/%Y"}])
def test_options_of_tables_are_refused_for_other_sources(tmp_path, options):
    from lr_finder.data.loading import load_data

    np.savez(tmp_path / "a.npz", x=np.ones((9, 2)), y=np.arange(9) % 2)
    (name,) = options
    for source in (tmp_path, tmp_path / "a.npz", "mnist"):
        with pytest.raises(InputError, match=f"`{name}` does not go with"):
            load_data(source, **options)


def test_what_is_wrong_with_a_table_is_said_before_keras_loads(tmp_path):
    """Each of these files and options is refused, and nothing heavy is loaded."""
    pytest.importorskip("sklearn")
    table = "day,a,b\n" + "".join(
        f"0{i % 9 + 1}/01/24,{i},{i % 3}\n" for i in range(30)
    )
    (tmp_path / "a.csv").write_text(table)
    (tmp_path / "b.csv").write_text("a,b\n1,\n2,\n")
    code = f"""
import sys
from lr_finder.data import load_data
from lr_finder.errors import InputError
for name, options in [
    ("a.csv", {{"target": "c"}}), ("a.csv", {{"drop": ["c"]}}), ("b.csv", {{}}),
    ("a.csv", {{"kind": "tabular"}}), ("a.csv", {{"kind": "series"}}),
    ("a.csv", {{"date_format": "%d"}}), ("none.csv", {{}}),
]:
    try:
        load_data({str(tmp_path)!r} + "/" + name, **options)
        print("accepted", name, options)
    except InputError:
        pass
print(*({{"keras", "tensorflow", "jax", "torch"}} & set(sys.modules)))
"""
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == ""


@needs_data
@pytest.mark.parametrize(
    ("file", "kind", "rows"),
    [
        ("tabular/winequality-white.csv", "tabular", 4_898),
        ("tabular/adult-test.csv", "tabular", 16_281),
        ("tabular/bike_sharing_hour.csv", "tabular", 17_379),
        ("series/household_power_consumption_days.csv", "series", 1_402),
        ("series/airline-passengers.csv", "series", 104),
    ],
)
@pytest.mark.few(2)
def test_real_files(file, kind, rows):
    pytest.importorskip("sklearn")
    from lr_finder.data.loading import load_data

    dataset = load_data(Path(DATA, file))
    assert dataset.kind == kind
    assert len(dataset.x_train) + len(dataset.x_validation) == rows
    assert np.isfinite(dataset.x_train).all() and np.isfinite(dataset.y_train).all()
