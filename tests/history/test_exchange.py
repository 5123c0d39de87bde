"""The history as a file for others, and what comes back from them."""

import csv
import io

import pytest

from lr_finder.errors import InputError
from lr_finder.history import exchange
from lr_finder.history.exchange import read_runs, write_runs
from lr_finder.history.kept_columns import COLUMNS, IMPORTED


def written(path, rows, names=None):
    text = io.StringIO()
    writer = csv.DictWriter(text, names or list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue())
    return path


def test_what_is_written_is_read_back_to_the_last_bit(tmp_path, make_run):
    runs = [
        make_run(verified=1 / 3e3, layers="Conv2D 2, Dense 1"),
        make_run(momentum=0),
    ]
    path = write_runs(runs, tmp_path / "runs.csv")
    read, told = read_runs(path)
    assert read == [run | {"origin": IMPORTED} for run in runs]
    assert (told.added, told.refused, told.foreign) == (2, [], [])


def test_no_cell_is_a_formula(tmp_path, make_run):
    path = write_runs([make_run(final_loss=-3.0)], tmp_path / "runs.csv")
    (row,) = csv.DictReader(path.read_text().splitlines())
    texts = [row[name] for name, each in COLUMNS.items() if each.kind == "TEXT"]
    assert not any(text.startswith(tuple("=+-@\t")) for text in texts)


def test_rows_that_break_a_rule_are_left_out_and_told(tmp_path, make_run):
    rows = [make_run(), make_run() | {"batch_size": "many"}, make_run() | {"id": "1"},
            make_run() | {"optimizer": "=HYPERLINK()"}, make_run() | {"verified": "-1"},
            make_run() | {"date": ""}]  # fmt: skip
    runs, told = read_runs(written(tmp_path / "runs.csv", rows))
    assert [run["id"] for run in runs] == [rows[0]["id"]]
    assert told.refused[:2] == [
        "row 2: batch_size must be a whole number from 1",
        "row 3: id must be 32 hexadecimal digits",
    ]
    assert len(told.refused) == 5
    assert str(told).endswith("; and 2 others")


def test_columns_of_others_are_left_out_and_told(tmp_path, make_run):
    rows = [make_run() | {"password": "1234", "verified": None}]
    del rows[0]["loss"]
    runs, told = read_runs(written(tmp_path / "runs.csv", rows))
    assert "password" not in runs[0] and runs[0]["loss"] is None
    assert told.foreign == ["password"]
    assert "no part of a history: 'password'" in str(told)


def test_nobody_imports_runs_as_my_own(tmp_path, make_run):
    path = written(tmp_path / "runs.csv", [make_run(origin="own")])
    assert read_runs(path)[0][0]["origin"] == IMPORTED


@pytest.mark.parametrize(
    "content, what",
    [
        (b"", "no column"),
        (b"id,date,optimizer,id\n", "a column twice"),
        (b"price,area\n1,2\n", "no column"),
        (b"\xff\xfe\x00id", "no text in UTF-8"),
        (b"PK\x03\x04\x00\x00", "no column"),
        (b"id,date,optimizer\n" + b'"' + b"x" * 200_000 + b'"\n', "field larger"),
        (b'id,date,optimizer\n"a"b,c\n', "expected after"),
    ],
)
def test_another_file_is_refused(tmp_path, content, what):
    path = tmp_path / "runs.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"must be an export of a history.*{what}"):
        read_runs(path)


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "runs.csv"
    path.write_text("id")
    monkeypatch.setattr(exchange, "LARGEST_FILE", 1)
    with pytest.raises(InputError, match="more than"):
        read_runs(path)


def test_files_that_cannot_be(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_runs(tmp_path / "none.csv")
    with pytest.raises(InputError, match="a folder"):
        read_runs(tmp_path)
    with pytest.raises(InputError, match=r"end in \.csv.*Give .*runs\.csv"):
        write_runs([], tmp_path / "runs.xlsx")
    with pytest.raises(InputError, match="Create .*nowhere first"):
        write_runs([], tmp_path / "nowhere" / "runs.csv")
