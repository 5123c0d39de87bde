"""Rows that outlive a kill, files that are whole or not there."""

import pytest

from lr_finder.errors import InputError
from time_series.records import append_row, read_rows, write_whole


def test_rows_come_back_in_order(tmp_path):
    path, rows = tmp_path / "rows.jsonl", [{"seed": 1, "x": [0.1]}, {"seed": 2}]
    for row in rows:
        append_row(path, row)
    assert read_rows(path) == rows


def test_a_row_cut_off_by_a_kill_is_left_out_and_written_after(tmp_path):
    path = tmp_path / "rows.jsonl"
    append_row(path, {"seed": 1})
    with open(path, "a") as file:
        file.write('{"seed": 2, "losses": [1.0, 2')
    assert read_rows(path) == [{"seed": 1}]
    append_row(path, {"seed": 3})
    assert read_rows(path) == [{"seed": 1}, {"seed": 3}]


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="one JSON object a line.*'a,b' in line 1"):
        read_rows(path)


def test_no_file_has_no_rows(tmp_path):
    assert read_rows(tmp_path / "none.jsonl") == []


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(file):
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_whole(path, fail)
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]
    write_whole(path, lambda file: file.write(b"new"))
    assert path.read_text() == "new"
