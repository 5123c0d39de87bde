import io
from pathlib import Path

import pytest

pd = pytest.importorskip("pandas")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from lr_finder.data.readers.delimiters import find_layout, split_cells  # noqa: E402
from lr_finder.errors import InputError  # noqa: E402

PATH = Path("table.csv")


def cells_of(text, delimiter=None):
    layout = find_layout(text, delimiter)
    return layout.delimiter, split_cells(PATH, layout).to_numpy().tolist()


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(*[st.floats(-1e6, 1e6).map(repr)] * 3), min_size=2, max_size=8
    ),
    gaps=st.lists(st.sampled_from([" ", "   ", "\t", " \t "]), min_size=2, max_size=2),
    before=st.sampled_from(["", "  "]),
    after=st.sampled_from(["", " "]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_columns_between_blanks(rows, gaps, before, after, newline):
    lines = [before + a + gaps[0] + b + gaps[1] + c + after for a, b, c in rows]
    delimiter, cells = cells_of(newline.join(lines))
    assert cells == [list(row) for row in rows]
    if not all("\t" in gap for gap in gaps):  # else it is a table between tabs
        assert delimiter == " "


@pytest.mark.parametrize(
    ("text", "delimiter", "width"),
    [
        ('18.0   8   307.0\t"chevrolet chevelle"\n15.0   8   350.0\t"buick"\n', " ", 4),
        ('18.0   ?   307.0\t"a b"\n15.0   8   350.0\t"b"\n', " ", 4),
        ("1,5  2,5\n3,5  4,5\n", " ", 2),
        ("a b c\n1 x 3\n2 y 4\n", " ", 3),
        ("2020-01-01 00:00:00,1.5\n2020-01-02 00:00:00,2.5\n", ",", 2),
        ("time\n2020-01-01 00:00:00\n2020-01-02 00:00:00\n", ",", 1),
        ("sales\n12 345\n9 876\n1 234\n", ",", 1),
        ("a;b\n12 345;1\n9 876;2\n", ";", 2),
        ("this is text\nso is this\nand this too\n", ",", 1),
        ("say no. 0 and go on\nsay no. 1 and go on\n", ",", 1),
        ("new york,1\nlos angeles,2\n", ",", 2),
        ("x,y\n1 2 3,4\n5 6 7,8\n", ",", 2),
        ("1\n2\n3\n", ",", 1),
    ],
)
def test_blanks_delimit_numbers_only_and_nothing_within_cells(text, delimiter, width):
    found, cells = cells_of(text)
    assert found == delimiter and {len(row) for row in cells} == {width}


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
def test_the_line_of_excel_tells_the_delimiter(delimiter):
    table = f"a{delimiter}b\n1{delimiter}2.5\n"
    assert cells_of(f"sep={delimiter}\n{table}") == cells_of(table, delimiter)
    assert find_layout(f"SEP={delimiter}\r\n{table}").delimiter == delimiter


@pytest.mark.parametrize(
    "text",
    [
        "a,b,\n1,2,\n3,4,\n",  # at the end of every line
        "a,b\n1,2,\n3,4,\n",  # below the names
        "a,b,\n1,2\n3,4\n",  # behind the names
        "a,b,,,\n1,2,,,\n3,4,,,\n",
        "a,b,Unnamed: 2\n1,2,\n3,4,\n",
        "# made by hand\na,b\n1,2\n3,4\n",
        "# a,b\n1,2\n3,4\n",
        "#\n# a,b\n1,2\n3,4\n",
    ],
)
def test_what_surrounds_a_table_is_no_part_of_it(text):
    assert cells_of(text)[1] == [["a", "b"], ["1", "2"], ["3", "4"]]


def test_an_empty_column_with_a_name_stays():
    assert cells_of("a,b\n1,\n2,\n")[1] == [["a", "b"], ["1", ""], ["2", ""]]


@pytest.mark.parametrize("text", ["#ff0000,1\n#00ff00,2\n", "#ff0000,1\nred,2\n"])
def test_cells_may_begin_with_a_hash(text):
    assert cells_of(text)[1][0] == ["#ff0000", "1"]


def test_names_of_rows_as_r_writes_them_have_no_name():
    text = '"x" "y"\n"1" 0.5 2\n"2" 0.7 3\n'
    assert cells_of(text)[1] == [["", "x", "y"], ["1", "0.5", "2"], ["2", "0.7", "3"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n1,2,3\n", "2, as in the first. Received: line 3 with 3"),
        ("a,b\n1,2,5\n3,4,5\n", "line 2 with 3"),  # a decimal comma, perhaps
        ("a,b,c\n1,2\n3,4\n", "line 2 with 2"),
        ("sep=;\na;b\n1;2\n3\n", "line 4 with 1"),
        ("# about\n# more\na,b\n1,2\n3\n", "line 5 with 1"),
        ("1 2 3\n4 5 6\n7 8 9\n1 2 3\n4 5 6\n7 8 9\n1 2 3\n4 5 6\n7 8 9\n1 2 3\n1 2\n",
         "line 11 with 2"),
    ],
)  # fmt: skip
def test_lines_of_unequal_length_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        cells_of(text)


def test_a_delimiter_that_is_told_is_taken():
    assert cells_of("a,b;c\n1,2;3\n", ";")[1] == [["a,b", "c"], ["1,2", "3"]]
    assert cells_of("a b\n1  2\n", " ")[1] == [["a", "b"], ["1", "2"]]
    assert cells_of("a:b\n1:2\n", ":")[1] == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize("text", ['""\n', '""\n""\n', "sep=;\n", "sep=;\n\n"])
def test_a_file_without_a_filled_cell_is_refused(text):
    with pytest.raises(InputError, match="must hold a table. Received: no cell"):
        cells_of(text)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.lists(st.text('ab1 "\n,;é', max_size=6), min_size=2, max_size=2),
        min_size=1, max_size=6,
    ),
    st.sampled_from([1, 2, 20_000]),
)  # fmt: skip
def test_cells_are_those_that_pandas_reads(rows, part_rows):
    """Whatever is quoted, and however many rows are read at a time."""
    rows = [["a", "b"], *([f"x{one}", f"y{other}"] for one, other in rows)]
    text = pd.DataFrame(rows).to_csv(header=False, index=False)
    expected = pd.read_csv(io.StringIO(text), header=None, dtype=str, na_filter=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lr_finder.data.readers.delimiters.PART_ROWS", part_rows)
        _, cells = cells_of(text, ",")
    assert (
        cells == expected.apply(lambda column: column.str.strip()).to_numpy().tolist()
    )


@pytest.mark.parametrize("before", ["", "1,2\n" * 3, '"x\ny",2\n'])
def test_a_quote_that_is_not_closed_is_named_by_its_line(before):
    line = before.count("\n") + 2
    with pytest.raises(InputError, match=f"a quote that line {line} opens"):
        cells_of(f'a,b\n{before}1,"x\n2,y\n', ",")
