import pytest

pd = pytest.importorskip("pandas")

from lr_finder.data.readers.headers import (  # noqa: E402
    has_header,
    is_missing,
    renamed_note,
    unique_names,
)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["price;town", "$5;Bern", "$6;Bern"], True),
        (["$5;Bern", "$6;Bern", "$7;Basel"], False),
        (["1,5;2,5", "3,5;4,5"], False),
        (["1h;24h", "3.5;4.5", "1.5;2.5"], True),  # names, not numbers with a unit
        (["1 h;24 h", "3 h;4 h"], False),
        (["2011;2012;price", "1;2;$3", "3;4;$5"], True),
        (["day;sold", "2024-01-31;$5", "2024-02-01;$6"], True),
    ],
)
def test_numbers_in_any_style_are_no_names(rows, expected):
    cells = pd.DataFrame([row.split(";") for row in rows], dtype="str")
    assert has_header(cells) is expected


def test_names_are_unique_and_marks_are_missing():
    names = unique_names(["", "a", "a", "column_0", "a.1"])
    assert len(set(names)) == 5 and names[:3] == ["column_0", "a", "a.1"]
    assert is_missing(pd.Series(["NA", "n/a", "x", ""])).tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["a", "b"], ()),
        (["a", "", ""], ()),  # blanks have no name to keep
        (["a", "a"], ("columns renamed, as names repeat: a second 'a' is 'a.1'",)),
        (["a", "b", "a", "b", "a"], (
            "columns renamed, as names repeat: a second 'a' is 'a.1', a second 'b' "
            "is 'b.1', a third 'a' is 'a.2'",)),
    ],
)  # fmt: skip
def test_renamed_columns_are_told(cells, told):
    assert renamed_note(cells, unique_names(cells)) == told


def test_a_table_whose_names_come_twice_says_so(tmp_path):
    from lr_finder.data.readers.csv_files import read_noted_table

    path = tmp_path / "twice.csv"
    path.write_text("a,a,b\n1,2,3\n4,5,6\n")
    table, notes = read_noted_table(path)
    assert list(table) == ["a", "a.1", "b"] and "a second 'a' is 'a.1'" in notes[0]
