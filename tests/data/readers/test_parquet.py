import datetime
import decimal
import sys
import tracemalloc

import numpy as np
import pytest

pytest.importorskip("sklearn")
pa = pytest.importorskip("pyarrow")

import pandas as pd  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402

from lr_finder.data import sampling  # noqa: E402
from lr_finder.data.loading import load_data  # noqa: E402
from lr_finder.data.readers.csv_files import read_table  # noqa: E402
from lr_finder.data.readers.parquet import ParquetSource  # noqa: E402
from lr_finder.errors import InputError, LRFinderError  # noqa: E402

N = 20_000
BUDGET = 40_000  # bytes, an eighth of the numbers in `long_file`


@pytest.fixture
def write(tmp_path):
    def write(columns, **options):
        path = tmp_path / "a.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return path

    return write


@pytest.fixture
def long_file(write):
    """Row numbers twice, in a hundred row groups."""
    rows = np.arange(N)
    return write({"row": rows, "double": 2.0 * rows}, row_group_size=N // 100)


def test_gives_what_the_same_table_gives_as_csv(write, tmp_path):
    days = pd.date_range("2024-01-01", periods=4)
    frame = pd.DataFrame(
        {
            "n": [1, 2, 3, 4],
            "x": [1.5, None, 2.5, 3.5],
            "word": ["a", " b", "?", None],
            "day": days.strftime("%Y-%m-%d"),
        }
    )
    frame.to_csv(tmp_path / "a.csv", index=False)
    table, notes = ParquetSource(write(dict(frame))).read()
    pd.testing.assert_frame_equal(table, read_table(tmp_path / "a.csv"))
    assert notes == ()


def test_each_type_becomes_numbers_or_text(write):
    path = write(
        {
            "bool": [True, None],
            "decimal": [decimal.Decimal("1.25"), None],
            "coded": pa.array(["x", "y"]).dictionary_encode(),
            "day": [datetime.date(2024, 1, 31), None],
            "moment": pa.array(
                [datetime.datetime(2024, 1, 31, 12), None],
                pa.timestamp("us", tz="Europe/Zurich"),
            ),
            "clock": [datetime.time(9, 30), None],
            "half": pa.array(np.ones(2, np.float16)),
            "none": pa.nulls(2),
            "list": [[1], [2]],
            "bytes": [b"a", b"b"],
            "struct": [{"a": 1}, None],
            "__index_level_0__": [7, 8],
        }
    )
    table, notes = ParquetSource(path).read()
    first = table.iloc[0].to_dict()
    assert first.pop("moment").startswith("2024-01-31 12:00:00")
    assert np.isnan(first.pop("none"))
    assert first == {
        "bool": "true", "decimal": 1.25, "coded": "x", "day": "2024-01-31",
        "clock": "09:30:00", "half": 1.0,
    }  # fmt: skip
    assert table.iloc[1].isna().sum() == 6
    assert notes == ("columns of lists or bytes left out: 'list', 'bytes', 'struct'",)


def test_a_sample_is_kept_of_what_does_not_fit(long_file, monkeypatch):
    whole, notes = ParquetSource(long_file).read()
    assert len(whole) == N and notes == ()
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", BUDGET)
    table, notes = ParquetSource(long_file).read(seed=3)
    rows = table["row"].to_numpy()
    assert 0.5 * BUDGET < 16 * len(table) <= BUDGET
    assert np.all(np.diff(rows) > 0), "distinct rows, in the order of the file"
    assert np.array_equal(table["double"], 2.0 * rows)
    assert f"{len(table):,} of 20,000 rows, drawn at random (seed 3)" in notes[0]
    again, _ = ParquetSource(long_file).read(seed=3)
    pd.testing.assert_frame_equal(again, table)


def test_the_sample_is_uniform_over_the_file(long_file, monkeypatch):
    """Counts in ten parts of the file: a chi-square that 1 in 10,000 exceeds."""
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", BUDGET)
    counts = np.zeros(10)
    for seed in range(5):
        table, _ = ParquetSource(long_file).read(seed)
        counts += np.bincount(table["row"] // (N // 10), minlength=10)
    expected = counts.sum() / 10
    assert np.sum((counts - expected) ** 2 / expected) < 33.7


def test_memory_follows_the_budget_and_not_the_file(write, monkeypatch):
    path = write({f"c{i}": np.arange(200_000.0) for i in range(10)},
                 row_group_size=2_000)  # fmt: skip
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", 2**20)
    pool = pa.system_memory_pool()
    monkeypatch.setattr("pyarrow.default_memory_pool", lambda: pool)
    pa.set_memory_pool(pool)
    before = pool.max_memory()
    tracemalloc.start()
    table, _ = ParquetSource(path).read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    size = 10 * 8 * 200_000
    assert peak < size / 3 and pool.max_memory() - before < size / 3
    assert 80 * len(table) <= 2**20


def test_coded_text_counts_by_its_rows(write, monkeypatch):
    """A dictionary that is large against a batch must not swallow the sample."""
    words = pa.array([f"word {i % 1000}" for i in range(N)]).dictionary_encode()
    path = write({"word": words, "n": np.arange(N)}, row_group_size=N // 20)
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", BUDGET)
    table, _ = ParquetSource(path).read()
    assert len(table) > 500


def test_a_long_series_keeps_its_last_rows(write, monkeypatch):
    days = pd.date_range("1980-01-01", periods=N).strftime("%Y-%m-%d")
    rng = np.random.default_rng(0)
    path = write({"day": days, "load": rng.normal(size=N), "other": np.arange(N)},
                 row_group_size=N // 100)  # fmt: skip
    monkeypatch.setattr(sampling, "MEMORY_BUDGET", BUDGET)
    dataset = load_data(path, window=1)
    assert dataset.kind == "series" and "the last" in dataset.notes[0]
    y = dataset.y_validation[-1, 0] * dataset.target_scale + dataset.target_mean
    assert y == pytest.approx(np.random.default_rng(0).normal(size=N)[-1], abs=1e-5)


def test_damaged_and_empty_files_are_refused_in_one_line(write, tmp_path):
    path = write({"a": np.arange(9)})
    content = path.read_bytes()
    for broken in (b"", b"PAR1", content[:40], content[:-20] + b"x" * 20):
        path.write_bytes(broken)
        with pytest.raises(InputError, match="a readable Parquet file") as caught:
            ParquetSource(path).read()
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="must hold rows of data"):
        ParquetSource(write({"a": pa.array([], pa.int64())})).read()
    with pytest.raises(InputError, match="1 columns of lists or bytes"):
        ParquetSource(write({"a": [[1]]})).read()
    with pytest.raises(InputError, match="does not exist"):
        ParquetSource(tmp_path / "none.parquet").read()


@pytest.mark.parametrize(
    "use",
    [
        ParquetSource.head, ParquetSource.read, ParquetSource.read_all,
        lambda source: source.read_columns(["a"]),
    ],
)  # fmt: skip
def test_without_pyarrow_says_how_to_install_it(use, write, monkeypatch):
    source = ParquetSource(write({"a": np.arange(9)}))
    for name in [n for n in sys.modules if n.partition(".")[0] == "pyarrow"]:
        monkeypatch.setitem(sys.modules, name, None)  # all of it, as where it is not
    with pytest.raises(LRFinderError, match=r'pip install "lr_finder\[parquet\]"'):
        use(source)
