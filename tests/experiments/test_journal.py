"""Rows that outlive a kill."""

import pytest

from lr_finder.errors import InputError
from lr_finder.experiments.journal import append_row, read_rows, read_rows_about


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


def test_rows_about_something_else_are_refused(tmp_path):
    path, about = tmp_path / "rows.jsonl", {"epochs": 3, "mean": 0.1 + 0.2}
    append_row(path, {"seed": 1, "about": about | {"more": 1}})
    assert read_rows_about(path, about) == read_rows(path)
    for other in ({"epochs": 2}, {"missing": 1}):
        with pytest.raises(InputError, match="rows of this experiment.*in place of"):
            read_rows_about(path, other)
    append_row(path, {"seed": 2})
    with pytest.raises(InputError, match="epochs=None in place of 3"):
        read_rows_about(path, about)
